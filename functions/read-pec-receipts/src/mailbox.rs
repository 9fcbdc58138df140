//! Reads the receipts that lie in our certified mailbox, by IMAP.
//!
//! Only what bears `X-Ricevuta` is looked at: people's answers stay where they are, unread. A receipt is deleted after
//! the handler has recorded it and never before, so a crash in between repeats a receipt and loses none; the handler
//! must bear to see one twice, also at once when two runs overlap (`Receipt::identifier` is the same).

use std::{cmp::Reverse, fmt, io, sync::Arc, time::Duration};

use adapters::certified_account::{Account, Misconfigured, Security};
use async_imap::{
    Client, Session,
    error::{Error, Result as ImapResult},
};
use futures::TryStreamExt;
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

/// Until a connection stands, with its TLS.
const TO_CONNECT: Duration = Duration::from_secs(10);
/// For each step; a receipt with a whole message of 30 MB in it is one.
const PER_STEP: Duration = Duration::from_secs(30);
/// No further receipt is begun when a run has lasted for so long: the next one goes on.
const LONGEST_RUN: Duration = Duration::from_secs(25);
/// Largest message that is fetched, in bytes: 30 MB of original and what its receipt adds.
const LARGEST: u32 = 35 * 1024 * 1024;
/// Receipts that nobody has recorded or put aside. The empty value matches whatever the header says (RFC 3501).
const WAITING: &str = r#"UNDELETED UNFLAGGED HEADER X-Ricevuta """#;

/// What the handler did with a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Recorded, with what is to be kept of it: it may be deleted.
    Recorded,
    /// Not now; the next run gets it again.
    Again,
    /// Not to be understood, or not about anything of ours: it stays, flagged for a person, and is not read again.
    Odd,
}

/// What one run did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Recorded and deleted.
    pub recorded: usize,
    /// Left for the next run.
    pub again: usize,
    /// Flagged for a person, the too large ones included.
    pub odd: usize,
    /// Waiting beyond what this run was allowed to read.
    pub left: usize,
}

/// Why a run ended early, without the server's words. What was recorded before stays recorded.
#[derive(Debug, Error)]
pub enum MailboxError {
    /// The settings must not be used.
    #[error("the mailbox's settings are unusable")]
    Misconfigured(#[from] Misconfigured),
    /// No line to the server, or it broke.
    #[error("no line to the mailbox ({0})")]
    NoLine(&'static str),
    /// The server does not let us in: the password, most likely.
    #[error("the mailbox refuses to open")]
    Refused,
    /// The server said something unexpected.
    #[error("the mailbox answered badly ({0})")]
    Answer(&'static str),
}

/// Hands the oldest receipts of the inbox, at most so many, to the handler, one after the other, as they lie there.
pub async fn read<H, F>(account: &Account, at_most: usize, handle: H) -> Result<Tally, MailboxError>
where
    H: FnMut(Vec<u8>) -> F,
    F: Future<Output = Verdict>,
{
    account.checked()?;
    let security = match account.security {
        Security::StartTls => return Err(Misconfigured::StartTlsHere.into()),
        Security::Plaintext => None,
        Security::Tls => Some(tls(account)?),
    };
    let server = (account.host.as_str(), account.port);
    let line = soon(TO_CONNECT, TcpStream::connect(server)).await?;
    match security {
        None => over(line, account, at_most, handle).await,
        Some((connector, name)) => {
            let line = soon(TO_CONNECT, connector.connect(name, line)).await?;
            over(line, account, at_most, handle).await
        }
    }
}

async fn soon<T>(
    limit: Duration,
    step: impl Future<Output = io::Result<T>>,
) -> Result<T, MailboxError> {
    match timeout(limit, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => Err(MailboxError::NoLine("broken")),
        Err(_) => Err(MailboxError::NoLine("time is over")),
    }
}

async fn step<T>(step: impl Future<Output = ImapResult<T>>) -> Result<T, MailboxError> {
    match timeout(PER_STEP, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(meaning(&error)),
        Err(_) => Err(MailboxError::NoLine("time is over")),
    }
}

/// The server's words stay out: they may quote what they are about.
fn meaning(error: &Error) -> MailboxError {
    match error {
        Error::Io(_) | Error::ConnectionLost => MailboxError::NoLine("broken"),
        Error::No(_) => MailboxError::Answer("no"),
        Error::Bad(_) => MailboxError::Answer("bad"),
        _ => MailboxError::Answer("unreadable"),
    }
}

fn tls(account: &Account) -> Result<(TlsConnector, ServerName<'static>), Misconfigured> {
    let mut roots = RootCertStore::empty();
    match &account.authority {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(pem) => {
            let authority =
                CertificateDer::from_pem_slice(pem).map_err(|_| Misconfigured::Authority)?;
            roots.add(authority).map_err(|_| Misconfigured::Authority)?;
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Misconfigured::Authority)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(account.host.clone()).map_err(|_| Misconfigured::Address)?;
    Ok((TlsConnector::from(Arc::new(config)), name))
}

async fn over<T, H, F>(
    line: T,
    account: &Account,
    at_most: usize,
    handle: H,
) -> Result<Tally, MailboxError>
where
    T: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
    H: FnMut(Vec<u8>) -> F,
    F: Future<Output = Verdict>,
{
    let mut client = Client::new(line);
    let greeting = soon(PER_STEP, client.read_response()).await?;
    if greeting.is_none() {
        return Err(MailboxError::NoLine("broken"));
    }
    let opened = timeout(PER_STEP, client.login(&account.user, &account.password)).await;
    let mut session = match opened {
        Ok(Ok(session)) => session,
        Ok(Err((Error::No(_) | Error::Bad(_) | Error::Validate(_), _))) => {
            return Err(MailboxError::Refused);
        }
        Ok(Err((error, _))) => return Err(meaning(&error)),
        Err(_) => return Err(MailboxError::NoLine("time is over")),
    };
    let tally = work(&mut session, at_most, handle).await;
    // Whatever is to be gone is gone already; a goodbye that fails changes nothing.
    let _goodbye = timeout(Duration::from_secs(1), session.logout()).await;
    tally
}

async fn work<T, H, F>(
    session: &mut Session<T>,
    at_most: usize,
    mut handle: H,
) -> Result<Tally, MailboxError>
where
    T: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
    H: FnMut(Vec<u8>) -> F,
    F: Future<Output = Verdict>,
{
    // Without UIDPLUS an expunge would also remove what a person has marked: then ours stay marked and are not read.
    let expunges = step(session.capabilities()).await?.has_str("UIDPLUS");
    step(session.select("INBOX")).await?;
    let mut waiting: Vec<u32> = step(session.uid_search(WAITING)).await?.into_iter().collect();
    // The newest first: after an hour without the mailbox, a term that begins now does not wait for the whole backlog.
    waiting.sort_unstable_by_key(|uid| Reverse(*uid));
    let mut tally = Tally { left: waiting.len().saturating_sub(at_most), ..Tally::default() };
    let until = Instant::now() + LONGEST_RUN;
    for uid in waiting.into_iter().take(at_most) {
        if Instant::now() > until {
            tally.left += 1;
            continue;
        }
        let verdict = match fetch(session, uid).await? {
            Fetched::Gone => continue,
            Fetched::TooLarge => Verdict::Odd,
            Fetched::Whole(message) => handle(message).await,
        };
        match verdict {
            Verdict::Again => tally.again += 1,
            Verdict::Odd => {
                mark(session, uid, "\\Flagged").await?;
                tally.odd += 1;
            }
            Verdict::Recorded => {
                mark(session, uid, "\\Deleted").await?;
                if expunges {
                    step(async { drained(session.uid_expunge(uid.to_string()).await?).await })
                        .await?;
                }
                tally.recorded += 1;
            }
        }
    }
    Ok(tally)
}

enum Fetched {
    Gone,
    TooLarge,
    Whole(Vec<u8>),
}

async fn fetch<T>(session: &mut Session<T>, uid: u32) -> Result<Fetched, MailboxError>
where
    T: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
{
    let uid = uid.to_string();
    let sizes: Vec<_> =
        step(async { session.uid_fetch(&uid, "(RFC822.SIZE)").await?.try_collect().await }).await?;
    let Some(size) = sizes.iter().find_map(|answer| answer.size) else {
        return Ok(Fetched::Gone);
    };
    if size > LARGEST {
        return Ok(Fetched::TooLarge);
    }
    // PEEK: reading changes nothing, not even what a person sees as unread.
    let bodies: Vec<_> =
        step(async { session.uid_fetch(&uid, "(BODY.PEEK[])").await?.try_collect().await }).await?;
    let body = bodies.iter().find_map(|answer| answer.body());
    Ok(body.map_or(Fetched::Gone, |body| Fetched::Whole(body.to_vec())))
}

async fn mark<T>(session: &mut Session<T>, uid: u32, flag: &str) -> Result<(), MailboxError>
where
    T: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
{
    let flags = format!("+FLAGS.SILENT ({flag})");
    step(async { drained(session.uid_store(uid.to_string(), flags).await?).await }).await
}

/// The rest of an answer that says nothing of interest; its failure counts.
async fn drained<X>(answers: impl futures::Stream<Item = ImapResult<X>>) -> ImapResult<()> {
    answers.try_for_each(|_| async { Ok(()) }).await
}
