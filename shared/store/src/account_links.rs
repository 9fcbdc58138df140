//! Links of former e-mail accounts to accounts of SPID or CIE: made, told, and undone with all that they moved (IDP-2).

use aws_sdk_dynamodb::types::{ConditionCheck, Delete, TransactWriteItem, Update};
use domain::{
    decision::Followed,
    ids::{AccountId, ApplicationId, LetterId},
    letter::LetterContent,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    accounts::Account,
    email_accounts::{EmailAccounts, StoredPassword},
    keys::{self, Key},
    letters::Letter,
    rows::{SaveError, StoreError, build, millis},
    table::{self, key_of},
    transaction::{AlongWrite, all_or_nothing, delete, put, put_new, text},
};

/// An application that followed a former account, and what of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LinkedApplication {
    /// Which.
    pub application: ApplicationId,
    /// The former account.
    pub former: AccountId,
    /// The account that it followed to.
    pub to: AccountId,
    /// What followed.
    pub followed: Followed,
}

#[derive(Debug, Deserialize, Serialize)]
struct LinkedRow {
    pk: String,
    sk: String,
    v: u8,
    application: ApplicationId,
    to: AccountId,
    representative: bool,
    filer: bool,
    counted: bool,
}

/// That a former account is linked to this one, as long as it is.
#[derive(Debug, Deserialize, Serialize)]
struct FormerRow {
    pk: String,
    sk: String,
    v: u8,
    former: AccountId,
}

impl FormerRow {
    fn new(of: &AccountId, former: &AccountId) -> Self {
        let key = keys::former_account(of, former);
        Self { pk: key.pk, sk: key.sk, v: 1, former: former.clone() }
    }
}

/// That a link of an account was made, or undone. By whom, to which account and why stands in the row for administrators.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LinkEvent {
    /// Whether it was undone; otherwise it was made.
    pub is_undone: bool,
    /// When, in milliseconds.
    pub at: i64,
}

/// What is read of an event for a [`LinkEvent`].
#[derive(Debug, Deserialize)]
struct EventInstant {
    at: i64,
}

/// That a link was made or undone; never changed. `reason` is an administrator's.
#[derive(Debug, Serialize)]
struct EventRow<'a> {
    pk: String,
    sk: String,
    v: u8,
    at: i64,
    by: &'a AccountId,
    to: &'a AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> EventRow<'a> {
    fn new(
        key: Key,
        at: i64,
        by: &'a AccountId,
        to: &'a AccountId,
        reason: Option<&'a str>,
    ) -> Self {
        Self { pk: key.pk, sk: key.sk, v: 1, at, by, to, reason }
    }
}

/// A password at another key than that with which people sign in.
fn moved(password: &StoredPassword, key: Key) -> StoredPassword {
    StoredPassword { pk: key.pk, sk: key.sk, ..password.clone() }
}

impl LinkedApplication {
    /// The row that says what followed, and the check that the link was not undone meanwhile.
    pub(crate) fn items(
        &self,
        table: &str,
        id: &ApplicationId,
    ) -> Result<[TransactWriteItem; 2], StoreError> {
        let key = keys::linked_application(&self.former, id);
        let row = LinkedRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            application: id.clone(),
            to: self.to.clone(),
            representative: self.followed.representative,
            filer: self.followed.filer,
            counted: self.followed.counted,
        };
        let check = ConditionCheck::builder()
            .table_name(table)
            .set_key(Some(keys::account(&self.former).item()))
            .condition_expression("linked_to = :to")
            .expression_attribute_values(":to", text(self.to.as_str()))
            .build()
            .map_err(build)?;
        Ok([put(table, &row)?, TransactWriteItem::builder().condition_check(check).build()])
    }

    /// The row goes; of two who undo at once only one finds it.
    pub(crate) fn taken_out(
        &self,
        table: &str,
        id: &ApplicationId,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(table)
            .set_key(Some(keys::linked_application(&self.former, id).item()))
            .condition_expression("attribute_exists(pk)")
            .build()
            .map_err(build)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

impl EmailAccounts {
    /// The password that an account had before it was linked.
    pub async fn kept_password(
        &self,
        former: &AccountId,
    ) -> Result<Option<StoredPassword>, StoreError> {
        let (client, portal) = self.portal();
        table::row(client, portal, &keys::kept_password(former), "kept password").await
    }

    /// Marks a former account as linked, puts its password away, ends its sessions, records the event and tells the
    /// former address; conflict when another person has linked it, or something of it changed meanwhile.
    pub async fn link_to(
        &self,
        former: &Account,
        to: &AccountId,
        letter: LetterId,
        ends: AlongWrite,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        let (client, portal) = self.portal();
        let id = &former.id;
        let update = Update::builder()
            .table_name(portal)
            .set_key(Some(keys::account(id).item()))
            .update_expression("SET linked_to = :to REMOVE address_change")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(linked_to)")
            .expression_attribute_values(":to", text(to.as_str()));
        let at = millis(now);
        let mut items = vec![
            TransactWriteItem::builder().update(update.build().map_err(build)?).build(),
            put_new(portal, &EventRow::new(keys::account_link(id, at), at, to, to, None))?,
            put(portal, &FormerRow::new(to, id))?,
            ends.0,
        ];
        if let Some(password) = self.password(id).await? {
            items.push(delete(portal, &keys::password(id))?);
            items.push(put(portal, &moved(&password, keys::kept_password(id)))?);
        }
        let told = LetterContent::account_linked(id);
        if let Some(letter) =
            former.email.as_deref().and_then(|address| Letter::to(address, letter, told))
        {
            items.push(letter.item(portal, now)?);
        }
        all_or_nothing(client, items, "link of an account").await
    }

    /// Undoes the mark of a link: the former account has its password again, the event is recorded with the reason, and
    /// both mailboxes are told. What followed goes back application by application ([`Self::followed`]).
    pub async fn undo_link(
        &self,
        former: &Account,
        to: &Account,
        undoing: Undoing<'_>,
    ) -> Result<(), SaveError> {
        let (client, portal) = self.portal();
        let id = &former.id;
        let update = Update::builder()
            .table_name(portal)
            .set_key(Some(keys::account(id).item()))
            .update_expression("REMOVE linked_to")
            .condition_expression("linked_to = :to")
            .expression_attribute_values(":to", text(to.id.as_str()));
        let at = millis(undoing.at);
        let event = EventRow::new(
            keys::account_unlink(id, at),
            at,
            undoing.by,
            &to.id,
            Some(undoing.reason),
        );
        let mut items = vec![
            TransactWriteItem::builder().update(update.build().map_err(build)?).build(),
            put_new(portal, &event)?,
            delete(portal, &keys::former_account(&to.id, id))?,
        ];
        if let Some(password) = self.kept_password(id).await? {
            items.push(delete(portal, &keys::kept_password(id))?);
            items.push(put_new(portal, &moved(&password, keys::password(id)))?);
        }
        for (account, letter) in [former, to].into_iter().zip(undoing.letters) {
            let told = LetterContent::link_undone(id);
            let address = account.email.as_deref();
            if let Some(letter) = address.and_then(|address| Letter::to(address, letter, told)) {
                items.push(letter.item(portal, undoing.at)?);
            }
        }
        all_or_nothing(client, items, "link of an account").await
    }

    /// Some of the applications that followed a former account and did not go back yet, at most `limit`.
    pub async fn followed(
        &self,
        former: &AccountId,
        limit: i32,
    ) -> Result<Vec<LinkedApplication>, StoreError> {
        let (client, portal) = self.portal();
        let partition = keys::account(former).pk;
        let page = table::page_beginning(
            client,
            portal,
            &partition,
            keys::LINKED_PREFIX,
            None,
            limit,
            "linked applications",
        );
        let rows = page.await?.into_iter().map(|item| {
            let key = key_of(&item);
            let row: LinkedRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            Ok(LinkedApplication {
                application: row.application,
                former: former.clone(),
                to: row.to,
                followed: Followed {
                    representative: row.representative,
                    filer: row.filer,
                    counted: row.counted,
                },
            })
        });
        rows.collect()
    }

    /// When links of this account were made and undone, in order of time.
    pub async fn link_events(&self, former: &AccountId) -> Result<Vec<LinkEvent>, StoreError> {
        let (client, portal) = self.portal();
        let partition = keys::account(former).pk;
        let mut events = Vec::new();
        for (prefix, is_undone) in
            [(keys::ACCOUNT_LINK_PREFIX, false), (keys::ACCOUNT_UNLINK_PREFIX, true)]
        {
            let rows: Vec<EventInstant> =
                table::rows_beginning(client, portal, &partition, prefix, "links of an account")
                    .await?;
            events.extend(rows.into_iter().map(|row| LinkEvent { is_undone, at: row.at }));
        }
        events.sort_by_key(|event| event.at);
        Ok(events)
    }

    /// The former accounts that are linked to an account.
    pub async fn former_accounts(&self, of: &AccountId) -> Result<Vec<AccountId>, StoreError> {
        let (client, portal) = self.portal();
        let partition = keys::account(of).pk;
        let prefix = keys::FORMER_PREFIX;
        let rows: Vec<FormerRow> =
            table::rows_beginning(client, portal, &partition, prefix, "former accounts").await?;
        Ok(rows.into_iter().map(|row| row.former).collect())
    }

    /// Whether a link of this account was undone: what still lies with the other account may go back.
    pub async fn was_undone(&self, former: &AccountId) -> Result<bool, StoreError> {
        let (client, portal) = self.portal();
        let partition = keys::account(former).pk;
        let prefix = keys::ACCOUNT_UNLINK_PREFIX;
        let page =
            table::page_beginning(client, portal, &partition, prefix, None, 1, "links undone");
        Ok(!page.await?.is_empty())
    }

    /// Forgets that an application followed: it is deleted, and nothing of it can go back.
    pub async fn forget_followed(&self, linked: &LinkedApplication) -> Result<(), SaveError> {
        let (client, portal) = self.portal();
        all_or_nothing(client, vec![linked.taken_out(portal, &linked.application)?], "link").await
    }
}

/// Who undoes a link, when and why; `letters` are fresh identifiers.
#[derive(Clone, Debug)]
pub struct Undoing<'a> {
    /// The administrator.
    pub by: &'a AccountId,
    /// In the administrator's words, for the event; it goes into no letter.
    pub reason: &'a str,
    /// When.
    pub at: Timestamp,
    /// To the former address, and to that of the other account.
    pub letters: [LetterId; 2],
}
