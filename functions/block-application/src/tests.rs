//! What blocking refuses before it asks the store anything, and the page behind the link (NEW-5).

use domain::application::{Parties, Stage};
use edge::http::Page;
use scenes::{authenticator, case_in, parties};
use serde_json::{Value, json};

use super::*;

fn needs() -> App {
    let keying = Keying::new(b"keying secret of the tests".to_vec());
    App {
        authenticator: authenticator(),
        store: scenes::store(),
        codes: ActivationCodes::new(&keying),
        links: BlockLinks::new(&keying),
        cursors: CursorKey::new(keying.derived("cursor")),
        public_origin: "http://127.0.0.1:4600".to_owned(),
    }
}

async fn answer(event: &str, change: impl FnOnce(&mut Value)) -> Response<Body> {
    let mut event: Value = serde_json::from_str(event).unwrap();
    change(&mut event);
    handle(&needs(), lambda_http::request::from_str(&event.to_string()).unwrap()).await.unwrap()
}

fn text(response: &Response<Body>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

/// Bruno filed it as a private person.
fn an_application(stage: Stage) -> Application {
    let parties = Parties { organisation: None, ..parties() };
    Application { parties, stage, ..case_in(State::Submitted) }
}

fn visible_flags(stage: Stage) -> (BlockView, Page) {
    let access = ApplicationAccess::by_link(an_application(stage));
    let view = BlockView::of(&access, Some("Stagionali <agricoltura>".to_owned()));
    let page = page::about(&view);
    (view, page)
}

/// Every token that the portal did not make gets the same page, before the function asks any store.
#[tokio::test]
async fn a_forged_link_is_a_page_that_says_no_more_than_not_found() {
    let forged = answer(include_str!("../../../events/block-application/page.json"), |_| {}).await;
    assert_eq!(forged.status().as_u16(), 404);
    assert_eq!(forged.headers()["content-type"], "text/html; charset=utf-8");
    assert!(text(&forged).contains("Il collegamento non è valido"));
    for token in
        ["x", "app_01h0000000000000000000000a", "acc_01h0000000000000000000000a.00", "%3Cscript%3E"]
    {
        let other = answer(include_str!("../../../events/block-application/page.json"), |event| {
            event["requestContext"]["http"]["path"] = json!(format!("/api/blocks/{token}"));
        })
        .await;
        assert_eq!((other.status(), text(&other)), (forged.status(), text(&forged)), "{token}");
    }
    let pressed = answer(include_str!("../../../events/block-application/link.json"), |_| {}).await;
    assert_eq!(pressed.status().as_u16(), 404);
}

#[tokio::test]
async fn whoever_asks_for_data_gets_a_problem_document() {
    let response = answer(include_str!("../../../events/block-application/page.json"), |event| {
        event["headers"]["accept"] = json!("application/json");
    })
    .await;
    let document: Value = serde_json::from_str(text(&response)).unwrap();
    assert_eq!(document["type"], "/problemi/non-trovata");
}

/// A form on another site, a scanner of mail, a program: none has our origin.
#[tokio::test]
async fn a_press_that_is_not_from_our_page_is_refused_first() {
    for origin in [Some("https://altrove.example"), Some("null"), None] {
        for event in [
            include_str!("../../../events/block-application/link.json"),
            include_str!("../../../events/block-application/block.json"),
            include_str!("../../../events/block-application/release.json"),
        ] {
            let response = answer(event, |event| {
                let headers = event["headers"].as_object_mut().unwrap();
                headers.remove("origin");
                if let Some(origin) = origin {
                    headers.insert("origin".to_owned(), json!(origin));
                }
            })
            .await;
            assert_eq!(response.status().as_u16(), 403, "{origin:?}");
        }
    }
}

#[tokio::test]
async fn without_a_session_nobody_blocks_releases_or_lists() {
    for event in [
        include_str!("../../../events/block-application/block.json"),
        include_str!("../../../events/block-application/release.json"),
        include_str!("../../../events/block-application/flags.json"),
    ] {
        let response = answer(event, |event| {
            event.as_object_mut().unwrap().remove("cookies");
        })
        .await;
        assert_eq!(response.status().as_u16(), 401);
    }
}

/// The function asks the store for the session first; here it does not answer, and people get a page that says so.
#[tokio::test]
async fn a_store_that_does_not_answer_is_told_as_a_page_with_a_number_to_quote() {
    let token = needs().links.token(&ApplicationId::from_random([7; 16]));
    let response = answer(include_str!("../../../events/block-application/page.json"), |event| {
        event["requestContext"]["http"]["path"] = json!(format!("/api/blocks/{token}"));
    })
    .await;
    assert_eq!(response.status().as_u16(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
    assert!(text(&response).contains("3f1c8f1e-7d0a-4a55-9f43-4d1b5a1f0051"));
}

#[tokio::test]
async fn other_methods_and_paths_are_refused() {
    let wrong_method =
        answer(include_str!("../../../events/block-application/flags.json"), |event| {
            event["requestContext"]["http"]["method"] = json!("DELETE");
        })
        .await;
    assert_eq!(wrong_method.status().as_u16(), 405);
    let no_route = answer(include_str!("../../../events/block-application/flags.json"), |event| {
        event["requestContext"]["http"]["path"] = json!("/api/flags/x");
    })
    .await;
    assert_eq!(no_route.status().as_u16(), 404);
}

/// The outcome of a body, as far as its reason is concerned.
async fn released_with(body: &Value) -> (u16, Value) {
    let mut event: Value =
        serde_json::from_str(include_str!("../../../events/block-application/release.json"))
            .unwrap();
    event["body"] = json!(body.to_string());
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let response = http::answer(request, |request| async move {
        reason(&request).map(|_| Response::new(Body::Empty))
    })
    .await
    .unwrap();
    let problem = serde_json::from_slice(response.body()).unwrap_or_default();
    (response.status().as_u16(), problem)
}

#[tokio::test]
async fn a_release_needs_a_reason_that_says_something() {
    for good in ["Sentito il datore di lavoro.", &"à".repeat(500)] {
        assert_eq!(released_with(&json!({ "reason": good })).await.0, 200);
    }
    let wrong = [
        (json!({}), "obbligatorio"),
        (json!({ "reason": "ok" }), "troppo-corto"),
        (json!({ "reason": "            " }), "troppo-corto"),
        (json!({ "reason": "a".repeat(501) }), "troppo-lungo"),
        (json!({ "reason": 7 }), "tipo-errato"),
    ];
    for (body, code) in wrong {
        let (status, problem) = released_with(&body).await;
        assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!(code)), "{body}");
    }
    let (status, problem) =
        released_with(&json!({ "reason": "Sentito il datore.", "state": "to-send" })).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("sconosciuto")));
}

/// One button where one press is possible, none where it is not; nothing from elsewhere and no script.
#[test]
fn the_page_has_one_button_as_long_as_one_can_block() {
    let (view, page) = visible_flags(Stage::ToValidate);
    assert_eq!(view.state, "to-validate");
    let html = format!("{page:?}");
    assert_eq!(html.matches("<button").count(), 1);
    assert!(html.contains("method=\\\"post\\\"") && html.contains("lang=\\\"it\\\""));
    for never in ["<script", "http:", "https:", "src=", "<agricoltura>", "onclick"] {
        assert!(!html.contains(never), "{never}");
    }
    assert!(html.contains("Stagionali &lt;agricoltura&gt;"));
    assert!(html.contains("da un'altra persona") || html.contains("da un&#39;altra persona"));
    let (_, already) = visible_flags(Stage::Blocked { province: None });
    assert!(!format!("{already:?}").contains("<button"));
    assert!(format!("{already:?}").contains("La domanda è bloccata"));
}
