//! *Associa pratica* (IDP-2): a person who proves a former e-mail account sees its applications under SPID or CIE.

mod claim;
mod follow;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::ids::AccountId;
use edge::{
    access::Authenticator,
    http::{self, ApiRequest, Problem, ProblemKind},
    human_check,
    limits::Limits,
    routes,
};
use lambda_http::{Body, Request, Response};
use outside::{
    clock,
    config::{self, ConfigError},
    keying::Keying,
};
use serde::Serialize;
use store::{
    Store,
    attempts::Limit,
    email_accounts::EmailAccounts,
    human_check::{HumanCheck, work},
    own_applications,
    sessions::Caller,
};
use utoipa::ToSchema;

use self::{
    claim::{Claim, LinkBody},
    follow::follow,
};

const OF_AN_ACCOUNT: [Limit; 2] =
    [Limit::per_hour("link-account", 10), Limit::per_day("link-account-day", 20)];
const OF_AN_ADDRESS: [Limit; 2] =
    [Limit::per_hour("link-address", 10), Limit::per_day("link-address-day", 20)];
const OF_A_CLIENT: [Limit; 2] =
    [Limit::per_minute("link-client", 20), Limit::per_day("link-client-day", 200)];

/// What linking an account needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
    email_accounts: EmailAccounts,
    human: HumanCheck,
    limits: Limits,
}

impl App {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        let authenticator = Authenticator::from_environment(sdk, &store).await?;
        let work = work(&config::required("HUMAN_CHECK_WORK")?);
        Ok(Self::new(authenticator, store, keying, work))
    }

    fn new(authenticator: Authenticator, store: Store, keying: Keying, work: u32) -> Self {
        Self {
            authenticator,
            email_accounts: store.email_accounts(keying.clone()),
            human: store.human_check(keying.clone(), work),
            limits: Limits::new(store.attempts.clone(), keying),
            store,
        }
    }
}

routes! {
    App;
    WithSession: link();
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// What follows a link.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkedView {
    /// How many applications are now under this account.
    pub applications: u32,
    /// In Italian.
    pub message: String,
}

/// Links a former e-mail account. Whatever is wrong, the refusal is the same.
#[utoipa::path(
    post, path = "/api/account/links", operation_id = "linkAccount",
    request_body = LinkBody,
    responses(
        (status = 200, description = "Its applications are this account's", body = LinkedView),
        (status = 403, description = "Wrong origin, level too low, or not proven"),
        (status = 422, description = "Fields are missing or cannot be read, all listed"),
        (status = 429, description = "Too many tries"),
        (status = 503, description = "The store does not answer; the next try goes on"),
    )
)]
async fn link(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let now = request.arrival;
    app.limits.admit_client(request, &OF_A_CLIENT).await?;
    app.limits.admit(caller.account.as_str(), &OF_AN_ACCOUNT, request).await?;
    let (claim, proof) = Claim::read(request, &app.human).await?;
    human_check::require_unused(&app.human, &proof, now).await?;
    let opaque = app.email_accounts.opaque(&claim.email);
    app.limits.admit(&opaque, &OF_AN_ADDRESS, request).await?;

    let former = proven(app, &caller, &claim).await?;
    let former = former.ok_or(Problem::new(ProblemKind::NotProven))?;
    // The mark decides which of two is first; from here on a repetition only goes on.
    let ends = app.store.sessions.ending_all(&former, clock::wall(), None)?;
    if !app.email_accounts.link_to(&former, &caller.account, ends).await? {
        return Err(Problem::new(ProblemKind::NotProven));
    }
    let mut followed: u32 = 0;
    for application in own_applications::of(&app.store.applications, &former).await? {
        if follow(app, application, &former, &caller.account, now).await? {
            followed = followed.saturating_add(1);
        }
    }
    tracing::info!(account.id = %caller.account, applications = followed, "account linked");
    http::json(
        200,
        &LinkedView {
            applications: followed,
            message:
                "L'utenza precedente è associata: le sue domande sono ora nel riepilogo domande."
                    .to_owned(),
        },
    )
}

/// The former account, if every datum is right and no other account has linked it.
async fn proven(app: &App, caller: &Caller, claim: &Claim) -> Result<Option<AccountId>, Problem> {
    let Some(id) = app.email_accounts.account_of(&claim.email).await? else { return Ok(None) };
    let Some(account) = app.store.accounts.find(&id).await? else { return Ok(None) };
    let Some(application) = &claim.application else { return Ok(None) };
    let Some(head) = app.store.applications.head(application).await? else { return Ok(None) };
    Ok(claim.proves(&account, &head, &caller.account).then_some(id))
}

#[cfg(test)]
mod tests;
