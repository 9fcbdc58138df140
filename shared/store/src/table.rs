//! The two ways in which everything is read: one item by its key, or all items of a partition that begin alike.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, DeleteRequest, KeysAndAttributes, PutRequest, TransactWriteItem,
        WriteRequest,
    },
};
use data_encoding::HEXLOWER;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    keys::{EVENT_PREFIX, Key},
    retry::{Failure, PAUSES, retried},
    rows::{Item, SaveError, StoreError, build},
};
use outside::aws;

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

/// Most keys of one request.
const HUNDRED: usize = 100;
/// Requests for many items that are under way at once: an organisation has thousands.
const AT_ONCE: usize = 8;

/// Many items at once, in no order; those that are gone are left out. What was written a moment ago may be missing.
pub(crate) async fn items(
    client: &Client,
    table: &str,
    asked: &[Key],
    what: &'static str,
) -> Result<Vec<Item>, StoreError> {
    many(client, table, asked, false, what).await
}

/// The same as last written, at twice the price.
pub(crate) async fn items_consistent(
    client: &Client,
    table: &str,
    asked: &[Key],
    what: &'static str,
) -> Result<Vec<Item>, StoreError> {
    many(client, table, asked, true, what).await
}

async fn many(
    client: &Client,
    table: &str,
    asked: &[Key],
    is_consistent: bool,
    what: &'static str,
) -> Result<Vec<Item>, StoreError> {
    let mut requests = Vec::new();
    for keys in asked.chunks(HUNDRED) {
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(Key::item).collect()))
            .consistent_read(is_consistent)
            .build()
            .map_err(build)?;
        requests.push(all_of(client, table, wanted, what));
    }
    let found: Vec<_> = stream::iter(requests).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

/// One request, and again for what it left out.
async fn all_of(
    client: &Client,
    table: &str,
    wanted: KeysAndAttributes,
    what: &'static str,
) -> Result<Vec<Item>, StoreError> {
    let mut found = Vec::new();
    let mut left = HashMap::from([(table.to_owned(), wanted)]);
    let mut pauses = PAUSES.into_iter();
    loop {
        let answer =
            retried(|| client.batch_get_item().set_request_items(Some(left.clone())).send())
                .await
                .map_err(|error| StoreError::unavailable(what, error))?;
        found.extend(answer.responses.unwrap_or_default().into_values().flatten());
        left = answer.unprocessed_keys.unwrap_or_default();
        if left.is_empty() {
            return Ok(found);
        }
        pause_before_rest(&mut pauses, what).await?;
    }
}

/// DynamoDB left a part of a batch out, because it was too much at once: the caller asks for it again after a pause, as
/// often as any call.
pub(crate) async fn pause_before_rest(
    pauses: &mut (impl Iterator<Item = Duration> + Send),
    what: &'static str,
) -> Result<(), StoreError> {
    let Some(pause) = pauses.next() else {
        return Err(StoreError::Unavailable {
            what,
            failure: Failure::Throttled,
            source: "a part was left out again and again".into(),
        });
    };
    tokio::time::sleep(pause).await;
    Ok(())
}

/// Puts a row that counts its own writes in the place of the one that was read with `before` of them in its attribute `n`;
/// with none, where no row was. Conflict when another write was faster.
pub(crate) async fn put_after<T: Serialize + Sync>(
    client: &Client,
    table: &str,
    row: &T,
    before: u64,
    what: &'static str,
) -> Result<(), SaveError> {
    if before == 0 {
        let is_new = put_new(client, table, row, what).await?;
        return if is_new { Ok(()) } else { Err(SaveError::Conflict) };
    }
    let item: Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
    let written = retried(|| {
        client
            .put_item()
            .table_name(table)
            .set_item(Some(item.clone()))
            .condition_expression("n = :before")
            .expression_attribute_values(":before", AttributeValue::N(before.to_string()))
            .send()
    })
    .await;
    match written {
        Ok(_) => Ok(()),
        Err(error) if Failure::of(&error) == Failure::Condition => Err(SaveError::Conflict),
        Err(error) => Err(StoreError::unavailable(what, error).into()),
    }
}

/// Writes of one request, as many as DynamoDB takes.
const WRITES: usize = 25;
/// Such requests under way at once.
const REQUESTS_AT_ONCE: usize = 16;

/// The write of a row that never changes, to go along with others in [`write_all`].
pub(crate) fn put_request<T: Serialize>(row: &T) -> Result<WriteRequest, StoreError> {
    let item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
    let put = PutRequest::builder().set_item(Some(item)).build().map_err(build)?;
    Ok(WriteRequest::builder().put_request(put).build())
}

/// Takes rows out, which may be gone already.
pub(crate) async fn delete_all(
    client: &Client,
    table: &str,
    keys: &[Key],
    what: &'static str,
) -> Result<(), StoreError> {
    let writes = keys.iter().map(|key| {
        let delete = DeleteRequest::builder().set_key(Some(key.item())).build().map_err(build)?;
        Ok(WriteRequest::builder().delete_request(delete).build())
    });
    write_all(client, table, writes.collect::<Result<_, StoreError>>()?, what).await
}

/// Many writes without a condition, in no order, each as often as it takes: they must be such that again changes nothing.
pub(crate) async fn write_all(
    client: &Client,
    table: &str,
    writes: Vec<WriteRequest>,
    what: &'static str,
) -> Result<(), StoreError> {
    let requests = writes.chunks(WRITES).map(|some| write_some(client, table, some.to_vec(), what));
    stream::iter(requests.collect::<Vec<_>>())
        .buffer_unordered(REQUESTS_AT_ONCE)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

/// One request, and again for what it left out.
async fn write_some(
    client: &Client,
    table: &str,
    writes: Vec<WriteRequest>,
    what: &'static str,
) -> Result<(), StoreError> {
    let mut left = HashMap::from([(table.to_owned(), writes)]);
    let mut pauses = PAUSES.into_iter();
    loop {
        let answer =
            retried(|| client.batch_write_item().set_request_items(Some(left.clone())).send())
                .await
                .map_err(|error| StoreError::unavailable(what, error))?;
        left = answer.unprocessed_items.unwrap_or_default();
        if left.is_empty() {
            return Ok(());
        }
        pause_before_rest(&mut pauses, what).await?;
    }
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

/// The last rows of a partition whose sort key begins so, the last first.
pub(crate) async fn last_rows_beginning<T: DeserializeOwned>(
    client: &Client,
    table: &str,
    partition: &str,
    prefix: &str,
    limit: i32,
    what: &'static str,
) -> Result<Vec<T>, StoreError> {
    let page = retried(|| {
        client
            .query()
            .table_name(table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(limit)
            .send()
    })
    .await
    .map_err(|error| StoreError::unavailable(what, error))?;
    page.items.unwrap_or_default().into_iter().map(|item| read(&key_of(&item), item)).collect()
}

/// A page of the items of a partition whose sort key begins so, in order, after a sort key.
pub(crate) async fn page_beginning(
    client: &Client,
    table: &str,
    partition: &str,
    prefix: &str,
    after: Option<&str>,
    limit: i32,
    what: &'static str,
) -> Result<Vec<Item>, StoreError> {
    let from = after.map(|sk| Key { pk: partition.to_owned(), sk: sk.to_owned() }.item());
    let page = retried(|| {
        let query = client
            .query()
            .table_name(table)
            .expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()))
            .consistent_read(true)
            .limit(limit)
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
    Ok(page.items.unwrap_or_default())
}

/// Writes a row that is new; false where one of its key is there already, which stays as it is.
pub(crate) async fn put_new(
    client: &Client,
    table: &str,
    row: &(impl Serialize + Sync),
    what: &'static str,
) -> Result<bool, StoreError> {
    let item: Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
    let written = retried(|| {
        client
            .put_item()
            .table_name(table)
            .set_item(Some(item.clone()))
            .condition_expression(IS_NEW)
            .send()
    })
    .await;
    match written {
        Ok(_) => Ok(true),
        Err(error) if Failure::of(&error) == Failure::Condition => Ok(false),
        Err(error) => Err(StoreError::unavailable(what, error)),
    }
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

/// The outcome of a transaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Transacted {
    /// All of it is written.
    Written,
    /// Nothing is: these conditions did not hold, item by item.
    Refused(Vec<bool>),
}

/// The condition that a row is not there yet.
pub(crate) const IS_NEW: &str = "attribute_not_exists(pk)";

/// Refuses a transaction that would change or delete an event (AUD-1).
///
/// IAM cannot say it: its conditions know the partition key alone (`dynamodb:LeadingKeys`), and an event shares that with
/// the head, which every function changes. All transactions go through here; a test holds that nothing else writes events.
fn spare_events(items: &[TransactWriteItem]) -> Result<(), StoreError> {
    for item in items {
        let touched = [
            item.delete().map(|delete| &delete.key),
            item.update().map(|update| &update.key),
            item.put()
                .filter(|put| put.condition_expression() != Some(IS_NEW))
                .map(|put| &put.item),
        ];
        for key in touched.into_iter().flatten().map(key_of) {
            if key.sk.starts_with(EVENT_PREFIX) {
                return Err(StoreError::corrupt(&key, "an event is never changed or deleted"));
            }
        }
    }
    Ok(())
}

/// Writes all or nothing. The token makes a retry after a cut connection harmless.
pub(crate) async fn transact(
    client: &Client,
    items: Vec<TransactWriteItem>,
    what: &'static str,
) -> Result<Transacted, StoreError> {
    spare_events(&items)?;
    let token: [u8; 16] = aws::random().map_err(|source| StoreError::Unavailable {
        what,
        failure: Failure::Refused,
        source: Box::new(source),
    })?;
    let token = HEXLOWER.encode(&token);
    let written = retried(|| {
        client
            .transact_write_items()
            .set_transact_items(Some(items.clone()))
            .client_request_token(&token)
            .send()
    })
    .await;
    let Err(error) = written else { return Ok(Transacted::Written) };
    if let SdkError::ServiceError(service) = &error
        && let TransactWriteItemsError::TransactionCanceledException(cancelled) = service.err()
    {
        let failed: Vec<_> = cancelled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code() == Some("ConditionalCheckFailed"))
            .collect();
        if failed.contains(&true) {
            return Ok(Transacted::Refused(failed));
        }
    }
    Err(StoreError::unavailable(what, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AUD-1: an event is written once. What would change, delete or overwrite one is refused before it is sent.
    #[test]
    fn events_are_written_once_and_never_changed() {
        use aws_sdk_dynamodb::types::{Delete, Put, Update};
        let key = |sk: &str| Key { pk: "APP#x".to_owned(), sk: sk.to_owned() };
        let delete = |sk: &str| {
            let delete = Delete::builder().table_name("t").set_key(Some(key(sk).item()));
            TransactWriteItem::builder().delete(delete.build().unwrap()).build()
        };
        let update = |sk: &str| {
            let update = Update::builder().table_name("t").set_key(Some(key(sk).item()));
            let update = update.update_expression("SET a = :a").build().unwrap();
            TransactWriteItem::builder().update(update).build()
        };
        let put = |sk: &str, condition: Option<&str>| {
            let put = Put::builder().table_name("t").set_item(Some(key(sk).item()));
            let put = put.set_condition_expression(condition.map(str::to_owned)).build().unwrap();
            TransactWriteItem::builder().put(put).build()
        };
        let event = "EVENT#000001";
        for refused in [delete(event), update(event), put(event, None), put(event, Some("v = :v"))]
        {
            assert!(spare_events(&[delete("HEAD"), refused]).is_err());
        }
        let fine =
            [put(event, Some(IS_NEW)), put("HEAD", None), update("HEAD"), delete("NOTICE#x")];
        assert!(spare_events(&fine).is_ok());
    }

    /// What writes one row alone never names an event's key: all events are written by transactions.
    #[test]
    fn no_event_is_written_outside_a_transaction() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = vec![folder];
        let mut found = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                if path.ends_with("keys.rs") || path.ends_with("table.rs") {
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains("transact_write_items"), "{}", path.display());
                for line in text.lines() {
                    let names_event = ["event(", "official_named("]
                        .iter()
                        .any(|name| line.contains("keys::") && line.contains(name));
                    if names_event {
                        found += 1;
                        let is_written = line.contains("set_key") || line.contains("delete(");
                        assert!(!is_written, "{}: {line}", path.display());
                    }
                }
            }
        }
        assert!(found >= 5, "{found} places name the key of an event");
    }

    #[tokio::test]
    async fn keys_that_are_left_out_again_and_again_are_not_asked_for_ever() {
        let mut pauses = [Duration::ZERO].into_iter();
        assert!(pause_before_rest(&mut pauses, "heads").await.is_ok());
        let error = pause_before_rest(&mut pauses, "heads").await.unwrap_err();
        assert!(error.retryable(), "{error}");
    }
}
