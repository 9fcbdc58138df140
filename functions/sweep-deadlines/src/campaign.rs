//! The sweep of one campaign: its partitions side by side, each page by page, each case by itself.

use domain::{
    application::Application,
    campaign::Campaign,
    decision::{Context, Decision},
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
    deadlines::Deadlines,
    retry::Failure,
    rows::{self, SaveError, StoreError, millis},
};

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
        let campaign_run = CampaignRun { campaign: &campaign };
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
        stream::iter(due)
            .for_each_concurrent(WRITES_AT_ONCE, async |due| {
                self.case(&due).await;
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

    fn context<'a>(&'a self, campaign_run: &CampaignRun<'a>) -> Context<'a> {
        Context { campaign: campaign_run.campaign, now: campaign_run.now(), outages: self.outages }
    }

    /// What is due for a case. What cannot be written ends it: the next run judges it anew.
    async fn case(&self, due: &[Decision]) {
        let Some(id) = due.first().map(|decision| &decision.after().id) else { return };
        for decision in due {
            if self.is_over() {
                self.tally.cut_short();
                return;
            }
            if !self.is_dry {
                match self.write(decision).await {
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

    /// Writes a decision whole, and only on the case as it was judged.
    async fn write(&self, decision: &Decision) -> Result<WriteOutcome, StoreError> {
        let _permit = self.writes.acquire().await;
        match self.app.store.applications.commit(decision, &[]).await {
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
