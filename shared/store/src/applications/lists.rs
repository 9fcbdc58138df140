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

    /// Every application to which an account has a relation (OWN-1): as representative, as filer, as colleague of the
    /// filer.
    pub async fn all_of(
        &self,
        account: &AccountId,
        organisation: Option<&OrganisationId>,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let own = keys::of_representative(account);
        let (own, filed) = try_join(
            self.all_indexed(keys::BY_REPRESENTATIVE, "representative_pk", &own),
            self.all_filed(account, organisation),
        )
        .await?;
        let mut all: Vec<_> = own.into_iter().chain(filed).collect();
        all.sort();
        all.dedup();
        Ok(all)
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

    /// Every application that an account filed for itself, or that was filed for its organisation.
    async fn all_filed(
        &self,
        account: &AccountId,
        organisation: Option<&OrganisationId>,
    ) -> Result<Vec<ApplicationId>, StoreError> {
        let shards = keys::all_of_filer(account, organisation);
        let found = try_join_all(
            shards.iter().map(|shard| self.all_indexed(keys::BY_FILER, "filer_pk", shard)),
        )
        .await?;
        Ok(found.into_iter().flatten().collect())
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

/// Keys of an index that are read at once when all are wanted: well under the megabyte of one answer.
const LARGEST_PAGE: i32 = 4_000;
