//! How the tables and the term judge a request to upload, and which days an entry can have (CTR-1, CNF-4, ENT-1).

use domain::{
    application::Stage,
    ids::AccountId,
    permission::Role,
    term::{Outage, TermKind},
};
use jiff::civil::date;
use scenes::{after, anna, caller, case_in, demo, judged, parties, rome};
use serde_json::{Value, json};

use super::*;

const ENTRY: &str = include_str!("../../../events/handle-contract/entry.json");

/// The contract went to Anna on 1 June 2026 at 8.
fn to_sign(campaign: &Campaign) -> Application {
    let context = judged(campaign, rome("2026-06-01 08:00"));
    after(&case_in(State::EntryReported), Event::SendContract, &context)
}

/// Anna was asked for a document, by a PEC of 4 May 2026 at 9, which was delivered.
fn to_integrate(campaign: &Campaign) -> Application {
    let asked = to_integrate_without_receipt(campaign);
    let read = judged(campaign, rome("2026-05-04 09:01"));
    asked.delivered(TermKind::Integration, None, &read).unwrap().unwrap().into_after()
}

/// The same, and no receipt says that the PEC was delivered.
fn to_integrate_without_receipt(campaign: &Campaign) -> Application {
    let sent = rome("2026-05-04 09:00");
    let asked = case_in(State::IntegrationRequested);
    asked.begin(TermKind::Integration, sent, &judged(campaign, sent)).unwrap().unwrap().into_after()
}

fn end(head: &Application) -> Timestamp {
    head.procedure().unwrap().running_term().unwrap().end()
}

fn asks(
    who: &Caller,
    head: &Application,
    purpose: UploadPurpose,
    campaign: &Campaign,
    now: Timestamp,
) -> Result<SignedDuration, Rejection> {
    permitted(&ApplicationAccess::of(head.clone(), who).unwrap(), purpose, &judged(campaign, now))
}

/// CNF-2, CNF-4: Anna asks at the end of the term: it is over, and what is kept is what she tried; one millisecond before,
/// she may upload.
#[test]
fn a_request_at_the_end_of_the_term_is_kept_as_evidence() {
    let campaign = demo();
    for (purpose, head, event) in [
        (UploadPurpose::Contract, to_sign(&campaign), Event::UploadContract),
        (UploadPurpose::Integration, to_integrate(&campaign), Event::ProvideIntegration),
    ] {
        let end = end(&head);
        let last = end - SignedDuration::from_millis(1);
        assert!(asks(&anna(), &head, purpose, &campaign, last).is_ok());
        let Err(Rejection::TooLate { event: tried, why: StepError::Late(late), ended }) =
            asks(&anna(), &head, purpose, &campaign, end)
        else {
            panic!("{purpose:?} was not missed")
        };
        assert_eq!((tried, late, ended), (event, end, end));
    }
}

/// COM-2: no receipt says that Anna was asked: she is not late, and has as long for her file as anybody.
#[test]
fn a_request_after_a_term_that_no_receipt_proves_is_not_late() {
    let campaign = demo();
    let head = to_integrate_without_receipt(&campaign);
    let late = end(&head) + SignedDuration::from_hours(24);
    let lasts = asks(&anna(), &head, UploadPurpose::Integration, &campaign, late);
    assert_eq!(lasts.ok(), Some(PERMISSION_LASTS));
}

/// CNF-4: the sweeper was faster, or an outage was recorded afterwards: the refusal names the end of the term, not the
/// state.
#[test]
fn a_request_after_the_sweeper_is_kept_as_evidence() {
    let campaign = demo();
    let head = to_sign(&campaign);
    let end = end(&head);
    let swept = judged(&campaign, end + SignedDuration::from_mins(6));
    let overdue = after(&head, Event::ExpireContract, &swept);
    assert_eq!(overdue.state(), State::ContractOverdue);
    let late = asks(&anna(), &overdue, UploadPurpose::Contract, &campaign, swept.now);
    assert!(matches!(late, Err(Rejection::TooLate { why: StepError::Late(_), .. })));
    // The portal was down for the whole last day of the term.
    let outages = [Outage::new(end - SignedDuration::from_hours(24), end).unwrap()];
    let context = Context { campaign: &campaign, now: end, outages: &outages };
    let access = ApplicationAccess::of(overdue, &anna()).unwrap();
    let Err(Rejection::TooLate { why: StepError::Overtaken(extended), event, ended }) =
        permitted(&access, UploadPurpose::Contract, &context)
    else {
        panic!("it was not overtaken")
    };
    assert!(extended > end && ended == extended);
    assert_eq!(event, Event::UploadContract);
}

/// OWN-1: a caller who may not upload is refused by role, late or not, and leaves no evidence.
#[test]
fn whoever_may_not_upload_leaves_no_evidence() {
    let campaign = demo();
    let head = to_sign(&campaign);
    for who in [
        caller(AccountId::keyed(&[9; 32]), Role::Operator),
        caller(AccountId::keyed(&[9; 32]), Role::Officer),
    ] {
        for now in [rome("2026-06-02 09:00"), end(&head)] {
            let Err(Rejection::Refused(problem)) =
                asks(&who, &head, UploadPurpose::Contract, &campaign, now)
            else {
                panic!("{} uploads", who.role)
            };
            assert_eq!(problem.kind(), ProblemKind::NotAllowed);
        }
    }
}

/// CTR-1, AGR-1: a file that the case does not wait for is refused by the state; one that replaces a file before the
/// office has no term.
#[test]
fn what_is_not_asked_for_is_refused_by_the_state() {
    let campaign = demo();
    let much_later = rome("2026-12-01 09:00");
    for (purpose, state) in [
        (UploadPurpose::Contract, State::VisaIssued),
        (UploadPurpose::Contract, State::ContractUploaded),
        (UploadPurpose::Contract, State::ContractValidated),
        (UploadPurpose::Integration, State::Granted),
        (UploadPurpose::Agreement, State::ContractToSign),
    ] {
        let Err(Rejection::Refused(problem)) =
            asks(&anna(), &case_in(state), purpose, &campaign, much_later)
        else {
            panic!("{purpose:?} counts at {state}")
        };
        assert_eq!(problem.kind(), ProblemKind::WrongState, "{purpose:?} at {state}");
    }
    let sent = case_in(State::ContractSent);
    let replaces = asks(&anna(), &sent, UploadPurpose::Contract, &campaign, much_later);
    assert!(matches!(replaces, Ok(PERMISSION_LASTS)));
}

fn happened(event: &str, at: &str) -> EventRow {
    serde_json::from_value(json!({
        "pk": "", "sk": "", "v": 1, "version": 1, "event": event, "to": "x",
        "at": rome(at).as_millisecond(), "who": "system", "on_behalf_of": parties().owner,
    }))
    .unwrap()
}

/// ENT-1: no visa without a confirmation; the report of the visa may come after the worker, and counts for nothing.
#[test]
fn nobody_enters_before_the_confirmation() {
    let head = case_in(State::VisaIssued);
    assert_eq!(earliest_entry(&head, &[]), Some(date(2026, 1, 12)));
    let history = [
        happened("grant", "2026-04-01 10:00"),
        happened("confirm", "2026-05-05 00:30"),
        happened("issue-visa", "2026-06-20 10:00"),
    ];
    assert_eq!(earliest_entry(&head, &history), Some(date(2026, 5, 5)));
    // A court had the case reopened: the worker may have come with what was issued the first time.
    let again = history.into_iter().chain([happened("confirm", "2026-07-01 10:00")]);
    assert_eq!(earliest_entry(&head, &again.collect::<Vec<_>>()), Some(date(2026, 5, 5)));
    let draft = Application { stage: Stage::ToValidate, ..head };
    assert_eq!(earliest_entry(&draft, &[]), None);
}

/// ENT-1: what was reported before the case was reopened counts for nothing: the worker needs another visa.
#[test]
fn a_reopened_case_has_no_entry_yet() {
    let reported = [
        happened("confirm", "2026-05-05 00:30"),
        happened("report-entry", "2026-07-01 10:00"),
        happened("send-contract", "2026-07-01 10:05"),
    ];
    assert!(!is_reported(&reported[..1]));
    assert!(is_reported(&reported));
    let reopened =
        [happened("revoke", "2026-08-01 10:00"), happened("reopen-case", "2026-09-01 10:00")];
    assert!(!is_reported(&[reported.to_vec(), reopened.to_vec()].concat()));
}

/// The mistakes of an entry of that day, on 10 June 2026, where the employer confirmed on 5 May.
async fn refused(day: &str) -> Vec<Value> {
    let mut event: Value = serde_json::from_str(ENTRY).unwrap();
    let entry = json!({ "province": "RM", "municipality": "Fiumicino", "date": day, "visa_number": "ITA1234567" });
    event["body"] = entry.to_string().into();
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = http::answer(request, |request| async move {
        request::entry(&request, Some(date(2026, 5, 5)), date(2026, 6, 10))?;
        http::empty(204)
    })
    .await
    .unwrap();
    let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    answer["errors"].as_array().cloned().unwrap_or_default()
}

/// ENT-1, CTR-1: the problem names a slip of the month or the year at its field, before a term runs from it.
#[tokio::test]
async fn an_entry_before_any_visa_is_refused_with_the_first_possible_day() {
    for possible in ["2026-05-05", "2026-06-01", "2026-06-10"] {
        assert_eq!(refused(possible).await, Vec::<Value>::new(), "{possible}");
    }
    for slip in ["2026-05-04", "2025-06-01", "0206-06-01"] {
        let errors = refused(slip).await;
        assert_eq!(errors.len(), 1, "{slip}: {errors:?}");
        assert_eq!(errors[0]["field"], "date");
        assert_eq!(errors[0]["code"], "troppo-presto");
        let message = errors[0]["message"].as_str().unwrap();
        assert!(message.contains("prima di martedì 5 maggio 2026"), "{message}");
    }
    assert_eq!(refused("2026-06-11").await[0]["code"], "futuro");
}
