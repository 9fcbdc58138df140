//! submit-application on the deployed portal: success, each refusal, not yours, repeated, store failing (SUB-1 to SUB-5).

use std::{collections::BTreeMap, time::Duration};

use domain::{
    application::{Application, Press, Ready, Who},
    campaign::{Activity, Campaign, CampaignFile, CampaignModel, Opening, Profile},
    decision::Decision,
    ids::OrganisationId,
    permission::Role,
    receipt::{ArrivalTicket, ReceiptCode, verify_document},
};
use edge::session::TokenKey;
use harness::{
    browser::{Answer, Call},
    campaigns::{MODEL, Plan},
    consumption::Consumption,
    employer::{Employer, submission},
    fault_proxy::{Fault, Order},
    mailbox::LETTER_DEADLINE,
    people,
    stock::{self, Belongs},
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{clock, key_ring::KeyRing};
use reqwest::Method;
use serde_json::{Value, json};
use store::applications::{
    Applications,
    submit::{Submit, SubmitOutcome},
};

const PATH: &str = "/api/submissions";

/// A ready application, its owner signed in, its campaign open.
struct Scene {
    world: World,
    campaign: Campaign,
    employer: Employer,
    application: Application,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        Self::in_world(World::enter().await?).await
    }

    /// In a world that was entered before.
    async fn in_world(world: World) -> StoryResult<Self> {
        Self::sending_from(world, SignedDuration::from_hours(-1), SignedDuration::from_hours(24))
            .await
    }

    /// Sending opens and closes so long after everything else is there.
    async fn sending_from(
        world: World,
        opens: SignedDuration,
        closes: SignedDuration,
    ) -> StoryResult<Self> {
        let employer = signed_in(&world, 2).await?;
        let plan = Plan::new("invio")?;
        // The gateway counts whole milliseconds.
        let now = Timestamp::from_millisecond(clock::wall().as_millisecond())?;
        let campaign = plan.sends(now + opens, Some(now + closes)).publish(&world).await?;
        let application = stock::ready_for(&world, &campaign, &employer).await?;
        Ok(Self { world, campaign, employer, application })
    }

    /// The press of the person who filled it in.
    fn press(&self) -> Press<'_> {
        let parties = &self.application.parties;
        Press {
            account: &parties.filer,
            role: Role::Employer,
            organisation: parties.organisation.as_ref(),
            campaign: self.campaign.id(),
            model: &self.application.model,
        }
    }

    /// When sending opens.
    fn opening(&self) -> StoryResult<Timestamp> {
        let model = self.campaign.models().first();
        model
            .and_then(CampaignModel::click_day)
            .ok_or_else(|| self.world.story.deviation("the campaign never opens"))
    }

    fn id(&self) -> &str {
        self.application.id.as_str()
    }

    async fn submits(&self) -> StoryResult<Answer> {
        self.employer.submits(self.id(), &self.campaign).await
    }

    /// What a refusal must leave behind: nothing.
    async fn nothing_was_sent(&self) -> StoryResult {
        let head = self.head().await?;
        same("state", &head.state().code(), &"to-send")?;
        same("version", &head.version, &self.application.version)
    }

    async fn head(&self) -> StoryResult<Application> {
        let head = self.world.applications()?.head(&self.application.id).await?;
        head.ok_or_else(|| self.world.story.deviation("the application is gone"))
    }

    async fn orders(&self, fault: Fault, times: u32) -> StoryResult<u64> {
        let order = Order {
            operation: "UpdateItem".to_owned(),
            contains: self.id().to_owned(),
            nth: 1,
            times,
            fault,
        };
        self.world.emulator.order_fault(&order).await
    }
}

async fn signed_in(world: &World, level: u8) -> StoryResult<Employer> {
    let employer = world.employer()?;
    let caller = stock::caller(world, &employer, level, SignedDuration::from_mins(10)).await?;
    stock::session(world, &employer.browser, &caller).await?;
    Ok(employer)
}

/// SUB-1, SUB-4: sent, stored, signed.
#[tokio::test]
async fn a_ready_application_is_sent_and_its_receipt_verifies() -> StoryResult {
    let scene = Scene::open().await?;
    let before = clock::wall();
    let answer = scene.submits().await?.expect(200)?;
    answer.is_kept_by_no_cache()?;
    let key = scene.world.receipt_keys().await?.at(scene.campaign.id(), clock::wall());
    let document = String::from_utf8_lossy(&answer.body).into_owned();
    let receipt = verify_document(&document, &[key.public()])?;
    same("application", &receipt.application, &scene.application.id)?;
    same("model", &receipt.model.as_str(), &MODEL)?;
    let ready = match &scene.application.stage {
        domain::application::Stage::ToSend(ready) => ready.digest,
        stage => panic!("{stage:?}"),
    };
    same("digest of the content", &receipt.digest, &ready)?;
    ensure(
        receipt.arrival >= before - SignedDuration::from_secs(1),
        "arrival lies before the request",
    )?;
    ensure(receipt.arrival <= clock::wall(), "arrival lies after the answer")?;
    same("state", &scene.head().await?.state().code(), &"submitted")
}

/// SUB-2: a double click, a retry, another tab: one submission, one receipt.
#[tokio::test]
async fn a_repetition_gives_the_same_bytes() -> StoryResult {
    let scene = Scene::open().await?;
    let answers = futures::future::join_all((0..8).map(|_| scene.submits())).await;
    let mut documents = Vec::new();
    for answer in answers {
        documents.push(answer?.expect(200)?.body);
    }
    documents.push(scene.submits().await?.expect(200)?.body);
    documents.dedup();
    same("different receipts", &documents.len(), &1)?;
    same("version of the head", &scene.head().await?.version, &(scene.application.version + 1))
}

/// SUB-1: one millisecond before the opening it is closed, at the opening it is open.
#[tokio::test]
async fn the_window_opens_to_the_millisecond() -> StoryResult {
    let opening: Timestamp = "2026-01-12T08:00:00.125Z".parse()?;
    let world = World::enter().await?;
    let campaign = Plan::new("millisecondo")?
        .sends(opening, Some(opening + SignedDuration::from_secs(1)))
        .publish(&world)
        .await?;
    let model = MODEL.parse()?;
    let at = |millis: i64| {
        campaign.window(&model, Activity::Submit, opening + SignedDuration::from_millis(millis))
    };
    ensure(
        matches!(at(-1), Opening::Closed { opens_at: Some(opens_at), .. } if opens_at == opening),
        "open too early",
    )?;
    ensure(at(0).is_open(), "closed at the opening")?;
    ensure(at(999).is_open(), "closed before the end")?;
    ensure(matches!(at(1000), Opening::Closed { opens_at: None, .. }), "open at the end")
}

/// SUB-1, SUB-3: a person who presses all the time reads the time left until the opening, and then sends once.
#[tokio::test]
async fn pressing_all_the_time_is_refused_until_the_opening_and_then_accepted() -> StoryResult {
    // A slow machine may need longer to set the scene than the opening is away.
    for opens in [10, 30, 90] {
        let (opens, closes) = (SignedDuration::from_secs(opens), SignedDuration::from_hours(1));
        let scene = Scene::sending_from(World::enter().await?, opens, closes).await?;
        if presses_until_accepted(&scene).await? > 0 {
            return Ok(());
        }
    }
    Err(Deviation::new("nothing was refused: the test began too late"))
}

/// How often a person who presses all the time is refused before the opening.
async fn presses_until_accepted(scene: &Scene) -> StoryResult<u32> {
    let opening = scene.opening()?;
    let mut refusals = 0;
    let accepted = loop {
        let answer = scene.submits().await?;
        if answer.status == 200 {
            break answer;
        }
        let answer = answer.refused(409, "finestra-non-aperta")?;
        let now: Timestamp = answer.text("/now")?.parse()?;
        ensure(now < opening, format!("refused at {now}, though open since {opening}"))?;
        same(
            "time left",
            &answer.number("/retry_after_ms")?,
            &(opening.as_millisecond() - now.as_millisecond()),
        )?;
        same("opening", &answer.text("/opens_at")?.parse::<Timestamp>()?, &opening)?;
        refusals += 1;
    };
    let arrival: Timestamp = accepted.text("/receipt/arrival")?.parse()?;
    ensure(arrival >= opening, format!("accepted at {arrival}, before {opening}"))?;
    Ok(refusals)
}

/// SUB-1: after the closing nothing is sent, and no next opening is promised.
#[tokio::test]
async fn after_the_closing_nothing_is_sent() -> StoryResult {
    let (opened, closed) = (SignedDuration::from_hours(-2), SignedDuration::from_hours(-1));
    let scene = Scene::sending_from(World::enter().await?, opened, closed).await?;
    let answer = scene.submits().await?.refused(409, "finestra-non-aperta")?;
    ensure(answer.json()?.get("opens_at").is_none(), "a next opening is promised")?;
    scene.nothing_was_sent().await
}

/// SUB-2: a repetition gives the same receipt, even when it comes after the closing.
#[tokio::test]
async fn a_repetition_after_the_closing_gives_the_same_receipt() -> StoryResult {
    let (opened, closed) = (SignedDuration::from_hours(-2), SignedDuration::from_hours(-1));
    let scene = Scene::sending_from(World::enter().await?, opened, closed).await?;
    let code = ReceiptCode::from_random(outside::aws::random()?);
    let submit = Submit {
        application: &scene.application.id,
        press: scene.press(),
        campaign_version: scene.campaign.version(),
        arrival: scene.opening()?,
        gateway_arrival: scene.opening()?,
        code: &code,
        ready_by: None,
    };
    let outcome = scene.world.applications()?.submit(&submit).await?;
    ensure(matches!(outcome, SubmitOutcome::Accepted(_)), "not accepted in time")?;
    let receipt = scene.submits().await?.expect(200)?;
    same("code", &receipt.text("/receipt/code")?, &code.as_str().to_owned())?;
    same(
        "again",
        &scene.submits().await?.expect(200)?.text("/receipt/code")?,
        &code.as_str().to_owned(),
    )
}

/// SUB-1: only *da inviare* is sent.
#[tokio::test]
async fn an_incomplete_application_is_not_sent() -> StoryResult {
    let scene = Scene::open().await?;
    let account = scene.application.parties.filer.clone();
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    let incomplete = stock::incomplete_application(&scene.world, &scene.campaign, &belongs).await?;
    let answer = scene.employer.submits(incomplete.id.as_str(), &scene.campaign).await?;
    same(
        "state told",
        &answer.refused(409, "stato-non-compatibile")?.text("/state")?,
        &"to-complete".to_owned(),
    )?;
    let head = scene.world.applications()?.head(&incomplete.id).await?;
    same("state", &head.map(|head| head.state().code()), &Some("to-complete"))
}

/// A campaign without the model, and a campaign that does not exist.
#[tokio::test]
async fn a_model_that_the_campaign_does_not_have_is_refused() -> StoryResult {
    let scene = Scene::open().await?;
    let mut body = submission(scene.id(), &scene.campaign);
    body["model"] = "b2020".into();
    scene.employer.browser.post(PATH, &body).await?.refused(422, "modello-non-previsto")?;
    let mut body = submission(scene.id(), &scene.campaign);
    body["campaign"] = "mai-pubblicata".into();
    scene.employer.browser.post(PATH, &body).await?.refused(422, "modello-non-previsto")?;
    scene.nothing_was_sent().await
}

/// An application is sent in its own campaign only.
#[tokio::test]
async fn another_campaign_does_not_send_it() -> StoryResult {
    let scene = Scene::open().await?;
    let other = Plan::new("altra")?.publish(&scene.world).await?;
    scene.employer.submits(scene.id(), &other).await?.refused(409, "stato-non-compatibile")?;
    scene.nothing_was_sent().await
}

/// The application of another person gets the same answer as one that does not exist.
#[tokio::test]
async fn what_is_not_yours_is_not_there() -> StoryResult {
    let scene = Scene::open().await?;
    let stranger = signed_in(&scene.world, 3).await?;
    let others =
        stranger.submits(scene.id(), &scene.campaign).await?.refused(404, "non-trovata")?;
    let absent = "app_00000000000000000000000001";
    let absent = stranger.submits(absent, &scene.campaign).await?.refused(404, "non-trovata")?;
    same("what the stranger reads", &without_request_id(&others)?, &without_request_id(&absent)?)?;
    scene.nothing_was_sent().await
}

/// OWN-1, FRM-4: the operator who filed it may send it, a colleague may not; the represented employer gets the same receipt.
#[tokio::test]
async fn the_operator_who_filed_it_may_send_it_and_a_colleague_may_not() -> StoryResult {
    let scene = Scene::open().await?;
    let world = &scene.world;
    let (operator, organisation) = world.operator().await?;
    let colleague = world.employer()?;
    world
        .enables(
            &colleague.demo.representative,
            Role::Operator,
            Profile::Organisation,
            Some(&organisation),
            None,
        )
        .await?;
    for person in [&operator, &colleague] {
        let caller = stock::caller(world, person, 2, SignedDuration::from_mins(10)).await?;
        stock::session(world, &person.browser, &caller).await?;
    }
    let filer = world.account(&operator.demo.representative).await?;
    let representative = scene.application.parties.representative.clone();
    let belongs = Belongs { representative, filer, organisation: Some(organisation) };
    let filed = stock::ready_application(world, &scene.campaign, &belongs).await?;
    colleague.submits(filed.id.as_str(), &scene.campaign).await?.refused(404, "non-trovata")?;
    let sent = operator.submits(filed.id.as_str(), &scene.campaign).await?.expect(200)?;
    let seen = scene.employer.submits(filed.id.as_str(), &scene.campaign).await?.expect(200)?;
    ensure(sent.body == seen.body, "the represented employer gets another receipt")
}

/// ORG-4: an operator who has left the organisation sends nothing that they filed for it.
#[tokio::test]
async fn an_operator_who_left_the_organisation_sends_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let former = signed_in(&scene.world, 2).await?;
    let filer = scene.world.account(&former.demo.representative).await?;
    let organisation = Some(OrganisationId::from_random(outside::aws::random()?));
    let belongs = Belongs {
        representative: scene.application.parties.representative.clone(),
        filer,
        organisation,
    };
    let filed = stock::ready_application(&scene.world, &scene.campaign, &belongs).await?;
    former.submits(filed.id.as_str(), &scene.campaign).await?.refused(404, "non-trovata")?;
    let head = scene.world.applications()?.head(&filed.id).await?;
    same("state", &head.map(|head| head.state().code()), &Some("to-send"))
}

/// Roles that handle applications send none.
#[tokio::test]
async fn an_officer_sends_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let officer = scene.world.employer()?;
    scene
        .world
        .enables(&officer.demo.representative, Role::Officer, Profile::Private, None, Some("FG"))
        .await?;
    let caller = stock::caller(&scene.world, &officer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&scene.world, &officer.browser, &caller).await?;
    officer.submits(scene.id(), &scene.campaign).await?.refused(403, "azione-non-consentita")?;
    scene.nothing_was_sent().await
}

/// All mistakes of a body come at once.
#[tokio::test]
async fn every_wrong_field_is_told_at_once() -> StoryResult {
    let scene = Scene::open().await?;
    let browser = &scene.employer.browser;
    let send = |body: Value| async move {
        browser.post(PATH, &body).await?.refused(422, "campi-non-validi")
    };
    let fields = |answer: Answer| answer.refused_fields();
    let pairs = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(field, code)| ((*field).to_owned(), (*code).to_owned()))
            .collect::<Vec<_>>()
    };
    let found = fields(send(json!({})).await?);
    same(
        "missing",
        &found,
        &pairs(&[
            ("application", "obbligatorio"),
            ("campaign", "obbligatorio"),
            ("model", "obbligatorio"),
        ]),
    )?;
    let found = fields(
        send(json!({ "campaign": 1, "model": null, "application": [], "quando": "ora" })).await?,
    );
    let wrong = [
        ("application", "tipo-errato"),
        ("campaign", "tipo-errato"),
        ("model", "tipo-errato"),
        ("quando", "sconosciuto"),
    ];
    same("wrong types", &found, &pairs(&wrong))?;
    let found = fields(
        send(json!({ "campaign": "No Slug", "model": "è", "application": "app_corto" })).await?,
    );
    let wrong =
        [("application", "non-valido"), ("campaign", "non-valido"), ("model", "non-valido")];
    same("wrong values", &found, &pairs(&wrong))?;
    let long = "x".repeat(501);
    let found = fields(send(json!({ "campaign": long, "model": MODEL, "application": "app_00000000000000000000000001" })).await?);
    same("too long", &found, &pairs(&[("campaign", "troppo-lungo")]))
}

/// Bodies that are none.
#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() -> StoryResult {
    let scene = Scene::open().await?;
    let call = |kind: &str, body: Vec<u8>| {
        scene.employer.browser.send(Call::new(Method::POST, PATH).body(kind, body))
    };
    for broken in ["", "{", "{\"campaign\":", "[]", "null", "\"x\"", "\u{feff}{}"] {
        call("application/json", broken.into()).await?.refused(400, "richiesta-illeggibile")?;
    }
    call("application/json", vec![0xff, 0xfe, b'{', b'}'])
        .await?
        .refused(400, "richiesta-illeggibile")?;
    let whole = submission(scene.id(), &scene.campaign).to_string();
    call("text/plain", whole.clone().into()).await?.refused(415, "formato-non-ammesso")?;
    call("application/x-www-form-urlencoded", whole.into())
        .await?
        .refused(415, "formato-non-ammesso")?;
    scene.nothing_was_sent().await
}

/// A megabyte is no form.
#[tokio::test]
async fn a_megabyte_is_refused() -> StoryResult {
    let scene = Scene::open().await?;
    let mut body = submission(scene.id(), &scene.campaign);
    body["model"] = "x".repeat(1024 * 1024).into();
    scene.employer.browser.post(PATH, &body).await?.refused(413, "contenuto-troppo-grande")?;
    scene.nothing_was_sent().await
}

/// A change of state comes from our own pages, or not at all.
#[tokio::test]
async fn another_origin_sends_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let body = submission(scene.id(), &scene.campaign);
    let portal = scene.world.portal();
    for origin in [
        "",
        "null",
        "https://portale.example.evil",
        "http://localhost",
        &format!("{portal}/"),
        &portal.replace("http:", "https:"),
    ] {
        let call = Call::new(Method::POST, PATH).json(&body).header("origin", origin);
        scene.employer.browser.send(call).await?.refused(403, "origine-non-ammessa")?;
    }
    scene.nothing_was_sent().await
}

/// No session, no submission.
#[tokio::test]
async fn without_a_session_nothing_is_sent() -> StoryResult {
    let scene = Scene::open().await?;
    let anonymous = scene.world.browser()?;
    anonymous
        .post(PATH, &submission(scene.id(), &scene.campaign))
        .await?
        .refused(401, "sessione-assente")?;
    scene.nothing_was_sent().await
}

/// A token that we did not sign is none, whatever it says.
#[tokio::test]
async fn a_forged_session_sends_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let caller =
        stock::caller(&scene.world, &scene.employer, 2, SignedDuration::from_mins(10)).await?;
    let issue = |key: &TokenKey| {
        key.issue(&caller, clock::wall())
            .map_err(|problem| scene.world.story.deviation(format!("{problem:?}")))
    };
    let ours = issue(&scene.world.tokens().await?)?;
    let another_key =
        issue(&TokenKey::new(KeyRing::of_one("un segreto che non è il nostro, lungo abbastanza")))?;
    let (head, rest) = ours.split_once('.').unwrap_or_default();
    let (claims, signature) = rest.split_once('.').unwrap_or_default();
    let none = data_encoding::BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"JWT","kid":"s1"}"#);
    let read = data_encoding::BASE64URL_NOPAD.decode(claims.as_bytes())?;
    let raised = String::from_utf8_lossy(&read).replace("\"lvl\":2", "\"lvl\":3");
    let raised = data_encoding::BASE64URL_NOPAD.encode(raised.as_bytes());
    let forgeries = [
        another_key,
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{head}.{raised}.{signature}"),
        format!("{head}.{claims}."),
        "x".to_owned(),
        String::new(),
    ];
    for forgery in forgeries {
        scene.employer.browser.plant_cookie(edge::session::SESSION_COOKIE, &forgery);
        scene.submits().await?.refused(401, "sessione-assente")?;
    }
    scene.nothing_was_sent().await
}

/// ADR 0006: on the click day a token past its expiry still submits for half an hour, and no longer.
#[tokio::test]
async fn a_token_submits_until_half_an_hour_past_its_expiry() -> StoryResult {
    let scene = Scene::open().await?;
    for (minutes, is_over) in [(-31, true), (-29, false)] {
        let caller =
            stock::caller(&scene.world, &scene.employer, 2, SignedDuration::from_mins(minutes))
                .await?;
        stock::session(&scene.world, &scene.employer.browser, &caller).await?;
        if is_over {
            scene.submits().await?.refused(401, "sessione-scaduta")?;
            scene.nothing_was_sent().await?;
        } else {
            scene.submits().await?.expect(200)?;
        }
    }
    Ok(())
}

/// ADR 0006: how long past its expiry a token submits is the campaign's datum.
#[tokio::test]
async fn a_campaign_may_shorten_how_long_a_late_token_submits() -> StoryResult {
    let mut scene = Scene::open().await?;
    scene.campaign = Plan::new("invio")?
        .changed(|file| file.policies.late_submit_token_minutes = 5)
        .publish(&scene.world)
        .await?;
    scene.application = stock::ready_for(&scene.world, &scene.campaign, &scene.employer).await?;
    for (minutes, is_over) in [(-6, true), (-4, false)] {
        let late = SignedDuration::from_mins(minutes);
        let caller = stock::caller(&scene.world, &scene.employer, 2, late).await?;
        stock::session(&scene.world, &scene.employer.browser, &caller).await?;
        if is_over {
            scene.submits().await?.refused(401, "sessione-scaduta")?;
            scene.nothing_was_sent().await?;
        } else {
            scene.submits().await?.expect(200)?;
        }
    }
    Ok(())
}

/// IDP-1, ACC-7: level 1 sends nothing.
#[tokio::test]
async fn level_1_sends_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let caller =
        stock::caller(&scene.world, &scene.employer, 1, SignedDuration::from_mins(10)).await?;
    stock::session(&scene.world, &scene.employer.browser, &caller).await?;
    scene.submits().await?.refused(403, "livello-insufficiente")?;
    scene.nothing_was_sent().await
}

/// The budget of a submission: one request to the store and at most three write units, as the store counts them.
#[tokio::test]
async fn submitting_costs_one_request_and_at_most_three_write_units() -> StoryResult {
    let scene = Scene::open().await?;
    let code = ReceiptCode::from_random(outside::aws::random()?);
    let submit = Submit {
        application: &scene.application.id,
        press: scene.press(),
        campaign_version: scene.campaign.version(),
        arrival: clock::wall(),
        gateway_arrival: clock::wall(),
        ready_by: None,
        code: &code,
    };
    let consumption = Consumption::default();
    let client = consumption.counting_client(&scene.world.environment.sdk().await?);
    let table = scene.world.environment.text("PORTAL_TABLE")?;
    let outcome = Applications::new(client, table).submit(&submit).await?;
    ensure(matches!(outcome, SubmitOutcome::Accepted(_)), "not accepted")?;
    let units = consumption.units();
    ensure(units > 0.0 && units <= 3.0, format!("{units} write units"))?;

    let deployed = Scene::in_world(scene.world.clone()).await?;
    let receipt = deployed.submits().await?.expect(200)?.text("/receipt/code")?;
    // The receipt's code is fresh and only the submission writes it.
    let asked = deployed.world.emulator.store_requests(&receipt).await?;
    same("calls of the function", &asked, &BTreeMap::from([("UpdateItem".to_owned(), 1)]))
}

/// A fault of the store that passes costs nothing: one submission, one receipt (SUB-2, SUB-5).
async fn a_passing_fault_is_not_noticed(fault: Fault) -> StoryResult {
    let scene = Scene::open().await?;
    let order = scene.orders(fault, 1).await?;
    let first = scene.submits().await?.expect(200)?;
    same("faults that happened", &scene.world.emulator.fault_fired(order).await?, &1)?;
    let second = scene.submits().await?.expect(200)?;
    ensure(first.body == second.body, "the repetition gave another receipt")?;
    same("version of the head", &scene.head().await?.version, &(scene.application.version + 1))
}

#[tokio::test]
async fn a_throttled_store_is_asked_again() -> StoryResult {
    a_passing_fault_is_not_noticed(Fault::Throttle).await
}

#[tokio::test]
async fn a_conflict_in_the_store_is_tried_again() -> StoryResult {
    a_passing_fault_is_not_noticed(Fault::TransactionConflict).await
}

#[tokio::test]
async fn a_failing_store_is_asked_again() -> StoryResult {
    a_passing_fault_is_not_noticed(Fault::Internal).await
}

#[tokio::test]
async fn a_connection_cut_before_the_write_is_tried_again() -> StoryResult {
    a_passing_fault_is_not_noticed(Fault::CutBefore).await
}

#[tokio::test]
async fn a_connection_cut_after_the_write_gives_the_receipt_of_that_write() -> StoryResult {
    a_passing_fault_is_not_noticed(Fault::CutAfter).await
}

/// SUB-2, SUB-5: the function dies between the store's answer and ours; the retry gets the receipt of the write that took effect.
#[tokio::test]
async fn a_function_killed_after_the_write_loses_nothing() -> StoryResult {
    let scene = Scene::in_world(World::enter().await?).await?;
    let order = scene.orders(Fault::KillCaller, 1).await?;
    let killed = scene.submits().await?;
    ensure(killed.status >= 500, format!("{killed}: the function was not killed"))?;
    same("faults that happened", &scene.world.emulator.fault_fired(order).await?, &1)?;
    let head = scene.head().await?;
    same("state behind the lost answer", &head.state().code(), &"submitted")?;
    let key = scene.world.receipt_keys().await?.at(scene.campaign.id(), clock::wall());
    let written =
        head.receipt(&key).map(|receipt| receipt.sign(&key).to_document()).unwrap_or_default();
    let retried = scene.submits().await?.expect(200)?;
    same("receipt of the retry", &String::from_utf8_lossy(&retried.body).into_owned(), &written)
}

/// Two-step truth: the store fails for longer than our retries; the 503 carries a ticket, and a retry with it keeps the arrival.
#[tokio::test]
async fn a_ticket_keeps_the_arrival_when_the_store_fails() -> StoryResult {
    let scene = Scene::open().await?;
    scene.orders(Fault::Throttle, 4).await?;
    let refused = scene.submits().await?.refused(503, "servizio-non-disponibile")?;
    ensure(refused.header("retry-after").is_some(), "the 503 does not say when to try again")?;
    let ticket = refused.text("/arrival_ticket")?;
    let arrival: Timestamp = refused.text("/arrival")?.parse()?;
    scene.nothing_was_sent().await?;
    let accepted = with_ticket(&scene, scene.id(), &ticket).await?.expect(200)?;
    same(
        "arrival in the receipt",
        &accepted.text("/receipt/arrival")?.parse::<Timestamp>()?,
        &arrival,
    )?;
    let repeated = scene.submits().await?.expect(200)?;
    ensure(accepted.body == repeated.body, "the repetition without the ticket gave another receipt")
}

/// An arrival before the closing counts, though the store took it only after.
#[tokio::test]
async fn a_ticket_from_before_the_closing_is_good_after_it() -> StoryResult {
    // A slow machine may need longer to set the scene than the closing is away.
    for closes in [15, 45, 90] {
        let (opened, closes) = (SignedDuration::from_hours(-1), SignedDuration::from_secs(closes));
        let scene = Scene::sending_from(World::enter().await?, opened, closes).await?;
        scene.orders(Fault::Internal, 4).await?;
        let refused = scene.submits().await?;
        if refused.problem().as_deref() != Some("finestra-non-aperta") {
            let refused = refused.refused(503, "servizio-non-disponibile")?;
            return is_sent_after_the_closing(&scene, &refused.text("/arrival_ticket")?).await;
        }
    }
    Err(Deviation::new("no press came before the closing"))
}

/// Waits for the closing; then the application is sent with its ticket and not without.
async fn is_sent_after_the_closing(scene: &Scene, ticket: &str) -> StoryResult {
    let closed = Duration::from_mins(2);
    scene
        .world
        .story
        .eventually("the window is closed", closed, || async {
            let answer =
                scene.employer.submits("app_00000000000000000000000001", &scene.campaign).await?;
            let is_closed = answer.problem().as_deref() == Some("finestra-non-aperta");
            Ok(if is_closed { Ok(()) } else { Err(answer.to_string()) })
        })
        .await?;
    scene.submits().await?.refused(409, "finestra-non-aperta")?;
    scene.nothing_was_sent().await?;
    with_ticket(scene, scene.id(), ticket).await?.expect(200)?;
    Ok(())
}

/// SUB-3: where a ticket would let a late application in among final positions the portal gives none; the person may
/// repeat the press.
#[tokio::test]
async fn a_ticket_ends_before_later_arrivals_get_final_positions() -> StoryResult {
    let world = World::enter().await?;
    let employer = signed_in(&world, 2).await?;
    // Positions are final after a minute: as long as the reserve, which leaves a ticket nothing.
    let plan = Plan::new("biglietto")?.changed(|file| file.policies.closing_delay_seconds = 60);
    let campaign = plan.publish(&world).await?;
    let application = stock::ready_for(&world, &campaign, &employer).await?;
    let scene = Scene { world, campaign, employer, application };
    scene.orders(Fault::Throttle, 4).await?;
    let refused = scene.submits().await?.refused(503, "servizio-non-disponibile")?;
    same("ticket", &refused.json()?.get("arrival_ticket"), &None)?;
    scene.nothing_was_sent().await?;
    scene.submits().await?.expect(200)?;
    Ok(())
}

/// A ticket is no reservation: what became ready only after its arrival is not sent with it.
#[tokio::test]
async fn a_ticket_does_not_send_what_was_not_ready_by_then() -> StoryResult {
    let scene = Scene::open().await?;
    scene.orders(Fault::Throttle, 4).await?;
    let ticket =
        scene.submits().await?.refused(503, "servizio-non-disponibile")?.text("/arrival_ticket")?;
    let head = scene.head().await?;
    let domain::application::Stage::ToSend(ready) = &head.stage else { panic!("{:?}", head.stage) };
    let again = with_other_content(&head, ready);
    scene.world.applications()?.commit(&again, &[]).await?;
    with_ticket(&scene, scene.id(), &ticket).await?.refused(409, "stato-non-compatibile")?;
    same("state", &scene.head().await?.state().code(), &"to-send")?;
    scene.submits().await?.expect(200)?;
    Ok(())
}

/// SUB-5: a note in the history or a hand-over touches the head, but not what is sent: the arrival stays.
#[tokio::test]
async fn a_ticket_outlives_a_change_that_leaves_the_content_as_it_was() -> StoryResult {
    let scene = Scene::open().await?;
    scene.orders(Fault::Throttle, 4).await?;
    let refused = scene.submits().await?.refused(503, "servizio-non-disponibile")?;
    let (ticket, arrival) = (refused.text("/arrival_ticket")?, refused.text("/arrival")?);
    let head = scene.head().await?;
    let noted = domain::readiness::noted(&head, None, Who::System, clock::wall());
    scene.world.applications()?.commit(&noted, &[]).await?;
    let accepted = with_ticket(&scene, scene.id(), &ticket).await?.expect(200)?;
    same(
        "arrival in the receipt",
        &accepted.text("/receipt/arrival")?.parse::<Timestamp>()?,
        &arrival.parse()?,
    )
}

/// A campaign that moves its clock, forwards or back, moves no ticket: readiness is compared by the gateway's clock.
#[tokio::test]
async fn a_ticket_means_the_same_where_the_campaign_moves_its_clock() -> StoryResult {
    for days in [-10, 10] {
        let offset = SignedDuration::from_hours(24 * days);
        let world = World::enter().await?;
        let employer = signed_in(&world, 2).await?;
        let opened = clock::wall() + offset - SignedDuration::from_hours(1);
        let moved = |file: &mut CampaignFile| file.clock_offset_ms = 24 * 3_600_000 * days;
        let plan = Plan::new("orologio")?.sends(opened, None).changed(moved);
        let campaign = plan.publish(&world).await?;
        let application = stock::ready_for(&world, &campaign, &employer).await?;
        let scene = Scene { world, campaign, employer, application };

        scene.orders(Fault::Throttle, 4).await?;
        let refused = scene.submits().await?.refused(503, "servizio-non-disponibile")?;
        let ticket = refused.text("/arrival_ticket")?;
        let head = scene.head().await?;
        let domain::application::Stage::ToSend(ready) = &head.stage else {
            panic!("{:?}", head.stage)
        };
        let again = with_other_content(&head, ready);
        scene.world.applications()?.commit(&again, &[]).await?;
        with_ticket(&scene, scene.id(), &ticket).await?.refused(409, "stato-non-compatibile")?;
        same("state", &scene.head().await?.state().code(), &"to-send")?;

        scene.orders(Fault::Throttle, 4).await?;
        let refused = scene.submits().await?.refused(503, "servizio-non-disponibile")?;
        let ticket = refused.text("/arrival_ticket")?;
        with_ticket(&scene, scene.id(), &ticket).await?.expect(200)?;
    }
    Ok(())
}

/// SUB-5: relay and reconciler go by the wall clock, so a campaign that plays another day must not move when a submission's
/// history is due: ten days ahead it would wait for ten days.
#[tokio::test]
async fn a_submission_of_another_day_waits_by_the_gateways_clock() -> StoryResult {
    let offset = SignedDuration::from_hours(240);
    let world = World::enter().await?;
    let employer = signed_in(&world, 2).await?;
    let opened = clock::wall() + offset - SignedDuration::from_hours(1);
    let moved = |file: &mut CampaignFile| file.clock_offset_ms = 240 * 3_600_000;
    let plan = Plan::new("giorno")?.sends(opened, None).changed(moved);
    let campaign = plan.publish(&world).await?;
    let application = stock::ready_for(&world, &campaign, &employer).await?;
    let scene = Scene { world, campaign, employer, application };
    scene.submits().await?.expect(200)?;
    scene
        .world
        .story
        .eventually("the submission is recorded", LETTER_DEADLINE, || async {
            let events = scene.world.applications()?.history(&scene.application.id).await?;
            let is_recorded = events.iter().any(|event| event.event.as_deref() == Some("submit"));
            Ok(if is_recorded { Ok(()) } else { Err(format!("{} events", events.len())) })
        })
        .await
}

/// A store that says nothing at all is given up while there is time to say so: our 503 with a ticket, not the gateway's.
#[tokio::test]
async fn a_silent_store_gives_a_ticket_before_the_function_is_out_of_time() -> StoryResult {
    let scene = Scene::open().await?;
    let order = scene.orders(Fault::Silence, 4).await?;
    let begun = std::time::Instant::now();
    let refused = scene.submits().await?.refused(503, "servizio-non-disponibile")?;
    println!("silent store: 503 after {:.2} s", begun.elapsed().as_secs_f64());
    same("tries", &scene.world.emulator.fault_fired(order).await?, &2)?;
    let ticket = refused.text("/arrival_ticket")?;
    scene.nothing_was_sent().await?;
    scene.world.emulator.cancel_fault(order).await?;
    with_ticket(&scene, scene.id(), &ticket).await?.expect(200)?;
    Ok(())
}

/// A ticket is good for its own application and person, and only as we wrote it.
#[tokio::test]
async fn a_ticket_is_good_for_nothing_else() -> StoryResult {
    let scene = Scene::open().await?;
    scene.orders(Fault::Throttle, 4).await?;
    let ticket =
        scene.submits().await?.refused(503, "servizio-non-disponibile")?.text("/arrival_ticket")?;
    let other = stock::ready_for(&scene.world, &scene.campaign, &scene.employer).await?;
    with_ticket(&scene, other.id.as_str(), &ticket).await?.refused(422, "campi-non-validi")?;
    let mut forged = ticket.clone();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    with_ticket(&scene, scene.id(), &forged).await?.refused(422, "campi-non-validi")?;
    let unknown = people::fresh_word()?;
    with_ticket(&scene, scene.id(), &unknown).await?.refused(422, "campi-non-validi")?;
    scene.nothing_was_sent().await?;
    let head = scene.world.applications()?.head(&other.id).await?;
    same("state of the other", &head.map(|head| head.state().code()), &Some("to-send"))
}

/// A ticket serves for this model, from its arrival on, as long as its decree says: both real ones say fifteen minutes.
#[tokio::test]
async fn a_ticket_serves_as_long_as_its_decree_says() -> StoryResult {
    let scene = Scene::open().await?;
    let ready_since = clock::wall();
    let keys = scene.world.receipt_keys().await?;
    let ticket = ArrivalTicket {
        application: scene.application.id.clone(),
        campaign: scene.campaign.id().clone(),
        model: scene.application.model.clone(),
        account: scene.application.parties.filer.clone(),
        arrival: ready_since,
    };
    let issued = |ticket: &ArrivalTicket| ticket.issue(&keys.at(&ticket.campaign, ticket.arrival));
    let lasts = scene.campaign.policies().ticket_lasts();
    let other_model = "b2020-pluriennale".parse()?;
    for wrong in [
        ArrivalTicket { arrival: ready_since - lasts, ..ticket.clone() },
        ArrivalTicket { arrival: ready_since + SignedDuration::from_hours(1), ..ticket.clone() },
        ArrivalTicket { model: other_model, ..ticket.clone() },
    ] {
        let refused = with_ticket(&scene, scene.id(), &issued(&wrong)).await?;
        refused.refused(422, "campi-non-validi")?;
    }
    scene.nothing_was_sent().await?;
    let accepted = with_ticket(&scene, scene.id(), &issued(&ticket)).await?.expect(200)?;
    let arrival: Timestamp = accepted.text("/receipt/arrival")?.parse()?;
    same("arrival in the receipt", &arrival.as_millisecond(), &ready_since.as_millisecond())
}

/// The same head, ready with something else since now.
fn with_other_content(head: &Application, held: &Ready) -> Decision {
    let now = clock::wall();
    head.ready_again(Ready { digest: [7; 32], since: now, ..held.clone() }, Who::System, now)
}

async fn with_ticket(scene: &Scene, application: &str, ticket: &str) -> StoryResult<Answer> {
    let call = Call::new(Method::POST, PATH)
        .json(&submission(application, &scene.campaign))
        .header("arrival-ticket", ticket);
    scene.employer.browser.send(call).await
}

fn without_request_id(answer: &Answer) -> StoryResult<Value> {
    let mut document = answer.json()?;
    if let Some(members) = document.as_object_mut() {
        members.remove("request_id");
    }
    Ok(document)
}
