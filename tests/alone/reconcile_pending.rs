//! reconcile-pending: it forwards an item that the relay left waiting for too long (SUB-5, ADR 0004).

use aws_sdk_dynamodb::types::AttributeValue;
use harness::{
    campaigns::Plan,
    mailbox::LETTER_DEADLINE,
    stock,
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::clock;
use serde_json::json;
use store::rows::millis;

/// A mark that the stream does not tell as news (it is as before) waits until the reconciler finds it.
#[tokio::test]
async fn what_has_waited_for_too_long_is_sent_again_and_has_one_effect() -> StoryResult {
    let world = World::enter_alone().await?;
    let campaign = Plan::new("ripresa")?.publish(&world).await?;
    let employer = world.employer()?;
    let caller = stock::caller(&world, &employer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&world, &employer.browser, &caller).await?;
    let application = stock::ready_for(&world, &campaign, &employer).await?;
    let id = application.id.as_str();
    let relay = world.function("relay-changes")?;
    world.emulator.switch_source(&relay, false).await?;
    let outcome = async {
        employer.submits(id, &campaign).await?.expect(200)?;
        waits_since_long_ago(&world, &application).await?;
        // The rounds are past an instant of an hour ago: an operator has them begin anew.
        let anew = json!({ "anew": true });
        let done = world.emulator.invoke(&world.function("reconcile-pending")?, &anew).await?;
        ensure(
            done["sent"].as_u64().is_some_and(|sent| sent >= 1),
            format!("nothing was sent again: {done}"),
        )?;
        world
            .story
            .eventually(
                "the submission is recorded without the stream",
                LETTER_DEADLINE,
                || async {
                    let events = world.applications()?.history(&application.id).await?;
                    let seen = format!("{} events", events.len());
                    Ok(if events.iter().any(|event| event.to == "submitted") {
                        Ok(())
                    } else {
                        Err(seen)
                    })
                },
            )
            .await
    }
    .await;
    world.emulator.switch_source(&relay, true).await?;
    outcome?;
    // Once more, now that nothing waits.
    let anew = json!({ "anew": true });
    world.emulator.invoke(&world.function("reconcile-pending")?, &anew).await?;
    let events = world.applications()?.history(&application.id).await?;
    same(
        "events of the submission",
        &events.iter().filter(|event| event.to == "submitted").count(),
        &1,
    )
}

/// What waits since a moment ago is left to the stream.
#[tokio::test]
async fn what_waits_since_a_moment_ago_is_left_alone() -> StoryResult {
    let world = World::enter_alone().await?;
    let campaign = Plan::new("ripresa")?.publish(&world).await?;
    let employer = world.employer()?;
    let caller = stock::caller(&world, &employer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&world, &employer.browser, &caller).await?;
    let application = stock::ready_for(&world, &campaign, &employer).await?;
    let relay = world.function("relay-changes")?;
    world.emulator.switch_source(&relay, false).await?;
    let outcome = async {
        employer.submits(application.id.as_str(), &campaign).await?.expect(200)?;
        world.emulator.invoke(&world.function("reconcile-pending")?, &json!({})).await?;
        let events = world.applications()?.history(&application.id).await?;
        same(
            "events of the submission",
            &events.iter().filter(|event| event.to == "submitted").count(),
            &0,
        )
    }
    .await;
    world.emulator.switch_source(&relay, true).await?;
    outcome
}

/// Moves the mark an hour back, as if the stream had been off for so long.
async fn waits_since_long_ago(
    world: &World,
    application: &domain::application::Application,
) -> StoryResult {
    let due = millis(clock::wall() - SignedDuration::from_hours(1));
    let (store, _) = world.store();
    store
        .update_item()
        .table_name(world.environment.text("PORTAL_TABLE")?)
        .set_key(Some(store::keys::head(&application.id).item()))
        .update_expression("SET pending_due = :due")
        .condition_expression("attribute_exists(pending_pk)")
        .expression_attribute_values(":due", AttributeValue::N(due.to_string()))
        .send()
        .await?;
    Ok(())
}
