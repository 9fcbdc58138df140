//! Submits a ready application on its click day and gives the signed receipt, with one request to the store
//! (SUB-1 to SUB-5; "nell'ordine cronologico", ADR 0005).

use std::convert::Infallible;

use adapters::{
    admission::require_open,
    applications::{Applications, Submit, SubmitOutcome},
    aws::{self, SecretError},
    campaigns::Campaigns,
    config::{self, MissingVariable},
    http::{self, Exchange, Problem, ProblemKind},
    rows::StoreError,
    session::{Caller, SUBMIT_GRACE, TokenKey},
};
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use domain::{
    application::Application,
    campaign::{Access, Campaign},
    ids::{ApplicationId, CampaignId, ModelId},
    lifecycle::State,
    permission::{self, Action, Relation},
    receipt::{ArrivalTicket, ReceiptCode, ReceiptKey, SignedReceipt},
};
use jiff::{SignedDuration, Timestamp};
use lambda_http::{Body, Request, Response};
use thiserror::Error;

/// The header in which a retry brings the ticket of its first arrival.
pub const TICKET_HEADER: &str = "arrival-ticket";
/// How long a ticket may be used: the store is back long before, or the officer decides.
const TICKET_LASTS: SignedDuration = SignedDuration::from_mins(15);

/// What submitting needs.
#[derive(Debug)]
pub struct Needs {
    applications: Applications,
    campaigns: Campaigns,
    tokens: TokenKey,
    receipts: Vec<u8>,
    public_origin: String,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable is missing.
    #[error(transparent)]
    Missing(#[from] MissingVariable),
    /// A secret is missing.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl Needs {
    /// Reads the configuration and both secrets, once: nothing but the store is asked on the path of a request.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let client = Client::new(sdk);
        let table = config::required("PORTAL_TABLE")?;
        Ok(Self {
            applications: Applications::new(client.clone(), table.clone()),
            campaigns: Campaigns::new(client, table),
            tokens: TokenKey::new(
                &aws::secret(sdk, &config::required("SESSION_SECRET_ID")?).await?,
            ),
            receipts: aws::secret(sdk, &config::required("RECEIPT_SECRET_ID")?).await?,
            public_origin: config::required("PUBLIC_ORIGIN")?,
        })
    }
}

/// One request.
pub async fn handle(needs: &Needs, request: Request) -> Result<Response<Body>, Infallible> {
    http::answer(request, |exchange| async move {
        match exchange.route() {
            ("POST", path) if path == ["submissions"] => submit(needs, &exchange).await,
            (_, path) if path == ["submissions"] => {
                Err(Problem::new(ProblemKind::MethodNotAllowed))
            }
            _ => Err(Problem::new(ProblemKind::NotFound)),
        }
    })
    .await
}

/// Sends one ready application; a repetition gives the same receipt.
#[utoipa::path(
    post, path = "/api/submissions", operation_id = "submitApplication", tag = "submit-application",
    security(("session" = [])),
    params(("Arrival-Ticket" = Option<String>, Header, description = "The ticket of an earlier 503: keeps its arrival")),
    request_body = SubmissionRequest,
    responses(
        (status = 200, description = "Sent; the same for every repetition", body = SubmissionAnswer),
        (status = 400, description = "Not JSON", body = http::problem::ProblemDocument),
        (status = 401, description = "No session", body = http::problem::ProblemDocument),
        (status = 403, description = "Wrong origin, role or level", body = http::problem::ProblemDocument),
        (status = 404, description = "Absent or not yours", body = http::problem::ProblemDocument),
        (status = 409, description = "Window closed or not ready", body = http::problem::ProblemDocument),
        (status = 413, description = "Too large", body = http::problem::ProblemDocument),
        (status = 415, description = "Not JSON", body = http::problem::ProblemDocument),
        (status = 422, description = "Wrong fields or no such model", body = http::problem::ProblemDocument),
        (status = 503, description = "The store does not answer; the problem holds an arrival ticket", body = http::problem::ProblemDocument),
    )
)]
pub async fn submit(needs: &Needs, exchange: &Exchange) -> Result<Response<Body>, Problem> {
    exchange.require_origin(&needs.public_origin)?;
    let caller = needs.tokens.caller(exchange, SUBMIT_GRACE)?;
    require_right(&caller)?;
    let asked = Asked::read(exchange)?;
    let campaign = needs.campaigns.in_force(&asked.campaign, exchange.arrival).await?;
    let campaign = campaign.ok_or(Problem::new(ProblemKind::NoSuchModel))?;
    let key = ReceiptKey::derive(&needs.receipts, campaign.id());
    let arrival = arrival(exchange, &asked, &caller, &campaign, &key)?;
    if campaign.model(&asked.model).is_none() {
        return Err(Problem::new(ProblemKind::NoSuchModel));
    }
    if let Err(closed) = require_open(&campaign, &asked.model, Access::Submit, arrival) {
        let receipt = sent_before(needs, &caller, &asked, &campaign, arrival, &key).await?;
        return receipt.ok_or(closed);
    }
    let code = ReceiptCode::from_random(aws::random().map_err(|error| Problem::internal(&error))?);
    let written = needs
        .applications
        .submit(&Submit {
            application: &asked.application,
            campaign: &asked.campaign,
            campaign_version: campaign.version(),
            model: &asked.model,
            caller: &caller.account,
            organisation: caller.organisation.as_ref(),
            arrival,
            by_ticket: exchange.header(TICKET_HEADER).is_some(),
            code: &code,
        })
        .await;
    let (outcome, _) =
        written.map_err(|error| refused_by_store(&error, &asked, &caller, arrival, &key))?;
    tracing::info!(application.id = %asked.application, request.id = exchange.request_id, outcome = outcome.code(), "submission decided");
    match outcome {
        SubmitOutcome::Accepted(application) | SubmitOutcome::Repeated(application) => {
            receipt(&application, &key)
        }
        SubmitOutcome::NotReady(application) => Err(not_ready(&application)),
        SubmitOutcome::NotFound => Err(Problem::new(ProblemKind::NotFound)),
    }
}

/// What the client asks for: the application is the idempotency key (SUB-2).
struct Asked {
    campaign: CampaignId,
    model: ModelId,
    application: ApplicationId,
}

impl Asked {
    fn read(exchange: &Exchange) -> Result<Self, Problem> {
        let mut fields = exchange.fields()?;
        let campaign =
            fields.parsed("campaign", "Indica l'identificativo del decreto, come nel calendario.");
        let model =
            fields.parsed("model", "Indica l'identificativo del modello, come nel calendario.");
        let application = fields
            .parsed("application", "Indica l'identificativo della domanda, come nel riepilogo.");
        let read = campaign.zip(model).zip(application);
        let ((campaign, model), application) = fields.complete(read)?;
        Ok(Self { campaign, model, application })
    }
}

/// Role and level; whether the application is the caller's is the condition of the write.
fn require_right(caller: &Caller) -> Result<(), Problem> {
    caller.require_level_2()?;
    let may = [Relation::Representative, Relation::Filer]
        .into_iter()
        .any(|relation| permission::may(caller.role, relation, State::ToSend, Action::Submit));
    if may { Ok(()) } else { Err(Problem::new(ProblemKind::NotAllowed)) }
}

/// The gateway's instant (SUB-3), or that of the first try which the store could not take.
fn arrival(
    exchange: &Exchange,
    asked: &Asked,
    caller: &Caller,
    campaign: &Campaign,
    key: &ReceiptKey,
) -> Result<Timestamp, Problem> {
    let now = campaign.effective_now(exchange.arrival);
    let Some(token) = exchange.header(TICKET_HEADER) else { return Ok(now) };
    let bad_ticket = || {
        Problem::new(ProblemKind::InvalidFields)
            .detail("Il biglietto di arrivo non è valido per questa domanda o è scaduto. Ripeti l'invio senza biglietto.")
    };
    let ticket =
        ArrivalTicket::verify(token, &key.public(), &asked.application, &caller.account, now)
            .map_err(|_| bad_ticket())?;
    let fits = ticket.model == asked.model && ticket.arrival <= now;
    if fits { Ok(ticket.arrival) } else { Err(bad_ticket()) }
}

/// After a closing a repetition still gives its receipt (SUB-2). Before the first opening nothing is read: then
/// everybody presses, and nobody can have sent.
async fn sent_before(
    needs: &Needs,
    caller: &Caller,
    asked: &Asked,
    campaign: &Campaign,
    now: Timestamp,
    key: &ReceiptKey,
) -> Result<Option<Response<Body>>, Problem> {
    let model = campaign.model(&asked.model);
    let has_opened = model.is_some_and(|model| {
        model.windows(Access::Submit).iter().any(|window| window.from() <= now)
    });
    if !has_opened {
        return Ok(None);
    }
    let Some(head) = needs.applications.head(&asked.application).await? else { return Ok(None) };
    let relation = head.parties.relation(&caller.account, caller.organisation.as_ref());
    let is_theirs = matches!(relation, Relation::Representative | Relation::Filer);
    let is_same = head.campaign == asked.campaign && head.model == asked.model;
    if is_theirs && is_same && head.state().is_sent() {
        receipt(&head, key).map(Some)
    } else {
        Ok(None)
    }
}

/// The store did not take it: the ticket keeps the arrival for the retry (architecture: two-step truth).
fn refused_by_store(
    error: &StoreError,
    asked: &Asked,
    caller: &Caller,
    arrival: Timestamp,
    key: &ReceiptKey,
) -> Problem {
    if !error.retryable() {
        return Problem::internal(error);
    }
    let ticket = ArrivalTicket {
        application: asked.application.clone(),
        campaign: asked.campaign.clone(),
        model: asked.model.clone(),
        account: caller.account.clone(),
        arrival,
        valid_until: arrival + TICKET_LASTS,
    };
    Problem::unavailable(error)
        .detail("L'archivio non ha risposto. Il tuo orario di arrivo è conservato nel biglietto: la pagina riprova da sola, non chiuderla.")
        .with("arrival_ticket", ticket.issue(key))
        .with("arrival", arrival.to_string())
}

/// The receipt's document, the same bytes however often it is asked for (SUB-2, SUB-4).
fn receipt(application: &Application, key: &ReceiptKey) -> Result<Response<Body>, Problem> {
    let receipt = application.receipt(key).ok_or(Problem::new(ProblemKind::Internal))?;
    let signed: SignedReceipt = receipt.sign(key);
    http::document(200, signed.to_document())
}

fn not_ready(application: &Application) -> Problem {
    let problem = Problem::new(ProblemKind::WrongState);
    let problem = if application.state() == State::ToSend {
        // Ready, but only after the arrival of the ticket, or under another model or decree.
        problem.detail("La domanda è pronta, ma non per questo decreto e modello oppure non lo era ancora all'orario del biglietto. Ripeti l'invio dal riepilogo domande, senza biglietto.")
    } else {
        problem
    };
    problem
        .with("state", application.state().code())
        .with("state_label", application.state().label())
}

/// The body of a submission.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SubmissionRequest {
    /// The decree, as in the calendar.
    #[schema(pattern = "^[a-z0-9-]{1,40}$")]
    pub campaign: String,
    /// The model, as in the calendar.
    #[schema(pattern = "^[a-z0-9-]{1,40}$")]
    pub model: String,
    /// The application.
    #[schema(pattern = "^app_[0-9a-z]{26}$")]
    pub application: String,
}

/// The signed receipt, in its one written form.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct SubmissionAnswer {
    /// What was received, when, with which digest.
    pub receipt: serde_json::Value,
    /// Ed25519 over the receipt.
    pub signature: String,
}

#[cfg(test)]
mod tests;
