//! Adds a key to a secret of several (ADR 35): `rotate SECRET_ID [--hours N]`, with the credentials and the region of the
//! environment. The key signs N hours later, two when not given; by then all functions must have started anew.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::process::ExitCode;

use data_encoding::HEXLOWER;
use harness::story::{Deviation, StoryResult};
use jiff::SignedDuration;
use outside::{aws, clock, key_ring::KeyRing};

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
    let (secret, hours) = match words.as_slice() {
        [secret] => (*secret, 2),
        [secret, "--hours", hours] | ["--hours", hours, secret] => (*secret, hours.parse()?),
        _ => return Err(Deviation::new("usage: rotate SECRET_ID [--hours N]")),
    };
    if hours < 1 {
        return Err(Deviation::new("functions need an hour to start anew: give at least one"));
    }
    let sdk = aws::configuration().await;
    let ring = KeyRing::parse(&String::from_utf8(aws::secret(&sdk, secret).await?)?)?;
    let from = clock::wall() + SignedDuration::from_hours(hours);
    let id = from.to_string();
    let random: [u8; 32] = aws::random()?;
    let rotated = ring.rotated(&id, &HEXLOWER.encode(&random), from)?;
    aws::replace_secret(&sdk, secret, rotated.to_text()?).await?;
    println!(
        "The key {id} of {secret} signs from {from} on; all {} keys verify.",
        rotated.all().count()
    );
    println!("Now deploy with another KeysOf, so that every function reads it before then.");
    println!(
        "For the receipt secret, then invoke publish-facts with {{\"publish\":\"receipt-keys\"}}."
    );
    Ok(())
}
