//! Armed applications in the store: a row beside the head says that one is armed, and goes in and out with the state; the one
//! write that sends it (NEW-1).
//!
//! To arm or to disarm is a decision like any other, written by [`Applications::commit`] without a companion: head, event and
//! this row, in one transaction. Six units, of a head below one kilobyte, its event and a row of 120 bytes.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use domain::{
    application::{Application, Stage},
    decision::Decision,
    ids::{ApplicationId, CampaignId, ModelId},
    lifecycle::State,
    receipt::ReceiptCode,
};
use jiff::Timestamp;
use outside::queue::Queue;
use serde::{Deserialize, Serialize};

use super::{Applications, head::application};
use crate::{
    keys::{self, Key},
    rows::{PendingMark, StoreError, millis},
    table,
    transaction::{delete, number, put, text},
};

/// That an application is armed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct ArmedRow {
    pk: String,
    /// The application.
    pub(crate) sk: ApplicationId,
    v: u8,
    /// See [`domain::application::ArmedSend::armed`], in milliseconds.
    pub(crate) armed: i64,
}

impl ArmedRow {
    /// The row of an application; none where it is not armed.
    fn of(head: &Application) -> Option<Self> {
        let Stage::Armed(send) = &head.stage else { return None };
        let pk = keys::armed(&head.campaign, &head.model, &head.id).pk;
        Some(Self { pk, sk: head.id.clone(), v: 1, armed: millis(send.armed) })
    }
}

/// What a decision does to the row: in with the state, out with whatever ends it. None where it stays as it is, as with another
/// registry value or a hand-over.
pub(super) fn row_item(
    table: &str,
    decision: &Decision,
) -> Result<Option<TransactWriteItem>, StoreError> {
    let before = decision.before().and_then(ArmedRow::of);
    let after = ArmedRow::of(decision.after());
    if before == after {
        return Ok(None);
    }
    match (before, after) {
        (_, Some(row)) => put(table, &row).map(Some),
        (Some(ArmedRow { pk, sk, .. }), None) => {
            delete(table, &Key { pk, sk: sk.to_string() }).map(Some)
        }
        (None, None) => Ok(None),
    }
}

/// The send of what is armed.
#[derive(Debug)]
pub struct ArmedSubmit<'a> {
    /// Which application.
    pub application: &'a ApplicationId,
    /// Of which decree.
    pub campaign: &'a CampaignId,
    /// Of which model.
    pub model: &'a ModelId,
    /// When it was armed, in milliseconds of the campaign's clock, as its row says: armed anew it is not sent by this.
    pub armed: i64,
    /// The version of the decree that opened the window.
    pub campaign_version: u32,
    /// The opening, or the instant of the arm where that is later, by the campaign's clock (NEW-1).
    pub arrival: Timestamp,
    /// The same instant by the gateway's own clock: queues go by it.
    pub gateway_arrival: Timestamp,
    /// A fresh receipt code, used if nobody was faster.
    pub code: &'a ReceiptCode,
}

/// What the send of something armed found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ArmedOutcome {
    /// This was the first: it is sent.
    Sent,
    /// It was sent before, with another code: that one stands.
    SentBefore,
    /// It is no longer armed, or was armed anew, or is gone: its row went with that.
    NotArmed,
}

impl Applications {
    /// The one write that sends what is armed (ADR 5, ADR 42): one request, tried once, so that the caller hears at once when
    /// the store throttles; two units of the table and one of the index `pending`.
    ///
    /// # Errors
    /// The store failed: it may be sent, and the next try says so. Not retryable where the head is corrupt, or not armed though
    /// its row is there: it stays as it is, unsent.
    pub async fn submit_armed(&self, submit: &ArmedSubmit<'_>) -> Result<ArmedOutcome, StoreError> {
        let key = keys::head(submit.application);
        let waiting = PendingMark::of(submit.application, Queue::History, submit.gateway_arrival);
        let instant = |millis: i64| AttributeValue::N(millis.to_string());
        let written = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .update_expression(
                "SET #state = :submitted, version = version + :one, changed = :arrival, arrival = :arrival, \
                 receipt_code = :code, submitted_under = :under, \
                 pending_pk = :pending_pk, pending_due = :due, queue = :queue",
            )
            // The attributes without which nobody could read the head once it is sent: what waits for its history would hold
            // back its competition until somebody mended it.
            .condition_expression(
                "#state = :armed_state AND campaign = :campaign AND model = :model AND armed = :armed \
                 AND attribute_exists(digest) AND attribute_exists(province) \
                 AND attribute_exists(ready_since) AND attribute_exists(submitted_by)",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":submitted", text(State::Submitted.code()))
            .expression_attribute_values(":armed_state", text(State::Armed.code()))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":arrival", instant(millis(submit.arrival)))
            .expression_attribute_values(":code", text(submit.code.as_str()))
            .expression_attribute_values(":under", number(u64::from(submit.campaign_version)))
            .expression_attribute_values(":campaign", text(submit.campaign.as_str()))
            .expression_attribute_values(":model", text(submit.model.as_str()))
            .expression_attribute_values(":armed", instant(submit.armed))
            .expression_attribute_values(":pending_pk", text(waiting.pending_pk.unwrap_or_default()))
            .expression_attribute_values(":due", instant(millis(submit.gateway_arrival)))
            .expression_attribute_values(":queue", text(Queue::History.code()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
        // Boxed as in `retried`: the SDK's futures are nested deeply.
        let refused = match Box::pin(written).await {
            Ok(_) => return Ok(ArmedOutcome::Sent),
            Err(SdkError::ServiceError(service))
                if service.err().is_conditional_check_failed_exception() =>
            {
                service.into_err()
            }
            Err(error) => return Err(StoreError::unavailable("armed send", error)),
        };
        let item = match refused {
            UpdateItemError::ConditionalCheckFailedException(refused) => refused.item,
            _ => None,
        };
        let found = item.map(|item| application(&self.table, &key, item)).transpose()?;
        match found.as_ref().map_or(ArmedOutcome::NotArmed, outcome) {
            ArmedOutcome::NotArmed => self.is_not_armed(submit).await,
            outcome @ (ArmedOutcome::Sent | ArmedOutcome::SentBefore) => Ok(outcome),
        }
    }

    /// The row goes in the transaction that ends the state: one that is there still belongs to no state.
    async fn is_not_armed(&self, submit: &ArmedSubmit<'_>) -> Result<ArmedOutcome, StoreError> {
        let key = keys::armed(submit.campaign, submit.model, submit.application);
        let row: Option<ArmedRow> =
            table::row(&self.client, &self.table, &key, "what is armed").await?;
        match row {
            Some(row) if row.armed == submit.armed => {
                Err(StoreError::corrupt(&key, "the head is not armed as the row says"))
            }
            _ => Ok(ArmedOutcome::NotArmed),
        }
    }
}

/// What a head says that was not sent by this write.
const fn outcome(head: &Application) -> ArmedOutcome {
    match head.stage {
        Stage::Sent { .. } => ArmedOutcome::SentBefore,
        Stage::ToValidate
        | Stage::ToComplete { .. }
        | Stage::ToSend(_)
        | Stage::Armed(_)
        | Stage::Blocked { .. }
        | Stage::Deleted => ArmedOutcome::NotArmed,
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        application::{Parties, Ready, Submission, Who},
        ids::{AccountId, OwnerId},
        procedure::Procedure,
    };

    use super::*;

    fn anna() -> AccountId {
        AccountId::keyed(&[1; 32])
    }

    fn eve() -> Timestamp {
        "2026-01-11T19:00:00Z".parse().unwrap()
    }

    fn content() -> Ready {
        Ready { digest: [5; 32], worker: None, province: "FG".to_owned(), since: eve() }
    }

    /// Anna's application at a stage.
    fn at(stage: Stage) -> Application {
        Application {
            id: ApplicationId::from_random([7; 16]),
            campaign: "demo".parse().unwrap(),
            campaign_version: 1,
            model: "a-bis".parse().unwrap(),
            schema: "a-bis@1".to_owned(),
            parties: Parties {
                representative: anna(),
                owner: OwnerId::keyed(&[2; 32]),
                filer: anna(),
                organisation: None,
            },
            version: 4,
            created: eve(),
            changed: eve(),
            stage,
        }
    }

    fn ready() -> Application {
        at(Stage::ToSend(content()))
    }

    /// NEW-1: the row says when Anna armed, in the partition of her application.
    #[test]
    fn the_row_goes_in_with_the_arm_and_out_with_its_end() {
        let armed = ready().arm(&anna(), eve()).unwrap();
        let item = row_item("PortalTable", &armed).unwrap().unwrap();
        let put = item.put().unwrap();
        let row: ArmedRow = serde_dynamo::from_item(put.item().clone()).unwrap();
        assert_eq!((row.sk, row.armed), (armed.after().id.clone(), millis(eve())));

        let disarmed = armed.after().disarm(Who::Account(anna()), eve()).unwrap();
        let item = row_item("PortalTable", &disarmed).unwrap().unwrap();
        let head = armed.after();
        let key = keys::armed(&head.campaign, &head.model, &head.id);
        assert_eq!(*item.delete().unwrap().key(), key.item());
    }

    /// Another value of a registry, or what was never armed, touches no row.
    #[test]
    fn what_stays_armed_keeps_its_row() {
        let armed = ready().arm(&anna(), eve()).unwrap().into_after();
        let again = armed.ready_again(content(), Who::System, eve());
        assert_eq!(again.after().state(), State::Armed);
        assert!(row_item("PortalTable", &again).unwrap().is_none());
        let other = ready().ready_again(content(), Who::System, eve());
        assert!(row_item("PortalTable", &other).unwrap().is_none());
    }

    #[test]
    fn what_was_sent_before_is_told_from_what_is_not_armed() {
        let submission = Submission {
            ready: content(),
            arrival: eve(),
            code: ReceiptCode::from_random([6; 10]),
            submitted_by: anna(),
            campaign_version: 1,
            armed: Some(eve()),
        };
        let sent = at(Stage::Sent { submission, procedure: Procedure::begun() });
        assert_eq!(outcome(&sent), ArmedOutcome::SentBefore);
        assert_eq!(outcome(&ready()), ArmedOutcome::NotArmed);
    }
}
