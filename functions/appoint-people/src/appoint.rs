//! An administrator appoints a person (ADM-1).

use domain::{fiscal_code::PersonCode, ids::AccountId};
use edge::{
    access,
    http::{self, ApiRequest, Problem, ProblemKind},
};
use lambda_http::{Body, Response};
use store::{
    contention::{Tries, none_on_conflict},
    officials::Official,
};

use crate::{
    App,
    request::{self, AppointmentBody, Asked},
    require_other,
    view::OfficialView,
};

/// Appoints a person to an office, by fiscal code: recognised at their next sign-in. Repeated, it changes nothing.
#[utoipa::path(
    post, path = "/api/officials", operation_id = "appointOfficial",
    request_body = AppointmentBody,
    responses(
        (status = 200, description = "Appointed so before", body = OfficialView),
        (status = 201, description = "Appointed", body = OfficialView),
        (status = 403, description = "Not an administrator, oneself, wrong origin, or too low a level"),
        (status = 409, description = "The person holds another office: withdraw them first"),
        (status = 422, description = "Fields are wrong, all listed"),
    )
)]
pub(crate) async fn appoint(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    // Before the body is read: nobody else learns of its mistakes.
    access::require_administrator(&caller)?;
    let asked = request::appointment(request)?;
    let account = app.keying.account(&PersonCode::from(asked.code.clone()));
    require_other(&caller, &account)?;
    let now = request.arrival;
    let official = official(&asked, account, caller.account, now);
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let held = app.store.officials.of(&official.account).await?;
        if let Some(held) = held.filter(|held| !held.has_ended(now)) {
            if is_same(&held, &asked) {
                return http::json(200, &OfficialView::of(&held, now));
            }
            return Err(Problem::new(ProblemKind::OtherOffice));
        }
        // Nobody stays signed in past the end of their office.
        let ends = match official.until {
            Some(until) => Some(app.store.sessions.ending_all(&official.account, until, None)?),
            None => None,
        };
        let appointed = app.store.officials.appoint(&official, ends).await;
        if none_on_conflict(appointed)?.is_some() {
            tracing::info!(account.id = %official.account, role = official.role.code(), by = ?official.by, "appointed");
            return http::json(201, &OfficialView::of(&official, now));
        }
    }
}

fn official(asked: &Asked, account: AccountId, by: AccountId, now: jiff::Timestamp) -> Official {
    Official {
        account,
        fiscal_code: Some(asked.code.reveal().to_owned()),
        role: asked.role,
        province: asked.province.clone(),
        from: asked.from.unwrap_or(now),
        until: asked.until,
        by: Some(by),
        appointed: now,
    }
}

/// Whether what is asked for is what holds already: the same office with the same period; no beginning means at once.
pub(crate) fn is_same(held: &Official, asked: &Asked) -> bool {
    held.role == asked.role
        && held.province == asked.province
        && held.until == asked.until
        && asked.from.is_none_or(|from| from == held.from)
}
