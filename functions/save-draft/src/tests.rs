//! Merging and checking before anything is stored (FRM-2, ENR-1).

use std::collections::BTreeMap;

use domain::{
    form::{Change as FieldChange, FieldValue, Registry},
    ids::AccountId,
};
use serde_json::{Value, json};
use store::applications::saved::SavedRow;

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

/// What would be stored, and the fields that would not.
fn merge_some(current: &Values, save: &Save) -> Result<(Values, Vec<String>), ProblemKind> {
    let merged = merge_changes(schema(), current, save, now(), now());
    let kind = |refused| match refused {
        NotMerged::Refused(_) => ProblemKind::InvalidFields,
        NotMerged::Conflicts(_) => ProblemKind::Conflict,
    };
    let (values, refused) = merged.map_err(kind)?;
    Ok((values, refused.into_iter().map(|error| error.field).collect()))
}

fn merge(current: &Values, save: &Save) -> Result<Values, ProblemKind> {
    let (values, refused) = merge_some(current, save)?;
    assert_eq!(refused, [""; 0]);
    Ok(values)
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
    let other = merge(&current, &save(&[("worker_sex", Value::Null, json!("male"))]));
    assert_eq!(other, Err(ProblemKind::Conflict));
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
    let typed = merge(&current, &save(&[("employer_name", json!("Azienda"), json!("Altra"))]));
    assert_eq!(typed, Err(ProblemKind::InvalidFields));
}

/// FRM-2: one bad value keeps no good one from being saved, and is named; where nothing is good, nothing is saved.
#[test]
fn a_bad_value_keeps_no_good_one_out() {
    let current = stored(&[("worker_sex", json!("female"), ValueSource::Person)]);
    let bad = ("worker_birth_date", Value::Null, json!("31.2.1990"));
    let unknown = ("nonsense", Value::Null, Value::Null);
    let good = ("worker_name", Value::Null, json!("Amal"));
    let some = merge_some(&current, &save(&[bad.clone(), good.clone(), unknown.clone()]));
    let (values, refused) = some.unwrap();
    assert!(values.contains_key("worker_name") && !values.contains_key("worker_birth_date"));
    assert_eq!(refused, ["nonsense", "worker_birth_date"]);
    let nothing_good = merge_some(&current, &save(&[bad, unknown]));
    assert_eq!(nothing_good.map(|_| ()), Err(ProblemKind::InvalidFields));
    let conflict = ("worker_sex", Value::Null, json!("male"));
    let with_conflict = merge_some(&current, &save(&[good, conflict]));
    assert_eq!(with_conflict.map(|_| ()), Err(ProblemKind::Conflict));
}

/// FRM-2: the question about a conflict says who wrote the other value, and when.
#[test]
fn a_conflict_tells_who_wrote_the_other_value() {
    let written_by = |author: &AccountId, source: ValueSource| {
        let theirs = FieldValue { value: json!("female"), source, at: now() };
        let saved: SavedRow = serde_json::from_value(json!({
            "pk": "x", "sk": "y", "v": 1, "at": 0, "who": author.as_str(),
            "on_behalf_of": scenes::parties().owner, "sections": ["worker"],
        }))
        .unwrap();
        let conflict = Conflict {
            field: "worker_sex".to_owned(),
            yours: json!("male"),
            theirs: json!("female"),
            base: Value::Null,
        };
        let view =
            ConflictView::of(conflict, Some(&theirs), Some("worker"), &[saved], &scenes::anna());
        let view = serde_json::to_value(view).unwrap();
        assert_eq!(view["at"], "2026-01-12T09:00:00.000+01:00");
        view["by"].as_str().unwrap().to_owned()
    };
    let (anna, other) = (scenes::anna().account, scenes::parties().filer);
    assert_eq!(written_by(&anna, ValueSource::Person), "you-elsewhere");
    assert_eq!(written_by(&other, ValueSource::Person), "colleague");
    assert_eq!(written_by(&anna, ValueSource::Registry(Registry::Inps)), "registry");
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
