//! What the consular system sends, read strictly, and what it gets back (CNF-1, ENT-1).

use domain::{calendar, consular::ConsularReport, ids::ApplicationId};
use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem,
        form::{Input as _, Mistake, text},
    },
};
use jiff::Timestamp;
use outside::machine_token::LEEWAY;
use serde::Serialize;
use store::{consular_reports::ReportRow, rows::instant};
use utoipa::ToSchema;

/// How long the client's own identifier may be, in characters.
const EVENT_ID: std::ops::RangeInclusive<usize> = 8..=64;
/// How long the number of a visa may be, in characters.
const VISA_NUMBER: std::ops::RangeInclusive<usize> = 6..=20;

form! {
    /// A report of the consular system.
    pub(crate) struct ReportRequest {
        /// The client's own identifier of this report, 8 to 64 of letters, digits, `-` and `_`: repeating it changes nothing.
        event_id: String = text().pattern("^[A-Za-z0-9_-]{8,64}$").checked(event_id),
        /// The application that it is about.
        application: ApplicationId =
            text().parsed("Deve essere l'identificativo di una domanda (app_…)."),
        /// What happened.
        report: ConsularReport = text()
            .codes(|| ConsularReport::ALL.iter().map(|report| report.code()).collect())
            .parsed("Deve essere checks-concluded, visa-issued oppure visa-refused."),
        /// When it happened, RFC 3339; not in the future.
        occurred_at: Timestamp = text()
            .format("date-time")
            .parsed("Deve essere una data con ora e fuso (RFC 3339)."),
        /// Number of the visa, 6 to 20 letters and digits; with `visa-issued` alone, and there it must be.
        visa_number: String = text().shortest(6).checked(visa_number).sometimes(),
    }
}

/// A report as it was read; see [`ReportRequest`].
#[cfg_attr(test, derive(serde::Deserialize))]
#[expect(
    clippy::struct_field_names,
    reason = "the report of the consular system says its kind in `report`"
)]
pub(crate) struct Report {
    pub(crate) event_id: String,
    pub(crate) application: ApplicationId,
    pub(crate) report: ConsularReport,
    pub(crate) occurred_at: Timestamp,
    pub(crate) visa_number: Option<String>,
}

/// Redacted: the number of a visa is personal. (PRV-1)
impl std::fmt::Debug for Report {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Report({}, {}, [redacted])", self.application, self.report)
    }
}

impl Report {
    /// Reads the body; the problem names all mistakes together.
    pub(crate) fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: ReportRequest = request.form()?;
        let (event_id, application) = (body.event_id(), body.application());
        let report = body.report();
        let occurred_at = occurred_at(&mut body, request.arrival);
        let visa_number = match report {
            Some(ConsularReport::VisaIssued) => body.visa_number(),
            // Refused as a field that does not belong there, unless the report itself cannot be read.
            Some(_) => {
                body.drop_null("visa_number");
                None
            }
            None => {
                body.drop("visa_number");
                None
            }
        };
        let read = (|| {
            Some(Self {
                event_id: event_id?,
                application: application?,
                report: report?,
                occurred_at: occurred_at?,
                visa_number,
            })
        })();
        body.complete(read)
    }

    /// All that it says in one unambiguous text, from which its keyed hash is made: a repetition has the same.
    pub(crate) fn canonical_text(&self) -> String {
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

fn event_id(id: String) -> Result<String, Mistake> {
    let is_well_formed = EVENT_ID.contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_well_formed {
        return Ok(id);
    }
    Err(Mistake::invalid("Da 8 a 64 caratteri tra lettere, cifre, trattino e trattino basso."))
}

fn occurred_at(body: &mut ReportRequest, arrival: Timestamp) -> Option<Timestamp> {
    let at = body.occurred_at()?;
    if at > arrival + LEEWAY {
        return body.refuse("occurred_at", "nel-futuro", "Non può essere nel futuro.");
    }
    Some(at)
}

fn visa_number(number: String) -> Result<String, Mistake> {
    let is_well_formed = VISA_NUMBER.contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_well_formed {
        return Ok(number);
    }
    Err(Mistake::invalid("Da 6 a 20 caratteri tra lettere e cifre."))
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
