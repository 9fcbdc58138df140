//! Signed heads of the log, as C2SP's tlog-checkpoint and signed-note write them.

use std::fmt;

use data_encoding::BASE64;
use ed25519_dalek::{Signer as _, SigningKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::tree::Hash;
use crate::{ids::CampaignId, keyed_hash::keyed_hash};

/// Ed25519, in a signed note.
const ALGORITHM: u8 = 1;

/// The key that signs the heads of a campaign's log.
#[derive(Clone)]
pub struct LogKey {
    campaign: CampaignId,
    signing: SigningKey,
}

impl LogKey {
    /// The key of a campaign: one master secret gives each campaign a key of its own, always the same.
    pub fn derive(master: &[u8], campaign: &CampaignId) -> Self {
        let seed = keyed_hash(master, "log key", &[campaign.as_str().as_bytes()]);
        Self { campaign: campaign.clone(), signing: SigningKey::from_bytes(&seed) }
    }

    /// What is published for good, for the log of this name.
    pub fn public(&self, origin: &str) -> PublicLogKey {
        let key: Vec<u8> =
            std::iter::once(ALGORITHM).chain(self.signing.verifying_key().to_bytes()).collect();
        let id = data_encoding::HEXLOWER.encode(&self.id(origin));
        let vkey = format!("{origin}+{id}+{}", BASE64.encode(&key));
        PublicLogKey { campaign: self.campaign.clone(), vkey }
    }

    fn id(&self, origin: &str) -> [u8; 4] {
        let hash: [u8; 32] = Sha256::new()
            .chain_update(origin)
            .chain_update([b'\n', ALGORITHM])
            .chain_update(self.signing.verifying_key().as_bytes())
            .finalize()
            .into();
        hash.first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Debug for LogKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "LogKey({})", self.campaign)
    }
}

/// A published key, with which anyone checks the heads of a campaign's log.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PublicLogKey {
    /// The campaign whose log it signs.
    pub campaign: CampaignId,
    /// Name of the log, identifier of the key and the key, as signed-note writes them.
    pub vkey: String,
}

/// The head of a log: all entries that it has, in one hash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// The log's name, which never changes.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The hash of its tree.
    pub root: Hash,
}

impl Checkpoint {
    /// The signed note. Signing is deterministic: the same head by the same key is the same text.
    pub fn signed(&self, key: &LogKey) -> String {
        let Self { origin, size, root } = self;
        let note = format!("{origin}\n{size}\n{}\n", BASE64.encode(root));
        let mut signature = key.id(origin).to_vec();
        signature.extend(key.signing.sign(note.as_bytes()).to_bytes());
        format!("{note}\n— {origin} {}\n", BASE64.encode(&signature))
    }

    /// The size that a signed note of ours says; none where it is not one. The signature is not looked at.
    pub fn size_of(note: &str) -> Option<u64> {
        note.lines().nth(1)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signature, Verifier as _};

    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            origin: "portale.example/facts/log/df-2026".to_owned(),
            size: 332_724,
            root: [7; 32],
        }
    }

    fn key(campaign: &str) -> LogKey {
        LogKey::derive(b"the log secret of a test, 32 bytes", &campaign.parse().unwrap())
    }

    /// RNK-3: five lines, of which the last is the signature over those before the empty one, preceded by the key's id.
    #[test]
    fn a_head_is_a_signed_note() {
        let note = checkpoint().signed(&key("df-2026"));
        let lines: Vec<&str> = note.split('\n').collect();
        assert_eq!(
            lines[..4],
            [
                "portale.example/facts/log/df-2026",
                "332724",
                "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
                ""
            ]
        );
        let signed = lines[4].strip_prefix("— portale.example/facts/log/df-2026 ").unwrap();
        let signature = BASE64.decode(signed.as_bytes()).unwrap();
        let (id, signature) = signature.split_at(4);
        let text = note.split_once("\n\n").unwrap().0;
        let message = format!("{text}\n");
        let fits = |key: &LogKey| {
            let signature = Signature::from_slice(signature).unwrap();
            key.signing.verifying_key().verify(message.as_bytes(), &signature).is_ok()
        };
        assert!(fits(&key("df-2026")) && !fits(&key("df-2027")));
        let vkey = key("df-2026").public(&checkpoint().origin).vkey;
        let parts: Vec<&str> = vkey.split('+').collect();
        assert_eq!(parts[..2], [lines[0], &data_encoding::HEXLOWER.encode(id)]);
        assert_eq!(lines[5..], [""]);
    }

    #[test]
    fn the_size_is_read_from_a_note_and_from_nothing_else() {
        assert_eq!(Checkpoint::size_of(&checkpoint().signed(&key("df-2026"))), Some(332_724));
        for text in ["", "x", "x\n-1\n", "x\nmany\n"] {
            assert_eq!(Checkpoint::size_of(text), None, "{text}");
        }
        assert_eq!(format!("{:?}", key("df-2026")), "LogKey(df-2026)");
    }
}
