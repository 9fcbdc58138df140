//! Sends what the outbox holds: the activation code and the receipt by PEC, the rest by mail (PEC-1, COM-1, COM-2).

pub mod letter;
pub mod post;

use std::convert::Infallible;

use adapters::{
    accounts::Accounts,
    activation_codes::ActivationCodes,
    applications::Applications,
    aws::{self, SecretError},
    campaigns::Campaigns,
    clock,
    config::{self, MissingVariable},
    drafts::Drafts,
    keying::Keying,
    log::chain,
    outbox::{NoticeRow, Outbox},
    queue::{self, Handled, Message},
    rows::StoreError,
};
use aws_config::SdkConfig;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_dynamodb::Client;
use domain::{
    application::{Application, Channel, NoticeKind},
    calendar,
    form::{Role, Schema},
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
    applications: Applications,
    drafts: Drafts,
    accounts: Accounts,
    campaigns: Campaigns,
    codes: ActivationCodes,
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
        Ok(Self {
            outbox: Outbox::new(client.clone(), table.clone()),
            applications: Applications::new(client.clone(), table.clone()),
            drafts: Drafts::new(client.clone(), config::required("DRAFTS_TABLE")?),
            accounts: Accounts::new(client.clone(), table.clone()),
            campaigns: Campaigns::new(client, table),
            codes: ActivationCodes::new(&Keying::new(
                aws::secret(sdk, &config::required("KEYING_SECRET_ID")?).await?,
            )),
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

/// Claims a notice, sends it, records its fate. What another sender holds, or has sent, is left alone.
async fn deliver(needs: &Needs, message: Message) -> Handled {
    match claimed(needs, &message).await {
        Ok(Some(notice)) => match send(needs, &notice).await {
            Ok(id) => recorded(
                needs.outbox.accepted(&notice, &id, clock::wall()).await,
                &notice,
                "accepted",
            ),
            Err(error) => not_sent(needs, &notice, &error).await,
        },
        Ok(None) => Handled::Done,
        Err(error) => {
            tracing::error!(item = message.pk, cause = chain(&error), "notice not claimed");
            Handled::Again
        }
    }
}

async fn claimed(needs: &Needs, message: &Message) -> Result<Option<NoticeRow>, StoreError> {
    let Some(notice) = needs.outbox.notice(&message.key()).await?.filter(NoticeRow::is_waiting)
    else {
        return Ok(None);
    };
    Ok(needs.outbox.claim(&notice, clock::wall()).await?.then_some(notice))
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
        }
        NoticeKind::Receipt => {
            let key = ReceiptKey::derive(&needs.receipts, &application.campaign);
            let receipt = application.receipt(&key).ok_or(SendError::Lacks("a submission"))?;
            let campaign = needs.campaigns.in_force(&application.campaign, clock::wall()).await?;
            let label = campaign.and_then(|campaign| {
                campaign.model(&application.model).map(|model| model.label().to_owned())
            });
            facts.receipt = receipt.code.to_string();
            facts.arrival = calendar::in_words_to_the_millisecond(receipt.arrival);
            facts.model = label.unwrap_or_else(|| application.model.to_string());
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
        | NoticeKind::NeedsAttention => {}
    }
    Ok((letter::letter(kind, &facts), attachment))
}

/// A throttled message goes back; a refused one is given up and seen; of a lost answer nobody knows, so the claim stays.
async fn not_sent(needs: &Needs, notice: &NoticeRow, error: &SendError) -> Handled {
    let application = notice.application().map(|id| id.to_string());
    tracing::error!(
        application.id = application,
        kind = notice.kind,
        cause = chain(error),
        "notice not sent"
    );
    match error {
        SendError::Store(source) if !source.retryable() => {
            recorded(needs.outbox.failed(notice, clock::wall()).await, notice, "failed")
        }
        SendError::Store(_) | SendError::Post(PostError::NotNow(_)) => {
            recorded(needs.outbox.release(notice).await, notice, "released");
            Handled::Again
        }
        SendError::Post(PostError::Unknown(_)) => Handled::Again,
        SendError::Post(PostError::Never(_)) | SendError::Lacks(_) => {
            recorded(needs.outbox.failed(notice, clock::wall()).await, notice, "failed")
        }
    }
}

fn recorded(outcome: Result<(), StoreError>, notice: &NoticeRow, fate: &str) -> Handled {
    let application = notice.application().map(|id| id.to_string());
    match outcome {
        Ok(()) => {
            tracing::info!(
                application.id = application,
                kind = notice.kind,
                fate,
                "notice handled"
            );
            Handled::Done
        }
        Err(error) => {
            // The claim keeps it from being sent twice until it is old.
            tracing::error!(
                application.id = application,
                kind = notice.kind,
                fate,
                cause = chain(&error),
                "fate not recorded"
            );
            Handled::Again
        }
    }
}
