//! The shape of a request to enable operators.

use domain::{
    email_address::EmailAddress,
    enabling::{EnablingKind, MOST_OPERATORS},
    fiscal_code::{CompanyCode, FiscalCode},
    organisation::{OrganisationKind, Profession},
};
use edge::{
    form,
    http::{
        form::{Input as _, UNEXPECTED, boolean, choice, rows},
        person_fields::{company_code, date, email, final_code, line, phone, province},
    },
};
use jiff::civil::Date;

form! {
    /// Body of `POST /api/enabling-requests`: form 7 with form 8, or a municipality's request, or a register's number.
    pub(crate) struct EnablingBody {
        /// What kind of request it is.
        kind: EnablingKind = choice(EnablingKind::ALL, EnablingKind::code, UNEXPECTED),
        /// What the body is, for organisations and municipalities.
        organisation_kind: OrganisationKind =
            choice(OrganisationKind::ALL, OrganisationKind::code, UNEXPECTED).sometimes(),
        /// Its name; absent for a professional.
        name: String = line(150).sometimes(),
        /// Its fiscal code; absent for a professional.
        fiscal_code: CompanyCode = company_code().sometimes(),
        /// Its seat.
        address: String = line(200),
        /// Province of the seat, two letters.
        province: String = province(),
        /// Kind of protocol, for an organisation (form 7).
        protocol_kind: String = line(150).sometimes(),
        /// Date of the protocol, for an organisation (form 7).
        protocol_date: Date = date().sometimes(),
        /// Legal representative, for an organisation (form 7).
        representative_surname: String = line(60).sometimes(),
        /// Legal representative, for an organisation (form 7).
        representative_name: String = line(60).sometimes(),
        /// Legal representative, for an organisation (form 7).
        representative_birth_date: Date = date().sometimes(),
        /// Legal representative, for an organisation (form 7).
        representative_fiscal_code: FiscalCode = final_code().sometimes(),
        /// That the legal representative signed form 7, for an organisation; must be true.
        signed: bool = boolean().sometimes(),
        /// Number in the register, for agencies and professionals.
        register_number: String = line(40).sometimes(),
        /// The profession, for professionals.
        profession: Profession =
            choice(Profession::ALL, Profession::code, UNEXPECTED).sometimes(),
        /// Province of the register, for professionals.
        register_province: String = province().sometimes(),
        /// Role of the requester; absent for a professional.
        contact_role: String = line(100).sometimes(),
        /// Telephone of the requester.
        contact_phone: String = phone(),
        /// Where letters about the request go.
        contact_email: EmailAddress = email(),
        /// Form 8, or the municipality's table; absent for a professional. At most 20 rows.
        operators: Vec<NamedOperatorBody> = rows::<NamedOperatorBody>(1, MOST_OPERATORS).sometimes(),
    }

    /// One row of form 8.
    pub(crate) struct NamedOperatorBody {
        /// Surname.
        surname: String = line(60),
        /// Name.
        name: String = line(60),
        /// Civil date.
        birth_date: Date = date(),
        /// Personal address.
        email: EmailAddress = email(),
        /// Fiscal code, the final one.
        fiscal_code: FiscalCode = final_code(),
    }
}
