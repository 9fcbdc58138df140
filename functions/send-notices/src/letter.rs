//! The text of each notice and letter, compiled in and filled with what it is about.

use std::collections::BTreeMap;

use domain::{
    calendar,
    document::DocumentKind,
    letter::LetterKind,
    notice::NoticeKind,
    procedure::Procedure,
    term::{Term, TermKind},
};
use jiff::{SignedDuration, Timestamp};

/// Subject and body of a notice or letter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// What fills the marks of a text, by mark. It never holds names or fiscal codes: mail is read over shoulders.
pub type Marks = BTreeMap<&'static str, String>;

/// The letter of a kind of notice, filled with `marks`; nothing when a mark of its text is not among them.
pub fn letter(kind: NoticeKind, marks: &Marks) -> Option<Letter> {
    filled(template(kind), |mark| marks.get(mark).map(String::as_str))
}

/// The mail about no application of a kind, filled with `marks`; nothing when a mark of its text is not among them.
pub fn about_no_application(kind: LetterKind, marks: &BTreeMap<String, String>) -> Option<Letter> {
    filled(template_of(kind), |mark| marks.get(mark).map(String::as_str))
}

/// The same letter as the filer gets it, by ordinary mail (COM-1).
pub fn copied(letter: Letter) -> Letter {
    let Letter { subject, body } = letter;
    Letter {
        subject: format!("Per informazione: {subject}"),
        body: format!("{FOR_INFORMATION}{body}"),
    }
}

const FOR_INFORMATION: &str = "Messaggio per informazione: la comunicazione che segue è stata inviata per PEC al datore di lavoro per il quale hai compilato la domanda. I termini decorrono dalla PEC.\n\n";

/// What stands instead of a reason where it must not: ordinary mail is no certified mail.
const REASON_ELSEWHERE: &str = "La motivazione è nella PEC inviata al datore di lavoro e nell'area \"Comunicazioni\" della domanda.";

/// The same for the documents, which are personal.
const DOCUMENTS_ELSEWHERE: &str = "I documenti sono allegati alla PEC inviata al datore di lavoro e si trovano nell'area \"Comunicazioni\" della domanda.";

/// The reason of a decision, in the officer's words; on the PEC only, which goes to the employer alone.
pub fn reason(text: Option<&str>, is_copy: bool) -> String {
    match text {
        None => String::new(),
        Some(_) if is_copy => REASON_ELSEWHERE.to_owned(),
        Some(text) => format!("Motivazione: {}", text.trim()),
    }
}

/// What is said of the documents that belong to a notice: those that are attached, and where to find the others.
pub fn documents(kind: NoticeKind, attached: &[DocumentKind], is_copy: bool) -> String {
    let wanted = kind.attachments();
    if is_copy && !wanted.is_empty() {
        return DOCUMENTS_ELSEWHERE.to_owned();
    }
    let named = |documents: Vec<DocumentKind>| {
        documents.into_iter().map(DocumentKind::label).collect::<Vec<_>>().join(", ")
    };
    let missing: Vec<_> = wanted.iter().copied().filter(|kind| !attached.contains(kind)).collect();
    let mut told = Vec::new();
    if !attached.is_empty() {
        told.push(format!("In allegato: {}.", named(attached.to_vec())));
    }
    if !missing.is_empty() {
        told.push(format!(
            "Da scaricare nell'area \"Comunicazioni\" della domanda: {}.",
            named(missing)
        ));
    }
    told.join("\n")
}

/// Which term a notice speaks of, among those of the case; `running` is the one that runs now.
pub fn term_of(
    kind: NoticeKind,
    procedure: Option<&Procedure>,
    running: Option<Term>,
) -> Option<Term> {
    let of = |kind: TermKind| {
        let known = || procedure?.term(kind).copied();
        running.filter(|term| term.kind() == kind).or_else(known)
    };
    match kind {
        NoticeKind::IntegrationRequested => of(TermKind::Integration),
        NoticeKind::RefusalAnnounced => of(TermKind::Preavviso),
        NoticeKind::ConfirmationRequest | NoticeKind::RenunciationUndone | NoticeKind::Expired => {
            of(TermKind::Confirmation)
        }
        NoticeKind::Renouncing => of(TermKind::RenounceUndo),
        NoticeKind::Granted => of(TermKind::NullaOstaValidity),
        NoticeKind::ContractToSign
        | NoticeKind::ContractFileRefused
        | NoticeKind::ContractRejected
        | NoticeKind::ContractReopened
        | NoticeKind::ContractOverdue => of(TermKind::Contract),
        NoticeKind::TermReminder | NoticeKind::TermExtended => running,
        _ => None,
    }
}

/// The marks that are about a term: until when, which, how long still, what to do and what happens otherwise.
///
/// Where no term runs yet, it begins with the PEC, and only the communications area can say when it ends.
pub fn about_term(marks: &mut Marks, term: Option<&Term>, now: Timestamp) {
    let Some(term) = term else {
        marks.insert(
            "by",
            "la scadenza indicata nell'area \"Comunicazioni\" della domanda".to_owned(),
        );
        marks.insert("term", "un termine della procedura".to_owned());
        marks.insert("todo", "guarda in \"Ricerca domanda\" a che punto è la domanda.".to_owned());
        marks.insert("consequence", String::new());
        return;
    };
    let left = left_in_words(term.end().duration_since(now));
    let mut capital = left.chars();
    let first = capital.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    marks.insert("left_capital", format!("{first}{}", capital.as_str()));
    marks.insert("left", left);
    marks.insert("by", calendar::end_in_words(term.end()));
    marks.insert("term", term.kind().label().to_owned());
    let (todo, consequence) = deed(term.kind());
    marks.insert("todo", todo.to_owned());
    marks.insert("consequence", consequence.to_owned());
}

/// What follows an expiry: a revocation only where the delivery of the PEC that asked is on record (CNF-1).
pub const fn after_expiry(waits_for_a_person: bool) -> &'static str {
    if waits_for_a_person {
        "Al momento non risulta la ricevuta di consegna della PEC che chiedeva la conferma: finché manca, il nulla osta non viene revocato automaticamente e decide un funzionario."
    } else {
        "Se l'ufficio non riapre la pratica, la richiesta si intende rifiutata e il nulla osta è revocato."
    }
}

/// How long a term still runs, as a person says it.
fn left_in_words(left: SignedDuration) -> String {
    let hours = left.as_hours();
    match hours {
        ..1 => "manca meno di un'ora".to_owned(),
        1..12 => format!("mancano circa {hours} ore"),
        12..=24 => "manca 1 giorno".to_owned(),
        _ => format!("mancano {} giorni", (hours + 23) / 24),
    }
}

/// What to do before a term ends, and what its end brings.
pub const fn deed(kind: TermKind) -> (&'static str, &'static str) {
    match kind {
        TermKind::Confirmation => (
            "entra nel portale con SPID o CIE, cerca la domanda in \"Ricerca domanda\", apri l'area \"Comunicazioni\" e premi \"Conferma\" oppure \"Rinuncia\".",
            "Se non rispondi entro il termine la richiesta si intende rifiutata: il nulla osta viene revocato e il visto non viene rilasciato.",
        ),
        TermKind::Integration => (
            "entra nel portale con SPID o CIE, cerca la domanda in \"Ricerca domanda\", apri l'area \"Comunicazioni\", carica i documenti richiesti e premi \"Trasmetti integrazione\".",
            "Se non trasmetti nulla entro il termine, l'ufficio riprende l'esame con i documenti che ha.",
        ),
        TermKind::Preavviso => (
            "se non sei d'accordo con il preavviso di rigetto, entra nel portale con SPID o CIE, cerca la domanda in \"Ricerca domanda\", apri l'area \"Comunicazioni\" e premi \"Presenta osservazioni\".",
            "Se non presenti osservazioni entro il termine, l'ufficio può rigettare la domanda.",
        ),
        TermKind::Contract => (
            "entra nel portale con SPID o CIE, cerca la domanda in \"Ricerca domanda\", premi \"Upload contratto di soggiorno firmato digitalmente\" e carica il contratto firmato.",
            "Se il contratto non arriva entro il termine, lo Sportello Unico può revocare il nulla osta.",
        ),
        TermKind::RenounceUndo => (
            "se hai rinunciato per errore, entra nel portale con SPID o CIE, cerca la domanda in \"Ricerca domanda\", apri l'area \"Comunicazioni\" e premi \"Annulla rinuncia\".",
            "Quando il termine è trascorso la rinuncia è definitiva.",
        ),
        TermKind::NullaOstaValidity => (
            "il lavoratore deve chiedere il visto all'ufficio consolare del suo Paese.",
            "Se il nulla osta non viene utilizzato entro il termine, perde efficacia.",
        ),
        TermKind::NullaOsta
        | TermKind::NullaOstaSeasonal
        | TermKind::NullaOstaTrainedAbroad
        | TermKind::Verification
        | TermKind::Archiving => (
            "non devi fare nulla: il termine riguarda l'ufficio. Lo stato della domanda è in \"Ricerca domanda\".",
            "Ti informiamo per PEC di ogni decisione.",
        ),
    }
}

/// Fills each mark once, from left to right: what a value holds is never read as a mark. A paragraph that a mark leaves
/// empty goes.
fn filled<'a>(
    (subject, body): (&str, &str),
    value: impl Fn(&str) -> Option<&'a str>,
) -> Option<Letter> {
    let with = |template: &str| {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (mark, behind) = after.split_once('}')?;
            let value = value(mark)?;
            text.push_str(before);
            let is_paragraph = text.ends_with("\n\n");
            text.push_str(value);
            rest = behind;
            if is_paragraph
                && value.is_empty()
                && let Some(next) = rest.strip_prefix("\n\n")
            {
                rest = next;
            }
        }
        text.push_str(rest);
        Some(text)
    };
    Some(Letter { subject: with(subject.trim_end())?, body: with(body)? })
}

/// The texts of each kind, by its code: one whose text is missing, or a kind without a line, does not compile.
macro_rules! texts {
    ($name:ident, $kinds:ident: $($kind:ident = $code:literal,)*) => {
        const fn $name(kind: $kinds) -> (&'static str, &'static str) {
            match kind {
                $($kinds::$kind => (
                    include_str!(concat!("../mails/", $code, ".subject.txt")),
                    include_str!(concat!("../mails/", $code, ".body.txt")),
                ),)*
            }
        }
    };
}

texts! { template_of, LetterKind:
    ActivateAccount = "activate-account",
    AccountExists = "account-exists",
    RecoverPassword = "recover-password",
    ConfirmAddress = "confirm-address",
    AddressChanging = "address-changing",
    HumanCheckCode = "human-check-code",
    AccountClosed = "account-closed",
    PasswordChanged = "password-changed",
    AccountLinked = "account-linked",
    LinkUndone = "link-undone",
    EnablingReceived = "enabling-received",
    EnablingDecided = "enabling-decided",
    OperatorEnabled = "operator-enabled",
    OperatorsEnabledList = "operators-enabled-list",
    OperatorLeft = "operator-left",
}

texts! { template, NoticeKind:
    ActivationCode = "activation-code",
    CheckFailed = "check-failed",
    AddressMissing = "address-missing",
    BecameReady = "became-ready",
    NeedsAttention = "needs-attention",
    Disarmed = "disarmed",
    Receipt = "receipt",
    Blocked = "blocked",
    Released = "released",
    IntegrationRequested = "integration-requested",
    RefusalAnnounced = "refusal-announced",
    Refused = "refused",
    Granted = "granted",
    MovedUp = "moved-up",
    Withdrawn = "withdrawn",
    Revoked = "revoked",
    Lapsed = "lapsed",
    ConfirmationRequest = "confirmation-request",
    TermReminder = "term-reminder",
    TermExtended = "term-extended",
    Confirmed = "confirmed",
    Renouncing = "renouncing",
    RenunciationUndone = "renunciation-undone",
    Renounced = "renounced",
    Expired = "expired",
    ExpiryConfirmed = "expiry-confirmed",
    VisaIssued = "visa-issued",
    VisaRefused = "visa-refused",
    WorkerFiscalCode = "worker-fiscal-code",
    WorkerCodeMissing = "worker-code-missing",
    ContractToSign = "contract-to-sign",
    ContractFileRefused = "contract-file-refused",
    ContractReceived = "contract-received",
    ContractRejected = "contract-rejected",
    ContractValidated = "contract-validated",
    ContractOverdue = "contract-overdue",
    ContractReopened = "contract-reopened",
    AgreementToSign = "agreement-to-sign",
    AgreementFileRefused = "agreement-file-refused",
    AgreementRejected = "agreement-rejected",
    AgreementValidated = "agreement-validated",
    ModulesIssued = "modules-issued",
}

#[cfg(test)]
mod tests {
    use super::*;

    const REASON: &str = "Manca la busta paga di {code} settembre.";

    fn rome(text: &str) -> Timestamp {
        text.parse::<calendar::RomeTime>().unwrap().instant()
    }

    /// The term to confirm of an employer who was asked on 12 January, as seen two days before its end.
    fn facts(kind: NoticeKind, is_copy: bool) -> Marks {
        let term = Term::restore(
            TermKind::Confirmation,
            2,
            rome("2026-01-12 09:00:00"),
            rome("2026-01-28 00:00:00"),
        );
        let mut marks = Marks::from([
            ("application", "app_00000000000000000000000001".to_owned()),
            ("case", "https://portale.example/domande/app_00000000000000000000000001".to_owned()),
            ("code", "ABCD-EFGH".to_owned()),
            ("expires", "lunedì 12 gennaio 2026, ore 09:00".to_owned()),
            ("receipt", "RIC-TEST".to_owned()),
            ("arrival", "lunedì 12 gennaio 2026, ore 09:00:00,003".to_owned()),
            ("model", "C-STAG agricoltura".to_owned()),
            ("digest", "00ff".to_owned()),
            ("office", "Sportello Unico per l'Immigrazione di Foggia".to_owned()),
            ("started", "venerdì 9 gennaio 2026, ore 10:00".to_owned()),
            ("filed_by", "da un operatore di un'organizzazione abilitata al portale".to_owned()),
            ("block", "https://portale.example/api/blocks/TOKEN".to_owned()),
            ("reason", reason(Some(REASON), is_copy)),
            ("attachments", documents(kind, kind.attachments(), is_copy)),
            ("then", after_expiry(false).to_owned()),
        ]);
        about_term(&mut marks, Some(&term.unwrap()), rome("2026-01-26 00:00:00"));
        marks
    }

    fn pec(kind: NoticeKind) -> Letter {
        letter(kind, &facts(kind, false)).unwrap_or_else(|| panic!("{kind}: a mark nobody fills"))
    }

    fn copy(kind: NoticeKind) -> Letter {
        copied(letter(kind, &facts(kind, true)).unwrap())
    }

    #[test]
    fn no_letter_keeps_a_mark_that_was_not_filled() {
        for kind in NoticeKind::ALL.iter().copied() {
            let letter = pec(kind);
            assert!(!letter.subject.contains(['{', '}', '\n']), "{kind:?}: {}", letter.subject);
            let body = letter.body.replace(REASON, "");
            assert!(!body.contains(['{', '}']), "{kind:?}: {body}");
            assert!(!body.contains("\n\n\n"), "{kind:?}: an empty paragraph: {body}");
        }
    }

    /// DEC-1: an employer who is refused reads why in the PEC; the ordinary mail says where to read it (COM-1).
    #[test]
    fn the_reason_stands_in_the_pec_and_in_no_copy() {
        for kind in NoticeKind::ALL.iter().copied() {
            if kind.is_copied() {
                let copy = copy(kind);
                assert!(!copy.body.contains("busta paga"), "{kind}: {}", copy.body);
                assert!(copy.body.starts_with("Messaggio per informazione"), "{kind}");
                assert!(copy.subject.starts_with("Per informazione: "), "{kind}");
                assert_eq!(
                    copy.body.contains(REASON_ELSEWHERE),
                    pec(kind).body.contains("busta paga"),
                    "{kind}"
                );
            }
        }
        for kind in [
            NoticeKind::IntegrationRequested,
            NoticeKind::RefusalAnnounced,
            NoticeKind::Refused,
            NoticeKind::Revoked,
            NoticeKind::ContractFileRefused,
            NoticeKind::ContractRejected,
            NoticeKind::ContractReopened,
            NoticeKind::AgreementFileRefused,
            NoticeKind::AgreementRejected,
        ] {
            assert!(pec(kind).body.contains("Motivazione: Manca la busta paga"), "{kind}");
        }
    }

    /// What an officer types opens no mark.
    #[test]
    fn a_reason_is_never_read_as_a_mark() {
        assert!(pec(NoticeKind::Refused).body.contains("{code}"));
    }

    #[test]
    fn a_reason_that_nobody_gave_leaves_no_hole() {
        let kind = NoticeKind::ConfirmationRequest;
        let mut marks = facts(kind, false);
        marks.insert("reason", reason(None, false));
        let body = letter(kind, &marks).unwrap().body;
        assert!(!body.contains("Motivazione") && !body.contains("\n\n\n"), "{body}");
    }

    /// TRM-1, CNF-3: the end of the term in words, as the day that it closes.
    #[test]
    fn whoever_must_answer_reads_until_when_and_which_buttons_to_press() {
        let body = pec(NoticeKind::ConfirmationRequest).body;
        for told in [
            "\"Conferma\"",
            "\"Rinuncia\"",
            "\"Annulla rinuncia\"",
            "\"Comunicazioni\"",
            "entro le ore 24:00 di martedì 27 gennaio 2026",
        ] {
            assert!(body.contains(told), "{told}: {body}");
        }
        let reminder = pec(NoticeKind::TermReminder);
        assert!(reminder.subject.contains("mancano 2 giorni"), "{}", reminder.subject);
        assert!(reminder.body.contains("conferma della richiesta"), "{}", reminder.body);
        assert!(reminder.body.contains("premi \"Conferma\""), "{}", reminder.body);
    }

    /// Where the campaign lets terms begin with the delivery, the letter cannot know the end.
    #[test]
    fn a_term_that_has_not_begun_is_told_without_an_end() {
        let kind = NoticeKind::ConfirmationRequest;
        let mut marks = facts(kind, false);
        for mark in ["by", "left", "left_capital", "term", "todo", "consequence"] {
            marks.remove(mark);
        }
        about_term(&mut marks, None, rome("2026-01-12 09:00:00"));
        let body = letter(kind, &marks).unwrap().body;
        assert!(body.contains("entro la scadenza indicata nell'area \"Comunicazioni\""), "{body}");
        assert!(!body.contains("2026"), "{body}");
    }

    /// CNF-1, COM-2: no letter threatens a revocation that does not come by itself.
    #[test]
    fn an_expiry_without_a_receipt_announces_no_revocation() {
        let kind = NoticeKind::Expired;
        assert!(pec(kind).body.contains("il nulla osta è revocato."));
        let mut marks = facts(kind, false);
        marks.insert("then", after_expiry(true).to_owned());
        let body = letter(kind, &marks).unwrap().body;
        assert!(body.contains("non viene revocato automaticamente"), "{body}");
        assert!(!body.contains("il nulla osta è revocato."), "{body}");
    }

    #[test]
    fn the_time_left_is_told_as_a_person_says_it() {
        let told = |minutes| left_in_words(SignedDuration::from_mins(minutes));
        assert_eq!(told(5 * 24 * 60), "mancano 5 giorni");
        assert_eq!(told(5 * 24 * 60 - 1), "mancano 5 giorni");
        assert_eq!(told(24 * 60 - 1), "manca 1 giorno");
        assert_eq!(told(3 * 60 + 5), "mancano circa 3 ore");
        assert_eq!(told(20), "manca meno di un'ora");
    }

    /// A notice links to the case that it is about, and nowhere else but to the page that blocks it (NEW-5).
    #[test]
    fn each_notice_links_to_its_case() {
        for kind in NoticeKind::ALL {
            let body = pec(*kind).body;
            let links: Vec<_> =
                body.split_whitespace().filter(|word| word.starts_with("https://")).collect();
            let case = "https://portale.example/domande/app_00000000000000000000000001";
            assert!(links.contains(&case), "{kind}: {links:?}");
            let block = "https://portale.example/api/blocks/TOKEN";
            assert!(links.iter().all(|link| [case, block].contains(link)), "{kind}: {links:?}");
        }
    }

    /// The letter names a document that was too large, or is not made yet, and says where to find it.
    #[test]
    fn what_is_not_attached_is_told_of() {
        let kind = NoticeKind::ModulesIssued;
        let told = documents(kind, &[DocumentKind::Module1], false);
        assert!(told.contains("In allegato: Modulo 1 (mod. 209)."), "{told}");
        assert!(told.contains("Da scaricare") && told.contains("Modulo 2"), "{told}");
        assert!(!documents(kind, kind.attachments(), true).contains("In allegato:"));
        assert_eq!(documents(NoticeKind::Granted, &[], false), "");
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

    /// A text typed as the name of an organisation opens no link and shows no code.
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
        for kind in NoticeKind::ALL.iter().copied() {
            let letter = pec(kind);
            assert!(letter.body.contains("https://portale.example"), "{kind:?}");
            assert!(letter.body.contains("app_00000000000000000000000001"), "{kind:?}");
            assert!(
                kind == NoticeKind::Receipt || letter.body.contains("Che cosa fare adesso"),
                "{kind:?}"
            );
        }
    }

    /// NEW-5: the reader of the certified mailbox learns of the application by the letter with the code, and of nothing
    /// personal; no other letter has the link.
    #[test]
    fn the_link_to_block_stands_in_the_letter_with_the_code_only() {
        for kind in NoticeKind::ALL.iter().copied() {
            assert_eq!(
                pec(kind).body.contains("/api/blocks/TOKEN"),
                kind == NoticeKind::ActivationCode,
                "{kind:?}"
            );
        }
        let body = pec(NoticeKind::ActivationCode).body;
        for told in ["Non sono stato io", "C-STAG agricoltura", "9 gennaio", "da un operatore"] {
            assert!(body.contains(told), "{told}");
        }
    }

    #[test]
    fn the_code_stands_in_its_own_letter_only() {
        for kind in NoticeKind::ALL.iter().copied() {
            assert_eq!(
                pec(kind).body.contains("ABCD-EFGH"),
                kind == NoticeKind::ActivationCode,
                "{kind:?}"
            );
        }
    }
}
