//! `cargo xtask`: the developer's commands. Called bare, it lists them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

mod bench;
mod build;
mod checkout;
mod mutants;
mod process;
mod progress;
mod python;
mod site;
mod stack;
#[cfg(test)]
mod tidy;
mod wire;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;

use checkout::Checkout;
use process::Failure;
use progress::step;

const COMMANDS: &str = "\
cargo xtask <command>

  dev [--opens-in 10m] [--drafts N]
                         install, build, start, deploy, seed; stop everything on Ctrl-C
                         (a decree whose sending opens soon; N drafts of the demo operator)
  up [--endpoint URL]    the same, detached; returns when the portal answers
                         (URL: use a LocalStack-compatible endpoint that already runs)
  down [--forget]        stop what `up` started; with --forget, its data too
  journey [WAY]          drive the running portal from sign-in to the receipt; WAY: --account, --operator,
                         --to-the-end, --to-renunciation, --to-expiry
  test [ARGS]            all tests, with an empty stack brought up if none runs; ARGS go to `cargo test`
  demo [--opens-in 10m] [--start-ended 1h] [--drafts N] [--full-mailboxes N]
                         the same for the portal that runs already (N ready applications whose certified mailbox
                         is full)
  pages                  serve the pages with hot reload, in front of the running portal
  screenshots FOLDER     every page and state as pictures, in four widths
  contract [--cases N]   hold the portal to docs/openapi.json with N invented calls (10000)
  figures [--profile dev] [FUNCTION…]
                         measure the release build of the functions (all), write their rows into README.md
                         (dev: only show them, of what is built anyway)
  read-units             measure what a page of 900 and of 30000 applications costs the store, write the table
                         into docs/capacity.md
  sweep-bench [--cases N] [--due D]
                         sweep N invented cases (100000), D of them due (10000), in a table of their own;
                         fails when anything is done twice or not at all
  bench click-day [--submissions N] [--only PART,…] [--json FILE] [--break FAULT]
                         a click day of N applications (86079) against the release builds: nothing lost or doubled,
                         order, quotas, tickets on a faulty wire, CPU beside Node.js and Python, cost;
                         needs no stack (docs/bench.md)
  bench growth [--to N] [--json FILE]
                         the same presses while the table grows to N applications (1000000)
                         (bench --profile dev …: of the quick build, to try it out)
  simulate [--load L] [--limits S] [--seed N] [--bench FILE] [--charts FOLDER] [--help]
                         a click day on AWS: time to exhaustion, refusals, cost, fairness; needs no stack
                         (docs/capacity.md)
  mutants [FILE…] [FLAGS]
                         break each rule of shared/domain/src/FILE (of all of them: hours) and name what no unit
                         test sees; FLAGS go to cargo-mutants, such as --shard 1/8
  check [--without-tests]
                         format, lints, documentation, tidy and unit tests (`test` runs them, too); needs no stack
  build [--release]      every function as target/lambda/<name>/bootstrap
  redrive QUEUE [--stack NAME]
                         move dead letters back: history, urgent, bulk, enrich, facts, documents, consulate,
                         uploads (of a deployed stack, with your AWS credentials)
  rebuild [--table T] [--from CURSOR] [--pages N]
                         rebuild every stored case from its events and name each difference (of a deployed table,
                         with your AWS credentials)
  recount [--table T] [--campaign C] [--seed FILE]
                         count every place again from what is recorded and name each that the ranking gave otherwise
                         (FILE: a published seed, to make the draws again; of a deployed table, with your AWS credentials)
  rotate [--deployed] SECRET_ID [--hours N]
                         add a key to a secret, which signs two hours later (with your AWS credentials)
  verify-receipt FILE [--keys FILE]
                         check a receipt with the published keys, or with a file of them
  publish FILE [--table NAME] [--emergency] [--dry-run]
                         publish a campaign to the running portal, or with your AWS credentials to the table of a
                         deployed one; shows the difference first";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if stack::is_stopping() => stack::leave_to_handler(),
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<(), Failure> {
    let checkout = Checkout::here()?;
    match words {
        [] | ["help" | "--help" | "-h"] => {
            println!("{COMMANDS}");
            Ok(())
        }
        ["dev", wanted @ ..] => stack::dev(&checkout, || {
            if wanted.is_empty() { Ok(()) } else { program(&checkout, "demo", wanted) }
        }),
        ["demo", wanted @ ..] => program(&checkout, "demo", wanted),
        ["up"] => stack::up(&checkout, None),
        ["up", "--endpoint", url] => stack::up(&checkout, Some(url)),
        ["down"] => stack::down(&checkout),
        ["down", "--forget"] => stack::forget(&checkout),
        ["build"] => build::stack(&checkout),
        ["build", "--release"] => build::release(&checkout),
        ["check"] => check(&checkout),
        ["check", "--without-tests"] => check_without_tests(&checkout),
        ["test", arguments @ ..] => test(&checkout, arguments),
        ["journey", arguments @ ..] => {
            python::signatures(&checkout)?;
            program(&checkout, "journey", arguments)
        }
        ["pages"] => site::serve(&checkout),
        ["screenshots", folder] => with_stack(&checkout, || site::screenshots(&checkout, folder)),
        ["contract", arguments @ ..] => contract(&checkout, arguments),
        ["figures", "--profile", "dev", wanted @ ..] => figures(&checkout, false, wanted),
        ["figures", wanted @ ..] => figures(&checkout, true, wanted),
        ["read-units"] => with_stack(&checkout, || program(&checkout, "read-units", &["--write"])),
        ["sweep-bench", arguments @ ..] => {
            with_stack(&checkout, || program(&checkout, "sweep-bench", arguments))
        }
        ["bench", "--profile", "dev", arguments @ ..] => bench::start(&checkout, arguments, true),
        ["bench", arguments @ ..] => bench::start(&checkout, arguments, false),
        ["rebuild", arguments @ ..] if arguments.contains(&"--table") => {
            deployed_program(&checkout, "rebuild", arguments)
        }
        ["rebuild", arguments @ ..] => program(&checkout, "rebuild", arguments),
        ["recount", arguments @ ..] if arguments.contains(&"--table") => {
            deployed_program(&checkout, "recount", arguments)
        }
        ["recount", arguments @ ..] => program(&checkout, "recount", arguments),
        ["rotate", "--deployed", arguments @ ..] => {
            deployed_program(&checkout, "rotate", arguments)
        }
        ["rotate", arguments @ ..] => program(&checkout, "rotate", arguments),
        ["simulate", arguments @ ..] => simulate(&checkout, arguments),
        ["mutants", words @ ..] => mutants::run(&checkout, words),
        ["verify-receipt", arguments @ ..] if arguments.contains(&"--keys") => {
            deployed_program(&checkout, "verify-receipt", arguments)
        }
        ["verify-receipt", file] => program(&checkout, "verify-receipt", &[file]),
        ["publish", arguments @ ..] if arguments.contains(&"--table") => {
            deployed_program(&checkout, "publish-campaign", arguments)
        }
        ["publish", arguments @ ..] => program(&checkout, "publish-campaign", arguments),
        ["redrive", queue] => redrive(&checkout, checkout::STACK, queue, checkout.settings()?),
        // With the caller's own credentials.
        ["redrive", queue, "--stack", stack] => redrive(&checkout, stack, queue, Vec::new()),
        _ => Err(Failure::new(format!("No such command: {}\n\n{COMMANDS}", words.join(" ")))),
    }
}

fn check(checkout: &Checkout) -> Result<(), Failure> {
    check_without_tests(checkout)?;
    step("tidy and unit tests", || {
        let mut command = Command::new("cargo");
        command.args(["test", "--workspace", "--lib", "--bins", "--locked"]);
        process::run(command.current_dir(&checkout.root), "mend the tests above")
    })
}

/// What `test` does not run: the unit tests are among all tests.
fn check_without_tests(checkout: &Checkout) -> Result<(), Failure> {
    let cargo = |arguments: &str| {
        let mut command = Command::new("cargo");
        command.args(arguments.split(' ')).current_dir(&checkout.root);
        command
    };
    step("format", || process::run(&mut cargo("fmt --all --check"), "run `cargo fmt --all`"))?;
    let lints = || {
        step("lints", || {
            let linted = if compiler_judges() {
                "build --workspace --all-targets --locked"
            } else {
                "clippy --workspace --all-targets --locked -- -D warnings"
            };
            process::run(&mut cargo(linted), "mend the lints above")
        })
    };
    // SAM's environment takes a minute to install in a fresh checkout, mostly of waiting.
    thread::scope(|scope| {
        let template = scope.spawn(|| build::check_template(checkout));
        let lints = lints();
        let template = template.join();
        lints.and(
            template.unwrap_or_else(|_| Err(Failure::new("the check of the template broke off"))),
        )
    })?;
    if compiler_judges() {
        return Ok(());
    }
    step("documentation", || {
        let mut command = cargo("doc --workspace --no-deps --locked");
        process::run(command.env("RUSTDOCFLAGS", "-D warnings"), "mend the documentation above")
    })
}

/// Whether the caller made `.ci/compiler` the compiler of the workspace, as `.ci/run` does: then the lints and the
/// documentation of whatever compiles are judged, and nothing is compiled a second time for them.
#[expect(
    clippy::disallowed_methods,
    reason = "the variable is cargo's, not a setting of the portal"
)]
fn compiler_judges() -> bool {
    std::env::var_os("RUSTC_WORKSPACE_WRAPPER")
        .is_some_and(|wrapper| Path::new(&wrapper).ends_with(".ci/compiler"))
}

/// Brings a stack up for `work`, and leaves it as it found it: running if it ran, else stopped.
fn with_stack(
    checkout: &Checkout,
    work: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let before = stack::runs(checkout);
    if !before {
        stack::stop_on_ctrl_c(checkout)?;
    }
    stack::up(checkout, None)?;
    let outcome = work();
    if !before {
        stack::down(checkout)?;
    }
    outcome
}

/// How many tests run side by side: they wait for the portal more than they compute.
const SIDE_BY_SIDE: &str = "3";

fn test(checkout: &Checkout, arguments: &[&str]) -> Result<(), Failure> {
    python::signatures(checkout)?;
    python::identity(checkout)?;
    // All tests begin with an empty portal: earlier ones leave hundreds of campaigns, each looked at each minute.
    if arguments.is_empty() && !stack::runs(checkout) {
        stack::forget(checkout)?;
    }
    with_stack(checkout, || {
        // Settings name the endpoint under which the stack is.
        let settings = checkout.settings()?;
        let endpoint = settings.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL");
        stack::set_right(checkout, endpoint.map_or("", |(_, url)| url.as_str()))?;
        let tests = |name: &str, which: &[&str]| {
            step(name, || {
                let mut command = Command::new("cargo");
                command.args(["test", "--workspace", "--locked"]);
                command.args(which).current_dir(&checkout.root);
                // First, so that a number of the caller's own wins.
                command.env("RUST_TEST_THREADS", SIDE_BY_SIDE);
                process::run(command.envs(checkout.settings()?), "mend the tests above")
            })
        };
        // Who asks for some tests by name gets these.
        if arguments.is_empty() {
            // What fails within a minute is said first. People come before the tests that publish hundreds of campaigns.
            tests("unit tests", &["--lib", "--bins"])?;
            site::test(checkout)?;
            tests("tests", &["--test", "*"])?;
            tests("examples of the documentation", &["--doc"])?;
        } else {
            tests("tests", arguments)?;
        }
        unused_permissions(checkout)
    })
}

fn contract(checkout: &Checkout, arguments: &[&str]) -> Result<(), Failure> {
    python::contract(checkout)?;
    with_stack(checkout, || program(checkout, "contract", arguments))
}

/// Without `optimised`, of a quick build, and only shown.
fn figures(checkout: &Checkout, optimised: bool, wanted: &[&str]) -> Result<(), Failure> {
    let every = checkout.functions()?;
    let wanted: Vec<&str> = if wanted.is_empty() {
        every.iter().map(String::as_str).collect()
    } else {
        wanted.to_vec()
    };
    let folder = build::functions(checkout, &wanted, optimised)?.display().to_string();
    let written: &[&str] = if optimised { &["--write"] } else { &[] };
    let arguments = [&[folder.as_str()], written, &wanted].concat();
    with_stack(checkout, || program(checkout, "figures", &arguments))
}

/// Of its package alone: whoever plans a click day needs no portal.
fn simulate(checkout: &Checkout, arguments: &[&str]) -> Result<(), Failure> {
    let mut command = Command::new("cargo");
    // Its folder stays the caller's: files are named from there.
    command.args(["run", "--quiet", "--locked", "--package", "simulate", "--manifest-path"]);
    command.arg(checkout.root.join("Cargo.toml")).arg("--").args(arguments);
    process::run(&mut command, "mend what is said above")
}

/// Lists what the roles allow and nothing has used since the emulator's state began.
fn unused_permissions(checkout: &Checkout) -> Result<(), Failure> {
    step("permissions that nothing used", || {
        let mut command = Command::new(python::sam(checkout).join("python"));
        command
            .arg(checkout.root.join("emulator/unused.py"))
            .arg(checkout::STACK)
            .arg(checkout.local.join("state/permissions-used.txt"))
            .envs(checkout.settings()?);
        process::run(&mut command, "the emulator did not tell")
    })
}

/// Runs a program of the `tests` package against the running portal.
fn program(checkout: &Checkout, name: &str, arguments: &[&str]) -> Result<(), Failure> {
    let settings = checkout.settings()?;
    build::programs(checkout, &[name])?;
    let mut command = Command::new(checkout.program(name));
    process::run(command.args(arguments).envs(settings), &format!("{name} did not succeed"))
}

/// Runs a program of the `tests` package against a deployed portal: with the caller's own environment and credentials,
/// and nothing of the local stack.
fn deployed_program(checkout: &Checkout, name: &str, arguments: &[&str]) -> Result<(), Failure> {
    build::programs(checkout, &[name])?;
    let mut command = Command::new(checkout.program(name));
    process::run(command.args(arguments), &format!("{name} did not succeed"))
}

fn redrive(
    checkout: &Checkout,
    stack: &str,
    queue: &str,
    environment: Vec<(String, String)>,
) -> Result<(), Failure> {
    python::install(checkout, &["sam"])?;
    let mut command = Command::new(python::sam(checkout).join("python"));
    command.arg(checkout.root.join("emulator/redrive.py")).args([stack, queue]).envs(environment);
    process::run(&mut command, "the dead letters are still where they were")
}
