//! Publishes static files when a campaign is published: the calendar (NOT-2), the receipts' public keys (SUB-4)
//! and the privacy notice (CHK-1, ADM-2).

use std::convert::Infallible;
use store::keys::Key;

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{ids::CampaignId, receipt::ReceiptKey};
use outside::{
    clock,
    config::{self, ConfigError},
    facts::{Facts, FactsError},
    log::chain,
    queue::{self, Message, MessageOutcome},
};
use store::{Store, keys, rows::StoreError};
use thiserror::Error;

/// The file of all calendars.
const CALENDAR: &str = "facts/calendar.json";
/// The file of all public keys; a key is never taken out of it.
const RECEIPT_KEYS: &str = "facts/receipt-keys.json";

/// What publishing needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    facts: Facts,
    receipts: Vec<u8>,
}

/// Why a campaign's facts are not out yet.
#[derive(Debug, Error)]
enum PublishError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Facts(#[from] FactsError),
    #[error("the message names no campaign")]
    NoCampaign,
    #[error("a fact cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl App {
    /// Reads table, bucket and secret.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self {
            store,
            facts: Facts::new(sdk, config::required("FACTS_BUCKET")?),
            receipts: config::secret(sdk, "RECEIPT_SECRET_ID").await?,
        })
    }
}

/// A batch of the facts queue.
pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Infallible> {
    Ok(queue::handle_each(event, |message| async move {
        match publish(app, &message).await {
            Ok(()) => MessageOutcome::Done,
            Err(error) => {
                tracing::error!(item = message.pk, cause = chain(&error), "facts not published");
                MessageOutcome::Again
            }
        }
    })
    .await)
}

/// Puts the published version into the calendar and its key into the published set.
async fn publish(app: &App, message: &Message) -> Result<(), PublishError> {
    let id: CampaignId = keys::campaign_of(&message.pk).ok_or(PublishError::NoCampaign)?;
    let now = clock::wall();
    if let Some(campaign) = app.store.campaigns.in_force_now(&id, now).await? {
        // Before the calendar, which links to it.
        if let Some(notice) = campaign.public_privacy_notice() {
            app.facts.put_once(&campaign.privacy_file(), &serde_json::to_value(notice)?).await?;
        }
        let calendar = serde_json::to_value(campaign.public_calendar())?;
        app.facts.merge(CALENDAR, "campaigns", id.as_str(), "campaign", &calendar).await?;
        let key = serde_json::to_value(ReceiptKey::derive(&app.receipts, &id).public())?;
        app.facts.merge(RECEIPT_KEYS, "keys", id.as_str(), "campaign", &key).await?;
    }
    app.store.campaigns.record_facts_published(&Key::of(message)).await?;
    tracing::info!(campaign = id.as_str(), "facts published");
    Ok(())
}
