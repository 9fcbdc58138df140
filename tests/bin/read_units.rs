//! Measures what a page of many applications costs the store: `read-units [--write]`, as `cargo xtask read-units` calls it.
//!
//! An organisation of 900 and one of 30,000 applications are stored, each page is read over HTTP from the running portal, and
//! the read units of all that the store answered meanwhile are added up as AWS counts them (`harness::read_units`). Nothing
//! else should use the portal at the same time.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{fmt::Write as _, fs, process::ExitCode};

use domain::calendar;
use harness::{
    environment::root,
    many::{ManyFiled, PageCost},
    story::{Deviation, StoryResult},
    world::World,
};
use outside::clock;

/// An operator's organisation before a click day, and the largest body.
const SIZES: [usize; 2] = [900, 30_000];

/// Marks in the document between which the table stands.
const MARKS: [&str; 2] =
    ["<!-- read units: cargo xtask read-units -->", "<!-- end of read units -->"];

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(deviation) => {
            eprintln!("\n✘ {deviation}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> StoryResult {
    let writes = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--write") => true,
        Some(_) => return Err(Deviation::new("usage: read-units [--write]")),
    };
    let world = World::enter().await?;
    let mut columns = Vec::new();
    for size in SIZES {
        let many = ManyFiled::stored(&world, size).await?;
        println!("{size} applications are stored");
        let costs = many.costs().await;
        many.removed().await?;
        columns.push(costs?);
    }
    let table = table(&columns)?;
    println!("\n{table}");
    if writes {
        write_into_document(&table)?;
        println!("docs/capacity.md holds the table.");
    }
    Ok(())
}

fn table(columns: &[Vec<PageCost>]) -> StoryResult<String> {
    let [small, large] = columns else { return Err(Deviation::new("two sizes were not read")) };
    let mut table = format!(
        "Measured on {}.\n\n| page | of 900 | of 30,000 |\n|---|---|---|\n",
        calendar::local_date(clock::wall()).strftime("%-d %B %Y")
    );
    for (small, large) in small.iter().zip(large) {
        writeln!(table, "| {} | {} | {} |", small.page, units(small), units(large))
            .map_err(|_| Deviation::new("the table cannot be written"))?;
    }
    Ok(table)
}

fn units(cost: &PageCost) -> String {
    format!("{}.{}", cost.halves / 2, if cost.halves.is_multiple_of(2) { 0 } else { 5 })
}

fn write_into_document(table: &str) -> StoryResult {
    let file = root().join("docs/capacity.md");
    let text = fs::read_to_string(&file)?;
    let [begin, end] = MARKS;
    let parts =
        text.split_once(begin).and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
    let (before, after) =
        parts.ok_or_else(|| Deviation::new(format!("docs/capacity.md lacks {begin} and {end}")))?;
    Ok(fs::write(file, format!("{before}{begin}\n{table}{end}{after}"))?)
}
