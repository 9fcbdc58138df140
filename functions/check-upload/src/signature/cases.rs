//! Files after public reports of people who do this job elsewhere; each stands for a kind of fault. Mario employs Fatima.

use super::*;

macro_rules! case {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/cases/", $name))
    };
}

fn mario() -> PersonCode {
    "RSSMRA80A01H501U".parse().unwrap()
}

fn fatima() -> PersonCode {
    "BNLFTM92E55Z330E".parse().unwrap()
}

const JANUARY: &str = "2027-01-05T00:00:00Z";
/// Three days after Mario's certificate ended in some of them.
const DECEMBER: &str = "2026-12-04T00:00:00Z";

fn judged(bytes: &[u8], now: &str) -> Verdict {
    let pdf = include_bytes!("../../tests/samples/sent.pdf");
    let sha256 = digest(&SHA256, pdf).as_ref().try_into().unwrap();
    let fatima = fatima();
    let upload = Upload { bytes, declared_type: "", limit: 1_000_000 };
    let case =
        SigningCase::BothDigital { sent: Sent { sha256, len: pdf.len() }, worker: Some(&fatima) };
    let trust = TrustAnchors::from_pem(case!("anchors.pem")).unwrap();
    let made = "2026-11-20T00:00:00Z".parse().unwrap();
    check(upload, case, &mario(), &trust, made..=now.parse().unwrap())
}

fn accepted(bytes: &[u8], now: &str) -> Verdict {
    let verdict = judged(bytes, now);
    assert_eq!(verdict.refusals, []);
    assert!(verdict.accepted);
    let mut codes: Vec<_> = verdict
        .signers
        .iter()
        .map(|signer| signer.fiscal_code.as_ref().unwrap().reveal())
        .collect();
    codes.sort_unstable();
    assert_eq!(codes, ["BNLFTM92E55Z330E", "RSSMRA80A01H501U"]);
    verdict
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.refusals.iter().map(|refusal| refusal.code()).collect()
}

/// RFC 5652 5.4: whatever order the attributes stand in, their DER encoding is signed.
#[test]
fn attributes_out_of_order_are_signed_in_order() {
    accepted(case!("c01-attrs-unsorted-signed-over-der.p7m"), JANUARY);
    // The reverse is invalid by the same rule, and nobody is told that the document was altered.
    let verdict = judged(case!("c02-attrs-unsorted-signed-as-stored.p7m"), JANUARY);
    assert!(codes(&verdict).contains(&"attributes-not-der"), "{:?}", verdict.refusals);
    assert!(!codes(&verdict).contains(&"bad-signature"));
    assert!(!verdict.signers.iter().any(|signer| signer.name == "Mario Rossi"));
}

/// RFC 4055 3.1.
#[test]
fn the_salt_of_a_pss_signature_has_the_length_that_its_parameters_say() {
    let good = case!("c03-pss-salt20.p7m");
    accepted(good, JANUARY);
    for (name, at) in [("signature", good.len() - 1), ("signed attributes", good.len() - 300)] {
        let mut changed = good.to_vec();
        changed[at] ^= 1;
        let verdict = judged(&changed, JANUARY);
        assert!(!verdict.accepted, "{name}");
        assert_eq!(verdict.signers.len(), 1, "{name}");
    }
}

#[test]
fn envelopes_that_programs_of_mail_wrote_as_text_are_opened() {
    accepted(case!("c06-base64-twice.p7m"), JANUARY);
    accepted(case!("c08-base64-bom.p7m"), JANUARY);
    let text = data_encoding::BASE64.encode(case!("c13-octets-nested.p7m"));
    let filled = [text.trim_end_matches('='), "=", "==", "==="].map(|end| match end {
        "=" | "==" | "===" => format!("{}{end}\r\n", text.trim_end_matches('=')),
        whole => whole.to_owned(),
    });
    for text in filled {
        accepted(text.as_bytes(), JANUARY);
    }
}

/// This one lost not only its filling but the last letter of the text: a byte of the signature is not there.
#[test]
fn a_text_that_was_cut_is_damaged_and_not_unknown() {
    let verdict = judged(case!("c07-base64-pad-lost.p7m"), JANUARY);
    assert_eq!(codes(&verdict), ["damaged", "employer-missing", "worker-missing"]);
}

/// X.690 8.7.3.
#[test]
fn a_content_in_pieces_of_pieces_is_put_together() {
    accepted(case!("c13-octets-nested.p7m"), JANUARY);
}

/// RFC 3739 3.2.3.
#[test]
fn a_certificate_whose_policies_are_critical_is_accepted() {
    accepted(case!("c16-policies-critical.p7m"), JANUARY);
    // Not of another authority, and not after its end.
    let samples =
        TrustAnchors::from_pem(include_bytes!("../../tests/samples/anchors.pem")).unwrap();
    let upload =
        Upload { bytes: case!("c16-policies-critical.p7m"), declared_type: "", limit: 1_000_000 };
    for (trust, now, code) in [
        (samples, JANUARY, "certificate-not-trusted"),
        (
            TrustAnchors::from_pem(case!("anchors.pem")).unwrap(),
            "2190-01-01T00:00:00Z",
            "certificate-expired",
        ),
    ] {
        let now: Timestamp = now.parse().unwrap();
        let made = if code == "certificate-expired" { now } else { Timestamp::UNIX_EPOCH };
        let verdict = check(upload, SigningCase::AutographScan, &mario(), &trust, made..=now);
        assert!(codes(&verdict).contains(&code), "{:?}", verdict.refusals);
        assert_eq!(verdict.signers, []);
    }
}

/// EN 319 102-1: CAdES and PAdES agree.
#[test]
fn a_certificate_that_ended_after_signing_was_good() {
    for bytes in [
        &case!("c30-cades-cert-ended-since.p7m")[..],
        case!("p09-pades-cert-ended-since.pdf"),
        case!("p10-pades-bt-cert-ended-since.pdf"),
    ] {
        let verdict = accepted(bytes, DECEMBER);
        let mario = verdict.signers.iter().find(|signer| signer.name == "Mario Rossi").unwrap();
        assert!(mario.signed_at.unwrap() < mario.valid_until);
        assert!(mario.valid_until < DECEMBER.parse().unwrap());
    }
}

/// Decision (EU) 2015/1506: levels B, T and LT are to be recognised.
#[test]
fn time_stamps_and_validation_data_after_the_signatures_are_accepted() {
    for bytes in [&case!("p02-bt-document-timestamp.pdf")[..], case!("p03-blt-dss-after.pdf")] {
        accepted(bytes, JANUARY);
        // A time stamp is of these bytes, and nothing else may follow.
        let mut more = bytes.to_vec();
        more.extend(b"% \n");
        assert!(codes(&judged(&more, JANUARY)).contains(&"changed-after-signing"));
    }
}

fn looked(bytes: &[u8]) -> Vec<&'static str> {
    codes(&look(Upload { bytes, declared_type: "", limit: 1_000_000 }, &FileFormat::DOCUMENTS))
}

#[test]
fn a_scan_may_have_a_byte_order_mark_or_white_space_before_it() {
    assert_eq!(looked(case!("s01-scan-bom-first.pdf")), [""; 0]);
    assert_eq!(looked(case!("s02-scan-newline-first.pdf")), [""; 0]);
    let other = [b"GIF89a", &case!("s02-scan-newline-first.pdf")[..]].concat();
    assert_eq!(looked(&other), ["bytes-before-pdf"]);
}

#[test]
fn an_attached_file_is_found_whatever_its_type_says() {
    assert_eq!(looked(case!("s10-attachment-without-type.pdf")), ["active-content"]);
    let verdict = judged_scan(case!("s11-attachment-without-type-signed.pdf"));
    assert_eq!(codes(&verdict), ["active-content"]);
    assert_eq!(verdict.signers.len(), 1, "the signature itself holds");
}

fn judged_scan(bytes: &[u8]) -> Verdict {
    let upload = Upload { bytes, declared_type: "", limit: 1_000_000 };
    let trust = TrustAnchors::from_pem(case!("anchors.pem")).unwrap();
    let made = "2026-11-20T00:00:00Z".parse().unwrap();
    check(upload, SigningCase::AutographScan, &mario(), &trust, made..=JANUARY.parse().unwrap())
}

#[test]
fn an_action_that_leaves_the_file_is_refused() {
    assert_eq!(looked(case!("s21-gotor.pdf")), ["active-content"]);
}

#[test]
fn words_in_a_text_or_an_address_do_no_harm() {
    assert_eq!(looked(case!("s30-link-with-launch-in-address.pdf")), [""; 0]);
    assert_eq!(looked(case!("s32-text-about-encrypt.pdf")), [""; 0]);
}
