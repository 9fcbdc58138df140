//! Holds the API to its description: `contract [--cases 10000]`, as `cargo xtask contract` calls it.
//!
//! schemathesis invents calls from `docs/openapi.json` and judges the answers; this program keeps what the calls need
//! to pass the first checks: people with sessions, applications in every state, and for each operation a call that must
//! succeed.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

mod keeper;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{Path as Segment, State},
    http::StatusCode,
    routing::get,
};
use harness::{
    environment::root,
    story::{Deviation, StoryResult, ensure},
    world::World,
};
use serde::Deserialize;
use serde_json::Value;
use tokio::{net::TcpListener, process::Command};

use crate::keeper::{Call, Keeper};

/// After so many rounds the program gives up on the wanted number.
const MOST_ROUNDS: usize = 20;

/// What the gateway answers for us, or what the description promises on purpose less of:
/// valid by form is not yet valid by law (422, 409); which methods an address takes is held by tests of their own (ADR 38).
const EXCLUDED_CHECKS: &str =
    "positive_data_acceptance,unsupported_method,allow_header_conformance";

#[tokio::main]
async fn main() -> ExitCode {
    match Box::pin(run()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(deviation) => {
            eprintln!("\n✘ {deviation}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> StoryResult {
    let wanted = wanted_cases()?;
    let begun = Instant::now();
    let description: Value =
        serde_json::from_str(&fs::read_to_string(root().join("docs/openapi.json"))?)?;
    let operations = operations(&description);
    let world = World::enter().await?;
    let portal = world.portal().to_owned();
    let keeper = Arc::new(Keeper::open(world).await?);
    for operation in &operations {
        Box::pin(keeper.call(operation)).await?;
    }
    println!("✔ {} operations, a good call of each is known", operations.len());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let counter = Router::new()
        .route("/outfits/{operation}", get(outfit))
        .route("/calls/{operation}", get(call))
        .with_state(keeper);
    tokio::spawn(async move { axum::serve(listener, counter).await });
    let machine = Machine::new(portal, address)?;
    let mut record = Record::new(&operations);
    let each = wanted.div_ceil(operations.len()).max(1);
    for round in 1..=MOST_ROUNDS {
        let failed = machine.run(round, each).await?;
        record.read(&machine.record)?;
        println!("✔ round {round}: {} cases so far", record.cases());
        if failed {
            record.failed_rounds.push(round);
        }
        if record.cases() >= wanted || failed {
            break;
        }
    }
    record.tell(begun.elapsed());
    record.judge(wanted, &machine)
}

fn wanted_cases() -> StoryResult<usize> {
    let usage = || Deviation::new("usage: contract [--cases 10000]");
    let mut words = std::env::args().skip(1);
    match (words.next().as_deref(), words.next(), words.next()) {
        (None, None, None) => Ok(10_000),
        (Some("--cases"), Some(cases), None) => cases.parse().map_err(|_| usage()),
        _ => Err(usage()),
    }
}

/// The names of all operations.
fn operations(description: &Value) -> BTreeSet<String> {
    let paths = description.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths
        .flat_map(|(_, methods)| methods.as_object().into_iter().flatten())
        .filter_map(|(_, operation)| operation.get("operationId")?.as_str().map(str::to_owned))
        .collect()
}

type Handed = Result<Json<Call>, (StatusCode, String)>;

async fn outfit(State(keeper): State<Arc<Keeper>>, Segment(operation): Segment<String>) -> Handed {
    handed(Box::pin(keeper.outfit(&operation)).await)
}

async fn call(State(keeper): State<Arc<Keeper>>, Segment(operation): Segment<String>) -> Handed {
    handed(Box::pin(keeper.call(&operation)).await)
}

fn handed(call: StoryResult<Call>) -> Handed {
    call.map(Json).map_err(|deviation| (StatusCode::INTERNAL_SERVER_ERROR, deviation.to_string()))
}

/// The machine that invents calls, and where it leaves its notes.
struct Machine {
    program: PathBuf,
    folder: PathBuf,
    record: PathBuf,
    portal: String,
    keeper: String,
}

impl Machine {
    fn new(portal: String, keeper: String) -> StoryResult<Self> {
        let folder = root().join(".local/contract");
        fs::create_dir_all(&folder)?;
        let record = folder.join("record.jsonl");
        fs::write(&record, "")?;
        Ok(Self {
            program: root().join(".local/venvs/contract/bin/schemathesis"),
            folder,
            record,
            portal,
            keeper,
        })
    }

    fn log(&self, round: usize) -> PathBuf {
        self.folder.join(format!("round-{round}.log"))
    }

    /// One round with inventions of its own; true when something failed.
    async fn run(&self, round: usize, each: usize) -> StoryResult<bool> {
        let log = fs::File::create(self.log(round))?;
        let status = Command::new(&self.program)
            .arg("--config-file")
            .arg(root().join("tests/contract/schemathesis.toml"))
            .arg("run")
            .arg(root().join("docs/openapi.json"))
            .args(["--url", &self.portal, "--checks", "all"])
            .args(["--exclude-checks", EXCLUDED_CHECKS])
            .args(["--max-examples", &each.to_string(), "--seed", &round.to_string()])
            .args(["--workers", "2", "--max-redirects", "0", "--continue-on-failure", "--no-color"])
            .args(["--generation-with-security-parameters", "false"])
            .args(["--generation-database", "none", "--suppress-health-check", "all"])
            .args(["--request-timeout", "60"])
            .env("SCHEMATHESIS_HOOKS", "hooks")
            .env("PYTHONPATH", root().join("tests/contract"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NO_PROXY", "127.0.0.1,localhost")
            .env("CONTRACT_KEEPER", &self.keeper)
            .env("CONTRACT_RECORD", &self.record)
            .current_dir(&self.folder)
            .stdin(std::process::Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .status()
            .await?;
        Ok(!status.success())
    }
}

/// One answer, as the hooks noted it.
#[derive(Debug, Deserialize)]
struct Line {
    operation: String,
    status: u16,
    good: bool,
    answer: Option<String>,
}

/// The answers, by operation.
#[derive(Default)]
struct Record {
    by_operation: BTreeMap<String, Found>,
    failed_rounds: Vec<usize>,
}

#[derive(Default)]
struct Found {
    statuses: BTreeMap<u16, usize>,
    /// Calls that had to succeed, and the first that did not.
    good: usize,
    refused: usize,
    refusal: Option<String>,
}

impl Record {
    fn new(operations: &BTreeSet<String>) -> Self {
        let by_operation = operations.iter().map(|name| (name.clone(), Found::default())).collect();
        Self { by_operation, failed_rounds: Vec::new() }
    }

    /// Reads the whole record anew.
    fn read(&mut self, file: &Path) -> StoryResult {
        self.by_operation.values_mut().for_each(|found| *found = Found::default());
        for line in fs::read_to_string(file)?.lines() {
            let line: Line = serde_json::from_str(line)?;
            let found = self.by_operation.entry(line.operation).or_default();
            *found.statuses.entry(line.status).or_default() += 1;
            if line.good {
                found.good += 1;
                if line.status >= 400 {
                    found.refused += 1;
                    let answer = line.answer.unwrap_or_default();
                    found.refusal.get_or_insert(format!("{}: {answer}", line.status));
                }
            }
        }
        Ok(())
    }

    fn cases(&self) -> usize {
        self.by_operation.values().flat_map(|found| found.statuses.values()).sum()
    }

    fn tell(&self, took: Duration) {
        println!("\n{:<26} {:>6}  {:>6}  statuses", "operation", "cases", "good");
        for (operation, found) in &self.by_operation {
            let cases: usize = found.statuses.values().sum();
            let statuses: Vec<String> =
                found.statuses.iter().map(|(status, times)| format!("{status}×{times}")).collect();
            let good = format!("{}/{}", found.good - found.refused, found.good);
            println!("{operation:<26} {cases:>6}  {good:>6}  {}", statuses.join(" "));
        }
        println!("{:<26} {:>6}  in {:.0} s", "together", self.cases(), took.as_secs_f64());
    }

    fn judge(&self, wanted: usize, machine: &Machine) -> StoryResult {
        let mut faults = Vec::new();
        for (operation, found) in &self.by_operation {
            // A redirection is what signing in succeeds with.
            if !found.statuses.keys().any(|status| (200..400).contains(status)) {
                faults.push(format!("{operation} never succeeded"));
            }
            if let Some(refusal) = &found.refusal {
                faults.push(format!(
                    "{operation}: {} of {} calls that must succeed did not, the first with {refusal}",
                    found.refused, found.good
                ));
            }
        }
        for round in &self.failed_rounds {
            let log = machine.log(*round);
            let text = fs::read_to_string(&log).unwrap_or_default();
            let failures = text.split_once(" FAILURES ").or(text.split_once(" ERRORS "));
            let failures = failures.map_or(text.as_str(), |(_, failures)| failures);
            let shown: String = failures.chars().take(6000).collect();
            faults.push(format!("round {round} failed ({}):\n{shown}", log.display()));
        }
        if self.cases() < wanted {
            faults.push(format!("{} cases are fewer than {wanted}", self.cases()));
        }
        ensure(faults.is_empty(), faults.join("\n"))
    }
}
