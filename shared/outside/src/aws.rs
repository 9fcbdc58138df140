//! The SDK's configuration, read once at init from the default chain (region, credentials, `AWS_ENDPOINT_URL`).

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::{error::SdkError, operation::get_secret_value::GetSecretValueError};
use thiserror::Error;

/// Why a secret could not be read at init.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The service did not answer with it.
    #[error("secret {id} cannot be read")]
    Unreadable {
        /// The secret's name, which is no secret.
        id: String,
        /// What the SDK said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It has no text.
    #[error("secret {0} is empty")]
    Empty(String),
}

/// The configuration of every client of a function. Retries are ours (`store::retry`), so the SDK's are off.
pub async fn configuration() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(1))
                .operation_attempt_timeout(Duration::from_secs(3))
                .build(),
        )
        .load()
        .await
}

/// How often a secret is asked for. A fleet that starts at once asks at once: a function that gave up at the first slow or
/// throttled answer would not start, and its caller would see a 502 (ADR 29).
const SECRET_ATTEMPTS: u32 = 5;

/// A client that tries again, with the SDK's pauses: nothing is written, and init has ten seconds.
fn patient(sdk: &SdkConfig) -> aws_sdk_secretsmanager::Client {
    let retries = RetryConfig::standard().with_max_attempts(SECRET_ATTEMPTS);
    let configuration =
        aws_sdk_secretsmanager::config::Builder::from(sdk).retry_config(retries).build();
    aws_sdk_secretsmanager::Client::from_conf(configuration)
}

/// Reads a secret's text; called at init only, never on the path of a request.
pub async fn secret(sdk: &SdkConfig, id: &str) -> Result<Vec<u8>, SecretError> {
    let answer = patient(sdk).get_secret_value().secret_id(id).send().await.map_err(|source| {
        SecretError::Unreadable { id: id.to_owned(), source: Box::new(source) }
    })?;
    match answer.secret_string() {
        Some(text) if !text.is_empty() => Ok(text.as_bytes().to_vec()),
        _ => Err(SecretError::Empty(id.to_owned())),
    }
}

/// Reads a secret's current version and, where there is one, the version before: while a secret is rotated, what still
/// holds the old one must go on working.
///
/// # Errors
/// The current version cannot be read, or the service does not answer.
pub async fn secret_versions(sdk: &SdkConfig, id: &str) -> Result<Vec<Vec<u8>>, SecretError> {
    let current = secret(sdk, id).await?;
    let previous =
        patient(sdk).get_secret_value().secret_id(id).version_stage("AWSPREVIOUS").send().await;
    match previous {
        Ok(answer) => {
            let previous = answer.secret_string().filter(|text| !text.is_empty());
            Ok(std::iter::once(current)
                .chain(previous.map(|text| text.as_bytes().to_vec()))
                .collect())
        }
        // Never rotated.
        Err(error) if is_missing(&error) => Ok(vec![current]),
        Err(source) => Err(SecretError::Unreadable { id: id.to_owned(), source: Box::new(source) }),
    }
}

fn is_missing(error: &SdkError<GetSecretValueError>) -> bool {
    error.as_service_error().is_some_and(GetSecretValueError::is_resource_not_found_exception)
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
