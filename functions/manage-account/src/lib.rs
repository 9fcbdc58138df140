//! Accounts by e-mail: registered, activated, recovered, changed, exported and closed (ACC-1 to ACC-6, PRV-1, ADR 10).

mod asked;
mod closure;
mod data;
mod export;
mod human;
mod own;
mod recovery;
mod registration;

use std::convert::Infallible;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use edge::{
    admission::Door,
    http::{self, Exchange, OriginSecret, Problem, ProblemKind},
    limits::Limits,
};
use lambda_http::{Body, Request, Response};
use outside::{
    aws,
    config::{self, ConfigError},
    keying::Keying,
};
use store::{
    accounts::Accounts,
    applications::Applications,
    attempts::Attempts,
    drafts::Drafts,
    email_accounts::EmailAccounts,
    human_check::{self, HumanCheck},
    organisations::Organisations,
    sessions::Sessions,
};

pub use self::{
    closure::{
        __path_announce_closure, __path_close, ClosureConfirmed, ClosureView, announce_closure,
        close,
    },
    data::{
        __path_change, __path_confirm_address, __path_read, AccountView, ChangeAsked, TokenShown,
        change, confirm_address, read,
    },
    export::{
        __path_export, ExportView, ExportedApplication, ExportedEvent, ExportedNotice, export,
    },
    human::{__path_challenge, __path_mail_code, MailAsked, challenge, mail_code},
    recovery::{
        __path_ask_recovery, __path_choose_password, PasswordChosen, RecoveryAsked, ask_recovery,
        choose_password,
    },
    registration::{
        __path_activate, __path_ask_code, __path_register, ActivationAsked, CodeAsked, MessageView,
        RegisteredView, RegistrationAsked, activate, ask_code, register,
    },
};

/// What managing accounts needs.
#[derive(Debug)]
pub struct Needs {
    accounts: Accounts,
    email_accounts: EmailAccounts,
    applications: Applications,
    organisations: Organisations,
    drafts: Drafts,
    sessions: Sessions,
    door: Door,
    human: HumanCheck,
    limits: Limits,
    public_origin: String,
}

impl Needs {
    /// Reads the configuration and the three secrets, once.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let client = Client::new(sdk);
        let (portal, sessions) =
            (config::required("PORTAL_TABLE")?, config::required("SESSIONS_TABLE")?);
        let public_origin = config::required("PUBLIC_ORIGIN")?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        let origin = OriginSecret::new(config::secret(sdk, "ORIGIN_SECRET_ID").await?);
        let attempts = Attempts::new(client.clone(), sessions.clone());
        let work = human_check::work(&config::required("HUMAN_CHECK_WORK")?);
        Ok(Self {
            accounts: Accounts::new(client.clone(), portal.clone()),
            email_accounts: EmailAccounts::new(
                client.clone(),
                portal.clone(),
                sessions.clone(),
                keying.clone(),
            ),
            applications: Applications::new(client.clone(), portal.clone()),
            organisations: Organisations::new(client.clone(), portal.clone()),
            drafts: Drafts::new(client.clone(), config::required("DRAFTS_TABLE")?),
            sessions: Sessions::new(client.clone(), sessions.clone()),
            door: Door::from_environment(sdk, &client).await?,
            human: HumanCheck::new(client, portal, sessions, keying.clone(), work),
            limits: Limits::new(attempts, keying, origin),
            public_origin,
        })
    }
}

/// One request.
pub async fn handle(needs: &Needs, request: Request) -> Result<Response<Body>, Infallible> {
    http::answer(request, |exchange| async move { route(needs, &exchange).await }).await
}

async fn route(needs: &Needs, exchange: &Exchange) -> Result<Response<Body>, Problem> {
    let (method, path) = exchange.route();
    match (method, path.as_slice()) {
        ("GET", ["human-check"]) => challenge(needs, exchange),
        ("POST", ["human-check", "mail"]) => mail_code(needs, exchange).await,
        ("POST", ["accounts"]) => register(needs, exchange).await,
        ("POST", ["accounts", "activation"]) => activate(needs, exchange).await,
        ("POST", ["accounts", "activation-codes"]) => ask_code(needs, exchange).await,
        ("GET", ["account"]) => read(needs, exchange).await,
        ("PATCH", ["account"]) => change(needs, exchange).await,
        ("POST", ["account", "email-confirmation"]) => confirm_address(needs, exchange).await,
        ("POST", ["account", "recovery"]) => ask_recovery(needs, exchange).await,
        ("POST", ["account", "recovery", "password"]) => choose_password(needs, exchange).await,
        ("GET", ["account", "closure"]) => announce_closure(needs, exchange).await,
        ("POST", ["account", "closure"]) => close(needs, exchange).await,
        ("GET", ["account", "export"]) => export(needs, exchange).await,
        (
            _,
            ["human-check" | "accounts" | "account"]
            | ["human-check", "mail"]
            | ["accounts", "activation" | "activation-codes"]
            | ["account", "email-confirmation" | "recovery" | "closure" | "export"]
            | ["account", "recovery", "password"],
        ) => Err(Problem::new(ProblemKind::MethodNotAllowed)),
        _ => Err(Problem::new(ProblemKind::NotFound)),
    }
}

/// Fresh random bytes, for identifiers, salts and challenges.
fn fresh<const N: usize>() -> Result<[u8; N], Problem> {
    aws::random().map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests;
