//! That the tables of consequences agree with those of the lifecycle, and that nothing can be left out of them.

use std::{
    fmt::{Debug, Write as _},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::*;
use crate::{
    application::Stage,
    coded::check::codes_lead_back,
    lifecycle::{State, TRANSITIONS},
};

#[test]
fn codes_lead_back_to_their_values() {
    codes_lead_back(Act::ALL, Act::label);
}

/// NEW-5: the flag of an office follows the states in which an application is blocked, and no other.
#[test]
fn an_office_is_asked_to_look_exactly_at_what_is_blocked() {
    let is_blocked = |state| matches!(state, State::Blocked | State::BlockedAfterSending);
    for row in TRANSITIONS {
        let flag = row.event.consequences().flag;
        let wanted = match (is_blocked(row.from), is_blocked(row.to)) {
            (false, true) => flag == OfficeFlag::Raised,
            (true, false) => flag == OfficeFlag::Lowered,
            (false, false) => flag != OfficeFlag::Raised,
            (true, true) => false,
        };
        assert!(wanted, "{row:?}");
    }
}

/// LIM-1: what counts towards the limit is what takes a place when it begins and gives it back when it is deleted.
#[test]
fn a_place_in_the_limit_is_taken_and_given_back_as_the_states_count() {
    for event in Event::ALL {
        let limit = event.consequences().limit;
        if event.opening().is_some() {
            assert_eq!(limit, YearlyLimit::Taken, "{event}");
        }
        for row in TRANSITIONS.iter().filter(|row| row.event == *event) {
            let gives_back = row.from.counts_towards_limit() && !row.to.counts_towards_limit();
            let wanted = if gives_back { YearlyLimit::GivenBack } else { YearlyLimit::Kept };
            assert_eq!(limit, wanted, "{row:?}");
        }
    }
}

/// TRM-1: a term begins where it can run or wait, and bounds only what starts from a state that keeps it.
#[test]
fn terms_begin_and_bound_where_the_states_keep_them() {
    for row in TRANSITIONS {
        let consequences = row.event.consequences();
        let kinds: &[TermKind] = match &consequences.begins {
            Begins::Nothing => &[],
            Begins::Term(kind) | Begins::AtLeast(kind) | Begins::FromEntry(kind) => {
                std::slice::from_ref(kind)
            }
            Begins::Within(kind, limit) => {
                assert!(row.from.terms().keeps(*limit), "{row:?}");
                std::slice::from_ref(kind)
            }
            Begins::IfDelivered(kind, told_by) => {
                assert!(row.from.terms().keeps(*told_by), "{row:?}");
                std::slice::from_ref(kind)
            }
            Begins::DecisionTerm => &[
                TermKind::NullaOsta,
                TermKind::NullaOstaSeasonal,
                TermKind::NullaOstaTrainedAbroad,
            ],
        };
        assert!(kinds.iter().all(|kind| row.to.terms().keeps(*kind)), "{row:?}");
        if let Bound::Before(kind) = consequences.bound {
            assert!(row.from.terms().keeps(kind), "{row:?}");
        }
    }
}

/// AGR-1, MOD-1: what is made goes out with a notice, so that the employer is told of it; but for the receipt as PDF, whose
/// signed form went with the PEC of the submission (SUB-4).
#[test]
fn documents_go_out_with_a_notice() {
    let events = Event::ALL.iter().map(|event| Cause::Event(*event));
    let agreement = AgreementEvent::ALL.iter().map(|event| Cause::Agreement(*event));
    let acts = Act::ALL.iter().map(|act| Cause::Act(*act));
    for cause in events.chain(agreement).chain(acts) {
        let documents = cause.consequences().documents.iter();
        for document in documents.filter(|document| **document != DocumentKind::Receipt) {
            assert!(NoticeKind::with_document(*document).is_some(), "{cause:?}: {document}");
        }
    }
}

/// A draft is nobody's but its people's: neither quota nor consular system hear of it, and no term runs.
#[test]
fn nothing_of_a_draft_reaches_quota_or_consulate() {
    for row in TRANSITIONS.iter().filter(|row| !row.from.is_sent()) {
        let consequences = row.event.consequences();
        let is_submission = row.event == Event::Submit;
        assert_eq!(consequences.place == QuotaPlace::Awaited, is_submission, "{row:?}");
        if row.event != Event::Block && row.event != Event::Release {
            assert_eq!(consequences.consulate, Consulate::Nothing, "{row:?}");
            assert_eq!(consequences.begins, Begins::Nothing, "{row:?}");
        }
    }
    assert_eq!(Stage::ToValidate.state().terms().run.len(), 0);
}

/// An event that is added does not compile until each consequence is answered.
///
/// The real file of the tables is compiled beside copies of the enums that it names: as it is; with an event more; and
/// with a row for that event which has all answers, or lacks any one of them.
#[test]
fn an_event_does_not_compile_until_each_of_its_consequences_is_answered() {
    let tables = include_str!("../consequence.rs").replace("\n#[cfg(test)]\nmod tests;\n", "\n");
    let bench = Bench::set_up();
    assert_eq!(bench.compiles(&tables, ""), Ok(()), "as it is");
    for (table, last) in [("Event", "Archive"), ("AgreementEvent", "Reject"), ("Act", "Link")] {
        // The acts are declared in the file itself.
        let declared = "        Link = \"link\"";
        let grown = match table {
            "Act" => {
                tables.replace(declared, &format!("        Escalate = \"\", \"\";\n{declared}"))
            }
            _ => tables.clone(),
        };
        let refused = bench.compiles(&grown, table).unwrap_err();
        assert!(refused.contains("E0004") && refused.contains("::Escalate`"), "{table}: {refused}");

        let row = grown.lines().find(|line| is_row_of(line, last)).unwrap();
        let with =
            |added: &str| bench.compiles(&grown.replace(row, &format!("{row}\n{added}")), table);
        assert_eq!(with(&row.replacen(last, "Escalate", 1)), Ok(()), "{table}");
        let answers = row.split_once("row(").unwrap().1.trim_end_matches("),");
        let answers: Vec<&str> = answers.split(',').collect();
        assert_eq!(answers.len(), 11, "{answers:?}");
        for left_out in 0..answers.len() {
            let mut fewer = answers.clone();
            fewer.remove(left_out);
            let lacking = format!("Self::Escalate => row({}),", fewer.join(","));
            assert!(with(&lacking).is_err(), "{table} without{}", answers[left_out]);
        }
    }
}

fn is_row_of(line: &str, variant: &str) -> bool {
    let rest = line.trim_start().strip_prefix("Self::").and_then(|rest| rest.strip_prefix(variant));
    rest.is_some_and(|rest| rest.trim_start().starts_with("=> row("))
}

/// Where the tables are compiled on their own.
struct Bench(PathBuf);

impl Bench {
    fn set_up() -> Self {
        let place = std::env::temp_dir().join(format!("consequences-{}", std::process::id()));
        fs::create_dir_all(place.join("lifecycle")).unwrap();
        Self(place)
    }

    /// Compiles this text as the file of the tables, with one more variant in the enum of this name; else what rustc says.
    fn compiles(&self, tables: &str, grown: &str) -> Result<(), String> {
        fs::write(self.0.join("lifecycle/consequence.rs"), tables).unwrap();
        fs::write(self.0.join("lib.rs"), around(grown)).unwrap();
        let rustc = Path::new(env!("CARGO")).with_file_name("rustc");
        let compiled = Command::new(rustc)
            .args([
                "--edition",
                "2024",
                "--crate-type",
                "lib",
                "--emit",
                "metadata",
                "-A",
                "warnings",
            ])
            .arg("--out-dir")
            .arg(&self.0)
            .arg(self.0.join("lib.rs"))
            .output()
            .unwrap();
        if compiled.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&compiled.stderr).into_owned())
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _left_behind = fs::remove_dir_all(&self.0);
    }
}

/// A crate with copies of the enums that the tables name, and the tables where they are in this one.
fn around(grown: &str) -> String {
    let mut text = String::from(
        "mod coded {
            macro_rules! coded {
                ($(#[$meta:meta])* pub enum $name:ident as $kind:literal {
                    $( $(#[$inner:meta])* $variant:ident = $code:literal, $label:expr; )+
                }) => {
                    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
                    pub enum $name { $( $variant, )+ }
                };
            }
            pub(crate) use coded;
        }\n",
    );
    let mut module = |name: &str, declared: &str| {
        writeln!(text, "pub mod {name} {{ {declared} }}").unwrap();
    };
    module("consular", &declared("ConsularDecision", ConsularDecision::ALL, grown));
    module("document", &declared("DocumentKind", DocumentKind::ALL, grown));
    module("notice", &declared("NoticeKind", NoticeKind::ALL, grown));
    module("permission", &declared("Action", Action::ALL, grown));
    module("term", &declared("TermKind", TermKind::ALL, grown));
    let agreement = declared("AgreementEvent", AgreementEvent::ALL, grown);
    let event = declared("Event", Event::ALL, grown);
    module(
        "lifecycle",
        &format!("{event} pub mod agreement {{ {agreement} }} pub mod consequence;"),
    );
    text
}

fn declared<T: Debug>(name: &str, all: &[T], grown: &str) -> String {
    let mut variants: Vec<String> = all.iter().map(|value| format!("{value:?}")).collect();
    if grown == name {
        variants.push("Escalate".to_owned());
    }
    format!(
        "#[derive(Debug, Clone, Copy, PartialEq, Eq)] pub enum {name} {{ {} }}",
        variants.join(", ")
    )
}
