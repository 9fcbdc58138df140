//! Letters: mail that is about no application, written in the transaction of what caused it (ADR 4, ADR 10).

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{Client, types::TransactWriteItem};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use domain::{
    activation::ActivationCode,
    email_address::EmailAddress,
    ids::LetterId,
    keyed_hash::keyed_hash,
    letter::{LetterContent, LetterKind},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    keys::{self, Key},
    rows::{PendingMark, StoreError, millis},
    table, transaction,
};
use outside::{keying::Keying, queue::Queue};

/// A letter to be written.
#[derive(Clone)]
pub struct Letter {
    /// Fresh and random: from it the secrets in the mail are derived.
    pub id: LetterId,
    /// Its kind.
    pub kind: LetterKind,
    /// To whom.
    pub to: EmailAddress,
    /// What its text names, by the marks of its template; forgotten once it was sent.
    pub facts: BTreeMap<String, String>,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Letter")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Letter {
    /// A letter with this content and a fresh, random id; none where nothing can be delivered to the address: those
    /// that identity providers give are not checked.
    pub fn to(address: &str, id: LetterId, content: LetterContent) -> Option<Self> {
        let to = address.parse().ok()?;
        Some(Self { id, kind: content.kind(), to, facts: content.into_facts() })
    }

    /// The write of this letter, which then waits to be sent, for the transaction of what causes it.
    pub(crate) fn item(
        &self,
        table: &str,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::letter(&self.id);
        let row = LetterRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            kind: self.kind.code().to_owned(),
            recipient: Some(self.to.reveal().to_owned()),
            facts: self.facts.clone(),
            created: millis(now),
            waiting: PendingMark {
                pending_pk: Some(keys::pending_letter(Queue::Urgent, &self.id)),
                pending_due: Some(millis(now)),
                queue: Some(Queue::Urgent),
            },
        };
        transaction::put_new(table, &row)
    }
}

/// A letter as stored. Address and facts are personal: they leave the row when the letter leaves.
#[derive(Clone, Deserialize, Serialize)]
pub struct LetterRow {
    pk: String,
    sk: String,
    v: u8,
    /// The letter's kind.
    pub kind: String,
    /// To whom; none once it was sent or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// What its text names; none once it was sent or given up.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// When it came to be, in milliseconds.
    pub created: i64,
    #[serde(flatten)]
    waiting: PendingMark,
}

impl std::fmt::Debug for LetterRow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("LetterRow")
            .field("pk", &self.pk)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl LetterRow {
    /// The letter's identifier.
    pub fn id(&self) -> Option<LetterId> {
        keys::letter_of(&self.pk)
    }

    /// Whether it still waits to be sent.
    pub const fn is_waiting(&self) -> bool {
        self.waiting.queue.is_some()
    }
}

/// The letters in a table.
#[derive(Clone, Debug)]
pub struct Letters {
    client: Client,
    table: String,
}

impl Letters {
    /// The letters in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The write of a letter that waits to be sent, for the transaction of what caused it.
    pub(crate) fn item(
        &self,
        letter: &Letter,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        letter.item(&self.table, now)
    }

    /// One letter, as last written.
    pub async fn find(&self, key: &Key) -> Result<Option<LetterRow>, StoreError> {
        table::row(&self.client, &self.table, key, "letter").await
    }
}

/// The keys from which the secrets in letters are derived: the store never holds one (ADR 10).
#[derive(Clone)]
pub struct LetterSecrets {
    links: [u8; 32],
    codes: [u8; 32],
}

impl std::fmt::Debug for LetterSecrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("LetterSecrets([redacted])")
    }
}

impl LetterSecrets {
    /// Keys of their own, derived from the keying secret.
    pub fn new(keying: &Keying) -> Self {
        Self { links: keying.derived("letter-link"), codes: keying.derived("letter-code") }
    }

    /// The token of the letter's link, 43 characters; for the mail alone.
    pub fn token(&self, letter: &LetterId) -> String {
        BASE64URL_NOPAD.encode(&keyed_hash(&self.links, "link", &[letter.as_str().as_bytes()]))
    }

    /// The code in the letter; for the mail, and to compare a typed one with.
    pub fn code(&self, letter: &LetterId) -> ActivationCode {
        ActivationCode::of_letter(&self.codes, letter)
    }
}

/// What is stored of a link's token.
pub fn hashed_token(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> LetterSecrets {
        LetterSecrets::new(&Keying::new(b"keying secret of the tests".to_vec()))
    }

    /// Derived at the writing and again at the sending, the secrets must be the same, and those of no other letter.
    #[test]
    fn the_same_letter_always_has_the_same_secrets_and_another_has_others() {
        let (one, other) = (LetterId::from_random([1; 16]), LetterId::from_random([2; 16]));
        assert_eq!(secrets().token(&one), secrets().token(&one));
        assert_eq!(secrets().token(&one).len(), 43);
        assert_ne!(secrets().token(&one), secrets().token(&other));
        assert!(secrets().code(&one).is(&secrets().code(&one)));
        assert!(!secrets().code(&one).is(&secrets().code(&other)));
        let elsewhere = LetterSecrets::new(&Keying::new(b"another secret".to_vec()));
        assert_ne!(elsewhere.token(&one), secrets().token(&one));
    }

    #[test]
    fn what_is_no_address_gets_no_letter() {
        let content = || LetterContent::operator_enabled("Patronato Esempio");
        let id = || LetterId::from_random([1; 16]);
        assert!(Letter::to("anna@example.it", id(), content()).is_some());
        assert!(Letter::to("", id(), content()).is_none());
        assert!(Letter::to("anna", id(), content()).is_none());
    }

    #[test]
    fn no_debug_text_shows_who_gets_a_letter() {
        let letter = Letter {
            id: LetterId::from_random([1; 16]),
            kind: LetterKind::ActivateAccount,
            to: "anna@example.it".parse().unwrap(),
            facts: BTreeMap::from([("name".to_owned(), "Anna".to_owned())]),
        };
        assert!(!format!("{letter:?}").to_lowercase().contains("anna"));
    }
}
