//! Reads a receipt of certified mail: RFC 6109 and the technical rules of DM 2 November 2005.
//!
//! The truth is `daticert.xml`; the headers must agree with it. It may name the DTD that defines it (RFC 6109, 4.4): that is
//! never fetched, and data that declare an entity are not read. What is **not** verified is the provider's S/MIME
//! signature over the receipt. What protects instead: the mailbox is read over TLS from our own provider, and whatever
//! others send to it arrives wrapped in an envelope with `X-Trasporto`, with the forged receipt only *inside*. So
//! nothing inside an attached message is ever looked at, and nothing with `X-Trasporto` is a receipt.

use domain::notice::Undelivered;
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::Offset,
};
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use roxmltree::{Document, Node, ParsingOptions};
use thiserror::Error;

/// Longest `daticert.xml` in bytes; true ones have about one thousand, and some forty per further recipient.
const LONGEST_DATA: usize = 256 * 1024;
/// Most XML nodes, against small files with much in them.
const MOST_NODES: u32 = 20_000;
/// Longest identifier in characters (RFC 5322 lines have at most 998).
const LONGEST_IDENTIFIER: usize = 300;

/// What happened to a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReportedEvent {
    /// *Accettazione*: sent, as far as our provider is concerned.
    Accepted,
    /// *Presa in carico* between providers; hardly ever reaches a sender.
    TakenInCharge,
    /// *Avvenuta consegna*: in the recipient's mailbox.
    Delivered,
    /// *Non accettazione*, *mancata consegna* or a virus.
    Failed {
        /// Why.
        reason: Undelivered,
    },
    /// *Preavviso di mancata consegna* after 12 hours without news: not the end.
    Warning,
    /// *Preavviso di mancata consegna* that does not say after how many hours: the instant of the sending tells whether it
    /// is the one after 12 hours, or the one after 24 that says *not delivered* ([`Receipt::ends`]).
    Overdue,
}

/// What a receipt says. Nothing in it is about a person.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// What happened.
    pub event: ReportedEvent,
    /// Message-ID of our message, with angle brackets; its domain may be the provider's.
    pub reference: String,
    /// When it happened, by the provider's clock, to the second.
    pub at: Timestamp,
    /// The provider's own identifier: two copies of one receipt have the same.
    pub identifier: String,
}

/// Between the two notices of a delivery that is overdue: the first leaves 12 hours after the sending, the second between
/// 22 and 24 (DM 2 November 2005, 6.3.5).
const SECOND_NOTICE_AFTER: SignedDuration = SignedDuration::from_hours(17);

impl Receipt {
    /// What happened to a message that was sent at this instant, as far as that is known: a delivery is no longer overdue,
    /// but failed, 24 hours after the sending (art. 8 DPR 68/2005).
    pub fn ends(&self, sent: Option<Timestamp>) -> ReportedEvent {
        match self.event {
            ReportedEvent::Overdue
                if sent.is_some_and(|sent| self.at.duration_since(sent) > SECOND_NOTICE_AFTER) =>
            {
                ReportedEvent::Failed { reason: Undelivered::NotInTime }
            }
            ReportedEvent::Overdue => ReportedEvent::Warning,
            ReportedEvent::Accepted
            | ReportedEvent::TakenInCharge
            | ReportedEvent::Delivered
            | ReportedEvent::Failed { .. }
            | ReportedEvent::Warning => self.event,
        }
    }
}

/// Why something that calls itself a receipt is not believed. It holds nothing of the content (PRV-1).
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum ReceiptError {
    /// Not an e-mail message.
    #[error("the message is unreadable")]
    Unreadable,
    /// A part that makes a receipt is not there.
    #[error("the receipt lacks {0}")]
    Missing(&'static str),
    /// A part is there and cannot be read, or is larger than it may be.
    #[error("the receipt's {0} is unreadable")]
    Malformed(&'static str),
    /// Two places tell different things.
    #[error("the receipt contradicts itself about {0}")]
    Inconsistent(&'static str),
}

/// Reads a message of the mailbox; nothing when it is not a receipt, but for example an answer by a person.
pub fn parse(message: &[u8]) -> Result<Option<Receipt>, ReceiptError> {
    let message = MessageParser::default().parse(message).ok_or(ReceiptError::Unreadable)?;
    let Some(kind) = only_header(&message, "X-Ricevuta", "kind")? else { return Ok(None) };
    if only_header(&message, "X-Trasporto", "kind")?.is_some() {
        return Err(ReceiptError::Inconsistent("kind"));
    }
    let reference = only_header(&message, "X-Riferimento-Message-ID", "reference")?;
    read_data(&data(&message)?, &kind, reference.as_deref()).map(Some)
}

/// A header's value without white space, folded or not. There may be several as long as all say the same.
fn only_header(
    message: &Message<'_>,
    wanted: &str,
    about: &'static str,
) -> Result<Option<String>, ReceiptError> {
    let mut values = message
        .headers_raw()
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.split_whitespace().collect::<String>());
    let Some(first) = values.next() else { return Ok(None) };
    if values.all(|other| other == first) {
        Ok(Some(first))
    } else {
        Err(ReceiptError::Inconsistent(about))
    }
}

/// The receipt's own `daticert.xml`, never that of a message inside it.
fn data(message: &Message<'_>) -> Result<String, ReceiptError> {
    let mut found = message.parts.iter().filter(|part| {
        !matches!(part.body, PartType::Message(_) | PartType::Multipart(_))
            && part.attachment_name().is_some_and(|name| name.eq_ignore_ascii_case("daticert.xml"))
    });
    let part = found.next().ok_or(ReceiptError::Missing("daticert.xml"))?;
    if found.next().is_some() {
        return Err(ReceiptError::Inconsistent("daticert.xml"));
    }
    let content = part.contents();
    if content.len() > LONGEST_DATA {
        return Err(ReceiptError::Malformed("daticert.xml"));
    }
    // Some write Latin-1. It only shows in the subject, which this function does not read: all that counts is ASCII.
    Ok(String::from_utf8(content.to_vec())
        .unwrap_or_else(|_| content.iter().copied().map(char::from).collect()))
}

fn read_data(
    xml: &str,
    kind: &str,
    header_reference: Option<&str>,
) -> Result<Receipt, ReceiptError> {
    // A DTD may be named: without a resolver nothing is fetched. Without a declaration there are no entities to expand but
    // the five of XML, and an unknown one makes the data unreadable.
    if xml.contains("<!ENTITY") {
        return Err(ReceiptError::Malformed("daticert.xml"));
    }
    let options =
        ParsingOptions { allow_dtd: true, nodes_limit: MOST_NODES, entity_resolver: None };
    let xml = xml.trim_start_matches('\u{feff}').trim_start();
    let document = Document::parse_with_options(xml, options)
        .map_err(|_| ReceiptError::Malformed("daticert.xml"))?;
    let root = document.root_element();
    if root.tag_name().name() != "postacert" {
        return Err(ReceiptError::Malformed("daticert.xml"));
    }
    let stated = root.attribute("tipo").map(str::trim).ok_or(ReceiptError::Missing("kind"))?;
    if stated != kind {
        return Err(ReceiptError::Inconsistent("kind"));
    }
    let facts = child(root, "dati")?.ok_or(ReceiptError::Missing("dati"))?;
    let error = root.attribute("errore").map_or("nessuno", str::trim);
    let detail = text(facts, "errore-esteso")?.unwrap_or_default();
    let event = event(stated, error, &detail)?;
    let stated = match text(facts, "msgid")? {
        Some(stated) => Some(reference(&stated)?),
        None => None,
    };
    let from_header = header_reference.map(reference).transpose()?;
    let reference = match (stated, from_header) {
        // A provider may rewrite the domain of one, of both, or of neither.
        (Some(stated), Some(header)) if local_part(&stated) != local_part(&header) => {
            return Err(ReceiptError::Inconsistent("reference"));
        }
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => return Err(ReceiptError::Missing("reference")),
    };
    let identifier =
        text(facts, "identificativo")?.ok_or(ReceiptError::Missing("identificativo"))?;
    let identifier = bare(&identifier).ok_or(ReceiptError::Malformed("identificativo"))?.to_owned();
    Ok(Receipt { event, reference, at: at(facts)?, identifier })
}

fn event(kind: &str, error: &str, detail: &str) -> Result<ReportedEvent, ReceiptError> {
    let good = |event| {
        if error == "nessuno" { Ok(event) } else { Err(ReceiptError::Inconsistent("outcome")) }
    };
    match kind {
        "accettazione" => good(ReportedEvent::Accepted),
        "presa-in-carico" => good(ReportedEvent::TakenInCharge),
        "avvenuta-consegna" => good(ReportedEvent::Delivered),
        "preavviso-errore-consegna" => Ok(overdue(detail)),
        "rilevazione-virus" => Ok(ReportedEvent::Failed { reason: Undelivered::Virus }),
        "non-accettazione" if error == "virus" => {
            Ok(ReportedEvent::Failed { reason: Undelivered::Virus })
        }
        "non-accettazione" => Ok(ReportedEvent::Failed { reason: Undelivered::NotAccepted }),
        "errore-consegna" => Ok(ReportedEvent::Failed { reason: reason(error, detail) }),
        _ => Err(ReceiptError::Malformed("kind")),
    }
}

/// The two notices of a delivery that is overdue have one kind; only their words tell the first, after twelve hours, from
/// the second, after twenty-four (DM 2 November 2005, 6.3.5).
fn overdue(detail: &str) -> ReportedEvent {
    let detail = detail.to_lowercase();
    let words: Vec<_> = detail
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| c.is_ascii_punctuation()))
        .collect();
    let names = |hours: [&str; 2]| {
        words.windows(2).any(|pair| {
            matches!(pair, [number, unit] if hours.contains(number) && matches!(*unit, "ore" | "h"))
        })
    };
    match (names(["12", "dodici"]), names(["24", "ventiquattro"])) {
        (true, false) => ReportedEvent::Warning,
        (false, true) => ReportedEvent::Failed { reason: Undelivered::NotInTime },
        (true, true) | (false, false) => ReportedEvent::Overdue,
    }
}

/// AgID's note 12 to the technical rules: the codes of RFC 3463 stand in `errore-esteso`.
fn reason(error: &str, detail: &str) -> Undelivered {
    if error == "virus" {
        return Undelivered::Virus;
    }
    let mut words = detail.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    let code = words.find(|word| word.split('.').count() == 3 && word.starts_with(['4', '5']));
    match (code.and_then(|code| code.get(1..)), error) {
        (Some(".2.2"), _) => Undelivered::MailboxFull,
        (Some(".2.1"), _) => Undelivered::MailboxDisabled,
        (Some(code), _) if code.starts_with(".1.") => Undelivered::UnknownMailbox,
        (_, "no-dest" | "no-dominio") => Undelivered::UnknownMailbox,
        _ => Undelivered::Other,
    }
}

/// A child element that may be there once.
fn child<'a, 'input>(
    parent: Node<'a, 'input>,
    name: &'static str,
) -> Result<Option<Node<'a, 'input>>, ReceiptError> {
    let mut found = parent.children().filter(|node| node.has_tag_name(name));
    let first = found.next();
    if found.next().is_some() {
        return Err(ReceiptError::Inconsistent(name));
    }
    Ok(first)
}

/// All text of a child element; nothing when it is empty.
fn text(parent: Node<'_, '_>, name: &'static str) -> Result<Option<String>, ReceiptError> {
    let Some(node) = child(parent, name)? else { return Ok(None) };
    let text: String = node.children().filter_map(|part| part.text()).collect();
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A Message-ID with its angle brackets, whether they were written or not.
fn reference(value: &str) -> Result<String, ReceiptError> {
    let id = bare(value).filter(|id| id.contains('@'));
    id.map(|id| format!("<{id}>")).ok_or(ReceiptError::Malformed("reference"))
}

/// What stands before the `@` of a Message-ID: it is unique, while a provider may put a domain of its own behind it.
pub(crate) fn local_part(reference: &str) -> Option<&str> {
    let inner = reference.strip_prefix('<')?.strip_suffix('>')?;
    inner.rsplit_once('@').map(|(local, _)| local)
}

/// An identifier without brackets and of sane characters.
fn bare(value: &str) -> Option<&str> {
    let value = value.trim();
    let inner = value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(value);
    let sane = (1..=LONGEST_IDENTIFIER).contains(&inner.len())
        && inner.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>'));
    sane.then_some(inner)
}

/// `data[@zona]/{giorno, ora}`: `12/01/2026`, `09:00:00`, `+0100`.
fn at(facts: Node<'_, '_>) -> Result<Timestamp, ReceiptError> {
    let moment = child(facts, "data")?.ok_or(ReceiptError::Missing("data"))?;
    let day = text(moment, "giorno")?.ok_or(ReceiptError::Missing("giorno"))?;
    let hour = text(moment, "ora")?.ok_or(ReceiptError::Missing("ora"))?;
    let zone = moment.attribute("zona").ok_or(ReceiptError::Missing("zona"))?;
    let date = date(&day).ok_or(ReceiptError::Malformed("giorno"))?;
    let time = time(&hour).ok_or(ReceiptError::Malformed("ora"))?;
    let offset = offset(zone.trim()).ok_or(ReceiptError::Malformed("zona"))?;
    offset.to_timestamp(date.to_datetime(time)).map_err(|_| ReceiptError::Malformed("data"))
}

fn date(day: &str) -> Option<Date> {
    let mut parts = day.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let all = parts.next().is_none();
    let date = Date::new(number(year, 4)?, number(month, 2)?, number(day, 2)?).ok()?;
    all.then_some(date)
}

fn time(hour: &str) -> Option<Time> {
    let mut parts = hour.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let all = parts.next().is_none();
    let time = Time::new(number(hour, 2)?, number(minute, 2)?, number(second, 2)?, 0).ok()?;
    all.then_some(time)
}

/// `+0100`, also `+01:00`; at most 14 hours.
fn offset(zone: &str) -> Option<Offset> {
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let digits = zone.get(1..)?.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    let (hours, minutes): (i32, i32) = (number(hours, 2)?, number(minutes, 2)?);
    let sane = minutes < 60 && hours * 60 + minutes <= 14 * 60;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok().filter(|_| sane)
}

/// A number of exactly so many digits and nothing else.
fn number<N: std::str::FromStr>(text: &str, digits: usize) -> Option<N> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACCEPTED: &[u8] = include_bytes!("../fixtures/accettazione.eml");
    const DELIVERED: &[u8] = include_bytes!("../fixtures/avvenuta-consegna.eml");
    const FULL: &[u8] = include_bytes!("../fixtures/mancata-consegna-piena.eml");
    const UNKNOWN: &[u8] = include_bytes!("../fixtures/mancata-consegna-inesistente.eml");
    const FORGED: &[u8] = include_bytes!("../fixtures/ricevuta-falsa-in-busta.eml");
    const PUBLIC_DTD: &[u8] = include_bytes!("../fixtures/doctype-pubblico.eml");
    const SYSTEM_DTD: &[u8] = include_bytes!("../fixtures/doctype-di-sistema.eml");
    const REWRITTEN: &[u8] = include_bytes!("../fixtures/dominio-riscritto.eml");
    const TWELVE_HOURS: &[u8] = include_bytes!("../fixtures/avviso-dodici-ore.eml");
    const A_DAY: &[u8] = include_bytes!("../fixtures/avviso-ventiquattro-ore.eml");
    const ALL: [&[u8]; 8] =
        [ACCEPTED, DELIVERED, FULL, UNKNOWN, PUBLIC_DTD, SYSTEM_DTD, TWELVE_HOURS, A_DAY];

    const REFERENCE: &str =
        "<app_01hzy3v7q2k8w9x4n5m6p7r8s9.confirmation-request.1@pec.portale.example>";

    /// A receipt around data of one's own.
    fn around(kind: &str, data: &str) -> Vec<u8> {
        format!(
            "X-Ricevuta: {kind}\r\nX-Riferimento-Message-ID: {REFERENCE}\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/xml; \
             name=\"daticert.xml\"\r\n\r\n{data}\r\n--b--\r\n"
        )
        .into_bytes()
    }

    fn dati(kind: &str, error: &str, facts: &str) -> String {
        format!("<postacert tipo=\"{kind}\" errore=\"{error}\"><dati>{facts}</dati></postacert>")
    }

    const WHEN: &str = "<data zona=\"+0100\"><giorno>12/01/2026</giorno><ora>09:00:00</ora></data>";
    const WHO: &str = "<identificativo>opec1.1@gestore.example</identificativo>";

    fn read(kind: &str, error: &str, facts: &str) -> Result<Receipt, ReceiptError> {
        parse(&around(kind, &dati(kind, error, facts))).map(Option::unwrap)
    }

    fn changed(message: &[u8], from: &str, to: &str) -> Vec<u8> {
        let text = String::from_utf8(message.to_vec()).unwrap();
        assert!(text.contains(from), "{from}");
        text.replace(from, to).into_bytes()
    }

    #[test]
    fn four_true_to_life_receipts_tell_event_message_and_moment() {
        let failed = |reason| ReportedEvent::Failed { reason };
        for (message, event, at) in [
            (ACCEPTED, ReportedEvent::Accepted, "2026-01-12T08:00:07Z"),
            (DELIVERED, ReportedEvent::Delivered, "2026-01-12T08:00:12Z"),
            (FULL, failed(Undelivered::MailboxFull), "2026-07-02T07:15:31Z"),
            (UNKNOWN, failed(Undelivered::UnknownMailbox), "2026-01-12T08:00:09Z"),
        ] {
            let receipt = parse(message).unwrap().unwrap();
            assert_eq!(receipt.event, event);
            assert_eq!(receipt.reference, REFERENCE);
            assert_eq!(receipt.at, at.parse().unwrap());
        }
    }

    /// RFC 6109, 4.4: a DTD defines the data, and a large provider names it, by address or by file.
    #[test]
    fn a_receipt_that_names_its_dtd_is_read_as_any_other() {
        for message in [PUBLIC_DTD, SYSTEM_DTD] {
            assert_eq!(parse(message), parse(DELIVERED));
        }
        let inline = "<!DOCTYPE postacert [<!ELEMENT postacert (dati)><!ATTLIST postacert tipo CDATA #IMPLIED>]>";
        let data = dati("accettazione", "nessuno", &format!("{WHEN}{WHO}"));
        let read = parse(&around("accettazione", &format!("{inline}{data}"))).unwrap().unwrap();
        assert_eq!(read.event, ReportedEvent::Accepted);
    }

    /// Only what stands before the `@` is ours for certain: a provider may put its own domain behind it.
    #[test]
    fn a_receipt_whose_provider_rewrote_the_domain_names_the_same_message() {
        let read = parse(REWRITTEN).unwrap().unwrap();
        assert_eq!(local_part(&read.reference), local_part(REFERENCE));
        assert_eq!(read.event, ReportedEvent::Delivered);
        let header = REFERENCE.replace("pec.portale.example", "pec.it");
        let one = changed(DELIVERED, REFERENCE, &header);
        assert_eq!(local_part(&parse(&one).unwrap().unwrap().reference), local_part(REFERENCE));
    }

    /// Art. 8 DPR 68/2005, DM 2 November 2005: after twelve hours a warning, after twenty-four *not delivered*.
    #[test]
    fn the_notice_after_twelve_hours_warns_and_the_one_after_a_day_is_the_end() {
        let failed = ReportedEvent::Failed { reason: Undelivered::NotInTime };
        let event = |message: &[u8]| parse(message).unwrap().unwrap().event;
        assert_eq!((event(TWELVE_HOURS), event(A_DAY)), (ReportedEvent::Warning, failed));
        for (detail, wanted) in [
            ("superato il tempo massimo di 12 ore senza ricevuta", ReportedEvent::Warning),
            ("non consegnato entro 24 ore dall'invio", failed),
            ("NELLE VENTIQUATTRO ORE SUCCESSIVE", failed),
            ("alle 12:24 ore di attesa", ReportedEvent::Overdue),
            (
                "nelle prime dodici ore; un altro avviso dopo ventiquattro ore",
                ReportedEvent::Overdue,
            ),
            ("tempo massimo superato, server 192.0.2.24", ReportedEvent::Overdue),
            ("", ReportedEvent::Overdue),
        ] {
            let facts = format!("{WHEN}{WHO}<errore-esteso>{detail}</errore-esteso>");
            let read = read("preavviso-errore-consegna", "altro", &facts).unwrap();
            assert_eq!(read.event, wanted, "{detail}");
        }
    }

    /// Where the words do not say it, the time since the sending does.
    #[test]
    fn a_notice_without_hours_is_judged_by_the_time_since_the_sending() {
        let overdue = read("preavviso-errore-consegna", "altro", &format!("{WHEN}{WHO}")).unwrap();
        let ends = |hours| overdue.ends(Some(overdue.at - SignedDuration::from_hours(hours)));
        assert_eq!(ends(12), ReportedEvent::Warning);
        assert_eq!(ends(16), ReportedEvent::Warning);
        for hours in [22, 24, 30] {
            let failed = ReportedEvent::Failed { reason: Undelivered::NotInTime };
            assert_eq!(ends(hours), failed, "{hours}");
        }
        assert_eq!(overdue.ends(None), ReportedEvent::Warning, "nothing ends on a guess");
        let delivered = read("avvenuta-consegna", "nessuno", &format!("{WHEN}{WHO}")).unwrap();
        assert_eq!(delivered.ends(None), ReportedEvent::Delivered);
    }

    #[test]
    fn a_receipt_read_twice_is_the_same() {
        for message in ALL {
            assert_eq!(parse(message), parse(message));
        }
    }

    /// Any sender may send a message that looks like a receipt: our provider wraps it, and only the wrapped message
    /// lies.
    #[test]
    fn a_forged_receipt_inside_an_envelope_is_no_receipt() {
        assert_eq!(parse(FORGED), Ok(None));
        let with_header = changed(
            FORGED,
            "X-Trasporto: posta-certificata",
            "X-Trasporto: errore\nX-Ricevuta: avvenuta-consegna",
        );
        assert_eq!(parse(&with_header), Err(ReceiptError::Inconsistent("kind")));
        let without =
            changed(FORGED, "X-Trasporto: posta-certificata", "X-Ricevuta: avvenuta-consegna");
        assert_eq!(
            parse(&without),
            Err(ReceiptError::Inconsistent("kind")),
            "the envelope's own data"
        );
    }

    /// A sender chooses the names of what is attached; an attached message is never the provider's data.
    #[test]
    fn an_attached_message_that_is_named_like_the_data_is_not_the_data() {
        let data = format!("\r\n{}", dati("accettazione", "nessuno", &format!("{WHEN}{WHO}")));
        let attached = changed(&around("accettazione", &data), "application/xml", "message/rfc822");
        assert_eq!(parse(&attached), Err(ReceiptError::Missing("daticert.xml")));
    }

    #[test]
    fn an_answer_by_a_person_is_no_receipt() {
        assert_eq!(parse(b"From: a@b.example\r\nSubject: Re: domanda\r\n\r\nGrazie"), Ok(None));
    }

    #[test]
    fn what_headers_and_data_tell_differently_is_not_believed() {
        let kind = changed(ACCEPTED, "X-Ricevuta: accettazione", "X-Ricevuta: avvenuta-consegna");
        assert_eq!(parse(&kind), Err(ReceiptError::Inconsistent("kind")));
        let other = "X-Riferimento-Message-ID: <app_altra.receipt.1@pec.portale.example>";
        let reference =
            changed(ACCEPTED, "X-Riferimento-Message-ID:", &format!("{other}\nX-Prima:"));
        assert_eq!(parse(&reference), Err(ReceiptError::Inconsistent("reference")));
        let both = changed(
            ACCEPTED,
            "X-Riferimento-Message-ID:",
            &format!("{other}\nX-Riferimento-Message-ID:"),
        );
        assert_eq!(parse(&both), Err(ReceiptError::Inconsistent("reference")));
        let wrong = read("avvenuta-consegna", "virus", &format!("{WHEN}{WHO}"));
        assert_eq!(wrong, Err(ReceiptError::Inconsistent("outcome")));
        let twice = read("accettazione", "nessuno", &format!("{WHEN}{WHEN}{WHO}"));
        assert_eq!(twice, Err(ReceiptError::Inconsistent("data")));
    }

    #[test]
    fn the_header_stands_in_for_a_message_identifier_that_the_data_lack() {
        let receipt = read("accettazione", "nessuno", &format!("{WHEN}{WHO}")).unwrap();
        assert_eq!(receipt.reference, REFERENCE);
    }

    #[test]
    fn a_message_identifier_without_brackets_is_the_same_one() {
        let id = REFERENCE.trim_matches(['<', '>']);
        let facts = format!("{WHEN}{WHO}<msgid>{id}</msgid>");
        assert_eq!(read("accettazione", "nessuno", &facts).unwrap().reference, REFERENCE);
    }

    #[test]
    fn each_kind_of_the_rules_has_its_meaning() {
        let facts = format!("{WHEN}{WHO}");
        let event = |kind, error| read(kind, error, &facts).map(|receipt| receipt.event);
        let failed = |reason| Ok(ReportedEvent::Failed { reason });
        assert_eq!(event("presa-in-carico", "nessuno"), Ok(ReportedEvent::TakenInCharge));
        assert_eq!(event("preavviso-errore-consegna", "altro"), Ok(ReportedEvent::Overdue));
        assert_eq!(event("non-accettazione", "altro"), failed(Undelivered::NotAccepted));
        assert_eq!(event("non-accettazione", "virus"), failed(Undelivered::Virus));
        assert_eq!(event("errore-consegna", "virus"), failed(Undelivered::Virus));
        assert_eq!(event("rilevazione-virus", "virus"), failed(Undelivered::Virus));
        assert_eq!(event("errore-consegna", "no-dominio"), failed(Undelivered::UnknownMailbox));
        assert_eq!(event("errore-consegna", "altro"), failed(Undelivered::Other));
        assert_eq!(event("festa", "nessuno"), Err(ReceiptError::Malformed("kind")));
    }

    #[test]
    fn the_codes_of_note_12_tell_full_from_disabled_from_unknown() {
        for (detail, expected) in [
            ("5.2.2 - Gestore Uno S.p.A. - casella piena", Undelivered::MailboxFull),
            ("4.2.2 casella piena", Undelivered::MailboxFull),
            ("5.2.1 - Gestore Uno S.p.A. - casella disabilitata", Undelivered::MailboxDisabled),
            ("5.1.1 - Gestore Uno S.p.A. - indirizzo non valido", Undelivered::UnknownMailbox),
            ("errore 5.1.10", Undelivered::UnknownMailbox),
            ("5.2.22", Undelivered::Other),
            ("il server 192.0.2.1 non risponde", Undelivered::Other),
            ("5.4.1 nessuna risposta", Undelivered::Other),
            ("", Undelivered::Other),
        ] {
            assert_eq!(reason("altro", detail), expected, "{detail}");
        }
    }

    #[test]
    fn moments_that_no_calendar_knows_are_refused() {
        let told = |zone: &str, day: &str, hour: &str| {
            let data = format!(
                "<data zona=\"{zone}\"><giorno>{day}</giorno><ora>{hour}</ora></data>{WHO}"
            );
            read("accettazione", "nessuno", &data).map(|receipt| receipt.at.to_string())
        };
        assert_eq!(told("+0200", "29/02/2028", "00:30:12").unwrap(), "2028-02-28T22:30:12Z");
        assert_eq!(told("-01:30", "31/12/2026", "23:59:59").unwrap(), "2027-01-01T01:29:59Z");
        for (day, hour) in [
            ("30/02/2026", "09:00:00"),
            ("2026-01-12", "09:00:00"),
            ("1/1/26", "09:00:00"),
            ("00/00/0000", "09:00:00"),
        ] {
            assert_eq!(told("+0100", day, hour), Err(ReceiptError::Malformed("giorno")), "{day}");
        }
        for hour in ["24:00:00", "09:00", "09:00:00:00", "09:60:00", "-1:00:00", "è9:00:00"] {
            assert_eq!(
                told("+0100", "12/01/2026", hour),
                Err(ReceiptError::Malformed("ora")),
                "{hour}"
            );
        }
        for zone in ["CET", "", "0100", "+1", "+9900", "+0160", "+01000", "è"] {
            assert_eq!(
                told(zone, "12/01/2026", "09:00:00"),
                Err(ReceiptError::Malformed("zona")),
                "{zone}"
            );
        }
    }

    #[test]
    fn a_part_that_is_missing_is_named() {
        for (facts, missing) in [
            (WHO.to_owned(), "data"),
            (WHEN.to_owned(), "identificativo"),
            (format!("{WHO}<data zona=\"+0100\"><ora>09:00:00</ora></data>"), "giorno"),
            (format!("{WHO}<data zona=\"+0100\"><giorno>12/01/2026</giorno></data>"), "ora"),
            (format!("{WHO}<data><giorno>12/01/2026</giorno><ora>09:00:00</ora></data>"), "zona"),
        ] {
            assert_eq!(
                read("accettazione", "nessuno", &facts),
                Err(ReceiptError::Missing(missing))
            );
        }
        let bald = parse(b"X-Ricevuta: accettazione\r\n\r\nciao");
        assert_eq!(bald, Err(ReceiptError::Missing("daticert.xml")));
        let empty = parse(&around("accettazione", "<postacert tipo=\"accettazione\"/>"));
        assert_eq!(empty, Err(ReceiptError::Missing("dati")));
    }

    #[test]
    fn entities_and_huge_or_endless_data_are_refused() {
        let refused = Err(ReceiptError::Malformed("daticert.xml"));
        let facts = format!("{WHEN}{WHO}");
        for (doctype, text) in [
            ("[<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]", "&b;"),
            ("[<!ENTITY a SYSTEM \"file:///etc/passwd\">]", "&a;"),
            ("[<!ENTITY % a SYSTEM \"https://altrui.example/a.dtd\"> %a;]", ""),
            ("[<!ENTITY unused \"x\">]", ""),
            ("SYSTEM \"Postacert.dtd\"", "&defined-elsewhere;"),
        ] {
            let data =
                dati("accettazione", "nessuno", &format!("{facts}<consegna>{text}</consegna>"));
            let data = format!("<!DOCTYPE postacert {doctype}>{data}");
            assert_eq!(parse(&around("accettazione", &data)), refused, "{doctype}");
        }
        let huge = format!("<postacert>{}</postacert>", " ".repeat(LONGEST_DATA));
        assert_eq!(parse(&around("accettazione", &huge)), refused);
        let deep = format!("{}{}", "<a>".repeat(30_000), "</a>".repeat(30_000));
        assert_eq!(parse(&around("accettazione", &deep)), refused);
        let many = format!("<postacert>{}</postacert>", "<a/>".repeat(25_000));
        assert_eq!(parse(&around("accettazione", &many)), refused);
    }

    #[test]
    fn data_in_latin_1_are_read() {
        let facts = format!("{WHEN}{WHO}<consegna>CITTÀ</consegna>");
        let text = around("accettazione", &dati("accettazione", "nessuno", &facts));
        let latin: Vec<u8> = String::from_utf8(text)
            .unwrap()
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        assert!(parse(&latin).unwrap().is_some());
    }

    /// PRV-1: receipts are full of names; what reaches the log is not.
    #[test]
    fn nothing_personal_reaches_debug_or_errors() {
        for message in ALL {
            let told = format!("{:?}", parse(message));
            for personal in ["bianchi", "Bianchi", "Oggetto", "ferrara"] {
                assert!(!told.contains(personal), "{told}");
            }
            let broken = changed(message, "tipo=\"", "tipo=\"anna.bianchi@pec.example");
            let told = parse(&broken).unwrap_err();
            assert!(!format!("{told:?} {told}").contains("bianchi"), "{told:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_whatsoever_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let _either = parse(&bytes);
        }

        #[test]
        fn no_data_whatsoever_make_it_panic(data in "\\PC{0,400}", facts in "[<>/a-z \"=+0-9:é-]{0,200}") {
            let _either = parse(&around("accettazione", &data));
            let _either = read_data(&dati("accettazione", "nessuno", &facts), "accettazione", None);
        }

        #[test]
        fn no_moment_whatsoever_makes_it_panic(zone in "\\PC{0,8}", day in "[0-9/-]{0,12}", hour in "[0-9:]{0,10}") {
            let _either = (offset(&zone), date(&day), time(&hour));
        }

        /// A receipt with bytes changed, cut off or doubled is read as before, or refused; it never gives another
        /// outcome.
        #[test]
        fn a_damaged_receipt_never_tells_of_another_message(
            which in 0_usize..ALL.len(),
            at in any::<proptest::sample::Index>(),
            length in 0_usize..60,
            with in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            let original = ALL[which];
            let start = at.index(original.len());
            let end = (start + length).min(original.len());
            let mut damaged = original.to_vec();
            damaged.splice(start..end, with);
            if let Ok(Some(receipt)) = parse(&damaged) {
                prop_assert_eq!(local_part(&receipt.reference), local_part(REFERENCE));
            }
        }
    }
}
