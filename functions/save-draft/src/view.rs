//! What the client reads of a draft: values with their source and time, what is missing, who must act, what may be done.

use std::collections::BTreeMap;

use domain::{
    application::{Application, Stage},
    calendar,
    form::{
        Completeness, Conflict, FieldError, FieldValue, PublicForm, Schema, Table, ValueSource,
    },
};
use edge::{access::ActionView, http::FieldProblem};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{
    applications::{
        saved::SavedRow,
        tasks::{Task, TaskStatus},
    },
    drafts::{Draft, Remark},
    questions::Question,
    rows::instant,
    sessions::Caller,
};
use utoipa::ToSchema;

/// A form as data: everything that a client needs to show it and to help before the server judges (FRM-1).
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelView {
    /// Sections, fields, types, conditions, sources, Italian labels and help, rules.
    #[schema(value_type = Object)]
    schema: &'static Schema,
    /// The reference tables that its fields choose from, by name, each row with its validity.
    #[schema(value_type = Object)]
    tables: BTreeMap<&'static str, &'static Table>,
    /// Of each field whose rows name a `parent`, the field that holds it.
    parent_fields: BTreeMap<&'static str, &'static str>,
}

/// A draft with how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    /// The application.
    pub id: String,
    /// The decree.
    pub campaign: String,
    /// The model.
    pub model: String,
    /// The form, as in `GET /api/models/{schema}`.
    pub schema: String,
    /// State code.
    pub state: &'static str,
    /// As people read it.
    pub state_label: &'static str,
    /// Counts the changes of the application.
    pub version: u64,
    /// Why a person must look at it.
    pub attention: Option<AttentionView>,
    /// The values, by field.
    pub values: BTreeMap<String, ValueView>,
    /// The version of each section that was saved.
    pub versions: BTreeMap<String, u64>,
    /// 0 to 100; 100 only if nothing is missing and nothing contradicts itself.
    pub percent: u8,
    /// Each section, in order.
    pub sections: Vec<SectionView>,
    /// What contradicts itself although it is filled in.
    pub errors: Vec<FieldProblem>,
    /// What an officer will look at, without keeping the application from being sent.
    pub remarks: Vec<FieldProblem>,
    /// Questions to registries, answered and not (ENR-2).
    pub registries: Vec<RegistryView>,
    /// Corrections that were asked for, late values that changed nothing, and why a blocked application goes on.
    pub notes: Vec<NoteView>,
    /// What the caller may do now.
    pub actions: Vec<ActionView>,
    /// Where this answers a save: the values that were not saved, and what is wrong with each; all others were (FRM-2).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub refused: Vec<FieldProblem>,
}

/// A field that another person, or a registry, changed meanwhile (FRM-2).
#[derive(Debug, Serialize)]
pub(crate) struct ConflictView {
    #[serde(flatten)]
    conflict: Conflict,
    /// Who wrote what is stored now.
    by: ConflictAuthor,
    /// When, RFC 3339; absent where the field was emptied.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

/// Who wrote the other value of a conflict.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ConflictAuthor {
    /// The same person, in another tab or on another device.
    YouElsewhere,
    /// Somebody else who may fill in this application.
    Colleague,
    /// A registry's answer.
    Registry,
}

impl ConflictView {
    /// `theirs` is what is stored now, `section` where the field stands, `saves` the newest saves, newest first.
    pub(crate) fn of(
        conflict: Conflict,
        theirs: Option<&FieldValue>,
        section: Option<&str>,
        saves: &[SavedRow],
        caller: &Caller,
    ) -> Self {
        let is_of_section =
            |row: &&SavedRow| section.is_some_and(|own| row.sections.iter().any(|one| one == own));
        let author = match theirs.map(|stored| stored.source) {
            Some(ValueSource::Registry(_)) => ConflictAuthor::Registry,
            _ => match saves.iter().find(is_of_section) {
                Some(save) if save.who == caller.account.as_str() => ConflictAuthor::YouElsewhere,
                _ => ConflictAuthor::Colleague,
            },
        };
        Self { conflict, by: author, at: theirs.map(|stored| calendar::rfc3339(stored.at)) }
    }
}

/// Why a person must look at it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttentionView {
    /// Stable code.
    pub code: &'static str,
    /// What happened and what to do, in Italian.
    pub text: &'static str,
}

/// One value (ENR-1).
#[derive(Debug, Serialize, ToSchema)]
pub struct ValueView {
    /// In its normal form; null where a registry said that it has none.
    pub value: Value,
    /// `person`, `identity`, `profile`, `start`, `derived`, `upload` or `registry:<name>`.
    pub source: String,
    /// When it came, RFC 3339.
    pub at: String,
}

/// How far a section is.
#[derive(Debug, Serialize, ToSchema)]
pub struct SectionView {
    /// The section's key.
    pub key: String,
    /// 0 to 100.
    pub percent: u8,
    /// What is missing in it.
    pub missing: Vec<MissingView>,
}

/// A missing value.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingView {
    /// The field.
    pub field: String,
    /// Its Italian label.
    pub label: String,
    /// Who has to act: `person`, `portal` or `registry:<name>` (NEW-2).
    #[schema(value_type = String)]
    pub who: domain::form::WhoFillsIn,
}

/// A question to a registry.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistryView {
    /// The question's name.
    pub task: String,
    /// `waiting`, `done`, `refused` or `silent`.
    #[schema(value_type = String)]
    pub status: TaskStatus,
    /// How often it was asked.
    pub attempts: u32,
    /// When it is asked next, RFC 3339; only while it waits.
    pub next_at: Option<String>,
    /// How it stands, in Italian.
    pub text: String,
}

/// A correction that was asked for, a late value, or why an office let a blocked application go on.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteView {
    /// `correction`, `late-values`, `release` or `reason`.
    pub kind: &'static str,
    /// The fields that it is about.
    pub fields: Vec<String>,
    /// In the person's words, or ours.
    pub text: String,
    /// When, RFC 3339.
    pub at: String,
}

/// What a correction came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionView {
    /// The field.
    pub field: String,
    /// Whether the registry is asked again now; false where a question to it is under way already.
    pub asked_again: bool,
    /// What happens next, in Italian.
    pub message: String,
}

impl ModelView {
    pub(crate) fn of(schema: &'static Schema) -> Self {
        let PublicForm { schema, tables, parent_fields } = PublicForm::of(schema);
        Self { schema, tables, parent_fields }
    }
}

impl DraftView {
    pub(crate) fn of(
        head: &Application,
        actions: Vec<ActionView>,
        draft: &Draft,
        completeness: Completeness,
        tasks: &[Task],
        remarks: Vec<Remark>,
    ) -> Self {
        let state = head.state();
        let values = draft.values().into_iter().map(|(key, stored)| {
            let view = ValueView {
                value: stored.value,
                source: stored.source.into(),
                at: calendar::rfc3339(stored.at),
            };
            (key.into(), view)
        });
        Self {
            id: head.id.to_string(),
            campaign: head.campaign.to_string(),
            model: head.model.to_string(),
            schema: head.schema.clone(),
            state: state.code(),
            state_label: state.label(),
            version: head.version,
            attention: attention(&head.stage),
            values: values.collect(),
            versions: draft.versions(),
            percent: completeness.percent,
            sections: completeness.sections.into_iter().map(SectionView::from).collect(),
            errors: problems(completeness.rule_errors),
            remarks: problems(completeness.remarks),
            registries: tasks.iter().map(RegistryView::of).collect(),
            notes: remarks.into_iter().map(NoteView::of).collect(),
            actions,
            refused: Vec::new(),
        }
    }

    /// With what a save left out.
    #[must_use]
    pub(crate) fn without(self, refused: Vec<FieldError>) -> Self {
        Self { refused: problems(refused), ..self }
    }
}

impl From<domain::form::SectionCompleteness> for SectionView {
    fn from(section: domain::form::SectionCompleteness) -> Self {
        let missing = section.missing.into_iter().map(|missing| MissingView {
            field: missing.field.into(),
            label: missing.label,
            who: missing.who,
        });
        Self { key: section.key, percent: section.percent, missing: missing.collect() }
    }
}

impl RegistryView {
    fn of(task: &Task) -> Self {
        let question = Question::of_task(&task.name);
        let who = question.map_or("il registro", Question::label);
        let is_code = question == Some(Question::WorkerCode);
        let text = match task.status {
            TaskStatus::Waiting if is_code && task.attempts > 0 => format!(
                "Il codice fiscale del lavoratore non è ancora attribuito: {who}. La richiesta si ripete da sola."
            ),
            // Without it there is no contract, so it is asked for again.
            TaskStatus::Refused | TaskStatus::Silent if is_code => format!(
                "Il codice fiscale del lavoratore non è stato attribuito: {who}. La richiesta si ripete ogni giorno."
            ),
            TaskStatus::Waiting if task.attempts == 0 => {
                format!("Stiamo chiedendo i dati: {who}.")
            }
            TaskStatus::Waiting => {
                format!("Non ha ancora risposto: {who}. La richiesta si ripete da sola.")
            }
            TaskStatus::Done => format!("Ha risposto: {who}."),
            TaskStatus::Refused => {
                format!("Non ha trovato i dati: {who}. Verifica la posizione presso l'ente.")
            }
            TaskStatus::Silent => format!(
                "Non ha risposto nei giorni previsti: {who}. Chiedi una correzione per ripetere la richiesta."
            ),
        };
        let next_at = (task.status == TaskStatus::Waiting)
            .then(|| instant(task.due).ok().map(calendar::rfc3339))
            .flatten();
        Self {
            task: task.name.clone(),
            status: task.status,
            attempts: task.attempts,
            next_at,
            text,
        }
    }
}

impl NoteView {
    fn of(remark: Remark) -> Self {
        let shown = |at: Timestamp| calendar::rfc3339(at);
        match remark {
            Remark::Correction { field, note, at } => {
                Self { kind: "correction", fields: vec![field], text: note, at: shown(at) }
            }
            Remark::Release { reason, at } => {
                Self { kind: "release", fields: Vec::new(), text: reason, at: shown(at) }
            }
            Remark::Reason { text, at, .. } => {
                Self { kind: "reason", fields: Vec::new(), text, at: shown(at) }
            }
            Remark::LateValues { registry, values, at } => Self {
                kind: "late-values",
                fields: values.into_keys().collect(),
                text: format!(
                    "Dopo il blocco che precede l'apertura è arrivato un dato diverso ({registry}): la domanda non cambia, lo vedrà lo Sportello Unico."
                ),
                at: shown(at),
            },
        }
    }
}

fn attention(stage: &Stage) -> Option<AttentionView> {
    let attention = stage.attention()?;
    Some(AttentionView { code: attention.code(), text: attention.text() })
}

fn problems(errors: Vec<FieldError>) -> Vec<FieldProblem> {
    errors
        .into_iter()
        .map(|FieldError { field, code, message }| FieldProblem { field, code, message })
        .collect()
}
