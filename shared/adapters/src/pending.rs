//! What waits to be told, read from the sparse index.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use jiff::Timestamp;

use crate::{
    keys,
    queue::Forwarding,
    retry::retried,
    rows::{Item, StoreError, millis},
};

/// At most this many items of a shard in one run; the next run takes the rest.
const PER_RUN: usize = 2_000;

/// The waiting items of a table.
#[derive(Clone, Debug)]
pub struct Pending {
    client: Client,
    table: String,
}

impl Pending {
    /// The waiting items of a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// All partitions of the index.
    pub fn shards() -> Vec<String> {
        keys::all_pending()
    }

    /// What was due before an instant, oldest first.
    ///
    /// The index holds keys only, so the queue of each item is read from the item: what was done meanwhile is left out.
    pub async fn overdue(
        &self,
        shard: &str,
        before: Timestamp,
    ) -> Result<Vec<Forwarding>, StoreError> {
        let mut overdue = Vec::new();
        let mut from: Option<Item> = None;
        loop {
            let page = retried(|| {
                self.client
                    .query()
                    .table_name(&self.table)
                    .index_name(keys::PENDING)
                    .key_condition_expression("pending_pk = :shard AND pending_due < :before")
                    .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
                    .expression_attribute_values(
                        ":before",
                        AttributeValue::N(millis(before).to_string()),
                    )
                    .set_exclusive_start_key(from.clone())
                    .limit(200)
                    .send()
            })
            .await
            .map_err(|error| StoreError::unavailable("waiting items", error))?;
            for entry in page.items.unwrap_or_default() {
                overdue.extend(self.waiting(&entry).await?);
            }
            from = page.last_evaluated_key.filter(|key| !key.is_empty());
            if from.is_none() || overdue.len() >= PER_RUN {
                return Ok(overdue);
            }
        }
    }

    async fn waiting(&self, entry: &Item) -> Result<Option<Forwarding>, StoreError> {
        let key: Item = entry
            .iter()
            .filter(|(name, _)| *name == "pk" || *name == "sk")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let found = retried(|| {
            self.client
                .get_item()
                .table_name(&self.table)
                .set_key(Some(key.clone()))
                .projection_expression("pk, sk, pending_due, queue")
                .consistent_read(true)
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("waiting item", error))?;
        Ok(found.item.and_then(|item| Forwarding::of(&serde_dynamo::Item::from(item))))
    }
}
