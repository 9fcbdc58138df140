//! The openings of one model, and the walk over what is armed for them.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    campaign::{ArmedOpening, Campaign},
    ids::{ApplicationId, CampaignId, ModelId},
};
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use outside::log::chain;
use store::{
    applications::armed::{ArmedOutcome, ArmedSubmit},
    armed_sends::{Armed, ArmedRun, ArmedWalk},
    keys::ARMED_SHARDS,
    retry::Failure,
    rows::{StoreError, instant, millis},
};

use crate::{Sent, ground::Ground, pace::Pace};

/// Writes at once.
const AT_ONCE: usize = 16;
/// No send of a page begins once the page has lasted so long: what is left of it belongs to the next.
const PAGE: SignedDuration = SignedDuration::from_secs(5);
/// Another run was faster, or the store did not answer, this often at one model: the next run goes on.
const ROUNDS: u8 = 5;

/// A model with the openings that have come.
#[derive(Debug)]
pub(crate) struct Line {
    campaign: Arc<Campaign>,
    model: ModelId,
    /// The earliest opening first.
    runs: Vec<ArmedRun>,
    walk: ArmedWalk,
    /// Openings (first instants of their windows) of which this walk met something.
    met: BTreeSet<i64>,
    /// Whether something that this walk met is to be tried again.
    is_left: bool,
    /// Openings whose rows do not name yet what the store refused just now.
    unnamed: BTreeSet<i64>,
    /// Whether what earlier runs were refused was tried.
    is_retried: bool,
    lost: u8,
    is_over: bool,
}

/// Something armed that goes now.
#[derive(Debug)]
struct Going {
    application: ApplicationId,
    since: i64,
    arrival: Timestamp,
    /// The run that it goes by: the first instant of its window, and the version that opened it.
    from: i64,
    version: u32,
}

impl Line {
    /// A model by the version of its campaign that is in force at an instant of the wall clock.
    pub(crate) fn new(
        campaign: &Arc<Campaign>,
        model: &ModelId,
        runs: Vec<ArmedRun>,
        now: Timestamp,
    ) -> Self {
        let mut line = Self {
            campaign: Arc::clone(campaign),
            model: model.clone(),
            runs: Vec::new(),
            walk: ArmedWalk::default(),
            met: BTreeSet::new(),
            is_left: false,
            unnamed: BTreeSet::new(),
            is_retried: false,
            lost: 0,
            is_over: false,
        };
        line.take(runs);
        let has_refused = line.runs.iter().any(|run| !run.refused.is_empty());
        line.is_over = !has_refused && line.active(now).next().is_none();
        line
    }

    /// Whether this run has something more to do here.
    pub(crate) const fn goes_on(&self) -> bool {
        !self.is_over
    }

    /// For how long the oldest opening that is not done is over at an instant of the wall clock, in seconds.
    pub(crate) fn behind(&self, now: Timestamp) -> i64 {
        let at = self.campaign.effective_now(now);
        let waiting = self.runs.iter().filter(|run| run.done.is_none());
        let oldest = waiting.map(|run| run.opening).min();
        oldest.map_or(0, |opening| (millis(at) - opening) / 1_000).max(0)
    }

    /// One page; what goes wrong in it stops no other model.
    pub(crate) async fn page(&mut self, ground: &impl Ground, pace: &mut Pace, sent: &mut Sent) {
        match self.try_page(ground, pace, sent).await {
            Ok(()) => {}
            Err(error) => {
                tracing::error!(campaign = %self.campaign.id(), model = %self.model, cause = chain(&error), "armed sends not carried on");
                pace.after(slows(&error), ground.now());
                self.lose();
                if !error.retryable() {
                    self.is_over = true;
                }
                if self.is_over {
                    sent.failed += 1;
                }
            }
        }
    }

    async fn try_page(
        &mut self,
        ground: &impl Ground,
        pace: &mut Pace,
        sent: &mut Sent,
    ) -> Result<(), StoreError> {
        if !self.is_retried {
            self.is_retried = true;
            self.retry_refused(ground, sent).await?;
        }
        if self.active(ground.now()).next().is_none() {
            self.is_over = true;
            return Ok(());
        }
        if self.walk.is_over() {
            return self.end_walk(ground, sent).await;
        }
        let limit = pace.per_second().div_ceil(u32::from(ARMED_SHARDS));
        let limit = i32::try_from(limit).unwrap_or(1);
        let (id, model) = (self.campaign.id().clone(), self.model.clone());
        let (armed, next) = ground.page(&id, &model, &self.walk, limit).await?;
        let now = ground.now();
        let going: Vec<_> = armed.into_iter().filter_map(|armed| self.going(armed, now)).collect();
        if !going.is_empty() {
            let until = now.saturating_add(PAGE).unwrap_or(Timestamp::MAX);
            if !self.announce(ground, &going, until).await? {
                // Another run was faster: reads this page again.
                self.lose();
                return Ok(());
            }
            self.send(ground, going, until, pace, sent).await;
        }
        self.walk = next;
        self.lost = 0;
        Ok(())
    }

    /// Openings whose sends go at an instant of the wall clock, the earliest first.
    fn active(&self, now: Timestamp) -> impl Iterator<Item = (&ArmedRun, ArmedOpening)> {
        let at = self.campaign.effective_now(now);
        let undone = self.runs.iter().filter(|run| run.done.is_none());
        undone
            .filter_map(|run| Some((run, run.of()?)))
            .filter(move |(_, opening)| opening.has_begun(at))
    }

    /// By which opening something goes, and with which arrival; none where it waits for another one, or is known to be refused.
    fn going(&self, armed: Armed, now: Timestamp) -> Option<Going> {
        let Armed { application, since } = armed;
        if self.runs.iter().any(|run| run.refused.contains(&application)) {
            return None;
        }
        let at = instant(since).ok()?;
        let (run, arrival) = self.active(now).find_map(|(run, opening)| {
            Some((run, opening.arrival(&self.campaign, &self.model, at)?))
        })?;
        let (from, version) = (run.from, run.version);
        Some(Going { application, since, arrival, from, version })
    }

    /// Says of each opening, before the first send of a page, until when the page may write; false when another run was faster.
    async fn announce(
        &mut self,
        ground: &impl Ground,
        going: &[Going],
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let openings: BTreeSet<i64> = going.iter().map(|going| going.from).collect();
        for from in openings {
            self.met.insert(from);
            let change = |run: &ArmedRun| ArmedRun { sending: millis(until), ..run.clone() };
            if !self.move_on(ground, from, change).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes how far an opening is. When another run was faster, reads what that wrote, and gives false.
    async fn move_on(
        &mut self,
        ground: &impl Ground,
        from: i64,
        change: impl FnOnce(&ArmedRun) -> ArmedRun,
    ) -> Result<bool, StoreError> {
        let Some(run) = self.runs.iter_mut().find(|run| run.from == from) else {
            return Ok(false);
        };
        let after = change(run);
        if let Some(after) = ground.move_on(self.campaign.id(), &self.model, after).await? {
            *run = after;
            return Ok(true);
        }
        let runs = ground.runs(self.campaign.id(), &self.model).await?;
        self.take(runs);
        Ok(false)
    }

    fn take(&mut self, mut runs: Vec<ArmedRun>) {
        runs.sort_by_key(|run| (run.opening, run.from));
        self.runs = runs;
    }

    const fn lose(&mut self) {
        self.lost += 1;
        self.is_over = self.lost >= ROUNDS;
    }

    /// Sends a page, sixteen at a time, and takes the rows of what is sent out.
    async fn send(
        &mut self,
        ground: &impl Ground,
        going: Vec<Going>,
        until: Timestamp,
        pace: &mut Pace,
        sent: &mut Sent,
    ) {
        let (begun, sends) = (ground.now(), going.len());
        let (campaign, model) = (&self.campaign, &self.model);
        let tried = going.into_iter().map(|going| async move {
            if until <= ground.now() {
                return (going, None);
            }
            let outcome = submit(ground, campaign, model, &going).await;
            (going, Some(outcome))
        });
        let tried: Vec<_> = stream::iter(tried).buffer_unordered(AT_ONCE).collect().await;
        let mut out = Vec::new();
        let mut is_throttled = false;
        let mut refused = Vec::new();
        for (going, outcome) in tried {
            match outcome {
                Some(Ok(ArmedOutcome::Sent)) => {
                    sent.sent += 1;
                    out.push(going.application);
                }
                Some(Ok(ArmedOutcome::SentBefore)) => out.push(going.application),
                // Its row went with what ended the state.
                Some(Ok(ArmedOutcome::NotArmed)) => {}
                Some(Err(error)) if error.retryable() => {
                    is_throttled |= slows(&error);
                    self.is_left = true;
                }
                Some(Err(error)) => {
                    tracing::error!(application.id = %going.application, cause = chain(&error), "what is armed cannot be sent");
                    sent.refused += 1;
                    refused.push(going);
                }
                None => self.is_left = true,
            }
        }
        if let Err(error) = ground.take_out(campaign.id(), model, &out).await {
            tracing::warn!(campaign = %campaign.id(), cause = chain(&error), "rows of what is sent stay for another try");
            is_throttled |= slows(&error);
            self.is_left = true;
        }
        for going in refused {
            let run = self.runs.iter_mut().find(|run| run.from == going.from);
            // Where they are too many for one row, the opening is not done, and its alarm says so.
            if run.is_some_and(|run| run.refuse(&going.application)) {
                self.unnamed.insert(going.from);
            }
        }
        let taken = ground.now().duration_since(begun);
        ground.pause(pace.rest(sends, taken)).await;
        pace.after(is_throttled, ground.now());
    }

    /// At the end of a walk: again where something is left of it, else an opening of which it met nothing is done, once all that
    /// was armed for it is written and all that was sent stands in the index.
    async fn end_walk(&mut self, ground: &impl Ground, sent: &mut Sent) -> Result<(), StoreError> {
        if self.is_left {
            self.walk = ArmedWalk::default();
            self.met.clear();
            self.is_left = false;
            return Ok(());
        }
        self.is_over = true;
        let now = ground.now();
        let at = self.campaign.effective_now(now);
        let ended: Vec<_> = self
            .active(now)
            .filter(|(run, opening)| {
                !self.met.contains(&run.from) && opening.is_complete(at) && run.is_indexed(now)
            })
            .map(|(run, _)| run.from)
            .collect();
        for from in ended {
            let change = |run: &ArmedRun| ArmedRun { done: Some(millis(now)), ..run.clone() };
            if self.move_on(ground, from, change).await? {
                sent.done += 1;
                tracing::info!(campaign = %self.campaign.id(), model = %self.model, from, "all that was armed for an opening is sent");
            }
        }
        // So that the next run does not wait for it.
        for from in std::mem::take(&mut self.unnamed) {
            self.move_on(ground, from, ArmedRun::clone).await?;
        }
        Ok(())
    }

    /// Tries what earlier runs were refused: mended by now it is sent, late as whatever is recorded late (ADR 39); what is no
    /// longer armed by that opening is not waited for.
    async fn retry_refused(
        &mut self,
        ground: &impl Ground,
        sent: &mut Sent,
    ) -> Result<(), StoreError> {
        let at = self.campaign.effective_now(ground.now());
        for run in self.runs.clone() {
            let Some(opening) = run.of().filter(|opening| opening.has_begun(at)) else { continue };
            let mut settled = Vec::new();
            let mut out = Vec::new();
            for application in &run.refused {
                let found = ground.find(self.campaign.id(), &self.model, application).await?;
                let going = found.and_then(|Armed { application, since }| {
                    let since_then = instant(since).ok()?;
                    let arrival = opening.arrival(&self.campaign, &self.model, since_then)?;
                    let (from, version) = (run.from, run.version);
                    Some(Going { application, since, arrival, from, version })
                });
                let Some(going) = going else {
                    settled.push(application.clone());
                    continue;
                };
                match submit(ground, &self.campaign, &self.model, &going).await {
                    Ok(ArmedOutcome::NotArmed) => settled.push(going.application),
                    Ok(outcome @ (ArmedOutcome::Sent | ArmedOutcome::SentBefore)) => {
                        sent.sent += u64::from(outcome == ArmedOutcome::Sent);
                        settled.push(going.application.clone());
                        out.push(going.application);
                    }
                    Err(error) => {
                        tracing::error!(application.id = %application, cause = chain(&error), "what is armed cannot be sent");
                        sent.refused += 1;
                    }
                }
            }
            if settled.is_empty() {
                continue;
            }
            ground.take_out(self.campaign.id(), &self.model, &out).await?;
            let now = millis(ground.now());
            let change = |run: &ArmedRun| {
                let mut after = ArmedRun { sending: run.sending.max(now), ..run.clone() };
                after.refused.retain(|application| !settled.contains(application));
                after
            };
            self.move_on(ground, run.from, change).await?;
        }
        Ok(())
    }
}

/// The one write that sends it.
async fn submit(
    ground: &impl Ground,
    campaign: &Campaign,
    model: &ModelId,
    going: &Going,
) -> Result<ArmedOutcome, StoreError> {
    let code = ground.code()?;
    let id: &CampaignId = campaign.id();
    ground
        .submit(&ArmedSubmit {
            application: &going.application,
            campaign: id,
            model,
            armed: going.since,
            campaign_version: going.version,
            arrival: going.arrival,
            gateway_arrival: campaign.gateway_instant(going.arrival),
            code: &code,
        })
        .await
}

/// Whether the store has too much to do.
const fn slows(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Unavailable {
            failure: Failure::Throttled | Failure::Server | Failure::Cut,
            ..
        }
    )
}
