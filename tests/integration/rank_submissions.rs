//! rank-submissions on the deployed stack: ordinals follow arrival and draw, without gaps, once (RNK-1, SUB-3).

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    application::{Application, Stage, Who},
    campaign::Campaign,
    ids::{AccountId, ApplicationId},
    lifecycle::{Event, State},
};
use futures::future::{try_join, try_join_all};
use harness::{
    campaigns::Plan,
    cases,
    stock::Belongs,
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock};
use serde_json::{Value, json};
use store::{
    applications::commit::Companion,
    keys,
    places::{LineRow, Places, RankedRow},
    rows::{SaveError, millis},
};

const LINE: &str = "stagionale-ordinaria";

/// A campaign that the schedule does not know, so that only the runs of a test rank it.
struct Scene {
    world: World,
    campaign: Campaign,
    /// A case that was sent; others are made after it.
    model: Application,
    places: Places,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("posti")?.publish_apart(&world).await?;
        let employer = AccountId::keyed(&fresh()?);
        let belongs =
            Belongs { representative: employer.clone(), filer: employer, organisation: None };
        let now = campaign.effective_now(clock::wall());
        let model = cases::case_in(&world, &campaign, &belongs, State::Submitted, now).await?;
        let places = Places::new(world.store().0.clone(), world.environment.text("PORTAL_TABLE")?);
        Ok(Self { world, campaign, model, places })
    }

    /// As record-history would: a submission of this arrival waits for its place.
    async fn waits(&self, arrival: Timestamp) -> StoryResult<ApplicationId> {
        let mut head = self.model.clone();
        head.id = ApplicationId::from_random(fresh()?);
        if let Stage::Sent { submission, .. } = &mut head.stage {
            submission.arrival = arrival;
        }
        let item = self.places.waits_item(&head, &self.campaign)?;
        let (store, _) = self.world.store();
        store.transact_write_items().set_transact_items(item.map(|item| vec![item])).send().await?;
        Ok(head.id)
    }

    async fn ranks(&self) -> StoryResult<Value> {
        let function = self.world.function("rank-submissions")?;
        let payload = json!({ "campaign": self.campaign.id() });
        let ranked = self.world.emulator.invoke(&function, &payload).await?;
        self.world.story.tell(format_args!("ranked: {ranked}"));
        ensure(ranked["allotted"].is_u64(), format!("no result: {ranked}"))?;
        Ok(ranked)
    }

    async fn waiting(&self) -> StoryResult<Vec<RankedRow>> {
        Ok(self.places.waiting(self.campaign.id(), LINE, i64::MAX, 1_000).await?)
    }

    async fn line(&self) -> StoryResult<Option<LineRow>> {
        Ok(self.places.line(self.campaign.id(), LINE).await?)
    }

    async fn ordinal(&self, id: &ApplicationId) -> StoryResult<Option<u64>> {
        Ok(self.places.of(id).await?.map(|place| place.ordinal))
    }
}

/// A hundred and one submissions, two of each millisecond, recorded in any order, and two runs at the same moment.
#[tokio::test]
async fn ordinals_follow_arrival_and_draw_without_a_gap_though_two_run_at_once() -> StoryResult {
    let scene = Scene::open().await?;
    let noon = scene.campaign.effective_now(clock::wall()) - SignedDuration::from_hours(1);
    let at = |number: i64| noon + SignedDuration::from_millis(number / 2);
    // The latest come first, as messages of a queue may.
    try_join_all((0..101).rev().map(|number| scene.waits(at(number)))).await?;
    let order = scene.waiting().await?;
    same("waiting before", &order.len(), &101)?;
    ensure(
        order.iter().zip(order.iter().skip(1)).all(|(one, next)| one.arrival <= next.arrival),
        "the order is not that of arrival",
    )?;
    try_join(scene.ranks(), scene.ranks()).await?;
    let last = scene.ranks().await?;
    same("waiting", &last["waiting"], &json!(0))?;
    same("waiting after", &scene.waiting().await?.len(), &0)?;
    let ordinals = try_join_all(order.iter().map(|row| scene.ordinal(&row.application))).await?;
    let wanted: Vec<_> = (1..=101).map(Some).collect();
    same("ordinals in the order of arrival and draw", &ordinals, &wanted)?;
    let line = scene.line().await?.ok_or_else(|| Deviation::new("no line"))?;
    same("the line's last", &line.last, &101)?;
    // The places of the demo's line: the first hundred are in quota.
    same("cut-off", &line.cut_off, &100)
}

/// SUB-3: an earlier arrival may still be on its way; an application that arrived a moment ago waits.
#[tokio::test]
async fn what_arrived_a_moment_ago_waits_for_the_closing_delay() -> StoryResult {
    let scene = Scene::open().await?;
    let now = scene.campaign.effective_now(clock::wall());
    let old = scene.waits(now - SignedDuration::from_mins(4)).await?;
    let young = scene.waits(now).await?;
    let ranked = scene.ranks().await?;
    same("allotted", &ranked["allotted"], &json!(1))?;
    same("waiting", &ranked["waiting"], &json!(1))?;
    same("the old one's ordinal", &scene.ordinal(&old).await?, &Some(1))?;
    same("the young one's", &scene.ordinal(&young).await?, &None)
}

/// Ordinals never change: a later run goes on where the line stands, and the earlier ones keep theirs.
#[tokio::test]
async fn a_later_run_goes_on_where_the_line_stands() -> StoryResult {
    let scene = Scene::open().await?;
    let now = scene.campaign.effective_now(clock::wall());
    let first = scene.waits(now - SignedDuration::from_mins(20)).await?;
    scene.ranks().await?;
    let second = scene.waits(now - SignedDuration::from_mins(10)).await?;
    scene.ranks().await?;
    let again = scene.ranks().await?;
    same("allotted by a run with nothing to do", &again["allotted"], &json!(0))?;
    same("first", &scene.ordinal(&first).await?, &Some(1))?;
    same("second", &scene.ordinal(&second).await?, &Some(2))
}

/// RNK-2: an application that was withdrawn before the run gives ordinals gets one all the same, and the next in order
/// moves up at once.
#[tokio::test]
async fn who_withdrew_before_the_ranking_makes_room_at_once() -> StoryResult {
    let scene = Scene::open().await?;
    let now = scene.campaign.effective_now(clock::wall());
    let long_ago = now - SignedDuration::from_hours(1);
    let belongs = {
        let employer = AccountId::keyed(&fresh()?);
        Belongs { representative: employer.clone(), filer: employer, organisation: None }
    };
    let withdrawn =
        cases::case_in(&scene.world, &scene.campaign, &belongs, State::Renounced, long_ago).await?;
    let item = scene.places.waits_item(&withdrawn, &scene.campaign)?;
    scene
        .world
        .store()
        .0
        .transact_write_items()
        .set_transact_items(item.map(|item| vec![item]))
        .send()
        .await?;
    let other = scene.waits(long_ago + SignedDuration::from_secs(1)).await?;
    scene.ranks().await?;
    same("ordinal", &scene.ordinal(&withdrawn.id).await?, &Some(1))?;
    let place = scene.places.of(&withdrawn.id).await?;
    ensure(place.is_some_and(|place| place.freed.is_some()), "the place is kept")?;
    same("ordinal of the other", &scene.ordinal(&other).await?, &Some(2))?;
    // The demo's line has a hundred places, of which one makes room.
    same("cut-off", &scene.line().await?.map(|line| line.cut_off), &Some(101))
}

/// RNK-2: the run allots a place in the moment in which the case ends: the end is judged anew and frees the place.
#[tokio::test]
async fn a_place_that_is_allotted_while_its_case_ends_is_not_lost() -> StoryResult {
    let scene = Scene::open().await?;
    let (campaign, places) = (&scene.campaign, &scene.places);
    let now = campaign.effective_now(clock::wall());
    let anna = AccountId::keyed(&fresh()?);
    let belongs = Belongs { representative: anna.clone(), filer: anna.clone(), organisation: None };
    let case = cases::case_in(&scene.world, campaign, &belongs, State::InReview, now).await?;
    let context = cases::judged(campaign, now);
    let withdrawal = case.step(Event::Withdraw, Who::Account(anna), &context)?;
    let applications = scene.world.applications()?;
    // The withdrawal was judged when there was no place yet.
    let no_place = places.giving_up(&case, None, None, now)?;
    places.allot(campaign.id(), LINE, 1, None, &[cases::ranked(&case)?], millis(now)).await?;
    let written = applications.commit(&withdrawal, &[Companion::PlaceGivenUp(&no_place)]).await;
    ensure(matches!(written, Err(SaveError::Conflict)), format!("{written:?}"))?;
    let head = applications.head(&case.id).await?;
    same("version", &head.map(|head| head.version), &Some(case.version))?;
    same("cut-off", &scene.line().await?.map(|line| line.cut_off), &Some(1))?;
    applications.commit(&withdrawal, &[]).await?;
    same("cut-off", &scene.line().await?.map(|line| line.cut_off), &Some(2))
}

/// SUB-3, AUD-1: while the history of an earlier arrival is not written, no later arrival takes its ordinal.
#[tokio::test]
async fn an_arrival_that_is_not_recorded_yet_holds_back_whoever_came_later() -> StoryResult {
    let scene = Scene::open().await?;
    let now = scene.campaign.effective_now(clock::wall());
    let late = now - SignedDuration::from_mins(20);
    let earlier = scene.waits(late - SignedDuration::from_mins(1)).await?;
    let later = scene.waits(late + SignedDuration::from_mins(1)).await?;
    // Its history waits in a queue that feeds no function, so that it is not recorded while the test looks.
    let (store, _) = scene.world.store();
    let unrecorded = || {
        store
            .update_item()
            .table_name(scene.world.environment.text("PORTAL_TABLE").unwrap_or_default())
            .set_key(Some(keys::head(&scene.model.id).item()))
    };
    let at = AttributeValue::N(millis(late).to_string());
    unrecorded()
        .update_expression(
            "SET pending_pk = :shard, pending_due = :at, arrival = :at, queue = :queue",
        )
        .expression_attribute_values(":shard", AttributeValue::S(keys::pending(&scene.model.id)))
        .expression_attribute_values(":at", at)
        .expression_attribute_values(":queue", AttributeValue::S("nobody".to_owned()))
        .send()
        .await?;
    scene.ranks().await?;
    same("ordinal of the earlier", &scene.ordinal(&earlier).await?, &Some(1))?;
    same("ordinal of the later", &scene.ordinal(&later).await?, &None)?;
    unrecorded().update_expression("REMOVE pending_pk, pending_due, queue").send().await?;
    scene.ranks().await?;
    same("ordinal of the later", &scene.ordinal(&later).await?, &Some(2))
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
