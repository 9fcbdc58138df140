//! Why a message did not leave.

use thiserror::Error;

/// Why a message did not leave, by the provider's code: its texts name recipients, and errors reach the log (PRV-1).
#[derive(Debug, Error)]
pub enum PostError {
    /// The provider certainly did not take it now; later it may.
    #[error("the provider asks to wait ({0})")]
    NotNow(String),
    /// The provider will never take it.
    #[error("the provider refuses the message ({0})")]
    Never(String),
    /// It is unknown whether it left: the claim stays until it is old.
    #[error("the provider's answer was lost ({0})")]
    Unknown(&'static str),
}
