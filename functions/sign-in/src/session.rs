//! The session after sign-in: what it is, its refresh, its end (FRM-5, ADR 0006).

use ::http::HeaderValue;
use domain::{
    calendar,
    ids::OrganisationId,
    service::{self, OfferedService},
};
use edge::{
    http::{self, ApiRequest, Problem, ProblemKind},
    session::{REFRESH_COOKIE, no_cookies, refresh_cookie, session_cookie},
};
use jiff::SignedDuration;
use lambda_http::{Body, Response};
use outside::aws;
use serde::Serialize;
use store::sessions::SESSION_LASTS;
use utoipa::ToSchema;

use crate::App;

/// Lets browsers drop what pages kept, beside our cookies: nothing is left on a shared machine (FRM-5).
const CLEAR: HeaderValue = HeaderValue::from_static("\"cache\", \"storage\"");

/// Who is signed in, as the person may read it about themselves.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// The account, opaque.
    pub account: String,
    /// 2 or 3 by SPID or CIE, 1 by password, 0 by a password that was switched off (ACC-7).
    #[schema(minimum = 0, maximum = 3)]
    pub level: u8,
    /// Role code (`employer`, `operator` …).
    pub role: String,
    /// Profile code (`private`, `organisation` …), which decides the services shown (IDP-3).
    pub profile: String,
    /// The organisation that the person works for.
    pub organisation: Option<String>,
    /// The province that an officer works in.
    pub province: Option<String>,
    /// As the identity provider gave it, or as typed at the registration.
    pub given_name: String,
    /// As the identity provider gave it, or as typed at the registration.
    pub family_name: String,
    /// The entries of the personal area, in its order (PER-1).
    pub services: Vec<ServiceView>,
    /// What the organisation is called.
    pub organisation_name: Option<String>,
    /// When the session must be refreshed, RFC 3339.
    #[schema(format = DateTime)]
    pub expires: String,
    /// When it ends if nobody refreshes it, RFC 3339.
    #[schema(format = DateTime)]
    pub rests_until: String,
    /// When it ends however often it is refreshed, RFC 3339.
    #[schema(format = DateTime)]
    pub ends_at: String,
    /// The portal's own instant of this answer, RFC 3339 with milliseconds: pages count from it, whatever their clock says.
    #[schema(format = DateTime)]
    pub now: String,
}

/// An entry of the personal area.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceView {
    /// Stable code.
    pub service: &'static str,
    /// As people read it.
    pub label: &'static str,
    /// Whether it can be used as signed in now.
    pub available: bool,
    /// Why not, and what to do.
    pub why: Option<&'static str>,
}

impl From<OfferedService> for ServiceView {
    fn from(shown: OfferedService) -> Self {
        Self {
            service: shown.service.code(),
            label: shown.service.label(),
            available: shown.why_not.is_none(),
            why: shown.why_not,
        }
    }
}

/// What a refresh tells the page.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefreshedView {
    /// When the session must be refreshed again, RFC 3339.
    #[schema(format = DateTime)]
    pub expires: String,
}

/// Who is signed in (PER-1, IDP-3).
#[utoipa::path(
    get, path = "/api/session", operation_id = "currentSession",
    responses(
        (status = 200, description = "Signed in", body = SessionView),
    )
)]
pub(crate) async fn current(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.tokens.caller(request, SignedDuration::ZERO)?;
    let ends = app.store.sessions.require_live(&caller, request.arrival).await?;
    let organisation = async {
        match &caller.organisation {
            Some(organisation) => app.store.organisations.find(organisation).await,
            None => Ok(None),
        }
    };
    let (account, organisation) =
        futures::try_join!(app.store.accounts.find(&caller.account), organisation)?;
    let account = account.ok_or(Problem::new(ProblemKind::SessionOver))?;
    http::json(
        200,
        &SessionView {
            account: caller.account.to_string(),
            level: caller.level,
            role: caller.role.code().to_owned(),
            profile: caller.profile.code().to_owned(),
            organisation: caller.organisation.as_ref().map(OrganisationId::to_string),
            province: caller.province,
            given_name: account.given_name,
            family_name: account.family_name,
            services: service::services(caller.role, caller.profile, caller.level)
                .into_iter()
                .map(ServiceView::from)
                .collect(),
            organisation_name: organisation.map(|organisation| organisation.name),
            expires: calendar::rfc3339(caller.expires),
            rests_until: calendar::rfc3339(ends.rests_until),
            ends_at: calendar::rfc3339(ends.ends_at),
            now: calendar::rfc3339(request.arrival),
        },
    )
}

/// Gives a new access token; the refresh token changes with each use, and one used again later ends the session.
#[utoipa::path(
    post, path = "/api/session/refresh", operation_id = "refreshSession",
    responses(
        (status = 200, description = "Refreshed; sets the cookies anew", body = RefreshedView),
    )
)]
pub(crate) async fn refresh(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    let now = request.arrival;
    let token = request.cookie(REFRESH_COOKIE).ok_or(Problem::new(ProblemKind::NoSession))?;
    let random = aws::random().map_err(|error| Problem::internal(&error))?;
    let refreshed = app.store.sessions.refresh(token, &app.refresh_secrets, random, now).await?;
    let mut cookies = vec![session_cookie(&app.tokens.issue(&refreshed.caller, now)?)];
    cookies.extend(refreshed.refresh.as_deref().map(refresh_cookie));
    let view = RefreshedView { expires: calendar::rfc3339(refreshed.caller.expires) };
    http::with_cookies(http::json(200, &view)?, &cookies)
}

/// Ends the session at once and leaves nothing in the browser; saying it twice changes nothing (FRM-5).
#[utoipa::path(
    post, path = "/api/session/sign-out", operation_id = "signOut",
    security((), ("session" = [])),
    responses(
        (status = 204, description = "Signed out, whether or not there was a session; removes the cookies"),
        (status = 503, description = "The store does not answer: the session may live on"),
    )
)]
pub(crate) async fn sign_out(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    let now = request.arrival;
    // An access token past its expiry still names the session that its owner wants to end.
    if let Ok(caller) = app.tokens.caller(request, SESSION_LASTS) {
        app.store.sessions.end(&caller.session, now).await?;
    }
    if let Some(token) = request.cookie(REFRESH_COOKIE) {
        app.store.sessions.end_by_refresh(token, now).await?;
    }
    signed_out()
}

/// Ends all sessions of the person who is signed in, on every device, this one included: for a lost telephone, or a computer
/// that others use (FRM-5).
#[utoipa::path(
    post, path = "/api/session/sign-out-everywhere", operation_id = "signOutEverywhere",
    responses(
        (status = 204, description = "All sessions are over; removes the cookies"),
    )
)]
pub(crate) async fn sign_out_everywhere(
    app: &App,
    request: &ApiRequest,
) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    let now = request.arrival;
    let caller = app.tokens.caller(request, SignedDuration::ZERO)?;
    let sessions = &app.store.sessions;
    sessions.require_live(&caller, now).await?;
    sessions.end_all(&caller.account, now, None).await?;
    // One that was opened within this very millisecond would live on.
    sessions.end(&caller.session, now).await?;
    signed_out()
}

fn signed_out() -> Result<Response<Body>, Problem> {
    let mut response = http::with_cookies(http::empty(204)?, &no_cookies())?;
    response.headers_mut().insert("clear-site-data", CLEAR);
    Ok(response)
}
