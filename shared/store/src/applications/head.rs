//! Heads of applications: how one is stored, rebuilt and read (STA-1).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use data_encoding::HEXLOWER;
use domain::{
    application::{Application, Attention, Parties, Stage, StoredStage},
    ids::{AccountId, ApplicationId, CampaignId, ModelId, OrganisationId, OwnerId},
    lifecycle::agreement::AgreementStep,
    procedure::{Procedure, StoredProcedure},
    term::{Term, TermKind},
};
use serde::{Deserialize, Serialize};

use super::Applications;
use crate::{
    keys::{self, Key},
    rows::{CorruptRow, InTable, Item, PendingMark, StoreError, build, bytes, instant, millis},
    table::{self, key_of},
    transaction::{number, text},
};

impl Applications {
    /// An application's head, as last written.
    pub async fn head(&self, id: &ApplicationId) -> Result<Option<Application>, StoreError> {
        let key = keys::head(id);
        self.item(&key, "head").await?.map(|item| application(&self.table, &key, item)).transpose()
    }

    /// Many heads at once, in the order asked for; those that are gone are left out. A change of a moment ago may be
    /// missing.
    pub async fn heads(&self, ids: &[ApplicationId]) -> Result<Vec<Application>, StoreError> {
        let asked: Vec<_> = ids.iter().map(keys::head).collect();
        let found = table::items(&self.client, &self.table, &asked, "heads").await?;
        in_order(&self.table, ids, found)
    }

    /// The same as last written: where an answer is final, such as that the window is closed.
    pub async fn heads_consistent(
        &self,
        ids: &[ApplicationId],
    ) -> Result<Vec<Application>, StoreError> {
        let asked: Vec<_> = ids.iter().map(keys::head).collect();
        let found = table::items_consistent(&self.client, &self.table, &asked, "heads").await?;
        in_order(&self.table, ids, found)
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    armed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_by: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_under: Option<u32>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    terms: BTreeMap<String, TermRow>,
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
    waiting: PendingMark,
}

/// A term as stored: the rule that computed it, its first instant and the first instant after it, in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct TermRow {
    rule: u32,
    start: i64,
    end: i64,
    /// Whether its PEC was delivered, by a receipt on record (COM-2).
    #[serde(default, skip_serializing_if = "is_no")]
    delivered: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_no(answer: &bool) -> bool {
    !*answer
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(count: &u8) -> bool {
    *count == 0
}

impl HeadRow {
    fn of(application: &Application) -> Self {
        let key = keys::head(&application.id);
        let parties = &application.parties;
        let ready = application.stage.frozen();
        let submission = application.stage.submission();
        let procedure = application.procedure();
        let due = procedure.and_then(Procedure::due);
        let state = application.state();
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
            attention: application.stage.attention().map(|attention| attention.code().to_owned()),
            digest: ready.map(|ready| HEXLOWER.encode(&ready.digest)),
            worker: ready.and_then(|ready| ready.worker.clone()),
            province: application.province().map(str::to_owned),
            ready_since: ready.map(|ready| millis(ready.since)),
            armed: application.stage.armed().map(millis),
            arrival: submission.map(|submission| millis(submission.arrival)),
            receipt_code: submission.map(|submission| submission.code.as_str().to_owned()),
            submitted_by: application.stage.submitted_by().cloned(),
            submitted_under: submission.map(|submission| submission.campaign_version),
            terms: procedure.map(term_rows).unwrap_or_default(),
            agreement: application.agreement(),
            reminded: procedure.map_or(0, Procedure::reminded),
            office_pk: submission.map(|submission| {
                keys::office(&submission.ready.province, state.code(), &application.id)
            }),
            office_at: submission.map(|submission| millis(submission.arrival)),
            due_pk: due.map(|_| keys::due(&application.campaign, &application.id)),
            due_at: due.map(millis),
            waiting: PendingMark::nothing(),
        }
    }
}

fn term_rows(procedure: &Procedure) -> BTreeMap<String, TermRow> {
    let row = |term: &Term| TermRow {
        rule: term.rule_version(),
        start: millis(term.start()),
        end: millis(term.end()),
        delivered: procedure.is_delivered(term.kind()),
    };
    procedure.terms().map(|term| (term.kind().code().to_owned(), row(term))).collect()
}

/// Rebuilds an application; a row that fits no state is an error with table, key and attribute.
pub(super) fn application(table: &str, key: &Key, item: Item) -> Result<Application, StoreError> {
    let row: HeadRow =
        serde_dynamo::from_item(item).map_err(|source| StoreError::corrupt(key, source))?;
    let corrupt = |misfit| StoreError::corrupt(key, InTable { table: table.to_owned(), misfit });
    let id = keys::application_of(&row.pk).ok_or_else(|| corrupt(CorruptRow::of("pk")))?;
    let stage = Stage::try_from(stored(&row).map_err(corrupt)?)
        .map_err(|misfit| StoreError::corrupt(key, InTable { table: table.to_owned(), misfit }))?;
    rebuilt(id, row, stage).map_err(corrupt)
}

/// An attribute as the domain reads it; a misfit where it is there and cannot be read.
fn read<T, R>(
    attribute: &'static str,
    stored: Option<&T>,
    read: impl FnOnce(&T) -> Option<R>,
) -> Result<Option<R>, CorruptRow>
where
    T: ?Sized,
{
    let unreadable = || CorruptRow::of(attribute);
    stored.map(|stored| read(stored).ok_or_else(unreadable)).transpose()
}

/// The attributes of a row, each readable; whether they fit its state the domain decides.
fn stored(row: &HeadRow) -> Result<StoredStage, CorruptRow> {
    let at = |millis: &i64| instant(*millis).ok();
    Ok(StoredStage {
        state: row.state.parse().map_err(|_| CorruptRow::of("state"))?,
        attention: read("attention", row.attention.as_deref(), Attention::from_code)?,
        digest: read("digest", row.digest.as_deref(), bytes)?,
        worker: row.worker.clone(),
        province: row.province.clone(),
        ready_since: read("ready_since", row.ready_since.as_ref(), at)?,
        armed: read("armed", row.armed.as_ref(), at)?,
        arrival: read("arrival", row.arrival.as_ref(), at)?,
        receipt_code: read("receipt_code", row.receipt_code.as_deref(), |code| code.parse().ok())?,
        submitted_by: row.submitted_by.clone(),
        submitted_under: row.submitted_under,
        procedure: StoredProcedure {
            terms: row.terms.iter().map(term).collect::<Result<_, _>>()?,
            delivered: delivered(row)?,
            agreement: row.agreement,
            reminded: row.reminded,
            due: read("due_at", row.due_at.as_ref(), at)?,
        },
    })
}

/// The terms of a row whose PEC was delivered.
fn delivered(row: &HeadRow) -> Result<BTreeSet<TermKind>, CorruptRow> {
    let delivered = row.terms.iter().filter(|(_, term)| term.delivered);
    delivered.map(|one| Ok(term(one)?.0)).collect()
}

fn term((code, row): (&String, &TermRow)) -> Result<(TermKind, Term), CorruptRow> {
    let misfit = || CorruptRow::of(format!("terms.{code}"));
    let at = |millis| instant(millis).map_err(|_| misfit());
    let kind = code.parse().map_err(|_| misfit())?;
    let term = Term::restore(kind, row.rule, at(row.start)?, at(row.end)?);
    Ok((kind, term.map_err(|_| misfit())?))
}

fn rebuilt(id: ApplicationId, row: HeadRow, stage: Stage) -> Result<Application, CorruptRow> {
    let at = |attribute: &str, millis| instant(millis).map_err(|_| CorruptRow::of(attribute));
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
        created: at("created", row.created)?,
        changed: at("changed", row.changed)?,
        stage,
    })
}

fn in_order(
    table: &str,
    ids: &[ApplicationId],
    items: Vec<Item>,
) -> Result<Vec<Application>, StoreError> {
    let mut found = HashMap::with_capacity(items.len());
    for item in items {
        let key = key_of(&item);
        let head = application(table, &key, item)?;
        found.insert(head.id.clone(), head);
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use aws_sdk_dynamodb::types::AttributeValue;
    use domain::{application::Who, lifecycle::State, receipt::ReceiptCode, term::Term};
    use jiff::Timestamp;

    use super::*;

    fn key() -> Key {
        keys::head(&ApplicationId::from_random([7; 16]))
    }

    /// A sent application in a state, with these terms.
    fn sent(state: State, terms: &[TermKind]) -> Item {
        let at = "2026-05-04T07:00:00Z".parse().unwrap();
        let stored = StoredStage {
            state,
            attention: None,
            digest: Some([5; 32]),
            worker: None,
            province: Some("FG".to_owned()),
            ready_since: Some(at),
            armed: None,
            arrival: Some(at),
            receipt_code: Some(ReceiptCode::from_random([6; 10])),
            submitted_by: Some(AccountId::keyed(&[1; 32])),
            submitted_under: Some(1),
            procedure: StoredProcedure {
                terms: terms
                    .iter()
                    .map(|kind| (*kind, Term::restore(*kind, 1, at, at).unwrap()))
                    .collect(),
                delivered: terms
                    .iter()
                    .copied()
                    .filter(|kind| *kind != TermKind::Contract)
                    .collect(),
                ..StoredProcedure::default()
            },
        };
        let application = Application {
            id: ApplicationId::from_random([7; 16]),
            campaign: "demo".parse().unwrap(),
            campaign_version: 1,
            model: "a-bis".parse().unwrap(),
            schema: "a-bis@1".to_owned(),
            parties: Parties {
                representative: AccountId::keyed(&[1; 32]),
                owner: OwnerId::keyed(&[2; 32]),
                filer: AccountId::keyed(&[1; 32]),
                organisation: None,
            },
            version: 4,
            created: at,
            changed: at,
            stage: Stage::try_from(stored).unwrap(),
        };
        serde_dynamo::to_item(HeadRow::of(&application)).unwrap()
    }

    /// The error of a row that does not fit.
    fn misfit(item: Item) -> String {
        let error = application("PortalTable", &key(), item).unwrap_err();
        let mut said = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            said = format!("{said}: {error}");
            source = error.source();
        }
        said
    }

    /// STA-1: every state after sending with every term that it keeps comes back as it was stored.
    #[test]
    fn every_stage_comes_back() {
        for state in State::ALL.iter().filter(|state| state.is_sent()) {
            let kept: Vec<_> =
                TermKind::ALL.iter().copied().filter(|kind| state.terms().keeps(*kind)).collect();
            let item = sent(*state, &kept);
            let head = application("PortalTable", &key(), item.clone()).unwrap();
            assert_eq!(head.state(), *state);
            let again: Item = serde_dynamo::to_item(HeadRow::of(&head)).unwrap();
            assert_eq!(again, item);
        }
    }

    /// NEW-1: what is armed comes back with who armed it and when; sent, it still says so, and disarmed no longer.
    #[test]
    fn what_is_armed_comes_back_as_it_was_stored() {
        let eve: Timestamp = "2026-01-11T19:00:00Z".parse().unwrap();
        let mut item = sent(State::Submitted, &[]);
        item.insert("armed".to_owned(), AttributeValue::N(millis(eve).to_string()));
        let head = application("PortalTable", &key(), item.clone()).unwrap();
        assert_eq!(head.stage.armed(), Some(eve));
        let again: Item = serde_dynamo::to_item(HeadRow::of(&head)).unwrap();
        assert_eq!(again, item);

        let armed = head.as_submitted().unwrap().before().unwrap().clone();
        assert_eq!(armed.state(), State::Armed);
        let item: Item = serde_dynamo::to_item(HeadRow::of(&armed)).unwrap();
        assert_eq!(application("PortalTable", &key(), item.clone()).unwrap(), armed);
        for attribute in ["armed", "submitted_by", "digest", "ready_since"] {
            let mut torn = item.clone();
            torn.remove(attribute);
            let wanted = format!("the attribute {attribute} does not fit the state armed");
            assert!(misfit(torn).ends_with(&wanted), "{attribute}");
        }

        let who = Who::Account(AccountId::keyed(&[1; 32]));
        let ready = armed.disarm(who, eve).unwrap().into_after();
        let mut item: Item = serde_dynamo::to_item(HeadRow::of(&ready)).unwrap();
        assert!(!item.contains_key("armed") && !item.contains_key("submitted_by"));
        item.insert("armed".to_owned(), AttributeValue::N(millis(eve).to_string()));
        assert!(misfit(item).ends_with("the attribute armed does not fit the state to-send"));
    }

    /// A row that fits no state is refused with table, key and attribute, never read as something else.
    #[test]
    fn a_row_that_fits_no_state_names_table_key_and_attribute() {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let with = |state, terms: &[TermKind], attribute: &str, value: Option<AttributeValue>| {
            let mut item = sent(state, terms);
            match value {
                Some(value) => item.insert(attribute.to_owned(), value),
                None => item.remove(attribute),
            };
            misfit(item)
        };
        let confirmation = [TermKind::Confirmation];
        let waiting = State::AwaitingConfirmation;
        for (said, wanted) in [
            (
                with(waiting, &confirmation, "state", Some(text("confirmed"))),
                "the attribute terms.confirmation does not fit the state confirmed",
            ),
            (
                with(waiting, &confirmation, "state", Some(text("to-send"))),
                "the attribute arrival does not fit the state to-send",
            ),
            (with(waiting, &[], "state", Some(text("lost"))), "attribute state does not fit"),
            (
                with(waiting, &[], "arrival", None),
                "the attribute arrival does not fit the state awaiting-confirmation",
            ),
            (with(waiting, &[], "digest", Some(text("5"))), "attribute digest does not fit"),
            (
                with(State::InReview, &[], "agreement", Some(text("sent"))),
                "the attribute agreement does not fit the state in-review",
            ),
        ] {
            assert!(said.ends_with(wanted), "{said}");
            assert!(said.contains("in the table PortalTable") && said.contains("APP#"), "{said}");
        }
    }
}
