//! The places of a campaign are counted again from what is recorded, and each one that the ranking gave otherwise has a name
//! (RNK-1, RNK-2, RNK-5).

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    application::{Application, Who},
    calendar,
    campaign::{Campaign, Reservation},
    ids::AccountId,
    lifecycle::{Event, State},
    order::PublicSeed,
    quota::{
        Claims,
        recount::{About, Recount},
    },
};
use harness::{
    campaigns::{self, Plan},
    cases,
    mailbox::LETTER_DEADLINE,
    places::PlaceOrder,
    recounting::Recounting,
    stock::Belongs,
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock};
use serde_json::json;
use store::keys::{self, Key};

const ORDINARY: &str = "stagionale-ordinaria";

/// A campaign with two places in each line that the schedule does not know.
struct Scene {
    world: World,
    campaign: Campaign,
    order: PlaceOrder,
    recounting: Recounting,
    /// When the first one arrived; the others in the milliseconds after it.
    nine: Timestamp,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("conteggio")?.with_places(2).publish_apart(&world).await?;
        let order = PlaceOrder::of(&world, &campaign)?;
        let table = world.environment.text("PORTAL_TABLE")?;
        let recounting = Recounting::of(world.store().0, &table);
        // Long enough ago for positions to be final.
        let nine = campaign.effective_now(clock::wall()) - SignedDuration::from_mins(30);
        Ok(Self { world, campaign, order, recounting, nine })
    }

    /// Somebody sends an application as the next one, and it stands in the order.
    async fn sends(&self, number: i64, reserved: &[Reservation]) -> StoryResult<Application> {
        let arrival = self.nine + SignedDuration::from_millis(number);
        let employer = AccountId::keyed(&fresh()?);
        let belongs =
            Belongs { representative: employer.clone(), filer: employer, organisation: None };
        let case = cases::case_in(&self.world, &self.campaign, &belongs, State::Submitted, arrival)
            .await?;
        let sent = case.stage.submission().ok_or_else(|| Deviation::new("it was not sent"))?;
        let claims = Claims {
            reservations: reserved.iter().copied().collect(),
            province: sent.ready.province.clone(),
        };
        self.order.stands(&case, sent.arrival, claims).await?;
        Ok(case)
    }

    async fn withdraws(&self, case: &Application) -> StoryResult {
        let applications = self.world.applications()?;
        let head = applications.head(&case.id).await?;
        let head = head.ok_or_else(|| Deviation::new("the case is gone"))?;
        let context = cases::judged(&self.campaign, self.campaign.effective_now(clock::wall()));
        let who = Who::Account(head.parties.representative.clone());
        Ok(applications.commit(&head.step(Event::Withdraw, who, &context)?, &[]).await?)
    }

    /// The ranking runs until this one has a place that it did not have in its turn.
    async fn moves_up(&self, case: &Application) -> StoryResult {
        let moved = || async {
            self.order.runs().await?;
            let place = self.order.place(&case.id).await?;
            Ok(if place.moved_up { Ok(()) } else { Err(format!("{place:?}")) })
        };
        self.world.story.eventually("they move up", LETTER_DEADLINE, moved).await
    }

    async fn recounted(&self, seed: Option<&PublicSeed>) -> StoryResult<Recount> {
        let found = self.recounting.campaign(self.campaign.id(), seed, clock::wall()).await?;
        self.world.story.tell(format_args!("counted again: {found:?}"));
        Ok(found)
    }

    /// Nothing differs, and so many places are taken.
    async fn is_whole(&self, step: &str, taken: u64) -> StoryResult {
        let found = self.recounted(None).await?;
        same(step, &found.differences, &Vec::new())?;
        same("submissions", &found.submissions, &5)?;
        same("places taken", &found.taken, &taken)
    }

    /// This one alone is named, with these words.
    async fn names(&self, case: &Application, words: &str) -> StoryResult {
        let found = self.recounted(None).await?;
        let about: Vec<&About> = found.differences.iter().map(|one| &one.about).collect();
        same("who is named", &about, &vec![&About::Application(case.id.clone())])?;
        let says = |what: &str| what.contains(words);
        ensure(found.differences.iter().all(|one| says(&one.what)), format!("{found:?}"))
    }

    /// Somebody writes another line into the row of a place.
    async fn line_is_changed(&self, key: Key, line: &str) -> StoryResult {
        let (store, _) = self.world.store();
        store
            .update_item()
            .table_name(self.world.environment.text("PORTAL_TABLE")?)
            .set_key(Some(key.item()))
            .update_expression("SET #line = :line")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#line", "line")
            .expression_attribute_values(":line", AttributeValue::S(line.to_owned()))
            .send()
            .await?;
        Ok(())
    }
}

/// Issue 12: five send; Anna withdraws and Dario moves up; a later version adds a place, which Elena gets. The count comes to
/// the same. Then somebody changes the place of Bruno by hand, and takes that of Dario out.
#[tokio::test]
async fn what_was_given_is_counted_again_and_what_was_changed_by_hand_is_named() -> StoryResult {
    let scene = Scene::open().await?;
    let anna = scene.sends(1, &[]).await?;
    let bruno = scene.sends(2, &[]).await?;
    let carla = scene.sends(3, &[Reservation::AgriculturalAssociations]).await?;
    let dario = scene.sends(4, &[]).await?;
    let elena = scene.sends(5, &[]).await?;
    let before = scene.recounted(None).await?;
    same("without a position before the ranking ran", &before.waiting, &5)?;
    same("differences then", &before.differences, &Vec::new())?;
    scene.order.runs().await?;
    same("Carla", &scene.order.place(&carla.id).await?.in_quota(), &true)?;
    same("Dario", &scene.order.place(&dario.id).await?.in_quota(), &false)?;
    scene.is_whole("after the first run", 3).await?;

    scene.withdraws(&anna).await?;
    scene.is_whole("while what Anna gave up waits for a run", 3).await?;
    scene.moves_up(&dario).await?;
    scene.is_whole("after Dario moved up", 3).await?;

    let mut file = scene.campaign.clone().into_file();
    file.version += 1;
    for line in file.quotas.iter_mut().filter(|line| line.id == ORDINARY) {
        line.places += 1;
    }
    campaigns::publish(&scene.world, &Campaign::try_from(file)?, true).await?;
    scene.moves_up(&elena).await?;
    scene.is_whole("after Elena got the place that was added", 4).await?;

    let place = keys::place(&bruno.id, keys::PLACE);
    scene.line_is_changed(place.clone(), "stagionale-pluriennale").await?;
    scene
        .names(&bruno, "has a place of stagionale-pluriennale in its turn, counted is a place of")
        .await?;
    scene.line_is_changed(place, ORDINARY).await?;
    scene.is_whole("once it is as it was", 4).await?;

    let moved_up = keys::place(&dario.id, keys::PLACE_MOVED_UP);
    let (store, _) = scene.world.store();
    store
        .delete_item()
        .table_name(scene.world.environment.text("PORTAL_TABLE")?)
        .set_key(Some(moved_up.item()))
        .send()
        .await?;
    scene.names(&dario, "has no place, counted is a place of stagionale-ordinaria since").await
}

/// SUB-3: with a seed that was published the draws are made again; with another one nobody stands where the draw puts them.
#[tokio::test]
async fn draws_are_made_again_with_a_seed_that_was_published() -> StoryResult {
    let scene = Scene::open().await?;
    let first = scene.sends(1, &[]).await?;
    let second = scene.sends(1, &[]).await?;
    scene.order.runs().await?;
    let day = calendar::local_date(scene.nine);
    let seed = |byte: &str| {
        let campaign = scene.campaign.id();
        let file = json!({ "v": 1, "campaign": campaign, "day": day, "seed": byte.repeat(32) });
        serde_json::from_value::<PublicSeed>(file)
    };
    // That of the harness.
    let drawn = scene.recounted(Some(&seed("00")?)).await?;
    same("differences with the seed", &drawn.differences, &Vec::new())?;
    let other = scene.recounted(Some(&seed("01")?)).await?;
    let named: BTreeSet<&About> = other.differences.iter().map(|one| &one.about).collect();
    let both = [About::Application(first.id), About::Application(second.id)];
    same("who is named with another", &named, &both.iter().collect())
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
