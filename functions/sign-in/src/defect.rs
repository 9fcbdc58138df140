//! What can be wrong with what an identity provider answers.

use thiserror::Error;

/// What is wrong with a provider's answer; names no value of it, since these go to the log.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum Defect {
    #[error("the provider does not take the code")]
    Code,
    #[error("there is no ID token")]
    NoIdToken,
    #[error("the ID token cannot be read")]
    Unreadable,
    #[error("the ID token has another issuer")]
    Issuer,
    #[error("the ID token is for somebody else")]
    Audience,
    #[error("the ID token has another nonce, or none")]
    Nonce,
    #[error("the ID token has expired")]
    Expired,
    #[error("the ID token is not valid yet")]
    NotYetValid,
    #[error("the ID token is not signed, or by an algorithm that is not allowed")]
    Algorithm,
    #[error("the ID token is signed by a key that is not published")]
    UnknownKey,
    #[error("the signature of the ID token is wrong")]
    Signature,
    #[error("the access token belongs to another ID token")]
    AccessTokenHash,
    #[error("the level is missing or lower than asked for")]
    Level,
    #[error("there is no fiscal number")]
    NoFiscalNumber,
    #[error("the fiscal number is not one")]
    FiscalNumber,
    #[error("userinfo is about somebody else")]
    OtherSubject,
    #[error("userinfo is encrypted, which the portal cannot read")]
    Encrypted,
}
