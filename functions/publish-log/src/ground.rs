//! What the writer of a log rests on: rows and files. A test puts others in their place, and stops the writer anywhere.

use domain::{
    ids::CampaignId,
    transparency::checkpoint::{Checkpoint, LogKey, PublicLogKey},
};
use jiff::Timestamp;
use outside::{clock, facts::FactsError};
use store::{
    retry::Failure,
    rows::{SaveError, StoreError},
    submission_log::{LogHead, Unlogged},
};

use crate::{App, LogError};

/// The file of all public keys; a key is never taken out of it.
const LOG_KEYS: &str = "facts/log-keys.json";

/// Submissions that are read of each of the eight partitions for one batch: with eight times as many a batch is a row of 250
/// kilobytes, of which DynamoDB takes 400.
pub(crate) const AT_ONCE: i32 = 125;

/// The rows and files of logs.
pub(crate) trait Ground {
    /// The wall clock.
    fn now(&self) -> Timestamp;
    /// The name of a log that begins.
    fn origin(&self, campaign: &CampaignId) -> String;
    /// The key that signs now.
    fn key(&self, campaign: &CampaignId) -> LogKey;
    /// All keys that may sign, now and later.
    fn keys(&self, campaign: &CampaignId) -> Vec<LogKey>;
    async fn head(&self, campaign: &CampaignId) -> Result<LogHead, LogError>;
    /// False when another run was faster.
    async fn move_on(&self, campaign: &CampaignId, after: LogHead) -> Result<bool, LogError>;
    async fn waiting(&self, campaign: &CampaignId) -> Result<Vec<Unlogged>, LogError>;
    async fn take_out(&self, campaign: &CampaignId, logged: &[Unlogged]) -> Result<(), LogError>;
    async fn tile(&self, file: &str) -> Result<Vec<u8>, LogError>;
    async fn put_tile(&self, file: &str, content: Vec<u8>) -> Result<(), LogError>;
    async fn put_key(&self, key: &PublicLogKey) -> Result<(), LogError>;
    /// Puts a signed head, unless a larger one is there.
    async fn put_checkpoint(&self, file: &str, note: &str, size: u64) -> Result<(), LogError>;
}

impl Ground for App {
    fn now(&self) -> Timestamp {
        clock::wall()
    }

    fn origin(&self, campaign: &CampaignId) -> String {
        let (_, host) = self.origin.split_once("://").unwrap_or_default();
        format!("{host}/{}", crate::folder(campaign))
    }

    fn key(&self, campaign: &CampaignId) -> LogKey {
        self.keys.at(campaign, self.now())
    }

    fn keys(&self, campaign: &CampaignId) -> Vec<LogKey> {
        self.keys.all(campaign).collect()
    }

    async fn head(&self, campaign: &CampaignId) -> Result<LogHead, LogError> {
        Ok(self.store.submission_log.head(campaign).await?)
    }

    async fn move_on(&self, campaign: &CampaignId, after: LogHead) -> Result<bool, LogError> {
        match self.store.submission_log.move_on(campaign, after).await {
            Ok(()) => Ok(true),
            Err(SaveError::Store(error)) if !is_conflict(&error) => Err(error.into()),
            Err(_) => Ok(false),
        }
    }

    async fn waiting(&self, campaign: &CampaignId) -> Result<Vec<Unlogged>, LogError> {
        Ok(self.store.submission_log.waiting(campaign, AT_ONCE).await?)
    }

    async fn take_out(&self, campaign: &CampaignId, logged: &[Unlogged]) -> Result<(), LogError> {
        Ok(self.store.submission_log.take_out(campaign, logged).await?)
    }

    async fn tile(&self, file: &str) -> Result<Vec<u8>, LogError> {
        let found = self.facts.find_bytes(file).await?;
        found.ok_or_else(|| FactsError::Corrupt(file.to_owned()).into())
    }

    async fn put_tile(&self, file: &str, content: Vec<u8>) -> Result<(), LogError> {
        Ok(self.facts.put_for_good(file, content).await?)
    }

    async fn put_key(&self, key: &PublicLogKey) -> Result<(), LogError> {
        let entry = serde_json::to_value(key)?;
        Ok(self.facts.merge(LOG_KEYS, "keys", &key.vkey, "vkey", &entry).await?)
    }

    async fn put_checkpoint(&self, file: &str, note: &str, size: u64) -> Result<(), LogError> {
        let is_newer = |there: &str| Checkpoint::size_of(there).is_some_and(|there| there > size);
        Ok(self.facts.put_unless(file, note, is_newer).await?)
    }
}

const fn is_conflict(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable { failure: Failure::Conflict, .. })
}
