//! Which row of a table answers a request.

use super::*;

fn nothing<'a>(_: &'a (), _: &'a ApiRequest, _: Parameters<'a>) -> Answer<'a> {
    Box::pin(std::future::ready(http::empty(204)))
}

fn table(rows: &[(&'static str, &str)]) -> Routes<()> {
    let row = |(method, path): &(&'static str, &str)| Route {
        method,
        pattern: Pattern::of(path),
        handler: nothing,
    };
    Routes::new(rows.iter().map(row).collect())
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn found(table: &Routes<()>, method: &str, path: &str) -> Result<String, u16> {
    let segments = segments(path);
    let route = table.find(method, &segments).map_err(|problem| problem.kind().status())?;
    Ok(format!(
        "{} {}",
        route.method,
        route
            .pattern
            .0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => format!("/{text}"),
                Part::Parameter(name) => format!("/{{{name}}}"),
            })
            .collect::<String>()
    ))
}

#[test]
fn a_literal_comes_before_a_parameter_wherever_it_stands_in_the_table() {
    let table = table(&[
        ("GET", "/api/applications/{id}"),
        ("POST", "/api/applications/search"),
        ("GET", "/api/applications/{id}/history"),
        ("GET", "/api/applications"),
        ("DELETE", "/api/applications/{id}"),
    ]);
    for (method, path, wanted) in [
        ("GET", "applications", Ok("GET /applications")),
        ("POST", "applications/search", Ok("POST /applications/search")),
        ("GET", "applications/app_1", Ok("GET /applications/{id}")),
        ("DELETE", "applications/app_1", Ok("DELETE /applications/{id}")),
        ("GET", "applications/app_1/history", Ok("GET /applications/{id}/history")),
        ("GET", "applications/search/history", Ok("GET /applications/{id}/history")),
        // The literal's path is one of its own: what it does not admit is not the parameter's.
        ("GET", "applications/search", Err(405)),
        ("PUT", "applications/app_1", Err(405)),
        ("HEAD", "applications", Ok("GET /applications")),
        ("HEAD", "applications/search", Err(405)),
        ("GET", "", Err(404)),
        ("GET", "other", Err(404)),
        ("GET", "applications/app_1/history/more", Err(404)),
    ] {
        assert_eq!(found(&table, method, path), wanted.map(str::to_owned), "{method} {path}");
    }
}

#[test]
fn a_refused_method_names_those_that_are_allowed() {
    let table = table(&[("PATCH", "/api/account"), ("GET", "/api/account")]);
    let problem = table.find("POST", &segments("account")).unwrap_err();
    let response = problem.into_response("");
    assert_eq!(response.status().as_u16(), 405);
    assert_eq!(response.headers().get("allow").unwrap(), "GET, HEAD, PATCH");
}

/// ADR 38: where no route of the function is, those of all others tell what is allowed; elsewhere nothing is there.
#[tokio::test]
async fn the_rest_is_refused_with_what_the_path_allows() {
    let table = table(&[("GET", "/api/session")]);
    let list = "# Routes\n\n| route | operation |\n|---|---|\n| `GET /api/applications` | a |\n| `POST /api/applications` | b |\n| `POST /api/applications/search` | c |\n| `DELETE /api/applications/{id}` | d |\n";
    let all = AllRoutes::read(list);
    let event = include_str!("../../../../events/sign-in/session.json");
    for (method, path, status, allow) in [
        ("PUT", "/api/applications", 405, Some("GET, HEAD, POST")),
        ("GET", "/api/applications/search", 405, Some("POST")),
        ("GET", "/api/applications/app_1", 405, Some("DELETE")),
        ("GET", "/api/applications/app_1/history", 404, None),
        ("DELETE", "/api/session", 405, Some("GET, HEAD")),
        ("GET", "/api", 404, None),
        ("GET", "/api/session", 204, None),
    ] {
        let mut event: serde_json::Value = serde_json::from_str(event).unwrap();
        event["requestContext"]["http"]["method"] = method.into();
        event["requestContext"]["http"]["path"] = path.into();
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let response = table.answer_within(&all, &(), request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        let found = response.headers().get("allow").map(|allow| allow.to_str().unwrap());
        assert_eq!(found, allow, "{method} {path}");
    }
}

#[test]
fn parameters_are_found_by_name_and_shown_by_no_log() {
    let pattern = Pattern::of("/api/applications/{id}/uploads/{upload}");
    let segments = segments("applications/app_1/uploads/7");
    let parameters = Parameters { pattern: &pattern, segments: &segments };
    assert_eq!(parameters.named::<u8>("upload").read().unwrap(), 7);
    assert_eq!(parameters.named::<String>("id").text(), "app_1");
    let none = parameters.named::<u8>("id").read().unwrap_err();
    assert_eq!(none.kind(), ProblemKind::NotFound);
    assert!(!format!("{parameters:?} {:?}", parameters.named::<u8>("id")).contains("app_1"));
}
