//! Flags: what an office has to look at. Blocked applications, for as long as they are blocked (NEW-5); documents and
//! communications that were given up, until they are tried anew.

use aws_sdk_dynamodb::{Client, types::TransactWriteItem};
use domain::{
    application::{Application, Who},
    decision::Decision,
    ids::{AccountId, ApplicationId, OrganisationId},
    lifecycle::consequence::OfficeFlag,
};
use jiff::Timestamp;
use outside::queue::{Forwarding, Queue};
use serde::{Deserialize, Serialize};

use crate::{
    applications::history::{CERTIFIED_MAILBOX, who},
    keys::{self, Key},
    rows::{StoreError, millis},
    table::{self, key_of},
    transaction,
};

/// A flag as stored. It names accounts and an organisation by their opaque identifiers only.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Flag {
    pk: String,
    sk: String,
    v: u8,
    /// The application.
    pub application: ApplicationId,
    /// The province whose officers see it; none while the draft does not say where the work is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// When it was blocked or given up, in milliseconds.
    pub at: i64,
    /// The account of the representative, `certified-mailbox`, or `system` where something was given up.
    pub by: String,
    /// The account that filed the application.
    pub filer: AccountId,
    /// For whom the filer worked then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<OrganisationId>,
    /// What was given up; none where the application is blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stuck: Option<Stuck>,
}

/// Something about an application that could not be done for days.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Stuck {
    /// The queue that it waited for.
    pub queue: Queue,
    /// Since when, in milliseconds.
    pub since: i64,
}

/// The flag follows the decision: raised with a block, lowered by whatever ends it (NEW-5).
pub(crate) fn items(
    table: &str,
    decision: &Decision,
) -> Result<Vec<TransactWriteItem>, StoreError> {
    let key = |application: &Application| {
        application.flagged().map(|flagged| keys::flag(flagged.province, &application.id))
    };
    let raised = match decision.flag() {
        OfficeFlag::Kept => return Ok(Vec::new()),
        OfficeFlag::Raised => key(decision.after()),
        OfficeFlag::Lowered => None,
    };
    let lowered = decision.before().and_then(key);
    let mut items = Vec::new();
    if let Some(key) = lowered {
        items.push(transaction::delete(table, &key)?);
    }
    if let Some(key) = raised {
        items.push(transaction::put(table, &Flag::of(key, decision))?);
    }
    Ok(items)
}

impl Flag {
    fn of(key: Key, decision: &Decision) -> Self {
        let head = decision.after();
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            application: head.id.clone(),
            province: head.province().map(str::to_owned),
            at: millis(head.changed),
            by: who(&decision.occurrence().who),
            filer: head.parties.filer.clone(),
            organisation: head.parties.organisation.clone(),
            stuck: None,
        }
    }

    /// Something about an application was given up.
    pub(crate) fn stuck(head: &Application, what: &Forwarding, now: Timestamp) -> Self {
        let key = keys::stuck(head.province(), &head.id, &what.message.sk);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            application: head.id.clone(),
            province: head.province().map(str::to_owned),
            at: millis(now),
            by: who(&Who::System),
            filer: head.parties.filer.clone(),
            organisation: head.parties.organisation.clone(),
            stuck: Some(Stuck { queue: what.queue, since: what.due }),
        }
    }

    /// Whether it was blocked by the link in the message to the certified mailbox.
    pub fn is_by_mailbox(&self) -> bool {
        self.by == CERTIFIED_MAILBOX
    }

    /// Where a list that was read up to this flag goes on.
    pub fn place(&self) -> &str {
        &self.sk
    }
}

/// The flags in a table.
#[derive(Clone, Debug)]
pub struct Flags {
    client: Client,
    table: String,
}

impl Flags {
    /// The flags in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// One page of a province's flags, or of all provinces and none; in the order of province and application.
    pub async fn page(
        &self,
        province: Option<&str>,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<Flag>, StoreError> {
        let prefix = province.map(|province| keys::flags_of(Some(province))).unwrap_or_default();
        let page = table::page_beginning(
            &self.client,
            &self.table,
            &keys::flags(),
            &prefix,
            after,
            limit,
            "flags",
        )
        .await?;
        let rows = page.into_iter().map(|item| {
            let key = key_of(&item);
            serde_dynamo::from_item(item).map_err(|source| StoreError::corrupt(&key, source))
        });
        rows.collect()
    }
}
