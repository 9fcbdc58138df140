//! record-outage on the deployed portal: the ledger of outages: entries stay for good, and who may read and write it
//! (CNF-4, OPS-1).

use domain::{
    calendar,
    campaign::Profile,
    ids::{AccountId, OutageId, SessionId},
    permission::Role,
    term::Outage,
};
use futures::future::join_all;
use harness::{
    browser::{Answer, Browser},
    stock,
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock};
use serde_json::{Value, json};
use store::{outages::Outages, rows::millis, sessions::Caller};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const REASON: &str = "Guasto della banca dati: il portale non rispondeva a nessuno.";

/// A person with a session.
async fn signed_in(world: &World, role: Role, level: u8) -> StoryResult<Browser> {
    let caller = Caller {
        account: AccountId::keyed(&fresh()?),
        session: SessionId::from_random(fresh()?),
        level,
        role,
        profile: Profile::Private,
        organisation: None,
        province: (role == Role::Officer).then(|| "FG".to_owned()),
        expires: clock::wall() + HOUR,
    };
    let browser = world.browser()?;
    stock::session(world, &browser, &caller).await?;
    Ok(browser)
}

/// A quarter of an hour in 2019, before any term of any test: all tests share the ledger.
fn quarter() -> StoryResult<(Timestamp, Timestamp)> {
    let begin: Timestamp = "2019-01-01T00:00:00Z".parse()?;
    let after = i64::from(u32::from_be_bytes(fresh()?)) * 5;
    let from = begin + SignedDuration::from_millis(after);
    Ok((from, from + SignedDuration::from_mins(15)))
}

fn body(from: Timestamp, until: Timestamp) -> Value {
    json!({ "from": format!("{from:.3}"), "until": calendar::rfc3339(until), "reason": REASON })
}

async fn listed(browser: &Browser) -> StoryResult<Vec<Value>> {
    let list = browser.get("/api/outages").await?.expect(200)?.json()?;
    list["outages"].as_array().cloned().ok_or_else(|| Deviation::new(format!("{list}")))
}

fn is_problem(answer: &Answer, status: u16, problem: &str) -> StoryResult {
    let found = (answer.status, answer.problem());
    same("status and problem", &found, &(status, Some(problem.to_owned())))
}

/// The same period is the same entry, with the reason that was given first; officers read it, too.
#[tokio::test]
async fn an_outage_is_recorded_once_and_for_good() -> StoryResult {
    let world = World::enter().await?;
    let administrator = signed_in(&world, Role::Administrator, 2).await?;
    let (from, until) = quarter()?;
    let recorded = administrator.post("/api/outages", &body(from, until)).await?;
    let recorded = recorded.expect(201)?.json()?;
    same("from", &recorded["from"], &json!(calendar::rfc3339(from)))?;
    same("until", &recorded["until"], &json!(calendar::rfc3339(until)))?;
    same("reason", &recorded["reason"], &json!(REASON))?;
    let mut other = body(from, until);
    other["reason"] = json!("Un altro motivo, scritto dopo.");
    for again in [body(from, until), other] {
        let again = administrator.post("/api/outages", &again).await?.expect(200)?.json()?;
        same("the same entry", &again, &recorded)?;
    }
    // One millisecond more is another period: terms count both as one time.
    let longer = body(from, until + SignedDuration::from_millis(1));
    let longer = administrator.post("/api/outages", &longer).await?.expect(201)?.json()?;
    ensure(longer["id"] != recorded["id"], "one entry for two periods")?;
    let officer = signed_in(&world, Role::Officer, 2).await?;
    for browser in [&administrator, &officer] {
        let all = listed(browser).await?;
        let found = all.iter().filter(|one| one["id"] == recorded["id"]).count();
        same("entries", &found, &1)?;
        let instants: Vec<Timestamp> =
            all.iter().filter_map(|one| one["from"].as_str()?.parse().ok()).collect();
        ensure(instants.is_sorted_by(|one, other| one >= other), "not the latest first")?;
    }
    Ok(())
}

/// CNF-4: one administrator alone lengthens no term; a second one confirms, once.
#[tokio::test]
async fn an_outage_counts_only_after_a_second_administrator_confirmed_it() -> StoryResult {
    let world = World::enter().await?;
    let anna = signed_in(&world, Role::Administrator, 2).await?;
    let bruno = signed_in(&world, Role::Administrator, 2).await?;
    let officer = signed_in(&world, Role::Officer, 2).await?;
    let (from, until) = quarter()?;
    let proposed = anna.post("/api/outages", &body(from, until)).await?.expect(201)?;
    same("state", &proposed.text("/state")?, &"proposed".to_owned())?;
    let period = Outage::new(from, until)?;
    ensure(!in_force(&world).await?.contains(&period), "it counts before it is confirmed")?;
    let path = format!("/api/outages/{}/confirmation", proposed.text("/id")?);
    is_problem(&anna.post(&path, &json!({})).await?, 403, "azione-non-consentita")?;
    is_problem(&officer.post(&path, &json!({})).await?, 403, "azione-non-consentita")?;
    ensure(!in_force(&world).await?.contains(&period), "its own writer confirmed it")?;
    for _ in 0..2 {
        let confirmed = bruno.post(&path, &json!({})).await?.expect(200)?;
        same("state", &confirmed.text("/state")?, &"in-force".to_owned())?;
        ensure(confirmed.text("/confirmed_by")? != confirmed.text("/by")?, "one person for both")?;
    }
    ensure(in_force(&world).await?.contains(&period), "it does not count")?;
    let unknown = format!("/api/outages/{}/confirmation", OutageId::from_random(fresh()?));
    is_problem(&bruno.post(&unknown, &json!({})).await?, 404, "non-trovata")
}

/// CNF-4: a wrong entry stays in the ledger; a confirmed entry that names it takes its place.
#[tokio::test]
async fn a_wrong_outage_is_corrected_by_an_entry_that_names_it() -> StoryResult {
    let world = World::enter().await?;
    let anna = signed_in(&world, Role::Administrator, 2).await?;
    let bruno = signed_in(&world, Role::Administrator, 2).await?;
    let (from, until) = quarter()?;
    let wrong = anna.post("/api/outages", &body(from, until)).await?.expect(201)?.text("/id")?;
    let mut correction = body(from, from + SignedDuration::from_mins(3));
    correction["corrects"] = json!(wrong);
    let early = anna.post("/api/outages", &correction).await?;
    is_problem(&early, 409, "stato-non-compatibile")?;
    let confirm = |id: &str| format!("/api/outages/{id}/confirmation");
    bruno.post(&confirm(&wrong), &json!({})).await?.expect(200)?;
    let right = bruno.post("/api/outages", &correction).await?.expect(201)?.text("/id")?;
    let (long, short) =
        (Outage::new(from, until)?, Outage::new(from, from + SignedDuration::from_mins(3))?);
    ensure(in_force(&world).await?.contains(&long), "a proposal took it away")?;
    is_problem(&bruno.post(&confirm(&right), &json!({})).await?, 403, "azione-non-consentita")?;
    anna.post(&confirm(&right), &json!({})).await?.expect(200)?;
    let counts = in_force(&world).await?;
    ensure(counts.contains(&short) && !counts.contains(&long), "the wrong one still counts")?;
    let all = listed(&anna).await?;
    let found = all.iter().find(|one| one["id"] == json!(wrong));
    same("state", &found.map(|one| &one["state"]), &Some(&json!("corrected")))?;
    // It was no outage at all: an entry without a period.
    let none = json!({ "corrects": right, "reason": "Era una prova annunciata, non un guasto." });
    let none = anna.post("/api/outages", &none).await?.expect(201)?.text("/id")?;
    bruno.post(&confirm(&none), &json!({})).await?.expect(200)?;
    let counts = in_force(&world).await?;
    ensure(!counts.contains(&short) && !counts.contains(&long), "something came back by itself")
}

/// What lengthens terms now.
async fn in_force(world: &World) -> StoryResult<Vec<Outage>> {
    let table = world.environment.text("PORTAL_TABLE")?;
    Ok(Outages::new(world.store().0.clone(), table).all().await?)
}

/// Ten administrators press at once.
#[tokio::test]
async fn the_same_outage_recorded_side_by_side_is_one_entry() -> StoryResult {
    let world = World::enter().await?;
    let administrator = signed_in(&world, Role::Administrator, 2).await?;
    let (from, until) = quarter()?;
    let outage = body(from, until);
    let presses = (0..10).map(|_| administrator.post("/api/outages", &outage));
    let mut statuses = Vec::new();
    for answer in join_all(presses).await {
        statuses.push(answer?.status);
    }
    statuses.sort_unstable();
    same("statuses", &statuses, &[vec![200; 9], vec![201]].concat())?;
    let all = listed(&administrator).await?;
    let begins = json!(calendar::rfc3339(from));
    same("entries", &all.iter().filter(|one| one["from"] == begins).count(), &1)
}

/// Neither the future nor a month and a day, nor a period the wrong way round: nothing is recorded.
#[tokio::test]
async fn a_wrong_period_is_refused_and_not_recorded() -> StoryResult {
    let world = World::enter().await?;
    let administrator = signed_in(&world, Role::Administrator, 2).await?;
    let before = listed(&administrator).await?;
    let now = Timestamp::from_millisecond(millis(clock::wall()))?;
    let (from, until) = quarter()?;
    for wrong in [
        body(now - HOUR, now + HOUR),
        body(until, from),
        body(from, from),
        body(from, from + HOUR * (31 * 24 + 1)),
        json!({ "from": "ieri", "until": "oggi", "reason": REASON }),
        json!({ "from": format!("{from}"), "until": format!("{until}"), "reason": "?" }),
        json!({ "from": format!("{from}"), "until": format!("{until}") }),
        json!({ "from": 1, "until": 2, "reason": REASON }),
        json!({ "from": format!("{from}"), "until": format!("{until}"), "reason": REASON, "by": "me" }),
    ] {
        let answer = administrator.post("/api/outages", &wrong).await?;
        is_problem(&answer, 422, "campi-non-validi")?;
    }
    let begins = json!(calendar::rfc3339(from));
    let after = listed(&administrator).await?;
    ensure(!after.iter().any(|one| one["from"] == begins), "a wrong period was recorded")?;
    ensure(after.len() >= before.len(), "an entry is gone")
}

/// Only an administrator identified at level 2 writes the ledger; only offices read it.
#[tokio::test]
async fn only_administrators_record_and_only_offices_read() -> StoryResult {
    let world = World::enter().await?;
    let (from, until) = quarter()?;
    let outage = body(from, until);
    for role in Role::ALL.iter().copied().filter(|role| role.is_person()) {
        let browser = signed_in(&world, role, 2).await?;
        let reads = matches!(role, Role::Officer | Role::Administrator);
        let list = browser.get("/api/outages").await?;
        same(&format!("{role} reads"), &list.status, &if reads { 200 } else { 403 })?;
        if role != Role::Administrator {
            let answer = browser.post("/api/outages", &outage).await?;
            is_problem(&answer, 403, "azione-non-consentita")?;
        }
    }
    let weak = signed_in(&world, Role::Administrator, 1).await?;
    is_problem(&weak.post("/api/outages", &outage).await?, 403, "livello-insufficiente")?;
    is_problem(&weak.get("/api/outages").await?, 403, "livello-insufficiente")?;
    let nobody = world.browser()?;
    is_problem(&nobody.post("/api/outages", &outage).await?, 401, "sessione-assente")?;
    is_problem(&nobody.get("/api/outages").await?, 401, "sessione-assente")?;
    let administrator = signed_in(&world, Role::Administrator, 2).await?;
    let begins = json!(calendar::rfc3339(from));
    let all = listed(&administrator).await?;
    ensure(
        !all.iter().any(|one| one["from"] == begins),
        "the ledger holds an outage that another caller recorded",
    )
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
