//! The values of a form, each with its source and time, and the message of a refused value.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field::Registry;
use super::field_key::FieldKey;

/// The stored values of one application, by field.
pub type Values = BTreeMap<FieldKey, FieldValue>;

/// One stored value. (ENR-1: each value shows its source and time)
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldValue {
    /// The value in its normal form; null where a registry said that it has none.
    pub value: Value,
    /// Who gave it.
    pub source: ValueSource,
    /// When.
    pub at: Timestamp,
}

/// Redacted: values are personal data. (PRV-1)
impl fmt::Debug for FieldValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FieldValue")
            .field("source", &self.source)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Who gave a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ValueSource {
    /// A person typed it.
    Person,
    /// The SPID or CIE identity of who filed.
    Identity,
    /// The profile of the organisation that filed.
    Profile,
    /// The preliminary checks.
    Start,
    /// Computed from other values.
    Derived,
    /// A document that was uploaded.
    Upload,
    /// A registry.
    Registry(Registry),
}

impl TryFrom<String> for ValueSource {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "person" => Ok(Self::Person),
            "identity" => Ok(Self::Identity),
            "profile" => Ok(Self::Profile),
            "start" => Ok(Self::Start),
            "derived" => Ok(Self::Derived),
            "upload" => Ok(Self::Upload),
            other => match other.strip_prefix("registry:") {
                Some(registry) => registry.parse().map(Self::Registry),
                None => Err(format!("unknown source of a value {other:?}")),
            },
        }
    }
}

impl From<ValueSource> for String {
    fn from(source: ValueSource) -> Self {
        match source {
            ValueSource::Person => "person".to_owned(),
            ValueSource::Identity => "identity".to_owned(),
            ValueSource::Profile => "profile".to_owned(),
            ValueSource::Start => "start".to_owned(),
            ValueSource::Derived => "derived".to_owned(),
            ValueSource::Upload => "upload".to_owned(),
            ValueSource::Registry(registry) => format!("registry:{}", registry.key()),
        }
    }
}

/// What is wrong with one field; it never repeats the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field, or empty for the request as a whole.
    pub field: String,
    /// Stable and kebab-case.
    pub code: String,
    /// What to do, in Italian.
    pub message: String,
}

impl FieldError {
    pub(super) fn new(
        field: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PRV-1
    #[test]
    fn a_stored_value_never_prints_itself() {
        let value = FieldValue {
            value: "CANARINO".into(),
            source: ValueSource::Person,
            at: Timestamp::UNIX_EPOCH,
        };
        assert!(!format!("{value:?}").contains("CANARINO"));
    }

    #[test]
    fn a_stored_value_survives_the_store() {
        for source in [
            ValueSource::Person,
            ValueSource::Identity,
            ValueSource::Profile,
            ValueSource::Start,
            ValueSource::Derived,
            ValueSource::Upload,
            ValueSource::Registry(Registry::AgenziaEntrate),
        ] {
            let value = FieldValue { value: 3.into(), source, at: Timestamp::UNIX_EPOCH };
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<FieldValue>(&text).unwrap(), value);
        }
        assert!(serde_json::from_str::<ValueSource>("\"registry:catasto\"").is_err());
    }
}
