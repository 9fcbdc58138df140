//! Reads, saves, corrects and deletes a draft, and serves the form as data (FRM-1 to FRM-3, ENR-1, LIM-1).

mod request;
mod view;

use std::convert::Infallible;

use aws_config::SdkConfig;
use domain::{
    application::{Application, Who},
    calendar,
    campaign::{Activity, Campaign},
    form::{Conflict, Field, FieldError, Schema, Source, ValueSource, Values, Writer},
    ids::ApplicationId,
    lifecycle::{State, consequence::Act},
    permission::Action,
    readiness::ContentSource,
};
use edge::{
    access::{ApplicationAccess, Authenticator},
    http::{self, ApiRequest, Problem, ProblemKind},
    routes,
    routes::InPath,
};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response, http::HeaderValue};
use outside::{
    config::{self, ConfigError},
    keying::Keying,
};
use store::{
    Store,
    applications::{commit::Companion, tasks::Task},
    contention::{Tries, none_on_conflict},
    deletion::{self, DeleteError},
    drafts::Remark,
    questions::Question,
    readiness::{ContentWriter, NewContent, RecordError, Recorded},
    rows::SaveError,
    sessions::Caller,
};

use self::request::{Correction, CorrectionRequest, Save, SaveRequest};
use self::view::ConflictView;
pub use self::view::{CorrectionView, DraftView, ModelView};

/// Most corrections of one application; a person who needs more needs the help desk.
const MOST_CORRECTIONS: usize = 20;

/// What saving needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
    keying: Keying,
}

impl App {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self {
            authenticator: Authenticator::from_environment(sdk, &store).await?,
            store,
            keying: Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?),
        })
    }
}

routes! {
    App;
    Anyone: read_model(schema);
    WithSession: read_draft(id), save_draft(id), ask_correction(id), delete_draft(id);
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// The form of a model as data; public, and never changed once published (FRM-1).
///
/// `{schema}` is a version (`c-stag-agricoltura@1`), or a model, which gives its newest version.
#[utoipa::path(
    get, path = "/api/models/{schema}", operation_id = "readModel",
    params(("schema" = String, Path, description = "A version such as c-stag-agricoltura@1, or a model for its newest")),
    responses(
        (status = 200, description = "The form and its tables", body = ModelView),
        (status = 404, description = "No such form"),
    )
)]
async fn read_model(
    _: &App,
    _: &ApiRequest,
    schema: InPath<'_, String>,
) -> Result<Response<Body>, Problem> {
    form_of(schema.text())
}

fn form_of(schema: &str) -> Result<Response<Body>, Problem> {
    let id = schema.replace("%40", "@");
    let found = Schema::find(&id)
        .or_else(|| Schema::latest(&id))
        .ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    let mut response = http::json(200, &ModelView::of(found))?;
    response.headers_mut().insert("cache-control", HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}

/// The draft with its completeness, what is missing and who must act (FRM-2, NEW-2).
#[utoipa::path(
    get, path = "/api/applications/{id}/draft", operation_id = "readDraft",
    params(("id" = String, Path, description = "The application")),
    responses(
        (status = 200, description = "The draft", body = DraftView),
        (status = 409, description = "The form is not open yet, or the section is closed"),
    )
)]
async fn read_draft(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let access = ApplicationAccess::find(&app.store.applications, &caller, &id.read()?).await?;
    let (campaign, now) =
        access.require_now(&app.store.campaigns, request, Action::ReadForm, Activity::Read).await?;
    draft_response(app, &access, &campaign, now, Vec::new()).await
}

/// *Salva*: stores what changed; a field that another person changed meanwhile is never overwritten: the answer asks
/// about it (FRM-2).
///
/// At 100 % the application becomes *da inviare* (FRM-3). Where the worker has another live application of this employer
/// the values are stored all the same, the answer is 200, and the application stays *da completare* with a visible
/// reason (LIM-1): what a person typed is never lost because of another application.
#[utoipa::path(
    patch, path = "/api/applications/{id}/draft", operation_id = "saveDraft",
    params(("id" = String, Path, description = "The application")),
    request_body = SaveRequest,
    responses(
        (status = 200, description = "Saved; the draft as it is now, and in `refused` the values that were not saved and why", body = DraftView),
        (status = 409, description = "Conflicting change (`conflicts`), window closed, or not a draft; nothing was saved"),
        (status = 422, description = "No value could be saved: wrong fields, all of them"),
    )
)]
async fn save_draft(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let id = id.read()?;
    let save = Save::read(request)?;
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let access = ApplicationAccess::find(&app.store.applications, &caller, &id).await?;
        let (campaign, now) =
            access.require_now(&app.store.campaigns, request, Action::Save, Activity::Edit).await?;
        let saved = save_once(app, request, &caller, &access.head, &save, now).await?;
        // If other fields were saved meanwhile, or a registry answered, the values are merged anew with what is stored now.
        if let Some(refused) = none_on_conflict(saved)? {
            let access = ApplicationAccess::find(&app.store.applications, &caller, &id).await?;
            return draft_response(app, &access, &campaign, now, refused).await;
        }
    }
}

/// Asks for the correction of a value that a registry gave: the note stays with the draft, and the registry is asked again
/// (ENR-1). A value from a registry cannot be typed over.
#[utoipa::path(
    post, path = "/api/applications/{id}/draft/corrections", operation_id = "askCorrection",
    params(("id" = String, Path, description = "The application")),
    request_body = CorrectionRequest,
    responses(
        (status = 202, description = "Recorded", body = CorrectionView),
        (status = 409, description = "Not a draft, or the section is closed"),
        (status = 422, description = "No such field, or no registry fills it"),
        (status = 429, description = "Too many corrections"),
    )
)]
async fn ask_correction(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let id = id.read()?;
    let correction = Correction::read(request)?;
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let access = ApplicationAccess::find(&app.store.applications, &caller, &id).await?;
        access
            .require_now(&app.store.campaigns, request, Action::RequestCorrection, Activity::Read)
            .await?;
        let recorded = correct_once(app, request, &caller, &access.head, &correction).await?;
        if let Some(answer) = none_on_conflict(recorded)? {
            return http::json(202, &answer);
        }
    }
}

/// *Elimina*: an unsent draft goes with its content; its place in the limit and its worker are free again (LIM-1).
#[utoipa::path(
    delete, path = "/api/applications/{id}", operation_id = "deleteDraft",
    params(("id" = String, Path, description = "The application")),
    responses(
        (status = 204, description = "Deleted, now or before"),
        (status = 409, description = "It was sent, or the section is closed"),
    )
)]
async fn delete_draft(
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
        if access.head.state() == State::Deleted
            && access.may_in_state(State::ToComplete, Action::Delete)
        {
            return http::empty(204);
        }
        access.require_now(&app.store.campaigns, request, Action::Delete, Activity::Read).await?;
        let who = Who::Account(caller.account.clone());
        let deleted = deletion::delete(
            &app.store.applications,
            &app.store.drafts,
            &access.head,
            who,
            request.arrival,
        );
        match deleted.await {
            Ok(()) => return http::empty(204),
            Err(DeleteError::Save(SaveError::Conflict)) => {}
            Err(DeleteError::Save(error)) => return Err(error.into()),
            Err(DeleteError::Refused) => return Err(Problem::new(ProblemKind::WrongState)),
            Err(DeleteError::NoSchema) => return Err(Problem::new(ProblemKind::NoSuchModel)),
        }
    }
}

/// One try: merges with what is stored, checks, and stores with the events and questions to registries that follow; gives
/// what was refused beside it.
///
/// The inner error is a failed write, where the caller tries a conflict again; the outer one is final.
async fn save_once(
    app: &App,
    request: &ApiRequest,
    caller: &Caller,
    head: &Application,
    save: &Save,
    now: Timestamp,
) -> Result<Result<Vec<FieldError>, SaveError>, Problem> {
    let schema = schema(head)?;
    let draft = app.store.drafts.load(&head.id).await?;
    let current = draft.values();
    let (values, refused) = match merge_changes(schema, &current, save, now, request.arrival) {
        Ok(merged) => merged,
        Err(NotMerged::Refused(refused)) => return Err(request::form_problems(refused)),
        Err(NotMerged::Conflicts(conflicts)) => {
            return Err(conflict_problem(app, caller, head, schema, &current, conflicts).await?);
        }
    };
    let writer = ContentWriter {
        applications: &app.store.applications,
        drafts: &app.store.drafts,
        keying: &app.keying,
    };
    let new_content = NewContent {
        head,
        schema,
        tasks: writer.new_tasks(head, schema, &draft.values(), &values, request.arrival).await?,
        draft: &draft,
        values,
        source: ContentSource::Person,
        who: Who::Account(caller.account.clone()),
        at: request.arrival,
        campaign_now: now,
        attention: head.stage.attention(),
        is_explicit: save.is_explicit,
        also: Vec::new(),
    };
    match writer.record(&new_content).await {
        // Only values of registries after the freeze become remarks (ENR-3).
        Ok(Recorded::Stored { .. } | Recorded::Remark) => Ok(Ok(refused)),
        Err(RecordError::Save(error)) => Ok(Err(error)),
        Err(RecordError::Refused(_)) => Err(Problem::new(ProblemKind::WrongState)),
    }
}

/// Why nothing of a save can be stored.
enum NotMerged {
    /// Every value is wrong.
    Refused(Vec<FieldError>),
    /// Another person or tab changed the same fields meanwhile.
    Conflicts(Vec<Conflict>),
}

/// The stored content with the good changes in it, and what is wrong with the others; else why nothing can be stored.
fn merge_changes(
    schema: &Schema,
    current: &Values,
    save: &Save,
    campaign_now: Timestamp,
    arrival: Timestamp,
) -> Result<(Values, Vec<FieldError>), NotMerged> {
    let today = calendar::local_date(campaign_now);
    let mut merge = schema.merge(current, &save.changes, today);
    // `merge` drops a change without effect, even of a field that does not exist: put back, so that the check names it.
    for change in save.changes.iter().filter(|change| schema.field(&change.field).is_none()) {
        merge.apply.insert(change.field.clone(), change.value.clone());
    }
    // What may not be written at all is a mistake, whatever somebody else wrote there.
    let yours = |conflict: &Conflict| (conflict.field.clone(), conflict.yours.clone());
    let contested = merge.conflicts.iter().map(yours).collect();
    let wrong = schema.judge_changes(current, &contested, Writer::Person, today).refused;
    merge.conflicts.retain(|conflict| wrong.iter().all(|error| error.field != conflict.field));
    if !merge.conflicts.is_empty() {
        return Err(NotMerged::Conflicts(merge.conflicts));
    }
    let mut judged = schema.judge_changes(current, &merge.apply, Writer::Person, today);
    judged.refused.extend(wrong);
    judged.refused.sort_by(|one, other| one.field.cmp(&other.field));
    if judged.accepted.is_empty() && !judged.refused.is_empty() {
        return Err(NotMerged::Refused(judged.refused));
    }
    let mut values = current.clone();
    schema.apply(&mut values, judged.accepted, Writer::Person, arrival);
    Ok((values, judged.refused))
}

/// A question about each field that both sides changed: what each holds, and who wrote the other value, and when (FRM-2).
async fn conflict_problem(
    app: &App,
    caller: &Caller,
    head: &Application,
    schema: &Schema,
    current: &Values,
    conflicts: Vec<Conflict>,
) -> Result<Problem, Problem> {
    let saves = app.store.applications.newest_saves(&head.id).await?;
    let conflicts: Vec<_> = conflicts
        .into_iter()
        .map(|conflict| {
            let theirs = current.get(conflict.field.as_str());
            let section = schema.field(&conflict.field).map(|field| field.section.as_str());
            ConflictView::of(conflict, theirs, section, &saves, caller)
        })
        .collect();
    let conflicts = serde_json::to_value(conflicts).map_err(|error| Problem::internal(&error))?;
    Ok(Problem::new(ProblemKind::Conflict).with("conflicts", conflicts))
}

/// One try at recording a correction.
async fn correct_once(
    app: &App,
    request: &ApiRequest,
    caller: &Caller,
    head: &Application,
    correction: &Correction,
) -> Result<Result<CorrectionView, SaveError>, Problem> {
    let schema = schema(head)?;
    let values = app.store.drafts.load(&head.id).await?.values();
    let question = registry_question_for(schema, &values, &correction.field)?;
    let remarks = app.store.drafts.remarks(&head.id).await?;
    if remarks.iter().filter(|remark| matches!(remark, Remark::Correction { .. })).count()
        >= MOST_CORRECTIONS
    {
        return Err(Problem::new(ProblemKind::TooMany)
            .detail("Hai già chiesto molte correzioni per questa domanda: rivolgiti all'Help Desk.")
            .retry_after_s(86_400));
    }
    let tasks: Vec<Task> = question
        .new_task(&app.store.applications.tasks(&head.id).await?, request.arrival)
        .into_iter()
        .collect();
    let asked_again = !tasks.is_empty();
    let who = Who::Account(caller.account.clone());
    let decision = head.note(Act::AskCorrection, who, request.arrival);
    let remark = Remark::Correction {
        field: correction.field.clone(),
        note: correction.note.clone(),
        at: request.arrival,
    };
    let along = [Companion::Remark(&app.store.drafts, &remark), Companion::NewQuestions(&tasks)];
    let message = format!(
        "La richiesta è registrata. Fai correggere il dato presso l'ente che lo fornisce ({}): {}",
        question.label(),
        if asked_again {
            "lo chiediamo di nuovo adesso."
        } else {
            "una richiesta è già in corso."
        }
    );
    Ok(app.store.applications.commit(&decision, &along).await.map(|()| CorrectionView {
        field: correction.field.clone(),
        asked_again,
        message,
    }))
}

/// The question that fills a field; the registry that gave the value is the one to ask again.
fn registry_question_for(schema: &Schema, values: &Values, key: &str) -> Result<Question, Problem> {
    let refuse = |code: &str, message: &str| {
        request::form_problems(vec![FieldError {
            field: "field".to_owned(),
            code: code.to_owned(),
            message: message.to_owned(),
        }])
    };
    let field: &Field = schema
        .field(key)
        .ok_or_else(|| refuse("unknown-field", "Questo campo non fa parte della domanda."))?;
    let (Source::Registry(registries), Some(mode)) = (&field.source, field.mode) else {
        return Err(refuse(
            "not-from-registry",
            "Questo campo non viene da un registro: puoi correggerlo direttamente.",
        ));
    };
    let gave = values.get(key).and_then(|stored| match stored.source {
        ValueSource::Registry(registry) => Some(registry),
        _ => None,
    });
    let needed = schema.registries_needed(values);
    let responsible = registries.iter().copied().find(|registry| {
        needed.contains(&(*registry, mode))
            && schema.registry_fields(*registry, mode, values).any(|each| each.key == field.key)
    });
    match gave.or(responsible) {
        Some(registry) => Ok(Question::Facts(registry, mode)),
        None => Err(refuse("not-asked", "Questo campo non serve per questa domanda.")),
    }
}

async fn draft_response(
    app: &App,
    access: &ApplicationAccess,
    campaign: &Campaign,
    now: Timestamp,
    refused: Vec<FieldError>,
) -> Result<Response<Body>, Problem> {
    let id: &ApplicationId = &access.head.id;
    let draft = app.store.drafts.load(id).await?;
    let tasks = app.store.applications.tasks(id).await?;
    let remarks = app.store.drafts.remarks(id).await?;
    let completeness =
        schema(&access.head)?.completeness(&draft.values(), calendar::local_date(now));
    // Until when it can be saved or disarmed is the calendar's to say (CAL-3, NEW-1).
    let actions = access.actions_at(campaign, now);
    let view = DraftView::of(&access.head, actions, &draft, completeness, &tasks, remarks);
    http::json(200, &view.without(refused))
}

fn schema(head: &Application) -> Result<&'static Schema, Problem> {
    Schema::find(&head.schema).ok_or_else(|| Problem::new(ProblemKind::NoSuchModel))
}

#[cfg(test)]
mod tests;
