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

/// Anna was told of reasons against, by a PEC of 4 May 2026 at 9, which was delivered.
fn to_object(campaign: &Campaign) -> Application {
    let sent = rome("2026-05-04 09:00");
    let told = case_in(State::RefusalAnnounced);
    let begun = told.begin(TermKind::Preavviso, sent, &judged(campaign, sent)).unwrap().unwrap();
    let read = judged(campaign, rome("2026-05-04 09:01"));
    begun.into_after().delivered(TermKind::Preavviso, None, &read).unwrap().unwrap().into_after()
}

/// The same as the integration, and no receipt says that the PEC was delivered.
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

/// Art. 10-bis L. 241/1990: observations count until the office decides, and so does a document with them.
#[test]
fn a_document_for_the_observations_may_come_until_the_office_decides() {
    let campaign = demo();
    let told = to_object(&campaign);
    for now in [rome("2026-05-04 10:00"), end(&told), end(&told) + SignedDuration::from_hours(48)] {
        let lasts = asks(&anna(), &told, UploadPurpose::Objection, &campaign, now);
        assert_eq!(lasts.ok(), Some(PERMISSION_LASTS), "{now}");
    }
    let refused = case_in(State::Refused);
    let late = asks(&anna(), &refused, UploadPurpose::Objection, &campaign, end(&told));
    assert!(matches!(late, Err(Rejection::Refused(_))));
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
        (UploadPurpose::Objection, State::InReview),
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

fn row(purpose: UploadPurpose, name: u8, asked: i64, until: i64) -> UploadRow {
    let declared = store::uploads::UploadRequest {
        purpose,
        field: (purpose == UploadPurpose::Field).then(|| "passport_file".parse().unwrap()),
        media_type: "application/pdf".to_owned(),
        bytes: 3,
        sha256: "ab".repeat(32),
        worker_signature: None,
    };
    let at = |millis| Timestamp::from_millisecond(millis).unwrap();
    let id = UploadId::from_random([name; 16]);
    let application = case_in(State::Submitted).id;
    UploadRow::awaited(&application, id, declared, parties().filer, at(asked), at(until))
}

fn form() -> &'static Schema {
    Schema::find("c-stag-agricoltura@1").unwrap()
}

/// The mistakes of a request to upload, by field.
async fn mistakes(purpose: &str, media_type: &str, bytes: u64) -> Vec<String> {
    let mut event: Value = serde_json::from_str(ENTRY).unwrap();
    let body = json!({
        "purpose": purpose, "media_type": media_type, "bytes": bytes, "sha256": "ab".repeat(32),
    });
    event["body"] = body.to_string().into();
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = http::answer(request, |request| async move {
        let asked = request::upload(&request)?.asked;
        if let Some(field) = &asked.field {
            request::fits_field(&asked, field, form())?;
        }
        http::empty(204)
    })
    .await
    .unwrap();
    let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["field"].as_str().unwrap_or_default().to_owned()).collect()
}

/// FRM-6: a field takes what its form says, by length and kind; whatever else is refused before it is sent.
#[tokio::test]
async fn a_field_takes_what_its_form_says() {
    for (purpose, media_type, bytes) in [
        ("field:passport_file", "image/jpeg", 2_000_000),
        ("field:passport_file", "image/png", 1),
        ("field:passport_file", "application/octet-stream", 1),
        ("field:income_file", "application/pkcs7-mime", 1),
        ("objection", "application/pdf", 20_000_000),
    ] {
        let found = mistakes(purpose, media_type, bytes).await;
        assert!(found.is_empty(), "{purpose} {media_type}: {found:?}");
    }
    for (purpose, media_type, bytes, wrong) in [
        ("field:passport_file", "application/pkcs7-mime", 1, &["media_type"][..]),
        ("field:income_file", "image/png", 3_000_000, &["media_type", "bytes"]),
        ("field:worker_surname", "application/pdf", 1, &["purpose"]),
        ("field:nobody", "application/pdf", 1, &["purpose"]),
        ("field", "application/pdf", 1, &["purpose"]),
        ("field:", "application/pdf", 1, &["purpose"]),
        ("agreement:passport_file", "application/pdf", 1, &["purpose"]),
        ("integration", "image/jpeg", 1, &["media_type"]),
    ] {
        assert_eq!(mistakes(purpose, media_type, bytes).await, wrong, "{purpose} {media_type}");
    }
}

/// CTR-1, FRM-6: few permissions are open at once, and a draft is not sent files without end; a case is, since its contract
/// may need many tries.
#[test]
fn attempts_end_before_the_store_is_full() {
    let now = Timestamp::from_millisecond(1_000).unwrap();
    let closed: Vec<_> = (0..100).map(|name| row(UploadPurpose::Field, name, 0, 1)).collect();
    assert_eq!(attempts_left(&closed[..95], UploadPurpose::Field, now), 5);
    assert_eq!(attempts_left(&closed, UploadPurpose::Field, now), 0);
    assert_eq!(attempts_left(&closed, UploadPurpose::Contract, now), 10);
    let open: Vec<_> = (0..9).map(|name| row(UploadPurpose::Contract, name, 0, 2_000)).collect();
    assert_eq!(attempts_left(&open, UploadPurpose::Contract, now), 1);
}

/// CTR-1, FRM-6: the list begins with the newest, and says what each file was for and what can be uploaded.
#[test]
fn the_list_begins_with_the_newest_upload() {
    let rows = vec![
        row(UploadPurpose::Field, 1, 1_000, 2_000),
        row(UploadPurpose::Integration, 2, 3_000, 9_000),
    ];
    let now = Timestamp::from_millisecond(5_000).unwrap();
    let open = OpenUpload::of(UploadPurpose::Field, form(), 7);
    let list = UploadList::of(rows, form(), open, now);
    let told: Vec<_> = list.uploads.iter().map(|one| (&*one.purpose, one.state)).collect();
    assert_eq!(told, [("integration", "awaited"), ("field:passport_file", "expired")]);
    assert_eq!(list.uploads[1].label, "Documento: passaporto del lavoratore");
    let passport = list.open.iter().find(|one| one.purpose == "field:passport_file").unwrap();
    assert_eq!((passport.max_bytes, passport.attempts_left), (2_000_000, 7));
    assert_eq!(passport.limits, "PDF, JPG o PNG, al massimo 2 MB");
    assert!(passport.media_types.contains(&"image/jpeg"));
    assert!(!passport.media_types.contains(&"application/pkcs7-mime"));
}
