//! Merging and checking before anything is stored (FRM-2, ENR-1).

use std::collections::BTreeMap;

use domain::form::{Change as FieldChange, FieldValue, Registry};
use serde_json::{Value, json};

use super::*;

const NOW: &str = "2026-01-12T08:00:00Z";

fn schema() -> &'static Schema {
    Schema::find("c-stag-agricoltura@1").unwrap()
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn stored(values: &[(&str, Value, ValueSource)]) -> Values {
    values
        .iter()
        .map(|(key, value, source)| {
            (
                key.parse().unwrap(),
                FieldValue { value: value.clone(), source: *source, at: Timestamp::UNIX_EPOCH },
            )
        })
        .collect()
}

fn save(changes: &[(&str, Value, Value)]) -> Save {
    let changes = changes
        .iter()
        .map(|(field, base, value)| FieldChange {
            field: (*field).to_owned(),
            base: Some(base.clone()),
            value: value.clone(),
        })
        .collect();
    Save { changes, is_explicit: false }
}

fn merge(current: &Values, save: &Save) -> Result<Values, Problem> {
    merge_changes(schema(), current, save, now(), now())
}

/// FRM-2: two tabs that change different fields both keep their changes.
#[test]
fn changes_of_different_fields_meet() {
    let current = stored(&[("worker_surname", json!("ROSSI"), ValueSource::Person)]);
    let values = merge(&current, &save(&[("worker_name", Value::Null, json!("Amal"))])).unwrap();
    assert!(values.contains_key("worker_surname") && values.contains_key("worker_name"));
}

/// FRM-2: the same field changed on both sides is never silently overwritten.
#[test]
fn the_same_field_changed_twice_is_a_conflict() {
    let current = stored(&[("worker_sex", json!("female"), ValueSource::Person)]);
    let problem =
        merge(&current, &save(&[("worker_sex", Value::Null, json!("male"))])).unwrap_err();
    assert_eq!(problem.kind(), ProblemKind::Conflict);
    assert!(merge(&current, &save(&[("worker_sex", json!("female"), json!("male"))])).is_ok());
    assert!(merge(&current, &save(&[("worker_sex", Value::Null, json!("female"))])).is_ok());
}

/// ENR-1: a value from a registry cannot be typed over.
#[test]
fn what_a_registry_gave_cannot_be_typed_over() {
    let current = stored(&[(
        "employer_name",
        json!("Azienda"),
        ValueSource::Registry(Registry::Unioncamere),
    )]);
    let problem =
        merge(&current, &save(&[("employer_name", json!("Azienda"), json!("Altra"))])).unwrap_err();
    assert_eq!(problem.kind(), ProblemKind::InvalidFields);
}

#[test]
fn mistakes_come_before_conflicts_and_a_field_that_does_not_exist_is_one() {
    let current = stored(&[("worker_sex", json!("female"), ValueSource::Person)]);
    let changes =
        [("worker_sex", Value::Null, json!("male")), ("nonsense", Value::Null, Value::Null)];
    assert_eq!(merge(&current, &save(&changes)).unwrap_err().kind(), ProblemKind::InvalidFields);
}

/// ENR-1: a correction is asked of the registry that gave the value.
#[test]
fn a_correction_goes_to_the_registry_that_fills_the_field() {
    let values = stored(&[("in_business_register", json!(true), ValueSource::Start)]);
    let asked = |values: &Values, key: &str| {
        registry_question_for(schema(), values, key)
            .map(Question::name)
            .map_err(|problem| problem.kind())
    };
    assert_eq!(asked(&values, "employer_name"), Ok("unioncamere-now".to_owned()));
    assert_eq!(asked(&values, "employer_inps_number"), Ok("inps-later".to_owned()));
    let outside = stored(&[("in_business_register", json!(false), ValueSource::Start)]);
    assert_eq!(asked(&outside, "employer_name"), Ok("agenzia-entrate-now".to_owned()));
    for wrong in ["worker_name", "nonsense", "privacy_acknowledged"] {
        assert_eq!(asked(&values, wrong), Err(ProblemKind::InvalidFields), "{wrong}");
    }
}

/// FRM-1: every table that a field chooses from comes with the form.
#[test]
fn the_form_comes_with_its_tables() {
    let view = serde_json::to_value(ModelView::of(schema())).unwrap();
    let tables: BTreeMap<String, Value> = serde_json::from_value(view["tables"].clone()).unwrap();
    for field in view["schema"]["fields"].as_array().unwrap() {
        if let Some(table) = field["type"]["table"].as_str() {
            assert!(tables.contains_key(table), "{table}");
        }
    }
    assert!(tables.contains_key("provinces"));
}

/// Reads a captured request as the function does; the status tells how it went.
async fn read(event: &str, read: fn(&ApiRequest) -> Result<(), Problem>) -> u16 {
    let request = lambda_http::request::from_str(event).unwrap();
    let response = http::answer(request, |request| async move {
        read(&request)?;
        http::empty(204)
    })
    .await
    .unwrap();
    response.status().as_u16()
}

#[tokio::test]
async fn captured_requests_are_read() {
    let save = include_str!("../../../events/save-draft/save.json");
    assert_eq!(
        read(save, |request| Save::read(request)
            .map(|save| assert!(save.is_explicit && save.changes.len() == 2)))
        .await,
        204
    );
    assert_eq!(
        read(&save.replace("worker_name", "worker_surname"), |request| Save::read(request)
            .map(|_| ()))
        .await,
        422
    );
    let correction = include_str!("../../../events/save-draft/correction.json");
    assert_eq!(read(correction, |request| Correction::read(request).map(|_| ())).await, 204);
    assert_eq!(read(correction, |request| Save::read(request).map(|_| ())).await, 422);
    let model = include_str!("../../../events/save-draft/model.json");
    let served = |request: &ApiRequest| {
        form_of(request.segments.last().map_or("", String::as_str)).map(|_| ())
    };
    assert_eq!(read(model, served).await, 204);
}
