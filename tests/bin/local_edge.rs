//! Stands where CloudFront stands on AWS: one origin for pages, API and public files; beside it the store's fault proxy.
//!
//! Usage: `local-edge FILE`, where FILE holds `KEY=VALUE` lines as `cargo xtask up` writes them to `.local/env`.
//! `127.0.0.1` is the portal, `localhost` the simulated identity provider, registries and consular system: two sites, so that cookie rules bite as in production.
#![expect(
    clippy::print_stderr,
    reason = "a program of the command line: its errors go to the person who started it"
)]

use std::collections::HashMap;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use aws_config::{BehaviorVersion, Region};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use edge::origin::ORIGIN_SECRET_HEADER;
use harness::fault_proxy::{self, Faults};
use harness::signing::{self, Signer};
use outside::clock;
use tokio::net::TcpListener;

/// The gateway refuses longer bodies.
const LONGEST_BODY: usize = 10 * 1024 * 1024;

/// Headers that concern one connection, or that the two HTTP libraries write themselves.
const OF_THE_CONNECTION: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local-edge: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("usage: local-edge FILE")?;
    let settings = Settings::read(Path::new(&file))?;
    let store = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.number("STORE_PORT")?)).await?;
    let upstream = settings.text("AWS_ENDPOINT_URL")?.trim_start_matches("http://").to_owned();
    let port = settings.number("EDGE_PORT")?;
    let portal = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let edge = Router::new().fallback(answer).with_state(Arc::new(Edge::new(&settings).await?));
    let edge = edge.into_make_service_with_connect_info::<SocketAddr>();
    // `localhost` may mean ::1 first; a machine without IPv6 does without.
    if let Ok(portal) = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        let edge = edge.clone();
        tokio::spawn(async move { axum::serve(portal, edge).await });
    }
    tokio::select! {
        ended = axum::serve(portal, edge) => ended?,
        ended = fault_proxy::serve(store, upstream, Faults::default()) => ended?,
    }
    Ok(())
}

struct Settings(HashMap<String, String>);

impl Settings {
    fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        let pair = |line: &str| {
            line.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()))
        };
        Ok(Self(text.lines().filter_map(pair).collect()))
    }

    fn text(&self, key: &str) -> Result<&str, String> {
        self.0
            .get(key)
            .map(String::as_str)
            .ok_or_else(|| format!("{key} is missing: run `cargo xtask up` again"))
    }

    fn number(&self, key: &str) -> Result<u16, String> {
        self.text(key)?.parse().map_err(|_| format!("{key} is not a port"))
    }
}

struct Edge {
    client: reqwest::Client,
    portal: String,
    simulators: String,
    facts: String,
    /// The bucket of the pages, where publish-facts fills them (ADR 36).
    site: String,
    /// What CloudFront shows to the API, so that the hop it wrote is believed.
    origin_secret: HeaderValue,
    /// CloudFront signs what it reads from a bucket (origin access control).
    signer: Signer,
    letters: String,
    /// The messages that the simulated certified provider took; none where SES stands in for it.
    certified: Option<String>,
    /// Where the certified mailboxes of the demo people can be read: another site than the portal.
    mailbox: String,
    /// What pages may load and whom they may ask, as in the template's policy; files go to the emulator's buckets.
    policy: String,
    pages: PathBuf,
}

impl Edge {
    async fn new(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let endpoint = settings.text("AWS_ENDPOINT_URL")?;
        let sdk = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(settings.text("AWS_REGION")?.to_owned()))
            .endpoint_url(endpoint)
            .credentials_provider(signing::owner())
            .load()
            .await;
        let origin_secret = outside::aws::secret(&sdk, settings.text("ORIGIN_SECRET_ID")?).await?;
        let api = |id: &str| format!("{endpoint}/_aws/execute-api/{id}/$default");
        Ok(Self {
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .build()?,
            portal: api(settings.text("PORTAL_API_ID")?),
            simulators: api(settings.text("SIMULATOR_API_ID")?),
            facts: format!("{endpoint}/{}", settings.text("FACTS_BUCKET")?),
            site: format!("{endpoint}/{}", settings.text("SITE_BUCKET")?),
            origin_secret: HeaderValue::from_bytes(&origin_secret)?,
            signer: Signer::new(settings.text("AWS_REGION")?),
            letters: format!("{endpoint}/_ministack/ses/messages"),
            certified: settings.text("PEC_PROVIDER_URL").ok().map(|url| format!("{url}/messages")),
            mailbox: format!("http://localhost:{}/posta", settings.number("EDGE_PORT")?),
            policy: policy(endpoint),
            pages: settings.text("PAGES")?.into(),
        })
    }
}

async fn answer(
    State(edge): State<Arc<Edge>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let host =
        request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let path = request.uri().path();
    let under = |folder: &str| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if climbs(path) {
        return (StatusCode::BAD_REQUEST, "L'indirizzo non può contenere «.» o «..».")
            .into_response();
    }
    match host {
        "127.0.0.1" if under("/api") => {
            pass_on(&edge, &edge.portal, None, peer.ip(), request).await
        }
        "127.0.0.1" if !reads => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        "127.0.0.1" if under("/facts") => {
            let mut fact = pass_on(&edge, &edge.facts, Some("s3"), peer.ip(), request).await;
            fact.headers_mut().insert(CLOCK, HeaderValue::from(clock::wall().as_millisecond()));
            fact
        }
        "127.0.0.1" if path == "/posta" => Redirect::temporary(&edge.mailbox).into_response(),
        "127.0.0.1" => page(&edge, path).await,
        "localhost" if under("/identity") || under("/registries") || under("/consulate") => {
            pass_on(&edge, &edge.simulators, None, peer.ip(), request).await
        }
        "localhost" if reads && path == "/posta" => mailbox(&edge).await,
        "localhost" => StatusCode::NOT_FOUND.into_response(),
        _ => StatusCode::MISDIRECTED_REQUEST.into_response(),
    }
}

/// The edge's clock in milliseconds, at each public file: pages count down to an opening by it (NEW-7).
const CLOCK: HeaderName = HeaderName::from_static("x-clock-ms");

/// No page loads or asks anything but the portal and, for files of people, the buckets.
fn policy(buckets: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self' {buckets}; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}

/// Whether a path leads out of the folder under which it begins, once the client that passes it on has put it in order:
/// `/api/../_ministack/…` would reach the emulator's own pages.
fn climbs(path: &str) -> bool {
    let path = path.to_ascii_lowercase().replace("%2e", ".");
    path.split(['/', '\\']).any(|part| part == "." || part == "..")
}

/// `signed_for` is the service that wants the edge's own signature, as a bucket does that only the edge may read.
async fn pass_on(
    edge: &Edge,
    upstream: &str,
    signed_for: Option<&str>,
    peer: IpAddr,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, r#"{"message":"Request Too Long"}"#)
            .into_response();
    };
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut headers = without_connection(&head.headers);
    append_hop(&mut headers, peer);
    // Whatever the viewer wrote there is replaced, as CloudFront does with the headers of an origin.
    headers.remove(ORIGIN_SECRET_HEADER);
    headers.remove("x-forwarded-proto");
    if upstream == edge.portal {
        headers.insert(ORIGIN_SECRET_HEADER, edge.origin_secret.clone());
    }
    let onward =
        edge.client.request(head.method, format!("{upstream}{path}")).headers(headers).body(body);
    let mut onward = match onward.build() {
        Ok(onward) => onward,
        Err(error) => return unreachable(&error),
    };
    if let Some(service) = signed_for
        && let Err(deviation) = edge.signer.sign(service, &mut onward)
    {
        eprintln!("local-edge: no signature: {}", deviation.what());
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let sent = edge.client.execute(onward).await;
    let reply = match sent {
        Ok(reply) => reply,
        Err(error) => return unreachable(&error),
    };
    let (status, headers) = (reply.status(), without_connection(reply.headers()));
    match reply.bytes().await {
        Ok(body) => (status, headers, Body::from(body)).into_response(),
        Err(error) => unreachable(&error),
    }
}

/// The error's text names an address of this machine and nothing of the request's body or headers.
fn unreachable(error: &reqwest::Error) -> Response {
    eprintln!("local-edge: the emulator does not answer: {error}");
    (StatusCode::BAD_GATEWAY, "L'emulatore non risponde: `cargo xtask up` lo riavvia.")
        .into_response()
}

/// Several lines of one name, such as `Set-Cookie`, stay several.
fn without_connection(headers: &HeaderMap) -> HeaderMap {
    headers
        .iter()
        .filter(|(name, _)| !OF_THE_CONNECTION.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// CloudFront appends the viewer's address to what the viewer sent.
fn append_hop(headers: &mut HeaderMap, peer: IpAddr) {
    const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
    let before: Vec<&str> =
        headers.get_all(FORWARDED).iter().filter_map(|value| value.to_str().ok()).collect();
    let peer = peer.to_string();
    let hops = before.into_iter().chain([peer.as_str()]).collect::<Vec<_>>().join(", ");
    if let Ok(hops) = HeaderValue::from_str(&hops) {
        headers.insert(FORWARDED, hops);
    }
}

/// A letter as the emulator kept it, or as it is shown.
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Letter {
    to: Vec<String>,
    subject: String,
    #[serde(default)]
    body_text: Option<String>,
    #[serde(skip)]
    files: Vec<String>,
}

/// Ordinary mail and PEC, each oldest first.
async fn letters(edge: &Edge) -> Result<[Vec<Letter>; 2], reqwest::Error> {
    #[derive(serde::Deserialize)]
    struct Kept {
        messages: HashMap<String, Vec<Letter>>,
    }
    #[derive(serde::Deserialize)]
    struct Taken {
        to: Vec<String>,
        subject: String,
        body: String,
        attachments: Vec<File>,
    }
    #[derive(serde::Deserialize)]
    struct File {
        name: String,
    }
    let kept: Kept = edge.client.get(&edge.letters).send().await?.json().await?;
    let taken: Vec<Taken> = match &edge.certified {
        Some(certified) => edge.client.get(certified).send().await?.json().await?,
        None => Vec::new(),
    };
    let certified = taken.into_iter().map(|message| Letter {
        to: message.to,
        subject: format!("PEC: {}", message.subject),
        body_text: Some(message.body),
        files: message.attachments.into_iter().map(|file| file.name).collect(),
    });
    Ok([kept.messages.into_values().flatten().collect(), certified.collect()])
}

/// All letters that left, PEC first, each newest first: locally they reach no real mailbox.
async fn mailbox(edge: &Edge) -> Response {
    let [mail, certified] = match letters(edge).await {
        Ok(letters) => letters,
        Err(error) => return unreachable(&error),
    };
    let mut html = String::from(MAILBOX);
    if mail.is_empty() && certified.is_empty() {
        html.push_str("<p>Non è ancora partito nessun messaggio.</p>");
    }
    let newest = |letters: Vec<Letter>| letters.into_iter().rev().take(MOST_LETTERS);
    for letter in newest(certified).chain(newest(mail)) {
        for (before, text) in [
            ("<article><h2>", letter.subject.as_str()),
            ("</h2><p>A: ", &letter.to.join(", ")),
            ("</p><pre>", letter.body_text.as_deref().unwrap_or_default()),
        ] {
            html.push_str(before);
            html.push_str(&escaped(text));
        }
        html.push_str("</pre>");
        if !letter.files.is_empty() {
            html.push_str("<p>Allegati: ");
            html.push_str(&escaped(&letter.files.join(", ")));
            html.push_str("</p>");
        }
        html.push_str("</article>");
    }
    html.push_str("</html>");
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The built site, as CloudFront shows it: a file, else the page that was written for this address, else, for an address
/// without a dot, the shell of all other pages.
async fn page(edge: &Edge, path: &str) -> Response {
    let asked = Path::new(path.trim_matches('/'));
    if !asked.components().all(|part| matches!(part, Component::Normal(_))) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    let candidates = if is_file {
        vec![asked.to_owned()]
    } else {
        vec![asked.join("index.html"), PathBuf::from("app.html")]
    };
    for file in candidates {
        if let Some(body) = stored(edge, &file).await {
            return site_file(&file, body, &edge.policy);
        }
    }
    if path == "/" {
        return (StatusCode::NOT_FOUND, NO_SITE).into_response();
    }
    (StatusCode::NOT_FOUND, "Pagina non trovata.").into_response()
}

/// A file of the site. Pages come from their bucket, where their regions are filled; what has a fingerprint in its name is the
/// same in the folder of the build, which answers sooner, and an open page still finds its older ones in the bucket.
async fn stored(edge: &Edge, file: &Path) -> Option<Vec<u8>> {
    let built = tokio::fs::read(edge.pages.join(file));
    if file.starts_with("assets") {
        if let Ok(built) = built.await {
            return Some(built);
        }
        return in_bucket(edge, file).await;
    }
    match in_bucket(edge, file).await {
        Some(stored) => Some(stored),
        None => built.await.ok(),
    }
}

async fn in_bucket(edge: &Edge, file: &Path) -> Option<Vec<u8>> {
    let mut request = edge.client.get(format!("{}/{}", edge.site, file.display())).build().ok()?;
    edge.signer.sign("s3", &mut request).ok()?;
    let found = edge.client.execute(request).await.ok()?;
    let found = found.error_for_status().ok()?;
    Some(found.bytes().await.ok()?.to_vec())
}

/// A file of the site with the headers that CloudFront adds: names with a fingerprint are kept for good, and the policy rules
/// pages alone.
fn site_file(file: &Path, body: Vec<u8>, policy: &str) -> Response {
    let is_page = file.extension().is_some_and(|extension| extension == "html");
    let kept = if file.starts_with("assets") {
        "public, max-age=31536000, immutable"
    } else {
        "public, max-age=60"
    };
    let mut response = (
        [
            (header::CONTENT_TYPE, content_type(file)),
            (header::CACHE_CONTROL, kept),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        body,
    )
        .into_response();
    let headers = response.headers_mut();
    if is_page {
        if let Ok(policy) = HeaderValue::from_str(policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
        headers.insert(
            "permissions-policy",
            HeaderValue::from_static("camera=(self), geolocation=(), microphone=()"),
        );
    }
    response
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// How many letters of each way the page of the mailboxes shows.
const MOST_LETTERS: usize = 100;

/// The head of the mailboxes' page.
const MAILBOX: &str = r#"<!doctype html>
<html lang="it">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Caselle di prova</title>
<style>body { font: 1.1rem/1.5 sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem } pre { white-space: pre-wrap }</style>
<h1>Caselle di prova</h1>
<p>PEC e poi messaggi partiti, dal più recente. In locale non raggiungono nessuno.</p>
"#;

/// What a developer reads who has not built the site.
const NO_SITE: &str =
    "Il sito non è stato costruito: `cargo xtask dev` lo costruisce se c'è Node 20 o successivo.";
