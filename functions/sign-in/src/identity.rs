//! An ID token becomes an identity only if every claim is what it must be (OpenID Connect Core 3.1.3.7, IDP-1).

use std::time::SystemTime;

use domain::{email_address::EmailAddress, fiscal_code::PersonCode};
use jiff::{SignedDuration, Timestamp};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, ClaimsVerificationError, ClientId,
    IdTokenClaims, IdTokenVerifier, IssuerUrl, Nonce, SignatureVerificationError,
    core::{
        CoreGenderClaim, CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    },
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::spid::{ITALIAN_TAX_CODE, Level};

/// How far the provider's clock may be from the gateway's.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);

/// A token is used at once: one that was issued longer ago comes from somewhere else.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 200;

pub(crate) type IdToken = openidconnect::IdToken<
    EidClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What SPID and CIE add to the standard claims.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct EidClaims {
    #[serde(
        rename = "https://attributes.eid.gov.it/fiscal_number",
        skip_serializing_if = "Option::is_none"
    )]
    fiscal_number: Option<String>,
    #[serde(rename = "nbf", skip_serializing_if = "Option::is_none")]
    not_before: Option<i64>,
}

impl std::fmt::Debug for EidClaims {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("EidClaims([redacted])")
    }
}

impl AdditionalClaims for EidClaims {}

/// Whose tokens are believed, and for whom.
#[derive(Debug)]
pub(crate) struct Trust {
    pub(crate) issuer: IssuerUrl,
    pub(crate) client_id: ClientId,
    pub(crate) keys: CoreJsonWebKeySet,
}

/// What one sign-in expects of its token.
pub(crate) struct Expected<'a> {
    pub(crate) nonce: &'a str,
    pub(crate) level: Level,
    /// The gateway's instant.
    pub(crate) now: Timestamp,
}

/// A person as the provider knows them.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) person: PersonCode,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) level: Level,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Identity").field("level", &self.level).finish_non_exhaustive()
    }
}

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
    #[error("the ID token is wrong in another way")]
    Other,
}

/// Gives the identity of a token that is right in every respect.
pub(crate) fn verify(
    token: &IdToken,
    access_token: &AccessToken,
    trust: &Trust,
    expected: &Expected<'_>,
) -> Result<Identity, Defect> {
    let now = expected.now;
    // As a public client: without a shared secret no HMAC can ever be right.
    let verifier = IdTokenVerifier::new_public_client(
        trust.client_id.clone(),
        trust.issuer.clone(),
        trust.keys.clone(),
    )
    .set_allowed_algs([
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    ])
    .set_time_fn(move || SystemTime::from(now - LEEWAY).into());
    let claims = token
        .claims(&verifier, &Nonce::new(expected.nonce.to_owned()))
        .map_err(|error| defect(&error))?;
    check_times(claims, now)?;
    if claims.authorized_party().is_some_and(|party| *party != trust.client_id) {
        return Err(Defect::Audience);
    }
    check_access_token(token, claims, access_token, &verifier)?;
    let level = claims
        .auth_context_ref()
        .and_then(|acr| Level::of_acr(acr))
        .filter(|level| *level >= expected.level);
    let level = level.ok_or(Defect::Level)?;
    let number =
        claims.additional_claims().fiscal_number.as_deref().ok_or(Defect::NoFiscalNumber)?;
    let code = number.strip_prefix(ITALIAN_TAX_CODE).ok_or(Defect::FiscalNumber)?;
    let short = |name: &str| name.chars().take(LONGEST_NAME).collect::<String>();
    Ok(Identity {
        person: code.parse().map_err(|_| Defect::FiscalNumber)?,
        given_name: claims
            .given_name()
            .and_then(|name| name.get(None))
            .map(|name| short(name))
            .unwrap_or_default(),
        family_name: claims
            .family_name()
            .and_then(|name| name.get(None))
            .map(|name| short(name))
            .unwrap_or_default(),
        email: claims.email().and_then(|email| email.parse().ok()),
        level,
    })
}

fn check_times(
    claims: &IdTokenClaims<EidClaims, CoreGenderClaim>,
    now: Timestamp,
) -> Result<(), Defect> {
    let issued = claims.issue_time().timestamp();
    let valid_from = claims.additional_claims().not_before.unwrap_or(issued).max(issued);
    if valid_from > (now + LEEWAY).as_second() {
        Err(Defect::NotYetValid)
    } else if issued < (now - FRESH).as_second() {
        Err(Defect::Expired)
    } else {
        Ok(())
    }
}

fn check_access_token(
    token: &IdToken,
    claims: &IdTokenClaims<EidClaims, CoreGenderClaim>,
    access_token: &AccessToken,
    verifier: &IdTokenVerifier<'_, CoreJsonWebKey>,
) -> Result<(), Defect> {
    let Some(claimed) = claims.access_token_hash() else { return Ok(()) };
    let algorithm = token.signing_alg().map_err(|_| Defect::Algorithm)?;
    let key = token.signing_key(verifier).map_err(|_| Defect::UnknownKey)?;
    let hash =
        AccessTokenHash::from_token(access_token, algorithm, key).map_err(|_| Defect::Algorithm)?;
    if hash == *claimed { Ok(()) } else { Err(Defect::AccessTokenHash) }
}

/// The library's texts repeat what a token says, so only their kind goes on.
fn defect(error: &ClaimsVerificationError) -> Defect {
    match error {
        ClaimsVerificationError::Expired(_) => Defect::Expired,
        ClaimsVerificationError::InvalidAudience(_) => Defect::Audience,
        ClaimsVerificationError::InvalidIssuer(_) => Defect::Issuer,
        ClaimsVerificationError::InvalidNonce(_) => Defect::Nonce,
        ClaimsVerificationError::SignatureVerification(error) => match error {
            SignatureVerificationError::NoMatchingKey => Defect::UnknownKey,
            SignatureVerificationError::DisallowedAlg(_)
            | SignatureVerificationError::NoSignature
            | SignatureVerificationError::UnsupportedAlg(_) => Defect::Algorithm,
            _ => Defect::Signature,
        },
        _ => Defect::Other,
    }
}

#[cfg(test)]
mod tests;
