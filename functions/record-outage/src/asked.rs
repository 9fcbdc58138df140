//! How an outage is read from a request: instants of the portal's own clock, in the past, not too long (CNF-4).

use domain::term::Outage;
use edge::http::{Exchange, Fields, Problem};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// The shortest reason that says something, in characters.
const SHORTEST_REASON: usize = 10;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 1_000;
/// The longest outage: whatever is longer is a mistake in a date, and would lengthen every term in it.
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);
/// How far back one can lie: no term of today was running before.
const FURTHEST_BACK: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

/// The body of a request to record an outage.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutageRequest {
    /// The first instant at which the portal did not work, RFC 3339, to the millisecond at most.
    #[schema(format = DateTime)]
    pub from: String,
    /// The first instant at which it worked again, RFC 3339; at most 31 days later, and not in the future.
    #[schema(format = DateTime)]
    pub until: String,
    /// What did not work, for the act that employers download, in 10 to 1,000 characters.
    #[schema(min_length = 10, max_length = 1_000)]
    pub reason: String,
}

/// Reads a body; the answer names all mistakes at once.
pub(crate) fn read(exchange: &Exchange) -> Result<(Outage, String), Problem> {
    let mut fields = exchange.fields()?;
    let from = instant(&mut fields, "from");
    let until = instant(&mut fields, "until");
    let reason = reason(&mut fields);
    let outage = match (from, until) {
        (Some(from), Some(until)) => between(&mut fields, from, until, exchange.arrival),
        _ => None,
    };
    fields.complete(outage.zip(reason))
}

fn between(
    fields: &mut Fields,
    from: Timestamp,
    until: Timestamp,
    now: Timestamp,
) -> Option<Outage> {
    if until > now {
        let message = "Il malfunzionamento deve essere finito: indica un istante passato.";
        return fields.refuse("until", "nel-futuro", message);
    }
    if from >= until {
        return fields.refuse("until", "non-valido", "La fine deve essere dopo l'inizio.");
    }
    if until.duration_since(from) > LONGEST {
        let message = "Al massimo 31 giorni: controlla le date, oppure registra più periodi.";
        return fields.refuse("until", "troppo-lungo", message);
    }
    if now.duration_since(from) > FURTHEST_BACK {
        let message = "Al massimo dieci anni fa: controlla le date.";
        return fields.refuse("from", "troppo-indietro", message);
    }
    Outage::new(from, until).ok()
}

fn instant(fields: &mut Fields, name: &str) -> Option<Timestamp> {
    let text = fields.text(name)?;
    // A zone's name in brackets is no RFC 3339, and would not be checked against the offset.
    let read = text.parse::<Timestamp>().ok().filter(|_| !text.contains('['));
    match read {
        Some(instant) if instant.subsec_nanosecond() % 1_000_000 == 0 => Some(instant),
        _ => fields.refuse(
            name,
            "non-valido",
            "Deve essere un istante con il fuso orario, al massimo al millisecondo, come 2026-01-09T22:00:00+01:00.",
        ),
    }
}

fn reason(fields: &mut Fields) -> Option<String> {
    let text = fields.long_text("reason", LONGEST_REASON)?.trim().to_owned();
    if text.chars().count() < SHORTEST_REASON {
        let message = "Scrivi che cosa non funzionava, in almeno 10 caratteri.";
        return fields.refuse("reason", "troppo-corto", message);
    }
    Some(text)
}
