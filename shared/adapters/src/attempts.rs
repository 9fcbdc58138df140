//! Counted attempts: how often somebody did something within a window of time.

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ReturnValue},
};
use jiff::{SignedDuration, Timestamp};

use crate::{keys, retry::retried, rows::StoreError};

/// The windows in which attempts are counted begin at each whole minute.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// The counters in a table.
#[derive(Clone, Debug)]
pub struct Attempts {
    client: Client,
    table: String,
}

impl Attempts {
    /// The counters in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Counts one attempt of a kind by somebody (an opaque name, never an address); gives how many there are in this window.
    ///
    /// A retry after a broken connection may count twice, which the generous limits bear.
    pub async fn count(&self, what: &str, opaque: &str, now: Timestamp) -> Result<u64, StoreError> {
        let window = now.as_second().div_euclid(WINDOW.as_secs());
        let key = keys::attempts(what, opaque, window);
        let expires_at = now.as_second() + 10 * WINDOW.as_secs();
        let counted = retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .update_expression("ADD attempts :one SET v = :one, expires_at = :expires_at")
                .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
                .expression_attribute_values(
                    ":expires_at",
                    AttributeValue::N(expires_at.to_string()),
                )
                .return_values(ReturnValue::UpdatedNew)
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("attempts", error))?;
        let attempts = counted
            .attributes
            .as_ref()
            .and_then(|item| item.get("attempts")?.as_n().ok()?.parse().ok());
        attempts.ok_or_else(|| StoreError::corrupt(&key, "attempts is not a count"))
    }

    /// How many seconds are left of the window.
    pub fn until_next(now: Timestamp) -> i64 {
        WINDOW.as_secs() - now.as_second().rem_euclid(WINDOW.as_secs())
    }
}
