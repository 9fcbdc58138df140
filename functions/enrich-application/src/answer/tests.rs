//! Answers and their consequences (ENR-1, ENR-2).

use domain::{campaign::Campaign, form::ValueSource};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn schema() -> &'static Schema {
    Schema::find("c-stag-agricoltura@1").unwrap()
}

fn patience() -> Enrichment {
    Campaign::parse(include_str!("../../../../campaigns/df-2026.toml"))
        .unwrap()
        .enrichment()
        .clone()
}

fn now() -> Timestamp {
    "2026-01-10T08:00:00Z".parse().unwrap()
}

fn today() -> Date {
    domain::calendar::local_date(now())
}

fn begun() -> Values {
    let mut values = Values::new();
    let start = BTreeMap::from([
        ("in_business_register".to_owned(), json!(true)),
        ("employer_fiscal_code".to_owned(), json!("12345678903")),
    ]);
    let accepted = schema().check_changes(&values, &start, Writer::System, today()).unwrap();
    schema().apply(&mut values, accepted, Writer::System, now());
    values
}

fn facts(values: &[(&str, Value)]) -> Facts {
    values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
}

fn waiting(attempts: u32) -> Task {
    Task {
        name: "inps-later".to_owned(),
        attempts,
        first_asked: 0,
        due: 0,
        status: TaskStatus::Waiting,
    }
}

const INPS: (Registry, Mode) = (Registry::Inps, Mode::Later);

/// ENR-1: each value carries its source, and a person may type what the registry did not give, where the form allows.
#[test]
fn what_a_registry_tells_is_stored_with_its_source_and_the_rest_is_left_to_the_person() {
    let (values, news) = merge(
        schema(),
        &begun(),
        INPS,
        &facts(&[("employer_inps_number", json!("3101234567"))]),
        today(),
        now(),
    )
    .unwrap();
    assert_eq!(values["employer_inps_number"].source, ValueSource::Registry(Registry::Inps));
    assert_eq!(values["employer_employees"].value, Value::Null);
    assert_eq!(news.len(), 2);
}

/// ENR-2: no doubled effect: the same answer twice changes nothing the second time.
#[test]
fn the_same_answer_twice_brings_no_news() {
    let answer =
        facts(&[("employer_inps_number", json!("3101234567")), ("employer_employees", json!(3))]);
    let (values, _) = merge(schema(), &begun(), INPS, &answer, today(), now()).unwrap();
    let (again, news) = merge(schema(), &values, INPS, &answer, today(), now()).unwrap();
    assert_eq!((again, news.len()), (values, 0));
}

#[test]
fn a_registry_fills_nobody_elses_fields() {
    let answer = facts(&[
        ("employer_name", json!("Altra S.r.l.")),
        ("worker_name", json!("Amal")),
        ("nonsense", json!(1)),
    ]);
    let (values, _) = merge(schema(), &begun(), INPS, &answer, today(), now()).unwrap();
    for key in ["employer_name", "worker_name", "nonsense"] {
        assert!(!values.contains_key(key), "{key}");
    }
}

/// The province of birth is asked only of who was born in Italy, which the same answer tells.
#[test]
fn an_answer_fills_the_fields_that_it_brings_into_view() {
    let answer = facts(&[
        ("representative_birth_country", json!("ITA")),
        ("representative_birth_place", json!("Foggia")),
        ("representative_birth_province", json!("FG")),
    ]);
    let from = (Registry::AgenziaEntrate, Mode::Now);
    let (values, _) = merge(schema(), &begun(), from, &answer, today(), now()).unwrap();
    assert_eq!(values["representative_birth_province"].value, json!("FG"));
    let answer = facts(&[("representative_birth_country", json!("ITA"))]);
    let (values, _) = merge(schema(), &begun(), from, &answer, today(), now()).unwrap();
    assert_eq!(values["representative_birth_province"].value, Value::Null);
}

#[test]
fn values_of_the_wrong_type_are_as_good_as_no_answer() {
    let answer = facts(&[("employer_employees", json!("molti"))]);
    assert_eq!(
        merge(schema(), &begun(), INPS, &answer, today(), now()).unwrap_err(),
        UnusableValues
    );
}

/// ENR-2: pauses grow from 30 s to 6 h, and after five days the question is given up.
#[test]
fn a_silent_registry_is_asked_with_growing_pauses_for_five_days() {
    let (mut task, mut at, mut pauses) = (waiting(0), now(), Vec::new());
    loop {
        task = after_no_answer(&task, &patience(), None, at);
        if task.status != TaskStatus::Waiting {
            break;
        }
        pauses.push(task.due - millis(at));
        at = Timestamp::from_millisecond(task.due).unwrap();
    }
    assert_eq!(task.status, TaskStatus::Silent);
    assert!(pauses.is_sorted(), "{pauses:?}");
    assert_eq!((pauses.first(), pauses.last()), (Some(&30_000), Some(&21_600_000)));
    let days = at.duration_since(now()).as_hours() / 24;
    assert!((4..=5).contains(&days), "{days} days");
}

#[test]
fn a_registry_that_asks_for_patience_gets_it_up_to_an_hour() {
    let due = |asked_for| {
        after_no_answer(&waiting(0), &patience(), Some(asked_for), now()).due - millis(now())
    };
    assert_eq!(due(Duration::from_secs(90)), 90_000);
    assert_eq!(due(Duration::from_secs(1)), 30_000);
    assert_eq!(due(Duration::from_hours(100)), 3_600_000);
    assert_eq!(due(Duration::MAX), 3_600_000);
}

/// The reason goes when the last registry that caused it has answered, not before.
#[test]
fn the_reason_to_look_goes_with_the_last_failed_question() {
    let inps = Question::Facts(Registry::Inps, Mode::Later);
    let silent = Some(Attention::RegistrySilent);
    let other =
        Task { name: "unioncamere-now".to_owned(), status: TaskStatus::Silent, ..waiting(3) };
    let asked_again = Task {
        name: "unioncamere-now-2".to_owned(),
        status: TaskStatus::Done,
        first_asked: 9,
        ..waiting(1)
    };
    let earlier = Task { status: TaskStatus::Silent, ..waiting(20) };
    assert_eq!(
        attention_after(silent, TaskStatus::Done, std::slice::from_ref(&other), inps),
        silent
    );
    assert_eq!(attention_after(silent, TaskStatus::Done, &[other, asked_again], inps), None);
    assert_eq!(attention_after(silent, TaskStatus::Done, &[earlier], inps), None);
    let taken = Some(Attention::WorkerTaken);
    assert_eq!(attention_after(taken, TaskStatus::Done, &[], inps), taken);
    assert_eq!(
        attention_after(None, TaskStatus::Refused, &[], inps),
        Some(Attention::RegistryRefused)
    );
}

proptest! {
    /// ENR-2: whatever came before, an attempt always leads to a later attempt or to a named end.
    #[test]
    fn every_try_ends_later_or_given_up(attempts in 0_u32..1000, seconds in 0_u64..1_000_000) {
        let next = after_no_answer(&waiting(attempts), &patience(), Some(Duration::from_secs(seconds)), now());
        prop_assert_eq!(next.attempts, attempts + 1);
        match next.status {
            TaskStatus::Waiting => prop_assert!(next.due > millis(now())),
            status => prop_assert_eq!(status, TaskStatus::Silent),
        }
    }
}
