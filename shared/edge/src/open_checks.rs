//! What the checks of an uploaded file left open, in Italian: for the employer, and for the officer who looks instead
//! (CTR-1, DEC-1).

use domain::document::UploadPurpose;
use store::uploads::{Reason, UploadRow};

/// What the checks of a file left open.
pub fn left_open(row: &UploadRow) -> Vec<Reason> {
    row.not_checked
        .iter()
        .map(|code| Reason { code: code.clone(), text: in_words(code, row.purpose).to_owned() })
        .collect()
}

/// What a code of check-upload leaves open for a file of this purpose, in Italian.
fn in_words(code: &str, purpose: UploadPurpose) -> &'static str {
    use UploadPurpose as P;
    match (code, purpose) {
        ("revocation", _) => "Non è stato verificato se il certificato è revocato.",
        ("qualified-status", _) => "Non è stato verificato se il certificato è qualificato.",
        ("signing-time", _) => {
            "Non è stata verificata l'ora della firma: è quella del computer di chi ha firmato, o di una marca temporale di cui non è stata controllata l'autorità."
        }
        ("visible-signature", _) => {
            "Una firma è visibile sulla pagina: lo Sportello Unico controlla che non copra il testo del contratto."
        }
        ("malware", _) => "Il file non è stato esaminato da un antivirus.",
        ("signature", P::Contract | P::Agreement) => {
            "Le firme non sono state verificate: le controlla lo Sportello Unico."
        }
        ("signature", P::Integration | P::Objection | P::Field) => {
            "Non è stato verificato se il documento è firmato."
        }
        ("content", P::Contract) => {
            "Il contenuto della scansione va confrontato dallo Sportello Unico con il contratto inviato."
        }
        ("content", P::Agreement) => {
            "Il contenuto del file va confrontato dallo Sportello Unico con l'Accordo inviato."
        }
        ("content", P::Integration | P::Objection | P::Field) => {
            "Il contenuto del documento non è stato verificato: lo esamina lo Sportello Unico."
        }
        _ => "Una verifica automatica non è stata fatta: la fa lo Sportello Unico.",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// CTR-1, AGR-1, DEC-1: the employer reads Italian, about the file that they sent.
    #[test]
    fn what_is_not_checked_is_told_in_words_that_fit_the_file() {
        let codes = [
            "revocation",
            "qualified-status",
            "signing-time",
            "visible-signature",
            "malware",
            "signature",
            "content",
        ];
        for purpose in UploadPurpose::ALL {
            let texts: BTreeSet<_> = codes.iter().map(|code| in_words(code, *purpose)).collect();
            assert_eq!(texts.len(), codes.len(), "{purpose}: two codes read alike");
            let unknown = in_words("next-year", *purpose);
            assert!(!texts.contains(unknown), "{purpose}: a code has no text");
            let content = in_words("content", *purpose);
            assert_eq!(content.contains("scansione"), *purpose == UploadPurpose::Contract);
            assert_eq!(content.contains("contratto"), *purpose == UploadPurpose::Contract);
        }
    }
}
