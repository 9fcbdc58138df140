//! arm-application on the deployed portal: arming and disarming, each refusal, not yours, repeated, store failing, and what a
//! save, a press and a block find at what is armed (NEW-1).

use std::{collections::BTreeSet, time::Duration};

use domain::{
    application::{Application, Who},
    campaign::{ArmedOpening, Campaign, CampaignFile, Order, Profile, WindowFile},
    decision::Deletion,
    ids::{ApplicationId, OrganisationId},
    lifecycle::State,
    permission::Role,
};
use futures::future::{join, join_all};
use harness::{
    browser::{Answer, Browser, Call},
    campaigns::{self, MODEL, Plan},
    employer::Employer,
    fault_proxy::{Fault, Order as FaultOrder},
    stock::{self, Belongs},
    story::{Deviation, Story, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    armed_sends::{ArmedRun, ArmedSends, ArmedWalk},
    rows::millis,
    sessions::Caller,
};

const ARM: &str = "/api/armed-sends";
const DISARM: &str = "/api/armed-sends/cancellations";
const PRESS: &str = "/api/submissions/batch";
const ABSENT: &str = "app_00000000000000000000000001";

/// An operator, signed in, under a campaign with armed sends that opens in an hour and that the schedule does not know.
struct Scene {
    world: World,
    /// The version in force.
    campaign: Campaign,
    opening: Timestamp,
    operator: Employer,
    caller: Caller,
    organisation: OrganisationId,
    /// Whom the operator files for, signed in.
    client: Employer,
    sends: ArmedSends,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        Self::of(|_| {}).await
    }

    async fn of(change: impl FnOnce(&mut CampaignFile)) -> StoryResult<Self> {
        let world = World::enter().await?;
        let opening = whole(clock::wall() + SignedDuration::from_hours(1))?;
        let plan = Plan::new("prenota")?
            .sends(opening, None)
            .changed(|file| file.policies.order = Order::Armed)
            .changed(change);
        let campaign = plan.publish_apart(&world).await?;
        let (operator, organisation) = world.operator().await?;
        let caller = stock::signs_in(&world, &operator, 2).await?;
        let client = world.employer()?;
        stock::signs_in(&world, &client, 2).await?;
        let (store, _) = world.store();
        let sends = ArmedSends::new(store.clone(), world.environment.text("PORTAL_TABLE")?);
        Ok(Self { world, campaign, opening, operator, caller, organisation, client, sends })
    }

    async fn belongs(&self) -> StoryResult<Belongs> {
        Ok(Belongs {
            representative: self.world.account(&self.client.demo.representative).await?,
            filer: self.caller.account.clone(),
            organisation: Some(self.organisation.clone()),
        })
    }

    /// So many ready applications of the operator.
    async fn ready(&self, many: usize) -> StoryResult<Vec<Application>> {
        let belongs = self.belongs().await?;
        stock::ready_applications(&self.world, &self.campaign, &belongs, many).await
    }

    /// A colleague of the operator, signed in.
    async fn colleague(&self) -> StoryResult<(Employer, Caller)> {
        stock::colleague(&self.world, &self.organisation, Role::Operator).await
    }

    fn body(&self, applications: Option<&[Application]>) -> Value {
        let mut body = json!({ "campaign": self.campaign.id(), "model": MODEL });
        if let Some(applications) = applications {
            let ids: Vec<_> = applications.iter().map(|one| one.id.as_str()).collect();
            body["applications"] = json!(ids);
        }
        body
    }

    async fn asks(
        &self,
        browser: &Browser,
        path: &str,
        applications: &[Application],
    ) -> StoryResult<Answer> {
        browser.post(path, &self.body(Some(applications))).await
    }

    async fn arms(&self, applications: &[Application]) -> StoryResult<Answer> {
        self.asks(&self.operator.browser, ARM, applications).await
    }

    async fn disarms(&self, applications: &[Application]) -> StoryResult<Answer> {
        self.asks(&self.operator.browser, DISARM, applications).await
    }

    async fn head(&self, id: &ApplicationId) -> StoryResult<Application> {
        let head = self.world.applications()?.head(id).await?;
        head.ok_or_else(|| Deviation::new("the application is gone"))
    }

    async fn all_stand(&self, applications: &[Application], state: State) -> StoryResult {
        for application in applications {
            same("state", &self.head(&application.id).await?.state(), &state)?;
        }
        Ok(())
    }

    /// Applications whose rows say that they are armed.
    async fn rows(&self) -> StoryResult<BTreeSet<ApplicationId>> {
        let (id, model) = (self.campaign.id(), MODEL.parse()?);
        let (rows, _) = self.sends.page(id, &model, &ArmedWalk::default(), 1_000).await?;
        Ok(rows.into_iter().map(|row| row.application).collect())
    }

    /// Heads and rows say the same: of these, exactly those in this state have one.
    async fn heads_and_rows_agree(&self, applications: &[Application]) -> StoryResult {
        let heads = join_all(applications.iter().map(|one| self.head(&one.id))).await;
        let heads: Vec<_> = heads.into_iter().collect::<Result<_, _>>()?;
        let armed = heads.into_iter().filter(|head| head.state() == State::Armed);
        same("rows", &self.rows().await?, &armed.map(|head| head.id).collect())
    }

    /// A later version that counts at once.
    async fn changes(&mut self, change: impl FnOnce(&mut CampaignFile)) -> StoryResult {
        let mut file = self.campaign.clone().into_file();
        file.version += 1;
        change(&mut file);
        let later = Campaign::try_from(file)?;
        campaigns::publish(&self.world, &later, true).await?;
        campaigns::set_apart(&self.world, &later).await?;
        self.campaign = later;
        Ok(())
    }

    /// The campaign's clock says now that the opening was two minutes ago. No function has read the campaign before, so that all
    /// judge by it.
    async fn is_after_the_opening(
        &mut self,
        change: impl FnOnce(&mut CampaignFile),
    ) -> StoryResult {
        let later = self.opening + SignedDuration::from_mins(2);
        let offset = millis(later) - millis(clock::wall());
        self.changes(|file| {
            file.clock_offset_ms = offset;
            change(file);
        })
        .await
    }

    /// So many that the operator armed, written to the store as arm-application would.
    async fn armed(&self, many: usize) -> StoryResult<Vec<Application>> {
        let now = whole(clock::wall())?;
        let mut all = Vec::with_capacity(many);
        for ready in self.ready(many).await? {
            let armed = ready.arm(&self.caller.account, now)?;
            self.world.applications()?.commit(&armed, &[]).await?;
            all.push(armed.into_after());
        }
        Ok(all)
    }

    async fn readiness(&self, browser: &Browser) -> StoryResult<Answer> {
        let path =
            format!("/api/applications/readiness?campaign={}&model={MODEL}", self.campaign.id());
        browser.get(&path).await?.expect(200)
    }
}

fn whole(instant: Timestamp) -> StoryResult<Timestamp> {
    Ok(Timestamp::from_millisecond(millis(instant))?)
}

fn outcomes(answer: &Answer) -> StoryResult<Vec<Value>> {
    Ok(answer.json()?["outcomes"].as_array().cloned().unwrap_or_default())
}

/// Identifier and outcome, in the order of the answer.
fn told(answer: &Answer) -> StoryResult<Vec<(String, String)>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let outcomes = outcomes(answer)?;
    Ok(outcomes.iter().map(|one| (text(&one["application"]), text(&one["outcome"]))).collect())
}

fn counted(answer: &Answer, outcome: &str) -> StoryResult<usize> {
    Ok(told(answer)?.iter().filter(|(_, one)| one == outcome).count())
}

/// All that one has ready is armed with one request, again the same when repeated, and disarmed with another; the history names
/// both, nobody is written to, and the readiness counts the armed apart.
#[tokio::test]
async fn all_that_is_ready_is_armed_and_disarmed_and_repeating_changes_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(3).await?;
    let browser = &scene.operator.browser;
    stock::incomplete_application(&scene.world, &scene.campaign, &scene.belongs().await?).await?;

    let answer = browser.post(ARM, &scene.body(None)).await?.expect(200)?;
    answer.is_kept_by_no_cache()?;
    same("armed", &counted(&answer, "armed")?, &3)?;
    same("outcomes", &told(&answer)?.len(), &3)?;
    same("remaining", &answer.number("/remaining")?, &0)?;
    let opens_at: Timestamp = answer.text("/opens_at")?.parse()?;
    same("opening", &opens_at, &scene.opening)?;
    scene.all_stand(&ready, State::Armed).await?;
    scene.heads_and_rows_agree(&ready).await?;
    let since: Timestamp = answer.text("/arrival")?.parse()?;
    for one in &ready {
        let head = scene.head(&one.id).await?;
        same("armed since", &head.stage.armed(), &Some(since))?;
        same("by", &head.stage.submitted_by(), &Some(&scene.caller.account))?;
    }

    let again = browser.post(ARM, &scene.body(None)).await?.expect(200)?;
    same("already armed", &counted(&again, "already-armed")?, &3)?;
    let armed_at = |answer: &Answer| -> StoryResult<BTreeSet<String>> {
        Ok(outcomes(answer)?
            .iter()
            .filter_map(|one| one["armed_at"].as_str().map(str::to_owned))
            .collect())
    };
    same("armed at", &armed_at(&again)?, &armed_at(&answer)?)?;
    same("versions", &scene.head(&ready[0].id).await?.version, &2)?;

    let totals = scene.readiness(browser).await?;
    for (counted, wanted) in
        [("applications", 4), ("ready", 0), ("sendable", 0), ("armed", 3), ("disarmable", 3)]
    {
        same(counted, &totals.number(&format!("/totals/{counted}"))?, &wanted)?;
    }
    same("rows", &totals.json()?["rows"].as_array().map(Vec::len), &Some(1))?;
    let view = browser.get(&format!("/api/applications/{}", ready[0].id)).await?.expect(200)?;
    let buttons: BTreeSet<_> = view.json()?["allowed"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|action| action["action"].as_str().map(str::to_owned))
        .collect();
    ensure(
        buttons.contains("disarm") && !buttons.contains("arm") && !buttons.contains("submit"),
        format!("{buttons:?}"),
    )?;

    let undone = browser.post(DISARM, &scene.body(None)).await?.expect(200)?;
    same("disarmed", &counted(&undone, "disarmed")?, &3)?;
    scene.all_stand(&ready, State::ToSend).await?;
    scene.heads_and_rows_agree(&ready).await?;
    let nothing = browser.post(DISARM, &scene.body(None)).await?.expect(200)?;
    same("outcomes", &told(&nothing)?, &Vec::new())?;
    ensure(nothing.text("/message")?.contains("nulla da annullare"), "it is not said")?;
    let named = scene.disarms(&ready).await?.expect(200)?;
    same("not armed", &counted(&named, "not-armed")?, &3)?;

    let events = scene.world.applications()?.history(&ready[0].id).await?;
    let passed: Vec<_> = events.iter().map(|event| event.to.as_str()).collect();
    same("history", &passed, &vec!["to-send", "armed", "to-send"])?;
    let letters = scene.operator.communications(ready[0].id.as_str()).await?;
    same("letters", &letters.len(), &0)
}

/// A hundred at a time, the oldest first; what is left is told, and the next request arms it.
#[tokio::test]
async fn a_hundred_are_armed_with_one_request_and_the_rest_with_the_next() -> StoryResult {
    let scene = Scene::open().await?;
    let oldest = scene.ready(100).await?;
    let newest = scene.ready(3).await?;
    let browser = &scene.operator.browser;
    let answer = browser.post(ARM, &scene.body(None)).await?.expect(200)?;
    same("armed", &counted(&answer, "armed")?, &100)?;
    same("remaining", &answer.number("/remaining")?, &3)?;
    scene.all_stand(&newest, State::ToSend).await?;
    let rest = browser.post(ARM, &scene.body(None)).await?.expect(200)?;
    same("armed by the second", &counted(&rest, "armed")?, &3)?;
    same("shown again", &counted(&rest, "already-armed")?, &97)?;
    scene.heads_and_rows_agree(&[oldest, newest].concat()).await
}

/// Each of a selection has its own outcome, in the order asked for; an application of another person gets the same answer as
/// one that does not exist.
#[tokio::test]
async fn each_of_a_selection_has_its_own_outcome() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(2).await?;
    let incomplete =
        stock::incomplete_application(&scene.world, &scene.campaign, &scene.belongs().await?)
            .await?;
    let deleted = scene.ready(1).await?.remove(0);
    let gone = deleted.delete(Deletion::Requested, Who::System, clock::wall())?;
    scene.world.applications()?.commit(&gone, &[]).await?;
    let stranger = scene.world.employer()?;
    let foreign = stock::ready_for(&scene.world, &scene.campaign, &stranger).await?;
    let other = Plan::new("altra")?.publish(&scene.world).await?;
    let elsewhere = stock::ready_application(&scene.world, &other, &scene.belongs().await?).await?;
    scene.arms(&ready[1..]).await?.expect(200)?;

    let asked = [
        (foreign.id.as_str(), "not-found"),
        (ready[0].id.as_str(), "armed"),
        (ABSENT, "not-found"),
        (incomplete.id.as_str(), "not-ready"),
        (ready[1].id.as_str(), "already-armed"),
        (elsewhere.id.as_str(), "other-model"),
        (deleted.id.as_str(), "not-found"),
    ];
    let mut body = scene.body(None);
    body["applications"] = json!(asked.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let answer = scene.operator.browser.post(ARM, &body).await?.expect(200)?;
    let wanted: Vec<_> =
        asked.iter().map(|(id, outcome)| ((*id).to_owned(), (*outcome).to_owned())).collect();
    same("outcomes", &told(&answer)?, &wanted)?;
    let found = outcomes(&answer)?;
    same("what is told of a stranger's", &found[0]["problem"], &found[2]["problem"])?;
    let missing = found[3]["problem"]["detail"].as_str().unwrap_or_default().to_owned();
    same(
        "what is told of one that is not ready",
        &missing.as_str(),
        &"La domanda non è pronta: guarda nel riepilogo che cosa manca.",
    )?;
    scene.all_stand(&[foreign, elsewhere], State::ToSend).await?;
    scene.heads_and_rows_agree(&ready).await
}

/// Same permission as a press, and the session's row is read: origin, session, level, role.
#[tokio::test]
async fn whoever_may_not_press_arms_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(1).await?;
    let body = scene.body(None);
    let browser = &scene.operator.browser;
    for path in [ARM, DISARM] {
        let foreign = Call::new(Method::POST, path).json(&body).header("origin", "null");
        browser.send(foreign).await?.refused(403, "origine-non-ammessa")?;
        scene.world.browser()?.post(path, &body).await?.refused(401, "sessione-assente")?;
    }
    let officer = scene.world.employer()?;
    let person = &officer.demo.representative;
    scene.world.enables(person, Role::Officer, Profile::Private, None, Some("FG")).await?;
    stock::signs_in(&scene.world, &officer, 2).await?;
    officer.browser.post(ARM, &body).await?.refused(403, "azione-non-consentita")?;
    stock::signs_in(&scene.world, &scene.operator, 1).await?;
    browser.post(ARM, &body).await?.refused(403, "livello-insufficiente")?;
    scene.world.sessions()?.end(&scene.caller.session, clock::wall()).await?;
    let token = scene.world.tokens().await?.issue(&scene.caller, clock::wall());
    let token = token.map_err(|problem| scene.world.story.deviation(format!("{problem:?}")))?;
    browser.plant_cookie(edge::session::SESSION_COOKIE, &token);
    browser.post(ARM, &body).await?.refused(401, "sessione-scaduta")?;
    scene.all_stand(&ready, State::ToSend).await
}

/// A colleague arms nothing of the operator's, with a selection or without, and disarms nothing; the employer for whom it was
/// filled in does both.
#[tokio::test]
async fn a_colleague_arms_nothing_and_the_employer_everything() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(2).await?;
    let (colleague, _) = scene.colleague().await?;
    let all = colleague.browser.post(ARM, &scene.body(None)).await?.expect(200)?;
    same("outcomes", &told(&all)?, &Vec::new())?;
    ensure(all.text("/message")?.contains("riepilogo"), "it is not said what to do")?;
    let named = scene.asks(&colleague.browser, ARM, &ready).await?.expect(200)?;
    same("not allowed", &counted(&named, "not-allowed")?, &2)?;
    scene.all_stand(&ready, State::ToSend).await?;
    same("rows", &scene.rows().await?, &BTreeSet::new())?;

    let employer = &scene.client.browser;
    let armed = employer.post(ARM, &scene.body(None)).await?.expect(200)?;
    same("armed by the employer", &counted(&armed, "armed")?, &2)?;
    let undone = scene.asks(&colleague.browser, DISARM, &ready).await?.expect(200)?;
    same("not allowed", &counted(&undone, "not-allowed")?, &2)?;
    scene.all_stand(&ready, State::Armed).await?;
    let seen = scene.readiness(&colleague.browser).await?;
    same("armed that the colleague sees", &seen.number("/totals/armed")?, &2)?;
    same("disarmable by the colleague", &seen.number("/totals/disarmable")?, &0)?;
    // The operator undoes what the employer armed, as either may press.
    let undone = scene.disarms(&ready).await?.expect(200)?;
    same("disarmed", &counted(&undone, "disarmed")?, &2)
}

/// What is armed is neither saved nor corrected nor pressed; deleting and blocking stay possible, and take the arm along.
#[tokio::test]
async fn what_is_armed_is_neither_saved_nor_pressed_before_the_opening() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(3).await?;
    scene.arms(&ready).await?.expect(200)?;
    let before = scene.head(&ready[0].id).await?;
    let id = before.id.as_str();
    let change = json!([{ "field": "workplace_street", "value": "Via Foggia 12" }]);
    let saved = scene.operator.saves_changes(id, &change).await?.refused(409, "invio-prenotato")?;
    ensure(saved.text("/detail")?.contains("annulla prima la prenotazione"), "not said how")?;
    let note = json!({ "field": "employer_name", "note": "Il nome non è più quello giusto." });
    let corrections = format!("/api/applications/{id}/draft/corrections");
    scene.operator.browser.post(&corrections, &note).await?.refused(409, "invio-prenotato")?;
    // As for everybody before an opening: nothing is read then.
    scene.operator.submits(id, &scene.campaign).await?.refused(409, "finestra-non-aperta")?;
    same("head", &scene.head(&before.id).await?, &before)?;

    let deleted = format!("/api/applications/{}", ready[1].id);
    scene.operator.browser.delete(&deleted).await?.expect(204)?;
    let blocked = format!("/api/applications/{}/block", ready[2].id);
    scene.client.browser.post(&blocked, &json!({})).await?.expect(200)?;
    scene.all_stand(&ready[1..2], State::Deleted).await?;
    scene.all_stand(&ready[2..], State::Blocked).await?;
    scene.heads_and_rows_agree(&ready).await
}

/// From the opening on nobody arms, disarms, saves or presses what is armed, and each hears why; a press for all leaves it out and
/// says how many. A repetition after a lost answer still finds what it armed.
#[tokio::test]
async fn from_the_opening_on_what_is_armed_has_arrived() -> StoryResult {
    let mut scene = Scene::open().await?;
    let (armed, late) = (scene.armed(2).await?, scene.ready(1).await?);
    scene.is_after_the_opening(|_| {}).await?;

    let refused = scene.arms(&late).await?.refused(409, "apertura-avvenuta")?;
    ensure(refused.text("/detail")?.contains("premi Invia"), "it is not said what to do")?;
    scene.all_stand(&late, State::ToSend).await?;
    let both = scene.arms(&[late.clone(), armed.clone()].concat()).await?.expect(200)?;
    let found: Vec<_> = told(&both)?.into_iter().map(|(_, outcome)| outcome).collect();
    same(
        "a repetition",
        &found,
        &["closed", "already-armed", "already-armed"].map(str::to_owned).to_vec(),
    )?;
    let undone = scene.disarms(&armed).await?.refused(409, "apertura-avvenuta")?;
    ensure(undone.text("/detail")?.contains("non si può più annullare"), "it is not said")?;
    let all = scene.operator.browser.post(DISARM, &scene.body(None)).await?;
    all.refused(409, "apertura-avvenuta")?;

    let pressed = scene.operator.submits(armed[0].id.as_str(), &scene.campaign).await?;
    let pressed = pressed.refused(409, "invio-prenotato")?;
    ensure(pressed.text("/detail")?.contains("Non occorre premere"), "it is not said")?;
    let change = json!([{ "field": "workplace_street", "value": "Via Foggia 12" }]);
    let saved = scene.operator.saves_changes(armed[0].id.as_str(), &change).await?;
    let saved = saved.refused(409, "invio-prenotato")?;
    ensure(saved.text("/detail")?.contains("risulta arrivata"), "it is not said")?;
    let named = scene.asks(&scene.operator.browser, PRESS, &armed).await?.expect(200)?;
    same("armed, by name", &counted(&named, "armed")?, &2)?;

    let everything = scene.operator.browser.post(PRESS, &scene.body(None)).await?.expect(200)?;
    same("sent", &told(&everything)?, &vec![(late[0].id.to_string(), "sent".to_owned())])?;
    same("left out", &everything.number("/armed")?, &2)?;
    scene.all_stand(&armed, State::Armed).await?;
    scene.heads_and_rows_agree(&armed).await
}

/// What is blocked after the opening and before its send is not sent: nothing is left that could be.
#[tokio::test]
async fn what_is_blocked_after_the_opening_and_before_its_send_is_not_sent() -> StoryResult {
    let mut scene = Scene::open().await?;
    let armed = scene.armed(2).await?;
    scene.is_after_the_opening(|_| {}).await?;
    let blocked = format!("/api/applications/{}/block", armed[0].id);
    scene.client.browser.post(&blocked, &json!({})).await?.expect(200)?;
    let function = scene.world.function("send-armed")?;
    let payload = json!({ "campaign": scene.campaign.id() });
    let sent = || async {
        // Emulated functions may be busy for a moment.
        scene.world.emulator.invoke(&function, &payload).await.ok();
        let state = scene.head(&armed[1].id).await?.state();
        Ok(if state.is_sent() { Ok(()) } else { Err(state.to_string()) })
    };
    let deadline = Duration::from_secs(150);
    scene.world.story.eventually("the other is sent", deadline, sent).await?;
    let other = scene.head(&armed[1].id).await?;
    let arrival = other.stage.submission().map(|submission| submission.arrival);
    same("arrival", &arrival, &Some(scene.opening))?;
    scene.all_stand(&armed[..1], State::Blocked).await?;
    same("rows", &scene.rows().await?, &BTreeSet::new())?;
    // Who asks now hears that it is sent, and gets the receipt by pressing.
    let again = scene.disarms(&armed[1..]).await?.expect(200)?;
    same("already sent", &counted(&again, "already-sent")?, &1)?;
    let press = scene.asks(&scene.operator.browser, PRESS, &armed[1..]).await?.expect(200)?;
    same("the receipt", &counted(&press, "already-sent")?, &1)
}

/// What has begun is carried to its end: under a version that puts the opening off nobody takes back what goes by the run.
#[tokio::test]
async fn what_has_begun_to_go_is_not_disarmed_under_a_later_opening() -> StoryResult {
    let mut scene = Scene::open().await?;
    let armed = scene.armed(1).await?;
    let opening = ArmedOpening { from: scene.opening, opening: scene.opening };
    let run = ArmedRun::begun(opening, scene.campaign.version());
    scene.sends.begin(scene.campaign.id(), &MODEL.parse()?, run).await?;
    let later = scene.opening + SignedDuration::from_hours(12);
    let window = WindowFile::new(
        format!("{later:.3}"),
        format!("{:.3}", later + SignedDuration::from_hours(12)),
    );
    let put_off = move |file: &mut CampaignFile| {
        file.models.iter_mut().for_each(|model| model.submit = vec![window.clone()]);
    };
    scene.is_after_the_opening(put_off).await?;
    let fresh = scene.ready(1).await?;
    let answer = scene.arms(&fresh).await?.expect(200)?;
    same("armed for the later opening", &counted(&answer, "armed")?, &1)?;
    let both = scene.disarms(&[armed.clone(), fresh.clone()].concat()).await?.expect(200)?;
    let found: Vec<_> = told(&both)?.into_iter().map(|(_, outcome)| outcome).collect();
    same("outcomes", &found, &["arrived", "disarmed"].map(str::to_owned).to_vec())?;
    scene.all_stand(&armed, State::Armed).await
}

/// Each decree and model refuses in its own words, and nothing changes.
#[tokio::test]
async fn where_no_opening_is_to_come_nobody_arms() -> StoryResult {
    let chronological = Scene::of(|file| file.policies.order = Order::Chronological).await?;
    let ready = chronological.ready(1).await?;
    for path in [ARM, DISARM] {
        let answer = chronological.asks(&chronological.operator.browser, path, &ready).await?;
        answer.refused(409, "prenotazione-non-prevista")?;
    }
    chronological.all_stand(&ready, State::ToSend).await?;
    let view = format!("/api/applications/{}", ready[0].id);
    let view = chronological.operator.browser.get(&view).await?.expect(200)?;
    ensure(!view.json()?["allowed"].to_string().contains("\"arm\""), "it has a button")?;

    let now = clock::wall();
    let past = Scene::of(move |file| {
        let over = WindowFile::new(
            format!("{:.3}", now - SignedDuration::from_hours(2)),
            format!("{:.3}", now - SignedDuration::from_hours(1)),
        );
        file.models.iter_mut().for_each(|model| model.submit = vec![over.clone()]);
    })
    .await?;
    let ready = past.ready(1).await?;
    past.arms(&ready).await?.refused(409, "finestra-non-aperta")?;
    past.all_stand(&ready, State::ToSend).await?;

    let always = Scene::of(move |file| {
        for model in &mut file.models {
            model.off_quota = Some(WindowFile::new(
                format!("{:.3}", now - SignedDuration::from_hours(2)),
                format!("{:.3}", now + SignedDuration::from_hours(2)),
            ));
        }
    })
    .await?;
    let ready = always.ready(1).await?;
    let refused = always.arms(&ready).await?.refused(409, "apertura-avvenuta")?;
    ensure(refused.text("/detail")?.contains("non ha un'apertura da attendere"), "not its words")?;
    always.all_stand(&ready, State::ToSend).await
}

/// No such model, a wrong selection: all mistakes at once, and nothing is armed.
#[tokio::test]
async fn a_wrong_request_arms_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(1).await?;
    let browser = &scene.operator.browser;
    let mut body = scene.body(Some(&ready));
    body["model"] = json!("c-non-prevista");
    browser.post(ARM, &body).await?.refused(422, "modello-non-previsto")?;
    let mut body = scene.body(None);
    body["applications"] = json!([ready[0].id, "app_1", ready[0].id]);
    body["arrival_tickets"] = json!({});
    let refused = browser.post(ARM, &body).await?.refused(422, "campi-non-validi")?;
    let wanted = [
        ("applications[1]", "non-valido"),
        ("applications[2]", "ripetuto"),
        ("arrival_tickets", "sconosciuto"),
    ];
    let wanted: Vec<_> =
        wanted.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
    same("mistakes", &refused.refused_fields(), &wanted)?;
    scene.all_stand(&ready, State::ToSend).await
}

/// Operator and employer arm and disarm the same at once, again and again: whoever is last, head and row agree.
#[tokio::test]
async fn an_arm_and_a_disarm_over_http_at_once_leave_head_and_row_agreed() -> StoryResult {
    let scene = Scene::open().await?;
    let all = scene.ready(12).await?;
    for _ in 0..3 {
        let (arm, disarm) = join(
            scene.asks(&scene.operator.browser, ARM, &all),
            scene.asks(&scene.client.browser, DISARM, &all),
        )
        .await;
        let (arm, disarm) = (arm?.expect(200)?, disarm?.expect(200)?);
        for (answer, wanted) in
            [(&arm, ["armed", "already-armed"]), (&disarm, ["disarmed", "not-armed"])]
        {
            let found = wanted.iter().map(|outcome| counted(answer, outcome));
            let found: usize = found.sum::<Result<usize, _>>()?;
            same("outcomes of each", &found, &all.len())?;
        }
        scene.heads_and_rows_agree(&all).await?;
    }
    Ok(())
}

/// ORG-4: an operator withdrawn in the middle stops there; what they armed stays armed, and the employer can undo it.
#[tokio::test]
async fn whoever_is_withdrawn_in_the_middle_of_arming_stops_there_and_what_they_armed_goes()
-> StoryResult {
    let press = || {
        Box::pin(async {
            let scene = Scene::open().await?;
            let ready = scene.ready(48).await?;
            let (world, first) = (&scene.world, &ready[0].id);
            stock::is_withdrawn_in_the_middle(world, &scene.caller, "TransactWriteItems", first)
                .await?;
            let answer = scene.arms(&ready).await?.expect(200)?;
            // On a slow machine the function may have no time left to look at the session: another operator presses.
            let late = counted(&answer, "unavailable")?;
            Ok(if late == 0 { Ok((scene, ready, answer)) } else { Err(format!("{late} put off")) })
        })
    };
    let (scene, ready, answer) = Story::default()
        .eventually("the function looks at the session in time", Duration::from_mins(2), press)
        .await?;
    same("armed", &counted(&answer, "armed")?, &16)?;
    same("not allowed any more", &counted(&answer, "not-allowed")?, &32)?;
    scene.all_stand(&ready[..16], State::Armed).await?;
    scene.all_stand(&ready[16..], State::ToSend).await?;
    scene.heads_and_rows_agree(&ready).await?;
    scene.arms(&ready).await?.refused(401, "sessione-scaduta")?;
    let undone = scene.asks(&scene.client.browser, DISARM, &ready[..16]).await?.expect(200)?;
    same("disarmed by the employer", &counted(&undone, "disarmed")?, &16)
}

/// The store refuses half: these say so, and a repetition arms them; the others are not armed twice.
#[tokio::test]
async fn what_the_store_refuses_is_armed_by_the_repetition() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(8).await?;
    let (refused, taken) = ready.split_at(4);
    for application in refused {
        let order = FaultOrder {
            operation: "TransactWriteItems".to_owned(),
            contains: application.id.to_string(),
            nth: 1,
            times: 4,
            fault: Fault::Throttle,
        };
        scene.world.emulator.order_fault(&order).await?;
    }
    let first = scene.arms(&ready).await?.expect(200)?;
    same("armed", &counted(&first, "armed")?, &taken.len())?;
    same("unavailable", &counted(&first, "unavailable")?, &refused.len())?;
    scene.all_stand(refused, State::ToSend).await?;
    let again = scene.arms(&ready).await?.expect(200)?;
    same("armed by the repetition", &counted(&again, "armed")?, &refused.len())?;
    same("armed before", &counted(&again, "already-armed")?, &taken.len())?;
    scene.heads_and_rows_agree(&ready).await
}

/// An application that was handed over is the colleague's from then on: its arm stays, and the colleague can undo it.
#[tokio::test]
async fn what_is_handed_over_stays_armed_and_the_colleague_can_undo_it() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(1).await?;
    scene.arms(&ready).await?.expect(200)?;
    let (colleague, account) = scene.colleague().await?;
    let armed = scene.head(&ready[0].id).await?;
    let handed = armed.handed_over(&account.account, Who::System, clock::wall());
    scene.world.applications()?.commit(&handed, &[]).await?;
    scene.all_stand(&ready, State::Armed).await?;
    let former = scene.disarms(&ready).await?.expect(200)?;
    same("the former", &counted(&former, "not-allowed")?, &1)?;
    let now = scene.asks(&colleague.browser, DISARM, &ready).await?.expect(200)?;
    same("the colleague", &counted(&now, "disarmed")?, &1)
}
