//! The way in: CloudFront shows a secret of the deployment with each request, and a function answers none that came past it
//! (ADR 11).

use std::convert::Infallible;
use std::future::Future;
use std::sync::RwLock;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use lambda_http::{Body, Request, Response, service_fn};
use outside::{
    aws,
    config::{self, ConfigError},
};
use subtle::ConstantTimeEq as _;

use crate::gateway;
use crate::http::{Problem, ProblemKind};

/// The header by which CloudFront shows that a request came through it.
pub const ORIGIN_SECRET_HEADER: &str = "x-origin-secret";

/// How long a function waits before it reads the secret again because of a request that shows another one: a rotation is
/// noticed within this time, and a stranger who guesses causes no more reads than that.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// How long it waits after a read that failed: strangers who guess must not press upon a secret store that is ill.
const READ_AGAIN_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Refuses requests that did not come through CloudFront.
#[derive(Debug)]
pub struct Origin {
    sdk: SdkConfig,
    id: String,
    known: RwLock<Known>,
}

/// The secret's versions as last read.
struct Known {
    versions: Vec<Vec<u8>>,
    /// Not before, whatever is shown.
    read_again: Instant,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Known({} versions, [redacted])", self.versions.len())
    }
}

impl Known {
    /// Whether a request shows the current version of the secret or the one before: while it is rotated, both are shown.
    fn admits(&self, shown: &[u8]) -> bool {
        self.versions.iter().any(|version| version.as_slice().ct_eq(shown).into())
    }
}

impl Origin {
    /// Reads the secret that the template names; called at init.
    ///
    /// # Errors
    /// The variable or the secret is missing: the function does not start.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let id = config::required("ORIGIN_SECRET_ID")?;
        let versions = aws::secret_versions(sdk, &id).await?;
        let known = RwLock::new(Known { versions, read_again: Instant::now() + READ_AGAIN_AFTER });
        Ok(Self { sdk: sdk.clone(), id, known })
    }

    /// Answers requests with `handle` for as long as the environment lives; a request that came past CloudFront gets 403
    /// and `handle` does not see it.
    ///
    /// # Errors
    /// The runtime ended.
    pub async fn serve<'app, A, H, F>(
        &'app self,
        app: &'app A,
        handle: H,
    ) -> Result<(), lambda_http::Error>
    where
        A: Sync,
        H: Fn(&'app A, Request) -> F + Sync,
        F: Future<Output = Result<Response<Body>, Infallible>> + Send,
    {
        let handle = &handle;
        gateway::run(service_fn(move |request: Request| async move {
            if self.admits(&request).await {
                handle(app, request).await
            } else {
                Ok(refusal(&request))
            }
        }))
        .await
    }

    async fn admits(&self, request: &Request) -> bool {
        let Some(shown) = request.headers().get(ORIGIN_SECRET_HEADER) else { return false };
        // Boxed, and made only when it is needed: a request that opens carries none of it.
        let read = || Box::pin(aws::secret_versions(&self.sdk, &self.id));
        admits_at(&self.known, shown.as_bytes(), Instant::now(), read).await
    }
}

/// Whether what a request shows opens at an instant; `read` is called only if the secret may have been rotated since it was
/// read.
async fn admits_at<E, F>(
    known: &RwLock<Known>,
    shown: &[u8],
    now: Instant,
    read: impl FnOnce() -> F + Send,
) -> bool
where
    E: std::error::Error + Send + 'static,
    F: Future<Output = Result<Vec<Vec<u8>>, E>> + Send,
{
    let is_recent = match known.read() {
        Ok(known) if known.admits(shown) => return true,
        Ok(known) => now < known.read_again,
        Err(_) => return false,
    };
    if is_recent {
        return false;
    }
    let outcome = read().await;
    let Ok(mut known) = known.write() else { return false };
    match outcome {
        Ok(versions) => {
            *known = Known { versions, read_again: now + READ_AGAIN_AFTER };
            known.admits(shown)
        }
        Err(error) => {
            known.read_again = now + READ_AGAIN_AFTER_FAILURE;
            tracing::error!(
                cause = outside::log::chain(&error),
                "the origin's secret cannot be read again"
            );
            false
        }
    }
}

fn refusal(request: &Request) -> Response<Body> {
    use lambda_http::RequestExt as _;
    let id = match request.request_context_ref() {
        Some(lambda_http::request::RequestContext::ApiGatewayV2(context)) => {
            context.request_id.clone().unwrap_or_default()
        }
        _ => String::new(),
    };
    Problem::new(ProblemKind::PastTheEdge).into_response(&id)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn the_current_secret_and_the_one_before_open_and_nothing_else_does() {
        let versions = [b"new".to_vec(), b"old".to_vec()].into();
        let known = Known { versions, read_again: Instant::now() };
        for (shown, opens) in
            [("new", true), ("old", true), ("ne", false), ("newer", false), ("", false)]
        {
            assert_eq!(known.admits(shown.as_bytes()), opens, "{shown}");
        }
        assert_eq!(format!("{known:?}"), "Known(2 versions, [redacted])");
    }

    /// A rotation is noticed within ten seconds; a read that failed is tried again after five, however often somebody guesses.
    #[tokio::test]
    async fn the_secret_is_read_again_now_and_then_and_not_at_once_after_a_failure() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let known = RwLock::new(Known { versions: vec![b"old".to_vec()], read_again: at(10) });
        let reads = AtomicU32::new(0);
        let asked = async |shown: &str, seconds, given: Option<&str>| {
            let read = || async {
                reads.fetch_add(1, Ordering::Relaxed);
                let ill = std::io::Error::other("the secret store does not answer");
                given.map(|version| vec![version.as_bytes().to_vec()]).ok_or(ill)
            };
            let admitted = admits_at(&known, shown.as_bytes(), at(seconds), read).await;
            (admitted, reads.load(Ordering::Relaxed))
        };
        // Seconds, what is shown, what a read would give; whether it opens, reads until then.
        for (seconds, shown, given, expected) in [
            (9, "new", Some("new"), (false, 0)),
            (11, "old", Some("new"), (true, 0)),
            (11, "new", None, (false, 1)),
            (11, "new", Some("new"), (false, 1)),
            (15, "guess", Some("new"), (false, 1)),
            (15, "old", None, (true, 1)),
            (16, "guess", None, (false, 2)),
            (20, "guess", None, (false, 2)),
            (21, "new", Some("new"), (true, 3)),
            (22, "guess", Some("new"), (false, 3)),
            (31, "guess", Some("new"), (false, 4)),
        ] {
            assert_eq!(asked(shown, seconds, given).await, expected, "{shown} at {seconds}");
        }
    }

    #[test]
    fn a_request_past_the_edge_reads_where_the_portal_is() {
        let event = include_str!("../../../events/sign-in/session.json");
        let request = lambda_http::request::from_str(event).unwrap();
        let response = refusal(&request);
        let Body::Text(body) = response.body() else { panic!("no text") };
        assert_eq!(response.status(), 403);
        assert!(body.contains("/problemi/accesso-diretto"), "{body}");
        assert!(
            body.contains(r#""request_id":""#) && !body.contains(r#""request_id":"""#),
            "{body}"
        );
    }
}
