//! Records the event of a submission and the notice of its receipt, shows it to its office and puts it into the order of
//! its model, once, and clears what waits; tells people of a place that came later (AUD-1, SUB-5, RNK-1, RNK-2).

use std::{
    convert::Infallible,
    sync::{Mutex, PoisonError},
};

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    application::{Application, Submission},
    calendar,
    campaign::Campaign,
    decision::{Context, StepError},
    ids::CampaignId,
    order::{OrderSeed, Rank, SeedChain},
    organisation::BasisKind,
    quota::{self, Claims},
};
use jiff::{Timestamp, civil::Date};
use outside::{
    aws::{self, SecretError},
    clock,
    config::{self, ConfigError},
    log::chain,
    queue::{self, Message, MessageOutcome},
};
use store::{
    Store,
    applications::commit::Companion,
    keys,
    places::RankedRow,
    rows::{SaveError, StoreError, instant},
};
use thiserror::Error;

/// What recording needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    seeds: Seeds,
}

/// The secret of which the chain of seeds of each campaign is derived (SUB-3), and the seed that was used last: deriving
/// one takes thousands of hashes, and a click day needs one seed.
struct Seeds {
    secret: Vec<u8>,
    last: Mutex<Option<(CampaignId, Date, OrderSeed)>>,
}

impl std::fmt::Debug for Seeds {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Seeds([redacted])")
    }
}

impl Seeds {
    fn of(&self, campaign: &CampaignId, arrival: Timestamp) -> OrderSeed {
        let day = calendar::local_date(arrival);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, on, seed)) = &*last
            && of == campaign
            && *on == day
        {
            return seed.clone();
        }
        let seed = SeedChain::derive(&self.secret, campaign).seed_of(day);
        *last = Some((campaign.clone(), day, seed.clone()));
        seed
    }
}

/// Why the function does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable is missing.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The seeds' secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// Why something was not recorded.
#[derive(Debug, Error)]
enum RecordError {
    #[error(transparent)]
    Save(#[from] SaveError),
    #[error(transparent)]
    Step(#[from] StepError),
    #[error("the campaign is not in force")]
    NoCampaign,
    #[error("an instant of the place is none")]
    Instant(#[from] jiff::Error),
}

impl From<StoreError> for RecordError {
    fn from(error: StoreError) -> Self {
        Self::Save(error.into())
    }
}

impl App {
    /// Reads the tables' names and the seeds' secret.
    ///
    /// # Errors
    /// A variable or the secret is missing: the function does not start.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let store = Store::open(sdk)?;
        let secret = aws::secret(sdk, &config::required("ORDER_SECRET_ID")?).await?;
        Ok(Self { store, seeds: Seeds { secret, last: Mutex::default() } })
    }
}

/// A batch of the history queue.
pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Infallible> {
    Ok(queue::handle_each(event, |message| record(app, message)).await)
}

async fn record(app: &App, message: Message) -> MessageOutcome {
    let Some(id) = keys::application_of(&message.pk) else {
        tracing::error!("message about something that is no application");
        return MessageOutcome::Again;
    };
    let head = match app.store.applications.head(&id).await {
        Ok(Some(head)) => head,
        Ok(None) => {
            tracing::error!(application.id = %id, "the application of a message does not exist");
            return MessageOutcome::Again;
        }
        Err(error) => {
            tracing::error!(application.id = %id, cause = chain(&error), "history not recorded");
            return MessageOutcome::Again;
        }
    };
    let recorded = if message.sk == keys::PLACE_MOVED_UP {
        moved_up_told(app, &head).await
    } else {
        submission_recorded(app, &head).await
    };
    match recorded {
        Ok(()) => {
            tracing::info!(application.id = %id, version = head.version, "recorded");
            MessageOutcome::Done
        }
        // Recorded by an earlier delivery, or the head moved on after it was recorded: nothing is left to do.
        Err(RecordError::Save(
            SaveError::Conflict | SaveError::LimitReached | SaveError::WorkerTaken,
        )) if message.sk != keys::PLACE_MOVED_UP => {
            tracing::info!(application.id = %id, "submission was recorded before");
            MessageOutcome::Done
        }
        Err(error) => {
            tracing::error!(application.id = %id, cause = chain(&error), "history not recorded");
            MessageOutcome::Again
        }
    }
}

/// The submission's event and receipt, with where it stands in the order of its model (RNK-1); without the latter where
/// its model has no quota. What was not sent has nothing to record.
async fn submission_recorded(app: &App, head: &Application) -> Result<(), RecordError> {
    let (Some(decision), Some(submission)) = (head.as_submitted(), head.stage.submission()) else {
        return Ok(());
    };
    let campaign = app.store.campaigns.in_force(&head.campaign, clock::wall()).await?;
    let ranked = match campaign.filter(|campaign| quota::needs_place(campaign, head)) {
        Some(campaign) => Some(ranked(app, head, submission, &campaign).await?),
        None => None,
    };
    let now = clock::wall();
    Ok(app.store.applications.record_submission(&decision, ranked.as_ref(), now).await?)
}

/// Where a submission stands: by its arrival and the draw of its day, which nobody knew when it was sent (SUB-3). The rule of
/// the draw is that of the campaign's order, for what was armed and what was pressed (NEW-1).
async fn ranked(
    app: &App,
    head: &Application,
    submission: &Submission,
    campaign: &Campaign,
) -> Result<RankedRow, StoreError> {
    let arrival = submission.arrival;
    let seed = app.seeds.of(campaign.id(), arrival);
    let content = app.store.drafts.load(&head.id).await?;
    let basis = basis_of_filer(app, head, submission).await?;
    let claims = Claims::of(&content.values(), basis, &submission.ready.province);
    let rule = campaign.policies().order.draw_rule();
    let rank = Rank::new(arrival, &seed, rule, &head.id, &submission.code);
    let now = campaign.effective_now(clock::wall());
    if arrival >= now - campaign.policies().closing_delay() {
        return Ok(RankedRow::of(head, arrival, rank, claims));
    }
    // Positions before it may be final: it was set aside, and others were not kept waiting. It takes its position now. Read
    // each time: a copy of some seconds ago could say that its place in the order is still to come, and it would stand behind
    // where the ranking has looked, for ever without a position.
    let up_to = app.store.places.ranking(campaign.id()).await?.up_to;
    let rank = if up_to.get(&head.model).is_some_and(|last| rank <= *last) {
        tracing::warn!(application.id = %head.id, "recorded after later ones had their positions");
        let seed = app.seeds.of(campaign.id(), now);
        Rank::new(now, &seed, rule, &head.id, &submission.code)
    } else {
        rank
    };
    Ok(RankedRow::of(head, arrival, rank, claims))
}

/// On what the organisation that filed relied when the submission arrived; none where the employer filed.
async fn basis_of_filer(
    app: &App,
    head: &Application,
    submission: &Submission,
) -> Result<Option<BasisKind>, StoreError> {
    let Some(organisation) = &head.parties.organisation else { return Ok(None) };
    let found = app.store.organisations.find(organisation).await?;
    let basis = found.map(|found| found.basis).filter(|basis| basis.holds(submission.arrival));
    Ok(basis.map(|basis| basis.kind))
}

/// People are told of a place that came later, and the office's days begin with it, once (RNK-2, DEC-1).
async fn moved_up_told(app: &App, head: &Application) -> Result<(), RecordError> {
    let Some(place) = app.store.places.of(&head.id).await? else { return Ok(()) };
    let (true, Some(since)) = (place.waits_to_be_told, place.since) else { return Ok(()) };
    let campaign = app.store.campaigns.in_force(&head.campaign, clock::wall()).await?;
    let campaign = campaign.ok_or(RecordError::NoCampaign)?;
    let outages = app.store.outages.all().await?;
    let now = campaign.effective_now(clock::wall());
    let context = Context { campaign: &campaign, now, outages: &outages };
    match head.enter_quota(instant(since)?, &context)? {
        Some(decision) => {
            app.store.applications.commit(&decision, &[Companion::MovedUp]).await?;
        }
        // Given up in the meantime: nobody has to hear of it.
        None => app.store.places.nobody_to_tell(&head.id).await?,
    }
    Ok(())
}
