//! Our retries, in one exhaustive table: what a failed store call means and whether to call again.

use std::{future::Future, time::Duration};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// What a failed call to the store means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Failure {
    /// Another transaction holds the item.
    Conflict,
    /// Too much at once.
    Throttled,
    /// 5xx: the store is ill.
    Server,
    /// The connection broke, or no answer came in time: the write may have taken effect.
    Cut,
    /// A condition was false: an answer, not an accident.
    Condition,
    /// Anything else: calling again would not help.
    Refused,
}

impl Failure {
    /// Whether the same call may succeed a moment later.
    pub const fn retryable(self) -> bool {
        match self {
            Self::Conflict | Self::Throttled | Self::Server | Self::Cut => true,
            Self::Condition | Self::Refused => false,
        }
    }

    /// Reads the meaning of an SDK error.
    pub fn of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Self {
        match error {
            SdkError::TimeoutError(_)
            | SdkError::DispatchFailure(_)
            | SdkError::ResponseError(_) => Self::Cut,
            SdkError::ServiceError(service) => {
                Self::of_code(service.err().code(), service.err().message())
            }
            _ => Self::Refused,
        }
    }

    fn of_code(code: Option<&str>, message: Option<&str>) -> Self {
        match code {
            Some("ConditionalCheckFailedException") => Self::Condition,
            Some("TransactionCanceledException") => match message {
                Some(reasons) if reasons.contains("ConditionalCheckFailed") => Self::Condition,
                Some(reasons)
                    if reasons.contains("Throttl") || reasons.contains("ThroughputExceeded") =>
                {
                    Self::Throttled
                }
                Some(reasons) if reasons.contains("TransactionConflict") => Self::Conflict,
                _ => Self::Refused,
            },
            Some("TransactionConflictException" | "TransactionInProgressException") => {
                Self::Conflict
            }
            Some(
                "ProvisionedThroughputExceededException"
                | "ThrottlingException"
                | "RequestLimitExceeded",
            ) => Self::Throttled,
            Some("InternalServerError" | "InternalServerErrorException" | "ServiceUnavailable")
            | None => Self::Server,
            Some(_) => Self::Refused,
        }
    }
}

/// The pauses between tries; together well under a function's timeout.
pub(crate) const PAUSES: [Duration; 3] =
    [Duration::from_millis(40), Duration::from_millis(120), Duration::from_millis(360)];

/// Calls until it succeeds, is refused, or four tries are over.
///
/// Each call is boxed: the SDK's futures are nested so deeply that the compiler gives up on what awaits them further up.
pub async fn retried<T, E, R, F, Fut>(mut call: F) -> Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, SdkError<E, R>>>,
{
    for pause in PAUSES {
        match Box::pin(call()).await {
            Err(error) if Failure::of(&error).retryable() => tokio::time::sleep(pause).await,
            outcome => return outcome,
        }
    }
    Box::pin(call()).await
}
