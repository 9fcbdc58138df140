//! link-account on the deployed portal: *Associa pratica*, proven or guessed, whole or cut off half-way (IDP-2).

use std::collections::BTreeSet;

use domain::campaign::Campaign;
use harness::{
    campaigns::Plan,
    email_person::EmailPerson,
    employer::Employer,
    fault_proxy::{Fault, Order},
    stock,
    story::{StoryResult, ensure, same},
    world::World,
};
use serde_json::{Value, json};
use store::accounts::FormerOperator;

const SESSION: &str = "/api/session";

/// IDP-2: any wrong datum gives the same refusal, and nothing changes hands.
#[tokio::test]
async fn a_former_account_is_not_linked_by_guessing() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let former = world.email_person()?;
    let formerly =
        FormerOperator { organisation: "Patronato Esempio".to_owned(), province: "FG".to_owned() };
    let account = former.is_imported(&world, Some(formerly)).await?;
    let application = world.imports_former_application(&campaign, &account).await?;
    let foreign = stock::ready_for(&world, &campaign, &world.employer()?).await?;
    let wrongs = [
        ("given_name", json!("Annalisa")),
        ("family_name", json!("De Angelis")),
        ("birth_date", json!("1980-03-26")),
        ("email", json!(world.email_person()?.address)),
        ("application", json!(foreign.id)),
        ("application", json!("app_00000000000000000000000001")),
        ("organisation", json!("Patronato Altro")),
        ("province", Value::Null),
    ];
    let mut refusals = BTreeSet::new();
    for (field, value) in wrongs {
        let mut proof = proof(&former, application.id.as_str()).await?;
        proof["organisation"] = json!("patronato  esempio");
        proof["province"] = json!("fg");
        proof[field] = value;
        let refused = employer.browser.post("/api/account/links", &proof).await?;
        refusals.insert(refused.refused(403, "associazione-non-riuscita")?.text("/detail")?);
    }
    same("different refusals", &refusals.len(), &1)?;
    let head = world.applications()?.head(&application.id).await?;
    same("filer", &head.map(|head| head.parties.filer), &Some(account))?;
    let path = format!("/api/applications/{}", application.id);
    employer.browser.get(&path).await?.refused(404, "non-trovata")?;
    // A password is not enough to link, even the right one.
    former.signs_in().await?;
    let proof = proof(&former, application.id.as_str()).await?;
    let refused = former.browser.post("/api/account/links", &proof).await?;
    refused.refused(403, "livello-insufficiente").map(|_| ())
}

/// IDP-2: a person who proves the former account sees its applications; a second person gets the same refusal as for a
/// guess.
#[tokio::test]
async fn a_proven_former_account_is_linked_once() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let former = world.email_person()?;
    let account = former.is_imported(&world, None).await?;
    let one = world.imports_former_application(&campaign, &account).await?;
    let two = world.imports_former_application(&campaign, &account).await?;
    former.signs_in().await?;
    let path = "/api/account/links";
    let linked =
        employer.browser.post(path, &proof(&former, one.id.as_str()).await?).await?.expect(200)?;
    same("applications", &linked.number("/applications")?, &2)?;
    for application in [&one, &two] {
        let path = format!("/api/applications/{}", application.id);
        employer.browser.get(&path).await?.expect(200)?;
        let history = employer.browser.get(&format!("{path}/history")).await?.expect(200)?;
        ensure(
            history.json()?.to_string().contains("Associa pratica"),
            "the history does not tell",
        )?;
    }
    // The former account opens nothing any more.
    former.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    former.signs_in_with(&former.password).await?.refused(403, "credenziali-errate")?;
    // Repeated, it changes nothing; from another person it gets the same refusal as a guess.
    let again = proof(&former, one.id.as_str()).await?;
    let again = employer.browser.post(path, &again).await?.expect(200)?;
    same("applications", &again.number("/applications")?, &0)?;
    let (_, second, _) = employer_with_session().await?;
    let body = proof(&former, one.id.as_str()).await?;
    second.browser.post(path, &body).await?.refused(403, "associazione-non-riuscita")?;
    // A draft that followed can be deleted: its place followed, too (LIM-1).
    let path = format!("/api/applications/{}", two.id);
    employer.browser.delete(&path).await?.expect(204).map(|_| ())
}

/// Cut off half-way, the next try completes: the former applications follow once each.
#[tokio::test]
async fn a_link_that_failed_half_way_is_completed_by_the_next_try() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let former = world.email_person()?;
    let account = former.is_imported(&world, None).await?;
    let one = world.imports_former_application(&campaign, &account).await?;
    let id = one.id.to_string();
    former.signs_in().await?;
    let order = fault_at(&world, "TransactWriteItems", &id, 100, Fault::CutBefore).await?;
    let body = proof(&former, &id).await?;
    let path = "/api/account/links";
    employer.browser.post(path, &body).await?.refused(503, "servizio-non-disponibile")?;
    world.emulator.cancel_fault(order).await?;
    // Marking it, ending its sessions and taking its password away is one step.
    former.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    former.signs_in_with(&former.password).await?.refused(403, "credenziali-errate")?;
    let body = proof(&former, &id).await?;
    employer.browser.post(path, &body).await?.expect(200)?;
    let history = world.applications()?.history(&one.id).await?;
    let links = history.iter().filter(|event| event.action.as_deref() == Some("link")).count();
    same("events", &links, &1)
}

async fn proof(former: &EmailPerson, application: &str) -> StoryResult<Value> {
    Ok(json!({
        "given_name": former.given_name.to_uppercase(),
        "family_name": former.family_name,
        "birth_date": former.birth_date,
        "email": former.address,
        "application": application,
        "human_check": former.human_check().await?,
    }))
}

/// An employer with a session of level 2 and a campaign, without the way over the identity provider.
async fn employer_with_session() -> StoryResult<(World, Employer, Campaign)> {
    let world = World::enter().await?;
    let campaign = Plan::new("utenze")?.publish(&world).await?;
    let employer = world.employer()?;
    employer.signs_in(2).await?.expect(303)?;
    Ok((world, employer, campaign))
}

async fn fault_at(
    world: &World,
    operation: &str,
    contains: &str,
    times: u32,
    fault: Fault,
) -> StoryResult<u64> {
    let order = Order {
        operation: operation.to_owned(),
        contains: contains.to_owned(),
        nth: 1,
        times,
        fault,
    };
    world.emulator.order_fault(&order).await
}
