//! Instants as the templates get them: in Italian civil time and in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// Italy's time zone, compiled in: no time zone file of the machine is read.
static ROME: TimeZone = jiff::tz::get!("Europe/Rome");

#[derive(Serialize)]
struct Written {
    /// `2026-01-12`, in Italy.
    date: String,
    /// `09:00:00.123`, in Italy.
    time: String,
    /// `+01:00`, which tells the doubled hour of October apart.
    offset: String,
    /// `2026-01-12T08:00:00.123Z`, as receipts sign it.
    utc: String,
}

/// Writes an instant for a template; digits finer than a millisecond are cut off, as in receipts (SUB-3).
pub(crate) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    let here = at.to_zoned(ROME.clone());
    Written {
        date: here.date().to_string(),
        time: format!("{:.3}", here.time()),
        offset: here.strftime("%:z").to_string(),
        utc: format!("{at:.3}"),
    }
    .serialize(to)
}
