//! Public static files in a bucket; merged under the object's own version so that two writers lose nothing.

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client, config,
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use serde_json::{Map, Value, json};
use thiserror::Error;

/// How often a merge is tried when others write the same file.
const TRIES: u8 = 6;

/// Why a fact is not out.
#[derive(Debug, Error)]
pub enum FactsError {
    /// The object store failed.
    #[error("the object store does not answer for {key}")]
    Store {
        /// The file.
        key: String,
        /// What the SDK said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file in the bucket is not ours.
    #[error("the file {0} in the bucket cannot be read")]
    Corrupt(String),
    /// Other writers were faster each time.
    #[error("the file {0} was written by others each time")]
    Contended(String),
}

/// The bucket of facts.
#[derive(Clone, Debug)]
pub struct Facts {
    client: Client,
    bucket: String,
}

impl Facts {
    /// The facts in a bucket. With an endpoint of our own the bucket stands in the path.
    pub fn new(sdk: &SdkConfig, bucket: String) -> Self {
        let own_endpoint = sdk.endpoint_url().is_some();
        let client =
            Client::from_conf(config::Builder::from(sdk).force_path_style(own_endpoint).build());
        Self { client, bucket }
    }

    /// Puts one entry into the list of a file: replaces the one with the same identifier, keeps all others.
    pub async fn merge(
        &self,
        key: &'static str,
        list: &str,
        id: &str,
        id_member: &str,
        entry: &Value,
    ) -> Result<(), FactsError> {
        for _ in 0..TRIES {
            let (mut file, version) = self.read(key).await?;
            let entries = file.entry(list.to_owned()).or_insert_with(|| json!([]));
            let Value::Array(entries) = entries else {
                return Err(FactsError::Corrupt(key.to_owned()));
            };
            entries.retain(|other| other.get(id_member).and_then(Value::as_str) != Some(id));
            entries.push(entry.clone());
            file.insert("v".to_owned(), json!(1));
            if self.write(key, &Value::Object(file), version).await? {
                return Ok(());
            }
        }
        Err(FactsError::Contended(key.to_owned()))
    }

    /// Puts a file that never changes; one that is there stays as it is. False when it was there already.
    pub async fn put_once(&self, key: &str, file: &Value) -> Result<bool, FactsError> {
        self.write(key, file, None).await
    }

    async fn read(&self, key: &str) -> Result<(Map<String, Value>, Option<String>), FactsError> {
        let found = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(found) => found,
            Err(SdkError::ServiceError(service)) if service.err().is_no_such_key() => {
                return Ok((Map::new(), None));
            }
            Err(source) => return Err(unavailable(key, source)),
        };
        let version = found.e_tag.clone();
        let bytes = found.body.collect().await.map_err(|source| unavailable(key, source))?;
        match serde_json::from_slice(&bytes.into_bytes()) {
            Ok(Value::Object(file)) => Ok((file, version)),
            _ => Err(FactsError::Corrupt(key.to_owned())),
        }
    }

    /// False when another writer was faster.
    async fn write(
        &self,
        key: &str,
        file: &Value,
        version: Option<String>,
    ) -> Result<bool, FactsError> {
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type("application/json; charset=utf-8")
            .cache_control("public, max-age=30")
            .body(ByteStream::from(file.to_string().into_bytes()));
        let put = match version {
            Some(version) => put.if_match(version),
            None => put.if_none_match("*"),
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error)
                if matches!(
                    error.code(),
                    Some("PreconditionFailed" | "ConditionalRequestConflict")
                ) =>
            {
                Ok(false)
            }
            Err(source) => Err(unavailable(key, source)),
        }
    }
}

fn unavailable(key: &str, source: impl std::error::Error + Send + Sync + 'static) -> FactsError {
    FactsError::Store { key: key.to_owned(), source: Box::new(source) }
}
