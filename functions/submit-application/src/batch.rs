//! One press for many: all that one has ready, or a selection, with one arrival and one outcome each (FRM-4, ADR 0013).

use std::collections::{BTreeMap, HashMap};

use domain::{
    application::{Application, Press, Pressed},
    ids::{ApplicationId, CampaignId, ModelId},
    permission::Relation,
    receipt::ReceiptCode,
};
use edge::{
    access::has_arrived,
    form,
    http::{
        self, ApiRequest, FieldProblem, Form as _, Problem, ProblemKind,
        form::{Input as _, json},
        problem::ProblemInShort,
    },
    press_for_many::{MOST, Stop, WAVE, campaign, model, selection, stopped},
};
use futures::future::join_all;
use jiff::Timestamp;
use lambda_http::{Body, Response};
use outside::{aws, key_ring::ReceiptKeys, log::chain};
use serde::Serialize;
use serde_json::{Map, Value};
use store::{
    applications::submit::{Submit, SubmitOutcome},
    sessions::Caller,
};
use utoipa::ToSchema;

use crate::{App, Decree, STORE_SILENT, not_ready, press, ticket};

/// Sends all ready applications of a model that the caller may send, or a selection; repeated, it gives the same receipts.
///
/// Those that the caller may send are the `sendable` ones of the readiness: what one filled in, and as an employer also what an
/// operator filled in for one.
///
/// All of one request share its arrival. What the store could not take gets a ticket that keeps it: send it again with
/// `applications` and `arrival_tickets`.
#[utoipa::path(
    post, path = "/api/submissions/batch", operation_id = "submitApplications",
    request_body = BatchRequest,
    responses(
        (status = 200, description = "One outcome each, in the order asked for", body = BatchAnswer),
        (status = 409, description = "Window closed, and none of these was sent before"),
        (status = 422, description = "Wrong fields or no such model; nothing was sent"),
        (status = 503, description = "The store does not answer; nothing was sent. For a selection the problem holds `arrival_tickets`"),
    )
)]
pub(crate) async fn submit_many(
    app: &App,
    request: &ApiRequest,
) -> Result<Response<Body>, Problem> {
    let caller = app.presser(request)?;
    let asked = BatchBody::read(request)?;
    let press = press(&caller, &asked.campaign, &asked.model);
    let decree =
        app.decree(request, &caller, &asked.campaign, &asked.model).await.map_err(|problem| {
            asked.keeping_arrivals(problem, &app.receipts, &press, request.arrival)
        })?;
    let tickets = asked.kept_arrivals(&decree, &press)?;
    let closed = match decree.opening(&press, decree.now) {
        Err(closed) if !decree.has_opened(press.model) => return Err(closed),
        opening => opening.err(),
    };
    let sending = Sending { app, request, caller: &caller, decree: &decree, press };
    let live = app.store.sessions.require_live(&caller, request.arrival).await;
    let chosen = match &asked.applications {
        Some(ids) => {
            let (open, late): (Vec<_>, _) = ids
                .iter()
                .cloned()
                .map(|id| Candidate::of(id, &decree, &tickets))
                .partition(|candidate| decree.opening(&press, candidate.arrival).is_ok());
            let settled = match live {
                Ok(_) => after_closing(app, &decree, &press, late).await,
                Err(error) => Err(error.into()),
            };
            let settled = settled.map_err(|problem| sending.keeping_arrivals(problem, &open))?;
            Chosen { open, settled, remaining: 0, armed: 0 }
        }
        None => {
            live?;
            everything_ready(app, &caller, &decree, &press, closed.is_none()).await?
        }
    };
    // In a closed window the answer says no more than a single press.
    let has_receipt = chosen.settled.iter().any(|outcome| outcome.receipt.is_some());
    if let Some(closed) = closed.filter(|_| chosen.open.is_empty() && !has_receipt) {
        return Err(closed);
    }
    let mut outcomes = sending.submit_all(&chosen.open).await;
    outcomes.extend(chosen.settled);
    if let Some(ids) = &asked.applications {
        let mut by_id: HashMap<_, _> =
            outcomes.into_iter().map(|outcome| (outcome.application.clone(), outcome)).collect();
        outcomes = ids.iter().filter_map(|id| by_id.remove(id.as_str())).collect();
    }
    let nothing = if chosen.armed > 0 { NOTHING_BUT_ARMED } else { NOTHING_READY };
    let message = outcomes.is_empty().then(|| nothing.to_owned());
    http::json(
        200,
        &BatchAnswer {
            arrival: format!("{:.3}", decree.now),
            outcomes,
            remaining: chosen.remaining,
            armed: chosen.armed,
            message,
        },
    )
}

const NOTHING_READY: &str = "Non hai domande pronte di questo modello: apri il riepilogo per vedere che cosa manca a ciascuna.";
const NOTHING_BUT_ARMED: &str = "Le tue domande pronte di questo modello sono tutte prenotate: partono da sole, e la ricevuta arriva entro qualche minuto dall'apertura. Non occorre premere.";
const STORE_SILENT_FOR_ALL: &str = "L'archivio non ha risposto e nessuna domanda è stata inviata. L'orario di arrivo di ciascuna è conservato nel suo biglietto: la pagina riprova da sola, non chiuderla.";
const WITHDRAWN: &str = "La tua sessione o la tua abilitazione è terminata mentre l'invio era in corso: questa domanda non è stata inviata. Quelle già inviate restano valide.";

/// What the client asks for.
struct BatchBody {
    campaign: CampaignId,
    model: ModelId,
    /// A selection, in the order of the answer; without it, all that is ready.
    applications: Option<Vec<ApplicationId>>,
    tickets: Vec<(ApplicationId, String)>,
}

impl BatchBody {
    fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: BatchRequest = request.form()?;
        let (campaign, model) = (body.campaign(), body.model());
        let applications =
            if body.has("applications") { body.applications().map(Some) } else { Some(None) };
        let tickets = if body.has("arrival_tickets") {
            tickets(&mut body, applications.as_ref().and_then(Option::as_ref))
        } else {
            Some(Vec::new())
        };
        let read = campaign.zip(model).zip(applications.zip(tickets));
        let ((campaign, model), (applications, tickets)) = body.complete(read)?;
        Ok(Self { campaign, model, applications, tickets })
    }

    /// The decree could not be read: what keeps the arrivals of a selection all the same. Those that brought an earlier ticket
    /// have theirs.
    fn keeping_arrivals(
        &self,
        problem: Problem,
        keys: &ReceiptKeys,
        press: &Press<'_>,
        arrival: Timestamp,
    ) -> Problem {
        if problem.kind() != ProblemKind::Unavailable {
            return problem;
        }
        let has_ticket = |id: &ApplicationId| self.tickets.iter().any(|(of, _)| of == id);
        let chosen = self.applications.iter().flatten().filter(|id| !has_ticket(id));
        let tickets: Map<_, _> =
            chosen.map(|id| (id.to_string(), ticket(keys, id, press, arrival).into())).collect();
        if tickets.is_empty() { problem } else { with_tickets(problem, tickets, arrival) }
    }

    /// The arrivals that tickets keep; the answer names every ticket that is not good.
    fn kept_arrivals(
        &self,
        decree: &Decree,
        press: &Press<'_>,
    ) -> Result<HashMap<ApplicationId, Timestamp>, Problem> {
        let mut kept = HashMap::new();
        let mut wrong = Vec::new();
        for (id, token) in &self.tickets {
            match decree.kept_arrival(token, id, press) {
                Some(arrival) => {
                    kept.insert(id.clone(), arrival);
                }
                None => wrong.push(FieldProblem {
                    field: format!("arrival_tickets.{id}"),
                    code: "non-valido".to_owned(),
                    message: "Il biglietto di arrivo non è valido per questa domanda o è scaduto: toglilo e ripeti l'invio.".to_owned(),
                }),
            }
        }
        if wrong.is_empty() {
            Ok(kept)
        } else {
            Err(Problem::new(ProblemKind::InvalidFields).fields(wrong))
        }
    }
}

/// The problem with what keeps the arrivals.
fn with_tickets(problem: Problem, tickets: Map<String, Value>, arrival: Timestamp) -> Problem {
    problem
        .detail(STORE_SILENT_FOR_ALL)
        .with("arrival_tickets", tickets)
        .with("arrival", format!("{arrival:.3}"))
}

/// Tickets by application, each of one that is asked for.
fn tickets(
    body: &mut BatchRequest,
    applications: Option<&Vec<ApplicationId>>,
) -> Option<Vec<(ApplicationId, String)>> {
    const NAME: &str = "arrival_tickets";
    let Value::Object(members) = body.arrival_tickets()? else {
        return body.refuse(
            NAME,
            "tipo-errato",
            "Deve essere un oggetto: identificativo e biglietto.",
        );
    };
    let mut found = Vec::with_capacity(members.len());
    for (id, ticket) in members {
        let id = id.parse().ok().filter(|id| applications.is_some_and(|all| all.contains(id)));
        match (id, ticket) {
            (Some(id), Value::String(ticket)) => found.push((id, ticket)),
            _ => {
                return body.refuse(NAME, "non-valido", "Indica solo biglietti delle domande che hai scelto, uno per domanda, come li hai ricevuti.");
            }
        }
    }
    Some(found)
}

/// One application with the arrival by which it is judged.
struct Candidate {
    id: ApplicationId,
    arrival: Timestamp,
    /// The gateway's own instant of it, where a ticket keeps it.
    ready_by: Option<Timestamp>,
}

impl Candidate {
    fn of(id: ApplicationId, decree: &Decree, tickets: &HashMap<ApplicationId, Timestamp>) -> Self {
        let kept = tickets.get(&id).copied();
        let ready_by = kept.map(|arrival| decree.campaign.gateway_instant(arrival));
        Self { id, arrival: kept.unwrap_or(decree.now), ready_by }
    }
}

/// The applications still to send, and the outcomes of those that need no sending.
struct Chosen {
    open: Vec<Candidate>,
    settled: Vec<OutcomeView>,
    remaining: usize,
    armed: usize,
}

/// What the caller may send and is ready, oldest first; the room that is left shows what was sent before, latest first,
/// so that a repetition after a lost answer finds its receipts (SUB-2).
async fn everything_ready(
    app: &App,
    caller: &Caller,
    decree: &Decree,
    press: &Press<'_>,
    is_open: bool,
) -> Result<Chosen, Problem> {
    let (account, organisation) = (&caller.account, caller.organisation.as_ref());
    let as_representative = press.may_as(Relation::Representative);
    // The same set of which the readiness counts the sendable ones (NEW-2).
    let ids = app
        .store
        .applications
        .all_of_presser(account, organisation, press.campaign, as_representative)
        .await?;
    let heads = if is_open {
        // Some may seem ready although they were sent a moment ago: the write tells them apart.
        app.store.applications.heads(&ids).await?
    } else {
        app.store.applications.heads_consistent(&ids).await?
    };
    let (mut ready, mut sent, mut armed) = (Vec::new(), Vec::new(), 0);
    for head in heads {
        // Those handed over a moment ago, which the index still has, are not theirs any more.
        match head.pressed(press) {
            Pressed::Ready if is_open => ready.push(head),
            Pressed::SentBefore => sent.push(head),
            // The portal sends it (NEW-1).
            Pressed::Armed => armed += 1,
            Pressed::Ready | Pressed::NotReady | Pressed::NotTheirs => {}
        }
    }
    ready.sort_by(|candidate, other| {
        (candidate.created, &candidate.id).cmp(&(other.created, &other.id))
    });
    sent.sort_by(|candidate, other| {
        (arrived(other), &candidate.id).cmp(&(arrived(candidate), &other.id))
    });
    let remaining = ready.len().saturating_sub(MOST);
    ready.truncate(MOST);
    sent.truncate(MOST - ready.len());
    let open = ready
        .into_iter()
        .map(|head| Candidate { id: head.id, arrival: decree.now, ready_by: None })
        .collect();
    let settled =
        sent.iter().map(|head| OutcomeView::with_receipt(Outcome::AlreadySent, head, decree));
    Ok(Chosen { open, settled: settled.collect(), remaining, armed })
}

fn arrived(head: &Application) -> Option<Timestamp> {
    head.stage.submission().map(|submission| submission.arrival)
}

/// After the closing only applications sent before it, even the moment before, have a receipt (SUB-2).
async fn after_closing(
    app: &App,
    decree: &Decree,
    press: &Press<'_>,
    late: Vec<Candidate>,
) -> Result<Vec<OutcomeView>, Problem> {
    let ids: Vec<_> = late.iter().map(|candidate| candidate.id.clone()).collect();
    let heads = app.store.applications.heads_consistent(&ids).await?;
    let heads: HashMap<_, _> = heads.into_iter().map(|head| (head.id.clone(), head)).collect();
    let outcomes = late.iter().map(|candidate| {
        let found = heads.get(&candidate.id).map(|head| (head, head.pressed(press)));
        match found {
            Some((head, Pressed::SentBefore)) => {
                OutcomeView::with_receipt(Outcome::AlreadySent, head, decree)
            }
            None | Some((_, Pressed::NotTheirs)) => OutcomeView::refused(
                &candidate.id,
                Outcome::NotFound,
                &Problem::new(ProblemKind::NotFound),
            ),
            Some((head, Pressed::Armed)) if has_arrived(&decree.campaign, head, decree.now) => {
                OutcomeView::armed(head, decree)
            }
            Some((_, Pressed::Ready | Pressed::Armed | Pressed::NotReady)) => {
                let closed = decree.opening(press, candidate.arrival).err();
                let closed = closed.unwrap_or_else(|| Problem::new(ProblemKind::WindowClosed));
                OutcomeView::refused(&candidate.id, Outcome::Closed, &closed)
            }
        }
    });
    Ok(outcomes.collect())
}

/// What all applications of one request share.
struct Sending<'a> {
    app: &'a App,
    request: &'a ApiRequest,
    caller: &'a Caller,
    decree: &'a Decree,
    press: Press<'a>,
}

impl Sending<'_> {
    /// Wave by wave, until all are done, the caller is withdrawn, or time is running out.
    async fn submit_all(&self, open: &[Candidate]) -> Vec<OutcomeView> {
        let mut outcomes = Vec::with_capacity(open.len());
        let mut stop = None;
        for (number, wave) in open.chunks(WAVE).enumerate() {
            // The first wave is covered by the check before anything was read.
            if number > 0 && stop.is_none() {
                let (sessions, arrival) = (&self.app.store.sessions, self.request.arrival);
                stop = stopped(sessions, self.caller, arrival).await;
            }
            match stop {
                None => outcomes.extend(
                    join_all(wave.iter().map(|candidate| self.submit_one(candidate))).await,
                ),
                Some(Stop::Withdrawn) => {
                    let problem = Problem::new(ProblemKind::NotAllowed).detail(WITHDRAWN);
                    outcomes.extend(wave.iter().map(|candidate| {
                        OutcomeView::refused(&candidate.id, Outcome::NotAllowed, &problem)
                    }));
                }
                Some(Stop::NoTime) => {
                    outcomes.extend(wave.iter().map(|candidate| self.unavailable(candidate)));
                }
            }
        }
        outcomes
    }

    async fn submit_one(&self, candidate: &Candidate) -> OutcomeView {
        let Ok(random) = aws::random() else { return self.unavailable(candidate) };
        let code = ReceiptCode::from_random(random);
        let written = self
            .app
            .store
            .applications
            .submit(&Submit {
                application: &candidate.id,
                press: self.press,
                campaign_version: self.decree.campaign.version(),
                arrival: candidate.arrival,
                gateway_arrival: self.decree.campaign.gateway_instant(candidate.arrival),
                ready_by: candidate.ready_by,
                code: &code,
            })
            .await;
        let request_id = self.request.request_id.as_str();
        let outcome = match written {
            Ok(outcome) => outcome,
            Err(error) => {
                let cause = chain(&error);
                tracing::error!(application.id = %candidate.id, request.id = request_id, cause, "submission not stored");
                return if error.retryable() {
                    self.unavailable(candidate)
                } else {
                    let problem = Problem::new(ProblemKind::Internal);
                    OutcomeView::refused(&candidate.id, Outcome::Unavailable, &problem)
                };
            }
        };
        tracing::info!(application.id = %candidate.id, request.id = request_id, outcome = outcome.code(), "submission decided");
        match outcome {
            SubmitOutcome::Accepted(head) => {
                OutcomeView::with_receipt(Outcome::Sent, &head, self.decree)
            }
            SubmitOutcome::Repeated(head) => {
                OutcomeView::with_receipt(Outcome::AlreadySent, &head, self.decree)
            }
            SubmitOutcome::Armed(head) => OutcomeView::armed(&head, self.decree),
            SubmitOutcome::NotReady(head) => {
                OutcomeView::refused(&candidate.id, Outcome::NotReady, &not_ready(&head))
            }
            SubmitOutcome::NotFound => OutcomeView::refused(
                &candidate.id,
                Outcome::NotFound,
                &Problem::new(ProblemKind::NotFound),
            ),
        }
    }

    /// Nothing was sent, because the store does not answer: each keeps its arrival, as with a single press.
    fn keeping_arrivals(&self, problem: Problem, open: &[Candidate]) -> Problem {
        if problem.kind() != ProblemKind::Unavailable || open.is_empty() {
            return problem;
        }
        let ticket = |candidate: &Candidate| {
            self.decree.ticket(&candidate.id, &self.press, candidate.arrival)
        };
        let tickets: Map<_, _> = open
            .iter()
            .filter_map(|candidate| Some((candidate.id.to_string(), ticket(candidate)?.into())))
            .collect();
        if tickets.is_empty() {
            return problem;
        }
        let now = self.decree.now;
        with_tickets(problem, tickets, now).with("ticket_until", self.decree.ticket_until(now))
    }

    /// Not stored; its arrival is kept, where a ticket can keep it.
    fn unavailable(&self, candidate: &Candidate) -> OutcomeView {
        let arrival_ticket = self.decree.ticket(&candidate.id, &self.press, candidate.arrival);
        let problem = Problem::new(ProblemKind::Unavailable);
        let problem = if arrival_ticket.is_some() { problem.detail(STORE_SILENT) } else { problem };
        let ticket_until =
            arrival_ticket.as_ref().map(|_| self.decree.ticket_until(candidate.arrival));
        OutcomeView {
            arrival_ticket,
            ticket_until,
            ..OutcomeView::refused(&candidate.id, Outcome::Unavailable, &problem)
        }
    }
}

form! {
    /// The body of a press for many.
    pub(crate) struct BatchRequest {
        /// The decree, as in the calendar.
        campaign: CampaignId = campaign(),
        /// The model, as in the calendar.
        model: ModelId = model(),
        /// A selection; left out, all ready applications that the caller may send, a hundred at a time.
        applications: Vec<ApplicationId> = selection().sometimes(),
        /// The tickets of an earlier answer, by application: each keeps its arrival.
        arrival_tickets: Value = json::<BTreeMap<String, String>>().sometimes(),
    }
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchAnswer {
    /// The arrival that all of this request share, but for those with a ticket; RFC 3339 with milliseconds.
    pub(crate) arrival: String,
    /// One each, in the order asked for; without a selection, what was sent before comes last.
    pub(crate) outcomes: Vec<OutcomeView>,
    /// Ready applications that found no room in this request: press again.
    pub(crate) remaining: usize,
    /// Without a selection: applications that are armed and so left out. The portal sends them (NEW-1).
    pub(crate) armed: usize,
    /// What it means that nothing was sent, in Italian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// What became of one application.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// By this press.
    Sent,
    /// By an earlier one: the same receipt.
    AlreadySent,
    /// It is armed: it counts as arrived at the opening, and the portal sends it.
    Armed,
    /// It is not ready, or of another decree or model.
    NotReady,
    /// Absent or not the caller's.
    NotFound,
    /// The window is closed.
    Closed,
    /// The caller was withdrawn while others were being sent.
    NotAllowed,
    /// The store did not take it; the ticket keeps the arrival.
    Unavailable,
}

/// One application and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutcomeView {
    /// The application.
    pub(crate) application: String,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// The signed receipt, byte for byte as it can be downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) receipt: Option<String>,
    /// Why not, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<ProblemInShort>,
    /// The client sends it with the retry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) arrival_ticket: Option<String>,
    /// Until when the ticket may be used, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub(crate) ticket_until: Option<String>,
}

impl OutcomeView {
    fn with_receipt(outcome: Outcome, head: &Application, decree: &Decree) -> Self {
        match decree.receipt(head) {
            Ok(receipt) => Self {
                application: head.id.to_string(),
                outcome,
                receipt: Some(receipt),
                problem: None,
                arrival_ticket: None,
                ticket_until: None,
            },
            Err(problem) => Self::refused(&head.id, Outcome::Unavailable, &problem),
        }
    }

    fn armed(head: &Application, decree: &Decree) -> Self {
        Self::refused(&head.id, Outcome::Armed, &decree.armed_send(head))
    }

    fn refused(id: &ApplicationId, outcome: Outcome, problem: &Problem) -> Self {
        Self {
            application: id.to_string(),
            outcome,
            receipt: None,
            problem: Some(problem.summary()),
            arrival_ticket: None,
            ticket_until: None,
        }
    }
}
