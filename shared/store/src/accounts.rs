//! Accounts: created by the first SPID or CIE sign-in, keyed on the fiscal code (IDP-4), or by e-mail (ACC-1), with
//! their memberships.

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, TransactWriteItem, Update},
};
use domain::{
    campaign::Profile,
    fiscal_code::is_same_name,
    ids::{AccountId, CampaignId, OrganisationId},
    permission::Role,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    letters::Letter,
    retry::retried,
    rows::{Item, StoreError, build, millis},
    table,
};

/// An account as stored. The names and the address are personal: they never leave for a log.
#[derive(Clone, Deserialize, Serialize)]
pub struct Account {
    /// Opaque identifier.
    pub id: AccountId,
    /// As the identity provider gave it; an e-mail account has none, since no provider vouches for it (ACC-1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_code: Option<String>,
    /// As the identity provider gave it, or as typed at the registration.
    pub given_name: String,
    /// As the identity provider gave it, or as typed at the registration.
    pub family_name: String,
    /// As typed at the registration; the identity provider's is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
    /// Ordinary e-mail address tied to the identity (COM-1), or that of the e-mail account.
    pub email: Option<String>,
    /// The SPID or CIE account to which this former e-mail account was linked (IDP-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked_to: Option<AccountId>,
    /// For whom an account of the old portal worked; to be named when it is linked (IDP-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formerly: Option<FormerOperator>,
    /// What the person consented to when they registered by e-mail (ACC-1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
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

impl Account {
    /// Whether it is an e-mail account: no identity provider vouches for the person.
    pub const fn is_by_email(&self) -> bool {
        self.fiscal_code.is_none()
    }
}

/// The consent that a person gave, so that it can be shown (art. 7 par. 1 of Regulation (EU) 2016/679).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Consent {
    /// The campaign whose privacy notice was read.
    pub campaign: CampaignId,
    /// The version of the notice.
    pub privacy_version: String,
    /// When, in milliseconds.
    pub at: i64,
}

/// For whom an operator of the old portal worked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct FormerOperator {
    /// Name of the patronato or association.
    pub organisation: String,
    /// Code of the province.
    pub province: String,
}

/// An account's membership of an office or organisation, from an instant until another.
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
    /// Where a body's list alone gives it: the names there, which must be those of the identity (ORG-2, ORG-7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing: Option<Listing>,
}

/// How a body's list names a person. Personal.
#[derive(Clone, Deserialize, Serialize)]
pub struct Listing {
    /// Surname as listed.
    pub surname: String,
    /// Name as listed.
    pub name: String,
    /// The organisation's name, as long as the person was not told: nobody with this fiscal code had signed in yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untold: Option<String>,
}

impl std::fmt::Debug for Listing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Listing([redacted])")
    }
}

impl Listing {
    /// Whether these are the names of an identity.
    pub fn names(&self, given_name: &str, family_name: &str) -> bool {
        is_same_name(&self.name, given_name) && is_same_name(&self.surname, family_name)
    }
}

impl Membership {
    /// Whether it holds at an instant: the first is included, the end is not.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.from <= millis(now) && self.until.is_none_or(|until| millis(now) < until)
    }

    /// Whether it is over at an instant. What is not over keeps its person from working elsewhere, even where it begins
    /// later: the first request to arrive may be the last to be stored.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= millis(now))
    }

    /// Its row. No person works for two organisations at a time, nor in two offices: each of the two has one key.
    pub(crate) fn item(&self, account: &AccountId) -> Result<Item, StoreError> {
        let of = match &self.organisation {
            Some(_) => keys::OF_ORGANISATION,
            None => keys::OF_OFFICE,
        };
        let key = keys::membership(account, of);
        let row = MembershipRow { pk: key.pk, sk: key.sk, v: 1, membership: self.clone() };
        serde_dynamo::to_item(row).map_err(StoreError::unwritable)
    }
}

/// The role of an account at an instant.
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
    /// The name of the organisation, where a list made the person its operator and nobody could tell them yet (ORG-7).
    pub untold: Option<String>,
}

impl Standing {
    /// A person who signs in without being enabled is a private user (IDP-4).
    pub const fn private() -> Self {
        Self {
            role: Role::Employer,
            profile: Profile::Private,
            organisation: None,
            province: None,
            untold: None,
        }
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
    pub async fn record_sign_in(
        &self,
        account: &Account,
        now: Timestamp,
    ) -> Result<(), StoreError> {
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
                .expression_attribute_values(":code", text(account.fiscal_code.as_deref().unwrap_or_default()))
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

    /// All memberships of an account, past and future ones too; a handful.
    pub async fn memberships(&self, id: &AccountId) -> Result<Vec<Membership>, StoreError> {
        let rows: Vec<MembershipRow> = table::rows_beginning(
            &self.client,
            &self.table,
            &keys::account(id).pk,
            keys::MEMBER_PREFIX,
            "memberships",
        )
        .await?;
        Ok(rows.into_iter().map(|row| row.membership).collect())
    }

    /// The role of an account now: by a membership in force, else a private user.
    ///
    /// An office comes before an organisation: an officer keeps it though an organisation names them in a list (ORG-2).
    pub async fn standing(&self, id: &AccountId, now: Timestamp) -> Result<Standing, StoreError> {
        let key = keys::account(id);
        let mut in_force: Vec<Membership> = self
            .memberships(id)
            .await?
            .into_iter()
            .filter(|membership| membership.in_force(now))
            .collect();
        // Names that are not the identity's leave the row of a list open: it gives nothing (ORG-7).
        if in_force.iter().any(|membership| membership.listing.is_some())
            && let Some(account) = self.find(id).await?
        {
            in_force.retain(|membership| {
                membership
                    .listing
                    .as_ref()
                    .is_none_or(|listing| listing.names(&account.given_name, &account.family_name))
            });
        }
        // An officer whom a list names is told of it, too.
        let untold =
            in_force.iter().find_map(|membership| membership.listing.as_ref()?.untold.clone());
        let best = in_force
            .into_iter()
            .max_by_key(|membership| (membership.organisation.is_none(), membership.from));
        let Some(membership) = best else { return Ok(Standing::private()) };
        Ok(Standing {
            role: membership.role.parse().map_err(|_| StoreError::corrupt(&key, "unknown role"))?,
            profile: membership
                .profile
                .parse()
                .map_err(|_| StoreError::corrupt(&key, "unknown profile"))?,
            organisation: membership.organisation,
            province: membership.province,
            untold,
        })
    }

    /// Tells a person at the address of their own identity that a list made them an operator, once; without an address
    /// it only notes that they have signed in (ORG-7).
    pub async fn tell_of_listing(
        &self,
        id: &AccountId,
        letter: Option<&Letter>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::membership(id, keys::OF_ORGANISATION).item()))
            .update_expression("REMOVE listing.untold")
            .condition_expression("attribute_exists(listing.untold)");
        let update = update.build().map_err(build)?;
        let mut items = vec![TransactWriteItem::builder().update(update).build()];
        if let Some(letter) = letter {
            items.push(letter.item(&self.table, now)?);
        }
        // Refused: another sign-in told them.
        table::transact(&self.client, items, "listing").await.map(|_| ())
    }

    /// Gives an account an office; operators and contacts are enabled with their organisation ([`crate::organisations`]).
    pub async fn enable(&self, id: &AccountId, membership: &Membership) -> Result<(), StoreError> {
        let item = membership.item(id)?;
        retried(|| {
            self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send()
        })
        .await
        .map_err(|error| StoreError::unavailable("membership", error))?;
        Ok(())
    }
}
