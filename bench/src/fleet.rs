//! Processes of one function, and what the kernel says that they used. Linux only.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::process::{Child, Command};

use crate::{Broken, desk::Desk};

/// A program that behaves as a Lambda function does.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program.
    pub path: PathBuf,
    /// What it is started with.
    pub arguments: Vec<String>,
}

impl Program {
    /// A function in a folder of programs: a program of its own, or within the one that the emulator runs.
    ///
    /// # Errors
    /// Neither is there.
    pub fn function(folder: &Path, name: &str) -> Result<Self, Broken> {
        let (own, all) = (folder.join(name), folder.join("local-functions"));
        if own.exists() {
            Ok(Self { path: own, arguments: Vec::new() })
        } else if all.exists() {
            Ok(Self { path: all, arguments: vec![name.to_owned()] })
        } else {
            Err(format!("{}: there is no such program, build it first", own.display()).into())
        }
    }
}

/// Running processes of one function.
#[derive(Debug)]
pub struct Fleet {
    processes: Vec<Child>,
}

impl Fleet {
    /// Starts so many processes, which ask the desk for events.
    pub fn start(
        program: &Program,
        variables: &[(&'static str, String)],
        desk: &Desk,
        processes: usize,
    ) -> Result<Self, Broken> {
        let started = (0..processes).map(|_| {
            Command::new(&program.path)
                .args(&program.arguments)
                .env_clear()
                .envs(variables.iter().map(|(name, value)| (*name, value)))
                .env("AWS_LAMBDA_RUNTIME_API", desk.address())
                .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
                .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
                .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
                .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench")
                .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .map_err(|error| format!("{}: {error}", program.path.display()).into())
        });
        Ok(Self { processes: started.collect::<Result<_, Broken>>()? })
    }

    /// On-CPU time of all threads of all processes since they began.
    ///
    /// # Errors
    /// A process ended, or the kernel does not tell.
    pub fn cpu(&self) -> Result<Duration, Broken> {
        self.ids()?.iter().map(|id| cpu_of(*id)).sum()
    }

    /// Memory in use by the largest of the processes, in bytes.
    pub fn memory(&self) -> Result<u64, Broken> {
        let each: Vec<u64> =
            self.ids()?.iter().map(|id| memory_of(*id)).collect::<Result<_, _>>()?;
        Ok(each.into_iter().max().unwrap_or_default())
    }

    /// Ends all of them.
    pub async fn stop(mut self) -> Result<(), Broken> {
        for process in &mut self.processes {
            process.kill().await?;
        }
        Ok(())
    }

    fn ids(&self) -> Result<Vec<u32>, Broken> {
        let ids = self.processes.iter().map(Child::id).collect::<Option<_>>();
        ids.ok_or_else(|| "a process of a function ended by itself".into())
    }
}

/// One start: from the start of the process to its first answer.
///
/// # Errors
/// It gave none, or an error.
pub async fn first_answer(
    program: &Program,
    variables: &[(&'static str, String)],
    event: String,
) -> Result<Duration, Broken> {
    let mut desk = Desk::open().await?;
    desk.push(0, event);
    let begun = Instant::now();
    let fleet = Fleet::start(program, variables, &desk, 1)?;
    let done = desk.done().await?;
    fleet.stop().await?;
    if done.answer.is_none() {
        return Err(format!("{} ended with an error", program.path.display()).into());
    }
    Ok(done.ended.duration_since(begun))
}

/// On-CPU time of all threads that a process has now. `schedstat` counts nanoseconds, where `stat` counts hundredths of a
/// second.
pub fn cpu_of(process: u32) -> Result<Duration, Broken> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))?.flatten() {
        // A thread that ended in between has nothing to tell any more.
        let Ok(text) = fs::read_to_string(thread.path().join("schedstat")) else { continue };
        nanoseconds +=
            first_number(&text).ok_or("the kernel does not tell the CPU time of a thread")?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

fn memory_of(process: u32) -> Result<u64, Broken> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(first_number);
    kib.map(|kib| kib * 1024)
        .ok_or_else(|| "the kernel does not tell the memory of a process".into())
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_tells_what_this_very_process_used() {
        let own = std::process::id();
        assert!(cpu_of(own).unwrap() > Duration::ZERO);
        assert!(memory_of(own).unwrap() > 1_000_000);
    }

    #[test]
    fn a_function_that_was_not_built_is_named() {
        let error = Program::function(Path::new("/nowhere"), "submit-application").unwrap_err();
        assert!(error.to_string().contains("/nowhere/submit-application"), "{error}");
    }
}
