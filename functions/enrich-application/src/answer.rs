//! What an answer of a registry means for the form and for the question, without any store (ENR-1, ENR-2).

use std::{collections::BTreeMap, time::Duration};

use domain::{
    application::Attention,
    campaign::Enrichment,
    form::{Mode, Registry, Schema, Source, Values, Writer},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use outside::registries::Facts;
use serde_json::Value;
use store::{
    applications::tasks::{Task, TaskStatus},
    questions::Question,
    rows::millis,
};

/// A registry that asks for patience is asked again after this at the latest.
const LONGEST_PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// The values of the registry's answer do not fit the form's types: as good as no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct UnusableValues;

/// The content with the registry's values, and those of them that the content did not have.
///
/// Fields without a value in the answer are stored as absent at the registry, so that a person may type them where the
/// form allows.
pub(crate) fn merge(
    schema: &Schema,
    current: &Values,
    (registry, mode): (Registry, Mode),
    facts: &Facts,
    today: Date,
    at: Timestamp,
) -> Result<(Values, BTreeMap<String, Value>), UnusableValues> {
    let mut values = current.clone();
    let mut news = BTreeMap::new();
    let mut take = |values: &mut Values,
                    changes: &BTreeMap<String, Value>|
     -> Result<(), UnusableValues> {
        let by = Writer::Registry(registry);
        let accepted =
            schema.check_changes(values, changes, by, today).map_err(|_| UnusableValues)?;
        news.extend(accepted.iter().map(|(key, value)| (key.as_str().to_owned(), value.clone())));
        schema.apply(values, accepted, by, at);
        Ok(())
    };
    take(&mut values, &known_facts(schema, current, (registry, mode), facts))?;
    // The answer may have brought fields into view (a birth in Italy has a province): those count as left open, too.
    let open = unanswered(schema, &values, (registry, mode), facts);
    take(&mut values, &open)?;
    Ok((values, news))
}

/// The facts for fields that are this registry's to fill, in view or not.
fn known_facts(
    schema: &Schema,
    values: &Values,
    (registry, mode): (Registry, Mode),
    facts: &Facts,
) -> BTreeMap<String, Value> {
    let in_view: Vec<_> =
        schema.registry_fields(registry, mode, values).map(|field| &field.key).collect();
    let others: Vec<_> = Registry::ALL
        .into_iter()
        .filter(|other| *other != registry)
        .flat_map(|other| {
            schema.registry_fields(other, mode, values).map(|field| &field.key).collect::<Vec<_>>()
        })
        .collect();
    let is_its_own = |key: &str| {
        schema.field(key).is_some_and(|field| {
            let names = matches!(&field.source, Source::Registry(registries) if registries.contains(&registry));
            names && field.mode == Some(mode) && (in_view.contains(&&field.key) || !others.contains(&&field.key))
        })
    };
    facts
        .iter()
        .filter(|(key, _)| is_its_own(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The fields in view that the answer says nothing about: null, as absent at the registry.
fn unanswered(
    schema: &Schema,
    values: &Values,
    (registry, mode): (Registry, Mode),
    facts: &Facts,
) -> BTreeMap<String, Value> {
    schema
        .registry_fields(registry, mode, values)
        .filter(|field| !facts.contains_key(field.key.as_str()))
        .map(|field| (field.key.as_str().to_owned(), Value::Null))
        .collect()
}

/// The question after an attempt without an answer: due again after the campaign's pause, or given up (ENR-2).
pub(crate) fn after_no_answer(
    task: &Task,
    patience: &Enrichment,
    retry_after: Option<Duration>,
    now: Timestamp,
) -> Task {
    let attempts = task.attempts.saturating_add(1);
    let asked_for = SignedDuration::try_from(retry_after.unwrap_or_default())
        .unwrap_or(SignedDuration::MAX)
        .min(LONGEST_PATIENCE);
    match patience.pause_after(attempts) {
        Some(pause) => {
            let due = now.saturating_add(pause.max(asked_for)).unwrap_or(Timestamp::MAX);
            Task { attempts, due: millis(due), status: TaskStatus::Waiting, ..task.clone() }
        }
        None => Task { attempts, status: TaskStatus::Silent, ..task.clone() },
    }
}

/// The question once nothing more is to be asked.
pub(crate) fn finished(task: &Task, status: TaskStatus) -> Task {
    Task { attempts: task.attempts.saturating_add(1), status, ..task.clone() }
}

/// The reason to look at the application once this question stands like that.
pub(crate) fn attention_after(
    held: Option<Attention>,
    status: TaskStatus,
    tasks: &[Task],
    question: Question,
) -> Option<Attention> {
    match status {
        TaskStatus::Silent => Some(Attention::RegistrySilent),
        TaskStatus::Refused => Some(Attention::RegistryRefused),
        TaskStatus::Waiting => held,
        TaskStatus::Done => held.filter(|held| match held {
            Attention::WorkerTaken => true,
            Attention::RegistrySilent | Attention::RegistryRefused => {
                others_failed(tasks, question)
            }
        }),
    }
}

/// Whether the last attempt of another question gave no usable answer.
fn others_failed(tasks: &[Task], question: Question) -> bool {
    let mut last: BTreeMap<String, &Task> = BTreeMap::new();
    for task in tasks {
        if let Some(other) = Question::of_task(&task.name).filter(|other| *other != question) {
            let slot = last.entry(other.name()).or_insert(task);
            if slot.first_asked <= task.first_asked {
                *slot = task;
            }
        }
    }
    last.values().any(|task| matches!(task.status, TaskStatus::Silent | TaskStatus::Refused))
}

#[cfg(test)]
mod tests;
