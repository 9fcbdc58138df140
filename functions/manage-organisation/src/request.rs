//! What requests about organisations say, read with every mistake at once.

mod hand_over;
mod leaving;
mod operators;
mod recording;

use domain::{
    fiscal_code::{FiscalCode, PersonCode},
    permission::Role,
};
use jiff::Timestamp;
use outside::keying::Keying;
use store::organisations::Operator;

pub(crate) use self::{
    hand_over::{HandOver, HandOverBody},
    leaving::{LeavingBody, leaving_from},
    operators::{OperatorsBody, WrongRow, operator_rows},
    recording::{NewOrganisation, OrganisationBody},
};

/// A person whom an organisation names.
pub(crate) struct NamedPerson {
    pub(crate) code: FiscalCode,
    pub(crate) surname: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
}

impl std::fmt::Debug for NamedPerson {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NamedPerson([redacted])")
    }
}

impl NamedPerson {
    /// The row of this person from an instant on, without an end; the end of the organisation's basis is its end, too.
    pub(crate) fn operator(&self, keying: &Keying, role: Role, from: Timestamp) -> Operator {
        Operator {
            account: keying.account(&PersonCode::from(self.code.clone())),
            surname: self.surname.clone(),
            name: self.name.clone(),
            fiscal_code: self.code.reveal().to_owned(),
            email: self.email.clone(),
            role,
            from,
            until: None,
        }
    }
}
