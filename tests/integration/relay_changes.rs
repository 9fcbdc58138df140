//! relay-changes behind the stream: what waits reaches its queue; the same change relayed again does no harm (ADR 0004).

use harness::{
    campaigns::Plan,
    mailbox::LETTER_DEADLINE,
    stock,
    story::{StoryResult, same},
    world::World,
};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// A change of an application's head that makes it wait for a queue, as the stream tells it.
fn change(application: &str, queue: &str) -> Value {
    let keys = json!({ "pk": { "S": format!("APP#{application}") }, "sk": { "S": "HEAD" } });
    let mut new = keys.clone();
    new["queue"] = json!({ "S": queue });
    new["pending_due"] = json!({ "N": "1" });
    json!({ "Records": [{
        "awsRegion": "eu-south-1", "eventID": "1", "eventName": "MODIFY", "eventSource": "aws:dynamodb", "eventVersion": "1.1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1, "Keys": keys, "OldImage": keys, "NewImage": new,
            "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES"
        }
    }] })
}

/// The stream and a repetition of it: one event, one notice, one letter.
#[tokio::test]
async fn a_change_that_is_relayed_again_has_one_effect() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("inoltro")?.publish(&world).await?;
    let employer = world.employer()?;
    let caller = stock::caller(&world, &employer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&world, &employer.browser, &caller).await?;
    let application = stock::ready_for(&world, &campaign, &employer).await?;
    employer.submits(application.id.as_str(), &campaign).await?.expect(200)?;
    let function = world.function("relay-changes")?;
    for _ in 0..3 {
        world.emulator.invoke(&function, &change(application.id.as_str(), "history")).await?;
    }
    let queue = world.environment.text("HISTORY_QUEUE_URL")?;
    world
        .story
        .eventually("the queue holds nothing more about it", LETTER_DEADLINE, || async {
            let left = world
                .emulator
                .queued(&queue)
                .await?
                .iter()
                .filter(|body| body.contains(application.id.as_str()))
                .count();
            let events = world.applications()?.history(&application.id).await?;
            let is_recorded = events.iter().any(|event| event.to == "submitted");
            Ok(if left == 0 && is_recorded {
                Ok(())
            } else {
                Err(format!("{left} messages, recorded: {is_recorded}"))
            })
        })
        .await?;
    let events = world.applications()?.history(&application.id).await?;
    same(
        "events of the submission",
        &events.iter().filter(|event| event.to == "submitted").count(),
        &1,
    )?;
    let notices = world.applications()?.notices(&application.id).await?;
    same("notices", &notices.iter().filter(|notice| notice.kind == "receipt").count(), &1)
}
