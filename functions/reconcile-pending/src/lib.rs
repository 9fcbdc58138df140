//! Sends again all that has waited for too long, so that nothing is lost when the stream fails (SUB-5, ADR 0004).

use aws_config::SdkConfig;
use jiff::SignedDuration;
use outside::{
    clock, config,
    queue::{ForwardError, Queues},
};
use serde::Serialize;
use store::{Store, pending::Pending, rows::StoreError};
use thiserror::Error;

/// What reconciling needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    queues: Queues,
    /// What is due for longer than this is sent again.
    age: SignedDuration,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] config::ConfigError),
    /// The age is no number of seconds.
    #[error("PENDING_AGE_SECONDS is not a number")]
    Age(#[from] std::num::ParseIntError),
}

/// Why a run stopped; the next run goes on where it left.
#[derive(Debug, Error)]
pub enum ReconcileError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queues failed.
    #[error(transparent)]
    Forward(#[from] ForwardError),
}

/// What a run did.
#[derive(Debug, Serialize)]
pub struct Reconciled {
    /// Items that had waited for too long.
    pub overdue: usize,
    /// Messages that were sent for them.
    pub sent: usize,
}

impl App {
    /// Reads table, queues and age.
    pub fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let store = Store::open(sdk)?;
        Ok(Self {
            store,
            queues: Queues::from_environment(sdk)?,
            age: SignedDuration::from_secs(config::required("PENDING_AGE_SECONDS")?.parse()?),
        })
    }
}

/// One run: every shard, page by page. Consumers do each thing once, so sending twice does no harm.
pub async fn reconcile(app: &App) -> Result<Reconciled, ReconcileError> {
    let now = clock::wall();
    let mut done = Reconciled { overdue: 0, sent: 0 };
    for shard in Pending::shards() {
        let overdue = app.store.pending.overdue(&shard, now - app.age).await?;
        done.overdue += overdue.len();
        done.sent += app.queues.forward(&overdue, now).await?;
        for forwarding in &overdue {
            tracing::info!(
                item = forwarding.message.pk,
                queue = forwarding.queue.code(),
                "sent again"
            );
        }
    }
    tracing::info!(overdue = done.overdue, sent = done.sent, "reconciled");
    Ok(done)
}
