//! Public static files in a bucket; changed under the object's own version so that two writers lose nothing.

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client, config,
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use thiserror::Error;

/// How often a merge is tried when others write the same file.
const TRIES: u8 = 6;

/// How long browsers and the edge keep a file that changes.
const FOR_A_MOMENT: &str = "public, max-age=30";
/// The same for a page, which shows the facts of the moment by itself where there is JavaScript (ADR 36).
const FOR_A_MINUTE: &str = "public, max-age=60";
/// The same for a file that never changes.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

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
    /// A file that never changes is there with other content.
    #[error("the file {0} is there already, and is another one")]
    Other(String),
}

/// A page as it was read.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its HTML.
    pub html: String,
    version: Option<String>,
}

/// A bucket of public files: the facts, or the pages.
#[derive(Clone, Debug)]
pub struct Facts {
    client: Client,
    bucket: String,
}

impl Facts {
    /// The files in a bucket. With an endpoint of our own the bucket stands in the path.
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
        self.change(key, |file| {
            let entries = file.entry(list.to_owned()).or_insert_with(|| json!([]));
            let Value::Array(entries) = entries else {
                return Err(FactsError::Corrupt(key.to_owned()));
            };
            entries.retain(|other| other.get(id_member).and_then(Value::as_str) != Some(id));
            entries.push(entry.clone());
            Ok(())
        })
        .await
    }

    /// Puts the list of an edition into a file and keeps what else it holds; a later edition stays.
    pub async fn put_list(
        &self,
        key: &str,
        list: &str,
        entries: &Value,
        edition: u32,
    ) -> Result<(), FactsError> {
        self.change(key, |file| {
            let there = file.get("edition").and_then(Value::as_u64);
            if there.is_none_or(|there| there <= u64::from(edition)) {
                file.insert(list.to_owned(), entries.clone());
                file.insert("edition".to_owned(), json!(edition));
            }
            Ok(())
        })
        .await
    }

    async fn change(
        &self,
        key: &str,
        change: impl Fn(&mut Map<String, Value>) -> Result<(), FactsError>,
    ) -> Result<(), FactsError> {
        for _ in 0..TRIES {
            let (mut file, version) = self.read(key).await?;
            change(&mut file)?;
            file.insert("v".to_owned(), json!(1));
            let file = Value::Object(file).to_string().into_bytes();
            if self.write(key, JSON, file, version, FOR_A_MOMENT).await? {
                return Ok(());
            }
        }
        Err(FactsError::Contended(key.to_owned()))
    }

    /// Puts a file that never changes; one that is there stays as it is. False when it was there already.
    pub async fn put_once(&self, key: &str, file: &Value) -> Result<bool, FactsError> {
        self.write(key, JSON, file.to_string().into_bytes(), None, FOR_GOOD).await
    }

    /// Puts bytes that never change under their key; the same again changes nothing.
    ///
    /// # Errors
    /// There are other bytes under the key: they stay.
    pub async fn put_for_good(&self, key: &str, content: Vec<u8>) -> Result<(), FactsError> {
        if self.write(key, BYTES, content.clone(), None, FOR_GOOD).await? {
            return Ok(());
        }
        match self.find_bytes(key).await? {
            Some(there) if there == content => Ok(()),
            _ => Err(FactsError::Other(key.to_owned())),
        }
    }

    /// Puts a text in place of the one that is there, unless that is newer: `is_newer` is asked about it.
    pub async fn put_unless(
        &self,
        key: &str,
        text: &str,
        is_newer: impl Fn(&str) -> bool,
    ) -> Result<(), FactsError> {
        for _ in 0..TRIES {
            let (there, version) = self.bytes(key).await?.unzip();
            let there = there.map(String::from_utf8).transpose();
            let there = there.map_err(|_| FactsError::Corrupt(key.to_owned()))?;
            if there.is_some_and(|there| is_newer(&there)) {
                return Ok(());
            }
            let (media_type, text) = (media_type(key), text.as_bytes().to_vec());
            if self.write(key, media_type, text, version.flatten(), FOR_A_MOMENT).await? {
                return Ok(());
            }
        }
        Err(FactsError::Contended(key.to_owned()))
    }

    /// The bytes of a file, if it is there.
    pub async fn find_bytes(&self, key: &str) -> Result<Option<Vec<u8>>, FactsError> {
        Ok(self.bytes(key).await?.map(|(bytes, _)| bytes))
    }

    /// A file, if it is there.
    pub async fn find<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, FactsError> {
        let Some(bytes) = self.find_bytes(key).await? else { return Ok(None) };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|_| FactsError::Corrupt(key.to_owned()))
    }

    /// A page, if it is there.
    pub async fn page(&self, key: &str) -> Result<Option<Page>, FactsError> {
        let Some((bytes, version)) = self.bytes(key).await? else { return Ok(None) };
        let html = String::from_utf8(bytes).map_err(|_| FactsError::Corrupt(key.to_owned()))?;
        Ok(Some(Page { html, version }))
    }

    /// Puts a page in place of the one that was read, or where none was; false when another writer was faster.
    pub async fn put_page(
        &self,
        key: &str,
        html: String,
        read: Option<&Page>,
    ) -> Result<bool, FactsError> {
        let version = read.and_then(|read| read.version.clone());
        self.write(key, HTML, html.into_bytes(), version, FOR_A_MINUTE).await
    }

    /// The length of a file in bytes, if it is there.
    pub async fn length(&self, key: &str) -> Result<Option<u64>, FactsError> {
        match self.client.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(found) => Ok(found.content_length.and_then(|length| u64::try_from(length).ok())),
            Err(SdkError::ServiceError(service)) if service.err().is_not_found() => Ok(None),
            Err(source) => Err(unavailable(key, source)),
        }
    }

    async fn read(&self, key: &str) -> Result<(Map<String, Value>, Option<String>), FactsError> {
        let Some((bytes, version)) = self.bytes(key).await? else { return Ok((Map::new(), None)) };
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(file)) => Ok((file, version)),
            _ => Err(FactsError::Corrupt(key.to_owned())),
        }
    }

    /// A file with its version, if it is there.
    async fn bytes(&self, key: &str) -> Result<Option<(Vec<u8>, Option<String>)>, FactsError> {
        let found = match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(found) => found,
            Err(SdkError::ServiceError(service)) if service.err().is_no_such_key() => {
                return Ok(None);
            }
            Err(source) => return Err(unavailable(key, source)),
        };
        let version = found.e_tag.clone();
        let bytes = found.body.collect().await.map_err(|source| unavailable(key, source))?;
        Ok(Some((bytes.into_bytes().to_vec(), version)))
    }

    /// False when another writer was faster.
    async fn write(
        &self,
        key: &str,
        media_type: &str,
        content: Vec<u8>,
        version: Option<String>,
        kept: &str,
    ) -> Result<bool, FactsError> {
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(media_type)
            .cache_control(kept)
            .body(ByteStream::from(content));
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

/// That of a text under this key.
fn media_type(key: &str) -> &'static str {
    match key.rsplit_once('.') {
        Some((_, "json")) => JSON,
        _ => TEXT,
    }
}

fn unavailable(key: &str, source: impl std::error::Error + Send + Sync + 'static) -> FactsError {
    FactsError::Store { key: key.to_owned(), source: Box::new(source) }
}
