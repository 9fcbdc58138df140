//! A form as the public reads it: the schema and the tables that its fields choose from (FRM-1).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Field, FieldKey, FieldType, Schema, Table};

/// A form with the reference tables that its fields choose from and its rules look up: everything that a client needs to show it and to help before the server judges.
#[derive(Debug, Serialize)]
pub struct PublicForm {
    /// Sections, fields, types, conditions, sources, Italian labels and help, rules.
    pub schema: &'static Schema,
    /// The tables, by name, each row with its validity.
    pub tables: BTreeMap<&'static str, &'static Table>,
    /// Of each field whose rows belong to something larger (`parent`), the field that holds it: a client shows the posts of the
    /// State that was chosen, the activities of the sector.
    pub parent_fields: BTreeMap<&'static str, &'static str>,
}

impl PublicForm {
    /// The form of a schema.
    pub fn of(schema: &'static Schema) -> Self {
        let chosen_from = schema.fields().iter().filter_map(|field| {
            if let FieldType::TableChoice { table, .. } = &field.kind {
                Some(table.as_str())
            } else {
                None
            }
        });
        let looked_up = schema.rules().iter().filter_map(|rule| rule.check.table());
        let names = chosen_from.chain(looked_up);
        let tables =
            names.filter_map(Table::find).map(|table| (table.name.as_str(), table)).collect();
        let parent_fields = schema.fields().iter().enumerate().filter_map(|(place, field)| {
            let before = schema.fields().get(..place)?;
            Some((field.key.as_str(), parent_field(field, before)?.as_str()))
        });
        Self { schema, tables, parent_fields: parent_fields.collect() }
    }
}

/// The last field before this one that can hold all that the rows of its table belong to.
fn parent_field<'form>(field: &Field, before: &'form [Field]) -> Option<&'form FieldKey> {
    let FieldType::TableChoice { table, .. } = &field.kind else { return None };
    let rows = &Table::find(table)?.entries;
    let parents: Vec<&str> = rows.iter().filter_map(|row| row.parent.as_deref()).collect();
    let holds_all = |other: &&Field| parents.iter().all(|parent| may_hold(other, parent));
    let found = before.iter().rev().find(holds_all).filter(|_| !parents.is_empty());
    found.map(|other| &other.key)
}

fn may_hold(field: &Field, code: &str) -> bool {
    if let FieldType::TableChoice { table, .. } = &field.kind {
        return Table::find(table).is_some_and(|table| table.entry(code).is_some());
    }
    if let FieldType::Choice { options } = &field.kind {
        return options.iter().any(|option| option.value == code);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clients show the posts of the State of residence and the activities of the sector (FRM-1).
    #[test]
    fn a_row_that_belongs_to_something_is_chosen_after_it() {
        let parent = |model: &str, field: &str| {
            let form = PublicForm::of(Schema::latest(model).unwrap());
            form.parent_fields.get(field).copied()
        };
        for model in ["c-stag-agricoltura", "c-stag-turismo", "b2020"] {
            assert_eq!(parent(model, "contract_ateco"), Some("contract_sector"), "{model}");
        }
        let post = parent("c-stag-agricoltura", "worker_consular_post");
        assert_eq!(post, Some("worker_residence_country"));
        assert_eq!(parent("c-stag-agricoltura", "worker_citizenship"), None);
    }

    /// A model that adds a table with such rows has a form that asks for the larger thing first.
    #[test]
    fn every_table_with_parents_has_a_field_for_them_in_each_form_that_uses_it() {
        for schema in Schema::all() {
            let form = PublicForm::of(schema);
            for field in schema.fields() {
                let FieldType::TableChoice { table, .. } = &field.kind else { continue };
                let rows = &Table::find(table).unwrap().entries;
                let has_parents = rows.iter().any(|row| row.parent.is_some());
                let is_told = form.parent_fields.contains_key(field.key.as_str());
                assert_eq!(is_told, has_parents, "{}: {}", schema.id(), field.key);
            }
        }
    }
}
