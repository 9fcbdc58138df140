//! The portal's table with its index `pending`: what a submission, and later its history, writes to both.

use crate::{
    figures::Figures,
    micros::Micros,
    outcome::Cause,
    resource::partitions::{Allowance, Names, Partitions, hashed},
    scenario::Limits,
};

/// Shards over which the rows `ARMED#…` of a model are spread (ADR 42).
const ARMED_SHARDS: u64 = 8;

/// Table and index.
#[derive(Clone, Debug)]
pub struct Store {
    table: Partitions,
    index: Partitions,
    shards: u64,
    /// How keys fall on partitions differs from run to run, as nobody can choose it.
    luck: u64,
    submission: [u32; 2],
    history: [u32; 2],
    armed_row: u32,
}

impl Store {
    /// Both as warm as the limits say.
    pub fn new(limits: &Limits, figures: &Figures, seed: u64) -> Self {
        let part = |ready, partition_cause, quota_cause| {
            let allowance =
                Allowance { ready, partition: limits.partition, quota: limits.table_quota };
            Partitions::new(allowance, Names { partition: partition_cause, quota: quota_cause })
        };
        Self {
            table: part(limits.table_ready, Cause::TablePartition, Cause::TableQuota),
            index: part(limits.index_ready, Cause::IndexPartition, Cause::IndexQuota),
            shards: u64::from(limits.index_shards.max(1)),
            luck: hashed(seed),
            submission: [figures.write_units_table.value, figures.write_units_index.value],
            history: [figures.history_units_table.value, figures.history_units_index.value],
            armed_row: figures.write_units_armed_row.value,
        }
    }

    /// Writes a submission: the head, and its entry of what waits for history. Gives the units.
    pub fn submit(&mut self, now: Micros, application: u64) -> Result<u32, Cause> {
        let [table, index] = self.submission;
        let (head, waiting) = (self.head(application), self.waiting(0, application));
        self.table.admits(now, head, table)?;
        // A throttled index throttles its table.
        self.index.admits(now, waiting, index)?;
        self.table.take(head, table);
        self.index.take(waiting, index);
        Ok(table + index)
    }

    /// Sends what is armed: a submission, and the row that waited for it goes.
    pub fn send(&mut self, now: Micros, application: u64) -> Result<u32, Cause> {
        // Above every number of an application: a key of its own.
        let row = hashed(((1 << 32) | (hashed(application) % ARMED_SHARDS)) ^ self.luck);
        self.table.admits(now, row, self.armed_row)?;
        let units = self.submit(now, application)?;
        self.table.take(row, self.armed_row);
        Ok(units + self.armed_row)
    }

    /// A condition that fails writes nothing, and costs the table's units.
    pub fn refuse(&mut self, now: Micros, application: u64) -> Result<u32, Cause> {
        let [units, _] = self.submission;
        let head = self.head(application);
        self.table.admits(now, head, units)?;
        self.table.take(head, units);
        Ok(units)
    }

    /// Records a submission's history in one transaction; what waited for it goes, what waits for others comes.
    pub fn record(&mut self, now: Micros, application: u64) -> Result<(), Cause> {
        let [table, index] = self.history;
        let head = self.head(application);
        self.table.admits(now, head, table)?;
        for queue in 0..u64::from(index) {
            let key = self.waiting(queue, application);
            self.index.admits(now, key, 1)?;
        }
        self.table.take(head, table);
        for queue in 0..u64::from(index) {
            self.index.take(self.waiting(queue, application), 1);
        }
        Ok(())
    }

    const fn head(&self, application: u64) -> u64 {
        hashed(application ^ self.luck)
    }

    /// The key `PENDING#<queue>#<shard>` of an application.
    const fn waiting(&self, queue: u64, application: u64) -> u64 {
        let shard = hashed(application) % self.shards;
        hashed((queue << 32 | shard) ^ self.luck.rotate_left(17))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(limits: &Limits) -> Store {
        Store::new(limits, &Figures::built_in().unwrap(), 1)
    }

    /// How many of 100,000 submissions are written at once.
    fn written(store: &mut Store) -> usize {
        (0..100_000).filter(|application| store.submit(Micros(0), *application).is_ok()).count()
    }

    #[test]
    fn an_index_of_one_shard_holds_a_warm_table_back_to_one_partition() {
        let warm = Limits {
            partition: Some(1_000),
            table_ready: 40_000,
            index_ready: 40_000,
            ..Limits::none()
        };
        assert_eq!(written(&mut store(&Limits { index_shards: 1, ..warm.clone() })), 1_000);
        let sixteen = written(&mut store(&Limits { index_shards: 16, ..warm }));
        assert!((8_000..=16_000).contains(&sixteen), "{sixteen}");
    }

    #[test]
    fn a_refused_submission_uses_nothing_up() {
        let limits = Limits {
            partition: Some(1_000),
            table_ready: 40_000,
            index_ready: 1_000,
            index_shards: 1,
            ..Limits::none()
        };
        let mut store = store(&limits);
        written(&mut store);
        assert_eq!(store.submit(Micros(0), 1), Err(Cause::IndexPartition));
        // The table still has the units that the index did not let it use.
        let left = (0..39_000).filter(|other| store.refuse(Micros(0), *other).is_ok()).count();
        assert!(left > 36_000, "{left}");
    }

    #[test]
    fn an_armed_send_takes_two_units_of_the_table_and_one_of_the_index() {
        let limits = Limits { partition: Some(1_000), index_ready: 4_000, ..Limits::none() };
        let mut store = store(&limits);
        let sent: Vec<_> =
            (0..1_000).filter_map(|number| store.send(Micros(0), number).ok()).collect();
        assert_eq!((sent.len(), sent[0]), (500, 3));
    }

    #[test]
    fn history_takes_twelve_units_of_the_table_for_one_of_the_submission() {
        let limits = Limits { partition: Some(1_000), ..Limits::none() };
        let mut store = store(&limits);
        let recorded = (0..1_000).filter(|number| store.record(Micros(0), *number).is_ok()).count();
        assert_eq!(recorded, 1_000 / 12);
    }
}
