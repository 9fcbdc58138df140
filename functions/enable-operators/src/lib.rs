//! Requests to enable operators, by forms 7 and 8 or by an administrator: sent, listed, decided by the offices, withdrawn
//! (ORG-1, ORG-3, ORG-5).

mod decide;
mod decision;
mod enabling;
mod form;
mod read;
mod recipient;
mod submit;
mod view;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::{enabling::Office, ids::EnablingId};
use edge::{
    access::Authenticator,
    cursor::CursorKey,
    http::{self, ApiRequest, Problem, ProblemKind},
    routes,
    routes::InPath,
};
use lambda_http::{Body, Request, Response};
use outside::{
    config::{self, ConfigError},
    keying::Keying,
};
use store::{Store, enabling::EnablingRequest, sessions::Caller};

pub use self::view::{
    EnablingList, EnablingSummary, EnablingView, NamedOperatorView, RepresentativeView, StepView,
};

/// What enabling operators needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
    cursors: CursorKey,
    keying: Keying,
}

impl App {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        Ok(Self {
            authenticator: Authenticator::from_environment(sdk, &store).await?,
            store,
            cursors: CursorKey::new(keying.derived("cursor")),
            keying,
        })
    }
}

routes! {
    App;
    WithSession:
        submit::submit_request(), read::list_requests(), read::read_request(id),
        decide::decide(id), decide::withdraw(id);
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// The caller who reads lists of people: identified at the level of a caller who changes them.
async fn reader(app: &App, http_request: &ApiRequest) -> Result<Caller, Problem> {
    let caller = app.authenticator.authenticate_for_read(http_request).await?;
    caller.require_level_2()?;
    Ok(caller)
}

/// A request that the caller may see, and in which capacity. A request that the caller may not see answers 404, as one
/// that does not exist.
async fn visible(
    app: &App,
    caller: &Caller,
    id: InPath<'_, EnablingId>,
) -> Result<(EnablingRequest, Office), Problem> {
    let absent = || Problem::new(ProblemKind::NotFound);
    let request = app.store.enablings.find(&id.read()?).await?.ok_or_else(absent)?;
    let office = request
        .case
        .office(&caller.account, caller.role, caller.province.as_deref())
        .ok_or_else(absent)?;
    Ok((request, office))
}

/// The answer that shows a request with its steps.
async fn shown(
    app: &App,
    status: u16,
    request: &EnablingRequest,
    caller: &Caller,
    office: Office,
) -> Result<Response<Body>, Problem> {
    let events = app.store.enablings.events(&request.id).await?;
    http::json(status, &EnablingView::of(request, &events, &caller.account, office))
}

#[cfg(test)]
mod tests;
