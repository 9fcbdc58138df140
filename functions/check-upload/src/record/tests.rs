//! What follows from a verdict: steps, their conditions, and the reason where none follows (CTR-1, CNF-2, AGR-1).

use domain::{
    application::Stage, campaign::Campaign, ids::UploadId, lifecycle::agreement::AgreementStep,
    term::Outage,
};
use jiff::{SignedDuration, Timestamp};
use outside::files::StoredFile;
use scenes::{case_in, demo, judged, parties, rome};
use store::uploads::{UploadRequest, Verdict};

use super::*;

/// The instant at which the term of the contract ends that is sent by [`to_sign`].
const END: &str = "2026-05-20 00:00";

/// The contract was sent on 4 May 2026 at 9, with the agreement open.
fn to_sign(campaign: &Campaign) -> Application {
    let context = judged(campaign, rome("2026-05-04 09:00"));
    let entered = case_in(State::EntryReported);
    entered.send_contract(context.now, true, &context).unwrap().into_after()
}

fn after(head: &Application, campaign: &Campaign, now: Timestamp, events: &[Event]) -> Application {
    let context = judged(campaign, now);
    events.iter().fold(head.clone(), |head, event| scenes::after(&head, *event, &context))
}

fn agreement_at(head: &Application, campaign: &Campaign, to: AgreementStep) -> Application {
    use AgreementEvent as E;
    let context = judged(campaign, rome("2026-05-05 09:00"));
    let mut head = head.clone();
    for event in [E::EnterData, E::Generate, E::Upload, E::AcceptFile, E::Validate] {
        if head.agreement() == Some(to) {
            break;
        }
        head = head.agreement_step(event, Who::System, &context).unwrap().into_after();
    }
    assert_eq!(head.agreement(), Some(to));
    head
}

/// A file that was announced then, and passed.
fn good(purpose: UploadPurpose, asked: Timestamp) -> UploadRow {
    let application = case_in(State::ContractToSign).id;
    let declared = UploadRequest {
        purpose,
        field: (purpose == UploadPurpose::Field).then(|| "passport_file".parse().unwrap()),
        media_type: "application/pdf".to_owned(),
        bytes: 3,
        sha256: "00".repeat(32),
        worker_signature: None,
    };
    let until = asked + SignedDuration::from_mins(10);
    let id = UploadId::from_random([8; 16]);
    let file =
        StoredFile { key: "key".to_owned(), version: None, sha256: "00".repeat(32), bytes: 3 };
    let found = Verdict {
        refusals: Vec::new(),
        not_checked: vec!["revocation".to_owned()],
        format: None,
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
        Outcome::Alone(row) => *row,
        other @ Outcome::Decided { .. } => panic!("a step follows: {other:?}"),
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
    let context = judged(&campaign, now);
    let head = to_sign(&campaign);
    let arrived = after(&head, &campaign, now, &[Event::UploadContract]);
    for (row, to) in [
        (good(UploadPurpose::Contract, now), State::ContractSent),
        (bad(UploadPurpose::Contract, now), State::ContractToSign),
    ] {
        for (head, was_there) in [(&head, false), (&arrived, true)] {
            let outcome = outcome(head, &row, &context).unwrap();
            let Outcome::Decided { arrival, verdict } = outcome else { panic!("{outcome:?}") };
            assert_eq!((arrival.is_none(), verdict.after().state()), (was_there, to));
        }
    }
}

/// A file that arrives twice at once would otherwise leave the case in a state that only its verdict leads out of.
#[test]
fn a_file_arrives_only_as_long_as_nobody_has_recorded_its_verdict() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let context = judged(&campaign, now);
    let head = agreement_at(&to_sign(&campaign), &campaign, AgreementStep::ToSign);
    for purpose in [UploadPurpose::Contract, UploadPurpose::Agreement] {
        for row in [good(purpose, now), bad(purpose, now)] {
            let outcome = outcome(&head, &row, &context).unwrap();
            // That check and verdict ask the same of the same row is the store's to keep (`store::uploads`).
            let writes = writes(&outcome, &row);
            let [(arrival, check), (verdict, write)] = writes.as_slice() else {
                panic!("{}", writes.len())
            };
            assert!(matches!(check, Companion::NoVerdictYet(checked) if checked.id == row.id));
            assert!(matches!(write, Companion::UploadVerdict(written) if written.id == row.id));
            assert_eq!(verdict.before(), Some(arrival.after()));
        }
    }
}

#[test]
fn what_replaces_a_file_before_the_office_moves_nothing() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let context = judged(&campaign, now);
    let head = to_sign(&campaign);
    let head = after(&head, &campaign, now, &[Event::UploadContract, Event::AcceptContractFile]);
    let row = good(UploadPurpose::Contract, now);
    let replaced = outcome(&head, &row, &context).unwrap();
    assert!(
        matches!(&replaced, Outcome::Decided { arrival: None, verdict } if verdict.after().state() == head.state())
    );
    let writes = writes(&replaced, &row);
    assert_eq!(writes.len(), 1);
    assert!(matches!(writes[0].1, Companion::UploadVerdict(_)));
    let row = alone(outcome(&head, &bad(UploadPurpose::Contract, now), &context).unwrap());
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
    let context = Context { campaign: &campaign, now, outages: &[outage] };
    assert!(matches!(outcome(&head, &row, &context).unwrap(), Outcome::Decided { .. }));
    let (code, _) = not_transmitted_for(outcome(&head, &row, &judged(&campaign, now)).unwrap());
    assert_eq!(code, "term-over");
}

/// The announcement counts, to the millisecond; the checks may end later (CTR-1).
#[test]
fn a_good_file_that_came_too_late_is_said_not_to_be_transmitted() {
    let campaign = demo();
    let head = to_sign(&campaign);
    let end = rome(END);
    let context = judged(&campaign, end + SignedDuration::from_mins(1));
    let in_time = good(UploadPurpose::Contract, end - SignedDuration::from_millis(1));
    assert!(matches!(outcome(&head, &in_time, &context).unwrap(), Outcome::Decided { .. }));
    let late = good(UploadPurpose::Contract, end);
    let (code, text) = not_transmitted_for(outcome(&head, &late, &context).unwrap());
    assert_eq!(code, "term-over");
    assert!(text.contains("martedì 19 maggio 2026, ore 24:00:00"), "{text}");
    // The expiry is written, whether the file was announced after the end or before.
    let overdue = after(&head, &campaign, context.now, &[Event::ExpireContract]);
    for row in [late, in_time] {
        let (code, text) = not_transmitted_for(outcome(&overdue, &row, &context).unwrap());
        assert_eq!(code, "term-over", "{text}");
    }
}

#[test]
fn a_good_file_that_the_case_has_left_behind_is_said_not_to_be_transmitted() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let context = judged(&campaign, now);
    let head = to_sign(&campaign);
    let validated = after(
        &head,
        &campaign,
        now,
        &[Event::UploadContract, Event::AcceptContractFile, Event::ValidateContract],
    );
    let contract = outcome(&validated, &good(UploadPurpose::Contract, now), &context).unwrap();
    assert_eq!(not_transmitted_for(contract).0, "case-went-on");
    for at in [AgreementStep::DataToEnter, AgreementStep::Sent, AgreementStep::Validated] {
        let head = agreement_at(&head, &campaign, at);
        let agreement = outcome(&head, &good(UploadPurpose::Agreement, now), &context).unwrap();
        assert_eq!(not_transmitted_for(agreement).0, "case-went-on", "{at}");
    }
    let without = case_in(State::ContractToSign);
    let agreement = outcome(&without, &good(UploadPurpose::Agreement, now), &context).unwrap();
    assert_eq!(not_transmitted_for(agreement).0, "case-went-on");
}

#[test]
fn a_refused_file_keeps_its_reasons_wherever_the_case_is() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let context = judged(&campaign, now);
    let head = case_in(State::ContractValidated);
    for purpose in [UploadPurpose::Contract, UploadPurpose::Agreement] {
        let row = alone(outcome(&head, &bad(purpose, now), &context).unwrap());
        assert_eq!(row.refusals, bad(purpose, now).refusals);
    }
}

/// DEC-1, art. 10-bis L. 241/1990: the employer answers with it later.
#[test]
fn a_document_for_the_office_is_kept_and_nothing_follows() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    for (purpose, state) in [
        (UploadPurpose::Integration, State::IntegrationRequested),
        (UploadPurpose::Objection, State::RefusalAnnounced),
    ] {
        let row = good(purpose, now);
        let row = alone(outcome(&case_in(state), &row, &judged(&campaign, now)).unwrap());
        assert_eq!(row.state, UploadState::Accepted);
        assert!(row.file.is_some() && !row.is_waiting());
    }
}

/// FRM-6: this function sees no draft: what passed for a field waits for who may write it.
#[test]
fn a_document_of_the_form_waits_for_the_draft() {
    let campaign = demo();
    let now = rome("2026-05-05 09:00");
    let stage = Stage::ToComplete { attention: None };
    let head = Application { stage, ..case_in(State::Submitted) };
    let context = judged(&campaign, now);
    let row = alone(outcome(&head, &good(UploadPurpose::Field, now), &context).unwrap());
    assert!(row.is_waiting());
    let row = alone(outcome(&head, &bad(UploadPurpose::Field, now), &context).unwrap());
    assert_eq!(row.state, UploadState::Refused);
}
