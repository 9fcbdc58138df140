//! What rows have in common: instants in milliseconds, what can go wrong with the store, the mark of items that wait
//! for a queue.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};
use data_encoding::HEXLOWER;
use domain::ids::ApplicationId;
use jiff::Timestamp;
use outside::queue::Queue;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{keys, retry::Failure};

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// Why the store could not be read or written.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It does not answer, after our retries.
    #[error("the store does not answer for {what} ({failure:?})")]
    Unavailable {
        /// What was asked for.
        what: &'static str,
        /// The meaning of the failure.
        failure: Failure,
        /// What the SDK said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row does not fit what it should be.
    #[error("the row {pk} / {sk} is corrupt")]
    Corrupt {
        /// Partition key (opaque identifiers only).
        pk: String,
        /// Sort key.
        sk: String,
        /// Which attribute, and why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row of ours could not be written down.
    #[error("a row cannot be written")]
    Unwritable(#[source] serde_dynamo::Error),
}

impl StoreError {
    pub(crate) fn unavailable<E, R>(what: &'static str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        Self::Unavailable { what, failure: Failure::of(&error), source: Box::new(error) }
    }

    pub(crate) fn corrupt(
        key: &keys::Key,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Corrupt { pk: key.pk.clone(), sk: key.sk.clone(), source: source.into() }
    }

    pub(crate) const fn unwritable(source: serde_dynamo::Error) -> Self {
        Self::Unwritable(source)
    }

    /// Whether trying again later may help; decides between retry and dead-letter queue, and between 503 and 500. What
    /// the store refuses (a permission that is missing, a request that is none) it refuses for ever.
    pub const fn retryable(&self) -> bool {
        match self {
            Self::Unavailable { failure, .. } => failure.retryable(),
            Self::Corrupt { .. } | Self::Unwritable(_) => false,
        }
    }
}

/// Why a change was not stored.
#[derive(Debug, Error)]
pub enum SaveError {
    /// Another request changed the application first.
    #[error("the application was changed in between")]
    Conflict,
    /// No place is left in the yearly limit.
    #[error("the yearly limit is reached")]
    LimitReached,
    /// The employer has a live application for this worker.
    #[error("the worker is claimed by another application")]
    WorkerTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a row cannot be read as what it should be.
#[derive(Debug, Error)]
#[error("attribute {attribute} does not fit")]
pub(crate) struct CorruptRow {
    attribute: String,
}

impl CorruptRow {
    /// The attribute with this name is missing, or cannot be read.
    pub(crate) fn of(attribute: impl Into<String>) -> Self {
        Self { attribute: attribute.into() }
    }
}

/// In which table a row lies that does not fit.
#[derive(Debug, Error)]
#[error("in the table {table}")]
pub(crate) struct InTable<E: std::error::Error + 'static> {
    pub(crate) table: String,
    #[source]
    pub(crate) misfit: E,
}

/// A request that lacks a part: a fault of ours.
pub(crate) fn build(error: BuildError) -> StoreError {
    StoreError::Unavailable { what: "request", failure: Failure::Refused, source: Box::new(error) }
}

/// Bytes that are stored in hexadecimal.
pub(crate) fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}

/// Milliseconds UTC, as the store keeps instants.
pub fn millis(instant: Timestamp) -> i64 {
    instant.as_millisecond()
}

/// The instant of stored milliseconds.
pub fn instant(millis: i64) -> Result<Timestamp, jiff::Error> {
    Timestamp::from_millisecond(millis)
}

/// The mark of an item that waits for a queue; flattened into its row, absent when nothing waits.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PendingMark {
    /// Shard of the sparse index.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_pk: Option<String>,
    /// When it is due, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_due: Option<i64>,
    /// The queue that it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
}

impl PendingMark {
    /// Waits for a queue from an instant on.
    pub fn of(id: &ApplicationId, queue: Queue, due: Timestamp) -> Self {
        Self {
            pending_pk: Some(keys::pending(queue, id)),
            pending_due: Some(millis(due)),
            queue: Some(queue),
        }
    }

    /// Nothing waits.
    pub fn nothing() -> Self {
        Self::default()
    }
}
