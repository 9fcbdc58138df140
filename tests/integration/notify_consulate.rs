//! notify-consulate behind its queue: it delivers each decision once, in order, however long the consular system is
//! down (CNF-1).

use std::time::Duration;

use domain::{
    application::{Application, Who},
    campaign::Campaign,
    lifecycle::{Event, State},
};
use harness::{
    campaigns::Plan,
    cases,
    consulate::Consulate,
    stock::Belongs,
    story::{StoryResult, ensure, same},
    world::World,
};
use outside::clock;
use serde_json::{Value, json};
use store::{consulate::ConsularMessages, keys};

/// Two pauses of the retry (30 s and 60 s), and what the reconciler takes.
const DOWN_TWICE: Duration = Duration::from_mins(3);
const SOON: Duration = Duration::from_secs(40);

struct Scene {
    world: World,
    campaign: Campaign,
    consulate: Consulate,
    belongs: Belongs,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("consolato")?.publish_apart(&world).await?;
        let consulate = Consulate::of(&world)?;
        let employer = world.employer()?;
        let account = world.account(&employer.demo.representative).await?;
        let belongs =
            Belongs { representative: account.clone(), filer: account, organisation: None };
        Ok(Self { world, campaign, consulate, belongs })
    }

    async fn case_in(&self, state: State) -> StoryResult<Application> {
        let now = self.campaign.effective_now(clock::wall());
        cases::case_in(&self.world, &self.campaign, &self.belongs, state, now).await
    }

    /// Lets an event happen with its message to the consular system, and without notices.
    async fn happens(&self, head: &Application, event: Event) -> StoryResult<Application> {
        let now = self.campaign.effective_now(clock::wall());
        let context = cases::judged(&self.campaign, now);
        let decision = cases::happens(head, event, Who::System, &context)?.telling(&[]);
        self.world.applications()?.commit(&decision, &[]).await?;
        Ok(decision.into_after())
    }

    fn messages(&self) -> StoryResult<ConsularMessages> {
        let table = self.world.environment.text("PORTAL_TABLE")?;
        Ok(ConsularMessages::new(self.world.store().0.clone(), table))
    }

    /// Waits until nothing about the application waits any more.
    async fn is_acknowledged(&self, head: &Application, within: Duration) -> StoryResult {
        self.world
            .story
            .eventually("the consular system acknowledged everything", within, || async {
                let rows = self.messages()?.of(&head.id).await?;
                let waiting: Vec<_> = rows
                    .iter()
                    .filter(|row| row.is_waiting())
                    .map(|row| (row.version, row.attempts))
                    .collect();
                Ok(if rows.is_empty() || !waiting.is_empty() {
                    Err(format!("of {} wait {waiting:?}", rows.len()))
                } else {
                    Ok(())
                })
            })
            .await
    }

    async fn attempts(&self, head: &Application) -> StoryResult<Option<i64>> {
        let heard = self.consulate.heard(&head.id).await?;
        Ok(heard.get("attempts").and_then(Value::as_i64))
    }
}

fn message(head: &Application) -> String {
    let key = keys::consular_message(&head.id, head.version);
    json!({ "v": 1, "pk": key.pk, "sk": key.sk }).to_string()
}

/// CNF-1: a confirmation reaches the consular system, with what it needs to put messages in order.
#[tokio::test]
async fn a_confirmation_is_told_once() -> StoryResult {
    let scene = Scene::open().await?;
    let waiting = scene.case_in(State::AwaitingConfirmation).await?;
    let confirmed = scene.happens(&waiting, Event::Confirm).await?;
    scene.is_acknowledged(&confirmed, SOON).await?;
    let heard = scene.consulate.heard(&confirmed.id).await?;
    let decision = heard.pointer("/decisions/0").cloned().unwrap_or_default();
    let expected = format!("{}.{}", confirmed.id, confirmed.version);
    same("message", &decision.get("message_id"), &Some(&json!(expected)))?;
    same("decision", &decision.get("decision"), &Some(&json!("confirmed")))?;
    same("version", &decision.get("version"), &Some(&json!(confirmed.version)))?;
    let at: Option<jiff::Timestamp> =
        decision.get("decided_at").and_then(Value::as_str).and_then(|at| at.parse().ok());
    // The store keeps milliseconds.
    let decided = jiff::Timestamp::from_millisecond(confirmed.changed.as_millisecond())?;
    same("decided at", &at, &Some(decided))?;
    same("attempts", &scene.attempts(&confirmed).await?, &Some(1))
}

/// Down twice, then up: delivered once, by the pauses alone, and acknowledged.
#[tokio::test]
async fn a_decision_is_told_once_although_the_consular_system_was_down_twice() -> StoryResult {
    let scene = Scene::open().await?;
    let waiting = scene.case_in(State::AwaitingConfirmation).await?;
    scene.consulate.fails(&waiting.id, 2).await?;
    let confirmed = scene.happens(&waiting, Event::Confirm).await?;
    scene.is_acknowledged(&confirmed, DOWN_TWICE).await?;
    same(
        "heard",
        &scene.consulate.heard_decisions(&confirmed.id).await?,
        &vec!["confirmed".to_owned()],
    )?;
    same("attempts", &scene.attempts(&confirmed).await?, &Some(3))?;
    let rows = scene.messages()?.of(&confirmed.id).await?;
    same("attempts counted", &rows.iter().map(|row| row.attempts).collect::<Vec<_>>(), &vec![3])
}

/// However often the queue delivers a message, also during a pause, the function makes no further attempt.
#[tokio::test]
async fn a_message_that_comes_again_and_again_asks_nobody_again() -> StoryResult {
    let scene = Scene::open().await?;
    let queue = scene.world.side_queue("notify-consulate").await?;
    let waiting = scene.case_in(State::AwaitingConfirmation).await?;
    scene.consulate.fails(&waiting.id, 1).await?;
    let confirmed = scene.happens(&waiting, Event::Confirm).await?;
    scene
        .world
        .story
        .eventually("the first attempt was made", SOON, || async {
            let attempts = scene.attempts(&confirmed).await?;
            Ok(if attempts >= Some(1) { Ok(()) } else { Err(format!("{attempts:?}")) })
        })
        .await?;
    for _ in 0..8 {
        queue.send(&message(&confirmed)).await?;
    }
    scene.is_acknowledged(&confirmed, DOWN_TWICE).await?;
    for _ in 0..8 {
        queue.send(&message(&confirmed)).await?;
    }
    queue.is_worked_off(&scene.world.story).await?;
    same("attempts", &scene.attempts(&confirmed).await?, &Some(2))?;
    same("dead letters", &queue.dead_letters().await?, &Vec::new())?;
    queue.close().await
}

/// Two decisions while the consular system is down: both are delivered, in the order in which they were taken.
#[tokio::test]
async fn two_decisions_are_told_in_their_order() -> StoryResult {
    let scene = Scene::open().await?;
    let expired = scene.case_in(State::ExpiredToVerify).await?;
    scene.consulate.fails(&expired.id, 1).await?;
    let revoked = scene.happens(&expired, Event::ConfirmExpiry).await?;
    let reopened = scene.happens(&revoked, Event::ReopenCase).await?;
    scene.is_acknowledged(&reopened, DOWN_TWICE).await?;
    same(
        "heard",
        &scene.consulate.heard_decisions(&reopened.id).await?,
        &["not-confirmed", "reopened"].map(str::to_owned).to_vec(),
    )?;
    // The second was not tried before the first was acknowledged.
    same("attempts", &scene.attempts(&reopened).await?, &Some(3))
}

/// CNF-1: the consular system learns of a renunciation when the employer can no longer undo it, and of an undone one
/// never.
#[tokio::test]
async fn nothing_is_told_while_a_renunciation_can_be_undone() -> StoryResult {
    let scene = Scene::open().await?;
    let waiting = scene.case_in(State::AwaitingConfirmation).await?;
    let renouncing = scene.happens(&waiting, Event::Renounce).await?;
    let undone = scene.happens(&renouncing, Event::UndoRenunciation).await?;
    let renouncing = scene.happens(&undone, Event::Renounce).await?;
    same("rows", &scene.messages()?.of(&renouncing.id).await?.len(), &0)?;
    same("heard", &scene.consulate.heard_decisions(&renouncing.id).await?, &Vec::new())?;
    let renounced = scene.happens(&renouncing, Event::CompleteRenunciation).await?;
    scene.is_acknowledged(&renounced, SOON).await?;
    same(
        "heard",
        &scene.consulate.heard_decisions(&renounced.id).await?,
        &vec!["renounced".to_owned()],
    )
}

/// The queue gives up on a message that cannot be read, or is about nothing, and on no other.
#[tokio::test]
async fn poisoned_messages_are_given_up_alone() -> StoryResult {
    let scene = Scene::open().await?;
    let queue = scene.world.side_queue("notify-consulate").await?;
    let waiting = scene.case_in(State::AwaitingConfirmation).await?;
    let confirmed = scene.happens(&waiting, Event::Confirm).await?;
    let poison = [
        "{".to_owned(),
        json!({ "v": 1, "pk": keys::application(&confirmed.id), "sk": "HEAD" }).to_string(),
        json!({ "v": 1, "pk": "APP#app_00000000000000000000000001", "sk": "CONSULATE#000001" })
            .to_string(),
    ];
    for body in &poison {
        queue.send(body).await?;
        queue.send(&message(&confirmed)).await?;
    }
    queue.is_worked_off(&scene.world.story).await?;
    let (mut dead, mut wanted) = (queue.dead_letters().await?, poison.to_vec());
    dead.sort();
    wanted.sort();
    same("dead letters", &dead, &wanted)?;
    scene.is_acknowledged(&confirmed, SOON).await?;
    ensure(scene.attempts(&confirmed).await? == Some(1), "it was told more than once")?;
    queue.close().await
}
