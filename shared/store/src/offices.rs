//! The cases of an office: those of its province by state, oldest arrival first (DEC-1).

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Select},
};
use domain::{ids::ApplicationId, lifecycle::State};
use futures::future::try_join_all;
use jiff::Timestamp;

use crate::{
    keys,
    retry::retried,
    rows::{StoreError, millis},
    table::key_of,
};

/// So many cases of a partition are counted at most: of a state about a thousand, whatever a province has.
const COUNTED: i32 = 125;

/// From which arrival on cases are listed, and the first one that is too late; none where there is no such limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrivals {
    /// The first instant.
    pub from: Option<Timestamp>,
    /// The first instant after the last one.
    pub until: Option<Timestamp>,
}

/// How many cases a list has.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counted {
    /// So many were counted.
    pub cases: usize,
    /// Whether there are more.
    pub or_more: bool,
}

/// A case in the list of an office.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ListedCase {
    /// When the application arrived, in milliseconds.
    pub arrival: i64,
    /// The application.
    pub application: ApplicationId,
}

impl ListedCase {
    /// Where a list that was read up to this case goes on.
    pub fn place(&self) -> String {
        format!("{:013}.{}", self.arrival, self.application)
    }

    /// The case that a list was read up to; nothing when it is no place of ours.
    pub fn at_place(place: &str) -> Option<Self> {
        let (arrival, application) = place.split_once('.')?;
        Some(Self { arrival: arrival.parse().ok()?, application: application.parse().ok()? })
    }
}

/// The offices' lists in a table.
#[derive(Clone, Debug)]
pub struct Offices {
    client: Client,
    table: String,
}

impl Offices {
    /// The lists in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// A page of the cases of a province in a state, oldest arrival first, after one of them.
    pub async fn page(
        &self,
        province: &str,
        state: State,
        arrivals: Arrivals,
        after: Option<&ListedCase>,
        limit: i32,
    ) -> Result<Vec<ListedCase>, StoreError> {
        let shards = keys::all_of_office(province, state.code());
        let pages =
            try_join_all(shards.iter().map(|shard| self.shard(shard, arrivals, after, limit)))
                .await?;
        let mut listed: Vec<ListedCase> = pages.into_iter().flatten().collect();
        listed.sort();
        listed.truncate(usize::try_from(limit).unwrap_or_default());
        Ok(listed)
    }

    /// How many cases a province has in a state. A state with more than a thousand is counted no further.
    pub async fn count(&self, province: &str, state: State) -> Result<Counted, StoreError> {
        let shards = keys::all_of_office(province, state.code());
        let counted = try_join_all(shards.iter().map(|shard| self.count_shard(shard))).await?;
        Ok(counted.into_iter().fold(Counted::default(), |all, one| Counted {
            cases: all.cases + one.cases,
            or_more: all.or_more || one.or_more,
        }))
    }

    async fn count_shard(&self, shard: &str) -> Result<Counted, StoreError> {
        let page = retried(|| {
            self.client
                .query()
                .table_name(&self.table)
                .index_name(keys::BY_OFFICE)
                .key_condition_expression("office_pk = :shard")
                .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
                .select(Select::Count)
                .limit(COUNTED)
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable("cases of an office", error))?;
        Ok(Counted {
            cases: usize::try_from(page.count).unwrap_or_default(),
            or_more: page.last_evaluated_key.is_some_and(|key| !key.is_empty()),
        })
    }

    /// Up to `limit` cases of one partition after a case; it sorts out those that share its instant.
    async fn shard(
        &self,
        shard: &str,
        arrivals: Arrivals,
        after: Option<&ListedCase>,
        limit: i32,
    ) -> Result<Vec<ListedCase>, StoreError> {
        let last = after.map_or(i64::MIN, |last| last.arrival);
        let from = arrivals.from.map_or(i64::MIN, millis).max(last);
        let until = arrivals.until.map_or(i64::MAX, |until| millis(until) - 1);
        if until < from {
            return Ok(Vec::new());
        }
        let mut found: Vec<ListedCase> = Vec::new();
        let mut start = None;
        loop {
            let page = retried(|| {
                self.client
                    .query()
                    .table_name(&self.table)
                    .index_name(keys::BY_OFFICE)
                    .key_condition_expression(
                        "office_pk = :shard AND office_at BETWEEN :from AND :until",
                    )
                    .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
                    .expression_attribute_values(":from", AttributeValue::N(from.to_string()))
                    .expression_attribute_values(":until", AttributeValue::N(until.to_string()))
                    .set_exclusive_start_key(start.clone())
                    .limit(limit)
                    .send()
            })
            .await
            .map_err(|error| StoreError::unavailable("cases of an office", error))?;
            let listed = page.items.unwrap_or_default();
            found.extend(
                listed
                    .iter()
                    .filter_map(|item| {
                        let arrival = item.get("office_at")?.as_n().ok()?.parse().ok()?;
                        let application = keys::application_of(&key_of(item).pk)?;
                        Some(ListedCase { arrival, application })
                    })
                    .filter(|listed| after.is_none_or(|last| listed > last)),
            );
            start = page.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || found.len() >= usize::try_from(limit).unwrap_or_default() {
                return Ok(found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_where_it_ended() {
        let listed = ListedCase {
            arrival: 1_768_204_800_003,
            application: ApplicationId::from_random([4; 16]),
        };
        assert_eq!(ListedCase::at_place(&listed.place()), Some(listed));
        assert_eq!(ListedCase::at_place("1768204800003"), None);
        assert_eq!(ListedCase::at_place("x.app_1"), None);
    }
}
