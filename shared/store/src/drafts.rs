//! The content of drafts: one item per section with a version of its own, in a table without a stream.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem},
};
use domain::{
    form::{Schema, Values},
    ids::ApplicationId,
    readiness::Summary,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    keys::{self, Key},
    retry::retried,
    rows::{Item, StoreError, build},
    table, transaction,
};

/// Rows that one transaction erases; it has room for 100.
const MOST_ERASED: usize = 50;

/// The content of one draft as it was loaded.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    sections: BTreeMap<String, Section>,
}

#[derive(Clone, Debug, Default)]
struct Section {
    version: u64,
    values: Values,
}

impl Draft {
    /// All values, whatever their section.
    pub fn values(&self) -> Values {
        self.sections.values().flat_map(|section| section.values.clone()).collect()
    }

    /// How often its sections were saved, all together; each save counts on, since every save writes or checks all sections.
    pub(crate) fn saves(&self) -> u64 {
        self.sections.values().map(|section| section.version).sum()
    }

    /// The sections that these values change.
    pub(crate) fn changed(&self, schema: &Schema, after: &Values) -> Vec<String> {
        let wanted = by_section(self, schema, after);
        let held = |name: &String| self.sections.get(name).map(|section| &section.values);
        wanted
            .into_iter()
            .filter(|(name, values)| held(name).map_or(!values.is_empty(), |held| held != values))
            .map(|(name, _)| name)
            .collect()
    }

    /// The version of each section; a section that was never saved is not there.
    pub fn versions(&self) -> BTreeMap<String, u64> {
        self.sections.iter().map(|(name, section)| (name.clone(), section.version)).collect()
    }
}

/// These values by section. Those that were never saved, too: two people who save the last two sections at once must notice
/// each other.
fn by_section(before: &Draft, schema: &Schema, after: &Values) -> BTreeMap<String, Values> {
    let mut wanted: BTreeMap<String, Values> = BTreeMap::new();
    for (key, value) in after {
        let section =
            schema.field(key.as_str()).map(|field| field.section.clone()).unwrap_or_default();
        wanted.entry(section).or_default().insert(key.clone(), value.clone());
    }
    for name in before.sections.keys().chain(schema.sections().iter().map(|section| &section.key)) {
        wanted.entry(name.clone()).or_default();
    }
    wanted
}

/// What the preliminary checks asked (CHK-1); personal, so it stays with the content.
#[derive(Clone, Deserialize, Serialize)]
pub struct Preliminary {
    /// Fiscal code of the applicant or legal representative.
    pub applicant: String,
    /// Fiscal code of the company or body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Whether the company is in the business register.
    pub in_register: bool,
    /// `natural` or `legal`, where the model asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applicant_kind: Option<String>,
    /// The privacy notice's version that was read.
    pub privacy_version: String,
    /// When it was read.
    pub privacy_read: Timestamp,
    /// The certified address in INI-PEC or INAD, once known. It is asked for again at each sending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certified_address: Option<String>,
}

impl std::fmt::Debug for Preliminary {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Preliminary([redacted])")
    }
}

/// A note beside the content for the people who look at it (ENR-1, ENR-3).
#[derive(Clone, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Remark {
    /// A person asked for the correction of a value that a registry gave.
    Correction {
        /// The field.
        field: String,
        /// What is wrong, in the person's words.
        note: String,
        /// When it was asked for.
        at: Timestamp,
    },
    /// After the freeze a registry gave values that would have broken readiness; they changed nothing.
    LateValues {
        /// The registry.
        registry: String,
        /// What it gave, by field.
        values: BTreeMap<String, serde_json::Value>,
        /// When it came.
        at: Timestamp,
    },
    /// An office let a blocked application go on (NEW-5).
    Release {
        /// Why, in the officer's words.
        reason: String,
        /// When.
        at: Timestamp,
    },
    /// Why an office, or the employer, did something: the reason of a refusal, what is asked for, observations (DEC-1).
    Reason {
        /// The event of the lifecycle or of the agreement that it belongs to, by its code.
        event: String,
        /// In the words of the person who did it.
        text: String,
        /// When.
        at: Timestamp,
    },
}

/// Where and when the worker entered Italy (ENT-1; fields 48 to 50 of module 1).
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct BorderEntry {
    /// Province of the border point.
    pub province: String,
    /// Municipality of the border point.
    pub municipality: String,
    /// Day of the entry.
    pub date: Date,
    /// Number of the visa.
    pub visa_number: String,
    /// The worker's definitive fiscal code, once the Agenzia delle Entrate has given it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_code: Option<String>,
}

impl BorderEntry {
    /// Whether the other says the same, whatever is known of the fiscal code.
    pub fn is_same_as(&self, other: &Self) -> bool {
        *self == Self { fiscal_code: self.fiscal_code.clone(), ..other.clone() }
    }
}

/// What the integration agreement needs beside the application (AGR-1; DPR 179/2011).
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct AgreementData {
    /// Where the worker lives.
    pub street: String,
    /// Its municipality.
    pub municipality: String,
    /// Its province.
    pub province: String,
    /// Its postal code.
    pub postal_code: String,
    /// Telephone of the worker.
    pub telephone: String,
    /// Members of the family in Italy.
    pub family: Vec<FamilyMember>,
}

/// A member of the worker's family in Italy.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct FamilyMember {
    /// Surname.
    pub surname: String,
    /// Name.
    pub name: String,
    /// Day of birth.
    pub born: Date,
    /// `spouse`, `child` or `parent`.
    pub relation: String,
}

/// Redacted: they are personal. (PRV-1)
macro_rules! redacted {
    ($($name:ident),+) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    )+ };
}
redacted!(BorderEntry, AgreementData, FamilyMember, SentMessage);

/// A message as it left, but for codes and signed links, which are for the certified mailbox alone (COM-1, ACT-1).
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct SentMessage {
    /// The notice's kind.
    pub kind: String,
    /// Counts the notices of one kind.
    pub n: u32,
    /// The address that it went to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The names of the files that went along.
    pub files: Vec<String>,
    /// When it was handed to the provider; of several attempts the last.
    pub at: Timestamp,
}

/// Redacted: it is personal. (PRV-1)
impl std::fmt::Debug for Remark {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Remark([redacted])")
    }
}

#[derive(Debug, Deserialize, Serialize)]
struct RemarkRow {
    pk: String,
    sk: String,
    v: u8,
    /// The remark as JSON text, for the same reason as a section's values.
    body: String,
}

/// A row with one personal body as JSON text.
#[derive(Debug, Deserialize, Serialize)]
struct BodyRow {
    pk: String,
    sk: String,
    v: u8,
    body: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct SectionRow {
    pk: String,
    sk: String,
    v: u8,
    version: u64,
    /// The values as JSON text: numbers keep their form whatever the store makes of numbers.
    body: String,
}

#[derive(Debug, Deserialize, Serialize)]
struct PreliminaryRow {
    pk: String,
    sk: String,
    v: u8,
    body: Preliminary,
}

/// What lists, search and radar need of the content; written with it, erased with it.
#[derive(Debug, Deserialize, Serialize)]
struct SummaryRow {
    pk: String,
    sk: String,
    v: u8,
    body: Summary,
}

/// The drafts in a table.
#[derive(Clone, Debug)]
pub struct Drafts {
    client: Client,
    table: String,
}

impl Drafts {
    /// The drafts in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The content of an application.
    pub async fn load(&self, id: &ApplicationId) -> Result<Draft, StoreError> {
        let mut draft = Draft::default();
        for item in self.begins_with(id, keys::SECTION_PREFIX).await? {
            let row: SectionRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&keys::section(id, ""), source))?;
            let key = Key { pk: row.pk, sk: row.sk };
            let values = serde_json::from_str(&row.body)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            let name = key.sk.strip_prefix(keys::SECTION_PREFIX).unwrap_or_default().to_owned();
            draft.sections.insert(name, Section { version: row.version, values });
        }
        Ok(draft)
    }

    /// What the preliminary checks asked.
    pub async fn preliminary(&self, id: &ApplicationId) -> Result<Option<Preliminary>, StoreError> {
        let key = keys::preliminary(id);
        let row: Option<PreliminaryRow> =
            table::row(&self.client, &self.table, &key, "preliminary checks").await?;
        Ok(row.map(|row| row.body))
    }

    /// What the preliminary checks of these applications asked, with one request to the store for a hundred.
    pub async fn preliminaries(
        &self,
        ids: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Preliminary>, StoreError> {
        let asked: Vec<_> = ids.iter().map(keys::preliminary).collect();
        let mut found = HashMap::with_capacity(ids.len());
        for item in table::items(&self.client, &self.table, &asked, "preliminary checks").await? {
            let key = table::key_of(&item);
            let row: PreliminaryRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            if let Some(id) = keys::application_of(&key.pk) {
                found.insert(id, row.body);
            }
        }
        Ok(found)
    }

    /// The write that stores the preliminary checks along with a change of the head.
    pub(crate) fn preliminary_item(
        &self,
        id: &ApplicationId,
        preliminary: &Preliminary,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::preliminary(id);
        let row = PreliminaryRow { pk: key.pk, sk: key.sk, v: 1, body: preliminary.clone() };
        self.put(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?, None)
    }

    /// The writes that turn a loaded draft into these values, and the checks that no other request changed the rest
    /// meanwhile.
    ///
    /// Every section is either written or checked, so that completeness, and the summary of `today`, were judged on what
    /// is stored.
    pub(crate) fn content_items(
        &self,
        id: &ApplicationId,
        schema: &Schema,
        before: &Draft,
        after: &Values,
        today: Date,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let wanted = by_section(before, schema, after);
        let mut items = vec![self.summary_item(id, &Summary::of(schema, after, today))?];
        for (name, values) in wanted {
            let held = before.sections.get(&name).cloned().unwrap_or_default();
            if held.values == values {
                items.push(self.unchanged(id, &name, held.version)?);
                continue;
            }
            let key = keys::section(id, &name);
            let body = serde_json::to_string(&values)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            let row = SectionRow { pk: key.pk, sk: key.sk, v: 1, version: held.version + 1, body };
            items.push(self.put(
                serde_dynamo::to_item(row).map_err(StoreError::unwritable)?,
                Some(held.version),
            )?);
        }
        Ok(items)
    }

    fn summary_item(
        &self,
        id: &ApplicationId,
        summary: &Summary,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::summary(id);
        let row = SummaryRow { pk: key.pk, sk: key.sk, v: 1, body: summary.clone() };
        self.put(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?, None)
    }

    /// The summaries of these applications; one that has no content, or was filled in before there were summaries, is
    /// left out.
    pub async fn summaries(
        &self,
        ids: &[ApplicationId],
    ) -> Result<HashMap<ApplicationId, Summary>, StoreError> {
        let asked: Vec<_> = ids.iter().map(keys::summary).collect();
        let mut found = HashMap::with_capacity(ids.len());
        for item in table::items(&self.client, &self.table, &asked, "summaries").await? {
            let key = table::key_of(&item);
            let row: SummaryRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            if let Some(id) = keys::application_of(&key.pk) {
                found.insert(id, row.body);
            }
        }
        Ok(found)
    }

    /// The write that adds a remark along with the change of the head to `version`.
    pub(crate) fn remark_item(
        &self,
        id: &ApplicationId,
        version: u64,
        remark: &Remark,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::remark(id, version);
        let body =
            serde_json::to_string(remark).map_err(|source| StoreError::corrupt(&key, source))?;
        let row = RemarkRow { pk: key.pk, sk: key.sk, v: 1, body };
        self.put(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?, Some(0))
    }

    /// The remarks beside a draft, oldest first.
    pub async fn remarks(&self, id: &ApplicationId) -> Result<Vec<Remark>, StoreError> {
        Ok(self.remarks_by_version(id).await?.into_values().collect())
    }

    /// The same by the version of the head that each goes with.
    pub async fn remarks_by_version(
        &self,
        id: &ApplicationId,
    ) -> Result<BTreeMap<u64, Remark>, StoreError> {
        let items = self.begins_with(id, keys::REMARK_PREFIX).await?;
        let mut remarks = BTreeMap::new();
        for item in items {
            let row: RemarkRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&keys::remark(id, 0), source))?;
            let key = Key { pk: row.pk, sk: row.sk };
            let remark = serde_json::from_str(&row.body)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            let version = keys::remark_of(&key.sk).unwrap_or_default();
            remarks.insert(version, remark);
        }
        Ok(remarks)
    }

    /// The border entry, once it was reported (ENT-1).
    pub async fn entry(&self, id: &ApplicationId) -> Result<Option<BorderEntry>, StoreError> {
        self.body(&keys::entry(id)).await
    }

    /// The write that stores it along with a change of the head.
    pub(crate) fn entry_item(
        &self,
        id: &ApplicationId,
        entry: &BorderEntry,
    ) -> Result<TransactWriteItem, StoreError> {
        self.body_item(keys::entry(id), entry)
    }

    /// The data of the integration agreement, once they were entered (AGR-1).
    pub async fn agreement(&self, id: &ApplicationId) -> Result<Option<AgreementData>, StoreError> {
        self.body(&keys::agreement(id)).await
    }

    /// The write that stores them along with a change of the head.
    pub(crate) fn agreement_item(
        &self,
        id: &ApplicationId,
        data: &AgreementData,
    ) -> Result<TransactWriteItem, StoreError> {
        self.body_item(keys::agreement(id), data)
    }

    /// Keeps what a message says before it leaves. It is content, and `forget-data` erases it with the rest.
    pub async fn keep_sent(
        &self,
        id: &ApplicationId,
        message: &SentMessage,
    ) -> Result<(), StoreError> {
        let key = keys::sent_message(id, &message.kind, message.n);
        let body =
            serde_json::to_string(message).map_err(|source| StoreError::corrupt(&key, source))?;
        let row = BodyRow { pk: key.pk, sk: key.sk, v: 1, body };
        let item: Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
        retried(|| {
            self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send()
        })
        .await
        .map_err(|error| StoreError::unavailable("what a message says", error))?;
        Ok(())
    }

    /// What the messages of an application said, in no order of time.
    pub async fn sent(&self, id: &ApplicationId) -> Result<Vec<SentMessage>, StoreError> {
        let mut messages = Vec::new();
        for item in self.begins_with(id, keys::SENT_PREFIX).await? {
            let key = table::key_of(&item);
            let row: BodyRow = serde_dynamo::from_item(item)
                .map_err(|source| StoreError::corrupt(&key, source))?;
            messages.push(
                serde_json::from_str(&row.body)
                    .map_err(|source| StoreError::corrupt(&key, source))?,
            );
        }
        Ok(messages)
    }

    async fn body<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, StoreError> {
        let row: Option<BodyRow> =
            table::row(&self.client, &self.table, key, "data of the case").await?;
        row.map(|row| serde_json::from_str(&row.body))
            .transpose()
            .map_err(|source| StoreError::corrupt(key, source))
    }

    fn body_item<T: Serialize>(&self, key: Key, body: &T) -> Result<TransactWriteItem, StoreError> {
        let text =
            serde_json::to_string(body).map_err(|source| StoreError::corrupt(&key, source))?;
        let row = BodyRow { pk: key.pk, sk: key.sk, v: 1, body: text };
        self.put(serde_dynamo::to_item(row).map_err(StoreError::unwritable)?, None)
    }

    /// The writes that erase everything personal of an application that is deleted before sending (LIM-1, ACC-6).
    ///
    /// Sections must still be as loaded: a save in between is not left behind.
    pub(crate) async fn erasure_items(
        &self,
        id: &ApplicationId,
        schema: &Schema,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let stored = self.begins_with(id, "").await?;
        let mut items = Vec::new();
        for section in schema.sections() {
            let key = keys::section(id, &section.key);
            if !stored
                .iter()
                .any(|item| item.get("sk").and_then(|sk| sk.as_s().ok()) == Some(&key.sk))
            {
                items.push(self.unchanged(id, &section.key, 0)?);
            }
        }
        for item in stored {
            let (Some(pk), Some(sk)) = (item.get("pk").cloned(), item.get("sk").cloned()) else {
                continue;
            };
            let delete = Delete::builder().table_name(&self.table).key("pk", pk).key("sk", sk);
            let delete = match item.get("version").cloned() {
                Some(version) => delete
                    .condition_expression("version = :version")
                    .expression_attribute_values(":version", version),
                None => delete,
            };
            items.push(TransactWriteItem::builder().delete(delete.build().map_err(build)?).build());
        }
        Ok(items)
    }

    /// Erases everything of an application whose time of keeping is over; gives how many rows there were (PRV-1).
    pub async fn erase(&self, id: &ApplicationId) -> Result<usize, StoreError> {
        let stored = self.begins_with(id, "").await?;
        for rows in stored.chunks(MOST_ERASED) {
            let items = rows
                .iter()
                .map(|row| transaction::delete(&self.table, &table::key_of(row)))
                .collect::<Result<_, _>>()?;
            table::transact(&self.client, items, "content of a closed case").await?;
        }
        Ok(stored.len())
    }

    async fn begins_with(&self, id: &ApplicationId, prefix: &str) -> Result<Vec<Item>, StoreError> {
        let partition = keys::application(id);
        table::items_beginning(&self.client, &self.table, &partition, prefix, "draft").await
    }

    fn unchanged(
        &self,
        id: &ApplicationId,
        name: &str,
        version: u64,
    ) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(keys::section(id, name).item()));
        let check = match version {
            0 => check.condition_expression("attribute_not_exists(pk)"),
            version => check
                .condition_expression("version = :version")
                .expression_attribute_values(":version", AttributeValue::N(version.to_string())),
        };
        Ok(TransactWriteItem::builder().condition_check(check.build().map_err(build)?).build())
    }

    fn put(&self, item: Item, version: Option<u64>) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = match version {
            None => put,
            Some(0) => put.condition_expression("attribute_not_exists(pk)"),
            Some(version) => put
                .condition_expression("version = :version")
                .expression_attribute_values(":version", AttributeValue::N(version.to_string())),
        };
        Ok(TransactWriteItem::builder().put(put.build().map_err(build)?).build())
    }
}
