//! A version of a campaign against the one before: what differs, and what a later version may not do (ADM-2, CAL-1).

use serde_json::Value;

use super::{Campaign, CampaignFile, Problem};
use crate::typed;

/// A value that differs between two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key, such as `models[c-stag-agricoltura].submit[0].from`.
    pub path: String,
    /// As JSON text; none where the earlier version has no such key.
    pub before: Option<String>,
    /// As JSON text; none where the later version has no such key.
    pub after: Option<String>,
}

/// Everything that differs, in the order of the keys; all of the campaign is new where there was none.
pub fn differences(before: Option<&Campaign>, after: &Campaign) -> Vec<Difference> {
    let before = before.map_or(Value::Null, |campaign| written(&campaign.file));
    let mut found = Vec::new();
    compare("", Some(&before), Some(&written(&after.file)), &mut found);
    found
}

/// Whether a version may be published after this one, the newest that there is.
///
/// # Errors
/// Every reason why not, with the key that has to change.
pub fn may_follow(newest: Option<&Campaign>, next: &Campaign) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let mut refuse = |path: &str, message: String| {
        problems.push(Problem { path: path.to_owned(), message });
    };
    let due = newest.map_or(1, |newest| newest.version().saturating_add(1));
    if next.version() != due {
        refuse("version", format!("la prossima versione di questa campagna è la {due}"));
    }
    if next.file.privacy.is_empty() {
        refuse(
            "privacy",
            "le persone devono poter leggere l'informativa: aggiungi il testo".to_owned(),
        );
    }
    refuse_what_cannot_be_read("", &written(&next.file), &mut refuse);
    if let Some(newest) = newest {
        if newest.id() != next.id() {
            refuse("id", format!("questa è una versione di {}", newest.id()));
        }
        if newest.policies().order != next.policies().order {
            refuse(
                "policies.order",
                "l'ordine delle domande vale per tutta la campagna: nessuna versione lo cambia"
                    .to_owned(),
            );
        }
        let is_other_text =
            !newest.file.privacy.is_empty() && newest.file.privacy != next.file.privacy;
        if is_other_text && newest.privacy_notice() == next.privacy_notice() {
            refuse(
                "privacy_notice",
                "il testo dell'informativa cambia: dagli una versione sua".to_owned(),
            );
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn written(file: &CampaignFile) -> Value {
    serde_json::to_value(file).unwrap_or(Value::Null)
}

/// Every text of a file obeys the rule for what people type (ADR 32): an escape of TOML is decoded after the document was read
/// by that rule, and `cargo xtask publish` reads files. What was published before stays readable.
fn refuse_what_cannot_be_read(path: &str, value: &Value, refuse: &mut impl FnMut(&str, String)) {
    match value {
        Value::String(text) => match typed::text(text) {
            Err(control) => refuse(path, control.message().to_owned()),
            Ok(readable) if readable != *text => refuse(
                path,
                "il testo contiene tabulatori, o caratteri che non si vedono o che cambiano il verso di lettura: toglili"
                    .to_owned(),
            ),
            Ok(_) => {}
        },
        Value::Array(rows) => {
            for (index, row) in rows.iter().enumerate() {
                refuse_what_cannot_be_read(&format!("{path}[{index}]"), row, refuse);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                refuse_what_cannot_be_read(&path, value, refuse);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&path, before.get(key), after.get(key), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            let (before, after) = (named(before), named(after));
            let mut names: Vec<&String> = before.iter().map(|(name, _)| name).collect();
            for (name, _) in &after {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let of = |rows: &[(String, Value)], name: &String| {
                rows.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
            };
            for name in names {
                let path = format!("{path}[{name}]");
                compare(&path, of(&before, name).as_ref(), of(&after, name).as_ref(), found);
            }
        }
        (before, after) => found.push(Difference {
            path: path.to_owned(),
            before: before.filter(|value| !value.is_null()).map(Value::to_string),
            after: after.filter(|value| !value.is_null()).map(Value::to_string),
        }),
    }
}

/// Rows by their identifier, where they have one, so that a row put in between changes none after it.
fn named(rows: &[Value]) -> Vec<(String, Value)> {
    rows.iter()
        .enumerate()
        .map(|(index, row)| {
            let id = row.get("id").and_then(Value::as_str).map(str::to_owned);
            (id.unwrap_or_else(|| index.to_string()), row.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Order, PrivacyPoint, WindowFile};

    fn demo() -> Campaign {
        Campaign::parse(include_str!("../../../../campaigns/demo.toml")).unwrap()
    }

    fn changed(change: impl FnOnce(&mut CampaignFile)) -> Campaign {
        let mut file = demo().into_file();
        change(&mut file);
        Campaign::try_from(file).unwrap()
    }

    /// ADM-2: an administrator reads what a version changes before it is published.
    #[test]
    fn the_difference_names_each_key_that_changes() {
        let moved = changed(|file| {
            file.version = 2;
            file.limits.private = None;
            let model = file.models.first_mut().unwrap();
            model.submit = vec![WindowFile::new("2026-02-12 09:00", "2026-12-31 00:00")];
        });
        let told: Vec<_> = differences(Some(&demo()), &moved)
            .into_iter()
            .map(|one| (one.path, one.before, one.after))
            .collect();
        let row = |path: &str, before: &str, after: Option<&str>| {
            (path.to_owned(), Some(before.to_owned()), after.map(str::to_owned))
        };
        assert_eq!(
            told,
            [
                row("limits.private", "3", None),
                row(
                    "models[c-stag-agricoltura].submit[0].from",
                    "\"2026-01-01 00:00\"",
                    Some("\"2026-02-12 09:00\"")
                ),
                row(
                    "models[c-stag-agricoltura].submit[0].until",
                    "\"2036-01-01 00:00\"",
                    Some("\"2026-12-31 00:00\"")
                ),
                row("version", "1", Some("2")),
            ]
        );
    }

    /// A model that goes away or comes in between is one difference, and not all those after it.
    #[test]
    fn a_model_that_is_left_out_is_one_difference() {
        let shorter = changed(|file| {
            let gone = file.models.remove(0).id;
            for line in &mut file.quotas {
                line.models.retain(|model| *model != gone);
            }
            file.quotas.retain(|line| !line.models.is_empty());
        });
        let told = differences(Some(&demo()), &shorter);
        assert_eq!(told[0].path, "models[c-stag-agricoltura]");
        assert_eq!(told[0].after, None);
        assert!(told[1..].iter().all(|one| one.path.starts_with("quotas[")), "{told:?}");
        assert!(differences(Some(&demo()), &demo()).is_empty());
        assert_eq!(differences(None, &demo()).len(), 1);
    }

    #[test]
    fn versions_follow_each_other_without_a_gap() {
        let version = |number| changed(|file| file.version = number);
        assert_eq!(may_follow(None, &version(1)), Ok(()));
        assert_eq!(may_follow(Some(&version(1)), &version(2)), Ok(()));
        for (newest, next) in [(None, 2), (Some(1), 1), (Some(1), 3), (Some(2), 1)] {
            let newest = newest.map(version);
            let problems = may_follow(newest.as_ref(), &version(next)).unwrap_err();
            assert_eq!(problems.len(), 1, "{next}");
            assert_eq!(problems[0].path, "version");
        }
        let other = changed(|file| {
            file.id = "altra".parse().unwrap();
            file.version = 2;
        });
        assert_eq!(may_follow(Some(&demo()), &other).unwrap_err()[0].path, "id");
    }

    /// NEW-1: who armed and who means to press rely on the order that the campaign began with, so that it never changes,
    /// in either direction.
    #[test]
    fn a_later_version_cannot_change_the_order() {
        let version = |number, order| {
            changed(|file| {
                file.version = number;
                file.policies.order = order;
            })
        };
        for (order, other) in
            [(Order::Chronological, Order::Armed), (Order::Armed, Order::Chronological)]
        {
            assert_eq!(may_follow(None, &version(1, order)), Ok(()));
            assert_eq!(may_follow(Some(&version(1, order)), &version(2, order)), Ok(()));
            let problems = may_follow(Some(&version(1, order)), &version(2, other)).unwrap_err();
            let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
            assert_eq!(paths, ["policies.order"], "{order} to {other}");
        }
    }

    /// ADM-2: an administrator, or someone at the command line, hides a mark of direction, a bell or a tabulator in an escape of
    /// TOML, which no rule for typed text has seen: it is published neither way, and what was published before is read.
    #[test]
    fn a_text_hidden_in_an_escape_of_toml_is_not_published() {
        let demo = include_str!("../../../../campaigns/demo.toml");
        for escape in ["\\u202E", "\\u200B", "\\U000E0041", "\\u0007", "\\u2028", "\\t"] {
            let written =
                demo.replacen("title = \"Campagna", &format!("title = \"{escape}Campagna"), 1);
            let written =
                written.replacen("label = \"C-STAG", &format!("label = \"C{escape}-STAG"), 1);
            let written = written.replacen("Titolare del", &format!("Titolare{escape} del"), 1);
            let campaign = Campaign::parse(&written).unwrap();
            let problems = may_follow(None, &campaign).unwrap_err();
            let mut paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
            paths.sort_unstable();
            assert_eq!(paths, ["models[0].label", "privacy.controller", "title"], "{escape}");
        }
        // A line break is a text's own, and letters of other scripts are letters.
        let plain = demo.replacen("title = \"Campagna", "title = \"كريم\\nCampagna", 1);
        assert_eq!(may_follow(None, &Campaign::parse(&plain).unwrap()), Ok(()));
    }

    /// What people consented to under a version is never another text.
    #[test]
    fn a_changed_notice_needs_a_version_of_its_own() {
        let text = |version: &'static str| {
            changed(|file| {
                file.version = 2;
                file.privacy_notice = version.to_owned();
                file.privacy.insert(PrivacyPoint::Rights, "Altri diritti.".to_owned());
            })
        };
        let same = text("2025-10-23");
        assert_eq!(may_follow(Some(&demo()), &same).unwrap_err()[0].path, "privacy_notice");
        assert_eq!(may_follow(Some(&demo()), &text("2026-11-28")), Ok(()));
        let none = changed(|file| {
            file.version = 2;
            file.privacy.clear();
        });
        assert_eq!(may_follow(Some(&demo()), &none).unwrap_err()[0].path, "privacy");
        // The first notice of a campaign that had none may have its old version.
        let before = changed(|file| file.privacy.clear());
        assert_eq!(may_follow(Some(&before), &changed(|file| file.version = 2)), Ok(()));
    }
}
