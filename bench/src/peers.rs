//! The same handler in Node.js and in Python with their AWS SDKs, and the bare client, each against ours in one run.

use std::path::{Path, PathBuf};

use domain::campaign::{Activity, Campaign};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    Broken,
    closed_loop::{Round, Stock, Worker, summary},
    cold,
    crowd::Crowd,
    fleet::Program,
    ground::Ground,
    raw::submission,
    vault::Vault,
};

/// What was installed for the peers; a peer that was not is not measured.
#[derive(Clone, Debug, Default)]
pub struct Installed {
    /// The bundled handler for Node.js.
    pub node: Option<PathBuf>,
    /// A Python with boto3.
    pub python: Option<PathBuf>,
}

/// Presses of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Before anything is measured.
    pub warm_ups: usize,
    /// In each of the rounds.
    pub presses: usize,
    /// Rounds, the peers in turns.
    pub rounds: usize,
    /// Cold starts of each.
    pub starts: usize,
}

impl Size {
    /// How many applications a comparison sends.
    pub const fn applications(self) -> usize {
        4 * (self.warm_ups + self.rounds * self.presses + self.starts) + 2
    }
}

/// What one of them was.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// Its name.
    pub name: &'static str,
    /// CPU of one press, in milliseconds.
    pub cpu_ms: f64,
    /// Median time of one press, in milliseconds.
    pub p50_ms: f64,
    /// The same of the slowest of a hundred.
    pub p99_ms: f64,
    /// Memory in use after all presses, in MB.
    pub rss_mb: f64,
    /// From the start of the process to its first answer, in milliseconds.
    pub cold_ms: f64,
}

struct Contestant {
    name: &'static str,
    program: Program,
    variables: Vec<(&'static str, String)>,
}

/// Ours.
pub const OURS: &str = "submit-application";
/// The bare client.
pub const BARE: &str = "bare client";
/// In Node.js.
pub const NODE: &str = "Node.js";
/// In Python.
pub const PYTHON: &str = "Python";

/// Compares all that are there over the applications of a crowd of one ([`Crowd::of_one`]).
///
/// # Errors
/// One of them fails, or answers a press with other bytes than ours.
pub async fn compare(
    ground: &Ground,
    vault: &Vault,
    functions: &Path,
    root: &Path,
    installed: &Installed,
    crowd: &Crowd,
    size: Size,
) -> Result<Vec<Compared>, Broken> {
    let contestants = contestants(ground, vault, functions, root, installed, crowd)?;
    let mut stock = Stock::of(crowd)?;
    let mut workers = Vec::new();
    for contestant in &contestants {
        let mut worker = Worker::start(&contestant.program, &contestant.variables).await?;
        worker.press(&mut stock, size.warm_ups).await.map_err(|error| named(contestant, &error))?;
        workers.push(worker);
    }
    same_answers(&contestants, &mut workers, &mut stock).await?;
    let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); workers.len()];
    for _ in 0..size.rounds {
        for (worker, rounds) in workers.iter_mut().zip(&mut rounds) {
            rounds.push(worker.press(&mut stock, size.presses).await?);
        }
    }
    let mut memory = Vec::new();
    for worker in workers {
        memory.push(worker.megabytes()?);
        worker.stop().await?;
    }
    let programs: Vec<_> =
        contestants.iter().map(|one| (&one.program, one.variables.as_slice())).collect();
    let cold = cold::starts(&programs, &mut stock, size.starts).await?;
    let compared = contestants.iter().zip(&rounds).zip(memory).zip(cold);
    let compared = compared.map(|(((contestant, rounds), rss_mb), cold_ms)| {
        let (cpu_ms, p50_ms, p99_ms) = summary(rounds).ok_or("nothing was measured")?;
        Ok(Compared { name: contestant.name, cpu_ms, p50_ms, p99_ms, rss_mb, cold_ms })
    });
    compared.collect()
}

fn contestants(
    ground: &Ground,
    vault: &Vault,
    functions: &Path,
    root: &Path,
    installed: &Installed,
    crowd: &Crowd,
) -> Result<Vec<Contestant>, Broken> {
    let variables = ground.variables(vault);
    let mut found = vec![Contestant {
        name: OURS,
        program: Program::function(functions, OURS)?,
        variables: variables.clone(),
    }];
    let person = crowd.people.first().ok_or("nobody is there")?;
    let model = &crowd.candidates.first().ok_or("no application is there")?.model;
    let write = submission(
        &ground.tables().portal,
        person.caller.account.as_str(),
        crowd.campaign.id().as_str(),
        model.as_str(),
    );
    let mut of_bare = variables.clone();
    of_bare.push(("BARE_WRITE", write));
    let bare = Program { path: functions.join("bare"), arguments: Vec::new() };
    found.push(Contestant { name: BARE, program: bare, variables: of_bare });
    let mut of_peers = variables;
    of_peers.push(("BENCH_CAMPAIGN", in_short(&crowd.campaign)?));
    let peers = [
        (NODE, Some(PathBuf::from("node")), installed.node.clone()),
        (PYTHON, installed.python.clone(), Some(root.join("bench/peers/python/handler.py"))),
    ];
    for (name, path, handler) in peers {
        let Some((path, handler)) = path.zip(handler) else { continue };
        // Without a path the programs of the machine are not found.
        let path = if path.components().count() == 1 { on_path(&path)? } else { path };
        let program = Program { path, arguments: vec![handler.display().to_string()] };
        found.push(Contestant { name, program, variables: of_peers.clone() });
    }
    Ok(found)
}

/// Where a program of the machine is: a function's environment has no `PATH`.
fn on_path(name: &Path) -> Result<PathBuf, Broken> {
    let path = outside::config::required("PATH")?;
    let found =
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|one| one.exists());
    found.ok_or_else(|| format!("{} is not on this machine", name.display()).into())
}

/// What a handler has to know of a campaign. Ours reads it from the store once a minute and parses it; the peers are given it,
/// which is to their advantage in cold starts.
fn in_short(campaign: &Campaign) -> Result<String, Broken> {
    let windows = campaign.models().iter().map(|model| {
        let windows: Vec<[i64; 2]> = model
            .windows(Activity::Submit)
            .iter()
            .map(|window| [window.from(), window.until().unwrap_or(Timestamp::MAX)])
            .map(|window| window.map(Timestamp::as_millisecond))
            .collect();
        (model.id().to_string(), json!(windows))
    });
    let text = json!({
        "id": campaign.id(),
        "version": campaign.version(),
        "grace_ms": i64::try_from(campaign.policies().late_submit_token_grace().as_millis())?,
        "windows": windows.collect::<serde_json::Map<_, _>>(),
    });
    Ok(text.to_string())
}

/// All but the bare client give the same receipt for the same application, to the byte.
async fn same_answers(
    contestants: &[Contestant],
    workers: &mut [Worker],
    stock: &mut Stock<'_>,
) -> Result<(), Broken> {
    let candidate = stock.take()?;
    let mut ours = None;
    for (contestant, worker) in contestants.iter().zip(workers) {
        if contestant.name == BARE {
            continue;
        }
        let answer = worker.answer(stock, candidate).await?;
        let ours = ours.get_or_insert_with(|| answer.clone());
        if *ours != answer {
            let name = contestant.name;
            return Err(format!("{name} answers {answer}, and not {ours}").into());
        }
    }
    Ok(())
}

fn named(contestant: &Contestant, error: &Broken) -> Broken {
    format!("{}: {error}", contestant.name).into()
}
