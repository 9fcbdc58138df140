//! A function of one's own, with other variables than the deployed one, behind a gateway of its own: for what must not be changed
//! under other tests, such as the identity provider.

use std::{
    collections::BTreeMap,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Path, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use data_encoding::BASE64;
use edge::origin::ORIGIN_SECRET_HEADER;
use outside::{aws, clock};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    net::TcpListener,
    process::{Child, Command},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{
    environment::root,
    story::{Deviation, StoryResult},
    world::World,
};

/// The gateway refuses longer bodies.
const LONGEST_BODY: usize = 10 * 1024 * 1024;

/// A running function; it ends with this value.
#[derive(Debug)]
pub struct OwnFunction {
    program: Child,
    said: JoinHandle<Vec<String>>,
}

impl OwnFunction {
    /// Ends it; gives each line of its log.
    pub async fn ends(mut self) -> StoryResult<Vec<String>> {
        self.program.kill().await?;
        Ok(self.said.await?)
    }
}

/// A gateway that listens already and whose function is still to be started: its address goes into the function's variables.
#[derive(Debug)]
pub struct OwnGateway {
    address: String,
    origin: String,
}

/// An event, and where its answer goes.
struct Call {
    event: Value,
    answer: oneshot::Sender<Value>,
}

/// Stands where API Gateway and Lambda's Runtime API stand: one environment, one event at a time.
struct Gateway {
    origin_secret: String,
    calls: mpsc::Sender<Call>,
    waiting: tokio::sync::Mutex<mpsc::Receiver<Call>>,
    /// By request identifier, who waits for an answer.
    asked: Mutex<BTreeMap<String, oneshot::Sender<Value>>>,
}

impl OwnGateway {
    /// Opens a gateway at a free port.
    pub async fn open(world: &World) -> StoryResult<Self> {
        let sdk = world.environment.sdk().await?;
        let secret = aws::secret(&sdk, &world.environment.text("ORIGIN_SECRET_ID")?).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (calls, waiting) = mpsc::channel(16);
        let gateway = Arc::new(Gateway {
            origin_secret: String::from_utf8(secret)?,
            calls,
            waiting: tokio::sync::Mutex::new(waiting),
            asked: Mutex::default(),
        });
        let invocation = "/2018-06-01/runtime/invocation";
        let routes = Router::new()
            .route(&format!("{invocation}/next"), get(next))
            .route(&format!("{invocation}/{{request}}/response"), post(answered))
            .route(&format!("{invocation}/{{request}}/error"), post(answered))
            .fallback(pass_on)
            .with_state(gateway);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { origin: format!("http://{address}"), address })
    }

    /// Where a browser finds it.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Starts a deployed function's program behind it, with the deployed variables and those that are changed.
    pub async fn start(
        self,
        world: &World,
        function: &str,
        changed: BTreeMap<String, String>,
    ) -> StoryResult<OwnFunction> {
        let name = world.function(function)?;
        let variables = world.emulator.variables(&name).await?;
        let mut program = Command::new(root().join("target/debug/local-functions"))
            .arg(function)
            .env_clear()
            .envs(variables)
            .envs(changed)
            .env("AWS_LAMBDA_RUNTIME_API", &self.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", &name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}"))
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "own")
            .env("AWS_ENDPOINT_URL", world.environment.endpoint()?)
            .env("AWS_REGION", world.environment.text("AWS_REGION")?)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| Deviation::new(format!("{function} does not start: {error}")))?;
        let output = program.stdout.take().ok_or_else(|| Deviation::new("it has no output"))?;
        let said = tokio::spawn(async move {
            let (mut lines, mut said) = (BufReader::new(output).lines(), Vec::new());
            while let Ok(Some(line)) = lines.next_line().await {
                said.push(line);
            }
            said
        });
        Ok(OwnFunction { program, said })
    }
}

/// A request becomes an event, and its answer a response, as API Gateway makes them (payload format 2.0).
async fn pass_on(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut headers = Map::new();
    for (name, value) in &head.headers {
        if let Ok(value) = value.to_str() {
            headers.insert(name.to_string(), value.into());
        }
    }
    headers.insert("x-forwarded-for".to_owned(), "127.0.0.1".into());
    headers.insert(ORIGIN_SECRET_HEADER.to_owned(), gateway.origin_secret.clone().into());
    let (method, path) = (head.method.as_str(), head.uri.path());
    let route = format!("{method} {path}");
    let event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": head.uri.query().unwrap_or_default(),
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "own",
            "domainName": "own.execute-api.localhost",
            "domainPrefix": "own",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": headers.get("user-agent"),
            },
            "requestId": random_id(),
            "routeKey": route,
            "stage": "$default",
            "time": "12/Jan/2026:07:40:00 +0000",
            "timeEpoch": clock::wall().as_millisecond(),
        },
        "body": BASE64.encode(&body),
        "isBase64Encoded": true,
    });
    let (answer, answered) = oneshot::channel();
    if gateway.calls.send(Call { event, answer }).await.is_err() {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    answered
        .await
        .map_or_else(|_| StatusCode::BAD_GATEWAY.into_response(), |answer| response(&answer))
}

fn response(answer: &Value) -> Response {
    let status = answer.get("statusCode").and_then(Value::as_u64).unwrap_or(502);
    let status = u16::try_from(status).unwrap_or(502);
    let text = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    let is_encoded = answer.get("isBase64Encoded") == Some(&Value::Bool(true));
    let decoded = is_encoded.then(|| BASE64.decode(text.as_bytes()).ok()).flatten();
    let mut response = Response::builder().status(status);
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        response = response.header(name, value.as_str().unwrap_or_default());
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        response = response.header(header::SET_COOKIE, cookie.as_str().unwrap_or_default());
    }
    let body = decoded.map_or_else(|| Body::from(text.to_owned()), Body::from);
    response.body(body).unwrap_or_else(|_| StatusCode::BAD_GATEWAY.into_response())
}

async fn next(State(gateway): State<Arc<Gateway>>) -> Response {
    let Some(call) = gateway.waiting.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let id = random_id();
    let mut asked = gateway.asked.lock().unwrap_or_else(PoisonError::into_inner);
    asked.insert(id.clone(), call.answer);
    let deadline = (clock::wall() + jiff::SignedDuration::from_secs(60)).as_millisecond();
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-south-1:000000000000:function:own".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, call.event.to_string()).into_response()
}

async fn answered(
    State(gateway): State<Arc<Gateway>>,
    Path(request): Path<String>,
    body: Bytes,
) -> StatusCode {
    let mut asked = gateway.asked.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(waits) = asked.remove(&request) {
        // Who asked may have gone.
        waits.send(serde_json::from_slice(&body).unwrap_or_default()).ok();
    }
    StatusCode::ACCEPTED
}

fn random_id() -> String {
    let bytes: [u8; 16] = aws::random().unwrap_or_default();
    data_encoding::HEXLOWER.encode(&bytes)
}
