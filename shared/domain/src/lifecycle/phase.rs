//! The phases of an application that was sent, each with its own states and with what exists only there.
//!
//! A phase is what the store keeps and what a step moves; [`State`] is the name under which tables, pages and indexes
//! know it. A draft has no phase, so nothing that was never sent can be built as if it had been.

use super::{State, agreement::AgreementStep};

/// In which phase an application is after it was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// The office decides whether the permit is issued (DEC-1).
    Review(Review),
    /// The permit is issued; the consular system and the employer take turns (CNF-1).
    Answer(Answer),
    /// The visa is issued; the worker enters (ENT-1).
    Entry(Entry),
    /// The contract goes to and fro, with the integration agreement beside it where one applies (CTR-1, AGR-1).
    Contract(Contract, Option<AgreementStep>),
    /// Nothing is expected of the employer any more; an agreement stays where it was.
    Closed(Closed, Option<AgreementStep>),
}

/// The states until the office has decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Review {
    /// [`State::Submitted`].
    Submitted,
    /// [`State::BlockedAfterSending`].
    Blocked,
    /// [`State::InReview`].
    UnderWay,
    /// [`State::IntegrationRequested`].
    IntegrationRequested,
    /// [`State::RefusalAnnounced`].
    RefusalAnnounced,
}

/// The states from the permit to the visa.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// [`State::Granted`].
    NotAsked,
    /// [`State::AwaitingConfirmation`].
    Awaited,
    /// [`State::Renouncing`].
    Renouncing,
    /// [`State::ExpiredToVerify`].
    Expired,
    /// [`State::Confirmed`].
    Confirmed,
}

/// The states from the visa to the contract.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Entry {
    /// [`State::VisaIssued`].
    Awaited,
    /// [`State::EntryReported`].
    Reported,
}

/// The states of the contract.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Contract {
    /// [`State::ContractToSign`].
    ToSign,
    /// [`State::ContractUploaded`].
    Uploaded,
    /// [`State::ContractSent`].
    Sent,
    /// [`State::ContractRejected`].
    Rejected,
    /// [`State::ContractOverdue`].
    Overdue,
    /// [`State::ContractValidated`].
    Validated,
}

/// The states in which a procedure is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Closed {
    /// [`State::Refused`].
    Refused,
    /// [`State::Renounced`].
    Renounced,
    /// [`State::Revoked`].
    Revoked,
    /// [`State::ModulesIssued`].
    Completed,
    /// [`State::Archived`].
    Archived,
}

impl Phase {
    /// The phase of a state, with the agreement where the phase has one; none for a draft and for what was stopped or
    /// deleted before sending.
    ///
    /// The earlier phases have no agreement: what a case had of one before it was revoked and reopened (CNF-4) is left
    /// behind, since the next contract opens another (AGR-1).
    pub const fn of(state: State, agreement: Option<AgreementStep>) -> Option<Self> {
        Some(match state {
            State::ToValidate
            | State::ToComplete
            | State::ToSend
            | State::Armed
            | State::Blocked
            | State::Deleted => return None,
            State::Submitted => Self::Review(Review::Submitted),
            State::BlockedAfterSending => Self::Review(Review::Blocked),
            State::InReview => Self::Review(Review::UnderWay),
            State::IntegrationRequested => Self::Review(Review::IntegrationRequested),
            State::RefusalAnnounced => Self::Review(Review::RefusalAnnounced),
            State::Granted => Self::Answer(Answer::NotAsked),
            State::AwaitingConfirmation => Self::Answer(Answer::Awaited),
            State::Renouncing => Self::Answer(Answer::Renouncing),
            State::ExpiredToVerify => Self::Answer(Answer::Expired),
            State::Confirmed => Self::Answer(Answer::Confirmed),
            State::VisaIssued => Self::Entry(Entry::Awaited),
            State::EntryReported => Self::Entry(Entry::Reported),
            State::ContractToSign => Self::Contract(Contract::ToSign, agreement),
            State::ContractUploaded => Self::Contract(Contract::Uploaded, agreement),
            State::ContractSent => Self::Contract(Contract::Sent, agreement),
            State::ContractRejected => Self::Contract(Contract::Rejected, agreement),
            State::ContractOverdue => Self::Contract(Contract::Overdue, agreement),
            State::ContractValidated => Self::Contract(Contract::Validated, agreement),
            State::Refused => Self::Closed(Closed::Refused, agreement),
            State::Renounced => Self::Closed(Closed::Renounced, agreement),
            State::Revoked => Self::Closed(Closed::Revoked, agreement),
            State::ModulesIssued => Self::Closed(Closed::Completed, agreement),
            State::Archived => Self::Closed(Closed::Archived, agreement),
        })
    }

    /// The state under which tables and indexes know it.
    pub const fn state(self) -> State {
        match self {
            Self::Review(Review::Submitted) => State::Submitted,
            Self::Review(Review::Blocked) => State::BlockedAfterSending,
            Self::Review(Review::UnderWay) => State::InReview,
            Self::Review(Review::IntegrationRequested) => State::IntegrationRequested,
            Self::Review(Review::RefusalAnnounced) => State::RefusalAnnounced,
            Self::Answer(Answer::NotAsked) => State::Granted,
            Self::Answer(Answer::Awaited) => State::AwaitingConfirmation,
            Self::Answer(Answer::Renouncing) => State::Renouncing,
            Self::Answer(Answer::Expired) => State::ExpiredToVerify,
            Self::Answer(Answer::Confirmed) => State::Confirmed,
            Self::Entry(Entry::Awaited) => State::VisaIssued,
            Self::Entry(Entry::Reported) => State::EntryReported,
            Self::Contract(Contract::ToSign, _) => State::ContractToSign,
            Self::Contract(Contract::Uploaded, _) => State::ContractUploaded,
            Self::Contract(Contract::Sent, _) => State::ContractSent,
            Self::Contract(Contract::Rejected, _) => State::ContractRejected,
            Self::Contract(Contract::Overdue, _) => State::ContractOverdue,
            Self::Contract(Contract::Validated, _) => State::ContractValidated,
            Self::Closed(Closed::Refused, _) => State::Refused,
            Self::Closed(Closed::Renounced, _) => State::Renounced,
            Self::Closed(Closed::Revoked, _) => State::Revoked,
            Self::Closed(Closed::Completed, _) => State::ModulesIssued,
            Self::Closed(Closed::Archived, _) => State::Archived,
        }
    }

    /// How far the integration agreement is; none where the phase has none, or none applies (AGR-1).
    pub const fn agreement(self) -> Option<AgreementStep> {
        match self {
            Self::Review(_) | Self::Answer(_) | Self::Entry(_) => None,
            Self::Contract(_, agreement) | Self::Closed(_, agreement) => agreement,
        }
    }

    /// The phase under the name that pages and `docs/lifecycle.md` give it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Review(_) => "review",
            Self::Answer(_) => "answer",
            Self::Entry(_) => "entry",
            Self::Contract(..) => "contract",
            Self::Closed(..) => "closed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_after_sending_has_one_phase_and_leads_back() {
        for state in State::ALL {
            let phase = Phase::of(*state, None);
            assert_eq!(phase.is_some(), state.is_sent(), "{state}");
            assert_eq!(phase.map_or(*state, Phase::state), *state);
        }
    }

    /// AGR-1: an agreement runs beside the contract, and stays where it was when the procedure is over.
    #[test]
    fn only_contract_and_closed_keep_an_agreement() {
        for state in State::ALL {
            let Some(phase) = Phase::of(*state, Some(AgreementStep::Sent)) else { continue };
            let has_one = state.admits_agreement() || matches!(phase, Phase::Closed(..));
            assert_eq!(phase.agreement().is_some(), has_one, "{state}");
        }
    }
}
