//! What managing organisations refuses before it asks the store anything, and how it reads its requests (ORG-2, ORG-4).

use domain::{
    ids::AccountId,
    organisation::{Basis, BasisKind, ListRefused, OrganisationKind, RowOutcome},
    permission::Role,
};
use edge::http;
use jiff::Timestamp;
use scenes::{anna, authenticator, caller, parties, rome, tokens};
use serde_json::{Value, json};
use store::accounts::Account;

use super::*;
use crate::request::{HandOver, NewOrganisation, WrongRow, leaving_from, operator_rows};

const OPERATORS: &str = include_str!("../../../events/manage-organisation/operators.json");
const LEAVING: &str = include_str!("../../../events/manage-organisation/leaving.json");
const HAND_OVER: &str = include_str!("../../../events/manage-organisation/hand-over.json");

fn needs() -> App {
    let keying = keying();
    App {
        authenticator: authenticator(),
        store: scenes::store(),
        cursors: CursorKey::new(keying.derived("cursor")),
        keying,
    }
}

fn keying() -> Keying {
    Keying::new(b"keying secret of the tests".to_vec())
}

/// The patronato of the parties, whose protocol holds until the end of 2026.
fn patronato() -> Organisation {
    Organisation {
        id: parties().organisation.unwrap(),
        kind: OrganisationKind::Patronato,
        name: "Patronato Esempio".to_owned(),
        fiscal_code: "00363460718".to_owned(),
        address: "Via Napoli 6, 71122 Foggia".to_owned(),
        province: "FG".to_owned(),
        basis: Basis {
            kind: BasisKind::LabourProtocol,
            reference: "Protocollo d'intesa del 3 agosto 2022".to_owned(),
            from: rome("2026-01-01 00:00"),
            until: Some(rome("2027-01-01 00:00")),
        },
        recorded: rome("2026-01-01 00:00"),
    }
}

async fn answer(event: &str, change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let mut event: Value = serde_json::from_str(event).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = handle(&needs(), request).await.unwrap();
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

#[tokio::test]
async fn without_a_session_nothing_is_told() {
    for event in [OPERATORS, LEAVING, HAND_OVER] {
        let (status, problem) = answer(event, |_| {}).await;
        assert_eq!((status, &problem["type"]), (401, &json!("/problemi/sessione-assente")));
    }
}

#[tokio::test]
async fn a_request_from_another_site_is_refused_before_the_session_is_read() {
    for event in [OPERATORS, LEAVING, HAND_OVER] {
        let (status, problem) = answer(event, |event| {
            event["headers"]["origin"] = json!("https://altrove.example");
        })
        .await;
        assert_eq!((status, &problem["type"]), (403, &json!("/problemi/origine-non-ammessa")));
    }
}

/// A contact who reads 503 sends the list again: nothing of it was stored.
#[tokio::test]
async fn a_store_that_does_not_answer_is_told_as_such() {
    let token = tokens().issue(&anna(), rome("2026-01-10 09:00")).unwrap();
    for event in [OPERATORS, LEAVING, HAND_OVER] {
        let (status, problem) = answer(event, |event| {
            event["cookies"] = json!([format!("__Host-session={token}")]);
        })
        .await;
        assert_eq!((status, &problem["type"]), (503, &json!("/problemi/servizio-non-disponibile")));
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_told_apart() {
    let (status, _) = answer(OPERATORS, |event| {
        event["requestContext"]["http"]["method"] = json!("DELETE");
    })
    .await;
    assert_eq!(status, 405);
    let (status, _) = answer(OPERATORS, |event| {
        event["requestContext"]["http"]["path"] = json!("/api/enabling-requests");
        event["rawPath"] = json!("/api/enabling-requests");
    })
    .await;
    assert_eq!(status, 404, "requests are another function's");
}

/// ORG-2: an organisation that the caller may not read is not there; one that they may read refuses by name.
#[test]
fn another_organisation_is_not_there_and_the_own_one_refuses_by_role() {
    let organisation = patronato().id;
    let refused = |caller: &Caller, action| {
        require(caller, &organisation, action).map_err(|problem| problem.kind())
    };
    let operator = caller(parties().filer, Role::Operator);
    assert_eq!(refused(&operator, OrganisationAction::Read), Ok(()));
    for action in [OrganisationAction::AddOperators, OrganisationAction::ReadOperators] {
        assert_eq!(refused(&operator, action), Err(ProblemKind::NotAllowed), "{action}");
    }
    let contact = Caller {
        organisation: Some(organisation.clone()),
        ..caller(parties().filer, Role::OrganisationContact)
    };
    assert_eq!(refused(&contact, OrganisationAction::AddOperators), Ok(()));
    let elsewhere = Caller { organisation: Some(OrganisationId::from_random([9; 16])), ..contact };
    for action in [OrganisationAction::Read, OrganisationAction::HandOver] {
        assert_eq!(refused(&elsewhere, action), Err(ProblemKind::NotFound), "{action}");
        assert_eq!(refused(&anna(), action), Err(ProblemKind::NotFound), "{action}");
    }
}

#[test]
fn an_administrator_alone_records_organisations() {
    for role in Role::ALL {
        let is_allowed = record::require_role(*role).is_ok();
        assert_eq!(is_allowed, *role == Role::Administrator, "{role}");
    }
}

/// ORG-2: a further contact is recorded with the organisation that is there, if it is of that kind and its basis not over.
#[test]
fn a_recorded_organisation_stays_what_it_is() {
    let now = rome("2026-02-09 09:00");
    let check = |kind, now| {
        record::require_same_kind_and_basis(&patronato(), kind, now)
            .map_err(|problem| problem.kind())
    };
    assert_eq!(check(OrganisationKind::Patronato, now), Ok(()));
    let other = OrganisationKind::FinancedBody;
    assert_eq!(check(other, now), Err(ProblemKind::OrganisationRecorded));
    let over = rome("2027-01-01 00:00");
    assert_eq!(check(OrganisationKind::Patronato, over), Err(ProblemKind::BasisEnded));
}

/// ORG-2, ADR 33: Anna, whom an administrator records as contact, reads the body's name at the address of her identity; an
/// address that is not known to be hers reads no word that somebody typed.
#[test]
fn a_contact_reads_the_name_of_the_body_at_the_own_address_alone() {
    let identity = |email: Option<&str>| Account {
        id: parties().filer,
        fiscal_code: Some("RSSNNA80A41D643U".to_owned()),
        given_name: "ANNA".to_owned(),
        family_name: "ROSSI".to_owned(),
        birth_date: None,
        email: email.map(str::to_owned),
        linked_to: None,
        formerly: None,
        consent: None,
        created: 0,
        last_sign_in: 0,
    };
    let told = |identity: Option<Account>| {
        let list = record::first_list(&patronato(), "anna@example.it", identity.as_ref());
        list.facts()["organisation"].clone()
    };
    assert_eq!(told(Some(identity(Some("Anna@example.it")))), patronato().name);
    for other in [None, Some(identity(None)), Some(identity(Some("altra@example.it")))] {
        let organisation = told(other);
        assert!(!organisation.contains(&patronato().name), "{organisation}");
        assert!(organisation.contains("nel portale"), "{organisation}");
    }
}

#[test]
fn an_operator_named_as_contact_is_refused_in_a_sentence_of_its_own() {
    let operator = record::no_contact(RowOutcome::AlreadyOperator);
    assert!(operator.text().contains("è operatore di questa organizzazione"));
    let elsewhere = record::no_contact(RowOutcome::OtherOrganisation);
    assert!(elsewhere.text().contains("un'altra organizzazione"), "{}", elsewhere.text());
    assert_eq!(operator.kind(), ProblemKind::NotAllowed);
}

#[test]
fn a_list_that_the_body_may_not_send_says_why() {
    let kind = |why| add_operators::refused(why).kind();
    assert_eq!(kind(ListRefused::FormsNeeded), ProblemKind::FormsNeeded);
    assert_eq!(kind(ListRefused::BasisEnded), ProblemKind::BasisEnded);
}

/// Reads a body that arrives on 10 January 2026 at 9 in Rome; gives what was read, or the fields that were refused.
async fn read_body<T>(
    body: &Value,
    read: impl FnOnce(&ApiRequest) -> Result<T, Problem>,
) -> Result<T, Vec<String>> {
    let mut event: Value = serde_json::from_str(OPERATORS).unwrap();
    event["body"] = body.to_string().into();
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let mut found = None;
    let response = http::answer(request, |request| {
        let outcome = read(&request).map(|value| found = Some(value));
        async move { outcome.and_then(|()| http::empty(204)) }
    })
    .await
    .unwrap();
    found.ok_or_else(|| {
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    })
}

fn recording() -> Value {
    json!({
        "kind": "patronato",
        "name": "Patronato Esempio",
        "fiscal_code": "00363460718",
        "address": "Via Napoli 6, 71122 Foggia",
        "province": "FG",
        "basis": "labour-protocol",
        "basis_reference": "Protocollo d'intesa del 3 agosto 2022",
        "basis_from": "2026-01-01",
        "basis_until": "2026-12-31",
        "contact_fiscal_code": "RSSNNA80A41D643U",
        "contact_surname": "ROSSI",
        "contact_name": "ANNA",
        "contact_email": "anna@example.it",
    })
}

/// ORG-2: the last day belongs to the basis, in Rome.
#[tokio::test]
async fn a_basis_holds_to_the_end_of_its_last_day() {
    let now = rome("2026-01-10 09:00");
    let read = read_body(&recording(), NewOrganisation::read).await.unwrap();
    let organisation = read.organisation(&keying(), now);
    assert_eq!(organisation.basis, patronato().basis);
    assert_eq!(organisation.recorded, now);
    let contact = read.contact.operator(&keying(), Role::OrganisationContact, now);
    assert_eq!((contact.from, contact.until), (now, None));
    assert_eq!(contact.email.as_deref(), Some("anna@example.it"));
    let text = format!("{read:?} {contact:?}");
    assert!(!text.contains("ROSSI") && !text.contains("RSSNNA80A41D643U"), "{text}");
}

#[tokio::test]
async fn a_basis_that_is_over_or_ends_before_it_begins_is_refused() {
    for (from, until) in
        [("2025-01-01", "2026-01-09"), ("2026-06-01", "2026-05-31"), ("2026-01-01", "domani")]
    {
        let mut body = recording();
        body["basis_from"] = json!(from);
        body["basis_until"] = json!(until);
        let refused = read_body(&body, NewOrganisation::read).await.unwrap_err();
        assert_eq!(refused, ["basis_until"], "{from} {until}");
    }
    let mut body = recording();
    body["basis_until"] = json!("2026-01-10");
    assert!(read_body(&body, NewOrganisation::read).await.is_ok(), "it holds today");
}

#[tokio::test]
async fn a_recording_tells_every_mistake_at_once() {
    let wrong = json!({ "kind": "professional", "basis_from": "2026-02-01", "x": 1 });
    let refused = read_body(&wrong, NewOrganisation::read).await.unwrap_err();
    assert_eq!(refused.len(), 12, "{refused:?}");
    assert!(refused.contains(&"kind".to_owned()), "a professional asks, and is not recorded");
}

/// What becomes of each row before the store is asked.
async fn rows(rows: Value) -> Vec<Result<String, RowOutcome>> {
    let read = read_body(&json!({ "operators": rows }), operator_rows).await.unwrap();
    let now = rome("2026-01-10 09:00");
    let operators = add_operators::operators(&keying(), &patronato(), read, now);
    operators
        .into_iter()
        .map(|row| row.map(|row| row.surname).map_err(|wrong: WrongRow| wrong.outcome))
        .collect()
}

fn row(fiscal_code: &str, surname: &str) -> Value {
    json!({ "fiscal_code": fiscal_code, "surname": surname, "name": "ANNA" })
}

/// ORG-2: each row is right or wrong by itself.
#[tokio::test]
async fn each_row_of_a_list_is_judged_by_itself() {
    let anna = "RSSNNA80A41D643U";
    assert_eq!(
        rows(json!([
            row(anna, "ROSSI"),
            row(anna, "ROSSI"),
            row("RSSNNA80A41D643X", "ERRATO"),
            row("12345678903", "PROVVISORIO"),
            row(anna, ""),
        ]))
        .await,
        [
            Ok("ROSSI".to_owned()),
            Err(RowOutcome::Repeated),
            Err(RowOutcome::WrongCode),
            Err(RowOutcome::ProvisionalCode),
            Err(RowOutcome::InvalidRow),
        ]
    );
}

#[tokio::test]
async fn a_wrong_row_names_its_mistakes_as_people_call_them() {
    let body = json!({ "operators": [{ "surname": "", "name": "ANNA", "email": "anna" }] });
    let mut read = read_body(&body, operator_rows).await.unwrap();
    let wrong = read.remove(0).unwrap_err();
    assert_eq!(wrong.outcome, RowOutcome::InvalidRow);
    for field in ["codice fiscale:", "cognome:", "indirizzo e-mail:"] {
        assert!(wrong.message.contains(field), "{}", wrong.message);
    }
}

/// ORG-2: operators stay until the basis ends.
#[tokio::test]
async fn listed_operators_stay_until_the_basis_ends() {
    let body = json!({ "operators": [row("RSSNNA80A41D643U", "ROSSI")] });
    let read = read_body(&body, operator_rows).await.unwrap();
    let now = rome("2026-01-10 09:00");
    let mut operators = add_operators::operators(&keying(), &patronato(), read, now);
    let anna = operators.remove(0).unwrap();
    assert_eq!((anna.from, anna.until), (now, patronato().basis.until));
    assert_eq!(anna.role, Role::Operator);
}

#[tokio::test]
async fn a_list_has_one_to_a_thousand_rows() {
    for count in [0, 1001] {
        let body = json!({ "operators": vec![row("RSSNNA80A41D643U", "ROSSI"); count] });
        let refused = read_body(&body, operator_rows).await.map(|_| ()).unwrap_err();
        assert_eq!(refused, ["operators"], "{count}");
    }
}

/// ORG-4: at once, or from an instant to come, to the millisecond.
#[tokio::test]
async fn a_leaving_is_at_once_or_announced() {
    let read = async |from: Value| read_body(&json!({ "from": from }), leaving_from).await;
    assert_eq!(read_body(&json!({}), leaving_from).await, Ok(None));
    assert_eq!(read(json!(null)).await, Ok(None));
    let announced: Timestamp = "2026-12-31T17:00:00Z".parse().unwrap();
    assert_eq!(read(json!("2026-12-31T18:00:00+01:00")).await, Ok(Some(announced)));
    assert_eq!(read(json!("2026-12-31T17:00:00.0009Z")).await, Ok(Some(announced)));
    for wrong in [json!("2026-01-10T08:00:00Z"), json!("2026-12-31"), json!(1), json!("domani")] {
        assert_eq!(read(wrong.clone()).await, Err(vec!["from".to_owned()]), "{wrong}");
    }
}

/// ORG-4: a hand-over names two accounts, and up to a hundred applications or none.
#[tokio::test]
async fn a_hand_over_goes_to_a_colleague() {
    let [from, to] = [AccountId::keyed(&[1; 32]), AccountId::keyed(&[2; 32])];
    let read = async |body: Value| read_body(&body, HandOver::read).await;
    let all = read(json!({ "from": from, "to": to })).await.unwrap();
    assert_eq!((all.from, all.to, all.applications), (from.clone(), to.clone(), None));
    let application = "app_01h0000000000000000000000a";
    let named = read(json!({ "from": from, "to": to, "applications": [application] })).await;
    assert_eq!(named.unwrap().applications.unwrap().len(), 1);
    for (wrong, field) in [
        (json!({ "from": from, "to": from }), "to"),
        (json!({ "from": from, "to": "x" }), "to"),
        (json!({ "from": from, "to": to, "applications": [] }), "applications"),
        (
            json!({ "from": from, "to": to, "applications": [application, application] }),
            "applications",
        ),
        (json!({ "from": from, "to": to, "applications": vec!["x"; 101] }), "applications"),
    ] {
        let refused = read(wrong.clone()).await.map(|_| ()).unwrap_err();
        assert_eq!(refused, [field], "{wrong}");
    }
}
