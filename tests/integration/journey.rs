//! The journey is one of the tests: from sign-in to the receipt over HTTP alone.

use std::time::Duration;

use harness::{
    account_journey, journey, operator_journey,
    rebuilding::{self, Fit},
    receipts::PublishedKeys,
    story::{StoryResult, ensure, same},
    world::World,
};

/// The main job, end to end.
#[tokio::test]
async fn an_employer_goes_from_sign_in_to_the_receipt() -> StoryResult {
    let world = World::enter().await?;
    let arrived =
        Box::pin(journey::run(&world, journey::BUSY_OPENING, &|_: &str, _: Duration| {})).await?;
    let keys = PublishedKeys::fetch(&arrived.employer.browser).await?;
    keys.verify(&arrived.document)?;
    // AUD-1: what is stored of the case leads to where it stands.
    let id = arrived.application.parse()?;
    let applications = world.applications()?;
    same("rebuilt from its events", &rebuilding::case(&applications, &id).await?, &Fit::Whole)?;
    let saves = applications.saves(&id).await?;
    ensure(saves.iter().any(|save| save.who.starts_with("acc_")), "no save of a person")
}

/// ACC-1 to ACC-7, IDP-2: registered by e-mail, linked after a sign-in with SPID.
#[tokio::test]
async fn a_person_with_an_email_account_finds_the_old_application_with_spid() -> StoryResult {
    let world = World::enter().await?;
    Box::pin(account_journey::run(&world, &|_: &str, _: Duration| {})).await
}

/// ORG-1 to ORG-5, FRM-4: enabled through each route, twenty applications, one refused, withdrawn.
#[tokio::test]
async fn an_operator_files_twenty_applications_and_is_withdrawn() -> StoryResult {
    let world = World::enter().await?;
    let filed = Box::pin(operator_journey::run(&world, &|_: &str, _: Duration| {})).await?;
    same("sent and refused", &(filed.sent, filed.refused), &(20, 1))
}

/// SUB-4: a receipt with any byte changed, left out or added is refused.
#[tokio::test]
async fn a_receipt_with_any_changed_byte_is_refused() -> StoryResult {
    let world = World::enter().await?;
    let campaign = harness::campaigns::Plan::new("ricevuta")?.publish(&world).await?;
    let employer = world.employer()?;
    harness::stock::signs_in(&world, &employer, 2).await?;
    let application = harness::stock::ready_for(&world, &campaign, &employer).await?;
    let document = employer.submits(application.id.as_str(), &campaign).await?.expect(200)?.body;
    let keys = world.receipt_keys().await?.all(campaign.id()).map(|key| key.public()).collect();
    let keys = PublishedKeys { keys };
    keys.verify(&document)?;
    for place in 0..document.len() {
        let mut changed = document.clone();
        changed[place] ^= 1;
        assert!(keys.verify(&changed).is_err(), "byte {place} does not matter");
        let mut shorter = document.clone();
        shorter.remove(place);
        assert!(keys.verify(&shorter).is_err(), "byte {place} can be left out");
    }
    Ok(())
}
