//! Publishes a campaign file: `publish-campaign FILE [--table NAME] [--emergency] [--dry-run]`.
//!
//! With `--table` it writes to that table with the ordinary credentials of AWS (profile, environment, role); without, to
//! the running local portal. It shows what differs from the newest version before it writes.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{fs, process::ExitCode};

use aws_sdk_dynamodb::Client;
use domain::campaign::{Campaign, Publication, differences, may_follow};
use harness::{
    story::{Deviation, StoryResult},
    world::World,
};
use outside::{aws, clock};
use store::campaigns::{Campaigns, MovedClock, PublishError};

const USAGE: &str = "usage: publish-campaign FILE [--table NAME] [--emergency] [--dry-run]";

/// What the command line asks for.
#[derive(Debug, Default)]
struct Asked {
    file: String,
    /// Where; none means the running local portal.
    table: Option<String>,
    is_emergency: bool,
    is_dry_run: bool,
}

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
    let asked = asked(std::env::args().skip(1)).ok_or_else(|| Deviation::new(USAGE))?;
    let file = &asked.file;
    let text =
        fs::read_to_string(file).map_err(|error| Deviation::new(format!("{file}: {error}")))?;
    let campaign =
        Campaign::parse(&text).map_err(|error| Deviation::new(format!("{file}:\n{error}")))?;
    let campaigns = match &asked.table {
        // A table that is named is a deployment's: what plays another day is published to the local stack alone.
        Some(table) => Campaigns::new(
            Client::new(&aws::configuration().await),
            table.clone(),
            MovedClock::Refused,
        ),
        None => World::enter().await?.campaigns()?,
    };
    let (id, version) = (campaign.id(), campaign.version());
    let versions = campaigns.versions(id).await?;
    let newest = versions.first().map(|newest| newest.campaign.as_ref());
    may_follow(newest, &campaign).map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        Deviation::new(format!("{file}:\n{}", problems.join("\n")))
    })?;
    match newest {
        None => println!("{id} is new."),
        Some(newest) => {
            println!("{id} {version} against {}:", newest.version());
            for one in differences(Some(newest), &campaign) {
                let shown = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
                println!("  {}: {} → {}", one.path, shown(one.before), shown(one.after));
            }
        }
    }
    if asked.is_dry_run {
        println!("Nothing was published.");
        return Ok(());
    }
    let now = clock::wall();
    let published = campaigns.publish(&text, &campaign, asked.is_emergency, None, now).await;
    published.map_err(|error| match error {
        PublishError::Exists => Deviation::new(format!("{id} {version} is published already")),
        PublishError::MovesTheClock(error) => error.into(),
        PublishError::Store(error) => error.into(),
    })?;
    let publication = Publication { version, published_at: now, emergency: asked.is_emergency };
    println!("{id} {version} is published; it takes effect at {}.", publication.effect().at);
    Ok(())
}

fn asked(words: impl Iterator<Item = String>) -> Option<Asked> {
    let mut asked = Asked::default();
    let mut words = words;
    while let Some(word) = words.next() {
        match word.as_str() {
            "--emergency" => asked.is_emergency = true,
            "--dry-run" => asked.is_dry_run = true,
            "--table" => asked.table = Some(words.next()?),
            _ if asked.file.is_empty() && !word.starts_with("--") => asked.file = word,
            _ => return None,
        }
    }
    (!asked.file.is_empty()).then_some(asked)
}
