//! The worker's definitive fiscal code after the entry in Italy; with it the contract is made (ENT-1, S25 steps 3 to 5).

use domain::{
    application::Who,
    campaign::Campaign,
    case_facts::{CaseFacts, PersonFacts},
    fiscal_code::FiscalCode,
    ids::ApplicationId,
    lifecycle::consequence::Act,
};
use jiff::Timestamp;
use outside::{
    clock,
    registries::{Assigned, RegistryError},
};
use store::{
    applications::{
        commit::Companion,
        tasks::{Task, TaskStatus},
    },
    contention::Tries,
    drafts,
    questions::Question,
    rows::millis,
};

use crate::{App, EnrichError, answer, no_answer, save_attempt, schema, still_asked, was_saved};

/// One attempt at the worker's code.
pub(crate) async fn ask(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    campaign: &Campaign,
) -> Result<&'static str, EnrichError> {
    let Some(head) = still_asked(app, id, task, Question::WorkerCode).await? else {
        return Ok("settled meanwhile");
    };
    let values = app.store.drafts.load(id).await?.values();
    let worker = CaseFacts::of(schema(&head)?, &values).worker.person;
    match code_of(app, id, &worker).await {
        Ok(Assigned::Code(code)) => record(app, id, task, &code, campaign).await,
        Ok(Assigned::NotYet { retry_after }) => {
            no_answer(app, id, task, Question::WorkerCode, Some(retry_after), campaign).await
        }
        Ok(Assigned::Refused) => {
            ask_again_tomorrow(app, id, task, TaskStatus::Refused, campaign).await
        }
        Err(error) => {
            tracing::warn!(application.id = %id, question = task.name, outcome = error.code(), "no usable answer");
            no_answer(app, id, task, Question::WorkerCode, None, campaign).await
        }
    }
}

/// The code of the form, if it is a definitive one, else the answer of the Agenzia delle Entrate.
async fn code_of(
    app: &App,
    id: &ApplicationId,
    worker: &PersonFacts,
) -> Result<Assigned, RegistryError> {
    // The worker was in Italy before.
    if let Some(code) = worker.definitive_code() {
        return Ok(Assigned::Code(code));
    }
    // A sent form has all of them.
    let Some(particulars) = worker.particulars() else { return Ok(Assigned::Refused) };
    app.registries.assigned_code(id.as_str(), &particulars).await
}

/// Stores the code with the entry and asks for the two documents that go to the employer (S25 steps 4 and 5).
async fn record(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    code: &FiscalCode,
    campaign: &Campaign,
) -> Result<&'static str, EnrichError> {
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let Some(head) = still_asked(app, id, task, Question::WorkerCode).await? else {
            return Ok("settled meanwhile");
        };
        let entry =
            app.store.drafts.entry(id).await?.ok_or(EnrichError::Lacks("its border entry"))?;
        let entry = drafts::BorderEntry { fiscal_code: Some(code.reveal().to_owned()), ..entry };
        let done = answer::finished(task, TaskStatus::Done);
        let now = campaign.effective_now(clock::wall());
        let decision = head.note(Act::RecordWorkerCode, Who::System, now);
        let along =
            [Companion::BorderEntry(&app.store.drafts, &entry), Companion::Settled(task, &done)];
        if was_saved(app.store.applications.commit(&decision, &along).await)? {
            return Ok("code recorded");
        }
    }
}

/// The agency gave no code, for now or for these particulars: the filer is told once, the office sees it in the
/// question, and from the next day on the portal asks again for as long as the case waits, since without a code there
/// is no contract.
pub(crate) async fn ask_again_tomorrow(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    status: TaskStatus,
    campaign: &Campaign,
) -> Result<&'static str, EnrichError> {
    let now = clock::wall();
    let due = millis(now.saturating_add(campaign.enrichment().a_day()).unwrap_or(Timestamp::MAX));
    let tasks = app.store.applications.tasks(id).await?;
    let is_told = Question::before(task, &tasks)
        .is_some_and(|before| matches!(before.status, TaskStatus::Refused | TaskStatus::Silent));
    if is_told {
        let next = Task { attempts: task.attempts.saturating_add(1), due, ..task.clone() };
        return save_attempt(app, id, task, &next, "asked again tomorrow").await;
    }
    let finished = answer::finished(task, status);
    let beside: Vec<_> = tasks
        .into_iter()
        .map(|other| if other.name == task.name { finished.clone() } else { other })
        .collect();
    let again = Question::WorkerCode.new_task(&beside, now).map(|again| Task { due, ..again });
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let Some(head) = still_asked(app, id, task, Question::WorkerCode).await? else {
            return Ok("settled meanwhile");
        };
        let now = campaign.effective_now(clock::wall());
        let decision = head.note(Act::ReportMissingCode, Who::System, now);
        let along =
            [Companion::NewQuestions(again.as_slice()), Companion::Settled(task, &finished)];
        if was_saved(app.store.applications.commit(&decision, &along).await)? {
            return Ok("no code: told, and asked again tomorrow");
        }
    }
}
