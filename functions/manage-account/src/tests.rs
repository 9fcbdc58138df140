//! What managing accounts refuses before it asks the store anything: none is there in these tests.

use std::sync::LazyLock;

use scenes::authenticator;
use serde_json::{Value, json};

use super::*;

const CHALLENGE: &str = include_str!("../../../events/manage-account/human-check.json");
const MAIL: &str = include_str!("../../../events/manage-account/human-check-mail.json");
const REGISTER: &str = include_str!("../../../events/manage-account/register.json");
const ACTIVATE: &str = include_str!("../../../events/manage-account/activate.json");
const CODE: &str = include_str!("../../../events/manage-account/activation-code.json");
const READ: &str = include_str!("../../../events/manage-account/read.json");
const CHANGE: &str = include_str!("../../../events/manage-account/change.json");
const CONFIRM: &str = include_str!("../../../events/manage-account/confirm-address.json");
const RECOVERY: &str = include_str!("../../../events/manage-account/recovery.json");
const NEW_PASSWORD: &str = include_str!("../../../events/manage-account/new-password.json");
const CLOSURE: &str = include_str!("../../../events/manage-account/closure.json");
const EXPORT: &str = include_str!("../../../events/manage-account/export.json");

static NEEDS: LazyLock<App> = LazyLock::new(|| {
    let store = scenes::store();
    let keying = Keying::new(b"keying secret of the tests".to_vec());
    App {
        email_accounts: store.email_accounts(keying.clone()),
        authenticator: authenticator(),
        human: store.human_check(keying.clone(), 100),
        limits: Limits::new(store.attempts.clone(), keying),
        public_origin: "http://127.0.0.1:4600".to_owned(),
        store,
    }
});

async fn answered(captured: &str, change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let mut event: Value = serde_json::from_str(captured).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = handle(&NEEDS, request).await.unwrap();
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 0);
    assert_eq!(response.headers()["cache-control"], "no-store");
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

async fn check(captured: &str, change: impl FnOnce(&mut Value), status: u16, problem: &str) {
    let (found, body) = answered(captured, change).await;
    assert_eq!(
        (found, body["type"].as_str()),
        (status, Some(format!("/problemi/{problem}").as_str())),
        "{body}"
    );
}

/// ADR 11: the challenge costs the store nothing, so that asking for many costs us nothing.
#[tokio::test]
async fn a_challenge_needs_no_store() {
    let (status, body) = answered(CHALLENGE, |_| {}).await;
    assert_eq!(
        (status, &body["algorithm"], &body["maxnumber"]),
        (200, &json!("SHA-256"), &json!(100))
    );
}

#[tokio::test]
async fn only_our_own_pages_change_anything() {
    for captured in
        [MAIL, REGISTER, ACTIVATE, CODE, CHANGE, CONFIRM, RECOVERY, NEW_PASSWORD, CLOSURE]
    {
        for origin in ["https://altrove.example", "null", "http://localhost:4600"] {
            let change = |event: &mut Value| event["headers"]["origin"] = json!(origin);
            check(captured, change, 403, "origine-non-ammessa").await;
        }
    }
}

#[tokio::test]
async fn nobody_reads_or_changes_an_account_without_a_token_of_ours() {
    for captured in [READ, CHANGE, CLOSURE, EXPORT] {
        check(captured, |_| {}, 401, "sessione-assente").await;
        let without =
            |event: &mut Value| drop(event["headers"].as_object_mut().unwrap().remove("cookie"));
        check(captured, without, 401, "sessione-assente").await;
    }
}

#[tokio::test]
async fn without_a_store_nothing_is_promised() {
    for captured in [MAIL, REGISTER, ACTIVATE, CODE, CONFIRM, RECOVERY, NEW_PASSWORD] {
        check(captured, |_| {}, 503, "servizio-non-disponibile").await;
    }
}

#[tokio::test]
async fn huge_bodies_other_methods_and_addresses_are_refused() {
    for captured in [REGISTER, ACTIVATE, RECOVERY, CHANGE] {
        let huge = |event: &mut Value| event["body"] = json!("x".repeat(1 << 20));
        check(captured, huge, 413, "contenuto-troppo-grande").await;
        let method =
            |event: &mut Value| event["requestContext"]["http"]["method"] = json!("DELETE");
        check(captured, method, 405, "metodo-non-ammesso").await;
        let path = |event: &mut Value| {
            event["requestContext"]["http"]["path"] = json!("/api/accounts/other/path");
        };
        check(captured, path, 404, "non-trovata").await;
    }
}
