//! A change of an application: head, event, notices, claims and limits in one transaction (AUD-1).

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use domain::{
    activation::Activation,
    application::{Application, Occurrence, Who},
    consular::ConsularDecision,
    document::DocumentKind,
    lifecycle::{Event, State, agreement::AgreementEvent},
    notice::NoticeKind,
    permission::Action,
};
use outside::clock;

use super::{
    Applications,
    activation::activation_put,
    history::EventRow,
    tasks::{Task, TaskRow},
};
use crate::{
    consulate::ConsularRow,
    documents::DocumentRow,
    flags, keys,
    outbox::NoticeRow,
    rows::{SaveError, StoreError, build},
    table::Transacted,
    transaction::{all_or_nothing, head_is, number, text},
};

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

impl Applications {
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
        all_or_nothing(&self.client, content, "change").await
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
}
