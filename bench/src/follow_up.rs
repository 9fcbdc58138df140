//! What follows a rush: each submission is recorded by record-history, and rank-submissions gives places, both as the real
//! programs behind a Runtime API.

use std::{
    collections::VecDeque,
    path::Path,
    time::{Duration, Instant},
};

use domain::{campaign::Campaign, ids::ApplicationId};
use serde_json::{Value, json};
use store::keys;

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
    let program = Program::function(functions, "record-history")?;
    let mut desk = Desk::open().await?;
    let begun = Instant::now();
    let fleet = Fleet::start(&program, &ground.variables(vault), &desk, processes)?;
    let batches: Vec<&[ApplicationId]> = ids.chunks(MESSAGES).collect();
    let mut waiting: VecDeque<(usize, u32)> =
        (0..batches.len()).map(|number| (number, 0)).collect();
    let mut tries = vec![0_u32; batches.len()];
    let mut open = 0;
    while open > 0 || !waiting.is_empty() {
        // As many as Lambda would have under way: what waits longer would only lie here.
        while open < processes * 2 {
            let Some((number, tried)) = waiting.pop_front() else { break };
            let ids = batches.get(number).copied().unwrap_or_default();
            if let Some(count) = tries.get_mut(number) {
                *count = tried;
            }
            desk.push(number, messages(ids));
            open += 1;
        }
        let done = desk.done().await?;
        open -= 1;
        if failures(&done) > 0 {
            let tried = tries.get(done.tag).copied().unwrap_or_default() + 1;
            if tried > MOST_TRIES {
                return Err("record-history does not record a submission".into());
            }
            waiting.push_back((done.tag, tried));
        }
    }
    let spent = Spent { wall: begun.elapsed(), cpu: fleet.cpu()?, allotted: 0 };
    fleet.stop().await?;
    Ok(spent)
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
