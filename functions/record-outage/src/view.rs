//! What people read of the ledger of outages (CNF-4).

use domain::{calendar, ids::OutageId, outage_ledger::EntryState};
use serde::Serialize;
use store::outages::RecordedOutage;
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
    /// First instant after it, RFC 3339 with milliseconds; none where the entry only says that another one is wrong.
    pub until: Option<String>,
    /// Both for people, in Italian.
    pub in_words: String,
    /// Where it stands: `proposed`, `in-force` or `corrected`.
    pub state: &'static str,
    /// The same in Italian, with what to do.
    pub state_label: &'static str,
    /// The entry that it corrects.
    pub corrects: Option<String>,
    /// What did not work.
    pub reason: String,
    /// When it was recorded, RFC 3339 with milliseconds.
    pub recorded: String,
    /// The account that recorded it.
    pub by: String,
    /// When a second person confirmed it, RFC 3339 with milliseconds.
    pub confirmed: Option<String>,
    /// The account that confirmed it.
    pub confirmed_by: Option<String>,
}

impl OutageView {
    pub(crate) fn of((recorded, state): &(RecordedOutage, EntryState)) -> Self {
        let row = &recorded.row;
        let confirmation = recorded.confirmation.as_ref();
        let at = |millis: i64| instant(millis).unwrap_or_default();
        let (state, state_label) = match state {
            EntryState::Proposed => ("proposed", "Da confermare da un altro amministratore"),
            EntryState::InForce => ("in-force", "Confermata: sospende i termini"),
            EntryState::Corrected => ("corrected", "Corretta da un'altra voce: non sospende più"),
        };
        Self {
            id: row.id.to_string(),
            from: calendar::rfc3339(at(row.from)),
            until: row.until.map(|until| calendar::rfc3339(at(until))),
            in_words: match row.until {
                Some(until) => format!(
                    "da {} a {}",
                    calendar::in_words(at(row.from)),
                    calendar::until_in_words(at(until))
                ),
                None => "nessun malfunzionamento".to_owned(),
            },
            state,
            state_label,
            corrects: row.corrects.as_ref().map(OutageId::to_string),
            reason: row.reason.clone(),
            recorded: calendar::rfc3339(at(row.recorded)),
            by: row.by.to_string(),
            confirmed: confirmation.map(|one| calendar::rfc3339(at(one.confirmed))),
            confirmed_by: confirmation.map(|one| one.by.to_string()),
        }
    }
}
