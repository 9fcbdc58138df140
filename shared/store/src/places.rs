//! Places in quota lines: a submission waits in order of arrival, one writer allots, granting asks for an allotted place
//! within the line's cut-off (RNK-1, DEC-1).

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ConditionCheck, TransactWriteItem, Update},
};
use domain::{
    application::Application,
    campaign::Campaign,
    ids::{ApplicationId, CampaignId},
    quota::{self, CutOff},
};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    keys::{self, Key},
    rows::{SaveError, StoreError, build, millis},
    table::{self, key_of},
    transaction::{all_or_nothing, delete, head_is, number, put_new},
};

/// The place of an application.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PlaceRow {
    pk: String,
    sk: String,
    v: u8,
    /// The quota line.
    pub line: String,
    /// Counts the applications of the line in their order, from 1; never changed.
    pub ordinal: u64,
    /// When it was allotted, in milliseconds of the campaign's clock: terms of the office begin with it.
    pub allotted: i64,
    /// When it was given up, in milliseconds of the campaign's clock: a place makes room once (RNK-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freed: Option<i64>,
}

/// How far a quota line is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct LineRow {
    pk: String,
    sk: String,
    v: u8,
    /// The last ordinal that was given.
    pub last: u64,
    /// Up to which ordinal applications are in quota; moved by a decision that frees a place, and by a campaign that
    /// adds places.
    pub cut_off: u64,
    /// Ordinals beyond it whose places were given up.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    given_up: BTreeSet<u64>,
    /// Counts the places that were given up.
    #[serde(default)]
    freed: u64,
}

impl LineRow {
    /// The cut-off of the line.
    pub fn in_quota(&self) -> CutOff {
        CutOff { last: self.cut_off, given_up: self.given_up.clone() }
    }
}

/// A submission that waits for its place.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RankedRow {
    pk: String,
    sk: String,
    v: u8,
    /// Which.
    pub application: ApplicationId,
    /// Its arrival, in milliseconds.
    pub arrival: i64,
}

/// How a place is given up along with what ends its application.
#[derive(Clone, Debug)]
pub struct GivenUp {
    pub(crate) items: Vec<TransactWriteItem>,
    /// The line as it is once it is written; none where the line stays as it is.
    pub line: Option<LineRow>,
}

/// The next submission for an ordinal.
#[derive(Clone, Debug)]
pub struct NextInLine {
    /// Its place in the wait.
    pub waiting: RankedRow,
    /// The application as last written; none where it does not exist, which keeps no other waiting.
    pub head: Option<Application>,
}

/// Arrival, then a tie-break that no one can choose, in the order of text (SUB-3).
///
/// The tie-break is drawn from the application's random identifier; the click-day issue mixes the published seed in.
fn order(arrival: i64, id: &ApplicationId) -> String {
    let draw = data_encoding::HEXLOWER.encode(&Sha256::digest(id.as_str()));
    format!("{arrival:013}#{draw}#{id}")
}

fn ordinals(in_quota: &CutOff) -> AttributeValue {
    AttributeValue::L(in_quota.given_up.iter().map(|ordinal| number(*ordinal)).collect())
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

    /// The write that puts a submission into the order of its line, to go along with the record of the submission; none
    /// where the model has no quota.
    pub fn waits_item(
        &self,
        head: &Application,
        campaign: &Campaign,
    ) -> Result<Option<TransactWriteItem>, StoreError> {
        let (Some(line), Some(submission)) =
            (campaign.line_of(&head.model), head.stage.submission())
        else {
            return Ok(None);
        };
        let arrival = millis(submission.arrival);
        let key = keys::ranked(&head.campaign, &line.id, &head.id, &order(arrival, &head.id));
        let row = RankedRow { pk: key.pk, sk: key.sk, v: 1, application: head.id.clone(), arrival };
        put_new(&self.table, &row).map(Some)
    }

    /// What waits for a place in a line and arrived before an instant (milliseconds), in order; at most `limit`.
    pub async fn waiting(
        &self,
        campaign: &CampaignId,
        line: &str,
        before: i64,
        limit: i32,
    ) -> Result<Vec<RankedRow>, StoreError> {
        let shards = keys::all_ranked(campaign, line);
        let pages = try_join_all(shards.iter().map(|shard| {
            table::page_beginning(&self.client, &self.table, shard, "", None, limit, "ranking")
        }))
        .await?;
        let mut rows = Vec::new();
        for item in pages.into_iter().flatten() {
            let key = key_of(&item);
            let row: RankedRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            if row.arrival < before {
                rows.push(row);
            }
        }
        rows.sort_by(|one, other| one.sk.cmp(&other.sk));
        rows.truncate(usize::try_from(limit).unwrap_or_default());
        Ok(rows)
    }

    /// How far a line is; none before its first place.
    pub async fn line(
        &self,
        campaign: &CampaignId,
        line: &str,
    ) -> Result<Option<LineRow>, StoreError> {
        let key = keys::quota_line(campaign, line);
        table::row(&self.client, &self.table, &key, "quota line").await
    }

    /// The place of an application; none while it waits, or where its model has no quota.
    pub async fn of(&self, id: &ApplicationId) -> Result<Option<PlaceRow>, StoreError> {
        table::row(&self.client, &self.table, &keys::place(id), "place").await
    }

    /// The places of many at once; those that have none are left out. One of a moment ago may be missing.
    pub async fn of_all(
        &self,
        ids: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, PlaceRow>, StoreError> {
        let asked: Vec<_> = ids.iter().map(keys::place).collect();
        let mut found = HashMap::with_capacity(asked.len());
        for item in table::items(&self.client, &self.table, &asked, "places").await? {
            let key = key_of(&item);
            let row: PlaceRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            if let Some(id) = keys::application_of(&key.pk) {
                found.insert(id, row);
            }
        }
        Ok(found)
    }

    /// Gives the next ordinals of a line to these, in their order, all or none; conflict when another run was faster or
    /// an application has changed meanwhile. An application that has given up before gets the ordinal and frees its
    /// place at once (RNK-2).
    ///
    /// At most 33 at once: each takes three parts of one transaction.
    pub async fn allot(
        &self,
        campaign: &CampaignId,
        line: &str,
        places: u32,
        before: Option<&LineRow>,
        next: &[NextInLine],
        now: i64,
    ) -> Result<(), SaveError> {
        let from = before.map_or(0, |row| row.last);
        let mut items = Vec::with_capacity(next.len() * 3 + 1);
        let mut last = from;
        let untouched = CutOff { last: places.into(), ..CutOff::default() };
        let mut in_quota = before.map_or(untouched, LineRow::in_quota);
        let mut given_up = 0;
        for NextInLine { waiting: row, head } in next {
            last += 1;
            let has_given_up = head.as_ref().is_some_and(|head| quota::has_given_up(head.state()));
            if has_given_up {
                in_quota = in_quota.after_giving_up(last);
                given_up += 1;
            }
            let key = keys::place(&row.application);
            let place = PlaceRow {
                pk: key.pk,
                sk: key.sk,
                v: 1,
                line: line.to_owned(),
                ordinal: last,
                allotted: now,
                freed: has_given_up.then_some(now),
            };
            if let Some(head) = head {
                items.push(head_is(&self.table, head)?);
            }
            items.push(put_new(&self.table, &place)?);
            items.push(delete(&self.table, &Key { pk: row.pk.clone(), sk: row.sk.clone() })?);
        }
        let key = keys::quota_line(campaign, line);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .update_expression(
                "SET #last = :last, cut_off = :cut_off, given_up = :given_up, freed = :freed, v = :one",
            )
            .expression_attribute_names("#last", "last")
            .expression_attribute_values(":last", number(last))
            .expression_attribute_values(":cut_off", number(in_quota.last))
            .expression_attribute_values(":given_up", ordinals(&in_quota))
            .expression_attribute_values(":one", number(1));
        let update = match before {
            None => update
                .condition_expression("attribute_not_exists(pk)")
                .expression_attribute_values(":freed", number(given_up)),
            Some(row) => update
                .condition_expression(
                    "#last = :from AND cut_off = :was AND (freed = :before OR attribute_not_exists(freed))",
                )
                .expression_attribute_values(":from", number(from))
                .expression_attribute_values(":was", number(row.cut_off))
                .expression_attribute_values(":before", number(row.freed))
                .expression_attribute_values(":freed", number(row.freed + given_up)),
        };
        items.push(TransactWriteItem::builder().update(update.build().map_err(build)?).build());
        all_or_nothing(&self.client, items, "places").await
    }

    /// The checks that go along with a grant: the place is this one and lies within the line's cut-off at that moment
    /// (a permit without a place cost a worker the work: TAR FVG 85/2025).
    pub(crate) fn in_quota_items(
        &self,
        head: &Application,
        place: &PlaceRow,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let own = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::place(&head.id).item()))
            .condition_expression("ordinal = :ordinal")
            .expression_attribute_values(":ordinal", number(place.ordinal))
            .build()
            .map_err(build)?;
        let line = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::quota_line(&head.campaign, &place.line).item()))
            .condition_expression("cut_off >= :ordinal")
            .expression_attribute_values(":ordinal", AttributeValue::N(place.ordinal.to_string()))
            .build()
            .map_err(build)?;
        Ok([own, line]
            .into_iter()
            .map(|check| TransactWriteItem::builder().condition_check(check).build())
            .collect())
    }

    /// How the place of an application is given up as it stands: the next in order moves up (RNK-2;
    /// [`CutOff::after_giving_up`]). `now` is the campaign's.
    pub(crate) async fn given_up(
        &self,
        head: &Application,
        now: Timestamp,
    ) -> Result<GivenUp, StoreError> {
        let place = self.of(&head.id).await?;
        let line = match &place {
            Some(place) if place.freed.is_none() => self.line(&head.campaign, &place.line).await?,
            Some(_) | None => None,
        };
        self.giving_up(head, place.as_ref(), line.as_ref(), now)
    }

    /// The same for a place and a line that were read already. Nothing is written where the place was given up before, or
    /// has no line. The write is refused when another one gave a place of the line up in between, or when the application
    /// had no place and got one in between, which would be nobody's.
    pub fn giving_up(
        &self,
        head: &Application,
        place: Option<&PlaceRow>,
        line: Option<&LineRow>,
        now: Timestamp,
    ) -> Result<GivenUp, StoreError> {
        let Some(place) = place else {
            return Ok(GivenUp { items: vec![self.no_place_item(head)?], line: None });
        };
        let Some(line) = line.filter(|_| place.freed.is_none()) else {
            return Ok(GivenUp { items: Vec::new(), line: None });
        };
        let after = line.in_quota().after_giving_up(place.ordinal);
        let own = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::place(&head.id).item()))
            .update_expression("SET freed = :now")
            .condition_expression("ordinal = :ordinal AND attribute_not_exists(freed)")
            .expression_attribute_values(":ordinal", number(place.ordinal))
            .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
            .build()
            .map_err(build)?;
        let of_line = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::quota_line(&head.campaign, &place.line).item()))
            .update_expression("SET cut_off = :last, given_up = :given_up, freed = :next")
            .condition_expression(
                "cut_off = :cut_off AND (freed = :freed OR attribute_not_exists(freed))",
            )
            .expression_attribute_values(":last", number(after.last))
            .expression_attribute_values(":given_up", ordinals(&after))
            .expression_attribute_values(":next", number(line.freed + 1))
            .expression_attribute_values(":cut_off", number(line.cut_off))
            .expression_attribute_values(":freed", number(line.freed))
            .build()
            .map_err(build)?;
        let items = [own, of_line]
            .into_iter()
            .map(|update| TransactWriteItem::builder().update(update).build())
            .collect();
        let line = LineRow {
            cut_off: after.last,
            given_up: after.given_up,
            freed: line.freed + 1,
            ..line.clone()
        };
        Ok(GivenUp { items, line: Some(line) })
    }

    /// The check that goes along with what ends an application without a place: it still has none.
    fn no_place_item(&self, head: &Application) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::place(&head.id).item()))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(build)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SUB-3: arrival first; equal arrivals in an order that is the same for everybody and that nobody chose.
    #[test]
    fn earlier_arrivals_come_first_and_equal_ones_by_the_draw() {
        let (one, other) =
            (ApplicationId::from_random([1; 16]), ApplicationId::from_random([2; 16]));
        assert!(order(999, &one) < order(1_000, &other));
        assert!(order(1_000, &other) < order(10_000_000, &one));
        assert_ne!(order(5, &one), order(5, &other));
        assert_eq!(order(5, &one), order(5, &one));
    }
}
