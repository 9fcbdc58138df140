//! Signatures of each level as programs write them, and what an attacker makes of one; the files come from
//! `tests/signatures/make_levels.py`. Mario employs Fatima.

use super::{
    tests::{judged, judged_of_both},
    *,
};

macro_rules! level {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/levels/", $name))
    };
}

fn of_both(bytes: &[u8]) -> Verdict {
    judged_of_both(bytes, level!("anchors.pem"))
}

fn of_scan(bytes: &[u8]) -> Verdict {
    judged(bytes, SigningCase::AutographScan, level!("anchors.pem"))
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.refusals.iter().map(|refusal| refusal.code()).collect()
}

/// Decision (EU) 2015/1506.
#[test]
fn a_contract_of_each_level_is_accepted() {
    for bytes in [&level!("pades-t.pdf")[..], level!("pades-lt.pdf"), level!("pades-lta.pdf")] {
        let verdict = of_both(bytes);
        assert_eq!(verdict.refusals, []);
        assert_eq!(verdict.signers.len(), 2);
        // The stamp, and not a clock, said when.
        assert!(verdict.signers.iter().all(|signer| signer.signed_at.is_some()));
        assert!(verdict.not_checked.contains(&"signing-time"));
    }
}

#[test]
fn a_scan_of_each_level_is_accepted_also_where_its_objects_are_packed() {
    for bytes in
        [&level!("scan-packed-t.pdf")[..], level!("scan-packed-lta.pdf"), level!("cades-t.p7m")]
    {
        let verdict = of_scan(bytes);
        assert_eq!(verdict.refusals, []);
        assert_eq!(verdict.signers.len(), 1);
        assert!(verdict.signers[0].signed_at.is_some());
    }
}

#[test]
fn nothing_but_proof_follows_the_employers_signature() {
    for bytes in [&level!("scan-packed-signed-again.pdf")[..], level!("scan-packed-rewritten.pdf")]
    {
        let verdict = of_scan(bytes);
        assert_eq!(codes(&verdict), ["changed-after-signing"]);
        // Each signature holds: only what follows shows it.
        assert!(verdict.signers.iter().any(|signer| signer.name == "Mario Rossi"));
    }
}

#[test]
fn a_stamp_is_of_these_bytes() {
    let verdict = of_both(level!("pades-stamp-of-others.pdf"));
    assert!(codes(&verdict).contains(&"bad-time-stamp"), "{:?}", verdict.refusals);
    assert!(!codes(&verdict).contains(&"bad-signature"), "the signatures are older and hold");
    assert!(!verdict.accepted);
}

/// ETSI EN 319 122-1: which of several certificates of a key signed must be signed, too.
#[test]
fn a_signature_that_names_no_certificate_is_refused() {
    let verdict = of_scan(level!("cades-names-no-certificate.p7m"));
    assert_eq!(codes(&verdict), ["certificate-not-named", "employer-missing"]);
    assert_eq!(verdict.signers, []);
}
