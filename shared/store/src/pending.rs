//! Items that wait to be forwarded to a queue, read from the sparse index.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::ids::CampaignId;
use futures::future::try_join_all;
use jiff::Timestamp;

use crate::{
    keys::{self, Key},
    retry::retried,
    rows::{Item, StoreError, millis},
    table::key_of,
};
use outside::queue::{Forwarding, Message, Queue};

/// At most this many items of a shard in one run; the next run takes the rest.
const PER_RUN: usize = 2_000;

/// The queue and instant that an item waits for, as the stream or the table has it; nothing when it does not wait.
pub fn forwarding(item: &serde_dynamo::Item) -> Option<Forwarding> {
    let text = |name: &str| match item.get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Some(text.clone()),
        _ => None,
    };
    let Some(serde_dynamo::AttributeValue::N(due)) = item.get("pending_due") else {
        return None;
    };
    Some(Forwarding {
        queue: Queue::from_code(&text("queue")?)?,
        message: Message { v: 1, pk: text("pk")?, sk: text("sk")? },
        due: due.parse().ok()?,
    })
}

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

    /// The items due before an instant, oldest first.
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
            let (entries, next) = self.page(shard, millis(before), from).await?;
            for entry in entries {
                overdue.extend(self.waiting(&entry).await?);
            }
            from = next;
            if from.is_none() || overdue.len() >= PER_RUN {
                return Ok(overdue);
            }
        }
    }

    /// The first arrival (milliseconds of the campaign's clock) before an instant whose submission is not recorded yet
    /// (SUB-3, AUD-1); none is usual. One of a moment ago may be missing.
    pub async fn first_submission(
        &self,
        campaign: &CampaignId,
        before: i64,
    ) -> Result<Option<i64>, StoreError> {
        let shards = Self::shards();
        let firsts =
            try_join_all(shards.iter().map(|shard| self.first_of(shard, campaign, before))).await?;
        Ok(firsts.into_iter().flatten().min())
    }

    /// Keys of one shard that are due before an instant (milliseconds), oldest first, and where the next page begins.
    async fn page(
        &self,
        shard: &str,
        before: i64,
        from: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let page = retried(|| {
            self.client
                .query()
                .table_name(&self.table)
                .index_name(keys::PENDING)
                .key_condition_expression("pending_pk = :shard AND pending_due < :before")
                .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
                .expression_attribute_values(":before", AttributeValue::N(before.to_string()))
                .set_exclusive_start_key(from.clone())
                .limit(200)
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("waiting items", error))?;
        let next = page.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((page.items.unwrap_or_default(), next))
    }

    async fn first_of(
        &self,
        shard: &str,
        campaign: &CampaignId,
        before: i64,
    ) -> Result<Option<i64>, StoreError> {
        let mut from: Option<Item> = None;
        loop {
            let (entries, next) = self.page(shard, before, from).await?;
            for entry in entries {
                let key = key_of(&entry);
                let is_head =
                    keys::application_of(&key.pk).is_some_and(|id| keys::head(&id) == key);
                if is_head && let Some(arrival) = self.submission(&key, campaign).await? {
                    return Ok(Some(arrival));
                }
            }
            from = next;
            if from.is_none() {
                return Ok(None);
            }
        }
    }

    /// The arrival of an application of this campaign whose submission waits for its history.
    async fn submission(
        &self,
        key: &Key,
        campaign: &CampaignId,
    ) -> Result<Option<i64>, StoreError> {
        let found = retried(|| {
            self.client
                .get_item()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .projection_expression("campaign, arrival, #queue")
                .expression_attribute_names("#queue", "queue")
                .consistent_read(true)
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("waiting item", error))?;
        let item = found.item.unwrap_or_default();
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        let is_ours = text("campaign").is_some_and(|found| found == campaign.as_str());
        let is_ours = is_ours && item.contains_key("queue");
        let arrival = item.get("arrival").and_then(|value| value.as_n().ok()?.parse().ok());
        Ok(arrival.filter(|_| is_ours))
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
        Ok(found.item.and_then(|item| forwarding(&serde_dynamo::Item::from(item))))
    }
}
