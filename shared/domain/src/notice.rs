//! Who gets which notice by which way: every notice about an application, and which document goes with it (PEC-1,
//! COM-1, COM-2). Which event brings it about is in [`crate::lifecycle::consequence`].

use crate::{
    coded::coded,
    document::DocumentKind,
    lifecycle::{Position, State, agreement::AgreementStep},
    term::TermKind,
};

coded! {
    /// What others must learn; the channel and the haste follow from the kind.
    pub enum NoticeKind as "notice" {
        /// The activation code, by PEC to the registered address (PEC-1, ACT-1).
        ActivationCode = "activation-code", "Codice di attivazione della domanda";
        /// The registries do not confirm: no application (CHK-2).
        CheckFailed = "check-failed", "Verifica della rappresentanza non superata";
        /// There is no certified address (CHK-2).
        AddressMissing = "address-missing", "Domicilio digitale non trovato";
        /// Complete and ready (NEW-2).
        BecameReady = "became-ready", "Domanda pronta per l'invio";
        /// A person must look at it (ENR-2).
        NeedsAttention = "needs-attention", "La domanda richiede attenzione";
        /// What was armed is not ready any more, and will not be sent at the opening (NEW-1).
        Disarmed = "disarmed", "Invio prenotato annullato";
        /// The receipt, by PEC (SUB-4).
        Receipt = "receipt", "Ricevuta di invio della domanda";
        /// The employer says that the application is not theirs: to the filer (NEW-5).
        Blocked = "blocked", "Domanda bloccata dal datore di lavoro";
        /// A blocked application goes on: to the filer (NEW-5).
        Released = "released", "Domanda sbloccata";
        /// The office asks for documents (DEC-1).
        IntegrationRequested = "integration-requested", "Richiesta di integrazione dei documenti";
        /// The notice of reasons against (art. 10-bis L. 241/1990).
        RefusalAnnounced = "refusal-announced", "Preavviso di rigetto";
        /// Refused, with the reason (DEC-1).
        Refused = "refused", "Domanda rigettata";
        /// The permit is issued (DEC-1).
        Granted = "granted", "Nulla osta rilasciato";
        /// It waited for a place in quota and has one now (RNK-2).
        MovedUp = "moved-up", "Posto in quota assegnato";
        /// The employer gave the application up (RNK-2).
        Withdrawn = "withdrawn", "Domanda ritirata";
        /// The permit is revoked by an officer, with the reason.
        Revoked = "revoked", "Nulla osta revocato";
        /// The permit ended unused.
        Lapsed = "lapsed", "Nulla osta scaduto";
        /// The consular checks are concluded: confirm or renounce (CNF-1).
        ConfirmationRequest = "confirmation-request", "Richiesta di conferma del nulla osta";
        /// A term runs out soon (CNF-3).
        TermReminder = "term-reminder", "Promemoria di una scadenza";
        /// An outage lengthened a term (CNF-4).
        TermExtended = "term-extended", "Termine sospeso e prolungato";
        /// The confirmation counts (CNF-1).
        Confirmed = "confirmed", "Conferma registrata";
        /// The renunciation counts and can still be undone (CNF-1).
        Renouncing = "renouncing", "Rinuncia registrata, ancora annullabile";
        /// The renunciation was taken back (CNF-1).
        RenunciationUndone = "renunciation-undone", "Rinuncia annullata";
        /// The renunciation is final (CNF-1).
        Renounced = "renounced", "Rinuncia definitiva";
        /// No answer came in time; an officer looks at it (CNF-1, CNF-4).
        Expired = "expired", "Termine di conferma scaduto";
        /// Counts as refused; the permit is revoked (CNF-1).
        ExpiryConfirmed = "expiry-confirmed", "Nulla osta revocato per mancata conferma";
        /// The visa is issued (ENT-1).
        VisaIssued = "visa-issued", "Visto rilasciato";
        /// The visa is denied.
        VisaRefused = "visa-refused", "Visto negato";
        /// The worker's definitive fiscal code (ENT-1).
        WorkerFiscalCode = "worker-fiscal-code", "Codice fiscale definitivo del lavoratore";
        /// No code was given yet: what holds the contract up, and what to do (ENT-1, COM-2).
        WorkerCodeMissing = "worker-code-missing", "Codice fiscale del lavoratore non ancora attribuito";
        /// The contract, to be signed (CTR-1).
        ContractToSign = "contract-to-sign", "Contratto di soggiorno da firmare";
        /// The uploaded contract does not pass the checks (CTR-1).
        ContractFileRefused = "contract-file-refused", "File del contratto non accettato";
        /// The uploaded contract passed the checks and lies before the office (CTR-1).
        ContractReceived = "contract-received", "Contratto trasmesso allo Sportello Unico";
        /// The office rejected the contract (CTR-1).
        ContractRejected = "contract-rejected", "Contratto respinto, da sostituire";
        /// The office validated the contract (CTR-1).
        ContractValidated = "contract-validated", "Contratto validato";
        /// The term for the contract has passed (CTR-1).
        ContractOverdue = "contract-overdue", "Termine del contratto scaduto";
        /// The office gives the contract a new term (CNF-4).
        ContractReopened = "contract-reopened", "Termine del contratto riaperto";
        /// The integration agreement, to be signed by the worker (AGR-1).
        AgreementToSign = "agreement-to-sign", "Accordo di integrazione da firmare";
        /// The uploaded agreement does not pass the checks (AGR-1).
        AgreementFileRefused = "agreement-file-refused", "File dell'Accordo non accettato";
        /// The office rejected the agreement (AGR-1).
        AgreementRejected = "agreement-rejected", "Accordo respinto, da sostituire";
        /// The office validated the agreement (AGR-1).
        AgreementValidated = "agreement-validated", "Accordo validato";
        /// Modules 1 and 2 with the checklist of the kit (MOD-1).
        ModulesIssued = "modules-issued", "Moduli 1 e 2 per il permesso di soggiorno";
    }
}

coded! {
    /// Why a notice did not arrive, in the words of the portal: the provider's own name the recipient (COM-2).
    pub enum Undelivered as "failure" {
        /// There is no such mailbox, or no such domain (5.1.x).
        UnknownMailbox = "unknown-mailbox", "La casella del destinatario non esiste.";
        /// The mailbox is full (5.2.2).
        MailboxFull = "mailbox-full", "La casella del destinatario è piena.";
        /// The mailbox exists and takes nothing (5.2.1).
        MailboxDisabled = "mailbox-disabled", "La casella del destinatario è disattivata.";
        /// A provider found a virus.
        Virus = "virus", "Il gestore ha rilevato un virus nel messaggio.";
        /// The provider had no news of the delivery for 24 hours after the sending (art. 8 DPR 68/2005).
        NotInTime = "not-in-time", "La consegna non è avvenuta nelle 24 ore successive all'invio.";
        /// Our own provider did not accept the message: it never left.
        NotAccepted = "not-accepted", "Il gestore del mittente non ha accettato il messaggio.";
        /// Anything else that a provider says.
        Other = "other", "Il gestore non ha potuto consegnare il messaggio.";
        /// There was no address, or nothing to send, such as a code.
        Unsendable = "unsendable", "Il messaggio non poteva essere preparato: manca un dato necessario.";
        /// The case had moved on before it left: it is not needed any more.
        Superseded = "superseded", "Non più necessaria: la pratica era già andata avanti.";
    }
}

/// By which way a notice goes (PEC-1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Channel {
    /// PEC to the address in INI-PEC or INAD.
    PecToRegistered,
    /// PEC to the address elected in the application (art. 47 c.c.).
    PecToElected,
    /// Ordinary mail to the filer's address.
    MailToFiler,
}

impl NoticeKind {
    /// By which way it goes.
    pub const fn channel(self) -> Channel {
        match self {
            Self::ActivationCode => Channel::PecToRegistered,
            Self::CheckFailed
            | Self::AddressMissing
            | Self::BecameReady
            | Self::NeedsAttention
            | Self::Disarmed
            | Self::WorkerCodeMissing
            | Self::Blocked
            | Self::Released => Channel::MailToFiler,
            Self::Receipt
            | Self::IntegrationRequested
            | Self::RefusalAnnounced
            | Self::Refused
            | Self::Granted
            | Self::Withdrawn
            | Self::MovedUp
            | Self::Revoked
            | Self::Lapsed
            | Self::ConfirmationRequest
            | Self::TermReminder
            | Self::TermExtended
            | Self::Confirmed
            | Self::Renouncing
            | Self::RenunciationUndone
            | Self::Renounced
            | Self::Expired
            | Self::ExpiryConfirmed
            | Self::VisaIssued
            | Self::VisaRefused
            | Self::WorkerFiscalCode
            | Self::ContractToSign
            | Self::ContractFileRefused
            | Self::ContractReceived
            | Self::ContractRejected
            | Self::ContractValidated
            | Self::ContractOverdue
            | Self::ContractReopened
            | Self::AgreementToSign
            | Self::AgreementFileRefused
            | Self::AgreementRejected
            | Self::AgreementValidated
            | Self::ModulesIssued => Channel::PecToElected,
        }
    }

    /// Whether it goes before receipts and everything else that may wait: codes, and whatever begins or ends a term.
    pub const fn is_urgent(self) -> bool {
        match self {
            Self::ActivationCode
            | Self::IntegrationRequested
            | Self::RefusalAnnounced
            | Self::ConfirmationRequest
            | Self::TermReminder
            | Self::TermExtended
            | Self::Renouncing
            | Self::Expired
            | Self::ContractToSign
            | Self::ContractFileRefused
            | Self::ContractRejected => true,
            Self::CheckFailed
            | Self::AddressMissing
            | Self::BecameReady
            | Self::NeedsAttention
            | Self::Disarmed
            | Self::Receipt
            | Self::Blocked
            | Self::Released
            | Self::Refused
            | Self::Granted
            | Self::Withdrawn
            | Self::MovedUp
            | Self::Revoked
            | Self::Lapsed
            | Self::Confirmed
            | Self::RenunciationUndone
            | Self::Renounced
            | Self::ExpiryConfirmed
            | Self::VisaIssued
            | Self::VisaRefused
            | Self::WorkerFiscalCode
            | Self::WorkerCodeMissing
            | Self::ContractReceived
            | Self::ContractValidated
            | Self::ContractOverdue
            | Self::ContractReopened
            | Self::AgreementToSign
            | Self::AgreementFileRefused
            | Self::AgreementRejected
            | Self::AgreementValidated
            | Self::ModulesIssued => false,
        }
    }

    /// Whether the filer gets a copy by ordinary mail (COM-1). Never of a code, which is for the employer alone.
    pub fn is_copied(self) -> bool {
        self.channel() == Channel::PecToElected && self != Self::Receipt
    }

    /// The term that begins when it is sent: accepted or delivered, where the campaign says so (COM-2, TRM-1).
    pub const fn begins(self) -> Option<TermKind> {
        match self {
            Self::IntegrationRequested => Some(TermKind::Integration),
            Self::RefusalAnnounced => Some(TermKind::Preavviso),
            Self::ConfirmationRequest => Some(TermKind::Confirmation),
            Self::ActivationCode
            | Self::CheckFailed
            | Self::AddressMissing
            | Self::BecameReady
            | Self::NeedsAttention
            | Self::Disarmed
            | Self::Receipt
            | Self::Blocked
            | Self::Released
            | Self::Refused
            | Self::Granted
            | Self::Withdrawn
            | Self::MovedUp
            | Self::Revoked
            | Self::Lapsed
            | Self::TermReminder
            | Self::TermExtended
            | Self::Confirmed
            | Self::Renouncing
            | Self::RenunciationUndone
            | Self::Renounced
            | Self::Expired
            | Self::ExpiryConfirmed
            | Self::VisaIssued
            | Self::VisaRefused
            | Self::WorkerFiscalCode
            | Self::WorkerCodeMissing
            | Self::ContractToSign
            | Self::ContractFileRefused
            | Self::ContractReceived
            | Self::ContractRejected
            | Self::ContractValidated
            | Self::ContractOverdue
            | Self::ContractReopened
            | Self::AgreementToSign
            | Self::AgreementFileRefused
            | Self::AgreementRejected
            | Self::AgreementValidated
            | Self::ModulesIssued => None,
        }
    }

    /// The term of law that it announces and that does not count while it was not delivered (COM-2): beside those that
    /// begin with it, the contract's, which runs from the entry.
    pub fn announces(self) -> Option<TermKind> {
        if self == Self::ContractToSign { Some(TermKind::Contract) } else { self.begins() }
    }

    /// The documents that go with it.
    pub const fn attachments(self) -> &'static [DocumentKind] {
        match self {
            Self::WorkerFiscalCode => &[DocumentKind::FiscalCode],
            Self::ContractToSign => &[DocumentKind::Contract],
            Self::AgreementToSign => &[DocumentKind::Agreement],
            Self::ModulesIssued => {
                &[DocumentKind::Module1, DocumentKind::Module2, DocumentKind::Kit]
            }
            Self::TermExtended => &[DocumentKind::SuspensionAct],
            Self::ActivationCode
            | Self::CheckFailed
            | Self::AddressMissing
            | Self::BecameReady
            | Self::NeedsAttention
            | Self::Disarmed
            | Self::Receipt
            | Self::Blocked
            | Self::Released
            | Self::IntegrationRequested
            | Self::RefusalAnnounced
            | Self::Refused
            | Self::Granted
            | Self::Withdrawn
            | Self::MovedUp
            | Self::Revoked
            | Self::Lapsed
            | Self::ConfirmationRequest
            | Self::TermReminder
            | Self::Confirmed
            | Self::Renouncing
            | Self::RenunciationUndone
            | Self::Renounced
            | Self::Expired
            | Self::ExpiryConfirmed
            | Self::VisaIssued
            | Self::VisaRefused
            | Self::WorkerCodeMissing
            | Self::ContractFileRefused
            | Self::ContractReceived
            | Self::ContractRejected
            | Self::ContractValidated
            | Self::ContractOverdue
            | Self::ContractReopened
            | Self::AgreementFileRefused
            | Self::AgreementRejected
            | Self::AgreementValidated => &[],
        }
    }

    /// The page of the case on which to do what it asks for, after `/domande/{id}`; empty where the case itself says all.
    pub const fn page(self) -> &'static str {
        match self {
            Self::ActivationCode => "/codice",
            Self::BecameReady | Self::NeedsAttention | Self::Disarmed => "/compila",
            Self::Receipt => "/ricevuta",
            Self::IntegrationRequested => "/integrazione",
            Self::RefusalAnnounced => "/osservazioni",
            Self::ConfirmationRequest | Self::Renouncing | Self::RenunciationUndone => "/conferma",
            Self::VisaIssued => "/ingresso",
            Self::ContractToSign
            | Self::ContractFileRefused
            | Self::ContractRejected
            | Self::ContractReopened => "/contratto",
            Self::AgreementToSign | Self::AgreementFileRefused | Self::AgreementRejected => {
                "/accordo"
            }
            Self::ModulesIssued => "/kit",
            // A reminder is of whichever term runs, and the others ask for nothing: what they say stands there.
            Self::TermReminder
            | Self::TermExtended
            | Self::Refused
            | Self::Granted
            | Self::Withdrawn
            | Self::MovedUp
            | Self::Revoked
            | Self::Lapsed
            | Self::Confirmed
            | Self::Renounced
            | Self::Expired
            | Self::ExpiryConfirmed
            | Self::VisaRefused
            | Self::WorkerFiscalCode
            | Self::WorkerCodeMissing
            | Self::ContractReceived
            | Self::ContractValidated
            | Self::ContractOverdue
            | Self::AgreementValidated => "/comunicazioni",
            Self::CheckFailed | Self::AddressMissing | Self::Blocked | Self::Released => "",
        }
    }

    /// Whether the employer has still to do what it asks for, by where the case stands now (COM-1).
    pub const fn is_unanswered(self, now: Position) -> bool {
        match self {
            Self::IntegrationRequested => matches!(now.state, State::IntegrationRequested),
            Self::RefusalAnnounced => matches!(now.state, State::RefusalAnnounced),
            Self::ConfirmationRequest => matches!(now.state, State::AwaitingConfirmation),
            Self::VisaIssued => matches!(now.state, State::VisaIssued),
            Self::ContractToSign
            | Self::ContractFileRefused
            | Self::ContractRejected
            | Self::ContractReopened => {
                matches!(now.state, State::ContractToSign | State::ContractRejected)
            }
            Self::AgreementToSign | Self::AgreementFileRefused | Self::AgreementRejected => {
                matches!(now.agreement, Some(AgreementStep::ToSign | AgreementStep::Rejected))
            }
            Self::ActivationCode
            | Self::CheckFailed
            | Self::AddressMissing
            | Self::BecameReady
            | Self::NeedsAttention
            | Self::Disarmed
            | Self::Receipt
            | Self::Blocked
            | Self::Released
            | Self::Refused
            | Self::Granted
            | Self::Withdrawn
            | Self::MovedUp
            | Self::Revoked
            | Self::Lapsed
            | Self::TermReminder
            | Self::TermExtended
            | Self::Confirmed
            | Self::Renouncing
            | Self::RenunciationUndone
            | Self::Renounced
            | Self::Expired
            | Self::ExpiryConfirmed
            | Self::VisaRefused
            | Self::WorkerFiscalCode
            | Self::WorkerCodeMissing
            | Self::ContractReceived
            | Self::ContractValidated
            | Self::ContractOverdue
            | Self::AgreementValidated
            | Self::ModulesIssued => false,
        }
    }

    /// The notice that a document goes with, once all that belong to it are made.
    pub fn with_document(document: DocumentKind) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.attachments().contains(&document))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::check::codes_lead_back;

    #[test]
    fn codes_lead_back_to_their_values() {
        codes_lead_back(NoticeKind::ALL, NoticeKind::label);
        codes_lead_back(Undelivered::ALL, Undelivered::label);
    }

    /// PEC-1, ACT-1: a code goes to the registered address alone.
    #[test]
    fn no_copy_is_made_of_a_code() {
        assert!(!NoticeKind::ActivationCode.is_copied());
        assert!(NoticeKind::ConfirmationRequest.is_copied());
        assert!(!NoticeKind::BecameReady.is_copied());
    }

    /// COM-2: what begins a term goes by PEC, at once.
    #[test]
    fn whatever_begins_a_term_goes_by_pec_and_does_not_wait() {
        for kind in NoticeKind::ALL.iter().filter(|kind| kind.announces().is_some()) {
            assert_eq!(kind.channel(), Channel::PecToElected, "{kind}");
            assert!(kind.is_urgent(), "{kind}");
        }
    }

    /// COM-2, TRM-1: three PECs begin a term by being sent; the contract's runs from the entry, and is told by its PEC.
    #[test]
    fn each_pec_that_begins_a_term_begins_its_own() {
        let begun: Vec<_> =
            NoticeKind::ALL.iter().filter_map(|kind| Some((*kind, kind.begins()?))).collect();
        let wanted = [
            (NoticeKind::IntegrationRequested, TermKind::Integration),
            (NoticeKind::RefusalAnnounced, TermKind::Preavviso),
            (NoticeKind::ConfirmationRequest, TermKind::Confirmation),
        ];
        assert_eq!(begun, wanted);
        for kind in NoticeKind::ALL {
            let told = (*kind == NoticeKind::ContractToSign).then_some(TermKind::Contract);
            assert_eq!(kind.announces(), kind.begins().or(told), "{kind}");
        }
    }

    /// COM-1, CNF-1, CTR-1: what begins a term, or asks for a file, leads to the page where it is answered.
    #[test]
    fn whatever_asks_for_an_answer_leads_to_the_page_of_the_answer() {
        let asks = |kind: &NoticeKind| {
            State::ALL.iter().any(|state| {
                let steps = AgreementStep::ALL.iter().copied().map(Some).chain([None]);
                let mut at = steps.map(|agreement| Position { state: *state, agreement });
                at.any(|now| kind.is_unanswered(now))
            })
        };
        for kind in NoticeKind::ALL {
            let page = kind.page();
            assert!(page.is_empty() || page.starts_with('/'), "{kind}");
            if asks(kind) || kind.announces().is_some() {
                assert!(!page.is_empty() && page != "/comunicazioni", "{kind}");
            }
            if kind.announces().is_some() {
                assert!(asks(kind), "{kind} begins a term and asks for nothing");
            }
        }
    }

    /// COM-1: an answered request asks for nothing any more.
    #[test]
    fn a_request_is_unanswered_while_the_case_waits_for_it() {
        let at = |state| Position { state, agreement: None };
        let asked = NoticeKind::ConfirmationRequest;
        assert!(asked.is_unanswered(at(State::AwaitingConfirmation)));
        assert!(!asked.is_unanswered(at(State::Confirmed)));
        assert!(!NoticeKind::Granted.is_unanswered(at(State::Granted)));
        let agreement = Some(AgreementStep::ToSign);
        let signing = Position { state: State::ContractValidated, agreement };
        assert!(NoticeKind::AgreementToSign.is_unanswered(signing));
        assert!(!NoticeKind::AgreementToSign.is_unanswered(at(State::ContractValidated)));
    }

    #[test]
    fn every_document_but_the_receipt_goes_with_one_notice() {
        for document in DocumentKind::ALL {
            let carried =
                NoticeKind::ALL.iter().filter(|kind| kind.attachments().contains(document)).count();
            assert_eq!(carried == 1, *document != DocumentKind::Receipt, "{document}");
        }
    }
}
