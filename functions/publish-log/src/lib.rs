//! Writes the public log of each campaign's submissions: tiles of a Merkle tree and its signed head, as static files that
//! anybody checks a receipt against (RNK-3). The only one that does.
//!
//! A run decides what comes next, writes it down, carries it out and moves on (ADR 40). What it carries out are files that
//! never change: two runs at once write the same ones, and the run after one that died writes them again.

mod ground;
#[cfg(test)]
mod tests;

use aws_config::SdkConfig;
use data_encoding::HEXLOWER;
use domain::{
    ids::CampaignId,
    transparency::{
        Entry,
        checkpoint::Checkpoint,
        tree::{Corrupt, Tree},
    },
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use ground::Ground;
use jiff::{SignedDuration, Timestamp};
use outside::{
    config::{self, ConfigError},
    facts::{Facts, FactsError},
    key_ring::LogKeys,
    log::chain,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Store,
    rows::{StoreError, millis},
    submission_log::{LogHead, Unlogged},
};
use thiserror::Error;

/// No new work begins once a run has lasted so long: the function has fifty seconds. The next run goes on.
const BUDGET: SignedDuration = SignedDuration::from_secs(40);
/// Campaigns that are looked at at once.
const CAMPAIGNS_AT_ONCE: usize = 4;
/// Files that are read or written at once.
const FILES_AT_ONCE: usize = 8;
/// Another run was faster this often at one campaign: it does the work.
const ROUNDS: u8 = 5;

/// What publishing needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    facts: Facts,
    keys: LogKeys,
    /// Where the portal is, of which the names of logs are made.
    origin: String,
}

impl App {
    /// Reads the names of table and bucket, and the secret of the logs' keys.
    ///
    /// # Errors
    /// A variable or the secret is missing: the function does not start.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            store: Store::open(sdk)?,
            facts: Facts::new(sdk, config::required("FACTS_BUCKET")?),
            keys: LogKeys::new(config::keys_of_secret(sdk, "LOG_SECRET_ID").await?),
            origin: config::required("PUBLIC_ORIGIN")?,
        })
    }
}

/// Why a log was not written to its end; the next run goes on.
#[derive(Debug, Error)]
pub enum LogError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bucket failed, or holds another file than was written.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// A tile in the bucket is not as it was written.
    #[error(transparent)]
    Tile(#[from] Corrupt),
    /// The tiles in the bucket make another tree than the head says.
    #[error("the tiles in the bucket make another tree than the head says")]
    OtherTree,
    /// A fact has no written form.
    #[error("a fact cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Why a run did not take place; the next one makes up for it.
#[derive(Debug, Error)]
pub enum RunError {
    /// `campaign` is no campaign's name.
    #[error("the payload asks for something that cannot be")]
    Payload(#[source] serde_json::Error),
    /// The list of campaigns could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Published {
    /// Campaigns that were looked at.
    pub campaigns: u64,
    /// Entries that came into logs.
    pub logged: u64,
    /// For how long the oldest submission that was met had waited for its log, in seconds; an alarm watches it.
    pub behind_seconds: i64,
    /// Campaigns whose log was not written to its end; the log of the function says why.
    pub failed: u64,
}

impl Published {
    fn and(self, other: Self) -> Self {
        Self {
            campaigns: self.campaigns + other.campaigns,
            logged: self.logged + other.logged,
            behind_seconds: self.behind_seconds.max(other.behind_seconds),
            failed: self.failed + other.failed,
        }
    }

    /// Takes notice of what waits, or was about to be logged by a run that died.
    fn meets(&mut self, waiting: &[Unlogged], now: Timestamp) {
        let oldest = waiting.iter().filter_map(Unlogged::recorded).min();
        let behind = oldest.map_or(0, |oldest| (millis(now) - oldest) / 1_000);
        self.behind_seconds = self.behind_seconds.max(behind);
    }
}

/// What a run is asked for; by the schedule, all campaigns.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RunRequest {
    campaign: Option<CampaignId>,
}

/// One run: all campaigns, or the one that the payload names.
pub async fn run(app: &App, payload: &Value) -> Result<Published, RunError> {
    let begun = app.now();
    let asked = if payload.is_object() {
        RunRequest::deserialize(payload).map_err(RunError::Payload)?
    } else {
        RunRequest::default()
    };
    let ids = match asked.campaign {
        Some(campaign) => vec![campaign],
        None => app.store.campaigns.listed().await?,
    };
    let published = stream::iter(&ids)
        .map(|id| campaign(app, id, begun))
        .buffer_unordered(CAMPAIGNS_AT_ONCE)
        .fold(Published::default(), async |all, one| all.and(one))
        .await;
    // The template's metric filter reads this line.
    tracing::info!(
        campaigns = published.campaigns,
        logged = published.logged,
        behind_seconds = published.behind_seconds,
        failed = published.failed,
        "logs written"
    );
    Ok(published)
}

/// One campaign; what goes wrong in it stops no other.
async fn campaign(ground: &impl Ground, id: &CampaignId, begun: Timestamp) -> Published {
    let mut published = Published { campaigns: 1, ..Published::default() };
    if let Err(error) = write(ground, id, begun, &mut published).await {
        tracing::error!(campaign = %id, cause = chain(&error), "log not written to its end");
        published.failed += 1;
    }
    published
}

async fn write(
    ground: &impl Ground,
    id: &CampaignId,
    begun: Timestamp,
    published: &mut Published,
) -> Result<(), LogError> {
    let mut lost = 0;
    while lost < ROUNDS && ground.now().duration_since(begun) < BUDGET {
        let head = ground.head(id).await?;
        let entries = head.batch.len();
        let next = if head.batch.is_empty() {
            let Some(next) = decide(ground, id, head, published).await? else { return Ok(()) };
            next
        } else {
            published.meets(&head.batch, ground.now());
            carry_out(ground, id, head).await?
        };
        if ground.move_on(id, next).await? {
            published.logged += u64::try_from(entries).unwrap_or(u64::MAX);
            lost = 0;
        } else {
            // Another run was faster: reads again what it left.
            lost += 1;
        }
    }
    Ok(())
}

/// What comes next in the log, those that arrived first before the others; none where nothing waits.
async fn decide(
    ground: &impl Ground,
    id: &CampaignId,
    head: LogHead,
    published: &mut Published,
) -> Result<Option<LogHead>, LogError> {
    let mut batch = ground.waiting(id).await?;
    if batch.is_empty() {
        return Ok(None);
    }
    published.meets(&batch, ground.now());
    batch.sort_by(|one, other| {
        (one.arrival, one.entry.as_str()).cmp(&(other.arrival, other.entry.as_str()))
    });
    let origin = if head.origin.is_empty() { ground.origin(id) } else { head.origin.clone() };
    Ok(Some(LogHead { origin, batch, ..head }))
}

/// Writes what was decided, tiles before the head that counts them, and gives the log after it.
async fn carry_out(
    ground: &impl Ground,
    id: &CampaignId,
    mut head: LogHead,
) -> Result<LogHead, LogError> {
    let batch = std::mem::take(&mut head.batch);
    let mut tree = edge(ground, id, &head).await?;
    let entries: Vec<Entry> = batch.iter().map(|of| of.entry.clone()).collect();
    let puts = tree.append(&entries).into_iter().map(|file| {
        let path = path(id, &file.tile.path());
        async move { ground.put_tile(&path, file.content).await }
    });
    stream::iter(puts).buffer_unordered(FILES_AT_ONCE).try_collect::<Vec<()>>().await?;

    let keys: Vec<_> = ground.keys(id).iter().map(|key| key.public(&head.origin)).collect();
    for key in keys.iter().filter(|key| !head.keys.contains(&key.vkey)) {
        ground.put_key(key).await?;
    }
    let checkpoint =
        Checkpoint { origin: head.origin.clone(), size: tree.size(), root: tree.root() };
    let note = checkpoint.signed(&ground.key(id));
    ground.put_checkpoint(&path(id, "checkpoint"), &note, checkpoint.size).await?;
    ground.take_out(id, &batch).await?;
    Ok(LogHead {
        size: checkpoint.size,
        root: HEXLOWER.encode(&checkpoint.root),
        keys: keys.into_iter().map(|key| key.vkey).collect(),
        ..head
    })
}

/// The right edge of a log, read from its incomplete tiles: no more of them than levels, however long the log is.
async fn edge(ground: &impl Ground, id: &CampaignId, head: &LogHead) -> Result<Tree, LogError> {
    let reads = Tree::edge(head.size).into_iter().map(|tile| {
        let path = path(id, &tile.path());
        async move { ground.tile(&path).await }
    });
    let contents: Vec<Vec<u8>> = stream::iter(reads).buffered(FILES_AT_ONCE).try_collect().await?;
    let tree = Tree::resumed(head.size, &contents)?;
    let is_ours = head.size == 0 || HEXLOWER.encode(&tree.root()) == head.root;
    if is_ours { Ok(tree) } else { Err(LogError::OtherTree) }
}

/// The folder of a campaign's log, in the bucket of facts and below the portal's address.
fn folder(campaign: &CampaignId) -> String {
    format!("facts/log/{campaign}")
}

fn path(campaign: &CampaignId, file: &str) -> String {
    format!("{}/{file}", folder(campaign))
}
