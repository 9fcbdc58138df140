//! start-application on the deployed portal: success, each refusal, not yours, repeated, guessed, registries of every kind
//! (CHK-1, CHK-2, ACT-1, LIM-1, OWN-1).

use std::time::Duration;

use domain::{
    activation::ActivationCode,
    application::{Application, Parties, Stage},
    campaign::{Campaign, Profile},
    email_address::EmailAddress,
    ids::ApplicationId,
    permission::Role,
};
use futures::future::join_all;
use harness::{
    browser::{Answer, Call},
    campaigns::{MODEL, Plan},
    employer::{Employer, REGISTRY_DEADLINE, schema_of, started},
    fault_proxy::{Fault, Order},
    mailbox::Mailbox,
    people, stock,
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::clock;
use reqwest::Method;
use serde_json::{Value, json};
use simulate_registries::{Behaviour, Demand, DemoEmployer, Population, Scope};
use store::{
    applications::commit::Companion,
    applications::tasks::{Task, TaskStatus},
    attempts::Attempts,
    drafts::Preliminary,
    rows::millis,
};

const PATH: &str = "/api/applications";

/// An employer at the portal, signed in, whose campaign takes new applications.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) campaign: Campaign,
    pub(crate) employer: Employer,
}

impl Scene {
    pub(crate) async fn open() -> StoryResult<Self> {
        Self::with(Plan::new("avvio")?, Demand::default()).await
    }

    pub(crate) async fn with(plan: Plan, demand: Demand) -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = plan.publish(&world).await?;
        let employer = world.employer_with(demand)?;
        employer.signs_in(2).await?.expect(303)?;
        Ok(Self { world, campaign, employer })
    }

    async fn starts(&self) -> StoryResult<Answer> {
        self.employer.browser.post(PATH, &self.checks()).await
    }

    fn checks(&self) -> Value {
        self.employer.preliminary_checks(&self.campaign)
    }

    /// Posts a body that differs from the right one.
    async fn starts_with(&self, change: impl FnOnce(&mut Value)) -> StoryResult<Answer> {
        let mut body = self.checks();
        change(&mut body);
        self.employer.browser.post(PATH, &body).await
    }

    /// What a refusal must leave behind: no application of this employer.
    async fn nothing_was_started(&self) -> StoryResult {
        same("applications", &self.count().await?, &0)
    }

    async fn count(&self) -> StoryResult<usize> {
        let account = self.world.account(&self.employer.demo.representative).await?;
        let ids = self.world.applications()?.of_representative(&account, None, 100).await?;
        let heads = self.world.applications()?.heads(&ids).await?;
        Ok(heads.iter().filter(|head| head.state().code() != "deleted").count())
    }

    pub(crate) async fn head(&self, id: &str) -> StoryResult<Application> {
        let head = self.world.applications()?.head(&id.parse()?).await?;
        head.ok_or_else(|| self.world.story.deviation("the application is gone"))
    }

    /// The code that the PEC shows, derived as the sender derives it.
    pub(crate) async fn code(&self, id: &str) -> StoryResult<String> {
        let id: ApplicationId = id.parse()?;
        let look = || async {
            let activation = self.world.applications()?.activation(&id).await?;
            Ok(activation.ok_or_else(|| "none".to_owned()))
        };
        let activation =
            self.world.story.eventually("there is a code", REGISTRY_DEADLINE, look).await?;
        let secret = self.world.keying().await?.activation_secret();
        Ok(ActivationCode::derive(&secret, &id, &activation.nonce).reveal())
    }

    /// From the checks to the open form.
    pub(crate) async fn opens_form(&self) -> StoryResult<String> {
        let id = self.employer.starts_application(&self.campaign).await?;
        let code = self.code(&id).await?;
        self.employer.types_code(&id, &code).await?.expect(200)?;
        Ok(id)
    }

    /// The same, with no registry so slow that the check is queued.
    async fn starts_at_once(&self) -> StoryResult<Answer> {
        self.employer.starts_at_once(&self.checks()).await
    }

    /// A started application whose code is out and was not typed yet.
    async fn to_validate(&self) -> StoryResult<String> {
        let id = self.employer.starts_application(&self.campaign).await?;
        self.code(&id).await?;
        self.is_to_validate(&id).await?;
        Ok(id)
    }

    async fn is_to_validate(&self, id: &str) -> StoryResult {
        same("state", &self.head(id).await?.state().code(), &"to-validate")?;
        ensure(
            self.world.drafts()?.load(&id.parse()?).await?.values().is_empty(),
            "the form has content",
        )
    }

    pub(crate) async fn tasks(&self, id: &str) -> StoryResult<Vec<Task>> {
        Ok(self.world.applications()?.tasks(&id.parse()?).await?)
    }

    /// How many events of the lifecycle it had: a check that was queued for once is none.
    async fn events(&self, id: &ApplicationId) -> StoryResult<usize> {
        let history = self.world.applications()?.history(id).await?;
        Ok(history.iter().filter(|row| row.event.is_some()).count())
    }
}

/// Codes that are none of these: as typed, in the order tried.
fn wrong_codes(right: &str, how_many: usize) -> Vec<String> {
    let all = [
        "0000-0001",
        "0000-0002",
        "0000-0003",
        "0000-0004",
        "0000-0005",
        "0000-0006",
        "0000-0007",
        "0000-0008",
    ];
    all.iter()
        .cycle()
        .filter(|code| **code != right)
        .take(how_many)
        .map(|code| (*code).to_owned())
        .collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> =
        pairs.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
    pairs.sort();
    pairs
}

fn on(behaviour: Behaviour, scope: Scope) -> Demand {
    Demand { behaviour, scope }
}

/// CHK-1, CHK-2, ACT-1, FRM-1: from the checks over the PEC to the open form, which shows what was said.
#[tokio::test]
async fn the_right_code_from_the_pec_opens_the_form() -> StoryResult {
    let scene = Scene::open().await?;
    let answer = scene.starts_at_once().await?.expect(201)?;
    answer.is_kept_by_no_cache()?;
    let id = answer.text("/id")?;
    same("state", &answer.text("/state")?, &"to-validate".to_owned())?;
    same("code sent", &answer.json()?["code_sent"], &json!(true))?;
    let head = scene.head(&id).await?;
    let account = scene.world.account(&scene.employer.demo.representative).await?;
    same("representative", &head.parties.representative, &account)?;
    let owner = scene.world.keying().await?.company(&scene.employer.demo.company_code);
    same("owner", &head.parties.owner, &owner)?;

    let code = scene.employer.reads_activation_code_from_pec(&id).await?;
    same("code of the letter", &code, &scene.code(&id).await?)?;
    let typed = code.to_lowercase().replace('-', " ");
    let opened = scene.employer.types_code(&id, &typed).await?.expect(200)?;
    same("state", &opened.text("/state")?, &"to-complete".to_owned())?;
    let draft = scene.employer.draft(&id).await?;
    same(
        "applicant",
        &draft.text("/values/representative_fiscal_code/value")?,
        &scene.employer.demo.representative.fiscal_code.reveal().to_owned(),
    )?;
    same("source", &draft.text("/values/representative_fiscal_code/source")?, &"start".to_owned())?;
    same("mail", &draft.text("/values/contact_email/source")?, &"identity".to_owned())?;
    let history: Vec<_> = scene
        .employer
        .history(&id)
        .await?
        .iter()
        .filter_map(|event| event["event"].as_str().map(str::to_owned))
        .collect();
    same("history", &history.first().map(String::as_str), &Some("start"))?;
    ensure(history.iter().any(|event| event == "verify-code"), "the history lacks the code")?;
    let asked: Vec<_> = scene.tasks(&id).await?.into_iter().map(|task| task.name).collect();
    same("registries asked", &asked.len(), &5)
}

/// A double click, and a retry after a lost answer: one application, one place in the limit.
#[tokio::test]
async fn a_double_click_starts_one_application() -> StoryResult {
    let scene = Scene::with(
        Plan::new("doppio")?.changed(|file| file.limits.private = Some(1)),
        Demand::default(),
    )
    .await?;
    let call =
        || Call::new(Method::POST, PATH).json(&scene.checks()).header("idempotency-key", "clic-1");
    let mut ids = Vec::new();
    for answer in join_all((0..4).map(|_| scene.employer.browser.send(call()))).await {
        ids.push(started(answer?)?);
    }
    ids.push(started(scene.employer.browser.send(call()).await?)?);
    ids.dedup();
    same("different applications", &ids.len(), &1)?;
    same("applications", &scene.count().await?, &1)?;
    same("events", &scene.events(&ids[0].parse()?).await?, &1)?;
    // The same key with other data is no repetition.
    let mut other = scene.checks();
    other["company_fiscal_code"] = json!(people::employer()?.company_code.reveal());
    let call = Call::new(Method::POST, PATH).json(&other).header("idempotency-key", "clic-1");
    let refused = scene.employer.browser.send(call).await?.refused(422, "campi-non-validi")?;
    same("field", &refused.refused_fields(), &pairs(&[("Idempotency-Key", "gia-usato")]))?;
    let call =
        Call::new(Method::POST, PATH).json(&scene.checks()).header("idempotency-key", "con spazi");
    let refused = scene.employer.browser.send(call).await?.refused(422, "campi-non-validi")?;
    same("field", &refused.refused_fields(), &pairs(&[("Idempotency-Key", "non-valido")]))?;
    same("applications", &scene.count().await?, &1)
}

/// CHK-1: all mistakes at once; nothing is started.
#[tokio::test]
async fn every_wrong_field_of_the_checks_is_told_at_once() -> StoryResult {
    let scene = Scene::open().await?;
    let fields = |answer: StoryResult<Answer>| {
        Ok(answer?.refused(422, "campi-non-validi")?.refused_fields())
    };
    let found: StoryResult<_> = fields(scene.employer.browser.post(PATH, &json!({})).await);
    let missing = [
        "campaign",
        "model",
        "privacy_ack",
        "privacy_version",
        "ri_registered",
        "company_fiscal_code",
    ];
    same("missing", &found?, &pairs(&missing.map(|field| (field, "obbligatorio"))))?;
    let wrong = json!({
        "campaign": scene.campaign.id(), "model": MODEL, "privacy_ack": "sì", "privacy_version": 7, "ri_registered": 1,
        "applicant_kind": "natural", "applicant_fiscal_code": [], "company_fiscal_code": {}, "società": "Rossi",
    });
    let found: StoryResult<_> = fields(scene.employer.browser.post(PATH, &wrong).await);
    let types = [
        "privacy_ack",
        "privacy_version",
        "ri_registered",
        "applicant_fiscal_code",
        "company_fiscal_code",
    ];
    let mut wanted: Vec<_> = types.iter().map(|field| (*field, "tipo-errato")).collect();
    wanted.extend([("applicant_kind", "non-previsto"), ("società", "sconosciuto")]);
    same("wrong types", &found?, &pairs(&wanted))?;
    let found: StoryResult<_> = fields(
        scene
            .starts_with(|body| {
                body["privacy_ack"] = json!(false);
                body["privacy_version"] = json!("2020-01-01");
                body["company_fiscal_code"] = json!("12345678900");
                // A private user's code is that of the identity (CHK-1).
                body["applicant_fiscal_code"] = json!("RSSMRA80A01H501U");
            })
            .await,
    );
    let wanted = [
        ("privacy_ack", "obbligatorio"),
        ("company_fiscal_code", "non-valido"),
        ("applicant_fiscal_code", "diverso-dalla-identita"),
    ];
    same("wrong values", &found?, &pairs(&wanted))?;
    let found: StoryResult<_> =
        fields(scene.starts_with(|body| body["privacy_version"] = json!("2020-01-01")).await);
    same("old notice", &found?, &pairs(&[("privacy_version", "superata")]))?;
    scene.nothing_was_started().await
}

/// A campaign or a model that is not there.
#[tokio::test]
async fn a_model_that_the_campaign_does_not_have_is_refused() -> StoryResult {
    let scene = Scene::open().await?;
    scene
        .starts_with(|body| body["model"] = json!("b2020"))
        .await?
        .refused(422, "modello-non-previsto")?;
    scene
        .starts_with(|body| body["campaign"] = json!("mai-pubblicata"))
        .await?
        .refused(422, "modello-non-previsto")?;
    scene.nothing_was_started().await
}

/// Bodies that are none.
#[tokio::test]
async fn a_body_that_is_no_form_is_refused() -> StoryResult {
    let scene = Scene::open().await?;
    let call = |kind: &str, body: Vec<u8>| {
        scene.employer.browser.send(Call::new(Method::POST, PATH).body(kind, body))
    };
    for broken in ["", "{", "[]", "null", "\"x\""] {
        call("application/json", broken.into()).await?.refused(400, "richiesta-illeggibile")?;
    }
    call("text/plain", scene.checks().to_string().into())
        .await?
        .refused(415, "formato-non-ammesso")?;
    scene
        .starts_with(|body| body["model"] = "x".repeat(1024 * 1024).into())
        .await?
        .refused(413, "contenuto-troppo-grande")?;
    scene.nothing_was_started().await
}

/// A change of state comes from the portal's own pages, by a person signed in at level 2, in a session that lives.
#[tokio::test]
async fn without_origin_session_or_level_nothing_is_started() -> StoryResult {
    let scene = Scene::open().await?;
    for origin in ["", "null", "https://portale.example.evil"] {
        let call = Call::new(Method::POST, PATH).json(&scene.checks()).header("origin", origin);
        scene.employer.browser.send(call).await?.refused(403, "origine-non-ammessa")?;
    }
    let anonymous = scene.world.browser()?;
    anonymous.post(PATH, &scene.checks()).await?.refused(401, "sessione-assente")?;
    let browser = scene.world.browser()?;
    for (level, lasts, status, problem) in
        [(1, 10, 403, "livello-insufficiente"), (2, -1, 401, "sessione-scaduta")]
    {
        let caller =
            stock::caller(&scene.world, &scene.employer, level, SignedDuration::from_mins(lasts))
                .await?;
        stock::session(&scene.world, &browser, &caller).await?;
        browser.post(PATH, &scene.checks()).await?.refused(status, problem)?;
    }
    // A copy of the cookies does not outlive the sign-out.
    let caller =
        stock::caller(&scene.world, &scene.employer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&scene.world, &browser, &caller).await?;
    scene.world.sessions()?.end(&caller.session, clock::wall()).await?;
    browser.post(PATH, &scene.checks()).await?.refused(401, "sessione-scaduta")?;
    scene.nothing_was_started().await
}

/// Roles that handle applications start none.
#[tokio::test]
async fn an_officer_starts_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    scene
        .world
        .enables(
            &scene.employer.demo.representative,
            Role::Officer,
            Profile::Private,
            None,
            Some("FG"),
        )
        .await?;
    let caller =
        stock::caller(&scene.world, &scene.employer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&scene.world, &scene.employer.browser, &caller).await?;
    scene.starts().await?.refused(403, "azione-non-consentita")?;
    scene.nothing_was_started().await
}

/// Other methods and paths of these routes are no way in.
#[tokio::test]
async fn no_other_method_starts_anything() -> StoryResult {
    let scene = Scene::open().await?;
    let id = scene.to_validate().await?;
    for path in [format!("{PATH}/{id}/activation"), format!("{PATH}/{id}/activation-codes")] {
        let answer = scene.employer.browser.get(&path).await?;
        ensure(matches!(answer.status, 404 | 405), format!("{answer}"))?;
    }
    scene.is_to_validate(&id).await
}

/// CAL-3: outside the window the problem names the reason and the next opening, and nothing is started.
#[tokio::test]
async fn outside_the_window_nothing_is_started() -> StoryResult {
    let opening = clock::wall() + SignedDuration::from_hours(3);
    let scene = Scene::with(
        Plan::new("chiuso")?.starts_and_edits(opening).sends(opening, None),
        Demand::default(),
    )
    .await?;
    let refused = scene.starts().await?.refused(409, "finestra-non-aperta")?;
    same("reason", &refused.text("/reason")?, &"not-yet-open".to_owned())?;
    same(
        "opening",
        &refused.text("/opens_at")?.parse::<jiff::Timestamp>()?.as_second(),
        &opening.as_second(),
    )?;
    refused.text("/now")?;
    ensure(refused.number("/retry_after_ms")? > 0, "no time left is told")?;
    scene.nothing_was_started().await
}

/// LIM-1: the limit is kept however many come at once, and deleting an unsent draft frees the place.
#[tokio::test]
async fn the_yearly_limit_is_kept_and_a_deleted_draft_frees_its_place() -> StoryResult {
    let scene = Scene::with(
        Plan::new("limite")?.changed(|file| file.limits.private = Some(2)),
        Demand::default(),
    )
    .await?;
    let mut ids = Vec::new();
    let mut refused = 0;
    for answer in join_all((0..5).map(|_| scene.starts())).await {
        let answer = answer?;
        if answer.status == 409 {
            answer.refused(409, "limite-raggiunto")?;
            refused += 1;
        } else {
            ids.push(started(answer)?);
        }
    }
    same("started and refused", &(ids.len(), refused), &(2, 3))?;
    same("applications", &scene.count().await?, &2)?;
    for _ in 0..2 {
        // The repetition frees nothing more.
        scene.employer.browser.delete(&format!("{PATH}/{}", ids[0])).await?.expect(204)?;
    }
    started(scene.starts().await?)?;
    scene.starts().await?.refused(409, "limite-raggiunto")?;
    same("applications", &scene.count().await?, &2)
}

/// CHK-2: a plain no of the registries: a clear message and no application.
#[tokio::test]
async fn a_no_of_the_registries_starts_nothing() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("no")?.publish(&world).await?;
    let refusals: Vec<(DemoEmployer, &str)> = vec![
        (
            people::employer_with(Behaviour::RepresentativeDiffers.into())?,
            "rappresentanza-non-confermata",
        ),
        (people::employer_with(Behaviour::NotFound.into())?, "rappresentanza-non-confermata"),
        (
            people::employer_with(on(Behaviour::NoAddress, Scope::Address))?,
            "domicilio-digitale-assente",
        ),
        (
            people::employer_with(on(Behaviour::NotFound, Scope::Address))?,
            "domicilio-digitale-assente",
        ),
        (
            Population::body_with(people::number()?, Behaviour::AddressEnded.into()),
            "domicilio-digitale-assente",
        ),
        (
            DemoEmployer {
                representative: Population::person(people::number()?),
                ..people::employer()?
            },
            "rappresentanza-non-confermata",
        ),
    ];
    for (demo, problem) in refusals {
        let employer = Employer::new(&world, demo, people::worker()?)?;
        employer.signs_in(2).await?.expect(303)?;
        let scene = Scene { world: world.clone(), campaign: campaign.clone(), employer };
        scene.starts_at_once().await?.refused(409, problem)?;
        scene.nothing_was_started().await?;
    }
    Ok(())
}

/// CHK-2: bodies outside the business register are asked for at the revenue agency and at INAD.
#[tokio::test]
async fn a_body_outside_the_register_starts_with_its_digital_domicile() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("ente")?.publish(&world).await?;
    let demo = Population::body_with(people::number()?, Demand::default());
    let employer = Employer::new(&world, demo, people::worker()?)?;
    employer.signs_in(2).await?.expect(303)?;
    let scene = Scene { world, campaign, employer };
    let id = scene.starts_at_once().await?.expect(201)?.text("/id")?;
    let code = scene.code(&id).await?;
    scene.employer.types_code(&id, &code).await?.expect(200)?;
    let mut asked: Vec<_> = scene.tasks(&id).await?.into_iter().map(|task| task.name).collect();
    asked.sort();
    same(
        "registries",
        &asked,
        &["agenzia-entrate-later", "agenzia-entrate-now", "inad-now", "inps-later"]
            .map(str::to_owned)
            .to_vec(),
    )
}

/// CHK-2: whatever keeps a registry from answering, the check is queued, nothing is lost, and no code is out.
#[tokio::test]
async fn a_registry_without_a_usable_answer_queues_the_check() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("coda")?.publish(&world).await?;
    let demands = [
        on(Behaviour::Down, Scope::Representation),
        on(Behaviour::TimesOut, Scope::Representation),
        on(Behaviour::CutJson, Scope::Representation),
        on(Behaviour::AnotherSubject, Scope::Representation),
        on(Behaviour::WrongTypes, Scope::Representation),
        on(Behaviour::Page, Scope::Representation),
        on(Behaviour::Forbidden, Scope::Representation),
        on(Behaviour::Down, Scope::Address),
        on(Behaviour::AddressUnusable, Scope::Address),
        on(Behaviour::AnotherSubject, Scope::Address),
    ];
    for demand in demands {
        let employer = world.employer_with(demand)?;
        employer.signs_in(2).await?.expect(303)?;
        let scene = Scene { world: world.clone(), campaign: campaign.clone(), employer };
        let answer = scene.starts().await?.expect(202)?;
        same("code sent", &answer.json()?["code_sent"], &json!(false))?;
        ensure(
            answer.text("/message")?.contains("coda"),
            "the message does not say that the check is queued",
        )?;
        let id = answer.text("/id")?;
        scene.is_to_validate(&id).await?;
        let tasks = scene.tasks(&id).await?;
        same(
            "tasks",
            &tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(),
            &vec!["check"],
        )?;
        ensure(
            scene.world.applications()?.activation(&id.parse()?).await?.is_none(),
            "a code exists",
        )?;
        scene.employer.types_code(&id, "0000-0001").await?.refused(409, "stato-non-compatibile")?;
        // Asking for a code neither makes one nor asks twice.
        let again = scene
            .employer
            .browser
            .post(&format!("{PATH}/{id}/activation-codes"), &json!({}))
            .await?
            .expect(202)?;
        same("code sent", &again.json()?["code_sent"], &json!(false))?;
        same("tasks", &scene.tasks(&id).await?.len(), &1)?;
        scene.is_to_validate(&id).await?;
    }
    Ok(())
}

/// CHK-2: once the registry answers, the code comes by PEC without a further request.
#[tokio::test]
async fn a_queued_check_that_ends_well_sends_the_code() -> StoryResult {
    let scene =
        Scene::with(Plan::new("ripresa")?, on(Behaviour::DownTwice, Scope::Representation)).await?;
    let id = scene.starts().await?.expect(202)?.text("/id")?;
    let code = scene.employer.reads_activation_code_from_pec(&id).await?;
    scene.employer.types_code(&id, &code).await?.expect(200)?;
    same("state", &scene.head(&id).await?.state().code(), &"to-complete")
}

/// ACT-1, CHK-2: twenty codes for other people have left for the employer's mailbox within this hour; the employer's own check,
/// which was queued, sends its code all the same.
#[tokio::test]
async fn a_queued_check_of_the_employer_in_person_is_counted_apart() -> StoryResult {
    let scene =
        Scene::with(Plan::new("propria")?, on(Behaviour::DownTwice, Scope::Representation)).await?;
    fills_the_mailbox(&scene).await?;
    let id = scene.starts().await?.expect(202)?.text("/id")?;
    let code = scene.employer.reads_activation_code_from_pec(&id).await?;
    scene.employer.types_code(&id, &code).await?.expect(200)?;
    same("state", &scene.head(&id).await?.state().code(), &"to-complete")
}

/// The portal renews a withdrawn voucher at once: the person notices nothing.
#[tokio::test]
async fn a_withdrawn_voucher_is_renewed() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("voucher")?.publish(&world).await?;
    let demand = on(Behaviour::VoucherWithdrawn, Scope::Representation);
    // Only the first question about an employer finds its voucher withdrawn: where a registry was slow besides, so that the
    // check was queued, another employer asks.
    let look = || async {
        let employer = world.employer_with(demand)?;
        employer.signs_in(2).await?.expect(303)?;
        let answer = employer.browser.post(PATH, &employer.preliminary_checks(&campaign)).await?;
        Ok(if answer.status == 202 { Err(format!("{answer}")) } else { Ok(answer) })
    };
    let answer =
        world.story.eventually("an employer notices nothing", REGISTRY_DEADLINE, look).await?;
    answer.expect(201).map(|_| ())
}

/// CHK-2, LIM-1: a queued check that ends negative deletes the application, frees its place and tells the filer.
#[tokio::test]
async fn a_queued_check_that_ends_negative_deletes_and_tells() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("negativo")?
        .changed(|file| file.limits.private = Some(1))
        .publish(&world)
        .await?;
    // Down twice, then a no: another person represents the company.
    let demo = people::employer_with(on(Behaviour::DownTwice, Scope::Representation))?;
    let person = Population::person(people::number()?);
    let mail = Mailbox::new(&world.emulator, &person.email);
    let employer =
        Employer::new(&world, DemoEmployer { representative: person, ..demo }, people::worker()?)?;
    employer.signs_in(2).await?.expect(303)?;
    let scene = Scene { world, campaign, employer };
    let id = scene.starts().await?.expect(202)?.text("/id")?;
    let deleted = || async {
        let state = scene.head(&id).await?.state().code();
        Ok(if state == "deleted" { Ok(()) } else { Err(state.to_owned()) })
    };
    scene.world.story.eventually("the application is deleted", REGISTRY_DEADLINE, deleted).await?;
    mail.receives(&scene.world.story, "the notice that the check failed", |letter| {
        letter.speaks_of(&id)
    })
    .await?;
    ensure(
        scene.world.drafts()?.preliminary(&id.parse()?).await?.is_none(),
        "the checks' personal data are kept",
    )?;
    ensure(scene.world.applications()?.activation(&id.parse()?).await?.is_none(), "a code exists")?;
    scene.employer.types_code(&id, "0000-0001").await?.refused(404, "non-trovata")?;
    same(
        "status",
        &scene.tasks(&id).await?.first().map(|task| task.status),
        &Some(TaskStatus::Done),
    )?;
    // The place is free again: the limit is one.
    let own = people::employer()?;
    let mut body = scene.checks();
    body["company_fiscal_code"] = json!(own.company_code.reveal());
    let answer = scene.employer.browser.post(PATH, &body).await?;
    ensure(answer.problem().as_deref() != Some("limite-raggiunto"), "the place is not free")
}

/// ACT-1: five wrong codes spend the code; the right one does not open any more, until a new one is asked for.
#[tokio::test]
async fn five_wrong_codes_spend_it_and_a_new_one_opens() -> StoryResult {
    let plan =
        Plan::new("codici")?.changed(|file| file.activation.min_pause = SignedDuration::ZERO);
    let scene = Scene::with(plan, Demand::default()).await?;
    let id = scene.to_validate().await?;
    let right = scene.code(&id).await?;
    for (wrong, left) in wrong_codes(&right, 5).iter().zip([4, 3, 2, 1, 0]) {
        let refused = scene.employer.types_code(&id, wrong).await?.refused(422, "codice-errato")?;
        same("attempts left", &refused.number("/attempts_left")?, &left)?;
    }
    for code in [&right, &"0000-0009".to_owned()] {
        scene.employer.types_code(&id, code).await?.refused(409, "tentativi-esauriti")?;
    }
    scene.is_to_validate(&id).await?;
    scene
        .employer
        .browser
        .post(&format!("{PATH}/{id}/activation-codes"), &json!({}))
        .await?
        .expect(202)?;
    let next = scene.code(&id).await?;
    ensure(next != right, "the same code again")?;
    scene.employer.types_code(&id, &right).await?.refused(422, "codice-errato")?;
    scene.employer.types_code(&id, &next).await?.expect(200)?;
    same("state", &scene.head(&id).await?.state().code(), &"to-complete")
}

/// ACT-1: guesses that race are counted one by one: never more than five.
#[tokio::test]
async fn racing_guesses_never_exceed_five() -> StoryResult {
    let scene = Scene::open().await?;
    let id = scene.to_validate().await?;
    let right = scene.code(&id).await?;
    let guesses = wrong_codes(&right, 24);
    let (mut wrong, mut spent) = (0, 0);
    for answer in join_all(guesses.iter().map(|guess| scene.employer.types_code(&id, guess))).await
    {
        let answer = answer?;
        match answer.problem().as_deref() {
            Some("codice-errato") => wrong += 1,
            Some("tentativi-esauriti") => spent += 1,
            // Too many at once: it was neither judged nor counted.
            Some("servizio-non-disponibile") => {}
            _ => return Err(answer.deviation("neither wrong nor spent")),
        }
    }
    same("guesses that were judged", &wrong, &5)?;
    ensure(spent > 0, "no guess came too late")?;
    let attempts = scene
        .world
        .applications()?
        .activation(&id.parse()?)
        .await?
        .map(|activation| activation.wrong_attempts);
    same("attempts counted", &attempts, &Some(5))?;
    scene.employer.types_code(&id, &right).await?.refused(409, "tentativi-esauriti")?;
    scene.is_to_validate(&id).await
}

/// What cannot be a code is no guess: it costs no attempt.
#[tokio::test]
async fn what_cannot_be_a_code_costs_no_attempt() -> StoryResult {
    let scene = Scene::open().await?;
    let id = scene.to_validate().await?;
    for code in ["", "1234", "UUUU-UUUU", "0000-0000-0", "<script>"] {
        let refused =
            scene.employer.types_code(&id, code).await?.refused(422, "campi-non-validi")?;
        same("field", &refused.refused_fields(), &pairs(&[("code", "non-valido")]))?;
    }
    let path = format!("{PATH}/{id}/activation");
    let refused = scene
        .employer
        .browser
        .post(&path, &json!({ "code": 7, "altro": 1 }))
        .await?
        .refused(422, "campi-non-validi")?;
    same(
        "fields",
        &refused.refused_fields(),
        &pairs(&[("code", "tipo-errato"), ("altro", "sconosciuto")]),
    )?;
    let broken = Call::new(Method::POST, &path).body("application/json", "{\"code\":");
    scene.employer.browser.send(broken).await?.refused(400, "richiesta-illeggibile")?;
    scene
        .employer
        .browser
        .post(&path, &json!({ "code": "x".repeat(1024 * 1024) }))
        .await?
        .refused(413, "contenuto-troppo-grande")?;
    let other_origin = Call::new(Method::POST, &path)
        .json(&json!({ "code": scene.code(&id).await? }))
        .header("origin", "null");
    scene.employer.browser.send(other_origin).await?.refused(403, "origine-non-ammessa")?;
    let attempts = scene
        .world
        .applications()?
        .activation(&id.parse()?)
        .await?
        .map(|activation| activation.wrong_attempts);
    same("attempts counted", &attempts, &Some(0))?;
    scene.is_to_validate(&id).await
}

/// ACT-1: an expired code opens nothing.
#[tokio::test]
async fn an_expired_code_opens_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let id = scene.to_validate().await?;
    let right = scene.code(&id).await?;
    let applications = scene.world.applications()?;
    let id_: ApplicationId = id.parse()?;
    let activation = applications
        .activation(&id_)
        .await?
        .ok_or_else(|| scene.world.story.deviation("no code"))?;
    let mut old = activation;
    old.expires_at = activation.issued_at;
    applications.save_attempt(&id_, &activation, &old).await?;
    scene.employer.types_code(&id, &right).await?.refused(409, "codice-scaduto")?;
    scene.is_to_validate(&id).await
}

/// ACT-1: a new code can be asked for at a limited rate, and it goes by PEC.
#[tokio::test]
async fn codes_are_issued_at_a_limited_rate() -> StoryResult {
    let plan = Plan::new("ritmo")?.changed(|file| {
        file.activation.min_pause = SignedDuration::ZERO;
        file.activation.max_issues = 2;
    });
    let scene = Scene::with(plan, Demand::default()).await?;
    let id = scene.to_validate().await?;
    let path = format!("{PATH}/{id}/activation-codes");
    scene.employer.browser.post(&path, &json!({})).await?.expect(202)?;
    let second = scene.code(&id).await?;
    let refused =
        scene.employer.browser.post(&path, &json!({})).await?.refused(429, "troppe-richieste")?;
    ensure(refused.number("/retry_after_s")? > 0, "no pause is told")?;
    same("code", &scene.code(&id).await?, &second)?;
    let letters = || async {
        let letters = scene.employer.pec.letters_about(&id).await?;
        Ok(if letters.len() == 2 { Ok(()) } else { Err(format!("{} letters", letters.len())) })
    };
    scene.world.story.eventually("both codes were sent", Duration::from_secs(45), letters).await?;

    let plan = Plan::new("attesa")?
        .changed(|file| file.activation.min_pause = SignedDuration::from_mins(10));
    let strict = Scene::with(plan, Demand::default()).await?;
    let id = strict.to_validate().await?;
    let path = format!("{PATH}/{id}/activation-codes");
    strict.employer.browser.post(&path, &json!({})).await?.refused(429, "troppe-richieste")?;
    strict.is_to_validate(&id).await
}

/// Verifying again is no error and changes nothing.
#[tokio::test]
async fn verifying_again_changes_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let id = scene.to_validate().await?;
    let code = scene.code(&id).await?;
    for answer in join_all((0..4).map(|_| scene.employer.types_code(&id, &code))).await {
        same("state", &answer?.expect(200)?.text("/state")?, &"to-complete".to_owned())?;
    }
    scene.employer.types_code(&id, "0000-0001").await?.expect(200)?;
    let events = scene.world.applications()?.history(&id.parse()?).await?;
    let verified =
        events.iter().filter(|event| event.event.as_deref() == Some("verify-code")).count();
    same("verifications", &verified, &1)?;
    scene
        .employer
        .browser
        .post(&format!("{PATH}/{id}/activation-codes"), &json!({}))
        .await?
        .refused(409, "stato-non-compatibile")?;
    Ok(())
}

/// The application of another person gets the same answer as one that does not exist, even with the right code.
#[tokio::test]
async fn what_is_not_yours_is_not_there() -> StoryResult {
    let scene = Scene::open().await?;
    let id = scene.to_validate().await?;
    let code = scene.code(&id).await?;
    let stranger = scene.world.employer()?;
    stranger.signs_in(2).await?.expect(303)?;
    for other in [id.as_str(), "app_00000000000000000000000001", "app_"] {
        stranger.types_code(other, &code).await?.refused(404, "non-trovata")?;
        stranger
            .browser
            .post(&format!("{PATH}/{other}/activation-codes"), &json!({}))
            .await?
            .refused(404, "non-trovata")?;
    }
    let attempts = scene
        .world
        .applications()?
        .activation(&id.parse()?)
        .await?
        .map(|activation| activation.wrong_attempts);
    same("attempts counted", &attempts, &Some(0))?;
    scene.is_to_validate(&id).await
}

/// OWN-1: what an operator starts belongs to the represented employer and stands in both areas; no limit holds for operators.
#[tokio::test]
async fn an_operator_starts_for_the_represented_employer() -> StoryResult {
    let scene = Scene::with(
        Plan::new("delega")?.changed(|file| file.limits.private = Some(1)),
        Demand::default(),
    )
    .await?;
    let (operator, organisation) = scene.world.operator().await?;
    operator.signs_in(2).await?.expect(303)?;
    let mut without = scene.checks();
    without.as_object_mut().map(|body| body.remove("applicant_fiscal_code"));
    let refused = operator.browser.post(PATH, &without).await?.refused(422, "campi-non-validi")?;
    same("field", &refused.refused_fields(), &pairs(&[("applicant_fiscal_code", "obbligatorio")]))?;
    scene.nothing_was_started().await?;
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(operator.starts_with(&scene.checks()).await?);
    }
    let head = scene.head(&ids[0]).await?;
    same(
        "representative",
        &head.parties.representative,
        &scene.world.account(&scene.employer.demo.representative).await?,
    )?;
    same("filer", &head.parties.filer, &scene.world.account(&operator.demo.representative).await?)?;
    same("organisation", &head.parties.organisation, &Some(organisation))?;
    let code = scene.code(&ids[0]).await?;
    scene.employer.types_code(&ids[0], &code).await?.expect(200)?;
    operator.draft(&ids[0]).await?;
    // The operator's applications take no place of the employer's.
    started(scene.starts().await?).map(|_| ())
}

/// Whatever the store does to the transaction, a retry with the same key gives one application.
#[tokio::test]
async fn a_failing_store_starts_one_application() -> StoryResult {
    let scene = Scene::open().await?;
    let account = scene.world.account(&scene.employer.demo.representative).await?;
    for (number, (fault, times)) in [
        (Fault::Throttle, 1),
        (Fault::TransactionConflict, 1),
        (Fault::CutBefore, 1),
        (Fault::CutAfter, 1),
        (Fault::Internal, 20),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("guasto-{number}");
        let digest = scene.world.keying().await?.derived(&format!("application|{account}|{key}"));
        let id = ApplicationId::from_random(digest.first_chunk().copied().unwrap_or_default());
        let order = Order {
            operation: "TransactWriteItems".to_owned(),
            contains: id.to_string(),
            nth: 1,
            times,
            fault,
        };
        let order = scene.world.emulator.order_fault(&order).await?;
        let call =
            || Call::new(Method::POST, PATH).json(&scene.checks()).header("idempotency-key", &key);
        let answer = scene.employer.browser.send(call()).await?;
        if fault == Fault::Internal {
            answer.refused(503, "servizio-non-disponibile")?;
            ensure(scene.world.applications()?.head(&id).await?.is_none(), "something was stored")?;
        } else {
            same("id", &started(answer)?, &id.to_string())?;
        }
        ensure(scene.world.emulator.fault_fired(order).await? > 0, "the fault did not happen")?;
        scene.world.emulator.cancel_fault(order).await?;
        if number < 3 {
            let again = scene.employer.browser.send(call()).await?;
            same("id", &started(again)?, &id.to_string())?;
            same("events", &scene.events(&id).await?, &1)?;
            // The limit of three private applications makes room for the next fault.
            scene.employer.browser.delete(&format!("{PATH}/{id}")).await?.expect(204)?;
        }
    }
    Ok(())
}

/// An application whose check waits in the queue, written to the store where a test's matter begins there.
pub(crate) async fn queued_check(
    world: &World,
    campaign: &Campaign,
    employer: &Employer,
) -> StoryResult<String> {
    let keying = world.keying().await?;
    let account = world.account(&employer.demo.representative).await?;
    let now = clock::wall();
    let application = Application {
        id: ApplicationId::from_random(outside::aws::random()?),
        campaign: campaign.id().clone(),
        campaign_version: campaign.version(),
        model: MODEL.parse()?,
        schema: schema_of(campaign),
        parties: Parties {
            representative: account.clone(),
            owner: keying.company(&employer.demo.company_code),
            filer: account.clone(),
            organisation: None,
        },
        version: 1,
        created: now,
        changed: now,
        stage: Stage::ToValidate,
    };
    let preliminary = Preliminary {
        applicant: employer.demo.representative.fiscal_code.reveal().to_owned(),
        company: Some(employer.demo.company_code.reveal().to_owned()),
        in_register: employer.demo.in_register,
        applicant_kind: None,
        privacy_version: campaign.privacy_notice().to_owned(),
        privacy_read: now,
        certified_address: None,
    };
    let asked = [Task {
        name: "check".to_owned(),
        attempts: 0,
        first_asked: millis(now),
        due: millis(now),
        status: TaskStatus::Waiting,
    }];
    let along =
        [Companion::Preliminary(&world.drafts()?, &preliminary), Companion::NewQuestions(&asked)];
    world.applications()?.commit(&stock::begun(&application).counted(), &along).await?;
    Ok(application.id.to_string())
}

/// ORG-7: an operator who starts an application in the own name starts it as a private user: no colleague sees it, it
/// counts for the own limit, and it stays when the membership ends.
#[tokio::test]
async fn what_an_operator_starts_in_the_own_name_is_private() -> StoryResult {
    let scene = Scene::open().await?;
    let association = scene.world.association().await?;
    let colleague = scene.world.employer()?;
    association.enables(&[&scene.employer, &colleague]).await?;
    scene.employer.signs_in(2).await?.expect(303)?;
    scene.world.signs_in_quickly(&colleague).await?;
    let id = started(scene.starts().await?)?;
    let head = scene.world.applications()?.head(&id.parse()?).await?;
    let parties = head.map(|head| (head.parties.organisation, head.parties.filer));
    let own = scene.world.account(&scene.employer.demo.representative).await?;
    same("organisation and filer", &parties, &Some((None, own.clone())))?;
    let path = format!("{PATH}/{id}");
    scene.employer.browser.get(&path).await?.expect(200)?;
    for other in [&colleague, &association.contact] {
        other.browser.get(&path).await?.refused(404, "non-trovata")?;
        let list = other.browser.get(PATH).await?.expect(200)?;
        ensure(!String::from_utf8_lossy(&list.body).contains(&id), "a colleague lists it")?;
    }
    let list = scene.employer.browser.get(PATH).await?.expect(200)?;
    ensure(String::from_utf8_lossy(&list.body).contains(&id), "the person does not list it")?;
    association.reports_leaving(&own, None).await?.expect(200)?;
    scene.employer.signs_in(2).await?.expect(303)?;
    scene.employer.browser.get(&path).await?.expect(200).map(|_| ())
}

/// Twenty codes for other people have left for the employer's certified mailbox within this hour; the next hour, too, should it
/// begin meanwhile.
async fn fills_the_mailbox(scene: &Scene) -> StoryResult {
    let address: EmailAddress = scene.employer.demo.pec.parse()?;
    let keying = scene.world.keying().await?;
    let opaque = keying.opaque("certified-address", &address.comparable());
    let table = scene.world.environment.text("SESSIONS_TABLE")?;
    let attempts = Attempts::new(scene.world.store().0.clone(), table);
    let now = clock::wall();
    for hour in [now, now + SignedDuration::from_hours(1)] {
        for _ in 0..20 {
            let counted = attempts.code_to_mailbox(&opaque, false, hour).await?;
            ensure(counted.is_ok(), "stopped before the limit")?;
        }
    }
    Ok(())
}

/// ACT-1: nobody fills an employer's certified mailbox by starting one application after another; what strangers start
/// leaves the employer's own count alone.
#[tokio::test]
async fn a_certified_mailbox_gets_a_bounded_number_of_codes_an_hour() -> StoryResult {
    let scene = Scene::open().await?;
    let association = scene.world.association().await?;
    let operator = scene.world.employer()?;
    association.enables(&[&operator]).await?;
    operator.signs_in(2).await?.expect(303)?;
    fills_the_mailbox(&scene).await?;
    let before = scene.employer.pec.letters().await?.len();
    let refused = operator.starts_at_once(&scene.checks()).await?;
    let refused = refused.refused(429, "troppe-richieste")?;
    ensure(refused.text("/detail")?.contains("casella PEC"), "the reason is not told")?;
    let list = operator.browser.get(PATH).await?.expect(200)?;
    ensure(!String::from_utf8_lossy(&list.body).contains("app_"), "it was created all the same")?;
    same("letters", &scene.employer.pec.letters().await?.len(), &before)?;
    ensure(scene.starts().await?.status != 429, "the employer is kept out by a stranger")
}
