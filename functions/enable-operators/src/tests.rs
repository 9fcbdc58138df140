//! What enabling operators refuses before it asks the store anything, and how it reads a request (ORG-1, ORG-3, ORG-5).

use domain::{
    enabling::{EnablingKind, EnablingStage, EnablingStep},
    ids::AccountId,
    organisation::{BasisKind, OrganisationKind},
    permission::Role,
};
use jiff::civil::Date;
use scenes::{anna, authenticator, rome, tokens};
use serde_json::{Value, json};
use store::{accounts::Account, sessions::Caller};

use super::*;
use crate::{decision::Decision, form::NewRequest, read::work_list};

const MUNICIPALITY: &str = include_str!("../../../events/enable-operators/municipality.json");
const REFUSAL: &str = include_str!("../../../events/enable-operators/refusal.json");
const WORK_LIST: &str = include_str!("../../../events/enable-operators/work-list.json");

fn needs() -> App {
    let keying = keying();
    App {
        authenticator: authenticator(),
        store: scenes::store(),
        cursors: CursorKey::new(keying.derived("cursor")),
        keying,
    }
}

pub(crate) fn keying() -> Keying {
    Keying::new(b"keying secret of the tests".to_vec())
}

/// Carla signs in with this fiscal code.
pub(crate) fn carla(fiscal_code: Option<&str>) -> Account {
    Account {
        id: AccountId::keyed(&[9; 32]),
        fiscal_code: fiscal_code.map(str::to_owned),
        given_name: "CARLA".to_owned(),
        family_name: "BIANCHI".to_owned(),
        birth_date: None,
        email: Some("carla@example.it".to_owned()),
        linked_to: None,
        formerly: None,
        consent: None,
        created: 0,
        last_sign_in: 0,
    }
}

async fn answer(event: &str, change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let mut event: Value = serde_json::from_str(event).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = handle(&needs(), request).await.unwrap();
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

/// Lets the caller's session into a captured event.
fn signed_in(caller: &Caller) -> impl FnOnce(&mut Value) + use<> {
    let token = tokens().issue(caller, rome("2026-01-10 09:00")).unwrap();
    move |event| event["cookies"] = json!([format!("__Host-session={token}")])
}

#[tokio::test]
async fn without_a_session_nothing_is_told() {
    for event in [MUNICIPALITY, REFUSAL, WORK_LIST] {
        let (status, problem) = answer(event, |_| {}).await;
        assert_eq!((status, &problem["type"]), (401, &json!("/problemi/sessione-assente")));
    }
}

#[tokio::test]
async fn a_request_from_another_site_is_refused_before_the_session_is_read() {
    for event in [MUNICIPALITY, REFUSAL] {
        let (status, problem) = answer(event, |event| {
            event["headers"]["origin"] = json!("https://altrove.example");
        })
        .await;
        assert_eq!((status, &problem["type"]), (403, &json!("/problemi/origine-non-ammessa")));
    }
}

/// A requester who reads 503 keeps the form and sends it again: nothing was stored.
#[tokio::test]
async fn a_store_that_does_not_answer_is_told_as_such() {
    for event in [MUNICIPALITY, REFUSAL, WORK_LIST] {
        let (status, problem) = answer(event, signed_in(&anna())).await;
        assert_eq!((status, &problem["type"]), (503, &json!("/problemi/servizio-non-disponibile")));
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_told_apart() {
    let (status, _) = answer(WORK_LIST, |event| {
        event["requestContext"]["http"]["method"] = json!("DELETE");
    })
    .await;
    assert_eq!(status, 405);
    let (status, _) = answer(WORK_LIST, |event| {
        event["requestContext"]["http"]["path"] = json!("/api/organisations");
        event["rawPath"] = json!("/api/organisations");
    })
    .await;
    assert_eq!(status, 404, "organisations are another function's");
}

/// ORG-1: private users ask, and contacts; operators leave it to their contact, and an office decides.
#[test]
fn private_users_and_contacts_ask_and_no_other_role() {
    for role in Role::ALL {
        let asks = matches!(role, Role::Employer | Role::OrganisationContact);
        assert_eq!(submit::require_role(*role).is_ok(), asks, "{role}");
    }
    let operator = submit::require_role(Role::Operator).unwrap_err();
    assert!(operator.text().contains("il suo referente"), "{}", operator.text());
}

/// ORG-1: each office has one work list; an administrator may read them all, and a requester none.
#[test]
fn a_work_list_is_read_by_its_office_and_by_administrators() {
    let list = |office, stage| work_list(office, stage).map_err(|problem| problem.kind());
    assert_eq!(list(None, None), Ok(None), "the own requests");
    let own = Ok(Some(EnablingStage::AwaitingPrefecture));
    assert_eq!(list(Some(Office::Prefecture), None), own);
    assert_eq!(list(Some(Office::Prefecture), Some("awaiting-prefecture")), own);
    assert_eq!(list(Some(Office::Administrator), Some("awaiting-prefecture")), own);
    let wrong = Err(ProblemKind::InvalidFields);
    assert_eq!(list(Some(Office::Prefecture), Some("awaiting-directorate")), wrong);
    assert_eq!(list(Some(Office::Administrator), Some("enabled")), wrong);
    assert_eq!(list(Some(Office::Administrator), Some("tutte")), wrong);
    assert_eq!(list(None, Some("awaiting-administrator")), wrong);
}

/// A captured request with another body.
fn with_body(event: &str, body: &Value) -> Request {
    let mut event: Value = serde_json::from_str(event).unwrap();
    event["body"] = body.to_string().into();
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

/// Reads a body with `read`; gives what was read, or the fields that were refused.
async fn read_body<T>(
    body: &Value,
    read: impl FnOnce(&ApiRequest) -> Result<T, Problem>,
) -> Result<T, Vec<String>> {
    let mut found = None;
    let response = http::answer(with_body(MUNICIPALITY, body), |http_request| {
        let outcome = read(&http_request).map(|value| found = Some(value));
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

async fn read_form(body: &Value, account: &Account) -> Result<NewRequest, Vec<String>> {
    let today: Date = "2026-01-10".parse().unwrap();
    read_body(body, |http_request| NewRequest::read(http_request, &keying(), account, today)).await
}

/// The captured request of the municipality of Foggia, which names Anna.
pub(crate) fn municipal() -> Value {
    let event: Value = serde_json::from_str(MUNICIPALITY).unwrap();
    serde_json::from_str(event["body"].as_str().unwrap()).unwrap()
}

/// Form 7 of an association of Foggia, with form 8 that names Anna (S18).
pub(crate) fn forms_7_and_8() -> Value {
    let mut body = municipal();
    body["kind"] = json!("organisation");
    body["organisation_kind"] = json!("trade-association");
    body["protocol_kind"] = json!("Protocollo d'intesa");
    body["protocol_date"] = json!("2022-08-03");
    body["representative_surname"] = json!("VERDI");
    body["representative_name"] = json!("BRUNO");
    body["representative_birth_date"] = json!("1970-05-05");
    body["representative_fiscal_code"] = json!("RSSMRA80A01H501U");
    body["signed"] = json!(true);
    body
}

/// ORG-3: a municipality relies on its own tasks, and no form 7 is signed.
#[tokio::test]
async fn a_municipality_asks_for_its_operators() {
    let new = read_form(&municipal(), &carla(None)).await.unwrap();
    assert_eq!(new.kind, EnablingKind::Municipality);
    assert_eq!(new.province, "FG");
    assert_eq!(new.form.organisation_kind, OrganisationKind::Municipality);
    assert_eq!(new.form.basis, BasisKind::PublicTask);
    assert!(new.form.legal_representative.is_none());
    let [anna] = new.form.operators.as_slice() else { panic!("one operator") };
    assert_eq!((anna.surname.as_str(), anna.outcome), ("ROSSI", None));
}

/// S18: who signed form 7 is named in the request, and so decides nothing about it.
#[tokio::test]
async fn form_7_names_the_protocol_and_who_signed_it() {
    let new = read_form(&forms_7_and_8(), &carla(None)).await.unwrap();
    assert_eq!(new.form.reference, "Protocollo d'intesa del 2022-08-03");
    assert_eq!(new.form.basis, BasisKind::InteriorProtocol);
    let signer = new.form.legal_representative.clone().unwrap();
    assert_eq!(signer.surname, "VERDI");
    assert!(new.form.named().contains(&signer.account));
}

/// Every mistake is told at once, row by row.
#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let mut body = forms_7_and_8();
    let row = body["operators"][0].clone();
    body["operators"] = json!([row, row]);
    for (field, wrong) in [
        ("province", json!("XX")),
        ("fiscal_code", json!("12345678901")),
        ("signed", json!(false)),
        ("protocol_date", json!("2999-01-01")),
        ("contact_phone", json!("chiamami")),
        ("name", json!("riga\ndoppia")),
        ("extra", json!(1)),
    ] {
        body[field] = wrong;
    }
    body["operators"][0]["birth_date"] = json!("1999-12-31");
    let mut refused = read_form(&body, &carla(None)).await.unwrap_err();
    refused.sort_unstable();
    assert_eq!(
        refused,
        [
            "contact_phone",
            "extra",
            "fiscal_code",
            "name",
            "operators[0].birth_date",
            "operators[1].email",
            "operators[1].fiscal_code",
            "protocol_date",
            "province",
            "signed",
        ]
    );
}

/// S09 asks municipalities for an address *istituzionale, personale*; it says nothing of associations.
#[tokio::test]
async fn a_mailbox_that_an_office_shares_is_no_operators_own() {
    let mut body = municipal();
    body["operators"][0]["email"] = json!("protocollo@comune.demo.invalid");
    assert_eq!(read_form(&body, &carla(None)).await.unwrap_err(), ["operators[0].email"]);
    let mut body = forms_7_and_8();
    body["operators"][0]["email"] = json!("info@associazione.demo.invalid");
    assert!(read_form(&body, &carla(None)).await.is_ok());
}

#[tokio::test]
async fn a_request_names_one_to_twenty_operators() {
    for count in [0, 21] {
        let mut body = municipal();
        body["operators"] = Value::Array(vec![body["operators"][0].clone(); count]);
        assert_eq!(read_form(&body, &carla(None)).await.unwrap_err(), ["operators"], "{count}");
    }
}

/// ORG-5: name and code are those of the identity, with register and number.
#[tokio::test]
async fn a_professional_is_an_organisation_of_one_person() {
    let body = json!({
        "kind": "professional", "address": "Via Arpi 12, 71121 Foggia", "province": "FG",
        "profession": "lawyer", "register_province": "FG", "register_number": "77",
        "contact_phone": "0881 555557", "contact_email": "carla@example.it",
    });
    let new = read_form(&body, &carla(Some("RSSNNA80A41D643U"))).await.unwrap();
    assert_eq!(new.form.reference, "Avvocato, albo di FG n. 77");
    assert_eq!(new.form.name, "CARLA BIANCHI");
    let [own] = new.form.operators.as_slice() else { panic!("one operator") };
    assert_eq!((&own.account, own.birth_date.as_str()), (&carla(None).id, "1980-01-01"));
    // An identity with a provisional code, or none, cannot be a professional's.
    for code in [None, Some("12345678903")] {
        assert_eq!(read_form(&body, &carla(code)).await.unwrap_err(), ["kind"]);
    }
}

#[tokio::test]
async fn a_request_without_a_kind_is_not_read_further() {
    for kind in [json!("cartel"), json!(null), json!(1)] {
        let refused = read_form(&json!({ "kind": kind }), &carla(None)).await.unwrap_err();
        assert_eq!(refused, ["kind"]);
    }
}

/// ORG-1: a refusal says why, in 10 to 1000 characters.
#[tokio::test]
async fn a_decision_is_read_strictly() {
    let reason = "Il protocollo indicato non risulta sottoscritto.";
    for right in [
        json!({ "decision": "check", "version": 1 }),
        json!({ "decision": "enable", "version": 3, "reason": null }),
        json!({ "decision": "refuse", "version": 1, "reason": reason }),
    ] {
        assert!(read_body(&right, Decision::read).await.is_ok(), "{right}");
    }
    for (wrong, fields) in [
        (json!({}), vec!["decision", "version"]),
        (json!({ "decision": "withdraw", "version": 1 }), vec!["decision"]),
        (json!({ "decision": "refuse", "version": 1 }), vec!["reason"]),
        (json!({ "decision": "refuse", "version": 1, "reason": "perché" }), vec!["reason"]),
        (json!({ "decision": "check", "version": "1" }), vec!["version"]),
    ] {
        let refused = read_body(&wrong, Decision::read).await.unwrap_err();
        assert_eq!(refused, fields, "{wrong}");
    }
    let withdrawal = read_body(&json!({ "version": 2 }), Decision::read_withdrawal).await.unwrap();
    assert_eq!((withdrawal.step, withdrawal.version), (EnablingStep::Withdraw, 2));
    assert!(withdrawal.reason.is_none());
    let extra = json!({ "version": 2, "reason": reason });
    assert_eq!(
        read_body(&extra, Decision::read_withdrawal).await.map(|_| ()).unwrap_err(),
        ["reason"]
    );
}

/// PRV-1: no log shows a name or a code.
#[tokio::test]
async fn no_debug_text_shows_who_is_named() {
    let new = read_form(&forms_7_and_8(), &carla(None)).await.unwrap();
    let text = format!("{new:?}");
    for personal in ["ROSSI", "VERDI", "RSSNNA80A41D643U", "demo.invalid"] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
}
