//! Plays an OpenID Connect provider in front of SPID and CIE, with demo people at three levels (IDP-1; local and staging only).
//!
//! It does what the standard says unless a decision names a defect: then it does exactly that one thing wrong, so that
//! the portal's refusal of it can be seen.

mod authorization;
mod decision;
mod grants;
mod page;
mod people;
mod signing;
#[cfg(test)]
mod tests;
mod token;

use std::sync::LazyLock;

use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use lambda_http::{
    Body, Error, Request, RequestExt, Response,
    http::{HeaderMap, Method, header},
    request::RequestContext,
};
use outside::clock;
use serde::Serialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use tokio::sync::OnceCell;

use crate::{
    authorization::{Authorization, Unusable},
    decision::Outcome,
    grants::{Grant, Grants, StoreError},
    signing::SigningKey,
};
pub use crate::{
    decision::{Defect, Level, Manner},
    people::{DemoAccount, Identity, accounts, identity},
};

/// A key of a kind that no portal knows: it must keep none of the others out.
static UNUSED_KEY: LazyLock<Value> =
    LazyLock::new(|| json!({ "kty": "XYZ", "kid": 7, "use": ["sig"], "x5c": "" }));

/// Who the provider is and whom it serves.
#[derive(Clone)]
pub struct Settings {
    /// The issuer, without a slash at the end; all addresses are below it.
    pub issuer: String,
    /// The portal's origin; its callback is the only place that people are sent back to.
    pub public_origin: String,
    /// The portal's client identifier.
    pub client_id: String,
    /// The portal's client secret.
    pub client_secret: Vec<u8>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("issuer", &self.issuer)
            .field("public_origin", &self.public_origin)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The only address that people are sent back to.
    pub fn redirect_uri(&self) -> String {
        format!("{}/api/sign-in/callback", self.public_origin)
    }
}

/// The provider.
#[derive(Debug)]
pub struct Provider {
    settings: Settings,
    grants: Grants,
    key: OnceCell<SigningKey>,
}

impl Provider {
    /// A provider that keeps its key and its codes in `table`.
    pub fn new(settings: Settings, client: Client, table: String) -> Self {
        Self { settings, grants: Grants::new(client, table), key: OnceCell::new() }
    }

    /// Answers one request of the HTTP API, whatever the prefix before `/identity/`.
    pub async fn handle(&self, request: Request) -> Result<Response<Body>, Error> {
        let now = instant(&request);
        let path = request.uri().path().to_owned();
        let endpoint = path.split_once("/identity/").map_or("", |(_, rest)| rest);
        let answered = match (request.method(), endpoint) {
            (&Method::GET, ".well-known/openid-configuration") => {
                Ok(json_answer(200, &self.configuration()))
            }
            (&Method::GET, "jwks") => self
                .key()
                .await
                .map(|key| json_answer(200, &json!({ "keys": [UNUSED_KEY.clone(), key.jwk()] }))),
            (&Method::GET, "authorize") => Ok(self.authorize(&request)),
            (&Method::POST, "authorize/decision") => self.decide(&request, now).await,
            (&Method::POST, "token") => self.redeem(&request, now).await,
            (&Method::GET, "userinfo") => self.userinfo(request.headers(), now).await,
            _ => Ok(json_answer(404, &json!({ "error": "not_found" }))),
        };
        let answer = answered.unwrap_or_else(|error| {
            tracing::error!(
                error = outside::log::chain(&error),
                "the identity provider's store failed"
            );
            json_answer(503, &json!({ "error": "temporarily_unavailable" }))
        });
        // Neither query nor body is logged: they hold states, codes and people.
        tracing::info!(
            endpoint = known_endpoint(endpoint),
            status = answer.status,
            "identity provider answered"
        );
        answer.into_response()
    }

    fn configuration(&self) -> Value {
        let issuer = &self.settings.issuer;
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            // As providers were seen to publish them: empty, or of another type than the standard gives them.
            "op_policy_uri": "",
            "op_tos_uri": 7,
            "display_values_supported": "page",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "email"],
            "acr_values_supported": Level::ALL.map(Level::acr),
            "claims_supported": [
                "sub", "iss", "aud", "exp", "iat", "nonce", "acr", "auth_time", "given_name", "family_name",
                "birthdate", "email", token::FISCAL_NUMBER,
            ],
            "ui_locales_supported": ["it"],
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "claims_parameter_supported": false,
        })
    }

    /// Shows the page on which a person chooses who they are.
    fn authorize(&self, request: &Request) -> Reply {
        match Authorization::read(request.uri().query().unwrap_or_default(), &self.settings) {
            Ok(authorization) => {
                html_answer(200, &page::choice(&authorization, &self.settings), &self.settings)
            }
            Err(unusable) => self.refuse(unusable, false),
        }
    }

    /// Sends the person back with a code, or with an error.
    async fn decide(&self, request: &Request, now: Timestamp) -> Result<Reply, StoreError> {
        let is_json = essence(request.headers()).eq_ignore_ascii_case("application/json");
        let authorization =
            match Authorization::read(request.uri().query().unwrap_or_default(), &self.settings) {
                Ok(authorization) => authorization,
                Err(unusable) => return Ok(self.refuse(unusable, is_json)),
            };
        let outcome = match decision::read(request.body(), is_json) {
            Ok(outcome) => outcome,
            Err(message) if is_json => {
                return Ok(json_answer(
                    400,
                    &json!({ "error": "invalid_request", "error_description": message }),
                ));
            }
            Err(message) => return Ok(html_answer(400, &page::problem(message), &self.settings)),
        };
        let location = match outcome {
            Outcome::Refused { error, description } => {
                authorization.back_with(&[("error", error), ("error_description", &description)])
            }
            Outcome::Granted { identity, level, defect, manner } => {
                let grant = Grant::new(&authorization, identity, level, defect, manner, now);
                let code = self.grants.keep(&grant).await?;
                match defect {
                    Some(Defect::WrongState) => {
                        authorization.back_with_state(&"0".repeat(43), &[("code", &code)])
                    }
                    _ => authorization.back_with(&[("code", &code)]),
                }
            }
        };
        Ok(if is_json {
            json_answer(200, &json!({ "redirect": location }))
        } else {
            Reply::see_other(location)
        })
    }

    /// Gives the tokens for a code, once.
    async fn redeem(&self, request: &Request, now: Timestamp) -> Result<Reply, StoreError> {
        if !self.is_our_client(request.headers()) {
            let mut refused = json_answer(401, &json!({ "error": "invalid_client" }));
            refused.headers.push(("www-authenticate", "Basic realm=\"identity\"".to_owned()));
            return Ok(refused);
        }
        let fields: Vec<(String, String)> =
            form_urlencoded::parse(request.body()).into_owned().collect();
        let field = |name: &str| {
            fields
                .iter()
                .find(|(candidate, _)| candidate == name)
                .map(|(_, value)| value.as_str())
                .unwrap_or_default()
        };
        if field("grant_type") != "authorization_code" {
            return Ok(json_answer(400, &json!({ "error": "unsupported_grant_type" })));
        }
        // A client that shows a code uses it up, with a wrong verifier, too.
        let grant = match self.grants.redeem(field("code")).await? {
            Some(grant) if grant.admits(field("redirect_uri"), field("code_verifier"), now) => {
                grant
            }
            Some(_) | None => return Ok(json_answer(400, &json!({ "error": "invalid_grant" }))),
        };
        let key = self.key().await?;
        Ok(match grant.defect {
            Some(Defect::TokenEndpointDown) => {
                json_answer(500, &json!({ "error": "server_error" }))
            }
            defect => {
                let answer = token::answer(&grant, &self.settings, key, now)?;
                self.grants.keep_for_userinfo(&answer.access_token, &grant).await?;
                let mut reply = json_answer(200, &answer);
                if defect == Some(Defect::TruncatedJson) {
                    reply.body = reply.body.chars().take(reply.body.len() / 2).collect();
                }
                reply
            }
        })
    }

    /// Tells who the person of an access token is.
    async fn userinfo(&self, headers: &HeaderMap, now: Timestamp) -> Result<Reply, StoreError> {
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let Some(grant) = self.grants.of_access_token(token).await? else {
            return Ok(json_answer(401, &json!({ "error": "invalid_token" })));
        };
        if grant.defect == Some(Defect::UserinfoDown) {
            return Ok(json_answer(500, &json!({ "error": "server_error" })));
        }
        let body = token::userinfo(&grant, &self.settings, self.key().await?, now)?;
        let media_type = match grant.manner {
            Manner::AtSignedUserinfo => "application/jwt",
            Manner::InIdToken | Manner::AtUserinfo | Manner::OddClaims => "application/json",
        };
        Ok(Reply { status: 200, headers: vec![("content-type", media_type.to_owned())], body })
    }

    fn is_our_client(&self, headers: &HeaderMap) -> bool {
        let shown = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "))
            .and_then(|encoded| data_encoding::BASE64.decode(encoded.as_bytes()).ok())
            .and_then(|pair| String::from_utf8(pair).ok());
        let Some((id, secret)) = shown.as_deref().and_then(|pair| pair.split_once(':')) else {
            return false;
        };
        // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
        let decoded = |text: &str| {
            form_urlencoded::parse(format!("v={text}").as_bytes())
                .next()
                .map(|(_, value)| value.into_owned())
        };
        decoded(id).as_deref() == Some(&self.settings.client_id)
            && decoded(secret)
                .is_some_and(|secret| secret.as_bytes().ct_eq(&self.settings.client_secret).into())
    }

    async fn key(&self) -> Result<&SigningKey, StoreError> {
        self.key.get_or_try_init(|| self.grants.signing_key()).await
    }

    fn refuse(&self, unusable: Unusable, is_json: bool) -> Reply {
        match unusable {
            Unusable::Client(message) if is_json => json_answer(
                400,
                &json!({ "error": "invalid_request", "error_description": message }),
            ),
            Unusable::Client(message) => html_answer(400, &page::problem(message), &self.settings),
            Unusable::Request { location } if is_json => {
                json_answer(200, &json!({ "redirect": location }))
            }
            Unusable::Request { location } => Reply::see_other(location),
        }
    }
}

/// An answer before it is one of HTTP.
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Reply {
    fn see_other(location: String) -> Self {
        Self { status: 303, headers: vec![("location", location)], body: String::new() }
    }

    fn into_response(self) -> Result<Response<Body>, Error> {
        let mut response = Response::builder()
            .status(self.status)
            .header("cache-control", "no-store")
            .header("referrer-policy", "no-referrer")
            .header("x-content-type-options", "nosniff");
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        Ok(response.body(if self.body.is_empty() { Body::Empty } else { Body::Text(self.body) })?)
    }
}

fn json_answer(status: u16, body: &impl Serialize) -> Reply {
    Reply {
        status,
        headers: vec![("content-type", "application/json".to_owned())],
        body: serde_json::to_string(body).unwrap_or_default(),
    }
}

fn html_answer(status: u16, page: &str, settings: &Settings) -> Reply {
    Reply {
        status,
        headers: vec![
            ("content-type", "text/html; charset=utf-8".to_owned()),
            ("content-security-policy", page::policy(&settings.public_origin)),
        ],
        body: page.to_owned(),
    }
}

fn essence(headers: &HeaderMap) -> &str {
    let value =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// The endpoint for the log; what a stranger typed is not repeated.
fn known_endpoint(endpoint: &str) -> &str {
    match endpoint {
        ".well-known/openid-configuration"
        | "jwks"
        | "authorize"
        | "authorize/decision"
        | "token"
        | "userinfo" => endpoint,
        _ => "unknown",
    }
}

/// The gateway's instant; the wall clock where there is no gateway.
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
