//! Hands a ready message to the certified provider by SMTP submission.
//!
//! The steps are taken one by one instead of through lettre's transport: only so it is known whether the connection
//! broke before or after the message was on the wire, which decides between "send again" and "nobody knows".

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsVersion},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
        response::{Code, Response, Severity},
    },
};
use outside::certified_account::{CertifiedAccount, Misconfigured, Security};
use tokio::time::timeout;

use crate::post_error::PostError;

/// Until a connection, with its TLS, stands.
const TO_CONNECT: Duration = Duration::from_secs(10);
/// For one message, from the connection to the provider's word.
const IN_ALL: Duration = Duration::from_secs(15);
/// For saying goodbye, which changes nothing any more.
const TO_QUIT: Duration = Duration::from_secs(1);

/// A ready message. No `Debug`: it is all personal.
#[expect(missing_debug_implementations, reason = "recipient and content are personal (PRV-1)")]
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// The one recipient: each gets a message of its own, so that each receipt is about one recipient.
    pub to: &'a str,
    /// Ours, with angle brackets, the same at each attempt. Receipts name the message by it, so the content must bear it.
    pub message_id: &'a str,
    /// MIME, with CRLF at the end of lines.
    pub content: &'a [u8],
}

/// Sends from one certified mailbox.
#[derive(Clone)]
pub struct CertifiedPost {
    account: CertifiedAccount,
    from: Address,
    tls: Option<TlsParameters>,
    in_all: Duration,
}

impl fmt::Debug for CertifiedPost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("CertifiedPost").field(&self.account).finish()
    }
}

/// Which step was being taken; what a refusal means depends on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SmtpStep {
    Connect,
    SignIn,
    Sender,
    Recipient,
    Data,
    Content,
}

impl SmtpStep {
    const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::SignIn => "sign in",
            Self::Sender => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Content => "content",
        }
    }
}

impl CertifiedPost {
    /// Sends from the certified address `from`, which the account must be allowed to use.
    pub fn new(account: CertifiedAccount, from: &str) -> Result<Self, Misconfigured> {
        account.checked()?;
        let from = Address::from_str(from).map_err(|_| Misconfigured::Address)?;
        let tls = match account.security {
            Security::Plaintext => None,
            Security::Tls | Security::StartTls => Some(tls(&account)?),
        };
        Ok(Self { account, from, tls, in_all: IN_ALL })
    }

    /// Sends one message; gives the provider's words on taking it, without addresses, at most 120 characters.
    pub async fn send(&self, message: &Outgoing<'_>) -> Result<String, PostError> {
        let to = Address::from_str(message.to)
            .map_err(|_| PostError::Never("unusable recipient".to_owned()))?;
        if !bears(message.content, message.message_id) {
            return Err(PostError::Never("without our Message-ID".to_owned()));
        }
        let on_the_wire = AtomicBool::new(false);
        match timeout(self.in_all, self.steps(to, message.content, &on_the_wire)).await {
            Ok(Ok((mut line, taken))) => {
                // Whether the server hears the goodbye does not change its word about the message.
                let _goodbye = timeout(TO_QUIT, line.quit()).await;
                taken
            }
            Ok(Err(error)) => Err(error),
            Err(_) if on_the_wire.load(Ordering::Relaxed) => {
                Err(PostError::Unknown("time is over"))
            }
            Err(_) => Err(PostError::NotNow("time is over".to_owned())),
        }
    }

    async fn steps(
        &self,
        to: Address,
        content: &[u8],
        on_the_wire: &AtomicBool,
    ) -> Result<(AsyncSmtpConnection, Result<String, PostError>), PostError> {
        let mut line = timeout(TO_CONNECT, self.connect())
            .await
            .map_err(|_| PostError::NotNow("no connection in time".to_owned()))??;
        let taken = self.transaction(&mut line, to, content, on_the_wire).await;
        Ok((line, taken))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, PostError> {
        let failed = |error| meaning(SmtpStep::Connect, &error);
        let me = ClientId::default();
        let server = (self.account.host.as_str(), self.account.port);
        let from_the_start = match self.account.security {
            Security::Tls => self.tls.clone(),
            Security::StartTls | Security::Plaintext => None,
        };
        let mut line = AsyncSmtpConnection::connect_tokio1(
            server,
            Some(TO_CONNECT),
            &me,
            from_the_start,
            None,
        )
        .await
        .map_err(failed)?;
        if self.account.security == Security::StartTls {
            // Without the offer an attacker may stand in between: the sender says nothing, least of all the password.
            let Some(tls) = self.tls.clone().filter(|_| line.can_starttls()) else {
                return Err(PostError::NotNow("no STARTTLS on offer".to_owned()));
            };
            line.starttls(tls, &me).await.map_err(failed)?;
        }
        Ok(line)
    }

    async fn transaction(
        &self,
        line: &mut AsyncSmtpConnection,
        to: Address,
        content: &[u8],
        on_the_wire: &AtomicBool,
    ) -> Result<String, PostError> {
        let credentials =
            Credentials::new(self.account.user.clone(), self.account.password.clone());
        line.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
            .await
            .map_err(|error| meaning(SmtpStep::SignIn, &error))?;
        line.command(Mail::new(Some(self.from.clone()), Vec::new()))
            .await
            .map_err(|error| meaning(SmtpStep::Sender, &error))?;
        line.command(Rcpt::new(to, Vec::new()))
            .await
            .map_err(|error| meaning(SmtpStep::Recipient, &error))?;
        line.command(Data).await.map_err(|error| meaning(SmtpStep::Data, &error))?;
        on_the_wire.store(true, Ordering::Relaxed);
        let answer =
            line.message(content).await.map_err(|error| meaning(SmtpStep::Content, &error))?;
        provider_words(&answer)
    }
}

fn tls(account: &CertifiedAccount) -> Result<TlsParameters, Misconfigured> {
    let mut parameters =
        TlsParameters::builder(account.host.clone()).set_min_tls_version(TlsVersion::Tlsv12);
    parameters = match &account.authority {
        None => parameters.certificate_store(CertificateStore::WebpkiRoots),
        Some(pem) => parameters.certificate_store(CertificateStore::None).add_root_certificate(
            Certificate::from_pem(pem).map_err(|_| Misconfigured::Authority)?,
        ),
    };
    parameters.build().map_err(|_| Misconfigured::Authority)
}

/// What a failed step means for the message.
///
/// Up to MAIL a refusal is about the connection, our credentials or our mailbox, not about the message: a changed
/// password must delay every notice, and end none. So a 5xx there is `NotNow`; only 552 (too large) says something of
/// the message, and from RCPT on each does.
fn meaning(step: SmtpStep, error: &Error) -> PostError {
    let at = |what: &str| format!("{what} at {}", step.name());
    match (error.status(), step) {
        (Some(code), _) => refusal(step, code),
        // The provider may have taken the message and only its word was lost.
        (None, SmtpStep::Content) if error.is_timeout() => PostError::Unknown("time is over"),
        (None, SmtpStep::Content) => PostError::Unknown("the connection broke"),
        (None, _) if error.is_timeout() => PostError::NotNow(at("time is over")),
        (None, _) if error.is_tls() => PostError::NotNow(at("no TLS")),
        (None, _) if error.is_client() => PostError::NotNow(at("no way")),
        (None, SmtpStep::Connect) => PostError::NotNow("no connection".to_owned()),
        (None, _) => PostError::NotNow(at("the connection broke")),
    }
}

fn refusal(step: SmtpStep, code: Code) -> PostError {
    let text = format!("{code} at {}", step.name());
    let of_the_message = match step {
        SmtpStep::Connect | SmtpStep::SignIn => false,
        SmtpStep::Sender => u16::from(code) == 552,
        // 530 and 538: the provider wants another sign-in first.
        SmtpStep::Recipient | SmtpStep::Data | SmtpStep::Content => {
            !matches!(u16::from(code), 530 | 538)
        }
    };
    match code.severity {
        Severity::PermanentNegativeCompletion if of_the_message => PostError::Never(text),
        Severity::PermanentNegativeCompletion | Severity::TransientNegativeCompletion => {
            PostError::NotNow(text)
        }
        Severity::PositiveCompletion | Severity::PositiveIntermediate => match step {
            SmtpStep::Content => PostError::Unknown("unreadable"),
            _ => PostError::NotNow(text),
        },
    }
}

/// The provider's word on taking a message, without anything that looks like an address.
fn provider_words(answer: &Response) -> Result<String, PostError> {
    let code = answer.code();
    if code.severity != Severity::PositiveCompletion {
        return Err(PostError::Unknown("unreadable"));
    }
    let words = answer.message().flat_map(str::split_whitespace);
    let plain = words.filter(|word| word.chars().all(|c| c.is_ascii_graphic() && c != '@'));
    let line = plain.fold(code.to_string(), |line, word| format!("{line} {word}"));
    Ok(line.chars().take(120).collect())
}

/// Whether the header of a message bears exactly this Message-ID.
fn bears(content: &[u8], message_id: &str) -> bool {
    let well_formed = message_id.len() > 4
        && message_id.starts_with('<')
        && message_id.ends_with('>')
        && message_id.contains('@')
        && message_id.chars().all(|c| c.is_ascii_graphic());
    let header = content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let mut ours = header.take_while(|line| !line.is_empty()).filter_map(|line| {
        let (name, value) = line.split_at_checked("Message-ID:".len())?;
        name.eq_ignore_ascii_case(b"Message-ID:").then(|| value.trim_ascii())
    });
    well_formed && ours.next() == Some(message_id.as_bytes()) && ours.next().is_none()
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    fn account(port: u16) -> CertifiedAccount {
        CertifiedAccount {
            host: "127.0.0.1".to_owned(),
            port,
            security: Security::Plaintext,
            user: "sui.bari@pec.example".to_owned(),
            password: "segreta".to_owned(),
            authority: None,
        }
    }

    fn code(number: u16) -> Code {
        answer(&format!("{number} x")).code()
    }

    fn answer(line: &str) -> Response {
        format!("{line}\r\n").parse().unwrap()
    }

    /// A changed password or a suspended mailbox of ours delays all notices; it must end none.
    #[test]
    fn a_refusal_of_ourselves_is_never_a_refusal_of_the_message() {
        for (step, number) in [
            (SmtpStep::Connect, 554),
            (SmtpStep::SignIn, 535),
            (SmtpStep::SignIn, 504),
            (SmtpStep::Sender, 553),
            (SmtpStep::Sender, 530),
            (SmtpStep::Recipient, 530),
        ] {
            let refusal = refusal(step, code(number));
            assert!(matches!(refusal, PostError::NotNow(_)), "{number}: {refusal}");
        }
    }

    #[test]
    fn a_refusal_of_the_message_is_final_when_the_provider_says_so() {
        for (step, number) in [
            (SmtpStep::Sender, 552),
            (SmtpStep::Recipient, 550),
            (SmtpStep::Data, 554),
            (SmtpStep::Content, 552),
        ] {
            let refusal = refusal(step, code(number));
            assert!(matches!(refusal, PostError::Never(_)), "{number}: {refusal}");
        }
        for step in [SmtpStep::Sender, SmtpStep::Recipient, SmtpStep::Data, SmtpStep::Content] {
            assert!(matches!(refusal(step, code(451)), PostError::NotNow(_)), "{step:?}");
        }
    }

    #[test]
    fn the_providers_word_is_kept_without_addresses() {
        let line =
            provider_words(&answer("250 2.0.0 Ok <anna.bianchi@pec.example>: queued as 4F2A"));
        assert_eq!(line.unwrap(), "250 2.0.0 Ok queued as 4F2A");
        let long = format!("250 {}", "parola ".repeat(100));
        assert_eq!(provider_words(&answer(&long)).unwrap().len(), 120);
        assert!(matches!(provider_words(&answer("354 go on")), Err(PostError::Unknown(_))));
    }

    #[test]
    fn a_message_leaves_only_under_the_identifier_its_receipts_will_name() {
        let ours = "<app_1.receipt.1@pec.portale.example>";
        let content = |header: &str| format!("Subject: x\r\n{header}\r\n\r\nMessage-ID: {ours}");
        assert!(bears(content(&format!("Message-ID: {ours}")).as_bytes(), ours));
        assert!(bears(content(&format!("message-id:{ours}")).as_bytes(), ours));
        assert!(!bears(content("X-A: 1").as_bytes(), ours), "only in the body");
        let twice = format!("Message-ID: {ours}\r\nMessage-ID: <b@c>");
        assert!(!bears(content(&twice).as_bytes(), ours));
        assert!(!bears(b"Message-ID: app_1\r\n\r\n", "app_1"));
    }

    /// Time that is over after the content is on the wire is another matter than time that is over before.
    #[tokio::test]
    async fn a_silent_provider_leaves_the_fate_open_only_once_it_has_the_content() {
        for (last, known) in [("RCPT", true), (".", false)] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = thread::spawn(move || {
                let (mut line, _) = listener.accept().unwrap();
                let lines = BufReader::new(line.try_clone().unwrap()).lines();
                line.write_all(b"220 ciao\r\n").unwrap();
                for said in lines.map_while(Result::ok).filter(|said| !said.starts_with(last)) {
                    let answer = match said.get(..4) {
                        Some("EHLO") => "250 AUTH PLAIN\r\n",
                        Some("AUTH") => "235 dentro\r\n",
                        Some("MAIL" | "RCPT") => "250 ok\r\n",
                        Some("DATA") => "354 avanti\r\n",
                        _ => "",
                    };
                    line.write_all(answer.as_bytes()).unwrap();
                }
            });
            let in_all = Duration::from_millis(500);
            let post = CertifiedPost::new(account(port), "sui.bari@pec.example").unwrap();
            let content = b"Message-ID: <a@b>\r\n\r\nciao\r\n";
            let message = Outgoing { to: "anna@pec.example", message_id: "<a@b>", content };
            let error = CertifiedPost { in_all, ..post }.send(&message).await.unwrap_err();
            assert_eq!(matches!(error, PostError::NotNow(_)), known, "{last}: {error}");
            assert_eq!(matches!(error, PostError::Unknown(_)), !known, "{last}: {error}");
            server.join().unwrap();
        }
    }

    /// Functions run on a runtime that moves futures between threads.
    #[test]
    fn sending_may_move_between_threads() {
        fn movable(_: impl Send) {}
        let post = CertifiedPost::new(account(1), "sui.bari@pec.example").unwrap();
        movable(post.send(&Outgoing { to: "a@b.example", message_id: "<a@b>", content: b"" }));
    }
}
