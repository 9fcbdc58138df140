//! Builds what the bench measures, installs its store and its peers, and starts it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::checkout::Checkout;
use crate::process::{Failure, run, run_logged};
use crate::progress::{silent_step, step};
use crate::python;

/// The store under measurement: its own version, built once, apart from the workspace.
const STORE: &str = "dynoxide-rs";
const STORE_VERSION: &str = "3.2.0";

/// The functions that a click day runs, and the bench itself.
const MEASURED: [&str; 11] = [
    "bench",
    "arm-application",
    "submit-application",
    "send-armed",
    "relay-changes",
    "reconcile-pending",
    "record-history",
    "rank-submissions",
    "publish-log",
    "read-applications",
    "sign-in",
];

/// `cargo xtask bench WORDS…`; with `quick` of the quick build, whose figures say nothing about AWS.
pub(crate) fn start(checkout: &Checkout, words: &[&str], quick: bool) -> Result<(), Failure> {
    let dynoxide = store(checkout)?;
    let folder = build(checkout, quick)?;
    let mut command = Command::new(folder.join("bench"));
    // Its folder stays the caller's: files are named from there.
    command.args(words).arg("--functions").arg(&folder).arg("--dynoxide").arg(dynoxide);
    if compares(words) {
        python::peers(checkout)?;
        command.arg("--node").arg(node(checkout)?);
        command.arg("--python").arg(checkout.local.join("venvs/peers/bin/python"));
    }
    run(&mut command, "mend what is said above")
}

/// Whether a run compares with Node.js and Python.
fn compares(words: &[&str]) -> bool {
    let is_click_day = words.first() == Some(&"click-day");
    let only = words.iter().skip_while(|word| **word != "--only").nth(1);
    is_click_day && only.is_none_or(|parts| parts.split(',').any(|part| part == "peers"))
}

fn build(checkout: &Checkout, quick: bool) -> Result<PathBuf, Failure> {
    step("build what is measured", || {
        let mut command = Command::new("nice");
        command.args(["cargo", "build", "--locked"]);
        command.args(MEASURED.iter().flat_map(|name| ["--package", name]));
        if !quick {
            command.arg("--release");
        }
        run(command.current_dir(&checkout.root), "mend the errors above")
    })?;
    Ok(checkout.target().join(if quick { "debug" } else { "release" }))
}

/// Builds the store where it is missing: two minutes, once.
fn store(checkout: &Checkout) -> Result<PathBuf, Failure> {
    let folder = checkout.local.join("dynoxide");
    let program = folder.join("bin/dynoxide");
    let installed = fs::read_to_string(folder.join(".crates.toml")).unwrap_or_default();
    if installed.contains(&format!("\"{STORE} {STORE_VERSION} ")) && program.exists() {
        return Ok(program);
    }
    let (log, build) = (checkout.local.join("log/install-dynoxide.log"), folder.join("build"));
    silent_step("dynoxide, the store of the bench", || {
        let mut command = Command::new("cargo");
        command
            .args(["install", STORE, "--version", STORE_VERSION, "--locked", "--force"])
            .args(["--no-default-features", "--features", "native-sqlite,http-server,cli"])
            .arg("--root")
            .arg(&folder)
            .arg("--target-dir")
            .arg(&build);
        run_logged(&mut command, &log)
    })?;
    fs::remove_dir_all(&build).ok();
    Ok(program)
}

/// Installs and bundles the peer in Node.js where it is missing or has changed.
fn node(checkout: &Checkout) -> Result<PathBuf, Failure> {
    let (from, to) = (checkout.root.join("bench/peers/node"), checkout.local.join("peers/node"));
    let bundle = to.join("handler.cjs");
    let files = ["package.json", "package-lock.json", "handler.mjs"];
    let is_current = |file: &&str| {
        fs::read(from.join(file)).is_ok_and(|own| fs::read(to.join(file)).is_ok_and(|it| it == own))
    };
    if bundle.exists() && files.iter().all(is_current) {
        return Ok(bundle);
    }
    fs::remove_dir_all(&to).ok();
    fs::create_dir_all(&to)?;
    for file in files {
        fs::copy(from.join(file), to.join(file))?;
    }
    silent_step("the peer in Node.js", || {
        [
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund"].as_slice(),
            &["run", "--silent", "bundle"],
        ]
        .into_iter()
        .try_for_each(|words| {
            let mut command = Command::new("npm");
            command.args(words).current_dir(&to);
            run_logged(&mut command, &checkout.local.join("log/install-peers.log"))
        })
    })?;
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_installed_only_where_they_are_compared_with() {
        assert!(compares(&["click-day"]));
        assert!(compares(&["click-day", "--only", "disk,peers"]));
        assert!(!compares(&["click-day", "--submissions", "300", "--only", "rush"]));
        assert!(!compares(&["growth"]));
    }
}
