//! What administrators read of people of offices.

use domain::office;
use edge::http::Problem;
use jiff::Timestamp;
use serde::Serialize;
use store::officials::{Official, OfficialEventRow};
use utoipa::ToSchema;

/// A page of people of offices.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfficialList {
    /// The rows, past ones too.
    pub officials: Vec<OfficialView>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A person of an office.
#[derive(Serialize, ToSchema)]
pub struct OfficialView {
    /// Opaque identifier, for the withdrawal.
    pub account: String,
    /// Fiscal code as the administrator gave it; null of the person whom the deployment named.
    pub fiscal_code: Option<String>,
    /// Role code.
    pub role: &'static str,
    /// Role in Italian.
    pub role_label: &'static str,
    /// The province, for officers and prefecture.
    pub province: Option<String>,
    /// The office under the name that it has there (ORG-6).
    pub office: String,
    /// RFC 3339.
    pub from: String,
    /// RFC 3339, excluded.
    pub until: Option<String>,
    /// Whether the person holds the office now.
    pub is_in_force: bool,
    /// When they were appointed, RFC 3339.
    pub appointed: String,
    /// The account of who appointed them; null where it was the deployment.
    pub appointed_by: Option<String>,
}

impl std::fmt::Debug for OfficialView {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("OfficialView")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl OfficialView {
    pub(crate) fn of(official: &Official, now: Timestamp) -> Self {
        Self {
            account: official.account.to_string(),
            fiscal_code: official.fiscal_code.clone(),
            role: official.role.code(),
            role_label: official.role.label(),
            province: official.province.clone(),
            office: office::name_of(official.role, official.province.as_deref()),
            from: official.from.to_string(),
            until: official.until.map(|until| until.to_string()),
            is_in_force: official.in_force(now),
            appointed: official.appointed.to_string(),
            appointed_by: official.by.as_ref().map(ToString::to_string),
        }
    }
}

/// A person of an office with all that happened to them in offices.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfficialDetail {
    /// The office.
    #[serde(flatten)]
    pub official: OfficialView,
    /// What happened, oldest first; at most a hundred.
    pub events: Vec<OfficialEventView>,
}

/// One event.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfficialEventView {
    /// `appointed`, `named-first` or `withdrawn`.
    pub event: &'static str,
    /// Role code.
    pub role: &'static str,
    /// The province, where the office has one.
    pub province: Option<String>,
    /// From when the office holds, or holds no longer, RFC 3339.
    pub from: String,
    /// RFC 3339.
    pub at: String,
    /// The account of who brought it about; null where it was the deployment.
    pub who: Option<String>,
}

impl OfficialEventView {
    pub(crate) fn of(row: OfficialEventRow) -> Result<Self, Problem> {
        let instant = |millis| {
            Timestamp::from_millisecond(millis)
                .map(|instant| instant.to_string())
                .map_err(|error| Problem::internal(&error))
        };
        Ok(Self {
            event: row.event.code(),
            role: row.role.code(),
            from: instant(row.from)?,
            at: instant(row.at)?,
            province: row.province,
            who: row.who.map(|who| who.to_string()),
        })
    }
}
