//! What people read of an application, in the portal's own words (STA-1).

use std::collections::BTreeMap;

use domain::{
    activation::{Activation, ActivationRules},
    application::Application,
    calendar,
    document::DocumentKind,
    form::Schema,
    ids::{AccountId, ApplicationId},
    lifecycle::{Event, Position, State, agreement::AgreementEvent},
    notice::{Channel, NoticeKind, Undelivered},
    permission::Action,
    readiness::Summary,
};
use edge::{
    access::{ActionView, HoldView, PlaceView, TermView},
    http::{self, Problem},
};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use serde::Serialize;
use serde_json::Value;
use store::{
    applications::history::{CERTIFIED_MAILBOX, CONSULAR_SYSTEM, EventRow},
    documents::{DocumentRow, newest},
    drafts::{Preliminary, Remark, SentMessage},
    outbox::{KeptReceipt, NoticeRow, ReceiptEvent, words_told},
    rows::instant,
};
use utoipa::ToSchema;

use crate::{registration::RegistrationView, unanswered};

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
    /// How many there are in each state, whatever state was searched for; where the caller has more than a thousand
    /// applications, of those in this part. With the first page of a search alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<BTreeMap<&'static str, usize>>,
}

/// How much of each application a list gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    /// All.
    Whole,
    /// What a table shows: nine hundred of them are read at an opening.
    Row,
}

impl Shape {
    /// What the caller asked for; none where it is not known.
    pub(crate) fn named(fields: Option<&str>) -> Option<Self> {
        match fields {
            None => Some(Self::Whole),
            Some("row") => Some(Self::Row),
            Some(_) => None,
        }
    }

    /// The list in this shape.
    pub(crate) fn answer(self, list: &ApplicationList) -> Result<Response<Body>, Problem> {
        if self == Self::Whole {
            return http::json(200, list);
        }
        let mut list = serde_json::to_value(list).map_err(|error| Problem::internal(&error))?;
        let rows = list.get_mut("applications").and_then(Value::as_array_mut);
        for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
            row.retain(|key, value| key != "digest" && !value.is_null());
            for emptied in ["missing", "waiting_for"] {
                row.insert(emptied.to_owned(), Value::Array(Vec::new()));
            }
        }
        http::json(200, &list)
    }
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
    /// How the activation code stands, while the application waits for it (ACT-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<ActivationView>,
    /// Why the section cannot be read now (CAL-2).
    pub closed: Option<String>,
    /// When the section can be read again.
    pub reopens: Option<String>,
    /// The term that runs now (CNF-3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<TermView>,
    /// Why nothing more happens by itself although the term is over (CNF-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<HoldView>,
    /// What was transmitted after the visa, where one application is shown (ENT-1, AGR-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<RegistrationView>,
    /// Position and place, where one application is shown; none while the position is only received and not final, or
    /// where the model has no quota (RNK-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceView>,
    /// The *Sportello Unico* that treats it, where one application is shown that was sent (RNK-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Who filled it in, by role and never by name (NEW-5), where one application is shown: whoever blocks it must know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed_by: Option<&'static str>,
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
            created: calendar::rfc3339(application.created),
            changed: calendar::rfc3339(application.changed),
            arrival: submission.map(|submission| calendar::rfc3339(submission.arrival)),
            receipt_code: submission.map(|submission| submission.code.to_string()),
            digest: digest.map(|digest| data_encoding::HEXLOWER.encode(digest)),
            activation: None,
            closed: None,
            reopens: None,
            term: None,
            hold: None,
            registration: None,
            place: None,
            office: None,
            filed_by: None,
        }
    }
}

/// The activation code of an application that waits for it (ACT-1). The code itself is in the PEC alone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActivationView {
    /// Whether a code was issued; false while the preliminary check is queued (CHK-2).
    pub sent: bool,
    /// The fiscal code of the employer for whom it was asked, for who filed or represents.
    pub employer_code: Option<String>,
    /// The certified mailbox that gets the code, masked: `a…@pec.example.it`.
    pub masked_to: Option<String>,
    /// Until when the code can be typed, RFC 3339; the instant itself is too late.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// Wrong codes that may still be typed; 0 where a new code is needed.
    pub attempts_left: Option<u8>,
    /// From when on another code can be asked for, RFC 3339; absent where that is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub next_at: Option<String>,
    /// The fate of the PEC with the code as people read it, where one application is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fate_label: Option<String>,
}

impl ActivationView {
    pub(crate) fn of(
        activation: Option<&Activation>,
        preliminary: Option<&Preliminary>,
        rules: &ActivationRules,
        now: Timestamp,
    ) -> Self {
        let employer =
            preliminary.map(|asked| asked.company.clone().unwrap_or(asked.applicant.clone()));
        let address = preliminary.and_then(|asked| asked.certified_address.as_deref());
        Self {
            sent: activation.is_some(),
            employer_code: employer,
            masked_to: address.map(masked),
            expires_at: activation.map(|code| calendar::rfc3339(code.expires_at)),
            attempts_left: activation.map(|code| code.attempts_left(rules)),
            next_at: activation.and_then(|code| code.next_issue(rules, now)).map(calendar::rfc3339),
            fate_label: None,
        }
    }

    /// With the fate of the PEC that holds the newest code.
    #[must_use]
    pub(crate) fn with_fate(self, notices: &[NoticeRow]) -> Self {
        let codes = notices.iter().filter(|row| row.kind() == Some(NoticeKind::ActivationCode));
        let newest = codes.filter(|row| !row.copy).max_by_key(|row| row.created);
        Self { fate_label: newest.map(|row| delivery_state(row).1.to_owned()), ..self }
    }
}

/// An address of which its owner recognises enough, and a stranger learns no name.
fn masked(address: &str) -> String {
    let (name, domain) = address.rsplit_once('@').unwrap_or(("", address));
    let first: String = name.chars().take(1).collect();
    format!("{first}…@{domain}")
}

/// A missing value.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingField {
    /// The field.
    pub field: String,
    /// Its Italian label.
    pub label: String,
    /// The Italian label of its section: «Cognome» alone could be anybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
}

impl MissingField {
    pub(crate) fn all(summary: &Summary, schema: &str) -> Vec<Self> {
        let schema = Schema::find(schema);
        let section = |field: &str| {
            let field = schema?.field(field)?;
            let mut sections = schema?.sections().iter();
            sections.find(|section| section.key == field.section).map(|found| found.title.clone())
        };
        let named = summary.missing.iter();
        named
            .map(|one| Self {
                field: one.field.clone(),
                label: one.label.clone(),
                section: section(&one.field),
            })
            .collect()
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
    /// `you`, `office`, `somebody-else`, `certified-mailbox`, `consular-system` or `portal`.
    pub who: String,
    /// The same in Italian.
    pub who_label: &'static str,
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
        let (who, who_label) = match row.who.as_str() {
            "system" => ("portal", "Il portale"),
            CERTIFIED_MAILBOX => (CERTIFIED_MAILBOX, "Dalla casella PEC del datore di lavoro"),
            CONSULAR_SYSTEM => (CONSULAR_SYSTEM, "Il sistema consolare"),
            account if account == reader.as_str() => ("you", "Tu"),
            _ if event.is_some_and(Event::is_of_office) => ("office", "Lo Sportello Unico"),
            _ => ("somebody-else", "Un'altra persona che segue la domanda"),
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
            who_label,
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
    /// Its subject, once it was prepared for sending.
    pub subject: Option<String>,
    /// Its text as it left; codes and signed links stand in the PEC alone. A copy says what its PEC says.
    pub text: Option<String>,
    /// The address that it went to.
    pub to: Option<String>,
    /// Whether the employer has still to do what it asks for.
    pub unanswered: bool,
    /// The page of the portal on which to do what it asks for, such as `/domande/…/conferma`.
    pub page: String,
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

/// What goes with a communication: a document, the signed receipt, or the calendar file of a term.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentView {
    /// The document's code; `signed-receipt` or `calendar-file` for what is none.
    pub kind: String,
    /// What it is, in Italian.
    pub label: String,
    /// Its version, once it is asked for.
    pub version: Option<u64>,
    /// Whether it is made and can be downloaded.
    pub ready: bool,
    /// Where: of documents for five minutes, of the signed receipt for good; none for a calendar file, which the PEC has.
    pub link: Option<String>,
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
    /// Links to the documents that are made.
    pub(crate) links: BTreeMap<(DocumentKind, u64), String>,
    /// What the messages said.
    pub(crate) sent: Vec<SentMessage>,
    pub(crate) application: ApplicationId,
    pub(crate) position: Position,
    pub(crate) term: Option<TermView>,
    pub(crate) hold: Option<HoldView>,
    pub(crate) allowed: Vec<ActionView>,
}

impl CommunicationView {
    pub(crate) fn of(all: &[NoticeRow], beside: TimelineSources) -> Self {
        let mut rows: Vec<_> = all.iter().collect();
        rows.sort_by_key(|row| (row.created, row.copy));
        let mut communications: Vec<_> =
            rows.into_iter().map(|row| NoticeView::of(row, &beside)).collect();
        let open = unanswered::last_of(all, beside.position);
        for view in communications.iter_mut().filter(|view| !view.copy) {
            view.unanswered = open.contains(&(view.kind.as_str(), view.n));
        }
        let TimelineSources { term, hold, allowed, .. } = beside;
        Self { communications, term, hold, allowed }
    }
}

impl NoticeView {
    /// With what stands beside it: reason, text and attachments, as far as they are its own.
    fn of(row: &NoticeRow, beside: &TimelineSources) -> Self {
        let mut view = Self::in_list(row);
        view.page = view.page_of(&beside.application);
        if row.copy {
            return view;
        }
        view.reason = words_told(row, &beside.remarks).map(str::to_owned);
        let sent = beside.sent.iter().find(|sent| sent.kind == row.kind && sent.n == row.n);
        if let Some(sent) = sent {
            view.subject = Some(sent.subject.clone());
            view.text = Some(sent.text.clone());
            view.to = Some(sent.to.clone());
        }
        let kind = row.kind();
        let attached = kind.map_or(&[][..], NoticeKind::attachments);
        view.attachments =
            attached.iter().map(|kind| AttachmentView::of(*kind, row.n, beside)).collect();
        if kind == Some(NoticeKind::Receipt) {
            view.attachments.push(AttachmentView::signed_receipt(&beside.application));
        }
        let files = sent.map_or(&[][..], |sent| sent.files.as_slice());
        if files.iter().any(|file| file.ends_with(CALENDAR_FILE)) {
            view.attachments.push(AttachmentView::calendar_file());
        }
        view
    }

    /// The page of the portal on which to do what it asks for.
    pub(crate) fn page_of(&self, application: &ApplicationId) -> String {
        let kind: Option<NoticeKind> = self.kind.parse().ok();
        format!("/domande/{application}{}", kind.map_or("", NoticeKind::page))
    }

    /// What the notice itself says.
    pub(crate) fn in_list(row: &NoticeRow) -> Self {
        let (fate, label, at) = delivery_state(row);
        let kind = row.kind();
        let is_mail = row.channel().is_none_or(|channel| channel == Channel::MailToFiler);
        Self {
            kind: row.kind.clone(),
            n: row.n,
            label: kind.map_or_else(|| row.kind.clone(), |kind| kind.label().to_owned()),
            subject: None,
            text: None,
            to: None,
            unanswered: false,
            page: String::new(),
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
            reason: None,
            attachments: Vec::new(),
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
    fn of(kind: DocumentKind, n: u32, beside: &TimelineSources) -> Self {
        let (n, rows) = (u64::from(n), &beside.documents);
        let of_the_change = rows.iter().find(|row| row.kind == kind && row.version == n);
        let row = of_the_change.or_else(|| newest(rows, kind));
        Self {
            kind: kind.code().to_owned(),
            label: kind.label().to_owned(),
            version: row.map(|row| row.version),
            ready: row.is_some_and(|row| row.file.is_some()),
            link: row.and_then(|row| beside.links.get(&(kind, row.version)).cloned()),
        }
    }

    /// The signed document that goes with the PEC of a submission (SUB-4).
    fn signed_receipt(application: &ApplicationId) -> Self {
        Self {
            kind: "signed-receipt".to_owned(),
            label: "Ricevuta firmata".to_owned(),
            version: None,
            ready: true,
            link: Some(format!("/api/applications/{application}/receipt")),
        }
    }

    /// The end of a term for a calendar, which went with the PEC (CNF-3).
    fn calendar_file() -> Self {
        Self {
            kind: "calendar-file".to_owned(),
            label: "Promemoria della scadenza per il calendario".to_owned(),
            version: None,
            ready: false,
            link: None,
        }
    }
}

/// What the name of a calendar file ends with.
const CALENDAR_FILE: &str = ".ics";

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
    instant(millis).map_or_else(|_| String::new(), calendar::rfc3339)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(more: &Value) -> NoticeRow {
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
            links: BTreeMap::new(),
            sent: Vec::new(),
            application: ApplicationId::from_random([1; 16]),
            position: Position { state: State::Refused, agreement: None },
            term: None,
            hold: None,
            allowed: Vec::new(),
        }
    }

    fn shown(more: &Value) -> NoticeView {
        let mut view = CommunicationView::of(&[row(more)], beside());
        view.communications.remove(0)
    }

    /// COM-2, DEC-1: a PEC that is sent again says why, as the first did; what was noted about sending it again is not why.
    #[test]
    fn a_notice_that_is_sent_again_has_the_reason_of_the_decision() {
        let mut sources = beside();
        let note = Remark::Reason {
            event: "send-again".to_owned(),
            text: "Casella piena, riprovo.".to_owned(),
            at: "2026-01-13T08:00:00Z".parse().unwrap(),
        };
        sources.remarks.insert(9, note);
        let again = json!({ "sk": "NOTICE#refused#009", "n": 9 });
        let view = CommunicationView::of(&[row(&again)], sources);
        assert_eq!(view.communications[0].reason.as_deref(), Some("Manca la busta paga."));
    }

    /// A notice tells the words of its own event and not those of an earlier one of another kind.
    #[test]
    fn a_notice_of_another_event_has_not_its_reason() {
        let granted = json!({ "sk": "NOTICE#granted#009", "kind": "granted", "n": 9 });
        assert_eq!(shown(&granted).reason, None);
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

    /// COM-1: everything that the PEC said stands here, too; the copy says only that it was sent.
    #[test]
    fn the_text_the_address_and_the_attachments_stand_at_the_pec() {
        let message = |kind: &str, files: &[&str]| SentMessage {
            kind: kind.to_owned(),
            n: 7,
            to: "rossi@pec.example.it".to_owned(),
            subject: "Domanda rigettata".to_owned(),
            text: "Buongiorno,".to_owned(),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            at: "2026-01-12T08:00:00Z".parse().unwrap(),
        };
        let shown = |more: &Value, message: SentMessage| {
            let beside = TimelineSources { sent: vec![message], ..beside() };
            CommunicationView::of(&[row(more)], beside).communications.remove(0)
        };
        let pec = shown(&json!({}), message("refused", &[]));
        assert_eq!(pec.to.as_deref(), Some("rossi@pec.example.it"));
        assert_eq!(pec.text.as_deref(), Some("Buongiorno,"));
        assert!(pec.page.ends_with("/comunicazioni") && !pec.unanswered);
        let copy = shown(&json!({ "copy": true }), message("refused", &[]));
        assert_eq!((copy.text, copy.to), (None, None));
        let kinds = |view: NoticeView| -> Vec<String> {
            view.attachments.into_iter().map(|one| one.kind).collect()
        };
        let asked = message("confirmation-request", &["scadenza-confirmation.ics"]);
        let asked = shown(&json!({ "kind": "confirmation-request" }), asked);
        assert_eq!(kinds(asked), ["calendar-file"]);
        let receipt = shown(&json!({ "kind": "receipt" }), message("receipt", &["ricevuta.json"]));
        assert_eq!(kinds(receipt), ["signed-receipt"]);
    }

    #[test]
    fn a_document_that_is_not_made_yet_is_named_all_the_same() {
        let view = shown(&json!({ "kind": "modules-issued" }));
        let named: Vec<_> = view.attachments.iter().map(|one| (&*one.kind, one.ready)).collect();
        assert_eq!(named, [("module-1", false), ("module-2", false), ("kit", false)]);
    }
}
