//! Tables of one's own, for what must not meet the rows of other tests.

use aws_sdk_dynamodb::{
    Client,
    types::{BillingMode, GlobalSecondaryIndex},
};

use crate::story::{Deviation, StoryResult};

/// A table with the keys and indexes of a table of the portal, and without its stream.
pub async fn own_table(store: &Client, like: &str, table: &str) -> StoryResult {
    let portal = store.describe_table().table_name(like).send().await?.table;
    let portal = portal.ok_or_else(|| Deviation::new("the portal has no table"))?;
    let indexes = portal.global_secondary_indexes().iter().map(|index| {
        GlobalSecondaryIndex::builder()
            .set_index_name(index.index_name.clone())
            .set_key_schema(index.key_schema.clone())
            .set_projection(index.projection.clone())
            .build()
    });
    let indexes: Vec<_> = indexes.collect::<Result<_, _>>()?;
    store
        .create_table()
        .table_name(table)
        .set_key_schema(portal.key_schema.clone())
        .set_attribute_definitions(portal.attribute_definitions.clone())
        .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await?;
    Ok(())
}
