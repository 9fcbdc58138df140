//! Small expressions over values, as data: when a field is asked, required or ruled upon.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::field::FieldKey;
use super::kind::FieldType;
use super::schema::Schema;
use super::table::Table;

/// Something that holds or not for the values of a form. A hidden or empty field equals nothing.
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
pub(super) struct View<'a> {
    schema: &'a Schema,
    visible: BTreeSet<&'a str>,
    values: BTreeMap<&'a str, &'a Value>,
}

impl<'a> View<'a> {
    /// Decides field by field, in the order of the schema: a condition may only look back, so one pass is enough.
    pub(super) fn of(schema: &'a Schema, value_of: impl Fn(&str) -> Option<&'a Value>) -> Self {
        let mut view = Self { schema, visible: BTreeSet::new(), values: BTreeMap::new() };
        for field in schema.fields() {
            if field.visible.as_ref().is_some_and(|condition| !condition.holds(&view)) {
                continue;
            }
            view.visible.insert(field.key.as_str());
            if let Some(value) = value_of(field.key.as_str()).filter(|value| !value.is_null()) {
                view.values.insert(field.key.as_str(), value);
            }
        }
        view
    }

    pub(super) fn value(&self, key: &FieldKey) -> Option<&'a Value> {
        self.values.get(key.as_str()).copied()
    }

    pub(super) fn values(&self) -> &BTreeMap<&'a str, &'a Value> {
        &self.values
    }

    pub(super) fn is_visible(&self, key: &FieldKey) -> bool {
        self.visible.contains(key.as_str())
    }

    fn is_tagged(&self, key: &FieldKey, tag: &str) -> bool {
        let table = self.schema.field(key.as_str()).and_then(|field| match &field.kind {
            FieldType::TableChoice { table, .. } => Table::find(table),
            FieldType::Text { .. }
            | FieldType::Boolean
            | FieldType::MustBeTrue
            | FieldType::Integer { .. }
            | FieldType::Money { .. }
            | FieldType::Date { .. }
            | FieldType::Choice { .. }
            | FieldType::PersonFiscalCode
            | FieldType::CompanyFiscalCode
            | FieldType::VatNumber
            | FieldType::Email
            | FieldType::Pec
            | FieldType::PostalCode
            | FieldType::File { .. } => None,
        });
        let code = self.value(key).and_then(Value::as_str);
        table
            .zip(code)
            .and_then(|(table, code)| table.entry(code))
            .is_some_and(|entry| entry.has_tag(tag))
    }
}
