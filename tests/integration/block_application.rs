//! block-application on the deployed portal: the link in the PEC, blocking, what it stops, flags and release (NEW-5).

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    application::{Application, Stage, Who},
    campaign::{Campaign, Profile},
    decision::Decision,
    ids::ApplicationId,
    lifecycle::consequence::Cause,
    lifecycle::{Event, State},
    permission::Role,
};
use futures::future::{join, join_all};
use harness::{
    browser::{Answer, Browser, Call},
    campaigns::Plan,
    cases,
    employer::{Employer, REGISTRY_DEADLINE},
    fault_proxy::{Fault, Order},
    mailbox::{LETTER_DEADLINE, Letter, Mailbox},
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::{
    block_links::BlockLinks,
    clock,
    queue::{Forwarding, Queue},
};
use reqwest::Method;
use serde_json::{Value, json};
use simulate_registries::{Behaviour, Demand, Scope};
use store::{applications::tasks::TaskStatus, keys, pending::Pending, rows::millis};

const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/// Where the workplace of the form's examples is.
const PROVINCE: &str = "FG";
const REASON: &str = "Sentito il datore di lavoro per telefono: la domanda è sua.";

/// An employer and the operator who filed a ready application for them.
struct Scene {
    world: World,
    campaign: Campaign,
    employer: Employer,
    operator: Employer,
    application: Application,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("blocco")?.publish(&world).await?;
        let employer = world.employer()?;
        let (operator, organisation) = world.operator().await?;
        for person in [&employer, &operator] {
            stock::signs_in(&world, person, 2).await?;
        }
        let belongs = Belongs {
            representative: world.account(&employer.demo.representative).await?,
            filer: world.account(&operator.demo.representative).await?,
            organisation: Some(organisation),
        };
        let application = stock::ready_application(&world, &campaign, &belongs).await?;
        Ok(Self { world, campaign, employer, operator, application })
    }

    fn id(&self) -> &str {
        self.application.id.as_str()
    }

    fn path(&self, end: &str) -> String {
        format!("/api/applications/{}{end}", self.application.id)
    }

    async fn head(&self) -> StoryResult<Application> {
        head(&self.world, &self.application.id).await
    }

    async fn link(&self) -> StoryResult<String> {
        link(&self.world, &self.application.id).await
    }

    /// What a refusal must leave behind.
    async fn nothing_changed(&self, before: &Application) -> StoryResult {
        same("head", &self.head().await?, before)
    }

    async fn is_blocked(&self) -> StoryResult<Application> {
        self.employer.browser.post(&self.path("/block"), &json!({})).await?.expect(200)?;
        let head = self.head().await?;
        same("state", &head.state(), &State::Blocked)?;
        Ok(head)
    }

    async fn officer(&self, role: Role, province: Option<&str>) -> StoryResult<Employer> {
        official(&self.world, role, province).await
    }
}

async fn head(world: &World, id: &ApplicationId) -> StoryResult<Application> {
    let head = world.applications()?.head(id).await?;
    head.ok_or_else(|| world.story.deviation("the application is gone"))
}

async fn link(world: &World, id: &ApplicationId) -> StoryResult<String> {
    Ok(format!("/api/blocks/{}", BlockLinks::new(&world.keying().await?).token(id)))
}

/// A person of an office, signed in.
async fn official(world: &World, role: Role, province: Option<&str>) -> StoryResult<Employer> {
    let person = world.employer()?;
    world.enables(&person.demo.representative, role, Profile::Private, None, province).await?;
    stock::signs_in(world, &person, 2).await?;
    Ok(person)
}

async fn looks(browser: &Browser, link: &str) -> StoryResult<Answer> {
    browser.send(Call::new(Method::GET, link).header("accept", HTML)).await
}

/// Presses the page's button, as a browser sends its form.
async fn presses(browser: &Browser, link: &str) -> StoryResult<Answer> {
    let call = Call::new(Method::POST, link).header("accept", HTML);
    browser.send(call.body("application/x-www-form-urlencoded", "")).await
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

fn is_page(answer: &Answer) -> StoryResult {
    answer.is_kept_by_no_cache()?;
    let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
    same("type", &header("content-type"), &"text/html; charset=utf-8".to_owned())?;
    same("search engines", &header("x-robots-tag"), &"noindex, nofollow".to_owned())?;
    // Under `no-referrer` a browser would send `Origin: null` with the form.
    same("referrer", &header("referrer-policy"), &"same-origin".to_owned())?;
    let policy = header("content-security-policy");
    for rule in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"] {
        ensure(policy.contains(rule), format!("the policy lacks {rule}: {policy}"))?;
    }
    let html = text(answer);
    ensure(html.contains("<html lang=\"it\">"), "the page does not say its language")?;
    for never in ["<script", "src=", "http://", "https://"] {
        ensure(!html.contains(never), format!("the page holds {never}"))?;
    }
    Ok(())
}

async fn flags(person: &Employer) -> StoryResult<Vec<Value>> {
    let mut flags = Vec::new();
    let mut next = String::new();
    loop {
        let page = person
            .browser
            .get(&format!("/api/flags?limit=100{next}"))
            .await?
            .expect(200)?
            .json()?;
        flags.extend(page["flags"].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return Ok(flags),
        }
    }
}

async fn flag_of(person: &Employer, id: &str) -> StoryResult<Option<Value>> {
    Ok(flags(person).await?.into_iter().find(|flag| flag["application"] == id))
}

/// NEW-5, PRV-1: an operator begins; the employer, who never was at the portal, reads the PEC, looks, presses once.
#[tokio::test]
async fn the_pec_about_a_new_application_holds_a_link_that_blocks_it() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("pec")?.publish(&world).await?;
    let employer = world.employer()?;
    let (operator, _) = world.operator().await?;
    operator.signs_in(2).await?.expect(303)?;
    let id = operator.starts_with(&employer.preliminary_checks(&campaign)).await?;
    let told = employer
        .pec
        .receives(&world.story, "the message about the new application", |letter| {
            letter.speaks_of(&id)
        })
        .await?;
    let link = link_in(&world, &told)?;
    ensure(told.activation_code().is_some(), "code and link are not in one message")?;
    ensure(told.speaks_of("da un operatore"), "it does not say who filed")?;
    let demo = &operator.demo.representative;
    for personal in [
        demo.fiscal_code.reveal(),
        employer.demo.representative.fiscal_code.reveal(),
        employer.demo.company_code.reveal(),
    ] {
        ensure(!told.speaks_of(personal), "a code of a person or company is in the message")?;
    }

    // Scanners of mail open every link, some twice: nothing happens.
    let anybody = world.browser()?;
    let application: ApplicationId = id.parse()?;
    let before = head(&world, &application).await?;
    for _ in 0..3 {
        let page = looks(&anybody, &link).await?.expect(200)?;
        is_page(&page)?;
        same("buttons", &text(&page).matches("<button").count(), &1)?;
        // Some ask for the head of the page first, and give up on what answers 404.
        let asked = Call::new(Method::HEAD, link.as_str()).header("accept", HTML);
        let asked = anybody.send(asked).await?.expect(200)?;
        ensure(asked.body.is_empty(), "the head has a body")?;
    }
    same("head after looking", &head(&world, &application).await?, &before)?;

    let pressed = presses(&anybody, &link).await?.expect(200)?;
    is_page(&pressed)?;
    ensure(
        text(&pressed).contains("La domanda è bloccata"),
        "the page does not say that it worked",
    )?;
    let blocked = head(&world, &application).await?;
    same("state", &blocked.state(), &State::Blocked)?;
    same("version", &blocked.version, &(before.version + 1))?;

    let again = presses(&anybody, &link).await?.expect(200)?;
    ensure(text(&again).contains("La domanda è bloccata"), "the second press says something else")?;
    same("head after the second press", &head(&world, &application).await?, &blocked)?;
    let seen = looks(&anybody, &link).await?.expect(200)?;
    same("buttons on a blocked one", &text(&seen).matches("<button").count(), &0)?;

    let events = operator.history(&id).await?;
    let block: Vec<_> = events.iter().filter(|event| event["event"] == "block").collect();
    same("blocks in the history", &block.len(), &1)?;
    same("who blocked", &block[0]["who"], &"certified-mailbox".into())?;
    Mailbox::new(&world.emulator, &demo.email)
        .receives(&world.story, "the notice that it is blocked", |letter| {
            letter.speaks_of(&id) && letter.speaks_of("bloccata")
        })
        .await?;
    // The draft does not say yet where the work is: administrators see the flag, no province does.
    let administrator = official(&world, Role::Administrator, None).await?;
    let flag = flag_of(&administrator, &id).await?;
    let flag = flag.ok_or_else(|| world.story.deviation("it is flagged to nobody"))?;
    same("province", &flag["province"], &Value::Null)?;
    same("who blocked", &flag["blocked_by"], &"certified-mailbox".into())?;
    same("who filed", &flag["filer"], &world.account(demo).await?.as_str().into())?;
    let officer = official(&world, Role::Officer, Some(PROVINCE)).await?;
    same("flags of a province", &flag_of(&officer, &id).await?, &None)?;
    officer.browser.get(&format!("/api/applications/{id}")).await?.refused(404, "non-trovata")?;
    Ok(())
}

fn link_in(world: &World, letter: &Letter) -> StoryResult<String> {
    let address = format!("{}/api/blocks/", world.portal());
    let token = letter.text().split(&address).nth(1).map(|rest| {
        rest.chars()
            .take_while(|symbol| symbol.is_ascii_alphanumeric() || "_.".contains(*symbol))
            .collect::<String>()
    });
    let token = token.ok_or_else(|| world.story.deviation("no link in the message"))?;
    Ok(format!("/api/blocks/{token}"))
}

/// Nobody can work on a blocked one, and the employer's worker is free for the true application (LIM-1).
#[tokio::test]
async fn a_blocked_application_can_be_neither_opened_nor_saved_nor_sent() -> StoryResult {
    let scene = Scene::open().await?;
    let Stage::ToSend(ready) = &scene.application.stage else {
        return Err(scene.world.story.deviation("not ready"));
    };
    let claim = keys::worker_claim(ready.worker.as_deref().unwrap_or_default());
    ensure(has_row(&scene.world, &claim).await?, "the ready application holds no claim")?;
    let blocked = scene.is_blocked().await?;
    ensure(!has_row(&scene.world, &claim).await?, "the worker is still claimed")?;

    let conflict = "stato-non-compatibile";
    for person in [&scene.operator, &scene.employer] {
        person.submits(scene.id(), &scene.campaign).await?.refused(409, conflict)?;
        let change = json!([{ "field": "workplace_street", "base": null, "value": "Via Nuova" }]);
        person.saves_changes(scene.id(), &change).await?.refused(409, conflict)?;
        person.types_code(scene.id(), "0000-0001").await?.refused(409, conflict)?;
        let codes = scene.path("/activation-codes");
        person.browser.post(&codes, &json!({})).await?.refused(409, conflict)?;
        let correction = json!({ "field": "employer_name", "note": "Il nome è cambiato." });
        let corrections = scene.path("/draft/corrections");
        person.browser.post(&corrections, &correction).await?.refused(409, conflict)?;
        person.browser.delete(&scene.path("")).await?.refused(409, conflict)?;
        person.receipt(scene.id()).await?.refused(409, conflict)?;
    }
    scene.nothing_changed(&blocked).await?;
    // Only the represented employer reads what another person wrote in their name (NEW-5).
    scene.employer.draft(scene.id()).await?;
    let draft = scene.path("/draft");
    scene.operator.browser.get(&draft).await?.refused(409, conflict)?;
    Ok(())
}

async fn has_row(world: &World, key: &keys::Key) -> StoryResult<bool> {
    let (store, _) = world.store();
    let found = store
        .get_item()
        .table_name(world.environment.text("PORTAL_TABLE")?)
        .set_key(Some(key.item()))
        .consistent_read(true)
        .send()
        .await
        .map_err(|error| world.story.deviation(format!("{error:?}")))?;
    Ok(found.item.is_some())
}

/// Only the represented employer may say so, at whatever level; to strangers it is not there.
#[tokio::test]
async fn only_the_employer_blocks_and_a_password_is_enough() -> StoryResult {
    let scene = Scene::open().await?;
    let before = scene.head().await?;
    let path = scene.path("/block");
    let read = scene.employer.browser.get(&scene.path("")).await?.expect(200)?.json()?;
    let filed_by = "da un operatore di un'organizzazione abilitata al portale";
    same("who filed it, without a name", &read["filed_by"], &filed_by.into())?;
    scene.operator.browser.post(&path, &json!({})).await?.refused(403, "azione-non-consentita")?;
    let stranger = scene.world.employer()?;
    stock::signs_in(&scene.world, &stranger, 2).await?;
    stranger.browser.post(&path, &json!({})).await?.refused(404, "non-trovata")?;
    let officer = scene.officer(Role::Officer, Some(PROVINCE)).await?;
    officer.browser.post(&path, &json!({})).await?.refused(404, "non-trovata")?;
    scene.world.browser()?.post(&path, &json!({})).await?.refused(401, "sessione-assente")?;
    let elsewhere = Call::new(Method::POST, &path).header("origin", "https://altrove.example");
    scene.employer.browser.send(elsewhere).await?.refused(403, "origine-non-ammessa")?;
    scene.nothing_changed(&before).await?;

    stock::signs_in(&scene.world, &scene.employer, 1).await?;
    let view = scene.employer.browser.post(&path, &json!({})).await?.expect(200)?.json()?;
    same("state", &view["state"], &"blocked".into())?;
    same("blockable", &view["blockable"], &"already".into())?;
    let blocked = scene.head().await?;
    scene.employer.browser.post(&path, &json!({})).await?.expect(200)?;
    scene.nothing_changed(&blocked).await
}

/// A link that the portal did not make and a link that leads to nothing give the same page; a press from another site
/// does nothing.
#[tokio::test]
async fn a_forged_link_leads_nowhere() -> StoryResult {
    let scene = Scene::open().await?;
    let before = scene.head().await?;
    let anybody = scene.world.browser()?;
    let right = scene.link().await?;
    let tag = right.rsplit_once('.').map(|(_, tag)| tag.to_owned()).unwrap_or_default();
    let other = ApplicationId::from_random([9; 16]);
    let absent = link(&scene.world, &other).await?;
    let mut pages = Vec::new();
    for forged in [
        absent,
        format!("/api/blocks/{}.{}", scene.id(), "0".repeat(tag.len())),
        format!("/api/blocks/{other}.{tag}"),
        format!("/api/blocks/{}", scene.id()),
        "/api/blocks/x".to_owned(),
        format!("{right}0"),
    ] {
        for answer in [looks(&anybody, &forged).await?, presses(&anybody, &forged).await?] {
            let answer = answer.expect(404)?;
            is_page(&answer)?;
            let page = text(&answer);
            // Only the number of the request differs.
            pages.push(page.split("Help Desk").next().unwrap_or_default().to_owned());
        }
    }
    pages.dedup();
    same("different pages", &pages.len(), &1)?;
    let data = Call::new(Method::GET, "/api/blocks/x").header("accept", "application/json");
    anybody.send(data).await?.refused(404, "non-trovata")?;
    for origin in ["https://altrove.example", "null", ""] {
        let call = Call::new(Method::POST, &right)
            .header("origin", origin)
            .header("accept", "application/json");
        anybody.send(call).await?.refused(403, "origine-non-ammessa")?;
    }
    scene.nothing_changed(&before).await?;

    scene.operator.browser.delete(&scene.path("")).await?.expect(204)?;
    looks(&anybody, &right).await?.expect(404)?;
    presses(&anybody, &right).await?.expect(404)?;
    same("state", &scene.head().await?.state(), &State::Deleted)
}

/// Sent already: it stays sent, with its receipt, and waits for an officer of the province, who lets it go on.
#[tokio::test]
async fn what_was_sent_waits_for_an_officer_of_the_province() -> StoryResult {
    let scene = Scene::open().await?;
    let sent = scene.operator.submits(scene.id(), &scene.campaign).await?.expect(200)?;
    blocks_in_the_end(&scene).await?;
    let blocked = scene.head().await?;
    same("state", &blocked.state(), &State::BlockedAfterSending)?;
    let receipt = scene.operator.receipt(scene.id()).await?.expect(200)?;
    ensure(receipt.body == sent.body, "the receipt changed")?;

    let officer = scene.officer(Role::Officer, Some(PROVINCE)).await?;
    let elsewhere = scene.officer(Role::Officer, Some("AO")).await?;
    let flag = flag_of(&officer, scene.id()).await?;
    let flag = flag.ok_or_else(|| scene.world.story.deviation("the officer sees no flag"))?;
    same("province", &flag["province"], &PROVINCE.into())?;
    let allowed = flag["allowed"].to_string();
    ensure(allowed.contains("release"), format!("the officer may not release: {allowed}"))?;
    same("flags elsewhere", &flag_of(&elsewhere, scene.id()).await?, &None)?;

    let release = scene.path("/release");
    let body = json!({ "reason": REASON });
    elsewhere.browser.post(&release, &body).await?.refused(404, "non-trovata")?;
    for person in [&scene.employer, &scene.operator] {
        person.browser.post(&release, &body).await?.refused(403, "azione-non-consentita")?;
    }
    for wrong in ["ok", "Sentito il datore\u{7} di lavoro: la domanda è sua."] {
        let wrong = json!({ "reason": wrong });
        officer.browser.post(&release, &wrong).await?.refused(422, "campi-non-validi")?;
    }
    scene.nothing_changed(&blocked).await?;
    let view = officer.browser.post(&release, &body).await?.expect(200)?.json()?;
    same("state", &view["state"], &"in-review".into())?;
    same("state in the store", &scene.head().await?.state(), &State::InReview)?;
    same("flags after the release", &flag_of(&officer, scene.id()).await?, &None)?;
    officer.browser.post(&release, &body).await?.refused(409, "stato-non-compatibile")?;
    // The employer can change their mind while it is reviewed.
    let anybody = scene.world.browser()?;
    presses(&anybody, &scene.link().await?).await?.expect(200)?;
    same("state", &scene.head().await?.state(), &State::BlockedAfterSending)
}

/// The event of a submission is recorded first; until then a press is answered with "try again".
async fn blocks_in_the_end(scene: &Scene) -> StoryResult {
    let link = scene.link().await?;
    let anybody = scene.world.browser()?;
    let press = || async {
        let answer = presses(&anybody, &link).await?;
        Ok(if answer.status == 200 { Ok(()) } else { Err(format!("{answer}")) })
    };
    scene.world.story.eventually("the press is taken", LETTER_DEADLINE, press).await
}

/// A released draft keeps its content, and its employer proves the PEC again: the old code opens nothing.
#[tokio::test]
async fn a_released_draft_opens_with_a_new_code_and_keeps_its_content() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("sblocco")?.publish(&world).await?;
    let employer = world.employer()?;
    let (operator, _) = world.operator().await?;
    operator.signs_in(2).await?.expect(303)?;
    let id = operator.starts_with(&employer.preliminary_checks(&campaign)).await?;
    let first = employer.reads_activation_code_from_pec(&id).await?;
    operator.types_code(&id, &first).await?.expect(200)?;
    let change = json!([{ "field": "workplace_province", "base": null, "value": "LE" }]);
    operator.saves_changes(&id, &change).await?.expect(200)?;

    let application: ApplicationId = id.parse()?;
    let anybody = world.browser()?;
    presses(&anybody, &link(&world, &application).await?).await?.expect(200)?;
    // The workplace was typed: the office is known before the form is complete.
    let officer = official(&world, Role::Officer, Some("LE")).await?;
    ensure(flag_of(&officer, &id).await?.is_some(), "the officer of the workplace sees no flag")?;
    officer.browser.get(&format!("/api/applications/{id}")).await?.expect(200)?;
    let release = format!("/api/applications/{id}/release");
    let view = officer.browser.post(&release, &json!({ "reason": REASON })).await?.expect(200)?;
    same("state", &view.text("/state")?, &"to-validate".to_owned())?;
    // It is its people's own affair again; who presses twice reads that it may be released already.
    let again = officer.browser.post(&release, &json!({ "reason": REASON })).await?;
    let again = again.refused(404, "non-trovata")?;
    ensure(again.text("/detail")?.contains("già stata sbloccata"), "another reason")?;
    officer.browser.get(&format!("/api/applications/{id}")).await?.refused(404, "non-trovata")?;
    same("flags after the release", &flag_of(&officer, &id).await?, &None)?;

    let second = employer.pec.activation_code(&world.story, &id, 1).await?;
    ensure(first != second, "the code is the old one")?;
    operator.types_code(&id, &first).await?.refused(422, "codice-errato")?;
    operator.types_code(&id, &second).await?.expect(200)?;
    let draft = operator.draft(&id).await?.json()?;
    same("typed before", &draft["values"]["workplace_province"]["value"], &"LE".into())?;
    let notes = draft["notes"].as_array().cloned().unwrap_or_default();
    ensure(
        notes.iter().any(|note| note["kind"] == "release" && note["text"] == REASON),
        format!("the reason is not told: {notes:?}"),
    )?;
    let events = operator.history(&id).await?;
    let codes: Vec<_> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    same("history", &codes, &vec!["start", "verify-code", "block", "release", "verify-code"])?;
    Mailbox::new(&world.emulator, &operator.demo.representative.email)
        .receives(&world.story, "the notice that it goes on", |letter| {
            letter.speaks_of(&id) && letter.speaks_of("sbloccata")
        })
        .await?;
    Ok(())
}

/// CHK-2: blocked while the preliminary check was queued, there is no code yet; after the release the check is asked again
/// and the code follows.
#[tokio::test]
async fn a_release_before_the_check_is_confirmed_asks_the_registries_again() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("coda")?.publish(&world).await?;
    let down = Demand { behaviour: Behaviour::DownTwice, scope: Scope::Representation };
    let employer = world.employer_with(down)?;
    employer.signs_in(2).await?.expect(303)?;
    let body = employer.preliminary_checks(&campaign);
    let started = employer.browser.post("/api/applications", &body).await?.expect(202)?;
    let id = started.text("/id")?;
    let block = format!("/api/applications/{id}/block");
    employer.browser.post(&block, &json!({})).await?.expect(200)?;
    let administrator = official(&world, Role::Administrator, None).await?;
    let release = format!("/api/applications/{id}/release");
    let body = json!({ "reason": REASON });
    let view = administrator.browser.post(&release, &body).await?.expect(200)?;
    same("state", &view.text("/state")?, &"to-validate".to_owned())?;
    let code = employer.reads_activation_code_from_pec(&id).await?;
    employer.types_code(&id, &code).await?.expect(200)?;
    Ok(())
}

/// ENR-3: what registries answer after the block is not stored, and their questions come to rest.
#[tokio::test]
async fn a_registry_that_answers_after_the_block_changes_nothing() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("muta")?.publish(&world).await?;
    let late = Demand { behaviour: Behaviour::Late, scope: Scope::FactsLater };
    let employer = world.employer_with(late)?;
    employer.signs_in(2).await?.expect(303)?;
    let id = employer.starts_application(&campaign).await?;
    let code = employer.reads_activation_code_from_pec(&id).await?;
    employer.types_code(&id, &code).await?.expect(200)?;
    let path = format!("/api/applications/{id}/block");
    employer.browser.post(&path, &json!({})).await?.expect(200)?;
    let application: ApplicationId = id.parse()?;
    let blocked = head(&world, &application).await?;
    let values = world.drafts()?.load(&application).await?.values();
    let rest = || async {
        let tasks = world.applications()?.tasks(&application).await?;
        let waiting = tasks.iter().filter(|task| task.status == TaskStatus::Waiting).count();
        Ok(if waiting == 0 { Ok(()) } else { Err(format!("{waiting} questions wait")) })
    };
    world.story.eventually("no question waits any more", REGISTRY_DEADLINE, rest).await?;
    same("head", &head(&world, &application).await?, &blocked)?;
    same("values", &world.drafts()?.load(&application).await?.values().len(), &values.len())
}

/// Many presses at once are one block; a press and a submission at once are decided one way or the other.
#[tokio::test]
async fn presses_at_once_block_once_and_a_submission_meanwhile_is_not_lost() -> StoryResult {
    let scene = Scene::open().await?;
    let link = scene.link().await?;
    let anybody = scene.world.browser()?;
    let answers = join_all((0..8).map(|_| presses(&anybody, &link))).await;
    for answer in answers {
        answer?.expect(200)?;
    }
    same("version", &scene.head().await?.version, &(scene.application.version + 1))?;

    let scene = Scene::open().await?;
    let link = scene.link().await?;
    let (pressed, sent) =
        join(presses(&anybody, &link), scene.operator.submits(scene.id(), &scene.campaign)).await;
    let (pressed, sent) = (pressed?, sent?);
    ensure([200, 503].contains(&pressed.status), format!("{pressed}"))?;
    if sent.status == 200 {
        blocks_in_the_end(&scene).await?;
        same("state", &scene.head().await?.state(), &State::BlockedAfterSending)?;
        let receipt = scene.operator.receipt(scene.id()).await?.expect(200)?;
        ensure(receipt.body == sent.body, "the receipt changed")
    } else {
        sent.refused(409, "stato-non-compatibile")?;
        same("state", &scene.head().await?.state(), &State::Blocked)?;
        scene.operator.receipt(scene.id()).await?.refused(409, "stato-non-compatibile")?;
        Ok(())
    }
}

/// A fault that passes costs nothing; for one that stays the portal shows a page, and blocks nothing by halves.
#[tokio::test]
async fn a_failing_store_blocks_all_or_nothing() -> StoryResult {
    for (fault, times) in [
        (Fault::Throttle, 1),
        (Fault::TransactionConflict, 2),
        (Fault::CutBefore, 1),
        (Fault::CutAfter, 1),
        (Fault::Internal, 50),
    ] {
        let scene = Scene::open().await?;
        let before = scene.head().await?;
        let order = Order {
            operation: "TransactWriteItems".to_owned(),
            contains: scene.id().to_owned(),
            nth: 1,
            times,
            fault,
        };
        let order = scene.world.emulator.order_fault(&order).await?;
        let answer = presses(&scene.world.browser()?, &scene.link().await?).await?;
        ensure(scene.world.emulator.fault_fired(order).await? > 0, "the fault did not happen")?;
        scene.world.emulator.cancel_fault(order).await?;
        if fault == Fault::Internal {
            is_page(&answer.expect(503)?)?;
            scene.nothing_changed(&before).await?;
            let flag = keys::flag(Some(PROVINCE), &scene.application.id);
            ensure(!has_row(&scene.world, &flag).await?, "it is flagged, but not blocked")?;
        } else {
            answer.expect(200)?;
            same("version", &scene.head().await?.version, &(before.version + 1))?;
            let events = scene.world.applications()?.history(&before.id).await?;
            let blocks = events.iter().filter(|row| row.event.as_deref() == Some("block"));
            same("blocks in the history", &blocks.count(), &1)?;
        }
    }
    Ok(())
}

/// Only offices read the list: officers the flags of their province, administrators all; pages come one by one.
#[tokio::test]
async fn flags_are_for_the_offices_page_by_page() -> StoryResult {
    let scene = Scene::open().await?;
    let mut wanted = Vec::new();
    for _ in 0..3 {
        wanted.push(blocked_in(&scene, "AO").await?.to_string());
    }
    wanted.sort();
    let officer = scene.officer(Role::Officer, Some("AO")).await?;
    let mut found = Vec::new();
    let mut next = String::new();
    loop {
        let page =
            officer.browser.get(&format!("/api/flags?limit=2{next}")).await?.expect(200)?.json()?;
        let flags = page["flags"].as_array().cloned().unwrap_or_default();
        ensure(flags.len() <= 2, "a page is too long")?;
        for flag in &flags {
            same("province", &flag["province"], &"AO".into())?;
            found.push(flag["application"].as_str().unwrap_or_default().to_owned());
        }
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    // Earlier runs leave theirs: ours are among them, each once.
    found.retain(|id| wanted.contains(id));
    same("flags on all pages", &found, &wanted)?;
    let administrator = scene.officer(Role::Administrator, None).await?;
    let all = flags(&administrator).await?;
    for id in &wanted {
        ensure(all.iter().any(|flag| flag["application"] == *id), "the administrator misses one")?;
    }
    for wrong in ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor="] {
        let path = format!("/api/flags?{wrong}");
        officer.browser.get(&path).await?.refused(422, "campi-non-validi")?;
    }
    let cursor = officer.browser.get("/api/flags?limit=1").await?.expect(200)?.text("/next")?;
    let path = format!("/api/flags?cursor={cursor}");
    administrator.browser.get(&path).await?.refused(422, "campi-non-validi")?;
    for person in [
        &scene.employer,
        &scene.operator,
        &scene.officer(Role::PrefectureOfficer, Some("AO")).await?,
        &scene.officer(Role::Directorate, None).await?,
    ] {
        person.browser.get("/api/flags").await?.refused(403, "azione-non-consentita")?;
    }
    scene.world.browser()?.get("/api/flags").await?.refused(401, "sessione-assente")?;
    stock::signs_in(&scene.world, &officer, 1).await?;
    officer.browser.get("/api/flags").await?.refused(403, "livello-insufficiente")?;
    Ok(())
}

/// A blocked draft of a province where no test's form is.
async fn blocked_in(scene: &Scene, province: &str) -> StoryResult<ApplicationId> {
    let bytes: [u8; 16] = outside::aws::random()
        .map_err(|error| scene.world.story.deviation(format!("no randomness: {error}")))?;
    let application = Application {
        id: ApplicationId::from_random(bytes),
        stage: Stage::Blocked { province: Some(province.to_owned()) },
        ..scene.application.clone()
    };
    let who = Who::Account(application.parties.representative.clone());
    let blocked = Decision::scene(Cause::Event(Event::Block), None, &application, who).untold();
    scene.world.applications()?.commit(&blocked, &[]).await?;
    Ok(application.id)
}

/// What could not be done for days is no longer tried; the office of its case reads so, and only that office, until it is
/// tried anew.
#[tokio::test]
async fn an_office_sees_what_was_given_up_until_it_is_tried_anew() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("rinuncia")?.publish_apart(&world).await?;
    let employer = world.employer()?;
    let account = world.account(&employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    let case = cases::case_in(&world, &campaign, &belongs, State::Submitted, clock::wall()).await?;
    let id = case.id.to_string();
    // It waits for a queue whose consumer finds nothing to do, so that nobody else hears of the test.
    let due = millis(clock::wall() - SignedDuration::from_hours(5 * 24));
    let key = keys::document(&case.id, "test", 1);
    let (store, _) = world.store();
    let table = world.environment.text("PORTAL_TABLE")?;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    store
        .put_item()
        .table_name(&table)
        .set_item(Some(key.item()))
        .item("v", AttributeValue::N("1".to_owned()))
        .item("queue", text("history"))
        .item("pending_due", AttributeValue::N(due.to_string()))
        .send()
        .await?;
    let pending = Pending::new(store.clone(), table.clone());
    let what = Forwarding { queue: Queue::History, message: key.message(), due };
    ensure(pending.give_up(&what, Some(&case), clock::wall()).await?, "it was not given up")?;

    let province = case.province().unwrap_or_default().to_owned();
    let officer = official(&world, Role::Officer, Some(&province)).await?;
    let flag = flag_of(&officer, &id).await?.ok_or_else(|| world.story.deviation("no flag"))?;
    same("by whom", &flag["blocked_by"], &"portal".into())?;
    ensure(flag["given_up"].as_str().is_some_and(|text| text.len() > 20), format!("{flag}"))?;
    let elsewhere = official(&world, Role::Officer, Some("AO")).await?;
    same("flags elsewhere", &flag_of(&elsewhere, &id).await?, &None)?;

    while pending.retry_given_up(clock::wall()).await? > 0 {}
    same("flags after the retry", &flag_of(&officer, &id).await?, &None)?;
    let item = store.get_item().table_name(&table).set_key(Some(key.item())).send().await?.item;
    let shard = item.and_then(|item| item.get("pending_pk")?.as_s().ok().cloned());
    same("where it waits", &shard, &Some(keys::pending(Queue::History, &case.id)))?;
    store.delete_item().table_name(&table).set_key(Some(key.item())).send().await?;
    Ok(())
}

/// An officer, or an administrator, ends a blocked draft for good: its content and its flag go (NEW-5).
#[tokio::test]
async fn an_office_deletes_a_blocked_draft() -> StoryResult {
    let scene = Scene::open().await?;
    scene.is_blocked().await?;
    let elsewhere = scene.officer(Role::Officer, Some("AO")).await?;
    elsewhere.browser.delete(&scene.path("")).await?.refused(404, "non-trovata")?;
    let officer = scene.officer(Role::Officer, Some(PROVINCE)).await?;
    officer.browser.delete(&scene.path("")).await?.expect(204)?;
    same("state", &scene.head().await?.state(), &State::Deleted)?;
    let flag = keys::flag(Some(PROVINCE), &scene.application.id);
    ensure(!has_row(&scene.world, &flag).await?, "it is still flagged")?;
    let values = scene.world.drafts()?.load(&scene.application.id).await?.values();
    ensure(values.is_empty(), "its content is still there")
}
