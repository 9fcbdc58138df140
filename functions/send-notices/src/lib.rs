//! Sends what the outbox holds: by PEC what concerns the employer, by mail the rest and the copies (PEC-1, COM-1, COM-2),
//! and the letters that are about no application (ACC-2 to ACC-6, ORG-1 to ORG-4). Terms begin as their PEC leaves
//! (CNF-1).

pub mod calendar_file;
pub mod certified;
pub mod letter;
mod notice;
pub mod post;
pub mod post_error;

use std::convert::Infallible;

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
    certified_account::{Account, DoorError, Misconfigured},
    clock,
    config::{self, ConfigError},
    files::{FileError, Files},
    keying::Keying,
    log::chain,
    queue::{self, Handled, Message},
};
use store::{
    Store,
    contention::Contended,
    keys::{self, Key},
    letters::{LetterRow, LetterSecrets},
    outbox::NoticeRow,
    rows::{StoreError, instant},
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
pub struct Needs {
    store: Store,
    codes: ActivationCodes,
    blocks: BlockLinks,
    secrets: LetterSecrets,
    receipts: Vec<u8>,
    files: Files,
    pec: Pec,
    mail: Post,
    portal: String,
}

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
    Door(#[from] DoorError),
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

impl Needs {
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
            receipts: config::secret(sdk, "RECEIPT_SECRET_ID").await?,
            pec: pec(sdk).await?,
            mail: Post::new(sdk, config::required("MAIL_FROM")?),
            portal: config::required("PUBLIC_ORIGIN")?,
        })
    }
}

/// The certified provider, or SES in its stead where none is set.
async fn pec(sdk: &SdkConfig) -> Result<Pec, StartError> {
    let from = config::required("PEC_FROM")?;
    let secret = config::required("PEC_SECRET_ID")?;
    match config::optional("PEC_SUBMISSION") {
        Some(door) => {
            let account = Account::configured(sdk, &door, &from, &secret).await?;
            Ok(Pec::Certified { post: CertifiedPost::new(account, &from)?, from })
        }
        None if config::required("STAGE")? == "production" => Err(StartError::NoCertifiedProvider),
        None => Ok(Pec::Ses(Post::new(sdk, from))),
    }
}

/// A batch of the urgent or bulk queue.
pub async fn handle(needs: &Needs, event: SqsEvent) -> Result<SqsBatchResponse, Infallible> {
    Ok(queue::each(event, |message| deliver(needs, message)).await)
}

/// What a message is about.
enum Claimed {
    Notice(Box<NoticeRow>),
    Letter(Box<LetterRow>),
}

/// What the log holds of it: identifiers and a kind.
struct Told {
    key: Key,
    application: Option<String>,
    kind: String,
}

impl Claimed {
    fn told(&self, key: Key) -> Told {
        let kind = match self {
            Self::Notice(notice) => notice.kind.clone(),
            Self::Letter(letter) => letter.kind.clone(),
        };
        let application = keys::application_of(&key.pk).map(|id| id.to_string());
        Told { key, application, kind }
    }
}

/// Claims a notice or letter, sends it, records its fate. What another sender holds, or has sent, is left alone.
async fn deliver(needs: &Needs, message: Message) -> Handled {
    match claimed(needs, &message).await {
        Ok(Some(claimed)) => {
            let told = claimed.told(Key::of(&message));
            match claimed {
                Claimed::Notice(notice) => deliver_notice(needs, &told, *notice).await,
                Claimed::Letter(letter) => match send_letter(needs, &letter).await {
                    Ok(id) => recorded(
                        needs.store.outbox.accepted(&told.key, &id, clock::wall()).await,
                        &told,
                        "accepted",
                    ),
                    Err(error) => match never(&error) {
                        Some(reason) => {
                            refused(&told, &error);
                            let now = clock::wall();
                            let outcome = needs.store.outbox.failed(&told.key, reason, now).await;
                            recorded(outcome, &told, "failed")
                        }
                        None => not_sent(needs, &told, &error).await,
                    },
                },
            }
        }
        Ok(None) => Handled::Done,
        Err(error) => {
            tracing::error!(item = message.pk, cause = chain(&error), "message not claimed");
            Handled::Again
        }
    }
}

async fn deliver_notice(needs: &Needs, told: &Told, row: NoticeRow) -> Handled {
    let sent = match notice::ready(needs, row.clone()).await {
        Ok(ready) => notice::send(needs, ready).await,
        Err(error) => Err(error),
    };
    match sent {
        Ok(Sent::Taken(ready, id)) => {
            recorded(notice::record(needs, &told.key, &ready, &id).await, told, "accepted")
        }
        Ok(Sent::Superseded) => {
            let now = clock::wall();
            let outcome = needs.store.outbox.failed(&told.key, Undelivered::Superseded, now).await;
            recorded(outcome, told, "superseded")
        }
        Err(error) => match never(&error) {
            Some(reason) => {
                refused(told, &error);
                recorded(notice::never(needs, &told.key, &row, reason).await, told, "failed")
            }
            None => not_sent(needs, told, &error).await,
        },
    }
}

async fn claimed(needs: &Needs, message: &Message) -> Result<Option<Claimed>, StoreError> {
    let key = Key::of(message);
    let waiting = if keys::letter_of(&key.pk).is_some() {
        let letter = needs.store.letters.find(&key).await?.filter(LetterRow::is_waiting);
        letter.map(|letter| Claimed::Letter(Box::new(letter)))
    } else {
        let notice = needs.store.outbox.notice(&key).await?.filter(NoticeRow::is_waiting);
        notice.map(|notice| Claimed::Notice(Box::new(notice)))
    };
    let Some(waiting) = waiting else { return Ok(None) };
    Ok(needs.store.outbox.claim(&key, clock::wall()).await?.then_some(waiting))
}

/// Writes a letter anew from its identifier and sends it: the secrets in it were never stored (ADR 10).
async fn send_letter(needs: &Needs, letter: &LetterRow) -> Result<String, SendError> {
    let id = letter.id().ok_or(SendError::Lacks("an identifier"))?;
    let kind: LetterKind = letter.kind.parse().map_err(|_| SendError::Lacks("a known kind"))?;
    let recipient = letter.recipient.as_deref().ok_or(SendError::Lacks("an address"))?;
    let mut marks = letter.facts.clone();
    marks.insert("portal".to_owned(), needs.portal.clone());
    let mut lasts = None;
    if kind.has_code() {
        marks.insert("code".to_owned(), needs.secrets.code(&id).reveal());
        lasts = Some(HUMAN_CHECK_CODE_LASTS);
    }
    if let Some(purpose) = kind.link() {
        let token = needs.secrets.token(&id);
        marks.insert("link".to_owned(), format!("{}{}#{token}", needs.portal, purpose.page()));
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
    Ok(needs.mail.send(mailing).await?)
}

/// Why the sender gives up on a message, for the office to see; none when it may leave later, or may have left.
fn never(error: &SendError) -> Option<Undelivered> {
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
async fn not_sent(needs: &Needs, told: &Told, error: &SendError) -> Handled {
    refused(told, error);
    match error {
        // It is unknown whether it left, or the store did not take the record: the claim keeps it from leaving twice.
        SendError::Post(PostError::Unknown(_)) | SendError::Contended(_) => {}
        _ => {
            recorded(needs.store.outbox.release(&told.key).await, told, "released");
        }
    }
    Handled::Again
}

fn refused(told: &Told, error: &SendError) {
    tracing::error!(
        application.id = told.application,
        item = told.key.pk,
        kind = told.kind,
        cause = chain(error),
        "message not sent"
    );
}

fn recorded<E>(outcome: Result<(), E>, told: &Told, fate: &str) -> Handled
where
    E: std::error::Error + 'static,
{
    match outcome {
        Ok(()) => {
            tracing::info!(
                application.id = told.application,
                item = told.key.pk,
                kind = told.kind,
                fate,
                "message handled"
            );
            Handled::Done
        }
        Err(error) => {
            // The claim keeps it from being sent twice until it is old.
            tracing::error!(
                application.id = told.application,
                item = told.key.pk,
                kind = told.kind,
                fate,
                cause = chain(&error),
                "fate not recorded"
            );
            Handled::Again
        }
    }
}
