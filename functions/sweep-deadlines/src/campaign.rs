//! The sweep of one campaign: its partitions side by side, each page by page, each case by itself.

use std::collections::HashMap;

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
use outside::{clock, log::chain};
use store::{
    applications::change::Change,
    deadlines::Deadlines,
    places::{LineRow, PlaceRow},
    retry::Failure,
    rows::{self, SaveError, StoreError, millis},
};
use tokio::sync::Mutex;

use crate::{Run, WRITES_AT_ONCE, report::Effect};

/// Keys of one page of the index.
const KEYS: i32 = 1_000;
/// Heads of one reading.
const HEADS: usize = 100;
/// Effects on one case in one run: a renunciation that becomes final is archived at once. More would be an error.
const STEPS: usize = 4;

/// A campaign while it is swept.
#[derive(Debug)]
struct Swept<'a> {
    campaign: &'a Campaign,
    /// How far its quota lines are. An effect that gives up a place locks them: side by side these writes would only
    /// hinder each other.
    lines: Mutex<HashMap<String, LineRow>>,
}

impl Swept<'_> {
    /// The campaign's now, in the milliseconds that the store keeps.
    fn now(&self) -> Timestamp {
        let now = self.campaign.effective_now(clock::wall());
        rows::instant(millis(now)).unwrap_or(now)
    }
}

/// An effect that is due for a case.
struct Due {
    effect: Effect,
    before: Application,
    after: Application,
}

impl Due {
    /// Whether a place, where there is one, goes back to its line.
    fn frees_place(&self, campaign: &Campaign) -> bool {
        matches!(self.effect, Effect::Ended(event) if quota::frees_place(event, self.before.state()))
            && campaign.line_of(&self.before.model).is_some()
    }
}

/// The outcome of writing an effect.
enum Written {
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

    /// Judges first and writes then; every case by itself.
    async fn cases(&self, swept: &Swept<'_>, ids: &[ApplicationId]) -> Result<(), StoreError> {
        self.tally.looked_at(ids.len());
        let step = self.step(swept);
        let due: Vec<_> =
            self.heads(ids).await?.into_iter().map(|head| self.effects_on(head, &step)).collect();
        let places = &self.places(swept, &due).await?;
        stream::iter(due)
            .for_each_concurrent(WRITES_AT_ONCE, async |effects| {
                self.case(swept, &effects, places).await;
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

    /// Everything that is due for a case, in its order.
    fn effects_on(&self, mut head: Application, step: &Step<'_>) -> Vec<Due> {
        let mut effects = Vec::new();
        while effects.len() < STEPS {
            match effect_on(&head, step) {
                Ok(Some((effect, after))) => {
                    effects.push(Due { effect, before: head, after: after.clone() });
                    head = after;
                }
                Ok(None) => break,
                Err(error) => {
                    self.tally.failed();
                    tracing::error!(application.id = %head.id, state = head.state().code(), cause = chain(&error), "case not judged");
                    break;
                }
            }
        }
        effects
    }

    /// The places of the cases that give theirs up. One allotted a moment ago may be missing: the write, which checks
    /// that there is none, then fails, and the next run does it.
    async fn places(
        &self,
        swept: &Swept<'_>,
        due: &[Vec<Due>],
    ) -> Result<HashMap<ApplicationId, PlaceRow>, StoreError> {
        let giving_up: Vec<_> = due
            .iter()
            .filter_map(|effects| effects.iter().find(|due| due.frees_place(swept.campaign)))
            .map(|due| due.before.id.clone())
            .collect();
        if giving_up.is_empty() || self.is_dry {
            return Ok(HashMap::new());
        }
        self.needs.places.of_all(&giving_up).await
    }

    fn step<'a>(&'a self, swept: &Swept<'a>) -> Step<'a> {
        Step { outages: self.outages, ..Step::new(swept.campaign, swept.now()) }
    }

    /// What is due for a case. What cannot be written ends it: the next run judges it anew.
    async fn case(
        &self,
        swept: &Swept<'_>,
        effects: &[Due],
        places: &HashMap<ApplicationId, PlaceRow>,
    ) {
        let Some(first) = effects.first() else { return };
        let mut place = places.get(&first.before.id).cloned();
        for due in effects {
            if self.is_over() {
                self.tally.cut_short();
                return;
            }
            if !self.is_dry {
                let (id, state) = (&due.before.id, due.before.state().code());
                match self.write(swept, due, place.as_mut()).await {
                    Ok(Written::Yes) => {}
                    Ok(Written::Contended) => {
                        self.tally.contended();
                        tracing::info!(application.id = %id, "somebody else was faster");
                        return;
                    }
                    Err(error) => {
                        self.tally.failed();
                        tracing::error!(application.id = %id, state, cause = chain(&error), "case not written");
                        return;
                    }
                }
            }
            self.tally.effect(due.effect, &due.before);
        }
    }

    /// Writes an effect with everything that it brings about: all or nothing, and only on the case as it was judged.
    async fn write(
        &self,
        swept: &Swept<'_>,
        due: &Due,
        place: Option<&mut PlaceRow>,
    ) -> Result<Written, StoreError> {
        let Due { effect, before, after } = due;
        let mut change = match *effect {
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
        if !due.frees_place(swept.campaign) {
            return self.save(&change).await;
        }
        let Some(place) = place else {
            change.content.push(self.needs.places.no_place_item(before)?);
            return self.save(&change).await;
        };
        if place.freed.is_some() {
            return self.save(&change).await;
        }
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
