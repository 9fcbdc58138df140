//! Envelopes that keep their own proof, and what the portal cannot verify: each is told what is true of it. The files come
//! from `tests/signatures/make_envelopes.py`, which has openssl verify them. Mario employs Fatima.

use super::{
    tests::{judged, judged_of_both},
    *,
};

macro_rules! envelope {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/envelopes/", $name))
    };
}

fn of_both(bytes: &[u8]) -> Verdict {
    judged_of_both(bytes, envelope!("anchors.pem"))
}

fn of_scan(bytes: &[u8]) -> Verdict {
    judged(bytes, SigningCase::AutographScan, envelope!("anchors.pem"))
}

/// What the employer is told about the one signature of a file: the code and the text. Beside it nothing is found but that
/// no valid signature is the employer's.
fn told(bytes: &[u8]) -> (&'static str, String) {
    let verdict = of_scan(bytes);
    assert!(!verdict.accepted);
    assert_eq!(verdict.signers, []);
    let [why, Refusal::EmployerMissing] = *verdict.refusals.as_slice() else {
        panic!("{:?}", verdict.refusals)
    };
    (why.code(), why.text())
}

/// Whether a text blames the file, or says that it has no certificate or one of somebody else.
fn accuses(text: &str) -> bool {
    [
        "alterat",
        "modificat",
        "danneggiat",
        "integra",
        "non contiene il certificato",
        "un certificato diverso",
        "scadut",
        "non più sicur",
    ]
    .iter()
    .any(|words| text.contains(words))
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

/// A curve, a kind of key and two hashes that we do not know.
#[test]
fn an_algorithm_that_is_not_supported_is_called_that() {
    for bytes in [
        &envelope!("brainpool.p7m")[..],
        envelope!("dsa.p7m"),
        envelope!("ed448.p7m"),
        envelope!("sha3.p7m"),
    ] {
        let (code, text) = told(bytes);
        assert_eq!(code, "unsupported-algorithm");
        assert!(
            text.starts_with(
                "La firma n. 1 usa un algoritmo che il portale non sa verificare: non significa che non sia valida."
            ),
            "{text}"
        );
        // What to do next.
        assert!(text.contains("Firmare di nuovo con un certificato RSA"), "{text}");
        assert!(!accuses(&text), "{text}");
    }
}

/// Without signed attributes, which CAdES has; over a digest of the PDF, as programs of 2005 made it; of two people at once.
#[test]
fn a_form_that_is_not_supported_is_called_that() {
    for bytes in [
        &envelope!("no-attributes.p7m")[..],
        envelope!("sha1-of-pdf.pdf"),
        envelope!("two-at-once.pdf"),
    ] {
        let (code, text) = told(bytes);
        assert_eq!(code, "unsupported-signature");
        assert!(
            text.starts_with(
                "La firma n. 1 è di un tipo che il portale non sa verificare: non significa che non sia valida."
            ),
            "{text}"
        );
        assert!(text.contains("scegliendo il formato CAdES (file P7M) o PAdES (PDF)"), "{text}");
        assert!(!accuses(&text), "{text}");
    }
}

#[test]
fn a_path_through_another_authority_is_followed_to_the_anchor() {
    let verdict = of_scan(envelope!("below.p7m"));
    assert_eq!(verdict.refusals, []);
    assert_eq!(verdict.signers.len(), 1);
    assert_eq!(verdict.signers[0].issuer, "Prove (below)");
}

#[test]
fn a_path_that_reaches_no_anchor_is_of_no_recognised_authority() {
    let (code, text) = told(envelope!("below-unknown.p7m"));
    assert_eq!(code, "certificate-not-trusted");
    assert_eq!(
        text,
        "La firma n. 1 è fatta con un certificato che non viene da un prestatore riconosciuto. Usare una firma digitale rilasciata da un prestatore qualificato."
    );
    assert!(!accuses(&text));
}

/// The path is there and we cannot follow it: an authority in between whose key is of another curve, critical policies below
/// one, a certificate that cannot be read, named by its number or by its key.
#[test]
fn a_certificate_that_is_not_supported_is_neither_missing_nor_untrusted() {
    for bytes in [
        &envelope!("below-brainpool.p7m")[..],
        envelope!("below-policies.p7m"),
        envelope!("long-serial.p7m"),
        envelope!("long-serial-key.p7m"),
    ] {
        let (code, text) = told(bytes);
        assert_eq!(code, "certificate-unsupported");
        assert!(
            text.starts_with(
                "La firma n. 1 è fatta con un certificato che il portale non sa esaminare, perché"
            ),
            "{text}"
        );
        assert!(text.contains(": non significa che non sia valida. Firmare di nuovo"), "{text}");
        assert!(!accuses(&text), "{text}");
    }
}
