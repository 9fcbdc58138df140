//! What the schemas promise, held for every file in `models/`, and the golden tables of their fields.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use expect_test::expect_file;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const TODAY: Date = date(2026, 11, 22);
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn stag() -> &'static Schema {
    Schema::find("c-stag-agricoltura@1").expect("the schema is there")
}

fn changes<const N: usize>(pairs: [(&str, Value); N]) -> BTreeMap<String, Value> {
    pairs.map(|(key, value)| (key.to_owned(), value)).into()
}

fn write(schema: &Schema, values: &mut Values, wanted: &BTreeMap<String, Value>, by: Writer) {
    let accepted = schema
        .check_changes(values, wanted, by, TODAY)
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    schema.apply(values, accepted, by, NOW);
}

/// Writes every example, each through the writer that may.
fn complete(schema: &Schema) -> Values {
    complete_given(schema, &BTreeMap::new())
}

/// The same where some values are given.
fn complete_given(schema: &Schema, given: &BTreeMap<String, Value>) -> Values {
    let mut values = Values::new();
    let examples = schema.examples_given(given, TODAY);
    let of = |wanted: &dyn Fn(&Field) -> bool| -> BTreeMap<String, Value> {
        let keys = examples.iter().filter(|(key, _)| schema.field(key).is_some_and(wanted));
        keys.map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let system =
        |field: &Field| matches!(field.source, Source::Identity | Source::Profile | Source::Start);
    write(schema, &mut values, &of(&system), Writer::System);
    for (registry, mode) in schema.registries_needed(&values) {
        let keys: Vec<_> = schema
            .registry_fields(registry, mode, &values)
            .map(|field| field.key.clone())
            .collect();
        write(
            schema,
            &mut values,
            &of(&|field| keys.contains(&field.key)),
            Writer::Registry(registry),
        );
    }
    // A registry may open fields of another answer (the province of birth).
    for (registry, mode) in schema.registries_needed(&values) {
        let keys: Vec<_> = schema
            .registry_fields(registry, mode, &values)
            .map(|field| field.key.clone())
            .collect();
        write(
            schema,
            &mut values,
            &of(&|field| keys.contains(&field.key)),
            Writer::Registry(registry),
        );
    }
    write(schema, &mut values, &of(&|field| field.source == Source::Hand), Writer::Person);
    values
}

/// The codes of what is wrong with a complete form after these changes by hand.
fn codes_after(schema: &Schema, wanted: &BTreeMap<String, Value>) -> Vec<String> {
    let mut values = complete(schema);
    write(schema, &mut values, wanted, Writer::Person);
    let completeness = schema.completeness(&values, TODAY);
    assert!(!completeness.is_complete(), "{}: {wanted:?}", schema.id());
    completeness.rule_errors.into_iter().map(|error| error.code).collect()
}

fn refusals(
    current: &Values,
    wanted: &BTreeMap<String, Value>,
    by: Writer,
) -> Vec<(String, String)> {
    let errors = stag().check_changes(current, wanted, by, TODAY).expect_err("refused");
    errors.into_iter().map(|error| (error.field, error.code)).collect()
}

#[test]
fn every_schema_parses_and_is_named_like_its_file() {
    for (stem, text) in schema::TEXTS {
        let schema = Schema::parse(text).unwrap_or_else(|error| panic!("{stem}: {error}"));
        assert_eq!(schema.id(), *stem);
    }
    assert_eq!(Schema::all().len(), schema::TEXTS.len());
    assert_eq!(Schema::latest("c-stag-agricoltura").map(Schema::version), Some(1));
    assert!(Schema::find("c-stag-agricoltura").is_none());
}

/// FRM-1: the API serves the schema as it is.
#[test]
fn a_schema_is_served_with_its_id_and_without_the_refused_values() {
    let served = serde_json::to_value(stag()).unwrap();
    assert_eq!(served["id"], "c-stag-agricoltura@1");
    let field = served["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|each| each["key"] == "employer_turnover")
        .unwrap();
    assert_eq!(field["source"], "registry:agenzia-entrate");
    assert_eq!(field["mode"], "later");
    assert_eq!(field["assumption"], true);
    assert_eq!(field["type"], json!({"kind": "money", "min": 0, "max": 100_000_000_000_i64}));
    assert!(field.get("refused").is_none() && field.get("example").is_none());
}

#[test]
fn every_field_but_documents_has_an_example_and_all_of_them_together_complete_the_form() {
    for schema in Schema::all() {
        for field in schema.fields() {
            let is_document = matches!(field.kind, FieldType::File { .. });
            assert_eq!(field.example.is_none(), is_document, "{}", field.key);
            let Some(example) = &field.example else { continue };
            let shown = schema.examples(TODAY).get(field.key.as_str()).unwrap_or(example).clone();
            let shown = match (&field.kind, shown.as_str()) {
                (FieldType::Date { .. }, Some(text)) if text.starts_with("today") => {
                    DateBound::try_from(text.to_owned()).unwrap().on(TODAY).to_string().into()
                }
                _ => shown,
            };
            let checked = field.kind.check(&shown, TODAY);
            assert!(
                checked.is_ok_and(|normal| normal == shown),
                "{}: the example is not in normal form",
                field.key
            );
        }
        let completeness = schema.completeness(&complete(schema), TODAY);
        assert_eq!(completeness.rule_errors, [], "{}", schema.id());
        assert_eq!(
            completeness.missing().collect::<Vec<_>>(),
            Vec::<&Missing>::new(),
            "{}",
            schema.id()
        );
        assert_eq!(completeness.remarks, []);
        assert_eq!(completeness.percent, 100);
    }
}

/// The examples are used by the journey on any day, so they may not age.
#[test]
fn the_examples_complete_the_form_on_any_day() {
    let days = [
        date(2025, 10, 23),
        date(2026, 2, 28),
        date(2027, 12, 31),
        date(2028, 2, 29),
        date(2030, 6, 1),
    ];
    for (schema, day) in Schema::all().iter().flat_map(|schema| days.map(|day| (schema, day))) {
        let values: Values = schema
            .examples(day)
            .into_iter()
            .map(|(key, value)| {
                (key.parse().unwrap(), FieldValue { value, source: ValueSource::Person, at: NOW })
            })
            .collect();
        let completeness = schema.completeness(&values, day);
        let found = (completeness.percent, completeness.rule_errors);
        assert_eq!(found, (100, vec![]), "{} on {day}", schema.id());
    }
}

/// The golden table of each model: every key with type, source, label, help and one refused value with its message.
#[test]
fn the_documentation_lists_every_field_with_a_value_that_is_really_refused() {
    for schema in Schema::all()
        .iter()
        .filter(|each| Schema::latest(each.model()).map(Schema::id) == Some(each.id()))
    {
        let path = format!("{}/../../docs/forms/{}.md", env!("CARGO_MANIFEST_DIR"), schema.model());
        expect_file![path].assert_eq(&documented(schema));
    }
}

fn documented(schema: &Schema) -> String {
    let mut text = format!(
        "# {}\n\nGenerated from `shared/domain/models/{}.toml` by the test ",
        schema.title(),
        schema.id()
    );
    text.push_str("`the_documentation_lists_every_field_with_a_value_that_is_really_refused` (`UPDATE_EXPECT=1` rewrites it).\n\n");
    writeln!(text, "- Schema: `{}`\n- Source: {}", schema.id(), schema.source()).unwrap();
    let fields = schema.fields();
    writeln!(
        text,
        "- Fields: {} ({} typed by hand, {} from registries, {} of them late)\n- Messages are those of 22 November 2026.",
        fields.len(),
        fields.iter().filter(|each| each.source == Source::Hand).count(),
        fields.iter().filter(|each| each.mode.is_some()).count(),
        fields.iter().filter(|each| each.mode == Some(Mode::Later)).count(),
    )
    .unwrap();
    text.push_str("- *assumption* marks what no source confirms, above all which registry fills which field.\n");
    for section in schema.sections() {
        write!(text, "\n## {}\n\n{}\n\n", section.title, section.help).unwrap();
        text.push_str("| Key | Type | Source | Required | Label | Help | Refused value | Message |\n|---|---|---|---|---|---|---|---|\n");
        for field in fields.iter().filter(|field| section.holds(field)) {
            let refused = field.refused.clone().unwrap_or_else(|| field.kind.refused_example());
            let refusal = field.kind.check(&refused, TODAY).err();
            let refusal =
                refusal.unwrap_or_else(|| panic!("{} accepts what it should refuse", field.key));
            let mut refused = refused.to_string();
            if refused.len() > 60 {
                refused = format!("{} characters", refused.trim_matches('"').chars().count());
            }
            let mut source = String::from(field.source.clone()).replace('|', ", else ");
            match field.mode {
                Some(Mode::Now) => source.push_str(" (now)"),
                Some(Mode::Later) => source.push_str(" (later)"),
                None => {}
            }
            if field.hand_if_absent {
                source.push_str(", by hand if absent");
            }
            if field.assumption {
                source.push_str(", *assumption*");
            }
            let mut required = match (&field.required, &field.visible) {
                (Required::Always, None) => "always".to_owned(),
                (Required::Always, Some(_)) => "when asked".to_owned(),
                (Required::Never, _) => "no".to_owned(),
                (Required::When(condition), _) => format!("when {}", said(condition)),
            };
            if let Some(condition) = &field.visible {
                write!(required, "; asked when {}", said(condition)).unwrap();
            }
            writeln!(
                text,
                "| `{}` | {} | {source} | {required} | {} | {} | `{}` | {} |",
                field.key,
                field.kind.summary(),
                field.label,
                field.help,
                refused.replace('|', "\\|"),
                refusal.message,
            )
            .unwrap();
        }
    }
    text.push_str("\n## Rules over several fields\n\n| Code | Shown beside | Blocks | Message | Source |\n|---|---|---|---|---|\n");
    for rule in schema.rules() {
        let blocks = if rule.blocking { "yes" } else { "no, a remark" };
        writeln!(
            text,
            "| `{}` | `{}` | {blocks} | {} | {} |",
            rule.code, rule.field, rule.message, rule.source
        )
        .unwrap();
    }
    text
}

fn said(condition: &Condition) -> String {
    format!("`{}`", serde_json::to_string(condition).unwrap())
}

/// FRM-1: what a second model needs is a file, no line of code.
#[test]
fn a_second_model_is_data_alone() {
    let care = r#"
        model = "care"
        version = 1
        title = "Care"
        source = "DPCM 2 ottobre 2025"
        rules = [{ code = "care-hours", field = "hours", check = { kind = "at-least", number = "hours", floor = 20 }, message = "Almeno 20 ore.", source = "circolare" }]
        [[sections]]
        key = "care"
        title = "Assistito"
        help = "Chi riceve l'assistenza."
        [[fields]]
        key = "applicant_kind"
        section = "care"
        label = "Tipologia di richiedente"
        help = "Persona fisica o giuridica."
        type = { kind = "choice", options = [{ value = "natural", label = "Persona fisica" }, { value = "legal", label = "Persona giuridica" }] }
        source = "hand"
        [[fields]]
        key = "assisted_fiscal_code"
        section = "care"
        label = "Codice fiscale dell'assistito"
        help = "16 caratteri."
        type = { kind = "person-fiscal-code" }
        visible = { field = "applicant_kind", equals = "natural" }
        source = "hand"
        [[fields]]
        key = "hours"
        section = "care"
        label = "Ore"
        help = "Alla settimana."
        type = { kind = "integer", min = 1, max = 54 }
        source = "hand"
    "#;
    let schema = Schema::parse(care).unwrap();
    let mut values = Values::new();
    write(
        &schema,
        &mut values,
        &changes([("applicant_kind", json!("natural")), ("hours", json!(19))]),
        Writer::Person,
    );
    let completeness = schema.completeness(&values, TODAY);
    assert_eq!(completeness.percent, 66);
    assert_eq!(completeness.rule_errors[0].code, "care-hours");
    write(
        &schema,
        &mut values,
        &changes([("applicant_kind", json!("legal")), ("hours", json!(20))]),
        Writer::Person,
    );
    assert!(schema.completeness(&values, TODAY).is_complete());
}

#[test]
fn a_schema_that_contradicts_itself_is_refused_with_every_contradiction() {
    let wrong = r#"
        model = "x"
        version = 1
        title = "X"
        source = "x"
        rules = [{ code = "r", field = "nowhere", check = { kind = "differ", one = "a", other = "b" }, message = "m", source = "s" }]
        sections = [{ key = "s", title = "S", help = "h" }]
        fields = [
            { key = "a", section = "t", label = "A", help = "h", type = { kind = "boolean" }, source = "registry:inps", visible = { field = "b", present = true } },
            { key = "b", section = "s", label = "B", help = "h", type = { kind = "table-choice", table = "atlantis" }, source = "derived" },
        ]
    "#;
    let Err(SchemaError::Contradictions { problems, .. }) = Schema::parse(wrong) else {
        panic!("accepted")
    };
    assert_eq!(problems.len(), 6, "{problems:#?}");
    for wrong in [
        "",
        "model = 3",
        "model = \"x\"\nversion = 1\ntitle = \"\"\nsource = \"\"\nsections = []\nfields = []\nextra = 1",
        "sections = [{ part = \"worker@1\", where = \"here\" }]",
        "sections = [{ part = 1 }]",
    ] {
        assert!(matches!(Schema::parse(wrong), Err(SchemaError::Shape(_))), "{wrong}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_each_beside_its_field() {
    let wanted = changes([
        ("worker_birth_date", json!("2026-02-30")),
        ("worker_passport_number", json!("AB@123")),
        ("contract_monthly_pay", json!(1420.50)),
        ("employer_name", json!("Altra S.r.l.")),
        ("request_office", json!("MI")),
        ("contact_email", json!("io@example.it")),
        ("in_business_register", json!(false)),
        ("durc_file", json!("file_1")),
        ("nome<script>", json!("x")),
        ("worker_sex", json!("male")),
    ]);
    let refused = refusals(&Values::new(), &wanted, Writer::Person);
    let expected = [
        ("contact_email", "identity-owned"),
        ("contract_monthly_pay", "wrong-type"),
        ("durc_file", "upload-only"),
        ("employer_name", "registry-owned"),
        ("in_business_register", "start-owned"),
        ("nome<script>", "unknown-field"),
        ("request_office", "derived"),
        ("worker_birth_date", "wrong-date"),
        ("worker_passport_number", "forbidden-character"),
    ];
    let expected: Vec<_> = expected.map(|(field, code)| (field.to_owned(), code.to_owned())).into();
    assert_eq!(refused, expected);
}

/// ENR-1
/// tellma#46, OCA#2288: what people paste holds what they do not see.
#[test]
fn what_is_pasted_into_a_form_loses_what_nobody_sees() {
    let text = |charset| FieldType::Text { min: 1, max: 30, charset };
    let checked = |kind: &FieldType, pasted: &str| {
        kind.check(&json!(pasted), TODAY).map_err(|refusal| refusal.code)
    };
    for (kind, pasted, kept) in [
        (FieldType::PersonFiscalCode, "RSSMRA80A01H501U\u{200b}", "RSSMRA80A01H501U"),
        (FieldType::PersonFiscalCode, "rss mra 80a01\u{a0}h501u", "RSSMRA80A01H501U"),
        (FieldType::CompanyFiscalCode, "\u{feff}00159560366", "00159560366"),
        (FieldType::CompanyFiscalCode, "IT 00159560366", "00159560366"),
        (FieldType::VatNumber, "IT00159560366", "00159560366"),
        (FieldType::Email, "\u{2066}anna@example.it\u{2069}\n", "anna@example.it"),
        (FieldType::Pec, "an\u{ad}na@pec.example.it", "anna@pec.example.it"),
        (FieldType::PostalCode, "\u{202d}711 00\u{202c}", "71100"),
        (text(Charset::Name), "ROS\u{202e}SI\u{200b}  MARIA", "ROSSI MARIA"),
        (text(Charset::Line), "via\u{e0041} Roma\r\n1", "via Roma 1"),
        (text(Charset::Free), "Sì\u{fe0f}\u{2028}no", "Sì no"),
        (text(Charset::DocumentNumber), "ya\u{200d} 12-34\u{a0}567", "YA1234567"),
        (text(Charset::Digits), "12\u{2060} 34\t", "1234"),
        (text(Charset::Phone), "\u{202a}+39 0881 123456\u{202c}", "+390881123456"),
    ] {
        assert_eq!(checked(&kind, pasted), Ok(json!(kept)), "{pasted:?}");
    }
    assert_eq!(
        checked(&text(Charset::Name), "\u{200b} \u{feff}"),
        Ok(Value::Null),
        "nothing is there"
    );
    for charset in [Charset::Name, Charset::Line, Charset::Free, Charset::DocumentNumber] {
        assert_eq!(checked(&text(charset), "a\u{7}b"), Err("forbidden-character"));
    }
}

/// The value of a file that passed the checks.
fn passport(more: &[(&str, Value)]) -> Value {
    let mut value = json!({
        "bytes": 900_000, "media_type": "image/jpeg", "sha256": "ab".repeat(32),
        "upload": "upl_00000000000000000000000001",
    });
    for (name, other) in more {
        value[*name] = other.clone();
    }
    value
}

/// FRM-6: what the portal writes into a field that asks for a document is one of its uploads, of a length and kind that the
/// field takes, and nothing else.
#[test]
fn a_document_is_a_reference_that_fits_its_field() {
    let given = |value: Value| changes([("passport_file", value)]);
    let mut values = Values::new();
    write(stag(), &mut values, &given(passport(&[])), Writer::System);
    assert_eq!(values["passport_file"].value, passport(&[]));
    assert_eq!(values["passport_file"].source, ValueSource::Upload);
    for wrong in [
        passport(&[("bytes", json!(2_000_001))]),
        passport(&[("bytes", json!(0))]),
        passport(&[("bytes", json!("3"))]),
        passport(&[("media_type", json!("application/pkcs7-mime"))]),
        passport(&[("media_type", json!("text/html"))]),
        passport(&[("sha256", json!("AB".repeat(32)))]),
        passport(&[("sha256", json!("ab"))]),
        passport(&[("upload", json!("app_00000000000000000000000001"))]),
        passport(&[("name", json!("passaporto di Rossi.jpg"))]),
        json!("upl_00000000000000000000000001"),
        json!(["upl_00000000000000000000000001"]),
        json!(true),
    ] {
        let refused = refusals(&Values::new(), &given(wrong.clone()), Writer::System);
        assert_eq!(refused, [("passport_file".to_owned(), "wrong-type".to_owned())], "{wrong}");
    }
}

/// FRM-6: nobody types a document; whoever may save takes it out, or sends back what the form showed.
#[test]
fn a_document_is_never_typed_and_may_be_taken_out() {
    let given = |value: Value| changes([("passport_file", value)]);
    let mut values = Values::new();
    write(stag(), &mut values, &given(passport(&[])), Writer::System);
    let owned = [("passport_file".to_owned(), "upload-only".to_owned())];
    let other = passport(&[("sha256", json!("cd".repeat(32)))]);
    assert_eq!(refusals(&values, &given(other.clone()), Writer::Person), owned);
    assert_eq!(refusals(&Values::new(), &given(other), Writer::Person), owned);
    let same = stag().check_changes(&values, &given(passport(&[])), Writer::Person, TODAY).unwrap();
    assert!(!same.contains_key("passport_file"));
    write(stag(), &mut values, &given(Value::Null), Writer::Person);
    assert!(!values.contains_key("passport_file"));
}

/// FRM-6, SUB-4: the frozen content says which file it was: another file, another digest.
#[test]
fn the_digest_of_the_content_covers_the_file() {
    let given = |value: Value| changes([("passport_file", value)]);
    let mut values = complete(stag());
    let without = stag().content_digest(&values);
    write(stag(), &mut values, &given(passport(&[])), Writer::System);
    assert!(stag().completeness(&values, TODAY).is_complete());
    let with = stag().content_digest(&values);
    let other = passport(&[("sha256", json!("cd".repeat(32)))]);
    write(stag(), &mut values, &given(other), Writer::System);
    assert_eq!(BTreeSet::from([without, with, stag().content_digest(&values)]).len(), 3);
    let text = String::from_utf8(stag().canonical(&values)).unwrap();
    let keys = ["bytes", "media_type", "sha256", "upload"].map(|key| text.find(key).unwrap());
    assert!(keys.is_sorted(), "{text}");
}

/// FRM-6: the portal can look into every kind of file that a form asks for.
#[test]
fn every_field_that_asks_for_a_document_names_formats_that_can_be_looked_into() {
    for schema in Schema::all() {
        assert!(schema.file_fields().count() >= 5, "{}", schema.id());
        for (field, rule) in schema.file_fields() {
            assert_eq!(field.source, Source::Upload, "{}", field.key);
            let FieldType::File { formats, .. } = &field.kind else { panic!("{}", field.key) };
            assert_eq!(rule.formats.len(), formats.len(), "{}", field.key);
        }
    }
    let passport = stag().file_rule(&"passport_file".parse().unwrap()).unwrap();
    assert_eq!(passport.in_words(), "PDF, JPG o PNG");
    assert_eq!(stag().file_rule(&"worker_surname".parse().unwrap()), None);
}

#[test]
fn a_registry_value_cannot_be_typed_over_nor_cleared_but_may_be_sent_back_unchanged() {
    let mut values = Values::new();
    let name = |text: &str| changes([("representative_surname", json!(text))]);
    write(stag(), &mut values, &name("Rossi"), Writer::Registry(Registry::AgenziaEntrate));
    let owned = [("representative_surname".to_owned(), "registry-owned".to_owned())];
    assert_eq!(refusals(&values, &name("Bianchi"), Writer::Person), owned);
    assert_eq!(
        refusals(&values, &changes([("representative_surname", Value::Null)]), Writer::Person),
        owned
    );
    assert_eq!(values["representative_surname"].value, json!("Rossi"));
    let same = stag().check_changes(&values, &name("Rossi"), Writer::Person, TODAY).unwrap();
    assert!(!same.contains_key("representative_surname"));
}

#[test]
fn a_registry_writes_its_own_fields_only() {
    let wanted = changes([("representative_surname", json!("Rossi"))]);
    let wrong = [("representative_surname".to_owned(), "wrong-source".to_owned())];
    assert_eq!(refusals(&Values::new(), &wanted, Writer::Registry(Registry::Inps)), wrong);
    assert_eq!(refusals(&Values::new(), &wanted, Writer::System), wrong);
    let by_hand = changes([("worker_surname", json!("Singh"))]);
    assert_eq!(refusals(&Values::new(), &by_hand, Writer::Registry(Registry::Inps)).len(), 1);
}

/// ENR-1: a registry that has no value must not block an application for ever.
#[test]
fn what_a_registry_does_not_have_a_person_may_type_and_the_list_of_missing_says_so() {
    let mut values = complete(stag());
    values.remove("employer_inps_number");
    let typed = changes([("employer_inps_number", json!("3101234567"))]);
    assert_eq!(refusals(&values, &typed, Writer::Person)[0].1, "registry-owned");
    let who = |values: &Values| {
        stag().completeness(values, TODAY).missing().map(|missing| missing.who).collect::<Vec<_>>()
    };
    assert_eq!(who(&values), [WhoFillsIn::Registry(Registry::Inps)]);

    let none = changes([("employer_inps_number", Value::Null)]);
    write(stag(), &mut values, &none, Writer::Registry(Registry::Inps));
    assert_eq!(who(&values), [WhoFillsIn::Person]);
    write(stag(), &mut values, &typed, Writer::Person);
    assert!(stag().completeness(&values, TODAY).is_complete());

    // The registry repeats that it has none: what was typed stays. Then it finds one: that holds.
    write(stag(), &mut values, &none, Writer::Registry(Registry::Inps));
    assert_eq!(values["employer_inps_number"].source, ValueSource::Person);
    let found = changes([("employer_inps_number", json!("3109999999"))]);
    write(stag(), &mut values, &found, Writer::Registry(Registry::Inps));
    assert_eq!(values["employer_inps_number"].source, ValueSource::Registry(Registry::Inps));
    assert_eq!(refusals(&values, &typed, Writer::Person)[0].1, "registry-owned");
}

#[test]
fn a_firm_outside_the_business_register_is_asked_for_elsewhere() {
    use Registry::{AgenziaEntrate, Inad, IniPec, Inps, Unioncamere};
    let needed = |registered: bool| {
        let mut values = Values::new();
        write(
            stag(),
            &mut values,
            &changes([("in_business_register", json!(registered))]),
            Writer::System,
        );
        let needed = stag().registries_needed(&values);
        let pec = stag().registry_fields(Inad, Mode::Now, &values).count();
        (needed, pec)
    };
    let (registered, pec) = needed(true);
    assert_eq!(
        registered,
        [
            (Unioncamere, Mode::Now),
            (AgenziaEntrate, Mode::Now),
            (AgenziaEntrate, Mode::Later),
            (IniPec, Mode::Now),
            (Inps, Mode::Later)
        ]
    );
    assert_eq!(pec, 0);
    let (elsewhere, pec) = needed(false);
    assert_eq!(
        elsewhere,
        [
            (AgenziaEntrate, Mode::Now),
            (AgenziaEntrate, Mode::Later),
            (Inad, Mode::Now),
            (Inps, Mode::Later)
        ]
    );
    assert_eq!(pec, 1);
}

#[test]
fn null_and_empty_text_clear_a_typed_value_and_what_changes_nothing_is_left_out() {
    let mut values = Values::new();
    write(stag(), &mut values, &changes([("worker_surname", json!("Singh"))]), Writer::Person);
    for nothing in [json!("Singh"), json!("  Singh ")] {
        let accepted = stag().check_changes(
            &values,
            &changes([("worker_surname", nothing)]),
            Writer::Person,
            TODAY,
        );
        assert!(!accepted.unwrap().contains_key("worker_surname"));
    }
    for clear in [Value::Null, json!(" ")] {
        let mut values = values.clone();
        write(stag(), &mut values, &changes([("worker_surname", clear)]), Writer::Person);
        assert!(!values.contains_key("worker_surname"));
    }
}

#[test]
fn derived_values_follow_the_values_they_depend_on() {
    let mut values = Values::new();
    let season = changes([
        ("workplace_province", json!("LT")),
        ("contract_starts_on", json!("2027-03-01")),
        ("contract_ends_on", json!("2027-03-20")),
    ]);
    write(stag(), &mut values, &season, Writer::Person);
    assert_eq!(values["request_office"].value, json!("LT"));
    assert_eq!(values["request_office"].source, ValueSource::Derived);
    assert_eq!(values["contract_days"].value, json!(20));
    assert_eq!(stag().workplace_province(&values).as_deref(), Some("LT"));
    write(stag(), &mut values, &changes([("workplace_province", Value::Null)]), Writer::Person);
    assert!(!values.contains_key("request_office"));
}

#[test]
fn too_many_changes_and_oversized_values_are_refused() {
    let many: BTreeMap<_, _> =
        (0..=MAX_CHANGES).map(|index| (format!("field_{index}"), Value::Null)).collect();
    assert_eq!(
        refusals(&Values::new(), &many, Writer::Person),
        [(String::new(), "too-many-changes".to_owned())]
    );
    for huge in [json!("a".repeat(MAX_VALUE_BYTES + 1)), json!(vec![0; MAX_VALUE_BYTES])] {
        let refused =
            refusals(&Values::new(), &changes([("worker_surname", huge)]), Writer::Person);
        assert_eq!(refused, [("worker_surname".to_owned(), "too-long".to_owned())]);
    }
}

/// Art. 24: from 20 days to nine months.
#[test]
fn a_season_lasts_from_20_days_to_nine_months() {
    let season = |from: &str, to: &str| {
        let mut values = complete(stag());
        let wanted =
            changes([("contract_starts_on", json!(from)), ("contract_ends_on", json!(to))]);
        write(stag(), &mut values, &wanted, Writer::Person);
        stag()
            .completeness(&values, TODAY)
            .rule_errors
            .iter()
            .any(|error| error.code == "season-length")
    };
    assert!(season("2027-03-01", "2027-03-19"));
    assert!(!season("2027-03-01", "2027-03-20"));
    assert!(!season("2027-03-01", "2027-11-30"));
    assert!(season("2027-03-01", "2027-12-01"));
    assert!(season("2027-03-20", "2027-03-01"));
}

/// Values that break the rules that every model has.
fn cases_of_all() -> Vec<(BTreeMap<String, Value>, Vec<&'static str>)> {
    vec![
        (changes([("contract_weekly_hours", json!(19))]), vec!["weekly-hours-floor"]),
        (
            changes([("worker_passport_expires_on", json!("2026-12-31"))]),
            vec!["passport-valid-at-start"],
        ),
        (
            changes([
                ("worker_passport_issued_on", json!("2026-11-22")),
                ("worker_passport_expires_on", json!("2026-11-22")),
            ]),
            vec!["passport-dates", "passport-valid-at-start"],
        ),
        (
            changes([
                ("representative_document_issued_on", json!("2026-11-22")),
                ("representative_document_expires_on", json!("2026-11-22")),
            ]),
            vec!["representative-document-dates"],
        ),
        (
            changes([
                ("representative_citizenship", json!("MAR")),
                ("representative_permit_kind", json!("permit")),
                ("representative_permit_issued_on", json!("2026-10-02")),
                ("representative_permit_expires_on", json!("2026-10-01")),
            ]),
            vec!["representative-permit-dates"],
        ),
    ]
}

/// Values that break the rules of seasonal work, where this activity is of another sector.
fn cases_of_season(ateco: &str) -> Vec<(BTreeMap<String, Value>, Vec<&'static str>)> {
    let mut cases = cases_of_all();
    cases.extend([
        (changes([("contract_monthly_pay", json!(54_623))]), vec!["pay-floor", "rent-share"]),
        (changes([("housing_monthly_rent", json!(50_001))]), vec!["rent-share"]),
        (changes([("contract_ateco", json!(ateco))]), vec!["ateco-of-sector"]),
        (
            changes([("worker_fiscal_code", json!("RSSMRA80A01H501U"))]),
            vec!["worker-fiscal-code-birth", "worker-is-not-employer"],
        ),
        (changes([("contract_ends_on", json!("2029-01-01"))]), vec!["season-length"]),
    ]);
    cases
}

fn cases_of_b2020() -> Vec<(BTreeMap<String, Value>, Vec<&'static str>)> {
    let haulage = |more: &[(&str, Value)]| {
        let mut wanted = changes([
            ("contract_sector", json!("transport")),
            ("contract_ateco", json!("49.4")),
            ("contract_driver", json!(true)),
            ("driver_licence_category", json!("CE")),
            ("driver_licence_number", json!("AB1234567")),
            ("driver_licence_country", json!("MAR")),
            ("driver_licence_expires_on", json!("2029-01-01")),
            ("driver_cqc", json!(false)),
        ]);
        wanted.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        wanted
    };
    let mut cases = cases_of_all();
    cases.extend([
        (changes([("contract_monthly_pay", json!(54_623))]), vec!["pay-floor"]),
        (changes([("contract_ateco", json!("56"))]), vec!["ateco-of-sector"]),
        (
            changes([("worker_fiscal_code", json!("RSSMRA80A01H501U"))]),
            vec!["worker-fiscal-code-birth", "worker-is-not-employer"],
        ),
        (changes([("contract_ends_on", json!("2029-12-01"))]), vec!["fixed-term-length"]),
        (changes([("cpi_answered_on", json!("2026-09-01"))]), vec!["cpi-dates"]),
        // Brazil has no agreement.
        (changes([("worker_citizenship", json!("BRA"))]), vec!["cooperation-country"]),
        (
            changes([
                ("request_country_group", json!("refugee")),
                ("worker_protection", json!("stateless")),
                ("worker_protection_country", json!("ETH")),
                ("worker_protection_number", json!("ETH2300123")),
            ]),
            vec!["stateless-citizenship"],
        ),
        (haulage(&[("driver_licence_category", json!("D"))]), vec!["goods-licence"]),
        (haulage(&[("contract_ateco", json!("49.3"))]), vec!["bus-licence"]),
        (
            haulage(&[("driver_licence_expires_on", json!("2027-01-01"))]),
            vec!["licence-valid-at-start"],
        ),
    ]);
    cases
}

fn cases_of_care() -> Vec<(BTreeMap<String, Value>, Vec<&'static str>)> {
    let for_self = |condition: &str| {
        changes([
            ("assisted_who", json!("self")),
            ("employer_self_sufficient", json!(true)),
            ("assisted_condition", json!(condition)),
        ])
    };
    let mut cases = cases_of_all();
    cases.extend([
        (changes([("contract_monthly_pay", json!(54_623))]), vec!["pay-floor"]),
        (
            changes([("worker_fiscal_code", json!("RSSMRA80A01H501U"))]),
            vec!["worker-fiscal-code-birth", "worker-is-not-applicant"],
        ),
        (
            changes([("assisted_fiscal_code", json!("SNGGPR90E14Z222N"))]),
            vec!["worker-is-not-assisted", "assisted-fiscal-code-birth"],
        ),
        (
            changes([
                ("assisted_fiscal_code", json!("RSSMRA80A01H501U")),
                ("assisted_birth_date", json!("1980-01-01")),
                ("assisted_condition", json!("other")),
            ]),
            vec!["assisted-is-not-applicant"],
        ),
        (changes([("assisted_condition", json!("child"))]), vec!["assisted-child"]),
        (
            changes([
                ("assisted_birth_date", json!("1980-01-01")),
                ("assisted_fiscal_code", json!("MRARSS80A01H501T")),
            ]),
            vec!["assisted-over-80"],
        ),
        (for_self("over-80"), vec!["applicant-over-80"]),
        (for_self("child"), vec!["applicant-is-no-child"]),
        (changes([("household_other_income", json!(249_999))]), vec!["income-floor-family"]),
        (changes([("contract_ends_on", json!("2029-12-01"))]), vec!["fixed-term-length"]),
        (changes([("cpi_answered_on", json!("2026-09-01"))]), vec!["cpi-dates"]),
    ]);
    cases
}

#[test]
fn each_blocking_rule_of_each_model_can_be_broken() {
    let models = [
        ("c-stag-agricoltura@1", cases_of_season("03.11")),
        ("c-stag-turismo@1", cases_of_season("56.30")),
        ("b2020@1", cases_of_b2020()),
        ("a-bis@1", cases_of_care()),
    ];
    assert_eq!(models.len(), Schema::all().len());
    for (id, cases) in models {
        let schema = Schema::find(id).unwrap();
        for (wanted, expected) in &cases {
            assert_eq!(codes_after(schema, wanted), *expected, "{id}: {wanted:?}");
        }
        // The income of one who lives alone comes from a registry: see the test of the household's income.
        let tested_apart = ["income-floor-alone"];
        for rule in schema.rules().iter().filter(|rule| rule.blocking) {
            assert!(
                cases.iter().any(|(_, told)| told.contains(&rule.code.as_str()))
                    || tested_apart.contains(&rule.code.as_str()),
                "{id}: no case breaks {}",
                rule.code
            );
        }
    }
}

/// A foreign employer's permit is asked of those who need one.
#[test]
fn only_employers_from_outside_the_union_are_asked_for_a_permit() {
    let asked = |citizenship: &str| {
        let mut values = complete(stag());
        write(
            stag(),
            &mut values,
            &changes([("representative_citizenship", json!(citizenship))]),
            Writer::Person,
        );
        let completeness = stag().completeness(&values, TODAY);
        completeness.missing().any(|missing| missing.field.as_str() == "representative_permit_kind")
    };
    assert!(asked("MAR") && asked("XXX"));
    assert!(!asked("ITA") && !asked("ROU") && !asked("NOR") && !asked("CHE"));
}

#[test]
fn a_third_of_the_pay_is_still_a_lawful_rent() {
    let mut values = complete(stag());
    write(stag(), &mut values, &changes([("housing_monthly_rent", json!(47_333))]), Writer::Person);
    assert!(stag().completeness(&values, TODAY).is_complete());
}

#[test]
fn a_remark_is_told_and_blocks_nothing() {
    let mut values = complete(stag());
    let low = changes([("employer_turnover", json!(2_999_999))]);
    write(stag(), &mut values, &low, Writer::Registry(Registry::AgenziaEntrate));
    let completeness = stag().completeness(&values, TODAY);
    assert!(completeness.is_complete());
    assert_eq!(completeness.remarks[0].code, "turnover-floor");
}

/// FRM-2
#[test]
fn an_empty_form_is_at_zero_and_lists_everything_with_who_must_act() {
    let completeness = stag().completeness(&Values::new(), TODAY);
    assert_eq!(completeness.percent, 0);
    assert_eq!(completeness.rule_errors, []);
    let who = |key: &str| {
        completeness
            .missing()
            .find(|missing| missing.field.as_str() == key)
            .map(|missing| missing.who)
    };
    assert_eq!(who("worker_surname"), Some(WhoFillsIn::Person));
    assert_eq!(who("employer_turnover"), Some(WhoFillsIn::Registry(Registry::AgenziaEntrate)));
    assert_eq!(who("privacy_acknowledged"), Some(WhoFillsIn::Portal));
    assert_eq!(who("request_years"), None, "it is asked for multi-year requests only");
    assert_eq!(
        serde_json::to_value(WhoFillsIn::Registry(Registry::Inps)).unwrap(),
        json!("registry:inps")
    );
}

#[test]
fn a_section_counts_only_what_it_asks() {
    let mut values = complete(stag());
    let section = |values: &Values| {
        let completeness = stag().completeness(values, TODAY);
        completeness.sections.into_iter().find(|section| section.key == "request").unwrap()
    };
    assert_eq!(section(&values).percent, 100);
    write(stag(), &mut values, &changes([("request_kind", json!("multi-year"))]), Writer::Person);
    assert_eq!(section(&values).percent, 66);
    assert_eq!(section(&values).missing[0].field.as_str(), "request_years");
}

/// FRM-3: bounds move with the day, so readiness is decided on the day.
#[test]
fn a_value_that_has_aged_breaks_completeness_and_says_why() {
    let values = complete(stag());
    let later = TODAY.checked_add(jiff::Span::new().days(200)).unwrap();
    let completeness = stag().completeness(&values, later);
    assert!(!completeness.is_complete());
    assert_eq!(completeness.rule_errors[0].field, "contract_starts_on");
    assert_eq!(completeness.rule_errors[0].code, "too-early");
}

/// SUB-4
#[test]
fn content_says_what_is_shown_and_not_who_gave_it() {
    let values = complete(stag());
    let digest = stag().content_digest(&values);
    let mut given_otherwise = values.clone();
    for value in given_otherwise.values_mut() {
        value.source = ValueSource::Person;
        value.at = Timestamp::UNIX_EPOCH + jiff::Span::new().hours(1);
    }
    assert_eq!(stag().content_digest(&given_otherwise), digest);

    let mut with_hidden = values.clone();
    write(stag(), &mut with_hidden, &changes([("request_years", json!(3))]), Writer::Person);
    assert_eq!(stag().content_digest(&with_hidden), digest, "what is not asked is not said");

    let mut changed = values.clone();
    write(stag(), &mut changed, &changes([("worker_name", json!("Gurpret"))]), Writer::Person);
    assert_ne!(stag().content_digest(&changed), digest);

    let text = String::from_utf8(stag().canonical(&values)).unwrap();
    assert!(
        text.starts_with(
            r#"{"schema":"c-stag-agricoltura@1","values":{"commitment_housing":true,"#
        ),
        "{text}"
    );
    let parsed: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    let keys: Vec<_> = parsed["values"].as_object().unwrap().keys().cloned().collect();
    assert!(keys.is_sorted());
}

/// LIM-1
#[test]
fn the_worker_is_known_once_citizenship_passport_and_birth_are() {
    let mut values = complete(stag());
    let worker = stag().worker(&values).unwrap();
    assert_eq!((worker.citizenship.as_str(), worker.passport_number.as_str()), ("IND", "Z1234567"));
    assert_eq!(worker.birth_date, date(1990, 5, 14));
    assert!(!format!("{worker:?}").contains("Z1234567"));
    write(stag(), &mut values, &changes([("worker_passport_number", Value::Null)]), Writer::Person);
    assert_eq!(stag().worker(&values), None);
}

mod browser;
mod models;

mod merging {
    use super::*;

    fn change(field: &str, base: Value, value: Value) -> Change {
        Change { field: field.to_owned(), base: Some(base), value }
    }

    fn stored() -> Values {
        let mut values = Values::new();
        let theirs = changes([
            ("worker_surname", json!("Singh")),
            ("worker_passport_number", json!("Z1234567")),
        ]);
        write(stag(), &mut values, &theirs, Writer::Person);
        values
    }

    /// FRM-2
    #[test]
    fn only_the_same_field_changed_on_both_sides_to_different_values_conflicts() {
        let merge = stag().merge(
            &stored(),
            &[
                change("worker_surname", json!("Sing"), json!("Kaur")),
                change("worker_name", Value::Null, json!("Gurpreet")),
            ],
            TODAY,
        );
        assert_eq!(merge.apply, changes([("worker_name", json!("Gurpreet"))]));
        assert_eq!(merge.conflicts.len(), 1);
        let conflict = &merge.conflicts[0];
        assert_eq!(
            (&conflict.yours, &conflict.theirs, &conflict.base),
            (&json!("Kaur"), &json!("Singh"), &json!("Sing"))
        );
    }

    #[test]
    fn the_same_change_on_both_sides_is_no_conflict_whatever_its_spelling() {
        let merge = stag().merge(
            &stored(),
            &[change("worker_passport_number", Value::Null, json!("z 1234567"))],
            TODAY,
        );
        assert_eq!(merge, Merge::default());
    }

    #[test]
    fn what_this_side_left_alone_keeps_the_other_sides_value() {
        let merge = stag().merge(
            &stored(),
            &[change("worker_surname", json!("Sing"), json!("Sing"))],
            TODAY,
        );
        assert_eq!(merge, Merge::default());
    }

    #[test]
    fn a_field_without_a_base_is_one_that_was_empty() {
        let wanted =
            Change { field: "worker_surname".to_owned(), base: None, value: json!("Kaur") };
        let merge = stag().merge(&stored(), &[wanted], TODAY);
        assert_eq!(merge.conflicts.len(), 1);
        assert!(merge.apply.is_empty());
    }

    /// PRV-1
    #[test]
    fn no_merge_prints_values() {
        let wanted = [
            change("worker_surname", json!("a"), json!("CANARINO")),
            change("worker_name", Value::Null, json!("CANARINO")),
        ];
        let merge = stag().merge(&stored(), &wanted, TODAY);
        assert!(!format!("{merge:?}{wanted:?}").contains("CANARINO"));
        assert!(!format!("{merge:?}").contains("Singh"));
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[0-9A-Z@.-]{0,20}".prop_map(Value::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_key() -> impl Strategy<Value = String> {
    let keys: Vec<String> = stag().fields().iter().map(|field| field.key.to_string()).collect();
    prop_oneof![9 => prop::sample::select(keys), 1 => ".{0,80}"]
}

fn any_writer() -> impl Strategy<Value = Writer> {
    prop_oneof![
        Just(Writer::Person),
        Just(Writer::System),
        prop::sample::select(&Registry::ALL[..]).prop_map(Writer::Registry)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Every value that arrives is either refused with a code and a message, or stored as a sound value.
    #[test]
    fn no_json_makes_checking_panic_and_what_is_accepted_is_sound(
        wanted in prop::collection::btree_map(any_key(), any_json(), 0..12),
        by in any_writer(),
    ) {
        let schema = stag();
        let mut values = complete(schema);
        match schema.check_changes(&values, &wanted, by, TODAY) {
            Ok(accepted) => {
                for (key, value) in &accepted {
                    let field = schema.field(key.as_str()).unwrap();
                    prop_assert!(field.kind.check(value, TODAY).is_ok_and(|again| again == *value), "{key}");
                }
                schema.apply(&mut values, accepted, by, NOW);
                let again = schema.check_changes(&values, &wanted, by, TODAY).unwrap();
                prop_assert!(again.values().all(Value::is_null), "a repeated save changes nothing");
                prop_assert!(schema.completeness(&values, TODAY).percent <= 100);
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                prop_assert!(errors.iter().all(|error| !error.code.is_empty() && !error.message.is_empty()));
            }
        }
        schema.content_digest(&values);
        schema.worker(&values);
    }

    #[test]
    fn content_does_not_depend_on_the_order_of_the_saves(order in Just(()).prop_perturb(|(), mut random| {
        let mut keys: Vec<String> = stag().example(TODAY).into_keys().collect();
        for index in (1..keys.len()).rev() {
            keys.swap(index, random.random_range(0..=index));
        }
        keys
    })) {
        let schema = stag();
        let examples = schema.example(TODAY);
        let mut one_by_one = Values::new();
        for key in &order {
            write(schema, &mut one_by_one, &changes([(key, examples[key].clone())]), Writer::Person);
        }
        let mut at_once = Values::new();
        write(schema, &mut at_once, &examples, Writer::Person);
        prop_assert_eq!(schema.canonical(&one_by_one), schema.canonical(&at_once));
    }

    /// FRM-2: a merge loses no change: each is applied, reported as a conflict, or already so.
    #[test]
    fn a_merge_loses_nothing(key in any_key(), base in any_json(), value in any_json()) {
        let values = complete(stag());
        let merge = stag().merge(&values, &[Change { field: key.clone(), base: Some(base), value }], TODAY);
        prop_assert!(merge.apply.len() + merge.conflicts.len() <= 1);
        if let Some(conflict) = merge.conflicts.first() {
            let stored = values.get(key.as_str()).map_or(Value::Null, |stored| stored.value.clone());
            prop_assert_eq!(&conflict.theirs, &stored);
            prop_assert_ne!(&conflict.yours, &stored);
        }
    }
}
