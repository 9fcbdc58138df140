//! What the employer answers after sending: *Conferma*, *Rinuncia* and its undoing, withdrawal, integration, observations
//! (CNF-1, CNF-2, DEC-1, RNK-2).

mod answers;
mod view;

use edge::admission;
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
    admission::{Door, Held, Uncounted},
    http::{self, Exchange, Problem, ProblemKind},
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

use self::answers::{AnswerRequest, Given};
pub use self::view::AnswerView;

/// What answering needs.
#[derive(Debug)]
pub struct Needs {
    door: Door,
    store: Store,
}

impl Needs {
    /// Reads the configuration and the secret.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self { door: Door::from_environment(sdk, &store).await?, store })
    }
}

routes! {
    Needs;
    WithSession: answer(id);
}

/// One request.
pub async fn handle(needs: &Needs, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(needs, request).await
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
    needs: &Needs,
    exchange: &Exchange,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = needs.door.actor(exchange).await?;
    let id = id.read()?;
    let given = Given::read(exchange)?;
    let outages = needs.store.outages.all().await?;
    let mut tries = Tries::at_one();
    loop {
        tries.begin().await?;
        let held = Held::find(&needs.store.applications, &caller, &id).await?;
        let campaign = in_force(needs, exchange, &held.head).await?;
        let now = campaign.effective_now(exchange.arrival);
        let context = Context { campaign: &campaign, now, outages: &outages };
        if is_repeated(needs, &held, &given).await? {
            return http::json(200, &AnswerView::of(&held, &context)?);
        }
        let decision = match counted(&held, &caller, &given, &context) {
            Ok(decision) => decision,
            Err(uncounted) => {
                return Err(admission::refusal(
                    &needs.store.evidence,
                    uncounted,
                    &held,
                    &caller,
                    exchange,
                    now,
                )
                .await);
            }
        };
        if given.row.asks_twice && !given.is_confirmed {
            return Err(to_confirm(decision.after()));
        }
        let remark = given.remark(&decision);
        let along: Vec<_> =
            remark.iter().map(|remark| Along::Remark(&needs.store.drafts, remark)).collect();
        // If the other browser, the sweeper or the office is faster, the answer is judged anew, by the same arrival.
        if unless_faster(needs.store.applications.commit(&decision, &along).await)?.is_some() {
            let after = decision.into_after();
            tracing::info!(application.id = %id, event = given.row.event.code(), version = after.version, "answer recorded");
            return http::json(200, &AnswerView::of(&Held::of(after, &caller)?, &context)?);
        }
    }
}

/// The campaign that judges an answer. The calendar's windows do not matter after sending.
async fn in_force(
    needs: &Needs,
    exchange: &Exchange,
    head: &Application,
) -> Result<Arc<Campaign>, Problem> {
    let campaign = needs.store.campaigns.in_force(&head.campaign, exchange.arrival).await?;
    campaign.ok_or_else(|| Problem::new(ProblemKind::NoSuchModel))
}

/// Whether a caller who may answer gave this answer before: a repetition after a lost response is no error. An answer
/// with a text counts as received only if the text is the same.
async fn is_repeated(needs: &Needs, held: &Held, given: &Given) -> Result<bool, Problem> {
    let row = given.row;
    let may_somewhere = State::ALL.iter().any(|state| held.could(*state, row.action));
    if !may_somewhere || !(row.is_given_in)(held.head.state()) {
        return Ok(false);
    }
    let Some(wanted) = &given.text else { return Ok(true) };
    let remarks = needs.store.drafts.remarks(&held.head.id).await?;
    Ok(remarks.iter().any(|remark| {
        matches!(remark, Remark::Reason { event, text, .. } if event == row.event.code() && text == wanted)
    }))
}

/// What an answer decides, where the tables and the term let it count.
fn counted(
    held: &Held,
    caller: &Caller,
    given: &Given,
    context: &Context<'_>,
) -> Result<Decision, Uncounted> {
    let event = given.row.event;
    let who = Who::Account(caller.account.clone());
    held.counted(given.row.action, Some(event), held.head.step(event, who, context))
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

impl Given {
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
