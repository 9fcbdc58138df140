//! Brings the portal up on the local emulator and takes it down again.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::checkout::{Checkout, REGION, STACK, fingerprint, fingerprint_of, write};
use crate::process::{Detached, Failure, last_lines, run_logged};
use crate::progress::{silent_step, step};
use crate::{build, python, site, wire};

/// Senders of the local stage; their domains exist nowhere.
const MAIL_FROM: &str = "portale@portale.example";
const PEC_FROM: &str = "portale@pec.portale.example";
const CLIENT_ID: &str = "portale";

/// What the simulated consular system calls itself, and its public key; the private one is in `tests/harness/consulate.rs`.
const CONSULATE_CLIENT_ID: &str = "maeci";
const CONSULATE_KEY: &str = "vbgJUWLvYC6UcNBRpYFiBWcXn42g-uQUg07KwdJLEHI";

/// Seconds after which a forgotten notice is sent again locally; two minutes on AWS, ten seconds where people and tests wait.
const PENDING_AGE_S: u32 = 10;
/// Demo person 30: on a fresh stack the first administrator is there without a seed (ADM-1).
const FIRST_ADMINISTRATOR: &str = "GLLNCL62M01W000O";

/// How many numbers the human check lets a browser try at most locally: tests solve hundreds of them.
const HUMAN_CHECK_WORK: u32 = 500;

/// Set by Ctrl-C: nothing new is started, the main thread leaves the ending to the handler.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// Brings everything up, prepares what the developer wants to see, and stays until Ctrl-C.
pub(crate) fn dev(
    checkout: &Checkout,
    prepare: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    stop_on_ctrl_c(checkout)?;
    let outcome = up(checkout, None).and_then(|()| prepare()).and_then(|()| {
        println!("Ctrl-C stops everything.");
        watch(checkout)
    });
    if STOPPING.load(Ordering::SeqCst) {
        leave_to_handler();
    }
    down(checkout)?;
    outcome
}

/// From now on Ctrl-C and a request to terminate stop what runs, then us.
pub(crate) fn stop_on_ctrl_c(checkout: &Checkout) -> Result<(), Failure> {
    let root = checkout.clone();
    ctrlc::set_handler(move || {
        STOPPING.store(true, Ordering::SeqCst);
        println!();
        // Without taking turns: the main thread may be in the midst of `up`.
        stop(&root).ok();
        std::process::exit(130);
    })
    .map_err(|error| Failure::new(format!("cannot catch Ctrl-C: {error}")))
}

/// A child that Ctrl-C ended makes us fail while the handler is still stopping the rest.
pub(crate) fn leave_to_handler() -> ! {
    loop {
        thread::park();
    }
}

/// True when Ctrl-C was pressed. Waits a moment, since a child may die of it before we hear.
pub(crate) fn is_stopping() -> bool {
    thread::sleep(Duration::from_millis(200));
    STOPPING.load(Ordering::SeqCst)
}

fn watch(checkout: &Checkout) -> Result<(), Failure> {
    let watched = [emulator(checkout), pec_provider(checkout), edge(checkout)];
    loop {
        thread::sleep(Duration::from_secs(1));
        if let Some(ended) = watched.iter().find(|process| !process.runs()) {
            if is_stopping() {
                leave_to_handler();
            }
            return Err(Failure::new(format!(
                "A part of the portal ended by itself:\n{}",
                last_lines(ended.log(), 15)
            )));
        }
    }
}

/// Brings everything up, detached, and returns when the portal answers.
pub(crate) fn up(checkout: &Checkout, endpoint: Option<&str>) -> Result<(), Failure> {
    let begun = Instant::now();
    let _alone = alone(checkout)?;
    // The compiler needs minutes in a fresh checkout; what does not need its programs happens beside it.
    let (built, stands) = thread::scope(|scope| {
        let building = scope.spawn(|| build::stack(checkout));
        let site = scope.spawn(|| site::build_if_possible(checkout));
        let stands = install(checkout).and_then(|()| stand(checkout, endpoint));
        let broken = || Err(Failure::new("the build broke off"));
        let built = building.join().unwrap_or_else(|_| broken());
        (built.and(site.join().unwrap_or_else(|_| broken())), stands)
    });
    built?;
    let (wanted, was_deployed) = stands?;
    start_edge(checkout)?;
    if was_deployed || !answers_within(checkout, Duration::from_secs(10)) {
        if !was_deployed {
            deploy(checkout, &wanted)?;
            start_edge(checkout)?;
        }
        step("wait for the portal", || {
            if answers_within(checkout, Duration::from_secs(40)) {
                Ok(())
            } else {
                Err(silent_portal(checkout))
            }
        })?;
    }
    wake_the_identity_provider(checkout);
    site::put(checkout)?;
    seed(checkout, &wanted)?;
    announce(checkout, begun);
    Ok(())
}

/// Installs what is missing. Another version of the emulator starts with an empty state.
fn install(checkout: &Checkout) -> Result<(), Failure> {
    if !python::is_emulator_current(checkout) {
        emulator(checkout).stop();
        pec_provider(checkout).stop();
        forget_state(checkout);
    }
    python::install(checkout, &["emulator", "sam"])
}

/// Starts the emulator, or takes the endpoint that was given, and deploys there what is not deployed yet. Tells whether it was.
fn stand(checkout: &Checkout, endpoint: Option<&str>) -> Result<(Deployment, bool), Failure> {
    let endpoint = match endpoint {
        Some(url) => {
            emulator(checkout).stop();
            pec_provider(checkout).stop();
            given(url)?
        }
        None => {
            start_emulator(checkout)?;
            start_pec_provider(checkout)?;
            Endpoint { url: own_address(checkout), is_on_this_machine: true }
        }
    };
    let functions = if endpoint.is_on_this_machine {
        build::lay_out_scripts(checkout)?
    } else {
        build::lay_out_programs(checkout)?
    };
    let wanted = Deployment::of(checkout, &endpoint, &functions);
    if wanted.is_recorded(checkout) && checkout.settings().is_ok() {
        return Ok((wanted, false));
    }
    if let Err(failure) = deploy(checkout, &wanted) {
        // The saved state may not fit the template to be deployed. Losing a demo's data costs less than a puzzling
        // error.
        if !checkout.local.join("state/fingerprint").exists()
            || endpoint.url != own_address(checkout)
            || is_stopping()
        {
            return Err(failure);
        }
        println!("The saved state does not take the new template: starting with an empty one.");
        emulator(checkout).stop();
        forget_state(checkout);
        start_emulator(checkout)?;
        deploy(checkout, &wanted)?;
    }
    Ok((wanted, true))
}

/// Stops what `up` started. The emulator saves its state, so that the next start is quick.
pub(crate) fn down(checkout: &Checkout) -> Result<(), Failure> {
    let _alone = alone(checkout)?;
    stop(checkout)
}

/// Stops everything and removes its data.
pub(crate) fn forget(checkout: &Checkout) -> Result<(), Failure> {
    let _alone = alone(checkout)?;
    stop(checkout)?;
    forget_state(checkout);
    fs::remove_file(checkout.settings_file()).ok();
    Ok(())
}

fn stop(checkout: &Checkout) -> Result<(), Failure> {
    step("stop", || {
        edge(checkout).stop();
        pec_provider(checkout).stop();
        let emulator = emulator(checkout);
        if emulator.runs() && emulator.stop() {
            // Names the deployment that the saved state holds.
            let deployed = fs::read_to_string(recorded(checkout)).unwrap_or_default();
            write(&checkout.local.join("state/fingerprint"), &deployed)?;
        }
        Ok(())
    })
}

/// Two commands that change a stack of one checkout take turns: both lay out the same functions. The lock ends with the file, at the latest with us.
fn alone(checkout: &Checkout) -> Result<File, Failure> {
    fs::create_dir_all(&checkout.local)?;
    let lock = File::create(checkout.local.join("lock"))?;
    if lock.try_lock().is_err() {
        println!("Another `cargo xtask` changes this checkout's stack: waiting for it.");
        lock.lock()?;
    }
    Ok(lock)
}

/// True when the portal of this checkout answers.
pub(crate) fn runs(checkout: &Checkout) -> bool {
    edge(checkout).runs() && answers(checkout)
}

struct Endpoint {
    url: String,
    /// Functions run as processes of this machine: they reach the fault proxy, and cargo's programs.
    is_on_this_machine: bool,
}

fn given(url: &str) -> Result<Endpoint, Failure> {
    let url = url.trim_end_matches('/').to_owned();
    if wire::status(&url).is_none() {
        return Err(Failure::new(format!(
            "Nobody answers at {url}: start the AWS-compatible endpoint first, or leave --endpoint out."
        )));
    }
    let is_on_this_machine = wire::status(&format!("{url}/_ministack/health")) == Some(200);
    Ok(Endpoint { url, is_on_this_machine })
}

fn own_address(checkout: &Checkout) -> String {
    format!("http://127.0.0.1:{}", checkout.ports.emulator)
}

fn emulator(checkout: &Checkout) -> Detached {
    Detached::new(
        &checkout.local,
        "emulator",
        checkout.root.join("emulator/launcher.py").display().to_string(),
    )
}

fn start_emulator(checkout: &Checkout) -> Result<(), Failure> {
    let emulator = emulator(checkout);
    if emulator.runs() {
        return Ok(());
    }
    free(checkout.ports.emulator)?;
    let saved = fs::read_to_string(checkout.local.join("state/fingerprint")).unwrap_or_default();
    if saved != fs::read_to_string(recorded(checkout)).unwrap_or_default() {
        forget_state(checkout);
    }
    step("start the emulator", || {
        if launch(checkout, &emulator)? {
            return Ok(());
        }
        emulator.stop();
        forget_state(checkout);
        if launch(checkout, &emulator)? {
            return Ok(());
        }
        Err(Failure::new(format!(
            "The emulator does not start:\n{}",
            last_lines(emulator.log(), 15)
        )))
    })
}

fn launch(checkout: &Checkout, emulator: &Detached) -> Result<bool, Failure> {
    let state = checkout.local.join("state");
    fs::create_dir_all(&state)?;
    let mut command = Command::new(python::emulator(checkout).join("python"));
    command.arg("-u").arg(checkout.root.join("emulator/launcher.py")).current_dir(&checkout.local);
    command.envs(python::sam_surroundings(checkout));
    command.envs([
        ("GATEWAY_PORT", checkout.ports.emulator.to_string()),
        ("BIND_HOST", "127.0.0.1".to_owned()),
        ("AWS_ENDPOINT_URL", own_address(checkout)),
        ("MINISTACK_REGION", REGION.to_owned()),
        // It would open a port on every interface.
        ("IOT_MTLS_ENABLED", "0".to_owned()),
        ("SFTP_ENABLED", "0".to_owned()),
        ("PERSIST_STATE", "1".to_owned()),
        ("STATE_DIR", state.display().to_string()),
        ("S3_PERSIST", "1".to_owned()),
        ("S3_DATA_DIR", state.join("s3").display().to_string()),
        // Signatures are checked, and functions may do what their roles say and nothing else.
        ("AUTH", "true".to_owned()),
        ("FUNCTIONS_PROGRAM", build::every_function(checkout).display().to_string()),
    ]);
    start(emulator, &mut command)?;
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(30) && emulator.runs() {
        if wire::status(&format!("{}/_ministack/health", own_address(checkout))) == Some(200) {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(100));
    }
    Ok(false)
}

/// The simulated certified provider: takes PEC by SMTP and answers with receipts in a mailbox (RFC 6109).
fn pec_provider(checkout: &Checkout) -> Detached {
    Detached::new(
        &checkout.local,
        "pec-provider",
        checkout.root.join("emulator/pec_provider.py").display().to_string(),
    )
}

/// Starts the provider, anew when its program has changed; what it held is gone then.
fn start_pec_provider(checkout: &Checkout) -> Result<(), Failure> {
    let provider = pec_provider(checkout);
    let program = checkout.root.join("emulator/pec_provider.py");
    let version = format!("{:x}", fingerprint_of(&program));
    let noted = checkout.local.join("run/pec-provider.version");
    if provider.runs() && fs::read_to_string(&noted).is_ok_and(|noted| noted == version) {
        return Ok(());
    }
    provider.stop();
    let ports = checkout.ports.pec;
    for port in ports {
        free(port)?;
    }
    step("start the certified provider", || {
        let [smtp, imap, http] = ports.map(|port| port.to_string());
        let mut command = Command::new(python::emulator(checkout).join("python"));
        command.arg("-u").arg(&program).current_dir(&checkout.local);
        command.args(["--smtp-port", &smtp, "--imap-port", &imap, "--http-port", &http]);
        // Its password is a secret that the deployment makes.
        command.args(["--user", PEC_FROM, "--any-password"]);
        start(&provider, &mut command)?;
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) && provider.runs() {
            if wire::status(&format!("{}/health", pec_provider_url(checkout))) == Some(200) {
                return Ok(write(&noted, &version)?);
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(Failure::new(format!(
            "The certified provider does not start:\n{}",
            last_lines(provider.log(), 15)
        )))
    })
}

/// Where what the provider took is shown.
fn pec_provider_url(checkout: &Checkout) -> String {
    let [_, _, http] = checkout.ports.pec;
    format!("http://127.0.0.1:{http}")
}

fn start(process: &Detached, command: &mut Command) -> Result<(), Failure> {
    if STOPPING.load(Ordering::SeqCst) {
        Err(Failure::new("stopping"))
    } else {
        process.start(command)
    }
}

fn free(port: u16) -> Result<(), Failure> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|_| {
        Failure::new(format!("Port {port} of 127.0.0.1 is taken by a program that is not ours: stop it, or move this checkout (its path chooses the ports)."))
    })
}

fn forget_state(checkout: &Checkout) {
    fs::remove_dir_all(checkout.local.join("state")).ok();
    fs::remove_file(recorded(checkout)).ok();
    fs::remove_file(seeded(checkout)).ok();
    fs::remove_file(site::in_bucket(checkout)).ok();
}

/// What is deployed where. Equal fingerprints need no second deploy.
struct Deployment {
    endpoint: String,
    parameters: String,
    fingerprint: String,
}

impl Deployment {
    fn of(checkout: &Checkout, endpoint: &Endpoint, functions: &str) -> Self {
        let store = if endpoint.is_on_this_machine { store_proxy(checkout) } else { String::new() };
        // With a foreign endpoint SES stands in for the certified provider.
        let [smtp, imap, _] = checkout.ports.pec;
        let pec = if endpoint.url == own_address(checkout) {
            format!("PecSubmission=smtp://127.0.0.1:{smtp} PecMailbox=imap://127.0.0.1:{imap}")
        } else {
            "PecSubmission= PecMailbox=".to_owned()
        };
        let parameters = format!(
            "Stage=local PublicOrigin={} IdentityIssuer={} IdentityClientId={CLIENT_ID} RegistriesUrl={} RegistriesClientId={CLIENT_ID} ConsulateUrl={} ConsulateClientId={CONSULATE_CLIENT_ID} ConsulateKey={CONSULATE_KEY} MailFrom={MAIL_FROM} PecFrom={PEC_FROM} {pec} PendingAgeSeconds={PENDING_AGE_S} HumanCheckWork={HUMAN_CHECK_WORK} FirstAdministrator={FIRST_ADMINISTRATOR} StoreEndpoint={store}",
            public_origin(checkout),
            issuer(checkout),
            registries(checkout),
            consulate(checkout)
        );
        let files = ["template.yaml", "samconfig.toml", "emulator/fixups.py"];
        let contents = files.map(|file| format!("{:x}", fingerprint_of(&checkout.root.join(file))));
        let all = format!("{} {parameters} {functions} {}", endpoint.url, contents.join(" "));
        Self {
            endpoint: endpoint.url.clone(),
            parameters,
            fingerprint: format!("{:016x}", fingerprint(all.as_bytes())),
        }
    }

    fn is_recorded(&self, checkout: &Checkout) -> bool {
        fs::read_to_string(recorded(checkout)).is_ok_and(|recorded| recorded == self.fingerprint)
    }

    fn record(&self, checkout: &Checkout) -> Result<(), Failure> {
        Ok(write(&recorded(checkout), &self.fingerprint)?)
    }

    /// What the seed would bring: its program and the campaigns, into what is deployed.
    fn seeds(&self, checkout: &Checkout) -> String {
        let campaigns =
            fs::read_dir(checkout.root.join("campaigns")).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = campaigns.map(|entry| entry.path()).collect();
        files.push(checkout.program("seed"));
        files.sort();
        let contents = files.iter().map(|file| format!("{:x}", fingerprint_of(file)));
        format!("{} {}", self.fingerprint, contents.collect::<Vec<_>>().join(" "))
    }
}

fn recorded(checkout: &Checkout) -> PathBuf {
    checkout.local.join("deployed")
}

fn seeded(checkout: &Checkout) -> PathBuf {
    checkout.local.join("seeded")
}

fn public_origin(checkout: &Checkout) -> String {
    format!("http://127.0.0.1:{}", checkout.ports.edge)
}

fn store_proxy(checkout: &Checkout) -> String {
    format!("http://127.0.0.1:{}", checkout.ports.store)
}

/// Another site than the portal's, so that cookie rules bite as in production.
fn issuer(checkout: &Checkout) -> String {
    format!("http://localhost:{}/identity", checkout.ports.edge)
}

/// Where people read the code that a PEC brought.
fn mailboxes(checkout: &Checkout) -> String {
    format!("http://localhost:{}/posta", checkout.ports.edge)
}

fn registries(checkout: &Checkout) -> String {
    format!("http://localhost:{}/registries", checkout.ports.edge)
}

fn consulate(checkout: &Checkout) -> String {
    format!("http://localhost:{}/consulate", checkout.ports.edge)
}

fn deploy(checkout: &Checkout, wanted: &Deployment) -> Result<(), Failure> {
    // Until all is done, the old records are not true any more.
    fs::remove_file(recorded(checkout)).ok();
    fs::remove_file(seeded(checkout)).ok();
    fs::remove_file(site::in_bucket(checkout)).ok();
    silent_step("deploy template.yaml", || {
        let mut command = Command::new(python::sam(checkout).join("sam"));
        command
            .args(["deploy", "--parameter-overrides"])
            .args(wanted.parameters.split(' '))
            .current_dir(&checkout.root);
        command
            .envs(python::sam_surroundings(checkout))
            .env("AWS_ENDPOINT_URL", &wanted.endpoint)
            .env_remove("AWS_PROFILE");
        run_logged(&mut command, &checkout.local.join("log/deploy.log"))
    })?;
    let outputs = set_right(checkout, &wanted.endpoint)?;
    write_settings(checkout, &wanted.endpoint, &outputs)?;
    wanted.record(checkout)
}

/// Sets what the emulator ignores in the template, and what a killed test run had switched off. Gives the stack's outputs.
pub(crate) fn set_right(
    checkout: &Checkout,
    endpoint: &str,
) -> Result<serde_json::Map<String, serde_json::Value>, Failure> {
    step("set what the emulator ignores", || {
        let mut command = Command::new(python::sam(checkout).join("python"));
        command
            .arg(checkout.root.join("emulator/fixups.py"))
            .arg(STACK)
            .current_dir(&checkout.local);
        command
            .envs(python::sam_surroundings(checkout))
            .env("AWS_ENDPOINT_URL", endpoint)
            .env_remove("AWS_PROFILE");
        let log = checkout.local.join("log/fixups.log");
        run_logged(&mut command, &log)?;
        serde_json::from_str(&last_lines(&log, 1))
            .map_err(|error| Failure::new(format!("fixups.py: {error}")))
    })
}

fn write_settings(
    checkout: &Checkout,
    endpoint: &str,
    outputs: &serde_json::Map<String, serde_json::Value>,
) -> Result<(), Failure> {
    let ports = checkout.ports;
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        writeln!(text, "{key}={value}").map_err(|error| Failure::new(error.to_string()))
    };
    line("PORTAL_URL", &public_origin(checkout))?;
    line("PUBLIC_ORIGIN", &public_origin(checkout))?;
    line("STAGE", "local")?;
    line("STACK_NAME", STACK)?;
    line("AWS_ENDPOINT_URL", endpoint)?;
    line("AWS_REGION", REGION)?;
    line("AWS_DEFAULT_REGION", REGION)?;
    line("AWS_ACCESS_KEY_ID", "test")?;
    line("AWS_SECRET_ACCESS_KEY", "test")?;
    line("EDGE_PORT", &ports.edge.to_string())?;
    line("STORE_PORT", &ports.store.to_string())?;
    line("STORE_PROXY_URL", &store_proxy(checkout))?;
    line("IDENTITY_ISSUER", &issuer(checkout))?;
    line("IDENTITY_CLIENT_ID", CLIENT_ID)?;
    line("REGISTRIES_CLIENT_ID", CLIENT_ID)?;
    line("REGISTRIES_URL", &registries(checkout))?;
    line("CONSULATE_URL", &consulate(checkout))?;
    line("CONSULATE_CLIENT_ID", CONSULATE_CLIENT_ID)?;
    line("MAIL_FROM", MAIL_FROM)?;
    line("PEC_FROM", PEC_FROM)?;
    if endpoint == own_address(checkout) {
        line("PEC_PROVIDER_URL", &pec_provider_url(checkout))?;
    }
    line("PENDING_AGE_SECONDS", &PENDING_AGE_S.to_string())?;
    line("EMULATOR_LOG", &emulator(checkout).log().display().to_string())?;
    line("EDGE_LOG", &edge(checkout).log().display().to_string())?;
    line("PAGES", &checkout.root.join("web/dist").display().to_string())?;
    for (name, value) in outputs {
        line(&shouted(name), value.as_str().unwrap_or_default())?;
    }
    Ok(write(&checkout.settings_file(), &text)?)
}

/// `PortalTable` is `PORTAL_TABLE`.
fn shouted(name: &str) -> String {
    let mut shouted = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !shouted.is_empty() {
            shouted.push('_');
        }
        shouted.push(letter.to_ascii_uppercase());
    }
    shouted
}

fn edge(checkout: &Checkout) -> Detached {
    Detached::new(&checkout.local, "edge", checkout.program("local-edge").display().to_string())
}

/// Starts the edge, anew when its program or settings have changed.
fn start_edge(checkout: &Checkout) -> Result<(), Failure> {
    let edge = edge(checkout);
    let program = checkout.program("local-edge");
    let version =
        format!("{:x} {:x}", fingerprint_of(&program), fingerprint_of(&checkout.settings_file()));
    let noted = checkout.local.join("run/edge.version");
    if edge.runs() && fs::read_to_string(&noted).is_ok_and(|noted| noted == version) {
        return Ok(());
    }
    edge.stop();
    free(checkout.ports.edge)?;
    free(checkout.ports.store)?;
    start(&edge, Command::new(program).arg(checkout.settings_file()))?;
    Ok(write(&noted, &version)?)
}

/// Waits for the answer of a function, be it 401; an answer of the gateway alone does not count.
fn answers(checkout: &Checkout) -> bool {
    let status = wire::status(&format!("{}/api/session", public_origin(checkout)));
    status.is_some_and(|status| status < 500 && status != 404)
}

/// Wakes the identity provider, so that the first sign-in does not wait for it; without it the portal is up all the
/// same.
fn wake_the_identity_provider(checkout: &Checkout) {
    let begun = Instant::now();
    let url = format!("{}/api/sign-in/spid?level=2", public_origin(checkout));
    while begun.elapsed() < Duration::from_secs(20) && !STOPPING.load(Ordering::SeqCst) {
        if wire::status(&url) == Some(303) {
            return;
        }
        thread::sleep(Duration::from_millis(200));
    }
}

fn answers_within(checkout: &Checkout, patience: Duration) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < patience && !STOPPING.load(Ordering::SeqCst) {
        if answers(checkout) {
            return true;
        }
        thread::sleep(Duration::from_millis(200));
    }
    false
}

fn silent_portal(checkout: &Checkout) -> Failure {
    let status = wire::status(&format!("{}/api/session", public_origin(checkout)));
    let status = status.map_or("nothing".to_owned(), |status| format!("status {status}"));
    Failure::new(format!(
        "The portal does not answer: GET /api/session gives {status}.\nLog of the edge ({}):\n{}\nLog of the emulator ({}):\n{}",
        edge(checkout).log().display(),
        last_lines(edge(checkout).log(), 5),
        emulator(checkout).log().display(),
        last_lines(emulator(checkout).log(), 15)
    ))
}

fn seed(checkout: &Checkout, wanted: &Deployment) -> Result<(), Failure> {
    let seeds = wanted.seeds(checkout);
    if fs::read_to_string(seeded(checkout)).is_ok_and(|noted| noted == seeds) {
        return Ok(());
    }
    silent_step("seed a demo campaign, people and registries", || {
        run_logged(
            Command::new(checkout.program("seed"))
                .envs(checkout.settings()?)
                .current_dir(&checkout.root),
            &checkout.local.join("log/seed.log"),
        )
    })?;
    Ok(write(&seeded(checkout), &seeds)?)
}

/// A path below the checkout, from there.
fn shown(checkout: &Checkout, path: &Path) -> String {
    path.strip_prefix(&checkout.root).unwrap_or(path).display().to_string()
}

fn announce(checkout: &Checkout, begun: Instant) {
    let people = fs::read_to_string(checkout.local.join("log/seed.log")).unwrap_or_default();
    let people = people.split_once("\nPersone di prova").map_or("", |(_, people)| people);
    println!("\nDemo people{people}");
    println!(
        "The portal answers at {} ({:.1} s); the mailboxes of the demo people, where codes arrive, are at {}. Next:\n  cargo xtask demo --opens-in 10m   a decree whose sending opens soon\n  cargo xtask journey   from sign-in to the receipt (and --to-the-end)\n  cargo xtask test      all tests against it\n  cargo xtask down      stop it\nAddresses and names of this stack: {}; logs: {}\n",
        public_origin(checkout),
        begun.elapsed().as_secs_f32(),
        mailboxes(checkout),
        shown(checkout, &checkout.settings_file()),
        shown(checkout, &checkout.local.join("log")),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_becomes_the_name_that_functions_read() {
        assert_eq!(shouted("PortalTable"), "PORTAL_TABLE");
        assert_eq!(shouted("HistoryQueueUrl"), "HISTORY_QUEUE_URL");
    }
}
