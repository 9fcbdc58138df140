//! Files in a bucket, each under a random key that names no person; read and written by version, and by links that end.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client, config,
    error::{ProvideErrorMetadata, SdkError},
    operation::get_object::builders::GetObjectFluentBuilder,
    presigning::PresigningConfig,
    primitives::ByteStream,
};
use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Where a file's content is, and what it must be.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct StoredFile {
    /// Key in its bucket.
    pub key: String,
    /// The object's version; none in a bucket without versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// SHA-256 of the content, in hex.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
}

/// Why a file cannot be read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// It is not there.
    #[error("the file is not in the bucket")]
    Absent,
    /// It is longer than the caller allows.
    #[error("the file is longer than {0} bytes")]
    TooLong(u64),
    /// The object store failed.
    #[error("the object store does not answer")]
    Store(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a signed permission to upload fixes: nothing else passes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Permission {
    /// Where to send the file, by PUT.
    pub url: String,
    /// Headers that must be sent as they are.
    pub headers: Vec<(String, String)>,
}

/// A bucket of files.
#[derive(Clone, Debug)]
pub struct Files {
    client: Client,
    bucket: String,
}

fn failed<E, R>(source: SdkError<E, R>) -> FileError
where
    E: std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    FileError::Store(Box::new(source))
}

/// SHA-256 in hex.
pub fn sha256(content: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(content))
}

impl Files {
    /// The files in a bucket. With an endpoint of our own the bucket stands in the path.
    pub fn new(sdk: &SdkConfig, bucket: String) -> Self {
        let own_endpoint = sdk.endpoint_url().is_some();
        let client =
            Client::from_conf(config::Builder::from(sdk).force_path_style(own_endpoint).build());
        Self { client, bucket }
    }

    /// Writes a file. The same content under the same key twice is one file in two versions.
    pub async fn put(
        &self,
        key: &str,
        media_type: &str,
        content: Vec<u8>,
    ) -> Result<StoredFile, FileError> {
        let sha256 = sha256(&content);
        let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(media_type)
            .body(ByteStream::from(content))
            .send()
            .await
            .map_err(failed)?;
        Ok(StoredFile { key: key.to_owned(), version: put.version_id, sha256, bytes })
    }

    /// Deletes exactly this version of a file; one that is gone already is no error.
    pub async fn delete(&self, file: &StoredFile) -> Result<(), FileError> {
        self.client
            .delete_object()
            .bucket(&self.bucket)
            .key(&file.key)
            .set_version_id(file.version.clone())
            .send()
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// The content of exactly one version of a file, as long as it is no longer than `longest` bytes.
    pub async fn get(
        &self,
        key: &str,
        version: Option<&str>,
        longest: u64,
    ) -> Result<Vec<u8>, FileError> {
        let found = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .set_version_id(version.map(str::to_owned))
            .send()
            .await;
        let mut found = match found {
            Ok(found) => found,
            Err(SdkError::ServiceError(service))
                if matches!(service.err().code(), Some("NoSuchKey" | "NoSuchVersion")) =>
            {
                return Err(FileError::Absent);
            }
            Err(error) => return Err(failed(error)),
        };
        let limit = usize::try_from(longest).unwrap_or(usize::MAX);
        let mut content = Vec::new();
        while let Some(chunk) = found.body.next().await {
            let chunk = chunk.map_err(|source| FileError::Store(Box::new(source)))?;
            if content.len().saturating_add(chunk.len()) > limit {
                return Err(FileError::TooLong(longest));
            }
            content.extend_from_slice(&chunk);
        }
        Ok(content)
    }

    /// A link that lets its holder read one version of a file for a while, saved under a name.
    pub async fn link(
        &self,
        file: &StoredFile,
        name: &str,
        lasts: Duration,
    ) -> Result<String, FileError> {
        let version = file.version.clone();
        self.link_to(self.client.get_object().key(&file.key).set_version_id(version), name, lasts)
            .await
    }

    /// The same for a file that nobody vouches for: whatever it is, a browser saves it and shows it in no page.
    pub async fn unchecked_link(
        &self,
        key: &str,
        name: &str,
        lasts: Duration,
    ) -> Result<String, FileError> {
        let of_no_kind = "application/octet-stream";
        self.link_to(
            self.client.get_object().key(key).response_content_type(of_no_kind),
            name,
            lasts,
        )
        .await
    }

    async fn link_to(
        &self,
        object: GetObjectFluentBuilder,
        name: &str,
        lasts: Duration,
    ) -> Result<String, FileError> {
        let signing = PresigningConfig::expires_in(lasts)
            .map_err(|source| FileError::Store(Box::new(source)))?;
        let signed = object
            .bucket(&self.bucket)
            .response_content_disposition(format!("attachment; filename=\"{name}\""))
            .presigned(signing)
            .await
            .map_err(failed)?;
        Ok(signed.uri().to_owned())
    }

    /// A permission to put one new file of exactly this length, type and SHA-256 under a key, for a while (CTR-1).
    pub async fn permission(
        &self,
        key: &str,
        media_type: &str,
        bytes: u64,
        sha256: &[u8; 32],
        lasts: Duration,
    ) -> Result<Permission, FileError> {
        let signing = PresigningConfig::expires_in(lasts)
            .map_err(|source| FileError::Store(Box::new(source)))?;
        let signed = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(media_type)
            .content_length(i64::try_from(bytes).unwrap_or(i64::MAX))
            .checksum_sha256(BASE64.encode(sha256))
            .if_none_match("*")
            .presigned(signing)
            .await
            .map_err(failed)?;
        let headers = signed
            .headers()
            .filter(|(name, _)| *name != "host")
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(Permission { url: signed.uri().to_owned(), headers })
    }
}
