//! What requests about people of offices say, read with every mistake at once.

use domain::{fiscal_code::FiscalCode, office, permission::Role};
use edge::{
    form,
    http::{
        ApiRequest, Fields, Form as _, Problem,
        form::{Input as _, Parsed, UNEXPECTED, choice, text},
        person_fields::{final_code, province},
    },
};
use jiff::Timestamp;

form! {
    /// Body of `POST /api/officials`.
    pub(crate) struct AppointmentBody {
        /// Whom.
        fiscal_code: FiscalCode = final_code(),
        /// To which office.
        role: Role = choice(office::OFFICES, Role::code, UNEXPECTED),
        /// In which province; officers and prefecture alone have one.
        province: String = province().optional(),
        /// From when, RFC 3339; at once, when it is absent.
        from: Timestamp = instant().optional(),
        /// Until when, RFC 3339, excluded; without an end, when it is absent.
        until: Timestamp = instant().optional(),
    }

    /// Body of `POST /api/officials/{account}/withdrawal`.
    pub(crate) struct WithdrawalBody {
        /// From when the person holds the office no longer, RFC 3339; at once, when it is absent.
        from: Timestamp = instant().optional(),
    }
}

fn instant() -> Parsed<Timestamp> {
    text()
        .format("date-time")
        .parsed("Data e ora con il fuso, per esempio 2026-12-31T18:00:00+01:00.")
}

/// An appointment as asked for; instants in whole milliseconds, as the store keeps them.
pub(crate) struct Asked {
    pub(crate) code: FiscalCode,
    pub(crate) role: Role,
    pub(crate) province: Option<String>,
    /// None means at once.
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

pub(crate) fn appointment(request: &ApiRequest) -> Result<Asked, Problem> {
    let mut body: AppointmentBody = request.form()?;
    let (code, role) = (body.fiscal_code(), body.role());
    let province = body.province();
    if let Some(role) = role {
        require_fitting(&mut body, role, province.as_deref());
    }
    let from = body.from();
    let from = future(&mut body, from, request.arrival);
    let until = body.until().map(whole_milliseconds);
    if until.is_some_and(|until| until <= from.unwrap_or(request.arrival)) {
        body.refuse::<()>("until", "prima-dell-inizio", "La fine viene dopo l'inizio.");
    }
    let asked = (|| Some(Asked { code: code?, role: role?, province, from, until }))();
    body.complete(asked)
}

/// From when an office ends; none means at once.
pub(crate) fn withdrawal_from(request: &ApiRequest) -> Result<Option<Timestamp>, Problem> {
    let mut body: WithdrawalBody = request.form()?;
    let from = body.from();
    let from = future(&mut body, from, request.arrival);
    body.complete(Some(from))
}

/// Refuses a province that the office does not have, and an office of a province without one.
fn require_fitting(fields: &mut Fields, role: Role, province: Option<&str>) {
    match (office::is_of_a_province(role), province) {
        (Some(true), None) => {
            fields.refuse::<()>(
                "province",
                "obbligatorio",
                "Indica la provincia dell'ufficio, con la sigla: per esempio FG.",
            );
        }
        (Some(false), Some(_)) => {
            fields.refuse::<()>(
                "province",
                "non-previsto",
                "Questo incarico vale per tutta Italia: lascia vuota la provincia.",
            );
        }
        (Some(_) | None, _) => {}
    }
}

fn future(fields: &mut Fields, from: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    if from.is_some_and(|from| from <= now) {
        fields.refuse::<()>(
            "from",
            "passato",
            "L'istante è già passato: indicane uno futuro, oppure lascia vuoto perché valga subito.",
        );
    }
    from.map(whole_milliseconds)
}

fn whole_milliseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or(instant)
}
