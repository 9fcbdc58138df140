//! Stands where Secrets Manager stands, with secrets that the bench knows: it signs sessions and checks receipts itself.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use outside::key_ring::{KeyRing, ReceiptKeys};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::Broken;

/// What CloudFront would show with each request.
pub const ORIGIN: &str = "origin secret of the bench, which nothing outside of it believes......";
/// What signs sessions.
pub const SESSION: &str = "session secret of the bench, which nothing outside of it believes.....";
/// What the keys of receipts are derived from.
pub const RECEIPT: &str = "receipt secret of the bench, which nothing outside of it believes.....";
/// What the draws of days are derived from.
pub const ORDER: &str = "order secret of the bench, which nothing outside of it believes.......";
/// What keys of rows and refresh tokens are derived from.
pub const KEYING: &str = "keying secret of the bench, which nothing outside of it believes......";
/// What the portal would show to the identity provider, whom nobody asks here.
const IDENTITY: &str = "identity secret of the bench, which nothing outside of it believes....";
/// What the keys of public logs are derived from.
pub const LOG: &str = "log secret of the bench, which nothing outside of it believes.........";

/// The secrets by the names under which functions ask for them, and the variables that hold these names.
const SECRETS: [(&str, &str, &str); 7] = [
    ("ORIGIN_SECRET_ID", "bench-origin", ORIGIN),
    ("SESSION_SECRET_ID", "bench-session", SESSION),
    ("RECEIPT_SECRET_ID", "bench-receipt", RECEIPT),
    ("ORDER_SECRET_ID", "bench-order", ORDER),
    ("LOG_SECRET_ID", "bench-log", LOG),
    ("KEYING_SECRET_ID", "bench-keying", KEYING),
    ("IDENTITY_SECRET_ID", "bench-identity", IDENTITY),
];

/// The keys that sign receipts, as the functions derive them.
pub fn receipt_keys() -> ReceiptKeys {
    ReceiptKeys::new(KeyRing::of_one(RECEIPT))
}

/// The stand-in.
#[derive(Debug)]
pub struct Vault {
    address: String,
}

impl Vault {
    /// Opens it on a port of its own.
    pub async fn open() -> Result<Self, Broken> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let secrets: BTreeMap<&str, &str> =
            SECRETS.iter().map(|(_, name, secret)| (*name, *secret)).collect();
        let routes = Router::new().route("/", post(answer)).with_state(Arc::new(secrets));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { address })
    }

    /// The variables of a function that finds its secrets here.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, String)> {
        let names = SECRETS.iter().map(|(variable, name, _)| (*variable, (*name).to_owned()));
        names.chain([("AWS_ENDPOINT_URL_SECRETS_MANAGER", self.address.clone())])
    }
}

async fn answer(
    State(secrets): State<Arc<BTreeMap<&'static str, &'static str>>>,
    body: String,
) -> Response {
    let asked: Value = serde_json::from_str(&body).unwrap_or_default();
    let id = asked.get("SecretId").and_then(Value::as_str).unwrap_or_default();
    // None of them was ever rotated.
    let is_previous = asked.get("VersionStage").and_then(Value::as_str) == Some("AWSPREVIOUS");
    match secrets.get(id).filter(|_| !is_previous) {
        Some(secret) => Json(json!({ "Name": id, "SecretString": secret })).into_response(),
        None => (
            StatusCode::BAD_REQUEST,
            Json(json!({ "__type": "ResourceNotFoundException", "message": "no such secret" })),
        )
            .into_response(),
    }
}
