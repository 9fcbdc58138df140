//! A click day of a decree that knows armed sends (NEW-1, ADR 42): most people arm on the eve, the others press, the portal sends
//! what is armed, and all of it is recorded and ranked as after any rush.
//!
//! The campaign's clock is behind on the eve, so that nobody waits for an opening: on the machine's clock it was some minutes
//! ago, and the day begins with a version of the decree that sets the clock right.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    campaign::{Campaign, Order},
    ids::{ApplicationId, ModelId},
};
use edge::{press_for_many, session::SESSION_COOKIE};
use futures::{TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock, keying::Keying};
use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::{Value, json};
use store::{armed_sends::ArmedRun, refresh_secrets::RefreshSecrets};

use crate::{
    Broken,
    arrivals::{self, Flaw, Press, gateway_event},
    check::{Faults, Stored, check},
    crowd::{Crowd, Person},
    desk::{Desk, Done},
    faults::{self, Breakage},
    fleet::{Fleet, Program},
    follow_up,
    ground::{Ground, PORTAL},
    report::Report,
    rest,
    rush::{Rush, Sent},
    seeding::{self, Depth},
    statistics::number,
    stress::Site,
    vault,
    wiretap::{Passed, Wiretap},
};

/// Share of the good applications that are armed.
const ARMED: f64 = 0.6;
/// One of so many armed ones is pressed for all the same.
const PRESSED_ALL_THE_SAME: usize = 20;
/// How long ago the opening was, on the machine's clock: all that was armed is written, and its sends may go (ADR 42).
const OPENED_BEFORE: SignedDuration = SignedDuration::from_mins(10);
/// How far the campaign's clock is behind on the eve.
const BEHIND: SignedDuration = SignedDuration::from_hours(1);
/// When the decree was published, before the opening.
const PUBLISHED_BEFORE: SignedDuration = SignedDuration::from_hours(2);
/// Sessions that are opened at once.
const SESSIONS_AT_ONCE: usize = 8;
/// How often people try to arm before something is taken to be broken.
const MOST_TRIES: usize = 5;
/// Runs of send-armed in a row before something is taken to be broken.
const MOST_RUNS: usize = 200;
/// Between two runs that found nothing to send.
const PAUSE: Duration = Duration::from_secs(5);

/// A crowd of which most arm.
#[derive(Clone, Debug)]
pub struct ArmedCrowd {
    /// All of them, under the decree of the eve.
    pub crowd: Arc<Crowd>,
    /// Who arms: indexes into [`Crowd::candidates`].
    pub armed: BTreeSet<usize>,
    /// What the others press, and some of the armed all the same.
    pub presses: Vec<Press>,
    /// The opening, at which all that is armed arrives.
    pub opening: Timestamp,
}

impl ArmedCrowd {
    /// So many applications under a decree that opened some minutes ago, and whose clock is still before that; the same for the
    /// same seed, but for the instants.
    ///
    /// # Errors
    /// The demonstration's campaign does not have the models and lines any more.
    pub fn gather(
        name: &str,
        applications: usize,
        closing_delay_seconds: u32,
        seed: u64,
    ) -> Result<Self, Broken> {
        let now = Timestamp::from_millisecond(clock::wall().as_millisecond())?;
        let opening = now - OPENED_BEFORE;
        let mut crowd = Crowd::gather(name, applications, opening, closing_delay_seconds, seed)?;
        let mut file = crowd.campaign.clone().into_file();
        file.policies.order = Order::Armed;
        file.clock_offset_ms = -i64::try_from(BEHIND.as_millis())?;
        crowd.campaign = Campaign::try_from(file)?;

        let mut presses = arrivals::presses(&mut crowd, seed)?;
        let flawed: HashSet<usize> = presses
            .iter()
            .filter(|press| press.flaw.is_some())
            .map(|press| press.candidate)
            .collect();
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x000a_12ed);
        let armed: BTreeSet<usize> = (0..crowd.candidates.len())
            .filter(|candidate| chance.random_bool(ARMED) && !flawed.contains(candidate))
            .collect();
        presses.retain_mut(|press| {
            let is_armed = armed.contains(&press.candidate);
            if is_armed {
                press.flaw = Some(Flaw::Armed);
            }
            !is_armed || press.candidate.is_multiple_of(PRESSED_ALL_THE_SAME)
        });
        Ok(Self { crowd: Arc::new(crowd), armed, presses, opening })
    }

    /// Puts all of it into the store, as it is before anybody arms.
    ///
    /// # Errors
    /// The store does not take it.
    pub async fn seed(&self, ground: &Ground) -> Result<(), Broken> {
        let published = self.opening - PUBLISHED_BEFORE;
        seeding::decree(ground, &self.crowd, published).await?;
        seeding::applications(ground, &self.crowd, Depth::Whole, published).await
    }

    /// The decree of the day: its clock is right.
    fn decree_of_the_day(&self) -> Result<Campaign, Broken> {
        let mut file = self.crowd.campaign.clone().into_file();
        file.version += 1;
        file.clock_offset_ms = 0;
        Ok(Campaign::try_from(file)?)
    }

    /// Who arms what of these: one request for a hundred applications of a person and model.
    fn selections(&self, of: &BTreeSet<usize>) -> Result<Vec<Selection<'_>>, Broken> {
        let mut all: BTreeMap<(usize, &ModelId), Vec<&ApplicationId>> = BTreeMap::new();
        for index in of {
            let candidate = self.crowd.candidates.get(*index).ok_or("no such application")?;
            let of = (candidate.person, &candidate.model);
            all.entry(of).or_default().push(&candidate.id);
        }
        let mut selections = Vec::new();
        for ((person, model), ids) in all {
            let person = self.crowd.people.get(person).ok_or("nobody has the application")?;
            selections.extend(ids.chunks(press_for_many::MOST).map(|ids| Selection {
                person,
                model,
                ids: ids.to_vec(),
            }));
        }
        Ok(selections)
    }
}

/// What one request arms.
struct Selection<'a> {
    person: &'a Person,
    model: &'a ModelId,
    ids: Vec<&'a ApplicationId>,
}

impl Selection<'_> {
    fn event(&self, campaign: &Campaign, number: usize) -> String {
        let headers = json!({
            "content-type": "application/json",
            "cookie": format!("{SESSION_COOKIE}={}", self.person.token),
            "origin": PORTAL,
            "referer": format!("{PORTAL}/riepilogo"),
        });
        let body =
            json!({ "campaign": campaign.id(), "model": self.model, "applications": self.ids });
        let body = body.to_string();
        let route = ("POST", "/api/armed-sends");
        gateway_event(route, headers, Some(&body), clock::wall(), number)
    }
}

/// The minute after the last send, before which an opening is not done since an index may be behind (ADR 42).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IndexMinute {
    /// It is waited for.
    Waited,
    /// The run's row says that it is over: the stores of a bench have indexes that are never behind.
    Skipped,
}

/// What the sends of an opening were.
#[derive(Clone, Debug, Default)]
pub struct Sends {
    /// How many.
    pub sent: usize,
    /// From the first run to the last send.
    pub lasted: Duration,
    /// From the first run until the opening was done.
    pub done_after: Duration,
    /// What passed to the store.
    pub passed: Passed,
}

/// What such a day was.
#[derive(Debug)]
pub struct Lived {
    /// Applications that were armed.
    pub armed: usize,
    /// Write units of one arm.
    pub arm_units: f64,
    /// The presses.
    pub rush: Rush,
    /// The sends.
    pub sends: Sends,
    /// All that was pressed for, and all that was armed with the receipt that its people asked for.
    pub sent: Vec<Sent>,
    /// What was armed and has no receipt.
    pub without_receipt: usize,
}

impl Lived {
    /// What the checks of a rush find, and what was armed in vain.
    pub fn faults(&self, crowd: &Crowd, stored: &Stored) -> Faults {
        let found = check(crowd, &self.sent, stored);
        Faults { lost: found.lost + self.without_receipt, ..found }
    }

    /// Write units of one send, with the row that goes and those of its run.
    pub fn send_units(&self) -> f64 {
        self.sends.passed.write_units / number(self.sends.sent.max(1))
    }

    /// Notes it.
    pub fn note(&self, minute: IndexMinute, report: &mut Report) {
        let seconds = self.sends.lasted.as_secs_f64();
        report.set("armed", number(self.armed));
        report.set("armed_sent", number(self.sends.sent));
        report.set("armed_seconds", seconds);
        report.set("armed_per_second", number(self.sends.sent) / seconds);
        match minute {
            IndexMinute::Waited => {
                report.set("armed_done_seconds", self.sends.done_after.as_secs_f64());
            }
            IndexMinute::Skipped => report
                .miss(&["armed_done_seconds"], "a small run does not wait a minute for an index"),
        }
        report.set("armed_arm_write_units", self.arm_units);
        report.set("armed_write_units", self.send_units());
        report.add("wrong_answers", number(self.rush.wrong_answers()));
    }
}

/// Lets most of a crowd arm and the others press, sends what is armed, and records and ranks all of it.
///
/// # Errors
/// Something outside of what is measured failed, or nobody armed: nothing was tried.
pub async fn live(
    site: &Site<'_>,
    store: SocketAddr,
    day: &ArmedCrowd,
    minute: IndexMinute,
    breakages: &[Breakage],
) -> Result<Lived, Broken> {
    let Site { ground, vault, functions, processes } = *site;
    let candidates = &day.crowd.candidates;
    let first = day.armed.first().and_then(|index| candidates.get(*index));
    let last = day.armed.last().and_then(|index| candidates.get(*index));
    let (Some(first), Some(last)) = (first, last) else {
        return Err("nobody arms: nothing was tried".into());
    };
    let arms = arm(site, store, day).await?;
    if breakages.contains(&Breakage::Overlooked) {
        faults::overlook(ground, day.crowd.campaign.id(), first).await?;
    }

    let decree = day.decree_of_the_day()?;
    let campaigns = ground.store().campaigns;
    campaigns.publish(&decree.to_toml()?, &decree, true, None, clock::wall()).await?;
    let (rush, _) = site.press(&day.crowd, &day.presses).await?;
    let sends = send(site, store, day, minute).await?;
    if breakages.contains(&Breakage::Late) {
        faults::delay(ground, last, day.opening).await?;
    }

    let mut sent = ask_for_receipts(site, day).await?;
    let without_receipt = sent.iter().filter(|one| one.receipt.is_none()).count();
    let accepted: BTreeSet<usize> = sent
        .iter()
        .filter(|one| one.receipt.is_some())
        .map(|one| one.candidate)
        .chain(rush.accepted_candidates())
        .collect();
    let accepted: Vec<ApplicationId> = accepted
        .into_iter()
        .filter_map(|index| candidates.get(index))
        .map(|candidate| candidate.id.clone())
        .collect();
    sent.extend(rush.sent.iter().cloned());
    follow_up::record(ground, vault, functions, &accepted, processes).await?;
    follow_up::rank(ground, vault, functions, &decree).await?;
    Ok(Lived {
        armed: day.armed.len(),
        arm_units: arms.write_units / number(day.armed.len()),
        rush,
        sends,
        sent,
        without_receipt,
    })
}

/// People sign in and arm; gives what that asked of the store.
async fn arm(site: &Site<'_>, store: SocketAddr, day: &ArmedCrowd) -> Result<Passed, Broken> {
    let Site { ground, vault, functions, processes } = *site;
    sign_in(ground, day).await?;
    let wiretap = Wiretap::open(store).await?;
    let tapped = ground.through(wiretap.endpoint());
    let program = Program::function(functions, "arm-application")?;
    let mut desk = Desk::open().await?;
    let fleet = Fleet::start(&program, &tapped.variables(vault), &desk, processes)?;
    let mut left = day.armed.clone();
    for _ in 0..MOST_TRIES {
        let selections = day.selections(&left)?;
        let events = selections
            .iter()
            .enumerate()
            .map(|(number, selection)| selection.event(&day.crowd.campaign, number));
        let answers = desk.ask_all(events, processes).await?;
        let armed: HashSet<ApplicationId> = answers.iter().flat_map(armed_by).collect();
        left.retain(|index| {
            day.crowd.candidates.get(*index).is_none_or(|one| !armed.contains(&one.id))
        });
        if left.is_empty() {
            fleet.stop().await?;
            return Ok(wiretap.take());
        }
    }
    Err(format!("arm-application does not arm {} applications", left.len()).into())
}

/// The applications that an answer says are armed.
fn armed_by(done: &Done) -> Vec<ApplicationId> {
    let (_, body) = answer_of(done);
    let body: Value = serde_json::from_str(&body.unwrap_or_default()).unwrap_or_default();
    let outcomes = body.get("outcomes").and_then(Value::as_array);
    let armed = outcomes.into_iter().flatten().filter(|outcome| {
        let outcome = outcome.get("outcome").and_then(Value::as_str);
        matches!(outcome, Some("armed" | "already-armed"))
    });
    armed.filter_map(|one| one.get("application")?.as_str()?.parse().ok()).collect()
}

/// Status and body of an answer to a browser.
fn answer_of(done: &Done) -> (Option<u64>, Option<String>) {
    let answer = done.answer.as_deref().unwrap_or_default();
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let status = answer.get("statusCode").and_then(Value::as_u64);
    (status, answer.get("body").and_then(Value::as_str).map(str::to_owned))
}

/// Opens a session for everybody who arms: to press needs none that is stored, to arm does.
async fn sign_in(ground: &Ground, day: &ArmedCrowd) -> Result<(), Broken> {
    let secrets = &RefreshSecrets::new(&Keying::new(vault::KEYING.as_bytes().to_vec()));
    let sessions = &ground.store().sessions;
    let candidates = day.armed.iter().filter_map(|index| day.crowd.candidates.get(*index));
    let people: BTreeSet<usize> = candidates.map(|candidate| candidate.person).collect();
    let people = people.into_iter().filter_map(|person| day.crowd.people.get(person));
    stream::iter(people.map(Ok::<_, Broken>))
        .try_for_each_concurrent(SESSIONS_AT_ONCE, |person| async move {
            sessions.open(&person.caller, secrets, aws::random()?, clock::wall()).await?;
            Ok::<_, Broken>(())
        })
        .await
}

/// Runs send-armed until all openings are done. Its own pace, not the wiretap, says how long that takes.
async fn send(
    site: &Site<'_>,
    store: SocketAddr,
    day: &ArmedCrowd,
    minute: IndexMinute,
) -> Result<Sends, Broken> {
    let wiretap = Wiretap::open(store).await?;
    let tapped = site.ground.through(wiretap.endpoint());
    let program = Program::function(site.functions, "send-armed")?;
    let mut desk = Desk::open().await?;
    let fleet = Fleet::start(&program, &tapped.variables(site.vault), &desk, 1)?;
    let campaign = &day.crowd.campaign;
    let mut sends = Sends::default();
    let mut begun: Option<Instant> = None;
    let mut done = 0;
    for _ in 0..MOST_RUNS {
        let run = desk.ask(json!({ "campaign": campaign.id() }).to_string()).await?;
        let answer = run.answer.ok_or("send-armed ended with an error")?;
        let told: Value = serde_json::from_slice(&answer)?;
        let count = |name: &str| -> Result<usize, Broken> {
            let count = told.get(name).and_then(Value::as_u64);
            Ok(usize::try_from(count.ok_or("send-armed does not say what it did")?)?)
        };
        if count("failed")? + count("refused")? > 0 {
            return Err(format!("send-armed could not send all: {told}").into());
        }
        let begun = *begun.get_or_insert(run.begun);
        let sent = count("sent")?;
        if sent > 0 {
            sends.sent += sent;
            sends.lasted = run.ended.duration_since(begun);
        }
        done += count("done")?;
        if done == campaign.models().len() {
            sends.done_after = run.ended.duration_since(begun);
            sends.passed = wiretap.take();
            fleet.stop().await?;
            return Ok(sends);
        }
        if sent == 0 {
            match minute {
                IndexMinute::Waited => tokio::time::sleep(PAUSE).await,
                IndexMinute::Skipped => index_has_followed(site.ground, campaign).await?,
            }
        }
    }
    Err("send-armed comes to no end".into())
}

/// Lets the rows of the runs say that their last pages were written long ago.
async fn index_has_followed(ground: &Ground, campaign: &Campaign) -> Result<(), Broken> {
    let sends = ground.store().armed_sends;
    for model in campaign.models() {
        for run in sends.runs(campaign.id(), model.id()).await? {
            let run = ArmedRun { sending: 0, ..run };
            sends.move_on(campaign.id(), model.id(), run).await?;
        }
    }
    Ok(())
}

/// What people did who armed, as if they had pressed at the opening: each with the receipt that its page asks for.
async fn ask_for_receipts(site: &Site<'_>, day: &ArmedCrowd) -> Result<Vec<Sent>, Broken> {
    let program = Program::function(site.functions, "read-applications")?;
    let mut desk = Desk::open().await?;
    let variables = rest::variables(site.ground, site.vault);
    let fleet = Fleet::start(&program, &variables, &desk, site.processes)?;
    let all = day.armed.iter().filter_map(|index| {
        let candidate = day.crowd.candidates.get(*index)?;
        Some((*index, &candidate.id, day.crowd.person_of(candidate)?))
    });
    let all: Vec<(usize, &ApplicationId, &Person)> = all.collect();
    let events = all.iter().enumerate().map(|(number, (_, id, person))| {
        let headers = json!({
            "cookie": format!("{SESSION_COOKIE}={}", person.token),
            "referer": format!("{PORTAL}/riepilogo"),
        });
        let path = format!("/api/applications/{id}/receipt");
        gateway_event(("GET", path.as_str()), headers, None, clock::wall(), number)
    });
    let answers = desk.ask_all(events, site.processes * 2).await?;
    fleet.stop().await?;
    let sent = answers.iter().filter_map(|done| {
        let (status, body) = answer_of(done);
        Some(Sent {
            candidate: all.get(done.tag)?.0,
            flaw: None,
            arrival: day.opening.as_millisecond(),
            keeps: None,
            status,
            receipt: body.filter(|_| status == Some(200)),
        })
    });
    Ok(sent.collect())
}

#[cfg(test)]
mod tests {
    use domain::{
        campaign::{LAST_ARM_IS_WRITTEN, NoArming},
        order::DrawRule,
    };

    use super::*;

    fn day() -> ArmedCrowd {
        ArmedCrowd::gather("bench", 10_000, 180, 1).unwrap()
    }

    /// Of a hundred good ones sixty are armed; nobody presses for those but one of twenty, who must be refused.
    #[test]
    fn most_arm_and_the_others_press() {
        let day = day();
        assert!((5_400..6_000).contains(&day.armed.len()), "{} arm", day.armed.len());
        let of_armed = |press: &&Press| day.armed.contains(&press.candidate);
        assert!(day.presses.iter().filter(of_armed).all(|press| press.flaw == Some(Flaw::Armed)));
        let in_vain = day.presses.iter().filter(of_armed).count();
        assert!((200..500).contains(&in_vain), "{in_vain} press all the same");
        let pressed: BTreeSet<usize> = day.presses.iter().map(|press| press.candidate).collect();
        let all = day.armed.union(&pressed).count();
        assert_eq!(all, day.crowd.candidates.len(), "each is armed or pressed for");
        assert!(day.armed.iter().all(|index| !day.crowd.candidates[*index].is_incomplete));
    }

    /// One request arms a hundred at most, and all requests arm all.
    #[test]
    fn selections_are_of_one_person_and_model_and_leave_nobody_out() {
        let day = day();
        let selections = day.selections(&day.armed).unwrap();
        assert!(selections.iter().all(|one| (1..=press_for_many::MOST).contains(&one.ids.len())));
        let ids: HashSet<_> = selections.iter().flat_map(|one| &one.ids).collect();
        assert_eq!(ids.len(), day.armed.len());
    }

    /// On the eve people arm for the opening; on the day they press, and its sends may go.
    #[test]
    fn the_clock_of_the_eve_is_before_the_opening_and_that_of_the_day_long_after_it() {
        let day = day();
        let (eve, now) = (&day.crowd.campaign, clock::wall());
        let after = day.decree_of_the_day().unwrap();
        assert_eq!(eve.policies().order.draw_rule(), DrawRule::SeedApplicationCode);
        for model in eve.models() {
            let model = model.id();
            assert_eq!(eve.arming(model, eve.effective_now(now)), Ok(day.opening));
            let open = Err(NoArming::Open { since: day.opening });
            assert_eq!(after.arming(model, after.effective_now(now)), open);
        }
        assert!(after.effective_now(now).duration_since(day.opening) > LAST_ARM_IS_WRITTEN);
    }

    #[test]
    fn only_what_an_answer_calls_armed_is() {
        let (one, other) =
            (ApplicationId::from_random([1; 16]), ApplicationId::from_random([2; 16]));
        let body = json!({ "outcomes": [
            { "application": one, "outcome": "armed" },
            { "application": other, "outcome": "unavailable" },
        ] });
        let answer = json!({ "statusCode": 200, "body": body.to_string() }).to_string();
        let now = Instant::now();
        let done = Done { tag: 0, begun: now, ended: now, answer: Some(answer.into()) };
        assert_eq!(armed_by(&done), [one]);
    }
}
