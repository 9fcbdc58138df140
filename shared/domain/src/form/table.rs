//! Reference tables with validity: countries, provinces, activities, amounts. Old rows stay, because old applications name them.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A list that a field may choose from, or that holds amounts by date.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The stable name; the same as the file's.
    pub name: String,
    /// The name for people, in Italian.
    pub title: String,
    /// Where the rows come from.
    pub source: String,
    /// The day on which the rows were last compared with the source.
    pub checked_on: Date,
    /// Whether no source confirms the selection: it is our assumption.
    #[serde(default)]
    pub assumption: bool,
    /// The rows, in the order in which people see them.
    pub entries: Vec<TableRow>,
}

/// One row of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableRow {
    /// What is stored.
    pub code: String,
    /// What people read, in Italian.
    pub label: String,
    /// Groups that rules and conditions ask about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The code of the larger thing that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Cents, in tables of amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// The first day on which it may be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The first day on which it may no longer be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
}

/// The texts of `tables/`.
pub(super) const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/tables.rs"));

/// A file that does not parse is left out here, because nothing may panic; the test `every_table_parses` holds that none is.
static TABLES: LazyLock<Vec<Table>> =
    LazyLock::new(|| TEXTS.iter().filter_map(|(_, text)| toml::from_str(text).ok()).collect());

impl Table {
    /// The table of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|each| each.name == name)
    }

    /// Every table.
    pub fn all() -> &'static [Self] {
        &TABLES
    }

    /// The row with that code, whether or not it may still be chosen.
    pub fn entry(&self, code: &str) -> Option<&TableRow> {
        self.entries.iter().find(|each| each.code == code)
    }

    /// The rows that may be chosen on that day.
    pub fn entries_on(&self, day: Date) -> impl Iterator<Item = &TableRow> {
        self.entries.iter().filter(move |each| each.is_valid_on(day))
    }

    /// The amount in cents that holds on that day.
    pub fn amount_on(&self, day: Date) -> Option<i64> {
        self.entries_on(day).find_map(|each| each.amount)
    }
}

impl TableRow {
    /// Whether it may be chosen on that day: the first day is included, the end is not.
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day)
            && self.valid_until.is_none_or(|until| day < until)
    }

    /// Whether it belongs to that group.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|each| each == tag)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_table_parses_and_is_named_like_its_file() {
        for (stem, text) in TEXTS {
            let table: Table =
                toml::from_str(text).unwrap_or_else(|error| panic!("{stem}: {error}"));
            assert_eq!(&table.name, stem);
        }
        assert_eq!(Table::all().len(), TEXTS.len());
    }

    #[test]
    fn no_table_has_two_rows_with_one_code_or_an_empty_validity() {
        for table in Table::all() {
            let codes: BTreeSet<_> = table.entries.iter().map(|each| &each.code).collect();
            assert_eq!(codes.len(), table.entries.len(), "{}", table.name);
            for each in &table.entries {
                assert!(
                    each.valid_from.zip(each.valid_until).is_none_or(|(from, until)| from < until)
                );
            }
        }
    }

    #[test]
    fn the_provinces_are_the_107_signs_of_istat() {
        let provinces = Table::find("provinces").unwrap();
        assert_eq!(provinces.entries.len(), 107);
        assert_eq!(provinces.entry("FG").unwrap().label, "Foggia");
    }

    #[test]
    fn countries_name_kosovo_statelessness_and_the_union() {
        let countries = Table::find("countries").unwrap();
        assert_eq!(countries.entry("XXX").unwrap().label, "Apolide");
        assert_eq!(countries.entry("KOS").unwrap().label, "Kosovo");
        assert_eq!(countries.entries.iter().filter(|each| each.has_tag("ue")).count(), 27);
        assert_eq!(countries.entries.iter().filter(|each| each.has_tag("accordo")).count(), 38);
    }

    #[test]
    fn a_row_can_be_chosen_from_its_first_day_to_the_day_before_its_end() {
        let allowance = Table::find("social-allowance").unwrap();
        assert_eq!(allowance.amount_on(date(2025, 12, 31)), Some(53_869));
        assert_eq!(allowance.amount_on(date(2026, 1, 1)), Some(54_624));
        assert_eq!(allowance.amount_on(date(2022, 12, 31)), None);
    }
}
