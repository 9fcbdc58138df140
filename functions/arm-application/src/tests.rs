//! What arming refuses before it asks the store, and what it says to each application (NEW-1).

use std::sync::Arc;

use domain::{
    application::{ArmedSend, Ready, Stage},
    campaign::{CampaignFile, Order, WindowFile},
    lifecycle::{Event, State},
    permission::{Action, Role},
};
use edge::access::{ApplicationAccess, armed_send};
use jiff::SignedDuration;
use scenes::{anna, away, caller, case_in, demo, parties, rome};
use serde_json::{Value, json};
use store::sessions::Caller;

use super::*;
use crate::view::{
    ArmedOutcome::{self, AlreadyArmed, Armed, Arrived, Closed, Disarmed, NotArmed, NotFound},
    ArmedOutcomeView,
};

const ARM: &str = include_str!("../../../events/arm-application/arm.json");
const DISARM: &str = include_str!("../../../events/arm-application/disarm.json");
const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

async fn answer(event: &str, change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let _client = away();
    let app = App { authenticator: scenes::authenticator(), store: scenes::store() };
    let mut event: Value = serde_json::from_str(event).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = handle(&app, request).await.unwrap();
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

fn signed_in(caller: &Caller) -> impl FnOnce(&mut Value) {
    let now = rome("2026-01-11 20:00");
    let token = scenes::tokens().issue(caller, now).unwrap();
    move |event| event["headers"]["cookie"] = json!(format!("__Host-session={token}"))
}

#[tokio::test]
async fn without_a_session_from_our_own_pages_nobody_arms_or_disarms() {
    for event in [ARM, DISARM] {
        let (status, problem) = answer(event, |_| {}).await;
        assert_eq!((status, &problem["type"]), (401, &json!("/problemi/sessione-assente")));
        let elsewhere = |event: &mut Value| {
            event["headers"]["origin"] = json!("https://sportello-falso.example");
        };
        let (status, problem) = answer(event, elsewhere).await;
        assert_eq!((status, &problem["type"]), (403, &json!("/problemi/origine-non-ammessa")));
        let (status, _) =
            answer(event, |event| event["requestContext"]["http"]["method"] = json!("GET")).await;
        assert_eq!(status, 405);
    }
}

/// ORG-4: unlike a single press it asks for the session's row, which is not there to be read.
#[tokio::test]
async fn a_good_token_alone_arms_nothing() {
    for event in [ARM, DISARM] {
        let (status, problem) = answer(event, signed_in(&anna())).await;
        assert_eq!((status, &problem["type"]), (503, &json!("/problemi/servizio-non-disponibile")));
    }
}

/// What a body that was read asks for, or the fields that are wrong.
async fn read(body: &Value) -> Result<usize, Vec<String>> {
    let mut event: Value = serde_json::from_str(ARM).unwrap();
    event["body"] = json!(body.to_string());
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = http::answer(request, |request| async move {
        let asked = Asked::read(&request)?;
        http::json(200, &asked.applications.map_or(0, |ids| ids.len()))
    });
    let response = response.await.unwrap();
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    match answer.as_u64() {
        Some(many) => Ok(usize::try_from(many).unwrap()),
        None => Err(answer["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect()),
    }
}

#[tokio::test]
async fn a_wrong_selection_is_told_identifier_by_identifier() {
    let id = "app_01h0000000000000000000000a";
    let named =
        |ids: Value| json!({ "campaign": "demo", "model": "c-stag-turismo", "applications": ids });
    assert_eq!(read(&json!({ "campaign": "demo", "model": "c-stag-turismo" })).await, Ok(0));
    assert_eq!(read(&named(json!([id]))).await, Ok(1));
    let many: Vec<_> = (0..101).map(|n| format!("app_{n:026}")).collect();
    for wrong in [json!([]), json!(many), json!(null), json!(id)] {
        assert_eq!(read(&named(wrong)).await, Err(vec!["applications".to_owned()]));
    }
    let wrong = ["applications[1]", "applications[2]", "applications[3]"].map(str::to_owned);
    assert_eq!(read(&named(json!([id, "app_1", id, 7]))).await, Err(wrong.to_vec()));
    let unknown = json!({ "campaign": "demo", "model": "è", "when": "ora" });
    assert_eq!(read(&unknown).await, Err(vec!["model".to_owned(), "when".to_owned()]));
}

/// The demonstration's decree, in which people arm until 12 January 2026 at nine.
fn decree(now: Timestamp, change: impl FnOnce(&mut CampaignFile)) -> Decree {
    let mut file = demo().into_file();
    file.policies.order = Order::Armed;
    file.policies.armed_spread_ms = None;
    file.clock_offset_ms = 0;
    for model in &mut file.models {
        model.submit = vec![WindowFile::new("2026-01-12 09:00", "2026-12-31 00:00")];
    }
    change(&mut file);
    let campaign = Arc::new(Campaign::try_from(file).unwrap());
    Decree { campaign, model: "c-stag-agricoltura".parse().unwrap(), now, begun: Vec::new() }
}

fn opening() -> Timestamp {
    rome("2026-01-12 09:00")
}

fn ready() -> Ready {
    Ready {
        digest: [5; 32],
        worker: None,
        province: "FG".to_owned(),
        since: rome("2026-01-02 10:00"),
    }
}

/// Bruno armed it on the eve.
fn armed() -> Stage {
    Stage::Armed(ArmedSend {
        ready: ready(),
        armed: rome("2026-01-11 18:00"),
        submitted_by: parties().filer,
    })
}

fn standing(stage: Stage) -> Application {
    Application { stage, ..case_in(State::Submitted) }
}

fn bruno() -> Caller {
    caller(parties().filer, Role::Operator)
}

/// What one caller's request does to an application: the event, or the outcome with what people read.
fn said(
    change: Change,
    caller: &Caller,
    decree: &Decree,
    head: &Application,
) -> Result<Event, (ArmedOutcome, String)> {
    let judge = Judge { caller, decree, change };
    match judge.judged(&head.id, Some(head.clone())) {
        Ok(decision) => Ok(decision.occurrence().event.unwrap()),
        Err(outcome) => {
            let text = outcome.problem.map(|problem| problem.detail).unwrap_or_default();
            Err((outcome.outcome, text))
        }
    }
}

/// NEW-1: by the request's arrival, to the millisecond.
#[test]
fn nobody_arms_or_disarms_at_the_opening_and_one_millisecond_before_it_both_do() {
    let before = decree(opening() - ONE_MS, |_| {});
    let at = decree(opening(), |_| {});
    for person in [anna(), bruno()] {
        let ready = standing(Stage::ToSend(ready()));
        assert_eq!(said(Change::Arm, &person, &before, &ready), Ok(Event::Arm));
        let (outcome, text) = said(Change::Arm, &person, &at, &ready).unwrap_err();
        assert_eq!(outcome, Closed);
        assert_eq!(
            text,
            "La finestra è aperta da lunedì 12 gennaio 2026, ore 09:00:00,000: non serve prenotare, premi Invia."
        );
        let armed = standing(armed());
        assert_eq!(said(Change::Disarm, &person, &before, &armed), Ok(Event::Disarm));
        let (outcome, text) = said(Change::Disarm, &person, &at, &armed).unwrap_err();
        assert_eq!(outcome, Arrived);
        assert!(text.contains("non si può più annullare"), "{text}");
    }
}

/// NEW-1: what was armed before a window that is over waits for its sending, and is not disarmed for the next one.
#[test]
fn what_has_arrived_is_not_disarmed_after_a_window_of_ten_minutes() {
    let short = vec![
        WindowFile::new("2026-01-12 09:00", "2026-01-12 09:10"),
        WindowFile::new("2026-03-12 09:00", "2026-03-12 09:10"),
    ];
    let after = decree(rome("2026-01-12 09:30"), move |file| {
        file.models.iter_mut().for_each(|model| model.submit.clone_from(&short));
    });
    let (outcome, _) = said(Change::Disarm, &anna(), &after, &standing(armed())).unwrap_err();
    assert_eq!(outcome, Arrived);
    let ready = standing(Stage::ToSend(ready()));
    assert_eq!(said(Change::Arm, &anna(), &after, &ready), Ok(Event::Arm), "for March");
}

/// NEW-1: what has begun is carried to its end. A version of 09:07 puts the opening off to eleven, when the first sends have
/// gone: nobody takes theirs back, and who armed since then still can.
#[test]
fn what_has_begun_to_go_is_not_disarmed_under_a_version_that_moves_the_opening() {
    let put_off = |file: &mut CampaignFile| {
        let later = vec![WindowFile::new("2026-01-12 11:00", "2026-12-31 00:00")];
        file.models.iter_mut().for_each(|model| model.submit.clone_from(&later));
    };
    let moved = decree(rome("2026-01-12 09:08"), put_off);
    let bruno_armed = standing(armed());
    assert_eq!(said(Change::Disarm, &bruno(), &moved, &bruno_armed), Ok(Event::Disarm));
    let begun = Decree { begun: vec![opening()], ..moved };
    let (outcome, _) = said(Change::Disarm, &bruno(), &begun, &bruno_armed).unwrap_err();
    assert_eq!(outcome, Arrived);
    let armed_since = Stage::Armed(ArmedSend {
        ready: ready(),
        armed: rome("2026-01-12 09:07:30"),
        submitted_by: parties().filer,
    });
    let armed_since = standing(armed_since);
    assert_eq!(said(Change::Disarm, &bruno(), &begun, &armed_since), Ok(Event::Disarm));
}

/// NEW-1: with no opening to come nobody arms, and nobody is left with what can be neither sent nor changed.
#[test]
fn without_an_opening_to_come_what_is_armed_can_be_disarmed() {
    let past = |file: &mut CampaignFile| {
        let over = vec![WindowFile::new("2025-11-01 09:00", "2025-11-02 09:00")];
        file.models.iter_mut().for_each(|model| model.submit.clone_from(&over));
    };
    let decree = decree(rome("2026-01-11 20:00"), past);
    let armed = standing(armed());
    assert_eq!(said(Change::Disarm, &anna(), &decree, &armed), Ok(Event::Disarm));
    let ready = standing(Stage::ToSend(ready()));
    let (outcome, text) = said(Change::Arm, &anna(), &decree, &ready).unwrap_err();
    assert_eq!(outcome, Closed);
    assert!(text.starts_with("Per questo modello non è prevista un'altra apertura"), "{text}");
}

/// Each refusal tells the true reason; what is done already is no error.
#[test]
fn every_state_has_its_own_answer() {
    let eve = decree(rome("2026-01-11 20:00"), |_| {});
    let blocked = || Stage::Blocked { province: None };
    let cases = [
        (Change::Arm, armed(), AlreadyArmed, ""),
        (
            Change::Arm,
            case_in(State::Submitted).stage,
            ArmedOutcome::AlreadySent,
            "già stata inviata",
        ),
        (Change::Arm, Stage::ToValidate, ArmedOutcome::NotReady, "non è pronta"),
        (
            Change::Arm,
            Stage::ToComplete { attention: None },
            ArmedOutcome::NotReady,
            "che cosa manca",
        ),
        (Change::Arm, blocked(), ArmedOutcome::NotReady, "bloccato"),
        (Change::Arm, Stage::Deleted, NotFound, "non esiste"),
        (Change::Disarm, Stage::ToSend(ready()), NotArmed, ""),
        (Change::Disarm, Stage::ToComplete { attention: None }, NotArmed, ""),
        (Change::Disarm, blocked(), NotArmed, ""),
        (Change::Disarm, case_in(State::InReview).stage, ArmedOutcome::AlreadySent, "ritirarla"),
        (Change::Disarm, Stage::Deleted, NotFound, "non esiste"),
    ];
    for (change, stage, outcome, text) in cases {
        let head = standing(stage);
        let (found, told) = said(change, &anna(), &eve, &head).unwrap_err();
        assert_eq!(found, outcome, "{change:?} {}", head.state());
        assert!(told.contains(text) && told.is_empty() == text.is_empty(), "{told}");
    }
    let elsewhere = Application {
        model: "c-stag-turismo".parse().unwrap(),
        ..standing(Stage::ToSend(ready()))
    };
    let (found, _) = said(Change::Arm, &anna(), &eve, &elsewhere).unwrap_err();
    assert_eq!(found, ArmedOutcome::OtherModel);
}

/// FRM-4, OWN-1: a colleague of the filer, the organisation's contact and a stranger arm nothing and disarm nothing.
#[test]
fn a_colleague_arms_nothing() {
    let eve = decree(rome("2026-01-11 20:00"), |_| {});
    let chiara = caller(domain::ids::AccountId::keyed(&[8; 32]), Role::Operator);
    let stranger = caller(domain::ids::AccountId::keyed(&[9; 32]), Role::Employer);
    for (change, stage) in [(Change::Arm, Stage::ToSend(ready())), (Change::Disarm, armed())] {
        let head = standing(stage);
        let (outcome, _) = said(change, &chiara, &eve, &head).unwrap_err();
        assert_eq!(outcome, ArmedOutcome::NotAllowed);
        let (outcome, _) = said(change, &stranger, &eve, &head).unwrap_err();
        assert_eq!(outcome, NotFound);
    }
    // Bruno has left the organisation.
    let former = Caller { organisation: None, ..bruno() };
    let head = standing(Stage::ToSend(ready()));
    assert_eq!(said(Change::Arm, &former, &eve, &head).unwrap_err().0, NotFound);
}

/// ADR 13: outside its time a request is refused as one for a single application is, unless some of it was done before.
#[test]
fn a_request_outside_its_time_is_refused_whole_unless_some_was_done() {
    let id = case_in(State::Submitted).id;
    let outcomes = |all: &[ArmedOutcome]| -> Vec<ArmedOutcomeView> {
        all.iter().map(|outcome| ArmedOutcomeView::of(&id, *outcome)).collect()
    };
    let (before, at) = (decree(opening() - ONE_MS, |_| {}), decree(opening(), |_| {}));
    let caller = anna();
    let refusal = |change, decree, all: &[ArmedOutcome]| {
        let judge = Judge { caller: &caller, decree, change };
        judge.refusal_of_all(&outcomes(all)).map(|problem| problem.kind())
    };
    let passed = Some(ProblemKind::OpeningPassed);
    assert_eq!(refusal(Change::Arm, &before, &[Armed, NotFound]), None);
    assert_eq!(refusal(Change::Arm, &at, &[Closed, NotFound]), passed);
    assert_eq!(refusal(Change::Arm, &at, &[]), passed);
    assert_eq!(refusal(Change::Arm, &at, &[Closed, AlreadyArmed]), None);
    assert_eq!(refusal(Change::Disarm, &before, &[Disarmed, NotFound]), None);
    assert_eq!(refusal(Change::Disarm, &at, &[Arrived, NotFound]), passed);
    assert_eq!(refusal(Change::Disarm, &at, &[Arrived, NotArmed]), None);
    assert_eq!(refusal(Change::Disarm, &at, &[NotFound]), None);
    assert_eq!(refusal(Change::Disarm, &at, &[]), None);
}

/// NEW-1: the button is there as long as one can press it.
#[test]
fn each_button_is_there_as_long_as_it_does_something() {
    let buttons = |decree: &Decree, stage: Stage| -> Vec<&'static str> {
        let access = ApplicationAccess::of(standing(stage), &anna()).unwrap();
        let actions = access.actions_at(&decree.campaign, decree.now).into_iter();
        actions.map(|one| one.action).filter(|one| one.ends_with("arm")).collect()
    };
    let (before, at) = (decree(opening() - ONE_MS, |_| {}), decree(opening(), |_| {}));
    assert_eq!(buttons(&before, Stage::ToSend(ready())), ["arm"]);
    assert_eq!(buttons(&at, Stage::ToSend(ready())), [""; 0]);
    assert_eq!(buttons(&before, armed()), ["disarm"]);
    assert_eq!(buttons(&at, armed()), [""; 0]);
    let chronological =
        decree(opening() - ONE_MS, |file| file.policies.order = Order::Chronological);
    assert_eq!(buttons(&chronological, Stage::ToSend(ready())), [""; 0]);
}

/// NEW-1: a save and a press hear what to do: to disarm it before the opening, to wait after it.
#[test]
fn what_is_armed_says_why_it_can_be_neither_saved_nor_pressed() {
    let access = ApplicationAccess::of(standing(armed()), &bruno()).unwrap();
    for action in [Action::Save, Action::RequestCorrection, Action::Submit] {
        let problem = access.require(action).unwrap_err();
        assert_eq!(problem.kind(), ProblemKind::ArmedSend, "{action}");
    }
    let text = |now| {
        let decree = decree(now, |_| {});
        armed_send(&decree.campaign, &access.head, now).text().to_owned()
    };
    assert!(text(opening() - ONE_MS).ends_with("Per modificarla, annulla prima la prenotazione."));
    assert!(text(opening()).ends_with("Non occorre premere."));
}

/// The ADR's table, as people read it.
#[test]
fn what_no_opening_allows_is_told_in_its_own_words() {
    let eve = rome("2026-01-11 20:00");
    let caller = anna();
    let told = |decree: Decree| {
        let judge = Judge { caller: &caller, decree: &decree, change: Change::Arm };
        judge.refusal_of_all(&[]).map(|problem| (problem.kind(), problem.text().to_owned()))
    };
    let chronological = decree(eve, |file| file.policies.order = Order::Chronological);
    assert_eq!(chronological.opening(), Err(NoArming::Chronological));
    assert_eq!(
        told(chronological),
        Some((
            ProblemKind::ArmingNotOffered,
            "Questo decreto non prevede l'invio prenotato: all'apertura premi Invia.".to_owned()
        ))
    );
    assert_eq!(told(decree(eve, |_| {})), None);
    let always = decree(eve, |file| {
        for model in &mut file.models {
            model.off_quota = Some(WindowFile::new("2025-01-01 00:00", "2027-01-01 00:00"));
        }
    });
    assert_eq!(
        told(always),
        Some((
            ProblemKind::OpeningPassed,
            "Questo modello non ha un'apertura da attendere: premi Invia.".to_owned()
        ))
    );
}
