//! The rush: presses arrive by the clock, whatever the function does, and each waits for a process that is free.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use outside::clock;
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
/// How long a person waits with a ticket before the press is repeated.
const PAUSE: Duration = Duration::from_millis(200);
/// How often a press is repeated with a ticket before the person gives up.
const MOST_TRIES: u32 = 20;

/// A press as the gateway saw it, and what came of it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Of which application: an index into [`Crowd::candidates`].
    pub candidate: usize,
    /// What was wrong with it.
    pub flaw: Option<Flaw>,
    /// The gateway's instant, in milliseconds.
    pub arrival: i64,
    /// The HTTP status of the answer; none where the function gave none.
    pub status: Option<u64>,
    /// The body of an answer with status 200.
    pub receipt: Option<String>,
}

/// What a rush was.
#[derive(Debug)]
pub struct Rush {
    /// Every press, in order of arrival.
    pub sent: Vec<Sent>,
    /// From the opening to the last answer.
    pub lasted: Duration,
    /// From each arrival to its answer, waiting included, in milliseconds.
    pub waited: Vec<f64>,
    /// From each handing over to its answer, in milliseconds.
    pub served: Vec<f64>,
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

    /// Answers that asked to press again, since the store did not take what was sent.
    pub fn refused_by_store(&self) -> usize {
        self.sent.iter().filter(|sent| sent.status == Some(503)).count()
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
    ticket: Option<String>,
    tries: u32,
}

/// Lets a crowd press, from an opening on that lies a moment ahead.
///
/// # Errors
/// A function gave no answer at all.
pub async fn run(crowd: &Crowd, presses: &[Press], desk: &mut Desk) -> Result<Rush, Broken> {
    // Written down before: the processors are the functions' once they press.
    let mut prepared = prepared(crowd, presses)?.into_iter();
    let begun = Instant::now() + AHEAD;
    let mut rush =
        Rush { sent: Vec::new(), lasted: Duration::ZERO, waited: Vec::new(), served: Vec::new() };
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
            let ticket = waiting.ticket.as_deref();
            let event = match waiting.event.take() {
                Some(event) => arrived(event, arrival)?,
                None => arrivals::event(crowd, &waiting.press, arrival, number, ticket)?,
            };
            desk.push(number, event);
            rush.sent.push(Sent {
                candidate: waiting.press.candidate,
                flaw: waiting.press.flaw,
                arrival: arrival.as_millisecond(),
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
                if let Some(repeated) = note(&mut rush, waiting, &done) {
                    again.push(repeated);
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

/// Notes an answer; gives the repetition that a ticket asks for.
fn note(rush: &mut Rush, waiting: Waiting, done: &Done) -> Option<Waiting> {
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
    if status != Some(503) || waiting.tries >= MOST_TRIES {
        return None;
    }
    let problem: Value = serde_json::from_str(body?).ok()?;
    let ticket = problem.get("arrival_ticket").and_then(Value::as_str).map(str::to_owned);
    Some(Waiting { due: done.ended + PAUSE, ticket, tries: waiting.tries + 1, ..waiting })
}

#[cfg(test)]
mod tests {
    use super::*;

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
