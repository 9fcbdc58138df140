//! HTTP without an SDK: one connection that stays, one request after the other. What the bare client and the limit of the
//! store are measured with.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::Broken;

/// A connection.
#[derive(Debug)]
pub struct Connection {
    host: String,
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self, Broken> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { host: address.to_string(), sender })
    }

    /// Sends a request with these headers and waits for the answer's head.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Response<Incoming>, Broken> {
        let mut request = Request::builder().method(method).uri(path).header("host", &self.host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await?;
        Ok(self.sender.send_request(request.body(Full::new(body.into()))?).await?)
    }

    /// Asks the store for something, with a signature that was made before.
    ///
    /// # Errors
    /// The connection breaks. What the store answers is not judged: status and body.
    pub async fn ask_store(
        &mut self,
        operation: &str,
        body: impl Into<Bytes>,
    ) -> Result<(u16, Bytes), Broken> {
        let answer = self.send("POST", "/", &store_headers(operation), body).await?;
        let status = answer.status().as_u16();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// The headers of a request to the store. The signature is that of no request: the store that is measured checks none, and
/// computing it is what the bare client is spared.
const fn store_headers(operation: &str) -> [(&str, &str); 4] {
    [
        ("x-amz-target", operation),
        ("content-type", "application/x-amz-json-1.0"),
        ("x-amz-date", "20261129T080000Z"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=test/20261129/eu-south-1/dynamodb/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=7b2d0f6a1c3e5d4f7b2d0f6a1c3e5d4f7b2d0f6a1c3e5d4f7b2d0f6a1c3e5d4f",
        ),
    ]
}

/// The operation of a submission.
pub const UPDATE: &str = "DynamoDB_20120810.UpdateItem";

/// The body of the one write of a submission, with an application's id in the place of `APPLICATION` and an instant in
/// milliseconds in the place of `ARRIVAL`: what [`store::applications::submit`] sends, of which a test below knows.
pub fn submission(table: &str, caller: &str, campaign: &str, model: &str) -> String {
    serde_json::json!({
        "TableName": table,
        "Key": { "pk": { "S": "APP#APPLICATION" }, "sk": { "S": "HEAD" } },
        "UpdateExpression": "SET #state = :submitted, version = version + :one, changed = :arrival, arrival = :arrival, receipt_code = :code, submitted_by = :caller, submitted_under = :under, pending_pk = :pending_pk, pending_due = :due, queue = :queue",
        "ConditionExpression": "#state = :ready AND campaign = :campaign AND model = :model AND (representative = :caller OR (filer = :caller AND attribute_not_exists(organisation)))",
        "ExpressionAttributeNames": { "#state": "state" },
        "ExpressionAttributeValues": {
            ":submitted": { "S": "submitted" },
            ":ready": { "S": "to-send" },
            ":one": { "N": "1" },
            ":arrival": { "N": "ARRIVAL" },
            ":due": { "N": "ARRIVAL" },
            ":code": { "S": "RIC-0000-0000-0000-0000-01" },
            ":caller": { "S": caller },
            ":under": { "N": "1" },
            ":campaign": { "S": campaign },
            ":model": { "S": model },
            ":pending_pk": { "S": "PENDING#history#00" },
            ":queue": { "S": "history" },
        },
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bare client must do to the store what the function does: its expressions are those of the store crate.
    #[test]
    fn the_bare_write_is_the_write_of_a_submission() {
        let source = include_str!("../../shared/store/src/applications/submit.rs");
        let source: String =
            source.replace("\\\n", "").split_whitespace().collect::<Vec<_>>().join(" ");
        let body: serde_json::Value =
            serde_json::from_str(&submission("t", "acc_1", "demo", "m")).unwrap();
        let update = body["UpdateExpression"].as_str().unwrap();
        assert!(source.contains(update), "submit.rs no longer has: {update}");
        for name in body["ExpressionAttributeValues"].as_object().unwrap().keys() {
            assert!(source.contains(&format!("\"{name}\"")), "submit.rs no longer has {name}");
        }
    }
}
