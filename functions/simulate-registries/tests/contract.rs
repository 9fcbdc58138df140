//! Client and simulator against the registries' OpenAPI files, and against each other on a real wire (CHK-2, ENR-1).
#![cfg(test)]
// `jsonschema` does the checking: the schemas of OpenAPI 3.1 are JSON Schema 2020-12, which is more than a page of our own.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, http::HeaderMap, response::Response};
use domain::{
    case_facts::Particulars,
    fiscal_code::{PersonCode, Sex},
    form::{Mode, Registry, Schema, Values, Writer},
};
use jiff::{Timestamp, civil::date};
use jsonschema::Validator;
use outside::registries::{
    Assigned, Credentials, Registries, RegistryAnswer, RegistryError, Representation, Subject,
};
use serde_json::{Value, json};
use simulate_registries::{
    Behaviour, Delays, Demand, Operation, ParsedQuestion, Population, QuestionHistory, Scope,
};

const REFERENCE: &str = "app_contract";
const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const DELAYS: Delays = Delays { regular: Duration::from_secs(2) };

/// Every example follows its schema, so that the client's test below means something.
#[test]
fn every_example_follows_its_schema() {
    let contract = Contract::read();
    let mut seen = 0;
    for (path, (document, operation)) in &contract.operations {
        let (media, request) = only_member(&operation["requestBody"]["content"]);
        check(document, &request["schema"], &request["example"])
            .unwrap_or_else(|why| panic!("{path} {media}: {why}"));
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolved(document, response);
            let (media, content) = only_member(&response["content"]);
            check(document, &content["schema"], &content["example"])
                .unwrap_or_else(|why| panic!("{path} {status} {media}: {why}"));
            seen += 1;
        }
    }
    assert_eq!(
        contract.operations.len(),
        Operation::ALL.len() + 1,
        "nine questions and the voucher"
    );
    assert!(seen >= 32, "{seen} examples");
}

/// CHK-2, ENR-1: what the client sends follows the files, and it reads what the files show.
#[tokio::test]
async fn the_client_asks_as_agreed_and_reads_the_examples() {
    let world = World::of_examples().await;
    let company = Subject::new(person(), Some("12345678903".parse().unwrap()), true);
    let body = Subject::new(person(), Some("12345678903".parse().unwrap()), false);
    let alone = Subject::new(person(), None, false);

    assert_eq!(world.client.represents(REFERENCE, &company).await, Ok(Representation::Yes));
    assert_eq!(world.client.represents(REFERENCE, &body).await, Ok(Representation::Yes));
    assert_eq!(world.client.represents(REFERENCE, &alone).await, Ok(Representation::Yes));
    let address = world.client.certified_address(REFERENCE, &company).await.unwrap().unwrap();
    assert_eq!(address.reveal(), "azienda.esempio@pec.demo.invalid");
    let address = world.client.certified_address(REFERENCE, &alone).await.unwrap().unwrap();
    assert_eq!(address.reveal(), "persona.esempio@pec.demo.invalid");
    for (registry, mode, key, value) in [
        (Registry::Unioncamere, Mode::Now, "employer_chamber_number", json!("123456")),
        (Registry::AgenziaEntrate, Mode::Now, "representative_birth_date", json!("1980-01-01")),
        (Registry::AgenziaEntrate, Mode::Later, "employer_turnover", json!(18_000_000)),
        (Registry::Inps, Mode::Later, "employer_employees", json!(12)),
        (Registry::IniPec, Mode::Now, "contact_pec", json!("azienda.esempio@pec.demo.invalid")),
    ] {
        let Ok(RegistryAnswer::Facts(facts)) =
            world.client.facts(REFERENCE, registry, mode, &company).await
        else {
            panic!("{registry:?} {mode:?} gave no facts")
        };
        assert_eq!(facts.get(key), Some(&value), "{key}");
    }

    let code = world.client.assigned_code(REFERENCE, &worker("Jalandhar")).await;
    assert_eq!(code, Ok(Assigned::Code("SNGGPR90E14Z222N".parse().unwrap())));

    let asked = world.asked();
    assert_eq!(
        asked.iter().filter(|path| *path == "voucher").count(),
        1,
        "one voucher serves all questions"
    );
    let distinct: BTreeSet<_> = asked.into_iter().collect();
    assert_eq!(distinct.len(), Operation::ALL.len() + 1, "every operation was asked");
    assert_eq!(world.violations(), Vec::<String>::new());
}

/// Every answer of the simulator follows the files, but for those whose whole point is not to.
#[test]
fn the_simulator_answers_as_agreed_whatever_it_plays() {
    let contract = Contract::read();
    for (behaviour, _) in Behaviour::ALL {
        for (scope, _) in Scope::ALL {
            let demand = Demand { behaviour, scope };
            let company = Population::employer_with(7, demand);
            let body = Population::body_with(8, demand);
            let trader = Population::person_with(9, demand);
            let subjects = [
                (company.company_code.reveal(), company.representative.fiscal_code.reveal()),
                (body.company_code.reveal(), body.representative.fiscal_code.reveal()),
                (trader.fiscal_code.reveal(), trader.fiscal_code.reveal()),
            ];
            for ((code, person), (operation, path)) in subjects
                .into_iter()
                .flat_map(|subject| Operation::ALL.map(|operation| (subject, operation)))
            {
                for asked_before in 0..3 {
                    let past = QuestionHistory { asked_before, first_asked: NOW };
                    let asked = match operation {
                        Operation::Assignment => {
                            ask_for_code("IND", &Population::place_with("Jalandhar", demand))
                        }
                        _ => ask(operation, code, person),
                    };
                    let answer = asked.answer(past, NOW, DELAYS);
                    let kept = contract.check_response(
                        path,
                        answer.status,
                        answer.content_type,
                        &answer.body,
                    );
                    let breaks_off = match demand.at(operation) {
                        // A 404 can be cut, too.
                        Behaviour::CutJson => true,
                        // A subject that is not in the registry is absent in every behaviour: that 404 is whole.
                        Behaviour::Page | Behaviour::WrongTypes => answer.status == 200,
                        Behaviour::AddressUnusable => {
                            operation.scope() == Scope::Address && answer.status == 200
                        }
                        _ => false,
                    };
                    if breaks_off {
                        assert!(kept.is_err(), "{behaviour:?} kept to the contract of {path}");
                    } else {
                        kept.unwrap_or_else(|why| panic!("{behaviour:?} {path}: {why}"));
                    }
                }
            }
        }
    }
}

/// CHK-2: each thing that a registry can do wrong is a result with a name.
#[tokio::test]
async fn the_representation_check_ends_in_a_named_result() {
    let world = World::of_simulators().await;
    let cases: [(Behaviour, Result<Representation, RegistryError>); 13] = [
        (Behaviour::Regular, Ok(Representation::Yes)),
        (Behaviour::NotFound, Ok(Representation::UnknownCompany)),
        (Behaviour::RepresentativeDiffers, Ok(Representation::No)),
        (Behaviour::Down, Err(RegistryError::Unavailable { status: Some(500) })),
        (Behaviour::DownTwice, Err(RegistryError::Unavailable { status: Some(500) })),
        (Behaviour::Throttled, Err(RegistryError::Unavailable { status: Some(429) })),
        (Behaviour::TimesOut, Err(RegistryError::TimedOut)),
        (Behaviour::CutJson, Err(RegistryError::Malformed)),
        (Behaviour::WrongTypes, Err(RegistryError::Malformed)),
        (Behaviour::Page, Err(RegistryError::Malformed)),
        (Behaviour::AnotherSubject, Err(RegistryError::AnotherSubject)),
        (Behaviour::Forbidden, Err(RegistryError::Refused { status: 403 })),
        // The client fetches another voucher and asks once more.
        (Behaviour::VoucherWithdrawn, Ok(Representation::Yes)),
    ];
    for (n, (behaviour, expected)) in (100..).zip(cases) {
        for employer in [
            Population::employer_with(n, behaviour.into()),
            Population::body_with(n, behaviour.into()),
        ] {
            let subject = subject_of(&employer);
            assert_eq!(
                world.client.represents(REFERENCE, &subject).await,
                expected,
                "{behaviour:?}"
            );
            let elsewhere = Demand { behaviour, scope: Scope::FactsLater };
            let subject = subject_of(&Population::employer_with(n, elsewhere));
            assert_eq!(
                world.client.represents(REFERENCE, &subject).await,
                Ok(Representation::Yes),
                "{behaviour:?} elsewhere"
            );
        }
    }
    let stranger = Subject::new(
        Population::person(5).fiscal_code.into(),
        Some(Population::employer(6).company_code),
        true,
    );
    assert_eq!(world.client.represents(REFERENCE, &stranger).await, Ok(Representation::No));
    assert_eq!(world.violations(), Vec::<String>::new());
}

/// CHK-2: what was down comes back, and the same question is then answered.
#[tokio::test]
async fn a_registry_that_was_down_twice_answers_the_third_time() {
    let world = World::of_simulators().await;
    let subject = subject_of(&Population::employer_with(20, Behaviour::DownTwice.into()));
    for _ in 0..2 {
        let answer = world.client.represents(REFERENCE, &subject).await;
        assert!(answer.is_err_and(RegistryError::retryable));
    }
    assert_eq!(world.client.represents(REFERENCE, &subject).await, Ok(Representation::Yes));
    let answer = world.client.represents("app_another", &subject).await;
    assert!(answer.is_err(), "another application starts anew");
}

/// CHK-2, PEC-1: no address, an unusable one, one that has ended.
#[tokio::test]
async fn the_certified_address_is_found_or_absent_or_unusable() {
    let world = World::of_simulators().await;
    let company =
        |behaviour: Behaviour| subject_of(&Population::employer_with(30, behaviour.into()));
    let body = |behaviour: Behaviour| subject_of(&Population::body_with(31, behaviour.into()));
    let alone = |behaviour: Behaviour| {
        Subject::new(Population::person_with(32, behaviour.into()).fiscal_code.into(), None, false)
    };
    let expected = [
        Population::employer(30).pec,
        Population::body_with(31, Demand::default()).pec,
        Population::person(32).pec,
    ];
    let subjects = |behaviour| [company(behaviour), body(behaviour), alone(behaviour)];
    for (subject, expected) in subjects(Behaviour::Regular).iter().zip(expected) {
        let address = world.client.certified_address(REFERENCE, subject).await.unwrap().unwrap();
        assert_eq!(address.reveal(), expected);
        assert!(expected.ends_with(".invalid"), "a demo address must never be deliverable");
    }
    for behaviour in [Behaviour::NoAddress, Behaviour::AddressEnded, Behaviour::NotFound] {
        for subject in subjects(behaviour) {
            assert_eq!(
                world.client.certified_address(REFERENCE, &subject).await,
                Ok(None),
                "{behaviour:?}"
            );
        }
    }
    for subject in subjects(Behaviour::AddressUnusable) {
        assert_eq!(
            world.client.certified_address(REFERENCE, &subject).await,
            Err(RegistryError::Malformed)
        );
    }
    for subject in subjects(Behaviour::AnotherSubject) {
        assert_eq!(
            world.client.certified_address(REFERENCE, &subject).await,
            Err(RegistryError::AnotherSubject)
        );
    }
}

/// ENR-1: each registry fills exactly the fields that the form expects of it, with values that the form accepts.
#[tokio::test]
async fn the_registries_fill_exactly_the_fields_of_the_form() {
    let world = World::of_simulators().await;
    let schema = Schema::find("c-stag-agricoltura@1").unwrap();
    let at_once = Demand::from(Behaviour::AtOnce);
    for n in 0..40 {
        for employer in [Population::employer_with(n, at_once), Population::body_with(n, at_once)] {
            let mut values = Values::new();
            let start = BTreeMap::from([
                ("in_business_register".to_owned(), json!(employer.in_register)),
                ("employer_fiscal_code".to_owned(), json!(employer.company_code.reveal())),
                (
                    "representative_fiscal_code".to_owned(),
                    json!(employer.representative.fiscal_code.reveal()),
                ),
            ]);
            write(schema, &mut values, &start, Writer::System);
            for (registry, mode) in schema.registries_needed(&values) {
                let answer =
                    world.client.facts(REFERENCE, registry, mode, &subject_of(&employer)).await;
                let Ok(RegistryAnswer::Facts(facts)) = answer else {
                    panic!("{registry:?} {mode:?}: {answer:?}")
                };
                let before = values.clone();
                write(schema, &mut values, &facts, Writer::Registry(registry));
                let told: BTreeSet<&str> = facts.keys().map(String::as_str).collect();
                let wanted: BTreeSet<&str> = schema
                    .registry_fields(registry, mode, &values)
                    .map(|field| field.key.as_str())
                    .collect();
                assert_eq!(told, wanted, "{registry:?} {mode:?}");
                assert!(values.len() > before.len());
            }
        }
    }
    assert_eq!(world.violations(), Vec::<String>::new());
}

/// CHK-1, ENR-1: the registries give what a family's form asks; the client passes over the rest.
#[tokio::test]
async fn the_registries_fill_every_field_of_a_familys_form() {
    let world = World::of_simulators().await;
    let schema = Schema::find("a-bis@1").unwrap();
    for n in 0..40 {
        let person = Population::person_with(n, Behaviour::AtOnce.into());
        let subject = Subject::new(person.fiscal_code.clone().into(), None, false);
        let mut values = Values::new();
        let start = BTreeMap::from([
            ("applicant_kind".to_owned(), json!("natural")),
            ("representative_fiscal_code".to_owned(), json!(person.fiscal_code.reveal())),
        ]);
        write(schema, &mut values, &start, Writer::System);
        for (registry, mode) in schema.registries_needed(&values) {
            let answer = world.client.facts(REFERENCE, registry, mode, &subject).await;
            let Ok(RegistryAnswer::Facts(facts)) = answer else {
                panic!("{registry:?} {mode:?}: {answer:?}")
            };
            let wanted: Vec<String> = schema
                .registry_fields(registry, mode, &values)
                .map(|field| field.key.to_string())
                .collect();
            let told: BTreeMap<_, _> =
                facts.into_iter().filter(|(key, _)| wanted.contains(key)).collect();
            write(schema, &mut values, &told, Writer::Registry(registry));
            // The province of birth comes into view with the country.
            for key in wanted {
                assert!(values.contains_key(key.as_str()), "{registry:?} {mode:?}: {key}");
            }
        }
        assert_eq!(values["contact_pec"].value, json!(person.pec));
    }
    assert_eq!(world.violations(), Vec::<String>::new());
}

/// ENR-2: late, never, down, wrong, about another subject: each has its name, and only a refusal is final.
#[tokio::test]
async fn an_enrichment_ends_in_a_named_result() {
    let world = World::of_simulators().await;
    let not_yet =
        |seconds| Ok(RegistryAnswer::NotYet { retry_after: Duration::from_secs(seconds) });
    let cases = [
        (Behaviour::Regular, not_yet(2)),
        (Behaviour::Late, not_yet(16)),
        (Behaviour::NeverReady, not_yet(30)),
        (Behaviour::NotFound, Ok(RegistryAnswer::Unknown)),
        (Behaviour::TimesOut, Err(RegistryError::TimedOut)),
        (Behaviour::TimesOutOnce, Err(RegistryError::TimedOut)),
        (Behaviour::CutJson, Err(RegistryError::Malformed)),
        (Behaviour::WrongTypes, Err(RegistryError::Malformed)),
        (Behaviour::AnotherSubject, Err(RegistryError::AnotherSubject)),
        (Behaviour::Down, Err(RegistryError::Unavailable { status: Some(500) })),
        (Behaviour::Forbidden, Err(RegistryError::Refused { status: 403 })),
    ];
    for (n, (behaviour, expected)) in (200..).zip(cases) {
        let subject = subject_of(&Population::employer_with(
            n,
            Demand { behaviour, scope: Scope::FactsLater },
        ));
        for registry in [Registry::Inps, Registry::AgenziaEntrate] {
            let answer = world.client.facts(REFERENCE, registry, Mode::Later, &subject).await;
            assert_eq!(answer, expected, "{behaviour:?} {registry:?}");
        }
        assert!(
            world.client.facts(REFERENCE, Registry::Unioncamere, Mode::Now, &subject).await.is_ok()
        );
    }
}

/// ENR-1: the answer that was being prepared is there once its delay has passed, not a moment earlier.
#[test]
fn what_is_late_is_ready_after_its_delay() {
    for (behaviour, seconds) in [(Behaviour::Regular, 2), (Behaviour::Late, 16)] {
        let employer = Population::employer_with(3, behaviour.into());
        let asked = ask(Operation::Position, employer.company_code.reveal(), "");
        let status_after = |millisecond| {
            let now = Timestamp::from_millisecond(millisecond).unwrap();
            asked.answer(QuestionHistory { asked_before: 1, first_asked: NOW }, now, DELAYS).status
        };
        assert_eq!(status_after(seconds * 1000 - 1), 202);
        assert_eq!(status_after(seconds * 1000), 200);
    }
}

/// ENT-1: the code follows from the particulars, at once or later, and each thing that can go wrong has its name.
#[tokio::test]
async fn a_request_for_a_definitive_code_ends_in_a_named_result() {
    let world = World::of_simulators().await;
    let given = Ok(Assigned::Code("SNGGPR90E14Z222N".parse().unwrap()));
    let not_yet = |seconds| Ok(Assigned::NotYet { retry_after: Duration::from_secs(seconds) });
    let cases = [
        (Behaviour::Regular, given.clone()),
        (Behaviour::AtOnce, given.clone()),
        (Behaviour::Late, not_yet(16)),
        (Behaviour::NeverReady, not_yet(30)),
        (Behaviour::NotFound, Ok(Assigned::Refused)),
        (Behaviour::VoucherWithdrawn, given),
        (Behaviour::Down, Err(RegistryError::Unavailable { status: Some(500) })),
        (Behaviour::Throttled, Err(RegistryError::Unavailable { status: Some(429) })),
        (Behaviour::TimesOut, Err(RegistryError::TimedOut)),
        (Behaviour::CutJson, Err(RegistryError::Malformed)),
        (Behaviour::WrongTypes, Err(RegistryError::Malformed)),
        (Behaviour::Page, Err(RegistryError::Malformed)),
        (Behaviour::AnotherSubject, Err(RegistryError::AnotherSubject)),
        (Behaviour::Forbidden, Err(RegistryError::Refused { status: 403 })),
    ];
    for (behaviour, expected) in cases {
        let demand = Demand { behaviour, scope: Scope::FactsLater };
        let person = worker(&Population::place_with("Jalandhar", demand));
        let answer = world.client.assigned_code(REFERENCE, &person).await;
        assert_eq!(answer, expected, "{behaviour:?}");
    }
    let of_nowhere = Particulars { birth_country: "ATA".to_owned(), ..worker("McMurdo") };
    let answer = world.client.assigned_code(REFERENCE, &of_nowhere).await;
    assert_eq!(answer, Ok(Assigned::Refused), "a country without a code");
    assert_eq!(world.violations(), Vec::<String>::new());
}

/// ENT-1: the client believes no code of another birth or sex, whatever the echo says.
#[tokio::test]
async fn a_code_that_cannot_be_the_workers_is_not_believed() {
    for (code, why) in [
        ("SNGGPR91E14Z222O", "another year"),
        ("SNGGPR90E54Z222R", "a woman's"),
        ("12345678903", "a provisional one"),
        ("SNGGPR90E14Z222X", "a wrong check character"),
    ] {
        let answer = Arc::new(json!({
            "cognome": "SINGH", "nome": "GURPREET", "dataNascita": "1990-05-14", "codiceFiscale": code,
        }));
        let world = World::with(move |contract, _, path, _, _| {
            Some(whole(match path {
                "voucher" => contract.example(path),
                _ => answer.to_string(),
            }))
        })
        .await;
        let answer = world.client.assigned_code(REFERENCE, &worker("Jalandhar")).await;
        assert!(
            matches!(answer, Err(RegistryError::AnotherSubject | RegistryError::Malformed)),
            "{why}: {answer:?}"
        );
    }
}

/// ENT-1: what was being prepared is there once its delay has passed; usually it is there at once.
#[test]
fn a_late_code_is_ready_after_its_delay() {
    let late = Demand { behaviour: Behaviour::Late, scope: Scope::FactsLater };
    let asked = ask_for_code("IND", &Population::place_with("Jalandhar", late));
    let answer_after = |millisecond| {
        let now = Timestamp::from_millisecond(millisecond).unwrap();
        asked.answer(QuestionHistory { asked_before: 1, first_asked: NOW }, now, DELAYS)
    };
    assert!(asked.needs_past());
    assert_eq!(answer_after(15_999).status, 202);
    let answer: Value = serde_json::from_str(&answer_after(16_000).body).unwrap();
    assert_eq!(answer["codiceFiscale"], "SNGGPR90E14Z222N");
    let regular = ask_for_code("IND", "Jalandhar");
    assert!(!regular.needs_past());
}

/// Particulars as the contract does not know them are refused before anything is computed.
#[test]
fn particulars_that_are_not_as_agreed_are_refused() {
    let whole = particulars("IND", "Jalandhar");
    for (member, wrong) in [
        ("cognome", json!("")),
        ("nome", json!("x".repeat(61))),
        ("sesso", json!("X")),
        ("dataNascita", json!("14/05/1990")),
        ("statoNascita", json!("India")),
        ("luogoNascita", json!(null)),
        ("passaporto", json!("Z1234567")),
    ] {
        let mut body = whole.clone();
        body[member] = wrong;
        let asked =
            ParsedQuestion::read(Operation::Assignment, body.to_string().as_bytes(), REFERENCE);
        assert!(asked.is_err(), "{member}");
    }
}

/// No error of the client holds a question or an answer.
#[tokio::test]
async fn errors_hold_no_personal_data() {
    let world = World::of_simulators().await;
    for (n, (behaviour, _)) in (300..).zip(Behaviour::ALL) {
        let employer = Population::employer_with(n, behaviour.into());
        let Err(error) = world.client.represents(REFERENCE, &subject_of(&employer)).await else {
            continue;
        };
        for text in [format!("{error}"), format!("{error:?}")] {
            for marked in [
                employer.company_code.reveal(),
                employer.representative.fiscal_code.reveal(),
                &employer.representative.last_name,
            ] {
                assert!(!text.contains(marked), "{behaviour:?}: {text}");
            }
        }
    }
}

/// Without a listener there is an error with a name, too; and an address without TLS is for this machine only.
#[tokio::test]
async fn an_absent_gateway_is_unavailable_and_plain_http_stays_at_home() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Registries::new(
        &format!("http://{address}/registries"),
        credentials(),
        Duration::from_secs(1),
    )
    .unwrap();
    let answer = client.represents(REFERENCE, &subject_of(&Population::employer(1))).await;
    assert_eq!(answer, Err(RegistryError::Unavailable { status: None }));
    assert!(
        Registries::new("http://registri.example", credentials(), Duration::from_secs(1)).is_err()
    );
}

fn person() -> PersonCode {
    "RSSMRA80A01H501U".parse().unwrap()
}

fn worker(place: &str) -> Particulars {
    Particulars {
        surname: "Singh".to_owned(),
        name: "Gurpreet".to_owned(),
        sex: Sex::Male,
        birth_date: date(1990, 5, 14),
        birth_country: "IND".to_owned(),
        birth_place: place.to_owned(),
    }
}

fn particulars(country: &str, place: &str) -> Value {
    json!({
        "cognome": "Singh", "nome": "Gurpreet", "sesso": "M", "dataNascita": "1990-05-14",
        "statoNascita": country, "luogoNascita": place,
    })
}

fn ask_for_code(country: &str, place: &str) -> ParsedQuestion {
    let body = particulars(country, place).to_string();
    ParsedQuestion::read(Operation::Assignment, body.as_bytes(), REFERENCE)
        .expect("a question as agreed")
}

fn credentials() -> Credentials {
    Credentials {
        client_id: "portale".to_owned(),
        client_secret: "a-secret-of-the-deployment".to_owned(),
    }
}

fn subject_of(employer: &simulate_registries::DemoEmployer) -> Subject {
    Subject::new(
        employer.representative.fiscal_code.clone().into(),
        Some(employer.company_code.clone()),
        employer.in_register,
    )
}

fn write(schema: &Schema, values: &mut Values, wanted: &BTreeMap<String, Value>, by: Writer) {
    let accepted = schema
        .check_changes(values, wanted, by, date(2026, 11, 22))
        .unwrap_or_else(|errors| panic!("{by:?}: {errors:?} in {wanted:?}"));
    schema.apply(values, accepted, by, NOW);
}

fn ask(operation: Operation, code: &str, person: &str) -> ParsedQuestion {
    let body = match operation {
        Operation::CompanyRepresentation | Operation::BodyRepresentation => {
            json!({ "codiceFiscaleSoggetto": code, "codiceFiscalePersona": person })
        }
        Operation::Domiciles => json!({ "codiceFiscale": code, "practicalReference": REFERENCE }),
        _ => json!({ "codiceFiscale": code }),
    };
    ParsedQuestion::read(operation, body.to_string().as_bytes(), REFERENCE)
        .expect("a question as agreed")
}

/// The registries' files, by the path of each operation.
struct Contract {
    operations: BTreeMap<String, (Arc<Value>, Value)>,
}

impl Contract {
    fn read() -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/registries");
        let mut operations = BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let document: Arc<Value> =
                Arc::new(serde_norway::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap());
            for (route, item) in document["paths"].as_object().unwrap() {
                let operation = item["post"].clone();
                operations.insert(
                    route.trim_start_matches('/').to_owned(),
                    (document.clone(), operation),
                );
            }
        }
        Self { operations }
    }

    fn check_request(&self, path: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
        let (document, operation) =
            self.operations.get(path).ok_or(format!("{path} is in no file"))?;
        let content_type = headers["content-type"].to_str().unwrap();
        let content = &operation["requestBody"]["content"][content_type];
        let instance = match content_type {
            "application/json" => {
                serde_json::from_slice(body).map_err(|error| error.to_string())?
            }
            "application/x-www-form-urlencoded" => form_urlencoded::parse(body)
                .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
                .collect(),
            other => return Err(format!("{path}: {other}")),
        };
        check(document, &content["schema"], &instance)?;
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(document, parameter);
            let name = parameter["name"].as_str().unwrap();
            let value = headers.get(name).ok_or(format!("{path}: no {name}"))?.to_str().unwrap();
            check(document, &parameter["schema"], &json!(value))?;
        }
        let is_open = operation["security"].is_null() && document["security"] == json!([]);
        let voucher = headers.get("authorization").map(|value| value.to_str().unwrap());
        if !is_open && !voucher.is_some_and(|voucher| voucher.starts_with("Bearer ")) {
            return Err(format!("{path}: no voucher"));
        }
        Ok(())
    }

    fn check_response(
        &self,
        path: &str,
        status: u16,
        content_type: &str,
        body: &str,
    ) -> Result<(), String> {
        let (document, operation) =
            self.operations.get(path).ok_or(format!("{path} is in no file"))?;
        let responses = &operation["responses"];
        let response = responses
            .get(status.to_string())
            .or(responses.get("default"))
            .ok_or(format!("{status}"))?;
        let content = resolved(document, response)["content"]
            .get(content_type)
            .ok_or(format!("{status} of {content_type}"))?;
        let instance = serde_json::from_str(body).map_err(|error| error.to_string())?;
        check(document, &content["schema"], &instance)
    }

    fn example(&self, path: &str) -> String {
        let (document, operation) = &self.operations[path];
        let response = resolved(document, &operation["responses"]["200"]);
        let mut example = response["content"]["application/json"]["example"].clone();
        // The tax register's example is of a person; the representation's of another pair.
        if path.ends_with("rappresentanza") {
            example["codiceFiscalePersona"] = json!("RSSMRA80A01H501U");
        }
        example.to_string()
    }
}

fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    match node["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => node,
    }
}

fn check(document: &Value, schema: &Value, instance: &Value) -> Result<(), String> {
    thread_local! {
        /// Compiling a schema takes milliseconds, and thousands of answers are checked.
        static VALIDATORS: RefCell<HashMap<String, Rc<Validator>>> = RefCell::default();
    }
    let name = format!("{} {schema}", document["info"]["title"]);
    let validator = VALIDATORS.with_borrow_mut(|validators| {
        let compiled = || {
            let mut schema = schema.clone();
            schema["components"] = document["components"].clone();
            Rc::new(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
        };
        validators.entry(name).or_insert_with(compiled).clone()
    });
    validator.validate(instance).map_err(|error| format!("{error} at {}", error.instance_path()))
}

/// A server on the loopback that checks every question, and a client that asks it.
struct World {
    client: Registries,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    asked: Mutex<Vec<String>>,
    violations: Mutex<Vec<String>>,
    past: Mutex<HashMap<String, u32>>,
}

impl World {
    /// Answers with the examples of the files.
    async fn of_examples() -> Self {
        Self::with(|contract, _, path, _, _| Some(whole(contract.example(path)))).await
    }

    /// Answers as the simulators do; a question is counted here, as their table does when deployed.
    async fn of_simulators() -> Self {
        Self::with(|contract, seen, path, reference, body| {
            let Some(operation) = Operation::of_path(path) else {
                return Some(whole(contract.example(path)));
            };
            let asked =
                ParsedQuestion::read(operation, body, reference).expect("a question as agreed");
            let mut past = seen.past.lock().unwrap();
            let count = past.entry(format!("{path} {reference} {:?}", asked.codes())).or_default();
            let answer = asked.answer(
                QuestionHistory { asked_before: *count, first_asked: NOW },
                NOW,
                DELAYS,
            );
            *count += 1;
            Some(answer).filter(|answer| !answer.stalls)
        })
        .await
    }

    async fn with<Respond>(respond: Respond) -> Self
    where
        Respond: Fn(&Contract, &Seen, &str, &str, &[u8]) -> Option<simulate_registries::WireAnswer>
            + Clone
            + Send
            + Sync
            + 'static,
    {
        let seen = Arc::new(Seen::default());
        let contract = Arc::new(Contract::read());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/registries", listener.local_addr().unwrap());
        let server = {
            let seen = seen.clone();
            Router::new().fallback(move |uri: axum::http::Uri, headers: HeaderMap, body: Bytes| {
                let (seen, contract, respond) = (seen.clone(), contract.clone(), respond.clone());
                async move {
                    let path = uri.path().trim_start_matches("/registries/").to_owned();
                    seen.asked.lock().unwrap().push(path.clone());
                    if let Err(why) = contract.check_request(&path, &headers, &body) {
                        seen.violations.lock().unwrap().push(why);
                    }
                    let reference =
                        headers.get("x-reference").map_or("", |value| value.to_str().unwrap());
                    let Some(answer) = respond(&contract, &seen, &path, reference, &body) else {
                        return std::future::pending().await;
                    };
                    let mut response = Response::builder()
                        .status(answer.status)
                        .header("content-type", answer.content_type);
                    if let Some(seconds) = answer.retry_after {
                        response = response.header("retry-after", seconds);
                    }
                    response.body(axum::body::Body::from(answer.body)).unwrap()
                }
            })
        };
        tokio::spawn(async move { axum::serve(listener, server).await });
        let client = Registries::new(&base_url, credentials(), Duration::from_millis(700)).unwrap();
        Self { client, seen }
    }

    fn asked(&self) -> Vec<String> {
        self.seen.asked.lock().unwrap().clone()
    }

    fn violations(&self) -> Vec<String> {
        self.seen.violations.lock().unwrap().clone()
    }
}

fn whole(body: String) -> simulate_registries::WireAnswer {
    simulate_registries::WireAnswer {
        status: 200,
        content_type: "application/json",
        body,
        retry_after: None,
        stalls: false,
    }
}

fn only_member(object: &Value) -> (&str, &Value) {
    let (name, value) = object.as_object().unwrap().iter().next().unwrap();
    (name, value)
}
