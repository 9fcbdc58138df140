//! The signed receipt of a submission: a pure function of what is stored, which anyone can check later (SUB-2 to SUB-5).

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::ids::{ApplicationId, CampaignId, ModelId};
use crate::keyed_hash::keyed_hash;

pub mod code;
pub mod ticket;

pub use code::{ReceiptCode, ReceiptCodeError};
pub use ticket::{ArrivalTicket, TicketError};

/// The version of the receipt's form.
const VERSION: u8 = 1;

/// What a receipt's signature begins with, so that it can never be read as the signature of something else.
const RECEIPT_LABEL: &str = "receipt v1\n";

/// What is certified about a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct Receipt {
    /// *Codice ricevuta*.
    pub code: ReceiptCode,
    /// The application that was sent.
    pub application: ApplicationId,
    /// The decree.
    pub campaign: CampaignId,
    /// The campaign version that judged the window.
    pub campaign_version: u32,
    /// The model.
    pub model: ModelId,
    /// SHA-256 of the canonical content; written in hexadecimal.
    pub digest: [u8; 32],
    /// The gateway's instant, or the opening where it was armed (NEW-1); written in UTC with milliseconds, finer digits are
    /// cut off (SUB-3).
    pub arrival: Timestamp,
    /// Which published key checks the signature.
    pub key_id: KeyId,
}

impl Receipt {
    /// The receipt with its signature. Signing is deterministic: the same receipt always gives the same document.
    pub fn sign(self, key: &ReceiptKey) -> SignedReceipt {
        let signature = key.sign(RECEIPT_LABEL, &self.canonical());
        SignedReceipt { receipt: self, signature }
    }

    /// The one written form, which is signed. Every value is an id, a number or a date: nothing needs escaping.
    fn canonical(&self) -> String {
        format!(
            r#"{{"v":{VERSION},"code":"{}","application":"{}","campaign":"{}","campaign_version":{},"model":"{}","digest":"{}","arrival":"{:.3}","key_id":"{}"}}"#,
            self.code,
            self.application,
            self.campaign,
            self.campaign_version,
            self.model,
            HEXLOWER.encode(&self.digest),
            self.arrival,
            self.key_id,
        )
    }
}

/// A receipt with the signature that anyone can check against the published keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReceipt {
    receipt: Receipt,
    signature: [u8; 64],
}

impl SignedReceipt {
    /// What is certified.
    pub const fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// The Ed25519 signature.
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The document that people keep: JSON in exactly one form, without a final newline.
    pub fn to_document(&self) -> String {
        let signature = BASE64URL_NOPAD.encode(&self.signature);
        format!(r#"{{"receipt":{},"signature":"{signature}"}}"#, self.receipt.canonical())
    }
}

/// Why a document is not a receipt of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is not a receipt at all: not JSON, a member missing, unknown or of the wrong kind.
    #[error("not a receipt document")]
    Malformed,
    /// It reads like a receipt, but is not written in the one form.
    #[error("not in the one form of a receipt document")]
    NotCanonical,
    /// No published key of this campaign has the key id that it names.
    #[error("no published key of the campaign has this key id")]
    UnknownKey,
    /// The published key is not the one that its id names, or no key at all.
    #[error("the published key does not fit its id")]
    BrokenKey,
    /// The signature is not that of this key over this receipt.
    #[error("the signature does not fit")]
    Signature,
}

/// Checks a document against the published keys; a document with any changed byte is refused (SUB-4).
pub fn verify_document(document: &str, keys: &[PublicReceiptKey]) -> Result<Receipt, VerifyError> {
    let written: WrittenDocument =
        serde_json::from_str(document).map_err(|_| VerifyError::Malformed)?;
    let signature = signature_bytes(&written.signature).ok_or(VerifyError::Malformed)?;
    let signed = SignedReceipt { receipt: written.receipt, signature };
    if signed.to_document() != document {
        return Err(VerifyError::NotCanonical);
    }
    let receipt = signed.receipt;
    let key = keys
        .iter()
        .find(|key| key.key_id == receipt.key_id && key.campaign == receipt.campaign)
        .ok_or(VerifyError::UnknownKey)?;
    match key.check(RECEIPT_LABEL, &receipt.canonical(), &signature) {
        Checked::Fits => Ok(receipt),
        Checked::BrokenKey => Err(VerifyError::BrokenKey),
        Checked::Differs => Err(VerifyError::Signature),
    }
}

/// The private key of a campaign's receipts and arrival tickets. Its `Debug` is redacted.
#[derive(Clone)]
pub struct ReceiptKey {
    campaign: CampaignId,
    key_id: KeyId,
    signing: SigningKey,
}

impl ReceiptKey {
    /// The key of a campaign: one master secret gives each campaign a key of its own, always the same.
    pub fn derive(master: &[u8], campaign: &CampaignId) -> Self {
        let seed = keyed_hash(master, "receipt key", &[campaign.as_str().as_bytes()]);
        let signing = SigningKey::from_bytes(&seed);
        Self {
            campaign: campaign.clone(),
            key_id: KeyId::of(signing.verifying_key().as_bytes()),
            signing,
        }
    }

    /// The id under which the public key is published.
    pub const fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// The campaign whose receipts it signs.
    pub const fn campaign(&self) -> &CampaignId {
        &self.campaign
    }

    /// What is published, for good.
    pub fn public(&self) -> PublicReceiptKey {
        let public_key = PublicKey(self.signing.verifying_key().to_bytes());
        PublicReceiptKey {
            key_id: self.key_id.clone(),
            campaign: self.campaign.clone(),
            public_key,
        }
    }

    fn sign(&self, label: &str, text: &str) -> [u8; 64] {
        self.signing.sign(format!("{label}{text}").as_bytes()).to_bytes()
    }
}

impl fmt::Debug for ReceiptKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ReceiptKey({}, {})", self.campaign, self.key_id)
    }
}

/// A published key, with which anyone checks the receipts of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicReceiptKey {
    /// What receipts name.
    pub key_id: KeyId,
    /// The campaign whose receipts it checks.
    pub campaign: CampaignId,
    /// The Ed25519 public key, in base64url.
    pub public_key: PublicKey,
}

enum Checked {
    Fits,
    Differs,
    BrokenKey,
}

impl PublicReceiptKey {
    fn check(&self, label: &str, text: &str, signature: &[u8; 64]) -> Checked {
        if KeyId::of(&self.public_key.0) != self.key_id {
            return Checked::BrokenKey;
        }
        let Ok(key) = VerifyingKey::from_bytes(&self.public_key.0) else {
            return Checked::BrokenKey;
        };
        let message = format!("{label}{text}");
        // Strict: of the several signatures that a looser check lets pass, only ours is accepted.
        match key.verify_strict(message.as_bytes(), &Signature::from_bytes(signature)) {
            Ok(()) => Checked::Fits,
            Err(_) => Checked::Differs,
        }
    }
}

/// The name of a key: the first 64 bits of the SHA-256 of the public key, as 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct KeyId(Box<str>);

impl KeyId {
    /// The one written form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(public_key: &[u8; 32]) -> Self {
        let digest: [u8; 32] = Sha256::digest(public_key).into();
        let head: [u8; 8] = digest.first_chunk().copied().unwrap_or_default();
        Self(HEXLOWER.encode(&head).into())
    }
}

/// The text is not 16 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key id is 16 lower-case hexadecimal digits")]
pub struct NotAKeyId;

impl FromStr for KeyId {
    type Err = NotAKeyId;

    fn from_str(text: &str) -> Result<Self, NotAKeyId> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NotAKeyId)?;
        if bytes.len() == 8 { Ok(Self(text.into())) } else { Err(NotAKeyId) }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An Ed25519 public key; text form base64url without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(serde::de::Error::custom)?;
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| serde::de::Error::custom("a public key has 32 bytes"))
    }
}

/// The JSON members of a receipt, in their order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    v: u8,
    code: ReceiptCode,
    application: ApplicationId,
    campaign: CampaignId,
    campaign_version: u32,
    model: ModelId,
    digest: String,
    arrival: String,
    key_id: KeyId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDocument {
    receipt: Receipt,
    signature: String,
}

impl From<Receipt> for Written {
    fn from(receipt: Receipt) -> Self {
        let arrival = format!("{:.3}", receipt.arrival);
        let Receipt {
            code,
            application,
            campaign,
            campaign_version,
            model,
            digest,
            arrival: _,
            key_id,
        } = receipt;
        let digest = HEXLOWER.encode(&digest);
        Self {
            v: VERSION,
            code,
            application,
            campaign,
            campaign_version,
            model,
            digest,
            arrival,
            key_id,
        }
    }
}

/// Why a member of a written receipt cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrittenError {
    /// The form is of a version that is not known.
    #[error("receipts of version {0} are not known")]
    Version(u8),
    /// The digest is not 64 lower-case hexadecimal digits.
    #[error("the digest is not 64 lower-case hexadecimal digits")]
    Digest,
    /// The arrival is not an instant.
    #[error("the arrival is not an instant")]
    Arrival,
}

impl TryFrom<Written> for Receipt {
    type Error = WrittenError;

    fn try_from(written: Written) -> Result<Self, WrittenError> {
        let Written {
            v,
            code,
            application,
            campaign,
            campaign_version,
            model,
            digest,
            arrival,
            key_id,
        } = written;
        if v != VERSION {
            return Err(WrittenError::Version(v));
        }
        let digest = HEXLOWER.decode(digest.as_bytes()).map_err(|_| WrittenError::Digest)?;
        let digest = digest.try_into().map_err(|_| WrittenError::Digest)?;
        let arrival = arrival.parse().map_err(|_| WrittenError::Arrival)?;
        Ok(Self { code, application, campaign, campaign_version, model, digest, arrival, key_id })
    }
}

fn signature_bytes(text: &str) -> Option<[u8; 64]> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
