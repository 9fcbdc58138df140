//! appoint-people on the deployed portal: an administrator appoints and withdraws people of offices, never themselves; the
//! first one comes from the deployment (ADM-1, ORG-6).

use std::collections::BTreeMap;

use domain::{ids::AccountId, permission::Role};
use harness::{
    browser::Call,
    employer::Employer,
    identity,
    organisations::{is_private, standing_of},
    own_function::OwnGateway,
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock};
use reqwest::Method;
use serde_json::{Value, json};
use store::rows::SaveError;

const OFFICIALS: &str = "/api/officials";
const SESSION: &str = "/api/session";
/// The demo person whom the local stack's parameter names.
const FIRST_ADMINISTRATOR: u32 = 30;

fn appointment(person: &Employer, role: &str, province: Option<&str>) -> Value {
    json!({
        "fiscal_code": person.demo.representative.fiscal_code.reveal(),
        "role": role,
        "province": province,
    })
}

async fn administrator(world: &World) -> StoryResult<Employer> {
    world.official(Role::Administrator, None).await
}

async fn account(world: &World, person: &Employer) -> StoryResult<AccountId> {
    world.account(&person.demo.representative).await
}

async fn events(administrator: &Employer, account: &AccountId) -> StoryResult<Vec<Value>> {
    let path = format!("{OFFICIALS}/{account}");
    let detail = administrator.browser.get(&path).await?.expect(200)?.json()?;
    Ok(detail["events"].as_array().cloned().unwrap_or_default())
}

fn withdrawal(account: &AccountId) -> String {
    format!("{OFFICIALS}/{account}/withdrawal")
}

/// ADM-1: a private user becomes an officer at the next sign-in, and loses office and session when withdrawn. Both are
/// events that say who.
#[tokio::test]
async fn an_appointed_person_is_recognised_at_the_next_sign_in_and_withdrawn_at_once() -> StoryResult
{
    let world = World::enter().await?;
    let (boss, person) = (administrator(&world).await?, world.private_user().await?);
    let account = account(&world, &person).await?;
    let body = appointment(&person, "officer", Some("BZ"));
    let appointed = boss.browser.post(OFFICIALS, &body).await?.expect(201)?.json()?;
    same("account", &appointed["account"], &json!(account))?;
    same("office", &appointed["office"], &json!("Sportello Unico per l'Immigrazione (BZ)"))?;
    let again = boss.browser.post(OFFICIALS, &body).await?.expect(200)?.json()?;
    same("again", &again, &appointed)?;
    // The session that the person has is that of a private user until the next sign-in.
    let session = person.browser.get(SESSION).await?.expect(200)?.json()?;
    same("role before", &session["role"], &json!("employer"))?;
    person.signs_in(2).await?.expect(303)?;
    let session = person.browser.get(SESSION).await?.expect(200)?.json()?;
    same("role", &session["role"], &json!("officer"))?;
    same("province", &session["province"], &json!("BZ"))?;
    let listed = boss.browser.get(&format!("{OFFICIALS}?province=BZ&limit=100")).await?;
    let listed = listed.expect(200)?.json()?;
    let is_listed = listed["officials"]
        .as_array()
        .is_some_and(|all| all.iter().any(|one| one["account"] == json!(account)));
    ensure(is_listed, "the officer is not in the list of the province")?;

    let path = withdrawal(&account);
    let withdrawn = boss.browser.post(&path, &json!({})).await?.expect(200)?.json()?;
    same("in force", &withdrawn["is_in_force"], &json!(false))?;
    let again = boss.browser.post(&path, &json!({})).await?.expect(200)?.json()?;
    same("again", &again["until"], &withdrawn["until"])?;
    person.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    person.signs_in(2).await?.expect(303)?;
    is_private(&world, &person).await?;

    let events = events(&boss, &account).await?;
    let boss = self::account(&world, &boss).await?;
    let told: Vec<_> = events.iter().map(|event| (&event["event"], &event["who"])).collect();
    same(
        "events",
        &told,
        &vec![(&json!("appointed"), &json!(boss)), (&json!("withdrawn"), &json!(boss))],
    )
}

/// ADM-1: nobody gives an office to themselves, nor takes their own away; nothing changes.
#[tokio::test]
async fn nobody_appoints_or_withdraws_themselves() -> StoryResult {
    let world = World::enter().await?;
    let boss = administrator(&world).await?;
    let body = appointment(&boss, "officer", Some("FG"));
    boss.browser.post(OFFICIALS, &body).await?.refused(403, "azione-non-consentita")?;
    let account = account(&world, &boss).await?;
    let refused = boss.browser.post(&withdrawal(&account), &json!({})).await?;
    refused.refused(403, "azione-non-consentita")?;
    same("role", &standing_of(&world, &boss).await?.0, &Role::Administrator)?;
    boss.browser.get(OFFICIALS).await?.expect(200)?;
    let events = world.officials()?.events(&account, 10).await?;
    same("events", &events.len(), &0)
}

/// Officers, prefecture, directorate and private users appoint, withdraw and read nobody; nor does an administrator
/// without the portal's own page, or at level 1.
#[tokio::test]
async fn only_administrators_of_level_2_appoint() -> StoryResult {
    let world = World::enter().await?;
    let (boss, person) = (administrator(&world).await?, world.employer()?);
    let account = account(&world, &person).await?;
    let body = appointment(&person, "administrator", None);
    let strangers = [
        world.official(Role::Officer, Some("FG")).await?,
        world.official(Role::PrefectureOfficer, Some("FG")).await?,
        world.official(Role::Directorate, None).await?,
        world.private_user().await?,
    ];
    for stranger in &strangers {
        let browser = &stranger.browser;
        for path in [OFFICIALS.to_owned(), withdrawal(&account)] {
            browser.post(&path, &body).await?.refused(403, "azione-non-consentita")?;
        }
        for path in [OFFICIALS.to_owned(), format!("{OFFICIALS}/{account}")] {
            browser.get(&path).await?.refused(403, "azione-non-consentita")?;
        }
    }
    world.browser()?.post(OFFICIALS, &body).await?.refused(401, "sessione-assente")?;
    let elsewhere =
        Call::new(Method::POST, OFFICIALS).json(&body).header("origin", "https://altrove.invalid");
    boss.browser.send(elsewhere).await?.refused(403, "origine-non-ammessa")?;
    is_private(&world, &person).await?;
    same("events", &world.officials()?.events(&account, 10).await?.len(), &0)
}

/// An office begins and ends at its dates; one that was withdrawn before it began never begins.
#[tokio::test]
async fn an_office_begins_and_ends_at_its_dates() -> StoryResult {
    let world = World::enter().await?;
    let (boss, person) = (administrator(&world).await?, world.employer()?);
    let account = account(&world, &person).await?;
    let soon = clock::wall() + SignedDuration::from_hours(1);
    let end = soon + SignedDuration::from_hours(24);
    let mut body = appointment(&person, "prefecture-officer", Some("AO"));
    body["from"] = json!(soon.to_string());
    body["until"] = json!(end.to_string());
    let appointed = boss.browser.post(OFFICIALS, &body).await?.expect(201)?.json()?;
    same("in force", &appointed["is_in_force"], &json!(false))?;
    same(
        "office",
        &appointed["office"],
        &json!("Presidenza della Regione autonoma Valle d'Aosta (AO)"),
    )?;
    let accounts = world.accounts()?;
    let role = |at: Timestamp| {
        let accounts = accounts.clone();
        let account = account.clone();
        async move { StoryResult::Ok(accounts.standing(&account, at).await?.role) }
    };
    let ms = SignedDuration::from_millis(1);
    same("before", &role(clock::wall()).await?, &Role::Employer)?;
    same("within", &role(soon + ms).await?, &Role::PrefectureOfficer)?;
    same("at the end", &role(end).await?, &Role::Employer)?;
    boss.browser.post(&withdrawal(&account), &json!({})).await?.expect(200)?;
    same("withdrawn before it began", &role(soon + ms).await?, &Role::Employer)
}

/// A person holds one office at a time: another one is refused, and of two administrators at once one succeeds.
#[tokio::test]
async fn a_person_holds_one_office_at_a_time() -> StoryResult {
    let world = World::enter().await?;
    let (one, other) = (administrator(&world).await?, administrator(&world).await?);
    let person = world.employer()?;
    let officer = appointment(&person, "officer", Some("FG"));
    let directorate = appointment(&person, "directorate", None);
    let (first, second) = futures::join!(
        one.browser.post(OFFICIALS, &officer),
        other.browser.post(OFFICIALS, &directorate)
    );
    let mut statuses = [first?.status, second?.status];
    statuses.sort_unstable();
    same("statuses", &statuses, &[201, 409])?;
    let account = account(&world, &person).await?;
    for body in [&officer, &directorate] {
        let answer = one.browser.post(OFFICIALS, body).await?;
        if answer.status != 200 {
            answer.refused(409, "altro-incarico")?;
        }
    }
    same("events", &world.officials()?.events(&account, 10).await?.len(), &1)
}

/// Every mistake of an appointment is told beside its field, and nothing is recorded.
#[tokio::test]
async fn all_mistakes_of_an_appointment_are_told_at_once() -> StoryResult {
    let world = World::enter().await?;
    let boss = administrator(&world).await?;
    let body = json!({
        "fiscal_code": "12345678901", "role": "directorate", "province": "FG",
        "from": "2020-01-01T00:00:00Z", "until": "2019-01-01T00:00:00Z", "perché": "sì",
    });
    let refused = boss.browser.post(OFFICIALS, &body).await?.refused(422, "campi-non-validi")?;
    let fields: Vec<_> = refused.refused_fields().into_iter().map(|(field, _)| field).collect();
    same(
        "fields",
        &fields.iter().map(String::as_str).collect::<Vec<_>>(),
        &vec!["fiscal_code", "from", "perché", "province", "until"],
    )?;
    let without = json!({
        "fiscal_code": world.employer()?.demo.representative.fiscal_code.reveal(),
        "role": "officer",
    });
    let refused = boss.browser.post(OFFICIALS, &without).await?.refused(422, "campi-non-validi")?;
    same(
        "field",
        &refused.refused_fields(),
        &vec![("province".to_owned(), "obbligatorio".to_owned())],
    )
}

/// ADM-1: the person whom the stack's parameter names is administrator from their first sign-in on, by one event.
#[tokio::test]
async fn the_first_administrator_comes_from_the_deployment() -> StoryResult {
    let world = World::enter().await?;
    let person = world.demo_person(FIRST_ADMINISTRATOR);
    let account = world.account(&person).await?;
    for _ in 0..2 {
        let browser = world.browser()?;
        identity::signs_in(&browser, &person, 2).await?.expect(303)?;
        let session = browser.get(SESSION).await?.expect(200)?.json()?;
        same("role", &session["role"], &json!("administrator"))?;
    }
    let events = world.officials()?.events(&account, 10).await?;
    same(
        "events",
        &events.iter().map(|row| row.event.code()).collect::<Vec<_>>(),
        &vec!["named-first"],
    )?;
    same("who", &events.first().and_then(|row| row.who.clone()), &None)
}

/// ADM-1, PRV-1: the appointment leaves one line in the log, which names the account; at no sign-in does the log say who the
/// person is, though the deployment names them by their fiscal code.
#[tokio::test]
async fn the_log_names_the_account_of_the_first_administrator_and_no_person() -> StoryResult {
    let world = World::enter().await?;
    let carla = world.employer()?.demo.representative;
    let account = world.account(&carla).await?;
    let gateway = OwnGateway::open(&world).await?;
    let own = gateway.origin().to_owned();
    let code = carla.fiscal_code.reveal();
    let named = BTreeMap::from([("FIRST_ADMINISTRATOR".to_owned(), code.to_owned())]);
    let function = gateway.start(&world, "sign-in", named).await?;
    for _ in 0..2 {
        let browser = world.browser()?;
        let page = identity::goes_to_provider(&browser).await?;
        let back = identity::decides(&browser, &page, &identity::decision(&carla, 2)).await?;
        // To the function of this test, which names Carla, instead of the deployed one.
        let back = back.replacen(world.portal(), &own, 1);
        ensure(back.starts_with(&own), "the provider leads to another place")?;
        identity::comes_back(&browser, &back).await?.expect(303)?;
    }
    let role = world.accounts()?.standing(&account, clock::wall()).await?.role;
    same("role", &role, &Role::Administrator)?;

    let log = function.ends().await?;
    let told = log.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told: Vec<Value> = told
        .filter(|line| {
            line["message"].as_str().is_some_and(|text| text.contains("first administrator"))
        })
        .collect();
    let [line] = told.as_slice() else {
        return Err(world.story.deviation(format!("{} lines of an appointment", told.len())));
    };
    same("account", &line["account.id"], &json!(account))?;
    same("level", &line["level"], &json!("WARN"))?;
    let log = log.join("\n").to_uppercase();
    let name = format!("{} {}", carla.first_name, carla.last_name);
    for datum in [code, &name, &carla.email, &carla.pec] {
        ensure(!log.contains(&datum.to_uppercase()), format!("the log says {datum}: {log}"))?;
    }
    Ok(())
}

/// What an administrator withdrew stays withdrawn: the deployment names its first administrator once, though several
/// sign-ins arrive at the same time.
#[tokio::test]
async fn the_deployment_names_its_first_administrator_once() -> StoryResult {
    let world = World::enter().await?;
    let officials = world.officials()?;
    let (person, by) = (fresh()?, fresh()?);
    let now = clock::wall();
    let named = futures::future::join_all((0..4).map(|_| officials.name_first(&person, now))).await;
    same("named", &named.iter().filter(|one| one.is_ok()).count(), &1)?;
    let held = officials.of(&person).await?;
    let held = held.ok_or_else(|| world.story.deviation("no office"))?;
    let sessions = world.sessions()?;
    let ends = sessions.ending_all(&person, now, None)?;
    let later = now + SignedDuration::from_secs(1);
    officials.withdraw(&held, now, &by, later, ends).await?;
    let again = officials.name_first(&person, later + SignedDuration::from_secs(1)).await;
    ensure(matches!(again, Err(SaveError::Conflict)), format!("{again:?}"))?;
    let role = world.accounts()?.standing(&person, later).await?.role;
    same("role", &role, &Role::Employer)
}

fn fresh() -> StoryResult<AccountId> {
    Ok(AccountId::keyed(&aws::random::<32>()?))
}
