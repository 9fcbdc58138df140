//! An export of one's own data (PRV-1; art. 15 of Regulation (EU) 2016/679): the account with everything that is kept under
//! it, what is kept of the person's former accounts that are linked to it (IDP-2), and its own applications with all their
//! content.
//!
//! Of a password it tells since when there is one, and of a link that it was made or undone. Who undid it and with what words,
//! and the account that it led to, may be another person's data: they stay where they are (art. 15 par. 4).

use domain::{application::Application, decision::Followed, ids::AccountId};
use edge::http::{self, ApiRequest, Problem};
use futures::{StreamExt, TryStreamExt, stream};
use lambda_http::{Body, Response, http::HeaderValue};
use serde::Serialize;
use serde_json::{Map, Value};
use store::{
    account_links::{LinkEvent, LinkedApplication},
    accounts::{Account, Membership},
    applications::history::EventRow,
    documents::DocumentRow,
    officials::OfficialEventRow,
    organisations::Refusal,
    outbox::NoticeRow,
    own_applications,
    uploads::UploadRow,
};
use utoipa::ToSchema;

use crate::{
    App,
    data::{self, AccountView, written},
};

/// So many applications fit into one document; no person files more for themselves.
const MOST: usize = 300;
/// So many appointments and requests; nobody has more.
const MOST_OTHERS: i32 = 100;
/// So many applications that followed a former account; an operator of the old portal had hundreds.
const MOST_FOLLOWED: i32 = 1_000;
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
    /// When the password was chosen, RFC 3339; the password itself is known to nobody.
    pub password_chosen: Option<String>,
    /// The former e-mail account's new account, where it was linked.
    pub linked_to: Option<String>,
    /// For whom the person worked at the old portal.
    #[schema(value_type = Option<Object>)]
    pub formerly: Value,
    /// What is kept of links of this account.
    pub links: ExportedLinks,
    /// The person's former accounts that are linked to this one.
    pub former_accounts: Vec<ExportedFormer>,
    /// First sign-in, RFC 3339.
    pub created: String,
    /// Last sign-in, RFC 3339.
    pub last_sign_in: String,
    /// Offices and organisations, past ones too.
    pub memberships: Vec<ExportedMembership>,
    /// The row in the list of the organisation, as it was listed.
    pub listed_as: Option<ExportedListing>,
    /// Organisations for which the person said not to work.
    pub refused_organisations: Vec<ExportedRefusal>,
    /// Appointments to offices and withdrawals.
    pub appointments: Vec<ExportedAppointment>,
    /// The own requests to enable operators, with their forms.
    pub enabling_requests: Vec<ExportedEnabling>,
    /// The own applications.
    pub applications: Vec<ExportedApplication>,
    /// Whether all of them are here.
    pub is_complete: bool,
}

/// What is kept of the links of an account to others by SPID or CIE.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedLinks {
    /// That it was linked and that this was undone, in order of time.
    pub events: Vec<ExportedLink>,
    /// The applications that followed and are not back.
    pub followed: Vec<ExportedFollowed>,
    /// When the password that is put away while the link holds was chosen, RFC 3339; nobody knows the password itself.
    pub kept_password_chosen: Option<String>,
}

/// That an account was linked, or that this was undone.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedLink {
    /// `linked` or `undone`.
    pub event: String,
    /// RFC 3339.
    pub at: String,
}

/// An application that followed a linked account.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedFollowed {
    /// Identifier.
    pub application: String,
    /// Whether the account was that of the legal representative.
    pub representative: bool,
    /// Whether it was that of who filed.
    pub filer: bool,
    /// Whether the application counted towards its yearly limit.
    pub counted: bool,
}

/// A former account of the person.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedFormer {
    /// Personal data.
    pub account: AccountView,
    /// For whom the person worked at the old portal.
    #[schema(value_type = Option<Object>)]
    pub formerly: Value,
    /// First sign-in, RFC 3339.
    pub created: String,
    /// Last sign-in, RFC 3339.
    pub last_sign_in: String,
    /// What is kept of its links.
    pub links: ExportedLinks,
}

/// A membership of an office or organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedMembership {
    /// Role code.
    pub role: String,
    /// Profile code.
    pub profile: String,
    /// The organisation.
    pub organisation: Option<String>,
    /// The province.
    pub province: Option<String>,
    /// RFC 3339.
    pub from: String,
    /// RFC 3339, excluded.
    pub until: Option<String>,
}

/// What an organisation's list says of the person.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedListing {
    /// The organisation.
    pub organisation: String,
    /// Surname as listed.
    pub surname: String,
    /// Name as listed.
    pub name: String,
    /// Fiscal code as listed.
    pub fiscal_code: String,
    /// Address as listed.
    pub email: Option<String>,
}

/// That the person said not to work for an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedRefusal {
    /// The organisation.
    pub organisation: String,
    /// RFC 3339.
    pub at: String,
}

/// What happened to the person in an office.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedAppointment {
    /// `appointed`, `named-first` or `withdrawn`.
    pub event: String,
    /// Role code.
    pub role: String,
    /// The province.
    pub province: Option<String>,
    /// RFC 3339.
    pub at: String,
}

/// A request to enable operators.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedEnabling {
    /// Identifier.
    pub id: String,
    /// Stage code.
    pub stage: String,
    /// RFC 3339.
    pub submitted: String,
    /// The form as it was sent.
    #[schema(value_type = Object)]
    pub form: Value,
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
    /// The preliminary checks, with the version of the privacy notice that was read and when.
    #[schema(value_type = Option<Object>)]
    pub preliminary: Value,
    /// Remarks, corrections that were asked for, reasons of decisions.
    #[schema(value_type = Vec<Object>)]
    pub remarks: Vec<Value>,
    /// The border entry.
    #[schema(value_type = Option<Object>)]
    pub entry: Value,
    /// The data of the integration agreement.
    #[schema(value_type = Option<Object>)]
    pub agreement: Value,
    /// The documents that the portal made; their files are among those of the application.
    pub documents: Vec<ExportedFile>,
    /// The files that were sent.
    pub uploads: Vec<ExportedFile>,
    /// Answers and files that came too late.
    pub evidence: Vec<ExportedEvidence>,
    /// What happened.
    pub history: Vec<ExportedEvent>,
    /// What was sent about it.
    pub communications: Vec<ExportedNotice>,
}

/// A document or a file that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedFile {
    /// What it is, as a code.
    pub kind: String,
    /// When it was asked for, RFC 3339.
    pub asked: String,
    /// SHA-256 of the content in hex, where there is one.
    pub sha256: Option<String>,
}

/// An answer or a file that did not count.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportedEvidence {
    /// The code of the event that did not take place.
    pub what: String,
    /// RFC 3339.
    pub at: String,
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
    let kept = kept_of(app, &account).await?;
    let mut response = http::json(
        200,
        &ExportView {
            made: request.arrival.to_string(),
            password_chosen: kept.password_chosen,
            linked_to: account.linked_to.as_ref().map(ToString::to_string),
            formerly: value(&account.formerly)?,
            links: kept.links,
            former_accounts: kept.former_accounts,
            created: written(account.created),
            last_sign_in: written(account.last_sign_in),
            memberships: kept.memberships,
            listed_as: kept.listed_as,
            refused_organisations: kept.refused_organisations,
            appointments: kept.appointments,
            enabling_requests: kept.enabling_requests,
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

/// What is kept under the account beside its own row.
struct Kept {
    password_chosen: Option<String>,
    links: ExportedLinks,
    former_accounts: Vec<ExportedFormer>,
    memberships: Vec<ExportedMembership>,
    listed_as: Option<ExportedListing>,
    refused_organisations: Vec<ExportedRefusal>,
    appointments: Vec<ExportedAppointment>,
    enabling_requests: Vec<ExportedEnabling>,
}

/// Reads all that is keyed by the account; a test holds it against the rows that there are.
async fn kept_of(app: &App, account: &Account) -> Result<Kept, Problem> {
    let id = &account.id;
    let password = app.email_accounts.password(id).await?;
    let memberships = app.store.accounts.memberships(id).await?;
    let works_for = memberships.iter().find_map(|membership| membership.organisation.clone());
    let listed_as = match works_for {
        None => None,
        Some(organisation) => {
            let listed = app.store.organisations.operator(&organisation, id).await?;
            listed.map(|listed| ExportedListing {
                organisation: organisation.to_string(),
                surname: listed.surname,
                name: listed.name,
                fiscal_code: listed.fiscal_code,
                email: listed.email,
            })
        }
    };
    let refusals = app.store.organisations.refusals(id).await?;
    let events = app.store.officials.events(id, MOST_OTHERS).await?;
    let mut enabling_requests = Vec::new();
    for request in app.store.enablings.own(id, None, MOST_OTHERS).await? {
        let Some(request) = app.store.enablings.find(&request).await? else { continue };
        enabling_requests.push(ExportedEnabling {
            id: request.id.to_string(),
            stage: request.case.stage.code().to_owned(),
            submitted: request.submitted.to_string(),
            form: value(&request.form)?,
        });
    }
    Ok(Kept {
        password_chosen: password.map(|password| written(password.changed)),
        links: links_of(app, id).await?,
        former_accounts: former_accounts(app, id).await?,
        memberships: memberships.into_iter().map(ExportedMembership::of).collect(),
        listed_as,
        refused_organisations: refusals.iter().map(ExportedRefusal::of).collect(),
        appointments: events.into_iter().map(ExportedAppointment::of).collect(),
        enabling_requests,
    })
}

async fn links_of(app: &App, id: &AccountId) -> Result<ExportedLinks, Problem> {
    let events = app.email_accounts.link_events(id).await?;
    let followed = app.email_accounts.followed(id, MOST_FOLLOWED).await?;
    let kept_password = app.email_accounts.kept_password(id).await?;
    Ok(ExportedLinks {
        events: events.into_iter().map(ExportedLink::of).collect(),
        followed: followed.iter().map(ExportedFollowed::of).collect(),
        kept_password_chosen: kept_password.map(|password| written(password.changed)),
    })
}

/// Only those that are linked to this account at this moment: a link that was undone made them another person's.
async fn former_accounts(app: &App, id: &AccountId) -> Result<Vec<ExportedFormer>, Problem> {
    let mut exported = Vec::new();
    for former in app.email_accounts.former_accounts(id).await? {
        let Some(account) = app.store.accounts.find(&former).await? else { continue };
        if account.linked_to.as_ref() != Some(id) {
            continue;
        }
        exported.push(ExportedFormer {
            formerly: value(&account.formerly)?,
            created: written(account.created),
            last_sign_in: written(account.last_sign_in),
            links: links_of(app, &former).await?,
            account: AccountView::of(account),
        });
    }
    Ok(exported)
}

fn value(of: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(of).map_err(|error| Problem::internal(&error))
}

async fn exported(app: &App, application: Application) -> Result<ExportedApplication, Problem> {
    let id = &application.id;
    let draft = app.store.drafts.load(id).await?;
    let history = app.store.applications.history(id).await?;
    let notices = app.store.applications.notices(id).await?;
    let remarks = app.store.drafts.remarks(id).await?;
    let documents = app.store.documents.of(id).await?;
    let uploads = app.store.uploads.of(id).await?;
    let evidence = app.store.evidence.of(id).await?;
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
        preliminary: value(&app.store.drafts.preliminary(id).await?)?,
        remarks: remarks.iter().map(value).collect::<Result<_, _>>()?,
        entry: value(&app.store.drafts.entry(id).await?)?,
        agreement: value(&app.store.drafts.agreement(id).await?)?,
        documents: documents.into_iter().map(ExportedFile::made).collect(),
        uploads: uploads.into_iter().map(ExportedFile::sent).collect(),
        evidence: evidence
            .into_iter()
            .map(|row| ExportedEvidence { what: row.what, at: written(row.at) })
            .collect(),
        history: history.into_iter().map(ExportedEvent::of).collect(),
        communications: notices.into_iter().map(ExportedNotice::of).collect(),
    })
}

impl ExportedLink {
    fn of(event: LinkEvent) -> Self {
        let name = if event.is_undone { "undone" } else { "linked" };
        Self { event: name.to_owned(), at: written(event.at) }
    }
}

impl ExportedFollowed {
    fn of(linked: &LinkedApplication) -> Self {
        let Followed { representative, filer, counted } = linked.followed;
        Self { application: linked.application.to_string(), representative, filer, counted }
    }
}

impl ExportedMembership {
    fn of(membership: Membership) -> Self {
        Self {
            role: membership.role,
            profile: membership.profile,
            organisation: membership.organisation.map(|organisation| organisation.to_string()),
            province: membership.province,
            from: written(membership.from),
            until: membership.until.map(written),
        }
    }
}

impl ExportedRefusal {
    fn of(refusal: &Refusal) -> Self {
        Self { organisation: refusal.organisation.to_string(), at: written(refusal.at) }
    }
}

impl ExportedAppointment {
    fn of(row: OfficialEventRow) -> Self {
        Self {
            event: row.event.code().to_owned(),
            role: row.role.code().to_owned(),
            province: row.province,
            at: written(row.at),
        }
    }
}

impl ExportedFile {
    fn made(row: DocumentRow) -> Self {
        Self {
            kind: row.kind.code().to_owned(),
            asked: written(row.created),
            sha256: row.file.map(|file| file.sha256),
        }
    }

    fn sent(row: UploadRow) -> Self {
        Self {
            kind: row.purpose.code().to_owned(),
            asked: written(row.asked),
            sha256: Some(row.sha256),
        }
    }
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
