//! The ledger of outages: what suspended every term that it touched (CNF-4, OPS-1).

use aws_sdk_dynamodb::Client;
use domain::{
    ids::{AccountId, OutageId},
    term::Outage,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    keys,
    rows::{SaveError, StoreError, instant, millis},
    table::{self, key_of},
    transaction::{all_or_nothing, put_new},
};

/// An outage as recorded; never altered.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct OutageRow {
    pk: String,
    sk: String,
    v: u8,
    /// Its identifier.
    pub id: OutageId,
    /// First instant, in milliseconds.
    pub from: i64,
    /// First instant after it, in milliseconds.
    pub until: i64,
    /// What did not work, in the administrator's words.
    pub reason: String,
    /// When it was recorded, in milliseconds.
    pub recorded: i64,
    /// Who recorded it.
    pub by: AccountId,
}

impl OutageRow {
    /// A new entry of the ledger. Its identifier is drawn from the period: the same period is the same entry, however
    /// often it is recorded.
    pub fn new(outage: Outage, reason: String, by: AccountId, now: Timestamp) -> Self {
        let period = format!("{}#{}", millis(outage.from()), millis(outage.until()));
        let mut drawn = [0; 16];
        drawn.copy_from_slice(Sha256::digest(period).split_at(16).0);
        let id = OutageId::from_random(drawn);
        let key = keys::outage(millis(outage.from()), &id);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            id,
            from: millis(outage.from()),
            until: millis(outage.until()),
            reason,
            recorded: millis(now),
            by,
        }
    }

    fn outage(&self) -> Result<Outage, StoreError> {
        let key = keys::outage(self.from, &self.id);
        let at = |millis: i64| instant(millis).map_err(|source| StoreError::corrupt(&key, source));
        Outage::new(at(self.from)?, at(self.until)?)
            .map_err(|source| StoreError::corrupt(&key, source))
    }
}

/// The ledger in a table.
#[derive(Clone, Debug)]
pub struct Outages {
    client: Client,
    table: String,
}

impl Outages {
    /// The ledger in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Records an outage, for good; a conflict when the same period is recorded already.
    pub async fn record(&self, row: &OutageRow) -> Result<(), SaveError> {
        all_or_nothing(&self.client, vec![put_new(&self.table, row)?], "outage").await
    }

    /// The whole ledger, oldest first.
    pub async fn rows(&self) -> Result<Vec<OutageRow>, StoreError> {
        let items =
            table::items_beginning(&self.client, &self.table, &keys::outages(), "", "outages")
                .await?;
        let rows = items.into_iter().map(|item| {
            let key = key_of(&item);
            serde_dynamo::from_item(item).map_err(|source| StoreError::corrupt(&key, source))
        });
        rows.collect()
    }

    /// The same as instants, for [`domain::decision::Context::outages`].
    pub async fn all(&self) -> Result<Vec<Outage>, StoreError> {
        self.rows().await?.iter().map(OutageRow::outage).collect()
    }
}
