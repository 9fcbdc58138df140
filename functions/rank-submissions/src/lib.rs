//! Gives the submissions of a campaign their ordinals and places in order of arrival, and passes on what is given up; the
//! only one that does (RNK-1, RNK-2, RNK-5, DEC-1).
//!
//! A run decides a batch, writes down what it decided, carries it out and moves on (ADR 39). What it carries out are rows
//! that never change: two runs at once write the same ones, and the run after one that died writes them again.

mod moves;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use aws_config::SdkConfig;
use domain::{
    campaign::{Campaign, Order, QuotaLine},
    ids::{CampaignId, ModelId},
    order::Rank,
    quota::{Standings, protocol_number},
};
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use outside::{clock, config::ConfigError, log::chain};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Store,
    armed_sends::ArmedRun,
    pending::Unrecorded,
    places::{Batch, NewSeat, RankedRow, Ranking},
    retry::Failure,
    rows::{SaveError, StoreError, instant, millis},
};
use thiserror::Error;

/// No new work begins once a run has lasted so long: the function has fifty seconds. The next run goes on.
const BUDGET: SignedDuration = SignedDuration::from_secs(40);
/// Submissions that are read of each partition for one batch.
const AT_ONCE: i32 = 500;
/// Campaigns that are looked at at once.
const CAMPAIGNS_AT_ONCE: usize = 2;
/// Another run was faster this often at one campaign: it does the work.
const ROUNDS: u8 = 5;

/// What ranking needs.
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
    /// Campaigns that were looked at.
    pub campaigns: u64,
    /// Ordinals that were given.
    pub allotted: u64,
    /// Applications that moved up to a place.
    pub moved_up: u64,
    /// Submissions that were seen and wait for a later run: too young for their position to be final, or held back by one
    /// that is not recorded yet. At most 500 of each partition are seen.
    pub waiting: u64,
    /// Campaigns of which something could not be read or written; the log says which and why.
    pub failed: u64,
}

impl Ranked {
    fn and(self, other: Self) -> Self {
        Self {
            campaigns: self.campaigns + other.campaigns,
            allotted: self.allotted + other.allotted,
            moved_up: self.moved_up + other.moved_up,
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
        .buffer_unordered(CAMPAIGNS_AT_ONCE)
        .fold(Ranked::default(), async |all, one| all.and(one))
        .await;
    tracing::info!(
        campaigns = ranked.campaigns,
        allotted = ranked.allotted,
        moved_up = ranked.moved_up,
        waiting = ranked.waiting,
        failed = ranked.failed,
        "ranked"
    );
    Ok(ranked)
}

/// One campaign; what goes wrong in it stops no other.
async fn campaign(app: &App, id: &CampaignId, begun: Timestamp) -> Ranked {
    let mut ranked = Ranked { campaigns: 1, ..Ranked::default() };
    if let Err(error) = rank(app, id, begun, &mut ranked).await {
        tracing::error!(campaign = %id, cause = chain(&error), "campaign not ranked to its end");
        ranked.failed += 1;
    }
    if ranked.allotted + ranked.moved_up > 0 {
        let Ranked { allotted, moved_up, .. } = ranked;
        tracing::info!(campaign = %id, allotted, moved_up, "places given");
    }
    ranked
}

/// What a batch is decided by.
struct Round<'a> {
    campaign: &'a Campaign,
    /// The campaign's now, in milliseconds as they are stored.
    at: i64,
    now: Timestamp,
}

impl Round<'_> {
    fn lines(&self) -> &[QuotaLine] {
        self.campaign.lines()
    }
}

async fn rank(
    app: &App,
    id: &CampaignId,
    begun: Timestamp,
    ranked: &mut Ranked,
) -> Result<(), StoreError> {
    let mut lost = 0;
    // Competitions with nothing more to give in this run.
    let mut done: BTreeSet<ModelId> = BTreeSet::new();
    while lost < ROUNDS && clock::wall().duration_since(begun) < BUDGET {
        let Some(campaign) = app.store.campaigns.in_force_now(id, clock::wall()).await? else {
            // Listed, and not published yet: no application can be sent.
            return Ok(());
        };
        let at = millis(campaign.effective_now(clock::wall()));
        let now = instant(at).unwrap_or_default();
        let round = Round { campaign: &campaign, at, now };
        let ranking = app.store.places.ranking(id).await?;
        let next = if let Some(batch) = ranking.batch.clone() {
            carry_out(app, &round, ranking, batch, ranked).await?
        } else if let Some(next) = moves::decide(app, &round, &ranking).await? {
            next
        } else if let Some(next) = next_seats(app, &round, &ranking, &mut done, ranked).await? {
            next
        } else {
            return Ok(());
        };
        match app.store.places.move_on(id, next).await {
            Ok(()) => lost = 0,
            Err(SaveError::Store(error)) if !is_conflict(&error) => return Err(error),
            // Another run was faster: reads again what it left.
            Err(_) => lost += 1,
        }
    }
    Ok(())
}

/// The next submissions of the first competition that has some whose order is final.
async fn next_seats(
    app: &App,
    round: &Round<'_>,
    ranking: &Ranking,
    done: &mut BTreeSet<ModelId>,
    ranked: &mut Ranked,
) -> Result<Option<Ranking>, StoreError> {
    let delayed = final_before(round.campaign, round.now);
    let mut held_back: Option<Arc<HeldBack>> = None;
    for models in round.campaign.competitions() {
        if models.iter().all(|model| done.contains(model)) {
            continue;
        }
        // Most competitions have nothing new most of the time: one look says so.
        if !app.store.places.has_unranked(round.campaign.id(), &models, ranking).await? {
            done.extend(models);
            continue;
        }
        // Before what waits is read: a submission that is recorded in between then stands in both, never in neither.
        let held = match &held_back {
            Some(known) => Arc::clone(known),
            None => Arc::new(HeldBack::read(app, round, delayed).await?),
        };
        let first = models.iter().filter_map(|model| held.unrecorded.first_of(model)).min();
        if first.is_some() {
            tracing::warn!(campaign = %round.campaign.id(), ?models, "an arrival that is not recorded yet holds back later arrivals");
        }
        let armed = models.iter().filter_map(|model| held.armed.get(model)).copied().min();
        held_back = Some(held);
        let first = first.into_iter().chain(armed).min();
        let until = first.map_or(delayed, |arrival| arrival.min(delayed));
        let page =
            app.store.places.unranked(round.campaign.id(), &models, ranking, AT_ONCE).await?;
        let last = first_final(&page.rows, until).last().map(|row| row.rank().clone());
        let Some(to) = last else {
            ranked.waiting += count(page.rows.len());
            done.extend(models);
            continue;
        };
        let version = round.campaign.version();
        let batch = Batch::Seats { at: round.at, version, models, to };
        return Ok(Some(Ranking { batch: Some(batch), ..ranking.clone() }));
    }
    Ok(None)
}

/// What is still to be recorded, and holds its competition back.
struct HeldBack {
    /// Of each model the first opening whose armed sends are not done, in milliseconds of the campaign's clock (NEW-1).
    armed: BTreeMap<ModelId, i64>,
    unrecorded: Unrecorded,
}

impl HeldBack {
    /// Openings before what waits: an opening is done a minute after its last send, when that is recorded or stands in the
    /// index. The other way round one could end in between, and its last sends be in neither.
    async fn read(app: &App, round: &Round<'_>, before: i64) -> Result<Self, StoreError> {
        let campaign = round.campaign;
        let mut armed = BTreeMap::new();
        match campaign.policies().order {
            Order::Chronological => {}
            Order::Armed => {
                for model in campaign.competitions().into_iter().flatten() {
                    let runs = app.store.armed_sends.runs(campaign.id(), &model).await?;
                    if let Some(opening) = not_done(campaign, &model, &runs, round.now) {
                        armed.insert(model, opening);
                    }
                }
            }
        }
        let unrecorded = app.store.pending.unrecorded(campaign, before).await?;
        Ok(Self { armed, unrecorded })
    }
}

/// The first opening of a model whose armed sends are not done, in milliseconds: it counts as an arrival that is not recorded
/// yet. So does one whose sends have not begun, however late they do; of a later version's it is still to come.
fn not_done(
    campaign: &Campaign,
    model: &ModelId,
    runs: &[ArmedRun],
    now: Timestamp,
) -> Option<i64> {
    let openings = campaign.past_openings(model, now).into_iter().map(millis);
    let not_begun = openings.filter(|from| runs.iter().all(|run| run.from != *from));
    let begun = runs.iter().filter(|run| run.done.is_none()).map(|run| run.opening);
    not_begun.chain(begun).min()
}

/// Writes what was decided, and gives the ranking after it.
async fn carry_out(
    app: &App,
    round: &Round<'_>,
    ranking: Ranking,
    batch: Batch,
    ranked: &mut Ranked,
) -> Result<Ranking, StoreError> {
    let id = round.campaign.id();
    match batch {
        Batch::Moves { at, passed_on, moved_up, after } => {
            let wall = clock::wall();
            app.store.places.record_moves(id, &passed_on, &moved_up, at, wall).await?;
            ranked.moved_up += count(moved_up.len());
            Ok(Ranking { standings: after, batch: None, ..ranking })
        }
        Batch::Seats { at, version, models, to } => {
            let decided_by = if round.campaign.version() == version {
                None
            } else {
                let versions = app.store.campaigns.versions(id).await?;
                versions.into_iter().map(|of| of.campaign).find(|of| of.version() == version)
            };
            let campaign = decided_by.as_deref().unwrap_or(round.campaign);
            let rows = app.store.places.seated(id, &models, &ranking, &to).await?;
            let (seats, standings) = seats(campaign, &ranking.standings, &rows, at);
            ranked.allotted += count(seats.len());
            app.store.places.seat_all(seats, at).await?;
            let mut up_to: BTreeMap<ModelId, Rank> = ranking.up_to.clone();
            up_to.extend(models.into_iter().map(|model| (model, to.clone())));
            Ok(Ranking { standings, up_to, batch: None, ..ranking })
        }
    }
}

/// What these submissions get in their order, and the standings after them. Nothing but the arguments decides it.
fn seats(
    campaign: &Campaign,
    before: &Standings,
    rows: &[RankedRow],
    at: i64,
) -> (Vec<NewSeat>, Standings) {
    let now = instant(at).unwrap_or_default();
    let lines: Vec<&QuotaLine> = campaign.lines().iter().collect();
    let mut standings = before.clone();
    standings.follow(lines.iter().copied(), now);
    let seats = rows
        .iter()
        .map(|row| {
            let seat = standings.seat(&lines, row.rank(), &row.model, &row.claims, now);
            let protocol =
                protocol_number(campaign, &row.model, &row.claims.province, seat.ordinal);
            NewSeat {
                application: row.application.clone(),
                ordinal: seat.ordinal,
                line: seat.line,
                protocol,
            }
        })
        .collect();
    (seats, standings)
}

/// What arrived before this instant, in milliseconds, has its final position: it did so at least the campaign's
/// closing delay ago (SUB-3). Who arrived at the same millisecond as one that is not recorded yet waits too: the draw
/// decides between them.
fn final_before(campaign: &Campaign, now: Timestamp) -> i64 {
    millis(now - campaign.policies().closing_delay()) + 1
}

/// By where each stands, not by its arrival: one that was recorded late stands at the instant of its recording, and who arrives
/// until then comes before it.
fn first_final(waiting: &[RankedRow], before: i64) -> &[RankedRow] {
    let until = waiting.partition_point(|row| row.rank().arrival().is_some_and(|at| at < before));
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

    fn arrived(at: &str, number: u8) -> RankedRow {
        serde_json::from_value(json!({
            "pk": "RANK#demo#c-stag-agricoltura#0",
            "sk": format!("{:013}#{number:03}", millis(at.parse().unwrap())),
            "v": 1,
            "application": format!("app_{number:026}"),
            "model": "c-stag-agricoltura",
            "arrival": millis(at.parse().unwrap()),
            "province": "FG",
        }))
        .unwrap()
    }

    /// SUB-3: a request may be on its way for as long as the closing delay, three minutes here; not a millisecond longer.
    #[test]
    fn a_position_is_final_once_the_closing_delay_has_passed() {
        let waiting = [arrived("2026-02-09T08:00:00Z", 1), arrived("2026-02-09T08:00:00.001Z", 2)];
        let finals =
            |now: &str| first_final(&waiting, final_before(&demo(), now.parse().unwrap())).len();
        assert_eq!(finals("2026-02-09T08:02:59.999Z"), 0);
        assert_eq!(finals("2026-02-09T08:03:00Z"), 1);
        assert_eq!(finals("2026-02-09T08:03:00.001Z"), 2);
    }

    /// NEW-1: from the opening on, whether or not its sends have begun, until they are done; also when a later version has
    /// moved the opening meanwhile.
    #[test]
    fn no_position_is_final_before_the_run_of_its_opening_is_done() {
        use domain::campaign::{ArmedOpening, WindowFile};
        let mut file = demo().into_file();
        file.policies.order = Order::Armed;
        let model = file.models[0].id.clone();
        let opens = |hour: &str| {
            let mut file = file.clone();
            let from = format!("2026-02-09 {hour}");
            file.models[0].submit = vec![WindowFile::new(from, "2026-02-10 09:00")];
            file.models[0].off_quota = None;
            Campaign::try_from(file).unwrap()
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let nine = at("2026-02-09T08:00:00Z");
        let (decree, moved) = (opens("09:00"), opens("11:00"));
        let holds = |campaign: &Campaign, runs: &[ArmedRun], now: &str| {
            not_done(campaign, &model, runs, at(now))
        };
        assert_eq!(holds(&decree, &[], "2026-02-09T07:59:59.999Z"), None);
        assert_eq!(holds(&decree, &[], "2026-02-09T08:00:00Z"), Some(millis(nine)));
        let opening = ArmedOpening { from: nine, opening: nine };
        let begun = ArmedRun::begun(opening, 1);
        let held = Some(millis(nine));
        assert_eq!(holds(&decree, std::slice::from_ref(&begun), "2026-02-09T08:20:00Z"), held);
        assert_eq!(holds(&moved, std::slice::from_ref(&begun), "2026-02-09T08:20:00Z"), held);
        let done = ArmedRun { done: Some(millis(nine) + 300_000), ..begun };
        assert_eq!(holds(&decree, std::slice::from_ref(&done), "2026-02-09T08:20:00Z"), None);
        let eleven = Some(millis(at("2026-02-09T10:00:00Z")));
        assert_eq!(holds(&moved, &[done], "2026-02-09T10:00:00Z"), eleven);
    }

    /// SUB-3: what was recorded late waits for the closing delay of its recording, however early it arrived: others may still
    /// arrive before where it stands.
    #[test]
    fn what_was_recorded_late_is_final_as_late_as_who_arrives_then() {
        let mut late = arrived("2026-02-09T08:20:00Z", 1);
        late.arrival = millis("2026-02-09T08:00:00Z".parse().unwrap());
        let finals = |now: &str| {
            let before = final_before(&demo(), now.parse().unwrap());
            first_final(std::slice::from_ref(&late), before).len()
        };
        assert_eq!(finals("2026-02-09T08:22:59.999Z"), 0);
        assert_eq!(finals("2026-02-09T08:23:00Z"), 1);
    }

    /// RNK-1: a run that died is repeated: the same rows and standings give the same places; and however the rows are cut
    /// into batches, each gets the same.
    #[test]
    fn places_depend_on_nothing_but_the_order() {
        let rows: Vec<RankedRow> =
            (0..150).map(|number| arrived("2026-02-09T08:00:00Z", number)).collect();
        let (whole, after) = seats(&demo(), &Standings::default(), &rows, 0);
        let (again, _) = seats(&demo(), &Standings::default(), &rows, 0);
        assert_eq!(format!("{whole:?}"), format!("{again:?}"));
        let (first, between) = seats(&demo(), &Standings::default(), &rows[..47], 0);
        let (second, end) = seats(&demo(), &between, &rows[47..], 0);
        assert_eq!(format!("{:?}", [first, second].concat()), format!("{whole:?}"));
        assert_eq!(end, after);
        // The demo's line has a hundred places.
        assert_eq!(whole.iter().filter(|seat| seat.line.is_some()).count(), 100);
        assert_eq!(whole[149].ordinal, 150);
    }
}
