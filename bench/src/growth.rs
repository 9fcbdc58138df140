//! Whether a submission costs the same however much is stored: the table grows from some thousands of applications to a
//! million, and the same presses are measured at each size.

use std::{path::Path, sync::Arc};

use jiff::SignedDuration;
use outside::clock;

use crate::{
    Broken,
    closed_loop::{Stock, Worker, summary},
    crowd::Crowd,
    engine::Engine,
    fleet::Program,
    ground::Ground,
    report::Report,
    seeding::{self, Depth},
    statistics::number,
    vault::Vault,
    wiretap::Wiretap,
};

/// Presses before and while something is measured, and those that are counted.
const WARM_UPS: usize = 500;
const PRESSES: usize = 2_000;
const COUNTED: usize = 200;

/// What a press was at one size of the table.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Stored applications.
    pub stored: usize,
    /// Median and slowest of a hundred, in milliseconds.
    pub p50_ms: f64,
    /// The slowest of a hundred.
    pub p99_ms: f64,
    /// CPU of the function.
    pub cpu_ms: f64,
    /// Requests to the store.
    pub requests: f64,
    /// Write units.
    pub write_units: f64,
    /// Bytes to and from the store.
    pub bytes: f64,
}

/// Grows the table to these sizes, in a store in memory, without a stream; `told` hears of each step.
///
/// # Errors
/// The store does not take what is put into it, or a press is not accepted.
pub async fn grow(
    dynoxide: &Path,
    functions: &Path,
    root: &Path,
    sizes: &[usize],
    mut told: impl FnMut(&Step),
) -> Result<Vec<Step>, Broken> {
    let engine = Engine::start(dynoxide, None).await?;
    let ground = Ground::at(&format!("http://{}", engine.address()), "").await;
    ground.lay_tables(root, false).await?;
    let vault = Vault::open().await?;
    let since = clock::wall() - SignedDuration::from_hours(1);
    let of_each = WARM_UPS + 1 + PRESSES + COUNTED;
    let own = Arc::new(Crowd::of_one("bench-growth", of_each * sizes.len(), since)?);
    seeding::decree(&ground, &own, since).await?;
    seeding::applications(&ground, &own, Depth::HeadAndEvent, since).await?;
    let mut stock = Stock::of(&own)?;
    let program = Program::function(functions, "submit-application")?;
    let (mut stored, mut steps) = (own.candidates.len(), Vec::new());
    for (number_of_step, size) in sizes.iter().enumerate() {
        let missing = size.saturating_sub(stored);
        let seed = u64::try_from(number_of_step)? + 100;
        if missing > 0 {
            let others = Arc::new(Crowd::gather("bench-others", missing, since, 180, seed)?);
            seeding::applications(&ground, &others, Depth::HeadAndEvent, since).await?;
        }
        stored += missing;
        let mut worker = Worker::start(&program, &ground.variables(&vault)).await?;
        worker.press(&mut stock, WARM_UPS).await?;
        let round = worker.press(&mut stock, PRESSES).await?;
        worker.stop().await?;
        let (cpu_ms, p50_ms, p99_ms) = summary(&[round]).ok_or("nothing was measured")?;

        let wiretap = Wiretap::open(engine.address()).await?;
        let tapped = ground.through(wiretap.endpoint());
        let mut worker = Worker::start(&program, &tapped.variables(&vault)).await?;
        // The first press of a process reads the campaign.
        worker.press(&mut stock, 1).await?;
        wiretap.take();
        worker.press(&mut stock, COUNTED).await?;
        worker.stop().await?;
        let passed = wiretap.take();
        let of_one = |total: f64| total / number(COUNTED);
        let step = Step {
            stored,
            p50_ms,
            p99_ms,
            cpu_ms,
            requests: of_one(passed.all_requests()),
            write_units: of_one(passed.write_units),
            bytes: of_one(passed.bytes),
        };
        told(&step);
        steps.push(step);
    }
    engine.stop().await?;
    Ok(steps)
}

/// What a press takes at the last step, as multiples of the first one's.
#[derive(Clone, Copy, Debug)]
pub struct Ratios {
    /// Requests to the store.
    pub requests: f64,
    /// Write units.
    pub write_units: f64,
    /// Bytes to and from the store.
    pub bytes: f64,
    /// The slowest of a hundred.
    pub p99: f64,
}

impl Ratios {
    /// Of these steps; none of no steps.
    pub fn of(steps: &[Step]) -> Option<Self> {
        let (first, last) = (steps.first()?, steps.last()?);
        Some(Self {
            requests: last.requests / first.requests,
            write_units: last.write_units / first.write_units,
            bytes: last.bytes / first.bytes,
            p99: last.p99_ms / first.p99_ms,
        })
    }

    /// Notes them.
    pub fn note(&self, report: &mut Report) {
        report.set("growth_requests", self.requests);
        report.set("growth_units", self.write_units);
        report.set("growth_bytes", self.bytes);
        report.set("growth_p99", self.p99);
    }
}
