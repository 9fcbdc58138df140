//! Reading the checks and filling the first content, without any store (CHK-1, FRM-1, ENR-1).

use adapters::accounts::Account;
use domain::{
    campaign::Profile,
    ids::{AccountId, SessionId},
    permission::Role,
};

use super::*;

const START: &str = include_str!("../../../events/start-application/start.json");
const DEMO: &str = include_str!("../../../campaigns/demo.toml");

fn account(fiscal_code: &str) -> Account {
    Account {
        id: AccountId::from_random([1; 16]),
        fiscal_code: fiscal_code.to_owned(),
        given_name: "Cesare".to_owned(),
        family_name: "Mancuso".to_owned(),
        email: None,
        created: 0,
        last_sign_in: 0,
    }
}

fn caller(role: Role) -> Caller {
    Caller {
        account: AccountId::from_random([1; 16]),
        session: SessionId::from_random([2; 16]),
        level: 2,
        role,
        profile: Profile::Private,
        organisation: None,
        province: None,
        expires: Timestamp::UNIX_EPOCH,
    }
}

/// Reads a captured request as the function does; the status tells how it went.
async fn read(event: &str, role: Role, account: &Account) -> (u16, String) {
    let campaign = Campaign::parse(DEMO).unwrap();
    let request = lambda_http::request::from_str(event).unwrap();
    let response = http::answer(request, |exchange| async move {
        let asked = Opened::read(&exchange)?.complete(Some(&campaign), &caller(role), account)?;
        asked::idempotency_key(&exchange)?;
        assert_eq!(asked.preliminary(&exchange, None).privacy_read, exchange.arrival);
        http::empty(204)
    })
    .await
    .unwrap();
    (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
}

/// CHK-1: a captured request of a private user is read; the same of somebody else, or with more or less, is not.
#[tokio::test]
async fn a_captured_request_is_read_and_a_bent_one_is_not() {
    let own = account("MNCCSR81D17W000G");
    assert_eq!(read(START, Role::Employer, &own).await, (204, String::new()));
    assert_eq!(
        read(START, Role::Operator, &account("CBCPSC95T55W000S")).await,
        (204, String::new())
    );
    let (status, body) = read(START, Role::Employer, &account("CBCPSC95T55W000S")).await;
    assert_eq!(status, 422);
    assert!(body.contains("diverso-dalla-identita"), "{body}");
    let (status, body) =
        read(&START.replace("ri_registered", "ri_registrata"), Role::Employer, &own).await;
    assert_eq!(status, 422);
    assert!(body.contains("obbligatorio") && body.contains("sconosciuto"), "{body}");
}

fn preliminary() -> Preliminary {
    Preliminary {
        applicant: "RSSMRA80A01H501U".to_owned(),
        company: Some("12345678903".to_owned()),
        in_register: true,
        applicant_kind: None,
        privacy_version: "2025-10-23".to_owned(),
        privacy_read: Timestamp::UNIX_EPOCH,
        certified_address: None,
    }
}

fn first_content(email: &str) -> Values {
    let schema = Schema::find("c-stag-agricoltura@1").unwrap();
    let now = "2026-01-12T08:00:00Z".parse().unwrap();
    filled(schema, known(schema, &preliminary(), Some(email.to_owned())), now, now)
}

/// FRM-1: what the checks said stands in the form before anybody types, each value with its source.
#[test]
fn the_form_opens_with_what_is_known() {
    let values = first_content("mario@posta.demo.invalid");
    for key in [
        "privacy_acknowledged",
        "in_business_register",
        "representative_fiscal_code",
        "employer_fiscal_code",
        "contact_email",
    ] {
        assert!(values.contains_key(key), "{key}");
    }
}

#[test]
fn an_address_that_the_form_refuses_is_left_out_and_nothing_else() {
    let values = first_content("not an address");
    assert!(!values.contains_key("contact_email"));
    assert!(values.contains_key("employer_fiscal_code"));
}

/// ENR-1: every registry that the form needs is asked when it opens.
#[test]
fn every_registry_that_the_form_needs_is_asked() {
    let schema = Schema::find("c-stag-agricoltura@1").unwrap();
    let names: Vec<_> = Question::of_schema(schema, &first_content("a@b.it"))
        .into_iter()
        .map(Question::name)
        .collect();
    assert_eq!(
        names,
        [
            "unioncamere-now",
            "agenzia-entrate-now",
            "agenzia-entrate-later",
            "ini-pec-now",
            "inps-later"
        ]
    );
}
