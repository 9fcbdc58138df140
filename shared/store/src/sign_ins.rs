//! Sign-ins under way: what the portal remembers between sending a person to the identity provider and their return.

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::delete_item::{DeleteItemError, DeleteItemOutput},
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use domain::{ids::SessionId, return_path::ReturnPath};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    retry::{Failure, retried},
    rows::{Item, StoreError, millis},
};

/// How long a person may take at the identity provider.
pub const SIGN_IN_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// One sign-in under way. The nonce and the verifier are secrets of this one exchange.
#[derive(Clone, Deserialize, Serialize)]
pub struct SignIn {
    /// Hash of the secret in the browser's cookie.
    pub browser: String,
    /// What the ID token must repeat.
    pub nonce: String,
    /// Proves to the token endpoint that the client that redeems the code asked for it (PKCE).
    pub verifier: String,
    /// The identity level that was asked for: 2 or 3.
    pub level: u8,
    /// The sessions that the browser held when it began: the new session takes their place. Their cookies do not come back
    /// with the person, whom another site sends.
    #[serde(default)]
    pub sessions: Vec<SessionId>,
    /// The page of ours to which the sign-in leads, so that it survives another tab or a phone that forgets.
    #[serde(default)]
    pub return_to: ReturnPath,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SignIn").field("level", &self.level).finish_non_exhaustive()
    }
}

/// What a returning browser finds.
#[derive(Debug)]
pub enum SignInReturn {
    /// Its sign-in, which no other return finds again.
    Found(SignIn),
    /// Nothing: never begun, or used already.
    Unknown,
    /// It took too long.
    Expired,
    /// Another browser began it.
    OtherBrowser,
}

#[derive(Deserialize, Serialize)]
struct SignInRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    sign_in: SignIn,
    /// Milliseconds; decides.
    ends: i64,
    /// Seconds; the store deletes the row some time after it.
    expires_at: i64,
}

/// The sign-ins under way in a table.
#[derive(Clone, Debug)]
pub struct SignIns {
    client: Client,
    table: String,
}

impl SignIns {
    /// The sign-ins in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Remembers a sign-in under the hash of its state.
    pub async fn begin(
        &self,
        hashed_state: &str,
        sign_in: SignIn,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::sign_in(hashed_state);
        let ends = now + SIGN_IN_LASTS;
        let row = SignInRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            sign_in,
            ends: millis(ends),
            expires_at: ends.as_second(),
        };
        let item: Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
        retried(|| {
            self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send()
        })
        .await
        .map_err(|error| StoreError::unavailable("sign-in", error))?;
        Ok(())
    }

    /// Takes a sign-in out, exactly once: of two returns with the same state only one finds it.
    ///
    /// If the connection breaks after the deletion took effect, no return finds it: the person begins again.
    pub async fn take(
        &self,
        hashed_state: &str,
        hashed_browser: &str,
        now: Timestamp,
    ) -> Result<SignInReturn, StoreError> {
        let key = keys::sign_in(hashed_state);
        let deleted = retried(|| {
            self.client
                .delete_item()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .condition_expression("browser = :browser AND ends > :now")
                .expression_attribute_values(
                    ":browser",
                    AttributeValue::S(hashed_browser.to_owned()),
                )
                .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
                .return_values(ReturnValue::AllOld)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
                .send()
        })
        .await;
        let read = |item: Item| {
            serde_dynamo::from_item::<_, SignInRow>(item)
                .map_err(|source| StoreError::corrupt(&key, source))
        };
        match deleted {
            Ok(DeleteItemOutput { attributes: Some(item), .. }) => {
                Ok(SignInReturn::Found(read(item)?.sign_in))
            }
            Ok(_) => Ok(SignInReturn::Unknown),
            Err(error) if Failure::of(&error) == Failure::Condition => match refused(error) {
                Some(item) if read(item.clone())?.ends <= millis(now) => Ok(SignInReturn::Expired),
                Some(_) => Ok(SignInReturn::OtherBrowser),
                None => Ok(SignInReturn::Unknown),
            },
            Err(error) => Err(StoreError::unavailable("sign-in", error)),
        }
    }
}

/// The row that did not meet the condition.
fn refused<R>(error: SdkError<DeleteItemError, R>) -> Option<Item> {
    match error {
        SdkError::ServiceError(service) => match service.into_err() {
            DeleteItemError::ConditionalCheckFailedException(failed) => failed.item,
            _ => None,
        },
        _ => None,
    }
}
