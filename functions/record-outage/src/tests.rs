//! What recording refuses before it asks the store anything (CNF-4).

use scenes::authenticator;
use serde_json::{Value, json};

use super::*;

const RECORD: &str = include_str!("../../../events/record-outage/record.json");
const LIST: &str = include_str!("../../../events/record-outage/list.json");

fn needs() -> App {
    App { authenticator: authenticator(), store: scenes::store() }
}

async fn answered(event: &str, change: impl FnOnce(&mut Value)) -> u16 {
    let mut event: Value = serde_json::from_str(event).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    handle(&needs(), request).await.unwrap().status().as_u16()
}

/// The outcome of a body that arrives on 10 January 2026 at 9 in Rome.
async fn read(body: Value) -> Result<(i64, i64, String), Value> {
    let mut event: Value = serde_json::from_str(RECORD).unwrap();
    event["body"] = json!(body.to_string());
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let mut found = None;
    let response = http::answer(request, |request| {
        let read = request::read(&request).map(|asked| {
            let millis = |instant: jiff::Timestamp| instant.as_millisecond();
            let outage = asked.outage;
            found = Some((
                outage.map_or(0, |outage| millis(outage.from())),
                outage.map_or(0, |outage| millis(outage.until())),
                asked.reason,
            ));
        });
        async move { read.map(|()| Response::new(Body::Empty)) }
    })
    .await
    .unwrap();
    found.ok_or_else(|| serde_json::from_slice(response.body()).unwrap())
}

fn body(from: &str, until: &str) -> Value {
    json!({ "from": from, "until": until, "reason": "Guasto della banca dati." })
}

#[tokio::test]
async fn without_a_session_nobody_records_or_lists() {
    assert_eq!(answered(RECORD, |_| {}).await, 401);
    assert_eq!(answered(LIST, |_| {}).await, 401);
    let from_elsewhere =
        |event: &mut Value| event["headers"]["origin"] = json!("https://altrove.invalid");
    assert_eq!(answered(RECORD, from_elsewhere).await, 403);
    let deletes = |event: &mut Value| event["requestContext"]["http"]["method"] = json!("DELETE");
    assert_eq!(answered(LIST, deletes).await, 405);
}

#[tokio::test]
async fn an_outage_of_the_night_is_read_to_the_millisecond() {
    let (from, until, reason) =
        read(body("2026-01-09T22:00:00+01:00", "2026-01-10T01:30:00.001Z")).await.unwrap();
    assert_eq!((from, until), (1_767_992_400_000, 1_768_008_600_001));
    assert_eq!(reason, "Guasto della banca dati.");
}

/// The limits to the millisecond: until now and no further, 31 days and no more.
#[tokio::test]
async fn an_outage_lies_in_the_past_and_is_not_longer_than_a_month() {
    for (from, until) in [
        ("2026-01-10T08:00:00Z", "2026-01-10T08:00:00.003Z"),
        ("2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2016-01-10T08:00:00Z", "2016-01-11T08:00:00Z"),
    ] {
        assert!(read(body(from, until)).await.is_ok(), "{from}");
    }
    for (from, until, field, code) in [
        ("2026-01-10T08:00:00Z", "2026-01-10T08:00:00.004Z", "until", "nel-futuro"),
        ("2026-01-10T07:00:00Z", "2026-01-10T07:00:00Z", "until", "non-valido"),
        ("2026-01-10T07:00:00Z", "2026-01-10T06:00:00Z", "until", "non-valido"),
        ("2025-12-01T00:00:00Z", "2026-01-01T00:00:00.001Z", "until", "troppo-lungo"),
        ("1926-01-01T00:00:00Z", "1926-01-02T00:00:00Z", "from", "troppo-indietro"),
        ("-004000-01-02T00:00:00Z", "2026-01-01T00:00:00Z", "until", "troppo-lungo"),
    ] {
        let problem = read(body(from, until)).await.unwrap_err();
        let error = &problem["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!(field), &json!(code)), "{from}");
    }
}

#[tokio::test]
async fn what_is_no_instant_or_no_reason_is_refused_all_at_once() {
    for wrong in [
        "2026-01-09 22:00",
        "2026-01-09T22:00:00",
        "2026-01-09",
        "2026-01-09T22:00:00.0001Z",
        "2026-01-09T22:00:00+01:00[Europe/Rome]",
        "2026-02-30T00:00:00Z",
        "ieri",
        "",
    ] {
        let problem = read(body(wrong, "2026-01-10T01:30:00Z")).await.unwrap_err();
        assert_eq!(problem["errors"][0]["code"], "non-valido", "{wrong}");
    }
    for (reason, code) in [
        (json!("guasto"), "troppo-corto"),
        (json!("          "), "troppo-corto"),
        (json!("a".repeat(1_001)), "troppo-lungo"),
        (json!(5), "tipo-errato"),
        (json!(null), "tipo-errato"),
    ] {
        let mut body = body("2026-01-09T22:00:00Z", "2026-01-09T23:00:00Z");
        body["reason"] = reason;
        let problem = read(body).await.unwrap_err();
        assert_eq!(problem["errors"][0]["code"], code);
    }
    let problem = read(json!({ "from": 1, "to": "2026-01-09T22:00:00Z" })).await.unwrap_err();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 4);
}

/// Only a correction may lack the period: it says that nothing was wrong with the portal.
#[tokio::test]
async fn only_a_correction_may_lack_the_period() {
    let id = OutageId::from_random([1; 16]);
    let reason = "Non era un guasto: era una prova.";
    let cancels = json!({ "corrects": id.as_str(), "reason": reason });
    assert_eq!(read(cancels).await.unwrap(), (0, 0, reason.to_owned()));
    for wrong in [
        json!({ "reason": reason }),
        json!({ "corrects": "guasto", "reason": reason }),
        json!({ "corrects": id.as_str(), "from": "2026-01-09T22:00:00Z", "reason": reason }),
    ] {
        let problem = read(wrong.clone()).await.unwrap_err();
        assert_eq!(problem["type"], "/problemi/campi-non-validi", "{wrong}");
    }
}
