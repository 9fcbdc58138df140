//! Starts, watches and stops processes, and says in one line what the machine lacks.

use std::fmt::{self, Display, Formatter};
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What went wrong and what to do next, in words for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Runs a command with the terminal as its output; `advice` tells what to do when it fails.
pub(crate) fn run(command: &mut Command, advice: &str) -> Result<(), Failure> {
    let status = command.status().map_err(|error| missing(command, &error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{}` ended with {status}: {advice}", shown(command))))
    }
}

/// Runs a command with its output kept in `log`; the last lines are shown when it fails.
pub(crate) fn run_logged(command: &mut Command, log: &Path) -> Result<(), Failure> {
    let file = created(log)?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .map_err(|error| missing(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "`{}` ended with {status}:\n{}\n(all of it: {})",
        shown(command),
        last_lines(log, 25),
        log.display()
    )))
}

/// The last `count` lines of a file, or nothing.
pub(crate) fn last_lines(log: &Path, count: usize) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().skip(lines.len().saturating_sub(count)).copied().collect::<Vec<_>>().join("\n")
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn missing(command: &Command, error: &io::Error) -> Failure {
    let program = command.get_program().to_string_lossy().into_owned();
    Failure::new(match (error.kind(), program.as_str()) {
        (io::ErrorKind::NotFound, "cargo") => {
            "Rust is missing: install it from https://rustup.rs".to_owned()
        }
        (io::ErrorKind::NotFound, _) => format!("`{program}` is missing on this machine"),
        _ => format!("`{program}` does not start: {error}"),
    })
}

fn created(file: &Path) -> io::Result<File> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create(file)
}

/// A process that outlives us: known by a file with its id, leader of its own process group.
pub(crate) struct Detached {
    pid_file: PathBuf,
    log: PathBuf,
    /// Part of its command line, so that a foreign process that inherited the number is left alone.
    mark: String,
}

impl Detached {
    pub(crate) fn new(folder: &Path, name: &str, mark: String) -> Self {
        Self {
            pid_file: folder.join(format!("run/{name}.pid")),
            log: folder.join(format!("log/{name}.log")),
            mark,
        }
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    pub(crate) fn start(&self, command: &mut Command) -> Result<(), Failure> {
        let log = created(&self.log)?;
        command.process_group(0).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().map_err(|error| missing(command, &error))?;
        created(&self.pid_file)?;
        fs::write(&self.pid_file, child.id().to_string())?;
        // A thread waits for it, so that it does not stay as a zombie when it ends before us.
        thread::spawn(move || {
            let mut child = child;
            child.wait().ok();
        });
        Ok(())
    }

    pub(crate) fn runs(&self) -> bool {
        self.id().is_some()
    }

    fn id(&self) -> Option<String> {
        let id = fs::read_to_string(&self.pid_file).ok()?;
        let listed =
            Command::new("ps").args(["-ww", "-o", "stat=,args=", "-p", &id]).output().ok()?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        (listed.contains(&self.mark) && !listed.trim_start().starts_with('Z')).then_some(id)
    }

    /// Asks the whole group to end, insists after half a minute. True when it ended by itself and so could save what it had.
    pub(crate) fn stop(&self) -> bool {
        let Some(id) = self.id() else {
            fs::remove_file(&self.pid_file).ok();
            return false;
        };
        let group = format!("-{id}");
        let signal = |name: &str| {
            Command::new("kill").args([name, "--", &group]).stderr(Stdio::null()).status()
        };
        let alive = || signal("-0").is_ok_and(|status| status.success());
        signal("-TERM").ok();
        let begun = Instant::now();
        while self.id().is_some() && begun.elapsed() < Duration::from_secs(30) {
            thread::sleep(Duration::from_millis(50));
        }
        let gently = self.id().is_none();
        // Functions that the emulator left behind belong to its group.
        if alive() {
            signal("-KILL").ok();
        }
        fs::remove_file(&self.pid_file).ok();
        gently
    }
}
