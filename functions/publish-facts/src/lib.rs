//! Publishes static files when a campaign is published: the calendar (NOT-2), the receipts' public keys (SUB-4)
//! and the privacy notice (CHK-1, ADM-2).

use std::convert::Infallible;
use store::keys::Key;

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{calendar, ids::CampaignId, receipt::ReceiptKey};
use jiff::Timestamp;
use outside::{
    clock,
    config::{self, ConfigError},
    facts::{Facts, FactsError},
    log::chain,
    queue::{self, Message, MessageOutcome},
};
use serde_json::{Value, json};
use store::{
    Store, keys,
    receipt_watch::ReceiptFlow,
    rows::{StoreError, instant},
};
use thiserror::Error;

/// The file of all calendars.
const CALENDAR: &str = "facts/calendar.json";
/// The file of what works and what does not (NEW-7).
const STATUS: &str = "facts/status.json";
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
    if Key::of(message) == keys::receipt_watch() {
        return publish_receipt_status(app).await;
    }
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

/// Says publicly whether the receipts of certified mail come (COM-2).
async fn publish_receipt_status(app: &App) -> Result<(), PublishError> {
    let row = app.store.receipt_watch.find().await?.unwrap_or_default();
    let since = row.since.and_then(|since| instant(since).ok());
    if let (Some(flow), Some(since)) = (row.flow, since) {
        let status = receipt_status(flow, since);
        app.facts.merge(STATUS, "parts", RECEIPTS_PART, "part", &status).await?;
        tracing::info!(?flow, "status published");
    }
    app.store.campaigns.record_facts_published(&keys::receipt_watch()).await?;
    Ok(())
}

/// Part of the status: the receipts of certified mail.
const RECEIPTS_PART: &str = "pec-receipts";

/// One part of the public status: what it is, whether it works, since when, and what that means for people.
fn receipt_status(flow: ReceiptFlow, since: Timestamp) -> Value {
    let text = match flow {
        ReceiptFlow::Working => {
            "Le ricevute di consegna delle PEC arrivano regolarmente.".to_owned()
        }
        ReceiptFlow::Stopped => format!(
            "Dalle PEC inviate dopo {} il portale non ha ancora ricevuto ricevute di consegna. Finché mancano, nessun nulla osta viene revocato automaticamente: non devi fare nulla, ma rispondi entro i termini indicati nelle comunicazioni che hai già ricevuto.",
            calendar::in_words(since)
        ),
    };
    json!({
        "part": RECEIPTS_PART,
        "label": "Ricevute delle PEC",
        "works": flow == ReceiptFlow::Working,
        "since": calendar::rfc3339(since),
        "text": text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// COM-2: people read that nothing is lost by silence while receipts do not come.
    #[test]
    fn the_status_says_whether_receipts_come_and_what_that_means() {
        let since: Timestamp = "2026-01-12T08:00:00Z".parse().unwrap();
        let works = receipt_status(ReceiptFlow::Working, since);
        assert_eq!((&works["works"], &works["part"]), (&json!(true), &json!("pec-receipts")));
        let stopped = receipt_status(ReceiptFlow::Stopped, since);
        assert_eq!(stopped["works"], json!(false));
        assert_eq!(stopped["since"], json!("2026-01-12T09:00:00.000+01:00"));
        let text = stopped["text"].as_str().unwrap();
        assert!(text.contains("lunedì 12 gennaio 2026"), "{text}");
        assert!(text.contains("nessun nulla osta viene revocato automaticamente"), "{text}");
    }
}
