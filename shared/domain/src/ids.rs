//! Typed identifiers: opaque random ones with a prefix, and the readable slugs of campaigns and models.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base32;

/// Symbols of an opaque id after its prefix: 26 × 5 bits hold 128, so the first is at most 7.
const SYMBOLS: u32 = 26;

/// The longest slug of a campaign or model, in characters.
const LONGEST_SLUG: usize = 40;

/// Why a text is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text does not begin with the prefix of this kind of id.
    #[error("an id of this kind begins with {0}")]
    Prefix(&'static str),
    /// What follows the prefix is not 26 characters long.
    #[error("{0} characters after the prefix instead of 26")]
    Length(usize),
    /// A character is outside the alphabet; the position counts from 0 after the prefix.
    #[error("character {0} after the prefix is outside the alphabet")]
    Character(usize),
    /// The symbols stand for more than 128 bits.
    #[error("more than 128 bits")]
    Overflow,
}

/// Why a text is not a slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    /// The text is empty.
    #[error("empty")]
    Empty,
    /// The text has more than 40 characters.
    #[error("{0} characters, at most 40 are allowed")]
    TooLong(usize),
    /// A character is neither a lower-case letter, a digit nor a hyphen; the position counts from 0.
    #[error("character {0} is not a lower-case letter, digit or hyphen")]
    Character(usize),
}

/// Text in and out for an identifier: `as_str`, `Display`, `Debug`, and serde through `FromStr`.
macro_rules! as_text {
    ($name:ident) => {
        impl $name {
            /// The one written form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({})", stringify!($name), self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// An opaque id: prefix and 128 bits in lower-case Crockford base32, never ordered by time.
macro_rules! opaque_id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// The id that stands for 16 random bytes.
            pub fn from_random(bytes: [u8; 16]) -> Self {
                Self(format!("{}{}", $prefix, base32::encode(u128::from_be_bytes(bytes), SYMBOLS)).into())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let symbols = text.strip_prefix($prefix).ok_or(IdError::Prefix($prefix))?;
                check_symbols(symbols)?;
                Ok(Self(text.into()))
            }
        }

        as_text!($name);
    };
}

/// A slug: 1 to 40 lower-case letters, digits and hyphens, chosen by the administration.
macro_rules! slug {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl FromStr for $name {
            type Err = SlugError;

            fn from_str(text: &str) -> Result<Self, SlugError> {
                check_slug(text)?;
                Ok(Self(text.into()))
            }
        }

        as_text!($name);
    };
}

/// An id that may also be the keyed hash of something, so that it is known before the first sign-in.
macro_rules! keyed_id {
    ($name:ident) => {
        impl $name {
            /// The id made of the first 16 bytes of a keyed hash ([`crate::keyed_hash::keyed_hash`]).
            pub fn keyed(digest: &[u8; 32]) -> Self {
                Self::from_random(digest.first_chunk().copied().unwrap_or_default())
            }
        }
    };
}

opaque_id!(
    /// One application. Also the idempotency key of its submission (SUB-2).
    ///
    /// ```compile_fail
    /// let forged = domain::ids::ApplicationId("app_1".into());
    /// ```
    ApplicationId,
    "app_"
);
opaque_id!(
    /// One account. For SPID and CIE it is the keyed hash of the fiscal code (IDP-4), never the code itself.
    AccountId,
    "acc_"
);
opaque_id!(
    /// The represented employer to whom an application belongs, person or body (OWN-1): a keyed hash of its code.
    OwnerId,
    "own_"
);
opaque_id!(
    /// An organisation whose operators file applications: a keyed hash of its fiscal code, so that no body is there twice.
    OrganisationId,
    "org_"
);
opaque_id!(
    /// An uploaded file (CTR-1).
    UploadId,
    "upl_"
);
opaque_id!(
    /// An outage of the portal in the ledger (CNF-4).
    OutageId,
    "out_"
);
opaque_id!(
    /// One request to enable the operators of an organisation (ORG-1).
    EnablingId,
    "ena_"
);
opaque_id!(
    /// One session of one signed-in person.
    SessionId,
    "ses_"
);
opaque_id!(
    /// One letter: a mail that is about no application. From it the secrets in the mail are derived (ACC-2).
    LetterId,
    "ltr_"
);
opaque_id!(
    /// A registration that waits to be activated (ACC-1).
    RegistrationId,
    "reg_"
);
keyed_id!(AccountId);
keyed_id!(OwnerId);
keyed_id!(OrganisationId);
slug!(
    /// A campaign, for example `df-2026` (CAL-1).
    CampaignId
);
slug!(
    /// A model of application, for example `c-stag-agricoltura` (FRM-1).
    ModelId
);

/// One text per id: exactly 26 lower-case symbols that stand for at most 128 bits.
fn check_symbols(symbols: &str) -> Result<(), IdError> {
    if let Some(position) = symbols.chars().position(|symbol| base32::value(symbol).is_none()) {
        return Err(IdError::Character(position));
    }
    if symbols.len() != usize::try_from(SYMBOLS).unwrap_or_default() {
        return Err(IdError::Length(symbols.len()));
    }
    if symbols.starts_with(|first| first > '7') {
        return Err(IdError::Overflow);
    }
    Ok(())
}

fn check_slug(text: &str) -> Result<(), SlugError> {
    let allowed =
        |symbol: char| symbol.is_ascii_lowercase() || symbol.is_ascii_digit() || symbol == '-';
    if text.is_empty() {
        return Err(SlugError::Empty);
    }
    if let Some(position) = text.chars().position(|symbol| !allowed(symbol)) {
        return Err(SlugError::Character(position));
    }
    if text.len() > LONGEST_SLUG {
        return Err(SlugError::TooLong(text.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_is_prefix_and_26_symbols() {
        assert_eq!(ApplicationId::from_random([0; 16]).as_str(), "app_00000000000000000000000000");
        assert_eq!(SessionId::from_random([255; 16]).as_str(), "ses_7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert_eq!(AccountId::from_random([1; 16]).as_str().len(), 30);
        assert_eq!(OrganisationId::PREFIX, "org_");
    }

    #[test]
    fn each_wrong_text_has_its_own_error() {
        let cases = [
            ("", IdError::Prefix("app_")),
            ("acc_00000000000000000000000000", IdError::Prefix("app_")),
            ("APP_00000000000000000000000000", IdError::Prefix("app_")),
            ("app_", IdError::Length(0)),
            ("app_0000000000000000000000000", IdError::Length(25)),
            ("app_000000000000000000000000000", IdError::Length(27)),
            ("app_0000000000000000000000000u", IdError::Character(25)),
            ("app_0000000000000000000000000A", IdError::Character(25)),
            ("app_è000000000000000000000000", IdError::Character(0)),
            ("app_00000000000000000000000000\n", IdError::Character(26)),
            ("app_80000000000000000000000000", IdError::Overflow),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<ApplicationId>(), Err(error), "{text}");
        }
    }

    #[test]
    fn slugs_are_short_and_plain() {
        assert_eq!("df-2026".parse::<CampaignId>().unwrap().as_str(), "df-2026");
        assert_eq!(
            "c-stag-agricoltura".parse::<ModelId>().unwrap().to_string(),
            "c-stag-agricoltura"
        );
        assert_eq!("".parse::<ModelId>(), Err(SlugError::Empty));
        assert_eq!("a".repeat(40).parse::<ModelId>().map(|slug| slug.as_str().len()), Ok(40));
        assert_eq!("a".repeat(41).parse::<ModelId>(), Err(SlugError::TooLong(41)));
        assert_eq!("df_2026".parse::<CampaignId>(), Err(SlugError::Character(2)));
        assert_eq!("DF-2026".parse::<CampaignId>(), Err(SlugError::Character(0)));
        assert_eq!("df-2026#".parse::<CampaignId>(), Err(SlugError::Character(7)));
    }

    #[test]
    fn reading_json_checks_the_id() {
        assert!(serde_json::from_str::<OwnerId>(r#""own_00000000000000000000000000""#).is_ok());
        assert!(serde_json::from_str::<OwnerId>(r#""acc_00000000000000000000000000""#).is_err());
        assert!(serde_json::from_str::<ModelId>(r#""C-STAG""#).is_err());
    }

    #[test]
    fn a_keyed_id_uses_the_first_half_of_the_hash() {
        let mut digest = [7; 32];
        let account = AccountId::keyed(&digest);
        digest[31] = 0;
        assert_eq!(AccountId::keyed(&digest), account);
        digest[15] = 0;
        assert_ne!(AccountId::keyed(&digest), account);
        assert_eq!(OwnerId::keyed(&[7; 32]), OwnerId::from_random([7; 16]));
    }

    proptest! {
        #[test]
        fn every_random_value_has_one_text_and_comes_back(first: [u8; 16], second: [u8; 16]) {
            let id = ApplicationId::from_random(first);
            prop_assert_eq!(id.as_str().parse::<ApplicationId>().unwrap(), id.clone());
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<ApplicationId>(&json).unwrap(), id.clone());
            prop_assert_eq!(first == second, id == ApplicationId::from_random(second));
        }

        #[test]
        fn no_text_makes_parsing_panic(text in ".*") {
            let _ = text.parse::<ApplicationId>();
            let _ = format!("app_{text}").parse::<ApplicationId>();
            let _ = text.parse::<CampaignId>();
        }
    }
}
