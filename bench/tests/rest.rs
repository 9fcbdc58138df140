//! A small rush with the real functions on the emulator's store, while people read their applications and notices and refresh
//! their sessions: each is answered, and all that is sent is relayed and recorded beside it, what the stream loses, too
//! (issue 12, RNK-4). How much slower they get is
//! no test's affair: `cargo xtask bench click-day --only rest` prints it.
//!
//! `cargo xtask test` brings the store up.
#![cfg(test)]

use std::{path::Path, sync::Arc};

use bench::{
    Broken, arrivals,
    check::Stored,
    crowd::Crowd,
    ground::{Ground, on_own_ground},
    relay::Pace,
    rest::{self, Reading},
    seeding::{self, Depth},
    stress::Site,
    vault::Vault,
};
use jiff::{SignedDuration, Timestamp};
use outside::clock;

const SUBMISSIONS: usize = 200;
const PROCESSES: usize = 2;
const SEED: u64 = 1;
/// Requests of each kind before the rush.
const ASKS: u32 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_rush_goes_on_whoever_reads_is_answered_and_all_is_recorded() -> Result<(), Broken>
{
    on_own_ground(live).await
}

async fn live(ground: &Ground, functions: &Path) -> Result<(), Broken> {
    let since = Timestamp::from_millisecond(clock::wall().as_millisecond())?
        - SignedDuration::from_hours(1);
    let mut crowd = Crowd::gather("bench-rest", SUBMISSIONS, since, 180, SEED)?;
    let presses = arrivals::presses(&mut crowd, SEED)?;
    let crowd = Arc::new(crowd);
    seeding::decree(ground, &crowd, since).await?;
    seeding::applications(ground, &crowd, Depth::Whole, since).await?;
    let vault = Vault::open().await?;
    let site = Site { ground, vault: &vault, functions, processes: PROCESSES };
    let rested = rest::live(&site, &crowd, &presses, ASKS, Pace::of(SUBMISSIONS)).await?;

    assert_eq!(rested.rush.wrong_answers(), 0, "{:?}", rested.rush.sent);
    assert_eq!(rested.refused(), 0, "{:?}", rested.readings);
    let asked: Vec<Reading> = rested
        .readings
        .iter()
        .filter(|one| !one.quiet.took.is_empty() && !one.rush.took.is_empty())
        .map(|one| one.reading)
        .collect();
    assert_eq!(asked, Reading::ALL);
    let accepted = rested.rush.accepted_applications();
    assert!((170..SUBMISSIONS).contains(&accepted), "{accepted} accepted");
    assert_eq!(rested.recorded, accepted);
    // The stream loses one of twenty: record-history hears of them by reconcile-pending.
    assert!(rested.relayed.brought >= accepted / 20, "{:?}", rested.relayed);
    assert_eq!(rested.relayed.took.len(), accepted - rested.relayed.brought);
    assert!(!rested.relayed.runs.is_empty());
    assert_eq!(Stored::read(ground, &crowd.campaign).await?.ranked.len(), accepted);
    Ok(())
}
