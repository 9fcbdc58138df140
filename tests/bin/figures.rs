//! Measures each function as Lambda would start it: `figures FOLDER [--write] [FUNCTION…]`, as `cargo xtask figures` calls it.
//!
//! FOLDER holds the built programs. A stand-in for Lambda's Runtime API starts each one with the variables of the deployed
//! function, hands it one event of `events/` and notes sizes and instants. Nothing is judged: a busy machine is slow.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::calendar;
use edge::{origin::ORIGIN_SECRET_HEADER, session::SESSION_COOKIE};
use harness::{
    campaigns::Plan,
    employer::Employer,
    environment::root,
    stock,
    story::{Deviation, StoryResult},
    world::World,
};
use outside::clock;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::Notify,
};

/// How often each function is started; the table shows the median.
const STARTS: usize = 5;

/// How long a start or an answer may take before the machine is taken to be broken.
const PATIENCE: Duration = Duration::from_mins(1);

/// Where a function's usual work is not its first event in alphabetical order.
const USUAL: [(&str, &str); 6] = [
    ("enrich-application", "questions"),
    ("record-history", "submission"),
    ("save-draft", "read"),
    ("sign-in", "session"),
    ("simulate-identity", "configuration"),
    ("start-application", "start"),
];

/// Marks in the README between which the table stands.
const MARKS: [&str; 2] = ["<!-- figures: cargo xtask figures -->", "<!-- end of figures -->"];

const HEAD: &str = "| function | program | from start to ready | first answer after that | memory at most | the answer | measured |\n|---|---|---|---|---|---|---|";

/// Invented names in `events/`, which a real campaign, application and origin replace.
const EVENT_ORIGIN: &str = "http://127.0.0.1:4600";
const EVENT_APPLICATION: &str = "app_01h0000000000000000000000a";

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
    let mut words = std::env::args().skip(1);
    let usage = || Deviation::new("usage: figures FOLDER [--write] [FUNCTION…]");
    let folder = PathBuf::from(words.next().ok_or_else(usage)?);
    let (options, named): (Vec<_>, Vec<_>) = words.partition(|word| word.starts_with("--"));
    let writes = options.iter().any(|option| option == "--write");
    let wanted = if named.is_empty() { functions()? } else { named };
    let world = World::enter().await?;
    let cast = Cast::gather(&world).await?;
    let runtime = RuntimeApi::open().await?;
    let mut rows = Vec::new();
    for function in &wanted {
        let row = measure(&world, &cast, &runtime, &folder, function).await?;
        println!("✔ {}", row.markdown());
        rows.push(row);
    }
    if writes {
        write_into_readme(&rows)?;
        println!("README.md holds the table.");
    }
    Ok(())
}

/// The folder of each function, in alphabetical order.
fn functions() -> StoryResult<Vec<String>> {
    let folders = fs::read_dir(root().join("functions"))?
        .flatten()
        .filter(|entry| entry.path().join("src/main.rs").exists());
    let mut names: Vec<String> =
        folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    Ok(names)
}

/// Who and what the events speak of.
struct Cast {
    employer: Employer,
    campaign: String,
    application: String,
}

impl Cast {
    async fn gather(world: &World) -> StoryResult<Self> {
        let campaign = Plan::new("misure")?.publish(world).await?;
        let employer = world.employer()?;
        employer.signs_in(2).await?.expect(303)?;
        let application = stock::ready_for(world, &campaign, &employer).await?.id.to_string();
        Ok(Self { employer, campaign: campaign.id().to_string(), application })
    }

    /// An event of `events/` about this cast, now.
    fn event(&self, world: &World, function: &str) -> StoryResult<Value> {
        let folder = root().join("events").join(function);
        let usual = USUAL.iter().find(|(name, _)| *name == function);
        let mut files: Vec<PathBuf> =
            fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
        files.sort();
        let file = match usual {
            Some((_, event)) => folder.join(format!("{event}.json")),
            None => files
                .into_iter()
                .next()
                .ok_or_else(|| Deviation::new(format!("events/{function} is empty")))?,
        };
        let text = fs::read_to_string(&file)
            .map_err(|error| Deviation::new(format!("{}: {error}", file.display())))?
            .replace(EVENT_ORIGIN, world.portal())
            .replace(EVENT_APPLICATION, &self.application)
            .replace(r#"\"campaign\":\"demo\""#, &format!(r#"\"campaign\":\"{}\""#, self.campaign));
        let mut event: Value = serde_json::from_str(&text)?;
        // Of two places for cookies the one below is left.
        event.as_object_mut().map(|event| event.remove("cookies"));
        if let Some(context) = event.get_mut("requestContext").and_then(Value::as_object_mut) {
            context.insert("timeEpoch".to_owned(), clock::wall().as_millisecond().into());
            let cookie = self.employer.browser.cookie(SESSION_COOKIE).unwrap_or_default();
            if let Some(headers) = event.get_mut("headers").and_then(Value::as_object_mut) {
                headers.insert("cookie".to_owned(), format!("{SESSION_COOKIE}={cookie}").into());
            }
        }
        Ok(event)
    }
}

/// One function's figures.
struct Row {
    function: String,
    bytes: u64,
    ready: Duration,
    first_answer: Duration,
    peak_kib: u64,
    outcome: String,
}

impl Row {
    fn markdown(&self) -> String {
        format!(
            "| {} | {} | {:.0} ms | {:.0} ms | {} MB | {} | {} |",
            self.function,
            tenths(self.bytes * 10 / 1_000_000, "MB"),
            self.ready.as_secs_f64() * 1000.0,
            self.first_answer.as_secs_f64() * 1000.0,
            self.peak_kib * 1024 / 1_000_000,
            self.outcome,
            calendar::local_date(clock::wall()),
        )
    }
}

fn tenths(tenths: u64, unit: &str) -> String {
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// The table of the README with new rows in the place of the old ones of the same functions; rows of functions that are no more
/// go.
fn write_into_readme(measured: &[Row]) -> StoryResult {
    let file = root().join("README.md");
    let text = fs::read_to_string(&file)?;
    let [begin, end] = MARKS;
    let parts = text.split_once(begin).and_then(|(before, rest)| {
        rest.split_once(end).map(|(table, after)| (before, table, after))
    });
    let (before, old, after) =
        parts.ok_or_else(|| Deviation::new(format!("README.md lacks {begin} and {end}")))?;
    let name_of = |row: &str| row.split('|').nth(1).map(|name| name.trim().to_owned());
    let mut rows: BTreeMap<String, String> =
        old.lines().filter_map(|row| Some((name_of(row)?, row.to_owned()))).collect();
    rows.extend(measured.iter().map(|row| (row.function.clone(), row.markdown())));
    let existing = functions()?;
    let rows: Vec<String> = existing.iter().filter_map(|name| rows.get(name)).cloned().collect();
    let table = rows.join("\n");
    Ok(fs::write(file, format!("{before}{begin}\n{HEAD}\n{table}\n{end}{after}"))?)
}

async fn measure(
    world: &World,
    cast: &Cast,
    runtime: &RuntimeApi,
    folder: &Path,
    function: &str,
) -> StoryResult<Row> {
    let program = folder.join(function);
    let bytes = fs::metadata(&program)
        .map_err(|error| Deviation::new(format!("{}: {error}: build it first", program.display())))?
        .len();
    let name = world.function(function)?;
    let variables = world.emulator.variables(&name).await?;
    let shown = match variables.get("ORIGIN_SECRET_ID") {
        Some(id) => Some(outside::aws::secret(world.store().1, id).await?),
        None => None,
    };
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        let mut event = cast.event(world, function)?;
        // As CloudFront does: without it the function would refuse before it has done anything.
        let headers = event.get_mut("headers").and_then(Value::as_object_mut);
        if let (Some(headers), Some(shown)) = (headers, &shown) {
            let shown = String::from_utf8_lossy(shown).into_owned();
            headers.insert(ORIGIN_SECRET_HEADER.to_owned(), shown.into());
        }
        starts.push(runtime.start(world, &program, &name, &variables, &event).await?);
    }
    let median = |of: fn(&Start) -> Duration| {
        let mut all: Vec<Duration> = starts.iter().map(of).collect();
        all.sort();
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    Ok(Row {
        function: function.to_owned(),
        bytes,
        ready: median(|start| start.ready),
        first_answer: median(|start| start.answered),
        peak_kib: starts.iter().map(|start| start.peak_kib).max().unwrap_or_default(),
        outcome: starts.first().map(|start| start.outcome.clone()).unwrap_or_default(),
    })
}

/// One start of a function.
struct Start {
    /// From the start of the process until it asks for work.
    ready: Duration,
    /// From the work handed out until its answer.
    answered: Duration,
    peak_kib: u64,
    outcome: String,
}

/// Stands where Lambda's Runtime API stands: one function at a time, one event each.
struct RuntimeApi {
    address: String,
    counter: Arc<Counter>,
}

#[derive(Default)]
struct Counter {
    state: Mutex<Shift>,
    changed: Notify,
}

#[derive(Default)]
struct Shift {
    event: Option<String>,
    asked: Option<Instant>,
    answered: Option<(Instant, String)>,
}

impl Counter {
    fn look<T>(&self, look: impl FnOnce(&Shift) -> T) -> T {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn shift<T>(&self, change: impl FnOnce(&mut Shift) -> T) -> T {
        let seen = change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_waiters();
        seen
    }
}

impl RuntimeApi {
    async fn open() -> StoryResult<Self> {
        let counter = Arc::new(Counter::default());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let invocation = "/2018-06-01/runtime/invocation";
        let routes = Router::new()
            .route(&format!("{invocation}/next"), get(next))
            .route(&format!("{invocation}/{{request}}/response"), post(answered))
            .route(&format!("{invocation}/{{request}}/error"), post(failed))
            .route("/2018-06-01/runtime/init/error", post(failed))
            .with_state(counter.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { address, counter })
    }

    async fn start(
        &self,
        world: &World,
        program: &Path,
        name: &str,
        variables: &BTreeMap<String, String>,
        event: &Value,
    ) -> StoryResult<Start> {
        self.counter.shift(|shift| {
            *shift = Shift { event: Some(event.to_string()), ..Shift::default() };
        });
        let region = world.environment.text("AWS_REGION")?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(variables)
            .env("AWS_LAMBDA_RUNTIME_API", &self.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "figures")
            .env("AWS_ENDPOINT_URL", world.environment.endpoint()?)
            .env("AWS_REGION", &region)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let begun = Instant::now();
        let mut child = command.spawn()?;
        let seen = tokio::time::timeout(PATIENCE, self.wait(&mut child)).await;
        let (asked, answered, outcome) =
            seen.map_err(|_| Deviation::new(format!("{name} gave no answer in time")))??;
        let peak_kib = child.id().map(peak).transpose()?.unwrap_or_default();
        child.kill().await?;
        Ok(Start {
            ready: asked.duration_since(begun),
            answered: answered.duration_since(asked),
            peak_kib,
            outcome,
        })
    }

    async fn wait(&self, child: &mut Child) -> StoryResult<(Instant, Instant, String)> {
        loop {
            let changed = self.counter.changed.notified();
            let found = self.counter.look(|shift| {
                shift.answered.clone().map(|(at, outcome)| (shift.asked.unwrap_or(at), at, outcome))
            });
            if let Some(found) = found {
                return Ok(found);
            }
            tokio::select! {
                () = changed => {}
                ended = child.wait() => {
                    return Err(Deviation::new(format!("the function ended by itself: {}", ended?)));
                }
            }
        }
    }
}

async fn next(State(counter): State<Arc<Counter>>) -> Response {
    let event = counter.shift(|shift| {
        let event = shift.event.take();
        if event.is_some() {
            shift.asked = Some(Instant::now());
        }
        event
    });
    let Some(event) = event else {
        // There is no more work: Lambda freezes the function here.
        return std::future::pending().await;
    };
    let deadline = (clock::wall() + jiff::SignedDuration::from_secs(60)).as_millisecond();
    let headers = [
        ("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000001".to_owned()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-south-1:000000000000:function:figures".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn answered(State(counter): State<Arc<Counter>>, body: Bytes) -> StatusCode {
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    let outcome = match answer.get("statusCode").and_then(Value::as_u64) {
        Some(status) => status.to_string(),
        None => "done".to_owned(),
    };
    counter.shift(|shift| shift.answered = Some((Instant::now(), outcome)));
    StatusCode::ACCEPTED
}

async fn failed(State(counter): State<Arc<Counter>>, body: Bytes) -> StatusCode {
    let error: Value = serde_json::from_slice(&body).unwrap_or_else(|_| json!({}));
    let kind = error.get("errorType").and_then(Value::as_str).unwrap_or("unknown").to_owned();
    counter.shift(|shift| shift.answered = Some((Instant::now(), format!("error {kind}"))));
    StatusCode::ACCEPTED
}

/// Most memory that a process ever had, in KiB. Linux only.
fn peak(process: u32) -> StoryResult<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let found = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    found.ok_or_else(|| Deviation::new("the system does not tell the memory of a process"))
}
