//! From when an operator leaves (ORG-4).

use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem,
        form::{Input as _, text},
    },
};
use jiff::Timestamp;

form! {
    /// Body of `POST /api/organisations/{id}/operators/{account}/leaving`.
    pub(crate) struct LeavingBody {
        /// From when, RFC 3339; at once, when it is absent.
        from: Timestamp = text()
            .format("date-time")
            .parsed("Data e ora con il fuso, per esempio 2026-12-31T18:00:00+01:00.")
            .optional(),
    }
}

/// From when an operator leaves, in whole milliseconds as the store keeps them; none means at once (ORG-4).
pub(crate) fn leaving_from(request: &ApiRequest) -> Result<Option<Timestamp>, Problem> {
    let mut body: LeavingBody = request.form()?;
    let from = body.from();
    if from.is_some_and(|from| from <= request.arrival) {
        body.refuse::<()>(
            "from",
            "passato",
            "L'istante è già passato: indicane uno futuro, oppure lascia vuoto perché valga subito.",
        );
    }
    body.complete(Some(from.map(whole_milliseconds)))
}

fn whole_milliseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or(instant)
}
