//! Makes every deadline take effect: expiries, reminders, archiving. It may run twice, late or in parallel without harm, and
//! catches up after an outage (SWP-1).
//!
//! Each effect is one conditional write that moves the case's instant on: a second run finds nothing due.

mod campaign;
mod report;

use aws_config::SdkConfig;
use domain::{ids::CampaignId, term::Outage};
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use outside::{clock, config::ConfigError, log::chain};
use serde::Deserialize;
use serde_json::Value;
use store::{Store, Tables, request_counter::RequestCounter, rows::StoreError};
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::report::Tally;
pub use crate::report::{PlannedEffect, SweepReport};

/// No new work begins once a run has lasted so long: the function has fifty seconds. The next run finds the rest.
const BUDGET: SignedDuration = SignedDuration::from_secs(40);
/// Campaigns that are looked at at once; each has four partitions.
const CAMPAIGNS_AT_ONCE: usize = 8;
/// Effects that are written at once.
const WRITES_AT_ONCE: usize = 16;

/// What sweeping needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    requests: RequestCounter,
}

impl App {
    /// Reads the names of the tables.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        Ok(Self::of(sdk, Tables::from_environment()?))
    }

    /// What sweeping these tables needs; each request to the store is counted.
    pub fn of(sdk: &SdkConfig, tables: Tables) -> Self {
        let requests = RequestCounter::default();
        Self { store: Store::of(requests.counting_client(sdk), tables), requests }
    }
}

/// What a run is asked for; by the schedule, everything.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default)]
pub struct SweepRequest {
    /// Whether only to list what would be done.
    pub dry_run: bool,
    /// The one campaign to sweep; all where none is named.
    pub campaign: Option<CampaignId>,
}

impl SweepRequest {
    /// Reads a payload. What names neither of the two, as the scheduler's own event does, asks for everything; a
    /// misspelt one must not become a real run by mistake.
    pub fn of(payload: &Value) -> Result<Self, SweepError> {
        if !payload.is_object() {
            return Ok(Self::default());
        }
        Self::deserialize(payload).map_err(SweepError::Payload)
    }
}

/// Why a run did not take place; the next one makes up for it.
#[derive(Debug, Error)]
pub enum SweepError {
    /// `dry_run` is no boolean, or `campaign` no campaign's name.
    #[error("the payload asks for something that cannot be")]
    Payload(#[source] serde_json::Error),
    /// The list of campaigns or the ledger of outages could not be read: without the ledger no term may end (CNF-4).
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One run, as the schedule or an operator asks for it.
pub async fn run(app: &App, payload: &Value) -> Result<SweepReport, SweepError> {
    run_for(app, &SweepRequest::of(payload)?).await
}

/// One run.
pub async fn run_for(app: &App, asked: &SweepRequest) -> Result<SweepReport, SweepError> {
    let begun = clock::wall();
    let sent = app.requests.sent();
    let outages = app.store.outages.all().await?;
    let campaigns = match &asked.campaign {
        Some(campaign) => vec![campaign.clone()],
        None => app.store.campaigns.listed().await?,
    };
    let run = Run {
        app,
        outages: &outages,
        begun,
        is_dry: asked.dry_run,
        writes: Semaphore::new(WRITES_AT_ONCE),
        tally: Tally::new(asked.dry_run),
    };
    stream::iter(&campaigns)
        .for_each_concurrent(CAMPAIGNS_AT_ONCE, |campaign| run.campaign(campaign))
        .await;
    let mut swept = run.tally.finish();
    // A run in which nothing was due leaves no trace: there is one each minute.
    if !swept.dry_run && swept.did_something() {
        swept.requests = app.requests.sent() - sent;
        swept.ms = milliseconds(begun);
        if let Err(error) = app.store.sweeps.record(begun, &swept).await {
            // What the run did stands in the histories.
            tracing::error!(cause = chain(&error), "the run was not recorded");
        }
    }
    swept.requests = app.requests.sent() - sent;
    swept.ms = milliseconds(begun);
    swept.tell();
    Ok(swept)
}

fn milliseconds(begun: Timestamp) -> u64 {
    u64::try_from(clock::wall().duration_since(begun).as_millis()).unwrap_or_default()
}

/// A run under way.
#[derive(Debug)]
struct Run<'a> {
    app: &'a App,
    outages: &'a [Outage],
    begun: Timestamp,
    is_dry: bool,
    writes: Semaphore,
    tally: Tally,
}

impl Run<'_> {
    /// Whether no new work may begin.
    fn is_over(&self) -> bool {
        clock::wall().duration_since(self.begun) >= BUDGET
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_schedules_own_event_asks_for_everything() {
        let event: Value =
            serde_json::from_str(include_str!("../../../events/sweep-deadlines/schedule.json"))
                .unwrap();
        for payload in [event, json!({}), Value::Null, json!("now")] {
            assert_eq!(SweepRequest::of(&payload).unwrap(), SweepRequest::default(), "{payload}");
        }
    }

    #[test]
    fn a_dry_run_and_one_campaign_can_be_asked_for_together() {
        let asked = SweepRequest::of(&json!({ "dry_run": true, "campaign": "df-2026" })).unwrap();
        assert_eq!(asked, SweepRequest { dry_run: true, campaign: "df-2026".parse().ok() });
        let event = include_str!("../../../events/sweep-deadlines/dry-run.json");
        let asked = SweepRequest::of(&serde_json::from_str(event).unwrap()).unwrap();
        assert!(asked.dry_run);
    }

    /// An operator who writes "true" wants to look; a real run would be a surprise.
    #[test]
    fn what_is_asked_for_wrongly_is_no_run_at_all() {
        for payload in [
            json!({ "dry_run": "true" }),
            json!({ "dry_run": 1 }),
            json!({ "dry_run": true, "campaign": "Decreto Flussi" }),
            json!({ "campaign": ["demo"] }),
        ] {
            assert!(matches!(SweepRequest::of(&payload), Err(SweepError::Payload(_))), "{payload}");
        }
    }
}
