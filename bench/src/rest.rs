//! The rest of the portal while the rush goes on: people read their applications and their notices and refresh their sessions,
//! and what was sent is relayed from the stream and recorded as it comes (RNK-4).
//!
//! How much slower each gets is said as a ratio: everything shares the processors of one machine here, where on AWS it shares
//! the table alone.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use domain::ids::ApplicationId;
use edge::session::{REFRESH_COOKIE, SESSION_COOKIE};
use outside::{aws, clock, keying::Keying};
use serde_json::{Value, json};
use store::refresh_secrets::RefreshSecrets;
use tokio::{
    sync::{oneshot, watch},
    task::JoinSet,
};

use crate::{
    Broken,
    arrivals::{Press, gateway_event},
    crowd::{Crowd, Person},
    desk::Desk,
    fleet::{Fleet, Program},
    follow_up::{self, Recording},
    ground::{Ground, PORTAL},
    relay::{Pace, Relay, Relayed},
    report::Report,
    rush::{self, Rush, Tickets, Word},
    statistics::{milliseconds, number},
    stress::Site,
    vault::{self, Vault},
};

/// Between two requests of one kind.
const PAUSE: Duration = Duration::from_millis(50);
/// People of each kind who read: operators with hundreds of applications, and employers with some.
const READERS: usize = 10;

/// What people do who do not press.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reading {
    /// The list of one's applications.
    Applications,
    /// The list of one's communications.
    Notices,
    /// A new access token for a session: what of signing in asks no identity provider.
    Session,
}

impl Reading {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Applications, Self::Notices, Self::Session];

    const fn function(self) -> &'static str {
        match self {
            Self::Applications | Self::Notices => "read-applications",
            Self::Session => "sign-in",
        }
    }

    const fn route(self) -> (&'static str, &'static str) {
        match self {
            Self::Applications => ("GET", "/api/applications"),
            Self::Notices => ("GET", "/api/communications"),
            Self::Session => ("POST", "/api/session/refresh"),
        }
    }

    /// The keys of its figures: p50 and p99 without the rush and with it, and the ratios of the two.
    const fn keys(self) -> [&'static str; 6] {
        match self {
            Self::Applications => [
                "rest_applications_quiet_p50_ms",
                "rest_applications_quiet_p99_ms",
                "rest_applications_rush_p50_ms",
                "rest_applications_rush_p99_ms",
                "rest_applications_p50",
                "rest_applications_p99",
            ],
            Self::Notices => [
                "rest_notices_quiet_p50_ms",
                "rest_notices_quiet_p99_ms",
                "rest_notices_rush_p50_ms",
                "rest_notices_rush_p99_ms",
                "rest_notices_p50",
                "rest_notices_p99",
            ],
            Self::Session => [
                "rest_session_quiet_p50_ms",
                "rest_session_quiet_p99_ms",
                "rest_session_rush_p50_ms",
                "rest_session_rush_p99_ms",
                "rest_session_p50",
                "rest_session_p99",
            ],
        }
    }
}

/// What some requests of one kind were.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// From each request to its answer, in milliseconds.
    pub took: Vec<f64>,
    /// Answers other than the one that was due.
    pub refused: usize,
}

/// Requests of one kind, without the rush and with it.
#[derive(Clone, Debug)]
pub struct Compared {
    /// The kind.
    pub reading: Reading,
    /// Before anybody pressed.
    pub quiet: Asked,
    /// From the opening to the last answer.
    pub rush: Asked,
}

/// What the rest of the portal did during a rush.
#[derive(Debug)]
pub struct Rested {
    /// The rush.
    pub rush: Rush,
    /// Each kind of requests.
    pub readings: Vec<Compared>,
    /// Submissions that were recorded.
    pub recorded: usize,
    /// Submissions that waited to be recorded when the last press had its answer.
    pub behind: usize,
    /// From the last press until all were recorded.
    pub caught_up: Duration,
    /// How record-history heard of them.
    pub relayed: Relayed,
}

impl Rested {
    /// Answers other than those that were due.
    pub fn refused(&self) -> usize {
        self.readings.iter().map(|one| one.quiet.refused + one.rush.refused).sum()
    }

    /// Notes it.
    pub fn note(&self, report: &mut Report) {
        report.set("rest_refused", number(self.refused()));
        report.set("rest_seconds", self.rush.lasted.as_secs_f64());
        report.set("recording_behind", number(self.behind));
        report.set("recording_seconds", self.caught_up.as_secs_f64());
        self.relayed.note(report);
        for Compared { reading, quiet, rush } in &self.readings {
            let (quiet_p50, quiet_p99) = Rush::quantiles(quiet.took.clone());
            let (rush_p50, rush_p99) = Rush::quantiles(rush.took.clone());
            let values = [
                quiet_p50,
                quiet_p99,
                rush_p50,
                rush_p99,
                rush_p50 / quiet_p50,
                rush_p99 / quiet_p99,
            ];
            for (key, value) in reading.keys().into_iter().zip(values) {
                report.set(key, value);
            }
        }
    }
}

/// Somebody who reads, with what the browser holds.
struct Reader {
    token: String,
    refresh: String,
}

/// Where requests of one kind are asked and answered: one process, and those who come to it.
struct Counter {
    reading: Reading,
    desk: Desk,
    fleet: Fleet,
    readers: Vec<Reader>,
    asked: usize,
}

impl Counter {
    async fn open(reading: Reading, site: &Site<'_>, crowd: &Crowd) -> Result<Self, Broken> {
        let readers = readers(site.ground, crowd).await?;
        let program = Program::function(site.functions, reading.function())?;
        let desk = Desk::open().await?;
        let fleet = Fleet::start(&program, &variables(site.ground, site.vault), &desk, 1)?;
        Ok(Self { reading, desk, fleet, readers, asked: 0 })
    }

    /// Asks at the pace of the clock, from an instant on, while `goes_on` says so of the number that were asked.
    async fn ask_while(
        &mut self,
        from: Instant,
        goes_on: impl Fn(u32) -> bool,
    ) -> Result<Asked, Broken> {
        let mut asked = Asked::default();
        let mut count = 0;
        while goes_on(count) {
            tokio::time::sleep_until((from + PAUSE * count).into()).await;
            match self.ask().await? {
                Some(took) => asked.took.push(took),
                None => asked.refused += 1,
            }
            count += 1;
        }
        Ok(asked)
    }

    /// Asks from the opening of a rush to its end, once at least.
    async fn ask_through(
        mut self,
        mut phases: watch::Receiver<Phase>,
    ) -> Result<(Self, Asked), Broken> {
        let phase = *phases.wait_for(|phase| *phase != Phase::Before).await?;
        let Phase::Open(opening) = phase else { return Err("a rush ended before it began".into()) };
        let goes_on = |count: u32| count == 0 || *phases.borrow() != Phase::Over;
        let asked = self.ask_while(opening, goes_on).await?;
        Ok((self, asked))
    }

    /// One request of the next reader; how long it took in milliseconds, or none where it was not answered as was due.
    async fn ask(&mut self) -> Result<Option<f64>, Broken> {
        let nth = self.asked % self.readers.len().max(1);
        let reader = self.readers.get_mut(nth).ok_or("nobody reads")?;
        self.asked += 1;
        let cookie = match self.reading {
            Reading::Session => format!("{REFRESH_COOKIE}={}", reader.refresh),
            Reading::Applications | Reading::Notices => {
                format!("{SESSION_COOKIE}={}", reader.token)
            }
        };
        let headers =
            json!({ "cookie": cookie, "origin": PORTAL, "referer": format!("{PORTAL}/") });
        let event = gateway_event(self.reading.route(), headers, None, clock::wall(), self.asked);
        let begun = Instant::now();
        let done = self.desk.ask(event).await?;
        let took = milliseconds(begun.elapsed());
        let answer = done.answer.ok_or_else(|| format!("{:?}: no answer", self.reading))?;
        let answer: Value = serde_json::from_slice(&answer)?;
        // The browser keeps what it is given.
        if let Some(refresh) = cookie_of(&answer, REFRESH_COOKIE) {
            reader.refresh = refresh;
        }
        let is_due = answer.get("statusCode").and_then(Value::as_u64) == Some(200);
        Ok(is_due.then_some(took))
    }
}

/// A cookie that an answer sets.
fn cookie_of(answer: &Value, name: &str) -> Option<String> {
    let cookies = answer.get("cookies")?.as_array()?;
    let values = cookies.iter().filter_map(Value::as_str);
    let mut values = values.filter_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='));
    let value = values.next()?;
    Some(value.split(';').next().unwrap_or_default().to_owned())
}

/// Opens a session for some of a crowd: operators and employers.
async fn readers(ground: &Ground, crowd: &Crowd) -> Result<Vec<Reader>, Broken> {
    let secrets = RefreshSecrets::new(&Keying::new(vault::KEYING.as_bytes().to_vec()));
    let sessions = ground.store().sessions;
    let is_operator = |person: &&Person| person.caller.organisation.is_some();
    let operators = crowd.people.iter().filter(is_operator).take(READERS);
    let employers = crowd.people.iter().filter(|person| !is_operator(person)).take(READERS);
    let mut readers = Vec::new();
    for person in operators.chain(employers) {
        let random = aws::random()?;
        let refresh = sessions.open(&person.caller, &secrets, random, clock::wall()).await?;
        readers.push(Reader { token: person.token.clone(), refresh });
    }
    Ok(readers)
}

/// The variables of what is read with; files and identity provider are asked for nothing.
pub(crate) fn variables(ground: &Ground, vault: &Vault) -> Vec<(&'static str, String)> {
    let own = [
        ("DOCUMENTS_BUCKET", "bench-documents"),
        ("IDENTITY_ISSUER", "https://identita.bench.invalid"),
        ("IDENTITY_CLIENT_ID", "bench"),
        ("HUMAN_CHECK_WORK", "1000"),
    ];
    let own = own.map(|(name, value)| (name, value.to_owned()));
    ground.variables(vault).into_iter().chain(own).collect()
}

/// How far a rush is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Before,
    /// It opens then, or did.
    Open(Instant),
    Over,
}

/// Asks each kind so many times, then goes on asking while a crowd presses and what it sends is relayed and recorded.
///
/// # Errors
/// A function gave no answer at all, or a submission cannot be recorded or is never told to record-history.
pub async fn live(
    site: &Site<'_>,
    crowd: &Crowd,
    presses: &[Press],
    asks: u32,
    pace: Pace,
) -> Result<Rested, Broken> {
    let mut counters = JoinSet::new();
    for reading in Reading::ALL {
        let mut counter = Counter::open(reading, site, crowd).await?;
        counters.spawn(async move {
            // The first requests read the campaign and open connections.
            for _ in 0..counter.readers.len() {
                counter.ask().await?;
            }
            let asked = counter.ask_while(Instant::now(), |count| count < asks).await?;
            Ok::<_, Broken>((counter, asked))
        });
    }
    let mut quiet = Vec::new();
    while let Some(ended) = counters.join_next().await {
        quiet.push(ended??);
    }

    // Tasks of their own: nobody waits for the crowd to be written down.
    let (phase, phases) = watch::channel(Phase::Before);
    let mut asking = JoinSet::new();
    let mut readings = Vec::new();
    for (counter, quiet) in quiet {
        readings.push(Compared { reading: counter.reading, quiet, rush: Asked::default() });
        asking.spawn(counter.ask_through(phases.clone()));
    }
    let (rush, opening, recording, relayed) = rushed(site, crowd, presses, &phase, pace).await?;
    while let Some(ended) = asking.join_next().await {
        let (counter, asked) = ended??;
        if let Some(one) = readings.iter_mut().find(|one| one.reading == counter.reading) {
            one.rush = asked;
        }
        counter.fleet.stop().await?;
    }
    readings.sort_by_key(|one| Reading::ALL.iter().position(|reading| *reading == one.reading));

    let over = opening + rush.lasted;
    let behind = recording.recorded.values().filter(|at| **at > over).count();
    let last_press = opening + presses.iter().map(|press| press.at).max().unwrap_or_default();
    let last_recorded = recording.recorded.values().max().copied().unwrap_or(last_press);
    Ok(Rested {
        rush,
        readings,
        recorded: recording.recorded.len(),
        behind,
        caught_up: last_recorded.saturating_duration_since(last_press),
        relayed,
    })
}

/// The rush, with what it sends relayed and recorded as it comes; also gives the opening.
async fn rushed(
    site: &Site<'_>,
    crowd: &Crowd,
    presses: &[Press],
    phase: &watch::Sender<Phase>,
    pace: Pace,
) -> Result<(Rush, Instant, Recording, Relayed), Broken> {
    let Site { ground, vault, functions, processes } = *site;
    let (relay, coming) = Relay::open(site, pace).await?;
    let program = Program::function(functions, "submit-application")?;
    let mut desk = Desk::open().await?;
    let fleet = Fleet::start(&program, &ground.variables(vault), &desk, processes)?;
    let (over, rush_over) = oneshot::channel();
    let pressed = async {
        let mut receipts: HashMap<ApplicationId, Instant> = HashMap::new();
        let told = |word| match word {
            Word::Opens(opening) => {
                phase.send_replace(Phase::Open(opening));
            }
            Word::Receipt(candidate) => {
                if let Some(sent) = crowd.candidates.get(candidate) {
                    receipts.entry(sent.id.clone()).or_insert_with(Instant::now);
                }
            }
        };
        let rush = rush::run_with(crowd, presses, &mut desk, Tickets::Reach, told).await?;
        let opened = phase.send_replace(Phase::Over);
        let Phase::Open(opening) = opened else { return Err("a rush never opened".into()) };
        // Who relays is gone only when the run has failed.
        let _ = over.send(receipts);
        Ok::<_, Broken>((rush, opening))
    };
    let recorded = follow_up::record_as_they_come(ground, vault, functions, coming, processes);
    let ((rush, opening), relayed, recording) =
        tokio::try_join!(pressed, relay.follow(rush_over), recorded)?;
    fleet.stop().await?;
    Ok((rush, opening, recording, relayed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_keeps_the_cookie_that_it_is_given() {
        let answer = json!({ "cookies": [
            "__Host-session=abc; Path=/; Secure",
            "__Host-refresh=ses_1.x; Path=/; Secure",
        ] });
        assert_eq!(cookie_of(&answer, REFRESH_COOKIE).as_deref(), Some("ses_1.x"));
        assert_eq!(cookie_of(&json!({ "statusCode": 200 }), REFRESH_COOKIE), None);
    }

    /// RNK-4: how much slower is a ratio, and what was not answered is counted.
    #[test]
    fn readings_with_the_rush_are_held_against_those_without() {
        let asked = |took: f64, refused| Asked { took: vec![took; 100], refused };
        let rested = Rested {
            rush: Rush::default(),
            readings: vec![Compared {
                reading: Reading::Notices,
                quiet: asked(2.0, 0),
                rush: asked(5.0, 1),
            }],
            recorded: 4,
            behind: 3,
            caught_up: Duration::from_millis(1_500),
            relayed: Relayed {
                took: vec![250.0; 100],
                behind: 2,
                brought: 1,
                runs: vec![Duration::from_millis(40), Duration::from_millis(60)],
            },
        };
        let mut report = Report::default();
        rested.note(&mut report);
        let found = ["rest_notices_p50", "rest_notices_p99", "rest_refused", "recording_seconds"];
        assert_eq!(found.map(|key| report.get(key)), [2.5, 2.5, 1.0, 1.5].map(Some));
        let found = [
            "relaying_p99_ms",
            "relaying_behind",
            "reconciling_brought",
            "reconciling_runs",
            "reconciling_longest_ms",
        ];
        assert_eq!(found.map(|key| report.get(key)), [250.0, 2.0, 1.0, 2.0, 60.0].map(Some));
        assert_eq!(report.faults(), ["rest_refused: 1"]);
    }
}
