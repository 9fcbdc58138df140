//! record-history behind its queue: once, however often and in whatever order messages come; poison stays alone (AUD-1, SUB-5).

use domain::{application::Application, campaign::Campaign};
use harness::{
    campaigns::Plan,
    employer::Employer,
    mailbox::LETTER_DEADLINE,
    stock,
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use serde_json::json;

struct Scene {
    world: World,
    campaign: Campaign,
    employer: Employer,
    application: Application,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("storico")?.publish(&world).await?;
        let employer = world.employer()?;
        let caller = stock::caller(&world, &employer, 2, SignedDuration::from_mins(10)).await?;
        stock::session(&world, &employer.browser, &caller).await?;
        let application = stock::ready_for(&world, &campaign, &employer).await?;
        Ok(Self { world, campaign, employer, application })
    }

    fn message(&self) -> String {
        message(self.application.id.as_str())
    }

    async fn is_recorded(&self) -> StoryResult {
        self.world
            .story
            .eventually("the submission is recorded", LETTER_DEADLINE, || async {
                let events = self.world.applications()?.history(&self.application.id).await?;
                let seen = format!("{} events", events.len());
                Ok(if events.iter().any(|event| event.to == "submitted") {
                    Ok(())
                } else {
                    Err(seen)
                })
            })
            .await
    }

    async fn is_recorded_once(&self) -> StoryResult {
        let applications = self.world.applications()?;
        let events = applications.history(&self.application.id).await?;
        same(
            "events of the submission",
            &events.iter().filter(|event| event.to == "submitted").count(),
            &1,
        )?;
        let notices = applications.notices(&self.application.id).await?;
        same(
            "notices of the receipt",
            &notices.iter().filter(|notice| notice.kind == "receipt").count(),
            &1,
        )
    }
}

fn message(application: &str) -> String {
    json!({ "v": 1, "pk": format!("APP#{application}"), "sk": "HEAD" }).to_string()
}

/// Twice, late, and before there is anything to record: one event, one notice.
#[tokio::test]
async fn messages_that_come_twice_and_in_any_order_are_recorded_once() -> StoryResult {
    let scene = Scene::open().await?;
    let queue = scene.world.side_queue("record-history").await?;
    // Ahead of the submission: there is nothing to record yet.
    queue.send(&scene.message()).await?;
    scene.employer.submits(scene.application.id.as_str(), &scene.campaign).await?.expect(200)?;
    for _ in 0..5 {
        queue.send(&scene.message()).await?;
    }
    scene.is_recorded().await?;
    for _ in 0..3 {
        queue.send(&scene.message()).await?;
    }
    queue.is_worked_off(&scene.world.story).await?;
    scene.is_recorded_once().await?;
    same("dead letters", &queue.dead_letters().await?, &Vec::new())?;
    queue.close().await
}

/// A message that cannot be read ends in the dead-letter queue alone; its batch goes through.
#[tokio::test]
async fn poisoned_messages_are_given_up_alone() -> StoryResult {
    let scene = Scene::open().await?;
    let queue = scene.world.side_queue("record-history").await?;
    scene.employer.submits(scene.application.id.as_str(), &scene.campaign).await?.expect(200)?;
    let absent = message("app_00000000000000000000000001");
    let poison =
        ["{".to_owned(), json!({ "v": 2, "pk": "APP#x", "sk": "HEAD" }).to_string(), absent];
    for body in &poison {
        queue.send(body).await?;
        queue.send(&scene.message()).await?;
    }
    queue.is_worked_off(&scene.world.story).await?;
    let mut dead = queue.dead_letters().await?;
    let mut wanted = poison.to_vec();
    dead.sort();
    wanted.sort();
    same("dead letters", &dead, &wanted)?;
    scene.is_recorded().await?;
    scene.is_recorded_once().await?;
    queue.close().await
}

/// What was recorded waits no more: the mark of the outbox is gone.
#[tokio::test]
async fn what_was_recorded_waits_no_more() -> StoryResult {
    let scene = Scene::open().await?;
    scene.employer.submits(scene.application.id.as_str(), &scene.campaign).await?.expect(200)?;
    scene.is_recorded().await?;
    let (store, _) = scene.world.store();
    let key = store::keys::head(&scene.application.id);
    let table = scene.world.environment.text("PORTAL_TABLE")?;
    let found = store
        .get_item()
        .table_name(table)
        .set_key(Some(key.item()))
        .consistent_read(true)
        .send()
        .await?;
    let item = found.item.unwrap_or_default();
    for attribute in ["pending_pk", "pending_due", "queue"] {
        ensure(!item.contains_key(attribute), format!("{attribute} is still there"))?;
    }
    Ok(())
}
