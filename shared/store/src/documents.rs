//! The documents that the portal makes: asked for with the change that needs them, made by make-document, kept for good.

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, TransactWriteItem, Update},
};
use domain::{application::Application, document::DocumentKind, ids::ApplicationId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Key},
    rows::{PendingMark, StoreError, build, millis},
    table,
};
use outside::{files::StoredFile, queue::Queue};

/// A document as recorded; its content is a file in the bucket of documents.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DocumentRow {
    pk: String,
    sk: String,
    v: u8,
    /// What it is.
    pub kind: DocumentKind,
    /// The version of the head that asked for it; documents of one change belong together.
    pub version: u64,
    /// When it was asked for, in milliseconds of the campaign's clock.
    pub created: i64,
    /// When it was made, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<i64>,
    /// Where its content is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<StoredFile>,
    #[serde(flatten)]
    waiting: PendingMark,
}

impl DocumentRow {
    pub(crate) fn waiting(head: &Application, kind: DocumentKind, wall: Timestamp) -> Self {
        let key = keys::document(&head.id, kind.code(), head.version);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            kind,
            version: head.version,
            created: millis(head.changed),
            made: None,
            file: None,
            waiting: PendingMark::of(&head.id, Queue::Documents, wall),
        }
    }

    /// The application that it is about.
    pub fn application(&self) -> Option<ApplicationId> {
        keys::application_of(&self.pk)
    }

    /// Where it stands.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    /// Whether it still waits to be made.
    pub const fn is_waiting(&self) -> bool {
        self.waiting.queue.is_some()
    }
}

/// The newest made document of a kind.
pub fn newest(rows: &[DocumentRow], kind: DocumentKind) -> Option<&DocumentRow> {
    rows.iter().filter(|row| row.kind == kind && row.file.is_some()).max_by_key(|row| row.version)
}

/// The documents in a table.
#[derive(Clone, Debug)]
pub struct Documents {
    client: Client,
    table: String,
}

impl Documents {
    /// The documents in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// One document, as last written.
    pub async fn find(&self, key: &Key) -> Result<Option<DocumentRow>, StoreError> {
        table::row(&self.client, &self.table, key, "document").await
    }

    /// All documents of an application, made or not, by kind and version.
    pub async fn of(&self, id: &ApplicationId) -> Result<Vec<DocumentRow>, StoreError> {
        let partition = keys::application(id);
        table::rows_beginning(
            &self.client,
            &self.table,
            &partition,
            keys::DOCUMENT_PREFIX,
            "documents",
        )
        .await
    }

    /// Records where its content is, where nothing else follows from it; false when another delivery did so first.
    pub async fn record_made(
        &self,
        row: &DocumentRow,
        file: &StoredFile,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let items = vec![made_item(&self.table, row, file, now)?];
        let written = table::transact(&self.client, items, "document").await?;
        Ok(written == table::Transacted::Written)
    }
}

/// The write that records where a document's content is, to go along with what its making brings about; made once.
pub(crate) fn made_item(
    table: &str,
    row: &DocumentRow,
    file: &StoredFile,
    now: Timestamp,
) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(row.key().item()))
        .update_expression("SET made = :now, #file = :file REMOVE pending_pk, pending_due, queue")
        .condition_expression("attribute_exists(queue)")
        // `file` is a word that DynamoDB keeps for itself.
        .expression_attribute_names("#file", "file")
        .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
        .expression_attribute_values(
            ":file",
            serde_dynamo::to_attribute_value(file).map_err(StoreError::unwritable)?,
        )
        .build()
        .map_err(build)?;
    Ok(TransactWriteItem::builder().update(update).build())
}
