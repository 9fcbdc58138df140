//! What people read of the ledger of outages (CNF-4).

use domain::calendar;
use serde::Serialize;
use store::outages::OutageRow;
use store::rows::instant;
use utoipa::ToSchema;

/// The ledger of outages.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutageList {
    /// All entries, the latest outage first.
    pub outages: Vec<OutageView>,
}

/// A time in which the portal did not work, by its own clock: a campaign of a test that moves its clock reads the same
/// instants.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutageView {
    /// Opaque identifier.
    pub id: String,
    /// First instant, RFC 3339 with milliseconds.
    pub from: String,
    /// First instant after it, RFC 3339 with milliseconds.
    pub until: String,
    /// Both for people, in Italian.
    pub in_words: String,
    /// What did not work.
    pub reason: String,
    /// When it was recorded, RFC 3339 with milliseconds.
    pub recorded: String,
    /// The account that recorded it.
    pub by: String,
}

impl OutageView {
    pub(crate) fn of(row: &OutageRow) -> Self {
        let at = |millis: i64| instant(millis).unwrap_or_default();
        Self {
            id: row.id.to_string(),
            from: calendar::rfc3339(at(row.from)),
            until: calendar::rfc3339(at(row.until)),
            in_words: format!(
                "da {} a {}",
                calendar::in_words(at(row.from)),
                calendar::in_words(at(row.until))
            ),
            reason: row.reason.clone(),
            recorded: calendar::rfc3339(at(row.recorded)),
            by: row.by.to_string(),
        }
    }
}
