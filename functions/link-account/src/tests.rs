//! What linking an account refuses before it asks the store anything, and how it reads a claim (IDP-2).

use domain::permission::{self, Role};
use scenes::{anna, authenticator, rome, tokens};
use serde_json::{Value, json};

use super::*;

const LINK: &str = include_str!("../../../events/link-account/link.json");

/// So little work that a test solves a challenge at once.
const WORK: u32 = 100;

fn needs() -> App {
    let keying = Keying::new(b"keying secret of the tests".to_vec());
    App::new(authenticator(), scenes::store(), keying, WORK)
}

async fn answer(change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let mut event: Value = serde_json::from_str(LINK).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = handle(&needs(), request).await.unwrap();
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

/// Refused like this.
async fn check(change: impl FnOnce(&mut Value), status: u16, problem: &str) {
    let (found, body) = answer(change).await;
    assert_eq!((found, &body["type"]), (status, &json!(format!("/problemi/{problem}"))), "{body}");
}

fn signed_in(level: u8) -> impl FnOnce(&mut Value) {
    let caller = Caller { level, ..anna() };
    let token = tokens().issue(&caller, rome("2026-01-12 08:00")).unwrap();
    move |event| event["headers"]["cookie"] = json!(format!("__Host-session={token}"))
}

#[tokio::test]
async fn nothing_is_linked_without_a_session() {
    check(|_| {}, 401, "sessione-assente").await;
}

#[tokio::test]
async fn only_our_own_pages_link_an_account() {
    for origin in [json!("http://localhost:4600"), json!("null"), json!("https://altrove.example")]
    {
        check(|event| event["headers"]["origin"] = origin, 403, "origine-non-ammessa").await;
    }
}

/// A person who reads 503 says the same again, and the next try goes on.
#[tokio::test]
async fn a_store_that_does_not_answer_is_told_as_such() {
    check(signed_in(2), 503, "servizio-non-disponibile").await;
}

#[tokio::test]
async fn other_methods_and_paths_are_told_apart() {
    let method = |event: &mut Value| event["requestContext"]["http"]["method"] = json!("GET");
    check(method, 405, "metodo-non-ammesso").await;
    let path = |event: &mut Value| event["requestContext"]["http"]["path"] = json!("/api/session");
    check(path, 404, "non-trovata").await;
}

/// What a claim is refused for, field by field.
async fn refused(body: Value) -> Vec<String> {
    let mut event: Value = serde_json::from_str(LINK).unwrap();
    event["body"] = body.to_string().into();
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let app = needs();
    let human = &app.human;
    let response = http::answer(request, |request| async move {
        Claim::read(&request, human).await?;
        http::empty(204)
    })
    .await
    .unwrap();
    if response.status() == 204 {
        return Vec::new();
    }
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
}

/// A solved challenge, good at the instant of the captured request.
fn solved() -> String {
    let event: Value = serde_json::from_str(LINK).unwrap();
    let arrival = event["requestContext"]["timeEpoch"].as_i64().unwrap();
    let arrival = jiff::Timestamp::from_millisecond(arrival).unwrap();
    let challenge = needs().human.challenge([3; 16], arrival);
    store::human_check::solve(&challenge).unwrap()
}

#[tokio::test]
async fn a_claim_is_read_strictly() {
    let claim = |change: &dyn Fn(&mut Value)| {
        let mut body = json!({
            "given_name": "Bruno", "family_name": "De Angelis", "birth_date": "1980-03-25",
            "email": "bruno@example.it", "application": "app_01h0000000000000000000000a",
            "password": "ombrello-7-lanterna",
            "human_check": solved(),
        });
        change(&mut body);
        refused(body)
    };
    assert_eq!(claim(&|_| {}).await, Vec::<String>::new());
    // What cannot be an identifier is as wrong as one of another account, and told in the same words.
    assert_eq!(
        claim(&|body| body["application"] = json!("mia domanda")).await,
        Vec::<String>::new()
    );
    assert_eq!(claim(&|body| body["birth_date"] = json!("25/03/1980")).await, ["birth_date"]);
    assert_eq!(claim(&|body| body["email"] = json!("bruno")).await, ["email"]);
    assert_eq!(claim(&|body| body["human_check"] = json!("x")).await, ["human_check"]);
    // Neither the password nor a code from the mailbox: what is left is printed in letters (IDP-2).
    assert_eq!(claim(&|body| body["password"] = Value::Null).await, ["password"]);
    assert_eq!(claim(&|body| body["extra"] = json!(1)).await, ["extra"]);
    let nothing = refused(json!({})).await;
    assert_eq!(nothing.len(), 6, "{nothing:?}");
}

/// IDP-2: a link is undone by administrators alone, with a reason.
#[tokio::test]
async fn only_an_administrator_undoes_a_link_and_says_why() {
    let undo = |role: Role, reason: &'static str| {
        let caller = Caller { role, ..anna() };
        let token = tokens().issue(&caller, rome("2026-01-12 08:00")).unwrap();
        move |event: &mut Value| {
            let account = AccountId::keyed(&[9; 32]);
            let path = format!("/api/account/links/{account}/undo");
            event["requestContext"]["http"]["path"] = json!(path);
            event["rawPath"] = json!(path);
            event["headers"]["cookie"] = json!(format!("__Host-session={token}"));
            event["body"] = json!(json!({ "reason": reason }).to_string());
        }
    };
    // The session's row is asked for first: without a store nobody gets further.
    check(undo(Role::Administrator, "Non l'ha chiesta."), 503, "servizio-non-disponibile").await;
    for role in Role::ALL.iter().copied() {
        assert_eq!(permission::undoes_links(role), role == Role::Administrator, "{role}");
    }
}
