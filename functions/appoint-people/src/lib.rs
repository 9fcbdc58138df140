//! People of offices: an administrator appoints and withdraws officers, prefecture, directorate and administrators (ADM-1).

mod appoint;
mod read;
mod request;
mod view;
mod withdraw;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::{
    ids::AccountId,
    office::{self, NotYours},
};
use edge::{
    access::Authenticator,
    cursor::CursorKey,
    http::{Problem, ProblemKind},
    routes,
};
use lambda_http::{Body, Request, Response};
use outside::{
    config::{self, ConfigError},
    keying::Keying,
};
use store::{Store, sessions::Caller};

pub use self::view::{OfficialDetail, OfficialEventView, OfficialList, OfficialView};

/// What appointing needs.
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
        appoint::appoint(), read::list(), read::read(account), withdraw::withdraw(account);
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// Refuses those who are no administrators, and appointments of oneself.
fn require_other(caller: &Caller, person: &AccountId) -> Result<(), Problem> {
    office::may_appoint(caller.role, &caller.account, person).map_err(|why| {
        let refused = Problem::new(ProblemKind::NotAllowed);
        match why {
            NotYours::Role => refused,
            NotYours::Oneself => refused.detail(
                "Nessuno assegna o toglie un incarico a sé stesso: chiedilo a un altro amministratore.",
            ),
        }
    })
}

#[cfg(test)]
mod tests;
