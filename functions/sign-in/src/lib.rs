//! Signs people in with SPID or CIE or a password, keeps their session and ends it (IDP-1, IDP-4, ACC-3, ACC-7, FRM-5, ADR
//! 0006).

mod begin;
mod callback;
mod defect;
mod identity;
mod jws;
mod open;
mod password;
mod provider;
mod refusal;
mod session;
mod spid;

use std::{convert::Infallible, sync::LazyLock};

use aws_config::SdkConfig;
use data_encoding::HEXLOWER;
use domain::{fiscal_code::PersonCode, ids::AccountId};
use edge::{limits::Limits, routes, routes::AllRoutes, session::TokenKey};
use lambda_http::{Body, Request, Response};
use outside::{
    config::{self, ConfigError},
    keying::Keying,
};
use sha2::{Digest, Sha256};
use store::{
    Store,
    email_accounts::EmailAccounts,
    human_check::{self, HumanCheck},
    refresh_secrets::RefreshSecrets,
};
use thiserror::Error;

use self::provider::{Provider, Registration};
pub use self::{
    begin::{ATTEMPTS_PER_MINUTE, BROWSER_COOKIE},
    password::PasswordSignInView,
    provider::{ProviderError, WireError},
    refusal::PROVIDERS_LIST,
    session::{RefreshedView, ServiceView, SessionView},
};

/// What signing in needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    email_accounts: EmailAccounts,
    human: HumanCheck,
    limits: Limits,
    tokens: TokenKey,
    refresh_secrets: RefreshSecrets,
    keying: Keying,
    provider: Provider,
    public_origin: String,
    /// Whom the deployment names the first administrator (ADM-1).
    first_administrator: Option<AccountId>,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// The first administrator's fiscal code is none. It does not repeat the text: it may be a person's code.
    #[error("FIRST_ADMINISTRATOR is no fiscal code of a person")]
    FirstAdministrator,
    /// The identity provider's settings cannot be used.
    #[error("the settings of the identity provider cannot be used")]
    Provider(#[from] ProviderError),
}

impl App {
    /// Reads the configuration and the four secrets, once. The provider is asked at the first sign-in, not here.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let store = Store::open(sdk)?;
        let public_origin = config::required("PUBLIC_ORIGIN")?;
        let provider = Provider::new(&Registration {
            issuer: config::required("IDENTITY_ISSUER")?,
            client_id: config::required("IDENTITY_CLIENT_ID")?,
            client_secret: config::secret(sdk, "IDENTITY_SECRET_ID").await?,
            return_to: format!("{public_origin}/api/sign-in/callback"),
        })?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        let first_administrator = first_administrator(&keying)?;
        let tokens = TokenKey::new(config::keys_of_secret(sdk, "SESSION_SECRET_ID").await?);
        Ok(Self {
            email_accounts: store.email_accounts(keying.clone()),
            human: store.human_check(
                keying.clone(),
                human_check::work(&config::required("HUMAN_CHECK_WORK")?),
            ),
            limits: Limits::new(store.attempts.clone(), keying.clone()),
            refresh_secrets: RefreshSecrets::new(&keying),
            store,
            tokens,
            keying,
            provider,
            public_origin,
            first_administrator,
        })
    }
}

/// The account that the first administrator has or will have; only this leaves the fiscal code, for rows and logs alike.
fn first_administrator(keying: &Keying) -> Result<Option<AccountId>, StartError> {
    let Some(code) = config::optional("FIRST_ADMINISTRATOR") else { return Ok(None) };
    match code.parse::<PersonCode>() {
        Ok(person @ PersonCode::Final(_)) => Ok(Some(keying.account(&person))),
        Ok(PersonCode::Provisional(_)) | Err(_) => Err(StartError::FirstAdministrator),
    }
}

routes! {
    App;
    Anyone: begin::begin(), callback::finish(), password::sign_in(), session::sign_out();
    WithSession: session::current(), session::sign_out_everywhere();
    WithRefreshCookie: session::refresh();
}

/// The routes of all functions: what none of them takes comes here (ADR 38).
static ALL_ROUTES: LazyLock<AllRoutes> =
    LazyLock::new(|| AllRoutes::read(include_str!("../../../docs/routes.md")));

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer_within(&ALL_ROUTES, app, request).await
}

/// What is stored of a secret that a browser holds: of the state, and of its cookie.
pub fn hashed(secret: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(secret))
}

/// The shape of our own random texts (32 bytes in base64url): anything else was never ours.
fn is_ours(text: &str) -> bool {
    text.len() == 43
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests;
