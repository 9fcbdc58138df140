//! The two ways out: PEC and ordinary mail. Locally SES stands in for the certified provider; in production it may not.

use aws_config::SdkConfig;
use aws_sdk_ses::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
    types::RawMessage,
};
use mail_builder::MessageBuilder;
use thiserror::Error;

use crate::letter::Letter;

/// Why a message did not leave.
#[derive(Debug, Error)]
pub enum PostError {
    /// The provider certainly did not take it now; later it may.
    #[error("the provider asks to wait")]
    NotNow(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The provider will never take it.
    #[error("the provider refuses the message")]
    Never(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Nobody knows whether it left: the claim stays until it is old.
    #[error("the provider's answer was lost")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A file that goes with a message.
#[derive(Debug)]
pub struct Attachment {
    /// Shown name.
    pub name: String,
    /// Media type.
    pub media_type: &'static str,
    /// Content.
    pub content: Vec<u8>,
}

/// Sends messages from one address.
#[derive(Clone, Debug)]
pub struct Post {
    client: Client,
    from: String,
}

impl Post {
    /// Sends from an address.
    pub fn new(sdk: &SdkConfig, from: String) -> Self {
        Self { client: Client::new(sdk), from }
    }

    /// Sends one message; gives the provider's identifier. `reference` makes a copy recognisable as one.
    pub async fn send(
        &self,
        to: &str,
        letter: &Letter,
        reference: &str,
        attachment: Option<Attachment>,
    ) -> Result<String, PostError> {
        let domain = self.from.rsplit('@').next().unwrap_or("portale.invalid");
        let message = MessageBuilder::new()
            .from(self.from.as_str())
            .to(to)
            .message_id(format!("{reference}@{domain}"))
            .header("X-Portale-Riferimento", mail_builder::headers::raw::Raw::new(reference))
            .subject(letter.subject.as_str())
            .text_body(letter.body.as_str());
        let message = match attachment {
            Some(file) => message.attachment(file.media_type, file.name, file.content),
            None => message,
        };
        let bytes = message.write_to_vec().map_err(|source| PostError::Never(Box::new(source)))?;
        let raw = RawMessage::builder()
            .data(Blob::new(bytes))
            .build()
            .map_err(|source| PostError::Never(Box::new(source)))?;
        let sent = self
            .client
            .send_raw_email()
            .source(&self.from)
            .destinations(to)
            .raw_message(raw)
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(answer.message_id().to_owned()),
            Err(error) => Err(Self::meaning(error)),
        }
    }

    fn meaning<R: std::fmt::Debug + Send + Sync + 'static>(
        error: SdkError<aws_sdk_ses::operation::send_raw_email::SendRawEmailError, R>,
    ) -> PostError {
        match &error {
            SdkError::ServiceError(service) => match service.err().code() {
                Some(
                    "Throttling" | "ThrottlingException" | "ServiceUnavailable" | "InternalFailure",
                )
                | None => PostError::NotNow(Box::new(error)),
                Some(_) => PostError::Never(Box::new(error)),
            },
            SdkError::ConstructionFailure(_) => PostError::Never(Box::new(error)),
            _ => PostError::Unknown(Box::new(error)),
        }
    }
}
