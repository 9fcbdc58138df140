//! An organisation with many applications, and what reading a page of them costs (SRC-1, NEW-2, ORG-4).

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, DeleteRequest, PutRequest, WriteRequest},
};
use domain::{application::Application, ids::ApplicationId};
use futures::{TryStreamExt as _, stream};
use serde_json::json;
use store::{keys, rows::Item};

use crate::{
    browser::Answer,
    campaigns::{MODEL, Plan},
    employer::Employer,
    organisations::Association,
    stock::{self, Belongs},
    story::{Deviation, StoryResult},
    world::World,
};

/// Writes of a batch, and requests under way at once.
const BATCH: usize = 25;
const AT_ONCE: usize = 16;

/// How often each page is read: scheduled functions read beside it, so that the least counts.
const READS: usize = 3;

/// Puts items into a table.
pub async fn put_all(store: &Client, table: &str, items: &[Item]) -> StoryResult {
    let put = |item: &Item| -> StoryResult<WriteRequest> {
        let put = PutRequest::builder().set_item(Some(item.clone())).build()?;
        Ok(WriteRequest::builder().put_request(put).build())
    };
    write_all(store, table, items.iter().map(put).collect::<StoryResult<_>>()?).await
}

async fn write_all(store: &Client, table: &str, writes: Vec<WriteRequest>) -> StoryResult {
    stream::iter(writes.chunks(BATCH).map(Ok))
        .try_for_each_concurrent(AT_ONCE, async |batch| {
            let mut left = batch.to_vec();
            while !left.is_empty() {
                let written = store.batch_write_item().request_items(table, left).send().await?;
                let unprocessed = written.unprocessed_items.unwrap_or_default();
                left = unprocessed.into_values().flatten().collect();
            }
            Ok::<_, Deviation>(())
        })
        .await
}

/// A national body whose operator filed many applications, every third of them ready.
#[derive(Debug)]
pub struct ManyFiled {
    world: World,
    campaign: String,
    association: Association,
    /// Who filed all of them.
    filer: Employer,
    /// Who filed none: handing theirs over looks at what others filed.
    idle: Employer,
    ids: Vec<ApplicationId>,
}

/// What one page costs.
#[derive(Clone, Debug)]
pub struct PageCost {
    /// Which page, in words for people.
    pub page: &'static str,
    /// Half read units.
    pub halves: u64,
}

impl ManyFiled {
    /// Stores so many: two as the portal writes them, the others with their head and summary, which are all that pages read.
    pub async fn stored(world: &World, number: usize) -> StoryResult<Self> {
        let campaign = Plan::new("molte")?.publish(world).await?;
        let association = world.association().await?;
        let (filer, idle) = (world.employer()?, world.employer()?);
        association.enables(&[&filer, &idle]).await?;
        let belongs = Belongs {
            representative: world.account(&world.employer()?.demo.representative).await?,
            filer: world.account(&filer.demo.representative).await?,
            organisation: Some(association.id.clone()),
        };
        let ready = stock::ready_application(world, &campaign, &belongs).await?;
        let open = stock::incomplete_application(world, &campaign, &belongs).await?;
        let mut ids = vec![ready.id.clone(), open.id.clone()];
        let left = number.saturating_sub(ids.len());
        ids.extend(copied(world, &ready, left / 3).await?);
        ids.extend(copied(world, &open, left - left / 3).await?);
        for person in [&filer, &association.contact] {
            world.signs_in_quickly(person).await?;
        }
        let (world, campaign) = (world.clone(), campaign.id().to_string());
        Ok(Self { world, campaign, association, filer, idle, ids })
    }

    /// The least that each page costs.
    pub async fn costs(&self) -> StoryResult<Vec<PageCost>> {
        let browser = &self.filer.browser;
        let readiness =
            format!("/api/applications/readiness?campaign={}&model={MODEL}", self.campaign);
        let from = self.world.account(&self.idle.demo.representative).await?;
        let to = self.world.account(&self.filer.demo.representative).await?;
        let order = json!({ "from": from, "to": to });
        let by_name = json!({ "worker": "nessuno si chiama così" });
        let mut costs = Vec::new();
        let list = || browser.get("/api/applications?limit=20");
        costs.push(self.cost("list, 20 rows", list).await?);
        let search = || async { browser.post(SEARCH, &json!({})).await };
        costs.push(self.cost("search, 20 rows", search).await?);
        let search = || async { browser.post(SEARCH, &by_name).await };
        costs.push(self.cost("search by a name that nobody has", search).await?);
        let radar = || browser.get(&readiness);
        costs.push(self.cost("readiness, 20 rows", radar).await?);
        let contact = &self.association.contact.browser;
        let path = self.association.path("/hand-overs");
        let hand_over = || async { contact.post(&path, &order).await };
        costs.push(self.cost("hand-over of a colleague who filed nothing", hand_over).await?);
        Ok(costs)
    }

    async fn cost<F>(&self, page: &'static str, read: impl Fn() -> F) -> StoryResult<PageCost>
    where
        F: Future<Output = StoryResult<Answer>>,
    {
        let mut least = u64::MAX;
        for _ in 0..READS {
            self.world.emulator.begin_counting_reads().await?;
            read().await?.expect(200)?;
            least = least.min(self.world.emulator.half_read_units().await?);
        }
        Ok(PageCost { page, halves: least })
    }

    /// Removes them.
    pub async fn removed(self) -> StoryResult {
        let table = |name| self.world.environment.text(name);
        self.remove(&table("PORTAL_TABLE")?, keys::head).await?;
        self.remove(&table("DRAFTS_TABLE")?, keys::summary).await
    }

    async fn remove(&self, table: &str, key: fn(&ApplicationId) -> keys::Key) -> StoryResult {
        let delete = |id: &ApplicationId| -> StoryResult<WriteRequest> {
            let delete = DeleteRequest::builder().set_key(Some(key(id).item())).build()?;
            Ok(WriteRequest::builder().delete_request(delete).build())
        };
        let writes = self.ids.iter().map(delete).collect::<StoryResult<_>>()?;
        write_all(self.world.store().0, table, writes).await
    }
}

const SEARCH: &str = "/api/applications/search";

/// Stores head and summary of an application under other identifiers.
async fn copied(
    world: &World,
    application: &Application,
    number: usize,
) -> StoryResult<Vec<ApplicationId>> {
    let (store, _) = world.store();
    let (portal, drafts) =
        (world.environment.text("PORTAL_TABLE")?, world.environment.text("DRAFTS_TABLE")?);
    let row = async |table: &str, key: keys::Key| -> StoryResult<Item> {
        let found = store.get_item().table_name(table).set_key(Some(key.item())).send().await?;
        found.item.ok_or_else(|| Deviation::new("a row of the application is not there"))
    };
    let head = row(&portal, keys::head(&application.id)).await?;
    let summary = row(&drafts, keys::summary(&application.id)).await?;
    let ids = (0..number).map(|_| Ok(ApplicationId::from_random(outside::aws::random()?)));
    let ids: Vec<ApplicationId> = ids.collect::<StoryResult<_>>()?;
    let parties = &application.parties;
    let under = |row: &Item, id: &ApplicationId| {
        let mut row = row.clone();
        let filer = keys::of_filer(&parties.filer, parties.organisation.as_ref(), id);
        row.insert("pk".to_owned(), AttributeValue::S(keys::application(id)));
        if row.contains_key("filer_pk") {
            row.insert("filer_pk".to_owned(), AttributeValue::S(filer));
        }
        row
    };
    let heads: Vec<_> = ids.iter().map(|id| under(&head, id)).collect();
    put_all(store, &portal, &heads).await?;
    let summaries: Vec<_> = ids.iter().map(|id| under(&summary, id)).collect();
    put_all(store, &drafts, &summaries).await?;
    Ok(ids)
}
