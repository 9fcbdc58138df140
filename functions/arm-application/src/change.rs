//! The changes of one request: one transaction for each application, wave by wave.

use domain::{application::Application, ids::ApplicationId};
use edge::{
    http::{ApiRequest, Problem, ProblemKind},
    press_for_many::{Stop, WAVE, stopped},
};
use futures::future::join_all;
use outside::log::chain;
use store::{
    contention::{Tries, none_on_conflict},
    rows::SaveError,
};

use crate::{
    App,
    judge::{Change, Judge},
    view::{ArmedOutcome, ArmedOutcomeView},
};

const STORE_SILENT: &str = "L'archivio non ha risposto in tempo: lo stato nel riepilogo dice se la domanda è prenotata. Ripeti l'operazione: ciò che è già fatto resta com'è.";

/// What all applications of one request share.
#[derive(Clone, Copy)]
pub(crate) struct Changing<'a> {
    pub(crate) app: &'a App,
    pub(crate) request: &'a ApiRequest,
    pub(crate) judge: Judge<'a>,
}

impl Changing<'_> {
    /// Wave by wave, until all are done, the caller is withdrawn, or time is running out.
    pub(crate) async fn change_all(
        &self,
        candidates: Vec<(ApplicationId, Option<Application>)>,
    ) -> Vec<ArmedOutcomeView> {
        let mut outcomes = Vec::with_capacity(candidates.len());
        let mut stop = None;
        let mut left = candidates.into_iter().peekable();
        while left.peek().is_some() {
            // The first wave is covered by the check before anything was read.
            if !outcomes.is_empty() && stop.is_none() {
                stop = stopped(&self.app.store.sessions, self.judge.caller, self.request.arrival)
                    .await;
            }
            let wave = left.by_ref().take(WAVE);
            match stop {
                None => outcomes
                    .extend(join_all(wave.map(|(id, head)| self.change_one(id, head))).await),
                Some(Stop::Withdrawn) => {
                    let problem =
                        Problem::new(ProblemKind::NotAllowed).detail(self.judge.change.withdrawn());
                    outcomes.extend(wave.map(|(id, _)| {
                        ArmedOutcomeView::refused(&id, ArmedOutcome::NotAllowed, &problem)
                    }));
                }
                Some(Stop::NoTime) => outcomes.extend(wave.map(|(id, _)| unavailable(&id))),
            }
        }
        outcomes
    }

    /// One application, its head as it was read; judged anew where another request was faster.
    async fn change_one(
        &self,
        id: ApplicationId,
        mut head: Option<Application>,
    ) -> ArmedOutcomeView {
        let applications = &self.app.store.applications;
        let mut tries = Tries::for_each_of_many();
        let outcome = loop {
            if tries.begin().await.is_err() {
                break unavailable(&id);
            }
            if tries.is_repeated() {
                head = match applications.head(&id).await {
                    Ok(head) => head,
                    Err(error) => break self.not_stored(&id, &error.into()),
                };
            }
            let decision = match self.judge.judged(&id, head.take()) {
                Ok(decision) => decision,
                Err(outcome) => break *outcome,
            };
            match none_on_conflict(applications.commit(&decision, &[]).await) {
                Ok(Some(())) => break self.changed(decision.after()),
                Ok(None) => {}
                Err(error) => break self.not_stored(&id, &error),
            }
        };
        let request_id = self.request.request_id.as_str();
        tracing::info!(application.id = %id, request.id = request_id, change = ?self.judge.change, outcome = ?outcome.outcome, "armed send decided");
        outcome
    }

    fn changed(&self, after: &Application) -> ArmedOutcomeView {
        match self.judge.change {
            Change::Arm => ArmedOutcomeView::armed(ArmedOutcome::Armed, after),
            Change::Disarm => ArmedOutcomeView::of(&after.id, ArmedOutcome::Disarmed),
        }
    }

    fn not_stored(&self, id: &ApplicationId, error: &SaveError) -> ArmedOutcomeView {
        let (request_id, cause) = (self.request.request_id.as_str(), chain(error));
        tracing::error!(application.id = %id, request.id = request_id, cause, "armed send not stored");
        match error {
            SaveError::Store(error) if !error.retryable() => {
                let problem = Problem::new(ProblemKind::Internal);
                ArmedOutcomeView::refused(id, ArmedOutcome::Unavailable, &problem)
            }
            SaveError::Store(_)
            | SaveError::Conflict
            | SaveError::WorkerTaken
            | SaveError::LimitReached => unavailable(id),
        }
    }
}

fn unavailable(id: &ApplicationId) -> ArmedOutcomeView {
    let problem = Problem::new(ProblemKind::Unavailable).detail(STORE_SILENT);
    ArmedOutcomeView::refused(id, ArmedOutcome::Unavailable, &problem)
}
