//! How two machines prove who asks, in the manner of PDND vouchers: a short token signed with Ed25519 that names the
//! client, the address and the digest of the body (CNF-1; AgID, *Linee guida sull'interoperabilità*, tracking evidence).

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use domain::keyed_hash::keyed_hash;
use ed25519_dalek::{SigningKey, VerifyingKey};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::aws;

/// How the portal calls itself before the consular system.
pub const PORTAL: &str = "portale-nulla-osta";
/// How long a token is good for at most.
pub const LONGEST_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How long a token of ours is good for: one request.
const LIFE: SignedDuration = SignedDuration::from_mins(2);
/// How far the two clocks may lie apart.
pub const LEEWAY: SignedDuration = SignedDuration::from_secs(60);
/// No honest token is longer, in bytes.
const LONGEST_TOKEN: usize = 4_096;
/// What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410 section 7).
const PKCS8_ED25519: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// What a token says.
#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    iss: String,
    sub: String,
    /// Exactly one: a token for several would be good at each of them.
    aud: String,
    iat: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    jti: String,
    digest: String,
}

/// A client with its private key.
#[derive(Clone)]
pub struct MachineKey {
    client: String,
    public: PublicMachineKey,
    encoding: EncodingKey,
}

/// Redacted: it holds a private key.
impl std::fmt::Debug for MachineKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "MachineKey({}, {})", self.client, self.public.key_id())
    }
}

/// Why a request cannot be signed.
#[derive(Debug, Error)]
pub enum SigningError {
    /// The system gives no random bytes.
    #[error("no randomness for a token")]
    Randomness(#[source] getrandom::Error),
    /// The library refused.
    #[error("the token cannot be signed")]
    Token(#[source] jsonwebtoken::errors::Error),
}

impl MachineKey {
    /// The portal's own key before the consular system: always the same from one secret of the deployment.
    pub fn of_portal(secret: &[u8]) -> Self {
        Self::new(PORTAL, &keyed_hash(secret, "consular key", &[]))
    }

    /// A client with the 32 bytes of its private key (RFC 8032).
    pub fn new(client: &str, seed: &[u8; 32]) -> Self {
        let public = PublicMachineKey(SigningKey::from_bytes(seed).verifying_key());
        let der = [PKCS8_ED25519.as_slice(), seed].concat();
        Self { client: client.to_owned(), public, encoding: EncodingKey::from_ed_der(&der) }
    }

    /// What the other side needs to check.
    pub const fn public(&self) -> &PublicMachineKey {
        &self.public
    }

    /// A token for one request at `audience` with this body, good from `now` on; the value of `Authorization`.
    pub fn authorization(
        &self,
        audience: &str,
        body: &[u8],
        now: Timestamp,
    ) -> Result<String, SigningError> {
        self.authorization_for(audience, body, now, LIFE)
    }

    /// The same with a life of its own.
    pub fn authorization_for(
        &self,
        audience: &str,
        body: &[u8],
        now: Timestamp,
        life: SignedDuration,
    ) -> Result<String, SigningError> {
        let jti: [u8; 16] = aws::random().map_err(SigningError::Randomness)?;
        let header = Header {
            kid: Some(self.public.key_id()),
            typ: Some("JWT".to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let claims = Claims {
            iss: self.client.clone(),
            sub: self.client.clone(),
            aud: audience.to_owned(),
            iat: now.as_second(),
            exp: now.as_second() + life.as_secs(),
            nbf: None,
            jti: HEXLOWER.encode(&jti),
            digest: digest(body),
        };
        let token =
            jsonwebtoken::encode(&header, &claims, &self.encoding).map_err(SigningError::Token)?;
        Ok(format!("Bearer {token}"))
    }
}

/// base64url of SHA-256, as the claim `digest` holds it.
fn digest(body: &[u8]) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(body))
}

/// The public key of a client.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicMachineKey(VerifyingKey);

/// What was configured is no Ed25519 key.
#[derive(Clone, Copy, Debug, Error)]
#[error("not a public Ed25519 key of 32 bytes in base64url")]
pub struct NoKey;

impl std::str::FromStr for PublicMachineKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| NoKey)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| NoKey)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| NoKey)?;
        // Under such a key one signature fits many texts.
        if key.is_weak() { Err(NoKey) } else { Ok(Self(key)) }
    }
}

impl std::fmt::Display for PublicMachineKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&BASE64URL_NOPAD.encode(self.0.as_bytes()))
    }
}

impl PublicMachineKey {
    /// What tokens name the key by: its thumbprint (RFC 7638, RFC 8037 appendix A.3).
    pub fn key_id(&self) -> String {
        let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{self}"}}"#);
        BASE64URL_NOPAD.encode(&Sha256::digest(jwk))
    }
}

/// Why a request does not count as the client's; holds nothing of the token.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum TokenError {
    /// No token.
    #[error("no bearer token")]
    Absent,
    /// Not a token, of another algorithm or key, with another signature, or a claim is missing or of the wrong type.
    #[error("the token is not signed by the client's key")]
    Signature,
    /// The header asks for an extension that the portal does not know, or is not of a JWT.
    #[error("the token's header is not as agreed")]
    Header,
    /// It names another client.
    #[error("the token names another client")]
    Client,
    /// It is for another address.
    #[error("the token is for another audience")]
    Audience,
    /// It is over, not good yet, or good for too long.
    #[error("the token is not good now")]
    Time,
    /// It belongs to another body.
    #[error("the token belongs to another body")]
    Body,
}

/// Checks the tokens of one client at one address.
#[derive(Clone, Debug)]
pub struct MachineClient {
    client: String,
    audience: String,
    key_id: String,
    decoding: DecodingKey,
}

impl MachineClient {
    /// The client with this name and key, who asks at this address.
    pub fn new(client: String, key: &PublicMachineKey, audience: String) -> Self {
        let decoding = DecodingKey::from_ed_der(key.0.as_bytes());
        Self { client, audience, key_id: key.key_id(), decoding }
    }

    /// Whether `authorization` proves that the client sends this body at `now` (the gateway's instant).
    pub fn verify(
        &self,
        authorization: Option<&str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), TokenError> {
        let token = authorization
            .and_then(|value| value.strip_prefix("Bearer "))
            .filter(|token| token.len() <= LONGEST_TOKEN)
            .ok_or(TokenError::Absent)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        // `proves` compares these itself, each with a reason of its own; the library would read the wall clock.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let token = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation)
            .map_err(|_| TokenError::Signature)?;
        let (header, claims) = (token.header, token.claims);
        if header.typ.as_deref() != Some("JWT")
            || header.kid.as_deref() != Some(&self.key_id)
            || header.crit.is_some()
        {
            return Err(TokenError::Header);
        }
        if claims.iss != self.client || claims.sub != self.client || claims.jti.is_empty() {
            return Err(TokenError::Client);
        }
        if claims.aud != self.audience {
            return Err(TokenError::Audience);
        }
        if !is_good_at(&claims, now.as_second()) {
            return Err(TokenError::Time);
        }
        if claims.digest != digest(body) {
            return Err(TokenError::Body);
        }
        Ok(())
    }
}

fn is_good_at(claims: &Claims, now: i64) -> bool {
    let leeway = LEEWAY.as_secs();
    let Some(life) = claims.exp.checked_sub(claims.iat) else { return false };
    (1..=LONGEST_LIFE.as_secs()).contains(&life)
        && claims.iat <= now + leeway
        && claims.nbf.is_none_or(|from| from <= now + leeway)
        && now - leeway < claims.exp
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUDIENCE: &str = "https://portale.example/api/consulate/events";
    const BODY: &[u8] = br#"{"event_id":"evento-0001"}"#;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_330_800 + second).unwrap()
    }

    fn maeci() -> MachineKey {
        MachineKey::new("maeci", &[7; 32])
    }

    fn client() -> MachineClient {
        MachineClient::new("maeci".to_owned(), maeci().public(), AUDIENCE.to_owned())
    }

    fn token(life_s: i64) -> String {
        let life = SignedDuration::from_secs(life_s);
        maeci().authorization_for(AUDIENCE, BODY, at(0), life).unwrap()
    }

    /// The token with another header or other claims, signed again with the right key.
    fn altered(alter: impl Fn(&mut serde_json::Value, &mut serde_json::Value)) -> String {
        let token = token(600);
        let part = |n: usize| -> serde_json::Value {
            let text = token.trim_start_matches("Bearer ").split('.').nth(n).unwrap();
            serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).unwrap()
        };
        let (mut header, mut claims) = (part(0), part(1));
        alter(&mut header, &mut claims);
        let encoded = |value: &serde_json::Value| {
            BASE64URL_NOPAD.encode(serde_json::to_string(value).unwrap().as_bytes())
        };
        let text = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature =
            jsonwebtoken::crypto::sign(text.as_bytes(), &maeci().encoding, Algorithm::EdDSA)
                .unwrap();
        format!("Bearer {text}.{signature}")
    }

    fn judged(authorization: &str, now: i64) -> Result<(), TokenError> {
        client().verify(Some(authorization), BODY, at(now))
    }

    /// RFC 8032 section 7.1, test 1: the library derives the key of the standard.
    #[test]
    fn a_private_key_has_the_public_key_of_the_standard() {
        let seed = HEXLOWER
            .decode(b"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
            .unwrap();
        let key = MachineKey::new("maeci", &seed.try_into().unwrap());
        let public = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert_eq!(key.public().to_string(), public);
        assert_eq!(&public.parse::<PublicMachineKey>().unwrap(), key.public());
        // RFC 8037 appendix A.3, about the same key.
        assert_eq!(key.public().key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn what_is_no_key_is_refused_at_the_start() {
        let weak = BASE64URL_NOPAD.encode(&[0; 32]);
        for text in ["", "AAAA", "non una chiave", weak.as_str()] {
            assert!(text.parse::<PublicMachineKey>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_is_good_from_its_making_until_its_end_with_a_minute_on_both_sides() {
        let token = token(600);
        for (now, expected) in [
            (-61, Err(TokenError::Time)),
            (-60, Ok(())),
            (0, Ok(())),
            (659, Ok(())),
            (660, Err(TokenError::Time)),
        ] {
            assert_eq!(judged(&token, now), expected, "{now}");
        }
    }

    #[test]
    fn a_token_that_lives_for_too_long_or_not_at_all_is_refused() {
        assert_eq!(judged(&token(601), 0), Err(TokenError::Time));
        assert_eq!(judged(&token(0), 0), Err(TokenError::Time));
        let forever = altered(|_, claims| {
            claims["iat"] = i64::MIN.into();
            claims["exp"] = i64::MAX.into();
        });
        assert_eq!(judged(&forever, 0), Err(TokenError::Time));
        let later = altered(|_, claims| claims["nbf"] = at(61).as_second().into());
        assert_eq!(judged(&later, 0), Err(TokenError::Time));
    }

    #[test]
    fn another_body_address_or_client_is_refused() {
        let token = token(600);
        assert_eq!(client().verify(Some(&token), b"{}", at(0)), Err(TokenError::Body));
        let elsewhere = maeci().authorization("https://altrove.example", BODY, at(0)).unwrap();
        assert_eq!(judged(&elsewhere, 0), Err(TokenError::Audience));
        let named_otherwise =
            MachineKey::new("altri", &[7; 32]).authorization(AUDIENCE, BODY, at(0)).unwrap();
        assert_eq!(judged(&named_otherwise, 0), Err(TokenError::Client));
        let forged =
            MachineKey::new("maeci", &[8; 32]).authorization(AUDIENCE, BODY, at(0)).unwrap();
        assert_eq!(judged(&forged, 0), Err(TokenError::Signature));
        assert_eq!(
            judged(&altered(|_, claims| claims["sub"] = "altri".into()), 0),
            Err(TokenError::Client)
        );
        assert_eq!(
            judged(&altered(|_, claims| claims["jti"] = "".into()), 0),
            Err(TokenError::Client)
        );
    }

    #[test]
    fn a_header_that_is_not_as_agreed_is_refused() {
        assert_eq!(judged(&altered(|_, _| ()), 0), Ok(()), "signed again without a change");
        for (name, value) in
            [("kid", "altra".into()), ("typ", "JWE".into()), ("crit", serde_json::json!(["b64"]))]
        {
            let token = altered(|header, _| header[name] = value.clone());
            assert_eq!(judged(&token, 0), Err(TokenError::Header), "{name}");
        }
        for algorithm in ["none", "HS256", "RS256"] {
            let token = altered(|header, _| header["alg"] = algorithm.into());
            assert_eq!(judged(&token, 0), Err(TokenError::Signature), "{algorithm}");
        }
    }

    #[test]
    fn a_claim_that_is_missing_or_of_another_type_is_refused() {
        for name in ["iss", "sub", "aud", "iat", "exp", "jti", "digest"] {
            let without = altered(|_, claims| {
                claims.as_object_mut().unwrap().remove(name);
            });
            assert_eq!(judged(&without, 0), Err(TokenError::Signature), "without {name}");
            let odd = altered(|_, claims| claims[name] = serde_json::json!([AUDIENCE]));
            assert_eq!(judged(&odd, 0), Err(TokenError::Signature), "odd {name}");
        }
    }

    #[test]
    fn without_a_token_nobody_is_proven() {
        let token = token(600);
        let bare = token.trim_start_matches("Bearer ");
        let long = format!("Bearer {}", "a".repeat(LONGEST_TOKEN + 1));
        for absent in [None, Some(""), Some("Bearer"), Some(bare), Some(long.as_str())] {
            assert_eq!(client().verify(absent, BODY, at(0)), Err(TokenError::Absent));
        }
        assert_eq!(judged("Bearer a.b.c", 0), Err(TokenError::Signature));
        let cut = token.get(..token.len() - 4).unwrap();
        assert_eq!(judged(cut, 0), Err(TokenError::Signature));
    }

    #[test]
    fn the_portals_key_depends_on_the_secret_alone() {
        let key = |secret: &[u8]| MachineKey::of_portal(secret).public().clone();
        assert_eq!(key(b"one"), key(b"one"));
        assert_ne!(key(b"one"), key(b"another"));
        assert!(!format!("{:?}", MachineKey::of_portal(b"one")).contains("seed"));
    }
}
