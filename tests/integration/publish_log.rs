//! publish-log on the deployed stack: each submission is in its campaign's public log once, and its receipt proves it to who
//! has nothing but the public files (RNK-3).

use std::{fs, process::Command};

use domain::{
    application::Application,
    campaign::Campaign,
    ids::{AccountId, ApplicationId},
    lifecycle::State,
    transparency::checkpoint::Checkpoint,
};
use futures::future::{try_join, try_join_all};
use harness::{
    campaigns::Plan,
    cases,
    environment::root,
    fault_proxy::{Fault, Order},
    mailbox::LETTER_DEADLINE,
    stock::{self, Belongs},
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::{aws, clock};
use serde_json::{Value, json};
use store::submission_log::SubmissionLog;

/// A campaign that the schedule does not know, so that only the runs of a test write its log.
struct Scene {
    world: World,
    campaign: Campaign,
    rows: SubmissionLog,
    /// A case that was sent; others are made after it.
    model: Application,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("registro")?.publish_apart(&world).await?;
        let employer = AccountId::keyed(&fresh()?);
        let belongs =
            Belongs { representative: employer.clone(), filer: employer, organisation: None };
        let now = campaign.effective_now(clock::wall());
        let model = cases::case_in(&world, &campaign, &belongs, State::Submitted, now).await?;
        let table = world.environment.text("PORTAL_TABLE")?;
        let rows = SubmissionLog::new(world.store().0.clone(), table);
        Ok(Self { world, campaign, rows, model })
    }

    /// So many submissions are recorded; there is no more of them than that.
    async fn are_recorded(&self, count: usize) -> StoryResult {
        let waits = (0..count).map(|_| async {
            let mut head = self.model.clone();
            head.id = ApplicationId::from_random(fresh()?);
            Ok::<_, Deviation>(self.rows.wait(&head, clock::wall()).await?)
        });
        try_join_all(waits).await?;
        Ok(())
    }

    async fn runs(&self) -> StoryResult<Value> {
        runs(&self.world, &self.campaign).await
    }

    /// A run without anything that failed, as the schedule makes one each minute.
    async fn runs_to_the_end(&self) -> StoryResult<Value> {
        let run = || async {
            let done = self.runs().await?;
            Ok(if done["failed"] == json!(0) { Ok(done) } else { Err(done.to_string()) })
        };
        self.world.story.eventually("a run reads and writes all", LETTER_DEADLINE, run).await
    }

    async fn head(&self) -> StoryResult<String> {
        head(&self.world, &self.campaign).await
    }

    /// The public log has so many entries, each once, and nothing waits for it.
    async fn has(&self, size: u64) -> StoryResult {
        same("size", &Checkpoint::size_of(&self.head().await?), &Some(size))?;
        same("waiting", &self.rows.waiting(self.campaign.id(), 125).await?.len(), &0)?;
        same("whole", &judged(&self.world, &self.campaign, "whole", None).await?.as_str(), &"fits")
    }
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(error.to_string()))
}

async fn runs(world: &World, campaign: &Campaign) -> StoryResult<Value> {
    let function = world.function("publish-log")?;
    let done = world.emulator.invoke(&function, &json!({ "campaign": campaign.id() })).await?;
    world.story.tell(format_args!("log: {done}"));
    Ok(done)
}

async fn head(world: &World, campaign: &Campaign) -> StoryResult<String> {
    let path = format!("/facts/log/{}/checkpoint", campaign.id());
    let answer = world.browser()?.get(&path).await?.expect(200)?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

/// What the checker of the documentation says of the public files, with a file of its own: a receipt, or a head.
async fn judged(
    world: &World,
    campaign: &Campaign,
    command: &str,
    file: Option<&[u8]>,
) -> StoryResult<String> {
    let folder = root().join(".local/public-logs").join(campaign.id().as_str());
    fs::create_dir_all(&folder)?;
    let keys = world.browser()?.get("/facts/log-keys.json").await?.expect(200)?;
    fs::write(folder.join("log-keys.json"), &keys.body)?;
    let mut check = Command::new("python3");
    check
        .arg(root().join("docs/verify_log.py"))
        .arg(command)
        .arg(format!("{}/facts/log/{}", world.portal(), campaign.id()))
        .arg(folder.join("log-keys.json"));
    if let Some(content) = file {
        fs::write(folder.join("file"), content)?;
        check.arg(folder.join("file"));
    }
    // The edge that answers it runs in another process, and this thread has nothing else to do.
    let said = check.output()?;
    Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

/// RNK-3, SUB-4: an employer sends, keeps the receipt, and proves with the public files alone that it is in the log; the
/// receipt of nobody is not.
#[tokio::test]
async fn a_receipt_is_proven_by_the_public_log() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("registro")?.publish(&world).await?;
    let employer = world.employer()?;
    let caller = stock::caller(&world, &employer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&world, &employer.browser, &caller).await?;
    let application = stock::ready_for(&world, &campaign, &employer).await?;
    employer.submits(application.id.as_str(), &campaign).await?.expect(200)?;
    let receipt = employer.receipt(application.id.as_str()).await?.expect(200)?;
    world
        .story
        .eventually("the receipt is in the log", LETTER_DEADLINE, || async {
            runs(&world, &campaign).await?;
            let path = format!("/facts/log/{}/checkpoint", campaign.id());
            if world.browser()?.get(&path).await?.status != 200 {
                return Ok(Err("no head yet".to_owned()));
            }
            let said = judged(&world, &campaign, "inclusion", Some(&receipt.body)).await?;
            Ok(if said == "fits" { Ok(()) } else { Err(said) })
        })
        .await?;
    // The entry says when and of which model, and nothing by which a stranger finds whose it is.
    let bundle = format!("/facts/log/{}/tile/entries/000.p/1", campaign.id());
    let bundle = world.browser()?.get(&bundle).await?.expect(200)?;
    let text = String::from_utf8_lossy(&bundle.body).into_owned();
    ensure(text.contains(application.model.as_str()), format!("no model in {text}"))?;
    for secret in [application.id.as_str(), "RIC-", "acc_", "own_"] {
        ensure(!text.contains(secret), format!("{secret} is public"))?;
    }
    ensure(
        bundle.header("cache-control").is_some_and(|kept| kept.contains("immutable")),
        format!("{bundle}: a tile never changes"),
    )?;
    let changed = String::from_utf8_lossy(&receipt.body).replace("RIC-", "RIC-0");
    let said = judged(&world, &campaign, "inclusion", Some(changed.as_bytes())).await?;
    same("another code", &said.as_str(), &"the entry is not in the log")
}

/// RNK-3: two runs at the same moment, over more than one bundle, write one log with each submission once; a head that was
/// kept is the beginning of what comes later.
#[tokio::test]
async fn two_runs_at_once_log_each_submission_once() -> StoryResult {
    let scene = Scene::open().await?;
    scene.are_recorded(300).await?;
    try_join(scene.runs(), scene.runs()).await?;
    scene.runs_to_the_end().await?;
    scene.has(300).await?;
    let kept = scene.head().await?;
    scene.are_recorded(30).await?;
    scene.runs_to_the_end().await?;
    scene.has(330).await?;
    let said = judged(&scene.world, &scene.campaign, "consistency", Some(kept.as_bytes())).await?;
    same("consistency", &said.as_str(), &"fits")?;
    let again = scene.runs_to_the_end().await?;
    same("logged by a run with nothing to do", &again["logged"], &json!(0))
}

/// RNK-3: the function is killed after its tiles and head are public, before it writes down how far it is; the next run
/// writes the same again.
#[tokio::test]
async fn a_run_that_dies_after_the_tiles_forks_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    scene.are_recorded(20).await?;
    scene.runs_to_the_end().await?;
    scene.are_recorded(20).await?;
    for (operation, nth, fault) in [
        // What waited is taken out.
        ("BatchWriteItem", 1, Fault::KillCaller),
        // How far the log is: the first write is the decision, the second comes after the tiles.
        ("PutItem", 2, Fault::CutBefore),
        ("PutItem", 2, Fault::KillCaller),
    ] {
        let contains = scene.campaign.id().to_string();
        let order = Order { operation: operation.to_owned(), contains, nth, times: 20, fault };
        let order = scene.world.emulator.order_fault(&order).await?;
        // Killed or cut off: whatever it answers.
        let _ = scene.runs().await;
        scene.world.emulator.cancel_fault(order).await?;
        let there = Checkpoint::size_of(&scene.head().await?);
        scene.runs_to_the_end().await?;
        ensure(Checkpoint::size_of(&scene.head().await?) >= there, "the head went back")?;
        scene.are_recorded(1).await?;
    }
    scene.runs_to_the_end().await?;
    scene.has(43).await
}
