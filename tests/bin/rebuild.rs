//! Rebuilds every stored case from its events and names each difference (AUD-1): `rebuild [--table T] [--from CURSOR]
//! [--pages N]`. It reads with the credentials and the region of the environment and changes nothing; without `--table` it
//! reads the local stack. A run that was stopped goes on at the cursor that it printed last.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::process::ExitCode;

use harness::{
    environment, rebuilding,
    story::{Deviation, StoryResult},
};

/// Items that one page looks at: about a megabyte.
const PAGE: i32 = 1_000;

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
    let (mut table, mut from, mut pages) = (None, None, u64::MAX);
    for pair in words.chunks(2) {
        match pair {
            [name, value] if name == "--table" => table = Some(value.clone()),
            [name, value] if name == "--from" => from = Some(value.clone()),
            [name, value] if name == "--pages" => pages = value.parse()?,
            _ => {
                return Err(Deviation::new(
                    "usage: rebuild [--table T] [--from CURSOR] [--pages N]",
                ));
            }
        }
    }
    let (client, table) = environment::table_or_local(table).await?;
    let (mut rebuilt, mut waiting, mut differences) = (0, 0, 0);
    while pages > 0 {
        let page = rebuilding::page(&client, &table, from.as_deref(), PAGE).await?;
        rebuilt += page.rebuilt;
        waiting += page.waiting;
        differences += page.differences.len();
        for (id, what) in &page.differences {
            println!("{id}: {what}");
        }
        from = page.next;
        let Some(next) = &from else { break };
        eprintln!("… {rebuilt} cases; --from '{next}'");
        pages -= 1;
    }
    println!(
        "{rebuilt} cases rebuilt from their events, {waiting} of them wait for their history; {differences} differences."
    );
    Ok(differences)
}
