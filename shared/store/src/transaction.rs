//! The parts of which a transaction is made; [`crate::table::transact`] writes it.

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem},
};
use domain::application::Application;
use serde::Serialize;

use crate::{
    keys::{self, Key},
    rows::{SaveError, StoreError, build},
    table::{self, IS_NEW, Transacted},
};

/// A write of one part of the store, for the transaction of another part; only the store sees inside.
#[derive(Debug)]
pub struct AlongWrite(pub(crate) TransactWriteItem);

/// Writes a transaction; conflict when one of its conditions did not hold.
pub(crate) async fn all_or_nothing(
    client: &Client,
    items: Vec<TransactWriteItem>,
    what: &'static str,
) -> Result<(), SaveError> {
    match table::transact(client, items, what).await? {
        Transacted::Written => Ok(()),
        Transacted::Refused(_) => Err(SaveError::Conflict),
    }
}

/// A new row, which must not be there yet.
pub(crate) fn put_new<T: Serialize>(table: &str, row: &T) -> Result<TransactWriteItem, StoreError> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?))
        .condition_expression(IS_NEW)
        .build()
        .map_err(build)?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// A row, whether or not it is there already.
pub(crate) fn put<T: Serialize>(table: &str, row: &T) -> Result<TransactWriteItem, StoreError> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?))
        .build()
        .map_err(build)?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Takes a row out, whether or not it is there.
pub(crate) fn delete(table: &str, key: &Key) -> Result<TransactWriteItem, StoreError> {
    let delete =
        Delete::builder().table_name(table).set_key(Some(key.item())).build().map_err(build)?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// The check that an application is as it was read.
pub(crate) fn head_is(table: &str, head: &Application) -> Result<TransactWriteItem, StoreError> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(keys::head(&head.id).item()))
        .condition_expression("version = :version")
        .expression_attribute_values(":version", number(head.version))
        .build()
        .map_err(build)?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
