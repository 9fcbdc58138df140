//! Checks receipts as anyone can: with the keys that the portal publishes (SUB-4).

use domain::{
    ids::{ApplicationId, CampaignId},
    receipt::{PublicReceiptKey, Receipt, ReceiptCode, ReceiptKey, verify_document},
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    browser::Browser,
    story::{Deviation, StoryResult},
};

/// Where the keys are published, under the portal's origin.
pub const KEYS_PATH: &str = "/facts/receipt-keys.json";

/// The published set of keys.
#[derive(Debug, Deserialize)]
pub struct PublishedKeys {
    /// One for each campaign.
    pub keys: Vec<PublicReceiptKey>,
}

impl PublishedKeys {
    /// Reads the file's text.
    pub fn parse(text: &[u8]) -> StoryResult<Self> {
        serde_json::from_slice(text)
            .map_err(|error| Deviation::new(format!("the published keys cannot be read: {error}")))
    }

    /// Fetches the file from the portal.
    pub async fn fetch(browser: &Browser) -> StoryResult<Self> {
        Self::parse(&browser.get(KEYS_PATH).await?.expect(200)?.body)
    }

    /// Checks a receipt's document. A newline at the end, which editors add, does not count.
    pub fn verify(&self, document: &[u8]) -> StoryResult<Receipt> {
        let text = std::str::from_utf8(document)
            .map_err(|_| Deviation::new("the document is not a text"))?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        verify_document(text, &self.keys)
            .map_err(|error| Deviation::new(format!("the receipt does not verify: {error}")))
    }
}

/// A receipt of an application that never was, and its document; another for each number.
pub fn invented(
    campaign: &CampaignId,
    number: u16,
    arrival: Timestamp,
) -> StoryResult<(Receipt, String)> {
    let key = ReceiptKey::derive(b"the receipt secret of tests, 32 bytes", campaign);
    let [high, low] = number.to_be_bytes();
    let mut random = [low; 16];
    random[0] = high;
    let mut code = [low; 10];
    code[0] = high;
    let receipt = Receipt {
        code: ReceiptCode::from_random(code),
        application: ApplicationId::from_random(random),
        campaign: campaign.clone(),
        campaign_version: 1,
        model: "c-stag-agricoltura".parse()?,
        digest: [low; 32],
        arrival,
        key_id: key.key_id().clone(),
    };
    let document = receipt.clone().sign(&key).to_document();
    Ok((receipt, document))
}
