//! The registries' endpoint as the gateway asks it, with a table that cannot be reached.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use lambda_http::request::from_str;
use serde_json::Value;

use super::*;

fn simulator() -> Simulator {
    let configuration = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-south-1"))
        .endpoint_url("http://127.0.0.1:1")
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .build();
    let vouchers = Vouchers::new("portale".to_owned(), b"a-secret-of-the-deployment".to_vec());
    Simulator::new(Client::from_conf(configuration), "simulator".to_owned(), vouchers)
}

fn event(name: &str) -> String {
    let path =
        format!("{}/../../events/simulate-registries/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

async fn answered(event: &str) -> (u16, Value) {
    let response = simulator().handle(from_str(event).unwrap()).await.unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

/// An event with a voucher in its place.
async fn with_voucher(name: &str) -> String {
    let (status, voucher) = answered(&event("voucher")).await;
    assert_eq!(status, 200);
    event(name).replace("VOUCHER", voucher["access_token"].as_str().unwrap())
}

/// CHK-2 on the real wire: voucher first, then the question.
#[tokio::test]
async fn a_question_with_a_voucher_is_answered() {
    let (status, answer) = answered(&with_voucher("representation").await).await;
    assert_eq!((status, &answer["rappresenta"]), (200, &Value::Bool(true)));
}

#[tokio::test]
async fn a_question_without_a_good_voucher_is_not() {
    let (status, answer) = answered(&event("representation")).await;
    assert_eq!(status, 401);
    assert!(answer.get("rappresenta").is_none());
    let wrong = event("voucher").replace("a-secret-of-the-deployment", "another-secret");
    let (status, answer) = answered(&wrong).await;
    assert_eq!((status, &answer["error"]), (401, &Value::from("invalid_client")));
    let unfinished = event("voucher").replace("&client_secret", "&client_password");
    assert_eq!(answered(&unfinished).await.0, 400);
}

#[tokio::test]
async fn what_is_not_asked_as_agreed_is_refused() {
    let whole = with_voucher("representation").await;
    for (from, to, status) in [
        ("\"x-reference\": \"app_demo\"", "\"x-reference\": \"Mario Rossi\"", 400),
        ("\"x-reference\"", "\"x-other\"", 400),
        ("codiceFiscalePersona", "persona", 400),
        ("00000109009", "00000109008", 400),
        ("\\\"}\"", "\\\"\"", 400),
        ("unioncamere/rappresentanza", "unioncamere/soci", 404),
        ("\"POST\"", "\"GET\"", 405),
    ] {
        let changed = whole.replace(from, to);
        assert_ne!(changed, whole, "{from}");
        assert_eq!(answered(&changed).await.0, status, "{to}");
    }
}

#[tokio::test]
async fn what_needs_the_table_is_unavailable_without_it() {
    let (status, answer) = answered(&with_voucher("position").await).await;
    assert_eq!(status, 503);
    assert!(answer.get("matricola").is_none());
}
