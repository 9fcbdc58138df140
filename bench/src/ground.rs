//! Where a run takes place: a store, the tables of `template.yaml` in it, and the variables of functions that use them.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_dynamodb::{
    Client,
    config::{Builder, Credentials, Intercept},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
    },
};
use domain::ids::ApplicationId;
use outside::{aws, config};
use serde_norway::Value;
use store::{Store, Tables, campaigns::MovedClock};
use tokio::net::lookup_host;

use crate::{Broken, vault::Vault};

/// The region of every run; nothing of it is reached.
pub const REGION: &str = "eu-south-1";
/// The portal's address in every run.
pub const PORTAL: &str = "https://portale.bench.invalid";

/// The checkout that this was built from.
///
/// # Errors
/// It is gone.
pub fn checkout() -> Result<PathBuf, Broken> {
    Ok(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).canonicalize()?)
}

/// Lets something take place on tables of its own in the store of a running stack, with the functions of the quick build, and
/// removes the tables whatever came of it.
///
/// # Errors
/// It failed, or there is no such store.
pub async fn on_own_ground<T>(
    lives: impl AsyncFnOnce(&Ground, &Path) -> Result<T, Broken>,
) -> Result<T, Broken> {
    let root = checkout()?;
    let endpoint = config::required("AWS_ENDPOINT_URL")?;
    let own = ApplicationId::from_random(aws::random()?);
    let ground = Ground::at(&endpoint, &format!("bench-{own}-")).await;
    ground.lay_tables(&root, true).await?;
    let lived = lives(&ground, &root.join("target/debug")).await;
    ground.clear_tables().await?;
    lived
}

/// A store with the portal's tables.
#[derive(Clone, Debug)]
pub struct Ground {
    endpoint: String,
    tables: Tables,
    sdk: SdkConfig,
}

impl Ground {
    /// The tables with this beginning of their names, in the store at this address.
    pub async fn at(endpoint: &str, prefix: &str) -> Self {
        let name = |table: &str| format!("{prefix}{table}");
        let tables = Tables {
            portal: name("PortalTable"),
            drafts: name("DraftsTable"),
            sessions: name("SessionsTable"),
            moved_clock: MovedClock::Allowed,
        };
        let sdk = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(RetryConfig::standard())
            .region(Region::new(REGION))
            .endpoint_url(endpoint)
            .credentials_provider(Credentials::new("test", "test", None, None, "bench"))
            .load()
            .await;
        Self { endpoint: endpoint.to_owned(), tables, sdk }
    }

    /// A client of the store.
    pub fn client(&self) -> Client {
        Client::new(&self.sdk)
    }

    /// A client that shows what it is asked for to somebody else.
    pub fn observed_client(&self, observer: impl Intercept + 'static) -> Client {
        Client::from_conf(Builder::from(&self.sdk).interceptor(observer).build())
    }

    /// The tables as the functions read and write them.
    pub fn store(&self) -> Store {
        Store::of(self.client(), self.tables.clone())
    }

    /// The same through another client.
    pub fn store_of(&self, client: Client) -> Store {
        Store::of(client, self.tables.clone())
    }

    /// Names of the tables.
    pub const fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Where the store listens.
    ///
    /// # Errors
    /// Its host has no address.
    pub async fn address(&self) -> Result<SocketAddr, Broken> {
        let host = self.endpoint.trim_start_matches("http://").trim_end_matches('/');
        let mut found = lookup_host(host).await?;
        found
            .find(SocketAddr::is_ipv4)
            .ok_or_else(|| format!("{} is nowhere", self.endpoint).into())
    }

    /// The same tables at another address, such as that of a proxy.
    #[must_use]
    pub fn through(&self, endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), ..self.clone() }
    }

    /// The variables of a function, as the template gives them.
    pub fn variables(&self, vault: &Vault) -> Vec<(&'static str, String)> {
        let own = [
            ("STAGE", "local".to_owned()),
            ("PUBLIC_ORIGIN", PORTAL.to_owned()),
            ("PORTAL_TABLE", self.tables.portal.clone()),
            ("DRAFTS_TABLE", self.tables.drafts.clone()),
            ("SESSIONS_TABLE", self.tables.sessions.clone()),
            ("AWS_ENDPOINT_URL_DYNAMODB", self.endpoint.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ];
        own.into_iter().chain(vault.variables()).collect()
    }

    /// Makes the tables as `template.yaml` describes them, the portal's with its stream where `streams` says so.
    ///
    /// # Errors
    /// The template cannot be read, or the store refuses a table.
    pub async fn lay_tables(&self, root: &Path, streams: bool) -> Result<(), Broken> {
        let template: Value =
            serde_norway::from_str(&std::fs::read_to_string(root.join("template.yaml"))?)?;
        for (resource, name) in [
            ("PortalTable", &self.tables.portal),
            ("DraftsTable", &self.tables.drafts),
            ("SessionsTable", &self.tables.sessions),
        ] {
            let described = template
                .get("Resources")
                .and_then(|all| all.get(resource)?.get("Properties"))
                .ok_or_else(|| format!("template.yaml has no {resource}"))?;
            self.lay(described, name, streams).await?;
        }
        Ok(())
    }

    /// Removes the tables.
    pub async fn clear_tables(&self) -> Result<(), Broken> {
        let Tables { portal, drafts, sessions, .. } = &self.tables;
        for table in [portal, drafts, sessions] {
            self.client().delete_table().table_name(table).send().await?;
        }
        Ok(())
    }

    async fn lay(&self, described: &Value, name: &str, streams: bool) -> Result<(), Broken> {
        let mut table = self
            .client()
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(keys(described)?));
        for attribute in list(described, "AttributeDefinitions") {
            table = table.attribute_definitions(
                AttributeDefinition::builder()
                    .attribute_name(text(attribute, "AttributeName")?)
                    .attribute_type(ScalarAttributeType::from(text(attribute, "AttributeType")?))
                    .build()?,
            );
        }
        for index in list(described, "GlobalSecondaryIndexes") {
            let projection = index.get("Projection").ok_or("an index has no projection")?;
            let projection = ProjectionType::from(text(projection, "ProjectionType")?);
            table = table.global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(text(index, "IndexName")?)
                    .set_key_schema(Some(keys(index)?))
                    .projection(Projection::builder().projection_type(projection).build())
                    .build()?,
            );
        }
        if let Some(stream) = described.get("StreamSpecification").filter(|_| streams) {
            let view = StreamViewType::from(text(stream, "StreamViewType")?);
            table = table.stream_specification(
                StreamSpecification::builder()
                    .stream_enabled(true)
                    .stream_view_type(view)
                    .build()?,
            );
        }
        table.send().await?;
        Ok(())
    }
}

fn keys(described: &Value) -> Result<Vec<KeySchemaElement>, Broken> {
    list(described, "KeySchema")
        .iter()
        .map(|key| {
            let element = KeySchemaElement::builder()
                .attribute_name(text(key, "AttributeName")?)
                .key_type(KeyType::from(text(key, "KeyType")?));
            Ok(element.build()?)
        })
        .collect()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_sequence).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, Broken> {
    let found = value.get(name).and_then(Value::as_str);
    found.ok_or_else(|| format!("template.yaml: a table lacks {name}").into())
}
