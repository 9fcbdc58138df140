//! What the runs of the sweeper did, for operators: of each hour the last that did something (SWP-1).

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    keys::{self, Key},
    retry::retried,
    rows::{Item, StoreError, millis},
};

/// A run as stored.
#[derive(Serialize)]
struct SweepRow<T> {
    pk: String,
    sk: String,
    v: u8,
    /// When it began, in milliseconds of the wall clock.
    begun: i64,
    /// What it did.
    #[serde(flatten)]
    done: T,
}

/// The runs in a table.
#[derive(Clone, Debug)]
pub struct Sweeps {
    client: Client,
    table: String,
}

/// An hour in milliseconds.
const HOUR_MS: i64 = 3_600_000;

/// The runs of one hour share a row: the table forgets nothing by itself, and sixty rows an hour are too many to read.
fn row_of(begun: Timestamp) -> Key {
    let begun = millis(begun);
    keys::sweep_run(begun - begun.rem_euclid(HOUR_MS))
}

impl Sweeps {
    /// The runs in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Records what a run did, in place of the one before it in the same hour.
    pub async fn record<T: Serialize>(&self, begun: Timestamp, done: T) -> Result<(), StoreError> {
        let key = row_of(begun);
        let row = SweepRow { pk: key.pk, sk: key.sk, v: 1, begun: millis(begun), done };
        let item: Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
        retried(|| {
            self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send()
        })
        .await
        .map_err(|error| StoreError::unavailable("run of the sweeper", error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runs_of_an_hour_share_a_row_and_those_of_the_next_do_not() {
        let at = |text: &str| row_of(text.parse().unwrap());
        assert_eq!(at("2026-01-12T08:00:00Z"), at("2026-01-12T08:59:59.999Z"));
        assert_ne!(at("2026-01-12T08:59:59.999Z"), at("2026-01-12T09:00:00Z"));
    }
}
