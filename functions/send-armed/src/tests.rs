//! What sends what is armed, on rows and a clock in memory, stopped wherever it can be stopped.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    sync::Arc,
};

use domain::{
    calendar::RomeTime,
    campaign::{Campaign, CampaignFile, WindowFile},
    ids::{ApplicationId, ModelId},
    receipt::ReceiptCode,
};
use futures::future::join;
use store::{
    applications::armed::{ArmedOutcome, ArmedSubmit},
    armed_sends::{Armed, ArmedWalk},
    campaigns::Version,
    retry::Failure,
};

use super::*;

const NINE: &str = "2026-01-12 09:00";

/// When a test's world stops answering.
#[derive(Clone, Copy, Debug)]
enum Death {
    /// The n-th call does nothing and fails, and all after it.
    Before(u32),
    /// The n-th call does its work, its answer is lost, and all after it fail.
    After(u32),
}

/// An application as far as sending knows it.
#[derive(Clone, Debug, Default)]
struct Head {
    armed: Option<i64>,
    /// Arrival and code.
    sent: Option<(i64, ReceiptCode)>,
    is_corrupt: bool,
}

/// The rows of one campaign with one model.
struct Memory {
    versions: RefCell<Vec<Version>>,
    heads: RefCell<BTreeMap<ApplicationId, Head>>,
    rows: RefCell<BTreeMap<ApplicationId, i64>>,
    runs: RefCell<BTreeMap<i64, ArmedRun>>,
    clock: Cell<Timestamp>,
    death: Cell<Option<Death>>,
    calls: Cell<u32>,
    /// By arrival, when the last one was sent.
    last_sent: RefCell<BTreeMap<i64, Timestamp>>,
    /// Writes that the store throttles before it takes one.
    throttles: Cell<u32>,
    /// The instants of all tries to send.
    tries: RefCell<Vec<Timestamp>>,
    codes: Cell<u8>,
}

fn decree(change: impl FnOnce(&mut CampaignFile)) -> Campaign {
    let demo = include_str!("../../../campaigns/demo.toml");
    let mut file = Campaign::parse(demo).unwrap().into_file();
    file.policies.order = Order::Armed;
    file.models.truncate(1);
    file.models[0].off_quota = None;
    let model = file.models[0].id.clone();
    file.quotas.iter_mut().for_each(|line| line.models.retain(|of| *of == model));
    file.quotas.retain(|line| !line.models.is_empty());
    change(&mut file);
    Campaign::try_from(file).unwrap()
}

/// A version of the decree in which the model opens on 12 January 2026 at this hour, until six.
fn opens(version: u32, hour: &str) -> Campaign {
    decree(|file| {
        file.version = version;
        let from = format!("2026-01-12 {hour}");
        file.models[0].submit = vec![WindowFile::new(from, "2026-01-12 18:00")];
    })
}

fn id(number: u32) -> ApplicationId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    ApplicationId::from_random(bytes)
}

fn rome(text: &str) -> Timestamp {
    text.parse::<RomeTime>().unwrap().instant()
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

impl Memory {
    /// A world in which this decree has been in force since October.
    fn of(campaign: Campaign) -> Self {
        let world = Self {
            versions: RefCell::default(),
            heads: RefCell::default(),
            rows: RefCell::default(),
            runs: RefCell::default(),
            clock: Cell::new(rome("2026-01-11 20:00")),
            death: Cell::default(),
            calls: Cell::default(),
            last_sent: RefCell::default(),
            throttles: Cell::default(),
            tries: RefCell::default(),
            codes: Cell::default(),
        };
        world.publish(campaign, "2025-10-01 09:00");
        world
    }

    /// A version that counts from this instant on.
    fn publish(&self, campaign: Campaign, published: &str) {
        let version = campaign.version();
        let publication = Publication { version, published_at: rome(published), emergency: true };
        let version = Version { publication, campaign: Arc::new(campaign), by: None };
        self.versions.borrow_mut().insert(0, version);
    }

    fn arm(&self, numbers: impl IntoIterator<Item = u32>, at: Timestamp) {
        for number in numbers {
            let armed = millis(at);
            self.heads
                .borrow_mut()
                .insert(id(number), Head { armed: Some(armed), ..Head::default() });
            self.rows.borrow_mut().insert(id(number), armed);
        }
    }

    fn disarm(&self, number: u32) {
        self.heads.borrow_mut().insert(id(number), Head::default());
        self.rows.borrow_mut().remove(&id(number));
    }

    /// One call: whether its work is done, and what it answers. Every call lets others go first.
    async fn call<T>(&self, work: impl FnOnce() -> T) -> Result<T, StoreError> {
        tokio::task::yield_now().await;
        let number = self.calls.replace(self.calls.get() + 1);
        match self.death.get() {
            Some(Death::Before(death)) if number >= death => Err(failed(Failure::Cut)),
            Some(Death::After(death)) if number == death => {
                work();
                Err(failed(Failure::Cut))
            }
            Some(Death::After(death)) if number > death => Err(failed(Failure::Cut)),
            _ => Ok(work()),
        }
    }

    /// A run that begins at this instant.
    async fn run_at(&self, at: Timestamp) -> Sent {
        self.clock.set(at.max(self.clock.get()));
        self.run().await
    }

    async fn run(&self) -> Sent {
        self.calls.set(0);
        send(self, &["demo".parse().unwrap()], self.now()).await
    }

    /// Arrivals of all that is sent.
    fn arrivals(&self) -> BTreeMap<ApplicationId, i64> {
        let heads = self.heads.borrow();
        heads.iter().filter_map(|(id, head)| Some((id.clone(), head.sent.as_ref()?.0))).collect()
    }

    /// Those that are sent arrived all at this instant.
    fn arrived_at(&self, at: &str) -> usize {
        let arrivals = self.arrivals();
        assert!(arrivals.values().all(|arrival| *arrival == millis(rome(at))), "{arrivals:?}");
        arrivals.len()
    }

    fn is_done(&self, at: &str) -> bool {
        let runs = self.runs.borrow();
        runs.get(&millis(rome(at))).is_some_and(|run| run.done.is_some())
    }
}

fn failed(failure: Failure) -> StoreError {
    StoreError::Unavailable { what: "memory", failure, source: "as the test wants".into() }
}

impl Ground for Memory {
    fn now(&self) -> Timestamp {
        self.clock.get()
    }

    async fn pause(&self, time: SignedDuration) {
        tokio::task::yield_now().await;
        self.clock.set(self.clock.get() + time);
    }

    fn code(&self) -> Result<ReceiptCode, StoreError> {
        let number = self.codes.replace(self.codes.get().wrapping_add(1));
        Ok(ReceiptCode::from_random([number; 10]))
    }

    async fn versions(&self, _: &CampaignId) -> Result<Vec<Version>, StoreError> {
        self.call(|| self.versions.borrow().clone()).await
    }

    async fn runs(&self, _: &CampaignId, _: &ModelId) -> Result<Vec<ArmedRun>, StoreError> {
        self.call(|| self.runs.borrow().values().cloned().collect()).await
    }

    async fn begin(&self, _: &CampaignId, _: &ModelId, run: ArmedRun) -> Result<(), StoreError> {
        self.call(|| {
            self.runs.borrow_mut().entry(run.from).or_insert(ArmedRun { n: 1, ..run });
        })
        .await
    }

    async fn move_on(
        &self,
        _: &CampaignId,
        _: &ModelId,
        after: ArmedRun,
    ) -> Result<Option<ArmedRun>, StoreError> {
        self.call(|| {
            let mut runs = self.runs.borrow_mut();
            let run = runs.get_mut(&after.from).unwrap();
            if run.n != after.n {
                return None;
            }
            assert!(run.done.is_none() || after.done == run.done, "a run that is done stays so");
            if run.done.is_none() && after.done.is_some() {
                let last = self.last_sent.borrow().get(&after.opening).copied();
                assert!(
                    last.is_none_or(|last| last + seconds(60) <= self.now()),
                    "an index follows"
                );
                let rows = self.rows.borrow();
                let mut left = rows.iter().filter(|(_, since)| **since < after.opening);
                assert!(left.all(|(id, _)| after.refused.contains(id)), "something is left");
            }
            *run = ArmedRun { n: after.n + 1, ..after };
            Some(run.clone())
        })
        .await
    }

    async fn page(
        &self,
        _: &CampaignId,
        _: &ModelId,
        walk: &ArmedWalk,
        limit: i32,
    ) -> Result<(Vec<Armed>, ArmedWalk), StoreError> {
        self.call(|| {
            // As many as eight partitions give, from one that holds all.
            let limit = usize::try_from(limit).unwrap() * 8;
            let after = walk.after.first().cloned().flatten();
            let rows = self.rows.borrow();
            let page: Vec<Armed> = rows
                .iter()
                .filter(|(id, _)| after.as_ref().is_none_or(|after| *id > after))
                .take(limit)
                .map(|(id, since)| Armed { application: id.clone(), since: *since })
                .collect();
            let last = page.last().filter(|_| page.len() == limit);
            let after = vec![last.map(|last| last.application.clone())];
            (page, ArmedWalk { after })
        })
        .await
    }

    async fn find(
        &self,
        _: &CampaignId,
        _: &ModelId,
        application: &ApplicationId,
    ) -> Result<Option<Armed>, StoreError> {
        self.call(|| {
            let since = self.rows.borrow().get(application).copied()?;
            Some(Armed { application: application.clone(), since })
        })
        .await
    }

    async fn submit(&self, submit: &ArmedSubmit<'_>) -> Result<ArmedOutcome, StoreError> {
        self.tries.borrow_mut().push(self.now());
        if self.throttles.get() > 0 {
            self.throttles.set(self.throttles.get() - 1);
            return Err(failed(Failure::Throttled));
        }
        self.call(|| {
            let mut heads = self.heads.borrow_mut();
            let head = heads.get_mut(submit.application).unwrap();
            if head.is_corrupt {
                return Err(failed(Failure::Refused));
            }
            if head.sent.is_some() {
                return Ok(ArmedOutcome::SentBefore);
            }
            if head.armed != Some(submit.armed) {
                let row = self.rows.borrow().get(submit.application).copied();
                let is_orphan = row == Some(submit.armed);
                return if is_orphan {
                    Err(failed(Failure::Refused))
                } else {
                    Ok(ArmedOutcome::NotArmed)
                };
            }
            head.sent = Some((millis(submit.arrival), submit.code.clone()));
            self.last_sent.borrow_mut().insert(millis(submit.arrival), self.now());
            Ok(ArmedOutcome::Sent)
        })
        .await?
    }

    async fn take_out(
        &self,
        _: &CampaignId,
        _: &ModelId,
        sent: &[ApplicationId],
    ) -> Result<(), StoreError> {
        self.call(|| {
            for id in sent {
                assert!(self.heads.borrow()[id].sent.is_some(), "only what is sent goes");
                self.rows.borrow_mut().remove(id);
            }
        })
        .await
    }
}

/// NEW-1: a clock that is half a minute ahead sends half a minute after the opening at the earliest, not before it.
#[tokio::test]
async fn nothing_goes_in_the_first_minute_after_an_opening() {
    let world = Memory::of(opens(1, "09:00"));
    world.arm(0..20, rome("2026-01-11 20:00"));
    for early in [seconds(-60), seconds(0), seconds(59)] {
        assert_eq!(world.run_at(rome(NINE) + early).await.sent, 0);
    }
    assert!(world.tries.borrow().is_empty() && world.runs.borrow().is_empty());
    // Anna's disarm arrived a millisecond before the opening and was written 29 s after it.
    world.disarm(0);
    assert_eq!(world.run_at(rome(NINE) + seconds(60)).await.sent, 19);
    assert_eq!(world.arrived_at(NINE), 19);
    assert!(world.rows.borrow().is_empty());
}

/// NEW-1: wherever a run dies, and whether or not its last call took effect, the next ones send each once.
#[tokio::test]
async fn each_is_sent_once_wherever_a_run_dies() {
    let mut deaths = 0;
    for number in 0.. {
        let mut has_died = false;
        for death in [Death::Before(number), Death::After(number)] {
            let world = Memory::of(opens(1, "09:00"));
            world.arm(0..20, rome("2026-01-11 20:00"));
            world.death.set(Some(death));
            world.run_at(rome(NINE) + seconds(60)).await;
            has_died |= world.calls.get() > number;
            let first = world.heads.borrow().clone();
            world.death.set(None);
            world.run_at(rome(NINE) + seconds(120)).await;
            assert_eq!(world.arrived_at(NINE), 20, "{death:?}");
            for (id, head) in &first {
                let now = world.heads.borrow()[id].sent.clone();
                assert!(head.sent.is_none() || head.sent == now, "the first code stands");
            }
            world.run_at(rome(NINE) + seconds(200)).await;
            world.run_at(rome(NINE) + seconds(300)).await;
            assert!(world.rows.borrow().is_empty() && world.is_done(NINE), "{death:?}");
        }
        if !has_died {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 20, "{deaths}");
}

#[tokio::test]
async fn two_runs_at_once_send_each_once() {
    let world = Memory::of(opens(1, "09:00"));
    world.arm(0..2_000, rome("2026-01-11 20:00"));
    world.clock.set(rome(NINE) + seconds(60));
    let (one, other) = join(world.run(), world.run()).await;
    assert_eq!(one.sent + other.sent, 2_000);
    assert_eq!(world.arrived_at(NINE), 2_000);
    assert!(world.rows.borrow().is_empty());
}

/// 500 a second for forty seconds, and the next run goes on.
#[tokio::test]
async fn a_run_sends_twenty_thousand() {
    let world = Memory::of(opens(1, "09:00"));
    world.arm(0..25_000, rome("2026-01-11 20:00"));
    let sent = world.run_at(rome(NINE) + seconds(60)).await.sent;
    assert!((19_500..=20_500).contains(&sent), "{sent}");
    let sent = world.run_at(rome(NINE) + seconds(120)).await.sent + sent;
    assert_eq!((sent, world.arrived_at(NINE)), (25_000, 25_000));
    assert!(world.now() < rome(NINE) + seconds(135));
}

/// NEW-1: presses and history want units, too.
#[tokio::test]
async fn a_throttled_store_is_asked_more_slowly() {
    let world = Memory::of(opens(1, "09:00"));
    world.arm(0..5_000, rome("2026-01-11 20:00"));
    world.throttles.set(900);
    let begun = rome(NINE) + seconds(60);
    world.run_at(begun).await;
    let tries = world.tries.borrow().clone();
    let in_second = |number: i64| {
        let (from, until) = (begun + seconds(number), begun + seconds(number + 1));
        tries.iter().filter(|at| (from..until).contains(*at)).count()
    };
    let by_second: Vec<_> = (0..12).map(in_second).collect();
    assert!(by_second[1] <= 300 && by_second[2] <= 200, "{by_second:?}");
    assert!(by_second[10] > by_second[4], "calm seconds give it back: {by_second:?}");
    assert_eq!(world.arrived_at(NINE), 5_000, "each in the end");
}

/// NEW-1: a corrupt head holds nobody back; mended days later it is sent, with the opening as its arrival.
#[tokio::test]
async fn a_corrupt_head_holds_nobody_back() {
    let world = Memory::of(opens(1, "09:00"));
    world.arm(0..20, rome("2026-01-11 20:00"));
    world.heads.borrow_mut().get_mut(&id(7)).unwrap().is_corrupt = true;
    let first = world.run_at(rome(NINE) + seconds(60)).await;
    assert_eq!((first.sent, first.refused), (19, 1));
    let later = world.run_at(rome(NINE) + seconds(180)).await;
    assert_eq!(
        (later.sent, later.refused, later.done),
        (0, 1, 1),
        "tried again, waited for by nobody"
    );
    assert_eq!(later.behind_seconds, 0);
    world.heads.borrow_mut().get_mut(&id(7)).unwrap().is_corrupt = false;
    let mended = world.run_at(rome("2026-01-14 10:00")).await;
    assert_eq!((mended.sent, mended.refused), (1, 0));
    assert_eq!(world.arrived_at(NINE), 20);
    let names = world.runs.borrow().values().any(|run| !run.refused.is_empty());
    assert!(!names && world.rows.borrow().is_empty() && world.is_done(NINE));
}

/// A row that somebody's mending left behind without its state holds nobody back either, and goes unsent.
#[tokio::test]
async fn a_row_without_its_state_holds_nobody_back() {
    let world = Memory::of(opens(1, "09:00"));
    world.arm(0..20, rome("2026-01-11 20:00"));
    world.heads.borrow_mut().insert(id(7), Head::default());
    for minute in 1..=4 {
        let sent = world.run_at(rome(NINE) + seconds(60 * minute)).await;
        assert_eq!(sent.refused, 1);
    }
    assert_eq!(world.arrived_at(NINE), 19);
    assert!(world.is_done(NINE));
    world.rows.borrow_mut().remove(&id(7));
    assert_eq!(world.run_at(rome(NINE) + seconds(600)).await.refused, 0);
    assert!(world.runs.borrow().values().all(|run| run.refused.is_empty()));
}

/// Whoever disarms while a page is under way is not sent, and costs nobody a try.
#[tokio::test]
async fn who_disarms_while_a_page_is_under_way_is_not_sent() {
    let world = Memory::of(opens(1, "09:00"));
    world.arm(0..200, rome("2026-01-11 20:00"));
    world.clock.set(rome(NINE) + seconds(60));
    let disarms = async {
        while world.tries.borrow().len() < 20 {
            tokio::task::yield_now().await;
        }
        world.disarm(199);
    };
    let (sent, ()) = join(world.run(), disarms).await;
    assert_eq!((sent.sent, sent.refused), (199, 0));
    assert_eq!(world.arrived_at(NINE), 199);
}

/// NEW-1: the first run dies after some sends; a version puts the opening to eleven; all that were armed for nine arrive at
/// nine, and who arms under the new version at eleven.
#[tokio::test]
async fn a_later_opening_published_after_the_first_send_parts_no_two_equals() {
    let world = Memory::of(opens(1, "09:00"));
    world.arm(0..20, rome("2026-01-11 20:00"));
    world.death.set(Some(Death::Before(12)));
    let first = world.run_at(rome(NINE) + seconds(60)).await.sent;
    assert!((1..20).contains(&first), "{first}");
    world.death.set(None);
    world.publish(opens(2, "11:00"), "2026-01-12 09:02");
    world.arm(20..25, rome("2026-01-12 09:30"));
    world.run_at(rome("2026-01-12 09:31")).await;
    world.run_at(rome("2026-01-12 09:35")).await;
    assert_eq!(world.arrived_at(NINE), 20);
    assert_eq!(world.rows.borrow().len(), 5, "they wait for eleven");
    assert!(world.is_done(NINE));
    assert_eq!(world.run_at(rome("2026-01-12 11:01")).await.sent, 5);
    let at_eleven =
        world.arrivals().into_values().filter(|at| *at == millis(rome("2026-01-12 11:00")));
    assert_eq!(at_eleven.count(), 5);
}

/// NEW-1: the portal was down at nine, or the version came before: all go at eleven.
#[tokio::test]
async fn a_later_opening_published_before_the_first_send_moves_all() {
    let world = Memory::of(opens(1, "09:00"));
    world.arm(0..20, rome("2026-01-11 20:00"));
    world.publish(opens(2, "11:00"), "2026-01-12 09:20");
    assert_eq!(world.run_at(rome("2026-01-12 09:25")).await.sent, 0);
    assert_eq!(world.run_at(rome("2026-01-12 11:02")).await.sent, 20);
    assert_eq!(world.arrived_at("2026-01-12 11:00"), 20);
}

/// NEW-1: a version that has no opening lets all wait; nothing of it is an error.
#[tokio::test]
async fn without_an_opening_all_stays_armed() {
    let world = Memory::of(decree(|file| {
        file.models[0].submit = vec![WindowFile::new("2027-01-12 09:00", "2027-01-13 09:00")];
    }));
    world.arm(0..5, rome("2026-01-11 20:00"));
    let sent = world.run_at(rome("2026-01-12 09:05")).await;
    assert_eq!((sent.sent, sent.behind_seconds, sent.failed), (0, 0, 0));
    assert_eq!(world.rows.borrow().len(), 5);
}

/// NEW-1: of two windows of a day each opening takes what was armed for it.
#[tokio::test]
async fn the_run_of_an_opening_takes_nothing_that_was_armed_for_the_next_one() {
    let world = Memory::of(decree(|file| {
        file.models[0].submit = vec![
            WindowFile::new("2026-01-12 09:00", "2026-01-12 09:01"),
            WindowFile::new("2026-01-12 15:00", "2026-01-12 18:00"),
        ];
    }));
    world.arm(0..10, rome("2026-01-11 20:00"));
    // Let in by a copy of the version before: it arrives when it was armed.
    world.arm(10..11, rome("2026-01-12 09:00:20"));
    world.arm(11..20, rome("2026-01-12 09:01"));
    assert_eq!(world.run_at(rome("2026-01-12 09:02")).await.sent, 11);
    assert_eq!(world.arrivals()[&id(10)], millis(rome("2026-01-12 09:00:20")));
    assert_eq!(world.run_at(rome("2026-01-12 15:01")).await.sent, 9);
    assert_eq!(world.arrivals()[&id(19)], millis(rome("2026-01-12 15:00")));
}

/// NEW-1: an emergency of 9:07 that puts the opening to nine lets nobody arrive before it counted.
#[tokio::test]
async fn nobody_arrives_before_anybody_could_press() {
    let world = Memory::of(opens(1, "11:00"));
    world.arm(0..5, rome("2026-01-11 20:00"));
    world.publish(opens(2, "09:00"), "2026-01-12 09:07");
    assert_eq!(world.run_at(rome("2026-01-12 09:07:59")).await.sent, 0);
    assert_eq!(world.run_at(rome("2026-01-12 09:08")).await.sent, 5);
    assert_eq!(world.arrived_at("2026-01-12 09:07"), 5);
}

/// Tests and staging move clocks: over the opening and back, each is sent once.
#[tokio::test]
async fn a_clock_that_jumps_over_the_opening_and_back_sends_each_once() {
    let moved = |version, hours: i64| {
        decree(|file| {
            file.version = version;
            file.clock_offset_ms = hours * 3_600_000;
            file.models[0].submit = vec![WindowFile::new(NINE, "2026-01-12 18:00")];
        })
    };
    let world = Memory::of(moved(1, 0));
    world.arm(0..20, rome("2026-01-11 20:00"));
    world.publish(moved(2, 2), "2026-01-12 07:30");
    world.death.set(Some(Death::Before(12)));
    let first = world.run_at(rome("2026-01-12 07:31")).await.sent;
    assert!((1..20).contains(&first), "{first}");
    world.death.set(None);
    world.publish(moved(3, 0), "2026-01-12 07:32");
    assert_eq!(
        world.run_at(rome("2026-01-12 07:33")).await.sent,
        0,
        "nothing goes before the opening"
    );
    assert_eq!(world.run_at(rome("2026-01-12 09:01")).await.sent, 20 - first);
    assert_eq!(world.arrived_at(NINE), 20);
}

/// CAL-4: a model that goes off quota opens, too.
#[tokio::test]
async fn a_model_that_is_off_quota_opens_too() {
    let world = Memory::of(decree(|file| {
        file.quotas.clear();
        file.models[0].submit = Vec::new();
        file.models[0].off_quota = Some(WindowFile::new(NINE, "2026-12-31 18:00"));
    }));
    world.arm(0..5, rome("2026-01-11 20:00"));
    assert_eq!(world.run_at(rome(NINE) + seconds(61)).await.sent, 5);
    assert_eq!(world.arrived_at(NINE), 5);
}

/// NEW-1: positions wait for it: 120 s after the opening, when the last arm is written, and a minute after the last send.
#[tokio::test]
async fn an_opening_is_done_once_nothing_can_come_any_more() {
    let world = Memory::of(opens(1, "09:00"));
    world.run_at(rome(NINE) + seconds(60)).await;
    assert!(!world.is_done(NINE), "an arm may be on its way");
    world.arm(0..3, rome("2026-01-12 08:59:59"));
    assert_eq!(world.run_at(rome(NINE) + seconds(120)).await.sent, 3);
    assert!(!world.is_done(NINE), "an index follows");
    world.run_at(rome(NINE) + seconds(180)).await;
    assert!(!world.is_done(NINE), "five seconds of the page, and a minute");
    let last = world.run_at(rome(NINE) + seconds(240)).await;
    assert!(world.is_done(NINE) && last.done == 1);
    assert_eq!(last.behind_seconds, 0);
    let calls = world.calls.get();
    world.run_at(rome(NINE) + seconds(300)).await;
    assert!(
        world.calls.get() <= calls && world.calls.get() == 2,
        "versions and runs are read, no more"
    );
}

/// A chronological campaign costs one read.
#[tokio::test]
async fn a_campaign_without_armed_sends_is_left_alone() {
    let world = Memory::of(decree(|file| file.policies.order = Order::Chronological));
    world.arm(0..3, rome("2026-01-11 20:00"));
    let sent = world.run_at(rome("2026-01-12 09:05")).await;
    assert_eq!((sent.sent, world.calls.get()), (0, 1));
    assert!(world.runs.borrow().is_empty());
}
