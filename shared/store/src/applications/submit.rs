//! The one write of a submission (SUB-2, SUB-3).

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use domain::{
    application::{Application, Press, Pressed},
    ids::ApplicationId,
    lifecycle::State,
    permission::Relation,
    receipt::ReceiptCode,
};
use jiff::Timestamp;
use outside::queue::Queue;

use super::{Applications, head::application};
use crate::{
    keys,
    retry::retried,
    rows::{PendingMark, StoreError, millis},
    transaction::{number, text},
};

/// What the one write of a submission found (SUB-2).
#[derive(Debug)]
pub enum SubmitOutcome {
    /// This request was the first.
    Accepted(Application),
    /// It was submitted before by the same person: the same receipt.
    Repeated(Application),
    /// It is armed, and sent by the portal (NEW-1).
    Armed(Application),
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
            Self::Armed(_) => "armed",
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
    /// The gateway's instant (SUB-3), or the ticket's, by the campaign's clock.
    pub arrival: Timestamp,
    /// The same instant by the gateway's own clock, whatever the campaign's says: queues go by it.
    pub gateway_arrival: Timestamp,
    /// Where the arrival is a ticket's, the gateway's own instant of it: it counts only if the application was ready by
    /// then with what is sent now. Not [`Self::arrival`], which a campaign may move ([`domain::application::Ready::since`] it never moves).
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

    /// The values of the condition's optional parts: the store refuses a value that no part names.
    fn optional_values(&self) -> HashMap<String, AttributeValue> {
        let organisation = self.press.organisation.filter(|_| self.press.may_as(Relation::Filer));
        let organisation = organisation.map(|id| (":organisation".to_owned(), text(id.as_str())));
        let ready_by = self.ready_by.map(|instant| {
            (":ready_by".to_owned(), AttributeValue::N(millis(instant).to_string()))
        });
        organisation.into_iter().chain(ready_by).collect()
    }
}

fn refusal(head: Application, press: &Press<'_>) -> SubmitOutcome {
    match head.pressed(press) {
        Pressed::NotTheirs => SubmitOutcome::NotFound,
        Pressed::SentBefore => SubmitOutcome::Repeated(head),
        Pressed::Armed => SubmitOutcome::Armed(head),
        // Ready, but not yet at the arrival of the ticket.
        Pressed::Ready | Pressed::NotReady => SubmitOutcome::NotReady(head),
    }
}

impl Applications {
    /// The one write of a submission: at most one request to the store and three write units.
    pub async fn submit(&self, submit: &Submit<'_>) -> Result<SubmitOutcome, StoreError> {
        let key = keys::head(submit.application);
        let waiting = PendingMark::of(submit.application, Queue::History, submit.gateway_arrival);
        let Some(condition) = submit.condition() else {
            return Ok(SubmitOutcome::NotFound);
        };
        let written = retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .update_expression(
                    "SET #state = :submitted, version = version + :one, changed = :arrival, arrival = :arrival, \
                     receipt_code = :code, submitted_by = :caller, submitted_under = :under, \
                     pending_pk = :pending_pk, pending_due = :due, queue = :queue",
                )
                .condition_expression(&condition)
                .expression_attribute_names("#state", "state")
                .set_expression_attribute_values(Some(submit.optional_values()))
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
                .expression_attribute_values(":due", AttributeValue::N(millis(submit.gateway_arrival).to_string()))
                .expression_attribute_values(":queue", text(Queue::History.code()))
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
        })
        .await;
        match written {
            Ok(output) => {
                let head = application(&self.table, &key, output.attributes.unwrap_or_default())?;
                Ok(SubmitOutcome::Accepted(head))
            }
            Err(SdkError::ServiceError(service))
                if service.err().is_conditional_check_failed_exception() =>
            {
                let UpdateItemError::ConditionalCheckFailedException(refused) = service.into_err()
                else {
                    return Ok(SubmitOutcome::NotFound);
                };
                let Some(item) = refused.item else { return Ok(SubmitOutcome::NotFound) };
                Ok(refusal(application(&self.table, &key, item)?, &submit.press))
            }
            Err(error) => Err(StoreError::unavailable("submission", error)),
        }
    }
}
