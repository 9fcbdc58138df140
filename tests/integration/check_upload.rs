//! Signed files at the deployed portal: real signatures by openssl and pyHanko, hostile files, verdicts (CTR-1, CTR-2).

use harness::{
    contracts::ToSign,
    signatures::{Form, Signatures, Signer},
    story::{Told, ensure, same},
    world::World,
};
use serde_json::{Value, json};

fn state(verdict: &Value) -> Option<&str> {
    verdict.get("state").and_then(Value::as_str)
}

fn reasons(verdict: &Value) -> Vec<String> {
    let refusals = verdict.get("refusals").and_then(Value::as_array).into_iter().flatten();
    refusals.filter_map(|refusal| refusal.get("code")?.as_str().map(str::to_owned)).collect()
}

/// CTR-1, CTR-2: signed by both it counts, by its file and its events; what is not checked is said.
#[tokio::test]
async fn a_contract_that_both_signed_is_sent_to_the_office() -> Told {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let signatures = Signatures::trusted_by(&world).await?;
    let both = [case.employer_signer(), case.worker_signer()];
    let signed = signatures.sign(&case.contract, Form::Cades, &both).await?;
    let verdict = case.uploads(&world, Form::Cades, &signed, "digital").await?;
    ensure(state(&verdict) == Some("accepted"), format!("{verdict}"))?;
    ensure(verdict["not_checked"].to_string().contains("revocato"), format!("{verdict}"))?;
    let row = case.employer.application(&case.id).await?;
    same("state", &row.get("state"), &Some(&json!("contract-sent")))?;
    let history = case.employer.history(&case.id).await?;
    let count =
        |event: &str| history.iter().filter(|one| one.get("event") == Some(&event.into())).count();
    same(
        "uploads and acceptances",
        &(count("upload-contract"), count("accept-contract-file")),
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
async fn the_employer_alone_may_sign_a_copy_that_the_worker_signed_by_hand() -> Told {
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

/// Whoever signs must be the employer, with a certificate that is good and trusted, over the contract that was sent.
#[tokio::test]
async fn a_contract_is_refused_for_each_reason_in_plain_words() -> Told {
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
            "somebody else's certificate",
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
        let row = case
            .employer
            .sees_state(&case.id, "contract-to-sign", harness::contracts::PATIENCE)
            .await?;
        ensure(row.get("state") == Some(&json!("contract-to-sign")), format!("{what}: {row}"))?;
    }
    let list = case
        .employer
        .browser
        .get(&format!("/api/applications/{}/documents", case.id))
        .await?
        .expect(200)?
        .json()?;
    ensure(!list.to_string().contains("\"upload\""), "a refused file is offered as a document")
}

/// A notification that comes twice, and one about a file that nobody was permitted to send, change nothing.
#[tokio::test]
async fn a_file_is_looked_into_once() -> Told {
    let world = World::enter().await?;
    let case = ToSign::open(&world).await?;
    let signatures = Signatures::trusted_by(&world).await?;
    let signed = signatures
        .sign(&case.contract, Form::Cades, &[case.employer_signer(), case.worker_signer()])
        .await?;
    let permission = case.asks(Form::Cades, &signed, "digital").await?.expect(201)?.json()?;
    same("first put", &harness::contracts::sends(&permission, &signed).await?, &200)?;
    // The permission is for one new file: the same again is not taken.
    let second = harness::contracts::sends(&permission, &signed).await?;
    ensure(second == 412 || second == 200, format!("second put: {second}"))?;
    let verdict =
        harness::contracts::verdict(&world, &case.employer, &case.id, &permission).await?;
    ensure(state(&verdict) == Some("accepted"), format!("{verdict}"))?;
    let upload = permission["upload"].as_str().unwrap_or_default();
    let captured: Value =
        serde_json::from_str(include_str!("../../events/check-upload/contract.json"))?;
    let event = |key: &str| -> Told<Value> {
        let mut event = captured.clone();
        let text = event["Records"][0]["body"].as_str().unwrap_or_default();
        let mut told: Value = serde_json::from_str(text)?;
        told["Records"][0]["s3"]["object"]["key"] = json!(key);
        event["Records"][0]["body"] = json!(told.to_string());
        Ok(event)
    };
    for key in [
        format!("{}/{upload}", case.id),
        format!("{}/upl_00000000000000000000000001", case.id),
        "../../etc/passwd".to_owned(),
    ] {
        let answer = world.emulator.invoke(&world.function("check-upload")?, &event(&key)?).await?;
        ensure(
            answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty),
            format!("{answer}"),
        )?;
    }
    let history = case.employer.history(&case.id).await?;
    let accepted =
        history.iter().filter(|one| one.get("event") == Some(&"accept-contract-file".into()));
    same("acceptances", &accepted.count(), &1)
}
