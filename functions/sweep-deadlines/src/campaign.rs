//! The sweep of one campaign: its partitions side by side, each page by page, each case by itself.

use std::collections::HashMap;

use domain::{
    application::Application,
    campaign::Campaign,
    decision::{Context, Decision, Place},
    ids::{ApplicationId, CampaignId},
    lifecycle::State,
};
use futures::{
    StreamExt as _,
    future::{join_all, try_join_all},
    stream,
};
use jiff::Timestamp;
use outside::{clock, log::chain};
use store::{
    applications::commit::Companion,
    deadlines::Deadlines,
    places::{LineRow, PlaceRow},
    retry::Failure,
    rows::{self, SaveError, StoreError, millis},
};
use tokio::sync::Mutex;

use crate::{Run, WRITES_AT_ONCE};

/// Keys of one page of the index.
const KEYS: i32 = 1_000;
/// Heads of one reading.
const HEADS: usize = 100;
/// Effects on one case in one run: a renunciation that becomes final is archived at once. More would be an error.
const STEPS: usize = 4;

/// A campaign while it is swept.
#[derive(Debug)]
struct CampaignRun<'a> {
    campaign: &'a Campaign,
    /// How far its quota lines are. An effect that gives up a place locks them: side by side these writes would only
    /// hinder each other.
    lines: Mutex<HashMap<String, LineRow>>,
}

impl CampaignRun<'_> {
    /// The campaign's now, in the milliseconds that the store keeps.
    fn now(&self) -> Timestamp {
        let now = self.campaign.effective_now(clock::wall());
        rows::instant(millis(now)).unwrap_or(now)
    }
}

/// What became of a decision that was to be written.
enum WriteOutcome {
    Yes,
    /// Another request was faster.
    Contended,
}

impl Run<'_> {
    /// Sweeps a campaign; what goes wrong in it stops no other.
    pub(crate) async fn campaign(&self, id: &CampaignId) {
        if let Err(error) = self.shards(id).await {
            self.tally.failed();
            tracing::error!(campaign = %id, cause = chain(&error), "campaign not swept");
        }
    }

    async fn shards(&self, id: &CampaignId) -> Result<(), StoreError> {
        if self.is_over() {
            self.tally.cut_short();
            return Ok(());
        }
        // Most campaigns have nothing that comes by itself, now or later: that is known without reading them.
        let shards = Deadlines::shards(id);
        let pages = try_join_all(
            shards.iter().map(|shard| self.app.store.deadlines.due(shard, Timestamp::MAX, None, 1)),
        )
        .await?;
        let shards: Vec<_> = shards
            .iter()
            .zip(pages)
            .filter(|(_, page)| !page.applications.is_empty())
            .map(|(shard, _)| shard)
            .collect();
        if shards.is_empty() {
            return Ok(());
        }
        let Some(campaign) = self.app.store.campaigns.in_force_now(id, clock::wall()).await? else {
            self.tally.failed();
            tracing::error!(campaign = %id, "cases of a campaign that is not in force");
            return Ok(());
        };
        self.tally.campaign();
        let campaign_run = CampaignRun { campaign: &campaign, lines: Mutex::default() };
        join_all(shards.into_iter().map(async |shard| {
            if let Err(error) = self.pages(&campaign_run, shard).await {
                self.tally.failed();
                tracing::error!(campaign = %id, cause = chain(&error), "partition not swept to its end");
            }
        }))
        .await;
        Ok(())
    }

    /// One pass over a partition: a case with more than one thing to do goes on by itself, so that nothing is left behind.
    async fn pages(&self, campaign_run: &CampaignRun<'_>, shard: &str) -> Result<(), StoreError> {
        let now = campaign_run.now();
        let mut from = None;
        loop {
            if self.is_over() {
                self.tally.cut_short();
                return Ok(());
            }
            let page = self.app.store.deadlines.due(shard, now, from, KEYS).await?;
            for ids in page.applications.chunks(HEADS) {
                if self.is_over() {
                    self.tally.cut_short();
                    return Ok(());
                }
                self.cases(campaign_run, ids).await?;
            }
            from = page.next;
            if from.is_none() {
                return Ok(());
            }
        }
    }

    /// Judges first and writes then; every case by itself.
    async fn cases(
        &self,
        campaign_run: &CampaignRun<'_>,
        ids: &[ApplicationId],
    ) -> Result<(), StoreError> {
        self.tally.looked_at(ids.len());
        let context = self.context(campaign_run);
        let due: Vec<_> =
            self.heads(ids).await?.into_iter().map(|head| self.due(head, &context)).collect();
        let places = &self.places(&due).await?;
        stream::iter(due)
            .for_each_concurrent(WRITES_AT_ONCE, async |due| {
                self.case(campaign_run, &due, places).await;
            })
            .await;
        Ok(())
    }

    /// The heads as last written. One that cannot be read leaves the others as they are.
    async fn heads(&self, ids: &[ApplicationId]) -> Result<Vec<Application>, StoreError> {
        match self.app.store.applications.heads_consistent(ids).await {
            Err(error) if error.retryable() => Err(error),
            Ok(heads) => Ok(heads),
            Err(_) => {
                let mut heads = Vec::with_capacity(ids.len());
                for id in ids {
                    match self.app.store.applications.head(id).await {
                        Ok(head) => heads.extend(head),
                        Err(error) => {
                            self.tally.failed();
                            tracing::error!(application.id = %id, cause = chain(&error), "case not read");
                        }
                    }
                }
                Ok(heads)
            }
        }
    }

    /// Everything that is due for a case, in its order.
    fn due(&self, mut head: Application, context: &Context<'_>) -> Vec<Decision> {
        let mut due: Vec<Decision> = Vec::new();
        while due.len() < STEPS {
            match head.sweep(context) {
                Ok(Some(decision)) => {
                    head = decision.after().clone();
                    due.push(decision);
                }
                Ok(None) => break,
                Err(error) => {
                    self.tally.failed();
                    tracing::error!(application.id = %head.id, state = head.state().code(), cause = chain(&error), "case not judged");
                    break;
                }
            }
        }
        due
    }

    /// The places of the cases that give theirs up. One allotted a moment ago may be missing: the write, which checks
    /// that there is none, then fails, and the next run does it.
    async fn places(
        &self,
        due: &[Vec<Decision>],
    ) -> Result<HashMap<ApplicationId, PlaceRow>, StoreError> {
        let giving_up: Vec<_> = due
            .iter()
            .filter_map(|due| due.iter().find(|decision| decision.place() == Place::GivenUp))
            .map(|decision| decision.after().id.clone())
            .collect();
        if giving_up.is_empty() || self.is_dry {
            return Ok(HashMap::new());
        }
        self.app.store.places.of_all(&giving_up).await
    }

    fn context<'a>(&'a self, campaign_run: &CampaignRun<'a>) -> Context<'a> {
        Context { campaign: campaign_run.campaign, now: campaign_run.now(), outages: self.outages }
    }

    /// What is due for a case. What cannot be written ends it: the next run judges it anew.
    async fn case(
        &self,
        campaign_run: &CampaignRun<'_>,
        due: &[Decision],
        places: &HashMap<ApplicationId, PlaceRow>,
    ) {
        let Some(id) = due.first().map(|decision| &decision.after().id) else { return };
        let mut place = places.get(id).cloned();
        for decision in due {
            if self.is_over() {
                self.tally.cut_short();
                return;
            }
            if !self.is_dry {
                match self.write(campaign_run, decision, &mut place).await {
                    Ok(WriteOutcome::Yes) => {}
                    Ok(WriteOutcome::Contended) => {
                        self.tally.contended();
                        tracing::info!(application.id = %id, "another request was faster");
                        return;
                    }
                    Err(error) => {
                        self.tally.failed();
                        let state = decision.occurrence().from.map(State::code);
                        tracing::error!(application.id = %id, state, cause = chain(&error), "case not written");
                        return;
                    }
                }
            }
            self.tally.effect(decision);
        }
    }

    /// Writes a decision whole, and only on the case as it was judged. `place` is the case's in its quota line.
    async fn write(
        &self,
        campaign_run: &CampaignRun<'_>,
        decision: &Decision,
        place: &mut Option<PlaceRow>,
    ) -> Result<WriteOutcome, StoreError> {
        if decision.place() != Place::GivenUp {
            return self.commit(decision, &[]).await;
        }
        let after = decision.after();
        let places = &self.app.store.places;
        let Some(allotted) = place.as_mut().filter(|place| place.freed.is_none()) else {
            let given_up = places.giving_up(after, place.as_ref(), None, after.changed)?;
            return self.commit(decision, &[Companion::PlaceGivenUp(&given_up)]).await;
        };
        let mut lines = campaign_run.lines.lock().await;
        let line = match lines.remove(&allotted.line) {
            Some(line) => Some(line),
            None => places.line(&after.campaign, &allotted.line).await?,
        };
        let given_up = places.giving_up(after, Some(allotted), line.as_ref(), after.changed)?;
        let written = self.commit(decision, &[Companion::PlaceGivenUp(&given_up)]).await?;
        if let (WriteOutcome::Yes, Some(line)) = (&written, given_up.line) {
            lines.insert(allotted.line.clone(), line);
            allotted.freed = Some(millis(after.changed));
        }
        Ok(written)
    }

    async fn commit(
        &self,
        decision: &Decision,
        along: &[Companion<'_>],
    ) -> Result<WriteOutcome, StoreError> {
        let _permit = self.writes.acquire().await;
        match self.app.store.applications.commit(decision, along).await {
            Ok(()) => Ok(WriteOutcome::Yes),
            Err(
                SaveError::Conflict
                | SaveError::LimitReached
                | SaveError::WorkerTaken
                | SaveError::Store(StoreError::Unavailable { failure: Failure::Conflict, .. }),
            ) => Ok(WriteOutcome::Contended),
            Err(SaveError::Store(error)) => Err(error),
        }
    }
}
