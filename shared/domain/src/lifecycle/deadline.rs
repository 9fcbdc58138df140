//! Which terms run in a state, which wait there, and what the end of each does (TRM-1, SWP-1).

use super::{Event, State};
use crate::term::TermKind;

/// What ends by itself in a state, and what happens then.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// Which term; none means at once.
    pub kind: Option<TermKind>,
    /// What its end does; none where a person has to act.
    pub at_end: Option<Event>,
    /// The term whose PEC must have been delivered, by a receipt on record, before the end does anything by itself. Without
    /// the receipt a person decides (CNF-1, COM-2). None where the end takes nothing from anybody, or only asks a person.
    pub asks_delivery_of: Option<TermKind>,
    /// Whether the portal reminds the employer before the end (CNF-3).
    pub reminds: bool,
    /// The requirement or the paragraph of law.
    pub source: &'static str,
}

/// The terms that a state keeps. An event that leads to the state ends all others.
#[derive(Clone, Copy, Debug)]
pub struct StateTerms {
    /// Those that run; of several, the first one that the application has.
    pub run: &'static [Deadline],
    /// Those that wait without running: an event may lead back to where they run, or people still read them.
    pub wait: &'static [TermKind],
}

impl StateTerms {
    /// Whether an application in this state can have the term.
    pub fn keeps(self, kind: TermKind) -> bool {
        self.runs(kind) || self.wait.contains(&kind)
    }

    /// Whether the term runs in this state.
    pub fn runs(self, kind: TermKind) -> bool {
        self.run.iter().any(|row| row.kind == Some(kind))
    }
}

const fn ends(
    kind: TermKind,
    at_end: Option<Event>,
    reminds: bool,
    source: &'static str,
) -> Deadline {
    Deadline { kind: Some(kind), at_end, asks_delivery_of: None, reminds, source }
}

/// The same, which does nothing by itself while no receipt says that the PEC of `told_by` was delivered.
const fn ends_if_delivered(
    kind: TermKind,
    told_by: TermKind,
    at_end: Event,
    reminds: bool,
    source: &'static str,
) -> Deadline {
    Deadline {
        kind: Some(kind),
        at_end: Some(at_end),
        asks_delivery_of: Some(told_by),
        reminds,
        source,
    }
}

const fn terms(run: &'static [Deadline], wait: &'static [TermKind]) -> StateTerms {
    StateTerms { run, wait }
}

const NONE: StateTerms = terms(&[], &[]);
/// How long the office has, by the kind of work; only one of them applies to an application.
const DECISION: &[TermKind] =
    &[TermKind::NullaOsta, TermKind::NullaOstaSeasonal, TermKind::NullaOstaTrainedAbroad];

impl State {
    /// The terms of an application in this state. A new state does not compile until they are written down here.
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a row for each, in the order of the procedure")]
    pub const fn terms(self) -> StateTerms {
        use {Event as E, TermKind as T};
        match self {
            Self::ToValidate | Self::ToComplete | Self::ToSend | Self::Armed | Self::Blocked | Self::Deleted => NONE,
            Self::Submitted => NONE,
            Self::BlockedAfterSending => terms(&[], DECISION),
            // Silence of the office is told by the age of the case; no permit is issued without a person (art. 22 c. 5.0.1).
            Self::InReview => terms(const { &[
                //   term                       at its end                     reminds  source
                ends(T::NullaOsta,              None,                          false,   "DEC-1; art. 22 c. 5 D.Lgs. 286/1998"),
                ends(T::NullaOstaSeasonal,      None,                          false,   "DEC-1; art. 24 D.Lgs. 286/1998"),
                ends(T::NullaOstaTrainedAbroad, None,                          false,   "DEC-1; art. 23 D.Lgs. 286/1998"),
            ] }, &[]),
            Self::IntegrationRequested => terms(const { &[
                ends_if_delivered(T::Integration, T::Integration, E::ResumeReview, true, "DEC-1, SWP-1, COM-2"),
            ] }, DECISION),
            Self::RefusalAnnounced => terms(const { &[
                ends(T::Preavviso,              None,                          true,    "art. 10-bis L. 241/1990"),
            ] }, DECISION),
            Self::Refused => terms(const { &[
                ends(T::Archiving,              Some(E::Archive),              false,   "SWP-1"),
            ] }, &[]),
            Self::Granted => terms(const { &[
                ends(T::NullaOstaValidity,      Some(E::Lapse),                false,   "SWP-1; art. 22 c. 5 D.Lgs. 286/1998"),
            ] }, &[]),
            Self::AwaitingConfirmation => terms(const { &[
                ends(T::Confirmation,           Some(E::Expire),               true,    "CNF-1, CNF-2, CNF-3; art. 22 c. 5-quinquies D.Lgs. 286/1998"),
            ] }, &[T::NullaOstaValidity]),
            Self::Renouncing => terms(const { &[
                ends(T::RenounceUndo,           Some(E::CompleteRenunciation), false,   "CNF-1, SWP-1"),
            ] }, &[T::Confirmation, T::NullaOstaValidity]),
            Self::Renounced => terms(const { &[
                Deadline { kind: None, at_end: Some(E::Archive), asks_delivery_of: None, reminds: false, source: "CNF-1, SWP-1" },
            ] }, &[]),
            // An expired case shows until when the answer would have counted.
            Self::ExpiredToVerify => terms(const { &[
                ends_if_delivered(T::Verification, T::Confirmation, E::ConfirmExpiry, false, "CNF-1, CNF-4, COM-2"),
            ] }, &[T::Confirmation, T::NullaOstaValidity]),
            // An office may reopen what was revoked (CNF-4): the permit is no longer valid by that.
            Self::Revoked => terms(const { &[
                ends(T::Archiving,              Some(E::Archive),              false,   "CNF-1, SWP-1"),
            ] }, &[T::NullaOstaValidity]),
            Self::Confirmed => terms(const { &[
                ends(T::NullaOstaValidity,      Some(E::Lapse),                false,   "SWP-1; art. 22 c. 5 D.Lgs. 286/1998"),
            ] }, &[]),
            Self::VisaIssued | Self::EntryReported => NONE,
            Self::ContractToSign => terms(const { &[
                ends(T::Contract,               Some(E::ExpireContract),       true,    "CTR-1, SWP-1; art. 22 c. 6 D.Lgs. 286/1998"),
            ] }, &[]),
            Self::ContractUploaded | Self::ContractSent => terms(&[], &[T::Contract]),
            Self::ContractRejected => terms(const { &[
                ends(T::Contract,               Some(E::ExpireContract),       true,    "CTR-1, SWP-1"),
            ] }, &[]),
            Self::ContractOverdue => terms(&[], &[T::Contract]),
            Self::ContractValidated => NONE,
            Self::ModulesIssued => terms(const { &[
                ends(T::Archiving,              Some(E::Archive),              false,   "SWP-1"),
            ] }, &[]),
            Self::Archived => NONE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lifecycle::Actor, notice::NoticeKind};

    /// The tables agree: what ends by itself is an event of the lifecycle that the portal may cause.
    #[test]
    fn every_end_of_a_term_is_a_transition_of_the_portal() {
        for state in State::ALL {
            for row in state.terms().run {
                let Some(event) = row.at_end else { continue };
                let transition = state.on(event).unwrap();
                assert!(transition.by.contains(&Actor::System), "{event} from {state}");
            }
        }
    }

    /// CNF-1, COM-2: whatever takes a right away at the end of a term that a PEC began asks for the receipt of its delivery;
    /// the ends that lead to a person's decision do not.
    #[test]
    fn an_end_that_no_person_looks_at_asks_for_the_delivery_of_its_pec() {
        let is_told =
            |kind: &TermKind| NoticeKind::ALL.iter().any(|one| one.announces() == Some(*kind));
        for state in State::ALL {
            for row in state.terms().run {
                let Some(event) = row.at_end else { continue };
                let to = state.on(event).unwrap().to;
                let asks_a_person = matches!(to, State::ExpiredToVerify | State::ContractOverdue);
                let is_told = row.kind.as_ref().is_some_and(is_told);
                let wanted = (is_told && !asks_a_person) || to == State::Revoked;
                assert_eq!(row.asks_delivery_of.is_some(), wanted, "{event} from {state}");
                let kept = row.asks_delivery_of.is_none_or(|kind| state.terms().keeps(kind));
                assert!(kept, "{event} from {state}: nothing could ever say that it was delivered");
            }
        }
    }

    /// TRM-1: a term that runs nowhere, or that only a draft has, is a row too many.
    #[test]
    fn every_term_runs_somewhere_after_sending() {
        for kind in TermKind::ALL {
            assert!(State::ALL.iter().any(|state| state.terms().runs(*kind)), "{kind}");
        }
        for state in State::ALL.iter().filter(|state| !state.is_sent()) {
            assert!(TermKind::ALL.iter().all(|kind| !state.terms().keeps(*kind)), "{state}");
        }
    }
}
