//! In the middle of a journey the stream is switched off: nothing accepted is lost (SUB-2, SUB-5).

use std::time::Duration;

use harness::{
    campaigns::Plan,
    story::{StoryResult, ensure, same},
    world::World,
};
use outside::clock;
use serde_json::json;

/// With the stream off nothing is told for a while, and nothing is lost: the reconciler sends it again.
#[tokio::test]
async fn with_the_stream_switched_off_in_the_middle_of_the_journey_nothing_is_lost() -> StoryResult
{
    let world = World::enter_alone().await?;
    let campaign = Plan::new("flusso")?.publish(&world).await?;
    let employer = world.employer()?;
    let application = Box::pin(employer.has_ready_application(&campaign, clock::wall())).await?;
    let relay = world.function("relay-changes")?;
    world.emulator.switch_source(&relay, false).await?;
    let outcome = without_the_stream(&world, &employer, &application, &campaign).await;
    world.emulator.switch_source(&relay, true).await?;
    let code = outcome?;
    // The stream comes back and tells everything again.
    let events = employer.history(&application).await?;
    same(
        "submissions in the history",
        &events.iter().filter(|event| event["event"] == "submit").count(),
        &1,
    )?;
    let letters = employer.pec.letters().await?;
    same(
        "letters with the receipt",
        &letters.iter().filter(|letter| letter.speaks_of(&code)).count(),
        &1,
    )
}

async fn without_the_stream(
    world: &World,
    employer: &harness::employer::Employer,
    application: &str,
    campaign: &domain::campaign::Campaign,
) -> StoryResult<String> {
    let receipt = employer.submits(application, campaign).await?.expect(200)?;
    let repeated = employer.submits(application, campaign).await?.expect(200)?;
    ensure(receipt.body == repeated.body, "two receipts")?;
    let code = receipt.text("/receipt/code")?;
    let reconcile = world.function("reconcile-pending")?;
    // Locally what is older than ten seconds counts as forgotten; the notice waits anew after the event was recorded.
    let sent = std::sync::atomic::AtomicU64::new(0);
    world
        .story
        .eventually(
            "the receipt arrives by way of the reconciler",
            Duration::from_mins(2),
            || async {
                let done = world.emulator.invoke(&reconcile, &json!({})).await?;
                sent.fetch_add(
                    done["sent"].as_u64().unwrap_or_default(),
                    std::sync::atomic::Ordering::Relaxed,
                );
                let letters = employer.pec.letters().await?;
                Ok(if letters.iter().any(|letter| letter.speaks_of(&code)) {
                    Ok(())
                } else {
                    Err("no letter".to_owned())
                })
            },
        )
        .await?;
    let sent = sent.into_inner();
    ensure(sent >= 1, "nothing was sent again: the stream told it, so it was not off")?;
    Ok(code)
}
