//! Revisions whose objects are packed, and pages that keep their annotations in an object of its own, as programs that sign
//! write both; the files come from `tests/signatures/make_packed.py`. Mario employs Fatima.

use super::*;

macro_rules! packed {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/packed/", $name))
    };
}

fn judged(sent: &[u8], bytes: &[u8]) -> Verdict {
    let trust = TrustAnchors::from_pem(packed!("anchors.pem")).unwrap();
    let sha256 = digest(&SHA256, sent).as_ref().try_into().unwrap();
    let (employer, worker) =
        ("RSSMRA80A01H501U".parse().unwrap(), "BNLFTM92E55Z330E".parse().unwrap());
    let upload = Upload { bytes, declared_type: "", limit: 1_000_000 };
    let sent = Sent { sha256, len: sent.len() };
    let case = SigningCase::BothDigital { sent, worker: Some(&worker) };
    let credible =
        "2022-06-01T10:00:00Z".parse().unwrap()..="2090-03-01T10:00:00Z".parse().unwrap();
    check(upload, case, &employer, &trust, credible)
}

const SENT: &[u8] = packed!("sent.pdf");
const LISTED: &[u8] = packed!("listed.pdf");

#[test]
fn signatures_and_their_proof_may_be_packed() {
    for (sent, bytes) in [
        (SENT, &packed!("both.pdf")[..]),
        (SENT, packed!("both-lta.pdf")),
        (LISTED, packed!("listed-both.pdf")),
    ] {
        let verdict = judged(sent, bytes);
        assert_eq!(verdict.refusals, []);
        assert_eq!(verdict.signers.len(), 2);
        assert!(!verdict.not_checked.contains(&VISIBLE_SIGNATURE));
    }
}

/// A page that is turned, a note in its list of annotations: packed, they are told like any other change.
#[test]
fn what_is_changed_in_a_packed_revision_is_refused() {
    for (sent, bytes, code) in [
        (SENT, &packed!("turned.pdf")[..], "more-than-signatures-added"),
        (SENT, packed!("turned-between.pdf"), "more-than-signatures-added"),
        (SENT, packed!("note-over.pdf"), "more-than-signatures-added"),
        (LISTED, packed!("listed-note-over.pdf"), "more-than-signatures-added"),
        (SENT, packed!("turned-after.pdf"), "changed-after-signing"),
    ] {
        let verdict = judged(sent, bytes);
        let codes: Vec<_> = verdict.refusals.iter().map(|refusal| refusal.code()).collect();
        assert!(codes.contains(&code), "{code}: {codes:?}");
        // Each signature holds: only what is between them shows it.
        assert!(!codes.contains(&"bad-signature"), "{codes:?}");
        assert_eq!(verdict.signers.len(), 2);
    }
}
