//! Reads the receipts that lie in our certified mailbox, by IMAP.
//!
//! Only what bears `X-Ricevuta` is looked at: people's answers stay where they are, unread. A receipt is deleted after
//! the handler has recorded it and never before, so a crash in between repeats a receipt and loses none; the handler
//! must bear to see one twice, also at once when two runs overlap (`Receipt::identifier` is the same).

use std::{fmt, io, sync::Arc, time::Duration};

use async_imap::{
    Client, Session,
    error::{Error, Result as ImapResult},
};
use futures::TryStreamExt;
use outside::certified_account::{CertifiedAccount, Misconfigured, Security};
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
/// For each step; to fetch a group of receipts is one.
const PER_STEP: Duration = Duration::from_secs(30);
/// No further receipt is begun when a run has lasted for so long: the next one goes on.
const LONGEST_RUN: Duration = Duration::from_secs(25);
/// Largest message, and largest group of them, that is fetched, in bytes: 30 MB of original and what its receipt adds.
const LARGEST: u32 = 35 * 1024 * 1024;
/// Most receipts that are fetched, handled and deleted together: a far server costs three round trips a group.
const GROUP: usize = 32;
/// Receipts that are neither recorded nor put aside. The empty value matches whatever the header says (RFC 3501).
const WAITING: &str = r#"UNDELETED UNFLAGGED HEADER X-Ricevuta """#;

/// What the handler did with a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Recorded, with what is to be kept of it: it may be deleted.
    Recorded,
    /// Not now; the next run gets it again.
    Again,
    /// Not readable, or about no notice of the portal: it stays, flagged for a person, and is not read again.
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

/// Hands the oldest receipts of the inbox, at most so many, to the handler, in groups, as they lie there. Its answer has a
/// verdict for each message, in their order; a message without one is left for the next run.
pub async fn read<H, F>(
    account: &CertifiedAccount,
    at_most: usize,
    handle: H,
) -> Result<Tally, MailboxError>
where
    H: FnMut(Vec<Vec<u8>>) -> F,
    F: Future<Output = Vec<Verdict>>,
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

fn tls(account: &CertifiedAccount) -> Result<(TlsConnector, ServerName<'static>), Misconfigured> {
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
    account: &CertifiedAccount,
    at_most: usize,
    handle: H,
) -> Result<Tally, MailboxError>
where
    T: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
    H: FnMut(Vec<Vec<u8>>) -> F,
    F: Future<Output = Vec<Verdict>>,
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
    H: FnMut(Vec<Vec<u8>>) -> F,
    F: Future<Output = Vec<Verdict>>,
{
    // Without UIDPLUS an expunge would also remove what a person has marked: then ours stay marked and are not read.
    let expunges = step(session.capabilities()).await?.has_str("UIDPLUS");
    step(session.select("INBOX")).await?;
    let mut waiting: Vec<u32> = step(session.uid_search(WAITING)).await?.into_iter().collect();
    waiting.sort_unstable();
    let beyond = waiting.len().saturating_sub(at_most);
    waiting.truncate(at_most);
    let sizes = sizes(session, &waiting).await?;
    let (small, large): (Vec<_>, Vec<_>) =
        sizes.into_iter().partition(|(_, size)| *size <= LARGEST);
    let large: Vec<u32> = large.into_iter().map(|(uid, _)| uid).collect();
    mark(session, &large, "\\Flagged").await?;

    let mut tally = Tally { left: beyond, odd: large.len(), ..Tally::default() };
    let until = Instant::now() + LONGEST_RUN;
    for group in groups(&small) {
        if Instant::now() > until {
            tally.left += group.len();
            continue;
        }
        let (uids, messages): (Vec<u32>, Vec<_>) =
            fetch(session, &group).await?.into_iter().unzip();
        let verdicts = handle(messages).await;
        let with = |verdict| {
            let judged = uids.iter().zip(&verdicts).filter(move |(_, given)| **given == verdict);
            judged.map(|(uid, _)| *uid).collect::<Vec<_>>()
        };
        let (recorded, odd) = (with(Verdict::Recorded), with(Verdict::Odd));
        mark(session, &odd, "\\Flagged").await?;
        mark(session, &recorded, "\\Deleted").await?;
        if expunges && !recorded.is_empty() {
            let gone = set(&recorded);
            step(async { drained(session.uid_expunge(gone).await?).await }).await?;
        }
        tally.odd += odd.len();
        tally.recorded += recorded.len();
        tally.again += uids.len() - odd.len() - recorded.len();
    }
    Ok(tally)
}

/// The messages in the order given, in groups of at most [`GROUP`] that weigh at most [`LARGEST`] bytes together.
fn groups(messages: &[(u32, u32)]) -> Vec<Vec<u32>> {
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut weight = 0_u32;
    for (uid, size) in messages {
        match groups.last_mut() {
            Some(group) if group.len() < GROUP && weight.saturating_add(*size) <= LARGEST => {
                weight = weight.saturating_add(*size);
                group.push(*uid);
            }
            _ => {
                weight = *size;
                groups.push(vec![*uid]);
            }
        }
    }
    groups
}

/// The messages that are still there, with their sizes in bytes, the oldest first.
async fn sizes<T>(session: &mut Session<T>, uids: &[u32]) -> Result<Vec<(u32, u32)>, MailboxError>
where
    T: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
{
    if uids.is_empty() {
        return Ok(Vec::new());
    }
    let answers: Vec<_> =
        step(async { session.uid_fetch(set(uids), "(RFC822.SIZE)").await?.try_collect().await })
            .await?;
    let mut sizes: Vec<_> =
        answers.iter().filter_map(|answer| answer.uid.zip(answer.size)).collect();
    sizes.sort_unstable();
    Ok(sizes)
}

/// The messages of a group that are still there, whole, the oldest first.
async fn fetch<T>(
    session: &mut Session<T>,
    uids: &[u32],
) -> Result<Vec<(u32, Vec<u8>)>, MailboxError>
where
    T: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
{
    // PEEK: reading changes nothing, not even what a person sees as unread.
    let answers: Vec<_> =
        step(async { session.uid_fetch(set(uids), "(BODY.PEEK[])").await?.try_collect().await })
            .await?;
    let mut messages: Vec<_> = answers
        .iter()
        .filter_map(|answer| answer.uid.zip(answer.body().map(<[u8]>::to_vec)))
        .collect();
    messages.sort_unstable_by_key(|(uid, _)| *uid);
    Ok(messages)
}

async fn mark<T>(session: &mut Session<T>, uids: &[u32], flag: &str) -> Result<(), MailboxError>
where
    T: AsyncRead + AsyncWrite + Unpin + fmt::Debug + Send,
{
    if uids.is_empty() {
        return Ok(());
    }
    let flags = format!("+FLAGS.SILENT ({flag})");
    step(async { drained(session.uid_store(set(uids), flags).await?).await }).await
}

/// Messages as IMAP names many at once.
fn set(uids: &[u32]) -> String {
    uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

/// The rest of an answer that says nothing of interest; its failure counts.
async fn drained<X>(answers: impl futures::Stream<Item = ImapResult<X>>) -> ImapResult<()> {
    answers.try_for_each(|_| async { Ok(()) }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_neither_long_nor_heavy_and_loses_nobody() {
        let many: Vec<_> = (1..=70).map(|uid| (uid, 9_000)).collect();
        let lengths: Vec<_> = groups(&many).iter().map(Vec::len).collect();
        assert_eq!(lengths, [32, 32, 6]);
        assert_eq!(groups(&many).concat(), (1..=70).collect::<Vec<_>>());
        let heavy = [(1, 9_000), (2, LARGEST), (3, LARGEST - 9_000), (4, 9_000), (5, 1)];
        assert_eq!(groups(&heavy), [vec![1], vec![2], vec![3, 4], vec![5]]);
        assert!(groups(&[]).is_empty());
    }
}
