//! The gateway's event on its way to a request.
//!
//! `lambda_http` makes an address of scheme, host, path and query, which no function reads, and panics where they are none: a raw
//! `<` in a query would end the call with a 502.

use std::convert::Infallible;

use lambda_http::{
    Adapter, Error, IntoResponse, Request, Service,
    lambda_runtime::{self, LambdaEvent},
    request::LambdaRequest,
    tower::ServiceExt as _,
};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// Runs a function that answers the portal's API.
pub async fn run<'a, S, R>(function: S) -> Result<(), Error>
where
    S: Service<Request, Response = R, Error = Infallible> + 'a,
    S::Future: Send + 'a,
    R: IntoResponse + 'a,
{
    let function = Adapter::from(function);
    let readable =
        |event: LambdaEvent<GatewayEvent>| LambdaEvent::new(event.payload.0, event.context);
    lambda_runtime::run(function.map_request(readable)).await
}

/// An event that becomes a request whatever a client wrote into it.
#[derive(Debug)]
pub(crate) struct GatewayEvent(LambdaRequest);

impl<'de> Deserialize<'de> for GatewayEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut event = Value::deserialize(deserializer)?;
        if let Some(headers) = event.get_mut("headers").and_then(Value::as_object_mut) {
            headers.retain(|name, _| {
                !["host", "x-forwarded-proto"]
                    .iter()
                    .any(|unread| name.eq_ignore_ascii_case(unread))
            });
        }
        if let Some(Value::String(query)) = event.get_mut("rawQueryString") {
            *query = encoded(query);
        }
        serde_json::from_value(event).map(Self).map_err(D::Error::custom)
    }
}

impl From<GatewayEvent> for Request {
    fn from(event: GatewayEvent) -> Self {
        event.0.into()
    }
}

/// A query in which each byte that no address may hold is percent-encoded (RFC 3986 3.4); it means the same.
fn encoded(query: &str) -> String {
    let mut encoded = String::with_capacity(query.len());
    for byte in query.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use lambda_http::RequestExt as _;
    use serde_json::json;

    use super::*;

    const SESSION: &str = include_str!("../../../events/sign-in/session.json");

    fn request(change: impl FnOnce(&mut Value)) -> Request {
        let mut event: Value = serde_json::from_str(SESSION).unwrap();
        change(&mut event);
        serde_json::from_str::<GatewayEvent>(&event.to_string()).unwrap().into()
    }

    /// Each of these ended the call: `lambda_http` panicked before the function saw the request.
    #[test]
    fn an_odd_address_that_nobody_reads_ends_no_call() {
        for query in ["x=<b>", "x=\"y\"", "x=é", "x=^|`{}\\", "x=%zz%", "x=[]#", "x=a b"] {
            let read = request(|event| event["rawQueryString"] = json!(query));
            assert!(read.query_string_parameters().first("x").is_some(), "{query}");
        }
        let read = request(|event| event["rawQueryString"] = json!("x=caffè%20<b>+c&y=%2B"));
        assert_eq!(read.query_string_parameters().first("x"), Some("caffè <b> c"));
        assert_eq!(read.query_string_parameters().first("y"), Some("+"));
        for path in ["/api/<b>", "/api/é", "/api/%zz", "/api/a b", "/api//", "//api/x", "/api/\\"]
        {
            request(|event| event["rawPath"] = json!(path));
        }
        for proto in ["https, http", "", "é", "1", "javascript"] {
            request(|event| event["headers"]["x-forwarded-proto"] = json!(proto));
        }
        for host in ["", "a b", "é.example", "[", "x:99999"] {
            request(|event| event["headers"]["host"] = json!(host));
        }
    }
}
