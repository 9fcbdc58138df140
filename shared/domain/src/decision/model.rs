//! A model of all parties of a request to confirm, checked exhaustively (CNF-1, CNF-2, CNF-4, COM-2, SWP-1).
//!
//! The employer presses *Conferma*, *Rinuncia* and *Annulla rinuncia*; the sweeper lets terms take effect; the PEC is sent,
//! fails and is sent again; an outage is recorded; an officer reopens. A request arrives at one instant, is read and judged
//! later, and written later still, and so is the sweeper's work: each write holds only while the version is the one that was
//! read, else it is read and judged anew, by the same arrival. All that happens to the case are the steps of the domain.
//!
//! Time stands still between two instants at which anything could turn out otherwise: the last millisecond of a term, its
//! end, the last millisecond of its grace and the end of that, and the same for what is under way.

use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::SignedDuration;
use stateright::{Checker, Model, Property};

use super::tests::{Moves as _, application, demo, judged, rome};
use super::*;
use crate::term::Outage;

const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

/// What the employer can press.
const BUTTONS: [Event; 3] = [Event::Confirm, Event::Renounce, Event::UndoRenunciation];

/// What was read for a write to come.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Reading {
    /// Of the head.
    version: u64,
    /// Whether the outage stood in the ledger.
    knew_outage: bool,
    /// When.
    at: Timestamp,
}

/// A request that has arrived and is not answered.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Request {
    button: Event,
    arrival: Timestamp,
    reading: Option<Reading>,
}

/// Where the PEC is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Pec {
    Waiting,
    Sent,
    Delivered,
    Failed,
}

/// What must never come true.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Flaw {
    Beaten,
    Late,
    Both,
    ToldTwice,
    ToldEarly,
    VoidExpired,
    UntoldRevoked,
}

/// Everything at one moment.
#[derive(Clone, Debug)]
struct World {
    now: Timestamp,
    head: Application,
    requests: Vec<Request>,
    presses: u8,
    sweeper: Option<Reading>,
    pec: Pec,
    failures: u8,
    reopenings: u8,
    is_outage_recorded: bool,
    /// Which end the sweeper has written last, and when that term was over as far as it knew.
    ended: Option<(Event, Timestamp)>,
    /// Whether an answer, and whether the expiry, took effect since the case was last opened.
    confirmed: bool,
    expired: bool,
    /// What the consulate was told last.
    told: Option<ConsularDecision>,
    flaws: BTreeSet<Flaw>,
}

impl World {
    fn case(&self) -> &Procedure {
        self.head.procedure().unwrap()
    }

    fn note(&mut self, flaw: Flaw, holds: bool) {
        if holds {
            self.flaws.insert(flaw);
        }
    }

    /// All that tells one moment from another. Versions only tell whether what was read still holds.
    fn key(&self) -> impl Hash + Eq + use<> {
        let fresh = |reading: Option<Reading>| {
            reading.map(|one| (one.version == self.head.version, one.knew_outage, one.at))
        };
        let case = self.case();
        let terms: Vec<_> =
            case.terms().map(|term| (term.kind(), term.start(), term.end())).collect();
        let requests: Vec<_> = self
            .requests
            .iter()
            // When a request was read decides nothing: its arrival does.
            .map(|one| {
                (one.button, one.arrival, fresh(one.reading).map(|reading| (reading.0, reading.1)))
            })
            .collect();
        // An end that has been written matters only to answers that arrived before it.
        let in_time = |end| self.requests.iter().any(|request| request.arrival < end);
        let ended = self.ended.filter(|(_, end)| in_time(*end));
        (
            (self.now, self.head.state(), terms, case.due(), case.reminded()),
            (requests, self.presses, fresh(self.sweeper)),
            (self.pec, self.failures, self.reopenings, self.is_outage_recorded),
            (ended, self.confirmed, self.expired, self.told, self.flaws.clone()),
        )
    }
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// What can happen next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Act {
    TimePasses,
    Press(Event),
    Judge(usize),
    Write(usize),
    SweeperReads,
    SweeperWrites,
    PecIsSent,
    PecFails,
    ReceiptIsRead,
    OutageIsRecorded,
    OfficerReopens,
}

/// How often something happened that must be possible, over all paths.
#[derive(Debug, Default)]
struct Seen {
    conflicts: AtomicU64,
    undone: AtomicU64,
    late: AtomicU64,
    overtaken: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// How often things can happen on one path: each bound keeps the number of states within what a test can bear.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// How often the employer presses a button, from any number of browsers.
    presses: u8,
    /// How often the PEC fails.
    failures: u8,
    /// How often an officer reopens the case.
    reopenings: u8,
    /// Whether the provider's receipts are read.
    receipts: bool,
}

/// The campaign and the outage, which are the same on all paths.
struct Confirmation {
    campaign: Campaign,
    outages: Vec<Outage>,
    bounds: Bounds,
    seen: Arc<Seen>,
}

impl Confirmation {
    fn new(bounds: Bounds, seen: Arc<Seen>) -> Self {
        // The real rules; reminders decide nothing, and would be so many instants more.
        let mut file = demo().into_file();
        file.policies.reminder_days_left = Vec::new();
        let campaign = Campaign::try_from(file).unwrap();
        // Over the end of the first term, which it moves to the end of the day after.
        let outages =
            vec![Outage::new(rome("2026-05-19 20:00"), rome("2026-05-20 02:00")).unwrap()];
        Self { campaign, outages, bounds, seen }
    }

    fn grace(&self) -> SignedDuration {
        self.campaign.policies().grace()
    }

    fn step(&self, now: Timestamp, knew_outage: bool) -> Context<'_> {
        let outages = if knew_outage { self.outages.as_slice() } else { &[] };
        Context { outages, ..judged(&self.campaign, now) }
    }

    /// The end of a term of the case as it stands, computed apart from the step that is tested.
    fn end(&self, world: &World, kind: TermKind, knew_outage: bool) -> Option<Timestamp> {
        let outages = self.step(world.now, knew_outage).outages;
        let end = |kind| {
            let term = world.case().term(kind)?;
            Some(self.campaign.extended(term, outages).unwrap().end())
        };
        let own = end(kind)?;
        // No renunciation is undone when the term to confirm is over (CNF-1).
        let limit = end(TermKind::Confirmation).filter(|_| kind == TermKind::RenounceUndo);
        Some(limit.map_or(own, |limit| own.min(limit)))
    }

    /// The next instant at which anything could turn out otherwise.
    fn next_instant(&self, world: &World) -> Option<Timestamp> {
        let mut instants: Vec<_> = self.outages.iter().map(Outage::until).collect();
        for kind in [TermKind::Confirmation, TermKind::RenounceUndo, TermKind::Verification] {
            for knew_outage in [false, world.is_outage_recorded] {
                if let Some(end) = self.end(world, kind, knew_outage) {
                    let writable = end + self.grace();
                    instants.extend([end - ONE_MS, end, writable - ONE_MS, writable]);
                }
            }
        }
        // Nothing is under way for longer than the grace: the functions give up long before.
        let under_way = world.requests.iter().map(|request| request.arrival);
        let under_way = under_way.chain(world.sweeper.map(|reading| reading.at)).min();
        let given_up = under_way.map(|since| since + self.grace());
        let over = matches!(world.head.state(), State::Archived | State::Revoked | State::Refused);
        instants.extend(world.case().due().filter(|_| !over));
        let next = instants.into_iter().filter(|instant| *instant > world.now).min();
        next.filter(|instant| given_up.is_none_or(|given_up| *instant <= given_up))
    }

    /// An answer is read and judged: what does not count is answered at once, what counts is written later.
    fn judge(&self, world: &mut World, index: usize) {
        let request = world.requests[index];
        let step = self.step(request.arrival, world.is_outage_recorded);
        match world.head.step(request.button, Who::System, &step) {
            Ok(_) => {
                world.requests[index].reading = Some(Reading {
                    version: world.head.version,
                    knew_outage: world.is_outage_recorded,
                    at: world.now,
                });
            }
            Err(error) => {
                match error {
                    StepError::Late(_) => count(&self.seen.late),
                    StepError::Overtaken(_) => count(&self.seen.overtaken),
                    _ => {}
                }
                let against = match request.button {
                    Event::UndoRenunciation => Event::CompleteRenunciation,
                    _ => Event::Expire,
                };
                let beat = |(event, end)| event == against && request.arrival < end;
                world.note(Flaw::Beaten, world.ended.is_some_and(beat));
                world.requests.remove(index);
            }
        }
    }

    /// The conditional write of an answer.
    fn write(&self, world: &mut World, index: usize) {
        let request = world.requests[index];
        let Some(reading) = request.reading else { return };
        if reading.version != world.head.version {
            count(&self.seen.conflicts);
            world.requests[index].reading = None;
            return;
        }
        let bound = match request.button {
            Event::UndoRenunciation => TermKind::RenounceUndo,
            _ => TermKind::Confirmation,
        };
        let end = self.end(world, bound, reading.knew_outage);
        world.note(Flaw::Late, end.is_some_and(|end| request.arrival >= end));
        let step = self.step(request.arrival, reading.knew_outage);
        let decision = world.head.step(request.button, Who::System, &step).unwrap();
        world.requests.remove(index);
        self.takes_effect(world, &decision, request.arrival, reading.knew_outage);
    }

    /// The conditional write of the sweeper.
    fn sweep(&self, world: &mut World) {
        let Some(reading) = world.sweeper.take() else { return };
        if reading.version != world.head.version {
            count(&self.seen.conflicts);
            return;
        }
        let swept = world.head.sweep(&self.step(reading.at, reading.knew_outage)).unwrap();
        let Some(decision) = swept else { return };
        match decision.cause() {
            Cause::Agreement(event) => panic!("the sweeper moves no agreement: {event}"),
            Cause::Act(_) => world.head = decision.into_after(),
            Cause::Event(event) => {
                let kind = match event {
                    Event::Expire => Some(TermKind::Confirmation),
                    Event::CompleteRenunciation => Some(TermKind::RenounceUndo),
                    _ => None,
                };
                let end = kind.and_then(|kind| self.end(world, kind, reading.knew_outage));
                world.note(Flaw::VoidExpired, event == Event::Expire && world.pec == Pec::Failed);
                world.note(
                    Flaw::UntoldRevoked,
                    event == Event::ConfirmExpiry && world.pec != Pec::Delivered,
                );
                if let Some(end) = end {
                    world.ended = Some((event, end));
                }
                self.takes_effect(world, &decision, reading.at, reading.knew_outage);
            }
        }
    }

    /// An event is written: the consulate is told, and what may not both be is looked at.
    fn takes_effect(
        &self,
        world: &mut World,
        decision: &Decision,
        now: Timestamp,
        knew_outage: bool,
    ) {
        let (event, after) = (decision.occurrence().event, decision.after());
        let undo = self.end(world, TermKind::RenounceUndo, knew_outage);
        if event == Some(Event::UndoRenunciation) {
            count(&self.seen.undone);
        }
        world.confirmed |= event == Some(Event::Confirm);
        world.expired |= event == Some(Event::Expire);
        world.note(Flaw::Both, world.confirmed && world.expired);
        if let Some(told) = decision.consulate() {
            let undoable = undo.is_some_and(|end| now < end) || after.state() == State::Renouncing;
            world.note(Flaw::ToldEarly, undoable);
            world.note(
                Flaw::ToldTwice,
                told != ConsularDecision::Reopened
                    && !matches!(world.told, None | Some(ConsularDecision::Reopened)),
            );
            world.told = Some(told);
        }
        world.head = after.clone();
    }
}

impl Model for Confirmation {
    type State = World;
    type Action = Act;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            now: rome("2026-05-04 09:00"),
            head: application(State::AwaitingConfirmation),
            requests: Vec::new(),
            presses: self.bounds.presses,
            sweeper: None,
            pec: Pec::Waiting,
            failures: self.bounds.failures,
            reopenings: self.bounds.reopenings,
            is_outage_recorded: false,
            ended: None,
            confirmed: false,
            expired: false,
            told: None,
            flaws: BTreeSet::new(),
        }]
    }

    fn actions(&self, world: &World, acts: &mut Vec<Act>) {
        let is_settled = matches!(world.head.state(), State::Confirmed | State::Archived);
        if is_settled && world.requests.is_empty() && world.sweeper.is_none() {
            return;
        }
        acts.push(Act::TimePasses);
        if world.presses > 0 {
            acts.extend(BUTTONS.map(Act::Press));
        }
        for (index, request) in world.requests.iter().enumerate() {
            acts.push(if request.reading.is_some() {
                Act::Write(index)
            } else {
                Act::Judge(index)
            });
        }
        acts.push(if world.sweeper.is_some() { Act::SweeperWrites } else { Act::SweeperReads });
        match world.pec {
            Pec::Sent if world.failures > 0 => acts.push(Act::PecFails),
            Pec::Waiting | Pec::Failed => acts.push(Act::PecIsSent),
            Pec::Sent | Pec::Delivered => {}
        }
        if world.pec == Pec::Sent && self.bounds.receipts {
            acts.push(Act::ReceiptIsRead);
        }
        if !world.is_outage_recorded {
            acts.push(Act::OutageIsRecorded);
        }
        if world.reopenings > 0 {
            acts.push(Act::OfficerReopens);
        }
    }

    fn next_state(&self, before: &World, act: Act) -> Option<World> {
        let mut world = before.clone();
        let step = self.step(world.now, world.is_outage_recorded);
        match act {
            Act::TimePasses => world.now = self.next_instant(before)?,
            Act::Press(button) => {
                world.presses -= 1;
                world.requests.push(Request { button, arrival: world.now, reading: None });
            }
            Act::Judge(index) => self.judge(&mut world, index),
            Act::Write(index) => self.write(&mut world, index),
            Act::SweeperReads => {
                before.head.sweep(&step).unwrap()?;
                let (version, knew_outage) = (world.head.version, world.is_outage_recorded);
                world.sweeper = Some(Reading { version, knew_outage, at: world.now });
            }
            Act::SweeperWrites => self.sweep(&mut world),
            Act::PecIsSent => {
                let begun = before.head.begun(TermKind::Confirmation, world.now, &step).unwrap();
                world.pec = Pec::Sent;
                world.head = begun.unwrap_or(world.head);
            }
            Act::PecFails => {
                world.failures -= 1;
                world.pec = Pec::Failed;
                let void = before.head.voided(TermKind::Confirmation, &step);
                world.head = void.unwrap_or(world.head);
            }
            Act::ReceiptIsRead => {
                let told = before.head.delivered(TermKind::Confirmation, None, &step).unwrap();
                world.pec = Pec::Delivered;
                world.head = told.map_or(world.head, Decision::into_after);
            }
            Act::OutageIsRecorded => {
                if self.outages.iter().any(|outage| world.now < outage.until()) {
                    return None;
                }
                world.is_outage_recorded = true;
            }
            Act::OfficerReopens => {
                let decision = before.head.step(Event::ReopenCase, Who::System, &step).ok()?;
                world.reopenings -= 1;
                world.pec = Pec::Waiting;
                (world.confirmed, world.expired, world.ended) = (false, false, None);
                self.takes_effect(&mut world, &decision, step.now, false);
            }
        }
        // Which of two equal browsers is which does not matter.
        world.requests.sort_unstable();
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            always(
                "an answer that arrived within its term and is judged within the grace is not beaten by the end",
                |_, world| !world.flaws.contains(&Flaw::Beaten),
            ),
            always(
                "an answer that arrived at the end of its term or later never takes effect",
                |_, world| !world.flaws.contains(&Flaw::Late),
            ),
            always("confirmation and expiry never both take effect", |_, world| {
                !world.flaws.contains(&Flaw::Both)
            }),
            always(
                "the consulate is told one final decision until the case is reopened",
                |_, world| !world.flaws.contains(&Flaw::ToldTwice),
            ),
            always(
                "the consulate is told nothing while a renunciation can be undone",
                |_, world| !world.flaws.contains(&Flaw::ToldEarly),
            ),
            always("a void term never expires", |_, world| {
                !world.flaws.contains(&Flaw::VoidExpired)
            }),
            always(
                "no permit is revoked by itself unless a receipt says that the PEC was delivered",
                |_, world| !world.flaws.contains(&Flaw::UntoldRevoked),
            ),
            sometimes("a case is confirmed", |_, world| world.head.state() == State::Confirmed),
            sometimes("a case expires", |_, world| world.head.state() == State::ExpiredToVerify),
            sometimes("a renunciation becomes final and is put away", |_, world| {
                world.head.state() == State::Archived
                    && world.told == Some(ConsularDecision::Renounced)
            }),
            sometimes("an answer counts that only the outage let in", |model, world| {
                world.head.state() == State::Confirmed
                    && world.reopenings == model.bounds.reopenings
                    && world.head.changed >= model.outages[0].until()
            }),
        ];
        if self.bounds.receipts {
            properties.push(sometimes("a permit is revoked by itself", |_, world| {
                world.head.state() == State::Revoked
            }));
        }
        if self.bounds.reopenings > 0 {
            properties.push(sometimes("a reopened case is confirmed", |_, world| {
                world.head.state() == State::Confirmed && world.reopenings == 0
            }));
        }
        properties
    }
}

/// What is told of a world, in this form since the checker wants a function.
type Told = fn(&Confirmation, &World) -> bool;

fn always(name: &'static str, told: Told) -> Property<Confirmation> {
    Property::always(name, told)
}

fn sometimes(name: &'static str, told: Told) -> Property<Confirmation> {
    Property::sometimes(name, told)
}

fn check(bounds: Bounds) {
    let seen = Arc::new(Seen::default());
    let checker = Confirmation::new(bounds, seen.clone()).checker().threads(2).spawn_bfs().join();
    println!(
        "{bounds:?}: {} unique states of {} reached, depth {}; {seen:?}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth(),
    );
    checker.assert_properties();
    for counter in [&seen.conflicts, &seen.undone, &seen.late, &seen.overtaken] {
        assert!(counter.load(Ordering::Relaxed) > 0, "the model does not reach what it is about");
    }
}

/// Issue 4: every interleaving of three presses, sweeper and outage, with arrival, judgement and write as separate steps.
#[test]
fn no_interleaving_lets_an_end_beat_an_answer_in_time_or_an_answer_beat_the_end() {
    check(Bounds { presses: 3, failures: 0, reopenings: 0, receipts: false });
}

/// The same with a PEC that fails and is sent again, and an officer who reopens the case.
#[test]
fn no_interleaving_lets_a_void_term_expire_or_tells_the_consulate_two_things() {
    check(Bounds { presses: 2, failures: 1, reopenings: 1, receipts: false });
}

/// The same where receipts are read, at any moment or never: no permit is revoked by the silence of a provider.
#[test]
fn no_interleaving_revokes_a_permit_without_the_receipt_of_its_pec() {
    check(Bounds { presses: 2, failures: 1, reopenings: 0, receipts: true });
}
