//! The ledger of outages: an administrator records when the portal did not work, a second one confirms it, and then it
//! suspends every term that it touches; an entry that names another corrects it (CNF-4, OPS-1).

mod request;
mod view;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::{
    ids::OutageId,
    outage_ledger::{self, ConfirmationRefused, EntryState},
    permission,
};
use edge::{
    access::Authenticator,
    http::{self, ApiRequest, Problem, ProblemKind},
    routes,
    routes::InPath,
};
use lambda_http::{Body, Request, Response};
use outside::config::ConfigError;
use store::{
    Store,
    contention::none_on_conflict,
    outages::{OutageRow, RecordedOutage},
    rows::SaveError,
    sessions::Caller,
};

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
    WithSession: record(), list(), confirm(id);
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// Writes an outage into the ledger, or the correction of an entry. It lengthens no term before a second administrator has
/// confirmed it.
///
/// Instants are those of the portal's own clock. The same period written again gives the entry that is there, with the
/// reason that was given first.
#[utoipa::path(
    post, path = "/api/outages", operation_id = "recordOutage",
    request_body = OutageRequest,
    responses(
        (status = 200, description = "Written before", body = OutageView),
        (status = 201, description = "Written; a second administrator has to confirm it", body = OutageView),
        (status = 403, description = "Not an administrator, wrong origin, or too low a level"),
        (status = 404, description = "The entry to correct does not exist"),
        (status = 409, description = "The entry to correct does not count"),
        (status = 422, description = "A wrong period, or no reason"),
    )
)]
async fn record(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = recorder(app, request).await?;
    let asked = request::read(request)?;
    let (by, now) = (caller.account, request.arrival);
    let row = match (asked.corrects, asked.outage) {
        (None, None) => return Err(Problem::new(ProblemKind::Internal)),
        (None, Some(outage)) => OutageRow::new(outage, asked.reason, by, now),
        (Some(wrong), outage) => {
            let (wrong, state) = find(app, &wrong).await?;
            // Said again, or by two people at once, a correction is the entry that is there.
            let correction = OutageRow::correcting(&wrong.row, outage, asked.reason, by, now);
            let rows = app.store.outages.rows().await?;
            let is_there = rows.iter().any(|recorded| recorded.row.id == correction.id);
            if state != EntryState::InForce && !is_there {
                return Err(Problem::new(ProblemKind::WrongState).detail(
                    "Si corregge solo una voce che vale: questa non è ancora confermata, oppure è già stata corretta.",
                ));
            }
            correction
        }
    };
    match app.store.outages.record(&row).await {
        Ok(()) => {
            tracing::info!(outage.id = %row.id, outage.from = row.from, outage.until = row.until, "outage proposed");
            answer(app, 201, &row.id).await
        }
        Err(SaveError::Conflict) => answer(app, 200, &row.id).await,
        Err(error) => Err(error.into()),
    }
}

/// A second administrator confirms an entry: from now on it lengthens every term that it touches, whether or not its end
/// was written down; a correction takes the place of what it names. Terms that were lengthened already stay as told.
#[utoipa::path(
    post, path = "/api/outages/{id}/confirmation", operation_id = "confirmOutage",
    params(("id" = String, Path, description = "The entry")),
    responses(
        (status = 200, description = "It counts, now or since before", body = OutageView),
        (status = 403, description = "Not an administrator, the one who wrote it, wrong origin, or too low a level"),
        (status = 404, description = "No such entry"),
    )
)]
async fn confirm(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, OutageId>,
) -> Result<Response<Body>, Problem> {
    let caller = recorder(app, request).await?;
    let id = id.read()?;
    let (recorded, _) = find(app, &id).await?;
    recorded.entry()?.require_second_person(&caller.account).map_err(|why| match why {
        ConfirmationRefused::OwnEntry => Problem::new(ProblemKind::NotAllowed)
            .detail("La voce è tua: la conferma un altro amministratore."),
    })?;
    let confirmed = app.store.outages.confirm(&recorded.row, &caller.account, request.arrival);
    // On a conflict another administrator was faster: it counts.
    if none_on_conflict(confirmed.await)?.is_some() {
        tracing::info!(outage.id = %id, "outage confirmed");
    }
    answer(app, 200, &id).await
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
    let outages = ledger(app).await?.iter().rev().map(OutageView::of).collect();
    http::json(200, &OutageList { outages })
}

async fn recorder(app: &App, request: &ApiRequest) -> Result<Caller, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    if permission::records_outages(caller.role) {
        Ok(caller)
    } else {
        Err(Problem::new(ProblemKind::NotAllowed))
    }
}

/// All entries with where they stand, oldest outage first.
async fn ledger(app: &App) -> Result<Vec<(RecordedOutage, EntryState)>, Problem> {
    let rows = app.store.outages.rows().await?;
    let entries: Result<Vec<_>, _> = rows.iter().map(RecordedOutage::entry).collect();
    let states = outage_ledger::states(&entries?);
    Ok(rows.into_iter().zip(states).collect())
}

async fn find(app: &App, id: &OutageId) -> Result<(RecordedOutage, EntryState), Problem> {
    let mut ledger = ledger(app).await?.into_iter();
    ledger
        .find(|(recorded, _)| recorded.row.id == *id)
        .ok_or_else(|| Problem::new(ProblemKind::NotFound))
}

async fn answer(app: &App, status: u16, id: &OutageId) -> Result<Response<Body>, Problem> {
    http::json(status, &OutageView::of(&find(app, id).await?))
}

#[cfg(test)]
mod tests;
