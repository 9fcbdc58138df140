//! What people read of a case after a step, of an upload and of documents.

use domain::{
    calendar,
    document::{DocumentKind, UploadState},
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

/// An upload and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadView {
    /// The upload.
    pub upload: String,
    /// `contract`, `agreement` or `integration`.
    pub purpose: &'static str,
    /// `awaited`, `accepted`, `refused`, or `expired` when nothing arrived in time.
    pub state: &'static str,
    /// The same as people read it, with what to do next.
    pub message: String,
    /// Why it was refused: all reasons.
    pub refusals: Vec<Reason>,
    /// What was not checked.
    pub not_checked: Vec<Reason>,
    /// When the checks were over, RFC 3339.
    pub examined: Option<String>,
}

impl UploadView {
    pub(crate) fn of(row: &UploadRow, now: Timestamp) -> Self {
        let (state, message) = match row.state {
            UploadState::Awaited if is_open(row, now) => (
                row.state.code(),
                "Il file non è ancora arrivato, oppure la verifica è in corso: aggiorna la pagina tra qualche secondo.",
            ),
            UploadState::Awaited => (
                "expired",
                "Il tempo per inviare il file è passato senza che arrivasse: chiedi di nuovo di caricarlo.",
            ),
            UploadState::Accepted => (
                row.state.code(),
                "Il file ha superato le verifiche ed è trasmesso allo Sportello Unico: non devi fare altro.",
            ),
            UploadState::Refused => (
                row.state.code(),
                "Il file non è stato trasmesso allo Sportello Unico: leggi i motivi e che cosa fare.",
            ),
        };
        Self {
            upload: row.id.to_string(),
            purpose: row.purpose.code(),
            state,
            message: message.to_owned(),
            refusals: row.refusals.clone(),
            not_checked: open_checks::left_open(row),
            examined: row.examined.map(shown),
        }
    }
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
    /// `contract`, `agreement`, `module-1` …
    pub kind: &'static str,
    /// What it is, in Italian.
    pub label: &'static str,
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
            kind: row.kind.code(),
            label: row.kind.label(),
            from: "portal",
            at: shown(row.created),
            ready: link.is_some(),
            link,
            sha256: row.file.as_ref().map(|file| file.sha256.clone()),
            bytes: row.file.as_ref().map(|file| file.bytes),
        }
    }

    pub(crate) fn uploaded(row: &UploadRow, link: Option<String>) -> Self {
        Self {
            kind: row.purpose.code(),
            label: row.purpose.label(),
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
