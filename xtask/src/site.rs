//! The pages: installs what they are made with, builds them, tests them in a browser (`web/`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::programs;
use crate::checkout::{Checkout, STACK, fingerprint, fingerprint_of, write};
use crate::process::{self, Failure, run_logged};
use crate::progress::{silent_step, step};
use crate::python;

/// The oldest Node that the packages take.
const OLDEST_NODE: u32 = 20;

/// Files beside `web/` from which pages are made: the API's description, and the texts of refused sign-ins.
const BESIDE: [&str; 2] = ["docs/openapi.json", "docs/sign-in-refusals.json"];

/// Builds the pages, if they are not built as they are now. Without Node the portal comes up without them.
pub(crate) fn build_if_possible(checkout: &Checkout) -> Result<(), Failure> {
    match node() {
        Ok(()) => build(checkout),
        Err(missing) => {
            println!("{missing} Everything else comes up.");
            Ok(())
        }
    }
}

/// Puts the pages into their bucket, as a deploy on AWS does, unless these are there; where they could not be built there is
/// nothing to put.
pub(crate) fn put(checkout: &Checkout) -> Result<(), Failure> {
    let Ok(version) = fs::read_to_string(built(checkout)) else { return Ok(()) };
    if fs::read_to_string(in_bucket(checkout)).is_ok_and(|noted| noted == version) {
        return Ok(());
    }
    let settings = checkout.settings()?;
    let bucket = settings.iter().find(|(name, _)| name == "SITE_BUCKET");
    let bucket = bucket.map(|(_, bucket)| bucket.clone()).unwrap_or_default();
    silent_step("put the pages into their bucket", || {
        let mut command = Command::new(python::sam(checkout).join("python"));
        command
            .arg(checkout.root.join("emulator/put_pages.py"))
            .arg(web(checkout).join("dist"))
            .args([bucket, format!("{STACK}-publish-facts")])
            .envs(settings);
        run_logged(&mut command, &checkout.local.join("log/put-pages.log"))
    })?;
    Ok(write(&in_bucket(checkout), &version)?)
}

/// Notes of which sources the pages were built.
fn built(checkout: &Checkout) -> PathBuf {
    checkout.local.join("run/site.version")
}

/// Notes which pages are in the bucket of what is deployed.
pub(crate) fn in_bucket(checkout: &Checkout) -> PathBuf {
    checkout.local.join("pages-put")
}

/// Types, drift of the generated client, unit tests, ways through the pages with canned answers in a browser, then what
/// people do at the running portal.
pub(crate) fn test(checkout: &Checkout) -> Result<(), Failure> {
    node()?;
    build(checkout)?;
    step("pages: types, client, unit tests", || {
        process::run(&mut npm(checkout, &["run", "check"]), "mend what is named above, in web/")
    })?;
    step("pages in a browser", || {
        process::run(&mut npm(checkout, &["run", "e2e"]), "mend the pages, or what they show")
    })?;
    step("people at the running portal", || {
        programs(checkout, &["demo"])?;
        let mut command = npm(checkout, &["run", "people"]);
        command.env("DEMO", checkout.program("demo")).envs(checkout.settings()?);
        process::run(&mut command, "mend what is named above")
    })
}

/// Serves the pages with hot reload, in front of the running portal.
pub(crate) fn serve(checkout: &Checkout) -> Result<(), Failure> {
    node()?;
    install(checkout)?;
    let mut command = npm(checkout, &["run", "dev"]);
    process::run(command.envs(checkout.settings()?), "the server of the pages ended")
}

/// Writes every page and state as pictures into a folder.
pub(crate) fn screenshots(checkout: &Checkout, folder: &str) -> Result<(), Failure> {
    node()?;
    build(checkout)?;
    let folder = std::env::current_dir()?.join(folder);
    let mut command = npm(checkout, &["run", "screenshots", "--", &folder.display().to_string()]);
    process::run(command.envs(checkout.settings()?), "no pictures")
}

fn build(checkout: &Checkout) -> Result<(), Failure> {
    install(checkout)?;
    let noted = built(checkout);
    let version = format!("{:016x}", sources(checkout)?);
    let is_built = web(checkout).join("dist/app.html").exists();
    if is_built && fs::read_to_string(&noted).is_ok_and(|noted| noted == version) {
        return Ok(());
    }
    silent_step("build the pages", || {
        run_logged(&mut npm(checkout, &["run", "build"]), &checkout.local.join("log/site.log"))
    })?;
    Ok(write(&noted, &version)?)
}

fn install(checkout: &Checkout) -> Result<(), Failure> {
    let noted = checkout.local.join("run/packages.version");
    let version = format!("{:016x}", fingerprint_of(&web(checkout).join("package-lock.json")));
    let is_there = web(checkout).join("node_modules").exists();
    if is_there && fs::read_to_string(&noted).is_ok_and(|noted| noted == version) {
        return Ok(());
    }
    silent_step("packages of the pages", || {
        // What packages want to run at their installation is not run.
        let mut command = npm(checkout, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        run_logged(&mut command, &checkout.local.join("log/packages.log"))
    })?;
    Ok(write(&noted, &version)?)
}

fn node() -> Result<(), Failure> {
    let missing =
        || Failure::new(format!("The pages need Node {OLDEST_NODE} or newer (`node --version`)."));
    let told = Command::new("node").arg("--version").output().map_err(|_| missing())?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let major = told.trim().trim_start_matches('v').split('.').next().unwrap_or_default();
    if major.parse().is_ok_and(|major: u32| major >= OLDEST_NODE) { Ok(()) } else { Err(missing()) }
}

fn npm(checkout: &Checkout, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(web(checkout));
    command
}

fn web(checkout: &Checkout) -> PathBuf {
    checkout.root.join("web")
}

/// A fingerprint of all from which the pages are made.
fn sources(checkout: &Checkout) -> Result<u64, Failure> {
    let mut files: Vec<PathBuf> = BESIDE.iter().map(|name| checkout.root.join(name)).collect();
    collect(&web(checkout), &mut files)?;
    files.sort();
    let mut all = Vec::new();
    for file in &files {
        all.extend(file.as_os_str().as_encoded_bytes());
        all.extend(fingerprint_of(file).to_be_bytes());
    }
    Ok(fingerprint(&all))
}

/// What is made from the pages or tries them out, the browser of the tests (`.local`) included: no page is made from it.
const NOT_OF_PAGES: [&str; 4] = [".local", "dist", "e2e", "node_modules"];

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_other = NOT_OF_PAGES.iter().any(|name| path.ends_with(name));
        if path.is_dir() && !is_other {
            collect(&path, files)?;
        } else if !is_other {
            files.push(path);
        }
    }
    Ok(())
}
