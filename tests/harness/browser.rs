//! A browser of our own: cookies by the rules that protect them, `Origin` on changes, redirections one by one.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use reqwest::{
    Client, Method, Url,
    header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, ORIGIN, SET_COOKIE},
    redirect::Policy,
};
use serde_json::Value;

use crate::environment::local_client;
use crate::story::{Deviation, Story, StoryResult, ensure};

/// One person's browser with its own cookies. Clones share them, as tabs do.
#[derive(Clone, Debug)]
pub struct Browser {
    client: Client,
    portal: String,
    cookies: Arc<Mutex<Vec<Cookie>>>,
    story: Story,
}

#[derive(Clone, Debug)]
struct Cookie {
    host: String,
    name: String,
    value: String,
    same_site: SameSite,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SameSite {
    Strict,
    Lax,
}

/// Where a request comes from; cookies follow from it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum From {
    /// A page of the same site, or the address bar.
    Here,
    /// A link or form of another site, followed as a whole page.
    Elsewhere,
}

/// A request before it is sent.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    url: String,
    from: From,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Call {
    /// A request of a page of the same site.
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self { method, url: url.into(), from: From::Here, headers: Vec::new(), body: None }
    }

    /// The same, from another site.
    #[must_use]
    pub fn from(mut self, from: From) -> Self {
        self.from = from;
        self
    }

    /// With a header; `origin` replaces the browser's own.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With any body.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }
}

impl Browser {
    /// A browser without cookies.
    pub fn new(portal: &str, story: &Story) -> StoryResult<Self> {
        Self::from_address(portal, story, None)
    }

    /// A browser on a machine with an address of its own, which the edge sees: for limits by client.
    pub fn from_address(portal: &str, story: &Story, address: Option<IpAddr>) -> StoryResult<Self> {
        let client = local_client()
            .redirect(Policy::none())
            .local_address(address)
            .timeout(Duration::from_mins(1))
            .pool_max_idle_per_host(256)
            .build()?;
        Ok(Self {
            client,
            portal: portal.to_owned(),
            cookies: Arc::default(),
            story: story.clone(),
        })
    }

    /// Reads a path of the portal.
    pub async fn get(&self, path: &str) -> StoryResult<Answer> {
        self.send(Call::new(Method::GET, path)).await
    }

    /// Posts JSON to a path of the portal.
    pub async fn post(&self, path: &str, body: &Value) -> StoryResult<Answer> {
        self.send(Call::new(Method::POST, path).json(body)).await
    }

    /// Changes something at a path of the portal.
    pub async fn patch(&self, path: &str, body: &Value) -> StoryResult<Answer> {
        self.send(Call::new(Method::PATCH, path).json(body)).await
    }

    /// Deletes what is at a path of the portal.
    pub async fn delete(&self, path: &str) -> StoryResult<Answer> {
        self.send(Call::new(Method::DELETE, path)).await
    }

    /// Sends a request and keeps the cookies of its answer; follows nothing.
    pub async fn send(&self, call: Call) -> StoryResult<Answer> {
        let url = self.url(&call.url)?;
        let what = format!("{} {}", call.method, shown(&url));
        let mut request = self.client.request(call.method.clone(), url.clone());
        if call.method != Method::GET
            && !call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("origin"))
        {
            request = request.header(ORIGIN, origin(&url));
        }
        let cookies = self.cookies_for(&call, &url);
        if !cookies.is_empty()
            && !call.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cookie"))
        {
            request = request.header(COOKIE, cookies);
        }
        for (name, value) in &call.headers {
            // An empty origin stands for none at all: what a program sends that is no browser.
            if !(name.eq_ignore_ascii_case("origin") && value.is_empty()) {
                request = request.header(name, value);
            }
        }
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let begun = Instant::now();
        let response = request
            .send()
            .await
            .map_err(|error| self.story.deviation(format!("{what}: {}", chain(&error))))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        self.keep(&url, &headers);
        let body = response
            .bytes()
            .await
            .map_err(|error| self.story.deviation(format!("{what}: {}", chain(&error))))?;
        let took = begun.elapsed();
        let answer = Answer {
            what,
            status,
            headers,
            body: body.to_vec(),
            took,
            url,
            story: self.story.clone(),
        };
        self.story.tell(&answer);
        Ok(answer)
    }

    /// The value of a cookie of the portal.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let host = host(&self.portal);
        self.cookies()
            .iter()
            .find(|cookie| cookie.host == host && cookie.name == name)
            .map(|cookie| cookie.value.clone())
    }

    /// Puts a cookie of the portal where a page could not: for forged and expired tokens.
    pub fn plant_cookie(&self, name: &str, value: &str) {
        let host = host(&self.portal);
        let mut cookies = self.cookies();
        cookies.retain(|cookie| cookie.host != host || cookie.name != name);
        cookies.push(Cookie {
            host,
            name: name.to_owned(),
            value: value.to_owned(),
            same_site: SameSite::Strict,
        });
    }

    /// Forgets all cookies.
    pub fn forget(&self) {
        self.cookies().clear();
    }

    fn cookies(&self) -> std::sync::MutexGuard<'_, Vec<Cookie>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn url(&self, path: &str) -> StoryResult<Url> {
        let whole =
            if path.starts_with('/') { format!("{}{path}", self.portal) } else { path.to_owned() };
        Url::parse(&whole)
            .map_err(|error| self.story.deviation(format!("{whole} is no address: {error}")))
    }

    fn cookies_for(&self, call: &Call, url: &Url) -> String {
        let host = url.host_str().unwrap_or_default();
        let goes = |cookie: &Cookie| match (&call.from, cookie.same_site) {
            (From::Here, _) => true,
            // A whole page followed by a link carries Lax cookies; a form posted from elsewhere carries none.
            (From::Elsewhere, SameSite::Lax) => call.method == Method::GET,
            (From::Elsewhere, SameSite::Strict) => false,
        };
        let cookies = self.cookies();
        let pairs = cookies.iter().filter(|cookie| cookie.host == host && goes(cookie));
        pairs
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn keep(&self, url: &Url, headers: &HeaderMap) {
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut cookies = self.cookies();
        for line in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let mut parts = line.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let attributes: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
            let has = |attribute: &str| attributes.iter().any(|candidate| candidate == attribute);
            let is_bound = has("secure")
                && has("path=/")
                && !attributes.iter().any(|one| one.starts_with("domain="));
            // The prefix is a promise that browsers enforce: without its attributes the cookie is dropped.
            if name.starts_with("__Host-") && !is_bound {
                continue;
            }
            cookies.retain(|cookie| cookie.host != host || cookie.name != name);
            if !has("max-age=0") {
                // Browsers take Lax where a cookie says nothing.
                let same_site =
                    if has("samesite=strict") { SameSite::Strict } else { SameSite::Lax };
                cookies.push(Cookie {
                    host: host.clone(),
                    name: name.to_owned(),
                    value: value.to_owned(),
                    same_site,
                });
            }
        }
    }
}

/// What came back.
#[derive(Clone)]
pub struct Answer {
    what: String,
    /// HTTP status.
    pub status: u16,
    headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
    /// From sending to the last byte.
    pub took: Duration,
    url: Url,
    story: Story,
}

impl Answer {
    /// The answer, if it has this status.
    pub fn expect(self, status: u16) -> StoryResult<Self> {
        if self.status == status {
            Ok(self)
        } else {
            Err(self.deviation(format!("wanted {status}; the answer says {}", self.shown_body())))
        }
    }

    /// The answer, if it is this problem, in the form of problem documents.
    pub fn refused(self, status: u16, slug: &str) -> StoryResult<Self> {
        let answer = self.expect(status)?;
        let document = answer.json()?;
        let kind = answer.header("content-type").unwrap_or_default().to_owned();
        let text = |name: &str| {
            document.get(name).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
        };
        let tells = text("title")
            && text("detail")
            && text("request_id")
            && document.get("status") == Some(&status.into());
        if answer.problem().as_deref() != Some(slug) {
            return Err(answer.deviation(format!(
                "wanted the problem {slug}; the answer says {}",
                answer.shown_body()
            )));
        }
        if !kind.starts_with("application/problem+json") || !tells {
            return Err(answer.deviation(format!(
                "not a whole problem document ({kind}): {}",
                answer.shown_body()
            )));
        }
        Ok(answer)
    }

    /// The stable name of a problem.
    pub fn problem(&self) -> Option<String> {
        // Does not use `json`: its deviation shows this answer with its problem, and would call this again.
        let document: Value = serde_json::from_slice(&self.body).ok()?;
        document.get("type")?.as_str()?.rsplit('/').next().map(str::to_owned)
    }

    /// The fields that a problem complains about, with their codes, sorted.
    pub fn refused_fields(&self) -> Vec<(String, String)> {
        let document = self.json().unwrap_or_default();
        let errors = document.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
        let text = |error: &Value, name: &str| {
            error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let mut fields: Vec<_> =
            errors.iter().map(|error| (text(error, "field"), text(error, "code"))).collect();
        fields.sort();
        fields
    }

    /// The body as JSON.
    pub fn json(&self) -> StoryResult<Value> {
        serde_json::from_slice(&self.body)
            .map_err(|error| self.deviation(format!("not JSON ({error}): {}", self.shown_body())))
    }

    /// A text inside the body, by JSON pointer.
    pub fn text(&self, pointer: &str) -> StoryResult<String> {
        let body = self.json()?;
        let found = body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        found.ok_or_else(|| self.deviation(format!("no text at {pointer}: {}", self.shown_body())))
    }

    /// A number inside the body, by JSON pointer.
    pub fn number(&self, pointer: &str) -> StoryResult<i64> {
        let body = self.json()?;
        let found = body.pointer(pointer).and_then(Value::as_i64);
        found
            .ok_or_else(|| self.deviation(format!("no number at {pointer}: {}", self.shown_body())))
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Every line of `Set-Cookie`.
    pub fn set_cookies(&self) -> Vec<String> {
        self.headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .map(str::to_owned)
            .collect()
    }

    /// Where a redirection leads, as a whole address.
    pub fn location(&self) -> StoryResult<String> {
        let target = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let target = target.and_then(|target| self.url.join(target).ok());
        target.map(|url| url.to_string()).ok_or_else(|| self.deviation("no Location"))
    }

    /// A deviation at this answer.
    pub fn deviation(&self, what: impl fmt::Display) -> Deviation {
        self.story.deviation(format!("{self}: {what}"))
    }

    /// Fails unless no cache may keep the answer.
    pub fn is_kept_by_no_cache(&self) -> StoryResult {
        ensure(
            self.header("cache-control") == Some("no-store"),
            format!("{self}: may be kept by a cache"),
        )
    }

    fn shown_body(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let kind = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if text.is_empty() { format!("nothing ({kind})") } else { text.chars().take(900).collect() }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} → {}", self.what, self.status)?;
        if let Some(problem) = self.problem().filter(|_| self.status >= 400) {
            write!(formatter, " {problem}")?;
        }
        write!(formatter, " ({} ms)", self.took.as_millis())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}: {}", self.shown_body())
    }
}

/// Scheme, host and port of an address.
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn host(address: &str) -> String {
    Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// Queries hold codes and states that make a story hard to read.
fn shown(url: &Url) -> String {
    let query = if url.query().is_some() { "?…" } else { "" };
    format!(
        "{}{}{query}",
        url.host_str().filter(|host| *host != "127.0.0.1").unwrap_or_default(),
        url.path()
    )
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
