//! What the employer answers after sending: *Conferma*, *Rinuncia* and its undoing, withdrawal, integration, observations
//! (CNF-1, CNF-2, DEC-1, RNK-2).

mod answers;
mod view;

use edge::access;
use std::{convert::Infallible, sync::Arc};

use aws_config::SdkConfig;
use domain::{
    application::{Application, Who},
    calendar,
    campaign::Campaign,
    decision::{Context, Decision},
    ids::ApplicationId,
    lifecycle::State,
    term::TermKind,
};
use edge::{
    access::{ApplicationAccess, Authenticator, Rejection},
    http::{self, ApiRequest, Problem, ProblemKind},
    routes,
    routes::InPath,
};
use lambda_http::{Body, Request, Response};
use outside::config::ConfigError;
use store::{
    Store,
    applications::commit::Along,
    contention::{Tries, unless_faster},
    drafts::Remark,
    sessions::Caller,
};

use self::answers::{AnswerRequest, ParsedAnswer};
pub use self::view::AnswerView;

/// What answering needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
}

impl App {
    /// Reads the configuration and the secret.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self { authenticator: Authenticator::from_environment(sdk, &store).await?, store })
    }
}

routes! {
    App;
    WithSession: answer(id);
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// An answer of the employer, judged by the instant at which it arrived: one millisecond before the end of the term
/// counts, the end does not (CNF-2). The employer may repeat an answer given before.
///
/// The portal asks twice for a *rinuncia*: without `confirmed` it stores nothing, and `undo_until` says until when it
/// could be undone. It keeps an answer that comes too late as evidence, so that the office can reopen the case (CNF-4).
#[utoipa::path(
    post, path = "/api/applications/{id}/answers", operation_id = "answerApplication",
    params(("id" = String, Path, description = "The application")),
    request_body = AnswerRequest,
    responses(
        (status = 200, description = "Answered, now or before", body = AnswerView),
        (status = 409, description = "Too late (`termine-scaduto`), a renunciation to be confirmed (`rinuncia-da-confermare`), or not possible in this state; nothing changed"),
        (status = 422, description = "An unknown answer, or one that lacks its text"),
    )
)]
async fn answer(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_actor(request).await?;
    let id = id.read()?;
    let parsed = ParsedAnswer::read(request)?;
    let outages = app.store.outages.all().await?;
    let mut tries = Tries::at_one();
    loop {
        tries.begin().await?;
        let access = ApplicationAccess::find(&app.store.applications, &caller, &id).await?;
        let campaign = in_force(app, request, &access.head).await?;
        let now = campaign.effective_now(request.arrival);
        let context = Context { campaign: &campaign, now, outages: &outages };
        if is_repeated(app, &access, &parsed).await? {
            return http::json(200, &AnswerView::of(&access, &context)?);
        }
        let decision = match accepted_answer(&access, &caller, &parsed, &context) {
            Ok(decision) => decision,
            Err(rejection) => {
                return Err(access::reject(
                    &app.store.evidence,
                    rejection,
                    &access,
                    &caller,
                    request,
                    now,
                )
                .await);
            }
        };
        if parsed.row.asks_twice && !parsed.is_confirmed {
            return Err(to_confirm(decision.after()));
        }
        let remark = parsed.remark(&decision);
        let along: Vec<_> =
            remark.iter().map(|remark| Along::Remark(&app.store.drafts, remark)).collect();
        // If the other browser, the sweeper or the office is faster, the answer is judged anew, by the same arrival.
        if unless_faster(app.store.applications.commit(&decision, &along).await)?.is_some() {
            let after = decision.into_after();
            tracing::info!(application.id = %id, event = parsed.row.event.code(), version = after.version, "answer recorded");
            return http::json(
                200,
                &AnswerView::of(&ApplicationAccess::of(after, &caller)?, &context)?,
            );
        }
    }
}

/// The campaign that judges an answer. The calendar's windows do not matter after sending.
async fn in_force(
    app: &App,
    request: &ApiRequest,
    head: &Application,
) -> Result<Arc<Campaign>, Problem> {
    let campaign = app.store.campaigns.in_force(&head.campaign, request.arrival).await?;
    campaign.ok_or_else(|| Problem::new(ProblemKind::NoSuchModel))
}

/// Whether a caller who may answer gave this answer before: a repetition after a lost response is no error. An answer
/// with a text counts as received only if the text is the same.
async fn is_repeated(
    app: &App,
    access: &ApplicationAccess,
    parsed: &ParsedAnswer,
) -> Result<bool, Problem> {
    let row = parsed.row;
    let may_somewhere = State::ALL.iter().any(|state| access.could(*state, row.action));
    if !may_somewhere || !(row.is_given_in)(access.head.state()) {
        return Ok(false);
    }
    let Some(wanted) = &parsed.text else { return Ok(true) };
    let remarks = app.store.drafts.remarks(&access.head.id).await?;
    Ok(remarks.iter().any(|remark| {
        matches!(remark, Remark::Reason { event, text, .. } if event == row.event.code() && text == wanted)
    }))
}

/// What an answer decides, where the tables and the term let it count.
fn accepted_answer(
    access: &ApplicationAccess,
    caller: &Caller,
    parsed: &ParsedAnswer,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    let event = parsed.row.event;
    let who = Who::Account(caller.account.clone());
    access.accept(parsed.row.action, Some(event), access.head.step(event, who, context))
}

/// The second question of a renunciation, with the instant until which it could be undone if it came now (CNF-1).
fn to_confirm(after: &Application) -> Problem {
    let problem = Problem::new(ProblemKind::RenunciationToConfirm);
    let undo = after.procedure().and_then(|procedure| procedure.term(TermKind::RenounceUndo));
    let Some(undo) = undo else { return problem };
    problem
        .detail(format!(
            "La rinuncia archivia la pratica: il lavoratore non potrà entrare con questo nulla osta. Se sei sicuro, conferma la rinuncia; potrai annullarla entro {}.",
            calendar::end_in_words(undo.end())
        ))
        .with("undo_until", calendar::rfc3339(undo.end()))
}

impl ParsedAnswer {
    /// The text of an answer as the office reads it beside what was decided.
    fn remark(&self, decision: &Decision) -> Option<Remark> {
        Some(Remark::Reason {
            event: self.row.event.code().to_owned(),
            text: self.text.clone()?,
            at: decision.after().changed,
        })
    }
}

#[cfg(test)]
mod tests;
