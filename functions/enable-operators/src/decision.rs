//! A decision of an office, or the requester's withdrawal, as the body of a request says it.

use domain::enabling::{EnablingStep, Reason};
use edge::http::{Exchange, Problem};
use serde_json::Value;

/// Body of `POST /api/enabling-requests/{id}/decisions`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct DecisionBody {
    /// `check`, `announce`, `enable` or `refuse`.
    decision: String,
    /// Why; required for a refusal, 10 to 1000 characters.
    reason: Option<String>,
    /// The version of the request that was decided upon.
    version: u64,
}

/// Body of `POST /api/enabling-requests/{id}/withdrawal`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct WithdrawalBody {
    /// The version of the request that is taken back.
    version: u64,
}

/// A step that a caller wants to take, with the version of the request that the caller has read.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) step: EnablingStep,
    pub(crate) reason: Option<Reason>,
    pub(crate) version: u64,
}

impl Decision {
    pub(crate) fn read(exchange: &Exchange) -> Result<Self, Problem> {
        const DECISIONS: &[EnablingStep] = &[
            EnablingStep::Check,
            EnablingStep::Announce,
            EnablingStep::Enable,
            EnablingStep::Refuse,
        ];
        let mut fields = exchange.fields()?;
        let step = fields.one_of("decision", DECISIONS);
        let has_reason = !matches!(fields.peek("reason"), None | Some(Value::Null));
        let reason = if has_reason || step.is_some_and(EnablingStep::needs_reason) {
            fields.long_text("reason", Reason::LONGEST).and_then(|text| match text.parse() {
                Ok(reason) => Some(Some(reason)),
                Err(_) => fields.refuse(
                    "reason",
                    "non-valido",
                    "Scrivi il motivo in modo comprensibile: da 10 a 1000 caratteri.",
                ),
            })
        } else {
            fields.optional_text("reason");
            Some(None)
        };
        let version = fields.whole_number("version");
        let read = (|| Some(Self { step: step?, reason: reason?, version: version? }))();
        fields.complete(read)
    }

    /// A withdrawal is the requester's own step and needs no reason.
    pub(crate) fn read_withdrawal(exchange: &Exchange) -> Result<Self, Problem> {
        let mut fields = exchange.fields()?;
        let version = fields.whole_number("version");
        let step = EnablingStep::Withdraw;
        fields.complete(version.map(|version| Self { step, reason: None, version }))
    }
}
