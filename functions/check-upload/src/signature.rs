//! Checks what an employer uploads as the signed *contratto di soggiorno* (CTR-1, CTR-2; art. 22 c. 6 D.Lgs. 286/1998).
//!
//! Bytes in, verdict out: no clock, no network. Every byte is hostile until a signature says otherwise.

mod ber;
mod certificate;
pub mod clamd;
mod cms;
mod crossref;
mod dangers;
mod key;
mod object;
mod pdf;
mod picture;
mod refusal;
mod stamp;
mod update;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64_NOPAD;
use domain::document::{DeclaredFormat, FileFormat};
use domain::fiscal_code::PersonCode;
use jiff::Timestamp;

pub use certificate::{Signer, TrustAnchors, TrustError};
pub use refusal::Refusal;

use cms::SignedData;
use object::Objects;
use pdf::Pdf;
use stamp::Stamp;
use update::Appearance;

/// Envelopes inside each other.
const DEEPEST: u8 = 3;
/// Signatures in one file; a contract needs two.
const MOST_SIGNATURES: usize = 16;

/// How often an envelope may have been written as text (base64): programs of mail and of archives do it over each other.
const MOST_TEXTS: usize = 3;
/// What editors put before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The type of signed data, as they stand near the beginning of an envelope.
const ENVELOPE_MARK: [u8; 11] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];

/// The type of data with a time stamp around (RFC 5544), as Italian programs write `.tsd`.
const STAMPED_MARK: [u8; 13] =
    [0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x1F];

/// What these checks do not find out: whether certificates were revoked, whether they are qualified (eIDAS), and
/// whether the signer's clock was right.
pub const NOT_CHECKED: [&str; 3] = ["revocation", "qualified-status", "signing-time"];

/// The same where no signature is asked for, and nothing can be compared.
const NOT_CHECKED_UNSIGNED: [&str; 2] = ["signature", CONTENT];

/// Only an officer can see that the content is what it should be.
const CONTENT: &str = "content";
/// A signature is drawn on the page: only an officer can see that it hides nothing of the contract.
const VISIBLE_SIGNATURE: &str = "visible-signature";

/// A file as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    pub bytes: &'a [u8],
    /// The media type that the browser sent; empty or `application/octet-stream` claim nothing.
    pub declared_type: &'a str,
    /// Bytes that are allowed at most.
    pub limit: usize,
}

/// How the contract was signed, as the employer says.
#[derive(Clone, Copy, Debug)]
pub enum SigningCase<'a> {
    /// Employer and worker signed the PDF of the portal digitally.
    BothDigital {
        sent: Sent,
        /// None, or provisional, if certificates cannot hold the worker's code yet: then two different signers are asked for.
        worker: Option<&'a PersonCode>,
    },
    /// The worker signed on paper; the employer signed the scan digitally.
    AutographScan,
}

/// The PDF that the portal made and sent. It must have a plain cross-reference table, so that updates have one, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub sha256: [u8; 32],
    /// In bytes.
    pub len: usize,
}

/// What is known about viruses. The pure check never knows; see [`Verdict::scanned`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malware {
    NotScanned,
    Clean,
}

/// The answer about one upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub accepted: bool,
    /// What the file is by its content, an envelope also if the PDF inside is signed, too; None if it is neither.
    pub format: Option<FileFormat>,
    /// Whose signatures hold, in the order of the file.
    pub signers: Vec<Signer>,
    /// All that was found, each once, in the order of [`Refusal`]; empty exactly if accepted.
    pub refusals: Vec<Refusal>,
    /// What the officer must not take for granted, by code: [`NOT_CHECKED`], and `content` or `visible-signature` where
    /// only an eye can tell.
    pub not_checked: Vec<&'static str>,
    pub malware: Malware,
}

impl Verdict {
    /// Enters what a scanner said.
    #[must_use]
    pub fn scanned(mut self, answer: clamd::ScanResult) -> Self {
        match answer {
            clamd::ScanResult::Clean => self.malware = Malware::Clean,
            clamd::ScanResult::Infected => {
                self.accepted = false;
                self.refusals.push(Refusal::Malware);
            }
        }
        self
    }
}

pub(crate) struct Context<'a> {
    trust: &'a TrustAnchors,
    credible: RangeInclusive<Timestamp>,
}

/// Checks an upload. A certificate must have been good when the signer's clock says, if that is `credible`: from the
/// instant at which the contract was made until now. Otherwise it must be good now, the end of the range.
pub fn check(
    upload: Upload<'_>,
    case: SigningCase<'_>,
    employer: &PersonCode,
    trust: &TrustAnchors,
    credible: RangeInclusive<Timestamp>,
) -> Verdict {
    let mut check = Check::new(Context { trust, credible }, case);
    if matches!(case, SigningCase::AutographScan) {
        check.by_eye.insert(CONTENT);
    }
    let format = check.upload(upload, employer);
    check.verdict(format, &NOT_CHECKED)
}

/// Looks into a file that needs no signature of the employer's: whether it is of one of these formats, and safe to open
/// (AGR-1, DEC-1, FRM-6).
pub fn look(upload: Upload<'_>, formats: &[FileFormat]) -> Verdict {
    let nobody = TrustAnchors::none();
    let context =
        Context { trust: &nobody, credible: Timestamp::UNIX_EPOCH..=Timestamp::UNIX_EPOCH };
    let mut check = Check::new(context, SigningCase::AutographScan);
    let format = check.unsigned(upload, formats);
    check.verdict(format, &NOT_CHECKED_UNSIGNED)
}

enum Content<'a> {
    Pdf,
    Envelope(Cow<'a, [u8]>),
    Picture(FileFormat),
    /// Something else, and what is told about it.
    Other(Refusal),
}

/// A signer whose signature holds, and how much it covers.
struct Signed {
    by: Signer,
    /// Whether it covers the PDF to its end, or what follows only proves it for longer: nothing was changed since.
    reaches_end: bool,
}

struct Check<'a> {
    context: Context<'a>,
    case: SigningCase<'a>,
    signatures: usize,
    /// Time stamps over a whole PDF.
    stamps: usize,
    signed: Vec<Signed>,
    refusals: BTreeSet<Refusal>,
    /// What only an eye can tell, by code.
    by_eye: BTreeSet<&'static str>,
}

impl<'a> Check<'a> {
    fn new(context: Context<'a>, case: SigningCase<'a>) -> Self {
        Self {
            context,
            case,
            signatures: 0,
            stamps: 0,
            signed: Vec::new(),
            refusals: BTreeSet::new(),
            by_eye: BTreeSet::new(),
        }
    }

    fn verdict(self, format: Option<FileFormat>, not_checked: &[&'static str]) -> Verdict {
        Verdict {
            accepted: self.refusals.is_empty(),
            format,
            signers: self.signed.into_iter().map(|signed| signed.by).collect(),
            refusals: self.refusals.into_iter().collect(),
            not_checked: not_checked.iter().copied().chain(self.by_eye).collect(),
            malware: Malware::NotScanned,
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refusals.insert(refusal);
    }

    fn upload(&mut self, upload: Upload<'_>, employer: &PersonCode) -> Option<FileFormat> {
        let (format, content) = self.format(upload, &FileFormat::DOCUMENTS)?;
        match content {
            Content::Envelope(envelope) => self.envelope(&envelope, 1),
            Content::Pdf | Content::Picture(_) | Content::Other(_) => self.pdf(upload.bytes),
        }
        if self.signatures == 0 && !self.refusals.contains(&Refusal::Damaged) {
            self.refuse(Refusal::NotSigned);
        }
        self.required_signers(employer);
        Some(format)
    }

    /// The same where no signature is asked for: the office judges those that there are.
    fn unsigned(&mut self, upload: Upload<'_>, formats: &[FileFormat]) -> Option<FileFormat> {
        let (format, content) = self.format(upload, formats)?;
        match content {
            Content::Envelope(envelope) => self.opened(&envelope, 1),
            Content::Picture(format) => {
                if !picture::is_whole(format, upload.bytes) {
                    self.refuse(Refusal::PictureUnreadable);
                }
            }
            Content::Pdf | Content::Other(_) => self.readable(upload.bytes),
        }
        Some(format)
    }

    fn opened(&mut self, bytes: &[u8], depth: u8) {
        let Some((data, _)) = SignedData::read(bytes) else { return self.refuse(Refusal::Damaged) };
        let Some(content) = &data.content else { return self.refuse(Refusal::ContentMissing) };
        match content_of(content) {
            Content::Pdf => self.readable(content),
            Content::Envelope(_) if depth == DEEPEST => self.refuse(Refusal::NestedTooDeep),
            Content::Envelope(inner) => self.opened(&inner, depth + 1),
            Content::Picture(_) | Content::Other(_) => self.refuse(Refusal::ContentIsNoPdf),
        }
    }

    fn readable(&mut self, bytes: &[u8]) {
        let Some(pdf) = Pdf::read(bytes) else { return self.refuse(Refusal::PdfUnreadable) };
        self.objects(&pdf);
    }

    /// The objects of a PDF; looks for what must not be in it.
    fn objects(&mut self, pdf: &Pdf<'_>) -> Option<Objects> {
        match Objects::read(pdf) {
            Ok(objects) => {
                self.refusals.extend(dangers::found(pdf, &objects));
                Some(objects)
            }
            Err(refusal) => {
                self.refuse(refusal);
                None
            }
        }
    }

    /// What the file is by its content, which must be what was declared.
    fn format<'f>(
        &mut self,
        upload: Upload<'f>,
        formats: &[FileFormat],
    ) -> Option<(FileFormat, Content<'f>)> {
        if upload.bytes.is_empty() {
            self.refuse(Refusal::Empty);
            return None;
        }
        if upload.bytes.len() > upload.limit {
            // Not looked at any further: the limit is there to save the work.
            self.refuse(Refusal::TooLarge(upload.limit));
            return None;
        }
        let content = content_of(upload.bytes);
        let format = match content {
            Content::Pdf => FileFormat::Pdf,
            Content::Envelope(_) => FileFormat::Envelope,
            Content::Picture(format) => format,
            Content::Other(why) => {
                self.refuse(other_kind(why, formats));
                return None;
            }
        };
        if !formats.contains(&format) {
            self.refuse(other_kind(Refusal::UnknownKind, formats));
            return None;
        }
        let declared = DeclaredFormat::of(upload.declared_type);
        if !declared.is_some_and(|declared| declared.allows(format)) {
            self.refuse(Refusal::DeclaredKindDiffers);
        }
        Some((format, content))
    }

    fn envelope(&mut self, bytes: &[u8], depth: u8) {
        let data = match SignedData::read(bytes) {
            Some((data, rest)) if rest.trim_ascii().is_empty() => data,
            _ => return self.refuse(Refusal::Damaged),
        };
        let Some(content) = &data.content else { return self.refuse(Refusal::ContentMissing) };
        // An envelope is around the whole of its content.
        self.verify(&data, content, None, true);
        match content_of(content) {
            Content::Pdf => self.pdf(content),
            Content::Envelope(_) if depth == DEEPEST => self.refuse(Refusal::NestedTooDeep),
            Content::Envelope(inner) => self.envelope(&inner, depth + 1),
            Content::Picture(_) | Content::Other(_) => self.refuse(Refusal::ContentIsNoPdf),
        }
    }

    fn verify(
        &mut self,
        data: &SignedData<'_>,
        content: &[u8],
        claimed: Option<Timestamp>,
        reaches_end: bool,
    ) {
        for signature in &data.signatures {
            self.signatures += 1;
            if self.signatures > MOST_SIGNATURES {
                return self.refuse(Refusal::TooManySignatures);
            }
            match data.verify(*signature, content, self.signatures, claimed, &self.context) {
                Ok(by) => self.signed.push(Signed { by, reaches_end }),
                Err(refusals) => self.refusals.extend(refusals),
            }
        }
    }

    fn pdf(&mut self, bytes: &[u8]) {
        let pdf = Pdf::read(bytes);
        let mut added = None;
        match &pdf {
            Some(pdf) => {
                let objects = self.objects(pdf);
                self.pdf_signatures(pdf, objects.as_ref());
                if let (SigningCase::BothDigital { sent, .. }, Some(objects)) =
                    (self.case, &objects)
                {
                    added = update::only_adds_signatures(pdf, objects, sent.len);
                }
            }
            None => self.refuse(Refusal::PdfUnreadable),
        }
        let SigningCase::BothDigital { sent, .. } = self.case else { return };
        let is_sent = bytes
            .get(..sent.len)
            .is_some_and(|first| digest(&SHA256, first).as_ref() == sent.sha256);
        if !is_sent {
            return self.refuse(Refusal::NotTheSentDocument);
        }
        if bytes.len() == sent.len {
            return;
        }
        match added {
            None => self.refuse(Refusal::MoreThanSignaturesAdded),
            Some(Appearance::Drawn) => {
                self.by_eye.insert(VISIBLE_SIGNATURE);
            }
            Some(Appearance::Invisible) => {}
        }
    }

    /// Verifies the signatures in a PDF and its time stamps, and whether it was changed since.
    fn pdf_signatures(&mut self, pdf: &Pdf<'_>, objects: Option<&Objects>) {
        // What follows a signature may only prove it for longer (levels T and LT).
        let ends_the_file = |end: usize| {
            end == pdf.bytes.len()
                || objects.is_some_and(|objects| update::only_adds_proof(pdf, objects, end))
        };
        let mut signed_up_to = None;
        for field in pdf.signatures() {
            if self.signatures + self.stamps >= MOST_SIGNATURES {
                self.refuse(Refusal::TooManySignatures);
                break;
            }
            let end = field.covered.as_ref().map_or(0, |[_, second]| second.end);
            let piece = |range: &Range<usize>| pdf.bytes.get(range.clone()).unwrap_or_default();
            let content = field
                .covered
                .as_ref()
                .map(|[first, second]| [piece(first), piece(second)].concat());
            if field.is_stamp() {
                self.stamp(&field.contents, content.as_deref());
                continue;
            }
            signed_up_to = signed_up_to.max(Some(end));
            let number = self.signatures + 1;
            let Some(content) = content else {
                self.signatures = number;
                self.refuse(Refusal::PartlySigned(number));
                continue;
            };
            let data = SignedData::read(&field.contents);
            match (field.sub_filter.as_slice(), data) {
                (b"ETSI.CAdES.detached" | b"adbe.pkcs7.detached", Some((data, rest)))
                    if data.content.is_none()
                        && data.signatures.len() == 1
                        && rest.iter().all(|byte| *byte == 0) =>
                {
                    self.verify(&data, &content, field.claimed, ends_the_file(end));
                }
                // A PDF takes the signature of one person, without a content of its own: another may hold all the same.
                (b"ETSI.CAdES.detached" | b"adbe.pkcs7.detached", Some((data, _)))
                    if data.content.is_some() || data.signatures.len() > 1 =>
                {
                    self.signatures = number;
                    self.refuse(Refusal::UnsupportedSignature(number));
                }
                (b"ETSI.CAdES.detached" | b"adbe.pkcs7.detached", _) => {
                    self.signatures = number;
                    self.refuse(Refusal::BadSignature(number));
                }
                _ => {
                    self.signatures = number;
                    self.refuse(Refusal::UnsupportedSignature(number));
                }
            }
        }
        if signed_up_to.is_some_and(|end| !ends_the_file(end)) {
            self.refuse(Refusal::ChangedAfterSigning);
        }
    }

    /// A time stamp over the PDF, which must be of these bytes; of an authority that cannot be verified it proves nothing
    /// and does no harm.
    fn stamp(&mut self, token: &[u8], content: Option<&[u8]>) {
        self.stamps += 1;
        let is_good = content.is_some_and(|content| match cms::read_stamp(token, content) {
            Stamp::At(_) | Stamp::Unknown => true,
            Stamp::OfOthers => false,
        });
        if !is_good {
            self.refuse(Refusal::BadTimeStamp(self.stamps));
        }
    }

    fn required_signers(&mut self, employer: &PersonCode) {
        // Codes that differ only by omocodia are of two persons, so they are compared as they are.
        let signed_by = |code: &PersonCode| -> Vec<&Signed> {
            let is_own = |signed: &&Signed| {
                signed.by.fiscal_code.as_ref().is_some_and(|own| own.reveal() == code.reveal())
            };
            self.signed.iter().filter(is_own).collect()
        };
        let employers = signed_by(employer);
        let mut missing = Vec::new();
        if employers.is_empty() {
            missing.push(Refusal::EmployerMissing);
        }
        match self.case {
            SigningCase::BothDigital { worker: Some(worker @ PersonCode::Final(_)), .. } => {
                if signed_by(worker).is_empty() {
                    missing.push(Refusal::WorkerMissing);
                }
            }
            SigningCase::BothDigital { .. } => {
                let people: BTreeSet<&str> = self
                    .signed
                    .iter()
                    .map(|signed| match &signed.by.fiscal_code {
                        Some(code) => code.reveal(),
                        None => &signed.by.name,
                    })
                    .collect();
                if people.len() < 2 {
                    missing.push(Refusal::SecondSignerMissing);
                }
            }
            // Nothing else tells what the scan was when the employer signed it.
            SigningCase::AutographScan => {
                if !employers.is_empty() && !employers.iter().any(|signed| signed.reaches_end) {
                    missing.push(Refusal::ChangedAfterSigning);
                }
            }
        }
        self.refusals.extend(missing);
    }
}

/// The same refusal in words that fit what is asked for: a form that takes pictures, or no signed files, says so.
fn other_kind(why: Refusal, formats: &[FileFormat]) -> Refusal {
    let is_usual = formats == FileFormat::DOCUMENTS;
    if why == Refusal::UnknownKind && !is_usual { Refusal::OtherKindAsked } else { why }
}

/// What the bytes are, whatever they are called.
fn content_of(bytes: &[u8]) -> Content<'_> {
    if pdf::looks_like_pdf(bytes) {
        return Content::Pdf;
    }
    if let Some(format) = picture::looks_like(bytes) {
        return Content::Picture(format);
    }
    let mut plain = Cow::Borrowed(bytes);
    for _ in 0..=MOST_TEXTS {
        if begins_with_type(&plain, &ENVELOPE_MARK) {
            return Content::Envelope(plain);
        }
        if begins_with_type(&plain, &STAMPED_MARK) {
            return Content::Other(Refusal::TimeStampedEnvelope);
        }
        let Some(inner) = from_base64(&plain) else { break };
        plain = Cow::Owned(inner);
    }
    Content::Other(if bytes.starts_with(b"PK\x03\x04") {
        Refusal::Archive
    } else if pdf::begins_later(bytes) {
        Refusal::BytesBeforePdf
    } else {
        Refusal::UnknownKind
    })
}

/// Whether the bytes are a sequence that begins with its type.
fn begins_with_type(bytes: &[u8], mark: &[u8]) -> bool {
    let start = bytes.get(..20).unwrap_or(bytes);
    start.first() == Some(&ber::SEQUENCE) && start.windows(mark.len()).any(|window| window == mark)
}

/// The bytes that some programs write as text, with or without the lines of PEM and a byte-order mark around, and with or
/// without the filling at the end.
fn from_base64(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut text = bytes
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(bytes)
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.starts_with(b"-----"))
        .flatten()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect::<Vec<u8>>();
    text.truncate(text.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1));
    // Of a text that was cut within a group of four, the whole groups: what is inside is told to be damaged, not unknown.
    BASE64_NOPAD
        .decode(&text)
        .or_else(|_| BASE64_NOPAD.decode(text.get(..text.len() / 4 * 4).unwrap_or_default()))
        .ok()
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod envelopes;
#[cfg(test)]
mod levels;
#[cfg(test)]
mod packed;
#[cfg(test)]
mod tests;
