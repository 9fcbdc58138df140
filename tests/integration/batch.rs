//! One press for many (FRM-4): one outcome each, the same receipts again, no other person's applications, and what
//! stops in the middle.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    application::{Application, Press, Who},
    campaign::{Campaign, CampaignModel, Profile},
    decision::Deletion,
    ids::{AccountId, OrganisationId},
    permission::Role,
    receipt::{ReceiptCode, verify_document},
};
use harness::{
    browser::{Answer, Browser, Call},
    campaigns::{MODEL, Plan},
    employer::Employer,
    fault_proxy::{Fault, Order},
    people,
    stock::{self, Belongs},
    story::{Story, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    applications::submit::{Submit, SubmitOutcome},
    sessions::Caller,
};

const PATH: &str = "/api/submissions/batch";
const ABSENT: &str = "app_00000000000000000000000001";

/// An operator, signed in, whose campaign is open.
struct Scene {
    world: World,
    campaign: Campaign,
    operator: Employer,
    caller: Caller,
    organisation: OrganisationId,
    /// Whom the operator files for.
    client: Employer,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        let (opened, closes) = (SignedDuration::from_hours(-1), SignedDuration::from_hours(24));
        Self::sending_from(opened, closes).await
    }

    async fn sending_from(opens: SignedDuration, closes: SignedDuration) -> StoryResult<Self> {
        let world = World::enter().await?;
        let now = Timestamp::from_millisecond(clock::wall().as_millisecond())?;
        let campaign =
            Plan::new("insieme")?.sends(now + opens, Some(now + closes)).publish(&world).await?;
        let (operator, organisation) = world.operator().await?;
        let caller = stock::signs_in(&world, &operator, 2).await?;
        let client = world.employer()?;
        stock::signs_in(&world, &client, 2).await?;
        Ok(Self { world, campaign, operator, caller, organisation, client })
    }

    async fn belongs(&self) -> StoryResult<Belongs> {
        Ok(Belongs {
            representative: self.world.account(&self.client.demo.representative).await?,
            filer: self.caller.account.clone(),
            organisation: Some(self.organisation.clone()),
        })
    }

    /// So many ready applications of the operator.
    async fn ready(&self, many: usize) -> StoryResult<Vec<Application>> {
        let belongs = self.belongs().await?;
        stock::ready_applications(&self.world, &self.campaign, &belongs, many).await
    }

    /// A colleague of the operator, signed in.
    async fn colleague(&self, role: Role) -> StoryResult<(Employer, Caller)> {
        stock::colleague(&self.world, &self.organisation, role).await
    }

    fn body(&self, applications: Option<Vec<&str>>) -> Value {
        let mut body = json!({ "campaign": self.campaign.id(), "model": MODEL });
        if let Some(applications) = applications {
            body["applications"] = json!(applications);
        }
        body
    }

    async fn sends_everything(&self) -> StoryResult<Answer> {
        self.operator.browser.post(PATH, &self.body(None)).await
    }

    async fn sends(&self, applications: &[Application]) -> StoryResult<Answer> {
        let ids = applications.iter().map(|one| one.id.as_str()).collect();
        self.operator.browser.post(PATH, &self.body(Some(ids))).await
    }

    async fn state(&self, application: &Application) -> StoryResult<&'static str> {
        let head = self.world.applications()?.head(&application.id).await?;
        let head = head.ok_or_else(|| self.world.story.deviation("the application is gone"))?;
        Ok(head.state().code())
    }

    async fn nothing_was_sent(&self, applications: &[Application]) -> StoryResult {
        for application in applications {
            same("state", &self.state(application).await?, &"to-send")?;
        }
        Ok(())
    }

    /// Sends one past the portal, when the window was open.
    async fn was_sent(&self, application: &Application, arrival: Timestamp) -> StoryResult {
        let code = ReceiptCode::from_random(outside::aws::random()?);
        let press = Press {
            account: &self.caller.account,
            role: Role::Operator,
            organisation: Some(&self.organisation),
            campaign: self.campaign.id(),
            model: &application.model,
        };
        let submit = Submit {
            application: &application.id,
            press,
            campaign_version: self.campaign.version(),
            arrival,
            gateway_arrival: self.campaign.gateway_instant(arrival),
            ready_by: None,
            code: &code,
        };
        let outcome = self.world.applications()?.submit(&submit).await?;
        ensure(matches!(outcome, SubmitOutcome::Accepted(_)), "not accepted in time")
    }

    async fn filed_by(&self, account: &AccountId) -> StoryResult<Application> {
        let belongs = Belongs { filer: account.clone(), ..self.belongs().await? };
        stock::ready_application(&self.world, &self.campaign, &belongs).await
    }

    async fn throttles(&self, contains: &str, operation: &str, times: u32) -> StoryResult<u64> {
        let order = Order {
            operation: operation.to_owned(),
            contains: contains.to_owned(),
            nth: 1,
            times,
            fault: Fault::Throttle,
        };
        self.world.emulator.order_fault(&order).await
    }
}

fn outcomes(answer: &Answer) -> StoryResult<Vec<Value>> {
    Ok(answer.json()?["outcomes"].as_array().cloned().unwrap_or_default())
}

/// Identifier and outcome, in the order of the answer.
fn told(answer: &Answer) -> StoryResult<Vec<(String, String)>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(outcomes(answer)?
        .iter()
        .map(|one| (text(&one["application"]), text(&one["outcome"])))
        .collect())
}

fn counted(answer: &Answer, outcome: &str) -> StoryResult<usize> {
    Ok(told(answer)?.iter().filter(|(_, one)| one == outcome).count())
}

/// The answer, unless a busy store left some of its outcomes without one.
fn in_time(answer: Answer) -> StoryResult<Result<Answer, String>> {
    let late = counted(&answer, "unavailable")?;
    Ok(if late == 0 { Ok(answer) } else { Err(format!("{late} put off")) })
}

fn receipts(answer: &Answer) -> StoryResult<BTreeSet<String>> {
    Ok(outcomes(answer)?
        .iter()
        .filter_map(|one| one["receipt"].as_str().map(str::to_owned))
        .collect())
}

/// FRM-4, SUB-3, SUB-4: one press sends all that the caller has ready, with one arrival, and nothing of others.
#[tokio::test]
async fn one_press_sends_what_the_operator_filled_in_and_nothing_of_a_colleague() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(3).await?;
    let (_, colleague) = scene.colleague(Role::Operator).await?;
    let colleagues = scene.filed_by(&colleague.account).await?;
    stock::incomplete_application(&scene.world, &scene.campaign, &scene.belongs().await?).await?;
    let other = Plan::new("altra")?.publish(&scene.world).await?;
    let elsewhere = stock::ready_application(&scene.world, &other, &scene.belongs().await?).await?;

    let answer = scene.sends_everything().await?.expect(200)?;
    answer.is_kept_by_no_cache()?;
    same("sent", &counted(&answer, "sent")?, &3)?;
    same("outcomes", &told(&answer)?.len(), &3)?;
    same("remaining", &answer.number("/remaining")?, &0)?;
    let key = scene.world.receipt_keys().await?.at(scene.campaign.id(), clock::wall());
    let arrival: Timestamp = answer.text("/arrival")?.parse()?;
    let ids: BTreeSet<_> = ready.iter().map(|one| one.id.clone()).collect();
    let mut sent = BTreeSet::new();
    for document in receipts(&answer)? {
        let receipt = verify_document(&document, &[key.public()])?;
        same("arrival", &receipt.arrival, &arrival)?;
        sent.insert(receipt.application);
    }
    same("sent applications", &sent, &ids)?;
    // Nor does it cost anything that an organisation has filed much else.
    for other in [&colleagues, &elsewhere] {
        let asked = scene.world.emulator.store_requests(other.id.as_str()).await?;
        ensure(asked.is_empty(), format!("{asked:?} for what is not the operator's here"))?;
    }
    scene.nothing_was_sent(&[colleagues, elsewhere]).await?;

    let again = scene.sends_everything().await?.expect(200)?;
    same("already sent", &counted(&again, "already-sent")?, &3)?;
    same("receipts of the repetition", &receipts(&again)?, &receipts(&answer)?)
}

/// ORG-4, FRM-4: an application that was handed over is the colleague's from then on; the colleague's "all" sends it.
#[tokio::test]
async fn what_was_handed_over_goes_with_the_press_of_whoever_has_it_now() -> StoryResult {
    let scene = Scene::open().await?;
    let (leaving, former) = scene.colleague(Role::Operator).await?;
    let filed = scene.filed_by(&former.account).await?;
    let handed = filed.handed_over(&scene.caller.account, Who::System, clock::wall());
    scene.world.applications()?.commit(&handed, &[]).await?;

    let nothing = leaving.browser.post(PATH, &scene.body(None)).await?.expect(200)?;
    same("outcomes of the former", &told(&nothing)?, &Vec::new())?;
    scene.nothing_was_sent(std::slice::from_ref(&filed)).await?;
    let answer = scene.sends_everything().await?.expect(200)?;
    same("outcomes", &told(&answer)?, &vec![(filed.id.to_string(), "sent".to_owned())])
}

/// NEW-2, FRM-4: an employer's "all" sends what an operator filled in for it, too, and as many as the radar counts.
#[tokio::test]
async fn an_employer_sends_what_an_operator_filled_in_as_many_as_the_radar_counts() -> StoryResult {
    let scene = Scene::open().await?;
    let operators = scene.ready(2).await?;
    let own = Belongs {
        filer: scene.world.account(&scene.client.demo.representative).await?,
        organisation: None,
        ..scene.belongs().await?
    };
    let own = stock::ready_application(&scene.world, &scene.campaign, &own).await?;
    let other = Plan::new("altra")?.publish(&scene.world).await?;
    let elsewhere = stock::ready_application(&scene.world, &other, &scene.belongs().await?).await?;
    let browser = &scene.client.browser;
    let radar =
        format!("/api/applications/readiness?campaign={}&model={MODEL}", scene.campaign.id());
    let counted_as_sendable = browser.get(&radar).await?.expect(200)?.number("/totals/sendable")?;
    same("sendable", &counted_as_sendable, &3)?;

    let answer = browser.post(PATH, &scene.body(None)).await?.expect(200)?;
    let sent: BTreeSet<_> = told(&answer)?.into_iter().collect();
    let wanted = operators.iter().chain([&own]).map(|one| (one.id.to_string(), "sent".to_owned()));
    same("outcomes", &sent, &wanted.collect())?;
    scene.nothing_was_sent(&[elsewhere]).await?;
    let left = browser.get(&radar).await?.expect(200)?.number("/totals/sendable")?;
    same("sendable after the press", &left, &0)?;
    // The operator's own press finds the same receipts.
    let operator = scene.sends_everything().await?.expect(200)?;
    same("the operator's outcomes", &counted(&operator, "already-sent")?, &2)
}

/// A hundred at a time, the oldest first; pressed again, the rest.
#[tokio::test]
async fn a_hundred_go_with_one_press_and_the_rest_with_the_next() -> StoryResult {
    let press = || {
        Box::pin(async {
            let scene = Scene::open().await?;
            let oldest = scene.ready(100).await?;
            let newest = scene.ready(3).await?;
            let answer = scene.sends_everything().await?.expect(200)?;
            // A hundred writes may take a busy machine longer than a function has: another operator presses.
            Ok(in_time(answer)?.map(|answer| (scene, oldest, newest, answer)))
        })
    };
    let (scene, oldest, newest, answer) = Story::default()
        .eventually("one press goes for a hundred in time", Duration::from_mins(3), press)
        .await?;
    same("sent", &counted(&answer, "sent")?, &100)?;
    same("remaining", &answer.number("/remaining")?, &3)?;
    same("different receipts", &receipts(&answer)?.len(), &100)?;
    let arrival = answer.text("/arrival")?;
    ensure(
        receipts(&answer)?.iter().all(|receipt| receipt.contains(&arrival)),
        "the arrival is not shared",
    )?;
    scene.nothing_was_sent(&newest).await?;
    let rest = scene.sends_everything().await?.expect(200)?;
    same("sent by the second press", &counted(&rest, "sent")?, &3)?;
    same("remaining", &rest.number("/remaining")?, &0)?;
    same("shown again", &counted(&rest, "already-sent")?, &97)?;
    let all = scene.sends(&oldest).await?.expect(200)?;
    same("receipts of the first press, asked by name", &receipts(&all)?, &receipts(&answer)?)
}

/// Each of a selection has its own outcome, in the order asked for; an application of another person gets the same
/// answer as one that does not exist.
#[tokio::test]
async fn each_of_a_selection_has_its_own_outcome() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(2).await?;
    let incomplete =
        stock::incomplete_application(&scene.world, &scene.campaign, &scene.belongs().await?)
            .await?;
    let deleted = scene.ready(1).await?.remove(0);
    let gone = deleted.delete(Deletion::Requested, Who::System, clock::wall())?;
    scene.world.applications()?.commit(&gone, &[]).await?;
    let stranger = scene.world.employer()?;
    let foreign = stock::ready_for(&scene.world, &scene.campaign, &stranger).await?;
    scene.operator.submits(ready[1].id.as_str(), &scene.campaign).await?.expect(200)?;

    let asked = [
        (foreign.id.as_str(), "not-found"),
        (ready[0].id.as_str(), "sent"),
        (ABSENT, "not-found"),
        (incomplete.id.as_str(), "not-ready"),
        (ready[1].id.as_str(), "already-sent"),
        (deleted.id.as_str(), "not-found"),
    ];
    let body = scene.body(Some(asked.iter().map(|(id, _)| *id).collect()));
    let answer = scene.operator.browser.post(PATH, &body).await?.expect(200)?;
    let wanted: Vec<_> =
        asked.iter().map(|(id, outcome)| ((*id).to_owned(), (*outcome).to_owned())).collect();
    same("outcomes", &told(&answer)?, &wanted)?;
    let found = outcomes(&answer)?;
    same("what is told of a stranger's", &found[0]["problem"], &found[2]["problem"])?;
    same("its other members", &found[0].as_object().map(serde_json::Map::len), &Some(3))?;
    same("receipts", &receipts(&answer)?.len(), &2)?;
    scene.nothing_was_sent(&[foreign]).await
}

/// The represented employer may name what the operator filed.
#[tokio::test]
async fn the_employer_sends_by_name_what_an_operator_filled_in() -> StoryResult {
    let scene = Scene::open().await?;
    let filed = scene.ready(2).await?;
    let body = scene.body(Some(vec![filed[0].id.as_str()]));
    let named = scene.client.browser.post(PATH, &body).await?.expect(200)?;
    same("sent by name", &counted(&named, "sent")?, &1)?;
    scene.nothing_was_sent(&filed[1..]).await
}

/// No selection, too many, twice the same, nonsense: the answer names all mistakes at once and nothing is sent.
#[tokio::test]
async fn a_wrong_selection_sends_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(1).await?;
    let id = ready[0].id.as_str();
    let refused = |applications: Value| {
        let mut body = scene.body(None);
        body["applications"] = applications;
        let browser = &scene.operator.browser;
        async move {
            let answer = browser.post(PATH, &body).await?.refused(422, "campi-non-validi")?;
            StoryResult::Ok(answer.refused_fields())
        }
    };
    let one = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
    same("none", &refused(json!([])).await?, &one("applications", "obbligatorio"))?;
    same("null", &refused(Value::Null).await?, &one("applications", "tipo-errato"))?;
    same("a text", &refused(json!(id)).await?, &one("applications", "tipo-errato"))?;
    let many: Vec<_> = (0..101).map(|n| format!("app_{n:026}")).collect();
    same("101", &refused(json!(many)).await?, &one("applications", "troppo-lungo"))?;
    let found = refused(json!([id, "app_1", id, 7, null])).await?;
    let wanted = [
        ("applications[1]", "non-valido"),
        ("applications[2]", "ripetuto"),
        ("applications[3]", "non-valido"),
        ("applications[4]", "non-valido"),
    ];
    let wanted: Vec<_> =
        wanted.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
    same("each wrong one", &found, &wanted)?;

    let mut body = scene.body(Some(vec![id]));
    body["arrival_tickets"] = json!({ id: people::fresh_word()? });
    let forged =
        scene.operator.browser.post(PATH, &body).await?.refused(422, "campi-non-validi")?;
    same("forged", &forged.refused_fields(), &one(&format!("arrival_tickets.{id}"), "non-valido"))?;
    let mut body = scene.body(None);
    body["arrival_tickets"] = json!({ id: "at1" });
    body["quando"] = json!("ora");
    let loose = scene.operator.browser.post(PATH, &body).await?.refused(422, "campi-non-validi")?;
    let wanted = [one("arrival_tickets", "non-valido"), one("quando", "sconosciuto")].concat();
    same("a ticket of nothing", &loose.refused_fields(), &wanted)?;
    scene.nothing_was_sent(&ready).await
}

/// Same permission as a single press: origin, session, level, role.
#[tokio::test]
async fn whoever_may_not_press_sends_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(1).await?;
    let body = scene.body(None);
    let browser = &scene.operator.browser;
    let foreign = Call::new(Method::POST, PATH).json(&body).header("origin", "null");
    browser.send(foreign).await?.refused(403, "origine-non-ammessa")?;
    scene.world.browser()?.post(PATH, &body).await?.refused(401, "sessione-assente")?;
    for (role, province) in [(Role::Officer, Some("FG")), (Role::Administrator, None)] {
        let stranger = scene.world.employer()?;
        let person = &stranger.demo.representative;
        scene.world.enables(person, role, Profile::Private, None, province).await?;
        stock::signs_in(&scene.world, &stranger, 2).await?;
        stranger.browser.post(PATH, &body).await?.refused(403, "azione-non-consentita")?;
    }
    stock::signs_in(&scene.world, &scene.operator, 1).await?;
    browser.post(PATH, &body).await?.refused(403, "livello-insufficiente")?;
    // Unlike a single press, it reads the session's row: a withdrawn operator sends nothing.
    scene.world.sessions()?.end(&scene.caller.session, clock::wall()).await?;
    let token = scene.world.tokens().await?.issue(&scene.caller, clock::wall());
    let token = token.map_err(|problem| scene.world.story.deviation(format!("{problem:?}")))?;
    browser.plant_cookie(edge::session::SESSION_COOKIE, &token);
    browser.post(PATH, &body).await?.refused(401, "sessione-scaduta")?;
    scene.nothing_was_sent(&ready).await
}

/// ORG-4, permission table: the contact, who keeps the organisation's list, sends nothing, not even what they had
/// filled in.
#[tokio::test]
async fn an_organisations_contact_sends_nothing_that_they_had_filled_in() -> StoryResult {
    let scene = Scene::open().await?;
    let (contact, caller) = scene.colleague(Role::OrganisationContact).await?;
    let filed = scene.filed_by(&caller.account).await?;
    contact.submits(filed.id.as_str(), &scene.campaign).await?.refused(404, "non-trovata")?;
    let body = scene.body(Some(vec![filed.id.as_str()]));
    let answer = contact.browser.post(PATH, &body).await?.expect(200)?;
    same("not found", &counted(&answer, "not-found")?, &1)?;
    scene.nothing_was_sent(&[filed]).await
}

/// SUB-2: operator and represented employer press at once for the same: one receipt each, the same for both.
#[tokio::test]
async fn two_who_press_at_once_get_the_same_receipts() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(24).await?;
    let ids: Vec<_> = ready.iter().map(|one| one.id.as_str()).collect();
    let mut backwards = ids.clone();
    backwards.reverse();
    let (one, other) = (scene.body(Some(ids)), scene.body(Some(backwards)));
    // What a busy store leaves without an answer is pressed again, as the page does.
    let presses = async |browser: &Browser, body: &Value| {
        let press = || async { in_time(browser.post(PATH, body).await?.expect(200)?) };
        scene.world.story.eventually("each is answered", Duration::from_mins(1), press).await
    };
    let (operator, employer) = futures::future::join(
        presses(&scene.operator.browser, &one),
        presses(&scene.client.browser, &other),
    )
    .await;
    let (operator, employer) = (operator?, employer?);
    let sent = counted(&operator, "sent")? + counted(&employer, "sent")?;
    ensure(sent <= 24, format!("{sent} of 24 were sent"))?;
    same("receipts", &receipts(&operator)?.len(), &24)?;
    same("receipts of both", &receipts(&operator)?, &receipts(&employer)?)
}

/// SUB-3, SUB-5: the store refuses half: these get tickets, and the retry keeps their arrival.
#[tokio::test]
async fn what_the_store_refuses_keeps_its_arrival_for_the_retry() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(8).await?;
    let (refused, taken) = ready.split_at(4);
    for application in refused {
        scene.throttles(application.id.as_str(), "UpdateItem", 4).await?;
    }
    let first = scene.sends(&ready).await?.expect(200)?;
    same("sent", &counted(&first, "sent")?, &taken.len())?;
    same("unavailable", &counted(&first, "unavailable")?, &refused.len())?;
    scene.nothing_was_sent(refused).await?;
    let tickets: serde_json::Map<String, Value> = outcomes(&first)?
        .iter()
        .filter_map(|one| {
            Some((one["application"].as_str()?.to_owned(), one.get("arrival_ticket")?.clone()))
        })
        .collect();
    same("tickets", &tickets.len(), &refused.len())?;

    let mut body = scene.body(Some(ready.iter().map(|one| one.id.as_str()).collect()));
    body["arrival_tickets"] = Value::Object(tickets);
    let retry = scene.operator.browser.post(PATH, &body).await?.expect(200)?;
    same("sent by the retry", &counted(&retry, "sent")?, &refused.len())?;
    let arrival = first.text("/arrival")?;
    ensure(retry.text("/arrival")? > arrival, "the retry arrived before the first press")?;
    ensure(
        receipts(&retry)?.iter().all(|receipt| receipt.contains(&arrival)),
        "an arrival was lost",
    )?;
    ensure(receipts(&first)?.is_subset(&receipts(&retry)?), "a receipt has changed")
}

/// ORG-4: an operator withdrawn in the middle stops there; what was sent stays sent.
#[tokio::test]
async fn whoever_is_withdrawn_in_the_middle_stops_there() -> StoryResult {
    let press = || {
        Box::pin(async {
            let scene = Scene::open().await?;
            let ready = scene.ready(48).await?;
            let (world, first) = (&scene.world, &ready[0].id);
            stock::is_withdrawn_in_the_middle(world, &scene.caller, "UpdateItem", first).await?;
            let answer = scene.sends(&ready).await?.expect(200)?;
            // On a slow machine the function may have no time left to look at the session: another operator presses.
            Ok(in_time(answer)?.map(|answer| (scene, ready, answer)))
        })
    };
    let (scene, ready, answer) = Story::default()
        .eventually("the function looks at the session in time", Duration::from_mins(2), press)
        .await?;
    same("sent", &counted(&answer, "sent")?, &16)?;
    same("not allowed any more", &counted(&answer, "not-allowed")?, &32)?;
    let reason = outcomes(&answer)?.pop().unwrap_or_default();
    ensure(
        reason["problem"]["detail"]
            .as_str()
            .is_some_and(|text| text.contains("non è stata inviata")),
        format!("no reason: {reason}"),
    )?;
    scene.nothing_was_sent(&ready[16..]).await?;
    scene.sends(&ready).await?.refused(401, "sessione-scaduta")?;
    scene.nothing_was_sent(&ready[16..]).await
}

/// Where the session cannot be read for the next wave nothing more is sent, and the arrival is kept.
#[tokio::test]
async fn a_session_that_cannot_be_read_holds_the_rest_back() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(20).await?;
    let order = Order {
        operation: "GetItem".to_owned(),
        contains: scene.caller.session.to_string(),
        nth: 2,
        times: 4,
        fault: Fault::Throttle,
    };
    scene.world.emulator.order_fault(&order).await?;
    let answer = scene.sends(&ready).await?.expect(200)?;
    same("sent", &counted(&answer, "sent")?, &16)?;
    same("unavailable", &counted(&answer, "unavailable")?, &4)?;
    scene.nothing_was_sent(&ready[16..]).await?;
    let held: Vec<_> = outcomes(&answer)?.into_iter().skip(16).collect();
    ensure(held.iter().all(|one| one["arrival_ticket"].is_string()), "an arrival is not kept")?;
    let again = scene.sends(&ready).await?.expect(200)?;
    same("sent by the repetition", &counted(&again, "sent")?, &4)
}

/// SUB-3, SUB-5: a store that is silent from the start: nothing is sent, the answer comes before the function is out of
/// time, and each of the selection keeps its arrival, as with a single press.
#[tokio::test]
async fn a_store_that_is_silent_from_the_start_keeps_the_arrival_of_the_whole_selection()
-> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.ready(3).await?;
    let order = Order {
        operation: "GetItem".to_owned(),
        contains: scene.caller.session.to_string(),
        nth: 1,
        times: 2,
        fault: Fault::Silence,
    };
    scene.world.emulator.order_fault(&order).await?;
    let refused = scene.sends(&ready).await?.refused(503, "servizio-non-disponibile")?;
    let (arrival, tickets) = (refused.text("/arrival")?, refused.json()?["arrival_tickets"].take());
    same("tickets", &tickets.as_object().map(serde_json::Map::len), &Some(3))?;
    scene.nothing_was_sent(&ready).await?;

    let mut body = scene.body(Some(ready.iter().map(|one| one.id.as_str()).collect()));
    body["arrival_tickets"] = tickets;
    let retry = scene.operator.browser.post(PATH, &body).await?.expect(200)?;
    same("sent by the retry", &counted(&retry, "sent")?, &3)?;
    ensure(receipts(&retry)?.iter().all(|one| one.contains(&arrival)), "an arrival was lost")
}

/// SUB-1: before the first opening the whole request is refused, and nothing is read for it.
#[tokio::test]
async fn before_the_opening_nothing_is_sent_nor_read() -> StoryResult {
    let (opens, closes) = (SignedDuration::from_hours(1), SignedDuration::from_hours(2));
    let scene = Scene::sending_from(opens, closes).await?;
    let ready = scene.ready(2).await?;
    let refused = scene.sends(&ready).await?.refused(409, "finestra-non-aperta")?;
    ensure(refused.number("/retry_after_ms")? > 0, "the time left is not told")?;
    scene.sends_everything().await?.refused(409, "finestra-non-aperta")?;
    let asked = scene.world.emulator.store_requests(ready[0].id.as_str()).await?;
    same("requests of the function", &asked.into_iter().collect::<Vec<_>>(), &Vec::new())?;
    scene.nothing_was_sent(&ready).await
}

/// SUB-2: after the closing the answer gives the receipt of each that was sent in time; for the others it says that the
/// window is closed.
#[tokio::test]
async fn after_the_closing_only_repetitions_have_receipts() -> StoryResult {
    let (opened, closed) = (SignedDuration::from_hours(-2), SignedDuration::from_hours(-1));
    let scene = Scene::sending_from(opened, closed).await?;
    let ready = scene.ready(3).await?;
    scene.sends(&ready).await?.refused(409, "finestra-non-aperta")?;
    scene.sends_everything().await?.refused(409, "finestra-non-aperta")?;
    scene.nothing_was_sent(&ready).await?;
    let arrival = scene.campaign.models().first().and_then(CampaignModel::click_day);
    scene.was_sent(&ready[1], arrival.unwrap_or(Timestamp::UNIX_EPOCH)).await?;
    let answer = scene.sends(&ready).await?.expect(200)?;
    let found: Vec<_> = told(&answer)?.into_iter().map(|(_, outcome)| outcome).collect();
    same("outcomes", &found, &["closed", "already-sent", "closed"].map(str::to_owned).to_vec())?;
    let all = scene.sends_everything().await?.expect(200)?;
    same("all", &receipts(&all)?, &receipts(&answer)?)?;
    scene.nothing_was_sent(&[ready[0].clone(), ready[2].clone()]).await
}

/// Nothing to send is no error, and the answer says what to do.
#[tokio::test]
async fn nothing_ready_is_told() -> StoryResult {
    let scene = Scene::open().await?;
    let answer = scene.sends_everything().await?.expect(200)?;
    same("outcomes", &told(&answer)?, &Vec::new())?;
    ensure(answer.text("/message")?.contains("riepilogo"), "it is not said what to do")
}
