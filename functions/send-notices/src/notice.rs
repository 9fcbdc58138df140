//! One notice about an application: whether it still has something to say, what it says, and what its leaving begins.

use std::sync::Arc;

use domain::{
    application::Application,
    calendar,
    campaign::{Campaign, PecEvent},
    decision::{Context, Decision},
    document::DocumentKind,
    form::{Role, Schema},
    lifecycle::State,
    notice::{Channel, NoticeKind, Undelivered},
    office,
    term::{Outage, Term, TermKind},
};
use jiff::Timestamp;
use outside::{clock, files::FileError};
use serde_json::Value;
use store::{
    applications::commit::Companion,
    contention::{Tries, unless_refused},
    documents::{DocumentRow, newest},
    drafts::SentMessage,
    keys::Key,
    outbox::{NoticeRow, words_told},
    rows::StoreError,
};

use crate::{
    App, SendError,
    calendar_file::{self, Appointment},
    letter::{self, Letter, Marks},
    post::{Attachment, Mailing},
};

/// The most bytes of attachments of one message, in bytes; a provider takes 30 MB of message (RFC 6109), a third of
/// which is the encoding's.
const LARGEST: u64 = 20 * 1024 * 1024;

/// A notice that was claimed, with what judges it.
pub(crate) struct LoadedNotice {
    kind: NoticeKind,
    row: NoticeRow,
    head: Application,
    campaign: Option<Arc<Campaign>>,
    outages: Vec<Outage>,
    /// The campaign's now at which it leaves: where a term begins with it, the term's first instant (CNF-1).
    leaves: Timestamp,
}

/// What became of a notice at the provider's.
pub(crate) enum Sent {
    /// The provider took it: its identifier, or words.
    Taken(Box<LoadedNotice>, String),
    /// It had nothing left to say, and stayed.
    Superseded,
}

/// Reads what a notice is about.
pub(crate) async fn load(app: &App, row: NoticeRow) -> Result<LoadedNotice, SendError> {
    let kind = row.kind().ok_or(SendError::Lacks("a known kind"))?;
    let id = row.application().ok_or(SendError::Lacks("an application"))?;
    let head =
        app.store.applications.head(&id).await?.ok_or(SendError::Lacks("its application"))?;
    let campaign = app.store.campaigns.in_force(&head.campaign, clock::wall()).await?;
    let outages = match head.procedure() {
        Some(_) => app.store.outages.all().await?,
        None => Vec::new(),
    };
    let wall = clock::wall();
    let leaves = campaign.as_ref().map_or(wall, |campaign| campaign.effective_now(wall));
    Ok(LoadedNotice { kind, row, head, campaign, outages, leaves })
}

/// Sends it, unless it has nothing left to say.
pub(crate) async fn send(app: &App, ready: LoadedNotice) -> Result<Sent, SendError> {
    if let Some(context) = ready.context()
        && ready.head.is_beyond(ready.kind, &context)?
    {
        return Ok(Sent::Superseded);
    }
    let to = address(app, &ready).await?;
    let Composed { letter, shown, files } = compose(app, &ready).await?;
    keep(app, &ready, &to, shown, &files).await?;
    let channel = ready.row.channel().ok_or(SendError::Lacks("a known kind"))?;
    let copy = if ready.row.copy { ".copy" } else { "" };
    let reference = format!("{}.{}.{}{copy}", ready.head.id, ready.kind.code(), ready.row.n);
    let mailing = Mailing { to: &to, letter: &letter, reference: &reference, files };
    let taken = match channel {
        Channel::PecToRegistered | Channel::PecToElected => app.pec.send(mailing).await?,
        Channel::MailToFiler => app.mail.send(mailing).await?,
    };
    Ok(Sent::Taken(Box::new(ready), taken))
}

/// Records that the provider took it, with the term that begins with it, in one transaction: judged anew from the head
/// as it is, since the employer may have answered meanwhile (COM-2).
pub(crate) async fn record(
    app: &App,
    key: &Key,
    ready: &LoadedNotice,
    taken: &str,
) -> Result<(), SendError> {
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let head = app.store.applications.head(&ready.head.id).await?;
        let begun = match &head {
            Some(head) => ready.begun(head)?,
            None => None,
        };
        let Some(decision) = begun else {
            return Ok(app.store.outbox.record_accepted(key, taken, clock::wall()).await?);
        };
        let accepted =
            Companion::NoticeAccepted { notice: key, provider_id: taken, at: clock::wall() };
        if unless_refused(app.store.applications.commit(&decision, &[accepted]).await)?.is_some() {
            tracing::info!(application.id = %ready.head.id, "term begun");
            return Ok(());
        }
    }
}

/// Records that it will never leave. A term that runs although its employer was not told of it is void, in one
/// transaction: the contract's, which begins with the entry (COM-2).
pub(crate) async fn record_failure(
    app: &App,
    key: &Key,
    row: &NoticeRow,
    reason: Undelivered,
) -> Result<(), SendError> {
    let term = row.kind().and_then(NoticeKind::announces).filter(|_| !row.copy);
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let ready = match term {
            Some(term) => Some((load(app, row.clone()).await?, term)),
            None => None,
        };
        let void =
            ready.as_ref().and_then(|(ready, term)| ready.head.void(*term, &ready.context()?));
        let Some(decision) = void else {
            return Ok(app.store.outbox.record_failed(key, reason, clock::wall()).await?);
        };
        let failed = Companion::NoticeFailed { notice: key, reason, at: clock::wall() };
        if unless_refused(app.store.applications.commit(&decision, &[failed]).await)?.is_some() {
            return Ok(());
        }
    }
}

impl LoadedNotice {
    /// Whether it goes by certified mail, and so has receipts.
    pub(crate) fn went_by_pec(&self) -> bool {
        matches!(self.row.channel(), Some(Channel::PecToRegistered | Channel::PecToElected))
    }

    /// By what a step at the instant of leaving is judged; none before sending, or without a campaign.
    fn context(&self) -> Option<Context<'_>> {
        let campaign = self.campaign.as_deref()?;
        self.head.procedure()?;
        Some(Context { campaign, now: self.leaves, outages: &self.outages })
    }

    /// The term that begins as the notice leaves; none where none does: it is a copy, the campaign waits for a receipt, the
    /// term runs already, or the case has moved on.
    fn begun(&self, head: &Application) -> Result<Option<Decision>, SendError> {
        let Some((kind, context)) = self.kind.announces().zip(self.context()) else {
            return Ok(None);
        };
        let policy = context.campaign.policies().terms_start_at_pec;
        if self.row.copy || policy != PecEvent::Sent || head.is_beyond(self.kind, &context)? {
            return Ok(None);
        }
        Ok(head.begin(kind, self.leaves, &context)?)
    }

    /// The term that it speaks of, as it will be once it has left.
    fn term(&self) -> Result<Option<Term>, SendError> {
        let Some(context) = self.context() else { return Ok(None) };
        let begun = self.begun(&self.head)?;
        let head = begun.as_ref().map_or(&self.head, Decision::after);
        let running = head.running_term(&context)?;
        Ok(letter::term_of(self.kind, head.procedure(), running))
    }
}

/// Where a notice goes (PEC-1): registered address, address elected in the application, or the filer's mail.
async fn address(app: &App, ready: &LoadedNotice) -> Result<String, SendError> {
    let head = &ready.head;
    let registered = async || -> Result<Option<String>, SendError> {
        let preliminary = app.store.drafts.preliminary(&head.id).await?;
        Ok(preliminary.and_then(|preliminary| preliminary.certified_address))
    };
    let found = match ready.row.channel().ok_or(SendError::Lacks("a known kind"))? {
        Channel::PecToRegistered => registered().await?,
        Channel::PecToElected => {
            let values = app.store.drafts.load(&head.id).await?.values();
            let schema = Schema::find(&head.schema).ok_or(SendError::Lacks("its form"))?;
            match schema.value_with(Role::ElectedPec, &values).and_then(Value::as_str) {
                Some(elected) => Some(elected.to_owned()),
                None => registered().await?,
            }
        }
        Channel::MailToFiler => {
            app.store.accounts.find(&head.parties.filer).await?.and_then(|account| account.email)
        }
    };
    found.ok_or(SendError::Lacks("an address"))
}

/// A message, ready to leave.
struct Composed {
    letter: Letter,
    /// The same without what is for the certified mailbox alone: the code, and the link that blocks (ACT-1, NEW-5).
    shown: Letter,
    files: Vec<Attachment>,
}

/// What stands in the communications area where the PEC has a code or a signed link.
const IN_THE_PEC: &str = "(è scritto solo nella PEC)";

/// Keeps what the message says, for the communications area: before it leaves, so that one that fails can be read, too
/// (COM-1, COM-2). A copy says what its PEC says; of a deleted application nothing is kept.
async fn keep(
    app: &App,
    ready: &LoadedNotice,
    to: &str,
    shown: Letter,
    files: &[Attachment],
) -> Result<(), SendError> {
    if ready.row.copy || ready.head.state() == State::Deleted {
        return Ok(());
    }
    let message = SentMessage {
        kind: ready.row.kind.clone(),
        n: ready.row.n,
        to: to.to_owned(),
        subject: shown.subject,
        text: shown.body,
        files: files.iter().map(|file| file.name.clone()).collect(),
        at: ready.leaves,
    };
    Ok(app.store.drafts.keep_sent(&ready.head.id, &message).await?)
}

async fn compose(app: &App, ready: &LoadedNotice) -> Result<Composed, SendError> {
    let LoadedNotice { kind, row, head, .. } = ready;
    let term = ready.term()?;
    let mut marks = Marks::from([
        ("application", head.id.to_string()),
        // The page of the case on which to do what the message asks for.
        ("case", format!("{}/domande/{}{}", app.portal, head.id, kind.page())),
        ("model", model_label(ready)),
    ]);
    letter::about_term(&mut marks, term.as_ref(), ready.leaves);
    let hold = ready.context().map(|context| head.hold(&context)).transpose()?.flatten();
    marks.insert("then", letter::after_expiry(hold.is_some()).to_owned());
    let mut files = Vec::new();
    match kind {
        NoticeKind::ActivationCode => about_code(app, head, &mut marks).await?,
        NoticeKind::Receipt => files.push(receipt(app, head, &mut marks)?),
        _ => {}
    }
    marks.insert("reason", letter::reason(reason(app, ready).await?.as_deref(), row.copy));
    let documents = if row.copy { Vec::new() } else { documents(app, ready).await? };
    let attached: Vec<_> = documents.iter().map(|(kind, _)| *kind).collect();
    marks.insert("attachments", letter::documents(*kind, &attached, row.copy));
    files.extend(documents.into_iter().map(|(_, file)| file));
    files.extend(term.and_then(|term| appointment(app, ready, &term)));
    let filled =
        |marks: &Marks| letter::letter(*kind, marks).ok_or(SendError::Lacks("a fact of its text"));
    let letter = filled(&marks)?;
    for secret in ["code", "block"] {
        marks.entry(secret).and_modify(|mark| IN_THE_PEC.clone_into(mark));
    }
    let shown = filled(&marks)?;
    let letter = if row.copy { letter::copied(letter) } else { letter };
    Ok(Composed { letter, shown, files })
}

async fn about_code(app: &App, head: &Application, marks: &mut Marks) -> Result<(), SendError> {
    let activation = app.store.applications.activation(&head.id).await?;
    let activation = activation.ok_or(SendError::Lacks("a code"))?;
    marks.insert("code", app.codes.code(&head.id, &activation).reveal());
    marks.insert("expires", calendar::in_words(activation.expires_at));
    marks.insert("started", calendar::in_words(head.created));
    marks.insert("filed_by", head.parties.filed_by().to_owned());
    let token = app.blocks.token(&head.id);
    marks.insert("block", format!("{}/api/blocks/{token}", app.portal));
    Ok(())
}

fn receipt(app: &App, head: &Application, marks: &mut Marks) -> Result<Attachment, SendError> {
    let signed = app.receipts.receipt(head).ok_or(SendError::Lacks("a submission"))?;
    let receipt = signed.receipt();
    marks.insert("receipt", receipt.code.to_string());
    marks.insert("arrival", calendar::in_words_to_the_millisecond(receipt.arrival));
    marks.insert("digest", data_encoding::HEXLOWER.encode(&receipt.digest));
    marks.insert("office", office::competent_in(head.province().unwrap_or_default()));
    Ok(Attachment {
        name: format!("ricevuta-{}.json", receipt.code),
        media_type: "application/json",
        content: signed.to_document().into_bytes(),
    })
}

/// The reason of the decision that the notice tells of, also where the notice is sent again.
async fn reason(app: &App, ready: &LoadedNotice) -> Result<Option<String>, StoreError> {
    if !ready.head.state().is_sent() {
        return Ok(None);
    }
    let remarks = app.store.drafts.remarks_by_version(&ready.head.id).await?;
    Ok(words_told(&ready.row, &remarks).map(str::to_owned))
}

/// The documents that go along, as far as they are made and the message can carry them: those of the same change, else
/// the newest.
async fn documents(
    app: &App,
    ready: &LoadedNotice,
) -> Result<Vec<(DocumentKind, Attachment)>, SendError> {
    let wanted = ready.kind.attachments();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let rows = app.store.documents.of(&ready.head.id).await?;
    let mut room = LARGEST;
    let mut found = Vec::new();
    for kind in wanted {
        let of_the_change = |row: &&DocumentRow| {
            row.kind == *kind && row.version == u64::from(ready.row.n) && row.file.is_some()
        };
        let row = rows.iter().find(of_the_change).or_else(|| newest(&rows, *kind));
        let Some(file) = row.and_then(|row| row.file.as_ref()) else { continue };
        match app.files.get(&file.key, file.version.as_deref(), room).await {
            Ok(content) => {
                room = room.saturating_sub(file.bytes);
                let name = format!("{}.pdf", kind.label());
                found.push((*kind, Attachment { name, media_type: "application/pdf", content }));
            }
            // The letter says where to find it.
            Err(FileError::TooLong(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// The calendar file of the term that is asked about (CNF-3).
fn appointment(app: &App, ready: &LoadedNotice, term: &Term) -> Option<Attachment> {
    let asks = matches!(ready.kind, NoticeKind::ConfirmationRequest | NoticeKind::TermReminder);
    let campaign = ready.campaign.as_deref().filter(|_| asks)?;
    let file = calendar_file::file(&Appointment {
        application: &ready.head.id,
        term,
        sequence: ready.row.n,
        now: ready.leaves,
        reminder_days_left: &campaign.policies().reminder_days_left,
        todo: letter::deed(term.kind()).0,
        portal: &app.portal,
        organizer: app.pec.address(),
    });
    Some(Attachment {
        name: file_name(term.kind()),
        media_type: calendar_file::MEDIA_TYPE,
        content: file.into_bytes(),
    })
}

fn file_name(kind: TermKind) -> String {
    format!("scadenza-{}.ics", kind.code())
}

/// The model's name in the campaign that is in force.
fn model_label(ready: &LoadedNotice) -> String {
    let model = ready.campaign.as_ref().and_then(|campaign| campaign.model(&ready.head.model));
    model.map_or_else(|| ready.head.model.to_string(), |model| model.label().to_owned())
}
