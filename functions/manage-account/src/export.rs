//! An export of one's own data (PRV-1): the account, what it may do, and its own applications with all their content.

use domain::application::Application;
use edge::http::{self, ApiRequest, Problem};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use lambda_http::{Body, Response, http::HeaderValue};
use serde::Serialize;
use serde_json::{Map, Value};
use store::{applications::history::EventRow, outbox::NoticeRow, own_applications};
use utoipa::ToSchema;

use crate::{
    App,
    data::{self, AccountView},
};

/// So many applications fit into one document; no person files more for themselves.
const MOST: usize = 300;
/// So many are read at once.
const AT_ONCE: usize = 8;

/// All that the portal keeps about a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportView {
    /// When it was made, RFC 3339.
    #[schema(format = DateTime)]
    pub made: String,
    /// Personal data.
    pub account: AccountView,
    /// Role code.
    pub role: String,
    /// Profile code.
    pub profile: String,
    /// The organisation that the person works for.
    pub organisation: Option<String>,
    /// The province that the person works in.
    pub province: Option<String>,
    /// The own applications.
    pub applications: Vec<ExportedApplication>,
    /// Whether all of them are here.
    pub is_complete: bool,
}

/// One application with all that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedApplication {
    /// Identifier.
    pub id: String,
    /// The decree.
    pub campaign: String,
    /// The model.
    pub model: String,
    /// State code.
    pub state: String,
    /// State as people read it.
    pub state_label: String,
    /// RFC 3339.
    pub created: String,
    /// RFC 3339.
    pub changed: String,
    /// Values of the form by field.
    #[schema(value_type = Object)]
    pub values: Map<String, Value>,
    /// What happened.
    pub history: Vec<ExportedEvent>,
    /// What was sent about it.
    pub communications: Vec<ExportedNotice>,
}

/// One event.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedEvent {
    /// RFC 3339.
    pub at: String,
    /// Event code; none when only content changed.
    pub event: Option<String>,
    /// State code after it.
    pub state: String,
}

/// One communication.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedNotice {
    /// Kind code.
    pub kind: String,
    /// RFC 3339.
    pub created: String,
    /// When the provider accepted it, RFC 3339.
    pub accepted: Option<String>,
}

/// All one's own data as a document to be kept.
#[utoipa::path(
    get, path = "/api/account/export", operation_id = "exportAccount",
    responses(
        (status = 200, description = "A document to be downloaded", body = ExportView),
    )
)]
pub(crate) async fn export(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let account = data::find_account(app, &caller).await?;
    let mut all = own_applications::of(&app.store.applications, &account.id).await?;
    let is_complete = all.len() <= MOST;
    all.truncate(MOST);
    let applications: Vec<ExportedApplication> = stream::iter(all)
        .map(|application| exported(app, application))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut response = http::json(
        200,
        &ExportView {
            made: request.arrival.to_string(),
            account: AccountView::of(account),
            role: caller.role.code().to_owned(),
            profile: caller.profile.code().to_owned(),
            organisation: caller.organisation.map(|organisation| organisation.to_string()),
            province: caller.province,
            applications,
            is_complete,
        },
    )?;
    response.headers_mut().insert(
        "content-disposition",
        HeaderValue::from_static("attachment; filename=\"i-miei-dati.json\""),
    );
    Ok(response)
}

async fn exported(app: &App, application: Application) -> Result<ExportedApplication, Problem> {
    let id = &application.id;
    let draft = app.store.drafts.load(id).await?;
    let history = app.store.applications.history(id).await?;
    let notices = app.store.applications.notices(id).await?;
    let values =
        draft.values().into_iter().map(|(field, value)| (field.to_string(), value.value)).collect();
    Ok(ExportedApplication {
        id: id.to_string(),
        campaign: application.campaign.to_string(),
        model: application.model.to_string(),
        state: application.state().code().to_owned(),
        state_label: application.state().label().to_owned(),
        created: application.created.to_string(),
        changed: application.changed.to_string(),
        values,
        history: history.into_iter().map(ExportedEvent::of).collect(),
        communications: notices.into_iter().map(ExportedNotice::of).collect(),
    })
}

impl ExportedEvent {
    fn of(row: EventRow) -> Self {
        Self { at: written(row.at), event: row.event, state: row.to }
    }
}

impl ExportedNotice {
    fn of(row: NoticeRow) -> Self {
        Self { kind: row.kind, created: written(row.created), accepted: row.accepted.map(written) }
    }
}

/// An instant of the store, RFC 3339.
pub(crate) fn written(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map(|instant| instant.to_string()).unwrap_or_default()
}
