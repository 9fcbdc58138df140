//! The partitions of a DynamoDB table or index: what each serves, what all serve together, how they split.

use crate::{micros::Micros, outcome::Cause, resource::token_bucket::TokenBucket};

/// A new on-demand table or index takes so many write units a second.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html>
pub const NEW_TABLE: u32 = 4_000;

/// Above twice the former peak an on-demand table may throttle until so much time has passed.
/// <https://repost.aws/knowledge-center/on-demand-table-throttling-dynamodb>
const DOUBLES_AFTER: Micros = Micros::seconds(30 * 60);

/// What DynamoDB allows a table or an index.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Write units a second that it is ready for: warm throughput, or twice the former peak, at least [`NEW_TABLE`].
    pub ready: u32,
    /// Write units a second of one partition; none is no limit.
    pub partition: Option<u32>,
    /// Write units a second of the whole, the account's quota for each table; none is no limit.
    pub quota: Option<u32>,
}

/// What a refused write is called where these partitions are a table's, or an index's.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// One partition had no units left.
    pub partition: Cause,
    /// The quota of the whole was used up.
    pub quota: Cause,
}

/// Partitions that serve write units. A key always lies in one of them; unused units of one second may be used later.
#[derive(Clone, Debug)]
pub struct Partitions {
    each: Vec<TokenBucket>,
    whole: TokenBucket,
    names: Names,
    /// Since when it has been too small.
    short_since: Option<Micros>,
}

impl Partitions {
    /// As many partitions as `ready` needs.
    pub fn new(allowance: Allowance, names: Names) -> Self {
        let number = match allowance.partition {
            Some(partition) => allowance.ready.div_ceil(partition.max(1)).max(1),
            None => 1,
        };
        Self {
            each: (0..number).map(|_| TokenBucket::of_second(allowance.partition)).collect(),
            whole: TokenBucket::of_second(allowance.quota),
            names,
            short_since: None,
        }
    }

    /// Whether `units` of a key can be written now, or what is missing. Instants must not go back.
    pub fn admits(&mut self, now: Micros, key: u64, units: u32) -> Result<(), Cause> {
        if self.short_since.is_some_and(|since| now - since >= DOUBLES_AFTER) {
            // A key of 2n partitions lies where it lay, or n further on: each partition splits in two.
            self.each.extend(self.each.clone());
            self.short_since = None;
        }
        let names = self.names;
        if !self.whole.holds(now, units) {
            return Err(names.quota);
        }
        if self.of(key).is_some_and(|partition| !partition.holds(now, units)) {
            self.short_since.get_or_insert(now);
            return Err(names.partition);
        }
        Ok(())
    }

    /// Writes what [`Self::admits`] admitted.
    pub fn take(&mut self, key: u64, units: u32) {
        self.whole.take(units);
        if let Some(partition) = self.of(key) {
            partition.take(units);
        }
    }

    fn of(&mut self, key: u64) -> Option<&mut TokenBucket> {
        let number = u64::try_from(self.each.len()).unwrap_or(1).max(1);
        let place = usize::try_from(key % number).unwrap_or(0);
        self.each.get_mut(place)
    }
}

/// Spreads a number over all keys, as DynamoDB hashes a partition key: neighbours end far apart.
///
/// The mixing step of SplitMix64; the generator crates offer it only as a sequence.
pub const fn hashed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Names = Names { partition: Cause::TablePartition, quota: Cause::TableQuota };

    fn partitions(ready: u32) -> Partitions {
        let allowance = Allowance { ready, partition: Some(1_000), quota: Some(40_000) };
        Partitions::new(allowance, TABLE)
    }

    /// How many of `asked` writes of one unit are taken at an instant, with the keys that `key` gives.
    fn written(all: &mut Partitions, at: Micros, asked: u64, key: fn(u64) -> u64) -> usize {
        (0..asked)
            .filter(|number| {
                let admitted = all.admits(at, key(*number), 1).is_ok();
                if admitted {
                    all.take(key(*number), 1);
                }
                admitted
            })
            .count()
    }

    #[test]
    fn one_key_gets_a_thousand_units_a_second_however_warm_the_table_is() {
        let mut warm = partitions(40_000);
        assert_eq!(written(&mut warm, Micros(0), 10_000, |_| 7), 1_000);
        assert_eq!(warm.admits(Micros(0), 7, 1), Err(Cause::TablePartition));
        assert_eq!(written(&mut warm, Micros::millis(250), 10_000, |_| 7), 250);
    }

    #[test]
    fn many_keys_get_what_the_table_is_ready_for() {
        let taken = written(&mut partitions(NEW_TABLE), Micros(0), 100_000, hashed);
        assert_eq!(taken, 4_000);
    }

    #[test]
    fn the_quota_of_a_table_holds_beyond_its_partitions() {
        let mut warm = partitions(80_000);
        assert_eq!(written(&mut warm, Micros(0), 200_000, hashed), 40_000);
        assert_eq!(warm.admits(Micros(0), 1, 1), Err(Cause::TableQuota));
    }

    #[test]
    fn a_table_that_was_too_small_for_half_an_hour_has_doubled() {
        let mut new = partitions(NEW_TABLE);
        written(&mut new, Micros(0), 100_000, hashed);
        let almost = Micros::seconds(30 * 60 - 1);
        assert_eq!(written(&mut new, almost, 100_000, hashed), 4_000);
        assert_eq!(written(&mut new, Micros::seconds(30 * 60), 100_000, hashed), 8_000);
    }

    #[test]
    fn one_hot_key_is_not_helped_by_the_split() {
        let mut new = partitions(NEW_TABLE);
        written(&mut new, Micros(0), 5_000, |_| 7);
        assert_eq!(written(&mut new, Micros::seconds(31 * 60), 5_000, |_| 7), 1_000);
    }
}
