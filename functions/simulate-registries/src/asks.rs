//! What the simulators remember: how often and since when something was asked, so that "down twice" and "late" work.

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue},
};
use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use store::retry::retried;
use thiserror::Error;

use crate::wire::Operation;

/// What was asked before this question.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct QuestionHistory {
    /// How many times the same question was asked about the same application before.
    pub asked_before: u32,
    /// When it was asked first; now, if never before.
    pub first_asked: Timestamp,
}

/// The memory of a question could not be read.
#[derive(Debug, Error)]
pub enum AsksError {
    /// The store refused or failed.
    #[error("the simulators' table did not answer")]
    Store(#[source] Box<SdkError<UpdateItemError>>),
    /// The row lacks an attribute or holds a wrong one.
    #[error("a row of the simulators' table has no readable {0}")]
    Corrupt(&'static str),
}

/// The simulators' table, seen as a memory of questions.
#[derive(Clone, Debug)]
pub struct Asks {
    client: Client,
    table: String,
}

/// Long enough for a test of "five days" with scaled pauses, short enough to leave nothing behind.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

impl Asks {
    /// Uses this table (partition key `pk`, expiry `expires_at` in seconds).
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Counts a question and tells what came before it. The key is a hash: the table holds no code.
    pub async fn count(
        &self,
        operation: Operation,
        codes: &[&str],
        reference: &str,
        now: Timestamp,
    ) -> Result<QuestionHistory, AsksError> {
        let mut hash = Sha256::new();
        for part in [operation.path(), reference].iter().chain(codes) {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let key = format!("ask-{}", HEXLOWER.encode(&hash.finalize()));
        let answer = retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .key("pk", AttributeValue::S(key.clone()))
                .update_expression(
                    "ADD asked :one SET first_asked = if_not_exists(first_asked, :now), expires_at = :expires",
                )
                .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
                .expression_attribute_values(":now", AttributeValue::N(now.as_millisecond().to_string()))
                .expression_attribute_values(":expires", AttributeValue::N((now + KEPT).as_second().to_string()))
                .return_values(ReturnValue::AllNew)
                .send()
        })
        .await
        .map_err(|error| AsksError::Store(Box::new(error)))?;
        let number = |name: &'static str| {
            answer
                .attributes()
                .and_then(|row| row.get(name)?.as_n().ok()?.parse::<i64>().ok())
                .ok_or(AsksError::Corrupt(name))
        };
        let asked = u32::try_from(number("asked")?).map_err(|_| AsksError::Corrupt("asked"))?;
        let first_asked = Timestamp::from_millisecond(number("first_asked")?)
            .map_err(|_| AsksError::Corrupt("first_asked"))?;
        Ok(QuestionHistory { asked_before: asked.saturating_sub(1), first_asked })
    }
}
