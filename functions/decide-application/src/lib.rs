//! The work of an office: the cases of its province, the dossier of each, and every decision about it (DEC-1, CNF-4,
//! CTR-1, AGR-1, MOD-1, COM-2).

mod decision;
mod request;
mod view;

use std::{
    collections::{BTreeSet, HashMap},
    convert::Infallible,
};

use aws_config::SdkConfig;
use domain::{
    application::{Application, Who},
    decision::{Context, Place},
    ids::ApplicationId,
    lifecycle::{Event, State, consequence::Cause},
    notice::NoticeKind,
    permission::{self, Action},
};
use edge::{
    admission::{Door, Held},
    cursor::CursorKey,
    http::{self, Exchange, Problem, ProblemKind, Slice, slice::WRONG_CURSOR},
    routes,
    routes::InPath,
};
use futures::{StreamExt as _, TryStreamExt as _, future, stream};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response};
use outside::{
    config::{self, ConfigError},
    keying::Keying,
};
use store::{
    Store,
    applications::commit::Along,
    contention::{Tries, unless_faster},
    drafts::Remark,
    offices::Listed,
    outbox::NoticeRow,
    places::{LineRow, PlaceRow},
    rows::{StoreError, instant},
    sessions::Caller,
};

pub use self::view::{CaseList, CaseView, DossierView};
use self::{
    request::{DecisionRequest, Ordered},
    view::{
        ConsularView, DossierDocument, DossierNotice, DossierUpload, EvidenceView, Parts,
        PlaceView, RemarkView, did_not_arrive, newest,
    },
};

/// Cases whose notices are read at once.
const AT_ONCE: usize = 16;

/// What an office's work needs.
#[derive(Debug)]
pub struct Needs {
    door: Door,
    store: Store,
    cursors: CursorKey,
}

impl Needs {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        let door = Door::from_environment(sdk, &store).await?;
        Ok(Self { door, store, cursors: CursorKey::new(keying.derived("cursor")) })
    }
}

routes! {
    Needs;
    WithSession: list(), dossier(id), decide(id);
}

/// One request.
pub async fn handle(needs: &Needs, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(needs, request).await
}

/// The cases of the officer's province in one state, oldest arrival first.
///
/// The list may lag a moment behind: what moved on meanwhile is left out, so that a page may be shorter than asked for.
#[utoipa::path(
    get, path = "/api/office/applications", operation_id = "listOfficeCases",
    params(
        ("state" = Option<String>, Query, description = "State code, `submitted` when not given"),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of cases", body = CaseList),
        (status = 403, description = "Not an officer of a province, or too low a level"),
        (status = 422, description = "No such state, wrong limit or cursor"),
    )
)]
async fn list(needs: &Needs, exchange: &Exchange) -> Result<Response<Body>, Problem> {
    let caller = needs.door.reader(exchange).await?;
    let province = desk(&caller)?;
    caller.require_level_2()?;
    let state = asked_state(exchange)?;
    // An officer who moves to another province begins there anew.
    let name = format!("office-{province}-{state}");
    let slice = Slice::asked(exchange, &needs.cursors, &caller.account, &name)?;
    let after = slice
        .after()
        .map(|place| Listed::at_place(place).ok_or_else(|| Problem::field("cursor", WRONG_CURSOR)))
        .transpose()?;
    let mut listed =
        needs.store.offices.page(province, state, after.as_ref(), slice.to_read()).await?;
    let more = slice.cut(&mut listed);
    let next = listed.last().filter(|_| more).map(|last| slice.next(&last.place()));
    let ids: Vec<_> = listed.into_iter().map(|listed| listed.application).collect();
    // The index lags, so the heads decide.
    let heads = needs.store.applications.heads_as_written(&ids).await?;
    let held: Vec<Held> = heads
        .into_iter()
        .filter(|head| head.state() == state && head.province() == Some(province))
        .filter_map(|head| Held::of(head, &caller).ok())
        .collect();
    http::json(200, &CaseList { cases: rows(needs, exchange, &held).await?, next })
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
    needs: &Needs,
    exchange: &Exchange,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = needs.door.reader(exchange).await?;
    desk(&caller)?;
    caller.require_level_2()?;
    let held = case(needs, &caller, &id.read()?).await?;
    held.require(Action::ReadForm)?;
    let id = &held.head.id;
    let (remarks, evidence, notices) = future::try_join3(
        needs.store.drafts.remarks(id),
        needs.store.evidence.of(id),
        needs.store.applications.notices(id),
    )
    .await?;
    let (documents, uploads, messages) = future::try_join3(
        needs.store.documents.of(id),
        needs.store.uploads.of(id),
        needs.store.consular_messages.of(id),
    )
    .await?;
    let case = row(needs, exchange, &held).await?;
    http::json(
        200,
        &DossierView {
            case,
            remarks: remarks.into_iter().map(RemarkView::of).collect(),
            evidence: evidence.iter().map(EvidenceView::of).collect(),
            documents: documents.iter().map(DossierDocument::of).collect(),
            uploads: DossierUpload::all(uploads),
            consular_messages: messages.iter().map(ConsularView::of).collect(),
            notices: DossierNotice::all(&notices, &held),
        },
    )
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
    needs: &Needs,
    exchange: &Exchange,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = needs.door.actor(exchange).await?;
    desk(&caller)?;
    let id = id.read()?;
    let ordered = Ordered::read(exchange)?;
    let mut tries = Tries::at_one();
    loop {
        tries.begin().await?;
        let held = case(needs, &caller, &id).await?;
        if took_effect(needs, &caller, &held.head, &ordered).await? {
            return http::json(200, &row(needs, exchange, &held).await?);
        }
        if ordered.version.is_some_and(|version| version != held.head.version) {
            return Err(overtaken(&row(needs, exchange, &held).await?));
        }
        held.require(ordered.decision.action)
            .map_err(|problem| closed(problem, &held, &ordered))?;
        // If another request was faster, or the quota moved, the decision is judged anew by what is stored now.
        if let Some(after) = decided(needs, exchange, &caller, &held, &ordered).await? {
            let held = Held::of(after, &caller)?;
            return http::json(200, &row(needs, exchange, &held).await?);
        }
    }
}

/// The province on whose cases the caller works; other callers do not learn whether there are any.
fn desk(caller: &Caller) -> Result<&str, Problem> {
    let province = caller.province.as_deref().filter(|_| permission::works_on_cases(caller.role));
    province.ok_or_else(|| Problem::new(ProblemKind::NotAllowed))
}

/// A case of the caller's office: an application that was never sent is none, though a blocked draft is flagged to the
/// office (NEW-5).
async fn case(needs: &Needs, caller: &Caller, id: &ApplicationId) -> Result<Held, Problem> {
    let held = Held::find(&needs.store.applications, caller, id).await.map_err(elsewhere)?;
    if held.head.procedure().is_some() {
        Ok(held)
    } else {
        Err(elsewhere(Problem::new(ProblemKind::NotFound)))
    }
}

fn elsewhere(problem: Problem) -> Problem {
    match problem.kind() {
        ProblemKind::NotFound => problem.detail("La pratica non esiste oppure non è di competenza del tuo ufficio. Controlla l'identificativo nell'elenco delle pratiche."),
        _ => problem,
    }
}

/// A refusal by state in an officer's words.
fn closed(problem: Problem, held: &Held, ordered: &Ordered) -> Problem {
    if problem.kind() != ProblemKind::WrongState {
        return problem;
    }
    let state = held.head.state();
    let waits_for_agreement = ordered.decision.cause == Cause::Event(Event::IssueModules)
        && state.on(Event::IssueModules).is_ok();
    let detail = if waits_for_agreement {
        "I moduli si emettono dopo la validazione dell'Accordo di integrazione: completa prima l'Accordo.".to_owned()
    } else {
        format!(
            "La pratica è «{}» e questa decisione non è possibile. Aggiorna la pratica e scegli tra le decisioni proposte.",
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
async fn decided(
    needs: &Needs,
    exchange: &Exchange,
    caller: &Caller,
    held: &Held,
    ordered: &Ordered,
) -> Result<Option<Application>, Problem> {
    let head = &held.head;
    let campaign = needs.store.campaigns.in_force(&head.campaign, exchange.arrival).await?;
    let campaign = campaign.ok_or(Problem::new(ProblemKind::NoSuchModel))?;
    let now = campaign.effective_now(exchange.arrival);
    let outages = needs.store.outages.all().await?;
    let context = Context { campaign: &campaign, now, outages: &outages };
    let who = Who::Account(caller.account.clone());
    let decided = match ordered.decision.cause {
        Cause::Event(Event::TakeCharge) => {
            head.take_charge(entry_in_quota(needs, head).await?, who, &context)
        }
        Cause::Event(event) => head.step(event, who, &context),
        Cause::Agreement(event) => head.agreement_step(event, who, &context),
        Cause::Act(_) => {
            let notices = needs.store.applications.notices(&head.id).await?;
            Ok(head.send_again(failed(&notices, ordered.notice)?, who, now))
        }
    };
    let decision = decided.map_err(|error| closed(Problem::from(error), held, ordered))?;
    if decision.place() == Place::Required {
        require_in_quota(needs, head).await?;
    }
    let remark = ordered.reason.as_ref().map(|reason| Remark::Reason {
        event: ordered.decision.code().to_owned(),
        text: reason.clone(),
        at: now,
    });
    let along: Vec<_> =
        remark.iter().map(|remark| Along::Remark(&needs.store.drafts, remark)).collect();
    let stored = unless_faster(needs.store.applications.commit(&decision, &along).await)?;
    Ok(stored.map(|()| decision.into_after()))
}

/// Refuses what has no place within the cut-off, with the reason; the write asks for it once more (RNK-1, DEC-1).
async fn require_in_quota(needs: &Needs, head: &Application) -> Result<(), Problem> {
    let place = needs.store.places.of(&head.id).await?.ok_or_else(|| {
        not_in_quota().detail("La domanda non ha ancora un posto nella graduatoria della sua quota: il nulla osta si rilascia dopo l'assegnazione.")
    })?;
    let line = needs.store.places.line(&head.campaign, &place.line).await?;
    if PlaceView::of(&place, line.as_ref()).in_quota {
        return Ok(());
    }
    Err(not_in_quota()
        .detail("La posizione della domanda è oltre i posti disponibili nella sua quota: il nulla osta si può rilasciare se un posto si libera.")
        .with("ordinal", place.ordinal)
        .with("cut_off", line.map_or(0, |line| line.cut_off)))
}

/// When the application entered the quota: the office's term runs from there (DEC-1).
async fn entry_in_quota(needs: &Needs, head: &Application) -> Result<Option<Timestamp>, Problem> {
    let place = needs.store.places.of(&head.id).await?;
    let allotted = place.map(|place| instant(place.allotted)).transpose();
    allotted.map_err(|error| Problem::internal(&error))
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
async fn took_effect(
    needs: &Needs,
    caller: &Caller,
    head: &Application,
    ordered: &Ordered,
) -> Result<bool, Problem> {
    let decision = ordered.decision;
    let by_caller = |who: &str| who == caller.account.as_str();
    if let Some(kind) = ordered.notice {
        let notices = needs.store.applications.notices(&head.id).await?;
        let Some(last) = newest(&notices, kind).filter(|row| !did_not_arrive(row)) else {
            return Ok(false);
        };
        let history = needs.store.applications.history(&head.id).await?;
        return Ok(history.iter().any(|row| {
            row.action.as_deref() == Some(decision.code())
                && by_caller(&row.who)
                && row.version == u64::from(last.n)
        }));
    }
    if !decision.has_led_to(head) {
        return Ok(false);
    }
    let history = needs.store.applications.history(&head.id).await?;
    let is_about = |code: &str| decision.is_about(code);
    let last = history.iter().rev().find(|row| row.event.as_deref().is_some_and(is_about));
    let Some(last) =
        last.filter(|row| row.event.as_deref() == Some(decision.code()) && by_caller(&row.who))
    else {
        return Ok(false);
    };
    // Another reason is another decision, which comes too late.
    let remarks = needs.store.drafts.remarks_by_version(&head.id).await?;
    let given = match remarks.get(&last.version) {
        Some(Remark::Reason { text, .. }) => Some(text),
        _ => None,
    };
    Ok(given == ordered.reason.as_ref())
}

/// The row of one case.
async fn row(needs: &Needs, exchange: &Exchange, held: &Held) -> Result<CaseView, Problem> {
    let mut rows = rows(needs, exchange, std::slice::from_ref(held)).await?;
    rows.pop().ok_or_else(|| Problem::new(ProblemKind::NotFound))
}

/// The rows of these cases, in their order: names, places and lines with one request for many; only the notices of each
/// lie in a partition of their own.
async fn rows(needs: &Needs, exchange: &Exchange, held: &[Held]) -> Result<Vec<CaseView>, Problem> {
    let ids: Vec<ApplicationId> = held.iter().map(|held| held.head.id.clone()).collect();
    let (summaries, places, outages) = future::try_join3(
        needs.store.drafts.summaries(&ids),
        needs.store.places.of_all(&ids),
        needs.store.outages.all(),
    )
    .await?;
    let lines = lines(needs, held, &places).await?;
    let mut asked = Vec::with_capacity(ids.len());
    for id in &ids {
        asked.push(needs.store.applications.notices(id));
    }
    let notices: Vec<Vec<NoticeRow>> = stream::iter(asked).buffered(AT_ONCE).try_collect().await?;
    let mut rows = Vec::with_capacity(held.len());
    for (held, notices) in held.iter().zip(&notices) {
        let head = &held.head;
        let campaign = needs.store.campaigns.in_force(&head.campaign, exchange.arrival).await?;
        let campaign = campaign.ok_or(Problem::new(ProblemKind::NoSuchModel))?;
        let now = campaign.effective_now(exchange.arrival);
        let context = Context { campaign: &campaign, now, outages: &outages };
        let place = places.get(&head.id);
        let line = place.and_then(|place| {
            lines.iter().find(|(campaign, line, _)| {
                *campaign == head.campaign.as_str() && *line == place.line
            })
        });
        rows.push(CaseView::of(Parts {
            held,
            campaign: Some(&campaign),
            summary: summaries.get(&head.id),
            term: head.running_term(&context)?,
            place: place.map(|place| PlaceView::of(place, line.map(|(.., row)| row))),
            notices,
            now,
        }));
    }
    Ok(rows)
}

/// How far the lines of these places are, each read once.
async fn lines<'a>(
    needs: &Needs,
    held: &'a [Held],
    places: &'a HashMap<ApplicationId, PlaceRow>,
) -> Result<Vec<(&'a str, &'a str, LineRow)>, StoreError> {
    let named: BTreeSet<_> = held
        .iter()
        .filter_map(|held| {
            let place = places.get(&held.head.id)?;
            Some((&held.head.campaign, place.line.as_str()))
        })
        .collect();
    let mut lines = Vec::with_capacity(named.len());
    for (campaign, line) in named {
        if let Some(row) = needs.store.places.line(campaign, line).await? {
            lines.push((campaign.as_str(), line, row));
        }
    }
    Ok(lines)
}

/// The state whose cases are asked for.
fn asked_state(exchange: &Exchange) -> Result<State, Problem> {
    let Some(code) = exchange.query("state") else { return Ok(State::Submitted) };
    let state = code.parse().ok().filter(|state: &State| state.is_sent() && !state.is_final());
    state.ok_or_else(|| {
        Problem::field(
            "state",
            "Indica lo stato di una pratica inviata e non archiviata, come nel riepilogo.",
        )
    })
}

#[cfg(test)]
mod tests;
