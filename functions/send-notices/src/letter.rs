//! The text of each notice and letter, compiled in and filled with what it is about.

use std::collections::BTreeMap;

use domain::{application::NoticeKind, letter::LetterKind};

/// Subject and body of a notice or letter.
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
    /// When the application was begun, in words.
    pub started: String,
    /// Who filed, in words that name nobody.
    pub filed_by: String,
    /// Address of the page "Non sono stato io" (NEW-5).
    pub block: String,
}

/// The letter of a kind of notice.
pub fn letter(kind: NoticeKind, facts: &Facts) -> Letter {
    let (subject, body) = template(kind);
    Letter { subject: filled(subject.trim_end(), facts), body: filled(body, facts) }
}

/// The mail about no application of a kind, filled with `marks`; nothing when a mark of its text is not among them.
pub fn about_no_application(kind: LetterKind, marks: &BTreeMap<String, String>) -> Option<Letter> {
    let (subject, body) = template_of(kind);
    Some(Letter {
        subject: filled_with(subject.trim_end(), marks)?,
        body: filled_with(body, marks)?,
    })
}

/// Fills each mark once, from left to right: what a value holds is never read as a mark.
fn filled_with(template: &str, marks: &BTreeMap<String, String>) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (mark, behind) = after.split_once('}')?;
        text.push_str(before);
        text.push_str(marks.get(mark)?);
        rest = behind;
    }
    text.push_str(rest);
    Some(text)
}

const fn template_of(kind: LetterKind) -> (&'static str, &'static str) {
    match kind {
        LetterKind::ActivateAccount => (
            include_str!("../mails/activate-account.subject.txt"),
            include_str!("../mails/activate-account.body.txt"),
        ),
        LetterKind::AccountExists => (
            include_str!("../mails/account-exists.subject.txt"),
            include_str!("../mails/account-exists.body.txt"),
        ),
        LetterKind::RecoverPassword => (
            include_str!("../mails/recover-password.subject.txt"),
            include_str!("../mails/recover-password.body.txt"),
        ),
        LetterKind::ConfirmAddress => (
            include_str!("../mails/confirm-address.subject.txt"),
            include_str!("../mails/confirm-address.body.txt"),
        ),
        LetterKind::AddressChanging => (
            include_str!("../mails/address-changing.subject.txt"),
            include_str!("../mails/address-changing.body.txt"),
        ),
        LetterKind::HumanCheckCode => (
            include_str!("../mails/human-check-code.subject.txt"),
            include_str!("../mails/human-check-code.body.txt"),
        ),
        LetterKind::AccountClosed => (
            include_str!("../mails/account-closed.subject.txt"),
            include_str!("../mails/account-closed.body.txt"),
        ),
        LetterKind::PasswordChanged => (
            include_str!("../mails/password-changed.subject.txt"),
            include_str!("../mails/password-changed.body.txt"),
        ),
        LetterKind::EnablingReceived => (
            include_str!("../mails/enabling-received.subject.txt"),
            include_str!("../mails/enabling-received.body.txt"),
        ),
        LetterKind::EnablingDecided => (
            include_str!("../mails/enabling-decided.subject.txt"),
            include_str!("../mails/enabling-decided.body.txt"),
        ),
        LetterKind::OperatorEnabled => (
            include_str!("../mails/operator-enabled.subject.txt"),
            include_str!("../mails/operator-enabled.body.txt"),
        ),
        LetterKind::OperatorsEnabledList => (
            include_str!("../mails/operators-enabled-list.subject.txt"),
            include_str!("../mails/operators-enabled-list.body.txt"),
        ),
        LetterKind::OperatorLeft => (
            include_str!("../mails/operator-left.subject.txt"),
            include_str!("../mails/operator-left.body.txt"),
        ),
    }
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
        NoticeKind::Blocked => (
            include_str!("../mails/blocked.subject.txt"),
            include_str!("../mails/blocked.body.txt"),
        ),
        NoticeKind::Released => (
            include_str!("../mails/released.subject.txt"),
            include_str!("../mails/released.body.txt"),
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
        ("{started}", &facts.started),
        ("{filed_by}", &facts.filed_by),
        ("{block}", &facts.block),
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
            started: "venerdì 9 gennaio 2026, ore 10:00".to_owned(),
            filed_by: "da un operatore di un'organizzazione abilitata al portale".to_owned(),
            block: "https://portale.example/api/blocks/TOKEN".to_owned(),
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

    /// All marks that a letter of the kind may use.
    fn marks(kind: LetterKind) -> BTreeMap<String, String> {
        let mut marks =
            BTreeMap::from([("portal".to_owned(), "https://portale.example".to_owned())]);
        if kind.link().is_some() {
            marks.insert("link".to_owned(), "https://portale.example/x#TOKEN".to_owned());
        }
        if kind.has_code() {
            marks.insert("code".to_owned(), "ABCD-EFGH".to_owned());
        }
        if kind.link().is_some() || kind.has_code() {
            marks.insert("until".to_owned(), "lunedì 12 gennaio 2026, ore 09:00".to_owned());
        }
        marks.extend(kind.facts().iter().map(|fact| ((*fact).to_owned(), format!("<{fact}>"))));
        marks
    }

    #[test]
    fn each_letter_uses_every_mark_of_its_kind_and_no_other() {
        for kind in LetterKind::ALL {
            let letter = about_no_application(*kind, &marks(*kind))
                .unwrap_or_else(|| panic!("{kind} has a mark that nobody fills"));
            assert!(!letter.subject.contains(['{', '}', '\n']), "{kind}: {}", letter.subject);
            assert!(!letter.body.contains(['{', '}']), "{kind}: {}", letter.body);
            for (mark, value) in marks(*kind) {
                assert!(letter.body.contains(&value), "{kind} does not use {mark}");
                let mut without = marks(*kind);
                without.remove(&mark);
                assert_eq!(about_no_application(*kind, &without), None, "{kind} without {mark}");
            }
        }
    }

    #[test]
    fn every_letter_about_no_application_says_what_to_do() {
        for kind in LetterKind::ALL {
            let letter = about_no_application(*kind, &marks(*kind)).unwrap();
            assert!(letter.body.contains("Che cosa fare adesso"), "{kind}");
            assert!(letter.body.starts_with("Buongiorno,\n"), "{kind}");
        }
    }

    /// What somebody typed as the name of an organisation opens no link and shows no code.
    #[test]
    fn a_fact_is_never_read_as_a_mark() {
        let mut marks = marks(LetterKind::OperatorEnabled);
        marks.insert("organisation".to_owned(), "{portal}{code}".to_owned());
        let letter = about_no_application(LetterKind::OperatorEnabled, &marks).unwrap();
        assert!(letter.body.contains("{portal}{code}"));
    }

    /// ACC-2: the mail never holds the password.
    #[test]
    fn no_letter_has_room_for_a_password() {
        for kind in LetterKind::ALL {
            let (subject, body) = template_of(*kind);
            assert!(!subject.contains("{password}") && !body.contains("{password}"), "{kind}");
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

    /// NEW-5: whoever reads the certified mailbox learns of the application by the letter with the code, and of nothing
    /// personal; nobody else gets the link.
    #[test]
    fn the_link_to_block_stands_in_the_letter_with_the_code_only() {
        for kind in NoticeKind::ALL {
            assert_eq!(
                letter(kind, &facts()).body.contains("/api/blocks/TOKEN"),
                kind == NoticeKind::ActivationCode,
                "{kind:?}"
            );
        }
        let body = letter(NoticeKind::ActivationCode, &facts()).body;
        for told in ["Non sono stato io", "C-STAG agricoltura", "9 gennaio", "da un operatore"] {
            assert!(body.contains(told), "{told}");
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
