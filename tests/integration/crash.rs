//! In the middle of a journey a function is killed, or the stream is switched off: nothing accepted is lost (SUB-2, SUB-5).

use std::time::Duration;

use harness::{
    campaigns::Plan,
    fault_proxy::{Fault, Order},
    mailbox::LETTER_DEADLINE,
    receipts::PublishedKeys,
    story::{Told, ensure, same},
    world::World,
};
use outside::clock;
use serde_json::json;

/// The function dies between the store's answer and ours; the page presses again and gets the receipt of the first press.
#[tokio::test]
async fn a_function_killed_in_the_middle_of_the_journey_loses_nothing() -> Told {
    let world = World::enter_alone().await?;
    let campaign = Plan::new("guasto")?.publish(&world).await?;
    let employer = world.employer()?;
    let application = Box::pin(employer.has_ready_application(&campaign, clock::wall())).await?;
    // The sender of a notice updates an item of the application, too; only the submission names the account.
    let account = world.account(&employer.demo.representative).await?.to_string();
    let order = Order {
        operation: "UpdateItem".to_owned(),
        contains: account,
        nth: 1,
        times: 1,
        fault: Fault::KillCaller,
    };
    let order = world.emulator.order_fault(&order).await?;
    let killed = employer.submits(&application, &campaign).await?;
    ensure(killed.status >= 500, format!("{killed}: the function was not killed"))?;
    same("functions killed", &world.emulator.fault_fired(order).await?, &1)?;
    let first = employer.submits(&application, &campaign).await?.expect(200)?;
    let second = employer.submits(&application, &campaign).await?.expect(200)?;
    ensure(first.body == second.body, "two receipts")?;
    let code = first.text("/receipt/code")?;
    employer.pec.receives(&world.story, "the receipt", |letter| letter.speaks_of(&code)).await?;
    let events = employer.history(&application).await?;
    same(
        "submissions in the history",
        &events.iter().filter(|event| event["event"] == "submit").count(),
        &1,
    )?;
    let keys = world
        .story
        .eventually("the campaign's key is published", LETTER_DEADLINE, || async {
            let keys = PublishedKeys::fetch(&employer.browser).await?;
            let is_out = keys.keys.iter().any(|key| key.campaign == *campaign.id());
            Ok(if is_out { Ok(keys) } else { Err("not yet".to_owned()) })
        })
        .await?;
    keys.verify(&first.body).map(|_| ())
}

/// The function that starts an application dies after the write; the same click with the same key finds the application.
#[tokio::test]
async fn a_start_killed_after_the_write_is_found_again() -> Told {
    let world = World::enter_alone().await?;
    let campaign = Plan::new("guasto")?.publish(&world).await?;
    let employer = world.employer()?;
    employer.signs_in(2).await?.expect(303)?;
    let account = world.account(&employer.demo.representative).await?.to_string();
    let order = Order {
        operation: "TransactWriteItems".to_owned(),
        contains: account,
        nth: 1,
        times: 1,
        fault: Fault::KillCaller,
    };
    let order = world.emulator.order_fault(&order).await?;
    let click = || {
        let call = harness::browser::Call::new(reqwest::Method::POST, "/api/applications");
        employer.browser.send(
            call.json(&employer.preliminary_checks(&campaign))
                .header("idempotency-key", "un-solo-clic"),
        )
    };
    let killed = click().await?;
    ensure(killed.status >= 500, format!("{killed}: the function was not killed"))?;
    same("functions killed", &world.emulator.fault_fired(order).await?, &1)?;
    let application = click().await?.expect(201)?.text("/id")?;
    let list = employer.browser.get("/api/applications").await?.expect(200)?.json()?;
    same("applications", &list["applications"].as_array().map(Vec::len), &Some(1))?;
    employer.reads_activation_code_from_pec(&application).await?;
    same("letters", &employer.pec.letters_about(&application).await?.len(), &1)
}

/// With the stream off no message leaves for a while, and none is lost: the reconciler sends it.
#[tokio::test]
async fn with_the_stream_switched_off_in_the_middle_of_the_journey_nothing_is_lost() -> Told {
    let world = World::enter_alone().await?;
    let campaign = Plan::new("flusso")?.publish(&world).await?;
    let employer = world.employer()?;
    let application = Box::pin(employer.has_ready_application(&campaign, clock::wall())).await?;
    let relay = world.function("relay-changes")?;
    world.emulator.switch_source(&relay, false).await?;
    let outcome = without_the_stream(&world, &employer, &application, &campaign).await;
    world.emulator.switch_source(&relay, true).await?;
    let code = outcome?;
    // The stream comes back and delivers every change again.
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
) -> Told<String> {
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
