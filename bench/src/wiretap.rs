//! A proxy in front of the store that counts what passes: requests, bytes, and the units that each one consumes.
//!
//! It asks for the consumption where the caller did not, so it is no part of what is timed.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{
    Broken,
    raw::Connection,
    statistics::{number, number_of},
};

/// What passed.
#[derive(Clone, Debug, Default)]
pub struct Passed {
    /// Requests by operation.
    pub requests: BTreeMap<String, u64>,
    /// Write units, indexes included.
    pub write_units: f64,
    /// Read units.
    pub read_units: f64,
    /// Bytes of requests' and answers' bodies.
    pub bytes: f64,
}

impl Passed {
    /// All requests.
    pub fn all_requests(&self) -> f64 {
        number_of(self.requests.values().sum())
    }

    /// Requests that only read.
    pub fn reads(&self) -> f64 {
        let reads = |operation: &&String| !is_write(operation);
        number_of(
            self.requests.iter().filter(|(name, _)| reads(name)).map(|(_, count)| count).sum(),
        )
    }
}

struct Shared {
    store: SocketAddr,
    idle: Mutex<Vec<Connection>>,
    passed: Mutex<Passed>,
}

/// A running proxy.
pub struct Wiretap {
    address: String,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl std::fmt::Debug for Wiretap {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Wiretap({})", self.address)
    }
}

impl Drop for Wiretap {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Wiretap {
    /// Opens it in front of a store.
    pub async fn open(store: SocketAddr) -> Result<Self, Broken> {
        let shared = Arc::new(Shared { store, idle: Mutex::default(), passed: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let routes = Router::new().route("/", post(pass)).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { address, shared, server })
    }

    /// Where it listens, as an endpoint.
    pub fn endpoint(&self) -> &str {
        &self.address
    }

    /// What passed since the last time.
    pub fn take(&self) -> Passed {
        std::mem::take(&mut self.shared.passed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn pass(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    match passed(&shared, &headers, &body).await {
        Ok((status, answer)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            (status, [("content-type", "application/x-amz-json-1.0")], answer).into_response()
        }
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

async fn passed(
    shared: &Shared,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(u16, Bytes), Broken> {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let target = target.ok_or("no operation")?;
    let mut request: Value = serde_json::from_slice(body)?;
    if let Some(fields) = request.as_object_mut() {
        fields.insert("ReturnConsumedCapacity".to_owned(), "INDEXES".into());
    }
    let idle = shared.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut connection = match idle {
        Some(connection) => connection,
        None => Connection::open(shared.store).await?,
    };
    let (status, answer) = connection.ask_store(target, request.to_string()).await?;
    shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    let operation = target.rsplit('.').next().unwrap_or_default();
    let units = units(&serde_json::from_slice(&answer).unwrap_or_default());
    let mut passed = shared.passed.lock().unwrap_or_else(PoisonError::into_inner);
    *passed.requests.entry(operation.to_owned()).or_default() += 1;
    passed.bytes += number(body.len() + answer.len());
    if is_write(operation) {
        passed.write_units += units;
    } else {
        passed.read_units += units;
    }
    Ok((status, answer))
}

fn is_write(operation: &str) -> bool {
    ["UpdateItem", "PutItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"]
        .contains(&operation)
}

/// The units that an answer says were consumed: of one table, or of several.
fn units(answer: &Value) -> f64 {
    let of = |consumed: &Value| {
        consumed.get("CapacityUnits").and_then(Value::as_f64).unwrap_or_default()
    };
    match answer.get("ConsumedCapacity") {
        Some(Value::Array(tables)) => tables.iter().map(of).sum(),
        Some(table) => of(table),
        None => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn units_of_one_table_and_of_several_are_summed() {
        let one = json!({ "ConsumedCapacity": { "CapacityUnits": 2.0, "Table": { "CapacityUnits": 1.0 } } });
        let two =
            json!({ "ConsumedCapacity": [{ "CapacityUnits": 2.0 }, { "CapacityUnits": 5.0 }] });
        assert!((units(&one) - 2.0).abs() < f64::EPSILON);
        assert!((units(&two) - 7.0).abs() < f64::EPSILON);
        assert!(units(&json!({})).abs() < f64::EPSILON);
    }

    #[test]
    fn reads_are_all_that_writes_nothing() {
        let requests = [("Query", 3), ("UpdateItem", 1), ("BatchGetItem", 2)];
        let requests = requests.map(|(name, count)| (name.to_owned(), count)).into();
        let passed = Passed { requests, ..Passed::default() };
        assert!((passed.reads() - 5.0).abs() < f64::EPSILON);
        assert!((passed.all_requests() - 6.0).abs() < f64::EPSILON);
    }
}
