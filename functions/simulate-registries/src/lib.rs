//! Plays the public registries on their own wire, each demo code deciding how they behave (CHK-2, ENR-1; local and staging only).

mod answer;
mod asks;
mod behaviour;
mod birthplaces;
mod population;
mod scope;
#[cfg(test)]
mod tests;
mod voucher;
mod wire;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use lambda_http::{
    Body, Error, Request, RequestExt, Response,
    http::{Method, header},
    request::RequestContext,
};
use outside::clock;

pub use crate::{
    answer::{BadQuestion, Delays, ParsedQuestion, WireAnswer},
    asks::{Asks, AsksError, QuestionHistory},
    behaviour::{Behaviour, Demand},
    population::{DemoEmployer, DemoPerson, DemoWorker, Population, SIZE},
    scope::Scope,
    voucher::Vouchers,
    wire::Operation,
};
use crate::{voucher::NoVoucher, wire::VoucherRequest};

/// The registries of the invented population.
#[derive(Clone, Debug)]
pub struct Simulator {
    asks: Asks,
    vouchers: Vouchers,
}

/// How long what is prepared on request takes; [`Behaviour::Late`] takes eight times as long.
const DELAYS: Delays = Delays { regular: Duration::from_secs(2) };

/// Longer than the client waits (3 s), shorter than the gateway does.
const STALL: Duration = Duration::from_secs(5);

impl Simulator {
    /// Registries that remember questions in `table` and issue vouchers to one client.
    pub const fn new(client: Client, table: String, vouchers: Vouchers) -> Self {
        Self { asks: Asks::new(client, table), vouchers }
    }

    /// Answers one request of the HTTP API, whatever the prefix before `/registries/`.
    pub async fn handle(&self, request: Request) -> Result<Response<Body>, Error> {
        let now = instant(&request);
        let path = request.uri().path().to_owned();
        let path = path.split_once("/registries/").map_or("", |(_, rest)| rest);
        if request.method() != Method::POST {
            return respond(WireAnswer::problem(405, "metodo-non-ammesso", "Usare POST"));
        }
        if path == "voucher" {
            return respond(self.voucher(request.body(), now));
        }
        let Some(operation) = Operation::of_path(path) else {
            return respond(WireAnswer::problem(
                404,
                "percorso-sconosciuto",
                "Operazione sconosciuta",
            ));
        };
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let reference = header("x-reference").filter(|reference| is_reference(reference));
        let answer = if !self.vouchers.admits(header("authorization"), now) {
            WireAnswer::problem(401, "voucher-non-valido", "Voucher assente, scaduto o non valido")
        } else if let Some(reference) = reference {
            self.ask(operation, request.body(), reference, now).await
        } else {
            WireAnswer::problem(400, "riferimento-assente", "Manca il riferimento della pratica")
        };
        // The reference is an application's identifier; codes and names are never written down.
        tracing::info!(
            operation = operation.path(),
            application.id = reference,
            status = answer.status,
            stalls = answer.stalls,
            "registry answered"
        );
        if answer.stalls {
            tokio::time::sleep(STALL).await;
        }
        respond(answer)
    }

    async fn ask(
        &self,
        operation: Operation,
        body: &[u8],
        reference: &str,
        now: Timestamp,
    ) -> WireAnswer {
        let Ok(asked) = ParsedQuestion::read(operation, body, reference) else {
            return WireAnswer::problem(
                400,
                "richiesta-non-valida",
                "Il corpo della richiesta non rispetta il contratto",
            );
        };
        let past = if asked.needs_past() {
            match self.asks.count(operation, &asked.codes(), reference, now).await {
                Ok(past) => past,
                Err(error) => {
                    tracing::error!(
                        error = outside::log::chain(&error),
                        "the memory of questions failed"
                    );
                    return WireAnswer::problem(
                        503,
                        "servizio-non-disponibile",
                        "Servizio non disponibile",
                    );
                }
            }
        } else {
            QuestionHistory { asked_before: 0, first_asked: now }
        };
        asked.answer(past, now, DELAYS)
    }

    fn voucher(&self, body: &[u8], now: Timestamp) -> WireAnswer {
        let fields: serde_json::Map<_, _> = form_urlencoded::parse(body)
            .map(|(name, value)| (name.into_owned(), serde_json::Value::from(value.into_owned())))
            .collect();
        let issued = serde_json::from_value::<VoucherRequest>(serde_json::Value::Object(fields))
            .map_err(|_| "invalid_request")
            .and_then(|request| {
                self.vouchers.issue(&request, now).map_err(|refused| match refused {
                    NoVoucher::UnsupportedGrantType => "unsupported_grant_type",
                    NoVoucher::InvalidClient => "invalid_client",
                })
            });
        match issued {
            Ok(voucher) => WireAnswer::ok(&voucher),
            Err(error) => {
                let status = if error == "invalid_client" { 401 } else { 400 };
                WireAnswer { status, ..WireAnswer::ok(&serde_json::json!({ "error": error })) }
            }
        }
    }
}

/// The gateway's instant, so that delays do not depend on a cold start; the wall clock where there is no gateway.
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

/// Letters, digits, hyphen and underscore: an identifier, never a name or an address.
fn is_reference(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn respond(answer: WireAnswer) -> Result<Response<Body>, Error> {
    let mut response = Response::builder()
        .status(answer.status)
        .header(header::CONTENT_TYPE, answer.content_type)
        .header(header::CACHE_CONTROL, "no-store");
    if let Some(seconds) = answer.retry_after {
        response = response.header(header::RETRY_AFTER, seconds);
    }
    Ok(response.body(Body::Text(answer.body))?)
}
