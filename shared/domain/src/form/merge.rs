//! Two tabs, one draft: which changes can be saved beside the other's, and about which the person must decide. (FRM-2)

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::schema::Schema;
use super::value::Values;

/// One field that a person changed, with the value that they saw before.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The field.
    pub field: String,
    /// What it held when they began; absent or null if it was empty.
    #[serde(default)]
    pub base: Option<Value>,
    /// What it shall hold; null clears it.
    pub value: Value,
}

/// What may be saved and what may not.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct Merge {
    /// The changes that overwrite no other person's change, for [`Schema::check_changes`].
    pub apply: BTreeMap<String, Value>,
    /// The fields that both sides changed to different values.
    pub conflicts: Vec<Conflict>,
}

/// One field that both sides changed to different values. (409, with what differs)
#[derive(Clone, PartialEq, Serialize)]
pub struct Conflict {
    /// The field.
    pub field: String,
    /// What this request wants.
    pub yours: Value,
    /// What is stored now.
    pub theirs: Value,
    /// What both began with.
    pub base: Value,
}

impl Schema {
    /// Compares three ways. A field that this side left as it was keeps what the other side wrote; the same change on
    /// both sides is no conflict.
    pub fn merge(&self, current: &Values, changes: &[Change], today: Date) -> Merge {
        let mut merge = Merge::default();
        for change in changes {
            // One spelling on all sides, so that small letters against capitals are no difference. What its type
            // refuses is passed on as it is: check_changes says so.
            let normal = |value: &Value| match self
                .field(&change.field)
                .map(|field| field.kind.check(value, today))
            {
                Some(Ok(normal)) => normal,
                Some(Err(_)) | None => value.clone(),
            };
            let yours = normal(&change.value);
            let base = change.base.as_ref().map_or(Value::Null, normal);
            let theirs = current
                .get(change.field.as_str())
                .map_or(Value::Null, |stored| stored.value.clone());
            if yours == theirs || yours == base {
                continue;
            }
            if theirs == base {
                merge.apply.insert(change.field.clone(), yours);
            } else {
                merge.conflicts.push(Conflict { field: change.field.clone(), yours, theirs, base });
            }
        }
        merge
    }
}

/// Redacted: values are personal data. (PRV-1)
impl fmt::Debug for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Change").field("field", &self.field).finish_non_exhaustive()
    }
}

/// Redacted: values are personal data. (PRV-1)
impl fmt::Debug for Conflict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Conflict").field("field", &self.field).finish_non_exhaustive()
    }
}

/// Redacted: values are personal data. (PRV-1)
impl fmt::Debug for Merge {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apply: Vec<_> = self.apply.keys().collect();
        out.debug_struct("Merge")
            .field("apply", &apply)
            .field("conflicts", &self.conflicts)
            .finish()
    }
}
