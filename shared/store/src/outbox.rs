//! The outbox: notices and letters that wait to be sent, claimed before they are, with what became of them (COM-2).

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, TransactWriteItem, Update},
};
use domain::{
    ids::ApplicationId,
    notice::{Channel, NoticeKind, Undelivered},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    drafts::Remark,
    keys::{self, Key},
    retry::{Failure, retried},
    rows::{PendingMark, SaveError, StoreError, build, millis},
    table,
    transaction::all_or_nothing,
};
use outside::{
    files::{self, StoredFile},
    queue::Queue,
};

/// A claim older than this was made by a sender that died; it is then reconciled.
pub const CLAIM_LASTS: SignedDuration = SignedDuration::from_mins(5);

/// A notice as stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct NoticeRow {
    pk: String,
    sk: String,
    v: u8,
    /// The notice's kind.
    pub kind: String,
    /// Counts the notices of one kind.
    pub n: u32,
    /// When it came to be, in milliseconds.
    pub created: i64,
    /// When a sender took it, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<i64>,
    /// When the provider accepted it, in milliseconds (PEC-1: here the sending ends).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<i64>,
    /// When the mailbox had it, by the provider's receipt, in milliseconds (COM-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<i64>,
    /// When it was given up, or the provider's receipt said that it did not arrive, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<i64>,
    /// Why it did not arrive, as the provider's receipt has it: a code, never an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Undelivered>,
    /// Whether it is the copy by ordinary mail for the filer (COM-1).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub copy: bool,
    /// The provider's identifier of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The receipts of the certified provider, in the order in which they were read (COM-2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<KeptReceipt>,
    #[serde(flatten)]
    waiting: PendingMark,
}

/// The words of an office or an employer that a notice tells, among the remarks of its application by version (DEC-1).
///
/// They are those of the event that the notice tells of. A PEC that is sent again is a notice of a later version and repeats
/// them: an announced refusal without its reasons would begin a term that nobody can answer (art. 10-bis L. 241/1990). What an
/// officer notes about the new sending belongs to that act and is not in the PEC.
pub fn words_told<'a>(notice: &NoticeRow, remarks: &'a BTreeMap<u64, Remark>) -> Option<&'a str> {
    let kind = notice.kind()?;
    remarks.range(..=u64::from(notice.n)).rev().find_map(|(_, remark)| match remark {
        Remark::Reason { event, text, .. } if kind.tells_of(event) => Some(text.as_str()),
        Remark::Reason { .. }
        | Remark::Correction { .. }
        | Remark::LateValues { .. }
        | Remark::Release { .. } => None,
    })
}

impl NoticeRow {
    /// A notice that waits to be sent. Codes and terms go before receipts: the two have queues of their own.
    ///
    /// `now` is what people see of it, and may be a campaign's; it waits from `wall` on, which no campaign moves.
    pub(crate) fn waiting(
        id: &ApplicationId,
        kind: NoticeKind,
        n: u32,
        now: Timestamp,
        wall: Timestamp,
    ) -> Self {
        let key = keys::notice(id, kind.code(), n);
        let queue = if kind.is_urgent() { Queue::Urgent } else { Queue::Bulk };
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            kind: kind.code().to_owned(),
            n,
            created: millis(now),
            claimed: None,
            accepted: None,
            delivered: None,
            failed: None,
            failure: None,
            copy: false,
            message: None,
            receipts: Vec::new(),
            waiting: PendingMark::of(id, queue, wall),
        }
    }

    /// Its copy for the filer, by ordinary mail (COM-1).
    pub(crate) fn copied(&self, id: &ApplicationId, wall: Timestamp) -> Self {
        let key = keys::notice_copy(id, &self.kind, self.n);
        Self {
            pk: key.pk,
            sk: key.sk,
            copy: true,
            waiting: PendingMark::of(id, Queue::Bulk, wall),
            ..self.clone()
        }
    }

    /// What it is.
    pub fn kind(&self) -> Option<NoticeKind> {
        self.kind.parse().ok()
    }

    /// By which way it goes: a copy goes to the filer by mail.
    pub fn channel(&self) -> Option<Channel> {
        if self.copy { Some(Channel::MailToFiler) } else { Some(self.kind()?.channel()) }
    }

    /// The application that it is about.
    pub fn application(&self) -> Option<ApplicationId> {
        keys::application_of(&self.pk)
    }

    /// Whether it still waits to be sent.
    pub const fn is_waiting(&self) -> bool {
        self.waiting.queue.is_some()
    }

    /// Where it stands.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }
}

/// What a receipt of the certified provider says (RFC 6109).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptEvent {
    /// *Accettazione*: our provider has it.
    Accepted,
    /// *Presa in carico* between providers.
    TakenInCharge,
    /// *Avvenuta consegna*: it is in the mailbox.
    Delivered,
    /// *Mancata consegna*, *non accettazione*, a virus.
    Failed,
    /// *Preavviso di mancata consegna*: nothing is decided yet.
    Warning,
}

/// A receipt as kept: what it says, and where its bytes are, which are the proof (COM-2).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptReceipt {
    /// What it says.
    pub event: ReceiptEvent,
    /// When that happened, by the provider's clock, in milliseconds.
    pub at: i64,
    /// SHA-256 of the provider's identifier, in hex: two copies of one receipt have the same.
    pub id: String,
    /// The message as it lay in our mailbox: its digest stays when its bytes are gone.
    pub file: StoredFile,
    /// Whether its bytes went with the content of the case: a delivery receipt brings the whole message back (PRV-1).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forgotten: bool,
}

impl KeptReceipt {
    /// By what a receipt with this identifier of the provider is known again.
    pub fn id_of(identifier: &str) -> String {
        files::sha256(identifier.as_bytes())
    }

    /// The key of its bytes: the same for each copy of the receipt, and naming no person.
    pub fn file_key(id: &ApplicationId, receipt: &str) -> String {
        format!("receipts/{}", files::sha256(format!("{id} {receipt}").as_bytes()))
    }
}

/// What a receipt newly says about a notice; neither final state replaces the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeliveryUpdate {
    /// Nothing new.
    Same,
    /// It left, which was not recorded: the sender died before.
    Accepted(Timestamp),
    /// It is in the mailbox.
    Delivered(Timestamp),
    /// It will not get there.
    Failed(Timestamp, Undelivered),
}

/// The provider took a message: nothing waits any more, and a letter forgets to whom it went and what it said.
const ACCEPTED: &str = "SET accepted = :now, message = :message REMOVE pending_pk, pending_due, queue, recipient, facts";
/// A message will never be sent.
const FAILED: &str =
    "SET failed = :now, failure = :reason REMOVE pending_pk, pending_due, queue, recipient, facts";

/// The outbox in a table.
#[derive(Clone, Debug)]
pub struct Outbox {
    client: Client,
    table: String,
}

impl Outbox {
    /// The outbox in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// One notice, as last written.
    pub async fn notice(&self, key: &Key) -> Result<Option<NoticeRow>, StoreError> {
        table::row(&self.client, &self.table, key, "notice").await
    }

    /// Takes a notice or letter for sending; false when another sender has it or it is no longer waiting.
    pub async fn claim(&self, message: &Key, now: Timestamp) -> Result<bool, StoreError> {
        let stale = millis(now - CLAIM_LASTS);
        let claimed = retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(message.item()))
                .update_expression("SET claimed = :now")
                .condition_expression("attribute_exists(queue) AND (attribute_not_exists(claimed) OR claimed < :stale)")
                .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
                .expression_attribute_values(":stale", AttributeValue::N(stale.to_string()))
                .send()
        })
        .await;
        match claimed {
            Ok(_) => Ok(true),
            Err(error) if Failure::of(&error) == Failure::Condition => Ok(false),
            Err(error) => Err(StoreError::unavailable("notice", error)),
        }
    }

    /// Gives a claimed one back, because the provider certainly did not take it.
    pub async fn release(&self, message: &Key) -> Result<(), StoreError> {
        self.set(message, "REMOVE claimed", &[]).await
    }

    /// The provider accepted it: nothing waits any more, and a letter forgets to whom it went and what it said.
    pub async fn record_accepted(
        &self,
        message: &Key,
        provider_id: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.set(
            message,
            ACCEPTED,
            &[
                (":now", AttributeValue::N(millis(now).to_string())),
                (":message", AttributeValue::S(provider_id.to_owned())),
            ],
        )
        .await
    }

    /// The same write, where nothing else follows from it.
    pub async fn record_receipt(
        &self,
        notice: &NoticeRow,
        receipt: &KeptReceipt,
        delivery: DeliveryUpdate,
    ) -> Result<(), SaveError> {
        let items = vec![receipt_item(&self.table, notice, receipt, delivery)?];
        all_or_nothing(&self.client, items, "notice").await
    }

    /// It will never be sent: visible to the officer, and nothing waits any more (COM-2).
    pub async fn record_failed(
        &self,
        message: &Key,
        reason: Undelivered,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.set(
            message,
            FAILED,
            &[
                (":now", AttributeValue::N(millis(now).to_string())),
                (":reason", AttributeValue::S(reason.to_string())),
            ],
        )
        .await
    }

    async fn set(
        &self,
        message: &Key,
        expression: &str,
        values: &[(&str, AttributeValue)],
    ) -> Result<(), StoreError> {
        retried(|| {
            values
                .iter()
                .fold(
                    self.client
                        .update_item()
                        .table_name(&self.table)
                        .set_key(Some(message.item()))
                        .update_expression(expression)
                        .condition_expression("attribute_exists(pk)"),
                    |update, (name, value)| {
                        update.expression_attribute_values(*name, value.clone())
                    },
                )
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("notice", error))?;
        Ok(())
    }
}

/// The write of [`Outbox::record_accepted`], to go along with the change of the head that the sending brings about: the term
/// that begins with it is never lost, nor begun twice (COM-2).
pub(crate) fn accepted_item(
    table: &str,
    message: &Key,
    provider_id: &str,
    now: Timestamp,
) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(message.item()))
        .update_expression(ACCEPTED)
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
        .expression_attribute_values(":message", AttributeValue::S(provider_id.to_owned()))
        .build()
        .map_err(build)?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// The write that keeps a receipt of the provider at its notice, with what it tells (COM-2).
///
/// Nothing is written twice: the condition asks that the notice has the receipts and the fate that were read.
pub(crate) fn receipt_item(
    table: &str,
    notice: &NoticeRow,
    receipt: &KeptReceipt,
    delivery: DeliveryUpdate,
) -> Result<TransactWriteItem, StoreError> {
    let list = |receipts: Vec<&KeptReceipt>| {
        serde_dynamo::to_attribute_value(receipts).map_err(StoreError::unwritable)
    };
    let mut conditions = vec!["attribute_exists(pk)"];
    let mut update = Update::builder()
        .table_name(table)
        .set_key(Some(notice.key().item()))
        .expression_attribute_values(
            ":receipts",
            list(notice.receipts.iter().chain([receipt]).collect())?,
        );
    if notice.receipts.is_empty() {
        conditions.push("attribute_not_exists(receipts)");
    } else {
        conditions.push("receipts = :before");
        update =
            update.expression_attribute_values(":before", list(notice.receipts.iter().collect())?);
    }
    let at = |instant: Timestamp| AttributeValue::N(millis(instant).to_string());
    let mut expression = "SET receipts = :receipts".to_owned();
    if let DeliveryUpdate::Delivered(_) | DeliveryUpdate::Failed(..) = delivery {
        conditions.push("attribute_not_exists(delivered) AND attribute_not_exists(failed)");
    }
    match delivery {
        // The row says already that it left.
        DeliveryUpdate::Accepted(_) if notice.accepted.is_some() => {}
        DeliveryUpdate::Same => {}
        DeliveryUpdate::Accepted(instant) => {
            update = update.expression_attribute_values(":at", at(instant));
        }
        DeliveryUpdate::Delivered(instant) => {
            expression.push_str(", delivered = :at");
            update = update.expression_attribute_values(":at", at(instant));
        }
        DeliveryUpdate::Failed(instant, reason) => {
            expression.push_str(", failed = :at, failure = :reason");
            update = update
                .expression_attribute_values(":at", at(instant))
                .expression_attribute_values(":reason", AttributeValue::S(reason.to_string()));
        }
    }
    // Any receipt means that it has left: no sender sends it again.
    if notice.accepted.is_none() && delivery != DeliveryUpdate::Same {
        conditions.push("attribute_not_exists(accepted)");
        expression.push_str(", accepted = :at REMOVE pending_pk, pending_due, queue");
    }
    let update = update
        .condition_expression(conditions.join(" AND "))
        .update_expression(expression)
        .build()
        .map_err(build)?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// The write of [`Outbox::record_failed`], to go along with the change of the head that it brings about: the term that it tells
/// of is void (COM-2).
pub(crate) fn failed_item(
    table: &str,
    message: &Key,
    reason: Undelivered,
    now: Timestamp,
) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(message.item()))
        .update_expression(FAILED)
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
        .expression_attribute_values(":reason", AttributeValue::S(reason.to_string()))
        .build()
        .map_err(build)?;
    Ok(TransactWriteItem::builder().update(update).build())
}
