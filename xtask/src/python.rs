//! The Python environments of the project: emulator and SAM pin different versions of one library.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use crate::checkout::{Checkout, REGION};
use crate::process::{Failure, run_logged};
use crate::progress::silent_step;

/// Programs of the emulator's environment.
pub(crate) fn emulator(checkout: &Checkout) -> PathBuf {
    checkout.local.join("venvs/emulator/bin")
}

/// Programs of SAM's environment.
pub(crate) fn sam(checkout: &Checkout) -> PathBuf {
    checkout.local.join("venvs/sam/bin")
}

/// Makes environments, side by side, where they are missing or their requirements have changed.
pub(crate) fn install(checkout: &Checkout, names: &[&'static str]) -> Result<(), Failure> {
    let stale: Vec<&str> =
        names.iter().copied().filter(|name| !is_current(checkout, name)).collect();
    if stale.is_empty() {
        return Ok(());
    }
    let python = interpreter()?;
    silent_step(&format!("Python environments: {}", stale.join(", ")), || {
        thread::scope(|scope| {
            let running: Vec<_> =
                stale.iter().map(|name| scope.spawn(|| make(checkout, python, name))).collect();
            running.into_iter().try_for_each(|running| {
                running.join().unwrap_or_else(|_| Err(Failure::new("the installation broke off")))
            })
        })
    })
}

fn requirements(checkout: &Checkout, name: &str) -> PathBuf {
    match name {
        "contract" => checkout.root.join("tests/contract/requirements.txt"),
        "identity" => checkout.root.join("tests/identity_provider/requirements.txt"),
        "peers" => checkout.root.join("bench/peers/python/requirements.txt"),
        "signatures" => checkout.root.join("tests/signatures/requirements.txt"),
        _ => checkout.root.join(format!("emulator/requirements-{name}.txt")),
    }
}

/// Written last, so that a broken installation is made anew.
fn installed(checkout: &Checkout, name: &str) -> PathBuf {
    checkout.local.join(format!("venvs/{name}/installed.txt"))
}

fn is_current(checkout: &Checkout, name: &str) -> bool {
    match (fs::read(requirements(checkout, name)), fs::read(installed(checkout, name))) {
        (Ok(wanted), Ok(found)) => wanted == found,
        _ => false,
    }
}

/// False when the emulator is missing or another version is wanted.
pub(crate) fn is_emulator_current(checkout: &Checkout) -> bool {
    is_current(checkout, "emulator")
}

fn make(checkout: &Checkout, python: &str, name: &str) -> Result<(), Failure> {
    let folder = checkout.local.join("venvs").join(name);
    fs::remove_dir_all(&folder).ok();
    let log = checkout.local.join(format!("log/install-{name}.log"));
    run_logged(Command::new(python).args(["-m", "venv"]).arg(&folder), &log).map_err(
        |failure| {
            Failure::new(format!(
                "Python cannot make environments (on Debian: apt install python3-venv).\n{failure}"
            ))
        },
    )?;
    let pip = folder.join("bin/pip");
    run_logged(
        Command::new(pip)
            // Python compiles what it imports by itself: all of SAM's hundred thousand lines would take a core for 12 s.
            .args(["install", "--disable-pip-version-check", "--no-compile", "-r"])
            .arg(requirements(checkout, name)),
        &log,
    )?;
    fs::copy(requirements(checkout, name), installed(checkout, name))?;
    Ok(())
}

fn interpreter() -> Result<&'static str, Failure> {
    let is_new_enough = |name: &&str| {
        let asked = Command::new(name)
            .args(["-c", "import sys; sys.exit(sys.version_info < (3, 11))"])
            .status();
        asked.is_ok_and(|status| status.success())
    };
    ["python3", "python3.13", "python3.12", "python3.11"]
        .into_iter()
        .find(is_new_enough)
        .ok_or_else(|| Failure::new("Python 3.11 or newer is missing: install it (on Debian: apt install python3 python3-venv)"))
}

/// What every call of SAM and boto3 needs: invented credentials, the region, and SAM's own notes inside the project.
pub(crate) fn sam_surroundings(checkout: &Checkout) -> Vec<(&'static str, String)> {
    let own = |name: &str| checkout.local.join(name).display().to_string();
    vec![
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        // A developer's real accounts must not be used here.
        ("AWS_CONFIG_FILE", own("sam/aws-config")),
        ("AWS_SHARED_CREDENTIALS_FILE", own("sam/aws-credentials")),
        ("SAM_CLI_TELEMETRY", "0".to_owned()),
        ("__SAM_CLI_APP_DIR", own("sam")),
    ]
}

/// Makes an environment where it is missing.
fn on_demand(checkout: &Checkout, name: &str, what: &str) -> Result<(), Failure> {
    if is_current(checkout, name) {
        return Ok(());
    }
    let python = interpreter()?;
    silent_step(what, || make(checkout, python, name))
}

/// Installs schemathesis where it is missing: only the contract needs it.
pub(crate) fn contract(checkout: &Checkout) -> Result<(), Failure> {
    on_demand(checkout, "contract", "schemathesis")
}

/// Installs what signs documents in tests and journeys, where it is missing.
pub(crate) fn signatures(checkout: &Checkout) -> Result<(), Failure> {
    if Command::new("openssl").arg("version").output().is_err() {
        return Err(Failure::new(
            "openssl is missing: it signs the contracts of tests and journeys (on Debian: apt install openssl)",
        ));
    }
    on_demand(checkout, "signatures", "tools that sign documents")
}

/// Installs the reference identity provider where it is missing: tests start it.
pub(crate) fn identity(checkout: &Checkout) -> Result<(), Failure> {
    on_demand(checkout, "identity", "reference identity provider")
}

/// Installs what the bench's peer in Python needs, where it is missing.
pub(crate) fn peers(checkout: &Checkout) -> Result<(), Failure> {
    on_demand(checkout, "peers", "the peer in Python")
}

/// Path of cargo-lambda, installed when first asked for: only a release build needs it.
pub(crate) fn cargo_lambda(checkout: &Checkout) -> Result<PathBuf, Failure> {
    on_demand(checkout, "lambda", "cargo-lambda")?;
    Ok(checkout.local.join("venvs/lambda/bin/cargo-lambda"))
}
