//! The page of ours to which a sign-in leads: an address that comes with a request, so only a path of ours is taken.

use serde::{Deserialize, Serialize};

/// Characters of the longest path that is taken.
const LONGEST: usize = 300;

/// Where a person goes on who has nothing else open.
const AREA: &str = "/area";

/// A path of our own pages, with its query: never another site, never the API, never what a browser could read as either.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "String", into = "String")]
pub struct ReturnPath(String);

impl ReturnPath {
    /// The path that was asked for; the personal area where it is none of ours, or was not asked for.
    pub fn read(asked: Option<&str>) -> Self {
        Self(asked.filter(|path| is_ours(path)).unwrap_or(AREA).to_owned())
    }

    /// As an address within the portal.
    pub fn path(&self) -> &str {
        &self.0
    }
}

impl Default for ReturnPath {
    fn default() -> Self {
        Self::read(None)
    }
}

/// What is stored is judged as what is asked.
impl From<String> for ReturnPath {
    fn from(path: String) -> Self {
        Self::read(Some(&path))
    }
}

impl From<ReturnPath> for String {
    fn from(path: ReturnPath) -> Self {
        path.0
    }
}

/// One slash and then a letter: `//` and `/\\` begin another site's address for a browser. The API is no page.
fn is_ours(path: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~%?&=:@+".contains(&byte);
    let lower = path.to_ascii_lowercase().replace("%2e", ".");
    let climbs = lower.split(['/', '?']).any(|part| part == "." || part == "..");
    let first = path.split(['/', '?']).nth(1).unwrap_or_default();
    path.len() <= LONGEST
        && path.starts_with('/')
        && path.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic)
        && path.bytes().all(allowed)
        && !climbs
        && !matches!(first, "api" | "facts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_ours_is_kept_with_its_query() {
        for ours in [
            "/domande",
            "/domande/app_1/compila/lavoratore",
            "/domande?stato=sent&pagina=2",
            "/invio/df-2026/B2020",
        ] {
            assert_eq!(ReturnPath::read(Some(ours)).path(), ours);
        }
    }

    /// A link to our sign-in must not end on a stranger's page, nor press a button of the API.
    #[test]
    fn what_leads_elsewhere_leads_to_the_personal_area() {
        let long = format!("/{}", "a".repeat(LONGEST));
        for other in [
            "",
            "/",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "evil",
            "/\t/evil",
            "/%09/evil",
            "/domande#x",
            "/domande\r\nSet-Cookie: a=b",
            "/api/session",
            "/api",
            "/facts/calendar.json",
            "/api?x",
            "/domande/../api/session",
            "/domande/%2E%2e/api",
            "/domande/à",
            &long,
        ] {
            assert_eq!(ReturnPath::read(Some(other)).path(), AREA, "{other}");
        }
        assert_eq!(ReturnPath::read(None).path(), AREA);
        let stored: ReturnPath = serde_json::from_str("\"//evil.example\"").unwrap();
        assert_eq!(stored, ReturnPath::default());
    }
}
