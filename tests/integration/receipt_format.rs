//! Receipts and their order judged by what nobody here wrote: Python and openssl, as docs/receipt-format.md says (SUB-3,
//! SUB-4).

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use domain::{
    calendar,
    ids::{ApplicationId, CampaignId},
    order::{PublicSeed, Rank, SeedChain},
};
use harness::{
    environment::root,
    receipts::invented,
    story::{Deviation, StoryResult, ensure, same},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// SUB-4: openssl says of each published vector what the vector says, and the checker of the documentation tells why not.
#[test]
fn openssl_judges_the_published_vectors_as_we_do() -> StoryResult {
    let docs = root().join("docs");
    let vectors: Value = serde_json::from_slice(&fs::read(docs.join("receipt-vectors.json"))?)?;
    let folder = root().join(".local/receipts");
    fs::create_dir_all(&folder)?;
    let keys = folder.join("keys.json");
    fs::write(&keys, json!({ "keys": vectors["keys"] }).to_string())?;
    let receipts = vectors["receipts"].as_array().ok_or_else(|| Deviation::new("no vectors"))?;
    for vector in receipts {
        let receipt = folder.join("receipt.json");
        fs::write(&receipt, vector["document"].as_str().unwrap_or_default())?;
        let judged = Command::new("python3")
            .arg(docs.join("verify_receipt.py"))
            .args([&receipt, &keys])
            .output()?;
        let said = String::from_utf8_lossy(&judged.stdout).trim().to_owned();
        same(
            vector["name"].as_str().unwrap_or_default(),
            &(judged.status.success(), said == "fits"),
            &(vector["fits"] == true, vector["fits"] == true),
        )?;
    }
    same("vectors", &receipts.len(), &10)
}

/// What the checker of the documentation says of these files.
fn judged(files: &[&Path]) -> StoryResult<Output> {
    let script = root().join("docs/verify_order.py");
    Ok(Command::new("python3").arg(script).args(files).output()?)
}

/// A campaign with its chain of seeds, and the files that people keep of it.
struct Draw {
    folder: PathBuf,
    campaign: CampaignId,
    chain: SeedChain,
}

impl Draw {
    fn of(name: &str) -> StoryResult<Self> {
        let folder = root().join(".local/draws").join(name);
        fs::create_dir_all(&folder)?;
        let campaign: CampaignId = "df-2026".parse()?;
        let chain = SeedChain::derive(b"the secret of a test, of 32 bytes", &campaign);
        Ok(Self { folder, campaign, chain })
    }

    /// What is public at an instant, as a file; the delay is three minutes.
    fn public_at(&self, now: Timestamp) -> StoryResult<PathBuf> {
        let (day, seed) = self.chain.public_at(now, SignedDuration::from_mins(3));
        let seed = PublicSeed::new(&self.campaign, day, &seed);
        let file = self.folder.join(format!("{day}.json"));
        fs::write(&file, serde_json::to_string(&seed)?)?;
        Ok(file)
    }

    /// The receipt of an application, as a file.
    fn receipt(&self, number: u8, arrival: Timestamp) -> StoryResult<(ApplicationId, PathBuf)> {
        let (receipt, document) = invented(&self.campaign, number.into(), arrival)?;
        let file = self.folder.join(format!("{}.json", receipt.application));
        fs::write(&file, document)?;
        Ok((receipt.application, file))
    }
}

/// SUB-3: forty receipts of two milliseconds and two days, told apart in Python as the portal's own ranks are, from the two
/// seeds that were public before and after.
#[test]
fn a_stranger_recomputes_the_order_from_the_public_seeds() -> StoryResult {
    let draw = Draw::of("order")?;
    let nine: Timestamp = "2026-01-12T08:00:00Z".parse()?;
    let before = draw.public_at(nine)?;
    let after = draw.public_at(nine + SignedDuration::from_hours(48))?;
    let mut ranks = Vec::new();
    let mut files = vec![before, after];
    for number in 0..40_u8 {
        // Two of each millisecond of the click day, and some in the first hour of the next day in Rome.
        let later = if number % 5 == 0 { 16 * 3_600_000 } else { i64::from(number / 20) };
        let arrival = nine + SignedDuration::from_millis(later);
        let (application, file) = draw.receipt(number, arrival)?;
        let seed = draw.chain.seed_of(calendar::local_date(arrival));
        ranks.push((Rank::new(arrival, &seed, &application), application));
        files.push(file);
    }
    ranks.sort();
    let judged = judged(&files.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    let said = String::from_utf8(judged.stdout)?;
    let order: Vec<&str> = said.lines().filter_map(|line| line.split(' ').next_back()).collect();
    let ours: Vec<&str> = std::iter::once("c-stag-agricoltura")
        .chain(ranks.iter().map(|(_, application)| application.as_str()))
        .collect();
    same("order", &order, &ours)
}

/// SUB-3: a seed that was chosen after the opening, one of too early a day, and one of another campaign prove nothing.
#[test]
fn a_seed_that_was_not_bound_before_the_opening_is_found_out() -> StoryResult {
    let draw = Draw::of("exchanged")?;
    let nine: Timestamp = "2026-01-12T08:00:00Z".parse()?;
    let (_, receipt) = draw.receipt(1, nine)?;
    let before = draw.public_at(nine)?;
    let after = draw.public_at(nine + SignedDuration::from_hours(24))?;
    ensure(judged(&[&before, &after, &receipt])?.status.success(), "the true seed fits")?;
    let true_seed: Value = serde_json::from_slice(&fs::read(&after)?)?;
    for (member, value, said) in [
        ("seed", json!("ab".repeat(32)), "the seed is not the one that was bound"),
        ("campaign", json!("df-2027"), "the seeds are of two campaigns"),
        ("day", json!("2026-01-11"), "the seed is not the one that was bound"),
    ] {
        let mut exchanged = true_seed.clone();
        if let Some(changed) = exchanged.get_mut(member) {
            *changed = value;
        }
        let file = draw.folder.join(format!("exchanged-{member}.json"));
        fs::write(&file, exchanged.to_string())?;
        let judged = judged(&[&before, &file, &receipt])?;
        let heard = String::from_utf8_lossy(&judged.stdout).trim().to_owned();
        same(member, &(judged.status.success(), heard.as_str()), &(false, said))?;
    }
    // Before the day is over its seed follows from nothing that is public.
    let judged = judged(&[&before, &before, &receipt])?;
    same("exit code", &judged.status.code(), &Some(1))
}
