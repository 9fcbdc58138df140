//! The only reader of environment variables: a function that lacks one does not start.

use aws_config::SdkConfig;
use thiserror::Error;

use crate::aws::{self, SecretError};

/// What the template should have given a function and did not: it cannot start.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A variable is missing.
    #[error("environment variable {0} is missing or empty")]
    Missing(&'static str),
    /// A secret is.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// The value of a variable that the function cannot do without.
pub fn required(name: &'static str) -> Result<String, ConfigError> {
    optional(name).ok_or(ConfigError::Missing(name))
}

/// The value of a variable that the template sets to nothing where the function has to do without.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn optional(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The secret that a variable names; read at init only.
pub async fn secret(sdk: &SdkConfig, variable: &'static str) -> Result<Vec<u8>, ConfigError> {
    Ok(aws::secret(sdk, &required(variable)?).await?)
}
