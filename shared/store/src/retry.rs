//! Our retries, in one exhaustive table: what a failed store call means and whether to call again.

use std::{
    future::Future,
    time::{Duration, Instant},
};

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

/// The pauses between tries.
pub(crate) const PAUSES: [Duration; 3] =
    [Duration::from_millis(40), Duration::from_millis(120), Duration::from_millis(360)];

/// Once a call has taken this long no further try begins: with the three seconds of a try (`aws.rs`) the caller hears a
/// problem of ours before a function's ten seconds are over, and not the gateway's 502.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pause before the next try; none after four, or when it would begin too late.
fn pause_after(tries: usize, waited: Duration) -> Option<Duration> {
    let pause = *PAUSES.get(tries.checked_sub(1)?)?;
    (waited + pause < PATIENCE).then_some(pause)
}

/// Calls until it succeeds, is refused, four tries are over, or the store was silent for too long.
///
/// Each call is boxed: the SDK's futures are nested so deeply that the compiler gives up on what awaits them further up.
pub async fn retried<T, E, R, F, Fut>(mut call: F) -> Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, SdkError<E, R>>>,
{
    let begun = Instant::now();
    let mut tries = 0;
    loop {
        let outcome = Box::pin(call()).await;
        tries += 1;
        let may_help = outcome.as_ref().is_err_and(|error| Failure::of(error).retryable());
        match pause_after(tries, begun.elapsed()) {
            Some(pause) if may_help => tokio::time::sleep(pause).await,
            _ => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often a store that answers each try after so long is tried, and how long that takes in all.
    fn tried(each: Duration) -> (usize, Duration) {
        let (mut tries, mut waited) = (1, each);
        while let Some(pause) = pause_after(tries, waited) {
            tries += 1;
            waited += pause + each;
        }
        (tries, waited)
    }

    #[test]
    fn a_store_that_refuses_at_once_is_tried_four_times() {
        assert_eq!(tried(Duration::ZERO), (4, Duration::from_millis(520)));
        assert_eq!(tried(Duration::from_millis(200)), (4, Duration::from_millis(1_320)));
    }

    /// Two seconds of a function's ten are left to say so, however slow each try is.
    #[test]
    fn a_silent_store_is_given_up_before_the_function_is_out_of_time() {
        assert_eq!(tried(Duration::from_secs(3)), (2, Duration::from_millis(6_040)));
        for millis in 0..=3_000 {
            let (_, waited) = tried(Duration::from_millis(millis));
            assert!(waited < Duration::from_secs(8), "{millis} ms a try: {waited:?}");
        }
    }
}
