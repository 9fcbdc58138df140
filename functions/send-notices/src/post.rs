//! The two ways out: PEC and ordinary mail. Where no certified provider is set SES stands in for it; not in production.

use aws_config::SdkConfig;
use aws_sdk_ses::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::send_raw_email::SendRawEmailError,
    primitives::Blob,
    types::RawMessage,
};
use mail_builder::MessageBuilder;

use crate::{
    certified::{CertifiedPost, Outgoing},
    letter::Letter,
    post_error::PostError,
};

/// A file that goes with a message. No `Debug`: what it holds, and so its name, is personal.
#[expect(missing_debug_implementations, reason = "documents are personal (PRV-1)")]
pub struct Attachment {
    /// Shown name.
    pub name: String,
    /// Media type, with its parameters.
    pub media_type: &'static str,
    /// Content.
    pub content: Vec<u8>,
}

/// A message of ours: one recipient, and a reference by which a copy, and a receipt, is recognised.
#[expect(missing_debug_implementations, reason = "recipient and content are personal (PRV-1)")]
pub struct Mailing<'a> {
    /// The one recipient.
    pub to: &'a str,
    /// What is written.
    pub letter: &'a Letter,
    /// Ours, the same at each attempt.
    pub reference: &'a str,
    /// What goes with it.
    pub files: Vec<Attachment>,
}

impl Mailing<'_> {
    /// The message in MIME with its Message-ID.
    fn written(self, from: &str) -> Result<(String, Vec<u8>), PostError> {
        let domain = from.rsplit('@').next().unwrap_or("portale.invalid");
        let id = format!("{}@{domain}", self.reference);
        let message = MessageBuilder::new()
            .from(from)
            .to(self.to)
            .message_id(id.clone())
            .header("X-Portale-Riferimento", mail_builder::headers::raw::Raw::new(self.reference))
            .subject(self.letter.subject.as_str())
            .text_body(self.letter.body.as_str());
        let files = self.files.into_iter();
        let message = files.fold(message, |message, file| {
            message.attachment(file.media_type, file.name, file.content)
        });
        let bytes =
            message.write_to_vec().map_err(|_| PostError::Never("unwritable".to_owned()))?;
        Ok((id, bytes))
    }
}

/// The way of certified mail (PEC-1).
#[derive(Clone, Debug)]
pub enum Pec {
    /// SES stands in: no receipts come back.
    Ses(Post),
    /// A certified provider, by submission.
    Certified {
        /// The account there.
        post: CertifiedPost,
        /// Our certified address.
        from: String,
    },
}

impl Pec {
    /// Our address on this way.
    pub fn address(&self) -> &str {
        match self {
            Self::Ses(post) => &post.from,
            Self::Certified { from, .. } => from,
        }
    }

    /// Sends one message; gives the provider's words on taking it.
    pub async fn send(&self, mailing: Mailing<'_>) -> Result<String, PostError> {
        match self {
            Self::Ses(post) => post.send(mailing).await,
            Self::Certified { post, from } => {
                let to = mailing.to;
                let (id, content) = mailing.written(from)?;
                let message_id = format!("<{id}>");
                post.send(&Outgoing { to, message_id: &message_id, content: &content }).await
            }
        }
    }
}

/// Sends messages from one address by SES.
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

    /// Sends one message; gives the provider's identifier.
    pub async fn send(&self, mailing: Mailing<'_>) -> Result<String, PostError> {
        let to = mailing.to;
        let (_, bytes) = mailing.written(&self.from)?;
        let raw = RawMessage::builder()
            .data(Blob::new(bytes))
            .build()
            .map_err(|_| PostError::Never("unwritable".to_owned()))?;
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
    use aws_sdk_ses::{error::ErrorMetadata, types::error::MessageRejected};
    use mail_parser::{MessageParser, MimeHeaders as _};
    use outside::log::chain;

    use super::*;
    use crate::calendar_file;

    /// RFC 6047, 2.4: a mail program takes the part for an appointment by its `method`, which is that of the file, and reads
    /// it by its `charset`.
    #[test]
    fn the_part_with_the_calendar_file_says_method_and_charset() {
        let file = "BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nSUMMARY:è\r\nEND:VCALENDAR\r\n";
        let name = "scadenza-confirmation.ics".to_owned();
        let files = vec![Attachment {
            name,
            media_type: calendar_file::MEDIA_TYPE,
            content: file.as_bytes().to_vec(),
        }];
        let letter = Letter { subject: "Promemoria".to_owned(), body: "Buongiorno".to_owned() };
        let to = "anna.bianchi@pec.azienda.example";
        let mailing = Mailing { to, letter: &letter, reference: "app_1.term-reminder.1", files };
        let (_, written) = mailing.written("sui.bari@pec.portale.example").unwrap();
        let message = MessageParser::default().parse(&written).unwrap();
        let part = message.attachments().next().unwrap();
        let kind = part.content_type().unwrap();
        assert_eq!((kind.ctype(), kind.subtype()), ("text", Some("calendar")));
        assert_eq!(kind.attribute("method"), Some("PUBLISH"));
        assert_eq!(kind.attribute("charset"), Some("UTF-8"));
        assert_eq!(part.attachment_name(), Some("scadenza-confirmation.ics"));
        assert_eq!(part.text_contents(), Some(file), "not a letter of it is changed on the way");
    }

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
