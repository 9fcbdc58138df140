//! *Comunicazioni*: of one application with text, address and attachments, and of all of the caller's (COM-1, COM-2).

use std::{collections::BTreeMap, time::Duration};

use domain::{
    application::Application, document::DocumentKind, ids::ApplicationId, lifecycle::Position,
    notice::NoticeKind, permission::Action, search::Place,
};
use edge::{
    access::ApplicationAccess,
    http::{
        self, ApiRequest, Problem,
        page_query::{USUAL_PAGE, WRONG_CURSOR},
    },
    routes::InPath,
};
use futures::future::try_join_all;
use lambda_http::{Body, Response};
use outside::files::{FileError, StoredFile};
use serde::Serialize;
use store::{documents::DocumentRow, outbox::NoticeRow};
use utoipa::ToSchema;

use crate::{
    App, find_readable,
    part::{Part, Position as Page},
    row::Row,
    term_and_hold, unanswered,
    view::{CommunicationView, NoticeView, TimelineSources},
};

/// For how long a link to a document is good.
const LINK_LASTS: Duration = Duration::from_mins(5);

/// The list that a cursor is good for.
const LIST: &str = "communications";
/// The same, of what waits for an answer.
const UNANSWERED: &str = "communications unanswered";

/// The communications of many applications.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommunicationList {
    /// Newest first within a page; the pages begin with the applications that changed last.
    pub communications: Vec<CommunicationRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// What it means that there is nothing, in Italian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
}

/// One communication in the list of all; its text is with its application.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommunicationRow {
    /// The application.
    pub application: String,
    /// The model's name.
    pub model_label: Option<String>,
    /// What the employer is called, for callers who may see the form.
    pub employer: Option<String>,
    /// Surname and name of the worker, for callers who may see the form.
    pub worker: Option<String>,
    /// State of the application, as people read it.
    pub state_label: String,
    /// Kind code.
    pub kind: String,
    /// Together with the kind it names the communication.
    pub n: u32,
    /// What it is, in Italian.
    pub label: String,
    /// `pec` or `mail`.
    pub channel: String,
    /// When it came to be, RFC 3339.
    pub created: String,
    /// `waiting`, `accepted`, `delivered`, `failed` or `superseded`.
    pub fate: String,
    /// The same in Italian.
    pub fate_label: String,
    /// Whether the employer has still to do what it asks for.
    pub unanswered: bool,
    /// The page of the portal on which to do it.
    pub page: String,
}

/// Where a case stands, with its agreement.
pub(crate) fn position(head: &Application) -> Position {
    Position { state: head.state(), agreement: head.agreement() }
}

/// What was sent about one application, with its text, address, attachments and fate (COM-1, COM-2).
#[utoipa::path(
    get, path = "/api/applications/{id}/communications", operation_id = "readCommunications",
    params(("id" = String, Path, description = "The application")),
    responses((status = 200, description = "Everything that was sent, with its fate; links to attachments are good for five minutes", body = CommunicationView))
)]
pub(crate) async fn of_one(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let (_, access) = find_readable(app, request, id, Action::ReadCommunications).await?;
    let id = &access.head.id;
    let notices = app.store.applications.notices(id).await?;
    let is_sent = access.head.state().is_sent();
    let (term, hold) = term_and_hold(app, request, &access.head).await?;
    let documents = if is_sent { app.store.documents.of(id).await? } else { Vec::new() };
    let sources = TimelineSources {
        remarks: if is_sent {
            app.store.drafts.remarks_by_version(id).await?
        } else {
            BTreeMap::new()
        },
        links: links(app, &documents).await?,
        documents,
        sent: app.store.drafts.sent(id).await?,
        application: id.clone(),
        position: position(&access.head),
        term,
        hold,
        allowed: access.actions(),
    };
    http::json(200, &CommunicationView::of(&notices, sources))
}

/// A link to each document that is made, by kind and version.
async fn links(
    app: &App,
    rows: &[DocumentRow],
) -> Result<BTreeMap<(DocumentKind, u64), String>, Problem> {
    let mut links = BTreeMap::new();
    for row in rows {
        let Some(file) = &row.file else { continue };
        let link = link(app, file, &format!("{}.pdf", row.kind.code())).await?;
        links.insert((row.kind, row.version), link);
    }
    Ok(links)
}

/// A link to a file, for five minutes.
pub(crate) async fn link(app: &App, file: &StoredFile, name: &str) -> Result<String, Problem> {
    let signed = app.files.link(file, name, LINK_LASTS).await;
    signed.map_err(|error: FileError| Problem::unavailable(&error))
}

/// The communications of all of the caller's applications: those that changed last come first, twenty a page (COM-1).
///
/// With `unanswered=true` only what still waits for the employer. No request reads more than a thousand applications, as
/// in the search: a page may be short or empty although more follow.
#[utoipa::path(
    get, path = "/api/communications", operation_id = "listCommunications",
    params(
        ("unanswered" = Option<bool>, Query, description = "Only what the employer has still to answer; false when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of communications; with `next`, more may follow, also after a page that is short or empty", body = CommunicationList),
        (status = 422, description = "Wrong cursor, or a wrong `unanswered`"),
    )
)]
pub(crate) async fn of_all(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let only_unanswered = match request.query("unanswered") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::field("unanswered", "Scrivi true oppure false.")),
    };
    let list = if only_unanswered { UNANSWERED } else { LIST };
    let begins = match request.query("cursor") {
        None => Page::default(),
        Some(cursor) => {
            let last = app.cursors.open(&caller.account, list, cursor);
            let page = last.and_then(|last| Page::read(&last));
            page.ok_or_else(|| Problem::field("cursor", WRONG_CURSOR))?
        }
    };
    let mut part = Part::of(app, &caller, &begins).await?;
    let mut found = std::mem::take(&mut part.all);
    found.retain(|access| {
        access.require(Action::ReadCommunications).is_ok()
            && begins.is_before_place(&Place::of_change(&access.head))
            && (!only_unanswered || waits(&access.head))
    });
    found.sort_by_key(|access| Place::of_change(&access.head));
    let size = usize::try_from(USUAL_PAGE).unwrap_or_default();
    let has_more = found.len() > size;
    found.truncate(size);
    let next = match found.last().filter(|_| has_more) {
        Some(last) => Some(part.after_place(Place::of_change(&last.head))),
        None => part.next,
    };
    let communications = rows(app, request, found, only_unanswered).await?;
    let is_empty = communications.is_empty() && begins == Page::default() && next.is_none();
    let message = is_empty.then_some(if only_unanswered {
        "Nessuna comunicazione attende una risposta."
    } else {
        "Non ci sono ancora comunicazioni."
    });
    let next = next.map(|next| app.cursors.seal(&caller.account, list, &next.text()));
    http::json(200, &CommunicationList { communications, next, message })
}

/// Whether the case waits for something that a communication asked for.
fn waits(head: &Application) -> bool {
    let now = position(head);
    NoticeKind::ALL.iter().any(|kind| kind.is_unanswered(now))
}

/// The communications of these applications, newest first. A copy is no communication of its own here.
async fn rows(
    app: &App,
    request: &ApiRequest,
    of: Vec<ApplicationAccess>,
    only_unanswered: bool,
) -> Result<Vec<CommunicationRow>, Problem> {
    let rows = Row::all(app, request, of).await?;
    let read = rows.iter().map(|row| app.store.applications.notices(&row.access.head.id));
    let notices = try_join_all(read).await?;
    let mut listed = Vec::new();
    for (row, notices) in rows.iter().zip(notices) {
        let open = unanswered::last_of(&notices, position(&row.access.head));
        for notice in notices.iter().filter(|notice| !notice.copy) {
            let is_open = open.contains(&(notice.kind.as_str(), notice.n));
            if is_open || !only_unanswered {
                listed.push((notice.created, communication(row, notice, is_open)));
            }
        }
    }
    listed.sort_by_key(|(created, _)| std::cmp::Reverse(*created));
    Ok(listed.into_iter().map(|(_, row)| row).collect())
}

fn communication(row: &Row, notice: &NoticeRow, unanswered: bool) -> CommunicationRow {
    let application = row.view();
    let view = NoticeView::in_list(notice);
    CommunicationRow {
        page: view.page_of(&row.access.head.id),
        application: application.id,
        model_label: application.model_label,
        employer: application.employer,
        worker: application.worker,
        state_label: application.state_label,
        kind: view.kind,
        n: view.n,
        label: view.label,
        channel: view.channel,
        created: view.created,
        fate: view.fate,
        fate_label: view.fate_label,
        unanswered,
    }
}
