//! The order of submissions: arrival, then a tie-break that no one can choose and anyone can recompute (SUB-3).

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::ids::ApplicationId;

/// A campaign's seed: its commitment is published before the opening, the seed itself after the closing delay.
///
/// Its `Debug` is redacted: a person who knows it early could look for a favourable application id.
#[derive(Clone, PartialEq, Eq)]
pub struct OrderSeed([u8; 32]);

impl OrderSeed {
    /// The seed that was drawn for a model's click day.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// SHA-256 of the seed, which binds the administration to it before the opening.
    pub fn commitment(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// SHA-256 of the seed followed by the application's id as text.
    pub fn tie_break(&self, application: &ApplicationId) -> TieBreak {
        TieBreak(
            Sha256::new().chain_update(self.0).chain_update(application.as_str()).finalize().into(),
        )
    }
}

impl std::fmt::Debug for OrderSeed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OrderSeed([redacted])")
    }
}

/// What decides between equal arrivals; lower comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TieBreak([u8; 32]);

impl TieBreak {
    /// The bytes, for the published order.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The place of a submission among all: earlier arrival first, then the lower tie-break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubmissionOrder {
    arrival: Timestamp,
    tie_break: TieBreak,
}

impl SubmissionOrder {
    /// The place of an application that arrived at `arrival`, the gateway's instant (SUB-3).
    pub fn new(arrival: Timestamp, seed: &OrderSeed, application: &ApplicationId) -> Self {
        Self { arrival, tie_break: seed.tie_break(application) }
    }

    /// The gateway's instant.
    pub const fn arrival(&self) -> Timestamp {
        self.arrival
    }

    /// What decides between equal arrivals.
    pub const fn tie_break(&self) -> TieBreak {
        self.tie_break
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn application(number: u8) -> ApplicationId {
        ApplicationId::from_random([number; 16])
    }

    #[test]
    fn the_earlier_arrival_comes_first_whatever_the_tie_break() {
        let nine: Timestamp = "2026-01-12T08:00:00Z".parse().unwrap();
        let later = nine + jiff::SignedDuration::from_millis(1);
        let seed = OrderSeed::new([3; 32]);
        for (first, second) in [(1, 2), (2, 1)] {
            let earlier = SubmissionOrder::new(nine, &seed, &application(first));
            assert!(earlier < SubmissionOrder::new(later, &seed, &application(second)));
            assert_eq!(earlier.arrival(), nine);
        }
    }

    /// Anyone can recompute it: `printf` of the seed and the id into `sha256sum`.
    #[test]
    fn the_tie_break_is_plain_sha_256() {
        let seed = OrderSeed::new([0; 32]);
        let hex = |bytes: &[u8; 32]| data_encoding::HEXLOWER.encode(bytes);
        let tie_break = seed.tie_break(&application(0));
        assert_eq!(
            hex(tie_break.as_bytes()),
            "c379889cb9384231f58d031512c998dfe4f4924a8f46676cd090142448d9c82d"
        );
        assert_eq!(
            hex(&seed.commitment()),
            "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
        );
        assert_eq!(format!("{seed:?}"), "OrderSeed([redacted])");
    }

    proptest! {
        /// SUB-3: total (different applications never tie) and reproducible (the order of insertion does not count).
        #[test]
        fn the_order_is_total_and_reproducible(
            seed: [u8; 32],
            arrivals in prop::collection::btree_map(any::<[u8; 16]>(), 0..4_i64, 2..40),
        ) {
            let place = |(id, millisecond): (&[u8; 16], &i64)| {
                let arrival = Timestamp::from_millisecond(1_768_204_800_000 + millisecond).unwrap();
                SubmissionOrder::new(arrival, &OrderSeed::new(seed), &ApplicationId::from_random(*id))
            };
            let forwards: Vec<SubmissionOrder> = arrivals.iter().map(place).collect();
            let mut sorted = forwards.clone();
            sorted.sort();
            let mut backwards: Vec<SubmissionOrder> = arrivals.iter().rev().map(place).collect();
            backwards.sort();
            prop_assert_eq!(&sorted, &backwards);
            prop_assert_eq!(forwards.iter().collect::<BTreeSet<_>>().len(), arrivals.len());
            prop_assert!(sorted.windows(2).all(|pair| pair[0] < pair[1] && pair[0].arrival() <= pair[1].arrival()));
        }
    }
}
