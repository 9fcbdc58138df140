//! What a report is refused for before the store is asked anything, and what it says (CNF-1).

use jiff::Timestamp;
use outside::machine_token::MachineKey;
use scenes::away;
use serde_json::{Value, json};

use super::*;

const CHECKS: &str = include_str!("../../../events/receive-visa-events/checks-concluded.json");
const VISA: &str = include_str!("../../../events/receive-visa-events/visa-issued.json");
const AUDIENCE: &str = "http://127.0.0.1:4600/api/consulate/events";

fn maeci() -> MachineKey {
    MachineKey::new("maeci", &[7; 32])
}

fn needs() -> App {
    let _store = away();
    let _table = || "portal".to_owned();
    App {
        client: MachineClient::new("maeci".to_owned(), maeci().public(), AUDIENCE.to_owned()),
        client_id: "maeci".to_owned(),
        store: scenes::store(),
        keying: Keying::new(b"keying secret of the tests".to_vec()),
    }
}

/// The answer to a captured event with another body, signed unless told otherwise.
async fn answer(event: &str, change: impl FnOnce(&mut Value), is_signed: bool) -> (u16, Value) {
    let mut event: Value = serde_json::from_str(event).unwrap();
    let mut body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
    change(&mut body);
    let body = body.to_string();
    if is_signed {
        let at = event["requestContext"]["timeEpoch"].as_i64().unwrap();
        let at = Timestamp::from_millisecond(at).unwrap();
        event["headers"]["authorization"] =
            maeci().authorization(AUDIENCE, body.as_bytes(), at).unwrap().into();
    }
    event["body"] = body.into();
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = handle(&needs(), request).await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(response.body()).unwrap())
}

/// The fields that a signed report is refused for.
async fn refused(event: &str, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let (status, problem) = answer(event, change, true).await;
    assert_eq!(status, 422, "{problem}");
    let fields = problem["errors"].as_array().unwrap().iter();
    fields.map(|field| field["field"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_not_signed_is_refused_before_it_is_read() {
    for event in [CHECKS, VISA] {
        let (status, problem) = answer(event, |body| *body = json!("nulla"), false).await;
        assert_eq!((status, &problem["type"]), (401, &json!("/problemi/richiesta-non-firmata")));
    }
}

/// The store of these tests does not answer: whatever comes so far was read and is as it must be.
#[tokio::test]
async fn what_is_as_agreed_reaches_the_store() {
    for (event, change) in [
        (CHECKS, json!({})),
        (VISA, json!({})),
        (VISA, json!({ "report": "visa-refused", "visa_number": null })),
        (CHECKS, json!({ "event_id": "A_z-0189" })),
        // Within the leeway of the two clocks.
        (CHECKS, json!({ "occurred_at": "2026-11-22T08:00:59+01:00" })),
    ] {
        let (status, problem) = answer(
            event,
            |body| body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone()),
            true,
        )
        .await;
        assert_eq!(status, 503, "{change}: {problem}");
    }
}

#[tokio::test]
async fn all_that_is_wrong_is_told_together() {
    let all = refused(CHECKS, |body| {
        *body = json!({
            "event_id": "corto",
            "application": "domanda",
            "report": "visto",
            "occurred_at": "ieri",
            "surname": "Rossi",
        });
    })
    .await;
    assert_eq!(all, ["event_id", "application", "report", "occurred_at", "surname"]);
    let none = refused(CHECKS, |body| *body = json!({})).await;
    assert_eq!(none, ["event_id", "application", "report", "occurred_at"]);
}

#[tokio::test]
async fn each_field_has_its_bounds() {
    for (field, value) in [
        ("event_id", json!("evento 0001")),
        ("event_id", json!("evento-è-01")),
        ("event_id", json!("e".repeat(65))),
        ("event_id", json!(17)),
        ("occurred_at", json!("2026-11-22T08:01:01+01:00")),
        ("occurred_at", json!("2026-11-22T08:00:00")),
        ("visa_number", json!("ITA01")),
        ("visa_number", json!("I".repeat(21))),
        ("visa_number", json!("ITA 012345")),
        ("visa_number", json!(null)),
    ] {
        let wrong = refused(VISA, |body| body[field] = value.clone()).await;
        assert_eq!(wrong, [field], "{value}");
    }
    let missing = refused(VISA, |body| {
        body.as_object_mut().unwrap().remove("visa_number");
    })
    .await;
    assert_eq!(missing, ["visa_number"]);
    for report in ["checks-concluded", "visa-refused"] {
        let too_much = refused(VISA, |body| body["report"] = report.into()).await;
        assert_eq!(too_much, ["visa_number"], "only an issued visa has a number");
    }
}

#[test]
fn a_repetition_says_the_same_however_it_is_written() {
    let said = |change: Value| {
        let mut body = json!({
            "event_id": "evento-0001",
            "application": "app_01h0000000000000000000000a",
            "report": "visa-issued",
            "occurred_at": "2026-11-22T07:58:12+01:00",
            "visa_number": "ITA0012345",
        });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        serde_json::from_value::<Report>(body).unwrap().canonical_text()
    };
    let first = said(json!({}));
    assert_eq!(first, said(json!({ "occurred_at": "2026-11-22T06:58:12Z" })));
    for other in [
        json!({ "application": "app_01h0000000000000000000000b" }),
        json!({ "report": "visa-refused" }),
        json!({ "occurred_at": "2026-11-22T06:58:12.001Z" }),
        json!({ "visa_number": "ITA0012346" }),
    ] {
        assert_ne!(first, said(other));
    }
}

#[test]
fn the_number_of_a_visa_is_not_in_debug() {
    let report: Report = serde_json::from_value(json!({
        "event_id": "evento-0001",
        "application": "app_01h0000000000000000000000a",
        "report": "visa-issued",
        "occurred_at": "2026-11-22T07:58:12+01:00",
        "visa_number": "ITA0012345",
    }))
    .unwrap();
    assert!(!format!("{report:?}").contains("ITA0012345"));
    assert_eq!(report.remark().unwrap(), "Visto n. ITA0012345");
}
