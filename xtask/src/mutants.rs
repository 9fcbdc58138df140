//! `cargo xtask mutants`: breaks the rules of `domain` one by one and lists which break no unit test beside them.

use std::process::Command;

use crate::{
    checkout::Checkout,
    process::{self, Failure},
    progress::step,
};

/// The version that is installed and whose exit codes are known here.
const VERSION: &str = "27.1.0";

/// Tests that say nothing about a single rule and take as long as all others together: the exhaustive model, and the one
/// that compiles the tables of consequences forty times.
const LEFT_OUT: [&str; 2] = ["decision::model", "an_event_does_not_compile_until"];

/// Every mutant of these files of `shared/domain/src` (`term.rs`, `lifecycle/deadline.rs`), or of the whole crate, against
/// the unit tests of the crate. Words that begin with `-` go to cargo-mutants, for example `--shard 1/8`.
pub(crate) fn run(checkout: &Checkout, words: &[&str]) -> Result<(), Failure> {
    install(checkout)?;
    let mut command = Command::new(checkout.local.join("cargo/bin/cargo-mutants"));
    command
        .args(["mutants", "--package", "domain", "--jobs", "1", "--cap-lints", "true"])
        .args(["--no-shuffle", "--colors", "never", "--output"])
        .arg(&checkout.local)
        .current_dir(&checkout.root)
        // The copies that are broken share their builds: only `domain` is compiled for each.
        .env("CARGO_TARGET_DIR", checkout.local.join("mutants-target"))
        .env("PROPTEST_CASES", "64");
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word.starts_with('-') {
            command.arg(word);
            // What a flag of cargo-mutants takes stands behind it.
            if !word.contains('=')
                && let Some(value) = words.next()
            {
                command.arg(value);
            }
        } else {
            command.args(["--file", &format!("shared/domain/src/{word}")]);
        }
    }
    command.args(["--", "--lib", "--"]);
    for test in LEFT_OUT {
        command.args(["--skip", test]);
    }
    process::run(&mut command, "write the test that sees each missed mutant, beside its rule")
}

/// Installs cargo-mutants when it is first asked for, as the other tools, within the checkout.
fn install(checkout: &Checkout) -> Result<(), Failure> {
    if checkout.local.join("cargo/bin/cargo-mutants").exists() {
        return Ok(());
    }
    step("cargo-mutants", || {
        let mut command = Command::new("cargo");
        command
            .args(["install", "cargo-mutants", "--version", VERSION, "--locked", "--root"])
            .arg(checkout.local.join("cargo"))
            .env("CARGO_TARGET_DIR", checkout.local.join("cargo/target"));
        process::run_logged(&mut command, &checkout.local.join("log/install-mutants.log"))
    })?;
    // The program is all that is needed of it.
    Ok(std::fs::remove_dir_all(checkout.local.join("cargo/target"))?)
}
