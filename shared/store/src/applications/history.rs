//! The events of an application, and its notices (AUD-1, COM-1).

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use data_encoding::HEXLOWER;
use domain::{
    application::{Occurrence, Who},
    decision::Decision,
    ids::{ApplicationId, OwnerId},
    lifecycle::{Event, agreement::AgreementEvent},
};
use jiff::Timestamp;
use outside::queue::Queue;
use serde::{Deserialize, Serialize};

use super::Applications;
use crate::{
    documents::DocumentRow,
    keys,
    outbox::NoticeRow,
    places::{Places, RankedRow},
    rows::{SaveError, StoreError, build, millis},
    submission_log::SubmissionLog,
    transaction::{all_or_nothing, number, text},
};

impl Applications {
    /// The events of an application, oldest first (AUD-1).
    pub async fn history(&self, id: &ApplicationId) -> Result<Vec<EventRow>, StoreError> {
        self.rows(id, keys::EVENT_PREFIX).await
    }

    /// The notices of an application.
    pub async fn notices(&self, id: &ApplicationId) -> Result<Vec<NoticeRow>, StoreError> {
        self.rows(id, keys::NOTICE_PREFIX).await
    }

    /// Records the event and the receipt's notice of a submission ([`domain::application::Application::as_submitted`]) with
    /// where it stands in the order of its model, if it competes for places, shows it to its office, lets it wait for the
    /// public log (RNK-3) and clears what waits; once, however often it runs.
    pub async fn record_submission(
        &self,
        decision: &Decision,
        ranked: Option<&RankedRow>,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        let head = decision.after();
        let Some(submission) = head.stage.submission() else { return Ok(()) };
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
            self.put_new(&EventRow::of(&head.id, decision.occurrence()))?,
        ];
        for kind in decision.notices() {
            items.push(self.put_new(&NoticeRow::waiting(&head.id, *kind, 1, now, now))?);
        }
        // As PDF; the press waits for none of it (SUB-4).
        for kind in decision.documents() {
            items.push(self.put_new(&DocumentRow::waiting(head, *kind, now))?);
        }
        if let Some(ranked) = ranked {
            let places = Places::new(self.client.clone(), self.table.clone());
            items.push(places.ranked_item(ranked)?);
        }
        items.extend(
            SubmissionLog::new(self.client.clone(), self.table.clone()).unlogged_item(head, now)?,
        );
        all_or_nothing(&self.client, items, "change").await
    }
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

/// The actor of what was done by the link in a message to the employer's certified mailbox (NEW-5).
pub const CERTIFIED_MAILBOX: &str = "certified-mailbox";

/// The actor of what the consular system reported (CNF-1).
pub const CONSULAR_SYSTEM: &str = "consular-system";

/// The actor of an event, as stored.
pub(crate) fn who(who: &Who) -> String {
    match who {
        Who::Account(account) => account.to_string(),
        Who::CertifiedMailbox => CERTIFIED_MAILBOX.to_owned(),
        Who::ConsularSystem => CONSULAR_SYSTEM.to_owned(),
        Who::System => "system".to_owned(),
    }
}

impl EventRow {
    pub(super) fn of(id: &ApplicationId, occurrence: &Occurrence) -> Self {
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
