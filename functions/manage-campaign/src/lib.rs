//! Campaigns: an administrator reads their versions, compares a new one, and publishes it (ADM-2, CAL-1). Beside them the
//! notice board of the public pages (NOT-1, DOC-1).

mod board;
mod publish;
mod read;
mod view;

use std::convert::Infallible;

use aws_config::SdkConfig;
use edge::{access::Authenticator, cursor::CursorKey, routes};
use lambda_http::{Body, Request, Response};
use outside::{
    config::{self, ConfigError},
    facts::Facts,
    keying::Keying,
};
use store::Store;

pub use self::board::NoticeBoardView;
pub use self::view::{
    CampaignList, CampaignVersions, ComparisonView, DifferenceView, PublishedView, VersionView,
};

/// What managing campaigns needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
    cursors: CursorKey,
    /// Where the files of documents stand.
    facts: Facts,
    /// Whether a campaign with a clock of its own is refused.
    is_production: bool,
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
            facts: Facts::new(sdk, config::required("FACTS_BUCKET")?),
            is_production: config::required("STAGE")? == "production",
        })
    }
}

routes! {
    App;
    WithSession:
        read::list(), read::read(id), publish::compare(id), publish::publish(id), board::read(), board::publish();
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

#[cfg(test)]
mod tests;
