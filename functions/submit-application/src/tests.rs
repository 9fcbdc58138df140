//! What submitting refuses before it asks the store anything: the store of these tests is not there.

use domain::permission::Role;
use jiff::SignedDuration;
use outside::key_ring::KeyRing;
use scenes::{away, demo, parties, tokens};
use serde_json::{Value, json};

use super::*;

/// The gateway's instant in the captured event.
const ARRIVAL: i64 = 1_768_204_800_003;

const ONE_MS: SignedDuration = SignedDuration::from_millis(1);
const AGRICULTURE: &str = "c-stag-agricoltura";

fn needs() -> App {
    let _client = away();
    App {
        store: scenes::store(),
        tokens: tokens(),
        receipts: ReceiptKeys::new(KeyRing::of_one("receipt secret of the tests")),
        public_origin: "http://127.0.0.1:4600".to_owned(),
    }
}

fn arrival() -> Timestamp {
    Timestamp::from_millisecond(ARRIVAL).unwrap()
}

fn caller(level: u8, role: Role, expires: Timestamp) -> Caller {
    Caller { level, expires, ..scenes::caller(parties().representative, role) }
}

/// The captured event, with a session's cookie and whatever the case changes.
fn event(cookie: Option<&str>, change: impl FnOnce(&mut Value)) -> Request {
    let mut event: Value =
        serde_json::from_str(include_str!("../../../events/submit-application/submit.json"))
            .unwrap();
    if let Some(cookie) = cookie {
        event["headers"]["cookie"] = json!(format!("__Host-session={cookie}"));
    }
    change(&mut event);
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

async fn answer(caller: Option<Caller>, change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let app = needs();
    let token = caller.map(|caller| app.tokens.issue(&caller, arrival()).unwrap());
    let response = handle(&app, event(token.as_deref(), change)).await.unwrap();
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    (response.status().as_u16(), body)
}

fn employer() -> Caller {
    caller(2, Role::Employer, arrival() + SignedDuration::from_mins(5))
}

async fn check(
    caller: Option<Caller>,
    change: impl FnOnce(&mut Value),
    status: u16,
    problem: &str,
) -> Value {
    let (found, body) = answer(caller, change).await;
    assert_eq!(
        (found, body["type"].as_str()),
        (status, Some(format!("/problemi/{problem}").as_str())),
        "{body}"
    );
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
    body
}

#[tokio::test]
async fn without_a_session_nothing_is_sent() {
    check(None, |_| {}, 401, "sessione-assente").await;
}

#[tokio::test]
async fn a_forged_session_is_no_session() {
    check(
        None,
        |event| event["headers"]["cookie"] = json!("__Host-session=eyJhbGciOiJub25lIn0.e30."),
        401,
        "sessione-assente",
    )
    .await;
}

/// Architecture, Edges: a token up to 30 minutes past its expiry still submits.
#[tokio::test]
async fn a_token_thirty_minutes_past_its_expiry_is_over() {
    let expires = arrival() - LONGEST_LATE_TOKEN;
    check(Some(caller(2, Role::Employer, expires)), |_| {}, 401, "sessione-scaduta").await;
}

/// One millisecond earlier the same token is still good: the refusal is the missing store's.
#[tokio::test]
async fn a_token_just_inside_the_grace_goes_on_to_the_store() {
    let expires = arrival() - LONGEST_LATE_TOKEN + SignedDuration::from_secs(1);
    check(Some(caller(2, Role::Employer, expires)), |_| {}, 503, "servizio-non-disponibile").await;
}

/// IDP-1
#[tokio::test]
async fn level_1_may_not_send() {
    check(
        Some(caller(1, Role::Employer, arrival() + SignedDuration::from_mins(5))),
        |_| {},
        403,
        "livello-insufficiente",
    )
    .await;
}

#[tokio::test]
async fn an_officer_may_not_send() {
    check(
        Some(caller(3, Role::Officer, arrival() + SignedDuration::from_mins(5))),
        |_| {},
        403,
        "azione-non-consentita",
    )
    .await;
}

#[tokio::test]
async fn another_site_may_not_send() {
    check(
        Some(employer()),
        |event| event["headers"]["origin"] = json!("https://sportello-falso.example"),
        403,
        "origine-non-ammessa",
    )
    .await;
}

#[tokio::test]
async fn broken_json_is_told_as_such() {
    check(
        Some(employer()),
        |event| event["body"] = json!("{\"campaign\":"),
        400,
        "richiesta-illeggibile",
    )
    .await;
}

#[tokio::test]
async fn a_form_is_not_json() {
    check(
        Some(employer()),
        |event| event["headers"]["content-type"] = json!("text/plain"),
        415,
        "formato-non-ammesso",
    )
    .await;
}

#[tokio::test]
async fn a_huge_body_is_refused() {
    check(
        Some(employer()),
        |event| event["body"] = json!("x".repeat(1024 * 1024)),
        413,
        "contenuto-troppo-grande",
    )
    .await;
}

#[tokio::test]
async fn all_field_mistakes_are_told_at_once() {
    let body = check(
        Some(employer()),
        |event| {
            event["body"] = json!("{\"campaign\":7,\"application\":\"app_1\",\"colour\":\"red\"}");
        },
        422,
        "campi-non-validi",
    )
    .await;
    let mut fields: Vec<_> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect();
    fields.sort();
    assert_eq!(fields, ["application", "campaign", "colour", "model"]);
}

#[tokio::test]
async fn only_post_sends() {
    check(
        Some(employer()),
        |event| event["requestContext"]["http"]["method"] = json!("GET"),
        405,
        "metodo-non-ammesso",
    )
    .await;
}

/// The same event as a press for many.
fn for_many(body: Value) -> impl FnOnce(&mut Value) {
    move |event| {
        event["requestContext"]["http"]["path"] = json!("/api/submissions/batch");
        event["rawPath"] = json!("/api/submissions/batch");
        event["body"] = json!(body.to_string());
    }
}

/// FRM-4: the function refuses a wrong selection before it asks the store.
#[tokio::test]
async fn a_press_for_many_tells_every_wrong_identifier() {
    let wrong = json!({ "campaign": "demo", "model": "è", "applications": ["app_1", 2] });
    let body = check(Some(employer()), for_many(wrong), 422, "campi-non-validi").await;
    let fields: Vec<_> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["model", "applications[0]", "applications[1]"]);
}

#[tokio::test]
async fn a_press_for_many_needs_the_same_right() {
    let body = json!({ "campaign": "demo", "model": "c-stag-agricoltura" });
    let soon = arrival() + SignedDuration::from_mins(5);
    check(None, for_many(body.clone()), 401, "sessione-assente").await;
    let officer = caller(3, Role::Officer, soon);
    check(Some(officer), for_many(body.clone()), 403, "azione-non-consentita").await;
    let low = caller(1, Role::Employer, soon);
    check(Some(low), for_many(body.clone()), 403, "livello-insufficiente").await;
    check(Some(employer()), for_many(body), 503, "servizio-non-disponibile").await;
}

/// The ticket in an answer, read by the key of its decree as the retry will read it.
fn kept(token: &Value, application: &ApplicationId) -> ArrivalTicket {
    let key = needs().receipts.at(&"demo".parse().unwrap(), arrival());
    let account = &employer().account;
    ArrivalTicket::verify(token.as_str().unwrap(), &key.public(), application, account).unwrap()
}

/// SUB-5: a function that has just started and cannot read the decree knows when the request came, and says so.
#[tokio::test]
async fn a_store_that_is_away_before_the_decree_is_read_costs_no_arrival() {
    let body = check(Some(employer()), |_| {}, 503, "servizio-non-disponibile").await;
    let application = "app_01h0000000000000000000000a".parse().unwrap();
    let ticket = kept(&body["arrival_ticket"], &application);
    assert_eq!(ticket.arrival, arrival());
    assert_eq!(ticket.model.as_str(), "c-stag-agricoltura");
    assert_eq!(body["arrival"], arrival().to_string());
    // How long it serves is the decree's matter.
    assert!(body.get("ticket_until").is_none(), "{body}");
}

/// SUB-5: the ticket of an earlier try is the better one; a later arrival must not take its place.
#[tokio::test]
async fn whoever_brings_a_ticket_to_a_store_that_is_away_gets_no_later_one() {
    let brings = |event: &mut Value| event["headers"]["arrival-ticket"] = json!("at2.of.before");
    let body = check(Some(employer()), brings, 503, "servizio-non-disponibile").await;
    assert!(body.get("arrival_ticket").is_none() && body.get("arrival").is_none(), "{body}");
}

/// FRM-4, SUB-5: the same for a selection, one by one.
#[tokio::test]
async fn a_selection_keeps_its_arrivals_while_the_decree_cannot_be_read() {
    let [with, without] = [1, 2].map(|byte| ApplicationId::from_random([byte; 16]));
    let selection = json!({
        "campaign": "demo", "model": "c-stag-agricoltura", "applications": [with, without],
        "arrival_tickets": { with.as_str(): "at2.of.before" },
    });
    let body = check(Some(employer()), for_many(selection), 503, "servizio-non-disponibile").await;
    assert_eq!(body["arrival_tickets"].as_object().unwrap().len(), 1, "{body}");
    let ticket = kept(&body["arrival_tickets"][without.as_str()], &without);
    assert_eq!(ticket.arrival, arrival());
    assert!(body["detail"].as_str().unwrap().contains("biglietto"), "{body}");
}

/// The arrival that the ticket of a press on a model keeps, which came at [`arrival`], when the same person brings it at `now`
/// to the press on agriculture. The demonstration's tickets last two minutes.
fn brought_back(model: &str, now: Timestamp) -> Option<Timestamp> {
    let decree = Decree { campaign: Arc::new(demo()), keys: needs().receipts, now };
    let caller = employer();
    let (id, campaign) = (ApplicationId::from_random([1; 16]), "demo".parse().unwrap());
    let (model, agriculture) = (model.parse().unwrap(), AGRICULTURE.parse().unwrap());
    let token = ticket(&decree.keys, &id, &press(&caller, &campaign, &model), arrival());
    decree.kept_arrival(&token, &id, &press(&caller, &campaign, &agriculture))
}

/// SUB-3: to the millisecond.
#[test]
fn a_ticket_keeps_its_arrival_until_a_millisecond_before_its_end_and_no_longer() {
    let end = arrival() + SignedDuration::from_mins(2);
    for now in [arrival(), arrival() + ONE_MS, end - ONE_MS] {
        assert_eq!(brought_back(AGRICULTURE, now), Some(arrival()), "{now}");
    }
    for now in [end, end + ONE_MS, end + SignedDuration::from_hours(24)] {
        assert_eq!(brought_back(AGRICULTURE, now), None, "{now}");
    }
}

#[test]
fn a_ticket_of_an_arrival_that_is_still_to_come_keeps_nothing() {
    assert_eq!(brought_back(AGRICULTURE, arrival() - ONE_MS), None);
}

#[test]
fn a_ticket_for_one_model_keeps_no_arrival_for_another() {
    assert_eq!(brought_back("c-stag-turismo", arrival()), None);
}
