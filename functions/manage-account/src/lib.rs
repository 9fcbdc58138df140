//! Accounts by e-mail: registered, activated, recovered, changed, exported and closed (ACC-1 to ACC-6, PRV-1, ADR 10).

mod closure;
mod data;
mod export;
mod human;
mod own;
mod recovery;
mod registration;
mod request;

use std::convert::Infallible;

use aws_config::SdkConfig;
use edge::{access::Authenticator, http::Problem, limits::Limits, routes};
use lambda_http::{Body, Request, Response};
use outside::{
    aws,
    config::{self, ConfigError},
    keying::Keying,
};
use store::{
    Store,
    email_accounts::EmailAccounts,
    human_check::{self, HumanCheck},
};

pub use self::{
    closure::ClosureView,
    data::{AccountView, ConsentView},
    export::{
        ExportView, ExportedApplication, ExportedAppointment, ExportedEnabling, ExportedEvent,
        ExportedEvidence, ExportedFile, ExportedFollowed, ExportedFormer, ExportedLink,
        ExportedLinks, ExportedListing, ExportedMembership, ExportedNotice,
    },
    registration::{MessageView, RegisteredView},
};

/// What managing accounts needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    email_accounts: EmailAccounts,
    authenticator: Authenticator,
    human: HumanCheck,
    limits: Limits,
    public_origin: String,
}

impl App {
    /// Reads the configuration and the three secrets, once.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        let public_origin = config::required("PUBLIC_ORIGIN")?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        let work = human_check::work(&config::required("HUMAN_CHECK_WORK")?);
        Ok(Self {
            email_accounts: store.email_accounts(keying.clone()),
            authenticator: Authenticator::from_environment(sdk, &store).await?,
            human: store.human_check(keying.clone(), work),
            limits: Limits::new(store.attempts.clone(), keying),
            store,
            public_origin,
        })
    }
}

routes! {
    App;
    Anyone:
        human::challenge(), human::mail_code(),
        registration::register(), registration::activate(), registration::ask_code(),
        data::confirm_address(), recovery::ask_recovery(), recovery::choose_password();
    WithSession:
        data::read(), data::change(), closure::announce_closure(), closure::close(), export::export();
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// Fresh random bytes, for identifiers, salts and challenges.
fn fresh<const N: usize>() -> Result<[u8; N], Problem> {
    aws::random().map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests;
