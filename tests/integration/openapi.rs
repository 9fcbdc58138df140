//! The API's description, put together from the functions' tables of routes, and what every operation of it must have.

use std::{collections::BTreeSet, fmt::Write};

use domain::permission::Role;
use edge::{
    origin::ORIGIN_SECRET_HEADER,
    routes::{Callers, DescribedOperation, FunctionDescription, description::document},
};
use harness::{
    browser::Call,
    environment::root,
    organisations::{ENABLING_REQUESTS, municipal, recording},
    people,
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use reqwest::Method;
use serde_json::{Value, json};

/// The tables of all functions that answer the portal's API. A test below compares them with the template's routes.
fn tables() -> Vec<FunctionDescription> {
    vec![
        sign_in::described(),
        link_account::described(),
        manage_account::described(),
        start_application::described(),
        save_draft::described(),
        submit_application::described(),
        arm_application::described(),
        block_application::described(),
        decide_application::described(),
        receive_visa_events::described(),
        answer_confirmation::described(),
        handle_contract::described(),
        appoint_people::described(),
        manage_campaign::described(),
        record_outage::described(),
        read_applications::described(),
        enable_operators::described(),
        manage_organisation::described(),
    ]
}

fn description() -> Value {
    serde_json::to_value(document(tables())).unwrap()
}

/// Golden: clients are generated from it.
#[test]
fn the_description_is_as_committed() {
    let text = document(tables()).to_pretty_json().unwrap();
    expect_test::expect_file!["../../docs/openapi.json"].assert_eq(&format!("{text}\n"));
}

/// Golden: the map of the API for people.
#[test]
fn the_table_of_routes_is_as_committed() {
    let mut text = "# Routes\n\nGenerated from the tables in the functions (`routes!`). What each operation reads and answers stands in `openapi.json`.\n".to_owned();
    for table in tables() {
        write!(text, "\n{}", table.table()).unwrap();
    }
    expect_test::expect_file!["../../docs/routes.md"].assert_eq(&text);
}

/// Every operation has a name of its own, says who may call it and how it refuses.
#[test]
fn every_operation_says_who_may_call_it_and_how_it_refuses() {
    let document = description();
    let mut names = BTreeSet::new();
    let mut wrong: Vec<String> = tables().iter().flat_map(FunctionDescription::faults).collect();
    for (route, operation) in operations(&document) {
        let mut note = |what: &str| wrong.push(format!("{route}: {what}"));
        let name = operation["operationId"].as_str().unwrap_or_default();
        if name.is_empty() || !names.insert(name.to_owned()) {
            note("no operationId of its own");
        }
        if operation["summary"].as_str().unwrap_or_default().is_empty() {
            note("no summary");
        }
        let responses = operation["responses"].as_object().cloned().unwrap_or_default();
        if !responses.keys().any(|status| status.starts_with('2') || status == "303") {
            note("never succeeds");
        }
        for (status, response) in &responses {
            if response["description"].as_str().unwrap_or_default().is_empty() {
                note(&format!("{status} has no description"));
            }
            let shape = response.pointer("/content/application~1problem+json/schema/$ref");
            if status.as_str() >= "400"
                && shape.and_then(Value::as_str) != Some("#/components/schemas/ProblemDocument")
            {
                note(&format!("{status} is no problem document"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Operations that prove nothing about the caller: a route joins them only by a change of this list.
#[test]
fn only_these_operations_are_open_to_anyone() {
    let open: BTreeSet<String> = tables()
        .iter()
        .flat_map(FunctionDescription::rows)
        .filter(|row| matches!(row.callers(), Callers::Anyone | Callers::WithLink))
        .map(DescribedOperation::key)
        .collect();
    let known = [
        "GET /api/sign-in/spid",
        "GET /api/sign-in/callback",
        "POST /api/sign-in/password",
        // Signing out succeeds without a session, too.
        "POST /api/session/sign-out",
        "GET /api/human-check",
        "POST /api/human-check/mail",
        "POST /api/accounts",
        "POST /api/accounts/activation",
        "POST /api/accounts/activation-codes",
        "POST /api/account/email-confirmation",
        "POST /api/account/recovery",
        "POST /api/account/recovery/password",
        "GET /api/models/{schema}",
        "GET /api/blocks/{token}",
        "POST /api/blocks/{token}",
    ];
    assert_eq!(open, known.map(str::to_owned).into());
}

/// The route of the template that takes what no other takes.
const REST: &str = "ANY /api/{proxy+}";

/// ADR 3, ADR 38: an address that is none, or a method that is none there, is refused by a problem, as everything else is.
#[tokio::test]
async fn what_no_route_takes_is_refused_by_a_problem() -> StoryResult {
    let world = World::enter().await?;
    let browser = world.browser()?;
    for (method, path, allowed) in [
        (Method::GET, "/api/nessuno", None),
        (Method::GET, "/api/applications/app_1/nessuno/affatto", None),
        (Method::DELETE, "/api/session", Some("GET, HEAD")),
        // The function that answers the rest knows what other functions take.
        (Method::GET, "/api/submissions", Some("POST")),
        (Method::PUT, "/api/applications", Some("GET, HEAD, POST")),
    ] {
        let answer = browser.send(Call::new(method.clone(), path)).await?;
        let answer = match allowed {
            None => answer.refused(404, "non-trovata")?,
            Some(_) => answer.refused(405, "metodo-non-ammesso")?,
        };
        same("allowed", &answer.header("allow"), &allowed)?;
        let kind = answer.header("content-type").unwrap_or_default();
        ensure(kind.starts_with("application/problem+json"), format!("{method} {path}: {kind}"))?;
        ensure(answer.text("/detail")?.contains("indirizzo"), format!("{method} {path}"))?;
        ensure(!answer.text("/request_id")?.is_empty(), "no code for the help desk")?;
        answer.is_kept_by_no_cache()?;
    }
    Ok(())
}

/// The tables and the template agree on every route, and on the function that it leads to.
#[test]
fn every_route_of_the_template_is_in_the_table_of_its_function_and_no_other() {
    let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    let deployed: BTreeSet<(String, String)> = template
        .lines()
        .filter(|line| line.contains("ApiId: !Ref PortalApi,"))
        .filter_map(|line| {
            let (key, rest) = line.split_once("RouteKey: '")?.1.split_once('\'')?;
            let target = rest.split_once("integrations/${")?.1.split_once("Integration}")?.0;
            Some((kebab(target), key.to_owned()))
        })
        // What no route takes is no operation (ADR 38).
        .filter(|(_, key)| key != REST)
        .collect();
    // What can be read can be asked about: HEAD leads where GET leads (RFC 9110 9.3.2).
    let keys = |row: &DescribedOperation| {
        let head = (row.method() == "GET").then(|| format!("HEAD {}", row.path()));
        head.into_iter().chain([row.key()])
    };
    let described: BTreeSet<(String, String)> = tables()
        .iter()
        .flat_map(|table| {
            table.rows().iter().flat_map(keys).map(|key| (table.function().to_owned(), key))
        })
        .collect();
    let missing: Vec<_> = described.difference(&deployed).collect();
    assert!(missing.is_empty(), "add these routes to template.yaml: {missing:?}");
    let unknown: Vec<_> = deployed.difference(&described).collect();
    assert!(unknown.is_empty(), "no function's `routes!` has these routes: {unknown:?}");
}

/// What a row says of its callers is what the deployed function does: without proof each operation refuses, and a change that
/// comes from no page of ours is refused whatever is proven (IDP-1).
#[tokio::test]
async fn every_operation_refuses_a_caller_who_proves_nothing() -> StoryResult {
    let world = World::enter().await?;
    let browser = world.browser()?;
    for row in tables().iter().flat_map(FunctionDescription::rows) {
        let method: Method = row.method().parse().map_err(|_| Deviation::new(row.key()))?;
        // A search is posted for its filters and changes nothing.
        let is_change = method != Method::GET && !row.path().ends_with("/search");
        // As of an application that nobody has; other identifiers are read after the caller is known, too.
        let path = row.path().replace("{id}", NOBODYS).replace(['{', '}'], "");
        let call = || {
            let call = Call::new(method.clone(), path.as_str()).json(&json!({}));
            // Not as a page, which a link gives to people.
            call.header("accept", "application/json")
        };
        let wanted = match row.callers() {
            Callers::WithSession | Callers::WithRefreshCookie | Callers::Machine => Some(401),
            Callers::WithLink => Some(404),
            Callers::Anyone => None,
        };
        let answer = browser.send(call()).await?;
        match wanted {
            Some(status) => same(&row.key(), &answer.status, &status)?,
            None => ensure(answer.status != 401, format!("{answer}"))?,
        }
        if is_change && row.callers() != Callers::Machine {
            browser.send(call().header("origin", "")).await?.refused(403, "origine-non-ammessa")?;
        }
    }
    Ok(())
}

/// Scanners of mail and links ask with HEAD first, and give up on what answers 404.
#[tokio::test]
async fn head_is_answered_wherever_get_is() -> StoryResult {
    let world = World::enter().await?;
    let browser = world.browser()?;
    for row in tables().iter().flat_map(FunctionDescription::rows) {
        if row.method() != "GET" {
            continue;
        }
        let path = row.path().replace("{id}", NOBODYS).replace(['{', '}'], "");
        let ask = |method| Call::new(method, path.as_str()).header("accept", "application/json");
        let got = browser.send(ask(Method::GET)).await?;
        let head = browser.send(ask(Method::HEAD)).await?;
        same(&row.key(), &head.status, &got.status)?;
        ensure(head.body.is_empty(), row.key())?;
    }
    Ok(())
}

/// ADR 11: the gateway answers at an address of its own, past the limits and headers of the edge: whoever calls it there, without
/// the edge's secret or with another, is refused by every operation, whatever the rest of the call proves.
#[tokio::test]
async fn no_operation_answers_past_the_edge() -> StoryResult {
    let world = World::enter().await?;
    let browser = world.browser()?;
    let gateway = format!(
        "{}/_aws/execute-api/{}/$default",
        world.environment.endpoint()?,
        world.environment.text("PORTAL_API_ID")?
    );
    for row in tables().iter().flat_map(FunctionDescription::rows) {
        let method: Method = row.method().parse().map_err(|_| Deviation::new(row.key()))?;
        let path = row.path().replace("{id}", NOBODYS).replace(['{', '}'], "");
        let call = || {
            let call = Call::new(method.clone(), format!("{gateway}{path}"));
            let call = if method == Method::GET { call } else { call.json(&json!({})) };
            call.header("accept", "application/json")
        };
        let guessed = call().header(ORIGIN_SECRET_HEADER, "0123456789abcdef0123456789abcdef");
        for answer in [browser.send(call()).await?, browser.send(guessed).await?] {
            let found = (answer.status, answer.problem());
            same(&row.key(), &found, &(403, Some("accesso-diretto".to_owned())))?;
        }
    }
    Ok(())
}

/// ADR 32: what people type is read by one rule wherever they type it: a control character is refused beside its field, and what
/// nobody sees is dropped. Releases and decisions stand with their cases.
#[tokio::test]
async fn no_text_that_is_typed_holds_what_nobody_sees_or_prints() -> StoryResult {
    let world = World::enter().await?;
    let boss = world.official(Role::Administrator, None).await?;
    let person = world.private_user().await?;
    let bell = "Guasto\u{7} della banca dati";
    let outage = json!({
        "from": "2018-03-01T08:00:00.000Z", "until": "2018-03-01T09:00:00.000Z", "reason": bell,
    });
    let mut organisation = recording(&world.employer()?)?;
    organisation["name"] = json!(bell);
    let mut request = municipal(&person, &[&world.employer()?])?;
    request["name"] = json!(bell);
    request["operators"][0]["surname"] = json!(bell);
    let board = json!({ "notices": [{
        "id": "prova", "list": "avvisi", "title": bell, "text": bell,
        "published": "2026-06-01T10:00:00+02:00",
    }] });
    let read = boss.browser.get("/api/notice-board").await?.expect(200)?;
    let edition = read.header("etag").unwrap_or_default().to_owned();
    for (browser, path, body, fields) in [
        (&boss.browser, "/api/outages", &outage, vec!["reason"]),
        (&boss.browser, "/api/organisations", &organisation, vec!["name"]),
        (&person.browser, ENABLING_REQUESTS, &request, vec!["name", "operators[0].surname"]),
        (
            &boss.browser,
            "/api/notice-board/editions",
            &board,
            vec!["notices[0].text", "notices[0].title"],
        ),
    ] {
        let call = Call::new(Method::POST, path).json(body).header("if-match", &edition);
        let refused = browser.send(call).await?.refused(422, "campi-non-validi")?;
        let wanted: Vec<_> = fields
            .iter()
            .map(|field| ((*field).to_owned(), "caratteri-di-controllo".to_owned()))
            .collect();
        same(path, &refused.refused_fields(), &wanted)?;
    }
    // The direction of reading is turned in a body's name.
    let word = people::fresh_word()?;
    let mut turned = recording(&world.employer()?)?;
    turned["name"] = json!(format!("Patro\u{200b}nato \u{202e}{word}\u{2066}"));
    let recorded = boss.browser.post("/api/organisations", &turned).await?.expect(201)?;
    same("name", &recorded.text("/name")?, &format!("Patronato {word}"))
}

/// An application's identifier that was never drawn.
const NOBODYS: &str = "app_00000000000000000000000000";

/// `cargo xtask contract` needs, for each operation, a call that must succeed.
#[test]
fn the_keeper_of_the_contract_knows_a_call_of_every_operation() {
    let keeper = std::fs::read_to_string(root().join("tests/bin/contract/keeper.rs")).unwrap();
    let document = description();
    let missing: Vec<&str> = operations(&document)
        .filter_map(|(_, operation)| operation["operationId"].as_str())
        .filter(|name| !keeper.contains(&format!("\"{name}\"")))
        .collect();
    assert!(
        missing.is_empty(),
        "add a call that must succeed to `Keeper::call` in tests/bin/contract/keeper.rs: {missing:?}"
    );
}

/// `SubmitApplication` → `submit-application`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    document["paths"].as_object().into_iter().flatten().flat_map(|(path, methods)| {
        methods
            .as_object()
            .into_iter()
            .flatten()
            .map(move |(method, operation)| (format!("{method} {path}"), operation))
    })
}
