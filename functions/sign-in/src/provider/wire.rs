//! Calls to the identity provider: bounded in time and length, never redirected.

use std::{borrow::Cow, time::Duration};

use reqwest::{
    Client, RequestBuilder, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::Value;
use thiserror::Error;

use crate::jws::Members;

/// The provider's answers are short; whatever is longer is not read to its end.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Four calls (configuration, keys, tokens, userinfo) and the second look at the first two stay under the function's timeout.
const CALL_LASTS: Duration = Duration::from_secs(4);

/// What went wrong on the wire.
#[derive(Debug, Error)]
pub enum WireError {
    /// No connection, or no answer in time.
    #[error("it cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// It is ill.
    #[error("it answers with status {0}")]
    Status(u16),
    /// Its answer is longer than the portal reads.
    #[error("its answer is too long")]
    TooLong,
}

/// What came back.
pub(super) struct ProviderAnswer {
    pub(super) is_success: bool,
    body: Vec<u8>,
}

impl ProviderAnswer {
    /// The members of the JSON object that it is; what media type it claims, and a mark at its beginning, do not matter.
    pub(super) fn members(&self) -> Option<Members> {
        let body = self.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&self.body);
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Some(members),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Our HTTP client.
#[derive(Debug)]
pub(super) struct Wire(Client);

impl Wire {
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        // The provider's addresses come from its configuration: no answer may lead us elsewhere.
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CALL_LASTS / 2)
            .timeout(CALL_LASTS)
            .build()?;
        Ok(Self(client))
    }

    /// Reads, with an access token where one is needed.
    pub(super) async fn get(
        &self,
        url: &Url,
        token: Option<&str>,
    ) -> Result<ProviderAnswer, WireError> {
        let request = self.0.get(url.clone());
        exchange(match token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        })
        .await
    }

    /// Sends a form with the portal's own credentials.
    pub(super) async fn post_form(
        &self,
        url: &Url,
        credentials: &str,
        form: String,
    ) -> Result<ProviderAnswer, WireError> {
        let request = self.0.post(url.clone()).header(AUTHORIZATION, credentials).body(form);
        exchange(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded")).await
    }
}

async fn exchange(request: RequestBuilder) -> Result<ProviderAnswer, WireError> {
    // An address in an error could hold what was sent with it.
    let unreachable = |error: reqwest::Error| WireError::Unreachable(error.without_url());
    let request = request.header(ACCEPT, "application/json, application/jwt;q=0.9");
    let mut answer = request.send().await.map_err(unreachable)?;
    let status = answer.status();
    if status.is_server_error() {
        return Err(WireError::Status(status.as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(WireError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(ProviderAnswer { is_success: status.is_success(), body })
}
