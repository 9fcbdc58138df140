//! Queue messages: identifiers only, versioned, twice and in any order; one poisoned message never takes its batch along.

use std::{collections::HashMap, future::Future, panic::AssertUnwindSafe};

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::config::{self, ConfigError};

/// The longest delay that SQS knows; reconcile-pending forwards what is due later.
pub const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(15);

/// Messages of one request: SQS takes no more.
const TEN: usize = 10;
/// Requests that are under way at once.
const AT_ONCE: usize = 8;

/// The queue that something waits for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Queue {
    /// Codes, confirmations, terms.
    Urgent,
    /// Event and notice of a submission.
    History,
    /// What the consular system has to learn (CNF-1).
    Consulate,
    /// PDFs (CTR-2, AGR-1, MOD-1).
    Documents,
    /// Static files.
    Facts,
    /// Registries.
    Enrich,
    /// Receipts and everything that may wait.
    Bulk,
}

impl Queue {
    /// All queues, the most urgent first: so they are served.
    pub const ALL: [Self; 7] = [
        Self::Urgent,
        Self::History,
        Self::Consulate,
        Self::Documents,
        Self::Facts,
        Self::Enrich,
        Self::Bulk,
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

/// What a message says: look at this item.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Version of the message's shape: 1.
    pub v: u8,
    /// Partition key of the item.
    pub pk: String,
    /// Sort key of the item.
    pub sk: String,
}

/// What waits to be forwarded.
#[derive(Clone, Debug)]
pub struct Forwarding {
    /// To which queue.
    pub queue: Queue,
    /// About which item.
    pub message: Message,
    /// Not before this instant, in milliseconds.
    pub due: i64,
}

/// Why forwarding failed; the caller fails as a whole and is called again.
#[derive(Debug, Error)]
pub enum ForwardError {
    /// No address for this queue in the environment.
    #[error("no address for queue {}", .0.code())]
    NoQueue(Queue),
    /// The service did not take some messages.
    #[error("the queue service did not take {0} messages")]
    NotTaken(usize),
    /// The service failed.
    #[error("the queue service failed")]
    Service(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The portal's queues.
#[derive(Clone, Debug)]
pub struct Queues {
    client: Client,
    addresses: HashMap<&'static str, String>,
}

impl Queues {
    /// All queues, at the addresses that the template gives.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let mut addresses = Vec::new();
        for queue in Queue::ALL {
            addresses.push((queue, config::required(queue.address_variable())?));
        }
        Ok(Self::new(Client::new(sdk), addresses))
    }

    /// The queues whose addresses are given.
    pub fn new(client: Client, addresses: impl IntoIterator<Item = (Queue, String)>) -> Self {
        Self {
            client,
            addresses: addresses
                .into_iter()
                .map(|(queue, address)| (queue.code(), address))
                .collect(),
        }
    }

    /// Forwards what is due within the longest delay; gives how many messages were sent.
    pub async fn forward(
        &self,
        waiting: &[Forwarding],
        now: Timestamp,
    ) -> Result<usize, ForwardError> {
        let mut sent = 0;
        for queue in Queue::ALL {
            let entries: Vec<_> = waiting
                .iter()
                .filter(|forwarding| forwarding.queue == queue)
                .filter_map(|forwarding| entry(forwarding, now))
                .collect();
            stream::iter(entries.chunks(TEN).map(|ten| self.send(queue, ten)))
                .buffer_unordered(AT_ONCE)
                .try_collect::<Vec<()>>()
                .await?;
            sent += entries.len();
        }
        Ok(sent)
    }

    async fn send(&self, queue: Queue, bodies: &[(String, i32)]) -> Result<(), ForwardError> {
        let address = self.addresses.get(queue.code()).ok_or(ForwardError::NoQueue(queue))?;
        let mut entries = Vec::with_capacity(bodies.len());
        for (index, (body, delay)) in bodies.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(body)
                .delay_seconds(*delay)
                .build();
            entries.push(entry.map_err(|source| ForwardError::Service(Box::new(source)))?);
        }
        let answer = self
            .client
            .send_message_batch()
            .queue_url(address)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|source| ForwardError::Service(Box::new(source)))?;
        if answer.failed().is_empty() {
            Ok(())
        } else {
            Err(ForwardError::NotTaken(answer.failed().len()))
        }
    }
}

/// Body and delay of a message, or nothing when it is due too late for a queue.
fn entry(forwarding: &Forwarding, now: Timestamp) -> Option<(String, i32)> {
    let wait = Timestamp::from_millisecond(forwarding.due).ok()?.duration_since(now);
    if wait > LONGEST_DELAY {
        return None;
    }
    // Rounded up, so that a message never arrives before its time.
    let millis = wait.as_millis().max(0);
    let seconds = i32::try_from((millis + 999) / 1000).unwrap_or(0);
    Some((serde_json::to_string(&forwarding.message).ok()?, seconds))
}

/// The outcome of one message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MessageOutcome {
    /// Done, or nothing to do any more.
    Done,
    /// To be delivered again; after several times it goes to the dead-letter queue.
    Again,
}

/// Handles each message of a batch by itself.
pub async fn handle_each<F, Fut>(event: SqsEvent, handle: F) -> SqsBatchResponse
where
    F: FnMut(Message) -> Fut,
    Fut: Future<Output = MessageOutcome>,
{
    handle_each_of(event, |message: &Message| message.v == 1, handle).await
}

/// The same for messages that others write, such as the object store; `is_known` tells whether their version is ours.
pub async fn handle_each_of<T, F, Fut>(
    event: SqsEvent,
    is_known: fn(&T) -> bool,
    mut handle: F,
) -> SqsBatchResponse
where
    T: DeserializeOwned,
    F: FnMut(T) -> Fut,
    Fut: Future<Output = MessageOutcome>,
{
    let mut failures = Vec::new();
    for record in event.records {
        let message: Option<T> =
            record.body.as_deref().and_then(|body| serde_json::from_str(body).ok());
        let handled = match message.filter(is_known) {
            Some(message) => AssertUnwindSafe(handle(message))
                .catch_unwind()
                .await
                .unwrap_or(MessageOutcome::Again),
            None => {
                tracing::error!(message.id = record.message_id, "message cannot be read");
                MessageOutcome::Again
            }
        };
        if handled == MessageOutcome::Again {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = record.message_id.unwrap_or_default();
            failures.push(failure);
        }
    }
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failures;
    response
}
