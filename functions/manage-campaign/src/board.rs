//! The notice board is read and published: notices, documents to download, planned maintenance (NOT-1, DOC-1, OPS-1, ADM-2).

use std::collections::BTreeSet;

use domain::{
    calendar,
    notice_board::{
        DOCUMENTS_PATH, Maintenance, NoticeBoard, NoticeList, PublicDocument, PublicNotice,
    },
};
use edge::{
    access, form,
    http::{
        self, ApiRequest, FieldProblem, Form as _, Problem, ProblemKind,
        form::{Input, Mistake, rows, text},
    },
};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use outside::clock;
use serde::Serialize;
use store::{notice_board::Edition, rows::SaveError};
use utoipa::ToSchema;

use crate::{App, publish, read::with_version};

/// Most entries of each list: pages show them all, and one row of the store holds them.
const MOST: usize = 100;
/// Longest line, in characters.
const LINE: usize = 200;
/// Longest text: a hundred of them fit a row of the store.
const TEXT: usize = 1_000;

form! {
    /// Body of `POST /api/notice-board/editions`: the whole board. A list that is left out or empty has nothing.
    pub(crate) struct EditionBody {
        /// The notices of the three lists, at most 100.
        notices: Vec<NoticeBody> = rows::<NoticeBody>(0, MOST).optional(),
        /// The documents to download, in the order of the page, at most 100.
        documents: Vec<DocumentBody> = rows::<DocumentBody>(0, MOST).optional(),
        /// Planned maintenance, at most 100.
        maintenance: Vec<MaintenanceBody> = rows::<MaintenanceBody>(0, MOST).optional(),
    }

    /// A notice (NOT-1).
    pub(crate) struct NoticeBody {
        /// Its own among all notices.
        id: String = identifier(),
        /// `avvisi`, `novita` or `leggi`.
        list: NoticeList = text()
            .codes(|| NoticeList::ALL.iter().map(|list| list.code()).collect())
            .parsed("Scegli avvisi, novita oppure leggi."),
        /// One line.
        title: String = words(LINE),
        /// Plain text, at most 1,000 characters.
        text: String = words(TEXT),
        /// When it was published, RFC 3339; not in the future.
        published: Timestamp = instant(),
        /// A page that says more: a path of the portal, or an address that begins with `https://`.
        link: String = text().checked(link).optional(),
    }

    /// A document to download, whose file stands in the bucket of facts (DOC-1).
    pub(crate) struct DocumentBody {
        /// Its own among all documents; the same through its versions.
        id: String = identifier(),
        /// One line.
        title: String = words(LINE),
        /// What it is for, at most 1,000 characters.
        description: String = words(TEXT),
        /// Path of its file: `/facts/documents/manuale-1.pdf`. A new version has a file of its own.
        url: String = text().pattern("^/facts/documents/[a-z0-9][a-z0-9._-]{0,99}$").checked(file),
        /// What people call this version.
        version: String = words(40),
    }

    /// A time in which the portal will not work, or not wholly (OPS-1).
    pub(crate) struct MaintenanceBody {
        /// Its first instant, RFC 3339.
        from: Timestamp = instant(),
        /// The first instant after it, RFC 3339.
        until: Timestamp = instant(),
        /// What people can and cannot do meanwhile, at most 1,000 characters.
        text: String = words(TEXT),
    }
}

fn identifier() -> impl Input<Value = String> {
    text().pattern("^[a-z0-9-]{1,40}$").checked(|typed: String| {
        let is_sound = (1..=40).contains(&typed.len())
            && typed.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if is_sound {
            Ok(typed)
        } else {
            Err(Mistake::invalid("Usa da 1 a 40 lettere minuscole, cifre o trattini."))
        }
    })
}

fn words(longest: usize) -> impl Input<Value = String> {
    text().shortest(1).longest(longest).checked(|typed: String| {
        let typed = typed.trim();
        if typed.is_empty() {
            Err(Mistake::new("obbligatorio", "Scrivi un testo."))
        } else {
            Ok(typed.to_owned())
        }
    })
}

fn instant() -> impl Input<Value = Timestamp> {
    text()
        .format("date-time")
        .parsed("Scrivi un istante con il fuso orario, come 2026-12-06T22:00:00+01:00.")
}

/// A path of the portal, and no address of another site that looks like one.
fn link(typed: String) -> Result<String, Mistake> {
    let is_path = typed.starts_with('/') && !typed.starts_with("//") && !typed.contains('\\');
    if (is_path || typed.starts_with("https://")) && !typed.contains(char::is_whitespace) {
        Ok(typed)
    } else {
        Err(Mistake::invalid("Indica un indirizzo che inizia con https:// oppure con /."))
    }
}

fn file(typed: String) -> Result<String, Mistake> {
    let name = typed.strip_prefix(DOCUMENTS_PATH).unwrap_or_default();
    let is_sound = (1..=100).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'));
    if is_sound {
        Ok(typed)
    } else {
        Err(Mistake::invalid(
            "Indica il percorso del file, come /facts/documents/manuale-1.pdf: minuscole, cifre, punti, trattini.",
        ))
    }
}

/// The newest edition of the notice board; `ETag` holds its number, for `If-Match`. Before the first one it is number 0 and empty.
#[utoipa::path(
    get, path = "/api/notice-board", operation_id = "readNoticeBoard",
    responses(
        (status = 200, description = "The newest edition", body = NoticeBoardView),
        (status = 403, description = "Level too low, or not an administrator"),
    )
)]
pub(crate) async fn read(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    app.authenticator.authenticate_administrator_for_read(request).await?;
    let newest = app.store.notice_board.newest().await?;
    shown(200, newest.as_ref())
}

/// Publishes an edition of the notice board in place of the one before: the public files and pages follow within seconds.
///
/// `If-Match` holds the number of the newest edition, as `ETag` of the reading gave it, and `"0"` for the first one.
#[utoipa::path(
    post, path = "/api/notice-board/editions", operation_id = "publishNoticeBoard",
    params(("If-Match" = String, Header, description = "The newest edition as read, such as `\"3\"`; `\"0\"` for the first one")),
    request_body = EditionBody,
    responses(
        (status = 201, description = "Published", body = NoticeBoardView),
        (status = 403, description = "Level too low, wrong origin, or not an administrator"),
        (status = 412, description = "Another edition was published meanwhile: read it and change that one"),
        (status = 422, description = "Wrong entries, all listed, or a document whose file is not there yet"),
        (status = 428, description = "Without `If-Match`"),
    )
)]
pub(crate) async fn publish(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    access::require_administrator(&caller)?;
    let seen = publish::seen(request).map_err(|problem| problem.detail(EDITION_MISSING))?;
    let asked = AskedBoard::read(request, clock::wall())?;
    let newest = app.store.notice_board.newest().await?.map_or(0, |newest| newest.number);
    if seen != newest {
        return Err(superseded(newest));
    }
    let board = asked.with_lengths(app).await?;
    let edition = Edition::new(newest.saturating_add(1), board, caller.account, clock::wall());
    match app.store.notice_board.publish(&edition).await {
        Ok(()) => {}
        Err(SaveError::Conflict) => return Err(superseded(edition.number)),
        Err(error) => return Err(error.into()),
    }
    tracing::info!(edition = edition.number, by = %edition.by, "notice board published");
    shown(201, Some(&edition))
}

const EDITION_MISSING: &str = "L'intestazione If-Match deve indicare il numero dell'edizione letta, per esempio \"3\"; \"0\" per la prima. Leggi la bacheca e riprova.";
const SUPERSEDED: &str = "Nel frattempo è stata pubblicata un'altra edizione: rileggila, riporta le tue modifiche e pubblica di nuovo. Nulla è stato pubblicato.";

fn superseded(newest: u32) -> Problem {
    publish::superseded(newest).detail(SUPERSEDED)
}

fn shown(status: u16, edition: Option<&Edition>) -> Result<Response<Body>, Problem> {
    let view = NoticeBoardView::of(edition)?;
    with_version(http::json(status, &view)?, view.edition)
}

/// A board as it was asked for: the lengths of its documents are not known yet.
struct AskedBoard {
    board: NoticeBoard,
}

impl AskedBoard {
    /// Reads a body; the answer names all mistakes at once.
    fn read(request: &ApiRequest, now: Timestamp) -> Result<Self, Problem> {
        let mut body: EditionBody = request.form()?;
        let mut board = NoticeBoard::default();
        for (index, row) in body.notices().unwrap_or_default().into_iter().enumerate() {
            board.notices.extend(body.row("notices", index, notice(row, now)));
        }
        for (index, row) in body.documents().unwrap_or_default().into_iter().enumerate() {
            board.documents.extend(body.row("documents", index, document(row)));
        }
        for (index, row) in body.maintenance().unwrap_or_default().into_iter().enumerate() {
            board.maintenance.extend(body.row("maintenance", index, maintenance(row)));
        }
        let ids = board.notices.iter().map(|notice| notice.id.as_str());
        if let Some(twice) = repeated(ids) {
            body.refuse::<()>("notices", "ripetuto", twice);
        }
        let ids = board.documents.iter().map(|document| document.id.as_str());
        if let Some(twice) = repeated(ids) {
            body.refuse::<()>("documents", "ripetuto", twice);
        }
        body.complete(Some(Self { board }))
    }

    /// With the length of each document, as its file stands in the bucket: no page shall lead to a file that is not there.
    async fn with_lengths(mut self, app: &App) -> Result<NoticeBoard, Problem> {
        let mut absent = Vec::new();
        for (index, document) in self.board.documents.iter_mut().enumerate() {
            let key = document.url.trim_start_matches('/');
            let length = app.facts.length(key).await;
            match length.map_err(|error| Problem::unavailable(&error))? {
                Some(bytes) => document.bytes = bytes,
                None => absent.push(FieldProblem {
                    field: format!("documents[{index}].url"),
                    code: "assente".to_owned(),
                    message: "Il file non è ancora nell'archivio dei documenti: caricalo, poi pubblica di nuovo.".to_owned(),
                }),
            }
        }
        if absent.is_empty() {
            Ok(self.board)
        } else {
            Err(Problem::new(ProblemKind::InvalidFields).fields(absent))
        }
    }
}

/// What to do where an identifier stands twice.
fn repeated<'a>(mut ids: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut before = BTreeSet::new();
    let twice = ids.find(|id| !before.insert(*id))?;
    Some(format!("L'identificativo {twice} compare due volte: dai a ogni voce il suo."))
}

fn notice(mut row: NoticeBody, now: Timestamp) -> Result<PublicNotice, Vec<FieldProblem>> {
    let (id, list, title) = (row.id(), row.list(), row.title());
    let (text, published, link) = (row.text(), row.published(), row.link());
    if published.is_some_and(|published| published > now) {
        row.refuse::<()>(
            "published",
            "futuro",
            "L'istante è nel futuro: la bacheca si pubblica subito, indica un istante passato.",
        );
    }
    let read = id.zip(list).zip(title).zip(text).zip(published).map(
        |((((id, list), title), text), published)| PublicNotice {
            id,
            list,
            title,
            text,
            published,
            link,
        },
    );
    row.finish(read)
}

fn document(mut row: DocumentBody) -> Result<PublicDocument, Vec<FieldProblem>> {
    let (id, title, description) = (row.id(), row.title(), row.description());
    let (url, version) = (row.url(), row.version());
    let read = id.zip(title).zip(description).zip(url).zip(version).map(
        |((((id, title), description), url), version)| PublicDocument {
            id,
            title,
            description,
            url,
            version,
            bytes: 0,
        },
    );
    row.finish(read)
}

fn maintenance(mut row: MaintenanceBody) -> Result<Maintenance, Vec<FieldProblem>> {
    let (from, until, text) = (row.from(), row.until(), row.text());
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        row.refuse::<()>("until", "non-valido", "La fine deve essere dopo l'inizio.");
    }
    let read =
        from.zip(until).zip(text).map(|((from, until), text)| Maintenance { from, until, text });
    row.finish(read)
}

/// An edition of the notice board, as it can be changed and sent back.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeBoardView {
    /// Its number, from 1 on; 0 before the first one.
    pub edition: u32,
    /// When it was published, RFC 3339.
    pub published: Option<String>,
    /// The account of who published it.
    pub published_by: Option<String>,
    /// The notices of the three lists.
    pub notices: Vec<BoardNoticeView>,
    /// The documents to download.
    pub documents: Vec<PublicDocumentView>,
    /// Planned maintenance.
    pub maintenance: Vec<MaintenanceView>,
}

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardNoticeView {
    /// Its own among all notices.
    pub id: String,
    /// `avvisi`, `novita` or `leggi`.
    pub list: &'static str,
    /// One line.
    pub title: String,
    /// Plain text.
    pub text: String,
    /// When it was published, RFC 3339.
    pub published: String,
    /// A page that says more.
    pub link: Option<String>,
}

/// A document to download.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicDocumentView {
    /// Its own among all documents.
    pub id: String,
    /// One line.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Path of its file.
    pub url: String,
    /// What people call this version.
    pub version: String,
    /// Length of the file.
    pub bytes: u64,
}

/// A planned maintenance.
#[derive(Debug, Serialize, ToSchema)]
pub struct MaintenanceView {
    /// Its first instant, RFC 3339.
    pub from: String,
    /// The first instant after it, RFC 3339.
    pub until: String,
    /// What people can and cannot do meanwhile.
    pub text: String,
}

impl NoticeBoardView {
    fn of(edition: Option<&Edition>) -> Result<Self, Problem> {
        let Some(edition) = edition else {
            return Ok(Self {
                edition: 0,
                published: None,
                published_by: None,
                notices: Vec::new(),
                documents: Vec::new(),
                maintenance: Vec::new(),
            });
        };
        let published = Timestamp::from_millisecond(edition.published)
            .map_err(|error| Problem::internal(&error))?;
        let NoticeBoard { notices, documents, maintenance } = edition.board.clone();
        Ok(Self {
            edition: edition.number,
            published: Some(calendar::rfc3339(published)),
            published_by: Some(edition.by.to_string()),
            notices: notices.into_iter().map(BoardNoticeView::of).collect(),
            documents: documents.into_iter().map(PublicDocumentView::of).collect(),
            maintenance: maintenance.into_iter().map(MaintenanceView::of).collect(),
        })
    }
}

impl BoardNoticeView {
    fn of(notice: PublicNotice) -> Self {
        let PublicNotice { id, list, title, text, published, link } = notice;
        Self { id, list: list.code(), title, text, published: calendar::rfc3339(published), link }
    }
}

impl PublicDocumentView {
    fn of(document: PublicDocument) -> Self {
        let PublicDocument { id, title, description, url, version, bytes } = document;
        Self { id, title, description, url, version, bytes }
    }
}

impl MaintenanceView {
    fn of(maintenance: Maintenance) -> Self {
        let Maintenance { from, until, text } = maintenance;
        Self { from: calendar::rfc3339(from), until: calendar::rfc3339(until), text }
    }
}
