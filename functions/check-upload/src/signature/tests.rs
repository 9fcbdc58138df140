//! Contracts as employers might upload them; the samples come from `tests/signatures/make_samples.py`.

use proptest::prelude::*;

use super::*;

const LIMIT: usize = 1_000_000;

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/samples/", $name))
    };
}

fn trust() -> TrustAnchors {
    TrustAnchors::from_pem(sample!("anchors.pem")).unwrap()
}

fn mario() -> PersonCode {
    "RSSMRA80A01H501U".parse().unwrap()
}

fn fatima() -> PersonCode {
    "BNLFTM92E55Z330E".parse().unwrap()
}

/// After the samples were made, before their certificates end.
fn now() -> Timestamp {
    "2090-03-01T10:00:00Z".parse().unwrap()
}

/// When the contract was made; certificates that had expired by then signed nothing of it.
fn made() -> Timestamp {
    "2022-06-01T10:00:00Z".parse().unwrap()
}

fn sent() -> Sent {
    let pdf = sample!("sent.pdf");
    let sha256 = digest(&SHA256, pdf).as_ref().try_into().unwrap();
    Sent { sha256, len: pdf.len() }
}

/// What is found in a file of which Mario is the employer, by the anchors of its folder.
pub(super) fn judged(bytes: &[u8], case: SigningCase<'_>, anchors: &[u8]) -> Verdict {
    let upload = Upload { bytes, declared_type: "", limit: LIMIT };
    let trust = TrustAnchors::from_pem(anchors).unwrap();
    check(upload, case, &mario(), &trust, made()..=now())
}

/// The same where Mario employs Fatima, and both signed digitally what was sent.
pub(super) fn judged_of_both(bytes: &[u8], anchors: &[u8]) -> Verdict {
    let fatima = fatima();
    judged(bytes, SigningCase::BothDigital { sent: sent(), worker: Some(&fatima) }, anchors)
}

fn verdict(bytes: &[u8], case: SigningCase<'_>) -> Verdict {
    judged(bytes, case, sample!("anchors.pem"))
}

fn of_both(bytes: &[u8]) -> Verdict {
    judged_of_both(bytes, sample!("anchors.pem"))
}

fn of_scan(bytes: &[u8]) -> Verdict {
    verdict(bytes, SigningCase::AutographScan)
}

/// The codes of the refusals; nothing is accepted.
fn refused(verdict: &Verdict) -> Vec<&'static str> {
    assert!(!verdict.accepted);
    assert!(!verdict.refusals.is_empty());
    verdict.refusals.iter().map(|refusal| refusal.code()).collect()
}

fn codes(verdict: &Verdict) -> Vec<&str> {
    verdict.signers.iter().map(|signer| signer.fiscal_code.as_ref().unwrap().reveal()).collect()
}

fn accepted(verdict: &Verdict, format: FileFormat, signers: &[&str]) {
    assert_eq!(verdict.refusals, []);
    assert!(verdict.accepted);
    assert_eq!(verdict.format, Some(format));
    let mut found = codes(verdict);
    found.sort_unstable();
    assert_eq!(found, signers);
    // Accepted is not more than was checked.
    assert_eq!(verdict.not_checked[..3], ["revocation", "qualified-status", "signing-time"]);
    assert_eq!(verdict.malware, Malware::NotScanned);
}

/// What is left to an officer's eye.
fn by_eye(verdict: &Verdict) -> &[&str] {
    &verdict.not_checked[3..]
}

const FATIMA_AND_MARIO: [&str; 2] = ["BNLFTM92E55Z330E", "RSSMRA80A01H501U"];
const MARIO: [&str; 1] = ["RSSMRA80A01H501U"];

#[test]
fn worker_and_employer_in_one_envelope_are_accepted() {
    let verdict = of_both(sample!("cades-both.p7m"));
    accepted(&verdict, FileFormat::Envelope, &FATIMA_AND_MARIO);
    assert_eq!(by_eye(&verdict), [""; 0]);
    let mario = verdict.signers.iter().find(|signer| signer.name == "Mario Rossi").unwrap();
    assert!(mario.signed_at.unwrap() < now());
    assert_eq!(mario.valid_until, "2099-12-31T23:59:59Z".parse().unwrap());
    assert_eq!(mario.issuer, "Prove (authority)");
}

#[test]
fn envelopes_are_accepted_however_programs_write_them() {
    for bytes in [
        &sample!("cades-streamed.p7m")[..],
        sample!("cades-base64.p7m"),
        sample!("cades-key-identifier.p7m"),
        sample!("cades-nested.p7m"),
        sample!("cades-over-pades.p7m"),
    ] {
        accepted(&of_both(bytes), FileFormat::Envelope, &FATIMA_AND_MARIO);
    }
    let text = String::from_utf8(sample!("cades-base64.p7m").to_vec()).unwrap();
    let pem = format!("-----BEGIN PKCS7-----\r\n{text}-----END PKCS7-----\r\n");
    accepted(&of_both(pem.as_bytes()), FileFormat::Envelope, &FATIMA_AND_MARIO);
}

#[test]
fn both_signatures_one_after_the_other_in_the_pdf_are_accepted() {
    accepted(&of_both(sample!("pades-both.pdf")), FileFormat::Pdf, &FATIMA_AND_MARIO);
}

#[test]
fn a_signature_that_is_drawn_on_the_page_is_left_to_an_officers_eye() {
    let drawn = of_both(sample!("pades-visible.pdf"));
    accepted(&drawn, FileFormat::Pdf, &FATIMA_AND_MARIO);
    assert_eq!(by_eye(&drawn), ["visible-signature"]);
    assert_eq!(by_eye(&of_both(sample!("pades-both.pdf"))), [""; 0]);
}

#[test]
fn a_revision_that_changes_nothing_does_no_harm() {
    accepted(&of_both(sample!("pades-nothing-changed.pdf")), FileFormat::Pdf, &FATIMA_AND_MARIO);
}

#[test]
fn another_certificate_of_the_same_key_is_not_the_one_that_signed() {
    let verdict = of_both(sample!("cades-twin.p7m"));
    assert_eq!(refused(&verdict), ["certificate-mismatch", "worker-missing"]);
    assert_eq!(codes(&verdict), MARIO);
}

#[test]
fn a_worker_without_code_only_has_to_be_somebody_else() {
    let provisional: PersonCode = "12345678903".parse().unwrap();
    for worker in [None, Some(&provisional)] {
        let case = SigningCase::BothDigital { sent: sent(), worker };
        accepted(&verdict(sample!("pades-both.pdf"), case), FileFormat::Pdf, &FATIMA_AND_MARIO);
        for alone in [&sample!("pades.pdf")[..], sample!("cades.p7m"), sample!("cades-pss.p7m")] {
            let verdict = verdict(alone, case);
            assert_eq!(refused(&verdict), ["second-signer-missing"]);
            assert_eq!(codes(&verdict), MARIO);
        }
    }
}

#[test]
fn the_scan_of_an_autograph_needs_only_the_employer_and_an_officers_eye() {
    for (bytes, format) in [
        (&sample!("scan.p7m")[..], FileFormat::Envelope),
        (sample!("scan-pades.pdf"), FileFormat::Pdf),
    ] {
        let verdict = of_scan(bytes);
        accepted(&verdict, format, &MARIO);
        assert_eq!(by_eye(&verdict), ["content"]);
        assert!(refused(&of_both(bytes)).contains(&"not-the-sent-document"));
    }
    assert_eq!(refused(&of_scan(sample!("cades-worker.p7m"))), ["employer-missing"]);
}

/// The last signer could otherwise replace what the worker signed by hand.
#[test]
fn a_scan_counts_as_the_employer_signed_it() {
    let rewritten = sample!("scan-rewritten.pdf");
    for bytes in [&rewritten[..], sample!("scan-rewritten-other.p7m")] {
        let verdict = of_scan(bytes);
        assert_eq!(refused(&verdict), ["changed-after-signing"]);
        // Each signature holds: only the bytes behind the employer's show the change.
        assert!(codes(&verdict).contains(&"RSSMRA80A01H501U"));
    }
    // With an envelope around the whole file the employer vouches for the changed content.
    let verdict = of_scan(sample!("scan-rewritten.p7m"));
    assert_eq!(verdict.refusals, []);
    assert_eq!(refused(&of_scan(sample!("pades-another.pdf"))), ["changed-after-signing"]);
    assert!(of_scan(sample!("pades-both.pdf")).accepted, "the employer signed last");
}

#[test]
fn a_signature_of_somebody_else_is_not_the_employers() {
    let verdict = of_both(sample!("cades-other.p7m"));
    assert_eq!(refused(&verdict), ["employer-missing"]);
    assert!(!codes(&verdict).contains(&"RSSMRA80A01H501U"));
}

#[test]
fn a_worker_who_did_not_sign_is_missing() {
    assert_eq!(refused(&of_both(sample!("pades.pdf"))), ["worker-missing"]);
}

#[test]
fn certificates_that_do_not_count_are_told_apart() {
    for (bytes, code) in [
        (&sample!("cades-expired.p7m")[..], "certificate-expired"),
        (sample!("cades-stranger.p7m"), "certificate-not-trusted"),
        (sample!("cades-encipherer.p7m"), "certificate-not-for-signing"),
        (sample!("cades-authenticator.p7m"), "certificate-not-for-signing"),
        (sample!("cades-no-usage.p7m"), "certificate-not-for-signing"),
        (sample!("cades-weak.p7m"), "weak-algorithm"),
    ] {
        let verdict = of_both(bytes);
        let codes_of_refusals = refused(&verdict);
        assert!(codes_of_refusals.contains(&code), "{code}: {codes_of_refusals:?}");
        assert!(codes_of_refusals.contains(&"employer-missing"));
        // The same name and code in a certificate are not enough: the authority must be trusted.
        assert_eq!(codes(&verdict), ["BNLFTM92E55Z330E"]);
    }
    assert!(refused(&of_scan(sample!("pades-expired.pdf"))).contains(&"certificate-expired"));
}

#[test]
fn an_expired_certificate_was_good_while_it_was_valid() {
    let at = |now: &str| {
        let upload =
            Upload { bytes: sample!("pades-expired.pdf"), declared_type: "", limit: LIMIT };
        let now = now.parse().unwrap();
        check(upload, SigningCase::AutographScan, &mario(), &trust(), made()..=now)
    };
    assert!(at("2021-12-31T23:59:59Z").accepted);
    assert!(!at("2022-01-01T00:00:00Z").accepted);
    assert!(!at("2019-12-31T23:59:59Z").accepted);
}

#[test]
fn a_clock_that_was_set_back_brings_no_certificate_back_to_life() {
    let bytes = sample!("cades-back-dated.p7m");
    let scan = of_scan(bytes);
    assert_eq!(refused(&scan), ["certificate-expired", "employer-missing"]);
    assert_eq!(scan.signers, []);
    assert!(refused(&of_both(bytes)).contains(&"certificate-expired"));
    // Of a contract that was made before, the signer's clock is believed.
    let upload = Upload { bytes, declared_type: "", limit: LIMIT };
    let made_before = "2021-05-31T10:00:00Z".parse().unwrap();
    let credible = made_before..=now();
    let verdict = check(upload, SigningCase::AutographScan, &mario(), &trust(), credible);
    accepted(&verdict, FileFormat::Envelope, &MARIO);
    assert_eq!(verdict.signers[0].signed_at, "2021-06-01T10:00:00Z".parse().ok());
}

#[test]
fn a_signing_time_in_the_future_counts_as_now() {
    let upload = Upload { bytes: sample!("scan.p7m"), declared_type: "", limit: LIMIT };
    let verdict = check(
        upload,
        SigningCase::AutographScan,
        &mario(),
        &trust(),
        made()..="2024-01-01T00:00:00Z".parse().unwrap(),
    );
    accepted(&verdict, FileFormat::Envelope, &MARIO);
    assert_eq!(verdict.signers[0].signed_at, None);
}

#[test]
fn sha_1_is_refused() {
    let verdict = of_both(sample!("cades-sha1.p7m"));
    assert!(refused(&verdict).contains(&"weak-algorithm"));
    assert_eq!(verdict.signers, []);
}

#[test]
fn a_pdf_changed_after_signing_is_refused() {
    let codes = of_both(sample!("pades-changed-after.pdf"));
    assert!(refused(&codes).contains(&"changed-after-signing"));
    // Also in a way that no reader shows.
    let mut longer = sample!("pades-both.pdf").to_vec();
    longer.extend(b"% \n");
    assert!(refused(&of_both(&longer)).contains(&"changed-after-signing"));
}

#[test]
fn what_the_employer_wrote_over_before_signing_is_refused() {
    for bytes in [
        &sample!("pades-rewritten.pdf")[..],
        sample!("pades-note-over.pdf"),
        sample!("pades-page-swapped.pdf"),
    ] {
        let verdict = of_both(bytes);
        assert_eq!(refused(&verdict), ["more-than-signatures-added"]);
        // Both signatures hold: only what is between them shows it.
        assert_eq!(verdict.signers.len(), 2);
    }
}

#[test]
fn good_signatures_on_another_contract_are_refused() {
    for bytes in [&sample!("cades-another.p7m")[..], sample!("pades-another.pdf")] {
        let verdict = of_both(bytes);
        assert_eq!(refused(&verdict), ["not-the-sent-document"]);
        assert_eq!(verdict.signers.len(), 2);
    }
}

#[test]
fn one_changed_byte_in_the_signed_content_breaks_each_signature() {
    for bytes in [&sample!("cades-both.p7m")[..], sample!("pades-both.pdf")] {
        let at = bytes.windows(4).position(|window| window == b"1500").unwrap();
        let mut changed = bytes.to_vec();
        changed[at] = b'9';
        let verdict = of_both(&changed);
        let codes = refused(&verdict);
        for code in ["bad-signature", "not-the-sent-document", "employer-missing", "worker-missing"]
        {
            assert!(codes.contains(&code), "{codes:?}");
        }
        assert_eq!(verdict.signers, []);
    }
}

#[test]
fn a_forged_signature_is_nobodys() {
    let good = sample!("cades.p7m");
    let type_of_content = [0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
    let content = good.windows(11).position(|window| window == type_of_content).unwrap();
    let signed_at = good.windows(2).rposition(|window| window == [0x17, 13]).unwrap();
    // The signature itself, the instant that it claims, the kind of the content.
    for at in [good.len() - 1, signed_at + 3, content + 10] {
        let mut changed = good.to_vec();
        changed[at] ^= 2;
        let verdict = of_scan(&changed);
        assert_eq!(refused(&verdict), ["bad-signature", "employer-missing"], "{at}");
        assert_eq!(verdict.signers, []);
    }
}

#[test]
fn a_signature_in_a_pdf_covers_all_but_itself() {
    let good = String::from_utf8_lossy(sample!("scan-pades.pdf")).replace('\u{FFFD}', "?");
    let good = good.as_bytes();
    let text = str::from_utf8(good).unwrap();
    let range = text.split_once("/ByteRange [").unwrap().1.split_once(']').unwrap().0;
    let numbers: Vec<usize> = range.split(' ').map(|number| number.parse().unwrap()).collect();
    let [_, first, second, length] = numbers[..] else { panic!("{range}") };
    for changed in [
        [1, first, second, length],
        [0, first - 1, second, length],
        [0, first, second + 1, length - 1],
    ] {
        let changed = changed.map(|number| number.to_string()).join(" ");
        let verdict = of_scan(text.replace(range, &changed).as_bytes());
        assert_eq!(
            refused(&verdict),
            ["partly-signed", "changed-after-signing", "employer-missing"]
        );
        assert_eq!(verdict.signers, []);
    }
    // The place that is not covered holds nothing but the envelope.
    let mut filled = sample!("scan-pades.pdf").to_vec();
    filled[second - 2] = b'1';
    assert_eq!(refused(&of_scan(&filled)), ["bad-signature", "employer-missing"]);
}

#[test]
fn out_of_its_time_and_of_an_unknown_authority_are_told_together() {
    let upload = Upload { bytes: sample!("cades-stranger.p7m"), declared_type: "", limit: LIMIT };
    let long_ago = "2010-01-01T00:00:00Z".parse().unwrap();
    let verdict = check(upload, SigningCase::AutographScan, &mario(), &trust(), made()..=long_ago);
    let (early, unknown): (Vec<_>, Vec<_>) = verdict
        .refusals
        .iter()
        .filter(|refusal| **refusal != Refusal::EmployerMissing)
        .partition(|refusal| matches!(refusal, Refusal::CertificateExpired(_)));
    assert_eq!((early.len(), unknown.len()), (2, 1));
    assert!(matches!(unknown[0], Refusal::CertificateNotTrusted(_)));
}

#[test]
fn a_file_that_is_neither_kind_is_refused_whatever_it_says() {
    for bytes in [&b"MZ\x90\0"[..], b"0", b"\0", b"MIIB", b"TVqQAAMAAAAEAAAA"] {
        let upload = Upload { bytes, declared_type: "application/pdf", limit: LIMIT };
        let verdict = check(upload, SigningCase::AutographScan, &mario(), &trust(), made()..=now());
        assert_eq!(refused(&verdict), ["unknown-kind"]);
        assert_eq!(verdict.format, None);
    }
}

#[test]
fn a_file_that_lies_about_its_kind_is_refused() {
    let with_type = |bytes, declared_type| {
        let upload = Upload { bytes, declared_type, limit: LIMIT };
        check(upload, SigningCase::AutographScan, &mario(), &trust(), made()..=now())
    };
    let (envelope, pdf) = (&sample!("scan.p7m")[..], &sample!("scan-pades.pdf")[..]);
    for (bytes, declared) in
        [(envelope, "application/pdf"), (pdf, "application/pkcs7-mime"), (pdf, "text/html")]
    {
        assert_eq!(refused(&with_type(bytes, declared)), ["declared-kind-differs"]);
    }
    for (bytes, declared) in [
        (envelope, "application/octet-stream"),
        (envelope, "application/x-pkcs7-mime; smime-type=signed-data"),
        (pdf, "Application/PDF"),
    ] {
        assert!(with_type(bytes, declared).accepted);
    }
}

#[test]
fn a_file_that_is_something_we_know_is_told_what_it_is() {
    let of = |bytes: &[u8]| refused(&of_scan(bytes));
    assert_eq!(of(b"PK\x03\x04 contratto.pdf"), ["archive"]);
    assert_eq!(of(b"<html><body>%PDF-1.7</body></html>"), ["bytes-before-pdf"]);
    // A time stamp around a signed file, as `.tsd` (RFC 5544): the type is all that is read.
    let mut stamped = vec![0x30, 0x82, 0x10, 0];
    stamped.extend(STAMPED_MARK);
    stamped.extend([0xA0, 0x82, 0x0F, 0xF0, 0x30]);
    assert_eq!(of(&stamped), ["time-stamped-envelope"]);
    let text = data_encoding::BASE64.encode(&stamped);
    assert_eq!(of(text.as_bytes()), ["time-stamped-envelope"]);
}

#[test]
fn an_empty_or_too_long_file_is_not_looked_at() {
    assert_eq!(refused(&of_both(b"")), ["empty"]);
    let bytes = sample!("pades-both.pdf");
    let upload = Upload { bytes, declared_type: "", limit: bytes.len() - 1 };
    let verdict = check(upload, SigningCase::AutographScan, &mario(), &trust(), made()..=now());
    assert_eq!(refused(&verdict), ["too-large"]);
    assert_eq!(verdict.signers, []);
}

#[test]
fn what_is_signed_must_be_a_pdf_and_not_too_deep_inside() {
    assert!(refused(&of_scan(sample!("cades-html.p7m"))).contains(&"content-is-no-pdf"));
    assert_eq!(refused(&of_scan(sample!("cades-deep.p7m"))), ["nested-too-deep"]);
    assert!(refused(&of_both(sample!("sent.pdf"))).contains(&"not-signed"));
}

#[test]
fn what_acts_or_hides_in_a_pdf_is_refused() {
    for bytes in [
        &sample!("script.pdf")[..],
        sample!("script-escaped.pdf"),
        sample!("script-packed.pdf"),
        sample!("launch.pdf"),
        sample!("embedded.pdf"),
        sample!("cades-script.p7m"),
    ] {
        assert!(refused(&of_scan(bytes)).contains(&"active-content"));
    }
    assert!(refused(&of_scan(sample!("encrypted.pdf"))).contains(&"encrypted"));
}

#[test]
fn a_packed_script_cannot_be_hidden_by_an_odd_dictionary() {
    let packed = sample!("script-packed.pdf");
    for (usual, odd) in [
        ("/First 4", "/First 4 /First 4"),
        ("/First 4", "/F#69rst 4"),
        ("/Filter /FlateDecode", "/Filter 5 0 R"),
        ("/Filter /FlateDecode", "/Filter /FlateDecode /Filter /FlateDecode"),
        ("/Filter /FlateDecode", "/Filter [/FlateDecode /FlateDecode]"),
        ("/Filter /FlateDecode", "/Filter /FlateDecode /DecodeParms << /Predictor 12 >>"),
        ("/Filter /FlateDecode", "/Filter [ /Fl ]"),
    ] {
        let at = packed.windows(usual.len()).position(|window| window == usual.as_bytes()).unwrap();
        let changed = [&packed[..at], odd.as_bytes(), &packed[at + usual.len()..]].concat();
        let codes = of_scan(&changed);
        let codes = refused(&codes);
        assert!(
            codes.contains(&"active-content") || codes.contains(&"pdf-unreadable"),
            "{odd}: {codes:?}"
        );
    }
}

#[test]
fn a_long_hostile_file_is_answered_soon() {
    let start = std::time::Instant::now();
    let length = 2_000_000;
    for (head, piece) in [
        ("%PDF-1.7\n", "1 0 obj<</Length 9000000>>stream\nendstream endobj\n"),
        ("%PDF-1.7\n", "[<</A "),
        ("%PDF-1.7\n", "1 0 obj<</ByteRange[0 1 2 3]/Contents<00>>>endobj\n"),
        ("%PDF-1.7\n1 0 obj<<", "/A 1 "),
        ("%PDF-1.7\n", "("),
        ("%PDF-1.7\n", "/"),
        ("MII", "A"),
        ("\x30\u{0}\x06\x09", "\x30\u{0}"),
    ] {
        let bytes = [head, &piece.repeat(length / piece.len()), "\n%%EOF"].concat();
        let upload = Upload { bytes: bytes.as_bytes(), declared_type: "", limit: usize::MAX };
        let case = SigningCase::BothDigital { sent: sent(), worker: None };
        assert!(!check(upload, case, &mario(), &trust(), made()..=now()).accepted);
    }
    let mut nested = sample!("cades-both.p7m")[..19].to_vec();
    nested.extend([0x30, 0x80].repeat(length / 2));
    let _ = refused(&of_scan(&nested));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_bomb_is_not_unpacked() {
    // A hundred million bytes in a hundred thousand.
    let start = std::time::Instant::now();
    assert!(refused(&of_scan(sample!("bomb.pdf"))).contains(&"pdf-unreadable"));
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn nothing_cut_short_is_accepted() {
    for bytes in [&sample!("cades-both.p7m")[..], sample!("pades-both.pdf")] {
        for end in (0..bytes.len()).step_by(97) {
            let _ = refused(&of_both(&bytes[..end]));
        }
    }
}

#[test]
fn the_scanners_word_counts() {
    let good = || of_both(sample!("pades-both.pdf"));
    let clean = good().scanned(clamd::ScanResult::Clean);
    assert!(clean.accepted);
    assert_eq!(clean.malware, Malware::Clean);
    let infected = good().scanned(clamd::ScanResult::Infected);
    assert_eq!(refused(&infected), ["malware"]);
    assert_eq!(infected.malware, Malware::NotScanned);
}

#[test]
fn debug_shows_nobody() {
    let shown = format!("{:?}", of_both(sample!("pades-both.pdf")));
    for personal in ["Rossi", "Fatima", "RSSMRA", "BNLFTM"] {
        assert!(!shown.contains(personal), "{shown}");
    }
}

#[test]
fn each_refusal_has_its_code_and_says_what_to_do() {
    let all = [
        Refusal::Empty,
        Refusal::TooLarge(10_000_000),
        Refusal::UnknownKind,
        Refusal::OtherKindAsked,
        Refusal::PictureUnreadable,
        Refusal::DeclaredKindDiffers,
        Refusal::Damaged,
        Refusal::NestedTooDeep,
        Refusal::ContentMissing,
        Refusal::ContentIsNoPdf,
        Refusal::PdfUnreadable,
        Refusal::Encrypted,
        Refusal::ActiveContent,
        Refusal::NotSigned,
        Refusal::TooManySignatures,
        Refusal::TimeStampedEnvelope,
        Refusal::Archive,
        Refusal::BytesBeforePdf,
        Refusal::UnsupportedSignature(1),
        Refusal::UnsupportedAlgorithm(1),
        Refusal::BadSignature(1),
        Refusal::AttributesNotDer(1),
        Refusal::WeakAlgorithm(1),
        Refusal::CertificateMissing(1),
        Refusal::CertificateMismatch(1),
        Refusal::CertificateNotNamed(1),
        Refusal::CertificateUnsupported(1),
        Refusal::CertificateNotForSigning(1),
        Refusal::CertificateExpired(1),
        Refusal::CertificateNotTrusted(1),
        Refusal::PartlySigned(1),
        Refusal::BadTimeStamp(1),
        Refusal::ChangedAfterSigning,
        Refusal::MoreThanSignaturesAdded,
        Refusal::NotTheSentDocument,
        Refusal::EmployerMissing,
        Refusal::WorkerMissing,
        Refusal::SecondSignerMissing,
        Refusal::Malware,
    ];
    let codes: BTreeSet<_> = all.iter().map(|refusal| refusal.code()).collect();
    assert_eq!(codes.len(), all.len());
    for refusal in all {
        assert!(refusal.code().chars().all(|letter| letter == '-' || letter.is_ascii_lowercase()));
        let text = refusal.text();
        assert!(text.ends_with('.') && text.matches(['.', ':', ';']).count() >= 2, "{text}");
    }
    assert!(Refusal::TooLarge(10_000_000).text().contains("10 MB"));
    // Whoever sends a passport has no contract to go back to.
    for refusal in all.into_iter().filter(|refusal| refusal.is_of_any_file()) {
        let text = refusal.text_about_document();
        assert!(!text.contains("contratto"), "{text}");
        assert!(text.ends_with('.') && text.matches(['.', ':', ';']).count() >= 2, "{text}");
    }
}

fn good() -> impl Strategy<Value = &'static [u8]> {
    prop::sample::select(vec![
        &sample!("cades-both.p7m")[..],
        sample!("cades-streamed.p7m"),
        sample!("cades-base64.p7m"),
        sample!("cades-nested.p7m"),
        sample!("cades-over-pades.p7m"),
        sample!("pades-both.pdf"),
        sample!("script-packed.pdf"),
    ])
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!of_both(&bytes).accepted);
    }

    #[test]
    fn any_change_of_a_good_file_is_answered_and_never_brings_in_another_signer(
        bytes in good(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..8),
    ) {
        let mut bytes = bytes.to_vec();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        for verdict in [of_both(&bytes), of_scan(&bytes)] {
            prop_assert_eq!(verdict.accepted, verdict.refusals.is_empty());
            for code in codes(&verdict) {
                prop_assert!(FATIMA_AND_MARIO.contains(&code));
            }
        }
    }

    #[test]
    fn two_files_cut_together_are_answered(
        first in good(), second in good(), cut: prop::sample::Index, on: prop::sample::Index,
    ) {
        let bytes = [&first[..cut.index(first.len())], &second[on.index(second.len())..]].concat();
        let _ = (of_both(&bytes), of_scan(&bytes));
    }
}
