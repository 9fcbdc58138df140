//! What answering refuses before it asks the store anything, and how the tables and the term judge an answer (CNF-1).

use domain::{decision::StepError, ids::AccountId, lifecycle::Event, permission::Role};
use jiff::{SignedDuration, Timestamp};
use scenes::{after, anna, authenticator, caller, case_in, demo, judged, rome};
use serde_json::{Value, json};

use super::*;

const CONFIRM: &str = include_str!("../../../events/answer-confirmation/confirm.json");
const RENOUNCE: &str = include_str!("../../../events/answer-confirmation/renounce.json");
const INTEGRATION: &str = include_str!("../../../events/answer-confirmation/integration.json");

/// The instant at which Anna's term of fifteen days ends.
const END: &str = "2026-05-20 00:00";

fn needs() -> App {
    App { authenticator: authenticator(), store: scenes::store() }
}

async fn answered(event: &str, change: impl FnOnce(&mut Value)) -> u16 {
    let mut event: Value = serde_json::from_str(event).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    handle(&needs(), request).await.unwrap().status().as_u16()
}

/// Asked to confirm on 4 May 2026 at 9.
fn asked(campaign: &Campaign) -> Application {
    let sent = rome("2026-05-04 09:00");
    let context = judged(campaign, sent);
    let begun = case_in(State::AwaitingConfirmation).begin(TermKind::Confirmation, sent, &context);
    begun.unwrap().unwrap().into_after()
}

/// An answer as the body of a request gives it.
async fn given(body: Value) -> Result<ParsedAnswer, Value> {
    let mut event: Value = serde_json::from_str(CONFIRM).unwrap();
    event["body"] = json!(body.to_string());
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let mut found = None;
    let response = http::answer(request, |request| {
        let read = ParsedAnswer::read(&request).map(|parsed| found = Some(parsed));
        async move { read.map(|()| Response::new(Body::Empty)) }
    })
    .await
    .unwrap();
    found.ok_or_else(|| serde_json::from_slice(response.body()).unwrap())
}

#[tokio::test]
async fn the_captured_answers_reach_the_door_and_no_further_without_a_session() {
    for event in [CONFIRM, RENOUNCE, INTEGRATION] {
        assert_eq!(answered(event, |_| {}).await, 401);
        let without_origin = |event: &mut Value| {
            event["headers"].as_object_mut().unwrap().remove("origin");
        };
        assert_eq!(answered(event, without_origin).await, 403);
    }
    let other_method = |event: &mut Value| event["requestContext"]["http"]["method"] = json!("GET");
    assert_eq!(answered(CONFIRM, other_method).await, 405);
}

#[tokio::test]
async fn an_answer_is_read_strictly_and_all_mistakes_are_told_at_once() {
    for good in [
        json!({ "answer": "confirm" }),
        json!({ "answer": "confirm", "confirmed": null, "text": null }),
        json!({ "answer": "renounce" }),
        json!({ "answer": "renounce", "confirmed": true }),
        json!({ "answer": "undo-renunciation" }),
        json!({ "answer": "withdraw" }),
        json!({ "answer": "object", "text": "à".repeat(4_000) }),
        json!({ "answer": "provide-integration", "text": "Alleghiamo." }),
    ] {
        assert!(given(good.clone()).await.is_ok(), "{good}");
    }
    let wrong = [
        (json!({}), "answer", "obbligatorio"),
        (json!({ "answer": "Confirm" }), "answer", "non-valido"),
        (json!({ "answer": 1 }), "answer", "tipo-errato"),
        (json!({ "answer": ["confirm"] }), "answer", "tipo-errato"),
        (json!({ "answer": "confirm", "confirmed": true }), "confirmed", "non-previsto"),
        (json!({ "answer": "renounce", "confirmed": "true" }), "confirmed", "tipo-errato"),
        (json!({ "answer": "renounce", "confirmed": 1 }), "confirmed", "tipo-errato"),
        (json!({ "answer": "withdraw", "text": "Ci ripensiamo." }), "text", "non-previsto"),
        (json!({ "answer": "object" }), "text", "obbligatorio"),
        (json!({ "answer": "object", "text": "troppo   " }), "text", "troppo-corto"),
        (json!({ "answer": "object", "text": "a".repeat(4_001) }), "text", "troppo-lungo"),
        (json!({ "answer": "provide-integration", "text": {} }), "text", "tipo-errato"),
        (json!({ "answer": "confirm", "arrival": "2026-01-01" }), "arrival", "sconosciuto"),
    ];
    for (body, field, code) in wrong {
        let problem = given(body.clone()).await.unwrap_err();
        let found = (&problem["errors"][0]["field"], &problem["errors"][0]["code"]);
        assert_eq!(found, (&json!(field), &json!(code)), "{body}");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{body}");
    }
    let problem = given(json!({ "answer": 1, "confirmed": 1, "more": 1 })).await.unwrap_err();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3);
}

/// CNF-2: the last millisecond counts, the end does not; an answer after the sweeper's write gets "the term is over",
/// too.
#[tokio::test]
async fn an_answer_is_judged_by_its_arrival_whatever_the_state_says() {
    let campaign = demo();
    let end = rome(END);
    let one_ms = SignedDuration::from_millis(1);
    let confirm = given(json!({ "answer": "confirm" })).await.unwrap();
    let access = |head: Application| ApplicationAccess::of(head, &anna()).unwrap();
    let judged_at = |head: Application, now: Timestamp| {
        accepted_answer(&access(head), &anna(), &confirm, &judged(&campaign, now))
    };
    assert!(judged_at(asked(&campaign), end - one_ms).is_ok());
    let Err(Rejection::TooLate { why: StepError::Late(late), ended, .. }) =
        judged_at(asked(&campaign), end)
    else {
        panic!("an answer at the end counted")
    };
    assert_eq!((late, ended), (end, end));
    let swept = judged(&campaign, end + SignedDuration::from_mins(5));
    let expired = after(&asked(&campaign), Event::Expire, &swept);
    let overtaken = judged_at(expired.clone(), end - one_ms);
    assert!(matches!(overtaken, Err(Rejection::TooLate { why: StepError::Overtaken(_), .. })));
    let late = judged_at(expired, end);
    assert!(matches!(late, Err(Rejection::TooLate { why: StepError::Late(_), .. })));
    // Early: the consular checks are not concluded.
    let Err(Rejection::Refused(early)) =
        judged_at(case_in(State::Granted), rome("2026-04-01 09:00"))
    else {
        panic!("an early answer counted")
    };
    assert_eq!(early.kind(), ProblemKind::WrongState);
}

/// OWN-1: a colleague may read and not answer, late or not; a stranger finds nothing.
#[tokio::test]
async fn whoever_may_not_answer_is_refused_by_role_and_leaves_no_evidence() {
    let campaign = demo();
    let confirm = given(json!({ "answer": "confirm" })).await.unwrap();
    let colleague = caller(AccountId::keyed(&[9; 32]), Role::Operator);
    for now in [rome("2026-05-10 09:00"), rome(END)] {
        let access = ApplicationAccess::of(asked(&campaign), &colleague).unwrap();
        let judged = judged(&campaign, now);
        let Err(Rejection::Refused(problem)) =
            accepted_answer(&access, &colleague, &confirm, &judged)
        else {
            panic!("a colleague answered")
        };
        assert_eq!(problem.kind(), ProblemKind::NotAllowed);
    }
    let stranger = caller(AccountId::keyed(&[8; 32]), Role::Employer);
    assert!(ApplicationAccess::of(asked(&campaign), &stranger).is_err());
}

/// CNF-1: the second question names the instant, which the end of the term cuts.
#[tokio::test]
async fn the_second_question_says_until_when_a_renunciation_could_be_undone() {
    let campaign = demo();
    for (now, until) in [
        ("2026-05-06 10:00", "2026-05-06T11:00:00.000+02:00"),
        ("2026-05-19 23:30", "2026-05-20T00:00:00.000+02:00"),
    ] {
        let after = after(&asked(&campaign), Event::Renounce, &judged(&campaign, rome(now)));
        let request = lambda_http::request::from_str(RENOUNCE).unwrap();
        let response = http::answer(request, |_| async move { Err(to_confirm(&after)) });
        let response = response.await.unwrap();
        let document: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(response.status().as_u16(), 409);
        assert_eq!(document["type"], "/problemi/rinuncia-da-confermare");
        assert_eq!(document["undo_until"], until);
    }
}

/// CNF-3: after a renunciation the hour to undo it runs, before it the term itself.
#[test]
fn the_answer_shows_what_runs_and_how_long() {
    let campaign = demo();
    let context = judged(&campaign, rome("2026-05-19 23:00"));
    let shown = |head: Application| {
        let access = ApplicationAccess::of(head, &anna()).unwrap();
        serde_json::to_value(AnswerView::of(&access, &context).unwrap()).unwrap()
    };
    let before = shown(asked(&campaign));
    assert_eq!(before["term"]["kind"], "confirmation");
    assert_eq!(before["term"]["ms_left"], 3_600_000);
    assert_eq!(before["term"]["ends_in_words"], "le ore 24:00 di martedì 19 maggio 2026");
    let actions: Vec<_> =
        before["allowed"].as_array().unwrap().iter().map(|one| one["action"].clone()).collect();
    assert!(actions.contains(&json!("confirm")) && actions.contains(&json!("renounce")));
    let renouncing = shown(after(&asked(&campaign), Event::Renounce, &context));
    assert_eq!(renouncing["state"], "renouncing");
    assert_eq!(renouncing["term"]["kind"], "renounce-undo");
    assert_eq!(renouncing["term"]["ends_at"], "2026-05-20T00:00:00.000+02:00");
    let confirmed = shown(after(&asked(&campaign), Event::Confirm, &context));
    assert_eq!((&confirmed["state"], &confirmed["version"]), (&json!("confirmed"), &json!(9)));
    assert_eq!(confirmed.get("term"), None);
}

/// Personal words of an employer stand in no log.
#[tokio::test]
async fn what_an_employer_writes_is_not_shown_by_debug() {
    let body = json!({ "answer": "object", "text": "Il signor Rossi ha un alloggio." });
    assert_eq!(format!("{:?}", given(body).await.unwrap()), "ParsedAnswer(object)");
}
