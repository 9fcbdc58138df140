//! Stands where Lambda's Runtime API stands: hands each waiting event to the process that asks first, and keeps the answer.
//!
//! A process asks again only after its answer, so each has one invocation at a time, as on Lambda. Events wait in the order
//! in which they came, whether or not a process is free: the load does not slow down because the function does.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt as _,
};
use outside::clock;
use tokio::{
    net::TcpListener,
    sync::{
        Semaphore,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
};

use crate::Broken;

/// How long any answer may take before the machine is taken to be broken.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// How long an invocation may take, as its deadline says.
const DEADLINE: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// What a function made of an event.
#[derive(Debug)]
pub struct Done {
    /// Which event: as the caller numbered it.
    pub tag: usize,
    /// When it was handed to a process.
    pub begun: Instant,
    /// When its answer came.
    pub ended: Instant,
    /// The function's answer; none where it ended with an error.
    pub answer: Option<Bytes>,
}

struct Waiting {
    tag: usize,
    event: Bytes,
}

#[derive(Default)]
struct Tray {
    waiting: VecDeque<Waiting>,
    running: HashMap<u64, (usize, Instant)>,
}

struct Shared {
    tray: Mutex<Tray>,
    /// One permit for each waiting event.
    events: Semaphore,
    number: AtomicU64,
    done: UnboundedSender<Done>,
}

impl Shared {
    fn tray(&self) -> MutexGuard<'_, Tray> {
        self.tray.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The Runtime API of the processes of one function.
pub struct Desk {
    address: String,
    shared: Arc<Shared>,
    done: UnboundedReceiver<Done>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Desk({})", self.address)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Desk {
    /// Opens a Runtime API on a port of its own.
    pub async fn open() -> Result<Self, Broken> {
        let (sender, done) = unbounded_channel();
        let shared = Arc::new(Shared {
            tray: Mutex::default(),
            events: Semaphore::new(0),
            number: AtomicU64::new(1),
            done: sender,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        // The answer to `next` goes out in two writes; with Nagle's algorithm the second would wait for an acknowledgement.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let invocation = "/2018-06-01/runtime/invocation";
        let routes = Router::new()
            .route(&format!("{invocation}/next"), get(next))
            .route(&format!("{invocation}/{{request}}/response"), post(answered))
            .route(&format!("{invocation}/{{request}}/error"), post(failed))
            .route("/2018-06-01/runtime/init/error", post(not_started))
            .with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { address, shared, done, server })
    }

    /// Where processes find it: the value of `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Lets an event wait for a process.
    pub fn push(&self, tag: usize, event: impl Into<Bytes>) {
        self.shared.tray().waiting.push_back(Waiting { tag, event: event.into() });
        self.shared.events.add_permits(1);
    }

    /// The next answer.
    ///
    /// # Errors
    /// None came within [`PATIENCE`].
    pub async fn done(&mut self) -> Result<Done, Broken> {
        let done = tokio::time::timeout(PATIENCE, self.done.recv()).await;
        done.map_err(|_| "a function gave no answer within a minute")?
            .ok_or_else(|| "the Runtime API is gone".into())
    }

    /// All these events and their answers, as these come, while nothing else waits: so many are under way at once, and each is
    /// written down when its turn comes. An answer's tag is the number of its event.
    ///
    /// # Errors
    /// An answer did not come within [`PATIENCE`].
    pub async fn ask_all(
        &mut self,
        events: impl Iterator<Item = String>,
        at_once: usize,
    ) -> Result<Vec<Done>, Broken> {
        let mut events = events.enumerate().fuse();
        let (mut answers, mut under_way) = (Vec::new(), 0);
        loop {
            while under_way < at_once
                && let Some((number, event)) = events.next()
            {
                self.push(number, event);
                under_way += 1;
            }
            if under_way == 0 {
                return Ok(answers);
            }
            answers.push(self.done().await?);
            under_way -= 1;
        }
    }

    /// One event and its answer, while nothing else waits.
    pub async fn ask(&mut self, event: impl Into<Bytes>) -> Result<Done, Broken> {
        self.push(0, event);
        self.done().await
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    // The semaphore is never closed.
    let Ok(permit) = shared.events.acquire().await else {
        return StatusCode::GONE.into_response();
    };
    permit.forget();
    let number = shared.number.fetch_add(1, Ordering::Relaxed);
    let event = {
        let mut tray = shared.tray();
        let Some(waiting) = tray.waiting.pop_front() else {
            return StatusCode::GONE.into_response();
        };
        tray.running.insert(number, (waiting.tag, Instant::now()));
        waiting.event
    };
    let deadline = (clock::wall() + DEADLINE).as_millisecond();
    let headers = [
        ("lambda-runtime-aws-request-id", format!("00000000-0000-4000-8000-{number:012}")),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-south-1:000000000000:function:bench".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn answered(
    State(shared): State<Arc<Shared>>,
    Path(request): Path<String>,
    body: Bytes,
) -> StatusCode {
    finish(&shared, &request, Some(body))
}

async fn failed(State(shared): State<Arc<Shared>>, Path(request): Path<String>) -> StatusCode {
    finish(&shared, &request, None)
}

/// The first event that waits goes without an answer: the caller hears of it instead of waiting for ever.
async fn not_started(State(shared): State<Arc<Shared>>) -> StatusCode {
    let first = shared.tray().waiting.pop_front();
    if let Some(waiting) = first {
        let now = Instant::now();
        // Whoever asked is gone only when the whole desk is.
        let _ = shared.done.send(Done { tag: waiting.tag, begun: now, ended: now, answer: None });
    }
    StatusCode::ACCEPTED
}

fn finish(shared: &Shared, request: &str, answer: Option<Bytes>) -> StatusCode {
    let ended = Instant::now();
    let number = request.rsplit('-').next().and_then(|number| number.parse().ok());
    let running = number.and_then(|number: u64| shared.tray().running.remove(&number));
    let Some((tag, begun)) = running else { return StatusCode::BAD_REQUEST };
    let _ = shared.done.send(Done { tag, begun, ended, answer });
    StatusCode::ACCEPTED
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events go out in the order in which they came, one to each asker, and each answer is that of its event.
    #[tokio::test]
    async fn each_asker_gets_the_next_event_and_its_answer_is_kept() {
        let mut desk = Desk::open().await.unwrap();
        for tag in [10, 11, 12] {
            desk.push(tag, format!("event {tag}"));
        }
        let shared = desk.shared.clone();
        for tag in [10_usize, 11, 12] {
            let response = next(State(shared.clone())).await;
            let id =
                response.headers()["lambda-runtime-aws-request-id"].to_str().unwrap().to_owned();
            let event = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
            assert_eq!(event, format!("event {tag}"));
            answered(State(shared.clone()), Path(id), Bytes::from(format!("answer {tag}"))).await;
            let done = desk.done().await.unwrap();
            assert_eq!((done.tag, done.answer.unwrap()), (tag, format!("answer {tag}").into()));
        }
    }

    #[tokio::test]
    async fn an_answer_to_nothing_is_refused() {
        let desk = Desk::open().await.unwrap();
        assert_eq!(
            finish(&desk.shared, "00000000-0000-4000-8000-000000000009", None),
            StatusCode::BAD_REQUEST
        );
    }
}
