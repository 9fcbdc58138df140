//! Why a case stands still until a person decides: nobody loses a right because a receipt is missing (CNF-1, COM-2).

use jiff::Timestamp;

use super::Procedure;
use crate::{coded::coded, lifecycle::State, term::TermKind};

coded! {
    /// Why nothing more happens by itself to a case whose term is over, as its office reads it.
    pub enum Hold as "hold" {
        /// The PEC that asked to confirm has no receipt of its delivery (CNF-1).
        ConfirmationWithoutReceipt = "confirmation-without-receipt", "Il termine di conferma è passato, ma non è registrata la ricevuta di avvenuta consegna della PEC che chiedeva la conferma: il nulla osta non viene revocato automaticamente. Verifica la consegna presso il gestore PEC; poi accerta la mancata conferma oppure riapri la pratica, che invia una nuova PEC con un nuovo termine.";
        /// The PEC that asked to confirm was not delivered (COM-2).
        ConfirmationNotDelivered = "confirmation-not-delivered", "La PEC che chiedeva la conferma non è stata consegnata: il suo termine non vale e il nulla osta non viene revocato automaticamente. Riapri la pratica: parte una nuova PEC con un nuovo termine.";
        /// The PEC that asked for documents has no receipt of its delivery (DEC-1).
        IntegrationWithoutReceipt = "integration-without-receipt", "Il termine per l'integrazione è passato, ma non è registrata la ricevuta di avvenuta consegna della PEC che la chiedeva: l'istruttoria non riprende automaticamente e il datore di lavoro può ancora trasmettere i documenti. Verifica la consegna presso il gestore PEC, poi attendi oppure riprendi l'istruttoria.";
        /// The notice of reasons against has no receipt of its delivery (art. 10-bis L. 241/1990).
        RefusalWithoutReceipt = "refusal-without-receipt", "Il termine per le osservazioni è passato, ma non è registrata la ricevuta di avvenuta consegna del preavviso di rigetto. Verifica la consegna presso il gestore PEC prima di rigettare.";
        /// The PEC with the contract has no receipt of its delivery (CTR-1).
        ContractWithoutReceipt = "contract-without-receipt", "Il termine del contratto è passato, ma non è registrata la ricevuta di avvenuta consegna della PEC con il contratto. Verifica la consegna presso il gestore PEC prima di revocare; altrimenti riapri il termine.";
    }
}

impl Hold {
    /// The same for the employer: what happened, that nothing is lost by silence, and what to do.
    pub const fn for_applicant(self) -> &'static str {
        match self {
            Self::ConfirmationWithoutReceipt => {
                "Il termine per rispondere è passato, ma non risulta ancora la ricevuta di consegna della PEC che ti chiedeva la conferma. Per questo il nulla osta non viene revocato automaticamente: decide un funzionario dello Sportello Unico. Che cosa fare: se la PEC non ti è arrivata o non hai potuto rispondere, scrivi per PEC allo Sportello Unico e spiega che cosa è successo."
            }
            Self::ConfirmationNotDelivered => {
                "La PEC che ti chiedeva la conferma non è stata consegnata: il suo termine non vale e il nulla osta non viene revocato automaticamente. Lo Sportello Unico può inviarne un'altra, con un nuovo termine. Che cosa fare: controlla che la tua casella PEC sia attiva e non piena, poi scrivi allo Sportello Unico."
            }
            Self::IntegrationWithoutReceipt => {
                "Il termine per l'integrazione è passato, ma non risulta ancora la ricevuta di consegna della PEC che la chiedeva: puoi ancora trasmettere i documenti, finché lo Sportello Unico non riprende l'esame. Che cosa fare: trasmetti al più presto i documenti richiesti allo Sportello Unico."
            }
            Self::RefusalWithoutReceipt => {
                "Il termine per le osservazioni è passato, ma non risulta ancora la ricevuta di consegna del preavviso di rigetto: puoi ancora presentare osservazioni, finché lo Sportello Unico non decide. Che cosa fare: se non sei d'accordo, invia le osservazioni per PEC allo Sportello Unico prima che decida."
            }
            Self::ContractWithoutReceipt => {
                "Il termine del contratto è passato, ma non risulta ancora la ricevuta di consegna della PEC con il contratto: decide un funzionario dello Sportello Unico. Che cosa fare: scrivi per PEC allo Sportello Unico, che può riaprire il termine, e tieni pronto il contratto firmato."
            }
        }
    }
}

impl Procedure {
    /// Why a case whose term is over waits for a person; none where it does not.
    pub(crate) fn hold(&self, now: Timestamp) -> Option<Hold> {
        let lacks_receipt = |kind| {
            let term = self.term(kind).filter(|term| term.end() <= now);
            term.is_some() && !self.is_delivered(kind)
        };
        match self.state() {
            State::ExpiredToVerify if self.term(TermKind::Confirmation).is_none() => {
                Some(Hold::ConfirmationNotDelivered)
            }
            State::ExpiredToVerify => {
                lacks_receipt(TermKind::Confirmation).then_some(Hold::ConfirmationWithoutReceipt)
            }
            State::IntegrationRequested => {
                lacks_receipt(TermKind::Integration).then_some(Hold::IntegrationWithoutReceipt)
            }
            State::RefusalAnnounced => {
                lacks_receipt(TermKind::Preavviso).then_some(Hold::RefusalWithoutReceipt)
            }
            State::ContractOverdue => {
                lacks_receipt(TermKind::Contract).then_some(Hold::ContractWithoutReceipt)
            }
            State::ToValidate
            | State::ToComplete
            | State::ToSend
            | State::Armed
            | State::Blocked
            | State::Submitted
            | State::BlockedAfterSending
            | State::InReview
            | State::Refused
            | State::Granted
            | State::AwaitingConfirmation
            | State::Renouncing
            | State::Renounced
            | State::Revoked
            | State::Confirmed
            | State::VisaIssued
            | State::EntryReported
            | State::ContractToSign
            | State::ContractUploaded
            | State::ContractSent
            | State::ContractRejected
            | State::ContractValidated
            | State::ModulesIssued
            | State::Archived
            | State::Deleted => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each text says what happened and what to do, to its reader.
    #[test]
    fn a_case_that_stands_still_says_what_to_do() {
        crate::coded::check::codes_lead_back(Hold::ALL, Hold::label);
        for hold in Hold::ALL {
            assert!(hold.for_applicant().contains("Che cosa fare: "), "{hold}");
            assert!(hold.label().contains("PEC"), "{hold}");
            // Pages get buttons and lose them: what to do is said without their names.
            assert!(!hold.for_applicant().contains('"'), "{hold}");
        }
    }
}
