//! What signing in refuses before it asks store or provider anything: neither is there in these tests.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use scenes::{anna, tokens};
use serde_json::{Value, json};

use super::*;
use store::sessions::Caller;

const BEGIN: &str = include_str!("../../../events/sign-in/begin.json");
const CALLBACK: &str = include_str!("../../../events/sign-in/callback.json");
const SESSION: &str = include_str!("../../../events/sign-in/session.json");
const PASSWORD: &str = include_str!("../../../events/sign-in/password.json");
const REFRESH: &str = include_str!("../../../events/sign-in/refresh.json");
const SIGN_OUT: &str = include_str!("../../../events/sign-in/sign-out.json");

/// Once for all tests: each HTTP client reads the machine's certificates anew.
static NEEDS: LazyLock<App> = LazyLock::new(|| needs(tokens()));

fn needs(tokens: TokenKey) -> App {
    let store = scenes::store();
    let keying = Keying::new(b"keying secret of the tests".to_vec());
    App {
        email_accounts: store.email_accounts(keying.clone()),
        human: store.human_check(keying.clone(), 100),
        limits: Limits::new(store.attempts.clone(), keying.clone()),
        tokens,
        refresh_secrets: RefreshSecrets::new(&keying),
        keying,
        provider: Provider::new(&Registration {
            issuer: "http://127.0.0.1:1/identity".to_owned(),
            client_id: "portale".to_owned(),
            client_secret: b"client secret of the tests".to_vec(),
            return_to: "http://127.0.0.1:4600/api/sign-in/callback".to_owned(),
        })
        .unwrap(),
        public_origin: "http://127.0.0.1:4600".to_owned(),
        first_administrator: None,
        store,
    }
}

/// A token of ours that is over after so many seconds.
fn token(key: &TokenKey, seconds: i64) -> String {
    let now = Timestamp::from_millisecond(1_768_203_600_000).unwrap();
    let caller = Caller { expires: now + SignedDuration::from_secs(seconds), ..anna() };
    key.issue(&caller, now).unwrap()
}

/// Refused like this, and no cookie of a session is set.
async fn check(
    captured: &str,
    change: impl FnOnce(&mut Value),
    status: u16,
    problem: &str,
) -> Value {
    let mut event: Value = serde_json::from_str(captured).unwrap();
    change(&mut event);
    let response =
        handle(&NEEDS, lambda_http::request::from_str(&event.to_string()).unwrap()).await.unwrap();
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    let found = (response.status().as_u16(), body["type"].as_str());
    assert_eq!(found, (status, Some(format!("/problemi/{problem}").as_str())), "{body}");
    assert!(body["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{body}");
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 0);
    assert_eq!(response.headers()["cache-control"], "no-store");
    body
}

/// IDP-1: a lower level is refused with an explanation, and "Non hai SPID?" leads to the list.
#[tokio::test]
async fn level_1_is_refused_with_an_explanation_and_the_list_of_providers() {
    let change = |event: &mut Value| {
        event["rawQueryString"] = json!("level=1");
    };
    let body = check(BEGIN, change, 403, "livello-insufficiente").await;
    assert_eq!(body["providers_list"], PROVIDERS_LIST);
    assert!(body["detail"].as_str().unwrap().contains("livello 2"));
}

#[tokio::test]
async fn an_unheard_of_level_is_a_wrong_field() {
    let change = |event: &mut Value| {
        event["rawQueryString"] = json!("level=nove");
    };
    let body = check(BEGIN, change, 422, "campi-non-validi").await;
    assert_eq!(body["errors"][0]["field"], "level");
}

#[tokio::test]
async fn without_a_store_nobody_is_sent_anywhere() {
    check(BEGIN, |_| {}, 503, "servizio-non-disponibile").await;
    check(CALLBACK, |_| {}, 503, "servizio-non-disponibile").await;
}

#[tokio::test]
async fn a_return_without_its_cookie_belongs_to_another_browser() {
    let without = |event: &mut Value| event["headers"]["cookie"] = json!("theme=dark");
    assert_eq!(check(CALLBACK, without, 403, "accesso-rifiutato").await["reason"], "altro-browser");
    let strange = |event: &mut Value| event["headers"]["cookie"] = json!("__Host-oidc=x");
    assert_eq!(check(CALLBACK, strange, 403, "accesso-rifiutato").await["reason"], "altro-browser");
}

#[tokio::test]
async fn a_state_that_was_never_ours_is_not_looked_up() {
    for query in [
        String::new(),
        "state=".to_owned(),
        format!("state={}", "x".repeat(4_000)),
        "state=%C3%A8%00".to_owned(),
    ] {
        let change = |event: &mut Value| event["rawQueryString"] = json!(query);
        let body = check(CALLBACK, change, 403, "accesso-rifiutato").await;
        assert_eq!(body["reason"], "accesso-non-riconosciuto");
        assert_eq!(body["retry"], "/api/sign-in/spid?level=2");
    }
}

#[tokio::test]
async fn nobody_is_signed_in_without_a_token_of_ours() {
    check(SESSION, |_| {}, 401, "sessione-assente").await;
    let key = TokenKey::new(outside::key_ring::KeyRing::of_one("another secret"));
    let forged = [
        token(&key, 300),
        "eyJhbGciOiJub25lIn0.e30.".to_owned(),
        "x".to_owned(),
        format!("{}x", token(&tokens(), 300)),
    ];
    for forged in forged {
        let change = |event: &mut Value| {
            event["headers"]["cookie"] = json!(format!("__Host-session={forged}"));
        };
        check(SESSION, change, 401, "sessione-assente").await;
    }
}

/// ADR 35: who signed in before the session secret was rotated stays in, and a key that is taken out lets nobody in.
#[tokio::test]
async fn a_session_of_before_the_rotation_goes_on_after_it() {
    let before = outside::key_ring::KeyRing::of_one("session secret of the tests");
    let from = "2026-01-12T07:00:00Z".parse().unwrap();
    let new = "the secret of the rotation, which has bytes enough";
    let after = TokenKey::new(before.rotated("january", new, from).unwrap());
    let (old, fresh) = (token(&TokenKey::new(before.clone()), 300), token(&after, 300));
    assert_ne!(old, fresh, "the new key signs");
    let (rotated, without) = (needs(after), needs(TokenKey::new(before)));
    let status = async |app: &App, token: &str| {
        let mut event: Value = serde_json::from_str(SESSION).unwrap();
        event["headers"]["cookie"] = json!(format!("__Host-session={token}"));
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        handle(app, request).await.unwrap().status().as_u16()
    };
    // Where the token is good, what refuses is the missing store.
    assert_eq!(status(&rotated, &old).await, 503);
    assert_eq!(status(&rotated, &fresh).await, 503);
    assert_eq!(status(&without, &fresh).await, 401);
}

/// The grace of submitting is submitting's alone (ADR 0006): here the token is over on the second.
#[tokio::test]
async fn a_token_is_over_on_the_second() {
    let key = tokens();
    let with = |seconds: i64| {
        let cookie = format!("__Host-session={}", token(&key, seconds));
        move |event: &mut Value| event["headers"]["cookie"] = json!(cookie)
    };
    check(SESSION, with(0), 401, "sessione-scaduta").await;
    // One second earlier it is good: what refuses is the missing store.
    check(SESSION, with(1), 503, "servizio-non-disponibile").await;
}

#[tokio::test]
async fn only_our_own_pages_refresh_and_sign_out() {
    for captured in [REFRESH, SIGN_OUT, PASSWORD] {
        for origin in [
            Value::Null,
            json!("http://localhost:4600"),
            json!("null"),
            json!("http://127.0.0.1:4600.example"),
        ] {
            let change = |event: &mut Value| match origin {
                Value::Null => drop(event["headers"].as_object_mut().unwrap().remove("origin")),
                origin => event["headers"]["origin"] = origin,
            };
            check(captured, change, 403, "origine-non-ammessa").await;
        }
    }
}

#[tokio::test]
async fn nothing_is_refreshed_without_a_refresh_token() {
    check(REFRESH, |_| {}, 401, "sessione-assente").await;
    for wrong in ["x", "ses_00000000000000000000000000", "ses_00000000000000000000000000.x", "."] {
        let change = |event: &mut Value| {
            event["headers"]["cookie"] = json!(format!("__Host-refresh={wrong}"));
        };
        check(REFRESH, change, 401, "sessione-scaduta").await;
    }
}

/// FRM-5: saying it without a session, or twice, is no mistake, and the cookies go.
#[tokio::test]
async fn signing_out_without_a_session_still_leaves_nothing_in_the_browser() {
    let response = handle(&NEEDS, lambda_http::request::from_str(SIGN_OUT).unwrap()).await.unwrap();
    assert_eq!(response.status().as_u16(), 204);
    let cookies: Vec<_> = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|line| line.to_str().unwrap())
        .collect();
    for name in ["__Host-session=;", "__Host-refresh=;"] {
        assert!(
            cookies.iter().any(|cookie| cookie.starts_with(name) && cookie.contains("Max-Age=0")),
            "{cookies:?}"
        );
    }
    assert_eq!(response.headers()["clear-site-data"], r#""cache", "storage""#);
}

/// ACC-3: the store holds the password, and no answer is guessed.
#[tokio::test]
async fn without_a_store_no_password_is_right() {
    check(PASSWORD, |_| {}, 503, "servizio-non-disponibile").await;
}

#[tokio::test]
async fn other_methods_and_addresses_are_not_there() {
    let method = |method: &'static str| {
        move |event: &mut Value| event["requestContext"]["http"]["method"] = json!(method)
    };
    check(BEGIN, method("POST"), 405, "metodo-non-ammesso").await;
    check(SIGN_OUT, method("GET"), 405, "metodo-non-ammesso").await;
    let path =
        |event: &mut Value| event["requestContext"]["http"]["path"] = json!("/api/session/other");
    check(SESSION, path, 404, "non-trovata").await;
}

/// ADR 38: what no route takes comes here; the addresses of all other functions are known, each of them.
#[tokio::test]
async fn another_method_at_an_address_of_another_function_is_told() {
    let description: Value =
        serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
    for (path, methods) in description["paths"].as_object().unwrap() {
        assert!(methods.get("trace").is_none(), "{path}");
        let change = |event: &mut Value| {
            event["requestContext"]["http"]["path"] = json!(path.replace(['{', '}'], ""));
            event["requestContext"]["http"]["method"] = json!("TRACE");
        };
        check(SESSION, change, 405, "metodo-non-ammesso").await;
    }
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_not_read() {
    for captured in [REFRESH, SIGN_OUT] {
        check(
            captured,
            |event| event["body"] = json!("x".repeat(1 << 20)),
            413,
            "contenuto-troppo-grande",
        )
        .await;
    }
}
