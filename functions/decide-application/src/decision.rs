//! The decisions of an office: the one table from the code of a request to what it does (DEC-1, CNF-4, CTR-1, AGR-1,
//! MOD-1, COM-2).

use domain::{
    application::Application,
    lifecycle::{
        Event, Position, TRANSITIONS,
        agreement::{AGREEMENT_TRANSITIONS, AgreementEvent},
        consequence::{Act, Cause, RemarkKept},
    },
    permission::Action,
};
use edge::access::ApplicationAccess;

/// One row of the table. What a decision brings about is in the domain's table of consequences.
#[derive(Debug)]
pub(crate) struct Decision {
    /// What it moves; a PEC that did not arrive is sent anew and moves nothing (COM-2).
    pub(crate) cause: Cause,
    /// What the officer must be permitted to do.
    pub(crate) action: Action,
}

const fn case(event: Event, action: Action) -> Decision {
    Decision { cause: Cause::Event(event), action }
}

const fn agreement(event: AgreementEvent, action: Action) -> Decision {
    Decision { cause: Cause::Agreement(event), action }
}

/// Everything that an office decides here. A blocked case is released where blocked ones are listed (NEW-5), and the
/// contract goes out with the report of the entry (CTR-1).
#[rustfmt::skip]
pub(crate) const DECISIONS: &[Decision] = {
    use {Action as A, AgreementEvent as G, Event as E};
    &[
    //   event                 permission
    case(E::TakeCharge,         A::TakeCharge),
    case(E::RequestIntegration, A::RequestIntegration),
    case(E::ResumeReview,       A::ResumeReview),
    case(E::AnnounceRefusal,    A::AnnounceRefusal),
    case(E::Grant,              A::Grant),
    case(E::Refuse,             A::Refuse),
    case(E::Revoke,             A::Revoke),
    case(E::ReopenCase,         A::ReopenCase),
    case(E::ReopenContract,     A::ReopenCase),
    case(E::ConfirmExpiry,      A::ConfirmExpiry),
    case(E::ValidateContract,   A::ExamineContract),
    case(E::RejectContract,     A::ExamineContract),
    agreement(G::Generate,      A::GenerateAgreement),
    agreement(G::Validate,      A::ExamineAgreement),
    agreement(G::Reject,        A::ExamineAgreement),
    case(E::IssueModules,       A::IssueModules),
    case(E::Archive,            A::Archive),
    Decision { cause: Cause::Act(Act::SendAgain), action: A::SendAgain },
]};

impl Decision {
    /// The decision with a code.
    pub(crate) fn of(code: &str) -> Option<&'static Self> {
        DECISIONS.iter().find(|decision| decision.code() == code)
    }

    /// As requests and the history name it.
    pub(crate) const fn code(&self) -> &'static str {
        match self.cause {
            Cause::Event(event) => event.code(),
            Cause::Agreement(event) => event.code(),
            Cause::Act(_) => self.action.code(),
        }
    }

    /// As the button reads.
    pub(crate) const fn label(&self) -> &'static str {
        match self.cause {
            Cause::Event(event) => event.label(),
            Cause::Agreement(event) => event.label(),
            Cause::Act(_) => self.action.label(),
        }
    }

    /// Whether the employer must read why, or what the office asks for.
    pub(crate) fn needs_reason(&self) -> bool {
        self.cause.consequences().remark == RemarkKept::Required
    }

    /// Whether the tables let this officer take it where the case stands; quota and terms are judged when it is taken.
    pub(crate) fn is_open(&self, access: &ApplicationAccess) -> bool {
        let agreement = access.head.agreement();
        let follows = match self.cause {
            Cause::Event(event) => {
                Position { state: access.head.state(), agreement }.on(event).is_ok()
            }
            Cause::Agreement(event) => agreement.is_some_and(|step| step.on(event).is_ok()),
            Cause::Act(_) => true,
        };
        follows && access.require(self.action).is_ok()
    }

    /// Whether the case stands where the decision leads.
    pub(crate) fn has_led_to(&self, head: &Application) -> bool {
        match self.cause {
            Cause::Event(event) => {
                TRANSITIONS.iter().any(|row| row.event == event && row.to == head.state())
            }
            Cause::Agreement(event) => AGREEMENT_TRANSITIONS
                .iter()
                .any(|row| row.event == event && Some(row.to) == head.agreement()),
            Cause::Act(_) => false,
        }
    }

    /// Whether an event of the history, by its code, moves what this decision moves.
    pub(crate) fn is_about(&self, event: &str) -> bool {
        match self.cause {
            Cause::Event(_) => event.parse::<Event>().is_ok(),
            Cause::Agreement(_) => event.parse::<AgreementEvent>().is_ok(),
            Cause::Act(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::{lifecycle::Actor, notice::NoticeKind};

    use super::*;

    /// DEC-1: whatever the tables let an officer do to a case that was sent can be decided, each under one code.
    #[test]
    fn every_event_of_an_officer_has_its_decision() {
        let codes: BTreeSet<_> = DECISIONS.iter().map(Decision::code).collect();
        assert_eq!(codes.len(), DECISIONS.len());
        let elsewhere = [Event::Release, Event::SendContract];
        let of_case = TRANSITIONS
            .iter()
            .filter(|row| row.from.is_sent() && row.by.contains(&Actor::Officer))
            .filter(|row| !elsewhere.contains(&row.event))
            .map(|row| row.event.code());
        let of_agreement = AGREEMENT_TRANSITIONS
            .iter()
            .filter(|row| row.by.contains(&Actor::Officer))
            .map(|row| row.event.code());
        let wanted: BTreeSet<_> =
            of_case.chain(of_agreement).chain([Action::SendAgain.code()]).collect();
        assert_eq!(codes, wanted);
    }

    /// DEC-1, CNF-4: every refusal, revocation, return and reopening tells the employer why.
    #[test]
    fn whatever_somebody_may_contest_has_a_reason() {
        let with: Vec<_> =
            DECISIONS.iter().filter(|row| row.needs_reason()).map(Decision::code).collect();
        assert_eq!(
            with,
            [
                "request-integration",
                "announce-refusal",
                "refuse",
                "revoke",
                "reopen-case",
                "reopen-contract",
                "reject-contract",
                "reject-agreement",
                "archive",
            ]
        );
    }

    /// AGR-1, MOD-1: each document that a decision asks for has a notice that carries it to the employer.
    #[test]
    fn documents_go_out_with_a_notice() {
        for decision in DECISIONS {
            let documents = decision.cause.consequences().documents;
            let carried: BTreeSet<_> =
                documents.iter().map(|kind| NoticeKind::with_document(*kind)).collect();
            assert!(carried.len() <= 1 && !carried.contains(&None), "{}", decision.code());
        }
    }

    #[test]
    fn an_unknown_code_is_no_decision() {
        for code in ["", "Grant", "grant ", "release", "send-contract", "confirm"] {
            assert!(Decision::of(code).is_none(), "{code}");
        }
        assert_eq!(Decision::of("send-again").map(Decision::code), Some("send-again"));
    }
}
