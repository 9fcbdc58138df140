//! One version of one model's form, read from its file once and held to its own promises.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::condition::{Condition, View};
use super::field::{Derivation, Field, Mode, Registry, Required, Role, Section, Source};
use super::field_key::FieldKey;
use super::file::FileRule;
use super::kind::{DateBound, FieldType};
use super::part;
use super::rule::Rule;
use super::schema_error::SchemaError;
use super::table::Table;
use super::value::{FieldValue, Values};

/// One version of one model's form. Published versions never change: a change is a new version in a new file.
#[derive(Debug, Clone, Serialize)]
pub struct Schema {
    id: String,
    model: String,
    version: u32,
    title: String,
    source: String,
    registries: BTreeMap<Registry, RegistryNote>,
    sections: Vec<Section>,
    fields: Vec<Field>,
    rules: Vec<Rule>,
}

/// What a schema says about a registry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryNote {
    /// When it is asked at all; always, if the file says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
}

/// The file of a schema with its parts in place, before it is held to its promises.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    model: String,
    version: u32,
    title: String,
    source: String,
    #[serde(default)]
    registries: BTreeMap<Registry, RegistryNote>,
    sections: Vec<Section>,
    fields: Vec<Field>,
    #[serde(default)]
    rules: Vec<Rule>,
}

/// The texts of `models/`.
pub(super) const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/models.rs"));

/// A file that does not parse is left out here, because nothing may panic; the test `every_schema_parses_and_is_named_like_its_file` holds that none is.
static SCHEMAS: LazyLock<Vec<Schema>> =
    LazyLock::new(|| TEXTS.iter().filter_map(|(_, text)| Schema::parse(text).ok()).collect());

impl Schema {
    /// The schema of that id, such as `c-stag-agricoltura@1`.
    pub fn find(id: &str) -> Option<&'static Self> {
        SCHEMAS.iter().find(|each| each.id == id)
    }

    /// The newest version of a model, such as `c-stag-agricoltura`.
    pub fn latest(model: &str) -> Option<&'static Self> {
        SCHEMAS.iter().filter(|each| each.model == model).max_by_key(|each| each.version)
    }

    /// Every schema.
    pub fn all() -> &'static [Self] {
        &SCHEMAS
    }

    /// Reads the text of a schema file.
    ///
    /// # Errors
    /// The text has another shape, names a part that is not there, or names what it does not define.
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        let File { model, version, title, source, registries, sections, fields, rules } =
            part::in_place(toml::from_str(text)?)?.try_into()?;
        let id = format!("{model}@{version}");
        let schema =
            Self { id, model, version, title, source, registries, sections, fields, rules };
        let problems = schema.contradictions();
        if problems.is_empty() {
            Ok(schema)
        } else {
            Err(SchemaError::Contradictions { id: schema.id, problems })
        }
    }

    /// `model@version`; recorded with every application.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The model, without its version.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Counts from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The law behind it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The sections, in order.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The fields, in order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The rules over several fields.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The field of that key.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|each| each.key.as_str() == key)
    }

    /// What a field that asks for a document takes; none where no such field does. (FRM-6)
    pub fn file_rule(&self, key: &FieldKey) -> Option<FileRule> {
        self.field(key.as_str())?.kind.file_rule()
    }

    /// The fields that ask for a document, in order, with what each takes. (FRM-6)
    pub fn file_fields(&self) -> impl Iterator<Item = (&Field, FileRule)> {
        self.fields.iter().filter_map(|field| Some((field, self.file_rule(&field.key)?)))
    }

    /// The field that plays that role.
    pub fn field_with(&self, role: Role) -> Option<&Field> {
        self.fields.iter().find(|each| each.role == Some(role))
    }

    /// The value of the field that plays that role, if it is filled and asked at all.
    pub fn value_with<'a>(&'a self, role: Role, values: &'a Values) -> Option<&'a Value> {
        self.field_with(role).and_then(|field| self.view(values).value(&field.key))
    }

    /// The fields that this registry has to fill now or later, given what is known.
    pub fn registry_fields<'a>(
        &'a self,
        registry: Registry,
        mode: Mode,
        values: &'a Values,
    ) -> impl Iterator<Item = &'a Field> {
        let view = self.view(values);
        self.fields.iter().filter(move |field| {
            field.mode == Some(mode)
                && view.is_visible(&field.key)
                && self.responsible_registry(field, &view) == Some(registry)
        })
    }

    /// The registries that have something to fill, given what is known, each with its mode; in a stable order.
    pub fn registries_needed(&self, values: &Values) -> Vec<(Registry, Mode)> {
        let view = self.view(values);
        let needed: BTreeSet<_> = self
            .fields
            .iter()
            .filter(|field| view.is_visible(&field.key))
            .filter_map(|field| self.responsible_registry(field, &view).zip(field.mode))
            .collect();
        needed.into_iter().collect()
    }

    /// The first registry of the field whose condition holds.
    pub(super) fn responsible_registry(&self, field: &Field, view: &View<'_>) -> Option<Registry> {
        let Source::Registry(registries) = &field.source else { return None };
        registries.iter().copied().find(|registry| {
            let when = self.registries.get(registry).and_then(|note| note.when.as_ref());
            when.is_none_or(|condition| condition.holds(view))
        })
    }

    /// What a person could type into each hand-filled field that is asked, all of it accepted on that day.
    pub fn example(&self, today: Date) -> BTreeMap<String, Value> {
        let mut examples = self.examples(today);
        examples.retain(|key, _| self.field(key).is_some_and(|field| field.source == Source::Hand));
        examples
    }

    /// An accepted value for each field that is asked, filled by a person or not; registries and demo people answer
    /// with it.
    pub fn examples(&self, today: Date) -> BTreeMap<String, Value> {
        self.examples_given(&BTreeMap::new(), today)
    }

    /// The same where some values are given: they decide what else is asked. A given null leaves the field empty.
    pub fn examples_given(
        &self,
        given: &BTreeMap<String, Value>,
        today: Date,
    ) -> BTreeMap<String, Value> {
        let values: BTreeMap<&str, Value> = self
            .fields
            .iter()
            .filter_map(|field| {
                let example = given.get(field.key.as_str()).or(field.example.as_ref())?;
                let day = match (&field.kind, example.as_str()) {
                    (FieldType::Date { .. }, Some(text)) => {
                        DateBound::try_from(text.to_owned()).ok()
                    }
                    _ => None,
                };
                let value =
                    day.map_or_else(|| example.clone(), |bound| bound.on(today).to_string().into());
                Some((field.key.as_str(), value))
            })
            .collect();
        let view = self.view_of(|key| values.get(key));
        view.values().iter().map(|(key, value)| ((*key).to_owned(), (*value).clone())).collect()
    }

    /// What counts of these values.
    pub(super) fn view<'a>(&'a self, values: &'a Values) -> View<'a> {
        self.view_of(|key| values.get(key).map(|FieldValue { value, .. }| value))
    }

    /// Decides field by field, in the order of the schema: a condition may only look back, so one pass is enough.
    pub(super) fn view_of<'a>(&'a self, value_of: impl Fn(&str) -> Option<&'a Value>) -> View<'a> {
        let mut view = View::default();
        for field in &self.fields {
            if field.visible.as_ref().is_none_or(|condition| condition.holds(&view)) {
                view.ask(&field.key, &field.kind, value_of(field.key.as_str()));
            }
        }
        view
    }

    fn contradictions(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut known = BTreeSet::new();
        let mut roles = BTreeSet::new();
        let all: BTreeSet<&str> = self.fields.iter().map(|each| each.key.as_str()).collect();
        let mut note = |holds: bool, text: String| {
            if !holds {
                problems.push(text);
            }
        };
        for field in &self.fields {
            let key = &field.key;
            note(
                self.sections.iter().any(|each| each.key == field.section),
                format!("{key}: no section {}", field.section),
            );
            for seen in field.visible.iter().flat_map(Condition::fields) {
                note(
                    known.contains(seen.as_str()),
                    format!("{key}: visibility looks ahead to {seen}"),
                );
            }
            if let Required::When(condition) = &field.required {
                for seen in condition.fields() {
                    note(
                        all.contains(seen.as_str()),
                        format!("{key}: required when {seen}, which is not there"),
                    );
                }
            }
            note(known.insert(key.as_str()), format!("{key}: twice"));
            note(
                field.role.is_none_or(|role| roles.insert(role)),
                format!("{key}: its role is taken"),
            );
            note(
                matches!(field.source, Source::Registry(_)) == field.mode.is_some(),
                format!("{key}: a mode belongs to registry fields and only to them"),
            );
            note(
                (field.source == Source::Derived) == field.derive.is_some(),
                format!("{key}: a derivation belongs to derived fields and only to them"),
            );
            note(
                !field.hand_if_absent || matches!(field.source, Source::Registry(_)),
                format!("{key}: only a registry can be absent"),
            );
            match &field.derive {
                Some(Derivation::Copy(one)) => {
                    note(
                        all.contains(one.as_str()),
                        format!("{key}: derived from {one}, which is not there"),
                    );
                }
                Some(Derivation::Sum(parts)) => {
                    for one in parts {
                        note(
                            all.contains(one.as_str()),
                            format!("{key}: a sum of {one}, which is not there"),
                        );
                    }
                }
                Some(Derivation::Days(one, other)) => note(
                    all.contains(one.as_str()) && all.contains(other.as_str()),
                    format!("{key}: derived from {one} and {other}, which are not there"),
                ),
                Some(Derivation::Constant(_)) | None => {}
            }
            if let FieldType::TableChoice { table, .. } = &field.kind {
                note(Table::find(table).is_some(), format!("{key}: no table {table}"));
            }
        }
        for rule in &self.rules {
            let fields = rule.check.fields().into_iter().chain([&rule.field]);
            for seen in fields.chain(rule.when.iter().flat_map(Condition::fields)) {
                note(all.contains(seen.as_str()), format!("rule {}: no field {seen}", rule.code));
            }
            note(
                rule.check.table().is_none_or(|table| Table::find(table).is_some()),
                format!("rule {}: no table", rule.code),
            );
        }
        problems
    }
}

impl Section {
    /// Whether the field stands in it.
    pub(super) fn holds(&self, field: &Field) -> bool {
        self.key == field.section
    }
}
