//! read-applications on the deployed portal: list, one, history, communications, receipt; of one's own applications
//! alone (OWN-1, PER-1).

use domain::{application::Application, calendar, campaign::Campaign, lifecycle::State};
use harness::{
    campaigns::Plan,
    cases, contracts,
    employer::Employer,
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::clock;
use serde_json::{Value, json};

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
            // A client makes `/api/communications` of it, which lists one's own.
            if (id, end) == ("..", "/communications") {
                continue;
            }
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

/// CNF-3: what must be done first comes first, page by page, and what has no term is no part of that list.
#[tokio::test]
async fn the_list_by_deadline_begins_with_what_ends_first() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("scadenze")?.publish_apart(&world).await?;
    let employer = signed_in(&world).await?;
    let account = world.account(&employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    stock::ready_application(&world, &campaign, &belongs).await?;
    for (state, days) in [
        (State::IntegrationRequested, 1),
        (State::InReview, 3),
        (State::IntegrationRequested, 2),
        (State::RefusalAnnounced, 1),
        (State::Granted, 1),
    ] {
        let since = campaign.effective_now(clock::wall()) - SignedDuration::from_hours(24 * days);
        cases::case_in(&world, &campaign, &belongs, state, since).await?;
    }
    let browser = &employer.browser;
    let all = browser.get("/api/applications?limit=100").await?.expect(200)?.json()?;
    let rows = all["applications"].as_array().cloned().unwrap_or_default();
    let end = |row: &Value| row["term"]["ends_at"].as_str()?.parse::<jiff::Timestamp>().ok();
    let mut ends: Vec<_> = rows.iter().filter_map(end).collect();
    ensure(ends.len() >= 2 && ends.len() < rows.len(), format!("{} terms run", ends.len()))?;
    ends.sort();

    let mut found = Vec::new();
    let mut next = String::new();
    loop {
        let path = format!("/api/applications?sort=deadline&limit=2{next}");
        let page = browser.get(&path).await?.expect(200)?.json()?;
        let rows = page["applications"].as_array().cloned().unwrap_or_default();
        ensure(rows.len() <= 2, "a page is too long")?;
        found.extend(rows.iter().filter_map(end));
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    same("ends, one after the other", &found, &ends)?;
    for wrong in ["sort=x", "fields=x", "sort=deadline&cursor=x"] {
        let path = format!("/api/applications?{wrong}");
        browser.get(&path).await?.refused(422, "campi-non-validi")?;
    }
    let nobody = signed_in(&world).await?;
    let empty = nobody.browser.get("/api/applications?sort=deadline").await?.expect(200)?;
    ensure(empty.text("/message")?.contains("scadenza"), "it is not said that nothing ends")
}

/// G10: a row has what a table shows and nothing else; the rest is read with the application.
#[tokio::test]
async fn a_list_of_rows_is_shorter_and_says_the_same() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("righe")?.publish(&world).await?;
    let employer = signed_in(&world).await?;
    let account = world.account(&employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    stock::ready_application(&world, &campaign, &belongs).await?;
    stock::incomplete_application(&world, &campaign, &belongs).await?;
    let browser = &employer.browser;
    let whole = browser.get("/api/applications").await?.expect(200)?;
    let rows = browser.get("/api/applications?fields=row").await?.expect(200)?;
    ensure(rows.body.len() < whole.body.len(), "no shorter")?;
    let search = "/api/applications/search";
    let found = browser.post(search, &json!({ "fields": "row" })).await?.expect(200)?.json()?;
    for list in [rows.json()?, found] {
        for row in list["applications"].as_array().into_iter().flatten() {
            let members = row.as_object().cloned().unwrap_or_default();
            ensure(members.values().all(|value| !value.is_null()), format!("{row}"))?;
            ensure(!members.contains_key("digest"), "a digest in a row")?;
            for shown in ["id", "model_label", "state_label", "worker", "employer", "allowed"] {
                ensure(members.contains_key(shown), format!("{shown} is not in {row}"))?;
            }
        }
    }
    browser.post(search, &json!({ "fields": "x" })).await?.refused(422, "campi-non-validi")?;
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
    let named = format!("attachment; filename=\"ricevuta-{}.json\"", sent.text("/receipt/code")?);
    same("name", &read.header("content-disposition").map(str::to_owned), &Some(named))?;
    let row = scene.employer.application(scene.application.id.as_str()).await?;
    same(
        "code in the list",
        &row["receipt_code"].as_str().map(str::to_owned),
        &Some(sent.text("/receipt/code")?),
    )?;
    same(
        "arrival in the list",
        &row["arrival"].as_str().map(str::to_owned),
        &Some(calendar::rfc3339(sent.text("/receipt/arrival")?.parse()?)),
    )
}

/// SUB-4: the PDF is made after the submission, which does not wait for it; it is among the documents, too.
#[tokio::test]
async fn the_receipt_can_be_had_as_pdf() -> StoryResult {
    let scene = Scene::open().await?;
    let (browser, path) = (&scene.employer.browser, scene.path("/receipt?format=pdf"));
    browser.get(&path).await?.refused(409, "stato-non-compatibile")?;
    scene.employer.submits(scene.application.id.as_str(), &scene.campaign).await?.expect(200)?;
    let id = scene.application.id.as_str();
    let pdf = contracts::document(&scene.world, &scene.employer, id, "receipt").await?;
    ensure(pdf.starts_with(b"%PDF"), "no PDF")?;
    let answer = browser.get(&path).await?.expect(303)?;
    let location = answer.header("location").unwrap_or_default();
    ensure(location.contains("ricevuta-"), format!("leads to {location}"))?;
    browser.get(&scene.path("/receipt?format=docx")).await?.refused(422, "campi-non-validi")?;
    Ok(())
}

/// COM-1: what a PEC said stands in the communications, with its address and a link to the receipt; all communications of a
/// person are in one list, other people's are not.
#[tokio::test]
async fn a_pec_can_be_read_in_the_communications() -> StoryResult {
    let scene = Scene::open().await?;
    scene.employer.submits(scene.application.id.as_str(), &scene.campaign).await?.expect(200)?;
    let pec = scene
        .world
        .story
        .eventually("the PEC can be read", harness::mailbox::LETTER_DEADLINE, || async {
            let all = scene.employer.communications(scene.application.id.as_str()).await?;
            let pec = all.iter().find(|one| one["kind"] == "receipt" && one["text"].is_string());
            Ok(pec.cloned().ok_or_else(|| format!("{all:?}")))
        })
        .await?;
    let text = pec["text"].as_str().unwrap_or_default();
    ensure(text.contains(&format!("/domande/{}/ricevuta", scene.application.id)), text.to_owned())?;
    same("address", &pec["to"], &stock::elected_pec(&scene.application.id).into())?;
    same("attachment", &pec["attachments"][0]["kind"], &"signed-receipt".into())?;
    let list = scene.employer.browser.get("/api/communications").await?.expect(200)?.json()?;
    let row = &list["communications"][0];
    same("application", &row["application"], &scene.application.id.as_str().into())?;
    ensure(row.get("text").is_none(), "the list shows texts")?;
    let open = scene.employer.browser.get("/api/communications?unanswered=true").await?;
    same("unanswered", &open.expect(200)?.json()?["communications"], &serde_json::json!([]))?;
    let stranger = signed_in(&scene.world).await?;
    let theirs = stranger.browser.get("/api/communications").await?.expect(200)?.json()?;
    same("of a stranger", &theirs["communications"], &serde_json::json!([]))?;
    for wrong in ["unanswered=maybe", "cursor=x"] {
        let path = format!("/api/communications?{wrong}");
        stranger.browser.get(&path).await?.refused(422, "campi-non-validi")?;
    }
    Ok(())
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
