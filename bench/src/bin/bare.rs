//! The bare client: a function that does nothing but pass the one write of a submission on to the store, with a request that
//! was signed before. What it uses is the price of three round trips of HTTP, below which no function comes.
//!
//! The same runtime as submit-application's: one thread. It checks no session, signs no receipt and reads no campaign.

use bench::{
    Broken,
    raw::{Connection, UPDATE},
};
use http_body_util::BodyExt as _;
use outside::config::required;

const INVOCATION: &str = "/2018-06-01/runtime/invocation";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Broken> {
    let mut runtime = Connection::open(required("AWS_LAMBDA_RUNTIME_API")?.parse()?).await?;
    let store = required("AWS_ENDPOINT_URL_DYNAMODB")?;
    let mut store = Connection::open(store.trim_start_matches("http://").parse()?).await?;
    let write = required("BARE_WRITE")?;
    loop {
        let next = runtime.send("GET", &format!("{INVOCATION}/next"), &[], "").await?;
        let id = next.headers().get("lambda-runtime-aws-request-id").ok_or("no request")?;
        let path = format!("{INVOCATION}/{}/response", id.to_str()?);
        let event = next.into_body().collect().await?.to_bytes();
        let event = std::str::from_utf8(&event)?;
        let found = event.find("app_").and_then(|from| event.get(from..from + 30));
        let arrival = event.split_once("\"timeEpoch\":").and_then(|(_, rest)| rest.get(..13));
        let (application, arrival) = found.zip(arrival).ok_or("no application or arrival")?;
        let body = write.replace("APPLICATION", application).replace("ARRIVAL", arrival);
        let (status, _) = store.ask_store(UPDATE, body).await?;
        let answer = format!(r#"{{"statusCode":{status},"headers":{{}},"body":"{application}"}}"#);
        let done =
            runtime.send("POST", &path, &[("content-type", "application/json")], answer).await?;
        done.into_body().collect().await?;
    }
}
