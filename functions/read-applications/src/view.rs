//! What people read of an application, in the portal's own words (STA-1).

use adapters::{
    admission::ActionView,
    applications::{CERTIFIED_MAILBOX, CONSULAR_SYSTEM, EventRow},
    outbox::NoticeRow,
    rows::instant,
};
use domain::{
    application::{Application, Stage},
    ids::AccountId,
    lifecycle::{Event, State, agreement::AgreementEvent},
    permission::Action,
    readiness::Summary,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of applications.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationList {
    /// The rows.
    pub applications: Vec<ApplicationView>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// What it means that there is nothing, in Italian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// One application as its row shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationView {
    /// Opaque identifier.
    pub id: String,
    /// The decree.
    pub campaign: String,
    /// The model.
    pub model: String,
    /// The model's name.
    pub model_label: Option<String>,
    /// The form schema with its version.
    pub schema: String,
    /// State code.
    pub state: String,
    /// State as people read it.
    pub state_label: String,
    /// The step inside *Registrazione dello straniero*.
    pub step: Option<String>,
    /// Surname and name of the worker, for whoever may see the form.
    pub worker: Option<String>,
    /// What the employer is called, for whoever may see the form.
    pub employer: Option<String>,
    /// Completion in percent, while it is filled in.
    pub percent: Option<u8>,
    /// The first missing values, for whoever may see the form.
    pub missing: Vec<MissingField>,
    /// Why a person should look at it.
    pub attention: Option<String>,
    /// Registries whose values are still missing, as `inps-later`.
    pub waiting_for: Vec<String>,
    /// What the caller may do now.
    pub allowed: Vec<ActionView>,
    /// Version of the head.
    pub version: u64,
    /// RFC 3339.
    pub created: String,
    /// RFC 3339.
    pub changed: String,
    /// When the submission arrived, RFC 3339 with milliseconds.
    pub arrival: Option<String>,
    /// *Codice ricevuta*.
    pub receipt_code: Option<String>,
    /// SHA-256 of the frozen content.
    pub digest: Option<String>,
    /// Why the section cannot be read now (CAL-2).
    pub closed: Option<String>,
    /// When the section can be read again.
    pub reopens: Option<String>,
}

impl ApplicationView {
    pub(crate) fn of(application: &Application, allowed: Vec<ActionView>) -> Self {
        let state = application.state();
        let submission = match &application.stage {
            Stage::Sent { submission, .. } => Some(submission),
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::ToSend(_)
            | Stage::Blocked { .. }
            | Stage::Deleted => None,
        };
        let digest = match &application.stage {
            Stage::ToSend(ready) => Some(&ready.digest),
            Stage::Sent { submission, .. } => Some(&submission.ready.digest),
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::Blocked { .. }
            | Stage::Deleted => None,
        };
        let attention = match application.stage {
            Stage::ToComplete { attention } => attention,
            Stage::ToValidate
            | Stage::ToSend(_)
            | Stage::Sent { .. }
            | Stage::Blocked { .. }
            | Stage::Deleted => None,
        };
        Self {
            id: application.id.to_string(),
            campaign: application.campaign.to_string(),
            model: application.model.to_string(),
            model_label: None,
            schema: application.schema.clone(),
            state: state.code().to_owned(),
            state_label: state.label().to_owned(),
            step: state.step().map(str::to_owned),
            worker: None,
            employer: None,
            percent: None,
            missing: Vec::new(),
            attention: attention.map(|attention| attention.text().to_owned()),
            waiting_for: Vec::new(),
            allowed,
            version: application.version,
            created: application.created.to_string(),
            changed: application.changed.to_string(),
            arrival: submission.map(|submission| format!("{:.3}", submission.arrival)),
            receipt_code: submission.map(|submission| submission.code.to_string()),
            digest: digest.map(|digest| data_encoding::HEXLOWER.encode(digest)),
            closed: None,
            reopens: None,
        }
    }
}

/// A missing value.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingField {
    /// The field.
    pub field: String,
    /// Its Italian label.
    pub label: String,
}

impl MissingField {
    pub(crate) fn all(summary: &Summary) -> Vec<Self> {
        let named = summary.missing.iter();
        named.map(|one| Self { field: one.field.clone(), label: one.label.clone() }).collect()
    }
}

/// The history of an application.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryView {
    /// Oldest first.
    pub events: Vec<EventView>,
}

/// One event.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventView {
    /// The version of the application after it.
    pub version: u64,
    /// Event code; absent for a remark.
    pub event: Option<String>,
    /// What somebody did where it is no event of the lifecycle, such as `hand-over`.
    pub action: Option<String>,
    /// What happened, in Italian.
    pub text: String,
    /// State before.
    pub from: Option<String>,
    /// State after.
    pub to: String,
    /// RFC 3339.
    pub at: String,
    /// `you`, `somebody-else`, `certified-mailbox`, `consular-system` or `portal`.
    pub who: String,
    /// SHA-256 of the frozen content.
    pub digest: Option<String>,
}

impl HistoryView {
    pub(crate) fn of(rows: &[EventRow], reader: &AccountId) -> Self {
        Self { events: rows.iter().map(|row| EventView::of(row, reader)).collect() }
    }
}

impl EventView {
    fn of(row: &EventRow, reader: &AccountId) -> Self {
        let event: Option<Event> = row.event.as_deref().and_then(|code| code.parse().ok());
        let action: Option<Action> = row.action.as_deref().and_then(|code| code.parse().ok());
        let agreement: Option<AgreementEvent> =
            row.event.as_deref().and_then(|code| code.parse().ok());
        let told = event.map(Event::history_text).or(agreement.map(AgreementEvent::history_text));
        let text = match (told, action, row.from.as_deref()) {
            (Some(text), ..) => text.to_owned(),
            (None, Some(action), _) => action.label().to_owned(),
            (None, None, None) => "Domanda avviata".to_owned(),
            (None, None, Some(_)) => "Contenuto o annotazioni aggiornati".to_owned(),
        };
        let who = match row.who.as_str() {
            "system" => "portal",
            CERTIFIED_MAILBOX => CERTIFIED_MAILBOX,
            CONSULAR_SYSTEM => CONSULAR_SYSTEM,
            account if account == reader.as_str() => "you",
            _ => "somebody-else",
        };
        let label = |code: &str| {
            code.parse::<State>().map_or_else(|_| code.to_owned(), |state| state.label().to_owned())
        };
        Self {
            version: row.version,
            event: row.event.clone(),
            action: row.action.clone(),
            text,
            from: row.from.as_deref().map(label),
            to: label(&row.to),
            at: shown_instant(row.at),
            who: who.to_owned(),
            digest: row.digest.clone(),
        }
    }
}

/// The communications of an application.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommunicationView {
    /// Oldest first.
    pub communications: Vec<NoticeView>,
}

/// One communication and its fate.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    /// Kind code.
    pub kind: String,
    /// What it is, in Italian.
    pub label: String,
    /// When it came to be, RFC 3339.
    pub created: String,
    /// `waiting`, `accepted` or `failed`.
    pub fate: String,
    /// When the fate was known, RFC 3339.
    pub fate_at: Option<String>,
}

impl CommunicationView {
    pub(crate) fn of(rows: &[NoticeRow]) -> Self {
        let mut rows: Vec<_> = rows.iter().collect();
        rows.sort_by_key(|row| row.created);
        Self { communications: rows.into_iter().map(NoticeView::of).collect() }
    }
}

impl NoticeView {
    fn of(row: &NoticeRow) -> Self {
        let (fate, at) = match (row.accepted, row.failed) {
            (Some(at), _) => ("accepted", Some(at)),
            (None, Some(at)) => ("failed", Some(at)),
            (None, None) => ("waiting", None),
        };
        Self {
            kind: row.kind.clone(),
            label: row.kind().map_or_else(|| row.kind.clone(), |kind| kind.label().to_owned()),
            created: shown_instant(row.created),
            fate: fate.to_owned(),
            fate_at: at.map(shown_instant),
        }
    }
}

pub(crate) fn shown_instant(millis: i64) -> String {
    instant(millis).map_or_else(|_| String::new(), |instant| instant.to_string())
}
