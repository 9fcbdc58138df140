//! Drives the running portal from sign-in to the receipt: `journey [--opens-in SECONDS] [--save FILE]`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{fs, process::ExitCode, time::Duration, time::Instant};

use harness::{
    journey::{self, USUAL_OPENING},
    story::{Deviation, Told},
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

async fn run() -> Told {
    let wishes = Wishes::read()?;
    let begun = Instant::now();
    let world = World::enter().await?;
    let tell = |what: &str, took: Duration| println!("✔ {:>7.3} s  {what}", took.as_secs_f64());
    let arrived = Box::pin(journey::run(&world, wishes.opens_in, &tell)).await?;
    let document = String::from_utf8_lossy(&arrived.document);
    println!("\nRicevuta:\n{document}\n");
    if let Some(file) = &wishes.save {
        fs::write(file, &arrived.document)?;
        println!("Salvata in {file}; si verifica con: cargo xtask verify-receipt {file}");
    }
    println!("Viaggio completato in {:.1} s.", begun.elapsed().as_secs_f64());
    Ok(())
}

struct Wishes {
    opens_in: Duration,
    save: Option<String>,
}

impl Wishes {
    fn read() -> Told<Self> {
        let usage = || Deviation::new("usage: journey [--opens-in SECONDS] [--save FILE]");
        let mut wishes = Self { opens_in: USUAL_OPENING, save: None };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(usage)?;
            match word.as_str() {
                "--opens-in" => wishes.opens_in = Duration::from_secs(value.parse()?),
                "--save" => wishes.save = Some(value),
                _ => return Err(usage()),
            }
        }
        Ok(wishes)
    }
}
