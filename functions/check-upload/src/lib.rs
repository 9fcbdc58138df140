//! Looks into files that people uploaded, in a role of its own, and records a verdict; only then does a file count
//! (CTR-1, CTR-2, AGR-1).

mod record;
pub mod signature;

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use aws_config::SdkConfig;
use aws_lambda_events::event::{
    s3::S3Event,
    sqs::{SqsBatchResponse, SqsEvent},
};
use data_encoding::HEXLOWER;
use domain::{
    document::{DocumentKind, FileFormat, UploadPurpose, UploadState, WorkerSignature},
    fiscal_code::PersonCode,
    form::{FileRule, Schema},
    ids::{ApplicationId, UploadId},
};
use jiff::Timestamp;
use outside::{
    clock,
    config::{self, ConfigError},
    files::{FileError, Files, sha256},
    log::chain,
    queue::{self, MessageOutcome},
};
use serde::Deserialize;
use store::{
    Store,
    contention::{Contended, Tries, unless_refused},
    documents::{self, DocumentRow},
    rows::{StoreError, instant},
    uploads::{self, Reason, UploadRow, Verdict as Findings},
};
use thiserror::Error;

use self::{
    record::record,
    signature::{Malware, Sent, SigningCase, TrustAnchors, Upload, Verdict, clamd},
};

/// Largest file that is looked into, in bytes; what a permission can be given for (handle-contract).
const LARGEST: u64 = 20 * 1024 * 1024;
/// Where the certificates lie that signatures must lead to, in the bucket of facts: the list of trusted authorities is
/// public.
const ANCHORS: &str = "trust/anchors.pem";
/// Longest list of anchors, in bytes.
const LONGEST_ANCHORS: u64 = 1024 * 1024;

/// How long the scanner may take for one file.
const SCAN_LASTS: Duration = Duration::from_secs(20);

/// What checking needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    quarantine: Files,
    kept: Files,
    facts: Files,
    /// ClamAV's daemon; none where there is none, which the verdict then says.
    scanner: Option<SocketAddr>,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// Not the address of a scanner.
    #[error("CLAMD_ADDRESS is no address such as 10.0.0.7:3310")]
    ScannerAddress,
}

/// Why a file was not looked into; it is tried again, and after several times waits with the dead letters.
#[derive(Debug, Error)]
enum CheckError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] FileError),
    /// What the check needs is not there.
    #[error("the application lacks {0}")]
    Lacks(&'static str),
    /// The list of trusted authorities cannot be read.
    #[error("the trust anchors cannot be read")]
    Anchors,
    /// The scanner is configured and does not answer: nothing passes unscanned.
    #[error("the virus scanner does not answer")]
    Scanner,
    #[error(transparent)]
    Contended(#[from] Contended),
}

/// A notification of the object store: about new files, or the test that it sends when it is set up.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Notification {
    Files(S3Event),
    Test {
        #[serde(rename = "Event")]
        event: String,
    },
}

impl App {
    /// Reads the configuration.
    #[expect(clippy::unused_async, reason = "all functions start alike")]
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let store = Store::open(sdk)?;
        Ok(Self {
            store,
            quarantine: Files::new(sdk, config::required("UPLOADS_BUCKET")?),
            kept: Files::new(sdk, config::required("DOCUMENTS_BUCKET")?),
            facts: Files::new(sdk, config::required("FACTS_BUCKET")?),
            scanner: config::optional("CLAMD_ADDRESS")
                .map(|address| address.parse().map_err(|_| StartError::ScannerAddress))
                .transpose()?,
        })
    }
}

/// A batch of notifications of the bucket of uploads.
pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Infallible> {
    Ok(queue::handle_each_of(
        event,
        |_: &Notification| true,
        |notification| each_file(app, notification),
    )
    .await)
}

async fn each_file(app: &App, notification: Notification) -> MessageOutcome {
    let records = match notification {
        Notification::Files(event) => event.records,
        Notification::Test { event } => {
            tracing::info!(event, "test of the notification");
            return MessageOutcome::Done;
        }
    };
    let mut handled = MessageOutcome::Done;
    for record in records {
        let object = record.s3.object;
        let key = object.url_decoded_key.or(object.key).unwrap_or_default();
        // A file under another key came without a permission of the portal.
        let Some((application, upload)) = uploads::of_object(&key) else {
            tracing::error!("a file under a key that is none of ours stays in quarantine");
            continue;
        };
        let outcome = match awaited(app, &application, &upload).await {
            Ok(Ok(row)) => examine(app, &application, row, object.version_id.as_deref()).await,
            Ok(Err(outcome)) => Ok(outcome),
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(outcome) => {
                tracing::info!(application.id = %application, upload.id = %upload, outcome, "file handled");
            }
            Err(error) => {
                tracing::error!(application.id = %application, upload.id = %upload, cause = chain(&error), "file not handled");
                handled = MessageOutcome::Again;
            }
        }
    }
    handled
}

/// An upload whose file was not examined yet; otherwise what became of it.
async fn awaited(
    app: &App,
    application: &ApplicationId,
    upload: &UploadId,
) -> Result<Result<UploadRow, &'static str>, StoreError> {
    Ok(match app.store.uploads.find(application, upload).await? {
        Some(row) if row.state == UploadState::Awaited => Ok(row),
        Some(_) => Err("examined before"),
        None => Err("nobody was permitted to send it"),
    })
}

/// Looks into exactly the version that arrived, keeps what passed, records the verdict with what follows from it.
async fn examine(
    app: &App,
    id: &ApplicationId,
    row: UploadRow,
    version: Option<&str>,
) -> Result<&'static str, CheckError> {
    let verdict = match app.quarantine.get(&row.object, version, LARGEST).await {
        Ok(content) => find_verdict(app, id, &row, &content).await?,
        Err(FileError::TooLong(_)) => {
            let limit = usize::try_from(LARGEST).unwrap_or(usize::MAX);
            refused(signature::Refusal::TooLarge(limit), row.purpose)
        }
        Err(error) => return Err(error.into()),
    };
    let row = row.examined(verdict, clock::wall());
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        // What was faster may have been another delivery of the same notification.
        if tries.is_repeated()
            && let Err(outcome) = awaited(app, id, &row.id).await?
        {
            return Ok(outcome);
        }
        if let Some(outcome) = unless_refused(record(app, id, &row).await?)? {
            return Ok(outcome);
        }
    }
}

fn refused(refusal: signature::Refusal, purpose: UploadPurpose) -> Findings {
    Findings { refusals: vec![reason(refusal, purpose)], ..Findings::default() }
}

fn reason(refusal: signature::Refusal, purpose: UploadPurpose) -> Reason {
    let text = match purpose {
        UploadPurpose::Contract | UploadPurpose::Agreement => refusal.text(),
        UploadPurpose::Integration | UploadPurpose::Objection | UploadPurpose::Field => {
            refusal.text_about_document()
        }
    };
    Reason { code: refusal.code().to_owned(), text }
}

async fn find_verdict(
    app: &App,
    id: &ApplicationId,
    row: &UploadRow,
    content: &[u8],
) -> Result<Findings, CheckError> {
    // The digest was fixed when the permission was asked for, in time; another content has no such instant.
    if sha256(content) != row.sha256 {
        return Ok(refused(signature::Refusal::Damaged, row.purpose));
    }
    let verdict = match row.purpose {
        UploadPurpose::Contract => contract(app, id, row, content).await?,
        UploadPurpose::Agreement | UploadPurpose::Integration | UploadPurpose::Objection => {
            signature::look(upload(row, content), &FileFormat::DOCUMENTS)
        }
        UploadPurpose::Field => {
            let rule = rule(app, id, row).await?;
            signature::look(upload(row, content), &rule.formats)
        }
    };
    let verdict = match app.scanner {
        Some(address) => {
            let answer = clamd::scan(address, content, SCAN_LASTS).await;
            verdict.scanned(answer.map_err(|_| CheckError::Scanner)?)
        }
        None => verdict,
    };
    let mut not_checked: Vec<String> =
        verdict.not_checked.iter().map(|code| (*code).to_owned()).collect();
    if verdict.malware == Malware::NotScanned {
        not_checked.push("malware".to_owned());
    }
    let format = verdict.format.filter(|_| verdict.accepted);
    let file = match format {
        Some(format) => {
            Some(app.kept.put(&row.object, format.media_type(), content.to_vec()).await?)
        }
        None => None,
    };
    Ok(Findings {
        refusals: verdict.refusals.iter().map(|refusal| reason(*refusal, row.purpose)).collect(),
        not_checked,
        format,
        file,
    })
}

fn upload<'a>(row: &'a UploadRow, content: &'a [u8]) -> Upload<'a> {
    Upload {
        bytes: content,
        declared_type: &row.media_type,
        limit: usize::try_from(LARGEST).unwrap_or(usize::MAX),
    }
}

/// What the field that a file is for takes, by the form of its application (FRM-6).
async fn rule(app: &App, id: &ApplicationId, row: &UploadRow) -> Result<FileRule, CheckError> {
    let head = app.store.applications.head(id).await?.ok_or(CheckError::Lacks("its head"))?;
    let schema = Schema::find(&head.schema).ok_or(CheckError::Lacks("its form"))?;
    let rule = row.field.as_ref().and_then(|field| schema.file_rule(field));
    rule.ok_or(CheckError::Lacks("the field that its file is for"))
}

/// The signed contract: the employer's signature, and the worker's or the employer's statement (art. 22 c. 6).
async fn contract(
    app: &App,
    id: &ApplicationId,
    row: &UploadRow,
    content: &[u8],
) -> Result<Verdict, CheckError> {
    let signers = app
        .store
        .uploads
        .expected_signers(&row.id)
        .await?
        .ok_or(CheckError::Lacks("whose signatures are expected"))?;
    let employer: PersonCode =
        signers.employer.parse().map_err(|_| CheckError::Lacks("the employer's code"))?;
    let anchors = app.facts.get(ANCHORS, None, LONGEST_ANCHORS).await?;
    let anchors = TrustAnchors::from_pem(&anchors).map_err(|_| CheckError::Anchors)?;
    let worker: Option<PersonCode> = signers.worker.and_then(|code| code.parse().ok());
    let (sent, made) = sent(&app.store.documents.of(id).await?)?;
    let case = match row.worker_signature {
        Some(WorkerSignature::ByHand) => SigningCase::AutographScan,
        Some(WorkerSignature::Digital) | None => {
            SigningCase::BothDigital { sent, worker: worker.as_ref() }
        }
    };
    Ok(signature::check(upload(row, content), case, &employer, &anchors, made..=clock::wall()))
}

/// The contract that went to the employer last, and when it was made by the wall clock: no signature can be older.
fn sent(rows: &[DocumentRow]) -> Result<(Sent, Timestamp), CheckError> {
    let contract = documents::newest(rows, DocumentKind::Contract);
    let file = contract
        .and_then(|row| row.file.as_ref())
        .ok_or(CheckError::Lacks("a contract that was sent"))?;
    let made = contract
        .and_then(|row| instant(row.made?).ok())
        .ok_or(CheckError::Lacks("the instant of its contract"))?;
    let sha256 = HEXLOWER
        .decode(file.sha256.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(CheckError::Lacks("the digest of its contract"))?;
    Ok((Sent { sha256, len: usize::try_from(file.bytes).unwrap_or(usize::MAX) }, made))
}

#[cfg(test)]
mod tests;
