//! The sweep of one campaign: its partitions side by side, each page by page, each case by itself.

use std::collections::HashMap;

use adapters::{
    applications::{Change, SaveError},
    clock,
    deadlines::Deadlines,
    log::chain,
    places::{LineRow, PlaceRow},
    retry::Failure,
    rows::{self, StoreError, millis},
};
use domain::{
    application::{Application, Who},
    campaign::Campaign,
    case::{Step, StepError, Sweep},
    document::DocumentKind,
    ids::{ApplicationId, CampaignId},
    notice::NoticeKind,
    quota,
};
use futures::{
    StreamExt as _,
    future::{join_all, try_join_all},
    stream,
};
use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::{Run, WRITES_AT_ONCE, report::Effect};

/// Keys of one page of the index.
const KEYS: i32 = 1_000;
/// Heads of one reading.
const HEADS: usize = 100;
/// Effects on one case in one run: a renunciation that becomes final is archived at once. What would want more is wrong.
const STEPS: u8 = 4;

/// A campaign while it is swept.
#[derive(Debug)]
struct Swept<'a> {
    campaign: &'a Campaign,
    /// How far its quota lines are. Whoever gives up a place holds them: side by side these writes would only hinder
    /// each other.
    lines: Mutex<HashMap<String, LineRow>>,
}

impl Swept<'_> {
    /// The campaign's now, in the milliseconds that the store keeps.
    fn now(&self) -> Timestamp {
        let now = self.campaign.effective_now(clock::wall());
        rows::instant(millis(now)).unwrap_or(now)
    }
}

/// What became of an effect that was to be written.
enum Written {
    Yes,
    /// Somebody else was faster.
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
            shards.iter().map(|shard| self.needs.deadlines.due(shard, Timestamp::MAX, None, 1)),
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
        let Some(campaign) = self.needs.campaigns.in_force_now(id, clock::wall()).await? else {
            self.tally.failed();
            tracing::error!(campaign = %id, "cases of a campaign that is not in force");
            return Ok(());
        };
        self.tally.campaign();
        let swept = Swept { campaign: &campaign, lines: Mutex::default() };
        join_all(shards.into_iter().map(async |shard| {
            if let Err(error) = self.pages(&swept, shard).await {
                self.tally.failed();
                tracing::error!(campaign = %id, cause = chain(&error), "partition not swept to its end");
            }
        }))
        .await;
        Ok(())
    }

    /// One pass over a partition: a case with more than one thing to do goes on by itself, so that nothing is left behind.
    async fn pages(&self, swept: &Swept<'_>, shard: &str) -> Result<(), StoreError> {
        let now = swept.now();
        let mut from = None;
        loop {
            if self.is_over() {
                self.tally.cut_short();
                return Ok(());
            }
            let page = self.needs.deadlines.due(shard, now, from, KEYS).await?;
            for ids in page.applications.chunks(HEADS) {
                if self.is_over() {
                    self.tally.cut_short();
                    return Ok(());
                }
                self.cases(swept, ids).await?;
            }
            from = page.next;
            if from.is_none() {
                return Ok(());
            }
        }
    }

    async fn cases(&self, swept: &Swept<'_>, ids: &[ApplicationId]) -> Result<(), StoreError> {
        self.tally.looked_at(ids.len());
        let heads = self.heads(ids).await?;
        let places = &self.places(swept, &heads).await?;
        stream::iter(heads)
            .for_each_concurrent(WRITES_AT_ONCE, async |head| {
                let place = places.get(&head.id);
                self.case(swept, head, place).await;
            })
            .await;
        Ok(())
    }

    /// The heads as last written. One that cannot be read leaves the others as they are.
    async fn heads(&self, ids: &[ApplicationId]) -> Result<Vec<Application>, StoreError> {
        match self.needs.applications.heads_as_written(ids).await {
            Err(error) if error.retryable() => Err(error),
            Ok(heads) => Ok(heads),
            Err(_) => {
                let mut heads = Vec::with_capacity(ids.len());
                for id in ids {
                    match self.needs.applications.head(id).await {
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

    /// The places of those that now give theirs up.
    async fn places(
        &self,
        swept: &Swept<'_>,
        heads: &[Application],
    ) -> Result<HashMap<ApplicationId, PlaceRow>, StoreError> {
        let step = self.step(swept);
        let giving_up: Vec<_> = heads
            .iter()
            .filter(|head| match head.sweep(&step) {
                Ok(Sweep::Ended(event, _)) => quota::frees_place(event, head.state()),
                _ => false,
            })
            .map(|head| head.id.clone())
            .collect();
        if giving_up.is_empty() || self.is_dry {
            return Ok(HashMap::new());
        }
        self.needs.places.of_all(&giving_up).await
    }

    fn step<'a>(&'a self, swept: &Swept<'a>) -> Step<'a> {
        Step { outages: self.outages, ..Step::new(swept.campaign, swept.now()) }
    }

    /// Everything that is due for a case.
    async fn case(&self, swept: &Swept<'_>, mut head: Application, place: Option<&PlaceRow>) {
        let mut place = place.cloned();
        for _ in 0..STEPS {
            if self.is_over() {
                self.tally.cut_short();
                return;
            }
            let (effect, after) = match effect_on(&head, &self.step(swept)) {
                Ok(None) => return,
                Ok(Some(found)) => found,
                Err(error) => {
                    self.tally.failed();
                    tracing::error!(application.id = %head.id, state = head.state().code(), cause = chain(&error), "case not judged");
                    return;
                }
            };
            if !self.is_dry {
                match self.write(swept, effect, &head, &after, &mut place).await {
                    Ok(Written::Yes) => {}
                    Ok(Written::Contended) => {
                        self.tally.contended();
                        tracing::info!(application.id = %head.id, "somebody else was faster");
                        return;
                    }
                    Err(error) => {
                        self.tally.failed();
                        tracing::error!(application.id = %head.id, state = head.state().code(), cause = chain(&error), "case not written");
                        return;
                    }
                }
            }
            self.tally.effect(effect, &head);
            head = after;
        }
    }

    /// Writes an effect with everything that it brings about: all or nothing, and only on the case as it was judged. The
    /// place is as read together with others, a moment late at most, and then as it was left here.
    async fn write(
        &self,
        swept: &Swept<'_>,
        effect: Effect,
        before: &Application,
        after: &Application,
        place: &mut Option<PlaceRow>,
    ) -> Result<Written, StoreError> {
        let mut change = match effect {
            // The act goes along with the notice, once it is made.
            Effect::Extended => Change {
                documents: vec![DocumentKind::SuspensionAct],
                ..Change::of_term(before, after)
            },
            Effect::Rescheduled => Change::of_term(before, after),
            Effect::Reminded => {
                Change { notices: vec![NoticeKind::TermReminder], ..Change::of_term(before, after) }
            }
            Effect::Ended(event) => Change::step(before, after, event, Who::System),
        };
        let frees = matches!(effect, Effect::Ended(event) if quota::frees_place(event, before.state()))
            && swept.campaign.line_of(&before.model).is_some();
        if !frees {
            return self.save(&change).await;
        }
        if place.is_none() {
            *place = self.needs.places.of(&before.id).await?;
        }
        let Some(place) = place.as_mut().filter(|place| place.freed.is_none()) else {
            return self.save(&change).await;
        };
        let mut lines = swept.lines.lock().await;
        let line = match lines.remove(&place.line) {
            Some(line) => Some(line),
            None => self.needs.places.line(&before.campaign, &place.line).await?,
        };
        let Some(line) = line else { return self.save(&change).await };
        let (items, moved) = self.needs.places.giving_up(before, place, &line, after.changed)?;
        change.content.extend(items);
        let written = self.save(&change).await?;
        if matches!(written, Written::Yes) {
            lines.insert(place.line.clone(), moved);
            place.freed = Some(millis(after.changed));
        }
        Ok(written)
    }

    async fn save(&self, change: &Change<'_>) -> Result<Written, StoreError> {
        let _permit = self.writes.acquire().await;
        match self.needs.applications.save(change).await {
            Ok(()) => Ok(Written::Yes),
            Err(
                SaveError::Conflict
                | SaveError::LimitReached
                | SaveError::WorkerTaken
                | SaveError::Store(StoreError::Unavailable { failure: Failure::Conflict, .. }),
            ) => Ok(Written::Contended),
            Err(SaveError::Store(error)) => Err(error),
        }
    }
}

/// What is due for a case now, with the case after it.
fn effect_on(
    head: &Application,
    step: &Step<'_>,
) -> Result<Option<(Effect, Application)>, StepError> {
    Ok(match head.sweep(step)? {
        Sweep::NotYet => None,
        Sweep::Extended(after) => {
            let terms = |head: &Application| head.case().map(|case| case.terms.clone());
            let effect =
                if terms(head) == terms(&after) { Effect::Rescheduled } else { Effect::Extended };
            Some((effect, *after))
        }
        Sweep::Reminded(after) => Some((Effect::Reminded, *after)),
        Sweep::Ended(event, after) => Some((Effect::Ended(event), *after)),
    })
}
