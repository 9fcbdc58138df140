//! What the simulated consular system remembers of each application, in one row of the simulators' table.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::{consular::ConsularDecision, ids::ApplicationId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use store::retry::{Failure, retried};
use thiserror::Error;

/// Long enough for a demo, short enough to leave nothing behind.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How often a row that others change at the same time is read again.
const ROUNDS: u32 = 8;

/// A decision as it came over the wire.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `<application>.<version>`.
    pub message_id: String,
    /// The application.
    pub application: ApplicationId,
    /// What was decided.
    pub decision: ConsularDecision,
    /// When.
    pub decided_at: Timestamp,
    /// Of two decisions the higher holds.
    pub version: u64,
}

/// All about one application.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Memory {
    /// How many more requests find it down.
    pub fail_times: u32,
    /// How often it was asked.
    pub attempts: u32,
    /// What it took, in the order in which it came.
    pub decisions: Vec<Decision>,
}

/// What became of a decision that came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReceiptOutcome {
    /// Heard for the first time.
    Heard,
    /// The same message once more.
    Again,
    /// Another content under the same name.
    Contradicts,
    /// It was down.
    Down,
}

impl Memory {
    /// What a decision that comes now does to it.
    pub fn take(&mut self, decision: &Decision) -> ReceiptOutcome {
        self.attempts = self.attempts.saturating_add(1);
        if self.fail_times > 0 {
            self.fail_times -= 1;
            return ReceiptOutcome::Down;
        }
        match self.decisions.iter().find(|heard| heard.message_id == decision.message_id) {
            Some(heard) if heard == decision => ReceiptOutcome::Again,
            Some(_) => ReceiptOutcome::Contradicts,
            None => {
                self.decisions.push(decision.clone());
                ReceiptOutcome::Heard
            }
        }
    }
}

/// The memory could not be read or written.
#[derive(Debug, Error)]
pub enum MemoryError {
    /// The store refused or failed.
    #[error("the simulators' table did not answer")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The row holds something else.
    #[error("a row of the simulators' table cannot be read")]
    Corrupt(#[from] serde_json::Error),
    /// Others changed the row again and again.
    #[error("the row was changed by others each time")]
    Contended,
}

/// The simulators' table, seen as what the consular system knows.
#[derive(Clone, Debug)]
pub struct Memories {
    client: Client,
    table: String,
}

impl Memories {
    /// Uses this table (partition key `pk`, expiry `expires_at` in seconds).
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// What it knows of an application; nothing, where it never heard of it.
    pub async fn of(&self, application: &ApplicationId) -> Result<Memory, MemoryError> {
        let body = self.body(application).await?;
        Ok(body.map(|body| serde_json::from_str(&body)).transpose()?.unwrap_or_default())
    }

    /// A decision comes.
    pub async fn take(
        &self,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<ReceiptOutcome, MemoryError> {
        self.change(&decision.application, now, |memory| memory.take(decision)).await
    }

    /// The next requests about an application find it down.
    pub async fn fails(
        &self,
        application: &ApplicationId,
        times: u32,
        now: Timestamp,
    ) -> Result<(), MemoryError> {
        self.change(application, now, |memory| memory.fail_times = times).await
    }

    /// Reads, changes and writes; once more where another request wrote in between.
    async fn change<T>(
        &self,
        application: &ApplicationId,
        now: Timestamp,
        change: impl Fn(&mut Memory) -> T,
    ) -> Result<T, MemoryError> {
        for _ in 0..ROUNDS {
            let before = self.body(application).await?;
            let mut memory: Memory = match &before {
                Some(body) => serde_json::from_str(body)?,
                None => Memory::default(),
            };
            let outcome = change(&mut memory);
            let body = serde_json::to_string(&memory)?;
            if self.write(application, before, body, now).await? {
                return Ok(outcome);
            }
        }
        Err(MemoryError::Contended)
    }

    async fn body(&self, application: &ApplicationId) -> Result<Option<String>, MemoryError> {
        let found = retried(|| {
            self.client
                .get_item()
                .table_name(&self.table)
                .key("pk", key(application))
                .consistent_read(true)
                .send()
        })
        .await
        .map_err(|error| MemoryError::Store(Box::new(error)))?;
        let body = found.item.and_then(|mut row| row.remove("body"));
        Ok(body.and_then(|body| body.as_s().ok().cloned()))
    }

    async fn write(
        &self,
        application: &ApplicationId,
        before: Option<String>,
        body: String,
        now: Timestamp,
    ) -> Result<bool, MemoryError> {
        let expires = AttributeValue::N((now + KEPT).as_second().to_string());
        let written = retried(|| {
            let put = self
                .client
                .put_item()
                .table_name(&self.table)
                .item("pk", key(application))
                .item("body", AttributeValue::S(body.clone()))
                .item("expires_at", expires.clone());
            match &before {
                None => put.condition_expression("attribute_not_exists(pk)").send(),
                Some(before) => put
                    .condition_expression("body = :before")
                    .expression_attribute_values(":before", AttributeValue::S(before.clone()))
                    .send(),
            }
        })
        .await;
        match written {
            Ok(_) => Ok(true),
            Err(error) if Failure::of(&error) == Failure::Condition => Ok(false),
            Err(error) => Err(MemoryError::Store(Box::new(error))),
        }
    }
}

fn key(application: &ApplicationId) -> AttributeValue {
    AttributeValue::S(format!("consulate-{application}"))
}
