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
    desk::Desk,
    faults::Breakage,
    fleet::{Fleet, Program},
    follow_up,
    ground::Ground,
    rush,
    seeding::{self, Depth},
    vault::Vault,
};
use domain::ids::ApplicationId;
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock, config};

const SUBMISSIONS: usize = 300;
const PROCESSES: usize = 2;
const SEED: u64 = 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_click_day_is_without_fault_and_each_fault_is_found() -> Result<(), Broken> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let functions = root.join("target/debug");
    let endpoint = config::required("AWS_ENDPOINT_URL")?;
    let own = ApplicationId::from_random(aws::random()?);
    let ground = Ground::at(&endpoint, &format!("bench-{own}-")).await;
    ground.lay_tables(&root, false).await?;
    let lived = live(&ground, &functions).await;
    ground.clear_tables().await?;
    lived
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
    let program = Program::function(functions, "submit-application")?;
    let mut desk = Desk::open().await?;
    let fleet = Fleet::start(&program, &ground.variables(&vault), &desk, PROCESSES)?;
    let rush = rush::run(&crowd, &presses, &mut desk).await?;
    fleet.stop().await?;
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
            Breakage::Log | Breakage::Place => {}
        }
        assert_eq!(check(&crowd, &rush.sent, &stored), due, "after {breakage:?}");
    }
    Ok(())
}
