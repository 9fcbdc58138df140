//! Who is in quota: how far a line's cut-off lies, and what a place that is given up does to it (RNK-1, RNK-2, DEC-1).

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::{
    application::Application,
    campaign::{Campaign, QuotaLine},
    lifecycle::State,
};

/// The line in which an application needs a place to be granted; none where its model has none, or was off quota when
/// it was sent (CAL-4).
pub fn needs_place_in<'a>(
    campaign: &'a Campaign,
    application: &Application,
) -> Option<&'a QuotaLine> {
    let arrival: Timestamp = application.stage.submission()?.arrival;
    let off_quota =
        campaign.model(&application.model).is_some_and(|model| model.is_off_quota(arrival));
    campaign.line_of(&application.model).filter(|_| !off_quota)
}

/// Whether an application in this state when the run gives ordinals has given up its place before having it: it gets
/// the ordinal of its arrival all the same, and the next in order moves up at once (RNK-2).
pub const fn has_given_up(state: State) -> bool {
    match state {
        State::Refused | State::Revoked | State::Renounced | State::Archived => true,
        State::ToValidate
        | State::ToComplete
        | State::ToSend
        | State::Blocked
        | State::Submitted
        | State::BlockedAfterSending
        | State::InReview
        | State::IntegrationRequested
        | State::RefusalAnnounced
        | State::Granted
        | State::AwaitingConfirmation
        | State::Renouncing
        | State::ExpiredToVerify
        | State::Confirmed
        | State::VisaIssued
        | State::EntryReported
        | State::ContractToSign
        | State::ContractUploaded
        | State::ContractSent
        | State::ContractRejected
        | State::ContractOverdue
        | State::ContractValidated
        | State::ModulesIssued
        | State::Deleted => false,
    }
}

/// Up to which ordinal a line is in quota.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CutOff {
    /// The last ordinal in quota; 0 when none is.
    pub last: u64,
    /// Ordinals beyond it whose places were given up: they are passed over when the cut-off reaches them.
    pub given_up: BTreeSet<u64>,
}

impl CutOff {
    /// Whether an ordinal, counted from 1, is in quota.
    pub const fn admits(&self, ordinal: u64) -> bool {
        ordinal <= self.last
    }

    /// After the place of an ordinal is given up, once: the next in order who still stands moves up (RNK-2). An
    /// application beyond the cut-off frees no place: else there would be more permits than places.
    #[must_use]
    pub fn after_giving_up(&self, ordinal: u64) -> Self {
        let mut after = self.clone();
        if !self.admits(ordinal) {
            after.given_up.insert(ordinal);
            return after;
        }
        after.last += 1;
        while after.given_up.remove(&after.last) {
            after.last += 1;
        }
        after
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lifecycle::{Event, consequence::QuotaPlace};

    #[test]
    fn a_place_that_is_given_up_lets_the_next_move_up() {
        let line = CutOff { last: 2, ..CutOff::default() };
        assert!(line.admits(2) && !line.admits(3));
        assert!(line.after_giving_up(1).admits(3));
        // The fourth gave up first: no other moves up for that, and the cut-off passes over it later.
        let fourth = line.after_giving_up(4);
        assert_eq!(fourth.last, 2);
        assert_eq!(fourth.after_giving_up(2).last, 3);
        assert_eq!(fourth.after_giving_up(2).after_giving_up(1).last, 5);
    }

    /// Whether an event gives up a place from this state, by the table alone.
    fn gives_up(event: Event, from: State) -> bool {
        match event.consequences().place {
            QuotaPlace::GivenUp => true,
            QuotaPlace::GivenUpUnlessCompleted => from != State::ModulesIssued,
            QuotaPlace::Kept | QuotaPlace::Awaited | QuotaPlace::Required => false,
        }
    }

    #[test]
    fn a_finished_case_keeps_its_place() {
        assert!(gives_up(Event::Archive, State::VisaIssued));
        assert!(!gives_up(Event::Archive, State::ModulesIssued));
        assert!(!gives_up(Event::Block, State::InReview));
    }

    /// RNK-2: what gives a place up before there is one leads where the ranking sees it.
    #[test]
    fn who_gave_up_before_the_ranking_is_known_by_the_state() {
        let mut seen = BTreeSet::new();
        for from in State::ALL {
            for event in Event::ALL {
                let Ok(transition) = from.on(*event) else { continue };
                if gives_up(*event, *from) {
                    assert!(has_given_up(transition.to), "{event:?} from {from:?}");
                    seen.insert(transition.to.code());
                } else if has_given_up(transition.to) {
                    assert_eq!(*from, State::ModulesIssued, "{event:?} gives up nothing");
                }
            }
        }
        assert_eq!(seen.len(), 4);
    }

    proptest! {
        /// RNK-1, RNK-2: whatever is given up in whatever order, those in quota who still stand are as many as the
        /// places.
        #[test]
        fn there_are_never_more_in_quota_than_places(
            places in 0_u64..20,
            ordinals in proptest::collection::btree_set(1_u64..40, 0..20).prop_flat_map(|set| {
                Just(set.into_iter().collect::<Vec<_>>()).prop_shuffle()
            }),
        ) {
            let mut line = CutOff { last: places, ..CutOff::default() };
            let mut gone = BTreeSet::new();
            for ordinal in ordinals {
                line = line.after_giving_up(ordinal);
                gone.insert(ordinal);
                let standing = (1..=line.last).filter(|ordinal| !gone.contains(ordinal)).count();
                prop_assert_eq!(u64::try_from(standing).unwrap(), places);
            }
        }
    }
}
