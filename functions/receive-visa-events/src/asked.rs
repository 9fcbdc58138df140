//! What the consular system sends, read strictly, and what it gets back (CNF-1, ENT-1).

use domain::{calendar, consular::ConsularReport, ids::ApplicationId};
use edge::http::{Exchange, Fields, Problem};
use jiff::Timestamp;
use outside::machine_token::LEEWAY;
use serde::{Deserialize, Serialize};
use store::{consular_reports::ReportRow, rows::instant};
use utoipa::ToSchema;

/// How long the client's own identifier may be, in characters.
const EVENT_ID: std::ops::RangeInclusive<usize> = 8..=64;
/// How long the number of a visa may be, in characters.
const VISA_NUMBER: std::ops::RangeInclusive<usize> = 6..=20;

/// A report of the consular system.
#[derive(Deserialize, ToSchema)]
pub struct ReportRequest {
    /// The client's own identifier of this report, 8 to 64 of letters, digits, `-` and `_`: repeating it changes nothing.
    pub event_id: String,
    /// The application that it is about.
    #[schema(value_type = String)]
    pub application: ApplicationId,
    /// `checks-concluded`, `visa-issued` or `visa-refused`.
    #[schema(value_type = String)]
    pub report: ConsularReport,
    /// When it happened, RFC 3339; not in the future.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    /// Number of the visa, 6 to 20 letters and digits; with `visa-issued` alone, and there it must be.
    pub visa_number: Option<String>,
}

/// Redacted: the number of a visa is personal. (PRV-1)
impl std::fmt::Debug for ReportRequest {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ReportRequest({}, {}, [redacted])", self.application, self.report)
    }
}

impl ReportRequest {
    /// Reads the body; the problem names all mistakes together.
    pub(crate) fn read(exchange: &Exchange) -> Result<Self, Problem> {
        let mut fields = exchange.fields()?;
        let event_id = event_id(&mut fields);
        let application =
            fields.parsed("application", "Deve essere l'identificativo di una domanda (app_…).");
        let report = fields
            .parsed("report", "Deve essere checks-concluded, visa-issued oppure visa-refused.");
        let occurred_at = occurred_at(&mut fields, exchange.arrival);
        let visa_number = visa_number(&mut fields, report);
        let read = (|| {
            Some(Self {
                event_id: event_id?,
                application: application?,
                report: report?,
                occurred_at: occurred_at?,
                visa_number,
            })
        })();
        fields.complete(read)
    }

    /// All that it says in one unambiguous text, from which its keyed hash is made: a repetition has the same.
    pub(crate) fn said(&self) -> String {
        format!(
            "{}|{}|{}|{}",
            self.application,
            self.report,
            self.occurred_at.as_nanosecond(),
            self.visa_number.as_deref().unwrap_or_default()
        )
    }

    /// The remark beside the application for the people who look at it.
    pub(crate) fn remark(&self) -> Option<String> {
        self.visa_number.as_ref().map(|number| format!("Visto n. {number}"))
    }
}

fn event_id(fields: &mut Fields) -> Option<String> {
    let id = fields.text("event_id")?;
    let is_well_formed = EVENT_ID.contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_well_formed {
        return Some(id);
    }
    fields.refuse(
        "event_id",
        "non-valido",
        "Da 8 a 64 caratteri tra lettere, cifre, trattino e trattino basso.",
    )
}

fn occurred_at(fields: &mut Fields, arrival: Timestamp) -> Option<Timestamp> {
    let at: Timestamp =
        fields.parsed("occurred_at", "Deve essere una data con ora e fuso (RFC 3339).")?;
    if at > arrival + LEEWAY {
        return fields.refuse("occurred_at", "nel-futuro", "Non può essere nel futuro.");
    }
    Some(at)
}

fn visa_number(fields: &mut Fields, report: Option<ConsularReport>) -> Option<String> {
    if report != Some(ConsularReport::VisaIssued) {
        // Refused as a field that does not belong there, unless the report itself cannot be read.
        if report.is_none() || fields.peek("visa_number").is_some_and(serde_json::Value::is_null) {
            fields.optional_text("visa_number");
        }
        return None;
    }
    let number = fields.text("visa_number")?;
    let is_well_formed = VISA_NUMBER.contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_well_formed {
        return Some(number);
    }
    fields.refuse("visa_number", "non-valido", "Da 6 a 20 caratteri tra lettere e cifre.")
}

/// What became of a report; a repetition gets the same.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedView {
    /// The client's own identifier of the report.
    pub event_id: String,
    /// The application that it is about.
    pub application: String,
    /// `recorded` when it moved the case, `no-effect` when it was true already or overtaken.
    pub outcome: &'static str,
    /// State code after it.
    pub state: &'static str,
    /// State as people read it.
    pub state_label: &'static str,
    /// When it arrived, RFC 3339.
    pub recorded_at: String,
}

impl ReportedView {
    pub(crate) fn of(event_id: &str, row: &ReportRow) -> Result<Self, Problem> {
        let recorded_at = instant(row.at).map_err(|error| Problem::internal(&error))?;
        Ok(Self {
            event_id: event_id.to_owned(),
            application: row.application.to_string(),
            outcome: if row.had_effect { "recorded" } else { "no-effect" },
            state: row.state.code(),
            state_label: row.state.label(),
            recorded_at: calendar::rfc3339(recorded_at),
        })
    }
}
