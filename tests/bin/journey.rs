//! Drives the running portal: `journey [--opens-in SECONDS] [--save FILE]` from sign-in to the receipt, `--account` the
//! way of a person with an e-mail account, `--operator` that of an operator with many clients; `--to-the-end` goes on after
//! the click day to modules 1 and 2, `--to-renunciation` and `--to-expiry` end otherwise.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{fs, process::ExitCode, time::Duration, time::Instant};

use harness::{
    account_journey, case_journey,
    journey::{self, USUAL_OPENING},
    operator_journey,
    story::{Deviation, StoryResult},
    world::World,
};

#[tokio::main]
async fn main() -> ExitCode {
    match Box::pin(run()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(deviation) => {
            eprintln!("\n✘ {deviation}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> StoryResult {
    let way = JourneyVariant::read()?;
    let begun = Instant::now();
    let world = World::enter().await?;
    let tell = |what: &str, took: Duration| println!("✔ {:>7.3} s  {what}", took.as_secs_f64());
    match way {
        JourneyVariant::Employer { opens_in, save } => {
            let arrived = Box::pin(journey::run(&world, opens_in, &tell)).await?;
            let document = String::from_utf8_lossy(&arrived.document);
            println!("\nRicevuta:\n{document}\n");
            if let Some(file) = &save {
                fs::write(file, &arrived.document)?;
                println!("Salvata in {file}; si verifica con: cargo xtask verify-receipt {file}");
            }
        }
        JourneyVariant::Account => Box::pin(account_journey::run(&world, &tell)).await?,
        JourneyVariant::Operator => {
            let filed = Box::pin(operator_journey::run(&world, &tell)).await?;
            println!("\nInviate {}, rifiutate {}.", filed.sent, filed.refused);
        }
        JourneyVariant::ToTheEnd => {
            told(&Box::pin(case_journey::to_the_modules(&world, &tell)).await?);
        }
        JourneyVariant::ToRenunciation => {
            told(&Box::pin(case_journey::to_the_renunciation(&world, &tell)).await?);
        }
        JourneyVariant::ToExpiry => {
            told(&Box::pin(case_journey::to_the_expiry(&world, &tell)).await?);
        }
    }
    println!("Viaggio completato in {:.1} s.", begun.elapsed().as_secs_f64());
    Ok(())
}

fn told(reached: &case_journey::Reached) {
    println!("\nDomanda {}: {}.", reached.application, reached.state);
}

/// Which journey the command line asks for.
enum JourneyVariant {
    Employer { opens_in: Duration, save: Option<String> },
    Account,
    Operator,
    ToTheEnd,
    ToRenunciation,
    ToExpiry,
}

impl JourneyVariant {
    fn read() -> StoryResult<Self> {
        let usage = || {
            Deviation::new(
                "usage: journey [--opens-in SECONDS] [--save FILE] | --account | --operator | --to-the-end | --to-renunciation | --to-expiry",
            )
        };
        let words: Vec<String> = std::env::args().skip(1).collect();
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["--account"] => return Ok(Self::Account),
            ["--operator"] => return Ok(Self::Operator),
            ["--to-the-end"] => return Ok(Self::ToTheEnd),
            ["--to-renunciation"] => return Ok(Self::ToRenunciation),
            ["--to-expiry"] => return Ok(Self::ToExpiry),
            _ => {}
        }
        let (mut opens_in, mut save) = (USUAL_OPENING, None);
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(usage)?;
            match word.as_str() {
                "--opens-in" => opens_in = Duration::from_secs(value.parse()?),
                "--save" => save = Some(value),
                _ => return Err(usage()),
            }
        }
        Ok(Self::Employer { opens_in, save })
    }
}
