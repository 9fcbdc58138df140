//! Lists of the applications of a representative, a filer or an organisation, read from the indexes (SUB-6, FRM-4,
//! OWN-1).

use domain::ids::{AccountId, ApplicationId, CampaignId, OrganisationId};
use futures::future::{try_join, try_join_all};

use super::Applications;
use crate::{keys, retry::retried, rows::StoreError, table::key_of, transaction::text};

impl Applications {
    /// The identifiers of the applications of a legal representative, one page.
    pub async fn of_representative(
        &self,
        account: &AccountId,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        self.indexed(
            keys::BY_REPRESENTATIVE,
            "representative_pk",
            &keys::of_representative(account),
            after,
            limit,
        )
        .await
    }

    /// All of a legal representative, in order of identifier: those of one employer, some hundreds in years.
    pub async fn all_of_representative(
        &self,
        account: &AccountId,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let own = keys::of_representative(account);
        self.all_indexed(keys::BY_REPRESENTATIVE, "representative_pk", &own).await
    }

    /// The identifiers of the applications that an account (or its organisation) filed: shards merged, one page.
    pub async fn of_filer(
        &self,
        account: &AccountId,
        organisation: Option<&OrganisationId>,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let shards = keys::all_of_filer(account, organisation);
        let pages = try_join_all(
            shards
                .iter()
                .map(|shard| self.indexed(keys::BY_FILER, "filer_pk", shard, after, limit)),
        )
        .await?;
        let mut all: Vec<_> = pages.into_iter().flatten().collect();
        all.sort();
        all.truncate(usize::try_from(limit).unwrap_or_default());
        Ok(all)
    }

    /// Applications to which an account has a relation (OWN-1): as representative, as filer, as colleague of the filer. At
    /// most so many, in order of identifier after one of them, and whether there are more: a national body has thirty
    /// thousand.
    pub async fn some_of(
        &self,
        account: &AccountId,
        organisation: Option<&OrganisationId>,
        after: Option<&ApplicationId>,
        limit: i32,
    ) -> Result<(Vec<ApplicationId>, bool), StoreError> {
        let after = after.map(keys::application);
        let after = after.as_deref();
        let own = keys::of_representative(account);
        let filed = keys::all_of_filer(account, organisation);
        // A shard has about an eighth of all: a quarter of what is wanted leaves room, and reads no key eight times.
        let of_shard = limit / 4 + 1;
        let (own, filed) = try_join(
            self.indexed(keys::BY_REPRESENTATIVE, "representative_pk", &own, after, limit + 1),
            try_join_all(
                filed
                    .iter()
                    .map(|shard| self.indexed(keys::BY_FILER, "filer_pk", shard, after, of_shard)),
            ),
        )
        .await?;
        let lists = filed.into_iter().map(|list| (list, of_shard)).chain([(own, limit + 1)]);
        Ok(merged(lists, limit))
    }

    /// What an account filled in under a decree, for itself or for the organisation that it works for now; in order of
    /// identifier (FRM-4). The index follows a hand-over a moment later: the heads decide.
    pub async fn own_of(
        &self,
        account: &AccountId,
        organisation: Option<&OrganisationId>,
        campaign: &CampaignId,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let own = keys::own(account, organisation, campaign);
        self.all_indexed(keys::BY_OWN, "own_pk", &own).await
    }

    /// What an account may press for under a decree: what it filled in and, `as_representative`, what it stands for, whoever
    /// filled it in; in order of identifier (FRM-4, NEW-2). Other decrees may be among the latter: the heads decide.
    pub async fn all_of_presser(
        &self,
        account: &AccountId,
        organisation: Option<&OrganisationId>,
        campaign: &CampaignId,
        as_representative: bool,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let represented = async {
            if as_representative {
                self.all_of_representative(account).await
            } else {
                Ok(Vec::new())
            }
        };
        let filled_in = self.own_of(account, organisation, campaign);
        let (mut all, represented) = try_join(filled_in, represented).await?;
        all.extend(represented);
        all.sort();
        all.dedup();
        Ok(all)
    }

    async fn all_indexed(
        &self,
        index: &str,
        attribute: &str,
        value: &str,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let mut all: Vec<ApplicationId> = Vec::new();
        loop {
            let after = all.last().map(keys::application);
            let page =
                self.indexed(index, attribute, value, after.as_deref(), LARGEST_PAGE).await?;
            let is_last = page.len() < usize::try_from(LARGEST_PAGE).unwrap_or_default();
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    async fn indexed(
        &self,
        index: &str,
        attribute: &str,
        value: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let condition = if after.is_some() { "#key = :key AND pk > :after" } else { "#key = :key" };
        let page = retried(|| {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(index)
                .key_condition_expression(condition)
                .expression_attribute_names("#key", attribute)
                .expression_attribute_values(":key", text(value))
                .limit(limit);
            match after {
                Some(after) => query.expression_attribute_values(":after", text(after)).send(),
                None => query.send(),
            }
        })
        .await
        .map_err(|error| StoreError::unavailable("index", error))?;
        Ok(page
            .items
            .unwrap_or_default()
            .iter()
            .filter_map(|item| keys::application_of(&key_of(item).pk))
            .collect())
    }
}

/// The first `limit` of several lists that are each in order and were read up to a length, and whether there are more. Beyond
/// the end of a list that is as long as it was read, others may stand between: there the merged list ends.
fn merged(
    lists: impl IntoIterator<Item = (Vec<ApplicationId>, i32)>,
    limit: i32,
) -> (Vec<ApplicationId>, bool) {
    let size = |number: i32| usize::try_from(number).unwrap_or_default();
    let mut all = Vec::new();
    let mut cut: Option<ApplicationId> = None;
    for (list, read) in lists {
        if list.len() >= size(read) {
            let last = list.last().cloned();
            cut = cut.into_iter().chain(last).min();
        }
        all.extend(list);
    }
    all.sort();
    all.dedup();
    if let Some(cut) = &cut {
        all.retain(|id| id <= cut);
    }
    let has_more = cut.is_some() || all.len() > size(limit);
    all.truncate(size(limit));
    (all, has_more)
}

/// Keys of an index that are read at once when all are wanted: well under the megabyte of one answer.
const LARGEST_PAGE: i32 = 4_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: impl IntoIterator<Item = u8>) -> Vec<ApplicationId> {
        numbers.into_iter().map(|number| ApplicationId::from_random([number; 16])).collect()
    }

    /// SRC-1: thirty thousand applications in shards of unequal length come exactly once, part by part.
    #[test]
    fn parts_of_unequal_shards_hold_each_application_once() {
        let mut shards =
            [ids((0..200).step_by(3)), ids((1..20).step_by(3)), ids((2..200).step_by(6))];
        for shard in &mut shards {
            shard.sort();
        }
        let mut all: Vec<_> = shards.concat();
        all.sort();
        for limit in [8, 20, 1_000] {
            let of_shard = limit / 4 + 1;
            let mut found: Vec<ApplicationId> = Vec::new();
            let mut has_more = true;
            while has_more {
                let after = found.last().cloned();
                let lists = shards.iter().map(|shard| {
                    let rest =
                        shard.iter().filter(|id| after.as_ref().is_none_or(|after| *id > after));
                    (rest.take(usize::try_from(of_shard).unwrap()).cloned().collect(), of_shard)
                });
                let (part, more) = merged(lists, limit);
                assert!(part.len() <= usize::try_from(limit).unwrap());
                assert!(!(more && part.is_empty()), "a part that is empty leads nowhere");
                found.extend(part);
                has_more = more;
            }
            assert_eq!(found, all, "parts of {limit}");
        }
    }

    #[test]
    fn a_few_are_one_part() {
        let (few, more) = merged([(ids([3, 1]), 5), (ids([2]), 5), (ids([1]), 5)], 16);
        assert_eq!((few, more), (ids([1, 2, 3]), false));
    }
}
