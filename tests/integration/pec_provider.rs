//! The certified provider's two services, submission and mailbox, against a real SMTP and IMAP server:
//! `emulator/pec_provider.py`, and servers that answer as no good one does (PEC-1, COM-2).

use std::{
    future::{self, Ready},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use domain::notice::Undelivered;
use harness::environment::root;
use mail_builder::MessageBuilder;
use outside::certified_account::{CertifiedAccount, Misconfigured, Security};
use read_pec_receipts::{
    mailbox::{self, MailboxError, Tally, Verdict},
    receipt::{self, Receipt, ReportedEvent},
};
use send_notices::{
    certified::{CertifiedPost, Outgoing},
    post_error::PostError,
};
use serde_json::Value;

const SUI: &str = "sui.ferrara@pec.portale.example";
const PASSWORD: &str = "una \"bella\" password";

/// The simulated provider, for one test.
struct Provider {
    process: Child,
    ports: Value,
    tls: &'static str,
}

impl Provider {
    fn start() -> Self {
        Self::start_with("none")
    }

    fn start_with(tls: &'static str) -> Self {
        let certificates = root().join("tests/fixtures/pec-tls");
        let mut process = Command::new(root().join(".local/venvs/emulator/bin/python"))
            .arg(root().join("emulator/pec_provider.py"))
            .args(["--smtp-port", "0", "--imap-port", "0", "--http-port", "0"])
            .args(["--user", SUI, "--password", PASSWORD, "--tls", tls])
            .arg("--certificate")
            .arg(certificates.join("server.pem"))
            .arg("--key")
            .arg(certificates.join("server.key"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, ports: serde_json::from_str(&line).unwrap(), tls }
    }

    fn port(&self, endpoint: &str) -> u16 {
        u16::try_from(self.ports[endpoint].as_u64().unwrap()).unwrap()
    }

    fn account(&self, endpoint: &str) -> CertifiedAccount {
        let security = match (self.tls, endpoint) {
            ("none", _) => Security::Plaintext,
            ("starttls", "smtp") => Security::StartTls,
            _ => Security::Tls,
        };
        let authority = include_bytes!("../fixtures/pec-tls/ca.pem").to_vec();
        CertifiedAccount {
            authority: (self.tls != "none").then_some(authority),
            security,
            ..account(self.port(endpoint))
        }
    }

    async fn send(&self, to: &str, number: u32) -> Result<String, PostError> {
        send_by(self.account("smtp"), to, number).await
    }

    /// Reads at most `at_most` receipts and records them.
    async fn receipts(&self, at_most: usize) -> (Vec<Receipt>, Tally) {
        let mut seen = Vec::new();
        let tally = mailbox::read(&self.account("imap"), at_most, |messages| {
            seen.extend(messages.iter().map(|message| receipt::parse(message).unwrap().unwrap()));
            all_recorded(&messages)
        })
        .await
        .unwrap();
        (seen, tally)
    }

    /// What happened to the messages sent, once `many` receipts are there.
    async fn events(&self, many: usize) -> Vec<ReportedEvent> {
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut events = Vec::new();
        while events.len() < many && Instant::now() < deadline {
            events.extend(self.receipts(10).await.0.iter().map(|receipt| receipt.event));
        }
        events
    }

    fn http(&self, path: &str) -> Value {
        let mut line = TcpStream::connect(("127.0.0.1", self.port("http"))).unwrap();
        write!(line, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = String::new();
        line.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn account(port: u16) -> CertifiedAccount {
    CertifiedAccount {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Plaintext,
        user: SUI.to_owned(),
        password: PASSWORD.to_owned(),
        authority: None,
    }
}

fn reference(number: u32) -> String {
    format!("app_01hzy3v7q2k8w9x4n5m6p7r8s9.confirmation-request.{number}@pec.portale.example")
}

async fn send_by(account: CertifiedAccount, to: &str, number: u32) -> Result<String, PostError> {
    let reference = reference(number);
    let content = MessageBuilder::new()
        .from(SUI)
        .to(to)
        .message_id(reference.clone())
        .subject("Richiesta di conferma: è urgente")
        .text_body("Buongiorno,\n\n.una riga che comincia con un punto\nperché no.\n")
        .attachment("text/calendar", "termine.ics", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
        .write_to_vec()
        .unwrap();
    let post = CertifiedPost::new(account, SUI).unwrap();
    let message_id = format!("<{reference}>");
    post.send(&Outgoing { to, message_id: &message_id, content: &content }).await
}

/// No error may name the recipient or any other person (PRV-1).
fn names_nobody(error: &PostError) {
    let told = format!("{error} {error:?}");
    assert!(!told.contains('@') && !told.contains("bianchi"), "{told}");
}

#[tokio::test]
async fn a_message_to_a_good_mailbox_is_accepted_and_delivered() {
    let provider = Provider::start();
    let taken = provider.send("anna.bianchi@pec.azienda.example", 1).await.unwrap();
    assert!(taken.starts_with("250 ") && !taken.contains('@'), "{taken}");
    let (receipts, tally) = provider.receipts(10).await;
    let told: Vec<_> = receipts.iter().map(|each| (each.event, each.reference.as_str())).collect();
    let ours = format!("<{}>", reference(1));
    assert_eq!(
        told,
        [(ReportedEvent::Accepted, ours.as_str()), (ReportedEvent::Delivered, ours.as_str())]
    );
    assert_eq!(tally, Tally { recorded: 2, ..Tally::default() });
    assert_eq!(provider.receipts(10).await.0, [], "recorded receipts are gone");
}

#[tokio::test]
async fn the_harness_sees_what_was_sent_as_it_was_meant() {
    let provider = Provider::start();
    assert_eq!(provider.http("/health")["status"], "ok");
    provider.send("anna.bianchi@pec.azienda.example", 1).await.unwrap();
    let messages = provider.http("/messages");
    let [message] = messages.as_array().unwrap().as_slice() else { panic!("{messages}") };
    assert_eq!(message["from"], SUI);
    assert_eq!(message["to"], serde_json::json!(["anna.bianchi@pec.azienda.example"]));
    assert_eq!(message["subject"], "Richiesta di conferma: è urgente");
    let body = message["body"].as_str().unwrap();
    assert!(body.contains("\n.una riga") && body.contains("perché"), "{body}");
    assert_eq!(message["message_id"], format!("<{}>", reference(1)));
    assert_eq!(message["attachments"][0]["name"], "termine.ics");
    assert_eq!(message["attachments"][0]["media_type"], "text/calendar");
    assert!(message["raw_base64"].as_str().unwrap().len() > 100);
}

#[tokio::test]
async fn a_message_that_is_not_delivered_says_why() {
    let provider = Provider::start();
    for (number, (to, reason)) in (1..).zip([
        ("piena.bianchi@pec.azienda.example", Undelivered::MailboxFull),
        ("inesistente@pec.azienda.example", Undelivered::UnknownMailbox),
        ("disattivata@pec.azienda.example", Undelivered::MailboxDisabled),
        ("virus@pec.azienda.example", Undelivered::Virus),
    ]) {
        provider.send(to, number).await.unwrap();
        let failed = ReportedEvent::Failed { reason };
        assert_eq!(provider.events(2).await, [ReportedEvent::Accepted, failed], "{to}");
    }
    provider.send("preavviso@pec.azienda.example", 9).await.unwrap();
    assert_eq!(provider.events(2).await, [ReportedEvent::Accepted, ReportedEvent::Warning]);
    provider.send("scaduta@pec.azienda.example", 11).await.unwrap();
    let failed = ReportedEvent::Failed { reason: Undelivered::NotInTime };
    let wanted = [ReportedEvent::Accepted, ReportedEvent::Warning, failed];
    assert_eq!(provider.events(3).await, wanted);
    provider.send("muta@pec.azienda.example", 10).await.unwrap();
    assert_eq!(provider.receipts(10).await.0.len(), 1, "accepted, and silence");
}

#[tokio::test]
async fn a_refused_recipient_is_refused_for_good_and_not_named() {
    let provider = Provider::start();
    let error = provider.send("rifiuta.bianchi@pec.azienda.example", 1).await.unwrap_err();
    assert!(matches!(&error, PostError::Never(code) if code == "550 at RCPT"), "{error}");
    names_nobody(&error);
    assert_eq!(provider.http("/messages"), serde_json::json!([]), "nothing was taken");
    let error = provider.send("non un indirizzo", 1).await.unwrap_err();
    assert!(matches!(error, PostError::Never(_)), "{error}");
}

#[tokio::test]
async fn a_deferred_message_was_not_taken_and_leaves_the_next_time() {
    let provider = Provider::start();
    let to = "rinvia.bianchi@pec.azienda.example";
    let error = provider.send(to, 1).await.unwrap_err();
    assert!(matches!(&error, PostError::NotNow(code) if code == "451 at RCPT"), "{error}");
    names_nobody(&error);
    assert_eq!(provider.http("/messages"), serde_json::json!([]));
    provider.send(to, 1).await.unwrap();
    assert_eq!(provider.events(2).await, [ReportedEvent::Accepted, ReportedEvent::Delivered]);
}

/// A changed password says nothing about the message: it waits until an administrator corrects the setting.
#[tokio::test]
async fn a_wrong_password_delays_the_message_and_ends_nothing() {
    let provider = Provider::start();
    let wrong = CertifiedAccount { password: "sbagliata".to_owned(), ..provider.account("smtp") };
    let error = send_by(wrong, "anna.bianchi@pec.azienda.example", 1).await.unwrap_err();
    assert!(matches!(&error, PostError::NotNow(code) if code == "535 at sign in"), "{error}");
    assert_eq!(provider.http("/messages"), serde_json::json!([]));
    let wrong = CertifiedAccount { password: "sbagliata".to_owned(), ..provider.account("imap") };
    let read = mailbox::read(&wrong, 10, |messages| all_recorded(&messages)).await;
    assert!(matches!(read, Err(MailboxError::Refused)), "{read:?}");
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_taken() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = send_by(account(port), "anna.bianchi@pec.azienda.example", 1).await.unwrap_err();
    assert!(matches!(error, PostError::NotNow(_)), "{error}");
    let read = mailbox::read(&account(port), 10, |messages| all_recorded(&messages)).await;
    assert!(matches!(read, Err(MailboxError::NoLine(_))), "{read:?}");
}

type Script = &'static [(&'static str, &'static str)];

/// A server that says each second once it has heard a line with the first in it (a lone dot: that line), then closes.
/// What it heard in all comes out of the thread.
fn scripted(script: Script) -> (u16, thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut line, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(line.try_clone().unwrap()).lines().map_while(Result::ok);
        let mut heard = Vec::new();
        for (expected, answer) in script {
            while !expected.is_empty() {
                let Some(said) = lines.next() else { return heard };
                let found = if *expected == "." { said == "." } else { said.contains(expected) };
                heard.push(said);
                if found {
                    break;
                }
            }
            line.write_all(answer.as_bytes()).unwrap();
        }
        heard
    });
    (port, server)
}

/// The verdicts of a handler that has recorded all messages.
fn all_recorded(messages: &[Vec<u8>]) -> Ready<Vec<Verdict>> {
    future::ready(vec![Verdict::Recorded; messages.len()])
}

/// Submission up to the end of the content, and what is said then.
macro_rules! until_the_end_of_the_content {
    ($last:literal) => {
        &[
            ("", "220 ciao\r\n"),
            ("EHLO", "250-ciao\r\n250 AUTH PLAIN\r\n"),
            ("AUTH", "235 dentro\r\n"),
            ("MAIL", "250 ok\r\n"),
            ("RCPT", "250 ok\r\n"),
            ("DATA", "354 avanti\r\n"),
            (".", $last),
        ]
    };
}

#[tokio::test]
async fn a_connection_cut_after_the_content_leaves_the_fate_unknown() {
    let (port, server) = scripted(until_the_end_of_the_content!(""));
    let error = send_by(account(port), "anna.bianchi@pec.azienda.example", 1).await.unwrap_err();
    assert!(matches!(error, PostError::Unknown(_)), "{error}");
    names_nobody(&error);
    assert_eq!(server.join().unwrap().last().unwrap(), ".", "it had the whole message");
}

#[tokio::test]
async fn the_providers_last_word_on_the_content_counts() {
    let anna = "anna.bianchi@pec.azienda.example";
    let (port, _) = scripted(until_the_end_of_the_content!("451 anna.bianchi@pec riprovi\r\n"));
    let error = send_by(account(port), anna, 1).await.unwrap_err();
    assert!(matches!(error, PostError::NotNow(_)), "{error}");
    names_nobody(&error);
    let (port, _) = scripted(until_the_end_of_the_content!("552 anna.bianchi@pec troppo\r\n"));
    let error = send_by(account(port), anna, 1).await.unwrap_err();
    assert!(matches!(error, PostError::Never(_)), "{error}");
    names_nobody(&error);
    let (port, _) = scripted(until_the_end_of_the_content!("che dire\r\n"));
    let error = send_by(account(port), anna, 1).await.unwrap_err();
    assert!(matches!(error, PostError::Unknown(_)), "{error}");
}

#[tokio::test]
async fn a_connection_cut_before_the_content_means_it_was_not_taken() {
    let (port, server) = scripted(&[
        ("", "220 ciao\r\n"),
        ("EHLO", "250-ciao\r\n250 AUTH LOGIN PLAIN\r\n"),
        ("AUTH", "235 dentro\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", ""),
    ]);
    let error = send_by(account(port), "anna.bianchi@pec.azienda.example", 1).await.unwrap_err();
    assert!(matches!(&error, PostError::NotNow(at) if at.contains("RCPT")), "{error}");
    assert!(!server.join().unwrap().contains(&"DATA".to_owned()));
    let (port, _) = scripted(&[("", "554 chiuso per sempre\r\n")]);
    let error = send_by(account(port), "anna.bianchi@pec.azienda.example", 1).await.unwrap_err();
    assert!(matches!(error, PostError::NotNow(_)), "{error}");
}

#[tokio::test]
async fn without_the_offer_of_tls_the_password_is_never_said() {
    let (port, server) = scripted(&[
        ("", "220 ciao\r\n"),
        ("EHLO", "250-ciao\r\n250 AUTH PLAIN LOGIN\r\n"),
        ("AUTH", "235 detta!\r\n"),
    ]);
    let careful = CertifiedAccount { security: Security::StartTls, ..account(port) };
    let error = send_by(careful, "anna.bianchi@pec.azienda.example", 1).await.unwrap_err();
    assert!(matches!(&error, PostError::NotNow(why) if why.contains("STARTTLS")), "{error}");
    let heard = server.join().unwrap();
    assert!(heard.iter().all(|said| said.starts_with("EHLO")), "{heard:?}");
    let outside = CertifiedAccount { host: "192.0.2.1".to_owned(), ..account(port) };
    let post = CertifiedPost::new(outside.clone(), SUI);
    assert!(matches!(post, Err(Misconfigured::PlaintextOutside)));
    let read = mailbox::read(&outside, 10, |messages| all_recorded(&messages)).await;
    assert!(matches!(read, Err(MailboxError::Misconfigured(_))), "{read:?}");
}

#[tokio::test]
async fn a_message_too_large_is_put_aside_without_being_fetched() {
    let (port, server) = scripted(&[
        ("", "* OK ciao\r\n"),
        ("LOGIN", "A0001 OK dentro\r\n"),
        ("CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS\r\nA0002 OK\r\n"),
        ("SELECT", "* 1 EXISTS\r\nA0003 OK [READ-WRITE] aperta\r\n"),
        ("SEARCH", "* SEARCH 7\r\nA0004 OK\r\n"),
        ("FETCH", "* 1 FETCH (UID 7 RFC822.SIZE 99000000)\r\nA0005 OK\r\n"),
        ("STORE", "A0006 OK\r\n"),
        ("LOGOUT", "* BYE\r\nA0007 OK\r\n"),
    ]);
    let tally =
        mailbox::read(&account(port), 10, |messages| all_recorded(&messages)).await.unwrap();
    assert_eq!(tally, Tally { odd: 1, ..Tally::default() });
    let heard = server.join().unwrap().join("\n");
    assert!(heard.contains("\\Flagged") && !heard.contains("BODY"), "{heard}");
}

/// An expunge without UIDPLUS would also remove what a person has marked.
#[tokio::test]
async fn a_server_that_cannot_expunge_one_message_is_asked_to_expunge_none() {
    let (port, server) = scripted(&[
        ("", "* OK ciao\r\n"),
        ("LOGIN", "A0001 OK dentro\r\n"),
        ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\nA0002 OK\r\n"),
        ("SELECT", "* 1 EXISTS\r\nA0003 OK [READ-WRITE] aperta\r\n"),
        ("SEARCH", "* SEARCH 7\r\nA0004 OK\r\n"),
        ("FETCH", "* 1 FETCH (UID 7 RFC822.SIZE 4)\r\nA0005 OK\r\n"),
        ("FETCH", "* 1 FETCH (UID 7 BODY[] {4}\r\nciao)\r\nA0006 OK\r\n"),
        ("STORE", "A0007 OK\r\n"),
        ("LOGOUT", "* BYE\r\nA0008 OK\r\n"),
    ]);
    let tally =
        mailbox::read(&account(port), 10, |messages| all_recorded(&messages)).await.unwrap();
    assert_eq!(tally, Tally { recorded: 1, ..Tally::default() });
    let heard = server.join().unwrap().join("\n");
    assert!(heard.contains("\\Deleted") && !heard.contains("EXPUNGE"), "{heard}");
}

#[tokio::test]
async fn tls_goes_both_ways_and_believes_only_the_authority_given() {
    for tls in ["implicit", "starttls"] {
        let provider = Provider::start_with(tls);
        provider.send("anna.bianchi@pec.azienda.example", 1).await.unwrap();
        assert_eq!(provider.events(2).await, [ReportedEvent::Accepted, ReportedEvent::Delivered]);
        let strict = CertifiedAccount { authority: None, ..provider.account("smtp") };
        let error = send_by(strict, "anna.bianchi@pec.azienda.example", 2).await.unwrap_err();
        assert!(matches!(error, PostError::NotNow(_)), "{tls}: {error}");
        let strict = CertifiedAccount { authority: None, ..provider.account("imap") };
        let read = mailbox::read(&strict, 10, |messages| all_recorded(&messages)).await;
        assert!(matches!(read, Err(MailboxError::NoLine(_))), "{tls}: {read:?}");
        assert_eq!(provider.http("/messages").as_array().unwrap().len(), 1, "{tls}");
    }
}

/// The run dies between recording and deleting: the receipt comes again, the same.
#[tokio::test]
async fn a_run_that_dies_before_the_deletion_repeats_the_receipt() {
    let provider = Provider::start();
    provider.send("anna.bianchi@pec.azienda.example", 1).await.unwrap();
    let recorded = Arc::new(Mutex::new(Vec::new()));
    let (account, writer) = (provider.account("imap"), Arc::clone(&recorded));
    let (told, recording) = tokio::sync::oneshot::channel();
    let mut told = Some(told);
    let run = tokio::spawn(async move {
        mailbox::read(&account, 1, |messages| {
            writer.lock().unwrap().push(receipt::parse(&messages[0]).unwrap().unwrap());
            let _ = told.take().unwrap().send(());
            // Recorded, and from here on the process makes no step.
            future::pending::<Vec<Verdict>>()
        })
        .await
    });
    recording.await.unwrap();
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    let first = recorded.lock().unwrap().clone();
    let (again, _) = provider.receipts(1).await;
    assert_eq!(again, first, "the same receipt, with the same identifier");
}

#[tokio::test]
async fn a_run_reads_the_oldest_and_says_how_many_wait() {
    let provider = Provider::start();
    for number in 1..=2 {
        provider.send("anna.bianchi@pec.azienda.example", number).await.unwrap();
    }
    let (first, tally) = provider.receipts(3).await;
    assert_eq!(tally, Tally { recorded: 3, left: 1, ..Tally::default() });
    assert_eq!(first[0].reference, format!("<{}>", reference(1)));
    assert_eq!(provider.receipts(3).await.1, Tally { recorded: 1, ..Tally::default() });
}

#[tokio::test]
async fn an_odd_receipt_is_put_aside_and_one_for_later_comes_again() {
    let provider = Provider::start();
    provider.send("anna.bianchi@pec.azienda.example", 1).await.unwrap();
    let tally = mailbox::read(&provider.account("imap"), 10, |messages| {
        assert_eq!(messages.len(), 2);
        future::ready(vec![Verdict::Odd, Verdict::Again])
    })
    .await
    .unwrap();
    assert_eq!(tally, Tally { odd: 1, again: 1, ..Tally::default() });
    let (receipts, _) = provider.receipts(10).await;
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0].event, ReportedEvent::Delivered);
}
