//! The run itself: people press, gateway, Lambda and store take or refuse, clients come again, until all is settled.
//!
//! A request is planned to arrive; it is refused there, or takes an environment and writes its applications in waves of
//! sixteen as `submit-application` does; its answer plans what the client does next. Beside it record-history works off
//! what was accepted, and the portal sends what is armed (`armed`), from the same store.

mod armed;

use std::collections::VecDeque;

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp, LogNormal};
use rand_xoshiro::SplitMix64;

use crate::{
    arena::Arena,
    figures::Figures,
    micros::Micros,
    outcome::{Cause, Fate, Outcome, Sent},
    population::Population,
    queue::Queue,
    resource::{
        environments::{self, Admission, Environments},
        partitions::hashed,
        token_bucket::TokenBucket,
    },
    scenario::{Kind, Limits, Load, Policy, Retry, Route, Throttle},
    store::Store,
};

/// Most applications of one request (`MOST` of `functions/submit-application/src/batch.rs`).
const MOST: usize = 100;
/// Writes that are under way at once (`WAVE` there).
const WAVE: usize = 16;
/// After this long no wave begins any more (`PATIENCE` there).
const PATIENCE: Micros = Micros::seconds(5);
/// The page's pauses (`web/src/sending/machine.ts`).
const FIRST_PAUSE: Micros = Micros::millis(200);
const LONGEST_PAUSE: Micros = Micros::millis(3_000);
const TICKET_PAUSES: [i64; 2] = [250_000, 5_000_000];
/// Each way takes a little more than the line's latency: an exponential part of this share of it.
const UNEVEN: f64 = 0.1;
/// How often what works in the background gets its turn.
const TURN: Micros = Micros::millis(10);
/// What works in the background goes on when the patience of people is over, but not for ever.
const LONGEST: Micros = Micros::seconds(24 * 60 * 60);

/// Everything that a run depends on.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// Who comes.
    pub population: &'a Population,
    /// What they were drawn from.
    pub load: &'a Load,
    /// What AWS allows.
    pub limits: &'a Limits,
    /// What things take and cost.
    pub figures: &'a Figures,
    /// Only whether applications are armed matters here; places are given afterwards.
    pub policy: Policy,
    /// For delays, pauses and how keys fall on partitions.
    pub seed: u64,
}

/// Runs a click day to its end. The same setting gives the same outcome.
pub fn run(setting: Setting<'_>) -> Outcome {
    let mut run = Run::new(setting);
    run.press();
    while let Some((now, event)) = run.events.take() {
        let end = if event == Event::Turn { LONGEST } else { run.horizon };
        if now >= end {
            continue;
        }
        match event {
            Event::Arrives(request) => run.arrives(now, request),
            Event::Writes(request) => run.writes(now, request),
            Event::Answers(request) => run.answers(now, request),
            Event::Turn => run.background(now),
        }
    }
    run.close()
}

/// What is planned.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Event {
    /// A request reaches the gateway.
    Arrives(usize),
    /// A function writes a wave, or what is left of it.
    Writes(usize),
    /// A function ends with its answer.
    Answers(usize),
    /// History and armed sending get their turn.
    Turn,
}

/// One client's request with all its repetitions.
#[derive(Clone, Copy, Debug)]
struct Request<'a> {
    /// Whose habits it follows, and how far away they are.
    kind: &'a Kind,
    latency: Micros,
    first: usize,
    end: usize,
    /// Refusals without an arrival, or answers with tickets, so far.
    tries: u32,
    /// Draws so far: each has its own, whatever other requests do.
    draws: u64,
    last: Cause,
    /// The present try: when it arrived, when its environment took it.
    arrived: Micros,
    admitted: Micros,
    /// The present wave, and how often its writes were tried.
    wave: [usize; 2],
    attempt: usize,
}

struct Run<'a> {
    setting: Setting<'a>,
    horizon: Micros,
    events: Queue<Event>,
    requests: Arena<Request<'a>>,
    account: TokenBucket,
    single: TokenBucket,
    batch: TokenBucket,
    environments: Environments,
    store: Store,
    store_takes: Option<LogNormal<f64>>,
    uneven: Option<Exp<f64>>,
    history: Background,
    armed: VecDeque<usize>,
    armed_pace: armed::Pace,
    has_turn: bool,
    outcome: Outcome,
}

/// Work that a function of its own does from a queue, at its own rate.
struct Background {
    waiting: VecDeque<usize>,
    pace: TokenBucket,
}

impl Background {
    fn new(per_second: u32) -> Self {
        // What was not used within a turn is over: nobody works twice as fast after a rest.
        Self {
            waiting: VecDeque::new(),
            pace: TokenBucket::new(per_second, (per_second / 100).max(1)),
        }
    }
}

fn throttle(limit: Option<Throttle>, others: u32) -> TokenBucket {
    limit.map_or_else(TokenBucket::unlimited, |Throttle { rate, burst }| {
        TokenBucket::new(rate.saturating_sub(others), burst)
    })
}

impl<'a> Run<'a> {
    fn new(setting: Setting<'a>) -> Self {
        let Setting { population, load, limits, figures, seed, .. } = setting;
        let open = Sent { arrival: None, receipt: None, fate: Fate::Open };
        let sent = population.applications.iter().map(|_| open).collect();
        Self {
            setting,
            horizon: Micros::seconds(load.horizon_seconds),
            // Nobody presses a minute early: the page holds no earlier press.
            events: Queue::from(Micros::seconds(-60)),
            requests: Arena::new(),
            account: throttle(limits.gateway, limits.other_requests_per_second),
            single: throttle(limits.route_single, 0),
            batch: throttle(limits.route_batch, 0),
            environments: Environments::new(environments::Allowance {
                concurrency: limits.concurrency,
                starts_in_ten_seconds: limits.starts_in_ten_seconds,
                requests_per_environment: limits.requests_per_environment,
            }),
            store: Store::new(limits, figures, seed),
            store_takes: LogNormal::new(
                figures.store_ms.value.ln(),
                figures.store_spread.value.ln(),
            )
            .ok(),
            uneven: Exp::new(1.0 / UNEVEN).ok(),
            history: Background::new(per_second(
                limits.history_environments,
                figures.history_ms.value,
            )),
            armed: VecDeque::new(),
            armed_pace: armed::Pace::new(),
            has_turn: false,
            outcome: Outcome { sent, ..Outcome::default() },
        }
    }

    /// Everybody's first requests leave; what is armed waits for the portal to send it.
    fn press(&mut self) {
        let Setting { population, load, policy, .. } = self.setting;
        let mut armed = Vec::new();
        for person in &population.people {
            let Some(kind) = load.kinds.get(person.kind) else { continue };
            let all = person.first..person.first + person.applications;
            if policy == Policy::Armed && person.arms {
                armed.extend(all);
                continue;
            }
            let most = match kind.route {
                Route::Single => 1,
                Route::Batch => MOST,
            };
            for first in all.clone().step_by(most) {
                let request = self.requests.push(Request {
                    kind,
                    latency: person.latency,
                    first,
                    end: (first + most).min(all.end),
                    tries: 0,
                    draws: 0,
                    last: Cause::UnderWay,
                    arrived: Micros(0),
                    admitted: Micros(0),
                    wave: [first, first],
                    attempt: 0,
                });
                let on_the_way = self.one_way(request);
                self.events.plan(person.leaves + on_the_way, Event::Arrives(request));
            }
        }
        self.arm(armed);
    }

    /// What is armed arrives at the opening, whenever it is written. It is sent in the order of its keys, which says nothing.
    fn arm(&mut self, mut all: Vec<usize>) {
        all.retain(|application| {
            let is_ready = self.setting.population.applications[*application].is_valid;
            let sent = &mut self.outcome.sent[*application];
            if is_ready {
                sent.arrival = Some(0);
            } else {
                // It cannot be armed.
                sent.fate = Fate::Invalid;
            }
            is_ready
        });
        all.sort_unstable_by_key(|application| hashed(u64::try_from(*application).unwrap_or(0)));
        self.armed = all.into();
        if !self.armed.is_empty() {
            self.wants_turn(Micros(0));
        }
    }

    /// The gateway, then Lambda: each takes the request or refuses it. Neither lets anybody wait.
    fn arrives(&mut self, now: Micros, id: usize) {
        self.outcome.tries += 1;
        let throttle = match self.requests[id].kind.route {
            Route::Single => &mut self.single,
            Route::Batch => &mut self.batch,
        };
        if !throttle.holds(now, 1) {
            return self.refuses(now, id, Cause::GatewayRoute);
        }
        if !self.account.try_take(now, 1) {
            return self.refuses(now, id, Cause::GatewayAccount);
        }
        throttle.take(1);
        self.outcome.passed += 1;
        let figures = self.setting.figures;
        let reached = now + Micros::of_millis(figures.gateway_ms.value);
        let starts = match self.environments.admit(now) {
            Ok(Admission::Warm) => reached,
            Ok(Admission::Cold) => reached + Micros::of_millis(figures.cold_start_ms.value),
            Err(cause) => return self.refuses(now, id, cause),
        };
        let request = &mut self.requests[id];
        (request.arrived, request.admitted) = (now, reached);
        // Whatever refused it before: it is through, and only the end of all can come before its answer.
        request.last = Cause::UnderWay;
        (request.wave, request.attempt) = ([request.first; 2], 0);
        let (first, end) = (request.first, request.end);
        if now < Micros(0) {
            // Judged by the gateway's instant, without a look at the store.
            let answered = starts + self.computing(1);
            return self.events.plan(answered, Event::Answers(id));
        }
        for application in first..end {
            self.outcome.sent[application].arrival.get_or_insert(now.whole_millis());
        }
        let begins = starts + self.before_wave(id, end - first);
        self.events.plan(begins, Event::Writes(id));
    }

    /// Without an arrival: nothing is known of the request but that it has to come again.
    fn refuses(&mut self, now: Micros, id: usize, cause: Cause) {
        self.outcome.refuse(now, cause);
        self.requests[id].last = cause;
        let answered = now + self.one_way(id);
        let pause = self.pause(id);
        self.comes_again(answered + pause, id);
    }

    /// A wave of writes side by side, or those of it that the store did not take the time before.
    fn writes(&mut self, now: Micros, id: usize) {
        let Request { end, arrived, attempt, wave: [from, mut until], .. } = self.requests[id];
        if attempt == 0 {
            if now - arrived > PATIENCE {
                self.leaves_with_tickets(now, from..end, Cause::OutOfTime);
                self.requests[id].last = Cause::OutOfTime;
                return self.events.plan(now, Event::Answers(id));
            }
            let mut open = 0;
            until = from;
            while until < end && open < WAVE {
                open += usize::from(self.is_open(until));
                until += 1;
            }
            self.requests[id].wave = [from, until];
        }
        let (mut tried, mut missing) = (0, None);
        for application in from..until {
            if self.is_open(application) {
                tried += 1;
                missing = self.write(now, application).err().or(missing);
            }
        }
        let took = self.slowest_of(tried, id);
        let pauses = self.setting.figures.store_pauses_ms.value;
        let then = now + took;
        match (missing, pauses.get(attempt)) {
            (Some(_), Some(pause)) => {
                self.requests[id].attempt += 1;
                return self.events.plan(then + Micros::millis(*pause), Event::Writes(id));
            }
            (Some(cause), None) => {
                self.leaves_with_tickets(now, from..until, cause);
                self.requests[id].last = cause;
            }
            (None, _) => {}
        }
        if until < end {
            (self.requests[id].wave, self.requests[id].attempt) = ([until; 2], 0);
            let begins = then + self.before_wave(id, end - until);
            self.events.plan(begins, Event::Writes(id));
        } else {
            self.events.plan(then, Event::Answers(id));
        }
    }

    /// One conditional write.
    fn write(&mut self, now: Micros, application: usize) -> Result<(), Cause> {
        let key = u64::try_from(application).unwrap_or(0);
        let is_valid = self.setting.population.applications[application].is_valid;
        let units =
            if is_valid { self.store.submit(now, key) } else { self.store.refuse(now, key) }?;
        self.outcome.write_units += u64::from(units);
        if is_valid {
            self.accepts(now, application);
        } else {
            self.outcome.sent[application].fate = Fate::Invalid;
        }
        Ok(())
    }

    fn accepts(&mut self, now: Micros, application: usize) {
        self.outcome.sent[application].fate = Fate::Accepted;
        if self.setting.limits.history_environments > 0 {
            self.history.waiting.push_back(application);
            self.wants_turn(now);
        }
    }

    fn leaves_with_tickets(&mut self, now: Micros, all: std::ops::Range<usize>, cause: Cause) {
        for application in all {
            if self.is_open(application) {
                self.outcome.refuse(now, cause);
            }
        }
    }

    /// The environment is free again; the client has its receipts, and comes again with its tickets.
    fn answers(&mut self, now: Micros, id: usize) {
        self.environments.release();
        self.outcome.answered += 1;
        let Request { first, end, admitted, arrived, .. } = self.requests[id];
        self.outcome.busy += now - admitted;
        let gateway = Micros::of_millis(self.setting.figures.gateway_ms.value);
        let answered = now + gateway + self.one_way(id);
        if arrived < Micros(0) {
            self.outcome.refuse(arrived, Cause::TooEarly);
            self.requests[id].last = Cause::TooEarly;
            // The page waits as long as the answer says; a program asks as it always does.
            let pause = match self.requests[id].kind.retry {
                Retry::Every { every_ms } => Micros::millis(every_ms),
                Retry::Page | Retry::PageInStep => Micros::millis(1).max(Micros(0) - arrived),
            };
            return self.comes_again(answered + pause, id);
        }
        let mut is_open = false;
        for application in first..end {
            match self.outcome.sent[application].fate {
                Fate::Open => is_open = true,
                Fate::Accepted => self.shows_receipt(answered, application),
                Fate::Invalid | Fate::Refused(_) => {}
            }
        }
        if is_open {
            let pause = match self.requests[id].kind.retry {
                Retry::Every { every_ms } => Micros::millis(every_ms),
                Retry::Page | Retry::PageInStep => {
                    let [shortest, longest] = TICKET_PAUSES;
                    Micros(self.dice(id).random_range(shortest..longest))
                }
            };
            self.requests[id].tries += 1;
            self.comes_again(answered + pause, id);
        }
    }

    fn shows_receipt(&mut self, at: Micros, application: usize) {
        let sent = &mut self.outcome.sent[application];
        if sent.receipt.is_none() {
            sent.receipt = Some(at);
            self.outcome.in_second(at, |second| second.receipts += 1);
        }
    }

    /// History is recorded and armed applications are sent, as far as pace and store allow.
    fn background(&mut self, now: Micros) {
        self.has_turn = false;
        // History first: of the two orders the one that is worse for what is armed, and nobody knows which comes true.
        while !self.history.waiting.is_empty() && self.history.pace.try_take(now, 1) {
            let Some(application) = self.history.waiting.pop_front() else { break };
            let key = u64::try_from(application).unwrap_or(0);
            if self.store.record(now, key).is_err() {
                self.history.waiting.push_back(application);
            } else {
                self.outcome.recorded = Some(now);
            }
        }
        while !self.armed.is_empty() && self.armed_pace.allows(now) {
            self.send_armed(now);
        }
        if !self.history.waiting.is_empty() || !self.armed.is_empty() {
            self.wants_turn(now);
        }
    }

    /// One armed send; from then on whoever asks is shown the receipt. What the store refuses waits for another turn: nobody
    /// gets a ticket for it.
    fn send_armed(&mut self, now: Micros) {
        let Some(application) = self.armed.pop_front() else { return };
        self.armed_pace.takes();
        if let Ok(units) = self.store.send(now, u64::try_from(application).unwrap_or(0)) {
            self.outcome.write_units += u64::from(units);
            self.outcome.armed_sent = Some(now);
            self.accepts(now, application);
            self.shows_receipt(now, application);
        } else {
            self.outcome.armed_throttled += 1;
            self.armed_pace.slows();
            self.armed.push_back(application);
        }
    }

    fn wants_turn(&mut self, now: Micros) {
        if !self.has_turn {
            self.has_turn = true;
            self.events.plan(now + TURN, Event::Turn);
        }
    }

    /// Whatever is still open was refused by what refused it last.
    fn close(mut self) -> Outcome {
        for request in &self.requests {
            for application in request.first..request.end {
                let sent = &mut self.outcome.sent[application];
                if sent.fate == Fate::Open {
                    sent.fate = Fate::Refused(request.last);
                }
            }
        }
        for application in &self.armed {
            self.outcome.sent[*application].fate = Fate::Refused(Cause::UnderWay);
        }
        if !self.history.waiting.is_empty() {
            self.outcome.recorded = None;
        }
        self.outcome.environments = self.environments.peak;
        self.outcome.cold_starts = self.environments.started;
        self.outcome
    }

    fn comes_again(&mut self, leaves: Micros, id: usize) {
        let arrives = leaves + self.one_way(id);
        self.events.plan(arrives, Event::Arrives(id));
    }

    /// The pause after a refusal without an arrival.
    fn pause(&mut self, id: usize) -> Micros {
        let tries = self.requests[id].tries;
        self.requests[id].tries += 1;
        let doubled = Micros(FIRST_PAUSE.0 << tries.min(10)).min(LONGEST_PAUSE);
        match self.requests[id].kind.retry {
            Retry::Every { every_ms } => Micros::millis(every_ms),
            Retry::Page => Micros(self.dice(id).random_range(doubled.0 / 2..doubled.0 * 3 / 2)),
            Retry::PageInStep => doubled,
        }
    }

    fn is_open(&self, application: usize) -> bool {
        self.outcome.sent[application].fate == Fate::Open
    }

    /// Between screen and gateway.
    fn one_way(&mut self, id: usize) -> Micros {
        let latency = self.requests[id].latency;
        let more = self.uneven.map_or(0.0, |uneven| uneven.sample(&mut self.dice(id)));
        latency + Micros::of_millis(latency.as_seconds() * 1_000.0 * more)
    }

    /// What comes before a wave: for many a look at the session, then the CPU of the wave.
    fn before_wave(&mut self, id: usize, left: usize) -> Micros {
        let is_batch = self.requests[id].kind.route == Route::Batch;
        let session = if is_batch { self.slowest_of(1, id) } else { Micros(0) };
        self.outcome.session_reads += usize::from(is_batch);
        session + self.computing(left.min(WAVE))
    }

    fn computing(&self, applications: usize) -> Micros {
        let Figures { cpu_ms, vcpu_share, .. } = self.setting.figures;
        Micros::of_millis(crate::micros::count(applications) * cpu_ms.value / vcpu_share.value)
    }

    /// Requests to the store side by side: the last answer counts.
    fn slowest_of(&mut self, requests: usize, id: usize) -> Micros {
        let Some(takes) = self.store_takes else { return Micros(0) };
        let mut dice = self.dice(id);
        let slowest = (0..requests).map(|_| takes.sample(&mut dice)).fold(0.0, f64::max);
        Micros::of_millis(slowest)
    }

    /// Dice of a request's own: a limit that is taken away changes no draw of anybody else.
    fn dice(&mut self, id: usize) -> SplitMix64 {
        let request = &mut self.requests[id];
        request.draws += 1;
        let number = u64::try_from(id).unwrap_or(0);
        SplitMix64::seed_from_u64(self.setting.seed ^ hashed(number << 24 | request.draws))
    }
}

/// How many pieces of work a second so many workers do that take so long each.
fn per_second(workers: u32, millis: f64) -> u32 {
    let seconds = Micros::of_millis(millis.max(0.001)).0.max(1);
    u32::try_from(i64::from(workers) * Micros::seconds(1).0 / seconds).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
