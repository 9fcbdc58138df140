//! What the simulated consular system refuses before it asks its table, and how it remembers.

use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use outside::machine_token::MachineKey;
use serde_json::{Value, json};

use super::*;

const SECRET: &[u8] = b"a secret of the tests";
const ADDRESS: &str = "http://localhost:4600/consulate";
const EVENT: &str = include_str!("../../../events/simulate-consulate/decision.json");

fn simulator() -> Simulator {
    let store = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-south-1"))
        .build();
    Simulator::new(ADDRESS, SECRET, Memories::new(Client::from_conf(store), "none".to_owned()))
}

fn decision(version: u64, what: ConsularDecision) -> Decision {
    let application: ApplicationId = "app_01h0000000000000000000000a".parse().unwrap();
    Decision {
        message_id: format!("{application}.{version}"),
        application,
        decision: what,
        decided_at: "2026-11-22T08:00:00+01:00".parse().unwrap(),
        version,
    }
}

async fn answer(change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let mut event: Value = serde_json::from_str(EVENT).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = handle(&simulator(), request).await.unwrap();
    let body = std::str::from_utf8(response.body()).unwrap();
    (response.status().as_u16(), serde_json::from_str(body).unwrap())
}

fn signed(event: &mut Value, body: &Value) {
    let body = body.to_string();
    let at = event["requestContext"]["timeEpoch"].as_i64().unwrap();
    let at = Timestamp::from_millisecond(at).unwrap();
    let authorization = MachineKey::of_portal(SECRET)
        .authorization(&format!("{ADDRESS}/decisions"), body.as_bytes(), at)
        .unwrap();
    event["headers"]["authorization"] = authorization.into();
    event["body"] = body.into();
}

#[tokio::test]
async fn who_is_not_the_portal_is_not_heard() {
    let (status, problem) = answer(|_| ()).await;
    assert_eq!((status, &problem["type"]), (401, &json!("/problemi/richiesta-non-firmata")));
    let (status, _) = answer(|event| {
        signed(event, &json!(decision(7, ConsularDecision::Confirmed)));
        event["body"] = json!(decision(7, ConsularDecision::Renounced)).to_string().into();
    })
    .await;
    assert_eq!(status, 401, "the body was changed after signing");
}

#[tokio::test]
async fn what_is_not_as_agreed_is_refused() {
    let mut odd = json!(decision(7, ConsularDecision::Confirmed));
    odd["message_id"] = "app_01h0000000000000000000000a.8".into();
    let mut more = json!(decision(7, ConsularDecision::Confirmed));
    more["surname"] = "Rossi".into();
    for body in [odd, more, json!({}), json!([])] {
        let (status, _) = answer(|event| signed(event, &body)).await;
        assert_eq!(status, 422, "{body}");
    }
    for (method, path, expected) in [
        ("GET", "/consulate/decisions", 405),
        ("GET", "/consulate/other", 404),
        ("GET", "/consulate/decisions/altro", 404),
        ("PUT", "/consulate/behaviour", 405),
    ] {
        let (status, _) = answer(|event| {
            event["rawPath"] = path.into();
            event["requestContext"]["http"]["path"] = path.into();
            event["requestContext"]["http"]["method"] = method.into();
        })
        .await;
        assert_eq!(status, expected, "{method} {path}");
    }
    for body in [
        r#"{"application":"app_01h0000000000000000000000a"}"#,
        "{",
        r#"{"application":"app_01h0000000000000000000000a","fail_times":101}"#,
    ] {
        let (status, _) = answer(|event| {
            event["rawPath"] = "/consulate/behaviour".into();
            event["requestContext"]["http"]["path"] = "/consulate/behaviour".into();
            event["body"] = body.into();
        })
        .await;
        assert_eq!(status, 422, "{body}");
    }
}

#[test]
fn each_message_is_taken_once_and_the_highest_version_holds() {
    let mut memory = Memory { fail_times: 2, ..Memory::default() };
    let (first, second) =
        (decision(7, ConsularDecision::NotConfirmed), decision(9, ConsularDecision::Reopened));
    let contradiction = decision(7, ConsularDecision::Confirmed);
    let took: Vec<_> = [&second, &second, &second, &first, &first, &contradiction]
        .into_iter()
        .map(|decision| memory.take(decision))
        .collect();
    let expected = [
        ReceiptOutcome::Down,
        ReceiptOutcome::Down,
        ReceiptOutcome::Heard,
        ReceiptOutcome::Heard,
        ReceiptOutcome::Again,
        ReceiptOutcome::Contradicts,
    ];
    assert_eq!(took, expected);
    assert_eq!(memory.attempts, 6);
    assert_eq!(
        memory.decisions,
        [second.clone(), first.clone()],
        "in the order in which they came"
    );
    let told = json!(HeardView::of(&first.application, &memory));
    assert_eq!(told["holds"], "reopened", "whatever came last");
}
