//! The figures of a run beside their goals, and as one flat object.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use serde_json::{Map, Value};

use crate::Broken;

/// What a figure must be.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// Not more than this.
    AtMost(f64),
    /// Not less than this.
    AtLeast(f64),
    /// Nothing is promised.
    Reported,
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
            Self::Reported => true,
        }
    }

    fn words(self) -> String {
        match self {
            Self::AtMost(most) => format!("at most {most}"),
            Self::AtLeast(least) => format!("at least {least}"),
            Self::Reported => "–".to_owned(),
        }
    }
}

use Goal::{AtLeast, AtMost, Reported};

/// Key, goal, whether the goal is for the record's size only, and what it is: all that a click day is to be measured by.
const FIGURES: &[(&str, Goal, bool, &str)] = &[
    ("submissions", Reported, false, "applications that were pressed for"),
    (
        "seconds_memory",
        AtMost(24.0),
        true,
        "s from the opening to the last answer, store in memory, with stream and indexes",
    ),
    ("per_second", Reported, false, "submissions a second, store in memory"),
    ("store_per_second", Reported, false, "writes a second of the store alone, in memory"),
    ("seconds_disk", Reported, false, "s, store on disk, one sync for each commit"),
    ("per_second_disk", Reported, false, "submissions a second, store on disk"),
    ("store_per_second_disk", Reported, false, "writes a second of the store alone, on disk"),
    ("store_share_disk", AtLeast(0.9), false, "share of the store's own limit, on disk"),
    (
        "p50_ms",
        Reported,
        false,
        "ms from the press to the answer, waiting for a free process included",
    ),
    ("p99_ms", Reported, false, "ms, the slowest of a hundred"),
    ("served_p50_ms", Reported, false, "ms from the handing over to the answer"),
    ("served_p99_ms", Reported, false, "ms, the slowest of a hundred"),
    ("lost", AtMost(0.0), false, "receipts that are not stored, or not signed"),
    ("doubled", AtMost(0.0), false, "submissions, codes and ordinals that are there twice"),
    ("out_of_order", AtMost(0.0), false, "ordinals that are not those of the arrivals"),
    ("quota_errors", AtMost(0.0), false, "places that are not as the decree gives them"),
    (
        "places_lost",
        AtMost(0.0),
        false,
        "submissions that stand at a repetition, though it brought the ticket of the first press",
    ),
    ("log_errors", AtMost(0.0), false, "leaves of the log that are not what was accepted"),
    ("wrong_answers", AtMost(0.0), false, "good presses refused, bad ones not"),
    ("tickets", Reported, false, "answers that asked to press again with a ticket"),
    ("faults_seconds", Reported, false, "s of the rush on a faulty wire, to the last answer"),
    ("faults_tickets", AtLeast(1.0), false, "presses on it that were repeated with a ticket"),
    (
        "faults_without_ticket",
        AtMost(0.0),
        false,
        "answers on it that asked to press again and kept no arrival",
    ),
    ("faults_throttled", AtLeast(1.0), false, "requests that the store had no room for"),
    ("faults_conflicts", AtLeast(1.0), false, "requests that met a transaction"),
    ("faults_5xx", AtLeast(1.0), false, "requests that the store answered with 500"),
    ("faults_cut_before", AtLeast(1.0), false, "connections cut before the store heard"),
    ("faults_cut_after", AtLeast(1.0), false, "connections cut after the store had written"),
    (
        "faults_timeouts",
        AtLeast(1.0),
        false,
        "answers that never came, after the store had written",
    ),
    ("faults_away", AtLeast(1.0), false, "presses that found the store away at every try"),
    ("rest_refused", AtMost(0.0), false, "readings and sessions that were not answered as was due"),
    (
        "rest_applications_quiet_p50_ms",
        Reported,
        false,
        "ms for the list of one's applications, without the rush",
    ),
    ("rest_applications_quiet_p99_ms", Reported, false, "ms, the slowest of a hundred"),
    (
        "rest_applications_rush_p50_ms",
        Reported,
        false,
        "ms for the list of one's applications, with the rush",
    ),
    ("rest_applications_rush_p99_ms", Reported, false, "ms, the slowest of a hundred"),
    ("rest_applications_p50", Reported, false, "p50 with the rush to that without"),
    ("rest_applications_p99", Reported, false, "p99 with the rush to that without"),
    (
        "rest_notices_quiet_p50_ms",
        Reported,
        false,
        "ms for the list of one's notices, without the rush",
    ),
    ("rest_notices_quiet_p99_ms", Reported, false, "ms, the slowest of a hundred"),
    (
        "rest_notices_rush_p50_ms",
        Reported,
        false,
        "ms for the list of one's notices, with the rush",
    ),
    ("rest_notices_rush_p99_ms", Reported, false, "ms, the slowest of a hundred"),
    ("rest_notices_p50", Reported, false, "p50 with the rush to that without"),
    ("rest_notices_p99", Reported, false, "p99 with the rush to that without"),
    (
        "rest_session_quiet_p50_ms",
        Reported,
        false,
        "ms for a new token for a session, without the rush",
    ),
    ("rest_session_quiet_p99_ms", Reported, false, "ms, the slowest of a hundred"),
    (
        "rest_session_rush_p50_ms",
        Reported,
        false,
        "ms for a new token for a session, with the rush",
    ),
    ("rest_session_rush_p99_ms", Reported, false, "ms, the slowest of a hundred"),
    ("rest_session_p50", Reported, false, "p50 with the rush to that without"),
    ("rest_session_p99", Reported, false, "p99 with the rush to that without"),
    ("rest_seconds", Reported, false, "s of the rush beside which people read, to the last answer"),
    (
        "recording_behind",
        Reported,
        false,
        "submissions not recorded yet when the last press had its answer",
    ),
    ("recording_seconds", Reported, false, "s from the last press until all were recorded"),
    ("recording_missing", AtMost(0.0), false, "accepted submissions that are not in the order"),
    (
        "relaying_p50_ms",
        Reported,
        false,
        "ms from the receipt until record-history has its message, by the stream",
    ),
    ("relaying_p99_ms", Reported, false, "ms, the slowest of a hundred"),
    (
        "relaying_behind",
        Reported,
        false,
        "submissions without their message when the last press had its answer",
    ),
    (
        "reconciling_brought",
        Reported,
        false,
        "submissions that the stream lost on purpose, all brought by reconcile-pending",
    ),
    ("reconciling_runs", Reported, false, "runs of reconcile-pending"),
    ("reconciling_longest_ms", Reported, false, "ms of the longest of them"),
    ("armed", Reported, false, "applications that were armed before the opening"),
    ("armed_sent", AtLeast(1.0), false, "of these, those that send-armed sent"),
    ("armed_seconds", Reported, false, "s from the first run of send-armed to its last send"),
    ("armed_per_second", Reported, false, "armed sends a second; 500 at most, by its own pace"),
    ("armed_done_seconds", Reported, false, "s from the first run until the opening was done"),
    ("armed_arm_write_units", AtMost(6.0), false, "write units of one arm, indexes included"),
    (
        "armed_write_units",
        AtMost(3.1),
        true,
        "write units of one armed send, with its row and those of the run",
    ),
    ("cpu_ms", Reported, false, "ms of CPU of the function for one submission"),
    ("cpu_rush_ms", Reported, false, "ms, within the rush"),
    ("cpu_store_ms", Reported, false, "ms of CPU of the store for one press of the rush"),
    ("cpu_ratio_bare", AtMost(3.0), false, "CPU, ours to the bare client's"),
    ("cpu_ratio_node", AtLeast(6.0), false, "CPU, Node.js to ours"),
    ("cpu_ratio_python", AtLeast(6.0), false, "CPU, Python to ours"),
    ("cold_ms", Reported, false, "ms from the start to the first answer"),
    ("cold_ratio_node", AtLeast(25.0), false, "cold start, Node.js to ours"),
    ("cold_ratio_python", AtLeast(35.0), false, "cold start, Python to ours"),
    ("rss_mb", Reported, false, "MB of memory of one process"),
    ("rss_ratio_node", AtLeast(10.0), false, "memory, Node.js to ours"),
    ("write_units", AtMost(3.0), false, "write units of one submission, indexes included"),
    ("requests", AtMost(1.0), false, "requests to the store of one submission"),
    ("history_seconds", Reported, false, "s until all is recorded"),
    ("history_write_units", Reported, false, "write units of recording and ranking one submission"),
    (
        "usd_accepting",
        AtMost(5.0),
        false,
        "USD of a million submissions, from the press to the receipt",
    ),
    ("usd_all_but_mail", AtMost(10.0), false, "USD of a million submissions, all but mail"),
    ("usd_mail", Reported, false, "USD of a million submissions, mail"),
    (
        "growth_requests",
        AtMost(1.0),
        false,
        "requests at the largest table to those at the smallest",
    ),
    (
        "growth_bytes",
        Reported,
        false,
        "bytes to and from the store at the largest table to those at the smallest",
    ),
    (
        "growth_units",
        AtMost(1.0),
        false,
        "write units at the largest table to those at the smallest",
    ),
    ("growth_p99", Reported, false, "p99 at the largest table to that at the smallest"),
    ("ranked", Reported, false, "submissions that were ranked from history"),
    ("ranking_seconds", AtMost(30.0), false, "s that ranking them took"),
    (
        "ranking_reads",
        Reported,
        false,
        "requests that only read, for a thousand ranked submissions",
    ),
];

/// Submissions from which goals of the record's size are judged.
pub const RECORD: f64 = 86_079.0;

/// What a run found out, and what not.
#[derive(Clone, Debug, Default)]
pub struct Report {
    found: BTreeMap<&'static str, f64>,
    missing: BTreeMap<&'static str, String>,
}

impl Report {
    /// Whether nothing was found yet.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Notes a figure.
    pub fn set(&mut self, key: &'static str, value: f64) {
        if value.is_finite() {
            self.found.insert(key, value);
            self.missing.remove(key);
        } else {
            self.miss(&[key], "it came to no number");
        }
    }

    /// Adds to a count.
    pub fn add(&mut self, key: &'static str, value: f64) {
        self.set(key, self.get(key).unwrap_or_default() + value);
    }

    /// Notes why figures are not there.
    pub fn miss(&mut self, keys: &[&'static str], why: &str) {
        for key in keys {
            self.missing.insert(key, why.to_owned());
        }
    }

    /// A figure.
    pub fn get(&self, key: &str) -> Option<f64> {
        self.found.get(key).copied()
    }

    /// Figures beside their goals, as Markdown.
    pub fn table(&self) -> String {
        let mut table = "| figure | found | goal | | |\n|---|---|---|---|---|\n".to_owned();
        for (key, goal, of_record, what) in FIGURES {
            let Some(value) = self.get(key) else { continue };
            let judged = !of_record || self.get("submissions").is_some_and(|all| all >= RECORD);
            let verdict = match (goal, judged) {
                (Reported, _) => "",
                (_, false) => "not judged: a small run",
                (goal, true) if goal.is_met(value) => "met",
                _ => "**missed**",
            };
            // Writing to a string never fails.
            let _ = writeln!(
                table,
                "| `{key}` | {} | {} | {verdict} | {what} |",
                shown(value),
                goal.words()
            );
        }
        table
    }

    /// The figures that are not there: a line each with its reason, and one for all that this run did not ask for.
    pub fn missing(&self) -> Vec<String> {
        let absent = || FIGURES.iter().map(|(key, ..)| *key).filter(|key| self.get(key).is_none());
        let mut lines: Vec<_> = absent()
            .filter_map(|key| Some(format!("not measured: {key} ({})", self.missing.get(key)?)))
            .collect();
        let not_asked: Vec<_> = absent().filter(|key| !self.missing.contains_key(key)).collect();
        if !not_asked.is_empty() {
            lines.push(format!("not part of this run: {}", not_asked.join(", ")));
        }
        lines
    }

    /// The counts of faults that are not zero.
    pub fn faults(&self) -> Vec<String> {
        [
            "lost",
            "doubled",
            "out_of_order",
            "quota_errors",
            "places_lost",
            "log_errors",
            "wrong_answers",
            "rest_refused",
            "recording_missing",
        ]
        .into_iter()
        .filter_map(|key| {
            self.get(key).filter(|count| *count > 0.0).map(|count| format!("{key}: {count}"))
        })
        .collect()
    }

    /// Writes the figures as one flat object of numbers; what was not measured is not in it.
    pub fn write(&self, file: &Path) -> Result<(), Broken> {
        let object: Map<String, Value> =
            self.found.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
        Ok(fs::write(file, format!("{:#}\n", Value::Object(object)))?)
    }
}

/// Whole numbers as they are, others with three digits that count.
fn shown(value: f64) -> String {
    if value.fract().abs() < f64::EPSILON || value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else if value.abs() >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys that issue 12 asks for.
    const ASKED: &str = "submissions seconds_memory seconds_disk per_second store_per_second p50_ms p99_ms lost doubled out_of_order quota_errors log_errors cpu_ms cpu_ratio_bare cpu_ratio_node cpu_ratio_python cold_ratio_node cold_ratio_python rss_mb rss_ratio_node write_units requests usd_accepting usd_all_but_mail growth_units growth_p99 store_share_disk ranking_seconds";

    #[test]
    fn every_figure_that_is_asked_for_is_known_once() {
        for asked in ASKED.split(' ') {
            assert_eq!(FIGURES.iter().filter(|(key, ..)| *key == asked).count(), 1, "{asked}");
        }
    }

    #[test]
    fn a_goal_that_is_missed_is_said_and_one_of_the_record_is_not_judged_by_a_small_run() {
        let mut report = Report::default();
        report.set("cpu_ratio_bare", 3.77);
        report.set("cpu_ratio_node", 6.2);
        report.set("seconds_memory", 60.0);
        report.set("submissions", 300.0);
        let table = report.table();
        let row = |key: &str| table.lines().find(|line| line.contains(key)).unwrap().to_owned();
        assert!(row("cpu_ratio_bare").contains("3.77 | at most 3 | **missed**"), "{table}");
        assert!(row("cpu_ratio_node").contains("| met |"), "{table}");
        assert!(row("seconds_memory").contains("not judged"), "{table}");
        report.set("submissions", RECORD);
        assert!(
            report
                .table()
                .lines()
                .any(|line| line.contains("seconds_memory") && line.contains("missed"))
        );
    }

    #[test]
    fn what_was_not_measured_is_named_with_its_reason_and_is_no_zero() {
        let mut report = Report::default();
        report.set("lost", 0.0);
        report.set("cpu_ratio_node", f64::NAN);
        report.miss(&["log_errors"], "the store went away");
        let missing = report.missing();
        let says = |text: &str| missing.iter().any(|line| line.contains(text));
        assert!(says("log_errors (the store"), "{missing:?}");
        assert!(says("cpu_ratio_node (it came to no number"), "{missing:?}");
        assert!(!says(", lost,"), "{missing:?}");
        assert!(
            missing.last().unwrap().starts_with("not part of this run: submissions, "),
            "{missing:?}"
        );
        assert_eq!(missing.len(), 3, "{missing:?}");
        assert_eq!(report.get("log_errors"), None);
    }

    #[test]
    fn only_counts_above_zero_are_faults() {
        let mut report = Report::default();
        report.set("lost", 0.0);
        report.set("doubled", 2.0);
        assert_eq!(report.faults(), ["doubled: 2"]);
    }
}
