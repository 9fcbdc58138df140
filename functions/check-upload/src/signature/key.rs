//! Keys of signers and the algorithms that they sign with.

use aws_lc_rs::digest::{self, digest};
use num_bigint::BigUint;
use rustls_pki_types::SignatureVerificationAlgorithm;
use webpki::aws_lc_rs as algorithms;
use x509_cert::der::asn1::ObjectIdentifier;

use super::ber::{self, Value};

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const MD5: ObjectIdentifier = oid("1.2.840.113549.2.5");
const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");

const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const RSA_MD5: ObjectIdentifier = oid("1.2.840.113549.1.1.4");
const RSA_SHA1: ObjectIdentifier = oid("1.2.840.113549.1.1.5");
const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");
const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
const EC: ObjectIdentifier = oid("1.2.840.10045.2.1");
const ECDSA_SHA1: ObjectIdentifier = oid("1.2.840.10045.4.1");
const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");
const ED25519: ObjectIdentifier = oid("1.3.101.112");

/// Lengths of RSA keys that are verified, in bits.
const LEAST_RSA_BITS: u64 = 2048;
const MOST_RSA_BITS: u64 = 8192;
/// Longest public exponent, in bits; 65537 has 17.
const MOST_EXPONENT_BITS: u64 = 33;

const FIELD_1: u8 = 0xA1;
const FIELD_2: u8 = 0xA2;
const BIT_STRING: u8 = 0x03;

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It is not over this content, or not by this key.
    Bad,
    /// The norm forbids the way in which its attributes were signed (RFC 5652 5.4).
    NotDer,
    /// Anybody could forge it.
    Weak,
    /// It may be good; we cannot tell.
    UnknownAlgorithm,
}

/// A hash that protects a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) fn of(kind: Value<'_>) -> Result<Self, Flaw> {
        match identifier(kind) {
            Some(SHA256) => Ok(Self::Sha256),
            Some(SHA384) => Ok(Self::Sha384),
            Some(SHA512) => Ok(Self::Sha512),
            Some(MD5 | SHA1) => Err(Flaw::Weak),
            _ => Err(Flaw::UnknownAlgorithm),
        }
    }

    pub(crate) fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

fn identifier(value: Value<'_>) -> Option<ObjectIdentifier> {
    ObjectIdentifier::from_bytes(value.tagged(ber::OID)?.body).ok()
}

/// The public key of a certificate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublicKey<'a> {
    kind: ObjectIdentifier,
    /// Kind and parameters, as `rustls_pki_types` names algorithms: without tag and length.
    algorithm: &'a [u8],
    bits: &'a [u8],
}

impl<'a> PublicKey<'a> {
    /// Reads what is inside a `SubjectPublicKeyInfo`.
    pub(crate) fn read(info: &'a [u8]) -> Option<Self> {
        let (algorithm, rest) = ber::read(info)?;
        let (key, _) = ber::read(rest)?;
        Some(Self {
            kind: identifier(algorithm.tagged(ber::SEQUENCE)?.first()?)?,
            algorithm: algorithm.body,
            bits: bits(key)?,
        })
    }

    fn is_rsa(&self) -> bool {
        matches!(self.kind, RSA | RSA_PSS)
    }

    /// Modulus and exponent.
    fn rsa(&self) -> Option<(BigUint, BigUint)> {
        match *ber::read(self.bits)?.0.tagged(ber::SEQUENCE)?.values()?.as_slice() {
            [modulus, exponent] => Some((
                BigUint::from_bytes_be(modulus.tagged(ber::INTEGER)?.body),
                BigUint::from_bytes_be(exponent.tagged(ber::INTEGER)?.body),
            )),
            _ => None,
        }
    }

    /// Whether `signature` is one of `message` by this key. `algorithm` is the whole identifier with its parameters;
    /// `hash` is that of the content, for algorithms that name none.
    pub(crate) fn verify(
        &self,
        algorithm: Value<'_>,
        hash: Hash,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Flaw> {
        if self.is_rsa() {
            let (modulus, _) = self.rsa().ok_or(Flaw::UnknownAlgorithm)?;
            match modulus.bits() {
                ..LEAST_RSA_BITS => return Err(Flaw::Weak),
                LEAST_RSA_BITS..=MOST_RSA_BITS => {}
                _ => return Err(Flaw::UnknownAlgorithm),
            }
        }
        let fields = algorithm.values().ok_or(Flaw::UnknownAlgorithm)?;
        let (kind, parameters) = fields.split_first().ok_or(Flaw::UnknownAlgorithm)?;
        let kind = identifier(*kind).ok_or(Flaw::UnknownAlgorithm)?;
        if kind == RSA_PSS && self.is_rsa() {
            let pss = Pss::read(parameters.first().copied())?;
            return self.verify_pss(pss, message, signature).ok_or(Flaw::Bad);
        }
        for verifier in verifiers(kind, hash)? {
            let is_keys = if kind == EC || !self.is_rsa() {
                verifier.public_key_alg_id().as_ref() == self.algorithm
            } else {
                // The parameters of RSA say nothing, and some certificates leave them out.
                self.kind == RSA && verifier.public_key_alg_id().as_ref().starts_with(&RSA_START)
            };
            if is_keys {
                return verifier
                    .verify_signature(self.bits, message, signature)
                    .map_err(|_| Flaw::Bad);
            }
        }
        // Of another curve, or of another kind than the key.
        Err(Flaw::UnknownAlgorithm)
    }

    /// EMSA-PSS of RFC 8017 9.1.2, for any length of the salt: aws-lc-rs verifies only the length of the hash.
    fn verify_pss(&self, pss: Pss, message: &[u8], signature: &[u8]) -> Option<()> {
        let (modulus, exponent) = self.rsa()?;
        let signature = BigUint::from_bytes_be(signature);
        if exponent.bits() > MOST_EXPONENT_BITS || signature >= modulus {
            return None;
        }
        let bits = usize::try_from(modulus.bits()).ok()?.checked_sub(1)?;
        let opened = signature.modpow(&exponent, &modulus).to_bytes_be();
        let length = bits.div_ceil(8);
        let mut encoded = vec![0; length.checked_sub(opened.len())?];
        encoded.extend_from_slice(&opened);

        let hash = digest(pss.hash.algorithm(), message);
        let hash_length = hash.as_ref().len();
        let (last, encoded) = encoded.split_last()?;
        let (masked, found) = encoded.split_at_checked(encoded.len().checked_sub(hash_length)?)?;
        let unused = length.checked_mul(8)?.checked_sub(bits)?;
        let first_bits = 0xFF_u8.checked_shr(u32::try_from(unused).ok()?)?;
        if *last != 0xBC || masked.first()? & !first_bits != 0 {
            return None;
        }
        let mut block: Vec<u8> =
            masked.iter().zip(mask(pss.mask, found, masked.len())).map(|(a, b)| a ^ b).collect();
        *block.first_mut()? &= first_bits;
        let (padding, salt) = block.split_at_checked(block.len().checked_sub(pss.salt)?)?;
        let (one, zeros) = padding.split_last()?;
        if *one != 1 || zeros.iter().any(|byte| *byte != 0) {
            return None;
        }
        let whole = [&[0; 8], hash.as_ref(), salt].concat();
        (digest(pss.hash.algorithm(), &whole).as_ref() == found).then_some(())
    }
}

/// How the identifier of RSA keys begins: its tag, its length, its number.
const RSA_START: [u8; 11] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];

/// The bytes of a bit string of whole bytes.
pub(crate) fn bits(value: Value<'_>) -> Option<&[u8]> {
    value.tagged(BIT_STRING)?.body.strip_prefix(&[0])
}

/// MGF1 (RFC 8017 B.2.1).
fn mask(hash: &'static digest::Algorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::new();
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        mask.extend_from_slice(digest(hash, &[seed, &counter.to_be_bytes()].concat()).as_ref());
    }
    mask
}

/// The parameters of RSASSA-PSS (RFC 4055 3.1).
#[derive(Clone, Copy)]
struct Pss {
    hash: Hash,
    mask: &'static digest::Algorithm,
    /// In bytes.
    salt: usize,
}

impl Pss {
    /// What is left out has the value of the norm: SHA-1, and a salt of 20 bytes.
    fn read(parameters: Option<Value<'_>>) -> Result<Self, Flaw> {
        let unknown = Flaw::UnknownAlgorithm;
        let fields = match parameters {
            None => return Err(Flaw::Weak),
            Some(parameters) => {
                parameters.tagged(ber::SEQUENCE).and_then(|all| all.values()).ok_or(unknown)?
            }
        };
        let field = |tag| fields.iter().find(|field| field.tag == tag).and_then(Value::first);
        let hash = match field(ber::FIELD_0) {
            None => return Err(Flaw::Weak),
            Some(kind) => Hash::of(kind.first().ok_or(unknown)?)?,
        };
        let mask = match field(FIELD_1).map(|generator| generator.values()) {
            None => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Some(Some(generator)) => match *generator.as_slice() {
                [kind, of] if identifier(kind) == Some(MGF1) => {
                    let of = of.first().ok_or(unknown)?;
                    // A mask needs no collision resistance.
                    if identifier(of) == Some(SHA1) {
                        &digest::SHA1_FOR_LEGACY_USE_ONLY
                    } else {
                        Hash::of(of)?.algorithm()
                    }
                }
                _ => return Err(unknown),
            },
            Some(None) => return Err(unknown),
        };
        let salt = match field(FIELD_2) {
            None => 20,
            Some(salt) => match *salt.tagged(ber::INTEGER).ok_or(unknown)?.body {
                [salt] | [0, salt] => usize::from(salt),
                [more, salt] => usize::from(more) * 256 + usize::from(salt),
                _ => return Err(unknown),
            },
        };
        Ok(Self { hash, mask, salt })
    }
}

type Verifiers = Vec<&'static dyn SignatureVerificationAlgorithm>;

/// What can verify the algorithm, by hash and by curve. A hash in the algorithm wins over the content's.
fn verifiers(kind: ObjectIdentifier, hash: Hash) -> Result<Verifiers, Flaw> {
    let hash = match kind {
        RSA_SHA256 | ECDSA_SHA256 => Hash::Sha256,
        RSA_SHA384 | ECDSA_SHA384 => Hash::Sha384,
        RSA_SHA512 | ECDSA_SHA512 => Hash::Sha512,
        _ => hash,
    };
    match (kind, hash) {
        (RSA_MD5 | RSA_SHA1 | ECDSA_SHA1, _) => Err(Flaw::Weak),
        (RSA | RSA_SHA256, Hash::Sha256) => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA256]),
        (RSA | RSA_SHA384, Hash::Sha384) => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA384]),
        (RSA | RSA_SHA512, Hash::Sha512) => Ok(vec![algorithms::RSA_PKCS1_2048_8192_SHA512]),
        (EC | ECDSA_SHA256, Hash::Sha256) => Ok(vec![
            algorithms::ECDSA_P256_SHA256,
            algorithms::ECDSA_P384_SHA256,
            algorithms::ECDSA_P521_SHA256,
        ]),
        (EC | ECDSA_SHA384, Hash::Sha384) => Ok(vec![
            algorithms::ECDSA_P256_SHA384,
            algorithms::ECDSA_P384_SHA384,
            algorithms::ECDSA_P521_SHA384,
        ]),
        (EC | ECDSA_SHA512, Hash::Sha512) => Ok(vec![
            algorithms::ECDSA_P256_SHA512,
            algorithms::ECDSA_P384_SHA512,
            algorithms::ECDSA_P521_SHA512,
        ]),
        (ED25519, Hash::Sha512) => Ok(vec![algorithms::ED25519]),
        _ => Err(Flaw::UnknownAlgorithm),
    }
}

/// The hash that an algorithm of a certificate's own signature names.
pub(crate) fn named_hash(algorithm: Value<'_>) -> Option<Hash> {
    match identifier(algorithm.first()?)? {
        RSA_SHA256 | ECDSA_SHA256 => Some(Hash::Sha256),
        RSA_SHA384 | ECDSA_SHA384 => Some(Hash::Sha384),
        // Ed25519 has its own, and PSS names one in its parameters.
        RSA_SHA512 | ECDSA_SHA512 | ED25519 | RSA_PSS => Some(Hash::Sha512),
        _ => None,
    }
}
