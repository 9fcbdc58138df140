//! send-notices behind its queues: each notice leaves once, to the right mailbox; poison stays alone (PEC-1, COM-1, COM-2).

use adapters::keys;
use domain::ids::RegistrationId;
use harness::{
    campaigns::Plan,
    employer::Employer,
    mailbox::{LETTER_DEADLINE, Mailbox},
    stock,
    story::{Told, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use serde_json::json;

fn message(application: &str, kind: &str, n: u32) -> String {
    json!({ "v": 1, "pk": format!("APP#{application}"), "sk": format!("NOTICE#{kind}#{n:03}") })
        .to_string()
}

async fn started(world: &World) -> Told<(Employer, String)> {
    let campaign = Plan::new("avvisi")?.publish(world).await?;
    let employer = world.employer()?;
    employer.signs_in(2).await?.expect(303)?;
    let application = employer.starts_application(&campaign).await?;
    Ok((employer, application))
}

/// PEC-1: the code goes to the address of the register; repeated and late messages send no second letter.
#[tokio::test]
async fn a_notice_that_is_asked_for_again_leaves_once() -> Told {
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
async fn a_letter_leaves_once_and_forgets_its_recipient() -> Told {
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
async fn the_receipt_goes_to_the_elected_address() -> Told {
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

/// COM-2: the fate is recorded when the provider accepts, and the letter names nobody.
#[tokio::test]
async fn the_fate_of_a_letter_is_recorded_and_the_letter_names_nobody() -> Told {
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

/// A message that nobody can read ends in the dead-letter queue alone; a notice that is gone is no poison.
#[tokio::test]
async fn poisoned_messages_are_given_up_alone() -> Told {
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
