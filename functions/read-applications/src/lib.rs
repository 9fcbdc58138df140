//! Shows a person their applications: list, search, readiness, one, history, communications, receipt (PER-1, OWN-1,
//! SRC-1, NEW-2, SUB-6, COM-1, AUD-1).

mod radar;
mod row;
mod search;
mod view;

use std::{collections::BTreeMap, convert::Infallible};

use aws_config::SdkConfig;
use domain::{
    application::Application, decision::Context, ids::ApplicationId, permission::Action,
    receipt::ReceiptKey,
};
use edge::{
    access::{ApplicationAccess, Authenticator, HoldView, TermView},
    cursor::CursorKey,
    http::{self, ApiRequest, PageQuery, Problem, ProblemKind, page_query::WRONG_CURSOR},
    routes,
    routes::InPath,
};
use lambda_http::{Body, Request, Response};
use outside::{
    config::{self, ConfigError},
    keying::Keying,
};
use store::{Store, sessions::Caller};

pub use self::view::{ApplicationList, ApplicationView, CommunicationView, HistoryView};
use self::{row::Row, view::TimelineSources};

/// What reading needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
    keying: Keying,
    cursors: CursorKey,
    receipts: Vec<u8>,
}

impl App {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        Ok(Self {
            authenticator: Authenticator::from_environment(sdk, &store).await?,
            store,
            cursors: CursorKey::new(keying.derived("cursor")),
            keying,
            receipts: config::secret(sdk, "RECEIPT_SECRET_ID").await?,
        })
    }
}

routes! {
    App;
    WithSession:
        list(), search::search(), radar::readiness(), read_application(id), history(id), communications(id), receipt(id);
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// *Riepilogo domande*: the applications of the caller as representative, filer, or colleague of the filer.
#[utoipa::path(
    get, path = "/api/applications", operation_id = "listApplications",
    params(
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of applications", body = ApplicationList),
        (status = 422, description = "Wrong limit or cursor"),
    )
)]
async fn list(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let page_query = PageQuery::read(request, &app.cursors, &caller.account, "applications")?;
    let last = page_query.after().map(str::parse::<ApplicationId>).transpose();
    let after = last.map_err(|_| Problem::field("cursor", WRONG_CURSOR))?;
    let after = after.as_ref().map(store::keys::application);
    let after = after.as_deref();
    let own = app
        .store
        .applications
        .of_representative(&caller.account, after, page_query.rows_to_read())
        .await?;
    let filed = app
        .store
        .applications
        .of_filer(&caller.account, caller.organisation.as_ref(), after, page_query.rows_to_read())
        .await?;
    let mut ids: Vec<ApplicationId> = own.into_iter().chain(filed).collect();
    ids.sort();
    ids.dedup();
    let more = page_query.truncate(&mut ids);
    let next = ids.last().filter(|_| more).map(|last| page_query.next(last.as_str()));
    let rows = Row::all(app, request, visible(app, &caller, &ids).await?).await?;
    let is_empty = rows.is_empty() && after.is_none() && next.is_none();
    let message = is_empty.then(|| NO_APPLICATIONS.to_owned());
    let applications = rows.iter().map(Row::view).collect();
    http::json(200, &ApplicationList { applications, next, message })
}

const NO_APPLICATIONS: &str = "Non hai ancora domande: inizia da «Compila domande».";

/// What of these the caller may see; deleted ones are gone (SRC-1).
async fn visible(
    app: &App,
    caller: &Caller,
    ids: &[ApplicationId],
) -> Result<Vec<ApplicationAccess>, Problem> {
    let heads = app.store.applications.heads(ids).await?;
    let access = heads.into_iter().filter_map(|head| ApplicationAccess::of(head, caller).ok());
    Ok(access.filter(|access| access.require(Action::Read).is_ok()).collect())
}

/// One application, with what may be done with it now.
#[utoipa::path(
    get, path = "/api/applications/{id}", operation_id = "readApplication",
    params(("id" = String, Path, description = "The application")),
    responses((status = 200, description = "The application, with what may be done now", body = ApplicationView))
)]
async fn read_application(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let (_, access) = find_readable(app, request, id, Action::Read).await?;
    let (term, hold) = term_and_hold(app, request, &access.head).await?;
    let rows = Row::all(app, request, vec![access]).await?;
    let row = rows.first().ok_or(Problem::new(ProblemKind::NotFound))?;
    http::json(200, &ApplicationView { term, hold, ..row.view() })
}

/// The term that runs at the arrival of the request, outages included (CNF-3, CNF-4), and why the case waits for a person
/// where its term is over (CNF-1).
async fn term_and_hold(
    app: &App,
    request: &ApiRequest,
    head: &Application,
) -> Result<(Option<TermView>, Option<HoldView>), Problem> {
    if head.procedure().is_none() {
        return Ok((None, None));
    }
    let campaign = app.store.campaigns.in_force(&head.campaign, request.arrival).await?;
    let Some(campaign) = campaign else { return Ok((None, None)) };
    let now = campaign.effective_now(request.arrival);
    let outages = app.store.outages.all().await?;
    let context = Context { campaign: &campaign, now, outages: &outages };
    let term = head.running_term(&context)?.map(|term| TermView::of(&term, now));
    Ok((term, head.hold(&context)?.map(HoldView::for_applicant)))
}

/// Everything that happened, oldest first (AUD-1).
#[utoipa::path(
    get, path = "/api/applications/{id}/history", operation_id = "readHistory",
    params(("id" = String, Path, description = "The application")),
    responses((status = 200, description = "Every event, oldest first", body = HistoryView))
)]
async fn history(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let (caller, access) = find_readable(app, request, id, Action::ReadHistory).await?;
    let events = app.store.applications.history(&access.head.id).await?;
    http::json(200, &HistoryView::of(&events, &caller.account))
}

/// What was sent, and its fate (COM-1, COM-2).
#[utoipa::path(
    get, path = "/api/applications/{id}/communications", operation_id = "readCommunications",
    params(("id" = String, Path, description = "The application")),
    responses((status = 200, description = "Everything that was sent, with its fate", body = CommunicationView))
)]
async fn communications(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let (_, access) = find_readable(app, request, id, Action::ReadCommunications).await?;
    let id = &access.head.id;
    let notices = app.store.applications.notices(id).await?;
    let is_sent = access.head.state().is_sent();
    let (term, hold) = term_and_hold(app, request, &access.head).await?;
    let beside = TimelineSources {
        remarks: if is_sent {
            app.store.drafts.remarks_by_version(id).await?
        } else {
            BTreeMap::new()
        },
        documents: if is_sent { app.store.documents.of(id).await? } else { Vec::new() },
        term,
        hold,
        allowed: access.actions(),
    };
    http::json(200, &CommunicationView::of(&notices, beside))
}

/// The receipt's document, downloadable for good (SUB-6).
#[utoipa::path(
    get, path = "/api/applications/{id}/receipt", operation_id = "downloadReceipt",
    params(("id" = String, Path, description = "The application")),
    responses((status = 200, description = "The signed document, byte for byte as at the submission"), (status = 409, description = "Not sent yet: there is no receipt"))
)]
async fn receipt(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let not_sent = |problem: Problem| match problem.kind() {
        ProblemKind::WrongState => {
            problem.detail("La domanda non è ancora stata inviata: non c'è una ricevuta.")
        }
        _ => problem,
    };
    let (_, access) =
        find_readable(app, request, id, Action::DownloadReceipt).await.map_err(not_sent)?;
    let key = ReceiptKey::derive(&app.receipts, &access.head.campaign);
    let receipt =
        access.head.receipt(&key).ok_or_else(|| not_sent(Problem::new(ProblemKind::WrongState)))?;
    http::document(200, receipt.sign(&key).to_document())
}

/// An application that the caller may see in this way; anything else is not there.
async fn find_readable(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
    action: Action,
) -> Result<(Caller, ApplicationAccess), Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let access = ApplicationAccess::find(&app.store.applications, &caller, &id.read()?).await?;
    access.require(action)?;
    Ok((caller, access))
}
