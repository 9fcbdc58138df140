//! The two ways out: PEC and ordinary mail. Locally SES stands in for the certified provider; in production it may not.

use aws_config::SdkConfig;
use aws_sdk_ses::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::send_raw_email::SendRawEmailError,
    primitives::Blob,
    types::RawMessage,
};
use mail_builder::MessageBuilder;
use thiserror::Error;

use crate::letter::Letter;

/// Why a message did not leave, by the provider's code: its texts name recipients, and errors reach the log (PRV-1).
#[derive(Debug, Error)]
pub enum PostError {
    /// The provider certainly did not take it now; later it may.
    #[error("the provider asks to wait ({0})")]
    NotNow(String),
    /// The provider will never take it.
    #[error("the provider refuses the message ({0})")]
    Never(String),
    /// Nobody knows whether it left: the claim stays until it is old.
    #[error("the provider's answer was lost ({0})")]
    Unknown(&'static str),
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
        let unwritable = || PostError::Never("unwritable".to_owned());
        let bytes = message.write_to_vec().map_err(|_| unwritable())?;
        let raw = RawMessage::builder().data(Blob::new(bytes)).build().map_err(|_| unwritable())?;
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
            Err(error) => Err(meaning(&error)),
        }
    }
}

fn meaning<R>(error: &SdkError<SendRawEmailError, R>) -> PostError {
    match error {
        SdkError::ServiceError(service) => match service.err().code() {
            None => PostError::NotNow("without a code".to_owned()),
            Some(
                code @ ("Throttling"
                | "ThrottlingException"
                | "ServiceUnavailable"
                | "InternalFailure"),
            ) => PostError::NotNow(code.to_owned()),
            Some(code) => PostError::Never(code.to_owned()),
        },
        SdkError::ConstructionFailure(_) => PostError::Never("unsendable".to_owned()),
        SdkError::TimeoutError(_) => PostError::Unknown("time is over"),
        SdkError::DispatchFailure(_) => PostError::Unknown("no connection"),
        _ => PostError::Unknown("unreadable"),
    }
}

#[cfg(test)]
mod tests {
    use adapters::log::chain;
    use aws_sdk_ses::{error::ErrorMetadata, types::error::MessageRejected};

    use super::*;

    /// PRV-1: the provider's text names the recipient; the log gets its code alone.
    #[test]
    fn a_refusal_reaches_the_log_without_the_recipient() {
        let text = "Email address is not verified: anna.bianchi@example.it";
        let rejected = MessageRejected::builder()
            .message(text)
            .meta(ErrorMetadata::builder().code("MessageRejected").message(text).build())
            .build();
        let error = SdkError::service_error(SendRawEmailError::MessageRejected(rejected), ());
        let told = chain(&meaning(&error));
        assert!(told.contains("MessageRejected"), "{told}");
        assert!(!told.contains("anna") && !told.contains('@'), "{told}");
        let throttled = ErrorMetadata::builder().code("Throttling").message(text).build();
        let error = SdkError::service_error(SendRawEmailError::generic(throttled), ());
        assert!(matches!(meaning(&error), PostError::NotNow(code) if code == "Throttling"));
    }
}
