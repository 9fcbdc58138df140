//! Signed texts of the identity provider (RFC 7515): strict about the signature, deaf to members that nobody reads.
//!
//! The usual libraries parse each standard claim and each key, and refuse the whole for one of an odd type that the portal
//! never looks at; so only what is used is read here, and `jsonwebtoken` checks the signature (ADR 9).

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

use crate::defect::Defect;

/// The members of a JSON object.
pub(crate) type Members = Map<String, Value>;

/// A key that the provider publishes.
#[derive(Clone)]
struct PublishedKey {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// The keys of a provider that can sign what the portal reads: RS256 and ES256, nothing else.
#[derive(Clone)]
pub(crate) struct PublishedKeys(Vec<PublishedKey>);

impl std::fmt::Debug for PublishedKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PublishedKeys({})", self.0.len())
    }
}

impl PublishedKeys {
    /// Reads a set of keys; a key of another kind, for another use or unreadable is none of ours. None if it is no set.
    pub(crate) fn read(set: &Value) -> Option<Self> {
        Some(Self(set.get("keys")?.as_array()?.iter().filter_map(published).collect()))
    }

    /// The members of a signed text, if one of these keys signed it.
    pub(crate) fn open(&self, token: &str) -> Result<Members, Defect> {
        let (message, signature) = token.rsplit_once('.').ok_or(Defect::Unreadable)?;
        let (header, claims) = message.split_once('.').ok_or(Defect::Unreadable)?;
        let (header, claims) = (members(header)?, members(claims)?);
        let algorithm = header.get("alg").and_then(Value::as_str).ok_or(Defect::Unreadable)?;
        let algorithm = match algorithm {
            "RS256" => Algorithm::RS256,
            "ES256" => Algorithm::ES256,
            _ => return Err(Defect::Algorithm),
        };
        // What must be understood and is not (RFC 7515 4.1.11).
        if header.contains_key("crit") {
            return Err(Defect::Unreadable);
        }
        let id = header.get("kid").and_then(Value::as_str);
        let fits = |key: &&PublishedKey| {
            key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id)
        };
        let mut candidates = self.0.iter().filter(fits).peekable();
        if candidates.peek().is_none() {
            return Err(Defect::UnknownKey);
        }
        let is_signed = candidates.any(|one| {
            crypto::verify(signature, message.as_bytes(), &one.key, algorithm).unwrap_or(false)
        });
        if is_signed { Ok(claims) } else { Err(Defect::Signature) }
    }
}

fn published(key: &Value) -> Option<PublishedKey> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let (algorithm, name, decoding) = match text("kty")? {
        "RSA" => {
            (Algorithm::RS256, "RS256", DecodingKey::from_rsa_components(text("n")?, text("e")?))
        }
        "EC" if text("crv") == Some("P-256") => {
            (Algorithm::ES256, "ES256", DecodingKey::from_ec_components(text("x")?, text("y")?))
        }
        _ => return None,
    };
    if text("alg").is_some_and(|only| only != name) {
        return None;
    }
    Some(PublishedKey { id: text("kid").map(str::to_owned), algorithm, key: decoding.ok()? })
}

fn members(part: &str) -> Result<Members, Defect> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| Defect::Unreadable)?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Defect::Unreadable),
    }
}
