//! How record-history hears of what was sent, as in the portal: the store's stream, relay-changes, a queue; and
//! reconcile-pending, which sends again what the stream lost (SUB-5, RNK-4).

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::ids::ApplicationId;
use outside::queue::{Message, Queue};
use serde_json::{Value, json};
use store::keys;
use tokio::{
    net::TcpListener,
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    task::JoinHandle,
};

use crate::{
    Broken,
    crowd::SMALL,
    desk::Desk,
    fleet::{Fleet, Program},
    ground::Ground,
    raw::Connection,
    report::Report,
    rush::Rush,
    statistics::{milliseconds, number},
    stress::Site,
};

/// Records of one event: the template's `BatchSize`.
const RECORDS: usize = 100;
/// Records of one request to the stream: DynamoDB gives no more.
const PAGE: usize = 1_000;
/// Between two looks at a stream that had nothing new: Lambda looks four times a second.
const LOOK: Duration = Duration::from_millis(250);
/// Processes of relay-changes; events of one shard under way at once are twice as many. The template allows ten.
const RELAYS: usize = 2;
/// How often the stream delivers a batch before something is taken to be broken.
const MOST_TRIES: u32 = 10;
/// Once record-history has heard of nothing new for so long, reconcile-pending is asked to begin its rounds again. Nothing of
/// API Gateway cuts a press short here that waits for a process: what the store takes later than [`Pace::age`] after its
/// arrival may stand where a round has been already, and the next one begins ten minutes later only.
const STALLED: Duration = Duration::from_mins(3);
/// How long record-history may hear of nothing new before something is taken to be broken: several runs of the reconciler.
const PATIENCE: Duration = Duration::from_mins(6);

/// What a run makes of stream and schedule.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Of so many submissions the stream loses one.
    pub loses_one_of: usize,
    /// What has waited for so long is sent again, in seconds.
    pub age: u32,
    /// Between two runs of reconcile-pending.
    pub runs_each: Duration,
}

impl Pace {
    /// For a rush of so many: as the template says. A small one ends before that age, and has a shorter one.
    pub const fn of(submissions: usize) -> Self {
        if submissions >= SMALL {
            Self { loses_one_of: 1_000, age: 120, runs_each: Duration::from_mins(1) }
        } else {
            Self { loses_one_of: 20, age: 5, runs_each: Duration::from_secs(1) }
        }
    }
}

/// How record-history heard of a rush.
#[derive(Clone, Debug, Default)]
pub struct Relayed {
    /// From each receipt to its message, in milliseconds, without those that the stream lost.
    pub took: Vec<f64>,
    /// Submissions without a message when the last press had its answer.
    pub behind: usize,
    /// Submissions that the stream lost. All have a message in the end: reconcile-pending sent it.
    pub brought: usize,
    /// How long each run of reconcile-pending took.
    pub runs: Vec<Duration>,
}

impl Relayed {
    /// Notes it.
    pub fn note(&self, report: &mut Report) {
        let (p50, p99) = Rush::quantiles(self.took.clone());
        report.set("relaying_p50_ms", p50);
        report.set("relaying_p99_ms", p99);
        report.set("relaying_behind", number(self.behind));
        report.set("reconciling_brought", number(self.brought));
        report.set("reconciling_runs", number(self.runs.len()));
        let longest = self.runs.iter().max().copied().unwrap_or_default();
        report.set("reconciling_longest_ms", milliseconds(longest));
    }
}

/// Since when the queue has a message of each submission, and who reads the queue.
#[derive(Debug, Default)]
struct Inbox {
    first: HashMap<ApplicationId, Instant>,
    reader: Option<UnboundedSender<ApplicationId>>,
}

/// Stands where SQS stands: takes messages for all queues, and hands on at once those for record-history.
#[derive(Debug)]
struct QueueService {
    address: String,
    inbox: Arc<Mutex<Inbox>>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Drop for QueueService {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl QueueService {
    async fn open(reader: UnboundedSender<ApplicationId>) -> Result<Self, Broken> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let inbox = Arc::new(Mutex::new(Inbox { reader: Some(reader), ..Inbox::default() }));
        let routes = Router::new().fallback(take).with_state(inbox.clone());
        let server = tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { address, inbox, server })
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        locked(&self.inbox)
    }

    /// The variables of a function that finds its queues here.
    fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        let queues = Queue::ALL
            .map(|queue| (queue.address_variable(), format!("{}/{}", self.address, queue.code())));
        queues.into_iter().chain([("AWS_ENDPOINT_URL_SQS", self.address.clone())])
    }
}

fn locked(inbox: &Mutex<Inbox>) -> MutexGuard<'_, Inbox> {
    inbox.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn take(State(inbox): State<Arc<Mutex<Inbox>>>, body: Bytes) -> Response {
    let Some((entries, submissions)) = messages(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let now = Instant::now();
    let mut inbox = locked(&inbox);
    for id in submissions {
        inbox.first.entry(id.clone()).or_insert(now);
        if let Some(reader) = &inbox.reader {
            // Who reads the queue is gone only when the run has failed.
            let _ = reader.send(id);
        }
    }
    let taken = entries.iter().map(|id| {
        json!({ "Id": id, "MessageId": id, "MD5OfMessageBody": "00000000000000000000000000000000" })
    });
    let answer = json!({ "Successful": taken.collect::<Vec<_>>(), "Failed": [] }).to_string();
    ([("content-type", "application/x-amz-json-1.0")], answer).into_response()
}

/// The entries of a `SendMessageBatch`, and the submissions that record-history hears of by it.
fn messages(body: &[u8]) -> Option<(Vec<String>, Vec<ApplicationId>)> {
    let request: Value = serde_json::from_slice(body).ok()?;
    let is_for_history = request.get("QueueUrl")?.as_str()?.ends_with(Queue::History.code());
    let (mut entries, mut submissions) = (Vec::new(), Vec::new());
    for entry in request.get("Entries")?.as_array()? {
        entries.push(entry.get("Id")?.as_str()?.to_owned());
        let message: Message = serde_json::from_str(entry.get("MessageBody")?.as_str()?).ok()?;
        if is_for_history {
            submissions.push(keys::application_of(&message.pk)?);
        }
    }
    Some((entries, submissions))
}

/// The portal table's stream, read from a moment on.
#[derive(Debug)]
struct Stream {
    connection: Connection,
    iterators: Vec<String>,
}

impl Stream {
    async fn at_its_end(ground: &Ground) -> Result<Self, Broken> {
        let table = &ground.tables().portal;
        let described = ground.client().describe_table().table_name(table).send().await?;
        let arn = described.table().and_then(|table| table.latest_stream_arn());
        let arn = arn.ok_or("the portal's table has no stream")?.to_owned();
        let mut connection = Connection::open(ground.address().await?).await?;
        let described =
            asked(&mut connection, "DescribeStream", json!({ "StreamArn": arn })).await?;
        let shards = described.pointer("/StreamDescription/Shards").and_then(Value::as_array);
        let mut iterators = Vec::new();
        for shard in shards.ok_or("a stream has no shards")? {
            let request = json!({
                "StreamArn": arn,
                "ShardId": shard.get("ShardId"),
                "ShardIteratorType": "LATEST",
            });
            let answer = asked(&mut connection, "GetShardIterator", request).await?;
            let iterator = answer.get("ShardIterator").and_then(Value::as_str);
            iterators.push(iterator.ok_or("a shard has no iterator")?.to_owned());
        }
        Ok(Self { connection, iterators })
    }

    /// What is new and announces something, as the template's filter says.
    async fn news(&mut self) -> Result<Vec<Value>, Broken> {
        let mut news = Vec::new();
        for iterator in &mut self.iterators {
            let request = json!({ "ShardIterator": iterator, "Limit": PAGE });
            let mut page = asked(&mut self.connection, "GetRecords", request).await?;
            if let Some(next) = page.get("NextShardIterator").and_then(Value::as_str) {
                next.clone_into(iterator);
            }
            if let Some(records) = page.get_mut("Records").and_then(Value::as_array_mut) {
                news.extend(
                    records.drain(..).filter(|record| queue_of(record, "NewImage").is_some()),
                );
            }
        }
        Ok(news)
    }
}

async fn asked(
    connection: &mut Connection,
    operation: &str,
    request: Value,
) -> Result<Value, Broken> {
    let operation = format!("DynamoDBStreams_20120810.{operation}");
    let (status, answer) = connection.ask_store(&operation, request.to_string()).await?;
    if status != 200 {
        return Err(format!("{operation}: {}", String::from_utf8_lossy(&answer)).into());
    }
    Ok(serde_json::from_slice(&answer)?)
}

/// The queue that an image of a record waits for.
fn queue_of<'a>(record: &'a Value, image: &str) -> Option<&'a str> {
    record.get("dynamodb")?.get(image)?.pointer("/queue/S")?.as_str()
}

/// The application that a record says to be sent now.
fn submission_of(record: &Value) -> Option<ApplicationId> {
    let history = Some(Queue::History.code());
    let is_new = queue_of(record, "NewImage") == history && queue_of(record, "OldImage") != history;
    let pk = record.pointer("/dynamodb/Keys/pk/S").and_then(Value::as_str).filter(|_| is_new)?;
    keys::application_of(pk)
}

/// Stream, functions and queue between the store and record-history, before a rush.
#[derive(Debug)]
pub struct Relay {
    pace: Pace,
    queues: QueueService,
    stream: Stream,
    relays: (Desk, Fleet),
    reconciler: (Desk, Fleet),
}

impl Relay {
    /// Opens it; whoever reads the other end hears of each submission once at least.
    ///
    /// # Errors
    /// The portal's table has no stream, or a function is not built.
    pub async fn open(
        site: &Site<'_>,
        pace: Pace,
    ) -> Result<(Self, UnboundedReceiver<ApplicationId>), Broken> {
        let (sender, reader) = unbounded_channel();
        let queues = QueueService::open(sender).await?;
        let variables: Vec<_> = site
            .ground
            .variables(site.vault)
            .into_iter()
            .chain(queues.variables())
            .chain([("PENDING_AGE_SECONDS", pace.age.to_string())])
            .collect();
        let start = async |function, processes| {
            let program = Program::function(site.functions, function)?;
            let desk = Desk::open().await?;
            let fleet = Fleet::start(&program, &variables, &desk, processes)?;
            Ok::<_, Broken>((desk, fleet))
        };
        let relays = start("relay-changes", RELAYS).await?;
        let reconciler = start("reconcile-pending", 1).await?;
        let stream = Stream::at_its_end(site.ground).await?;
        Ok((Self { pace, queues, stream, relays, reconciler }, reader))
    }

    /// Relays and reconciles until record-history has heard of every submission of a rush; what these are, each with the
    /// instant of its receipt, comes when the rush is over.
    ///
    /// # Errors
    /// A function fails again and again, or one of them is never told.
    pub async fn follow(
        self,
        rush: oneshot::Receiver<HashMap<ApplicationId, Instant>>,
    ) -> Result<Relayed, Broken> {
        let Self { pace, queues, stream, relays: (relays, fleet), reconciler: (desk, reconciler) } =
            self;
        let mut runs = Vec::new();
        let is_stalled = AtomicBool::new(false);
        let (told, lost, over) = tokio::select! {
            heard = relay(&queues, stream, relays, pace.loses_one_of, rush, &is_stalled) => heard?,
            failed = reconcile(desk, pace.runs_each, &is_stalled, &mut runs) => {
                return Err(failed.err().unwrap_or_else(|| "the schedule ended".into()));
            }
        };
        fleet.stop().await?;
        reconciler.stop().await?;
        // With the sender the queue ends: nothing more is to be recorded.
        let mut inbox = queues.inbox();
        inbox.reader = None;
        let heard =
            told.iter().filter_map(|(id, receipt)| Some((id, receipt, inbox.first.get(id)?)));
        let mut relayed = Relayed { brought: lost.len(), runs, ..Relayed::default() };
        for (id, receipt, message) in heard {
            relayed.behind += usize::from(*message > over);
            if !lost.contains(id) {
                relayed.took.push(milliseconds(message.saturating_duration_since(*receipt)));
            }
        }
        Ok(relayed)
    }
}

/// The submissions of a rush with their receipts, those that the stream lost, and when the rush was over.
type Heard = (HashMap<ApplicationId, Instant>, HashSet<ApplicationId>, Instant);

async fn relay(
    queues: &QueueService,
    mut stream: Stream,
    mut relays: Desk,
    loses_one_of: usize,
    mut rush: oneshot::Receiver<HashMap<ApplicationId, Instant>>,
    is_stalled: &AtomicBool,
) -> Result<Heard, Broken> {
    let (mut seen, mut lost) = (0_usize, HashSet::new());
    let mut told = None;
    let (mut count, mut last_news) = (0, Instant::now());
    loop {
        let mut news = stream.news().await?;
        let had_news = !news.is_empty();
        news.retain(|record| {
            let Some(id) = submission_of(record) else { return true };
            seen += 1;
            let is_lost = seen % loses_one_of == 0;
            if is_lost {
                lost.insert(id);
            }
            !is_lost
        });
        forward(&mut relays, &news).await?;
        if told.is_none() {
            told = match rush.try_recv() {
                Ok(receipts) => Some((receipts, Instant::now())),
                Err(oneshot::error::TryRecvError::Empty) => None,
                Err(oneshot::error::TryRecvError::Closed) => return Err("the rush failed".into()),
            };
        }
        {
            let inbox = queues.inbox();
            if inbox.first.len() > count {
                (count, last_news) = (inbox.first.len(), Instant::now());
            }
            let has_all = |receipts: &HashMap<ApplicationId, Instant>| {
                receipts.keys().all(|id| inbox.first.contains_key(id))
            };
            if let Some((receipts, over)) = told.take_if(|(receipts, _)| has_all(receipts)) {
                return Ok((receipts, lost, over));
            }
        }
        is_stalled.store(last_news.elapsed() > STALLED, Ordering::Relaxed);
        if last_news.elapsed() > PATIENCE {
            return Err("record-history does not hear of every submission".into());
        }
        if !had_news {
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Gives records to relay-changes, batch by batch; what it does not take the stream delivers again.
async fn forward(relays: &mut Desk, records: &[Value]) -> Result<(), Broken> {
    let mut batches: Vec<&[Value]> = records.chunks(RECORDS).collect();
    for _ in 0..MOST_TRIES {
        let events = batches.iter().map(|records| json!({ "Records": records }).to_string());
        let answers = relays.ask_all(events, RELAYS * 2).await?;
        let failed = answers.iter().filter(|done| done.answer.is_none());
        batches = failed.filter_map(|done| batches.get(done.tag).copied()).collect();
        if batches.is_empty() {
            return Ok(());
        }
    }
    Err("relay-changes does not forward what the stream has".into())
}

/// Runs reconcile-pending by a schedule; ends with an error only.
async fn reconcile(
    mut desk: Desk,
    each: Duration,
    is_stalled: &AtomicBool,
    runs: &mut Vec<Duration>,
) -> Result<(), Broken> {
    let mut schedule = tokio::time::interval(each);
    loop {
        schedule.tick().await;
        let begun = Instant::now();
        let anew = is_stalled.load(Ordering::Relaxed);
        // A run that failed says so in its log, and the next goes on, as by the real schedule.
        if desk.ask(json!({ "anew": anew }).to_string()).await?.answer.is_some() {
            runs.push(begun.elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(queue_before: Option<&str>, queue_after: Option<&str>) -> Value {
        let id = ApplicationId::from_random([7; 16]);
        let image = |queue: Option<&str>| {
            queue.map_or(json!({}), |queue| json!({ "queue": { "S": queue } }))
        };
        json!({ "dynamodb": {
            "Keys": { "pk": { "S": format!("APP#{id}") }, "sk": { "S": "HEAD" } },
            "OldImage": image(queue_before),
            "NewImage": image(queue_after),
        } })
    }

    #[test]
    fn a_submission_is_what_newly_waits_for_its_history() {
        let id = ApplicationId::from_random([7; 16]);
        assert_eq!(submission_of(&record(None, Some("history"))), Some(id));
        assert_eq!(submission_of(&record(Some("history"), Some("history"))), None);
        assert_eq!(submission_of(&record(None, Some("bulk"))), None);
        assert_eq!(submission_of(&record(Some("history"), None)), None);
    }

    #[test]
    fn the_queue_hands_on_what_is_for_the_history_alone() {
        let id = ApplicationId::from_random([7; 16]);
        let body = json!({ "v": 1, "pk": format!("APP#{id}"), "sk": "HEAD" }).to_string();
        let request = |queue: &str| {
            json!({
                "QueueUrl": format!("http://127.0.0.1/{queue}"),
                "Entries": [{ "Id": "0", "MessageBody": body, "DelaySeconds": 0 }],
            })
            .to_string()
        };
        let (entries, submissions) = messages(request("history").as_bytes()).unwrap();
        assert_eq!((entries, submissions), (vec!["0".to_owned()], vec![id]));
        assert_eq!(messages(request("bulk").as_bytes()).unwrap().1, []);
        assert!(messages(b"{}").is_none());
    }
}
