//! A proxy in front of DynamoDB that passes requests untouched and, on orders, plays throttles, conflicts, server errors, silence and cut connections.
//!
//! Orders come over its own admin routes: `POST /_faults`, `GET /_faults/{id}`, `DELETE /_faults[/{id}]`, `POST /_counts` (texts of which a request holds one: calls by operation), `POST /_reads` (read units are counted from now on), `GET /_reads`;
//! in one process with a test, [`Faults`] does the same.

use std::collections::{HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, io, process};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::read_units;

/// How long a silence lasts: a second more than a try (`outside::aws::configuration`).
const SILENCE: Duration = Duration::from_secs(4);

/// Requests remembered for counting. The oldest is forgotten first.
const REMEMBERED: usize = 8192;

/// Longest request line or header that is read, and longest body, in bytes. DynamoDB's own limit is 16 MiB.
const LONGEST_HEAD: usize = 64 * 1024;
const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// Whether a body holds one of several texts. Identifiers of one kind are looked up where that kind begins: hundreds of
/// them would else be searched for one by one.
fn one_of<'texts>(texts: &'texts [&'texts str]) -> impl Fn(&str) -> bool + 'texts {
    let wanted: HashSet<&str> = texts.iter().copied().collect();
    let length = texts.first().map_or(0, |text| text.len());
    let beginning = texts.first().and_then(|text| text.get(..4)).unwrap_or_default();
    let is_one_kind = !beginning.is_empty()
        && texts.iter().all(|text| text.len() == length && text.starts_with(beginning));
    move |body| {
        if is_one_kind {
            let mut places = body.match_indices(beginning);
            places
                .any(|(at, _)| body.get(at..at + length).is_some_and(|text| wanted.contains(text)))
        } else {
            texts.iter().any(|text| body.contains(text))
        }
    }
}

/// What the proxy does to a request that an order meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// 400 `ProvisionedThroughputExceededException`; nothing is written.
    Throttle,
    /// 400 `TransactionCanceledException` with `TransactionConflict` for each item, or `TransactionConflictException` for a single write; nothing is written.
    TransactionConflict,
    /// 500 `InternalServerError`; nothing is written.
    Internal,
    /// The connection ends before the store hears of the request.
    CutBefore,
    /// No answer for longer than our clients wait for one try; the store never hears of the request.
    Silence,
    /// The store carries the request out; the connection ends before its answer.
    CutAfter,
    /// The store carries the request out; the calling process is killed before it hears the answer. Linux only.
    KillCaller,
}

/// Which requests a fault meets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Name of a DynamoDB operation, such as `UpdateItem`.
    pub operation: String,
    /// Text that the request's body must hold, such as an application's id. Empty: every body.
    #[serde(default)]
    pub contains: String,
    /// The first matching request that is met, counted from 1.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many matching requests are met from then on.
    #[serde(default = "one")]
    pub times: u32,
    /// What happens to them.
    pub fault: Fault,
}

fn one() -> u32 {
    1
}

/// The orders and what was seen; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    orders: Vec<Standing>,
    seen: VecDeque<Arc<Seen>>,
    /// Half read units since somebody asked for them to be counted; none while nobody does.
    half_read_units: Option<u64>,
}

/// A request as it came.
#[derive(Debug)]
struct Seen {
    operation: String,
    body: String,
    /// What the SDK calls all tries of one call; empty where another client asked.
    call: String,
}

#[derive(Debug, Serialize)]
struct Standing {
    id: u64,
    #[serde(flatten)]
    order: Order,
    /// Matching requests so far.
    met: u32,
    /// Requests that suffered the fault so far.
    fired: u32,
}

impl Faults {
    /// Adds an order and returns its id.
    pub fn add(&self, order: Order) -> u64 {
        let mut state = self.lock();
        state.last_id += 1;
        let id = state.last_id;
        state.orders.push(Standing { id, order, met: 0, fired: 0 });
        id
    }

    /// How many requests suffered the order's fault; `None` when there is no such order.
    pub fn fired(&self, id: u64) -> Option<u32> {
        self.lock().orders.iter().find(|standing| standing.id == id).map(|standing| standing.fired)
    }

    /// Removes one order, or all.
    pub fn remove(&self, id: Option<u64>) {
        self.lock().orders.retain(|standing| id.is_some_and(|id| id != standing.id));
    }

    /// Operations of the remembered requests whose body holds one of `texts`, in order of arrival. What the SDK tried again,
    /// since no answer came in time, counts once: how slow the machine is says nothing about the caller.
    pub fn seen(&self, texts: &[&str]) -> Vec<String> {
        // Searched without the lock: thousands of bodies take seconds, and no request of the store may wait for that.
        let requests: Vec<_> = self.lock().seen.iter().cloned().collect();
        let holds_one = one_of(texts);
        let mut calls = HashSet::new();
        let found = requests.iter().filter(|request| holds_one(&request.body));
        let once = found.filter(|request| request.call.is_empty() || calls.insert(&request.call));
        once.map(|request| request.operation.clone()).collect()
    }

    /// Adds up read units from now on, from zero.
    pub fn begin_counting_reads(&self) {
        self.lock().half_read_units = Some(0);
    }

    /// Half read units since then; reads are not counted any more.
    pub fn half_read_units(&self) -> Option<u64> {
        self.lock().half_read_units.take()
    }

    fn count_reads(&self, operation: &str, request: &str, answer: &[u8]) {
        if self.lock().half_read_units.is_none() {
            return;
        }
        let request = serde_json::from_str(request).unwrap_or_default();
        let answer = serde_json::from_slice(answer).unwrap_or_default();
        let halves = read_units::halves(operation, &request, &answer);
        if let Some(counted) = &mut self.lock().half_read_units {
            *counted += halves;
        }
    }

    fn meet(&self, operation: &str, body: &str, call: &str) -> Option<Fault> {
        let mut state = self.lock();
        state.seen.push_back(Arc::new(Seen {
            operation: operation.to_owned(),
            body: body.to_owned(),
            call: call.to_owned(),
        }));
        if state.seen.len() > REMEMBERED {
            state.seen.pop_front();
        }
        let mut fault = None;
        for standing in &mut state.orders {
            if standing.order.operation == operation && body.contains(&standing.order.contains) {
                standing.met += 1;
                let due =
                    standing.met >= standing.order.nth && standing.fired < standing.order.times;
                if due && fault.is_none() {
                    standing.fired += 1;
                    fault = Some(standing.order.fault);
                }
            }
        }
        fault
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves until the listener fails. `upstream` is host and port of the store.
pub async fn serve(listener: TcpListener, upstream: String, faults: Faults) -> io::Result<()> {
    loop {
        let (client, peer) = listener.accept().await?;
        let (upstream, faults) = (upstream.clone(), faults.clone());
        // A connection that breaks concerns its two ends only.
        tokio::spawn(async move { converse(client, peer, &upstream, &faults).await.ok() });
    }
}

/// One message of HTTP/1.1: its head up to and with the empty line, and its body, as they came.
struct Message {
    head: String,
    body: Vec<u8>,
}

/// Speaks with one client; each of its connections has one of its own to the store, so that nothing is reordered.
async fn converse(
    client: TcpStream,
    peer: SocketAddr,
    upstream: &str,
    faults: &Faults,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    let ends = Ends { caller: peer.port(), ours: client.local_addr()?.port() };
    let mut client = BufReader::new(client);
    let mut store: Option<BufReader<TcpStream>> = None;
    while let Some(request) = read_message(&mut client).await? {
        let Some(answer) = treat(&request, ends, upstream, faults, &mut store).await? else {
            return Ok(());
        };
        client.write_all(answer.head.as_bytes()).await?;
        client.write_all(&answer.body).await?;
        if says_close(&request.head) || says_close(&answer.head) {
            return Ok(());
        }
    }
    Ok(())
}

/// The answer to one request; `None` when the connection is to end without one.
async fn treat(
    request: &Message,
    ends: Ends,
    upstream: &str,
    faults: &Faults,
    store: &mut Option<BufReader<TcpStream>>,
) -> io::Result<Option<Message>> {
    let body = String::from_utf8_lossy(&request.body);
    let Some(operation) = operation(&request.head) else {
        return Ok(Some(administer(&request.head, &body, faults)));
    };
    let call = header(&request.head, "amz-sdk-invocation-id").unwrap_or_default();
    let fault = faults.meet(&operation, &body, call);
    if fault == Some(Fault::Silence) {
        tokio::time::sleep(SILENCE).await;
    }
    if matches!(fault, Some(Fault::CutBefore | Fault::Silence)) {
        return Ok(None);
    }
    if let Some(answer) = fault.and_then(|fault| refusal(fault, &body)) {
        return Ok(Some(answer));
    }
    let lay_idle = store.is_some();
    let answer = match ask(store, upstream, request).await {
        Ok(answer) => answer,
        // The store closes connections that lay idle: once more on a new one, as it never read this request.
        Err(_) if lay_idle => {
            *store = None;
            ask(store, upstream, request).await?
        }
        Err(error) => return Err(error),
    };
    if says_close(&answer.head) {
        *store = None;
    }
    faults.count_reads(&operation, &body, &answer.body);
    match fault {
        Some(Fault::CutAfter) => Ok(None),
        Some(Fault::KillCaller) => kill_owner(ends).map(|()| None),
        _ => Ok(Some(answer)),
    }
}

async fn ask(
    store: &mut Option<BufReader<TcpStream>>,
    upstream: &str,
    request: &Message,
) -> io::Result<Message> {
    let connection = match store {
        Some(connection) => connection,
        None => {
            let connection = TcpStream::connect(upstream).await?;
            connection.set_nodelay(true)?;
            store.insert(BufReader::new(connection))
        }
    };
    connection.write_all(request.head.as_bytes()).await?;
    connection.write_all(&request.body).await?;
    read_message(connection).await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// `None` when the other end has nothing more to say.
async fn read_message(from: &mut BufReader<TcpStream>) -> io::Result<Option<Message>> {
    let mut head = String::new();
    loop {
        let before = head.len();
        if from.read_line(&mut head).await? == 0 {
            return if head.is_empty() {
                Ok(None)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
        if head.len() > LONGEST_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if head.get(before..).is_some_and(|line| line.trim_end().is_empty()) {
            break;
        }
    }
    let length = header(&head, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    // Neither the SDKs nor the emulator send DynamoDB messages in chunks.
    if length > LONGEST_BODY || header(&head, "transfer-encoding").is_some() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).await?;
    Ok(Some(Message { head, body }))
}

fn header<'head>(head: &'head str, name: &str) -> Option<&'head str> {
    head.lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

fn says_close(head: &str) -> bool {
    header(head, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
}

fn operation(head: &str) -> Option<String> {
    header(head, "x-amz-target")?.strip_prefix("DynamoDB_20120810.").map(str::to_owned)
}

/// The store's own answer to a request that it is made to refuse.
fn refusal(fault: Fault, body: &str) -> Option<Message> {
    let (status, kind, message) = match fault {
        Fault::Throttle => (
            "400 Bad Request",
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded.",
        ),
        Fault::TransactionConflict => (
            "400 Bad Request",
            "TransactionConflictException",
            "Transaction is ongoing for the item",
        ),
        Fault::Internal => (
            "500 Internal Server Error",
            "InternalServerError",
            "The request processing has failed because of an unknown error.",
        ),
        Fault::CutBefore | Fault::Silence | Fault::CutAfter | Fault::KillCaller => return None,
    };
    let items = serde_json::from_str::<Value>(body)
        .ok()
        .and_then(|body| body.get("TransactItems")?.as_array().map(Vec::len));
    let answer = match (fault, items) {
        (Fault::TransactionConflict, Some(items)) => json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": format!(
                "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
                vec!["TransactionConflict"; items].join(", ")
            ),
            "CancellationReasons": vec![json!({"Code": "TransactionConflict", "Message": message}); items],
        }),
        _ => {
            json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": message})
        }
    };
    Some(response(status, "application/x-amz-json-1.0", &answer))
}

fn administer(head: &str, body: &str, faults: &Faults) -> Message {
    let mut words = head.split_ascii_whitespace();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let id = path.strip_prefix("/_faults/").and_then(|id| id.parse().ok());
    let (status, answer) = match (method, path, id) {
        ("POST", "/_faults", _) => match serde_json::from_str(body) {
            Ok(order) => ("200 OK", json!({"id": faults.add(order)})),
            Err(error) => ("400 Bad Request", json!({"error": error.to_string()})),
        },
        ("GET", "/_faults", _) => ("200 OK", json!(faults.lock().orders)),
        ("GET", _, Some(id)) => match faults.fired(id) {
            Some(fired) => ("200 OK", json!({"fired": fired})),
            None => ("404 Not Found", json!({"error": "no such order"})),
        },
        ("DELETE", "/_faults", _) => {
            faults.remove(None);
            ("200 OK", json!({}))
        }
        ("DELETE", _, Some(id)) => {
            faults.remove(Some(id));
            ("200 OK", json!({}))
        }
        ("POST", "/_counts", _) => match serde_json::from_str::<Vec<&str>>(body) {
            Ok(texts) => {
                let mut counts = serde_json::Map::new();
                for operation in faults.seen(&texts) {
                    let count = counts.get(&operation).and_then(Value::as_u64).unwrap_or(0) + 1;
                    counts.insert(operation, json!(count));
                }
                ("200 OK", Value::Object(counts))
            }
            Err(error) => ("400 Bad Request", json!({"error": error.to_string()})),
        },
        ("POST", "/_reads", _) => {
            faults.begin_counting_reads();
            ("200 OK", json!({}))
        }
        ("GET", "/_reads", _) => ("200 OK", json!({"half_units": faults.half_read_units()})),
        _ => (
            "404 Not Found",
            json!({"error": "neither a DynamoDB request nor /_faults, /_counts, /_reads"}),
        ),
    };
    response(status, "application/json", &answer)
}

fn response(status: &str, content_type: &str, body: &Value) -> Message {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Message { head, body: body.into_bytes() }
}

/// The two ports of a loopback connection. One alone does not identify it: the same may be in use towards another port.
#[derive(Clone, Copy)]
struct Ends {
    caller: u16,
    ours: u16,
}

/// Kills the process at the other end of a loopback connection, as the platform kills a function that has run out of time.
fn kill_owner(ends: Ends) -> io::Result<()> {
    let owner = owner(ends).filter(|owner| *owner != process::id().to_string());
    let owner = owner.ok_or_else(|| io::Error::other("no other process owns the connection"))?;
    // The workspace forbids unsafe code, and the standard library signals only its own children.
    process::Command::new("kill").args(["-KILL", &owner]).status().map(|_| ())
}

/// Process id of the owner of the connection's other end: its socket's inode, then who holds it.
fn owner(ends: Ends) -> Option<String> {
    let [local, remote] = [ends.caller, ends.ours].map(|port| format!(":{port:04X}"));
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| {
        fs::read_to_string(table).ok()?.lines().find_map(|line| {
            let mut columns = line.split_ascii_whitespace();
            (columns.nth(1)?.ends_with(&local)
                && columns.next()?.ends_with(&remote)
                && columns.next()? == "01")
                .then(|| columns.nth(5).map(str::to_owned))?
        })
    })?;
    let socket = format!("socket:[{inode}]");
    let holds = |process: &fs::DirEntry| {
        fs::read_dir(process.path().join("fd")).is_ok_and(|open| {
            open.flatten().any(|file| {
                fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == socket.as_str())
            })
        })
    };
    fs::read_dir("/proc").ok()?.flatten().find(holds)?.file_name().into_string().ok()
}
