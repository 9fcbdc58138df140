//! What follows a rush: each submission is recorded by record-history, and rank-submissions gives places, both as the real
//! programs behind a Runtime API.

use std::{
    collections::HashMap,
    path::Path,
    time::{Duration, Instant},
};

use domain::{campaign::Campaign, ids::ApplicationId};
use serde_json::{Value, json};
use store::keys;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{
    Broken,
    desk::{Desk, Done},
    fleet::{Fleet, Program},
    ground::Ground,
    vault::Vault,
};

/// Messages of one event: the template's `BatchSize`, at most ten.
const MESSAGES: usize = 10;
/// How often a message may come back before something is taken to be broken.
const MOST_TRIES: u32 = 10;
/// Runs of rank-submissions in a row before something is taken to be broken.
const MOST_RUNS: u32 = 500;
/// Between two runs that found only what is too young.
const PAUSE: Duration = Duration::from_millis(500);

/// What a follow-up took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// On the clock.
    pub wall: Duration,
    /// On the processors, by the function alone.
    pub cpu: Duration,
    /// Ordinals that were given.
    pub allotted: u64,
}

/// When submissions were recorded.
#[derive(Clone, Debug)]
pub struct Recording {
    /// When each was for the first time: a queue may hand a message on twice.
    pub recorded: HashMap<ApplicationId, Instant>,
    /// What that took.
    pub spent: Spent,
}

/// Records submissions, ten to an event, by so many processes.
///
/// # Errors
/// One of them comes back again and again.
pub async fn record(
    ground: &Ground,
    vault: &Vault,
    functions: &Path,
    ids: &[ApplicationId],
    processes: usize,
) -> Result<Spent, Broken> {
    let (sender, coming) = unbounded_channel();
    for id in ids {
        sender.send(id.clone())?;
    }
    drop(sender);
    Ok(record_as_they_come(ground, vault, functions, coming, processes).await?.spent)
}

/// The same for submissions that come one after the other, until no more come: those that wait go together, ten at most.
///
/// # Errors
/// One of them comes back again and again.
pub async fn record_as_they_come(
    ground: &Ground,
    vault: &Vault,
    functions: &Path,
    mut coming: UnboundedReceiver<ApplicationId>,
    processes: usize,
) -> Result<Recording, Broken> {
    let program = Program::function(functions, "record-history")?;
    let mut desk = Desk::open().await?;
    let begun = Instant::now();
    let fleet = Fleet::start(&program, &ground.variables(vault), &desk, processes)?;
    let mut recorded = HashMap::new();
    let mut number_of_event = 0;
    let mut under_way: HashMap<usize, (Vec<ApplicationId>, u32)> = HashMap::new();
    let mut next: Vec<ApplicationId> = Vec::new();
    let mut more_come = true;
    loop {
        // As many as Lambda would have under way: what waits longer would only lie here.
        let has_room = under_way.len() < processes * 2;
        tokio::select! {
            done = desk.done(), if !under_way.is_empty() => {
                let done = done?;
                let (ids, tries) = under_way.remove(&done.tag).ok_or("an answer to nothing")?;
                if failures(&done) == 0 {
                    for id in ids {
                        recorded.entry(id).or_insert(done.ended);
                    }
                } else if tries < MOST_TRIES {
                    desk.push(done.tag, messages(&ids));
                    under_way.insert(done.tag, (ids, tries + 1));
                } else {
                    return Err("record-history does not record a submission".into());
                }
            }
            count = coming.recv_many(&mut next, MESSAGES), if has_room && more_come => {
                if count == 0 {
                    more_come = false;
                } else {
                    let ids = std::mem::take(&mut next);
                    desk.push(number_of_event, messages(&ids));
                    under_way.insert(number_of_event, (ids, 0));
                    number_of_event += 1;
                }
            }
            else => break,
        }
    }
    let spent = Spent { wall: begun.elapsed(), cpu: fleet.cpu()?, allotted: 0 };
    fleet.stop().await?;
    Ok(Recording { recorded, spent })
}

/// An event of SQS: ten messages that say "look at this head".
fn messages(ids: &[ApplicationId]) -> String {
    let records = ids.iter().map(|id| {
        let message = keys::head(id).message();
        json!({
            "messageId": id,
            "receiptHandle": id,
            "body": json!(message).to_string(),
            "attributes": { "ApproximateReceiveCount": "1" },
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-south-1:000000000000:history",
            "awsRegion": "eu-south-1",
        })
    });
    json!({ "Records": records.collect::<Vec<_>>() }).to_string()
}

/// How many messages of an event come back.
fn failures(done: &Done) -> usize {
    let Some(answer) = &done.answer else { return MESSAGES };
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    answer.get("batchItemFailures").and_then(Value::as_array).map_or(0, Vec::len)
}

/// Ranks a campaign until nothing waits any more.
///
/// # Errors
/// A run fails, or they come to no end.
pub async fn rank(
    ground: &Ground,
    vault: &Vault,
    functions: &Path,
    campaign: &Campaign,
) -> Result<Spent, Broken> {
    let program = Program::function(functions, "rank-submissions")?;
    let mut desk = Desk::open().await?;
    let fleet = Fleet::start(&program, &ground.variables(vault), &desk, 1)?;
    let mut spent = Spent::default();
    for _ in 0..MOST_RUNS {
        let begun = Instant::now();
        let done = desk.ask(json!({ "campaign": campaign.id() }).to_string()).await?;
        let answer = done.answer.ok_or("rank-submissions ended with an error")?;
        let ranked: Value = serde_json::from_slice(&answer)?;
        let count = |name: &str| ranked.get(name).and_then(Value::as_u64).unwrap_or_default();
        if count("failed") > 0 {
            return Err("rank-submissions could not rank the campaign".into());
        }
        spent.wall += begun.elapsed();
        spent.allotted += count("allotted");
        if count("allotted") == 0 && count("waiting") == 0 {
            spent.cpu = fleet.cpu()?;
            fleet.stop().await?;
            return Ok(spent);
        }
        if count("allotted") == 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Err("rank-submissions comes to no end".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_a_message_for_each_submission() {
        let ids = [ApplicationId::from_random([1; 16]), ApplicationId::from_random([2; 16])];
        let event: Value = serde_json::from_str(&messages(&ids)).unwrap();
        let body: Value =
            serde_json::from_str(event["Records"][1]["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["pk"], format!("APP#{}", ids[1]));
        assert_eq!(body["sk"], "HEAD");
    }

    #[test]
    fn a_message_that_comes_back_is_seen() {
        let now = Instant::now();
        let of = |answer: Option<&'static str>| Done {
            tag: 0,
            begun: now,
            ended: now,
            answer: answer.map(|text| text.as_bytes().into()),
        };
        assert_eq!(failures(&of(Some(r#"{"batchItemFailures":[]}"#))), 0);
        assert_eq!(failures(&of(Some(r#"{"batchItemFailures":[{"itemIdentifier":"a"}]}"#))), 1);
        assert_eq!(failures(&of(None)), MESSAGES);
    }
}
