//! Reads the receipts of the certified provider and records what became of each PEC (COM-2): terms that begin with an
//! acceptance or a delivery begin, the term of a PEC that was not delivered is void.

pub mod mailbox;
pub mod receipt;

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use domain::{
    application::Application,
    campaign::PecEvent,
    decision::{Context, Decision, StepError},
    ids::ApplicationId,
    notice::NoticeKind,
};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use outside::{
    certified_account::{CertifiedAccount, EndpointError},
    clock,
    config::{self, ConfigError},
    files::Files,
    log::chain,
};
use serde::Serialize;
use store::{
    Store,
    applications::commit::Companion,
    contention::{Contended, Tries, unless_refused},
    keys,
    outbox::{DeliveryUpdate, KeptReceipt, NoticeRow, ReceiptEvent},
    receipt_watch::ReceiptFlow,
    rows::{SaveError, StoreError, instant, millis},
};
use thiserror::Error;

use self::{
    mailbox::{MailboxError, Tally, Verdict},
    receipt::{Receipt, ReportedEvent, local_part},
};

/// Receipts that one run reads at most; time is over sooner where the mailbox is far.
const AT_MOST: usize = 500;

/// A sender that has had a notice for longer than this has died before it could record that it left; sooner its own
/// record is worth more, since it knows the instant of the sending.
const SENDER_LASTS: SignedDuration = SignedDuration::from_mins(1);

/// What reading receipts needs.
#[derive(Debug)]
pub struct App {
    store: Store,
    /// None where SES stands in: no receipts come.
    mailbox: Option<CertifiedAccount>,
    /// For how long none may be read while some are due.
    late: SignedDuration,
    files: Files,
}

/// Why the function cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// The mailbox's account cannot be used.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// In production a PEC whose receipts nobody reads would end no term, or void none.
    #[error("PEC_MAILBOX is empty: production cannot do without receipts")]
    NoMailbox,
    /// `RECEIPTS_LATE_MINUTES` is no number.
    #[error("RECEIPTS_LATE_MINUTES is not a number")]
    Late(#[from] std::num::ParseIntError),
}

/// Why a run ended early; the next one goes on.
#[derive(Debug, Error)]
pub enum RunError {
    /// The mailbox could not be read to its end.
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    /// The watch over the receipts could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl App {
    /// Reads the configuration, and the mailbox's password where there is a mailbox.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, StartError> {
        let store = Store::open(sdk)?;
        let address = config::required("PEC_FROM")?;
        let secret = config::required("PEC_SECRET_ID")?;
        let mailbox = match config::optional("PEC_MAILBOX") {
            Some(endpoint) => {
                Some(CertifiedAccount::configured(sdk, &endpoint, &address, &secret).await?)
            }
            None => {
                require_no_receipts(&config::required("STAGE")?)?;
                None
            }
        };
        Ok(Self {
            mailbox,
            late: SignedDuration::from_mins(config::required("RECEIPTS_LATE_MINUTES")?.parse()?),
            store,
            files: Files::new(sdk, config::required("DOCUMENTS_BUCKET")?),
        })
    }
}

/// Refuses a stage that cannot do without receipts.
fn require_no_receipts(stage: &str) -> Result<(), StartError> {
    if stage == "production" { Err(StartError::NoMailbox) } else { Ok(()) }
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct RunReport {
    /// Receipts that were recorded, and deleted from the mailbox.
    pub read: usize,
    /// Left for the next run.
    pub again: usize,
    /// Flagged for a person.
    pub odd: usize,
    /// Not looked at yet.
    pub left: usize,
}

/// One run: the oldest receipts, those of one message in their order. A receipt that comes twice changes nothing the second time.
///
/// A run that cannot open the mailbox watches all the same: that receipts stop is then known.
pub async fn run(app: &App, _event: &serde_json::Value) -> Result<RunReport, RunError> {
    let Some(account) = &app.mailbox else { return Ok(RunReport::default()) };
    let begun = clock::wall();
    // Boxed: the steps of the mailbox make a future too large to be passed around.
    let read =
        Box::pin(mailbox::read(account, AT_MOST, |messages| handle_all(app, messages))).await;
    if read.as_ref().is_ok_and(|tally| tally.recorded > 0) {
        app.store.receipt_watch.receipts_read(begun).await?;
    }
    watch(app).await?;
    let Tally { recorded, again, odd, left } = read?;
    let done = RunReport { read: recorded, again, odd, left };
    tracing::info!(read = done.read, again, odd, left, "receipts read");
    Ok(done)
}

/// Logs for how long receipts have been due, which the alarm reads, and lets the public status say whether they come.
async fn watch(app: &App) -> Result<(), StoreError> {
    let now = clock::wall();
    let row = app.store.receipt_watch.find().await?.unwrap_or_default();
    let overdue = row.overdue(now);
    tracing::info!(overdue_seconds = overdue.as_secs(), "receipts awaited");
    let (flow, since) = flow(overdue, app.late, now);
    if row.flow != Some(flow) {
        app.store.receipt_watch.tell(flow, since, now).await?;
        tracing::warn!(?flow, "status of the receipts");
    }
    Ok(())
}

/// How receipts come, and since when.
fn flow(overdue: SignedDuration, late: SignedDuration, now: Timestamp) -> (ReceiptFlow, Timestamp) {
    if overdue >= late {
        (ReceiptFlow::Stopped, now - overdue)
    } else {
        (ReceiptFlow::Working, now)
    }
}

/// Why a receipt is not recorded.
#[derive(Debug, Error)]
enum Unrecorded {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Step(#[from] StepError),
    #[error(transparent)]
    File(#[from] outside::files::FileError),
    /// Its sender is at work, or another request changed the application each time.
    #[error("it has to wait")]
    Wait,
    /// It is about no notice of the portal, or contradicts what the row says.
    #[error("it is about {0}")]
    Odd(&'static str),
}

/// A verdict for each message. Receipts of one notice are recorded in their order, since a term begins with the first
/// of a kind; different notices go side by side.
async fn handle_all(app: &App, messages: Vec<Vec<u8>>) -> Vec<Verdict> {
    let mut verdicts = Vec::with_capacity(messages.len());
    let mut notices: BTreeMap<String, Vec<(usize, Receipt, Vec<u8>)>> = BTreeMap::new();
    for (place, message) in messages.into_iter().enumerate() {
        match receipt::parse(&message) {
            Ok(Some(receipt)) => {
                let known = notices.entry(receipt.reference.clone()).or_default();
                known.push((place, receipt, message));
            }
            Ok(None) => verdicts.push((place, Verdict::Odd)),
            Err(error) => {
                tracing::error!(cause = chain(&error), "receipt not believed");
                verdicts.push((place, Verdict::Odd));
            }
        }
    }
    let judged = join_all(notices.into_values().map(|receipts| in_order(app, receipts))).await;
    verdicts.extend(judged.into_iter().flatten());
    verdicts.sort_by_key(|(place, _)| *place);
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

/// The receipts of one notice, each with its place among all; what follows one that has to wait waits with it.
async fn in_order(app: &App, receipts: Vec<(usize, Receipt, Vec<u8>)>) -> Vec<(usize, Verdict)> {
    let mut verdicts = Vec::new();
    let mut waits = false;
    for (place, receipt, message) in receipts {
        let verdict = if waits { Verdict::Again } else { handle(app, &receipt, message).await };
        waits |= verdict == Verdict::Again;
        verdicts.push((place, verdict));
    }
    verdicts
}

async fn handle(app: &App, receipt: &Receipt, message: Vec<u8>) -> Verdict {
    match record(app, receipt, message).await {
        Ok(()) => Verdict::Recorded,
        Err(error @ Unrecorded::Odd(_)) => {
            tracing::error!(cause = chain(&error), "receipt put aside");
            Verdict::Odd
        }
        Err(error) => {
            tracing::warn!(cause = chain(&error), "receipt left for the next run");
            Verdict::Again
        }
    }
}

/// The notice that a message of ours was: `<application.kind.number@domain>`. The domain tells nothing: a provider may
/// have put its own there, and only messages of ours have receipts in our mailbox.
fn notice_of(reference: &str) -> Option<(ApplicationId, NoticeKind, u32)> {
    let mut parts = local_part(reference)?.split('.');
    let (id, kind, n) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none();
    whole.then_some((id.parse().ok()?, kind.parse().ok()?, n.parse().ok()?))
}

async fn record(app: &App, receipt: &Receipt, message: Vec<u8>) -> Result<(), Unrecorded> {
    let (id, kind, n) =
        notice_of(&receipt.reference).ok_or(Unrecorded::Odd("no message of ours"))?;
    let key = keys::notice(&id, kind.code(), n);
    let known = KeptReceipt::id_of(&receipt.identifier);
    let notice =
        app.store.outbox.notice(&key).await?.ok_or(Unrecorded::Odd("no notice of ours"))?;
    if notice.receipts.iter().any(|kept| kept.id == known) {
        return Ok(());
    }
    // Its bytes are the proof: the function stores them before it records what the receipt says, under the same key
    // each time.
    let place = KeptReceipt::file_key(&id, &known);
    let file = app.files.put(&place, "message/rfc822", message).await?;
    let event = receipt.ends(sent(&notice)).as_stored();
    let kept = KeptReceipt { event, at: millis(receipt.at), id: known, file, forgotten: false };
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await.map_err(|Contended| Unrecorded::Wait)?;
        let notice =
            app.store.outbox.notice(&key).await?.ok_or(Unrecorded::Odd("no notice of ours"))?;
        if notice.receipts.iter().any(|other| other.id == kept.id) {
            return Ok(());
        }
        let saved = record_once(app, &id, kind, &notice, receipt, &kept).await?;
        if unless_refused(saved)?.is_some() {
            let delivery = kept.event;
            tracing::info!(application.id = %id, kind = kind.code(), ?delivery, "receipt recorded");
            return Ok(());
        }
    }
}

/// One try: the notice's row, and the term that begins or is void with it, in one transaction.
async fn record_once(
    app: &App,
    id: &ApplicationId,
    kind: NoticeKind,
    notice: &NoticeRow,
    receipt: &Receipt,
    kept: &KeptReceipt,
) -> Result<Result<(), SaveError>, Unrecorded> {
    if is_being_sent(notice, clock::wall()) {
        return Err(Unrecorded::Wait);
    }
    let delivery = delivery_update(notice, receipt)?;
    let decision = match app.store.applications.head(id).await? {
        Some(head) if delivery != DeliveryUpdate::Same => {
            consequence(app, &head, kind, notice, delivery).await?
        }
        _ => None,
    };
    let Some(decision) = decision else {
        return Ok(app.store.outbox.record_receipt(notice, kept, delivery).await);
    };
    Ok(app
        .store
        .applications
        .commit(&decision, &[Companion::Receipt(notice, kept, delivery)])
        .await)
}

/// Whether a sender may still be about to record that it left.
fn is_being_sent(notice: &NoticeRow, now: Timestamp) -> bool {
    let claimed = notice.claimed.and_then(|claimed| instant(claimed).ok());
    notice.is_waiting() && claimed.is_some_and(|claimed| now < claimed + SENDER_LASTS)
}

/// When our provider took a notice, as far as it is known.
fn sent(notice: &NoticeRow) -> Option<Timestamp> {
    instant(notice.accepted?).ok()
}

/// What a receipt newly says about a notice.
fn delivery_update(notice: &NoticeRow, receipt: &Receipt) -> Result<DeliveryUpdate, Unrecorded> {
    let ends = notice.delivered.is_some() || notice.failed.is_some();
    match receipt.ends(sent(notice)) {
        ReportedEvent::Delivered if notice.delivered.is_some() => Ok(DeliveryUpdate::Same),
        ReportedEvent::Failed { .. } if notice.failed.is_some() => Ok(DeliveryUpdate::Same),
        ReportedEvent::Delivered | ReportedEvent::Failed { .. } if ends => {
            Err(Unrecorded::Odd("a message whose fate was another"))
        }
        ReportedEvent::Delivered => Ok(DeliveryUpdate::Delivered(receipt.at)),
        ReportedEvent::Failed { reason } => Ok(DeliveryUpdate::Failed(receipt.at, reason)),
        ReportedEvent::Accepted => Ok(DeliveryUpdate::Accepted(receipt.at)),
        ReportedEvent::TakenInCharge | ReportedEvent::Warning | ReportedEvent::Overdue => {
            Ok(DeliveryUpdate::Same)
        }
    }
}

/// The term that begins, is void, or may take effect, by a fate; none where none of it is so.
///
/// Only the newest notice of a kind counts: what becomes known of one that was sent again is past.
async fn consequence(
    app: &App,
    head: &Application,
    kind: NoticeKind,
    notice: &NoticeRow,
    delivery: DeliveryUpdate,
) -> Result<Option<Decision>, Unrecorded> {
    let Some(term) = kind.announces().filter(|_| head.procedure().is_some()) else {
        return Ok(None);
    };
    let others = app.store.applications.notices(&head.id).await?;
    let is_past =
        others.iter().any(|other| !other.copy && other.kind == notice.kind && other.n > notice.n);
    let wall = clock::wall();
    let Some(campaign) =
        app.store.campaigns.in_force(&head.campaign, wall).await?.filter(|_| !is_past)
    else {
        return Ok(None);
    };
    let outages = app.store.outages.all().await?;
    let now = campaign.effective_now(wall);
    let context = Context { campaign: &campaign, now, outages: &outages };
    let begins_at = |at| -> Result<Option<Timestamp>, Unrecorded> {
        let begins = begins(campaign.policies().terms_start_at_pec, notice, delivery)
            && !head.is_beyond(kind, &context)?;
        Ok(begins.then(|| campaign.effective_now(at)))
    };
    match delivery {
        DeliveryUpdate::Failed(..) => Ok(head.void(term, &context)),
        DeliveryUpdate::Accepted(at) => Ok(match begins_at(at)? {
            Some(since) => head.begin(term, since, &context)?,
            None => None,
        }),
        // The receipt without which nothing ends by itself (CNF-1).
        DeliveryUpdate::Delivered(at) => Ok(head.delivered(term, begins_at(at)?, &context)?),
        DeliveryUpdate::Same => Ok(None),
    }
}

/// Whether a term begins with the news of a receipt. One that begins with the sending does so here only where the
/// sender died before it could record it.
fn begins(policy: PecEvent, notice: &NoticeRow, delivery: DeliveryUpdate) -> bool {
    match (policy, delivery) {
        (PecEvent::Sent, _) => notice.accepted.is_none(),
        (PecEvent::Accepted, delivery) => {
            matches!(delivery, DeliveryUpdate::Accepted(_) | DeliveryUpdate::Delivered(_))
        }
        (PecEvent::Delivered, delivery) => matches!(delivery, DeliveryUpdate::Delivered(_)),
    }
}

impl ReportedEvent {
    const fn as_stored(self) -> ReceiptEvent {
        match self {
            Self::Accepted => ReceiptEvent::Accepted,
            Self::TakenInCharge => ReceiptEvent::TakenInCharge,
            Self::Delivered => ReceiptEvent::Delivered,
            Self::Failed { .. } => ReceiptEvent::Failed,
            Self::Warning | Self::Overdue => ReceiptEvent::Warning,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::notice::Undelivered;
    use serde_json::{Value, json};

    use super::*;

    const OURS: &str = "pec.portale.example";
    const APPLICATION: &str = "app_01hzy3v7q2k8w9x4n5m6p7r8s9";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn row(more: &Value) -> NoticeRow {
        let mut row = json!({
            "pk": format!("APP#{APPLICATION}"), "sk": "NOTICE#confirmation-request#009", "v": 1,
            "kind": "confirmation-request", "n": 9, "created": 1_768_204_800_000_i64,
        });
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(row).unwrap()
    }

    fn receipt(event: ReportedEvent) -> Receipt {
        Receipt {
            event,
            reference: format!("<{APPLICATION}.confirmation-request.9@{OURS}>"),
            at: at("2026-01-12T08:00:12Z"),
            identifier: "opec1.1@gestore.example".to_owned(),
        }
    }

    #[test]
    fn a_reference_names_a_notice_of_ours_or_nothing() {
        let reference = receipt(ReportedEvent::Accepted).reference;
        let (id, kind, n) = notice_of(&reference).unwrap();
        assert_eq!((id.as_str(), kind, n), (APPLICATION, NoticeKind::ConfirmationRequest, 9));
        let rewritten = format!("<{APPLICATION}.confirmation-request.9@pec.it>");
        assert_eq!(notice_of(&rewritten), notice_of(&reference), "the local part is unique");
        for other in [
            format!("<{APPLICATION}.confirmation-request.9.copy@{OURS}>"),
            format!("<{APPLICATION}.festa.9@{OURS}>"),
            format!("<{APPLICATION}.confirmation-request.-1@{OURS}>"),
            format!("<ltr_00000000000000000000000001@{OURS}>"),
            format!("{APPLICATION}.confirmation-request.9@{OURS}"),
        ] {
            assert_eq!(notice_of(&other), None, "{other}");
        }
    }

    /// COM-2: the first word on delivery or failure counts; a person looks at a contradicting one.
    #[test]
    fn a_fate_is_told_once_and_never_turned_round() {
        let failed = ReportedEvent::Failed { reason: Undelivered::MailboxFull };
        let delivered = receipt(ReportedEvent::Delivered);
        let sent = row(&json!({ "accepted": 1 }));
        assert_eq!(
            delivery_update(&sent, &delivered).unwrap(),
            DeliveryUpdate::Delivered(delivered.at)
        );
        let arrived = row(&json!({ "accepted": 1, "delivered": 2 }));
        assert_eq!(delivery_update(&arrived, &delivered).unwrap(), DeliveryUpdate::Same);
        assert!(matches!(delivery_update(&arrived, &receipt(failed)), Err(Unrecorded::Odd(_))));
        let lost = row(&json!({ "accepted": 1, "failed": 2, "failure": "mailbox-full" }));
        assert_eq!(delivery_update(&lost, &receipt(failed)).unwrap(), DeliveryUpdate::Same);
        assert!(matches!(delivery_update(&lost, &delivered), Err(Unrecorded::Odd(_))));
        assert_eq!(
            delivery_update(&sent, &receipt(ReportedEvent::Warning)).unwrap(),
            DeliveryUpdate::Same
        );
    }

    /// Art. 8 DPR 68/2005: a day after the sending an overdue delivery has failed, whatever the provider calls it.
    #[test]
    fn a_delivery_that_is_overdue_for_a_day_has_failed() {
        let overdue = receipt(ReportedEvent::Overdue);
        let sent = |hours: i64| row(&json!({ "accepted": millis(overdue.at) - hours * 3_600_000 }));
        assert_eq!(delivery_update(&sent(12), &overdue).unwrap(), DeliveryUpdate::Same);
        let failed = DeliveryUpdate::Failed(overdue.at, Undelivered::NotInTime);
        assert_eq!(delivery_update(&sent(23), &overdue).unwrap(), failed);
    }

    /// COM-2: where nobody reads receipts the portal does not run in production.
    #[test]
    fn production_does_not_start_without_a_mailbox() {
        assert!(matches!(require_no_receipts("production"), Err(StartError::NoMailbox)));
        assert!(require_no_receipts("staging").is_ok() && require_no_receipts("local").is_ok());
    }

    /// COM-2: receipts have stopped when none was read for so long while some are due, and not a moment before.
    #[test]
    fn receipts_have_stopped_when_none_was_read_while_some_are_due() {
        let (now, late) = (at("2026-01-12T08:30:00Z"), SignedDuration::from_mins(30));
        let one_ms = SignedDuration::from_millis(1);
        assert_eq!(flow(SignedDuration::ZERO, late, now), (ReceiptFlow::Working, now));
        assert_eq!(flow(late - one_ms, late, now), (ReceiptFlow::Working, now));
        assert_eq!(flow(late, late, now), (ReceiptFlow::Stopped, at("2026-01-12T08:00:00Z")));
    }

    /// TRM-1: a campaign says with which word of the provider a term begins. One that begins with the sending begins
    /// here only where its sender died before it could record it.
    #[test]
    fn a_term_begins_with_the_word_that_the_campaign_names() {
        let sent = row(&json!({ "accepted": 1 }));
        let unrecorded = row(&json!({ "queue": "urgent", "claimed": 1 }));
        let (accepted, delivered) = (
            DeliveryUpdate::Accepted(at("2026-01-12T08:00:07Z")),
            DeliveryUpdate::Delivered(at("2026-01-12T08:00:12Z")),
        );
        for (policy, notice, delivery, begun) in [
            (PecEvent::Sent, &sent, accepted, false),
            (PecEvent::Sent, &sent, delivered, false),
            (PecEvent::Sent, &unrecorded, accepted, true),
            (PecEvent::Accepted, &sent, accepted, true),
            (PecEvent::Accepted, &sent, delivered, true),
            (PecEvent::Delivered, &sent, accepted, false),
            (PecEvent::Delivered, &sent, delivered, true),
        ] {
            assert_eq!(begins(policy, notice, delivery), begun, "{policy} {delivery:?}");
        }
    }

    /// The sender's own record knows the instant of the sending: it goes first, as long as the sender may live.
    #[test]
    fn a_receipt_waits_for_the_sender_but_not_for_ever() {
        let taken = row(&json!({ "queue": "urgent", "claimed": 1_768_204_800_000_i64 }));
        assert!(is_being_sent(&taken, at("2026-01-12T08:00:30Z")));
        assert!(!is_being_sent(&taken, at("2026-01-12T08:01:00Z")));
        let sent = row(&json!({ "accepted": 1, "claimed": 1_768_204_800_000_i64 }));
        assert!(!is_being_sent(&sent, at("2026-01-12T08:00:01Z")));
    }
}
