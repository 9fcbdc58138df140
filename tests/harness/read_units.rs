//! Read units as AWS counts them, computed from what the store answered: the emulator tells a constant, whatever was read.
//!
//! One unit is a consistent read of up to 4 KB, half of one an eventually consistent read, two a read in a transaction; an
//! item's size is that of its names and values ("Amazon DynamoDB Developer Guide", "Item sizes and formats"; "Read
//! consumption"). An index that holds keys alone costs the size of its keys.

use data_encoding::BASE64;
use serde_json::Value;

/// Bytes of one unit.
const UNIT: u64 = 4096;

/// Half units that an answer cost; none where nothing was read.
pub fn halves(operation: &str, request: &Value, answer: &Value) -> u64 {
    let is_consistent = |of: &Value| of.get("ConsistentRead") == Some(&Value::Bool(true));
    let times = |of: &Value| -> u64 { if is_consistent(of) { 2 } else { 1 } };
    match operation {
        "GetItem" => times(request) * of_bytes(answer.get("Item").map_or(0, size)),
        "Query" | "Scan" => {
            let is_index = request.get("IndexName").is_some();
            let items = answer.get("Items").and_then(Value::as_array).into_iter().flatten();
            let bytes: u64 =
                items.map(|item| if is_index { size_of_keys(item) } else { size(item) }).sum();
            times(request) * of_bytes(bytes)
        }
        "BatchGetItem" => {
            let asked = request.get("RequestItems").and_then(Value::as_object);
            asked
                .into_iter()
                .flatten()
                .map(|(table, of)| times(of) * of_batch(table, of, answer))
                .sum()
        }
        "TransactGetItems" => {
            let items = answer.get("Responses").and_then(Value::as_array).into_iter().flatten();
            items.map(|item| 4 * of_bytes(item.get("Item").map_or(0, size))).sum()
        }
        _ => 0,
    }
}

/// Each item by itself, and the least for each that is not there.
fn of_batch(table: &str, asked: &Value, answer: &Value) -> u64 {
    let list = |found: Option<&Value>| found.and_then(Value::as_array).map_or(0, Vec::len);
    let found = answer.pointer("/Responses").and_then(|all| all.get(table));
    let left = answer.pointer("/UnprocessedKeys").and_then(|all| all.get(table)?.get("Keys"));
    let items = found.and_then(Value::as_array).into_iter().flatten();
    let absent = list(asked.get("Keys")).saturating_sub(list(found)).saturating_sub(list(left));
    items.map(|item| of_bytes(size(item))).sum::<u64>() + u64::try_from(absent).unwrap_or_default()
}

/// Steps of 4 KB, at least one.
const fn of_bytes(bytes: u64) -> u64 {
    let steps = bytes.div_ceil(UNIT);
    if steps == 0 { 1 } else { steps }
}

/// Bytes of an item.
fn size(item: &Value) -> u64 {
    let attributes = item.as_object().into_iter().flatten();
    attributes.map(|(name, value)| length(name) + size_of_value(value)).sum()
}

/// Bytes that an index of keys holds of an item: the table's keys and its own.
fn size_of_keys(item: &Value) -> u64 {
    let is_key = |name: &str| {
        ["pk", "sk", "pending_due", "office_at", "due_at"].contains(&name) || name.ends_with("_pk")
    };
    let attributes = item.as_object().into_iter().flatten().filter(|(name, _)| is_key(name));
    attributes.map(|(name, value)| length(name) + size_of_value(value)).sum()
}

fn size_of_value(value: &Value) -> u64 {
    let Some((kind, inner)) = value.as_object().and_then(|one| one.iter().next()) else { return 0 };
    let text = || inner.as_str().unwrap_or_default();
    let each = || inner.as_array().into_iter().flatten();
    match kind.as_str() {
        "S" => length(text()),
        "N" => of_number(text()),
        "B" => BASE64.decode_len(text().len()).map_or(0, |bytes| u64::try_from(bytes).unwrap_or(0)),
        "BOOL" | "NULL" => 1,
        "SS" => each().map(|one| length(one.as_str().unwrap_or_default())).sum(),
        "NS" => each().map(|one| of_number(one.as_str().unwrap_or_default())).sum(),
        "L" => 3 + each().map(|one| 1 + size_of_value(one)).sum::<u64>(),
        "M" => {
            let entries = inner.as_object().into_iter().flatten();
            3 + entries.map(|(name, one)| 1 + length(name) + size_of_value(one)).sum::<u64>()
        }
        _ => 0,
    }
}

/// A byte for two digits, one more, and one more below zero.
fn of_number(number: &str) -> u64 {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    u64::try_from(digits.div_ceil(2) + 1 + usize::from(number.starts_with('-'))).unwrap_or_default()
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or_default()
}
