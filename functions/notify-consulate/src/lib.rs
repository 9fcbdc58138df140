//! Sends the consular system each decision, oldest first, until it acknowledges (CNF-1).

mod wire;

use std::convert::Infallible;

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::ids::ApplicationId;
use jiff::{SignedDuration, Timestamp};
use outside::{
    clock, config,
    log::chain,
    machine_token::MachineKey,
    queue::{self, Message, MessageOutcome},
};
use store::{
    Store,
    consulate::ConsularRow,
    keys,
    rows::{StoreError, instant},
};
use thiserror::Error;

pub use self::wire::{Consulate, DecisionMessage, DeliveryError, UnusableConsulate};

/// Pauses after each attempt; the last one for ever, since only the consular system may say that it knows. The first is
/// longer than an attempt can take, so that no second begins beside it.
const PAUSES: [SignedDuration; 6] = [
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_mins(60),
];

/// How much later than an older message a newer one is looked at again.
const BEHIND: SignedDuration = SignedDuration::from_secs(1);

/// What telling needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    consulate: Consulate,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] config::ConfigError),
    /// The consular system cannot be asked.
    #[error(transparent)]
    Consulate(#[from] UnusableConsulate),
}

impl App {
    /// Reads the table, the address and the secret of our key.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let store = Store::open(sdk)?;
        let address = config::required("CONSULATE_URL")?;
        let secret = config::secret(sdk, "CONSULATE_SECRET_ID").await?;
        let consulate = Consulate::new(&address, MachineKey::of_portal(&secret))?;
        Ok(Self { store, consulate })
    }
}

/// A batch of the queue.
pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Infallible> {
    Ok(queue::handle_each(event, |message| handle_message(app, message)).await)
}

/// The decisions of an application wait in the table: each delivery of a message sends all of them.
async fn handle_message(app: &App, message: Message) -> MessageOutcome {
    let about =
        keys::application_of(&message.pk).filter(|_| message.sk.starts_with(keys::CONSULAR_PREFIX));
    let Some(id) = about else {
        tracing::error!("message about nothing that the consular system learns");
        return MessageOutcome::Again;
    };
    match deliver_waiting(app, &id, &message.sk).await {
        Ok(true) => MessageOutcome::Done,
        Ok(false) => {
            tracing::error!(application.id = %id, "the decision of a message does not exist");
            MessageOutcome::Again
        }
        Err(error) => {
            tracing::error!(application.id = %id, cause = chain(&error), "nothing told");
            MessageOutcome::Again
        }
    }
}

/// Sends what waits, oldest first, until nothing is left or the consular system does not take one. False when the row
/// that the message names does not exist.
async fn deliver_waiting(app: &App, id: &ApplicationId, asked: &str) -> Result<bool, StoreError> {
    loop {
        let now = clock::wall();
        let rows = app.store.consular_messages.of(id).await?;
        if !rows.iter().any(|row| keys::consular_message(id, row.version).sk == asked) {
            return Ok(false);
        }
        let Some(oldest) = oldest_waiting(&rows) else { return Ok(true) };
        let next = now + pause_after(oldest.attempts);
        if !oldest.is_due(now) {
            return defer_newer(app, &rows, oldest, now).await.map(|()| true);
        }
        if !app.store.consular_messages.take(oldest, next).await? {
            // Another delivery sends it, and goes on with the others.
            return Ok(true);
        }
        match app.consulate.deliver(&DecisionMessage::of(id, oldest)?, now).await {
            Ok(()) => {
                app.store.consular_messages.record_acknowledged(oldest, clock::wall()).await?;
                tracing::info!(
                    application.id = %id,
                    version = oldest.version,
                    decision = oldest.decision.code(),
                    attempts = oldest.attempts + 1,
                    "the consular system knows"
                );
            }
            Err(error) => {
                tracing::warn!(
                    application.id = %id,
                    version = oldest.version,
                    attempts = oldest.attempts + 1,
                    next = %next,
                    cause = chain(&error),
                    "the consular system does not answer as it should"
                );
                let rows = app.store.consular_messages.of(id).await?;
                if let Some(oldest) = oldest_waiting(&rows) {
                    defer_newer(app, &rows, oldest, now).await?;
                }
                return Ok(true);
            }
        }
    }
}

fn oldest_waiting(rows: &[ConsularRow]) -> Option<&ConsularRow> {
    rows.iter().filter(|row| row.is_waiting()).min_by_key(|row| row.version)
}

/// Newer decisions wait for the oldest and its pause, so that the consular system learns all of them in their order.
async fn defer_newer(
    app: &App,
    rows: &[ConsularRow],
    oldest: &ConsularRow,
    now: Timestamp,
) -> Result<(), StoreError> {
    let due = oldest.due().and_then(|due| instant(due).ok()).unwrap_or(now) + BEHIND;
    for row in rows.iter().filter(|row| row.is_waiting() && row.version > oldest.version) {
        if row.due() != Some(store::rows::millis(due)) {
            app.store.consular_messages.defer(row, due).await?;
        }
    }
    Ok(())
}

/// The pause after an attempt, by how many there were before.
fn pause_after(attempts: u32) -> SignedDuration {
    let [.., last] = PAUSES;
    usize::try_from(attempts).ok().and_then(|index| PAUSES.get(index)).copied().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CNF-1: it is tried until it is acknowledged, ever more rarely and never less than once an hour.
    #[test]
    fn pauses_grow_and_then_stay_at_an_hour() {
        let minutes: Vec<_> = (0..9).map(|n| pause_after(n).as_secs()).collect();
        assert_eq!(minutes, [30, 60, 120, 300, 900, 3600, 3600, 3600, 3600]);
        assert_eq!(pause_after(u32::MAX), SignedDuration::from_mins(60));
        assert!(pause_after(0) > wire::longest_attempt(), "no second attempt begins beside one");
    }
}
