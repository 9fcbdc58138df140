//! What is refused before the store is asked anything (ADM-2).

use aws_config::{BehaviorVersion, SdkConfig};
use edge::http;
use scenes::authenticator;
use serde_json::Value;

use super::*;

const COMPARE: &str = include_str!("../../../events/manage-campaign/compare.json");
const LIST: &str = include_str!("../../../events/manage-campaign/list.json");

fn app(is_production: bool) -> App {
    App {
        authenticator: authenticator(),
        store: scenes::store(),
        cursors: CursorKey::new([7; 32]),
        facts: Facts::new(
            &SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build(),
            "facts".to_owned(),
        ),
        is_production,
    }
}

async fn answered(event: &str, change: impl FnOnce(&mut Value)) -> u16 {
    let mut event: Value = serde_json::from_str(event).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    handle(&app(false), request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn without_a_session_nobody_compares_or_lists() {
    assert_eq!(answered(COMPARE, |_| {}).await, 401);
    assert_eq!(answered(LIST, |_| {}).await, 401);
    let from_elsewhere =
        |event: &mut Value| event["headers"]["origin"] = "https://altrove.invalid".into();
    assert_eq!(answered(COMPARE, from_elsewhere).await, 403);
    let deletes = |event: &mut Value| event["requestContext"]["http"]["method"] = "DELETE".into();
    assert_eq!(answered(LIST, deletes).await, 405);
}

/// CAL-1: a campaign with a clock of its own is for tests; production refuses it.
#[test]
fn production_refuses_a_campaign_that_moves_the_clock() {
    let demo = include_str!("../../../campaigns/demo.toml");
    let moved = demo.replace("version = 1\nyear", "version = 1\nclock_offset_ms = 1\nyear");
    let id = "demo".parse().unwrap();
    for (is_production, document, is_accepted) in
        [(true, demo, true), (false, &moved, true), (true, &moved, false)]
    {
        let checked = publish::checked(&app(is_production), &id, document);
        assert_eq!(checked.is_ok(), is_accepted, "{is_production}");
    }
    assert!(publish::checked(&app(false), &"altra".parse().unwrap(), demo).is_err());
}

/// Of a file with a hundred and fifty mistakes a hundred are told, and that there are fifty more.
#[tokio::test]
async fn a_file_with_many_mistakes_says_how_many_are_not_listed() {
    let problems = (0..150)
        .map(|row| domain::campaign::Problem {
            path: format!("quotas[{row}].places"),
            message: "una linea senza posti".to_owned(),
        })
        .collect();
    let refused = publish::listed(problems);
    let request = lambda_http::request::from_str(COMPARE).unwrap();
    let answer = http::answer(request, |_| async move { Err(refused) }).await.unwrap();
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors[99]["field"], "quotas[99].places");
    assert_eq!(errors.len(), 101);
    assert!(errors[100]["message"].as_str().unwrap().starts_with("Altri 50 "), "{}", errors[100]);
}
