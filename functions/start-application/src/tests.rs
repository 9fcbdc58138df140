//! Reading the checks and filling the first content, without any store (CHK-1, FRM-1, ENR-1).

use domain::{
    campaign::Profile,
    ids::{AccountId, SessionId},
    permission::Role,
};
use store::accounts::Account;

use super::*;

const START: &str = include_str!("../../../events/start-application/start.json");
const DEMO: &str = include_str!("../../../campaigns/demo.toml");

fn account(fiscal_code: &str) -> Account {
    Account {
        id: AccountId::from_random([1; 16]),
        fiscal_code: Some(fiscal_code.to_owned()),
        given_name: "Cesare".to_owned(),
        family_name: "Mancuso".to_owned(),
        birth_date: None,
        email: None,
        linked_to: None,
        formerly: None,
        consent: None,
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
    let response = http::answer(request, |request| async move {
        let asked = StartHead::read(&request)?.complete(Some(&campaign), &caller(role), account)?;
        request::idempotency_key(&request)?;
        assert_eq!(asked.preliminary(&request, None).privacy_read, request.arrival);
        http::empty(204)
    })
    .await
    .unwrap();
    (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
}

/// CHK-1: the function reads a captured request of a private user; it refuses the same with another person's code, or
/// with more or fewer fields.
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

/// CHK-1: a family has neither register question nor company code; a legal person has both; other models ask for no kind.
#[tokio::test]
async fn kind_and_company_have_to_fit() {
    let own = account("MNCCSR81D17W000G");
    let body = |members: &str| {
        let mut event: Value = serde_json::from_str(START).unwrap();
        let checks = r#""campaign":"demo","privacy_ack":true,"privacy_version":"2025-10-23""#;
        event["body"] = format!("{{{checks},{members}}}").into();
        event.to_string()
    };
    let family = r#""model":"a-bis","applicant_kind":"natural""#;
    let company = r#""ri_registered":true,"company_fiscal_code":"00000009001""#;
    for fine in [
        family.to_owned(),
        format!(r#"{family},"ri_registered":null,"company_fiscal_code":null"#),
        format!(r#""model":"a-bis","applicant_kind":"legal",{company}"#),
        format!(r#""model":"b2020",{company}"#),
    ] {
        assert_eq!(read(&body(&fine), Role::Employer, &own).await, (204, String::new()), "{fine}");
    }
    for (wrong, code) in [
        (format!("{family},{company}"), "non-previsto"),
        (r#""model":"a-bis","applicant_kind":"legal""#.to_owned(), "obbligatorio"),
        (r#""model":"a-bis","applicant_kind":"both""#.to_owned(), "non-valido"),
        (format!(r#""model":"a-bis",{company}"#), "obbligatorio"),
        (format!(r#""model":"b2020","applicant_kind":"legal",{company}"#), "non-previsto"),
    ] {
        let (status, told) = read(&body(&wrong), Role::Employer, &own).await;
        assert_eq!(status, 422, "{wrong}");
        assert!(told.contains(code), "{wrong}: {told}");
    }
}

/// CHK-1, FRM-1: the form of a family opens without a company, and asks the agency and INAD alone.
#[test]
fn the_form_of_a_family_knows_no_company() {
    let schema = Schema::find("a-bis@1").unwrap();
    let checks = Preliminary {
        company: None,
        in_register: false,
        applicant_kind: Some("natural".to_owned()),
        ..preliminary()
    };
    let now = "2026-01-12T08:00:00Z".parse().unwrap();
    let values = initial_values(schema, known_values(schema, &checks, None, None), now, now);
    assert!(values.contains_key("applicant_kind"));
    assert!(values.contains_key("representative_fiscal_code"));
    for key in ["in_business_register", "employer_fiscal_code"] {
        assert!(!values.contains_key(key), "{key}");
    }
    let names: Vec<_> =
        Question::of_schema(schema, &values).into_iter().map(Question::name).collect();
    assert_eq!(names, ["agenzia-entrate-now", "agenzia-entrate-later", "inad-now"]);
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
    initial_values(
        schema,
        known_values(schema, &preliminary(), Some(email.to_owned()), None),
        now,
        now,
    )
}

/// FRM-1: the answers of the checks stand in the form before the filer types, each value with its source.
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
