//! What is read from the table for a check.

use serde_json::{Value, json};

use super::*;

fn document(kind: &str, version: u64, made: Value) -> DocumentRow {
    let file = json!({ "key": "key", "sha256": "ab".repeat(32), "bytes": 1000 + version });
    let mut row = json!({
        "pk": "app", "sk": "document", "v": 1,
        "kind": kind, "version": version, "created": 1_700_000_000_000_i64,
    });
    if made != Value::Null {
        row["made"] = made;
        row["file"] = file;
    }
    serde_json::from_value(row).unwrap()
}

/// The newest made contract counts, neither one that waits nor another document.
#[test]
fn signatures_are_not_older_than_the_newest_contract() {
    let rows = [
        document("contract", 3, json!(1_700_000_001_000_i64)),
        document("contract", 5, json!(1_700_000_002_000_i64)),
        document("contract", 8, Value::Null),
        document("agreement", 7, json!(1_700_000_003_000_i64)),
    ];
    let (sent, made) = sent(&rows).unwrap();
    assert_eq!(sent, Sent { sha256: [0xAB; 32], len: 1005 });
    assert_eq!(made.as_millisecond(), 1_700_000_002_000);
    assert!(matches!(super::sent(&rows[2..]), Err(CheckError::Lacks(_))));
}
