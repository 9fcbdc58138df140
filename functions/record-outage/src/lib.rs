//! The ledger of outages: administrators record when the portal did not work, which suspends every term that it touches
//! (CNF-4, OPS-1).

mod request;
mod view;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::permission;
use edge::{
    access::Authenticator,
    http::{self, ApiRequest, Problem, ProblemKind},
    routes,
};
use lambda_http::{Body, Request, Response};
use outside::config::ConfigError;
use store::{Store, contention::Contended, outages::OutageRow, rows::SaveError};

use self::request::OutageRequest;
pub use self::view::{OutageList, OutageView};

/// What recording needs.
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
    WithSession: record(), list();
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// Records an outage, for good: every term that it touches is lengthened by it, whether or not its end was written down.
///
/// Instants are those of the portal's own clock. The same period recorded again gives the entry that is there, with the
/// reason that was given first.
#[utoipa::path(
    post, path = "/api/outages", operation_id = "recordOutage",
    request_body = OutageRequest,
    responses(
        (status = 200, description = "Recorded before", body = OutageView),
        (status = 201, description = "Recorded", body = OutageView),
        (status = 403, description = "Not an administrator, wrong origin, or too low a level"),
        (status = 422, description = "A wrong period, or no reason"),
    )
)]
async fn record(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    if !permission::records_outages(caller.role) {
        return Err(Problem::new(ProblemKind::NotAllowed));
    }
    let (outage, reason) = request::read(request)?;
    let row = OutageRow::new(outage, reason, caller.account, request.arrival);
    match app.store.outages.record(&row).await {
        Ok(()) => {
            tracing::info!(outage.id = %row.id, outage.from = row.from, outage.until = row.until, "outage recorded");
            http::json(201, &OutageView::of(&row))
        }
        Err(SaveError::Conflict) => {
            let rows = app.store.outages.rows().await?;
            let before = rows.iter().find(|before| before.id == row.id).ok_or(Contended)?;
            http::json(200, &OutageView::of(before))
        }
        Err(error) => Err(error.into()),
    }
}

/// When the portal did not work, the latest outage first; for administrators, and for officers who reopen cases.
#[utoipa::path(
    get, path = "/api/outages", operation_id = "listOutages",
    responses(
        (status = 200, description = "The whole ledger", body = OutageList),
        (status = 403, description = "Neither an officer nor an administrator, or too low a level"),
    )
)]
async fn list(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    if !permission::reads_outages(caller.role) {
        return Err(Problem::new(ProblemKind::NotAllowed));
    }
    caller.require_level_2()?;
    let rows = app.store.outages.rows().await?;
    http::json(200, &OutageList { outages: rows.iter().rev().map(OutageView::of).collect() })
}

#[cfg(test)]
mod tests;
