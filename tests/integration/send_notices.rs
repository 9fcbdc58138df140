//! send-notices behind its queues: each notice leaves once, to the right mailbox; poison stays alone (PEC-1, COM-1, COM-2).

use domain::{
    application::{Application, Who},
    calendar,
    ids::{AccountId, RegistrationId},
    lifecycle::{Event, State},
    notice::{NoticeKind, Undelivered},
    permission::Action,
    procedure::Procedure,
    term::TermKind,
};
use harness::{
    campaigns::Plan,
    cases, certified,
    employer::Employer,
    mailbox::{LETTER_DEADLINE, Mailbox},
    stock::{self, Belongs},
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::{aws, clock};
use serde_json::json;
use store::{applications::commit::Companion, drafts::Remark, keys};

fn message(application: &str, kind: &str, n: u32) -> String {
    json!({ "v": 1, "pk": format!("APP#{application}"), "sk": format!("NOTICE#{kind}#{n:03}") })
        .to_string()
}

async fn started(world: &World) -> StoryResult<(Employer, String)> {
    let campaign = Plan::new("avvisi")?.publish(world).await?;
    let employer = world.employer()?;
    employer.signs_in(2).await?.expect(303)?;
    let application = employer.starts_application(&campaign).await?;
    Ok((employer, application))
}

/// PEC-1: the code goes to the address of the register; repeated and late messages send no second letter.
#[tokio::test]
async fn a_notice_that_is_asked_for_again_leaves_once() -> StoryResult {
    let world = World::enter().await?;
    let (employer, application) = started(&world).await?;
    let queue = world.side_queue("send-notices").await?;
    let notices = world.applications()?.notices(&application.parse()?).await?;
    let notice = notices.first().ok_or_else(|| world.story.deviation("no notice"))?;
    for _ in 0..5 {
        queue.send(&message(&application, &notice.kind, notice.n)).await?;
    }
    employer.reads_activation_code_from_pec(&application).await?;
    for _ in 0..3 {
        queue.send(&message(&application, &notice.kind, notice.n)).await?;
    }
    queue.is_worked_off(&world.story).await?;
    same("letters", &employer.pec.letters_about(&application).await?.len(), &1)?;
    same("dead letters", &queue.dead_letters().await?, &Vec::new())?;
    queue.close().await
}

/// ADR 10: a letter leaves once, however often it is asked for, and then forgets to whom it went.
#[tokio::test]
async fn a_letter_leaves_once_and_forgets_its_recipient() -> StoryResult {
    let world = World::enter().await?;
    let person = world.email_person()?;
    let registration: RegistrationId = person.registers().await?.parse()?;
    let row = |table: &'static str, key: keys::Key| {
        let world = world.clone();
        async move {
            let (store, _) = world.store();
            let found = store
                .get_item()
                .table_name(world.environment.text(table)?)
                .set_key(Some(key.item()))
                .consistent_read(true)
                .send()
                .await?;
            found.item.ok_or_else(|| world.story.deviation("no such row"))
        }
    };
    let waiting = row("SESSIONS_TABLE", keys::registration(&registration)).await?;
    let letter = waiting.get("letter").and_then(|id| id.as_s().ok()).cloned().unwrap_or_default();
    person.reads_activation(0).await?;
    let queue = world.side_queue("send-notices").await?;
    let again = json!({ "v": 1, "pk": format!("LETTER#{letter}"), "sk": "LETTER" }).to_string();
    for _ in 0..4 {
        queue.send(&again).await?;
    }
    queue.is_worked_off(&world.story).await?;
    same("letters", &person.mailbox.letters().await?.len(), &1)?;
    same("dead letters", &queue.dead_letters().await?, &Vec::new())?;
    let key = keys::letter(&letter.parse()?);
    let kept = world
        .story
        .eventually("the letter's fate is recorded", LETTER_DEADLINE, || async {
            let row = row("PORTAL_TABLE", key.clone()).await?;
            Ok(if row.contains_key("accepted") { Ok(row) } else { Err("none yet".to_owned()) })
        })
        .await?;
    for forgotten in ["recipient", "facts", "queue", "pending_pk"] {
        ensure(!kept.contains_key(forgotten), format!("the row still holds {forgotten}"))?;
    }
    queue.close().await
}

/// PEC-1: after sending, PECs go to the address elected in the application, whatever the register says.
#[tokio::test]
async fn the_receipt_goes_to_the_elected_address() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("avvisi")?.publish(&world).await?;
    let employer = world.employer()?;
    let caller = stock::caller(&world, &employer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&world, &employer.browser, &caller).await?;
    let application = stock::ready_for(&world, &campaign, &employer).await?;
    let code = employer
        .submits(application.id.as_str(), &campaign)
        .await?
        .expect(200)?
        .text("/receipt/code")?;
    let elected = Mailbox::new(&world.emulator, &stock::elected_pec(&application.id));
    elected.receives(&world.story, "the receipt", |letter| letter.speaks_of(&code)).await?;
    same(
        "letters at the registered address",
        &employer.pec.letters_about(application.id.as_str()).await?.len(),
        &0,
    )
}

/// COM-2: the row records when the provider accepts, and the letter names no person.
#[tokio::test]
async fn the_fate_of_a_letter_is_recorded_and_the_letter_names_nobody() -> StoryResult {
    let world = World::enter().await?;
    let (employer, application) = started(&world).await?;
    employer.reads_activation_code_from_pec(&application).await?;
    world
        .story
        .eventually("the letter was accepted", LETTER_DEADLINE, || async {
            let sent = employer.communications(&application).await?;
            let is_accepted = sent
                .iter()
                .any(|notice| notice["kind"] == "activation-code" && notice["fate"] == "accepted");
            Ok(if is_accepted { Ok(()) } else { Err(format!("{sent:?}")) })
        })
        .await?;
    let letters = employer.pec.letters_about(&application).await?;
    for letter in &letters {
        let person = &employer.demo.representative;
        for mark in
            [person.fiscal_code.reveal(), employer.demo.company_code.reveal(), &person.last_name]
        {
            ensure(!letter.speaks_of(mark), "the letter holds personal data")?;
        }
        ensure(
            letter.subject.trim() == letter.subject && !letter.subject.is_empty(),
            "a letter without a subject",
        )?;
    }
    Ok(())
}

/// A message that cannot be read ends in the dead-letter queue alone; a notice that is gone is no poison.
#[tokio::test]
async fn poisoned_messages_are_given_up_alone() -> StoryResult {
    let world = World::enter().await?;
    let (employer, application) = started(&world).await?;
    let queue = world.side_queue("send-notices").await?;
    let poison = "non è un messaggio".to_owned();
    queue.send(&poison).await?;
    queue.send(&message("app_00000000000000000000000001", "activation-code", 1)).await?;
    queue.send(&message(&application, "activation-code", 1)).await?;
    queue.is_worked_off(&world.story).await?;
    same("dead letters", &queue.dead_letters().await?, &vec![poison])?;
    employer.reads_activation_code_from_pec(&application).await?;
    queue.close().await
}

fn stranger() -> StoryResult<AccountId> {
    let digest =
        aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))?;
    Ok(AccountId::keyed(&digest))
}

/// The parties where the employer filed in person.
fn own_filer() -> StoryResult<Belongs> {
    let employer = stranger()?;
    Ok(Belongs { representative: employer.clone(), filer: employer, organisation: None })
}

/// CNF-1, COM-2: the term begins as the PEC leaves, once, however often the message is delivered; the PEC tells its end
/// and brings a file for the calendar (CNF-3).
#[tokio::test]
async fn a_term_begins_as_its_pec_leaves_and_only_once() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("avvisi")?.publish(&world).await?;
    let before = campaign.effective_now(clock::wall());
    let (asked, address) =
        certified::asked_to_confirm(&world, &campaign, &own_filer()?, "anna").await?;
    let applications = world.applications()?;
    let queue = world.side_queue("send-notices").await?;
    let kind = NoticeKind::ConfirmationRequest;
    let row = certified::notice(&applications, &asked, kind).await?;
    for _ in 0..4 {
        queue.send(&message(asked.id.as_str(), kind.code(), row.n)).await?;
    }
    let term = world
        .story
        .eventually("the term runs", LETTER_DEADLINE, || async {
            let head = applications.head(&asked.id).await?;
            let term =
                head.and_then(|head| head.procedure()?.term(TermKind::Confirmation).copied());
            Ok(term.ok_or_else(|| "no term".to_owned()))
        })
        .await?;
    queue.is_worked_off(&world.story).await?;
    ensure(before <= term.start(), "it began before it was sent")?;
    ensure(term.start() <= campaign.effective_now(clock::wall()), "it begins in the future")?;
    let history = applications.history(&asked.id).await?;
    let begun = history
        .iter()
        .filter(|event| event.action.as_deref() == Some(Action::ApplyTerm.code()))
        .filter(|event| event.version > asked.version);
    same("how often a term began", &begun.count(), &1)?;
    let letters = Mailbox::new(&world.emulator, &address).letters().await?;
    same("letters", &letters.len(), &1)?;
    let letter = letters.first().ok_or_else(|| world.story.deviation("no letter"))?;
    ensure(
        letter.speaks_of(&format!("entro {}", calendar::end_in_words(term.end()))),
        format!("the end is not told: {}", letter.text()),
    )?;
    if let Some(files) = &letter.files {
        let calendar = files.iter().find(|file| file.media_type == "text/calendar");
        let calendar = calendar.ok_or_else(|| world.story.deviation("no file for the calendar"))?;
        let text = String::from_utf8_lossy(&calendar.content).into_owned();
        let end = term.end().strftime("%Y%m%dT%H%M%SZ").to_string();
        ensure(text.contains(&format!("DTEND:{end}")), format!("another end: {text}"))?;
        ensure(text.matches("BEGIN:VALARM").count() > 0, "no alarm")?;
    }
    queue.close().await
}

/// A PEC that waited until the case had moved on does not leave: the employer is not asked for an answer already given,
/// and the office sees no alarm.
#[tokio::test]
async fn a_notice_that_has_nothing_left_to_say_stays() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("avvisi")?.publish(&world).await?;
    let now = campaign.effective_now(clock::wall());
    let belongs = own_filer()?;
    let head =
        cases::case_in(&world, &campaign, &belongs, State::AwaitingConfirmation, now).await?;
    let address = certified::elects(&world, &head.id, "anna").await?;
    let who = Who::Account(belongs.representative.clone());
    let context = cases::judged(&campaign, now);
    let notices = [NoticeKind::ConfirmationRequest, NoticeKind::TermReminder];
    let confirmed =
        cases::happens(&head, Event::Confirm, who, &context)?.untold().telling(&notices);
    let applications = world.applications()?;
    applications.commit(&confirmed, &[]).await?;
    let confirmed = confirmed.into_after();
    for kind in notices {
        let row = world
            .story
            .eventually("the notice is put aside", LETTER_DEADLINE, || async {
                let row = certified::notice(&applications, &confirmed, kind).await?;
                Ok(if row.failed.is_some() { Ok(row) } else { Err("waiting".to_owned()) })
            })
            .await?;
        same("why", &row.failure, &Some(Undelivered::Superseded))?;
        ensure(row.accepted.is_none(), "it was sent")?;
    }
    same("letters", &Mailbox::new(&world.emulator, &address).letters().await?.len(), &0)?;
    let after = applications.head(&confirmed.id).await?;
    same("version", &after.map(|head| head.version), &Some(confirmed.version))
}

/// COM-2: the contract's term begins with the entry; where the provider refuses the PEC that tells of it, it is void until
/// another is sent.
#[tokio::test]
async fn the_term_of_a_contract_that_the_provider_refuses_to_send_is_void() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("avvisi")?.publish(&world).await?;
    let now = campaign.effective_now(clock::wall());
    let belongs = own_filer()?;
    let entered = cases::case_in(&world, &campaign, &belongs, State::EntryReported, now).await?;
    certified::elects(&world, &entered.id, "rifiuta").await?;
    let context = cases::judged(&campaign, now);
    let sent = cases::happens(&entered, Event::SendContract, Who::System, &context)?;
    let to_sign = sent.after().clone();
    let running = |head: &Application| {
        head.procedure().and_then(|procedure| procedure.term(TermKind::Contract).copied())
    };
    ensure(running(&to_sign).is_some(), "no term runs from the entry")?;
    let applications = world.applications()?;
    applications.commit(&sent, &[]).await?;
    let row = world
        .story
        .eventually("the provider has refused it", LETTER_DEADLINE, || async {
            let row =
                certified::notice(&applications, &to_sign, NoticeKind::ContractToSign).await?;
            Ok(if row.failed.is_some() { Ok(row) } else { Err("waiting".to_owned()) })
        })
        .await?;
    same("why", &row.failure, &Some(Undelivered::NotAccepted))?;
    let head = applications.head(&to_sign.id).await?;
    let head = head.ok_or_else(|| world.story.deviation("the case is gone"))?;
    same("state", &head.state(), &State::ContractToSign)?;
    same("term", &running(&head), &None)?;
    same("what comes by itself", &head.procedure().and_then(Procedure::due), &None)
}

/// DEC-1, COM-1: the employer reads the reason in the PEC; the filer gets a copy by mail without it.
#[tokio::test]
async fn the_reason_goes_by_pec_and_the_copy_tells_where_to_read_it() -> StoryResult {
    const REASON: &str = "La capacità economica dichiarata non è sufficiente per due assunzioni.";
    let world = World::enter().await?;
    let campaign = Plan::new("avvisi")?.publish(&world).await?;
    let (filer, _) = world.operator().await?;
    filer.signs_in(2).await?.expect(303)?;
    let account = world.account(&filer.demo.representative).await?;
    let mailbox = Mailbox::new(&world.emulator, &filer.demo.representative.email);
    let belongs = Belongs { representative: stranger()?, filer: account, organisation: None };
    let now = campaign.effective_now(clock::wall());
    let head = cases::case_in(&world, &campaign, &belongs, State::InReview, now).await?;
    let address = certified::elects(&world, &head.id, "anna").await?;
    let officer = Who::Account(stranger()?);
    let context = cases::judged(&campaign, now);
    let refused = cases::happens(&head, Event::Refuse, officer, &context)?;
    let remark =
        Remark::Reason { event: Event::Refuse.code().to_owned(), text: REASON.to_owned(), at: now };
    let along = [Companion::Remark(&world.drafts()?, &remark)];
    world.applications()?.commit(&refused, &along).await?;
    let about = |letter: &harness::mailbox::Letter| letter.speaks_of(head.id.as_str());
    let pec = Mailbox::new(&world.emulator, &address)
        .receives(&world.story, "the refusal", about)
        .await?;
    ensure(pec.speaks_of(REASON), format!("without the reason: {}", pec.text()))?;
    let copy = mailbox.receives(&world.story, "the copy", about).await?;
    ensure(copy.text().starts_with("Messaggio per informazione"), "not told as a copy")?;
    ensure(!copy.speaks_of(REASON), "the reason went by ordinary mail")
}
