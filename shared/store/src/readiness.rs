//! Stores new content of a draft together with what follows from it: state, claim, notices (FRM-3, LIM-1, NEW-2).

use domain::{
    application::{Application, Attention, Who},
    calendar,
    decision::Decision,
    form::{Schema, Values},
    lifecycle::{Event, Refused, State},
    readiness::{self, ContentSource, HeadChange},
};
use jiff::Timestamp;
use thiserror::Error;

use crate::{
    applications::{
        Applications,
        commit::{Companion, Content},
        saved::SavedRow,
        tasks::Task,
    },
    drafts::{Draft, Drafts},
    questions::Question,
    rows::{SaveError, StoreError},
};
use outside::keying::Keying;

/// Where content is stored.
#[derive(Clone, Copy, Debug)]
pub struct ContentWriter<'a> {
    /// Heads, events, claims, notices.
    pub applications: &'a Applications,
    /// Section bodies.
    pub drafts: &'a Drafts,
    /// Turns the worker into a claim.
    pub keying: &'a Keying,
}

/// New content, as it is to be stored.
#[derive(Debug)]
pub struct NewContent<'a> {
    /// The head that was loaded.
    pub head: &'a Application,
    /// Its form.
    pub schema: &'a Schema,
    /// The content that was loaded.
    pub draft: &'a Draft,
    /// The content to be stored.
    pub values: Values,
    /// Whose values are new.
    pub source: ContentSource,
    /// Who is recorded as having done it.
    pub who: Who,
    /// When, by the gateway or the wall clock.
    pub at: Timestamp,
    /// The campaign's now, which decides what day it is.
    pub campaign_now: Timestamp,
    /// The reason to look at it from now on, should it stay *da completare* without moving.
    pub attention: Option<Attention>,
    /// Whether the history shows it although the state stays: an explicit *Salva*.
    pub is_explicit: bool,
    /// Questions to registries that go with it.
    pub tasks: Vec<Task>,
    /// What else is written with it.
    pub also: Vec<Companion<'a>>,
}

/// What was stored.
#[derive(Debug)]
pub enum Recorded {
    /// Content and head; the head as it is now.
    Stored {
        /// The head as it is now.
        head: Box<Application>,
        /// What happened in the lifecycle.
        event: Option<Event>,
    },
    /// Nothing: after the freeze the values would have broken readiness, and are a remark for the officer (ENR-3).
    Remark,
}

/// Why nothing was stored.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The lifecycle has no such change: it was sent or ended meanwhile.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The store did not take it.
    #[error(transparent)]
    Save(#[from] SaveError),
}

impl ContentWriter<'_> {
    /// Stores content and consequences in one transaction, or nothing.
    pub async fn record(&self, entry: &NewContent<'_>) -> Result<Recorded, RecordError> {
        let today = calendar::local_date(entry.campaign_now);
        let owner = &entry.head.parties.owner;
        let ready = readiness::ready(entry.schema, &entry.values, today, entry.at, |worker| {
            self.keying.worker(owner, worker)
        });
        let who = || entry.who.clone();
        let step = readiness::step(entry.head, ready, entry.source, who(), entry.at)?;
        match self.store(entry, step).await {
            // Nothing of it was stored: the content is, with the reason why it is not ready (LIM-1).
            Err(SaveError::WorkerTaken) => {
                let step = readiness::worker_taken(entry.head, who(), entry.at)?;
                Ok(self.store(entry, step).await?)
            }
            stored => Ok(stored?),
        }
    }

    /// The questions to registries that the new content needs and the old one did not (ENR-1).
    pub async fn new_tasks(
        &self,
        head: &Application,
        schema: &Schema,
        before: &Values,
        after: &Values,
        now: Timestamp,
    ) -> Result<Vec<Task>, StoreError> {
        let asked_before = Question::of_schema(schema, before);
        let mut wanted = Question::of_schema(schema, after);
        wanted.retain(|question| !asked_before.contains(question));
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let tasks = self.applications.tasks(&head.id).await?;
        wanted.retain(|question| {
            !tasks.iter().any(|task| Question::of_task(&task.name) == Some(*question))
        });
        Ok(wanted.into_iter().filter_map(|question| question.new_task(&tasks, now)).collect())
    }

    async fn store(&self, entry: &NewContent<'_>, step: HeadChange) -> Result<Recorded, SaveError> {
        let before = entry.head;
        let decision = match step {
            HeadChange::Remark => return Ok(Recorded::Remark),
            HeadChange::Moves(decision) => Some(*decision),
            HeadChange::Stays => noticeable(entry),
        };
        let content = Content {
            schema: entry.schema,
            before: entry.draft,
            after: &entry.values,
            today: calendar::local_date(entry.campaign_now),
        };
        let saved =
            SavedRow::of(before, entry.schema, entry.draft, &entry.values, &entry.who, entry.at);
        let mut along = vec![Companion::Content(self.drafts, content)];
        along.extend(saved.as_ref().map(Companion::Saved));
        along.extend(&entry.also);
        let Some(decision) = decision else {
            if entry.values != entry.draft.values() || !entry.also.is_empty() {
                self.applications.commit_without_decision(before, &along).await?;
            }
            return Ok(Recorded::Stored { head: Box::new(before.clone()), event: None });
        };
        along.push(Companion::NewQuestions(&entry.tasks));
        self.applications.commit(&decision, &along).await?;
        let event = decision.occurrence().event;
        Ok(Recorded::Stored { head: Box::new(decision.into_after()), event })
    }
}

/// The decision about something that the history shows although the state stays; none where nothing is worth it.
fn noticeable(entry: &NewContent<'_>) -> Option<Decision> {
    let is_worth_it = entry.is_explicit || !entry.tasks.is_empty();
    let is_open = entry.head.state() == State::ToComplete;
    let has_news = is_open && entry.attention != entry.head.stage.attention();
    (is_worth_it || has_news)
        .then(|| readiness::noted(entry.head, entry.attention, entry.who.clone(), entry.at))
}
