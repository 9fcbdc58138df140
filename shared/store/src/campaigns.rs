//! Published campaigns: immutable versions in the store, a copy in memory for at most a minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::{
    campaign::{Campaign, LONGEST_COPY_AGE, Publication},
    ids::{AccountId, CampaignId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    keys,
    retry::retried,
    rows::{Item, PendingMark, StoreError, instant, millis},
    table,
};
use outside::queue::Queue;

/// Whether a campaign may move its clock. In production none may: its instants would not be those of the gateway, of
/// people's watches and of the law.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MovedClock {
    /// Tests and staging play other days.
    Allowed,
    /// Production.
    Refused,
}

impl MovedClock {
    /// By the stage that the template names.
    pub fn in_stage(stage: &str) -> Self {
        if stage == "production" { Self::Refused } else { Self::Allowed }
    }

    fn check(self, campaign: &Campaign) -> Result<(), MovesTheClock> {
        if self == Self::Refused && campaign.moves_the_clock() {
            Err(MovesTheClock)
        } else {
            Ok(())
        }
    }
}

/// The campaign moves its clock, which production refuses.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the campaign moves its clock (clock_offset_ms), which production refuses")]
pub struct MovesTheClock;

/// Why a campaign was not published.
#[derive(Debug, Error)]
pub enum PublishError {
    /// It moves its clock where none may.
    #[error(transparent)]
    MovesTheClock(#[from] MovesTheClock),
    /// This version exists: versions never change.
    #[error("this version of the campaign is published already")]
    Exists,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Deserialize, Serialize)]
struct VersionRow {
    pk: String,
    sk: String,
    v: u8,
    /// The campaign file, as published.
    document: String,
    /// In milliseconds, by the wall clock.
    published: i64,
    /// Must count at once, though warm copies of the version before decide for up to a minute more.
    emergency: bool,
    /// Who published it; none where it was a command with the deployment's credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<AccountId>,
    #[serde(flatten)]
    waiting: PendingMark,
}

#[derive(Debug, Deserialize, Serialize)]
struct ListedRow {
    pk: String,
    sk: String,
    v: u8,
}

/// A published version, in force or not yet.
#[derive(Clone, Debug)]
pub struct Version {
    /// When it was published, and whether as an emergency.
    pub publication: Publication,
    /// Its content.
    pub campaign: Arc<Campaign>,
    /// Who published it; none where it was a command with the deployment's credentials.
    pub by: Option<AccountId>,
}

#[derive(Clone, Debug)]
struct CachedCampaign {
    read: Timestamp,
    versions: Vec<Version>,
}

/// The campaigns in a table, with the copies in memory.
#[derive(Debug)]
pub struct Campaigns {
    client: Client,
    table: String,
    moved_clock: MovedClock,
    copies: Mutex<HashMap<CampaignId, CachedCampaign>>,
}

impl Campaigns {
    /// The campaigns in a table.
    pub fn new(client: Client, table: String, moved_clock: MovedClock) -> Self {
        Self { client, table, moved_clock, copies: Mutex::new(HashMap::new()) }
    }

    /// The version in force at an instant of the wall clock or gateway (before any campaign offset).
    pub async fn in_force(
        &self,
        id: &CampaignId,
        now: Timestamp,
    ) -> Result<Option<Arc<Campaign>>, StoreError> {
        let fresh = self
            .copies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .filter(|copy| now.duration_since(copy.read) < LONGEST_COPY_AGE)
            .cloned();
        let copy = match fresh {
            Some(copy) => copy,
            None => {
                let copy = CachedCampaign { read: now, versions: self.versions(id).await? };
                if !copy.versions.is_empty() {
                    self.copies
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(id.clone(), copy.clone());
                }
                copy
            }
        };
        let publications: Vec<_> =
            copy.versions.iter().map(|version| version.publication).collect();
        let in_force =
            Publication::in_force(&publications, now).map(|publication| publication.version);
        Ok(copy
            .versions
            .into_iter()
            .find(|version| Some(version.publication.version) == in_force)
            .map(|version| version.campaign))
    }

    /// The same without the copy in memory, for a function that was just told of a new version.
    pub async fn in_force_now(
        &self,
        id: &CampaignId,
        now: Timestamp,
    ) -> Result<Option<Arc<Campaign>>, StoreError> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        self.in_force(id, now).await
    }

    /// Publishes a version; `domain::campaign::Publication` says when it takes effect.
    pub async fn publish(
        &self,
        document: &str,
        campaign: &Campaign,
        emergency: bool,
        by: Option<&AccountId>,
        now: Timestamp,
    ) -> Result<(), PublishError> {
        self.moved_clock.check(campaign)?;
        let key = keys::campaign_version(campaign.id(), campaign.version());
        let publication = Publication { version: campaign.version(), published_at: now, emergency };
        let row = VersionRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            document: document.to_owned(),
            published: millis(now),
            emergency,
            by: by.cloned(),
            waiting: PendingMark {
                pending_pk: Some(keys::pending_elsewhere(Queue::Facts)),
                // Not before it counts: until then the version before it would be published again (NOT-2).
                pending_due: Some(millis(publication.effect().at)),
                queue: Some(Queue::Facts),
            },
        };
        let listed = keys::campaign_listed(campaign.id());
        let listed: Item = serde_dynamo::to_item(ListedRow { pk: listed.pk, sk: listed.sk, v: 1 })
            .map_err(StoreError::unwritable)?;
        retried(|| {
            self.client.put_item().table_name(&self.table).set_item(Some(listed.clone())).send()
        })
        .await
        .map_err(|error| StoreError::unavailable("campaign list", error))?;
        let is_new = table::put_new(&self.client, &self.table, &row, "campaign version").await?;
        if is_new { Ok(()) } else { Err(PublishError::Exists) }
    }

    /// All campaigns.
    pub async fn listed(&self) -> Result<Vec<CampaignId>, StoreError> {
        let found = retried(|| {
            self.client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", AttributeValue::S(keys::campaigns_list()))
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("campaign list", error))?;
        let ids = found.items.unwrap_or_default();
        Ok(ids.iter().filter_map(|item| item.get("sk")?.as_s().ok()?.parse().ok()).collect())
    }

    /// A page of all campaigns, in the order of their identifiers.
    pub async fn page(
        &self,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<CampaignId>, StoreError> {
        let items = table::page_beginning(
            &self.client,
            &self.table,
            &keys::campaigns_list(),
            "",
            after,
            limit,
            "campaign list",
        )
        .await?;
        Ok(items.iter().filter_map(|item| table::key_of(item).sk.parse().ok()).collect())
    }

    /// The static files of a version are out: nothing waits any more.
    pub async fn record_facts_published(&self, key: &keys::Key) -> Result<(), StoreError> {
        retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .update_expression("REMOVE pending_pk, pending_due, queue")
                .condition_expression("attribute_exists(pk)")
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("campaign version", error))?;
        Ok(())
    }

    /// The newest versions, five at most, the newest first; those that have not taken effect yet are among them.
    pub async fn versions(&self, id: &CampaignId) -> Result<Vec<Version>, StoreError> {
        let partition = keys::campaign_version(id, 0).pk;
        let found = retried(|| {
            self.client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", AttributeValue::S(partition.clone()))
                .expression_attribute_values(
                    ":prefix",
                    AttributeValue::S(keys::VERSION_PREFIX.to_owned()),
                )
                .scan_index_forward(false)
                .limit(5)
                .consistent_read(true)
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("campaign", error))?;
        let items = found.items.unwrap_or_default();
        items.into_iter().map(|item| self.version(id, item)).collect()
    }

    /// All versions, the oldest first: for a command that looks at the whole past of a campaign, not for a request.
    pub async fn all_versions(&self, id: &CampaignId) -> Result<Vec<Version>, StoreError> {
        let partition = keys::campaign_version(id, 0).pk;
        let items = table::items_beginning(
            &self.client,
            &self.table,
            &partition,
            keys::VERSION_PREFIX,
            "campaign",
        );
        items.await?.into_iter().map(|item| self.version(id, item)).collect()
    }

    fn version(&self, id: &CampaignId, item: Item) -> Result<Version, StoreError> {
        let row: VersionRow = serde_dynamo::from_item(item)
            .map_err(|source| StoreError::corrupt(&keys::campaign_version(id, 0), source))?;
        let key = keys::Key { pk: row.pk, sk: row.sk };
        let campaign =
            Campaign::parse(&row.document).map_err(|source| StoreError::corrupt(&key, source))?;
        self.moved_clock.check(&campaign).map_err(|source| StoreError::corrupt(&key, source))?;
        let published_at =
            instant(row.published).map_err(|source| StoreError::corrupt(&key, source))?;
        let publication =
            Publication { version: campaign.version(), published_at, emergency: row.emergency };
        Ok(Version { publication, campaign: Arc::new(campaign), by: row.by })
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::{Config, config::BehaviorVersion};

    use super::*;

    const DEMO: &str = include_str!("../../../campaigns/demo.toml");

    fn moved() -> (String, Campaign) {
        let mut file = Campaign::parse(DEMO).unwrap().into_file();
        file.clock_offset_ms = 900_000;
        let campaign = Campaign::try_from(file).unwrap();
        (campaign.to_toml().unwrap(), campaign)
    }

    fn in_stage(stage: &str) -> Campaigns {
        let nowhere = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url("http://127.0.0.1:1")
            .build();
        Campaigns::new(Client::from_conf(nowhere), "portal".into(), MovedClock::in_stage(stage))
    }

    /// A campaign of production that moves its clock would open and close at other instants than people read.
    #[tokio::test]
    async fn production_publishes_no_campaign_that_moves_its_clock() {
        let (document, campaign) = moved();
        let refused = in_stage("production")
            .publish(&document, &campaign, false, None, Timestamp::UNIX_EPOCH)
            .await;
        assert!(matches!(refused, Err(PublishError::MovesTheClock(_))), "{refused:?}");
    }

    #[test]
    fn production_reads_none_either_and_other_stages_do() {
        let (_, campaign) = moved();
        assert_eq!(MovedClock::in_stage("production").check(&campaign), Err(MovesTheClock));
        for stage in ["local", "staging"] {
            assert_eq!(MovedClock::in_stage(stage).check(&campaign), Ok(()), "{stage}");
        }
        let demo = Campaign::parse(DEMO).unwrap();
        assert_eq!(MovedClock::in_stage("production").check(&demo), Ok(()));
    }
}
