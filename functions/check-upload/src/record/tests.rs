//! What follows from a verdict: steps, their conditions, and the reason where none follows (CTR-1, CNF-2, AGR-1).

use domain::{
    campaign::Campaign, ids::UploadId, lifecycle::agreement::AgreementStep, term::Outage,
};
use jiff::{SignedDuration, Timestamp};
use outside::files::Stored;
use scenes::{away, case_in, demo, parties, rome};
use store::uploads::{Asked, Verdict};

use super::*;

/// The instant at which the term of the contract ends that is sent by [`to_sign`].
const END: &str = "2026-05-20 00:00";

/// The writes are only built.
fn uploads() -> Uploads {
    Uploads::new(away(), "portal".to_owned())
}

/// The contract was sent on 4 May 2026 at 9, with the agreement open.
fn to_sign(campaign: &Campaign) -> Application {
    let step = Step { with_agreement: true, ..Step::new(campaign, rome("2026-05-04 09:00")) };
    case_in(State::EntryReported).step(Event::SendContract, &step).unwrap()
}

fn after(head: &Application, campaign: &Campaign, now: Timestamp, events: &[Event]) -> Application {
    let step = Step::new(campaign, now);
    events.iter().fold(head.clone(), |head, event| head.step(*event, &step).unwrap())
}

fn agreement_at(head: &Application, campaign: &Campaign, to: AgreementStep) -> Application {
    use AgreementEvent as E;
    let step = Step::new(campaign, rome("2026-05-05 09:00"));
    let mut head = head.clone();
    for event in [E::EnterData, E::Generate, E::Upload, E::AcceptFile, E::Validate] {
        if head.case().unwrap().agreement == Some(to) {
            break;
        }
        head = head.agreement_step(event, &step).unwrap();
    }
    assert_eq!(head.case().unwrap().agreement, Some(to));
    head
}

/// A file that was announced then, and passed.
fn good(purpose: UploadPurpose, asked: Timestamp) -> UploadRow {
    let application = case_in(State::ContractToSign).id;
    let declared = Asked {
        purpose,
        media_type: "application/pdf".to_owned(),
        bytes: 3,
        sha256: "00".repeat(32),
        worker_signature: None,
    };
    let until = asked + SignedDuration::from_mins(10);
    let id = UploadId::from_random([8; 16]);
    let file = Stored { key: "key".to_owned(), version: None, sha256: "00".repeat(32), bytes: 3 };
    let found = Verdict {
        refusals: Vec::new(),
        not_checked: vec!["revocation".to_owned()],
        file: Some(file),
    };
    let by = parties().representative;
    UploadRow::awaited(&application, id, declared, by, asked, until).examined(found, asked)
}

/// The same, and it did not pass.
fn bad(purpose: UploadPurpose, asked: Timestamp) -> UploadRow {
    let reason = Reason { code: "not-signed".to_owned(), text: "Firmare.".to_owned() };
    let found = Verdict { refusals: vec![reason], ..Verdict::default() };
    good(purpose, asked).examined(found, asked)
}

fn alone(outcome: Outcome) -> UploadRow {
    match outcome {
        Outcome::Alone(row) => row,
        other => panic!("a step follows: {other:?}"),
    }
}

/// The code and the text of the one reason for which a good file was not transmitted.
fn not_transmitted_for(outcome: Outcome) -> (String, String) {
    let row = alone(outcome);
    assert_eq!((row.state, row.file), (UploadState::Refused, None));
    assert_eq!(row.not_checked, ["revocation"]);
    let [Reason { code, text }] = row.refusals.as_slice() else { panic!("{:?}", row.refusals) };
    assert!(text.contains("integro") && text.contains("non è stato trasmesso"), "{text}");
    assert!(text.contains("Sportello Unico, che può riaprir"), "{text}");
    (code.clone(), text.clone())
}

#[test]
fn a_good_contract_goes_to_the_office_and_a_bad_one_back_to_the_employer() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let step = Step::new(&campaign, now);
    let head = to_sign(&campaign);
    let arrived = after(&head, &campaign, now, &[Event::UploadContract]);
    for (row, to) in [
        (good(UploadPurpose::Contract, now), State::ContractSent),
        (bad(UploadPurpose::Contract, now), State::ContractToSign),
    ] {
        for (head, was_there) in [(&head, false), (&arrived, true)] {
            let outcome = outcome(head, &row, &step).unwrap();
            let Outcome::Contract { arrived, after } = outcome else { panic!("{outcome:?}") };
            assert_eq!((arrived.is_none(), after.state()), (was_there, to));
        }
    }
}

/// A file that arrives twice at once would otherwise leave the case in a state that only its verdict leads out of.
#[test]
fn a_file_arrives_only_as_long_as_nobody_has_recorded_its_verdict() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let step = Step::new(&campaign, now);
    let head = agreement_at(&to_sign(&campaign), &campaign, AgreementStep::ToSign);
    for purpose in [UploadPurpose::Contract, UploadPurpose::Agreement] {
        for row in [good(purpose, now), bad(purpose, now)] {
            let outcome = outcome(&head, &row, &step).unwrap();
            let changes = changes(&uploads(), &head, &row, &outcome).unwrap();
            let [arrival, verdict] = changes.as_slice() else { panic!("{}", changes.len()) };
            let [check] = arrival.content.as_slice() else { panic!("{:?}", arrival.content) };
            let [write] = verdict.content.as_slice() else { panic!("{:?}", verdict.content) };
            let (check, write) = (check.condition_check().unwrap(), write.update().unwrap());
            assert_eq!(check.key(), write.key());
            assert_eq!(Some(check.condition_expression()), write.condition_expression());
            let values = check.expression_attribute_values().unwrap();
            assert_eq!(values[":awaited"].as_s().unwrap(), "awaited");
        }
    }
}

#[test]
fn what_replaces_a_file_before_the_office_moves_nothing() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let step = Step::new(&campaign, now);
    let head = to_sign(&campaign);
    let head = after(&head, &campaign, now, &[Event::UploadContract, Event::AcceptContractFile]);
    let row = good(UploadPurpose::Contract, now);
    let replaced = outcome(&head, &row, &step).unwrap();
    assert!(matches!(&replaced, Outcome::Replaced(after) if after.state() == head.state()));
    let changes = changes(&uploads(), &head, &row, &replaced).unwrap();
    assert_eq!(changes.len(), 1);
    assert!(changes[0].content[0].update().is_some());
    let row = alone(outcome(&head, &bad(UploadPurpose::Contract, now), &step).unwrap());
    assert_eq!(row.refusals[0].code, "not-signed");
}

/// CNF-2, CNF-4: a file counts by the instant at which the employer asked for the permission.
#[test]
fn an_outage_lengthens_the_term_of_the_contract() {
    let campaign = demo();
    let head = to_sign(&campaign);
    let asked = rome(END) + SignedDuration::from_hours(1);
    let row = good(UploadPurpose::Contract, asked);
    let now = asked + SignedDuration::from_mins(1);
    let outage = Outage::new(rome("2026-05-10 09:00"), rome("2026-05-11 09:00")).unwrap();
    let step = Step { outages: &[outage], ..Step::new(&campaign, now) };
    assert!(matches!(outcome(&head, &row, &step).unwrap(), Outcome::Contract { .. }));
    let (code, _) = not_transmitted_for(outcome(&head, &row, &Step::new(&campaign, now)).unwrap());
    assert_eq!(code, "term-over");
}

/// The announcement counts, to the millisecond; the checks may end later (CTR-1).
#[test]
fn a_good_file_that_came_too_late_is_said_not_to_be_transmitted() {
    let campaign = demo();
    let head = to_sign(&campaign);
    let end = rome(END);
    let step = Step::new(&campaign, end + SignedDuration::from_mins(1));
    let in_time = good(UploadPurpose::Contract, end - SignedDuration::from_millis(1));
    assert!(matches!(outcome(&head, &in_time, &step).unwrap(), Outcome::Contract { .. }));
    let late = good(UploadPurpose::Contract, end);
    let (code, text) = not_transmitted_for(outcome(&head, &late, &step).unwrap());
    assert_eq!(code, "term-over");
    assert!(text.contains("20 maggio 2026"), "{text}");
    // The expiry is written, whether the file was announced after the end or before.
    let overdue = after(&head, &campaign, step.now, &[Event::ExpireContract]);
    for row in [late, in_time] {
        let (code, text) = not_transmitted_for(outcome(&overdue, &row, &step).unwrap());
        assert_eq!(code, "term-over", "{text}");
    }
}

#[test]
fn a_good_file_that_the_case_has_left_behind_is_said_not_to_be_transmitted() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let step = Step::new(&campaign, now);
    let head = to_sign(&campaign);
    let validated = after(
        &head,
        &campaign,
        now,
        &[Event::UploadContract, Event::AcceptContractFile, Event::ValidateContract],
    );
    let contract = outcome(&validated, &good(UploadPurpose::Contract, now), &step).unwrap();
    assert_eq!(not_transmitted_for(contract).0, "case-went-on");
    for at in [AgreementStep::DataToEnter, AgreementStep::Sent, AgreementStep::Validated] {
        let head = agreement_at(&head, &campaign, at);
        let agreement = outcome(&head, &good(UploadPurpose::Agreement, now), &step).unwrap();
        assert_eq!(not_transmitted_for(agreement).0, "case-went-on", "{at}");
    }
    let without = case_in(State::ContractToSign);
    let agreement = outcome(&without, &good(UploadPurpose::Agreement, now), &step).unwrap();
    assert_eq!(not_transmitted_for(agreement).0, "case-went-on");
}

#[test]
fn a_refused_file_keeps_its_reasons_wherever_the_case_is() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let step = Step::new(&campaign, now);
    let head = case_in(State::ContractValidated);
    for purpose in [UploadPurpose::Contract, UploadPurpose::Agreement] {
        let row = alone(outcome(&head, &bad(purpose, now), &step).unwrap());
        assert_eq!(row.refusals, bad(purpose, now).refusals);
    }
}

/// DEC-1: the employer answers with it later.
#[test]
fn a_document_for_the_office_is_kept_and_nothing_follows() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let head = case_in(State::IntegrationRequested);
    let row = good(UploadPurpose::Integration, now);
    let row = alone(outcome(&head, &row, &Step::new(&campaign, now)).unwrap());
    assert_eq!(row.state, UploadState::Accepted);
    assert!(row.file.is_some());
}
