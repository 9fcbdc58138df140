//! Requests to enable operators: sent, listed, read, decided, withdrawn (ORG-1, ORG-3, ORG-5).

use domain::{
    calendar,
    enabling::{EnablingCase, EnablingRefused, EnablingStage, EnablingStep, Office},
    ids::EnablingId,
    organisation::{Belonging, OrganisationAction, may},
    permission::Role,
};
use edge::http::{self, Exchange, Problem, ProblemKind, Slice, problem::ProblemDocument};
use edge::limits;
use jiff::Timestamp;
use lambda_http::{Body, Response};
use outside::aws;
use store::{
    attempts::Limit,
    contention::{Tries, unless_faster},
    enabling::{self, EnablingEvent, EnablingForm, EnablingRequest},
    sessions::Caller,
};

use crate::{
    Needs,
    asked::{self, AskedRequest, Decision, DecisionBody, EnablingBody, WithdrawalBody},
    enable, letters, reader,
    view::{EnablingList, EnablingSummary, EnablingView},
};

/// Each request writes to an address that was typed.
const REQUESTS: Limit = Limit::per_hour("enabling", 20);

/// Asks for the enabling of operators; the same request twice is one.
#[utoipa::path(
    post, path = "/api/enabling-requests", operation_id = "submitEnablingRequest", tag = "manage-organisation",
    security(("session" = [])), request_body = EnablingBody,
    responses(
        (status = 201, description = "It lies before the first office; the same for a repetition", body = EnablingView),
        (status = 400, description = "Not JSON", body = ProblemDocument),
        (status = 401, description = "No session", body = ProblemDocument),
        (status = 403, description = "Wrong origin, role or level", body = ProblemDocument),
        (status = 409, description = "Another request is under way, or the organisation's contact has to ask", body = ProblemDocument),
        (status = 413, description = "Too large", body = ProblemDocument),
        (status = 415, description = "Not JSON", body = ProblemDocument),
        (status = 422, description = "Wrong fields, all of them", body = ProblemDocument),
        (status = 429, description = "Too many requests", body = ProblemDocument),
        (status = 503, description = "The store does not answer", body = ProblemDocument),
    )
)]
pub async fn submit_request(needs: &Needs, exchange: &Exchange) -> Result<Response<Body>, Problem> {
    let caller = needs.door.actor(exchange).await?;
    if !may(caller.role, Belonging::Stranger, OrganisationAction::AskEnabling) {
        return Err(Problem::new(ProblemKind::NotAllowed).detail(if caller.role == Role::Operator {
            "Operi già per un'organizzazione: altri operatori li chiede il suo referente. Per lavorare altrove, fai prima comunicare la tua cessazione."
        } else {
            "L'abilitazione la chiede chi è entrato come privato o come referente dell'organizzazione, non un ufficio."
        }));
    }
    let account = needs
        .accounts
        .find(&caller.account)
        .await?
        .ok_or_else(|| Problem::new(ProblemKind::SessionOver))?;
    let now = exchange.arrival;
    let asked = AskedRequest::read(exchange, &needs.keying, &account, calendar::local_date(now))?;
    limits::admit(&needs.attempts, &REQUESTS, caller.account.as_str(), now).await?;
    require_contact(needs, &caller, &asked.form, now).await?;
    let mut tries = Tries::at_one();
    loop {
        tries.begin().await?;
        if let Some(id) = needs.enablings.open(&asked.form.organisation, &caller.account).await?
            && let Some(earlier) = needs.enablings.find(&id).await?
        {
            // A double click, or a retry after a lost answer.
            return if earlier.form == asked.form {
                shown(needs, 201, &earlier, &caller, Office::Requester).await
            } else {
                Err(Problem::new(ProblemKind::RequestUnderWay).with("request", id.to_string()))
            };
        }
        let id = EnablingId::from_random(aws::random().map_err(|error| Problem::internal(&error))?);
        let request = EnablingRequest {
            id,
            case: EnablingCase {
                kind: asked.kind,
                stage: asked.kind.opening(),
                version: 1,
                province: asked.province.clone(),
                requester: caller.account.clone(),
                named: asked.form.named(),
                deciders: Vec::new(),
            },
            form: asked.form.clone(),
            submitted: now,
            changed: now,
        };
        let event = EnablingEvent::of(&request, None, &caller.account, Office::Requester, None);
        let along = letters::received(needs, &request)?.into_iter().collect();
        if unless_faster(needs.enablings.submit(&request, &event, along).await)?.is_some() {
            return shown(needs, 201, &request, &caller, Office::Requester).await;
        }
    }
}

/// For an organisation that has a contact the contact asks, and a contact asks for no other. One that has none, since
/// whoever asked stood in the own list or the contact has left, is asked for anew; so is a professional's (ORG-5).
async fn require_contact(
    needs: &Needs,
    caller: &Caller,
    form: &EnablingForm,
    now: Timestamp,
) -> Result<(), Problem> {
    let is_contact = caller.role == Role::OrganisationContact
        && caller.organisation.as_ref() == Some(&form.organisation);
    if caller.organisation.is_some() && !is_contact {
        return Err(Problem::new(ProblemKind::NotAllowed)
            .detail("Sei referente di un'altra organizzazione: puoi chiedere solo per quella."));
    }
    if !is_contact && needs.organisations.has_contact(&form.organisation, now).await? {
        return Err(Problem::new(ProblemKind::OrganisationRecorded));
    }
    Ok(())
}

/// One's own requests, or those that wait for one's office.
#[utoipa::path(
    get, path = "/api/enabling-requests", operation_id = "listEnablingRequests", tag = "manage-organisation",
    security(("session" = [])),
    params(
        ("stage" = Option<String>, Query, description = "For administrators: another office's work list"),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of requests", body = EnablingList),
        (status = 401, description = "No session, or it is over", body = ProblemDocument),
        (status = 403, description = "Level too low", body = ProblemDocument),
        (status = 422, description = "Wrong limit, cursor or stage", body = ProblemDocument),
        (status = 503, description = "The store does not answer", body = ProblemDocument),
    )
)]
pub async fn list_requests(needs: &Needs, exchange: &Exchange) -> Result<Response<Body>, Problem> {
    let caller = reader(needs, exchange).await?;
    let office = Office::of_role(caller.role);
    let stage = match exchange.query("stage") {
        None => office.and_then(Office::work_list),
        Some(code) => Some(
            code.parse::<EnablingStage>()
                .ok()
                .filter(|stage| {
                    !stage.is_final()
                        && (office == Some(Office::Administrator)
                            || office.and_then(Office::work_list) == Some(*stage))
                })
                .ok_or_else(|| {
                    Problem::field("stage", "Non è una fase di cui il tuo ufficio si occupa.")
                })?,
        ),
    };
    // An officer who moves to another province begins there anew.
    let list = match stage {
        None => "enabling-own".to_owned(),
        Some(stage) => format!("{stage} {}", caller.province.as_deref().unwrap_or_default()),
    };
    let slice = Slice::asked(exchange, &needs.cursors, &caller.account, &list)?;
    let mut ids = match stage {
        None => {
            let after = slice.after().and_then(|last| last.parse::<EnablingId>().ok());
            needs.enablings.own(&caller.account, after.as_ref(), slice.to_read()).await?
        }
        Some(stage) => {
            let province = match office {
                // An officer without a province has no work list.
                Some(Office::Prefecture) => Some(caller.province.as_deref().unwrap_or("-")),
                _ => None,
            };
            needs.enablings.waiting(stage, province, slice.after(), slice.to_read()).await?
        }
    };
    let more = slice.cut(&mut ids);
    let mut requests = Vec::with_capacity(ids.len());
    let mut last = None;
    for id in &ids {
        let Some(request) = needs.enablings.find(id).await? else { continue };
        last = Some(match stage {
            None => request.id.to_string(),
            Some(_) => enabling::place(&request),
        });
        if request.case.office(&caller.account, caller.role, caller.province.as_deref()).is_some() {
            requests.push(EnablingSummary::of(&request));
        }
    }
    let next = last.filter(|_| more).map(|last| slice.next(&last));
    http::json(200, &EnablingList { requests, next })
}

/// One request with its steps.
#[utoipa::path(
    get, path = "/api/enabling-requests/{id}", operation_id = "readEnablingRequest", tag = "manage-organisation",
    security(("session" = [])), params(("id" = String, Path, description = "The request")),
    responses(
        (status = 200, description = "The request, its steps, and what may be done now", body = EnablingView),
        (status = 401, description = "No session, or it is over", body = ProblemDocument),
        (status = 403, description = "Level too low", body = ProblemDocument),
        (status = 404, description = "Absent, or no affair of yours", body = ProblemDocument),
        (status = 503, description = "The store does not answer", body = ProblemDocument),
    )
)]
pub async fn read_request(
    needs: &Needs,
    exchange: &Exchange,
    id: &str,
) -> Result<Response<Body>, Problem> {
    let caller = reader(needs, exchange).await?;
    let (request, office) = seen(needs, &caller, id).await?;
    shown(needs, 200, &request, &caller, office).await
}

/// An office takes its step: approves, or refuses with a reason. Nobody takes two steps of one request.
#[utoipa::path(
    post, path = "/api/enabling-requests/{id}/decisions", operation_id = "decideEnablingRequest", tag = "manage-organisation",
    security(("session" = [])), params(("id" = String, Path, description = "The request")), request_body = DecisionBody,
    responses(
        (status = 200, description = "Decided; the same for a repetition", body = EnablingView),
        (status = 400, description = "Not JSON", body = ProblemDocument),
        (status = 401, description = "No session", body = ProblemDocument),
        (status = 403, description = "Wrong origin or level, another office's step, a request of your own, or a second step", body = ProblemDocument),
        (status = 404, description = "Absent, or no affair of yours", body = ProblemDocument),
        (status = 409, description = "The request has changed, or nobody can be enabled", body = ProblemDocument),
        (status = 413, description = "Too large", body = ProblemDocument),
        (status = 415, description = "Not JSON", body = ProblemDocument),
        (status = 422, description = "Wrong fields", body = ProblemDocument),
        (status = 503, description = "The store does not answer", body = ProblemDocument),
    )
)]
pub async fn decide(
    needs: &Needs,
    exchange: &Exchange,
    id: &str,
) -> Result<Response<Body>, Problem> {
    let caller = needs.door.actor(exchange).await?;
    seen(needs, &caller, id).await?;
    let decision = Decision::read(exchange)?;
    take(needs, exchange, &caller, id, &decision).await
}

/// Whoever sent a request takes it back before it is decided.
#[utoipa::path(
    post, path = "/api/enabling-requests/{id}/withdrawal", operation_id = "withdrawEnablingRequest", tag = "manage-organisation",
    security(("session" = [])), params(("id" = String, Path, description = "The request")), request_body = WithdrawalBody,
    responses(
        (status = 200, description = "Taken back; the same for a repetition", body = EnablingView),
        (status = 400, description = "Not JSON", body = ProblemDocument),
        (status = 401, description = "No session", body = ProblemDocument),
        (status = 403, description = "Wrong origin or level, or not your request", body = ProblemDocument),
        (status = 404, description = "Absent, or no affair of yours", body = ProblemDocument),
        (status = 409, description = "The request has changed, or it is decided", body = ProblemDocument),
        (status = 413, description = "Too large", body = ProblemDocument),
        (status = 415, description = "Not JSON", body = ProblemDocument),
        (status = 422, description = "Wrong fields", body = ProblemDocument),
        (status = 503, description = "The store does not answer", body = ProblemDocument),
    )
)]
pub async fn withdraw(
    needs: &Needs,
    exchange: &Exchange,
    id: &str,
) -> Result<Response<Body>, Problem> {
    let caller = needs.door.actor(exchange).await?;
    seen(needs, &caller, id).await?;
    let withdrawal = asked::withdrawal(exchange)?;
    take(needs, exchange, &caller, id, &withdrawal).await
}

async fn take(
    needs: &Needs,
    exchange: &Exchange,
    caller: &Caller,
    id: &str,
    decision: &Decision,
) -> Result<Response<Body>, Problem> {
    let mut tries = Tries::at_one();
    loop {
        tries.begin().await?;
        let (request, office) = seen(needs, caller, id).await?;
        if request.case.version != decision.version {
            if is_taken(needs, &request, caller, decision).await? {
                return shown(needs, 200, &request, caller, office).await;
            }
            return Err(Problem::new(ProblemKind::Conflict)
                .detail("Nel frattempo la richiesta è cambiata: aggiorna la pagina, rileggila e decidi di nuovo.")
                .with("version", request.case.version));
        }
        let case = request.case.step(decision.step, &caller.account, office).map_err(refused)?;
        let after = EnablingRequest { case, changed: exchange.arrival, ..request.clone() };
        let reason = decision.reason.as_ref().map(|reason| reason.as_str().to_owned());
        let (after, mut along, ends) = if decision.step == EnablingStep::Enable {
            enable::enabled(needs, after, caller).await?
        } else {
            (after, Vec::new(), Vec::new())
        };
        if !decision.step.forwards() {
            along.extend(letters::decided(needs, &after, reason.as_deref())?);
        }
        let event = EnablingEvent::of(&after, Some(decision.step), &caller.account, office, reason);
        enable::end_with_basis(needs, &ends).await?;
        if unless_faster(needs.enablings.step(&request, &after, &event, along).await)?.is_some() {
            return shown(needs, 200, &after, caller, office).await;
        }
    }
}

/// Whether the caller took this very step already: a double click, or a retry after a lost answer.
async fn is_taken(
    needs: &Needs,
    request: &EnablingRequest,
    caller: &Caller,
    decision: &Decision,
) -> Result<bool, Problem> {
    let events = needs.enablings.events(&request.id).await?;
    Ok(events.iter().any(|event| {
        event.version == decision.version + 1
            && event.who == caller.account
            && event.step == Some(decision.step)
    }))
}

/// A request that is the caller's affair; anything else is not there.
async fn seen(
    needs: &Needs,
    caller: &Caller,
    id: &str,
) -> Result<(EnablingRequest, Office), Problem> {
    let id: EnablingId = asked::id(id)?;
    let request =
        needs.enablings.find(&id).await?.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    let office = request
        .case
        .office(&caller.account, caller.role, caller.province.as_deref())
        .ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    Ok((request, office))
}

async fn shown(
    needs: &Needs,
    status: u16,
    request: &EnablingRequest,
    caller: &Caller,
    office: Office,
) -> Result<Response<Body>, Problem> {
    let events = needs.enablings.events(&request.id).await?;
    http::json(status, &EnablingView::of(request, &events, &caller.account, office))
}

fn refused(why: EnablingRefused) -> Problem {
    let kind = match why {
        EnablingRefused::NotNow { .. } => ProblemKind::WrongState,
        EnablingRefused::OtherOffice
        | EnablingRefused::OwnRequest
        | EnablingRefused::SecondStep => ProblemKind::NotAllowed,
    };
    Problem::new(kind).detail(why.text())
}
