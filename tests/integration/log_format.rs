//! The public log judged by what nobody here wrote: Python and openssl, as docs/log-format.md says (RNK-3).

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use domain::{
    ids::CampaignId,
    transparency::{
        Entry,
        checkpoint::{Checkpoint, LogKey},
        tree::Tree,
    },
};
use harness::{
    environment::root,
    receipts::invented,
    story::{StoryResult, same},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

const SECRET: &[u8] = b"the log secret of these tests, 32 bytes";

/// A log in a folder, as it lies in the bucket, with the receipts of those who are in it.
struct Log {
    folder: PathBuf,
    campaign: CampaignId,
    /// The entry and the receipt's file of each number.
    people: Vec<(Entry, PathBuf)>,
}

impl Log {
    /// So many submissions, three of each millisecond.
    fn of(name: &str, size: u16) -> StoryResult<Self> {
        let folder = root().join(".local/logs").join(name);
        fs::create_dir_all(&folder)?;
        let campaign: CampaignId = "df-2026".parse()?;
        let nine: Timestamp = "2026-01-12T08:00:00Z".parse()?;
        let mut people = Vec::new();
        for number in 0..size {
            let arrival = nine + SignedDuration::from_millis(i64::from(number / 3));
            let (receipt, document) = invented(&campaign, number, arrival)?;
            let file = folder.join(format!("receipt-{number}.json"));
            fs::write(&file, document)?;
            let entry = Entry::new(
                &receipt.code,
                &receipt.application,
                &receipt.model,
                &receipt.digest,
                receipt.arrival,
            );
            people.push((entry, file));
        }
        let log = Self { folder, campaign, people };
        log.publishes_keys(&[log.key()])?;
        Ok(log)
    }

    fn key(&self) -> LogKey {
        LogKey::derive(SECRET, &self.campaign)
    }

    fn origin(&self) -> String {
        format!("portal.example/facts/log/{}", self.campaign)
    }

    fn keys(&self) -> PathBuf {
        self.folder.join("log-keys.json")
    }

    fn publishes_keys(&self, keys: &[LogKey]) -> StoryResult {
        let keys: Vec<_> = keys.iter().map(|key| key.public(&self.origin())).collect();
        Ok(fs::write(self.keys(), json!({ "keys": keys }).to_string())?)
    }

    fn entries(&self) -> Vec<Entry> {
        self.people.iter().map(|(entry, _)| entry.clone()).collect()
    }

    /// Writes a log of these entries, signed by this key; gives its folder.
    fn written(&self, name: &str, entries: &[Entry], key: &LogKey) -> StoryResult<PathBuf> {
        let place = self.folder.join(name);
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        let mut tree = Tree::default();
        for file in tree.append(entries) {
            let path = place.join(file.tile.path());
            fs::create_dir_all(path.parent().unwrap_or(&place))?;
            fs::write(path, file.content)?;
        }
        let head = Checkpoint { origin: self.origin(), size: tree.size(), root: tree.root() };
        fs::write(place.join("checkpoint"), head.signed(key))?;
        Ok(place)
    }

    /// What the checker of the documentation says; `fits` goes with exit code 0.
    fn judged(&self, command: &str, place: &Path, files: &[&Path]) -> StoryResult<String> {
        let judged = Command::new("python3")
            .arg(root().join("docs/verify_log.py"))
            .arg(command)
            .args([place, &self.keys()])
            .args(files)
            .output()?;
        let said = String::from_utf8_lossy(&judged.stdout).trim().to_owned();
        same("exit code and word", &judged.status.success(), &(said == "fits"))?;
        Ok(said)
    }

    fn is_proven(&self, place: &Path, numbers: &[usize]) -> StoryResult {
        let files = numbers.iter().filter_map(|number| self.people.get(*number));
        let files: Vec<&Path> = files.map(|(_, file)| file.as_path()).collect();
        same("inclusion", &self.judged("inclusion", place, &files)?, &"fits".to_owned())
    }
}

/// RNK-3: with the receipt, the tiles and the head alone a holder proves the own entry, in logs that end anywhere.
#[test]
fn a_holder_proves_the_own_receipt_in_logs_of_many_sizes() -> StoryResult {
    let log = Log::of("inclusion", 700)?;
    let entries = log.entries();
    for size in [1, 2, 3, 5, 8, 255, 256, 257, 513, 700] {
        let place = log.written("log", &entries[..size], &log.key())?;
        let all: Vec<usize> = (0..size).step_by(1 + size / 20).chain([size - 1]).collect();
        log.is_proven(&place, &all)?;
        same("whole", &log.judged("whole", &place, &[])?, &"fits".to_owned())?;
    }
    Ok(())
}

/// RNK-3: who keeps a head proves later that what was signed then still stands, in this order, at the log's beginning.
#[test]
fn each_head_that_was_kept_is_the_beginning_of_every_later_log() -> StoryResult {
    let log = Log::of("consistency", 600)?;
    let entries = log.entries();
    let sizes = [1, 2, 3, 6, 7, 8, 255, 256, 257, 511, 512, 600];
    for (number, later) in sizes.iter().enumerate() {
        let place = log.written("log", &entries[..*later], &log.key())?;
        for earlier in &sizes[..=number] {
            let kept = log.written("kept", &entries[..*earlier], &log.key())?.join("checkpoint");
            let said = log.judged("consistency", &place, &[&kept])?;
            same(&format!("{earlier} in {later}"), &said.as_str(), &"fits")?;
        }
    }
    Ok(())
}

/// RNK-3: in the files alone, one changed, missing or exchanged entry, and one changed hash, are found by whoever looks.
#[test]
fn one_entry_that_is_changed_in_the_files_is_found() -> StoryResult {
    let log = Log::of("files", 600)?;
    let entries = log.entries();
    let victim = 300;
    let mut changed = entries.clone();
    changed[victim] = entries[0].clone();
    let mut shorter = entries.clone();
    shorter.remove(victim);
    let mut moved = entries.clone();
    moved.swap(victim, victim + 1);
    for (name, forged) in [("changed", &changed), ("left out", &shorter), ("moved", &moved)] {
        let place = log.written("log", &entries, &log.key())?;
        let head = fs::read(place.join("checkpoint"))?;
        let forged = log.written("forged", forged, &log.key())?;
        // Tiles of the forger, under the head that was signed.
        fs::write(forged.join("checkpoint"), head)?;
        let said = log.judged("whole", &forged, &[])?;
        same(&format!("{name}: fits"), &(said == "fits"), &false)?;
        let said = log.judged("inclusion", &forged, &[&log.people[victim].1])?;
        same(&format!("{name}: inclusion"), &(said == "fits"), &false)?;
    }
    let place = log.written("log", &entries, &log.key())?;
    let tile = place.join("tile/0/001");
    let mut hashes = fs::read(&tile)?;
    hashes[32 * (victim - 256)] ^= 1;
    fs::write(tile, hashes)?;
    let neighbour = &log.people[victim + 1].1;
    let said = log.judged("inclusion", &place, &[neighbour])?;
    same("a changed hash", &said.as_str(), &"the entry is in no tree with this head")
}

/// RNK-3: even who holds the key and signs a whole new log is found out: by whom was left out or changed with the receipt,
/// and by anybody with a head that was kept.
#[test]
fn a_log_that_is_written_anew_and_signed_is_found() -> StoryResult {
    let log = Log::of("anew", 600)?;
    let entries = log.entries();
    let kept = log.written("kept", &entries[..500], &log.key())?.join("checkpoint");
    let victim = 300;
    let mut changed = entries.clone();
    changed[victim] = Entry::try_from(entries[victim].as_str().replace("08:00:00", "08:00:01"))?;
    let mut shorter = entries.clone();
    shorter.remove(victim);
    let mut moved = entries.clone();
    moved.swap(victim, victim + 1);
    for (name, forged, is_missed) in
        [("changed", &changed, true), ("left out", &shorter, true), ("moved", &moved, false)]
    {
        let place = log.written("forged", forged, &log.key())?;
        same(&format!("{name}: whole"), &log.judged("whole", &place, &[])?.as_str(), &"fits")?;
        let said = log.judged("inclusion", &place, &[&log.people[victim].1])?;
        let wanted = if is_missed { "the entry is not in the log" } else { "fits" };
        same(&format!("{name}: inclusion"), &said.as_str(), &wanted)?;
        let said = log.judged("consistency", &place, &[&kept])?;
        let wanted = "the log was rewritten since the head that was kept";
        same(&format!("{name}: consistency"), &said.as_str(), &wanted)?;
    }
    // A log that ends before the head that was kept.
    let place = log.written("forged", &entries[..499], &log.key())?;
    let said = log.judged("consistency", &place, &[&kept])?;
    same("shorter", &said.as_str(), &"the head that was kept has more entries than the log")?;
    // An entry that is there twice.
    let twice: Vec<Entry> = entries.iter().chain(entries.last()).cloned().collect();
    let place = log.written("forged", &twice, &log.key())?;
    let said = log.judged("whole", &place, &[])?;
    same("twice", &said.as_str(), &"an entry is in the log twice")
}

/// RNK-3: a head that no published key signed, one of another campaign's log and one that was changed count for nothing; a
/// receipt of another campaign is told apart. A rotated key is one of the published keys.
#[test]
fn forged_and_foreign_heads_and_receipts_are_refused() -> StoryResult {
    let log = Log::of("foreign", 20)?;
    let entries = log.entries();
    let no_key = "no published key signed the head";
    let stranger = LogKey::derive(b"a secret that is somebody else's.", &log.campaign);
    let place = log.written("log", &entries, &stranger)?;
    same("a stranger's", &log.judged("whole", &place, &[])?.as_str(), &no_key)?;
    log.publishes_keys(&[log.key(), stranger])?;
    same("a second key", &log.judged("whole", &place, &[])?.as_str(), &"fits")?;

    let place = log.written("log", &entries, &log.key())?;
    let head = fs::read_to_string(place.join("checkpoint"))?;
    for (name, from, to) in [
        ("another size", "\n20\n", "\n19\n"),
        ("another name", "df-2026", "df-2027"),
        ("a line more", "\n\n", "\nmore\n\n"),
        ("another signature", "— ", "- "),
    ] {
        fs::write(place.join("checkpoint"), head.replace(from, to))?;
        same(name, &log.judged("whole", &place, &[])?.as_str(), &no_key)?;
    }
    fs::write(place.join("checkpoint"), "nothing of ours")?;
    let said = log.judged("whole", &place, &[])?;
    same("no note", &said.as_str(), &"the head is not a signed note")?;

    let place = log.written("log", &entries, &log.key())?;
    let foreign = fs::read_to_string(&log.people[3].1)?.replace("df-2026", "df-2027");
    let file = log.folder.join("foreign.json");
    fs::write(&file, foreign)?;
    let said = log.judged("inclusion", &place, &[&file])?;
    same("a foreign receipt", &said.as_str(), &"the receipt is of another campaign")
}
