//! The rush on a faulty wire: requests to the store are refused, cut and left without an answer, the store is away for a
//! while, and people press again with the ticket as their pages do. What the arrival ticket is for (SUB-3, SUB-5).

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use domain::{campaign::Campaign, ids::ApplicationId};
use outside::clock;

use crate::{
    Broken,
    arrivals::Press,
    crowd::{Crowd, SMALL},
    desk::Desk,
    faulty_wire::{Fault, FaultyWire},
    fleet::{Fleet, Program},
    follow_up,
    ground::Ground,
    peers::OURS,
    report::Report,
    rush::{self, Rush, Tickets, Word},
    statistics::{number, number_of},
    vault::Vault,
};

/// After an arrival, until its position is final, in seconds: what the decrees say. Tickets last a minute less.
const CLOSING_DELAY: u32 = 960;
/// The same once everybody has a receipt, so that nobody waits for the ranking.
const CLOSING_DELAY_AFTERWARDS: u32 = 2;

/// How bad it gets.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    /// Of so many requests each fault meets one, and one more application until the function gives it up.
    pub of_each: u64,
    /// How long after the opening the store leaves.
    pub leaves_after: Duration,
    /// How long it is away.
    pub away: Duration,
}

impl Trouble {
    /// For a rush of so many: the store leaves at 09:00:01 for twenty seconds. A small rush would be over by then, and has
    /// less of it.
    pub const fn of(submissions: usize) -> Self {
        if submissions >= SMALL {
            Self {
                of_each: 2_000,
                leaves_after: Duration::from_secs(1),
                away: Duration::from_secs(20),
            }
        } else {
            Self {
                of_each: 100,
                leaves_after: Duration::from_millis(50),
                away: Duration::from_secs(2),
            }
        }
    }
}

/// What a rush on a faulty wire was.
#[derive(Debug)]
pub struct Endured {
    /// The rush.
    pub rush: Rush,
    /// How often each fault was injected.
    pub injected: BTreeMap<Fault, u64>,
    /// Presses that were handed over, tried in vain and answered while the store was away.
    pub found_away: usize,
}

impl Endured {
    /// Notes what was injected and what came of it.
    pub fn note(&self, report: &mut Report) {
        report.set("faults_seconds", self.rush.lasted.as_secs_f64());
        report.set("faults_tickets", number(self.rush.with_ticket()));
        report.set("faults_without_ticket", number(self.rush.without_ticket));
        report.set("faults_away", number(self.found_away));
        for fault in Fault::ALL {
            let count = self.injected.get(&fault).copied().unwrap_or_default();
            report.set(fault.key(), number_of(count));
        }
    }

    /// What was to be injected and never was: where it is not empty, the run shows nothing.
    pub fn not_tried(&self) -> Vec<&'static str> {
        let never = |fault: &Fault| self.injected.get(fault).is_none_or(|count| *count == 0);
        let faults = Fault::ALL.into_iter().filter(never).map(Fault::key);
        let others =
            [("faults_away", self.found_away), ("faults_tickets", self.rush.with_ticket())];
        let others = others.into_iter().filter(|(_, count)| *count == 0).map(|(key, _)| key);
        faults.chain(others).collect()
    }
}

/// Where a rush takes place, and with what.
#[derive(Debug)]
pub struct Site<'a> {
    /// The store's tables, reached without faults.
    pub ground: &'a Ground,
    /// The secrets.
    pub vault: &'a Vault,
    /// Built functions.
    pub functions: &'a Path,
    /// Processes of submit-application.
    pub processes: usize,
}

impl Site<'_> {
    /// Lets a crowd press here; gives the rush, and how long the processors worked for the function.
    ///
    /// # Errors
    /// The function gave no answer at all.
    pub async fn press(
        &self,
        crowd: &Crowd,
        presses: &[Press],
    ) -> Result<(Rush, Duration), Broken> {
        let program = Program::function(self.functions, OURS)?;
        let mut desk = Desk::open().await?;
        let variables = self.ground.variables(self.vault);
        let fleet = Fleet::start(&program, &variables, &desk, self.processes)?;
        let rush = rush::run(crowd, presses, &mut desk).await?;
        let cpu = fleet.cpu()?;
        fleet.stop().await?;
        Ok((rush, cpu))
    }
}

/// Lets a crowd press on a faulty wire that leads to the store, then records and ranks what was accepted, without faults.
///
/// # Errors
/// Something outside of what is measured failed, or a fault was never injected: nothing was tried.
pub async fn live(
    site: &Site<'_>,
    store: SocketAddr,
    crowd: &Crowd,
    presses: &[Press],
    trouble: Trouble,
    tickets: Tickets,
) -> Result<Endured, Broken> {
    let Site { ground, vault, functions, processes } = *site;
    let decree = reissue(ground, &crowd.campaign, CLOSING_DELAY).await?;
    let endured = press(site, store, crowd, presses, trouble, tickets).await?;
    let not_tried = endured.not_tried();
    if !not_tried.is_empty() {
        return Err(format!("nothing was tried: {} is 0", not_tried.join(", ")).into());
    }
    let accepted: Vec<ApplicationId> = endured
        .rush
        .accepted_candidates()
        .filter_map(|candidate| crowd.candidates.get(candidate))
        .map(|candidate| candidate.id.clone())
        .collect();
    // Recorded by the long delay, so that nobody's record comes late.
    follow_up::record(ground, vault, functions, &accepted, processes).await?;
    reissue(ground, &decree, CLOSING_DELAY_AFTERWARDS).await?;
    follow_up::rank(ground, vault, functions, &crowd.campaign).await?;
    Ok(endured)
}

async fn press(
    site: &Site<'_>,
    store: SocketAddr,
    crowd: &Crowd,
    presses: &[Press],
    trouble: Trouble,
    tickets: Tickets,
) -> Result<Endured, Broken> {
    let wire = FaultyWire::open(store, trouble.of_each)?;
    let wired = site.ground.through(wire.endpoint());
    let program = Program::function(site.functions, OURS)?;
    let mut desk = Desk::open().await?;
    let fleet = Fleet::start(&program, &wired.variables(site.vault), &desk, site.processes)?;
    let told = |word| {
        if let Word::Opens(opening) = word {
            wire.leave(opening + trouble.leaves_after, trouble.away);
        }
    };
    let rush = rush::run_with(crowd, presses, &mut desk, tickets, told).await?;
    fleet.stop().await?;
    let found_away = wire.absence().map_or(0, |(left, back)| {
        let within = |(begun, ended): &&(Instant, Instant)| *begun >= left && *ended <= back;
        rush.refused.iter().filter(within).count()
    });
    Ok(Endured { rush, injected: wire.injected(), found_away })
}

/// The same decree, whose positions become final so many seconds after the arrival: in force at once for whoever starts now.
async fn reissue(
    ground: &Ground,
    campaign: &Campaign,
    closing_delay_seconds: u32,
) -> Result<Campaign, Broken> {
    let mut file = campaign.clone().into_file();
    file.version += 1;
    file.policies.closing_delay_seconds = closing_delay_seconds;
    let campaign = Campaign::try_from(file)?;
    let now = clock::wall();
    ground.store().campaigns.publish(&campaign.to_toml()?, &campaign, true, None, now).await?;
    Ok(campaign)
}

#[cfg(test)]
mod tests {
    use domain::campaign::TICKET_RESERVE;

    use super::*;

    /// A ticket outlasts the absence of the store and all the pauses of a page.
    #[test]
    fn tickets_outlast_the_trouble() {
        let final_after = Duration::from_secs(CLOSING_DELAY.into());
        for submissions in [300, 86_079] {
            let trouble = Trouble::of(submissions);
            let needed = trouble.leaves_after + trouble.away * 4 + TICKET_RESERVE.unsigned_abs();
            assert!(final_after > needed, "{trouble:?}");
        }
    }

    #[test]
    fn a_run_in_which_a_fault_never_came_names_it() {
        let mut endured =
            Endured { rush: Rush::default(), injected: BTreeMap::new(), found_away: 3 };
        endured.injected.extend(Fault::ALL.map(|fault| (fault, 1)));
        endured.injected.insert(Fault::Silence, 0);
        endured.injected.remove(&Fault::Conflict);
        assert_eq!(endured.not_tried(), ["faults_conflicts", "faults_timeouts", "faults_tickets"]);
    }
}
