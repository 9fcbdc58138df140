//! One question and one answer over HTTP; errors hold neither the question nor the answer.

use std::time::Duration;

use reqwest::{RequestBuilder, header::RETRY_AFTER};
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Why a registry gave no answer. No variant holds the question.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum RegistryError {
    /// No answer in time.
    #[error("the registry did not answer in time")]
    TimedOut,
    /// It could not be reached, broke off, or said that it cannot answer now (5xx, 429).
    #[error("the registry is unavailable (status {status:?})")]
    Unavailable {
        /// The status, if there was an answer.
        status: Option<u16>,
    },
    /// The answer is not what the contract says.
    #[error("the registry's answer does not follow its contract")]
    Malformed,
    /// The answer speaks of another subject; nothing of it is kept.
    #[error("the registry answered about another subject")]
    AnotherSubject,
    /// It refuses the question or our voucher (4xx): asking again does not help, a person must look.
    #[error("the registry refused the question (status {status})")]
    Refused {
        /// The status.
        status: u16,
    },
}

impl RegistryError {
    /// Whether the same question may be answered later.
    pub const fn retryable(self) -> bool {
        match self {
            Self::TimedOut | Self::Unavailable { .. } | Self::Malformed | Self::AnotherSubject => {
                true
            }
            Self::Refused { .. } => false,
        }
    }

    /// For logs and stored tasks.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TimedOut => "timed-out",
            Self::Unavailable { .. } => "unavailable",
            Self::Malformed => "malformed",
            Self::AnotherSubject => "another-subject",
            Self::Refused { .. } => "refused",
        }
    }
}

/// An answer of HTTP, read to its end.
pub(super) struct RawReply {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

impl RawReply {
    pub(super) fn json<A: DeserializeOwned>(&self) -> Result<A, RegistryError> {
        // The parser's message may quote the answer, so it goes no further.
        serde_json::from_slice(&self.body).map_err(|_| RegistryError::Malformed)
    }
}

pub(super) async fn exchange(request: RequestBuilder) -> Result<RawReply, RegistryError> {
    let mut response = request.send().await.map_err(|error| failure(&error))?;
    let status = response.status().as_u16();
    let seconds = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok().map(Duration::from_secs));
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await.map_err(|error| failure(&error))? {
        body.extend_from_slice(&part);
        if body.len() > LARGEST_ANSWER {
            return Err(RegistryError::Malformed);
        }
    }
    Ok(RawReply { status, retry_after: seconds, body })
}

fn failure(error: &reqwest::Error) -> RegistryError {
    if error.is_timeout() {
        RegistryError::TimedOut
    } else {
        RegistryError::Unavailable { status: None }
    }
}
