//! What an officer reads of a case: its row, its dossier, and what may be decided (DEC-1, COM-2).

use std::collections::BTreeMap;

use domain::{
    calendar,
    campaign::Campaign,
    decision::Hold,
    document::WorkerSignature,
    form::Schema,
    lifecycle::{
        Event,
        agreement::{AgreementEvent, AgreementStep},
    },
    notice::{Channel, NoticeKind, Undelivered},
    permission::Action,
    readiness::Summary,
    term::Term,
};
use edge::access::{ActionView, ApplicationAccess, HoldView, PlaceView, TermView};
use edge::open_checks;
use jiff::Timestamp;
use serde::Serialize;
use store::{
    consulate::ConsularRow,
    documents::DocumentRow,
    drafts::Remark,
    evidence::EvidenceRow,
    offices::Counted,
    outbox::NoticeRow,
    rows::instant,
    uploads::{Reason, UploadRow},
};
use utoipa::ToSchema;

use crate::{
    decision::{DECISIONS, Decision},
    request::needs_version,
};

/// A page of an office's cases.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseList {
    /// Oldest arrival first.
    pub cases: Vec<CaseView>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// How many cases the office has in each state, by its code, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<BTreeMap<&'static str, CountView>>,
}

/// How many cases an office has in a state.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountView {
    /// So many, as the list knew a moment ago.
    pub cases: usize,
    /// Whether there are more than were counted: beyond about a thousand nobody counts on.
    pub or_more: bool,
}

impl CountView {
    pub(crate) const fn of(counted: Counted) -> Self {
        Self { cases: counted.cases, or_more: counted.or_more }
    }
}

/// A case as its row shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// Opaque identifier.
    pub id: String,
    /// The decree.
    pub campaign: String,
    /// The model.
    pub model: String,
    /// The model's name.
    pub model_label: Option<String>,
    /// State code.
    pub state: &'static str,
    /// State as people read it.
    pub state_label: &'static str,
    /// The step inside *Registrazione dello straniero*.
    pub step: Option<&'static str>,
    /// Version of the head; sent along with a decision it makes sure that no other decision came in between.
    pub version: u64,
    /// When the submission arrived, RFC 3339.
    pub arrival: Option<String>,
    /// When the head last changed, RFC 3339.
    pub changed: String,
    /// Whole days since the arrival.
    pub age_days: i64,
    /// Surname and name of the worker.
    pub worker: Option<String>,
    /// What the employer is called.
    pub employer: Option<String>,
    /// The term that runs now.
    pub term: Option<TermView>,
    /// Why nothing more happens by itself although the term is over: a person decides (CNF-1).
    pub hold: Option<HoldView>,
    /// Its position and place; none while the position is not final, or where the model has no quota.
    pub place: Option<PlaceView>,
    /// Whether a PEC did not arrive and was not sent again since (COM-2).
    pub pec_failed: bool,
    /// The step of the integration agreement, where one applies.
    pub agreement: Option<&'static str>,
    /// The same as people read it.
    pub agreement_label: Option<&'static str>,
    /// What the caller may do now.
    pub allowed: Vec<ActionView>,
    /// What the caller may decide now.
    pub decisions: Vec<DecisionView>,
}

/// Something that the caller may decide now.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionView {
    /// To be sent as `decision`.
    pub decision: &'static str,
    /// As the button reads.
    pub label: &'static str,
    /// Whether a reason must be given.
    pub needs_reason: bool,
    /// Whether the version must be given.
    pub needs_version: bool,
}

impl DecisionView {
    fn of(decision: &Decision) -> Self {
        Self {
            decision: decision.code(),
            label: decision.label(),
            needs_reason: decision.needs_reason(),
            needs_version: needs_version(decision),
        }
    }
}

/// What a case's row is made of.
pub(crate) struct Parts<'a> {
    pub(crate) access: &'a ApplicationAccess,
    pub(crate) campaign: Option<&'a Campaign>,
    pub(crate) summary: Option<&'a Summary>,
    pub(crate) term: Option<Term>,
    pub(crate) hold: Option<Hold>,
    pub(crate) place: Option<PlaceView>,
    pub(crate) notices: &'a [NoticeRow],
    /// The campaign's now.
    pub(crate) now: Timestamp,
}

impl CaseView {
    pub(crate) fn of(parts: Parts<'_>) -> Self {
        let Parts { access, campaign, summary, term, hold, place, notices, now } = parts;
        let head = &access.head;
        let arrival = head.stage.submission().map(|submission| submission.arrival);
        let names = summary.filter(|_| access.require(Action::ReadForm).is_ok());
        let agreement = head.agreement();
        let pec_failed = has_failed(notices);
        let decisions = DECISIONS
            .iter()
            .filter(|decision| decision.is_open(access))
            .filter(|decision| decision.action != Action::SendAgain || pec_failed);
        let label = campaign.and_then(|campaign| campaign.model(&head.model));
        Self {
            id: head.id.to_string(),
            campaign: head.campaign.to_string(),
            model: head.model.to_string(),
            model_label: label.map(|model| model.label().to_owned()),
            state: head.state().code(),
            state_label: head.state().label(),
            step: head.state().step(),
            version: head.version,
            arrival: arrival.map(calendar::rfc3339),
            changed: calendar::rfc3339(head.changed),
            age_days: arrival.map_or(0, |arrival| now.duration_since(arrival).as_hours() / 24),
            worker: names.and_then(|names| names.worker.shown()),
            employer: names.and_then(|names| names.employer.clone()),
            term: term.as_ref().map(|term| TermView::of(term, now)),
            hold: hold.map(HoldView::for_office),
            place,
            pec_failed,
            agreement: agreement.map(AgreementStep::code),
            agreement_label: agreement.map(AgreementStep::label),
            allowed: access.actions(),
            decisions: decisions.map(DecisionView::of).collect(),
        }
    }
}

/// The newest notice of a kind that went, or shall go, by PEC; never its copy by ordinary mail.
pub(crate) fn newest(notices: &[NoticeRow], kind: NoticeKind) -> Option<&NoticeRow> {
    let by_pec = matches!(kind.channel(), Channel::PecToElected | Channel::PecToRegistered);
    let of_kind = notices.iter().filter(|row| by_pec && !row.copy && row.kind() == Some(kind));
    of_kind.max_by_key(|row| row.n)
}

/// Whether a PEC of any kind did not arrive, and no later one of its kind stands for it.
fn has_failed(notices: &[NoticeRow]) -> bool {
    NoticeKind::ALL.iter().any(|kind| newest(notices, *kind).is_some_and(did_not_arrive))
}

/// Whether a recipient lacks a notice; a notice superseded before it left counts for none.
pub(crate) fn did_not_arrive(row: &NoticeRow) -> bool {
    row.failed.is_some() && row.failure != Some(Undelivered::Superseded)
}

/// Everything about a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct DossierView {
    /// Its row.
    pub case: CaseView,
    /// Reasons, observations and corrections, oldest first.
    pub remarks: Vec<RemarkView>,
    /// The employer's attempts that came too late, oldest first (CNF-4).
    pub evidence: Vec<EvidenceView>,
    /// Documents that the portal made or makes.
    pub documents: Vec<DossierDocument>,
    /// Files that were uploaded, by their verdict, or while there is none by the request; newest last.
    pub uploads: Vec<DossierUpload>,
    /// The messages to the consular system, oldest first.
    pub consular_messages: Vec<ConsularView>,
    /// What was sent, oldest first, with its fate.
    pub notices: Vec<DossierNotice>,
}

/// A remark beside the case.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemarkView {
    /// `reason`, `release`, `correction` or `late-values`.
    pub kind: &'static str,
    /// What it is about: an event's code, a field, a registry.
    pub about: Option<String>,
    /// The same as people read it, where it is an event.
    pub about_label: Option<&'static str>,
    /// In the author's words; absent where a registry gave values.
    pub text: Option<String>,
    /// Values that a registry gave too late, as JSON.
    #[schema(value_type = Option<Object>)]
    pub values: Option<serde_json::Value>,
    /// RFC 3339.
    pub at: String,
}

impl RemarkView {
    pub(crate) fn of(remark: Remark) -> Self {
        let (kind, about, text, values, at) = match remark {
            Remark::Reason { event, text, at } => ("reason", Some(event), Some(text), None, at),
            Remark::Release { reason, at } => {
                ("release", Some(Event::Release.code().to_owned()), Some(reason), None, at)
            }
            Remark::Correction { field, note, at } => {
                ("correction", Some(field), Some(note), None, at)
            }
            Remark::LateValues { registry, values, at } => {
                let values = values.into_iter().collect();
                ("late-values", Some(registry), None, Some(serde_json::Value::Object(values)), at)
            }
        };
        let about_label = about.as_deref().and_then(event_label);
        Self { kind, about, about_label, text, values, at: calendar::rfc3339(at) }
    }
}

/// What an event is called, of the case or of the agreement.
fn event_label(code: &str) -> Option<&'static str> {
    let of_case = code.parse().map(Event::label);
    of_case.or_else(|_| code.parse().map(AgreementEvent::label)).ok()
}

/// An attempt that came too late.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    /// What: the code of the event that did not take place.
    pub what: String,
    /// The same as people read it.
    pub label: Option<&'static str>,
    /// When it arrived, RFC 3339.
    pub at: String,
    /// When the term had ended, RFC 3339.
    pub ended_at: String,
    /// The account that tried: opaque.
    pub account: String,
}

impl EvidenceView {
    pub(crate) fn of(row: &EvidenceRow) -> Self {
        Self {
            what: row.what.clone(),
            label: event_label(&row.what),
            at: shown(row.at),
            ended_at: shown(row.ended),
            account: row.account.to_string(),
        }
    }
}

/// A document that the portal makes.
#[derive(Debug, Serialize, ToSchema)]
pub struct DossierDocument {
    /// Kind code.
    pub kind: &'static str,
    /// What it is, in Italian.
    pub label: &'static str,
    /// The version of the case that asked for it.
    pub version: u64,
    /// When it was asked for, RFC 3339.
    pub created: String,
    /// When it was made, RFC 3339; absent while it is in the making.
    pub made: Option<String>,
    /// Where it can be downloaded, for five minutes.
    pub link: Option<String>,
    /// SHA-256 of the file, in hex.
    pub sha256: Option<String>,
}

impl DossierDocument {
    pub(crate) fn of(row: &DocumentRow, link: Option<String>) -> Self {
        Self {
            link,
            sha256: row.file.as_ref().map(|file| file.sha256.clone()),
            kind: row.kind.code(),
            label: row.kind.label(),
            version: row.version,
            created: shown(row.created),
            made: row.made.map(shown),
        }
    }
}

/// An uploaded file, with what the checks found.
#[derive(Debug, Serialize, ToSchema)]
pub struct DossierUpload {
    /// Opaque identifier: that of the upload wherever it is named.
    pub id: String,
    /// What the file is meant to be: its code.
    pub purpose: &'static str,
    /// The same as people read it.
    pub purpose_label: &'static str,
    /// The field of the form that it is for, where the purpose is one.
    pub field: Option<String>,
    /// What that field is called.
    pub field_label: Option<String>,
    /// How it stands: its code.
    pub state: &'static str,
    /// The same as people read it.
    pub state_label: &'static str,
    /// Declared media type.
    pub media_type: String,
    /// Declared length in bytes.
    pub bytes: u64,
    /// How the worker signed, as the employer declared it (CTR-2).
    pub worker_signature: Option<&'static str>,
    /// When the permission was asked for, RFC 3339: by this the term is judged.
    pub asked: String,
    /// When the verdict was recorded, RFC 3339.
    pub examined: Option<String>,
    /// Why it was refused.
    pub refusals: Vec<Reason>,
    /// What the portal did not check: the officer does.
    pub not_checked: Vec<Reason>,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Where it can be saved, for five minutes. A refused file is there as it came, for a month; one with malware is not.
    pub link: Option<String>,
}

impl DossierUpload {
    /// Where it stands among the others, newest last: by the verdict, as the employer's list of documents is; what has none
    /// yet by the request.
    pub(crate) fn place(row: &UploadRow) -> i64 {
        row.examined.unwrap_or(row.asked)
    }

    pub(crate) fn of(row: UploadRow, schema: Option<&Schema>, link: Option<String>) -> Self {
        let not_checked = open_checks::left_open(&row);
        let field = row.field.as_ref().and_then(|key| schema?.field(key.as_str()));
        Self {
            link,
            sha256: row.sha256,
            field_label: field.map(|field| field.label.clone()),
            field: row.field.map(|key| key.to_string()),
            id: row.id.to_string(),
            purpose: row.purpose.code(),
            purpose_label: row.purpose.label(),
            state: row.state.code(),
            state_label: row.state.label(),
            media_type: row.media_type,
            bytes: row.bytes,
            worker_signature: row.worker_signature.map(WorkerSignature::label),
            asked: shown(row.asked),
            examined: row.examined.map(shown),
            refusals: row.refusals,
            not_checked,
        }
    }
}

/// A message to the consular system.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsularView {
    /// What: its code.
    pub decision: &'static str,
    /// The same as people read it.
    pub label: &'static str,
    /// When it was decided, RFC 3339.
    pub at: String,
    /// How often it was tried without an answer.
    pub attempts: u32,
    /// When it was acknowledged, RFC 3339; absent while it is tried.
    pub acknowledged: Option<String>,
}

impl ConsularView {
    pub(crate) fn of(row: &ConsularRow) -> Self {
        Self {
            decision: row.decision.code(),
            label: row.decision.label(),
            at: shown(row.at),
            attempts: row.attempts,
            acknowledged: row.acknowledged.map(shown),
        }
    }
}

/// A notice and its fate (COM-2).
#[derive(Debug, Serialize, ToSchema)]
pub struct DossierNotice {
    /// Kind code; to be sent as `notice` with `send-again`.
    pub kind: String,
    /// What it is, in Italian.
    pub label: String,
    /// Whether it is the copy by ordinary mail for the filer.
    pub copy: bool,
    /// When it came to be, RFC 3339.
    pub created: String,
    /// `waiting`, `accepted`, `delivered` or `failed`.
    pub fate: &'static str,
    /// When that was known, RFC 3339.
    pub fate_at: Option<String>,
    /// Why it did not arrive: a code.
    pub failure: Option<&'static str>,
    /// The same as people read it.
    pub failure_label: Option<&'static str>,
    /// Whether it can be sent anew: it did not arrive, and no later one stands for it.
    pub can_be_sent_again: bool,
}

impl DossierNotice {
    /// All notices of a case, oldest first.
    pub(crate) fn all(rows: &[NoticeRow], access: &ApplicationAccess) -> Vec<Self> {
        let may = access.require(Action::SendAgain).is_ok();
        let mut parsed: Vec<_> = rows.iter().collect();
        parsed.sort_by_key(|row| (row.created, row.n, row.copy));
        parsed.into_iter().map(|row| Self::of(row, rows, may)).collect()
    }

    fn of(row: &NoticeRow, all: &[NoticeRow], may: bool) -> Self {
        let (fate, at) = match (row.failed, row.delivered, row.accepted) {
            (Some(at), ..) => ("failed", Some(at)),
            (None, Some(at), _) => ("delivered", Some(at)),
            (None, None, Some(at)) => ("accepted", Some(at)),
            (None, None, None) => ("waiting", None),
        };
        let is_newest = row
            .kind()
            .and_then(|kind| newest(all, kind))
            .is_some_and(|newest| newest.key() == row.key());
        Self {
            kind: row.kind.clone(),
            label: row.kind().map_or_else(|| row.kind.clone(), |kind| kind.label().to_owned()),
            copy: row.copy,
            created: shown(row.created),
            fate,
            fate_at: at.map(shown),
            failure: row.failure.map(Undelivered::code),
            failure_label: row.failure.map(Undelivered::label),
            can_be_sent_again: may && is_newest && did_not_arrive(row),
        }
    }
}

fn shown(millis: i64) -> String {
    instant(millis).map(calendar::rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::{
        document::UploadPurpose,
        ids::{AccountId, ApplicationId, UploadId},
    };
    use store::uploads::{UploadRequest, Verdict};

    use super::*;

    fn upload(name: u8, asked: i64, examined: Option<i64>) -> UploadRow {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        let what = UploadRequest {
            purpose: UploadPurpose::Contract,
            field: None,
            media_type: "application/pdf".to_owned(),
            bytes: 1_000,
            sha256: "ab".repeat(32),
            worker_signature: Some(WorkerSignature::Digital),
        };
        let (application, id) =
            (ApplicationId::from_random([1; 16]), UploadId::from_random([name; 16]));
        let by = AccountId::keyed(&[1; 32]);
        let row = UploadRow::awaited(&application, id, what, by, at(asked), at(asked + 600_000));
        match examined {
            Some(millis) => row.examined(Verdict::default(), at(millis)),
            None => row,
        }
    }

    /// CTR-1: what was asked for first and examined last is the file that counts, and stands last.
    #[test]
    fn uploads_stand_in_the_order_of_their_verdicts() {
        let mut rows = vec![
            upload(1, 1_000, Some(9_000)),
            upload(3, 3_000, None),
            upload(2, 2_000, Some(5_000)),
        ];
        rows.sort_by_key(DossierUpload::place);
        let order: Vec<_> = rows.into_iter().map(|row| row.id).collect();
        assert_eq!(order, [3, 2, 1].map(|name| UploadId::from_random([name; 16])));
    }

    /// CTR-1, AGR-1: the row says where the version must be sent along.
    #[test]
    fn the_row_says_which_decisions_need_a_version() {
        let of = |code| DecisionView::of(Decision::of(code).unwrap()).needs_version;
        assert!(of("validate-contract") && of("reject-agreement"));
        assert!(!of("grant") && !of("send-again"));
    }
}
