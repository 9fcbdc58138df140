//! An organisation with its basis and its contact, as an administrator records it (ORG-2).

use domain::{
    calendar,
    fiscal_code::CompanyCode,
    organisation::{Basis, BasisKind, OrganisationKind},
};
use edge::http::{CIVIL_DATE, Exchange, Fields, Problem};
use jiff::{Timestamp, civil::Date};
use outside::keying::Keying;
use store::organisations::Organisation;

use super::NamedPerson;

/// The kinds that an administrator records; a professional asks (ORG-5).
const KINDS: &[OrganisationKind] = &[
    OrganisationKind::Patronato,
    OrganisationKind::TradeAssociation,
    OrganisationKind::FinancedBody,
    OrganisationKind::Municipality,
    OrganisationKind::Union,
    OrganisationKind::Agency,
];

/// Body of `POST /api/organisations`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct OrganisationBody {
    /// What it is: `patronato`, `trade-association`, `financed-body`, `municipality`, `union` or `agency`.
    kind: String,
    /// Its name.
    name: String,
    /// Its fiscal code.
    fiscal_code: String,
    /// Its seat.
    address: String,
    /// Province of the seat.
    province: String,
    /// `labour-protocol`, `reserved-quota`, `financing`, `interior-protocol`, `public-task` or `register`.
    basis: String,
    /// Protocol, decree or number.
    basis_reference: String,
    /// First day on which it holds.
    basis_from: String,
    /// Last day on which it holds.
    basis_until: Option<String>,
    /// The contact who keeps the list.
    contact_fiscal_code: String,
    /// The contact's surname.
    contact_surname: String,
    /// The contact's name.
    contact_name: String,
    /// The contact's address.
    contact_email: String,
}

/// An organisation with its contact.
#[derive(Debug)]
pub(crate) struct Recording {
    kind: OrganisationKind,
    name: String,
    fiscal_code: CompanyCode,
    address: String,
    province: String,
    basis: Basis,
    pub(crate) contact: NamedPerson,
    pub(crate) contact_email: String,
}

impl Recording {
    pub(crate) fn read(exchange: &Exchange) -> Result<Self, Problem> {
        let mut fields = exchange.fields()?;
        let today = calendar::local_date(exchange.arrival);
        let kind = fields.one_of("kind", KINDS);
        let name = fields.line("name", 150);
        let fiscal_code = fields.company_code("fiscal_code");
        let address = fields.line("address", 200);
        let province = fields.province("province");
        let basis = basis(&mut fields, today);
        let contact = contact(&mut fields);
        let read = (|| {
            let (contact, contact_email) = contact?;
            Some(Self {
                kind: kind?,
                name: name?,
                fiscal_code: fiscal_code?,
                address: address?,
                province: province?,
                basis: basis?,
                contact,
                contact_email,
            })
        })();
        fields.complete(read)
    }

    /// The organisation, if it is not recorded yet.
    pub(crate) fn organisation(&self, keying: &Keying, now: Timestamp) -> Organisation {
        Organisation {
            id: keying.organisation(&self.fiscal_code),
            kind: self.kind,
            name: self.name.clone(),
            fiscal_code: self.fiscal_code.reveal().to_owned(),
            address: self.address.clone(),
            province: self.province.clone(),
            basis: self.basis.clone(),
            recorded: now,
        }
    }
}

/// The basis holds from the beginning of its first day to the end of its last, in Rome.
fn basis(fields: &mut Fields, today: Date) -> Option<Basis> {
    let kind = fields.coded::<BasisKind>("basis");
    let reference = fields.line("basis_reference", 200);
    let from = fields.date("basis_from");
    let until = match fields.optional_text("basis_until") {
        None => Some(None),
        Some(text) => last_day(fields, &text, from, today).map(Some),
    };
    Some(Basis {
        kind: kind?,
        reference: reference?,
        from: calendar::start_of_day(from?),
        until: until?.map(|day| calendar::start_of_day(calendar::days_after(day, 1))),
    })
}

/// The last day of the basis: today or later, and not before the first.
fn last_day(fields: &mut Fields, text: &str, from: Option<Date>, today: Date) -> Option<Date> {
    match text.parse::<Date>() {
        Ok(day) if day < today => fields.refuse(
            "basis_until",
            "passato",
            "Il titolo è già scaduto: indica quello in vigore, oppure correggi l'ultimo giorno.",
        ),
        Ok(day) if from.is_none_or(|from| from <= day) => Some(day),
        Ok(_) => {
            fields.refuse("basis_until", "incoerente", "L'ultimo giorno viene prima del primo.")
        }
        Err(_) => fields.refuse("basis_until", "non-valido", CIVIL_DATE),
    }
}

/// The contact, and where the letters to the contact go.
fn contact(fields: &mut Fields) -> Option<(NamedPerson, String)> {
    let code = fields.final_code("contact_fiscal_code");
    let surname = fields.line("contact_surname", 60);
    let name = fields.line("contact_name", 60);
    let email = fields.email("contact_email");
    let email = email?.reveal().to_owned();
    let person =
        NamedPerson { code: code?, surname: surname?, name: name?, email: Some(email.clone()) };
    Some((person, email))
}
