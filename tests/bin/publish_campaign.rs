//! Publishes a campaign file to the running portal: `publish-campaign FILE [--emergency]`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{fs, process::ExitCode};

use domain::campaign::Campaign;
use harness::{
    campaigns,
    story::{Deviation, StoryResult},
    world::World,
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
    let (file, emergency) = match words.as_slice() {
        [file] => (*file, false),
        [file, "--emergency"] | ["--emergency", file] => (*file, true),
        _ => return Err(Deviation::new("usage: publish-campaign FILE [--emergency]")),
    };
    let text =
        fs::read_to_string(file).map_err(|error| Deviation::new(format!("{file}: {error}")))?;
    let campaign =
        Campaign::parse(&text).map_err(|error| Deviation::new(format!("{file}:\n{error}")))?;
    let world = World::enter().await?;
    campaigns::publish(&world, &campaign, emergency).await?;
    let (id, version) = (campaign.id(), campaign.version());
    println!(
        "{id} {version} is published; the first version and an emergency count at once, every other after five minutes."
    );
    Ok(())
}
