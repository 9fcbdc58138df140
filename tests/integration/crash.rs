//! In the middle of a journey a function is killed: nothing accepted is lost (SUB-2, SUB-5).

use harness::{
    campaigns::Plan,
    employer::started,
    fault_proxy::{Fault, Order},
    mailbox::LETTER_DEADLINE,
    receipts::PublishedKeys,
    story::{StoryResult, ensure, same},
    world::World,
};
use outside::clock;

/// The function dies between the store's answer and ours; the page presses again and gets the receipt of the first press.
#[tokio::test]
async fn a_function_killed_in_the_middle_of_the_journey_loses_nothing() -> StoryResult {
    let world = World::enter().await?;
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
async fn a_start_killed_after_the_write_is_found_again() -> StoryResult {
    let world = World::enter().await?;
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
    let application = started(click().await?)?;
    let list = employer.browser.get("/api/applications").await?.expect(200)?.json()?;
    same("applications", &list["applications"].as_array().map(Vec::len), &Some(1))?;
    employer.reads_activation_code_from_pec(&application).await?;
    same("letters", &employer.pec.letters_about(&application).await?.len(), &1)
}
