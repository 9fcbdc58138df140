//! publish-facts behind its queue: a published campaign's calendar and key come out as public files, and stay (NOT-2, SUB-4).

use domain::{
    calendar,
    campaign::{Campaign, SHORTEST_NOTICE, WindowFile},
    ids::AccountId,
    lifecycle::State,
    order::{PublicSeed, SeedChain},
};
use harness::{
    campaigns::{self, Plan},
    cases,
    environment::root,
    mailbox::LETTER_DEADLINE,
    people,
    places::PlaceOrder,
    receipts::{KEYS_PATH, PublishedKeys},
    stock::Belongs,
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::{clock, files::Files};
use serde_json::{Value, json};

const CALENDAR_PATH: &str = "/facts/calendar.json";
const SEEDS_PATH: &str = "/facts/seeds.json";

async fn is_published(world: &World, campaigns: &[&Campaign]) -> StoryResult<PublishedKeys> {
    let browser = world.browser()?;
    world
        .story
        .eventually("calendar and key are public", LETTER_DEADLINE, || async {
            let (keys, calendar) =
                (browser.get(KEYS_PATH).await?, browser.get(CALENDAR_PATH).await?);
            if keys.status != 200 || calendar.status != 200 {
                return Ok(Err(format!("{keys}, {calendar}")));
            }
            let keys = PublishedKeys::parse(&keys.body)?;
            let calendar = calendar.json()?;
            let in_calendar = |campaign: &Campaign| {
                let listed = calendar["campaigns"].as_array().cloned().unwrap_or_default();
                listed.iter().any(|entry| entry.to_string().contains(campaign.id().as_str()))
            };
            let is_out = |campaign: &&Campaign| {
                keys.keys.iter().any(|key| key.campaign == *campaign.id()) && in_calendar(campaign)
            };
            let seen = format!("{} keys", keys.keys.len());
            Ok(if campaigns.iter().all(is_out) { Ok(keys) } else { Err(seen) })
        })
        .await
}

/// Two campaigns published at the same time both come out: neither overwrites the other.
#[tokio::test]
async fn campaigns_published_together_all_come_out() -> StoryResult {
    let world = World::enter().await?;
    let mut campaigns = Vec::new();
    for _ in 0..4 {
        campaigns.push(Plan::new("calendario")?);
    }
    let published =
        futures::future::try_join_all(campaigns.into_iter().map(|plan| plan.publish(&world)))
            .await?;
    let keys = is_published(&world, &published.iter().collect::<Vec<_>>()).await?;
    for campaign in &published {
        same(
            "keys of one campaign",
            &keys.keys.iter().filter(|key| key.campaign == *campaign.id()).count(),
            &1,
        )?;
    }
    Ok(())
}

/// Waits until a stored page holds all of these texts, as it is sent to a browser without JavaScript.
async fn page_says(world: &World, path: &str, texts: &[&str]) -> StoryResult {
    let browser = world.browser()?;
    world
        .story
        .eventually("the page holds what was published", LETTER_DEADLINE, || async {
            let page = browser.get(path).await?.expect(200)?;
            let html = String::from_utf8_lossy(&page.body).into_owned();
            let missing: Vec<_> = texts.iter().filter(|text| !html.contains(**text)).collect();
            Ok(if missing.is_empty() { Ok(()) } else { Err(format!("{path} lacks {missing:?}")) })
        })
        .await
}

/// A campaign that public pages show, under a title of its own.
async fn shown_campaign(world: &World) -> StoryResult<Campaign> {
    let title = format!("Decreto {}", people::fresh_word()?);
    Plan::new("pagina")?.changed(|file| file.title = title).publish_for_people(world).await
}

/// ADR 36, NOT-2: who has no JavaScript reads a new campaign in the calendar page, and a deploy of new pages loses nothing.
#[tokio::test]
async fn the_stored_pages_hold_what_was_published_also_after_a_deploy() -> StoryResult {
    let world = World::enter().await?;
    let first = shown_campaign(&world).await?;
    for path in ["/calendario", "/"] {
        page_says(&world, path, &[first.title()]).await?;
    }
    let privacy = format!("/privacy/{}", first.privacy_notice());
    for path in ["/privacy", &privacy] {
        page_says(&world, path, &["Titolare del trattamento"]).await?;
    }

    // A deploy puts the pages there as they were built, without anything between the marks.
    let built = std::fs::read(root().join("web/dist/calendario/index.html"))?;
    ensure(!String::from_utf8_lossy(&built).contains(first.title()), "the build knows the title")?;
    let (_, sdk) = world.store();
    let site = Files::new(sdk, world.environment.text("SITE_BUCKET")?);
    site.put("calendario/index.html", "text/html; charset=utf-8", built).await?;
    let second = shown_campaign(&world).await?;
    page_says(&world, "/calendario", &[first.title(), second.title()]).await?;

    // What is a rehearsal from now on disappears; nobody looks at the campaigns of tests in between.
    for campaign in [&first, &second] {
        let mut file = campaign.clone().into_file();
        file.version += 1;
        file.rehearsal = true;
        campaigns::publish(&world, &Campaign::try_from(file)?, true).await?;
    }
    let browser = world.browser()?;
    world
        .story
        .eventually("the page shows no rehearsal", LETTER_DEADLINE, || async {
            let page = browser.get("/calendario").await?.expect(200)?;
            let html = String::from_utf8_lossy(&page.body).into_owned();
            let shown = [&first, &second].iter().any(|campaign| html.contains(campaign.title()));
            Ok(if shown { Err("a rehearsal is shown".to_owned()) } else { Ok(()) })
        })
        .await
}

/// ADR 36: after a deploy of the site an operator has all regions filled, whatever was published before.
#[tokio::test]
async fn all_pages_are_filled_when_an_operator_asks() -> StoryResult {
    let world = World::enter().await?;
    let function = world.function("publish-facts")?;
    let (_, sdk) = world.store();
    let site = Files::new(sdk, world.environment.text("SITE_BUCKET")?);
    let built = std::fs::read(root().join("web/dist/avvisi/index.html"))?;
    site.put("avvisi/index.html", "text/html; charset=utf-8", built).await?;
    let done = world.emulator.invoke(&function, &json!({ "publish": "pages" })).await?;
    ensure(done["pages"].is_u64(), format!("{done}"))?;
    page_says(&world, "/avvisi", &["Leggi e Decreti"]).await?;
    let again = world.emulator.invoke(&function, &json!({ "publish": "pages" })).await?;
    ensure(again["pages"].is_u64(), format!("{again}"))
}

/// CHK-1, ADM-2: the privacy notice of a campaign is a public file under its version, to which the calendar links.
#[tokio::test]
async fn the_privacy_notice_is_public_under_its_version() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("informativa")?.publish(&world).await?;
    is_published(&world, &[&campaign]).await?;
    let browser = world.browser()?;
    let calendar = browser.get(CALENDAR_PATH).await?.expect(200)?.json()?;
    let listed = calendar["campaigns"].as_array().cloned().unwrap_or_default();
    let own = listed.iter().find(|entry| entry["campaign"] == campaign.id().as_str());
    let link = own.map(|entry| entry["privacy"].clone()).unwrap_or_default();
    same("version", &link["version"], &json!(campaign.privacy_notice()))?;
    let notice = browser.get(link["url"].as_str().unwrap_or_default()).await?.expect(200)?;
    same("notice", &notice.json()?, &serde_json::to_value(campaign.public_privacy_notice())?)?;
    let text = String::from_utf8_lossy(&notice.body).into_owned();
    for said in ["Titolare del trattamento", "Garante per la protezione dei dati personali"] {
        ensure(text.contains(said), format!("it does not say {said}"))?;
    }
    Ok(())
}

/// A text under a version that is out already does not replace it: what people consented to stays readable.
#[tokio::test]
async fn a_published_notice_never_changes_under_its_version() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("informativa")?.publish(&world).await?;
    is_published(&world, &[&campaign]).await?;
    let mut file = campaign.clone().into_file();
    file.version += 1;
    file.title = "Campagna con un altro nome".to_owned();
    for text in file.privacy.values_mut() {
        text.push_str(" In più.");
    }
    let changed = Campaign::try_from(file)?;
    campaigns::publish(&world, &changed, true).await?;
    let browser = world.browser()?;
    world
        .story
        .eventually("the later version is in the calendar", LETTER_DEADLINE, || async {
            let calendar = browser.get(CALENDAR_PATH).await?;
            let is_in =
                String::from_utf8_lossy(&calendar.body).contains("Campagna con un altro nome");
            Ok(if is_in { Ok(()) } else { Err(calendar.to_string()) })
        })
        .await?;
    let notice = browser.get(&format!("/{}", campaign.privacy_file())).await?.expect(200)?;
    same("notice", &notice.json()?, &serde_json::to_value(campaign.public_privacy_notice())?)
}

/// NOT-2: a later version counts after five minutes, and the calendar then shows its opening, not the old one again.
#[tokio::test]
async fn a_moved_opening_reaches_the_calendar_when_it_counts() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("calendario")?.publish(&world).await?;
    is_published(&world, &[&campaign]).await?;
    let mut file = campaign.clone().into_file();
    file.version = 2;
    let opens = "2031-02-03T08:00:00.000Z";
    for model in &mut file.models {
        model.submit = vec![WindowFile::new(opens, "2031-02-04T08:00:00.000Z")];
    }
    let moved = Campaign::try_from(file)?;
    // Published so long ago that it counts in two seconds.
    let published = clock::wall() - SHORTEST_NOTICE + SignedDuration::from_secs(2);
    world.campaigns()?.publish(&moved.to_toml()?, &moved, false, None, published).await?;
    let browser = world.browser()?;
    world
        .story
        .eventually("the moved opening is public", LETTER_DEADLINE, || async {
            let calendar = browser.get(CALENDAR_PATH).await?.json()?;
            let listed = calendar["campaigns"].as_array().cloned().unwrap_or_default();
            let ours = listed.iter().find(|entry| entry["campaign"] == moved.id().as_str());
            let text = ours.map(ToString::to_string).unwrap_or_default();
            Ok(if text.contains("2031-02-03T09:00") { Ok(()) } else { Err(text) })
        })
        .await
}

/// SUB-4: an operator who added a receipt key has the keys of all campaigns published, before it signs.
#[tokio::test]
async fn all_keys_are_published_when_an_operator_asks() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("calendario")?.publish(&world).await?;
    is_published(&world, &[&campaign]).await?;
    let function = world.function("publish-facts")?;
    let asked = json!({ "publish": "receipt-keys" });
    let done = world.emulator.invoke(&function, &asked).await?;
    ensure(done["campaigns"].as_u64().is_some_and(|count| count >= 1), format!("{done}"))?;
    let keys = is_published(&world, &[&campaign]).await?;
    same(
        "keys of the campaign",
        &keys.keys.iter().filter(|key| key.campaign == *campaign.id()).count(),
        &1,
    )
}

/// SUB-3: with the campaign its latest seed comes out, that of the last day that is over, under its day; asked again it is
/// the same, and that of today is nowhere.
#[tokio::test]
async fn the_seed_of_yesterday_is_public_and_that_of_today_is_not() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("seme")?.publish(&world).await?;
    is_published(&world, &[&campaign]).await?;
    let secret = world.secret("ORDER_SECRET_ID").await?;
    let chain = SeedChain::derive(&secret, campaign.id());
    let browser = world.browser()?;
    let latest = || async {
        let seeds = browser.get(SEEDS_PATH).await?.expect(200)?.json()?;
        let listed = seeds["seeds"].as_array().cloned().unwrap_or_default();
        let own: Vec<_> =
            listed.into_iter().filter(|of| of["campaign"] == campaign.id().as_str()).collect();
        same("seeds of the campaign", &own.len(), &1)?;
        let own = own.first().cloned().unwrap_or_default();
        Ok::<PublicSeed, Deviation>(serde_json::from_value(own)?)
    };
    // It comes out after calendar and key.
    let known = || async { Ok(latest().await.map_err(|missing| missing.to_string())) };
    let seed = world.story.eventually("its seed is public", LETTER_DEADLINE, known).await?;
    // Midnight may have passed since, and the schedule's own run may come in between.
    let today = calendar::local_date(campaign.effective_now(clock::wall()));
    ensure(seed.day < today, format!("the seed of {} is out on {today}", seed.day))?;
    let rule = campaign.policies().order.draw_rule();
    let public = |day| PublicSeed::new(campaign.id(), rule, day, &chain.seed_of(day));
    same("seed", &seed, &public(seed.day))?;
    let file = browser.get(&format!("/{}", seed.file())).await?.expect(200)?;
    same("the day's own file", &file.json()?, &serde_json::to_value(&seed)?)?;
    let next = public(today);
    let file = browser.get(&format!("/{}", next.file())).await?;
    ensure(file.status != 200, format!("the seed of {today} is public: {file}"))?;

    let function = world.function("publish-facts")?;
    let done = world.emulator.invoke(&function, &json!({ "publish": "due" })).await?;
    ensure(done["seeds"].is_u64(), format!("{done}"))?;
    let again = latest().await?;
    ensure(again.day >= seed.day, format!("{} after {}", again.day, seed.day))?;
    same("seed", &again, &public(again.day))
}

/// NEW-7: what the ranking counted is a public file, and a later look changes nothing.
#[tokio::test]
async fn places_and_what_was_sent_are_public_figures() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("cifre")?.with_places(1).publish(&world).await?;
    is_published(&world, &[&campaign]).await?;
    let now = campaign.effective_now(clock::wall());
    let order = PlaceOrder::of(&world, &campaign)?;
    let mut sent = Vec::new();
    for number in 1..=2 {
        let employer = AccountId::keyed(&[number; 32]);
        let belongs =
            Belongs { representative: employer.clone(), filer: employer, organisation: None };
        sent.push(cases::case_in(&world, &campaign, &belongs, State::Submitted, now).await?);
    }
    order.takes(&sent.iter().collect::<Vec<_>>()).await?;
    let function = world.function("publish-facts")?;
    let path = format!("/facts/figures/{}.json", campaign.id());
    let browser = world.browser()?;
    let figures = || async {
        world.emulator.invoke(&function, &json!({ "publish": "due" })).await?;
        browser.get(&path).await?.expect(200)?.json()
    };
    let told = figures().await?;
    let of_model = |told: &Value| {
        let models = told["models"].as_array().cloned().unwrap_or_default();
        let id = sent.first().map(|case| case.model.to_string()).unwrap_or_default();
        models.into_iter().find(|of| of["model"] == json!(id)).unwrap_or_default()
    };
    let of = of_model(&told);
    same("sent", &of["sent"], &json!(2))?;
    ensure(of["last_arrival"].is_string(), format!("nobody has a place: {told}"))?;
    same("provinces", &of["provinces"].as_array().map(Vec::len), &Some(1))?;
    let taken: u64 = told["lines"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|line| line["taken"].as_u64())
        .sum();
    same("taken", &taken, &1)?;
    let again = figures().await?;
    for part in ["models", "lines"] {
        same("told again", &again[part], &told[part])?;
    }
    for mark in ["app_", "acc_", "RIC-"] {
        ensure(!told.to_string().contains(mark), format!("{path} holds {mark}"))?;
    }
    Ok(())
}

/// The files are public: they need no session and say nothing about people.
#[tokio::test]
async fn the_public_files_say_nothing_about_people() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("calendario")?.publish(&world).await?;
    is_published(&world, &[&campaign]).await?;
    for path in [KEYS_PATH, CALENDAR_PATH, SEEDS_PATH] {
        let answer = world.browser()?.get(path).await?.expect(200)?;
        ensure(
            answer.header("content-type").is_some_and(|kind| kind.starts_with("application/json")),
            format!("{answer}: no JSON"),
        )?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        for mark in ["acc_", "app_", "own_", "secret", "private_key"] {
            ensure(!text.contains(mark), format!("{path} holds {mark}"))?;
        }
    }
    Ok(())
}

/// The same message again changes nothing; one that names no campaign is given up alone.
#[tokio::test]
async fn a_repeated_message_changes_nothing_and_poison_stays_alone() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("calendario")?.publish(&world).await?;
    is_published(&world, &[&campaign]).await?;
    let queue = world.side_queue("publish-facts").await?;
    let message =
        json!({ "v": 1, "pk": format!("CAMPAIGN#{}", campaign.id()), "sk": "VERSION#000001" })
            .to_string();
    let poison = json!({ "v": 1, "pk": "APP#x", "sk": "HEAD" }).to_string();
    for body in [&message, &poison, &message] {
        queue.send(body).await?;
    }
    queue.is_worked_off(&world.story).await?;
    same("dead letters", &queue.dead_letters().await?, &vec![poison])?;
    let keys = is_published(&world, &[&campaign]).await?;
    same(
        "keys of the campaign",
        &keys.keys.iter().filter(|key| key.campaign == *campaign.id()).count(),
        &1,
    )?;
    queue.close().await
}
