//! The four published forms, filled in with their own examples.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::form::{FieldValue, ValueSource};

const TODAY: Date = date(2026, 11, 22);

fn filled(schema: &Schema, given: &[(&str, Value)]) -> Values {
    let given = given.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    let examples = schema.examples_given(&given, TODAY);
    let stored =
        |value| FieldValue { value, source: ValueSource::Person, at: Timestamp::UNIX_EPOCH };
    examples.into_iter().map(|(key, value)| (key.parse().unwrap(), stored(value))).collect()
}

fn facts(model: &str, given: &[(&str, Value)]) -> CaseFacts {
    let schema = Schema::find(model).unwrap();
    CaseFacts::of(schema, &filled(schema, given))
}

fn in_days(days: i32) -> Date {
    TODAY.checked_add(jiff::Span::new().days(days)).unwrap()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn choice(code: &str, label: &str) -> Choice {
    Choice { code: text(code), label: text(label) }
}

fn address(street: &str, number: &str, postal_code: &str) -> AddressFacts {
    AddressFacts {
        street: Some(text(street)),
        number: Some(text(number)),
        municipality: Some(text("Foggia")),
        postal_code: Some(text(postal_code)),
        province: Some(choice("FG", "Foggia")),
    }
}

/// Debug hides what is compared, so each is compared by itself and named.
#[track_caller]
fn same<T: PartialEq>(what: &str, found: &T, expected: &T) {
    assert!(found == expected, "{what} is another");
}

#[test]
fn every_published_form_tells_who_the_worker_is_and_which_passport() {
    for schema in Schema::all() {
        let CaseFacts { worker, .. } = CaseFacts::of(schema, &filled(schema, &[]));
        let id = schema.id();
        let person = PersonFacts {
            surname: Some(text("Singh")),
            name: Some(text("Gurpreet")),
            sex: Some(Sex::Male),
            birth_date: Some(date(1990, 5, 14)),
            birth_country: Some(choice("IND", "India")),
            birth_place: Some(text("Jalandhar")),
            birth_province: None,
            citizenship: Some(choice("IND", "India")),
            marital_status: Some(choice("single", "Celibe o nubile")),
            fiscal_code: Some(text("SNGGPR90E14Z222N")),
        };
        same(id, &worker.person, &person);
        same(id, &worker.residence_country, &Some(choice("IND", "India")));
        same(id, &worker.residence_place, &Some(text("Jalandhar, Punjab")));
        let passport = PassportFacts {
            kind: Some(choice("ordinary", "Passaporto ordinario")),
            number: Some(text("Z1234567")),
            issued_by: Some(text("RPO Jalandhar")),
            issued_on: Some(in_days(-500)),
            expires_on: Some(in_days(2500)),
        };
        same(id, &worker.passport, &passport);
        assert_eq!(worker.consular_post.map(|post| post.code), Some(text("IND-new-delhi")), "{id}");
    }
}

#[test]
fn every_published_form_tells_who_signs_for_the_employer() {
    for schema in Schema::all() {
        let found = CaseFacts::of(schema, &filled(schema, &[]));
        let id = schema.id();
        let person = PersonFacts {
            surname: Some(text("Rossi")),
            name: Some(text("Mario")),
            sex: Some(Sex::Male),
            birth_date: Some(date(1980, 1, 1)),
            birth_country: Some(choice("ITA", "Italia")),
            birth_place: Some(text("Roma")),
            birth_province: Some(choice("RM", "Roma")),
            citizenship: Some(choice("ITA", "Italia")),
            marital_status: Some(choice("married", "Coniugato/a")),
            fiscal_code: Some(text("RSSMRA80A01H501U")),
        };
        same(id, &found.representative.person, &person);
        same(id, &found.representative.residence, &address("Corso Roma", "7", "71122"));
        same(id, &found.employer.pec, &Some(text("soledicapitanata@pec.example.it")));
    }
}

#[test]
fn firms_have_a_code_a_vat_number_and_a_seat() {
    for schema in ["c-stag-agricoltura@1", "c-stag-turismo@1", "b2020@1"] {
        let employer = facts(schema, &[]).employer;
        assert!(!employer.is_person, "{schema}");
        assert!(employer.name.is_some(), "{schema}");
        same(schema, &employer.fiscal_code, &Some(text("12345678903")));
        same(schema, &employer.vat_number, &Some(text("12345678903")));
        same(schema, &employer.legal_form, &Some(text("Società a responsabilità limitata")));
        same(schema, &employer.inps_number, &Some(text("3101234567")));
        same(schema, &employer.seat, &address("Via San Severo", "118", "71121"));
    }
}

/// Of a family the form asks for no company; a body that cares for people has one.
#[test]
fn a_family_employs_as_a_person_and_a_body_as_a_body() {
    let family = facts("a-bis@1", &[]).employer;
    assert!(family.is_person);
    same("name", &family.name, &Some(text("Rossi Mario")));
    same("code", &family.fiscal_code, &None);
    same("vat number", &family.vat_number, &None);
    same("seat", &family.seat, &AddressFacts::default());
    let body = facts("a-bis@1", &[("applicant_kind", json!("legal"))]).employer;
    assert!(!body.is_person);
    same("code", &body.fiscal_code, &Some(text("12345678903")));
    same("seat", &body.seat, &address("Via San Severo", "118", "71121"));
}

#[test]
fn seasonal_work_has_its_season_its_agreement_and_its_duties_by_istat() {
    let from = in_days(150);
    let to = in_days(330);
    let work = facts("c-stag-agricoltura@1", &[]);
    let ContractFacts { kind, days, weekly_hours, monthly_pay, .. } = work.contract;
    assert_eq!(kind, Some(ContractKind::Seasonal));
    assert_eq!((work.contract.from, work.contract.to, days), (Some(from), Some(to), Some(181)));
    assert_eq!((weekly_hours, monthly_pay), (Some(39), Some(142_000)));
    same("level", &work.contract.level, &Some(text("Area 3, operaio comune")));
    same("code of the duties", &work.contract.duties_code, &Some(text("8.3.1.1")));
    assert!(work.contract.duties.is_some_and(|duties| duties != "8.3.1.1"));
    let agreement = work.contract.ccnl.unwrap();
    assert_ne!(agreement, "operai-agricoli-florovivaisti");
    same("code of the agreement", &work.contract.ccnl_code, &Some(text("A011")));
    let description = Some(text("Raccolta e cernita di pomodori e asparagi."));
    same("description", &work.contract.duties_description, &description);
    same("workplace", &work.workplace, &address("Contrada Incoronata", "SNC", "71122"));

    let hotel = facts("c-stag-turismo@1", &[]);
    assert_eq!(hotel.contract.kind, Some(ContractKind::Seasonal));
    assert_eq!(hotel.contract.weekly_hours, Some(40));
    same("code of the duties", &hotel.contract.duties_code, &Some(text("5.2.2.3")));
    same("workplace", &hotel.workplace, &address("Lungomare Mattei", "SNC", "71122"));
}

#[test]
fn other_work_is_permanent_or_for_a_time_and_its_duties_are_typed() {
    let work = facts("b2020@1", &[]).contract;
    assert_eq!((work.kind, work.days), (Some(ContractKind::FixedTerm), Some(351)));
    assert_eq!(work.to, Some(in_days(500)));
    same("duties", &work.duties, &Some(text("Muratore")));
    same("their code", &work.duties_code, &Some(text("6.1.2.1")));
    same("description", &work.duties_description, &None);
    let permanent = facts("b2020@1", &[("contract_kind", json!("permanent"))]).contract;
    assert_eq!(
        (permanent.kind, permanent.to, permanent.days),
        (Some(ContractKind::Permanent), None, None)
    );
    let agreement = [("contract_ccnl", json!("altro"))];
    same(
        "typed agreement",
        &facts("b2020@1", &agreement).contract.ccnl,
        &Some(text("CCNL panificatori agricoli")),
    );
}

#[test]
fn care_has_the_level_of_domestic_work_or_a_typed_one() {
    let care = facts("a-bis@1", &[]);
    same("level", &care.contract.level, &Some(text("CS")));
    same("code of the duties", &care.contract.duties_code, &Some(text("5.4.4.3")));
    assert_eq!(care.contract.weekly_hours, Some(30));
    same("workplace", &care.workplace, &address("Via Gorizia", "SNC", "71122"));
    let other = facts("a-bis@1", &[("contract_ccnl", json!("altro"))]);
    same("typed level", &other.contract.level, &Some(text("C1")));
}

#[test]
fn a_home_is_told_with_its_title_its_certificate_and_its_rent() {
    let home = facts("c-stag-agricoltura@1", &[]).accommodation;
    assert!(!home.lives_in);
    same("title", &home.title, &Some(choice("owned", "Casa di proprietà del datore di lavoro")));
    same("address", &home.address, &address("Contrada Incoronata", "3", "71122"));
    same("issuer", &home.certificate_issued_by, &Some(choice("municipality", "Comune")));
    assert_eq!(home.certificate_date, Some(in_days(-90)));
    assert_eq!((home.request_date, home.monthly_rent), (None, Some(20_000)));
    assert_eq!(home.suitability.map(|choice| choice.code), Some(text("certificate")));
    assert_eq!(facts("b2020@1", &[]).accommodation.monthly_rent, None);

    let hotel = facts("b2020@1", &[("housing_title", json!("hotel"))]).accommodation;
    same("name", &hotel.hotel_name, &Some(text("Agriturismo Il Tratturo")));
    same("street", &hotel.address.street, &None);
    same("municipality", &hotel.address.municipality, &Some(text("Foggia")));
}

#[test]
fn whoever_lives_in_lives_where_the_work_is_done() {
    let care = facts("a-bis@1", &[("contract_live_in", json!(true))]);
    assert!(care.accommodation.lives_in);
    same("address", &care.accommodation.address, &care.workplace);
    same("title", &care.accommodation.title, &None);
}

#[test]
fn an_empty_form_tells_nothing() {
    for schema in Schema::all() {
        let found = CaseFacts::of(schema, &Values::new());
        same(schema.id(), &found.worker, &WorkerFacts::default());
        same(schema.id(), &found.representative, &RepresentativeFacts::default());
        same(schema.id(), &found.workplace, &AddressFacts::default());
        assert!(found.worker.person.particulars().is_none());
    }
}

/// ENT-1: the particulars that the portal sends to the Agenzia delle Entrate; without one of them it cannot ask.
#[test]
fn a_code_is_asked_for_with_all_particulars_or_not_at_all() {
    let schema = Schema::find("b2020@1").unwrap();
    let values = filled(schema, &[]);
    let told = CaseFacts::of(schema, &values).worker.person.particulars().unwrap();
    let expected = Particulars {
        surname: "Singh".to_owned(),
        name: "Gurpreet".to_owned(),
        sex: Sex::Male,
        birth_date: date(1990, 5, 14),
        birth_country: "IND".to_owned(),
        birth_place: "Jalandhar".to_owned(),
    };
    same("particulars", &told, &expected);
    let needed = ["surname", "name", "sex", "birth_date", "birth_country", "birth_place"];
    for missing in needed.map(|part| format!("worker_{part}")) {
        let mut values = values.clone();
        values.remove(missing.as_str()).unwrap();
        assert!(CaseFacts::of(schema, &values).worker.person.particulars().is_none(), "{missing}");
    }
}

/// ENT-1: a definitive code that the form already has is used; a provisional or another person's is not.
#[test]
fn only_a_definitive_code_of_that_birth_counts_as_definitive() {
    let with = |code: &str| facts("b2020@1", &[("worker_fiscal_code", json!(code))]).worker.person;
    let definitive = with("SNGGPR90E14Z222N");
    assert_eq!(definitive.definitive_code().unwrap().reveal(), "SNGGPR90E14Z222N");
    assert_eq!(definitive.provisional_code(), None);
    let provisional = with("12345678903");
    assert!(provisional.definitive_code().is_none());
    assert_eq!(provisional.provisional_code(), Some(text("12345678903")));
    assert!(with("RSSMRA80A01H501U").definitive_code().is_none());
    let none = facts("b2020@1", &[("worker_fiscal_code", Value::Null)]).worker.person;
    assert!(none.definitive_code().is_none() && none.provisional_code().is_none());
}

/// PRV-1
#[test]
fn facts_never_print_themselves() {
    let found = facts("c-stag-agricoltura@1", &[]);
    let shown = format!(
        "{found:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        found.worker,
        found.worker.person,
        found.worker.person.particulars(),
        found.worker.passport,
        found.worker.person.citizenship,
        found.employer,
        found.contract,
        found.accommodation.address,
    );
    for personal in ["Singh", "Z1234567", "India", "12345678903", "1990", "Incoronata"] {
        assert!(!shown.contains(personal), "{personal}");
    }
}

/// Without this test a key that no form has would go unnoticed: its value would always be none.
#[test]
fn every_key_that_is_spelled_here_stands_in_a_published_form() {
    let known: BTreeSet<_> = Schema::all()
        .iter()
        .flat_map(Schema::fields)
        .map(|field| field.key.as_str().to_owned())
        .collect();
    let source = include_str!("../case_facts.rs");
    let spelled: BTreeSet<_> = source
        .split(['"'])
        .skip(1)
        .step_by(2)
        .filter(|text| text.contains('_') && !text.contains(['{', ' ']))
        .map(str::to_owned)
        .collect();
    assert!(spelled.len() > 20, "{}", spelled.len());
    for key in spelled {
        let is_prefix = known.iter().any(|field| field.starts_with(&format!("{key}_")));
        let is_part = known.iter().any(|field| field.ends_with(&format!("_{key}")));
        assert!(known.contains(&key) || is_prefix || is_part, "{key}");
    }
}

/// AGR-1: art. 4-bis c. 2 D.Lgs. 286/1998; art. 2 DPR 179/2011.
#[test]
fn the_integration_agreement_is_for_those_who_come_for_a_year_or_longer() {
    let with = |kind, days| {
        let mut facts = facts("b2020@1", &[]);
        (facts.contract.kind, facts.contract.days) = (kind, days);
        facts.agreement_applies()
    };
    assert!(with(Some(ContractKind::Permanent), None));
    assert!(with(Some(ContractKind::FixedTerm), Some(365)));
    assert!(!with(Some(ContractKind::FixedTerm), Some(364)));
    assert!(!with(Some(ContractKind::FixedTerm), None));
    assert!(!with(Some(ContractKind::Seasonal), Some(365)));
    assert!(!with(None, Some(365)));
}
