//! Counted attempts: how often a client, an address or an account did something within a window of time.

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ReturnValue},
};
use jiff::{SignedDuration, Timestamp};

use crate::{keys, retry::retried, rows::StoreError, table};

/// The usual windows in which attempts are counted begin at each whole minute.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// How often something may be tried within a window of time; windows begin at whole multiples of their length.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What is tried; each limit has a name of its own.
    pub what: &'static str,
    /// How often.
    pub most: u64,
    /// Within how long.
    pub window: SignedDuration,
}

impl Limit {
    /// So many within each minute.
    pub const fn per_minute(what: &'static str, most: u64) -> Self {
        Self { what, most, window: WINDOW }
    }

    /// So many within each hour.
    pub const fn per_hour(what: &'static str, most: u64) -> Self {
        Self { what, most, window: SignedDuration::from_hours(1) }
    }

    /// So many within each day.
    pub const fn per_day(what: &'static str, most: u64) -> Self {
        Self { what, most, window: SignedDuration::from_hours(24) }
    }

    /// How many seconds are left of the window.
    pub fn until_next(&self, now: Timestamp) -> i64 {
        self.window.as_secs() - now.as_second().rem_euclid(self.window.as_secs())
    }
}

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

    /// Counts one attempt of a kind under an opaque name, never an address; gives how many there are in this window.
    ///
    /// A retry after a broken connection may count twice, which the generous limits bear.
    pub async fn count(&self, what: &str, opaque: &str, now: Timestamp) -> Result<u64, StoreError> {
        self.count_within(WINDOW, what, opaque, now).await
    }

    /// Counts one attempt for a limit; gives how many there are in this window, for callers that do more than refuse.
    pub async fn count_for(
        &self,
        limit: &Limit,
        opaque: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.count_within(limit.window, limit.what, opaque, now).await
    }

    /// How many attempts were counted in this window.
    pub async fn so_far(
        &self,
        limit: &Limit,
        opaque: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let window = now.as_second().div_euclid(limit.window.as_secs());
        let key = keys::attempts(limit.what, opaque, window);
        let item = table::item(&self.client, &self.table, &key, "attempts").await?;
        Ok(item.and_then(|item| item.get("attempts")?.as_n().ok()?.parse().ok()).unwrap_or(0))
    }

    async fn count_within(
        &self,
        length: SignedDuration,
        what: &str,
        opaque: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let window = now.as_second().div_euclid(length.as_secs());
        let key = keys::attempts(what, opaque, window);
        let expires_at = now.as_second() + length.as_secs() + 10 * WINDOW.as_secs();
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
