//! Arms ready applications, so that the portal sends them at the opening, and disarms them until then: one request for many,
//! one outcome each (NEW-1, ADR 42).

mod change;
mod judge;
mod view;

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use aws_config::SdkConfig;
use domain::{
    application::Application,
    calendar,
    campaign::{Campaign, NoArming},
    ids::{ApplicationId, CampaignId, ModelId},
    permission::Relation,
};
use edge::{
    access::{Authenticator, has_arrived},
    http::{self, ApiRequest, Form as _, Problem, ProblemKind},
    press_for_many::MOST,
    routes,
};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response};
use outside::config::ConfigError;
use store::{Store, rows::StoreError};

use self::{
    change::Changing,
    judge::{Change, Judge},
    view::{ArmedSendsAnswer, ArmedSendsRequest},
};

/// What arming needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
}

impl App {
    /// Reads the configuration and the secret of the sessions.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self { authenticator: Authenticator::from_environment(sdk, &store).await?, store })
    }
}

routes! {
    App;
    WithSession: arm_applications(), disarm_applications();
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// *Prenota invio*: all ready applications of a model that the caller may send, or a selection, go by themselves at the next
/// opening and arrive at it; repeated, it finds them armed.
///
/// Those that the caller may send are the `sendable` ones of the readiness. Arming early gains nothing: all that is armed
/// before an opening has one arrival, and the draw decides among equals.
#[utoipa::path(
    post, path = "/api/armed-sends", operation_id = "armApplications",
    request_body = ArmedSendsRequest,
    responses(
        (status = 200, description = "One outcome each, in the order asked for", body = ArmedSendsAnswer),
        (status = 409, description = "The decree knows no armed sends (`prenotazione-non-prevista`), the window is open (`apertura-avvenuta`), or no opening is to come (`finestra-non-aperta`); and none of these was armed or sent before"),
        (status = 422, description = "Wrong fields or no such model; nothing was armed"),
    )
)]
async fn arm_applications(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    change_all(app, request, Change::Arm).await
}

/// *Annulla invio prenotato*: all that is armed of a model and that the caller may send, or a selection, is *da inviare* again,
/// until its opening; repeated, it finds nothing to undo.
#[utoipa::path(
    post, path = "/api/armed-sends/cancellations", operation_id = "disarmApplications",
    request_body = ArmedSendsRequest,
    responses(
        (status = 200, description = "One outcome each, in the order asked for", body = ArmedSendsAnswer),
        (status = 409, description = "The decree knows no armed sends (`prenotazione-non-prevista`), or the opening has been (`apertura-avvenuta`) and nothing of these could be disarmed"),
        (status = 422, description = "Wrong fields or no such model; nothing was disarmed"),
    )
)]
async fn disarm_applications(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    change_all(app, request, Change::Disarm).await
}

async fn change_all(
    app: &App,
    request: &ApiRequest,
    change: Change,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let asked = Asked::read(request)?;
    let decree = Decree::find(app, request, &asked).await?;
    let decree = match change {
        Change::Arm => decree,
        Change::Disarm => decree.with_runs(app).await?,
    };
    let judge = Judge { caller: &caller, decree: &decree, change };
    if ![Relation::Representative, Relation::Filer].into_iter().any(|to| judge.may_as(to)) {
        return Err(Problem::new(ProblemKind::NotAllowed));
    }
    let chosen = match asked.applications {
        Some(ids) => selected(app, ids).await?,
        None => all(app, judge).await?,
    };
    let outcomes = Changing { app, request, judge }.change_all(chosen.candidates).await;
    if let Some(problem) = judge.refusal_of_all(&outcomes) {
        return Err(problem);
    }
    let message = outcomes.is_empty().then(|| change.nothing_to_do().to_owned());
    http::json(
        200,
        &ArmedSendsAnswer {
            arrival: format!("{:.3}", decree.now),
            opens_at: decree.opening().ok().map(calendar::rfc3339),
            outcomes,
            remaining: chosen.remaining,
            message,
        },
    )
}

/// What the client asks for.
struct Asked {
    campaign: CampaignId,
    model: ModelId,
    /// A selection, in the order of the answer; without it, all.
    applications: Option<Vec<ApplicationId>>,
}

impl Asked {
    fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: ArmedSendsRequest = request.form()?;
        let (campaign, model) = (body.campaign(), body.model());
        let applications =
            if body.has("applications") { body.applications().map(Some) } else { Some(None) };
        let ((campaign, model), applications) =
            body.complete(campaign.zip(model).zip(applications))?;
        Ok(Self { campaign, model, applications })
    }
}

/// The decree and model that a request names, at the gateway's instant of it.
#[derive(Debug)]
struct Decree {
    campaign: Arc<Campaign>,
    model: ModelId,
    /// By the campaign's clock (SUB-3).
    now: Timestamp,
    /// Openings whose sends have begun, by the campaign's clock: what was armed before one goes by it, whatever version is
    /// in force now. Read where something is to be disarmed.
    begun: Vec<Timestamp>,
}

impl Decree {
    /// Refuses a model that the decree does not have, and a decree that knows no armed sends.
    async fn find(app: &App, request: &ApiRequest, asked: &Asked) -> Result<Self, Problem> {
        let campaign = app.store.campaigns.in_force(&asked.campaign, request.arrival).await?;
        let campaign = campaign.filter(|campaign| campaign.model(&asked.model).is_some());
        let campaign = campaign.ok_or(Problem::new(ProblemKind::NoSuchModel))?;
        let now = campaign.effective_now(request.arrival);
        let decree = Self { campaign, model: asked.model.clone(), now, begun: Vec::new() };
        match decree.opening() {
            Err(NoArming::Chronological) => Err(Problem::new(ProblemKind::ArmingNotOffered)),
            Ok(_) | Err(NoArming::Open { .. } | NoArming::OffQuota | NoArming::NoOpening) => {
                Ok(decree)
            }
        }
    }

    /// The same with the openings whose sends have begun.
    async fn with_runs(self, app: &App) -> Result<Self, StoreError> {
        let runs = app.store.armed_sends.runs(self.campaign.id(), &self.model).await?;
        let begun = runs.iter().filter_map(|run| Some(run.of()?.opening)).collect();
        Ok(Self { begun, ..self })
    }

    /// Whether what is armed can no longer be disarmed: its opening has been, or its sends have begun before a later version
    /// moved it.
    fn has_taken(&self, head: &Application) -> bool {
        let armed = head.stage.armed();
        let takes = |opening: &Timestamp| {
            *opening <= self.now && armed.is_some_and(|armed| armed < *opening)
        };
        has_arrived(&self.campaign, head, self.now) || self.begun.iter().any(takes)
    }

    /// The opening for which applications can be armed now.
    fn opening(&self) -> Result<Timestamp, NoArming> {
        self.campaign.arming(&self.model, self.now)
    }

    fn has(&self, head: &Application) -> bool {
        head.campaign == *self.campaign.id() && head.model == self.model
    }
}

/// The applications that are looked at, each with its head as it was read, if it is there.
struct Chosen {
    candidates: Vec<(ApplicationId, Option<Application>)>,
    remaining: usize,
}

/// Those that the request names, in its order.
async fn selected(app: &App, ids: Vec<ApplicationId>) -> Result<Chosen, StoreError> {
    let heads = app.store.applications.heads_consistent(&ids).await?;
    let mut heads: HashMap<_, _> = heads.into_iter().map(|head| (head.id.clone(), head)).collect();
    let candidates = ids.into_iter().map(|id| {
        let head = heads.remove(&id);
        (id, head)
    });
    Ok(Chosen { candidates: candidates.collect(), remaining: 0 })
}

/// All that the request would change, the oldest first; the room that is left shows what an earlier one changed, so that a
/// repetition after a lost answer finds it.
async fn all(app: &App, judge: Judge<'_>) -> Result<Chosen, StoreError> {
    let Judge { caller, decree, change } = judge;
    let (account, organisation) = (&caller.account, caller.organisation.as_ref());
    let applications = &app.store.applications;
    let as_representative = judge.may_as(Relation::Representative);
    let ids = applications
        .all_of_presser(account, organisation, decree.campaign.id(), as_representative)
        .await?;
    // Some may have changed a moment ago: the write tells, and the head is read again.
    let mut heads = applications.heads(&ids).await?;
    // Those handed over a moment ago, which the index still has, are not theirs any more.
    heads.retain(|head| {
        decree.has(head) && judge.may_as(head.parties.relation(account, organisation))
    });
    heads.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
    let (to_do, others): (Vec<_>, Vec<_>) =
        heads.into_iter().partition(|head| head.state() == change.from());
    let remaining = to_do.len().saturating_sub(MOST);
    let done = others.into_iter().filter(|head| Some(head.state()) == change.shown_as_done());
    let candidates = to_do.into_iter().chain(done).take(MOST);
    let candidates = candidates.map(|head| (head.id.clone(), Some(head)));
    Ok(Chosen { candidates: candidates.collect(), remaining })
}

#[cfg(test)]
mod tests;
