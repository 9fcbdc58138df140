//! That the content of a draft was changed: by whom, when and in which sections, without a value (AUD-1).
//!
//! A row of its own for each save, beside the events: a save does not move the head, so that two people may save two sections
//! at once. It costs two write units.

use domain::{
    application::{Application, Who},
    form::{Schema, Values},
    ids::{ApplicationId, OwnerId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Applications, history::who as actor};
use crate::{
    drafts::Draft,
    keys,
    rows::{StoreError, millis},
    table,
};

/// A save as stored; never altered (AUD-1).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SavedRow {
    pk: String,
    sk: String,
    v: u8,
    /// When, in milliseconds.
    pub at: i64,
    /// The account, or `system` for values of a registry.
    pub who: String,
    /// The represented employer.
    pub on_behalf_of: OwnerId,
    /// The keys of the sections that changed.
    pub sections: Vec<String>,
}

impl SavedRow {
    /// The save that turns a loaded draft into these values; none where nothing changes.
    pub fn of(
        head: &Application,
        schema: &Schema,
        before: &Draft,
        after: &Values,
        who: &Who,
        at: Timestamp,
    ) -> Option<Self> {
        let sections = before.changed(schema, after);
        // Every section is written or checked in the same transaction, so no other save has this number.
        let number = before.saves() + u64::try_from(sections.len()).unwrap_or(u64::MAX);
        let key = keys::saved(&head.id, number);
        (!sections.is_empty()).then(|| Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            at: millis(at),
            who: actor(who),
            on_behalf_of: head.parties.owner.clone(),
            sections,
        })
    }
}

impl Applications {
    /// The last saves of an application, newest first, a hundred at most.
    pub async fn newest_saves(&self, id: &ApplicationId) -> Result<Vec<SavedRow>, StoreError> {
        let partition = keys::application(id);
        let prefix = keys::SAVED_PREFIX;
        table::last_rows_beginning(&self.client, &self.table, &partition, prefix, 100, "saves")
            .await
    }

    /// The saves of an application, oldest first (AUD-1).
    pub async fn saves(&self, id: &ApplicationId) -> Result<Vec<SavedRow>, StoreError> {
        self.rows(id, keys::SAVED_PREFIX).await
    }
}
