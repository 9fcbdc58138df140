//! The consular system reports concluded checks and visas, with signed requests, each once, in whatever order they come
//! (CNF-1, ENT-1).

mod request;
#[cfg(test)]
mod tests;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::{
    application::{Application, Who},
    decision::Context,
    permission::{self, Relation, Role},
};
use edge::{
    http::{self, ApiRequest, Problem, ProblemKind},
    routes,
};
use lambda_http::{Body, Request, Response};
use outside::{
    config::{self, ConfigError},
    keying::Keying,
    machine_token::{MachineClient, NoKey, PublicMachineKey},
};
use store::{
    Store,
    applications::commit::Companion,
    consular_reports::{ConsularReports, ReportRow},
    contention::{Tries, none_on_conflict},
    drafts::Remark,
    keys::Key,
    rows::SaveError,
};
use thiserror::Error;

pub use self::request::ReportedView;
use self::request::{Report, ReportRequest};

/// What receiving needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    client: MachineClient,
    client_id: String,
    keying: Keying,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// The key of the consular system is none.
    #[error("CONSULATE_KEY cannot be used")]
    Key(#[from] NoKey),
}

impl App {
    /// Reads the configuration and the secret.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let client_id = config::required("CONSULATE_CLIENT_ID")?;
        let key: PublicMachineKey = config::required("CONSULATE_KEY")?.parse()?;
        let audience = format!("{}/api/consulate/events", config::required("PUBLIC_ORIGIN")?);
        Ok(Self {
            client: MachineClient::new(client_id.clone(), &key, audience),
            client_id,
            store: Store::open(sdk)?,
            keying: Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?),
        })
    }
}

routes! {
    App;
    Machine: report();
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// The consular system reports that its checks are concluded, or what became of the visa.
///
/// A machine client, proven by a token that names the digest of the body; no cookie, no origin. A repetition under the same
/// `event_id` gets the same answer. What the state does not admit yet is not stored: it is to be sent again.
#[utoipa::path(
    post, path = "/api/consulate/events", operation_id = "reportConsularEvent",
    request_body = ReportRequest,
    responses(
        (status = 200, description = "Recorded, now or before; or true already or overtaken, and without effect", body = ReportedView),
        (status = 401, description = "No token, or not the client's, over, for another address or another body"),
        (status = 404, description = "No such case"),
        (status = 409, description = "The state does not admit it yet: nothing stored, send it again; or another report was recorded under this identifier"),
    )
)]
async fn report(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    app.client
        .verify(request.header("authorization").as_deref(), request.body(), request.arrival)
        .map_err(|reason| Problem::new(ProblemKind::NotSigned).caused_by(&reason))?;
    let asked = Report::read(request)?;
    let key = ConsularReports::key(&app.client_id, &asked.event_id);
    let content = app.keying.opaque("consular-report", &asked.canonical_text());
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        if let Some(before) = app.store.consular_reports.find(&key).await? {
            return repeated(&asked, &before, &content);
        }
        let head = known(app, &asked).await?;
        let recorded = if takes(&asked, &head) {
            take(app, request, &asked, &head, &key, &content).await?
        } else if asked.report.is_early(head.state()) {
            return Err(out_of_order(&head));
        } else {
            let row =
                ReportRow::new(&key, asked.report, content.clone(), false, &head, request.arrival);
            app.store.consular_reports.record(&row).await.map(|()| row)
        };
        // If the same report came at the same time, or the case moved, the report is judged anew.
        if let Some(row) = none_on_conflict(recorded)? {
            tracing::info!(
                application.id = %head.id,
                report = asked.report.code(),
                state = row.state.code(),
                had_effect = row.had_effect,
                "report of the consular system"
            );
            return http::json(200, &ReportedView::of(&asked.event_id, &row)?);
        }
    }
}

/// The case that a report is about; none where the application was not sent.
async fn known(app: &App, asked: &Report) -> Result<Application, Problem> {
    let head = app.store.applications.head(&asked.application).await?;
    head.filter(|head| head.procedure().is_some()).ok_or_else(|| {
        Problem::new(ProblemKind::NotFound).detail(
            "Nessuna pratica ha questo identificativo: controlla quello comunicato con il nulla osta.",
        )
    })
}

/// Whether the permission table has it where the case stands.
fn takes(asked: &Report, head: &Application) -> bool {
    permission::may(Role::ConsularSystem, Relation::None, head.state(), asked.report.action())
        && head.state().on(asked.report.event()).is_ok()
}

/// The step and the record of the report, all or nothing.
async fn take(
    app: &App,
    request: &ApiRequest,
    asked: &Report,
    head: &Application,
    key: &Key,
    content: &str,
) -> Result<Result<ReportRow, SaveError>, Problem> {
    let campaign = app
        .store
        .campaigns
        .in_force(&head.campaign, request.arrival)
        .await?
        .ok_or(Problem::new(ProblemKind::NoSuchModel))?;
    let outages = app.store.outages.all().await?;
    let now = campaign.effective_now(request.arrival);
    let context = Context { campaign: &campaign, now, outages: &outages };
    let event = asked.report.event();
    let decision = head.step(event, Who::ConsularSystem, &context)?;
    let after = decision.after();
    let row = ReportRow::new(key, asked.report, content.to_owned(), true, after, request.arrival);
    let remark =
        asked.remark().map(|text| Remark::Reason { event: event.code().to_owned(), text, at: now });
    let mut along = vec![Companion::Report(&row)];
    along.extend(remark.iter().map(|remark| Companion::Remark(&app.store.drafts, remark)));
    Ok(app.store.applications.commit(&decision, &along).await.map(|()| row))
}

/// The same report gets the same answer; another one under its identifier is a mistake of the client's.
fn repeated(asked: &Report, before: &ReportRow, content: &str) -> Result<Response<Body>, Problem> {
    if before.content == content {
        http::json(200, &ReportedView::of(&asked.event_id, before)?)
    } else {
        Err(Problem::new(ProblemKind::Conflict).detail(
            "Con questo event_id è già registrata un'altra segnalazione: usa un identificativo nuovo.",
        ))
    }
}

fn out_of_order(head: &Application) -> Problem {
    Problem::new(ProblemKind::ReportOutOfOrder)
        .with("state", head.state().code())
        .with("state_label", head.state().label())
}
