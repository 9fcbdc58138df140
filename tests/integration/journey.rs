//! The journey is one of the tests: from sign-in to the receipt over HTTP alone.

use std::time::Duration;

use harness::{journey, receipts::PublishedKeys, story::Told, world::World};

/// The main job, end to end.
#[tokio::test]
async fn an_employer_goes_from_sign_in_to_the_receipt() -> Told {
    let world = World::enter().await?;
    let arrived =
        Box::pin(journey::run(&world, journey::USUAL_OPENING, &|_: &str, _: Duration| {})).await?;
    let keys = PublishedKeys::fetch(&arrived.employer.browser).await?;
    keys.verify(&arrived.document).map(|_| ())
}

/// SUB-4: a receipt with any byte changed, left out or added is refused.
#[tokio::test]
async fn a_receipt_with_any_changed_byte_is_refused() -> Told {
    let world = World::enter().await?;
    let campaign = harness::campaigns::Plan::new("ricevuta")?.publish(&world).await?;
    let employer = world.employer()?;
    let caller =
        harness::stock::caller(&world, &employer, 2, jiff::SignedDuration::from_mins(10)).await?;
    harness::stock::session(&world, &employer.browser, &caller).await?;
    let application = harness::stock::ready_for(&world, &campaign, &employer).await?;
    let document = employer.submits(application.id.as_str(), &campaign).await?.expect(200)?.body;
    let key = domain::receipt::ReceiptKey::derive(
        &world.secret("RECEIPT_SECRET_ID").await?,
        campaign.id(),
    )
    .public();
    let keys = PublishedKeys { keys: vec![key] };
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
