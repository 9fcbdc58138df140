//! Organisations and their operators: an operator's row and the account's membership are written together (ORG-1 to ORG-5).

mod change;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use domain::{
    fiscal_code::is_same_name,
    ids::{AccountId, OrganisationId},
    organisation::{Basis, BasisKind, Objection, OrganisationKind, Period},
    permission::Role,
};
use jiff::{Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};

pub use self::change::{ByList, Joining, Refusal};
use crate::{
    accounts::Membership,
    keys::{self, Key},
    rows::{StoreError, instant},
    table::{self, key_of},
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
    /// From when; stored in milliseconds.
    #[serde(with = "millisecond::required")]
    pub from: Timestamp,
    /// Until when, excluded: a leaving, or the end of the organisation's basis. Stored in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    pub until: Option<Timestamp>,
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
    /// When this person works for the organisation.
    pub const fn period(&self) -> Period {
        Period { from: self.from, until: self.until }
    }

    /// Whether applications of a colleague may be handed over to this person at an instant (ORG-4).
    pub fn takes_applications(&self, now: Timestamp) -> bool {
        self.role == Role::Operator && self.in_force(now)
    }

    /// Whether this person works for the organisation at an instant.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.period().contains(now)
    }
}

/// What the portal knows of a person in a list.
#[derive(Clone, Default)]
pub struct Person {
    /// Whether there was a first sign-in.
    pub signed_in: bool,
    /// The address of that identity.
    pub email: Option<String>,
    /// First name of that identity.
    pub given_name: String,
    /// Surname of that identity.
    pub family_name: String,
    /// Whether the person said not to work for the organisation that asks.
    pub has_declined: bool,
    /// The membership of an organisation, in force or not.
    pub membership: Option<Membership>,
}

impl Person {
    /// The organisation that this person works for, or will work for, unless that has ended at `now`; and in which role.
    ///
    /// A membership that begins later counts, as it does in the store's condition ([`Organisations::join`]): the
    /// request that arrived first may be stored last.
    pub fn works_for(&self, now: Timestamp) -> Option<(&OrganisationId, Role)> {
        let membership =
            self.membership.as_ref().filter(|membership| !membership.has_ended(now))?;
        Some((membership.organisation.as_ref()?, membership.role.parse().ok()?))
    }

    /// What the person, or their identity, says against being listed under these names (ORG-7).
    pub fn objection(&self, name: &str, surname: &str) -> Objection {
        let is_other =
            !(is_same_name(&self.given_name, name) && is_same_name(&self.family_name, surname));
        if self.has_declined {
            Objection::Declined
        } else if self.signed_in && is_other {
            Objection::OtherNames
        } else {
            Objection::None
        }
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Person").field("signed_in", &self.signed_in).finish_non_exhaustive()
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

/// What is read of a list, as errors call it.
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

    /// Whether the organisation has a contact, who keeps its list, at an instant.
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

    /// What is known of many people at once: first sign-in, names, address, organisation; and whether they said not to
    /// work for `by`.
    pub async fn people(
        &self,
        accounts: &[AccountId],
        by: Option<&OrganisationId>,
    ) -> Result<HashMap<AccountId, Person>, StoreError> {
        let mut people: HashMap<AccountId, Person> = HashMap::new();
        let wanted: HashMap<Key, &AccountId> = accounts
            .iter()
            .flat_map(|account| {
                let refusal = by.map(|organisation| keys::refusal(account, organisation));
                [
                    Some(keys::account(account)),
                    Some(keys::membership(account, keys::OF_ORGANISATION)),
                    refusal,
                ]
                .into_iter()
                .flatten()
                .map(move |key| (key, account))
            })
            .collect();
        let keys: Vec<Key> = wanted.keys().cloned().collect();
        for item in table::items_consistent(&self.client, &self.table, &keys, PEOPLE).await? {
            let key = key_of(&item);
            let Some(account) = wanted.get(&key) else { continue };
            let person = people.entry((*account).clone()).or_default();
            if key == keys::account(account) {
                let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
                person.signed_in = true;
                person.email = text("email");
                person.given_name = text("given_name").unwrap_or_default();
                person.family_name = text("family_name").unwrap_or_default();
            } else if by.is_some_and(|organisation| key == keys::refusal(account, organisation)) {
                person.has_declined = true;
            } else {
                let membership = serde_dynamo::from_item(item)
                    .map_err(|source| StoreError::corrupt(&key, source))?;
                person.membership = Some(membership);
            }
        }
        Ok(people)
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

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn patronato() -> OrganisationId {
        OrganisationId::from_random([1; 16])
    }

    /// A person in the list of the patronato, from an instant and until another.
    fn person(from: Timestamp, until: Option<Timestamp>) -> Person {
        let membership = Membership {
            role: Role::Operator.code().to_owned(),
            profile: "organisation".to_owned(),
            organisation: Some(patronato()),
            province: None,
            from: from.as_millisecond(),
            until: until.map(Timestamp::as_millisecond),
            listing: None,
        };
        Person { membership: Some(membership), ..Person::default() }
    }

    /// ORG-4: of two lists that name Anna at once, the one that arrived first may be stored last: it must see the other's
    /// row, which begins a millisecond after its own arrival, and not try the store in vain.
    #[test]
    fn a_membership_that_begins_a_moment_later_counts() {
        let arrival = at("2026-02-09T08:00:00Z");
        let anna = person(arrival + ONE_MS, None);
        assert_eq!(anna.works_for(arrival), Some((&patronato(), Role::Operator)));
    }

    #[test]
    fn a_person_who_has_left_works_for_nobody_from_that_instant_on() {
        let left = at("2026-02-09T08:00:00Z");
        let bruno = person(left - SignedDuration::from_hours(900), Some(left));
        assert!(bruno.works_for(left - ONE_MS).is_some());
        assert_eq!(bruno.works_for(left), None);
    }

    /// Rows hold milliseconds, so that conditions can compare them.
    #[test]
    fn the_row_of_an_operator_holds_milliseconds_and_leads_back() {
        let operator = Operator {
            account: AccountId::keyed(&[2; 32]),
            surname: "ROSSI".to_owned(),
            name: "ANNA".to_owned(),
            fiscal_code: "RSSNNA80A41D643U".to_owned(),
            email: None,
            role: Role::Operator,
            from: at("2026-02-09T08:00:00.003Z"),
            until: Some(at("2026-12-31T17:00:00Z")),
        };
        let key = keys::operator(&patronato(), &operator.account);
        let row = OperatorRow { pk: key.pk, sk: key.sk, v: 1, operator: operator.clone() };
        let item: crate::rows::Item = serde_dynamo::to_item(&row).unwrap();
        assert_eq!(item["from"].as_n().unwrap(), "1770624000003");
        assert_eq!(item["until"].as_n().unwrap(), "1798736400000");
        let read: OperatorRow = serde_dynamo::from_item(item.clone()).unwrap();
        assert_eq!(read.operator.period(), operator.period());
        let mut item = item;
        item.remove("until");
        let read: OperatorRow = serde_dynamo::from_item(item).unwrap();
        assert_eq!(read.operator.until, None);
    }
}
