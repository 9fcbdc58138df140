//! Campaigns for tests and for the journey: the demo campaign with a name and windows of its own.

use std::fs;

use domain::campaign::{Campaign, CampaignFile, WindowFile};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use store::{campaigns, keys};

use crate::{
    environment::root,
    people,
    story::{Deviation, StoryResult},
    world::World,
};

/// The model of the journey and of most tests; an employer asks for it unless a test names another.
pub const MODEL: &str = "c-stag-agricoltura";

/// A campaign before it is published.
#[derive(Clone, Debug)]
pub struct Plan {
    file: CampaignFile,
}

impl Plan {
    /// The demo campaign under a new name with one model: everything open from an hour ago until tomorrow.
    pub fn new(prefix: &str) -> StoryResult<Self> {
        Self::of(prefix, &[MODEL])
    }

    /// The same with these models of the demo campaign.
    pub fn of(prefix: &str, models: &[&str]) -> StoryResult<Self> {
        let text = fs::read_to_string(root().join("campaigns/demo.toml"))?;
        let mut file = Campaign::parse(&text)?.into_file();
        file.id = format!("{prefix}-{}", people::fresh_word()?).parse()?;
        file.models.retain(|model| models.contains(&model.id.as_str()));
        for quota in &mut file.quotas {
            quota.models.retain(|model| models.contains(&model.as_str()));
        }
        file.quotas.retain(|quota| !quota.models.is_empty());
        // From half a second to three, for a minute and a half: no test waits longer for a registry's answer, and what
        // a test leaves behind does not keep the stack busy.
        file.enrichment.pauses_seconds = vec![50, 100, 200, 300];
        file.enrichment.give_up_after_seconds = 9_000;
        let now = clock::wall();
        let plan = Self { file };
        Ok(plan
            .starts_and_edits(now - SignedDuration::from_hours(1))
            .sends(now - SignedDuration::from_hours(1), None))
    }

    /// Lets people start and change applications from an instant on.
    #[must_use]
    pub fn starts_and_edits(mut self, from: Timestamp) -> Self {
        for model in &mut self.file.models {
            model.start = vec![open(from, None)];
            model.edit = vec![open(from, None)];
        }
        self
    }

    /// Lets people send from one instant, to the millisecond, until another (without one, a day later).
    #[must_use]
    pub fn sends(mut self, from: Timestamp, until: Option<Timestamp>) -> Self {
        for model in &mut self.file.models {
            model.submit = vec![open(from, until)];
        }
        self
    }

    /// With so many places in each quota line.
    #[must_use]
    pub fn with_places(self, places: u32) -> Self {
        self.changed(|file| file.quotas.iter_mut().for_each(|line| line.places = places))
    }

    /// A different campaign, where more than the windows matters.
    #[must_use]
    pub fn changed(mut self, change: impl FnOnce(&mut CampaignFile)) -> Self {
        change(&mut self.file);
        self
    }

    /// As the portal would read it, without publishing it.
    pub fn campaign(self) -> StoryResult<Campaign> {
        Ok(Campaign::try_from(self.file)?)
    }

    /// Publishes it and gives it as the portal will read it.
    pub async fn publish(mut self, world: &World) -> StoryResult<Campaign> {
        // Public pages do not show hundreds of tests to who looks at them in between.
        self.file.rehearsal = true;
        self.publish_for_people(world).await
    }

    /// The same, shown on the public pages.
    pub async fn publish_for_people(self, world: &World) -> StoryResult<Campaign> {
        let campaign = Campaign::try_from(self.file)?;
        publish(world, &campaign, false).await?;
        world.story.tell(format_args!("campaign {} is published", campaign.id()));
        Ok(campaign)
    }

    /// The same, unknown to the schedule: only the test ranks and sweeps its cases.
    pub async fn publish_apart(self, world: &World) -> StoryResult<Campaign> {
        let campaign = self.publish(world).await?;
        set_apart(world, &campaign).await?;
        Ok(campaign)
    }
}

/// Takes a campaign out of the list of all, by which schedules know of it; each version that is published puts it in again.
pub async fn set_apart(world: &World, campaign: &Campaign) -> StoryResult {
    let (store, _) = world.store();
    store
        .delete_item()
        .table_name(world.environment.text("PORTAL_TABLE")?)
        .set_key(Some(keys::campaign_listed(campaign.id()).item()))
        .send()
        .await?;
    Ok(())
}

/// Publishes a campaign of any origin; an emergency does not wait for five minutes.
pub async fn publish(world: &World, campaign: &Campaign, emergency: bool) -> StoryResult {
    let document = campaign.to_toml()?;
    let published =
        world.campaigns()?.publish(&document, campaign, emergency, None, clock::wall()).await;
    published.map_err(|error| match error {
        campaigns::PublishError::Exists => Deviation::new(format!(
            "version {} of {} is published already: count it up",
            campaign.version(),
            campaign.id()
        )),
        campaigns::PublishError::MovesTheClock(error) => Deviation::new(error.to_string()),
        campaigns::PublishError::Store(error) => error.into(),
    })
}

fn open(from: Timestamp, until: Option<Timestamp>) -> WindowFile {
    let until = until.unwrap_or(from + SignedDuration::from_hours(24));
    WindowFile::new(precise(from), precise(until))
}

/// Milliseconds, as the gateway counts.
fn precise(instant: Timestamp) -> String {
    format!("{instant:.3}")
}
