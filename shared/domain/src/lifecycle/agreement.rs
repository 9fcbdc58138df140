//! The integration agreement, which runs beside the contract wherever it applies (AGR-1).

use super::Actor;
use crate::coded::coded;

coded! {
    /// How far the integration agreement of an application is; an application to which none applies has no step.
    pub enum AgreementStep as "agreement step" {
        /// The section is open: the employer enters the data.
        DataToEnter = "data-to-enter", "Dati dell'Accordo da inserire";
        /// The data lie before the officer, who generates the agreement.
        DataEntered = "data-entered", "Accordo in preparazione";
        /// The agreement, with the Administration's signature, is with the employer for the worker to sign.
        ToSign = "to-sign", "Accordo da firmare";
        /// A file has arrived and is being looked into.
        Uploaded = "uploaded", "Accordo in verifica automatica";
        /// The file passed the checks and lies before the officer.
        Sent = "sent", "Accordo trasmesso al SUI";
        /// The officer rejected the file, which can be replaced.
        Rejected = "rejected", "Accordo da sostituire";
        /// The officer validated the agreement.
        Validated = "validated", "Accordo validato";
    }
}

impl AgreementStep {
    /// The step at which the agreement opens, in the same write that sends the contract (AGR-1).
    pub const OPENING: Self = Self::DataToEnter;

    /// Whether the modules need not wait for it any more (MOD-1).
    pub fn is_settled(self) -> bool {
        self == Self::Validated
    }

    /// What `event` does at this step; what is not in the table is refused.
    pub fn on(
        self,
        event: AgreementEvent,
    ) -> Result<&'static AgreementTransition, AgreementRefused> {
        AGREEMENT_TRANSITIONS
            .iter()
            .find(|transition| transition.from == self && transition.event == event)
            .ok_or(AgreementRefused { from: self, event })
    }
}

coded! {
    /// What can happen to an integration agreement, under the portal's own names where it has one.
    pub enum AgreementEvent as "agreement event" {
        /// The employer enters the data.
        EnterData = "enter-agreement-data", "Inserisci dati Accordo";
        /// The officer generates the agreement, which goes to the employer by PEC.
        Generate = "generate-agreement", "Genera Accordo";
        /// The employer uploads the agreement that the worker signed.
        Upload = "upload-agreement", "Upload Accordo di Integrazione firmato";
        /// The uploaded file passes the checks and counts as sent.
        AcceptFile = "accept-agreement-file", "Verifica dell'Accordo superata";
        /// The uploaded file does not pass the checks.
        RefuseFile = "refuse-agreement-file", "Verifica dell'Accordo non superata";
        /// The officer validates the agreement.
        Validate = "validate-agreement", "Valida Accordo";
        /// The officer rejects the agreement, with a reason.
        Reject = "reject-agreement", "Respingi Accordo";
    }
}

impl AgreementEvent {
    /// The line that the history of an application shows, in Italian (AUD-1).
    pub const fn history_text(self) -> &'static str {
        match self {
            Self::EnterData => "Dati dell'Accordo di integrazione trasmessi allo Sportello Unico.",
            Self::Generate => {
                "Accordo di integrazione inviato al datore di lavoro per la firma del lavoratore."
            }
            Self::Upload => "Accordo firmato caricato: è in corso la verifica automatica del file.",
            Self::AcceptFile => "File dell'Accordo verificato e trasmesso allo Sportello Unico.",
            Self::RefuseFile => {
                "Il file dell'Accordo non ha superato la verifica: va caricato di nuovo."
            }
            Self::Validate => "Accordo di integrazione validato dallo Sportello Unico.",
            Self::Reject => {
                "Accordo di integrazione respinto dallo Sportello Unico: il file va sostituito."
            }
        }
    }
}

/// One row of the agreement's table.
#[derive(Debug, PartialEq, Eq)]
pub struct AgreementTransition {
    /// The step before.
    pub from: AgreementStep,
    /// What happens.
    pub event: AgreementEvent,
    /// The step after.
    pub to: AgreementStep,
    /// Who may cause it.
    pub by: &'static [Actor],
    /// The requirement.
    pub source: &'static str,
}

/// The event is not possible at this step of the agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event} is not possible from {from}")]
pub struct AgreementRefused {
    /// Where the agreement stands.
    pub from: AgreementStep,
    /// What was attempted.
    pub event: AgreementEvent,
}

const fn row(
    from: AgreementStep,
    event: AgreementEvent,
    to: AgreementStep,
    by: &'static [Actor],
    source: &'static str,
) -> AgreementTransition {
    AgreementTransition { from, event, to, by, source }
}

const APPLICANT: &[Actor] = super::APPLICANT;
const OFFICER: &[Actor] = super::OFFICER;
const SYSTEM: &[Actor] = super::SYSTEM;

/// Everything that may happen to an agreement. What is not here is refused.
#[rustfmt::skip]
pub const AGREEMENT_TRANSITIONS: &[AgreementTransition] = {
    use {AgreementEvent as E, AgreementStep as S};
    &[
    //  from            event          to              by         source
    row(S::DataToEnter, E::EnterData,  S::DataEntered, APPLICANT, "AGR-1"),
    row(S::DataEntered, E::Generate,   S::ToSign,      OFFICER,   "AGR-1"),
    row(S::ToSign,      E::Upload,     S::Uploaded,    APPLICANT, "AGR-1"),
    row(S::Uploaded,    E::AcceptFile, S::Sent,        SYSTEM,    "AGR-1, CTR-1"),
    row(S::Uploaded,    E::RefuseFile, S::ToSign,      SYSTEM,    "AGR-1, CTR-1"),
    row(S::Sent,        E::Validate,   S::Validated,   OFFICER,   "AGR-1"),
    row(S::Sent,        E::Reject,     S::Rejected,    OFFICER,   "AGR-1"),
    row(S::Rejected,    E::Upload,     S::Uploaded,    APPLICANT, "AGR-1"),
]};

deterministic!(AGREEMENT_TRANSITIONS);
