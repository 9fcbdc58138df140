//! A small click day with the real functions, on the emulator's store: everything is as it must be, and each fault that is put
//! into the store raises its own count (issue 12: gates that can fail).
//!
//! `cargo xtask test` brings the store up.
#![cfg(test)]

use std::{path::Path, sync::Arc};

use bench::{
    Broken, arrivals,
    check::{Faults, Stored, check},
    crowd::Crowd,
    faults::Breakage,
    follow_up,
    ground::{Ground, on_own_ground},
    seeding::{self, Depth},
    stress::Site,
    vault::Vault,
};
use domain::ids::ApplicationId;
use jiff::{SignedDuration, Timestamp};
use outside::clock;

const SUBMISSIONS: usize = 300;
const PROCESSES: usize = 2;
const SEED: u64 = 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_click_day_is_without_fault_and_each_fault_is_found() -> Result<(), Broken> {
    on_own_ground(live).await
}

async fn live(ground: &Ground, functions: &Path) -> Result<(), Broken> {
    let since = Timestamp::from_millisecond(clock::wall().as_millisecond())?
        - SignedDuration::from_hours(1);
    let mut crowd = Crowd::gather("bench-click-day", SUBMISSIONS, since, 2, SEED)?;
    let presses = arrivals::presses(&mut crowd, SEED)?;
    let crowd = Arc::new(crowd);
    seeding::decree(ground, &crowd, since).await?;
    seeding::applications(ground, &crowd, Depth::Whole, since).await?;

    let vault = Vault::open().await?;
    let site = Site { ground, vault: &vault, functions, processes: PROCESSES };
    let (rush, _) = site.press(&crowd, &presses).await?;
    assert_eq!(rush.wrong_answers(), 0, "{:?}", rush.sent);
    let accepted: Vec<ApplicationId> =
        rush.accepted_candidates().map(|index| crowd.candidates[index].id.clone()).collect();
    assert!((270..SUBMISSIONS).contains(&accepted.len()), "{} accepted", accepted.len());

    follow_up::record(ground, &vault, functions, &accepted, PROCESSES).await?;
    let ranked = follow_up::rank(ground, &vault, functions, &crowd.campaign).await?;
    assert_eq!(usize::try_from(ranked.allotted)?, accepted.len());

    let mut stored = Stored::read(ground, &crowd.campaign).await?;
    assert_eq!(check(&crowd, &rush.sent, &stored), Faults::default());

    // One after the other, so that each must raise its own count and no other.
    let mut due = Faults::default();
    for breakage in [Breakage::Lost, Breakage::Doubled, Breakage::Order, Breakage::Quota] {
        breakage.inject(ground, &crowd, &stored).await?;
        stored = Stored::read(ground, &crowd.campaign).await?;
        match breakage {
            Breakage::Lost => due.lost = 1,
            Breakage::Doubled => due.doubled = 1,
            Breakage::Order => due.out_of_order = 2,
            Breakage::Quota => due.quota_errors = 1,
            Breakage::Log | Breakage::Place | Breakage::Overlooked | Breakage::Late => {}
        }
        assert_eq!(check(&crowd, &rush.sent, &stored), due, "after {breakage:?}");
    }
    Ok(())
}
