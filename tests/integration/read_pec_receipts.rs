//! read-pec-receipts on the deployed portal: the function records each receipt of a PEC once, and begins or voids the
//! term with it (COM-2, CNF-1).

use domain::{
    application::Application,
    campaign::{Campaign, PecEvent},
    lifecycle::State,
    notice::{NoticeKind, Undelivered},
    procedure::Procedure,
    term::TermKind,
};
use harness::{
    campaigns::Plan,
    certified,
    employer::Employer,
    mailbox::Mailbox,
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use store::{outbox::ReceiptEvent, rows::millis};

const KIND: NoticeKind = NoticeKind::ConfirmationRequest;

/// An employer who is asked to confirm.
struct Scene {
    world: World,
    campaign: Campaign,
    employer: Employer,
    asked: Application,
    address: String,
}

impl Scene {
    async fn open(mailbox: &str, policy: PecEvent) -> StoryResult<Self> {
        let world = World::enter().await?;
        let plan = Plan::new("ricevute")?;
        let plan = plan.changed(|file| file.policies.terms_start_at_pec = policy);
        let campaign = plan.publish(&world).await?;
        let employer = world.employer()?;
        let caller = stock::caller(&world, &employer, 2, SignedDuration::from_mins(10)).await?;
        stock::session(&world, &employer.browser, &caller).await?;
        let account = caller.account;
        let belongs =
            Belongs { representative: account.clone(), filer: account, organisation: None };
        let (asked, address) =
            certified::asked_to_confirm(&world, &campaign, &belongs, mailbox).await?;
        Ok(Self { world, campaign, employer, asked, address })
    }

    async fn head(&self) -> StoryResult<Application> {
        let head = self.world.applications()?.head(&self.asked.id).await?;
        head.ok_or_else(|| self.world.story.deviation("no head"))
    }

    /// Whether the receipt of the delivery counts for the term to confirm.
    async fn is_delivered(&self) -> StoryResult<bool> {
        let head = self.head().await?;
        Ok(head.procedure().is_some_and(|case| case.is_delivered(TermKind::Confirmation)))
    }

    /// When the term to confirm began; none where it does not run.
    async fn begun(&self) -> StoryResult<Option<Timestamp>> {
        let head = self.head().await?;
        let term = head.procedure().and_then(|procedure| procedure.term(TermKind::Confirmation));
        Ok(term.map(domain::term::Term::start))
    }
}

/// COM-2: accepted, then delivered, each with its receipt; the term that began with the sending stays as it is.
#[tokio::test]
async fn a_pec_that_arrives_is_recorded_with_both_receipts() -> StoryResult {
    let scene = Scene::open("anna", PecEvent::Sent).await?;
    let row =
        certified::notice_that(&scene.world, &scene.asked, KIND, "the PEC is delivered", |row| {
            row.delivered.is_some()
        })
        .await?;
    let events: Vec<_> = row.receipts.iter().map(|receipt| receipt.event).collect();
    same("receipts", &events, &vec![ReceiptEvent::Accepted, ReceiptEvent::Delivered])?;
    ensure(row.failed.is_none() && row.failure.is_none(), "delivered and not delivered")?;
    let begun = scene.begun().await?;
    ensure(begun.is_some(), "the term does not run")?;
    ensure(scene.is_delivered().await?, "the permit could not end by itself")?;
    let version = scene.head().await?.version;
    certified::reads_receipts(&scene.world).await?;
    same("version after another run", &scene.head().await?.version, &version)?;
    same(
        "receipts after another run",
        &certified::notice(&scene.world.applications()?, &scene.asked, KIND).await?.receipts,
        &row.receipts,
    )?;

    let path = format!("/api/applications/{}/communications", scene.asked.id);
    let told = scene.employer.browser.get(&path).await?.expect(200)?.json()?;
    let sent = told["communications"].as_array().cloned().unwrap_or_default();
    let sent = sent.iter().find(|sent| sent["kind"] == KIND.code());
    let sent = sent.ok_or_else(|| scene.world.story.deviation(format!("not told of: {told}")))?;
    same("fate", &sent["fate"], &"delivered".into())?;
    same("channel", &sent["channel"], &"pec".into())?;
    same("receipts", &sent["receipts"].as_array().map(Vec::len), &Some(2))?;
    same("term", &told["term"]["kind"], &"confirmation".into())?;
    ensure(told["term"]["ms_left"].as_i64().is_some_and(|left| left > 0), format!("{told}"))?;
    let buttons = told["allowed"].as_array().cloned().unwrap_or_default();
    for label in ["Conferma", "Rinuncia"] {
        ensure(
            buttons.iter().any(|button| button["label"] == label),
            format!("no {label}: {told}"),
        )?;
    }
    Ok(())
}

/// COM-2: the mailbox of Anna Ferri is full: the term that had begun is void, and employer, filer and office see why.
#[tokio::test]
async fn the_term_of_a_pec_that_does_not_arrive_is_void() -> StoryResult {
    let scene = Scene::open("piena", PecEvent::Sent).await?;
    let row =
        certified::notice_that(&scene.world, &scene.asked, KIND, "the PEC has failed", |row| {
            row.failed.is_some()
        })
        .await?;
    same("why", &row.failure, &Some(Undelivered::MailboxFull))?;
    ensure(row.accepted.is_some() && row.delivered.is_none(), "delivered all the same")?;
    let head = scene.head().await?;
    same("state", &head.state(), &State::AwaitingConfirmation)?;
    same("term", &scene.begun().await?, &None)?;
    same("what comes by itself", &head.procedure().and_then(Procedure::due), &None)?;

    let path = format!("/api/applications/{}/communications", scene.asked.id);
    let told = scene.employer.browser.get(&path).await?.expect(200)?.json()?;
    let sent = told["communications"].as_array().cloned().unwrap_or_default();
    let sent = sent.iter().find(|sent| sent["kind"] == KIND.code());
    let sent = sent.ok_or_else(|| scene.world.story.deviation(format!("not told of: {told}")))?;
    same("fate", &sent["fate"], &"failed".into())?;
    same("why", &sent["failure"], &Undelivered::MailboxFull.label().into())?;
    ensure(told["term"].is_null(), format!("a term still runs: {told}"))?;
    ensure(!told.to_string().contains("gestore"), format!("the provider's words are shown: {told}"))
}

/// Art. 8 DPR 68/2005: a message that was not delivered in a day was not delivered; the warning after twelve hours before
/// it ends nothing.
#[tokio::test]
async fn the_term_of_a_pec_that_is_overdue_for_a_day_is_void() -> StoryResult {
    let scene = Scene::open("scaduta", PecEvent::Sent).await?;
    let row =
        certified::notice_that(&scene.world, &scene.asked, KIND, "the PEC has failed", |row| {
            row.failed.is_some()
        })
        .await?;
    same("why", &row.failure, &Some(Undelivered::NotInTime))?;
    let events: Vec<_> = row.receipts.iter().map(|receipt| receipt.event).collect();
    let wanted = vec![ReceiptEvent::Accepted, ReceiptEvent::Warning, ReceiptEvent::Failed];
    same("receipts", &events, &wanted)?;
    same("term", &scene.begun().await?, &None)?;
    same("state", &scene.head().await?.state(), &State::AwaitingConfirmation)
}

/// TRM-1: where the campaign says so the term begins with the delivery, by the provider's clock.
#[tokio::test]
async fn a_term_begins_with_the_delivery_where_the_campaign_says_so() -> StoryResult {
    let scene = Scene::open("anna", PecEvent::Delivered).await?;
    let mailbox = Mailbox::new(&scene.world.emulator, &scene.address);
    let letter = mailbox
        .receives(&scene.world.story, "the request", |letter| letter.speaks_of("Conferma"))
        .await?;
    ensure(
        letter.speaks_of("entro la scadenza indicata nell'area"),
        "an end is told that nobody knows yet",
    )?;
    let row =
        certified::notice_that(&scene.world, &scene.asked, KIND, "the PEC is delivered", |row| {
            row.delivered.is_some()
        })
        .await?;
    let delivered = Timestamp::from_millisecond(row.delivered.unwrap_or_default())?;
    let begun = scene.begun().await?;
    same("the term's beginning", &begun, &Some(scene.campaign.effective_now(delivered)))?;
    ensure(scene.is_delivered().await?, "begun by its delivery, and not delivered")?;
    ensure(row.accepted.is_some_and(|sent| sent <= millis(clock::wall())), "never sent")
}

/// A PEC without a receipt is neither delivered nor failed: the term goes on (it was sent).
#[tokio::test]
async fn a_warning_and_silence_change_nothing() -> StoryResult {
    let scene = Scene::open("preavviso", PecEvent::Sent).await?;
    let row =
        certified::notice_that(&scene.world, &scene.asked, KIND, "the warning is kept", |row| {
            row.receipts.iter().any(|receipt| receipt.event == ReceiptEvent::Warning)
        })
        .await?;
    ensure(row.delivered.is_none() && row.failed.is_none(), "a fate that nobody knows")?;
    ensure(scene.begun().await?.is_some(), "the term does not run")?;
    ensure(!scene.is_delivered().await?, "delivered without a receipt of it")
}
