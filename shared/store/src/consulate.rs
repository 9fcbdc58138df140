//! What the consular system has to learn of an application, written with the change that decides it (CNF-1).

use std::collections::HashMap;

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::{application::Application, consular::ConsularDecision, ids::ApplicationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Key},
    retry::{Failure, retried},
    rows::{PendingMark, StoreError, millis},
    table,
    transaction::number,
};
use outside::queue::Queue;

/// A message to the consular system as stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ConsularRow {
    pk: String,
    sk: String,
    v: u8,
    /// What it has to learn.
    pub decision: ConsularDecision,
    /// The version of the head that decided it: of two messages the higher holds.
    pub version: u64,
    /// When it was decided, in milliseconds.
    pub at: i64,
    /// How often it was tried.
    #[serde(default)]
    pub attempts: u32,
    /// When the consular system acknowledged it, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<i64>,
    #[serde(flatten)]
    waiting: PendingMark,
}

impl ConsularRow {
    pub(crate) fn waiting(head: &Application, decision: ConsularDecision, wall: Timestamp) -> Self {
        let key = keys::consular_message(&head.id, head.version);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            decision,
            version: head.version,
            at: millis(head.changed),
            attempts: 0,
            acknowledged: None,
            waiting: PendingMark::of(&head.id, Queue::Consulate, wall),
        }
    }

    /// The application that it is about.
    pub fn application(&self) -> Option<ApplicationId> {
        keys::application_of(&self.pk)
    }

    /// Whether it still waits to be acknowledged.
    pub const fn is_waiting(&self) -> bool {
        self.waiting.queue.is_some()
    }

    /// Whether it may be sent at `now`: its pause is over, or it was never tried and only waited for an older one.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.attempts == 0 || self.due().is_none_or(|due| due <= millis(now))
    }

    /// When it is tried next, in milliseconds; none when it is acknowledged.
    pub const fn due(&self) -> Option<i64> {
        self.waiting.pending_due
    }

    /// The error for a row of which something cannot be read.
    pub fn corrupt(
        &self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> StoreError {
        StoreError::corrupt(&self.key(), source)
    }

    fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }
}

/// The messages to the consular system in a table.
#[derive(Clone, Debug)]
pub struct ConsularMessages {
    client: Client,
    table: String,
}

impl ConsularMessages {
    /// The messages in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// All messages about an application, oldest first.
    pub async fn of(&self, id: &ApplicationId) -> Result<Vec<ConsularRow>, StoreError> {
        let partition = keys::application(id);
        table::rows_beginning(
            &self.client,
            &self.table,
            &partition,
            keys::CONSULAR_PREFIX,
            "messages to the consular system",
        )
        .await
    }

    /// Takes an attempt at a message, and puts the next one off until `next` (of the wall clock): written before the
    /// attempt, so that only one of several deliveries calls the consular system, and a crash in between loses nothing.
    /// False when another delivery has it.
    pub async fn take(&self, row: &ConsularRow, next: Timestamp) -> Result<bool, StoreError> {
        let seen = AttributeValue::N(row.attempts.to_string());
        let values = [(":at", instant(next)), (":one", number(1)), (":seen", seen)];
        self.set(
            row,
            "SET pending_due = :at ADD attempts :one",
            "attribute_exists(queue) AND attempts = :seen",
            &values,
        )
        .await
    }

    /// A message waits for an older one about the same application: not before `due`, and no attempt.
    pub async fn defer(&self, row: &ConsularRow, due: Timestamp) -> Result<(), StoreError> {
        let condition = "attribute_exists(queue) AND attempts = :none";
        let values = [(":at", instant(due)), (":none", number(0))];
        self.set(row, "SET pending_due = :at", condition, &values).await?;
        Ok(())
    }

    /// The consular system has it: nothing waits any more.
    pub async fn record_acknowledged(
        &self,
        row: &ConsularRow,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.set(
            row,
            "SET acknowledged = :at REMOVE pending_pk, pending_due, queue",
            "attribute_exists(queue)",
            &[(":at", instant(now))],
        )
        .await?;
        Ok(())
    }

    /// False when the condition does not hold: another delivery was faster.
    async fn set(
        &self,
        row: &ConsularRow,
        expression: &str,
        condition: &str,
        values: &[(&str, AttributeValue)],
    ) -> Result<bool, StoreError> {
        let values: HashMap<_, _> =
            values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let written = retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(row.key().item()))
                .update_expression(expression)
                .condition_expression(condition)
                .set_expression_attribute_values(Some(values.clone()))
                .send()
        })
        .await;
        match written {
            Ok(_) => Ok(true),
            Err(error) if Failure::of(&error) == Failure::Condition => Ok(false),
            Err(error) => Err(StoreError::unavailable("message to the consular system", error)),
        }
    }
}

fn instant(at: Timestamp) -> AttributeValue {
    AttributeValue::N(millis(at).to_string())
}
