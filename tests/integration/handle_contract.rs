//! Border entry, agreement and permissions to upload at the deployed portal (ENT-1, AGR-1, CTR-1).

use domain::{
    application::Who, calendar, ids::ApplicationId, lifecycle::State, lifecycle::consequence::Act,
};
use futures::future::try_join;
use harness::{
    campaigns::Plan,
    contracts::{self, PATIENCE, ToSign, case_of},
    fault_proxy::{Fault, Order},
    signatures::Form,
    story::{StoryResult, ensure, same},
    world::World,
};
use outside::{clock, files::sha256};
use serde_json::{Value, json};
use store::{evidence::Evidence, uploads::Uploads};

/// ENT-1: Anna reports where and when her worker entered; pressed twice it is reported once, and the registry is asked for
/// the worker's code.
#[tokio::test]
async fn the_border_entry_is_transmitted_once() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("ingresso")?.publish(&world).await?;
    let anna = world.private_user().await?;
    let case = case_of(&world, &anna, &campaign, State::VisaIssued).await?;
    let path = format!("/api/applications/{}/entry", case.id);
    let today = calendar::local_date(campaign.effective_now(clock::wall()));
    let entry = json!({ "province": "rm", "municipality": "Fiumicino", "date": today.to_string(), "visa_number": "ita1234567" });
    let answer = anna.browser.post(&path, &entry).await?.expect(200)?;
    same("state", &answer.text("/state")?, &"entry-reported".to_owned())?;
    anna.browser.post(&path, &entry).await?.expect(200)?;
    anna.sees_state(case.id.as_str(), "contract-to-sign", PATIENCE).await?;
    anna.browser.post(&path, &entry).await?.expect(200)?;
    let mut other = entry.clone();
    other["municipality"] = "Ciampino".into();
    anna.browser.post(&path, &other).await?.refused(409, "stato-non-compatibile")?;
    let history = anna.history(case.id.as_str()).await?;
    let reported =
        history.iter().filter(|event| event.get("event") == Some(&json!("report-entry")));
    same("times it was reported", &reported.count(), &1)?;
    let stored = world.drafts()?.entry(&case.id).await?;
    ensure(
        stored.is_some_and(|entry| entry.municipality == "Fiumicino"),
        "another entry is stored",
    )?;
    let tasks = world.applications()?.tasks(&case.id).await?;
    ensure(tasks.iter().any(|task| task.name == "worker-code"), "nobody asks for the code")
}

/// The problem names every mistake of an entry at once, and nothing is stored.
#[tokio::test]
async fn a_wrong_entry_is_refused_field_by_field() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("ingresso")?.publish(&world).await?;
    let anna = world.private_user().await?;
    let case = case_of(&world, &anna, &campaign, State::VisaIssued).await?;
    let path = format!("/api/applications/{}/entry", case.id);
    let tomorrow = calendar::local_date(campaign.effective_now(clock::wall())).tomorrow()?;
    let wrong = json!({ "province": "Roma", "municipality": 7, "date": tomorrow.to_string(), "visa_number": "x", "extra": 1 });
    let answer =
        anna.browser.post(&path, &wrong).await?.refused(422, "campi-non-validi")?.json()?;
    let fields: Vec<_> = answer["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|error| error["field"].as_str().map(str::to_owned))
        .collect();
    for field in ["province", "municipality", "date", "visa_number", "extra"] {
        ensure(
            fields.iter().any(|found| found == field),
            format!("{field} is not told: {fields:?}"),
        )?;
    }
    ensure(world.drafts()?.entry(&case.id).await?.is_none(), "something was stored")?;
    let stranger = world.private_user().await?;
    stranger.browser.post(&path, &wrong).await?.refused(404, "non-trovata").map(|_| ())
}

/// ENT-1: the contract's term runs from the entry and nobody can correct it, so that a day before any visa is refused.
#[tokio::test]
async fn an_entry_before_the_confirmation_is_refused() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("ingresso")?.publish(&world).await?;
    let anna = world.private_user().await?;
    let case = case_of(&world, &anna, &campaign, State::VisaIssued).await?;
    let path = format!("/api/applications/{}/entry", case.id);
    // Everything up to the visa happened today.
    let today = calendar::local_date(campaign.effective_now(clock::wall()));
    let last_year = today.checked_sub(jiff::Span::new().years(1))?;
    let entry = json!({ "province": "RM", "municipality": "Fiumicino", "date": last_year.to_string(), "visa_number": "ITA1234567" });
    let refused = anna.browser.post(&path, &entry).await?.refused(422, "campi-non-validi")?;
    let fields = refused.refused_fields();
    ensure(fields == [("date".to_owned(), "troppo-presto".to_owned())], format!("{fields:?}"))?;
    ensure(world.drafts()?.entry(&case.id).await?.is_none(), "something was stored")
}

fn uploads(world: &World) -> StoryResult<Uploads> {
    let table = |name| world.environment.text(name);
    Ok(Uploads::new(world.store().0.clone(), table("PORTAL_TABLE")?, table("SESSIONS_TABLE")?))
}

/// CTR-1: a permission is for one's own contract, of a size and type that are admitted, while it is asked for.
#[tokio::test]
async fn a_permission_to_upload_is_exact_and_only_for_whom_it_concerns() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let path = format!("/api/applications/{}/uploads", case.id);
    let good = json!({
        "purpose": "contract", "media_type": "application/pdf", "bytes": 1000,
        "sha256": "ab".repeat(32), "worker_signature": "digital",
    });
    for (field, value) in [
        ("bytes", json!(0)),
        ("bytes", json!(20 * 1024 * 1024 + 1)),
        ("bytes", json!("1000")),
        ("media_type", json!("application/zip")),
        ("sha256", json!("abc")),
        ("purpose", json!("holiday")),
        ("worker_signature", Value::Null),
    ] {
        let mut wrong = good.clone();
        wrong[field] = value.clone();
        let answer =
            case.employer.browser.post(&path, &wrong).await?.refused(422, "campi-non-validi")?;
        ensure(answer.json()?.to_string().contains(field), format!("{field} = {value}: {answer}"))?;
    }
    let stranger = world.private_user().await?;
    stranger.browser.post(&path, &good).await?.refused(404, "non-trovata")?;
    let mut agreement = good.clone();
    agreement["purpose"] = "agreement".into();
    agreement["worker_signature"] = Value::Null;
    case.employer.browser.post(&path, &agreement).await?.refused(409, "stato-non-compatibile")?;
    let id = case.id.parse()?;
    let given = uploads(&world)?;
    same("permissions that were given", &given.of(&id).await?.len(), &0)?;
    // What the check takes can be uploaded: the older name, too, with parameters, and what a browser says that does not
    // know the ending.
    for (declared, signed) in [
        ("application/x-pkcs7-mime; smime-type=signed-data", "application/x-pkcs7-mime"),
        ("Application/Octet-Stream", "application/octet-stream"),
    ] {
        let mut other = good.clone();
        other["media_type"] = json!(declared);
        let permission = case.employer.browser.post(&path, &other).await?.expect(201)?.json()?;
        ensure(permission.to_string().contains(signed), format!("{declared}: {permission}"))?;
    }
    // The store takes exactly what was declared: another content is refused by its digest.
    let file = b"%PDF-1.7\nnot what was announced\n%%EOF\n";
    let permission =
        contracts::asks(&case.employer, &case.id, "contract", Form::Pades, file, Some("digital"))
            .await?
            .expect(201)?
            .json()?;
    let mut forged = file.to_vec();
    forged[12] = b'N';
    let status = contracts::sends(&permission, &forged).await?;
    ensure(status == 400 || status == 403, format!("a forged file is answered {status}"))
}

/// CTR-1, CNF-2: the case moves between reading and writing, as it does while its documents are made: the function
/// judges the request anew instead of refusing it.
#[tokio::test]
async fn a_case_that_moves_meanwhile_costs_no_permission() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    for attempt in 0..5 {
        let file = format!("%PDF-1.7\n{} {attempt}\n%%EOF\n", case.id).into_bytes();
        if is_permitted_though_the_case_moves(&world, &case, &file).await? {
            return Ok(());
        }
    }
    Err(world.story.deviation("the case never moved in time"))
}

/// Asks for a permission while the case moves; tells whether it moved between the first try at writing and the second.
async fn is_permitted_though_the_case_moves(
    world: &World,
    case: &ToSign,
    file: &[u8],
) -> StoryResult<bool> {
    let (id, applications) = (case.id.parse::<ApplicationId>()?, world.applications()?);
    // The first try at writing gets lost on its way; by the second the case is another.
    let order = Order {
        operation: "TransactWriteItems".to_owned(),
        contains: sha256(file),
        nth: 1,
        times: 1,
        fault: Fault::Silence,
    };
    let order = world.emulator.order_fault(&order).await?;
    let moves = world.story.eventually("the case moved", PATIENCE, || async {
        if world.emulator.fault_fired(order).await? == 0 {
            return Ok(Err("nothing is written yet".to_owned()));
        }
        let Some(head) = applications.head(&id).await? else {
            return Ok(Err("no case".to_owned()));
        };
        let now = case.campaign.effective_now(clock::wall());
        let noted = head.note(Act::ChangeContent, Who::System, now);
        let moved = applications.commit(&noted, &[]).await;
        Ok(moved.map_err(|error| error.to_string()))
    });
    let (answer, ()) = try_join(case.asks(Form::Pades, file, "digital"), moves).await?;
    world.emulator.cancel_fault(order).await?;
    answer.expect(201)?;
    let all = uploads(world)?.of(&id).await?;
    let given = all.iter().filter(|upload| upload.sha256 == sha256(file)).count();
    same("permissions that were given", &given, &1)?;
    let requests = world.emulator.store_requests(&sha256(file)).await?;
    Ok(requests.get("TransactWriteItems").is_some_and(|tries| *tries > 2))
}

/// CTR-1, CNF-2, CNF-4: an employer who asks after the term is late, whatever the sweeper has done; the portal permits
/// nothing and keeps the attempt for the office.
#[tokio::test]
async fn a_permission_after_the_term_is_refused() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("ritardo")?.publish(&world).await?;
    let anna = world.private_user().await?;
    let account = world.account(&anna.demo.representative).await?;
    let belongs = harness::stock::Belongs {
        representative: account.clone(),
        filer: account,
        organisation: None,
    };
    let long_ago =
        campaign.effective_now(clock::wall()) - jiff::SignedDuration::from_hours(24 * 40);
    let case =
        harness::cases::case_in(&world, &campaign, &belongs, State::ContractToSign, long_ago)
            .await?;
    let file = b"%PDF-1.7\n%%EOF\n";
    let answer =
        contracts::asks(&anna, case.id.as_str(), "contract", Form::Pades, file, Some("by-hand"))
            .await?;
    answer.refused(409, "termine-scaduto")?;
    let stranger = world.private_user().await?;
    contracts::asks(&stranger, case.id.as_str(), "contract", Form::Pades, file, Some("by-hand"))
        .await?
        .refused(404, "non-trovata")?;
    let table = world.environment.text("PORTAL_TABLE")?;
    let kept = Evidence::new(world.store().0.clone(), table).of(&case.id).await?;
    let [attempt] = kept.as_slice() else {
        return Err(world.story.deviation(format!("{} attempts are kept", kept.len())));
    };
    same("what was tried", &attempt.what, &"upload-contract".to_owned())?;
    same("who tried", &attempt.account, &belongs.representative)?;
    ensure(attempt.ended <= attempt.at, "it was not late")?;
    let given = uploads(&world)?;
    same("permissions that were given", &given.of(&case.id).await?.len(), &0)
}
