//! Activation codes of applications: hashes, wrong guesses and replacements (ACT-1).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem};
use data_encoding::HEXLOWER;
use domain::{
    activation::{Activation, CodeHash},
    application::Application,
    ids::ApplicationId,
    notice::NoticeKind,
};
use jiff::Timestamp;
use outside::aws;
use serde::{Deserialize, Serialize};

use super::Applications;
use crate::{
    keys,
    outbox::NoticeRow,
    retry::{Failure, retried},
    rows::{CorruptRow, SaveError, StoreError, build, bytes, instant, millis},
    table,
    transaction::{all_or_nothing, head_is, number, text},
};

impl Applications {
    /// An application's activation code.
    pub async fn activation(&self, id: &ApplicationId) -> Result<Option<Activation>, StoreError> {
        let key = keys::activation(id);
        let row: Option<ActivationRow> =
            table::row(&self.client, &self.table, &key, "activation code").await?;
        row.map(|row| row.activation())
            .transpose()
            .map_err(|misfit| StoreError::corrupt(&key, misfit))
    }

    /// The activation codes of these applications, where they have one, with one request to the store for a hundred.
    pub async fn activations(
        &self,
        ids: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Activation>, StoreError> {
        let asked: Vec<_> = ids.iter().map(keys::activation).collect();
        let mut found = HashMap::with_capacity(asked.len());
        for item in table::items(&self.client, &self.table, &asked, "activation codes").await? {
            let key = table::key_of(&item);
            let row: ActivationRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            let activation =
                row.activation().map_err(|misfit| StoreError::corrupt(&key, misfit))?;
            if let Some(id) = keys::application_of(&key.pk) {
                found.insert(id, activation);
            }
        }
        Ok(found)
    }

    /// Stores a wrong attempt at a code, unless another attempt was stored first.
    pub async fn save_attempt(
        &self,
        id: &ApplicationId,
        before: &Activation,
        after: &Activation,
    ) -> Result<(), SaveError> {
        let put = put(&self.table, id, Some(before), after)?;
        let key = keys::activation(id);
        // Two guesses at once would write the same row: the mark tells this write from the other's, so that both count.
        let mark: [u8; 16] = aws::random().map_err(|_| SaveError::Conflict)?;
        let mut item = put.item.clone();
        item.insert("mark".to_owned(), text(HEXLOWER.encode(&mark)));
        let saved = retried(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item.clone()))
                .condition_expression("wrong_attempts = :wrong AND issued_at = :issued")
                .set_expression_attribute_values(put.expression_attribute_values.clone())
                .send()
        })
        .await;
        match saved {
            Ok(_) => Ok(()),
            Err(error) if Failure::of(&error) == Failure::Condition => {
                // Our own write, cut after it took effect, is no conflict.
                match self.item(&key, "activation code").await? {
                    Some(stored) if stored == item => Ok(()),
                    _ => Err(SaveError::Conflict),
                }
            }
            Err(error) => Err(StoreError::unavailable("activation code", error).into()),
        }
    }

    /// Replaces the activation code and tells the employer, in one transaction (ACT-1).
    pub async fn reissue(
        &self,
        application: &Application,
        before: &Activation,
        after: &Activation,
        now: Timestamp,
    ) -> Result<(), SaveError> {
        // Counts never start anew, unlike the issues of a day: the second of the issue names the notice.
        let n = u32::try_from(after.issued_at.as_second()).unwrap_or(u32::MAX);
        let notice = NoticeRow::waiting(&application.id, NoticeKind::ActivationCode, n, now, now);
        let items = vec![
            activation_put(&self.table, &application.id, Some(before), after)?,
            self.put_new(&notice)?,
            head_is(&self.table, application)?,
        ];
        all_or_nothing(&self.client, items, "change").await
    }
}

/// The check that no other request tried a code or issued another meanwhile.
pub(super) fn activation_unchanged_item(
    table: &str,
    id: &ApplicationId,
    loaded: &Activation,
) -> Result<TransactWriteItem, StoreError> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(keys::activation(id).item()))
        .condition_expression("wrong_attempts = :wrong AND issued_at = :issued")
        .expression_attribute_values(":wrong", number(u64::from(loaded.wrong_attempts)))
        .expression_attribute_values(
            ":issued",
            AttributeValue::N(millis(loaded.issued_at).to_string()),
        );
    Ok(TransactWriteItem::builder().condition_check(check.build().map_err(build)?).build())
}

/// The write of an activation code, in the place of `before` where there is one.
pub(super) fn activation_put(
    table: &str,
    id: &ApplicationId,
    before: Option<&Activation>,
    after: &Activation,
) -> Result<TransactWriteItem, StoreError> {
    Ok(TransactWriteItem::builder().put(put(table, id, before, after)?).build())
}

/// An activation code as stored: its hash, and what is needed to derive it again for the PEC.
#[derive(Debug, Deserialize, Serialize)]
struct ActivationRow {
    pk: String,
    sk: String,
    v: u8,
    hash: String,
    nonce: String,
    issued_at: i64,
    expires_at: i64,
    wrong_attempts: u8,
    issued: u8,
    counted_from: i64,
}

impl ActivationRow {
    fn of(id: &ApplicationId, activation: &Activation) -> Self {
        let key = keys::activation(id);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            hash: HEXLOWER.encode(activation.hash.as_bytes()),
            nonce: HEXLOWER.encode(&activation.nonce),
            issued_at: millis(activation.issued_at),
            expires_at: millis(activation.expires_at),
            wrong_attempts: activation.wrong_attempts,
            issued: activation.issued,
            counted_from: millis(activation.counted_from),
        }
    }

    fn activation(&self) -> Result<Activation, CorruptRow> {
        Ok(Activation {
            hash: CodeHash::from_bytes(bytes(&self.hash).ok_or(CorruptRow::of("hash"))?),
            nonce: bytes(&self.nonce).ok_or(CorruptRow::of("nonce"))?,
            issued_at: instant(self.issued_at).map_err(|_| CorruptRow::of("issued_at"))?,
            expires_at: instant(self.expires_at).map_err(|_| CorruptRow::of("expires_at"))?,
            wrong_attempts: self.wrong_attempts,
            issued: self.issued,
            counted_from: instant(self.counted_from).map_err(|_| CorruptRow::of("counted_from"))?,
        })
    }
}

fn put(
    table: &str,
    id: &ApplicationId,
    before: Option<&Activation>,
    after: &Activation,
) -> Result<Put, StoreError> {
    let row = ActivationRow::of(id, after);
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?));
    let put = match before {
        None => put.condition_expression("attribute_not_exists(pk)"),
        Some(before) => put
            .condition_expression("wrong_attempts = :wrong AND issued_at = :issued")
            .expression_attribute_values(":wrong", number(u64::from(before.wrong_attempts)))
            .expression_attribute_values(
                ":issued",
                AttributeValue::N(millis(before.issued_at).to_string()),
            ),
    };
    put.build().map_err(build)
}
