//! Whether the certified provider's receipts keep coming: one row, from which an alarm and the public status are told
//! (COM-2, NEW-7).
//!
//! Each PEC that leaves would write it, so a sender writes it at most once a minute, and only where nothing is awaited yet.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    retry::{Failure, retried},
    rows::{StoreError, instant, millis},
    table,
};
use outside::queue::Queue;

/// How receipts come, as the public status says it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptFlow {
    /// They come.
    Working,
    /// Some are due, and none was read.
    Stopped,
}

/// What is known of the receipts.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct WatchRow {
    /// When the first PEC left after the last reading of a receipt, in milliseconds; none while nothing is awaited.
    #[serde(default)]
    pub awaited: Option<i64>,
    /// When a receipt was read last, in milliseconds.
    #[serde(default)]
    pub read_at: Option<i64>,
    /// What the public status says.
    #[serde(default)]
    pub flow: Option<ReceiptFlow>,
    /// Since when, in milliseconds.
    #[serde(default)]
    pub since: Option<i64>,
}

impl WatchRow {
    /// For how long receipts have been awaited of which none was read; zero while none is awaited.
    pub fn overdue(&self, now: Timestamp) -> SignedDuration {
        let awaited = self.awaited.and_then(|awaited| instant(awaited).ok());
        awaited.map_or(SignedDuration::ZERO, |since| now.duration_since(since))
    }
}

/// The row in its table.
#[derive(Clone, Debug)]
pub struct ReceiptWatch {
    client: Client,
    table: String,
}

impl ReceiptWatch {
    /// The watch in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// What is known; nothing before the first PEC.
    pub async fn find(&self) -> Result<Option<WatchRow>, StoreError> {
        table::row(&self.client, &self.table, &keys::receipt_watch(), "watch of receipts").await
    }

    /// A PEC has left: its receipt is awaited from now on, unless an earlier one is.
    pub async fn pec_left(&self, now: Timestamp) -> Result<(), StoreError> {
        self.set("SET v = :v, awaited = :now", "attribute_not_exists(awaited)", now).await?;
        Ok(())
    }

    /// A run that began then has read receipts: what left before it is awaited no more.
    pub async fn receipts_read(&self, begun: Timestamp) -> Result<(), StoreError> {
        let settled = "SET v = :v, read_at = :now REMOVE awaited";
        let nothing_since = "attribute_not_exists(awaited) OR awaited <= :now";
        if !self.set(settled, nothing_since, begun).await? {
            self.set("SET v = :v, read_at = :now", "attribute_exists(pk)", begun).await?;
        }
        Ok(())
    }

    /// The public status is to say this; the row waits to be published.
    pub async fn tell(
        &self,
        flow: ReceiptFlow,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let flow: AttributeValue =
            serde_dynamo::to_attribute_value(flow).map_err(StoreError::unwritable)?;
        let queue: AttributeValue =
            serde_dynamo::to_attribute_value(Queue::Facts).map_err(StoreError::unwritable)?;
        let at = |instant: Timestamp| AttributeValue::N(millis(instant).to_string());
        retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(keys::receipt_watch().item()))
                .update_expression("SET v = :v, flow = :flow, since = :since, pending_pk = :pending, pending_due = :now, queue = :queue")
                .expression_attribute_values(":v", AttributeValue::N("1".to_owned()))
                .expression_attribute_values(":flow", flow.clone())
                .expression_attribute_values(":since", at(since))
                .expression_attribute_values(":pending", AttributeValue::S(keys::pending_elsewhere(Queue::Facts)))
                .expression_attribute_values(":now", at(now))
                .expression_attribute_values(":queue", queue.clone())
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("watch of receipts", error))?;
        Ok(())
    }

    /// False where the condition does not hold.
    async fn set(
        &self,
        expression: &str,
        condition: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let written = retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(keys::receipt_watch().item()))
                .update_expression(expression)
                .condition_expression(condition)
                .expression_attribute_values(":v", AttributeValue::N("1".to_owned()))
                .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
                .send()
        })
        .await;
        match written {
            Ok(_) => Ok(true),
            Err(error) if Failure::of(&error) == Failure::Condition => Ok(false),
            Err(error) => Err(StoreError::unavailable("watch of receipts", error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_are_overdue_only_while_some_are_awaited() {
        let now: Timestamp = "2026-01-12T08:30:00Z".parse().unwrap();
        let since = millis("2026-01-12T08:00:00Z".parse().unwrap());
        let awaited = WatchRow { awaited: Some(since), ..WatchRow::default() };
        assert_eq!(awaited.overdue(now), SignedDuration::from_mins(30));
        let read = WatchRow { read_at: Some(since), ..WatchRow::default() };
        assert_eq!(read.overdue(now), SignedDuration::ZERO);
    }
}
