//! Changes of an organisation's list: people join and leave; row, membership, event and letters are written together.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use domain::{
    ids::{AccountId, OrganisationId},
    permission::Role,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Operator, OperatorRow, Organisation, OrganisationRow, Organisations};
use crate::{
    accounts::{Listing, Membership},
    keys,
    letters::Letter,
    rows::{SaveError, StoreError, build, millis},
    table,
    transaction::{self, AlongWrite, all_or_nothing, text},
};

/// What is written, as errors call it.
const ORGANISATION: &str = "organisation";

/// People who become operators or contact of one organisation, in one transaction.
///
/// Each person is three items; a transaction has room for 100.
#[derive(Debug)]
pub struct Joining<'a> {
    /// The organisation.
    pub organisation: &'a Organisation,
    /// Whether the organisation is recorded along with them; conflict when it is there by then.
    pub is_new: bool,
    /// Who joins it.
    pub people: &'a [Operator],
    /// Who decided it.
    pub by: &'a AccountId,
    /// When it was decided.
    pub at: Timestamp,
    /// Where the list of a body alone decides, as no office looks at it (ORG-2).
    pub by_list: Option<ByList>,
}

/// What of a list alone makes a person an operator (ORG-7).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ByList {
    /// The person has signed in under these names before, and is told at once.
    Told,
    /// The person has never signed in: names are compared, and the person is told, at the first sign-in.
    ToTellAtSignIn,
}

/// What happens to a person in an organisation; its row is never altered (AUD-1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum OrganisationEvent {
    /// Becomes operator or contact.
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

/// That a person said not to work for an organisation (ORG-7).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Refusal {
    /// The organisation, which cannot list the person again.
    pub organisation: OrganisationId,
    /// When, in milliseconds.
    pub at: i64,
}

#[derive(Debug, Serialize)]
struct RefusalRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    refusal: Refusal,
}

impl EventRow {
    /// `from` is the instant from which the person works, or works no longer, for the organisation.
    fn of(
        id: &OrganisationId,
        event: OrganisationEvent,
        person: &Operator,
        from: Timestamp,
        by: &AccountId,
        now: Timestamp,
    ) -> Self {
        let key = keys::organisation_event(id, millis(now), &person.account);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            event: event.code(),
            operator: person.account.clone(),
            role: person.role,
            at: millis(now),
            from: millis(from),
            who: by.clone(),
        }
    }
}

impl Joining<'_> {
    /// The writes, for the transaction of what brings them about. None of them is written when a person works for
    /// another organisation, or is in the list and has not left.
    pub(crate) fn items(&self, table: &str) -> Result<Vec<TransactWriteItem>, StoreError> {
        let mut items = Vec::new();
        if self.is_new {
            items.push(transaction::put_new(table, &organisation_row(self.organisation))?);
        }
        for person in self.people {
            items.extend(self.person_items(table, person)?);
        }
        Ok(items)
    }

    fn person_items(
        &self,
        table: &str,
        person: &Operator,
    ) -> Result<[TransactWriteItem; 3], StoreError> {
        let organisation = self.organisation;
        let key = keys::operator(&organisation.id, &person.account);
        let row = OperatorRow { pk: key.pk, sk: key.sk, v: 1, operator: person.clone() };
        let membership = Membership {
            role: person.role.code().to_owned(),
            profile: organisation.kind.profile().code().to_owned(),
            organisation: Some(organisation.id.clone()),
            province: None,
            from: millis(person.from),
            until: person.until.map(millis),
            listing: self.by_list.map(|by_list| Listing {
                surname: person.surname.clone(),
                name: person.name.clone(),
                untold: match by_list {
                    ByList::Told => None,
                    ByList::ToTellAtSignIn => Some(organisation.name.clone()),
                },
            }),
        };
        let now = AttributeValue::N(millis(self.at).to_string());
        let row = Put::builder()
            .table_name(table)
            .set_item(Some(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?))
            .condition_expression("attribute_not_exists(pk) OR #until <= :now")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":now", now.clone());
        let membership = Put::builder()
            .table_name(table)
            .set_item(Some(membership.item(&person.account)?))
            .condition_expression(
                "attribute_not_exists(pk) OR #until <= :now OR organisation = :organisation",
            )
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":now", now)
            .expression_attribute_values(":organisation", text(organisation.id.as_str()));
        let event = EventRow::of(
            &organisation.id,
            OrganisationEvent::Joined,
            person,
            person.from,
            self.by,
            self.at,
        );
        Ok([
            TransactWriteItem::builder().put(row.build().map_err(build)?).build(),
            TransactWriteItem::builder().put(membership.build().map_err(build)?).build(),
            transaction::put_new(table, &event)?,
        ])
    }
}

impl Organisations {
    /// Makes people operators or contact, with their letters; conflict when another change was faster.
    pub async fn join(&self, joining: &Joining<'_>, letters: &[Letter]) -> Result<(), SaveError> {
        let mut items = joining.items(&self.table)?;
        for letter in letters {
            items.push(letter.item(&self.table, joining.at)?);
        }
        all_or_nothing(&self.client, items, ORGANISATION).await
    }

    /// Ends a person's membership at `until`: row, event, the account's membership and the letter, all or nothing.
    ///
    /// Conflict when another change of the row was faster.
    pub async fn leave(
        &self,
        id: &OrganisationId,
        operator: &Operator,
        until: Timestamp,
        by: &AccountId,
        now: Timestamp,
        letter: Option<&Letter>,
    ) -> Result<(), SaveError> {
        let mut items = vec![self.membership_ends(id, operator, until)?];
        items.extend(self.leaving(id, operator, until, by, now)?.map(|write| write.0));
        if let Some(letter) = letter {
            items.push(letter.item(&self.table, now)?);
        }
        all_or_nothing(&self.client, items, ORGANISATION).await
    }

    /// The person says not to work for the organisation: the membership ends now, with its event, and the organisation
    /// cannot list the person again (ORG-7). Conflict when another change of the row was faster.
    pub async fn decline(
        &self,
        id: &OrganisationId,
        operator: &Operator,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        let key = keys::refusal(&operator.account, id);
        let refusal = Refusal { organisation: id.clone(), at: millis(now) };
        let row = RefusalRow { pk: key.pk, sk: key.sk, v: 1, refusal };
        let mut items =
            vec![self.membership_ends(id, operator, now)?, transaction::put(&self.table, &row)?];
        let leaving = self.leaving(id, operator, now, &operator.account, now)?;
        items.extend(leaving.map(|write| write.0));
        all_or_nothing(&self.client, items, ORGANISATION).await
    }

    /// The organisations for which a person said not to work, with when.
    pub async fn refusals(&self, account: &AccountId) -> Result<Vec<Refusal>, StoreError> {
        let partition = keys::account(account).pk;
        let prefix = keys::REFUSAL_PREFIX;
        table::rows_beginning(&self.client, &self.table, &partition, prefix, "refusals").await
    }

    fn membership_ends(
        &self,
        id: &OrganisationId,
        operator: &Operator,
        until: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let membership = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::membership(&operator.account, keys::OF_ORGANISATION).item()))
            .update_expression("SET #until = :ends")
            .condition_expression("organisation = :organisation")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":ends", AttributeValue::N(millis(until).to_string()))
            .expression_attribute_values(":organisation", text(id.as_str()))
            .build()
            .map_err(build)?;
        Ok(TransactWriteItem::builder().update(membership).build())
    }

    /// The writes that end a person's row in the list, with the event; none of them is written when another change of
    /// the row was faster.
    pub fn leaving(
        &self,
        id: &OrganisationId,
        operator: &Operator,
        until: Timestamp,
        by: &AccountId,
        now: Timestamp,
    ) -> Result<[AlongWrite; 2], StoreError> {
        let row = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::operator(id, &operator.account).item()))
            .update_expression("SET #until = :ends")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":ends", AttributeValue::N(millis(until).to_string()));
        let row = match operator.until {
            Some(until) => row
                .condition_expression("#until = :was")
                .expression_attribute_values(":was", AttributeValue::N(millis(until).to_string())),
            None => {
                row.condition_expression("attribute_exists(pk) AND attribute_not_exists(#until)")
            }
        };
        let event = EventRow::of(id, OrganisationEvent::Leaves, operator, until, by, now);
        Ok([
            AlongWrite(TransactWriteItem::builder().update(row.build().map_err(build)?).build()),
            AlongWrite(transaction::put_new(&self.table, &event)?),
        ])
    }
}

fn organisation_row(organisation: &Organisation) -> OrganisationRow {
    let key = keys::organisation(&organisation.id);
    OrganisationRow {
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
    }
}
