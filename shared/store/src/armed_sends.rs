//! What is armed, and how far the sends of each opening are (NEW-1).
//!
//! A run's row is written before its first send and names opening and version, so that all that was armed before goes by it,
//! whatever is published meanwhile. Before each page it says until when the page may write, so that nobody takes the run for
//! done while another sends (ADR 42).

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use domain::{
    campaign::{ArmedOpening, TICKET_RESERVE},
    ids::{ApplicationId, CampaignId, ModelId},
};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    applications::armed::ArmedRow,
    keys::{self, Key},
    rows::{SaveError, StoreError, instant, millis},
    table::{self, key_of},
};

/// Applications of one run that the store refuses for good and that its row can name.
const REFUSED: usize = 100;

/// An application that is armed, as its row says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Armed {
    /// Which.
    pub application: ApplicationId,
    /// The arrival of the request that armed it, in milliseconds of the campaign's clock.
    pub since: i64,
}

impl From<ArmedRow> for Armed {
    fn from(row: ArmedRow) -> Self {
        Self { application: row.sk, since: row.armed }
    }
}

/// How far the sends of one opening are.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ArmedRun {
    /// Counts the writes of this row, as it was read: [`ArmedSends::move_on`] goes on from there or not at all.
    pub n: u64,
    /// The first instant of the window, in milliseconds of the campaign's clock.
    pub from: i64,
    /// The arrival of all that was armed before it, in milliseconds of the campaign's clock.
    pub opening: i64,
    /// The version of the campaign that was in force when the run began.
    pub version: u32,
    /// Until when the last page may have been written, in milliseconds of the wall clock; zero before the first.
    pub sending: i64,
    /// What the store refused for good: tried again each minute, and waited for by nobody.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused: BTreeSet<ApplicationId>,
    /// When nothing was left to be sent, in milliseconds of the wall clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<i64>,
}

impl ArmedRun {
    /// A run that begins, by a version of the campaign.
    pub fn begun(of: ArmedOpening, version: u32) -> Self {
        Self {
            n: 0,
            from: millis(of.from),
            opening: millis(of.opening),
            version,
            sending: 0,
            refused: BTreeSet::new(),
            done: None,
        }
    }

    /// Its opening. None where the row holds no instants, which the portal never writes.
    pub fn of(&self) -> Option<ArmedOpening> {
        Some(ArmedOpening { from: instant(self.from).ok()?, opening: instant(self.opening).ok()? })
    }

    /// Whether all that the last page sent stands in the index `pending`, or is recorded, at an instant of the wall clock.
    pub fn is_indexed(&self, wall: Timestamp) -> bool {
        let reserve = i64::try_from(TICKET_RESERVE.as_millis()).unwrap_or(i64::MAX);
        millis(wall) >= self.sending.saturating_add(reserve)
    }

    /// Takes notice that the store refuses an application for good; false where the row names too many already.
    pub fn refuse(&mut self, application: &ApplicationId) -> bool {
        let has_room = self.refused.len() < REFUSED;
        if has_room {
            self.refused.insert(application.clone());
        }
        has_room
    }
}

#[derive(Debug, Deserialize, Serialize)]
struct RunRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    run: ArmedRun,
}

impl RunRow {
    fn of(campaign: &CampaignId, model: &ModelId, run: ArmedRun) -> Self {
        let key = keys::armed_run(campaign, model, run.from);
        Self { pk: key.pk, sk: key.sk, v: 1, run }
    }
}

/// Where a walk over all partitions of what is armed for a model goes on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ArmedWalk {
    /// Of each partition the last application that was read; none where it is read to its end. Empty before the first page.
    pub after: Vec<Option<ApplicationId>>,
}

impl ArmedWalk {
    /// Whether every partition is read to its end.
    pub fn is_over(&self) -> bool {
        !self.after.is_empty() && self.after.iter().all(Option::is_none)
    }
}

/// What is armed in a table, and how far its sends are.
#[derive(Clone, Debug)]
pub struct ArmedSends {
    client: Client,
    table: String,
}

impl ArmedSends {
    /// What is armed in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The next page of what is armed for a model as last written, at most `limit` of each of the eight partitions, and where
    /// the walk goes on.
    pub async fn page(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        walk: &ArmedWalk,
        limit: i32,
    ) -> Result<(Vec<Armed>, ArmedWalk), StoreError> {
        let shards = keys::all_armed(campaign, model);
        let is_first = walk.after.is_empty();
        let reads = shards.iter().enumerate().map(|(number, shard)| async move {
            let after = walk.after.get(number).and_then(Option::as_ref);
            if after.is_none() && !is_first {
                return Ok::<_, StoreError>((Vec::new(), None));
            }
            let after = after.map(ApplicationId::as_str);
            let read = table::page_beginning(
                &self.client,
                &self.table,
                shard,
                "",
                after,
                limit,
                "what is armed",
            );
            let items = read.await?;
            let is_full = i32::try_from(items.len()).is_ok_and(|read| read >= limit);
            let rows = items.into_iter().map(|item| {
                let key = key_of(&item);
                serde_dynamo::from_item(item)
                    .map(|row: ArmedRow| Armed::from(row))
                    .map_err(|source| StoreError::corrupt(&key, source))
            });
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            let last = rows.last().filter(|_| is_full).map(|last| last.application.clone());
            Ok((rows, last))
        });
        let pages = try_join_all(reads).await?;
        let (rows, after): (Vec<_>, Vec<_>) = pages.into_iter().unzip();
        Ok((rows.into_iter().flatten().collect(), ArmedWalk { after }))
    }

    /// The row of an application that is armed for a model; none where it is not.
    pub async fn find(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        application: &ApplicationId,
    ) -> Result<Option<Armed>, StoreError> {
        let key = keys::armed(campaign, model, application);
        let row: Option<ArmedRow> =
            table::row(&self.client, &self.table, &key, "what is armed").await?;
        Ok(row.map(Armed::from))
    }

    /// Takes the rows out of what is sent, which nothing arms again; some of them may be gone already.
    pub async fn take_out(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        sent: &[ApplicationId],
    ) -> Result<(), StoreError> {
        let keys: Vec<Key> = sent.iter().map(|id| keys::armed(campaign, model, id)).collect();
        table::delete_all(&self.client, &self.table, &keys, "what is armed").await
    }

    /// The runs of a model, the earliest window first: one for each opening that has come.
    pub async fn runs(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
    ) -> Result<Vec<ArmedRun>, StoreError> {
        let partition = keys::armed_runs(campaign, model);
        let rows: Vec<RunRow> =
            table::rows_beginning(&self.client, &self.table, &partition, "", "armed sends").await?;
        Ok(rows.into_iter().map(|row| row.run).collect())
    }

    /// Writes down that the sends of an opening begin, once: one that was written before stays as it is.
    pub async fn begin(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        run: ArmedRun,
    ) -> Result<(), StoreError> {
        let row = RunRow::of(campaign, model, ArmedRun { n: 1, ..run });
        table::put_new(&self.client, &self.table, &row, "armed sends").await?;
        Ok(())
    }

    /// Moves a run on from where it was read, and gives it as it is then.
    ///
    /// # Errors
    /// Conflict when another run was faster.
    pub async fn move_on(
        &self,
        campaign: &CampaignId,
        model: &ModelId,
        after: ArmedRun,
    ) -> Result<ArmedRun, SaveError> {
        let before = after.n;
        let row = RunRow::of(campaign, model, ArmedRun { n: before + 1, ..after });
        table::put_after(&self.client, &self.table, &row, before, "armed sends").await?;
        Ok(row.run)
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn run() -> ArmedRun {
        let at: Timestamp = "2026-01-12T08:00:00Z".parse().unwrap();
        ArmedRun::begun(ArmedOpening { from: at, opening: at }, 3)
    }

    #[test]
    fn a_run_comes_back_as_it_was_stored() {
        let id = ApplicationId::from_random([7; 16]);
        let mut refused = run();
        assert!(refused.refuse(&id));
        let done = ArmedRun { done: Some(1), n: 7, sending: 5, ..run() };
        for run in [run(), refused, done] {
            let campaign = "demo".parse().unwrap();
            let row = RunRow::of(&campaign, &"a-bis".parse().unwrap(), run.clone());
            let item: crate::rows::Item = serde_dynamo::to_item(&row).unwrap();
            let again: RunRow = serde_dynamo::from_item(item).unwrap();
            assert_eq!(again.run, run);
            assert_eq!(again.sk, "1768204800000");
        }
    }

    /// An index is behind by less than a minute: what the last page sent is in it then.
    #[test]
    fn what_a_page_sent_is_found_a_minute_later() {
        let at: Timestamp = "2026-01-12T08:05:00Z".parse().unwrap();
        let page = ArmedRun { sending: millis(at), ..run() };
        let later = at + TICKET_RESERVE;
        assert!(page.is_indexed(later) && !page.is_indexed(later - SignedDuration::from_millis(1)));
        assert!(run().is_indexed(at), "nothing was sent");
    }

    #[test]
    fn a_run_names_a_hundred_that_are_refused_and_no_more() {
        let mut run = run();
        for number in 0..100 {
            assert!(run.refuse(&ApplicationId::from_random([number; 16])));
        }
        assert!(!run.refuse(&ApplicationId::from_random([100; 16])));
        assert_eq!(run.refused.len(), 100);
    }
}
