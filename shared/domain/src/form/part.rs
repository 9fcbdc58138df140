//! Parts of forms: what several models have in common, under a name with a version.
//!
//! A model says `part = "worker@1"` where the sections, fields or rules of the part shall stand; `when` beside it asks the
//! part's fields only where a condition holds. A part never changes once a published schema uses it: it gets a new
//! version, and the test `what_was_published_stays_as_it_was` holds that.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use toml::{Table, Value};

use super::schema_error::SchemaError;

/// The texts of `models/parts/`.
pub(super) const TEXTS: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/parts.rs"));

/// A file that does not parse is left out here, because nothing may panic; a schema that names it is then refused.
static PARTS: LazyLock<BTreeMap<&str, Table>> = LazyLock::new(|| {
    TEXTS.iter().filter_map(|(name, text)| Some((*name, text.parse().ok()?))).collect()
});

/// What a model consists of, and a part as well.
const KINDS: [&str; 3] = ["sections", "fields", "rules"];

/// A line of a model that stands for those of a part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    part: String,
    when: Option<Value>,
}

/// The model with the lines of its parts where it names them.
pub(super) fn in_place(mut model: Table) -> Result<Table, SchemaError> {
    for kind in KINDS {
        let Some(Value::Array(lines)) = model.remove(kind) else { continue };
        let mut whole = Vec::with_capacity(lines.len());
        for line in lines {
            if line.get("part").is_none() {
                whole.push(line);
                continue;
            }
            let Reference { part, when } = line.try_into()?;
            let Some(Value::Array(shared)) = PARTS.get(part.as_str()).and_then(|one| one.get(kind))
            else {
                return Err(SchemaError::NoPart { part, what: kind });
            };
            whole.extend(shared.iter().map(|one| asked_when(one.clone(), when.as_ref())));
        }
        model.insert(kind.to_owned(), Value::Array(whole));
    }
    Ok(model)
}

/// The line, asked only where the condition holds, too. Sections and rules know no `visible`, so that they refuse it.
fn asked_when(mut line: Value, when: Option<&Value>) -> Value {
    if let (Some(when), Value::Table(field)) = (when, &mut line) {
        let both = match field.remove("visible") {
            Some(own) => {
                Value::Table(Table::from_iter([("all".to_owned(), vec![when.clone(), own].into())]))
            }
            None => when.clone(),
        };
        field.insert("visible".to_owned(), both);
    }
    line
}
