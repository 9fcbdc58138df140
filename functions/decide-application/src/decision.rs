//! The decisions of an office: the one table from the code of a request to what it does (DEC-1, CNF-4, CTR-1, AGR-1,
//! MOD-1, COM-2).

use domain::{
    application::Application,
    document::DocumentKind,
    lifecycle::{
        Event, Position, TRANSITIONS,
        agreement::{AGREEMENT_TRANSITIONS, AgreementEvent},
    },
    notice::NoticeKind,
    permission::Action,
};
use edge::admission::Held;

/// What a decision moves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effect {
    /// The case.
    Case(Event),
    /// The integration agreement beside it (AGR-1).
    Agreement(AgreementEvent),
    /// Nothing: the portal sends a PEC anew that did not arrive (COM-2).
    Again,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Decision {
    /// What it moves.
    pub(crate) effect: Effect,
    /// What the officer must be permitted to do.
    pub(crate) action: Action,
    /// Whether the employer must read why, or what the office asks for.
    pub(crate) needs_reason: bool,
    /// The documents that are made; the notice that carries them follows when they are.
    pub(crate) documents: &'static [DocumentKind],
    /// The notice that leaves at once, beside the event's own ([`NoticeKind::of`]).
    pub(crate) notice: Option<NoticeKind>,
}

const fn case(event: Event, action: Action, needs_reason: bool) -> Decision {
    Decision { effect: Effect::Case(event), action, needs_reason, documents: &[], notice: None }
}

const fn agreement(
    event: AgreementEvent,
    action: Action,
    needs_reason: bool,
    documents: &'static [DocumentKind],
    notice: Option<NoticeKind>,
) -> Decision {
    Decision { effect: Effect::Agreement(event), action, needs_reason, documents, notice }
}

const AGREEMENT: &[DocumentKind] = &[DocumentKind::Agreement];
const MODULES: &[DocumentKind] = &[DocumentKind::Module1, DocumentKind::Module2, DocumentKind::Kit];

/// Everything that an office decides here. A blocked case is released where blocked ones are listed (NEW-5), and the
/// contract goes out with the report of the entry (CTR-1).
#[rustfmt::skip]
pub(crate) const DECISIONS: &[Decision] = {
    use {Action as A, AgreementEvent as G, Event as E};
    &[
    //   event                 permission             reason
    case(E::TakeCharge,         A::TakeCharge,         false),
    case(E::RequestIntegration, A::RequestIntegration, true),
    case(E::ResumeReview,       A::ResumeReview,       false),
    case(E::AnnounceRefusal,    A::AnnounceRefusal,    true),
    case(E::Grant,              A::Grant,              false),
    case(E::Refuse,             A::Refuse,             true),
    case(E::Revoke,             A::Revoke,             true),
    case(E::ReopenCase,         A::ReopenCase,         true),
    case(E::ReopenContract,     A::ReopenCase,         true),
    case(E::ConfirmExpiry,      A::ConfirmExpiry,      false),
    case(E::ValidateContract,   A::ExamineContract,    false),
    case(E::RejectContract,     A::ExamineContract,    true),
    agreement(G::Generate,      A::GenerateAgreement,  false, AGREEMENT, None),
    agreement(G::Validate,      A::ExamineAgreement,   false, &[],       Some(NoticeKind::AgreementValidated)),
    agreement(G::Reject,        A::ExamineAgreement,   true,  &[],       Some(NoticeKind::AgreementRejected)),
    Decision { documents: MODULES, ..case(E::IssueModules, A::IssueModules, false) },
    case(E::Archive,            A::Archive,            true),
    Decision { effect: Effect::Again, action: A::SendAgain, needs_reason: false, documents: &[], notice: None },
]};

impl Decision {
    /// The decision with a code.
    pub(crate) fn of(code: &str) -> Option<&'static Self> {
        DECISIONS.iter().find(|decision| decision.code() == code)
    }

    /// As requests and the history name it.
    pub(crate) const fn code(&self) -> &'static str {
        match self.effect {
            Effect::Case(event) => event.code(),
            Effect::Agreement(event) => event.code(),
            Effect::Again => self.action.code(),
        }
    }

    /// As the button reads.
    pub(crate) const fn label(&self) -> &'static str {
        match self.effect {
            Effect::Case(event) => event.label(),
            Effect::Agreement(event) => event.label(),
            Effect::Again => self.action.label(),
        }
    }

    /// Whether the tables let this officer take it where the case stands; quota and terms are judged when it is taken.
    pub(crate) fn is_open(&self, held: &Held) -> bool {
        let agreement = held.head.case().and_then(|case| case.agreement);
        let follows = match self.effect {
            Effect::Case(event) => {
                Position { state: held.head.state(), agreement }.on(event).is_ok()
            }
            Effect::Agreement(event) => agreement.is_some_and(|step| step.on(event).is_ok()),
            Effect::Again => true,
        };
        follows && held.require(self.action).is_ok()
    }

    /// Whether the case stands where the decision leads.
    pub(crate) fn has_led_to(&self, head: &Application) -> bool {
        match self.effect {
            Effect::Case(event) => {
                TRANSITIONS.iter().any(|row| row.event == event && row.to == head.state())
            }
            Effect::Agreement(event) => {
                let agreement = head.case().and_then(|case| case.agreement);
                AGREEMENT_TRANSITIONS
                    .iter()
                    .any(|row| row.event == event && Some(row.to) == agreement)
            }
            Effect::Again => false,
        }
    }

    /// Whether an event of the history, by its code, moves what this decision moves.
    pub(crate) fn is_about(&self, event: &str) -> bool {
        match self.effect {
            Effect::Case(_) => event.parse::<Event>().is_ok(),
            Effect::Agreement(_) => event.parse::<AgreementEvent>().is_ok(),
            Effect::Again => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::lifecycle::Actor;

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
            DECISIONS.iter().filter(|row| row.needs_reason).map(Decision::code).collect();
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
            let carried: BTreeSet<_> =
                decision.documents.iter().map(|kind| NoticeKind::carrying(*kind)).collect();
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
