//! Places for cases that tests made: they stand in the order as if their submissions had been recorded, and the portal's
//! own function gives them what is theirs.

use domain::{
    application::Application,
    campaign::Campaign,
    ids::ApplicationId,
    order::{OrderSeed, Rank},
    quota::Claims,
    receipt::ReceiptCode,
};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use serde_json::{Value, json};
use store::places::{Place, Places, RankedRow};

use crate::{
    mailbox::LETTER_DEADLINE,
    story::{Deviation, StoryResult},
    world::World,
};

/// The order and places of one campaign that the schedule does not know.
#[derive(Clone, Debug)]
pub struct PlaceOrder {
    world: World,
    campaign: Campaign,
    /// The rows of places.
    pub places: Places,
}

impl PlaceOrder {
    /// That of a campaign.
    pub fn of(world: &World, campaign: &Campaign) -> StoryResult<Self> {
        let places = Places::new(world.store().0.clone(), world.environment.text("PORTAL_TABLE")?);
        Ok(Self { world: world.clone(), campaign: campaign.clone(), places })
    }

    /// Puts a case into the order, as record-history does: by this arrival and the draw, with these claims.
    pub async fn stands(
        &self,
        case: &Application,
        arrival: Timestamp,
        claims: Claims,
    ) -> StoryResult {
        let rule = self.campaign.policies().order.draw_rule();
        let code = match case.stage.submission() {
            Some(submission) => submission.code.clone(),
            None => ReceiptCode::from_random([0; 10]),
        };
        let rank = Rank::new(arrival, &OrderSeed::new([0; 32]), rule, &case.id, &code);
        Ok(self.places.rank(&RankedRow::of(case, arrival, rank, claims)).await?)
    }

    /// One run of the function that gives places, and another for each that the store did not answer in time, as the
    /// schedule makes one each minute.
    pub async fn runs(&self) -> StoryResult<Value> {
        let function = self.world.function("rank-submissions")?;
        let payload = json!({ "campaign": self.campaign.id() });
        let run = || async {
            let ranked = self.world.emulator.invoke(&function, &payload).await?;
            self.world.story.tell(format_args!("ranked: {ranked}"));
            Ok(if ranked.get("failed") == Some(&json!(0)) {
                Ok(ranked)
            } else {
                Err(ranked.to_string())
            })
        };
        self.world.story.eventually("a run reads and writes all", LETTER_DEADLINE, run).await
    }

    /// These cases come next in the order, each after the one before, and have their positions.
    pub async fn takes(&self, cases: &[&Application]) -> StoryResult<Vec<Place>> {
        // Long enough ago for its position to be final, and after all that were put into the order before.
        let from = self.campaign.effective_now(clock::wall()) - SignedDuration::from_hours(1);
        for (number, case) in cases.iter().enumerate() {
            let arrival = from + SignedDuration::from_millis(i64::try_from(number)?);
            let province = case.stage.submission().map(|sent| sent.ready.province.clone());
            let claims = Claims { province: province.unwrap_or_default(), ..Claims::default() };
            self.stands(case, arrival, claims).await?;
        }
        let mut places = Vec::with_capacity(cases.len());
        for case in cases {
            let has = || async {
                if let Some(place) = self.places.of(&case.id).await? {
                    return Ok(Ok(place));
                }
                self.runs().await?;
                Ok(Err("no position yet".to_owned()))
            };
            places.push(
                self.world
                    .story
                    .eventually("the case has a position", LETTER_DEADLINE, has)
                    .await?,
            );
        }
        Ok(places)
    }

    /// The place of a case; an error while its position is not final.
    pub async fn place(&self, id: &ApplicationId) -> StoryResult<Place> {
        self.places.of(id).await?.ok_or_else(|| Deviation::new("the case has no position"))
    }

    /// Whether a case has a place now, after a run.
    pub async fn in_quota(&self, id: &ApplicationId) -> StoryResult<bool> {
        self.runs().await?;
        Ok(self.place(id).await?.in_quota())
    }
}
