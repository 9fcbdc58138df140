//! Forgets what has been kept for long enough: drafts, letters, accounts, content and documents of closed cases, people whom
//! lists and enabling requests name (PRV-1).
//!
//! A run walks on over the table from where the last one ended, a bounded number of pages; two at once do no harm. What
//! must stay stays: heads, events, receipts, places. `docs/retention.md` has the times and what sets them.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use domain::{
    application::Who,
    campaign::{Forgotten, is_over},
    ids::{AccountId, ApplicationId, EnablingId, LetterId},
    lifecycle::State,
    permission::Role,
};
use futures::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use outside::{
    aws, clock,
    config::{self, ConfigError},
    files::{FileError, Files},
    keying::Keying,
    log::chain,
};
use serde::Serialize;
use store::{
    Store,
    deletion::{self, DeleteError},
    email_accounts::EmailAccounts,
    own_applications,
    retention::{Aging, PastOperator},
    rows::{SaveError, StoreError},
};
use thiserror::Error;

/// No new page begins once a run has lasted so long: the function has a minute.
const BUDGET: SignedDuration = SignedDuration::from_secs(40);
/// Pages of one run; the next run goes on.
const PAGES: u32 = 50;
/// Items of one page.
const PAGE: i32 = 500;
/// What is judged at once.
const AT_ONCE: usize = 8;
/// No time of keeping is shorter: what is younger is not even looked at.
const SHORTEST_DAYS: u32 = 30;
/// How long after its deletion an application is looked through again for files and receipts, which go in the first walk that
/// comes by: a verdict or a receipt may arrive after that.
///
/// A look is two queries and one write to the head, by which later walks see without a question that there is nothing to do:
/// of a million deleted drafts six million read units and three million write units in all, where a look at each walk for
/// ninety days would be two million read units each time.
const LATE_LOOKS_DAYS: [u32; 2] = [7, 90];

/// How long a list keeps a person who left, and a request that was decided keeps the people whom its form names: as long as
/// the content of the last case that rests on it (art. 2946 c.c.; `retention.cases` of the campaigns).
const LISTED_DAYS: u32 = 3650;

/// What forgetting needs.
#[derive(Debug)]
pub struct App {
    /// The tables.
    pub store: Store,
    /// Accounts with what belongs to them.
    pub email_accounts: EmailAccounts,
    /// The bucket of documents.
    pub documents: Files,
    /// Letters, from their writing.
    pub letter_days: u32,
    /// Accounts without an application, from the last sign-in.
    pub account_days: u32,
}

/// Why a run ended early.
#[derive(Debug, Error)]
pub enum ForgetError {
    /// A time of keeping is no number of days.
    #[error("{0} is no number of days of at least 30")]
    Days(&'static str),
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why one thing is still there; the next walk tries again.
#[derive(Debug, Error)]
enum KeptError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the draft is not deleted")]
    Draft(#[from] DeleteError),
    #[error("the file is not deleted")]
    File(#[from] FileError),
    #[error("no randomness")]
    Random,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct ForgetReport {
    /// Items that were walked over.
    pub seen: u64,
    /// Pages that were read.
    pub pages: u32,
    /// Drafts that were deleted.
    pub drafts: u32,
    /// Letters that went.
    pub letters: u32,
    /// Accounts that went.
    pub accounts: u32,
    /// Closed cases whose content went.
    pub cases: u32,
    /// Documents that went.
    pub documents: u32,
    /// Receipts of PECs whose bytes went.
    pub receipts: u32,
    /// Deleted drafts that were looked through for files and receipts.
    pub looked_through: u32,
    /// People who left an organisation and went from its list.
    pub operators: u32,
    /// Forms of enabling requests that name nobody any more.
    pub forms: u32,
    /// What could not be forgotten; the log says why.
    pub failed: u32,
    /// Whether the walk came to its end.
    pub is_whole: bool,
}

impl App {
    /// Reads tables, bucket, times and the secret.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ForgetError> {
        let store = Store::open(sdk)?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        Ok(Self {
            email_accounts: store.email_accounts(keying),
            store,
            documents: Files::new(sdk, config::required("DOCUMENTS_BUCKET")?),
            letter_days: days(&config::required("LETTER_DAYS")?, "LETTER_DAYS")?,
            account_days: days(&config::required("ACCOUNT_DAYS")?, "ACCOUNT_DAYS")?,
        })
    }
}

fn days(text: &str, name: &'static str) -> Result<u32, ForgetError> {
    text.parse().ok().filter(|days| *days >= SHORTEST_DAYS).ok_or(ForgetError::Days(name))
}

/// One run by the wall clock.
pub async fn run(app: &App) -> Result<ForgetReport, ForgetError> {
    run_at(app, clock::wall(), PAGE, PAGES).await
}

/// One run that judges by an instant, over so many pages of so many items.
pub async fn run_at(
    app: &App,
    now: Timestamp,
    page_size: i32,
    pages: u32,
) -> Result<ForgetReport, ForgetError> {
    let begun = clock::wall();
    let mut report = ForgetReport::default();
    let mut cursor = app.store.retention.cursor().await?;
    while report.pages < pages && clock::wall().duration_since(begun) < BUDGET {
        let walked = app.store.retention.page(&cursor, page_size).await?;
        let mut outcomes = stream::iter(&walked.aging)
            .map(|aging| forget(app, aging, now))
            .buffer_unordered(AT_ONCE);
        while let Some(outcome) = outcomes.next().await {
            report.add(outcome);
        }
        report.pages += 1;
        report.seen += walked.seen;
        let walks = cursor.walks;
        match app.store.retention.move_on(&cursor, &walked).await? {
            Some(moved) => cursor = moved,
            // Another run is at it.
            None => break,
        }
        if cursor.walks > walks {
            report.is_whole = true;
            break;
        }
    }
    tracing::info!(?report, "forgotten");
    Ok(report)
}

/// What went.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Gone {
    Nothing,
    Draft,
    Letter,
    Account,
    Case(Erased),
    Files(Erased),
    Operator,
    Form,
    Failed,
}

/// How many files of an application went.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Erased {
    documents: u32,
    receipts: u32,
    /// Whether a notice changed meanwhile: the next walk takes what is left of its receipts.
    is_partial: bool,
}

impl ForgetReport {
    fn add(&mut self, gone: Gone) {
        match gone {
            Gone::Nothing => {}
            Gone::Draft => self.drafts += 1,
            Gone::Letter => self.letters += 1,
            Gone::Account => self.accounts += 1,
            Gone::Case(erased) => {
                self.cases += 1;
                self.erased(erased);
            }
            Gone::Files(erased) => {
                self.looked_through += 1;
                self.erased(erased);
            }
            Gone::Operator => self.operators += 1,
            Gone::Form => self.forms += 1,
            Gone::Failed => self.failed += 1,
        }
    }

    const fn erased(&mut self, erased: Erased) {
        self.documents += erased.documents;
        self.receipts += erased.receipts;
    }
}

/// Judges one item; what fails is told, and stays for the next walk.
async fn forget(app: &App, aging: &Aging, now: Timestamp) -> Gone {
    let (what, outcome) = match aging {
        Aging::Application { id, .. } => (id.to_string(), application(app, aging, id, now).await),
        Aging::Letter { key, created } => (key.pk.clone(), letter(app, key, *created, now).await),
        Aging::Account { id, last_sign_in } => {
            (id.to_string(), account(app, id, *last_sign_in, now).await)
        }
        Aging::Operator(left) => (left.account.to_string(), operator(app, left, now).await),
        Aging::Enabling { id, changed } => (id.to_string(), form(app, id, *changed, now).await),
    };
    outcome.unwrap_or_else(|error| {
        tracing::error!(what, cause = chain(&error), "not forgotten");
        Gone::Failed
    })
}

async fn application(
    app: &App,
    aging: &Aging,
    id: &ApplicationId,
    now: Timestamp,
) -> Result<Gone, KeptError> {
    let Aging::Application { campaign, changed, state, looked_through, .. } = aging else {
        return Ok(Gone::Nothing);
    };
    if *state == State::Deleted {
        return if is_to_be_looked_through(*changed, *looked_through, now) {
            deleted(app, id, now).await
        } else {
            Ok(Gone::Nothing)
        };
    }
    if !is_over(*changed, SHORTEST_DAYS, now) {
        return Ok(Gone::Nothing);
    }
    let Some(campaign) = app.store.campaigns.in_force(campaign, now).await? else {
        return Ok(Gone::Nothing);
    };
    if !aging.is_due(&campaign, now) {
        return Ok(Gone::Nothing);
    }
    // The walk reads what was so a moment ago: the head decides.
    let Some(head) = app.store.applications.head(id).await? else { return Ok(Gone::Nothing) };
    let campaign_now = campaign.effective_now(now);
    match campaign.forgets(head.state(), head.changed, campaign_now) {
        None => Ok(Gone::Nothing),
        Some(Forgotten::Draft) => {
            let Store { applications, drafts, .. } = &app.store;
            match deletion::delete(applications, drafts, &head, Who::System, campaign_now).await {
                Ok(()) => {
                    files(app, id).await?;
                    Ok(Gone::Draft)
                }
                // It was changed at this moment: it is not old any more.
                Err(DeleteError::Save(SaveError::Conflict)) => Ok(Gone::Nothing),
                Err(error) => Err(error.into()),
            }
        }
        Some(Forgotten::Content) => content(app, id).await,
    }
}

/// Whether a deleted application has to be looked through: it never was, or one of [`LATE_LOOKS_DAYS`] has passed since.
fn is_to_be_looked_through(
    deleted: Timestamp,
    looked_through: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    looked_through.is_none_or(|last| {
        let has_passed =
            |days: &u32| is_over(deleted, *days, now) && !is_over(deleted, *days, last);
        LATE_LOOKS_DAYS.iter().any(has_passed)
    })
}

/// The person who deleted it took its content along, and its files wait for this walk (FRM-6, LIM-1).
async fn deleted(app: &App, id: &ApplicationId, now: Timestamp) -> Result<Gone, KeptError> {
    let erased = files(app, id).await?;
    if !erased.is_partial {
        app.store.retention.note_looked_through(id, now).await?;
    }
    Ok(Gone::Files(erased))
}

/// Documents first: what is left of a run that dies is found by the next walk, by its row.
async fn content(app: &App, id: &ApplicationId) -> Result<Gone, KeptError> {
    let mut erased = Erased::default();
    for row in app.store.documents.of(id).await? {
        if let Some(file) = &row.file {
            app.documents.delete(file).await?;
        }
        erased.documents += u32::from(app.store.retention.forget_document(&row).await?);
    }
    let files = files(app, id).await?;
    erased.documents += files.documents;
    erased.receipts += files.receipts;
    let rows = app.store.drafts.erase(id).await?;
    let is_new = rows > 0 || erased != Erased::default();
    Ok(if is_new { Gone::Case(erased) } else { Gone::Nothing })
}

/// The files that people uploaded for it, the form's and the office's, and those of its PECs; verdicts and fates stay.
async fn files(app: &App, id: &ApplicationId) -> Result<Erased, KeptError> {
    let mut erased = receipts(app, id).await?;
    for row in app.store.uploads.of(id).await? {
        let Some(file) = &row.file else { continue };
        app.documents.delete(file).await?;
        erased.documents += u32::from(app.store.retention.forget_upload(&row).await?);
    }
    Ok(erased)
}

/// The bytes of the provider's receipts, which name people and, at a delivery, repeat the whole message.
async fn receipts(app: &App, id: &ApplicationId) -> Result<Erased, KeptError> {
    let mut erased = Erased::default();
    for row in app.store.applications.notices(id).await? {
        let mut kept: u32 = 0;
        for receipt in row.receipts.iter().filter(|receipt| !receipt.forgotten) {
            app.documents.delete(&receipt.file).await?;
            kept += 1;
        }
        if kept == 0 {
            continue;
        }
        if app.store.retention.forget_receipts(&row).await? {
            erased.receipts += kept;
        } else {
            erased.is_partial = true;
        }
    }
    Ok(erased)
}

/// A person who left an organisation goes from its list, years later; that they joined and left stays in its history.
async fn operator(app: &App, left: &PastOperator, now: Timestamp) -> Result<Gone, KeptError> {
    if !is_over(left.until, LISTED_DAYS, now) {
        return Ok(Gone::Nothing);
    }
    let is_gone = app.store.retention.forget_operator(left).await?;
    Ok(if is_gone { Gone::Operator } else { Gone::Nothing })
}

/// The form of a request that was decided years ago names nobody any more; who asked, who decided and why stays.
async fn form(
    app: &App,
    id: &EnablingId,
    changed: Timestamp,
    now: Timestamp,
) -> Result<Gone, KeptError> {
    if !is_over(changed, LISTED_DAYS, now) {
        return Ok(Gone::Nothing);
    }
    let Some(request) = app.store.enablings.find(id).await? else { return Ok(Gone::Nothing) };
    // A request that nobody decided waits for an office.
    if !request.case.stage.is_final() {
        return Ok(Gone::Nothing);
    }
    let is_gone = app.store.enablings.forget_form(&request).await?;
    Ok(if is_gone { Gone::Form } else { Gone::Nothing })
}

async fn letter(
    app: &App,
    key: &store::keys::Key,
    created: Timestamp,
    now: Timestamp,
) -> Result<Gone, KeptError> {
    if !is_over(created, app.letter_days, now) {
        return Ok(Gone::Nothing);
    }
    let is_gone = app.store.retention.forget_letter(key).await?;
    Ok(if is_gone { Gone::Letter } else { Gone::Nothing })
}

/// An account goes where it has no application but deleted ones, no office and no organisation; its person is told.
async fn account(
    app: &App,
    id: &AccountId,
    last_sign_in: Timestamp,
    now: Timestamp,
) -> Result<Gone, KeptError> {
    if !is_over(last_sign_in, app.account_days, now) {
        return Ok(Gone::Nothing);
    }
    let standing = app.store.accounts.standing(id, now).await?;
    if standing.role != Role::Employer {
        return Ok(Gone::Nothing);
    }
    let own = own_applications::of(&app.store.applications, id).await?;
    if own.iter().any(|one| one.state() != State::Deleted) {
        return Ok(Gone::Nothing);
    }
    let Some(account) = app.store.accounts.find(id).await? else { return Ok(Gone::Nothing) };
    let counts = BTreeMap::from([
        ("drafts".to_owned(), "0".to_owned()),
        ("submitted".to_owned(), "0".to_owned()),
    ]);
    let letter = LetterId::from_random(aws::random().map_err(|_| KeptError::Random)?);
    let ends = app.store.sessions.ending_all(id, now, None)?;
    // Not written when the person signs in at this moment.
    let is_closed = app.email_accounts.close(&account, &counts, letter, vec![ends], now).await?;
    Ok(if is_closed { Gone::Account } else { Gone::Nothing })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_keeping_is_a_number_of_days() {
        assert_eq!(days("90", "LETTER_DAYS").unwrap(), 90);
        for wrong in ["", "29", "0", "-1", "novanta", "90.5"] {
            assert!(days(wrong, "LETTER_DAYS").is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_report_counts_each_kind_apart() {
        let mut report = ForgetReport::default();
        for gone in [Gone::Draft, Gone::Letter, Gone::Account, Gone::Nothing, Gone::Failed] {
            report.add(gone);
        }
        report.add(Gone::Operator);
        report.add(Gone::Form);
        report.add(Gone::Case(Erased { documents: 2, receipts: 4, is_partial: false }));
        report.add(Gone::Files(Erased { documents: 1, receipts: 1, is_partial: true }));
        let counted = [
            report.drafts,
            report.letters,
            report.accounts,
            report.cases,
            report.documents,
            report.receipts,
            report.looked_through,
            report.operators,
            report.forms,
            report.failed,
        ];
        assert_eq!(counted, [1, 1, 1, 1, 3, 5, 1, 1, 1, 1]);
    }

    /// FRM-6, COM-2: each walk comes by, and looks at once, a week later and ninety days later.
    #[test]
    fn a_deleted_draft_is_looked_through_at_once_and_twice_later() {
        let deleted: Timestamp = "2026-01-12T08:00:00Z".parse().unwrap();
        let after = |days: i64| deleted + SignedDuration::from_hours(24 * days);
        for (last, now, is_due) in [
            (None, 0, true),
            (None, 4000, true),
            (Some(0), 0, false),
            (Some(0), 6, false),
            (Some(0), 7, true),
            (Some(7), 8, false),
            (Some(8), 89, false),
            (Some(8), 90, true),
            (Some(0), 200, true),
            (Some(200), 4000, false),
        ] {
            let found = is_to_be_looked_through(deleted, last.map(&after), after(now));
            assert_eq!(found, is_due, "looked through on day {last:?}, now it is day {now}");
        }
    }
}
