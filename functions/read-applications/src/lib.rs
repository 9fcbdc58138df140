//! Shows a person their applications: list, search, readiness, one, history, communications, receipt (PER-1, OWN-1,
//! SRC-1, NEW-2, SUB-6, COM-1, AUD-1).

mod communications;
mod deadlines;
mod part;
mod radar;
mod registration;
mod row;
mod search;
mod unanswered;
mod view;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::{
    application::Application,
    decision::{Context, StepError},
    document::DocumentKind,
    ids::ApplicationId,
    office,
    permission::Action,
};
use edge::{
    access::{ApplicationAccess, Authenticator, HoldView, PlaceView, TermView},
    cursor::CursorKey,
    http::{self, ApiRequest, PageQuery, Problem, ProblemKind, page_query::WRONG_CURSOR},
    routes,
    routes::InPath,
};
use lambda_http::{Body, Request, Response, http::HeaderValue};
use outside::{
    config::{self, ConfigError},
    files::Files,
    key_ring::ReceiptKeys,
    keying::Keying,
};
use store::{Store, documents::newest, sessions::Caller};

pub use self::{
    communications::CommunicationList,
    view::{ApplicationList, ApplicationView, CommunicationView, HistoryView},
};
use self::{row::Row, view::Shape};

/// What reading needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
    keying: Keying,
    cursors: CursorKey,
    receipts: ReceiptKeys,
    files: Files,
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
            receipts: ReceiptKeys::new(config::keys_of_secret(sdk, "RECEIPT_SECRET_ID").await?),
            files: Files::new(sdk, config::required("DOCUMENTS_BUCKET")?),
        })
    }
}

routes! {
    App;
    WithSession:
        list(), search::search(), radar::readiness(), read_application(id), history(id),
        communications::of_all(), communications::of_one(id), receipt(id);
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// *Riepilogo domande*: the applications of the caller as representative, filer, or colleague of the filer.
///
/// `sort=deadline` gives those alone for which a term runs, the one that ends first first. No request reads more than a thousand
/// applications: whoever has more gets this order within each thousand, and a page may be short or empty although more follow.
#[utoipa::path(
    get, path = "/api/applications", operation_id = "listApplications",
    params(
        ("sort" = Option<String>, Query, description = "`deadline`; by identifier when not given"),
        ("fields" = Option<String>, Query, description = "`row` leaves out of each what a table does not show: the digest, what is missing or awaited, and every null"),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of applications", body = ApplicationList),
        (status = 422, description = "Wrong limit or cursor, or no such order or fields"),
    )
)]
async fn list(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let shape = Shape::named(request.query("fields"))
        .ok_or_else(|| Problem::field("fields", "Scrivi row, oppure togli il parametro."))?;
    match request.query("sort") {
        None => {}
        Some("deadline") => return deadlines::list(app, request, &caller, shape).await,
        Some(_) => {
            return Err(Problem::field("sort", "Scrivi deadline, oppure togli il parametro."));
        }
    }
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
    let mut rows = Row::all(app, request, visible(app, &caller, &ids).await?).await?;
    Row::add_what_runs(app, &mut rows).await?;
    let is_empty = rows.is_empty() && after.is_none() && next.is_none();
    let message = is_empty.then(|| NO_APPLICATIONS.to_owned());
    let applications = rows.iter().map(Row::view).collect();
    shape.answer(&ApplicationList { applications, next, message, counts: None })
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
    let registration = registration::of(app, &access).await?;
    let mut rows = Row::all(app, request, vec![access]).await?;
    Row::add_what_runs(app, &mut rows).await?;
    let row = rows.first().ok_or(Problem::new(ProblemKind::NotFound))?;
    let mut view = row.view();
    if let Some(activation) = view.activation {
        let notices = app.store.applications.notices(&row.access.head.id).await?;
        view.activation = Some(activation.with_fate(&notices));
    }
    let head = &row.access.head;
    let place = place(app, request, head).await?;
    let office = head.stage.submission().map(|sent| office::competent_in(&sent.ready.province));
    let filed_by = Some(head.parties.filed_by());
    http::json(200, &ApplicationView { registration, place, office, filed_by, ..view })
}

/// Position and place of an application that was sent, once they are final (RNK-1).
async fn place(
    app: &App,
    request: &ApiRequest,
    head: &Application,
) -> Result<Option<PlaceView>, Problem> {
    if head.stage.submission().is_none() {
        return Ok(None);
    }
    let place = app.store.places.of(&head.id).await?;
    let campaign = app.store.campaigns.in_force(&head.campaign, request.arrival).await?;
    let (Some(place), Some(campaign)) = (place, campaign) else { return Ok(None) };
    Ok(Some(PlaceView::of(&place, &campaign)))
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
    Ok(term_and_hold_in(head, &context)?)
}

/// The same where campaign, instant and outages are at hand.
fn term_and_hold_in(
    head: &Application,
    context: &Context<'_>,
) -> Result<(Option<TermView>, Option<HoldView>), StepError> {
    let term = head.running_term(context)?.map(|term| TermView::of(&term, context.now));
    Ok((term, head.hold(context)?.map(HoldView::for_applicant)))
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

/// The receipt, downloadable for good: the signed document, or a link to the same facts as PDF (SUB-4, SUB-6).
#[utoipa::path(
    get, path = "/api/applications/{id}/receipt", operation_id = "downloadReceipt",
    params(
        ("id" = String, Path, description = "The application"),
        ("format" = Option<String>, Query, description = "`json` for the signed document, which is what counts; `pdf` for people. `json` when not given"),
    ),
    responses(
        (status = 200, description = "The signed document, byte for byte as at the submission"),
        (status = 303, description = "To the PDF, by a link that is good for five minutes"),
        (status = 409, description = "Not sent yet: there is no receipt; or its PDF is being made"),
        (status = 422, description = "`format` is neither `json` nor `pdf`"),
    )
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
    let receipt = app.receipts.receipt(&access.head);
    let receipt = receipt.ok_or_else(|| not_sent(Problem::new(ProblemKind::WrongState)))?;
    let name = format!("ricevuta-{}", receipt.receipt().code);
    match request.query("format") {
        None | Some("json") => {
            let mut response = http::document(200, receipt.to_document())?;
            let named = format!("attachment; filename=\"{name}.json\"");
            let named = HeaderValue::try_from(named).map_err(|error| Problem::internal(&error))?;
            response.headers_mut().insert("content-disposition", named);
            Ok(response)
        }
        Some("pdf") => {
            let rows = app.store.documents.of(&access.head.id).await?;
            let made = newest(&rows, DocumentKind::Receipt).and_then(|row| row.file.as_ref());
            let file = made.ok_or_else(|| {
                Problem::new(ProblemKind::WrongState).detail(
                    "Il PDF della ricevuta è in preparazione: riprova tra qualche minuto. La ricevuta firmata (JSON) si può già scaricare, ed è quella che fa fede.",
                )
            })?;
            http::see_other(&communications::link(app, file, &format!("{name}.pdf")).await?, &[])
        }
        Some(_) => Err(Problem::field("format", "Scegli json oppure pdf.")),
    }
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
