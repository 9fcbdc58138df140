//! The requests to save and to correct, read with every mistake at once (FRM-2).

use std::collections::BTreeSet;

use domain::form::{Change, FieldError, MAX_CHANGES};
use edge::{
    form,
    http::{
        ApiRequest, Fields, Form as _, Problem,
        form::{Input as _, Mistake, boolean, list, object, text},
    },
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Fewest and most characters of the reason for a correction.
const NOTE: std::ops::RangeInclusive<usize> = 5..=500;

form! {
    /// Body of `PATCH /api/applications/{id}/draft`.
    pub(crate) struct SaveRequest {
        /// The fields that changed, each with what it held when the person began.
        changes: Value = list(object::<ChangeRequest>(), 0, MAX_CHANGES),
        /// Whether it is an explicit *Salva*, which the history shows; false when not given.
        save: bool = boolean().sometimes(),
    }

    /// Body of `POST /api/applications/{id}/draft/corrections`.
    pub(crate) struct CorrectionRequest {
        /// The field whose value a registry gave.
        field: String = text(),
        /// What is wrong with it, 5 to 500 characters.
        note: String = text().shortest(5).checked(note),
    }
}

/// One changed field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeRequest {
    /// The field's key.
    field: String,
    /// What it held when the person began; null or absent if it was empty.
    #[serde(default)]
    base: Option<Value>,
    /// What it shall hold; null clears it.
    value: Value,
}

impl From<ChangeRequest> for Change {
    fn from(ChangeRequest { field, base, value }: ChangeRequest) -> Self {
        Self { field, base, value }
    }
}

/// A save as it was read.
pub(crate) struct Save {
    pub(crate) changes: Vec<Change>,
    pub(crate) is_explicit: bool,
}

impl Save {
    pub(crate) fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: SaveRequest = request.form()?;
        let changes = body.changes();
        let changes = changes.and_then(|changes| read_changes(&mut body, changes));
        let is_explicit = if body.has("save") { body.save() } else { Some(false) };
        let (changes, is_explicit) = body.complete(changes.zip(is_explicit))?;
        Ok(Self { changes, is_explicit })
    }
}

/// A correction as it was read.
pub(crate) struct Correction {
    pub(crate) field: String,
    pub(crate) note: String,
}

impl Correction {
    pub(crate) fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: CorrectionRequest = request.form()?;
        let (field, note) = (body.field(), body.note());
        let (field, note) = body.complete(field.zip(note))?;
        Ok(Self { field, note })
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn note(note: String) -> Result<String, Mistake> {
    let note = note.trim();
    if NOTE.contains(&note.chars().count()) {
        Ok(note.to_owned())
    } else {
        Err(Mistake::new("lunghezza", "Spiega che cosa è sbagliato, in 5-500 caratteri."))
    }
}

fn read_changes(fields: &mut Fields, changes: Value) -> Option<Vec<Change>> {
    let Value::Array(changes) = changes else {
        return fields.refuse("changes", "tipo-errato", "Deve essere un elenco di modifiche.");
    };
    if changes.len() > MAX_CHANGES {
        return fields.refuse(
            "changes",
            "troppe-modifiche",
            format!("Salva al massimo {MAX_CHANGES} campi alla volta."),
        );
    }
    let mut read = Vec::with_capacity(changes.len());
    let mut seen = BTreeSet::new();
    let mut all_read = true;
    for (place, change) in changes.into_iter().enumerate() {
        let name = format!("changes[{place}]");
        match serde_json::from_value::<ChangeRequest>(change).map(Change::from) {
            // A stranger chooses the field's name, so the mistake names its place instead.
            Ok(change) if !seen.insert(change.field.clone()) => {
                all_read = false;
                fields.refuse::<()>(&name, "ripetuto", "Lo stesso campo compare due volte.");
            }
            Ok(change) => read.push(change),
            Err(_) => {
                all_read = false;
                fields.refuse::<()>(
                    &name,
                    "tipo-errato",
                    "Ogni modifica ha field (testo), base e value.",
                );
            }
        }
    }
    all_read.then_some(read)
}

/// The form's mistakes as the API tells them.
pub(crate) fn form_problems(errors: Vec<FieldError>) -> Problem {
    let fields = errors
        .into_iter()
        .map(|FieldError { field, code, message }| edge::http::FieldProblem {
            field,
            code,
            message,
        })
        .collect();
    Problem::new(edge::http::ProblemKind::InvalidFields).fields(fields)
}
