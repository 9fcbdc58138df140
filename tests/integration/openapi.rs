//! The API's description, generated from the functions' own annotations, and what every operation of it must have.

use std::collections::BTreeSet;

use harness::environment::root;
use serde_json::Value;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document, RefOr,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// Every route of the portal.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Portale dei nulla osta al lavoro",
        description = "Una sola origine per sito e API. I problemi sono documenti application/problem+json con tipo stabile, \
                       titolo e dettaglio in italiano. Ogni modifica richiede l'header Origin del portale.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    servers((url = "/")),
    paths(
        sign_in::begin,
        sign_in::finish,
        sign_in::sign_in,
        sign_in::current,
        sign_in::refresh,
        sign_in::sign_out,
        link_account::link,
        manage_account::challenge,
        manage_account::mail_code,
        manage_account::register,
        manage_account::activate,
        manage_account::ask_code,
        manage_account::read,
        manage_account::change,
        manage_account::confirm_address,
        manage_account::ask_recovery,
        manage_account::choose_password,
        manage_account::announce_closure,
        manage_account::close,
        manage_account::export,
        start_application::start,
        start_application::verify_code,
        start_application::ask_new_code,
        save_draft::read_model,
        save_draft::read_draft,
        save_draft::save_draft,
        save_draft::ask_correction,
        save_draft::delete_draft,
        submit_application::submit,
        submit_application::batch::submit_many,
        block_application::look,
        block_application::block_by_link,
        block_application::block,
        block_application::release,
        block_application::list_flags,
        decide_application::list,
        decide_application::dossier,
        decide_application::decide,
        receive_visa_events::report,
        answer_confirmation::answer,
        handle_contract::report_entry,
        handle_contract::enter_agreement,
        handle_contract::ask_upload,
        handle_contract::read_upload,
        handle_contract::list_documents,
        record_outage::record,
        record_outage::list,
        read_applications::list,
        read_applications::search::search,
        read_applications::radar::readiness,
        read_applications::one,
        read_applications::history,
        read_applications::communications,
        read_applications::receipt,
        enable_operators::submit::submit_request,
        enable_operators::read::list_requests,
        enable_operators::read::read_request,
        enable_operators::decide::decide,
        enable_operators::decide::withdraw,
        manage_organisation::record::record,
        manage_organisation::read::read_organisation,
        manage_organisation::read::list_operators,
        manage_organisation::add_operators::add_operators,
        manage_organisation::leave::report_leaving,
        manage_organisation::hand_over::hand_over,
    ),
    modifiers(&Cookies, &Problems)
)]
struct Portal;

/// Sessions travel in cookies that no script reads; a machine signs each request.
struct Cookies;

impl Modify for Cookies {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        for (name, cookie) in [("session", "__Host-session"), ("refresh", "__Host-refresh")] {
            components.add_security_scheme(
                name,
                SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie))),
            );
        }
        let machine = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "A JWT (EdDSA) that the consular system signs with its key over the body of this request.",
            ));
        components.add_security_scheme("machine", SecurityScheme::Http(machine.build()));
    }
}

/// Every refusal is a problem document, under the media type of problem documents.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut Document) {
        for item in document.paths.paths.values_mut() {
            let operations =
                [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
            let responses = operations
                .into_iter()
                .flatten()
                .flat_map(|operation| operation.responses.responses.iter_mut())
                .filter(|(status, _)| status.as_str() >= "400");
            for (_, response) in responses {
                if let RefOr::T(response) = response
                    && let Some(content) = response.content.shift_remove("application/json")
                {
                    response.content.insert("application/problem+json".to_owned(), content);
                }
            }
        }
    }
}

/// Golden: clients are generated from it.
#[test]
fn the_description_is_as_committed() {
    let text = Portal::openapi().to_pretty_json().unwrap();
    expect_test::expect_file!["../../docs/openapi.json"].assert_eq(&format!("{text}\n"));
}

/// Every operation has a name of its own, says who may call it and how it refuses.
#[test]
fn every_operation_says_who_may_call_it_and_how_it_refuses() {
    let document = serde_json::to_value(Portal::openapi()).unwrap();
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for (route, operation) in operations(&document) {
        let mut note = |what: &str| wrong.push(format!("{route}: {what}"));
        let name = operation["operationId"].as_str().unwrap_or_default();
        if name.is_empty() || !names.insert(name.to_owned()) {
            note("no operationId of its own");
        }
        if operation["summary"].as_str().unwrap_or_default().is_empty() {
            note("no summary");
        }
        if operation["security"].as_array().is_none_or(Vec::is_empty) && !is_public(&route) {
            note("does not say who may call it");
        }
        let responses = operation["responses"].as_object().cloned().unwrap_or_default();
        if !responses.keys().any(|status| status.starts_with('2') || status == "303") {
            note("never succeeds");
        }
        if !responses.keys().any(|status| status.starts_with('4')) {
            note("never refuses");
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
        // A machine has no browser that another site could use.
        let is_change =
            ["post", "put", "patch", "delete"].iter().any(|method| route.starts_with(method))
                && operation.pointer("/security/0/machine").is_none();
        if is_change && !responses.contains_key("403") {
            note("a change that no wrong origin is refused for");
        }
        if operation["requestBody"].is_object() {
            for status in ["400", "413", "415", "422"] {
                if !responses.contains_key(status) {
                    note(&format!("reads a body and lacks {status}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The description and the template agree on every route.
#[test]
fn every_route_of_the_template_is_described_and_no_other() {
    let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    let deployed: BTreeSet<String> = template
        .lines()
        .filter(|line| line.contains("ApiId: !Ref PortalApi,"))
        .filter_map(|line| {
            line.split_once("RouteKey: '")?.1.split_once('\'').map(|(key, _)| key.to_owned())
        })
        .collect();
    let document = serde_json::to_value(Portal::openapi()).unwrap();
    let described: BTreeSet<String> = operations(&document)
        .map(|(route, _)| {
            route
                .split_once(' ')
                .map(|(method, path)| format!("{} {path}", method.to_uppercase()))
                .unwrap()
        })
        .collect();
    assert!(!deployed.is_empty());
    assert_eq!(deployed, described);
}

/// A person who signs in has no session yet, forms are public data, and a link in a certified mailbox proves itself.
fn is_public(route: &str) -> bool {
    [
        "get /api/sign-in/spid",
        "get /api/sign-in/callback",
        "post /api/sign-in/password",
        "get /api/human-check",
        "post /api/human-check/mail",
        "post /api/accounts",
        "post /api/accounts/activation",
        "post /api/accounts/activation-codes",
        "post /api/account/email-confirmation",
        "post /api/account/recovery",
        "post /api/account/recovery/password",
        "get /api/models/{schema}",
        "get /api/blocks/{token}",
        "post /api/blocks/{token}",
    ]
    .contains(&route)
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
