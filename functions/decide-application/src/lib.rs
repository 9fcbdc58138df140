//! The work of an office: the cases of its province, the dossier of each, and every decision about it (DEC-1, CNF-4,
//! CTR-1, AGR-1, MOD-1, COM-2).

mod decision;
mod request;
mod view;

use std::{collections::BTreeMap, convert::Infallible, time::Duration};

use aws_config::SdkConfig;
use domain::{
    application::{Application, Who},
    calendar,
    decision::{Context, Place},
    form::Schema,
    ids::ApplicationId,
    lifecycle::{Event, State, consequence::Cause},
    notice::NoticeKind,
    permission::{self, Action},
};
use edge::{
    access::{ApplicationAccess, Authenticator, PlaceView},
    cursor::CursorKey,
    http::{self, ApiRequest, PageQuery, Problem, ProblemKind, page_query::WRONG_CURSOR},
    routes,
    routes::InPath,
};
use futures::{StreamExt as _, TryStreamExt as _, future, stream};
use jiff::{Timestamp, civil::Date};
use lambda_http::{Body, Request, Response};
use outside::{
    config::{self, ConfigError},
    files::{FileError, Files},
    keying::Keying,
};
use store::{
    Store,
    applications::commit::Companion,
    contention::{Tries, none_on_conflict},
    documents::DocumentRow,
    drafts::Remark,
    offices::{Arrivals, ListedCase},
    outbox::NoticeRow,
    rows::{StoreError, instant},
    sessions::Caller,
    uploads::UploadRow,
};

pub use self::view::{CaseList, CaseView, DossierView};
use self::{
    request::{DecisionRequest, ParsedDecision},
    view::{
        ConsularView, CountView, DossierDocument, DossierNotice, DossierUpload, EvidenceView,
        Parts, RemarkView, did_not_arrive, newest,
    },
};

/// Cases whose notices are read at once.
const AT_ONCE: usize = 16;
/// For how long a link to a file is good.
const LINK_LASTS: Duration = Duration::from_mins(5);

/// What an office's work needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
    cursors: CursorKey,
    /// What the portal made, and what people sent that passed the checks.
    kept: Files,
    /// What people sent, as it came.
    quarantine: Files,
}

impl App {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        let authenticator = Authenticator::from_environment(sdk, &store).await?;
        Ok(Self {
            authenticator,
            store,
            cursors: CursorKey::new(keying.derived("cursor")),
            kept: Files::new(sdk, config::required("DOCUMENTS_BUCKET")?),
            quarantine: Files::new(sdk, config::required("UPLOADS_BUCKET")?),
        })
    }
}

routes! {
    App;
    WithSession: list(), dossier(id), decide(id);
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// The cases of the officer's province in one state, oldest arrival first.
///
/// The list may lag a moment behind: what moved on meanwhile is left out, so that a page may be shorter than asked for.
#[utoipa::path(
    get, path = "/api/office/applications", operation_id = "listOfficeCases",
    params(
        ("state" = Option<String>, Query, description = "State code of sent cases, `submitted` when not given"),
        ("arrived_from" = Option<String>, Query, description = "Only those that arrived on this day in Rome or later, as `2026-01-31`"),
        ("arrived_until" = Option<String>, Query, description = "Only those that arrived on this day in Rome or earlier"),
        ("counts" = Option<bool>, Query, description = "Whether the answer tells how many cases the office has in each state; with the first page alone"),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of cases", body = CaseList),
        (status = 403, description = "Not an officer of a province, or too low a level"),
        (status = 422, description = "No such state or day, wrong limit or cursor"),
    )
)]
async fn list(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let province = officer_province(&caller)?;
    caller.require_level_2()?;
    let state = read_state(request)?;
    let arrivals = Arrivals {
        from: read_day(request, "arrived_from")?.map(calendar::start_of_day),
        until: read_day(request, "arrived_until")?.map(calendar::end_of_day),
    };
    let wants_counts = read_flag(request, "counts")?;
    // An officer who moves to another province begins there anew.
    let name = format!("office-{province}-{state}-{arrivals:?}");
    let page_query = PageQuery::read(request, &app.cursors, &caller.account, &name)?;
    let after = page_query
        .after()
        .map(|place| {
            ListedCase::at_place(place).ok_or_else(|| Problem::field("cursor", WRONG_CURSOR))
        })
        .transpose()?;
    let mut listed = app
        .store
        .offices
        .page(province, state, arrivals, after.as_ref(), page_query.rows_to_read())
        .await?;
    let more = page_query.truncate(&mut listed);
    let next = listed.last().filter(|_| more).map(|last| page_query.next(&last.place()));
    let ids: Vec<_> = listed.into_iter().map(|listed| listed.application).collect();
    // The index lags, so the heads decide.
    let heads = app.store.applications.heads_consistent(&ids).await?;
    let access: Vec<ApplicationAccess> = heads
        .into_iter()
        .filter(|head| head.state() == state && head.province() == Some(province))
        .filter_map(|head| ApplicationAccess::of(head, &caller).ok())
        .collect();
    let counts =
        if wants_counts && after.is_none() { Some(counts(app, province).await?) } else { None };
    http::json(200, &CaseList { cases: rows(app, request, &access).await?, next, counts })
}

/// How many cases the province has in each state in which a sent case can be.
async fn counts(
    app: &App,
    province: &str,
) -> Result<BTreeMap<&'static str, CountView>, StoreError> {
    let states: Vec<State> = State::ALL.iter().copied().filter(|state| state.is_sent()).collect();
    let mut asked = Vec::with_capacity(states.len());
    for state in &states {
        asked.push(app.store.offices.count(province, *state));
    }
    let counted: Vec<_> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    let of_state = states.iter().zip(counted);
    Ok(of_state.map(|(state, counted)| (state.code(), CountView::of(counted))).collect())
}

/// Everything about one case of the officer's province.
#[utoipa::path(
    get, path = "/api/office/applications/{id}", operation_id = "readOfficeCase",
    params(("id" = String, Path, description = "The application")),
    responses(
        (status = 200, description = "The dossier", body = DossierView),
        (status = 403, description = "Not an officer of a province, or too low a level"),
        (status = 404, description = "Absent, not sent, or of another province"),
    )
)]
async fn dossier(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    officer_province(&caller)?;
    caller.require_level_2()?;
    let access = find_case(app, &caller, &id.read()?).await?;
    access.require(Action::ReadForm)?;
    let id = &access.head.id;
    let (remarks, evidence, notices) = future::try_join3(
        app.store.drafts.remarks(id),
        app.store.evidence.of(id),
        app.store.applications.notices(id),
    )
    .await?;
    let (documents, uploads, messages) = future::try_join3(
        app.store.documents.of(id),
        app.store.uploads.of(id),
        app.store.consular_messages.of(id),
    )
    .await?;
    let case = row(app, request, &access).await?;
    let (documents, uploads) = future::try_join(
        document_views(app, &documents),
        upload_views(app, &access.head, uploads, request.arrival),
    )
    .await?;
    http::json(
        200,
        &DossierView {
            case,
            remarks: remarks.into_iter().map(RemarkView::of).collect(),
            evidence: evidence.iter().map(EvidenceView::of).collect(),
            documents,
            uploads,
            consular_messages: messages.iter().map(ConsularView::of).collect(),
            notices: DossierNotice::all(&notices, &access),
        },
    )
}

/// The documents with their links; signing a link asks nobody.
async fn document_views(app: &App, rows: &[DocumentRow]) -> Result<Vec<DossierDocument>, Problem> {
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let link = match &row.file {
            Some(file) => {
                let name = format!("{}-{}.pdf", row.kind.code(), row.version);
                Some(app.kept.link(file, &name, LINK_LASTS).await.map_err(unavailable)?)
            }
            None => None,
        };
        views.push(DossierDocument::of(row, link));
    }
    Ok(views)
}

/// The uploads with their links, newest last. A refused file is given as it came, to be saved and never shown, while the
/// quarantine has it; one with malware is given to nobody.
async fn upload_views(
    app: &App,
    head: &Application,
    mut rows: Vec<UploadRow>,
    now: Timestamp,
) -> Result<Vec<DossierUpload>, Problem> {
    let schema = Schema::find(&head.schema);
    rows.sort_by_key(DossierUpload::place);
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let link = match &row.file {
            Some(file) => Some(app.kept.link(file, &row.file_name(), LINK_LASTS).await),
            None if row.is_in_quarantine(now) => {
                let name = format!("rifiutato-{}", row.file_name());
                Some(app.quarantine.unchecked_link(&row.object, &name, LINK_LASTS).await)
            }
            None => None,
        };
        let link = link.transpose().map_err(unavailable)?;
        views.push(DossierUpload::of(row, schema, link));
    }
    Ok(views)
}

#[expect(clippy::needless_pass_by_value, reason = "it maps the error of a call")]
fn unavailable(error: FileError) -> Problem {
    Problem::unavailable(&error)
}

/// A decision about a case of the officer's province. Repeated by the same officer it changes nothing and answers the
/// same.
#[utoipa::path(
    post, path = "/api/office/applications/{id}/decisions", operation_id = "decideOfficeCase",
    params(("id" = String, Path, description = "The application")),
    request_body = DecisionRequest,
    responses(
        (status = 200, description = "Decided, now or before by the same request", body = CaseView),
        (status = 403, description = "Wrong origin, not an officer of a province, or too low a level"),
        (status = 404, description = "Absent, not sent, or of another province"),
        (status = 409, description = "The state does not allow it, the case has another version by now (`now` is its row), a term still runs, it is not in quota, or no such PEC failed; nothing changed"),
        (status = 422, description = "No such decision, no reason or version where one is needed, wrong types"),
    )
)]
async fn decide(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    officer_province(&caller)?;
    let id = id.read()?;
    let parsed = ParsedDecision::read(request)?;
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let access = find_case(app, &caller, &id).await?;
        if is_repeated(app, &caller, &access.head, &parsed).await? {
            return http::json(200, &row(app, request, &access).await?);
        }
        if parsed.version.is_some_and(|version| version != access.head.version) {
            return Err(overtaken(&row(app, request, &access).await?));
        }
        access
            .require(parsed.decision.action)
            .map_err(|problem| closed(problem, &access, &parsed))?;
        // If another request was faster, or the quota moved, the decision is judged anew by what is stored now.
        if let Some(after) = decide_once(app, request, &caller, &access, &parsed).await? {
            let access = ApplicationAccess::of(after, &caller)?;
            return http::json(200, &row(app, request, &access).await?);
        }
    }
}

/// The province on whose cases the caller works; other callers do not learn whether there are any.
fn officer_province(caller: &Caller) -> Result<&str, Problem> {
    let province = caller.province.as_deref().filter(|_| permission::works_on_cases(caller.role));
    province.ok_or_else(|| Problem::new(ProblemKind::NotAllowed))
}

/// A case of the caller's office: an application that was never sent is none, though a blocked draft is flagged to the
/// office (NEW-5).
async fn find_case(
    app: &App,
    caller: &Caller,
    id: &ApplicationId,
) -> Result<ApplicationAccess, Problem> {
    let access =
        ApplicationAccess::find(&app.store.applications, caller, id).await.map_err(elsewhere)?;
    if access.head.procedure().is_some() {
        Ok(access)
    } else {
        Err(elsewhere(Problem::new(ProblemKind::NotFound)))
    }
}

fn elsewhere(problem: Problem) -> Problem {
    match problem.kind() {
        ProblemKind::NotFound => problem.detail("La pratica non esiste oppure non è di competenza del tuo ufficio. Controlla il numero nell'elenco delle pratiche."),
        _ => problem,
    }
}

/// A refusal by state in an officer's words.
fn closed(problem: Problem, access: &ApplicationAccess, parsed: &ParsedDecision) -> Problem {
    if problem.kind() != ProblemKind::WrongState {
        return problem;
    }
    let state = access.head.state();
    let waits_for_agreement = parsed.decision.cause == Cause::Event(Event::IssueModules)
        && state.on(Event::IssueModules).is_ok();
    let detail = if waits_for_agreement {
        "I moduli si emettono dopo la validazione dell'Accordo di integrazione: completa prima l'Accordo.".to_owned()
    } else {
        format!(
            "La pratica è «{}» e questa decisione non è possibile. Controlla com'è adesso e scegli tra le decisioni proposte.",
            state.label()
        )
    };
    problem.detail(detail).with("state", state.code())
}

/// Two officers, or the portal and an officer, at once: an officer who saw an older version decides again by the
/// present one.
fn overtaken(now: &CaseView) -> Problem {
    Problem::new(ProblemKind::Conflict)
        .detail("La pratica è cambiata da quando l'hai aperta, per un'altra decisione o per un aggiornamento del portale. Controlla come si trova ora e, se serve, decidi di nuovo.")
        .with("now", serde_json::to_value(now).unwrap_or_default())
}

fn not_in_quota() -> Problem {
    Problem::new(ProblemKind::NotInQuota)
}

/// One try at a decision; none when another request was faster.
async fn decide_once(
    app: &App,
    request: &ApiRequest,
    caller: &Caller,
    access: &ApplicationAccess,
    parsed: &ParsedDecision,
) -> Result<Option<Application>, Problem> {
    let head = &access.head;
    let campaign = app.store.campaigns.in_force(&head.campaign, request.arrival).await?;
    let campaign = campaign.ok_or(Problem::new(ProblemKind::NoSuchModel))?;
    let now = campaign.effective_now(request.arrival);
    let outages = app.store.outages.all().await?;
    let context = Context { campaign: &campaign, now, outages: &outages };
    let who = Who::Account(caller.account.clone());
    let decided = match parsed.decision.cause {
        Cause::Event(Event::TakeCharge) => {
            head.take_charge(entry_in_quota(app, head).await?, who, &context)
        }
        Cause::Event(event) => head.step(event, who, &context),
        Cause::Agreement(event) => head.agreement_step(event, who, &context),
        Cause::Act(_) => {
            let notices = app.store.applications.notices(&head.id).await?;
            Ok(head.send_again(failed(&notices, parsed.notice)?, who, now))
        }
    };
    let decision = decided.map_err(|error| closed(Problem::from(error), access, parsed))?;
    if decision.place() == Place::Required {
        require_in_quota(app, head).await?;
    }
    let remark = parsed.reason.as_ref().map(|reason| Remark::Reason {
        event: parsed.decision.code().to_owned(),
        text: reason.clone(),
        at: now,
    });
    let along: Vec<_> =
        remark.iter().map(|remark| Companion::Remark(&app.store.drafts, remark)).collect();
    let stored = none_on_conflict(app.store.applications.commit(&decision, &along).await)?;
    Ok(stored.map(|()| decision.into_after()))
}

/// Refuses what has no place, with the reason; the write asks for it once more (RNK-1, DEC-1).
async fn require_in_quota(app: &App, head: &Application) -> Result<(), Problem> {
    let place = app.store.places.of(&head.id).await?.ok_or_else(|| {
        not_in_quota().detail("La domanda non ha ancora un posto nella graduatoria della sua quota: il nulla osta si rilascia dopo l'assegnazione.")
    })?;
    if place.in_quota() {
        return Ok(());
    }
    Err(not_in_quota()
        .detail("La posizione della domanda è oltre i posti disponibili nelle quote per cui concorre: il nulla osta si può rilasciare se un posto si libera.")
        .with("ordinal", place.ordinal))
}

/// When the application entered the quota: the office's term runs from there (DEC-1). None while it has no place.
async fn entry_in_quota(app: &App, head: &Application) -> Result<Option<Timestamp>, Problem> {
    let since = app.store.places.of(&head.id).await?.and_then(|place| place.since);
    since.map(instant).transpose().map_err(|error| Problem::internal(&error))
}

/// The kind of the PEC that is sent anew: only what did not arrive is, and once (COM-2).
fn failed(notices: &[NoticeRow], kind: Option<NoticeKind>) -> Result<NoticeKind, Problem> {
    if let Some(kind) = kind.filter(|kind| newest(notices, *kind).is_some_and(did_not_arrive)) {
        return Ok(kind);
    }
    Err(Problem::new(ProblemKind::WrongState).detail("Non c'è una PEC di questo tipo che risulti non consegnata: non serve inviarla di nuovo. Controlla le comunicazioni della pratica."))
}

/// Whether this officer took the very same decision before and nothing happened since: a double click, or an answer that
/// was lost.
async fn is_repeated(
    app: &App,
    caller: &Caller,
    head: &Application,
    parsed: &ParsedDecision,
) -> Result<bool, Problem> {
    let decision = parsed.decision;
    let by_caller = |who: &str| who == caller.account.as_str();
    if let Some(kind) = parsed.notice {
        let notices = app.store.applications.notices(&head.id).await?;
        let Some(last) = newest(&notices, kind).filter(|row| !did_not_arrive(row)) else {
            return Ok(false);
        };
        let history = app.store.applications.history(&head.id).await?;
        return Ok(history.iter().any(|row| {
            row.action.as_deref() == Some(decision.code())
                && by_caller(&row.who)
                && row.version == u64::from(last.n)
        }));
    }
    if !decision.has_led_to(head) {
        return Ok(false);
    }
    let history = app.store.applications.history(&head.id).await?;
    let is_about = |code: &str| decision.is_about(code);
    let last = history.iter().rev().find(|row| row.event.as_deref().is_some_and(is_about));
    let Some(last) =
        last.filter(|row| row.event.as_deref() == Some(decision.code()) && by_caller(&row.who))
    else {
        return Ok(false);
    };
    // Another reason is another decision, which comes too late.
    let remarks = app.store.drafts.remarks_by_version(&head.id).await?;
    let given = match remarks.get(&last.version) {
        Some(Remark::Reason { text, .. }) => Some(text),
        _ => None,
    };
    Ok(given == parsed.reason.as_ref())
}

/// The row of one case.
async fn row(
    app: &App,
    request: &ApiRequest,
    access: &ApplicationAccess,
) -> Result<CaseView, Problem> {
    let mut rows = rows(app, request, std::slice::from_ref(access)).await?;
    rows.pop().ok_or_else(|| Problem::new(ProblemKind::NotFound))
}

/// The rows of these cases, in their order: names and places with one request for many; only the notices of each
/// lie in a partition of their own.
async fn rows(
    app: &App,
    request: &ApiRequest,
    access: &[ApplicationAccess],
) -> Result<Vec<CaseView>, Problem> {
    let ids: Vec<ApplicationId> = access.iter().map(|access| access.head.id.clone()).collect();
    let (summaries, places, outages) = future::try_join3(
        app.store.drafts.summaries(&ids),
        app.store.places.of_all(&ids),
        app.store.outages.all(),
    )
    .await?;
    let mut asked = Vec::with_capacity(ids.len());
    for id in &ids {
        asked.push(app.store.applications.notices(id));
    }
    let notices: Vec<Vec<NoticeRow>> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    let mut rows = Vec::with_capacity(access.len());
    for (access, notices) in access.iter().zip(&notices) {
        let head = &access.head;
        let campaign = app.store.campaigns.in_force(&head.campaign, request.arrival).await?;
        let campaign = campaign.ok_or(Problem::new(ProblemKind::NoSuchModel))?;
        let now = campaign.effective_now(request.arrival);
        let context = Context { campaign: &campaign, now, outages: &outages };
        let place = places.get(&head.id);
        rows.push(CaseView::of(Parts {
            access,
            campaign: Some(&campaign),
            summary: summaries.get(&head.id),
            term: head.running_term(&context)?,
            hold: head.hold(&context)?,
            place: place.map(|place| PlaceView::of(place, &campaign)),
            notices,
            now,
        }));
    }
    Ok(rows)
}

/// The state whose cases are asked for.
fn read_state(request: &ApiRequest) -> Result<State, Problem> {
    let Some(code) = request.query("state") else { return Ok(State::Submitted) };
    let state = code.parse().ok().filter(|state: &State| state.is_sent());
    state.ok_or_else(|| {
        Problem::field("state", "Indica lo stato di una pratica inviata, come nell'elenco.")
    })
}

/// A day of the query, where it is there.
fn read_day(request: &ApiRequest, name: &str) -> Result<Option<Date>, Problem> {
    let day = request.query(name).map(str::parse).transpose();
    day.map_err(|_| Problem::field(name, "Scrivi il giorno come 2026-01-31."))
}

/// A truth value of the query; false where it is not there.
fn read_flag(request: &ApiRequest, name: &str) -> Result<bool, Problem> {
    match request.query(name) {
        None => Ok(false),
        Some(text) => text.parse().map_err(|_| Problem::field(name, "Scrivi true oppure false.")),
    }
}

#[cfg(test)]
mod tests;
