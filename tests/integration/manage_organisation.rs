//! manage-organisation on the deployed portal: organisations, lists of operators, leavings, hand-overs (ORG-2, ORG-4).

use std::time::Duration;

use domain::{
    campaign::Campaign, fiscal_code::ProvisionalCode, ids::ApplicationId, permission::Role,
};
use harness::{
    browser::{Answer, Call},
    campaigns::Plan,
    employer::Employer,
    fault_proxy::{Fault, Order},
    mailbox::Mailbox,
    organisations::{
        Association, ENABLING_REQUESTS as REQUESTS, forms_7_and_8, is_private, listed, municipal,
        recording, row_of, standing_of,
    },
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::clock;
use reqwest::Method;
use serde_json::{Value, json};
use store::attempts::{Attempts, LETTERS_ABOUT_LISTS};

/// How long a test waits for an announced date.
const SOON: Duration = Duration::from_mins(1);

fn outcomes(answer: &Answer) -> StoryResult<Vec<String>> {
    let document = answer.json()?;
    let rows = document["rows"].as_array().cloned().unwrap_or_default();
    Ok(rows.iter().map(|row| row["outcome"].as_str().unwrap_or_default().to_owned()).collect())
}

fn mailbox(world: &World, person: &Employer) -> Mailbox {
    Mailbox::new(&world.emulator, &person.demo.representative.email)
}

/// Without origin, session, level or role the portal accepts no request, records nothing and lists nothing.
#[tokio::test]
async fn without_origin_session_level_or_role_nothing_happens() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let operator = world.employer()?;
    let anonymous = world.browser()?;
    let rows = json!({ "operators": [listed(&operator)] });
    anonymous
        .post(&association.path("/operators"), &rows)
        .await?
        .refused(401, "sessione-assente")?;
    anonymous.get(REQUESTS).await?.refused(401, "sessione-assente")?;
    let call = Call::new(Method::POST, association.path("/operators")).json(&rows);
    association
        .contact
        .browser
        .send(call.header("origin", "https://altrove.example"))
        .await?
        .refused(403, "origine-non-ammessa")?;
    let caller =
        stock::caller(&world, &association.contact, 1, SignedDuration::from_mins(10)).await?;
    stock::session(&world, &association.contact.browser, &caller).await?;
    association.lists(&[listed(&operator)]).await?.refused(403, "livello-insufficiente")?;
    association
        .contact
        .browser
        .get(&association.path("/operators"))
        .await?
        .refused(403, "livello-insufficiente")?;
    let private = world.private_user().await?;
    let body = recording(&private)?;
    private
        .browser
        .post("/api/organisations", &body)
        .await?
        .refused(403, "azione-non-consentita")?;
    let sui = world.official(Role::Officer, Some("FG")).await?;
    let request = municipal(&sui, &[&operator])?;
    sui.browser.post(REQUESTS, &request).await?.refused(403, "azione-non-consentita")?;
    is_private(&world, &operator).await
}

/// ORG-2: a list with right, wrong, repeated, provisional and foreign codes: each row has its outcome, the right ones
/// are operators; sent again it changes nothing.
#[tokio::test]
async fn each_row_of_a_list_has_an_outcome_of_its_own() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let other = world.association().await?;
    let (right, taken) = (world.employer()?, world.employer()?);
    other.enables(&[&taken]).await?;
    let with_code = |code: &str| {
        let mut row = listed(&right);
        row["fiscal_code"] = code.into();
        row
    };
    let provisional = ProvisionalCode::compose(1_234_567, 115);
    let mut nameless = listed(&right);
    nameless["name"] = Value::Null;
    let mut unknown = listed(&right);
    unknown["role"] = "administrator".into();
    let rows = [
        listed(&right),
        with_code("RSSMRA80A01H501X"),
        with_code(""),
        with_code(provisional.reveal()),
        listed(&right),
        listed(&taken),
        listed(&association.contact),
        nameless,
        unknown,
    ];
    let wanted = [
        "enabled",
        "wrong-code",
        "wrong-code",
        "provisional-code",
        "repeated",
        "other-organisation",
        "is-contact",
        "invalid-row",
        "invalid-row",
    ];
    let answer = association.lists(&rows).await?.expect(200)?;
    // A wrong row says which field it is.
    let told = answer.text("/rows/7/message")?;
    ensure(told.contains("nome: ") && told.contains("Correggi la riga"), told)?;
    let told = answer.text("/rows/8/message")?;
    ensure(told.contains("role: Campo sconosciuto"), told)?;
    same("outcomes", &outcomes(&answer)?, &wanted.map(str::to_owned).to_vec())?;
    same("operators", &answer.number("/operators")?, &1)?;
    let again = association.lists(&rows).await?.expect(200)?;
    same(
        "first row again",
        &outcomes(&again)?.first().cloned(),
        &Some("already-operator".to_owned()),
    )?;
    // The person is recognised at the next sign-in, without further steps.
    right.signs_in(2).await?.expect(303)?;
    let session = right.browser.get("/api/session").await?.expect(200)?;
    same("role", &session.text("/role")?, &"operator".to_owned())?;
    mailbox(&world, &right)
        .receives(&world.story, "the operator is told", |letter| {
            letter.speaks_of(&association.name)
        })
        .await?;
    same("letters", &mailbox(&world, &right).letters_about(&association.name).await?.len(), &1)?;
    same(
        "the other organisation's operator",
        &world.membership(&taken).await?.and_then(|membership| membership.organisation),
        &Some(other.id),
    )
}

/// Lists have a limit, a shape, and no room for anything else.
#[tokio::test]
async fn a_list_that_is_none_enables_nobody() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let operator = world.employer()?;
    let path = association.path("/operators");
    let browser = &association.contact.browser;
    let long = vec![listed(&operator); 1001];
    for body in [
        json!({ "operators": long }),
        json!({ "operators": [] }),
        json!({ "operators": [listed(&operator), "RSSMRA80A01H501U"] }),
        json!({ "operators": listed(&operator) }),
        json!({}),
        json!({ "operators": [listed(&operator)], "organisation": "org_00000000000000000000000001" }),
    ] {
        browser.post(&path, &body).await?.refused(422, "campi-non-validi")?;
    }
    let call = |content: &str, body: &str| Call::new(Method::POST, &path).body(content, body);
    browser.send(call("application/json", "{")).await?.refused(400, "richiesta-illeggibile")?;
    browser.send(call("text/csv", "codice")).await?.refused(415, "formato-non-ammesso")?;
    let huge = "x".repeat(300 * 1024);
    browser.send(call("application/json", &huge)).await?.refused(413, "contenuto-troppo-grande")?;
    is_private(&world, &operator).await
}

/// The longest list: a thousand rows are stored within the time that a request has.
#[tokio::test]
async fn a_thousand_rows_are_stored_in_one_request() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let mut rows = Vec::new();
    for _ in 0..8 {
        // Codes that differ by omocodia are different people; no other test uses these.
        let person = harness::people::employer()?.representative;
        rows.extend((1..=125).map(|mask| {
            json!({
                "fiscal_code": person.fiscal_code.with_omocodia(mask).reveal(),
                "surname": person.last_name,
                "name": person.first_name,
            })
        }));
    }
    let answer = association.lists(&rows).await?.expect(200)?;
    let found = outcomes(&answer)?;
    ensure(found.iter().all(|outcome| outcome == "enabled"), format!("{found:?}"))?;
    let mut seen = 0;
    let mut next = String::new();
    loop {
        let path = association.path(&format!("/operators?limit=100{next}"));
        let page = association.contact.browser.get(&path).await?.expect(200)?.json()?;
        seen += page["operators"].as_array().map_or(0, Vec::len);
        match page["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    same("operators and the contact", &seen, &1001)
}

/// Two organisations list the same person at the same moment: one gets them, the other reads why not.
#[tokio::test]
async fn nobody_works_for_two_organisations() -> StoryResult {
    let world = World::enter().await?;
    let (one, other) = (world.association().await?, world.association().await?);
    let operator = world.employer()?;
    let rows = [listed(&operator)];
    let (first, second) = futures::join!(one.lists(&rows), other.lists(&rows));
    let mut found = outcomes(&first?.expect(200)?)?;
    found.extend(outcomes(&second?.expect(200)?)?);
    found.sort();
    same("outcomes", &found, &["enabled", "other-organisation"].map(str::to_owned).to_vec())
}

/// What an operator files names the organisation and its seat, from the profile and not by hand (FRM-1).
#[tokio::test]
async fn a_form_names_the_organisation_of_its_operator() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("profilo")?.publish(&world).await?;
    let association = world.association().await?;
    let (operator, employer) = (world.employer()?, world.employer()?);
    association.enables(&[&operator]).await?;
    operator.signs_in(2).await?.expect(303)?;
    let checks = employer.preliminary_checks(&campaign);
    let id = operator.starts_with(&checks).await?;
    let code = employer.reads_activation_code_from_pec(&id).await?;
    operator.types_code(&id, &code).await?.expect(200)?;
    let draft = operator.draft(&id).await?;
    let text = String::from_utf8_lossy(&draft.body).into_owned();
    ensure(text.contains(&association.name), "the organisation is not named")?;
    ensure(text.contains("Via Napoli 6, 71122 Foggia"), "its seat is not named")
}

/// Another organisation's contact, an operator and a private user cannot touch the list: it is not there for them.
#[tokio::test]
async fn another_organisations_list_is_not_there() -> StoryResult {
    let world = World::enter().await?;
    let (association, other) = (world.association().await?, world.association().await?);
    let (operator, newcomer) = (world.employer()?, world.employer()?);
    association.enables(&[&operator]).await?;
    let account = world.account(&operator.demo.representative).await?;
    let private = world.private_user().await?;
    for stranger in [&other.contact, &private] {
        let browser = &stranger.browser;
        browser.get(&association.path("")).await?.refused(404, "non-trovata")?;
        browser.get(&association.path("/operators")).await?.refused(404, "non-trovata")?;
        let rows = json!({ "operators": [listed(&newcomer)] });
        browser.post(&association.path("/operators"), &rows).await?.refused(404, "non-trovata")?;
        let leaving = association.path(&format!("/operators/{account}/leaving"));
        browser.post(&leaving, &json!({})).await?.refused(404, "non-trovata")?;
        let hand_over = json!({ "from": account, "to": account });
        browser
            .post(&association.path("/hand-overs"), &hand_over)
            .await?
            .refused(404, "non-trovata")?;
    }
    world.signs_in_quickly(&operator).await?;
    operator.browser.get(&association.path("")).await?.expect(200)?;
    let rows = json!({ "operators": [listed(&newcomer)] });
    operator
        .browser
        .post(&association.path("/operators"), &rows)
        .await?
        .refused(403, "azione-non-consentita")?;
    is_private(&world, &newcomer).await?;
    same("operator", &standing_of(&world, &operator).await?.0, &Role::Operator)
}

/// Only bodies of the three bases send lists, and only while theirs holds; a membership ends with the basis.
#[tokio::test]
async fn the_basis_decides_who_may_send_lists_and_until_when() -> StoryResult {
    let world = World::enter().await?;
    let operator = world.employer()?;
    let of_forms =
        world.association_with(|body| body["basis"] = "interior-protocol".into()).await?;
    of_forms.lists(&[listed(&operator)]).await?.refused(409, "servono-moduli-7-e-8")?;
    let administrator = world.official(Role::Administrator, None).await?;
    let mut ended = recording(&operator)?;
    ended["basis_from"] = "2020-01-01".into();
    ended["basis_until"] = "2020-12-31".into();
    let refused = administrator.browser.post("/api/organisations", &ended).await?;
    let fields = refused.refused(422, "campi-non-validi")?.refused_fields();
    same("wrong field", &fields.len(), &1)?;
    let id = world.keying().await?.organisation(&operator.demo.company_code);
    let path = format!("/api/organisations/{id}");
    administrator.browser.get(&path).await?.refused(404, "non-trovata")?;
    is_private(&world, &operator).await?;
    let until_2030 =
        world.association_with(|body| body["basis_until"] = "2030-12-31".into()).await?;
    until_2030.enables(&[&operator]).await?;
    let account = world.account(&operator.demo.representative).await?;
    let after = "2030-12-31T23:00:00Z".parse()?;
    let standing = world.accounts()?.standing(&account, after).await?;
    same("standing after the basis", &standing.role, &Role::Employer)?;
    let before = "2030-12-31T22:59:59.999Z".parse()?;
    let standing = world.accounts()?.standing(&account, before).await?;
    same("standing on the last day", &standing.role, &Role::Operator)
}

/// A person keeps their office though an organisation puts them in a list.
#[tokio::test]
async fn an_official_in_a_list_keeps_the_office() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let officer = world.official(Role::Officer, Some("FG")).await?;
    association.lists(&[listed(&officer)]).await?.expect(200)?;
    same("role", &standing_of(&world, &officer).await?.0, &Role::Officer)
}

/// ORG-7: a body lists Anna with wrong names and a decoy's address. She is no operator, nothing goes to the decoy, and the
/// contact reads why.
#[tokio::test]
async fn nobody_is_made_an_operator_under_the_names_of_another() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let (anna, bruno, decoy) = (world.private_user().await?, world.employer()?, world.employer()?);
    let wrong = |person: &Employer| {
        let mut row = listed(person);
        row["surname"] = json!("Sbagliato");
        row["email"] = json!(decoy.demo.representative.email);
        row
    };
    let answer = association.lists(&[wrong(&anna), wrong(&bruno)]).await?.expect(200)?;
    same("outcomes", &outcomes(&answer)?, &vec!["names-differ".to_owned(), "enabled".to_owned()])?;
    is_private(&world, &anna).await?;
    same("row", &row_of(&world, &association.id, &anna).await?.is_some(), &false)?;
    // Bruno has never signed in: his row stays open when he does, since his names are others.
    bruno.signs_in(2).await?.expect(303)?;
    let session = bruno.browser.get("/api/session").await?.expect(200)?;
    same("role", &session.text("/role")?, &"employer".to_owned())?;
    for person in [&anna, &bruno, &decoy] {
        let letters = mailbox(&world, person).letters_about(&association.name).await?;
        same("letters", &letters.len(), &0)?;
    }
    Ok(())
}

/// ORG-7, S22: a person on a list is recognised at the next sign-in, told at the address of their own identity, not of the
/// list, and can refuse with one press; the same body cannot list them again.
#[tokio::test]
async fn a_listed_person_is_told_at_the_own_address_and_refuses_with_one_press() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let (anna, bruno, decoy) = (world.private_user().await?, world.employer()?, world.employer()?);
    let row = |person: &Employer| {
        let mut row = listed(person);
        row["email"] = json!(decoy.demo.representative.email);
        row
    };
    let answer = association.lists(&[row(&anna), row(&bruno)]).await?.expect(200)?;
    same("outcomes", &outcomes(&answer)?, &vec!["enabled".to_owned(); 2])?;
    for person in [&anna, &bruno] {
        // Bruno is told at his first sign-in: before, no address of his is known.
        person.signs_in(2).await?.expect(303)?;
        mailbox(&world, person)
            .receives(&world.story, "the operator is told", |letter| {
                letter.speaks_of(&association.name)
                    && letter.speaks_of("Non lavoro per questo ente")
            })
            .await?;
        let session = person.browser.get("/api/session").await?.expect(200)?;
        same("role", &session.text("/role")?, &"operator".to_owned())?;
    }
    bruno.signs_in(2).await?.expect(303)?;
    for (person, letters) in [(&anna, 1), (&bruno, 1), (&decoy, 0)] {
        let about = mailbox(&world, person).letters_about(&association.name).await?;
        same("letters", &about.len(), &letters)?;
    }
    let refusal = "/api/account/membership/refusal";
    anna.browser.post(refusal, &json!({})).await?.expect(200)?;
    anna.browser.get("/api/session").await?.refused(401, "sessione-scaduta")?;
    is_private(&world, &anna).await?;
    anna.signs_in(2).await?.expect(303)?;
    anna.browser.post(refusal, &json!({})).await?.refused(404, "non-trovata")?;
    let again = association.lists(&[row(&anna)]).await?.expect(200)?;
    same("outcomes", &outcomes(&again)?, &vec!["declined".to_owned()])?;
    is_private(&world, &anna).await?;
    // What is kept of a refusal is in the export of one's own data (PRV-1).
    let export = anna.browser.get("/api/account/export").await?.expect(200)?.json()?;
    same(
        "organisation",
        &export["refused_organisations"][0]["organisation"],
        &json!(association.id),
    )?;
    // Another body may still be her employer.
    let elsewhere = world.association().await?;
    elsewhere.enables(&[&anna]).await?;
    association
        .contact
        .browser
        .post(refusal, &json!({}))
        .await?
        .refused(403, "azione-non-consentita")
        .map(|_| ())
}

/// ORG-7: a leaving ends the sessions that the membership gave, and no other, however often it is reported.
#[tokio::test]
async fn a_leaving_ends_no_session_of_an_office_or_of_a_private_user() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let officer = world.official(Role::Officer, Some("FG")).await?;
    let anna = world.employer()?;
    // Anna's private session began before she was listed.
    world.signs_in_quickly(&anna).await?;
    association.enables(&[&officer, &anna]).await?;
    for person in [&officer, &anna] {
        let account = world.account(&person.demo.representative).await?;
        for _ in 0..2 {
            association.reports_leaving(&account, None).await?.expect(200)?;
            person.browser.get("/api/applications").await?.expect(200)?;
        }
    }
    // Neither at the end of a basis.
    let ending = world.association_with(|body| body["basis_until"] = json!("2030-12-31")).await?;
    ending.enables(&[&officer]).await?;
    officer.browser.get("/api/applications").await?.expect(200).map(|_| ())
}

/// ORG-7, ADR 33: Anna has had her letters of this day about lists: a body that lists her and reports her leaving in turns writes
/// no more to her, and Bruno, whom it lists after her, reads his first. What the list does is done all the same.
#[tokio::test]
async fn a_body_that_lists_and_reports_in_turns_fills_no_mailbox() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let (anna, bruno) = (world.private_user().await?, world.private_user().await?);
    let account = world.account(&anna.demo.representative).await?;
    let table = world.environment.text("SESSIONS_TABLE")?;
    let attempts = Attempts::new(world.store().0.clone(), table);
    let (limit, now) = (LETTERS_ABOUT_LISTS, clock::wall());
    // The next day, too, should it begin meanwhile.
    for day in [now, now + limit.window] {
        for _ in 0..limit.most {
            attempts.count_for(&limit, account.as_str(), day).await?;
        }
    }
    for _ in 0..2 {
        let answer = association.lists(&[listed(&anna)]).await?.expect(200)?;
        same("outcomes", &outcomes(&answer)?, &vec!["enabled".to_owned()])?;
        association.reports_leaving(&account, None).await?.expect(200)?;
        is_private(&world, &anna).await?;
    }
    association.enables(&[&bruno]).await?;
    mailbox(&world, &bruno)
        .receives(&world.story, "the operator is told", |letter| {
            letter.speaks_of(&association.name)
        })
        .await?;
    let letters = mailbox(&world, &anna).letters_about(&association.name).await?;
    same("letters", &letters.len(), &0)
}

/// A recording repeated is one; as another kind it is refused; a wrong one is refused with every mistake.
#[tokio::test]
async fn an_organisation_is_recorded_once() -> StoryResult {
    let world = World::enter().await?;
    let administrator = world.official(Role::Administrator, None).await?;
    let contact = world.employer()?;
    let body = recording(&contact)?;
    let post = |body: Value| {
        let browser = administrator.browser.clone();
        async move { browser.post("/api/organisations", &body).await }
    };
    let first = post(body.clone()).await?.expect(201)?;
    let second = post(body.clone()).await?.expect(201)?;
    ensure(first.body == second.body, "two organisations")?;
    let mut other_kind = body.clone();
    other_kind["kind"] = "financed-body".into();
    post(other_kind).await?.refused(409, "organizzazione-gia-registrata")?;
    // What is recorded stays as it is, whatever else is typed when a contact is added.
    let mut other_name = body.clone();
    other_name["name"] = "Un altro nome".into();
    let third = post(other_name).await?.expect(201)?;
    same("name", &third.text("/name")?, &first.text("/name")?)?;
    let newcomer = world.employer()?;
    let mut further = recording(&newcomer)?;
    for field in ["name", "fiscal_code"] {
        further[field] = body[field].clone();
    }
    post(further).await?.expect(201)?;
    same("further contact", &standing_of(&world, &newcomer).await?.0, &Role::OrganisationContact)?;
    // Nor may anybody else ask for it with forms.
    let stranger = world.private_user().await?;
    let mut forms = forms_7_and_8(&stranger, "FG", &[&newcomer])?;
    forms["fiscal_code"] = body["fiscal_code"].clone();
    stranger.browser.post(REQUESTS, &forms).await?.refused(409, "organizzazione-gia-registrata")?;
    let wrong =
        json!({ "kind": "professional", "basis_from": "2026-02-01", "basis_until": "2026-01-01" });
    let fields = post(wrong).await?.refused(422, "campi-non-validi")?.refused_fields();
    ensure(fields.len() >= 10, format!("{fields:?}"))
}

/// ACC-6, ORG-4: an operator who closes the account is out of the list from then on; a contact first needs a successor.
#[tokio::test]
async fn who_closes_the_account_leaves_the_list() -> StoryResult {
    let scene = Filed::open().await?;
    let (world, operator) = (&scene.world, &scene.operator);
    let closure = json!({ "confirm": true });
    let contact = &scene.association.contact;
    let refused = contact.browser.post("/api/account/closure", &closure).await?;
    let refused = refused.refused(403, "azione-non-consentita")?;
    ensure(refused.text("/detail")?.contains("un altro referente"), "another reason")?;
    let row = row_of(world, &scene.association.id, contact).await?;
    same("contact", &row.and_then(|row| row.until), &None)?;

    operator.signs_in(2).await?.expect(303)?;
    operator.browser.post("/api/account/closure", &closure).await?.expect(200)?;
    let row = row_of(world, &scene.association.id, operator).await?;
    ensure(row.is_some_and(|row| row.until.is_some()), "still in the list")?;
    is_private(world, operator).await?;
    // What was filed for the organisation is a colleague's now.
    let done = scene.hands_over(&scene.colleague).await?.expect(200)?.json()?;
    same("handed over", &done["handed_over"], &json!([scene.application]))?;
    // The person can be listed again.
    scene.association.enables(&[operator]).await
}

/// A scene with an application that an operator filed for an organisation.
struct Filed {
    world: World,
    campaign: Campaign,
    association: Association,
    operator: Employer,
    colleague: Employer,
    application: ApplicationId,
}

impl Filed {
    async fn open() -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("ente")?.publish(&world).await?;
        let association = world.association().await?;
        // The operator has signed in before: the portal knows where to tell them (ORG-7).
        let (operator, colleague) = (world.private_user().await?, world.employer()?);
        association.enables(&[&operator, &colleague]).await?;
        for person in [&operator, &colleague] {
            world.signs_in_quickly(person).await?;
        }
        let application = filed(&world, &campaign, &association, &operator).await?;
        Ok(Self { world, campaign, association, operator, colleague, application })
    }

    async fn account(&self, person: &Employer) -> StoryResult<domain::ids::AccountId> {
        self.world.account(&person.demo.representative).await
    }

    async fn hands_over(&self, to: &Employer) -> StoryResult<Answer> {
        let body = json!({
            "from": self.account(&self.operator).await?,
            "to": self.account(to).await?,
        });
        self.association.contact.browser.post(&self.association.path("/hand-overs"), &body).await
    }

    async fn filer(&self) -> StoryResult<Option<domain::ids::AccountId>> {
        let head = self.world.applications()?.head(&self.application).await?;
        Ok(head.map(|head| head.parties.filer))
    }
}

async fn filed(
    world: &World,
    campaign: &Campaign,
    association: &Association,
    operator: &Employer,
) -> StoryResult<ApplicationId> {
    let belongs = Belongs {
        representative: world.account(&world.employer()?.demo.representative).await?,
        filer: world.account(&operator.demo.representative).await?,
        organisation: Some(association.id.clone()),
    };
    Ok(stock::ready_application(world, campaign, &belongs).await?.id)
}

/// ORG-4: at once, in every function; what the leaver filed stays with colleagues and contact.
#[tokio::test]
async fn an_operator_who_leaves_keeps_no_access_and_leaves_the_files() -> StoryResult {
    let scene = Filed::open().await?;
    let (world, operator) = (&scene.world, &scene.operator);
    let account = scene.account(operator).await?;
    let path = format!("/api/applications/{}", scene.application);
    operator.browser.get(&path).await?.expect(200)?;
    for _ in 0..2 {
        scene.association.reports_leaving(&account, None).await?.expect(200)?;
    }
    for answer in [
        operator.browser.get(&path).await?,
        operator.browser.get("/api/applications").await?,
        operator.browser.get(&format!("{path}/draft")).await?,
        operator.browser.patch(&format!("{path}/draft"), &json!({ "changes": [] })).await?,
        operator.browser.delete(&path).await?,
        operator.browser.get(&scene.association.path("")).await?,
        operator.browser.get(REQUESTS).await?,
    ] {
        answer.refused(401, "sessione-scaduta")?;
    }
    is_private(world, operator).await?;
    operator.signs_in(2).await?.expect(303)?;
    operator.browser.get(&path).await?.refused(404, "non-trovata")?;
    operator.browser.delete(&path).await?.refused(404, "non-trovata")?;
    let refused = operator.submits(scene.application.as_str(), &scene.campaign).await?;
    refused.refused(404, "non-trovata")?;
    for reader in [&scene.colleague, &scene.association.contact] {
        reader.browser.get(&path).await?.expect(200)?;
        let list = reader.browser.get("/api/applications").await?.expect(200)?;
        ensure(
            String::from_utf8_lossy(&list.body).contains(scene.application.as_str()),
            "the file is not in the list",
        )?;
    }
    mailbox(world, operator)
        .receives(&world.story, "the leaver is told", |letter| {
            letter.speaks_of("Fine della tua abilitazione")
        })
        .await?;
    same(
        "letters about the leaving",
        &mailbox(world, operator).letters_about("Fine della tua abilitazione").await?.len(),
        &1,
    )?;
    // An operator who left can come back, or work elsewhere.
    let elsewhere = world.association().await?;
    elsewhere.enables(&[operator]).await
}

/// ORG-4: announced with a date, access lasts until then and no longer.
#[tokio::test]
async fn an_announced_leaving_takes_effect_at_its_instant() -> StoryResult {
    let scene = Filed::open().await?;
    let account = scene.account(&scene.operator).await?;
    let from = clock::wall() + SignedDuration::from_secs(15);
    let past = clock::wall() - SignedDuration::from_secs(60);
    scene
        .association
        .reports_leaving(&account, Some(past))
        .await?
        .refused(422, "campi-non-validi")?;
    scene.association.reports_leaving(&account, Some(from)).await?.expect(200)?;
    let path = format!("/api/applications/{}", scene.application);
    let begun = clock::wall();
    let answer = scene.operator.browser.get(&path).await?;
    if begun + SignedDuration::from_secs(1) < from {
        answer.expect(200)?;
    }
    scene
        .world
        .story
        .eventually("access has ended", SOON, || async {
            let answer = scene.operator.browser.get(&path).await?;
            Ok(if answer.status == 401 { Ok(()) } else { Err(format!("{}", answer.status)) })
        })
        .await?;
    ensure(clock::wall() + SignedDuration::from_millis(500) >= from, "access ended too early")?;
    is_private(&scene.world, &scene.operator).await
}

/// Only an administrator reports the contact's own leaving, and no contact reports that of a stranger.
#[tokio::test]
async fn a_contact_does_not_remove_contacts_or_strangers() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let contact = world.account(&association.contact.demo.representative).await?;
    association.reports_leaving(&contact, None).await?.refused(403, "azione-non-consentita")?;
    let stranger = world.account(&world.employer()?.demo.representative).await?;
    association.reports_leaving(&stranger, None).await?.refused(404, "non-trovata")?;
    association.contact.browser.get(&association.path("")).await?.expect(200)?;
    let administrator = world.official(Role::Administrator, None).await?;
    let path = association.path(&format!("/operators/{contact}/leaving"));
    administrator.browser.post(&path, &json!({})).await?.expect(200)?;
    association
        .contact
        .browser
        .get(&association.path(""))
        .await?
        .refused(401, "sessione-scaduta")
        .map(|_| ())
}

/// ORG-4: the contact gives the leaver's applications to a colleague, who sends them; the history tells it.
#[tokio::test]
async fn a_leavers_applications_go_to_a_colleague() -> StoryResult {
    let scene = Filed::open().await?;
    let account = scene.account(&scene.operator).await?;
    let colleague = scene.account(&scene.colleague).await?;
    scene.association.reports_leaving(&account, None).await?.expect(200)?;
    let done = scene.hands_over(&scene.colleague).await?.expect(200)?.json()?;
    same("handed over", &done["handed_over"], &json!([scene.application]))?;
    same("remaining", &done["remaining"], &false.into())?;
    let again = scene.hands_over(&scene.colleague).await?.expect(200)?.json()?;
    same("handed over again", &again["handed_over"], &json!([]))?;
    same("filer", &scene.filer().await?, &Some(colleague))?;
    let events = scene.colleague.history(scene.application.as_str()).await?;
    let texts: Vec<_> = events.iter().filter_map(|event| event["text"].as_str()).collect();
    ensure(texts.contains(&"Riassegna a un collega"), format!("{texts:?}"))?;
    scene.colleague.submits(scene.application.as_str(), &scene.campaign).await?.expect(200)?;
    Ok(())
}

/// The contact hands nothing to a person who is no operator there, or has left.
#[tokio::test]
async fn nothing_is_handed_over_to_who_is_no_operator() -> StoryResult {
    let scene = Filed::open().await?;
    let stranger = scene.world.employer()?;
    let leaver = scene.account(&scene.colleague).await?;
    scene.association.reports_leaving(&leaver, None).await?.expect(200)?;
    for to in [&stranger, &scene.colleague, &scene.association.contact, &scene.operator] {
        scene.hands_over(to).await?.refused(422, "campi-non-validi")?;
    }
    let path = scene.association.path("/hand-overs");
    let operator = scene.account(&scene.operator).await?;
    for body in [
        json!({}),
        json!({ "from": "x", "to": "y" }),
        json!({ "from": operator, "to": leaver, "applications": [] }),
        json!({ "from": operator, "to": leaver, "applications": ["x"] }),
        json!({ "from": operator, "to": leaver, "cursor": "x" }),
    ] {
        let answer = scene.association.contact.browser.post(&path, &body).await?;
        answer.refused(422, "campi-non-validi")?;
    }
    same("filer", &scene.filer().await?, &Some(operator))
}

/// Named applications: those of others and those that are no more stay where they are, with the reason.
#[tokio::test]
async fn a_selection_hands_over_only_what_the_leaver_filed() -> StoryResult {
    let scene = Filed::open().await?;
    let foreign = scene.world.association().await?;
    let elsewhere = filed(&scene.world, &scene.campaign, &foreign, &scene.operator).await?;
    let colleagues =
        filed(&scene.world, &scene.campaign, &scene.association, &scene.association.contact)
            .await?;
    let deleted = filed(&scene.world, &scene.campaign, &scene.association, &scene.operator).await?;
    scene.operator.browser.delete(&format!("/api/applications/{deleted}")).await?.expect(204)?;
    let body = json!({
        "from": scene.account(&scene.operator).await?,
        "to": scene.account(&scene.colleague).await?,
        "applications": [scene.application, elsewhere, colleagues, deleted],
    });
    let path = scene.association.path("/hand-overs");
    let done = scene.association.contact.browser.post(&path, &body).await?.expect(200)?.json()?;
    same("handed over", &done["handed_over"], &json!([scene.application]))?;
    same("left", &done["left"].as_array().map(Vec::len), &Some(3))?;
    let head = scene.world.applications()?.head(&elsewhere).await?;
    same(
        "filer elsewhere",
        &head.map(|head| head.parties.filer),
        &Some(scene.account(&scene.operator).await?),
    )
}

/// A hand-over races with the leaver's own submission: each takes effect at most once, and the receipt stays valid.
#[tokio::test]
async fn a_hand_over_and_a_submission_at_the_same_moment_do_not_mix() -> StoryResult {
    let scene = Filed::open().await?;
    let colleague = scene.account(&scene.colleague).await?;
    let (sent, handed) = futures::join!(
        scene.operator.submits(scene.application.as_str(), &scene.campaign),
        scene.hands_over(&scene.colleague),
    );
    let (sent, handed) = (sent?, handed?);
    handed.expect(200)?;
    ensure(
        sent.status == 200 || sent.status == 404,
        format!("{sent}: neither sent nor handed over before"),
    )?;
    // Whichever was first, the colleague has it in the end.
    scene
        .world
        .story
        .eventually("the colleague has it", SOON, || async {
            scene.hands_over(&scene.colleague).await?.expect(200)?;
            let filer = scene.filer().await?;
            Ok(if filer.as_ref() == Some(&colleague) { Ok(()) } else { Err(format!("{filer:?}")) })
        })
        .await?;
    let state = scene.world.applications()?.head(&scene.application).await?;
    let state = state.map(|head| head.state().code());
    same("state", &state, &Some(if sent.status == 200 { "submitted" } else { "to-send" }))?;
    let events = scene.colleague.history(scene.application.as_str()).await?;
    let of = |text: &str| events.iter().filter(|event| event["text"] == text).count();
    same("hand-overs in the history", &of("Riassegna a un collega"), &1)
}

/// The function dies after the write of a row: the same list again completes, and nothing is there twice.
#[tokio::test]
async fn a_killed_function_leaves_no_row_twice() -> StoryResult {
    let world = World::enter().await?;
    let association = world.association().await?;
    let newcomer = world.employer()?;
    let account = world.account(&newcomer.demo.representative).await?;
    let order = Order {
        operation: "TransactWriteItems".to_owned(),
        contains: account.to_string(),
        nth: 1,
        times: 1,
        fault: Fault::KillCaller,
    };
    let order = world.emulator.order_fault(&order).await?;
    let killed = association.lists(&[listed(&newcomer)]).await?;
    ensure(killed.status >= 500, format!("{killed}: the function was not killed"))?;
    world.emulator.cancel_fault(order).await?;
    let again = association.lists(&[listed(&newcomer)]).await?.expect(200)?;
    same("row", &outcomes(&again)?, &vec!["already-operator".to_owned()])
}
