//! `cargo xtask`: the developer's commands. Called bare, it lists them.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

mod build;
mod checkout;
mod process;
mod progress;
mod python;
mod stack;
#[cfg(test)]
mod tidy;
mod wire;

use std::process::{Command, ExitCode};

use checkout::Checkout;
use process::Failure;
use progress::step;

const COMMANDS: &str = "\
cargo xtask <command>

  dev                    install, build, start, deploy, seed; stop everything on Ctrl-C
  up [--endpoint URL]    the same, detached; returns when the portal answers
                         (URL: use a LocalStack-compatible endpoint that already runs)
  down [--forget]        stop what `up` started; with --forget, its data too
  journey                drive the running portal from sign-in to the receipt
  test [ARGS]            all tests, with a stack brought up if none runs; ARGS go to `cargo test`
  check                  format, lints, documentation, tidy and unit tests; needs no stack
  build [--release]      every function as target/lambda/<name>/bootstrap
  redrive QUEUE          move dead letters back: history, urgent, bulk, enrich, facts
  verify-receipt FILE    check a receipt with the published keys
  publish FILE           publish a campaign to the running portal";

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
        ["dev"] => stack::dev(&checkout),
        ["up"] => stack::up(&checkout, None),
        ["up", "--endpoint", url] => stack::up(&checkout, Some(url)),
        ["down"] => stack::down(&checkout),
        ["down", "--forget"] => stack::forget(&checkout),
        ["build"] => build::functions(&checkout).map(|_| ()),
        ["build", "--release"] => build::release(&checkout),
        ["check"] => check(&checkout),
        ["test", arguments @ ..] => test(&checkout, arguments),
        ["journey", arguments @ ..] => program(&checkout, "journey", arguments),
        ["verify-receipt", file] => program(&checkout, "verify-receipt", &[file]),
        ["publish", file] => program(&checkout, "publish-campaign", &[file]),
        ["redrive", queue] => redrive(&checkout, queue),
        _ => Err(Failure::new(format!("No such command: {}\n\n{COMMANDS}", words.join(" ")))),
    }
}

fn check(checkout: &Checkout) -> Result<(), Failure> {
    let cargo = |arguments: &str| {
        let mut command = Command::new("cargo");
        command.args(arguments.split(' ')).current_dir(&checkout.root);
        command
    };
    step("format", || process::run(&mut cargo("fmt --all --check"), "run `cargo fmt --all`"))?;
    step("lints", || {
        process::run(
            &mut cargo("clippy --workspace --all-targets --locked -- -D warnings"),
            "mend the lints above",
        )
    })?;
    step("documentation", || {
        let mut command = cargo("doc --workspace --no-deps --locked");
        process::run(command.env("RUSTDOCFLAGS", "-D warnings"), "mend the documentation above")
    })?;
    step("tidy and unit tests", || {
        process::run(&mut cargo("test --workspace --lib --bins --locked"), "mend the tests above")
    })
}

/// Leaves the stack as it found it: running if it ran, else stopped.
fn test(checkout: &Checkout, arguments: &[&str]) -> Result<(), Failure> {
    let before = stack::runs(checkout);
    if !before {
        stack::stop_on_ctrl_c(checkout)?;
    }
    stack::up(checkout, None)?;
    build::validate_template(checkout)?;
    let outcome = step("tests", || {
        let mut command = Command::new("cargo");
        command
            .args(["test", "--workspace", "--locked"])
            .args(arguments)
            .current_dir(&checkout.root);
        process::run(command.envs(checkout.settings()?), "mend the tests above")
    });
    if !before {
        stack::down(checkout)?;
    }
    outcome
}

/// Runs a program of the `tests` package against the running portal.
fn program(checkout: &Checkout, name: &str, arguments: &[&str]) -> Result<(), Failure> {
    let settings = checkout.settings()?;
    build::programs(checkout)?;
    let mut command = Command::new(checkout.program(name));
    process::run(command.args(arguments).envs(settings), &format!("{name} did not succeed"))
}

fn redrive(checkout: &Checkout, queue: &str) -> Result<(), Failure> {
    let mut command = Command::new(python::sam(checkout).join("python"));
    command
        .arg(checkout.root.join("emulator/redrive.py"))
        .args([checkout::STACK, queue])
        .envs(checkout.settings()?);
    process::run(&mut command, "the dead letters are still where they were")
}
