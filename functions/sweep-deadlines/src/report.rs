//! What a run did, counted while it runs.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use domain::{application::Application, calendar, ids::ApplicationId, lifecycle::Event};
use serde::{Deserialize, Serialize};

/// A dry run lists at most this many.
const LONGEST_LIST: usize = 1_000;

/// What a run did, or would do where it was dry.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Swept {
    /// Cases whose instant had come by the index.
    pub looked_at: u64,
    /// Terms that an outage lengthened (CNF-4).
    pub extended: u64,
    /// Cases whose next instant changed, and nothing else.
    pub rescheduled: u64,
    /// Reminders that go out (CNF-3).
    pub reminded: u64,
    /// Events that took effect, by their code.
    pub ended: BTreeMap<String, u64>,
    /// Effects before which another write came, of a person's answer or of another run: the next run looks again.
    pub contended: u64,
    /// What could not be judged or written; the log says which and why.
    pub failed: u64,
    /// Requests to the store, all in all.
    pub requests: u64,
    /// Campaigns that have cases for which something comes by itself.
    pub campaigns: u64,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// Whether time ran out before everything was looked at: the next run goes on.
    pub cut_short: bool,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// What a dry run would do, at most a thousand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub would: Vec<Would>,
}

impl Swept {
    /// Effects that were written.
    pub fn effects(&self) -> u64 {
        self.extended + self.rescheduled + self.reminded + self.ended.values().sum::<u64>()
    }

    /// Whether there was anything to do.
    pub(crate) fn did_something(&self) -> bool {
        self.effects() + self.contended + self.failed > 0
    }

    /// The run's one line in the log.
    pub(crate) fn tell(&self) {
        tracing::info!(
            looked_at = self.looked_at,
            extended = self.extended,
            rescheduled = self.rescheduled,
            reminded = self.reminded,
            ended = ?self.ended,
            contended = self.contended,
            failed = self.failed,
            requests = self.requests,
            campaigns = self.campaigns,
            ms = self.ms,
            cut_short = self.cut_short,
            dry_run = self.dry_run,
            "swept"
        );
    }
}

/// One thing that a dry run would do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Would {
    /// To which application.
    pub application: ApplicationId,
    /// `extended`, `rescheduled`, `reminded`, or the event's code.
    pub what: String,
    /// Since when it has been due, in RFC 3339 with Rome's offset, by the campaign's clock.
    pub due: String,
}

/// One effect on a case.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effect {
    /// An outage lengthened a term.
    Extended,
    /// Only the next instant is another.
    Rescheduled,
    /// The employer is reminded.
    Reminded,
    /// The term is over.
    Ended(Event),
}

impl Effect {
    const fn code(self) -> &'static str {
        match self {
            Self::Extended => "extended",
            Self::Rescheduled => "rescheduled",
            Self::Reminded => "reminded",
            Self::Ended(event) => event.code(),
        }
    }
}

/// The count of a run under way.
#[derive(Debug)]
pub(crate) struct Tally(Mutex<Swept>);

impl Tally {
    pub(crate) fn new(is_dry: bool) -> Self {
        Self(Mutex::new(Swept { dry_run: is_dry, ..Swept::default() }))
    }

    pub(crate) fn campaign(&self) {
        self.note(|swept| swept.campaigns += 1);
    }

    pub(crate) fn looked_at(&self, cases: usize) {
        self.note(|swept| swept.looked_at += u64::try_from(cases).unwrap_or_default());
    }

    pub(crate) fn contended(&self) {
        self.note(|swept| swept.contended += 1);
    }

    pub(crate) fn failed(&self) {
        self.note(|swept| swept.failed += 1);
    }

    pub(crate) fn cut_short(&self) {
        self.note(|swept| swept.cut_short = true);
    }

    /// An effect on a case as it was before.
    pub(crate) fn effect(&self, effect: Effect, before: &Application) {
        self.note(|swept| {
            match effect {
                Effect::Extended => swept.extended += 1,
                Effect::Rescheduled => swept.rescheduled += 1,
                Effect::Reminded => swept.reminded += 1,
                Effect::Ended(event) => {
                    *swept.ended.entry(event.code().to_owned()).or_default() += 1;
                }
            }
            if swept.dry_run && swept.would.len() < LONGEST_LIST {
                let due = before.case().and_then(|case| case.due).unwrap_or(before.changed);
                swept.would.push(Would {
                    application: before.id.clone(),
                    what: effect.code().to_owned(),
                    due: calendar::rfc3339(due),
                });
            }
        });
    }

    pub(crate) fn finish(self) -> Swept {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, note: impl FnOnce(&mut Swept)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
