//! Builds the workspace and lays each function out as SAM wants it: `target/lambda/<name>/bootstrap`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use crate::checkout::{Checkout, fingerprint, write};
use crate::process::{Failure, run, run_logged};
use crate::progress::{silent_step, step};
use crate::python;

/// Builds everything with the dev profile and returns a fingerprint of all functions.
pub(crate) fn functions(checkout: &Checkout) -> Result<String, Failure> {
    step("build", || programs(checkout))?;
    let mut all = String::new();
    for name in checkout.functions()? {
        all += &lay_out(checkout, &name)?;
    }
    Ok(all)
}

/// Builds the programs and functions of the workspace.
pub(crate) fn programs(checkout: &Checkout) -> Result<(), Failure> {
    let mut command = Command::new("cargo");
    command.args(["build", "--workspace", "--locked"]).current_dir(&checkout.root);
    run(&mut command, "mend the errors above")
}

/// Copies a function only when its content has changed: a new file would make SAM and the emulator take it for a new version.
fn lay_out(checkout: &Checkout, name: &str) -> Result<String, Failure> {
    let built = checkout.program(name);
    let bootstrap = checkout.target().join("lambda").join(name).join("bootstrap");
    let note = checkout.shared.join("build").join(name);
    let missing = |_| {
        Failure::new(format!(
            "functions/{name} builds no program `{name}`: its package must have that name and a src/main.rs"
        ))
    };
    let seen = stamp(&built).map_err(missing)?;
    let noted = fs::read_to_string(&note).unwrap_or_default();
    let (noted_stamp, noted_content) = noted.split_once(' ').unwrap_or_default();
    if bootstrap.exists() && noted_stamp == seen {
        return Ok(noted_content.to_owned());
    }
    // Another cargo of this checkout may be linking it anew at this moment.
    let vanished = |error| {
        Failure::new(format!(
            "{}: {error}: is another build running? Try again when it has ended.",
            built.display()
        ))
    };
    let content = format!("{:016x}", fingerprint(&fs::read(&built).map_err(vanished)?));
    if !bootstrap.exists() || noted_content != content {
        write(&bootstrap, "")?;
        fs::remove_file(&bootstrap)?;
        fs::copy(&built, &bootstrap).map_err(vanished)?;
    }
    write(&note, &format!("{seen} {content}"))?;
    Ok(content)
}

/// Length and time of last change: cheap to ask.
fn stamp(file: &Path) -> Result<String, std::io::Error> {
    let metadata = fs::metadata(file)?;
    let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{}:{}", metadata.len(), changed.as_nanos()))
}

/// Builds what runs on AWS: Amazon Linux 2023, whole-program optimisation. `sam deploy --config-env staging` takes it from there.
pub(crate) fn release(checkout: &Checkout) -> Result<(), Failure> {
    let cargo_lambda = python::cargo_lambda(checkout)?;
    step("release build for Amazon Linux 2023", || {
        let mut command = Command::new(cargo_lambda);
        // The functions alone: the programs of the tests package stay at home.
        let packages =
            checkout.functions()?.into_iter().flat_map(|name| ["--package".to_owned(), name]);
        command
            .args(["lambda", "build", "--release", "--locked", "--lambda-dir", "target/lambda"])
            .args(packages);
        run(command.current_dir(&checkout.root), "mend the errors above")
    })?;
    // The next local build lays its own functions out again.
    fs::remove_dir_all(checkout.shared.join("build")).ok();
    Ok(())
}

/// Builds every function with the profile of AWS for this machine, politely: it takes minutes. Gives their folder.
pub(crate) fn optimised(checkout: &Checkout) -> Result<PathBuf, Failure> {
    step("release build for this machine", || {
        let packages =
            checkout.functions()?.into_iter().flat_map(|name| ["--package".to_owned(), name]);
        let mut command = Command::new("nice");
        command.args(["cargo", "build", "--release", "--locked"]).args(packages);
        run(command.current_dir(&checkout.root), "mend the errors above")
    })?;
    Ok(checkout.target().join("release"))
}

/// Checks the template with SAM's own linter.
pub(crate) fn validate_template(checkout: &Checkout) -> Result<(), Failure> {
    silent_step("template", || {
        let mut command = Command::new(python::sam(checkout).join("sam"));
        command
            .args(["validate", "--lint"])
            .current_dir(&checkout.root)
            .envs(python::sam_surroundings(checkout));
        run_logged(&mut command, &checkout.local.join("log/validate.log"))
    })
}
