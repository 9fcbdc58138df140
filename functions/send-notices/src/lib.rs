//! Sends what the outbox holds: by PEC what concerns the employer, by mail the rest and the copies (PEC-1, COM-1, COM-2),
//! and the letters that are about no application (ACC-2 to ACC-6, ORG-1 to ORG-4). Terms begin as their PEC leaves
//! (CNF-1).

pub mod calendar_file;
pub mod certified;
pub mod letter;
mod notice;
pub mod post;
pub mod post_error;

use std::{
    convert::Infallible,
    sync::atomic::{AtomicI64, Ordering},
};

use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    calendar,
    decision::StepError,
    letter::{HUMAN_CHECK_CODE_LASTS, LetterKind},
    notice::Undelivered,
};
use outside::{
    activation_codes::ActivationCodes,
    block_links::BlockLinks,
    certified_account::{CertifiedAccount, EndpointError, Misconfigured},
    clock,
    config::{self, ConfigError},
    files::{FileError, Files},
    key_ring::ReceiptKeys,
    keying::Keying,
    log::chain,
    queue::{self, Message, MessageOutcome},
};
use store::{
    Store,
    contention::Contended,
    keys::{self, Key},
    letters::{LetterRow, LetterSecrets},
    outbox::NoticeRow,
    rows::{StoreError, instant, millis},
};
use thiserror::Error;

use self::{
    certified::CertifiedPost,
    notice::Sent,
    post::{Mailing, Pec, Post},
    post_error::PostError,
};

/// What sending needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    codes: ActivationCodes,
    blocks: BlockLinks,
    secrets: LetterSecrets,
    receipts: ReceiptKeys,
    files: Files,
    pec: Pec,
    mail: Post,
    portal: String,
    /// When the watch over the receipts was last told of a PEC, in milliseconds.
    told_watch: AtomicI64,
}

/// How often the watch over the receipts is told of PECs at most: its one row is not written by each of them.
const WATCH_EACH_MS: i64 = 60_000;

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// SES is no certified provider: in production the code must go by PEC.
    #[error("SES cannot stand in for PEC in production")]
    NoCertifiedProvider,
    /// The account at the certified provider cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Its settings must not be used.
    #[error(transparent)]
    Misconfigured(#[from] Misconfigured),
}

/// Why a notice was not sent.
#[derive(Debug, Error)]
enum SendError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Post(#[from] PostError),
    /// What the notice is about does not exist (any more): it has no recipient.
    #[error("the notice lacks {0}")]
    Lacks(&'static str),
    /// The campaign has no rule for the term that begins.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A document that goes along cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It left, and another request changed the application at each attempt to record it.
    #[error(transparent)]
    Contended(#[from] Contended),
}

impl App {
    /// Reads the configuration and the secrets; refuses to start in production without a certified provider.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let store = Store::open(sdk)?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        Ok(Self {
            store,
            files: Files::new(sdk, config::required("DOCUMENTS_BUCKET")?),
            codes: ActivationCodes::new(&keying),
            blocks: BlockLinks::new(&keying),
            secrets: LetterSecrets::new(&keying),
            receipts: ReceiptKeys::new(config::keys_of_secret(sdk, "RECEIPT_SECRET_ID").await?),
            pec: pec(sdk).await?,
            mail: Post::new(sdk, config::required("MAIL_FROM")?),
            portal: config::required("PUBLIC_ORIGIN")?,
            told_watch: AtomicI64::new(0),
        })
    }
}

/// The certified provider, or SES in its stead where none is set.
async fn pec(sdk: &SdkConfig) -> Result<Pec, StartError> {
    let from = config::required("PEC_FROM")?;
    let secret = config::required("PEC_SECRET_ID")?;
    match config::optional("PEC_SUBMISSION") {
        Some(endpoint) => {
            let account = CertifiedAccount::configured(sdk, &endpoint, &from, &secret).await?;
            Ok(Pec::Certified { post: CertifiedPost::new(account, &from)?, from })
        }
        None if config::required("STAGE")? == "production" => Err(StartError::NoCertifiedProvider),
        None => Ok(Pec::Ses(Post::new(sdk, from))),
    }
}

/// A batch of the urgent or bulk queue.
pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, Infallible> {
    Ok(queue::handle_each(event, |message| deliver(app, message)).await)
}

/// What a message is about.
enum Claimed {
    Notice(Box<NoticeRow>),
    Letter(Box<LetterRow>),
}

/// What the log holds of it: identifiers and a kind.
struct LogFields {
    key: Key,
    application: Option<String>,
    kind: String,
}

impl Claimed {
    fn log_fields(&self, key: Key) -> LogFields {
        let kind = match self {
            Self::Notice(notice) => notice.kind.clone(),
            Self::Letter(letter) => letter.kind.clone(),
        };
        let application = keys::application_of(&key.pk).map(|id| id.to_string());
        LogFields { key, application, kind }
    }
}

/// Claims a notice or letter, sends it, records its fate. What another sender holds, or has sent, is left alone.
async fn deliver(app: &App, message: Message) -> MessageOutcome {
    match claimed(app, &message).await {
        Ok(Some(claimed)) => {
            let fields = claimed.log_fields(Key::of(&message));
            match claimed {
                Claimed::Notice(notice) => deliver_notice(app, &fields, *notice).await,
                Claimed::Letter(letter) => match send_letter(app, &letter).await {
                    Ok(id) => recorded(
                        app.store.outbox.record_accepted(&fields.key, &id, clock::wall()).await,
                        &fields,
                        "accepted",
                    ),
                    Err(error) => match failure(&error) {
                        Some(reason) => {
                            refused(&fields, &error);
                            let now = clock::wall();
                            let outcome =
                                app.store.outbox.record_failed(&fields.key, reason, now).await;
                            recorded(outcome, &fields, "failed")
                        }
                        None => not_sent(app, &fields, &error).await,
                    },
                },
            }
        }
        Ok(None) => MessageOutcome::Done,
        Err(error) => {
            tracing::error!(item = message.pk, cause = chain(&error), "message not claimed");
            MessageOutcome::Again
        }
    }
}

async fn deliver_notice(app: &App, fields: &LogFields, row: NoticeRow) -> MessageOutcome {
    let sent = match notice::load(app, row.clone()).await {
        Ok(ready) => notice::send(app, ready).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok(Sent::Taken(ready, id)) => {
            if ready.went_by_pec() {
                awaits_receipt(app).await;
            }
            recorded(notice::record(app, &fields.key, &ready, &id).await, fields, "accepted")
        }
        Ok(Sent::Superseded) => {
            let now = clock::wall();
            let outcome =
                app.store.outbox.record_failed(&fields.key, Undelivered::Superseded, now).await;
            recorded(outcome, fields, "superseded")
        }
        Err(error) => match failure(&error) {
            Some(reason) => {
                refused(fields, &error);
                recorded(
                    notice::record_failure(app, &fields.key, &row, reason).await,
                    fields,
                    "failed",
                )
            }
            None => not_sent(app, fields, &error).await,
        },
    }
}

/// A PEC has left by a certified provider: from now on a receipt is due. That this is not noted delays an alarm, and
/// nothing else; the next PEC notes it.
async fn awaits_receipt(app: &App) {
    let now = clock::wall();
    let told = app.told_watch.load(Ordering::Relaxed);
    if !matches!(app.pec, Pec::Certified { .. }) || millis(now) - told < WATCH_EACH_MS {
        return;
    }
    match app.store.receipt_watch.pec_left(now).await {
        Ok(()) => app.told_watch.store(millis(now), Ordering::Relaxed),
        Err(error) => tracing::warn!(cause = chain(&error), "the watch of receipts was not told"),
    }
}

async fn claimed(app: &App, message: &Message) -> Result<Option<Claimed>, StoreError> {
    let key = Key::of(message);
    let waiting = if keys::letter_of(&key.pk).is_some() {
        let letter = app.store.letters.find(&key).await?.filter(LetterRow::is_waiting);
        letter.map(|letter| Claimed::Letter(Box::new(letter)))
    } else {
        let notice = app.store.outbox.notice(&key).await?.filter(NoticeRow::is_waiting);
        notice.map(|notice| Claimed::Notice(Box::new(notice)))
    };
    let Some(waiting) = waiting else { return Ok(None) };
    Ok(app.store.outbox.claim(&key, clock::wall()).await?.then_some(waiting))
}

/// Writes a letter anew from its identifier and sends it: the secrets in it were never stored (ADR 10).
async fn send_letter(app: &App, letter: &LetterRow) -> Result<String, SendError> {
    let id = letter.id().ok_or(SendError::Lacks("an identifier"))?;
    let kind: LetterKind = letter.kind.parse().map_err(|_| SendError::Lacks("a known kind"))?;
    let recipient = letter.recipient.as_deref().ok_or(SendError::Lacks("an address"))?;
    let mut marks = letter.facts.clone();
    marks.insert("portal".to_owned(), app.portal.clone());
    let mut lasts = None;
    if kind.has_code() {
        marks.insert("code".to_owned(), app.secrets.code(&id).reveal());
        lasts = Some(HUMAN_CHECK_CODE_LASTS);
    }
    if let Some(purpose) = kind.link() {
        let token = app.secrets.token(&id);
        marks.insert("link".to_owned(), format!("{}{}#{token}", app.portal, purpose.page()));
        lasts = Some(purpose.lasts());
    }
    if let Some(lasts) = lasts {
        let created = instant(letter.created).map_err(|_| SendError::Lacks("a date"))?;
        marks.insert("until".to_owned(), calendar::in_words(created + lasts));
    }
    let written =
        letter::about_no_application(kind, &marks).ok_or(SendError::Lacks("a fact of its text"))?;
    let mailing =
        Mailing { to: recipient, letter: &written, reference: id.as_str(), files: Vec::new() };
    Ok(app.mail.send(mailing).await?)
}

/// Why the sender gives up on a message, for the office to see; none when it may leave later, or may have left.
fn failure(error: &SendError) -> Option<Undelivered> {
    match error {
        SendError::Store(source) if !source.retryable() => Some(Undelivered::Unsendable),
        SendError::File(FileError::Absent | FileError::TooLong(_)) | SendError::Lacks(_) => {
            Some(Undelivered::Unsendable)
        }
        SendError::Post(PostError::Never(_)) => Some(Undelivered::NotAccepted),
        SendError::Store(_)
        | SendError::File(FileError::Store(_))
        | SendError::Step(_)
        | SendError::Post(PostError::NotNow(_) | PostError::Unknown(_))
        | SendError::Contended(_) => None,
    }
}

/// A throttled message goes back; after a lost answer it is unknown whether it left, so the claim stays.
async fn not_sent(app: &App, fields: &LogFields, error: &SendError) -> MessageOutcome {
    refused(fields, error);
    match error {
        // It is unknown whether it left, or the store did not take the record: the claim keeps it from leaving twice.
        SendError::Post(PostError::Unknown(_)) | SendError::Contended(_) => {}
        _ => {
            recorded(app.store.outbox.release(&fields.key).await, fields, "released");
        }
    }
    MessageOutcome::Again
}

fn refused(fields: &LogFields, error: &SendError) {
    tracing::error!(
        application.id = fields.application,
        item = fields.key.pk,
        kind = fields.kind,
        cause = chain(error),
        "message not sent"
    );
}

fn recorded<E>(outcome: Result<(), E>, fields: &LogFields, fate: &str) -> MessageOutcome
where
    E: std::error::Error + 'static,
{
    match outcome {
        Ok(()) => {
            tracing::info!(
                application.id = fields.application,
                item = fields.key.pk,
                kind = fields.kind,
                fate,
                "message handled"
            );
            MessageOutcome::Done
        }
        Err(error) => {
            // The claim keeps it from being sent twice until it is old.
            tracing::error!(
                application.id = fields.application,
                item = fields.key.pk,
                kind = fields.kind,
                fate,
                cause = chain(&error),
                "fate not recorded"
            );
            MessageOutcome::Again
        }
    }
}
