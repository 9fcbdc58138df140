//! read-applications on the deployed portal: list, one, history, communications, receipt; of one's own applications
//! alone (OWN-1, PER-1).

use domain::{application::Application, campaign::Campaign};
use harness::{
    campaigns::Plan,
    employer::Employer,
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use serde_json::Value;

struct Scene {
    world: World,
    campaign: Campaign,
    employer: Employer,
    application: Application,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("lettura")?.publish(&world).await?;
        let employer = signed_in(&world).await?;
        let application = stock::ready_for(&world, &campaign, &employer).await?;
        Ok(Self { world, campaign, employer, application })
    }

    fn path(&self, end: &str) -> String {
        format!("/api/applications/{}{end}", self.application.id)
    }
}

async fn signed_in(world: &World) -> StoryResult<Employer> {
    let employer = world.employer()?;
    let caller = stock::caller(world, &employer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(world, &employer.browser, &caller).await?;
    Ok(employer)
}

/// STA-1: the portal's own names for state and actions.
#[tokio::test]
async fn an_application_is_shown_with_its_state_and_what_may_be_done() -> StoryResult {
    let scene = Scene::open().await?;
    let answer = scene.employer.browser.get(&scene.path("")).await?.expect(200)?;
    answer.is_kept_by_no_cache()?;
    let row = answer.json()?;
    same("state", &row["state"], &"to-send".into())?;
    same("state as people read it", &row["state_label"], &"Da inviare".into())?;
    same("campaign", &row["campaign"], &scene.campaign.id().as_str().into())?;
    let actions = row["allowed"].as_array().cloned().unwrap_or_default();
    ensure(
        actions.iter().any(|action| action["action"] == "submit"),
        format!("nobody may send it: {row}"),
    )?;
    ensure(
        actions
            .iter()
            .all(|action| action["label"].as_str().is_some_and(|label| !label.is_empty())),
        "an action without a name",
    )
}

/// Each route answers 404 for an application of another person, for one that does not exist, and for nonsense.
#[tokio::test]
async fn what_is_not_yours_is_not_there() -> StoryResult {
    let scene = Scene::open().await?;
    let stranger = signed_in(&scene.world).await?;
    for end in ["", "/history", "/communications", "/receipt"] {
        stranger.browser.get(&scene.path(end)).await?.refused(404, "non-trovata")?;
        for id in [
            "app_00000000000000000000000001",
            "app_",
            "x",
            "..",
            "app_00000000000000000000000001%2F",
            "%00",
        ] {
            let answer = stranger.browser.get(&format!("/api/applications/{id}{end}")).await?;
            ensure(answer.status == 404, format!("{answer}: {id}{end} is there"))?;
        }
    }
    let list = stranger.browser.get("/api/applications").await?.expect(200)?.json()?;
    same("the stranger's list", &list["applications"], &Value::Array(Vec::new()))
}

/// Without a session nothing is read; after sign-out at once.
#[tokio::test]
async fn without_a_session_nothing_is_read() -> StoryResult {
    let scene = Scene::open().await?;
    let anonymous = scene.world.browser()?;
    for end in ["", "/history", "/communications", "/receipt"] {
        anonymous.get(&scene.path(end)).await?.refused(401, "sessione-assente")?;
    }
    anonymous.get("/api/applications").await?.refused(401, "sessione-assente")?;
    let browser = &scene.employer.browser;
    let token = browser.cookie(edge::session::SESSION_COOKIE).unwrap_or_default();
    browser.post("/api/session/sign-out", &serde_json::json!({})).await?.expect(204)?;
    ensure(browser.cookie(edge::session::SESSION_COOKIE).is_none(), "the browser keeps a session")?;
    browser.plant_cookie(edge::session::SESSION_COOKIE, &token);
    browser.get(&scene.path("")).await?.refused(401, "sessione-scaduta")?;
    Ok(())
}

/// An access token past its ten minutes reads nothing.
#[tokio::test]
async fn an_expired_token_reads_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let caller =
        stock::caller(&scene.world, &scene.employer, 2, SignedDuration::from_secs(-1)).await?;
    stock::session(&scene.world, &scene.employer.browser, &caller).await?;
    scene.employer.browser.get(&scene.path("")).await?.refused(401, "sessione-scaduta")?;
    Ok(())
}

/// Pages: every application once, whether the caller represents or files; a cursor is good for its caller alone.
#[tokio::test]
async fn the_list_gives_every_application_once_page_by_page() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("elenco")?.publish(&world).await?;
    let (operator, organisation) = world.operator().await?;
    let caller = stock::caller(&world, &operator, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&world, &operator.browser, &caller).await?;
    let mut wanted = Vec::new();
    for _ in 0..5 {
        let representative = world.account(&world.employer()?.demo.representative).await?;
        let belongs = Belongs {
            representative,
            filer: caller.account.clone(),
            organisation: Some(organisation.clone()),
        };
        wanted.push(stock::ready_application(&world, &campaign, &belongs).await?.id.to_string());
    }
    wanted.sort();
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..4 {
        let cursor = next.as_deref().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = operator
            .browser
            .get(&format!("/api/applications?limit=2{cursor}"))
            .await?
            .expect(200)?
            .json()?;
        let rows = page["applications"].as_array().cloned().unwrap_or_default();
        ensure(rows.len() <= 2, "a page is too long")?;
        found.extend(rows.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)));
        next = page["next"].as_str().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    found.sort();
    same("applications on all pages", &found, &wanted)?;

    let first =
        operator.browser.get("/api/applications?limit=2").await?.expect(200)?.text("/next")?;
    let stranger = signed_in(&world).await?;
    stranger
        .browser
        .get(&format!("/api/applications?cursor={first}"))
        .await?
        .refused(422, "campi-non-validi")?;
    for wrong in ["limit=0", "limit=101", "limit=x", "limit=-1", "cursor=x", "cursor="] {
        operator
            .browser
            .get(&format!("/api/applications?{wrong}"))
            .await?
            .refused(422, "campi-non-validi")?;
    }
    Ok(())
}

/// SUB-6: there is a receipt from the submission on, the same for good.
#[tokio::test]
async fn the_receipt_is_there_from_the_submission_on() -> StoryResult {
    let scene = Scene::open().await?;
    scene
        .employer
        .receipt(scene.application.id.as_str())
        .await?
        .refused(409, "stato-non-compatibile")?;
    let sent = scene
        .employer
        .submits(scene.application.id.as_str(), &scene.campaign)
        .await?
        .expect(200)?;
    let read = scene.employer.receipt(scene.application.id.as_str()).await?.expect(200)?;
    ensure(sent.body == read.body, "the downloaded receipt is another one")?;
    let row = scene.employer.application(scene.application.id.as_str()).await?;
    same(
        "code in the list",
        &row["receipt_code"].as_str().map(str::to_owned),
        &Some(sent.text("/receipt/code")?),
    )?;
    same(
        "arrival in the list",
        &row["arrival"].as_str().map(str::to_owned),
        &Some(sent.text("/receipt/arrival")?),
    )
}

/// AUD-1: the history says whether the caller did it, and names no other person.
#[tokio::test]
async fn the_history_tells_who_without_naming_anybody() -> StoryResult {
    let scene = Scene::open().await?;
    scene.employer.submits(scene.application.id.as_str(), &scene.campaign).await?.expect(200)?;
    let events = scene
        .world
        .story
        .eventually(
            "the submission is in the history",
            harness::mailbox::LETTER_DEADLINE,
            || async {
                let events = scene.employer.history(scene.application.id.as_str()).await?;
                let seen = format!("{} events", events.len());
                Ok(if events.iter().any(|event| event["event"] == "submit") {
                    Ok(events)
                } else {
                    Err(seen)
                })
            },
        )
        .await?;
    for event in &events {
        ensure(
            ["you", "somebody-else", "portal"].contains(&event["who"].as_str().unwrap_or_default()),
            format!("{event}"),
        )?;
        ensure(!event.to_string().contains("acc_"), format!("an account is named: {event}"))?;
    }
    Ok(())
}
