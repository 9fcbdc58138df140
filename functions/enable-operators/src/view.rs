//! What people read of requests to enable operators.

use domain::{
    enabling::{EnablingStep, Office},
    ids::AccountId,
    office,
    organisation::RowOutcome,
};
use edge::access::ActionView;
use serde::Serialize;
use store::enabling::{EnablingEvent, EnablingRequest, LegalRepresentative, NamedOperator};
use utoipa::ToSchema;

/// A page of requests: one's own, or the work list of one's office.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnablingList {
    /// The rows.
    pub requests: Vec<EnablingSummary>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A request as a list shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnablingSummary {
    /// Opaque identifier.
    pub id: String,
    /// What kind of requester it is, as a code.
    pub kind: &'static str,
    /// The same in Italian.
    pub kind_label: &'static str,
    /// The body's name.
    pub name: String,
    /// Province of the seat.
    pub province: String,
    /// Stage code.
    pub stage: &'static str,
    /// Stage in Italian, with the name that the office has in the province (ORG-6).
    pub stage_label: String,
    /// To be sent back with a decision.
    pub version: u64,
    /// RFC 3339.
    pub submitted: String,
    /// RFC 3339.
    pub changed: String,
}

impl EnablingSummary {
    pub(crate) fn of(request: &EnablingRequest) -> Self {
        Self {
            id: request.id.to_string(),
            kind: request.case.kind.code(),
            kind_label: request.case.kind.label(),
            name: request.form.name.clone(),
            province: request.case.province.clone(),
            stage: request.case.stage.code(),
            stage_label: office::stage_label(request.case.stage, &request.case.province),
            version: request.case.version,
            submitted: request.submitted.to_string(),
            changed: request.changed.to_string(),
        }
    }
}

/// A request with its steps.
#[derive(Serialize, ToSchema)]
pub struct EnablingView {
    /// The row of the list.
    #[serde(flatten)]
    pub summary: EnablingSummary,
    /// What the body is, in Italian.
    pub organisation_kind: &'static str,
    /// The organisation's identifier.
    pub organisation: String,
    /// Its fiscal code.
    pub fiscal_code: String,
    /// Its seat.
    pub address: String,
    /// On what it relies, in Italian.
    pub basis: &'static str,
    /// Protocol, or register and number.
    pub reference: String,
    /// Role of the requester.
    pub contact_role: String,
    /// Telephone of the requester.
    pub contact_phone: String,
    /// Where letters go.
    pub contact_email: String,
    /// Who signed form 7.
    pub legal_representative: Option<RepresentativeView>,
    /// The people who are to be enabled.
    pub operators: Vec<NamedOperatorView>,
    /// Every step, oldest first.
    pub events: Vec<StepView>,
    /// What the caller may do now.
    pub allowed: Vec<ActionView>,
}

impl std::fmt::Debug for EnablingView {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EnablingView").field("id", &self.summary.id).finish_non_exhaustive()
    }
}

/// Who signed form 7.
#[derive(Serialize, ToSchema)]
pub struct RepresentativeView {
    /// Surname.
    pub surname: String,
    /// Name.
    pub name: String,
    /// Civil date.
    pub birth_date: String,
    /// Fiscal code.
    pub fiscal_code: String,
}

impl std::fmt::Debug for RepresentativeView {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("RepresentativeView([redacted])")
    }
}

/// One row of form 8.
#[derive(Serialize, ToSchema)]
pub struct NamedOperatorView {
    /// Surname.
    pub surname: String,
    /// Name.
    pub name: String,
    /// Civil date.
    pub birth_date: String,
    /// Address.
    pub email: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// What became of the row, as a code; none before the enabling.
    pub outcome: Option<&'static str>,
    /// The same in Italian.
    pub message: Option<&'static str>,
}

impl std::fmt::Debug for NamedOperatorView {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("NamedOperatorView")
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

impl NamedOperatorView {
    fn of(operator: &NamedOperator) -> Self {
        Self {
            surname: operator.surname.clone(),
            name: operator.name.clone(),
            birth_date: operator.birth_date.clone(),
            email: operator.email.clone(),
            fiscal_code: operator.fiscal_code.clone(),
            outcome: operator.outcome.map(RowOutcome::code),
            message: operator.outcome.map(RowOutcome::label),
        }
    }
}

/// One step of a request.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    /// The version of the request after it.
    pub version: u64,
    /// The step; none for the sending.
    pub step: Option<&'static str>,
    /// What happened, in Italian.
    pub text: &'static str,
    /// The stage after it, in Italian.
    pub to: &'static str,
    /// RFC 3339.
    pub at: String,
    /// The office that took it, in Italian; people are not named.
    pub office: &'static str,
    /// Whether the caller took it.
    pub is_yours: bool,
    /// Why.
    pub reason: Option<String>,
}

impl RepresentativeView {
    fn of(representative: &LegalRepresentative) -> Self {
        Self {
            surname: representative.surname.clone(),
            name: representative.name.clone(),
            birth_date: representative.birth_date.clone(),
            fiscal_code: representative.fiscal_code.clone(),
        }
    }
}

impl StepView {
    fn of(event: &EnablingEvent, reader: &AccountId) -> Self {
        Self {
            version: event.version,
            step: event.step.map(EnablingStep::code),
            text: event.step.map_or("Richiesta presentata", EnablingStep::label),
            to: event.to.label(),
            at: event.at.to_string(),
            office: event.office.label(),
            is_yours: event.who == *reader,
            reason: event.reason.clone(),
        }
    }
}

impl EnablingView {
    pub(crate) fn of(
        request: &EnablingRequest,
        events: &[EnablingEvent],
        reader: &AccountId,
        office: Office,
    ) -> Self {
        let form = &request.form;
        Self {
            summary: EnablingSummary::of(request),
            organisation_kind: form.organisation_kind.label(),
            organisation: form.organisation.to_string(),
            fiscal_code: form.fiscal_code.clone(),
            address: form.address.clone(),
            basis: form.basis.label(),
            reference: form.reference.clone(),
            contact_role: form.contact_role.clone(),
            contact_phone: form.contact_phone.clone(),
            contact_email: form.contact_email.clone(),
            legal_representative: form.legal_representative.as_ref().map(RepresentativeView::of),
            operators: form.operators.iter().map(NamedOperatorView::of).collect(),
            events: events.iter().map(|event| StepView::of(event, reader)).collect(),
            allowed: request
                .case
                .steps(reader, office)
                .into_iter()
                .map(|step| ActionView::of(step.code(), step.label()))
                .collect(),
        }
    }
}
