//! Records the event of a submission and the notice of its receipt, shows it to its office and puts it into the order of
//! its quota line, once, and clears what waits (AUD-1, SUB-5, RNK-1).

use std::convert::Infallible;

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::application::Application;
use outside::{
    clock,
    config::ConfigError,
    log::chain,
    queue::{self, Message, MessageOutcome},
};
use store::{Store, keys, rows::SaveError};

/// What recording needs.
#[derive(Debug)]
pub struct App {
    store: Store,
}

impl App {
    /// Reads the table's name.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self { store })
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
    match submission_recorded(app, &head).await {
        Ok(()) => {
            tracing::info!(application.id = %id, version = head.version, "submission recorded");
            MessageOutcome::Done
        }
        // Recorded by an earlier delivery, or the head moved on after it was recorded: nothing is left to do.
        Err(SaveError::Conflict | SaveError::LimitReached | SaveError::WorkerTaken) => {
            tracing::info!(application.id = %id, "submission was recorded before");
            MessageOutcome::Done
        }
        Err(SaveError::Store(error)) => {
            tracing::error!(application.id = %id, cause = chain(&error), "history not recorded");
            MessageOutcome::Again
        }
    }
}

/// The submission's event and receipt, with its wait for a place in its quota line (RNK-1); none of the latter where its
/// model has no quota. What was not sent has nothing to record.
async fn submission_recorded(app: &App, head: &Application) -> Result<(), SaveError> {
    let Some(decision) = head.as_submitted() else { return Ok(()) };
    let campaign = app.store.campaigns.in_force(&head.campaign, clock::wall()).await?;
    app.store.applications.record_submission(&decision, campaign.as_deref(), clock::wall()).await
}
