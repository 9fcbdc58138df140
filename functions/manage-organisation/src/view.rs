//! What people read of organisations and their operators.

use domain::{
    ids::AccountId,
    organisation::{self, OrganisationAction, OrganisationRelation, RowOutcome},
    permission::Role,
};
use edge::access::ActionView;
use jiff::Timestamp;
use serde::Serialize;
use store::organisations::{Operator, Organisation};
use utoipa::ToSchema;

use crate::request::WrongRow;

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
    pub allowed: Vec<ActionView>,
}

impl OrganisationView {
    pub(crate) fn of(
        organisation: &Organisation,
        role: Role,
        belonging: OrganisationRelation,
        now: Timestamp,
    ) -> Self {
        let basis = &organisation.basis;
        let offered = |action: &OrganisationAction| {
            !matches!(action, OrganisationAction::AskEnabling | OrganisationAction::Record)
                && (*action != OrganisationAction::AddOperators || basis.require_lists(now).is_ok())
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
                .map(|action| ActionView::of(action.code(), action.label()))
                .collect(),
        }
    }
}

/// A person said not to work for an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeclinedView {
    /// In Italian.
    pub message: &'static str,
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
            from: operator.from.to_string(),
            until: operator.until.map(|until| until.to_string()),
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
