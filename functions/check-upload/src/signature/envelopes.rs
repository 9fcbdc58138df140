//! Envelopes that keep their own proof. The files come from `tests/signatures/make_envelopes.py`, which has openssl verify
//! them. Mario employs Fatima.

use super::*;

macro_rules! envelope {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/envelopes/", $name))
    };
}

fn judged(bytes: &[u8], case: SigningCase<'_>) -> Verdict {
    let trust = TrustAnchors::from_pem(envelope!("anchors.pem")).unwrap();
    let employer = "RSSMRA80A01H501U".parse().unwrap();
    let upload = Upload { bytes, declared_type: "", limit: 1_000_000 };
    let credible =
        "2022-06-01T10:00:00Z".parse().unwrap()..="2090-03-01T10:00:00Z".parse().unwrap();
    check(upload, case, &employer, &trust, credible)
}

fn of_both(bytes: &[u8]) -> Verdict {
    let pdf = include_bytes!("../../tests/samples/sent.pdf");
    let sha256 = digest(&SHA256, pdf).as_ref().try_into().unwrap();
    let worker = "BNLFTM92E55Z330E".parse().unwrap();
    let sent = Sent { sha256, len: pdf.len() };
    judged(bytes, SigningCase::BothDigital { sent, worker: Some(&worker) })
}

/// Decision (EU) 2015/1506: an envelope of level LT counts as one of level B or T does, wherever it keeps the certificates and
/// what their authority said of them: beside the signatures (ETSI EN 319 122-1), or in attributes of each, as older programs
/// write it (EN 319 122-2).
#[test]
fn an_envelope_of_level_lt_is_accepted() {
    for bytes in [&envelope!("lt.p7m")[..], envelope!("x-l.p7m")] {
        let verdict = of_both(bytes);
        assert_eq!(verdict.refusals, []);
        assert!(verdict.accepted);
        assert_eq!(verdict.format, Some(FileFormat::Envelope));
        assert_eq!(verdict.signers.len(), 2);
        // The stamp, and not a clock, said when.
        assert!(verdict.signers.iter().all(|signer| signer.signed_at.is_some()));
        // What the file says of revocation nobody has looked at.
        assert!(verdict.not_checked.contains(&"revocation"));
    }
}

/// What is kept is no signature: nothing is signed by it, and changing what is signed still shows.
#[test]
fn the_proof_in_an_envelope_does_not_replace_its_signatures() {
    for good in [&envelope!("lt.p7m")[..], envelope!("x-l.p7m")] {
        let at = good.windows(4).position(|window| window == b"1500").unwrap();
        let mut changed = good.to_vec();
        changed[at] = b'9';
        let verdict = of_both(&changed);
        assert!(verdict.refusals.contains(&Refusal::BadSignature(1)), "{:?}", verdict.refusals);
        assert_eq!(verdict.signers, []);
    }
}
