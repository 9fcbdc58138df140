//! When people press, and what they do wrong: a burst at the opening, impatience, one press of twenty that must be refused.

use std::time::Duration;

use domain::{campaign::Campaign, ids::ApplicationId};
use edge::{origin::ORIGIN_SECRET_HEADER, session::SESSION_COOKIE};
use jiff::Timestamp;
use rand::{RngExt as _, SeedableRng as _, seq::SliceRandom as _};
use rand_distr::{Distribution as _, Exp};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::{Value, json};

use crate::{
    Broken,
    crowd::{Candidate, Crowd, Person},
    ground::PORTAL,
    statistics::number,
    vault,
};

/// Share of presses that must be refused.
const INVALID: f64 = 0.05;
/// Share of people who press again before they have an answer.
const IMPATIENT: f64 = 0.15;
/// Share of presses that pages held until the opening.
const AT_OPENING: f64 = 0.4;
/// Presses a second that come at most after that, so that the portal and not the crowd decides how long it takes: five
/// times the goal's.
const CROWD_PER_SECOND: f64 = 18_000.0;

/// Where the gateway listens.
const GATEWAY: &str = "a11a11a1.execute-api.eu-south-1.amazonaws.com";
/// Everybody's browser.
const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// What makes a press one that must be refused, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flaw {
    /// Something is missing in the application.
    NotReady,
    /// It is somebody else's.
    NotTheirs,
    /// There is no such application.
    Unknown,
    /// The body lacks a field.
    WrongFields,
    /// The session's token was signed by nobody.
    Forged,
    /// The press comes from a page of somebody else.
    OtherSite,
    /// The application is armed: the portal sends it, and nobody presses for it (NEW-1).
    Armed,
}

impl Flaw {
    /// Those that any crowd has: all but the one of a crowd that arms.
    pub const ALL: [Self; 6] = [
        Self::NotReady,
        Self::NotTheirs,
        Self::Unknown,
        Self::WrongFields,
        Self::Forged,
        Self::OtherSite,
    ];

    /// The status of the refusal.
    pub const fn status(self) -> u64 {
        match self {
            Self::NotReady | Self::Armed => 409,
            Self::NotTheirs | Self::Unknown => 404,
            Self::WrongFields => 422,
            Self::Forged => 401,
            Self::OtherSite => 403,
        }
    }
}

/// One press of a button.
#[derive(Clone, Debug)]
pub struct Press {
    /// When, from the opening on.
    pub at: Duration,
    /// For which application: an index into [`Crowd::candidates`].
    pub candidate: usize,
    /// What is wrong with it.
    pub flaw: Option<Flaw>,
}

/// All presses of a crowd in their order; marks the applications of which something must be missing.
///
/// One press for each application, and a second one of the impatient. The same for the same seed.
pub fn presses(crowd: &mut Crowd, seed: u64) -> Result<Vec<Press>, Broken> {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x00c1_1ccd);
    let spread = number(crowd.candidates.len()) / CROWD_PER_SECOND;
    let later = Exp::new(3.0 / spread.max(0.001))?;
    let mut flaws = Flaw::ALL.into_iter().cycle();
    let mut presses = Vec::with_capacity(crowd.candidates.len() * 6 / 5);
    for (index, candidate) in crowd.candidates.iter_mut().enumerate() {
        let flaw = if chance.random_bool(INVALID) { flaws.next() } else { None };
        candidate.is_incomplete = flaw == Some(Flaw::NotReady);
        let seconds = if chance.random_bool(AT_OPENING) {
            // The clocks of pages differ by some milliseconds.
            chance.random_range(0.0..0.05)
        } else {
            later.sample(&mut chance).min(spread * 2.0)
        };
        let at = Duration::from_secs_f64(seconds);
        presses.push(Press { at, candidate: index, flaw });
        if flaw.is_none() && chance.random_bool(IMPATIENT) {
            let pause = Duration::from_millis(chance.random_range(50..1_500));
            presses.push(Press { at: at + pause, candidate: index, flaw });
        }
    }
    presses.shuffle(&mut chance);
    presses.sort_by_key(|press| press.at);
    Ok(presses)
}

/// The gateway's event of a press that arrived at an instant, with a ticket where an earlier answer gave one.
///
/// # Errors
/// The press is about nobody.
pub fn event(
    crowd: &Crowd,
    press: &Press,
    arrival: Timestamp,
    request: usize,
    ticket: Option<&str>,
) -> Result<String, Broken> {
    let candidate = crowd.candidates.get(press.candidate).ok_or("no such application")?;
    let owner = crowd.person_of(candidate).ok_or("nobody has the application")?;
    let stranger = crowd.people.iter().find(|one| {
        one.caller.account != owner.caller.account && one.caller.organisation.is_none()
    });
    let person = match press.flaw {
        Some(Flaw::NotTheirs) => stranger.ok_or("there is nobody else")?,
        _ => owner,
    };
    Ok(event_of(&crowd.campaign, candidate, person, press.flaw, arrival, request, ticket))
}

/// The gateway's event of somebody's press for an application.
pub fn event_of(
    campaign: &Campaign,
    candidate: &Candidate,
    person: &Person,
    flaw: Option<Flaw>,
    arrival: Timestamp,
    request: usize,
    ticket: Option<&str>,
) -> String {
    let token = match flaw {
        Some(Flaw::Forged) => format!("{}x", person.token),
        _ => person.token.clone(),
    };
    let application = match flaw {
        Some(Flaw::Unknown) => unknown(&candidate.id),
        _ => candidate.id.to_string(),
    };
    let mut body =
        json!({ "campaign": campaign.id(), "model": candidate.model, "application": application });
    if flaw == Some(Flaw::WrongFields)
        && let Some(fields) = body.as_object_mut()
    {
        fields.remove("application");
    }
    let origin =
        if flaw == Some(Flaw::OtherSite) { "https://portale-falso.bench.invalid" } else { PORTAL };
    let mut headers = json!({
        "content-type": "application/json",
        "cookie": format!("{SESSION_COOKIE}={token}"),
        "origin": origin,
        "referer": format!("{PORTAL}/riepilogo"),
    });
    if let (Some(ticket), Some(headers)) = (ticket, headers.as_object_mut()) {
        headers.insert("arrival-ticket".to_owned(), ticket.into());
    }
    gateway_event(("POST", "/api/submissions"), headers, Some(&body.to_string()), arrival, request)
}

/// The gateway's event of a browser's request, with these headers beside those that every browser, CloudFront and the
/// gateway send.
pub fn gateway_event(
    (method, path): (&str, &str),
    mut headers: Value,
    body: Option<&str>,
    arrival: Timestamp,
    request: usize,
) -> String {
    let always = [
        ("accept", "application/json".to_owned()),
        ("accept-encoding", "gzip, deflate, br, zstd".to_owned()),
        ("accept-language", "it-IT,it;q=0.9,en;q=0.5".to_owned()),
        ("cache-control", "no-cache".to_owned()),
        ("host", GATEWAY.to_owned()),
        ("sec-fetch-dest", "empty".to_owned()),
        ("sec-fetch-mode", "cors".to_owned()),
        ("sec-fetch-site", "same-origin".to_owned()),
        ("user-agent", BROWSER.to_owned()),
        ("via", "2.0 cloudfront.example (CloudFront)".to_owned()),
        ("x-amz-cf-id", "c3VibWl0LWFwcGxpY2F0aW9uLW9mLXRoZS1iZW5jaA==".to_owned()),
        ("x-amzn-trace-id", format!("Root=1-692b0000-{request:024x}")),
        ("x-forwarded-for", "192.0.2.10, 198.51.100.7".to_owned()),
        ("x-forwarded-port", "443".to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
        (ORIGIN_SECRET_HEADER, vault::ORIGIN.to_owned()),
    ];
    if let Some(headers) = headers.as_object_mut() {
        headers.extend(always.map(|(name, value)| (name.to_owned(), value.into())));
    }
    json!({
        "version": "2.0",
        "routeKey": format!("{method} {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "a11a11a1",
            "domainName": GATEWAY,
            "domainPrefix": "a11a11a1",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.7",
                "userAgent": BROWSER,
            },
            "requestId": format!("bench-{request:010}"),
            "routeKey": format!("{method} {path}"),
            "stage": "$default",
            "time": "09/Feb/2026:08:00:00 +0000",
            "timeEpoch": arrival.as_millisecond(),
        },
        "isBase64Encoded": false,
        "body": body,
    })
    .to_string()
}

/// An identifier that nobody drew: the same whenever this application is pressed for, since a ticket names it.
fn unknown(id: &ApplicationId) -> String {
    let symbols = id.as_str().strip_prefix("app_").unwrap_or_default();
    let first = if symbols.starts_with('0') { '1' } else { '0' };
    format!("app_{first}{}", symbols.get(1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene() -> (Crowd, Vec<Press>) {
        let opens = "2026-02-09T08:00:00Z".parse().unwrap();
        let mut crowd = Crowd::gather("bench", 10_000, opens, 180, 1).unwrap();
        let presses = presses(&mut crowd, 1).unwrap();
        (crowd, presses)
    }

    /// Issue 12: burst at the opening, retries of impatient people, 5 % invalid of several kinds.
    #[test]
    fn a_rush_has_a_burst_impatience_and_mistakes_of_every_kind() {
        let (crowd, presses) = scene();
        let first = presses.iter().filter(|press| press.at < Duration::from_millis(50)).count();
        assert!((4_000..7_000).contains(&first), "{first} in the first 50 ms");
        let retries = presses.len() - crowd.candidates.len();
        assert!((1_200..1_700).contains(&retries), "{retries} press again");
        for flaw in Flaw::ALL {
            let found = presses.iter().filter(|press| press.flaw == Some(flaw)).count();
            assert!((60..110).contains(&found), "{flaw:?}: {found}");
        }
        assert!(presses.is_sorted_by_key(|press| press.at));
        let incomplete = crowd.candidates.iter().filter(|one| one.is_incomplete).count();
        let not_ready = presses.iter().filter(|press| press.flaw == Some(Flaw::NotReady)).count();
        assert_eq!(incomplete, not_ready);
    }

    /// A repetition with a ticket is about the same application, or the ticket would be refused.
    #[test]
    fn an_application_that_is_not_there_is_the_same_for_each_press() {
        let (crowd, _) = scene();
        for candidate in crowd.candidates.iter().take(100) {
            let id: ApplicationId = unknown(&candidate.id).parse().unwrap();
            assert!(crowd.candidates.iter().all(|one| one.id != id), "{id} is somebody's");
        }
    }

    #[test]
    fn an_event_says_when_who_and_what() {
        let (crowd, presses) = scene();
        let arrival = "2026-02-09T08:00:00.042Z".parse().unwrap();
        let good = presses.iter().find(|press| press.flaw.is_none()).unwrap();
        let text = event(&crowd, good, arrival, 7, Some("ticket")).unwrap();
        let event: Value = serde_json::from_str(&text).unwrap();
        let candidate = &crowd.candidates[good.candidate];
        assert_eq!(event["requestContext"]["timeEpoch"], arrival.as_millisecond());
        assert!(event["body"].as_str().unwrap().contains(candidate.id.as_str()));
        assert_eq!(event["headers"]["arrival-ticket"], "ticket");
        assert!((1_500..3_500).contains(&text.len()), "{} bytes", text.len());
    }
}
