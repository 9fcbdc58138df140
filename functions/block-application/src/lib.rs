//! "Non sono stato io": the employer stops an application that another person began; an office looks at it and lets it
//! go on (NEW-5).

mod page;
mod view;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::{
    application::{Application, Who},
    form::Schema,
    ids::ApplicationId,
    lifecycle::State,
    permission::{self, Action, Role},
};
use edge::{
    access::{ApplicationAccess, Authenticator},
    cursor::CursorKey,
    form,
    http::{
        self, ApiRequest, Form as _, PageQuery, Problem, ProblemKind,
        form::{Input as _, Mistake, text},
    },
    routes,
    routes::InPath,
};
use lambda_http::{Body, Request, Response};
use outside::{
    activation_codes::ActivationCodes,
    aws,
    block_links::BlockLinks,
    config::{self, ConfigError},
    keying::Keying,
};
use store::{
    Store,
    applications::commit::Companion,
    contention::{Tries, none_on_conflict},
    drafts::Remark,
    flags::Flag,
    questions::Question,
    rows::SaveError,
    sessions::Caller,
};

pub use self::view::{BlockView, FlagList, ReleasedView};
use self::view::{Blockable, is_blocked};

/// The shortest reason that says something, in characters.
const SHORTEST_REASON: usize = 10;

/// What blocking needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
    codes: ActivationCodes,
    links: BlockLinks,
    cursors: CursorKey,
    public_origin: String,
}

impl App {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        let public_origin = config::required("PUBLIC_ORIGIN")?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        Ok(Self {
            authenticator: Authenticator::from_environment(sdk, &store).await?,
            store,
            codes: ActivationCodes::new(&keying),
            links: BlockLinks::new(&keying),
            cursors: CursorKey::new(keying.derived("cursor")),
            public_origin,
        })
    }
}

routes! {
    App;
    WithLink: show_link(token), block_by_link(token);
    WithSession: block(id), release(id), list_flags();
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// The page behind the link in the message to the certified mailbox. It changes nothing: scanners of mail open every link.
///
/// With `Accept: application/json` the same is given as data.
#[utoipa::path(
    get, path = "/api/blocks/{token}", operation_id = "readBlockLink",
    params(("token" = String, Path, description = "From the link in the message; nothing else proves who asks")),
    responses(
        (status = 200, description = "What the application is and whether it can be blocked", content((String = "text/html"), (BlockView = "application/json"))),
        (status = 404, description = "No link of ours, or the application is gone"),
    )
)]
async fn show_link(
    app: &App,
    request: &ApiRequest,
    token: InPath<'_, String>,
) -> Result<Response<Body>, Problem> {
    let seen = async {
        let access = access_by_link(app, token).await?;
        link_response(app, request, &access).await
    };
    seen.await.map_err(|problem| for_people(request, problem))
}

/// One press on the page blocks the application; pressing again changes nothing and says the same.
#[utoipa::path(
    post, path = "/api/blocks/{token}", operation_id = "blockByLink",
    params(("token" = String, Path, description = "From the link in the message; nothing else proves who asks")),
    responses(
        (status = 200, description = "Blocked, now or before", content((String = "text/html"), (BlockView = "application/json"))),
        (status = 404, description = "No link of ours, or the application is gone"),
        (status = 409, description = "The procedure is beyond it; nothing changed"),
    )
)]
async fn block_by_link(
    app: &App,
    request: &ApiRequest,
    token: InPath<'_, String>,
) -> Result<Response<Body>, Problem> {
    let pressed = async {
        request.require_origin(&app.public_origin)?;
        let id = app.links.application(token.text()).ok_or(Problem::new(ProblemKind::NotFound))?;
        let stands = |head| Ok(ApplicationAccess::by_link(head));
        let access = ensure_blocked(app, request, &id, stands, &Who::CertifiedMailbox).await?;
        link_response(app, request, &access).await
    };
    pressed.await.map_err(|problem| for_people(request, problem))
}

/// *Non sono stato io* of a representative who is signed in; a password is enough.
#[utoipa::path(
    post, path = "/api/applications/{id}/block", operation_id = "blockApplication",
    params(("id" = String, Path, description = "The application")),
    responses(
        (status = 200, description = "Blocked, now or before", body = BlockView),
        (status = 403, description = "Wrong origin, or not the representative"),
        (status = 409, description = "The procedure is beyond it; nothing changed"),
    )
)]
async fn block(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change_at_level_1(request).await?;
    let id = id.read()?;
    let who = Who::Account(caller.account.clone());
    let access =
        ensure_blocked(app, request, &id, |head| ApplicationAccess::of(head, &caller), &who)
            .await?;
    http::json(200, &BlockView::of(&access, model_label(app, request, &access.head).await?))
}

/// *Sblocca*: an officer of the province, or an administrator, lets a blocked application go on, with the reason.
///
/// A draft goes back to *da validare* with a new code for the employer; what was sent is *in istruttoria*.
#[utoipa::path(
    post, path = "/api/applications/{id}/release", operation_id = "releaseApplication",
    params(("id" = String, Path, description = "The application")),
    request_body = ReleaseRequest,
    responses(
        (status = 200, description = "Released", body = ReleasedView),
        (status = 404, description = "Absent, of another province, or no longer an office's matter"),
        (status = 409, description = "It is not blocked"),
        (status = 422, description = "No reason, or too short a one"),
    )
)]
async fn release(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let id = id.read()?;
    let reason = reason(request)?;
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let access = ApplicationAccess::find(&app.store.applications, &caller, &id)
            .await
            .map_err(already_released)?;
        access.require(Action::Release).map_err(already_released)?;
        let released = release_once(app, request, &caller, &access.head, &reason).await?;
        if let Some(after) = none_on_conflict(released)? {
            return http::json(200, &ReleasedView::of(&after));
        }
    }
}

/// Blocked applications that wait for an office, and those of which a document or communication was given up: for officers
/// those of their province, for administrators all.
#[utoipa::path(
    get, path = "/api/flags", operation_id = "listFlags",
    params(
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of flags", body = FlagList),
        (status = 403, description = "Neither an officer nor an administrator, or too low a level"),
        (status = 422, description = "Wrong limit or cursor"),
    )
)]
async fn list_flags(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    if !permission::sees_flags(caller.role) {
        return Err(Problem::new(ProblemKind::NotAllowed));
    }
    caller.require_level_2()?;
    let province = match (caller.role, &caller.province) {
        (Role::Administrator, _) => None,
        (_, Some(province)) => Some(province.as_str()),
        (_, None) => return Err(Problem::new(ProblemKind::NotAllowed)),
    };
    // An officer who moves to another province begins there anew.
    let list = format!("flags-{}", province.unwrap_or_default());
    let page_query = PageQuery::read(request, &app.cursors, &caller.account, &list)?;
    let mut flags =
        app.store.flags.page(province, page_query.after(), page_query.rows_to_read()).await?;
    let more = page_query.truncate(&mut flags);
    let next = flags.last().filter(|_| more).map(|last| page_query.next(last.place()));
    http::json(200, &FlagList { flags: visible_flags(app, &caller, &flags).await?, next })
}

/// Blocks unless it is blocked already; gives the application as it stands then.
async fn ensure_blocked(
    app: &App,
    request: &ApiRequest,
    id: &ApplicationId,
    stands: impl Fn(Application) -> Result<ApplicationAccess, Problem>,
    who: &Who,
) -> Result<ApplicationAccess, Problem> {
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let head =
            app.store.applications.head(id).await?.ok_or(Problem::new(ProblemKind::NotFound))?;
        let access = stands(head)?;
        if is_blocked(&access.head) && access.may_in_state(State::ToComplete, Action::Block) {
            return Ok(access);
        }
        access.require(Action::Block).map_err(not_blockable)?;
        let schema =
            Schema::find(&access.head.schema).ok_or(Problem::new(ProblemKind::NoSuchModel))?;
        let values = app.store.drafts.load(id).await?.values();
        let province = schema.province_of_a_flag(&values);
        let Ok(decision) = access.head.block(province, who.clone(), request.arrival) else {
            return Err(not_blockable(Problem::new(ProblemKind::WrongState)));
        };
        // If it was saved, sent, or blocked meanwhile, the request is judged again by what is stored now.
        if none_on_conflict(app.store.applications.commit(&decision, &[]).await)?.is_some() {
            return stands(decision.into_after());
        }
    }
}

/// One attempt at a release. A draft's employer proves the certified mailbox again: the person who typed the first code
/// may be the one who was reported.
async fn release_once(
    app: &App,
    request: &ApiRequest,
    caller: &Caller,
    head: &Application,
    reason: &str,
) -> Result<Result<Application, SaveError>, Problem> {
    let now = request.arrival;
    let Ok(decision) = head.release(Who::Account(caller.account.clone()), now) else {
        return Err(Problem::new(ProblemKind::WrongState));
    };
    let remark = Remark::Release { reason: reason.to_owned(), at: now };
    let (mut code, mut asked) = (None, Vec::new());
    if decision.after().state() == State::ToValidate {
        match app.store.applications.activation(&head.id).await? {
            Some(before) => {
                let campaign = app.store.campaigns.in_force(&head.campaign, now).await?;
                let campaign = campaign.ok_or(Problem::new(ProblemKind::NoSuchModel))?;
                let nonce = aws::random().map_err(|error| Problem::internal(&error))?;
                // An office's decision does not count towards the limit on codes.
                let issued = app
                    .codes
                    .issue(&head.id, None, &campaign, nonce, now)
                    .map_err(|error| Problem::internal(&error))?;
                code = Some((before, issued));
            }
            // The registries had not confirmed yet when it was blocked: the portal asks them again, and the code
            // follows.
            None => {
                let tasks = app.store.applications.tasks(&head.id).await?;
                asked.extend(Question::Check.new_task(&tasks, now));
            }
        }
    }
    let mut along =
        vec![Companion::Remark(&app.store.drafts, &remark), Companion::NewQuestions(&asked)];
    along.extend(code.iter().map(|(before, issued)| Companion::ReplacedCode(before, issued)));
    Ok(app.store.applications.commit(&decision, &along).await.map(|()| decision.into_after()))
}

async fn access_by_link(
    app: &App,
    token: InPath<'_, String>,
) -> Result<ApplicationAccess, Problem> {
    let absent = || Problem::new(ProblemKind::NotFound);
    let id = app.links.application(token.text()).ok_or_else(absent)?;
    let access =
        ApplicationAccess::by_link(app.store.applications.head(&id).await?.ok_or_else(absent)?);
    // A deleted one is as absent as one that never was.
    if access.may_in_state(access.head.state(), Action::Read) { Ok(access) } else { Err(absent()) }
}

/// The answer to the holder of a link: a page, or data for a client that asks for data.
async fn link_response(
    app: &App,
    request: &ApiRequest,
    access: &ApplicationAccess,
) -> Result<Response<Body>, Problem> {
    let view = BlockView::of(access, model_label(app, request, &access.head).await?);
    if wants_data(request) { http::json(200, &view) } else { http::page(200, &page::about(&view)) }
}

fn for_people(request: &ApiRequest, problem: Problem) -> Problem {
    if wants_data(request) {
        return problem;
    }
    let problem = match problem.kind() {
        ProblemKind::NotFound => problem.detail("Il collegamento non è valido, oppure la domanda è stata eliminata. Copia l'indirizzo per intero dal messaggio PEC e riprova."),
        _ => problem,
    };
    let page = page::trouble(&problem, &request.request_id);
    problem.as_page(page)
}

fn wants_data(request: &ApiRequest) -> bool {
    request.header("accept").is_some_and(|types| types.contains("json"))
}

async fn model_label(
    app: &App,
    request: &ApiRequest,
    head: &Application,
) -> Result<Option<String>, Problem> {
    let campaign = app.store.campaigns.in_force(&head.campaign, request.arrival).await?;
    Ok(campaign
        .and_then(|campaign| campaign.model(&head.model).map(|model| model.label().to_owned())))
}

/// The flags whose applications are still there for the caller.
async fn visible_flags(
    app: &App,
    caller: &Caller,
    flags: &[Flag],
) -> Result<Vec<view::FlagView>, Problem> {
    let ids: Vec<ApplicationId> = flags.iter().map(|flag| flag.application.clone()).collect();
    let heads = app.store.applications.heads(&ids).await?;
    let mut shown = Vec::with_capacity(flags.len());
    for flag in flags {
        let head = heads.iter().find(|head| head.id == flag.application).cloned();
        let head = head.filter(|head| flag.stuck.is_some() || is_blocked(head));
        if let Some(Ok(access)) = head.map(|head| ApplicationAccess::of(head, caller)) {
            shown.push(view::FlagView::of(flag, &access));
        }
    }
    Ok(shown)
}

form! {
    /// The body of a release.
    pub(crate) struct ReleaseRequest {
        /// Why the application may go on: what was found, in 10 to 500 characters. The employer and who filed read it.
        reason: String = text().shortest(SHORTEST_REASON).checked(reason_of),
    }
}

fn reason(request: &ApiRequest) -> Result<String, Problem> {
    let mut body: ReleaseRequest = request.form()?;
    let reason = body.reason();
    body.complete(reason)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn reason_of(text: String) -> Result<String, Mistake> {
    let text = text.trim();
    if text.chars().count() < SHORTEST_REASON {
        let message = "Scrivi perché la domanda può andare avanti, in almeno 10 caratteri.";
        return Err(Mistake::new("troppo-corto", message));
    }
    Ok(text.to_owned())
}

/// The office does not see a released draft: an officer who presses twice gets 404, with the likely reason.
fn already_released(problem: Problem) -> Problem {
    match problem.kind() {
        ProblemKind::NotFound => problem.detail("La domanda non esiste, non è di competenza del tuo ufficio, oppure è già stata sbloccata ed è tornata in compilazione. Controlla nell'elenco delle segnalazioni: se non c'è più, non devi fare altro."),
        _ => problem,
    }
}

/// A refusal by state, in words about blocking.
fn not_blockable(problem: Problem) -> Problem {
    match problem.kind() {
        ProblemKind::WrongState => problem.detail(Blockable::NoLonger.message()),
        _ => problem,
    }
}

#[cfg(test)]
mod tests;
