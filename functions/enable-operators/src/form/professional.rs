//! A professional is an organisation of one person (ORG-5): name and code are those of the identity.

use domain::{
    enabling::EnablingKind,
    fiscal_code::{CompanyCode, FiscalCode},
    organisation::{BasisKind, OrganisationKind},
};
use jiff::civil::Date;
use outside::keying::Keying;
use store::{
    accounts::Account,
    enabling::{EnablingForm, NamedOperator},
};

use super::{EnablingBody, NewRequest};

pub(super) fn read(
    form: &mut EnablingBody,
    keying: &Keying,
    account: &Account,
    today: Date,
) -> Option<NewRequest> {
    let address = form.address();
    let province = form.province();
    let profession = form.profession();
    let register = form.register_province();
    let number = form.register_number();
    let phone = form.contact_phone();
    let email = form.contact_email();
    let Some(code) = own_code(account) else {
        return form.refuse(
            "kind",
            "non-valido",
            "La tua identità non ha un codice fiscale definitivo: non puoi chiedere l'abilitazione come professionista.",
        );
    };
    let company: CompanyCode = code.reveal().parse().ok()?;
    let (profession, email) = (profession?, email?);
    let form = EnablingForm {
        organisation: keying.organisation(&company),
        organisation_kind: OrganisationKind::Professional,
        name: format!("{} {}", account.given_name, account.family_name),
        fiscal_code: code.reveal().to_owned(),
        address: address?,
        basis: BasisKind::Register,
        reference: format!("{}, albo di {} n. {}", profession.label(), register?, number?),
        contact_role: profession.label().to_owned(),
        contact_phone: phone?,
        contact_email: email.reveal().to_owned(),
        legal_representative: None,
        operators: vec![NamedOperator {
            account: account.id.clone(),
            surname: account.family_name.clone(),
            name: account.given_name.clone(),
            birth_date: code.birth_date(today).map(|date| date.to_string()).unwrap_or_default(),
            email: email.reveal().to_owned(),
            fiscal_code: code.reveal().to_owned(),
            outcome: None,
        }],
    };
    Some(NewRequest { kind: EnablingKind::Professional, province: province?, form })
}

fn own_code(account: &Account) -> Option<FiscalCode> {
    account.fiscal_code.as_deref()?.parse().ok()
}
