//! Keeps what the store crate would write, and writes it in batches: rows of seeds are those of the real code, at the speed
//! of a bench.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_dynamodb::{
    Client,
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::BeforeSerializationInterceptorContextRef,
    },
    error::BoxError,
    operation::{
        batch_write_item::BatchWriteItemInput, put_item::PutItemInput,
        transact_write_items::TransactWriteItemsInput,
    },
    types::{PutRequest, WriteRequest},
};
use futures::{TryStreamExt as _, stream};
use store::rows::Item;

use crate::Broken;

/// Items of one request: DynamoDB takes no more.
const BATCH: usize = 25;
/// Requests under way at once.
const AT_ONCE: usize = 8;

/// An item and its table.
pub type Row = (String, Item);

/// Takes what a client was about to put, and lets the call fail before it leaves.
#[derive(Clone, Debug, Default)]
pub struct Keeper(Arc<Mutex<Vec<Row>>>);

impl Keeper {
    /// What was kept since the last time.
    pub fn take(&self) -> Vec<Row> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, rows: impl IntoIterator<Item = Row>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(rows);
    }
}

impl Intercept for Keeper {
    fn name(&self) -> &'static str {
        "Keeper"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input();
        if let Some(input) = input.downcast_ref::<TransactWriteItemsInput>() {
            let puts = input.transact_items().iter().filter_map(|item| item.put());
            self.keep(puts.map(|put| (put.table_name().to_owned(), put.item().clone())));
        } else if let Some(input) = input.downcast_ref::<PutItemInput>() {
            let table = input.table_name().unwrap_or_default().to_owned();
            self.keep(input.item().map(|item| (table, item.clone())));
        } else if let Some(input) = input.downcast_ref::<BatchWriteItemInput>() {
            for (table, requests) in input.request_items().into_iter().flatten() {
                let puts = requests.iter().filter_map(|request| request.put_request());
                self.keep(puts.map(|put| (table.clone(), put.item().clone())));
            }
        } else {
            return Err("only what is put can be kept".into());
        }
        Err("kept".into())
    }
}

/// Puts rows into their tables; of two with one key the later counts.
///
/// # Errors
/// The store does not take them.
pub async fn put_all(client: &Client, rows: Vec<Row>) -> Result<(), Broken> {
    let mut by_key: HashMap<(String, String), Row> = HashMap::with_capacity(rows.len());
    for (table, item) in rows {
        let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok().cloned());
        let key = format!("{}\n{}", part("pk").unwrap_or_default(), part("sk").unwrap_or_default());
        by_key.insert((table.clone(), key), (table, item));
    }
    let rows: Vec<Row> = by_key.into_values().collect();
    let batches = rows.chunks(BATCH).map(|rows| Ok(rows.to_vec()));
    stream::iter(batches)
        .try_for_each_concurrent(AT_ONCE, async |rows: Vec<Row>| put_some(client, rows).await)
        .await
}

async fn put_some(client: &Client, rows: Vec<Row>) -> Result<(), Broken> {
    let mut left: HashMap<String, Vec<WriteRequest>> = HashMap::new();
    for (table, item) in rows {
        let put = PutRequest::builder().set_item(Some(item)).build()?;
        left.entry(table).or_default().push(WriteRequest::builder().put_request(put).build());
    }
    while !left.is_empty() {
        let answer = client.batch_write_item().set_request_items(Some(left)).send().await?;
        left = answer.unprocessed_items.unwrap_or_default();
    }
    Ok(())
}
