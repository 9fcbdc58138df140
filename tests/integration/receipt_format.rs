//! Receipts and their order judged by what nobody here wrote: Python and openssl, as docs/receipt-format.md says (SUB-3,
//! SUB-4).

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use domain::{
    calendar,
    ids::CampaignId,
    order::{DrawRule, PublicSeed, Rank, SeedChain},
    receipt::{Receipt, ReceiptCode},
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
    rule: DrawRule,
}

impl Draw {
    fn of(name: &str, rule: DrawRule) -> StoryResult<Self> {
        let folder = root().join(".local/draws").join(name);
        fs::create_dir_all(&folder)?;
        let campaign: CampaignId = "df-2026".parse()?;
        let chain = SeedChain::derive(b"the secret of a test, of 32 bytes", &campaign);
        Ok(Self { folder, campaign, chain, rule })
    }

    /// What is public at an instant, as a file; the delay is three minutes.
    fn public_at(&self, now: Timestamp) -> StoryResult<PathBuf> {
        let (day, seed) = self.chain.public_at(now, SignedDuration::from_mins(3));
        let seed = PublicSeed::new(&self.campaign, self.rule, day, &seed);
        let file = self.folder.join(format!("{day}.json"));
        fs::write(&file, serde_json::to_string(&seed)?)?;
        Ok(file)
    }

    /// The receipt of an application, as a file.
    fn receipt(&self, number: u8, arrival: Timestamp) -> StoryResult<(Receipt, PathBuf)> {
        let (receipt, document) = invented(&self.campaign, number.into(), arrival)?;
        let file = self.folder.join(format!("{}.json", receipt.application));
        fs::write(&file, document)?;
        Ok((receipt, file))
    }

    /// Where the portal puts a submission.
    fn rank(&self, receipt: &Receipt) -> Rank {
        let seed = self.chain.seed_of(calendar::local_date(receipt.arrival));
        Rank::new(receipt.arrival, &seed, self.rule, &receipt.application, &receipt.code)
    }
}

/// The applications of one model in the order that the checker of the documentation prints.
fn order_of(files: &[PathBuf]) -> StoryResult<Vec<String>> {
    let judged = judged(&files.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    let said = String::from_utf8(judged.stdout)?;
    let mut lines = said.lines().filter_map(|line| line.split(' ').next_back());
    same("model", &lines.next(), &Some("c-stag-agricoltura"))?;
    Ok(lines.map(str::to_owned).collect())
}

/// SUB-3, NEW-1: forty receipts of two milliseconds and two days, told apart in Python as the portal's own ranks are, from
/// the two seeds that were public before and after; under the order of arrival, and where what was armed arrives at nine
/// with what was pressed in that very millisecond.
#[test]
fn a_stranger_recomputes_the_order_from_the_public_seeds() -> StoryResult {
    for (name, rule) in
        [("order", DrawRule::SeedApplication), ("armed", DrawRule::SeedApplicationCode)]
    {
        is_recomputed(&Draw::of(name, rule)?)?;
    }
    Ok(())
}

fn is_recomputed(draw: &Draw) -> StoryResult {
    let nine: Timestamp = "2026-01-12T08:00:00Z".parse()?;
    let before = draw.public_at(nine)?;
    let after = draw.public_at(nine + SignedDuration::from_hours(48))?;
    let mut ranks = Vec::new();
    let mut files = vec![before, after];
    for number in 0..40_u8 {
        // Two of each millisecond of the click day, and some in the first hour of the next day in Rome.
        let later = if number % 5 == 0 { 16 * 3_600_000 } else { i64::from(number / 20) };
        let arrival = nine + SignedDuration::from_millis(later);
        let (receipt, file) = draw.receipt(number, arrival)?;
        ranks.push((draw.rank(&receipt), receipt.application));
        files.push(file);
    }
    ranks.sort();
    let ours: Vec<String> =
        ranks.iter().map(|(_, application)| application.as_str().to_owned()).collect();
    same("order", &order_of(&files)?, &ours)
}

/// NEW-1: where people arm, the code is part of the draw: Anna's receipt with any other code would stand where that one is
/// drawn, so that nobody foresees a place from seed and id.
#[test]
fn a_receipt_with_another_code_stands_elsewhere() -> StoryResult {
    let draw = Draw::of("code", DrawRule::SeedApplicationCode)?;
    let nine: Timestamp = "2026-01-12T08:00:00Z".parse()?;
    let mut files =
        vec![draw.public_at(nine)?, draw.public_at(nine + SignedDuration::from_hours(24))?];
    let mut others = Vec::new();
    for number in 1..=20_u8 {
        let (receipt, file) = draw.receipt(number, nine)?;
        others.push(draw.rank(&receipt));
        files.push(file);
    }
    let (mut anna, file) = draw.receipt(0, nine)?;
    let written = fs::read_to_string(&file)?;
    let own = anna.code.clone();
    files.push(file.clone());
    let mut places = BTreeSet::new();
    for number in 0..10_u8 {
        anna.code = ReceiptCode::from_random([number; 10]);
        fs::write(&file, written.replace(own.as_str(), anna.code.as_str()))?;
        let order = order_of(&files)?;
        let place = order.iter().position(|one| one == anna.application.as_str());
        let rank = draw.rank(&anna);
        same("place", &place, &Some(others.iter().filter(|other| **other < rank).count()))?;
        places.insert(place);
    }
    ensure(places.len() > 1, format!("Anna stands at {places:?} with ten codes"))
}

/// NEW-1: seeds of a rule that the checker does not know, and two files of different rules, prove nothing.
#[test]
fn seeds_of_two_rules_are_found_out() -> StoryResult {
    let draw = Draw::of("rules", DrawRule::SeedApplicationCode)?;
    let nine: Timestamp = "2026-01-12T08:00:00Z".parse()?;
    let before = draw.public_at(nine)?;
    let after = draw.public_at(nine + SignedDuration::from_hours(24))?;
    let (_, receipt) = draw.receipt(1, nine)?;
    ensure(judged(&[&before, &after, &receipt])?.status.success(), "one rule fits")?;
    let written: Value = serde_json::from_slice(&fs::read(&after)?)?;
    for (v, rule, said) in [
        (1, None, "the seeds are drawn by two rules"),
        (2, None, "the seeds are drawn by a rule that is not known here"),
        (2, Some("seed"), "the seeds are drawn by a rule that is not known here"),
        (3, Some("seed-application-code"), "the seeds are drawn by a rule that is not known here"),
    ] {
        let mut exchanged = written.clone();
        if let Some(members) = exchanged.as_object_mut() {
            members.remove("draw");
            members.insert("v".to_owned(), json!(v));
            members.extend(rule.map(|rule| ("draw".to_owned(), json!(rule))));
        }
        let file = draw.folder.join("exchanged.json");
        fs::write(&file, exchanged.to_string())?;
        let judged = judged(&[&before, &file, &receipt])?;
        let heard = String::from_utf8_lossy(&judged.stdout).trim().to_owned();
        same(said, &(judged.status.success(), heard.as_str()), &(false, said))?;
    }
    Ok(())
}

/// SUB-3: a seed that was chosen after the opening, one of too early a day, and one of another campaign prove nothing.
#[test]
fn a_seed_that_was_not_bound_before_the_opening_is_found_out() -> StoryResult {
    let draw = Draw::of("exchanged", DrawRule::SeedApplication)?;
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
