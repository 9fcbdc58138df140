//! The only reader of environment variables: a function that lacks one does not start.

use aws_config::SdkConfig;
use thiserror::Error;

use crate::{
    aws::{self, SecretError},
    key_ring::{KeyRing, KeyRingError},
};

/// What the template should have given a function and did not: it cannot start.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// A variable is missing.
    #[error("environment variable {0} is missing or empty")]
    Missing(&'static str),
    /// A secret is.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The secret that a variable names holds no keys that could be used.
    #[error("the secret of {0} holds no usable keys")]
    Keys(&'static str, #[source] KeyRingError),
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

/// The keys in the secret that a variable names; read at init only.
pub async fn keys_of_secret(
    sdk: &SdkConfig,
    variable: &'static str,
) -> Result<KeyRing, ConfigError> {
    let text = String::from_utf8(secret(sdk, variable).await?)
        .map_err(|_| ConfigError::Keys(variable, KeyRingError::Malformed))?;
    KeyRing::parse(&text).map_err(|source| ConfigError::Keys(variable, source))
}
