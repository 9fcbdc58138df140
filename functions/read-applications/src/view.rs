//! What people read of an application, in the portal's own words (STA-1).

use std::collections::BTreeMap;

use domain::{
    application::Application,
    document::DocumentKind,
    ids::AccountId,
    lifecycle::{Event, State, agreement::AgreementEvent},
    notice::{Channel, Undelivered},
    permission::Action,
    readiness::Summary,
};
use edge::access::{ActionView, HoldView, TermView};
use serde::Serialize;
use store::{
    applications::history::{CERTIFIED_MAILBOX, CONSULAR_SYSTEM, EventRow},
    documents::{DocumentRow, newest},
    drafts::Remark,
    outbox::{KeptReceipt, NoticeRow, ReceiptEvent},
    rows::instant,
};
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
    /// Surname and name of the worker, for callers who may see the form.
    pub worker: Option<String>,
    /// What the employer is called, for callers who may see the form.
    pub employer: Option<String>,
    /// Completion in percent, while it is filled in.
    pub percent: Option<u8>,
    /// The first missing values, for callers who may see the form.
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
    /// The term that runs now, where one application is shown (CNF-3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<TermView>,
    /// Why nothing more happens by itself although the term is over, where one application is shown (CNF-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldView>,
}

impl ApplicationView {
    pub(crate) fn of(application: &Application, allowed: Vec<ActionView>) -> Self {
        let state = application.state();
        let submission = application.stage.submission();
        let digest = application.stage.frozen().map(|ready| &ready.digest);
        let attention = application.stage.attention();
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
            term: None,
            hold: None,
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
    /// What a person did where it is no event of the lifecycle, such as `hand-over`.
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

/// The communications of an application: one timeline, with what is to be answered and until when (COM-1).
#[derive(Debug, Serialize, ToSchema)]
pub struct CommunicationView {
    /// Oldest first.
    pub communications: Vec<NoticeView>,
    /// The term that runs now.
    pub term: Option<TermView>,
    /// Why nothing more happens by itself although the term is over: a person of the office decides (CNF-1).
    pub hold: Option<HoldView>,
    /// The buttons that the caller may press now, such as *Conferma* and *Rinuncia*.
    pub allowed: Vec<ActionView>,
}

/// One communication and its fate.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    /// Kind code.
    pub kind: String,
    /// The version of the application that it is about; together with the kind it names the communication.
    pub n: u32,
    /// What it is, in Italian.
    pub label: String,
    /// `pec` or `mail`.
    pub channel: String,
    /// Whether it is the copy for information, by mail to the filer.
    pub copy: bool,
    /// When it came to be, RFC 3339.
    pub created: String,
    /// `waiting`, `accepted`, `delivered`, `failed`, or `superseded` where the case had moved on before it left.
    pub fate: String,
    /// The same in Italian.
    pub fate_label: String,
    /// When the fate was known, RFC 3339.
    pub fate_at: Option<String>,
    /// When the provider took it, RFC 3339.
    pub accepted_at: Option<String>,
    /// When the mailbox had it, by the provider's receipt, RFC 3339 (COM-2).
    pub delivered_at: Option<String>,
    /// When it was known that it does not arrive, RFC 3339.
    pub failed_at: Option<String>,
    /// Why it does not arrive, in Italian.
    pub failure: Option<String>,
    /// The reason of the decision, in the officer's words (DEC-1).
    pub reason: Option<String>,
    /// The documents that go with it.
    pub attachments: Vec<AttachmentView>,
    /// The certified provider's receipts, in the order in which they came.
    pub receipts: Vec<ReceiptView>,
}

/// A document that goes with a communication; its link is in the application's documents.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentView {
    /// The document's code.
    pub kind: String,
    /// What it is, in Italian.
    pub label: String,
    /// Its version, once it is asked for.
    pub version: Option<u64>,
    /// Whether it is made and can be downloaded.
    pub ready: bool,
}

/// A receipt of the certified provider (COM-2).
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptView {
    /// `accepted`, `taken-in-charge`, `delivered`, `failed` or `warning`.
    pub event: ReceiptEvent,
    /// The same in Italian.
    pub label: String,
    /// When it happened, by the provider's clock, RFC 3339.
    pub at: String,
}

/// What the timeline is made of, beside the notices.
#[derive(Debug)]
pub(crate) struct TimelineSources {
    pub(crate) remarks: BTreeMap<u64, Remark>,
    pub(crate) documents: Vec<DocumentRow>,
    pub(crate) term: Option<TermView>,
    pub(crate) hold: Option<HoldView>,
    pub(crate) allowed: Vec<ActionView>,
}

impl CommunicationView {
    pub(crate) fn of(rows: &[NoticeRow], beside: TimelineSources) -> Self {
        let mut rows: Vec<_> = rows.iter().collect();
        rows.sort_by_key(|row| (row.created, row.copy));
        let communications = rows.into_iter().map(|row| NoticeView::of(row, &beside)).collect();
        let TimelineSources { term, hold, allowed, .. } = beside;
        Self { communications, term, hold, allowed }
    }
}

impl NoticeView {
    fn of(row: &NoticeRow, beside: &TimelineSources) -> Self {
        let (fate, label, at) = delivery_state(row);
        let kind = row.kind();
        let is_mail = row.channel().is_none_or(|channel| channel == Channel::MailToFiler);
        let reason = match beside.remarks.get(&row.n.into()) {
            Some(Remark::Reason { text, .. }) if !row.copy => Some(text.clone()),
            _ => None,
        };
        let attached = kind.filter(|_| !row.copy).map_or(&[][..], |kind| kind.attachments());
        let document = |kind: &DocumentKind| AttachmentView::of(*kind, row.n, &beside.documents);
        Self {
            kind: row.kind.clone(),
            n: row.n,
            label: kind.map_or_else(|| row.kind.clone(), |kind| kind.label().to_owned()),
            channel: if is_mail { "mail" } else { "pec" }.to_owned(),
            copy: row.copy,
            created: shown_instant(row.created),
            fate: fate.to_owned(),
            fate_label: label.to_owned(),
            fate_at: at.map(shown_instant),
            accepted_at: row.accepted.map(shown_instant),
            delivered_at: row.delivered.map(shown_instant),
            failed_at: row.failed.map(shown_instant),
            failure: row.failure.map(|failure| failure.label().to_owned()),
            reason,
            attachments: attached.iter().map(document).collect(),
            receipts: row.receipts.iter().map(ReceiptView::of).collect(),
        }
    }
}

fn delivery_state(row: &NoticeRow) -> (&'static str, &'static str, Option<i64>) {
    if row.failure == Some(Undelivered::Superseded) {
        ("superseded", "Non più necessaria", row.failed)
    } else if row.failed.is_some() {
        ("failed", "Non consegnata", row.failed)
    } else if row.delivered.is_some() {
        ("delivered", "Consegnata", row.delivered)
    } else if row.accepted.is_some() {
        ("accepted", "Inviata", row.accepted)
    } else {
        ("waiting", "In attesa di invio", None)
    }
}

impl AttachmentView {
    /// The document of the same change as the notice, else the newest of its kind.
    fn of(kind: DocumentKind, n: u32, rows: &[DocumentRow]) -> Self {
        let n = u64::from(n);
        let of_the_change = rows.iter().find(|row| row.kind == kind && row.version == n);
        let row = of_the_change.or_else(|| newest(rows, kind));
        Self {
            kind: kind.code().to_owned(),
            label: kind.label().to_owned(),
            version: row.map(|row| row.version),
            ready: row.is_some_and(|row| row.file.is_some()),
        }
    }
}

impl ReceiptView {
    fn of(kept: &KeptReceipt) -> Self {
        let label = match kept.event {
            ReceiptEvent::Accepted => "Ricevuta di accettazione",
            ReceiptEvent::TakenInCharge => "Ricevuta di presa in carico",
            ReceiptEvent::Delivered => "Ricevuta di avvenuta consegna",
            ReceiptEvent::Failed => "Avviso di mancata consegna",
            ReceiptEvent::Warning => "Preavviso di mancata consegna",
        };
        Self { event: kept.event, label: label.to_owned(), at: shown_instant(kept.at) }
    }
}

pub(crate) fn shown_instant(millis: i64) -> String {
    instant(millis).map_or_else(|_| String::new(), |instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(more: &serde_json::Value) -> NoticeRow {
        let mut row = json!({
            "pk": "APP#app_00000000000000000000000001", "sk": "NOTICE#refused#007", "v": 1,
            "kind": "refused", "n": 7, "created": 1_768_204_800_000_i64,
        });
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(row).unwrap()
    }

    fn beside() -> TimelineSources {
        let reason = Remark::Reason {
            event: "refuse".to_owned(),
            text: "Manca la busta paga.".to_owned(),
            at: "2026-01-12T08:00:00Z".parse().unwrap(),
        };
        TimelineSources {
            remarks: BTreeMap::from([(7, reason)]),
            documents: Vec::new(),
            term: None,
            hold: None,
            allowed: Vec::new(),
        }
    }

    fn shown(more: &serde_json::Value) -> NoticeView {
        let mut view = CommunicationView::of(&[row(more)], beside());
        view.communications.remove(0)
    }

    /// COM-2: the delivery state of a PEC, the latest knowledge first.
    #[test]
    fn the_fate_of_a_message_is_its_last_word() {
        assert_eq!(shown(&json!({})).fate, "waiting");
        assert_eq!(shown(&json!({ "accepted": 1 })).fate, "accepted");
        assert_eq!(shown(&json!({ "accepted": 1, "delivered": 2 })).fate, "delivered");
        let failed = shown(&json!({ "accepted": 1, "failed": 2, "failure": "mailbox-full" }));
        assert_eq!(
            (failed.fate.as_str(), failed.fate_label.as_str()),
            ("failed", "Non consegnata")
        );
        assert_eq!(failed.failure.as_deref(), Some("La casella del destinatario è piena."));
    }

    /// A superseded reminder shows no failure.
    #[test]
    fn what_was_not_needed_any_more_is_no_failure() {
        let superseded = shown(&json!({ "failed": 2, "failure": "superseded" }));
        assert_eq!(superseded.fate, "superseded");
        assert_eq!(superseded.fate_label, "Non più necessaria");
    }

    /// DEC-1: the reason stands at the PEC, not at the copy.
    #[test]
    fn the_reason_stands_at_the_pec_and_not_at_the_copy() {
        let pec = shown(&json!({}));
        assert_eq!(pec.channel, "pec");
        assert_eq!(pec.reason.as_deref(), Some("Manca la busta paga."));
        let copy = shown(&json!({ "copy": true }));
        assert_eq!((copy.channel.as_str(), copy.reason), ("mail", None));
    }

    #[test]
    fn a_document_that_is_not_made_yet_is_named_all_the_same() {
        let view = shown(&json!({ "kind": "modules-issued" }));
        let named: Vec<_> = view.attachments.iter().map(|one| (&*one.kind, one.ready)).collect();
        assert_eq!(named, [("module-1", false), ("module-2", false), ("kit", false)]);
    }
}
