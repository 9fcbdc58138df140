//! The public log of a click day: written by the real program, then read as a stranger
//! reads it (`docs/log-format.md`), and held against the receipts that people have.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use axum::body::Bytes;
use domain::{campaign::Campaign, receipt::Receipt};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;

use crate::{
    Broken,
    desk::Desk,
    fleet::{Fleet, Program},
    ground::Ground,
    shelf::Shelf,
    vault::Vault,
};

/// The function.
const FUNCTION: &str = "publish-log";

/// Runs in a row that log nothing before the log is taken to be whole, and the pause between them.
const QUIET_RUNS: u32 = 2;
const PAUSE: Duration = Duration::from_millis(500);
/// Runs in a row before something is taken to be broken.
const MOST_RUNS: u32 = 500;

/// A log, as files below its address.
#[derive(Clone, Debug, Default)]
pub struct PublicLog {
    files: BTreeMap<String, Bytes>,
    campaign: String,
}

impl PublicLog {
    /// Lets `publish-log` write the log of a campaign until nothing waits.
    ///
    /// # Errors
    /// A run fails, or they come to no end.
    pub async fn write(
        ground: &Ground,
        vault: &Vault,
        functions: &Path,
        campaign: &Campaign,
    ) -> Result<Self, Broken> {
        let program = Program::function(functions, FUNCTION)?;
        let shelf = Shelf::open().await?;
        let mut variables = ground.variables(vault);
        variables.extend(shelf.variables());
        let mut desk = Desk::open().await?;
        let fleet = Fleet::start(&program, &variables, &desk, 1)?;
        let mut quiet = 0;
        for _ in 0..MOST_RUNS {
            let done = desk.ask(json!({ "campaign": campaign.id() }).to_string()).await?;
            let answer = done.answer.ok_or("publish-log ended with an error")?;
            let published: Value = serde_json::from_slice(&answer)?;
            let count = |name: &str| published.get(name).and_then(Value::as_u64);
            if count("failed") != Some(0) {
                return Err(format!("publish-log could not write the log: {published}").into());
            }
            if count("logged") != Some(0) {
                quiet = 0;
                continue;
            }
            quiet += 1;
            if quiet >= QUIET_RUNS {
                fleet.stop().await?;
                return Ok(Self { files: shelf.files(), campaign: campaign.id().to_string() });
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err("publish-log comes to no end".into())
    }

    /// Entries that are missing, too many or other ones than the receipts', and one more where the log does not fit its
    /// signed head by the stranger's own program in `docs`.
    ///
    /// # Errors
    /// That program cannot be started.
    pub async fn errors(
        &self,
        receipts: &[Receipt],
        root: &Path,
        folder: &Path,
    ) -> Result<usize, Broken> {
        let mut balance: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
        for receipt in receipts {
            *balance.entry(entry(receipt).into_bytes()).or_default() += 1;
        }
        for entry in self.entries() {
            *balance.entry(entry).or_default() -= 1;
        }
        let odd: u64 = balance.values().map(|count| count.unsigned_abs()).sum();
        let fits = self.fits_its_head(root, folder).await?;
        Ok(usize::try_from(odd)? + usize::from(!fits))
    }

    /// Changes one character of one entry.
    ///
    /// # Errors
    /// The log is empty.
    pub fn rewrite_a_leaf(&mut self) -> Result<(), Broken> {
        let bundle = self.bundles().into_iter().next().ok_or("the log is empty")?;
        let file = self.files.get_mut(&bundle).ok_or("the log is empty")?;
        let mut bytes = file.to_vec();
        // Past the length and `{"v":1,"model":"`.
        let letter = bytes.get_mut(20).ok_or("the entry is too short")?;
        *letter = if *letter == b'x' { b'y' } else { b'x' };
        *file = bytes.into();
        Ok(())
    }

    fn address(&self) -> String {
        format!("facts/log/{}", self.campaign)
    }

    /// The files that hold entries, of each bundle the fullest.
    fn bundles(&self) -> Vec<String> {
        let prefix = format!("{}/tile/entries/", self.address());
        let mut fullest: BTreeMap<&str, (usize, &String)> = BTreeMap::new();
        for key in self.files.keys() {
            let Some(rest) = key.strip_prefix(&prefix) else { continue };
            let (bundle, width) = rest.split_once(".p/").unwrap_or((rest, "256"));
            let width = width.parse().unwrap_or_default();
            let best = fullest.entry(bundle).or_insert((width, key));
            *best = (*best).max((width, key));
        }
        fullest.into_values().map(|(_, key)| key.clone()).collect()
    }

    fn entries(&self) -> Vec<Vec<u8>> {
        let bundles = self.bundles();
        let files = bundles.iter().filter_map(|key| self.files.get(key));
        files.flat_map(|file| read_bundle(file)).collect()
    }

    async fn fits_its_head(&self, root: &Path, folder: &Path) -> Result<bool, Broken> {
        for (key, bytes) in &self.files {
            let file = folder.join(key);
            if let Some(above) = file.parent() {
                fs::create_dir_all(above)?;
            }
            fs::write(file, bytes)?;
        }
        let checked = Command::new("python3")
            .arg(root.join("docs/verify_log.py"))
            .arg("whole")
            .arg(folder.join(self.address()))
            .arg(folder.join("facts/log-keys.json"))
            .output()
            .await?;
        fs::remove_dir_all(folder.join("facts"))?;
        Ok(checked.status.success())
    }
}

/// The one entry that a receipt can have, as `docs/log-format.md` writes it down.
fn entry(receipt: &Receipt) -> String {
    let hex = data_encoding::HEXLOWER;
    let digest = hex.encode(&receipt.digest);
    let lines = format!("log entry v1\n{}\n{}\n{digest}", receipt.code, receipt.application);
    format!(
        r#"{{"v":1,"model":"{}","arrival":"{:.3}","receipt":"{}"}}"#,
        receipt.model,
        receipt.arrival,
        hex.encode(&Sha256::digest(lines))
    )
}

/// Entries, each preceded by its length in two bytes; an odd rest is an entry, too, that fits no receipt.
fn read_bundle(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (entry, rest) = rest.split_at(length);
        entries.push(entry.to_vec());
        bytes = rest;
    }
    entries
}

#[cfg(test)]
mod tests {
    use domain::{ids::ApplicationId, receipt::ReceiptCode};

    use super::*;

    fn receipt(number: u8) -> Receipt {
        Receipt {
            code: ReceiptCode::from_random([number; 10]),
            application: ApplicationId::from_random([number; 16]),
            campaign: "bench".parse().unwrap(),
            campaign_version: 1,
            model: "c-stag-agricoltura".parse().unwrap(),
            digest: [number; 32],
            arrival: "2026-02-09T08:00:00.042Z".parse().unwrap(),
            key_id: "0123456789abcdef".parse().unwrap(),
        }
    }

    fn log(entries: &[Receipt]) -> PublicLog {
        let mut bundle = Vec::new();
        for receipt in entries {
            let entry = entry(receipt);
            bundle.extend(u16::try_from(entry.len()).unwrap().to_be_bytes());
            bundle.extend(entry.into_bytes());
        }
        let width = entries.len();
        let key = |width: usize| format!("facts/log/bench/tile/entries/000.p/{width}");
        // An earlier, shorter bundle stays beside the fuller one.
        let files = [(key(width), bundle.into()), (key(1), Bytes::new())].into();
        PublicLog { files, campaign: "bench".to_owned() }
    }

    /// The odd entries, without the head's own program.
    async fn odd(log: &PublicLog, receipts: &[Receipt]) -> usize {
        let folder =
            std::env::temp_dir().join(format!("bench-log-{:?}", std::thread::current().id()));
        let nowhere = Path::new("/nowhere");
        // Nobody finds the program there: it counts as one.
        log.errors(receipts, nowhere, &folder).await.unwrap() - 1
    }

    /// RNK-3: rewriting, omitting, doubling or inventing a leaf is found.
    #[tokio::test]
    async fn each_entry_is_that_of_one_receipt() {
        let receipts: Vec<Receipt> = (1..=4).map(receipt).collect();
        assert_eq!(odd(&log(&receipts), &receipts).await, 0);
        assert_eq!(odd(&log(&receipts[..3]), &receipts).await, 1);
        assert_eq!(odd(&log(&receipts), &receipts[..3]).await, 1);
        let twice = [receipts.clone(), vec![receipts[0].clone()]].concat();
        assert_eq!(odd(&log(&twice), &receipts).await, 1);
        let mut rewritten = log(&receipts);
        rewritten.rewrite_a_leaf().unwrap();
        assert_eq!(odd(&rewritten, &receipts).await, 2);
    }
}
