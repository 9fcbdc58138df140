//! What the models ask and rule, and what they have in common (FRM-1, CHK-1, CHK-2).

use sha2::{Digest, Sha256};

use super::*;
use crate::form::part;

fn b2020() -> &'static Schema {
    Schema::find("b2020@1").unwrap()
}

fn care() -> &'static Schema {
    Schema::find("a-bis@1").unwrap()
}

fn asked(schema: &Schema, values: &Values, key: &str) -> bool {
    schema.view(values).is_visible(&key.parse().unwrap())
}

fn codes(schema: &Schema, values: &Values) -> Vec<String> {
    let completeness = schema.completeness(values, TODAY);
    completeness.rule_errors.into_iter().map(|error| error.code).collect()
}

/// What a schema asks and rules, without what the portal does with the values and without tables, which have validity of
/// their own.
fn meaning(schema: &Schema) -> String {
    let mut served = serde_json::to_value(schema).unwrap();
    for field in served["fields"].as_array_mut().unwrap() {
        field.as_object_mut().unwrap().remove("role");
    }
    data_encoding::HEXLOWER.encode(&Sha256::digest(sorted(&served)))
}

/// JSON with sorted keys, whatever features the JSON library has been given.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> =
                members.iter().map(|(key, value)| (key, sorted(value))).collect();
            format!("{members:?}")
        }
        Value::Array(lines) => format!("{:?}", lines.iter().map(sorted).collect::<Vec<_>>()),
        plain => plain.to_string(),
    }
}

/// FRM-1: an application keeps the form that it was begun with, so a change of a model or of a part needs a new version.
///
/// `UPDATE_EXPECT` does not touch the list, on purpose: a line of it changes by hand, and only while no application
/// uses it.
#[test]
fn what_was_published_stays_as_it_was() {
    let published = include_str!("../../../models/PUBLISHED");
    let now: Vec<String> =
        Schema::all().iter().map(|schema| format!("{} {}", schema.id(), meaning(schema))).collect();
    let held: Vec<&str> = published.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        now, held,
        "a published form would change: write a new version of it, and of the parts that change"
    );
}

/// Rules of a part belong to its fields, so a model takes both.
#[test]
fn whoever_takes_the_fields_of_a_part_takes_its_rules() {
    let taken = |model: &toml::Table, kind: &str| -> Vec<String> {
        let lines = model.get(kind).and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let named = |line: &toml::Value| Some(line.get("part")?.as_str()?.to_owned());
        lines.iter().filter_map(named).collect()
    };
    let mut used = Vec::new();
    for (id, text) in schema::TEXTS {
        let model: toml::Table = text.parse().unwrap();
        for part in taken(&model, "fields") {
            let (_, text) = part::TEXTS.iter().find(|(name, _)| *name == part).unwrap();
            let has_rules = text.parse::<toml::Table>().unwrap().contains_key("rules");
            assert_eq!(has_rules, taken(&model, "rules").contains(&part), "{id}: rules of {part}");
            used.push(part);
        }
        used.extend(taken(&model, "rules"));
    }
    for (part, _) in part::TEXTS {
        assert!(used.iter().any(|each| each == part), "no model takes {part}");
    }
}

#[test]
fn a_part_that_is_not_there_is_named() {
    for (wrong, told) in [
        ("fields = [{ part = \"nobody@1\" }]", "no part nobody@1 has fields"),
        ("sections = [{ part = \"pay@1\" }]", "no part pay@1 has sections"),
    ] {
        assert_eq!(Schema::parse(wrong).unwrap_err().to_string(), told);
    }
    // Only fields can be asked or not.
    let wrong = "sections = [{ part = \"worker@1\", when = { field = \"a\", present = true } }]";
    assert!(matches!(Schema::parse(wrong), Err(SchemaError::Shape(_))));
}

/// CNV-1: in conversions the applicant is the worker, and the form claims no other person.
#[test]
fn a_form_without_a_worker_asks_for_none() {
    assert!(Schema::all().iter().all(Schema::asks_for_worker));
    let conversion = r#"
        model = "x"
        version = 1
        title = "X"
        source = "x"
        sections = [{ key = "s", title = "S", help = "h" }]
        fields = [{ key = "a", section = "s", label = "A", help = "h", type = { kind = "table-choice", table = "provinces" }, source = "hand", role = "workplace-province" }]
    "#;
    let schema = Schema::parse(conversion).unwrap();
    assert!(!schema.asks_for_worker());
    let mut values = Values::new();
    let claim = |_: &WorkerIdentity| "claim".to_owned();
    assert!(crate::readiness::ready(&schema, &values, TODAY, NOW, claim).is_none());
    write(&schema, &mut values, &changes([("a", json!("FG"))]), Writer::Person);
    let ready = crate::readiness::ready(&schema, &values, TODAY, NOW, claim).unwrap();
    assert_eq!((ready.worker, ready.province.as_str()), (None, "FG"));
}

/// CHK-1, CHK-2: a family has neither company nor register; its address is looked up in INAD, its income comes later.
#[test]
fn a_family_is_asked_about_itself_and_never_about_a_company() {
    let values = complete(care());
    for key in [
        "in_business_register",
        "employer_fiscal_code",
        "employer_inps_number",
        "employer_turnover",
    ] {
        assert!(!asked(care(), &values, key), "{key}");
    }
    for key in ["employer_name", "applicant_income", "household_members", "assisted_relation"] {
        assert!(asked(care(), &values, key), "{key}");
    }
    let needed = care().registries_needed(&values);
    let agency = Registry::AgenziaEntrate;
    assert_eq!(needed, [(agency, Mode::Now), (agency, Mode::Later), (Registry::Inad, Mode::Now)]);
}

#[test]
fn a_body_that_cares_for_somebody_is_asked_about_its_company_and_no_household() {
    for (registered, registries) in [(true, 5), (false, 4)] {
        let given = changes([
            ("applicant_kind", json!("legal")),
            ("in_business_register", json!(registered)),
        ]);
        let values = complete_given(care(), &given);
        let completeness = care().completeness(&values, TODAY);
        assert!(completeness.is_complete(), "{:?}", completeness.missing().collect::<Vec<_>>());
        for key in ["employer_fiscal_code", "employer_turnover", "assisted_fiscal_code"] {
            assert!(asked(care(), &values, key), "{key}");
        }
        for key in ["assisted_who", "household_kind", "applicant_income", "household_income"] {
            assert!(!asked(care(), &values, key), "{key}");
        }
        assert_eq!(care().registries_needed(&values).len(), registries);
    }
}

/// Facts 2.6: 20,000 euro alone, 27,000 in a family, exempt incomes count; to the cent.
#[test]
fn the_household_needs_20000_euro_alone_and_27000_in_a_family() {
    let earning = |income: i64, wanted: &BTreeMap<String, Value>| {
        let mut values = complete(care());
        write(care(), &mut values, wanted, Writer::Person);
        let told = changes([("applicant_income", json!(income))]);
        write(care(), &mut values, &told, Writer::Registry(Registry::AgenziaEntrate));
        (values["household_income"].value.clone(), codes(care(), &values))
    };
    let alone = |exempt: i64| {
        changes([("household_kind", json!("alone")), ("household_exempt_income", json!(exempt))])
    };
    let family = |other: i64| changes([("household_other_income", json!(other))]);
    let fine: Vec<String> = Vec::new();
    assert_eq!(
        earning(1_999_999, &alone(0)),
        (json!(1_999_999), vec!["income-floor-alone".to_owned()])
    );
    assert_eq!(earning(1_999_999, &alone(1)), (json!(2_000_000), fine.clone()));
    assert_eq!(
        earning(2_000_000, &family(699_999)),
        (json!(2_699_999), vec!["income-floor-family".to_owned()])
    );
    assert_eq!(earning(2_000_000, &family(700_000)), (json!(2_700_000), fine));
}

#[test]
fn an_income_that_is_not_known_yet_is_no_income_that_is_too_low() {
    let mut values = complete(care());
    values.remove("applicant_income");
    write(care(), &mut values, &changes([("household_members", json!(4))]), Writer::Person);
    assert!(!values.contains_key("household_income"));
    assert_eq!(codes(care(), &values), Vec::<String>::new());
}

/// Facts 2.4, 2.6: without self-sufficiency neither income nor asseveration is asked for, only the doctor's certificate.
#[test]
fn an_employer_who_needs_care_needs_no_income() {
    let mut values = complete(care());
    let in_need = changes([
        ("assisted_who", json!("self")),
        ("assisted_condition", json!("disability")),
        ("assisted_disability_on", json!("2024-05-06")),
        ("employer_self_sufficient", json!(false)),
    ]);
    write(care(), &mut values, &in_need, Writer::Person);
    let missing = |values: &Values| -> Vec<String> {
        let completeness = care().completeness(values, TODAY);
        completeness.missing().map(|missing| missing.field.to_string()).collect()
    };
    assert_eq!(missing(&values), ["self_sufficiency_certificate"]);
    for key in
        ["applicant_income", "household_income", "declaration_asseveration", "assisted_surname"]
    {
        assert!(!asked(care(), &values, key), "{key}");
    }
    assert!(asked(care(), &values, "cpi_office"));
    write(
        care(),
        &mut values,
        &changes([("self_sufficiency_certificate", json!(true))]),
        Writer::Person,
    );
    assert!(care().completeness(&values, TODAY).is_complete());
}

#[test]
fn housework_has_nobody_to_assist_and_whoever_lives_in_needs_no_other_home() {
    let mut values = complete(care());
    let live_in = changes([
        ("care_need", json!("household")),
        ("contract_live_in", json!(true)),
        ("contract_weekly_hours", json!(54)),
        ("contract_kind", json!("permanent")),
    ]);
    write(care(), &mut values, &live_in, Writer::Person);
    for key in [
        "assisted_who",
        "assisted_fiscal_code",
        "assisted_condition",
        "housing_title",
        "contract_ends_on",
    ] {
        assert!(!asked(care(), &values, key), "{key}");
    }
    assert!(asked(care(), &values, "household_kind"));
    assert!(care().completeness(&values, TODAY).is_complete());
}

/// The collective agreement's hours are a remark for the officer, for they are not the decree's.
#[test]
fn whoever_comes_by_day_works_40_hours_at_most() {
    let remarks = |live_in: bool, hours: i64| {
        let mut values = complete(care());
        let wanted = changes([
            ("contract_live_in", json!(live_in)),
            ("contract_weekly_hours", json!(hours)),
        ]);
        write(care(), &mut values, &wanted, Writer::Person);
        let completeness = care().completeness(&values, TODAY);
        assert!(completeness.is_complete());
        completeness.remarks.len()
    };
    assert_eq!((remarks(false, 40), remarks(false, 41), remarks(true, 54)), (0, 1, 0));
}

/// The years of age are whole, on the first day of work, not on the day of filling in.
#[test]
fn ages_count_on_the_first_day_of_work() {
    let born = |condition: &str, birth: &str| {
        let mut values = complete(care());
        let wanted = changes([
            ("contract_starts_on", json!("2027-03-01")),
            ("assisted_condition", json!(condition)),
            ("assisted_birth_date", json!(birth)),
            ("assisted_fiscal_code", Value::Null),
        ]);
        write(care(), &mut values, &wanted, Writer::Person);
        codes(care(), &values).is_empty()
    };
    assert!(born("over-80", "1947-03-01") && !born("over-80", "1947-03-02"));
    assert!(born("child", "2020-03-02") && !born("child", "2020-03-01"));
}

/// Art. 6 of the decree: what each group of countries admits.
#[test]
fn the_group_of_countries_fits_the_citizenship() {
    let group = |group: &str, citizenship: &str| {
        let mut values = complete(b2020());
        let wanted = changes([
            ("request_country_group", json!(group)),
            ("worker_citizenship", json!(citizenship)),
            ("worker_protection", json!("stateless")),
            ("worker_protection_country", json!("ETH")),
            ("worker_protection_number", json!("ETH2300123")),
        ]);
        write(b2020(), &mut values, &wanted, Writer::Person);
        let completeness = b2020().completeness(&values, TODAY);
        let remarks: Vec<_> =
            completeness.remarks.iter().map(|remark| remark.code.clone()).collect();
        (completeness.is_complete(), remarks.is_empty())
    };
    assert_eq!(group("cooperation", "MAR"), (true, true));
    assert_eq!(group("cooperation", "BRA"), (false, true));
    assert_eq!(group("agreement", "BRA"), (true, true));
    // No public list says which agreements are new: the officer looks.
    assert_eq!(group("agreement", "MAR"), (true, false));
    assert_eq!(group("refugee", "XXX"), (true, true));
    assert_eq!(group("refugee", "SOM"), (false, true));
}

#[test]
fn only_drivers_of_haulage_and_buses_are_asked_for_a_licence() {
    let driving = |ateco: &str, drives: bool| {
        let mut values = complete(b2020());
        let wanted = changes([
            ("contract_sector", json!("transport")),
            ("contract_ateco", json!(ateco)),
            ("contract_driver", json!(drives)),
        ]);
        write(b2020(), &mut values, &wanted, Writer::Person);
        (
            asked(b2020(), &values, "contract_driver"),
            asked(b2020(), &values, "driver_licence_category"),
        )
    };
    assert_eq!(driving("52", true), (false, false));
    assert_eq!(driving("49.4", false), (true, false));
    assert_eq!(driving("49.3", true), (true, true));
}

/// Circular 8047: an organisation of the protocol needs neither asseveration nor the employment centre.
#[test]
fn the_employment_centre_is_asked_unless_the_protocol_vouches() {
    for schema in [b2020(), care()] {
        let mut values = complete(schema);
        assert!(asked(schema, &values, "cpi_office"));
        let silent = changes([
            ("cpi_outcome", json!("silent")),
            ("cpi_unanswered_since", json!("2026-11-13")),
        ]);
        write(schema, &mut values, &silent, Writer::Person);
        assert!(schema.completeness(&values, TODAY).is_complete(), "{}", schema.id());
        // Eight whole days, the first excluded.
        let too_soon = changes([("cpi_unanswered_since", json!("2026-11-14"))]);
        assert!(schema.check_changes(&values, &too_soon, Writer::Person, TODAY).is_err());
        let protocol = changes([("declaration_asseveration", json!("protocol"))]);
        write(schema, &mut values, &protocol, Writer::Person);
        assert!(!asked(schema, &values, "cpi_office"));
        assert!(schema.completeness(&values, TODAY).is_complete(), "{}", schema.id());
    }
    assert!(stag().field("cpi_office").is_none());
}

/// Each refused value of each model has its message at its field, and nothing of that save is stored.
#[test]
fn what_a_field_refuses_no_save_takes() {
    for schema in Schema::all() {
        let values = complete(schema);
        let wrong: BTreeMap<String, Value> = schema
            .fields()
            .iter()
            .filter(|field| field.source == Source::Hand)
            .map(|field| {
                let refused = field.refused.clone().unwrap_or_else(|| field.kind.refused_example());
                (field.key.to_string(), refused)
            })
            .collect();
        let errors = schema.check_changes(&values, &wrong, Writer::Person, TODAY).unwrap_err();
        let told: Vec<_> = errors.into_iter().map(|error| error.field).collect();
        let wanted: Vec<_> = wrong.into_keys().collect();
        assert_eq!(told, wanted, "{}", schema.id());
    }
}
