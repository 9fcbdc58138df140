//! *Associa pratica* (IDP-2): a person who proves a former e-mail account sees its applications under SPID or CIE; an
//! administrator can undo it.

mod claim;
mod follow;
mod undo;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::ids::{AccountId, LetterId};
use edge::{
    access::Authenticator,
    http::{self, ApiRequest, Problem, ProblemKind},
    human_check,
    limits::Limits,
    routes,
};
use lambda_http::{Body, Request, Response};
use outside::{
    aws, clock,
    config::{self, ConfigError},
    keying::Keying,
    passwords,
};
use serde::Serialize;
use store::{
    Store,
    accounts::Account,
    attempts::Limit,
    contention::none_on_conflict,
    email_accounts::EmailAccounts,
    human_check::{HumanCheck, work},
    own_applications,
    sessions::Caller,
};
use utoipa::ToSchema;

pub use self::undo::UndoneView;
use self::{
    claim::{Claim, LinkBody, Ownership},
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
    WithSession: link(), undo::undo_link(account);
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
    // A person who reads the former mailbox owns it: what strangers tried keeps no owner out.
    if matches!(claim.ownership, Ownership::Password(_)) {
        app.limits.admit(&opaque, &OF_AN_ADDRESS, request).await?;
    }

    let former = proven(app, &caller, &claim).await?;
    let former = former.ok_or(Problem::new(ProblemKind::NotProven))?;
    // The mark decides which of two is first; from here on a repetition only goes on.
    if former.linked_to.is_none() {
        let ends = app.store.sessions.ending_all(&former.id, clock::wall(), None)?;
        let letter = LetterId::from_random(fresh()?);
        let marked = app.email_accounts.link_to(&former, &caller.account, letter, ends, now).await;
        if none_on_conflict(marked)?.is_none() && !is_linked(app, &former.id, &caller).await? {
            return Err(Problem::new(ProblemKind::NotProven));
        }
    }
    let former = former.id;
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

/// The former account, if every datum is right, it is shown to be the caller's own, and no other account has linked it.
async fn proven(app: &App, caller: &Caller, claim: &Claim) -> Result<Option<Account>, Problem> {
    let nobody = AccountId::from_random(fresh()?);
    let id = app.email_accounts.account_of(&claim.email).await?.unwrap_or(nobody);
    if !is_owned(app, &id, &claim.ownership).await? {
        return Ok(None);
    }
    let Some(account) = app.store.accounts.find(&id).await? else { return Ok(None) };
    let Some(identity) = app.store.accounts.find(&caller.account).await? else { return Ok(None) };
    let Some(application) = &claim.application else { return Ok(None) };
    let Some(head) = app.store.applications.head(application).await? else { return Ok(None) };
    Ok(claim.proves(&account, &head, &identity).then_some(account))
}

/// A password is hashed whether or not there is one to compare it with, so that time tells nothing. After a link it is
/// the one that was put away: a link that was cut off half-way goes on.
async fn is_owned(app: &App, id: &AccountId, ownership: &Ownership) -> Result<bool, Problem> {
    match ownership {
        Ownership::Mailbox => Ok(true),
        Ownership::Password(password) => {
            let stored = match app.email_accounts.password(id).await? {
                Some(stored) => Some(stored),
                None => app.email_accounts.kept_password(id).await?,
            };
            Ok(passwords::is_right(password, stored.as_ref().map(|stored| &stored.hash)))
        }
    }
}

/// Another request of the same person, a double click, was faster.
async fn is_linked(app: &App, former: &AccountId, caller: &Caller) -> Result<bool, Problem> {
    let account = app.store.accounts.find(former).await?;
    Ok(account.is_some_and(|account| account.linked_to.as_ref() == Some(&caller.account)))
}

fn fresh() -> Result<[u8; 16], Problem> {
    aws::random().map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests;
