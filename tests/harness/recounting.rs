//! Counts the places of a campaign again from what is recorded of its submissions, and names what the ranking gave otherwise
//! (RNK-1, RNK-2, RNK-5).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::Client;
use domain::{
    application::Application,
    calendar,
    campaign::Campaign,
    ids::{ApplicationId, CampaignId, ModelId},
    lifecycle::{Event, State},
    order::{DrawRule, OrderSeed, PublicSeed, Rank},
    quota::{
        self,
        recount::{self, About, Difference, Entry, Recount},
    },
    receipt::ReceiptCode,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp, civil::Date};
use store::{
    applications::{Applications, history::EventRow},
    campaigns::{Campaigns, MovedClock},
    places::{Places, RankedRow},
    rows::{StoreError, instant, millis},
};

use crate::story::{Deviation, StoryResult};

/// Submissions that are read of each partition for one page.
const PAGE: i32 = 100;
/// Histories that are read at once.
const AT_ONCE: usize = 16;
/// The ranking runs each minute: what came due this long ago and is not done was missed.
const LATE: SignedDuration = SignedDuration::from_mins(15);

/// Counts again what stands in one table; it changes nothing.
#[derive(Debug)]
pub struct Recounting {
    applications: Applications,
    campaigns: Campaigns,
    places: Places,
}

impl Recounting {
    /// Of a table, through a client that may read it.
    pub fn of(client: &Client, table: &str) -> Self {
        Self {
            applications: Applications::new(client.clone(), table.to_owned()),
            // A campaign of tests or staging may move its clock: that is no reason not to count it.
            campaigns: Campaigns::new(client.clone(), table.to_owned(), MovedClock::Allowed),
            places: Places::new(client.clone(), table.to_owned()),
        }
    }

    /// The campaigns of the table.
    pub async fn campaigns(&self) -> StoryResult<Vec<CampaignId>> {
        Ok(self.campaigns.listed().await?)
    }

    /// Counts the places of a campaign again, as of an instant of the wall clock. With a seed that was published, the draws
    /// until its day, too. Where something differs all is read once more: what a run was just writing differs no more then.
    ///
    /// A page of submissions is read at a time; what is kept of each, some hundred bytes, is kept until all are counted.
    pub async fn campaign(
        &self,
        id: &CampaignId,
        seed: Option<&PublicSeed>,
        wall: Timestamp,
    ) -> StoryResult<Recount> {
        let first = self.once(id, seed, wall).await?;
        if first.differences.is_empty() {
            return Ok(first);
        }
        let mut second = self.once(id, seed, wall).await?;
        second.differences.retain(|difference| first.differences.contains(difference));
        Ok(second)
    }

    async fn once(
        &self,
        id: &CampaignId,
        seed: Option<&PublicSeed>,
        wall: Timestamp,
    ) -> StoryResult<Recount> {
        let versions = self.campaigns.all_versions(id).await?;
        let versions: Vec<recount::Version> = versions
            .into_iter()
            .map(|version| (version.publication, Campaign::clone(&version.campaign)))
            .collect();
        let Some((_, newest)) = versions.last() else {
            return Err(Deviation::new(format!("no campaign {id} is published")));
        };
        let due = newest.effective_now(wall) - LATE;
        let mut draws = seed.map(Draws::of).transpose()?;
        let models = versions.iter().flat_map(|(_, campaign)| campaign.models());
        let up_to: BTreeMap<ModelId, Rank> =
            models.map(|model| (model.id().clone(), Rank::last())).collect();
        let (mut entries, mut differences) = (Vec::new(), Vec::new());
        let mut from = Rank::first();
        loop {
            let page = self.places.ranked(id, &up_to, &from, PAGE).await?;
            self.look_at(id, page.rows, draws.as_mut(), &mut entries, &mut differences).await?;
            match page.next {
                Some(next) => from = next,
                None => break,
            }
        }
        let ranking = self.places.ranking(id).await?;
        if ranking.batch.is_some() {
            let what = "decided something and did not carry it out".to_owned();
            differences.push(Difference { about: About::Ranking, what });
        }
        let mut found = recount::recount(&versions, &entries, &ranking.standings, due);
        differences.append(&mut found.differences);
        found.differences = differences;
        Ok(found)
    }

    /// Gathers what is known of one page of the order, and names what does not fit the cases themselves.
    async fn look_at(
        &self,
        campaign: &CampaignId,
        rows: Vec<RankedRow>,
        mut draws: Option<&mut Draws>,
        entries: &mut Vec<Entry>,
        differences: &mut Vec<Difference>,
    ) -> StoryResult {
        let ids: Vec<ApplicationId> = rows.iter().map(|row| row.application.clone()).collect();
        let heads = self.applications.heads_consistent(&ids).await?;
        let heads: HashMap<ApplicationId, Application> =
            heads.into_iter().map(|head| (head.id.clone(), head)).collect();
        let mut given = self.places.given_to_all(&ids).await?;
        let is_passed_on =
            |id: &ApplicationId| given.get(id).is_some_and(|given| given.passed_on.is_some());
        let has_ended = |id: &ApplicationId| {
            is_passed_on(id) || heads.get(id).is_some_and(|head| quota::has_given_up(head.state()))
        };
        let ended: Vec<ApplicationId> = ids.iter().filter(|id| has_ended(id)).cloned().collect();
        let left: Vec<ApplicationId> =
            ended.iter().filter(|id| !is_passed_on(id)).cloned().collect();
        let left: BTreeSet<ApplicationId> = self.places.not_passed_on(campaign, &left).await?;
        let gave_up = self.gave_up(&ended).await?;
        for row in rows {
            let head = heads.get(&row.application);
            let mut misfits = misfits(&row, head);
            let code = head.and_then(|head| head.stage.submission()).map(|sent| &sent.code);
            if let Some((draws, code)) = draws.as_deref_mut().zip(code) {
                misfits.extend(draws.misfit(&row, code));
            }
            differences.extend(misfits.into_iter().map(|what| {
                let about = About::Application(row.application.clone());
                Difference { about, what }
            }));
            entries.push(Entry {
                rank: row.rank().clone(),
                gave_up: gave_up.get(&row.application).copied(),
                waits_to_be_passed_on: left.contains(&row.application),
                given: given.remove(&row.application),
                application: row.application,
                model: row.model,
                claims: row.claims,
            });
        }
        Ok(())
    }

    /// When an event of the history of each gave its place up, or its wait for one, in milliseconds.
    async fn gave_up(
        &self,
        ids: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, i64>, StoreError> {
        let histories = ids.iter().map(|id| async move {
            let events = self.applications.history(id).await?;
            let at = events.iter().find(|event| gives_up(event)).map(|event| event.at);
            Ok::<_, StoreError>(at.map(|at| (id.clone(), at)))
        });
        let found: Vec<Option<(ApplicationId, i64)>> =
            stream::iter(histories).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }
}

fn gives_up(row: &EventRow) -> bool {
    let event = row.event.as_deref().and_then(|event| event.parse::<Event>().ok());
    let from = row.from.as_deref().and_then(|from| from.parse::<State>().ok());
    event.zip(from).is_some_and(|(event, from)| recount::gives_up(event, from))
}

/// How a row of the order does not fit the application that it is of.
fn misfits(row: &RankedRow, head: Option<&Application>) -> Vec<String> {
    let Some(head) = head else {
        return vec!["stands in the order, and there is no such application".to_owned()];
    };
    let Some(submission) = head.stage.submission() else {
        return vec!["stands in the order, and was not sent".to_owned()];
    };
    let mut found = Vec::new();
    if row.model != head.model {
        found.push(format!("stands in the order of {}, and is of {}", row.model, head.model));
    }
    if row.claims.province != submission.ready.province {
        let (stored, sent) = (&row.claims.province, &submission.ready.province);
        found.push(format!("stands in the order with {stored}, and was sent with {sent}"));
    }
    let arrival = millis(submission.arrival);
    if row.arrival != arrival {
        found.push(format!("arrived at {arrival} ms, its row says {} ms", row.arrival));
    }
    // One that was recorded after later ones had their positions stands where it was recorded, behind them.
    let stands = row.rank().arrival();
    if stands.is_none_or(|stands| stands < arrival) {
        found.push("stands before its arrival".to_owned());
    }
    found
}

/// The draws that follow from a seed that was published.
#[derive(Debug)]
struct Draws {
    day: Date,
    rule: DrawRule,
    /// That of `day`, and of each earlier one that was asked for.
    seeds: BTreeMap<Date, OrderSeed>,
}

impl Draws {
    fn of(public: &PublicSeed) -> StoryResult<Self> {
        let bytes = data_encoding::HEXLOWER.decode(public.seed.as_bytes())?;
        let bytes: [u8; 32] = bytes
            .try_into()
            .map_err(|_| Deviation::new("the seed of the file has not 32 bytes"))?;
        let seeds = BTreeMap::from([(public.day, OrderSeed::new(bytes))]);
        let rule = public.draw.unwrap_or(DrawRule::SeedApplication);
        Ok(Self { day: public.day, rule, seeds })
    }

    /// The seed of a day; none of a later day than the published one's.
    fn seed_of(&mut self, day: Date) -> Option<OrderSeed> {
        let (mut known, mut seed) =
            self.seeds.range(day..).next().map(|(day, seed)| (*day, seed.clone()))?;
        while known > day {
            (known, seed) = (known.yesterday().ok()?, seed.of_the_day_before());
        }
        self.seeds.insert(day, seed.clone());
        Some(seed)
    }

    /// How a row does not stand where its draw puts it; nothing where the draw is not known yet.
    fn misfit(&mut self, row: &RankedRow, code: &ReceiptCode) -> Option<String> {
        let stands = instant(row.rank().arrival()?).ok()?;
        let day = calendar::local_date(stands);
        if day > self.day {
            return None;
        }
        let seed = self.seed_of(day)?;
        let drawn = Rank::new(stands, &seed, self.rule, &row.application, code);
        (drawn != *row.rank()).then(|| format!("stands where the draw of {day} does not put it"))
    }
}
