//! An administrator withdraws a person from their office (ADM-1).

use domain::ids::AccountId;
use edge::{
    http::{self, ApiRequest, Problem, ProblemKind},
    routes::InPath,
};
use lambda_http::{Body, Response};
use outside::clock;
use store::{
    contention::{Tries, none_on_conflict},
    officials::Official,
};

use crate::{
    App,
    request::{WithdrawalBody, withdrawal_from},
    require_other,
    view::OfficialView,
};

/// Withdraws a person from their office, at once or from a date on: access and sessions end then. Repeated, it changes
/// nothing.
#[utoipa::path(
    post, path = "/api/officials/{account}/withdrawal", operation_id = "withdrawOfficial",
    params(("account" = String, Path, description = "The person")),
    request_body = WithdrawalBody,
    responses(
        (status = 200, description = "The office ends at `until`", body = OfficialView),
        (status = 403, description = "Not an administrator, oneself, wrong origin, or too low a level"),
        (status = 422, description = "A date that has passed"),
    )
)]
pub(crate) async fn withdraw(
    app: &App,
    request: &ApiRequest,
    account: InPath<'_, AccountId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let account = account.read()?;
    require_other(&caller, &account)?;
    let asked = withdrawal_from(request)?;
    let now = request.arrival;
    let until = asked.unwrap_or(now);
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let held = app.store.officials.of(&account).await?;
        let held = held.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
        // A later end than the one that stands would give the office back.
        if held.until.is_some_and(|ends| ends <= until) {
            return http::json(200, &OfficialView::of(&held, now));
        }
        // Sessions live by the wall clock.
        let ends =
            app.store.sessions.ending_all(&account, asked.unwrap_or_else(clock::wall), None)?;
        let withdrawn =
            app.store.officials.withdraw(&held, until, &caller.account, now, ends).await;
        if none_on_conflict(withdrawn)?.is_some() {
            tracing::info!(account.id = %account, role = held.role.code(), by = %caller.account, "withdrawn");
            let ended = Official { until: Some(until), ..held };
            return http::json(200, &OfficialView::of(&ended, now));
        }
    }
}
