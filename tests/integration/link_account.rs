//! link-account on the deployed portal: *Associa pratica*, proven or guessed, whole or cut off half-way (IDP-2).

use std::collections::BTreeSet;

use domain::{campaign::Campaign, permission::Role};
use harness::{
    campaigns::Plan,
    email_person::{CHECK_CODE, EmailPerson, LINKED, UNLINKED},
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
    let former = world.email_person()?.who_is(&employer);
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
        ("password", json!("tramontana-42-bosco")),
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

/// IDP-2: Carla knows everything that is printed about Bruno's account, even its password. Her identity is another, and
/// nothing of his moves.
#[tokio::test]
async fn nobody_takes_over_the_former_account_of_another_person() -> StoryResult {
    let (world, carla, campaign) = employer_with_session().await?;
    let bruno = world.employer()?;
    let former = world.email_person()?.who_is(&bruno);
    let account = former.is_imported(&world, None).await?;
    let application = world.imports_former_application(&campaign, &account).await?;
    former.signs_in().await?;
    let path = "/api/account/links";
    let proof = former.link_proof(application.id.as_str()).await?;
    carla.browser.post(path, &proof).await?.refused(403, "associazione-non-riuscita")?;
    // Nor with a code that Bruno read out to her.
    let ask = json!({ "email": former.address });
    carla.browser.post("/api/human-check/mail", &ask).await?.expect(202)?;
    let code = former.reads(CHECK_CODE, 0).await?.activation_code();
    let mut by_code = former.link_proof(application.id.as_str()).await?;
    by_code["human_check"] = json!(code);
    carla.browser.post(path, &by_code).await?.refused(403, "associazione-non-riuscita")?;
    let head = world.applications()?.head(&application.id).await?;
    same("filer", &head.map(|head| head.parties.filer), &Some(account))?;
    let path = format!("/api/applications/{}", application.id);
    carla.browser.get(&path).await?.refused(404, "non-trovata")?;
    carla.browser.delete(&path).await?.refused(404, "non-trovata")?;
    former.browser.get(SESSION).await?.expect(200)?;
    former.signs_in().await?;
    same("letters", &former.letters(LINKED).await?.len(), &0)
}

/// IDP-2: the same person who shows neither the password nor a mailed code is told what to show; nothing is linked.
#[tokio::test]
async fn what_is_printed_in_letters_is_not_enough_to_link() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let former = world.email_person()?.who_is(&employer);
    let account = former.is_imported(&world, None).await?;
    let application = world.imports_former_application(&campaign, &account).await?;
    let path = "/api/account/links";
    let mut proof = former.link_proof(application.id.as_str()).await?;
    proof["password"] = Value::Null;
    let refused = employer.browser.post(path, &proof).await?.refused(422, "campi-non-validi")?;
    let fields = refused.refused_fields();
    same("fields", &fields, &vec![("password".to_owned(), "mancante".to_owned())])?;
    let mut guessed = former.link_proof(application.id.as_str()).await?;
    guessed["password"] = json!("tramontana-42-bosco");
    employer.browser.post(path, &guessed).await?.refused(403, "associazione-non-riuscita")?;
    let head = world.applications()?.head(&application.id).await?;
    same("filer", &head.map(|head| head.parties.filer), &Some(account))?;
    former.signs_in().await.map(|_| ())
}

/// IDP-2: who forgot the password shows that the former mailbox is theirs, in whatever spelling they type it.
#[tokio::test]
async fn a_code_from_the_former_mailbox_links_without_a_password() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let former = world.email_person()?.who_is(&employer);
    let account = former.is_imported(&world, None).await?;
    let application = world.imports_former_application(&campaign, &account).await?;
    // The code goes to the mailbox as it was confirmed.
    let ask = json!({ "email": former.address.to_uppercase() });
    employer.browser.post("/api/human-check/mail", &ask).await?.expect(202)?;
    let code = former.reads(CHECK_CODE, 0).await?.activation_code();
    let mut proof = former.link_proof(application.id.as_str()).await?;
    proof["password"] = Value::Null;
    proof["human_check"] = json!(code);
    employer.browser.post("/api/account/links", &proof).await?.expect(200)?;
    let path = format!("/api/applications/{}", application.id);
    employer.browser.get(&path).await?.expect(200)?;
    let letter = former.reads(LINKED, 0).await?;
    ensure(letter.text().contains(account.as_str()), "the letter does not name the account")
}

/// IDP-2, AUD-1: an administrator undoes a link: applications, places in the limit and password are back, both mailboxes
/// read of it, and the histories tell.
#[tokio::test]
async fn an_administrator_undoes_a_link_and_everything_is_back() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let former = world.email_person()?.who_is(&employer);
    let account = former.is_imported(&world, None).await?;
    let one = world.imports_former_application(&campaign, &account).await?;
    let two = world.imports_former_application(&campaign, &account).await?;
    let deleted = world.imports_former_application(&campaign, &account).await?;
    // One of the employer's own, begun after the link, stays where it is.
    let own = stock::ready_for(&world, &campaign, &employer).await?;
    let proof = former.link_proof(one.id.as_str()).await?;
    employer.browser.post("/api/account/links", &proof).await?.expect(200)?;
    let path = format!("/api/applications/{}", deleted.id);
    employer.browser.delete(&path).await?.expect(204)?;
    let undo = format!("/api/account/links/{account}/undo");
    let reason = json!({ "reason": "Il titolare dice di non averla chiesta." });
    employer.browser.post(&undo, &reason).await?.refused(403, "azione-non-consentita")?;
    let head = world.applications()?.head(&one.id).await?;
    ensure(head.is_some_and(|head| head.parties.filer != account), "undone by a private user")?;

    let administrator = world.official(Role::Administrator, None).await?.browser;
    let undone = administrator.post(&undo, &reason).await?.expect(200)?;
    same("applications", &undone.number("/applications")?, &2)?;
    same("deleted", &undone.number("/deleted")?, &1)?;
    same("more", &undone.json()?["more"], &json!(false))?;
    for application in [&one, &two] {
        let head = world.applications()?.head(&application.id).await?;
        let parties = head.map(|head| (head.parties.filer, head.parties.representative));
        same("parties", &parties, &Some((account.clone(), account.clone())))?;
        let path = format!("/api/applications/{}", application.id);
        employer.browser.get(&path).await?.refused(404, "non-trovata")?;
    }
    employer.browser.get(&format!("/api/applications/{}", own.id)).await?.expect(200)?;
    former.signs_in().await?;
    let path = format!("/api/applications/{}/history", one.id);
    let history = former.browser.get(&path).await?.expect(200)?.json()?.to_string();
    ensure(history.contains("Annulla associazione"), "the history does not tell")?;
    former.reads(UNLINKED, 0).await?;
    // Again, it finds nothing left; an account that was never linked is not there.
    let again = administrator.post(&undo, &reason).await?.expect(200)?;
    same("applications", &again.number("/applications")?, &0)?;
    let other = world.email_person()?.is_imported(&world, None).await?;
    let other = format!("/api/account/links/{other}/undo");
    administrator.post(&other, &reason).await?.refused(404, "non-trovata")?;
    // The owner may still link it; the places that went back do not stand in the way (LIM-1).
    let proof = former.link_proof(one.id.as_str()).await?;
    let linked = employer.browser.post("/api/account/links", &proof).await?.expect(200)?;
    same("applications", &linked.number("/applications")?, &2)
}

/// IDP-2: a person who proves the former account sees its applications; a second person gets the same refusal as for a
/// guess.
#[tokio::test]
async fn a_proven_former_account_is_linked_once() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let former = world.email_person()?.who_is(&employer);
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
    former.reads(LINKED, 0).await?;
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
    let former = world.email_person()?.who_is(&employer);
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
    let mut proof = former.link_proof(application).await?;
    proof["given_name"] = json!(former.given_name.to_uppercase());
    Ok(proof)
}

/// An employer with a session of level 2 and a campaign, without the way over the identity provider.
async fn employer_with_session() -> StoryResult<(World, Employer, Campaign)> {
    let world = World::enter().await?;
    let campaign = Plan::new("utenze")?.publish(&world).await?;
    let mut employer = world.employer()?;
    employer.browser = world.browser_of_its_own()?;
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
