//! Applications in the store: each file beside this one is one concern.

use aws_sdk_dynamodb::{Client, types::TransactWriteItem};
use domain::ids::ApplicationId;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    keys::{self, Key},
    rows::{Item, StoreError},
    table::{self, Transacted},
    transaction,
};

pub mod activation;
pub mod armed;
pub mod commit;
pub mod head;
pub mod history;
pub mod lists;
pub mod saved;
pub mod submit;
pub mod tasks;

/// The applications in a table.
#[derive(Clone, Debug)]
pub struct Applications {
    client: Client,
    table: String,
}

impl Applications {
    /// The applications in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    fn put_new<T: Serialize>(&self, row: &T) -> Result<TransactWriteItem, StoreError> {
        transaction::put_new(&self.table, row)
    }

    #[expect(clippy::unused_self, reason = "reads better at the call")]
    fn to_item<T: Serialize>(&self, row: &T) -> Result<Item, StoreError> {
        serde_dynamo::to_item(row).map_err(StoreError::unwritable)
    }

    async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Transacted, StoreError> {
        table::transact(&self.client, items, "change").await
    }

    async fn item(&self, key: &Key, what: &'static str) -> Result<Option<Item>, StoreError> {
        table::item(&self.client, &self.table, key, what).await
    }

    async fn rows<T: DeserializeOwned>(
        &self,
        id: &ApplicationId,
        prefix: &str,
    ) -> Result<Vec<T>, StoreError> {
        let partition = keys::application(id);
        table::rows_beginning(
            &self.client,
            &self.table,
            &partition,
            prefix,
            "items of an application",
        )
        .await
    }
}
