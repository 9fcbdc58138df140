//! The ledger of outages: what suspended every term that it touched (CNF-4, OPS-1).

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use domain::{
    ids::{AccountId, OutageId},
    outage_ledger::{self, LedgerEntry},
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

/// Rows of this form count when a second person has confirmed them; those of the first form were recorded by one.
const TO_CONFIRM: u8 = 2;

/// An entry of the ledger as written; never altered.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct OutageRow {
    pk: String,
    sk: String,
    v: u8,
    /// Its identifier.
    pub id: OutageId,
    /// First instant, in milliseconds; of an entry without a period that of the entry that it corrects.
    pub from: i64,
    /// First instant after it, in milliseconds; none where the entry only says that another one is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// The entry that it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<OutageId>,
    /// What did not work, in the administrator's words.
    pub reason: String,
    /// When it was written, in milliseconds.
    pub recorded: i64,
    /// Who wrote it.
    pub by: AccountId,
}

/// That a second person confirmed an entry; never altered.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ConfirmationRow {
    pk: String,
    sk: String,
    v: u8,
    /// The entry.
    pub confirms: OutageId,
    /// When, in milliseconds.
    pub confirmed: i64,
    /// Who.
    pub by: AccountId,
}

/// An entry with its confirmation.
#[derive(Clone, Debug)]
pub struct RecordedOutage {
    /// The entry.
    pub row: OutageRow,
    /// Who confirmed it and when; none as long as it counts for nothing, and of entries of the first form.
    pub confirmation: Option<ConfirmationRow>,
}

impl OutageRow {
    /// A new entry of the ledger. Its identifier is drawn from the period and from what it corrects: the same is the same
    /// entry, however often it is written.
    pub fn new(outage: Outage, reason: String, by: AccountId, now: Timestamp) -> Self {
        Self::with(millis(outage.from()), Some(millis(outage.until())), None, reason, by, now)
    }

    /// An entry that corrects another: with the right period, or none where nothing was wrong with the portal.
    pub fn correcting(
        wrong: &Self,
        outage: Option<Outage>,
        reason: String,
        by: AccountId,
        now: Timestamp,
    ) -> Self {
        let from = outage.map_or(wrong.from, |outage| millis(outage.from()));
        let until = outage.map(|outage| millis(outage.until()));
        Self::with(from, until, Some(wrong.id.clone()), reason, by, now)
    }

    fn with(
        from: i64,
        until: Option<i64>,
        corrects: Option<OutageId>,
        reason: String,
        by: AccountId,
        now: Timestamp,
    ) -> Self {
        let period = format!("{from}#{}", until.map_or("-".to_owned(), |until| until.to_string()));
        let drawn_from = match &corrects {
            Some(wrong) => format!("{period}#{wrong}"),
            None => period,
        };
        let mut drawn = [0; 16];
        drawn.copy_from_slice(Sha256::digest(drawn_from).split_at(16).0);
        let id = OutageId::from_random(drawn);
        let key = keys::outage(from, &id);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: TO_CONFIRM,
            id,
            from,
            until,
            corrects,
            reason,
            recorded: millis(now),
            by,
        }
    }
}

impl RecordedOutage {
    /// What the entry says.
    pub fn entry(&self) -> Result<LedgerEntry, StoreError> {
        let row = &self.row;
        let key = keys::outage(row.from, &row.id);
        let at = |millis: i64| instant(millis).map_err(|source| StoreError::corrupt(&key, source));
        let outage = match row.until {
            Some(until) => Some(
                Outage::new(at(row.from)?, at(until)?)
                    .map_err(|source| StoreError::corrupt(&key, source))?,
            ),
            None => None,
        };
        Ok(LedgerEntry {
            id: row.id.clone(),
            outage,
            corrects: row.corrects.clone(),
            by: row.by.clone(),
            is_confirmed: row.v < TO_CONFIRM || self.confirmation.is_some(),
        })
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

    /// Writes an entry, which lengthens nothing before it is confirmed; a conflict when the same is there already.
    pub async fn record(&self, row: &OutageRow) -> Result<(), SaveError> {
        all_or_nothing(&self.client, vec![put_new(&self.table, row)?], "outage").await
    }

    /// Confirms an entry, which counts from now on; a conflict when it was confirmed before.
    pub async fn confirm(
        &self,
        row: &OutageRow,
        by: &AccountId,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        let key = keys::outage_confirmation(row.from, &row.id);
        let confirmation = ConfirmationRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            confirms: row.id.clone(),
            confirmed: millis(now),
            by: by.clone(),
        };
        all_or_nothing(&self.client, vec![put_new(&self.table, &confirmation)?], "outage").await
    }

    /// The whole ledger, oldest outage first.
    pub async fn rows(&self) -> Result<Vec<RecordedOutage>, StoreError> {
        let items =
            table::items_beginning(&self.client, &self.table, &keys::outages(), "", "outages")
                .await?;
        let mut rows: Vec<OutageRow> = Vec::new();
        let mut confirmations: HashMap<String, ConfirmationRow> = HashMap::new();
        for item in items {
            let key = key_of(&item);
            let corrupt = |source| StoreError::corrupt(&key, source);
            if keys::is_outage_confirmation(&key.sk) {
                let row: ConfirmationRow = serde_dynamo::from_item(item).map_err(corrupt)?;
                confirmations.insert(row.confirms.to_string(), row);
            } else {
                rows.push(serde_dynamo::from_item(item).map_err(corrupt)?);
            }
        }
        let with = |row: OutageRow| RecordedOutage {
            confirmation: confirmations.remove(row.id.as_str()),
            row,
        };
        Ok(rows.into_iter().map(with).collect())
    }

    /// What counts now, for [`domain::decision::Context::outages`].
    pub async fn all(&self) -> Result<Vec<Outage>, StoreError> {
        let entries: Result<Vec<_>, _> =
            self.rows().await?.iter().map(RecordedOutage::entry).collect();
        Ok(outage_ledger::in_force(&entries?))
    }
}
