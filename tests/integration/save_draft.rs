//! save-draft on the deployed portal: success, each refusal, not yours, repeated, conflicting, store failing
//! (FRM-1 to FRM-3, ENR-1, LIM-1, CAL-3).

use domain::{
    application::{Application, Stage},
    calendar,
    campaign::Campaign,
    form::{Schema, Values},
    ids::ApplicationId,
};
use futures::future::join_all;
use harness::{
    browser::{Answer, Call},
    campaigns::Plan,
    employer::Employer,
    fault_proxy::{Fault, Order},
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::clock;
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    applications::{
        commit::{Companion, Content},
        saved::SavedRow,
    },
    drafts::Draft,
};

const STREET: &str = "workplace_street";

/// An employer with an application that lacks one value: the street of the workplace.
struct Scene {
    world: World,
    campaign: Campaign,
    employer: Employer,
    application: Application,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        Self::with(Plan::new("bozza")?, false).await
    }

    async fn ready() -> StoryResult<Self> {
        Self::with(Plan::new("pronta")?, true).await
    }

    async fn with(plan: Plan, ready: bool) -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = plan.publish(&world).await?;
        let employer = signed_in(&world, 2).await?;
        let account = world.account(&employer.demo.representative).await?;
        let belongs =
            Belongs { representative: account.clone(), filer: account, organisation: None };
        let application = if ready {
            stock::ready_application(&world, &campaign, &belongs).await?
        } else {
            stock::incomplete_application(&world, &campaign, &belongs).await?
        };
        Ok(Self { world, campaign, employer, application })
    }

    fn id(&self) -> &str {
        self.application.id.as_str()
    }

    fn path(&self) -> String {
        format!("/api/applications/{}/draft", self.id())
    }

    async fn saves(&self, field: &str, base: Value, value: Value) -> StoryResult<Answer> {
        self.employer
            .saves_changes(self.id(), &json!([{ "field": field, "base": base, "value": value }]))
            .await
    }

    async fn head(&self) -> StoryResult<Application> {
        let head = self.world.applications()?.head(&self.application.id).await?;
        head.ok_or_else(|| self.world.story.deviation("the application is gone"))
    }

    async fn state(&self) -> StoryResult<&'static str> {
        Ok(self.head().await?.state().code())
    }

    async fn values(&self) -> StoryResult<Values> {
        Ok(self.world.drafts()?.load(&self.application.id).await?.values())
    }

    /// What a refusal must leave behind: content, state and history as they were.
    async fn nothing_was_saved(&self, before: &Values) -> StoryResult {
        ensure(self.values().await? == *before, "the content has changed")?;
        same("version", &self.head().await?.version, &self.application.version)?;
        same("events", &self.world.applications()?.history(&self.application.id).await?.len(), &1)
    }

    /// Another application of the same employer with the same content, complete but for the street.
    async fn twin(&self) -> StoryResult<Application> {
        let now = clock::wall();
        let twin = Application {
            id: ApplicationId::from_random(outside::aws::random()?),
            version: 1,
            created: now,
            changed: now,
            stage: Stage::ToComplete { attention: None },
            ..self.application.clone()
        };
        let schema =
            Schema::find(&twin.schema).ok_or_else(|| self.world.story.deviation("no schema"))?;
        let mut values = self.values().await?;
        values.retain(|key, _| key.as_str() != STREET);
        let (drafts, draft) = (self.world.drafts()?, Draft::default());
        let today = calendar::local_date(now);
        let content = Content { schema, before: &draft, after: &values, today };
        let along = [Companion::Content(&drafts, content)];
        self.world.applications()?.commit(&stock::begun(&twin), &along).await?;
        Ok(twin)
    }
}

async fn signed_in(world: &World, level: u8) -> StoryResult<Employer> {
    let employer = world.employer()?;
    let caller = stock::caller(world, &employer, level, SignedDuration::from_mins(10)).await?;
    stock::session(world, &employer.browser, &caller).await?;
    Ok(employer)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> =
        pairs.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
    pairs.sort();
    pairs
}

/// FRM-1: the form is public data, with its tables; a model gives its newest version.
#[tokio::test]
async fn the_form_is_public_data() -> StoryResult {
    let world = World::enter().await?;
    let browser = world.browser()?;
    let form = browser.get("/api/models/c-stag-agricoltura@1").await?.expect(200)?;
    same("id", &form.text("/schema/id")?, &"c-stag-agricoltura@1".to_owned())?;
    ensure(
        form.json()?["schema"]["fields"].as_array().is_some_and(|fields| fields.len() > 80),
        "too few fields",
    )?;
    ensure(
        form.json()?["tables"]["provinces"]["entries"]
            .as_array()
            .is_some_and(|rows| rows.len() >= 107),
        "too few provinces",
    )?;
    let newest = browser.get("/api/models/c-stag-agricoltura").await?.expect(200)?;
    ensure(newest.json()?["schema"]["version"].as_u64() >= Some(1), "no version")?;
    let encoded = browser.get("/api/models/c-stag-agricoltura%401").await?.expect(200)?;
    same("the same form", &encoded.body, &form.body)?;
    for unknown in ["nessuno@1", "c-stag-agricoltura@999", "@"] {
        browser.get(&format!("/api/models/{unknown}")).await?.refused(404, "non-trovata")?;
    }
    Ok(())
}

/// FRM-2, NEW-2: the draft tells its values with source and time, how far it is, what is missing and who must act.
#[tokio::test]
async fn the_draft_tells_what_is_missing_and_who_must_act() -> StoryResult {
    let scene = Scene::open().await?;
    let draft = scene.employer.draft(scene.id()).await?;
    draft.is_kept_by_no_cache()?;
    let body = draft.json()?;
    same("state", &draft.text("/state")?, &"to-complete".to_owned())?;
    ensure(body["percent"].as_u64().is_some_and(|percent| (1..100).contains(&percent)), "percent")?;
    let missing: Vec<_> = body["sections"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|section| section["missing"].as_array().cloned().unwrap_or_default())
        .collect();
    same(
        "missing",
        &missing.iter().map(|one| (one["field"].as_str(), one["who"].as_str())).collect::<Vec<_>>(),
        &vec![(Some(STREET), Some("person"))],
    )?;
    same(
        "source",
        &draft.text("/values/employer_name/source")?,
        &"registry:unioncamere".to_owned(),
    )?;
    draft.text("/values/employer_name/at")?.parse::<jiff::Timestamp>()?;
    let actions: Vec<_> = body["actions"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|action| action["label"].as_str())
        .collect();
    ensure(actions.contains(&"Salva") && actions.contains(&"Elimina"), format!("{actions:?}"))?;
    ensure(body["versions"]["workplace"].as_u64() == Some(1), "versions")
}

/// AUD-1: each save leaves who, when and which sections, and no value; a save that changes nothing leaves nothing.
#[tokio::test]
async fn a_save_leaves_who_and_which_sections_and_no_value() -> StoryResult {
    let scene = Scene::open().await?;
    let account = scene.world.account(&scene.employer.demo.representative).await?;
    let saves = async || -> StoryResult<Vec<SavedRow>> {
        Ok(scene.world.applications()?.saves(&scene.application.id).await?)
    };
    same("saves before", &saves().await?.len(), &0)?;
    scene.saves(STREET, Value::Null, json!("Via delle Prove")).await?.expect(200)?;
    scene.saves(STREET, json!("Via delle Prove"), json!("Via delle Prove")).await?.expect(200)?;
    scene.saves(STREET, json!("Via delle Prove"), json!("Via Nuova")).await?.expect(200)?;
    let left = saves().await?;
    same("saves", &left.len(), &2)?;
    for save in &left {
        same("who", &save.who, &account.to_string())?;
        same("sections", &save.sections, &vec!["workplace".to_owned()])?;
        ensure(!serde_json::to_string(save)?.contains("Via"), "a value stands in the save")?;
    }
    ensure(left[0].at <= left[1].at, "out of order")
}

/// FRM-3: the last value makes it *da inviare* in the same save, with digest and claim; clearing it takes it back.
#[tokio::test]
async fn the_last_value_makes_it_ready_and_clearing_it_takes_it_back() -> StoryResult {
    let scene = Scene::open().await?;
    let saved = scene.saves(STREET, Value::Null, json!("Via delle Prove")).await?.expect(200)?;
    same("state", &saved.text("/state")?, &"to-send".to_owned())?;
    same("percent", &saved.number("/percent")?, &100)?;
    let ready = match scene.head().await?.stage {
        Stage::ToSend(ready) => ready,
        stage => panic!("{stage:?}"),
    };
    let schema = Schema::find(&scene.application.schema)
        .ok_or_else(|| scene.world.story.deviation("no schema"))?;
    same("digest", &ready.digest, &schema.content_digest(&scene.values().await?))?;
    // Still complete with other content: the digest follows.
    scene.saves(STREET, json!("Via delle Prove"), json!("Via Nuova")).await?.expect(200)?;
    match scene.head().await?.stage {
        Stage::ToSend(after) => ensure(after.digest != ready.digest, "the digest did not follow")?,
        stage => panic!("{stage:?}"),
    }
    let saved = scene.saves(STREET, json!("Via Nuova"), Value::Null).await?.expect(200)?;
    same("state", &saved.text("/state")?, &"to-complete".to_owned())?;
    same("state", &scene.state().await?, &"to-complete")?;
    let events: Vec<_> = scene
        .world
        .applications()?
        .history(&scene.application.id)
        .await?
        .into_iter()
        .filter_map(|row| row.event)
        .collect();
    same("events", &events, &vec!["complete".to_owned(), "reopen".to_owned()])
}

/// A save that is not explicit leaves no trace in the history; *Salva* does.
#[tokio::test]
async fn only_an_explicit_save_shows_in_the_history() -> StoryResult {
    let scene = Scene::open().await?;
    scene.saves("worker_marital_status", json!("single"), Value::Null).await?.expect(200)?;
    same("version", &scene.head().await?.version, &1)?;
    let body = json!({ "changes": [], "save": true });
    scene.employer.browser.patch(&scene.path(), &body).await?.expect(200)?;
    same("version", &scene.head().await?.version, &2)?;
    same("events", &scene.world.applications()?.history(&scene.application.id).await?.len(), &2)
}

/// FRM-2: two tabs that change different fields both keep their changes, at the same moment, too.
#[tokio::test]
async fn two_tabs_that_change_different_fields_both_keep_them() -> StoryResult {
    let scene = Scene::open().await?;
    let changes = [
        ("worker_name", "Karima"),
        ("worker_surname", "Nuova"),
        ("workplace_number", "77"),
        ("housing_municipality", "Lucera"),
        ("stamp_number", "01234567890123"),
    ];
    let before = scene.values().await?;
    let base = |field: &str| before.get(field).map_or(Value::Null, |stored| stored.value.clone());
    let saves = changes.iter().map(|(field, value)| scene.saves(field, base(field), json!(value)));
    for answer in join_all(saves).await {
        answer?.expect(200)?;
    }
    let after = scene.values().await?;
    for (field, value) in changes {
        let stored = after.get(field).map(|stored| stored.value.clone()).unwrap_or_default();
        ensure(
            stored.as_str().is_some_and(|stored| stored.eq_ignore_ascii_case(value)),
            format!("{field} was lost"),
        )?;
    }
    Ok(())
}

/// FRM-3: two people who fill the last two fields at the same moment make it ready: neither sees half.
#[tokio::test]
async fn the_last_two_values_at_the_same_moment_make_it_ready() -> StoryResult {
    for _ in 0..3 {
        let scene = Scene::open().await?;
        scene
            .saves("worker_sex", scene.values().await?["worker_sex"].value.clone(), Value::Null)
            .await?
            .expect(200)?;
        let (street, sex) = tokio::join!(
            scene.saves(STREET, Value::Null, json!("Via delle Prove")),
            scene.saves("worker_sex", Value::Null, json!("female")),
        );
        street?.expect(200)?;
        sex?.expect(200)?;
        same("state", &scene.state().await?, &"to-send")?;
    }
    Ok(())
}

/// FRM-2: the same field changed on both sides is asked about, never overwritten; nothing of the save is stored.
#[tokio::test]
async fn the_same_field_changed_on_both_sides_is_a_conflict() -> StoryResult {
    let scene = Scene::open().await?;
    let base = scene.values().await?["workplace_number"].value.clone();
    scene.saves("workplace_number", base.clone(), json!("1")).await?.expect(200)?;
    let before = scene.values().await?;
    let changes = json!([
        { "field": "workplace_number", "base": base, "value": "2" },
        { "field": STREET, "base": null, "value": "Via delle Prove" },
    ]);
    let refused = scene
        .employer
        .saves_changes(scene.id(), &changes)
        .await?
        .refused(409, "modifica-in-conflitto")?;
    let conflicts = refused.json()?["conflicts"].clone();
    let at = scene.values().await?["workplace_number"].at;
    same(
        "conflicts",
        &conflicts,
        &json!([{
            "field": "workplace_number", "yours": "2", "theirs": "1", "base": base,
            "by": "you-elsewhere", "at": calendar::rfc3339(at),
        }]),
    )?;
    scene.nothing_was_saved(&before).await?;
    // The same change on both sides is none.
    scene.saves("workplace_number", base, json!("1")).await?.expect(200)?;
    Ok(())
}

/// FRM-2, OWN-1, ORG-4: of two operators on one draft only the one who holds it saves; after the hand-over it is the other.
/// What each saved stays, and the employer sees it.
#[tokio::test]
async fn two_operators_on_one_draft_save_one_after_the_other() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("due-operatori")?.publish(&world).await?;
    let association = world.association().await?;
    let employer = signed_in(&world, 2).await?;
    let (first, second) = (world.employer()?, world.employer()?);
    association.enables(&[&first, &second]).await?;
    for operator in [&first, &second] {
        world.signs_in_quickly(operator).await?;
    }
    let (one, other) = (
        world.account(&first.demo.representative).await?,
        world.account(&second.demo.representative).await?,
    );
    let belongs = Belongs {
        representative: world.account(&employer.demo.representative).await?,
        filer: one.clone(),
        organisation: Some(association.id.clone()),
    };
    let application = stock::incomplete_application(&world, &campaign, &belongs).await?;
    let id = application.id.as_str();
    let change = |base: &Value, value: &str| json!([{ "field": "workplace_number", "base": base, "value": value }]);
    let drafts = world.drafts()?;
    let number = async || -> StoryResult<Value> {
        Ok(drafts.load(&application.id).await?.values()["workplace_number"].value.clone())
    };
    let base = number().await?;

    second.saves_changes(id, &change(&base, "2")).await?.refused(403, "azione-non-consentita")?;
    same("number after the colleague's try", &number().await?, &base)?;
    first.saves_changes(id, &change(&base, "1")).await?.expect(200)?;
    let body = json!({ "from": one, "to": other, "applications": [id] });
    let path = association.path("/hand-overs");
    association.contact.browser.post(&path, &body).await?.expect(200)?;
    first
        .saves_changes(id, &change(&"1".into(), "3"))
        .await?
        .refused(403, "azione-non-consentita")?;
    second.saves_changes(id, &change(&base, "2")).await?.refused(409, "modifica-in-conflitto")?;
    same("number after the hand-over", &number().await?, &"1".into())?;
    second.saves_changes(id, &change(&"1".into(), "2")).await?.expect(200)?;
    let draft = employer.draft(id).await?.json()?;
    same(
        "number that the employer sees",
        &draft["values"]["workplace_number"]["value"],
        &"2".into(),
    )
}

/// ENR-1: a value from a registry cannot be typed over, and every mistake comes at once.
#[tokio::test]
async fn every_wrong_value_is_told_at_once_and_the_good_ones_are_saved() -> StoryResult {
    let scene = Scene::open().await?;
    let before = scene.values().await?;
    let wrong = [
        ("employer_name", json!("Altra S.r.l.")),
        ("nonsense", Value::Null),
        ("representative_fiscal_code", json!("VRDLGI80A41Z1N9V")),
        ("worker_birth_date", json!("31/12/1990")),
        ("worker_sex", json!(7)),
        ("workplace_province", json!("XX")),
    ];
    let mut changes: Vec<_> = wrong
        .iter()
        .map(|(field, value)| json!({ "field": field, "base": null, "value": value }))
        .collect();
    let names: Vec<_> = wrong.iter().map(|(field, _)| (*field).to_owned()).collect();
    let refused = scene.employer.saves_changes(scene.id(), &json!(changes)).await?;
    let refused = refused.refused(422, "campi-non-validi")?;
    let fields: Vec<_> = refused.refused_fields().into_iter().map(|(field, _)| field).collect();
    same("fields", &fields, &names)?;
    scene.nothing_was_saved(&before).await?;
    changes.push(json!({ "field": STREET, "base": null, "value": "Via delle Prove" }));
    let saved = scene.employer.saves_changes(scene.id(), &json!(changes)).await?.expect(200)?;
    let saved = saved.json()?;
    let refused = saved["refused"].as_array().cloned().unwrap_or_default();
    let fields: Vec<_> = refused.iter().filter_map(|one| one["field"].as_str()).collect();
    same("fields beside a good one", &fields, &names.iter().map(String::as_str).collect())?;
    same("street", &saved["values"][STREET]["value"], &json!("Via delle Prove"))?;
    let mut after = scene.values().await?;
    after.remove(STREET);
    ensure(after == before, "a wrong value was saved")
}

/// The shape of a save: unknown and missing fields, wrong types, doubles, too much.
#[tokio::test]
async fn a_save_of_the_wrong_shape_is_refused() -> StoryResult {
    let scene = Scene::open().await?;
    let before = scene.values().await?;
    let (employer, path) = (&scene.employer, &scene.path());
    let patch = |body: Value| async move {
        let refused =
            employer.browser.patch(path, &body).await?.refused(422, "campi-non-validi")?;
        StoryResult::Ok(refused.refused_fields())
    };
    same("missing", &patch(json!({})).await?, &pairs(&[("changes", "obbligatorio")]))?;
    let wrong = patch(json!({ "changes": {}, "save": "sì", "altro": 1 })).await?;
    same(
        "types",
        &wrong,
        &pairs(&[("changes", "tipo-errato"), ("save", "tipo-errato"), ("altro", "sconosciuto")]),
    )?;
    let wrong = patch(json!({ "changes": [
        1, { "field": "worker_sex" }, { "field": "worker_sex", "value": "male", "quando": 1 },
        { "field": "worker_sex", "base": null, "value": "male" }, { "field": "worker_sex", "base": null, "value": "female" },
    ] }))
    .await?;
    let wanted = [
        ("changes[0]", "tipo-errato"),
        ("changes[1]", "tipo-errato"),
        ("changes[2]", "tipo-errato"),
        ("changes[4]", "ripetuto"),
    ];
    same("changes", &wrong, &pairs(&wanted))?;
    let many: Vec<_> =
        (0..201).map(|number| json!({ "field": format!("f{number}"), "value": null })).collect();
    same(
        "too many",
        &patch(json!({ "changes": many })).await?,
        &pairs(&[("changes", "troppe-modifiche")]),
    )?;
    let long =
        patch(json!({ "changes": [{ "field": STREET, "base": null, "value": "x".repeat(5000) }] }))
            .await?;
    same("too long", &long, &pairs(&[(STREET, "too-long")]))?;
    let deep = patch(json!({ "changes": [{ "field": STREET, "base": null, "value": { "a": [1, { "b": null }] } }] })).await?;
    same("deep", &deep.len(), &1)?;
    scene.nothing_was_saved(&before).await
}

/// Bodies that are none, other origins, no session, level 1, a session that is over.
#[tokio::test]
async fn without_body_origin_session_or_level_nothing_is_saved() -> StoryResult {
    let scene = Scene::open().await?;
    let before = scene.values().await?;
    let right =
        json!({ "changes": [{ "field": STREET, "base": null, "value": "Via delle Prove" }] });
    let browser = &scene.employer.browser;
    for broken in ["", "{", "[]", "null"] {
        let call = Call::new(Method::PATCH, scene.path()).body("application/json", broken);
        browser.send(call).await?.refused(400, "richiesta-illeggibile")?;
    }
    let call = Call::new(Method::PATCH, scene.path()).body("text/plain", right.to_string());
    browser.send(call).await?.refused(415, "formato-non-ammesso")?;
    let large =
        json!({ "changes": [{ "field": STREET, "base": null, "value": "x".repeat(1024 * 1024) }] });
    browser.patch(&scene.path(), &large).await?.refused(413, "contenuto-troppo-grande")?;
    let delete = format!("/api/applications/{}", scene.id());
    for origin in ["", "null", "https://portale.example.evil"] {
        let call = Call::new(Method::PATCH, scene.path()).json(&right).header("origin", origin);
        browser.send(call).await?.refused(403, "origine-non-ammessa")?;
        browser
            .send(Call::new(Method::DELETE, &delete).header("origin", origin))
            .await?
            .refused(403, "origine-non-ammessa")?;
    }
    let anonymous = scene.world.browser()?;
    anonymous.patch(&scene.path(), &right).await?.refused(401, "sessione-assente")?;
    anonymous.get(&scene.path()).await?.refused(401, "sessione-assente")?;
    anonymous.delete(&delete).await?.refused(401, "sessione-assente")?;
    for (level, lasts, status, problem) in
        [(1, 10, 403, "livello-insufficiente"), (2, -1, 401, "sessione-scaduta")]
    {
        let caller =
            stock::caller(&scene.world, &scene.employer, level, SignedDuration::from_mins(lasts))
                .await?;
        stock::session(&scene.world, browser, &caller).await?;
        browser.patch(&scene.path(), &right).await?.refused(status, problem)?;
        browser.get(&scene.path()).await?.refused(status, problem)?;
        browser.delete(&delete).await?.refused(status, problem)?;
    }
    let caller =
        stock::caller(&scene.world, &scene.employer, 2, SignedDuration::from_mins(10)).await?;
    stock::session(&scene.world, browser, &caller).await?;
    scene.world.sessions()?.end(&caller.session, clock::wall()).await?;
    browser.patch(&scene.path(), &right).await?.refused(401, "sessione-scaduta")?;
    scene.nothing_was_saved(&before).await
}

/// The draft of another person gets the same answer as one that does not exist.
#[tokio::test]
async fn what_is_not_yours_is_not_there() -> StoryResult {
    let scene = Scene::open().await?;
    let before = scene.values().await?;
    let stranger = signed_in(&scene.world, 3).await?;
    let change =
        json!({ "changes": [{ "field": STREET, "base": null, "value": "Via delle Prove" }] });
    let correction = json!({ "field": "employer_name", "note": "Non è il mio nome." });
    for id in [scene.id(), "app_00000000000000000000000001", "app_x"] {
        let path = format!("/api/applications/{id}/draft");
        stranger.browser.get(&path).await?.refused(404, "non-trovata")?;
        stranger.browser.patch(&path, &change).await?.refused(404, "non-trovata")?;
        stranger
            .browser
            .post(&format!("{path}/corrections"), &correction)
            .await?
            .refused(404, "non-trovata")?;
        stranger
            .browser
            .delete(&format!("/api/applications/{id}"))
            .await?
            .refused(404, "non-trovata")?;
    }
    scene.nothing_was_saved(&before).await
}

/// CAL-3: outside the window for changes nothing is saved, but the draft can be read; on the closed day not even that (CAL-2).
#[tokio::test]
async fn outside_the_window_nothing_is_saved() -> StoryResult {
    let opening = clock::wall() + SignedDuration::from_hours(3);
    let plan = Plan::new("fuori")?.starts_and_edits(opening).sends(opening, None);
    let scene = Scene::with(plan, false).await?;
    let before = scene.values().await?;
    let refused = scene
        .saves(STREET, Value::Null, json!("Via delle Prove"))
        .await?
        .refused(409, "finestra-non-aperta")?;
    refused.text("/opens_at")?;
    same("reason", &refused.text("/reason")?, &"not-yet-open".to_owned())?;
    scene.employer.draft(scene.id()).await?;
    scene.nothing_was_saved(&before).await?;

    let from = clock::wall() - SignedDuration::from_hours(1);
    let until = clock::wall() + SignedDuration::from_hours(1);
    let closed = Plan::new("chiusa")?.changed(|file| {
        for model in &mut file.models {
            model.read_closed = vec![domain::campaign::WindowFile::new(
                format!("{from:.3}"),
                format!("{until:.3}"),
            )];
            model.start = vec![domain::campaign::WindowFile::new(
                format!("{:.3}", until + SignedDuration::from_hours(1)),
                format!("{:.3}", until + SignedDuration::from_hours(9)),
            )];
            model.edit = model.start.clone();
            model.submit = model.start.clone();
        }
    });
    let campaign = closed.publish(&scene.world).await?;
    let account = scene.application.parties.filer.clone();
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    let hidden = stock::incomplete_application(&scene.world, &campaign, &belongs).await?;
    let refused = scene
        .employer
        .browser
        .get(&format!("/api/applications/{}/draft", hidden.id))
        .await?
        .refused(409, "finestra-non-aperta")?;
    same("reason", &refused.text("/reason")?, &"section-closed".to_owned())?;
    scene
        .employer
        .browser
        .delete(&format!("/api/applications/{}", hidden.id))
        .await?
        .refused(409, "finestra-non-aperta")?;
    Ok(())
}

/// SUB-1: what was sent is neither changed nor deleted.
#[tokio::test]
async fn what_was_sent_stays_as_it_is() -> StoryResult {
    let scene = Scene::ready().await?;
    scene.employer.submits(scene.id(), &scene.campaign).await?.expect(200)?;
    let before = scene.values().await?;
    let street = before[STREET].value.clone();
    scene.saves(STREET, street, json!("Via Nuova")).await?.refused(409, "stato-non-compatibile")?;
    scene
        .employer
        .browser
        .delete(&format!("/api/applications/{}", scene.id()))
        .await?
        .refused(409, "stato-non-compatibile")?;
    let correction = json!({ "field": "employer_name", "note": "Non è il mio nome." });
    scene
        .employer
        .browser
        .post(&format!("{}/corrections", scene.path()), &correction)
        .await?
        .refused(409, "stato-non-compatibile")?;
    ensure(scene.values().await? == before, "the content has changed")?;
    same("state", &scene.state().await?, &"submitted")?;
    // It can still be read.
    scene.employer.draft(scene.id()).await?;
    Ok(())
}

/// LIM-1: a complete form whose worker is taken is saved, stays *da completare*, and says why; freeing the worker frees it.
#[tokio::test]
async fn a_taken_worker_keeps_it_to_complete_with_the_reason() -> StoryResult {
    let scene = Scene::ready().await?;
    let twin = scene.twin().await?;
    let fill = || async {
        let change = json!([{ "field": STREET, "base": null, "value": "Via delle Prove" }]);
        scene.employer.saves_changes(twin.id.as_str(), &change).await?.expect(200)
    };
    let saved = fill().await?;
    same("state", &saved.text("/state")?, &"to-complete".to_owned())?;
    same("percent", &saved.number("/percent")?, &100)?;
    same("reason", &saved.text("/attention/code")?, &"worker-taken".to_owned())?;
    ensure(!saved.text("/attention/text")?.is_empty(), "no text")?;
    // A later save tries again and says the same.
    let again = json!({ "changes": [], "save": true });
    let path = format!("/api/applications/{}/draft", twin.id);
    same(
        "state",
        &scene.employer.browser.patch(&path, &again).await?.expect(200)?.text("/state")?,
        &"to-complete".to_owned(),
    )?;
    scene
        .employer
        .submits(twin.id.as_str(), &scene.campaign)
        .await?
        .refused(409, "stato-non-compatibile")?;
    // The first one goes: the worker is free.
    scene
        .employer
        .browser
        .delete(&format!("/api/applications/{}", scene.id()))
        .await?
        .expect(204)?;
    let saved = scene.employer.browser.patch(&path, &again).await?.expect(200)?;
    same("state", &saved.text("/state")?, &"to-send".to_owned())?;
    ensure(saved.json()?["attention"].is_null(), "the reason stays")
}

/// LIM-1, ACC-6: a deleted draft is gone with its content, its history stays; deleting again is no error.
#[tokio::test]
async fn a_deleted_draft_is_gone_and_deleting_again_is_no_error() -> StoryResult {
    let scene = Scene::ready().await?;
    let path = format!("/api/applications/{}", scene.id());
    for answer in join_all((0..4).map(|_| scene.employer.browser.delete(&path))).await {
        answer?.expect(204)?;
    }
    scene.employer.browser.delete(&path).await?.expect(204)?;
    ensure(scene.values().await?.is_empty(), "content is left")?;
    same("state", &scene.state().await?, &"deleted")?;
    let events = scene.world.applications()?.history(&scene.application.id).await?;
    same(
        "deletions",
        &events.iter().filter(|event| event.event.as_deref() == Some("delete")).count(),
        &1,
    )?;
    scene.employer.browser.get(&scene.path()).await?.refused(404, "non-trovata")?;
    scene
        .saves(STREET, Value::Null, json!("Via delle Prove"))
        .await?
        .refused(404, "non-trovata")?;
    ensure(scene.values().await?.is_empty(), "content came back")?;
    scene.employer.submits(scene.id(), &scene.campaign).await?;
    same("state", &scene.state().await?, &"deleted")
}

/// ENR-1: a correction is recorded beside the draft and in the history, and goes to the registry that gave the value.
#[tokio::test]
async fn a_correction_is_recorded_and_changes_no_value() -> StoryResult {
    let scene = Scene::ready().await?;
    let before = scene.values().await?;
    let path = format!("{}/corrections", scene.path());
    let body =
        json!({ "field": "employer_name", "note": "La società ha cambiato nome a gennaio." });
    let answer = scene.employer.browser.post(&path, &body).await?.expect(202)?;
    same("asked again", &answer.json()?["asked_again"], &json!(true))?;
    let draft = scene.employer.draft(scene.id()).await?.json()?;
    same("note", &draft["notes"][0]["fields"], &json!(["employer_name"]))?;
    same("task", &draft["registries"][0]["task"], &json!("unioncamere-now"))?;
    same("state", &scene.state().await?, &"to-send")?;
    ensure(scene.values().await? == before, "a value has changed")?;
    same("events", &scene.world.applications()?.history(&scene.application.id).await?.len(), &2)?;
    for (field, note, wrong) in [
        ("worker_name", "Sbagliato davvero", ("field", "not-from-registry")),
        ("nonsense", "Sbagliato davvero", ("field", "unknown-field")),
        ("employer_name", "no", ("note", "lunghezza")),
    ] {
        let refused =
            scene.employer.browser.post(&path, &json!({ "field": field, "note": note })).await?;
        same(
            "field",
            &refused.refused(422, "campi-non-validi")?.refused_fields(),
            &pairs(&[wrong]),
        )?;
    }
    same("events", &scene.world.applications()?.history(&scene.application.id).await?.len(), &2)
}

/// A fault of the store that passes costs nothing; one that stays gives a problem, and nothing is saved by halves.
#[tokio::test]
async fn a_failing_store_saves_all_or_nothing() -> StoryResult {
    for (fault, times) in [
        (Fault::Throttle, 1),
        (Fault::TransactionConflict, 2),
        (Fault::CutBefore, 1),
        (Fault::CutAfter, 1),
        (Fault::Internal, 50),
    ] {
        let scene = Scene::open().await?;
        let before = scene.values().await?;
        let order = Order {
            operation: "TransactWriteItems".to_owned(),
            contains: scene.id().to_owned(),
            nth: 1,
            times,
            fault,
        };
        let order = scene.world.emulator.order_fault(&order).await?;
        let answer = scene.saves(STREET, Value::Null, json!("Via delle Prove")).await?;
        ensure(scene.world.emulator.fault_fired(order).await? > 0, "the fault did not happen")?;
        scene.world.emulator.cancel_fault(order).await?;
        if fault == Fault::Internal {
            answer.refused(503, "servizio-non-disponibile")?;
            scene.nothing_was_saved(&before).await?;
        } else {
            same("state", &answer.expect(200)?.text("/state")?, &"to-send".to_owned())?;
            same(
                "events",
                &scene.world.applications()?.history(&scene.application.id).await?.len(),
                &2,
            )?;
        }
    }
    Ok(())
}
