//! Rules over several fields, as data: the law between two dates, two amounts, or a code and a birth.

use jiff::civil::Date;
use jiff::{ToSpan, Unit};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::condition::{Condition, View};
use super::field_key::FieldKey;
use super::table::Table;
use crate::fiscal_code::PersonCode;

/// A rule over several fields. It speaks only once all the values it looks at are there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable and kebab-case.
    pub code: String,
    /// The field beside which the message is shown.
    pub field: FieldKey,
    /// What has to hold.
    pub check: Check,
    /// What to do, in Italian.
    pub message: String,
    /// The law or the assumption behind it.
    pub source: String,
    /// When it applies; always, if the file says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Whether a breach keeps the form from being complete; if not, it is a remark.
    #[serde(default = "yes")]
    pub blocking: bool,
}

fn yes() -> bool {
    true
}

/// What has to hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Check {
    /// One day comes after another; the same day only if `or_same`.
    DateAfter {
        /// The later day.
        date: FieldKey,
        /// The earlier day.
        other: FieldKey,
        /// Whether the same day will do.
        #[serde(default)]
        or_same: bool,
    },
    /// The days between two dates, both included, are at least so many, and end before so many months are over.
    DateSpan {
        /// First day.
        from: FieldKey,
        /// Last day.
        to: FieldKey,
        /// Fewest days, both ends included.
        min_days: i32,
        /// Most months.
        max_months: i8,
    },
    /// An amount is at most one part in `parts` of another.
    ShareAtMost {
        /// The smaller amount.
        share: FieldKey,
        /// The larger amount.
        of: FieldKey,
        /// Into how many parts the larger one is divided.
        parts: i64,
    },
    /// A number is at least this.
    AtLeast {
        /// The number.
        number: FieldKey,
        /// Its floor.
        floor: i64,
    },
    /// A number is at most this.
    AtMost {
        /// The number.
        number: FieldKey,
        /// Its ceiling.
        ceiling: i64,
    },
    /// An amount is at least what a table says for the day in another field.
    AtLeastTable {
        /// The amount in cents.
        amount: FieldKey,
        /// The table of amounts.
        table: String,
        /// The field that holds the day.
        day: FieldKey,
    },
    /// Two fields differ.
    Differ {
        /// One.
        one: FieldKey,
        /// The other.
        other: FieldKey,
    },
    /// A table row belongs to the row that another field holds.
    Belongs {
        /// The field that holds the part.
        part: FieldKey,
        /// The table of the part.
        table: String,
        /// The field that holds the whole.
        whole: FieldKey,
    },
    /// A person's fiscal code tells the same day of birth; the provisional one tells none.
    FiscalCodeBirth {
        /// The fiscal code.
        fiscal_code: FieldKey,
        /// The day of birth.
        birth_date: FieldKey,
    },
    /// A person has so many whole years on a day.
    Age {
        /// The day of birth.
        birth_date: FieldKey,
        /// The field that holds the day.
        on: FieldKey,
        /// Fewest years.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min_years: Option<i16>,
        /// Most years.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_years: Option<i16>,
    },
    /// A condition holds.
    Holds {
        /// The condition; it speaks once every field that it looks at has a value.
        condition: Condition,
    },
}

impl Rule {
    /// Whether it holds; a rule that lacks a value holds, because completeness names missing values.
    pub(super) fn holds(&self, view: &View<'_>) -> bool {
        !self.when.as_ref().is_none_or(|condition| condition.holds(view))
            || self.check.holds(view).unwrap_or(true)
    }
}

impl Check {
    fn holds(&self, view: &View<'_>) -> Option<bool> {
        let number = |key| view.value(key).and_then(Value::as_i64);
        let text = |key| view.value(key).and_then(Value::as_str);
        let day = |key| text(key).and_then(|text| text.parse::<Date>().ok());
        Some(match self {
            Self::DateAfter { date, other, or_same } => {
                let (date, other) = (day(date)?, day(other)?);
                date > other || (*or_same && date == other)
            }
            Self::DateSpan { from, to, min_days, max_months } => {
                let (from, to) = (day(from)?, day(to)?);
                let first_day_beyond = from.checked_add(max_months.months()).ok()?;
                days_inclusive(from, to) >= *min_days && to < first_day_beyond
            }
            Self::ShareAtMost { share, of, parts } => {
                number(share)?.checked_mul(*parts)? <= number(of)?
            }
            Self::AtLeast { number: key, floor } => number(key)? >= *floor,
            Self::AtMost { number: key, ceiling } => number(key)? <= *ceiling,
            Self::AtLeastTable { amount, table, day: key } => {
                let floor = Table::find(table)?.amount_on(day(key)?)?;
                number(amount)? >= floor
            }
            Self::Differ { one, other } => view.value(one)? != view.value(other)?,
            Self::Belongs { part, table, whole } => {
                Table::find(table)?.entry(text(part)?)?.parent.as_deref()? == text(whole)?
            }
            Self::FiscalCodeBirth { fiscal_code, birth_date } => {
                let birth_date = day(birth_date)?;
                match text(fiscal_code)?.parse().ok()? {
                    PersonCode::Final(code) => code.fits_birth_date(birth_date),
                    PersonCode::Provisional(_) => return None,
                }
            }
            Self::Age { birth_date, on, min_years, max_years } => {
                let years = day(birth_date)?.until((Unit::Year, day(on)?)).ok()?.get_years();
                min_years.is_none_or(|fewest| years >= fewest)
                    && max_years.is_none_or(|most| years <= most)
            }
            Self::Holds { condition } => {
                condition.fields().iter().all(|field| view.value(field).is_some()).then_some(())?;
                condition.holds(view)
            }
        })
    }

    /// Every field that it looks at.
    pub(super) fn fields(&self) -> Vec<&FieldKey> {
        match self {
            Self::DateAfter { date: one, other, .. }
            | Self::DateSpan { from: one, to: other, .. }
            | Self::ShareAtMost { share: one, of: other, .. }
            | Self::AtLeastTable { amount: one, day: other, .. }
            | Self::Differ { one, other }
            | Self::Belongs { part: one, whole: other, .. }
            | Self::FiscalCodeBirth { fiscal_code: one, birth_date: other }
            | Self::Age { birth_date: one, on: other, .. } => vec![one, other],
            Self::AtLeast { number, .. } | Self::AtMost { number, .. } => vec![number],
            Self::Holds { condition } => condition.fields(),
        }
    }

    /// The table that it looks into.
    pub(super) fn table(&self) -> Option<&str> {
        match self {
            Self::AtLeastTable { table, .. } | Self::Belongs { table, .. } => Some(table),
            Self::DateAfter { .. }
            | Self::DateSpan { .. }
            | Self::ShareAtMost { .. }
            | Self::AtLeast { .. }
            | Self::AtMost { .. }
            | Self::Differ { .. }
            | Self::FiscalCodeBirth { .. }
            | Self::Age { .. }
            | Self::Holds { .. } => None,
        }
    }
}

/// Days from one date to another, both included; not positive if they are in the wrong order.
pub(super) fn days_inclusive(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days().saturating_add(1))
}
