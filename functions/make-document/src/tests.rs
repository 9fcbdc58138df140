//! What the modules say of the contract and of the worker's papers (MOD-1).

use domain::form::{FieldValue, ValueSource};
use jiff::{Timestamp, civil::date};
use scenes::{case_in, demo, parties, rome};
use serde_json::{Value, json};

use super::*;
use crate::document::{Document, Module1Data, Module2Data};

/// The day on which the modules were asked for.
const ASKED: Date = date(2026, 7, 20);

/// The modules of a worker with a document of that kind, and a contract that came in on that day.
fn modules(document: &str, contract_signed: Option<Date>) -> (Module1Data, Module2Data) {
    let head = case_in(State::ModulesIssued);
    let schema = Schema::find(&head.schema).unwrap();
    let given = [("worker_passport_kind".to_owned(), json!(document))].into();
    let examples = schema.examples_given(&given, date(2026, 1, 12)).into_iter();
    let typed =
        |value| FieldValue { value, source: ValueSource::Person, at: Timestamp::UNIX_EPOCH };
    let values = examples.map(|(key, value)| (key.parse().unwrap(), typed(value))).collect();
    let facts = CaseFacts::of(schema, &values);
    let entry = serde_json::from_value(json!({
        "province": "RM", "municipality": "Fiumicino", "date": "2026-06-01",
        "visa_number": "ITA1234567", "fiscal_code": "SNGGPR94S03Z222K",
    }))
    .unwrap();
    let campaign = demo();
    let known = CaseData {
        head: &head,
        facts: &facts,
        entry: Some(&entry),
        agreement: None,
        date: ASKED,
        version: 30,
        contract_version: Some(12),
        agreement_version: None,
        contract_signed,
        suspension: None,
        receipt: None,
        campaign: &campaign,
        portal: "https://portale.example.it",
    };
    let Ok(Document::Module1(one)) = known.document(DocumentKind::Module1) else {
        panic!("no module 1")
    };
    let Ok(Document::Module2(two)) = known.document(DocumentKind::Module2) else {
        panic!("no module 2")
    };
    (one, two)
}

/// What stands in fields, by their numbers.
fn fields<const N: usize>(sections: &impl serde::Serialize, numbers: [&str; N]) -> [Value; N] {
    let sections = serde_json::to_value(sections).unwrap();
    let all: Vec<&Value> = sections
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|section| section["fields"].as_array().unwrap())
        .collect();
    numbers
        .map(|number| all.iter().find(|field| field["number"] == number).unwrap()["value"].clone())
}

/// Field 36: the contract's own day, never the day on which the office asked for the modules.
#[test]
fn module_2_has_the_day_of_the_contract_or_none() {
    let (_, known) = modules("ordinary", Some(date(2026, 6, 10)));
    assert!(known.heading.date == ASKED);
    assert_eq!(fields(&known.sections(), ["36"]), [json!("10/06/2026")]);
    let (_, unknown) = modules("ordinary", None);
    assert_eq!(fields(&unknown.sections(), ["36"]), [Value::Null]);
}

/// Fields 40 and 41, by the three kinds of the form.
#[test]
fn module_1_tells_a_passport_from_another_document() {
    for (kind, passport, other) in [
        ("ordinary", json!("X"), Value::Null),
        ("travel-document", Value::Null, json!("X")),
        ("other", Value::Null, json!("X")),
    ] {
        let (module, _) = modules(kind, None);
        assert_eq!(fields(&module.sections(), ["40", "41"]), [passport, other], "{kind}");
    }
}

/// Fields 52 and 53: the form does not ask.
#[test]
fn module_1_claims_nothing_about_the_entries_of_the_visa() {
    let (module, _) = modules("ordinary", None);
    assert_eq!(fields(&module.sections(), ["52", "53"]), [Value::Null, Value::Null]);
}

fn happened(what: &Value, at: &str) -> EventRow {
    let mut row = json!({
        "pk": "", "sk": "", "v": 1, "version": 1, "to": "x", "who": "system",
        "at": rome(at).as_millisecond(),
        "on_behalf_of": parties().owner,
    });
    row.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    serde_json::from_value(row).unwrap()
}

/// CTR-1, MOD-1: of a contract that was rejected and replaced the last file counts, as does one that replaced it before the
/// office looked; by Rome's calendar.
#[test]
fn the_newest_contract_that_went_to_the_office_counts() {
    let event = |code: &str, at| happened(&json!({ "event": code }), at);
    let mut history = vec![
        event("send-contract", "2026-06-01 10:00"),
        event("upload-contract", "2026-06-02 10:00"),
        event("refuse-contract-file", "2026-06-02 10:01"),
    ];
    assert_eq!(contract_that_counted(&history), None);
    history.push(event("accept-contract-file", "2026-06-03 00:30"));
    assert_eq!(contract_that_counted(&history), Some(date(2026, 6, 3)));
    history.push(event("reject-contract", "2026-06-20 10:00"));
    history.push(event("upload-contract", "2026-06-22 23:59"));
    history.push(event("accept-contract-file", "2026-06-23 00:00"));
    assert_eq!(contract_that_counted(&history), Some(date(2026, 6, 23)));
    history.push(happened(&json!({ "action": "upload-contract" }), "2026-06-25 10:00"));
    history.push(event("validate-contract", "2026-07-01 10:00"));
    history.push(event("issue-modules", "2026-07-20 10:00"));
    assert_eq!(contract_that_counted(&history), Some(date(2026, 6, 25)));
}
