//! The API's description, put together from every function's table: who may call, and which problems that entails, are said
//! by kind; an annotation says only what is special to its operation.

use std::{collections::BTreeSet, fmt::Write};

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, HttpMethod, Info, License, OpenApi, OpenApiBuilder, Ref, RefOr,
        Response, SecurityRequirement, Server,
        path::{Operation, ParameterIn, PathItem},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::name_of;
use crate::http::problem::{FieldProblem, ProblemDocument};

/// Who may call an operation, by what proves it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Callers {
    /// The caller proves nothing: a person who signs in has no session yet, and forms are public data.
    Anyone,
    /// The secret in the path, from a message to a certified mailbox (NEW-5). People open it in a browser: they are answered
    /// with pages.
    WithLink,
    /// The cookie of a session.
    WithSession,
    /// The cookie that prolongs a session.
    WithRefreshCookie,
    /// A machine that signs each request; it has no browser that another site could use.
    Machine,
}

impl Callers {
    /// As the table of routes names them.
    const fn name(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::WithLink => "with the link",
            Self::WithSession => "with a session",
            Self::WithRefreshCookie => "with the refresh cookie",
            Self::Machine => "a machine that signs",
        }
    }

    /// The scheme of the description by which they prove it.
    const fn scheme(self) -> Option<&'static str> {
        match self {
            Self::Anyone | Self::WithLink => None,
            Self::WithSession => Some("session"),
            Self::WithRefreshCookie => Some("refresh"),
            Self::Machine => Some("machine"),
        }
    }

    /// How an operation refuses a caller who may not call it.
    const fn refusals(self, is_change: bool) -> &'static [(&'static str, &'static str)] {
        const NO_SESSION: (&str, &str) = ("401", "No session, or it is over");
        match (self, is_change) {
            (Self::Anyone | Self::WithLink, false) => &[],
            (Self::Anyone, true) => &[("403", "Wrong origin")],
            (Self::WithLink, true) => &[("403", "Not from our own page")],
            (Self::WithSession, true) => &[NO_SESSION, ("403", "Wrong origin, role or level")],
            (Self::WithSession, false) => &[NO_SESSION, ("403", "Role or level does not suffice")],
            (Self::WithRefreshCookie, _) => &[NO_SESSION, ("403", "Wrong origin")],
            (Self::Machine, _) => &[("401", "Not signed as it must be")],
        }
    }
}

/// One operation of a function's table.
#[derive(Clone)]
pub struct DescribedOperation {
    callers: Callers,
    methods: Vec<HttpMethod>,
    path: String,
    /// Names of the path's parameters, as the row has them.
    parameters: &'static [&'static str],
}

impl std::fmt::Debug for DescribedOperation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "DescribedOperation({}, {:?})", self.key(), self.callers)
    }
}

impl DescribedOperation {
    /// The operation that the annotation `P` describes.
    pub fn of<P: utoipa::Path>(callers: Callers, parameters: &'static [&'static str]) -> Self {
        Self { callers, methods: P::methods(), path: P::path(), parameters }
    }

    /// Who may call it.
    pub const fn callers(&self) -> Callers {
        self.callers
    }

    /// `GET`, `POST` …
    pub fn method(&self) -> &'static str {
        self.methods.first().map_or("", name_of)
    }

    /// `/api/applications/{id}`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// As the template has it: `GET /api/applications/{id}`.
    pub fn key(&self) -> String {
        format!("{} {}", self.method(), self.path)
    }

    fn is_change(&self) -> bool {
        !matches!(self.methods.first(), Some(HttpMethod::Get | HttpMethod::Head))
    }
}

/// One function's part of the API's description.
#[derive(Clone)]
pub struct FunctionDescription {
    function: &'static str,
    api: OpenApi,
    rows: Vec<DescribedOperation>,
}

impl std::fmt::Debug for FunctionDescription {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "FunctionDescription({}, {:?})", self.function, self.rows)
    }
}

impl FunctionDescription {
    /// What the annotations of a function's handlers say, completed by what follows from each row's kind.
    pub fn new(function: &'static str, mut api: OpenApi, rows: Vec<DescribedOperation>) -> Self {
        for row in &rows {
            let item = api.paths.paths.get_mut(&row.path);
            if let Some(operation) = item.and_then(|item| operation_mut(item, row.methods.first()))
            {
                complete(operation, row, function);
            }
        }
        Self { function, api, rows }
    }

    /// The function's name.
    pub const fn function(&self) -> &'static str {
        self.function
    }

    /// Its operations.
    pub fn rows(&self) -> &[DescribedOperation] {
        &self.rows
    }

    /// The contradictions between annotation and row; none when all is well.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for row in &self.rows {
            let mut note = |what: &str| faults.push(format!("{}: {what}", row.key()));
            if row.methods.len() != 1 {
                note("an annotation has one method");
            }
            let wanted: BTreeSet<&str> = row
                .path
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            if wanted != row.parameters.iter().copied().collect() {
                note("the row in `routes!` names other parameters than the path has");
            }
            let operation = self
                .api
                .paths
                .paths
                .get(&row.path)
                .and_then(|item| operation_of(item, row.methods.first()));
            let described: BTreeSet<&str> = operation
                .iter()
                .flat_map(|operation| operation.parameters.iter().flatten())
                .filter_map(|parameter| match parameter {
                    RefOr::T(parameter) => Some(parameter),
                    RefOr::Ref(_) => None,
                })
                .filter(|parameter| parameter.parameter_in == ParameterIn::Path)
                .map(|parameter| parameter.name.as_str())
                .collect();
            if described != wanted {
                note("the annotation's `params` describe other parameters than the path has");
            }
        }
        faults
    }

    /// Its rows of `docs/routes.md`.
    pub fn table(&self) -> String {
        let mut table = format!("## {}\n\n", self.function);
        table.push_str(
            "| route | operation | who may call it | what it does |\n|---|---|---|---|\n",
        );
        for row in &self.rows {
            let operation = self
                .api
                .paths
                .paths
                .get(&row.path)
                .and_then(|item| operation_of(item, row.methods.first()));
            let name = operation.and_then(|one| one.operation_id.as_deref()).unwrap_or_default();
            let summary = operation.and_then(|one| one.summary.as_deref()).unwrap_or_default();
            let (route, callers) = (row.key(), row.callers.name());
            // Writing to a text cannot fail.
            let _ = writeln!(table, "| `{route}` | {name} | {callers} | {summary} |");
        }
        table
    }
}

/// Adds to an operation what its kind entails.
fn complete(operation: &mut Operation, row: &DescribedOperation, function: &str) {
    operation.tags = Some(vec![function.to_owned()]);
    if operation.security.is_none()
        && let Some(scheme) = row.callers.scheme()
    {
        let nothing: [String; 0] = [];
        operation.security = Some(vec![SecurityRequirement::new(scheme, nothing)]);
    }
    let responses = &mut operation.responses.responses;
    for (status, description) in standing(row, operation.request_body.is_some()) {
        responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(Response::new(description)));
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.as_str() >= "400"
        {
            tell_as_problem(response, row.callers);
        }
    }
}

/// The problems that follow from who may call, where the operation is and what it reads.
fn standing(row: &DescribedOperation, has_body: bool) -> Vec<(&'static str, &'static str)> {
    let mut problems = row.callers.refusals(row.is_change()).to_vec();
    if !row.parameters.is_empty() {
        problems.push(("404", "Absent or not yours"));
    }
    if has_body {
        problems.extend([
            ("400", "The body is no JSON object"),
            ("413", "The body is larger than 256 KiB"),
            ("415", "The content type is not JSON"),
            ("422", "Wrong fields, all of them"),
        ]);
    }
    problems.push(("503", "The store does not answer"));
    problems
}

/// A refusal is a problem document; people who come by a link read a page.
fn tell_as_problem(response: &mut Response, callers: Callers) {
    response.content.clear();
    let document = Content::new(Some(Ref::from_schema_name(ProblemDocument::name())));
    if callers == Callers::WithLink {
        let page = Content::new(Some(String::schema()));
        response.content.insert("text/html".to_owned(), page.into());
    }
    response.content.insert("application/problem+json".to_owned(), document.into());
}

fn operation_mut<'a>(
    item: &'a mut PathItem,
    method: Option<&HttpMethod>,
) -> Option<&'a mut Operation> {
    match method? {
        HttpMethod::Get => item.get.as_mut(),
        HttpMethod::Post => item.post.as_mut(),
        HttpMethod::Put => item.put.as_mut(),
        HttpMethod::Delete => item.delete.as_mut(),
        HttpMethod::Patch => item.patch.as_mut(),
        HttpMethod::Head | HttpMethod::Options | HttpMethod::Trace => None,
    }
}

fn operation_of<'a>(item: &'a PathItem, method: Option<&HttpMethod>) -> Option<&'a Operation> {
    match method? {
        HttpMethod::Get => item.get.as_ref(),
        HttpMethod::Post => item.post.as_ref(),
        HttpMethod::Put => item.put.as_ref(),
        HttpMethod::Delete => item.delete.as_ref(),
        HttpMethod::Patch => item.patch.as_ref(),
        HttpMethod::Head | HttpMethod::Options | HttpMethod::Trace => None,
    }
}

/// The description of the whole portal.
pub fn document(functions: Vec<FunctionDescription>) -> OpenApi {
    let mut license = License::new("EUPL-1.2");
    license.identifier = Some("EUPL-1.2".to_owned());
    let mut info = Info::new("Portale dei nulla osta al lavoro", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Una sola origine per sito e API. I problemi sono documenti application/problem+json con tipo stabile, titolo e dettaglio in italiano. Ogni modifica richiede l'header Origin del portale.".to_owned(),
    );
    info.license = Some(license);
    let mut portal = OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new("/")]))
        .components(Some(components()))
        .build();
    for function in functions {
        portal.merge(function.api);
    }
    portal
}

/// The problem document, and how callers prove who they are: sessions travel in cookies that no script reads; a machine
/// signs each request.
fn components() -> Components {
    let mut components = Components::new();
    let problems = [
        (ProblemDocument::name(), ProblemDocument::schema()),
        (FieldProblem::name(), FieldProblem::schema()),
    ];
    components.schemas.extend(problems.map(|(name, schema)| (name.into_owned(), schema)));
    for (name, cookie) in [("session", "__Host-session"), ("refresh", "__Host-refresh")] {
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie)));
        components.add_security_scheme(name, cookie);
    }
    let machine = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A JWT (EdDSA) that the consular system signs with its key over the body of this request.",
        ));
    components.add_security_scheme("machine", SecurityScheme::Http(machine.build()));
    components
}
