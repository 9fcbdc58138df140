//! Publishes static files when a campaign is published: the calendar (NOT-2), the receipts' public keys (SUB-4)
//! and the privacy notice (CHK-1, ADM-2); when an edition of the notice board is published, its lists (ADM-2, OPS-1). Then
//! fills the pages that show them (ADR 36). Each minute, what time or the ranking made public: seeds of the draw
//! (SUB-3), figures (NEW-7).

mod pages;
mod site;

use store::keys::Key;

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    calendar,
    campaign::{Campaign, CampaignModel, form_file},
    form::{PublicForm, Schema},
    ids::CampaignId,
    order::{PublicSeed, SeedChain},
    quota::figures::PublicFigures,
};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use outside::{
    clock,
    config::{self, ConfigError},
    facts::{Facts, FactsError},
    key_ring::ReceiptKeys,
    log::chain,
    queue::{self, Message, MessageOutcome},
};
use serde::{Deserialize, Serialize};
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
/// The files of the notice board (ADM-2).
const NOTICES: &str = "facts/notices.json";
const DOCUMENTS: &str = "facts/documents.json";
/// The file of all public keys; a key is never taken out of it.
const RECEIPT_KEYS: &str = "facts/receipt-keys.json";
/// The file of each campaign's latest seed; each day's own file stays beside it (SUB-3).
const SEEDS: &str = "facts/seeds.json";

/// Campaigns that are looked at at once for what came due.
const CAMPAIGNS_AT_ONCE: usize = 4;

/// What publishing needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    facts: Facts,
    /// The pages, as the deploy of the site left them.
    site: Facts,
    receipts: ReceiptKeys,
    order: OrderSecret,
}

/// Of what the seeds of all campaigns are derived (SUB-3).
struct OrderSecret(Vec<u8>);

impl std::fmt::Debug for OrderSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OrderSecret([redacted])")
    }
}

/// Why a campaign's facts are not out yet.
#[derive(Debug, Error)]
pub enum PublishError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bucket failed.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// The message is about something else.
    #[error("the message names no campaign version")]
    NoCampaign,
    /// It is told of too early; the message comes again.
    #[error("version {0} is not in force yet")]
    NotInForce(u32),
    /// A fact has no written form.
    #[error("a fact cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl App {
    /// Reads table, buckets and secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self {
            store,
            facts: Facts::new(sdk, config::required("FACTS_BUCKET")?),
            site: Facts::new(sdk, config::required("SITE_BUCKET")?),
            receipts: ReceiptKeys::new(config::keys_of_secret(sdk, "RECEIPT_SECRET_ID").await?),
            order: OrderSecret(config::secret(sdk, "ORDER_SECRET_ID").await?),
        })
    }
}

/// What calls the function: its queue, or an operator.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Call {
    /// A batch of the facts queue.
    Batch(SqsEvent),
    /// What an operator asks for.
    Asked(Request),
}

/// The request of an operator, such as `{"publish":"receipt-keys"}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    publish: Publishable,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Publishable {
    /// The receipt keys of all campaigns, before a new one signs.
    ReceiptKeys,
    /// The regions of all pages, after a deploy of the site.
    Pages,
    /// What came due in all campaigns: seeds that may be known by now, figures; the schedule asks for it.
    Due,
}

/// What the function answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To the queue.
    Batch(SqsBatchResponse),
    /// To an operator: of how many campaigns the keys are public.
    Keys {
        /// Campaigns whose keys are all out.
        campaigns: usize,
    },
    /// To an operator: how many pages were written anew.
    Pages {
        /// Those whose regions hold something else now.
        pages: usize,
    },
    /// To the schedule.
    Due {
        /// Seeds that became public, one for each campaign and day.
        seeds: usize,
    },
}

/// A batch of the facts queue, or the request of an operator, which fails as a whole.
pub async fn handle(app: &App, call: Call) -> Result<Answer, PublishError> {
    match call {
        Call::Batch(event) => Ok(Answer::Batch(batch(app, event).await)),
        Call::Asked(Request { publish: Publishable::Pages }) => {
            Ok(Answer::Pages { pages: site::fill(app).await? })
        }
        Call::Asked(Request { publish: Publishable::Due }) => publish_due(app).await,
        Call::Asked(Request { publish: Publishable::ReceiptKeys }) => {
            let campaigns = app.store.campaigns.listed().await?;
            for id in &campaigns {
                publish_keys(app, id).await?;
            }
            tracing::info!(campaigns = campaigns.len(), "receipt keys published");
            Ok(Answer::Keys { campaigns: campaigns.len() })
        }
    }
}

/// What came due in all campaigns. One that cannot be published stops no other, and fails the run in the end.
async fn publish_due(app: &App) -> Result<Answer, PublishError> {
    let mut seeds = 0;
    let mut failure = None;
    let ids = app.store.campaigns.listed().await?;
    let looks = ids.iter().map(|id| async move { (id, due_of(app, id).await) });
    let mut looks = stream::iter(looks).buffer_unordered(CAMPAIGNS_AT_ONCE);
    while let Some((id, looked)) = looks.next().await {
        match looked {
            Ok(is_new) => seeds += usize::from(is_new),
            Err(error) => {
                tracing::error!(campaign = %id, cause = chain(&error), "what came due not published");
                failure = Some(error);
            }
        }
    }
    tracing::info!(seeds, "what came due published");
    failure.map_or(Ok(Answer::Due { seeds }), Err)
}

/// Whether a seed became public.
async fn due_of(app: &App, id: &CampaignId) -> Result<bool, PublishError> {
    let Some(campaign) = app.store.campaigns.in_force(id, clock::wall()).await? else {
        // Listed, and not published yet.
        return Ok(false);
    };
    publish_figures(app, &campaign).await?;
    publish_seed(app, &campaign).await
}

/// How far the places of a campaign are given (NEW-7), by the one row that says so; later figures stay.
async fn publish_figures(app: &App, campaign: &Campaign) -> Result<(), PublishError> {
    let ranking = app.store.places.ranking(campaign.id()).await?;
    let figures = PublicFigures::of(campaign, &ranking.standings, ranking.n);
    let text = serde_json::to_string(&figures)?;
    let stays = |there: &str| there == text || is_later(there, &figures);
    Ok(app.facts.put_unless(&figures.file(), &text, stays).await?)
}

/// Whether published figures are later ones: of a later step, or of a later version of the campaign.
fn is_later(there: &str, figures: &PublicFigures) -> bool {
    let there: Value = serde_json::from_str(there).unwrap_or_default();
    let of = |name: &str| there.get(name).and_then(Value::as_u64).unwrap_or_default();
    (of("step"), of("version")) > (figures.step, figures.version.into())
}

/// The latest seed of a campaign that may be known, which binds those of the days to come, with the rule of its draw; false
/// when it was out already.
async fn publish_seed(app: &App, campaign: &Campaign) -> Result<bool, PublishError> {
    let chain = SeedChain::derive(&app.order.0, campaign.id());
    let now = campaign.effective_now(clock::wall());
    let (day, seed) = chain.public_at(now, campaign.policies().closing_delay());
    let rule = campaign.policies().order.draw_rule();
    let seed = PublicSeed::new(campaign.id(), rule, day, &seed);
    if app.facts.length(&seed.file()).await?.is_some() {
        return Ok(false);
    }
    let entry = serde_json::to_value(&seed)?;
    // The day's own file last: where it is, all is done.
    app.facts.merge(SEEDS, "seeds", campaign.id().as_str(), "campaign", &entry).await?;
    Ok(app.facts.put_once(&seed.file(), &entry).await?)
}

async fn batch(app: &App, event: SqsEvent) -> SqsBatchResponse {
    queue::handle_each(event, |message| async move {
        match publish(app, &message).await {
            Ok(()) => MessageOutcome::Done,
            Err(error) => {
                tracing::error!(item = message.pk, cause = chain(&error), "facts not published");
                MessageOutcome::Again
            }
        }
    })
    .await
}

/// Puts the published version into the calendar, once it is in force, and the campaign's keys into the published set.
async fn publish(app: &App, message: &Message) -> Result<(), PublishError> {
    if Key::of(message) == keys::receipt_watch() {
        return publish_receipt_status(app).await;
    }
    if message.pk == keys::notice_board(0).pk {
        return publish_notice_board(app, message).await;
    }
    let id: CampaignId = keys::campaign_of(&message.pk).ok_or(PublishError::NoCampaign)?;
    let told = keys::version_of(&message.sk).ok_or(PublishError::NoCampaign)?;
    let campaign = app.store.campaigns.in_force_now(&id, clock::wall()).await?;
    let campaign = campaign
        .filter(|campaign| campaign.version() >= told)
        .ok_or(PublishError::NotInForce(told))?;
    // Before the calendar, which links to it.
    if let Some(notice) = campaign.public_privacy_notice() {
        app.facts.put_once(&campaign.privacy_file(), &serde_json::to_value(notice)?).await?;
    }
    for name in campaign.models().iter().filter_map(CampaignModel::schema) {
        if let Some(schema) = Schema::find(name) {
            let form = serde_json::to_value(PublicForm::of(schema))?;
            app.facts.put_once(&form_file(name), &form).await?;
        }
    }
    let calendar = serde_json::to_value(campaign.public_calendar())?;
    app.facts.merge(CALENDAR, "campaigns", id.as_str(), "campaign", &calendar).await?;
    publish_keys(app, &id).await?;
    publish_figures(app, &campaign).await?;
    publish_seed(app, &campaign).await?;
    site::fill(app).await?;
    app.store.campaigns.record_facts_published(&Key::of(message)).await?;
    tracing::info!(campaign = id.as_str(), version = campaign.version(), "facts published");
    Ok(())
}

/// Each key by its own name: one of before a rotation stays for good, one of after it is out before it signs (SUB-4).
async fn publish_keys(app: &App, id: &CampaignId) -> Result<(), PublishError> {
    for key in app.receipts.all(id) {
        let name = key.key_id().to_string();
        let public = serde_json::to_value(key.public())?;
        app.facts.merge(RECEIPT_KEYS, "keys", &name, "key_id", &public).await?;
    }
    Ok(())
}

/// Puts the lists of the newest edition of the notice board out (ADM-2, OPS-1).
async fn publish_notice_board(app: &App, message: &Message) -> Result<(), PublishError> {
    if let Some(edition) = app.store.notice_board.newest().await? {
        let (number, board) = (edition.number, edition.board);
        let lists = [
            (NOTICES, "notices", serde_json::to_value(board.notices)?),
            (DOCUMENTS, "documents", serde_json::to_value(board.documents)?),
            (STATUS, "maintenance", serde_json::to_value(board.maintenance)?),
        ];
        for (file, list, entries) in &lists {
            app.facts.put_list(file, list, entries, number).await?;
        }
        site::fill(app).await?;
        tracing::info!(edition = number, "notice board published");
    }
    app.store.campaigns.record_facts_published(&Key::of(message)).await?;
    Ok(())
}

/// Says publicly whether the receipts of certified mail come (COM-2).
async fn publish_receipt_status(app: &App) -> Result<(), PublishError> {
    let row = app.store.receipt_watch.find().await?.unwrap_or_default();
    let since = row.since.and_then(|since| instant(since).ok());
    if let (Some(flow), Some(since)) = (row.flow, since) {
        let status = receipt_status(flow, since);
        app.facts.merge(STATUS, "parts", RECEIPTS_PART, "part", &status).await?;
        site::fill(app).await?;
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
    use domain::quota::Standings;

    use super::*;

    #[test]
    fn a_batch_and_an_operators_requests_are_told_apart_and_nothing_else_is_taken() {
        let read = |text: &str| serde_json::from_str::<Call>(text);
        assert!(matches!(read(r#"{"Records":[]}"#), Ok(Call::Batch(_))));
        for asked in
            [r#"{"publish":"receipt-keys"}"#, r#"{"publish":"pages"}"#, r#"{"publish":"due"}"#]
        {
            assert!(matches!(read(asked), Ok(Call::Asked(_))), "{asked}");
        }
        for other in ["{}", r#"{"publish":"everything"}"#, r#"{"publish":"receipt-keys","x":1}"#] {
            assert!(read(other).is_err(), "{other}");
        }
    }

    /// NEW-7: of two runs at once the one that read the ranking later has the last word, and what is no file of ours none.
    #[test]
    fn figures_of_a_later_step_or_version_stay() {
        let demo = Campaign::parse(include_str!("../../../campaigns/demo.toml")).unwrap();
        let figures = |step| PublicFigures::of(&demo, &Standings::default(), step);
        let text = |step| serde_json::to_string(&figures(step)).unwrap();
        assert!(is_later(&text(8), &figures(7)));
        assert!(!is_later(&text(7), &figures(7)) && !is_later(&text(6), &figures(7)));
        let newer = text(7).replace("\"version\":1", "\"version\":2");
        assert!(is_later(&newer, &figures(7)));
        assert!(!is_later("nothing of ours", &figures(0)));
    }

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
