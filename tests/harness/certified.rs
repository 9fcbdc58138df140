//! The way of a PEC: who elected which certified mailbox, what was sent of a case, and the receipts that come back.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    application::{Application, Who},
    campaign::Campaign,
    ids::ApplicationId,
    lifecycle::{Event, State},
    notice::NoticeKind,
};
use outside::clock;
use serde_json::json;
use store::{applications::Applications, keys, outbox::NoticeRow};

use crate::{
    cases,
    mailbox::LETTER_DEADLINE,
    stock::{self, Belongs},
    story::{Deviation, StoryResult},
    world::World,
};

/// A case whose consular checks have just been reported, with its PEC on the way (CNF-1), to an elected address whose
/// local part begins with `mailbox`: the simulated provider takes its behaviour from it.
pub async fn asked_to_confirm(
    world: &World,
    campaign: &Campaign,
    belongs: &Belongs,
    mailbox: &str,
) -> StoryResult<(Application, String)> {
    let now = campaign.effective_now(clock::wall());
    let head = cases::case_in(world, campaign, belongs, State::Granted, now).await?;
    let address = elects(world, &head.id, mailbox).await?;
    let context = cases::judged(campaign, now);
    let asked = cases::happens(&head, Event::ReportChecks, Who::ConsularSystem, &context)?;
    world.applications()?.commit(&asked, &[]).await?;
    Ok((asked.into_after(), address))
}

/// Lets a seeded application elect another address, which begins with `mailbox`; gives the address.
pub async fn elects(world: &World, id: &ApplicationId, mailbox: &str) -> StoryResult<String> {
    let before = stock::elected_pec(id);
    let after = format!("{mailbox}-{before}");
    let (store, _) = world.store();
    let table = world.environment.text("DRAFTS_TABLE")?;
    let found = store
        .query()
        .table_name(&table)
        .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
        .expression_attribute_values(":pk", AttributeValue::S(keys::application(id)))
        .expression_attribute_values(":sk", AttributeValue::S(keys::SECTION_PREFIX.to_owned()))
        .send()
        .await?;
    for mut item in found.items.unwrap_or_default() {
        let body = item.get("body").and_then(|body| body.as_s().ok()).cloned().unwrap_or_default();
        if body.contains(&before) {
            let body = body.replace(&before, &after);
            item.insert("body".to_owned(), AttributeValue::S(body));
            store.put_item().table_name(&table).set_item(Some(item)).send().await?;
            return Ok(after);
        }
    }
    Err(Deviation::new("the application elects no address"))
}

/// The notice of a kind that was written with a version of the head.
pub async fn notice(
    applications: &Applications,
    head: &Application,
    kind: NoticeKind,
) -> StoryResult<NoticeRow> {
    let notices = applications.notices(&head.id).await?;
    let found = notices
        .into_iter()
        .find(|row| row.kind() == Some(kind) && !row.copy && u64::from(row.n) == head.version);
    found.ok_or_else(|| Deviation::new(format!("no notice {kind} at version {}", head.version)))
}

/// Waits until a notice is as it should be; the receipts are read again and again meanwhile.
pub async fn notice_that(
    world: &World,
    head: &Application,
    kind: NoticeKind,
    what: &str,
    fits: impl Fn(&NoticeRow) -> bool,
) -> StoryResult<NoticeRow> {
    let applications = world.applications()?;
    world
        .story
        .eventually(what, LETTER_DEADLINE * 2, || async {
            reads_receipts(world).await?;
            let row = notice(&applications, head, kind).await?;
            Ok(if fits(&row) { Ok(row) } else { Err(format!("{row:?}")) })
        })
        .await
}

/// One run of read-pec-receipts.
pub async fn reads_receipts(world: &World) -> StoryResult {
    let function = world.function("read-pec-receipts")?;
    world.emulator.invoke(&function, &json!({})).await.map(|_| ())
}
