//! No personal data in any log of a whole journey; a planted canary shows that the search finds what is there (PRV-1).

use std::{fs, io::SeekFrom, time::Duration};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use harness::{
    email_person::{DEMO_ADDRESS, PASSWORD},
    employer::Employer,
    environment::root,
    journey,
    mailbox::LETTER_DEADLINE,
    people,
    story::{StoryResult, ensure},
    world::World,
};
use outside::clock;
use simulate_registries::{Behaviour, Demand, Scope};
use std::io::{Read as _, Seek as _};
use store::rows::millis;

/// The functions that an application passes through.
const PASSED_THROUGH: [&str; 8] = [
    "start-application",
    "save-draft",
    "enrich-application",
    "submit-application",
    "read-applications",
    "relay-changes",
    "record-history",
    "send-notices",
];

/// A text somewhere behind the portal.
struct Found {
    place: String,
    text: String,
}

/// A whole journey with marked names: neither names, nor codes, nor addresses, in no spelling, in no log and no dead letter.
#[tokio::test]
async fn a_whole_journey_leaves_no_personal_data_in_logs_and_dead_letters() -> StoryResult {
    let world = World::enter().await?;
    let since = millis(clock::wall());
    let files = LogFiles::open(&world)?;
    let mut employer =
        world.employer_with(Demand { behaviour: Behaviour::Late, scope: Scope::FactsLater })?;
    let word = people::fresh_word()?.to_ascii_uppercase();
    let letters: String = word.chars().filter(char::is_ascii_alphabetic).collect();
    employer.typed.insert("worker_surname".to_owned(), format!("CANARINO{letters}").into());
    employer
        .typed
        .insert("workplace_street".to_owned(), format!("Via del Segnale {letters}").into());
    let arrived = Box::pin(journey::run_with(
        &world,
        employer,
        journey::BUSY_OPENING,
        &|_: &str, _: Duration| {},
    ))
    .await?;
    let marks = marks(&world, &arrived.employer, &arrived.application).await?;

    let canary = format!("canarino-{}@piantato.example", people::fresh_word()?);
    let group = "/test/canary";
    for spelling in spellings(&canary) {
        world
            .emulator
            .plant_in_log(group, &format!("prima {spelling} dopo"), millis(clock::wall()))
            .await?;
    }

    let mut groups = Vec::new();
    for function in PASSED_THROUGH {
        groups.push(format!("/aws/lambda/{}", world.function(function)?));
    }
    let looks = || async {
        let texts = everything_behind(&world, since).await?;
        let is_told = |group: &&String| {
            let of_group = |found: &&Found| found.place == **group;
            texts.iter().filter(of_group).any(|found| found.text.contains(&arrived.application))
        };
        Ok(match groups.iter().find(|group| !is_told(group)) {
            Some(silent) => Err(format!("{silent} does not tell of {}", arrived.application)),
            None => Ok(texts),
        })
    };
    // The search finds what is there, and begins once each function has had its turn.
    let all_tell = "each function's log tells of the application";
    let mut texts = world.story.eventually(all_tell, LETTER_DEADLINE, looks).await?;
    texts.extend(files.read_what_came()?);
    for spelling in spellings(&canary) {
        ensure(
            texts.iter().any(|found| found.text.contains(&spelling)),
            format!("the search does not find the canary as {spelling}"),
        )?;
    }
    let mut leaks = Vec::new();
    for (what, mark) in &marks {
        for spelling in spellings(mark) {
            leaks.extend(texts.iter().filter(|found| found.text.contains(&spelling)).map(
                |found| {
                    let line: String = found.text.chars().take(300).collect();
                    format!("{what} in {}: {line}", found.place)
                },
            ));
        }
    }
    leaks.sort();
    leaks.dedup();
    ensure(leaks.is_empty(), format!("{} leaks:\n{}", leaks.len(), leaks.join("\n")))
}

/// The texts that must stand nowhere, each with its name.
async fn marks(
    world: &World,
    employer: &Employer,
    application: &str,
) -> StoryResult<Vec<(&'static str, String)>> {
    let person = &employer.demo.representative;
    let code = employer.reads_activation_code_from_pec(application).await?;
    let typed = |field: &str| {
        employer.typed.get(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let mut marks = vec![
        ("the representative's fiscal code", person.fiscal_code.reveal().to_owned()),
        ("the company's fiscal code", employer.demo.company_code.reveal().to_owned()),
        ("the representative's name", format!("{} {}", person.first_name, person.last_name)),
        ("the representative's e-mail address", person.email.clone()),
        ("the company's name", employer.demo.company_name.clone()),
        ("the certified address", employer.demo.pec.clone()),
        ("the worker's surname", typed("worker_surname")),
        ("the workplace", typed("workplace_street")),
        ("the worker's passport", employer.worker.passport_number.clone()),
        ("the activation code", code.clone()),
        ("the activation code", code.replace('-', "")),
    ];
    for name in [edge::session::SESSION_COOKIE, edge::session::REFRESH_COOKIE] {
        let token = employer.browser.cookie(name);
        marks.push((
            "a token",
            token.ok_or_else(|| world.story.deviation(format!("no cookie {name}")))?,
        ));
    }
    for (what, mark) in &marks {
        ensure(mark.len() >= 8, format!("{what} is too short to be searched for"))?;
    }
    Ok(marks)
}

/// Plain, URL-encoded in both ways, base64 wherever it may begin in its text, upper and lower case.
fn spellings(mark: &str) -> Vec<String> {
    let percent = |space: &str| {
        mark.bytes()
            .map(|byte| match byte {
                b' ' => space.to_owned(),
                byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect::<String>()
    };
    let mut spellings = vec![
        mark.to_owned(),
        percent("%20"),
        percent("+"),
        mark.to_uppercase(),
        mark.to_lowercase(),
    ];
    for shift in 0..3 {
        let mut shifted = vec![0; shift];
        shifted.extend(mark.bytes());
        // The first and last symbols depend on what stands before and after.
        let skip = [0, 2, 3][shift];
        for whole in [BASE64.encode(&shifted), BASE64URL_NOPAD.encode(&shifted)] {
            let whole = whole.trim_end_matches('=');
            spellings.push(whole[skip..whole.len() - 1].to_owned());
        }
    }
    spellings.sort();
    spellings.dedup();
    spellings
}

/// All log groups since an instant, and everything that lies in any queue of the stack.
async fn everything_behind(world: &World, since: i64) -> StoryResult<Vec<Found>> {
    let mut texts = Vec::new();
    for group in world.emulator.log_groups().await? {
        let lines = world.emulator.log(&group, since).await?;
        texts.extend(lines.into_iter().map(|line| Found { place: line.group, text: line.message }));
    }
    for queue in world.emulator.queues(&world.environment.text("STACK_NAME")?).await? {
        let bodies = world.emulator.queued(&queue).await?;
        texts.extend(bodies.into_iter().map(|text| Found { place: queue.clone(), text }));
    }
    Ok(texts)
}

/// The logs of emulator and edge from now on.
struct LogFiles {
    files: Vec<(String, u64)>,
}

impl LogFiles {
    fn open(world: &World) -> StoryResult<Self> {
        let mut files = Vec::new();
        for variable in ["EMULATOR_LOG", "EDGE_LOG"] {
            let file = world.environment.text(variable)?;
            let length = fs::metadata(&file)?.len();
            files.push((file, length));
        }
        Ok(Self { files })
    }

    fn read_what_came(&self) -> StoryResult<Vec<Found>> {
        let mut texts = Vec::new();
        for (file, from) in &self.files {
            let mut text = Vec::new();
            let mut opened = fs::File::open(file)?;
            opened.seek(SeekFrom::Start(*from))?;
            opened.read_to_end(&mut text)?;
            let text = String::from_utf8_lossy(&text).into_owned();
            texts.extend(
                text.lines().map(|line| Found { place: file.clone(), text: line.to_owned() }),
            );
        }
        Ok(texts)
    }
}

/// PRV-1: whoever reads what the seeding of this stack printed finds out where the password of Anna Bianchi stands, and not
/// which it is.
#[test]
fn the_log_of_seeding_holds_no_password() -> StoryResult {
    let log = fs::read_to_string(root().join(".local/log/seed.log"))?;
    let told = log.lines().find(|line| line.contains(DEMO_ADDRESS)).unwrap_or_default();
    ensure(
        told.contains("PASSWORD in tests/harness/email_person.rs"),
        "nobody can sign in as her",
    )?;
    ensure(!log.contains(PASSWORD), "the password stands in the log")?;
    let program = include_str!("../bin/seed.rs");
    ensure(!program.contains(PASSWORD), "the password is written in the program, too")
}

#[test]
fn a_mark_is_found_wherever_base64_begins() {
    let mark = "CANARINO-ROSSI";
    let spellings = spellings(mark);
    for before in ["", "a", "ab", "abc", "abcd"] {
        let encoded = BASE64.encode(format!("{before}{mark} e altro").as_bytes());
        assert!(spellings.iter().any(|spelling| encoded.contains(spelling)), "{before}: {encoded}");
    }
}
