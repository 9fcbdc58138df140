//! From when an operator leaves (ORG-4).

use edge::http::{Exchange, Problem};
use jiff::Timestamp;

/// Body of `POST /api/organisations/{id}/operators/{account}/leaving`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct LeavingBody {
    /// From when, RFC 3339; at once, when it is absent.
    from: Option<String>,
}

/// From when an operator leaves, in whole milliseconds as the store keeps them; none means at once (ORG-4).
pub(crate) fn leaving_from(exchange: &Exchange) -> Result<Option<Timestamp>, Problem> {
    let mut fields = exchange.fields()?;
    let from = match fields.optional_text("from") {
        None => Some(None),
        Some(text) => match text.parse::<Timestamp>() {
            Ok(from) if from > exchange.arrival => Some(Some(whole_milliseconds(from))),
            Ok(_) => fields.refuse(
                "from",
                "passato",
                "L'istante è già passato: indicane uno futuro, oppure lascia vuoto perché valga subito.",
            ),
            Err(_) => fields.refuse(
                "from",
                "non-valido",
                "Data e ora con il fuso, per esempio 2026-12-31T18:00:00+01:00.",
            ),
        },
    };
    fields.complete(from)
}

fn whole_milliseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or(instant)
}
