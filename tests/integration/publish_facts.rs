//! publish-facts behind its queue: a published campaign's calendar and key come out as public files, and stay (NOT-2, SUB-4).

use domain::campaign::Campaign;
use harness::{
    campaigns::{self, Plan},
    mailbox::LETTER_DEADLINE,
    receipts::{KEYS_PATH, PublishedKeys},
    story::{StoryResult, ensure, same},
    world::World,
};
use serde_json::json;

const CALENDAR_PATH: &str = "/facts/calendar.json";

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

/// The files are public: they need no session and say nothing about people.
#[tokio::test]
async fn the_public_files_say_nothing_about_people() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("calendario")?.publish(&world).await?;
    is_published(&world, &[&campaign]).await?;
    for path in [KEYS_PATH, CALENDAR_PATH] {
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
