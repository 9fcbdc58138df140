//! The only reader of environment variables: a function that lacks one does not start.

use thiserror::Error;

/// A variable that the template should have set and did not.
#[derive(Debug, Error)]
#[error("environment variable {0} is missing or empty")]
pub struct MissingVariable(&'static str);

/// The value of a variable that the function cannot do without.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn required(name: &'static str) -> Result<String, MissingVariable> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(MissingVariable(name))
}

/// The value of a variable that the template sets to nothing where the function has to do without.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn optional(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
