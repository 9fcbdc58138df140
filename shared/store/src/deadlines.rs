//! Cases for which something comes by itself, read from the sparse index in order of their instant (SWP-1).

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::ids::{ApplicationId, CampaignId};
use jiff::Timestamp;

use crate::{
    keys,
    retry::retried,
    rows::{Item, StoreError, millis},
    table::key_of,
};

/// A page of what is due, with where the next one begins.
#[derive(Clone, Debug)]
pub struct DuePage {
    /// Whose instant has come, oldest first.
    pub applications: Vec<ApplicationId>,
    /// Where to go on; none at the end.
    pub next: Option<Item>,
}

/// The deadlines in a table.
#[derive(Clone, Debug)]
pub struct Deadlines {
    client: Client,
    table: String,
}

impl Deadlines {
    /// The deadlines in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// All partitions of a campaign.
    pub fn shards(campaign: &CampaignId) -> Vec<String> {
        keys::all_due(campaign)
    }

    /// Up to `limit` cases of a partition whose instant is at or before `now` (the campaign's).
    pub async fn due(
        &self,
        shard: &str,
        now: Timestamp,
        from: Option<Item>,
        limit: i32,
    ) -> Result<DuePage, StoreError> {
        let page = retried(|| {
            self.client
                .query()
                .table_name(&self.table)
                .index_name(keys::BY_DUE)
                .key_condition_expression("due_pk = :shard AND due_at <= :now")
                .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
                .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
                .set_exclusive_start_key(from.clone())
                .limit(limit)
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("deadlines", error))?;
        let applications = page
            .items
            .unwrap_or_default()
            .iter()
            .filter_map(|item| keys::application_of(&key_of(item).pk))
            .collect();
        let next = page.last_evaluated_key.filter(|key| !key.is_empty());
        Ok(DuePage { applications, next })
    }
}
