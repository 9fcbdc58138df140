//! Signed data of CMS (RFC 5652), as CAdES and PAdES use it.

use std::borrow::Cow;

use aws_lc_rs::digest::{self, digest};
use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use webpki::{EndEntityCert, Error, aws_lc_rs as algorithms};
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::time::Time;

use super::Context;
use super::ber::{self, Value};
use super::certificate::{RSA, Signer, SignerCertificate, timestamp};
use super::refusal::Refusal;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");

const MD5: ObjectIdentifier = oid("1.2.840.113549.2.5");
const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");

const RSA_MD5: ObjectIdentifier = oid("1.2.840.113549.1.1.4");
const RSA_SHA1: ObjectIdentifier = oid("1.2.840.113549.1.1.5");
const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
const EC: ObjectIdentifier = oid("1.2.840.10045.2.1");
const ECDSA_SHA1: ObjectIdentifier = oid("1.2.840.10045.4.1");
const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");

/// Certificates that are looked at; a chain has three.
const MOST_CERTIFICATES: usize = 32;
const LEAST_RSA_BITS: usize = 2048;

/// An envelope with its signatures, none of them verified yet.
pub(crate) struct SignedData<'a> {
    content_type: &'a [u8],
    /// None if the signed content stands elsewhere, as in a PDF.
    pub(crate) content: Option<Cow<'a, [u8]>>,
    certificates: Vec<&'a [u8]>,
    pub(crate) signatures: Vec<Value<'a>>,
}

impl<'a> SignedData<'a> {
    /// Reads an envelope and what follows it; None if it is none or is damaged.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (envelope, rest) = ber::read(bytes)?;
        let [kind, field] = *envelope.tagged(ber::SEQUENCE)?.values()? else { return None };
        if !is(kind, SIGNED_DATA) {
            return None;
        }
        let fields = field.tagged(ber::FIELD_0)?.first()?.tagged(ber::SEQUENCE)?.values()?;
        let [_version, _digests, content, more @ .., signatures] = fields.as_slice() else {
            return None;
        };
        let content = content.tagged(ber::SEQUENCE)?.values()?;
        let (content_type, content) = match *content.as_slice() {
            [kind] => (kind, None),
            [kind, field] => (kind, Some(field.tagged(ber::FIELD_0)?.first()?.octets()?)),
            _ => return None,
        };
        let certificates = match more.iter().find(|field| field.tag == ber::FIELD_0) {
            Some(field) => field.values()?,
            None => Vec::new(),
        };
        let data = Self {
            content_type: content_type.tagged(ber::OID)?.body,
            content,
            certificates: certificates
                .iter()
                .take(MOST_CERTIFICATES)
                .map(|value| value.raw)
                .collect(),
            signatures: signatures.tagged(ber::SET)?.values()?,
        };
        Some((data, rest))
    }

    /// Verifies the signature `signature`, called `number`, over `content`.
    pub(crate) fn verify(
        &self,
        signature: Value<'_>,
        content: &[u8],
        number: usize,
        context: &Context<'_>,
    ) -> Result<Signer, Vec<Refusal>> {
        let Some(signature) = Signature::read(signature) else {
            return Err(vec![Refusal::UnsupportedSignature(number)]);
        };
        let certificates: Vec<_> =
            self.certificates.iter().filter_map(|der| SignerCertificate::read(der)).collect();
        let Some(own) = certificates.iter().find(|certificate| signature.is_by(certificate)) else {
            return Err(vec![Refusal::CertificateMissing(number)]);
        };
        let mut refusals = Vec::new();
        let holds = self.holds(&signature, content, own);
        refusals.extend(holds.err().map(|why| match why {
            Flaw::Bad => Refusal::BadSignature(number),
            Flaw::Weak => Refusal::WeakAlgorithm(number),
            Flaw::Unsupported => Refusal::UnsupportedSignature(number),
        }));
        if signature.names_certificate(&own.der) == Some(false) {
            refusals.push(Refusal::CertificateMismatch(number));
        }
        // A signer's clock that was set back must not revive a certificate that has expired since.
        let signed_at =
            signature.signing_time().filter(|signed_at| context.credible.contains(signed_at));
        let others: Vec<_> =
            self.certificates.iter().map(|der| CertificateDer::from(*der)).collect();
        let instant = signed_at.unwrap_or(*context.credible.end());
        refusals.extend(own.check(number, instant, &others, context.trust));
        if refusals.is_empty() { Ok(own.signer(signed_at)) } else { Err(refusals) }
    }

    fn holds(
        &self,
        signature: &Signature<'_>,
        content: &[u8],
        own: &SignerCertificate<'_>,
    ) -> Result<(), Flaw> {
        if own.rsa_bits().is_some_and(|bits| bits < LEAST_RSA_BITS) {
            return Err(Flaw::Weak);
        }
        let hash = Hash::of(signature.digest)?;
        let attribute = |kind| signature.attribute(kind).ok_or(Flaw::Bad);
        if attribute(CONTENT_TYPE)?.body != self.content_type
            || attribute(MESSAGE_DIGEST)?.body != digest(hash.algorithm(), content).as_ref()
        {
            return Err(Flaw::Bad);
        }
        // What is signed is the set itself, although it stands in the file as a field.
        let mut signed = signature.attributes.raw.to_vec();
        *signed.first_mut().ok_or(Flaw::Bad)? = ber::SET;
        let certificate = EndEntityCert::try_from(&own.der).map_err(|_| Flaw::Bad)?;
        for algorithm in verifiers(signature.algorithm, hash)? {
            match certificate.verify_signature(algorithm, &signed, signature.value.body) {
                // Of another curve: the next one may be the key's.
                Err(Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)) => {}
                result => return result.map_err(|_| Flaw::Bad),
            }
        }
        Err(Flaw::Unsupported)
    }
}

enum Flaw {
    Bad,
    Weak,
    Unsupported,
}

/// The fields of one signature.
struct Signature<'a> {
    signer: Value<'a>,
    digest: Value<'a>,
    attributes: Value<'a>,
    algorithm: Value<'a>,
    value: Value<'a>,
}

impl<'a> Signature<'a> {
    /// None also without signed attributes, which CAdES and PAdES require.
    fn read(value: Value<'a>) -> Option<Self> {
        let fields = value.tagged(ber::SEQUENCE)?.values()?;
        let [_version, signer, digest, attributes, algorithm, value, ..] = *fields.as_slice()
        else {
            return None;
        };
        Some(Self {
            signer,
            digest: digest.first()?.tagged(ber::OID)?,
            attributes: attributes.tagged(ber::FIELD_0)?,
            algorithm: algorithm.tagged(ber::SEQUENCE)?.first()?.tagged(ber::OID)?,
            value: value.tagged(ber::OCTETS)?,
        })
    }

    fn is_by(&self, certificate: &SignerCertificate<'_>) -> bool {
        match self.signer.tag {
            ber::SEQUENCE => match self.signer.values().as_deref() {
                Some([issuer, serial]) => certificate.is(issuer.body, serial.body),
                _ => false,
            },
            ber::BYTES_0 => certificate.has_key_identifier(self.signer.body),
            _ => false,
        }
    }

    /// The one value of the one attribute of this kind; None if there are several, which would be a choice.
    fn attribute(&self, kind: ObjectIdentifier) -> Option<Value<'a>> {
        let of_kind: Vec<_> = self
            .attributes
            .values()?
            .into_iter()
            .filter_map(|attribute| match *attribute.values()?.as_slice() {
                [own, values] if is(own, kind) => values.values(),
                _ => None,
            })
            .collect();
        match of_kind.as_slice() {
            [values] => match *values.as_slice() {
                [value] => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    fn signing_time(&self) -> Option<Timestamp> {
        let time = Time::from_der(self.attribute(SIGNING_TIME)?.raw).ok()?;
        Some(timestamp(time.to_unix_duration()))
    }

    /// Whether the signature names exactly this certificate; None if it names none.
    fn names_certificate(&self, certificate: &[u8]) -> Option<bool> {
        if let Some(named) = self.attribute(SIGNING_CERTIFICATE_V2) {
            return Some(names(named, certificate, true).unwrap_or(false));
        }
        let named = self.attribute(SIGNING_CERTIFICATE)?;
        Some(names(named, certificate, false).unwrap_or(false))
    }
}

/// ESSCertID (RFC 2634) and ESSCertIDv2 (RFC 5035): the first entry is the signer's.
fn names(named: Value<'_>, certificate: &[u8], second_version: bool) -> Option<bool> {
    let fields = named.first()?.first()?.values()?;
    let (algorithm, hash) = match *fields.as_slice() {
        [hash, ..] if hash.tag == ber::OCTETS => {
            // The first version knows only SHA-1; it names a certificate here and protects no document.
            let default = if second_version {
                Hash::Sha256.algorithm()
            } else {
                &digest::SHA1_FOR_LEGACY_USE_ONLY
            };
            (default, hash)
        }
        [kind, hash, ..] if second_version => (Hash::of(kind.first()?).ok()?.algorithm(), hash),
        _ => return None,
    };
    Some(hash.tagged(ber::OCTETS)?.body == digest(algorithm, certificate).as_ref())
}

#[derive(Clone, Copy)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of(kind: Value<'_>) -> Result<Self, Flaw> {
        match ObjectIdentifier::from_bytes(kind.body) {
            Ok(SHA256) => Ok(Self::Sha256),
            Ok(SHA384) => Ok(Self::Sha384),
            Ok(SHA512) => Ok(Self::Sha512),
            Ok(MD5 | SHA1) => Err(Flaw::Weak),
            _ => Err(Flaw::Unsupported),
        }
    }

    fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

type Verifiers = Vec<&'static dyn SignatureVerificationAlgorithm>;

/// What can verify the algorithm, by hash and by curve. A hash in the algorithm wins over the digest's.
fn verifiers(algorithm: Value<'_>, hash: Hash) -> Result<Verifiers, Flaw> {
    let kind = ObjectIdentifier::from_bytes(algorithm.body).map_err(|_| Flaw::Unsupported)?;
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
        (RSA_PSS, Hash::Sha256) => Ok(vec![algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY]),
        (RSA_PSS, Hash::Sha384) => Ok(vec![algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY]),
        (RSA_PSS, Hash::Sha512) => Ok(vec![algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY]),
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
        _ => Err(Flaw::Unsupported),
    }
}

fn is(value: Value<'_>, kind: ObjectIdentifier) -> bool {
    value.tag == ber::OID && value.body == kind.as_bytes()
}
