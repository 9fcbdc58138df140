//! The text of each notice, compiled in and filled with what the notice is about.

use domain::application::NoticeKind;

/// Subject and body of a notice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// What a letter may speak of. It never holds names or fiscal codes: mail is read over shoulders.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The application's identifier.
    pub application: String,
    /// Address of the portal.
    pub portal: String,
    /// Activation code.
    pub code: String,
    /// Until when the code is good, in words.
    pub expires: String,
    /// *Codice ricevuta*.
    pub receipt: String,
    /// Arrival in words, to the millisecond.
    pub arrival: String,
    /// Model's name.
    pub model: String,
    /// SHA-256 of the content.
    pub digest: String,
}

/// The letter of a kind of notice.
pub fn letter(kind: NoticeKind, facts: &Facts) -> Letter {
    let (subject, body) = template(kind);
    Letter { subject: filled(subject.trim_end(), facts), body: filled(body, facts) }
}

const fn template(kind: NoticeKind) -> (&'static str, &'static str) {
    match kind {
        NoticeKind::ActivationCode => (
            include_str!("../mails/activation-code.subject.txt"),
            include_str!("../mails/activation-code.body.txt"),
        ),
        NoticeKind::CheckFailed => (
            include_str!("../mails/check-failed.subject.txt"),
            include_str!("../mails/check-failed.body.txt"),
        ),
        NoticeKind::AddressMissing => (
            include_str!("../mails/address-missing.subject.txt"),
            include_str!("../mails/address-missing.body.txt"),
        ),
        NoticeKind::BecameReady => (
            include_str!("../mails/became-ready.subject.txt"),
            include_str!("../mails/became-ready.body.txt"),
        ),
        NoticeKind::NeedsAttention => (
            include_str!("../mails/needs-attention.subject.txt"),
            include_str!("../mails/needs-attention.body.txt"),
        ),
        NoticeKind::Receipt => (
            include_str!("../mails/receipt.subject.txt"),
            include_str!("../mails/receipt.body.txt"),
        ),
    }
}

fn filled(template: &str, facts: &Facts) -> String {
    [
        ("{application}", &facts.application),
        ("{portal}", &facts.portal),
        ("{code}", &facts.code),
        ("{expires}", &facts.expires),
        ("{receipt}", &facts.receipt),
        ("{arrival}", &facts.arrival),
        ("{model}", &facts.model),
        ("{digest}", &facts.digest),
    ]
    .into_iter()
    .fold(template.to_owned(), |text, (mark, value)| text.replace(mark, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            application: "app_00000000000000000000000001".to_owned(),
            portal: "https://portale.example".to_owned(),
            code: "ABCD-EFGH".to_owned(),
            expires: "lunedì 12 gennaio 2026, ore 09:00".to_owned(),
            receipt: "RIC-TEST".to_owned(),
            arrival: "lunedì 12 gennaio 2026, ore 09:00:00,003".to_owned(),
            model: "C-STAG agricoltura".to_owned(),
            digest: "00ff".to_owned(),
        }
    }

    #[test]
    fn no_letter_keeps_a_mark_that_was_not_filled() {
        for kind in NoticeKind::ALL {
            let letter = letter(kind, &facts());
            assert!(!letter.subject.contains(['{', '}', '\n']), "{kind:?}: {}", letter.subject);
            assert!(!letter.body.contains(['{', '}']), "{kind:?}: {}", letter.body);
        }
    }

    #[test]
    fn every_letter_says_what_to_do_and_where() {
        for kind in NoticeKind::ALL {
            let letter = letter(kind, &facts());
            assert!(letter.body.contains("https://portale.example"), "{kind:?}");
            assert!(letter.body.contains("app_00000000000000000000000001"), "{kind:?}");
            assert!(
                kind == NoticeKind::Receipt || letter.body.contains("Che cosa fare adesso"),
                "{kind:?}"
            );
        }
    }

    #[test]
    fn the_code_stands_in_its_own_letter_only() {
        for kind in NoticeKind::ALL {
            assert_eq!(
                letter(kind, &facts()).body.contains("ABCD-EFGH"),
                kind == NoticeKind::ActivationCode,
                "{kind:?}"
            );
        }
    }
}
