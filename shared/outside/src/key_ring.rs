//! The keys of one secret: the newest that is in force signs, all of them verify, so that a rotation breaks nothing that was
//! signed before (ADR 35).
//!
//! A secret that was never rotated is its first key, as the template makes it: plain text. A rotated one is JSON,
//! `{"keys":[{"id":"s1","secret":"…"},{"id":"2026-11-28","secret":"…","from":"2026-11-28T09:00:00Z"}]}`, oldest first.

use std::sync::{Arc, Mutex, PoisonError};

use domain::{
    application::Application,
    ids::CampaignId,
    receipt::{ReceiptKey, SignedReceipt},
    transparency::checkpoint::LogKey,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The name of the key of a secret that was never rotated.
const FIRST: &str = "s1";

/// Why a secret holds no keys that could be used.
#[derive(Debug, Error)]
pub enum KeyRingError {
    /// It begins like JSON and is not what is expected. The parser's words are left out: they may quote the secret.
    #[error("a rotated secret is {{\"keys\":[{{\"id\",\"secret\",\"from\"}}]}}")]
    Malformed,
    /// The first key has an instant from which it counts, a later one has none or an earlier one than the key before it.
    #[error("the first key counts from ever, each later one from a later instant: look at {0}")]
    Order(String),
    /// Two keys have the same name, or one has none.
    #[error("each key has a name of its own: look at {0:?}")]
    Name(String),
    /// A key is too short to be safe.
    #[error("the key {0} has fewer than 32 bytes")]
    Short(String),
}

/// One key of a secret.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RingKey {
    id: String,
    secret: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
}

impl RingKey {
    /// Its name, which stands in what it signs.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its bytes.
    pub const fn secret(&self) -> &[u8] {
        self.secret.as_bytes()
    }

    /// From when on it signs; none for the first key, which signed from ever.
    pub const fn from(&self) -> Option<Timestamp> {
        self.from
    }
}

impl std::fmt::Debug for RingKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "RingKey({}, {:?}, [redacted])", self.id, self.from)
    }
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    keys: Vec<RingKey>,
}

/// The keys of one secret, oldest first.
#[derive(Clone, Debug)]
pub struct KeyRing {
    first: RingKey,
    later: Vec<RingKey>,
}

impl KeyRing {
    /// Reads a secret's text.
    ///
    /// # Errors
    /// It is JSON, but no set of keys in order; a function then does not start.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        if !text.trim_start().starts_with('{') {
            return Ok(Self::of_one(text));
        }
        let written: Written = serde_json::from_str(text).map_err(|_| KeyRingError::Malformed)?;
        let mut keys = written.keys.into_iter();
        let first = keys.next().ok_or(KeyRingError::Malformed)?;
        if first.from.is_some() {
            return Err(KeyRingError::Order(first.id));
        }
        let mut ring = Self { first, later: Vec::new() };
        Self::usable(&ring.first)?;
        for key in keys {
            ring.add(key)?;
        }
        Ok(ring)
    }

    /// A secret that was never rotated.
    pub fn of_one(secret: &str) -> Self {
        let first = RingKey { id: FIRST.to_owned(), secret: secret.to_owned(), from: None };
        Self { first, later: Vec::new() }
    }

    /// The same with one more key, which signs from an instant on. Every function must have read it by then: those that
    /// have not still sign with the key before it.
    ///
    /// # Errors
    /// The name is taken, the key is short, or a key that is there counts from a later instant.
    pub fn rotated(&self, id: &str, secret: &str, from: Timestamp) -> Result<Self, KeyRingError> {
        let mut ring = self.clone();
        ring.add(RingKey { id: id.to_owned(), secret: secret.to_owned(), from: Some(from) })?;
        Ok(ring)
    }

    /// The key that signs what happens at an instant: the same for the same instant, however many keys come after it.
    pub fn at(&self, instant: Timestamp) -> &RingKey {
        let is_in_force = |key: &&RingKey| key.from.is_some_and(|from| from <= instant);
        self.later.iter().rev().find(is_in_force).unwrap_or(&self.first)
    }

    /// All keys, oldest first: also those that do not sign yet.
    pub fn all(&self) -> impl Iterator<Item = &RingKey> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// As a secret keeps it.
    ///
    /// # Errors
    /// None in practice: it is made of texts and instants.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Written { keys: self.all().cloned().collect() })
    }

    fn add(&mut self, key: RingKey) -> Result<(), KeyRingError> {
        Self::usable(&key)?;
        if self.all().any(|other| other.id == key.id) {
            return Err(KeyRingError::Name(key.id));
        }
        let last = self.later.last().and_then(RingKey::from);
        if key.from.is_none() || key.from <= last {
            return Err(KeyRingError::Order(key.id));
        }
        self.later.push(key);
        Ok(())
    }

    fn usable(key: &RingKey) -> Result<(), KeyRingError> {
        if key.id.is_empty() {
            return Err(KeyRingError::Name(key.id.clone()));
        }
        if key.secret.len() < 32 { Err(KeyRingError::Short(key.id.clone())) } else { Ok(()) }
    }
}

/// Campaigns and keys of them that are kept: a deployment has a handful.
const MOST_KEPT: usize = 64;

/// The keys of receipts and arrival tickets: each key of the ring gives each campaign one of its own (SUB-4).
///
/// To derive one takes as long as five of a hundred parts of a submission, and a click day needs one: each is derived
/// once. Copies share them.
#[derive(Clone, Debug)]
pub struct ReceiptKeys {
    ring: Arc<KeyRing>,
    /// By campaign and name of the ring's key.
    derived: Arc<Mutex<Vec<(CampaignId, String, ReceiptKey)>>>,
}

impl ReceiptKeys {
    /// Takes the receipt secret that was read at init.
    pub fn new(ring: KeyRing) -> Self {
        Self { ring: Arc::new(ring), derived: Arc::default() }
    }

    /// The key for what arrived at an instant: a receipt that is asked for again has the same bytes, whatever was rotated
    /// since (SUB-2).
    pub fn at(&self, campaign: &CampaignId, arrival: Timestamp) -> ReceiptKey {
        let key = self.ring.at(arrival);
        let mut derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it =
            |(of, id, _): &&(CampaignId, String, ReceiptKey)| of == campaign && id == key.id();
        if let Some((.., found)) = derived.iter().find(is_it) {
            return found.clone();
        }
        if derived.len() >= MOST_KEPT {
            derived.clear();
        }
        let new = ReceiptKey::derive(key.secret(), campaign);
        derived.push((campaign.clone(), key.id().to_owned(), new.clone()));
        new
    }

    /// The receipt of an application, by the key of its arrival; none where it was not sent.
    pub fn receipt(&self, application: &Application) -> Option<SignedReceipt> {
        let key = self.at(&application.campaign, application.stage.submission()?.arrival);
        application.receipt(&key).map(|receipt| receipt.sign(&key))
    }

    /// All keys of a campaign, to be published before they sign, for good.
    pub fn all(&self, campaign: &CampaignId) -> impl Iterator<Item = ReceiptKey> {
        self.ring.all().map(|key| ReceiptKey::derive(key.secret(), campaign))
    }
}

/// The keys of the heads of logs: each key of the ring gives each campaign one of its own (RNK-3).
#[derive(Clone, Debug)]
pub struct LogKeys(KeyRing);

impl LogKeys {
    /// Takes the log secret that was read at init.
    pub const fn new(ring: KeyRing) -> Self {
        Self(ring)
    }

    /// The key for a head that is signed at an instant.
    pub fn at(&self, campaign: &CampaignId, instant: Timestamp) -> LogKey {
        LogKey::derive(self.0.at(instant).secret(), campaign)
    }

    /// All keys of a campaign, to be published before they sign, for good.
    pub fn all(&self, campaign: &CampaignId) -> impl Iterator<Item = LogKey> {
        self.0.all().map(|key| LogKey::derive(key.secret(), campaign))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "the secret that the template made, of 64 characters or so.......";
    const NEW: &str = "the secret of the rotation, which is as long as the one before it";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn rotated() -> KeyRing {
        KeyRing::parse(OLD).unwrap().rotated("2026-11-28", NEW, at("2026-11-28T09:00:00Z")).unwrap()
    }

    #[test]
    fn a_secret_that_was_never_rotated_is_its_first_key() {
        let ring = KeyRing::parse(OLD).unwrap();
        assert_eq!(ring.all().map(RingKey::id).collect::<Vec<_>>(), ["s1"]);
        assert_eq!(ring.at(at("2026-01-12T08:00:00Z")).secret(), OLD.as_bytes());
    }

    #[test]
    fn a_new_key_signs_from_its_instant_on_and_the_old_one_stays() {
        let ring = KeyRing::parse(&rotated().to_text().unwrap()).unwrap();
        assert_eq!(ring.at(at("2026-11-28T08:59:59.999Z")).id(), "s1");
        assert_eq!(ring.at(at("2026-11-28T09:00:00Z")).id(), "2026-11-28");
        assert_eq!(ring.all().map(RingKey::id).collect::<Vec<_>>(), ["s1", "2026-11-28"]);
    }

    /// SUB-2, SUB-4: what arrived before the rotation keeps its key, so the receipt that is asked for again is the same; all
    /// keys of a campaign are published.
    #[test]
    fn a_receipt_from_before_the_rotation_is_signed_by_its_own_key_again() {
        let campaign: CampaignId = "df-2026".parse().unwrap();
        let (before, after) =
            (ReceiptKeys::new(KeyRing::parse(OLD).unwrap()), ReceiptKeys::new(rotated()));
        let arrival = at("2026-01-12T08:00:00.123Z");
        assert_eq!(before.at(&campaign, arrival).public(), after.at(&campaign, arrival).public());
        let next = after.at(&campaign, at("2026-12-01T08:00:00Z")).public();
        assert_ne!(next, before.at(&campaign, arrival).public());
        let published: Vec<_> = after.all(&campaign).map(|key| key.public()).collect();
        assert_eq!(published.len(), 2);
        assert!(published.contains(&next));
    }

    /// The key that is kept is the one that would be derived: of this campaign, of the ring's key of that instant.
    #[test]
    fn a_key_that_is_kept_is_that_of_its_campaign_and_instant() {
        let keys = ReceiptKeys::new(rotated());
        let (early, late) = (at("2026-01-12T08:00:00Z"), at("2026-12-01T08:00:00Z"));
        for round in 0..2 {
            for number in 0..MOST_KEPT + 2 {
                let campaign: CampaignId = format!("decreto-{number}").parse().unwrap();
                for (instant, secret) in [(early, OLD), (late, NEW)] {
                    let due = ReceiptKey::derive(secret.as_bytes(), &campaign).public();
                    assert_eq!(keys.at(&campaign, instant).public(), due, "{round} {campaign}");
                }
            }
            assert!(keys.derived.lock().unwrap().len() <= MOST_KEPT);
        }
    }

    #[test]
    fn what_is_no_ring_is_refused_without_a_word_of_the_secret() {
        let key = |id: &str, from: &str| format!(r#"{{"id":"{id}","secret":"{NEW}"{from}}}"#);
        let from = |text: &str| format!(r#","from":"{text}""#);
        let first = key("s1", "");
        for keys in [
            String::new(),
            key("s1", &from("2026-11-28T09:00:00Z")),
            format!("{first},{}", key("s1", &from("2026-11-28T09:00:00Z"))),
            format!("{first},{}", key("b", "")),
            format!("{first},{}", key("", &from("2026-11-28T09:00:00Z"))),
            format!(
                "{first},{},{}",
                key("b", &from("2026-11-28T09:00:00Z")),
                key("c", &from("2026-11-28T09:00:00Z"))
            ),
            r#"{"id":"s1","secret":"short"}"#.to_owned(),
            format!(r#"{{"id":"s1","secret":"{NEW}","unknown":1}}"#),
        ] {
            let error = KeyRing::parse(&format!(r#"{{"keys":[{keys}]}}"#)).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(NEW), "{error:?}");
        }
        assert!(!format!("{:?}", rotated()).contains(NEW));
    }
}
