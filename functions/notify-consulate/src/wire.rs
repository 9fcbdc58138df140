//! The consular system's side of the wire: one signed request, one acknowledgement that names the message.

use std::time::Duration;

use domain::{calendar, consular::ConsularDecision, ids::ApplicationId};
use jiff::Timestamp;
use outside::machine_token::{MachineKey, SigningError};
use reqwest::{Client, StatusCode, redirect::Policy};
use serde::{Deserialize, Serialize};
use store::{
    consulate::ConsularRow,
    rows::{StoreError, instant},
};
use thiserror::Error;

/// How long the consular system has to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// No acknowledgement is longer, in bytes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// The message to the consular system.
#[derive(Debug, Serialize)]
pub struct DecisionMessage {
    /// Always the same for the same decision, so that the receiver takes it once.
    pub message_id: String,
    /// The application.
    pub application: ApplicationId,
    /// What was decided.
    pub decision: ConsularDecision,
    /// When, RFC 3339.
    pub decided_at: String,
    /// Of two messages about one application the higher holds.
    pub version: u64,
}

impl DecisionMessage {
    /// The message of a row.
    pub fn of(id: &ApplicationId, row: &ConsularRow) -> Result<Self, StoreError> {
        let at = instant(row.at).map_err(|error| row.corrupt(error))?;
        Ok(Self {
            message_id: format!("{id}.{}", row.version),
            application: id.clone(),
            decision: row.decision,
            decided_at: calendar::rfc3339(at),
            version: row.version,
        })
    }
}

/// The acknowledgement: it names the message, so that a page for people with status 200 is none.
#[derive(Debug, Deserialize)]
struct Acknowledgement {
    message_id: String,
}

/// Why the consular system cannot be asked at all.
#[derive(Debug, Error)]
pub enum UnusableConsulate {
    /// Neither https nor this machine.
    #[error("CONSULATE_URL must begin with https:// (or be a local address)")]
    Address,
    /// The client cannot be made.
    #[error("no HTTP client")]
    Client(#[source] reqwest::Error),
}

/// Why the consular system does not know yet.
#[derive(Debug, Error)]
pub enum DeliveryError {
    /// The request cannot be signed or written.
    #[error("the request cannot be signed")]
    Signing(#[from] SigningError),
    /// The request cannot be written.
    #[error("the request cannot be written")]
    Writing(#[from] serde_json::Error),
    /// No answer in time, or none at all.
    #[error("no answer")]
    NoAnswer(#[source] reqwest::Error),
    /// It does not take it now.
    #[error("answered with status {0}")]
    Status(StatusCode),
    /// It took something, but did not say that it was this.
    #[error("the answer is no acknowledgement of this message")]
    NotAcknowledged,
}

/// The consular system, and how we sign before it.
#[derive(Debug)]
pub struct Consulate {
    http: Client,
    address: String,
    key: MachineKey,
}

impl Consulate {
    /// The consular system below an address; messages are signed with the portal's key.
    pub fn new(base: &str, key: MachineKey) -> Result<Self, UnusableConsulate> {
        let base = base.trim_end_matches('/');
        let is_local =
            base.starts_with("http://127.0.0.1:") || base.starts_with("http://localhost:");
        if !base.starts_with("https://") && !is_local {
            return Err(UnusableConsulate::Address);
        }
        let http = Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(UnusableConsulate::Client)?;
        Ok(Self { http, address: format!("{base}/decisions"), key })
    }

    /// Sends it once; succeeds when the consular system acknowledges this very message.
    pub async fn deliver(
        &self,
        telling: &DecisionMessage,
        now: Timestamp,
    ) -> Result<(), DeliveryError> {
        let body = serde_json::to_vec(telling)?;
        let authorization = self.key.authorization(&self.address, &body, now)?;
        let mut answer = self
            .http
            .post(&self.address)
            .header("authorization", authorization)
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .map_err(no_answer)?;
        if !answer.status().is_success() {
            return Err(DeliveryError::Status(answer.status()));
        }
        let mut text = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(no_answer)? {
            text.extend_from_slice(&chunk);
            if text.len() > LONGEST_ANSWER {
                return Err(DeliveryError::NotAcknowledged);
            }
        }
        match serde_json::from_slice::<Acknowledgement>(&text) {
            Ok(said) if said.message_id == telling.message_id => Ok(()),
            _ => Err(DeliveryError::NotAcknowledged),
        }
    }
}

fn no_answer(error: reqwest::Error) -> DeliveryError {
    DeliveryError::NoAnswer(error.without_url())
}

/// How long an attempt can take at most.
#[cfg(test)]
pub(crate) fn longest_attempt() -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(TIMEOUT).unwrap()
}
