//! What the browser's form engine is held to: drafts and values of the real models, with the verdicts of this one. (FRM-1, FRM-2)
//!
//! `web/src/form` judges while people type, before the server does. Its tests read these files, so that the two engines
//! cannot disagree; `UPDATE_EXPECT=1 cargo test -p domain --lib browser` writes them anew.

mod values;

use std::collections::BTreeSet;

use jiff::Span;
use serde::Serialize;

use super::*;
use crate::fiscal_code::FiscalCode;
use crate::form::condition::Condition;
use crate::form::rule::Check;

/// Random drafts of each model.
const RANDOM_DRAFTS: u64 = 6;

/// Hands out the same numbers in each run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(sides).unwrap()).unwrap()
    }

    fn one_of<'a, T>(&mut self, these: &'a [T]) -> &'a T {
        &these[self.roll(these.len())]
    }
}

/// A draft as what it differs in from the one in which every field has its example, asked or not.
#[derive(Clone, Default, Serialize)]
struct Draft {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    today: Option<String>,
    /// Begins with nothing instead.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    empty: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    set: BTreeMap<String, Value>,
    /// Who gave a value, where it is not whom the schema names first.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    by: BTreeMap<String, ValueSource>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    without: BTreeSet<String>,
}

#[derive(Serialize)]
struct Judged<'a> {
    #[serde(flatten)]
    draft: &'a Draft,
    verdict: Verdict,
}

#[derive(Serialize)]
struct Verdict {
    /// One character per field, in the order of the form: `-` hidden, `.` asked and not required, `r` required and
    /// answered, `o` and `x` the same but refused, `m` missing from a person, `p` from the portal, `A` to `E` from that
    /// registry of `Registry::ALL`; `3r` stands for `rrr`.
    fields: String,
    percent: u8,
    /// The sections that are not at 100.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sections: BTreeMap<String, u8>,
    /// Field, code and message; a rule's message stands in the model.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<Vec<String>>,
    /// Fields of registries that a person may type into.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    typed: Vec<String>,
    /// What the portal computes, where it differs from the first draft; null where it computes nothing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    derived: BTreeMap<String, Value>,
}

impl Draft {
    fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    fn with(mut self, key: &str, value: Value) -> Self {
        self.without.remove(key);
        self.set.insert(key.to_owned(), value);
        self
    }

    fn without(mut self, key: &str) -> Self {
        self.set.remove(key);
        self.without.insert(key.to_owned());
        self
    }

    fn by(mut self, key: &str, source: ValueSource) -> Self {
        self.by.insert(key.to_owned(), source);
        self
    }

    fn day(&self) -> Date {
        self.today.as_ref().map_or(TODAY, |day| day.parse().unwrap())
    }

    fn values(&self, schema: &Schema, base: &BTreeMap<String, Value>) -> Values {
        let mut told = if self.empty { BTreeMap::new() } else { base.clone() };
        told.retain(|key, _| !self.without.contains(key));
        told.extend(self.set.clone());
        let mut values: Values = told
            .into_iter()
            .map(|(key, value)| {
                let field = schema.field(&key).unwrap();
                let source = self.by.get(&key).copied().unwrap_or_else(|| usual_source(field));
                (field.key.clone(), FieldValue { value, source, at: NOW })
            })
            .collect();
        let derived = derived(schema, &values, self.day());
        schema.apply(&mut values, derived, Writer::Person, NOW);
        values
    }
}

fn usual_source(field: &Field) -> ValueSource {
    match &field.source {
        Source::Registry(registries) => ValueSource::Registry(registries[0]),
        _ => Writer::System.source_of(field),
    }
}

fn derived(schema: &Schema, values: &Values, today: Date) -> BTreeMap<FieldKey, Value> {
    schema.check_changes(values, &BTreeMap::new(), Writer::Person, today).unwrap()
}

/// A document that passed the checks, as the content holds it.
fn document(media_type: &str, bytes: u64) -> Value {
    json!({
        "bytes": bytes,
        "media_type": media_type,
        "sha256": "0123456789abcdef".repeat(4),
        "upload": "upl_00000000000000000000000001",
    })
}

/// An example of every field, asked or not, but not of derived ones; documents are made up.
fn base(schema: &Schema) -> BTreeMap<String, Value> {
    let fields = schema.fields().iter().filter(|field| field.derive.is_none());
    fields
        .filter_map(|field| {
            let example = match &field.kind {
                FieldType::File { .. } => document("application/pdf", 1_000),
                _ => field.example.clone()?,
            };
            let day = match (&field.kind, example.as_str()) {
                (FieldType::Date { .. }, Some(text)) => DateBound::try_from(text.to_owned()).ok(),
                _ => None,
            };
            let value = day.map_or(example, |bound| bound.on(TODAY).to_string().into());
            Some((field.key.to_string(), value))
        })
        .collect()
}

fn verdict(schema: &Schema, base: &BTreeMap<String, Value>, draft: &Draft) -> Verdict {
    let (values, today) = (draft.values(schema, base), draft.day());
    let completeness = schema.completeness(&values, today);
    let view = schema.view(&values);
    let missing: BTreeMap<_, _> =
        completeness.missing().map(|missing| (missing.field.as_str(), missing.who)).collect();
    let fields = schema.fields().iter().map(|field| {
        if !view.is_visible(&field.key) {
            return '-';
        }
        let required = match &field.required {
            Required::Always => true,
            Required::Never => false,
            Required::When(condition) => condition.holds(&view),
        };
        let refused =
            view.value(&field.key).is_some_and(|value| field.kind.check(value, today).is_err());
        match (refused, required, missing.get(field.key.as_str())) {
            (true, true, _) => 'x',
            (true, false, _) => 'o',
            (false, _, Some(WhoFillsIn::Person)) => 'm',
            (false, _, Some(WhoFillsIn::Portal)) => 'p',
            (false, _, Some(WhoFillsIn::Registry(registry))) => {
                let letters = Registry::ALL.into_iter().zip('A'..='Z');
                letters.into_iter().find(|(each, _)| each == registry).unwrap().1
            }
            (false, true, None) => 'r',
            (false, false, None) => '.',
        }
    });
    let typed = schema.fields().iter().filter(|field| {
        let wanted = BTreeMap::from([(field.key.to_string(), field.kind.refused_example())]);
        let refused = schema.check_changes(&values, &wanted, Writer::Person, today).unwrap_err();
        matches!(field.source, Source::Registry(_)) && refused[0].code != "registry-owned"
    });
    let rules: BTreeSet<&str> = schema.rules().iter().map(|rule| rule.code.as_str()).collect();
    let told = |errors: Vec<FieldError>| {
        errors
            .into_iter()
            .map(|error| {
                let by_rule = rules.contains(error.code.as_str());
                let told =
                    [Some(error.field), Some(error.code), (!by_rule).then_some(error.message)];
                told.into_iter().flatten().collect()
            })
            .collect()
    };
    let sections = completeness.sections.iter().filter(|section| section.percent < 100);
    Verdict {
        fields: counted(fields),
        percent: completeness.percent,
        sections: sections.map(|section| (section.key.clone(), section.percent)).collect(),
        typed: typed.map(|field| field.key.to_string()).collect(),
        derived: derived_values(schema, &values),
        errors: told(completeness.rule_errors),
        remarks: told(completeness.remarks),
    }
}

/// Runs of one character as their count and it.
fn counted(characters: impl Iterator<Item = char>) -> String {
    let mut runs: Vec<(usize, char)> = Vec::new();
    for character in characters {
        match runs.last_mut() {
            Some((count, last)) if *last == character => *count += 1,
            _ => runs.push((1, character)),
        }
    }
    let shown = |(count, character): (usize, char)| {
        if count == 1 { character.to_string() } else { format!("{count}{character}") }
    };
    runs.into_iter().map(shown).collect()
}

fn derived_values(schema: &Schema, values: &Values) -> BTreeMap<String, Value> {
    let fields = schema.fields().iter().filter(|field| field.derive.is_some());
    let value =
        |field: &Field| values.get(&field.key).map_or(Value::Null, |stored| stored.value.clone());
    fields.map(|field| (field.key.to_string(), value(field))).collect()
}

/// Every draft of a model.
fn drafts(schema: &Schema, base: &BTreeMap<String, Value>) -> Vec<Draft> {
    let mut drafts = vec![
        Draft::named("every field has its example, asked or not"),
        Draft { empty: true, ..Draft::named("nothing is filled in") },
        Draft { today: Some("2029-11-22".to_owned()), ..Draft::named("three years later") },
    ];
    let mut conditions: Vec<&Condition> = Vec::new();
    for field in schema.fields() {
        conditions.extend(field.visible.as_ref());
        if let Required::When(condition) = &field.required {
            conditions.push(condition);
        }
    }
    for rule in schema.rules() {
        conditions.extend(rule.when.as_ref());
        if let Check::Holds { condition } = &rule.check {
            conditions.push(condition);
        }
        drafts.extend(around(rule, base));
    }
    let mut seen = BTreeSet::new();
    for condition in conditions {
        for (key, value) in sides(schema, condition) {
            let shown = value.as_ref().map_or_else(|| "empty".to_owned(), Value::to_string);
            if seen.insert(format!("{key} {shown}")) {
                let draft = Draft::named(format!("{key} is {shown}"));
                drafts.push(match value {
                    Some(value) => draft.with(key, value),
                    None => draft.without(key),
                });
            }
        }
    }
    let cases = match schema.id() {
        "b2020@1" => cases_of_b2020(),
        "a-bis@1" => cases_of_care(),
        "c-stag-turismo@1" => cases_of_season("56.30"),
        "c-stag-agricoltura@1" => cases_of_season("03.11"),
        // A further model has its conditions, rules and random drafts all the same.
        _ => Vec::new(),
    };
    for (set, codes) in cases {
        drafts.push(Draft { set, ..Draft::named(format!("breaks {}", codes.join(", "))) });
    }
    // What a registry lacks a person types, where the form says so; every other one of them, or all.
    let from_registries: Vec<&Field> = schema
        .fields()
        .iter()
        .filter(|field| matches!(field.source, Source::Registry(_)))
        .collect();
    for (step, shown) in [(1, "all"), (2, "every second")] {
        let mut lacking = Draft::named(format!("registries lack {shown} of their values"));
        let mut typed = Draft::named(format!("a person typed {shown} of the registries' values"));
        for field in from_registries.iter().step_by(step) {
            lacking = lacking.with(field.key.as_str(), Value::Null);
            typed = typed.by(field.key.as_str(), ValueSource::Person);
        }
        drafts.extend([lacking, typed]);
    }
    let mut dice = Dice(11);
    for number in 1..=RANDOM_DRAFTS {
        let mut draft = Draft::named(format!("random draft {number}"));
        for field in schema.fields().iter().filter(|field| field.derive.is_none()) {
            let key = field.key.as_str();
            match dice.roll(20) {
                0..=2 => draft = draft.without(key),
                3..=6 => {
                    if let Some(value) = some_value(field, base.get(key), &mut dice) {
                        draft = draft.with(key, value);
                    }
                }
                7 if matches!(field.source, Source::Registry(_)) => {
                    draft = draft.with(key, Value::Null);
                }
                _ => {}
            }
        }
        drafts.push(draft);
    }
    drafts
}

/// Values with which each comparison of the condition holds, and with which it does not; none for an empty field.
fn sides<'a>(schema: &Schema, condition: &'a Condition) -> Vec<(&'a str, Option<Value>)> {
    let written = serde_json::to_value(condition).unwrap();
    let mut sides = Vec::new();
    for key in condition.fields() {
        let field = schema.field(key.as_str()).unwrap();
        let mut values: Vec<Option<Value>> = vec![None];
        match &field.kind {
            FieldType::Boolean => values.extend([Some(true.into()), Some(false.into())]),
            FieldType::MustBeTrue => values.push(Some(true.into())),
            FieldType::Choice { options } => {
                values.extend(options.iter().map(|option| Some(option.value.as_str().into())));
            }
            FieldType::TableChoice { table, .. } => {
                // One row that the condition names or that carries its tag, and one that does not.
                let text = written.to_string();
                let named = |row: &&TableRow| {
                    text.contains(&format!("\"{}\"", row.code))
                        || row.tags.iter().any(|tag| text.contains(&format!("\"{tag}\"")))
                };
                let rows = &Table::find(table).unwrap().entries;
                // A row that a later table no longer has is like no row.
                if written.to_string().contains("tagged") {
                    values.push(Some("???".into()));
                }
                values.extend(
                    rows.iter().filter(named).take(2).map(|row| Some(row.code.as_str().into())),
                );
                values.extend(
                    rows.iter()
                        .filter(|row| !named(row))
                        .take(1)
                        .map(|row| Some(row.code.as_str().into())),
                );
            }
            _ => {}
        }
        sides.extend(values.into_iter().map(|value| (key.as_str(), value)));
    }
    sides
}

/// The drafts just inside and just outside of what the rule allows.
fn around(rule: &Rule, base: &BTreeMap<String, Value>) -> Vec<Draft> {
    let day = |key: &FieldKey| {
        base.get(key.as_str()).and_then(|value| value.as_str()?.parse::<Date>().ok())
    };
    let number = |key: &FieldKey| base.get(key.as_str()).and_then(Value::as_i64);
    let shifted = |day: Date, days: i64| {
        Value::from(day.checked_add(Span::new().days(days)).unwrap().to_string())
    };
    let mut wanted: Vec<(&FieldKey, Value)> = Vec::new();
    let mut both: Vec<[(&FieldKey, Value); 2]> = Vec::new();
    match &rule.check {
        Check::DateAfter { date, other, .. } => {
            if let Some(other) = day(other) {
                wanted.extend([-1, 0, 1].map(|days| (date, shifted(other, days))));
            }
        }
        Check::DateSpan { from, to, min_days, max_months } => {
            if let Some(from) = day(from) {
                let beyond = from.checked_add(Span::new().months(i64::from(*max_months))).unwrap();
                wanted.extend([-1, 0].map(|days| (to, shifted(beyond, days))));
                wanted
                    .extend([-2, -1].map(|days| (to, shifted(from, i64::from(*min_days) + days))));
                wanted.push((to, shifted(from, -1)));
            }
        }
        Check::ShareAtMost { share, of, parts } => {
            if let Some(share) = number(share) {
                wanted.extend([-1, 0].map(|more| (of, (share * parts + more).into())));
            }
        }
        Check::AtLeast { number, floor } => {
            wanted.extend([-1, 0].map(|more| (number, (floor + more).into())));
        }
        Check::AtMost { number, ceiling } => {
            wanted.extend([0, 1].map(|more| (number, (ceiling + more).into())));
        }
        Check::AtLeastTable { amount, table, day: when } => {
            let floor = day(when).and_then(|day| Table::find(table)?.amount_on(day));
            if let Some(floor) = floor {
                wanted.extend([-1, 0].map(|more| (amount, (floor + more).into())));
            }
            // The amount of the year before is lower, until the day on which the next one begins.
            let next = Table::find(table)
                .and_then(|table| table.entries.iter().max_by_key(|row| row.valid_from));
            if let Some((from, floor)) = next.and_then(|row| row.valid_from.zip(row.amount)) {
                both.extend(
                    [-1, 0].map(|days| [(amount, (floor - 1).into()), (when, shifted(from, days))]),
                );
            }
        }
        Check::Age { birth_date, on, min_years, max_years } => {
            if let Some(on) = day(on) {
                for years in min_years.iter().chain(max_years) {
                    for years in [*years, *years + 1] {
                        let born = on.checked_sub(Span::new().years(years)).unwrap();
                        wanted.extend([0, 1].map(|days| (birth_date, shifted(born, days))));
                    }
                }
                wanted.push((birth_date, "2000-02-29".into()));
                wanted.push((birth_date, "2030-01-01".into()));
            }
        }
        Check::FiscalCodeBirth { fiscal_code, .. } => {
            wanted.push((fiscal_code, "12345678903".into()));
        }
        Check::Differ { one, other } => {
            if let Some(same) = base.get(other.as_str()) {
                wanted.push((one, same.clone()));
            }
        }
        Check::Belongs { .. } | Check::Holds { .. } => {}
    }
    let mut drafts: Vec<Draft> = wanted
        .into_iter()
        .map(|(key, value)| {
            Draft::named(format!("{}: {key} is {value}", rule.code)).with(key.as_str(), value)
        })
        .collect();
    drafts.extend(both.into_iter().map(|[(one, value), (other, day)]| {
        Draft::named(format!("{}: {one} is {value} and {other} {day}", rule.code))
            .with(one.as_str(), value)
            .with(other.as_str(), day)
    }));
    // Whole years from a leap day are counted in years without one, too.
    if let Check::Age { birth_date, on, .. } = &rule.check {
        for day in ["2028-02-28", "2028-02-29", "2027-02-28", "2027-03-01"] {
            drafts.push(
                Draft::named(format!("{}: born on a leap day, on {day}", rule.code))
                    .with(birth_date.as_str(), "1948-02-29".into())
                    .with(on.as_str(), day.into()),
            );
        }
    }
    drafts
}

/// A value that may stand in the field, perhaps only on another day.
fn some_value(field: &Field, example: Option<&Value>, dice: &mut Dice) -> Option<Value> {
    match &field.kind {
        FieldType::Boolean => Some((dice.roll(2) == 0).into()),
        FieldType::Choice { options } => Some(dice.one_of(options).value.as_str().into()),
        FieldType::TableChoice { table, .. } => {
            Some(dice.one_of(&Table::find(table)?.entries).code.as_str().into())
        }
        FieldType::Date { .. } => {
            let day: Date = example?.as_str()?.parse().ok()?;
            let days = i64::try_from(dice.roll(2_000)).ok()? - 1_000;
            Some(day.checked_add(Span::new().days(days)).ok()?.to_string().into())
        }
        FieldType::Integer { min, max } | FieldType::Money { min, max } => {
            let between = min + i64::try_from(dice.roll(usize::try_from(max - min).ok()?)).ok()?;
            Some((*dice.one_of(&[*min, *max, between])).into())
        }
        FieldType::PersonFiscalCode => {
            let code: FiscalCode = "RSSMRA80A01H501U".parse().ok()?;
            Some(code.with_omocodia(u8::try_from(dice.roll(128)).ok()?).reveal().into())
        }
        _ => None,
    }
}

/// One member of a list on each line, so that a change shows where it is.
fn line_by_line<T: Serialize>(members: impl IntoIterator<Item = T>) -> String {
    let lines: Vec<String> =
        members.into_iter().map(|member| serde_json::to_string(&member).unwrap()).collect();
    format!("[\n{}\n]", lines.join(",\n"))
}

fn path(name: &str) -> String {
    format!("{}/../../web/src/form/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// FRM-1, FRM-2
#[test]
fn the_browser_judges_the_same_drafts() {
    let mut models = Vec::new();
    for schema in Schema::all() {
        let base = base(schema);
        let drafts = drafts(schema, &base);
        let usual = derived_values(schema, &drafts[0].values(schema, &base));
        let judged = drafts.iter().enumerate().map(|(place, draft)| {
            let mut verdict = verdict(schema, &base, draft);
            verdict.derived.retain(|key, value| place == 0 || usual[key] != *value);
            Judged { draft, verdict }
        });
        models.push(format!(
            "\"{}\": {{ \"base\": {},\n\"drafts\": {} }}",
            schema.id(),
            serde_json::to_string(&base).unwrap(),
            line_by_line(judged),
        ));
    }
    let text = format!(
        "{{\n\"today\": \"{TODAY}\",\n\"registries\": {},\n\"models\": {{\n{}\n}}\n}}\n",
        serde_json::to_string(&Registry::ALL).unwrap(),
        models.join(",\n")
    );
    expect_file![path("drafts.json")].assert_eq(&text);
}

/// The models as the API serves them, and every table; a line that stands in several models is written once. (FRM-1)
#[test]
fn the_browser_reads_the_same_models() {
    let (mut lines, mut places) = (Vec::new(), BTreeMap::new());
    let schemas: Vec<Value> = Schema::all()
        .iter()
        .map(|schema| {
            let mut whole = serde_json::to_value(schema).unwrap();
            for kind in ["sections", "fields", "rules"] {
                let members = whole[kind].as_array().unwrap().iter().map(|member| {
                    let line = sorted(member);
                    *places.entry(line.clone()).or_insert_with(|| {
                        lines.push(line);
                        lines.len() - 1
                    })
                });
                whole[kind] = members.collect();
            }
            whole
        })
        .collect();
    let text = format!(
        "{{\n\"lines\": [\n{}\n],\n\"schemas\": [\n{}\n],\n\"tables\": {}\n}}\n",
        lines.join(",\n"),
        schemas.iter().map(sorted).collect::<Vec<_>>().join(",\n"),
        line_by_line(Table::all())
    );
    expect_file![path("models.json")].assert_eq(&text);
}

/// JSON with sorted keys, whatever features the JSON library has been given.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().collect();
            let members: Vec<_> = members
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), sorted(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(members) => {
            format!("[{}]", members.iter().map(sorted).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}
