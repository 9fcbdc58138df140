//! Submits a ready application on its click day and gives the signed receipt, with one request to the store; or many
//! with one press (SUB-1 to SUB-5, FRM-4; "nell'ordine cronologico", ADR 0005, ADR 0013).

mod batch;

use std::{convert::Infallible, sync::Arc};

use aws_config::SdkConfig;
use domain::{
    application::{Application, Press, Pressed},
    calendar,
    campaign::{Activity, Campaign, LONGEST_LATE_TOKEN},
    ids::{ApplicationId, CampaignId, ModelId},
    lifecycle::State,
    permission::{self, Action, Relation},
    receipt::{ArrivalTicket, ReceiptCode, ReceiptKey, SignedReceipt},
};
use edge::{
    access::{armed_send, has_arrived, require_open},
    form,
    http::{self, ApiRequest, Form as _, Problem, ProblemKind},
    press_for_many::{application, campaign, model},
    routes,
    session::TokenKey,
};
use futures::future::try_join;
use jiff::Timestamp;
use lambda_http::{Body, Request, Response};
use outside::{
    aws,
    config::{self, ConfigError},
    key_ring::ReceiptKeys,
};
use store::{
    Store,
    applications::submit::{Submit, SubmitOutcome},
    rows::StoreError,
    sessions::Caller,
};

/// The header in which a retry brings the ticket of its first arrival.
pub const TICKET_HEADER: &str = "arrival-ticket";

/// What people read when the store did not answer.
const STORE_SILENT: &str = "L'archivio non ha risposto. Il tuo orario di arrivo è conservato nel biglietto: la pagina riprova da sola, non chiuderla.";

/// What submitting needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    tokens: TokenKey,
    receipts: ReceiptKeys,
    public_origin: String,
}

impl App {
    /// Reads the configuration and both secrets, once: nothing but the store is asked on the path of a request.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        // At once: a start on a click day is a person who waits.
        let (session, receipt) = try_join(
            config::keys_of_secret(sdk, "SESSION_SECRET_ID"),
            config::keys_of_secret(sdk, "RECEIPT_SECRET_ID"),
        )
        .await?;
        Ok(Self {
            store,
            tokens: TokenKey::new(session),
            receipts: ReceiptKeys::new(receipt),
            public_origin: config::required("PUBLIC_ORIGIN")?,
        })
    }

    /// The caller: from the portal's own pages, with a token of the portal, at level 2, in a role that may send.
    /// Whether the application is the caller's is a condition of the write.
    fn presser(&self, request: &ApiRequest) -> Result<Caller, Problem> {
        request.require_origin(&self.public_origin)?;
        let caller = self.tokens.caller(request, LONGEST_LATE_TOKEN)?;
        caller.require_level_2()?;
        let may = [Relation::Representative, Relation::Filer]
            .into_iter()
            .any(|relation| permission::may(caller.role, relation, State::ToSend, Action::Submit));
        if may { Ok(caller) } else { Err(Problem::new(ProblemKind::NotAllowed)) }
    }

    /// The decree could not be read: what keeps the arrival all the same, unless an earlier ticket keeps it already (SUB-5).
    fn keeping_arrival(
        &self,
        problem: Problem,
        request: &ApiRequest,
        press: &Press<'_>,
        application: &ApplicationId,
    ) -> Problem {
        if problem.kind() != ProblemKind::Unavailable || request.header(TICKET_HEADER).is_some() {
            return problem;
        }
        let arrival = request.arrival;
        problem
            .detail(STORE_SILENT)
            .with("arrival", arrival.to_string())
            .with("arrival_ticket", ticket(&self.receipts, application, press, arrival))
    }

    /// The decree that is named, if it has the model; it says how long past its expiry a token still submits.
    async fn decree(
        &self,
        request: &ApiRequest,
        caller: &Caller,
        campaign: &CampaignId,
        model: &ModelId,
    ) -> Result<Decree, Problem> {
        let campaign = self.store.campaigns.in_force(campaign, request.arrival).await?;
        let campaign = campaign.ok_or(Problem::new(ProblemKind::NoSuchModel))?;
        let grace = campaign.policies().late_submit_token_grace();
        caller.require_in_grace(grace, request.arrival)?;
        if campaign.model(model).is_none() {
            return Err(Problem::new(ProblemKind::NoSuchModel));
        }
        let keys = self.receipts.clone();
        Ok(Decree { now: campaign.effective_now(request.arrival), campaign, keys })
    }
}

/// The decree that a press names, and what judges and signs by it.
struct Decree {
    campaign: Arc<Campaign>,
    keys: ReceiptKeys,
    /// The gateway's instant, in the decree's own time (SUB-3).
    now: Timestamp,
}

impl Decree {
    /// Before the first opening the function reads nothing: everybody presses then, and no application can be sent yet.
    fn has_opened(&self, model: &ModelId) -> bool {
        self.campaign.model(model).is_some_and(|model| {
            model.windows(Activity::Submit).iter().any(|window| window.from() <= self.now)
        })
    }

    /// Refuses what is armed: it goes by itself (NEW-1).
    fn armed_send(&self, head: &Application) -> Problem {
        armed_send(&self.campaign, head, self.now)
    }

    /// Refuses what arrives outside the window, with the reason and the next opening (SUB-1).
    fn opening(&self, press: &Press<'_>, arrival: Timestamp) -> Result<(), Problem> {
        require_open(&self.campaign, press.model, Activity::Submit, arrival)
    }

    /// The arrival that a ticket keeps; none if it is not good for this press, or no longer: a ticket serves until a minute
    /// before positions of later arrivals become final (SUB-3).
    fn kept_arrival(
        &self,
        token: &str,
        application: &ApplicationId,
        press: &Press<'_>,
    ) -> Option<Timestamp> {
        let read = |key: ReceiptKey| {
            ArrivalTicket::verify(token, &key.public(), application, press.account).ok()
        };
        let ticket = self.keys.all(self.campaign.id()).find_map(read)?;
        let arrival = self.campaign.effective_now(ticket.arrival);
        let serves = arrival <= self.now && self.now < self.ticket_ends(arrival);
        (ticket.model == *press.model && serves).then_some(arrival)
    }

    /// What keeps an arrival that the store could not take; none where positions become final too soon for it.
    fn ticket(
        &self,
        application: &ApplicationId,
        press: &Press<'_>,
        arrival: Timestamp,
    ) -> Option<String> {
        let arrival = self.campaign.gateway_instant(arrival);
        let lasts = self.campaign.policies().ticket_lasts();
        lasts.is_positive().then(|| ticket(&self.keys, application, press, arrival))
    }

    fn ticket_ends(&self, arrival: Timestamp) -> Timestamp {
        arrival + self.campaign.policies().ticket_lasts()
    }

    /// Until when a ticket of this arrival may be used, RFC 3339: a press after that is a new one (SUB-3).
    fn ticket_until(&self, arrival: Timestamp) -> String {
        calendar::rfc3339(self.ticket_ends(arrival))
    }

    /// The receipt's document, the same bytes however often it is asked for (SUB-2, SUB-4).
    fn receipt(&self, application: &Application) -> Result<String, Problem> {
        let signed: SignedReceipt =
            self.keys.receipt(application).ok_or(Problem::new(ProblemKind::Internal))?;
        Ok(signed.to_document())
    }
}

/// What keeps an arrival, an instant of the gateway's own clock (architecture: two-step truth).
fn ticket(
    keys: &ReceiptKeys,
    application: &ApplicationId,
    press: &Press<'_>,
    arrival: Timestamp,
) -> String {
    let ticket = ArrivalTicket {
        application: application.clone(),
        campaign: press.campaign.clone(),
        model: press.model.clone(),
        account: press.account.clone(),
        arrival,
    };
    ticket.issue(&keys.at(press.campaign, arrival))
}

/// Who presses, and for what.
fn press<'a>(caller: &'a Caller, campaign: &'a CampaignId, model: &'a ModelId) -> Press<'a> {
    Press {
        account: &caller.account,
        role: caller.role,
        organisation: caller.organisation.as_ref(),
        campaign,
        model,
    }
}

routes! {
    App;
    WithSession: submit(), batch::submit_many();
}

/// One request.
pub async fn handle(app: &App, request: Request) -> Result<Response<Body>, Infallible> {
    routes().answer(app, request).await
}

/// Sends one ready application; a repetition gives the same receipt.
#[utoipa::path(
    post, path = "/api/submissions", operation_id = "submitApplication",
    params(("Arrival-Ticket" = Option<String>, Header, description = "The ticket of an earlier 503: keeps its arrival")),
    request_body = SubmissionRequest,
    responses(
        (status = 200, description = "Sent; the same for every repetition", body = SubmissionAnswer),
        (status = 404, description = "Absent or not yours"),
        (status = 409, description = "Window closed, not ready, or armed (`invio-prenotato`)"),
        (status = 422, description = "Wrong fields or no such model"),
        (status = 503, description = "The store does not answer; the problem holds an arrival ticket"),
    )
)]
async fn submit(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.presser(request)?;
    let asked = SubmitBody::read(request)?;
    let press = press(&caller, &asked.campaign, &asked.model);
    let decree = app
        .decree(request, &caller, &asked.campaign, &asked.model)
        .await
        .map_err(|problem| app.keeping_arrival(problem, request, &press, &asked.application))?;
    let brought = request.header(TICKET_HEADER);
    let arrival = match brought.as_deref() {
        None => decree.now,
        Some(token) => decree.kept_arrival(token, &asked.application, &press).ok_or_else(|| {
            Problem::new(ProblemKind::InvalidFields)
                .detail("Il biglietto di arrivo non è valido per questa domanda o è scaduto. Ripeti l'invio senza biglietto.")
        })?,
    };
    if let Err(closed) = decree.opening(&press, arrival) {
        let receipt = sent_before(app, &decree, &press, &asked.application).await?;
        return http::document(200, receipt.ok_or(closed)?);
    }
    let code = ReceiptCode::from_random(aws::random().map_err(|error| Problem::internal(&error))?);
    let written = app
        .store
        .applications
        .submit(&Submit {
            application: &asked.application,
            press,
            campaign_version: decree.campaign.version(),
            arrival,
            gateway_arrival: decree.campaign.gateway_instant(arrival),
            ready_by: brought.map(|_| decree.campaign.gateway_instant(arrival)),
            code: &code,
        })
        .await;
    let outcome = written
        .map_err(|error| refused_by_store(&error, &decree, &press, &asked.application, arrival))?;
    tracing::info!(application.id = %asked.application, request.id = request.request_id, outcome = outcome.code(), "submission decided");
    match outcome {
        SubmitOutcome::Accepted(application) | SubmitOutcome::Repeated(application) => {
            http::document(200, decree.receipt(&application)?)
        }
        SubmitOutcome::Armed(application) => Err(decree.armed_send(&application)),
        SubmitOutcome::NotReady(application) => Err(not_ready(&application)),
        SubmitOutcome::NotFound => Err(Problem::new(ProblemKind::NotFound)),
    }
}

/// What the client asks for: the application is the idempotency key (SUB-2).
struct SubmitBody {
    campaign: CampaignId,
    model: ModelId,
    application: ApplicationId,
}

impl SubmitBody {
    fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: SubmissionRequest = request.form()?;
        let (campaign, model) = (body.campaign(), body.model());
        let application = body.application();
        let read = campaign.zip(model).zip(application);
        let ((campaign, model), application) = body.complete(read)?;
        Ok(Self { campaign, model, application })
    }
}

/// After a closing a repetition still gives its receipt (SUB-2), and what was armed for the window may still wait for its
/// sending (NEW-1).
async fn sent_before(
    app: &App,
    decree: &Decree,
    press: &Press<'_>,
    application: &ApplicationId,
) -> Result<Option<String>, Problem> {
    if !decree.has_opened(press.model) {
        return Ok(None);
    }
    let Some(head) = app.store.applications.head(application).await? else { return Ok(None) };
    match head.pressed(press) {
        Pressed::SentBefore => decree.receipt(&head).map(Some),
        Pressed::Armed if has_arrived(&decree.campaign, &head, decree.now) => {
            Err(decree.armed_send(&head))
        }
        Pressed::Armed | Pressed::Ready | Pressed::NotReady | Pressed::NotTheirs => Ok(None),
    }
}

/// The store did not take it: the ticket keeps the arrival for the retry.
fn refused_by_store(
    error: &StoreError,
    decree: &Decree,
    press: &Press<'_>,
    application: &ApplicationId,
    arrival: Timestamp,
) -> Problem {
    if !error.retryable() {
        return Problem::internal(error);
    }
    let problem = Problem::unavailable(error).with("arrival", arrival.to_string());
    match decree.ticket(application, press, arrival) {
        Some(ticket) => problem
            .detail(STORE_SILENT)
            .with("arrival_ticket", ticket)
            .with("ticket_until", decree.ticket_until(arrival)),
        None => problem,
    }
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

form! {
    /// The body of a submission.
    pub(crate) struct SubmissionRequest {
        /// The decree, as in the calendar.
        campaign: CampaignId = campaign(),
        /// The model, as in the calendar.
        model: ModelId = model(),
        /// The application.
        application: ApplicationId = application(),
    }
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
