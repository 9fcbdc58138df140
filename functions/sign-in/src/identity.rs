//! An ID token becomes an identity only if every claim that is used is what it must be (OpenID Connect Core 3.1.3.7, IDP-1);
//! what nobody reads may hold anything.

use data_encoding::BASE64URL_NOPAD;
use domain::{email_address::EmailAddress, fiscal_code::PersonCode, typed};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    defect::Defect,
    jws::{Members, PublishedKeys},
    spid::{FISCAL_NUMBER, ITALIAN_TAX_CODE, Level},
};

/// How far the provider's clock may be from the gateway's.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);

/// A token is used at once: one that was issued longer ago comes from somewhere else.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// Whose tokens are believed, and for whom.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) keys: PublishedKeys,
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

/// What the provider tells about a person, in an ID token or at userinfo. Names and address are for showing: of an odd type, they
/// are as good as absent.
#[derive(Clone, Default)]
pub(crate) struct Attributes {
    fiscal_number: Option<Value>,
    given_name: Option<String>,
    family_name: Option<String>,
    email: Option<EmailAddress>,
}

impl Attributes {
    fn of(claims: &Members) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let name = |name: &str| {
            let line: String = typed::one_line(text(name)?).chars().take(LONGEST_NAME).collect();
            Some(line).filter(|line| !line.is_empty())
        };
        Self {
            fiscal_number: claims.get(FISCAL_NUMBER).filter(|value| !value.is_null()).cloned(),
            given_name: name("given_name"),
            family_name: name("family_name"),
            email: text("email").and_then(|email| email.parse().ok()),
        }
    }
}

/// An ID token that is right in every respect: who came back, and how strongly they proved it.
pub(crate) struct Proven {
    subject: String,
    level: Level,
    attributes: Attributes,
}

impl Proven {
    /// Whether the ID token names the person; else userinfo must (SPID tells attributes only there).
    pub(crate) const fn names_person(&self) -> bool {
        self.attributes.fiscal_number.is_some()
    }

    /// The members of userinfo, if they are about the person of the ID token (OpenID Connect Core 5.3.2).
    pub(crate) fn same_person(&self, userinfo: &Members) -> Result<Attributes, Defect> {
        match userinfo.get("sub").and_then(Value::as_str) {
            Some(subject) if subject == self.subject => Ok(Attributes::of(userinfo)),
            _ => Err(Defect::OtherSubject),
        }
    }

    /// The identity, with what userinfo told where it was asked.
    pub(crate) fn identity(self, told: Option<Attributes>) -> Result<Identity, Defect> {
        let own = self.attributes;
        let told = told.unwrap_or_default();
        let number = own.fiscal_number.or(told.fiscal_number);
        let number = number.ok_or(Defect::NoFiscalNumber)?;
        let code = number.as_str().and_then(|number| number.strip_prefix(ITALIAN_TAX_CODE));
        let person = code.and_then(|code| code.parse().ok()).ok_or(Defect::FiscalNumber)?;
        let given_name = own.given_name.or(told.given_name);
        let family_name = own.family_name.or(told.family_name);
        Ok(Identity {
            person,
            given_name: given_name.unwrap_or_default(),
            family_name: family_name.unwrap_or_default(),
            email: own.email.or(told.email),
            level: self.level,
        })
    }
}

/// Believes an ID token that is right in every respect.
pub(crate) fn verify(
    token: &str,
    access_token: &str,
    trust: &Trust,
    expected: &Expected<'_>,
) -> Result<Proven, Defect> {
    let claims = trust.keys.open(token)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    check_issuer(&claims, trust)?;
    check_audience(&claims, trust)?;
    if text("nonce") != Some(expected.nonce) {
        return Err(Defect::Nonce);
    }
    check_times(&claims, expected.now)?;
    check_access_token(&claims, access_token)?;
    let level = text("acr").and_then(Level::of_acr).filter(|level| *level >= expected.level);
    Ok(Proven {
        subject: text("sub").ok_or(Defect::Unreadable)?.to_owned(),
        level: level.ok_or(Defect::Level)?,
        attributes: Attributes::of(&claims),
    })
}

/// Believes userinfo that is signed by the same provider. Whom it is from and for should stand in it (OpenID Connect Core 5.3.2),
/// and the reference provider of SPID leaves both out: who is not named is no stranger, since the text comes from the provider's
/// own address for our token, and must be about the same subject.
pub(crate) fn verify_userinfo(
    token: &str,
    trust: &Trust,
    now: Timestamp,
) -> Result<Members, Defect> {
    // Five parts are an encrypted text (RFC 7516).
    if token.bytes().filter(|byte| *byte == b'.').count() == 4 {
        return Err(Defect::Encrypted);
    }
    let claims = trust.keys.open(token)?;
    let names = |party: &str| claims.get(party).is_some_and(|value| !value.is_null());
    if names("iss") {
        check_issuer(&claims, trust)?;
    }
    if names("aud") {
        check_audience(&claims, trust)?;
    }
    if second(&claims, "exp")?.is_some_and(|ends| (now - LEEWAY).as_second() >= ends) {
        return Err(Defect::Expired);
    }
    Ok(claims)
}

/// From this provider.
fn check_issuer(claims: &Members, trust: &Trust) -> Result<(), Defect> {
    let issuer = claims.get("iss").and_then(Value::as_str);
    if issuer == Some(trust.issuer.as_str()) { Ok(()) } else { Err(Defect::Issuer) }
}

/// For this portal and no one beside it.
fn check_audience(claims: &Members, trust: &Trust) -> Result<(), Defect> {
    let is_us = |party: &Value| party.as_str() == Some(trust.client_id.as_str());
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(audience)) => !audience.is_empty() && audience.iter().all(is_us),
        Some(audience) => is_us(audience),
        None => false,
    };
    let authorised = claims.get("azp").filter(|party| !party.is_null());
    if is_for_us && authorised.is_none_or(is_us) { Ok(()) } else { Err(Defect::Audience) }
}

fn check_times(claims: &Members, now: Timestamp) -> Result<(), Defect> {
    let ends = second(claims, "exp")?.ok_or(Defect::Unreadable)?;
    let issued = second(claims, "iat")?.ok_or(Defect::Unreadable)?;
    let valid_from = second(claims, "nbf")?.unwrap_or(issued).max(issued);
    if (now - LEEWAY).as_second() >= ends || issued < (now - FRESH).as_second() {
        Err(Defect::Expired)
    } else if valid_from > (now + LEEWAY).as_second() {
        Err(Defect::NotYetValid)
    } else {
        Ok(())
    }
}

/// An instant in whole seconds; fractions, which the norm allows, are cut off. None if it is absent.
fn second(claims: &Members, name: &str) -> Result<Option<i64>, Defect> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => {
            let whole = number.to_string();
            let whole = whole.split_once('.').map_or(whole.as_str(), |(whole, _)| whole);
            whole.parse().map(Some).map_err(|_| Defect::Unreadable)
        }
        Some(_) => Err(Defect::Unreadable),
    }
}

/// The left half of the hash: both algorithms that are allowed go with SHA-256 (OpenID Connect Core 3.1.3.6).
fn check_access_token(claims: &Members, access_token: &str) -> Result<(), Defect> {
    let Some(claimed) = claims.get("at_hash") else { return Ok(()) };
    let digest = Sha256::digest(access_token);
    let half = BASE64URL_NOPAD.encode(digest.get(..16).unwrap_or_default());
    if claimed.as_str() == Some(half.as_str()) { Ok(()) } else { Err(Defect::AccessTokenHash) }
}

#[cfg(test)]
mod tests;
