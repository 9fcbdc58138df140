//! The token answer: an access token and a signed ID token, with the one defect that was decided.

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Settings,
    decision::{Defect, Level, Manner},
    grants::{Grant, StoreError},
    people::Identity,
    signing::SigningKey,
};

/// The claim of the fiscal number, as SPID and CIE name it.
pub(crate) const FISCAL_NUMBER: &str = "https://attributes.eid.gov.it/fiscal_number";

/// Seconds that an ID token is good for.
const LIFETIME: i64 = 300;

/// The body of the token answer.
#[derive(Serialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: String,
    token_type: &'static str,
    expires_in: i64,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// The tokens of a grant.
pub(crate) fn answer(
    grant: &Grant,
    settings: &Settings,
    key: &SigningKey,
    now: Timestamp,
) -> Result<TokenAnswer, StoreError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    let access_token = BASE64URL_NOPAD.encode(&random);
    let id_token = match grant.defect {
        Some(Defect::NoIdToken) => None,
        defect => Some(signed(&claims(grant, settings, &access_token, now), defect, key)?),
    };
    Ok(TokenAnswer {
        access_token,
        token_type: "Bearer",
        expires_in: LIFETIME,
        scope: "openid profile email",
        id_token,
    })
}

fn claims(grant: &Grant, settings: &Settings, access_token: &str, now: Timestamp) -> Value {
    let identity = &grant.identity;
    let issued = now.as_second();
    let level = if grant.defect == Some(Defect::LowerLevel) { Level::One } else { grant.level };
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("iss", json!(settings.issuer));
    claim("aud", json!(settings.client_id));
    claim("sub", json!(subject(&identity.fiscal_code, settings)));
    claim("iat", json!(issued));
    claim("exp", json!(issued + LIFETIME));
    claim("auth_time", json!(grant.decided_at.as_second()));
    claim("nonce", json!(grant.nonce));
    claim("acr", json!(level.acr()));
    claim("at_hash", json!(access_token_hash(access_token)));
    if !grant.manner.is_at_userinfo() {
        claims.extend(attributes(identity));
    }
    if grant.manner == Manner::OddClaims {
        claims.extend(odd());
    }
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    match grant.defect {
        Some(Defect::WrongNonce) => claim("nonce", json!("n".repeat(43))),
        Some(Defect::WrongAudience) => claim("aud", json!("another-client")),
        Some(Defect::WrongIssuer) => claim("iss", json!("https://identity.example/other")),
        Some(Defect::Expired) => {
            claim("iat", json!(issued - 3_900));
            claim("exp", json!(issued - 3_600))
        }
        Some(Defect::NotYetValid) => {
            claim("iat", json!(issued + 3_600));
            claim("nbf", json!(issued + 3_600));
            claim("exp", json!(issued + 3_600 + LIFETIME))
        }
        Some(Defect::WrongAccessTokenHash) => {
            claim("at_hash", json!(access_token_hash("another token")))
        }
        Some(Defect::MalformedFiscalNumber) => claim(FISCAL_NUMBER, json!("TINIT-RSSMRA80A01H501")),
        Some(Defect::MissingNonce) => claims.remove("nonce"),
        Some(Defect::MissingLevel) => claims.remove("acr"),
        Some(Defect::MissingFiscalNumber) => claims.remove(FISCAL_NUMBER),
        Some(
            Defect::WrongState
            | Defect::UnknownKey
            | Defect::AlgNone
            | Defect::Hs256WithPublicKey
            | Defect::WrongSignature
            | Defect::LowerLevel
            | Defect::NoIdToken
            | Defect::TokenEndpointDown
            | Defect::TruncatedJson
            | Defect::Replay
            | Defect::OtherSubject
            | Defect::UserinfoDown,
        )
        | None => None,
    };
    Value::Object(claims)
}

/// What the provider knows of a person.
fn attributes(identity: &Identity) -> Map<String, Value> {
    [
        ("given_name", json!(identity.given_name)),
        ("family_name", json!(identity.family_name)),
        ("birthdate", json!(identity.birthdate)),
        ("email", json!(identity.email)),
        (FISCAL_NUMBER, json!(format!("TINIT-{}", identity.fiscal_code))),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

/// Claims as providers were seen to send them, of other types than the standard gives them.
fn odd() -> Map<String, Value> {
    [
        ("email_verified", json!("true")),
        ("address", json!("Via Prova 1, 00100 Roma")),
        ("phone_number", json!(3_330_000_000_u64)),
        ("amr", json!("pwd")),
        ("updated_at", json!("2026-01-12")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

/// What userinfo tells about the person of a grant: an object, or the same as a signed text.
pub(crate) fn userinfo(
    grant: &Grant,
    settings: &Settings,
    key: &SigningKey,
    now: Timestamp,
) -> Result<String, StoreError> {
    let mut told = attributes(&grant.identity);
    let subject = match grant.defect {
        Some(Defect::OtherSubject) => "another person".to_owned(),
        _ => subject(&grant.identity.fiscal_code, settings),
    };
    told.insert("sub".to_owned(), json!(subject));
    if grant.defect == Some(Defect::MissingFiscalNumber) {
        told.remove(FISCAL_NUMBER);
    }
    if grant.manner != Manner::AtSignedUserinfo {
        return Ok(Value::Object(told).to_string());
    }
    told.insert("iss".to_owned(), json!(settings.issuer));
    told.insert("aud".to_owned(), json!(settings.client_id));
    told.insert("exp".to_owned(), json!(now.as_second() + LIFETIME));
    signed(&Value::Object(told), None, key)
}

fn signed(claims: &Value, defect: Option<Defect>, key: &SigningKey) -> Result<String, StoreError> {
    let text = |algorithm: &str, key_id: &str| {
        let header = json!({ "alg": algorithm, "typ": "JWT", "kid": key_id });
        let encode = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
        format!("{}.{}", encode(&header), encode(claims))
    };
    let joined =
        |text: String, signature: &[u8]| format!("{text}.{}", BASE64URL_NOPAD.encode(signature));
    Ok(match defect {
        Some(Defect::AlgNone) => joined(text("none", &key.key_id()), &[]),
        Some(Defect::Hs256WithPublicKey) => {
            let text = text("HS256", &key.key_id());
            let secret = hmac::Key::new(hmac::HMAC_SHA256, key.public_pem()?.as_bytes());
            let signature = hmac::sign(&secret, text.as_bytes());
            joined(text, signature.as_ref())
        }
        Some(Defect::UnknownKey) => {
            let stranger = SigningKey::generate()?;
            let text = text("RS256", &stranger.key_id());
            let signature = stranger.sign(&text)?;
            joined(text, &signature)
        }
        Some(Defect::WrongSignature) => {
            let signature = key.sign("another text")?;
            joined(text("RS256", &key.key_id()), &signature)
        }
        Some(_) | None => {
            let text = text("RS256", &key.key_id());
            let signature = key.sign(&text)?;
            joined(text, &signature)
        }
    })
}

/// The left half of the hash, as OpenID Connect Core 3.1.3.6 wants it.
fn access_token_hash(access_token: &str) -> String {
    let digest = Sha256::digest(access_token);
    let (left, _) = digest.split_at(16);
    BASE64URL_NOPAD.encode(left)
}

/// A pairwise subject: it tells nothing, and is no key for the portal, which goes by the fiscal number.
fn subject(fiscal_code: &str, settings: &Settings) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(format!("{} {fiscal_code}", settings.client_id)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};

    use super::*;
    use crate::{authorization::Authorization, people::accounts};

    const NONCE: &str = "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn";

    fn settings() -> Settings {
        Settings {
            issuer: "http://localhost:4000/identity".to_owned(),
            public_origin: "http://127.0.0.1:4000".to_owned(),
            client_id: "portale".to_owned(),
            client_secret: b"a secret".to_vec(),
        }
    }

    /// The wall clock, since the verifier of these tests reads it, too.
    fn now() -> Timestamp {
        outside::clock::wall()
    }

    fn granted(defect: Option<Defect>) -> Grant {
        let query = format!(
            "client_id=portale&redirect_uri=http://127.0.0.1:4000/api/sign-in/callback&response_type=code&scope=openid\
             &state={}&nonce={NONCE}&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
            "s".repeat(32)
        );
        let authorization = Authorization::read(&query, &settings()).unwrap();
        let identity = accounts().remove(0).identity;
        Grant::new(&authorization, identity, Level::Two, defect, Manner::InIdToken, now())
    }

    fn told(defect: Option<Defect>, key: &SigningKey) -> Value {
        let answer = answer(&granted(defect), &settings(), key, now()).unwrap();
        serde_json::to_value(answer).unwrap()
    }

    /// What a careful portal says about an answer; empty if there is nothing wrong with it.
    fn mistakes(answer: &Value, key: &SigningKey) -> BTreeSet<String> {
        let Some(id_token) = answer["id_token"].as_str() else {
            return BTreeSet::from(["no id token".to_owned()]);
        };
        let jwk = key.jwk();
        let header = match decode_header(id_token) {
            Ok(header) => header,
            Err(error) => return BTreeSet::from([error.to_string()]),
        };
        let mut mistakes = BTreeSet::new();
        if header.kid.as_deref() != jwk["kid"].as_str() {
            mistakes.insert("key id".to_owned());
        }
        let published = DecodingKey::from_rsa_components(
            jwk["n"].as_str().unwrap(),
            jwk["e"].as_str().unwrap(),
        )
        .unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_nbf = true;
        validation.set_issuer(&[settings().issuer]);
        validation.set_audience(&[settings().client_id]);
        let claims = match decode::<Value>(id_token, &published, &validation) {
            Ok(token) => token.claims,
            Err(error) => {
                mistakes.insert(error.to_string());
                return mistakes;
            }
        };
        let expected = [
            ("nonce", json!(NONCE)),
            ("acr", json!(Level::Two.acr())),
            ("at_hash", json!(access_token_hash(answer["access_token"].as_str().unwrap()))),
            (FISCAL_NUMBER, json!(format!("TINIT-{}", accounts()[0].identity.fiscal_code))),
        ];
        for (claim, value) in expected {
            if claims[claim] != value {
                mistakes.insert(claim.to_owned());
            }
        }
        mistakes
    }

    #[test]
    fn an_answer_without_defect_has_no_mistake() {
        let key = SigningKey::generate().unwrap();
        let answer = told(None, &key);
        assert_eq!(mistakes(&answer, &key), BTreeSet::new());
        assert!(
            !answer.to_string().contains(&accounts()[0].identity.fiscal_code),
            "the subject hides the fiscal code"
        );
    }

    /// IDP-1: each defect is there, and is the only one.
    #[test]
    fn each_defect_of_the_token_is_one_mistake() {
        let key = SigningKey::generate().unwrap();
        let expected = [
            (Defect::WrongNonce, vec!["nonce"]),
            (Defect::MissingNonce, vec!["nonce"]),
            (Defect::WrongAudience, vec!["InvalidAudience"]),
            (Defect::WrongIssuer, vec!["InvalidIssuer"]),
            (Defect::Expired, vec!["ExpiredSignature"]),
            (Defect::NotYetValid, vec!["ImmatureSignature"]),
            (Defect::UnknownKey, vec!["InvalidSignature", "key id"]),
            (Defect::Hs256WithPublicKey, vec!["InvalidAlgorithm"]),
            (Defect::WrongSignature, vec!["InvalidSignature"]),
            (Defect::WrongAccessTokenHash, vec!["at_hash"]),
            (Defect::LowerLevel, vec!["acr"]),
            (Defect::MissingLevel, vec!["acr"]),
            (Defect::MissingFiscalNumber, vec![FISCAL_NUMBER]),
            (Defect::MalformedFiscalNumber, vec![FISCAL_NUMBER]),
            (Defect::NoIdToken, vec!["no id token"]),
        ];
        for (defect, expected) in expected {
            let answer = told(Some(defect), &key);
            let found: Vec<_> = mistakes(&answer, &key).into_iter().collect();
            assert_eq!(found, expected, "{defect:?}");
        }
        let unsigned = told(Some(Defect::AlgNone), &key);
        assert!(unsigned["id_token"].as_str().unwrap().ends_with('.'));
        assert!(!mistakes(&unsigned, &key).is_empty());
        for of_another_place in [
            Defect::WrongState,
            Defect::TokenEndpointDown,
            Defect::TruncatedJson,
            Defect::Replay,
            Defect::OtherSubject,
            Defect::UserinfoDown,
        ] {
            let answer = told(Some(of_another_place), &key);
            assert_eq!(mistakes(&answer, &key), BTreeSet::new(), "{of_another_place:?}");
        }
    }

    /// RFC 7636: a code is worth something only to who asked for it, at the same address, in time.
    #[test]
    fn a_code_needs_its_verifier_its_address_and_its_minute() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let callback = "http://127.0.0.1:4000/api/sign-in/callback";
        let grant = granted(None);
        let later = |seconds| grant.decided_at + jiff::SignedDuration::from_secs(seconds);
        assert!(grant.admits(callback, verifier, later(59)));
        assert!(!grant.admits(callback, verifier, later(60)));
        assert!(!grant.admits("http://127.0.0.1:4000/elsewhere", verifier, later(0)));
        assert!(!grant.admits(callback, &verifier.replace('d', "e"), later(0)));
        assert!(!grant.admits(callback, "", later(0)));
    }
}
