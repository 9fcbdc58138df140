//! Places in quota lines: submissions stand in order of arrival, one writer gives them places and passes on what is given
//! up, and a grant asks for the place of its case alone (RNK-1, RNK-2, DEC-1).
//!
//! Each row is written once and never changed, so that writing it again changes nothing; only the row that says how far a
//! campaign is moves on, under a condition (ADR 39).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ConditionCheck, TransactWriteItem, WriteRequest},
};
use domain::{
    application::Application,
    ids::{ApplicationId, CampaignId, ModelId},
    order::Rank,
    quota::{Claims, Standings, recount::Given},
};
use futures::{StreamExt as _, TryStreamExt as _, future::try_join_all, stream};
use jiff::Timestamp;
use outside::queue::Queue;
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Key},
    retry::retried,
    rows::{Item, PendingMark, SaveError, StoreError, build, millis},
    table::{self, key_of},
    transaction::{all_or_nothing, put, put_new, text},
};

/// Requests under way at once.
const AT_ONCE: usize = 16;

/// Rows of what was given up that one query reads.
const GIVEN_UP_PAGE: usize = 50;
/// Pages of them that a run looks through in each partition.
const GIVEN_UP_PAGES: usize = 20;

/// A submission in the order of its model.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RankedRow {
    pk: String,
    sk: Rank,
    v: u8,
    /// Which.
    pub application: ApplicationId,
    /// Of which model.
    pub model: ModelId,
    /// Its arrival, in milliseconds of the campaign's clock.
    pub arrival: i64,
    /// What decides which lines it may take a place in.
    #[serde(flatten)]
    pub claims: Claims,
}

impl RankedRow {
    /// The row of a submission with this rank.
    pub fn of(head: &Application, arrival: Timestamp, rank: Rank, claims: Claims) -> Self {
        Self {
            pk: keys::ranked(&head.campaign, &head.model, &head.id),
            sk: rank,
            v: 1,
            application: head.id.clone(),
            model: head.model.clone(),
            arrival: millis(arrival),
            claims,
        }
    }

    /// Where it stands among all.
    pub const fn rank(&self) -> &Rank {
        &self.sk
    }
}

/// What a submission got in its turn.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct SeatRow {
    pk: String,
    sk: String,
    v: u8,
    ordinal: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    protocol: String,
    at: i64,
}

/// That an application which waited has a place now; its people are told of it.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct MovedUpRow {
    pk: String,
    sk: String,
    v: u8,
    line: String,
    at: i64,
    #[serde(flatten)]
    waiting: PendingMark,
}

/// That an application gave up its place, or its wait for one, and that this was passed on.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct PassedOnRow {
    pk: String,
    sk: String,
    v: u8,
    at: i64,
}

/// The place of an application, gathered from its rows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// Counts the submissions of its model in their order, from 1; never changed.
    pub ordinal: u64,
    /// Protocol number, which comes with the final position (SUB-4).
    pub protocol: String,
    /// The line in which it has a place; none while it waits for one.
    pub line: Option<String>,
    /// Since when it has had the place, in milliseconds of the campaign's clock: terms of the office begin with it.
    pub since: Option<i64>,
    /// Whether the place came later, by somebody else's that was given up, or by places that were added.
    pub moved_up: bool,
    /// Whether its people do not know yet that it moved up.
    pub waits_to_be_told: bool,
    /// When what it gave up was passed on, in milliseconds of the campaign's clock.
    pub passed_on: Option<i64>,
}

impl Place {
    /// Whether it lies within the places that there are.
    pub const fn in_quota(&self) -> bool {
        self.line.is_some() && self.passed_on.is_none()
    }

    fn gathered(rows: Vec<Item>) -> Result<Option<Self>, StoreError> {
        let rows = PlaceRows::of(rows)?;
        Ok(rows.seat.map(|seat| {
            let mut place = Self {
                ordinal: seat.ordinal,
                protocol: seat.protocol,
                since: seat.line.as_ref().map(|_| seat.at),
                line: seat.line,
                moved_up: false,
                waits_to_be_told: false,
                passed_on: rows.passed_on.map(|row| row.at),
            };
            if let Some(moved) = rows.moved_up {
                place.line = Some(moved.line);
                place.since = Some(moved.at);
                place.moved_up = true;
                place.waits_to_be_told = moved.waiting.queue.is_some();
            }
            place
        }))
    }
}

/// The rows about the place of one application, as they are.
#[derive(Debug, Default)]
struct PlaceRows {
    seat: Option<SeatRow>,
    moved_up: Option<MovedUpRow>,
    passed_on: Option<PassedOnRow>,
}

impl PlaceRows {
    fn of(items: Vec<Item>) -> Result<Self, StoreError> {
        let mut rows = Self::default();
        for item in items {
            let key = key_of(&item);
            let corrupt = |source| StoreError::corrupt(&key, source);
            match key.sk.as_str() {
                keys::PLACE => rows.seat = Some(serde_dynamo::from_item(item).map_err(corrupt)?),
                keys::PLACE_MOVED_UP => {
                    rows.moved_up = Some(serde_dynamo::from_item(item).map_err(corrupt)?);
                }
                _ => rows.passed_on = Some(serde_dynamo::from_item(item).map_err(corrupt)?),
            }
        }
        Ok(rows)
    }

    /// All that they say, for who counts places again.
    fn given(self) -> Option<Given> {
        self.seat.map(|seat| Given {
            ordinal: seat.ordinal,
            protocol: seat.protocol,
            line: seat.line,
            at: seat.at,
            moved_up: self.moved_up.map(|row| (row.line, row.at)),
            passed_on: self.passed_on.map(|row| row.at),
        })
    }
}

/// How far the places of a campaign are given.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Ranking {
    /// Counts the writes of this row, as it was read: [`Places::move_on`] goes on from there or not at all.
    pub n: u64,
    /// What each line and model have.
    pub standings: Standings,
    /// The last submission of each model that has its ordinal.
    #[serde(default)]
    pub up_to: BTreeMap<ModelId, Rank>,
    /// What was decided and is being written: the next run of `rank-submissions` writes it again, and goes on then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Batch>,
}

#[derive(Debug, Deserialize, Serialize)]
struct RankingRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    ranking: Ranking,
}

/// Something decided about places.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Batch {
    /// The submissions of these models after the last one that has its ordinal, up to this one, get theirs. What each
    /// gets follows from the standings before and the version of the campaign.
    Seats {
        /// Milliseconds of the campaign's clock.
        at: i64,
        /// Version of the campaign.
        version: u32,
        /// Models that compete for the same places.
        models: BTreeSet<ModelId>,
        /// The last one.
        to: Rank,
    },
    /// Places that were given up, and who moves up.
    Moves {
        /// Milliseconds of the campaign's clock.
        at: i64,
        /// Applications whose giving up is passed on by this.
        passed_on: BTreeSet<ApplicationId>,
        /// Applications that move up, with their lines.
        moved_up: BTreeMap<ApplicationId, String>,
        /// The standings then.
        after: Standings,
    },
}

/// Some submissions in their order.
#[derive(Clone, Debug, Default)]
pub struct RankedPage {
    /// The rows.
    pub rows: Vec<RankedRow>,
    /// Where the next page begins; none where this is the last one.
    pub next: Option<Rank>,
}

/// A place as it is given.
#[derive(Clone, Debug)]
pub struct NewSeat {
    /// Whose.
    pub application: ApplicationId,
    /// See [`Place::ordinal`].
    pub ordinal: u64,
    /// See [`Place::line`].
    pub line: Option<String>,
    /// See [`Place::protocol`].
    pub protocol: String,
}

/// The places in a table.
#[derive(Clone, Debug)]
pub struct Places {
    client: Client,
    table: String,
}

impl Places {
    /// The places in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The write that puts a submission into the order of its model, to go along with the record of the submission.
    pub(crate) fn ranked_item(&self, row: &RankedRow) -> Result<TransactWriteItem, StoreError> {
        put_new(&self.table, row)
    }

    /// Puts a submission into the order by itself, once.
    pub async fn rank(&self, row: &RankedRow) -> Result<(), StoreError> {
        self.put_all(vec![table::put_request(row)?]).await
    }

    /// Submissions of some models in their order, from a rank on up to the given one of each model, both included. At
    /// most `limit` are read of each of the eight partitions of a model.
    pub async fn ranked(
        &self,
        campaign: &CampaignId,
        up_to: &BTreeMap<ModelId, Rank>,
        from: &Rank,
        limit: i32,
    ) -> Result<RankedPage, StoreError> {
        let spans = up_to.iter().map(|(model, to)| (model, from.clone(), to.clone()));
        self.spans(campaign, spans, limit).await
    }

    /// The submissions of some models that come after the last one that has its ordinal, in their order.
    pub async fn unranked(
        &self,
        campaign: &CampaignId,
        models: &BTreeSet<ModelId>,
        ranking: &Ranking,
        limit: i32,
    ) -> Result<RankedPage, StoreError> {
        let spans = models.iter().map(|model| {
            let from = ranking.up_to.get(model).map_or_else(Rank::first, Rank::after);
            (model, from, Rank::last())
        });
        self.spans(campaign, spans, limit).await
    }

    /// Whether any submission of some models comes after the last one that has its ordinal.
    pub async fn has_unranked(
        &self,
        campaign: &CampaignId,
        models: &BTreeSet<ModelId>,
        ranking: &Ranking,
    ) -> Result<bool, StoreError> {
        Ok(!self.unranked(campaign, models, ranking, 1).await?.rows.is_empty())
    }

    /// The submissions of a batch of seats, all of them.
    pub async fn seated(
        &self,
        campaign: &CampaignId,
        models: &BTreeSet<ModelId>,
        ranking: &Ranking,
        to: &Rank,
    ) -> Result<Vec<RankedRow>, StoreError> {
        let mut rows = Vec::new();
        let mut begins: Option<Rank> = None;
        loop {
            let spans = models.iter().map(|model| {
                let from = ranking.up_to.get(model).map_or_else(Rank::first, Rank::after);
                let from = begins.clone().map_or(from.clone(), |begins| begins.max(from));
                (model, from, to.clone())
            });
            let page = self.spans(campaign, spans, 1_000).await?;
            rows.extend(page.rows);
            begins = page.next;
            if begins.is_none() {
                return Ok(rows);
            }
        }
    }

    async fn spans<'a>(
        &self,
        campaign: &CampaignId,
        spans: impl Iterator<Item = (&'a ModelId, Rank, Rank)>,
        limit: i32,
    ) -> Result<RankedPage, StoreError> {
        let mut reads = Vec::new();
        for (model, from, to) in spans {
            if from <= to {
                for shard in keys::all_ranked(campaign, model) {
                    reads.push(self.span(shard, from.clone(), to.clone(), limit));
                }
            }
        }
        let pages: Vec<(Vec<RankedRow>, bool)> =
            stream::iter(reads).buffer_unordered(AT_ONCE).try_collect().await?;
        // Of a partition that has more, nothing is known beyond its last row: what others have there waits.
        let known = pages
            .iter()
            .filter(|(_, has_more)| *has_more)
            .filter_map(|(rows, _)| rows.last().map(|row| row.sk.clone()))
            .min();
        let mut rows: Vec<RankedRow> = pages.into_iter().flat_map(|(rows, _)| rows).collect();
        rows.sort_by(|one, other| one.sk.cmp(&other.sk));
        if let Some(known) = &known {
            rows.truncate(rows.partition_point(|row| row.sk <= *known));
        }
        Ok(RankedPage { rows, next: known.map(|known| known.after()) })
    }

    async fn span(
        &self,
        shard: String,
        from: Rank,
        to: Rank,
        limit: i32,
    ) -> Result<(Vec<RankedRow>, bool), StoreError> {
        let page = retried(|| {
            self.client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :shard AND sk BETWEEN :from AND :to")
                // The store knows no empty key.
                .expression_attribute_values(":from", text(format!("{:0<1}", from.as_str())))
                .expression_attribute_values(":to", text(to.as_str()))
                .expression_attribute_values(":shard", text(&shard))
                .consistent_read(true)
                .limit(limit)
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("ranking", error))?;
        let has_more = page.last_evaluated_key.is_some_and(|key| !key.is_empty());
        let rows = page.items.unwrap_or_default().into_iter().map(|item| {
            let key = key_of(&item);
            serde_dynamo::from_item(item).map_err(|source| StoreError::corrupt(&key, source))
        });
        Ok((rows.collect::<Result<_, _>>()?, has_more))
    }

    /// How far a campaign is.
    pub async fn ranking(&self, campaign: &CampaignId) -> Result<Ranking, StoreError> {
        let key = keys::ranking(campaign);
        let row: Option<RankingRow> =
            table::row(&self.client, &self.table, &key, "ranking").await?;
        Ok(row.map(|row| row.ranking).unwrap_or_default())
    }

    /// Moves a campaign on from where it was read; conflict when another run was faster.
    pub async fn move_on(&self, campaign: &CampaignId, after: Ranking) -> Result<(), SaveError> {
        let key = keys::ranking(campaign);
        let before = after.n;
        let ranking = Ranking { n: before + 1, ..after };
        let row = RankingRow { pk: key.pk, sk: key.sk, v: 1, ranking };
        table::put_after(&self.client, &self.table, &row, before, "ranking").await
    }

    /// Writes places that are given at an instant (milliseconds of the campaign's clock), once however often.
    pub async fn seat_all(&self, seats: Vec<NewSeat>, at: i64) -> Result<(), StoreError> {
        let writes = seats.into_iter().map(|seat| {
            let key = keys::place(&seat.application, keys::PLACE);
            table::put_request(&SeatRow {
                pk: key.pk,
                sk: key.sk,
                v: 1,
                ordinal: seat.ordinal,
                line: seat.line,
                protocol: seat.protocol,
                at,
            })
        });
        self.put_all(writes.collect::<Result<_, _>>()?).await
    }

    /// Writes who moves up, and what was passed on by it: once, however often. `wall` is the wall clock's.
    pub async fn record_moves(
        &self,
        campaign: &CampaignId,
        passed_on: &BTreeSet<ApplicationId>,
        moved_up: &BTreeMap<ApplicationId, String>,
        at: i64,
        wall: Timestamp,
    ) -> Result<(), StoreError> {
        // One that is there has been told, or waits to be: it is not written again.
        let mut moves = Vec::new();
        for (id, line) in moved_up {
            let key = keys::place(id, keys::PLACE_MOVED_UP);
            let row = MovedUpRow {
                pk: key.pk,
                sk: key.sk,
                v: 1,
                line: line.clone(),
                at,
                waiting: PendingMark::of(id, Queue::History, wall),
            };
            let item = put_new(&self.table, &row)?;
            moves.push(table::transact(&self.client, vec![item], "place"));
        }
        stream::iter(moves).buffer_unordered(AT_ONCE).try_collect::<Vec<_>>().await?;
        let mut writes = Vec::new();
        for id in passed_on {
            let key = keys::place(id, keys::PLACE_PASSED_ON);
            writes.push(table::put_request(&PassedOnRow { pk: key.pk, sk: key.sk, v: 1, at })?);
        }
        self.put_all(writes).await?;
        let given_up: Vec<Key> =
            passed_on.iter().map(|id| keys::given_up_place(campaign, id)).collect();
        table::delete_all(&self.client, &self.table, &given_up, "places").await
    }

    async fn put_all(&self, writes: Vec<WriteRequest>) -> Result<(), StoreError> {
        table::write_all(&self.client, &self.table, writes, "places").await
    }

    /// The write by which an application gives up its place, or its wait for one, along with what ends it (RNK-2):
    /// `rank-submissions` passes it on.
    pub(crate) fn given_up_item(
        &self,
        head: &Application,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::given_up_place(&head.campaign, &head.id);
        put(&self.table, &PassedOnRow { pk: key.pk, sk: key.sk, v: 1, at: millis(head.changed) })
    }

    /// Applications that gave up and were not passed on yet, each with its place: of each partition about the first `limit` that
    /// have one.
    ///
    /// Who has no ordinal yet has no place and waits for it here, for as long as its competition is held back: nobody behind it
    /// waits with it. A run looks through a thousand rows of a partition at most.
    pub async fn given_up(
        &self,
        campaign: &CampaignId,
        limit: usize,
    ) -> Result<Vec<(ApplicationId, Place)>, StoreError> {
        let shards = keys::all_given_up_places(campaign);
        let found = try_join_all(shards.iter().map(|shard| self.given_up_of(shard, limit))).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn given_up_of(
        &self,
        shard: &str,
        limit: usize,
    ) -> Result<Vec<(ApplicationId, Place)>, StoreError> {
        let mut found = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..GIVEN_UP_PAGES {
            let page = table::page_beginning(
                &self.client,
                &self.table,
                shard,
                "",
                after.as_deref(),
                i32::try_from(GIVEN_UP_PAGE).unwrap_or(i32::MAX),
                "given up",
            )
            .await?;
            let ids: Vec<ApplicationId> =
                page.iter().filter_map(|item| key_of(item).sk.parse().ok()).collect();
            let mut places = self.of_all(&ids).await?;
            found.extend(ids.into_iter().filter_map(|id| places.remove_entry(&id)));
            after = page.last().map(|item| key_of(item).sk);
            if page.len() < GIVEN_UP_PAGE || found.len() >= limit {
                break;
            }
        }
        Ok(found)
    }

    /// Those of some applications that gave up and were not passed on yet.
    pub async fn not_passed_on(
        &self,
        campaign: &CampaignId,
        ids: &[ApplicationId],
    ) -> Result<BTreeSet<ApplicationId>, StoreError> {
        let asked: Vec<Key> = ids.iter().map(|id| keys::given_up_place(campaign, id)).collect();
        let items = table::items_consistent(&self.client, &self.table, &asked, "given up").await?;
        Ok(items.iter().filter_map(|item| key_of(item).sk.parse().ok()).collect())
    }

    /// The place of an application; none while its position is not final, or where its model has no quota.
    pub async fn of(&self, id: &ApplicationId) -> Result<Option<Place>, StoreError> {
        let partition = keys::head(id).pk;
        let rows =
            table::items_beginning(&self.client, &self.table, &partition, keys::PLACE, "place");
        Place::gathered(rows.await?)
    }

    /// The places of many at once, as last written; those that have none are left out.
    pub async fn of_all(
        &self,
        ids: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Place>, StoreError> {
        let mut found = HashMap::with_capacity(ids.len());
        for (id, rows) in self.rows_of_all(ids).await? {
            if let Some(place) = Place::gathered(rows)? {
                found.insert(id, place);
            }
        }
        Ok(found)
    }

    /// All that was written about the places of many at once; those that have none are left out.
    pub async fn given_to_all(
        &self,
        ids: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Given>, StoreError> {
        let mut found = HashMap::with_capacity(ids.len());
        for (id, rows) in self.rows_of_all(ids).await? {
            if let Some(given) = PlaceRows::of(rows)?.given() {
                found.insert(id, given);
            }
        }
        Ok(found)
    }

    async fn rows_of_all(
        &self,
        ids: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Vec<Item>>, StoreError> {
        let kinds = [keys::PLACE, keys::PLACE_MOVED_UP, keys::PLACE_PASSED_ON];
        let asked: Vec<Key> =
            ids.iter().flat_map(|id| kinds.map(|kind| keys::place(id, kind))).collect();
        let items = table::items_consistent(&self.client, &self.table, &asked, "places").await?;
        let mut rows: HashMap<ApplicationId, Vec<Item>> = HashMap::new();
        for item in items {
            if let Some(id) = keys::application_of(&key_of(&item).pk) {
                rows.entry(id).or_default().push(item);
            }
        }
        Ok(rows)
    }

    /// The check that goes along with a grant: the row that gives the case its place says so still (a permit without a
    /// place cost a worker the work: TAR FVG 85/2025).
    pub(crate) fn in_quota_item(
        &self,
        head: &Application,
        place: &Place,
    ) -> Result<TransactWriteItem, StoreError> {
        let kind = if place.moved_up { keys::PLACE_MOVED_UP } else { keys::PLACE };
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::place(&head.id, kind).item()))
            .condition_expression("attribute_exists(line)")
            .build()
            .map_err(build)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Nobody has to be told of a place that came later, since the application was given up meanwhile.
    pub async fn nobody_to_tell(&self, id: &ApplicationId) -> Result<(), SaveError> {
        all_or_nothing(&self.client, vec![self.told_item(id)?], "place").await
    }

    /// That its people were told of a place that came later: nothing waits any more.
    pub(crate) fn told_item(&self, id: &ApplicationId) -> Result<TransactWriteItem, StoreError> {
        let update = aws_sdk_dynamodb::types::Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::place(id, keys::PLACE_MOVED_UP).item()))
            .update_expression("REMOVE pending_pk, pending_due, #queue")
            .condition_expression("#queue = :queue")
            .expression_attribute_names("#queue", "queue")
            .expression_attribute_values(
                ":queue",
                AttributeValue::S(Queue::History.code().to_owned()),
            )
            .build()
            .map_err(build)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
