//! What the consular system has to learn of an application, written with the change that decides it (CNF-1).

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::{application::Application, consular::ConsularDecision, ids::ApplicationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Key},
    retry::{Failure, retried},
    rows::{Queue, StoreError, Waiting, millis},
    table,
};

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
    waiting: Waiting,
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
            waiting: Waiting::of(&head.id, Queue::Consulate, wall),
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

    /// One message, as last written.
    pub async fn find(&self, key: &Key) -> Result<Option<ConsularRow>, StoreError> {
        table::row(&self.client, &self.table, key, "message to the consular system").await
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

    /// The consular system has it: nothing waits any more.
    pub async fn acknowledged(&self, key: &Key, now: Timestamp) -> Result<(), StoreError> {
        self.set(
            key,
            "SET acknowledged = :at REMOVE pending_pk, pending_due, queue",
            now,
        )
        .await
    }

    /// It does not answer: tried again at `due` (of the wall clock), for as long as it takes.
    pub async fn postponed(&self, key: &Key, due: Timestamp) -> Result<(), StoreError> {
        self.set(key, "SET pending_due = :at ADD attempts :one", due).await
    }

    async fn set(&self, key: &Key, expression: &str, at: Timestamp) -> Result<(), StoreError> {
        let counts = expression.contains(":one");
        let written = retried(|| {
            let update = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .update_expression(expression)
                .condition_expression("attribute_exists(queue)")
                .expression_attribute_values(":at", AttributeValue::N(millis(at).to_string()));
            if counts {
                update.expression_attribute_values(":one", AttributeValue::N("1".to_owned())).send()
            } else {
                update.send()
            }
        })
        .await;
        match written {
            Ok(_) => Ok(()),
            // Another delivery was faster.
            Err(error) if Failure::of(&error) == Failure::Condition => Ok(()),
            Err(error) => Err(StoreError::unavailable("message to the consular system", error)),
        }
    }
}
