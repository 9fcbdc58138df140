//! From the visa to the signed files: border entry, data of the integration agreement, permissions to upload, documents
//! (ENT-1, CTR-1, AGR-1, COM-1); before the sending, permissions for the documents that a form asks for (FRM-6).

mod request;
mod view;

use edge::access;
use std::{convert::Infallible, time::Duration};

use aws_config::SdkConfig;
use data_encoding::HEXLOWER;
use domain::{
    application::{Application, Who},
    calendar,
    campaign::{Activity, Campaign},
    decision::{Context, Decision, StepError},
    document::{UploadPurpose, UploadState},
    form::{FileReference, Schema},
    ids::{ApplicationId, UploadId},
    lifecycle::{Event, State, agreement::AgreementEvent},
    permission::Action,
};
use edge::{
    access::{ApplicationAccess, Authenticator, Rejection},
    http::{self, ApiRequest, Problem, ProblemKind},
    routes,
    routes::InPath,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use lambda_http::{Body, Request, Response};
use outside::{
    aws,
    config::{self, ConfigError},
    files::{FileError, Files},
};
use store::{
    Store,
    applications::{commit::Companion, history::EventRow},
    contention::{Tries, none_on_conflict},
    questions::Question,
    rows::instant,
    sessions::Caller,
    uploads::{ExpectedSigners, UploadRow},
};

use self::request::{AgreementBody, EntryBody, ParsedUpload, UploadBody};
pub use self::view::{
    CaseAfterStep, DocumentList, DocumentView, OpenUpload, PermissionView, UploadList, UploadView,
};

/// For how long a permission to upload holds at the most.
const PERMISSION_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// It ends this long before an expiry may be written, so that a file that was announced in time is looked into in time.
const BEFORE_EXPIRY: SignedDuration = SignedDuration::from_mins(2);
/// For how long a link to a document is good.
const LINK_LASTS: Duration = Duration::from_mins(5);
/// How many permissions for one application may be open: a browser that tries again needs a few.
const MOST_OPEN: usize = 10;
/// How many files one draft may be sent for its form, replaced and refused ones included.
const MOST_OF_FORM: usize = 100;

/// What handling needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
    made: Files,
    quarantine: Files,
}

impl App {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self {
            authenticator: Authenticator::from_environment(sdk, &store).await?,
            store,
            made: Files::new(sdk, config::required("DOCUMENTS_BUCKET")?),
            quarantine: Files::new(sdk, config::required("UPLOADS_BUCKET")?),
        })
    }
}

routes! {
    App;
    WithSession:
        report_entry(id), enter_agreement(id), ask_upload(id), list_uploads(id), read_upload(id, upload),
        list_documents(id);
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// *Inserisci dati frontiera*: where and when the worker entered, and with which visa; the office sees it (ENT-1).
#[utoipa::path(
    post, path = "/api/applications/{id}/entry", operation_id = "reportEntry",
    params(("id" = String, Path, description = "The application")),
    request_body = EntryBody,
    responses(
        (status = 200, description = "Transmitted; the same for a repetition", body = CaseAfterStep),
        (status = 409, description = "No visa yet, or the entry was reported otherwise"),
    )
)]
async fn report_entry(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let id = id.read()?;
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let access = ApplicationAccess::find(&app.store.applications, &caller, &id).await?;
        let (campaign, now) = campaign_now(app, request, &access).await?;
        let history = app.store.applications.history(&id).await?;
        let earliest = earliest_entry(&access.head, &history);
        let entry = request::entry(request, earliest, calendar::local_date(now))?;
        // Pressed twice, or again after a lost answer: what was transmitted is shown, however far the case is by now.
        if is_reported(&history)
            && access.may_in_state(State::VisaIssued, Action::EnterEntryData)
            && app.store.drafts.entry(&id).await?.is_some_and(|known| known.is_same_as(&entry))
        {
            return http::json(200, &CaseAfterStep::of(&access));
        }
        access.require(Action::EnterEntryData)?;
        let outages = app.store.outages.all().await?;
        let context = Context { campaign: &campaign, now, outages: &outages };
        let decision = access.head.step(Event::ReportEntry, who(&caller), &context)?;
        let tasks = app.store.applications.tasks(&id).await?;
        let asked: Vec<_> =
            Question::WorkerCode.new_task(&tasks, request.arrival).into_iter().collect();
        let along =
            [Companion::BorderEntry(&app.store.drafts, &entry), Companion::NewQuestions(&asked)];
        if let Some(answer) = save(app, &decision, &along, &caller).await? {
            return Ok(answer);
        }
    }
}

/// *Inserisci dati Accordo*: what the integration agreement needs beside the application (AGR-1).
#[utoipa::path(
    post, path = "/api/applications/{id}/agreement", operation_id = "enterAgreement",
    params(("id" = String, Path, description = "The application")),
    request_body = AgreementBody,
    responses(
        (status = 200, description = "Transmitted", body = CaseAfterStep),
        (status = 409, description = "No agreement applies, or its data were entered"),
    )
)]
async fn enter_agreement(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let id = id.read()?;
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let access = ApplicationAccess::find(&app.store.applications, &caller, &id).await?;
        let (campaign, now) = campaign_now(app, request, &access).await?;
        let data = request::agreement(request, calendar::local_date(now))?;
        access.require(Action::EnterAgreementData)?;
        let event = AgreementEvent::EnterData;
        let outages = app.store.outages.all().await?;
        let context = Context { campaign: &campaign, now, outages: &outages };
        let decision = access.head.agreement_step(event, who(&caller), &context)?;
        let along = [Companion::AgreementData(&app.store.drafts, &data)];
        if let Some(answer) = save(app, &decision, &along, &caller).await? {
            return Ok(answer);
        }
    }
}

/// Permission to put one file of exactly the declared length, type and SHA-256 into quarantine, for some minutes.
///
/// The declared digest fixes the content, so that the term of the contract is judged by the arrival of this request
/// (CTR-1). The file counts as sent only once the checks have passed. A request that comes too late is kept as evidence, so
/// that the office can reopen the case (CNF-4).
///
/// With `field:<key>` the file is for a draft, and whoever may save it may send it. Some seconds after the checks it is the
/// value of that field, in the place of an earlier one, and counts for completeness; a file that is refused leaves the
/// earlier one where it is (FRM-6).
#[utoipa::path(
    post, path = "/api/applications/{id}/uploads", operation_id = "askUpload",
    params(("id" = String, Path, description = "The application")),
    request_body = UploadBody,
    responses(
        (status = 201, description = "Where and how to send the file", body = PermissionView),
        (status = 409, description = "Too late (`termine-scaduto`), window closed, or nothing is to be uploaded now; nothing changed"),
        (status = 422, description = "Wrong fields, or the form has no such field, or it takes no such file"),
        (status = 429, description = "Too many permissions are open, or too many files were sent for this draft"),
    )
)]
async fn ask_upload(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let id = id.read()?;
    let ParsedUpload { asked, digest } = request::upload(request)?;
    let upload = UploadId::from_random(aws::random().map_err(|error| Problem::internal(&error))?);
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let access = ApplicationAccess::find(&app.store.applications, &caller, &id).await?;
        let (campaign, now) = campaign_now(app, request, &access).await?;
        let outages = app.store.outages.all().await?;
        let context = Context { campaign: &campaign, now, outages: &outages };
        let tried = match &asked.field {
            Some(field) => {
                let (campaigns, save) = (&app.store.campaigns, Action::Save);
                access.require_now(campaigns, request, save, Activity::Edit).await?;
                request::fits_field(&asked, field, schema(&access.head)?)?;
                Ok(PERMISSION_LASTS)
            }
            None => permitted(&access, asked.purpose, &context),
        };
        let lasts = match tried {
            Ok(lasts) => lasts,
            Err(rejection) => {
                return Err(access::reject(
                    &app.store.evidence,
                    rejection,
                    &access,
                    &caller,
                    request,
                    now,
                )
                .await);
            }
        };
        require_few(app, request, &id, asked.purpose).await?;
        let by = caller.account.clone();
        let until = request.arrival + lasts;
        let row = UploadRow::awaited(&id, upload.clone(), asked.clone(), by, now, until);
        let seconds = Duration::try_from(lasts).unwrap_or_default();
        // check-upload parses hostile files and reads no drafts, so what it has to know of persons goes along.
        let signers = match asked.purpose {
            UploadPurpose::Contract => Some(expected_signers(app, &id).await?),
            UploadPurpose::Agreement
            | UploadPurpose::Integration
            | UploadPurpose::Objection
            | UploadPurpose::Field => None,
        };
        let mut along = vec![Companion::UploadPermission(&row)];
        along.extend(
            signers
                .iter()
                .map(|signers| Companion::ExpectedSigners(&app.store.uploads, &row, signers)),
        );
        let permission = app
            .quarantine
            .permission(&row.object, &row.media_type, row.bytes, &digest, seconds)
            .await
            .map_err(|error| Problem::unavailable(&error))?;
        let stored = app.store.applications.commit_without_decision(&access.head, &along).await;
        // If the case moved meanwhile, as it does while its documents are being made, the request is judged anew, by the
        // same arrival.
        if none_on_conflict(stored)?.is_some() {
            tracing::info!(
                application.id = %id,
                upload.id = %row.id,
                purpose = row.purpose.code(),
                bytes = row.bytes,
                "upload permitted"
            );
            return http::json(201, &PermissionView::of(&row, permission));
        }
    }
}

/// Refuses a permission where the application has many open ones already, or many files for its form.
async fn require_few(
    app: &App,
    request: &ApiRequest,
    id: &ApplicationId,
    purpose: UploadPurpose,
) -> Result<(), Problem> {
    let uploads = app.store.uploads.of(id).await?;
    if attempts_left(&uploads, purpose, request.arrival) > 0 {
        return Ok(());
    }
    let is_open = open(&uploads, request.arrival) >= MOST_OPEN;
    let problem = Problem::new(ProblemKind::TooMany);
    Err(if is_open {
        problem
            .detail("Hai già chiesto di caricare più file: attendi qualche minuto e riprova.")
            .retry_after_s(PERMISSION_LASTS.as_secs())
    } else {
        problem
            .detail("Per questa domanda sono già stati caricati molti file: usa quelli che ci sono, oppure rivolgiti all'Help Desk.")
            .retry_after_s(86_400)
    })
}

fn open(uploads: &[UploadRow], now: Timestamp) -> usize {
    uploads.iter().filter(|upload| view::is_open(upload, now)).count()
}

/// How many permissions for such a file can still be asked for now.
fn attempts_left(uploads: &[UploadRow], purpose: UploadPurpose, now: Timestamp) -> usize {
    let open_left = MOST_OPEN.saturating_sub(open(uploads, now));
    match purpose {
        UploadPurpose::Field => {
            let sent = uploads.iter().filter(|upload| upload.purpose == purpose).count();
            open_left.min(MOST_OF_FORM.saturating_sub(sent))
        }
        UploadPurpose::Contract
        | UploadPurpose::Agreement
        | UploadPurpose::Integration
        | UploadPurpose::Objection => open_left,
    }
}

/// The uploads of an application and what became of each, with what can be uploaded now and how (CTR-1, FRM-6).
///
/// At most the fifty newest: whatever happened to a file can be read again after the page was left.
#[utoipa::path(
    get, path = "/api/applications/{id}/uploads", operation_id = "listUploads",
    params(("id" = String, Path, description = "The application")),
    responses(
        (status = 200, description = "Newest first, and what can be uploaded now", body = UploadList),
    )
)]
async fn list_uploads(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let access = find_readable(app, request, id).await?;
    let uploads = app.store.uploads.of(&access.head.id).await?;
    let schema = schema(&access.head)?;
    let now = request.arrival;
    let mut open = Vec::new();
    for purpose in UploadPurpose::ALL.iter().copied() {
        if access.require(action_of(purpose)).is_ok() {
            let left = attempts_left(&uploads, purpose, now);
            open.extend(OpenUpload::of(purpose, schema, left));
        }
    }
    http::json(200, &UploadList::of(uploads, schema, open, now))
}

/// How an upload stands, with every reason of a refusal in plain words (CTR-1).
#[utoipa::path(
    get, path = "/api/applications/{id}/uploads/{upload}", operation_id = "readUpload",
    params(("id" = String, Path, description = "The application"), ("upload" = String, Path, description = "The upload")),
    responses(
        (status = 200, description = "Awaited, accepted, or refused and why", body = UploadView),
    )
)]
async fn read_upload(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
    upload: InPath<'_, UploadId>,
) -> Result<Response<Body>, Problem> {
    let access = find_readable(app, request, id).await?;
    let row = app.store.uploads.find(&access.head.id, &upload.read()?).await?;
    let row = row.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    http::json(200, &UploadView::of(&row, schema(&access.head)?, request.arrival))
}

/// Every document of an application, with a link that is good for five minutes (COM-1, MOD-1, CNF-4).
#[utoipa::path(
    get, path = "/api/applications/{id}/documents", operation_id = "listDocuments",
    params(("id" = String, Path, description = "The application")),
    responses(
        (status = 200, description = "What the portal made and what was uploaded and passed the checks", body = DocumentList),
    )
)]
async fn list_documents(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let access = find_readable(app, request, id).await?;
    let (made, sent) = (
        app.store.documents.of(&access.head.id).await?,
        app.store.uploads.of(&access.head.id).await?,
    );
    let mut documents = Vec::with_capacity(made.len() + sent.len());
    for row in &made {
        let link = match &row.file {
            Some(file) => Some(link(app, file, &format!("{}.pdf", row.kind.code())).await?),
            None => None,
        };
        documents.push(DocumentView::made(row, link));
    }
    let schema = schema(&access.head)?;
    let attached = attached(app, &access.head.id, schema, &sent).await?;
    for row in sent.iter().filter(|row| row.state == UploadState::Accepted) {
        let Some(file) = &row.file else { continue };
        // A file that another replaced, or that was taken out, is no document of the application (FRM-6).
        if row.purpose == UploadPurpose::Field && !attached.contains(&row.id) {
            continue;
        }
        let link = link(app, file, &row.file_name()).await?;
        documents.push(DocumentView::uploaded(row, schema, Some(link)));
    }
    documents.sort_by(|one, other| one.at.cmp(&other.at));
    http::json(200, &DocumentList::of(documents))
}

/// The uploads that are values of the form (FRM-6). Most applications have none, and read no content here.
async fn attached(
    app: &App,
    id: &ApplicationId,
    schema: &Schema,
    uploads: &[UploadRow],
) -> Result<Vec<UploadId>, Problem> {
    if !uploads.iter().any(|row| row.purpose == UploadPurpose::Field) {
        return Ok(Vec::new());
    }
    let values = app.store.drafts.load(id).await?.values();
    let stored = schema.file_fields().filter_map(|(field, _)| values.get(&field.key));
    let files = stored.filter_map(|stored| FileReference::read(&stored.value));
    Ok(files.map(|file| file.upload).collect())
}

fn schema(head: &Application) -> Result<&'static Schema, Problem> {
    Schema::find(&head.schema).ok_or_else(|| Problem::new(ProblemKind::NoSuchModel))
}

async fn link(app: &App, file: &outside::files::StoredFile, name: &str) -> Result<String, Problem> {
    let signed = app.made.link(file, name, LINK_LASTS).await;
    signed.map_err(|error: FileError| Problem::unavailable(&error))
}

/// Who has to sign the contract, as far as it is known now (CTR-2).
async fn expected_signers(app: &App, id: &ApplicationId) -> Result<ExpectedSigners, Problem> {
    let preliminary = app.store.drafts.preliminary(id).await?;
    let entry = app.store.drafts.entry(id).await?;
    Ok(ExpectedSigners {
        employer: preliminary.map(|preliminary| preliminary.applicant).unwrap_or_default(),
        worker: entry.and_then(|entry| entry.fiscal_code),
    })
}

/// What the right to upload is called.
const fn action_of(purpose: UploadPurpose) -> Action {
    match purpose {
        UploadPurpose::Contract => Action::UploadContract,
        UploadPurpose::Agreement => Action::UploadAgreement,
        UploadPurpose::Integration => Action::ProvideIntegration,
        UploadPurpose::Objection => Action::Object,
        UploadPurpose::Field => Action::Save,
    }
}

/// The event that a file brings about, now or with the answer that it goes with; the agreement goes its own way, without a
/// term (AGR-1), and a document of the form is a value of the draft (FRM-6).
const fn event_of(purpose: UploadPurpose) -> Option<Event> {
    match purpose {
        UploadPurpose::Contract => Some(Event::UploadContract),
        UploadPurpose::Agreement | UploadPurpose::Field => None,
        UploadPurpose::Integration => Some(Event::ProvideIntegration),
        UploadPurpose::Objection => Some(Event::Object),
    }
}

/// For how long a permission holds, where the tables and the term let the caller ask for one.
fn permitted(
    access: &ApplicationAccess,
    purpose: UploadPurpose,
    context: &Context<'_>,
) -> Result<SignedDuration, Rejection> {
    let tried = lasts(&access.head, purpose, context);
    access.judge(action_of(purpose), event_of(purpose), tried)
}

/// For how long a permission holds. It tries the step, which judges the term by this request's arrival (CNF-2); near
/// the end the permission is shorter, so that the checks are over before the expiry may be written.
fn lasts(
    head: &Application,
    purpose: UploadPurpose,
    context: &Context<'_>,
) -> Result<SignedDuration, StepError> {
    if purpose == UploadPurpose::Agreement {
        head.agreement_step(AgreementEvent::Upload, Who::System, context)?;
    }
    let Some(event) = event_of(purpose) else { return Ok(PERMISSION_LASTS) };
    // A file that replaces one that waits for the office has no term (CTR-1).
    if purpose == UploadPurpose::Contract && head.state() == State::ContractSent {
        return Ok(PERMISSION_LASTS);
    }
    head.step(event, Who::System, context)?;
    match purpose {
        UploadPurpose::Contract | UploadPurpose::Integration => until_expiry(head, context),
        // Observations count until the office decides (art. 10-bis L. 241/1990): no expiry is written over them.
        UploadPurpose::Objection | UploadPurpose::Agreement | UploadPurpose::Field => {
            Ok(PERMISSION_LASTS)
        }
    }
}

fn until_expiry(head: &Application, context: &Context<'_>) -> Result<SignedDuration, StepError> {
    let Some(term) = head.running_term(context)? else { return Ok(PERMISSION_LASTS) };
    if term.end() <= context.now {
        // No receipt says that its PEC was delivered: nothing ends by itself (COM-2).
        return Ok(PERMISSION_LASTS);
    }
    let expiry = term.expiry_writable_from(context.campaign.policies().grace());
    let left = expiry.duration_since(context.now) - BEFORE_EXPIRY;
    Ok(left.clamp(SignedDuration::from_secs(30), PERMISSION_LASTS))
}

/// The first day, on Rome's calendar, on which the worker can have entered with the visa: no visa is issued before the
/// employer's first confirmation (art. 22 c. 5-quinquies D.Lgs. 286/1998), nor before the submission. None when nothing was
/// sent.
///
/// The day of the visa itself is stored nowhere, and the report of it may arrive after the worker.
fn earliest_entry(head: &Application, history: &[EventRow]) -> Option<Date> {
    let submission = head.stage.submission()?;
    let confirmed = history.iter().find(|row| row.event.as_deref() == Some(Event::Confirm.code()));
    let confirmed = confirmed.and_then(|row| instant(row.at).ok());
    Some(calendar::local_date(confirmed.unwrap_or(submission.arrival)))
}

/// Whether an entry was reported, since the case was reopened where it was.
fn is_reported(history: &[EventRow]) -> bool {
    let (reported, reopened) = (Event::ReportEntry.code(), Event::ReopenCase.code());
    let mut codes = history.iter().rev().filter_map(|row| row.event.as_deref());
    codes.find(|code| [reported, reopened].contains(code)) == Some(reported)
}

/// The campaign in force and its now.
async fn campaign_now(
    app: &App,
    request: &ApiRequest,
    access: &ApplicationAccess,
) -> Result<(std::sync::Arc<Campaign>, Timestamp), Problem> {
    let campaign = app
        .store
        .campaigns
        .in_force(&access.head.campaign, request.arrival)
        .await?
        .ok_or_else(|| Problem::new(ProblemKind::NoSuchModel))?;
    let now = campaign.effective_now(request.arrival);
    Ok((campaign, now))
}

/// An application whose communications the caller may read: documents are among them (COM-1).
async fn find_readable(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<ApplicationAccess, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let id = id.read()?;
    let access = ApplicationAccess::find(&app.store.applications, &caller, &id).await?;
    access.require(Action::ReadCommunications)?;
    Ok(access)
}

/// Stores a decision; none when another request was faster and this one is judged anew.
async fn save(
    app: &App,
    decision: &Decision,
    along: &[Companion<'_>],
    caller: &Caller,
) -> Result<Option<Response<Body>>, Problem> {
    let Some(()) = none_on_conflict(app.store.applications.commit(decision, along).await)? else {
        return Ok(None);
    };
    let access = ApplicationAccess::of(decision.after().clone(), caller)?;
    http::json(200, &CaseAfterStep::of(&access)).map(Some)
}

fn who(caller: &Caller) -> Who {
    Who::Account(caller.account.clone())
}

fn hex32(text: &str) -> Option<[u8; 32]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
