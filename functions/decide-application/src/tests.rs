//! What an office refuses before it asks the store anything, and what it reads of a case (DEC-1).

use aws_config::BehaviorVersion;
use domain::permission::Role;
use scenes::{authenticator, parties};
use serde_json::{Value, json};

use super::*;

const LIST: &str = include_str!("../../../events/decide-application/list.json");
const DOSSIER: &str = include_str!("../../../events/decide-application/dossier.json");
const DECIDE: &str = include_str!("../../../events/decide-application/decide.json");

fn needs() -> App {
    let keying = Keying::new(b"keying secret of the tests".to_vec());
    let sdk = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
    App {
        authenticator: authenticator(),
        store: scenes::store(),
        cursors: CursorKey::new(keying.derived("cursor")),
        kept: Files::new(&sdk, "documents".to_owned()),
        quarantine: Files::new(&sdk, "uploads".to_owned()),
    }
}

fn caller(role: Role, province: Option<&str>) -> Caller {
    Caller {
        province: province.map(str::to_owned),
        ..scenes::caller(parties().representative, role)
    }
}

async fn answer(event: &str, change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let mut event: Value = serde_json::from_str(event).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = handle(&needs(), request).await.unwrap();
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

#[tokio::test]
async fn without_a_session_nothing_is_told() {
    for event in [LIST, DOSSIER, DECIDE] {
        let (status, problem) = answer(event, |_| {}).await;
        assert_eq!((status, &problem["type"]), (401, &json!("/problemi/sessione-assente")));
    }
}

#[tokio::test]
async fn a_decision_from_elsewhere_is_refused_at_the_door() {
    let (status, problem) = answer(DECIDE, |event| {
        event["headers"]["origin"] = json!("https://altrove.example");
    })
    .await;
    assert_eq!((status, &problem["type"]), (403, &json!("/problemi/origine-non-ammessa")));
}

#[tokio::test]
async fn other_methods_and_paths_are_told_apart() {
    let (status, _) = answer(LIST, |event| {
        event["requestContext"]["http"]["method"] = json!("DELETE");
    })
    .await;
    assert_eq!(status, 405);
    let (status, _) = answer(LIST, |event| {
        event["requestContext"]["http"]["path"] = json!("/api/office");
        event["rawPath"] = json!("/api/office");
    })
    .await;
    assert_eq!(status, 404);
}

/// DEC-1: only an officer works on cases, and only with a province.
#[test]
fn only_an_officer_of_a_province_has_a_desk() {
    assert_eq!(officer_province(&caller(Role::Officer, Some("FG"))).unwrap(), "FG");
    assert_eq!(
        officer_province(&caller(Role::Officer, None)).unwrap_err().kind(),
        ProblemKind::NotAllowed
    );
    for role in Role::ALL.iter().filter(|role| **role != Role::Officer) {
        let refused = officer_province(&caller(*role, Some("FG"))).unwrap_err();
        assert_eq!(refused.kind(), ProblemKind::NotAllowed, "{role}");
    }
}

/// What the body of a decision is refused for, field by field.
async fn refused(body: Value) -> Vec<(String, String)> {
    let mut event: Value = serde_json::from_str(DECIDE).unwrap();
    event["body"] = body.to_string().into();
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    // Reads the body alone: the test above covers the caller, for whose session the function asks the store.
    let response = http::answer(request, |request| async move {
        let parsed = ParsedDecision::read(&request)?;
        http::json(200, &parsed.decision.code())
    })
    .await
    .unwrap();
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| {
            let text = |name: &str| error[name].as_str().unwrap().to_owned();
            (text("field"), text("code"))
        })
        .collect()
}

fn told(wrong: &[(&str, &str)]) -> Vec<(String, String)> {
    wrong.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn a_decision_is_read_strictly() {
    let reason = "Manca la busta paga di marzo.";
    for right in [
        json!({ "decision": "take-charge" }),
        json!({ "decision": "take-charge", "version": 3, "reason": null, "notice": null }),
        json!({ "decision": "grant", "version": null }),
        json!({ "decision": "refuse", "reason": reason }),
        json!({ "decision": "grant", "reason": reason }),
        json!({ "decision": "refuse", "reason": "à".repeat(4_000) }),
        json!({ "decision": "send-again", "notice": "confirmation-request" }),
    ] {
        assert_eq!(refused(right.clone()).await, [], "{right}");
    }
    for (wrong, why) in [
        (json!({}), told(&[("decision", "obbligatorio")])),
        (json!({ "decision": 3 }), told(&[("decision", "tipo-errato")])),
        (json!({ "decision": "release" }), told(&[("decision", "non-valido")])),
        (json!({ "decision": "refuse" }), told(&[("reason", "obbligatorio")])),
        (json!({ "decision": "refuse", "reason": null }), told(&[("reason", "obbligatorio")])),
        (json!({ "decision": "refuse", "reason": ["x"] }), told(&[("reason", "tipo-errato")])),
        (
            json!({ "decision": "refuse", "reason": "   perché   " }),
            told(&[("reason", "troppo-corto")]),
        ),
        (
            json!({ "decision": "refuse", "reason": "a".repeat(4_001) }),
            told(&[("reason", "troppo-lungo")]),
        ),
        (
            json!({ "decision": "grant", "version": "3", "x": 1 }),
            told(&[("version", "tipo-errato"), ("x", "sconosciuto")]),
        ),
        (json!({ "decision": "grant", "version": -1 }), told(&[("version", "tipo-errato")])),
        (json!({ "decision": "grant", "notice": "receipt" }), told(&[("notice", "non-ammesso")])),
        (json!({ "decision": "send-again" }), told(&[("notice", "obbligatorio")])),
        (
            json!({ "decision": "send-again", "notice": "became-ready" }),
            told(&[("notice", "non-valido")]),
        ),
    ] {
        assert_eq!(refused(wrong.clone()).await, why, "{wrong}");
    }
}

/// The lists are of states in which a sent case can be, archived ones too: people ask for those that are over.
#[tokio::test]
async fn only_states_of_sent_cases_are_listed() {
    for (query, state) in [
        (None, Some("submitted")),
        (Some("in-review"), Some("in-review")),
        (Some("revoked"), Some("revoked")),
        (Some("to-send"), None),
        (Some("blocked"), None),
        (Some("archived"), Some("archived")),
        (Some("x"), None),
    ] {
        let mut event: Value = serde_json::from_str(LIST).unwrap();
        event["queryStringParameters"] =
            query.map_or_else(|| json!({}), |state| json!({ "state": state }));
        event["rawQueryString"] =
            query.map_or_else(String::new, |state| format!("state={state}")).into();
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let response = http::answer(request, |request| async move {
            http::json(200, &read_state(&request)?.code())
        })
        .await
        .unwrap();
        let found: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(found.as_str(), state, "{query:?}");
    }
}
