//! send-armed on the deployed stack: what people armed goes after the opening, each once, and arrives at the opening (NEW-1).
//!
//! There is a route to arm by in another file: these arm through the store.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    application::{Application, Who},
    campaign::{Campaign, Order},
    ids::{AccountId, ApplicationId, ModelId},
    lifecycle::State,
    quota::Claims,
    receipt::ReceiptCode,
};
use futures::future::{join, try_join, try_join_all};
use harness::{
    campaigns::{self, Plan},
    cases,
    consumption::Consumption,
    fault_proxy::{Fault, Order as FaultOrder},
    mailbox::LETTER_DEADLINE,
    places::PlaceOrder,
    stock::{self, Belongs},
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock};
use serde_json::{Value, json};
use store::{
    applications::{
        Applications,
        armed::{ArmedOutcome, ArmedSubmit},
    },
    armed_sends::{ArmedRun, ArmedSends, ArmedWalk},
    keys,
    places::Ranking,
    rows::{SaveError, millis},
};

const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

/// A campaign with armed sends that opens in an hour, and that the schedule does not know.
struct Scene {
    world: World,
    /// The version in force.
    campaign: Campaign,
    model: ModelId,
    opening: Timestamp,
    armed: ArmedSends,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        Self::of(|plan| plan).await
    }

    async fn of(change: impl FnOnce(Plan) -> Plan) -> StoryResult<Self> {
        let world = World::enter().await?;
        let opening = whole(clock::wall() + SignedDuration::from_hours(1))?;
        let plan = Plan::new("prenotate")?
            .sends(opening, None)
            .changed(|file| file.policies.order = Order::Armed);
        let campaign = change(plan).publish_apart(&world).await?;
        let model = campaign.models().first().map(|model| model.id().clone());
        let model = model.ok_or_else(|| Deviation::new("no model"))?;
        let (client, _) = world.store();
        let armed = ArmedSends::new(client.clone(), world.environment.text("PORTAL_TABLE")?);
        Ok(Self { world, campaign, model, opening, armed })
    }

    fn now(&self) -> StoryResult<Timestamp> {
        whole(self.campaign.effective_now(clock::wall()))
    }

    /// People have an application ready, and arm it at this instant.
    async fn arms_at(&self, at: Timestamp) -> StoryResult<Application> {
        let ready = stock::ready_application(&self.world, &self.campaign, &alone()?).await?;
        let armed = ready.arm(&ready.parties.filer, at)?;
        self.world.applications()?.commit(&armed, &[]).await?;
        Ok(armed.into_after())
    }

    async fn arms(&self, number: usize) -> StoryResult<Vec<Application>> {
        let now = self.now()?;
        try_join_all((0..number).map(|_| self.arms_at(now))).await
    }

    async fn disarms_at(&self, armed: &Application, at: Timestamp) -> StoryResult {
        let who = Who::Account(armed.parties.representative.clone());
        let disarmed = armed.disarm(who, at)?;
        Ok(self.world.applications()?.commit(&disarmed, &[]).await?)
    }

    /// A later version that counts at once.
    async fn changes(
        &mut self,
        change: impl FnOnce(&mut domain::campaign::CampaignFile),
    ) -> StoryResult {
        let mut file = self.campaign.clone().into_file();
        file.version += 1;
        change(&mut file);
        let later = Campaign::try_from(file)?;
        campaigns::publish(&self.world, &later, true).await?;
        campaigns::set_apart(&self.world, &later).await?;
        self.campaign = later;
        Ok(())
    }

    /// The campaign's clock says now that the opening was so long ago.
    async fn is_after_opening(&mut self, time: SignedDuration) -> StoryResult {
        let offset = millis(self.opening + time) - millis(clock::wall());
        self.changes(|file| file.clock_offset_ms = offset).await
    }

    /// A later version puts the opening off.
    async fn is_put_off_to(&mut self, opening: Timestamp) -> StoryResult {
        let window = domain::campaign::WindowFile::new(
            format!("{opening:.3}"),
            format!("{:.3}", opening + SignedDuration::from_hours(24)),
        );
        self.changes(|file| {
            file.models.iter_mut().for_each(|model| model.submit = vec![window.clone()]);
        })
        .await
    }

    /// One run, whatever becomes of it.
    async fn runs(&self) -> StoryResult<Value> {
        let function = self.world.function("send-armed")?;
        let payload = json!({ "campaign": self.campaign.id() });
        let sent = self.world.emulator.invoke(&function, &payload).await;
        self.world.story.tell(format_args!("send-armed: {sent:?}"));
        sent
    }

    /// Runs, as the schedule makes one each minute, until all of these are sent.
    async fn runs_until_sent(&self, all: &[Application]) -> StoryResult {
        let run = || async {
            // Emulated functions may be busy for a moment.
            self.runs().await.ok();
            let waiting = self.state_count(all, State::Armed).await?;
            Ok(if waiting == 0 { Ok(()) } else { Err(format!("{waiting} are armed")) })
        };
        self.world.story.eventually("all are sent", LETTER_DEADLINE, run).await
    }

    async fn head(&self, id: &ApplicationId) -> StoryResult<Application> {
        let head = self.world.applications()?.head(id).await?;
        head.ok_or_else(|| Deviation::new("the application is gone"))
    }

    async fn state_count(&self, all: &[Application], state: State) -> StoryResult<usize> {
        let heads = try_join_all(all.iter().map(|one| self.head(&one.id))).await?;
        Ok(heads.iter().filter(|head| head.state() == state).count())
    }

    /// Arrival and code of each that is sent.
    async fn sent(
        &self,
        all: &[Application],
    ) -> StoryResult<BTreeMap<ApplicationId, (Timestamp, ReceiptCode)>> {
        let heads = try_join_all(all.iter().map(|one| self.head(&one.id))).await?;
        let sent = heads.into_iter().filter_map(|head| {
            let submission = head.stage.submission()?.clone();
            Some((head.id, (submission.arrival, submission.code)))
        });
        Ok(sent.collect())
    }

    /// All are sent, arrived at this instant, and have codes of their own.
    async fn all_arrived_at(&self, all: &[Application], at: Timestamp) -> StoryResult {
        let sent = self.sent(all).await?;
        same("sent", &sent.len(), &all.len())?;
        ensure(
            sent.values().all(|(arrival, _)| *arrival == at),
            format!("not all arrived at {at}: {sent:?}"),
        )?;
        let codes: BTreeSet<String> =
            sent.into_values().map(|(_, code)| code.as_str().to_owned()).collect();
        same("codes", &codes.len(), &all.len())
    }

    /// Each stands in the history once as sent, from armed, by the portal on behalf of its people.
    async fn each_is_recorded_once(&self, all: &[Application]) -> StoryResult {
        for one in all {
            let recorded = || async {
                let events = self.world.applications()?.history(&one.id).await?;
                let sends: Vec<_> =
                    events.into_iter().filter(|event| event.to == "submitted").collect();
                Ok(if sends.is_empty() { Err("not recorded".to_owned()) } else { Ok(sends) })
            };
            let story = &self.world.story;
            let sends = story.eventually("it is recorded", LETTER_DEADLINE, recorded).await?;
            same("sends in the history", &sends.len(), &1)?;
            for send in sends {
                same("from", &send.from.as_deref(), &Some("armed"))?;
                same("by", &send.who.as_str(), &"system")?;
                same("on behalf of", &send.on_behalf_of, &one.parties.owner)?;
            }
        }
        Ok(())
    }

    /// Applications whose rows say that they are armed.
    async fn rows(&self) -> StoryResult<BTreeSet<ApplicationId>> {
        let (id, model) = (self.campaign.id(), &self.model);
        let (rows, _) = self.armed.page(id, model, &ArmedWalk::default(), 1_000).await?;
        Ok(rows.into_iter().map(|row| row.application).collect())
    }

    async fn run_row(&self) -> StoryResult<ArmedRun> {
        let runs = self.armed.runs(self.campaign.id(), &self.model).await?;
        let run = runs.into_iter().find(|run| run.opening == millis(self.opening));
        run.ok_or_else(|| Deviation::new("its sends have not begun"))
    }

    /// The minute that an index may need is over, as far as the run's row says.
    async fn index_has_followed(&self) -> StoryResult {
        let key = keys::armed_run(self.campaign.id(), &self.model, millis(self.opening));
        let (client, _) = self.world.store();
        client
            .update_item()
            .table_name(self.world.environment.text("PORTAL_TABLE")?)
            .set_key(Some(key.item()))
            .update_expression("SET sending = :zero")
            .expression_attribute_values(":zero", AttributeValue::N("0".to_owned()))
            .send()
            .await?;
        Ok(())
    }

    /// The n-th request of send-armed of this kind suffers this, and as many after it.
    async fn order(
        &self,
        operation: &str,
        all: &[Application],
        nth: u32,
        times: u32,
        fault: Fault,
    ) -> StoryResult<u64> {
        let id = self.campaign.id();
        // Nothing else names these: others that write about the campaign are left in peace.
        let contains = match operation {
            "PutItem" => format!("ARMED_RUN#{id}"),
            "BatchWriteItem" => format!("ARMED#{id}"),
            _ => {
                let since = all.first().and_then(|armed| armed.stage.armed()).map(millis);
                since.unwrap_or_default().to_string()
            }
        };
        let operation = operation.to_owned();
        let order = FaultOrder { operation, contains, nth, times, fault };
        self.world.emulator.order_fault(&order).await
    }
}

/// Of the sends after one that died, each dies too, those of the schedule's own run as well: it comes when it comes.
const EACH_LATER: u32 = 1_000;

fn alone() -> StoryResult<Belongs> {
    let employer = AccountId::keyed(&fresh()?);
    Ok(Belongs { representative: employer.clone(), filer: employer, organisation: None })
}

fn whole(instant: Timestamp) -> StoryResult<Timestamp> {
    Ok(Timestamp::from_millisecond(millis(instant))?)
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}

/// Half a minute after the opening, as a clock that is ahead would see it, nothing has gone; a disarm that arrived a millisecond
/// before the opening is written then, and wins. A minute after it all others arrive at the opening.
#[tokio::test]
async fn nothing_goes_before_the_opening_and_all_arrive_at_it() -> StoryResult {
    let mut scene = Scene::open().await?;
    let first = scene.arms_at(whole(clock::wall() - SignedDuration::from_hours(2))?).await?;
    let last = scene.arms_at(scene.opening - ONE_MS).await?;
    let disarmed = scene.arms_at(scene.now()?).await?;
    same("rows", &scene.rows().await?.len(), &3)?;
    for early in [-SignedDuration::from_secs(1), SignedDuration::from_secs(30)] {
        scene.is_after_opening(early).await?;
        let run = scene.runs().await?;
        same("sent early", &run["sent"], &json!(0))?;
    }
    scene.disarms_at(&disarmed, scene.opening - ONE_MS).await?;
    scene.is_after_opening(SignedDuration::from_secs(61)).await?;
    let all = [first, last];
    scene.runs_until_sent(&all).await?;
    scene.all_arrived_at(&all, scene.opening).await?;
    same("who disarmed", &scene.head(&disarmed.id).await?.state(), &State::ToSend)?;
    same("rows", &scene.rows().await?, &BTreeSet::new())?;
    scene.each_is_recorded_once(&all).await
}

/// A run is killed, or hears nothing, at its first, second and third call of each kind; each is sent once all the same, and the
/// first code stands.
#[tokio::test]
async fn each_is_sent_once_wherever_a_run_dies() -> StoryResult {
    let mut scene = Scene::open().await?;
    let all = scene.arms(12).await?;
    scene.is_after_opening(SignedDuration::from_secs(61)).await?;
    let mut before = BTreeMap::new();
    for (operation, nth, fault) in [
        ("PutItem", 1, Fault::KillCaller),
        ("PutItem", 2, Fault::CutBefore),
        ("UpdateItem", 1, Fault::KillCaller),
        ("UpdateItem", 2, Fault::CutAfter),
        ("UpdateItem", 3, Fault::KillCaller),
        ("BatchWriteItem", 1, Fault::KillCaller),
    ] {
        let order = scene.order(operation, &all, nth, 1, fault).await?;
        // A run that is killed gives no answer.
        scene.runs().await.ok();
        scene.world.emulator.cancel_fault(order).await?;
        let sent = scene.sent(&all).await?;
        for (id, first) in &before {
            same("what was sent stays as it was", &sent.get(id), &Some(first))?;
        }
        before = sent;
    }
    scene.runs_until_sent(&all).await?;
    let sent = scene.sent(&all).await?;
    for (id, first) in &before {
        same("what was sent stays as it was", &sent.get(id), &Some(first))?;
    }
    scene.all_arrived_at(&all, scene.opening).await?;
    scene.each_is_recorded_once(&all).await?;
    let taken_out = || async {
        scene.runs().await.ok();
        let rows = scene.rows().await?;
        Ok(if rows.is_empty() { Ok(()) } else { Err(format!("{} rows", rows.len())) })
    };
    scene.world.story.eventually("no row is left", LETTER_DEADLINE, taken_out).await
}

#[tokio::test]
async fn two_runs_at_once_send_each_once() -> StoryResult {
    let mut scene = Scene::open().await?;
    let all = scene.arms(30).await?;
    scene.is_after_opening(SignedDuration::from_secs(61)).await?;
    let (one, other) = try_join(scene.runs(), scene.runs()).await?;
    scene.runs_until_sent(&all).await?;
    let sent = [&one, &other].iter().filter_map(|run| run["sent"].as_u64()).sum::<u64>();
    ensure(sent <= 30, format!("{sent} sends of thirty"))?;
    scene.all_arrived_at(&all, scene.opening).await?;
    scene.each_is_recorded_once(&all).await
}

/// What the store throttles is asked again, by this run or the next; how much more slowly, the function's own tests hold.
#[tokio::test]
async fn a_throttled_store_is_asked_again() -> StoryResult {
    let mut scene = Scene::open().await?;
    let all = scene.arms(10).await?;
    // Before the opening: the schedule's own run comes when it comes.
    let order = scene.order("UpdateItem", &all, 1, 15, Fault::Throttle).await?;
    scene.is_after_opening(SignedDuration::from_secs(61)).await?;
    scene.runs_until_sent(&all).await?;
    let throttled = scene.world.emulator.fault_fired(order).await?;
    scene.world.emulator.cancel_fault(order).await?;
    same("throttled", &throttled, &15)?;
    scene.all_arrived_at(&all, scene.opening).await
}

/// A head that nobody can read stays armed and is named; all others go, and the opening is done without it. Mended, it goes with
/// the opening as its arrival.
#[tokio::test]
async fn a_corrupt_head_holds_nobody_back() -> StoryResult {
    let mut scene = Scene::open().await?;
    let all = scene.arms(5).await?;
    let (corrupt, others) = all.split_first().ok_or_else(|| Deviation::new("nobody armed"))?;
    let digest = scene.without_digest(corrupt).await?;
    scene.is_after_opening(SignedDuration::from_secs(121)).await?;
    scene.runs_until_sent(others).await?;
    same("rows", &scene.rows().await?, &BTreeSet::from([corrupt.id.clone()]))?;
    let done = || async {
        scene.index_has_followed().await?;
        let run = scene.runs().await?;
        // A run that could not read on a busy machine says so, and the next one looks again.
        if run["failed"] != json!(0) {
            return Ok(Err(run.to_string()));
        }
        same("refused", &run["refused"], &json!(1))?;
        Ok(if scene.run_row().await?.done.is_some() { Ok(()) } else { Err(run.to_string()) })
    };
    scene.world.story.eventually("the opening is done", LETTER_DEADLINE, done).await?;
    scene.has_digest(corrupt, digest).await?;
    scene.runs_until_sent(std::slice::from_ref(corrupt)).await?;
    scene.all_arrived_at(&all, scene.opening).await?;
    let left = scene.run_row().await?.refused;
    same("named as refused", &left, &BTreeSet::new())
}

impl Scene {
    async fn without_digest(&self, of: &Application) -> StoryResult<AttributeValue> {
        let update = self.world.store().0.update_item();
        let before = update
            .table_name(self.world.environment.text("PORTAL_TABLE")?)
            .set_key(Some(keys::head(&of.id).item()))
            .update_expression("REMOVE digest")
            .return_values(aws_sdk_dynamodb::types::ReturnValue::UpdatedOld)
            .send()
            .await?;
        let digest = before.attributes.and_then(|mut item| item.remove("digest"));
        digest.ok_or_else(|| Deviation::new("it had no digest"))
    }

    async fn has_digest(&self, of: &Application, digest: AttributeValue) -> StoryResult {
        let update = self.world.store().0.update_item();
        update
            .table_name(self.world.environment.text("PORTAL_TABLE")?)
            .set_key(Some(keys::head(&of.id).item()))
            .update_expression("SET digest = :digest")
            .expression_attribute_values(":digest", digest)
            .send()
            .await?;
        Ok(())
    }
}

/// The first run dies after some sends; a version puts the opening off by two hours: all that were armed for the first one
/// arrive at it. Who arms under the new version waits for the new one.
#[tokio::test]
async fn a_later_opening_published_after_the_first_send_parts_no_two_equals() -> StoryResult {
    let mut scene = Scene::open().await?;
    let all = scene.arms(40).await?;
    let order = scene.order("UpdateItem", &all, 4, EACH_LATER, Fault::KillCaller).await?;
    scene.is_after_opening(SignedDuration::from_secs(61)).await?;
    scene.runs().await.ok();
    let first = scene.sent(&all).await?.len();
    scene.world.emulator.cancel_fault(order).await?;
    ensure(first > 0 && first < 40, format!("{first} were sent by the run that died"))?;
    let later = scene.opening + SignedDuration::from_hours(2);
    scene.is_put_off_to(later).await?;
    let new = scene.arms_at(scene.now()?).await?;
    scene.runs_until_sent(&all).await?;
    scene.all_arrived_at(&all, scene.opening).await?;
    same("who armed under the new one", &scene.head(&new.id).await?.state(), &State::Armed)?;
    scene.is_after_opening(SignedDuration::from_secs(2 * 3_600 + 61)).await?;
    scene.runs_until_sent(std::slice::from_ref(&new)).await?;
    scene.all_arrived_at(&[new], later).await
}

/// An opening that is put off before its first send moves all.
#[tokio::test]
async fn a_later_opening_published_before_the_first_send_moves_all() -> StoryResult {
    let mut scene = Scene::open().await?;
    let all = scene.arms(3).await?;
    let later = scene.opening + SignedDuration::from_hours(2);
    scene.is_put_off_to(later).await?;
    scene.is_after_opening(SignedDuration::from_mins(10)).await?;
    same("sent", &scene.runs().await?["sent"], &json!(0))?;
    scene.is_after_opening(SignedDuration::from_secs(2 * 3_600 + 61)).await?;
    scene.runs_until_sent(&all).await?;
    scene.all_arrived_at(&all, later).await
}

/// Tests and staging move clocks: over the opening and back, each is sent once.
#[tokio::test]
async fn a_clock_that_jumps_over_the_opening_and_back_sends_each_once() -> StoryResult {
    let mut scene = Scene::open().await?;
    let all = scene.arms(10).await?;
    let order = scene.order("UpdateItem", &all, 4, EACH_LATER, Fault::KillCaller).await?;
    scene.is_after_opening(SignedDuration::from_secs(61)).await?;
    scene.runs().await.ok();
    scene.is_after_opening(-SignedDuration::from_mins(10)).await?;
    let first = scene.sent(&all).await?;
    scene.world.emulator.cancel_fault(order).await?;
    scene.runs().await?;
    same("sent before the opening", &scene.sent(&all).await?, &first)?;
    scene.is_after_opening(SignedDuration::from_secs(61)).await?;
    scene.runs_until_sent(&all).await?;
    scene.all_arrived_at(&all, scene.opening).await?;
    scene.each_is_recorded_once(&all).await
}

/// A press a second after the opening, twenty minutes ago, has no position before the armed sends are done, though nobody
/// began them; then all armed ones stand before it, drawn among themselves and with a press of the opening's millisecond.
#[tokio::test]
async fn no_position_is_final_before_the_run_of_its_opening_is_done() -> StoryResult {
    let mut scene = Scene::open().await?;
    let armed = scene.arms(6).await?;
    scene.is_after_opening(SignedDuration::from_mins(20)).await?;
    let order = PlaceOrder::of(&scene.world, &scene.campaign)?;
    let presses = async |at: Timestamp| {
        let (world, campaign) = (&scene.world, &scene.campaign);
        let case = cases::case_in(world, campaign, &alone()?, State::Submitted, at).await?;
        let claims = Claims { province: "FG".to_owned(), ..Claims::default() };
        order.stands(&case, at, claims).await?;
        Ok::<_, Deviation>(case)
    };
    let at_once = presses(scene.opening).await?;
    let pressed = presses(scene.opening + SignedDuration::from_secs(1)).await?;
    let has_position = async || Ok::<_, Deviation>(order.places.of(&pressed.id).await?.is_some());
    order.runs().await?;
    ensure(!has_position().await?, "final before the sends began")?;
    scene.runs_until_sent(&armed).await?;
    scene.each_is_recorded_once(&armed).await?;
    order.runs().await?;
    ensure(!has_position().await?, "final before the sends were done")?;
    let done = || async {
        scene.index_has_followed().await?;
        let run = scene.runs().await?;
        Ok(if scene.run_row().await?.done.is_some() { Ok(()) } else { Err(run.to_string()) })
    };
    scene.world.story.eventually("the opening is done", LETTER_DEADLINE, done).await?;
    let final_then = || async {
        order.runs().await?;
        Ok(if has_position().await? { Ok(()) } else { Err("no position yet".to_owned()) })
    };
    scene.world.story.eventually("it has its position", LETTER_DEADLINE, final_then).await?;
    same("position of the press", &order.place(&pressed.id).await?.ordinal, &8)?;
    ensure(order.place(&at_once.id).await?.ordinal < 8, "who pressed at once is not among them")?;
    // Those that arrived together stand in the order of their draw, which says nothing of when they armed.
    let models = BTreeSet::from([scene.model.clone()]);
    let rows =
        order.places.unranked(scene.campaign.id(), &models, &Ranking::default(), 1_000).await?.rows;
    let mut ordinals = Vec::new();
    for row in rows.iter().filter(|row| row.arrival == millis(scene.opening)) {
        ordinals.push(order.place(&row.application).await?.ordinal);
    }
    same("positions by draw", &ordinals, &(1..=7).collect::<Vec<_>>())
}

/// CAL-4: a model that goes off quota opens, too.
#[tokio::test]
async fn a_model_that_is_off_quota_opens_too() -> StoryResult {
    let mut scene = Scene::of(|plan| {
        plan.changed(|file| {
            file.quotas.clear();
            for model in &mut file.models {
                model.off_quota = model.submit.pop();
            }
        })
    })
    .await?;
    let all = scene.arms(2).await?;
    scene.is_after_opening(SignedDuration::from_secs(61)).await?;
    scene.runs_until_sent(&all).await?;
    scene.all_arrived_at(&all, scene.opening).await
}

/// Two requests at once: head and row say the same whoever was faster.
#[tokio::test]
async fn an_arm_and_a_disarm_at_once_leave_head_and_row_agreed() -> StoryResult {
    let scene = Scene::open().await?;
    let now = scene.now()?;
    for _ in 0..5 {
        let armed = scene.arms_at(now).await?;
        let who = || Who::Account(armed.parties.representative.clone());
        let disarmed = armed.disarm(who(), now + ONE_MS)?;
        let again = disarmed.after().arm(&armed.parties.filer, now + ONE_MS)?;
        let applications = scene.world.applications()?;
        let (one, other) =
            join(applications.commit(&disarmed, &[]), applications.commit(&again, &[])).await;
        for outcome in [one, other] {
            ensure(
                matches!(outcome, Ok(()) | Err(SaveError::Conflict)),
                format!("neither done nor a conflict: {outcome:?}"),
            )?;
        }
        let head = scene.head(&armed.id).await?;
        let since = match head.state() {
            State::Armed => head.stage.armed().map(millis),
            _ => None,
        };
        let row = scene.armed.find(scene.campaign.id(), &scene.model, &armed.id).await?;
        same("the row's instant", &row.map(|row| row.since), &since)?;
    }
    Ok(())
}

/// What is blocked after the opening and before its send is not sent, and leaves no row.
#[tokio::test]
async fn what_is_blocked_before_its_send_is_not_sent() -> StoryResult {
    let mut scene = Scene::open().await?;
    let all = scene.arms(3).await?;
    scene.is_after_opening(SignedDuration::from_secs(10)).await?;
    let (blocked, others) = all.split_first().ok_or_else(|| Deviation::new("nobody armed"))?;
    let who = Who::Account(blocked.parties.representative.clone());
    let block = blocked.block(None, who, scene.now()?)?;
    scene.world.applications()?.commit(&block, &[]).await?;
    scene.is_after_opening(SignedDuration::from_secs(61)).await?;
    scene.runs_until_sent(others).await?;
    same("blocked", &scene.head(&blocked.id).await?.state(), &State::Blocked)?;
    same("rows", &scene.rows().await?, &BTreeSet::new())
}

/// The budget of a send: one request and two write units of the head and the index; the row that goes is the third.
#[tokio::test]
async fn an_armed_send_costs_one_request_and_two_write_units() -> StoryResult {
    let scene = Scene::open().await?;
    let armed = scene.arms_at(scene.now()?).await?;
    let code = ReceiptCode::from_random(fresh()?);
    let since = armed.stage.armed().map(millis);
    let submit = ArmedSubmit {
        application: &armed.id,
        campaign: scene.campaign.id(),
        model: &scene.model,
        armed: since.ok_or_else(|| Deviation::new("it is not armed"))?,
        campaign_version: scene.campaign.version(),
        arrival: scene.opening,
        gateway_arrival: scene.opening,
        code: &code,
    };
    let consumption = Consumption::default();
    let client = consumption.counting_client(&scene.world.environment.sdk().await?);
    let table = scene.world.environment.text("PORTAL_TABLE")?;
    let applications = Applications::new(client, table);
    same("sent", &applications.submit_armed(&submit).await?, &ArmedOutcome::Sent)?;
    let units = consumption.units();
    ensure(units > 0.0 && units <= 2.0, format!("{units} write units"))?;
    same("again", &applications.submit_armed(&submit).await?, &ArmedOutcome::SentBefore)
}
