//! One route, one place: a table per function has a row for each operation, from which dispatch, the refusal of other
//! methods and the API's description follow (ADR 25).
//!
//! Method and path stand once, in the `#[utoipa::path]` at the handler; [`routes!`](crate::routes!) takes them from there.

pub mod description;

use std::{convert::Infallible, fmt, marker::PhantomData, pin::Pin, str::FromStr};

use lambda_http::{Body, Request, Response};
#[doc(hidden)]
pub use pastey;
use utoipa::openapi::HttpMethod;

pub use self::description::{Callers, DescribedOperation, FunctionDescription};
use crate::http::{self, ApiRequest, Problem, ProblemKind};

/// What a handler becomes in the table.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response<Body>, Problem>> + Send + 'a>>;

/// Reads the path's parameters and calls a handler with them.
pub type Handler<N> = for<'a> fn(&'a N, &'a ApiRequest, Parameters<'a>) -> Answer<'a>;

/// One operation: where it is and what answers it. `N` is what the function's handlers need.
pub struct Route<N> {
    method: &'static str,
    pattern: Pattern,
    handler: Handler<N>,
}

impl<N> Route<N> {
    /// The operation that the annotation `P` describes, answered by `handler`.
    ///
    /// An annotation has one method; of several the first counts, and the API's description lacks the others.
    pub fn of<P: utoipa::Path>(handler: Handler<N>) -> Self {
        let method = P::methods().first().map_or("", name_of);
        Self { method, pattern: Pattern::of(&P::path()), handler }
    }
}

impl<N> fmt::Debug for Route<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Route({} {:?})", self.method, self.pattern)
    }
}

/// The method as requests write it.
pub(crate) const fn name_of(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Post => "POST",
        HttpMethod::Put => "PUT",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Options => "OPTIONS",
        HttpMethod::Head => "HEAD",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Trace => "TRACE",
    }
}

/// What people read who come to an address of the API that is none, or none for this (ADR 38).
const NO_SUCH_ADDRESS: &str = "Questo indirizzo non esiste oppure non accetta l'operazione richiesta. Torna alla pagina iniziale del portale e riparti da lì.";

/// The routes of one function.
#[derive(Debug)]
pub struct Routes<N> {
    /// In the order in which they are tried: where a literal and a parameter both match, the literal comes first.
    rows: Vec<Route<N>>,
}

impl<N> Routes<N> {
    /// A table of these operations, in any order.
    pub fn new(mut rows: Vec<Route<N>>) -> Self {
        rows.sort_by_cached_key(|row| row.pattern.key());
        Self { rows }
    }

    /// Answers one request: reads it, finds its route, runs the handler; a path that no route has is not found, another
    /// method at a path of ours is refused with those that are allowed.
    pub async fn answer(&self, app: &N, request: Request) -> Result<Response<Body>, Infallible> {
        self.answer_within(&AllRoutes::default(), app, request).await
    }

    /// The same for the function that answers what no route takes: at a path of another function, too, a method that none
    /// has is refused with those that are allowed (ADR 38).
    pub async fn answer_within(
        &self,
        all: &AllRoutes,
        app: &N,
        request: Request,
    ) -> Result<Response<Body>, Infallible> {
        http::answer(request, |request| async move {
            let route = self.find(&request.method, &request.segments).map_err(|problem| {
                all.refusal(&request.method, &request.segments).unwrap_or(problem)
            })?;
            let parameters = Parameters { pattern: &route.pattern, segments: &request.segments };
            (route.handler)(app, &request, parameters).await
        })
        .await
    }

    fn find(&self, method: &str, segments: &[String]) -> Result<&Route<N>, Problem> {
        let method = answered_as(method);
        let best = self.rows.iter().find(|row| row.pattern.matches(segments));
        let best =
            best.ok_or_else(|| Problem::new(ProblemKind::NotFound).detail(NO_SUCH_ADDRESS))?;
        let key = best.pattern.key();
        let here = || self.rows.iter().filter(|row| row.pattern.key() == key);
        here()
            .find(|row| row.method == method)
            .ok_or_else(|| not_allowed(here().map(|row| row.method).collect()))
    }
}

/// `HEAD` is answered as `GET` is, and loses its body on the way out (RFC 9110 9.3.2): scanners of links send it.
fn answered_as(method: &str) -> &str {
    if method == "HEAD" { "GET" } else { method }
}

/// Another method than these is asked for.
fn not_allowed(mut methods: Vec<&str>) -> Problem {
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    Problem::new(ProblemKind::MethodNotAllowed).allow(&methods.join(", "))
}

/// Paths and methods of the whole API, whichever function answers them.
#[derive(Debug, Default)]
pub struct AllRoutes {
    /// In the order in which they are tried, like those of [`Routes`].
    rows: Vec<(Pattern, String)>,
}

impl AllRoutes {
    /// Reads the list of routes that is generated from the functions' tables (`docs/routes.md`).
    pub fn read(list: &str) -> Self {
        let route = |line: &str| {
            let (method, rest) = line.strip_prefix("| `")?.split_once(' ')?;
            let (path, _) = rest.split_once('`')?;
            Some((Pattern::of(path), method.to_owned()))
        };
        let mut rows: Vec<_> = list.lines().filter_map(route).collect();
        rows.sort_by_cached_key(|(pattern, _)| pattern.key());
        Self { rows }
    }

    /// Why nothing answers at a path that has routes with other methods. None where it has none; none, too, where one of them
    /// takes the method: the gateway leads such a request to its function, unless it reads the address otherwise (`%2F`).
    fn refusal(&self, method: &str, segments: &[String]) -> Option<Problem> {
        let (best, _) = self.rows.iter().find(|(pattern, _)| pattern.matches(segments))?;
        let key = best.key();
        let here = self.rows.iter().filter(|(pattern, _)| pattern.key() == key);
        let taken: Vec<&str> = here.map(|(_, method)| method.as_str()).collect();
        (!taken.contains(&answered_as(method))).then(|| not_allowed(taken))
    }
}

/// A path with parameters, without `/api`.
#[derive(Debug)]
struct Pattern(Vec<Part>);

#[derive(Debug)]
enum Part {
    Literal(String),
    Parameter(String),
}

impl Pattern {
    fn of(path: &str) -> Self {
        let parts =
            path.split('/').filter(|part| !part.is_empty()).skip_while(|part| *part == "api");
        Self(
            parts
                .map(|part| {
                    let inner = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
                    inner.map_or_else(
                        || Part::Literal(part.to_owned()),
                        |name| Part::Parameter(name.to_owned()),
                    )
                })
                .collect(),
        )
    }

    /// The same for two rows of one path, whatever their parameters are called; a literal comes before a parameter.
    fn key(&self) -> Vec<(bool, String)> {
        let key = |part: &Part| match part {
            Part::Literal(text) => (false, text.clone()),
            Part::Parameter(_) => (true, String::new()),
        };
        self.0.iter().map(key).collect()
    }

    fn matches(&self, segments: &[String]) -> bool {
        self.0.len() == segments.len()
            && self.0.iter().zip(segments).all(|(part, segment)| match part {
                Part::Literal(text) => text == segment,
                Part::Parameter(_) => true,
            })
    }
}

/// The parameters of a request's path.
#[derive(Clone, Copy)]
pub struct Parameters<'a> {
    pattern: &'a Pattern,
    segments: &'a [String],
}

impl<'a> Parameters<'a> {
    /// The parameter of this name. The tests of the description hold the names against the path.
    pub fn named<T>(self, name: &str) -> InPath<'a, T> {
        let mut pairs = self.pattern.0.iter().zip(self.segments);
        let found = pairs.find(|(part, _)| matches!(part, Part::Parameter(own) if own == name));
        InPath::new(found.map_or("", |(_, segment)| segment))
    }
}

/// A path may hold what a stranger typed, or a secret.
impl fmt::Debug for Parameters<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Parameters({:?}, [redacted])", self.pattern)
    }
}

/// A parameter of the path that is to become a `T`.
///
/// The handler reads it, once it knows the caller: a caller without a session learns nothing about identifiers, not even
/// which could exist.
pub struct InPath<'a, T> {
    text: &'a str,
    kind: PhantomData<fn() -> T>,
}

impl<'a, T> InPath<'a, T> {
    /// The parameter as the path has it.
    pub const fn new(text: &'a str) -> Self {
        Self { text, kind: PhantomData }
    }

    /// As the path has it.
    pub const fn text(self) -> &'a str {
        self.text
    }
}

impl<T: FromStr> InPath<'_, T> {
    /// What it names; an identifier that cannot exist is simply not there.
    pub fn read(self) -> Result<T, Problem> {
        self.text.parse().map_err(|_| Problem::new(ProblemKind::NotFound))
    }
}

impl<T> Clone for InPath<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for InPath<'_, T> {}

/// Redacted: see [`Parameters`].
impl<T> fmt::Debug for InPath<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("InPath([redacted])")
    }
}

/// The table of a function: what its handlers need, then for each kind of [`Callers`] the handlers with the names of their
/// path's parameters. A handler in a module of its own is written `module::handler`.
///
/// It makes `routes()`, by which the function answers, and `described()`, from which tests write the API's description.
///
/// ```ignore
/// routes! {
///     App;
///     WithSession: report_entry(id), documents::read_upload(id, upload);
///     Anyone: read_model(schema);
/// }
/// ```
#[macro_export]
macro_rules! routes {
    ($app:ty; $($callers:ident:
        $($handler:ident $(:: $inner:ident)? ($($parameter:ident),*)),+ $(,)?;
    )+) => {
        /// The function's routes.
        pub fn routes() -> &'static $crate::routes::Routes<$app> {
            static TABLE: ::std::sync::LazyLock<$crate::routes::Routes<$app>> =
                ::std::sync::LazyLock::new(|| $crate::routes::Routes::new(vec![$($(
                    $crate::routes::Route::of::<$crate::annotation!($handler $(:: $inner)?)>(
                        |app, request, path| {
                            let _: $crate::routes::Parameters<'_> = path;
                            Box::pin($handler $(:: $inner)?(
                                app, request $(, path.named(stringify!($parameter)))*
                            ))
                        },
                    )
                ),+),+]));
            &TABLE
        }

        /// The same routes as the API's description has them.
        pub fn described() -> $crate::routes::FunctionDescription {
            #[derive(utoipa::OpenApi)]
            #[openapi(paths($($($handler $(:: $inner)?),+),+))]
            struct Api;
            $crate::routes::FunctionDescription::new(
                env!("CARGO_PKG_NAME"),
                <Api as utoipa::OpenApi>::openapi(),
                vec![$($(
                    $crate::routes::DescribedOperation::of::<$crate::annotation!($handler $(:: $inner)?)>(
                        $crate::routes::Callers::$callers,
                        &[$(stringify!($parameter)),*],
                    )
                ),+),+],
            )
        }
    };
}

/// The type that `#[utoipa::path]` makes beside a handler.
#[doc(hidden)]
#[macro_export]
macro_rules! annotation {
    ($handler:ident) => {
        $crate::routes::pastey::paste! { [<__path_ $handler>] }
    };
    ($module:ident :: $handler:ident) => {
        $crate::routes::pastey::paste! { $module::[<__path_ $handler>] }
    };
}

#[cfg(test)]
mod tests;
