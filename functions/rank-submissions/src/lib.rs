//! Gives the submissions of each quota line their ordinals, in order of arrival; the only one that does (RNK-1, DEC-1).
//!
//! Ordinals are gapless and never change: a transaction gives the next ones and takes their applications out of the
//! wait, on the condition that the line is where it was read. An arrival that is not recorded yet, because its history
//! is late, holds back every later one.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use aws_config::SdkConfig;
use domain::{
    campaign::{Campaign, QuotaLine},
    ids::CampaignId,
};
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use outside::{clock, config::ConfigError, log::chain};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Store,
    places::{NextInLine, RankedRow},
    retry::Failure,
    rows::{SaveError, StoreError, millis},
};
use thiserror::Error;

/// No new work begins once a run has lasted so long: the function has fifty seconds. The next run goes on.
const BUDGET: SignedDuration = SignedDuration::from_secs(40);
/// Ordinals of one transaction.
const AT_ONCE: i32 = 33;
/// Lines that are looked at at once; each has eight partitions.
const LINES_AT_ONCE: usize = 4;
/// Another run was faster this often at one line: it does the work.
const ROUNDS: u8 = 5;

/// What ranking needs.
#[derive(Debug)]
pub struct App {
    store: Store,
}

impl App {
    /// Reads the table's name.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self { store })
    }
}

/// Why a run did not take place; the next one makes up for it.
#[derive(Debug, Error)]
pub enum RankError {
    /// `campaign` is no campaign's name.
    #[error("the payload asks for something that cannot be")]
    Payload(#[source] serde_json::Error),
    /// The list of campaigns could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Ranked {
    /// Quota lines that were looked at.
    pub lines: u64,
    /// Ordinals that were given.
    pub allotted: u64,
    /// Submissions that were seen and wait for a later run: too young for their position to be final, left to another
    /// run that was faster, or to the next one because time ran out. At most 33 are seen beyond what was allotted.
    pub waiting: u64,
    /// Lines or campaigns of which something could not be read or written; the log says which and why.
    pub failed: u64,
}

impl Ranked {
    fn and(self, other: Self) -> Self {
        Self {
            lines: self.lines + other.lines,
            allotted: self.allotted + other.allotted,
            waiting: self.waiting + other.waiting,
            failed: self.failed + other.failed,
        }
    }
}

/// What a run is asked for; by the schedule, all campaigns.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RunRequest {
    campaign: Option<CampaignId>,
}

/// One run: all campaigns, or the one that the payload names.
pub async fn run(app: &App, payload: &Value) -> Result<Ranked, RankError> {
    let begun = clock::wall();
    let asked = if payload.is_object() {
        RunRequest::deserialize(payload).map_err(RankError::Payload)?
    } else {
        RunRequest::default()
    };
    let ids = match asked.campaign {
        Some(campaign) => vec![campaign],
        None => app.store.campaigns.listed().await?,
    };
    let ranked = stream::iter(&ids)
        .map(|id| campaign(app, id, begun))
        .buffer_unordered(LINES_AT_ONCE)
        .fold(Ranked::default(), async |all, one| all.and(one))
        .await;
    tracing::info!(
        lines = ranked.lines,
        allotted = ranked.allotted,
        waiting = ranked.waiting,
        failed = ranked.failed,
        "ranked"
    );
    Ok(ranked)
}

/// The lines of a campaign, one after the other; what goes wrong in one stops no other.
async fn campaign(app: &App, id: &CampaignId, begun: Timestamp) -> Ranked {
    let mut ranked = Ranked::default();
    let (campaign, until) = match campaign_and_limit(app, id).await {
        Ok(Some(settled)) => settled,
        // Listed, and not published yet: no application can be sent.
        Ok(None) => return ranked,
        Err(error) => {
            tracing::error!(campaign = %id, cause = chain(&error), "campaign not ranked");
            ranked.failed += 1;
            return ranked;
        }
    };
    for line in lines(&campaign) {
        let mut allotted = Ranked { lines: 1, ..Ranked::default() };
        if let Err(error) = rank(app, &campaign, line, until, begun, &mut allotted).await {
            tracing::error!(campaign = %id, line = line.id, cause = chain(&error), "line not ranked");
            allotted.failed += 1;
        }
        if allotted.allotted > 0 {
            tracing::info!(campaign = %id, line = line.id, allotted = allotted.allotted, "places allotted");
        }
        ranked = ranked.and(allotted);
    }
    ranked
}

/// The lines in which a model's applications are ranked, each once.
fn lines(campaign: &Campaign) -> impl Iterator<Item = &QuotaLine> {
    let mut seen = BTreeSet::new();
    campaign
        .models()
        .iter()
        .filter_map(|model| campaign.line_of(model.id()))
        .filter(move |line| seen.insert(line.id.as_str()))
}

/// The campaign in force, and the instant before which positions are final, in milliseconds: the first arrival that is
/// not recorded yet holds back all later ones. Call it before reading what waits: a submission recorded in between then
/// stands in both, never in neither.
async fn campaign_and_limit(
    app: &App,
    id: &CampaignId,
) -> Result<Option<(Arc<Campaign>, i64)>, StoreError> {
    let Some(campaign) = app.store.campaigns.in_force_now(id, clock::wall()).await? else {
        return Ok(None);
    };
    let delayed = final_before(&campaign, campaign.effective_now(clock::wall()));
    let unrecorded = app.store.pending.first_submission(id, delayed).await?;
    if unrecorded.is_some() {
        tracing::warn!(campaign = %id, "an arrival that is not recorded yet holds back whoever came later");
    }
    Ok(Some((campaign, unrecorded.map_or(delayed, |arrival| arrival.min(delayed)))))
}

/// Gives ordinals to those who arrived before `until`.
///
/// The order is that of the arrivals: an application that was withdrawn or blocked before the run gets an ordinal like
/// the others, and one that gave up frees its place at once (RNK-2).
async fn rank(
    app: &App,
    campaign: &Campaign,
    line: &QuotaLine,
    until: i64,
    begun: Timestamp,
    ranked: &mut Ranked,
) -> Result<(), StoreError> {
    let mut lost = 0;
    loop {
        let now = campaign.effective_now(clock::wall());
        // Read before what waits: where another run takes a submission out of the wait meanwhile, it has moved the line
        // on.
        let row = app.store.places.line(campaign.id(), &line.id).await?;
        let waiting = app.store.places.waiting(campaign.id(), &line.id, i64::MAX, AT_ONCE).await?;
        let next = first_final(&waiting, until);
        if next.is_empty() || lost == ROUNDS || clock::wall().duration_since(begun) >= BUDGET {
            ranked.waiting += count(waiting.len());
            return Ok(());
        }
        let next = with_heads(app, next).await?;
        let allotted = app
            .store
            .places
            .allot(campaign.id(), &line.id, line.places, row.as_ref(), &next, millis(now))
            .await;
        match allotted {
            Ok(()) => {
                lost = 0;
                ranked.allotted += count(next.len());
            }
            Err(SaveError::Store(error)) if !is_conflict(&error) => return Err(error),
            // Another run was faster: reads again what it left.
            Err(_) => lost += 1,
        }
    }
}

/// The same with their applications as last written.
async fn with_heads(app: &App, rows: &[RankedRow]) -> Result<Vec<NextInLine>, StoreError> {
    let ids: Vec<_> = rows.iter().map(|row| row.application.clone()).collect();
    let heads = app.store.applications.heads_consistent(&ids).await?;
    let mut heads: HashMap<_, _> = heads.into_iter().map(|head| (head.id.clone(), head)).collect();
    let next = rows
        .iter()
        .map(|row| NextInLine { waiting: row.clone(), head: heads.remove(&row.application) });
    Ok(next.collect())
}

/// What arrived before this instant, in milliseconds, has its final position: it did so at least the campaign's
/// closing delay ago (SUB-3). Who arrived at the same millisecond as one that is not recorded yet waits too: the draw
/// decides between them.
fn final_before(campaign: &Campaign, now: Timestamp) -> i64 {
    millis(now - campaign.policies().closing_delay()) + 1
}

fn first_final(waiting: &[RankedRow], before: i64) -> &[RankedRow] {
    let until = waiting.partition_point(|row| row.arrival < before);
    waiting.get(..until).unwrap_or_default()
}

const fn is_conflict(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable { failure: Failure::Conflict, .. })
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DEMO: &str = include_str!("../../../campaigns/demo.toml");

    fn demo() -> Campaign {
        Campaign::parse(DEMO).unwrap()
    }

    fn arrived(at: &str) -> RankedRow {
        serde_json::from_value(json!({
            "pk": "RANK#demo#line#0",
            "sk": at,
            "v": 1,
            "application": "app_00000000000000000000000000",
            "arrival": millis(at.parse().unwrap()),
        }))
        .unwrap()
    }

    /// SUB-3: a request may be on its way for as long as the closing delay, three minutes here; not a millisecond longer.
    #[test]
    fn a_position_is_final_once_the_closing_delay_has_passed() {
        let waiting = [arrived("2026-02-09T08:00:00Z"), arrived("2026-02-09T08:00:00.001Z")];
        let finals =
            |now: &str| first_final(&waiting, final_before(&demo(), now.parse().unwrap())).len();
        assert_eq!(finals("2026-02-09T08:02:59.999Z"), 0);
        assert_eq!(finals("2026-02-09T08:03:00Z"), 1);
        assert_eq!(finals("2026-02-09T08:03:00.001Z"), 2);
    }

    /// Two seasonal models share a line, which is ranked once; reserved lines wait for the ranking of the click day.
    #[test]
    fn each_line_that_a_model_is_ranked_in_comes_once() {
        let demo = demo();
        let lines: Vec<_> = lines(&demo).map(|line| line.id.as_str()).collect();
        assert_eq!(
            lines,
            ["stagionale-ordinaria", "non-stagionale-paesi-cooperazione", "assistenza-familiare"]
        );
    }
}
