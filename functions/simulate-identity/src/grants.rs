//! What the provider remembers: codes that can be redeemed once, and the key that signs.

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{delete_item::DeleteItemError, get_item::GetItemError, put_item::PutItemError},
    primitives::Blob,
    types::{AttributeValue, ReturnValue},
};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::retry::{Failure, retried};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::{
    authorization::Authorization,
    decision::{Defect, Level, Manner},
    people::Identity,
    signing::{SigningError, SigningKey},
};

/// How long a code can be redeemed.
const CODE_LIFETIME: SignedDuration = SignedDuration::from_secs(60);

/// Kept for longer than it is good, so that a late use is answered like any other wrong one.
const KEPT: SignedDuration = SignedDuration::from_mins(10);

/// The provider could not read or write what it remembers.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    #[error("a code could not be kept")]
    Keep(#[source] Box<SdkError<PutItemError>>),
    #[error("a code could not be redeemed")]
    Redeem(#[source] Box<SdkError<DeleteItemError>>),
    #[error("the table could not be read")]
    Read(#[source] Box<SdkError<GetItemError>>),
    #[error("a row has no readable {0}")]
    Corrupt(&'static str),
    #[error("no randomness")]
    Random(#[from] getrandom::Error),
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// What a code stands for.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Grant {
    pub(crate) identity: Identity,
    pub(crate) level: Level,
    pub(crate) defect: Option<Defect>,
    pub(crate) manner: Manner,
    pub(crate) nonce: String,
    pub(crate) decided_at: Timestamp,
    redirect_uri: String,
    code_challenge: String,
}

impl Grant {
    pub(crate) fn new(
        authorization: &Authorization,
        identity: Identity,
        level: Level,
        defect: Option<Defect>,
        manner: Manner,
        now: Timestamp,
    ) -> Self {
        Self {
            identity,
            level,
            defect,
            manner,
            nonce: authorization.nonce.clone(),
            decided_at: now,
            redirect_uri: authorization.redirect_uri.clone(),
            code_challenge: authorization.code_challenge.clone(),
        }
    }

    /// Whether the client that shows the code is the one that asked for it (RFC 7636), in time.
    pub(crate) fn admits(&self, redirect_uri: &str, code_verifier: &str, now: Timestamp) -> bool {
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(code_verifier));
        now < self.decided_at + CODE_LIFETIME
            && redirect_uri == self.redirect_uri
            && (43..=128).contains(&code_verifier.len())
            && bool::from(challenge.as_bytes().ct_eq(self.code_challenge.as_bytes()))
    }
}

/// The simulators' table, seen as the provider's memory.
#[derive(Clone, Debug)]
pub(crate) struct Grants {
    client: Client,
    table: String,
}

const SIGNING_KEY: &str = "identity-signing-key";
const CODE: &str = "identity-code";
const ACCESS_TOKEN: &str = "identity-access-token";

impl Grants {
    pub(crate) const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Keeps a grant under a fresh code, of which the table holds only the hash.
    pub(crate) async fn keep(&self, grant: &Grant) -> Result<String, StoreError> {
        let mut random = [0; 32];
        getrandom::fill(&mut random)?;
        let code = BASE64URL_NOPAD.encode(&random);
        self.keep_as(CODE, &code, grant).await?;
        Ok(code)
    }

    /// Keeps a grant for the client that shows this access token at userinfo.
    pub(crate) async fn keep_for_userinfo(
        &self,
        access_token: &str,
        grant: &Grant,
    ) -> Result<(), StoreError> {
        self.keep_as(ACCESS_TOKEN, access_token, grant).await
    }

    async fn keep_as(&self, kind: &str, secret: &str, grant: &Grant) -> Result<(), StoreError> {
        let text = serde_json::to_string(grant).map_err(|_| StoreError::Corrupt("grant"))?;
        retried(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .item("pk", AttributeValue::S(row(kind, secret)))
                .item("grant", AttributeValue::S(text.clone()))
                .item(
                    "expires_at",
                    AttributeValue::N((grant.decided_at + KEPT).as_second().to_string()),
                )
                .send()
        })
        .await
        .map_err(|error| StoreError::Keep(Box::new(error)))?;
        Ok(())
    }

    /// The grant of a code, which cannot be redeemed again.
    pub(crate) async fn redeem(&self, code: &str) -> Result<Option<Grant>, StoreError> {
        self.take(CODE, code).await
    }

    /// The grant of an access token, which is good for one look.
    pub(crate) async fn of_access_token(&self, token: &str) -> Result<Option<Grant>, StoreError> {
        self.take(ACCESS_TOKEN, token).await
    }

    async fn take(&self, kind: &str, secret: &str) -> Result<Option<Grant>, StoreError> {
        let deleted = retried(|| {
            self.client
                .delete_item()
                .table_name(&self.table)
                .key("pk", AttributeValue::S(row(kind, secret)))
                .condition_expression("attribute_exists(pk)")
                .return_values(ReturnValue::AllOld)
                .send()
        })
        .await;
        let old = match deleted {
            Ok(answer) => answer.attributes.ok_or(StoreError::Corrupt("grant"))?,
            Err(error) if Failure::of(&error) == Failure::Condition => return Ok(None),
            Err(error) => return Err(StoreError::Redeem(Box::new(error))),
        };
        let text = old
            .get("grant")
            .and_then(|value| value.as_s().ok())
            .ok_or(StoreError::Corrupt("grant"))?;
        let grant: Grant = serde_json::from_str(text).map_err(|_| StoreError::Corrupt("grant"))?;
        if grant.defect == Some(Defect::Replay) {
            retried(|| {
                self.client.put_item().table_name(&self.table).set_item(Some(old.clone())).send()
            })
            .await
            .map_err(|error| StoreError::Keep(Box::new(error)))?;
        }
        Ok(Some(grant))
    }

    /// The key of this deployment, made by the first request that needs it.
    pub(crate) async fn signing_key(&self) -> Result<SigningKey, StoreError> {
        if let Some(key) = self.stored_key().await? {
            return Ok(key);
        }
        let fresh = SigningKey::generate()?;
        let pkcs8 = fresh.to_pkcs8()?;
        let put = retried(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .item("pk", AttributeValue::S(SIGNING_KEY.to_owned()))
                .item("pkcs8", AttributeValue::B(Blob::new(pkcs8.clone())))
                .condition_expression("attribute_not_exists(pk)")
                .send()
        })
        .await;
        match put {
            Ok(_) => Ok(fresh),
            // Another environment was faster; or ours took effect and the answer was cut: either way, what is there counts.
            Err(error) if Failure::of(&error) == Failure::Condition => {
                self.stored_key().await?.ok_or(StoreError::Corrupt("pkcs8"))
            }
            Err(error) => Err(StoreError::Keep(Box::new(error))),
        }
    }

    async fn stored_key(&self) -> Result<Option<SigningKey>, StoreError> {
        let answer = retried(|| {
            self.client
                .get_item()
                .table_name(&self.table)
                .key("pk", AttributeValue::S(SIGNING_KEY.to_owned()))
                .consistent_read(true)
                .send()
        })
        .await
        .map_err(|error| StoreError::Read(Box::new(error)))?;
        let Some(row) = answer.item else { return Ok(None) };
        let pkcs8 = row
            .get("pkcs8")
            .and_then(|value| value.as_b().ok())
            .ok_or(StoreError::Corrupt("pkcs8"))?;
        Ok(Some(SigningKey::from_pkcs8(pkcs8.as_ref())?))
    }
}

fn row(kind: &str, secret: &str) -> String {
    format!("{kind}-{}", HEXLOWER.encode(&Sha256::digest(secret)))
}
