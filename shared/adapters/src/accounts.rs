//! Accounts: created by the first SPID or CIE sign-in, keyed on the fiscal code (IDP-4), with their memberships.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::{
    campaign::Profile,
    ids::{AccountId, OrganisationId},
    permission::Role,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    retry::retried,
    rows::{Item, StoreError, millis},
    table,
};

/// An account as stored. The names and the address are personal: they never leave for a log.
#[derive(Clone, Deserialize, Serialize)]
pub struct Account {
    /// Opaque identifier.
    pub id: AccountId,
    /// As the identity provider gave it.
    pub fiscal_code: String,
    /// As the identity provider gave it.
    pub given_name: String,
    /// As the identity provider gave it.
    pub family_name: String,
    /// Ordinary e-mail address tied to the identity (COM-1).
    pub email: Option<String>,
    /// First sign-in, in milliseconds.
    pub created: i64,
    /// Last sign-in, in milliseconds.
    pub last_sign_in: i64,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

/// That an account works somewhere, from an instant until another.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Membership {
    /// Role code.
    pub role: String,
    /// Profile code.
    pub profile: String,
    /// The organisation, for operators and contacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    /// The province, for officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// From when, in milliseconds.
    pub from: i64,
    /// Until when, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

/// What an account is at an instant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Standing {
    /// Role in the permission table.
    pub role: Role,
    /// Profile in the campaign's limits.
    pub profile: Profile,
    /// The organisation that it works for.
    pub organisation: Option<OrganisationId>,
    /// The province that it works in.
    pub province: Option<String>,
}

impl Standing {
    /// Whoever signs in without being enabled is a private user (IDP-4).
    pub const fn private() -> Self {
        Self { role: Role::Employer, profile: Profile::Private, organisation: None, province: None }
    }
}

#[derive(Debug, Deserialize, Serialize)]
struct AccountRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    account: Account,
}

#[derive(Debug, Deserialize, Serialize)]
struct MembershipRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    membership: Membership,
}

/// The accounts in a table.
#[derive(Clone, Debug)]
pub struct Accounts {
    client: Client,
    table: String,
}

impl Accounts {
    /// The accounts in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Creates the account, or refreshes what comes from the identity provider.
    pub async fn signed_in(&self, account: &Account, now: Timestamp) -> Result<(), StoreError> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let number = |value: i64| AttributeValue::N(value.to_string());
        retried(|| {
            let update = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(keys::account(&account.id).item()))
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":id", text(account.id.as_str()))
                .expression_attribute_values(":code", text(&account.fiscal_code))
                .expression_attribute_values(":given", text(&account.given_name))
                .expression_attribute_values(":family", text(&account.family_name))
                .expression_attribute_values(":now", number(millis(now)));
            let set = "SET v = :one, id = :id, fiscal_code = :code, given_name = :given, family_name = :family, \
                       created = if_not_exists(created, :now), last_sign_in = :now";
            match &account.email {
                Some(email) => update
                    .update_expression(format!("{set}, email = :email"))
                    .expression_attribute_values(":email", text(email))
                    .send(),
                None => update.update_expression(set).send(),
            }
        })
        .await
        .map_err(|error| StoreError::unavailable("account", error))?;
        Ok(())
    }

    /// An account.
    pub async fn find(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        let key = keys::account(id);
        let row: Option<AccountRow> =
            table::row(&self.client, &self.table, &key, "account").await?;
        Ok(row.map(|row| row.account))
    }

    /// What an account is now: the membership in force that started last, else a private user.
    pub async fn standing(&self, id: &AccountId, now: Timestamp) -> Result<Standing, StoreError> {
        let key = keys::account(id);
        let rows: Vec<MembershipRow> = table::rows_beginning(
            &self.client,
            &self.table,
            &key.pk,
            keys::MEMBER_PREFIX,
            "memberships",
        )
        .await?;
        let mut latest: Option<Membership> = None;
        for row in rows {
            let membership = row.membership;
            let in_force = membership.from <= millis(now)
                && membership.until.is_none_or(|until| millis(now) < until);
            if in_force && latest.as_ref().is_none_or(|best| best.from < membership.from) {
                latest = Some(membership);
            }
        }
        let Some(membership) = latest else { return Ok(Standing::private()) };
        Ok(Standing {
            role: membership.role.parse().map_err(|_| StoreError::corrupt(&key, "unknown role"))?,
            profile: membership
                .profile
                .parse()
                .map_err(|_| StoreError::corrupt(&key, "unknown profile"))?,
            organisation: membership.organisation,
            province: membership.province,
        })
    }

    /// Enables an account; locally the seed does it, later the enabling of organisations (ORG-1 to ORG-5).
    pub async fn enable(&self, id: &AccountId, membership: &Membership) -> Result<(), StoreError> {
        let of = match (&membership.organisation, &membership.province) {
            (Some(organisation), _) => organisation.to_string(),
            (None, Some(province)) => province.clone(),
            (None, None) => membership.role.clone(),
        };
        let key = keys::membership(id, &of);
        let row = MembershipRow { pk: key.pk, sk: key.sk, v: 1, membership: membership.clone() };
        let item: Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
        retried(|| {
            self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send()
        })
        .await
        .map_err(|error| StoreError::unavailable("membership", error))?;
        Ok(())
    }
}
