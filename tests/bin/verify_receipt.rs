//! Checks a receipt with the published keys: `verify-receipt FILE [--keys FILE]`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{fs, process::ExitCode};

use data_encoding::HEXLOWER;
use harness::{
    browser::Browser,
    environment::Environment,
    receipts::PublishedKeys,
    story::{Deviation, Story, StoryResult},
};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(deviation) => {
            eprintln!("✘ {deviation}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> StoryResult {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (file, keys) = match words.as_slice() {
        [file] => (
            file,
            PublishedKeys::fetch(&Browser::new(&Environment::read().portal()?, &Story::default())?)
                .await?,
        ),
        [file, "--keys", keys] | ["--keys", keys, file] => {
            (file, PublishedKeys::parse(&read(keys)?)?)
        }
        _ => return Err(Deviation::new("usage: verify-receipt FILE [--keys FILE]")),
    };
    let receipt = keys.verify(&read(file)?)?;
    println!("✔ Ricevuta autentica.");
    println!("  codice ricevuta  {}", receipt.code);
    println!("  domanda          {}", receipt.application);
    println!("  decreto          {} (versione {})", receipt.campaign, receipt.campaign_version);
    println!("  modello          {}", receipt.model);
    println!("  arrivo           {:.3}", receipt.arrival);
    println!("  contenuto        SHA-256 {}", HEXLOWER.encode(&receipt.digest));
    println!("  chiave           {}", receipt.key_id);
    Ok(())
}

fn read(file: &str) -> StoryResult<Vec<u8>> {
    fs::read(file).map_err(|error| Deviation::new(format!("{file}: {error}")))
}
