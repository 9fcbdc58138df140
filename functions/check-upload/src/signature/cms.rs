//! Signed data of CMS (RFC 5652), as CAdES and PAdES use it.

use std::borrow::Cow;

use aws_lc_rs::digest::{self, digest};
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::time::Time;

use super::Context;
use super::ber::{self, Value};
use super::certificate::{self, Signer, SignerCertificate, timestamp};
use super::key::{Flaw, Hash};
use super::refusal::Refusal;
use super::stamp::{self, Stamp};

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
const SIGNING_CERTIFICATE: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.12");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");

const TIME_STAMP: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.14");
/// The content of a time stamp.
const STAMP_CONTENT: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");

/// Certificates that are looked at; a chain has three.
const MOST_CERTIFICATES: usize = 32;
/// Time stamps of one signature that are looked at.
const MOST_STAMPS: usize = 4;

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

    /// Verifies the signature `signature`, called `number`, over `content`. `claimed` is when it was made as the PDF
    /// around it says, for signatures that say nothing themselves (PAdES).
    pub(crate) fn verify(
        &self,
        signature: Value<'_>,
        content: &[u8],
        number: usize,
        claimed: Option<Timestamp>,
        context: &Context<'_>,
    ) -> Result<Signer, Vec<Refusal>> {
        let Some(signature) = Signature::read(signature) else {
            return Err(vec![Refusal::UnsupportedSignature(number)]);
        };
        let Some(own) = self.certificate_of(&signature) else {
            return Err(vec![if signature.names_key() && self.has_unreadable_certificate() {
                Refusal::CertificateUnsupported(number)
            } else {
                Refusal::CertificateMissing(number)
            }]);
        };
        let Some(own) = SignerCertificate::read(own) else {
            return Err(vec![Refusal::CertificateUnsupported(number)]);
        };
        let mut refusals = Vec::new();
        let refused = |why| match why {
            Flaw::Bad => Refusal::BadSignature(number),
            Flaw::NotDer => Refusal::AttributesNotDer(number),
            Flaw::Weak => Refusal::WeakAlgorithm(number),
            Flaw::UnknownAlgorithm => Refusal::UnsupportedAlgorithm(number),
        };
        refusals.extend(self.holds(&signature, content, &own).err().map(refused));
        match signature.names_certificate(&own.der) {
            Some(Ok(true)) => {}
            Some(Ok(false)) => refusals.push(Refusal::CertificateMismatch(number)),
            Some(Err(why)) => refusals.push(refused(why)),
            // Asked for by the formats that count (Decision (EU) 2015/1506; ETSI EN 319 122-1 and 319 142-1): without
            // it, nothing says with which of several certificates of the same key it was signed.
            None => refusals.push(Refusal::CertificateNotNamed(number)),
        }
        // A clock that was set back must not revive a certificate that has expired since.
        let signed_at = signature
            .stamped_at()
            .or_else(|| signature.signing_time())
            .or(claimed)
            .filter(|signed_at| context.credible.contains(signed_at));
        let others: Vec<_> =
            self.certificates.iter().map(|der| CertificateDer::from(*der)).collect();
        let instant = signed_at.unwrap_or(*context.credible.end());
        refusals.extend(own.check(number, instant, &others, context.trust));
        if refusals.is_empty() { Ok(own.signer(signed_at)) } else { Err(refusals) }
    }

    /// The certificate that the signature says it is by.
    fn certificate_of(&self, signature: &Signature<'_>) -> Option<&'a [u8]> {
        self.certificates.iter().copied().find(|der| signature.is_by(der))
    }

    /// Whether one of them is of a kind that we cannot read: it may be whichever is named by its key.
    fn has_unreadable_certificate(&self) -> bool {
        self.certificates.iter().any(|der| SignerCertificate::read(der).is_none())
    }

    /// Whether this is a time stamp whose one signature holds by a certificate that is made for stamps.
    pub(crate) fn is_of_stamping_authority(&self) -> bool {
        let [signature] = *self.signatures.as_slice() else { return false };
        let (Some(signature), Some(content)) = (Signature::read(signature), &self.content) else {
            return false;
        };
        let Some(own) = self.certificate_of(&signature).and_then(SignerCertificate::read) else {
            return false;
        };
        self.content_type == STAMP_CONTENT.as_bytes()
            && own.is_for_stamps()
            && self.holds(&signature, content, &own).is_ok()
    }

    fn holds(
        &self,
        signature: &Signature<'_>,
        content: &[u8],
        own: &SignerCertificate<'_>,
    ) -> Result<(), Flaw> {
        let key = own.key().ok_or(Flaw::UnknownAlgorithm)?;
        let hash = Hash::of(signature.digest)?;
        let attribute = |kind| signature.attribute(kind).ok_or(Flaw::Bad);
        if attribute(CONTENT_TYPE)?.body != self.content_type
            || attribute(MESSAGE_DIGEST)?.body != digest(hash.algorithm(), content).as_ref()
        {
            return Err(Flaw::Bad);
        }
        let holds_over =
            |signed: &[u8]| key.verify(signature.algorithm, hash, signed, signature.value.body);
        // What is signed is the DER encoding of the set itself, although it stands in the file as a field and perhaps
        // otherwise encoded (RFC 5652 5.4).
        match holds_over(&signature.attributes.der_tagged(ber::SET).ok_or(Flaw::Bad)?) {
            Err(Flaw::Bad) => {
                let mut as_stored = signature.attributes.raw.to_vec();
                *as_stored.first_mut().ok_or(Flaw::Bad)? = ber::SET;
                Err(if holds_over(&as_stored).is_ok() { Flaw::NotDer } else { Flaw::Bad })
            }
            result => result,
        }
    }
}

/// The fields of one signature.
struct Signature<'a> {
    signer: Value<'a>,
    digest: Value<'a>,
    attributes: Value<'a>,
    algorithm: Value<'a>,
    value: Value<'a>,
    /// What was added later, and nothing signs.
    unsigned: Option<Value<'a>>,
}

impl<'a> Signature<'a> {
    /// None also without signed attributes, which CAdES and PAdES require.
    fn read(value: Value<'a>) -> Option<Self> {
        let fields = value.tagged(ber::SEQUENCE)?.values()?;
        let [_version, signer, digest, attributes, algorithm, value, ref more @ ..] =
            *fields.as_slice()
        else {
            return None;
        };
        Some(Self {
            signer,
            digest: digest.first()?.tagged(ber::OID)?,
            attributes: attributes.tagged(ber::FIELD_0)?,
            algorithm: algorithm.tagged(ber::SEQUENCE)?,
            value: value.tagged(ber::OCTETS)?,
            unsigned: more.first().copied(),
        })
    }

    fn is_by(&self, certificate: &[u8]) -> bool {
        match self.signer.tag {
            ber::SEQUENCE => match self.signer.values().as_deref() {
                Some([issuer, serial]) => certificate::is(certificate, issuer.body, serial.body),
                _ => false,
            },
            ber::BYTES_0 => SignerCertificate::read(certificate)
                .is_some_and(|own| own.has_key_identifier(self.signer.body)),
            _ => false,
        }
    }

    /// Whether it names its certificate by the identifier of the key, which stands inside.
    fn names_key(&self) -> bool {
        self.signer.tag == ber::BYTES_0
    }

    /// The one value of the one attribute of this kind; None if there are several, which would be a choice.
    fn attribute(&self, kind: ObjectIdentifier) -> Option<Value<'a>> {
        let of_kind: Vec<_> = values_of(self.attributes, kind)?;
        match of_kind.as_slice() {
            [values] => match *values.as_slice() {
                [value] => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    /// When the signature existed, as the first time stamp over it says that holds (level T).
    fn stamped_at(&self) -> Option<Timestamp> {
        values_of(self.unsigned?, TIME_STAMP)?.into_iter().flatten().take(MOST_STAMPS).find_map(
            |token| match read_stamp(token.raw, self.value.body) {
                Stamp::At(instant) => Some(instant),
                Stamp::OfOthers | Stamp::Unknown => None,
            },
        )
    }

    fn signing_time(&self) -> Option<Timestamp> {
        let time = Time::from_der(self.attribute(SIGNING_TIME)?.raw).ok()?;
        Some(timestamp(time.to_unix_duration()))
    }

    /// Whether the signature names exactly this certificate; None if it names none. An error where it does so by a hash that
    /// tells us nothing.
    fn names_certificate(&self, certificate: &[u8]) -> Option<Result<bool, Flaw>> {
        if let Some(named) = self.attribute(SIGNING_CERTIFICATE_V2) {
            return Some(names(named, certificate, true));
        }
        let named = self.attribute(SIGNING_CERTIFICATE)?;
        Some(names(named, certificate, false))
    }
}

/// Reads the time stamp that `bytes` begin with, as one of `stamped` (RFC 3161).
pub(crate) fn read_stamp(bytes: &[u8], stamped: &[u8]) -> Stamp {
    let Some((token, _)) = SignedData::read(bytes) else { return Stamp::Unknown };
    let Some((hash, imprint, at)) = token.content.as_deref().and_then(stamp::content) else {
        return Stamp::Unknown;
    };
    if digest(hash.algorithm(), stamped).as_ref() != imprint {
        return Stamp::OfOthers;
    }
    if token.is_of_stamping_authority() { Stamp::At(at) } else { Stamp::Unknown }
}

/// The values of each attribute of this kind.
fn values_of(attributes: Value<'_>, kind: ObjectIdentifier) -> Option<Vec<Vec<Value<'_>>>> {
    Some(
        attributes
            .values()?
            .into_iter()
            .filter_map(|attribute| match *attribute.values()?.as_slice() {
                [own, values] if is(own, kind) => values.values(),
                _ => None,
            })
            .collect(),
    )
}

/// ESSCertID (RFC 2634) and ESSCertIDv2 (RFC 5035): the first entry is the signer's.
fn names(named: Value<'_>, certificate: &[u8], second_version: bool) -> Result<bool, Flaw> {
    let entry = named.first().and_then(|entries| entries.first());
    let fields = entry.and_then(|entry| entry.values()).unwrap_or_default();
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
        [kind, hash, ..] if second_version => match kind.first() {
            Some(kind) => (Hash::of(kind)?.algorithm(), hash),
            None => return Ok(false),
        },
        _ => return Ok(false),
    };
    Ok(hash.tag == ber::OCTETS && hash.body == digest(algorithm, certificate).as_ref())
}

fn is(value: Value<'_>, kind: ObjectIdentifier) -> bool {
    value.tag == ber::OID && value.body == kind.as_bytes()
}
