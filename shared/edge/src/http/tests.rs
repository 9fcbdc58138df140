//! How a request is read: strictly where it is used, and deaf to what nobody reads.

use serde_json::{Value, json};

use super::*;

const SESSION: &str = include_str!("../../../../events/sign-in/session.json");

/// The captured request of a signed-in page, changed.
fn event(change: impl FnOnce(&mut Value)) -> Request {
    let mut event: Value = serde_json::from_str(SESSION).unwrap();
    change(&mut event);
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

fn read(change: impl FnOnce(&mut Value)) -> ApiRequest {
    ApiRequest::read(event(change)).unwrap()
}

/// hyperium/headers#85: on AWS cookies come as a list, on the emulator as a header.
#[test]
fn a_cookie_in_another_encoding_hides_no_cookie_of_ours() {
    let ours = "__Host-session=abc";
    for other in ["citta=Forlì", "preferenze=città", "nome=日本", "vuoto", "a=b=c", "=", ""] {
        let header = format!("{other}; {ours}; {other}");
        let in_a_header = read(|event| event["headers"]["cookie"] = json!(header));
        assert_eq!(in_a_header.cookie("__Host-session"), Some("abc"), "{other}");
        let in_a_list = read(|event| {
            event["headers"]["cookie"] = Value::Null;
            event["headers"].as_object_mut().unwrap().remove("cookie");
            event["cookies"] = json!([other, ours, other]);
        });
        assert_eq!(in_a_list.cookie("__Host-session"), Some("abc"), "{other}");
    }
    let bytes: Vec<_> = cookies_of(b"citta=Forl\xec; __Host-session=abc;\xff").collect();
    assert_eq!(bytes, [("__Host-session".to_owned(), "abc".to_owned())], "Latin-1 bytes, too");
}

#[test]
fn a_header_that_nobody_reads_may_hold_anything() {
    let request = read(|event| {
        for name in ["user-agent", "referer", "accept-language", "via", "x-città-no"] {
            if name.is_ascii() {
                event["headers"][name] = json!("caffè \u{1f980} \\ \" {} %%");
            }
        }
        event["headers"]["content-type"] = json!("Application/JSON; nota=caffè");
        event["body"] = json!("{}");
    });
    assert!(request.fields().is_ok());
}

/// RFC 9110 9.3.2.
#[tokio::test]
async fn head_is_answered_as_get_without_the_body() {
    let ask = |method: &'static str| {
        let request = event(|event| event["requestContext"]["http"]["method"] = json!(method));
        answer(request, async |_| json(200, &json!({ "account": "acc" })))
    };
    let (get, head) = (ask("GET").await.unwrap(), ask("HEAD").await.unwrap());
    assert_eq!(head.status(), get.status());
    assert_eq!(head.headers(), get.headers());
    assert!(matches!(get.body(), Body::Text(_)));
    assert!(matches!(head.body(), Body::Empty));
    let refused = event(|event| event["requestContext"]["http"]["method"] = json!("HEAD"));
    let refused =
        answer(refused, async |_| Err(Problem::new(ProblemKind::NotFound))).await.unwrap();
    assert_eq!(refused.status().as_u16(), 404);
    assert!(matches!(refused.body(), Body::Empty), "a refusal has no body either");
}

/// 230 kB of keys that no form has were answered with 2.67 MB.
#[tokio::test]
async fn no_request_is_answered_at_many_times_its_length() {
    let keys: serde_json::Map<String, Value> =
        (0..20_000).map(|number| (format!("{number:05}"), json!(1))).collect();
    let body = Value::Object(keys).to_string();
    let sent = body.len();
    let request = event(|event| {
        event["headers"]["content-type"] = json!("application/json");
        event["body"] = json!(body);
    });
    let refused = answer(request, async |request| {
        request.fields()?.complete(Some(()))?;
        empty(204)
    });
    let refused = refused.await.unwrap();
    assert_eq!(refused.status().as_u16(), 422);
    let Body::Text(text) = refused.body() else { panic!("a problem document") };
    assert!(text.len() < sent / 10, "{} bytes for {sent}", text.len());
    let document: Value = serde_json::from_str(text).unwrap();
    let errors = document["errors"].as_array().unwrap();
    assert_eq!(errors.len(), problem::MOST_FIELDS + 1);
    assert_eq!(errors[0]["field"], "00000");
    assert_eq!(errors[100]["code"], "altri");
    assert!(errors[100]["message"].as_str().unwrap().contains("19900"), "{}", errors[100]);
}
