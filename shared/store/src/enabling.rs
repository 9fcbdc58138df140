//! Requests to enable operators: the request, its steps, and the work list of the office that it waits for (ORG-1).

mod form;

use aws_sdk_dynamodb::{
    Client,
    types::{Put, TransactWriteItem, Update},
};
use domain::{
    enabling::{EnablingCase, EnablingKind, EnablingStage, EnablingStep, Office},
    ids::{AccountId, EnablingId, OrganisationId},
};
use jiff::{Timestamp, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};

pub use self::form::{EnablingForm, LegalRepresentative, NamedOperator};
use crate::{
    keys,
    letters::Letter,
    organisations::Joining,
    rows::{Item, SaveError, StoreError, build, instant, millis},
    table::{self, key_of},
    transaction::{self, all_or_nothing, number},
};

/// A request: the facts that a decision looks at, and its form.
#[derive(Clone, Debug)]
pub struct EnablingRequest {
    /// Random.
    pub id: EnablingId,
    /// The facts that a decision looks at.
    pub case: EnablingCase,
    /// The form that was sent.
    pub form: EnablingForm,
    /// When it was sent.
    pub submitted: Timestamp,
    /// When its last step was taken.
    pub changed: Timestamp,
}

#[derive(Debug, Deserialize, Serialize)]
struct EnablingRow {
    pk: String,
    sk: String,
    v: u8,
    id: EnablingId,
    kind: EnablingKind,
    stage: EnablingStage,
    version: u64,
    province: String,
    requester: AccountId,
    deciders: Vec<AccountId>,
    form: EnablingForm,
    submitted: i64,
    changed: i64,
}

/// One step as stored; never altered (ORG-1, AUD-1).
#[derive(Clone, Deserialize, Serialize)]
pub struct EnablingEvent {
    pk: String,
    sk: String,
    v: u8,
    /// The version of the request after it.
    pub version: u64,
    /// The step; none for the sending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<EnablingStep>,
    /// The stage after it.
    pub to: EnablingStage,
    /// When it was taken; stored in milliseconds.
    #[serde(with = "millisecond::required")]
    pub at: Timestamp,
    /// Who took it.
    pub who: AccountId,
    /// In which capacity.
    pub office: Office,
    /// Why, in that person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl std::fmt::Debug for EnablingEvent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("EnablingEvent")
            .field("version", &self.version)
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

impl EnablingEvent {
    /// The step that led to this request.
    pub fn of(
        request: &EnablingRequest,
        step: Option<EnablingStep>,
        who: &AccountId,
        office: Office,
        reason: Option<String>,
    ) -> Self {
        let key = keys::enabling_event(&request.id, request.case.version);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            version: request.case.version,
            step,
            to: request.case.stage,
            at: request.changed,
            who: who.clone(),
            office,
            reason,
        }
    }
}

/// A row of a list: it stands for a request.
#[derive(Debug, Serialize)]
struct Pointer {
    pk: String,
    sk: String,
    v: u8,
}

/// That a request is under way, so that a double click finds it.
#[derive(Debug, Deserialize, Serialize)]
struct OpenRow {
    pk: String,
    sk: String,
    v: u8,
    enabling: EnablingId,
}

/// What is written of a request, as errors call it.
const REQUEST: &str = "enabling request";

/// The requests in a table.
#[derive(Clone, Debug)]
pub struct Enablings {
    client: Client,
    table: String,
}

impl Enablings {
    /// The requests in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// A request.
    pub async fn find(&self, id: &EnablingId) -> Result<Option<EnablingRequest>, StoreError> {
        let key = keys::enabling(id);
        let row: Option<EnablingRow> = table::row(&self.client, &self.table, &key, REQUEST).await?;
        row.map(|row| request(&key, row)).transpose()
    }

    /// The steps of a request, oldest first.
    pub async fn events(&self, id: &EnablingId) -> Result<Vec<EnablingEvent>, StoreError> {
        table::rows_beginning(
            &self.client,
            &self.table,
            &keys::of_enabling(id),
            keys::EVENT_PREFIX,
            "steps of an enabling request",
        )
        .await
    }

    /// The request that this account has under way for this organisation.
    pub async fn open(
        &self,
        organisation: &OrganisationId,
        requester: &AccountId,
    ) -> Result<Option<EnablingId>, StoreError> {
        let key = keys::open_request(organisation, requester);
        let row: Option<OpenRow> =
            table::row(&self.client, &self.table, &key, "request under way").await?;
        Ok(row.map(|row| row.enabling))
    }

    /// A page of the requests that an account sent.
    pub async fn own(
        &self,
        account: &AccountId,
        after: Option<&EnablingId>,
        limit: i32,
    ) -> Result<Vec<EnablingId>, StoreError> {
        let after = after.map(|id| keys::own_enabling(account, id).sk);
        self.listed(
            &keys::own_enablings(account),
            keys::OWN_ENABLING_PREFIX,
            after.as_deref(),
            limit,
        )
        .await
    }

    /// A page of the requests at a stage; of one province, where one is given. `after` is a place of [`place`].
    pub async fn waiting(
        &self,
        stage: EnablingStage,
        province: Option<&str>,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<EnablingId>, StoreError> {
        let prefix = province.map(keys::enabling_queued_of).unwrap_or_default();
        self.listed(&keys::enabling_queue(stage.code()), &prefix, after, limit).await
    }

    async fn listed(
        &self,
        partition: &str,
        prefix: &str,
        after: Option<&str>,
        limit: i32,
    ) -> Result<Vec<EnablingId>, StoreError> {
        let items = table::page_beginning(
            &self.client,
            &self.table,
            partition,
            prefix,
            after,
            limit,
            "enabling requests",
        )
        .await?;
        Ok(items.iter().filter_map(|item| keys::enabling_listed(&key_of(item).sk)).collect())
    }

    /// Stores a new request with its first event; conflict when this account has one under way for the organisation.
    pub async fn submit(
        &self,
        request: &EnablingRequest,
        event: &EnablingEvent,
        letters: &[Letter],
    ) -> Result<(), SaveError> {
        let own = keys::own_enabling(&request.case.requester, &request.id);
        let open = keys::open_request(&request.form.organisation, &request.case.requester);
        let mut items = vec![
            transaction::put_new(&self.table, &row(request))?,
            transaction::put_new(&self.table, event)?,
            transaction::put_new(&self.table, &Pointer { pk: own.pk, sk: own.sk, v: 1 })?,
            transaction::put_new(
                &self.table,
                &OpenRow { pk: open.pk, sk: open.sk, v: 1, enabling: request.id.clone() },
            )?,
        ];
        items.extend(self.queued(request)?);
        for letter in letters {
            items.push(letter.item(&self.table, request.submitted)?);
        }
        all_or_nothing(&self.client, items, REQUEST).await
    }

    /// Stores a step: request, event, work lists, the people who join an organisation by it, and letters, all or nothing;
    /// conflict when another step, or another list with one of the people, was faster.
    pub async fn step(
        &self,
        before: &EnablingRequest,
        after: &EnablingRequest,
        event: &EnablingEvent,
        joining: Option<&Joining<'_>>,
        letters: &[Letter],
    ) -> Result<(), SaveError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(self.item(after)?))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", number(before.case.version))
            .build()
            .map_err(build)?;
        let left =
            keys::enabling_queued(before.case.stage.code(), &before.case.province, &before.id);
        let mut items = vec![
            TransactWriteItem::builder().put(put).build(),
            transaction::put_new(&self.table, event)?,
            transaction::delete(&self.table, &left)?,
        ];
        if after.case.stage.is_final() {
            let open = keys::open_request(&after.form.organisation, &after.case.requester);
            items.push(transaction::delete(&self.table, &open)?);
        } else {
            items.extend(self.queued(after)?);
        }
        if let Some(joining) = joining {
            items.extend(joining.items(&self.table)?);
        }
        for letter in letters {
            items.push(letter.item(&self.table, after.changed)?);
        }
        all_or_nothing(&self.client, items, REQUEST).await
    }

    /// Forgets whom the form of a request names; its steps stay. False when it names nobody, or is no longer as it was read
    /// (PRV-1).
    pub async fn forget_form(&self, request: &EnablingRequest) -> Result<bool, StoreError> {
        let form = request.form.forgotten();
        if form == request.form {
            return Ok(false);
        }
        let form = serde_dynamo::to_attribute_value(form).map_err(StoreError::unwritable)?;
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::enabling(&request.id).item()))
            .update_expression("SET form = :form")
            .condition_expression("version = :version")
            .expression_attribute_values(":form", form)
            .expression_attribute_values(":version", number(request.case.version))
            .build()
            .map_err(build)?;
        let items = vec![TransactWriteItem::builder().update(update).build()];
        let written = table::transact(&self.client, items, "what is forgotten").await?;
        Ok(written == table::Transacted::Written)
    }

    #[expect(clippy::unused_self, reason = "reads better at the call")]
    fn item(&self, request: &EnablingRequest) -> Result<Item, StoreError> {
        serde_dynamo::to_item(row(request)).map_err(StoreError::unwritable)
    }

    fn queued(&self, request: &EnablingRequest) -> Result<Option<TransactWriteItem>, StoreError> {
        if request.case.stage.is_final() {
            return Ok(None);
        }
        let key =
            keys::enabling_queued(request.case.stage.code(), &request.case.province, &request.id);
        transaction::put_new(&self.table, &Pointer { pk: key.pk, sk: key.sk, v: 1 }).map(Some)
    }
}

/// Where a request stands in the work list of its stage, for the page after it.
pub fn place(request: &EnablingRequest) -> String {
    keys::enabling_queued(request.case.stage.code(), &request.case.province, &request.id).sk
}

fn row(request: &EnablingRequest) -> EnablingRow {
    let key = keys::enabling(&request.id);
    EnablingRow {
        pk: key.pk,
        sk: key.sk,
        v: 1,
        id: request.id.clone(),
        kind: request.case.kind,
        stage: request.case.stage,
        version: request.case.version,
        province: request.case.province.clone(),
        requester: request.case.requester.clone(),
        deciders: request.case.deciders.clone(),
        form: request.form.clone(),
        submitted: millis(request.submitted),
        changed: millis(request.changed),
    }
}

fn request(key: &keys::Key, row: EnablingRow) -> Result<EnablingRequest, StoreError> {
    let at = |millis: i64| instant(millis).map_err(|source| StoreError::corrupt(key, source));
    Ok(EnablingRequest {
        id: row.id,
        submitted: at(row.submitted)?,
        changed: at(row.changed)?,
        case: EnablingCase {
            kind: row.kind,
            stage: row.stage,
            version: row.version,
            province: row.province,
            requester: row.requester,
            named: row.form.named(),
            deciders: row.deciders,
        },
        form: row.form,
    })
}
