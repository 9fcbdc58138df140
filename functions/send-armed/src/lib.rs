//! Sends what people armed, once its opening has come and with the opening as its arrival; the only one that does (NEW-1).
//!
//! A run writes down that an opening's sends begin, before the first of them, and carries them to their end whatever is published
//! meanwhile (ADR 42). Each send is one conditional write: two runs at once send each once, and the run after one that
//! died tries again what is still there.

mod ground;
mod line;
mod pace;
#[cfg(test)]
mod tests;

use aws_config::SdkConfig;
use domain::{
    campaign::{Order, Publication, armed_opening},
    ids::CampaignId,
};
use futures::{StreamExt as _, stream};
use ground::Ground;
use jiff::{SignedDuration, Timestamp};
use line::Line;
use outside::{config::ConfigError, log::chain};
use pace::Pace;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Store,
    armed_sends::ArmedRun,
    rows::{StoreError, millis},
};
use thiserror::Error;

/// No page begins once a run has lasted so long: the function has fifty seconds. The next run goes on.
const BUDGET: SignedDuration = SignedDuration::from_secs(40);
/// Campaigns that are looked at at once, before the first send.
const CAMPAIGNS_AT_ONCE: usize = 4;

/// What sending needs. No secret: the receipt is a pure function of what is stored, signed by whoever shows it (ADR 5).
#[derive(Debug)]
pub struct App {
    store: Store,
}

impl App {
    /// Reads the table's name.
    ///
    /// # Errors
    /// A variable is missing: the function does not start.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        Ok(Self { store: Store::open(sdk)? })
    }
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
pub struct Sent {
    /// Campaigns that were looked at.
    pub campaigns: u64,
    /// Applications that this run sent.
    pub sent: u64,
    /// Openings of which nothing is left since this run.
    pub done: u64,
    /// Applications that the store refuses for good, as a corrupt head; the log names them.
    pub refused: u64,
    /// For how long the oldest opening whose sends are not done is over, in seconds; an alarm watches it.
    pub behind_seconds: i64,
    /// Campaigns and models of which something could not be read or written; the log says which and why.
    pub failed: u64,
}

/// What a run is asked for; by the schedule, all campaigns.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RunRequest {
    campaign: Option<CampaignId>,
}

/// One run: all campaigns, or the one that the payload names.
pub async fn run(app: &App, payload: &Value) -> Result<Sent, RunError> {
    let asked = if payload.is_object() {
        RunRequest::deserialize(payload).map_err(RunError::Payload)?
    } else {
        RunRequest::default()
    };
    let begun = app.now();
    let ids = match asked.campaign {
        Some(campaign) => vec![campaign],
        None => app.store.campaigns.listed().await?,
    };
    let sent = send(app, &ids, begun).await;
    // The template's metric filter reads this line.
    tracing::info!(
        campaigns = sent.campaigns,
        sent = sent.sent,
        done = sent.done,
        refused = sent.refused,
        behind_seconds = sent.behind_seconds,
        failed = sent.failed,
        "armed sends"
    );
    Ok(sent)
}

/// A page of each model in turn, so that none waits for the end of another's.
async fn send(ground: &impl Ground, ids: &[CampaignId], begun: Timestamp) -> Sent {
    let mut sent = Sent::default();
    let mut lines = Vec::new();
    let mut read = stream::iter(ids)
        .map(|id| async move { (id, lines_of(ground, id).await) })
        .buffer_unordered(CAMPAIGNS_AT_ONCE);
    while let Some((id, found)) = read.next().await {
        sent.campaigns += 1;
        match found {
            Ok(found) => lines.extend(found),
            Err(error) => {
                tracing::error!(campaign = %id, cause = chain(&error), "armed sends not read");
                sent.failed += 1;
            }
        }
    }
    let mut pace = Pace::begun(ground.now());
    let has_time = || ground.now().duration_since(begun) < BUDGET;
    while lines.iter().any(Line::goes_on) && has_time() {
        for line in lines.iter_mut().filter(|line| line.goes_on() && has_time()) {
            line.page(ground, &mut pace, &mut sent).await;
        }
    }
    let now = ground.now();
    sent.behind_seconds = lines.iter().map(|line| line.behind(now)).max().unwrap_or_default();
    sent
}

/// The models of a campaign whose order knows armed sends, each with its openings; one that has come is written down, once.
async fn lines_of(ground: &impl Ground, id: &CampaignId) -> Result<Vec<Line>, StoreError> {
    let versions = ground.versions(id).await?;
    let now = ground.now();
    let publications: Vec<_> = versions.iter().map(|version| version.publication).collect();
    let Some(in_force) = Publication::in_force(&publications, now).map(|found| found.version)
    else {
        // Listed, and not published yet: nothing is armed.
        return Ok(Vec::new());
    };
    let since: Vec<_> = versions
        .iter()
        .skip_while(|version| version.publication.version != in_force)
        .map(|version| (version.publication.effect(), version.campaign.as_ref()))
        .collect();
    let Some(campaign) = versions.iter().find(|version| version.publication.version == in_force)
    else {
        return Ok(Vec::new());
    };
    let campaign = &campaign.campaign;
    match campaign.policies().order {
        Order::Chronological => return Ok(Vec::new()),
        Order::Armed => {}
    }
    let at = campaign.effective_now(now);
    let mut lines = Vec::new();
    for model in campaign.models() {
        let model = model.id();
        let mut runs = ground.runs(id, model).await?;
        let mut is_new = false;
        for from in campaign.past_openings(model, at) {
            let opening = armed_opening(since.iter().copied(), model, from);
            let is_known = runs.iter().any(|run| run.from == millis(from));
            if !is_known && opening.has_begun(at) {
                ground.begin(id, model, ArmedRun::begun(opening, in_force)).await?;
                is_new = true;
            }
        }
        if is_new {
            // Another run may have been faster: what it wrote stands.
            runs = ground.runs(id, model).await?;
        }
        lines.push(Line::new(campaign, model, runs, now));
    }
    Ok(lines)
}
