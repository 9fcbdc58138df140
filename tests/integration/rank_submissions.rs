//! rank-submissions on the deployed stack: positions follow arrival and draw, without gaps, once; places go to whom they
//! are for, and what is given up goes on (RNK-1, RNK-2, RNK-5, SUB-3).

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    application::{Application, Stage, Who},
    calendar::RomeTime,
    campaign::{Campaign, Reservation},
    ids::{AccountId, ApplicationId},
    lifecycle::{Event, State},
    quota::Claims,
};
use futures::future::{try_join, try_join_all};
use harness::{
    campaigns::Plan,
    cases,
    places::PlaceOrder,
    stock::Belongs,
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock, queue::Queue};
use serde_json::json;
use store::{keys, places::RankedRow, rows::millis};

const AGRICULTURE: &str = "stagionale-agricoltura-associazioni";
const ORDINARY: &str = "stagionale-ordinaria";

/// A campaign that the schedule does not know, so that only the runs of a test rank it.
struct Scene {
    world: World,
    campaign: Campaign,
    order: PlaceOrder,
    /// A case that was sent; others are made after it.
    model: Application,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        Self::of(Plan::new("posti")?).await
    }

    async fn of(plan: Plan) -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = plan.publish_apart(&world).await?;
        let now = campaign.effective_now(clock::wall());
        let model = cases::case_in(&world, &campaign, &alone()?, State::Submitted, now).await?;
        let order = PlaceOrder::of(&world, &campaign)?;
        Ok(Self { world, campaign, order, model })
    }

    fn now(&self) -> Timestamp {
        self.campaign.effective_now(clock::wall())
    }

    /// A submission of this arrival stands in the order; there is no more of it than that.
    async fn stands(&self, arrival: Timestamp) -> StoryResult<ApplicationId> {
        self.stands_with(arrival, &[]).await
    }

    async fn stands_with(
        &self,
        arrival: Timestamp,
        reservations: &[Reservation],
    ) -> StoryResult<ApplicationId> {
        let mut head = self.model.clone();
        head.id = ApplicationId::from_random(fresh()?);
        if let Stage::Sent { submission, .. } = &mut head.stage {
            submission.arrival = arrival;
        }
        let reservations = reservations.iter().copied().collect();
        self.order
            .stands(&head, arrival, Claims { reservations, province: "FG".to_owned() })
            .await?;
        Ok(head.id)
    }

    /// A whole case.
    async fn case(&self, state: State) -> StoryResult<Application> {
        let now = self.now();
        cases::case_in(&self.world, &self.campaign, &alone()?, state, now).await
    }

    async fn all(&self) -> StoryResult<Vec<RankedRow>> {
        let models = self.campaign.models().iter().map(|model| model.id().clone()).collect();
        let ranking = store::places::Ranking::default();
        let id = self.campaign.id();
        Ok(self.order.places.unranked(id, &models, &ranking, 1_000).await?.rows)
    }

    async fn ordinal(&self, id: &ApplicationId) -> StoryResult<Option<u64>> {
        Ok(self.order.places.of(id).await?.map(|place| place.ordinal))
    }

    async fn line(&self, id: &ApplicationId) -> StoryResult<Option<String>> {
        let place = self.order.place(id).await?;
        Ok(place.line.filter(|_| place.passed_on.is_none()))
    }

    async fn ends(&self, case: &Application) -> StoryResult {
        let head = self.world.applications()?.head(&case.id).await?;
        let head = head.ok_or_else(|| Deviation::new("the case is gone"))?;
        let context = cases::judged(&self.campaign, self.now());
        let who = Who::Account(head.parties.representative.clone());
        let withdrawal = head.step(Event::Withdraw, who, &context)?;
        Ok(self.world.applications()?.commit(&withdrawal, &[]).await?)
    }
}

fn alone() -> StoryResult<Belongs> {
    let employer = AccountId::keyed(&fresh()?);
    Ok(Belongs { representative: employer.clone(), filer: employer, organisation: None })
}

/// A hundred and one submissions, two of each millisecond, recorded in any order, and two runs at the same moment.
#[tokio::test]
async fn ordinals_follow_arrival_and_draw_without_a_gap_though_two_run_at_once() -> StoryResult {
    let scene = Scene::open().await?;
    let noon = scene.now() - SignedDuration::from_hours(1);
    let at = |number: i64| noon + SignedDuration::from_millis(number / 2);
    // The latest come first, as messages of a queue may.
    try_join_all((0..101).rev().map(|number| scene.stands(at(number)))).await?;
    let order = scene.all().await?;
    same("in the order", &order.len(), &101)?;
    ensure(
        order.iter().zip(order.iter().skip(1)).all(|(one, next)| one.arrival <= next.arrival),
        "the order is not that of arrival",
    )?;
    try_join(scene.order.runs(), scene.order.runs()).await?;
    let last = scene.order.runs().await?;
    same("waiting", &last["waiting"], &json!(0))?;
    let ordinals = try_join_all(order.iter().map(|row| scene.ordinal(&row.application))).await?;
    let wanted: Vec<_> = (1..=101).map(Some).collect();
    same("ordinals in the order of arrival and draw", &ordinals, &wanted)?;
    // The places of the demo's line: the first hundred are in quota.
    let lines = try_join_all(order.iter().map(|row| scene.line(&row.application))).await?;
    let wanted: Vec<_> = (0..101).map(|n| (n < 100).then(|| ORDINARY.to_owned())).collect();
    same("lines", &lines, &wanted)?;
    // Each has a protocol number of its own.
    let protocols =
        try_join_all(order.iter().map(|row| scene.order.place(&row.application))).await?;
    let protocols: BTreeSet<String> = protocols.into_iter().map(|place| place.protocol).collect();
    same("protocol numbers", &protocols.len(), &101)
}

/// SUB-3: an earlier arrival may still be on its way; an application that arrived a moment ago waits.
#[tokio::test]
async fn what_arrived_a_moment_ago_waits_for_the_closing_delay() -> StoryResult {
    let scene = Scene::open().await?;
    let now = scene.now();
    let old = scene.stands(now - SignedDuration::from_mins(4)).await?;
    let young = scene.stands(now).await?;
    let ranked = scene.order.runs().await?;
    same("allotted", &ranked["allotted"], &json!(1))?;
    same("waiting", &ranked["waiting"], &json!(1))?;
    same("the old one's ordinal", &scene.ordinal(&old).await?, &Some(1))?;
    same("the young one's", &scene.ordinal(&young).await?, &None)
}

/// Ordinals never change: a later run goes on where the earlier one stopped, and those before keep theirs.
#[tokio::test]
async fn a_later_run_goes_on_where_the_earlier_one_stopped() -> StoryResult {
    let scene = Scene::open().await?;
    let now = scene.now();
    let first = scene.stands(now - SignedDuration::from_mins(20)).await?;
    scene.order.runs().await?;
    let second = scene.stands(now - SignedDuration::from_mins(10)).await?;
    scene.order.runs().await?;
    let again = scene.order.runs().await?;
    same("allotted by a run with nothing to do", &again["allotted"], &json!(0))?;
    same("first", &scene.ordinal(&first).await?, &Some(1))?;
    same("second", &scene.ordinal(&second).await?, &Some(2))
}

/// A run that died half-way: what it decided stands, the next run carries it out, and nobody gets two places.
#[tokio::test]
async fn a_run_that_died_half_way_is_carried_out_by_the_next() -> StoryResult {
    let scene = Scene::of(Plan::new("posti")?.with_places(1)).await?;
    let (first, second) =
        (scene.case(State::Submitted).await?, scene.case(State::Submitted).await?);
    scene.order.takes(&[&first, &second]).await?;
    scene.ends(&first).await?;
    // The store refuses every write of the place that came later: the run decides, and dies over it.
    let table = scene.world.environment.text("PORTAL_TABLE")?;
    let id = scene.campaign.id();
    let ranking = scene.order.places.ranking(id).await?;
    let decided = store::places::Ranking {
        batch: Some(store::places::Batch::Moves {
            at: millis(scene.now()),
            passed_on: BTreeSet::from([first.id.clone()]),
            moved_up: [(second.id.clone(), ORDINARY.to_owned())].into(),
            after: ranking.standings.clone(),
        }),
        ..ranking
    };
    scene.order.places.move_on(id, decided).await?;
    // It wrote that what was given up is passed on, and no more.
    let passed_on = keys::place(&first.id, keys::PLACE_PASSED_ON);
    let (store, _) = scene.world.store();
    store
        .put_item()
        .table_name(table)
        .item("pk", AttributeValue::S(passed_on.pk))
        .item("sk", AttributeValue::S(passed_on.sk))
        .item("v", AttributeValue::N("1".to_owned()))
        .item("at", AttributeValue::N(millis(scene.now()).to_string()))
        .send()
        .await?;
    try_join(scene.order.runs(), scene.order.runs()).await?;
    same("the first", &scene.order.place(&first.id).await?.in_quota(), &false)?;
    same("the second", &scene.line(&second.id).await?, &Some(ORDINARY.to_owned()))?;
    let third = scene.case(State::Submitted).await?;
    let places = scene.order.takes(&[&third]).await?;
    same("the third", &places.first().and_then(|place| place.line.clone()), &None)
}

/// RNK-2: an application that was withdrawn before its position was final gets one all the same, and the next in order moves
/// up.
#[tokio::test]
async fn who_withdrew_before_the_ranking_makes_room() -> StoryResult {
    let scene = Scene::of(Plan::new("posti")?.with_places(1)).await?;
    let withdrawn = scene.case(State::Submitted).await?;
    scene.ends(&withdrawn).await?;
    // What it gave up waits for its position: nothing is lost by a run in between.
    scene.order.runs().await?;
    let other = scene.case(State::Submitted).await?;
    let places = scene.order.takes(&[&withdrawn, &other]).await?;
    let ordinals: Vec<u64> = places.iter().map(|place| place.ordinal).collect();
    same("ordinals", &ordinals, &vec![1, 2])?;
    same("the other", &scene.order.in_quota(&other.id).await?, &true)?;
    same("who withdrew", &scene.order.place(&withdrawn.id).await?.in_quota(), &false)
}

/// RNK-2: those who gave up and wait for their positions, however many, hold back no place that somebody behind them gave up.
#[tokio::test]
async fn a_place_is_passed_on_although_many_before_it_have_no_position_yet() -> StoryResult {
    let scene = Scene::of(Plan::new("posti")?.with_places(1)).await?;
    let (first, second) =
        (scene.case(State::Submitted).await?, scene.case(State::Submitted).await?);
    scene.order.takes(&[&first, &second]).await?;
    let partition = keys::given_up_place(&first.campaign, &first.id).pk;
    let unranked = (1..)
        .filter_map(|number: u32| format!("app_{number:026}").parse::<ApplicationId>().ok())
        .map(|id| keys::given_up_place(&first.campaign, &id))
        .filter(|key| key.pk == partition)
        .take(60);
    let (store, _) = scene.world.store();
    let table = scene.world.environment.text("PORTAL_TABLE")?;
    try_join_all(unranked.map(|key| {
        let row = store.put_item().table_name(&table);
        let row = row.item("pk", AttributeValue::S(key.pk)).item("sk", AttributeValue::S(key.sk));
        let row = row.item("v", AttributeValue::N("1".to_owned()));
        row.item("at", AttributeValue::N(millis(scene.now()).to_string())).send()
    }))
    .await?;
    scene.ends(&first).await?;
    scene.order.runs().await?;
    same("who gave up", &scene.order.place(&first.id).await?.in_quota(), &false)?;
    same("who waited", &scene.order.in_quota(&second.id).await?, &true)
}

/// RNK-5: who falls under a reservation takes its places first, and the ordinary ones then; who does not, never.
#[tokio::test]
async fn reserved_places_go_to_whom_they_are_reserved_for() -> StoryResult {
    let scene = Scene::of(Plan::new("posti")?.with_places(1)).await?;
    let at = |minutes| scene.now() - SignedDuration::from_mins(minutes);
    let farm = [Reservation::AgriculturalAssociations];
    let ordinary = scene.stands(at(20)).await?;
    let other = scene.stands(at(19)).await?;
    let reserved = scene.stands_with(at(18), &farm).await?;
    let late = scene.stands_with(at(17), &farm).await?;
    scene.order.runs().await?;
    same("the first", &scene.line(&ordinary).await?, &Some(ORDINARY.to_owned()))?;
    same("the second", &scene.line(&other).await?, &None)?;
    same("the third", &scene.line(&reserved).await?, &Some(AGRICULTURE.to_owned()))?;
    same("the fourth", &scene.line(&late).await?, &None)
}

/// RNK-5: places that a later version of the campaign adds, and what a reservation leaves at its end, go to those who wait,
/// in order of arrival.
#[tokio::test]
async fn added_and_released_places_go_to_those_who_wait() -> StoryResult {
    let scene = Scene::of(Plan::new("posti")?.with_places(1)).await?;
    let mut cases = Vec::new();
    for _ in 0..4 {
        cases.push(scene.case(State::Submitted).await?);
    }
    let all: Vec<&Application> = cases.iter().collect();
    scene.order.takes(&all).await?;
    let in_quota = async || {
        let places = try_join_all(cases.iter().map(|case| scene.line(&case.id))).await?;
        Ok::<_, Deviation>(places.into_iter().map(|line| line.is_some()).collect::<Vec<_>>())
    };
    same("at first", &in_quota().await?, &vec![true, false, false, false])?;
    let mut file = scene.campaign.clone().into_file();
    file.version += 1;
    for line in &mut file.quotas {
        if line.id == ORDINARY {
            line.places = 2;
        }
        if line.id == AGRICULTURE {
            line.reserved_until = Some(RomeTime::from(scene.now() - SignedDuration::from_hours(1)));
        }
    }
    let later = Campaign::try_from(file)?;
    harness::campaigns::publish(&scene.world, &later, true).await?;
    let moved = || async {
        scene.order.runs().await?;
        let places = in_quota().await?;
        let wanted = vec![true, true, true, false];
        Ok(if places == wanted { Ok(()) } else { Err(format!("{places:?}")) })
    };
    scene.world.story.eventually("they move up", harness::mailbox::LETTER_DEADLINE, moved).await?;
    let second = scene.order.place(&cases[1].id).await?;
    ensure(second.moved_up, "the second was there from the beginning")?;
    let lines: BTreeSet<Option<String>> =
        [scene.line(&cases[1].id).await?, scene.line(&cases[2].id).await?].into();
    same(
        "their lines",
        &lines,
        &BTreeSet::from([Some(AGRICULTURE.to_owned()), Some(ORDINARY.to_owned())]),
    )
}

/// SUB-3, AUD-1: while the history of an earlier arrival is not written, no later arrival takes its ordinal.
#[tokio::test]
async fn an_arrival_that_is_not_recorded_yet_holds_back_whoever_came_later() -> StoryResult {
    let scene = Scene::open().await?;
    let late = scene.now() - SignedDuration::from_mins(20);
    let earlier = scene.stands(late - SignedDuration::from_mins(1)).await?;
    let later = scene.stands(late + SignedDuration::from_mins(1)).await?;
    // Its history waits in a queue that feeds no function, so that it is not recorded while the test looks.
    let (store, _) = scene.world.store();
    let unrecorded = || {
        store
            .update_item()
            .table_name(scene.world.environment.text("PORTAL_TABLE").unwrap_or_default())
            .set_key(Some(keys::head(&scene.model.id).item()))
    };
    let at = AttributeValue::N(millis(late).to_string());
    let due = AttributeValue::N(millis(scene.campaign.gateway_instant(late)).to_string());
    unrecorded()
        .update_expression(
            "SET pending_pk = :shard, pending_due = :due, arrival = :at, queue = :queue",
        )
        .expression_attribute_values(
            ":shard",
            AttributeValue::S(keys::pending(Queue::History, &scene.model.id)),
        )
        .expression_attribute_values(":at", at)
        .expression_attribute_values(":due", due)
        .expression_attribute_values(":queue", AttributeValue::S("nobody".to_owned()))
        .send()
        .await?;
    scene.order.runs().await?;
    same("ordinal of the earlier", &scene.ordinal(&earlier).await?, &Some(1))?;
    same("ordinal of the later", &scene.ordinal(&later).await?, &None)?;
    unrecorded().update_expression("REMOVE pending_pk, pending_due, queue").send().await?;
    scene.order.runs().await?;
    same("ordinal of the later", &scene.ordinal(&later).await?, &Some(2))
}

/// RNK-1: what cannot be recorded holds back its model until a person sets it aside.
#[tokio::test]
async fn a_submission_that_is_set_aside_holds_back_nobody() -> StoryResult {
    let scene = Scene::open().await?;
    let early = scene.now() - SignedDuration::from_mins(20);
    let later = scene.stands(early + SignedDuration::from_mins(1)).await?;
    let (store, _) = scene.world.store();
    let due = AttributeValue::N(millis(scene.campaign.gateway_instant(early)).to_string());
    let shard = keys::pending(Queue::History, &scene.model.id);
    store
        .update_item()
        .table_name(scene.world.environment.text("PORTAL_TABLE")?)
        .set_key(Some(keys::head(&scene.model.id).item()))
        .update_expression(
            "SET pending_pk = :shard, pending_due = :due, arrival = :at, queue = :queue",
        )
        .expression_attribute_values(":shard", AttributeValue::S(shard))
        .expression_attribute_values(":at", AttributeValue::N(millis(early).to_string()))
        .expression_attribute_values(":due", due)
        .expression_attribute_values(":queue", AttributeValue::S("history".to_owned()))
        .send()
        .await?;
    scene.order.runs().await?;
    same("ordinal while it holds back", &scene.ordinal(&later).await?, &None)?;
    let function = scene.world.function("reconcile-pending")?;
    let payload = json!({ "set_aside": scene.model.id });
    for given_up in [1, 0] {
        let done = scene.world.emulator.invoke(&function, &payload).await?;
        same("given up", &done["given_up"], &json!(given_up))?;
    }
    scene.order.runs().await?;
    same("ordinal then", &scene.ordinal(&later).await?, &Some(1))
}

/// RNK-1, SUB-3: what was set aside and is recorded once later ones had their positions stands where it is recorded, behind all
/// who arrived until then; its arrival stays what it was.
#[tokio::test]
async fn what_is_recorded_after_later_ones_had_their_positions_comes_behind_them() -> StoryResult {
    let scene = Scene::open().await?;
    let early = Timestamp::from_millisecond(millis(scene.now() - SignedDuration::from_mins(20)))?;
    let late =
        cases::case_in(&scene.world, &scene.campaign, &alone()?, State::Submitted, early).await?;
    is_not_recorded(&scene.world, &late.id).await?;
    let later = scene.stands(early + SignedDuration::from_mins(1)).await?;
    scene.order.runs().await?;
    same("ordinal of the later", &scene.ordinal(&later).await?, &Some(1))?;

    let before = scene.now().as_millisecond();
    let function = scene.world.function("record-history")?;
    let body = json!({ "v": 1, "pk": keys::head(&late.id).pk, "sk": "HEAD" }).to_string();
    let event =
        json!({ "Records": [{ "messageId": "1", "body": body, "eventSource": "aws:sqs" }] });
    let told = scene.world.emulator.invoke(&function, &event).await?;
    same("not recorded", &told["batchItemFailures"], &json!([]))?;

    let rows = scene.all().await?;
    let row = rows.iter().find(|row| row.application == late.id);
    let row = row.ok_or_else(|| Deviation::new("it stands nowhere in the order"))?;
    same("arrival", &row.arrival, &millis(early))?;
    let stands = row.rank().as_str();
    ensure(stands >= format!("{before:013}").as_str(), format!("it stands at {stands}"))?;
    // Who arrived in the meantime is before it, though the arrival was later.
    let meanwhile = scene.stands(early + SignedDuration::from_mins(15)).await?;
    scene.order.runs().await?;
    same("ordinal of who arrived meanwhile", &scene.ordinal(&meanwhile).await?, &Some(2))?;
    same("ordinal of the late record", &scene.ordinal(&late.id).await?, &None)
}

/// A case as it is between its sending and its record: without an event, and waiting for one.
async fn is_not_recorded(world: &World, id: &ApplicationId) -> StoryResult {
    let (store, _) = world.store();
    let table = world.environment.text("PORTAL_TABLE")?;
    let events = store
        .query()
        .table_name(&table)
        .key_condition_expression("pk = :pk AND begins_with(sk, :event)")
        .expression_attribute_values(":pk", AttributeValue::S(keys::head(id).pk))
        .expression_attribute_values(":event", AttributeValue::S(keys::EVENT_PREFIX.to_owned()))
        .consistent_read(true)
        .send()
        .await?;
    for event in events.items() {
        let delete = store.delete_item().table_name(&table);
        let part = |name: &str| event.get(name).cloned().unwrap_or(AttributeValue::Null(true));
        delete.key("pk", part("pk")).key("sk", part("sk")).send().await?;
    }
    store
        .update_item()
        .table_name(&table)
        .set_key(Some(keys::head(id).item()))
        .update_expression("SET queue = :queue")
        .expression_attribute_values(":queue", AttributeValue::S(Queue::History.code().to_owned()))
        .send()
        .await?;
    Ok(())
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
