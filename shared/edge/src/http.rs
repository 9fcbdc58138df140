//! The HTTP edge: reads a request strictly, gives an answer or a problem, logs one line.

pub mod client;
pub mod fields;
pub mod form;
pub mod page;
pub mod page_query;
pub mod person_fields;
pub mod problem;

use std::{borrow::Cow, convert::Infallible, future::Future};

use domain::{
    campaign::{Activity, Opening},
    ids::ApplicationId,
};
use jiff::Timestamp;
use lambda_http::{Body, Request, RequestExt, Response, request::RequestContext};
use serde::Serialize;

pub use self::{
    fields::Fields,
    form::Form,
    page::Page,
    page_query::PageQuery,
    problem::{FieldProblem, Problem, ProblemKind},
};

/// The largest body that any route reads, in bytes; documents go straight to the object store.
const LARGEST_BODY: usize = 256 * 1024;

/// One request as the functions see it.
#[derive(Debug)]
pub struct ApiRequest {
    /// The gateway's own instant of arrival, never the client's clock nor ours (SUB-3).
    pub arrival: Timestamp,
    /// The gateway's identifier of the request, shown to people so that they can quote it.
    pub request_id: String,
    /// `GET`, `POST` …
    pub method: String,
    /// The path's segments, without `api`.
    pub segments: Vec<String>,
    query: Vec<(String, String)>,
    cookies: Vec<(String, String)>,
    origin: Option<String>,
    content_type: Option<String>,
    headers: http::HeaderMap,
    /// The address that the gateway saw.
    source_ip: String,
    body: Vec<u8>,
}

impl ApiRequest {
    fn read(request: Request) -> Result<Self, Problem> {
        let RequestContext::ApiGatewayV2(context) = request.request_context() else {
            return Err(Problem::new(ProblemKind::Internal));
        };
        let arrival = Timestamp::from_millisecond(context.time_epoch)
            .map_err(|_| Problem::new(ProblemKind::Internal))?;
        let query = request.query_string_parameters();
        let query = query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let (parts, body) = request.into_parts();
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let lines = parts.headers.get_all("cookie");
        let cookies = lines.iter().flat_map(|line| cookies_of(line.as_bytes())).collect();
        let segments = context
            .http
            .path
            .as_deref()
            .unwrap_or_default()
            .split('/')
            .skip_while(|segment| *segment != "api")
            .skip(1)
            .filter(|segment| !segment.is_empty())
            .map(str::to_owned)
            .collect();
        Ok(Self {
            arrival,
            request_id: context.request_id.unwrap_or_default(),
            method: parts.method.as_str().to_owned(),
            segments,
            query,
            cookies,
            origin: header("origin"),
            content_type: header("content-type"),
            headers: parts.headers.clone(),
            source_ip: context.http.source_ip.unwrap_or_default(),
            body: body.to_vec(),
        })
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .iter()
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }

    /// A query parameter's value.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(candidate, _)| candidate == name).map(|(_, value)| value.as_str())
    }

    /// A header's value. A byte that is not text stands in it as one that no rule of ours allows.
    pub fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()))
    }

    /// Whether a person's browser shows the answer itself: it asks for a page, and a script does not.
    pub fn wants_page(&self) -> bool {
        let accept = self.header("accept").unwrap_or_default();
        accept.split(',').any(|one| {
            let essence = one.split(';').next().unwrap_or_default();
            essence.trim().eq_ignore_ascii_case("text/html")
        })
    }

    /// The body as it came, byte for byte: what a machine client signs.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// A change of state must come from our own pages: `Origin` equals the public origin.
    pub fn require_origin(&self, public_origin: &str) -> Result<(), Problem> {
        if self.origin.as_deref() == Some(public_origin) {
            Ok(())
        } else {
            Err(Problem::new(ProblemKind::WrongOrigin))
        }
    }

    /// The body as a JSON object.
    fn fields(&self) -> Result<Fields, Problem> {
        let essence = self
            .content_type
            .as_deref()
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(ProblemKind::NotJson));
        }
        match serde_json::from_slice(&self.body) {
            Ok(serde_json::Value::Object(map)) => Ok(Fields::new(map)),
            Ok(_) => Err(Problem::new(ProblemKind::Unreadable)
                .detail("Il corpo della richiesta deve essere un oggetto JSON.")),
            Err(_) => Err(Problem::new(ProblemKind::Unreadable)),
        }
    }

    /// The body as a form, whose fields are then read one by one.
    pub fn form<F: Form>(&self) -> Result<F, Problem> {
        self.fields().map(F::of)
    }
}

/// The cookies of one header line, each read by itself: what another page of the site left there, in whatever encoding, never
/// hides ours, which are ASCII.
fn cookies_of(line: &[u8]) -> impl Iterator<Item = (String, String)> {
    line.split(|byte| *byte == b';').filter_map(|pair| {
        let (name, value) = std::str::from_utf8(pair).ok()?.trim().split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    })
}

/// Answers one request: reads it, runs the use case, turns a problem into its document, logs one line.
pub async fn answer<F, Fut>(request: Request, use_case: F) -> Result<Response<Body>, Infallible>
where
    F: FnOnce(ApiRequest) -> Fut,
    Fut: Future<Output = Result<Response<Body>, Problem>>,
{
    let request = match ApiRequest::read(request) {
        Ok(request) => request,
        Err(problem) => return Ok(problem.into_response("")),
    };
    let request_id = request.request_id.clone();
    let method = request.method.clone();
    let is_head = method == "HEAD";
    // Only identifiers of ours are logged: a path may hold whatever a stranger typed.
    let application =
        request.segments.iter().find_map(|segment| segment.parse::<ApplicationId>().ok());
    let too_large = request.body.len() > LARGEST_BODY;
    let outcome =
        if too_large { Err(Problem::new(ProblemKind::TooLarge)) } else { use_case(request).await };
    let (mut response, kind) = match outcome {
        Ok(response) => (response, "ok"),
        Err(problem) => {
            let kind = problem.kind().slug();
            problem.log(&request_id);
            (problem.into_response(&request_id), kind)
        }
    };
    if is_head {
        *response.body_mut() = Body::Empty;
    }
    tracing::info!(
        request.id = %request_id,
        application.id = application.as_ref().map(tracing::field::display),
        method,
        status = response.status().as_u16(),
        outcome = kind,
        "request answered"
    );
    Ok(response)
}

/// The refusal outside a window: why, when it opens, and how long that is (CAL-3, SUB-1).
pub fn closed(opening: Opening, access: Activity, now: Timestamp) -> Problem {
    let Opening::Closed { reason, opens_at } = opening else {
        return Problem::new(ProblemKind::WindowClosed);
    };
    let problem = Problem::new(ProblemKind::WindowClosed)
        .detail(opening.explanation(access).unwrap_or_default())
        .with("reason", reason.code())
        .with("now", now.to_string());
    match opens_at {
        Some(opens_at) => problem
            .with("opens_at", opens_at.to_string())
            .with("retry_after_ms", opens_at.as_millisecond() - now.as_millisecond()),
        None => problem,
    }
}

/// A JSON answer that no cache may keep.
pub fn json<T: Serialize>(status: u16, body: &T) -> Result<Response<Body>, Problem> {
    let text = serde_json::to_string(body).map_err(|error| Problem::internal(&error))?;
    finish(
        Response::builder()
            .status(status)
            .header("content-type", "application/json; charset=utf-8"),
        Body::Text(text),
    )
}

/// A JSON document that was written elsewhere, byte for byte.
pub fn document(status: u16, text: String) -> Result<Response<Body>, Problem> {
    finish(
        Response::builder()
            .status(status)
            .header("content-type", "application/json; charset=utf-8"),
        Body::Text(text),
    )
}

/// An answer without a body.
pub fn empty(status: u16) -> Result<Response<Body>, Problem> {
    finish(Response::builder().status(status), Body::Empty)
}

/// A page of our own.
pub fn page(status: u16, page: &Page) -> Result<Response<Body>, Problem> {
    let mut response = finish(Response::builder().status(status), page.body())?;
    page.protect(response.headers_mut());
    Ok(response)
}

/// A redirection, with the cookies it sets.
pub fn see_other(location: &str, cookies: &[String]) -> Result<Response<Body>, Problem> {
    let builder = cookies
        .iter()
        .fold(Response::builder().status(303).header("location", location), |builder, cookie| {
            builder.header("set-cookie", cookie)
        });
    finish(builder, Body::Empty)
}

/// Adds cookies to an answer.
pub fn with_cookies(
    mut response: Response<Body>,
    cookies: &[String],
) -> Result<Response<Body>, Problem> {
    for cookie in cookies {
        let value =
            http::HeaderValue::from_str(cookie).map_err(|error| Problem::internal(&error))?;
        response.headers_mut().append("set-cookie", value);
    }
    Ok(response)
}

/// Adds the headers that every answer carries.
fn finish(builder: http::response::Builder, body: Body) -> Result<Response<Body>, Problem> {
    builder
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff")
        .body(body)
        .map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests;
