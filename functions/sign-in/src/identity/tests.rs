//! Each way in which an ID token can be wrong, one change at a time; the same defects run over HTTP in the integration tests.

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;

const FISCAL_NUMBER: &str = "https://attributes.eid.gov.it/fiscal_number";
const NONCE: &str = "a-nonce-of-this-sign-in";
const ACCESS_TOKEN: &str = "an-access-token";
const ISSUER: &str = "https://identita.example";

struct Signer {
    pair: EcdsaKeyPair,
    kid: &'static str,
}

impl Signer {
    fn new(kid: &'static str) -> Self {
        Self { pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(), kid }
    }

    fn point(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    fn trust(&self) -> Trust {
        let point = self.point();
        let part = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let keys = json!({ "keys": [
            // Keys that nobody uses keep no key of ours out.
            { "kty": "OKP", "crv": "X448", "x": 7 }, { "kty": ["RSA"] }, 42, { "kty": "RSA", "n": "è", "e": "AQAB" },
            { "kty": "EC", "crv": "P-256", "use": "sig", "kid": self.kid, "x": part(&point[1..33]), "y": part(&point[33..]), "x5c": "" }
        ]});
        Trust {
            issuer: ISSUER.to_owned(),
            client_id: "portale".to_owned(),
            keys: PublishedKeys::read(&keys).unwrap(),
        }
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
        format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

fn now() -> Timestamp {
    "2026-01-12T08:59:00Z".parse().unwrap()
}

fn good() -> Value {
    let now = now().as_second();
    let half = BASE64URL_NOPAD.encode(&Sha256::digest(ACCESS_TOKEN)[..16]);
    json!({
        "iss": ISSUER, "aud": "portale", "sub": "x", "iat": now, "exp": now + 300, "nonce": NONCE, "at_hash": half,
        "acr": Level::Two.acr(), "given_name": "Ada", "family_name": "Rossi", "email": "ada@posta.invalid",
        FISCAL_NUMBER: "TINIT-RSSMRA80A01H501U",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = good();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn check(signer: &Signer, token: &str, level: Level) -> Result<Identity, Defect> {
    let expected = Expected { nonce: NONCE, level, now: now() };
    verify(token, ACCESS_TOKEN, &signer.trust(), &expected)?.identity(None)
}

fn outcome(claims: &Value) -> Result<Identity, Defect> {
    let signer = Signer::new("k1");
    check(
        &signer,
        &signer.token(&json!({ "alg": "ES256", "typ": "JWT", "kid": "k1" }), claims),
        Level::Two,
    )
}

fn refused(claims: &Value) -> Defect {
    outcome(claims).unwrap_err()
}

#[test]
fn a_right_token_is_an_identity() {
    let identity = outcome(&good()).unwrap();
    assert_eq!(identity.person.reveal(), "RSSMRA80A01H501U");
    assert_eq!((identity.given_name.as_str(), identity.family_name.as_str()), ("Ada", "Rossi"));
    assert_eq!(identity.email.unwrap().reveal(), "ada@posta.invalid");
    assert_eq!(identity.level, Level::Two);
}

/// The fiscal code is the key (IDP-4): other claims, missing or odd, keep no person out.
#[test]
fn names_and_address_may_be_missing() {
    let mut claims = without("given_name");
    claims.as_object_mut().unwrap().remove("family_name");
    claims["email"] = json!("not an address");
    let identity = outcome(&claims).unwrap();
    assert_eq!((identity.given_name.as_str(), identity.family_name.as_str()), ("", ""));
    assert!(identity.email.is_none());
    assert_eq!(
        outcome(&with("given_name", json!("à".repeat(5_000)))).unwrap().given_name.chars().count(),
        LONGEST_NAME
    );
}

/// listmonk#2237, oxAuth#1823: the library read each standard claim, and refused the token for one that nobody uses.
#[test]
fn an_unused_claim_of_an_odd_type_keeps_nobody_out() {
    let cases = include_str!("../../tests/claims.jsonl").lines().map(|line| {
        let case: Value = serde_json::from_str(line).unwrap();
        (case["claim"].as_str().unwrap().to_owned(), case["value"].clone())
    });
    let more = [
        ("address", json!(7)),
        ("birthdate", json!({ "year": 1980 })),
        ("updated_at", json!("ieri")),
        ("zoneinfo", json!([])),
        ("picture", json!("")),
        ("auth_time", json!("2026-01-12")),
        ("sid", json!(null)),
        ("gender", json!(1)),
        ("https://attributes.eid.gov.it/id_card_document", json!([[]])),
    ]
    .map(|(claim, value)| (claim.to_owned(), value));
    for (claim, value) in cases.chain(more) {
        let identity = outcome(&with(&claim, value.clone())).map(|identity| identity.person);
        assert!(identity.is_ok(), "{claim}: {value} gives {identity:?}");
    }
    let mut odd = good();
    for name in ["given_name", "family_name", "email"] {
        odd[name] = json!(["Ada"]);
    }
    let identity = outcome(&odd).unwrap();
    assert_eq!((identity.given_name.as_str(), identity.family_name.as_str()), ("", ""));
    assert!(identity.email.is_none());
    // An odd header is as deaf; one that asks to be understood is not.
    let signer = Signer::new("k1");
    let token = |header: Value| signer.token(&header, &good());
    let odd = json!({ "alg": "ES256", "kid": "k1", "typ": 7, "x5c": "", "jku": [], "cty": null });
    assert!(check(&signer, &token(odd), Level::Two).is_ok());
    let critical = json!({ "alg": "ES256", "kid": "k1", "crit": ["b64"], "b64": false });
    assert_eq!(check(&signer, &token(critical), Level::Two).unwrap_err(), Defect::Unreadable);
}

/// And where it is used, an odd type is refused.
#[test]
fn a_used_claim_of_an_odd_type_is_refused() {
    for (claim, value, defect) in [
        ("iss", json!([ISSUER]), Defect::Issuer),
        ("aud", json!({ "portale": true }), Defect::Audience),
        ("aud", json!([]), Defect::Audience),
        ("azp", json!(["portale"]), Defect::Audience),
        ("nonce", json!([NONCE]), Defect::Nonce),
        ("exp", json!("2036-01-01"), Defect::Unreadable),
        ("exp", Value::Null, Defect::Unreadable),
        ("iat", json!(true), Defect::Unreadable),
        ("nbf", json!("0"), Defect::Unreadable),
        ("acr", json!([Level::Two.acr()]), Defect::Level),
        ("at_hash", json!(7), Defect::AccessTokenHash),
        ("sub", json!(7), Defect::Unreadable),
    ] {
        assert_eq!(refused(&with(claim, value.clone())), defect, "{claim}: {value}");
    }
}

/// A name that breaks the line would begin lines of its own in letters.
#[test]
fn a_name_is_one_line_that_can_be_seen() {
    let mut claims = good();
    claims["given_name"] = json!("ADA\r\nMARIA\u{202e}");
    claims["family_name"] = json!("\u{feff}D\u{200b}E\tROSSI\u{0}");
    let identity = outcome(&claims).unwrap();
    assert_eq!(
        (identity.given_name.as_str(), identity.family_name.as_str()),
        ("ADA MARIA", "DE ROSSI")
    );
}

/// SPID tells attributes at userinfo only, CIE in the ID token, too.
#[test]
fn the_fiscal_number_may_come_from_userinfo_about_the_same_person() {
    let signer = Signer::new("k1");
    let header = json!({ "alg": "ES256", "kid": "k1" });
    let proven = |claims: &Value| {
        let expected = Expected { nonce: NONCE, level: Level::Two, now: now() };
        verify(&signer.token(&header, claims), ACCESS_TOKEN, &signer.trust(), &expected).unwrap()
    };
    let bare = json!({
        "iss": ISSUER, "aud": "portale", "sub": "x", "iat": now().as_second(), "exp": now().as_second() + 300,
        "nonce": NONCE, "acr": Level::Two.acr(),
    });
    assert!(proven(&good()).names_person());
    assert!(!proven(&bare).names_person());
    let told = json!({
        "sub": "x", "given_name": "Ada", "family_name": "Rossi", "email": 7, "birthdate": [],
        FISCAL_NUMBER: "TINIT-RSSMRA80A01H501U",
    });
    let same = |told: &Value| proven(&bare).same_person(told.as_object().unwrap());
    let identity = proven(&bare).identity(Some(same(&told).unwrap())).unwrap();
    assert_eq!(identity.person.reveal(), "RSSMRA80A01H501U");
    assert_eq!((identity.given_name.as_str(), identity.family_name.as_str()), ("Ada", "Rossi"));
    for subject in [json!("y"), json!(7), Value::Null] {
        let mut other = told.clone();
        other["sub"] = subject;
        assert_eq!(same(&other).err(), Some(Defect::OtherSubject));
    }
    assert_eq!(proven(&bare).identity(None).unwrap_err(), Defect::NoFiscalNumber);
    // What is signed must be the provider's, for us, and still good.
    let mut signed = told.clone();
    (signed["iss"], signed["aud"]) = (json!(ISSUER), json!(["portale"]));
    let opened = |claims: &Value| {
        verify_userinfo(&signer.token(&header, claims), &signer.trust(), now()).map(|_| ())
    };
    assert_eq!(opened(&signed), Ok(()));
    // The reference provider of SPID says neither whom it is from nor for.
    assert_eq!(opened(&told), Ok(()));
    for (claim, value, defect) in [
        ("iss", json!("https://altra.example"), Defect::Issuer),
        ("iss", json!([]), Defect::Issuer),
        ("aud", json!("altri"), Defect::Audience),
        ("aud", json!([]), Defect::Audience),
        ("exp", json!(now().as_second() - 30), Defect::Expired),
    ] {
        let mut wrong = signed.clone();
        wrong[claim] = value;
        assert_eq!(opened(&wrong), Err(defect));
    }
    let stranger = Signer::new("k1").token(&header, &signed);
    let refused = verify_userinfo(&stranger, &signer.trust(), now());
    assert_eq!(refused.unwrap_err(), Defect::Signature);
    let refused = verify_userinfo("a.b.c.d.e", &signer.trust(), now());
    assert_eq!(refused.unwrap_err(), Defect::Encrypted);
}

#[test]
fn nothing_personal_can_be_printed() {
    let identity = outcome(&good()).unwrap();
    let printed = format!("{identity:?}");
    for personal in ["RSSMRA", "Ada", "Rossi", "posta", "TINIT"] {
        assert!(!printed.contains(personal), "{printed}");
    }
}

#[test]
fn another_issuer_is_refused() {
    assert_eq!(refused(&with("iss", json!("https://altra.example"))), Defect::Issuer);
    assert_eq!(refused(&with("iss", json!(format!("{ISSUER}/")))), Defect::Issuer);
}

#[test]
fn a_token_for_somebody_else_is_refused() {
    assert_eq!(refused(&with("aud", json!("altri"))), Defect::Audience);
    assert_eq!(refused(&with("aud", json!(["portale", "altri"]))), Defect::Audience);
    assert_eq!(refused(&with("azp", json!("altri"))), Defect::Audience);
    assert!(outcome(&with("azp", json!("portale"))).is_ok());
}

#[test]
fn another_nonce_or_none_is_refused() {
    assert_eq!(refused(&with("nonce", json!("another"))), Defect::Nonce);
    assert_eq!(refused(&without("nonce")), Defect::Nonce);
}

/// The gateway's instant decides, with thirty seconds for clocks that differ.
#[test]
fn a_token_is_good_from_its_issue_to_its_expiry() {
    let at = |seconds: i64| json!(now().as_second() + seconds);
    assert_eq!(refused(&with("exp", at(-30))), Defect::Expired);
    assert!(outcome(&with("exp", at(-29))).is_ok());
    let mut later = good();
    (later["iat"], later["exp"]) = (at(31), at(400));
    assert_eq!(refused(&later), Defect::NotYetValid);
    later["iat"] = at(30);
    assert!(outcome(&later).is_ok());
    assert_eq!(refused(&with("nbf", at(31))), Defect::NotYetValid);
    assert_eq!(refused(&with("iat", at(-601))), Defect::Expired);
    assert!(outcome(&with("iat", at(-600))).is_ok());
}

#[test]
fn an_unsigned_token_is_refused() {
    let signer = Signer::new("k1");
    for header in [json!({ "alg": "none" }), json!({ "alg": "none", "kid": "k1" })] {
        let token = format!("{}.", unsigned(&header, &good()));
        assert_eq!(check(&signer, &token, Level::Two).unwrap_err(), Defect::Algorithm);
    }
}

/// The published key is no secret: an HMAC with it proves nothing.
#[test]
fn an_hmac_with_the_published_key_is_refused() {
    let signer = Signer::new("k1");
    for secret in [signer.point(), b"the client secret".to_vec()] {
        let text = unsigned(&json!({ "alg": "HS256", "kid": "k1" }), &good());
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), text.as_bytes());
        let token = format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()));
        assert_eq!(check(&signer, &token, Level::Two).unwrap_err(), Defect::Algorithm);
    }
}

#[test]
fn another_algorithm_is_refused() {
    let signer = Signer::new("k1");
    for algorithm in ["RS384", "RS512", "PS256", "ES384", "EdDSA", "HS512"] {
        let token = signer.token(&json!({ "alg": algorithm, "kid": "k1" }), &good());
        assert_eq!(
            check(&signer, &token, Level::Two).unwrap_err(),
            Defect::Algorithm,
            "{algorithm}"
        );
    }
}

#[test]
fn a_strange_key_or_a_wrong_signature_is_refused() {
    let (signer, stranger) = (Signer::new("k1"), Signer::new("k2"));
    let header = |kid: &str| json!({ "alg": "ES256", "kid": kid });
    assert_eq!(
        check(&signer, &stranger.token(&header("k2"), &good()), Level::Two).unwrap_err(),
        Defect::UnknownKey
    );
    assert_eq!(
        check(&signer, &stranger.token(&header("k1"), &good()), Level::Two).unwrap_err(),
        Defect::Signature
    );
    let right = signer.token(&header("k1"), &good());
    let (_, signature) = right.rsplit_once('.').unwrap();
    let forged =
        format!("{}.{signature}", unsigned(&header("k1"), &with("family_name", json!("Verdi"))));
    assert_eq!(check(&signer, &forged, Level::Two).unwrap_err(), Defect::Signature);
    // The algorithm of another kind of key finds no key.
    let confused = signer.token(&json!({ "alg": "RS256", "kid": "k1" }), &good());
    assert_eq!(check(&signer, &confused, Level::Two).unwrap_err(), Defect::UnknownKey);
}

#[test]
fn the_hash_of_another_access_token_is_refused() {
    assert_eq!(refused(&with("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"))), Defect::AccessTokenHash);
    assert!(outcome(&without("at_hash")).is_ok());
}

/// IDP-1: level 2 or above, and never less than was asked for.
#[test]
fn a_lower_level_or_none_is_refused() {
    let at = |acr: &str, asked: Level| {
        let signer = Signer::new("k1");
        let token = signer.token(&json!({ "alg": "ES256", "kid": "k1" }), &with("acr", json!(acr)));
        check(&signer, &token, asked).map(|identity| identity.level)
    };
    assert_eq!(at("https://www.spid.gov.it/SpidL1", Level::Two), Err(Defect::Level));
    assert_eq!(at("https://www.spid.gov.it/SpidL9", Level::Two), Err(Defect::Level));
    assert_eq!(at(Level::Two.acr(), Level::Three), Err(Defect::Level));
    assert_eq!(at(Level::Three.acr(), Level::Two), Ok(Level::Three));
    assert_eq!(at(Level::Three.acr(), Level::Three), Ok(Level::Three));
    assert_eq!(refused(&without("acr")), Defect::Level);
}

#[test]
fn the_fiscal_number_must_be_that_of_a_person_in_italy() {
    assert_eq!(refused(&without(FISCAL_NUMBER)), Defect::NoFiscalNumber);
    assert_eq!(refused(&with(FISCAL_NUMBER, Value::Null)), Defect::NoFiscalNumber);
    for wrong in [
        "",
        "TINIT-",
        "RSSMRA80A01H501U",
        "TINDE-12345678901",
        "TINIT-RSSMRA80A01H501X",
        "tinit-RSSMRA80A01H501U",
    ] {
        assert_eq!(refused(&with(FISCAL_NUMBER, json!(wrong))), Defect::FiscalNumber, "{wrong}");
    }
    assert_eq!(refused(&with(FISCAL_NUMBER, json!(42))), Defect::FiscalNumber);
}

#[test]
fn two_people_with_the_same_letters_stay_two() {
    let other = outcome(&with(FISCAL_NUMBER, json!("TINIT-RSSMRA80A01H50MW")));
    // Omocodia: a valid variant is another person, an invalid one belongs to no person.
    assert!(other.map_or(true, |identity| identity.person != outcome(&good()).unwrap().person));
}

#[test]
fn what_is_no_token_is_refused_without_a_panic() {
    let signer = Signer::new("k1");
    for text in ["", ".", "..", "a.b.c", "e30.e30.", "e30.e30.AAAA"] {
        assert_eq!(check(&signer, text, Level::Two).unwrap_err(), Defect::Unreadable, "{text}");
    }
}
