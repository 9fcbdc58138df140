//! Accounts by e-mail: registered, activated, recovered, changed and closed, each step one transaction (ADR 10).

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Delete, Put, ReturnValue, TransactWriteItem, Update},
};
use domain::{
    activation::ActivationCode,
    email_address::EmailAddress,
    ids::{AccountId, LetterId, RegistrationId},
    letter::{LetterKind, LinkPurpose, MOST_GUESSES},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    accounts::{Account, Consent},
    keys::{self, Key},
    letters::{Letter, LetterSecrets, Letters, hashed_token},
    retry::{Failure, retried},
    rows::{StoreError, build, millis},
    table::{self, Transacted},
    transaction::{self, AlongWrite, number, text},
};
use outside::{keying::Keying, passwords::PasswordHash};

/// A registration before it is an account (ACC-1). All of it is personal.
#[derive(Clone, Deserialize, Serialize)]
pub struct Registration {
    /// First name.
    pub given_name: String,
    /// Surname.
    pub family_name: String,
    /// Date of birth.
    pub birth_date: Date,
    /// The address, as typed.
    pub email: String,
    /// The chosen password.
    pub password: PasswordHash,
    /// The consent that the form asks for; none in registrations that waited when it began to be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Registration([redacted])")
    }
}

#[derive(Deserialize, Serialize)]
struct RegistrationRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    registration: Registration,
    /// The letter that activates it; an earlier one is void.
    letter: LetterId,
    /// Codes typed for this letter, right or wrong.
    guesses: u8,
    /// Milliseconds; decides.
    ends: i64,
    /// Seconds; the store deletes the row some time after it.
    expires_at: i64,
}

/// A single-use link: what it is good for, and until when. The token itself is not stored.
#[derive(Clone, Deserialize, Serialize)]
struct LinkRow {
    pk: String,
    sk: String,
    v: u8,
    purpose: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registration: Option<RegistrationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    /// The new address that it confirms, or the mailbox that a recovery went to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    letter: LetterId,
    created: i64,
    ends: i64,
    expires_at: i64,
}

#[derive(Deserialize, Serialize)]
struct AccountRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    account: Account,
}

#[derive(Deserialize, Serialize)]
struct AddressRow {
    pk: String,
    sk: String,
    v: u8,
    account: AccountId,
}

/// The password of an account as stored.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct StoredPassword {
    pub(crate) pk: String,
    pub(crate) sk: String,
    pub(crate) v: u8,
    /// argon2id.
    pub hash: PasswordHash,
    /// When it was chosen, in milliseconds.
    pub changed: i64,
}

/// The verdict on a typed activation code (ACC-2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Activated {
    /// The account exists from now on.
    Account(AccountId),
    /// The link is unknown, used, over or void.
    WrongLink,
    /// The code is wrong; so many guesses are left.
    WrongCode {
        /// Guesses that are left.
        left: u8,
    },
    /// Too many codes were typed.
    Exhausted,
    /// The address has an account meanwhile.
    AddressTaken,
}

/// What changes of an account's personal data (ACC-4).
#[derive(Clone, Debug, Default)]
pub struct DataChange {
    /// The new first name.
    pub given_name: Option<String>,
    /// The new surname.
    pub family_name: Option<String>,
    /// The new date of birth.
    pub birth_date: Option<Date>,
    /// The new password.
    pub password: Option<PasswordHash>,
    /// The new address, which has to be confirmed first.
    pub email: Option<EmailAddress>,
}

/// The e-mail accounts: what lasts is in the portal's table, what ends by itself in that of the sessions.
#[derive(Clone, Debug)]
pub struct EmailAccounts {
    client: Client,
    portal: String,
    sessions: String,
    keying: Keying,
    letters: Letters,
    secrets: LetterSecrets,
}

impl EmailAccounts {
    /// The e-mail accounts in two tables.
    pub fn new(client: Client, portal: String, sessions: String, keying: Keying) -> Self {
        Self {
            letters: Letters::new(client.clone(), portal.clone()),
            secrets: LetterSecrets::new(&keying),
            client,
            portal,
            sessions,
            keying,
        }
    }

    /// The client and the portal's table, for what belongs to accounts and stands in a file of its own.
    pub(crate) fn portal(&self) -> (&Client, &str) {
        (&self.client, &self.portal)
    }

    /// The opaque name of an address, for keys and limits.
    pub fn opaque(&self, address: &EmailAddress) -> String {
        self.keying.opaque("email", &address.comparable())
    }

    /// The account of an address.
    pub async fn account_of(
        &self,
        address: &EmailAddress,
    ) -> Result<Option<AccountId>, StoreError> {
        let key = keys::email_address(&self.opaque(address));
        let row: Option<AddressRow> =
            table::row(&self.client, &self.portal, &key, "address").await?;
        Ok(row.map(|row| row.account))
    }

    /// The account of an address, and its mailbox as it was confirmed: nothing about the account goes to another
    /// spelling that a person typed, which may be another person's mailbox.
    pub async fn mailbox_of(
        &self,
        address: &EmailAddress,
    ) -> Result<Option<(AccountId, EmailAddress)>, StoreError> {
        // For an address without an account an account is read, too, which nobody has: time does not tell.
        let id = self.account_of(address).await?.unwrap_or_else(|| AccountId::keyed(&[0; 32]));
        let row: Option<AccountRow> =
            table::row(&self.client, &self.portal, &keys::account(&id), "account").await?;
        Ok(row.and_then(|row| address_of(&row.account)).map(|mailbox| (id, mailbox)))
    }

    /// The password of an account.
    pub async fn password(&self, id: &AccountId) -> Result<Option<StoredPassword>, StoreError> {
        table::row(&self.client, &self.portal, &keys::password(id), "password").await
    }

    /// Keeps a registration until it is activated, and sends link and code (ACC-1, ACC-2).
    pub async fn register(
        &self,
        id: &RegistrationId,
        registration: Registration,
        to: &EmailAddress,
        letter: LetterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::registration(id);
        let ends = now + LinkPurpose::Activation.lasts();
        let row = RegistrationRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            registration,
            letter: letter.clone(),
            guesses: 0,
            ends: millis(ends),
            expires_at: ends.as_second(),
        };
        let link = LinkRow {
            registration: Some(id.clone()),
            ..self.link_row(&letter, LinkPurpose::Activation, now)
        };
        let items = vec![
            transaction::put_new(&self.sessions, &row)?,
            transaction::put_new(&self.sessions, &link)?,
            self.letter_item(letter, LetterKind::ActivateAccount, to, BTreeMap::new(), now)?,
        ];
        self.write(items).await.map(|_| ())
    }

    /// Sends a letter to a mailbox, and changes nothing else.
    pub async fn send_letter(
        &self,
        to: &EmailAddress,
        kind: LetterKind,
        letter: LetterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let items = vec![self.letter_item(letter, kind, to, BTreeMap::new(), now)?];
        self.write(items).await.map(|_| ())
    }

    /// Sends another link and code for a registration that waits; the former are void. For an unknown one it sends
    /// nothing.
    pub async fn send_again(
        &self,
        id: &RegistrationId,
        letter: LetterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::registration(id);
        let row: Option<RegistrationRow> =
            table::row(&self.client, &self.sessions, &key, "registration").await?;
        let Some(row) = row.filter(|row| millis(now) < row.ends) else { return Ok(()) };
        let Ok(to) = row.registration.email.parse::<EmailAddress>() else { return Ok(()) };
        let ends = now + LinkPurpose::Activation.lasts();
        let update = Update::builder()
            .table_name(&self.sessions)
            .set_key(Some(key.item()))
            .update_expression(
                "SET letter = :next, guesses = :none, ends = :ends, expires_at = :expires",
            )
            .condition_expression("letter = :letter")
            .expression_attribute_values(":letter", text(row.letter.as_str()))
            .expression_attribute_values(":next", text(letter.as_str()))
            .expression_attribute_values(":none", number(0))
            .expression_attribute_values(":ends", instant_value(ends))
            .expression_attribute_values(":expires", seconds_value(ends));
        let link = LinkRow {
            registration: Some(id.clone()),
            ..self.link_row(&letter, LinkPurpose::Activation, now)
        };
        let former = keys::link(&hashed_token(&self.secrets.token(&row.letter)));
        let items = vec![
            TransactWriteItem::builder().update(update.build().map_err(build)?).build(),
            transaction::put_new(&self.sessions, &link)?,
            transaction::delete(&self.sessions, &former)?,
            self.letter_item(letter, LetterKind::ActivateAccount, &to, BTreeMap::new(), now)?,
        ];
        // Two requests at once send one letter: the other finds the registration changed.
        self.write(items).await.map(|_| ())
    }

    /// Judges link and code; right, they make the registration an account, all or nothing (ACC-2).
    pub async fn activate(
        &self,
        token: &str,
        typed: &ActivationCode,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Activated, StoreError> {
        let Some(link) = self.link(token, LinkPurpose::Activation, now).await? else {
            return Ok(Activated::WrongLink);
        };
        let Some(id) = link.registration.clone() else { return Ok(Activated::WrongLink) };
        let row = match self.count_guess(&id, &link.letter, now).await? {
            Ok(row) => row,
            Err(refusal) => return Ok(refusal),
        };
        if !self.secrets.code(&row.letter).is(typed) {
            return Ok(Activated::WrongCode { left: MOST_GUESSES.saturating_sub(row.guesses) });
        }
        let Ok(address) = row.registration.email.parse::<EmailAddress>() else {
            return Ok(Activated::WrongLink);
        };
        let registration = Delete::builder()
            .table_name(&self.sessions)
            .set_key(Some(keys::registration(&id).item()))
            .condition_expression("letter = :letter")
            .expression_attribute_values(":letter", text(row.letter.as_str()));
        let items = vec![
            self.taken(&link, now)?,
            TransactWriteItem::builder().delete(registration.build().map_err(build)?).build(),
            self.new_account(&account, &row.registration, now)?,
            transaction::put_new(
                &self.portal,
                &stored_password(&account, row.registration.password.clone(), now),
            )?,
            self.claim(&address, &account)?,
        ];
        Ok(match self.write(items).await? {
            Ok(()) => Activated::Account(account),
            Err(failed) if failed.last() == Some(&true) => Activated::AddressTaken,
            Err(_) => Activated::WrongLink,
        })
    }

    /// Sends a link with which a new password can be chosen, to the mailbox as it was confirmed (ACC-5).
    ///
    /// For an address without an account, or of one that has no password any more (IDP-2), it writes a link that is
    /// good for nothing and leaves for no mailbox: time does not tell whether the address is known. `nobody` is fresh.
    pub async fn send_recovery(
        &self,
        address: &EmailAddress,
        nobody: AccountId,
        letter: LetterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = self.account_of(address).await?.unwrap_or(nobody);
        let row: Option<AccountRow> =
            table::row(&self.client, &self.portal, &keys::account(&id), "account").await?;
        let password = self.password(&id).await?;
        let mut link = self.link_row(&letter, LinkPurpose::Recovery, now);
        let mut items = Vec::new();
        if let Some(to) = row.and_then(|row| address_of(&row.account))
            && password.is_some()
        {
            link.account = Some(id);
            link.email = Some(to.reveal().to_owned());
            let kind = LetterKind::RecoverPassword;
            items.push(self.letter_item(letter, kind, &to, BTreeMap::new(), now)?);
        }
        items.push(transaction::put_new(&self.sessions, &link)?);
        self.write(items).await.map(|_| ())
    }

    /// Whose password a link lets choose anew; none when the link is not good (any more).
    pub async fn account_to_recover(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<AccountId>, StoreError> {
        Ok(self.link(token, LinkPurpose::Recovery, now).await?.and_then(|link| link.account))
    }

    /// Replaces a password by a recovery link, which is used up, and ends the sessions; false when the link is not good (any more).
    ///
    /// A link that is older than the password is void: of several only the first is good. So is one that went to a
    /// mailbox which is not the account's any more. The person who recovers an account has the last word on its
    /// address: a change that waits for its confirmation is void, too.
    pub async fn recover(
        &self,
        token: &str,
        account: &Account,
        password: PasswordHash,
        letter: LetterId,
        ends: AlongWrite,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(link) = self.link(token, LinkPurpose::Recovery, now).await? else {
            return Ok(false);
        };
        let Some(mailbox) = &link.email else { return Ok(false) };
        if link.account.as_ref() != Some(&account.id) {
            return Ok(false);
        }
        let update = Update::builder()
            .table_name(&self.portal)
            .set_key(Some(keys::account(&account.id).item()))
            .update_expression("REMOVE address_change")
            .condition_expression("email = :mailbox")
            .expression_attribute_values(":mailbox", text(mailbox));
        let mut items = vec![
            self.taken(&link, now)?,
            TransactWriteItem::builder().update(update.build().map_err(build)?).build(),
            self.password_item(&account.id, password, "changed <= :seen", link.created, now)?,
            ends.0,
        ];
        if let Some(to) = address_of(account) {
            items.push(self.letter_item(
                letter,
                LetterKind::PasswordChanged,
                &to,
                BTreeMap::new(),
                now,
            )?);
        }
        Ok(self.write(items).await?.is_ok())
    }

    /// Stores all that changes of an account in one step (ACC-4); false when it was changed meanwhile.
    ///
    /// A new address gets a link first, and the old one a letter; the mailbox of an address that has an account gets a
    /// letter saying so, and nobody else learns of it (ACC-2). Only the newest such link counts, and a new password
    /// voids it. `letters` are fresh.
    pub async fn change(
        &self,
        account: &Account,
        password: Option<&StoredPassword>,
        change: &DataChange,
        letters: [LetterId; 3],
        ends: Option<AlongWrite>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let [of_password, to_next, to_current] = letters;
        let mut items = vec![self.data_item(account, change, &to_next)?];
        items.extend(ends.map(|write| write.0));
        let current = address_of(account);
        if let (Some(hash), Some(stored)) = (&change.password, password) {
            items.push(self.password_item(
                &account.id,
                hash.clone(),
                "changed = :seen",
                stored.changed,
                now,
            )?);
            if let Some(to) = &current {
                items.push(self.letter_item(
                    of_password,
                    LetterKind::PasswordChanged,
                    to,
                    BTreeMap::new(),
                    now,
                )?);
            }
        }
        if let Some(next) = &change.email {
            if let Some((_, mailbox)) = self.mailbox_of(next).await? {
                let kind = LetterKind::AccountExists;
                items.push(self.letter_item(to_next, kind, &mailbox, BTreeMap::new(), now)?);
            } else {
                let link = LinkRow {
                    account: Some(account.id.clone()),
                    email: Some(next.reveal().to_owned()),
                    ..self.link_row(&to_next, LinkPurpose::EmailConfirmation, now)
                };
                items.push(transaction::put_new(&self.sessions, &link)?);
                let kind = LetterKind::ConfirmAddress;
                items.push(self.letter_item(to_next, kind, next, BTreeMap::new(), now)?);
            }
            if let Some(to) = &current {
                items.push(self.letter_item(
                    to_current,
                    LetterKind::AddressChanging,
                    to,
                    BTreeMap::new(),
                    now,
                )?);
            }
        }
        Ok(self.write(items).await?.is_ok())
    }

    /// The new address takes effect (ACC-4); false when the link is not good (any more) or the address has an account.
    pub async fn confirm_address(&self, token: &str, now: Timestamp) -> Result<bool, StoreError> {
        let Some(link) = self.link(token, LinkPurpose::EmailConfirmation, now).await? else {
            return Ok(false);
        };
        let (Some(id), Some(next)) = (&link.account, &link.email) else { return Ok(false) };
        let Ok(next) = next.parse::<EmailAddress>() else { return Ok(false) };
        let key = keys::account(id);
        let row: Option<AccountRow> =
            table::row(&self.client, &self.portal, &key, "account").await?;
        let Some(account) = row.map(|row| row.account) else { return Ok(false) };
        let Some(current) = address_of(&account) else { return Ok(false) };
        let update = Update::builder()
            .table_name(&self.portal)
            .set_key(Some(key.item()))
            .update_expression("SET email = :next REMOVE address_change")
            .condition_expression("email = :current AND address_change = :letter")
            .expression_attribute_values(":current", text(account.email.unwrap_or_default()))
            .expression_attribute_values(":letter", text(link.letter.as_str()))
            .expression_attribute_values(":next", text(next.reveal()));
        let mut items = vec![
            self.taken(&link, now)?,
            TransactWriteItem::builder().update(update.build().map_err(build)?).build(),
        ];
        // The same mailbox in another spelling keeps its claim.
        if self.opaque(&next) != self.opaque(&current) {
            items.push(self.claim(&next, id)?);
            items.push(self.unclaim(&current, id)?);
        }
        Ok(self.write(items).await?.is_ok())
    }

    /// Removes an account with its password, address and memberships, and sends a letter to its mailbox (ACC-6); false
    /// when its address was changed meanwhile, whose claim would stay behind, or what goes along was not true any more.
    pub async fn close(
        &self,
        account: &Account,
        counts: &BTreeMap<String, String>,
        letter: LetterId,
        along: Vec<AlongWrite>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let partition = keys::account(&account.id).pk;
        let mut kept = Vec::new();
        for prefix in [keys::MEMBER_PREFIX, keys::REFUSAL_PREFIX] {
            let what = "rows of the account";
            kept.extend(
                table::items_beginning(&self.client, &self.portal, &partition, prefix, what)
                    .await?,
            );
        }
        let delete = Delete::builder()
            .table_name(&self.portal)
            .set_key(Some(keys::account(&account.id).item()));
        // Neither with an address that was confirmed meanwhile, nor by a walk over old accounts when its person signs in.
        let delete = delete.expression_attribute_values(
            ":last",
            AttributeValue::N(account.last_sign_in.to_string()),
        );
        let delete = match &account.email {
            Some(email) => delete
                .condition_expression("email = :seen AND last_sign_in = :last")
                .expression_attribute_values(":seen", text(email)),
            None => delete.condition_expression("last_sign_in = :last"),
        };
        let mut items = vec![
            TransactWriteItem::builder().delete(delete.build().map_err(build)?).build(),
            transaction::delete(&self.portal, &keys::password(&account.id))?,
            transaction::delete(&self.portal, &keys::kept_password(&account.id))?,
        ];
        items.extend(along.into_iter().map(|write| write.0));
        for row in kept.iter().take(MOST_KEPT) {
            items.push(transaction::delete(&self.portal, &table::key_of(row))?);
        }
        if let Some(address) = address_of(account) {
            if account.is_by_email() {
                items.push(self.unclaim(&address, &account.id)?);
            }
            items.push(self.letter_item(
                letter,
                LetterKind::AccountClosed,
                &address,
                counts.clone(),
                now,
            )?);
        }
        Ok(self.write(items).await?.is_ok())
    }

    /// Notes that an e-mail account signed in.
    pub async fn record_sign_in(&self, id: &AccountId, now: Timestamp) -> Result<(), StoreError> {
        let noted = retried(|| {
            self.client
                .update_item()
                .table_name(&self.portal)
                .set_key(Some(keys::account(id).item()))
                .update_expression("SET last_sign_in = :now")
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_values(":now", instant_value(now))
                .send()
        })
        .await;
        match noted {
            Err(error) if Failure::of(&error) != Failure::Condition => {
                Err(StoreError::unavailable("account", error))
            }
            _ => Ok(()),
        }
    }

    /// Writes an e-mail account as a migration from the old portal would: no registration, no letter.
    pub async fn import(
        &self,
        account: &Account,
        password: PasswordHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = keys::account(&account.id);
        let row = AccountRow { pk: key.pk, sk: key.sk, v: 1, account: account.clone() };
        let Some(address) = address_of(account) else { return Ok(false) };
        let items = vec![
            transaction::put_new(&self.portal, &row)?,
            transaction::put_new(&self.portal, &stored_password(&account.id, password, now))?,
            self.claim(&address, &account.id)?,
        ];
        Ok(self.write(items).await?.is_ok())
    }

    /// Counts a guess before it is compared: guesses at once are at most five, too.
    async fn count_guess(
        &self,
        id: &RegistrationId,
        letter: &LetterId,
        now: Timestamp,
    ) -> Result<Result<RegistrationRow, Activated>, StoreError> {
        let key = keys::registration(id);
        let counted = retried(|| {
            self.client
                .update_item()
                .table_name(&self.sessions)
                .set_key(Some(key.item()))
                .update_expression("ADD guesses :one")
                .condition_expression("letter = :letter AND guesses < :most AND ends > :now")
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":most", number(u64::from(MOST_GUESSES)))
                .expression_attribute_values(":letter", text(letter.as_str()))
                .expression_attribute_values(":now", instant_value(now))
                .return_values(ReturnValue::AllNew)
                .send()
        })
        .await;
        match counted {
            Ok(output) => serde_dynamo::from_item(output.attributes.unwrap_or_default())
                .map(Ok)
                .map_err(|source| StoreError::corrupt(&key, source)),
            Err(error) if Failure::of(&error) == Failure::Condition => {
                let row: Option<RegistrationRow> =
                    table::row(&self.client, &self.sessions, &key, "registration").await?;
                let is_exhausted = row.is_some_and(|row| {
                    row.letter == *letter && row.guesses >= MOST_GUESSES && millis(now) < row.ends
                });
                Ok(Err(if is_exhausted { Activated::Exhausted } else { Activated::WrongLink }))
            }
            Err(error) => Err(StoreError::unavailable("registration", error)),
        }
    }

    fn link_row(&self, letter: &LetterId, purpose: LinkPurpose, now: Timestamp) -> LinkRow {
        let key = keys::link(&hashed_token(&self.secrets.token(letter)));
        let ends = now + purpose.lasts();
        LinkRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            purpose: purpose.code().to_owned(),
            registration: None,
            account: None,
            email: None,
            letter: letter.clone(),
            created: millis(now),
            ends: millis(ends),
            expires_at: ends.as_second(),
        }
    }

    /// A link that is good now for this purpose.
    async fn link(
        &self,
        token: &str,
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Result<Option<LinkRow>, StoreError> {
        let key = keys::link(&hashed_token(token));
        let row: Option<LinkRow> = table::row(&self.client, &self.sessions, &key, "link").await?;
        Ok(row.filter(|row| row.purpose == purpose.code() && millis(now) < row.ends))
    }

    /// Takes a link out: of two uses only one finds it.
    fn taken(&self, link: &LinkRow, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.sessions)
            .set_key(Some(Key { pk: link.pk.clone(), sk: link.sk.clone() }.item()))
            .condition_expression("purpose = :purpose AND ends > :now")
            .expression_attribute_values(":purpose", text(link.purpose.as_str()))
            .expression_attribute_values(":now", instant_value(now));
        Ok(TransactWriteItem::builder().delete(delete.build().map_err(build)?).build())
    }

    fn new_account(
        &self,
        id: &AccountId,
        registration: &Registration,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::account(id);
        let account = Account {
            id: id.clone(),
            fiscal_code: None,
            given_name: registration.given_name.clone(),
            family_name: registration.family_name.clone(),
            birth_date: Some(registration.birth_date),
            email: Some(registration.email.clone()),
            linked_to: None,
            formerly: None,
            consent: registration.consent.clone(),
            created: millis(now),
            last_sign_in: millis(now),
        };
        transaction::put_new(&self.portal, &AccountRow { pk: key.pk, sk: key.sk, v: 1, account })
    }

    /// What changes and nothing else, so that another tab's change of other data stays. `letter` carries the link that
    /// confirms a new address.
    fn data_item(
        &self,
        account: &Account,
        change: &DataChange,
        letter: &LetterId,
    ) -> Result<TransactWriteItem, StoreError> {
        let (mut sets, mut values) = (Vec::new(), HashMap::new());
        let changes = [
            ("given_name", change.given_name.clone()),
            ("family_name", change.family_name.clone()),
            ("birth_date", change.birth_date.map(|date| date.to_string())),
            ("address_change", change.email.as_ref().map(|_| letter.to_string())),
        ];
        for (name, value) in changes {
            if let Some(value) = value {
                sets.push(format!("{name} = :{name}"));
                values.insert(format!(":{name}"), text(value));
            }
        }
        let mut update = Vec::new();
        if !sets.is_empty() {
            update.push(format!("SET {}", sets.join(", ")));
        }
        if change.password.is_some() && change.email.is_none() {
            update.push("REMOVE address_change".to_owned());
        }
        let update = Update::builder()
            .table_name(&self.portal)
            .set_key(Some(keys::account(&account.id).item()))
            .update_expression(update.join(" "))
            .condition_expression("attribute_exists(pk)")
            .set_expression_attribute_values((!values.is_empty()).then_some(values));
        Ok(TransactWriteItem::builder().update(update.build().map_err(build)?).build())
    }

    fn password_item(
        &self,
        id: &AccountId,
        hash: PasswordHash,
        condition: &str,
        seen: i64,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let row = stored_password(id, hash, now);
        let put = Put::builder()
            .table_name(&self.portal)
            .set_item(Some(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?))
            .condition_expression(condition)
            .expression_attribute_values(":seen", AttributeValue::N(seen.to_string()));
        Ok(TransactWriteItem::builder().put(put.build().map_err(build)?).build())
    }

    fn claim(
        &self,
        address: &EmailAddress,
        account: &AccountId,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::email_address(&self.opaque(address));
        let row = AddressRow { pk: key.pk, sk: key.sk, v: 1, account: account.clone() };
        transaction::put_new(&self.portal, &row)
    }

    fn unclaim(
        &self,
        address: &EmailAddress,
        account: &AccountId,
    ) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.portal)
            .set_key(Some(keys::email_address(&self.opaque(address)).item()))
            .condition_expression("attribute_not_exists(pk) OR account = :account")
            .expression_attribute_values(":account", text(account.as_str()));
        Ok(TransactWriteItem::builder().delete(delete.build().map_err(build)?).build())
    }

    fn letter_item(
        &self,
        id: LetterId,
        kind: LetterKind,
        to: &EmailAddress,
        facts: BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        self.letters.item(&Letter { id, kind, to: to.clone(), facts }, now)
    }

    async fn write(
        &self,
        items: Vec<TransactWriteItem>,
    ) -> Result<Result<(), Vec<bool>>, StoreError> {
        Ok(match table::transact(&self.client, items, "e-mail account").await? {
            Transacted::Written => Ok(()),
            Transacted::Refused(failed) => Err(failed),
        })
    }
}

/// More memberships and refusals than any account has: a transaction holds a hundred items.
const MOST_KEPT: usize = 90;

fn stored_password(id: &AccountId, hash: PasswordHash, now: Timestamp) -> StoredPassword {
    let key = keys::password(id);
    StoredPassword { pk: key.pk, sk: key.sk, v: 1, hash, changed: millis(now) }
}

/// The account's mailbox.
fn address_of(account: &Account) -> Option<EmailAddress> {
    account.email.as_deref().and_then(|email| email.parse().ok())
}

fn instant_value(instant: Timestamp) -> AttributeValue {
    AttributeValue::N(millis(instant).to_string())
}

fn seconds_value(instant: Timestamp) -> AttributeValue {
    AttributeValue::N(instant.as_second().to_string())
}
