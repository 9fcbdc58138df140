//! An organisation with its basis and its contact, as an administrator records it (ORG-2).

use domain::{
    calendar,
    email_address::EmailAddress,
    fiscal_code::{CompanyCode, FiscalCode},
    organisation::{Basis, BasisKind, OrganisationKind},
};
use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem,
        form::{Input as _, UNEXPECTED, choice},
        person_fields::{company_code, date, email, final_code, line, province},
    },
};
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

form! {
    /// Body of `POST /api/organisations`.
    pub(crate) struct OrganisationBody {
        /// What it is.
        kind: OrganisationKind = choice(KINDS, OrganisationKind::code, UNEXPECTED),
        /// Its name.
        name: String = line(150),
        /// Its fiscal code.
        fiscal_code: CompanyCode = company_code(),
        /// Its seat.
        address: String = line(200),
        /// Province of the seat.
        province: String = province(),
        /// On what its operators rely.
        basis: BasisKind = choice(BasisKind::ALL, BasisKind::code, UNEXPECTED),
        /// Protocol, decree or number.
        basis_reference: String = line(200),
        /// First day on which it holds.
        basis_from: Date = date(),
        /// Last day on which it holds.
        basis_until: Date = date().optional(),
        /// The contact who keeps the list.
        contact_fiscal_code: FiscalCode = final_code(),
        /// The contact's surname.
        contact_surname: String = line(60),
        /// The contact's name.
        contact_name: String = line(60),
        /// The contact's address.
        contact_email: EmailAddress = email(),
    }
}

/// An organisation with its contact.
#[derive(Debug)]
pub(crate) struct NewOrganisation {
    kind: OrganisationKind,
    name: String,
    fiscal_code: CompanyCode,
    address: String,
    province: String,
    basis: Basis,
    pub(crate) contact: NamedPerson,
    pub(crate) contact_email: String,
}

impl NewOrganisation {
    pub(crate) fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: OrganisationBody = request.form()?;
        let today = calendar::local_date(request.arrival);
        let (kind, name, fiscal_code) = (body.kind(), body.name(), body.fiscal_code());
        let (address, province) = (body.address(), body.province());
        let basis = basis(&mut body, today);
        let contact = contact(&mut body);
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
        body.complete(read)
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
fn basis(body: &mut OrganisationBody, today: Date) -> Option<Basis> {
    let (kind, reference, from) = (body.basis(), body.basis_reference(), body.basis_from());
    let until = body.basis_until();
    if let Some(day) = until {
        require_last_day(body, day, from, today);
    }
    Some(Basis {
        kind: kind?,
        reference: reference?,
        from: calendar::start_of_day(from?),
        until: until.map(|day| calendar::start_of_day(calendar::days_after(day, 1))),
    })
}

/// The last day of the basis: today or later, and not before the first.
fn require_last_day(body: &mut OrganisationBody, day: Date, from: Option<Date>, today: Date) {
    if day < today {
        body.refuse::<()>(
            "basis_until",
            "passato",
            "Il titolo è già scaduto: indica quello in vigore, oppure correggi l'ultimo giorno.",
        );
    } else if from.is_some_and(|from| day < from) {
        body.refuse::<()>("basis_until", "incoerente", "L'ultimo giorno viene prima del primo.");
    }
}

/// The contact, and where the letters to the contact go.
fn contact(body: &mut OrganisationBody) -> Option<(NamedPerson, String)> {
    let (code, surname) = (body.contact_fiscal_code(), body.contact_surname());
    let (name, email) = (body.contact_name(), body.contact_email());
    let email = email?.reveal().to_owned();
    let person =
        NamedPerson { code: code?, surname: surname?, name: name?, email: Some(email.clone()) };
    Some((person, email))
}
