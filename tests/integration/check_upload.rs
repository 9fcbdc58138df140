//! Signed files at the deployed portal: real signatures by openssl and pyHanko, hostile files, verdicts (CTR-1, CTR-2).

use domain::{
    application::Who,
    calendar,
    campaign::Campaign,
    ids::{AccountId, ApplicationId},
    lifecycle::consequence::Act,
    lifecycle::{Event, State},
    term::{Outage, TermKind},
};
use futures::future::join_all;
use harness::{
    campaigns::Plan,
    cases,
    contracts::{self, PATIENCE, ToSign, WORKER},
    environment::local_client,
    officers::{Officer, PROVINCE},
    signatures::{Form, Signatures, Signer},
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, civil::date};
use outside::{aws, clock, files::sha256};
use serde_json::{Value, json};
use store::{
    applications::commit::Companion,
    drafts::BorderEntry,
    outages::{OutageRow, Outages},
    rows::millis,
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn state(verdict: &Value) -> Option<&str> {
    verdict.get("state").and_then(Value::as_str)
}

fn reasons(verdict: &Value) -> Vec<String> {
    let refusals = verdict.get("refusals").and_then(Value::as_array).into_iter().flatten();
    refusals.filter_map(|refusal| refusal.get("code")?.as_str().map(str::to_owned)).collect()
}

/// How often an event is in the history of a case.
async fn happened(case: &ToSign, event: &str) -> StoryResult<usize> {
    let history = case.employer.history(&case.id).await?;
    Ok(history.iter().filter(|one| one.get("event") == Some(&event.into())).count())
}

/// A notification about a file, as the object store sends it through the queue; about whichever version there is.
fn notification(key: &str) -> StoryResult<Value> {
    let mut event: Value =
        serde_json::from_str(include_str!("../../events/check-upload/contract.json"))?;
    let text = event["Records"][0]["body"].as_str().unwrap_or_default();
    let mut told: Value = serde_json::from_str(text)?;
    let object = &mut told["Records"][0]["s3"]["object"];
    object["key"] = json!(key);
    if let Some(object) = object.as_object_mut() {
        object.remove("versionId");
    }
    event["Records"][0]["body"] = json!(told.to_string());
    Ok(event)
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}

fn fails(answer: &Value) -> bool {
    answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty())
}

/// CTR-1, CTR-2: signed by both it counts, by its file and its events; what is not checked is said.
#[tokio::test]
async fn a_contract_that_both_signed_is_sent_to_the_office() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let signatures = Signatures::trusted_by(&world).await?;
    let both = [case.employer_signer(), case.worker_signer()];
    let signed = signatures.sign(&case.contract, Form::Cades, &both).await?;
    let verdict = case.uploads(&world, Form::Cades, &signed, "digital").await?;
    ensure(state(&verdict) == Some("accepted"), format!("{verdict}"))?;
    let not_checked = verdict["not_checked"].as_array().cloned().unwrap_or_default();
    ensure(verdict["not_checked"].to_string().contains("revocato"), format!("{verdict}"))?;
    ensure(
        not_checked
            .iter()
            .all(|open| open["text"].as_str().is_some_and(|text| text.ends_with('.'))),
        format!("not in words: {verdict}"),
    )?;
    let row = case.employer.application(&case.id).await?;
    same("state", &row.get("state"), &Some(&json!("contract-sent")))?;
    same(
        "uploads and acceptances",
        &(
            happened(&case, "upload-contract").await?,
            happened(&case, "accept-contract-file").await?,
        ),
        &(1, 1),
    )?;
    // Replaceable until validated: a bad file leaves the good one where it is, a good one takes its place.
    let bad = case
        .uploads(
            &world,
            Form::Cades,
            &signatures.sign(&case.contract, Form::Cades, &[Signer::Invented("other")]).await?,
            "digital",
        )
        .await?;
    ensure(state(&bad) == Some("refused"), format!("{bad}"))?;
    same(
        "state after a bad replacement",
        &case.employer.application(&case.id).await?.get("state"),
        &Some(&json!("contract-sent")),
    )?;
    let again = signatures.sign(&case.contract, Form::Pades, &both).await?;
    let verdict = case.uploads(&world, Form::Pades, &again, "digital").await?;
    ensure(state(&verdict) == Some("accepted"), format!("{verdict}"))
}

/// Art. 22 c. 6: the worker signed by hand, the employer signs the scan and so declares it.
#[tokio::test]
async fn the_employer_alone_may_sign_a_copy_that_the_worker_signed_by_hand() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let signatures = Signatures::trusted_by(&world).await?;
    let signed = signatures.sign(&case.contract, Form::Pades, &[case.employer_signer()]).await?;
    let alone = case.uploads(&world, Form::Pades, &signed, "digital").await?;
    ensure(reasons(&alone).contains(&"worker-missing".to_owned()), format!("{alone}"))?;
    let declared = case.uploads(&world, Form::Pades, &signed, "by-hand").await?;
    ensure(state(&declared) == Some("accepted"), format!("{declared}"))?;
    ensure(declared["not_checked"].to_string().contains("confrontato"), format!("{declared}"))
}

/// The signer must be the employer, with a certificate that is good and trusted, over the contract that the portal
/// sent.
#[tokio::test]
async fn a_contract_is_refused_for_each_reason_in_plain_words() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let other = ToSign::open(&world).await?;
    let signatures = Signatures::trusted_by(&world).await?;
    let both = [case.employer_signer(), case.worker_signer()];
    let sign = |document: Vec<u8>, form, signers: Vec<Signer>| {
        let signatures = signatures.clone();
        async move { signatures.sign(&document, form, &signers).await }
    };
    let mut changed = sign(case.contract.clone(), Form::Pades, both.to_vec()).await?;
    changed.extend_from_slice(b"\n1 0 obj\n<<>>\nendobj\n%%EOF\n");
    let mut flipped = sign(case.contract.clone(), Form::Cades, both.to_vec()).await?;
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let files = [
        (
            "another person's certificate",
            Form::Cades,
            sign(case.contract.clone(), Form::Cades, vec![Signer::Invented("other")]).await?,
            "employer-missing",
        ),
        (
            "an expired certificate",
            Form::Cades,
            sign(case.contract.clone(), Form::Cades, vec![Signer::Invented("expired")]).await?,
            "certificate-expired",
        ),
        (
            "an untrusted authority",
            Form::Cades,
            sign(case.contract.clone(), Form::Cades, vec![Signer::Invented("stranger")]).await?,
            "certificate-not-trusted",
        ),
        (
            "another contract",
            Form::Cades,
            sign(other.contract.clone(), Form::Cades, both.to_vec()).await?,
            "not-the-sent-document",
        ),
        ("changed after signing", Form::Pades, changed, "changed-after-signing"),
        ("one bit turned", Form::Cades, flipped, ""),
        ("no signature", Form::Pades, case.contract.clone(), "not-signed"),
        ("a type that lies", Form::Cades, case.contract.clone(), "declared-kind-differs"),
        ("a program", Form::Pades, b"MZ\x90\x00 this is no document".to_vec(), "unknown-kind"),
    ];
    for (what, form, file, wanted) in files {
        let verdict = case.uploads(&world, form, &file, "digital").await?;
        ensure(state(&verdict) == Some("refused"), format!("{what}: {verdict}"))?;
        let found = reasons(&verdict);
        ensure(
            wanted.is_empty() || found.iter().any(|code| code == wanted),
            format!("{what}: {found:?}"),
        )?;
        let row = case.employer.sees_state(&case.id, "contract-to-sign", PATIENCE).await?;
        ensure(row.get("state") == Some(&json!("contract-to-sign")), format!("{what}: {row}"))?;
    }
    let list = case
        .employer
        .browser
        .get(&format!("/api/applications/{}/documents", case.id))
        .await?
        .expect(200)?
        .json()?;
    let documents = list["documents"].as_array().cloned().unwrap_or_default();
    let is_uploaded = |document: &Value| document["from"] == "upload";
    ensure(!documents.iter().any(is_uploaded), "a refused file is offered as a document")
}

/// A notification that comes twice, and one about a file without a permission, change nothing.
#[tokio::test]
async fn a_file_is_looked_into_once() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let signatures = Signatures::trusted_by(&world).await?;
    let signed = signatures
        .sign(&case.contract, Form::Cades, &[case.employer_signer(), case.worker_signer()])
        .await?;
    let permission = case.asks(Form::Cades, &signed, "digital").await?.expect(201)?.json()?;
    same("first put", &contracts::sends(&permission, &signed).await?, &200)?;
    // The permission is for one new file: the same again is not taken.
    let second = contracts::sends(&permission, &signed).await?;
    ensure(second == 412 || second == 200, format!("second put: {second}"))?;
    let verdict = contracts::verdict(&world, &case.employer, &case.id, &permission).await?;
    ensure(state(&verdict) == Some("accepted"), format!("{verdict}"))?;
    let upload = permission["upload"].as_str().unwrap_or_default();
    for key in [
        format!("{}/{upload}", case.id),
        format!("{}/upl_00000000000000000000000001", case.id),
        "../../etc/passwd".to_owned(),
    ] {
        let function = world.function("check-upload")?;
        let answer = world.emulator.invoke(&function, &notification(&key)?).await?;
        ensure(!fails(&answer), format!("{answer}"))?;
    }
    same("acceptances", &happened(&case, "accept-contract-file").await?, &1)
}

/// CTR-1: deliveries of one notification at the same time leave the case where its one verdict leads, never in between.
#[tokio::test]
async fn deliveries_at_once_leave_no_case_in_between() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let signatures = Signatures::trusted_by(&world).await?;
    let both = [case.employer_signer(), case.worker_signer()];
    let signed = signatures.sign(&case.contract, Form::Cades, &both).await?;
    let function = world.function("check-upload")?;
    let files = [
        (Form::Pades, &case.contract, "refused", "refuse-contract-file", "contract-to-sign"),
        (Form::Cades, &signed, "accepted", "accept-contract-file", "contract-sent"),
    ];
    for (arrivals, (form, file, wanted, event, to)) in (1..).zip(files) {
        let permission = case.asks(form, file, "digital").await?.expect(201)?.json()?;
        same("put", &contracts::sends(&permission, file).await?, &200)?;
        let upload = permission["upload"].as_str().unwrap_or_default();
        let told = notification(&format!("{}/{upload}", case.id))?;
        for answer in join_all((0..4).map(|_| world.emulator.invoke(&function, &told))).await {
            // A delivery that lost all its attempts comes again, as the queue would send it.
            if fails(&answer?) {
                let again = world.emulator.invoke(&function, &told).await?;
                ensure(!fails(&again), format!("{again}"))?;
            }
        }
        let verdict = contracts::verdict(&world, &case.employer, &case.id, &permission).await?;
        ensure(state(&verdict) == Some(wanted), format!("{verdict}"))?;
        case.employer.sees_state(&case.id, to, PATIENCE).await?;
        same("verdicts", &happened(&case, event).await?, &1)?;
        same("arrivals", &happened(&case, "upload-contract").await?, &arrivals)?;
    }
    Ok(())
}

/// CTR-1: where a good file comes after the office has validated another, the employer reads that it was not
/// transmitted.
#[tokio::test]
async fn a_good_file_that_the_case_has_left_behind_is_not_called_transmitted() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let signatures = Signatures::trusted_by(&world).await?;
    let both = [case.employer_signer(), case.worker_signer()];
    let signed = signatures.sign(&case.contract, Form::Cades, &both).await?;
    let slow = case.asks(Form::Cades, &signed, "digital").await?.expect(201)?.json()?;
    let verdict = case.uploads(&world, Form::Cades, &signed, "digital").await?;
    ensure(state(&verdict) == Some("accepted"), format!("{verdict}"))?;
    let id: ApplicationId = case.id.parse()?;
    let head = world.applications()?.head(&id).await?;
    let head = head.ok_or_else(|| world.story.deviation("the case is gone"))?;
    let now = case.campaign.effective_now(clock::wall());
    cases::after(&world, &case.campaign, &head, Event::ValidateContract, now).await?;
    same("put", &contracts::sends(&slow, &signed).await?, &200)?;
    let verdict = contracts::verdict(&world, &case.employer, &case.id, &slow).await?;
    same("reasons", &reasons(&verdict), &vec!["case-went-on".to_owned()])?;
    ensure(state(&verdict) == Some("refused"), format!("{verdict}"))?;
    ensure(!verdict.to_string().contains("non devi fare altro"), format!("{verdict}"))?;
    let path = format!("/api/applications/{}/documents", case.id);
    let list = case.employer.browser.get(&path).await?.expect(200)?.json()?;
    let uploaded = list["documents"].as_array().into_iter().flatten();
    let uploaded = uploaded.filter(|one| one["from"] == "upload").count();
    same("documents that were transmitted", &uploaded, &1)
}

/// CTR-1, CNF-4: a file that an outage lets the employer send in time counts when it arrives.
#[tokio::test]
async fn an_outage_in_the_ledger_lets_in_the_contract_that_it_permits() -> StoryResult {
    let world = World::enter().await?;
    // All tests share the ledger: the outage lies where no other test's term runs.
    let days = u16::from_be_bytes(fresh()?) % 1_000;
    let entered = calendar::days_after(date(2042, 1, 7), days);
    let rules = Campaign::parse(include_str!("../../campaigns/demo.toml"))?;
    let end = rules.term(TermKind::Contract, calendar::start_of_day(entered))?.end();
    let table = world.environment.text("PORTAL_TABLE")?;
    let outage = OutageRow::new(
        Outage::new(end - HOUR * 4, end + HOUR / 2)?,
        "Il portale non rispondeva a nessuno.".to_owned(),
        AccountId::keyed(&fresh()?),
        clock::wall(),
    );
    let ledger = Outages::new(world.store().0.clone(), table);
    ledger.record(&outage).await?;
    // A second person confirms it: before, it lengthens nothing.
    ledger.confirm(&outage, &AccountId::keyed(&fresh()?), clock::wall()).await?;
    let offset = millis(end + HOUR) - millis(clock::wall());
    let plan = Plan::new("guasto")?.changed(|file| file.clock_offset_ms = offset);
    let campaign = plan.publish(&world).await?;
    let employer = world.private_user().await?;
    let head = contracts::case_of(&world, &employer, &campaign, State::EntryReported).await?;
    let entry = BorderEntry {
        province: "RM".to_owned(),
        municipality: "Fiumicino".to_owned(),
        date: entered,
        visa_number: "ITA1234567".to_owned(),
        fiscal_code: Some(WORKER.to_owned()),
    };
    let now = campaign.effective_now(clock::wall());
    let recorded = head.note(Act::RecordWorkerCode, Who::System, now);
    let along = [Companion::BorderEntry(&world.drafts()?, &entry)];
    world.applications()?.commit(&recorded, &along).await?;
    let id = head.id.to_string();
    employer.sees_state(&id, "contract-to-sign", PATIENCE).await?;
    let contract = contracts::document(&world, &employer, &id, "contract").await?;
    let case = ToSign { employer, campaign, id, contract };
    let signatures = Signatures::trusted_by(&world).await?;
    let both = [case.employer_signer(), case.worker_signer()];
    let signed = signatures.sign(&case.contract, Form::Cades, &both).await?;
    let verdict = case.uploads(&world, Form::Cades, &signed, "digital").await?;
    ensure(state(&verdict) == Some("accepted"), format!("{verdict}"))?;
    case.employer.sees_state(&case.id, "contract-sent", PATIENCE).await.map(|_| ())
}

/// CTR-1, DEC-1: the officer saves each file of the dossier, the refused one too, and no browser shows what nobody vouches for.
#[tokio::test]
async fn the_office_saves_what_passed_and_what_was_refused() -> StoryResult {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let signatures = Signatures::trusted_by(&world).await?;
    let refused = case.uploads(&world, Form::Pades, &case.contract, "digital").await?;
    ensure(state(&refused) == Some("refused"), format!("{refused}"))?;
    let both = [case.employer_signer(), case.worker_signer()];
    let signed = signatures.sign(&case.contract, Form::Cades, &both).await?;
    let passed = case.uploads(&world, Form::Cades, &signed, "digital").await?;
    ensure(state(&passed) == Some("accepted"), format!("{passed}"))?;

    let officer = Officer::of(&world, PROVINCE).await?;
    let dossier = officer.dossier(&case.id).await?.expect(200)?.json()?;
    let uploads = dossier["uploads"].as_array().cloned().unwrap_or_default();
    for (verdict, content) in [(&refused, &case.contract), (&passed, &signed)] {
        let row = uploads.iter().find(|row| row["id"] == verdict["upload"]);
        let row = row.ok_or_else(|| world.story.deviation("the dossier lacks an upload"))?;
        // What a link asks the store for is signed with it.
        let link = row["link"].as_str().unwrap_or_default();
        let body = saved(link).await?;
        ensure(link.contains("response-content-disposition=attachment"), "shown inline")?;
        same("file", &sha256(&body), &sha256(content))?;
        same("digest", &row["sha256"].as_str(), &Some(sha256(content).as_str()))?;
        if row["state"] == "refused" {
            ensure(link.contains("response-content-type=application%2Foctet-stream"), link)?;
            ensure(link.contains("rifiutato-"), link)?;
        }
    }
    let made = dossier["documents"].as_array().cloned().unwrap_or_default();
    let contract = made.iter().find(|row| row["kind"] == "contract" && row["link"].is_string());
    let contract = contract.ok_or_else(|| world.story.deviation("no link to the contract"))?;
    let body = saved(contract["link"].as_str().unwrap_or_default()).await?;
    same("contract", &sha256(&body), &sha256(&case.contract))
}

/// What a link leads to.
async fn saved(link: &str) -> StoryResult<Vec<u8>> {
    let client = local_client().build()?;
    Ok(client.get(link).send().await?.error_for_status()?.bytes().await?.to_vec())
}
