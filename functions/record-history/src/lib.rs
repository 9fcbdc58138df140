//! Records the event of a submission and the notice of its receipt, once, and clears what waits (AUD-1, SUB-5).

use std::convert::Infallible;

use adapters::{
    applications::{Applications, SaveError},
    clock,
    config::{self, MissingVariable},
    keys,
    log::chain,
    queue::{self, Handled, Message},
};
use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_dynamodb::Client;

/// What recording needs.
#[derive(Debug)]
pub struct Needs {
    applications: Applications,
}

impl Needs {
    /// Reads the table's name.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self, MissingVariable> {
        Ok(Self {
            applications: Applications::new(Client::new(sdk), config::required("PORTAL_TABLE")?),
        })
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
    let head = match needs.applications.head(&id).await {
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
    match needs.applications.record_submission(&head, clock::wall()).await {
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
