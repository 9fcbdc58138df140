//! The rush: presses arrive by the clock, whatever the function does, and each waits for a process that is free.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use outside::clock;
use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::Value;

use crate::{
    Broken,
    arrivals::{self, Flaw, Press},
    crowd::Crowd,
    desk::{Desk, Done},
    statistics::{milliseconds, quantile},
};

/// Before the opening, so that processes are there.
const AHEAD: Duration = Duration::from_millis(500);
/// An instant with as many digits as now, in milliseconds.
const SOMETIME: i64 = 1_000_000_000_000;
/// How long the page waits before it presses again, in milliseconds: with a ticket some time between these two.
const TICKET_PAUSES: (f64, f64) = (250.0, 5_000.0);
/// The same without a ticket: it doubles up to the longest, and each is drawn between half and one and a half of it.
const FIRST_PAUSE: f64 = 200.0;
const LONGEST_PAUSE: f64 = 3_000.0;
/// What draws the pauses.
const PAUSES_SEED: u64 = 0x7c1c_4e75;
/// How often a press is repeated before something is taken to be broken; the page goes on for as long as it is open.
const MOST_TRIES: u32 = 30;

/// A press as the gateway saw it, and what came of it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Of which application: an index into [`Crowd::candidates`].
    pub candidate: usize,
    /// What was wrong with it.
    pub flaw: Option<Flaw>,
    /// The gateway's instant, in milliseconds.
    pub arrival: i64,
    /// The arrival that the ticket of an earlier answer keeps, in milliseconds; none where the person had no ticket.
    pub keeps: Option<i64>,
    /// The HTTP status of the answer; none where the function gave none.
    pub status: Option<u64>,
    /// The body of an answer with status 200.
    pub receipt: Option<String>,
}

/// What a rush was.
#[derive(Debug, Default)]
pub struct Rush {
    /// Every press, in order of arrival.
    pub sent: Vec<Sent>,
    /// From the opening to the last answer.
    pub lasted: Duration,
    /// From each arrival to its answer, waiting included, in milliseconds.
    pub waited: Vec<f64>,
    /// From each handing over to its answer, in milliseconds.
    pub served: Vec<f64>,
    /// When each press that the store did not take was handed over and answered.
    pub refused: Vec<(Instant, Instant)>,
    /// How many of these gave no ticket to somebody who had none: that arrival is kept by nothing.
    pub without_ticket: usize,
}

/// What becomes of the tickets that people bring.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tickets {
    /// They reach the function.
    Reach,
    /// They get lost on the way, as if the function did not look at them: for the check that must notice.
    GetLost,
}

/// What is told of a rush while it goes on.
#[derive(Clone, Copy, Debug)]
pub enum Word {
    /// When it opens: told before.
    Opens(Instant),
    /// Somebody has the receipt of an application, an index into [`Crowd::candidates`]; told again for a repetition.
    Receipt(usize),
}

impl Rush {
    /// The applications that have a receipt, in order of arrival, each once: indexes into [`Crowd::candidates`].
    pub fn accepted_candidates(&self) -> impl Iterator<Item = usize> {
        let mut seen = HashSet::new();
        let accepted = self.sent.iter().filter(|sent| sent.receipt.is_some());
        accepted.map(|sent| sent.candidate).filter(move |candidate| seen.insert(*candidate))
    }

    /// How many they are.
    pub fn accepted_applications(&self) -> usize {
        self.accepted_candidates().count()
    }

    /// Presses that were repeated with a ticket.
    pub fn with_ticket(&self) -> usize {
        self.sent.iter().filter(|sent| sent.keeps.is_some()).count()
    }

    /// Answers with another status than the press deserved, and applications that were good and have no receipt in the end.
    pub fn wrong_answers(&self) -> usize {
        let wrong = |sent: &&Sent| {
            let due = sent.flaw.map_or(200, Flaw::status);
            // Who was asked to press again did so, and has another answer.
            sent.status != Some(due) && sent.status != Some(503)
        };
        let has_receipt: HashSet<usize> = self.accepted_candidates().collect();
        let good: HashSet<usize> = self
            .sent
            .iter()
            .filter(|sent| sent.flaw.is_none())
            .map(|sent| sent.candidate)
            .collect();
        self.sent.iter().filter(wrong).count() + good.difference(&has_receipt).count()
    }

    /// p50 and p99 of some milliseconds.
    pub fn quantiles(mut of: Vec<f64>) -> (f64, f64) {
        let p50 = quantile(&mut of, 0.5).unwrap_or_default();
        (p50, quantile(&mut of, 0.99).unwrap_or_default())
    }
}

struct Waiting {
    due: Instant,
    press: Press,
    /// The event, as long as it was written down before.
    event: Option<String>,
    ticket: Option<Ticket>,
    tries: u32,
}

/// What an answer gave to somebody whose press the store did not take.
struct Ticket {
    token: String,
    /// The arrival that it keeps: that of the press to which it was first given.
    arrival: i64,
}

/// Lets a crowd press, from an opening on that lies a moment ahead.
///
/// # Errors
/// A function gave no answer at all.
pub async fn run(crowd: &Crowd, presses: &[Press], desk: &mut Desk) -> Result<Rush, Broken> {
    run_with(crowd, presses, desk, Tickets::Reach, |_| {}).await
}

/// The same, with what becomes of tickets; `told` hears what goes on.
///
/// # Errors
/// A function gave no answer at all.
pub async fn run_with(
    crowd: &Crowd,
    presses: &[Press],
    desk: &mut Desk,
    tickets: Tickets,
    mut told: impl FnMut(Word),
) -> Result<Rush, Broken> {
    // Written down before: the processors are the functions' once they press.
    let mut prepared = prepared(crowd, presses)?.into_iter();
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(PAUSES_SEED);
    let begun = Instant::now() + AHEAD;
    told(Word::Opens(begun));
    let mut rush = Rush::default();
    let mut upcoming = presses.iter().peekable();
    let mut again: Vec<Waiting> = Vec::new();
    let mut open: HashMap<usize, Waiting> = HashMap::new();
    loop {
        let now = Instant::now();
        let mut due: Vec<Waiting> = again.extract_if(.., |one| one.due <= now).collect();
        while let Some(press) = upcoming.next_if(|press| begun + press.at <= now) {
            let due_at = begun + press.at;
            let event = prepared.next();
            due.push(Waiting { due: due_at, press: press.clone(), event, ticket: None, tries: 0 });
        }
        for mut waiting in due {
            let number = rush.sent.len();
            let arrival = clock::wall();
            let ticket = waiting.ticket.as_ref().filter(|_| tickets == Tickets::Reach);
            let ticket = ticket.map(|ticket| ticket.token.as_str());
            let event = match waiting.event.take() {
                Some(event) => arrived(event, arrival)?,
                None => arrivals::event(crowd, &waiting.press, arrival, number, ticket)?,
            };
            desk.push(number, event);
            rush.sent.push(Sent {
                candidate: waiting.press.candidate,
                flaw: waiting.press.flaw,
                arrival: arrival.as_millisecond(),
                keeps: waiting.ticket.as_ref().map(|ticket| ticket.arrival),
                status: None,
                receipt: None,
            });
            open.insert(number, waiting);
        }
        let next_press = upcoming.peek().map(|press| begun + press.at);
        let next = again.iter().map(|one| one.due).chain(next_press).min();
        if open.is_empty() && next.is_none() {
            return Ok(rush);
        }
        let pause = async {
            match next {
                Some(next) => tokio::time::sleep_until(next.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = pause => {}
            done = desk.done(), if !open.is_empty() => {
                let done = done?;
                let waiting = open.remove(&done.tag).ok_or("an answer to nothing")?;
                rush.lasted = done.ended.saturating_duration_since(begun);
                let candidate = waiting.press.candidate;
                if let Some(repeated) = note(&mut rush, waiting, &done, &mut chance) {
                    again.push(repeated);
                } else if rush.sent.get(done.tag).is_some_and(|sent| sent.receipt.is_some()) {
                    told(Word::Receipt(candidate));
                }
            }
        }
    }
}

/// The events of first presses, which arrive at [`SOMETIME`].
fn prepared(crowd: &Crowd, presses: &[Press]) -> Result<Vec<String>, Broken> {
    let sometime = Timestamp::from_millisecond(SOMETIME)?;
    let events = presses.iter().enumerate();
    events.map(|(number, press)| arrivals::event(crowd, press, sometime, number, None)).collect()
}

/// The same event, which arrives now.
fn arrived(mut event: String, arrival: Timestamp) -> Result<String, Broken> {
    let (sometime, now) = (SOMETIME.to_string(), arrival.as_millisecond().to_string());
    let at = event.find(&format!("\"timeEpoch\":{sometime}")).ok_or("the event has no arrival")?;
    let from = at + "\"timeEpoch\":".len();
    event.replace_range(from..from + sometime.len(), &now);
    Ok(event)
}

/// Notes an answer; gives the repetition that it asks for.
fn note(
    rush: &mut Rush,
    waiting: Waiting,
    done: &Done,
    chance: &mut Xoshiro256PlusPlus,
) -> Option<Waiting> {
    rush.waited.push(milliseconds(done.ended.saturating_duration_since(waiting.due)));
    rush.served.push(milliseconds(done.ended.saturating_duration_since(done.begun)));
    let answer: Value = serde_json::from_slice(done.answer.as_deref()?).ok()?;
    let status = answer.get("statusCode").and_then(Value::as_u64);
    let body = answer.get("body").and_then(Value::as_str);
    let sent = rush.sent.get_mut(done.tag)?;
    sent.status = status;
    if status == Some(200) {
        sent.receipt = body.map(str::to_owned);
        return None;
    }
    if status != Some(503) {
        return None;
    }
    rush.refused.push((done.begun, done.ended));
    if waiting.tries >= MOST_TRIES {
        return None;
    }
    let problem: Value = serde_json::from_str(body?).ok()?;
    let token = problem.get("arrival_ticket").and_then(Value::as_str).map(str::to_owned);
    let arrival = sent.keeps.unwrap_or(sent.arrival);
    // An answer without a ticket takes nobody's earlier one away.
    let ticket = token.map(|token| Ticket { token, arrival }).or(waiting.ticket);
    rush.without_ticket += usize::from(ticket.is_none());
    let due = done.ended + pause(ticket.is_some(), waiting.tries, chance.random_range(0.0..1.0));
    Some(Waiting { due, ticket, tries: waiting.tries + 1, ..waiting })
}

/// How long the page waits before it presses again (`web/src/sending/machine.ts`): with a ticket nothing is lost by waiting,
/// without one soon, and then less and less soon. `throw` is from 0 to 1.
fn pause(has_ticket: bool, tries: u32, throw: f64) -> Duration {
    let milliseconds = if has_ticket {
        let (shortest, longest) = TICKET_PAUSES;
        shortest + throw * (longest - shortest)
    } else {
        let doubled = FIRST_PAUSE * f64::from(2_u32.saturating_pow(tries));
        doubled.min(LONGEST_PAUSE) * (0.5 + throw)
    };
    Duration::from_secs_f64(milliseconds / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_wait_as_the_page_does() {
        let page = include_str!("../../web/src/sending/machine.ts");
        let (shortest, longest) = TICKET_PAUSES;
        for line in [
            format!("const TICKET_PAUSES = {{ shortest: {shortest}, longest: {longest} }};"),
            format!("const FIRST_PAUSE = {FIRST_PAUSE};"),
            format!("const LONGEST_PAUSE = {LONGEST_PAUSE};"),
        ] {
            assert!(page.contains(&line), "the page no longer has: {line}");
        }
        assert_eq!(pause(true, 9, 0.0), Duration::from_millis(250));
        assert_eq!(pause(true, 0, 1.0), Duration::from_secs(5));
        let without = |tries| pause(false, tries, 0.5).as_millis();
        assert_eq!([0, 1, 3, 4, 30].map(without), [200, 400, 1_600, 3_000, 3_000]);
    }

    /// A ticket keeps the arrival of the press to which it was given, whatever a later answer says.
    #[test]
    fn a_second_refusal_keeps_the_first_arrival_and_one_without_a_ticket_takes_none_away() {
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(1);
        let now = Instant::now();
        let answered = |number: usize, body: &str| Done {
            tag: number,
            begun: now,
            ended: now,
            answer: Some(serde_json::json!({ "statusCode": 503, "body": body }).to_string().into()),
        };
        let mut rush = Rush::default();
        let press = Press { at: Duration::ZERO, candidate: 0, flaw: None };
        let mut waiting = Waiting { due: now, press, event: None, ticket: None, tries: 0 };
        let answers = ["{}", r#"{"arrival_ticket":"a"}"#, r#"{"arrival_ticket":"b"}"#, "{}"];
        let mut kept = Vec::new();
        for (number, body) in answers.into_iter().enumerate() {
            rush.sent.push(Sent {
                candidate: 0,
                flaw: None,
                arrival: 100 + i64::try_from(number).unwrap(),
                keeps: waiting.ticket.as_ref().map(|ticket| ticket.arrival),
                status: None,
                receipt: None,
            });
            waiting = note(&mut rush, waiting, &answered(number, body), &mut chance).unwrap();
            kept.push(waiting.ticket.as_ref().map(|one| (one.token.clone(), one.arrival)));
        }
        let ticket = |token: &str| Some((token.to_owned(), 101));
        assert_eq!(kept, [None, ticket("a"), ticket("b"), ticket("b")]);
        assert_eq!((rush.with_ticket(), rush.without_ticket, rush.refused.len()), (2, 1, 4));
    }

    #[test]
    fn an_event_that_was_written_down_before_arrives_now_and_is_otherwise_the_same() {
        let opens = "2026-02-09T08:00:00Z".parse().unwrap();
        let mut crowd = Crowd::gather("bench", 200, opens, 180, 1).unwrap();
        let presses = arrivals::presses(&mut crowd, 1).unwrap();
        let now = "2026-02-09T08:00:00.123Z".parse().unwrap();
        let events = prepared(&crowd, &presses).unwrap();
        for (number, (event, press)) in events.into_iter().zip(&presses).enumerate() {
            let due = arrivals::event(&crowd, press, now, number, None).unwrap();
            assert_eq!(arrived(event, now).unwrap(), due);
        }
    }
}
