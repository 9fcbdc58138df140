//! The token answer: an access token and a signed ID token, with the one defect that was decided.

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Settings,
    decision::{Defect, Level},
    grants::{Grant, StoreError},
    signing::SigningKey,
};

/// The claim of the fiscal number, as SPID and CIE name it.
pub(crate) const FISCAL_NUMBER: &str = "https://attributes.eid.gov.it/fiscal_number";

/// Seconds that an ID token is good for.
const LIFETIME: i64 = 300;

/// The body of the token answer.
pub(crate) fn answer(
    grant: &Grant,
    settings: &Settings,
    key: &SigningKey,
    now: Timestamp,
) -> Result<Value, StoreError> {
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    let access_token = BASE64URL_NOPAD.encode(&random);
    let mut answer = json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": LIFETIME, "scope": "openid profile email" });
    if grant.defect != Some(Defect::NoIdToken) {
        let claims = claims(grant, settings, &access_token, now);
        answer["id_token"] = Value::String(signed(&claims, grant.defect, key)?);
    }
    Ok(answer)
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
    claim("given_name", json!(identity.given_name));
    claim("family_name", json!(identity.family_name));
    claim("birthdate", json!(identity.birthdate));
    claim("email", json!(identity.email));
    claim(FISCAL_NUMBER, json!(format!("TINIT-{}", identity.fiscal_code)));
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
        Some(Defect::WrongAccessTokenHash) => claim("at_hash", json!(access_token_hash("another token"))),
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
            | Defect::Replay,
        )
        | None => None,
    };
    Value::Object(claims)
}

fn signed(claims: &Value, defect: Option<Defect>, key: &SigningKey) -> Result<String, StoreError> {
    let text = |algorithm: &str, key_id: &str| {
        let header = json!({ "alg": algorithm, "typ": "JWT", "kid": key_id });
        let encode = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
        format!("{}.{}", encode(&header), encode(claims))
    };
    let joined = |text: String, signature: &[u8]| format!("{text}.{}", BASE64URL_NOPAD.encode(signature));
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
