//! enrich-application behind the deployed portal: registries of every kind, late, silent, wrong; duplicates, disorder, poison
//! (CHK-2, ENR-1 to ENR-3, ENT-1, NEW-2).

use domain::{
    application::Who,
    calendar,
    document::DocumentKind,
    fiscal_code::FiscalCode,
    form::{Registry, Role, Schema, ValueSource, Values},
    lifecycle::consequence::Act,
    lifecycle::{Event, State},
};
use futures::future::join_all;
use harness::{
    campaigns::Plan,
    cases,
    employer::{REGISTRY_DEADLINE, schema_of},
    mailbox::Mailbox,
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
};
use jiff::SignedDuration;
use outside::clock;
use serde_json::{Value, json};
use simulate_registries::{Behaviour, Demand, Population, Scope};
use store::{
    applications::commit::{Companion, Content},
    applications::{
        history::EventRow,
        tasks::{Task, TaskStatus},
    },
    documents::{DocumentRow, Documents},
    drafts::BorderEntry,
    keys,
    questions::Question,
    rows::millis,
};

use crate::start_application::{Scene, queued_check};

fn on(behaviour: Behaviour, scope: Scope) -> Demand {
    Demand { behaviour, scope }
}

impl Scene {
    async fn values(&self, id: &str) -> StoryResult<Values> {
        Ok(self.world.drafts()?.load(&id.parse()?).await?.values())
    }

    /// Waits until a question stands like that.
    async fn sees_task(&self, id: &str, name: &str, status: TaskStatus) -> StoryResult<Task> {
        let look = || async {
            let tasks = self.tasks(id).await?;
            let task = tasks.into_iter().find(|task| task.name == name);
            Ok(match task {
                Some(task) if task.status == status => Ok(task),
                task => Err(format!("{task:?}")),
            })
        };
        self.world.story.eventually(&format!("{name} is {status:?}"), REGISTRY_DEADLINE, look).await
    }

    /// Waits until a question was asked that often.
    async fn sees_attempts(&self, id: &str, name: &str, attempts: u32) -> StoryResult<Task> {
        let look = || async {
            let task = self.tasks(id).await?.into_iter().find(|task| task.name == name);
            Ok(match task {
                Some(task) if task.attempts >= attempts => Ok(task),
                task => Err(format!("{task:?}")),
            })
        };
        self.world
            .story
            .eventually(&format!("{name} was asked {attempts} times"), REGISTRY_DEADLINE, look)
            .await
    }

    async fn fills_form(&self, id: &str) -> StoryResult {
        self.employer.fills_form(id, &schema_of(&self.campaign), clock::wall()).await
    }

    fn filers_mail(&self) -> Mailbox {
        Mailbox::new(&self.world.emulator, &self.employer.demo.representative.email)
    }

    /// Delivers a message about a task through the enrich queue.
    async fn delivers(&self, id: &str, task: &str) -> StoryResult {
        let message = keys::task(&id.parse()?, task).message();
        self.world
            .emulator
            .enqueue(&self.world.queue("enrich").await?, &serde_json::to_string(&message)?)
            .await
    }
}

fn given_by(values: &Values, registry: Registry) -> usize {
    values.values().filter(|stored| stored.source == ValueSource::Registry(registry)).count()
}

/// ENR-1, FRM-3, NEW-2: registries answer at once and later; the last value makes it ready by itself, and the filer
/// gets a notice.
#[tokio::test]
async fn a_late_value_makes_the_application_ready_and_the_filer_is_told() -> StoryResult {
    let scene = Scene::with(Plan::new("tardi")?, Demand::default()).await?;
    let id = scene.opens_form().await?;
    scene.fills_form(&id).await?;
    let look = || async {
        let state = scene.head(&id).await?.state().code();
        Ok(if state == "to-send" { Ok(()) } else { Err(state.to_owned()) })
    };
    scene.world.story.eventually("the application is ready", REGISTRY_DEADLINE, look).await?;
    let values = scene.values(&id).await?;
    for registry in
        [Registry::Unioncamere, Registry::AgenziaEntrate, Registry::IniPec, Registry::Inps]
    {
        ensure(given_by(&values, registry) > 0, format!("nothing of {registry:?}"))?;
    }
    let complete: Vec<_> = scene
        .world
        .applications()?
        .history(&id.parse()?)
        .await?
        .into_iter()
        .filter(|row| row.event.as_deref() == Some("complete"))
        .collect();
    same("completions", &complete.len(), &1)?;
    if complete[0].who == "system" {
        scene
            .filers_mail()
            .receives(&scene.world.story, "the notice that it is ready", |letter| {
                letter.speaks_of(&id)
            })
            .await?;
    }
    Ok(())
}

/// ENR-3: a late value is stored outside every window, too, and completes the application.
#[tokio::test]
async fn a_late_value_is_stored_outside_every_window() -> StoryResult {
    let scene = Scene::open().await?;
    // A second version of the campaign would take effect in five minutes: a closed campaign of its own is quicker.
    let opening = clock::wall() + SignedDuration::from_hours(3);
    let closed = Plan::new("finestra")?
        .starts_and_edits(opening)
        .sends(opening, None)
        .publish(&scene.world)
        .await?;
    let account = scene.world.account(&scene.employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    let id = asked_application(
        &scene,
        &closed,
        &belongs,
        &["employer_inps_number", "employer_employees"],
        "inps-later",
    )
    .await?;
    let look = || async {
        let state = scene.head(&id).await?.state().code();
        Ok(if state == "to-send" { Ok(()) } else { Err(state.to_owned()) })
    };
    scene.world.story.eventually("the application is ready", REGISTRY_DEADLINE, look).await?;
    same("values of INPS", &given_by(&scene.values(&id).await?, Registry::Inps), &2)
}

/// An application that lacks these values and asks one registry for them.
async fn asked_application(
    scene: &Scene,
    campaign: &domain::campaign::Campaign,
    belongs: &Belongs,
    lacks: &[&str],
    task: &str,
) -> StoryResult<String> {
    let application = stock::ready_application(&scene.world, campaign, belongs).await?;
    let applications = scene.world.applications()?;
    let drafts = scene.world.drafts()?;
    let schema = Schema::find(&application.schema)
        .ok_or_else(|| scene.world.story.deviation("no schema"))?;
    let draft = drafts.load(&application.id).await?;
    let mut values = draft.values();
    values.retain(|key, _| !lacks.contains(&key.as_str()));
    let decision = if lacks.is_empty() {
        application.note(Act::ChangeContent, Who::System, clock::wall())
    } else {
        application.reopen(None, Who::System, clock::wall())?.untold()
    };
    let demo = &scene.employer.demo;
    let preliminary = store::drafts::Preliminary {
        applicant: demo.representative.fiscal_code.reveal().to_owned(),
        company: Some(demo.company_code.reveal().to_owned()),
        in_register: demo.in_register,
        applicant_kind: None,
        privacy_version: campaign.privacy_notice().to_owned(),
        privacy_read: clock::wall(),
        certified_address: None,
    };
    let now = millis(clock::wall());
    let asked = [Task {
        name: task.to_owned(),
        attempts: 0,
        first_asked: now,
        due: now,
        status: TaskStatus::Waiting,
    }];
    let today = calendar::local_date(clock::wall());
    let content = Content { schema, before: &draft, after: &values, today };
    let along = [
        Companion::Content(&drafts, content),
        Companion::Preliminary(&drafts, &preliminary),
        Companion::NewQuestions(&asked),
    ];
    applications.commit(&decision, &along).await?;
    Ok(application.id.to_string())
}

/// ENR-2: a registry without a usable answer loses nothing: the portal asks again and again, the values of the other
/// registries are there, and what it said about another subject is stored nowhere.
#[tokio::test]
async fn a_registry_without_a_usable_answer_is_asked_again_and_loses_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let behaviours = [
        Behaviour::Down,
        Behaviour::TimesOut,
        Behaviour::CutJson,
        Behaviour::AnotherSubject,
        Behaviour::WrongTypes,
        Behaviour::Page,
        Behaviour::Forbidden,
    ];
    let scenes = behaviours.map(|behaviour| {
        let (world, campaign) = (scene.world.clone(), scene.campaign.clone());
        async move {
            let employer = world.employer_with(on(behaviour, Scope::FactsLater))?;
            employer.signs_in(2).await?.expect(303)?;
            let scene = Scene { world, campaign, employer };
            let id = scene.opens_form().await?;
            scene.fills_form(&id).await?;
            let task = scene.sees_attempts(&id, "inps-later", 2).await?;
            same("status", &task.status, &TaskStatus::Waiting)?;
            ensure(task.due > task.first_asked, "not due later")?;
            same("values of INPS", &given_by(&scene.values(&id).await?, Registry::Inps), &0)?;
            scene.sees_task(&id, "unioncamere-now", TaskStatus::Done).await?;
            same("state", &scene.head(&id).await?.state().code(), &"to-complete")?;
            let draft = scene.employer.draft(&id).await?.json()?;
            let missing: Vec<_> = draft["sections"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|section| section["missing"].as_array().cloned().unwrap_or_default())
                .collect();
            ensure(
                missing.iter().any(|one| one["who"] == "registry:inps"),
                format!("{behaviour:?}: {missing:?}"),
            )
        }
    });
    for outcome in join_all(scenes).await {
        outcome?;
    }
    Ok(())
}

/// ENR-2: once the registry answers again, the portal records its values as usual.
#[tokio::test]
async fn a_registry_that_recovers_completes_the_application() -> StoryResult {
    let scene = Scene::open().await?;
    let behaviours = [
        Behaviour::DownTwice,
        Behaviour::Throttled,
        Behaviour::TimesOutOnce,
        Behaviour::VoucherWithdrawn,
        Behaviour::Late,
    ];
    let scenes = behaviours.map(|behaviour| {
        let (world, campaign) = (scene.world.clone(), scene.campaign.clone());
        async move {
            let employer = world.employer_with(on(behaviour, Scope::FactsLater))?;
            employer.signs_in(2).await?.expect(303)?;
            let scene = Scene { world, campaign, employer };
            let id = scene.opens_form().await?;
            scene.fills_form(&id).await?;
            scene.sees_task(&id, "inps-later", TaskStatus::Done).await?;
            scene.sees_task(&id, "agenzia-entrate-later", TaskStatus::Done).await?;
            same("values of INPS", &given_by(&scene.values(&id).await?, Registry::Inps), &2)?;
            scene.employer.sees_state(&id, "to-send", REGISTRY_DEADLINE).await.map(|_| ())
        }
    });
    for outcome in join_all(scenes).await {
        outcome?;
    }
    Ok(())
}

/// ENR-2: after its days a silent registry is given up, visibly; asking for a correction asks it again.
#[tokio::test]
async fn a_silent_registry_is_given_up_visibly_and_can_be_asked_again() -> StoryResult {
    let plan = Plan::new("muto")?.changed(|file| file.enrichment.give_up_after_seconds = 120);
    let scene = Scene::with(plan, on(Behaviour::Down, Scope::FactsLater)).await?;
    let id = scene.opens_form().await?;
    scene.sees_task(&id, "inps-later", TaskStatus::Silent).await?;
    let draft = scene.employer.draft(&id).await?.json()?;
    same("reason", &draft["attention"]["code"], &json!("registry-silent"))?;
    same("state", &draft["state"], &json!("to-complete"))?;
    scene
        .filers_mail()
        .receives(&scene.world.story, "the notice to look at it", |letter| letter.speaks_of(&id))
        .await?;
    let body =
        json!({ "field": "employer_inps_number", "note": "Chiedetelo di nuovo, per favore." });
    let answer = scene
        .employer
        .browser
        .post(&format!("/api/applications/{id}/draft/corrections"), &body)
        .await?
        .expect(202)?;
    same("asked again", &answer.json()?["asked_again"], &json!(true))?;
    ensure(
        scene.tasks(&id).await?.iter().any(|task| task.name == "inps-later-2"),
        "not asked again",
    )
}

/// ENR-1, ENR-2: a registry that does not know the employer is a named state, and the value may then be typed.
#[tokio::test]
async fn an_unknown_employer_is_told_and_the_value_can_be_typed() -> StoryResult {
    let scene =
        Scene::with(Plan::new("ignoto")?, on(Behaviour::NotFound, Scope::FactsLater)).await?;
    let id = scene.opens_form().await?;
    scene.sees_task(&id, "inps-later", TaskStatus::Refused).await?;
    let draft = scene.employer.draft(&id).await?.json()?;
    same("reason", &draft["attention"]["code"], &json!("registry-refused"))?;
    same("value", &draft["values"]["employer_inps_number"]["value"], &Value::Null)?;
    let change = json!([{ "field": "employer_inps_number", "base": null, "value": "3101234567" }]);
    scene.employer.saves_changes(&id, &change).await?.expect(200)?;
    let source = scene.values(&id).await?["employer_inps_number"].source;
    same("source", &source, &ValueSource::Person)
}

/// ENR-3: from the freeze a value that would break readiness is a remark and changes nothing.
#[tokio::test]
async fn after_the_freeze_a_value_that_would_break_readiness_is_a_remark() -> StoryResult {
    // Sending is open: the freeze of 24 hours began long ago.
    let scene = Scene::with(Plan::new("gelo")?, on(Behaviour::NotFound, Scope::FactsNow)).await?;
    let account = scene.world.account(&scene.employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    // The business register no longer knows the company: its name and seat would be gone.
    let id = asked_application(&scene, &scene.campaign, &belongs, &[], "unioncamere-now").await?;
    let before = (scene.values(&id).await?, scene.head(&id).await?);
    scene.sees_task(&id, "unioncamere-now", TaskStatus::Refused).await?;
    same("remarks", &scene.world.drafts()?.remarks(&id.parse()?).await?.len(), &1)?;
    ensure(scene.values(&id).await? == before.0, "the content has changed")?;
    let head = scene.head(&id).await?;
    same("state", &head.state().code(), &"to-send")?;
    same("stage", &head.stage, &before.1.stage)?;
    let draft = scene.employer.draft(&id).await?.json()?;
    same("note", &draft["notes"][0]["kind"], &json!("late-values"))
}

/// ENR-3: before the freeze such a value takes it back to *da completare*, and the filer gets a notice.
#[tokio::test]
async fn before_the_freeze_a_value_may_break_readiness() -> StoryResult {
    let opening = clock::wall() + SignedDuration::from_hours(24 * 9);
    let plan = Plan::new("prima")?.sends(opening, None).changed(|file| {
        for model in &mut file.models {
            model.submit = vec![domain::campaign::WindowFile::new(
                format!("{opening:.3}"),
                format!("{:.3}", opening + SignedDuration::from_hours(24)),
            )];
        }
    });
    let scene = Scene::with(plan, on(Behaviour::NotFound, Scope::FactsNow)).await?;
    let account = scene.world.account(&scene.employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    let id = asked_application(&scene, &scene.campaign, &belongs, &[], "unioncamere-now").await?;
    let look = || async {
        let state = scene.head(&id).await?.state().code();
        Ok(if state == "to-complete" { Ok(()) } else { Err(state.to_owned()) })
    };
    scene.world.story.eventually("the application is open again", REGISTRY_DEADLINE, look).await?;
    scene
        .filers_mail()
        .receives(&scene.world.story, "the notice to look at it", |letter| letter.speaks_of(&id))
        .await?;
    Ok(())
}

/// ENR-3: what was sent is not enriched any more.
#[tokio::test]
async fn after_the_submission_nothing_is_recorded() -> StoryResult {
    let scene =
        Scene::with(Plan::new("inviata")?, on(Behaviour::DownTwice, Scope::FactsNow)).await?;
    let account = scene.world.account(&scene.employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    let id = asked_application(&scene, &scene.campaign, &belongs, &[], "unioncamere-now").await?;
    scene.employer.submits(&id, &scene.campaign).await?.expect(200)?;
    let before = scene.values(&id).await?;
    scene.sees_task(&id, "unioncamere-now", TaskStatus::Done).await?;
    ensure(scene.values(&id).await? == before, "the content has changed")?;
    ensure(scene.world.drafts()?.remarks(&id.parse()?).await?.is_empty(), "a remark was left")?;
    same("state", &scene.head(&id).await?.state().is_sent(), &true)
}

/// ENR-2: messages may come twice, too late, in any order, and about what is gone: each effect happens once.
#[tokio::test]
async fn duplicates_and_disorder_do_no_harm() -> StoryResult {
    let scene = Scene::open().await?;
    let id = scene.opens_form().await?;
    let names: Vec<_> = scene.tasks(&id).await?.into_iter().map(|task| task.name).collect();
    for name in names.iter().rev().chain(names.iter()).chain(names.iter()) {
        scene.delivers(&id, name).await?;
    }
    // About a question that does not exist, and an application that does not.
    scene.delivers(&id, "inad-now").await?;
    scene.delivers("app_00000000000000000000000001", "inps-later").await?;
    scene.fills_form(&id).await?;
    for name in &names {
        scene.sees_task(&id, name, TaskStatus::Done).await?;
    }
    let look = || async {
        let state = scene.head(&id).await?.state().code();
        Ok(if state == "to-send" { Ok(()) } else { Err(state.to_owned()) })
    };
    scene.world.story.eventually("the application is ready", REGISTRY_DEADLINE, look).await?;
    let (values, head) = (scene.values(&id).await?, scene.head(&id).await?);
    let side = scene.world.side_queue("enrich-application").await?;
    for name in &names {
        side.send(&serde_json::to_string(&keys::task(&id.parse()?, name).message())?).await?;
    }
    side.is_worked_off(&scene.world.story).await?;
    same("dead letters", &side.dead_letters().await?.len(), &0)?;
    side.close().await?;
    ensure(scene.values(&id).await? == values, "a settled question changed the content")?;
    same("version", &scene.head(&id).await?.version, &head.version)
}

/// A poisoned message goes to the dead letters alone; its neighbours are handled.
#[tokio::test]
async fn a_poisoned_message_takes_nobody_along() -> StoryResult {
    let scene = Scene::open().await?;
    let employer = scene.world.employer()?;
    let waiting = queued_check(&scene.world, &scene.campaign, &employer).await?;
    let side = scene.world.side_queue("enrich-application").await?;
    let poison = [
        "not json".to_owned(),
        json!({ "v": 1, "pk": "APP#x", "sk": "TASK#check" }).to_string(),
        json!({ "v": 1, "pk": format!("APP#{waiting}"), "sk": "TASK#catasto-now" }).to_string(),
        json!({ "v": 1, "pk": format!("APP#{waiting}"), "sk": "HEAD" }).to_string(),
        json!({ "v": 9, "pk": format!("APP#{waiting}"), "sk": "TASK#check" }).to_string(),
    ];
    for message in &poison {
        side.send(message).await?;
    }
    side.send(&serde_json::to_string(&keys::task(&waiting.parse()?, "check").message())?).await?;
    side.is_worked_off(&scene.world.story).await?;
    let mut dead = side.dead_letters().await?;
    dead.sort();
    let mut wanted = poison.to_vec();
    wanted.sort();
    same("dead letters", &dead, &wanted)?;
    side.close().await?;
    // The neighbour's check was made, by whichever delivery.
    scene.sees_task(&waiting, "check", TaskStatus::Done).await?;
    ensure(
        scene.world.applications()?.activation(&waiting.parse()?).await?.is_some(),
        "no code was issued",
    )
}

/// CHK-2: queued checks that end negative: the application is deleted, with its personal data.
#[tokio::test]
async fn queued_checks_that_end_negative_delete() -> StoryResult {
    let scene = Scene::open().await?;
    let demands = [
        on(Behaviour::RepresentativeDiffers, Scope::Representation),
        on(Behaviour::NotFound, Scope::Representation),
        on(Behaviour::NoAddress, Scope::Address),
    ];
    for demand in demands {
        let employer = scene.world.employer_with(demand)?;
        let id = queued_check(&scene.world, &scene.campaign, &employer).await?;
        scene.sees_task(&id, "check", TaskStatus::Done).await?;
        same("state", &scene.head(&id).await?.state().code(), &"deleted")?;
        ensure(
            scene.world.drafts()?.preliminary(&id.parse()?).await?.is_none(),
            "personal data are kept",
        )?;
        ensure(
            scene.world.applications()?.activation(&id.parse()?).await?.is_none(),
            "a code was issued",
        )?;
    }
    Ok(())
}

/// CHK-2: the portal gives up visibly on a check that no registry answers; the application stays, and the filer can ask
/// for the check again.
#[tokio::test]
async fn a_check_that_nobody_answers_is_given_up_visibly() -> StoryResult {
    let plan = Plan::new("taciuto")?.changed(|file| file.enrichment.give_up_after_seconds = 60);
    let scene = Scene::with(plan, on(Behaviour::Down, Scope::Representation)).await?;
    let id = scene
        .employer
        .browser
        .post("/api/applications", &scene.employer.preliminary_checks(&scene.campaign))
        .await?
        .expect(202)?
        .text("/id")?;
    scene.sees_task(&id, "check", TaskStatus::Silent).await?;
    same("state", &scene.head(&id).await?.state().code(), &"to-validate")?;
    scene
        .filers_mail()
        .receives(&scene.world.story, "the notice to look at it", |letter| letter.speaks_of(&id))
        .await?;
    scene
        .employer
        .browser
        .post(&format!("/api/applications/{id}/activation-codes"), &json!({}))
        .await?
        .expect(202)?;
    ensure(scene.tasks(&id).await?.iter().any(|task| task.name == "check-2"), "not asked again")
}

/// Every question that the form can ask has a registry that answers it, and its answer fits the form.
#[tokio::test]
async fn the_answers_of_the_simulated_registries_fit_the_form() -> StoryResult {
    let scene = Scene::open().await?;
    let schema = Schema::find(&schema_of(&scene.campaign))
        .ok_or_else(|| scene.world.story.deviation("no schema"))?;
    let id = scene.opens_form().await?;
    for name in [
        "unioncamere-now",
        "agenzia-entrate-now",
        "ini-pec-now",
        "inps-later",
        "agenzia-entrate-later",
    ] {
        ensure(Question::of_task(name).is_some(), name)?;
        scene.sees_task(&id, name, TaskStatus::Done).await?;
    }
    let values = scene.values(&id).await?;
    for (registry, mode) in schema.registries_needed(&values) {
        for field in schema.registry_fields(registry, mode, &values) {
            ensure(values.contains_key(&field.key), format!("{} was not told", field.key))?;
        }
    }
    let pec =
        schema.value_with(Role::ElectedPec, &values).and_then(Value::as_str).map(str::to_owned);
    same(
        "elected address",
        &pec.map(|pec| pec.to_lowercase()),
        &Some(scene.employer.demo.pec.to_lowercase()),
    )
}

/// What follows from Gurpreet Singh's particulars: the worker of the forms' examples.
const CODE: &str = "SNGGPR90E14Z222N";

impl Scene {
    /// A case whose worker has just entered Italy, as handle-contract leaves it: border data, and the question for the
    /// definitive code. `place` is where the worker was born, `code` what the form says.
    async fn enters(&self, state: State, place: &str, code: Option<&str>) -> StoryResult<String> {
        let account = self.world.account(&self.employer.demo.representative).await?;
        let belongs =
            Belongs { representative: account.clone(), filer: account, organisation: None };
        let now = self.campaign.effective_now(clock::wall());
        let head = cases::case_in(&self.world, &self.campaign, &belongs, state, now).await?;
        let (applications, drafts) = (self.world.applications()?, self.world.drafts()?);
        let schema =
            Schema::find(&head.schema).ok_or_else(|| self.world.story.deviation("no schema"))?;
        let draft = drafts.load(&head.id).await?;
        let mut values = draft.values();
        match (code, values.get_mut("worker_fiscal_code")) {
            (Some(code), Some(stored)) => stored.value = json!(code),
            (Some(_), None) => return Err(self.world.story.deviation("no example of a code")),
            (None, _) => {
                values.remove("worker_fiscal_code");
            }
        }
        if let Some(stored) = values.get_mut("worker_birth_place") {
            stored.value = json!(place);
        }
        let noted = head.note(Act::ChangeContent, Who::System, now);
        let today = calendar::local_date(now);
        let content = Content { schema, before: &draft, after: &values, today };
        let asked: Vec<_> = Question::WorkerCode.new_task(&[], clock::wall()).into_iter().collect();
        let entry = entry();
        let along = [
            Companion::Content(&drafts, content),
            Companion::BorderEntry(&drafts, &entry),
            Companion::NewQuestions(&asked),
        ];
        applications.commit(&noted, &along).await?;
        Ok(head.id.to_string())
    }

    /// The office ends the case, so that the portal does not ask for its code on all the other days.
    async fn is_revoked(&self, id: &str) -> StoryResult {
        let head = self.head(id).await?;
        let context = cases::judged(&self.campaign, self.campaign.effective_now(clock::wall()));
        let revoked = cases::happens(&head, Event::Revoke, Who::System, &context)?.untold();
        Ok(self.world.applications()?.commit(&revoked, &[]).await?)
    }

    async fn code_of_entry(&self, id: &str) -> StoryResult<Option<String>> {
        let entry = self.world.drafts()?.entry(&id.parse()?).await?;
        let entry = entry.ok_or_else(|| self.world.story.deviation("the entry is gone"))?;
        ensure(entry.is_same_as(&self::entry()), "the border data have changed")?;
        Ok(entry.fiscal_code)
    }

    /// What goes to the employer once the code is there.
    async fn papers(&self, id: &str) -> StoryResult<Vec<DocumentRow>> {
        let table = self.world.environment.text("PORTAL_TABLE")?;
        let documents = Documents::new(self.world.store().0.clone(), table);
        let mut rows = documents.of(&id.parse()?).await?;
        rows.retain(|row| matches!(row.kind, DocumentKind::FiscalCode | DocumentKind::Contract));
        Ok(rows)
    }

    async fn recordings(&self, id: &str) -> StoryResult<Vec<EventRow>> {
        let mut rows = self.world.applications()?.history(&id.parse()?).await?;
        rows.retain(|row| row.action.as_deref() == Some("record-value"));
        Ok(rows)
    }

    /// The code is with the entry; sheet and contract were asked for with it, once.
    async fn has_code(&self, id: &str, code: &str) -> StoryResult {
        same("code", &self.code_of_entry(id).await?.as_deref(), &Some(code))?;
        let recordings = self.recordings(id).await?;
        same("recordings", &recordings.len(), &1)?;
        same("who", &recordings[0].who.as_str(), &"system")?;
        let papers = self.papers(id).await?;
        let kinds: Vec<_> = papers.iter().map(|row| row.kind).collect();
        same("documents", &kinds.len(), &2)?;
        for kind in [DocumentKind::FiscalCode, DocumentKind::Contract] {
            ensure(kinds.contains(&kind), format!("{kind} was not asked for"))?;
        }
        let together = papers.iter().all(|row| row.version == recordings[0].version);
        ensure(together, "the documents belong to another change")
    }

    /// There is no code, and nothing was asked for or recorded; the case waits.
    async fn has_no_code(&self, id: &str, state: State) -> StoryResult {
        same("code", &self.code_of_entry(id).await?, &None)?;
        same("documents", &self.papers(id).await?.len(), &0)?;
        same("recordings", &self.recordings(id).await?.len(), &0)?;
        same("state", &self.head(id).await?.state(), &state)
    }
}

fn entry() -> BorderEntry {
    BorderEntry {
        province: "FI".to_owned(),
        municipality: "Firenze".to_owned(),
        date: "2026-11-20".parse().unwrap_or_default(),
        visa_number: "ITA0123456".to_owned(),
        fiscal_code: None,
    }
}

fn born_in(behaviour: Behaviour) -> String {
    Population::place_with("Jalandhar", on(behaviour, Scope::FactsLater))
}

/// ENT-1, CTR-1: after the entry the agency gives the code, and with it the sheet and the contract are asked for.
#[tokio::test]
async fn after_the_entry_the_worker_gets_a_code_and_the_contract_is_asked_for() -> StoryResult {
    let scene = Scene::with(Plan::new("codice")?, Demand::default()).await?;
    let id = scene.enters(State::EntryReported, "Jalandhar", None).await?;
    let task = scene.sees_task(&id, "worker-code", TaskStatus::Done).await?;
    same("tries", &task.attempts, &1)?;
    scene.has_code(&id, CODE).await
}

/// ENT-1, ENR-2: a code that is being prepared, or an agency that is down for a while, loses nothing.
#[tokio::test]
async fn a_code_that_comes_late_is_waited_for() -> StoryResult {
    let scene = Scene::with(Plan::new("codice")?, Demand::default()).await?;
    let late = scene.enters(State::EntryReported, &born_in(Behaviour::Late), None).await?;
    let down = scene.enters(State::EntryReported, &born_in(Behaviour::DownTwice), None).await?;
    for id in [&late, &down] {
        scene.sees_attempts(id, "worker-code", 1).await?;
    }
    scene.has_no_code(&late, State::EntryReported).await?;
    for (id, tries) in [(&late, 2), (&down, 3)] {
        let task = scene.sees_task(id, "worker-code", TaskStatus::Done).await?;
        ensure(task.attempts >= tries, format!("{} tries", task.attempts))?;
        scene.has_code(id, CODE).await?;
    }
    Ok(())
}

/// ENT-1: a worker who was in Italy before keeps the code of then; the portal asks for no other.
#[tokio::test]
async fn a_definitive_code_in_the_form_is_used_without_asking() -> StoryResult {
    let scene = Scene::with(Plan::new("codice")?, Demand::default()).await?;
    let own: FiscalCode = CODE.parse()?;
    let own = own.with_omocodia(0b1);
    // The registry would not answer: a request would show.
    let place = born_in(Behaviour::Down);
    let id = scene.enters(State::EntryReported, &place, Some(own.reveal())).await?;
    let task = scene.sees_task(&id, "worker-code", TaskStatus::Done).await?;
    same("tries", &task.attempts, &1)?;
    scene.has_code(&id, own.reveal()).await
}

/// ENT-1: a provisional code is none: the definitive one is asked for.
#[tokio::test]
async fn a_provisional_code_gives_way_to_the_definitive_one() -> StoryResult {
    let scene = Scene::with(Plan::new("codice")?, Demand::default()).await?;
    let id = scene.enters(State::EntryReported, "Jalandhar", Some("12345678903")).await?;
    scene.sees_task(&id, "worker-code", TaskStatus::Done).await?;
    scene.has_code(&id, CODE).await
}

/// ENT-1: the portal asks each day for a code that was refused or given up, and tells the filer once: without a code
/// the case could not go on.
#[tokio::test]
async fn a_code_that_was_given_up_is_asked_for_each_day_until_it_comes() -> StoryResult {
    // Two tries are patience enough; a day takes some four seconds.
    let plan = Plan::new("domani")?.changed(|file| {
        file.enrichment.give_up_after_seconds = 50;
        file.enrichment.scale = 0.000_05;
    });
    let scene = Scene::with(plan, Demand::default()).await?;
    let (down, unknown) = (born_in(Behaviour::DownTwice), born_in(Behaviour::NotFound));
    let comes = scene.enters(State::EntryReported, &down, None).await?;
    let never = scene.enters(State::EntryReported, &unknown, None).await?;
    scene.sees_task(&comes, "worker-code", TaskStatus::Silent).await?;
    scene.sees_task(&never, "worker-code", TaskStatus::Refused).await?;
    scene.sees_task(&comes, "worker-code-2", TaskStatus::Done).await?;
    scene.has_code(&comes, CODE).await?;
    let task = scene.sees_attempts(&never, "worker-code-2", 2).await?;
    ensure(task.status == TaskStatus::Waiting, format!("{task:?}"))?;
    scene.has_no_code(&never, State::EntryReported).await?;
    for id in [&comes, &never] {
        let notices = scene.world.applications()?.notices(&id.parse()?).await?;
        let told = notices.iter().filter(|row| row.kind == "worker-code-missing" && !row.copy);
        same("told that there is none", &told.count(), &1)?;
    }
    scene.is_revoked(&never).await
}

/// ENT-1, ENR-2: no code, or no answer in all the days: the filer is told to look, and no contract goes out.
#[tokio::test]
async fn without_a_code_no_contract_is_asked_for_and_the_filer_is_told() -> StoryResult {
    let plan = Plan::new("nessuno")?.changed(|file| file.enrichment.give_up_after_seconds = 60);
    let scene = Scene::with(plan, Demand::default()).await?;
    let refused = scene.enters(State::EntryReported, &born_in(Behaviour::NotFound), None).await?;
    let wrong =
        scene.enters(State::EntryReported, &born_in(Behaviour::AnotherSubject), None).await?;
    let silent = scene.enters(State::EntryReported, &born_in(Behaviour::Down), None).await?;
    for (id, status) in
        [(refused, TaskStatus::Refused), (wrong, TaskStatus::Silent), (silent, TaskStatus::Silent)]
    {
        scene.sees_task(&id, "worker-code", status).await?;
        scene.has_no_code(&id, State::EntryReported).await?;
        scene
            .filers_mail()
            .receives(&scene.world.story, "the notice to look at it", |letter| {
                letter.speaks_of(&id)
            })
            .await?;
        scene.is_revoked(&id).await?;
    }
    Ok(())
}

/// ENT-1: before the entry the portal asks for no code, whatever the queue holds; a message that comes twice is
/// recorded once.
#[tokio::test]
async fn a_code_is_given_once_and_only_after_the_entry() -> StoryResult {
    let scene = Scene::with(Plan::new("codice")?, Demand::default()).await?;
    let early = scene.enters(State::VisaIssued, "Jalandhar", None).await?;
    scene.sees_task(&early, "worker-code", TaskStatus::Done).await?;
    scene.has_no_code(&early, State::VisaIssued).await?;

    let id = scene.enters(State::EntryReported, "Jalandhar", None).await?;
    for _ in 0..5 {
        scene.delivers(&id, "worker-code").await?;
    }
    scene.sees_task(&id, "worker-code", TaskStatus::Done).await?;
    let side = scene.world.side_queue("enrich-application").await?;
    side.send(&serde_json::to_string(&keys::task(&id.parse()?, "worker-code").message())?).await?;
    side.is_worked_off(&scene.world.story).await?;
    same("dead letters", &side.dead_letters().await?.len(), &0)?;
    side.close().await?;
    scene.has_code(&id, CODE).await
}
