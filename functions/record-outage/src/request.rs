//! How an outage is read from a request: instants of the portal's own clock, in the past, not too long (CNF-4).

use domain::{ids::OutageId, term::Outage};
use edge::{
    form,
    http::{
        ApiRequest, Fields, Form as _, Problem,
        form::{Input as _, Mistake, text},
    },
};
use jiff::{SignedDuration, Timestamp};

/// The shortest reason that says something, in characters.
const SHORTEST_REASON: usize = 10;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 1_000;
/// The longest outage: whatever is longer is a mistake in a date, and would lengthen every term in it.
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);
/// How far back one can lie: no term of today was running before.
const FURTHEST_BACK: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

form! {
    /// The body of a request to record an outage.
    pub(crate) struct OutageRequest {
        /// The first instant at which the portal did not work, RFC 3339, to the millisecond at most.
        from: Timestamp = text().format("date-time").checked(instant).sometimes(),
        /// The first instant at which it worked again, RFC 3339; at most 31 days later, and not in the future.
        until: Timestamp = text().format("date-time").checked(instant).sometimes(),
        /// What did not work, for the act that employers download, in 10 to 1,000 characters.
        reason: String = text().shortest(SHORTEST_REASON).longest(LONGEST_REASON).checked(reason),
        /// The entry that this one corrects: with the right period, or without one where the portal did work.
        corrects: OutageId = text()
            .parsed("Indica l'identificativo di una voce del registro.")
            .optional(),
    }
}

/// An entry as it was asked for.
#[derive(Debug)]
pub(crate) struct AskedOutage {
    /// The period; none only of a correction.
    pub(crate) outage: Option<Outage>,
    pub(crate) reason: String,
    pub(crate) corrects: Option<OutageId>,
}

/// Reads a body; the answer names all mistakes at once.
pub(crate) fn read(request: &ApiRequest) -> Result<AskedOutage, Problem> {
    let mut body: OutageRequest = request.form()?;
    let is_correction = body.has("corrects");
    let has_no_period = !body.has("from") && !body.has("until");
    let reason = body.reason();
    let corrects = body.corrects();
    let outage = if is_correction && has_no_period {
        Some(None)
    } else {
        let (from, until) = (body.from(), body.until());
        match (from, until) {
            (Some(from), Some(until)) => between(&mut body, from, until, request.arrival).map(Some),
            _ => None,
        }
    };
    let read = outage.zip(reason);
    body.complete(read.map(|(outage, reason)| AskedOutage { outage, reason, corrects }))
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

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn instant(text: String) -> Result<Timestamp, Mistake> {
    // A zone's name in brackets is no RFC 3339, and would not be checked against the offset.
    let read = text.parse::<Timestamp>().ok().filter(|_| !text.contains('['));
    match read {
        Some(instant) if instant.subsec_nanosecond() % 1_000_000 == 0 => Ok(instant),
        _ => Err(Mistake::invalid(
            "Deve essere un istante con il fuso orario, al massimo al millisecondo, come 2026-01-09T22:00:00+01:00.",
        )),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn reason(text: String) -> Result<String, Mistake> {
    let text = text.trim();
    if text.chars().count() < SHORTEST_REASON {
        let message = "Scrivi che cosa non funzionava, in almeno 10 caratteri.";
        return Err(Mistake::new("troppo-corto", message));
    }
    Ok(text.to_owned())
}
