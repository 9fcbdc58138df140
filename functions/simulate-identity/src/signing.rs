//! The provider's RSA key: made once, published as a JSON Web Key, signing RS256.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// The cryptographic library refused.
#[derive(Clone, Copy, Debug, Error)]
#[error("the signing key cannot be {0}")]
pub(crate) struct SigningError(&'static str);

/// An RSA key of 2048 bits.
#[derive(Debug)]
pub(crate) struct SigningKey {
    pair: RsaKeyPair,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, SigningError> {
        RsaKeyPair::generate(KeySize::Rsa2048)
            .map(|pair| Self { pair })
            .map_err(|_| SigningError("generated"))
    }

    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SigningError> {
        RsaKeyPair::from_pkcs8(pkcs8).map(|pair| Self { pair }).map_err(|_| SigningError("read"))
    }

    pub(crate) fn to_pkcs8(&self) -> Result<Vec<u8>, SigningError> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().map_err(|_| SigningError("written"))?;
        Ok(der.as_ref().to_vec())
    }

    /// The public key as published.
    pub(crate) fn jwk(&self) -> Value {
        let (modulus, exponent) = self.public_parts();
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id(), "n": modulus, "e": exponent })
    }

    /// The thumbprint of RFC 7638, so that a key has one name wherever it is computed.
    pub(crate) fn key_id(&self) -> String {
        let (modulus, exponent) = self.public_parts();
        let members = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
        BASE64URL_NOPAD.encode(&Sha256::digest(members))
    }

    /// The RS256 signature of a text.
    pub(crate) fn sign(&self, text: &str) -> Result<Vec<u8>, SigningError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
            .map_err(|_| SigningError("used"))?;
        Ok(signature)
    }

    /// The public key as a PEM file, the form in which a confused verifier would take it for a secret.
    pub(crate) fn public_pem(&self) -> Result<String, SigningError> {
        let der: PublicKeyX509Der<'_> =
            self.pair.public_key().as_der().map_err(|_| SigningError("published"))?;
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        for (place, letter) in BASE64.encode(der.as_ref()).chars().enumerate() {
            if place > 0 && place % 64 == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        pem.push_str("\n-----END PUBLIC KEY-----\n");
        Ok(pem)
    }

    fn public_parts(&self) -> (String, String) {
        let key = self.pair.public_key();
        let encode = |number: &[u8]| BASE64URL_NOPAD.encode(number);
        (
            encode(key.modulus().big_endian_without_leading_zero()),
            encode(key.exponent().big_endian_without_leading_zero()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_key_is_the_same_key() {
        let key = SigningKey::generate().unwrap();
        let again = SigningKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
        assert_eq!(again.jwk(), key.jwk());
        assert_eq!(again.sign("text").unwrap(), key.sign("text").unwrap());
        assert!(key.public_pem().unwrap().lines().all(|line| line.len() <= 64));
    }
}
