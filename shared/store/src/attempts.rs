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

/// Tries to sign in with one e-mail address that need no human check (ACC-3).
pub const PASSWORD_TRIES: Limit = Limit::per_hour("password-tries", 5);
/// Passwords of one e-mail address that are compared; a try without its human check does not count, so that nobody locks a
/// stranger out by typing the address alone.
pub const PASSWORDS_COMPARED: Limit = Limit::per_hour("password", 50);

/// Letters about enabling requests to one address that was only typed; more are not written, since the portal shows the same.
pub const LETTERS_TO_A_TYPED_ADDRESS: Limit = Limit::per_hour("enabling-letters", 5);
/// Letters to one person about being listed by an organisation and leaving it: whoever keeps a list can do both in turns.
pub const LETTERS_ABOUT_LISTS: Limit = Limit::per_day("list-letters", 6);

/// Codes that other people than the employer have sent to one certified mailbox (ACT-1).
const CODES_FOR_OTHERS: Limit = Limit::per_hour("pec-codes", 20);
/// Codes that an employer has sent to the own certified mailbox: what strangers do leaves their own count alone.
const CODES_FOR_ONESELF: Limit = Limit::per_hour("pec-codes-own", 20);

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

    /// Forgets what was counted in this window: a person proved to be the owner of what is counted.
    pub async fn lift(
        &self,
        limit: &Limit,
        opaque: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let window = now.as_second().div_euclid(limit.window.as_secs());
        let key = keys::attempts(limit.what, opaque, window);
        retried(|| {
            self.client.delete_item().table_name(&self.table).set_key(Some(key.item())).send()
        })
        .await
        .map_err(|error| StoreError::unavailable("attempts", error))?;
        Ok(())
    }

    /// Counts a code to a certified mailbox; when it is one too many within the hour, after how many seconds the next may
    /// leave.
    pub async fn code_to_mailbox(
        &self,
        opaque: &str,
        for_oneself: bool,
        now: Timestamp,
    ) -> Result<Result<(), i64>, StoreError> {
        let limit = if for_oneself { CODES_FOR_ONESELF } else { CODES_FOR_OTHERS };
        let is_too_many = self.count_for(&limit, opaque, now).await? > limit.most;
        Ok(if is_too_many { Err(limit.until_next(now)) } else { Ok(()) })
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
