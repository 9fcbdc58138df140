//! Sends again all that has waited for too long, so that nothing is lost when the stream fails (SUB-5, ADR 0004).

mod walk;

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use domain::ids::ApplicationId;
use jiff::{SignedDuration, Timestamp};
use outside::{
    clock, config,
    log::chain,
    queue::{ForwardError, Forwarding, Queue, Queues},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Store, keys,
    pending::{Position, Round},
    rows::{StoreError, millis},
};
use thiserror::Error;

use self::walk::{Due, Walk, serve};

/// No new turn begins once a run has lasted so long: the function has fifty seconds. The next run goes on.
const BUDGET: SignedDuration = SignedDuration::from_secs(35);

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

/// Why a run failed, after all else was done; the next run goes on where it left.
#[derive(Debug, Error)]
pub enum ReconcileError {
    /// The payload is a request that cannot be understood.
    #[error("the payload asks for something that cannot be")]
    Payload(#[source] serde_json::Error),
    /// What was given up could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What waits for so many queues could not be read or sent; the log says which and why.
    #[error("{0} queues were not served")]
    Queues(usize),
}

/// Why a queue was not served in a run; the others were.
#[derive(Debug, Error)]
enum QueueError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Forward(#[from] ForwardError),
}

/// What a run is asked for; by the schedule, what is new.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RunRequest {
    /// Begin all rounds again: everything overdue is sent, also what was sent a moment ago.
    anew: bool,
    /// Let what was given up wait anew, up to a hundred of it.
    retry_given_up: bool,
    /// Give up by hand the record of a submission that cannot be written and holds back all later ones of its model; once
    /// it is mended, `retry_given_up` records it, and it takes its position then.
    set_aside: Option<ApplicationId>,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Reconciled {
    /// Items that had waited for too long and were looked at.
    pub overdue: usize,
    /// Messages that were sent for them.
    pub sent: usize,
    /// Items that were given up.
    pub given_up: usize,
    /// Items that had been given up and wait anew.
    pub retried: usize,
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

/// One run: page by page of every shard of every queue, the urgent first in each turn, from where the last run stopped.
/// Consumers do each thing once, so sending twice does no harm.
pub async fn reconcile(app: &App, payload: &Value) -> Result<Reconciled, ReconcileError> {
    let now = clock::wall();
    let asked = if payload.is_object() {
        RunRequest::deserialize(payload).map_err(ReconcileError::Payload)?
    } else {
        RunRequest::default()
    };
    let mut done = Reconciled::default();
    let mut failed = BTreeSet::new();
    if let Some(id) = &asked.set_aside {
        match app.store.pending.waiting(&keys::head(id)).await? {
            Some(waiting) => done.given_up += usize::from(give_up(app, &waiting, now).await?),
            None => tracing::warn!(application.id = %id, "nothing of it waits"),
        }
        return Ok(done);
    }
    if asked.retry_given_up {
        done.retried = app.store.pending.retry_given_up(now).await?;
    }
    let mut walks = Vec::new();
    for queue in Queue::ALL {
        match app.store.pending.round(queue).await {
            Ok(last) => walks.push(Walk::resume(queue, last, now, app.age, asked.anew)),
            Err(error) => not_served(queue, &error, &mut failed),
        }
    }
    let served = serve(
        walks,
        || clock::wall().duration_since(now) < BUDGET,
        async |queue, shard: String, after: Option<Position>| {
            let page = app.store.pending.page(queue, &shard, after.as_ref(), now - app.age);
            Ok::<_, QueueError>(page.await?)
        },
        async |due: Due| act(app, &due, now).await,
        async |queue, round: Round| {
            Ok::<_, QueueError>(app.store.pending.record_round(queue, &round).await?)
        },
    )
    .await;
    done.overdue += served.overdue;
    done.sent += served.sent;
    done.given_up += served.given_up;
    for (queue, error) in &served.failed {
        not_served(*queue, error, &mut failed);
    }
    for queue in Queue::ALL {
        if let Err(error) = report_oldest(app, queue, now).await {
            not_served(queue, &error, &mut failed);
        }
    }
    let any_given_up = i32::from(app.store.pending.has_given_up().await?);
    tracing::info!(
        overdue = done.overdue,
        sent = done.sent,
        given_up = done.given_up,
        any_given_up,
        failed = failed.len(),
        "reconciled"
    );
    if failed.is_empty() { Ok(done) } else { Err(ReconcileError::Queues(failed.len())) }
}

/// Sends what a turn found, and gives up what was due for too long; gives how many of each.
async fn act(app: &App, due: &Due, now: Timestamp) -> Result<(usize, usize), QueueError> {
    let sent = app.queues.forward(&due.sent, now).await?;
    let mut given_up = 0;
    for one in &due.given_up {
        given_up += usize::from(give_up(app, one, now).await?);
    }
    Ok((sent, given_up))
}

/// Gives up what could not be done for days; the office of its application finds it among its flags.
async fn give_up(app: &App, one: &Forwarding, now: Timestamp) -> Result<bool, StoreError> {
    let head = match keys::application_of(&one.message.pk) {
        Some(id) => app.store.applications.head(&id).await?,
        None => None,
    };
    let is_given_up = app.store.pending.give_up(one, head.as_ref(), now).await?;
    if is_given_up {
        tracing::error!(item = one.message.pk, queue = one.queue.code(), "given up");
    }
    Ok(is_given_up)
}

/// The line from which the age of the oldest item becomes a figure, and an alarm where it is too old.
async fn report_oldest(app: &App, queue: Queue, now: Timestamp) -> Result<(), StoreError> {
    let oldest = app.store.pending.oldest(queue).await?;
    let waited = oldest.map_or(0, |due| (millis(now) - due).max(0) / 1000);
    tracing::info!(queue = queue.code(), oldest_seconds = waited, "oldest that waits");
    Ok(())
}

fn not_served(
    queue: Queue,
    error: &(dyn std::error::Error + 'static),
    failed: &mut BTreeSet<&'static str>,
) {
    tracing::error!(queue = queue.code(), cause = chain(error), "queue not served");
    failed.insert(queue.code());
}
