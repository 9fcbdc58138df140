//! Looks into files that people uploaded, in a role of its own, and records a verdict; only then does a file count
//! (CTR-1, CTR-2, AGR-1).

pub mod signature;

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use adapters::{
    applications::{Applications, Change, SaveError},
    campaigns::Campaigns,
    clock,
    config::{self, MissingVariable},
    documents::{self, Documents},
    drafts::Drafts,
    files::{FileError, Files, sha256},
    log::chain,
    queue::{self, Handled},
    rows::{StoreError, instant},
    steps::{ROUNDS, pause},
    uploads::{self, Reason, UploadRow, Uploads, Verdict as Findings},
};
use aws_config::SdkConfig;
use aws_lambda_events::event::{
    s3::S3Event,
    sqs::{SqsBatchResponse, SqsEvent},
};
use aws_sdk_dynamodb::Client;
use data_encoding::HEXLOWER;
use domain::{
    application::{Application, Who},
    campaign::Campaign,
    case::Step,
    document::{DocumentKind, UploadPurpose, UploadState, WorkerSignature},
    fiscal_code::PersonCode,
    ids::ApplicationId,
    lifecycle::{Event, State, agreement::AgreementEvent},
    notice::NoticeKind,
    permission::Action,
};
use serde::Deserialize;
use thiserror::Error;

use self::signature::{Case, Malware, Sent, TrustAnchors, Upload, Verdict, clamd};

/// Largest file that is looked into, in bytes; what a permission can be given for (handle-contract).
const LARGEST: u64 = 20 * 1024 * 1024;
/// Where the certificates lie that signatures must lead to, in the bucket of facts: everybody may read whom we trust.
const ANCHORS: &str = "trust/anchors.pem";
/// Longest list of anchors, in bytes.
const LONGEST_ANCHORS: u64 = 1024 * 1024;

/// How long the scanner may take for one file.
const SCAN_LASTS: Duration = Duration::from_secs(20);

/// What checking needs.
#[derive(Debug)]
pub struct Needs {
    applications: Applications,
    drafts: Drafts,
    campaigns: Campaigns,
    uploads: Uploads,
    documents: Documents,
    quarantine: Files,
    kept: Files,
    facts: Files,
    /// ClamAV's daemon; none where there is none, which the verdict then says.
    scanner: Option<SocketAddr>,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable is missing.
    #[error(transparent)]
    Missing(#[from] MissingVariable),
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
    /// The list of those whom we trust cannot be read.
    #[error("the trust anchors cannot be read")]
    Anchors,
    /// The scanner is configured and does not answer: nothing passes unscanned.
    #[error("the virus scanner does not answer")]
    Scanner,
    /// Somebody else was faster each time.
    #[error("the application was changed too often in between")]
    TooBusy,
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

impl Needs {
    /// Reads the configuration.
    #[expect(clippy::unused_async, reason = "all functions start alike")]
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let client = Client::new(sdk);
        let table = config::required("PORTAL_TABLE")?;
        Ok(Self {
            applications: Applications::new(client.clone(), table.clone()),
            drafts: Drafts::new(client.clone(), config::required("DRAFTS_TABLE")?),
            campaigns: Campaigns::new(client.clone(), table.clone()),
            uploads: Uploads::new(client.clone(), table.clone()),
            documents: Documents::new(client, table),
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
pub async fn handle(needs: &Needs, event: SqsEvent) -> Result<SqsBatchResponse, Infallible> {
    Ok(queue::each_of(event, |_: &Notification| true, |told| each_file(needs, told)).await)
}

async fn each_file(needs: &Needs, told: Notification) -> Handled {
    let records = match told {
        Notification::Files(event) => event.records,
        Notification::Test { event } => {
            tracing::info!(event, "test of the notification");
            return Handled::Done;
        }
    };
    let mut handled = Handled::Done;
    for record in records {
        let object = record.s3.object;
        let key = object.url_decoded_key.or(object.key).unwrap_or_default();
        // Whatever lies under another key was put there by nobody whom we gave a permission.
        let Some((application, upload)) = uploads::of_object(&key) else {
            tracing::error!("a file under a key that is none of ours stays in quarantine");
            continue;
        };
        let outcome = match needs.uploads.find(&application, &upload).await {
            Ok(Some(row)) if row.state == UploadState::Awaited => {
                look(needs, &application, row, object.version_id.as_deref()).await
            }
            Ok(Some(_)) => Ok("examined before"),
            Ok(None) => Ok("nobody was permitted to send it"),
            Err(error) => Err(error.into()),
        };
        match outcome {
            Ok(outcome) => {
                tracing::info!(application.id = %application, upload.id = %upload, outcome, "file handled");
            }
            Err(error) => {
                tracing::error!(application.id = %application, upload.id = %upload, cause = chain(&error), "file not handled");
                handled = Handled::Again;
            }
        }
    }
    handled
}

/// Looks into exactly the version that arrived, keeps what passed, records the verdict with what follows from it.
async fn look(
    needs: &Needs,
    id: &ApplicationId,
    row: UploadRow,
    version: Option<&str>,
) -> Result<&'static str, CheckError> {
    let verdict = match needs.quarantine.get(&row.object, version, LARGEST).await {
        Ok(content) => judged(needs, id, &row, &content).await?,
        Err(FileError::TooLong(_)) => {
            refused(signature::Refusal::TooLarge(usize::try_from(LARGEST).unwrap_or(usize::MAX)))
        }
        Err(error) => return Err(error.into()),
    };
    let row = row.examined(verdict, clock::wall());
    for round in 0..ROUNDS {
        pause(round).await;
        match record(needs, id, &row).await? {
            Ok(outcome) => return Ok(outcome),
            Err(SaveError::Conflict) => {}
            Err(SaveError::Store(error)) => return Err(error.into()),
            Err(SaveError::LimitReached | SaveError::WorkerTaken) => {
                return Err(CheckError::TooBusy);
            }
        }
    }
    Err(CheckError::TooBusy)
}

fn refused(refusal: signature::Refusal) -> Findings {
    Findings { refusals: vec![reason(refusal)], ..Findings::default() }
}

fn reason(refusal: signature::Refusal) -> Reason {
    Reason { code: refusal.code().to_owned(), text: refusal.text() }
}

async fn judged(
    needs: &Needs,
    id: &ApplicationId,
    row: &UploadRow,
    content: &[u8],
) -> Result<Findings, CheckError> {
    // The digest was fixed when the permission was asked for, in time; another content has no such instant.
    if sha256(content) != row.sha256 {
        return Ok(refused(signature::Refusal::Damaged));
    }
    let verdict = match row.purpose {
        UploadPurpose::Contract => contract(needs, id, row, content).await?,
        UploadPurpose::Agreement | UploadPurpose::Integration => {
            signature::look(upload(row, content))
        }
    };
    let verdict = match needs.scanner {
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
    if verdict.compare_by_eye {
        not_checked.push("content".to_owned());
    }
    let file = if verdict.accepted {
        let kept = needs.kept.put(&row.object, &row.media_type, content.to_vec()).await?;
        Some(kept)
    } else {
        None
    };
    Ok(Findings {
        refusals: verdict.refusals.iter().copied().map(reason).collect(),
        not_checked,
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

/// The signed contract: the employer's signature, and the worker's or the employer's statement (art. 22 c. 6).
async fn contract(
    needs: &Needs,
    id: &ApplicationId,
    row: &UploadRow,
    content: &[u8],
) -> Result<Verdict, CheckError> {
    let preliminary =
        needs.drafts.preliminary(id).await?.ok_or(CheckError::Lacks("its preliminary checks"))?;
    let employer: PersonCode =
        preliminary.applicant.parse().map_err(|_| CheckError::Lacks("the employer's code"))?;
    let anchors = needs.facts.get(ANCHORS, None, LONGEST_ANCHORS).await?;
    let anchors = TrustAnchors::from_pem(&anchors).map_err(|_| CheckError::Anchors)?;
    let entry = needs.drafts.entry(id).await?;
    let worker: Option<PersonCode> =
        entry.and_then(|entry| entry.fiscal_code).and_then(|code| code.parse().ok());
    let sent = match row.worker_signature {
        Some(WorkerSignature::ByHand) => None,
        Some(WorkerSignature::Digital) | None => Some(sent(needs, id).await?),
    };
    let case = match &sent {
        None => Case::AutographScan,
        Some(sent) => Case::BothDigital { sent: *sent, worker: worker.as_ref() },
    };
    Ok(signature::check(upload(row, content), case, &employer, &anchors, clock::wall()))
}

/// The contract that went to the employer last.
async fn sent(needs: &Needs, id: &ApplicationId) -> Result<Sent, CheckError> {
    let rows = needs.documents.of(id).await?;
    let file = documents::newest(&rows, DocumentKind::Contract)
        .and_then(|row| row.file.as_ref())
        .ok_or(CheckError::Lacks("a contract that was sent"))?;
    let sha256 = HEXLOWER
        .decode(file.sha256.as_bytes())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(CheckError::Lacks("the digest of its contract"))?;
    Ok(Sent { sha256, len: usize::try_from(file.bytes).unwrap_or(usize::MAX) })
}

type Recorded = Result<Result<&'static str, SaveError>, CheckError>;

/// Records a verdict with the steps that follow from it, judged by what is stored now.
async fn record(needs: &Needs, id: &ApplicationId, row: &UploadRow) -> Recorded {
    let head = needs.applications.head(id).await?.ok_or(CheckError::Lacks("its head"))?;
    let campaign = needs
        .campaigns
        .in_force(&head.campaign, clock::wall())
        .await?
        .ok_or(CheckError::Lacks("its campaign"))?;
    match row.purpose {
        UploadPurpose::Contract => of_contract(needs, &head, &campaign, row).await,
        UploadPurpose::Agreement => of_agreement(needs, &head, &campaign, row).await,
        UploadPurpose::Integration => alone(needs, &head, row).await,
    }
}

/// The verdict and nothing else.
async fn alone(needs: &Needs, head: &Application, row: &UploadRow) -> Recorded {
    let items = vec![needs.uploads.examined_item(row)?];
    Ok(needs.applications.save_content(head, items).await.map(|()| row.state.code()))
}

async fn of_contract(
    needs: &Needs,
    head: &Application,
    campaign: &Arc<Campaign>,
    row: &UploadRow,
) -> Recorded {
    let now = campaign.effective_now(clock::wall());
    let accepted = row.state == UploadState::Accepted;
    // What replaces a file that lies before the office moves nothing; a bad one leaves the good one where it is.
    if head.state() == State::ContractSent {
        if !accepted {
            return alone(needs, head, row).await;
        }
        let after = head.touched(now);
        let mut change = Change::new(Some(head), &after, None, who(row));
        change.occurrence.action = Some(Action::UploadContract);
        change.notices = vec![NoticeKind::ContractReceived];
        change.content = vec![needs.uploads.examined_item(row)?];
        return Ok(needs.applications.save(&change).await.map(|()| "replaced"));
    }
    let uploaded = if head.state() == State::ContractUploaded {
        None
    } else {
        // Judged by the arrival of the request that fixed the content (CTR-1).
        let asked =
            instant(row.asked).map_err(|_| CheckError::Lacks("the instant of the upload"))?;
        match head.step(Event::UploadContract, &Step::new(campaign, asked)) {
            Ok(after) => Some(after),
            // The case went on without it: the verdict is told, and nothing follows.
            Err(_) => return alone(needs, head, row).await,
        }
    };
    let head = match &uploaded {
        Some(after) => {
            let change = Change::step(head, after, Event::UploadContract, who(row));
            if let Err(error) = needs.applications.save(&change).await {
                return Ok(Err(error));
            }
            after
        }
        None => head,
    };
    let event = if accepted { Event::AcceptContractFile } else { Event::RefuseContractFile };
    let Ok(after) = head.step(event, &Step::new(campaign, now)) else {
        return alone(needs, head, row).await;
    };
    let change = Change {
        content: vec![needs.uploads.examined_item(row)?],
        ..Change::step(head, &after, event, Who::System)
    };
    Ok(needs.applications.save(&change).await.map(|()| row.state.code()))
}

async fn of_agreement(
    needs: &Needs,
    head: &Application,
    campaign: &Arc<Campaign>,
    row: &UploadRow,
) -> Recorded {
    let now = campaign.effective_now(clock::wall());
    let step = Step::new(campaign, now);
    let uploaded = head.agreement_step(AgreementEvent::Upload, &step).ok();
    let head = match &uploaded {
        Some(after) => {
            let change = Change::of_agreement(head, after, AgreementEvent::Upload, who(row));
            if let Err(error) = needs.applications.save(&change).await {
                return Ok(Err(error));
            }
            after
        }
        None => head,
    };
    let accepted = row.state == UploadState::Accepted;
    let event = if accepted { AgreementEvent::AcceptFile } else { AgreementEvent::RefuseFile };
    let Ok(after) = head.agreement_step(event, &step) else {
        return alone(needs, head, row).await;
    };
    let told = (!accepted).then_some(NoticeKind::AgreementFileRefused);
    let change = Change {
        content: vec![needs.uploads.examined_item(row)?],
        notices: told.into_iter().collect(),
        ..Change::of_agreement(head, &after, event, Who::System)
    };
    Ok(needs.applications.save(&change).await.map(|()| row.state.code()))
}

fn who(row: &UploadRow) -> Who {
    Who::Account(row.by.clone())
}
