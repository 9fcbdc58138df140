//! The shape of a request to enable operators, for the API's description.

/// Body of `POST /api/enabling-requests`: form 7 with form 8, or a municipality's request, or a register's number.
#[derive(Debug, utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "the shape for the API's description; read field by field, so that all mistakes come at once"
)]
pub struct EnablingBody {
    /// `organisation`, `municipality`, `agency` or `professional`.
    kind: String,
    /// What the body is, for organisations and municipalities: `patronato`, `trade-association`, `financed-body`, `municipality`, `union`.
    organisation_kind: Option<String>,
    /// Its name; absent for a professional.
    name: Option<String>,
    /// Its fiscal code; absent for a professional.
    fiscal_code: Option<String>,
    /// Its seat.
    address: String,
    /// Province of the seat, two letters.
    province: String,
    /// Kind of protocol, for an organisation (form 7).
    protocol_kind: Option<String>,
    /// Date of the protocol, for an organisation (form 7).
    protocol_date: Option<String>,
    /// Legal representative, for an organisation (form 7).
    representative_surname: Option<String>,
    /// Legal representative, for an organisation (form 7).
    representative_name: Option<String>,
    /// Legal representative, for an organisation (form 7).
    representative_birth_date: Option<String>,
    /// Legal representative, for an organisation (form 7).
    representative_fiscal_code: Option<String>,
    /// That the legal representative signed form 7, for an organisation; must be true.
    signed: Option<bool>,
    /// Number in the register, for agencies and professionals.
    register_number: Option<String>,
    /// `labour-consultant`, `lawyer` or `accountant`, for professionals.
    profession: Option<String>,
    /// Province of the register, for professionals.
    register_province: Option<String>,
    /// Role of the requester; absent for a professional.
    contact_role: Option<String>,
    /// Telephone of the requester.
    contact_phone: String,
    /// Where letters about the request go.
    contact_email: String,
    /// Form 8, or the municipality's table; absent for a professional. At most 20 rows.
    operators: Option<Vec<NamedOperatorBody>>,
}

/// One row of form 8.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct NamedOperatorBody {
    /// Surname.
    surname: String,
    /// Name.
    name: String,
    /// Civil date.
    birth_date: String,
    /// Personal address.
    email: String,
    /// Fiscal code, the final one.
    fiscal_code: String,
}
