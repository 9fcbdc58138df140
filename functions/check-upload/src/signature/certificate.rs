//! Certificates of signers: whose they are, until when, and whether they come from a configured authority.

use std::fmt;
use std::time::Duration;

use domain::fiscal_code::FiscalCode;
use jiff::Timestamp;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier};
use x509_cert::name::Name;

use super::ber::{self, Value};
use super::key::{PublicKey, bits, named_hash};
use super::refusal::Refusal;

/// Critical extensions that are judged below or say nothing about a signature: use of the key, other names, constraints
/// of authorities, policies, purposes.
const JUDGED: [&str; 5] = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.32", "2.5.29.37"];
/// The purpose of certificates for time stamps (RFC 3161 2.3).
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const DN_QUALIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.46");

/// What stands before the fiscal code: the form of ETSI EN 319 412-1, and the one of before.
const CODE_PREFIXES: [&str; 2] = ["TINIT-", "IT:"];

/// The authorities whose certificates count, as configured.
pub struct TrustAnchors(Vec<TrustAnchor<'static>>);

/// The bundle of authorities cannot be used: a fault of the configuration, not of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustError;

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the bundle of trust anchors is empty or holds something that is no certificate",
        )
    }
}

impl std::error::Error for TrustError {}

impl TrustAnchors {
    /// No authority: for files that need no signature.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Reads certificates in PEM, at least one. Nothing else is trusted, whatever the operating system trusts.
    pub fn from_pem(bundle: &[u8]) -> Result<Self, TrustError> {
        let mut anchors = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(bundle) {
            let certificate = certificate.map_err(|_| TrustError)?;
            let anchor = webpki::anchor_from_trusted_cert(&certificate).map_err(|_| TrustError)?;
            anchors.push(anchor.to_owned());
        }
        if anchors.is_empty() { Err(TrustError) } else { Ok(Self(anchors)) }
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustAnchors({})", self.0.len())
    }
}

/// A signer whose signature holds. The identity is personal data and not shown by Debug.
#[derive(Clone, PartialEq, Eq)]
pub struct Signer {
    /// As the certificate has it.
    pub name: String,
    /// None if the certificate holds no Italian fiscal code.
    pub fiscal_code: Option<FiscalCode>,
    /// As the signer's computer says, which nothing proves; None if it says nothing credible, and PAdES leaves it out.
    pub signed_at: Option<Timestamp>,
    /// The authority of the certificate.
    pub issuer: String,
    /// The end of the certificate's validity.
    pub valid_until: Timestamp,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("name", &"[redacted]")
            .field("fiscal_code", &self.fiscal_code)
            .field("signed_at", &self.signed_at)
            .field("issuer", &self.issuer)
            .field("valid_until", &self.valid_until)
            .finish()
    }
}

/// One certificate of a signed file.
pub(crate) struct SignerCertificate<'a> {
    pub(crate) der: CertificateDer<'a>,
    parsed: Certificate,
}

impl<'a> SignerCertificate<'a> {
    pub(crate) fn read(der: &'a [u8]) -> Option<Self> {
        let parsed = Certificate::from_der(der).ok()?;
        Some(Self { der: CertificateDer::from(der), parsed })
    }

    pub(crate) fn has_key_identifier(&self, identifier: &[u8]) -> bool {
        let own = self.parsed.tbs_certificate().get_extension::<SubjectKeyIdentifier>();
        matches!(own, Ok(Some((_, own))) if own.0.as_bytes() == identifier)
    }

    /// None if it is of no kind that can be read.
    pub(crate) fn key(&self) -> Option<PublicKey<'_>> {
        PublicKey::read(fields(&self.der)?.key)
    }

    /// Whether it is a time-stamping authority's.
    pub(crate) fn is_for_stamps(&self) -> bool {
        let purposes = self.parsed.tbs_certificate().get_extension::<ExtendedKeyUsage>();
        matches!(purposes, Ok(Some((_, purposes))) if purposes.0.contains(&TIME_STAMPING))
    }

    /// Whether the certificate commits its holder to what is signed (`nonRepudiation`, also called `contentCommitment`:
    /// certificates for authentication lack it) and comes from an authority, valid at `instant`.
    pub(crate) fn check(
        &self,
        number: usize,
        instant: Timestamp,
        others: &[CertificateDer<'_>],
        trust: &TrustAnchors,
    ) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        match self.parsed.tbs_certificate().get_extension::<KeyUsage>() {
            Ok(Some((_, usage))) if usage.non_repudiation() => {}
            Ok(_) => refusals.push(Refusal::CertificateNotForSigning(number)),
            Err(_) => refusals.push(Refusal::CertificateNotTrusted(number)),
        }
        match self.chain(instant, others, trust) {
            Ok(()) => {}
            Err(Break::OutOfTime) => {
                refusals.push(Refusal::CertificateExpired(number));
                // An expired certificate and an unknown authority need different remedies.
                let start = self.parsed.tbs_certificate().validity().not_before.to_unix_duration();
                if self.chain(timestamp(start), others, trust).is_err() {
                    refusals.push(Refusal::CertificateNotTrusted(number));
                }
            }
            Err(Break::Unsupported) => refusals.push(Refusal::CertificateUnsupported(number)),
            Err(Break::Untrusted) => refusals.push(Refusal::CertificateNotTrusted(number)),
        }
        refusals
    }

    fn chain(
        &self,
        instant: Timestamp,
        others: &[CertificateDer<'_>],
        trust: &TrustAnchors,
    ) -> Result<(), Break> {
        let seconds = Duration::from_secs(u64::try_from(instant.as_second()).unwrap_or(0));
        let found = EndEntityCert::try_from(&self.der).and_then(|own| {
            own.verify_for_usage(
                webpki::ALL_VERIFICATION_ALGS,
                &trust.0,
                others,
                UnixTime::since_unix_epoch(seconds),
                AnyPurpose,
                None,
                None,
            )
            .map(|_| ())
        });
        match found {
            Ok(()) => Ok(()),
            Err(Error::CertExpired { .. } | Error::CertNotValidYet { .. }) => Err(Break::OutOfTime),
            Err(Error::UnsupportedCriticalExtension) => self.direct_chain(instant, others, trust),
            Err(
                Error::UnsupportedSignatureAlgorithmContext(_)
                | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
                | Error::UnsupportedCertVersion,
            ) => Err(Break::Unsupported),
            Err(_) => Err(Break::Untrusted),
        }
    }

    /// The path of a certificate whose policies are critical (RFC 3739 3.2.3), at which webpki stops: only when a
    /// configured authority issued it itself. No policy is asked for, and on a path of one certificate nothing else can
    /// forbid one (RFC 5280 6.1).
    fn direct_chain(
        &self,
        instant: Timestamp,
        others: &[CertificateDer<'_>],
        trust: &TrustAnchors,
    ) -> Result<(), Break> {
        let certificate = self.parsed.tbs_certificate();
        let own = fields(&self.der).ok_or(Break::Unsupported)?;
        let anchors: Vec<_> =
            trust.0.iter().filter(|anchor| anchor.subject.as_ref() == own.issuer).collect();
        if anchors.is_empty() {
            let is_issued_here = |other: &CertificateDer<'_>| {
                fields(other).is_some_and(|other| other.subject == own.issuer)
            };
            let is_known = others.iter().any(is_issued_here);
            return Err(if is_known { Break::Unsupported } else { Break::Untrusted });
        }
        let is_judged = certificate
            .extensions()
            .into_iter()
            .flatten()
            .filter(|extension| extension.critical)
            .all(|extension| JUDGED.contains(&extension.extn_id.to_string().as_str()));
        let is_authority = !matches!(
            certificate.get_extension::<BasicConstraints>(),
            Ok(None | Some((_, BasicConstraints { ca: false, .. })))
        );
        if !is_judged || is_authority || own.algorithm.raw != own.inner_algorithm.raw {
            return Err(Break::Unsupported);
        }
        let hash = named_hash(own.algorithm).ok_or(Break::Unsupported)?;
        let is_signed =
            anchors.iter().filter(|anchor| anchor.name_constraints.is_none()).any(|anchor| {
                PublicKey::read(&anchor.subject_public_key_info).is_some_and(|key| {
                    key.verify(own.algorithm, hash, own.signed, own.signature).is_ok()
                })
            });
        let validity = certificate.validity();
        let valid = timestamp(validity.not_before.to_unix_duration())
            ..=timestamp(validity.not_after.to_unix_duration());
        match (is_signed, valid.contains(&instant)) {
            (true, true) => Ok(()),
            (true, false) => Err(Break::OutOfTime),
            (false, _) => Err(Break::Untrusted),
        }
    }

    pub(crate) fn signer(&self, signed_at: Option<Timestamp>) -> Signer {
        let certificate = self.parsed.tbs_certificate();
        let (subject, issuer) = (certificate.subject(), certificate.issuer());
        let fiscal_code = [SERIAL_NUMBER, DN_QUALIFIER]
            .into_iter()
            .flat_map(|oid| texts(subject, oid))
            .find_map(|text| fiscal_code(&text));
        Signer {
            name: texts(subject, COMMON_NAME).next().unwrap_or_default(),
            fiscal_code,
            signed_at,
            issuer: texts(issuer, ORGANIZATION)
                .chain(texts(issuer, COMMON_NAME))
                .next()
                .unwrap_or_default(),
            valid_until: timestamp(certificate.validity().not_after.to_unix_duration()),
        }
    }
}

/// Why no path leads from a certificate to an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    OutOfTime,
    /// There may be one; we cannot tell.
    Unsupported,
    Untrusted,
}

/// The fields of a certificate as they stand, for comparing and for what webpki does not read.
struct Fields<'a> {
    serial: &'a [u8],
    /// Names without tag and length.
    issuer: &'a [u8],
    subject: &'a [u8],
    /// What is inside the `SubjectPublicKeyInfo`.
    key: &'a [u8],
    inner_algorithm: Value<'a>,
    /// What the issuer signed.
    signed: &'a [u8],
    algorithm: Value<'a>,
    signature: &'a [u8],
}

fn fields(certificate: &[u8]) -> Option<Fields<'_>> {
    let whole = ber::read(certificate)?.0.tagged(ber::SEQUENCE)?.values()?;
    let [inner, algorithm, signature] = *whole.as_slice() else { return None };
    let signed = inner.tagged(ber::SEQUENCE)?.values()?;
    let signed = match signed.as_slice() {
        [version, rest @ ..] if version.tag == ber::FIELD_0 => rest,
        all => all,
    };
    let [serial, inner_algorithm, issuer, _validity, subject, key, ..] = *signed else {
        return None;
    };
    Some(Fields {
        serial: serial.tagged(ber::INTEGER)?.body,
        issuer: issuer.tagged(ber::SEQUENCE)?.body,
        subject: subject.tagged(ber::SEQUENCE)?.body,
        key: key.tagged(ber::SEQUENCE)?.body,
        inner_algorithm,
        signed: inner.raw,
        algorithm,
        signature: bits(signature)?,
    })
}

/// Whether the certificate is the one with this issuer and serial number, both without tag and length.
pub(crate) fn is(certificate: &[u8], issuer: &[u8], serial: &[u8]) -> bool {
    fields(certificate).is_some_and(|own| own.issuer == issuer && own.serial == serial)
}

/// Certificates for signing have no purpose in the sense of TLS, or one of their authority's.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}

fn fiscal_code(text: &str) -> Option<FiscalCode> {
    CODE_PREFIXES.into_iter().find_map(|prefix| {
        let (start, code) = text.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then(|| code.parse().ok())?
    })
}

fn texts(name: &Name, oid: ObjectIdentifier) -> impl Iterator<Item = String> {
    name.iter()
        .filter(move |attribute| attribute.oid == oid)
        .map(|attribute| String::from_utf8_lossy(attribute.value.value()).into_owned())
}

pub(crate) fn timestamp(since_epoch: Duration) -> Timestamp {
    i64::try_from(since_epoch.as_secs())
        .ok()
        .and_then(|second| Timestamp::from_second(second).ok())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fiscal_code_stands_behind_one_of_two_prefixes() {
        let code = |text| fiscal_code(text).map(|code| code.reveal().to_owned());
        for text in ["TINIT-RSSMRA80A01H501U", "IT:RSSMRA80A01H501U", "it:rssmra80a01h501u"] {
            assert_eq!(code(text).as_deref(), Some("RSSMRA80A01H501U"));
        }
        // Of another country, with a wrong check character, without prefix, of a company, or cut in a letter.
        for text in [
            "TINFR-RSSMRA80A01H501U",
            "IT:RSSMRA80A01H501V",
            "RSSMRA80A01H501U",
            "IT:00159560366",
            "ITàà",
            "",
        ] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    #[test]
    fn a_bundle_without_authorities_is_refused() {
        for bundle in [&b""[..], b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
        {
            assert_eq!(TrustAnchors::from_pem(bundle).unwrap_err(), TrustError);
        }
    }
}
