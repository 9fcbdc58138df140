//! Stands where S3 stands, for the public files that a function writes: keys, bytes and conditions on them, in memory.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;

use crate::Broken;

/// The one bucket.
pub const BUCKET: &str = "bench-facts";

#[derive(Clone, Debug)]
struct File {
    bytes: Bytes,
    version: u64,
}

/// Files by key, as a function left them.
type Files = Arc<Mutex<BTreeMap<String, File>>>;

/// The stand-in.
#[derive(Debug)]
pub struct Shelf {
    address: String,
    files: Files,
}

impl Shelf {
    /// Opens it on a port of its own.
    pub async fn open() -> Result<Self, Broken> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let files = Files::default();
        let routes = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(files.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(Self { address, files })
    }

    /// The variables of a function that finds its bucket here.
    pub fn variables(&self) -> [(&'static str, String); 2] {
        // Only with an endpoint for all services does the bucket stand in the path.
        [("AWS_ENDPOINT_URL", self.address.clone()), ("FACTS_BUCKET", BUCKET.to_owned())]
    }

    /// All files by key.
    pub fn files(&self) -> BTreeMap<String, Bytes> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().map(|(key, file)| (key.clone(), file.bytes.clone())).collect()
    }
}

async fn answer(
    State(files): State<Files>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(key) = uri.path().strip_prefix(&format!("/{BUCKET}/")) else {
        return refusal(StatusCode::NOT_FOUND, "NoSuchBucket");
    };
    let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
    let there = files.get(key).cloned();
    let tag = |version: u64| format!("\"{version}\"");
    if method == Method::PUT {
        let condition = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_met = match (condition("if-match"), condition("if-none-match")) {
            (Some(wanted), _) => there.as_ref().is_some_and(|file| tag(file.version) == wanted),
            (None, Some(_)) => there.is_none(),
            (None, None) => true,
        };
        if !is_met {
            return refusal(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
        }
        let is_chunked = headers
            .get("content-encoding")
            .is_some_and(|value| value.as_bytes().windows(11).any(|part| part == b"aws-chunked"));
        let Some(bytes) = (if is_chunked { unchunked(&body) } else { Some(body) }) else {
            return refusal(StatusCode::BAD_REQUEST, "IncompleteBody");
        };
        let version = there.map_or(1, |file| file.version + 1);
        files.insert(key.to_owned(), File { bytes, version });
        return [("etag", tag(version))].into_response();
    }
    match there {
        Some(file) => ([("etag", tag(file.version))], file.bytes).into_response(),
        None => refusal(StatusCode::NOT_FOUND, "NoSuchKey"),
    }
}

fn refusal(status: StatusCode, code: &str) -> Response {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    (status, [("content-type", "application/xml")], body).into_response()
}

/// The content of a body in chunks, each after its length in hexadecimal; none where it ends within one.
fn unchunked(mut body: &[u8]) -> Option<Bytes> {
    let mut content = Vec::with_capacity(body.len());
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n")?;
        let (line, rest) = body.split_at_checked(end)?;
        let length = std::str::from_utf8(line).ok()?.split(';').next()?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(content.into());
        }
        let (chunk, rest) = rest.get(2..)?.split_at_checked(length)?;
        content.extend_from_slice(chunk);
        body = rest.get(2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_in_chunks_is_put_together() {
        let body =
            b"3\r\nabc\r\n2;chunk-signature=0\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        assert_eq!(unchunked(body).unwrap(), "abcde");
        assert_eq!(unchunked(b"9\r\nabc"), None);
    }
}
