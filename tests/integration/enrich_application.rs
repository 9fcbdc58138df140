//! enrich-application behind the deployed portal: registries of every kind, late, silent, wrong; duplicates, disorder, poison
//! (CHK-2, ENR-1 to ENR-3, NEW-2).

use adapters::{
    applications::{Task, TaskStatus},
    clock, keys,
    questions::Question,
    queue::Message,
    rows::millis,
};
use domain::form::{Registry, Role, Schema, ValueSource, Values};
use futures::future::join_all;
use harness::{
    campaigns::Plan,
    employer::{REGISTRY_DEADLINE, schema_of},
    mailbox::Mailbox,
    stock::{self, Belongs},
    story::{Told, ensure, same},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use simulate_registries::{Behaviour, Demand, Scope};

use crate::start_application::{Scene, queued_check};

fn on(behaviour: Behaviour, scope: Scope) -> Demand {
    Demand { behaviour, scope }
}

impl Scene {
    async fn values(&self, id: &str) -> Told<Values> {
        Ok(self.world.drafts()?.load(&id.parse()?).await?.values())
    }

    /// Waits until a question stands like that.
    async fn sees_task(&self, id: &str, name: &str, status: TaskStatus) -> Told<Task> {
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
    async fn sees_attempts(&self, id: &str, name: &str, attempts: u32) -> Told<Task> {
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

    async fn fills_form(&self, id: &str) -> Told {
        self.employer.fills_form(id, &schema_of(&self.campaign), clock::wall()).await
    }

    fn filers_mail(&self) -> Mailbox {
        Mailbox::new(&self.world.emulator, &self.employer.demo.representative.email)
    }

    /// Delivers a message about a task through the enrich queue.
    async fn delivers(&self, id: &str, task: &str) -> Told {
        let message = Message::about(&keys::task(&id.parse()?, task));
        self.world
            .emulator
            .enqueue(&self.world.queue("enrich").await?, &serde_json::to_string(&message)?)
            .await
    }
}

fn given_by(values: &Values, registry: Registry) -> usize {
    values.values().filter(|stored| stored.source == ValueSource::Registry(registry)).count()
}

/// ENR-1, FRM-3, NEW-2: registries answer at once and later; the last value makes it ready by itself, and the filer is told.
#[tokio::test]
async fn a_late_value_makes_the_application_ready_and_the_filer_is_told() -> Told {
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
async fn a_late_value_is_stored_outside_every_window() -> Told {
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
    let id = asked(
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
async fn asked(
    scene: &Scene,
    campaign: &domain::campaign::Campaign,
    belongs: &Belongs,
    lacks: &[&str],
    task: &str,
) -> Told<String> {
    let application = stock::ready_application(&scene.world, campaign, belongs).await?;
    let applications = scene.world.applications()?;
    let drafts = scene.world.drafts()?;
    let schema = Schema::find(&application.schema)
        .ok_or_else(|| scene.world.story.deviation("no schema"))?;
    let draft = drafts.load(&application.id).await?;
    let mut values = draft.values();
    values.retain(|key, _| !lacks.contains(&key.as_str()));
    let after = if lacks.is_empty() {
        domain::readiness::noted(&application, clock::wall())
    } else {
        application.reopen(clock::wall())?
    };
    let event = (!lacks.is_empty()).then_some(domain::lifecycle::Event::Reopen);
    let mut change = adapters::applications::Change::new(
        Some(&application),
        &after,
        event,
        domain::application::Who::System,
    );
    let demo = &scene.employer.demo;
    let preliminary = adapters::drafts::Preliminary {
        applicant: demo.representative.fiscal_code.reveal().to_owned(),
        company: Some(demo.company_code.reveal().to_owned()),
        in_register: demo.in_register,
        applicant_kind: None,
        privacy_version: campaign.privacy_notice().to_owned(),
        privacy_read: clock::wall(),
        certified_address: None,
    };
    let now = millis(clock::wall());
    change.tasks = vec![Task {
        name: task.to_owned(),
        attempts: 0,
        first_asked: now,
        due: now,
        status: TaskStatus::Waiting,
    }];
    let today = domain::calendar::local_date(clock::wall());
    change.content = drafts.content_items(&application, schema, &draft, &values, today)?;
    change.content.push(drafts.preliminary_item(&application.id, &preliminary)?);
    applications.save(&change).await?;
    Ok(application.id.to_string())
}

/// ENR-2: a registry without a usable answer loses nothing: it is asked again and again, the others' values are there,
/// and what it said about somebody else is nowhere.
#[tokio::test]
async fn a_registry_without_a_usable_answer_is_asked_again_and_loses_nothing() -> Told {
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

/// ENR-2: what comes back after a while is recorded as if nothing had been.
#[tokio::test]
async fn a_registry_that_recovers_completes_the_application() -> Told {
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
            same("state", &scene.head(&id).await?.state().code(), &"to-send")
        }
    });
    for outcome in join_all(scenes).await {
        outcome?;
    }
    Ok(())
}

/// ENR-2: after its days a silent registry is given up, visibly; asking for a correction asks it again.
#[tokio::test]
async fn a_silent_registry_is_given_up_visibly_and_can_be_asked_again() -> Told {
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
async fn an_unknown_employer_is_told_and_the_value_can_be_typed() -> Told {
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
async fn after_the_freeze_a_value_that_would_break_readiness_is_a_remark() -> Told {
    // Sending is open: the freeze of 24 hours began long ago.
    let scene = Scene::with(Plan::new("gelo")?, on(Behaviour::NotFound, Scope::FactsNow)).await?;
    let account = scene.world.account(&scene.employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    // The business register no longer knows the company: its name and seat would be gone.
    let id = asked(&scene, &scene.campaign, &belongs, &[], "unioncamere-now").await?;
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

/// ENR-3: before the freeze such a value takes it back to *da completare*, and the filer is told.
#[tokio::test]
async fn before_the_freeze_a_value_may_break_readiness() -> Told {
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
    let id = asked(&scene, &scene.campaign, &belongs, &[], "unioncamere-now").await?;
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
async fn after_the_submission_nothing_is_recorded() -> Told {
    let scene =
        Scene::with(Plan::new("inviata")?, on(Behaviour::DownTwice, Scope::FactsNow)).await?;
    let account = scene.world.account(&scene.employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    let id = asked(&scene, &scene.campaign, &belongs, &[], "unioncamere-now").await?;
    scene.employer.submits(&id, &scene.campaign).await?.expect(200)?;
    let before = scene.values(&id).await?;
    scene.sees_task(&id, "unioncamere-now", TaskStatus::Done).await?;
    ensure(scene.values(&id).await? == before, "the content has changed")?;
    ensure(scene.world.drafts()?.remarks(&id.parse()?).await?.is_empty(), "a remark was left")?;
    same("state", &scene.head(&id).await?.state().is_sent(), &true)
}

/// ENR-2: messages may come twice, too late, in any order, and about what is gone: each effect happens once.
#[tokio::test]
async fn duplicates_and_disorder_do_no_harm() -> Told {
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
        side.send(&serde_json::to_string(&Message::about(&keys::task(&id.parse()?, name)))?)
            .await?;
    }
    side.is_worked_off(&scene.world.story).await?;
    same("dead letters", &side.dead_letters().await?.len(), &0)?;
    side.close().await?;
    ensure(scene.values(&id).await? == values, "a settled question changed the content")?;
    same("version", &scene.head(&id).await?.version, &head.version)
}

/// A poisoned message goes to the dead letters alone; its neighbours are handled.
#[tokio::test]
async fn a_poisoned_message_takes_nobody_along() -> Told {
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
    side.send(&serde_json::to_string(&Message::about(&keys::task(&waiting.parse()?, "check")))?)
        .await?;
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
async fn queued_checks_that_end_negative_delete() -> Told {
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

/// CHK-2: a check that nobody answers is given up visibly, the application stays, and the check can be asked again.
#[tokio::test]
async fn a_check_that_nobody_answers_is_given_up_visibly() -> Told {
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
async fn the_answers_of_the_simulated_registries_fit_the_form() -> Told {
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
