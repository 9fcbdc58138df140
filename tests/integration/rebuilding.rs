//! Stored cases are rebuilt from their stored events, and each difference has a name (AUD-1).

use domain::{
    application::{Application, Parties, Stage},
    ids::{AccountId, ApplicationId, OwnerId},
};
use harness::{
    own_tables::own_table,
    people,
    rebuilding::{Fit, fit, page},
    stock,
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::applications::{Applications, history::EventRow};

fn head(version: u64, stage: Stage) -> Application {
    Application {
        id: ApplicationId::from_random([1; 16]),
        campaign: "demo".parse().unwrap(),
        campaign_version: 1,
        model: "c-stag-agricoltura".parse().unwrap(),
        schema: "c-stag-agricoltura@1".to_owned(),
        parties: Parties {
            representative: AccountId::keyed(&[2; 32]),
            owner: OwnerId::keyed(&[3; 32]),
            filer: AccountId::keyed(&[2; 32]),
            organisation: None,
        },
        version,
        created: Timestamp::UNIX_EPOCH,
        changed: Timestamp::UNIX_EPOCH,
        stage,
    }
}

/// An application that was started, opened with its code, and noted twice since.
fn story() -> Vec<Value> {
    let step = |version: u64, event: Option<&str>, from: Option<&str>, to: &str| {
        json!({
            "pk": "APP#x", "sk": format!("EVENT#{version:06}"), "v": 1, "version": version,
            "event": event, "from": from, "to": to, "at": 0, "who": "system",
            "on_behalf_of": OwnerId::keyed(&[3; 32]).to_string(),
        })
    };
    vec![
        step(1, Some("start"), None, "to-validate"),
        step(2, Some("verify-code"), Some("to-validate"), "to-complete"),
        step(3, None, Some("to-complete"), "to-complete"),
        step(4, None, Some("to-complete"), "to-complete"),
    ]
}

fn rows(story: &[Value]) -> Vec<EventRow> {
    story.iter().map(|row| serde_json::from_value(row.clone()).unwrap()).collect()
}

const OPEN: Stage = Stage::ToComplete { attention: None };

#[test]
fn a_whole_history_leads_to_the_head() {
    assert_eq!(fit(&head(4, OPEN), &rows(&story())), Fit::Whole);
}

#[test]
fn each_difference_is_named() {
    let differs = |head: &Application, story: &[Value], what: &str| {
        let Fit::Differs(found) = fit(head, &rows(story)) else { panic!("{what} is not seen") };
        assert!(found.iter().any(|found| found.contains(what)), "{found:?} does not say {what}");
    };
    let mut lost = story();
    lost.remove(2);
    differs(&head(4, OPEN), &lost, "versions [1, 2, 4]");
    differs(&head(5, OPEN), &story(), "of a head of version 5");
    differs(
        &head(4, Stage::Deleted),
        &story(),
        "its events lead to to-complete, its head is deleted",
    );
    let mut torn = story();
    torn[2]["from"] = json!("to-send");
    differs(&head(4, OPEN), &torn, "event 3 begins in to-send, event 2 ends in to-complete");
    let mut wrong = story();
    wrong[1]["event"] = json!("submit");
    differs(&head(4, OPEN), &wrong, "event 1");
    differs(&head(0, OPEN), &[], "no event");
}

/// AUD-1: a rebuilding goes through the table a page at a time; one that was stopped goes on at the cursor of the last page, and
/// together they see each case once, and what one page of all of them sees.
#[tokio::test]
async fn a_rebuilding_that_was_stopped_goes_on_at_its_cursor() -> StoryResult {
    let world = World::enter().await?;
    let (client, _) = world.store();
    let table = format!("rebuild-{}", people::fresh_word()?);
    own_table(client, &world.environment.text("PORTAL_TABLE")?, &table).await?;
    let applications = Applications::new(client.clone(), table.clone());
    for number in 1..=5 {
        let id = ApplicationId::from_random([number; 16]);
        // Put into the store without having been started, so that each has a difference to be told.
        let begun = stock::begun(&Application { id, ..head(1, OPEN) });
        applications.commit(&begun, &[]).await?;
    }
    let told = |differences: Vec<(ApplicationId, String)>| {
        let mut told: Vec<_> =
            differences.into_iter().map(|(id, what)| format!("{id}: {what}")).collect();
        told.sort_unstable();
        told
    };
    let whole = page(client, &table, None, 1_000).await?;
    same("cases and cursor", &(whole.rebuilt, whole.next), &(5, None))?;
    ensure(whole.differences.len() >= 5, format!("{:?}", whole.differences))?;

    let (mut from, mut pages, mut rebuilt, mut differences) = (None, 0, 0, Vec::new());
    loop {
        let part = page(client, &table, from.as_deref(), 3).await?;
        rebuilt += part.rebuilt;
        differences.extend(part.differences);
        pages += 1;
        from = part.next;
        if from.is_none() {
            break;
        }
        ensure(pages < 100, "the rebuilding comes to no end")?;
    }
    ensure(pages > 1, "all of it was one page")?;
    same("cases", &rebuilt, &5)?;
    same("differences", &told(differences), &told(whole.differences))?;
    ensure(page(client, &table, Some("APP"), 3).await.is_err(), "half a cursor was taken")?;
    client.delete_table().table_name(&table).send().await?;
    Ok(())
}
