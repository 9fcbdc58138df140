//! Builds the workspace and lays each function out as SAM wants it: `target/lambda/<name>/bootstrap`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::checkout::{Checkout, fingerprint, fingerprint_of, write};
use crate::process::{Failure, run, run_logged};
use crate::progress::{silent_step, step};
use crate::python;

/// The program that holds every function, for the emulator on this machine (`emulator/functions`).
const EVERY_FUNCTION: &str = "local-functions";

/// Builds what every stack of this machine runs: the functions as one program, the edge, the seed.
pub(crate) fn stack(checkout: &Checkout) -> Result<(), Failure> {
    step("build", || programs(checkout, &[EVERY_FUNCTION, "local-edge", "seed"]))
}

/// Builds some programs. Of the whole workspace, since cargo compiles what they need anew where other packages are asked for.
pub(crate) fn programs(checkout: &Checkout, names: &[&str]) -> Result<(), Failure> {
    let mut command = Command::new("cargo");
    command.args(["build", "--workspace", "--locked"]);
    command.args(names.iter().flat_map(|name| ["--bin", name]));
    run(command.current_dir(&checkout.root), "mend the errors above")
}

/// Where cargo puts the program that holds every function.
pub(crate) fn every_function(checkout: &Checkout) -> PathBuf {
    checkout.program(EVERY_FUNCTION)
}

/// Lays each function out as a script that starts it from the one program, and returns a fingerprint of all scripts.
///
/// A script does not change when a function does: it is deployed once, before or while the program is built.
pub(crate) fn lay_out_scripts(checkout: &Checkout) -> Result<String, Failure> {
    let program = every_function(checkout).display().to_string().replace('\'', r"'\''");
    let mut all = String::new();
    for name in checkout.functions()? {
        let script = format!("#!/bin/sh\nexec '{program}' {name}\n");
        let bootstrap = bootstrap(checkout, &name);
        if fs::read(&bootstrap).unwrap_or_default() != script.as_bytes() {
            // A program that was laid out here may still run, and a running program cannot be written to.
            fs::remove_file(&bootstrap).ok();
            write(&bootstrap, &script)?;
        }
        all += &script;
    }
    Ok(format!("{:016x}", fingerprint(all.as_bytes())))
}

/// Builds each function as a program of its own and lays it out, for an endpoint that does not run functions on this machine.
/// Returns a fingerprint of all programs.
pub(crate) fn lay_out_programs(checkout: &Checkout) -> Result<String, Failure> {
    let every = checkout.functions()?;
    functions(checkout, &every, false)?;
    let mut all = Vec::new();
    for name in every {
        let (built, bootstrap) = (checkout.program(&name), bootstrap(checkout, &name));
        let content = fingerprint_of(&built);
        // A copy of what is there already would be a new version for SAM.
        if content != fingerprint_of(&bootstrap) {
            write(&bootstrap, "")?;
            fs::remove_file(&bootstrap)?;
            fs::copy(&built, &bootstrap).map_err(|error| {
                Failure::new(format!(
                    "{}: {error}: functions/{name} must have a package of that name with a src/main.rs",
                    built.display()
                ))
            })?;
        }
        all.push(format!("{content:016x}"));
    }
    Ok(all.concat())
}

fn bootstrap(checkout: &Checkout, name: &str) -> PathBuf {
    checkout.target().join("lambda").join(name).join("bootstrap")
}

/// The functions as cargo wants them named.
fn packages(checkout: &Checkout) -> Result<Vec<String>, Failure> {
    let names = checkout.functions()?.into_iter();
    Ok(names.flat_map(|name| ["--package".to_owned(), name]).collect())
}

/// Builds what runs on AWS: Amazon Linux 2023, whole-program optimisation. `sam deploy --config-env staging` takes it from there.
pub(crate) fn release(checkout: &Checkout) -> Result<(), Failure> {
    let cargo_lambda = python::cargo_lambda(checkout)?;
    step("release build for Amazon Linux 2023", || {
        let mut command = Command::new(cargo_lambda);
        // The functions alone: the programs of the tests package stay at home.
        command
            .args(["lambda", "build", "--release", "--locked", "--lambda-dir", "target/lambda"])
            .args(packages(checkout)?);
        run(command.current_dir(&checkout.root), "mend the errors above")
    })
}

/// Builds functions as programs of their own for this machine, with the profile of AWS (politely: it takes minutes) or the
/// quick one. Gives their folder.
pub(crate) fn functions(
    checkout: &Checkout,
    names: &[impl AsRef<str>],
    optimised: bool,
) -> Result<PathBuf, Failure> {
    step("build functions for this machine", || {
        let mut command = Command::new("nice");
        command.args(["cargo", "build", "--workspace", "--locked"]);
        command.args(names.iter().flat_map(|name| ["--bin", name.as_ref()]));
        if optimised {
            command.arg("--release");
        }
        run(command.current_dir(&checkout.root), "mend the errors above")
    })?;
    Ok(checkout.target().join(if optimised { "release" } else { "debug" }))
}

/// Checks the template as SAM and as CloudFormation read it.
pub(crate) fn check_template(checkout: &Checkout) -> Result<(), Failure> {
    python::install(checkout, &["sam"])?;
    silent_step("template", || {
        let folder = python::sam(checkout);
        let checks: [(&str, &[&str]); 2] =
            [("sam", &["validate", "--lint"]), ("cfn-lint", &["--template", "template.yaml"])];
        checks.into_iter().try_for_each(|(program, arguments)| {
            let mut command = Command::new(folder.join(program));
            command
                .args(arguments)
                .current_dir(&checkout.root)
                .envs(python::sam_surroundings(checkout));
            run_logged(&mut command, &checkout.local.join(format!("log/check-{program}.log")))
        })
    })
}
