//! Plays the consular system that receives the portal's decisions: it checks our signature, takes each message once,
//! and is down as often as a test orders it (CNF-1; local and staging only).

mod heard;
#[cfg(test)]
mod tests;

use std::convert::Infallible;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use domain::{consular::ConsularDecision, ids::ApplicationId};
use jiff::Timestamp;
use lambda_http::{
    Body, Request, RequestExt, Response,
    http::{Method, header},
    request::RequestContext,
};
use outside::{
    clock,
    config::{self, ConfigError},
    log::chain,
    machine_token::{MachineClient, MachineKey, PORTAL},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use self::heard::{Decision, Memories, Memory, MemoryError, ReceiptOutcome};

/// How often a test may order it to be down.
const MOST_FAILURES: u32 = 100;

/// The consular system of the simulated stages.
#[derive(Debug)]
pub struct Simulator {
    portal: MachineClient,
    memories: Memories,
}

impl Simulator {
    /// Reads the table, our address and the secret from which the portal's key follows. The real consular system knows
    /// the public key alone; here one secret serves both sides, so that nothing is exchanged by hand.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let memories = Memories::new(Client::new(sdk), config::required("SIMULATOR_TABLE")?);
        let address = config::required("CONSULATE_URL")?;
        let secret = config::secret(sdk, "CONSULATE_SECRET_ID").await?;
        Ok(Self::new(&address, &secret, memories))
    }

    fn new(address: &str, secret: &[u8], memories: Memories) -> Self {
        let audience = format!("{}/decisions", address.trim_end_matches('/'));
        let key = MachineKey::of_portal(secret);
        Self { portal: MachineClient::new(PORTAL.to_owned(), key.public(), audience), memories }
    }
}

/// An answer before it is sent.
#[derive(Debug)]
struct Reply {
    status: u16,
    body: serde_json::Value,
}

impl Reply {
    const fn new(status: u16, body: serde_json::Value) -> Self {
        Self { status, body }
    }

    fn problem(status: u16, slug: &str, title: &str) -> Self {
        Self::new(
            status,
            json!({ "type": format!("/problemi/{slug}"), "title": title, "status": status }),
        )
    }

    fn failed(error: &MemoryError) -> Self {
        tracing::error!(cause = chain(error), "the memory of the consular system failed");
        Self::problem(503, "servizio-non-disponibile", "Servizio non disponibile")
    }
}

/// One request, whatever stands before `/consulate/`.
pub async fn handle(simulator: &Simulator, request: Request) -> Result<Response<Body>, Infallible> {
    let now = instant(&request);
    let path = request.uri().path().to_owned();
    let path = path.split_once("/consulate/").map_or("", |(_, rest)| rest);
    let segments: Vec<_> = path.split('/').collect();
    let answer = match (request.method(), segments.as_slice()) {
        (&Method::POST, ["decisions"]) => hear(simulator, &request, now).await,
        (&Method::GET, ["decisions", application]) => tell(simulator, application).await,
        (&Method::POST, ["behaviour"]) => behave(simulator, request.body(), now).await,
        (_, ["decisions" | "behaviour"] | ["decisions", _]) => {
            Reply::problem(405, "metodo-non-ammesso", "Metodo non ammesso")
        }
        _ => Reply::problem(404, "percorso-sconosciuto", "Operazione sconosciuta"),
    };
    tracing::info!(status = answer.status, "the consular system answered");
    Ok(sent(&answer))
}

fn sent(answer: &Reply) -> Response<Body> {
    let mut response = Response::new(Body::Text(answer.body.to_string()));
    if let Ok(status) = lambda_http::http::StatusCode::from_u16(answer.status) {
        *response.status_mut() = status;
    }
    let headers = response.headers_mut();
    let kind = if answer.status < 400 { "application/json" } else { "application/problem+json" };
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

/// A decision of the portal's: proven, remembered once, acknowledged by its name.
async fn hear(simulator: &Simulator, request: &Request, now: Timestamp) -> Reply {
    let authorization =
        request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Err(reason) = simulator.portal.verify(authorization, request.body(), now) {
        tracing::warn!(cause = chain(&reason), "a request that the portal did not sign");
        return Reply::problem(401, "richiesta-non-firmata", "Richiesta non firmata");
    }
    let Ok(decision) = serde_json::from_slice::<Decision>(request.body()) else {
        return Reply::problem(422, "campi-non-validi", "Il corpo non rispetta il contratto");
    };
    if decision.message_id != format!("{}.{}", decision.application, decision.version) {
        return Reply::problem(422, "campi-non-validi", "message_id non è <domanda>.<versione>");
    }
    match simulator.memories.take(&decision, now).await {
        Ok(ReceiptOutcome::Heard | ReceiptOutcome::Again) => {
            Reply::new(200, json!({ "message_id": decision.message_id }))
        }
        Ok(ReceiptOutcome::Contradicts) => Reply::problem(
            409,
            "messaggio-diverso",
            "Con questo message_id è arrivato un altro contenuto",
        ),
        Ok(ReceiptOutcome::Down) => {
            Reply::problem(503, "servizio-non-disponibile", "Servizio non disponibile")
        }
        Err(error) => Reply::failed(&error),
    }
}

/// What it heard of an application, in the order in which it came.
async fn tell(simulator: &Simulator, application: &str) -> Reply {
    let Ok(application) = application.parse::<ApplicationId>() else {
        return Reply::problem(404, "non-trovata", "Non trovata");
    };
    match simulator.memories.of(&application).await {
        Ok(memory) => Reply::new(200, json!(HeardView::of(&application, &memory))),
        Err(error) => Reply::failed(&error),
    }
}

/// What it heard, for people and tests.
#[derive(Debug, Serialize)]
struct HeardView<'a> {
    application: &'a ApplicationId,
    /// How often it was asked, the times included that it was down.
    attempts: u32,
    /// Of several decisions that of the highest version holds.
    holds: Option<ConsularDecision>,
    decisions: &'a [Decision],
}

impl<'a> HeardView<'a> {
    fn of(application: &'a ApplicationId, memory: &'a Memory) -> Self {
        let newest = memory.decisions.iter().max_by_key(|decision| decision.version);
        Self {
            application,
            attempts: memory.attempts,
            holds: newest.map(|decision| decision.decision),
            decisions: &memory.decisions,
        }
    }
}

/// How it shall behave about one application.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Behaviour {
    application: ApplicationId,
    fail_times: u32,
}

async fn behave(simulator: &Simulator, body: &[u8], now: Timestamp) -> Reply {
    let Ok(wanted) = serde_json::from_slice::<Behaviour>(body) else {
        return Reply::problem(422, "campi-non-validi", "Servono application e fail_times");
    };
    if wanted.fail_times > MOST_FAILURES {
        return Reply::problem(422, "campi-non-validi", "fail_times è al massimo 100");
    }
    match simulator.memories.fails(&wanted.application, wanted.fail_times, now).await {
        Ok(()) => Reply::new(
            200,
            json!({ "application": wanted.application, "fail_times": wanted.fail_times }),
        ),
        Err(error) => Reply::failed(&error),
    }
}

/// The gateway's instant, by which tokens are judged; the wall clock where there is no gateway.
fn instant(request: &Request) -> Timestamp {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            Timestamp::from_millisecond(context.time_epoch).ok()
        }
        _ => None,
    }
    .filter(|instant| *instant > Timestamp::UNIX_EPOCH)
    .unwrap_or_else(clock::wall)
}
