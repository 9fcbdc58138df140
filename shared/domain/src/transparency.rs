//! The public log of submissions: what an entry says, and to whom (RNK-3).
//!
//! An entry says when a submission of which model arrived. Whose it is, only the holder of the receipt can tell: the entry
//! holds a hash of what stands in the receipt, the *codice ricevuta* among it, which is random and in no other public place.

use std::fmt;

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::{
    application::Application,
    ids::{ApplicationId, ModelId},
    receipt::ReceiptCode,
};

pub mod checkpoint;
pub mod tree;

/// The version of an entry's form.
const VERSION: u8 = 1;

/// What the hash in an entry begins with, so that it is no hash of anything else.
const LABEL: &str = "log entry v1";

/// No entry is longer, in bytes: the form has two hundred at most.
const LONGEST: usize = 1_000;

/// How long after its arrival a submission may be missing from the log: what a receipt promises.
pub const MERGE_DELAY: SignedDuration = SignedDuration::from_hours(24);

/// What the log says of one submission: a text in exactly one form, which is a leaf of the tree.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Entry(String);

/// The text is too long for an entry.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("no entry of the log is as long as that")]
pub struct NoEntry;

impl Entry {
    /// The entry of an application as it was sent; none where it was not.
    pub fn of(application: &Application) -> Option<Self> {
        let submission = application.stage.submission()?;
        Some(Self::new(
            &submission.code,
            &application.id,
            &application.model,
            &submission.ready.digest,
            submission.arrival,
        ))
    }

    /// The entry of a submission with these values, which are those of its receipt.
    pub fn new(
        code: &ReceiptCode,
        application: &ApplicationId,
        model: &ModelId,
        digest: &[u8; 32],
        arrival: Timestamp,
    ) -> Self {
        let digest = HEXLOWER.encode(digest);
        let receipt =
            Sha256::digest(format!("{LABEL}\n{}\n{application}\n{digest}", code.as_str()));
        Self(format!(
            r#"{{"v":{VERSION},"model":"{model}","arrival":"{arrival:.3}","receipt":"{}"}}"#,
            HEXLOWER.encode(&receipt)
        ))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl TryFrom<String> for Entry {
    type Error = NoEntry;

    /// An entry as it was stored.
    fn try_from(text: String) -> Result<Self, NoEntry> {
        if text.len() > LONGEST { Err(NoEntry) } else { Ok(Self(text)) }
    }
}

impl From<Entry> for String {
    fn from(entry: Entry) -> Self {
        entry.0
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{
        checkpoint::{Checkpoint, LogKey},
        tree::Tree,
        *,
    };

    fn entry(code: u8, application: u8, digest: u8) -> Entry {
        Entry::new(
            &ReceiptCode::from_random([code; 10]),
            &ApplicationId::from_random([application; 16]),
            &"c-stag-agricoltura".parse().unwrap(),
            &[digest; 32],
            "2026-01-12T08:00:00.0429Z".parse().unwrap(),
        )
    }

    /// RNK-3: `printf 'log entry v1\nRIC-040G-2081-040G-2081-38\napp_02081040g2081040g2081040g2\n0303…' | sha256sum` gives the same.
    #[test]
    fn an_entry_says_model_and_arrival_in_clear_and_nothing_of_whose_it_is() {
        let text = entry(1, 2, 3);
        assert_eq!(
            text.as_str(),
            r#"{"v":1,"model":"c-stag-agricoltura","arrival":"2026-01-12T08:00:00.042Z","receipt":"f2d7ae8801c90b4121dbee9d30915127fd85c3a4bb3266e0b39d411e515e4c11"}"#
        );
    }

    /// RNK-3: who knows the application, but not the receipt, cannot find its entry.
    #[test]
    fn code_application_and_content_all_count() {
        let other: Vec<Entry> = vec![entry(9, 2, 3), entry(1, 9, 3), entry(1, 2, 9)];
        assert!(other.iter().all(|other| *other != entry(1, 2, 3)));
        assert_eq!(entry(1, 2, 3), entry(1, 2, 3));
    }

    /// RNK-3: the published vectors, which were made by another program, are what the portal writes, byte for byte.
    #[test]
    fn the_published_vectors_are_what_the_portal_writes() {
        let vectors: Value =
            serde_json::from_str(include_str!("../../../docs/log-vectors.json")).unwrap();
        let key =
            LogKey::derive(b"the log secret of these tests, 32 bytes", &"df-2026".parse().unwrap());
        let origin = "portal.example/facts/log/df-2026";
        let nine: Timestamp = "2026-01-12T08:00:00Z".parse().unwrap();
        let entries: Vec<Entry> = (0..258_u16)
            .map(|number| {
                let [high, low] = number.to_be_bytes();
                let (mut code, mut application) = ([low; 10], [low; 16]);
                (code[0], application[0]) = (high, high);
                Entry::new(
                    &ReceiptCode::from_random(code),
                    &ApplicationId::from_random(application),
                    &"c-stag-agricoltura".parse().unwrap(),
                    &[low; 32],
                    nine + SignedDuration::from_millis(i64::from(number / 3)),
                )
            })
            .collect();
        let note = |entries: &[Entry]| {
            let mut tree = Tree::default();
            let files = tree.append(entries);
            let (size, root) = (tree.size(), tree.root());
            (Checkpoint { origin: origin.to_owned(), size, root }.signed(&key), files)
        };
        let (checkpoint, files) = note(&entries);
        assert_eq!(vectors["checkpoint"], json!(checkpoint));
        assert_eq!(vectors["kept"], json!(note(&entries[..200]).0));
        assert_eq!(vectors["vkey"], json!(key.public(origin).vkey));
        assert_eq!(files.len(), vectors["files"].as_object().unwrap().len());
        for file in files {
            let content = json!(data_encoding::BASE64.encode(&file.content));
            assert_eq!(vectors["files"][file.tile.path()], content, "{}", file.tile.path());
        }
    }

    #[test]
    fn what_is_too_long_for_an_entry_is_none() {
        assert_eq!(Entry::try_from("x".repeat(1_001)), Err(NoEntry));
        assert_eq!(Entry::try_from(entry(1, 2, 3).to_string()), Ok(entry(1, 2, 3)));
    }
}
