//! `simulate`: a click day on AWS, with tables on the terminal and charts in a folder. `cargo xtask simulate` starts it.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use simulate::{
    day::{Day, Policies},
    figures::Figures,
    pictures, report,
    scenario::{self, Limits, Load},
};

const USAGE: &str = "\
simulate [--load record|ten-times|all|FILE] [--limits NAME|FILE] [--seed N] [--bench FILE] [--in-step]
         [--lottery SECONDS] [--charts FOLDER] [--sources]

--load     who comes: the record (also without it), ten times the record (with all limits some minutes), both, or a
           FILE of the shape of simulate/data/record.toml
--limits   what AWS allows: new-account, narrow-route, template, asked, asked-ten-times, or a FILE of the shape of
           simulate/data/limits.toml. Without it: all of them
--seed     another day of the same kind (1)
--bench    what `cargo xtask bench click-day --json FILE` measured, in the place of the built-in figures
--in-step  the page's pauses are not drawn, as it was until 29 November 2026
--lottery  the stretch in which arrivals are drawn, in seconds (60)
--charts   where to put charts as SVG
--sources  lists each figure's unit and source, and simulates nothing";

fn main() -> ExitCode {
    match Wanted::read(std::env::args().skip(1)).and_then(|wanted| wanted.simulate()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

type Failure = Box<dyn Error>;

/// What the command line asks for.
struct Wanted {
    load: Option<String>,
    limits: Option<String>,
    seed: u64,
    bench: Option<PathBuf>,
    policies: Policies,
    charts: Option<PathBuf>,
    is_in_step: bool,
    lists_sources: bool,
    asks_for_help: bool,
}

impl Wanted {
    fn read(mut words: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut wanted = Self {
            load: None,
            limits: None,
            seed: 1,
            bench: None,
            policies: Policies { lottery_seconds: 60 },
            charts: None,
            is_in_step: false,
            lists_sources: false,
            asks_for_help: false,
        };
        while let Some(word) = words.next() {
            let mut value =
                || words.next().ok_or_else(|| format!("{word} wants a value\n\n{USAGE}"));
            match word.as_str() {
                "--load" => wanted.load = Some(value()?),
                "--limits" => wanted.limits = Some(value()?),
                "--seed" => wanted.seed = value()?.parse()?,
                "--bench" => wanted.bench = Some(value()?.into()),
                "--lottery" => wanted.policies.lottery_seconds = value()?.parse()?,
                "--charts" => wanted.charts = Some(value()?.into()),
                "--in-step" => wanted.is_in_step = true,
                "--sources" => wanted.lists_sources = true,
                "--help" | "-h" => wanted.asks_for_help = true,
                _ => return Err(format!("No such option: {word}\n\n{USAGE}").into()),
            }
        }
        Ok(wanted)
    }

    fn simulate(&self) -> Result<(), Failure> {
        if self.asks_for_help {
            println!("{USAGE}");
            return Ok(());
        }
        let mut figures = Figures::built_in()?;
        if let Some(file) = &self.bench {
            let replaced = figures.calibrate(&read(file)?)?;
            println!(
                "From {}: {}.\n",
                file.display(),
                if replaced.is_empty() { "nothing".to_owned() } else { replaced.join(", ") }
            );
        }
        if self.lists_sources {
            for (name, unit, source) in figures.sources() {
                println!("{name}: {unit}. {source}");
            }
            return Ok(());
        }
        let eur = figures.eur_per_usd.value;
        let mut days = Vec::new();
        let mut details = String::new();
        for load in self.loads()? {
            for limits in self.limits()? {
                let day = Day::simulate(&load, &limits, &figures, self.policies, self.seed)?;
                details.push('\n');
                details += &report::detail(&day, eur);
                self.draw(&day)?;
                days.push(day);
            }
        }
        println!(
            "Seed {}. What is assumed: --sources. What the columns mean: docs/capacity.md.\n",
            self.seed
        );
        println!("{}{details}", report::overview(&days, eur));
        Ok(())
    }

    fn loads(&self) -> Result<Vec<Load>, Failure> {
        let record = Load::record()?;
        let mut loads = match self.load.as_deref() {
            None | Some("record") => vec![record],
            Some("ten-times") => vec![record.ten_times()],
            Some("all") => vec![record.clone(), record.ten_times()],
            Some(file) => vec![toml::from_str(&read(file.as_ref())?)?],
        };
        if self.is_in_step {
            loads = loads.into_iter().map(Load::in_step).collect();
        }
        Ok(loads)
    }

    fn limits(&self) -> Result<Vec<Limits>, Failure> {
        let mut sets = scenario::built_in_limits()?;
        if let Some(wanted) = &self.limits {
            sets.retain(|limits| limits.name == *wanted);
            if sets.is_empty() {
                sets = scenario::limits_of(&read(wanted.as_ref())?)?;
            }
        }
        Ok(sets)
    }

    fn draw(&self, day: &Day) -> Result<(), Failure> {
        let Some(folder) = &self.charts else { return Ok(()) };
        fs::create_dir_all(folder)?;
        for (name, picture) in pictures::of(day) {
            fs::write(folder.join(name), picture)?;
        }
        Ok(())
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| {
        format!("{}: {error}; --help lists what is built in", file.display()).into()
    })
}
