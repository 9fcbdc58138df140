//! What rows have in common: instants in milliseconds, what can go wrong with the store, what waits to be told.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};
use domain::ids::ApplicationId;
use jiff::Timestamp;
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

impl From<StoreError> for crate::http::Problem {
    fn from(error: StoreError) -> Self {
        if error.retryable() { Self::unavailable(&error) } else { Self::internal(&error) }
    }
}

/// Milliseconds UTC, as the store keeps instants.
pub fn millis(instant: Timestamp) -> i64 {
    instant.as_millisecond()
}

/// The instant of stored milliseconds.
pub fn instant(millis: i64) -> Result<Timestamp, jiff::Error> {
    Timestamp::from_millisecond(millis)
}

/// The queue that something waits for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Queue {
    /// Event and notice of a submission.
    History,
    /// Codes, confirmations, terms.
    Urgent,
    /// Receipts and everything that may wait.
    Bulk,
    /// Registries.
    Enrich,
    /// Static files.
    Facts,
    /// PDFs (CTR-2, AGR-1, MOD-1).
    Documents,
    /// What the consular system has to learn (CNF-1).
    Consulate,
}

impl Queue {
    /// All queues.
    pub const ALL: [Self; 7] = [
        Self::History,
        Self::Urgent,
        Self::Bulk,
        Self::Enrich,
        Self::Facts,
        Self::Documents,
        Self::Consulate,
    ];

    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Urgent => "urgent",
            Self::Bulk => "bulk",
            Self::Enrich => "enrich",
            Self::Facts => "facts",
            Self::Documents => "documents",
            Self::Consulate => "consulate",
        }
    }

    /// Reads a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.code() == code)
    }

    /// The environment variable that holds its address.
    pub const fn address_variable(self) -> &'static str {
        match self {
            Self::History => "HISTORY_QUEUE_URL",
            Self::Urgent => "URGENT_QUEUE_URL",
            Self::Bulk => "BULK_QUEUE_URL",
            Self::Enrich => "ENRICH_QUEUE_URL",
            Self::Facts => "FACTS_QUEUE_URL",
            Self::Documents => "DOCUMENTS_QUEUE_URL",
            Self::Consulate => "CONSULATE_QUEUE_URL",
        }
    }
}

/// The mark of an item that waits to be told; flattened into its row, absent when nothing waits.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Waiting {
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

impl Waiting {
    /// Waits for a queue from an instant on.
    pub fn of(id: &ApplicationId, queue: Queue, due: Timestamp) -> Self {
        Self {
            pending_pk: Some(keys::pending(id)),
            pending_due: Some(millis(due)),
            queue: Some(queue),
        }
    }

    /// Nothing waits.
    pub fn nothing() -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Problem, ProblemKind};

    /// SUB-5: a ticket or an endless 503 for what the store will never take would only mislead.
    #[test]
    fn what_the_store_refuses_is_an_error_of_ours_and_not_tried_again() {
        for (failure, kind) in [
            (Failure::Refused, ProblemKind::Internal),
            (Failure::Condition, ProblemKind::Internal),
            (Failure::Throttled, ProblemKind::Unavailable),
            (Failure::Conflict, ProblemKind::Unavailable),
            (Failure::Server, ProblemKind::Unavailable),
            (Failure::Cut, ProblemKind::Unavailable),
        ] {
            let error = StoreError::Unavailable { what: "head", failure, source: "said so".into() };
            assert_eq!(error.retryable(), kind == ProblemKind::Unavailable, "{failure:?}");
            assert_eq!(Problem::from(error).kind(), kind, "{failure:?}");
        }
    }
}
