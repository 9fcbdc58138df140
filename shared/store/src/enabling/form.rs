//! What is written in a request to enable operators: forms 7 and 8, or the table of a municipality (ORG-1, ORG-3).

use domain::{
    ids::{AccountId, OrganisationId},
    organisation::{BasisKind, OrganisationKind, RowOutcome},
};
use serde::{Deserialize, Serialize};

/// What was written in a request: forms 7 and 8, or the table of a municipality. Personal: it never leaves for a log.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct EnablingForm {
    /// Keyed hash of the fiscal code.
    pub organisation: OrganisationId,
    /// What the organisation is.
    pub organisation_kind: OrganisationKind,
    /// Its name.
    pub name: String,
    /// Its fiscal code; a professional's own.
    pub fiscal_code: String,
    /// Its seat.
    pub address: String,
    /// On what it relies.
    pub basis: BasisKind,
    /// Kind and date of the protocol, or register and number.
    pub reference: String,
    /// The requester's role in it.
    pub contact_role: String,
    /// The requester's telephone.
    pub contact_phone: String,
    /// Where letters about the request go.
    pub contact_email: String,
    /// Who signed form 7, for an organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_representative: Option<LegalRepresentative>,
    /// Who shall be enabled: form 8.
    pub operators: Vec<NamedOperator>,
}

impl EnablingForm {
    /// The people who are named in it: none of them decides about it.
    pub fn named(&self) -> Vec<AccountId> {
        let operators = self.operators.iter().map(|operator| &operator.account);
        operators.chain(self.legal_representative.iter().map(|one| &one.account)).cloned().collect()
    }
}

impl std::fmt::Debug for EnablingForm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("EnablingForm")
            .field("organisation", &self.organisation)
            .field("operators", &self.operators.len())
            .finish_non_exhaustive()
    }
}

/// Who signed form 7 (S18).
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct LegalRepresentative {
    /// The account that this person has or will have.
    pub account: AccountId,
    /// Surname.
    pub surname: String,
    /// Name.
    pub name: String,
    /// Civil date.
    pub birth_date: String,
    /// Fiscal code.
    pub fiscal_code: String,
}

impl std::fmt::Debug for LegalRepresentative {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LegalRepresentative([redacted])")
    }
}

/// One row of form 8, or of a municipality's table.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct NamedOperator {
    /// The account that this person has or will have.
    pub account: AccountId,
    /// Surname.
    pub surname: String,
    /// Name.
    pub name: String,
    /// Civil date.
    pub birth_date: String,
    /// Personal address.
    pub email: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// What became of the row when the request was enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<RowOutcome>,
}

impl std::fmt::Debug for NamedOperator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("NamedOperator")
            .field("account", &self.account)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
