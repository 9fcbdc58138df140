//! What has been kept for long enough is found by walking over the table, a page at a time, from where the last walk ended
//! (PRV-1).

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Delete, TransactWriteItem, Update},
};
use domain::{
    campaign::Campaign,
    ids::{AccountId, ApplicationId, CampaignId, EnablingId, OrganisationId},
    lifecycle::State,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    documents::DocumentRow,
    keys::{self, Key},
    outbox::{KeptReceipt, NoticeRow},
    retry::{Failure, retried},
    rows::{Item, StoreError, build, instant, millis},
    table::{self, key_of},
    uploads::UploadRow,
};

/// Where the walk is: after which item, and how often it has moved on.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Cursor {
    /// The last item that was looked at; none at the beginning of a walk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<(String, String)>,
    /// Steps so far: two runs at once do not both move on from the same place.
    steps: u64,
    /// Whole walks so far.
    pub walks: u64,
}

#[derive(Debug, Deserialize, Serialize)]
struct CursorRow {
    pk: String,
    sk: String,
    v: u8,
    #[serde(flatten)]
    cursor: Cursor,
}

/// An item whose kind has a time of keeping. Only what the judgement needs is read of it, nothing personal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Aging {
    /// An application.
    Application {
        /// Which.
        id: ApplicationId,
        /// Of which campaign, which says for how long.
        campaign: CampaignId,
        /// Where it stands.
        state: State,
        /// Its last change, by the campaign's clock.
        changed: Timestamp,
        /// When a walk last took the files of a deleted one; see [`Retention::note_looked_through`].
        looked_through: Option<Timestamp>,
    },
    /// A letter.
    Letter {
        /// Its key.
        key: Key,
        /// When it was written.
        created: Timestamp,
    },
    /// An account.
    Account {
        /// Which.
        id: AccountId,
        /// The last sign-in.
        last_sign_in: Timestamp,
    },
    /// A person in the list of an organisation, who left it or will.
    Operator(PastOperator),
    /// A request to enable operators.
    Enabling {
        /// Which.
        id: EnablingId,
        /// Its last step.
        changed: Timestamp,
    },
}

/// A person in the list of an organisation, who left it or will.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PastOperator {
    /// Of which list.
    pub organisation: OrganisationId,
    /// Who.
    pub account: AccountId,
    /// Until when, excluded.
    pub until: Timestamp,
}

/// A page of a walk.
#[derive(Clone, Debug)]
pub struct Walked {
    /// What may be too old.
    pub aging: Vec<Aging>,
    /// How many items were looked at.
    pub seen: u64,
    next: Option<(String, String)>,
}

/// The walk over a table.
#[derive(Clone, Debug)]
pub struct Retention {
    client: Client,
    table: String,
}

/// What is read, as errors call it.
const WALK: &str = "walk over what is kept";

impl Retention {
    /// The walk over a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Where the walk is.
    pub async fn cursor(&self) -> Result<Cursor, StoreError> {
        let key = keys::retention_cursor();
        let row: Option<CursorRow> = table::row(&self.client, &self.table, &key, WALK).await?;
        Ok(row.map(|row| row.cursor).unwrap_or_default())
    }

    /// The next page, of at most `size` items.
    pub async fn page(&self, cursor: &Cursor, size: i32) -> Result<Walked, StoreError> {
        let from = cursor.after.clone().map(|(pk, sk)| Key { pk, sk }.item());
        let page = retried(|| {
            self.client
                .scan()
                .table_name(&self.table)
                .limit(size)
                .set_exclusive_start_key(from.clone())
                .projection_expression(
                    "pk, sk, #state, campaign, changed, looked_through, created, last_sign_in, queue, #until",
                )
                .filter_expression(
                    "sk = :head OR sk = :letter OR sk = :account OR sk = :request OR begins_with(sk, :operator)",
                )
                .expression_attribute_names("#state", "state")
                .expression_attribute_names("#until", "until")
                .expression_attribute_values(":head", text("HEAD"))
                .expression_attribute_values(":letter", text("LETTER"))
                .expression_attribute_values(":account", text("ACCOUNT"))
                .expression_attribute_values(":request", text("REQUEST"))
                .expression_attribute_values(":operator", text(keys::OPERATOR_PREFIX))
                .send()
        })
        .await
        .map_err(|error| StoreError::unavailable(WALK, error))?;
        let next = page.last_evaluated_key.as_ref().map(|item| {
            let key = key_of(item);
            (key.pk, key.sk)
        });
        let aging = page.items.unwrap_or_default().iter().filter_map(aging).collect();
        let seen = u64::try_from(page.scanned_count).unwrap_or_default();
        Ok(Walked { aging, seen, next })
    }

    /// Moves the walk on past a page; none when another run did so meanwhile.
    pub async fn move_on(
        &self,
        cursor: &Cursor,
        page: &Walked,
    ) -> Result<Option<Cursor>, StoreError> {
        let moved = Cursor {
            after: page.next.clone(),
            steps: cursor.steps + 1,
            walks: cursor.walks + u64::from(page.next.is_none()),
        };
        let key = keys::retention_cursor();
        let row = CursorRow { pk: key.pk, sk: key.sk, v: 1, cursor: moved.clone() };
        let item: Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
        let written = retried(|| {
            self.client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(item.clone()))
                .condition_expression("attribute_not_exists(pk) OR steps = :steps")
                .expression_attribute_values(":steps", AttributeValue::N(cursor.steps.to_string()))
                .send()
        })
        .await;
        match written {
            Ok(_) => Ok(Some(moved)),
            Err(error) if Failure::of(&error) == Failure::Condition => Ok(None),
            Err(error) => Err(StoreError::unavailable(WALK, error)),
        }
    }

    /// Forgets a letter that has left; false when it still waits to be sent.
    pub async fn forget_letter(&self, key: &Key) -> Result<bool, StoreError> {
        self.delete(key, "attribute_exists(pk) AND attribute_not_exists(queue)").await
    }

    /// Forgets a document's row once its file is gone; false when the document is only being made.
    pub async fn forget_document(&self, row: &DocumentRow) -> Result<bool, StoreError> {
        self.delete(&row.key(), "attribute_exists(pk) AND attribute_not_exists(queue)").await
    }

    /// Forgets a person in the list of an organisation, with the membership that ended then; false when the person joined
    /// again, or another date was set. What happened stays in the organisation's history.
    pub async fn forget_operator(&self, left: &PastOperator) -> Result<bool, StoreError> {
        let until = AttributeValue::N(millis(left.until).to_string());
        let ended = |key: Key| {
            Delete::builder()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .expression_attribute_names("#until", "until")
                .expression_attribute_values(":until", until.clone())
        };
        // Who works for another organisation by now keeps that membership.
        let membership = ended(keys::membership(&left.account, keys::OF_ORGANISATION))
            .condition_expression("#until = :until AND organisation = :organisation")
            .expression_attribute_values(":organisation", text(left.organisation.as_str()));
        let row = ended(keys::operator(&left.organisation, &left.account))
            .condition_expression("#until = :until");
        let mut written = table::Transacted::Written;
        for delete in [membership, row] {
            let delete = delete.build().map_err(build)?;
            let items = vec![TransactWriteItem::builder().delete(delete).build()];
            written = table::transact(&self.client, items, "what is forgotten").await?;
        }
        Ok(written == table::Transacted::Written)
    }

    /// Forgets where an uploaded file was, once it is gone; the verdict stays. False when there was none any more.
    pub async fn forget_upload(&self, row: &UploadRow) -> Result<bool, StoreError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(row.key().item()))
            // `file` is a word that DynamoDB keeps for itself.
            .update_expression("REMOVE #file, pending_pk, pending_due, queue")
            .condition_expression("attribute_exists(#file)")
            .expression_attribute_names("#file", "file")
            .build()
            .map_err(build)?;
        let items = vec![TransactWriteItem::builder().update(update).build()];
        let written = table::transact(&self.client, items, "what is forgotten").await?;
        Ok(written == table::Transacted::Written)
    }

    /// Notes at the head of a deleted application that its files and receipts are gone, so that the next walk asks for none. A
    /// head that is not deleted stays as it is.
    pub async fn note_looked_through(
        &self,
        id: &ApplicationId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let noted = retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(keys::head(id).item()))
                .update_expression("SET looked_through = :at")
                .condition_expression("#state = :deleted")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":deleted", text(State::Deleted.code()))
                .expression_attribute_values(":at", AttributeValue::N(millis(at).to_string()))
                .send()
        })
        .await;
        match noted {
            Err(error) if Failure::of(&error) != Failure::Condition => {
                Err(StoreError::unavailable(WALK, error))
            }
            _ => Ok(()),
        }
    }

    /// Notes that the bytes of a notice's receipts are gone; what they said, and their digests, stay. False when another
    /// receipt came meanwhile, or another run was faster: the next walk finds what is left.
    pub async fn forget_receipts(&self, row: &NoticeRow) -> Result<bool, StoreError> {
        let list = |receipts: &[KeptReceipt]| -> Result<AttributeValue, StoreError> {
            serde_dynamo::to_attribute_value(receipts).map_err(StoreError::unwritable)
        };
        let forgotten: Vec<KeptReceipt> = row
            .receipts
            .iter()
            .map(|receipt| KeptReceipt { forgotten: true, ..receipt.clone() })
            .collect();
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(row.key().item()))
            .update_expression("SET receipts = :forgotten")
            .condition_expression("receipts = :before")
            .expression_attribute_values(":forgotten", list(&forgotten)?)
            .expression_attribute_values(":before", list(&row.receipts)?)
            .build()
            .map_err(build)?;
        let items = vec![TransactWriteItem::builder().update(update).build()];
        let written = table::transact(&self.client, items, "what is forgotten").await?;
        Ok(written == table::Transacted::Written)
    }

    async fn delete(&self, key: &Key, condition: &str) -> Result<bool, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key.item()))
            .condition_expression(condition)
            .build()
            .map_err(build)?;
        let items = vec![TransactWriteItem::builder().delete(delete).build()];
        let written = table::transact(&self.client, items, "what is forgotten").await?;
        Ok(written == table::Transacted::Written)
    }
}

impl Aging {
    /// Whether a campaign's rules say that the application's time is over; see [`Campaign::forgets`].
    pub fn is_due(&self, campaign: &Campaign, now: Timestamp) -> bool {
        match self {
            Self::Application { state, changed, .. } => {
                campaign.forgets(*state, *changed, campaign.effective_now(now)).is_some()
            }
            Self::Letter { .. }
            | Self::Account { .. }
            | Self::Operator(_)
            | Self::Enabling { .. } => false,
        }
    }
}

/// What a row is; one that cannot be read is left alone, and told of by those who use it.
fn aging(item: &Item) -> Option<Aging> {
    let key = key_of(item);
    let at = |name: &str| {
        let millis = item.get(name)?.as_n().ok()?.parse().ok()?;
        instant(millis).ok()
    };
    let word = |name: &str| item.get(name)?.as_s().ok();
    match key.sk.as_str() {
        "HEAD" => Some(Aging::Application {
            id: keys::application_of(&key.pk)?,
            campaign: word("campaign")?.parse().ok()?,
            state: word("state")?.parse().ok()?,
            changed: at("changed")?,
            looked_through: at("looked_through"),
        }),
        "LETTER" if !item.contains_key("queue") => {
            Some(Aging::Letter { created: at("created")?, key })
        }
        "ACCOUNT" => Some(Aging::Account {
            id: keys::account_of(&key.pk)?,
            last_sign_in: at("last_sign_in")?,
        }),
        "REQUEST" => {
            Some(Aging::Enabling { id: keys::enabling_of(&key.pk)?, changed: at("changed")? })
        }
        _ => {
            let (organisation, account) = keys::operator_of(&key)?;
            Some(Aging::Operator(PastOperator { organisation, account, until: at("until")? }))
        }
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
