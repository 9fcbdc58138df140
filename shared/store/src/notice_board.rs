//! Editions of the notice board: each is kept, the newest is public (NOT-1, DOC-1, ADM-2).

use aws_sdk_dynamodb::Client;
use domain::{ids::AccountId, notice_board::NoticeBoard};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    keys,
    rows::{PendingMark, SaveError, StoreError, millis},
    table,
};
use outside::queue::Queue;

/// One edition.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Edition {
    pk: String,
    sk: String,
    v: u8,
    /// From 1 on.
    pub number: u32,
    /// What it holds.
    pub board: NoticeBoard,
    /// When it was published, in milliseconds.
    pub published: i64,
    /// Who published it.
    pub by: AccountId,
    #[serde(flatten)]
    waiting: PendingMark,
}

impl Edition {
    /// An edition that waits to be made public.
    pub fn new(number: u32, board: NoticeBoard, by: AccountId, now: Timestamp) -> Self {
        let key = keys::notice_board(number);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            number,
            board,
            published: millis(now),
            by,
            waiting: PendingMark {
                pending_pk: Some(keys::pending_elsewhere(Queue::Facts)),
                pending_due: Some(millis(now)),
                queue: Some(Queue::Facts),
            },
        }
    }
}

/// The editions in their table.
#[derive(Clone, Debug)]
pub struct NoticeBoards {
    client: Client,
    table: String,
}

impl NoticeBoards {
    /// The editions in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The newest edition; none before the first.
    pub async fn newest(&self) -> Result<Option<Edition>, StoreError> {
        let partition = keys::notice_board(0).pk;
        let prefix = keys::EDITION_PREFIX;
        let newest = table::last_rows_beginning(
            &self.client,
            &self.table,
            &partition,
            prefix,
            1,
            "notice board",
        );
        Ok(newest.await?.pop())
    }

    /// Publishes an edition; a conflict where its number is taken.
    pub async fn publish(&self, edition: &Edition) -> Result<(), SaveError> {
        let is_new = table::put_new(&self.client, &self.table, edition, "notice board").await?;
        if is_new { Ok(()) } else { Err(SaveError::Conflict) }
    }
}
