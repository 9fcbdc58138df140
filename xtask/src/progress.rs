//! Tells what is being done and for how long.

use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{io, thread};

/// Runs `work` under a heading and tells its duration.
pub(crate) fn step<T, E>(what: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    println!("→ {what}");
    let begun = Instant::now();
    let outcome = work();
    let mark = if outcome.is_ok() { '✔' } else { '✘' };
    println!("{mark} {what} ({:.1} s)", begun.elapsed().as_secs_f32());
    outcome
}

/// As [`step`], for silent work: says each ten seconds (on a terminal, each five) that it is still busy.
pub(crate) fn silent_step<T, E>(what: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let (done, waits) = mpsc::channel::<()>();
    let period = Duration::from_secs(if io::stdout().is_terminal() { 5 } else { 10 });
    let subject = what.to_owned();
    let begun = Instant::now();
    let ticker = thread::spawn(move || {
        while waits.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
            println!("  {subject}: {} s", begun.elapsed().as_secs());
        }
    });
    let outcome = step(what, work);
    drop(done);
    ticker.join().ok();
    outcome
}
