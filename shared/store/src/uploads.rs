//! Files that people upload: a permission first, then the file, then the verdict of check-upload (CTR-1).

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ConditionCheck, TransactWriteItem, Update},
};
use domain::{
    document::{DeclaredFormat, FileFormat, UploadPurpose, UploadState, WorkerSignature},
    form::{FieldKey, FileReference},
    ids::{AccountId, ApplicationId, UploadId},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    keys::{self, Key},
    rows::{PendingMark, StoreError, build, millis},
    table,
    transaction::{put_new, text},
};
use outside::{files::StoredFile, queue::Queue};

/// An upload as recorded. It names no person: the key of the file is random, and the reasons of a refusal are codes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct UploadRow {
    pk: String,
    sk: String,
    v: u8,
    /// Its identifier.
    pub id: UploadId,
    /// What the file is meant to be.
    pub purpose: UploadPurpose,
    /// The field of the form that it is for, where the purpose is one (FRM-6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<FieldKey>,
    /// How it stands.
    pub state: UploadState,
    /// Key in the bucket of uploads.
    pub object: String,
    /// Declared media type; of a file that passed, that of its content.
    pub media_type: String,
    /// Declared length in bytes.
    pub bytes: u64,
    /// Declared SHA-256, in hex.
    pub sha256: String,
    /// How the worker signed, as the employer declares it (CTR-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_signature: Option<WorkerSignature>,
    /// Who asked for the permission.
    pub by: AccountId,
    /// When, in milliseconds: the arrival by which the term of the contract is judged.
    pub asked: i64,
    /// Until when the permission holds, in milliseconds of the wall clock.
    pub until: i64,
    /// When the verdict was recorded, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub examined: Option<i64>,
    /// Why the file was refused, all reasons; they name no person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Reason>,
    /// What was not checked, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_checked: Vec<String>,
    /// Where the examined file is kept, once it passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<StoredFile>,
    /// While a file that passed waits to become a value of the draft: check-upload writes no drafts (ADR 37).
    #[serde(flatten)]
    waiting: PendingMark,
}

/// The reason of check-upload for a file in which the scanner found malware.
const MALWARE: &str = "malware";
/// For how long the bucket of uploads keeps a file, as its lifecycle in the template says.
const QUARANTINE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Why a file was refused, or what the checks left open.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = UploadReason)]
pub struct Reason {
    /// Stable code.
    pub code: String,
    /// The same in Italian; of a refusal, with what to do next.
    pub text: String,
}

/// The file that an employer asks permission to send.
#[derive(Clone, Debug)]
pub struct UploadRequest {
    /// What the file is meant to be.
    pub purpose: UploadPurpose,
    /// The field of the form, where the purpose is one (FRM-6).
    pub field: Option<FieldKey>,
    /// Declared media type.
    pub media_type: String,
    /// Declared length in bytes.
    pub bytes: u64,
    /// Declared SHA-256, in hex.
    pub sha256: String,
    /// How the worker signed (CTR-2).
    pub worker_signature: Option<WorkerSignature>,
}

impl UploadRow {
    /// A permission that was asked for at `now` and holds until `until`.
    pub fn awaited(
        application: &ApplicationId,
        id: UploadId,
        asked: UploadRequest,
        by: AccountId,
        now: Timestamp,
        until: Timestamp,
    ) -> Self {
        let key = keys::upload(application, &id);
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            object: object_key(application, &id),
            id,
            purpose: asked.purpose,
            field: asked.field,
            state: UploadState::Awaited,
            media_type: asked.media_type,
            bytes: asked.bytes,
            sha256: asked.sha256,
            worker_signature: asked.worker_signature,
            by,
            asked: millis(now),
            until: millis(until),
            examined: None,
            refusals: Vec::new(),
            not_checked: Vec::new(),
            file: None,
            waiting: PendingMark::nothing(),
        }
    }

    /// The same after its file was looked into.
    #[must_use]
    pub fn examined(self, verdict: Verdict, now: Timestamp) -> Self {
        let state =
            if verdict.refusals.is_empty() { UploadState::Accepted } else { UploadState::Refused };
        let becomes_value = self.purpose == UploadPurpose::Field && state == UploadState::Accepted;
        let waiting = match self.application().filter(|_| becomes_value) {
            Some(application) => PendingMark::of(&application, Queue::Enrich, now),
            None => PendingMark::nothing(),
        };
        Self {
            waiting,
            state,
            examined: Some(millis(now)),
            refusals: verdict.refusals,
            not_checked: verdict.not_checked,
            media_type: verdict
                .format
                .map_or(self.media_type, |format| format.media_type().to_owned()),
            file: verdict.file,
            ..self
        }
    }

    /// The application that it is about.
    pub fn application(&self) -> Option<ApplicationId> {
        keys::application_of(&self.pk)
    }

    /// Where it stands.
    pub fn key(&self) -> Key {
        Key { pk: self.pk.clone(), sk: self.sk.clone() }
    }

    /// What it is for, as a permission is asked for it: `contract`, …, `field:<key>`.
    pub fn purpose_text(&self) -> String {
        match &self.field {
            Some(field) => format!("{}:{field}", self.purpose.code()),
            None => self.purpose.code().to_owned(),
        }
    }

    /// Whether its file is in quarantine, refused, and may be looked at: not one with malware. The bucket forgets after a month.
    pub fn is_in_quarantine(&self, now: Timestamp) -> bool {
        let has_malware = self.refusals.iter().any(|reason| reason.code == MALWARE);
        let age = SignedDuration::from_millis(millis(now).saturating_sub(self.asked));
        self.state == UploadState::Refused && !has_malware && age < QUARANTINE
    }

    /// What a browser calls the file that it downloads.
    pub fn file_name(&self) -> String {
        let name = match (&self.field, self.purpose) {
            (Some(field), _) => field.as_str(),
            (None, UploadPurpose::Contract) => "contract-firmato",
            (None, UploadPurpose::Agreement) => "agreement-firmato",
            (None, UploadPurpose::Integration | UploadPurpose::Field) => "integrazione",
            (None, UploadPurpose::Objection) => "osservazioni",
        };
        let format = match DeclaredFormat::of(&self.media_type) {
            Some(DeclaredFormat::Is(format)) => format,
            Some(DeclaredFormat::Open) | None => FileFormat::Pdf,
        };
        format!("{name}.{}", format.ending())
    }

    /// Whether it passed and is not yet a value of the draft (FRM-6).
    pub const fn is_waiting(&self) -> bool {
        self.waiting.queue.is_some()
    }

    /// The value of its field in the draft; none unless it passed.
    pub fn reference(&self) -> Option<FileReference> {
        let file = self.file.as_ref().filter(|_| self.state == UploadState::Accepted)?;
        Some(FileReference {
            bytes: file.bytes,
            media_type: self.media_type.clone(),
            sha256: file.sha256.clone(),
            upload: self.id.clone(),
        })
    }

    /// Whether another file for the same field was announced later and passed: the person's last choice counts, in whichever
    /// order the checks end.
    pub fn is_replaced(&self, all: &[Self]) -> bool {
        let order = |row: &Self| (row.asked, row.id.to_string());
        all.iter().any(|other| {
            other.field == self.field
                && other.purpose == self.purpose
                && other.state == UploadState::Accepted
                && order(other) > order(self)
        })
    }

    /// The same once it needs no value of the draft any more: it is one, or another took its place.
    #[must_use]
    pub fn settled(self) -> Self {
        Self { waiting: PendingMark::nothing(), ..self }
    }

    /// The same, refused although it passed the checks: the draft cannot take it any more.
    #[must_use]
    pub fn left_behind(self, why: Reason) -> Self {
        Self { state: UploadState::Refused, refusals: vec![why], ..self.settled() }
    }
}

/// What was found in a file.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Why it does not pass; none when it does.
    pub refusals: Vec<Reason>,
    /// What was not checked, by code.
    pub not_checked: Vec<String>,
    /// What it is, when it passed.
    pub format: Option<FileFormat>,
    /// Where it is kept, when it passed.
    pub file: Option<StoredFile>,
}

/// Where an upload's file lies: both identifiers are random, so the key cannot be guessed and tells nothing.
pub fn object_key(application: &ApplicationId, id: &UploadId) -> String {
    format!("{application}/{id}")
}

/// The upload that a file belongs to, if its key is one of ours.
pub fn of_object(key: &str) -> Option<(ApplicationId, UploadId)> {
    let (application, id) = key.split_once('/')?;
    Some((application.parse().ok()?, id.parse().ok()?))
}

/// Whose signatures are expected in an uploaded contract, as known when the permission was given (CTR-2). Personal data,
/// which ends by itself after [`SIGNERS_LAST`].
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct ExpectedSigners {
    /// Fiscal code of the applicant or legal representative.
    pub employer: String,
    /// The worker's definitive fiscal code, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
}

impl std::fmt::Debug for ExpectedSigners {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ExpectedSigners([redacted])")
    }
}

/// How long it is kept after the permission ends: a file that could not be examined waits with the dead letters for
/// fourteen days.
pub const SIGNERS_LAST: SignedDuration = SignedDuration::from_hours(15 * 24);

#[derive(Debug, Deserialize, Serialize)]
struct SignersRow {
    pk: String,
    sk: String,
    v: u8,
    body: ExpectedSigners,
    /// Seconds; the store deletes the row some time after it.
    expires_at: i64,
}

/// The uploads in a table, and whose signatures they need in one whose rows end by themselves.
#[derive(Clone, Debug)]
pub struct Uploads {
    client: Client,
    table: String,
    sessions: String,
}

impl Uploads {
    /// The uploads in the portal's table, and the expected signers in that of sessions.
    pub const fn new(client: Client, table: String, sessions: String) -> Self {
        Self { client, table, sessions }
    }

    /// Whose signatures are expected in a contract; none once it is no longer kept.
    pub async fn expected_signers(
        &self,
        id: &UploadId,
    ) -> Result<Option<ExpectedSigners>, StoreError> {
        let key = keys::expected_signers(id);
        let row: Option<SignersRow> =
            table::row(&self.client, &self.sessions, &key, "expected signers").await?;
        Ok(row.map(|row| row.body))
    }

    /// The write of the expected signers, to go along with the permission.
    pub(crate) fn signers_item(
        &self,
        upload: &UploadRow,
        signers: &ExpectedSigners,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = keys::expected_signers(&upload.id);
        let row = SignersRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            body: signers.clone(),
            expires_at: upload.until.div_euclid(1000).saturating_add(SIGNERS_LAST.as_secs()),
        };
        put_new(&self.sessions, &row)
    }

    /// One upload, as last written.
    pub async fn find(
        &self,
        application: &ApplicationId,
        id: &UploadId,
    ) -> Result<Option<UploadRow>, StoreError> {
        let key: Key = keys::upload(application, id);
        table::row(&self.client, &self.table, &key, "upload").await
    }

    /// All uploads of an application, in no order of time.
    pub async fn of(&self, application: &ApplicationId) -> Result<Vec<UploadRow>, StoreError> {
        let partition = keys::application(application);
        let prefix = keys::UPLOAD_PREFIX;
        table::rows_beginning(&self.client, &self.table, &partition, prefix, "uploads").await
    }
}

/// The check that no verdict is recorded yet, to go along with the change that comes before it.
pub(crate) fn still_awaited_item(
    table: &str,
    row: &UploadRow,
) -> Result<TransactWriteItem, StoreError> {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(Key { pk: row.pk.clone(), sk: row.sk.clone() }.item()))
        .condition_expression("#state = :awaited")
        .expression_attribute_names("#state", "state")
        .expression_attribute_values(":awaited", text(UploadState::Awaited.code()))
        .build()
        .map_err(build)?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

/// The write of a verdict, to go along with what follows from it; one verdict for each upload.
pub(crate) fn examined_item(
    table: &str,
    after: &UploadRow,
) -> Result<TransactWriteItem, StoreError> {
    let mut set = "SET #state = :state, examined = :at, refusals = :refusals, not_checked = :not_checked, media_type = :media_type, #file = :file".to_owned();
    let mut update = Update::builder();
    // The mark of ADR 4: what follows from the verdict is another function's (ADR 37).
    if let PendingMark { pending_pk: Some(shard), pending_due: Some(due), queue: Some(queue) } =
        &after.waiting
    {
        set.push_str(", pending_pk = :pending_pk, pending_due = :due, queue = :queue");
        update = update
            .expression_attribute_values(":pending_pk", text(shard))
            .expression_attribute_values(":due", AttributeValue::N(due.to_string()))
            .expression_attribute_values(":queue", text(queue.code()));
    }
    let update = update
        .table_name(table)
        .set_key(Some(after.key().item()))
        .update_expression(set)
        .condition_expression("#state = :awaited")
        .expression_attribute_names("#state", "state")
        .expression_attribute_names("#file", "file")
        .expression_attribute_values(":state", text(after.state.code()))
        .expression_attribute_values(":awaited", text(UploadState::Awaited.code()))
        .expression_attribute_values(
            ":at",
            AttributeValue::N(after.examined.unwrap_or_default().to_string()),
        )
        .expression_attribute_values(":refusals", written(&after.refusals)?)
        .expression_attribute_values(":not_checked", written(&after.not_checked)?)
        .expression_attribute_values(":media_type", text(&after.media_type))
        .expression_attribute_values(":file", written(&after.file)?)
        .build()
        .map_err(build)?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// The write that takes a file that passed off its wait for the draft, to go along with its value; once (FRM-6).
pub(crate) fn settled_item(
    table: &str,
    after: &UploadRow,
) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(after.key().item()))
        .update_expression(
            "SET #state = :state, refusals = :refusals REMOVE pending_pk, pending_due, queue",
        )
        .condition_expression("attribute_exists(queue)")
        .expression_attribute_names("#state", "state")
        .expression_attribute_values(":state", text(after.state.code()))
        .expression_attribute_values(":refusals", written(&after.refusals)?)
        .build()
        .map_err(build)?;
    Ok(TransactWriteItem::builder().update(update).build())
}

fn written<T: Serialize>(value: &T) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(value).map_err(StoreError::unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that arrives twice at once would otherwise leave the case in a state that only its verdict leads out of.
    #[test]
    fn the_check_before_a_verdict_asks_what_the_verdict_asks() {
        let declared = UploadRequest {
            purpose: UploadPurpose::Contract,
            field: None,
            media_type: "application/pdf".to_owned(),
            bytes: 3,
            sha256: "00".repeat(32),
            worker_signature: None,
        };
        let application = ApplicationId::from_random([1; 16]);
        let (id, by) = (UploadId::from_random([2; 16]), AccountId::keyed(&[3; 32]));
        let now = Timestamp::UNIX_EPOCH;
        let row = UploadRow::awaited(&application, id, declared, by, now, now)
            .examined(Verdict::default(), now);
        let check = still_awaited_item("portal", &row).unwrap();
        let write = examined_item("portal", &row).unwrap();
        let (check, write) = (check.condition_check().unwrap(), write.update().unwrap());
        assert_eq!(check.key(), write.key());
        assert_eq!(Some(check.condition_expression()), write.condition_expression());
        let values = check.expression_attribute_values().unwrap();
        assert_eq!(values[":awaited"].as_s().unwrap(), "awaited");
    }

    /// An attachment of the draft's field `passport_file` that was announced at that instant and passed.
    fn attachment(id: u8, asked: i64) -> UploadRow {
        let application = ApplicationId::from_random([1; 16]);
        let declared = UploadRequest {
            purpose: UploadPurpose::Field,
            field: "passport_file".parse().ok(),
            media_type: "application/octet-stream".to_owned(),
            bytes: 3,
            sha256: "ab".repeat(32),
            worker_signature: None,
        };
        let file =
            StoredFile { key: "key".to_owned(), version: None, sha256: "ab".repeat(32), bytes: 3 };
        let found =
            Verdict { format: Some(FileFormat::Pdf), file: Some(file), ..Verdict::default() };
        let now = Timestamp::from_millisecond(asked).unwrap();
        let (id, by) = (UploadId::from_random([id; 16]), AccountId::keyed(&[3; 32]));
        UploadRow::awaited(&application, id, declared, by, now, now).examined(found, now)
    }

    /// DEC-1: an officer sees a refused file for as long as there is one, and nobody is given malware.
    #[test]
    fn a_refused_file_can_be_looked_at_for_a_month_unless_it_is_malware() {
        let refused = |code: &str| {
            let reason = Reason { code: code.to_owned(), text: "Togliere.".to_owned() };
            let found = Verdict { refusals: vec![reason], ..Verdict::default() };
            attachment(2, 0).examined(found, Timestamp::UNIX_EPOCH)
        };
        let after = |days: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(days * 24);
        assert!(refused("not-signed").is_in_quarantine(after(29)));
        assert!(!refused("not-signed").is_in_quarantine(after(30)));
        assert!(!refused("malware").is_in_quarantine(after(1)));
        assert!(!attachment(2, 0).is_in_quarantine(after(1)), "it passed");
        assert_eq!(attachment(2, 0).file_name(), "passport_file.pdf");
    }

    /// PRV-1: the bucket of uploads keeps a file as long as the portal offers it, and no longer.
    #[test]
    fn the_bucket_of_uploads_forgets_a_file_when_its_quarantine_ends() {
        let template = include_str!("../../../template.yaml");
        let rule = template.lines().find(|line| line.contains("quarantine-ends")).unwrap();
        let days = QUARANTINE.as_hours() / 24;
        assert!(rule.contains(&format!("Status: Enabled, ExpirationInDays: {days},")), "{rule}");
    }

    /// FRM-6: a file for a field that passed waits for the draft, with its verdict; a refused one waits for nothing.
    #[test]
    fn a_file_that_passed_for_a_field_waits_to_become_its_value() {
        let good = attachment(2, 0);
        assert!(good.is_waiting());
        let write = examined_item("portal", &good).unwrap();
        let write = write.update().unwrap();
        assert!(write.update_expression().contains("queue = :queue"));
        let values = write.expression_attribute_values().unwrap();
        assert_eq!(values[":queue"].as_s().unwrap(), "enrich");
        let reason = Reason { code: "encrypted".to_owned(), text: "Togliere.".to_owned() };
        let found = Verdict { refusals: vec![reason], ..Verdict::default() };
        let bad = attachment(2, 0).examined(found, Timestamp::UNIX_EPOCH);
        assert!(!bad.is_waiting());
        assert_eq!(bad.reference(), None);
        let write = examined_item("portal", &bad).unwrap();
        assert!(!write.update().unwrap().update_expression().contains("queue"));
        assert!(!good.settled().is_waiting());
    }

    /// FRM-6: the value names the upload, and the digest of what passed; the type is that of the content, not the declared one.
    #[test]
    fn the_value_says_which_file_it_is() {
        let reference = attachment(2, 0).reference().unwrap();
        assert_eq!(reference.upload, UploadId::from_random([2; 16]));
        assert_eq!((reference.bytes, reference.media_type.as_str()), (3, "application/pdf"));
        assert_eq!(reference.sha256, "ab".repeat(32));
        assert_eq!(attachment(2, 0).purpose_text(), "field:passport_file");
    }

    /// FRM-6: whichever check ends first, the file that was chosen last stays.
    #[test]
    fn the_last_choice_replaces_the_first_and_never_the_other_way_round() {
        let (first, last) = (attachment(2, 1_000), attachment(3, 2_000));
        let all = [first.clone(), last.clone()];
        assert!(first.is_replaced(&all) && !last.is_replaced(&all));
        let other = UploadRow { field: "income_file".parse().ok(), ..last };
        assert!(!first.is_replaced(&[first.clone(), other]));
    }

    /// ADR 44: the role of check-upload is for the files of uploads, as they are named here, and for nothing beside them.
    #[test]
    fn what_checks_files_may_touch_files_of_uploads_alone() {
        let template = include_str!("../../../template.yaml");
        let (_, role) = template.split_once("\n  CheckUploadRole:\n").unwrap();
        let (role, _) = role.split_once("\n  CheckUploadLogs:\n").unwrap();
        let (application, upload) =
            (ApplicationId::from_random([1; 16]), UploadId::from_random([2; 16]));
        let key = object_key(&application, &upload);
        assert!(key.starts_with(ApplicationId::PREFIX));
        assert!(key.contains(&format!("/{}", UploadId::PREFIX)));
        for bucket in ["UploadsBucket", "DocumentsBucket"] {
            let named = format!("${{{bucket}.Arn}}/");
            let allowed: Vec<_> = role.lines().filter(|line| line.contains(&named)).collect();
            let pattern = format!("{named}{}*/{}*", ApplicationId::PREFIX, UploadId::PREFIX);
            assert!(matches!(allowed.as_slice(), [one] if one.ends_with(&pattern)), "{allowed:?}");
        }
    }

    /// CTR-1: a key leads back to its application, and nothing else is taken for one.
    #[test]
    fn a_file_belongs_to_the_application_in_its_key() {
        let (application, upload) =
            (ApplicationId::from_random([1; 16]), UploadId::from_random([2; 16]));
        let key = object_key(&application, &upload);
        assert_eq!(of_object(&key), Some((application, upload)));
        for strange in ["", "a/b", "app_1/upl_2", &format!("{key}/x"), &format!("../{key}")] {
            assert_eq!(of_object(strange), None, "{strange}");
        }
    }
}
