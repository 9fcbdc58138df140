//! `bench`: a click day at record size, or a table that grows, with their figures beside their goals. `cargo xtask bench`
//! builds what is measured and starts it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use bench::{
    Broken,
    click_day::{self, Part, Plan},
    faults::Breakage,
    ground::checkout,
    growth::{self, Step},
    peers::Installed,
    report::Report,
};

use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "\
bench click-day [--submissions N] [--processes N] [--seed N] [--only PART,…] [--json FILE] [--break FAULT]
bench growth [--to N] [--json FILE]

click-day     N applications (86079) in these parts: rush (with the store in memory, its history, its places and all checks),
              peers, disk, faults, rest, armed, ranking, growth; --only names those that are wanted
--processes   processes of submit-application (4)
--seed        another day of the same kind (1)
--break       lost, doubled, order, quota or log: puts this fault into the store after the rush; the run must find it;
              place: tickets get lost in the part faults; overlooked, late: send-armed does not find one who armed, or
              lets one arrive after the opening, in the part armed
growth        the same presses at a hundredth, a tenth and all of N stored applications (1000000)
--json        writes the figures as one flat object; what was not measured is not in it, and is said

Of the caller (cargo xtask bench gives them): --functions FOLDER --dynoxide FILE [--node FILE] [--python FILE]";

#[tokio::main]
async fn main() -> ExitCode {
    let wanted = match Wanted::read(std::env::args().skip(1)) {
        Ok(wanted) => wanted,
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    match wanted.run().await {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            eprintln!("\nNot as it must be: {}", faults.join(", "));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("\n{error}");
            ExitCode::FAILURE
        }
    }
}

/// Ends when somebody ends the program from outside.
async fn broken_off() {
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}

/// What the command line asks for.
struct Wanted {
    command: String,
    submissions: usize,
    processes: usize,
    seed: u64,
    largest: usize,
    parts: Vec<Part>,
    breakage: Option<Breakage>,
    json: Option<PathBuf>,
    functions: PathBuf,
    dynoxide: PathBuf,
    installed: Installed,
}

impl Wanted {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Broken> {
        let mut wanted = Self {
            command: words.next().ok_or("what is to be measured?")?,
            submissions: 86_079,
            processes: 4,
            seed: 1,
            largest: 1_000_000,
            parts: Part::ALL.to_vec(),
            breakage: None,
            json: None,
            functions: PathBuf::new(),
            dynoxide: PathBuf::new(),
            installed: Installed::default(),
        };
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} wants a value"))?;
            match word.as_str() {
                "--submissions" => wanted.submissions = value.parse()?,
                "--processes" => wanted.processes = value.parse()?,
                "--seed" => wanted.seed = value.parse()?,
                "--to" => wanted.largest = value.parse()?,
                "--only" => wanted.parts = parts(&value)?,
                "--break" => wanted.breakage = Some(value.parse()?),
                "--json" => wanted.json = Some(value.into()),
                "--functions" => wanted.functions = value.into(),
                "--dynoxide" => wanted.dynoxide = value.into(),
                "--node" => wanted.installed.node = Some(value.into()),
                "--python" => wanted.installed.python = Some(value.into()),
                _ => return Err(format!("No such option: {word}").into()),
            }
        }
        if wanted.processes == 0 || wanted.submissions < 100 || wanted.largest < 1_000 {
            return Err("at least one process, 100 submissions and 1000 stored applications".into());
        }
        if let Some(breakage) = wanted.breakage {
            let part = part_of(breakage);
            if !wanted.parts.contains(&part) {
                return Err(format!("this fault is for the part {}", part.name()).into());
            }
        }
        Ok(wanted)
    }

    /// Gives the faults that were found.
    async fn run(&self) -> Result<Vec<String>, Broken> {
        let begun = Instant::now();
        let mut report = Report::default();
        // Whoever breaks off leaves no process and no folder behind: what is dropped ends and removes its own.
        let outcome = tokio::select! {
            outcome = Box::pin(self.measure(&mut report)) => outcome,
            () = broken_off() => Err("broken off".into()),
        };
        // Hours may have been spent on what was found before something failed.
        if !report.is_empty() {
            println!("\n{}\n{}", machine(), report.table());
            println!("It took {} minutes.", begun.elapsed().as_secs().div_ceil(60));
            if self.command == "click-day" {
                report.missing().iter().for_each(|line| eprintln!("{line}"));
            }
            if let Some(file) = &self.json {
                report.write(file)?;
            }
        }
        outcome?;
        Ok(report.faults())
    }

    async fn measure(&self, report: &mut Report) -> Result<(), Broken> {
        match self.command.as_str() {
            "click-day" => self.click_day(report).await,
            "growth" => self.growth(report).await,
            other => Err(format!("No such measurement: {other}\n\n{USAGE}").into()),
        }
    }

    async fn click_day(&self, report: &mut Report) -> Result<(), Broken> {
        let root = checkout()?;
        let own = format!("{}{}", click_day::FOLDER, std::process::id());
        let plan = Plan {
            functions: self.functions.clone(),
            dynoxide: self.dynoxide.clone(),
            installed: self.installed.clone(),
            memory: Path::new("/dev/shm").join(&own),
            disk: root.join(".local").join(&own),
            root,
            submissions: self.submissions,
            processes: self.processes,
            seed: self.seed,
            parts: self.parts.clone(),
            breakage: self.breakage,
            largest: self.largest,
        };
        let begun = Instant::now();
        let mut told = |text: &str| println!("{:>4} s  {text}", begun.elapsed().as_secs());
        click_day::live(&plan, report, &mut told).await
    }

    async fn growth(&self, report: &mut Report) -> Result<(), Broken> {
        let sizes = [self.largest / 100, self.largest / 10, self.largest];
        println!(
            "| stored | p50 ms | p99 ms | CPU ms | requests | write units | bytes |\n|---|---|---|---|---|---|---|"
        );
        let told = |step: &Step| {
            println!(
                "| {} | {:.2} | {:.2} | {:.3} | {:.2} | {:.2} | {:.0} |",
                step.stored,
                step.p50_ms,
                step.p99_ms,
                step.cpu_ms,
                step.requests,
                step.write_units,
                step.bytes
            );
        };
        let steps =
            growth::grow(&self.dynoxide, &self.functions, &checkout()?, &sizes, told).await?;
        growth::Ratios::of(&steps).ok_or("nothing was measured")?.note(report);
        Ok(())
    }
}

/// The part that must find a fault.
const fn part_of(breakage: Breakage) -> Part {
    match breakage {
        Breakage::Lost | Breakage::Doubled | Breakage::Order | Breakage::Quota | Breakage::Log => {
            Part::Rush
        }
        Breakage::Place => Part::Faults,
        Breakage::Overlooked | Breakage::Late => Part::Armed,
    }
}

fn parts(words: &str) -> Result<Vec<Part>, Broken> {
    let part = |word: &str| {
        let found = Part::ALL.into_iter().find(|part| part.name() == word);
        found.ok_or_else(|| format!("No such part: {word}").into())
    };
    words.split(',').map(part).collect()
}

/// The machine and the day, without which figures say nothing.
fn machine() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<&str> = cpus
        .lines()
        .filter_map(|line| Some(line.strip_prefix("model name")?.split_once(':')?.1.trim()))
        .collect();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib: u64 =
        memory.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default();
    format!(
        "{}, {} × {}, {} GiB, {} build\n",
        domain::calendar::local_date(outside::clock::wall()),
        models.len(),
        models.first().copied().unwrap_or("unknown processor"),
        kib.div_ceil(1024 * 1024),
        if cfg!(debug_assertions) { "dev" } else { "release" },
    )
}
