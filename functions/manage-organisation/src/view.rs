//! What people read of requests, organisations and their operators.

use domain::{
    enabling::Office,
    ids::AccountId,
    organisation::{self, Belonging, OrganisationAction, RowOutcome},
    permission::Role,
};
use jiff::Timestamp;
use serde::Serialize;
use store::{
    enabling::{EnablingEvent, EnablingRequest, NamedOperator},
    organisations::{Operator, Organisation},
    rows::instant,
};
use utoipa::ToSchema;

use crate::asked::WrongRow;

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
    /// Who asks, as a code.
    pub kind: &'static str,
    /// Who asks, in Italian.
    pub kind_label: &'static str,
    /// The body's name.
    pub name: String,
    /// Province of the seat.
    pub province: String,
    /// Stage code.
    pub stage: &'static str,
    /// Stage in Italian.
    pub stage_label: &'static str,
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
            stage_label: request.case.stage.label(),
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
    /// Role of whoever asks.
    pub contact_role: String,
    /// Telephone of whoever asks.
    pub contact_phone: String,
    /// Where letters go.
    pub contact_email: String,
    /// Who signed form 7.
    pub legal_representative: Option<RepresentativeView>,
    /// Who shall be enabled.
    pub operators: Vec<NamedOperatorView>,
    /// Every step, oldest first.
    pub events: Vec<StepView>,
    /// What the caller may do now.
    pub allowed: Vec<ChoiceView>,
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

/// Something that the caller may do now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChoiceView {
    /// Stable code.
    pub action: &'static str,
    /// As the button reads.
    pub label: &'static str,
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
            legal_representative: form.legal_representative.as_ref().map(|one| {
                RepresentativeView {
                    surname: one.surname.clone(),
                    name: one.name.clone(),
                    birth_date: one.birth_date.clone(),
                    fiscal_code: one.fiscal_code.clone(),
                }
            }),
            operators: form.operators.iter().map(NamedOperatorView::of).collect(),
            events: events
                .iter()
                .map(|event| StepView {
                    version: event.version,
                    step: event.step.map(domain::enabling::EnablingStep::code),
                    text: event.step.map_or("Richiesta presentata", |step| step.label()),
                    to: event.to.label(),
                    at: shown(event.at),
                    office: event.office.label(),
                    is_yours: event.who == *reader,
                    reason: event.reason.clone(),
                })
                .collect(),
            allowed: request
                .case
                .steps(reader, office)
                .into_iter()
                .map(|step| ChoiceView { action: step.code(), label: step.label() })
                .collect(),
        }
    }
}

/// An organisation with its basis.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganisationView {
    /// Opaque identifier.
    pub id: String,
    /// Kind code.
    pub kind: &'static str,
    /// Kind in Italian.
    pub kind_label: &'static str,
    /// Its name.
    pub name: String,
    /// Its fiscal code.
    pub fiscal_code: String,
    /// Its seat.
    pub address: String,
    /// Province of the seat.
    pub province: String,
    /// Basis code.
    pub basis: &'static str,
    /// Basis in Italian.
    pub basis_label: &'static str,
    /// Protocol, decree, or register with number.
    pub basis_reference: String,
    /// RFC 3339.
    pub basis_from: String,
    /// RFC 3339, excluded.
    pub basis_until: Option<String>,
    /// Whether the basis holds now.
    pub basis_holds: bool,
    /// Whether its applications follow the simplified procedure (art. 44 c. 5).
    pub is_simplified: bool,
    /// Whether its seasonal applications count against the reserved quota.
    pub has_reserved_quota: bool,
    /// What the caller may do.
    pub allowed: Vec<ChoiceView>,
}

impl OrganisationView {
    pub(crate) fn of(
        organisation: &Organisation,
        role: Role,
        belonging: Belonging,
        now: Timestamp,
    ) -> Self {
        let basis = &organisation.basis;
        let offered = |action: &OrganisationAction| {
            !matches!(action, OrganisationAction::AskEnabling | OrganisationAction::Record)
                && (*action != OrganisationAction::AddOperators
                    || (basis.kind.admits_lists() && basis.holds(now)))
        };
        Self {
            id: organisation.id.to_string(),
            kind: organisation.kind.code(),
            kind_label: organisation.kind.label(),
            name: organisation.name.clone(),
            fiscal_code: organisation.fiscal_code.clone(),
            address: organisation.address.clone(),
            province: organisation.province.clone(),
            basis: basis.kind.code(),
            basis_label: basis.kind.label(),
            basis_reference: basis.reference.clone(),
            basis_from: basis.from.to_string(),
            basis_until: basis.until.map(|until| until.to_string()),
            basis_holds: basis.holds(now),
            is_simplified: basis.kind.is_simplified(),
            has_reserved_quota: basis.kind.has_reserved_quota(),
            allowed: organisation::allowed(role, belonging)
                .into_iter()
                .filter(offered)
                .map(|action| ChoiceView { action: action.code(), label: action.label() })
                .collect(),
        }
    }
}

/// A page of operators.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatorList {
    /// The rows, past operators too.
    pub operators: Vec<OperatorView>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// An operator or the contact.
#[derive(Serialize, ToSchema)]
pub struct OperatorView {
    /// Opaque identifier, for leavings and hand-overs.
    pub account: String,
    /// Surname as listed.
    pub surname: String,
    /// Name as listed.
    pub name: String,
    /// Fiscal code as listed.
    pub fiscal_code: String,
    /// Role code.
    pub role: &'static str,
    /// Role in Italian.
    pub role_label: &'static str,
    /// RFC 3339.
    pub from: String,
    /// RFC 3339, excluded.
    pub until: Option<String>,
    /// Whether this person works for the organisation now.
    pub in_force: bool,
}

impl std::fmt::Debug for OperatorView {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("OperatorView")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl OperatorView {
    pub(crate) fn of(operator: &Operator, now: Timestamp) -> Self {
        Self {
            account: operator.account.to_string(),
            surname: operator.surname.clone(),
            name: operator.name.clone(),
            fiscal_code: operator.fiscal_code.clone(),
            role: operator.role.code(),
            role_label: operator.role.label(),
            from: shown(operator.from),
            until: operator.until.map(shown),
            in_force: operator.in_force(now),
        }
    }
}

/// What became of a list of operators.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperatorsOutcome {
    /// How many are operators now.
    pub operators: usize,
    /// One outcome for each row, in order.
    pub rows: Vec<RowView>,
}

/// What became of one row.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowView {
    /// Counts from 1.
    pub row: usize,
    /// The operator's account, where the row is right.
    pub account: Option<String>,
    /// Outcome code.
    pub outcome: &'static str,
    /// What is wrong and what to do, in Italian.
    pub message: String,
}

impl RowView {
    /// A row whose person is known.
    pub(crate) fn of(row: usize, account: &AccountId, outcome: RowOutcome) -> Self {
        Self {
            row,
            account: outcome.is_operator().then(|| account.to_string()),
            outcome: outcome.code(),
            message: outcome.label().to_owned(),
        }
    }

    /// A row that names nobody.
    pub(crate) fn wrong(row: usize, wrong: WrongRow) -> Self {
        Self { row, account: None, outcome: wrong.outcome.code(), message: wrong.message }
    }
}

impl OperatorsOutcome {
    pub(crate) fn of(rows: Vec<RowView>) -> Self {
        Self { operators: rows.iter().filter(|row| row.account.is_some()).count(), rows }
    }
}

/// What became of a hand-over.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandOverOutcome {
    /// The applications that the colleague has now.
    pub handed_over: Vec<String>,
    /// Those that were not handed over, and why.
    pub left: Vec<LeftView>,
    /// Whether there may be more: then the same is asked again, with `next` as cursor.
    pub remaining: bool,
    /// Where the next request goes on.
    pub next: Option<String>,
}

/// An application that was not handed over.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftView {
    /// The application.
    pub id: String,
    /// Why, and what to do.
    pub message: String,
}

fn shown(millis: i64) -> String {
    instant(millis).map_or_else(|_| String::new(), |instant| instant.to_string())
}
