//! Records the values that an application waits for: of registries, which it asks again and again with growing pauses, and
//! of files that passed the checks (CHK-2, ENR-1 to ENR-3, ENT-1, FRM-6, NEW-2).

mod answer;
mod attachment;
mod worker_code;

use std::{convert::Infallible, sync::Arc, time::Duration};

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    application::{Application, Attention, Stage, Who},
    calendar,
    campaign::Campaign,
    decision::Deletion,
    email_address::EmailAddress,
    form::{Mode, Registry, Schema},
    ids::ApplicationId,
    lifecycle::{State, consequence::Act},
    permission::{self, Action, Relation, Role},
    readiness::ContentSource,
};
use jiff::Timestamp;
use outside::{
    activation_codes::ActivationCodes,
    aws, clock,
    config::{self, ConfigError},
    keying::Keying,
    log::chain,
    queue::{self, Message, MessageOutcome},
    registries::{Checked, Facts, Registries, RegistryAnswer, Subject, UnusableRegistries},
};
use store::{
    Store,
    applications::{
        commit::Companion,
        tasks::{Task, TaskStatus},
    },
    contention::{Contended, Tries},
    drafts::Remark,
    keys,
    questions::{self, Question},
    readiness::{ContentWriter, NewContent, RecordError, Recorded},
    rows::{SaveError, StoreError, millis},
};
use thiserror::Error;

/// What enriching needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    registries: Registries,
    keying: Keying,
    codes: ActivationCodes,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// The registries cannot be asked.
    #[error(transparent)]
    Registries(#[from] UnusableRegistries),
}

/// Why a message goes back to the queue, and after several times to the dead letters.
#[derive(Debug, Error)]
enum EnrichError {
    /// The message names neither a task nor an upload of an application.
    #[error("the message names no question to a registry, and no file")]
    NoQuestion,
    /// What the question needs is not there.
    #[error("the application lacks {0}")]
    Lacks(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Other requests changed the application in all tries.
    #[error(transparent)]
    Contended(#[from] Contended),
    /// No random bytes.
    #[error("no random bytes")]
    Random,
}

impl App {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let store = Store::open(sdk)?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        Ok(Self {
            store,
            registries: Registries::from_environment(sdk).await?,
            codes: ActivationCodes::new(&keying),
            keying,
        })
    }
}

/// A batch of the enrich queue; each message stands alone.
pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Infallible> {
    Ok(queue::handle_each(event, |message| answered(app, message)).await)
}

async fn answered(app: &App, message: Message) -> MessageOutcome {
    let id = keys::application_of(&message.pk);
    let task = message.sk.strip_prefix(keys::TASK_PREFIX);
    let named = id.as_ref().zip(task.and_then(Question::of_task)).zip(task);
    let upload = id.as_ref().zip(keys::upload_of(&message.sk));
    let outcome = match (named, &upload) {
        (Some(((id, question), task)), _) => enrich(app, id, question, task).await,
        (None, Some((id, upload))) => attachment::attach(app, id, upload).await,
        (None, None) => Err(EnrichError::NoQuestion),
    };
    // A task's name is ours only if it was understood.
    let question = named
        .map(|((_, question), _)| question.name())
        .or_else(|| upload.map(|_| "attachment".to_owned()));
    match outcome {
        Ok(outcome) => {
            tracing::info!(
                application.id = id.map(|id| id.to_string()),
                question,
                outcome,
                "question handled"
            );
            MessageOutcome::Done
        }
        Err(error) => {
            tracing::error!(
                application.id = id.map(|id| id.to_string()),
                question,
                cause = chain(&error),
                "question not handled"
            );
            MessageOutcome::Again
        }
    }
}

/// One attempt at one question. Duplicates, late deliveries and settled questions have no effect.
async fn enrich(
    app: &App,
    id: &ApplicationId,
    question: Question,
    task: &str,
) -> Result<&'static str, EnrichError> {
    let now = clock::wall();
    let Some(task) = app.store.applications.task(id, task).await? else {
        return Ok("no such task");
    };
    if task.status != TaskStatus::Waiting {
        return Ok("settled before");
    }
    // It is delivered again when it is due.
    if task.due > millis(now) {
        return Ok("not due yet");
    }
    let Some(head) = app.store.applications.head(id).await? else {
        return Ok("no such application");
    };
    if !is_wanted(&head, question) {
        return settle(app, id, &task, TaskStatus::Done, "not needed any more").await;
    }
    let campaign = campaign(app, &head, now).await?;
    match question {
        Question::Check => check(app, id, &task, &subject(app, id).await?, &campaign).await,
        Question::Facts(registry, mode) => {
            let subject = subject(app, id).await?;
            ask(app, id, &task, (registry, mode), &subject, &campaign).await
        }
        Question::WorkerCode => worker_code::ask(app, id, &task, &campaign).await,
    }
}

/// The employer that the registries are asked about.
async fn subject(app: &App, id: &ApplicationId) -> Result<Subject, EnrichError> {
    let preliminary = app
        .store
        .drafts
        .preliminary(id)
        .await?
        .ok_or(EnrichError::Lacks("its preliminary checks"))?;
    questions::subject(&preliminary).ok_or(EnrichError::Lacks("readable codes"))
}

/// Whether an answer could still change the application: the portal may record values until the submission (ENR-3), and the
/// worker's code as long as the contract has not been sent (ENT-1).
fn is_wanted(head: &Application, question: Question) -> bool {
    let may = |action| permission::may(Role::System, Relation::None, head.state(), action);
    match question {
        Question::Check => head.state() == State::ToValidate,
        Question::Facts(..) => may(Action::RecordValue),
        Question::WorkerCode => may(Action::SendContract),
    }
}

/// The preliminary check that could not be made at once (CHK-2).
async fn check(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    subject: &Subject,
    campaign: &Campaign,
) -> Result<&'static str, EnrichError> {
    match app.registries.check(id.as_str(), subject).await {
        // A mailbox that has had its codes of this hour is asked again later, like a registry that is late.
        Ok(Checked::Confirmed(address)) if !admits_code(app, id, &address).await? => {
            no_answer(app, id, task, Question::Check, None, campaign).await
        }
        Ok(checked) => conclude(app, id, task, &checked, campaign).await,
        Err(error) => {
            tracing::warn!(application.id = %id, question = task.name, outcome = error.code(), "no usable answer");
            no_answer(app, id, task, Question::Check, None, campaign).await
        }
    }
}

/// Counts a code to a certified mailbox: checks that were queued do not flood it when the registries come back. The employer's
/// own are counted apart, as at the start.
async fn admits_code(
    app: &App,
    id: &ApplicationId,
    address: &EmailAddress,
) -> Result<bool, EnrichError> {
    let head = app.store.applications.head(id).await?;
    let for_oneself = head.is_some_and(|head| head.parties.is_filed_in_person());
    let opaque = app.keying.opaque("certified-address", &address.comparable());
    Ok(app.store.attempts.code_to_mailbox(&opaque, for_oneself, clock::wall()).await?.is_ok())
}

/// The check's answer: the code goes out, or the application goes and its place is free again.
async fn conclude(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    checked: &Checked,
    campaign: &Campaign,
) -> Result<&'static str, EnrichError> {
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let now = clock::wall();
        let Some(head) = still_asked(app, id, task, Question::Check).await? else {
            return Ok("settled meanwhile");
        };
        let done = answer::finished(task, TaskStatus::Done);
        let settled = Companion::Settled(task, &done);
        let (saved, outcome) = match checked {
            Checked::Confirmed(address) => {
                let nonce = aws::random().map_err(|_| EnrichError::Random)?;
                // There is no code before it, so none can be too many.
                let Ok(activation) = app.codes.issue(id, None, campaign, nonce, now) else {
                    return Err(Contended.into());
                };
                let mut preliminary = app
                    .store
                    .drafts
                    .preliminary(id)
                    .await?
                    .ok_or(EnrichError::Lacks("its preliminary checks"))?;
                preliminary.certified_address = Some(address.reveal().to_owned());
                let decision = head.note(Act::ConfirmCheck, Who::System, now);
                let along = [
                    Companion::NewCode(&activation),
                    Companion::Preliminary(&app.store.drafts, &preliminary),
                    settled,
                ];
                (app.store.applications.commit(&decision, &along).await, "confirmed")
            }
            Checked::NotRepresentative => (
                reject_check(app, &head, Deletion::NotRepresentative, settled, now).await?,
                "not the representative",
            ),
            Checked::NoAddress => (
                reject_check(app, &head, Deletion::NoCertifiedAddress, settled, now).await?,
                "no address",
            ),
        };
        if was_saved(saved)? {
            return Ok(outcome);
        }
    }
}

/// A queued check that ends negative: deletes the application and tells the filer (CHK-2).
async fn reject_check(
    app: &App,
    head: &Application,
    reason: Deletion,
    settled: Companion<'_>,
    now: Timestamp,
) -> Result<Result<(), SaveError>, EnrichError> {
    // It left the state meanwhile: loaded again, it is no longer asked.
    let Ok(decision) = head.delete(reason, Who::System, now) else {
        return Ok(Err(SaveError::Conflict));
    };
    let along = [Companion::Erasure(&app.store.drafts, schema(head)?), settled];
    Ok(app.store.applications.commit(&decision, &along).await)
}

/// Asks one registry for its values.
async fn ask(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    (registry, mode): (Registry, Mode),
    subject: &Subject,
    campaign: &Campaign,
) -> Result<&'static str, EnrichError> {
    let question = Question::Facts(registry, mode);
    match app.registries.facts(id.as_str(), registry, mode, subject).await {
        Ok(RegistryAnswer::Facts(facts)) => {
            record(app, id, task, (registry, mode), &facts, TaskStatus::Done, campaign).await
        }
        // It has nothing on this employer: a person may type what the form allows, and the filer is told to look
        // (ENR-2).
        Ok(RegistryAnswer::Unknown) => {
            record(app, id, task, (registry, mode), &Facts::new(), TaskStatus::Refused, campaign)
                .await
        }
        Ok(RegistryAnswer::NotYet { retry_after }) => {
            no_answer(app, id, task, question, Some(retry_after), campaign).await
        }
        Err(error) => {
            // What another subject's answer held is gone: nothing of it is ever stored.
            tracing::warn!(application.id = %id, question = question.name(), outcome = error.code(), "no usable answer");
            no_answer(app, id, task, question, None, campaign).await
        }
    }
}

/// Stores a registry's values with their consequences, outside every window, too (ENR-3, NEW-2).
async fn record(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    (registry, mode): (Registry, Mode),
    facts: &Facts,
    status: TaskStatus,
    campaign: &Campaign,
) -> Result<&'static str, EnrichError> {
    let question = Question::Facts(registry, mode);
    let writer = ContentWriter {
        applications: &app.store.applications,
        drafts: &app.store.drafts,
        keying: &app.keying,
    };
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let now = clock::wall();
        let campaign_now = campaign.effective_now(now);
        let Some(head) = still_asked(app, id, task, question).await? else {
            return Ok("settled meanwhile");
        };
        let schema = schema(&head)?;
        let draft = app.store.drafts.load(id).await?;
        let current = draft.values();
        let today = calendar::local_date(campaign_now);
        let Ok((values, news)) =
            answer::merge(schema, &current, (registry, mode), facts, today, now)
        else {
            tracing::warn!(application.id = %id, question = question.name(), outcome = "unfit", "no usable answer");
            return no_answer(app, id, task, question, None, campaign).await;
        };
        let done = answer::finished(task, status);
        let settled = Companion::Settled(task, &done);
        let tasks = app.store.applications.tasks(id).await?;
        let new_content = NewContent {
            head: &head,
            schema,
            tasks: writer.new_tasks(&head, schema, &current, &values, now).await?,
            draft: &draft,
            values,
            source: ContentSource::registry(&head, campaign, campaign_now),
            who: Who::System,
            at: now,
            campaign_now,
            attention: answer::attention_after(head.stage.attention(), status, &tasks, question),
            is_explicit: false,
            also: vec![settled],
        };
        let saved = match writer.record(&new_content).await {
            Ok(Recorded::Stored { .. }) => {
                return Ok(if status == TaskStatus::Refused {
                    "unknown there"
                } else {
                    "recorded"
                });
            }
            Ok(Recorded::Remark) => {
                let decision = head.note(Act::KeepLateValues, Who::System, now);
                let remark = Remark::LateValues {
                    registry: registry.key().to_owned(),
                    values: news,
                    at: now,
                };
                let along = [Companion::Remark(&app.store.drafts, &remark), settled];
                app.store.applications.commit(&decision, &along).await
            }
            // Sent or ended between loading and storing: loaded again, it is no longer asked.
            Err(RecordError::Refused(_)) => Err(SaveError::Conflict),
            Err(RecordError::Save(error)) => Err(error),
        };
        if was_saved(saved)? {
            return Ok("remark");
        }
    }
}

/// No answer: asked again after the campaign's pause, or given up visibly after its days (ENR-2); the worker's code goes on
/// being asked for.
async fn no_answer(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    question: Question,
    retry_after: Option<Duration>,
    campaign: &Campaign,
) -> Result<&'static str, EnrichError> {
    let next = answer::after_no_answer(task, campaign.enrichment(), retry_after, clock::wall());
    if next.status == TaskStatus::Waiting {
        return save_attempt(app, id, task, &next, "asked again later").await;
    }
    if question == Question::WorkerCode {
        return worker_code::ask_again_tomorrow(app, id, task, TaskStatus::Silent, campaign).await;
    }
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let now = clock::wall();
        let Some(head) = still_asked(app, id, task, question).await? else {
            return Ok("settled meanwhile");
        };
        if matches!(head.stage, Stage::ToSend(_) | Stage::Armed(_)) {
            return settle(app, id, task, TaskStatus::Silent, "given up").await;
        }
        let attention = Some(Attention::RegistrySilent);
        let decision = head.with_attention(attention, Act::GiveUpQuestion, Who::System, now);
        let settled = [Companion::Settled(task, &next)];
        if was_saved(app.store.applications.commit(&decision, &settled).await)? {
            return Ok("given up");
        }
    }
}

/// The head, as long as this attempt at the question is the current one and its answer could change anything.
async fn still_asked(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    question: Question,
) -> Result<Option<Application>, EnrichError> {
    let stored = app.store.applications.task(id, &task.name).await?;
    let stands = stored.is_some_and(|stored| {
        stored.status == TaskStatus::Waiting && stored.attempts == task.attempts
    });
    if !stands {
        return Ok(None);
    }
    let head = app.store.applications.head(id).await?;
    match head {
        Some(head) if is_wanted(&head, question) => Ok(Some(head)),
        Some(_) | None => {
            settle(app, id, task, TaskStatus::Done, "not needed any more").await?;
            Ok(None)
        }
    }
}

/// Ends a question without touching the application.
async fn settle(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    status: TaskStatus,
    outcome: &'static str,
) -> Result<&'static str, EnrichError> {
    save_attempt(app, id, task, &answer::finished(task, status), outcome).await
}

/// Stores how a question stands after an attempt, and nothing else.
async fn save_attempt(
    app: &App,
    id: &ApplicationId,
    task: &Task,
    next: &Task,
    outcome: &'static str,
) -> Result<&'static str, EnrichError> {
    match app.store.applications.save_task(id, task, next).await {
        Err(SaveError::Store(error)) => Err(error.into()),
        // Or another delivery stored its try first.
        _ => Ok(outcome),
    }
}

/// Whether a change was stored; false when another request was faster and it must be judged again.
fn was_saved(saved: Result<(), SaveError>) -> Result<bool, EnrichError> {
    match saved {
        Ok(()) => Ok(true),
        Err(SaveError::Conflict) => Ok(false),
        Err(SaveError::Store(error)) => Err(error.into()),
        Err(SaveError::LimitReached) => Err(EnrichError::Lacks("a place in the yearly limit")),
        Err(SaveError::WorkerTaken) => Err(EnrichError::Lacks("its worker's claim")),
    }
}

async fn campaign(
    app: &App,
    head: &Application,
    now: Timestamp,
) -> Result<Arc<Campaign>, EnrichError> {
    app.store
        .campaigns
        .in_force(&head.campaign, now)
        .await?
        .ok_or(EnrichError::Lacks("its campaign"))
}

fn schema(head: &Application) -> Result<&'static Schema, EnrichError> {
    Schema::find(&head.schema).ok_or(EnrichError::Lacks("its form"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions(event: &str) -> Vec<Option<Question>> {
        let event: SqsEvent = serde_json::from_str(event).unwrap();
        let messages = event
            .records
            .iter()
            .map(|record| serde_json::from_str::<Message>(record.body.as_deref()?).ok());
        messages
            .map(|message| Question::of_task(message?.sk.strip_prefix(keys::TASK_PREFIX)?))
            .collect()
    }

    /// ENT-1: the code is asked for between the reported entry and the sending of the contract, at no other time.
    #[test]
    fn the_workers_code_is_wanted_only_once_the_entry_is_reported() {
        for state in State::ALL {
            let may = permission::may(Role::System, Relation::None, *state, Action::SendContract);
            assert_eq!(may, *state == State::EntryReported, "{state}");
        }
    }

    #[test]
    fn captured_messages_name_their_questions() {
        let found = questions(include_str!("../../../events/enrich-application/questions.json"));
        let inps = Question::Facts(Registry::Inps, Mode::Later);
        let unioncamere = Question::Facts(Registry::Unioncamere, Mode::Now);
        assert_eq!(found, [Some(Question::Check), Some(unioncamere), Some(inps)]);
        let entered = questions(include_str!("../../../events/enrich-application/entered.json"));
        assert_eq!(entered, [Some(Question::WorkerCode)]);
        let poisoned = questions(include_str!("../../../events/enrich-application/poisoned.json"));
        assert_eq!(poisoned, [None, None, None]);
    }
}
