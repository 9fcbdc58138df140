//! What a run did, counted while it runs.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use domain::{
    application::Application,
    calendar,
    decision::Decision,
    ids::ApplicationId,
    lifecycle::consequence::{Act, Cause},
    procedure::Procedure,
};
use serde::{Deserialize, Serialize};

/// A dry run lists at most this many.
const LONGEST_LIST: usize = 1_000;

/// What a run did, or would do where it was dry.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SweepReport {
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
    pub would: Vec<PlannedEffect>,
}

impl SweepReport {
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
pub struct PlannedEffect {
    /// To which application.
    pub application: ApplicationId,
    /// `extended`, `rescheduled`, `reminded`, or the event's code.
    pub what: String,
    /// Since when it has been due, in RFC 3339 with Rome's offset, by the campaign's clock.
    pub due: String,
}

/// How a run names what it did: `extended`, `rescheduled`, `reminded`, or the event's code.
const fn code(cause: Cause) -> &'static str {
    match cause {
        Cause::Act(Act::ExtendTerm) => "extended",
        Cause::Act(Act::Remind) => "reminded",
        Cause::Act(Act::Reschedule) => "rescheduled",
        Cause::Act(act) => act.code(),
        Cause::Event(event) => event.code(),
        Cause::Agreement(event) => event.code(),
    }
}

/// The count of a run under way.
#[derive(Debug)]
pub(crate) struct Tally(Mutex<SweepReport>);

impl Tally {
    pub(crate) fn new(is_dry: bool) -> Self {
        Self(Mutex::new(SweepReport { dry_run: is_dry, ..SweepReport::default() }))
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

    /// What was done to a case, or would be.
    pub(crate) fn effect(&self, decision: &Decision) {
        let cause = decision.cause();
        self.note(|swept| {
            match cause {
                Cause::Act(Act::ExtendTerm) => swept.extended += 1,
                Cause::Act(Act::Remind) => swept.reminded += 1,
                Cause::Act(_) => swept.rescheduled += 1,
                Cause::Event(_) | Cause::Agreement(_) => {
                    *swept.ended.entry(code(cause).to_owned()).or_default() += 1;
                }
            }
            if swept.dry_run && swept.would.len() < LONGEST_LIST {
                let after = decision.after();
                let due = decision.before().and_then(Application::procedure);
                let due = due.and_then(Procedure::due).unwrap_or(after.changed);
                swept.would.push(PlannedEffect {
                    application: after.id.clone(),
                    what: code(cause).to_owned(),
                    due: calendar::rfc3339(due),
                });
            }
        });
    }

    pub(crate) fn finish(self) -> SweepReport {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, note: impl FnOnce(&mut SweepReport)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
