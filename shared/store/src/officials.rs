//! People of offices: row, membership and event are written together; the events stay for good (ADM-1, AUD-1).

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Put, TransactWriteItem, Update},
};
use domain::{campaign::Profile, ids::AccountId, permission::Role};
use jiff::{Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};

use crate::{
    accounts::Membership,
    keys,
    rows::{SaveError, StoreError, build, millis},
    table::{self, key_of},
    transaction::{self, AlongWrite, all_or_nothing, text},
};

/// What is written, as errors call it.
const OFFICIAL: &str = "official";

/// A person of an office.
#[derive(Clone, Deserialize, Serialize)]
pub struct Official {
    /// The account that this person has or will have (IDP-4).
    pub account: AccountId,
    /// Fiscal code as the administrator gave it; none of the person whom the deployment names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_code: Option<String>,
    /// Officer, prefecture officer, directorate or administrator.
    pub role: Role,
    /// The province, for officers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// From when; stored in milliseconds.
    #[serde(with = "millisecond::required")]
    pub from: Timestamp,
    /// Until when, excluded; none while no end is known. Stored in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub until: Option<Timestamp>,
    /// Who appointed them; none where it was the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// When they were appointed; stored in milliseconds.
    #[serde(with = "millisecond::required")]
    pub appointed: Timestamp,
}

impl std::fmt::Debug for Official {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Official")
            .field("account", &self.account)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl Official {
    /// Whether the person holds the office at an instant: the first is included, the end is not.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Whether it is over at an instant.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    fn membership(&self) -> Membership {
        Membership {
            role: self.role.code().to_owned(),
            profile: Profile::Private.code().to_owned(),
            organisation: None,
            province: self.province.clone(),
            from: millis(self.from),
            until: self.until.map(millis),
            listing: None,
        }
    }
}

/// What happened to a person in an office; its row is never altered.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfficialEvent {
    /// Appointed by an administrator.
    Appointed,
    /// Named by the deployment as the first administrator.
    NamedFirst,
    /// Withdrawn, at once or at a date.
    Withdrawn,
}

impl OfficialEvent {
    /// The stable code that is stored and sent.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Appointed => "appointed",
            Self::NamedFirst => "named-first",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// An event as stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct OfficialEventRow {
    pk: String,
    sk: String,
    v: u8,
    /// What happened.
    pub event: OfficialEvent,
    /// In which office.
    pub role: Role,
    /// In which province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// From when it holds, or until when it held, in milliseconds.
    pub from: i64,
    /// When it happened, in milliseconds.
    pub at: i64,
    /// Who brought it about; none where it was the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<AccountId>,
}

#[derive(Deserialize, Serialize)]
struct OfficialRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    official: Official,
}

/// The people of offices in a table.
#[derive(Clone, Debug)]
pub struct Officials {
    client: Client,
    table: String,
}

impl Officials {
    /// The people of offices in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The office that an account holds, held, or will hold.
    pub async fn of(&self, account: &AccountId) -> Result<Option<Official>, StoreError> {
        let key = keys::membership(account, keys::OF_OFFICE);
        let held: Option<Membership> =
            table::row(&self.client, &self.table, &key, OFFICIAL).await?;
        let Some(held) = held else { return Ok(None) };
        let key = keys::official(held.province.as_deref(), account);
        let row: Option<OfficialRow> =
            table::row(&self.client, &self.table, &key, OFFICIAL).await?;
        Ok(row.map(|row| row.official))
    }

    /// A page of all people of offices, past ones too: those without a province first, then by province.
    pub async fn page(
        &self,
        province: Option<&str>,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<(String, Official)>, StoreError> {
        let prefix = province.map(keys::officials_of).unwrap_or_default();
        let items = table::page_beginning(
            &self.client,
            &self.table,
            &keys::officials(),
            &prefix,
            after,
            limit,
            "officials",
        )
        .await?;
        let rows = items.into_iter().map(|item| {
            let key = key_of(&item);
            let row: OfficialRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            Ok((key.sk, row.official))
        });
        rows.collect()
    }

    /// What happened to a person in offices, oldest first; at most so many.
    pub async fn events(
        &self,
        account: &AccountId,
        limit: i32,
    ) -> Result<Vec<OfficialEventRow>, StoreError> {
        let items = table::page_beginning(
            &self.client,
            &self.table,
            &keys::of_official(account),
            keys::EVENT_PREFIX,
            None,
            limit,
            "events of an official",
        )
        .await?;
        let rows = items.into_iter().map(|item| {
            let key = key_of(&item);
            serde_dynamo::from_item(item).map_err(|source| StoreError::corrupt(&key, source))
        });
        rows.collect()
    }

    /// Appoints a person. Conflict when they hold an office that is not over, or another change was faster.
    pub async fn appoint(
        &self,
        official: &Official,
        along: Option<AlongWrite>,
    ) -> Result<(), SaveError> {
        let event = event(OfficialEvent::Appointed, official, official.from, official.by.as_ref());
        let key = keys::official_event(&official.account, millis(official.appointed));
        let mut items = self.appointing(official, &event.at(key, official.appointed))?;
        items.extend(along.map(|write| write.0));
        all_or_nothing(&self.client, items, OFFICIAL).await
    }

    /// Makes the person whom the deployment names the first administrator. Conflict when that happened before, however it
    /// ended, or when they hold an office.
    pub async fn name_first(&self, account: &AccountId, now: Timestamp) -> Result<(), SaveError> {
        let official = Official {
            account: account.clone(),
            fiscal_code: None,
            role: Role::Administrator,
            province: None,
            from: now,
            until: None,
            by: None,
            appointed: now,
        };
        let event = event(OfficialEvent::NamedFirst, &official, now, None);
        let items = self.appointing(&official, &event.at(keys::official_named(account), now))?;
        all_or_nothing(&self.client, items, OFFICIAL).await
    }

    /// Ends a person's office at `until`, with its sessions in `along`. Conflict when another change was faster.
    pub async fn withdraw(
        &self,
        official: &Official,
        until: Timestamp,
        by: &AccountId,
        now: Timestamp,
        along: AlongWrite,
    ) -> Result<(), SaveError> {
        let event = event(OfficialEvent::Withdrawn, official, until, Some(by))
            .at(keys::official_event(&official.account, millis(now)), now);
        let ending = |key: keys::Key| {
            let update = Update::builder()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .update_expression("SET #until = :ends")
                .expression_attribute_names("#until", "until")
                .expression_attribute_values(":role", text(official.role.code()))
                .expression_attribute_values(":ends", AttributeValue::N(millis(until).to_string()));
            let update = match official.until {
                Some(was) => update
                    .condition_expression("#role = :role AND #until = :was")
                    .expression_attribute_values(
                        ":was",
                        AttributeValue::N(millis(was).to_string()),
                    ),
                None => {
                    update.condition_expression("#role = :role AND attribute_not_exists(#until)")
                }
            };
            update.expression_attribute_names("#role", "role").build().map_err(build)
        };
        let row = ending(keys::official(official.province.as_deref(), &official.account))?;
        let membership = ending(keys::membership(&official.account, keys::OF_OFFICE))?;
        let items = vec![
            TransactWriteItem::builder().update(row).build(),
            TransactWriteItem::builder().update(membership).build(),
            transaction::put_new(&self.table, &event)?,
            along.0,
        ];
        all_or_nothing(&self.client, items, OFFICIAL).await
    }

    fn appointing(
        &self,
        official: &Official,
        event: &OfficialEventRow,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let key = keys::official(official.province.as_deref(), &official.account);
        let row = OfficialRow { pk: key.pk, sk: key.sk, v: 1, official: official.clone() };
        let row: crate::rows::Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
        let mut items = Vec::new();
        for item in [row, official.membership().item(&official.account)?] {
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(item))
                .condition_expression("attribute_not_exists(pk) OR #until <= :now")
                .expression_attribute_names("#until", "until")
                .expression_attribute_values(
                    ":now",
                    AttributeValue::N(millis(official.appointed).to_string()),
                );
            items.push(TransactWriteItem::builder().put(put.build().map_err(build)?).build());
        }
        items.push(transaction::put_new(&self.table, event)?);
        Ok(items)
    }
}

/// An event that has no key and instant yet.
struct Happened<'a> {
    event: OfficialEvent,
    official: &'a Official,
    from: Timestamp,
    who: Option<&'a AccountId>,
}

const fn event<'a>(
    event: OfficialEvent,
    official: &'a Official,
    from: Timestamp,
    who: Option<&'a AccountId>,
) -> Happened<'a> {
    Happened { event, official, from, who }
}

impl Happened<'_> {
    fn at(&self, key: keys::Key, now: Timestamp) -> OfficialEventRow {
        OfficialEventRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            event: self.event,
            role: self.official.role,
            province: self.official.province.clone(),
            from: millis(self.from),
            at: millis(now),
            who: self.who.cloned(),
        }
    }
}
