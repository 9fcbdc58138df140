//! Questions to registries as tasks of an application: their names, and when the next try is due (ENR-1, ENR-2).

use domain::form::{Mode, Registry, Schema, Values};
use jiff::Timestamp;

use crate::{
    applications::tasks::{Task, TaskStatus},
    drafts::Preliminary,
    rows::millis,
};
use outside::registries::Subject;

/// What a task asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Question {
    /// Representation and certified address, when the preliminary checks could not be made at once (CHK-2).
    Check,
    /// The values of one registry in one mode.
    Facts(Registry, Mode),
    /// The worker's definitive fiscal code, once the entry in Italy is reported (ENT-1).
    WorkerCode,
}

impl Question {
    /// The question of a task's name: `check`, `<registry>-<now|later>` or `worker-code`, with `-2`, `-3` … when it was
    /// asked again.
    pub fn of_task(name: &str) -> Option<Self> {
        let base = match name.rsplit_once('-') {
            Some((base, nth)) if nth.parse::<u32>().is_ok() => base,
            _ => name,
        };
        match base {
            CHECK => return Some(Self::Check),
            WORKER_CODE => return Some(Self::WorkerCode),
            _ => {}
        }
        let (registry, mode) = base.rsplit_once('-')?;
        let mode = [Mode::Now, Mode::Later].into_iter().find(|each| mode_name(*each) == mode)?;
        Some(Self::Facts(registry.parse().ok()?, mode))
    }

    /// What the schema asks of registries, given what is known.
    pub fn of_schema(schema: &Schema, values: &Values) -> Vec<Self> {
        schema
            .registries_needed(values)
            .into_iter()
            .map(|(registry, mode)| Self::Facts(registry, mode))
            .collect()
    }

    /// The task that asks it at once, beside those that the application has; none while one of them still waits.
    pub fn new_task(self, beside: &[Task], now: Timestamp) -> Option<Task> {
        let same: Vec<_> =
            beside.iter().filter(|task| Self::of_task(&task.name) == Some(self)).collect();
        if same.iter().any(|task| task.status == TaskStatus::Waiting) {
            return None;
        }
        let name = match same.len() {
            0 => self.name(),
            before => format!("{}-{}", self.name(), before + 1),
        };
        let now = millis(now);
        Some(Task { name, attempts: 0, first_asked: now, due: now, status: TaskStatus::Waiting })
    }

    /// The task by which the same question was asked the time before.
    pub fn before<'a>(task: &Task, beside: &'a [Task]) -> Option<&'a Task> {
        let question = Self::of_task(&task.name)?;
        let nth = |task: &Task| {
            let nth = task.name.rsplit_once('-').and_then(|(_, nth)| nth.parse::<u32>().ok());
            nth.unwrap_or(1)
        };
        beside
            .iter()
            .filter(|other| Self::of_task(&other.name) == Some(question) && nth(other) < nth(task))
            .max_by_key(|other| nth(other))
    }

    /// The name without a count.
    pub fn name(self) -> String {
        match self {
            Self::Check => CHECK.to_owned(),
            Self::WorkerCode => WORKER_CODE.to_owned(),
            Self::Facts(registry, mode) => format!("{}-{}", registry.key(), mode_name(mode)),
        }
    }

    /// The name that people read of the registry asked.
    pub fn label(self) -> &'static str {
        match self {
            Self::Check => "i registri delle verifiche preliminari",
            Self::Facts(registry, _) => registry.label(),
            Self::WorkerCode => Registry::AgenziaEntrate.label(),
        }
    }
}

/// Whom the registries are asked about, as the preliminary checks said; none if the codes are not readable.
pub fn subject(preliminary: &Preliminary) -> Option<Subject> {
    let company = match &preliminary.company {
        Some(company) => Some(company.parse().ok()?),
        None => None,
    };
    Some(Subject::new(preliminary.applicant.parse().ok()?, company, preliminary.in_register))
}

const CHECK: &str = "check";
const WORKER_CODE: &str = "worker-code";

const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Now => "now",
        Mode::Later => "later",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_found_by_its_tasks_name() {
        let facts = Registry::ALL.into_iter().flat_map(|registry| {
            [Mode::Now, Mode::Later].map(|mode| Question::Facts(registry, mode))
        });
        for question in facts.chain([Question::Check, Question::WorkerCode]) {
            assert_eq!(Question::of_task(&question.name()), Some(question));
            assert_eq!(Question::of_task(&format!("{}-2", question.name())), Some(question));
        }
        for unknown in [
            "",
            "check-",
            "inps",
            "inps-soon",
            "catasto-now",
            "-now",
            "check-now",
            "inps-later-x",
            "worker",
            "worker-code-x",
            "worker-now",
        ] {
            assert_eq!(Question::of_task(unknown), None, "{unknown}");
        }
    }

    /// ENR-2: no doubled effect: a question that still waits gets no second task.
    #[test]
    fn a_question_that_waits_is_not_asked_again() {
        let inps = Question::Facts(Registry::Inps, Mode::Later);
        let first = inps.new_task(&[], Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(first.name, "inps-later");
        assert_eq!(inps.new_task(std::slice::from_ref(&first), Timestamp::UNIX_EPOCH), None);
        let done = Task { status: TaskStatus::Done, ..first };
        let again = inps.new_task(std::slice::from_ref(&done), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(again.name, "inps-later-2");
        assert_eq!(inps.new_task(&[done, again], Timestamp::UNIX_EPOCH), None);
        assert_eq!(Question::Check.new_task(&[], Timestamp::UNIX_EPOCH).unwrap().name, "check");
        let code = Question::WorkerCode.new_task(&[], Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(code.name, "worker-code");
    }

    /// The tenth comes after the ninth, and other questions count for nothing.
    #[test]
    fn the_time_before_is_found_by_its_count() {
        let task = |name: &str| Task {
            name: name.to_owned(),
            attempts: 1,
            first_asked: 0,
            due: 0,
            status: TaskStatus::Silent,
        };
        let all = ["worker-code-9", "inps-later-9", "worker-code", "worker-code-10"].map(task);
        let before =
            |name: &str| Question::before(&task(name), &all).map(|task| task.name.as_str());
        assert_eq!(before("worker-code-10"), Some("worker-code-9"));
        assert_eq!(before("worker-code-9"), Some("worker-code"));
        assert_eq!(before("worker-code"), None);
        assert_eq!(before("inps-later-2"), None);
    }
}
