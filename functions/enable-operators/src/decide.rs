//! A request to enable operators goes on: an office takes its step, or the requester withdraws it (ORG-1, ORG-3, ORG-5).

use domain::{
    enabling::{EnablingRefused, EnablingStep},
    ids::EnablingId,
    letter::LetterContent,
};
use edge::{
    http::{ApiRequest, Problem, ProblemKind},
    routes::InPath,
};
use lambda_http::{Body, Response};
use store::{
    contention::{Tries, none_on_conflict},
    enabling::{EnablingEvent, EnablingRequest},
    sessions::Caller,
};

use crate::{
    App,
    decision::{Decision, DecisionBody, RequestWithdrawalBody},
    enabling::{Enabling, Known},
    recipient::Recipient,
    shown,
    view::EnablingView,
    visible,
};

/// An office takes its step: approves, or refuses with a reason. Nobody takes two steps of one request.
#[utoipa::path(
    post, path = "/api/enabling-requests/{id}/decisions", operation_id = "decideEnablingRequest",
    params(("id" = String, Path, description = "The request")), request_body = DecisionBody,
    responses(
        (status = 200, description = "Decided; the same for a repetition", body = EnablingView),
        (status = 403, description = "Wrong origin or level, another office's step, a request of your own, or a second step"),
        (status = 409, description = "The request has changed, or nobody can be enabled"),
    )
)]
pub(crate) async fn decide(
    app: &App,
    http_request: &ApiRequest,
    id: InPath<'_, EnablingId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(http_request).await?;
    visible(app, &caller, id).await?;
    let decision = Decision::read(http_request)?;
    take_step(app, http_request, &caller, id, &decision).await
}

/// The requester takes a request back before it is decided.
#[utoipa::path(
    post, path = "/api/enabling-requests/{id}/withdrawal", operation_id = "withdrawEnablingRequest",
    params(("id" = String, Path, description = "The request")), request_body = RequestWithdrawalBody,
    responses(
        (status = 200, description = "Taken back; the same for a repetition", body = EnablingView),
        (status = 403, description = "Wrong origin or level, or not your request"),
        (status = 409, description = "The request has changed, or it is decided"),
    )
)]
pub(crate) async fn withdraw(
    app: &App,
    http_request: &ApiRequest,
    id: InPath<'_, EnablingId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(http_request).await?;
    visible(app, &caller, id).await?;
    let withdrawal = Decision::read_withdrawal(http_request)?;
    take_step(app, http_request, &caller, id, &withdrawal).await
}

/// Takes the step, and judges the request anew when another step was faster.
async fn take_step(
    app: &App,
    http_request: &ApiRequest,
    caller: &Caller,
    id: InPath<'_, EnablingId>,
    decision: &Decision,
) -> Result<Response<Body>, Problem> {
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let (request, office) = visible(app, caller, id).await?;
        if request.case.version != decision.version {
            if is_taken(app, &request, caller, decision).await? {
                return shown(app, 200, &request, caller, office).await;
            }
            return Err(Problem::new(ProblemKind::Conflict)
                .detail("Nel frattempo la richiesta è cambiata: rileggila com'è adesso e decidi di nuovo.")
                .with("version", request.case.version));
        }
        let case = request.case.step(decision.step, &caller.account, office).map_err(refused)?;
        let after = EnablingRequest { case, changed: http_request.arrival, ..request.clone() };
        let enabling = match decision.step {
            EnablingStep::Enable => {
                let known = Known::load(app, &after).await?;
                Enabling::decide(after, &known)?
            }
            EnablingStep::Check
            | EnablingStep::Announce
            | EnablingStep::Refuse
            | EnablingStep::Withdraw => Enabling::of_nobody(after),
        };
        let reason = decision.reason.as_ref().map(|reason| reason.as_str().to_owned());
        let after = &enabling.request;
        let recipient = Recipient::of(app, after, http_request.arrival).await?;
        let mut letters = enabling.letters(recipient.as_ref())?;
        if let Some(recipient) = recipient.filter(|_| !decision.step.forwards()) {
            letters.extend(recipient.letter(ended(after, reason.as_deref(), &recipient))?);
        }
        let event = EnablingEvent::of(after, Some(decision.step), &caller.account, office, reason);
        enabling.end_sessions(app).await?;
        let joining = enabling.joining(&caller.account);
        let stepped = app.store.enablings.step(&request, after, &event, joining.as_ref(), &letters);
        if none_on_conflict(stepped.await)?.is_some() {
            return shown(app, 200, after, caller, office).await;
        }
    }
}

/// Whether the caller took this very step already: a double click, or a retry after a lost answer.
async fn is_taken(
    app: &App,
    request: &EnablingRequest,
    caller: &Caller,
    decision: &Decision,
) -> Result<bool, Problem> {
    let events = app.store.enablings.events(&request.id).await?;
    Ok(events.iter().any(|event| {
        event.version == decision.version + 1
            && event.who == caller.account
            && event.step == Some(decision.step)
    }))
}

fn ended(request: &EnablingRequest, reason: Option<&str>, to: &Recipient) -> LetterContent {
    let case = &request.case;
    let reason = reason
        .map(|reason| to.typed(reason).unwrap_or("la motivazione è nel portale, nella richiesta."));
    let name = to.typed(&request.form.name);
    LetterContent::enabling_decided(&request.id, case.kind, name, case.stage, reason)
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
