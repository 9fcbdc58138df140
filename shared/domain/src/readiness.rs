//! What the content of a draft means for its state: ready, ready again, open again, or none of it (FRM-3, ENR-3, NEW-2).

mod radar;

use jiff::{Timestamp, civil::Date};

use crate::{
    application::{Application, ArmedSend, Attention, Ready, Stage, Who},
    campaign::Campaign,
    decision::Decision,
    form::{Schema, Values, WorkerIdentity},
    lifecycle::{Event, Refused, State, consequence::Act},
};

pub use self::radar::{Awaited, NamedField, Obstacle, PersonName, Summary, WhoMustAct, obstacles};

/// Who gave the values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ContentSource {
    /// A person at a keyboard.
    Person,
    /// A registry; from the freeze before an opening its values may no longer break readiness (ENR-3), nor change what is
    /// armed (NEW-1).
    Registry {
        /// Whether the freeze has begun.
        frozen: bool,
    },
}

impl ContentSource {
    /// A registry that answers about an application at the campaign's now.
    pub fn registry(head: &Application, campaign: &Campaign, now: Timestamp) -> Self {
        let frozen = match head.stage.armed() {
            Some(armed) => campaign.is_frozen_armed(&head.model, armed, now),
            None => campaign.is_frozen(&head.model, now),
        };
        Self::Registry { frozen }
    }
}

/// How new content changes the head of the application.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HeadChange {
    /// The head stays as it is.
    Stays,
    /// The head changes; without an event when the state does not.
    Moves(Box<Decision>),
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

/// What the new content (`ready`, or something missing) does to an application that is not sent yet; `who` gave it.
///
/// # Errors
/// Refused where the lifecycle knows no such change: the content of a sent or ended application stays as it is.
pub fn step(
    head: &Application,
    ready: Option<Ready>,
    source: ContentSource,
    who: Who,
    now: Timestamp,
) -> Result<HeadChange, Refused> {
    match (&head.stage, ready) {
        (Stage::Armed(send), ready) => armed_step(head, send, ready, source, who, now),
        (Stage::ToSend(frozen), Some(ready)) if frozen.is_the_same_as(&ready) => {
            Ok(HeadChange::Stays)
        }
        (Stage::ToSend(_), Some(ready)) => Ok(HeadChange::moves(head.ready_again(ready, who, now))),
        (Stage::ToSend(_), None) if source == (ContentSource::Registry { frozen: true }) => {
            Ok(HeadChange::Remark)
        }
        (_, Some(ready)) => Ok(HeadChange::moves(head.complete(ready, who, now)?)),
        // A person who takes the worker out of a complete form has dealt with the reason to look at it.
        (Stage::ToComplete { attention: Some(Attention::WorkerTaken) }, None) => {
            Ok(HeadChange::moves(head.with_attention(None, Act::ChangeContent, who, now)))
        }
        (Stage::ToComplete { .. }, None) => Ok(HeadChange::Stays),
        (_, None) => Ok(HeadChange::moves(head.reopen(None, who, now)?)),
    }
}

/// What new content does to an armed application (NEW-1). A person disarms it first: what they armed is what is sent.
fn armed_step(
    head: &Application,
    send: &ArmedSend,
    ready: Option<Ready>,
    source: ContentSource,
    who: Who,
    now: Timestamp,
) -> Result<HeadChange, Refused> {
    let frozen = match source {
        ContentSource::Person => {
            return Err(Refused { from: State::Armed, event: Event::Complete });
        }
        ContentSource::Registry { frozen } => frozen,
    };
    match ready {
        Some(ready) if send.ready.is_the_same_as(&ready) => Ok(HeadChange::Stays),
        Some(_) | None if frozen => Ok(HeadChange::Remark),
        Some(ready) => Ok(HeadChange::moves(head.ready_again(ready, who, now))),
        None => Ok(HeadChange::moves(head.reopen(None, who, now)?)),
    }
}

/// Where an application goes whose content is complete but whose worker has a live application of this employer (LIM-1):
/// it stays, or is again, *da completare* with a visible reason.
///
/// # Errors
/// Refused where the lifecycle knows no such change.
pub fn worker_taken(head: &Application, who: Who, now: Timestamp) -> Result<HeadChange, Refused> {
    let attention = Some(Attention::WorkerTaken);
    match &head.stage {
        Stage::ToComplete { attention: before } if *before == attention => Ok(HeadChange::Stays),
        Stage::ToComplete { .. } => {
            Ok(HeadChange::moves(head.with_attention(attention, Act::RaiseAttention, who, now)))
        }
        Stage::ToValidate
        | Stage::ToSend(_)
        | Stage::Armed(_)
        | Stage::Sent { .. }
        | Stage::Blocked { .. }
        | Stage::Deleted => Ok(HeadChange::moves(head.reopen(attention, who, now)?)),
    }
}

/// The same stage after new content that the history shows although the state stays (AUD-1), with this reason, or none,
/// for a person to look at an open draft.
pub fn noted(
    head: &Application,
    attention: Option<Attention>,
    who: Who,
    now: Timestamp,
) -> Decision {
    let is_open = head.state() == State::ToComplete;
    let raises = is_open && attention.is_some() && attention != head.stage.attention();
    let act = if raises { Act::RaiseAttention } else { Act::ChangeContent };
    head.with_attention(attention, act, who, now)
}

impl HeadChange {
    fn moves(decision: Decision) -> Self {
        Self::Moves(Box::new(decision))
    }
}

#[cfg(test)]
mod tests;
