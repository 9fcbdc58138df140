//! What a receipt must keep: one form, one signature, and no changed byte.

use std::sync::LazyLock;

use expect_test::expect;
use proptest::prelude::*;

use super::*;

/// Made once: property tests ask for it thousands of times.
static KEY: LazyLock<ReceiptKey> = LazyLock::new(|| ReceiptKey::derive(b"master", &campaign()));
static PUBLIC: LazyLock<PublicReceiptKey> = LazyLock::new(|| KEY.public());
static DOCUMENT: LazyLock<String> = LazyLock::new(|| receipt().sign(&KEY).to_document());

fn campaign() -> CampaignId {
    "df-2026".parse().unwrap()
}

fn receipt() -> Receipt {
    Receipt {
        code: ReceiptCode::from_random([7; 10]),
        application: ApplicationId::from_random([1; 16]),
        campaign: campaign(),
        campaign_version: 3,
        model: "c-stag-agricoltura".parse().unwrap(),
        digest: [0xab; 32],
        arrival: "2026-01-12T08:00:00.120Z".parse().unwrap(),
        key_id: KEY.key_id().clone(),
    }
}

/// SUB-4: this is what people keep, so a change of the form needs a new version.
#[test]
fn the_form_of_a_receipt_never_changes() {
    expect![[r#"{"receipt":{"v":1,"code":"RIC-0W3G-E1R7-0W3G-E1R7-PJ","application":"app_01040g2081040g2081040g2081","campaign":"df-2026","campaign_version":3,"model":"c-stag-agricoltura","digest":"abababababababababababababababababababababababababababababababab","arrival":"2026-01-12T08:00:00.120Z","key_id":"d2576f104a4a4707"},"signature":"OLUCxXYrHIRQ-UzV8_Iw_Wo4F9GVGGvugPD6MzhuMTeRvkyasWiZdJ6zUghumWHUz_vwuaSAMgpFLr6wF4McBg"}"#]].assert_eq(&DOCUMENT);
    assert_eq!(verify_document(&DOCUMENT, &[KEY.public()]), Ok(receipt()));
}

#[test]
fn the_written_form_is_plain_json_in_the_order_of_the_members() {
    assert_eq!(serde_json::to_string(&receipt()).unwrap(), receipt().canonical());
    assert_eq!(serde_json::from_str::<Receipt>(&receipt().canonical()).unwrap(), receipt());
    assert!(receipt().canonical().contains(r#""arrival":"2026-01-12T08:00:00.120Z""#));
}

#[test]
fn milliseconds_are_always_written_and_finer_digits_never() {
    for (arrival, written) in [
        ("2026-01-12T08:00:00Z", "2026-01-12T08:00:00.000Z"),
        ("2026-01-12T08:00:00.9999Z", "2026-01-12T08:00:00.999Z"),
        ("2026-07-12T09:00:00+02:00", "2026-07-12T07:00:00.000Z"),
    ] {
        let receipt = Receipt { arrival: arrival.parse().unwrap(), ..receipt() };
        assert!(receipt.canonical().contains(written), "{}", receipt.canonical());
        assert!(verify_document(&receipt.sign(&KEY).to_document(), &[KEY.public()]).is_ok());
    }
}

/// SUB-2: a repetition yields the same receipt.
#[test]
fn signing_twice_gives_the_same_document() {
    assert_eq!(
        receipt().sign(&ReceiptKey::derive(b"master", &campaign())).to_document(),
        *DOCUMENT
    );
    assert_eq!(receipt().sign(&KEY).receipt(), &receipt());
}

#[test]
fn each_campaign_and_each_master_has_a_key_of_its_own() {
    let other_campaign = ReceiptKey::derive(b"master", &"df-2022".parse().unwrap());
    let other_master = ReceiptKey::derive(b"other", &campaign());
    assert_ne!(KEY.public().public_key, other_campaign.public().public_key);
    assert_ne!(KEY.public().public_key, other_master.public().public_key);
    assert_ne!(KEY.key_id(), other_master.key_id());
    assert_eq!(KEY.campaign(), &campaign());
}

/// What is published comes back as it was.
#[test]
fn a_public_key_is_plain_json() {
    let json = serde_json::to_string(&KEY.public()).unwrap();
    expect![[r#"{"key_id":"d2576f104a4a4707","campaign":"df-2026","public_key":"L-jmq81b33DSoKpzp5_5AN3J3iOsPfNJRnAJv_a_WLw"}"#]].assert_eq(&json);
    assert_eq!(serde_json::from_str::<PublicReceiptKey>(&json).unwrap(), KEY.public());
    assert!(serde_json::from_str::<PublicReceiptKey>(&json.replace("df-2026", "DF 2026")).is_err());
}

#[test]
fn only_the_key_of_the_campaign_with_its_own_id_counts() {
    let document = DOCUMENT.as_str();
    assert_eq!(verify_document(document, &[]), Err(VerifyError::UnknownKey));
    let other = ReceiptKey::derive(b"other", &campaign()).public();
    assert_eq!(
        verify_document(document, std::slice::from_ref(&other)),
        Err(VerifyError::UnknownKey)
    );
    assert!(verify_document(document, &[other.clone(), KEY.public()]).is_ok());

    let of_another_campaign =
        PublicReceiptKey { campaign: "df-2022".parse().unwrap(), ..KEY.public() };
    assert_eq!(verify_document(document, &[of_another_campaign]), Err(VerifyError::UnknownKey));
    let swapped = PublicReceiptKey { public_key: other.public_key, ..KEY.public() };
    assert_eq!(verify_document(document, &[swapped]), Err(VerifyError::BrokenKey));
}

#[test]
fn a_receipt_signed_by_somebody_else_is_refused() {
    let forger = ReceiptKey::derive(b"forger", &campaign());
    let forged = receipt().sign(&forger).to_document();
    assert_eq!(verify_document(&forged, &[KEY.public()]), Err(VerifyError::Signature));
}

#[test]
fn only_the_one_form_is_accepted() {
    let keys = [KEY.public()];
    let document = DOCUMENT.as_str();
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(document).unwrap())
            .unwrap();
    let lower_case_code = document.replace("RIC-", "ric-");
    let with_offset = document.replace("2026-01-12T08:00:00.120Z", "2026-01-12T09:00:00.120+01:00");
    let escaped = document.replace("df-2026", "df\\u002d2026");
    for changed in [
        format!("{document}\n"),
        format!(" {document}"),
        pretty,
        lower_case_code,
        with_offset,
        escaped,
    ] {
        assert_eq!(verify_document(&changed, &keys), Err(VerifyError::NotCanonical), "{changed}");
    }
    let with_extra = document.replace(r#"{"v":1,"#, r#"{"v":1,"note":"","#);
    let doubled = document.replace(r#"{"v":1,"#, r#"{"v":1,"v":1,"#);
    let of_version_two = document.replace(r#"{"v":1,"#, r#"{"v":2,"#);
    let cut = document.split_at(document.len() - 1).0.to_owned();
    for changed in [
        with_extra,
        doubled,
        of_version_two,
        cut,
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
    ] {
        assert_eq!(verify_document(&changed, &keys), Err(VerifyError::Malformed), "{changed}");
    }
}

/// SUB-4: any changed byte fails, wherever it is.
#[test]
fn any_changed_byte_is_refused() {
    for place in 0..DOCUMENT.len() {
        // The eighth bit would leave no text, which cannot even be handed over.
        for bit in 0..7 {
            let mut changed = DOCUMENT.as_bytes().to_vec();
            changed[place] ^= 1 << bit;
            let changed = String::from_utf8(changed).unwrap();
            assert!(
                verify_document(&changed, std::slice::from_ref(&*PUBLIC)).is_err(),
                "{changed}"
            );
        }
    }
}

proptest! {
    /// SUB-4: nor does any other byte, inserted, removed or put in another's place.
    #[test]
    fn no_other_document_passes(place in 0..DOCUMENT.len(), other in 0..128_u8, kind in 0..3_u8) {
        let mut changed = DOCUMENT.as_bytes().to_vec();
        match kind {
            0 => changed[place] = other,
            1 => changed.insert(place, other),
            _ => { changed.remove(place); }
        }
        let changed = String::from_utf8(changed).unwrap();
        prop_assume!(changed != *DOCUMENT);
        prop_assert!(verify_document(&changed, std::slice::from_ref(&*PUBLIC)).is_err());
    }

    #[test]
    fn every_receipt_can_be_verified(
        code: [u8; 10], application: [u8; 16], digest: [u8; 32], campaign_version: u32,
        arrival in 0..4_102_444_800_000_i64,
    ) {
        let receipt = Receipt {
            code: ReceiptCode::from_random(code),
            application: ApplicationId::from_random(application),
            digest,
            campaign_version,
            arrival: Timestamp::from_millisecond(arrival).unwrap(),
            ..receipt()
        };
        let document = receipt.clone().sign(&KEY).to_document();
        prop_assert_eq!(verify_document(&document, std::slice::from_ref(&*PUBLIC)), Ok(receipt));
    }

    #[test]
    fn no_text_makes_verifying_panic(text in ".*") {
        prop_assert!(verify_document(&text, std::slice::from_ref(&*PUBLIC)).is_err());
    }
}

/// SUB-4: the vectors that a stranger checks an own verifier by; docs/receipt-format.md is the text to them. A second test
/// runs Python and openssl over the same file.
#[test]
fn the_published_vectors_are_judged_as_they_say() {
    let rotated = ReceiptKey::derive(b"master after a rotation", &campaign());
    let other = ReceiptKey::derive(b"master", &"df-2027".parse().unwrap());
    let genuine = DOCUMENT.clone();
    let (head, signature) = genuine.split_once("\"signature\":\"").unwrap();
    let first = signature.chars().next().unwrap();
    let elsewhere = if first == 'A' { 'B' } else { 'A' };
    let with_key = |key: &ReceiptKey| Receipt { key_id: key.key_id().clone(), ..receipt() };
    let foreign = ReceiptKey::derive(b"somebody else's", &campaign());
    let of_other_campaign =
        Receipt { key_id: other.key_id().clone(), ..receipt() }.sign(&other).to_document();
    let cases = [
        ("as it was given", true, genuine.clone()),
        ("of the key before a rotation", true, with_key(&rotated).sign(&rotated).to_document()),
        (
            "arrived on the stroke of nine",
            true,
            Receipt { arrival: "2026-01-12T08:00:00Z".parse().unwrap(), ..receipt() }
                .sign(&KEY)
                .to_document(),
        ),
        ("a millisecond earlier", false, genuine.replace("00.120Z", "00.119Z")),
        ("another application", false, genuine.replace("app_01040", "app_11040")),
        (
            "another signature",
            false,
            format!("{head}\"signature\":\"{elsewhere}{}", &signature[1..]),
        ),
        ("with a space", false, genuine.replace(",\"code\"", ", \"code\"")),
        ("with a member more", false, genuine.replace("\"v\":1,", "\"v\":1,\"x\":0,")),
        ("of a key that is not published", false, with_key(&foreign).sign(&foreign).to_document()),
        ("of the key of another campaign", false, of_other_campaign),
    ];
    let keys = [KEY.public(), rotated.public(), other.public()];
    let mut vectors = Vec::new();
    for (name, fits, document) in &cases {
        assert_eq!(verify_document(document, &keys).is_ok(), *fits, "{name}");
        vectors.push(serde_json::json!({ "name": name, "fits": fits, "document": document }));
    }
    let text =
        serde_json::to_string_pretty(&serde_json::json!({ "keys": keys, "receipts": vectors }));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/receipt-vectors.json");
    expect_test::expect_file![path].assert_eq(&format!("{}\n", text.unwrap()));
}

#[test]
fn the_parts_of_a_receipt_and_of_its_key_are_those_of_the_document() {
    let signed = receipt().sign(&KEY);
    let signature = BASE64URL_NOPAD.encode(signed.signature());
    assert!(DOCUMENT.ends_with(&format!(r#""signature":"{signature}"}}"#)));
    assert_eq!(KEY.key_id().as_str(), "d2576f104a4a4707");
    let published = serde_json::to_value(KEY.public()).unwrap();
    let public_key: PublicKey = serde_json::from_value(published["public_key"].clone()).unwrap();
    assert_eq!(BASE64URL_NOPAD.encode(public_key.as_bytes()), published["public_key"]);
}

#[test]
fn a_key_in_a_log_says_which_it_is_and_not_what() {
    assert_eq!(format!("{:?}", *KEY), "ReceiptKey(df-2026, d2576f104a4a4707)");
}
