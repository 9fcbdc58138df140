//! answer-confirmation on the deployed portal: confirm, renounce, undo, withdraw, hand in; in time, too late, twice, and all
//! at once (CNF-1, CNF-2, CNF-4, DEC-1, RNK-2).

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use domain::{
    application::{Application, Stage, Who},
    calendar::{self, RomeTime},
    campaign::{Campaign, Profile},
    consular::ConsularDecision,
    form::{Schema, Values},
    ids::{AccountId, ApplicationId, OrganisationId, SessionId},
    lifecycle::{Event, State},
    notice::NoticeKind,
    permission::Role,
    term::{Outage, Term, TermKind},
};
use futures::{StreamExt as _, TryStreamExt as _, future::join3, stream};
use harness::{
    browser::{Answer, Browser, Call},
    campaigns::Plan,
    cases,
    places::PlaceOrder,
    stock::{self, Belongs},
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock};
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    applications::Applications,
    applications::commit::{Companion, Content},
    consulate::ConsularMessages,
    drafts::{Draft, Drafts, Remark},
    evidence::{Attempt, Evidence, EvidenceRow},
    outages::{OutageRow, Outages},
    rows::{SaveError, millis},
    sessions::Caller,
};

const ONE_MS: SignedDuration = SignedDuration::from_millis(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How many races are run through the writes alone.
const RACES: usize = 1_000;
/// How many at once: three writers each.
const RACES_AT_ONCE: usize = 4;
/// How many more with two real browsers.
const RACES_OF_BROWSERS: usize = 48;
/// How many readings, at most, one writer of a race starts later than another.
const WANDERS: u8 = 3;
/// The same for the sweeper against browsers, whose requests have a longer way.
const WANDERS_OF_THE_SWEEPER: u8 = 24;

fn rome(text: &str) -> StoryResult<Timestamp> {
    Ok(text.parse::<RomeTime>()?.instant())
}

/// A campaign, and Anna, for whom Bruno of an organisation filed.
struct Scene {
    world: World,
    campaign: Campaign,
    belongs: Belongs,
    anna: Browser,
    bruno: Browser,
}

impl Scene {
    /// A campaign by the wall clock.
    async fn open() -> StoryResult<Self> {
        Self::of(Plan::new("risposte")?).await
    }

    /// With so many places in each quota line.
    async fn with_places(places: u32) -> StoryResult<Self> {
        Self::of(Plan::new("risposte")?.with_places(places)).await
    }

    /// A campaign whose clock stands at an instant now.
    async fn at(instant: Timestamp) -> StoryResult<Self> {
        let offset = millis(instant) - millis(clock::wall());
        Self::of(Plan::new("risposte")?.changed(|file| file.clock_offset_ms = offset)).await
    }

    async fn of(plan: Plan) -> StoryResult<Self> {
        let world = World::enter().await?;
        // The schedule does not send reminders here: no test expects that change.
        let campaign = plan.publish_apart(&world).await?;
        let belongs = Belongs {
            representative: AccountId::keyed(&fresh()?),
            filer: AccountId::keyed(&fresh()?),
            organisation: Some(OrganisationId::from_random(fresh()?)),
        };
        let anna = signed_in(&world, &belongs.representative, Role::Employer, None, 2).await?;
        let organisation = belongs.organisation.clone();
        let bruno = signed_in(&world, &belongs.filer, Role::Operator, organisation, 2).await?;
        Ok(Self { world, campaign, belongs, anna, bruno })
    }

    fn now(&self) -> Timestamp {
        self.campaign.effective_now(clock::wall())
    }

    /// A case that came to a state a moment ago.
    async fn case(&self, state: State) -> StoryResult<Application> {
        self.case_since(state, self.now()).await
    }

    async fn case_since(&self, state: State, since: Timestamp) -> StoryResult<Application> {
        cases::case_in(&self.world, &self.campaign, &self.belongs, state, since).await
    }

    async fn head(&self, id: &ApplicationId) -> StoryResult<Application> {
        let head = self.world.applications()?.head(id).await?;
        head.ok_or_else(|| self.world.story.deviation("the case is gone"))
    }

    /// What happened to a case since it was set up.
    async fn since(&self, case: &Application) -> StoryResult<Since> {
        since(&self.world, case).await
    }

    async fn nothing_happened_to(&self, case: &Application) -> StoryResult {
        same("head", &self.head(&case.id).await?, case)?;
        same("since then", &self.since(case).await?, &Since::default())
    }

    async fn evidence(&self, case: &Application) -> StoryResult<Vec<EvidenceRow>> {
        Ok(evidence(&self.world)?.of(&case.id).await?)
    }
}

/// What happened to a case, by codes.
#[derive(Debug, Default, Eq, PartialEq)]
struct Since {
    events: Vec<String>,
    /// Notices of the employer and copies of the filer's.
    notices: Vec<String>,
    told: Vec<ConsularDecision>,
}

impl Since {
    fn of(events: &[Event], notices: &[NoticeKind], told: &[ConsularDecision]) -> Self {
        Self {
            events: events.iter().map(|event| event.code().to_owned()).collect(),
            notices: notices.iter().map(|kind| kind.code().to_owned()).collect(),
            told: told.to_vec(),
        }
    }
}

async fn since(world: &World, case: &Application) -> StoryResult<Since> {
    let applications = world.applications()?;
    let history = applications.history(&case.id).await?;
    let events = history.iter().filter(|event| event.version > case.version);
    let mut notices: Vec<_> =
        applications.notices(&case.id).await?.into_iter().map(|notice| notice.kind).collect();
    notices.sort();
    notices.dedup();
    let told = messages(world)?.of(&case.id).await?;
    Ok(Since {
        events: events.map(|event| event.event.clone().unwrap_or_default()).collect(),
        notices,
        told: told.into_iter().map(|message| message.decision).collect(),
    })
}

fn messages(world: &World) -> StoryResult<ConsularMessages> {
    Ok(ConsularMessages::new(world.store().0.clone(), world.environment.text("PORTAL_TABLE")?))
}

fn evidence(world: &World) -> StoryResult<Evidence> {
    Ok(Evidence::new(world.store().0.clone(), world.environment.text("PORTAL_TABLE")?))
}

/// A person with a session.
async fn signed_in(
    world: &World,
    account: &AccountId,
    role: Role,
    organisation: Option<OrganisationId>,
    level: u8,
) -> StoryResult<Browser> {
    let caller = Caller {
        account: account.clone(),
        session: SessionId::from_random(fresh()?),
        level,
        role,
        profile: Profile::Private,
        organisation,
        province: None,
        expires: clock::wall() + HOUR,
    };
    let browser = world.browser()?;
    stock::session(world, &browser, &caller).await?;
    Ok(browser)
}

async fn answers(browser: &Browser, case: &Application, body: &Value) -> StoryResult<Answer> {
    browser.post(&format!("/api/applications/{}/answers", case.id), body).await
}

fn is_problem(answer: &Answer, status: u16, problem: &str) -> StoryResult {
    same(
        "status and problem",
        &(answer.status, answer.problem()),
        &(status, Some(problem.to_owned())),
    )
}

fn state_of(answer: &Answer) -> StoryResult<String> {
    Ok(answer.json()?["state"].as_str().unwrap_or_default().to_owned())
}

fn term_of(case: &Application, kind: TermKind) -> StoryResult<Term> {
    let term = case.procedure().and_then(|procedure| procedure.term(kind)).copied();
    term.ok_or_else(|| Deviation::new(format!("no term {kind}")))
}

/// A case reaches every state, and the store holds what the domain made.
#[tokio::test]
async fn a_case_can_be_brought_to_every_state_after_sending() -> StoryResult {
    let scene = Scene::open().await?;
    for state in State::ALL.iter().filter(|state| state.is_sent()) {
        let case = scene.case(*state).await?;
        same("state", &case.state(), state)?;
        scene.nothing_happened_to(&case).await?;
        let history = scene.world.applications()?.history(&case.id).await?;
        same("last event", &history.last().map(|event| event.version), &Some(case.version))?;
    }
    Ok(())
}

/// CNF-1: Anna confirms on 14 May; her filer, who presses too, reads the same; the consulate learns it once.
#[tokio::test]
async fn a_confirmation_is_told_to_the_consulate_once_however_often_it_is_pressed() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case(State::AwaitingConfirmation).await?;
    let answer = answers(&scene.anna, &case, &json!({ "answer": "confirm" })).await?.expect(200)?;
    let body = answer.json()?;
    same("id", &body["id"], &json!(case.id))?;
    same("state", &body["state"], &json!("confirmed"))?;
    same("state in words", &body["state_label"], &json!("Confermata"))?;
    same("version", &body["version"], &json!(case.version + 1))?;
    // The permit is valid for 180 days, in which the visa must come.
    same("term", &body["term"]["kind"], &json!("nulla-osta-validity"))?;
    let ms_left = body["term"]["ms_left"].as_i64().unwrap_or_default();
    ensure(ms_left > 179 * 86_400_000, format!("{body}"))?;
    for browser in [&scene.anna, &scene.bruno] {
        let again = answers(browser, &case, &json!({ "answer": "confirm" })).await?.expect(200)?;
        same("version", &again.json()?["version"], &json!(case.version + 1))?;
    }
    // The other answers are not possible any more.
    for body in [
        json!({ "answer": "renounce", "confirmed": true }),
        json!({ "answer": "renounce" }),
        json!({ "answer": "undo-renunciation" }),
        json!({ "answer": "withdraw" }),
    ] {
        is_problem(&answers(&scene.anna, &case, &body).await?, 409, "stato-non-compatibile")?;
    }
    let wanted =
        Since::of(&[Event::Confirm], &[NoticeKind::Confirmed], &[ConsularDecision::Confirmed]);
    same("since then", &scene.since(&case).await?, &wanted)?;
    same("evidence", &scene.evidence(&case).await?, &Vec::new())
}

/// CNF-1: the portal asks twice; Anna undoes within the hour, and the consulate hears nothing of it.
#[tokio::test]
async fn a_renunciation_is_asked_twice_and_can_be_undone() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case(State::AwaitingConfirmation).await?;
    let renounces = json!({ "answer": "renounce" });
    for body in [&renounces, &json!({ "answer": "renounce", "confirmed": false })] {
        let asked = answers(&scene.anna, &case, body).await?;
        is_problem(&asked, 409, "rinuncia-da-confermare")?;
        let until: Timestamp = asked.json()?["undo_until"].as_str().unwrap_or_default().parse()?;
        let left = until.duration_since(scene.now());
        ensure(left > HOUR / 2 && left <= HOUR, format!("undoable for {left:#}"))?;
    }
    scene.nothing_happened_to(&case).await?;

    let confirmed = json!({ "answer": "renounce", "confirmed": true });
    let renounced = answers(&scene.anna, &case, &confirmed).await?.expect(200)?.json()?;
    same("state", &renounced["state"], &json!("renouncing"))?;
    same("term", &renounced["term"]["kind"], &json!("renounce-undo"))?;
    for body in [&confirmed, &renounces] {
        same(
            "state",
            &state_of(&answers(&scene.bruno, &case, body).await?.expect(200)?)?,
            &"renouncing".to_owned(),
        )?;
    }
    let too_late_for_that = answers(&scene.anna, &case, &json!({ "answer": "confirm" })).await?;
    is_problem(&too_late_for_that, 409, "stato-non-compatibile")?;

    let undoes = json!({ "answer": "undo-renunciation" });
    for _ in 0..2 {
        let undone = answers(&scene.anna, &case, &undoes).await?.expect(200)?.json()?;
        same("state", &undone["state"], &json!("awaiting-confirmation"))?;
        let end = calendar::rfc3339(term_of(&case, TermKind::Confirmation)?.end());
        same("the term to confirm goes on", &undone["term"]["ends_at"], &json!(end))?;
    }
    let wanted = Since::of(
        &[Event::Renounce, Event::UndoRenunciation],
        &[NoticeKind::Renouncing, NoticeKind::RenunciationUndone],
        &[],
    );
    same("since then", &scene.since(&case).await?, &wanted)
}

/// CNF-2, CNF-4: the term is over since a second; the grace is the sweeper's, not the employer's. Each attempt is kept.
#[tokio::test]
async fn an_answer_after_the_end_changes_nothing_and_is_kept_as_evidence() -> StoryResult {
    let begun = rome("2026-05-04 09:00")?;
    let end = rome("2026-05-20 00:00")?;
    let scene = Scene::at(end + SignedDuration::from_secs(1)).await?;
    let case = scene.case_since(State::AwaitingConfirmation, begun).await?;
    let late = answers(&scene.anna, &case, &json!({ "answer": "confirm" })).await?;
    is_problem(&late, 409, "termine-scaduto")?;
    same("end", &late.json()?["ended_at"], &json!("2026-05-20T00:00:00.000+02:00"))?;
    let renounces = answers(&scene.bruno, &case, &json!({ "answer": "renounce" })).await?;
    is_problem(&renounces, 409, "termine-scaduto")?;
    let kept = scene.evidence(&case).await?;
    let seen: Vec<_> =
        kept.iter().map(|row| (row.what.as_str(), &row.account, row.ended)).collect();
    same(
        "evidence",
        &seen,
        &vec![
            ("confirm", &scene.belongs.representative, millis(end)),
            ("renounce", &scene.belongs.filer, millis(end)),
        ],
    )?;
    ensure(kept.iter().all(|row| row.at >= millis(end)), format!("{kept:?}"))?;
    scene.nothing_happened_to(&case).await?;

    // A function that runs twice for one request keeps one attempt.
    let attempt = Attempt {
        event: Event::Confirm,
        at: end,
        ended: end,
        account: &scene.belongs.representative,
        request: "richiesta-ripetuta",
    };
    for _ in 0..2 {
        evidence(&scene.world)?.keep(&case.id, &attempt).await?;
    }
    same("attempts", &scene.evidence(&case).await?.len(), &3)
}

/// CNF-2: while the clock passes the end, each answer either counts or is late, and none counts after the first late
/// one.
#[tokio::test]
async fn the_end_passes_once_and_for_good() -> StoryResult {
    let begun = rome("2026-05-04 09:00")?;
    let end = rome("2026-05-20 00:00")?;
    let scene = Scene::at(end - SignedDuration::from_secs(12)).await?;
    let case = scene.case_since(State::AwaitingConfirmation, begun).await?;
    let other = scene.case_since(State::AwaitingConfirmation, begun).await?;
    let in_time = answers(&scene.anna, &other, &json!({ "answer": "confirm" })).await?;
    let before = scene.now() < end;
    // A machine that is too slow for the first press still sees the second half.
    if before {
        same("state", &state_of(&in_time.expect(200)?)?, &"confirmed".to_owned())?;
    }
    let story = &scene.world.story;
    let late = story.eventually("the term is over", Duration::from_mins(1), || async {
        let asked = answers(&scene.anna, &case, &json!({ "answer": "renounce" })).await?;
        Ok(match asked.problem().as_deref() {
            Some("termine-scaduto") => Ok(asked),
            Some("rinuncia-da-confermare") => Err("in time".to_owned()),
            other => return Err(Deviation::new(format!("{other:?}"))),
        })
    });
    late.await?;
    ensure(scene.now() >= end, "late before the end")?;
    for body in [json!({ "answer": "confirm" }), json!({ "answer": "renounce", "confirmed": true })]
    {
        is_problem(&answers(&scene.anna, &case, &body).await?, 409, "termine-scaduto")?;
    }
    scene.nothing_happened_to(&case).await?;
    same("evidence", &scene.evidence(&case).await?.len(), &3)
}

/// CNF-4: the sweeper wrote first, though the answer came in time: the refusal speaks of the term, not of a state, and
/// the portal keeps the attempt.
#[tokio::test]
async fn who_answers_an_expired_case_reads_what_happened() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case(State::ExpiredToVerify).await?;
    for body in [json!({ "answer": "confirm" }), json!({ "answer": "renounce", "confirmed": true })]
    {
        let overtaken = answers(&scene.anna, &case, &body).await?;
        is_problem(&overtaken, 409, "termine-scaduto")?;
        let detail = overtaken.json()?["detail"].as_str().unwrap_or_default().to_owned();
        ensure(detail.contains("può riaprire la pratica"), detail)?;
    }
    same("evidence", &scene.evidence(&case).await?.len(), &2)?;
    // Nothing of this has to do with a withdrawal.
    let withdraws = answers(&scene.anna, &case, &json!({ "answer": "withdraw" })).await?;
    is_problem(&withdraws, 409, "stato-non-compatibile")?;
    same("evidence", &scene.evidence(&case).await?.len(), &2)?;
    scene.nothing_happened_to(&case).await
}

/// CNF-4: with an outage over the end of a term an answer counts that would be late without it.
#[tokio::test]
async fn an_outage_in_the_ledger_moves_the_end() -> StoryResult {
    // All tests share the ledger: the outage lies where no other test's term runs, and the term where no other outage lies,
    // which begin again at the end of 2036 (sweep_deadlines).
    let day = i64::from(u16::from_be_bytes(fresh()?) % 2_800);
    let begun = rome("2029-03-05 09:00")? + SignedDuration::from_hours(24 * day);
    let rules = Campaign::parse(include_str!("../../campaigns/demo.toml"))?;
    let end = rules.term(TermKind::Confirmation, begun)?.end();
    let scene = Scene::at(end + HOUR).await?;
    let case = scene.case_since(State::AwaitingConfirmation, begun).await?;
    let other = scene.case_since(State::AwaitingConfirmation, begun).await?;
    let confirms = json!({ "answer": "confirm" });
    is_problem(&answers(&scene.anna, &other, &confirms).await?, 409, "termine-scaduto")?;
    let outage = Outage::new(end - HOUR * 4, end + HOUR / 2)?;
    let row = OutageRow::new(
        outage,
        "Il portale non rispondeva a nessuno.".to_owned(),
        AccountId::keyed(&fresh()?),
        clock::wall(),
    );
    let table = scene.world.environment.text("PORTAL_TABLE")?;
    let ledger = Outages::new(scene.world.store().0.clone(), table);
    ledger.record(&row).await?;
    // What one person wrote lengthens nothing.
    is_problem(&answers(&scene.anna, &case, &confirms).await?, 409, "termine-scaduto")?;
    ledger.confirm(&row, &AccountId::keyed(&fresh()?), clock::wall()).await?;
    for case in [&case, &other] {
        let confirmed = answers(&scene.anna, case, &confirms).await?.expect(200)?;
        same("state", &state_of(&confirmed)?, &"confirmed".to_owned())?;
    }
    Ok(())
}

/// TRM-1: an hour is an hour, also when the clock goes back or forward within it.
#[tokio::test]
async fn a_renunciation_is_undoable_for_an_hour_when_the_clocks_change() -> StoryResult {
    for (begun, now, offset) in [
        // From 02:30 of the first pass to 02:30 of the second.
        ("2026-10-13 09:00", "2026-10-25T02:30:00+02:00", "+01:00"),
        // From 01:30 to 03:30, of which one hour does not exist.
        ("2026-03-17 09:00", "2026-03-29T01:30:00+01:00", "+02:00"),
    ] {
        let now: Timestamp = now.parse()?;
        let scene = Scene::at(now).await?;
        let case = scene.case_since(State::AwaitingConfirmation, rome(begun)?).await?;
        let asked = answers(&scene.anna, &case, &json!({ "answer": "renounce" })).await?;
        is_problem(&asked, 409, "rinuncia-da-confermare")?;
        let until = asked.json()?["undo_until"].as_str().unwrap_or_default().to_owned();
        ensure(until.ends_with(offset), until.clone())?;
        let left = until.parse::<Timestamp>()?.duration_since(scene.now());
        ensure(left > HOUR / 2 && left <= HOUR, format!("undoable for {left:#}"))?;
        // The term itself ends with its day, whichever clock that day has.
        let end = term_of(&case, TermKind::Confirmation)?.end();
        let wall = calendar::rome().to_datetime(end);
        same("midnight", &wall.time(), &jiff::civil::Time::midnight())?;
    }
    Ok(())
}

/// CNF-1: an answer before the consular checks are concluded, and bodies that are no answer.
#[tokio::test]
async fn an_early_or_misshapen_answer_changes_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let granted = scene.case(State::Granted).await?;
    for body in [
        json!({ "answer": "confirm" }),
        json!({ "answer": "renounce", "confirmed": true }),
        json!({ "answer": "undo-renunciation" }),
        json!({ "answer": "provide-integration", "text": "Alleghiamo la visura." }),
    ] {
        is_problem(&answers(&scene.anna, &granted, &body).await?, 409, "stato-non-compatibile")?;
    }
    scene.nothing_happened_to(&granted).await?;
    same("evidence", &scene.evidence(&granted).await?, &Vec::new())?;

    let case = scene.case(State::AwaitingConfirmation).await?;
    for body in [
        json!({}),
        json!({ "answer": null }),
        json!({ "answer": true }),
        json!({ "answer": "CONFIRM" }),
        json!({ "answer": "expire" }),
        json!({ "answer": "confirm", "confirmed": "yes" }),
        json!({ "answer": "confirm", "at": "2026-01-01T00:00:00Z" }),
        json!({ "answer": "renounce", "confirmed": 1 }),
        json!({ "answer": "object" }),
    ] {
        is_problem(&answers(&scene.anna, &case, &body).await?, 422, "campi-non-validi")?;
    }
    let path = format!("/api/applications/{}/answers", case.id);
    for (body, content_type, status) in [
        ("confirm", "application/json", 400),
        ("[]", "application/json", 400),
        ("{}", "text/plain", 415),
    ] {
        let call = Call::new(Method::POST, path.clone()).body(content_type, body);
        scene.anna.send(call).await?.expect(status)?;
    }
    scene.nothing_happened_to(&case).await
}

/// OWN-1, IDP-1: a colleague reads and cannot answer; a stranger finds nothing; a password is not enough.
#[tokio::test]
async fn only_the_employer_and_who_filed_may_answer() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case(State::AwaitingConfirmation).await?;
    let (world, confirms) = (&scene.world, json!({ "answer": "confirm" }));
    let another_account = || StoryResult::Ok(AccountId::keyed(&fresh()?));
    let own = scene.belongs.organisation.clone();
    let other = Some(OrganisationId::from_random(fresh()?));
    for (account, role, organisation, level, status, problem) in [
        (another_account()?, Role::Operator, own.clone(), 2, 403, "azione-non-consentita"),
        (another_account()?, Role::OrganisationContact, own, 2, 403, "azione-non-consentita"),
        (another_account()?, Role::Administrator, None, 2, 403, "azione-non-consentita"),
        (another_account()?, Role::Employer, None, 2, 404, "non-trovata"),
        (another_account()?, Role::Operator, other.clone(), 2, 404, "non-trovata"),
        // An operator who has left the organisation no longer sees what they filed for it (ORG-4).
        (scene.belongs.filer.clone(), Role::Operator, other, 2, 404, "non-trovata"),
        (
            scene.belongs.representative.clone(),
            Role::Employer,
            None,
            1,
            403,
            "livello-insufficiente",
        ),
    ] {
        let browser = signed_in(world, &account, role, organisation, level).await?;
        is_problem(&answers(&browser, &case, &confirms).await?, status, problem)?;
    }
    is_problem(&answers(&world.browser()?, &case, &confirms).await?, 401, "sessione-assente")?;
    let path = format!("/api/applications/{}/answers", case.id);
    let forged = Call::new(Method::POST, path).header("origin", "https://altrove.invalid");
    is_problem(&scene.anna.send(forged.json(&confirms)).await?, 403, "origine-non-ammessa")?;
    scene.nothing_happened_to(&case).await?;
    same("evidence", &scene.evidence(&case).await?, &Vec::new())
}

/// DEC-1, art. 10-bis L. 241/1990: the office gets, once, what the employer hands in; no history holds its text.
#[tokio::test]
async fn what_the_employer_hands_in_is_kept_with_the_answer() -> StoryResult {
    let scene = Scene::open().await?;
    for (state, answer, event) in [
        (State::IntegrationRequested, "provide-integration", Event::ProvideIntegration),
        (State::RefusalAnnounced, "object", Event::Object),
    ] {
        let case = scene.case(state).await?;
        let text = "Alleghiamo la certificazione dell'alloggio di via Inventata 3.";
        let body = json!({ "answer": answer, "text": format!("  {text}\n") });
        for _ in 0..2 {
            let handed_in = answers(&scene.bruno, &case, &body).await?.expect(200)?.json()?;
            same("state", &handed_in["state"], &json!("in-review"))?;
            same("version", &handed_in["version"], &json!(case.version + 1))?;
        }
        // Something else is no repetition: it was not received.
        let other = json!({ "answer": answer, "text": "Alleghiamo anche la visura." });
        is_problem(&answers(&scene.bruno, &case, &other).await?, 409, "stato-non-compatibile")?;
        let remarks = scene.world.drafts()?.remarks(&case.id).await?;
        let [Remark::Reason { event: code, text: stored, .. }] = remarks.as_slice() else {
            return Err(Deviation::new("not one remark"));
        };
        same("remark", &(code.as_str(), stored.as_str()), &(event.code(), text))?;
        same("since then", &scene.since(&case).await?, &Since::of(&[event], &[], &[]))?;
        let history = scene.world.applications()?.history(&case.id).await?;
        ensure(!format!("{history:?}").contains("Inventata"), "personal words in the history")?;
    }
    Ok(())
}

/// RNK-2: a withdrawal frees the place for the next in order; the consulate hears of it only when a permit was out.
#[tokio::test]
async fn a_withdrawal_gives_the_place_up_once() -> StoryResult {
    let scene = Scene::with_places(1).await?;
    let order = PlaceOrder::of(&scene.world, &scene.campaign)?;
    let granted = scene.case(State::Granted).await?;
    let review = scene.case(State::InReview).await?;
    let next = scene.case(State::Submitted).await?;
    order.takes(&[&granted, &review, &next]).await?;
    let withdraws = json!({ "answer": "withdraw" });
    for (case, told, heir) in
        [(&granted, vec![ConsularDecision::Renounced], &review), (&review, vec![], &next)]
    {
        let before = scene.since(case).await?;
        for _ in 0..2 {
            answers(&scene.anna, case, &withdraws).await?.expect(200)?;
        }
        same("the heir", &order.in_quota(&heir.id).await?, &true)?;
        same("who withdrew", &order.place(&case.id).await?.in_quota(), &false)?;
        let since = scene.since(case).await?;
        // That the heir moved up is noted without an event, in its own time.
        let mut events = since.events.iter().skip(before.events.len()).map(String::as_str);
        same("first event", &events.find(|event| !event.is_empty()), &Some("withdraw"))?;
        same("told", &since.told, &told)?;
        let withdrawn = since.notices.iter().filter(|kind| *kind == "withdrawn").count();
        same("notices", &withdrawn, &1)?;
    }
    Ok(())
}

/// What all races have in common.
struct Races {
    applications: Applications,
    drafts: Drafts,
    campaign: Campaign,
    pattern: Application,
    schema: &'static Schema,
    values: Values,
    /// The first instant after the term.
    end: Timestamp,
}

impl Races {
    async fn prepared(scene: &Scene) -> StoryResult<Self> {
        // Anna files for herself: she gets one notice for each event.
        let belongs = Belongs {
            representative: scene.belongs.representative.clone(),
            filer: scene.belongs.representative.clone(),
            organisation: None,
        };
        let (world, now) = (&scene.world, scene.now());
        let state = State::AwaitingConfirmation;
        let pattern = cases::case_in(world, &scene.campaign, &belongs, state, now).await?;
        let schema = Schema::find(&pattern.schema).ok_or_else(|| Deviation::new("no schema"))?;
        Ok(Self {
            applications: world.applications()?,
            drafts: world.drafts()?,
            campaign: scene.campaign.clone(),
            schema,
            values: world.drafts()?.load(&pattern.id).await?.values(),
            end: term_of(&pattern, TermKind::Confirmation)?.end(),
            pattern,
        })
    }

    /// Another case like the pattern, about another worker.
    async fn another(&self) -> StoryResult<Application> {
        let mut case =
            Application { id: ApplicationId::from_random(fresh()?), ..self.pattern.clone() };
        if let Stage::Sent { submission, .. } = &mut case.stage {
            submission.ready.worker = Some(data_encoding::HEXLOWER.encode(&fresh::<32>()?));
        }
        let draft = Draft::default();
        let content = Content {
            schema: self.schema,
            before: &draft,
            after: &self.values,
            today: calendar::local_date(case.created),
        };
        let along = [Companion::Content(&self.drafts, content)];
        self.applications.commit(&stock::begun(&case), &along).await?;
        Ok(case)
    }

    /// Each writer starts a few readings later or sooner: none is always first.
    async fn wanders(&self, case: &Application, most: u8) -> StoryResult {
        let [drawn] = fresh()?;
        for _ in 0..drawn % (most + 1) {
            self.applications.head(&case.id).await?;
        }
        Ok(())
    }

    /// A browser's answer, which arrived in the last millisecond: after each lost write the function judges it anew by
    /// what is stored.
    async fn presses(&self, read: &Application, event: Event) -> StoryResult<bool> {
        let context = cases::judged(&self.campaign, self.end - ONE_MS);
        let mut head = read.clone();
        self.wanders(read, WANDERS).await?;
        loop {
            let who = Who::Account(head.parties.representative.clone());
            let Ok(decision) = head.step(event, who, &context) else { return Ok(false) };
            match self.applications.commit(&decision, &[]).await {
                Ok(()) => return Ok(true),
                Err(SaveError::Conflict) => {
                    let stored = self.applications.head(&read.id).await?;
                    head = stored.ok_or_else(|| Deviation::new("the case is gone"))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The sweeper's one write, at the first instant at which it may; a faster answer leaves it nothing to do.
    async fn sweeps(&self, read: &Application, most: u8) -> StoryResult<bool> {
        self.wanders(read, most).await?;
        let context = cases::judged(&self.campaign, self.end + self.campaign.policies().grace());
        let decision = read.sweep(&context)?;
        let ended = decision.filter(|decision| decision.occurrence().event.is_some());
        let Some(decision) = ended else {
            return Err(Deviation::new("the term has not ended for the sweeper"));
        };
        match self.applications.commit(&decision, &[]).await {
            Ok(()) => Ok(true),
            Err(SaveError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// What must be true of a race whose winner is known.
async fn was_won_by(world: &World, case: &Application, winner: Event) -> StoryResult {
    let (notice, told): (NoticeKind, &[ConsularDecision]) = match winner {
        Event::Confirm => (NoticeKind::Confirmed, &[ConsularDecision::Confirmed]),
        Event::Renounce => (NoticeKind::Renouncing, &[]),
        _ => (NoticeKind::Expired, &[]),
    };
    let wanted = Since::of(&[winner], &[notice], told);
    same("since then", &since(world, case).await?, &wanted)?;
    let head = world.applications()?.head(&case.id).await?;
    let to = case.state().on(winner)?.to;
    let found = head.map(|head| (head.state(), head.version));
    same("state and version", &found, &Some((to, case.version + 1)))
}

fn the_one(won: [(Event, bool); 3]) -> StoryResult<Event> {
    match won.iter().filter(|(_, won)| *won).map(|(event, _)| *event).collect::<Vec<_>>().as_slice()
    {
        [one] => Ok(*one),
        others => Err(Deviation::new(format!("{others:?} took effect"))),
    }
}

fn told_of(races: &str, won: &[Event], begun: Instant) {
    let mut counts = BTreeMap::new();
    for event in won {
        *counts.entry(event.code()).or_insert(0) += 1;
    }
    println!("{} {races} in {:.1} s: {counts:?}", won.len(), begun.elapsed().as_secs_f64());
}

/// Issue 4: two browsers and the sweeper write at once, a thousand times: one takes effect, and nothing of the others is
/// left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_thousand_races_exactly_one_of_confirm_renounce_and_expire_takes_effect() -> StoryResult
{
    let scene = Scene::open().await?;
    let races = &Races::prepared(&scene).await?;
    let begun = Instant::now();
    let won: Vec<Event> = stream::iter(0..RACES)
        .map(|n| {
            let world = &scene.world;
            async move {
                // All three have read the case before the first of them writes.
                let case = races.another().await?;
                let confirms = races.presses(&case, Event::Confirm);
                let renounces = races.presses(&case, Event::Renounce);
                let expires = races.sweeps(&case, WANDERS);
                // Each begins first in a third of the races.
                let (confirmed, renounced, expired) = match n % 3 {
                    0 => join3(confirms, renounces, expires).await,
                    1 => {
                        let (renounced, expired, confirmed) =
                            join3(renounces, expires, confirms).await;
                        (confirmed, renounced, expired)
                    }
                    _ => {
                        let (expired, confirmed, renounced) =
                            join3(expires, confirms, renounces).await;
                        (confirmed, renounced, expired)
                    }
                };
                let winner = the_one([
                    (Event::Confirm, confirmed?),
                    (Event::Renounce, renounced?),
                    (Event::Expire, expired?),
                ])?;
                was_won_by(world, &case, winner).await?;
                StoryResult::Ok(winner)
            }
        })
        .buffer_unordered(RACES_AT_ONCE)
        .try_collect()
        .await?;
    told_of("races through the conditional writes", &won, begun);
    same("races", &won.len(), &RACES)?;
    for event in [Event::Confirm, Event::Renounce, Event::Expire] {
        ensure(won.contains(&event), format!("{event} never won: that was no race"))?;
    }
    Ok(())
}

/// The same with Anna in two real browsers over HTTP.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_browsers_and_the_sweeper_at_once_leave_one_answer() -> StoryResult {
    let scene = Scene::open().await?;
    let races = Races::prepared(&scene).await?;
    let begun = Instant::now();
    let mut won = Vec::new();
    for _ in 0..RACES_OF_BROWSERS {
        let case = races.another().await?;
        let (confirms, renounces) =
            (json!({ "answer": "confirm" }), json!({ "answer": "renounce", "confirmed": true }));
        let (confirmed, renounced, expired) = join3(
            answers(&scene.anna, &case, &confirms),
            answers(&scene.anna, &case, &renounces),
            // It has read the case, too, and writes before, between or after them.
            races.sweeps(&case, WANDERS_OF_THE_SWEEPER),
        )
        .await;
        let counts = |answer: &Answer| match (answer.status, answer.problem().as_deref()) {
            (200, _) => Ok(true),
            (409, Some("stato-non-compatibile" | "termine-scaduto")) => Ok(false),
            _ => Err(Deviation::new(format!("{answer}"))),
        };
        let winner = the_one([
            (Event::Confirm, counts(&confirmed?)?),
            (Event::Renounce, counts(&renounced?)?),
            (Event::Expire, expired?),
        ])?;
        was_won_by(&scene.world, &case, winner).await?;
        won.push(winner);
    }
    told_of("races of two browsers over HTTP", &won, begun);
    ensure(won.iter().any(|winner| *winner != Event::Expire), "no browser ever won")?;
    ensure(won.contains(&Event::Expire), "the sweeper never won")
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
