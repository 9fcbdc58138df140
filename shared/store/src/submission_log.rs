//! The public log of submissions: what waits for it, and how far it is (RNK-3).
//!
//! What was recorded waits in a row of its own, written with the record. The one writer of a log takes some, writes down what
//! comes next in which order, carries it out, takes the rows out, and moves on under a condition: each submission is in the
//! log once, whatever dies in between (ADR 40).

use aws_sdk_dynamodb::{Client, types::TransactWriteItem};
use domain::{application::Application, ids::CampaignId, transparency::Entry};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Key},
    rows::{SaveError, StoreError, millis},
    table,
    transaction::put_new,
};

/// A submission that is recorded and not in the log yet.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Unlogged {
    sk: String,
    /// Its arrival, in milliseconds of the campaign's clock.
    pub arrival: i64,
    /// What the log is to say of it.
    pub entry: Entry,
}

impl Unlogged {
    /// The submission of an application, recorded at an instant of the wall clock; none where it was not sent.
    pub fn of(head: &Application, recorded: Timestamp) -> Option<Self> {
        let arrival = millis(head.stage.submission()?.arrival);
        let sk = keys::unlogged_place(millis(recorded), &head.id);
        Some(Self { sk, arrival, entry: Entry::of(head)? })
    }

    /// When it was recorded, in milliseconds of the wall clock.
    pub fn recorded(&self) -> Option<i64> {
        keys::unlogged_of(&self.sk).map(|(recorded, _)| recorded)
    }

    fn key(&self, campaign: &CampaignId) -> Option<Key> {
        let (_, id) = keys::unlogged_of(&self.sk)?;
        Some(Key { pk: keys::unlogged(campaign, &id), sk: self.sk.clone() })
    }
}

#[derive(Debug, Deserialize, Serialize)]
struct UnloggedRow {
    pk: String,
    v: u8,
    #[serde(flatten)]
    unlogged: Unlogged,
}

/// How far a log is.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct LogHead {
    /// Counts the writes of this row, as it was read: [`SubmissionLog::move_on`] goes on from there or not at all.
    pub n: u64,
    /// Entries that it has.
    pub size: u64,
    /// The hash of its tree, in hex; empty while it has no entry.
    pub root: String,
    /// Its name, given with the first batch and never changed; empty before.
    pub origin: String,
    /// The keys that are published for it.
    pub keys: Vec<String>,
    /// What comes next and is being written: the next run of `publish-log` writes the same again, and goes on then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batch: Vec<Unlogged>,
}

#[derive(Debug, Deserialize, Serialize)]
struct LogRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    head: LogHead,
}

/// The logs in a table.
#[derive(Clone, Debug)]
pub struct SubmissionLog {
    client: Client,
    table: String,
}

impl SubmissionLog {
    /// The logs in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The write by which a submission waits for the log, to go along with its record; none where it was not sent.
    pub(crate) fn unlogged_item(
        &self,
        head: &Application,
        recorded: Timestamp,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let row = Unlogged::of(head, recorded).map(|unlogged| UnloggedRow {
            pk: keys::unlogged(&head.campaign, &head.id),
            v: 1,
            unlogged,
        });
        row.map(|row| put_new(&self.table, &row)).transpose()
    }

    /// Lets a submission wait for the log by itself.
    pub async fn wait(&self, head: &Application, recorded: Timestamp) -> Result<(), StoreError> {
        if let Some(item) = self.unlogged_item(head, recorded)? {
            table::transact(&self.client, vec![item], "log").await?;
        }
        Ok(())
    }

    /// What waits for a log, at most `limit` of each of the eight partitions, those that were recorded first.
    pub async fn waiting(
        &self,
        campaign: &CampaignId,
        limit: i32,
    ) -> Result<Vec<Unlogged>, StoreError> {
        let shards = keys::all_unlogged(campaign);
        let pages = try_join_all(shards.iter().map(|shard| {
            table::page_beginning(&self.client, &self.table, shard, "", None, limit, "log")
        }))
        .await?;
        let rows = pages.into_iter().flatten().map(|item| {
            let key = table::key_of(&item);
            serde_dynamo::from_item(item)
                .map(|row: UnloggedRow| row.unlogged)
                .map_err(|source| StoreError::corrupt(&key, source))
        });
        rows.collect()
    }

    /// Takes out what is in the log now; some of it may be gone already.
    pub async fn take_out(
        &self,
        campaign: &CampaignId,
        logged: &[Unlogged],
    ) -> Result<(), StoreError> {
        let keys: Vec<Key> = logged.iter().filter_map(|of| of.key(campaign)).collect();
        table::delete_all(&self.client, &self.table, &keys, "log").await
    }

    /// How far a log is.
    pub async fn head(&self, campaign: &CampaignId) -> Result<LogHead, StoreError> {
        let key = keys::submission_log(campaign);
        let row: Option<LogRow> = table::row(&self.client, &self.table, &key, "log").await?;
        Ok(row.map(|row| row.head).unwrap_or_default())
    }

    /// Moves a log on from where it was read; conflict when another run was faster.
    pub async fn move_on(&self, campaign: &CampaignId, after: LogHead) -> Result<(), SaveError> {
        let key = keys::submission_log(campaign);
        let before = after.n;
        let head = LogHead { n: before + 1, ..after };
        let row = LogRow { pk: key.pk, sk: key.sk, v: 1, head };
        table::put_after(&self.client, &self.table, &row, before, "log").await
    }
}
