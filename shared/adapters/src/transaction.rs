//! The parts of which a transaction is made; [`crate::table::transact`] writes it.

use aws_sdk_dynamodb::{
    Client,
    error::BuildError,
    types::{AttributeValue, Delete, Put, TransactWriteItem},
};
use serde::Serialize;

use crate::{
    applications::SaveError,
    keys::Key,
    retry::Failure,
    rows::StoreError,
    table::{self, Transacted},
};

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
        .condition_expression("attribute_not_exists(pk)")
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

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn build(error: BuildError) -> StoreError {
    StoreError::Unavailable { what: "request", failure: Failure::Refused, source: Box::new(error) }
}
