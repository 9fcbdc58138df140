//! Writes a decision whole: head, history, notices, documents, consular messages, places, limits, flags, claims, and what
//! the request brought along, in one transaction (AUD-1).
//!
//! What an event brings about is read off the [`Decision`]; nothing here knows an event. What a request brings along is
//! typed ([`Companion`]): callers never see a part of a transaction.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use domain::{
    activation::Activation,
    application::Application,
    decision::{Decision, Limit, Place},
    form::{Schema, Values},
    notice::{NoticeKind, Undelivered},
};
use jiff::{Timestamp, civil::Date};
use outside::{clock, files::StoredFile};

use super::{
    Applications,
    activation::{activation_put, activation_unchanged_item},
    armed,
    history::EventRow,
    saved::SavedRow,
    tasks::{Task, TaskRow, settled_item},
};
use crate::{
    account_links::LinkedApplication,
    consular_reports::ReportRow,
    consulate::ConsularRow,
    documents::{self, DocumentRow},
    drafts::{AgreementData, BorderEntry, Draft, Drafts, Preliminary, Remark},
    flags,
    keys::{self, Key},
    outbox::{self, DeliveryUpdate, KeptReceipt, NoticeRow},
    places::Places,
    rows::{SaveError, StoreError, build},
    table::Transacted,
    transaction::{all_or_nothing, head_is, number, put_new, text},
    uploads::{self, ExpectedSigners, UploadRow, Uploads},
};

/// What is written, or must still hold, along with a decision.
#[derive(Clone, Copy, Debug)]
pub enum Companion<'a> {
    /// A remark, kept under the application's version after the write.
    Remark(&'a Drafts, &'a Remark),
    /// What the preliminary checks asked and found (CHK-2).
    Preliminary(&'a Drafts, &'a Preliminary),
    /// The border entry (ENT-1).
    BorderEntry(&'a Drafts, &'a BorderEntry),
    /// The data of the integration agreement (AGR-1).
    AgreementData(&'a Drafts, &'a AgreementData),
    /// New content of the form, on top of the content that was loaded (FRM-2).
    Content(&'a Drafts, Content<'a>),
    /// Removes all content; conflicts where a section was saved meanwhile (LIM-1, ACC-6).
    Erasure(&'a Drafts, &'a Schema),
    /// New questions to registries, to be queued (ENR-2).
    NewQuestions(&'a [Task]),
    /// A question to a registry as it was read, and as it stands after the attempt.
    Settled(&'a Task, &'a Task),
    /// An activation code where there was none, together with the notice that sends it by PEC (ACT-1).
    NewCode(&'a Activation),
    /// An activation code in the place of the one that was read, with the notice that sends it by PEC.
    ReplacedCode(&'a Activation, &'a Activation),
    /// That content was changed, beside [`Companion::Content`] (AUD-1).
    Saved(&'a SavedRow),
    /// Checks that the activation code is the one that was read: no other request tried it or issued another meanwhile.
    SameCode(&'a Activation),
    /// A permission to upload a file (CTR-1).
    UploadPermission(&'a UploadRow),
    /// Whose signatures are expected in the contract that is to be uploaded (CTR-2).
    ExpectedSigners(&'a Uploads, &'a UploadRow, &'a ExpectedSigners),
    /// The verdict on an uploaded file; one for each upload.
    UploadVerdict(&'a UploadRow),
    /// A file that passed for a field of the form: it is a value of the draft now, or cannot become one (FRM-6).
    UploadSettled(&'a UploadRow),
    /// This upload has no verdict yet.
    NoVerdictYet(&'a UploadRow),
    /// Where the content of a document is; it is made once.
    DocumentMade {
        /// The document as it was read.
        row: &'a DocumentRow,
        /// Its content.
        file: &'a StoredFile,
        /// When, by the wall clock.
        at: Timestamp,
    },
    /// A provider took a notice: it no longer waits to be sent.
    NoticeAccepted {
        /// The notice.
        notice: &'a Key,
        /// The provider's identifier of the message.
        provider_id: &'a str,
        /// When, by the wall clock.
        at: Timestamp,
    },
    /// A notice will never be sent (COM-2).
    NoticeFailed {
        /// The notice.
        notice: &'a Key,
        /// Why.
        reason: Undelivered,
        /// When, by the wall clock.
        at: Timestamp,
    },
    /// A receipt of the certified provider with what it tells of a notice (COM-2).
    Receipt(&'a NoticeRow, &'a KeptReceipt, DeliveryUpdate),
    /// The application follows a former account, which must still be linked to the other (IDP-2).
    Linked(&'a LinkedApplication),
    /// It goes back: the row that says what followed is taken out, once (IDP-2).
    Unlinked(&'a LinkedApplication),
    /// What the consular system reported; a report is recorded once (CNF-1).
    Report(&'a ReportRow),
    /// Its people are told of the place that it moved up to, once (RNK-2).
    MovedUp,
}

/// New content of a form.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// The form.
    pub schema: &'a Schema,
    /// The content that was loaded: what was saved meanwhile is a conflict.
    pub before: &'a Draft,
    /// The content to be stored.
    pub after: &'a Values,
    /// The campaign's day, for the summary.
    pub today: Date,
}

/// What a failed condition in a transaction means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum FailedCondition {
    Version,
    Worker,
    Limit,
}

/// A transaction under construction, with the meaning of each part's condition.
#[derive(Debug, Default)]
struct Parts {
    items: Vec<TransactWriteItem>,
    meanings: Vec<FailedCondition>,
}

impl Parts {
    /// A part whose condition fails when the application, or what goes along, was changed meanwhile.
    fn add(&mut self, item: TransactWriteItem) {
        self.add_meaning(item, FailedCondition::Version);
    }

    fn add_all(&mut self, items: impl IntoIterator<Item = TransactWriteItem>) {
        items.into_iter().for_each(|item| self.add(item));
    }

    fn add_meaning(&mut self, item: TransactWriteItem, meaning: FailedCondition) {
        self.items.push(item);
        self.meanings.push(meaning);
    }
}

/// What a transaction's outcome means to the caller.
fn save_result(
    outcome: Result<Transacted, StoreError>,
    meanings: &[FailedCondition],
) -> Result<(), SaveError> {
    let failed = match outcome? {
        Transacted::Written => return Ok(()),
        Transacted::Refused(failed) => failed,
    };
    let failed_on = |wanted: FailedCondition| {
        failed.iter().zip(meanings).any(|(failed, meaning)| *failed && *meaning == wanted)
    };
    // A version conflict comes first: the other failures may be its consequence.
    Err(if failed_on(FailedCondition::Version) || meanings.is_empty() {
        SaveError::Conflict
    } else if failed_on(FailedCondition::Worker) {
        SaveError::WorkerTaken
    } else if failed_on(FailedCondition::Limit) {
        SaveError::LimitReached
    } else {
        SaveError::Conflict
    })
}

impl Applications {
    /// Writes a decision with everything that it brings about and its companions, all or nothing, only if the stored head
    /// is still the one that was judged.
    ///
    /// What arms an application, and what ends that by anything but the send, needs no companion: the row by which
    /// send-armed finds it goes in and out with the state (NEW-1).
    ///
    /// # Errors
    /// Conflict when the head, its place in quota, or something that goes along is no longer as it was read: the caller
    /// judges again. `WorkerTaken` or `LimitReached` when the claim on the worker or the yearly limit does not allow it.
    pub async fn commit(
        &self,
        decision: &Decision,
        along: &[Companion<'_>],
    ) -> Result<(), SaveError> {
        let after = decision.after();
        let mut parts = Parts::default();
        parts.add(self.head_item(decision.before(), after)?);
        parts.add(self.put_new(&EventRow::of(&after.id, decision.occurrence()))?);
        self.claim(decision, &mut parts)?;
        self.limit(decision, &mut parts)?;
        if let Some(row) = armed::row_item(&self.table, decision)? {
            parts.add(row);
        }
        parts.add_all(flags::items(&self.table, decision)?);
        for kind in decision.notices() {
            self.add_notice(after, *kind, &mut parts)?;
        }
        let wall = clock::wall();
        for kind in decision.documents() {
            parts.add(self.put_new(&DocumentRow::waiting(after, *kind, wall))?);
        }
        if let Some(told) = decision.consulate() {
            parts.add(self.put_new(&ConsularRow::waiting(after, told, wall))?);
        }
        self.place(decision, &mut parts).await?;
        for each in along {
            self.add_along(decision, *each, &mut parts).await?;
        }
        save_result(self.transact(parts.items).await, &parts.meanings)
    }

    /// Writes companions alone, without a decision, only if the head is still the one that was loaded.
    pub async fn commit_without_decision(
        &self,
        head: &Application,
        along: &[Companion<'_>],
    ) -> Result<(), SaveError> {
        let mut parts = Parts::default();
        for each in along {
            self.add_companion(head, *each, &mut parts).await?;
        }
        parts.add(head_is(&self.table, head)?);
        all_or_nothing(&self.client, parts.items, "change").await
    }

    /// A notice with its copy for the filer (COM-1).
    fn add_notice(
        &self,
        head: &Application,
        kind: NoticeKind,
        parts: &mut Parts,
    ) -> Result<(), StoreError> {
        let wall = clock::wall();
        let n = u32::try_from(head.version).unwrap_or(u32::MAX);
        let notice = NoticeRow::waiting(&head.id, kind, n, head.changed, wall);
        // An employer who filed in person reads the PEC.
        if kind.is_copied() && head.parties.filer != head.parties.representative {
            parts.add(self.put_new(&notice.copied(&head.id, wall))?);
        }
        parts.add(self.put_new(&notice)?);
        Ok(())
    }

    /// What a decision does to the place in quota (RNK-1, RNK-2, DEC-1).
    async fn place(&self, decision: &Decision, parts: &mut Parts) -> Result<(), SaveError> {
        let places = Places::new(self.client.clone(), self.table.clone());
        let head = decision.after();
        match decision.place() {
            // A submission is recorded apart (`record_submission`).
            Place::Kept | Place::Awaited => {}
            Place::Required => {
                let place = places.of(&head.id).await?.ok_or(SaveError::Conflict)?;
                parts.add(places.in_quota_item(head, &place)?);
            }
            Place::GivenUp => parts.add(places.given_up_item(head)?),
        }
        Ok(())
    }

    async fn add_along(
        &self,
        decision: &Decision,
        along: Companion<'_>,
        parts: &mut Parts,
    ) -> Result<(), SaveError> {
        let after = decision.after();
        match along {
            Companion::NewCode(_) | Companion::ReplacedCode(..) => {
                self.add_companion(after, along, parts).await?;
                if decision.is_told() {
                    self.add_notice(after, NoticeKind::ActivationCode, parts)?;
                }
            }
            Companion::Remark(..)
            | Companion::Preliminary(..)
            | Companion::BorderEntry(..)
            | Companion::AgreementData(..)
            | Companion::Content(..)
            | Companion::Erasure(..)
            | Companion::NewQuestions(..)
            | Companion::Settled(..)
            | Companion::Saved(..)
            | Companion::SameCode(..)
            | Companion::UploadPermission(..)
            | Companion::ExpectedSigners(..)
            | Companion::UploadVerdict(..)
            | Companion::UploadSettled(..)
            | Companion::NoVerdictYet(..)
            | Companion::DocumentMade { .. }
            | Companion::NoticeAccepted { .. }
            | Companion::NoticeFailed { .. }
            | Companion::Receipt(..)
            | Companion::Linked(_)
            | Companion::Unlinked(_)
            | Companion::Report(_)
            | Companion::MovedUp => self.add_companion(after, along, parts).await?,
        }
        Ok(())
    }

    /// Adds the writes of one companion that do not depend on the decision.
    async fn add_companion(
        &self,
        head: &Application,
        along: Companion<'_>,
        parts: &mut Parts,
    ) -> Result<(), SaveError> {
        let (table, id) = (&self.table, &head.id);
        match along {
            Companion::Remark(drafts, remark) => {
                parts.add(drafts.remark_item(id, head.version, remark)?);
            }
            Companion::Preliminary(drafts, preliminary) => {
                parts.add(drafts.preliminary_item(id, preliminary)?);
            }
            Companion::BorderEntry(drafts, entry) => parts.add(drafts.entry_item(id, entry)?),
            Companion::AgreementData(drafts, data) => parts.add(drafts.agreement_item(id, data)?),
            Companion::Content(drafts, content) => {
                let Content { schema, before, after, today } = content;
                parts.add_all(drafts.content_items(id, schema, before, after, today)?);
            }
            Companion::Erasure(drafts, schema) => {
                parts.add_all(drafts.erasure_items(id, schema).await?);
            }
            Companion::NewQuestions(tasks) => {
                for task in tasks {
                    parts.add(self.put_new(&TaskRow::waiting(id, task)?)?);
                }
            }
            Companion::Settled(before, after) => parts.add(settled_item(table, id, before, after)?),
            Companion::NewCode(code) => parts.add(activation_put(table, id, None, code)?),
            Companion::ReplacedCode(before, after) => {
                parts.add(activation_put(table, id, Some(before), after)?);
            }
            Companion::SameCode(code) => parts.add(activation_unchanged_item(table, id, code)?),
            Companion::UploadPermission(row) => parts.add(put_new(table, row)?),
            Companion::ExpectedSigners(uploads, row, signers) => {
                parts.add(uploads.signers_item(row, signers)?);
            }
            Companion::UploadVerdict(row) => parts.add(uploads::examined_item(table, row)?),
            Companion::UploadSettled(row) => parts.add(uploads::settled_item(table, row)?),
            Companion::NoVerdictYet(row) => parts.add(uploads::still_awaited_item(table, row)?),
            Companion::DocumentMade { row, file, at } => {
                parts.add(documents::made_item(table, row, file, at)?);
            }
            Companion::NoticeAccepted { notice, provider_id, at } => {
                parts.add(outbox::accepted_item(table, notice, provider_id, at)?);
            }
            Companion::NoticeFailed { notice, reason, at } => {
                parts.add(outbox::failed_item(table, notice, reason, at)?);
            }
            Companion::Receipt(notice, receipt, fate) => {
                parts.add(outbox::receipt_item(table, notice, receipt, fate)?);
            }
            Companion::Saved(row) => parts.add(put_new(table, row)?),
            Companion::Linked(linked) => parts.add_all(linked.items(table, id)?),
            Companion::Unlinked(linked) => parts.add(linked.taken_out(table, id)?),
            Companion::Report(row) => parts.add(put_new(table, row)?),
            Companion::MovedUp => {
                let places = Places::new(self.client.clone(), self.table.clone());
                parts.add(places.told_item(id)?);
            }
        }
        Ok(())
    }

    /// The worker's claim follows the head: taken when it becomes ready, released when it stops being so.
    fn claim(&self, decision: &Decision, parts: &mut Parts) -> Result<(), StoreError> {
        let after = decision.after();
        let claimed = decision.before().and_then(Application::worker);
        let wanted = after.worker();
        if claimed == wanted {
            return Ok(());
        }
        if let Some(worker) = claimed {
            let delete = Delete::builder()
                .table_name(&self.table)
                .set_key(Some(keys::worker_claim(worker).item()))
                .condition_expression("attribute_not_exists(pk) OR application = :application")
                .expression_attribute_values(":application", text(after.id.as_str()));
            parts.add(TransactWriteItem::builder().delete(delete.build().map_err(build)?).build());
        }
        if let Some(worker) = wanted {
            let key = keys::worker_claim(worker);
            let put = Put::builder()
                .table_name(&self.table)
                .item("pk", text(key.pk))
                .item("sk", text(key.sk))
                .item("v", number(1))
                .item("application", text(after.id.as_str()))
                .condition_expression("attribute_not_exists(pk) OR application = :application")
                .expression_attribute_values(":application", text(after.id.as_str()));
            let claim = TransactWriteItem::builder().put(put.build().map_err(build)?).build();
            parts.add_meaning(claim, FailedCondition::Worker);
        }
        Ok(())
    }

    /// The place in the filer's yearly limit (LIM-1).
    fn limit(&self, decision: &Decision, parts: &mut Parts) -> Result<(), StoreError> {
        let after = decision.after();
        // A place is given back by the account that had it: a link that is undone changes the filer, too (IDP-2).
        let holder = match decision.limit() {
            Limit::GivenBack => decision.before().unwrap_or(after),
            Limit::Kept | Limit::Taken(_) => after,
        };
        let key = keys::limit(&after.campaign, &holder.parties.filer);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .expression_attribute_names("#n", "applications");
        let update = match decision.limit() {
            Limit::Kept => return Ok(()),
            Limit::Taken(limit) => {
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
            Limit::GivenBack => update
                .update_expression("ADD #n :minus")
                .condition_expression("#n > :zero")
                .expression_attribute_values(":minus", AttributeValue::N("-1".to_owned()))
                .expression_attribute_values(":zero", number(0)),
        };
        let update = TransactWriteItem::builder().update(update.build().map_err(build)?).build();
        parts.add_meaning(update, FailedCondition::Limit);
        Ok(())
    }
}
