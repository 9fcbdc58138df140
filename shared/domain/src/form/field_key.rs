//! Names of fields.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The stable name of a field: a lower-case letter, then letters, digits and underscores; 64 characters at most.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FieldKey(String);

/// The text is not the name of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a field key is a lower-case letter followed by at most 63 letters, digits or underscores")]
pub struct InvalidFieldKey;

impl FieldKey {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FieldKey {
    type Error = InvalidFieldKey;

    fn try_from(text: String) -> Result<Self, InvalidFieldKey> {
        let well_formed = text.len() <= 64
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text
                .chars()
                .all(|each| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '_');
        if well_formed { Ok(Self(text)) } else { Err(InvalidFieldKey) }
    }
}

impl FromStr for FieldKey {
    type Err = InvalidFieldKey;

    fn from_str(text: &str) -> Result<Self, InvalidFieldKey> {
        text.to_owned().try_into()
    }
}

impl From<FieldKey> for String {
    fn from(key: FieldKey) -> Self {
        key.0
    }
}

impl Borrow<str> for FieldKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
