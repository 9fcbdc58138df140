//! Makes the documents that a change of a case asks for, once each, with their consequences: the contract goes to the
//! employer, a PEC carries the documents made for it (CTR-2, AGR-1, MOD-1, ENT-1, CNF-4); of a submission the receipt as
//! PDF (SUB-4).

pub mod document;
mod facts;

use std::convert::Infallible;
use store::keys::Key;

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    application::Application,
    calendar,
    campaign::Campaign,
    case_facts::CaseFacts,
    decision::Context,
    document::DocumentKind,
    form::Schema,
    ids::ApplicationId,
    lifecycle::{Event, State},
    notice::NoticeKind,
    permission::Action,
    procedure::Procedure,
};
use jiff::{Timestamp, civil::Date};
use outside::{
    clock,
    config::{self, ConfigError},
    files::{FileError, Files, StoredFile},
    key_ring::ReceiptKeys,
    log::chain,
    queue::{self, Message, MessageOutcome},
};
use store::{
    Store,
    applications::{commit::Companion, history::EventRow},
    contention::{Contended, Tries, unless_refused},
    documents::{self, DocumentRow},
    rows::{SaveError, StoreError, instant},
};
use thiserror::Error;

use self::{
    document::{RenderError, render},
    facts::{CaseData, MissingFact, Suspension},
};

/// What making needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    files: Files,
    receipts: ReceiptKeys,
    portal: String,
}

/// Why a document was not made; it is tried again, and after several times waits with the dead letters.
#[derive(Debug, Error)]
enum MakeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    MissingFact(#[from] MissingFact),
    /// The document's row or its application does not exist, or its campaign is not in force.
    #[error("the document lacks {0}")]
    Absent(&'static str),
    #[error(transparent)]
    Contended(#[from] Contended),
}

impl App {
    /// Reads the configuration and the secret.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let store = Store::open(sdk)?;
        Ok(Self {
            store,
            files: Files::new(sdk, config::required("DOCUMENTS_BUCKET")?),
            receipts: ReceiptKeys::new(config::keys_of_secret(sdk, "RECEIPT_SECRET_ID").await?),
            portal: config::required("PUBLIC_ORIGIN")?,
        })
    }
}

/// A batch of the queue of documents.
pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Infallible> {
    Ok(queue::handle_each(event, |message| handle_message(app, message)).await)
}

async fn handle_message(app: &App, message: Message) -> MessageOutcome {
    let row = match app.store.documents.find(&Key::of(&message)).await {
        Ok(Some(row)) if row.is_waiting() => row,
        Ok(_) => return MessageOutcome::Done,
        Err(error) => {
            tracing::error!(cause = chain(&error), "document not looked up");
            return MessageOutcome::Again;
        }
    };
    let Some(id) = row.application() else {
        tracing::error!("document of something that is no application");
        return MessageOutcome::Again;
    };
    match make(app, &id, &row).await {
        Ok(outcome) => {
            tracing::info!(application.id = %id, document = row.kind.code(), outcome, "document handled");
            MessageOutcome::Done
        }
        Err(error) => {
            tracing::error!(application.id = %id, document = row.kind.code(), cause = chain(&error), "document not made");
            MessageOutcome::Again
        }
    }
}

/// Renders and stores the file, then records it with what follows; what another delivery recorded first is left alone.
async fn make(app: &App, id: &ApplicationId, row: &DocumentRow) -> Result<&'static str, MakeError> {
    let head = head(app, id).await?;
    let campaign = app
        .store
        .campaigns
        .in_force(&head.campaign, clock::wall())
        .await?
        .ok_or(MakeError::Absent("its campaign"))?;
    let schema = Schema::find(&head.schema).ok_or(MakeError::Absent("its form"))?;
    let values = app.store.drafts.load(id).await?.values();
    let facts = CaseFacts::of(schema, &values);
    let (entry, agreement) =
        (app.store.drafts.entry(id).await?, app.store.drafts.agreement(id).await?);
    let made = app.store.documents.of(id).await?;
    let version = |kind| documents::newest(&made, kind).map(|row| row.version);
    let asked_for = instant(row.created).map_err(|_| MakeError::Absent("a date"))?;
    let known = CaseData {
        head: &head,
        facts: &facts,
        entry: entry.as_ref(),
        agreement: agreement.as_ref(),
        date: calendar::local_date(asked_for),
        version: row.version,
        contract_version: version(DocumentKind::Contract),
        agreement_version: version(DocumentKind::Agreement),
        contract_signed: contract_signed(app, id, row.kind).await?,
        suspension: suspension(app, &head, &campaign, row.kind).await?,
        receipt: app.receipts.receipt(&head),
        campaign: &campaign,
        portal: &app.portal,
    };
    let content = render(&known.document(row.kind)?)?;
    let key = format!("{id}/{}-{:06}.pdf", row.kind.code(), row.version);
    let file = app.files.put(&key, "application/pdf", content).await?;
    // Nothing follows from the receipt, which was given at the submission; the head stays as it is (SUB-4).
    if row.kind == DocumentKind::Receipt {
        let is_first = app.store.documents.record_made(row, &file, clock::wall()).await?;
        return Ok(if is_first { "made" } else { "made before" });
    }
    let now = campaign.effective_now(clock::wall());
    let outages = app.store.outages.all().await?;
    let follows = Follows {
        context: Context { campaign: &campaign, now, outages: &outages },
        entered: entry.as_ref().map_or(now, |entry| calendar::start_of_day(entry.date)),
        agreement_applies: facts.agreement_applies(),
    };
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        if let Some(outcome) = unless_refused(record(app, id, row, &file, &follows).await?)? {
            return Ok(outcome);
        }
    }
}

/// By what is judged what follows from a document.
struct Follows<'a> {
    context: Context<'a>,
    /// From when the contract's term runs: the entry in Italy (art. 22 c. 6 D.Lgs. 286/1998).
    entered: Timestamp,
    /// Whether the integration agreement opens with the contract (AGR-1).
    agreement_applies: bool,
}

async fn head(app: &App, id: &ApplicationId) -> Result<Application, MakeError> {
    app.store.applications.head(id).await?.ok_or(MakeError::Absent("its application"))
}

/// When the signed contract came in, for module 2 (field 36).
async fn contract_signed(
    app: &App,
    id: &ApplicationId,
    kind: DocumentKind,
) -> Result<Option<Date>, MakeError> {
    if kind != DocumentKind::Module2 {
        return Ok(None);
    }
    Ok(contract_that_counted(&app.store.applications.history(id).await?))
}

/// The day, by the campaign's calendar, on which the newest signed contract passed the checks and went to the office; none
/// when none did.
///
/// From the history rather than the uploads: it holds what moved the case and nothing else, and by the campaign's calendar
/// like the module's other days, while a verdict on a file bears the wall's.
fn contract_that_counted(history: &[EventRow]) -> Option<Date> {
    let counted = history.iter().rev().find(|row| {
        row.event.as_deref() == Some(Event::AcceptContractFile.code())
            || row.action.as_deref() == Some(Action::UploadContract.code())
    });
    counted.and_then(|row| instant(row.at).ok()).map(calendar::local_date)
}

/// The outages that lengthened the term that runs, for an act about them.
async fn suspension(
    app: &App,
    head: &Application,
    campaign: &Campaign,
    kind: DocumentKind,
) -> Result<Option<Suspension>, MakeError> {
    if kind != DocumentKind::SuspensionAct {
        return Ok(None);
    }
    let Some(term) = head.procedure().and_then(Procedure::running_term).copied() else {
        return Ok(None);
    };
    let before = campaign
        .term(term.kind(), term.start())
        .map_err(|_| MakeError::Absent("the rule of its term"))?;
    let mut outages = app.store.outages.all().await?;
    outages.retain(|outage| outage.from() < term.end() && term.start() < outage.until());
    Ok(Some(Suspension { term, before: before.end(), outages }))
}

/// Records where the file is, with what follows from it; judged by what is stored now.
async fn record(
    app: &App,
    id: &ApplicationId,
    row: &DocumentRow,
    file: &StoredFile,
    follows: &Follows<'_>,
) -> Result<Result<&'static str, SaveError>, MakeError> {
    let head = head(app, id).await?;
    let rows = app.store.documents.of(id).await?;
    if rows.iter().any(|other| other.key() == row.key() && !other.is_waiting()) {
        return Ok(Ok("made before"));
    }
    let (decision, outcome) =
        if row.kind == DocumentKind::Contract && head.state() == State::EntryReported {
            let Follows { context, entered, agreement_applies } = follows;
            let Ok(sent) = head.send_contract(*entered, *agreement_applies, context) else {
                return Err(MakeError::Absent("a term for the contract"));
            };
            (sent, "contract sent")
        } else {
            let notice = NoticeKind::with_document(row.kind)
                .filter(|kind| *kind != NoticeKind::ContractToSign)
                .filter(|kind| is_complete(*kind, row, &rows));
            let outcome = if notice.is_some() { "made, and told" } else { "made" };
            (head.document_made(notice, follows.context.now), outcome)
        };
    let made = Companion::DocumentMade { row, file, at: clock::wall() };
    Ok(app.store.applications.commit(&decision, &[made]).await.map(|()| outcome))
}

/// Whether everything else that goes with a notice is made: what was asked for by the same change.
fn is_complete(notice: NoticeKind, made: &DocumentRow, rows: &[DocumentRow]) -> bool {
    notice.attachments().iter().all(|kind| {
        *kind == made.kind
            || rows
                .iter()
                .any(|row| row.kind == *kind && row.version == made.version && row.file.is_some())
    })
}

#[cfg(test)]
mod tests;
