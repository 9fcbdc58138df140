//! publish-facts behind its queue: a published campaign's calendar and key come out as public files, and stay (NOT-2, SUB-4).

use domain::campaign::Campaign;
use harness::{
    campaigns::Plan,
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
