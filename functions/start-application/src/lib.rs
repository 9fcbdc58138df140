//! Starts an application: preliminary checks, activation code by PEC, its verification (CHK-1, CHK-2, ACT-1, LIM-1, OWN-1).

mod request;
mod view;

use std::{collections::BTreeMap, convert::Infallible};

use aws_config::SdkConfig;
use domain::{
    activation::{Activation, Verdict},
    application::{Application, Parties, Stage, Who},
    calendar,
    campaign::{Activity, Campaign, Profile},
    email_address::EmailAddress,
    form::{Role as FieldRole, Schema, Values, Writer},
    ids::ApplicationId,
    lifecycle::State,
    permission::{self, Action},
};
use edge::{
    access::{ApplicationAccess, Authenticator, require_open},
    http::{self, ApiRequest, Form as _, Problem, ProblemKind},
    routes,
    routes::InPath,
};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response};
use outside::{
    activation_codes::ActivationCodes,
    aws,
    config::{self, ConfigError},
    keying::Keying,
    registries::{Checked, Registries, UnusableRegistries},
};
use serde_json::Value;
use store::{
    Store,
    applications::{
        commit::{Companion, Content},
        tasks::Task,
    },
    attempts::Attempts,
    contention::{Contended, Tries, none_on_conflict},
    drafts::Preliminary,
    organisations::Organisation,
    questions::Question,
    rows::SaveError,
    sessions::Caller,
};
use thiserror::Error;

use self::request::{ActivationRequest, ParsedStart, StartHead, StartRequest};
pub use self::view::StartedView;

/// Starts of one account in a minute: far above what a person does, and it keeps the registries from being trawled.
const STARTS_A_MINUTE: u64 = 60;

const CODE_SENT: &str = "Abbiamo inviato il codice di attivazione all'indirizzo PEC del datore di lavoro che risulta in INI-PEC o INAD. Quando arriva, inseriscilo con «Verifica codice».";
const CHECK_QUEUED: &str = "Un registro pubblico non risponde in questo momento. La verifica è in coda e viene ripetuta da sola: non serve rifare la richiesta. Se l'esito è positivo la PEC con il codice di attivazione arriverà al datore di lavoro; se è negativo riceverai un avviso.";
const OPEN: &str = "Il codice è verificato: la compilazione della domanda è aperta.";

/// What starting needs.
#[derive(Debug)]
pub struct App {
    authenticator: Authenticator,
    store: Store,
    registries: Registries,
    keying: Keying,
    codes: ActivationCodes,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// The registries cannot be asked.
    #[error(transparent)]
    Registries(#[from] UnusableRegistries),
}

impl App {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let store = Store::open(sdk)?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        Ok(Self {
            authenticator: Authenticator::from_environment(sdk, &store).await?,
            store,
            registries: Registries::from_environment(sdk).await?,
            codes: ActivationCodes::new(&keying),
            keying,
        })
    }
}

routes! {
    App;
    WithSession: start(), verify_code(id), ask_new_code(id);
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// *Verifica utenza e invia PEC*: creates an application once the registries confirm the person (CHK-1, CHK-2).
///
/// With an `Idempotency-Key` a double click gives the same application.
#[utoipa::path(
    post, path = "/api/applications", operation_id = "startApplication",
    params(("Idempotency-Key" = Option<String>, Header, description = "Chosen by the client; a repetition gives the same application")),
    request_body = StartRequest,
    responses(
        (status = 201, description = "Created, the code is on its way; the same for every repetition", body = StartedView),
        (status = 202, description = "Created, the check is queued because a registry does not answer", body = StartedView),
        (status = 409, description = "Window closed, limit reached, representation not confirmed, or no certified address; nothing was created"),
        (status = 422, description = "Wrong fields or no such model"),
        (status = 429, description = "Too many starts"),
    )
)]
async fn start(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    if !permission::may_start(caller.role) {
        return Err(Problem::new(ProblemKind::NotAllowed));
    }
    let opened = StartHead::read(request)?;
    let key = request::idempotency_key(request)?;
    let campaign = match &opened.campaign {
        Some(campaign) => app.store.campaigns.in_force(campaign, request.arrival).await?,
        None => None,
    };
    // A session has an account: sign-in writes the account before the first session.
    let account = app
        .store
        .accounts
        .find(&caller.account)
        .await?
        .ok_or_else(|| Problem::new(ProblemKind::SessionOver))?;
    let asked = opened.complete(campaign.as_deref(), &caller, &account)?;
    let id = identifier(app, &caller, key.as_deref())?;
    let application = new_application(app, request, &caller, &asked, id);
    if key.is_some()
        && let Some(earlier) = app.store.applications.head(&application.id).await?
    {
        return repeated(app, &caller, &application, &earlier).await;
    }
    require_open(
        asked.campaign,
        &asked.model,
        Activity::Start,
        asked.campaign.effective_now(request.arrival),
    )?;
    if app.store.attempts.count("start", caller.account.as_str(), request.arrival).await?
        > STARTS_A_MINUTE
    {
        return Err(
            Problem::new(ProblemKind::TooMany).retry_after_s(Attempts::until_next(request.arrival))
        );
    }
    create(app, request, &caller, &asked, &application).await
}

/// Asks the registries and stores what follows; after a plain no nothing is stored.
async fn create(
    app: &App,
    request: &ApiRequest,
    caller: &Caller,
    asked: &ParsedStart<'_>,
    application: &Application,
) -> Result<Response<Body>, Problem> {
    let checked = app.registries.check(application.id.as_str(), &asked.subject()).await;
    // An operator who starts one in the own name is a private user for it (ORG-7, LIM-1).
    let is_private = caller.organisation.is_some() && application.parties.organisation.is_none();
    let profile = if is_private { Profile::Private } else { caller.profile };
    let limit = asked.campaign.limit(profile);
    let decision = application.clone().start(limit, Who::Account(caller.account.clone()));
    let (mut code, mut questions) = (None, Vec::new());
    let address = match checked {
        Ok(Checked::NotRepresentative) => return Err(Problem::new(ProblemKind::NotRepresentative)),
        Ok(Checked::NoAddress) => return Err(Problem::new(ProblemKind::NoCertifiedAddress)),
        Ok(Checked::Confirmed(address)) => {
            let is_own = application.parties.representative == caller.account;
            admit_code(app, request, &address, is_own).await?;
            code = Some(issued(app, &application.id, None, asked.campaign, request.arrival)?);
            Some(address.reveal().to_owned())
        }
        // CHK-2: a registry that is down loses nothing; enrich-application asks again.
        Err(error) => {
            tracing::warn!(application.id = %application.id, request.id = request.request_id, outcome = error.code(), "check queued");
            questions.extend(Question::Check.new_task(&[], request.arrival));
            None
        }
    };
    let preliminary = asked.preliminary(request, address);
    let mut along = vec![
        Companion::Preliminary(&app.store.drafts, &preliminary),
        Companion::NewQuestions(&questions),
    ];
    along.extend(code.as_ref().map(Companion::NewCode));
    match app.store.applications.commit(&decision, &along).await {
        Ok(()) => {
            let access =
                ApplicationAccess::find(&app.store.applications, caller, &application.id).await?;
            start_response(&access, code.as_ref())
        }
        // The other click was faster: its application is this one.
        Err(SaveError::Conflict) => match app.store.applications.head(&application.id).await? {
            Some(earlier) => repeated(app, caller, application, &earlier).await,
            None => Err(Contended.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// *Verifica codice*: the right code opens the form; five wrong ones spend it, however many come at once (ACT-1).
#[utoipa::path(
    post, path = "/api/applications/{id}/activation", operation_id = "verifyCode",
    params(("id" = String, Path, description = "The application")),
    request_body = ActivationRequest,
    responses(
        (status = 200, description = "The form is open; the same when it was open already", body = StartedView),
        (status = 409, description = "Code expired or spent, window closed, or no code yet"),
        (status = 422, description = "Wrong code, with `attempts_left`; or no code at all"),
    )
)]
async fn verify_code(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let id = id.read()?;
    // What cannot be a code is no guess and costs no attempt.
    let mut body: ActivationRequest = request.form()?;
    let code = body.code();
    let code = body.complete(code)?;
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let access = ApplicationAccess::find(&app.store.applications, &caller, &id).await?;
        if matches!(access.head.state(), State::ToComplete | State::ToSend | State::Armed)
            && access.may_in_state(State::ToValidate, Action::VerifyCode)
        {
            return open_response(&access);
        }
        let (campaign, _) = access
            .require_now(&app.store.campaigns, request, Action::VerifyCode, Activity::Edit)
            .await?;
        let Some(activation) = app.store.applications.activation(&id).await? else {
            return Err(no_code_yet());
        };
        let saved = match app.codes.verify(&id, &activation, &code, &campaign, request.arrival) {
            Verdict::Right => {
                open(app, request, &caller, &access.head, &activation, &campaign).await?
            }
            Verdict::Wrong { left } => {
                match app
                    .store
                    .applications
                    .save_attempt(&id, &activation, &activation.after_wrong())
                    .await
                {
                    Ok(()) => return Err(wrong_code(left)),
                    counted => counted,
                }
            }
            Verdict::Expired => return Err(Problem::new(ProblemKind::CodeExpired)),
            Verdict::Exhausted => return Err(Problem::new(ProblemKind::CodeExhausted)),
        };
        // If another guess came first, this one is judged by what that left.
        if none_on_conflict(saved)?.is_some() {
            return open_response(
                &ApplicationAccess::find(&app.store.applications, &caller, &id).await?,
            );
        }
    }
}

/// Another activation code, at a limited rate; where a queued check was given up, the check again (ACT-1, CHK-2).
#[utoipa::path(
    post, path = "/api/applications/{id}/activation-codes", operation_id = "askNewCode",
    params(("id" = String, Path, description = "The application")),
    responses(
        (status = 202, description = "A new code is on its way, or the check is queued", body = StartedView),
        (status = 409, description = "The code was verified already, or the window is closed"),
        (status = 429, description = "Too early, see `retry_after_s`"),
    )
)]
async fn ask_new_code(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, ApplicationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let id = id.read()?;
    let mut is_admitted = false;
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let access = ApplicationAccess::find(&app.store.applications, &caller, &id).await?;
        let (campaign, _) = access
            .require_now(&app.store.campaigns, request, Action::AskNewCode, Activity::Edit)
            .await?;
        let Some(before) = app.store.applications.activation(&id).await? else {
            return check_again(app, request, &access).await;
        };
        let after = issued(app, &id, Some(&before), &campaign, request.arrival)?;
        if !is_admitted {
            let is_own = access.head.parties.representative == caller.account;
            let preliminary = app.store.drafts.preliminary(&id).await?;
            let address = preliminary.and_then(|one| one.certified_address?.parse().ok());
            if let Some(address) = address {
                admit_code(app, request, &address, is_own).await?;
            }
            is_admitted = true;
        }
        let saved = app.store.applications.reissue(&access.head, &before, &after, request.arrival);
        if none_on_conflict(saved.await)?.is_some() {
            return shown(202, &access, Some(&after), CODE_SENT);
        }
    }
}

/// The check is still queued, or is queued again.
async fn check_again(
    app: &App,
    request: &ApiRequest,
    access: &ApplicationAccess,
) -> Result<Response<Body>, Problem> {
    let tasks = app.store.applications.tasks(&access.head.id).await?;
    let again: Vec<Task> = Question::Check.new_task(&tasks, request.arrival).into_iter().collect();
    app.store.applications.ask(&access.head.id, &again).await?;
    shown(202, access, None, CHECK_QUEUED)
}

/// Opens the form with what is known, and asks every registry that the form needs, in one transaction.
async fn open(
    app: &App,
    request: &ApiRequest,
    caller: &Caller,
    head: &Application,
    activation: &Activation,
    campaign: &Campaign,
) -> Result<Result<(), SaveError>, Problem> {
    let Some(schema) = Schema::find(&head.schema) else {
        return Err(Problem::new(ProblemKind::NoSuchModel));
    };
    let who = Who::Account(caller.account.clone());
    let Ok(decision) = head.verify_code(who, request.arrival) else {
        return Err(Problem::new(ProblemKind::WrongState));
    };
    let preliminary = app
        .store
        .drafts
        .preliminary(&head.id)
        .await?
        .ok_or_else(|| Problem::new(ProblemKind::Internal))?;
    let filer = app.store.accounts.find(&head.parties.filer).await?;
    let organisation = match &head.parties.organisation {
        Some(organisation) => app.store.organisations.find(organisation).await?,
        None => None,
    };
    let email = filer.and_then(|filer| filer.email);
    let known = known_values(schema, &preliminary, email, organisation.as_ref());
    // A draft that was blocked and released has its content already (NEW-5).
    let draft = app.store.drafts.load(&head.id).await?;
    let mut values = draft.values();
    if values.is_empty() {
        values =
            initial_values(schema, known, campaign.effective_now(request.arrival), request.arrival);
    }
    let before = app.store.applications.tasks(&head.id).await?;
    let asked: Vec<_> = Question::of_schema(schema, &values)
        .into_iter()
        .filter_map(|question| question.new_task(&before, request.arrival))
        .collect();
    let today = calendar::local_date(campaign.effective_now(request.arrival));
    let content = Content { schema, before: &draft, after: &values, today };
    let along = [
        Companion::Content(&app.store.drafts, content),
        Companion::SameCode(activation),
        Companion::NewQuestions(&asked),
    ];
    Ok(app.store.applications.commit(&decision, &along).await)
}

/// What the portal knows before the filer types: the preliminary checks, the filer's address and organisation (FRM-1,
/// COM-1, ORG-2).
fn known_values(
    schema: &Schema,
    preliminary: &Preliminary,
    email: Option<String>,
    organisation: Option<&Organisation>,
) -> BTreeMap<String, Value> {
    let by_role = [
        (FieldRole::PrivacyAcknowledged, Some(true.into())),
        (FieldRole::ApplicantKind, preliminary.applicant_kind.clone().map(Value::from)),
        // A natural person is not asked about the register (CHK-1).
        (
            FieldRole::BusinessRegister,
            preliminary.company.is_some().then(|| preliminary.in_register.into()),
        ),
        (FieldRole::ApplicantFiscalCode, Some(preliminary.applicant.clone().into())),
        (FieldRole::EmployerFiscalCode, preliminary.company.clone().map(Value::from)),
        (FieldRole::FilerEmail, email.map(Value::from)),
        (FieldRole::AssociationName, organisation.map(|one| one.name.clone().into())),
        (FieldRole::AssociationAddress, organisation.map(|one| one.address.clone().into())),
    ];
    by_role
        .into_iter()
        .filter_map(|(role, value)| {
            Some((schema.field_with(role)?.key.as_str().to_owned(), value?))
        })
        .collect()
}

/// The first content. What the form refuses (an odd address of the identity provider) is left out, never a reason to stop.
fn initial_values(
    schema: &Schema,
    mut known: BTreeMap<String, Value>,
    now: Timestamp,
    at: Timestamp,
) -> Values {
    let mut values = Values::new();
    let today = calendar::local_date(now);
    if let Err(errors) = schema.check_changes(&values, &known, Writer::System, today) {
        for error in errors {
            known.remove(&error.field);
        }
    }
    if let Ok(accepted) = schema.check_changes(&values, &known, Writer::System, today) {
        schema.apply(&mut values, accepted, Writer::System, at);
    }
    values
}

/// The application that is about to be created.
fn new_application(
    app: &App,
    request: &ApiRequest,
    caller: &Caller,
    asked: &ParsedStart<'_>,
    id: ApplicationId,
) -> Application {
    let owner = match &asked.company {
        Some(company) => app.keying.company(company),
        None => app.keying.person(&asked.applicant),
    };
    let representative = app.keying.account(&asked.applicant);
    // What an operator starts in the own name is private, unless the organisation itself is the employer (ORG-7).
    let is_its_own = asked.company.as_ref().map(|company| app.keying.organisation(company))
        == caller.organisation;
    let is_private = representative == caller.account && !is_its_own;
    let parties = Parties {
        representative,
        owner,
        filer: caller.account.clone(),
        organisation: caller.organisation.clone().filter(|_| !is_private),
    };
    Application {
        id,
        campaign: asked.campaign.id().clone(),
        campaign_version: asked.campaign.version(),
        model: asked.model.clone(),
        schema: asked.schema.id().to_owned(),
        parties,
        version: 1,
        created: request.arrival,
        changed: request.arrival,
        stage: Stage::ToValidate,
    }
}

/// The same key of the same account always names the same application; without a key it is random.
fn identifier(app: &App, caller: &Caller, key: Option<&str>) -> Result<ApplicationId, Problem> {
    let bytes = match key {
        Some(key) => {
            let digest = app.keying.derived(&format!("application|{}|{key}", caller.account));
            digest.first_chunk().copied().unwrap_or_default()
        }
        None => aws::random().map_err(|error| Problem::internal(&error))?,
    };
    Ok(ApplicationId::from_random(bytes))
}

/// A double click, or a retry after a lost answer: the application as it is, if it is the same request.
async fn repeated(
    app: &App,
    caller: &Caller,
    asked: &Application,
    earlier: &Application,
) -> Result<Response<Body>, Problem> {
    let is_same = earlier.campaign == asked.campaign
        && earlier.model == asked.model
        && earlier.parties == asked.parties
        && earlier.state() != State::Deleted;
    if !is_same {
        return Err(request::key_of_another());
    }
    let access = ApplicationAccess::find(&app.store.applications, caller, &earlier.id).await?;
    start_response(&access, app.store.applications.activation(&earlier.id).await?.as_ref())
}

fn start_response(
    access: &ApplicationAccess,
    activation: Option<&Activation>,
) -> Result<Response<Body>, Problem> {
    match (access.head.state(), activation) {
        (State::ToValidate, Some(_)) => shown(201, access, activation, CODE_SENT),
        (State::ToValidate, None) => shown(202, access, None, CHECK_QUEUED),
        _ => shown(201, access, activation, OPEN),
    }
}

fn open_response(access: &ApplicationAccess) -> Result<Response<Body>, Problem> {
    shown(200, access, None, OPEN)
}

fn shown(
    status: u16,
    access: &ApplicationAccess,
    activation: Option<&Activation>,
    message: &str,
) -> Result<Response<Body>, Problem> {
    http::json(
        status,
        &StartedView::of(&access.head, activation, message.to_owned(), access.actions()),
    )
}

fn issued(
    app: &App,
    id: &ApplicationId,
    previous: Option<&Activation>,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<Activation, Problem> {
    let nonce = aws::random().map_err(|error| Problem::internal(&error))?;
    app.codes.issue(id, previous, campaign, nonce, now).map_err(|too_many| {
        let seconds = too_many.retry_at.duration_since(now).as_secs().max(0) + 1;
        Problem::new(ProblemKind::TooMany)
            .detail(format!(
                "Puoi chiedere un altro codice da {}.",
                calendar::in_words(too_many.retry_at)
            ))
            .retry_after_s(seconds)
    })
}

/// Counts a code to a certified mailbox: nobody floods an employer's mailbox by starting one application after another.
async fn admit_code(
    app: &App,
    request: &ApiRequest,
    address: &EmailAddress,
    is_own: bool,
) -> Result<(), Problem> {
    let opaque = app.keying.opaque("certified-address", &address.comparable());
    let counted = app.store.attempts.code_to_mailbox(&opaque, is_own, request.arrival).await?;
    counted.map_err(|seconds| {
        Problem::new(ProblemKind::TooMany)
            .detail("A questa casella PEC sono già partiti 20 codici di attivazione in quest'ora: per non riempirla, il prossimo parte dall'ora successiva. Nulla è stato creato: intanto inserisci i codici già arrivati, poi riprova.")
            .retry_after_s(seconds)
    })
}

fn wrong_code(left: u8) -> Problem {
    let detail = match left {
        0 => "Il codice non è quello inviato per PEC e i tentativi sono finiti: chiedi un nuovo codice.".to_owned(),
        1 => "Il codice non è quello inviato per PEC. Ti resta un tentativo: controllalo con cura.".to_owned(),
        left => format!("Il codice non è quello inviato per PEC. Ti restano {left} tentativi."),
    };
    Problem::new(ProblemKind::WrongCode).detail(detail).with("attempts_left", left)
}

fn no_code_yet() -> Problem {
    Problem::new(ProblemKind::WrongState)
        .detail("La verifica preliminare è ancora in coda: il codice arriverà per PEC appena i registri rispondono.")
}

#[cfg(test)]
mod tests;
