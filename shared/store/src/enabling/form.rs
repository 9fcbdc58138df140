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

    /// What stays of it once its time of keeping is over: which body asked, on what basis, and no person. A professional is
    /// a body and a person (PRV-1).
    #[must_use]
    pub fn forgotten(&self) -> Self {
        let of_a_body = |text: &String| {
            if self.organisation_kind == OrganisationKind::Professional {
                String::new()
            } else {
                text.clone()
            }
        };
        Self {
            organisation: self.organisation.clone(),
            organisation_kind: self.organisation_kind,
            name: of_a_body(&self.name),
            fiscal_code: of_a_body(&self.fiscal_code),
            address: of_a_body(&self.address),
            basis: self.basis,
            reference: of_a_body(&self.reference),
            contact_role: String::new(),
            contact_phone: String::new(),
            contact_email: String::new(),
            legal_representative: None,
            operators: Vec::new(),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Carla asks for a body, or a professional for herself.
    fn form(kind: OrganisationKind) -> EnablingForm {
        let account = AccountId::keyed(&[1; 32]);
        EnablingForm {
            organisation: OrganisationId::from_random([1; 16]),
            organisation_kind: kind,
            name: "Bianchi Carla".to_owned(),
            fiscal_code: "BNCCRL80A41D643O".to_owned(),
            address: "via Dante 12, 71121 Foggia".to_owned(),
            basis: BasisKind::PublicTask,
            reference: "iscrizione n. 12".to_owned(),
            contact_role: "Dirigente".to_owned(),
            contact_phone: "0881 792111".to_owned(),
            contact_email: "carla@comune.example".to_owned(),
            legal_representative: Some(LegalRepresentative {
                account: account.clone(),
                surname: "BIANCHI".to_owned(),
                name: "CARLA".to_owned(),
                birth_date: "1980-01-01".to_owned(),
                fiscal_code: "BNCCRL80A41D643O".to_owned(),
            }),
            operators: vec![NamedOperator {
                account,
                surname: "ROSSI".to_owned(),
                name: "ANNA".to_owned(),
                birth_date: "1980-01-01".to_owned(),
                email: "rossi@comune.example".to_owned(),
                fiscal_code: "RSSNNA80A41D643U".to_owned(),
                outcome: Some(RowOutcome::Enabled),
            }],
        }
    }

    /// PRV-1: what stays of a body's request names the body and no person; of a professional's, who is a person, not even that.
    #[test]
    fn a_form_that_is_forgotten_names_no_person() {
        let professional = OrganisationKind::Professional;
        for kind in OrganisationKind::ALL.iter().copied() {
            let form = form(kind);
            let left = form.forgotten();
            assert_eq!((&left.organisation, left.organisation_kind), (&form.organisation, kind));
            assert!(left.named().is_empty());
            let told = serde_json::to_string(&left).unwrap();
            for personal in ["ROSSI", "BIANCHI", "RSSNNA", "1980", "0881", "@comune", "Dirigente"] {
                assert!(!told.contains(personal), "{kind}: {personal}");
            }
            for named in ["Bianchi", "BNCCRL", "via Dante", "n. 12"] {
                assert_eq!(told.contains(named), kind != professional, "{kind}: {named}");
            }
            assert_eq!(left.forgotten(), left);
        }
    }
}
