//! A click day from the seeds to the figures.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use domain::{
    application::{Application, Parties, Stage},
    ids::{AccountId, ApplicationId, OwnerId},
    order::{Rank, SeedChain},
    quota::Claims,
    receipt::ReceiptCode,
};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use store::places::RankedRow;

use crate::{
    Broken,
    armed::{self, ArmedCrowd, IndexMinute},
    arrivals,
    arrivals::Press,
    check::{Faults, Stored, check, receipts},
    closed_loop::{Stock, Worker},
    cost::{Cost, Taken},
    crowd::{Crowd, SMALL},
    engine::{self, Engine},
    faults::Breakage,
    fleet::Program,
    follow_up,
    ground::Ground,
    growth,
    keeper::{Keeper, put_all},
    limit,
    peers::{self, BARE, Compared, Installed, NODE, OURS, PYTHON, Size},
    public_log::PublicLog,
    relay::Pace,
    report::Report,
    rest,
    rush::{Rush, Sent, Tickets},
    seeding::{self, Depth},
    statistics::{milliseconds, number, number_of},
    stress::{self, Site, Trouble},
    vault::Vault,
    wiretap::{Passed, Wiretap},
};

/// After an arrival, until its position is final, in seconds.
const CLOSING_DELAY: u32 = 180;
const CLOSING_DELAY_SMALL: u32 = 2;
/// Requests of each kind before the rush beside which people read.
const READINGS: u32 = 200;
const READINGS_SMALL: u32 = 40;
/// Presses and recordings that are counted on the wire.
const COUNTED: usize = 200;
/// Processes on a faulty wire for each of the plain rush: a press that suffers keeps its own waiting for seconds, and Lambda
/// would start others meanwhile.
const ON_A_FAULTY_WIRE: usize = 4;
/// The largest total of one day, 332,724 applications, for each of the record.
const RANKED_FOR_EACH: f64 = 332_724.0 / 86_079.0;

/// The file of the store with which others begin.
const SEEDS: &str = "seeds.db";
/// What the folders of a run are called, before the number of its process.
pub const FOLDER: &str = "bench-";

/// A part of a click day that can be left out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    /// The rush with the store in memory, its history, its places and all checks.
    Rush,
    /// Node.js, Python, the bare client.
    Peers,
    /// The rush with the store on disk.
    Disk,
    /// The rush on a faulty wire.
    Faults,
    /// Reading and recording while the rush goes on.
    Rest,
    /// The rush of a decree under which most armed beforehand.
    Armed,
    /// The ranking of the largest total.
    Ranking,
    /// The table that grows.
    Growth,
}

impl Part {
    /// All of them, in the order in which they are lived through.
    pub const ALL: [Self; 8] = [
        Self::Rush,
        Self::Peers,
        Self::Disk,
        Self::Faults,
        Self::Rest,
        Self::Armed,
        Self::Ranking,
        Self::Growth,
    ];

    /// As the command line names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rush => "rush",
            Self::Peers => "peers",
            Self::Disk => "disk",
            Self::Faults => "faults",
            Self::Rest => "rest",
            Self::Armed => "armed",
            Self::Ranking => "ranking",
            Self::Growth => "growth",
        }
    }

    /// Whether its store begins with the seeds of the rush.
    const fn begins_with_the_seeds(self) -> bool {
        match self {
            Self::Rush | Self::Peers | Self::Disk | Self::Faults | Self::Rest => true,
            Self::Armed | Self::Ranking | Self::Growth => false,
        }
    }
}

/// What a click day is made of.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The checkout.
    pub root: PathBuf,
    /// Built functions.
    pub functions: PathBuf,
    /// The store's program.
    pub dynoxide: PathBuf,
    /// What was installed for the peers.
    pub installed: Installed,
    /// A folder in memory, and one on a disk.
    pub memory: PathBuf,
    /// See [`Plan::memory`].
    pub disk: PathBuf,
    /// Applications that are pressed for.
    pub submissions: usize,
    /// Processes of submit-application.
    pub processes: usize,
    /// What differs from one day to another.
    pub seed: u64,
    /// What is lived through.
    pub parts: Vec<Part>,
    /// What is broken on purpose.
    pub breakage: Option<Breakage>,
    /// The largest table of the part that grows.
    pub largest: usize,
}

/// Tells people what goes on.
pub type Told<'a> = &'a mut dyn FnMut(&str);

struct Day<'a> {
    plan: &'a Plan,
    vault: Vault,
    crowd: Arc<Crowd>,
    presses: Vec<Press>,
    /// Applications of one employer, for what is measured press by press.
    own: Arc<Crowd>,
    /// When both decrees were published.
    since: Timestamp,
}

/// Lives through a click day, and notes what it finds as it goes.
///
/// # Errors
/// Something outside of what is measured failed; what was found before stays noted.
pub async fn live(plan: &Plan, report: &mut Report, told: Told<'_>) -> Result<(), Broken> {
    let _memory = Folder::open(&plan.memory)?;
    let _disk = Folder::open(&plan.disk)?;
    report.set("submissions", number(plan.submissions));
    // The parts of a run are large together.
    Box::pin(prepared(plan, report, told)).await
}

/// A folder that is there as long as this is.
struct Folder(PathBuf);

impl Folder {
    fn open(folder: &Path) -> Result<Self, Broken> {
        sweep(folder);
        fs::create_dir_all(folder)?;
        Ok(Self(folder.to_owned()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whatever cannot be removed is swept by the next run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn prepared(plan: &Plan, report: &mut Report, told: Told<'_>) -> Result<(), Broken> {
    let day = Day::gather(plan).await?;
    if plan.parts.iter().any(|part| part.begins_with_the_seeds()) {
        told("the crowd gathers, and what it has is put into the store");
        day.seed().await?;
    }
    day.through(report, told).await
}

/// Removes what runs left behind that were broken off: the folders beside this one that end in the number of a process
/// which is gone.
fn sweep(folder: &Path) {
    let begins = |name: &str| name.strip_prefix(FOLDER).and_then(|rest| rest.parse::<u32>().ok());
    let beside = folder.parent().and_then(|parent| fs::read_dir(parent).ok());
    for entry in beside.into_iter().flatten().flatten() {
        let process = entry.file_name().to_str().and_then(begins);
        if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            // Whatever cannot be removed stays, and takes nothing from the run but room.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

impl<'a> Day<'a> {
    async fn gather(plan: &'a Plan) -> Result<Self, Broken> {
        let since = Timestamp::from_millisecond(clock::wall().as_millisecond())?
            - SignedDuration::from_hours(1);
        let delay = closing_delay(plan.submissions);
        let mut crowd =
            Crowd::gather("bench-click-day", plan.submissions, since, delay, plan.seed)?;
        let presses = arrivals::presses(&mut crowd, plan.seed)?;
        let size = size(plan.submissions);
        let own = Crowd::of_one("bench-own", size.applications() + COUNTED + 1, since)?;
        let (crowd, own) = (Arc::new(crowd), Arc::new(own));
        Ok(Self { plan, vault: Vault::open().await?, since, crowd, presses, own })
    }

    /// Puts what both crowds have into a store, with which others begin.
    async fn seed(&self) -> Result<(), Broken> {
        let (engine, ground, _) = self.empty(SEEDS).await?;
        seeding::decree(&ground, &self.crowd, self.since).await?;
        seeding::decree(&ground, &self.own, self.since).await?;
        seeding::applications(&ground, &self.own, Depth::HeadAndEvent, self.since).await?;
        seeding::applications(&ground, &self.crowd, Depth::Whole, self.since).await?;
        engine.stop().await
    }

    async fn open(plan: &Plan, file: &Path) -> Result<(Engine, Ground), Broken> {
        let engine = Engine::start(&plan.dynoxide, Some(file)).await?;
        let ground = Ground::at(&format!("http://{}", engine.address()), "").await;
        Ok((engine, ground))
    }

    /// A store with empty tables.
    async fn empty(&self, name: &str) -> Result<(Engine, Ground, PathBuf), Broken> {
        let file = self.plan.memory.join(name);
        let (engine, ground) = Self::open(self.plan, &file).await?;
        ground.lay_tables(&self.plan.root, true).await?;
        engine.index_streams().await?;
        Ok((engine, ground, file))
    }

    /// A store that begins with the seeds.
    async fn seeded(&self, folder: &Path, name: &str) -> Result<(Engine, Ground, PathBuf), Broken> {
        let file = folder.join(name);
        engine::copy(&self.plan.memory.join(SEEDS), &file)?;
        let (engine, ground) = Self::open(self.plan, &file).await?;
        Ok((engine, ground, file))
    }

    async fn through(&self, report: &mut Report, told: Told<'_>) -> Result<(), Broken> {
        let plan = self.plan;
        let mut spent = None;
        if self.wants(Part::Rush) {
            spent = Some(self.plain(report, told).await?);
        }
        if self.wants(Part::Peers) {
            told("Node.js, Python and the bare client");
            self.peers(report, told).await?;
        }
        // With the CPU that the function took beside its peers, if that was measured.
        if let Some(spent) = spent {
            Self::price(&spent, report)?;
        }
        if self.wants(Part::Disk) {
            told("the same rush, with the store on disk");
            self.disk(report).await?;
        }
        if self.wants(Part::Faults) {
            told("the same rush on a faulty wire, from which the store is away for a while");
            self.faults(report).await?;
        }
        if self.wants(Part::Rest) {
            told(
                "the same rush while others read, and what it sends is relayed and recorded as it comes",
            );
            self.rest(report).await?;
        }
        if self.wants(Part::Armed) {
            told("most of another crowd arm, the others press, and send-armed sends what is armed");
            self.armed(report).await?;
        }
        if self.wants(Part::Ranking) {
            told("the largest total is ranked from history");
            self.ranking(report).await?;
        }
        // Memory for the table that grows.
        engine::remove(&plan.memory.join(SEEDS))?;
        if self.wants(Part::Growth) {
            told("the table grows");
            let sizes = [plan.largest / 100, plan.largest / 10, plan.largest];
            let steps = growth::grow(&plan.dynoxide, &plan.functions, &plan.root, &sizes, |step| {
                told(&format!("{} applications: p99 {:.2} ms", step.stored, step.p99_ms));
            })
            .await?;
            if let Some(ratios) = growth::Ratios::of(&steps) {
                ratios.note(report);
            }
        }
        Ok(())
    }

    /// The rush with the store in memory, and all that follows from it; gives what one recording and ranking consumes.
    async fn plain(&self, report: &mut Report, told: Told<'_>) -> Result<Spent, Broken> {
        let plan = self.plan;
        told("the rush, with the store in memory");
        let (engine, ground, file) = self.seeded(&plan.memory, "rush.db").await?;
        let rush = self.rush(&engine, &ground, report).await?;
        told("record-history records what was sent");
        let mut spent = self.history(&engine, &ground, &rush, report).await?;
        told("the limit of the store, and what one submission takes");
        self.limit(&plan.memory, "store_per_second", report).await?;
        self.units(report).await?;
        told("rank-submissions gives places");
        let accepted = number(rush.accepted_applications().max(1));
        let wiretap = Wiretap::open(engine.address()).await?;
        let tapped = ground.through(wiretap.endpoint());
        follow_up::rank(&tapped, &self.vault, &plan.functions, &self.crowd.campaign).await?;
        let ranking = wiretap.take();
        report.set("ranking_reads", ranking.reads() / accepted * 1000.0);
        spent.write_units += ranking.write_units / accepted;
        spent.read_units += ranking.read_units / accepted;
        report.set("history_write_units", spent.write_units);
        told("everything is read back and checked");
        self.check(&ground, &rush, report).await?;
        engine.stop().await?;
        engine::remove(&file)?;
        Ok(spent)
    }

    fn wants(&self, part: Part) -> bool {
        self.plan.parts.contains(&part)
    }

    fn site<'s>(&'s self, ground: &'s Ground) -> Site<'s> {
        let Plan { functions, processes, .. } = self.plan;
        Site { ground, vault: &self.vault, functions, processes: *processes }
    }

    /// Lets the crowd press.
    async fn press(&self, ground: &Ground) -> Result<(Rush, Duration), Broken> {
        self.site(ground).press(&self.crowd, &self.presses).await
    }

    async fn rush(
        &self,
        engine: &Engine,
        ground: &Ground,
        report: &mut Report,
    ) -> Result<Rush, Broken> {
        let before = engine.cpu()?;
        let (rush, cpu) = self.press(ground).await?;
        let presses = number(rush.sent.len());
        report.set("cpu_rush_ms", milliseconds(cpu) / presses);
        let store = engine.cpu()?.saturating_sub(before);
        report.set("cpu_store_ms", milliseconds(store) / presses);
        report.set("seconds_memory", rush.lasted.as_secs_f64());
        report.set("per_second", number(self.plan.submissions) / rush.lasted.as_secs_f64());
        let (p50, p99) = Rush::quantiles(rush.waited.clone());
        report.set("p50_ms", p50);
        report.set("p99_ms", p99);
        let (p50, p99) = Rush::quantiles(rush.served.clone());
        report.set("served_p50_ms", p50);
        report.set("served_p99_ms", p99);
        report.set("wrong_answers", number(rush.wrong_answers()));
        report.set("tickets", number(rush.refused.len()));
        Ok(rush)
    }

    /// Records all that was accepted; gives what one recording consumes, as counted on the wire.
    async fn history(
        &self,
        engine: &Engine,
        ground: &Ground,
        rush: &Rush,
        report: &mut Report,
    ) -> Result<Spent, Broken> {
        let (plan, vault) = (self.plan, &self.vault);
        let ids: Vec<ApplicationId> = rush
            .accepted_candidates()
            .filter_map(|candidate| self.crowd.candidates.get(candidate))
            .map(|candidate| candidate.id.clone())
            .collect();
        let (counted, rest) = ids.split_at(ids.len().min(COUNTED));
        let wiretap = Wiretap::open(engine.address()).await?;
        let tapped = ground.through(wiretap.endpoint());
        follow_up::record(&tapped, vault, &plan.functions, counted, 1).await?;
        let passed = wiretap.take();
        let spent = follow_up::record(ground, vault, &plan.functions, rest, plan.processes).await?;
        report.set("history_seconds", spent.wall.as_secs_f64());
        let of_one = |total: f64| total / number(counted.len().max(1));
        Ok(Spent {
            write_units: of_one(passed.write_units),
            read_units: of_one(passed.read_units),
            cpu_ms: milliseconds(spent.cpu) / number(rest.len().max(1)),
        })
    }

    async fn limit(
        &self,
        folder: &Path,
        key: &'static str,
        report: &mut Report,
    ) -> Result<(), Broken> {
        let (engine, ground, file) = self.seeded(folder, "limit.db").await?;
        let writes =
            limit::writes_per_second(engine.address(), &ground.tables().portal, &self.own).await?;
        report.set(key, writes);
        engine.stop().await?;
        engine::remove(&file)
    }

    /// What one submission asks of the store.
    async fn units(&self, report: &mut Report) -> Result<(), Broken> {
        let (engine, ground, file) = self.seeded(&self.plan.memory, "units.db").await?;
        let counted = self.count(&engine, &ground).await?;
        let of_one = |total: f64| total / number(COUNTED);
        report.set("write_units", of_one(counted.write_units));
        report.set("requests", of_one(counted.all_requests()));
        engine.stop().await?;
        engine::remove(&file)
    }

    /// What one submission takes beside the peers.
    async fn peers(&self, report: &mut Report, told: Told<'_>) -> Result<(), Broken> {
        let plan = self.plan;
        let (engine, ground, file) = self.seeded(&plan.memory, "peers.db").await?;
        let compared = peers::compare(
            &ground,
            &self.vault,
            &plan.functions,
            &plan.root,
            &plan.installed,
            &self.own,
            size(plan.submissions),
        )
        .await?;
        for one in &compared {
            told(&format!(
                "{}: {:.3} ms of CPU, p50 {:.2} ms, p99 {:.2} ms, {:.1} MB, cold {:.1} ms",
                one.name, one.cpu_ms, one.p50_ms, one.p99_ms, one.rss_mb, one.cold_ms
            ));
        }
        note(&compared, report);
        engine.stop().await?;
        engine::remove(&file)
    }

    /// What some presses of one process ask of the store, past the first, which reads the campaign.
    async fn count(&self, engine: &Engine, ground: &Ground) -> Result<Passed, Broken> {
        let wiretap = Wiretap::open(engine.address()).await?;
        let tapped = ground.through(wiretap.endpoint());
        let program = Program::function(&self.plan.functions, OURS)?;
        let mut worker = Worker::start(&program, &tapped.variables(&self.vault)).await?;
        let mut stock = Stock::of(&self.own)?;
        worker.press(&mut stock, 1).await?;
        wiretap.take();
        worker.press(&mut stock, COUNTED).await?;
        worker.stop().await?;
        Ok(wiretap.take())
    }

    async fn disk(&self, report: &mut Report) -> Result<(), Broken> {
        self.limit(&self.plan.disk, "store_per_second_disk", report).await?;
        let (engine, ground, file) = self.seeded(&self.plan.disk, "rush.db").await?;
        let (rush, _) = self.press(&ground).await?;
        let per_second = number(self.plan.submissions) / rush.lasted.as_secs_f64();
        report.set("seconds_disk", rush.lasted.as_secs_f64());
        report.set("per_second_disk", per_second);
        if let Some(limit) = report.get("store_per_second_disk") {
            report.set("store_share_disk", per_second / limit);
        }
        // Nobody ranks here, so order and places are not looked at.
        let stored = Stored::read(&ground, &self.crowd.campaign).await?;
        let faults = check(&self.crowd, &rush.sent, &stored);
        report.add("lost", number(faults.lost));
        report.add("doubled", number(faults.doubled));
        report.add("wrong_answers", number(rush.wrong_answers()));
        engine.stop().await?;
        engine::remove(&file)
    }

    /// The rush while others read, and what it sends is relayed and recorded as it comes.
    async fn rest(&self, report: &mut Report) -> Result<(), Broken> {
        let plan = self.plan;
        let (engine, ground, file) = self.seeded(&plan.memory, "rest.db").await?;
        let site = self.site(&ground);
        let readings = if plan.submissions >= SMALL { READINGS } else { READINGS_SMALL };
        let pace = Pace::of(plan.submissions);
        let rested = rest::live(&site, &self.crowd, &self.presses, readings, pace).await?;
        rested.note(report);
        // Nobody ranks here, so ordinals and places are not looked at.
        let stored = Stored::read(&ground, &self.crowd.campaign).await?;
        let faults = check(&self.crowd, &rested.rush.sent, &stored);
        let accepted = rested.rush.accepted_applications();
        report.set("recording_missing", number(accepted.saturating_sub(stored.ranked.len())));
        report.add("lost", number(faults.lost));
        report.add("doubled", number(faults.doubled));
        report.add("wrong_answers", number(rested.rush.wrong_answers()));
        engine.stop().await?;
        engine::remove(&file)
    }

    async fn check(&self, ground: &Ground, rush: &Rush, report: &mut Report) -> Result<(), Broken> {
        // Before anything is broken on purpose: it reads the store, too.
        self.public_log(ground, &self.crowd, &rush.sent, report).await?;
        let mut stored = Stored::read(ground, &self.crowd.campaign).await?;
        if let Some(breakage) = self.plan.breakage {
            breakage.inject(ground, &self.crowd, &stored).await?;
            stored = Stored::read(ground, &self.crowd.campaign).await?;
        }
        add(&check(&self.crowd, &rush.sent, &stored), report);
        Ok(())
    }

    /// A day of its own on which most armed, with the checks of the plain rush.
    async fn armed(&self, report: &mut Report) -> Result<(), Broken> {
        let plan = self.plan;
        let delay = closing_delay(plan.submissions);
        let day = ArmedCrowd::gather("bench-armed", plan.submissions, delay, plan.seed)?;
        let (engine, ground, file) = self.empty("armed.db").await?;
        day.seed(&ground).await?;
        let minute =
            if plan.submissions >= SMALL { IndexMinute::Waited } else { IndexMinute::Skipped };
        let breakages: Vec<Breakage> = plan.breakage.into_iter().collect();
        let site = self.site(&ground);
        let lived = armed::live(&site, engine.address(), &day, minute, &breakages).await?;
        lived.note(minute, report);
        self.public_log(&ground, &day.crowd, &lived.sent, report).await?;
        let stored = Stored::read(&ground, &day.crowd.campaign).await?;
        add(&lived.faults(&day.crowd, &stored), report);
        engine.stop().await?;
        engine::remove(&file)
    }

    /// The rush on a faulty wire, with the checks of the plain one.
    async fn faults(&self, report: &mut Report) -> Result<(), Broken> {
        let plan = self.plan;
        let (engine, ground, file) = self.seeded(&plan.memory, "faults.db").await?;
        let processes = plan.processes * ON_A_FAULTY_WIRE;
        let site = Site { processes, ..self.site(&ground) };
        let tickets = match plan.breakage {
            Some(Breakage::Place) => Tickets::GetLost,
            _ => Tickets::Reach,
        };
        let trouble = Trouble::of(plan.submissions);
        let store = engine.address();
        let endured =
            stress::live(&site, store, &self.crowd, &self.presses, trouble, tickets).await?;
        endured.note(report);
        report.add("wrong_answers", number(endured.rush.wrong_answers()));
        let stored = Stored::read(&ground, &self.crowd.campaign).await?;
        add(&check(&self.crowd, &endured.rush.sent, &stored), report);
        engine.stop().await?;
        engine::remove(&file)
    }

    /// Holds the public log against the receipts.
    async fn public_log(
        &self,
        ground: &Ground,
        crowd: &Crowd,
        sent: &[Sent],
        report: &mut Report,
    ) -> Result<(), Broken> {
        let plan = self.plan;
        let campaign = &crowd.campaign;
        let mut log = PublicLog::write(ground, &self.vault, &plan.functions, campaign).await?;
        if plan.breakage == Some(Breakage::Log) {
            log.rewrite_a_leaf()?;
        }
        let receipts = receipts(crowd, sent);
        let errors = log.errors(&receipts, &plan.root, &plan.memory).await?;
        report.add("log_errors", number(errors));
        Ok(())
    }

    fn price(spent: &Spent, report: &mut Report) -> Result<(), Broken> {
        let cpu_ms = report.get("cpu_ms").or_else(|| report.get("cpu_rush_ms"));
        let (Some(write_units), Some(cpu_ms)) = (report.get("write_units"), cpu_ms) else {
            return Ok(());
        };
        let cost = Cost::of(&Taken {
            write_units,
            cpu_ms,
            follow_up_write_units: spent.write_units,
            follow_up_read_units: spent.read_units,
            follow_up_cpu_ms: spent.cpu_ms,
        })?;
        report.set("usd_accepting", cost.accepting);
        report.set("usd_all_but_mail", cost.all_but_mail);
        report.set("usd_mail", cost.mail);
        Ok(())
    }

    /// Ranks as many submissions as the largest day had, as record-history leaves them.
    async fn ranking(&self, report: &mut Report) -> Result<(), Broken> {
        let plan = self.plan;
        let (engine, ground, file) = self.empty("ranking.db").await?;
        let opens = clock::wall() - SignedDuration::from_hours(1);
        let submissions = whole(number(plan.submissions) * RANKED_FOR_EACH);
        let crowd = Crowd::gather("bench-ranking", submissions, opens, CLOSING_DELAY, plan.seed)?;
        seeding::decree(&ground, &crowd, opens).await?;
        recorded(&ground, &crowd, opens).await?;
        let ranked =
            follow_up::rank(&ground, &self.vault, &plan.functions, &crowd.campaign).await?;
        if ranked.allotted != u64::try_from(submissions)? {
            return Err(format!("{} of {submissions} were ranked", ranked.allotted).into());
        }
        report.set("ranked", number_of(ranked.allotted));
        report.set("ranking_seconds", ranked.wall.as_secs_f64());
        engine.stop().await?;
        engine::remove(&file)
    }
}

/// After an arrival, until its position is final in a run of so many, in seconds.
const fn closing_delay(submissions: usize) -> u32 {
    if submissions >= SMALL { CLOSING_DELAY } else { CLOSING_DELAY_SMALL }
}

/// Adds what a check found.
fn add(faults: &Faults, report: &mut Report) {
    report.add("lost", number(faults.lost));
    report.add("doubled", number(faults.doubled));
    report.add("out_of_order", number(faults.out_of_order));
    report.add("quota_errors", number(faults.quota_errors));
    report.add("places_lost", number(faults.places_lost));
}

/// What one recording and ranking consumes.
#[derive(Clone, Copy, Debug)]
struct Spent {
    write_units: f64,
    read_units: f64,
    cpu_ms: f64,
}

/// How much is compared: the goals' two thousand warm-ups at the record's size, less in a small run.
fn size(submissions: usize) -> Size {
    if submissions >= SMALL {
        Size { warm_ups: 2_000, presses: 1_000, rounds: 3, starts: 9 }
    } else {
        Size { warm_ups: 100, presses: 100, rounds: 3, starts: 3 }
    }
}

fn note(compared: &[Compared], report: &mut Report) {
    let of = |name: &str| compared.iter().find(|one| one.name == name);
    let Some(ours) = of(OURS) else { return };
    report.set("cpu_ms", ours.cpu_ms);
    report.set("cold_ms", ours.cold_ms);
    report.set("rss_mb", ours.rss_mb);
    if let Some(bare) = of(BARE) {
        report.set("cpu_ratio_bare", ours.cpu_ms / bare.cpu_ms);
    }
    match of(NODE) {
        Some(node) => {
            report.set("cpu_ratio_node", node.cpu_ms / ours.cpu_ms);
            report.set("cold_ratio_node", node.cold_ms / ours.cold_ms);
            report.set("rss_ratio_node", node.rss_mb / ours.rss_mb);
        }
        None => report.miss(
            &["cpu_ratio_node", "cold_ratio_node", "rss_ratio_node"],
            "the peer in Node.js is not installed",
        ),
    }
    match of(PYTHON) {
        Some(python) => {
            report.set("cpu_ratio_python", python.cpu_ms / ours.cpu_ms);
            report.set("cold_ratio_python", python.cold_ms / ours.cold_ms);
        }
        None => report.miss(
            &["cpu_ratio_python", "cold_ratio_python"],
            "the peer in Python is not installed",
        ),
    }
}

/// Puts a crowd into the order of its models, one a millisecond, as record-history does.
async fn recorded(ground: &Ground, crowd: &Crowd, opens: Timestamp) -> Result<(), Broken> {
    let keeper = Keeper::default();
    let store = ground.store_of(ground.observed_client(keeper.clone()));
    let client = ground.client();
    let chain = SeedChain::derive(crate::vault::ORDER.as_bytes(), crowd.campaign.id());
    let seed = chain.seed_of(domain::calendar::local_date(opens));
    let rule = crowd.campaign.policies().order.draw_rule();
    for (number, candidate) in crowd.candidates.iter().enumerate() {
        // Three hundred a second came on the record's day, and more in its first second.
        let arrival = opens + SignedDuration::from_millis(i64::try_from(number / 4)?);
        let head = Application {
            id: candidate.id.clone(),
            campaign: crowd.campaign.id().clone(),
            campaign_version: crowd.campaign.version(),
            model: candidate.model.clone(),
            schema: String::new(),
            parties: Parties {
                representative: AccountId::keyed(&[0; 32]),
                owner: OwnerId::keyed(&[0; 32]),
                filer: AccountId::keyed(&[0; 32]),
                organisation: None,
            },
            version: 2,
            created: opens,
            changed: arrival,
            stage: Stage::ToComplete { attention: None },
        };
        let claims = Claims {
            reservations: crowd.reservations(candidate),
            province: candidate.province.to_owned(),
        };
        let code = ReceiptCode::from_random([0; 10]);
        let rank = Rank::new(arrival, &seed, rule, &candidate.id, &code);
        // The keeper lets every call fail once it has the row.
        let _ = store.places.rank(&RankedRow::of(&head, arrival, rank, claims)).await;
        if number % 2_000 == 1_999 {
            put_all(&client, keeper.take()).await?;
        }
    }
    put_all(&client, keeper.take()).await
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a multiple of a count is a count"
)]
fn whole(value: f64) -> usize {
    value.round().max(0.0) as usize
}
