//! sweep-deadlines on the deployed stack: every deadline takes effect once, never early, also late, also side by side
//! (SWP-1, CNF-2 to CNF-4).

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    application::{Application, Who},
    campaign::Campaign,
    consular::ConsularDecision,
    document::DocumentKind,
    ids::{AccountId, ApplicationId},
    lifecycle::{Event, State},
    permission::Role,
    procedure::Procedure,
    term::{Outage, Term, TermKind},
};
use futures::future::{try_join, try_join_all, try_join3};
use harness::{
    campaigns::{self, Plan},
    cases,
    places::PlaceOrder,
    stock::{self, Belongs},
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock};
use serde_json::{Value, json};
use store::{
    consulate::ConsularMessages,
    documents::Documents,
    keys,
    outages::{OutageRow, Outages},
    rows::millis,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A campaign and its cases.
struct Scene {
    world: World,
    campaign: Campaign,
}

impl Scene {
    /// A campaign whose clock stands at an instant.
    async fn at(instant: &str) -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Self::plan_at(instant)?.publish(&world).await?;
        Ok(Self { world, campaign })
    }

    /// The same, which only the runs of a test sweep.
    async fn apart_at(instant: &str) -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Self::plan_at(instant)?.publish_apart(&world).await?;
        Ok(Self { world, campaign })
    }

    /// A campaign by the wall clock, which only the runs of a test sweep.
    async fn apart() -> StoryResult<Self> {
        Self::with_places(100).await
    }

    /// The same with so many places in each quota line.
    async fn with_places(places: u32) -> StoryResult<Self> {
        let world = World::enter().await?;
        let plan = Plan::new("scadenze")?.with_places(places);
        let campaign = plan.publish_apart(&world).await?;
        Ok(Self { world, campaign })
    }

    fn plan_at(instant: &str) -> StoryResult<Plan> {
        let offset = millis(instant.parse()?) - millis(clock::wall());
        Ok(Plan::new("scadenze")?.changed(|file| file.clock_offset_ms = offset))
    }

    fn table(&self) -> StoryResult<String> {
        self.world.environment.text("PORTAL_TABLE")
    }

    fn now(&self) -> Timestamp {
        self.campaign.effective_now(clock::wall())
    }

    /// A case that came to a state so long ago.
    async fn case(&self, state: State, ago: SignedDuration) -> StoryResult<Application> {
        let employer = AccountId::keyed(&fresh()?);
        let belongs =
            Belongs { representative: employer.clone(), filer: employer, organisation: None };
        let at = self.now() - ago;
        cases::case_in(&self.world, &self.campaign, &belongs, state, at).await
    }

    /// As many cases, all of them alike.
    async fn cases(
        &self,
        number: usize,
        state: State,
        ago: SignedDuration,
    ) -> StoryResult<Vec<Application>> {
        try_join_all((0..number).map(|_| self.case(state, ago))).await
    }

    /// Moves the campaign's clock, as an emergency, since no test waits for five minutes.
    async fn moves_to(&mut self, instant: Timestamp) -> StoryResult {
        let by = millis(instant) - millis(self.now());
        let mut file = self.campaign.clone().into_file();
        file.version += 1;
        file.clock_offset_ms += by;
        self.campaign = Campaign::try_from(file)?;
        campaigns::publish(&self.world, &self.campaign, true).await?;
        self.world.story.tell(format_args!("for the campaign it is {instant}"));
        Ok(())
    }

    /// One run for this campaign alone.
    async fn sweeps(&self) -> StoryResult<Value> {
        self.runs(&json!({ "campaign": self.campaign.id() })).await
    }

    async fn runs(&self, payload: &Value) -> StoryResult<Value> {
        let function = self.world.function("sweep-deadlines")?;
        let swept = self.world.emulator.invoke(&function, payload).await?;
        self.world.story.tell(format_args!("swept: {swept}"));
        ensure(swept["looked_at"].is_u64(), format!("no result: {swept}"))?;
        Ok(swept)
    }

    async fn state_of(&self, case: &Application) -> StoryResult<State> {
        Ok(self.head_of(case).await?.state())
    }

    async fn head_of(&self, case: &Application) -> StoryResult<Application> {
        let head = self.world.applications()?.head(&case.id).await?;
        head.ok_or_else(|| self.world.story.deviation("the case is gone"))
    }

    /// The events, by code, that happened to a case since it was set up; all of them the portal's own.
    async fn events_since(&self, case: &Application) -> StoryResult<Vec<String>> {
        let history = self.world.applications()?.history(&case.id).await?;
        let since: Vec<_> = history.iter().filter(|event| event.version > case.version).collect();
        let strangers: Vec<_> = since.iter().filter(|event| event.who != "system").collect();
        ensure(strangers.is_empty(), format!("an actor other than the portal: {strangers:?}"))?;
        let versions: Vec<_> = since.iter().map(|event| event.version).collect();
        let gapless: Vec<_> = (case.version + 1..).take(versions.len()).collect();
        same("versions", &versions, &gapless)?;
        Ok(since
            .iter()
            .map(|event| event.event.clone().or(event.action.clone()).unwrap_or_default())
            .collect())
    }

    /// The kinds of a case's notices.
    async fn notices_of(&self, case: &Application) -> StoryResult<Vec<String>> {
        let notices = self.world.applications()?.notices(&case.id).await?;
        Ok(notices.into_iter().map(|notice| notice.kind).collect())
    }

    /// What the consular system learns of a case.
    async fn told_of(&self, case: &Application) -> StoryResult<Vec<ConsularDecision>> {
        let (store, _) = self.world.store();
        let messages = ConsularMessages::new(store.clone(), self.table()?).of(&case.id).await?;
        Ok(messages.into_iter().map(|message| message.decision).collect())
    }
}

/// CNF-1, CNF-2: to the end and through the grace nothing happens; then the case, whose PEC was delivered, is *scaduta, da
/// verificare*, two days later revoked, and sixty days later put away.
async fn ends_by_itself(begins: &str, days: i64) -> StoryResult {
    let mut scene = Scene::at(begins).await?;
    let case = scene.case(State::AwaitingConfirmation, SignedDuration::ZERO).await?;
    let term = case.procedure().and_then(Procedure::running_term);
    let term = *term.ok_or_else(|| Deviation::new("no term runs"))?;
    let length = term.end().duration_since(term.start());
    ensure(
        length > DAY * i32::try_from(days)? && length <= DAY * i32::try_from(days + 1)?,
        format!("the term lasts {length:#}, not {days} days to the end of the day"),
    )?;
    // The schedule's own event, over all campaigns.
    let schedule =
        json!({ "source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": {} });

    let grace = scene.campaign.policies().grace();
    scene.moves_to(term.end() + grace - SignedDuration::from_mins(3)).await?;
    scene.runs(&schedule).await?;
    // That run may have been out of time before it came to this campaign.
    scene.sweeps().await?;
    same("state within the grace", &scene.state_of(&case).await?, &State::AwaitingConfirmation)?;
    ensure(
        !scene.events_since(&case).await?.contains(&"expire".to_owned()),
        "it expired within the grace",
    )?;

    scene.moves_to(term.end() + grace).await?;
    // On a slow machine one run over all campaigns may not come to this one; the next finds the rest.
    let expires = || async {
        scene.runs(&schedule).await?;
        let state = scene.state_of(&case).await?;
        Ok(if state == State::ExpiredToVerify { Ok(()) } else { Err(state.to_string()) })
    };
    let what = "the case expires by the schedule";
    scene.world.story.eventually(what, Duration::from_mins(3), expires).await?;
    same("told to the consulate", &scene.told_of(&case).await?, &vec![])?;
    let notices = scene.notices_of(&case).await?;
    same("notices of the expiry", &count(&notices, "expired"), &1)?;

    let verification = scene.head_of(&case).await?;
    let verification =
        verification.procedure().and_then(|procedure| procedure.term(TermKind::Verification));
    let verified = verification.ok_or_else(|| Deviation::new("nobody has time to verify"))?.end();
    scene.moves_to(verified + grace).await?;
    scene.sweeps().await?;
    same("state after verification", &scene.state_of(&case).await?, &State::Revoked)?;
    same("told", &scene.told_of(&case).await?, &vec![ConsularDecision::NotConfirmed])?;

    scene.moves_to(verified + DAY * 62).await?;
    scene.sweeps().await?;
    same("state in the end", &scene.state_of(&case).await?, &State::Archived)?;
    let events = scene.events_since(&case).await?;
    for event in ["expire", "confirm-expiry", "archive"] {
        same(event, &count(&events, event), &1)?;
    }
    same("told in the end", &scene.told_of(&case).await?, &vec![ConsularDecision::NotConfirmed])
}

/// CNF-1, COM-2: the password of the mailbox has expired and no receipt is read. The case is *scaduta, da verificare* and
/// stays so for months; its office and its employer read why. When the receipt is read at last, the office has its days.
#[tokio::test]
async fn no_permit_is_revoked_while_no_receipt_says_that_its_pec_was_delivered() -> StoryResult {
    let mut scene = Scene::apart_at("2026-02-03T10:00:00+01:00").await?;
    let employer = scene.world.employer()?;
    let caller = stock::caller(&scene.world, &employer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&scene.world, &employer.browser, &caller).await?;
    let account = caller.account;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    let (sent, applications) = (scene.now(), scene.world.applications()?);
    let granted =
        cases::case_in(&scene.world, &scene.campaign, &belongs, State::Granted, sent).await?;
    let campaign = scene.campaign.clone();
    let context = cases::judged(&campaign, sent);
    let asked =
        cases::happens(&granted, Event::ReportChecks, Who::ConsularSystem, &context)?.untold();
    applications.commit(&asked, &[]).await?;
    let refused = |error| Deviation::new(format!("no term: {error}"));
    let begun = asked.after().begin(TermKind::Confirmation, sent, &context).map_err(refused)?;
    let begun = begun.ok_or_else(|| Deviation::new("no term begins"))?;
    applications.commit(&begun, &[]).await?;
    let case = begun.into_after();
    let end = case.procedure().and_then(Procedure::running_term).map(Term::end);
    let end = end.ok_or_else(|| Deviation::new("no term runs"))?;

    scene.moves_to(end + scene.campaign.policies().grace()).await?;
    scene.sweeps().await?;
    same("state", &scene.state_of(&case).await?, &State::ExpiredToVerify)?;
    scene.moves_to(end + DAY * 90).await?;
    scene.sweeps().await?;
    same("state after months", &scene.state_of(&case).await?, &State::ExpiredToVerify)?;
    same("events", &scene.events_since(&case).await?, &vec!["expire".to_owned()])?;
    same("told to the consulate", &scene.told_of(&case).await?, &vec![])?;
    same("notices", &scene.notices_of(&case).await?, &vec!["expired".to_owned()])?;

    let path = format!("/api/applications/{}/communications", case.id);
    let told = employer.browser.get(&path).await?.expect(200)?;
    same("why", &told.text("/hold/code")?, &"confirmation-without-receipt".to_owned())?;
    let text = told.text("/hold/text")?;
    ensure(text.contains("non viene revocato automaticamente"), format!("unkind: {text}"))?;
    let province = scene.head_of(&case).await?.province().unwrap_or_default().to_owned();
    let officer = scene.world.official(Role::Officer, Some(&province)).await?;
    let path = format!("/api/office/applications/{}", case.id);
    let dossier = officer.browser.get(&path).await?.expect(200)?;
    same("why", &dossier.text("/case/hold/code")?, &"confirmation-without-receipt".to_owned())?;

    let head = scene.head_of(&case).await?;
    let campaign = scene.campaign.clone();
    let context = cases::judged(&campaign, scene.now());
    let read = head.delivered(TermKind::Confirmation, None, &context).map_err(refused)?;
    let read = read.ok_or_else(|| Deviation::new("the receipt changes nothing"))?;
    applications.commit(&read, &[]).await?;
    scene.sweeps().await?;
    same("state after the receipt", &scene.state_of(&case).await?, &State::ExpiredToVerify)?;
    scene.moves_to(end + DAY * 94).await?;
    scene.sweeps().await?;
    same("state after verification", &scene.state_of(&case).await?, &State::Revoked)?;
    same("told", &scene.told_of(&case).await?, &vec![ConsularDecision::NotConfirmed])
}

/// Started on 20 November 2025, before L. 179/2025: the term of the old law ends.
#[tokio::test]
async fn a_confirmation_term_of_seven_days_ends_by_the_schedule() -> StoryResult {
    ends_by_itself("2025-11-20T10:00:00+01:00", 7).await
}

/// Started on 3 February 2026, under L. 179/2025.
#[tokio::test]
async fn a_confirmation_term_of_fifteen_days_ends_by_the_schedule() -> StoryResult {
    ends_by_itself("2026-02-03T10:00:00+01:00", 15).await
}

/// After a week in which nothing ran, two runs begin at the same moment: between them they do everything, once.
#[tokio::test]
async fn two_runs_at_once_after_a_weeks_outage_do_nothing_twice() -> StoryResult {
    let scene = Scene::apart().await?;
    let late = DAY * 24;
    let (unanswered, renounced, unverified) = (
        scene.cases(8, State::AwaitingConfirmation, late).await?,
        scene.cases(8, State::Renouncing, DAY * 8).await?,
        scene.cases(8, State::ExpiredToVerify, DAY * 12).await?,
    );
    let (one, other) = try_join(scene.sweeps(), scene.sweeps()).await?;
    let third = scene.sweeps().await?;
    let all = |what: &str| -> u64 {
        [&one, &other, &third].iter().filter_map(|swept| swept["ended"][what].as_u64()).sum()
    };
    let ended: Vec<_> =
        ["expire", "complete-renunciation", "archive", "confirm-expiry"].map(all).into();
    same("effects of all runs", &ended, &vec![8, 8, 8, 8])?;
    same("ended by the third", &third["ended"], &json!({}))?;
    for swept in [&one, &other, &third] {
        same("failed", &swept["failed"], &json!(0))?;
    }
    for case in &unanswered {
        // The sweeper sends no reminder of a term that is over.
        same("events", &scene.events_since(case).await?, &vec!["expire".to_owned()])?;
        same("told", &scene.told_of(case).await?, &vec![])?;
        same("notices", &scene.notices_of(case).await?, &vec!["expired".to_owned()])?;
    }
    for case in &renounced {
        let events = scene.events_since(case).await?;
        same("events", &events, &vec!["complete-renunciation".to_owned(), "archive".to_owned()])?;
        same("told", &scene.told_of(case).await?, &vec![ConsularDecision::Renounced])?;
    }
    for case in &unverified {
        same("events", &scene.events_since(case).await?, &vec!["confirm-expiry".to_owned()])?;
        same("told", &scene.told_of(case).await?, &vec![ConsularDecision::NotConfirmed])?;
    }
    Ok(())
}

/// SWP-1: for all kinds of terms.
#[tokio::test]
async fn every_kind_of_term_ends_as_the_table_says() -> StoryResult {
    let scene = Scene::apart().await?;
    let wanted = [
        (State::IntegrationRequested, 40, "resume-review", State::InReview),
        (State::Granted, 190, "lapse", State::Archived),
        (State::AwaitingConfirmation, 20, "expire", State::ExpiredToVerify),
        (State::ContractToSign, 20, "expire-contract", State::ContractOverdue),
        (State::Refused, 70, "archive", State::Archived),
    ];
    for (state, days, event, after) in wanted {
        let over = scene.case(state, DAY * days).await?;
        let running = scene.case(state, SignedDuration::from_hours(1)).await?;
        scene.sweeps().await?;
        same("events", &scene.events_since(&over).await?, &vec![event.to_owned()])?;
        same("state", &scene.state_of(&over).await?, &after)?;
        same("state of the other", &scene.state_of(&running).await?, &state)?;
    }
    Ok(())
}

/// CNF-3: three reminders were missed; one goes out, and the next run sends none.
#[tokio::test]
async fn an_employer_is_reminded_once() -> StoryResult {
    let scene = Scene::apart().await?;
    let case = scene.case(State::AwaitingConfirmation, DAY * 12).await?;
    let reminded = scene.sweeps().await?;
    same("reminded", &reminded["reminded"], &json!(1))?;
    let again = scene.sweeps().await?;
    same("reminded again", &again["reminded"], &json!(0))?;
    let notices = scene.notices_of(&case).await?;
    same("notices", &notices, &vec!["term-reminder".to_owned()])?;
    same("state", &scene.state_of(&case).await?, &State::AwaitingConfirmation)?;
    same("events", &scene.events_since(&case).await?, &vec!["apply-term".to_owned()])
}

#[tokio::test]
async fn a_dry_run_lists_what_it_would_do_and_changes_nothing() -> StoryResult {
    let scene = Scene::apart().await?;
    let unanswered = scene.case(State::AwaitingConfirmation, DAY * 24).await?;
    let renounced = scene.case(State::Renouncing, DAY).await?;
    let running = scene.case(State::AwaitingConfirmation, SignedDuration::from_hours(1)).await?;
    let dry = scene.runs(&json!({ "campaign": scene.campaign.id(), "dry_run": true })).await?;
    let mut would: Vec<_> = dry["would"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|would| (would["application"].as_str(), would["what"].as_str()))
        .collect();
    would.sort_unstable();
    let mut wanted = vec![
        (Some(unanswered.id.as_str()), Some("expire")),
        (Some(renounced.id.as_str()), Some("archive")),
        (Some(renounced.id.as_str()), Some("complete-renunciation")),
    ];
    wanted.sort_unstable();
    same("what it would do", &would, &wanted)?;
    for case in [&unanswered, &renounced, &running] {
        same("version", &scene.head_of(case).await?.version, &case.version)?;
        same("events", &scene.events_since(case).await?, &vec![])?;
        same("notices", &scene.notices_of(case).await?, &vec![])?;
        same("told", &scene.told_of(case).await?, &vec![])?;
    }
    scene.sweeps().await?;
    same("state", &scene.state_of(&unanswered).await?, &State::ExpiredToVerify)?;
    same("state of the other", &scene.state_of(&running).await?, &State::AwaitingConfirmation)
}

/// A request that is not understood is no real run.
#[tokio::test]
async fn a_misspelt_dry_run_is_refused() -> StoryResult {
    let scene = Scene::apart().await?;
    let case = scene.case(State::AwaitingConfirmation, DAY * 24).await?;
    let payload = json!({ "campaign": scene.campaign.id(), "dry_run": "true" });
    let function = scene.world.function("sweep-deadlines")?;
    let answer = scene.world.emulator.invoke(&function, &payload).await;
    ensure(
        answer.is_err() || answer.is_ok_and(|answer| answer["looked_at"].is_null()),
        "it was taken for a run",
    )?;
    same("version", &scene.head_of(&case).await?.version, &case.version)
}

/// CNF-4: two days inside the term in which the portal did not work. All tests share the ledger: this campaign lies in
/// years of its own.
#[tokio::test]
async fn an_outage_inside_the_term_extends_it_instead_of_letting_it_end() -> StoryResult {
    let hours = i64::from(u32::from_le_bytes(fresh()?) % (8 * 365 * 24));
    let far: Timestamp = "2037-01-01T09:00:00Z".parse()?;
    let far = far + SignedDuration::from_hours(hours);
    let scene = Scene::apart_at(&far.to_string()).await?;
    let outage = Outage::new(far - DAY * 10, far - DAY * 7)?;
    let row = OutageRow::new(
        outage,
        "Il portale non rispondeva".to_owned(),
        AccountId::keyed(&fresh()?),
        clock::wall(),
    );
    let (store, _) = scene.world.store();
    let ledger = Outages::new(store.clone(), scene.table()?);
    ledger.record(&row).await?;
    // A second person confirms it: before, it lengthens nothing.
    ledger.confirm(&row, &AccountId::keyed(&fresh()?), clock::wall()).await?;

    let case = scene.case(State::AwaitingConfirmation, DAY * 17).await?;
    let end_of = |head: &Application| {
        head.procedure().and_then(|procedure| procedure.term(TermKind::Confirmation)).map(Term::end)
    };
    scene.sweeps().await?;
    scene.sweeps().await?;
    let head = scene.head_of(&case).await?;
    same("state", &head.state(), &State::AwaitingConfirmation)?;
    ensure(
        end_of(&head) >= end_of(&case).map(|end| end + DAY * 2),
        format!("{:?} is not two days after {:?}", end_of(&head), end_of(&case)),
    )?;
    let events = scene.events_since(&case).await?;
    same("events", &count(&events, "expire"), &0)?;
    let documents = Documents::new(store.clone(), scene.table()?).of(&case.id).await?;
    let acts = documents.iter().filter(|row| row.kind == DocumentKind::SuspensionAct).count();
    same("acts of suspension", &acts, &1)
}

/// RNK-2: the next in order moves up, once, however often the sweeper runs and though places are given meanwhile.
#[tokio::test]
async fn a_case_that_ends_gives_its_place_up_once() -> StoryResult {
    let scene = Scene::with_places(1).await?;
    let order = PlaceOrder::of(&scene.world, &scene.campaign)?;
    let ended = scene.case(State::ExpiredToVerify, DAY * 12).await?;
    let next = scene.case(State::InReview, SignedDuration::from_hours(1)).await?;
    let last = scene.case(State::InReview, SignedDuration::from_hours(1)).await?;
    order.takes(&[&ended, &next, &last]).await?;
    same("in quota", &order.place(&next.id).await?.in_quota(), &false)?;
    try_join3(scene.sweeps(), scene.sweeps(), order.runs()).await?;
    scene.sweeps().await?;
    same("state", &scene.state_of(&ended).await?, &State::Revoked)?;
    same("the next", &order.in_quota(&next.id).await?, &true)?;
    same("the ended one", &order.place(&ended.id).await?.in_quota(), &false)?;
    same("the last", &order.in_quota(&last.id).await?, &false)
}

/// RNK-2: a case that ends before it has its position gets the position all the same, and what it gave up goes on to the
/// next.
#[tokio::test]
async fn a_place_that_is_given_after_its_case_ended_is_not_lost() -> StoryResult {
    let scene = Scene::with_places(1).await?;
    let order = PlaceOrder::of(&scene.world, &scene.campaign)?;
    let ended = scene.case(State::ExpiredToVerify, DAY * 12).await?;
    scene.sweeps().await?;
    same("state", &scene.state_of(&ended).await?, &State::Revoked)?;
    let next = scene.case(State::InReview, SignedDuration::from_hours(1)).await?;
    let places = order.takes(&[&ended, &next]).await?;
    let ordinals: Vec<u64> = places.iter().map(|place| place.ordinal).collect();
    same("ordinals", &ordinals, &vec![1, 2])?;
    same("the next", &order.in_quota(&next.id).await?, &true)?;
    same("the ended one", &order.place(&ended.id).await?.in_quota(), &false)
}

/// A row that cannot be read delays no other case.
#[tokio::test]
async fn one_broken_case_never_stops_the_others() -> StoryResult {
    let scene = Scene::apart().await?;
    let broken = scene.case(State::AwaitingConfirmation, DAY * 24).await?;
    let sound = scene.cases(3, State::AwaitingConfirmation, DAY * 23).await?;
    let (store, _) = scene.world.store();
    store
        .update_item()
        .table_name(scene.table()?)
        .set_key(Some(keys::head(&broken.id).item()))
        // Out of the office's list, which other tests read.
        .update_expression("SET terms = :broken REMOVE office_pk, office_at")
        .expression_attribute_values(":broken", AttributeValue::S("?".to_owned()))
        .send()
        .await?;
    let swept = scene.sweeps().await?;
    same("failed", &swept["failed"], &json!(1))?;
    same("ended", &swept["ended"], &json!({ "expire": 3 }))?;
    for case in &sound {
        same("state", &scene.state_of(case).await?, &State::ExpiredToVerify)?;
    }
    let id: &ApplicationId = &broken.id;
    same("events of the broken one", &events_of(&scene, id, broken.version).await?, &0)
}

async fn events_of(scene: &Scene, id: &ApplicationId, since: u64) -> StoryResult<usize> {
    let history = scene.world.applications()?.history(id).await?;
    Ok(history.iter().filter(|event| event.version > since).count())
}

fn count(all: &[String], one: &str) -> usize {
    all.iter().filter(|each| *each == one).count()
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
