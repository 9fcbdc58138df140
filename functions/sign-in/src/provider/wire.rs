//! Calls to the identity provider: bounded in time and length, never redirected.

use std::{future::Future, pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::Client;
use thiserror::Error;

/// The provider's answers are short; whatever is longer is not read to its end.
const LONGEST_ANSWER: usize = 64 * 1024;

/// Three calls (configuration, keys, tokens) and the second look at the first two stay under the function's timeout.
const CALL_LASTS: Duration = Duration::from_millis(1_800);

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

/// Our HTTP client, in the form in which the library calls it.
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

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, WireError> {
        // An address in an error could hold what was sent with it.
        let unreachable = |error: reqwest::Error| WireError::Unreachable(error.without_url());
        let request = reqwest::Request::try_from(request).map_err(unreachable)?;
        let mut answer = self.0.execute(request).await.map_err(unreachable)?;
        let status = answer.status();
        if status.is_server_error() {
            return Err(WireError::Status(status.as_u16()));
        }
        let content_type = answer.headers().get(http::header::CONTENT_TYPE).cloned();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(WireError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = HttpResponse::new(body);
        *response.status_mut() = status;
        if let Some(content_type) = content_type {
            response.headers_mut().insert(http::header::CONTENT_TYPE, content_type);
        }
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = WireError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WireError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.exchange(request))
    }
}
