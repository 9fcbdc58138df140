//! The form engine: each model is a versioned schema as data, and checking, completeness, content and labels come from it. (FRM-1, FRM-2, ENR-1)
//!
//! A further model is a file in `models/`, which takes what it has in common with others from `models/parts/`, and
//! perhaps a table in `tables/`; no line of code.
//!
//! ```
//! # use domain::form::{Schema, Values, Writer};
//! let schema = Schema::find("c-stag-agricoltura@1").ok_or("no such schema")?;
//! let today = "2026-11-22".parse::<jiff::civil::Date>()?;
//! let changes = std::collections::BTreeMap::from([("worker_sex".to_owned(), serde_json::json!("female"))]);
//! let accepted = schema.check_changes(&Values::new(), &changes, Writer::Person, today).map_err(|_| "refused")?;
//! assert!(accepted.contains_key("worker_sex"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod change;
mod completeness;
mod condition;
mod content;
mod field;
mod field_key;
mod file;
mod kind;
mod merge;
mod part;
mod public_form;
mod rule;
mod schema;
mod schema_error;
mod table;
#[cfg(test)]
mod tests;
mod value;

pub use change::{JudgedChanges, MAX_CHANGES, MAX_VALUE_BYTES, Writer};
pub use completeness::{Completeness, Missing, SectionCompleteness, WhoFillsIn};
pub use condition::Condition;
pub use content::WorkerIdentity;
pub use field::{Derivation, Field, Mode, Registry, Required, Role, Section, Source};
pub use field_key::{FieldKey, InvalidFieldKey};
pub use file::{FileReference, FileRule};
pub use kind::{Charset, ChoiceOption, DateBound, FieldType};
pub use merge::{Change, Conflict, Merge};
pub use public_form::PublicForm;
pub use rule::{Check, Rule};
pub use schema::{RegistryNote, Schema};
pub use schema_error::SchemaError;
pub use table::{Table, TableRow};
pub use value::{FieldError, FieldValue, ValueSource, Values};
