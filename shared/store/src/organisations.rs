//! Organisations and their operators: an operator's row and the account's membership are written together (ORG-1 to ORG-5).

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Put, TransactWriteItem, Update},
};
use domain::{
    ids::{AccountId, OrganisationId},
    organisation::{Basis, BasisKind, OrganisationKind},
    permission::Role,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    accounts::Membership,
    keys::{self, Key},
    rows::{SaveError, StoreError, build, instant, millis},
    table::{self, key_of},
    transaction::{self, all_or_nothing, text},
};

/// An organisation as recorded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Organisation {
    /// Keyed hash of its fiscal code.
    pub id: OrganisationId,
    /// What it is.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: String,
    /// Its fiscal code; a professional's own.
    pub fiscal_code: String,
    /// Its seat.
    pub address: String,
    /// Province of the seat.
    pub province: String,
    /// On what its operators rely, and until when.
    pub basis: Basis,
    /// When it was recorded.
    pub recorded: Timestamp,
}

/// An operator, or the contact, of an organisation.
#[derive(Clone, Deserialize, Serialize)]
pub struct Operator {
    /// The account that this person has or will have (IDP-4).
    pub account: AccountId,
    /// Surname as listed.
    pub surname: String,
    /// Name as listed.
    pub name: String,
    /// Fiscal code as listed.
    pub fiscal_code: String,
    /// Address for letters, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Operator or contact.
    pub role: Role,
    /// From when, in milliseconds.
    pub from: i64,
    /// Until when, excluded, in milliseconds: a leaving, or the end of the organisation's basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

impl std::fmt::Debug for Operator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Operator")
            .field("account", &self.account)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl Operator {
    /// Whether this person works for the organisation at an instant.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.from <= millis(now) && self.until.is_none_or(|until| millis(now) < until)
    }
}

/// What the portal knows of somebody on a list.
#[derive(Clone, Default)]
pub struct Person {
    /// Whether there was a first sign-in.
    pub signed_in: bool,
    /// The address of that identity.
    pub email: Option<String>,
    /// The membership of an organisation, in force or not.
    pub membership: Option<Membership>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Person").field("signed_in", &self.signed_in).finish_non_exhaustive()
    }
}

/// What happened to somebody in an organisation; never altered (AUD-1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OrganisationEvent {
    /// Became operator or contact.
    Joined,
    /// Leaves, at once or at a date.
    Leaves,
}

impl OrganisationEvent {
    const fn code(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Leaves => "leaves",
        }
    }
}

#[derive(Debug, Deserialize, Serialize)]
struct OrganisationRow {
    pk: String,
    sk: String,
    v: u8,
    id: OrganisationId,
    kind: OrganisationKind,
    name: String,
    fiscal_code: String,
    address: String,
    province: String,
    basis: BasisKind,
    basis_reference: String,
    basis_from: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basis_until: Option<i64>,
    recorded: i64,
}

#[derive(Debug, Deserialize, Serialize)]
struct OperatorRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    operator: Operator,
}

#[derive(Debug, Serialize)]
struct EventRow {
    pk: String,
    sk: String,
    v: u8,
    event: &'static str,
    operator: AccountId,
    role: Role,
    at: i64,
    from: i64,
    who: AccountId,
}

/// What is written, and what is read of a list, as errors call them.
const ORGANISATION: &str = "organisation";
const PEOPLE: &str = "people on a list";

/// The organisations in a table.
#[derive(Clone, Debug)]
pub struct Organisations {
    client: Client,
    table: String,
}

impl Organisations {
    /// The organisations in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// An organisation.
    pub async fn find(&self, id: &OrganisationId) -> Result<Option<Organisation>, StoreError> {
        let key = keys::organisation(id);
        let row: Option<OrganisationRow> =
            table::row(&self.client, &self.table, &key, "organisation").await?;
        row.map(|row| organisation(&key, row)).transpose()
    }

    /// An operator or contact, past or present.
    pub async fn operator(
        &self,
        id: &OrganisationId,
        account: &AccountId,
    ) -> Result<Option<Operator>, StoreError> {
        let key = keys::operator(id, account);
        let row: Option<OperatorRow> =
            table::row(&self.client, &self.table, &key, "operator").await?;
        Ok(row.map(|row| row.operator))
    }

    /// A page of the operators and contacts of an organisation, past ones too, in the order of their accounts.
    pub async fn operators(
        &self,
        id: &OrganisationId,
        after: Option<&AccountId>,
        limit: i32,
    ) -> Result<Vec<Operator>, StoreError> {
        let partition = keys::organisation(id).pk;
        let after = after.map(|account| keys::operator(id, account).sk);
        let page = table::page_beginning(
            &self.client,
            &self.table,
            &partition,
            keys::OPERATOR_PREFIX,
            after.as_deref(),
            limit,
            "operators",
        );
        let rows = page.await?.into_iter().map(|item| {
            let key = key_of(&item);
            serde_dynamo::from_item::<_, OperatorRow>(item)
                .map_err(|source| StoreError::corrupt(&key, source))
        });
        rows.map(|row| row.map(|row| row.operator)).collect()
    }

    /// Whether somebody keeps the list at an instant.
    pub async fn has_contact(
        &self,
        id: &OrganisationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows: Vec<OperatorRow> = table::rows_beginning(
            &self.client,
            &self.table,
            &keys::organisation(id).pk,
            keys::OPERATOR_PREFIX,
            "operators",
        )
        .await?;
        let mut people = rows.iter().map(|row| &row.operator);
        Ok(people.any(|one| one.role == Role::OrganisationContact && one.in_force(now)))
    }

    /// What is known of many people at once: first sign-in, address, organisation.
    pub async fn people(
        &self,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, Person>, StoreError> {
        let mut people: HashMap<AccountId, Person> = HashMap::new();
        let wanted: HashMap<Key, &AccountId> = accounts
            .iter()
            .flat_map(|account| {
                [
                    (keys::account(account), account),
                    (keys::membership(account, keys::OF_ORGANISATION), account),
                ]
            })
            .collect();
        let asked: Vec<Key> = wanted.keys().cloned().collect();
        for item in table::items_as_written(&self.client, &self.table, &asked, PEOPLE).await? {
            let key = key_of(&item);
            let Some(account) = wanted.get(&key) else { continue };
            let person = people.entry((*account).clone()).or_default();
            if key == keys::account(account) {
                person.signed_in = true;
                person.email = item.get("email").and_then(|email| email.as_s().ok()).cloned();
            } else {
                let membership = serde_dynamo::from_item(item)
                    .map_err(|source| StoreError::corrupt(&key, source))?;
                person.membership = Some(membership);
            }
        }
        Ok(people)
    }

    /// Records an organisation with its first people; conflict when it is there already.
    pub async fn record(
        &self,
        organisation: &Organisation,
        people: Vec<TransactWriteItem>,
    ) -> Result<(), SaveError> {
        let mut items = vec![self.recorded_item(organisation)?];
        items.extend(people);
        all_or_nothing(&self.client, items, ORGANISATION).await
    }

    /// The write of a new organisation, to go along with what brings it about.
    pub fn recorded_item(
        &self,
        organisation: &Organisation,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::organisation(&organisation.id);
        let row = OrganisationRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            id: organisation.id.clone(),
            kind: organisation.kind,
            name: organisation.name.clone(),
            fiscal_code: organisation.fiscal_code.clone(),
            address: organisation.address.clone(),
            province: organisation.province.clone(),
            basis: organisation.basis.kind,
            basis_reference: organisation.basis.reference.clone(),
            basis_from: millis(organisation.basis.from),
            basis_until: organisation.basis.until.map(millis),
            recorded: millis(organisation.recorded),
        };
        transaction::put_new(&self.table, &row)
    }

    /// Makes somebody operator or contact; conflict when somebody else was faster.
    pub async fn join(&self, items: Vec<TransactWriteItem>) -> Result<(), SaveError> {
        all_or_nothing(&self.client, items, ORGANISATION).await
    }

    /// The writes that make somebody operator or contact: row, membership and event. None of them is written when the
    /// person works for another organisation, or is in the list and has not left.
    pub fn joined_items(
        &self,
        organisation: &Organisation,
        operator: &Operator,
        by: &AccountId,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let key = keys::operator(&organisation.id, &operator.account);
        let row = OperatorRow { pk: key.pk, sk: key.sk, v: 1, operator: operator.clone() };
        let membership = Membership {
            role: operator.role.code().to_owned(),
            profile: organisation.kind.profile().code().to_owned(),
            organisation: Some(organisation.id.clone()),
            province: None,
            from: operator.from,
            until: operator.until,
        };
        let now_value = AttributeValue::N(millis(now).to_string());
        let row = Put::builder()
            .table_name(&self.table)
            .set_item(Some(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?))
            .condition_expression("attribute_not_exists(pk) OR #until <= :now")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":now", now_value.clone());
        let membership = Put::builder()
            .table_name(&self.table)
            .set_item(Some(membership.item(&operator.account)?))
            .condition_expression(
                "attribute_not_exists(pk) OR #until <= :now OR organisation = :organisation",
            )
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":now", now_value)
            .expression_attribute_values(":organisation", text(organisation.id.as_str()));
        Ok(vec![
            TransactWriteItem::builder().put(row.build().map_err(build)?).build(),
            TransactWriteItem::builder().put(membership.build().map_err(build)?).build(),
            self.event_item(
                &organisation.id,
                OrganisationEvent::Joined,
                operator,
                operator.from,
                by,
                now,
            )?,
        ])
    }

    /// Ends somebody's membership at an instant: row, event, account's membership and what goes along, all or nothing.
    ///
    /// Conflict when somebody else changed the row since it was read.
    pub async fn leave(
        &self,
        id: &OrganisationId,
        operator: &Operator,
        from: Timestamp,
        by: &AccountId,
        now: Timestamp,
        mut along: Vec<TransactWriteItem>,
    ) -> Result<(), SaveError> {
        let membership = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::membership(&operator.account, keys::OF_ORGANISATION).item()))
            .update_expression("SET #until = :ends")
            .condition_expression("organisation = :organisation")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":ends", AttributeValue::N(millis(from).to_string()))
            .expression_attribute_values(":organisation", text(id.as_str()))
            .build()
            .map_err(build)?;
        let mut items = self.left_items(id, operator, from, by, now)?;
        items.push(TransactWriteItem::builder().update(membership).build());
        items.append(&mut along);
        all_or_nothing(&self.client, items, ORGANISATION).await
    }

    /// The writes that end somebody's row in the list, with the event; none of them is written when somebody else
    /// changed the row since it was read.
    pub fn left_items(
        &self,
        id: &OrganisationId,
        operator: &Operator,
        from: Timestamp,
        by: &AccountId,
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let row = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::operator(id, &operator.account).item()))
            .update_expression("SET #until = :ends")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":ends", AttributeValue::N(millis(from).to_string()));
        let row = match operator.until {
            Some(until) => row
                .condition_expression("#until = :was")
                .expression_attribute_values(":was", AttributeValue::N(until.to_string())),
            None => {
                row.condition_expression("attribute_exists(pk) AND attribute_not_exists(#until)")
            }
        };
        Ok(vec![
            TransactWriteItem::builder().update(row.build().map_err(build)?).build(),
            self.event_item(id, OrganisationEvent::Leaves, operator, millis(from), by, now)?,
        ])
    }

    fn event_item(
        &self,
        id: &OrganisationId,
        event: OrganisationEvent,
        operator: &Operator,
        from: i64,
        by: &AccountId,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::organisation_event(id, millis(now), &operator.account);
        let row = EventRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            event: event.code(),
            operator: operator.account.clone(),
            role: operator.role,
            at: millis(now),
            from,
            who: by.clone(),
        };
        transaction::put_new(&self.table, &row)
    }
}

fn organisation(key: &Key, row: OrganisationRow) -> Result<Organisation, StoreError> {
    let at = |millis: i64| instant(millis).map_err(|source| StoreError::corrupt(key, source));
    Ok(Organisation {
        id: row.id,
        kind: row.kind,
        name: row.name,
        fiscal_code: row.fiscal_code,
        address: row.address,
        province: row.province,
        basis: Basis {
            kind: row.basis,
            reference: row.basis_reference,
            from: at(row.basis_from)?,
            until: row.basis_until.map(at).transpose()?,
        },
        recorded: at(row.recorded)?,
    })
}
