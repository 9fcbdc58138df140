//! Sends what the outbox holds: the activation code and the receipt by PEC, the rest by mail (PEC-1, COM-1, COM-2),
//! and the letters that are about no application (ACC-2 to ACC-6, ORG-1 to ORG-4).

pub mod letter;
pub mod post;

use std::convert::Infallible;

use adapters::{
    accounts::Accounts,
    activation_codes::ActivationCodes,
    applications::Applications,
    aws::{self, SecretError},
    block_links::BlockLinks,
    campaigns::Campaigns,
    clock,
    config::{self, MissingVariable},
    drafts::Drafts,
    keying::Keying,
    keys::{self, Key},
    letters::{LetterRow, LetterSecrets, Letters},
    log::chain,
    outbox::{NoticeRow, Outbox},
    queue::{self, Handled, Message},
    rows::{StoreError, instant},
};
use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_dynamodb::Client;
use domain::{
    application::{Application, Channel, NoticeKind},
    calendar,
    form::{Role, Schema},
    letter::{HUMAN_CHECK_CODE_LASTS, LetterKind},
    receipt::ReceiptKey,
};
use serde_json::Value;
use thiserror::Error;

use self::{
    letter::{Facts, Letter},
    post::{Attachment, Post, PostError},
};

/// What sending needs.
#[derive(Debug)]
pub struct Needs {
    outbox: Outbox,
    letters: Letters,
    applications: Applications,
    drafts: Drafts,
    accounts: Accounts,
    campaigns: Campaigns,
    codes: ActivationCodes,
    blocks: BlockLinks,
    secrets: LetterSecrets,
    receipts: Vec<u8>,
    pec: Post,
    mail: Post,
    portal: String,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable is missing.
    #[error(transparent)]
    Missing(#[from] MissingVariable),
    /// A secret is missing.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// SES is no certified provider: in production the code must go by PEC.
    #[error("SES cannot stand in for PEC in production")]
    NoCertifiedProvider,
}

/// Why a notice was not sent.
#[derive(Debug, Error)]
enum SendError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Post(#[from] PostError),
    /// What the notice is about is not there (any more): nobody can be told.
    #[error("the notice lacks {0}")]
    Lacks(&'static str),
}

impl Needs {
    /// Reads the configuration and the secrets; refuses to start in production without a certified provider.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        if config::required("STAGE")? == "production" {
            return Err(StartError::NoCertifiedProvider);
        }
        let client = Client::new(sdk);
        let table = config::required("PORTAL_TABLE")?;
        let keying = Keying::new(aws::secret(sdk, &config::required("KEYING_SECRET_ID")?).await?);
        Ok(Self {
            outbox: Outbox::new(client.clone(), table.clone()),
            letters: Letters::new(client.clone(), table.clone()),
            applications: Applications::new(client.clone(), table.clone()),
            drafts: Drafts::new(client.clone(), config::required("DRAFTS_TABLE")?),
            accounts: Accounts::new(client.clone(), table.clone()),
            campaigns: Campaigns::new(client, table),
            codes: ActivationCodes::new(&keying),
            blocks: BlockLinks::new(&keying),
            secrets: LetterSecrets::new(&keying),
            receipts: aws::secret(sdk, &config::required("RECEIPT_SECRET_ID")?).await?,
            pec: Post::new(sdk, config::required("PEC_FROM")?),
            mail: Post::new(sdk, config::required("MAIL_FROM")?),
            portal: config::required("PUBLIC_ORIGIN")?,
        })
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

/// What is told of it in the log: identifiers and a kind.
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
            let told = claimed.told(message.key());
            let sent = match &claimed {
                Claimed::Notice(notice) => send(needs, notice).await,
                Claimed::Letter(letter) => send_letter(needs, letter).await,
            };
            match sent {
                Ok(id) => recorded(
                    needs.outbox.accepted(&told.key, &id, clock::wall()).await,
                    &told,
                    "accepted",
                ),
                Err(error) => not_sent(needs, &told, &error).await,
            }
        }
        Ok(None) => Handled::Done,
        Err(error) => {
            tracing::error!(item = message.pk, cause = chain(&error), "message not claimed");
            Handled::Again
        }
    }
}

async fn claimed(needs: &Needs, message: &Message) -> Result<Option<Claimed>, StoreError> {
    let key = message.key();
    let waiting = if keys::letter_of(&key.pk).is_some() {
        let letter = needs.letters.find(&key).await?.filter(LetterRow::is_waiting);
        letter.map(|letter| Claimed::Letter(Box::new(letter)))
    } else {
        let notice = needs.outbox.notice(&key).await?.filter(NoticeRow::is_waiting);
        notice.map(|notice| Claimed::Notice(Box::new(notice)))
    };
    let Some(waiting) = waiting else { return Ok(None) };
    Ok(needs.outbox.claim(&key, clock::wall()).await?.then_some(waiting))
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
    Ok(needs.mail.send(recipient, &written, id.as_str(), None).await?)
}

async fn send(needs: &Needs, notice: &NoticeRow) -> Result<String, SendError> {
    let kind = NoticeKind::from_code(&notice.kind).ok_or(SendError::Lacks("a known kind"))?;
    let id = notice.application().ok_or(SendError::Lacks("an application"))?;
    let application =
        needs.applications.head(&id).await?.ok_or(SendError::Lacks("its application"))?;
    let address = address(needs, kind, &application).await?;
    let (letter, attachment) = written(needs, kind, &application).await?;
    let post = match kind.channel() {
        Channel::PecToRegistered | Channel::PecToElected => &needs.pec,
        Channel::MailToFiler => &needs.mail,
    };
    let reference = format!("{id}.{}.{}", kind.code(), notice.n);
    Ok(post.send(&address, &letter, &reference, attachment).await?)
}

/// Where a notice goes (PEC-1): registered address, address elected in the application, or the filer's mail.
async fn address(
    needs: &Needs,
    kind: NoticeKind,
    application: &Application,
) -> Result<String, SendError> {
    let registered = async || -> Result<Option<String>, SendError> {
        Ok(needs
            .drafts
            .preliminary(&application.id)
            .await?
            .and_then(|preliminary| preliminary.certified_address))
    };
    let found = match kind.channel() {
        Channel::PecToRegistered => registered().await?,
        Channel::PecToElected => {
            let values = needs.drafts.load(&application.id).await?.values();
            let schema = Schema::find(&application.schema).ok_or(SendError::Lacks("its form"))?;
            match schema.value_with(Role::ElectedPec, &values).and_then(Value::as_str) {
                Some(elected) => Some(elected.to_owned()),
                None => registered().await?,
            }
        }
        Channel::MailToFiler => {
            needs.accounts.find(&application.parties.filer).await?.and_then(|account| account.email)
        }
    };
    found.ok_or(SendError::Lacks("an address"))
}

async fn written(
    needs: &Needs,
    kind: NoticeKind,
    application: &Application,
) -> Result<(Letter, Option<Attachment>), SendError> {
    let mut facts = Facts {
        application: application.id.to_string(),
        portal: needs.portal.clone(),
        ..Facts::default()
    };
    let mut attachment = None;
    match kind {
        NoticeKind::ActivationCode => {
            let activation = needs
                .applications
                .activation(&application.id)
                .await?
                .ok_or(SendError::Lacks("a code"))?;
            facts.code = needs.codes.code(&application.id, &activation).reveal();
            facts.expires = calendar::in_words(activation.expires_at);
            facts.model = model_label(needs, application).await?;
            facts.started = calendar::in_words(application.created);
            application.parties.filed_by().clone_into(&mut facts.filed_by);
            facts.block =
                format!("{}/api/blocks/{}", needs.portal, needs.blocks.token(&application.id));
        }
        NoticeKind::Receipt => {
            let key = ReceiptKey::derive(&needs.receipts, &application.campaign);
            let receipt = application.receipt(&key).ok_or(SendError::Lacks("a submission"))?;
            facts.receipt = receipt.code.to_string();
            facts.arrival = calendar::in_words_to_the_millisecond(receipt.arrival);
            facts.model = model_label(needs, application).await?;
            facts.digest = data_encoding::HEXLOWER.encode(&receipt.digest);
            attachment = Some(Attachment {
                name: format!("ricevuta-{}.json", receipt.code),
                media_type: "application/json",
                content: receipt.sign(&key).to_document().into_bytes(),
            });
        }
        NoticeKind::CheckFailed
        | NoticeKind::AddressMissing
        | NoticeKind::BecameReady
        | NoticeKind::NeedsAttention
        | NoticeKind::Blocked
        | NoticeKind::Released => {}
    }
    Ok((letter::letter(kind, &facts), attachment))
}

/// The model's name in the campaign that is in force.
async fn model_label(needs: &Needs, application: &Application) -> Result<String, StoreError> {
    let campaign = needs.campaigns.in_force(&application.campaign, clock::wall()).await?;
    let label = campaign.and_then(|campaign| {
        campaign.model(&application.model).map(|model| model.label().to_owned())
    });
    Ok(label.unwrap_or_else(|| application.model.to_string()))
}

/// A throttled message goes back; a refused one is given up and seen; of a lost answer nobody knows, so the claim stays.
async fn not_sent(needs: &Needs, told: &Told, error: &SendError) -> Handled {
    tracing::error!(
        application.id = told.application,
        item = told.key.pk,
        kind = told.kind,
        cause = chain(error),
        "message not sent"
    );
    match error {
        SendError::Store(source) if !source.retryable() => {
            recorded(needs.outbox.failed(&told.key, clock::wall()).await, told, "failed")
        }
        SendError::Store(_) | SendError::Post(PostError::NotNow(_)) => {
            recorded(needs.outbox.release(&told.key).await, told, "released");
            Handled::Again
        }
        SendError::Post(PostError::Unknown(_)) => Handled::Again,
        SendError::Post(PostError::Never(_)) | SendError::Lacks(_) => {
            recorded(needs.outbox.failed(&told.key, clock::wall()).await, told, "failed")
        }
    }
}

fn recorded(outcome: Result<(), StoreError>, told: &Told, fate: &str) -> Handled {
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
