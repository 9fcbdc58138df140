//! A small rush with the real function on a wire that fails, in front of the emulator's store: whoever presses again with the
//! ticket loses nothing, and a function that did not look at tickets would be found (issue 12, SUB-3, SUB-5).
//!
//! `cargo xtask test` brings the store up.
#![cfg(test)]

use std::{path::Path, sync::Arc};

use bench::{
    Broken, arrivals,
    check::{Faults, Stored, check},
    crowd::Crowd,
    ground::{Ground, on_own_ground},
    rush::Tickets,
    seeding::{self, Depth},
    stress::{self, Endured, Site, Trouble},
    vault::Vault,
};
use jiff::{SignedDuration, Timestamp};
use outside::clock;

const SUBMISSIONS: usize = 300;
const PROCESSES: usize = 8;
const SEED: u64 = 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_wire_that_fails_nothing_is_lost_and_each_ticket_keeps_its_place() -> Result<(), Broken>
{
    let (endured, faults) = live(Tickets::Reach).await?;
    assert_eq!(faults, Faults::default());
    assert_eq!(endured.rush.wrong_answers(), 0, "{:?}", endured.rush.sent);
    let accepted = endured.rush.accepted_applications();
    assert!((270..SUBMISSIONS).contains(&accepted), "{accepted} accepted");
    // Each fault came, and the store was away: otherwise nothing was tried.
    assert_eq!(endured.not_tried(), Vec::<&str>::new());
    // Also where the store left before a process had read the decree.
    assert_eq!(endured.rush.without_ticket, 0, "answers that kept no arrival");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_does_not_look_at_tickets_loses_places_and_is_found() -> Result<(), Broken>
{
    let (_, faults) = live(Tickets::GetLost).await?;
    assert!(faults.places_lost > 0, "{faults:?}");
    assert_eq!(Faults { places_lost: 0, ..faults }, Faults::default(), "and raises nothing else");
    Ok(())
}

/// A rush of its own, and what the checks find.
async fn live(tickets: Tickets) -> Result<(Endured, Faults), Broken> {
    on_own_ground(async |ground, functions| endure(ground, functions, tickets).await).await
}

async fn endure(
    ground: &Ground,
    functions: &Path,
    tickets: Tickets,
) -> Result<(Endured, Faults), Broken> {
    let since = Timestamp::from_millisecond(clock::wall().as_millisecond())?
        - SignedDuration::from_hours(1);
    let mut crowd = Crowd::gather("bench-faulty-wire", SUBMISSIONS, since, 180, SEED)?;
    let presses = arrivals::presses(&mut crowd, SEED)?;
    let crowd = Arc::new(crowd);
    seeding::decree(ground, &crowd, since).await?;
    seeding::applications(ground, &crowd, Depth::Whole, since).await?;
    let vault = Vault::open().await?;
    let site = Site { ground, vault: &vault, functions, processes: PROCESSES };
    let trouble = Trouble::of(SUBMISSIONS);
    let store = ground.address().await?;
    let endured = stress::live(&site, store, &crowd, &presses, trouble, tickets).await?;
    let stored = Stored::read(ground, &crowd.campaign).await?;
    let faults = check(&crowd, &endured.rush.sent, &stored);
    Ok((endured, faults))
}
