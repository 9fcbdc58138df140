//! What the employer answers after submitting an application: *Conferma*, *Rinuncia* and its undoing, withdrawal, integration, observations
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
    applications::commit::Companion,
    contention::{Tries, none_on_conflict},
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

/// An answer of the employer. It counts if it arrives before the end of the term; one that arrives at the end is late
/// (CNF-2). The employer may repeat an answer given before.
///
/// The portal asks twice for a *rinuncia*: a request without `confirmed` stores nothing and gets 409, whose `undo_until`
/// says until when a *rinuncia* could be undone. It keeps an answer that comes too late as evidence, so that the office can reopen the case (CNF-4).
#[utoipa::path(
    post, path = "/api/applications/{id}/answers", operation_id = "answerApplication",
    params(("id" = String, Path, description = "The application")),
    request_body = AnswerRequest,
    responses(
        (status = 200, description = "Recorded, now or by an earlier request", body = AnswerView),
        (status = 409, description = "Too late (`termine-scaduto`), a renunciation to be confirmed (`rinuncia-da-confermare`), or not possible in this state; nothing changed"),
        (status = 422, description = "An unknown answer, or one that lacks its text"),
    )
)]
async fn answer(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let id = id.read()?;
    let parsed = ParsedAnswer::read(request)?;
    let outages = app.store.outages.all().await?;
    let mut tries = Tries::for_one_application();
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
        if parsed.kind.asks_twice && !parsed.is_confirmed {
            return Err(to_confirm(decision.after()));
        }
        let remark = parsed.remark(&decision);
        let along: Vec<_> =
            remark.iter().map(|remark| Companion::Remark(&app.store.drafts, remark)).collect();
        if none_on_conflict(app.store.applications.commit(&decision, &along).await)?.is_some() {
            let after = decision.into_after();
            tracing::info!(application.id = %id, event = parsed.kind.event.code(), version = after.version, "answer recorded");
            return http::json(
                200,
                &AnswerView::of(&ApplicationAccess::of(after, &caller)?, &context)?,
            );
        }
        // Another request was faster (a second browser, the sweeper, the office): the loop judges again, with the same
        // arrival.
    }
}

/// The campaign by whose rules the answer is judged. Its windows apply only before submission.
async fn in_force(
    app: &App,
    request: &ApiRequest,
    head: &Application,
) -> Result<Arc<Campaign>, Problem> {
    let campaign = app.store.campaigns.in_force(&head.campaign, request.arrival).await?;
    campaign.ok_or_else(|| Problem::new(ProblemKind::NoSuchModel))
}

/// Whether this answer was given before, and the caller may give it: a repetition after a lost response is no error. An
/// answer with a text counts as received only if the text is the same.
async fn is_repeated(
    app: &App,
    access: &ApplicationAccess,
    parsed: &ParsedAnswer,
) -> Result<bool, Problem> {
    let kind = parsed.kind;
    let may_somewhere = State::ALL.iter().any(|state| access.may_in_state(*state, kind.action));
    if !may_somewhere || !(kind.is_given_in)(access.head.state()) {
        return Ok(false);
    }
    let Some(wanted) = &parsed.text else { return Ok(true) };
    let remarks = app.store.drafts.remarks(&access.head.id).await?;
    Ok(remarks.iter().any(|remark| {
        matches!(remark, Remark::Reason { event, text, .. } if event == kind.event.code() && text == wanted)
    }))
}

/// The decision that the answer leads to, or why the permission table, the lifecycle or the term rejects it.
fn accepted_answer(
    access: &ApplicationAccess,
    caller: &Caller,
    parsed: &ParsedAnswer,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    let event = parsed.kind.event;
    let who = Who::Account(caller.account.clone());
    access.judge(parsed.kind.action, Some(event), access.head.step(event, who, context))
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
            event: self.kind.event.code().to_owned(),
            text: self.text.clone()?,
            at: decision.after().changed,
        })
    }
}

#[cfg(test)]
mod tests;
