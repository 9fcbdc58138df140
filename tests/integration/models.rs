//! The models of the decree on the deployed portal, each from the checks to the receipt; families and bodies, and what does
//! not go together (FRM-1, CHK-1, CHK-2, CAL-2, OWN-1).

use domain::{
    application::{Application, Stage},
    campaign::{Campaign, Profile},
    permission::Role,
};
use harness::{
    browser::Answer,
    campaigns::{MODEL, Plan},
    employer::{Employer, REGISTRY_DEADLINE},
    people, stock,
    story::{StoryResult, ensure, same},
    world::World,
};
use outside::clock;
use serde_json::{Value, json};
use simulate_registries::{Behaviour, Demand, Population, Scope};

const PATH: &str = "/api/applications";
const MODELS: [&str; 4] = [MODEL, "c-stag-turismo", "b2020", "a-bis"];

fn on(behaviour: Behaviour, scope: Scope) -> Demand {
    Demand { behaviour, scope }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> =
        pairs.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect();
    pairs.sort();
    pairs
}

async fn decree(world: &World) -> StoryResult<Campaign> {
    Plan::of("modelli", &MODELS)?.publish(world).await
}

async fn head(world: &World, id: &str) -> StoryResult<Application> {
    let head = world.applications()?.head(&id.parse()?).await?;
    head.ok_or_else(|| world.story.deviation("the application is gone"))
}

/// What the form asked of registries; the check before it is a question only where a slow registry queued it.
async fn asked(world: &World, id: &str) -> StoryResult<Vec<String>> {
    let tasks = world.applications()?.tasks(&id.parse()?).await?;
    let names = tasks.into_iter().map(|task| task.name);
    let mut names: Vec<_> = names.filter(|name| name != "check").collect();
    names.sort();
    Ok(names)
}

/// From sign-in to the receipt; two presses send once.
async fn goes_all_the_way(
    world: &World,
    campaign: &Campaign,
    employer: &Employer,
) -> StoryResult<String> {
    let id = employer.has_ready_application(campaign, clock::wall()).await?;
    let ready = head(world, &id).await?;
    same("model", &ready.model, &employer.model)?;
    same("form", &ready.schema, &format!("{}@1", employer.model))?;
    ensure(ready.worker().is_some(), "the worker is not claimed")?;
    let receipt = employer.submits(&id, campaign).await?.expect(200)?;
    let again = employer.submits(&id, campaign).await?.expect(200)?;
    same("receipt", &again.body, &receipt.body)?;
    same("model of the receipt", &receipt.text("/receipt/model")?, &employer.model.to_string())?;
    match head(world, &id).await?.stage {
        Stage::Sent { .. } => Ok(id),
        stage => Err(world.story.deviation(format!("not sent: {}", stage.state().code()))),
    }
}

async fn starts(employer: &Employer, campaign: &Campaign) -> StoryResult<Answer> {
    employer.browser.post(PATH, &employer.preliminary_checks(campaign)).await
}

/// What a refusal must leave behind: no application of this person but what is deleted.
async fn nothing_was_started(world: &World, employer: &Employer) -> StoryResult {
    let account = world.account(&employer.demo.representative).await?;
    let ids = world.applications()?.of_representative(&account, None, 100).await?;
    let heads = world.applications()?.heads(&ids).await?;
    let kept = heads.iter().filter(|head| head.state().code() != "deleted").count();
    same("applications", &kept, &0)
}

/// FRM-1: a hotel hires for the summer.
#[tokio::test]
async fn a_hotel_hires_for_the_season() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    let hotel = world.employer()?.asking_for("c-stag-turismo")?;
    goes_all_the_way(&world, &campaign, &hotel).await.map(|_| ())
}

/// FRM-1: a builder hires for two years.
#[tokio::test]
async fn a_builder_hires_outside_the_season() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    let builder = world.employer()?.asking_for("b2020")?;
    goes_all_the_way(&world, &campaign, &builder).await.map(|_| ())
}

/// FRM-1: a haulier hires a driver, whose licence and CQC are asked for.
#[tokio::test]
async fn a_haulier_hires_a_driver() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    let mut haulier = world.employer()?.asking_for("b2020")?;
    haulier.typed = [
        ("contract_sector", json!("transport")),
        ("contract_ateco", json!("49.4")),
        ("contract_driver", json!(true)),
        ("contract_ccnl", json!("logistica-trasporto-merci")),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    let id = goes_all_the_way(&world, &campaign, &haulier).await?;
    let values = world.drafts()?.load(&id.parse()?).await?.values();
    ensure(values.contains_key("driver_licence_category"), "no licence was asked for")
}

/// CHK-1, CHK-2: a family has no company: it owns its application itself, and three questions go out, none to a register
/// of firms.
#[tokio::test]
async fn a_family_hires_for_the_home() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    let family = world.family()?;
    let id = goes_all_the_way(&world, &campaign, &family).await?;
    let owner = family.demo.representative.fiscal_code.clone().into();
    same("owner", &head(&world, &id).await?.parties.owner, &world.keying().await?.person(&owner))?;
    let wanted = ["agenzia-entrate-later", "agenzia-entrate-now", "inad-now"];
    same("registries asked", &asked(&world, &id).await?, &wanted.map(str::to_owned).to_vec())?;
    let values = world.drafts()?.load(&id.parse()?).await?.values();
    let told = |key: &str| values.get(key).map(|value| value.value.clone());
    let person = &family.demo.representative;
    let name = format!("{} {}", person.last_name, person.first_name);
    same("name", &told("employer_name"), &Some(json!(name)))?;
    same("address", &told("contact_pec"), &Some(json!(person.pec)))?;
    same("kind", &told("applicant_kind"), &Some(json!("natural")))?;
    ensure(told("applicant_income").is_some_and(|income| income.is_i64()), "no income was told")?;
    ensure(told("in_business_register").is_none(), "the register was asked about")
}

/// CHK-1: a company and a body outside the register ask by the same model as legal persons.
#[tokio::test]
async fn a_company_and_a_body_hire_for_somebody_they_care_for() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    let company = world.employer()?.asking_for("a-bis")?;
    let body = Population::body_with(people::number()?, Demand::default());
    let body = Employer::new(&world, body, people::worker()?)?.asking_for("a-bis")?;
    for (employer, questions) in [(company, 5), (body, 4)] {
        let id = goes_all_the_way(&world, &campaign, &employer).await?;
        let owner = world.keying().await?.company(&employer.demo.company_code);
        same("owner", &head(&world, &id).await?.parties.owner, &owner)?;
        same("registries asked", &asked(&world, &id).await?.len(), &questions)?;
    }
    Ok(())
}

/// CHK-1: kind and company have to fit, and only A-BIS asks for the kind.
#[tokio::test]
async fn what_does_not_go_together_is_told_and_starts_nothing() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    let family = world.family()?;
    family.signs_in(2).await?.expect(303)?;
    let code = family.demo.company_code.reveal();
    let cases: [(Value, &[(&str, &str)]); 7] = [
        (
            json!({ "ri_registered": false, "company_fiscal_code": code }),
            &[("ri_registered", "non-previsto"), ("company_fiscal_code", "non-previsto")],
        ),
        (json!({ "company_fiscal_code": code }), &[("company_fiscal_code", "non-previsto")]),
        (
            json!({ "applicant_kind": "legal" }),
            &[("ri_registered", "obbligatorio"), ("company_fiscal_code", "obbligatorio")],
        ),
        (
            json!({ "applicant_kind": "legal", "ri_registered": true, "company_fiscal_code": "12345678900" }),
            &[("company_fiscal_code", "non-valido")],
        ),
        (
            json!({ "applicant_kind": "both" }),
            &[
                ("applicant_kind", "non-valido"),
                ("ri_registered", "obbligatorio"),
                ("company_fiscal_code", "obbligatorio"),
            ],
        ),
        (
            json!({ "applicant_kind": null }),
            &[
                ("applicant_kind", "tipo-errato"),
                ("ri_registered", "obbligatorio"),
                ("company_fiscal_code", "obbligatorio"),
            ],
        ),
        (
            json!({ "model": "b2020" }),
            &[
                ("applicant_kind", "non-previsto"),
                ("ri_registered", "obbligatorio"),
                ("company_fiscal_code", "obbligatorio"),
            ],
        ),
    ];
    for (change, wanted) in cases {
        let mut body = family.preliminary_checks(&campaign);
        for (key, value) in change.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let refused = family.browser.post(PATH, &body).await?.refused(422, "campi-non-validi")?;
        same(&change.to_string(), &refused.refused_fields(), &pairs(wanted))?;
    }
    nothing_was_started(&world, &family).await
}

/// CHK-2: of a natural person only the address is looked up: without one there is no application, and the portal does
/// not ask the registers that say who represents whom.
#[tokio::test]
async fn a_family_is_looked_up_in_inad_alone() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    for behaviour in [Behaviour::NoAddress, Behaviour::AddressEnded, Behaviour::NotFound] {
        let family = world.family_with(on(behaviour, Scope::Address))?;
        family.signs_in(2).await?.expect(303)?;
        let checks = family.preliminary_checks(&campaign);
        let refused = family.starts_at_once(&checks).await?;
        refused.refused(409, "domicilio-digitale-assente")?;
        nothing_was_started(&world, &family).await?;
    }
    let family = world.family_with(on(Behaviour::Down, Scope::Representation))?;
    family.signs_in(2).await?.expect(303)?;
    let checks = family.preliminary_checks(&campaign);
    family.starts_at_once(&checks).await?.expect(201).map(|_| ())
}

/// CHK-2: INAD is down: the check is queued and nothing is lost; the code comes once it is back.
#[tokio::test]
async fn a_family_is_not_lost_while_inad_is_down() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    let family = world.family_with(on(Behaviour::DownTwice, Scope::Address))?;
    family.signs_in(2).await?.expect(303)?;
    let id = starts(&family, &campaign).await?.expect(202)?.text("/id")?;
    let code = family.reads_activation_code_from_pec(&id).await?;
    family.types_code(&id, &code).await?.expect(200)?;
    family.sees_state(&id, "to-complete", REGISTRY_DEADLINE).await.map(|_| ())
}

/// OWN-1: an operator files for a family, whose code is typed; the code goes to the family, which owns the application and
/// sees it at the first sign-in.
#[tokio::test]
async fn an_operator_files_for_a_family() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    let family = world.family()?;
    let (operator, organisation) = world.operator().await?;
    operator.signs_in(2).await?.expect(303)?;
    let mut checks = family.preliminary_checks(&campaign);
    let id = operator.starts_with(&checks).await?;
    let started = head(&world, &id).await?;
    same(
        "representative",
        &started.parties.representative,
        &world.account(&family.demo.representative).await?,
    )?;
    same("filer", &started.parties.filer, &world.account(&operator.demo.representative).await?)?;
    same("organisation", &started.parties.organisation, &Some(organisation))?;
    let code = family.reads_activation_code_from_pec(&id).await?;
    operator.types_code(&id, &code).await?.expect(200)?;
    family.signs_in(2).await?.expect(303)?;
    family.sees_state(&id, "to-complete", REGISTRY_DEADLINE).await?;
    // Without the family's code there is no employer to file for.
    checks["applicant_fiscal_code"] = Value::Null;
    let refused = operator.browser.post(PATH, &checks).await?.refused(422, "campi-non-validi")?;
    same("fields", &refused.refused_fields(), &pairs(&[("applicant_fiscal_code", "tipo-errato")]))
}

/// CHK-2, FRM-3: a family whose income is too low stays *da completare* with the reason; nothing is sent.
#[tokio::test]
async fn a_family_whose_income_is_too_low_is_told_so() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    // The agency knows nothing, so that the income may be typed.
    let mut family = world.family_with(on(Behaviour::NotFound, Scope::FactsLater))?;
    family.signs_in(2).await?.expect(303)?;
    let id = family.starts_application(&campaign).await?;
    let code = family.reads_activation_code_from_pec(&id).await?;
    family.types_code(&id, &code).await?.expect(200)?;
    family.typed = [("household_other_income".to_owned(), json!(0))].into();
    family.fills_form(&id, "a-bis@1", clock::wall()).await?;
    let story = &world.story;
    story
        .eventually("the income may be typed", REGISTRY_DEADLINE, || async {
            let typed = [("applicant_income".to_owned(), json!(2_699_999))].into();
            let answer = family.saves(&id, &typed).await?;
            Ok(if answer.status == 200 { Ok(()) } else { Err(format!("{}", answer.status)) })
        })
        .await?;
    story
        .eventually("only the income is wrong", REGISTRY_DEADLINE, || async {
            let draft = family.draft(&id).await?.json()?;
            let errors: Vec<_> = draft["errors"].as_array().into_iter().flatten().collect();
            let missing = family.application(&id).await?["waiting_for"].clone();
            let codes: Vec<_> = errors.iter().map(|error| error["code"].clone()).collect();
            Ok(if codes == [json!("income-floor-family")] {
                Ok(())
            } else {
                Err(format!("{codes:?}, {missing}"))
            })
        })
        .await?;
    let early = family.submits(&id, &campaign).await?;
    ensure(early.status == 409, format!("{} instead of a refusal", early.status))?;
    same("state", &head(&world, &id).await?.state().code(), &"to-complete")?;
    let enough = json!([{ "field": "applicant_income", "base": 2_699_999, "value": 2_700_000 }]);
    family.saves_changes(&id, &enough).await?.expect(200)?;
    family.sees_it_ready(&id).await.map(|_| ())
}

/// FRM-1: all forms are public data; each can be put into the store, ready, by the harness.
#[tokio::test]
async fn every_form_is_public_and_every_model_can_be_ready() -> StoryResult {
    let world = World::enter().await?;
    let campaign = decree(&world).await?;
    let browser = world.browser()?;
    let employer = world.employer()?;
    let account = world
        .enables(&employer.demo.representative, Role::Employer, Profile::Private, None, None)
        .await?;
    let belongs =
        stock::Belongs { representative: account.clone(), filer: account, organisation: None };
    for model in MODELS {
        let form = browser.get(&format!("/api/models/{model}")).await?.expect(200)?;
        same("form", &form.text("/schema/id")?, &format!("{model}@1"))?;
        for field in form.json()?["schema"]["fields"].as_array().into_iter().flatten() {
            if let Some(table) = field["type"]["table"].as_str() {
                ensure(
                    form.json()?["tables"][table].is_object(),
                    format!("{model} lacks {table}"),
                )?;
            }
        }
        let ready =
            stock::ready_application_of(&world, &campaign, &model.parse()?, &belongs).await?;
        same("model", &ready.model.to_string(), &model.to_owned())?;
    }
    Ok(())
}
