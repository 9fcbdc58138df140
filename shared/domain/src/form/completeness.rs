//! How far a draft is, in percent per section, what is missing and who has to act. (FRM-2, FRM-3, NEW-2)

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::condition::View;
use super::field::{Field, Registry, Required, Source};
use super::field_key::FieldKey;
use super::schema::Schema;
use super::value::{FieldError, FieldValue, Values};

/// How far a draft is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// 0 to 100; 100 only if nothing is missing and nothing contradicts itself.
    pub percent: u8,
    /// Each section, in order.
    pub sections: Vec<SectionCompleteness>,
    /// What keeps the form from being complete although it is filled in.
    pub rule_errors: Vec<FieldError>,
    /// What an officer will look at, but does not keep the form from being complete.
    pub remarks: Vec<FieldError>,
}

/// How far one section is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectionCompleteness {
    /// The section.
    pub key: String,
    /// 0 to 100.
    pub percent: u8,
    /// What is missing in it, in the order of the form.
    pub missing: Vec<Missing>,
}

/// One missing value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The field.
    pub field: FieldKey,
    /// Its label, in Italian.
    pub label: String,
    /// Who has to act.
    pub who: WhoFillsIn,
}

/// Who has to act; on the wire `person`, `portal` or `registry:inps`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoFillsIn {
    /// The person who fills in the form.
    Person,
    /// A registry that has not answered yet.
    Registry(Registry),
    /// The portal itself: identity, profile, preliminary checks.
    Portal,
}

impl Serialize for WhoFillsIn {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Person => out.serialize_str("person"),
            Self::Portal => out.serialize_str("portal"),
            Self::Registry(registry) => {
                out.collect_str(&format_args!("registry:{}", registry.key()))
            }
        }
    }
}

impl Completeness {
    /// Whether the application may become ready. (FRM-3)
    pub fn is_complete(&self) -> bool {
        self.percent == 100
    }

    /// Everything that is missing, in the order of the form.
    pub fn missing(&self) -> impl Iterator<Item = &Missing> {
        self.sections.iter().flat_map(|section| &section.missing)
    }
}

impl Schema {
    /// How far these values are on that day. Hidden fields do not count; stored values are checked again, because
    /// bounds and tables move with the day.
    pub fn completeness(&self, values: &Values, today: Date) -> Completeness {
        let view = self.view(values);
        let mut rule_errors = Vec::new();
        let mut sections = Vec::new();
        let (mut filled_in_all, mut asked_in_all) = (0, 0);
        for section in self.sections() {
            let (mut filled, mut asked, mut missing) = (0, 0, Vec::new());
            for field in self
                .fields()
                .iter()
                .filter(|field| section.holds(field) && view.is_visible(&field.key))
            {
                let refusal =
                    view.value(&field.key).and_then(|value| field.kind.check(value, today).err());
                let is_sound = view.value(&field.key).is_some() && refusal.is_none();
                if let Some(refusal) = refusal {
                    rule_errors.push(FieldError::new(
                        field.key.as_str(),
                        refusal.code,
                        refusal.message,
                    ));
                } else if !is_sound && field.is_required(&view) {
                    let who = self.who_acts(field, values, &view);
                    missing.push(Missing {
                        field: field.key.clone(),
                        label: field.label.clone(),
                        who,
                    });
                }
                if field.is_required(&view) {
                    asked += 1;
                    filled += usize::from(is_sound);
                }
            }
            filled_in_all += filled;
            asked_in_all += asked;
            sections.push(SectionCompleteness {
                key: section.key.clone(),
                percent: percent(filled, asked),
                missing,
            });
        }
        let (breaches, remarks): (Vec<_>, Vec<_>) =
            self.rules().iter().filter(|rule| !rule.holds(&view)).partition(|rule| rule.blocking);
        let told = |rule: &super::rule::Rule| {
            FieldError::new(rule.field.as_str(), rule.code.as_str(), rule.message.as_str())
        };
        rule_errors.extend(breaches.into_iter().map(told));
        let whole = percent(filled_in_all, asked_in_all);
        Completeness {
            percent: if rule_errors.is_empty() { whole } else { whole.min(99) },
            sections,
            rule_errors,
            remarks: remarks.into_iter().map(told).collect(),
        }
    }

    fn who_acts(&self, field: &Field, values: &Values, view: &View<'_>) -> WhoFillsIn {
        match &field.source {
            Source::Hand | Source::Derived | Source::Upload => WhoFillsIn::Person,
            Source::Identity | Source::Profile | Source::Start => WhoFillsIn::Portal,
            Source::Registry(_) => {
                let left_to_person =
                    values.get(&field.key).is_some_and(FieldValue::is_left_to_person);
                match self.responsible_registry(field, view) {
                    Some(registry) if !(field.hand_if_absent && left_to_person) => {
                        WhoFillsIn::Registry(registry)
                    }
                    _ => WhoFillsIn::Person,
                }
            }
        }
    }
}

impl Field {
    fn is_required(&self, view: &View<'_>) -> bool {
        match &self.required {
            Required::Always => true,
            Required::Never => false,
            Required::When(condition) => condition.holds(view),
        }
    }
}

/// Rounded down, so that 100 means all; nothing asked counts as all answered.
fn percent(filled: usize, asked: usize) -> u8 {
    let hundredths = filled.saturating_mul(100).checked_div(asked).unwrap_or(100);
    u8::try_from(hundredths).unwrap_or(100)
}
