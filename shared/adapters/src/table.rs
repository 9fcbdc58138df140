//! The two ways in which everything is read: one item by its key, or all items of a partition that begin alike.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use serde::de::DeserializeOwned;

use crate::{
    keys::Key,
    retry::retried,
    rows::{Item, StoreError},
};

/// One item, as last written.
pub(crate) async fn item(
    client: &Client,
    table: &str,
    key: &Key,
    what: &'static str,
) -> Result<Option<Item>, StoreError> {
    let found = retried(|| {
        client.get_item().table_name(table).set_key(Some(key.item())).consistent_read(true).send()
    })
    .await
    .map_err(|error| StoreError::unavailable(what, error))?;
    Ok(found.item)
}

/// One item as a row; one that does not fit is an error with its key.
pub(crate) async fn row<T: DeserializeOwned>(
    client: &Client,
    table: &str,
    key: &Key,
    what: &'static str,
) -> Result<Option<T>, StoreError> {
    item(client, table, key, what).await?.map(|item| read(key, item)).transpose()
}

/// All items of a partition whose sort key begins so, in order; with an empty beginning, all of the partition.
pub(crate) async fn items_beginning(
    client: &Client,
    table: &str,
    partition: &str,
    prefix: &str,
    what: &'static str,
) -> Result<Vec<Item>, StoreError> {
    let mut items = Vec::new();
    let mut from: Option<Item> = None;
    loop {
        let page = retried(|| {
            let query = client
                .query()
                .table_name(table)
                .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
                .consistent_read(true)
                .set_exclusive_start_key(from.clone());
            if prefix.is_empty() {
                query.key_condition_expression("pk = :pk").send()
            } else {
                query
                    .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                    .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
                    .send()
            }
        })
        .await
        .map_err(|error| StoreError::unavailable(what, error))?;
        items.extend(page.items.unwrap_or_default());
        from = page.last_evaluated_key.filter(|key| !key.is_empty());
        if from.is_none() {
            return Ok(items);
        }
    }
}

/// The same as rows.
pub(crate) async fn rows_beginning<T: DeserializeOwned>(
    client: &Client,
    table: &str,
    partition: &str,
    prefix: &str,
    what: &'static str,
) -> Result<Vec<T>, StoreError> {
    let items = items_beginning(client, table, partition, prefix, what).await?;
    items.into_iter().map(|item| read(&key_of(&item), item)).collect()
}

/// The key of an item.
pub(crate) fn key_of(item: &Item) -> Key {
    let part = |name: &str| {
        item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
    };
    Key { pk: part("pk"), sk: part("sk") }
}

fn read<T: DeserializeOwned>(key: &Key, item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|source| StoreError::corrupt(key, source))
}
