//! Keeps organisations and the lists of their operators: bodies recorded, operators listed, leavings, hand-overs
//! (ORG-2, ORG-4, IDP-3).

mod add_operators;
mod decline;
mod hand_over;
mod leave;
mod read;
mod record;
mod request;
mod view;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::{
    ids::{AccountId, OrganisationId},
    organisation::{OrganisationAction, OrganisationRelation, may},
};
use edge::{
    access::Authenticator,
    cursor::CursorKey,
    http::{ApiRequest, Problem, ProblemKind},
    routes,
    routes::InPath,
};
use lambda_http::{Body, Request, Response};
use outside::{
    config::{self, ConfigError},
    keying::Keying,
};
use store::{Store, organisations::Organisation, sessions::Caller};

pub use self::view::{
    DeclinedView, HandOverOutcome, LeftView, OperatorList, OperatorView, OperatorsOutcome,
    OrganisationView, RowView,
};

/// What managing organisations needs.
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
        record::record(), read::read_organisation(id), read::list_operators(id),
        add_operators::add_operators(id), leave::report_leaving(id, account),
        hand_over::hand_over(id), decline::decline();
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// The caller who reads lists of people: identified at the level of a caller who changes them.
async fn reader(app: &App, request: &ApiRequest) -> Result<Caller, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    caller.require_level_2()?;
    Ok(caller)
}

/// An organisation with which the caller may do this. An organisation that the caller may not even read answers 404, as
/// one that does not exist.
async fn permitted(
    app: &App,
    caller: &Caller,
    id: InPath<'_, OrganisationId>,
    action: OrganisationAction,
) -> Result<Organisation, Problem> {
    let id = id.read()?;
    require(caller, &id, action)?;
    app.store.organisations.find(&id).await?.ok_or_else(|| Problem::new(ProblemKind::NotFound))
}

fn require(
    caller: &Caller,
    organisation: &OrganisationId,
    action: OrganisationAction,
) -> Result<(), Problem> {
    let belonging = OrganisationRelation::of(organisation, caller.organisation.as_ref());
    if may(caller.role, belonging, action) {
        Ok(())
    } else if may(caller.role, belonging, OrganisationAction::Read) {
        Err(Problem::new(ProblemKind::NotAllowed))
    } else {
        Err(Problem::new(ProblemKind::NotFound))
    }
}

/// Ends sessions that outlast the organisation's basis with it: the membership's end alone would only be seen at the next
/// sign-in.
///
/// Before the membership is written: a function that dies in between is called again, finds it written and does not
/// come here.
async fn end_sessions_with_basis(
    app: &App,
    organisation: &Organisation,
    account: &AccountId,
) -> Result<(), Problem> {
    if let Some(until) = organisation.basis.until {
        app.store.sessions.end_of_membership(account, &organisation.id, until).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
