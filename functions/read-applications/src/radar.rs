//! The readiness radar: for one application or nine hundred, what blocks each and who must act (NEW-2).

use std::collections::{BTreeMap, HashMap};

use domain::{
    application::{Application, Stage},
    calendar,
    campaign::Activity,
    ids::{ApplicationId, CampaignId, ModelId},
    lifecycle::State,
    permission::Action,
    readiness::{Obstacle, Summary, obstacles},
};
use edge::{
    access::{ActionView, ApplicationAccess, require_open},
    http::{self, ApiRequest, PageQuery, Problem, ProblemKind, page_query::WRONG_CURSOR},
};
use lambda_http::{Body, Response};
use serde::Serialize;
use store::{
    applications::tasks::{Task, TaskStatus},
    questions::Question,
};
use utoipa::ToSchema;

use crate::{
    App,
    part::{Part, Position},
    row::{question, summaries},
    view::{MissingField, shown_instant},
};

/// How ready the caller's applications of one model are; for operators those of their organisation.
#[utoipa::path(
    get, path = "/api/applications/readiness", operation_id = "readReadiness",
    params(
        ("campaign" = String, Query, description = "The decree"),
        ("model" = String, Query, description = "The model"),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many rows, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "Totals, and a page of what is not ready", body = ReadinessView),
        (status = 409, description = "The section cannot be read now"),
        (status = 422, description = "No such model, wrong limit or cursor"),
    )
)]
pub(crate) async fn readiness(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let (campaign_id, model) = named(request)?;
    let list = format!("readiness {campaign_id} {model}");
    let page_query = PageQuery::read(request, &app.cursors, &caller.account, &list)?;
    let position = page_query
        .after()
        .map(|last| Position::read(last).ok_or_else(|| Problem::field("cursor", WRONG_CURSOR)));
    let position = position.transpose()?.unwrap_or_default();
    let campaign = app.store.campaigns.in_force(&campaign_id, request.arrival).await?;
    let campaign = campaign.ok_or(Problem::new(ProblemKind::NoSuchModel))?;
    if campaign.model(&model).is_none() {
        return Err(Problem::new(ProblemKind::NoSuchModel));
    }
    let now = campaign.effective_now(request.arrival);
    require_open(&campaign, &model, Activity::Read, now)?;

    let mut part = Part::of(app, &caller, &position).await?;
    let number = (position.parts > 0 || part.next.is_some()).then(|| position.parts + 1);
    let mut all = std::mem::take(&mut part.all);
    all.retain(|access| access.head.campaign == campaign_id && access.head.model == model);
    let mut totals = Totals::of(&all);
    all.retain(|access| !is_ready(&access.head) && !access.head.state().is_sent());

    let open: Vec<_> = all
        .iter()
        .map(|access| &access.head)
        .filter(|head| matches!(head.stage, Stage::ToComplete { .. }))
        .collect();
    let found = summaries(app, &open, request.arrival).await?;
    let checks = checks(app, &all).await?;
    let mut blocked_by: BTreeMap<Obstacle, usize> = BTreeMap::new();
    for access in &all {
        for obstacle in of(&access.head, found.get(&access.head.id), &checks) {
            *blocked_by.entry(obstacle).or_default() += 1;
        }
    }
    totals.blocked_by = blocked_by.into_iter().map(BlockedBy::of).collect();

    all.retain(|access| position.is_before(access));
    let has_more = page_query.truncate(&mut all);
    let next = match all.last().filter(|_| has_more) {
        Some(last) => Some(part.after_row(last)),
        None => part.next,
    };
    let next = next.map(|next| page_query.next(&next.text()));
    let tasks = tasks(app, &all, &found).await?;
    let rows = all.iter().map(|access| {
        let summary = found.get(&access.head.id);
        ReadinessRow::of(access, summary, &checks, &tasks)
    });
    http::json(200, &ReadinessView { totals, part: number, rows: rows.collect(), next })
}

/// The decree and model that are asked about.
fn named(request: &ApiRequest) -> Result<(CampaignId, ModelId), Problem> {
    let campaign = request.query("campaign").and_then(|text| text.parse().ok());
    let model = request.query("model").and_then(|text| text.parse().ok());
    match (campaign, model) {
        (Some(campaign), Some(model)) => Ok((campaign, model)),
        (None, _) => Err(Problem::field("campaign", "Indica il decreto, come nel calendario.")),
        (_, None) => Err(Problem::field("model", "Indica il modello, come nel calendario.")),
    }
}

/// Whether nothing holds it back: it is ready, or armed besides (NEW-1).
fn is_ready(head: &Application) -> bool {
    matches!(head.state(), State::ToSend | State::Armed)
}

/// The preliminary checks that are still queued, of those whose form is not open yet (CHK-2).
async fn checks(
    app: &App,
    all: &[ApplicationAccess],
) -> Result<HashMap<ApplicationId, Task>, Problem> {
    let name = Question::Check.name();
    let asked: Vec<_> = all
        .iter()
        .filter(|access| access.head.state() == State::ToValidate)
        .map(|access| (access.head.id.clone(), name.clone()))
        .collect();
    let found = app.store.applications.tasks_of(&asked).await?;
    let waiting = found.into_iter().filter(|(_, task)| task.status == TaskStatus::Waiting);
    Ok(waiting.map(|((id, _), task)| (id, task)).collect())
}

/// The questions whose answers the rows of a page wait for.
async fn tasks(
    app: &App,
    page: &[ApplicationAccess],
    summaries: &HashMap<ApplicationId, Summary>,
) -> Result<HashMap<(ApplicationId, String), Task>, Problem> {
    let asked: Vec<_> = page
        .iter()
        .filter_map(|access| {
            summaries.get(&access.head.id).map(|summary| (&access.head.id, summary))
        })
        .flat_map(|(id, summary)| {
            summary.awaited.iter().map(|awaited| (id.clone(), question(*awaited)))
        })
        .collect();
    Ok(app.store.applications.tasks_of(&asked).await?)
}

fn of(
    head: &Application,
    summary: Option<&Summary>,
    checks: &HashMap<ApplicationId, Task>,
) -> Vec<Obstacle> {
    obstacles(head, summary, checks.contains_key(&head.id))
}

/// How ready the applications of one model are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadinessView {
    /// Over all of them, or over those of `part`.
    pub(crate) totals: Totals,
    /// Where the caller has more than a thousand applications: of which part totals and rows are, beginning with 1. The
    /// pages of one part have the same totals; those of all parts are to be added up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<u32>,
    /// Those that are neither ready nor sent, newest first.
    pub(crate) rows: Vec<ReadinessRow>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<String>,
}

/// Over all applications of the model.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Totals {
    /// All that are not deleted.
    pub(crate) applications: usize,
    /// *Da inviare*, and not armed.
    pub(crate) ready: usize,
    /// Of these, those that the caller may send.
    pub(crate) sendable: usize,
    /// *Da inviare (invio prenotato)*: the portal sends them at the opening.
    pub(crate) armed: usize,
    /// Of these, those that the caller may disarm until then.
    pub(crate) disarmable: usize,
    /// Sent, now or earlier.
    pub(crate) sent: usize,
    /// What blocks the others; one application may stand under several.
    pub(crate) blocked_by: Vec<BlockedBy>,
}

impl Totals {
    fn of(all: &[ApplicationAccess]) -> Self {
        let count = |counts: &dyn Fn(&ApplicationAccess) -> bool| {
            all.iter().filter(|access| counts(access)).count()
        };
        Self {
            applications: all.len(),
            ready: count(&|access| access.head.state() == State::ToSend),
            sendable: count(&|access| access.require(Action::Submit).is_ok()),
            armed: count(&|access| access.head.state() == State::Armed),
            disarmable: count(&|access| access.require(Action::Disarm).is_ok()),
            sent: count(&|access| access.head.state().is_sent()),
            blocked_by: Vec::new(),
        }
    }
}

/// An obstacle and how many it holds back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BlockedBy {
    /// Stable code, `registry:<name>` for a registry.
    pub(crate) obstacle: String,
    /// `person`, `registry`, `portal` or `office`.
    pub(crate) who_acts: &'static str,
    /// What it is and what to do, in Italian.
    pub(crate) label: String,
    /// How many it holds back.
    pub(crate) applications: usize,
}

impl BlockedBy {
    fn of((obstacle, applications): (Obstacle, usize)) -> Self {
        Self {
            obstacle: obstacle.code().into_owned(),
            who_acts: obstacle.who_acts().code(),
            label: obstacle.label().into_owned(),
            applications,
        }
    }
}

/// One application that is not ready.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadinessRow {
    /// The application.
    pub(crate) id: String,
    /// State code.
    pub(crate) state: &'static str,
    /// State as people read it.
    pub(crate) state_label: &'static str,
    /// Surname and name of the worker, for callers who may see the form.
    pub(crate) worker: Option<String>,
    /// What the employer is called, for callers who may see the form.
    pub(crate) employer: Option<String>,
    /// Completion in percent, while it is filled in.
    pub(crate) percent: Option<u8>,
    /// The first missing values, for callers who may see the form.
    pub(crate) missing: Vec<MissingField>,
    /// What blocks it.
    pub(crate) blocked_by: Vec<ObstacleView>,
    /// What the caller may do now.
    pub(crate) allowed: Vec<ActionView>,
}

/// What blocks one application.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObstacleView {
    /// Stable code, `registry:<name>` for a registry.
    pub(crate) obstacle: String,
    /// `person`, `registry`, `portal` or `office`.
    pub(crate) who_acts: &'static str,
    /// What it is and what to do, in Italian.
    pub(crate) label: String,
    /// Since when, RFC 3339: the first question to a registry, else the last step of the application.
    pub(crate) since: String,
    /// Whether a registry was asked and did not answer in time.
    pub(crate) late: bool,
}

impl ReadinessRow {
    fn of(
        access: &ApplicationAccess,
        summary: Option<&Summary>,
        checks: &HashMap<ApplicationId, Task>,
        tasks: &HashMap<(ApplicationId, String), Task>,
    ) -> Self {
        let head = &access.head;
        let names = summary.filter(|_| access.require(Action::ReadForm).is_ok());
        let asked = |obstacle: Obstacle| match obstacle {
            Obstacle::PreliminaryCheck => checks.get(&head.id).into_iter().collect(),
            Obstacle::Registry(registry) => summary
                .into_iter()
                .flat_map(|summary| &summary.awaited)
                .filter(|awaited| awaited.registry == registry)
                .filter_map(|awaited| tasks.get(&(head.id.clone(), question(*awaited))))
                .collect(),
            _ => Vec::new(),
        };
        let blocked_by = of(head, summary, checks).into_iter().map(|obstacle| {
            let asked: Vec<&Task> = asked(obstacle);
            let first = asked.iter().map(|task| task.first_asked).min();
            let last_step = match obstacle {
                Obstacle::ActivationCode => head.created,
                _ => head.changed,
            };
            ObstacleView {
                obstacle: obstacle.code().into_owned(),
                who_acts: obstacle.who_acts().code(),
                label: obstacle.label().into_owned(),
                since: first.map_or_else(|| calendar::rfc3339(last_step), shown_instant),
                late: asked.iter().any(|task| is_late(task)),
            }
        });
        Self {
            id: head.id.to_string(),
            state: head.state().code(),
            state_label: head.state().label(),
            worker: names.and_then(|names| names.worker.shown()),
            employer: names.and_then(|names| names.employer.clone()),
            percent: summary.map(|summary| summary.percent),
            missing: names.map(|names| MissingField::all(names, &head.schema)).unwrap_or_default(),
            blocked_by: blocked_by.collect(),
            allowed: access.actions(),
        }
    }
}

/// Whether the registry gave no answer when it was asked: the portal asks again, or gave up.
fn is_late(task: &Task) -> bool {
    match task.status {
        TaskStatus::Waiting => task.attempts > 0,
        TaskStatus::Silent => true,
        TaskStatus::Done | TaskStatus::Refused => false,
    }
}
