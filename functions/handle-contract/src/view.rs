//! What people read of a case after a step, of an upload and of documents.

use domain::{
    calendar,
    document::{DECLARABLE, DeclaredFormat, DocumentKind, FileFormat, UploadPurpose, UploadState},
    form::{FileRule, Schema},
    lifecycle::agreement::AgreementStep,
};
use edge::access::{ActionView, ApplicationAccess};
use edge::open_checks;
use jiff::Timestamp;
use outside::files::Permission;
use serde::Serialize;
use store::{
    documents::DocumentRow,
    rows::instant,
    uploads::{Reason, UploadRow},
};
use utoipa::ToSchema;

use crate::request;

/// Where a case stands after a step.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseAfterStep {
    /// Opaque identifier.
    pub id: String,
    /// State code.
    pub state: &'static str,
    /// State as people read it.
    pub state_label: &'static str,
    /// The step inside *Registrazione dello straniero*.
    pub step: Option<&'static str>,
    /// Step of the integration agreement, where it applies.
    pub agreement: Option<&'static str>,
    /// The same as people read it.
    pub agreement_label: Option<&'static str>,
    /// What the caller may do now.
    pub allowed: Vec<ActionView>,
    /// Version of the head.
    pub version: u64,
}

impl CaseAfterStep {
    pub(crate) fn of(access: &ApplicationAccess) -> Self {
        let state = access.head.state();
        let agreement = access.head.agreement();
        Self {
            id: access.head.id.to_string(),
            state: state.code(),
            state_label: state.label(),
            step: state.step(),
            agreement: agreement.map(AgreementStep::code),
            agreement_label: agreement.map(AgreementStep::label),
            allowed: access.actions(),
            version: access.head.version,
        }
    }
}

/// Permission to send one file straight to the object store.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionView {
    /// The upload, to be asked about afterwards.
    pub upload: String,
    /// Send the file here by PUT.
    pub url: String,
    /// Headers that must be sent exactly so.
    pub headers: Vec<HeaderView>,
    /// Until when it holds, RFC 3339.
    pub until: String,
}

/// One header.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeaderView {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl PermissionView {
    pub(crate) fn of(row: &UploadRow, permission: Permission) -> Self {
        let headers = permission.headers.into_iter();
        Self {
            upload: row.id.to_string(),
            url: permission.url,
            headers: headers.map(|(name, value)| HeaderView { name, value }).collect(),
            until: shown(row.until),
        }
    }
}

/// Whether its file may still arrive.
pub(crate) fn is_open(row: &UploadRow, now: Timestamp) -> bool {
    row.state == UploadState::Awaited && now.as_millisecond() < row.until
}

/// How many uploads a list shows.
const MOST_SHOWN: usize = 50;

/// The uploads of an application, and what can be uploaded now.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadList {
    /// Newest first, at most 50.
    pub uploads: Vec<UploadView>,
    /// What the caller may upload now; nothing where the application waits for no file.
    pub open: Vec<OpenUpload>,
    /// What it means that there is nothing, in Italian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
}

/// Something that the caller may upload now, with its limits.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenUpload {
    /// As a permission is asked for it: `contract`, `agreement`, `integration`, `objection` or `field:<key>`.
    pub purpose: String,
    /// What it is, in Italian.
    pub label: String,
    /// Most bytes.
    pub max_bytes: u64,
    /// Media types that a permission may declare. `application/octet-stream` says nothing: the content tells.
    pub media_types: Vec<&'static str>,
    /// What is taken, in Italian: `PDF o P7M, al massimo 20 MB`.
    pub limits: String,
    /// How many permissions can still be asked for now.
    pub attempts_left: usize,
}

impl OpenUpload {
    /// What may be uploaded for a purpose: one thing, or one for each field of the form that asks for a document.
    pub(crate) fn of(purpose: UploadPurpose, schema: &Schema, attempts_left: usize) -> Vec<Self> {
        if purpose == UploadPurpose::Field {
            let fields = schema.file_fields();
            return fields
                .map(|(field, rule)| {
                    let name = format!("{}:{}", purpose.code(), field.key);
                    Self::with(name, field.label.clone(), &rule, attempts_left)
                })
                .collect();
        }
        let rule =
            FileRule { max_bytes: request::LARGEST, formats: FileFormat::DOCUMENTS.to_vec() };
        let (name, label) = (purpose.code().to_owned(), purpose.label().to_owned());
        vec![Self::with(name, label, &rule, attempts_left)]
    }

    fn with(purpose: String, label: String, rule: &FileRule, attempts_left: usize) -> Self {
        let is_taken = |declared: &&str| {
            DeclaredFormat::of(declared)
                .is_some_and(|declared| rule.formats.iter().any(|one| declared.allows(*one)))
        };
        Self {
            purpose,
            label,
            max_bytes: rule.max_bytes,
            media_types: DECLARABLE.iter().copied().filter(is_taken).collect(),
            // Whole megabytes are what a file manager shows.
            limits: format!("{}, al massimo {} MB", rule.in_words(), rule.max_bytes / 1_000_000),
            attempts_left,
        }
    }
}

impl UploadList {
    pub(crate) fn of(
        mut rows: Vec<UploadRow>,
        schema: &Schema,
        open: Vec<OpenUpload>,
        now: Timestamp,
    ) -> Self {
        rows.sort_by(|one, other| other.asked.cmp(&one.asked).then_with(|| other.id.cmp(&one.id)));
        rows.truncate(MOST_SHOWN);
        let message = rows.is_empty().then_some("Non è stato ancora caricato alcun file.");
        let uploads = rows.iter().map(|row| UploadView::of(row, schema, now)).collect();
        Self { uploads, open, message }
    }
}

/// An upload and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadView {
    /// The upload.
    pub upload: String,
    /// `contract`, `agreement`, `integration`, `objection` or `field:<key>`.
    pub purpose: String,
    /// What it is, in Italian: of a field, the field's label.
    pub label: String,
    /// `awaited`, `accepted`, `refused`, or `expired` when nothing arrived in time. A file for a field is `accepted` once it is
    /// a value of the draft.
    pub state: &'static str,
    /// The same as people read it, with what to do next.
    pub message: &'static str,
    /// Why it was refused: all reasons.
    pub refusals: Vec<Reason>,
    /// What was not checked.
    pub not_checked: Vec<Reason>,
    /// When the permission was asked for, RFC 3339.
    pub asked: String,
    /// Until when the file can be sent, RFC 3339.
    pub until: String,
    /// When the checks were over, RFC 3339.
    pub examined: Option<String>,
    /// Length in bytes, as declared.
    pub bytes: u64,
    /// SHA-256, in hex, as declared.
    pub sha256: String,
}

impl UploadView {
    pub(crate) fn of(row: &UploadRow, schema: &Schema, now: Timestamp) -> Self {
        let (state, message) = stands(row, now);
        Self {
            upload: row.id.to_string(),
            purpose: row.purpose_text(),
            label: label(row, schema),
            state,
            message,
            refusals: row.refusals.clone(),
            not_checked: open_checks::left_open(row),
            asked: shown(row.asked),
            until: shown(row.until),
            examined: row.examined.map(shown),
            bytes: row.bytes,
            sha256: row.sha256.clone(),
        }
    }
}

/// How an upload stands, and what to do next.
fn stands(row: &UploadRow, now: Timestamp) -> (&'static str, &'static str) {
    use UploadPurpose as P;
    let awaited = UploadState::Awaited.code();
    match (row.state, row.purpose) {
        (UploadState::Awaited, _) if is_open(row, now) => (
            awaited,
            "Il file non è ancora arrivato, oppure la verifica è in corso: dura di solito pochi secondi e l'esito compare qui.",
        ),
        (UploadState::Awaited, _) => (
            "expired",
            "Il tempo per inviare il file è passato senza che arrivasse: chiedi di nuovo di caricarlo.",
        ),
        (UploadState::Accepted, P::Field) if row.is_waiting() => {
            (awaited, "Il file ha superato le verifiche: tra pochi secondi fa parte della domanda.")
        }
        (UploadState::Accepted, P::Field) => (
            row.state.code(),
            "Il file ha superato le verifiche e fa parte della domanda. Per cambiarlo, caricane un altro nello stesso campo.",
        ),
        (UploadState::Accepted, P::Integration) => (
            row.state.code(),
            "Il file ha superato le verifiche. Lo Sportello Unico lo esamina quando premi «Trasmetti integrazione».",
        ),
        (UploadState::Accepted, P::Objection) => (
            row.state.code(),
            "Il file ha superato le verifiche. Lo Sportello Unico lo esamina quando premi «Presenta osservazioni».",
        ),
        (UploadState::Accepted, P::Contract | P::Agreement) => (
            row.state.code(),
            "Il file ha superato le verifiche ed è trasmesso allo Sportello Unico: non devi fare altro.",
        ),
        (UploadState::Refused, P::Field) => (
            row.state.code(),
            "Il file non fa parte della domanda: leggi i motivi e che cosa fare. Un file caricato prima nello stesso campo resta dov'era.",
        ),
        (UploadState::Refused, _) => (
            row.state.code(),
            "Il file non è stato trasmesso allo Sportello Unico: leggi i motivi e che cosa fare.",
        ),
    }
}

/// What a file is, in Italian: of a field, its label.
fn label(row: &UploadRow, schema: &Schema) -> String {
    let field = row.field.as_ref().and_then(|key| schema.field(key.as_str()));
    field.map_or_else(|| row.purpose.label().to_owned(), |field| field.label.clone())
}

/// The documents of an application.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentList {
    /// Oldest first.
    pub documents: Vec<DocumentView>,
    /// What it means that there is nothing, in Italian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
    /// What the first-entry kit must hold, once modules 1 and 2 are there (MOD-1).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kit: Vec<&'static str>,
}

impl DocumentList {
    pub(crate) fn of(documents: Vec<DocumentView>) -> Self {
        let has_modules = documents
            .iter()
            .any(|one| one.kind == DocumentKind::Module1.code() && one.link.is_some());
        let kit = if has_modules {
            vec![
                "Contratto di soggiorno firmato dal datore di lavoro e dal lavoratore",
                "Moduli 1 e 2 (mod. 209)",
                "Documento con il codice fiscale definitivo del lavoratore",
                "Documento del lavoratore (passaporto) e pagina con il visto",
            ]
        } else {
            Vec::new()
        };
        let message = documents.is_empty().then_some("Non ci sono ancora documenti.");
        Self { documents, message, kit }
    }
}

/// One document.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentView {
    /// `contract`, `agreement`, `module-1` …; of an upload what it was for, also `field:<key>`.
    pub kind: String,
    /// What it is, in Italian.
    pub label: String,
    /// Which one of its kind, where the portal made it: attachments of communications name it so.
    pub version: Option<u64>,
    /// The upload by which it came, where a person sent it.
    pub upload: Option<String>,
    /// `portal` for what the portal made, `upload` for what was uploaded.
    pub from: &'static str,
    /// When, RFC 3339.
    pub at: String,
    /// Whether it can be downloaded already.
    pub ready: bool,
    /// Where to download it for five minutes.
    pub link: Option<String>,
    /// SHA-256 of the file, in hex.
    pub sha256: Option<String>,
    /// Length in bytes.
    pub bytes: Option<u64>,
}

impl DocumentView {
    pub(crate) fn made(row: &DocumentRow, link: Option<String>) -> Self {
        Self {
            kind: row.kind.code().to_owned(),
            label: row.kind.label().to_owned(),
            version: Some(row.version),
            upload: None,
            from: "portal",
            at: shown(row.created),
            ready: link.is_some(),
            link,
            sha256: row.file.as_ref().map(|file| file.sha256.clone()),
            bytes: row.file.as_ref().map(|file| file.bytes),
        }
    }

    pub(crate) fn uploaded(row: &UploadRow, schema: &Schema, link: Option<String>) -> Self {
        Self {
            kind: row.purpose_text(),
            label: label(row, schema),
            version: None,
            upload: Some(row.id.to_string()),
            from: "upload",
            at: shown(row.examined.unwrap_or(row.asked)),
            ready: link.is_some(),
            link,
            sha256: row.file.as_ref().map(|file| file.sha256.clone()),
            bytes: row.file.as_ref().map(|file| file.bytes),
        }
    }
}

fn shown(millis: i64) -> String {
    instant(millis).map_or_else(|_| String::new(), calendar::rfc3339)
}
