//! Heads of applications: how one is stored, rebuilt and read (STA-1).

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use data_encoding::HEXLOWER;
use domain::{
    application::{Application, Attention, Parties, Ready, Stage, Submission},
    case::Case,
    ids::{AccountId, ApplicationId, CampaignId, ModelId, OrganisationId, OwnerId},
    lifecycle::{State, agreement::AgreementStep},
    term::{Term, TermKind},
};
use serde::{Deserialize, Serialize};

use super::Applications;
use crate::{
    keys::{self, Key},
    rows::{Item, Misfit, StoreError, Waiting, build, bytes, instant, millis},
    table::{self, key_of},
    transaction::{number, text},
};

impl Applications {
    /// An application's head, as last written.
    pub async fn head(&self, id: &ApplicationId) -> Result<Option<Application>, StoreError> {
        let key = keys::head(id);
        self.item(&key, "head").await?.map(|item| application(&key, item)).transpose()
    }

    /// Many heads at once, in the order asked for; those that are gone are left out. A change of a moment ago may be
    /// missing.
    pub async fn heads(&self, ids: &[ApplicationId]) -> Result<Vec<Application>, StoreError> {
        let asked: Vec<_> = ids.iter().map(keys::head).collect();
        in_order(ids, table::items(&self.client, &self.table, &asked, "heads").await?)
    }

    /// The same as last written: where an answer is final, such as that the window is closed.
    pub async fn heads_as_written(
        &self,
        ids: &[ApplicationId],
    ) -> Result<Vec<Application>, StoreError> {
        let asked: Vec<_> = ids.iter().map(keys::head).collect();
        in_order(ids, table::items_as_written(&self.client, &self.table, &asked, "heads").await?)
    }

    pub(super) fn head_item(
        &self,
        before: Option<&Application>,
        after: &Application,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(self.to_item(&HeadRow::of(after))?));
        let put = match before {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(before) => put
                // A submission that history has not recorded yet must not be overtaken: its event would be lost.
                .condition_expression(
                    "version = :version AND #state = :state AND attribute_not_exists(queue)",
                )
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":version", number(before.version))
                .expression_attribute_values(":state", text(before.state().code())),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(build)?).build())
    }
}

/// The head as stored.
#[derive(Debug, Deserialize, Serialize)]
struct HeadRow {
    pk: String,
    sk: String,
    v: u8,
    state: String,
    version: u64,
    campaign: CampaignId,
    campaign_version: u32,
    model: ModelId,
    schema: String,
    representative: AccountId,
    owner: OwnerId,
    filer: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationId>,
    created: i64,
    changed: i64,
    representative_pk: String,
    filer_pk: String,
    own_pk: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attention: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    province: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ready_since: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_by: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_under: Option<u32>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    terms: BTreeMap<TermKind, TermRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agreement: Option<AgreementStep>,
    #[serde(default, skip_serializing_if = "is_zero")]
    reminded: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    office_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    office_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_at: Option<i64>,
    #[serde(flatten)]
    waiting: Waiting,
}

/// A term as stored: the rule that computed it, its first instant and the first instant after it, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct TermRow {
    rule: u32,
    start: i64,
    end: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u8) -> bool {
    *count == 0
}

impl HeadRow {
    fn of(application: &Application) -> Self {
        let key = keys::head(&application.id);
        let parties = &application.parties;
        let (ready, submission, case) = match &application.stage {
            Stage::ToSend(ready) => (Some(ready), None, None),
            Stage::Sent { submission, case, .. } => {
                (Some(&submission.ready), Some(submission), Some(case))
            }
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::Blocked { .. }
            | Stage::Deleted => (None, None, None),
        };
        let due = case.and_then(|case| case.due);
        let state = application.state();
        let attention = match application.stage {
            Stage::ToComplete { attention } => attention,
            Stage::ToValidate
            | Stage::ToSend(_)
            | Stage::Sent { .. }
            | Stage::Blocked { .. }
            | Stage::Deleted => None,
        };
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            state: state.code().to_owned(),
            version: application.version,
            campaign: application.campaign.clone(),
            campaign_version: application.campaign_version,
            model: application.model.clone(),
            schema: application.schema.clone(),
            representative: parties.representative.clone(),
            owner: parties.owner.clone(),
            filer: parties.filer.clone(),
            organisation: parties.organisation.clone(),
            created: millis(application.created),
            changed: millis(application.changed),
            representative_pk: keys::of_representative(&parties.representative),
            filer_pk: keys::of_filer(
                &parties.filer,
                parties.organisation.as_ref(),
                &application.id,
            ),
            own_pk: keys::own(&parties.filer, parties.organisation.as_ref(), &application.campaign),
            attention: attention.map(|attention| attention.code().to_owned()),
            digest: ready.map(|ready| HEXLOWER.encode(&ready.digest)),
            worker: ready.and_then(|ready| ready.worker.clone()),
            province: application.province().map(str::to_owned),
            ready_since: ready.map(|ready| millis(ready.since)),
            arrival: submission.map(|submission| millis(submission.arrival)),
            receipt_code: submission.map(|submission| submission.code.as_str().to_owned()),
            submitted_by: submission.map(|submission| submission.submitted_by.clone()),
            submitted_under: submission.map(|submission| submission.campaign_version),
            terms: case.map(term_rows).unwrap_or_default(),
            agreement: case.and_then(|case| case.agreement),
            reminded: case.map_or(0, |case| case.reminded),
            // An archived case is nobody's work any more.
            office_pk: submission.filter(|_| !state.is_final()).map(|submission| {
                keys::office(&submission.ready.province, state.code(), &application.id)
            }),
            office_at: submission
                .filter(|_| !state.is_final())
                .map(|submission| millis(submission.arrival)),
            due_pk: due.map(|_| keys::due(&application.campaign, &application.id)),
            due_at: due.map(millis),
            waiting: Waiting::nothing(),
        }
    }
}

fn term_rows(case: &Case) -> BTreeMap<TermKind, TermRow> {
    let row = |term: &Term| TermRow {
        rule: term.rule_version(),
        start: millis(term.start()),
        end: millis(term.end()),
    };
    case.terms.iter().map(|(kind, term)| (*kind, row(term))).collect()
}

/// Rebuilds an application; a row that fits no state is an error with table key and attribute.
pub(super) fn application(key: &Key, item: Item) -> Result<Application, StoreError> {
    let row: HeadRow =
        serde_dynamo::from_item(item).map_err(|source| StoreError::corrupt(key, source))?;
    let id = keys::application_of(&row.pk)
        .ok_or_else(|| StoreError::corrupt(key, Misfit { attribute: "pk" }))?;
    rebuilt(id, row).map_err(|misfit| StoreError::corrupt(key, misfit))
}

fn rebuilt(id: ApplicationId, row: HeadRow) -> Result<Application, Misfit> {
    let misfit = |attribute| move || Misfit { attribute };
    let state: State = row.state.parse().map_err(|_| Misfit { attribute: "state" })?;
    let ready = || -> Result<Ready, Misfit> {
        let digest = row.digest.as_deref().ok_or_else(misfit("digest"))?;
        let digest = bytes(digest).ok_or_else(misfit("digest"))?;
        Ok(Ready {
            digest,
            worker: row.worker.clone(),
            province: row.province.clone().ok_or_else(misfit("province"))?,
            since: row
                .ready_since
                .and_then(|millis| instant(millis).ok())
                .ok_or_else(misfit("ready_since"))?,
        })
    };
    let stage = match state {
        State::ToValidate => Stage::ToValidate,
        State::ToComplete => Stage::ToComplete {
            attention: match row.attention.as_deref() {
                None => None,
                Some(code) => Some(Attention::from_code(code).ok_or_else(misfit("attention"))?),
            },
        },
        State::ToSend => Stage::ToSend(ready()?),
        State::Blocked => Stage::Blocked { province: row.province.clone() },
        State::Deleted => Stage::Deleted,
        _ => Stage::Sent {
            state,
            case: case(&row)?,
            submission: Submission {
                ready: ready()?,
                arrival: row
                    .arrival
                    .and_then(|millis| instant(millis).ok())
                    .ok_or_else(misfit("arrival"))?,
                code: row
                    .receipt_code
                    .as_deref()
                    .and_then(|code| code.parse().ok())
                    .ok_or_else(misfit("receipt_code"))?,
                submitted_by: row.submitted_by.clone().ok_or_else(misfit("submitted_by"))?,
                campaign_version: row.submitted_under.ok_or_else(misfit("submitted_under"))?,
            },
        },
    };
    Ok(Application {
        id,
        campaign: row.campaign,
        campaign_version: row.campaign_version,
        model: row.model,
        schema: row.schema,
        parties: Parties {
            representative: row.representative,
            owner: row.owner,
            filer: row.filer,
            organisation: row.organisation,
        },
        version: row.version,
        created: instant(row.created).map_err(|_| Misfit { attribute: "created" })?,
        changed: instant(row.changed).map_err(|_| Misfit { attribute: "changed" })?,
        stage,
    })
}

fn case(row: &HeadRow) -> Result<Case, Misfit> {
    let misfit = || Misfit { attribute: "terms" };
    let at = |millis| instant(millis).map_err(|_| misfit());
    let mut terms = BTreeMap::new();
    for (kind, term) in &row.terms {
        let restored = Term::restore(*kind, term.rule, at(term.start)?, at(term.end)?);
        terms.insert(*kind, restored.map_err(|_| misfit())?);
    }
    let due = row.due_at.map(instant).transpose().map_err(|_| Misfit { attribute: "due_at" })?;
    Ok(Case { terms, agreement: row.agreement, reminded: row.reminded, due })
}

fn in_order(ids: &[ApplicationId], items: Vec<Item>) -> Result<Vec<Application>, StoreError> {
    let mut found = HashMap::with_capacity(items.len());
    for item in items {
        let key = key_of(&item);
        let head = application(&key, item)?;
        found.insert(head.id.clone(), head);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}
