//! Checks changes before they are stored: names every mistake at once, stores nothing by halves. (ENR-1, FRM-2)

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::condition::View;
use super::field::{Derivation, Field, Registry, Source};
use super::field_key::FieldKey;
use super::rule::days_inclusive;
use super::schema::Schema;
use super::value::{FieldError, FieldValue, ValueSource, Values};

/// Most changes in one request.
pub const MAX_CHANGES: usize = 200;

/// Most bytes of one value as JSON text.
pub const MAX_VALUE_BYTES: usize = 4_096;

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// A person at a keyboard.
    Person,
    /// A registry that answers.
    Registry(Registry),
    /// The portal itself: identity, profile, preliminary checks, uploads.
    System,
}

/// Changes, each judged by itself.
#[derive(Debug, Default)]
pub struct JudgedChanges {
    /// What may be stored, in normal form, with the derived values that follow.
    pub accepted: BTreeMap<FieldKey, Value>,
    /// What may not, and why: every mistake of every field.
    pub refused: Vec<FieldError>,
}

impl Schema {
    /// The changes in normal form, with the derived values that follow from them; null clears a field. What changes
    /// nothing is left out. Emptiness is no error: drafts are saved as they are.
    ///
    /// A registry that has no value writes null, and is stored as having said so.
    ///
    /// # Errors
    /// Every mistake of every field at once; then nothing may be stored.
    pub fn check_changes(
        &self,
        current: &Values,
        changes: &BTreeMap<String, Value>,
        by: Writer,
        today: Date,
    ) -> Result<BTreeMap<FieldKey, Value>, Vec<FieldError>> {
        let judged = self.judge_changes(current, changes, by, today);
        if judged.refused.is_empty() { Ok(judged.accepted) } else { Err(judged.refused) }
    }

    /// The same for a draft, of which one bad value keeps no good one from being saved (FRM-2).
    pub fn judge_changes(
        &self,
        current: &Values,
        changes: &BTreeMap<String, Value>,
        by: Writer,
        today: Date,
    ) -> JudgedChanges {
        let mut judged = JudgedChanges::default();
        if changes.len() > MAX_CHANGES {
            let message = format!("Salva al massimo {MAX_CHANGES} campi alla volta.");
            judged.refused.push(FieldError::new("", "too-many-changes", message));
            return judged;
        }
        for (key, value) in changes {
            match self.check_change(current, key, value, by, today) {
                Ok(Some((key, value))) => {
                    judged.accepted.insert(key, value);
                }
                Ok(None) => {}
                Err(error) => judged.refused.push(error),
            }
        }
        // Where every change is refused nothing is stored, and so nothing follows.
        if judged.refused.is_empty() || !judged.accepted.is_empty() {
            let derived = self.derived(current, &judged.accepted);
            judged.accepted.extend(derived);
        }
        judged
    }

    /// Stores what [`Schema::check_changes`] accepted, with its source and time.
    pub fn apply(
        &self,
        values: &mut Values,
        accepted: BTreeMap<FieldKey, Value>,
        by: Writer,
        at: Timestamp,
    ) {
        for (key, value) in accepted {
            let Some(field) = self.field(key.as_str()) else { continue };
            let source = by.source_of(field);
            let says_absent = matches!(source, ValueSource::Registry(_));
            if value.is_null() && !says_absent {
                values.remove(&key);
            } else {
                values.insert(key, FieldValue { value, source, at });
            }
        }
    }

    fn check_change(
        &self,
        current: &Values,
        key: &str,
        value: &Value,
        by: Writer,
        today: Date,
    ) -> Result<Option<(FieldKey, Value)>, FieldError> {
        let Some(field) = self.field(key) else {
            let shown: String = key.chars().filter(|each| !each.is_control()).take(64).collect();
            return Err(FieldError::new(
                shown,
                "unknown-field",
                "Questo campo non fa parte della domanda: toglilo dalla richiesta e salva di nuovo.",
            ));
        };
        if size(value) > MAX_VALUE_BYTES {
            return Err(FieldError::new(key, "too-long", "Il testo è troppo lungo: accorcialo."));
        }
        let stored = current.get(key);
        let checked = field.kind.check(value, today);
        if let (Ok(same), Some(stored)) = (&checked, stored) {
            // A client that sends back what the form showed does not type over it.
            if *same == stored.value
                && (by == Writer::Person || stored.source == by.source_of(field))
            {
                return Ok(None);
            }
        }
        // Nobody types a document; whoever may save the draft may take it out (FRM-6).
        let takes_document_out = by == Writer::Person
            && field.source == Source::Upload
            && matches!(checked, Ok(Value::Null));
        if !takes_document_out {
            self.may_write(field, current, by)?;
        }
        let value =
            checked.map_err(|refusal| FieldError::new(key, refusal.code, refusal.message))?;
        let keeps_typed = matches!(by, Writer::Registry(_))
            && value.is_null()
            && stored.is_some_and(|stored| stored.source == ValueSource::Person);
        let clears_nothing =
            value.is_null() && stored.is_none() && !matches!(by, Writer::Registry(_));
        Ok(if keeps_typed || clears_nothing { None } else { Some((field.key.clone(), value)) })
    }

    /// A value from a registry cannot be typed over, nor one registry write another's fields. (ENR-1)
    fn may_write(&self, field: &Field, current: &Values, by: Writer) -> Result<(), FieldError> {
        let refuse =
            |code, message: String| Err(FieldError::new(field.key.as_str(), code, message));
        match (by, &field.source) {
            (Writer::Person, Source::Hand)
            | (Writer::System, Source::Hand | Source::Identity | Source::Profile | Source::Start | Source::Upload) => Ok(()),
            (Writer::Registry(registry), Source::Registry(named)) if named.contains(&registry) => Ok(()),
            (Writer::Registry(_) | Writer::System, _) => {
                refuse("wrong-source", "Questo valore non può arrivare da questa fonte.".to_owned())
            }
            (Writer::Person, Source::Registry(named)) => {
                let left_to_person = current.get(&field.key).is_some_and(FieldValue::is_left_to_person);
                if field.hand_if_absent && left_to_person {
                    return Ok(());
                }
                let registry = self.responsible_registry(field, &self.view(current)).or(named.first().copied());
                let who = registry.map_or("un registro pubblico", Registry::label);
                refuse(
                    "registry-owned",
                    format!("Questo valore lo fornisce {who} e non si può scrivere a mano: se è sbagliato, chiedi la correzione."),
                )
            }
            (Writer::Person, Source::Identity) => refuse(
                "identity-owned",
                "Questo valore viene dalla tua identità SPID o CIE: chiedi la correzione al tuo gestore di identità SPID oppure, se entri con la CIE, al tuo Comune.".to_owned(),
            ),
            (Writer::Person, Source::Profile) => refuse(
                "profile-owned",
                "Questo valore viene dal profilo della tua organizzazione: chiedi al referente di correggerlo.".to_owned(),
            ),
            (Writer::Person, Source::Start) => refuse(
                "start-owned",
                "Questo valore viene dalle verifiche preliminari: se è sbagliato, elimina la bozza e comincia una nuova domanda."
                    .to_owned(),
            ),
            (Writer::Person, Source::Derived) => {
                refuse("derived", "Questo valore lo calcola il portale: correggi i campi da cui dipende.".to_owned())
            }
            (Writer::Person, Source::Upload) => {
                refuse("upload-only", "Un documento non si scrive: caricalo con il pulsante «Carica», oppure svuota il campo per toglierlo.".to_owned())
            }
        }
    }

    /// The derived values that differ from the stored ones once the changes are in.
    fn derived(
        &self,
        current: &Values,
        accepted: &BTreeMap<FieldKey, Value>,
    ) -> BTreeMap<FieldKey, Value> {
        let view = self.view_of(|key| {
            accepted.get(key).or_else(|| current.get(key).map(|stored| &stored.value))
        });
        let day = |key| {
            view.value(key).and_then(Value::as_str).and_then(|text| text.parse::<Date>().ok())
        };
        let mut derived = BTreeMap::new();
        for field in self.fields().iter().filter(|field| field.derive.is_some()) {
            let value = match &field.derive {
                Some(Derivation::Copy(from)) => view.value(from).cloned(),
                Some(Derivation::Constant(value)) => Some(value.clone()),
                Some(Derivation::Days(from, to)) => match (day(from), day(to)) {
                    (Some(from), Some(to)) if from <= to => Some(days_inclusive(from, to).into()),
                    _ => None,
                },
                Some(Derivation::Sum(parts)) => sum(&view, parts).map(Value::from),
                None => None,
            };
            let stored = current.get(&field.key).map(|stored| &stored.value);
            if value.as_ref() != stored {
                derived.insert(field.key.clone(), value.unwrap_or(Value::Null));
            }
        }
        derived
    }
}

impl Writer {
    /// What is recorded as the source when this one writes that field.
    pub fn source_of(self, field: &Field) -> ValueSource {
        match (&field.source, self) {
            (Source::Derived, _) => ValueSource::Derived,
            (_, Self::Registry(registry)) => ValueSource::Registry(registry),
            (_, Self::Person) | (Source::Hand | Source::Registry(_), Self::System) => {
                ValueSource::Person
            }
            (Source::Identity, Self::System) => ValueSource::Identity,
            (Source::Profile, Self::System) => ValueSource::Profile,
            (Source::Start, Self::System) => ValueSource::Start,
            (Source::Upload, Self::System) => ValueSource::Upload,
        }
    }
}

impl FieldValue {
    /// Whether the registry said that it has no value, or a person has already typed one in its stead.
    pub(super) fn is_left_to_person(&self) -> bool {
        match self.source {
            ValueSource::Registry(_) => self.value.is_null(),
            ValueSource::Person => true,
            ValueSource::Identity
            | ValueSource::Profile
            | ValueSource::Start
            | ValueSource::Derived
            | ValueSource::Upload => false,
        }
    }
}

/// None while a number that is asked is missing, and where none is asked.
fn sum(view: &View<'_>, parts: &[FieldKey]) -> Option<i64> {
    let mut asked = parts.iter().filter(|part| view.is_visible(part)).peekable();
    asked.peek()?;
    asked.try_fold(0_i64, |sum, part| sum.checked_add(view.value(part)?.as_i64()?))
}

fn size(value: &Value) -> usize {
    value.as_str().map_or_else(|| value.to_string().len(), str::len)
}
