//! The readiness radar (NEW-2): what blocks each application, who must act, and what it costs to ask for nine hundred.

use std::{collections::BTreeMap, time::Instant};

use domain::{
    application::{Application, Stage},
    calendar,
    campaign::Campaign,
    form::{Mode, Schema},
    ids::{ApplicationId, OrganisationId},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use harness::{
    browser::Answer,
    campaigns::{MODEL, Plan},
    employer::Employer,
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::clock;
use serde_json::Value;
use store::{
    applications::commit::{Companion, Content},
    applications::tasks::{Task, TaskStatus},
    drafts::Draft,
    rows::millis,
};

struct Scene {
    world: World,
    campaign: Campaign,
    operator: Employer,
    organisation: OrganisationId,
    belongs: Belongs,
}

impl Scene {
    async fn in_world(world: World) -> StoryResult<Self> {
        let campaign = Plan::new("radar")?.publish(&world).await?;
        let (operator, organisation) = world.operator().await?;
        let caller = stock::caller(&world, &operator, 2, SignedDuration::from_mins(10)).await?;
        stock::session(&world, &operator.browser, &caller).await?;
        let belongs = Belongs {
            representative: world.account(&world.employer()?.demo.representative).await?,
            filer: caller.account.clone(),
            organisation: Some(organisation.clone()),
        };
        Ok(Self { world, campaign, operator, organisation, belongs })
    }

    async fn looks(&self, more: &str) -> StoryResult<Answer> {
        let path = format!(
            "/api/applications/readiness?campaign={}&model={MODEL}{more}",
            self.campaign.id()
        );
        self.operator.browser.get(&path).await
    }

    /// An application whose code was not typed, with or without the preliminary check still queued.
    async fn starts(&self, like: &Application, check_waits: bool) -> StoryResult<Application> {
        let started = Application {
            id: ApplicationId::from_random(outside::aws::random()?),
            stage: Stage::ToValidate,
            ..like.clone()
        };
        // Not due for a long time: no run asks it while the test looks.
        let asked = if check_waits { vec![waiting("check", 3)] } else { Vec::new() };
        let begun = stock::begun(&started).counted();
        self.world.applications()?.commit(&begun, &[Companion::NewQuestions(&asked)]).await?;
        Ok(started)
    }

    /// One that waits for the registries that answer within days, and for nothing else.
    async fn waits_for_registries(&self, like: &Application) -> StoryResult<Application> {
        let schema =
            Schema::find(&like.schema).ok_or_else(|| self.world.story.deviation("no such form"))?;
        let waits = Application {
            id: ApplicationId::from_random(outside::aws::random()?),
            stage: Stage::ToComplete { attention: None },
            ..like.clone()
        };
        let mut values = self.world.drafts()?.load(&like.id).await?.values();
        let is_late = |field: &domain::form::Field| field.mode == Some(Mode::Later);
        values.retain(|key, _| !schema.field(key.as_str()).is_some_and(is_late));
        let today = calendar::local_date(clock::wall());
        let drafts = self.world.drafts()?;
        let draft = Draft::default();
        let content = Content { schema, before: &draft, after: &values, today };
        let registries: std::collections::BTreeSet<_> = schema
            .registries_needed(&values)
            .into_iter()
            .filter(|(_, mode)| *mode == Mode::Later)
            .map(|(registry, _)| format!("{}-later", registry.key()))
            .collect();
        let asked: Vec<_> = registries.iter().map(|name| waiting(name, 2)).collect();
        let along = [Companion::Content(&drafts, content), Companion::NewQuestions(&asked)];
        self.world.applications()?.commit(&stock::begun(&waits).counted(), &along).await?;
        Ok(waits)
    }
}

/// A question asked an hour ago for the first time, and due again in a day.
fn waiting(name: &str, attempts: u32) -> Task {
    let now = clock::wall();
    Task {
        name: name.to_owned(),
        attempts,
        first_asked: millis(now - SignedDuration::from_hours(1)),
        due: millis(now + SignedDuration::from_hours(24)),
        status: TaskStatus::Waiting,
    }
}

fn blocked_by(answer: &Answer) -> StoryResult<BTreeMap<String, u64>> {
    let totals = answer.json()?["totals"]["blocked_by"].as_array().cloned().unwrap_or_default();
    Ok(totals
        .iter()
        .filter_map(|one| {
            Some((one["obstacle"].as_str()?.to_owned(), one["applications"].as_u64()?))
        })
        .collect())
}

/// Totals and rows: what blocks each, who must act, since when, which registry is late.
#[tokio::test]
async fn the_radar_tells_what_blocks_each_and_who_must_act() -> StoryResult {
    let scene = Scene::in_world(World::enter().await?).await?;
    let (world, campaign) = (&scene.world, &scene.campaign);
    let ready = stock::ready_application(world, campaign, &scene.belongs).await?;
    let sent = stock::ready_application(world, campaign, &scene.belongs).await?;
    scene.operator.submits(sent.id.as_str(), campaign).await?.expect(200)?;
    let by_hand = stock::incomplete_application(world, campaign, &scene.belongs).await?;
    let to_validate = scene.starts(&ready, false).await?;
    let to_check = scene.starts(&ready, true).await?;
    let late = scene.waits_for_registries(&ready).await?;
    let colleagues = Belongs {
        filer: world.account(&world.employer()?.demo.representative).await?,
        ..scene.belongs.clone()
    };
    stock::ready_application(world, campaign, &colleagues).await?;

    let answer = scene.looks("&limit=100").await?.expect(200)?;
    answer.is_kept_by_no_cache()?;
    for (total, wanted) in [("applications", 7), ("ready", 2), ("sendable", 1), ("sent", 1)] {
        same(total, &answer.number(&format!("/totals/{total}"))?, &wanted)?;
    }
    let totals = blocked_by(&answer)?;
    for obstacle in ["by-hand", "activation-code", "preliminary-check"] {
        same(obstacle, &totals.get(obstacle).copied(), &Some(1))?;
    }
    ensure(totals.keys().any(|code| code.starts_with("registry:")), format!("{totals:?}"))?;

    let rows = answer.json()?["rows"].as_array().cloned().unwrap_or_default();
    same("rows", &rows.len(), &4)?;
    let row = |application: &Application| {
        rows.iter()
            .find(|row| row["id"] == application.id.as_str())
            .cloned()
            .ok_or_else(|| scene.world.story.deviation("a row is missing"))
    };
    let typed = row(&by_hand)?;
    same("who acts", &typed["blocked_by"][0]["who_acts"], &"person".into())?;
    same("missing field", &typed["missing"][0]["field"], &"workplace_street".into())?;
    ensure(typed["worker"].is_string() && typed["percent"].is_u64(), format!("{typed}"))?;
    for application in [&to_validate, &to_check] {
        ensure(row(application)?["percent"].is_null(), "a percent without a form")?;
    }
    let check = &row(&to_check)?["blocked_by"][0];
    same("the check is late", &check["late"], &true.into())?;
    let waits = row(&late)?;
    let obstacles = waits["blocked_by"].as_array().cloned().unwrap_or_default();
    ensure(!obstacles.is_empty(), format!("{waits}"))?;
    for obstacle in obstacles {
        same("who acts", &obstacle["who_acts"], &"registry".into())?;
        same("late", &obstacle["late"], &true.into())?;
        let since: jiff::Timestamp = obstacle["since"].as_str().unwrap_or_default().parse()?;
        ensure(clock::wall() - SignedDuration::from_mins(50) > since, format!("{obstacle}"))?;
    }

    let mut paged = Vec::new();
    let mut next = String::new();
    loop {
        let page = scene.looks(&format!("&limit=3{next}")).await?.expect(200)?.json()?;
        paged.extend(page["rows"].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    same("rows page by page", &paged, &rows)
}

/// Wrong questions, other people's cursors, and no session.
#[tokio::test]
async fn a_wrong_question_is_refused() -> StoryResult {
    let scene = Scene::in_world(World::enter().await?).await?;
    for _ in 0..2 {
        let belongs = &scene.belongs;
        stock::incomplete_application(&scene.world, &scene.campaign, belongs).await?;
    }
    let browser = &scene.operator.browser;
    let path = "/api/applications/readiness";
    for (wrong, slug) in [
        ("", "campi-non-validi"),
        ("?campaign=demo", "campi-non-validi"),
        ("?model=c-stag-agricoltura", "campi-non-validi"),
        ("?campaign=mai-pubblicata&model=c-stag-agricoltura", "modello-non-previsto"),
    ] {
        browser.get(&format!("{path}{wrong}")).await?.refused(422, slug)?;
    }
    for wrong in ["&limit=0", "&limit=101", "&cursor=x"] {
        scene.looks(wrong).await?.refused(422, "campi-non-validi")?;
    }
    let cursor = scene.looks("&limit=1").await?.expect(200)?.text("/next")?;
    let stranger = scene.world.employer()?;
    let caller = stock::caller(&scene.world, &stranger, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&scene.world, &stranger.browser, &caller).await?;
    let theirs = format!("{path}?campaign={}&model={MODEL}", scene.campaign.id());
    let answer = stranger.browser.get(&format!("{theirs}&cursor={cursor}")).await?;
    answer.refused(422, "campi-non-validi")?;
    let empty = stranger.browser.get(&theirs).await?.expect(200)?;
    same("a stranger's applications", &empty.number("/totals/applications")?, &0)?;
    scene.world.browser()?.get(&theirs).await?.refused(401, "sessione-assente")?;
    Ok(())
}

/// CAL-2: on a day on which the section cannot be read, neither can the radar.
#[tokio::test]
async fn on_the_closed_day_the_radar_is_closed() -> StoryResult {
    let mut scene = Scene::in_world(World::enter().await?).await?;
    let now = clock::wall();
    let hours = SignedDuration::from_hours;
    let closure = domain::campaign::WindowFile::new(
        format!("{:.3}", now - hours(1)),
        format!("{:.3}", now + hours(1)),
    );
    // Filling in ended two days ago, and sending begins when the closed day is over.
    scene.campaign = Plan::new("radar")?
        .starts_and_edits(now - hours(72))
        .sends(now + hours(2), None)
        .changed(|file| {
            for model in &mut file.models {
                model.read_closed = vec![closure.clone()];
            }
        })
        .publish(&scene.world)
        .await?;
    scene.looks("").await?.refused(409, "finestra-non-aperta")?;
    Ok(())
}

/// Nine hundred applications cost eight queries of the organisation's shards and a reading for each hundred.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nine_hundred_applications_cost_a_few_dozen_requests() -> StoryResult {
    const READY: usize = 500;
    const OPEN: usize = 400;
    let scene = Scene::in_world(World::enter().await?).await?;
    let (world, campaign, belongs) = (&scene.world, &scene.campaign, &scene.belongs);
    let seeded: Vec<Application> = stream::iter(0..READY + OPEN)
        .map(|n| async move {
            if n < READY {
                stock::ready_application(world, campaign, belongs).await
            } else {
                stock::incomplete_application(world, campaign, belongs).await
            }
        })
        .buffer_unordered(16)
        .try_collect()
        .await?;
    let emulator = &scene.world.emulator;
    let ids: Vec<&str> = seeded.iter().map(|application| application.id.as_str()).collect();
    let begun = Instant::now();
    let answer = scene.looks("").await?.expect(200)?;
    let took = begun.elapsed().as_secs_f64();
    let shards = emulator.store_requests(scene.organisation.as_str()).await?;
    same("queries of the shards", &shards.get("Query").copied(), &Some(8))?;
    let batches = emulator.store_requests_with_any(&ids).await?;
    let read = batches.get("BatchGetItem").copied().unwrap_or_default();
    // Nine for the heads, four for the summaries of those that are open.
    ensure((13..=20).contains(&read), format!("{read} batches were read"))?;
    for application in seeded.iter().step_by(45) {
        let asked = emulator.store_requests(application.id.as_str()).await?;
        let wanted = if matches!(application.stage, Stage::ToSend(_)) { 1 } else { 2 };
        same("calls about one", &asked, &BTreeMap::from([("BatchGetItem".to_owned(), wanted)]))?;
    }
    same("applications", &answer.number("/totals/applications")?, &900)?;
    same("ready", &answer.number("/totals/ready")?, &500)?;
    same("by hand", &blocked_by(&answer)?.get("by-hand").copied(), &Some(400))?;
    println!("radar over 900 applications: {took:.2} s, 8 queries of shards, {read} batches");
    Ok(())
}

/// The radar names a missing value by its label, so that people need not open the form to find out.
#[tokio::test]
async fn rows_of_the_list_name_what_is_missing() -> StoryResult {
    let scene = Scene::in_world(World::enter().await?).await?;
    let belongs = &scene.belongs;
    let open = stock::incomplete_application(&scene.world, &scene.campaign, belongs).await?;
    let list = scene.operator.browser.get("/api/applications").await?.expect(200)?.json()?;
    let row = list["applications"][0].clone();
    same("row", &row["id"], &open.id.as_str().into())?;
    let missing = row["missing"].as_array().cloned().unwrap_or_default();
    same("missing", &missing.len(), &1)?;
    ensure(missing[0]["label"].as_str().is_some_and(|label| !label.is_empty()), "no label")?;
    ensure(row["percent"].as_u64().is_some_and(|percent| percent < 100), format!("{row}"))?;
    // Erased with the draft.
    let browser = &scene.operator.browser;
    browser.delete(&format!("/api/applications/{}", open.id)).await?.expect(204)?;
    let left = scene.world.drafts()?.summaries(std::slice::from_ref(&open.id)).await?;
    ensure(left.is_empty(), "the names outlive the draft")?;
    let list = scene.operator.browser.get("/api/applications").await?.expect(200)?.json()?;
    same("list", &list["applications"], &Value::Array(Vec::new()))
}

/// A draft from before there were summaries is read whole.
#[tokio::test]
async fn a_draft_without_a_summary_is_read_whole() -> StoryResult {
    let scene = Scene::in_world(World::enter().await?).await?;
    let belongs = &scene.belongs;
    let open = stock::incomplete_application(&scene.world, &scene.campaign, belongs).await?;
    let before = scene.looks("").await?.expect(200)?;
    let (store, _) = scene.world.store();
    store
        .delete_item()
        .table_name(scene.world.environment.text("DRAFTS_TABLE")?)
        .set_key(Some(store::keys::summary(&open.id).item()))
        .send()
        .await?;
    let left = scene.world.drafts()?.summaries(std::slice::from_ref(&open.id)).await?;
    ensure(left.is_empty(), "the summary is still there")?;
    let after = scene.looks("").await?.expect(200)?;
    same("radar", &after.json()?, &before.json()?)
}
