//! A decision of an office, or the requester's withdrawal, as the body of a request says it.

use domain::enabling::{EnablingStep, Reason};
use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem,
        form::{Input as _, UNEXPECTED, choice, text, whole_number},
    },
};

form! {
    /// Body of `POST /api/enabling-requests/{id}/decisions`.
    pub(crate) struct DecisionBody {
        /// The step that the office takes.
        decision: EnablingStep = choice(DECISIONS, EnablingStep::code, UNEXPECTED),
        /// Why; required for a refusal, 10 to 1000 characters.
        reason: Reason = text()
            .shortest(10)
            .longest(Reason::LONGEST)
            .parsed("Scrivi il motivo in modo comprensibile: da 10 a 1000 caratteri.")
            .sometimes(),
        /// The version of the request that was decided upon.
        version: u64 = whole_number(0, None),
    }

    /// Body of `POST /api/enabling-requests/{id}/withdrawal`.
    pub(crate) struct RequestWithdrawalBody {
        /// The version of the request that is taken back.
        version: u64 = whole_number(0, None),
    }
}

/// The steps that an office takes.
const DECISIONS: &[EnablingStep] =
    &[EnablingStep::Check, EnablingStep::Announce, EnablingStep::Enable, EnablingStep::Refuse];

/// A step that a caller wants to take, with the version of the request that the caller has read.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) step: EnablingStep,
    pub(crate) reason: Option<Reason>,
    pub(crate) version: u64,
}

impl Decision {
    pub(crate) fn read(http_request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: DecisionBody = http_request.form()?;
        let step = body.decision();
        let needs_reason = step.is_some_and(EnablingStep::needs_reason);
        let has_reason = body.peek("reason").is_some_and(|reason| !reason.is_null());
        let reason = if has_reason || needs_reason {
            body.reason().map(Some)
        } else {
            body.drop("reason");
            Some(None)
        };
        let version = body.version();
        let read = (|| Some(Self { step: step?, reason: reason?, version: version? }))();
        body.complete(read)
    }

    /// A withdrawal is the requester's own step and needs no reason.
    pub(crate) fn read_withdrawal(http_request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: RequestWithdrawalBody = http_request.form()?;
        let version = body.version();
        let step = EnablingStep::Withdraw;
        body.complete(version.map(|version| Self { step, reason: None, version }))
    }
}
