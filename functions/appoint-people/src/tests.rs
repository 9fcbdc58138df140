//! What appointing refuses before it asks the store anything (ADM-1).

use jiff::Timestamp;
use scenes::authenticator;
use serde_json::Value;
use store::officials::Official;

use domain::permission::Role;

use super::*;

const APPOINT: &str = include_str!("../../../events/appoint-people/appoint.json");
const LIST: &str = include_str!("../../../events/appoint-people/list.json");

fn app() -> App {
    let keying = Keying::new(b"keying secret of the tests".to_vec());
    App {
        authenticator: authenticator(),
        store: scenes::store(),
        cursors: CursorKey::new(keying.derived("cursor")),
        keying,
    }
}

async fn answered(event: &str, change: impl FnOnce(&mut Value)) -> u16 {
    let mut event: Value = serde_json::from_str(event).unwrap();
    change(&mut event);
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    handle(&app(), request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn without_a_session_nobody_appoints_or_lists() {
    assert_eq!(answered(APPOINT, |_| {}).await, 401);
    assert_eq!(answered(LIST, |_| {}).await, 401);
    let from_elsewhere =
        |event: &mut Value| event["headers"]["origin"] = "https://altrove.invalid".into();
    assert_eq!(answered(APPOINT, from_elsewhere).await, 403);
    let deletes = |event: &mut Value| event["requestContext"]["http"]["method"] = "DELETE".into();
    assert_eq!(answered(LIST, deletes).await, 405);
}

/// A repetition is the same appointment; another province, role or period is another.
#[test]
fn a_repeated_appointment_is_recognised() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let held = Official {
        account: AccountId::keyed(&[1; 32]),
        fiscal_code: None,
        role: Role::Officer,
        province: Some("FG".to_owned()),
        from: at(10),
        until: Some(at(90)),
        by: None,
        appointed: at(10),
    };
    let asked = |role, province: &str, from, until| request::Asked {
        code: "RSSMRA80A01H501U".parse().unwrap(),
        role,
        province: Some(province.to_owned()),
        from,
        until,
    };
    let same = |asked: &request::Asked| appoint::is_same(&held, asked);
    assert!(same(&asked(Role::Officer, "FG", None, Some(at(90)))));
    assert!(same(&asked(Role::Officer, "FG", Some(at(10)), Some(at(90)))));
    assert!(!same(&asked(Role::PrefectureOfficer, "FG", None, Some(at(90)))));
    assert!(!same(&asked(Role::Officer, "BZ", None, Some(at(90)))));
    assert!(!same(&asked(Role::Officer, "FG", Some(at(11)), Some(at(90)))));
    assert!(!same(&asked(Role::Officer, "FG", None, None)));
}
