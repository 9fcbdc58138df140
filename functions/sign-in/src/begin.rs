//! Sends a person to the identity provider, and remembers what their return must show.

use data_encoding::BASE64URL_NOPAD;
use domain::return_path::ReturnPath;
use edge::http::{self, ApiRequest, FieldProblem, Problem, ProblemKind};
use lambda_http::{Body, Response};
use outside::aws;
use store::{
    attempts::Limit,
    sign_ins::{SIGN_IN_LASTS, SignIn},
};

use crate::{
    App, hashed, is_ours,
    open::sessions_of,
    provider::{Failed, Secrets},
    refusal::{LEVEL, Refusal, again},
    spid::Level,
};

/// Binds a sign-in to the browser that began it. Lax, since the provider's page leads back from another site.
pub const BROWSER_COOKIE: &str = "__Host-oidc";

/// How many sign-ins one address may begin in a minute: an office, or a whole town behind one address, shares it.
pub const ATTEMPTS_PER_MINUTE: u64 = 900;
const OF_A_CLIENT: Limit = Limit::per_minute("sign-in", ATTEMPTS_PER_MINUTE);

/// Begins a sign-in with SPID or CIE and leads to the identity provider (IDP-1).
#[utoipa::path(
    get, path = "/api/sign-in/spid", operation_id = "beginSignIn",
    params(
        ("level" = Option<u8>, Query, description = "2 (default) or 3", minimum = 2, maximum = 3),
        ("return_to" = Option<String>, Query, description = "The page of ours to which the sign-in leads, as `/domande?stato=sent`; `/area` when absent or no path of ours"),
    ),
    responses(
        (status = 303, description = "To the identity provider, with the `__Host-oidc` cookie; where a browser asks for a page and is refused, to `/accesso/esito`"),
        (status = 403, description = "Level 1 was asked for"),
        (status = 422, description = "There is no such level"),
        (status = 429, description = "Too many sign-ins from this address"),
        (status = 503, description = "The identity provider or the store does not answer"),
    )
)]
pub(crate) async fn begin(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    lead_to_provider(app, request).await.map_err(|problem| told_on_a_page(request, problem))
}

/// A browser that shows addresses is led to the page that tells a refusal, with its stable word and the request's
/// identifier; a script gets the problem itself (IDP-1).
pub(crate) fn told_on_a_page(request: &ApiRequest, problem: Problem) -> Problem {
    if !request.wants_page() {
        return problem;
    }
    let id: String = request.request_id.chars().filter(|one| is_unreserved(*one)).collect();
    let page = format!("{OUTCOME_PAGE}?motivo={}&id={id}", problem.reason());
    problem.leading_to(&page)
}

/// Characters that stand for themselves in a query (RFC 3986 2.3), and `=`, with which the gateway's identifiers end.
const fn is_unreserved(one: char) -> bool {
    one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.' | '~' | '=')
}

async fn lead_to_provider(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let now = request.arrival;
    let level = level(request.query("level"))?;
    app.limits.admit_client(request, &[OF_A_CLIENT]).await?;
    let secrets = Secrets { state: random()?, nonce: random()?, verifier: random()? };
    let leads_to = app.provider.address(&secrets, level, now).await;
    let leads_to =
        leads_to.map_err(|error| Problem::from(Refusal::Failed(Failed::Provider(error))))?;
    // A second tab, or a double click, keeps the browser's secret: whichever return comes first still finds it.
    let browser = match request.cookie(BROWSER_COOKIE) {
        Some(browser) if is_ours(browser) => browser.to_owned(),
        _ => random()?,
    };
    let sign_in = SignIn {
        browser: hashed(&browser),
        nonce: secrets.nonce,
        verifier: secrets.verifier,
        level: level.number(),
        sessions: sessions_of(app, request),
        return_to: ReturnPath::read(request.query("return_to")),
    };
    app.store.sign_ins.begin(&hashed(&secrets.state), sign_in, now).await?;
    http::see_other(&leads_to, &[browser_cookie(&browser)])
}

/// Removes the cookie of a sign-in that is over.
pub(crate) fn no_browser_cookie() -> String {
    format!("{BROWSER_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

fn browser_cookie(secret: &str) -> String {
    let age = SIGN_IN_LASTS.as_secs();
    format!("{BROWSER_COOKIE}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}")
}

/// The page that tells how a sign-in ended.
const OUTCOME_PAGE: &str = "/accesso/esito";

fn level(asked: Option<&str>) -> Result<Level, Problem> {
    match asked {
        None | Some("2") => Ok(Level::Two),
        Some("3") => Ok(Level::Three),
        Some("1") => Err(again(Problem::new(ProblemKind::LevelTooLow)).detail(LEVEL)),
        Some(_) => Err(Problem::new(ProblemKind::InvalidFields).fields(vec![FieldProblem {
            field: "level".to_owned(),
            code: "non-valido".to_owned(),
            message: "Il livello è 2 oppure 3.".to_owned(),
        }])),
    }
}

/// 256 random bits as text.
fn random() -> Result<String, Problem> {
    let bytes: [u8; 32] = aws::random().map_err(|error| Problem::internal(&error))?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IDP-1: level 2 or above.
    #[test]
    fn level_1_is_not_even_asked_for() {
        assert_eq!(level(None).unwrap(), Level::Two);
        assert_eq!(level(Some("2")).unwrap(), Level::Two);
        assert_eq!(level(Some("3")).unwrap(), Level::Three);
        assert_eq!(level(Some("1")).unwrap_err().kind(), ProblemKind::LevelTooLow);
        for other in ["", "0", "4", "02", "2 ", "due"] {
            assert_eq!(
                level(Some(other)).unwrap_err().kind(),
                ProblemKind::InvalidFields,
                "{other}"
            );
        }
    }

    #[test]
    fn our_random_texts_are_recognised_and_others_are_not() {
        let ours = random().unwrap();
        assert!(is_ours(&ours));
        assert_ne!(ours, random().unwrap());
        for other in [
            "",
            "a",
            &"a".repeat(42),
            &"a".repeat(44),
            &format!("{};", "a".repeat(42)),
            &"è".repeat(21),
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }

    #[test]
    fn the_cookie_comes_back_from_the_provider_and_nowhere_else() {
        for cookie in [browser_cookie("x"), no_browser_cookie()] {
            for attribute in [
                "__Host-oidc=",
                "; Path=/",
                "; Secure",
                "; HttpOnly",
                "; SameSite=Lax",
                "; Max-Age=",
            ] {
                assert!(cookie.contains(attribute), "{cookie} lacks {attribute}");
            }
            assert!(!cookie.to_ascii_lowercase().contains("domain"));
        }
    }
}
