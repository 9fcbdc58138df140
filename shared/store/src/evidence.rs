//! Attempts of employers that came too late, kept as evidence for the officer who may reopen the case (CNF-4).

use aws_sdk_dynamodb::Client;
use domain::{
    ids::{AccountId, ApplicationId},
    lifecycle::Event,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    rows::{SaveError, StoreError, millis},
    table,
    transaction::{all_or_nothing, put_new},
};

/// An attempt as stored; never altered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EvidenceRow {
    pk: String,
    sk: String,
    v: u8,
    /// What was tried: the code of the event of the lifecycle that did not take place.
    pub what: String,
    /// When it arrived, in milliseconds of the campaign's clock.
    pub at: i64,
    /// When the term ended, in milliseconds of the campaign's clock.
    pub ended: i64,
    /// The account that tried.
    pub account: AccountId,
}

/// An attempt that did not count.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The event that the employer tried to cause.
    pub event: Event,
    /// When it arrived, by the campaign's clock.
    pub at: Timestamp,
    /// When the term ended, by the campaign's clock.
    pub ended: Timestamp,
    /// The account that tried.
    pub account: &'a AccountId,
    /// The gateway's identifier of the request: one request is one attempt, however often its function runs.
    pub request: &'a str,
}

/// The evidence in a table.
#[derive(Clone, Debug)]
pub struct Evidence {
    client: Client,
    table: String,
}

impl Evidence {
    /// The evidence in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Keeps an attempt; one that is kept already stays as it is.
    pub async fn keep(&self, id: &ApplicationId, attempt: &Attempt<'_>) -> Result<(), SaveError> {
        let key = keys::evidence(id, millis(attempt.at), attempt.request);
        let row = EvidenceRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            what: attempt.event.code().to_owned(),
            at: millis(attempt.at),
            ended: millis(attempt.ended),
            account: attempt.account.clone(),
        };
        match all_or_nothing(&self.client, vec![put_new(&self.table, &row)?], "evidence").await {
            Err(SaveError::Conflict) => Ok(()),
            kept => kept,
        }
    }

    /// All attempts about an application, oldest first.
    pub async fn of(&self, id: &ApplicationId) -> Result<Vec<EvidenceRow>, StoreError> {
        let partition = keys::application(id);
        let prefix = keys::EVIDENCE_PREFIX;
        table::rows_beginning(&self.client, &self.table, &partition, prefix, "evidence").await
    }
}
