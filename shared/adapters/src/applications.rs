//! Applications in the store: heads, events, claims, limits and notices, each change one transaction.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{
        AttributeValue, ConditionCheck, ConsumedCapacity, Delete, Put, ReturnConsumedCapacity,
        ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
    },
};
use data_encoding::HEXLOWER;
use domain::{
    activation::{Activation, CodeHash},
    application::{
        Application, Attention, Occurrence, Parties, Press, Pressed, Ready, Stage, Submission, Who,
    },
    case::Case,
    consular::ConsularDecision,
    document::DocumentKind,
    ids::{AccountId, ApplicationId, CampaignId, ModelId, OrganisationId, OwnerId},
    lifecycle::{
        Event, State,
        agreement::{AgreementEvent, AgreementStep},
    },
    notice::NoticeKind,
    permission::{Action, Relation},
    receipt::ReceiptCode,
    term::{Term, TermKind},
};
use futures::future::{try_join, try_join_all};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

use crate::{
    aws, clock,
    consulate::ConsularRow,
    documents::DocumentRow,
    flags,
    keys::{self, Key},
    outbox::NoticeRow,
    retry::{Failure, retried},
    rows::{Item, Queue, StoreError, Waiting, instant, millis},
    table::{self, Transacted, key_of},
    transaction::{self, build, head_is, number, text},
};

/// The applications in a table.
#[derive(Clone, Debug)]
pub struct Applications {
    client: Client,
    table: String,
}

/// One change of an application: all of it or nothing (one `TransactWriteItems`).
#[derive(Debug)]
pub struct Change<'a> {
    /// The head that was loaded; none when the application is new.
    pub before: Option<&'a Application>,
    /// The head to be stored.
    pub after: &'a Application,
    /// The event of the change (AUD-1).
    pub occurrence: Occurrence,
    /// What others must learn.
    pub notices: Vec<NoticeKind>,
    /// Documents that are to be made.
    pub documents: Vec<DocumentKind>,
    /// What the consular system must learn (CNF-1).
    pub decision: Option<ConsularDecision>,
    /// The activation code that goes with it.
    pub activation: Option<&'a Activation>,
    /// Questions to registries that go with it.
    pub tasks: Vec<Task>,
    /// The place in the yearly limit that is taken or freed (LIM-1).
    pub place: Place,
    /// What is written or checked in the drafts table along with it.
    pub content: Vec<TransactWriteItem>,
}

impl<'a> Change<'a> {
    /// A change of the head with its event and nothing else.
    pub fn new(
        before: Option<&'a Application>,
        after: &'a Application,
        event: Option<Event>,
        who: Who,
    ) -> Self {
        Self {
            before,
            after,
            occurrence: Occurrence::between(before, after, event, who),
            notices: Vec::new(),
            documents: Vec::new(),
            decision: None,
            activation: None,
            tasks: Vec::new(),
            place: Place::Unchanged,
            content: Vec::new(),
        }
    }

    /// A step of the procedure after sending, with everything that its event brings about: notice by PEC and message to
    /// the consular system.
    pub fn step(before: &'a Application, after: &'a Application, event: Event, who: Who) -> Self {
        Self {
            notices: NoticeKind::of(event).into_iter().collect(),
            decision: ConsularDecision::of(event, before.state() == State::Granted),
            ..Self::new(Some(before), after, Some(event), who)
        }
    }

    /// A step of the integration agreement (AGR-1).
    pub fn of_agreement(
        before: &'a Application,
        after: &'a Application,
        event: AgreementEvent,
        who: Who,
    ) -> Self {
        let mut change = Self::new(Some(before), after, None, who);
        change.occurrence.agreement = Some(event);
        change
    }

    /// What the portal does to a term without an event of the lifecycle: it begins, is lengthened, void, or reminded of
    /// (COM-2, CNF-3, CNF-4).
    pub fn of_term(before: &'a Application, after: &'a Application) -> Self {
        let mut change = Self::new(Some(before), after, None, Who::System);
        change.occurrence.action = Some(Action::ApplyTerm);
        change
    }
}

/// The place in the yearly limit (LIM-1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// Nothing changes.
    Unchanged,
    /// One more, as long as the limit allows; no limit where none is given.
    Taken(Option<u32>),
    /// One less.
    Freed,
}

/// A question to a registry that waits in the queue (ENR-2).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Task {
    /// `check`, `<registry>-<now|later>` or `worker-code`.
    pub name: String,
    /// How often it was asked.
    pub attempts: u32,
    /// When it was first asked, in milliseconds.
    pub first_asked: i64,
    /// When it will be asked next, in milliseconds.
    pub due: i64,
    /// `waiting`, `done`, `refused`, `silent`.
    pub status: TaskStatus,
}

/// How a question to a registry stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskStatus {
    /// Not answered yet.
    Waiting,
    /// Answered and recorded.
    Done,
    /// Answered with a refusal: unknown, or about somebody else.
    Refused,
    /// Not answered in all the days that we ask.
    Silent,
}

/// Why a change was not stored.
#[derive(Debug, Error)]
pub enum SaveError {
    /// Somebody else changed the application first.
    #[error("the application was changed in between")]
    Conflict,
    /// No place is left in the yearly limit.
    #[error("the yearly limit is reached")]
    LimitReached,
    /// The employer has a live application for this worker.
    #[error("the worker is claimed by another application")]
    WorkerTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the one write of a submission found (SUB-2).
#[derive(Debug)]
pub enum SubmitOutcome {
    /// This request was the first.
    Accepted(Application),
    /// It was submitted before by the same person: the same receipt.
    Repeated(Application),
    /// It is there and the caller's, but not ready or of another model or campaign.
    NotReady(Application),
    /// It is not there, or not the caller's.
    NotFound,
}

impl SubmitOutcome {
    /// For the log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Repeated(_) => "repeated",
            Self::NotReady(_) => "not-ready",
            Self::NotFound => "not-found",
        }
    }
}

/// The submission that a request asks for.
#[derive(Debug)]
pub struct Submit<'a> {
    /// Which application.
    pub application: &'a ApplicationId,
    /// Who presses the button, and for which decree and model.
    pub press: Press<'a>,
    /// The version of the decree that judged the window.
    pub campaign_version: u32,
    /// The gateway's instant (SUB-3), or the ticket's.
    pub arrival: Timestamp,
    /// Where the arrival is a ticket's, the gateway's own instant of it: it counts only if the application was ready by
    /// then with what is sent now. Not [`Self::arrival`], which a campaign may move ([`Ready::since`] it never moves).
    pub ready_by: Option<Timestamp>,
    /// A fresh receipt code, used if this request is the first.
    pub code: &'a ReceiptCode,
}

impl Submit<'_> {
    /// Whose application it must be, in the store's words; none where this role sends nothing.
    fn condition(&self) -> Option<String> {
        let filed_for = match self.press.organisation {
            Some(_) => "organisation = :organisation",
            None => "attribute_not_exists(organisation)",
        };
        let theirs: Vec<_> = [
            (Relation::Representative, "representative = :caller".to_owned()),
            (Relation::Filer, format!("(filer = :caller AND {filed_for})")),
        ]
        .into_iter()
        .filter(|(relation, _)| self.press.may_as(*relation))
        .map(|(_, condition)| condition)
        .collect();
        let ready_by_then =
            if self.ready_by.is_some() { " AND ready_since <= :ready_by" } else { "" };
        (!theirs.is_empty()).then(|| {
            format!(
                "#state = :ready AND campaign = :campaign AND model = :model AND ({}){ready_by_then}",
                theirs.join(" OR ")
            )
        })
    }

    /// The values of what the condition asks for only sometimes: the store refuses a value that nothing names.
    fn asked(&self) -> HashMap<String, AttributeValue> {
        let organisation = self.press.organisation.filter(|_| self.press.may_as(Relation::Filer));
        let organisation = organisation.map(|id| (":organisation".to_owned(), text(id.as_str())));
        let ready_by = self.ready_by.map(|instant| {
            (":ready_by".to_owned(), AttributeValue::N(millis(instant).to_string()))
        });
        organisation.into_iter().chain(ready_by).collect()
    }
}

/// Keys of an index that are read at once when all are wanted: well under the megabyte of one answer.
const LARGEST_PAGE: i32 = 4_000;

impl Applications {
    /// The applications in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// An application's head, as last written.
    pub async fn head(&self, id: &ApplicationId) -> Result<Option<Application>, StoreError> {
        let key = keys::head(id);
        self.item(&key, "head").await?.map(|item| application(&key, item)).transpose()
    }

    /// An application's activation code.
    pub async fn activation(&self, id: &ApplicationId) -> Result<Option<Activation>, StoreError> {
        let key = keys::activation(id);
        let row: Option<ActivationRow> =
            table::row(&self.client, &self.table, &key, "activation code").await?;
        row.map(|row| row.activation())
            .transpose()
            .map_err(|misfit| StoreError::corrupt(&key, misfit))
    }

    /// Stores what a try at a code did (a wrong attempt), unless another try was stored first.
    pub async fn save_attempt(
        &self,
        id: &ApplicationId,
        before: &Activation,
        after: &Activation,
    ) -> Result<(), SaveError> {
        let put = activation_put(&self.table, id, Some(before), after)?;
        let key = keys::activation(id);
        // Two guesses at once would write the same row: the mark tells this write from the other's, so that both count.
        let mark: [u8; 16] = aws::random().map_err(|_| SaveError::Conflict)?;
        let mut item = put.item.clone();
        item.insert("mark".to_owned(), text(HEXLOWER.encode(&mark)));
        let saved = retried(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item.clone()))
                .condition_expression("wrong_attempts = :wrong AND issued_at = :issued")
                .set_expression_attribute_values(put.expression_attribute_values.clone())
                .send()
        })
        .await;
        match saved {
            Ok(_) => Ok(()),
            Err(error) if Failure::of(&error) == Failure::Condition => {
                // Our own write, cut after it took effect, is no conflict.
                match self.item(&key, "activation code").await? {
                    Some(stored) if stored == item => Ok(()),
                    _ => Err(SaveError::Conflict),
                }
            }
            Err(error) => Err(StoreError::unavailable("activation code", error).into()),
        }
    }

    /// Replaces the activation code and tells the employer, in one transaction (ACT-1).
    pub async fn reissue(
        &self,
        application: &Application,
        before: &Activation,
        after: &Activation,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        // Counts never start anew, unlike the issues of a day: the second of the issue names the notice.
        let n = u32::try_from(after.issued_at.as_second()).unwrap_or(u32::MAX);
        let notice = NoticeRow::waiting(&application.id, NoticeKind::ActivationCode, n, now, now);
        let items = vec![
            TransactWriteItem::builder()
                .put(activation_put(&self.table, &application.id, Some(before), after)?)
                .build(),
            self.put_new(&notice)?,
            head_is(&self.table, application)?,
        ];
        saved(self.transact(items).await, &[])
    }

    /// Stores a change: head, event, notices, claims and limits, all or nothing.
    pub async fn save(&self, change: &Change<'_>) -> Result<(), SaveError> {
        let after = change.after;
        let mut items = vec![
            self.head_item(change.before, after)?,
            self.put_new(&EventRow::of(&after.id, &change.occurrence))?,
        ];
        let mut meanings = vec![Meaning::Version, Meaning::Version];
        self.claim_items(change, &mut items, &mut meanings)?;
        self.place_item(change, &mut items, &mut meanings)?;
        for flag in flags::items(&self.table, change)? {
            items.push(flag);
            meanings.push(Meaning::Version);
        }
        if let Some(activation) = change.activation {
            items.push(
                TransactWriteItem::builder()
                    .put(activation_put(&self.table, &after.id, None, activation)?)
                    .build(),
            );
            meanings.push(Meaning::Version);
        }
        self.told_items(change, &mut items)?;
        meanings.resize(items.len(), Meaning::Version);
        for task in &change.tasks {
            items.push(self.put_new(&TaskRow::waiting(&after.id, task)?)?);
            meanings.push(Meaning::Version);
        }
        meanings.extend(change.content.iter().map(|_| Meaning::Version));
        items.extend(change.content.iter().cloned());
        saved(self.transact(items).await, &meanings)
    }

    /// Notices with their copies, documents to be made, and what the consular system must learn.
    fn told_items(
        &self,
        change: &Change<'_>,
        items: &mut Vec<TransactWriteItem>,
    ) -> Result<(), StoreError> {
        let after = change.after;
        let wall = clock::wall();
        for kind in &change.notices {
            let n = u32::try_from(after.version).unwrap_or(u32::MAX);
            let notice = NoticeRow::waiting(&after.id, *kind, n, after.changed, wall);
            // Whoever filed and is the employer reads the PEC.
            if kind.is_copied() && after.parties.filer != after.parties.representative {
                items.push(self.put_new(&notice.copied(&after.id, wall))?);
            }
            items.push(self.put_new(&notice)?);
        }
        for kind in &change.documents {
            items.push(self.put_new(&DocumentRow::waiting(after, *kind, wall))?);
        }
        if let Some(decision) = change.decision {
            items.push(self.put_new(&ConsularRow::waiting(after, decision, wall))?);
        }
        Ok(())
    }

    /// Stores content alone, as long as the head is still the one that was loaded: a draft save without a transition.
    pub async fn save_content(
        &self,
        head: &Application,
        mut content: Vec<TransactWriteItem>,
    ) -> Result<(), SaveError> {
        content.push(head_is(&self.table, head)?);
        saved(self.transact(content).await, &[])
    }

    /// The one write of a submission: at most one request to the store and three write units.
    pub async fn submit(
        &self,
        submit: &Submit<'_>,
    ) -> Result<(SubmitOutcome, Option<ConsumedCapacity>), StoreError> {
        let key = keys::head(submit.application);
        let waiting = Waiting::of(submit.application, Queue::History, submit.arrival);
        let Some(condition) = submit.condition() else {
            return Ok((SubmitOutcome::NotFound, None));
        };
        let written = retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .update_expression(
                    "SET #state = :submitted, version = version + :one, changed = :arrival, arrival = :arrival, \
                     receipt_code = :code, submitted_by = :caller, submitted_under = :under, \
                     pending_pk = :pending_pk, pending_due = :arrival, queue = :queue",
                )
                .condition_expression(&condition)
                .expression_attribute_names("#state", "state")
                .set_expression_attribute_values(Some(submit.asked()))
                .expression_attribute_values(":submitted", text(State::Submitted.code()))
                .expression_attribute_values(":ready", text(State::ToSend.code()))
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":arrival", AttributeValue::N(millis(submit.arrival).to_string()))
                .expression_attribute_values(":code", text(submit.code.as_str()))
                .expression_attribute_values(":caller", text(submit.press.account.as_str()))
                .expression_attribute_values(":under", number(u64::from(submit.campaign_version)))
                .expression_attribute_values(":campaign", text(submit.press.campaign.as_str()))
                .expression_attribute_values(":model", text(submit.press.model.as_str()))
                .expression_attribute_values(":pending_pk", text(waiting.pending_pk.clone().unwrap_or_default()))
                .expression_attribute_values(":queue", text(Queue::History.code()))
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
        })
        .await;
        match written {
            Ok(output) => {
                let head = application(&key, output.attributes.unwrap_or_default())?;
                Ok((SubmitOutcome::Accepted(head), output.consumed_capacity))
            }
            Err(SdkError::ServiceError(service))
                if service.err().is_conditional_check_failed_exception() =>
            {
                let UpdateItemError::ConditionalCheckFailedException(refused) = service.into_err()
                else {
                    return Ok((SubmitOutcome::NotFound, None));
                };
                let Some(item) = refused.item else { return Ok((SubmitOutcome::NotFound, None)) };
                Ok((refusal(application(&key, item)?, &submit.press), None))
            }
            Err(error) => Err(StoreError::unavailable("submission", error)),
        }
    }

    /// Records the event and the receipt's notice of a submission, shows it to its office and clears what waits; once,
    /// however often it runs. `along` is what else follows from a submission: its wait for a place.
    pub async fn record_submission(
        &self,
        head: &Application,
        now: Timestamp,
        along: Vec<TransactWriteItem>,
    ) -> Result<(), SaveError> {
        let Stage::Sent { submission, .. } = &head.stage else { return Ok(()) };
        let occurrence = Occurrence {
            version: head.version,
            event: Some(Event::Submit),
            agreement: None,
            action: None,
            from: Some(State::ToSend),
            to: State::Submitted,
            at: submission.arrival,
            who: Who::Account(submission.submitted_by.clone()),
            on_behalf_of: head.parties.owner.clone(),
            digest: Some(submission.ready.digest),
        };
        let mut items = vec![
            TransactWriteItem::builder()
                .update(
                    Update::builder()
                        .table_name(&self.table)
                        .set_key(Some(keys::head(&head.id).item()))
                        .update_expression(
                            "SET office_pk = :office, office_at = :arrival REMOVE pending_pk, pending_due, queue",
                        )
                        .condition_expression("version = :version AND queue = :queue")
                        .expression_attribute_values(":version", number(head.version))
                        .expression_attribute_values(
                            ":office",
                            text(keys::office(
                                &submission.ready.province,
                                head.state().code(),
                                &head.id,
                            )),
                        )
                        .expression_attribute_values(
                            ":arrival",
                            AttributeValue::N(millis(submission.arrival).to_string()),
                        )
                        .expression_attribute_values(":queue", text(Queue::History.code()))
                        .build()
                        .map_err(build)?,
                )
                .build(),
            self.put_new(&EventRow::of(&head.id, &occurrence))?,
            self.put_new(&NoticeRow::waiting(&head.id, NoticeKind::Receipt, 1, now, now))?,
        ];
        items.extend(along);
        saved(self.transact(items).await, &[])
    }

    /// The identifiers of the applications of a legal representative, one page.
    pub async fn of_representative(
        &self,
        account: &AccountId,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        self.indexed(
            keys::BY_REPRESENTATIVE,
            "representative_pk",
            &keys::of_representative(account),
            after,
            limit,
        )
        .await
    }

    /// The identifiers of the applications that an account (or its organisation) filed: shards merged, one page.
    pub async fn of_filer(
        &self,
        account: &AccountId,
        organisation: Option<&OrganisationId>,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let shards = keys::all_of_filer(account, organisation);
        let pages = try_join_all(
            shards
                .iter()
                .map(|shard| self.indexed(keys::BY_FILER, "filer_pk", shard, after, limit)),
        )
        .await?;
        let mut all: Vec<_> = pages.into_iter().flatten().collect();
        all.sort();
        all.truncate(usize::try_from(limit).unwrap_or_default());
        Ok(all)
    }

    /// Every application that somebody stands to (OWN-1): as representative, as filer, as colleague of the filer.
    pub async fn all_of(
        &self,
        account: &AccountId,
        organisation: Option<&OrganisationId>,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let own = keys::of_representative(account);
        let (own, filed) = try_join(
            self.all_indexed(keys::BY_REPRESENTATIVE, "representative_pk", &own),
            self.all_filed(account, organisation),
        )
        .await?;
        let mut all: Vec<_> = own.into_iter().chain(filed).collect();
        all.sort();
        all.dedup();
        Ok(all)
    }

    /// What an account filled in under a decree, for itself or for the organisation that it works for now; in order of
    /// identifier (FRM-4). The index follows a hand-over a moment later: the heads decide.
    pub async fn own_of(
        &self,
        account: &AccountId,
        organisation: Option<&OrganisationId>,
        campaign: &CampaignId,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let own = keys::own(account, organisation, campaign);
        self.all_indexed(keys::BY_OWN, "own_pk", &own).await
    }

    /// Every application that an account filed for itself, or that was filed for its organisation.
    async fn all_filed(
        &self,
        account: &AccountId,
        organisation: Option<&OrganisationId>,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let shards = keys::all_of_filer(account, organisation);
        let found = try_join_all(
            shards.iter().map(|shard| self.all_indexed(keys::BY_FILER, "filer_pk", shard)),
        )
        .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Many heads at once, in the order asked for; those that are gone are left out. A change of a moment ago may be
    /// missing.
    pub async fn heads(&self, ids: &[ApplicationId]) -> Result<Vec<Application>, StoreError> {
        let asked: Vec<_> = ids.iter().map(keys::head).collect();
        in_order(ids, table::items(&self.client, &self.table, &asked, "heads").await?)
    }

    /// The same as last written: where an answer is final, such as that the window is closed.
    pub async fn heads_as_written(
        &self,
        ids: &[ApplicationId],
    ) -> Result<Vec<Application>, StoreError> {
        let asked: Vec<_> = ids.iter().map(keys::head).collect();
        in_order(ids, table::items_as_written(&self.client, &self.table, &asked, "heads").await?)
    }

    /// Which of these questions to registries there are, and how they stand.
    pub async fn tasks_of(
        &self,
        asked: &[(ApplicationId, String)],
    ) -> Result<HashMap<(ApplicationId, String), Task>, StoreError> {
        let asked: Vec<_> = asked.iter().map(|(id, name)| keys::task(id, name)).collect();
        let mut found = HashMap::with_capacity(asked.len());
        for item in table::items(&self.client, &self.table, &asked, "tasks").await? {
            let key = key_of(&item);
            let row: TaskRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            if let Some(id) = keys::application_of(&key.pk) {
                found.insert((id, row.task.name.clone()), row.task);
            }
        }
        Ok(found)
    }

    /// The events of an application, oldest first (AUD-1).
    pub async fn history(&self, id: &ApplicationId) -> Result<Vec<EventRow>, StoreError> {
        self.rows(id, keys::EVENT_PREFIX).await
    }

    /// The notices of an application.
    pub async fn notices(&self, id: &ApplicationId) -> Result<Vec<NoticeRow>, StoreError> {
        self.rows(id, keys::NOTICE_PREFIX).await
    }

    /// The questions to registries of an application.
    pub async fn tasks(&self, id: &ApplicationId) -> Result<Vec<Task>, StoreError> {
        let rows: Vec<TaskRow> = self.rows(id, keys::TASK_PREFIX).await?;
        Ok(rows.into_iter().map(|row| row.task).collect())
    }

    /// One question to a registry.
    pub async fn task(&self, id: &ApplicationId, name: &str) -> Result<Option<Task>, StoreError> {
        let key = keys::task(id, name);
        let row: Option<TaskRow> = table::row(&self.client, &self.table, &key, "task").await?;
        Ok(row.map(|row| row.task))
    }

    /// Stores new questions to registries; one that exists already stays as it is.
    pub async fn ask(&self, id: &ApplicationId, tasks: &[Task]) -> Result<(), StoreError> {
        for task in tasks {
            let item = self.to_item(&TaskRow::waiting(id, task)?)?;
            let written = retried(|| {
                self.client
                    .put_item()
                    .table_name(&self.table)
                    .set_item(Some(item.clone()))
                    .condition_expression("attribute_not_exists(pk)")
                    .send()
            })
            .await;
            match written {
                Err(error) if Failure::of(&error) != Failure::Condition => {
                    return Err(StoreError::unavailable("task", error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Stores how a question stands after a try, unless another delivery stored a later try first.
    pub async fn save_task(
        &self,
        id: &ApplicationId,
        before: &Task,
        after: &Task,
    ) -> Result<(), SaveError> {
        let item = self.to_item(&TaskRow::waiting(id, after)?)?;
        let written = retried(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item.clone()))
                .condition_expression("attempts = :attempts AND #status = :waiting")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":attempts", number(u64::from(before.attempts)))
                .expression_attribute_values(":waiting", text("waiting"))
                .send()
        })
        .await;
        match written {
            Ok(_) => Ok(()),
            Err(error) if Failure::of(&error) == Failure::Condition => Err(SaveError::Conflict),
            Err(error) => Err(StoreError::unavailable("task", error).into()),
        }
    }

    /// The same write, to go along with a change of the head.
    pub fn task_item(
        &self,
        id: &ApplicationId,
        before: &Task,
        after: &Task,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(self.to_item(&TaskRow::waiting(id, after)?)?))
            .condition_expression("attempts = :attempts AND #status = :waiting")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":attempts", number(u64::from(before.attempts)))
            .expression_attribute_values(":waiting", text("waiting"));
        Ok(TransactWriteItem::builder().put(put.build().map_err(build)?).build())
    }

    /// The check that nobody tried a code or issued another meanwhile: a right guess counts only if it came in its turn.
    pub fn activation_is(
        &self,
        id: &ApplicationId,
        loaded: &Activation,
    ) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::activation(id).item()))
            .condition_expression("wrong_attempts = :wrong AND issued_at = :issued")
            .expression_attribute_values(":wrong", number(u64::from(loaded.wrong_attempts)))
            .expression_attribute_values(
                ":issued",
                AttributeValue::N(millis(loaded.issued_at).to_string()),
            );
        Ok(TransactWriteItem::builder().condition_check(check.build().map_err(build)?).build())
    }

    /// The write that replaces an activation code along with a change of the head.
    pub fn activation_item(
        &self,
        id: &ApplicationId,
        before: Option<&Activation>,
        after: &Activation,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = activation_put(&self.table, id, before, after)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn head_item(
        &self,
        before: Option<&Application>,
        after: &Application,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(self.to_item(&HeadRow::of(after))?));
        let put = match before {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(before) => put
                // A submission that history has not recorded yet must not be overtaken: its event would be lost.
                .condition_expression(
                    "version = :version AND #state = :state AND attribute_not_exists(queue)",
                )
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":version", number(before.version))
                .expression_attribute_values(":state", text(before.state().code())),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(build)?).build())
    }

    /// The worker's claim follows the head: taken when it becomes ready, released when it stops being so.
    fn claim_items(
        &self,
        change: &Change<'_>,
        items: &mut Vec<TransactWriteItem>,
        meanings: &mut Vec<Meaning>,
    ) -> Result<(), StoreError> {
        let held = change.before.and_then(Application::worker);
        let wanted = change.after.worker();
        if held == wanted {
            return Ok(());
        }
        if let Some(worker) = held {
            let delete = Delete::builder()
                .table_name(&self.table)
                .set_key(Some(keys::worker_claim(worker).item()))
                .condition_expression("attribute_not_exists(pk) OR application = :application")
                .expression_attribute_values(":application", text(change.after.id.as_str()));
            items.push(TransactWriteItem::builder().delete(delete.build().map_err(build)?).build());
            meanings.push(Meaning::Version);
        }
        if let Some(worker) = wanted {
            let key = keys::worker_claim(worker);
            let put = Put::builder()
                .table_name(&self.table)
                .item("pk", text(key.pk))
                .item("sk", text(key.sk))
                .item("v", number(1))
                .item("application", text(change.after.id.as_str()))
                .condition_expression("attribute_not_exists(pk) OR application = :application")
                .expression_attribute_values(":application", text(change.after.id.as_str()));
            items.push(TransactWriteItem::builder().put(put.build().map_err(build)?).build());
            meanings.push(Meaning::Worker);
        }
        Ok(())
    }

    fn place_item(
        &self,
        change: &Change<'_>,
        items: &mut Vec<TransactWriteItem>,
        meanings: &mut Vec<Meaning>,
    ) -> Result<(), StoreError> {
        // What is filed for an organisation takes nobody's place: it stays behind when its filer leaves (LIM-1, ORG-4).
        if change.after.parties.organisation.is_some() {
            return Ok(());
        }
        let key = keys::limit(&change.after.campaign, &change.after.parties.filer);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .expression_attribute_names("#n", "applications");
        let update = match change.place {
            Place::Unchanged => return Ok(()),
            Place::Taken(limit) => {
                let update = update
                    .update_expression("ADD #n :one SET v = :one")
                    .expression_attribute_values(":one", number(1));
                match limit {
                    None => update,
                    Some(limit) => update
                        .condition_expression("attribute_not_exists(#n) OR #n < :limit")
                        .expression_attribute_values(":limit", number(u64::from(limit))),
                }
            }
            Place::Freed => update
                .update_expression("ADD #n :minus")
                .condition_expression("#n > :zero")
                .expression_attribute_values(":minus", AttributeValue::N("-1".to_owned()))
                .expression_attribute_values(":zero", number(0)),
        };
        items.push(TransactWriteItem::builder().update(update.build().map_err(build)?).build());
        meanings.push(Meaning::Limit);
        Ok(())
    }

    fn put_new<T: Serialize>(&self, row: &T) -> Result<TransactWriteItem, StoreError> {
        transaction::put_new(&self.table, row)
    }

    #[expect(clippy::unused_self, reason = "reads better at the call")]
    fn to_item<T: Serialize>(&self, row: &T) -> Result<Item, StoreError> {
        serde_dynamo::to_item(row).map_err(StoreError::unwritable)
    }

    async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Transacted, StoreError> {
        table::transact(&self.client, items, "change").await
    }

    async fn item(&self, key: &Key, what: &'static str) -> Result<Option<Item>, StoreError> {
        table::item(&self.client, &self.table, key, what).await
    }

    async fn rows<T: DeserializeOwned>(
        &self,
        id: &ApplicationId,
        prefix: &str,
    ) -> Result<Vec<T>, StoreError> {
        let partition = keys::application(id);
        table::rows_beginning(
            &self.client,
            &self.table,
            &partition,
            prefix,
            "items of an application",
        )
        .await
    }

    async fn all_indexed(
        &self,
        index: &str,
        attribute: &str,
        value: &str,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let mut all: Vec<ApplicationId> = Vec::new();
        loop {
            let after = all.last().map(keys::application);
            let page =
                self.indexed(index, attribute, value, after.as_deref(), LARGEST_PAGE).await?;
            let is_last = page.len() < usize::try_from(LARGEST_PAGE).unwrap_or_default();
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    async fn indexed(
        &self,
        index: &str,
        attribute: &str,
        value: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let condition = if after.is_some() { "#key = :key AND pk > :after" } else { "#key = :key" };
        let page = retried(|| {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(index)
                .key_condition_expression(condition)
                .expression_attribute_names("#key", attribute)
                .expression_attribute_values(":key", text(value))
                .limit(limit);
            match after {
                Some(after) => query.expression_attribute_values(":after", text(after)).send(),
                None => query.send(),
            }
        })
        .await
        .map_err(|error| StoreError::unavailable("index", error))?;
        Ok(page
            .items
            .unwrap_or_default()
            .iter()
            .filter_map(|item| keys::application_of(&key_of(item).pk))
            .collect())
    }
}

fn in_order(ids: &[ApplicationId], items: Vec<Item>) -> Result<Vec<Application>, StoreError> {
    let mut found = HashMap::with_capacity(items.len());
    for item in items {
        let key = key_of(&item);
        let head = application(&key, item)?;
        found.insert(head.id.clone(), head);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// What a failed condition in a transaction means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Meaning {
    Version,
    Worker,
    Limit,
}

/// What a transaction's outcome means to whoever saves.
fn saved(outcome: Result<Transacted, StoreError>, meanings: &[Meaning]) -> Result<(), SaveError> {
    let failed = match outcome? {
        Transacted::Written => return Ok(()),
        Transacted::Refused(failed) => failed,
    };
    let met = |wanted: Meaning| {
        failed.iter().zip(meanings).any(|(failed, meaning)| *failed && *meaning == wanted)
    };
    // Somebody was faster explains everything else, so it comes first.
    Err(if met(Meaning::Version) || meanings.is_empty() {
        SaveError::Conflict
    } else if met(Meaning::Worker) {
        SaveError::WorkerTaken
    } else if met(Meaning::Limit) {
        SaveError::LimitReached
    } else {
        SaveError::Conflict
    })
}

fn refusal(head: Application, press: &Press<'_>) -> SubmitOutcome {
    match head.pressed(press) {
        Pressed::NotTheirs => SubmitOutcome::NotFound,
        Pressed::SentBefore => SubmitOutcome::Repeated(head),
        // Ready, but not yet at the arrival of the ticket.
        Pressed::Ready | Pressed::NotReady => SubmitOutcome::NotReady(head),
    }
}

/// The head as stored.
#[derive(Debug, Deserialize, Serialize)]
struct HeadRow {
    pk: String,
    sk: String,
    v: u8,
    state: String,
    version: u64,
    campaign: CampaignId,
    campaign_version: u32,
    model: ModelId,
    schema: String,
    representative: AccountId,
    owner: OwnerId,
    filer: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationId>,
    created: i64,
    changed: i64,
    representative_pk: String,
    filer_pk: String,
    own_pk: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attention: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    province: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ready_since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_by: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_under: Option<u32>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    terms: BTreeMap<TermKind, TermRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agreement: Option<AgreementStep>,
    #[serde(default, skip_serializing_if = "is_zero")]
    reminded: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    office_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    office_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_at: Option<i64>,
    #[serde(flatten)]
    waiting: Waiting,
}

/// A term as stored: the rule that computed it, its first instant and the first instant after it, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct TermRow {
    rule: u32,
    start: i64,
    end: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u8) -> bool {
    *count == 0
}

impl HeadRow {
    fn of(application: &Application) -> Self {
        let key = keys::head(&application.id);
        let parties = &application.parties;
        let (ready, submission, case) = match &application.stage {
            Stage::ToSend(ready) => (Some(ready), None, None),
            Stage::Sent { submission, case, .. } => {
                (Some(&submission.ready), Some(submission), Some(case))
            }
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::Blocked { .. }
            | Stage::Deleted => (None, None, None),
        };
        let due = case.and_then(|case| case.due);
        let state = application.state();
        let attention = match application.stage {
            Stage::ToComplete { attention } => attention,
            Stage::ToValidate
            | Stage::ToSend(_)
            | Stage::Sent { .. }
            | Stage::Blocked { .. }
            | Stage::Deleted => None,
        };
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            state: state.code().to_owned(),
            version: application.version,
            campaign: application.campaign.clone(),
            campaign_version: application.campaign_version,
            model: application.model.clone(),
            schema: application.schema.clone(),
            representative: parties.representative.clone(),
            owner: parties.owner.clone(),
            filer: parties.filer.clone(),
            organisation: parties.organisation.clone(),
            created: millis(application.created),
            changed: millis(application.changed),
            representative_pk: keys::of_representative(&parties.representative),
            filer_pk: keys::of_filer(
                &parties.filer,
                parties.organisation.as_ref(),
                &application.id,
            ),
            own_pk: keys::own(&parties.filer, parties.organisation.as_ref(), &application.campaign),
            attention: attention.map(|attention| attention.code().to_owned()),
            digest: ready.map(|ready| HEXLOWER.encode(&ready.digest)),
            worker: ready.and_then(|ready| ready.worker.clone()),
            province: application.province().map(str::to_owned),
            ready_since: ready.map(|ready| millis(ready.since)),
            arrival: submission.map(|submission| millis(submission.arrival)),
            receipt_code: submission.map(|submission| submission.code.as_str().to_owned()),
            submitted_by: submission.map(|submission| submission.submitted_by.clone()),
            submitted_under: submission.map(|submission| submission.campaign_version),
            terms: case.map(term_rows).unwrap_or_default(),
            agreement: case.and_then(|case| case.agreement),
            reminded: case.map_or(0, |case| case.reminded),
            // An archived case is nobody's work any more.
            office_pk: submission.filter(|_| !state.is_final()).map(|submission| {
                keys::office(&submission.ready.province, state.code(), &application.id)
            }),
            office_at: submission
                .filter(|_| !state.is_final())
                .map(|submission| millis(submission.arrival)),
            due_pk: due.map(|_| keys::due(&application.campaign, &application.id)),
            due_at: due.map(millis),
            waiting: Waiting::nothing(),
        }
    }
}

fn term_rows(case: &Case) -> BTreeMap<TermKind, TermRow> {
    let row = |term: &Term| TermRow {
        rule: term.rule_version(),
        start: millis(term.start()),
        end: millis(term.end()),
    };
    case.terms.iter().map(|(kind, term)| (*kind, row(term))).collect()
}

/// What a head row lacks for its state.
#[derive(Debug, Error)]
#[error("attribute {attribute} does not fit the state")]
struct Misfit {
    attribute: &'static str,
}

/// Rebuilds an application; a row that fits no state is an error with table key and attribute.
fn application(key: &Key, item: Item) -> Result<Application, StoreError> {
    let row: HeadRow =
        serde_dynamo::from_item(item).map_err(|source| StoreError::corrupt(key, source))?;
    let id = keys::application_of(&row.pk)
        .ok_or_else(|| StoreError::corrupt(key, Misfit { attribute: "pk" }))?;
    rebuilt(id, row).map_err(|misfit| StoreError::corrupt(key, misfit))
}

fn rebuilt(id: ApplicationId, row: HeadRow) -> Result<Application, Misfit> {
    let misfit = |attribute| move || Misfit { attribute };
    let state: State = row.state.parse().map_err(|_| Misfit { attribute: "state" })?;
    let ready = || -> Result<Ready, Misfit> {
        let digest = row.digest.as_deref().ok_or_else(misfit("digest"))?;
        let digest = bytes(digest).ok_or_else(misfit("digest"))?;
        Ok(Ready {
            digest,
            worker: row.worker.clone(),
            province: row.province.clone().ok_or_else(misfit("province"))?,
            since: row
                .ready_since
                .and_then(|millis| instant(millis).ok())
                .ok_or_else(misfit("ready_since"))?,
        })
    };
    let stage = match state {
        State::ToValidate => Stage::ToValidate,
        State::ToComplete => Stage::ToComplete {
            attention: match row.attention.as_deref() {
                None => None,
                Some(code) => Some(Attention::from_code(code).ok_or_else(misfit("attention"))?),
            },
        },
        State::ToSend => Stage::ToSend(ready()?),
        State::Blocked => Stage::Blocked { province: row.province.clone() },
        State::Deleted => Stage::Deleted,
        _ => Stage::Sent {
            state,
            case: case(&row)?,
            submission: Submission {
                ready: ready()?,
                arrival: row
                    .arrival
                    .and_then(|millis| instant(millis).ok())
                    .ok_or_else(misfit("arrival"))?,
                code: row
                    .receipt_code
                    .as_deref()
                    .and_then(|code| code.parse().ok())
                    .ok_or_else(misfit("receipt_code"))?,
                submitted_by: row.submitted_by.clone().ok_or_else(misfit("submitted_by"))?,
                campaign_version: row.submitted_under.ok_or_else(misfit("submitted_under"))?,
            },
        },
    };
    Ok(Application {
        id,
        campaign: row.campaign,
        campaign_version: row.campaign_version,
        model: row.model,
        schema: row.schema,
        parties: Parties {
            representative: row.representative,
            owner: row.owner,
            filer: row.filer,
            organisation: row.organisation,
        },
        version: row.version,
        created: instant(row.created).map_err(|_| Misfit { attribute: "created" })?,
        changed: instant(row.changed).map_err(|_| Misfit { attribute: "changed" })?,
        stage,
    })
}

fn case(row: &HeadRow) -> Result<Case, Misfit> {
    let misfit = || Misfit { attribute: "terms" };
    let at = |millis| instant(millis).map_err(|_| misfit());
    let mut terms = BTreeMap::new();
    for (kind, term) in &row.terms {
        let restored = Term::restore(*kind, term.rule, at(term.start)?, at(term.end)?);
        terms.insert(*kind, restored.map_err(|_| misfit())?);
    }
    let due = row.due_at.map(instant).transpose().map_err(|_| Misfit { attribute: "due_at" })?;
    Ok(Case { terms, agreement: row.agreement, reminded: row.reminded, due })
}

/// A lifecycle event as stored; never altered (AUD-1).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct EventRow {
    pk: String,
    sk: String,
    v: u8,
    /// The version of the head after it.
    pub version: u64,
    /// The event's code, of the lifecycle or of the integration agreement; absent for a change without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The action's code, for a change that is no event of the lifecycle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The state before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The state after.
    pub to: String,
    /// When, in milliseconds.
    pub at: i64,
    /// The account, `certified-mailbox`, `consular-system` or `system`.
    pub who: String,
    /// The represented employer.
    pub on_behalf_of: OwnerId,
    /// Digest of the frozen content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Who did what was done by the link in a message to the employer's certified mailbox (NEW-5).
pub const CERTIFIED_MAILBOX: &str = "certified-mailbox";

/// Who did what the consular system reported (CNF-1).
pub const CONSULAR_SYSTEM: &str = "consular-system";

/// Whoever did something, as stored.
pub(crate) fn who(who: &Who) -> String {
    match who {
        Who::Account(account) => account.to_string(),
        Who::CertifiedMailbox => CERTIFIED_MAILBOX.to_owned(),
        Who::ConsularSystem => CONSULAR_SYSTEM.to_owned(),
        Who::System => "system".to_owned(),
    }
}

impl EventRow {
    fn of(id: &ApplicationId, occurrence: &Occurrence) -> Self {
        let key = keys::event(id, occurrence.version);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            version: occurrence.version,
            event: occurrence
                .event
                .map(Event::code)
                .or(occurrence.agreement.map(AgreementEvent::code))
                .map(str::to_owned),
            action: occurrence.action.map(|action| action.code().to_owned()),
            from: occurrence.from.map(|state| state.code().to_owned()),
            to: occurrence.to.code().to_owned(),
            at: millis(occurrence.at),
            who: who(&occurrence.who),
            on_behalf_of: occurrence.on_behalf_of.clone(),
            digest: occurrence.digest.map(|digest| HEXLOWER.encode(&digest)),
        }
    }
}

#[derive(Debug, Deserialize, Serialize)]
struct TaskRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    task: Task,
    #[serde(flatten)]
    waiting: Waiting,
}

impl TaskRow {
    /// The row of a task; it is pending as long as the task waits.
    fn waiting(id: &ApplicationId, task: &Task) -> Result<Self, StoreError> {
        let key = keys::task(id, &task.name);
        let waiting = match task.status {
            TaskStatus::Waiting => Waiting::of(
                id,
                Queue::Enrich,
                instant(task.due).map_err(|source| StoreError::corrupt(&key, source))?,
            ),
            TaskStatus::Done | TaskStatus::Refused | TaskStatus::Silent => Waiting::nothing(),
        };
        Ok(Self { pk: key.pk, sk: key.sk, v: 1, task: task.clone(), waiting })
    }
}

/// An activation code as stored: its hash, and what is needed to derive it again for the PEC.
#[derive(Debug, Deserialize, Serialize)]
struct ActivationRow {
    pk: String,
    sk: String,
    v: u8,
    hash: String,
    nonce: String,
    issued_at: i64,
    expires_at: i64,
    wrong_attempts: u8,
    issued: u8,
    counted_from: i64,
}

impl ActivationRow {
    fn of(id: &ApplicationId, activation: &Activation) -> Self {
        let key = keys::activation(id);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            hash: HEXLOWER.encode(activation.hash.as_bytes()),
            nonce: HEXLOWER.encode(&activation.nonce),
            issued_at: millis(activation.issued_at),
            expires_at: millis(activation.expires_at),
            wrong_attempts: activation.wrong_attempts,
            issued: activation.issued,
            counted_from: millis(activation.counted_from),
        }
    }

    fn activation(&self) -> Result<Activation, Misfit> {
        Ok(Activation {
            hash: CodeHash::from_bytes(bytes(&self.hash).ok_or(Misfit { attribute: "hash" })?),
            nonce: bytes(&self.nonce).ok_or(Misfit { attribute: "nonce" })?,
            issued_at: instant(self.issued_at).map_err(|_| Misfit { attribute: "issued_at" })?,
            expires_at: instant(self.expires_at).map_err(|_| Misfit { attribute: "expires_at" })?,
            wrong_attempts: self.wrong_attempts,
            issued: self.issued,
            counted_from: instant(self.counted_from)
                .map_err(|_| Misfit { attribute: "counted_from" })?,
        })
    }
}

fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}

fn activation_put(
    table: &str,
    id: &ApplicationId,
    before: Option<&Activation>,
    after: &Activation,
) -> Result<Put, StoreError> {
    let row = ActivationRow::of(id, after);
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?));
    let put = match before {
        None => put.condition_expression("attribute_not_exists(pk)"),
        Some(before) => put
            .condition_expression("wrong_attempts = :wrong AND issued_at = :issued")
            .expression_attribute_values(":wrong", number(u64::from(before.wrong_attempts)))
            .expression_attribute_values(
                ":issued",
                AttributeValue::N(millis(before.issued_at).to_string()),
            ),
    };
    put.build().map_err(build)
}
