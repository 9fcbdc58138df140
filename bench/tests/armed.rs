//! A small day of a decree that knows armed sends, with the real functions on the emulator's store: what is armed is sent, arrives
//! at the opening, is drawn among itself and stands before every press; and each thing that may go wrong with it raises its own
//! count (NEW-1, ADR 42).
//!
//! `cargo xtask test` brings the store up.
#![cfg(test)]

use std::path::Path;

use bench::{
    Broken,
    armed::{self, ArmedCrowd, IndexMinute, Lived},
    check::{Faults, Stored, receipts},
    crowd::Crowd,
    faults::Breakage,
    ground::{Ground, checkout, on_own_ground},
    public_log::PublicLog,
    stress::Site,
    vault::Vault,
};
use domain::campaign::{Campaign, Order};

const SUBMISSIONS: usize = 200;
const PROCESSES: usize = 2;
const CLOSING_DELAY: u32 = 2;
const SEED: u64 = 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_armed_arrives_at_the_opening_is_drawn_and_stands_before_every_press()
-> Result<(), Broken> {
    on_own_ground(async |ground, functions| {
        let day = ArmedCrowd::gather("bench-armed", SUBMISSIONS, CLOSING_DELAY, SEED)?;
        let (lived, vault) = live(ground, functions, &day, &[]).await?;
        let stored = Stored::read(ground, &day.crowd.campaign).await?;
        assert_eq!(lived.faults(&day.crowd, &stored), Faults::default());
        assert_eq!(lived.rush.wrong_answers(), 0, "{:?}", lived.rush.sent);
        assert!((90..140).contains(&day.armed.len()), "{} armed", day.armed.len());
        assert_eq!(lived.sends.sent, day.armed.len());
        let pressed = lived.rush.accepted_applications();
        assert!((50..100).contains(&pressed), "{pressed} pressed");
        assert_eq!(stored.ranked.len(), day.armed.len() + pressed);
        assert!((3.0..3.2).contains(&lived.send_units()), "{} write units", lived.send_units());

        // By the rule of a chronological order, without the code, they would stand elsewhere: it is the draw that orders them.
        let faults = lived.faults(&chronological(&day.crowd)?, &stored);
        assert!(faults.out_of_order > day.armed.len() / 2, "{faults:?}");

        let log = PublicLog::write(ground, &vault, functions, &day.crowd.campaign).await?;
        let folder = std::env::temp_dir().join(format!("bench-armed-{}", std::process::id()));
        let receipts = receipts(&day.crowd, &lived.sent);
        assert_eq!(log.errors(&receipts, &checkout()?, &folder).await?, 0);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_send_armed_overlooks_is_lost_and_what_it_lets_arrive_late_is_out_of_order()
-> Result<(), Broken> {
    on_own_ground(async |ground, functions| {
        let day = ArmedCrowd::gather("bench-armed", SUBMISSIONS, CLOSING_DELAY, SEED)?;
        let breakages = [Breakage::Overlooked, Breakage::Late];
        let (lived, _) = live(ground, functions, &day, &breakages).await?;
        let stored = Stored::read(ground, &day.crowd.campaign).await?;
        let due = Faults { lost: 1, out_of_order: 1, ..Faults::default() };
        assert_eq!(lived.faults(&day.crowd, &stored), due);
        assert_eq!(lived.sends.sent, day.armed.len() - 1);
        Ok(())
    })
    .await
}

async fn live(
    ground: &Ground,
    functions: &Path,
    day: &ArmedCrowd,
    breakages: &[Breakage],
) -> Result<(Lived, Vault), Broken> {
    day.seed(ground).await?;
    let vault = Vault::open().await?;
    let site = Site { ground, vault: &vault, functions, processes: PROCESSES };
    let store = ground.address().await?;
    let lived = armed::live(&site, store, day, IndexMinute::Skipped, breakages).await?;
    Ok((lived, vault))
}

/// The same crowd under a decree that knows no armed sends.
fn chronological(crowd: &Crowd) -> Result<Crowd, Broken> {
    let mut file = crowd.campaign.clone().into_file();
    file.policies.order = Order::Chronological;
    Ok(Crowd { campaign: Campaign::try_from(file)?, ..crowd.clone() })
}
