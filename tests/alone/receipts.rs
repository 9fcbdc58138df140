//! The provider's receipts stop: people read it on the public status, until one is read again (COM-2, NEW-7).

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{campaign::PecEvent, notice::NoticeKind};
use harness::{
    campaigns::Plan,
    certified,
    mailbox::LETTER_DEADLINE,
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::clock;
use serde_json::Value;
use store::{keys, rows::millis};

const STATUS_PATH: &str = "/facts/status.json";

/// What the public status says of the receipts; null while it says nothing.
async fn status(world: &World) -> StoryResult<Value> {
    let answer = world.browser()?.get(STATUS_PATH).await?;
    if answer.status != 200 {
        return Ok(Value::Null);
    }
    let parts = answer.json()?["parts"].as_array().cloned().unwrap_or_default();
    Ok(parts.into_iter().find(|part| part["part"] == "pec-receipts").unwrap_or_default())
}

/// A PEC that left an hour ago has no receipt, as when the password of the mailbox has expired.
async fn waits_since_an_hour(world: &World) -> StoryResult {
    let (store, _) = world.store();
    let since = clock::wall() - SignedDuration::from_hours(1);
    store
        .update_item()
        .table_name(world.environment.text("PORTAL_TABLE")?)
        .set_key(Some(keys::receipt_watch().item()))
        .update_expression("SET awaited = :since")
        .expression_attribute_values(":since", AttributeValue::N(millis(since).to_string()))
        .send()
        .await?;
    Ok(())
}

#[tokio::test]
async fn receipts_that_stop_stand_on_the_public_status_until_one_is_read() -> StoryResult {
    let world = World::enter_alone().await?;
    let stopped = world
        .story
        .eventually("the status says that no receipts come", LETTER_DEADLINE, || async {
            waits_since_an_hour(&world).await?;
            certified::reads_receipts(&world).await?;
            let status = status(&world).await?;
            Ok(if status["works"] == false { Ok(status) } else { Err(status.to_string()) })
        })
        .await?;
    let text = stopped["text"].as_str().unwrap_or_default();
    ensure(text.contains("nessun nulla osta viene revocato"), format!("not told: {stopped}"))?;
    for mark in ["app_", "acc_", "@"] {
        ensure(!stopped.to_string().contains(mark), format!("the status holds {mark}"))?;
    }

    let plan = Plan::new("ricevute")?;
    let plan = plan.changed(|file| file.policies.terms_start_at_pec = PecEvent::Sent);
    let campaign = plan.publish(&world).await?;
    let employer = world.employer()?;
    let account = stock::caller(&world, &employer, 2, SignedDuration::from_mins(10)).await?.account;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    let (asked, _) = certified::asked_to_confirm(&world, &campaign, &belongs, "anna").await?;
    certified::notice_that(
        &world,
        &asked,
        NoticeKind::ConfirmationRequest,
        "the PEC is delivered",
        |row| row.delivered.is_some(),
    )
    .await?;
    let works = world
        .story
        .eventually("the status says that receipts come", LETTER_DEADLINE, || async {
            certified::reads_receipts(&world).await?;
            let status = status(&world).await?;
            Ok(if status["works"] == true { Ok(status) } else { Err(status.to_string()) })
        })
        .await?;
    same("label", &works["label"], &"Ricevute delle PEC".into())
}
