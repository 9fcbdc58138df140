//! What the content of a draft means for its state: ready, ready again, open again, or none of it (FRM-3, ENR-3, NEW-2).

mod radar;

use jiff::{Timestamp, civil::Date};

use crate::{
    application::{Application, Attention, Ready, Stage},
    form::{Schema, Values, WorkerIdentity},
    lifecycle::{Event, Refused},
};

pub use self::radar::{Acts, Awaited, NamedField, Obstacle, PersonName, Summary, obstacles};

/// Who gave the values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Giver {
    /// A person at a keyboard.
    Person,
    /// A registry; from the freeze before an opening its values may no longer break readiness (ENR-3).
    Registry {
        /// Whether the freeze has begun.
        frozen: bool,
    },
}

/// How new content changes the head of the application.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// The head stays as it is.
    Stays,
    /// The head changes; without an event when the state does not.
    Moves {
        /// The head to be stored.
        after: Box<Application>,
        /// What happened in the lifecycle.
        event: Option<Event>,
    },
    /// Nothing may be stored: the values become a remark for the officer (ENR-3).
    Remark,
}

/// What an application with these values is frozen with from `now` on; none while something is missing or contradicts
/// itself.
///
/// `claim` turns the worker into the claim of LIM-1, which is keyed and so not computed here.
pub fn ready(
    schema: &Schema,
    values: &Values,
    today: Date,
    now: Timestamp,
    claim: impl FnOnce(&WorkerIdentity) -> String,
) -> Option<Ready> {
    if !schema.completeness(values, today).is_complete() {
        return None;
    }
    Some(Ready {
        digest: schema.content_digest(values),
        worker: if schema.asks_for_worker() { Some(claim(&schema.worker(values)?)) } else { None },
        province: schema.workplace_province(values)?,
        since: now,
    })
}

/// What the new content (`ready`, or something missing) does to an application that is not sent yet.
///
/// # Errors
/// Refused where the lifecycle knows no such change: the content of a sent or ended application stays as it is.
pub fn step(
    head: &Application,
    ready: Option<Ready>,
    giver: Giver,
    now: Timestamp,
) -> Result<Step, Refused> {
    match (&head.stage, ready) {
        (Stage::ToSend(held), Some(ready)) if held.is_the_same_as(&ready) => Ok(Step::Stays),
        (Stage::ToSend(_), Some(ready)) => Ok(Step::moves(head.ready_again(ready, now), None)),
        (Stage::ToSend(_), None) if giver == (Giver::Registry { frozen: true }) => Ok(Step::Remark),
        (_, Some(ready)) => Ok(Step::moves(head.complete(ready, now)?, Some(Event::Complete))),
        // A person who takes the worker out of a complete form has dealt with the reason to look at it.
        (Stage::ToComplete { attention: Some(Attention::WorkerTaken) }, None) => {
            Ok(Step::moves(head.with_attention(None, now), None))
        }
        (Stage::ToComplete { .. }, None) => Ok(Step::Stays),
        (_, None) => Ok(Step::moves(head.reopen(now)?, Some(Event::Reopen))),
    }
}

/// Where an application goes whose content is complete but whose worker has a live application of this employer (LIM-1):
/// it stays, or is again, *da completare* with a visible reason.
///
/// # Errors
/// Refused where the lifecycle knows no such change.
pub fn worker_taken(head: &Application, now: Timestamp) -> Result<Step, Refused> {
    let attention = Some(Attention::WorkerTaken);
    match head.stage {
        Stage::ToComplete { attention: held } if held == attention => Ok(Step::Stays),
        Stage::ToComplete { .. } => Ok(Step::moves(head.with_attention(attention, now), None)),
        _ => {
            let after = Application { stage: Stage::ToComplete { attention }, ..head.reopen(now)? };
            Ok(Step::moves(after, Some(Event::Reopen)))
        }
    }
}

/// Why a person should look at it, if there is a reason.
pub const fn attention(head: &Application) -> Option<Attention> {
    match head.stage {
        Stage::ToComplete { attention } => attention,
        Stage::ToValidate
        | Stage::ToSend(_)
        | Stage::Sent { .. }
        | Stage::Blocked { .. }
        | Stage::Deleted => None,
    }
}

/// The same stage after something that the history shows although the state stays (AUD-1).
#[must_use]
pub fn noted(head: &Application, now: Timestamp) -> Application {
    Application { version: head.version + 1, changed: now, ..head.clone() }
}

impl Step {
    fn moves(after: Application, event: Option<Event>) -> Self {
        Self::Moves { after: Box::new(after), event }
    }
}

#[cfg(test)]
mod tests;
