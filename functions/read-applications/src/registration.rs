//! What was transmitted between the visa and the signed files, given back: border entry and the step of the agreement
//! (ENT-1, AGR-1).

use domain::{lifecycle::agreement::AgreementStep, permission::Action};
use edge::{access::ApplicationAccess, http::Problem};
use serde::Serialize;
use store::drafts::BorderEntry;
use utoipa::ToSchema;

use crate::App;

/// What was transmitted after the visa.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationView {
    /// Step of the integration agreement, where it applies.
    pub agreement: Option<&'static str>,
    /// The same as people read it.
    pub agreement_label: Option<&'static str>,
    /// The border entry, once it was reported; for callers who may see the form.
    pub entry: Option<EntryView>,
}

/// Where and when the worker entered, as it was transmitted.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    /// Province of the border point.
    pub province: String,
    /// Its municipality.
    pub municipality: String,
    /// Day of the entry, `2026-06-01`.
    pub date: String,
    /// Number of the visa.
    pub visa_number: String,
}

impl From<BorderEntry> for EntryView {
    fn from(entry: BorderEntry) -> Self {
        let BorderEntry { province, municipality, date, visa_number, .. } = entry;
        Self { province, municipality, date: date.to_string(), visa_number }
    }
}

/// What was transmitted; none before the entry.
pub(crate) async fn of(
    app: &App,
    access: &ApplicationAccess,
) -> Result<Option<RegistrationView>, Problem> {
    let (agreement, head) = (access.head.agreement(), &access.head);
    if agreement.is_none() && head.state().step().is_none() {
        return Ok(None);
    }
    let may_see = access.require(Action::ReadForm).is_ok();
    let entry = if may_see { app.store.drafts.entry(&head.id).await? } else { None };
    Ok(Some(RegistrationView {
        agreement: agreement.map(AgreementStep::code),
        agreement_label: agreement.map(AgreementStep::label),
        entry: entry.map(EntryView::from),
    }))
}
