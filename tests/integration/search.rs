//! *Ricerca domanda* (SRC-1): what a person finds and by which terms, page by page, and what a search never reveals.

use domain::{
    application::{Application, Who},
    campaign::{Campaign, Profile},
    decision::Deletion,
    form::{Role as FieldRole, Schema},
    ids::OrganisationId,
    permission::Role,
};
use harness::{
    browser::Answer,
    campaigns::{MODEL, Plan},
    employer::Employer,
    fault_proxy::{Fault, Order},
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use outside::clock;
use serde_json::{Value, json};
use store::sessions::Caller;

const PATH: &str = "/api/applications/search";

/// An operator with some applications.
struct Scene {
    world: World,
    campaign: Campaign,
    operator: Employer,
    caller: Caller,
    organisation: OrganisationId,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("ricerca")?.publish(&world).await?;
        let (operator, organisation) = world.operator().await?;
        let caller = stock::signs_in(&world, &operator, 2).await?;
        Ok(Self { world, campaign, operator, caller, organisation })
    }

    async fn belongs(&self) -> StoryResult<Belongs> {
        Ok(Belongs {
            representative: self.world.account(&self.world.employer()?.demo.representative).await?,
            filer: self.caller.account.clone(),
            organisation: Some(self.organisation.clone()),
        })
    }

    async fn files(&self) -> StoryResult<Application> {
        stock::ready_application(&self.world, &self.campaign, &self.belongs().await?).await
    }

    async fn searches(&self, what: Value) -> StoryResult<Answer> {
        self.operator.browser.post(PATH, &what).await
    }

    async fn finds(&self, what: Value) -> StoryResult<Vec<String>> {
        ids(&self.searches(what).await?.expect(200)?)
    }
}

fn rows(answer: &Answer) -> StoryResult<Vec<Value>> {
    Ok(answer.json()?["applications"].as_array().cloned().unwrap_or_default())
}

fn ids(answer: &Answer) -> StoryResult<Vec<String>> {
    let rows = rows(answer)?;
    Ok(rows.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)).collect())
}

/// What the form's example calls the worker and the employer.
fn example(application: &Application, role: FieldRole) -> StoryResult<String> {
    let schema = Schema::find(&application.schema)
        .ok_or_else(|| harness::story::Deviation::new("no such form"))?;
    let field = schema.field_with(role).and_then(|field| field.example.clone());
    Ok(field.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default())
}

/// Newest first, each exactly once over all pages; applications filed meanwhile shift no page.
#[tokio::test]
async fn every_application_is_found_exactly_once_page_by_page() -> StoryResult {
    let scene = Scene::open().await?;
    let mut filed = Vec::new();
    for _ in 0..7 {
        filed.push(scene.files().await?.id.to_string());
    }
    filed.reverse();
    let what = |cursor: Option<String>| {
        let mut what = json!({ "campaign": scene.campaign.id(), "limit": 2 });
        if let Some(cursor) = cursor {
            what["cursor"] = cursor.into();
        }
        what
    };
    let mut found = Vec::new();
    let mut next = None;
    let mut pages = 0;
    loop {
        let page = scene.searches(what(next)).await?.expect(200)?;
        page.is_kept_by_no_cache()?;
        found.extend(ids(&page)?);
        pages += 1;
        // One person files while another turns the pages.
        scene.files().await?;
        next = page.json()?["next"].as_str().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    same("pages", &pages, &4)?;
    same("applications", &found, &filed)
}

/// SRC-1: who has no application at all reads how to begin; who has some, that these do not fit.
#[tokio::test]
async fn who_has_nothing_and_who_finds_nothing_are_told_different_things() -> StoryResult {
    let scene = Scene::open().await?;
    let blocked = json!({ "state": "blocked" });
    let nothing = scene.searches(blocked.clone()).await?.expect(200)?.text("/message")?;
    ensure(nothing.starts_with("Non hai ancora domande"), nothing)?;
    scene.files().await?;
    let unfitting = scene.searches(blocked).await?.expect(200)?.text("/message")?;
    ensure(unfitting.starts_with("Nessuna domanda corrisponde"), unfitting)
}

/// A cursor is good for the same search of the same person, as we wrote it.
#[tokio::test]
async fn a_cursor_of_another_search_or_person_is_refused() -> StoryResult {
    let scene = Scene::open().await?;
    for _ in 0..3 {
        scene.files().await?;
    }
    let what = json!({ "campaign": scene.campaign.id(), "limit": 1 });
    let cursor = scene.searches(what).await?.expect(200)?.text("/next")?;
    let mut altered = cursor.clone();
    let last = if altered.pop() == Some('A') { 'B' } else { 'A' };
    altered.push(last);
    for (other, cursor) in [
        (json!({ "campaign": scene.campaign.id(), "model": MODEL }), cursor.as_str()),
        (json!({ "campaign": scene.campaign.id(), "worker": "a" }), &cursor),
        (json!({}), &cursor),
        (json!({ "campaign": scene.campaign.id() }), &altered),
        (json!({ "campaign": scene.campaign.id() }), "x"),
        (json!({ "campaign": scene.campaign.id() }), ""),
    ] {
        let mut what = other;
        what["cursor"] = cursor.into();
        scene.searches(what).await?.refused(422, "campi-non-validi")?;
    }
    let stranger = scene.world.employer()?;
    stock::signs_in(&scene.world, &stranger, 2).await?;
    let what = json!({ "campaign": scene.campaign.id(), "limit": 1, "cursor": cursor });
    stranger.browser.post(PATH, &what).await?.refused(422, "campi-non-validi")?;
    // Another size of the page is the same search.
    let what = json!({ "campaign": scene.campaign.id(), "limit": 5, "cursor": cursor });
    same("rest", &scene.finds(what).await?.len(), &2)
}

/// By the beginning of a name, whatever its case; each row has the actions of its state.
#[tokio::test]
async fn a_worker_and_an_employer_are_found_by_the_beginning_of_their_name() -> StoryResult {
    let scene = Scene::open().await?;
    let filed = scene.files().await?;
    let id = vec![filed.id.to_string()];
    let (surname, name) =
        (example(&filed, FieldRole::WorkerSurname)?, example(&filed, FieldRole::WorkerName)?);
    let employer = example(&filed, FieldRole::EmployerName)?;
    let beginning = |name: &str| name.chars().take(3).collect::<String>();
    for what in [
        json!({ "worker": surname.to_lowercase() }),
        json!({ "worker": beginning(&surname).to_uppercase() }),
        json!({ "worker": beginning(&name) }),
        json!({ "worker": format!("{name} {surname}") }),
        json!({ "employer": beginning(&employer).to_lowercase() }),
        json!({ "employer": employer, "worker": surname, "state": "to-send", "model": MODEL }),
    ] {
        let answer = scene.searches(what.clone()).await?.expect(200)?;
        same(&what.to_string(), &ids(&answer)?, &id)?;
        let row = rows(&answer)?.remove(0);
        same("worker", &row["worker"], &format!("{surname} {name}").into())?;
        same("employer", &row["employer"], &employer.clone().into())?;
        let actions = row["allowed"].as_array().cloned().unwrap_or_default();
        ensure(actions.iter().any(|action| action["action"] == "submit"), format!("{row}"))?;
    }
    for nobody in [json!({ "worker": "Zzyzx" }), json!({ "employer": "Zzyzx" })] {
        let answer = scene.searches(nobody).await?.expect(200)?;
        same("found", &ids(&answer)?, &Vec::new())?;
        ensure(!answer.text("/message")?.is_empty(), "it is not said that nothing was found")?;
    }
    Ok(())
}

/// OWN-1: by the employer's fiscal code, which stands in no row; a stranger finds nothing by it.
#[tokio::test]
async fn an_employer_is_found_by_the_fiscal_code() -> StoryResult {
    let scene = Scene::open().await?;
    let employer = scene.world.employer()?;
    employer.signs_in(2).await?.expect(303)?;
    let id = employer.starts_application(&scene.campaign).await?;
    let what = json!({ "employer": employer.demo.company_code.reveal() });
    let found = employer.browser.post(PATH, &what).await?.expect(200)?;
    same("found", &ids(&found)?, &vec![id])?;
    same("found by a stranger", &scene.finds(what).await?, &Vec::new())?;
    let other = json!({ "employer": scene.operator.demo.company_code.reveal() });
    let found = employer.browser.post(PATH, &other).await?.expect(200)?;
    same("found by another code", &ids(&found)?, &Vec::new())
}

/// State, decree, model, identifier, period; together they narrow.
#[tokio::test]
async fn criteria_narrow_what_is_found() -> StoryResult {
    let scene = Scene::open().await?;
    let ready = scene.files().await?;
    let belongs = scene.belongs().await?;
    let open = stock::incomplete_application(&scene.world, &scene.campaign, &belongs).await?;
    let other = Plan::new("ricerca")?.publish(&scene.world).await?;
    let elsewhere = stock::ready_application(&scene.world, &other, &belongs).await?;
    let deleted = scene.files().await?;
    let gone = deleted.delete(Deletion::Requested, Who::System, clock::wall())?;
    scene.world.applications()?.commit(&gone, &[]).await?;

    let today = domain::calendar::local_date(clock::wall());
    let yesterday = today.yesterday()?.to_string();
    let tomorrow = today.tomorrow()?.to_string();
    let campaign = scene.campaign.id();
    let [ready, open, elsewhere] =
        [&ready, &open, &elsewhere].map(|application| application.id.to_string());
    for (what, wanted) in [
        (json!({}), vec![&elsewhere, &open, &ready]),
        (json!({ "campaign": campaign }), vec![&open, &ready]),
        (json!({ "campaign": campaign, "state": "to-complete" }), vec![&open]),
        (json!({ "state": "submitted" }), vec![]),
        (json!({ "model": MODEL, "state": "to-send" }), vec![&elsewhere, &ready]),
        (json!({ "model": "b2020" }), vec![]),
        (json!({ "id": ready }), vec![&ready]),
        (json!({ "id": ready, "state": "to-complete" }), vec![]),
        (json!({ "id": deleted.id }), vec![]),
        (
            json!({ "created_from": yesterday, "created_until": tomorrow, "campaign": campaign }),
            vec![&open, &ready],
        ),
        (json!({ "created_from": tomorrow }), vec![]),
        (json!({ "created_until": yesterday }), vec![]),
    ] {
        let found = scene.finds(what.clone()).await?;
        same(&what.to_string(), &found.iter().collect::<Vec<_>>(), &wanted)?;
    }
    let stranger = scene.world.employer()?;
    stock::signs_in(&scene.world, &stranger, 2).await?;
    let found = stranger.browser.post(PATH, &json!({ "id": ready })).await?.expect(200)?;
    same("a stranger", &ids(&found)?, &Vec::new())
}

/// Operators find what their organisation filed; the contact finds it without names; level 1 reads and searches no names.
#[tokio::test]
async fn colleagues_find_it_and_names_are_for_whoever_may_see_the_form() -> StoryResult {
    let scene = Scene::open().await?;
    let filed = scene.files().await?;
    let id = vec![filed.id.to_string()];
    let surname = example(&filed, FieldRole::WorkerSurname)?;
    let by_name = json!({ "worker": surname });
    for (role, names) in [(Role::Operator, true), (Role::OrganisationContact, false)] {
        let colleague = scene.world.employer()?;
        let person = &colleague.demo.representative;
        let organisation = Some(&scene.organisation);
        scene.world.enables(person, role, Profile::Organisation, organisation, None).await?;
        stock::signs_in(&scene.world, &colleague, 2).await?;
        let all = colleague.browser.post(PATH, &json!({})).await?.expect(200)?;
        same("found", &ids(&all)?, &id)?;
        same("worker is shown", &rows(&all)?[0]["worker"].is_string(), &names)?;
        let found = colleague.browser.post(PATH, &by_name).await?.expect(200)?;
        same("found by name", &(ids(&found)? == id), &names)?;
    }
    stock::signs_in(&scene.world, &scene.operator, 1).await?;
    scene.searches(by_name).await?.refused(403, "livello-insufficiente")?;
    let answer = scene.searches(json!({})).await?.expect(200)?;
    same("found at level 1", &ids(&answer)?, &id)?;
    ensure(!String::from_utf8_lossy(&answer.body).contains(&surname), "a name is told at level 1")
}

/// All mistakes at once; without a session nothing.
#[tokio::test]
async fn a_wrong_search_is_refused() -> StoryResult {
    let scene = Scene::open().await?;
    let wrong = json!({
        "id": "app_1", "worker": " ' ", "employer": "", "campaign": "È", "model": 7, "state": "mandata",
        "created_from": "ieri", "created_until": "2026-13-01", "limit": 101, "quando": "ora",
    });
    let mut fields: Vec<_> = scene
        .searches(wrong)
        .await?
        .refused(422, "campi-non-validi")?
        .refused_fields()
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    fields.sort();
    let wanted = [
        "campaign",
        "created_from",
        "created_until",
        "employer",
        "id",
        "limit",
        "model",
        "quando",
        "state",
        "worker",
    ];
    same("fields", &fields, &wanted.map(str::to_owned).to_vec())?;
    let backwards = json!({ "created_from": "2026-02-01", "created_until": "2026-01-31" });
    scene.searches(backwards).await?.refused(422, "campi-non-validi")?;
    scene.world.browser()?.post(PATH, &json!({})).await?.refused(401, "sessione-assente")?;
    scene.operator.browser.get(PATH).await?.refused(405, "metodo-non-ammesso")?;
    Ok(())
}

/// A function with the usual ten seconds tells of a silent store itself, before they are over.
#[tokio::test]
async fn a_silent_store_is_told_as_such() -> StoryResult {
    let scene = Scene::open().await?;
    let filed = scene.files().await?;
    let order = Order {
        operation: "BatchGetItem".to_owned(),
        contains: filed.id.to_string(),
        nth: 1,
        times: 2,
        fault: Fault::Silence,
    };
    scene.world.emulator.order_fault(&order).await?;
    scene.searches(json!({})).await?.refused(503, "servizio-non-disponibile")?;
    same("found again", &scene.finds(json!({})).await?, &vec![filed.id.to_string()])
}

/// The function retries a store that is throttled for a moment; where the throttling stays it gives a problem and never
/// half a page.
#[tokio::test]
async fn a_throttled_store_is_asked_again() -> StoryResult {
    let scene = Scene::open().await?;
    let filed = scene.files().await?;
    let order = |times| Order {
        operation: "BatchGetItem".to_owned(),
        contains: filed.id.to_string(),
        nth: 1,
        times,
        fault: Fault::Throttle,
    };
    let emulator = &scene.world.emulator;
    let passing = emulator.order_fault(&order(1)).await?;
    same("found", &scene.finds(json!({})).await?, &vec![filed.id.to_string()])?;
    same("faults", &emulator.fault_fired(passing).await?, &1)?;
    emulator.order_fault(&order(4)).await?;
    scene.searches(json!({})).await?.refused(503, "servizio-non-disponibile")?;
    same("found again", &scene.finds(json!({})).await?, &vec![filed.id.to_string()])
}
