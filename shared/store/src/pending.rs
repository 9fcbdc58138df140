//! Items that wait to be forwarded to a queue, read from the sparse index.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, TransactWriteItem, Update},
};
use domain::{
    application::Application,
    campaign::Campaign,
    ids::{CampaignId, ModelId},
};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    flags::Flag,
    keys::{self, Key},
    retry::retried,
    rows::{Item, StoreError, build, instant, millis},
    table::{self, Transacted, key_of},
    transaction::{self, text},
};
use outside::queue::{Forwarding, Message, Queue};

/// Entries of one page: three kilobytes or so of keys.
const PAGE: i32 = 100;
/// Pages of one shard that are looked through for submissions that are not recorded yet.
const UNRECORDED_PAGES: usize = 2;

/// How far the reconciler has come through what waits for a queue: it goes on there, and begins again only in a new round.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Round {
    /// When it began, in milliseconds of the wall clock.
    pub begun: i64,
    /// When the round before it began, in milliseconds; zero when there was none.
    pub before: i64,
    /// Whether the last run read every shard up to what was overdue then.
    pub complete: bool,
    /// The last entry that was read of each shard; a shard that is not in here is read from its beginning.
    pub read: BTreeMap<String, Position>,
}

/// An entry of the index, in its order: by due time, then by key.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Position {
    due: i64,
    pk: String,
    sk: String,
}

/// Some entries of one shard, oldest first.
#[derive(Clone, Debug)]
pub struct Page {
    /// What waits. Some of it may have been done a moment ago: the index is a little behind.
    pub waiting: Vec<Forwarding>,
    /// Whether nothing more of the shard is overdue.
    pub is_last: bool,
}

/// The first arrivals that are not recorded yet, in milliseconds of the campaign's clock.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Unrecorded {
    by_model: BTreeMap<ModelId, i64>,
    /// From when on any model may have one: so much waits that not all of it was looked at.
    others_from: Option<i64>,
}

impl Unrecorded {
    /// The first arrival of a model that is not recorded yet, or may not be.
    pub fn first_of(&self, model: &ModelId) -> Option<i64> {
        self.by_model.get(model).copied().into_iter().chain(self.others_from).min()
    }

    fn and(mut self, other: Self) -> Self {
        for (model, arrival) in other.by_model {
            let first = self.by_model.entry(model).or_insert(arrival);
            *first = arrival.min(*first);
        }
        self.others_from = self.others_from.into_iter().chain(other.others_from).min();
        self
    }
}

impl Position {
    /// The position of something that waits.
    pub fn of(forwarding: &Forwarding) -> Self {
        let Message { pk, sk, .. } = forwarding.message.clone();
        Self { due: forwarding.due, pk, sk }
    }

    fn entry(&self, shard: &str) -> Item {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        HashMap::from([
            ("pending_pk".to_owned(), text(shard)),
            ("pending_due".to_owned(), AttributeValue::N(self.due.to_string())),
            ("pk".to_owned(), text(&self.pk)),
            ("sk".to_owned(), text(&self.sk)),
        ])
    }
}

#[derive(Debug, Deserialize, Serialize)]
struct RoundRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    round: Round,
}

/// The queue and instant that an item waits for, as the stream or the table has it; nothing when it does not wait.
pub fn forwarding(item: &serde_dynamo::Item) -> Option<Forwarding> {
    let text = |name: &str| match item.get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Some(text.clone()),
        _ => None,
    };
    let Some(serde_dynamo::AttributeValue::N(due)) = item.get("pending_due") else {
        return None;
    };
    Some(Forwarding {
        queue: Queue::from_code(&text("queue")?)?,
        message: Message { v: 1, pk: text("pk")?, sk: text("sk")? },
        due: due.parse().ok()?,
    })
}

/// The waiting items of a table.
#[derive(Clone, Debug)]
pub struct Pending {
    client: Client,
    table: String,
}

impl Pending {
    /// The waiting items of a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// All partitions of what waits for a queue.
    pub fn shards(queue: Queue) -> Vec<String> {
        keys::all_pending(queue)
    }

    /// Where the last round through a queue stands; none before the first.
    pub async fn round(&self, queue: Queue) -> Result<Option<Round>, StoreError> {
        let key = keys::reconciled(queue);
        let row: Option<RoundRow> =
            table::row(&self.client, &self.table, &key, "round of the reconciler").await?;
        Ok(row.map(|row| row.round))
    }

    /// Records where a round stands. Of two runs at once the later word holds: some of it is sent twice, none is left out.
    pub async fn record_round(&self, queue: Queue, round: &Round) -> Result<(), StoreError> {
        let key = keys::reconciled(queue);
        let row = RoundRow { pk: key.pk, sk: key.sk, v: 1, round: round.clone() };
        let item: Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
        retried(|| {
            self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send()
        })
        .await
        .map_err(|error| StoreError::unavailable("round of the reconciler", error))?;
        Ok(())
    }

    /// The next entries of a shard that are due before an instant, oldest first, from the index alone: shard and keys say
    /// which queue and item it is, and the function that takes the message looks whether anything is left to do.
    pub async fn page(
        &self,
        queue: Queue,
        shard: &str,
        after: Option<&Position>,
        before: Timestamp,
    ) -> Result<Page, StoreError> {
        let from = after.map(|position| position.entry(shard));
        let (entries, next) = self.entries(shard, millis(before), from, PAGE).await?;
        let waiting = entries.iter().filter_map(|entry| waiting(queue, entry)).collect();
        Ok(Page { waiting, is_last: next.is_none() })
    }

    /// What an item waits for; none where it waits for nothing, or was given up.
    pub async fn waiting(&self, key: &Key) -> Result<Option<Forwarding>, StoreError> {
        let item = table::item(&self.client, &self.table, key, "waiting item").await?;
        Ok(item.and_then(|item| {
            let text = |name: &str| item.get(name)?.as_s().ok();
            let queue = Queue::from_code(text("queue")?)?;
            if text("pending_pk") == Some(&keys::given_up()) {
                return None;
            }
            waiting(queue, &item)
        }))
    }

    /// Takes something that could not be done for days out of the rounds: it keeps its mark, so that nothing overtakes it,
    /// and waits in a partition of its own. The office of its application finds it among its flags. False when it was done
    /// meanwhile.
    pub async fn give_up(
        &self,
        forwarding: &Forwarding,
        head: Option<&Application>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = Key::of(&forwarding.message);
        let flag = head.map(|head| Flag::stuck(head, forwarding, now));
        let flag_sk = flag.as_ref().map(Flag::place).unwrap_or_default();
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .update_expression("SET pending_pk = :given_up, given_up = :now, flag = :flag")
            .expression_attribute_values(":flag", text(flag_sk))
            .condition_expression("pending_due = :due AND #queue = :queue")
            .expression_attribute_names("#queue", "queue")
            .expression_attribute_values(":given_up", AttributeValue::S(keys::given_up()))
            .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
            .expression_attribute_values(":due", AttributeValue::N(forwarding.due.to_string()))
            .expression_attribute_values(":queue", text(forwarding.queue.code()))
            .build()
            .map_err(build)?;
        let mut items = vec![TransactWriteItem::builder().update(update).build()];
        if let Some(flag) = &flag {
            items.push(transaction::put(&self.table, flag)?);
        }
        let written = table::transact(&self.client, items, "what is given up").await?;
        Ok(written == Transacted::Written)
    }

    /// Lets what was given up wait anew from now on, at most a hundred at once; gives how many.
    pub async fn retry_given_up(&self, now: Timestamp) -> Result<usize, StoreError> {
        let (entries, _) = self.entries(&keys::given_up(), i64::MAX, None, PAGE).await?;
        let mut retried = 0;
        for entry in entries {
            if self.retry(&key_of(&entry), now).await? {
                retried += 1;
            }
        }
        Ok(retried)
    }

    /// Whether anything waits that was given up.
    pub async fn has_given_up(&self) -> Result<bool, StoreError> {
        let (entries, _) = self.entries(&keys::given_up(), i64::MAX, None, 1).await?;
        Ok(!entries.is_empty())
    }

    async fn retry(&self, key: &Key, now: Timestamp) -> Result<bool, StoreError> {
        let item = table::item(&self.client, &self.table, key, "what was given up").await?;
        let item = item.unwrap_or_default();
        let of_item = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let Some(queue) = of_item("queue").and_then(|code| Queue::from_code(code)) else {
            return Ok(false);
        };
        let shard = keys::pending_again(queue, key);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .update_expression("SET pending_pk = :shard, pending_due = :now REMOVE given_up, flag")
            .condition_expression("pending_pk = :given_up")
            .expression_attribute_values(":shard", AttributeValue::S(shard))
            .expression_attribute_values(":given_up", AttributeValue::S(keys::given_up()))
            .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
            .build()
            .map_err(build)?;
        let mut items = vec![TransactWriteItem::builder().update(update).build()];
        if let Some(flag) = of_item("flag").filter(|flag| !flag.is_empty()) {
            items.push(transaction::delete(&self.table, &keys::flag_at(flag))?);
        }
        let written = table::transact(&self.client, items, "what was given up").await?;
        Ok(written == Transacted::Written)
    }

    /// Since when the oldest item waits for a queue, in milliseconds; none where nothing waits.
    pub async fn oldest(&self, queue: Queue) -> Result<Option<i64>, StoreError> {
        let shards = Self::shards(queue);
        let firsts = try_join_all(shards.iter().map(async |shard| {
            let (entries, _) = self.entries(shard, i64::MAX, None, 1).await?;
            Ok::<_, StoreError>(entries.first().and_then(due))
        }))
        .await?;
        Ok(firsts.into_iter().flatten().min())
    }

    /// The first arrivals before an instant (milliseconds of the campaign's clock) of submissions that are not recorded yet
    /// (SUB-3, AUD-1); none is usual. One of a moment ago may be missing.
    pub async fn unrecorded(
        &self,
        campaign: &Campaign,
        before: i64,
    ) -> Result<Unrecorded, StoreError> {
        // What waits is ordered by the gateway's clock, which the campaign may move.
        let due = instant(before).map_or(before, |before| millis(campaign.gateway_instant(before)));
        let shards = Self::shards(Queue::History);
        let found =
            try_join_all(shards.iter().map(|shard| self.unrecorded_of(shard, campaign, due)))
                .await?;
        Ok(found.into_iter().fold(Unrecorded::default(), Unrecorded::and))
    }

    /// Keys of one shard that are due before an instant (milliseconds), oldest first, and where the next page begins.
    async fn entries(
        &self,
        shard: &str,
        before: i64,
        from: Option<Item>,
        limit: i32,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let page = retried(|| {
            self.client
                .query()
                .table_name(&self.table)
                .index_name(keys::PENDING)
                .key_condition_expression("pending_pk = :shard AND pending_due < :before")
                .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
                .expression_attribute_values(":before", AttributeValue::N(before.to_string()))
                .set_exclusive_start_key(from.clone())
                .limit(limit)
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("waiting items", error))?;
        let next = page.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((page.items.unwrap_or_default(), next))
    }

    /// Of a shard in which more waits than two pages, nothing is known beyond them: every model is held back there.
    async fn unrecorded_of(
        &self,
        shard: &str,
        campaign: &Campaign,
        before: i64,
    ) -> Result<Unrecorded, StoreError> {
        let mut found = Unrecorded::default();
        let mut from: Option<Item> = None;
        for _ in 0..UNRECORDED_PAGES {
            let (entries, next) = self.entries(shard, before, from, PAGE).await?;
            let heads: Vec<Key> = entries
                .iter()
                .map(key_of)
                .filter(|key| {
                    keys::application_of(&key.pk).is_some_and(|id| keys::head(&id) == *key)
                })
                .collect();
            let read = table::items_consistent(&self.client, &self.table, &heads, "waiting items");
            for head in read.await? {
                if let Some((model, arrival)) = unrecorded(&head, campaign.id()) {
                    let first = found.by_model.entry(model).or_insert(arrival);
                    *first = arrival.min(*first);
                }
            }
            if next.is_none() {
                found.others_from = None;
                return Ok(found);
            }
            found.others_from = entries
                .last()
                .and_then(due)
                .map(|due| instant(due).map_or(due, |due| millis(campaign.effective_now(due))));
            from = next;
        }
        Ok(found)
    }
}

/// The model and arrival of a submission of this campaign that waits for its history.
fn unrecorded(head: &Item, campaign: &CampaignId) -> Option<(ModelId, i64)> {
    let text = |name: &str| head.get(name).and_then(|value| value.as_s().ok());
    if text("campaign").is_none_or(|found| found != campaign.as_str())
        || !head.contains_key("queue")
    {
        return None;
    }
    let arrival = head.get("arrival")?.as_n().ok()?.parse().ok()?;
    Some((text("model")?.parse().ok()?, arrival))
}

/// What an entry of the index says: this item waits for this queue.
fn waiting(queue: Queue, entry: &Item) -> Option<Forwarding> {
    Some(Forwarding { queue, message: key_of(entry).message(), due: due(entry)? })
}

fn due(entry: &Item) -> Option<i64> {
    entry.get("pending_due")?.as_n().ok()?.parse().ok()
}
