//! A wire to the store that fails as wires and stores do: some requests are refused, some lose their connection or their
//! answer, before or after the store has carried them out, and for a while the store is away (SUB-5).
//!
//! Which requests suffer is counted out and not drawn: each fault comes as often as it is said to, and a small run has all.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response, body::Incoming, http::request::Parts, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::{JoinHandle, JoinSet},
};

use crate::{
    Broken,
    raw::{Connection, UPDATE},
};

/// Connections that may wait to be taken up.
const BACKLOG: u32 = 1_024;
/// How long no answer comes: a second more than a function waits for one (`outside::aws::configuration`).
const SILENCE: Duration = Duration::from_secs(4);
/// How often a function asks before it gives up: a store that refuses at once, and one that is silent (`store::retry`).
const TRIES: u32 = 4;
const SILENT_TRIES: u32 = 2;
/// Headers of a connection's own.
const OF_A_CONNECTION: [&str; 3] = ["host", "content-length", "connection"];

/// What may become of a request.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Fault {
    /// The store says that it is too much at once; nothing is written.
    Throttle,
    /// The store says that a transaction holds the item; nothing is written.
    Conflict,
    /// The store says that it is ill, with status 500; nothing is written.
    Server,
    /// The connection ends before the store hears of the request.
    CutBefore,
    /// The store carries the request out; the connection ends before the answer.
    CutAfter,
    /// The store carries the request out; no answer comes for longer than a function waits for one.
    Silence,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Throttle,
        Self::Conflict,
        Self::Server,
        Self::CutBefore,
        Self::CutAfter,
        Self::Silence,
    ];

    /// Under which key a run counts it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Throttle => "faults_throttled",
            Self::Conflict => "faults_conflicts",
            Self::Server => "faults_5xx",
            Self::CutBefore => "faults_cut_before",
            Self::CutAfter => "faults_cut_after",
            Self::Silence => "faults_timeouts",
        }
    }

    /// Requests in a row that make a function give up.
    const fn tries(self) -> u32 {
        match self {
            Self::Silence => SILENT_TRIES,
            _ => TRIES,
        }
    }

    /// The store's answer, where it has one.
    const fn refusal(self) -> Option<(u16, &'static str, &'static str)> {
        match self {
            Self::Throttle => Some((
                400,
                "ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded.",
            )),
            Self::Conflict => {
                Some((400, "TransactionConflictException", "Transaction is ongoing for the item"))
            }
            Self::Server => Some((
                500,
                "InternalServerError",
                "The request processing has failed because of an unknown error.",
            )),
            Self::CutBefore | Self::CutAfter | Self::Silence => None,
        }
    }
}

/// Which requests suffer, and which did.
#[derive(Debug)]
struct Suffering {
    /// Of so many requests each fault meets one, and one more application until the function gives it up.
    of_each: u64,
    asked: u64,
    /// Applications whose next requests suffer: so many of them.
    persisting: HashMap<String, (Fault, u32)>,
    injected: BTreeMap<Fault, u64>,
}

impl Suffering {
    fn new(of_each: u64) -> Self {
        Self { of_each, asked: 0, persisting: HashMap::new(), injected: BTreeMap::new() }
    }

    /// What becomes of the next request, which is about an application or about none.
    fn next(&mut self, application: Option<&str>) -> Option<Fault> {
        if let Some((fault, left)) = application.and_then(|id| self.persisting.get_mut(id))
            && *left > 0
        {
            *left -= 1;
            return Some(*fault);
        }
        let number = self.asked;
        self.asked += 1;
        let (fault, persists) = due(number, self.of_each)?;
        if let Some(id) = application.filter(|_| persists) {
            self.persisting.insert(id.to_owned(), (fault, fault.tries() - 1));
        }
        Some(fault)
    }
}

/// What is due to a request by its number, and whether it persists until a function gives up: twice each fault, spread over
/// `of_each` requests.
fn due(number: u64, of_each: u64) -> Option<(Fault, bool)> {
    let faults = || Fault::ALL.into_iter().flat_map(|fault| [(fault, false), (fault, true)]);
    let pause = (of_each / 13).max(1);
    let place = number % of_each.max(1);
    let nth = usize::try_from(place / pause).ok()?.checked_sub(1)?;
    faults().nth(nth).filter(|_| place.is_multiple_of(pause))
}

struct Shared {
    store: SocketAddr,
    idle: Mutex<Vec<Connection>>,
    suffering: Mutex<Suffering>,
    absence: Mutex<Option<(Instant, Instant)>>,
}

/// A lock that nobody leaves in disorder.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running wire.
pub struct FaultyWire {
    endpoint: String,
    shared: Arc<Shared>,
    leaves: UnboundedSender<Duration>,
    server: JoinHandle<Result<(), Broken>>,
}

impl std::fmt::Debug for FaultyWire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "FaultyWire({})", self.endpoint)
    }
}

impl Drop for FaultyWire {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl FaultyWire {
    /// Opens it in front of a store; of `of_each` requests each fault meets one, and one more application until the function
    /// gives it up.
    ///
    /// # Errors
    /// No port is free.
    pub fn open(store: SocketAddr, of_each: u64) -> Result<Self, Broken> {
        let shared = Arc::new(Shared {
            store,
            idle: Mutex::default(),
            suffering: Mutex::new(Suffering::new(of_each)),
            absence: Mutex::default(),
        });
        let listener = bound(SocketAddr::from(([127, 0, 0, 1], 0)))?.listen(BACKLOG)?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let (leaves, orders) = unbounded_channel();
        let server = tokio::spawn(serve(shared.clone(), listener, orders));
        Ok(Self { endpoint, shared, leaves, server })
    }

    /// Where it listens, as an endpoint.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// From an instant on the store is away for a while: open connections end, and nobody gets a new one.
    pub fn leave(&self, at: Instant, lasts: Duration) {
        let leaves = self.leaves.clone();
        tokio::spawn(async move {
            tokio::time::sleep_until(at.into()).await;
            // Whoever is gone by then has no store to be away from.
            let _ = leaves.send(lasts);
        });
    }

    /// From when to when the store was away; none where it was not, or is not back.
    pub fn absence(&self) -> Option<(Instant, Instant)> {
        *lock(&self.shared.absence)
    }

    /// How often each fault was injected; those after the store has carried a write out only where it did.
    pub fn injected(&self) -> BTreeMap<Fault, u64> {
        lock(&self.shared.suffering).injected.clone()
    }
}

/// A port that is held. Nobody is answered there before it listens: the kernel refuses whoever comes.
fn bound(address: SocketAddr) -> Result<TcpSocket, Broken> {
    let socket = TcpSocket::new_v4()?;
    // The port is the same after an absence, though connections of before linger.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn serve(
    shared: Arc<Shared>,
    mut listener: TcpListener,
    mut leaves: UnboundedReceiver<Duration>,
) -> Result<(), Broken> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                stream.set_nodelay(true)?;
                connections.spawn(converse(stream, shared.clone()));
            }
            Some(lasts) = leaves.recv() => {
                let address = listener.local_addr()?;
                drop(listener);
                let held = bound(address)?;
                connections.shutdown().await;
                let left = Instant::now();
                tokio::time::sleep(lasts).await;
                *lock(&shared.absence) = Some((left, Instant::now()));
                listener = held.listen(BACKLOG)?;
            }
            // What has ended is put away.
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Speaks with a function over one connection until it ends, by the function or by a fault.
async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| pass(shared.clone(), request));
    // A connection that breaks concerns its two ends only.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// The answer to one request; an error ends the connection without one.
async fn pass(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Broken> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let application = application(&body);
    let fault = lock(&shared.suffering).next(application.as_deref());
    let Some(fault) = fault else {
        let (status, body) = ask(&shared, &head, body).await?;
        return answer(status, body);
    };
    if let Some((status, kind, message)) = fault.refusal() {
        count(&shared, fault);
        let kind = format!("com.amazonaws.dynamodb.v20120810#{kind}");
        return answer(status, json!({ "__type": kind, "message": message }).to_string().into());
    }
    if fault == Fault::CutBefore {
        count(&shared, fault);
        return Err("cut before the store hears of it".into());
    }
    let is_write = head.headers.get("x-amz-target").is_some_and(|target| target == UPDATE);
    let (status, _) = ask(&shared, &head, body).await?;
    if is_write && status == 200 {
        count(&shared, fault);
    }
    if fault == Fault::Silence {
        tokio::time::sleep(SILENCE).await;
    }
    Err("cut before the answer".into())
}

fn count(shared: &Shared, fault: Fault) {
    *lock(&shared.suffering).injected.entry(fault).or_default() += 1;
}

/// The application whose row a request names, if it is one row of one.
fn application(body: &[u8]) -> Option<String> {
    let request: Value = serde_json::from_slice(body).ok()?;
    let key = request.get("Key")?.get("pk")?.get("S")?.as_str()?;
    key.strip_prefix("APP#").map(str::to_owned)
}

async fn ask(shared: &Shared, head: &Parts, body: Bytes) -> Result<(u16, Bytes), Broken> {
    let headers: Vec<(&str, &str)> = head
        .headers
        .iter()
        .filter(|(name, _)| !OF_A_CONNECTION.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let idle = lock(&shared.idle).pop();
    let mut connection = match idle {
        Some(connection) => connection,
        None => Connection::open(shared.store).await?,
    };
    let answer = connection.send(head.method.as_str(), head.uri.path(), &headers, body).await?;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await?.to_bytes();
    lock(&shared.idle).push(connection);
    Ok((status, body))
}

fn answer(status: u16, body: Bytes) -> Result<Response<Full<Bytes>>, Broken> {
    let answer =
        Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    Ok(answer.body(Full::new(body))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One request of a hundred for each fault, and one application of a hundred until the function gives it up.
    #[test]
    fn each_fault_comes_as_often_as_it_is_said_to() {
        let mut suffering = Suffering::new(100);
        let mut met: BTreeMap<Fault, u32> = BTreeMap::new();
        for number in 0..1_000 {
            let id = number.to_string();
            if let Some(fault) = suffering.next(Some(&id)) {
                *met.entry(fault).or_default() += 1;
            }
        }
        assert_eq!(met, BTreeMap::from(Fault::ALL.map(|fault| (fault, 20))));
    }

    #[test]
    fn a_fault_that_persists_meets_an_application_until_the_function_gives_it_up() {
        let mut suffering = Suffering::new(13);
        // The next turn is that of a conflict that persists.
        for number in 0..4 {
            suffering.next(Some(&number.to_string()));
        }
        assert_eq!(suffering.next(Some("one")), Some(Fault::Conflict));
        for _ in 1..TRIES {
            assert_eq!(suffering.next(Some("one")), Some(Fault::Conflict));
        }
        assert_eq!(suffering.asked, 5, "what persists takes nobody else's turn");
        assert_eq!(suffering.next(Some("one")), Some(Fault::Server), "its own turn comes again");
    }

    #[test]
    fn what_names_no_application_suffers_once() {
        let mut suffering = Suffering::new(13);
        let met: Vec<_> = (0..4).map(|_| suffering.next(None)).collect();
        let throttle = Some(Fault::Throttle);
        assert_eq!(met, [None, throttle, throttle, Some(Fault::Conflict)]);
        assert!(suffering.persisting.is_empty());
    }

    #[test]
    fn the_application_of_a_submission_is_found() {
        let body = crate::raw::submission("t", "acc_1", "demo", "m");
        assert_eq!(application(body.as_bytes()).as_deref(), Some("APPLICATION"));
        assert_eq!(application(b"{}"), None);
    }

    /// Whoever asks while the store is away is refused by the kernel, and heard again at the same address afterwards.
    #[tokio::test]
    async fn a_store_that_is_away_refuses_connections_and_is_back_at_the_same_address() {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
        let wire = FaultyWire::open(nowhere, 1_000).unwrap();
        let address: SocketAddr = wire.endpoint().strip_prefix("http://").unwrap().parse().unwrap();
        TcpStream::connect(address).await.unwrap();
        wire.leave(Instant::now(), Duration::from_millis(200));
        let mut refused = 0;
        while wire.absence().is_none() {
            refused += u32::from(TcpStream::connect(address).await.is_err());
            tokio::task::yield_now().await;
        }
        assert!(refused > 0);
        // The kernel holds whoever comes between the end of the absence and the first listening.
        while TcpStream::connect(address).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}
