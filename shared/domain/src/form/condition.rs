//! Small expressions over values, as data: when a field is asked, required or ruled upon.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field_key::FieldKey;
use super::kind::FieldType;

/// A condition that holds or not for the values of a form. A hidden or empty field equals nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Condition {
    /// The field holds exactly this.
    Equals(FieldEquals),
    /// The field holds one of these.
    OneOf(FieldOneOf),
    /// The field has a value, or has none.
    Present(FieldPresent),
    /// The table entry that the field holds carries this tag.
    Tagged(FieldTagged),
    /// Every one holds.
    All(AllOf),
    /// At least one holds.
    Any(AnyOf),
    /// It does not hold.
    Not(NotThis),
}

/// `{ field = "…", equals = … }`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldEquals {
    field: FieldKey,
    equals: Value,
}

/// `{ field = "…", one_of = […] }`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldOneOf {
    field: FieldKey,
    one_of: Vec<Value>,
}

/// `{ field = "…", present = true }`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldPresent {
    field: FieldKey,
    present: bool,
}

/// `{ field = "…", tagged = "…" }`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldTagged {
    field: FieldKey,
    tagged: String,
}

/// `{ all = […] }`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllOf {
    all: Vec<Condition>,
}

/// `{ any = […] }`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyOf {
    any: Vec<Condition>,
}

/// `{ not = … }`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotThis {
    not: Box<Condition>,
}

impl Condition {
    /// Whether it holds for what is visible and filled.
    pub(super) fn holds(&self, view: &View<'_>) -> bool {
        match self {
            Self::Equals(FieldEquals { field, equals }) => view.value(field) == Some(equals),
            Self::OneOf(FieldOneOf { field, one_of }) => {
                view.value(field).is_some_and(|value| one_of.contains(value))
            }
            Self::Present(FieldPresent { field, present }) => {
                view.value(field).is_some() == *present
            }
            Self::Tagged(FieldTagged { field, tagged }) => view.is_tagged(field, tagged),
            Self::All(AllOf { all }) => all.iter().all(|each| each.holds(view)),
            Self::Any(AnyOf { any }) => any.iter().any(|each| each.holds(view)),
            Self::Not(NotThis { not }) => !not.holds(view),
        }
    }

    /// Every field that it looks at.
    pub(super) fn fields(&self) -> Vec<&FieldKey> {
        match self {
            Self::Equals(FieldEquals { field, .. })
            | Self::OneOf(FieldOneOf { field, .. })
            | Self::Present(FieldPresent { field, .. })
            | Self::Tagged(FieldTagged { field, .. }) => vec![field],
            Self::All(AllOf { all: each }) | Self::Any(AnyOf { any: each }) => {
                each.iter().flat_map(Self::fields).collect()
            }
            Self::Not(NotThis { not }) => not.fields(),
        }
    }
}

/// The values that count: filled, and of fields that are asked at all.
#[derive(Default)]
pub(super) struct View<'a> {
    asked: BTreeMap<&'a str, &'a FieldType>,
    values: BTreeMap<&'a str, &'a Value>,
}

impl<'a> View<'a> {
    /// Adds a field that is asked, with its value if it has one that is not null.
    pub(super) fn ask(&mut self, key: &'a FieldKey, kind: &'a FieldType, value: Option<&'a Value>) {
        self.asked.insert(key.as_str(), kind);
        if let Some(value) = value.filter(|value| !value.is_null()) {
            self.values.insert(key.as_str(), value);
        }
    }

    pub(super) fn value(&self, key: &FieldKey) -> Option<&'a Value> {
        self.values.get(key.as_str()).copied()
    }

    pub(super) fn values(&self) -> &BTreeMap<&'a str, &'a Value> {
        &self.values
    }

    pub(super) fn is_visible(&self, key: &FieldKey) -> bool {
        self.asked.contains_key(key.as_str())
    }

    fn is_tagged(&self, key: &FieldKey, tag: &str) -> bool {
        let table = self.asked.get(key.as_str()).and_then(|kind| kind.table());
        let code = self.value(key).and_then(Value::as_str);
        table
            .zip(code)
            .and_then(|(table, code)| table.entry(code))
            .is_some_and(|entry| entry.has_tag(tag))
    }
}
