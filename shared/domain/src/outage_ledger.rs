//! The ledger of outages: an entry counts once a second person has confirmed it, and until an entry that names it counts
//! (CNF-4, OPS-1).

use std::collections::BTreeSet;

use crate::{
    ids::{AccountId, OutageId},
    term::Outage,
};

/// What one entry of the ledger says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its identifier.
    pub id: OutageId,
    /// The time in which the portal did not work; none where the entry only says that another one is wrong.
    pub outage: Option<Outage>,
    /// The entry that it corrects.
    pub corrects: Option<OutageId>,
    /// Who wrote it.
    pub by: AccountId,
    /// Whether a second person confirmed it.
    pub is_confirmed: bool,
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// A second person has to confirm it: it lengthens nothing.
    Proposed,
    /// It counts.
    InForce,
    /// A confirmed entry corrects it: it counts no more.
    Corrected,
}

/// Why an entry cannot be confirmed by a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmationRefused {
    /// Two people are needed: one alone would lengthen every term of the country.
    OwnEntry,
}

impl LedgerEntry {
    /// Whether this person may confirm the entry.
    pub fn require_second_person(&self, person: &AccountId) -> Result<(), ConfirmationRefused> {
        if self.by == *person { Err(ConfirmationRefused::OwnEntry) } else { Ok(()) }
    }
}

/// Where each entry stands, in the order given.
pub fn states(entries: &[LedgerEntry]) -> Vec<EntryState> {
    let corrected: BTreeSet<&OutageId> = entries
        .iter()
        .filter(|entry| entry.is_confirmed)
        .filter_map(|entry| entry.corrects.as_ref())
        .collect();
    let state = |entry: &LedgerEntry| {
        if !entry.is_confirmed {
            EntryState::Proposed
        } else if corrected.contains(&entry.id) {
            EntryState::Corrected
        } else {
            EntryState::InForce
        }
    };
    entries.iter().map(state).collect()
}

/// The outages that lengthen terms.
pub fn in_force(entries: &[LedgerEntry]) -> Vec<Outage> {
    entries
        .iter()
        .zip(states(entries))
        .filter(|(_, state)| *state == EntryState::InForce)
        .filter_map(|(entry, _)| entry.outage)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::RomeTime;

    fn rome(text: &str) -> jiff::Timestamp {
        text.parse::<RomeTime>().unwrap().instant()
    }

    /// The night of the failure, of so many hours.
    fn night(hours: i8) -> Outage {
        let from = rome("2026-01-10 00:00");
        Outage::new(from, from + jiff::SignedDuration::from_hours(hours.into())).unwrap()
    }

    fn entry(
        n: u8,
        outage: Option<Outage>,
        corrects: Option<u8>,
        is_confirmed: bool,
    ) -> LedgerEntry {
        LedgerEntry {
            id: OutageId::from_random([n; 16]),
            outage,
            corrects: corrects.map(|n| OutageId::from_random([n; 16])),
            by: AccountId::keyed(&[1; 32]),
            is_confirmed,
        }
    }

    /// CNF-4: what Anna, an administrator, records alone lengthens nothing.
    #[test]
    fn an_outage_counts_only_when_a_second_person_confirmed_it() {
        let proposed = entry(1, Some(night(3)), None, false);
        assert_eq!(in_force(std::slice::from_ref(&proposed)), []);
        let (anna, bruno) = (AccountId::keyed(&[1; 32]), AccountId::keyed(&[2; 32]));
        let own = Err(ConfirmationRefused::OwnEntry);
        assert_eq!(proposed.require_second_person(&anna), own);
        assert_eq!(proposed.require_second_person(&bruno), Ok(()));
        assert_eq!(in_force(&[entry(1, Some(night(3)), None, true)]), [night(3)]);
    }

    /// Thirty hours were typed for three: the entry that names it counts in its place, once it is confirmed.
    #[test]
    fn a_correction_takes_the_place_of_what_it_names() {
        let wrong = entry(1, Some(night(30)), None, true);
        let right = |is_confirmed| entry(2, Some(night(3)), Some(1), is_confirmed);
        assert_eq!(in_force(&[wrong.clone(), right(false)]), [night(30)]);
        assert_eq!(in_force(&[wrong.clone(), right(true)]), [night(3)]);
        assert_eq!(
            states(&[wrong.clone(), right(true)]),
            [EntryState::Corrected, EntryState::InForce]
        );
        // It never happened.
        assert_eq!(in_force(&[wrong.clone(), entry(2, None, Some(1), true)]), []);
        // The correction was wrong itself: the last word counts, and nothing comes back by itself.
        let last = entry(3, Some(night(4)), Some(2), true);
        assert_eq!(in_force(&[wrong, right(true), last]), [night(4)]);
    }
}
