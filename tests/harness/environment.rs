//! Where the portal of this checkout is: the process's own variables, or what `cargo xtask up` wrote to `.local/env`.

use std::{collections::HashMap, fs, path::PathBuf, sync::Arc};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_dynamodb::Client;
use outside::{aws, config};

use crate::{
    signing,
    story::{Deviation, StoryResult},
};

/// Names and addresses of one deployment.
#[derive(Clone, Debug)]
pub struct Environment {
    file: Arc<HashMap<String, String>>,
}

impl Environment {
    /// Reads `.local/env`; a variable of the process wins over it.
    pub fn read() -> Self {
        let text = fs::read_to_string(root().join(".local/env")).unwrap_or_default();
        let pair = |line: &str| {
            let (name, value) = line.split_once('=')?;
            Some((
                name.trim().trim_start_matches("export ").to_owned(),
                value.trim().trim_matches(['"', '\'']).to_owned(),
            ))
        };
        Self { file: Arc::new(text.lines().filter_map(pair).collect()) }
    }

    /// A value, or the advice to start the portal.
    pub fn text(&self, name: &'static str) -> StoryResult<String> {
        config::required(name)
            .ok()
            .or_else(|| self.file.get(name).filter(|value| !value.is_empty()).cloned())
            .ok_or_else(|| {
                Deviation::new(format!(
                    "{name} is not known: the portal is not up, run `cargo xtask up` and try again"
                ))
            })
    }

    /// The origin that a browser sees, without a slash at the end.
    pub fn portal(&self) -> StoryResult<String> {
        self.text("PORTAL_URL")
    }

    /// The emulator's address.
    pub fn endpoint(&self) -> StoryResult<String> {
        self.text("AWS_ENDPOINT_URL")
    }

    /// The SDK's configuration for the emulator, past the fault proxy.
    pub async fn sdk(&self) -> StoryResult<SdkConfig> {
        Ok(aws_config::defaults(BehaviorVersion::latest())
            .retry_config(RetryConfig::standard())
            .region(Region::new(self.text("AWS_REGION")?))
            .endpoint_url(self.endpoint()?)
            .credentials_provider(signing::owner())
            .load()
            .await)
    }
}

/// Where a program of the command line looks: at this table, with the credentials and the region of the caller, or at the
/// table of the local stack.
pub async fn table_or_local(table: Option<String>) -> StoryResult<(Client, String)> {
    let (sdk, table) = match table {
        Some(table) => (aws::configuration().await, table),
        None => {
            let environment = Environment::read();
            (environment.sdk().await?, environment.text("PORTAL_TABLE")?)
        }
    };
    Ok((Client::new(&sdk), table))
}

/// The checkout's folder.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A client for addresses of this machine, which have no TLS: without the machine's certificates, since each of hundreds of
/// tests would read them all, unoptimised.
pub fn local_client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy().tls_certs_only([])
}
