//! Documents that a case has asked for, at the deployed portal (CTR-2, MOD-1, ENT-1).

use domain::{
    application::Who,
    decision::Decision,
    document::DocumentKind,
    lifecycle::{
        Event,
        consequence::{Act, Cause},
    },
};
use harness::{
    contracts::{self, PATIENCE, ToSign},
    story::{StoryResult, ensure, same},
    world::World,
};
use outside::{clock, files::sha256};
use serde_json::json;

/// CTR-1: the contract is made once, and its sending is the event that begins the term; the same message again makes
/// nothing again.
#[tokio::test]
async fn the_contract_is_made_once_and_begins_its_term() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    ensure(case.contract.starts_with(b"%PDF-"), "no PDF")?;
    let list = case
        .employer
        .browser
        .get(&format!("/api/applications/{}/documents", case.id))
        .await?
        .expect(200)?
        .json()?;
    ensure(
        list.to_string().contains(&sha256(&case.contract)),
        "the digest in the list is another one",
    )?;
    let id = case.id.parse()?;
    let documents = store::documents::Documents::new(
        world.store().0.clone(),
        world.environment.text("PORTAL_TABLE")?,
    );
    let rows = documents.of(&id).await?;
    let contract = store::documents::newest(&rows, DocumentKind::Contract)
        .ok_or_else(|| world.story.deviation("no contract"))?;
    let key = contract.key();
    let body = json!({ "v": 1, "pk": key.pk, "sk": key.sk }).to_string();
    let event =
        json!({ "Records": [{ "messageId": "1", "body": body, "eventSource": "aws:sqs" }] });
    for _ in 0..2 {
        world.emulator.invoke(&world.function("make-document")?, &event).await?;
    }
    same("documents", &documents.of(&id).await?.len(), &rows.len())?;
    let history = case.employer.history(&case.id).await?;
    let sent = history.iter().filter(|one| one.get("event") == Some(&json!("send-contract")));
    same("sendings", &sent.count(), &1)?;
    let head =
        world.applications()?.head(&id).await?.ok_or_else(|| world.story.deviation("no head"))?;
    let term = head.procedure().and_then(|procedure| procedure.running_term().copied());
    ensure(term.is_some(), "no term runs")
}

/// MOD-1: one PEC announces three documents that belong together, when all of them are made.
#[tokio::test]
async fn documents_that_belong_together_go_with_one_pec() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let id = case.id.parse()?;
    let head =
        world.applications()?.head(&id).await?.ok_or_else(|| world.story.deviation("no head"))?;
    let noted =
        head.note(Act::ChangeContent, Who::System, case.campaign.effective_now(clock::wall()));
    // The three documents, without the state that leads to them.
    let cause = Cause::Event(Event::IssueModules);
    let asked = Decision::scene(cause, Some(&head), noted.after(), Who::System);
    world.applications()?.commit(&asked, &[]).await?;
    for kind in ["module-1", "module-2", "kit"] {
        let file = contracts::document(&world, &case.employer, &case.id, kind).await?;
        ensure(file.starts_with(b"%PDF-"), format!("{kind} is no PDF"))?;
    }
    let count = world
        .story
        .eventually("the PEC with the modules", PATIENCE, || async {
            let notices = world.applications()?.notices(&id).await?;
            let told = notices.iter().filter(|notice| notice.kind == "modules-issued").count();
            Ok(if told > 0 { Ok(told) } else { Err("none yet".to_owned()) })
        })
        .await?;
    same("PECs with the modules", &count, &1)
}
