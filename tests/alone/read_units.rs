//! What a page of many applications costs the store, in read units as AWS counts them (SRC-1, NEW-2, ORG-4). Alone, since all
//! reads of the store are counted. Those of a scheduled run may still be among them: each page is read three times, and the
//! least counts.

use harness::{
    many::ManyFiled,
    read_units::halves,
    story::{StoryResult, ensure},
    world::World,
};
use serde_json::json;

/// Of nine hundred, one page reads each head once at most and no content but that of its rows; the radar, whose totals are
/// over all, reads each open one's summary, too.
#[tokio::test]
async fn a_page_of_nine_hundred_reads_each_head_once_and_no_more() -> StoryResult {
    let world = World::enter_alone().await?;
    let many = ManyFiled::stored(&world, 900).await?;
    let costs = many.costs().await;
    many.removed().await?;
    for cost in costs? {
        world.story.tell(format_args!("{}: {} half units", cost.page, cost.halves));
        // A head and a summary are under 4 KB: half a unit each. The keys of 900 in an index are under 60 halves.
        let most = match cost.page {
            "list, 20 rows" => 200,
            "search, 20 rows" => 900 + 150,
            "hand-over of a colleague who filed nothing" => 900 + 500,
            _ => 900 + 900 + 150,
        };
        ensure(cost.halves <= most, format!("{}: {} half units", cost.page, cost.halves))?;
        ensure(cost.halves >= 20, format!("{}: nothing was counted", cost.page))?;
    }
    Ok(())
}

/// "Item sizes and formats" and "Read consumption" of the developer guide, by its own examples and limits.
#[test]
fn units_are_counted_as_the_guide_says() {
    let item = |bytes: usize| json!({ "pk": { "S": "x".repeat(bytes - 2) } });
    let get = |bytes, consistent: bool| {
        halves("GetItem", &json!({ "ConsistentRead": consistent }), &json!({ "Item": item(bytes) }))
    };
    assert_eq!([get(4096, true), get(4097, true), get(4096, false)], [2, 4, 1]);
    assert_eq!(halves("GetItem", &json!({}), &json!({})), 1, "nothing there");
    // A query adds up before it rounds, a batch rounds each item.
    let items = json!([item(1000), item(1000), item(1000)]);
    assert_eq!(halves("Query", &json!({}), &json!({ "Items": items })), 1);
    let batch =
        json!({ "RequestItems": { "t": { "Keys": [1, 2, 3, 4], "ConsistentRead": true } } });
    assert_eq!(halves("BatchGetItem", &batch, &json!({ "Responses": { "t": items } })), 8);
    let left = json!({ "Responses": { "t": [item(5000)] }, "UnprocessedKeys": { "t": { "Keys": [2, 3, 4] } } });
    assert_eq!(halves("BatchGetItem", &batch, &left), 4);
    // Of an index of keys, the keys.
    let head =
        json!({ "pk": { "S": "a" }, "filer_pk": { "S": "b" }, "json": { "S": "x".repeat(9_000) } });
    assert_eq!(
        halves("Query", &json!({ "IndexName": "by-filer" }), &json!({ "Items": [head] })),
        1
    );
    // Names, numbers, lists and maps have their bytes.
    let of = |value: serde_json::Value| {
        let filler = 4096 - "a".len();
        (0..filler)
            .find(|rest| {
                let item = json!({ "a": value, "b": { "S": "x".repeat(filler - rest) } });
                halves("GetItem", &json!({}), &json!({ "Item": item })) == 1
            })
            .map(|rest| rest - "b".len())
    };
    for (value, bytes) in [
        (json!({ "S": "perché" }), 7),
        (json!({ "N": "-1234" }), 4),
        (json!({ "BOOL": true }), 1),
        (json!({ "L": [{ "S": "ab" }] }), 3 + 1 + 2),
        (json!({ "M": { "k": { "N": "12" } } }), 3 + 1 + 1 + 2),
    ] {
        assert_eq!(of(value.clone()), Some(bytes), "{value}");
    }
    assert_eq!(halves("UpdateItem", &json!({}), &json!({ "Attributes": item(9_000) })), 0);
}
