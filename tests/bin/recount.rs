//! Counts the places of campaigns again from what is recorded, and names each difference to what the ranking gave (RNK-1,
//! RNK-2, RNK-5): `recount [--table T] [--campaign C] [--seed FILE]`. It reads with the credentials and the region of the
//! environment and changes nothing; without `--table` it reads the local stack, without `--campaign` all campaigns. FILE is
//! a published seed, `facts/seeds/<campaign>/<day>.json`: with it the draws of its campaign until that day are made again.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{fs, process::ExitCode};

use domain::{ids::CampaignId, order::PublicSeed};
use harness::{
    environment,
    recounting::Recounting,
    story::{Deviation, StoryResult},
};
use outside::clock;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(2),
        Err(deviation) => {
            eprintln!("✘ {deviation}");
            ExitCode::FAILURE
        }
    }
}

/// Gives how many differences there are.
async fn run() -> StoryResult<usize> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (mut table, mut campaign, mut seed) = (None, None, None);
    for pair in words.chunks(2) {
        match pair {
            [name, value] if name == "--table" => table = Some(value.clone()),
            [name, value] if name == "--campaign" => campaign = Some(value.parse::<CampaignId>()?),
            [name, value] if name == "--seed" => seed = Some(published(value)?),
            _ => {
                return Err(Deviation::new(
                    "usage: recount [--table T] [--campaign C] [--seed FILE]",
                ));
            }
        }
    }
    let (client, table) = environment::table_or_local(table).await?;
    let recounting = Recounting::of(&client, &table);
    let campaigns = match campaign {
        Some(campaign) => vec![campaign],
        None => recounting.campaigns().await?,
    };
    let mut differences = 0;
    for id in &campaigns {
        let seed = seed.as_ref().filter(|seed| seed.campaign == *id);
        let found = recounting.campaign(id, seed, clock::wall()).await?;
        for difference in &found.differences {
            println!("{id}: {difference}");
        }
        let draws = seed.map_or_else(
            || "draws as they were recorded".to_owned(),
            |seed| format!("draws until {} made again", seed.day),
        );
        println!(
            "{id}: {} submissions counted again ({draws}), {} of them without a position yet; {} places taken; {} differences.",
            found.submissions,
            found.waiting,
            found.taken,
            found.differences.len()
        );
        differences += found.differences.len();
    }
    Ok(differences)
}

fn published(file: &str) -> StoryResult<PublicSeed> {
    let text =
        fs::read_to_string(file).map_err(|error| Deviation::new(format!("{file}: {error}")))?;
    serde_json::from_str(&text).map_err(|error| Deviation::new(format!("{file}: {error}")))
}
