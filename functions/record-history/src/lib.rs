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
    queue::{self, Handled, Message},
};
use store::{Store, keys, rows::SaveError};

/// What recording needs.
#[derive(Debug)]
pub struct Needs {
    store: Store,
}

impl Needs {
    /// Reads the table's name.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self { store })
    }
}

/// A batch of the history queue.
pub async fn handle(needs: &Needs, event: SqsEvent) -> Result<SqsBatchResponse, Infallible> {
    Ok(queue::each(event, |message| record(needs, message)).await)
}

async fn record(needs: &Needs, message: Message) -> Handled {
    let Some(id) = keys::application_of(&message.pk) else {
        tracing::error!("message about something that is no application");
        return Handled::Again;
    };
    let head = match needs.store.applications.head(&id).await {
        Ok(Some(head)) => head,
        Ok(None) => {
            tracing::error!(application.id = %id, "the application of a message does not exist");
            return Handled::Again;
        }
        Err(error) => {
            tracing::error!(application.id = %id, cause = chain(&error), "history not recorded");
            return Handled::Again;
        }
    };
    match submission_recorded(needs, &head).await {
        Ok(()) => {
            tracing::info!(application.id = %id, version = head.version, "submission recorded");
            Handled::Done
        }
        // Recorded by an earlier delivery, or the head moved on after it was recorded: nothing is left to do.
        Err(SaveError::Conflict | SaveError::LimitReached | SaveError::WorkerTaken) => {
            tracing::info!(application.id = %id, "submission was recorded before");
            Handled::Done
        }
        Err(SaveError::Store(error)) => {
            tracing::error!(application.id = %id, cause = chain(&error), "history not recorded");
            Handled::Again
        }
    }
}

/// The submission's event and receipt, with its wait for a place in its quota line (RNK-1); none of the latter where its
/// model has no quota. What was not sent has nothing to record.
async fn submission_recorded(needs: &Needs, head: &Application) -> Result<(), SaveError> {
    let Some(decision) = head.as_submitted() else { return Ok(()) };
    let campaign = needs.store.campaigns.in_force(&head.campaign, clock::wall()).await?;
    needs.store.applications.record_submission(&decision, campaign.as_deref(), clock::wall()).await
}
