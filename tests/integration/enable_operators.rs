//! enable-operators on the deployed portal: requests by forms 7 and 8, municipalities, agencies, professionals (ORG-1, ORG-3, ORG-5).

use domain::{campaign::Profile, email_address::EmailAddress, permission::Role};
use futures::future::join_all;
use harness::{
    browser::Answer,
    employer::Employer,
    fault_proxy::{Fault, Order},
    mailbox::Mailbox,
    organisations::{
        ENABLING_REQUESTS as REQUESTS, forms_7_and_8, is_private, listed, municipal, named,
        recording, row_of, standing_of,
    },
    story::{StoryResult, ensure, same},
    world::World,
};
use outside::clock;
use serde_json::{Value, json};
use store::{
    attempts::{Attempts, LETTERS_TO_A_TYPED_ADDRESS},
    enabling::Enablings,
    keys,
};

/// Sends a request; gives its identifier.
async fn asks(requester: &Employer, body: &Value) -> StoryResult<String> {
    requester.browser.post(REQUESTS, body).await?.expect(201)?.text("/id")
}

async fn decides(
    official: &Employer,
    id: &str,
    decision: &str,
    version: u64,
) -> StoryResult<Answer> {
    let reason =
        (decision == "refuse").then_some("Il protocollo indicato non risulta sottoscritto.");
    let body = json!({ "decision": decision, "version": version, "reason": reason });
    official.browser.post(&format!("{REQUESTS}/{id}/decisions"), &body).await
}

/// How many steps a request has, straight from the store.
async fn steps(world: &World, id: &str) -> StoryResult<usize> {
    let table = world.environment.text("PORTAL_TABLE")?;
    Ok(Enablings::new(world.store().0.clone(), table).events(&id.parse()?).await?.len())
}

async fn stage(world: &World, id: &str) -> StoryResult<&'static str> {
    let table = world.environment.text("PORTAL_TABLE")?;
    let request = Enablings::new(world.store().0.clone(), table).find(&id.parse()?).await?;
    Ok(request.map_or("none", |request| request.case.stage.code()))
}

fn mailbox(world: &World, person: &Employer) -> Mailbox {
    Mailbox::new(&world.emulator, &person.demo.representative.email)
}

/// ORG-1: forms 7 and 8 pass three offices; the operator who has signed in under the same address is enabled, the one
/// who never has stays out with the reason; both offices and people leave their trace.
#[tokio::test]
async fn an_association_is_enabled_by_three_offices_and_three_people() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let (known, stranger) = (world.private_user().await?, world.employer()?);
    let prefecture = world.official(Role::PrefectureOfficer, Some("FG")).await?;
    let directorate = world.official(Role::Directorate, None).await?;
    let administrator = world.official(Role::Administrator, None).await?;
    let id = asks(&requester, &forms_7_and_8(&requester, "FG", &[&known, &stranger])?).await?;
    mailbox(&world, &requester)
        .receives(&world.story, "the request is received", |letter| letter.speaks_of(&id))
        .await?;

    let list = prefecture.browser.get(&format!("{REQUESTS}?limit=100")).await?.expect(200)?;
    ensure(String::from_utf8_lossy(&list.body).contains(&id), "the prefecture does not see it")?;
    directorate.browser.get(&format!("{REQUESTS}/{id}")).await?.refused(404, "non-trovata")?;
    decides(&administrator, &id, "enable", 1).await?.refused(409, "stato-non-compatibile")?;
    decides(&prefecture, &id, "check", 1).await?.expect(200)?;
    decides(&directorate, &id, "announce", 2).await?.expect(200)?;
    is_private(&world, &known).await?;
    let enabled = decides(&administrator, &id, "enable", 3).await?.expect(200)?;
    same("first row", &enabled.text("/operators/0/outcome")?, &"enabled".to_owned())?;
    same("second row", &enabled.text("/operators/1/outcome")?, &"never-signed-in".to_owned())?;

    let organisation = (Role::Operator, Profile::Organisation);
    same("operator", &standing_of(&world, &known).await?, &organisation)?;
    is_private(&world, &stranger).await?;
    same("requester", &standing_of(&world, &requester).await?.0, &Role::OrganisationContact)?;
    known.signs_in(2).await?.expect(303)?;
    let session = known.browser.get("/api/session").await?.expect(200)?;
    same("role after the next sign-in", &session.text("/role")?, &"operator".to_owned())?;

    let name = enabled.text("/name")?;
    mailbox(&world, &known)
        .receives(&world.story, "the operator is told", |letter| {
            letter.speaks_of("abilitato") && letter.speaks_of(&name)
        })
        .await?;
    mailbox(&world, &requester)
        .receives(&world.story, "the contact has the list", |letter| {
            letter.speaks_of(&known.demo.representative.last_name)
                && letter.speaks_of("Non abilitati")
        })
        .await?;
    let seen = requester.browser.get(&format!("{REQUESTS}/{id}")).await?.expect(200)?.json()?;
    let offices: Vec<_> = seen["events"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|event| event["office"].as_str().unwrap_or_default())
        .collect();
    same(
        "who did what",
        &offices,
        &vec![
            "Chi ha presentato la richiesta",
            "Prefettura",
            "Direzione centrale",
            "Amministratore",
        ],
    )
}

/// S18: a person who checked for the prefecture does not announce for the directorate, whatever office they hold by
/// then.
#[tokio::test]
async fn nobody_takes_two_steps_of_one_request() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let official = world.official(Role::PrefectureOfficer, Some("FG")).await?;
    let operator = world.private_user().await?;
    let id = asks(&requester, &forms_7_and_8(&requester, "FG", &[&operator])?).await?;
    decides(&official, &id, "check", 1).await?.expect(200)?;
    // The same person moves to the directorate, and then becomes administrator.
    let person = &official.demo.representative;
    for (role, decision) in [(Role::Directorate, "announce"), (Role::Directorate, "refuse")] {
        world.enables(person, role, Profile::Private, None, None).await?;
        world.signs_in_quickly(&official).await?;
        let refused = decides(&official, &id, decision, 2).await?;
        let refused = refused.refused(403, "azione-non-consentita")?;
        ensure(refused.text("/detail")?.contains("un'altra persona"), "the reason is another")?;
    }
    same("steps", &steps(&world, &id).await?, &2)?;
    same("stage", &stage(&world, &id).await?, &"awaiting-directorate")
}

/// The requester, and each person named in the list, decides nothing about the request, even as an administrator.
#[tokio::test]
async fn nobody_decides_about_a_request_of_their_own() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let operator = world.private_user().await?;
    let id = asks(&requester, &municipal(&requester, &[&operator])?).await?;
    for party in [&requester, &operator] {
        let person = &party.demo.representative;
        world.enables(person, Role::Administrator, Profile::Private, None, None).await?;
        world.signs_in_quickly(party).await?;
        for decision in ["enable", "refuse"] {
            decides(party, &id, decision, 1).await?.refused(403, "azione-non-consentita")?;
        }
    }
    same("steps", &steps(&world, &id).await?, &1)
}

/// Two administrators press at the same moment, one with an old page: one decision, one event.
#[tokio::test]
async fn of_decisions_at_the_same_moment_exactly_one_counts() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let operator = world.private_user().await?;
    let id = asks(&requester, &municipal(&requester, &[&operator])?).await?;
    let first = world.official(Role::Administrator, None).await?;
    let second = world.official(Role::Administrator, None).await?;
    let pressed = join_all([
        decides(&first, &id, "enable", 1),
        decides(&second, &id, "refuse", 1),
        decides(&second, &id, "enable", 1),
        decides(&first, &id, "enable", 1),
    ])
    .await;
    let mut right = 0;
    for answer in pressed {
        let answer = answer?;
        if answer.status == 200 {
            right += 1;
        } else {
            ensure(
                answer.status == 409 || answer.status == 403,
                format!("{answer}: neither decided nor refused"),
            )?;
        }
    }
    ensure((1..=2).contains(&right), format!("{right} decisions"))?;
    same("steps", &steps(&world, &id).await?, &2)?;
    let again = if stage(&world, &id).await? == "enabled" { "refuse" } else { "enable" };
    decides(&second, &id, again, 1).await?.refused(409, "modifica-in-conflitto")?;
    decides(&second, &id, again, 2)
        .await
        .map(|answer| ensure(answer.status >= 400, "a decided request was decided again"))??;
    same("steps", &steps(&world, &id).await?, &2)
}

/// A retry after a lost answer is no second decision.
#[tokio::test]
async fn the_same_decision_twice_is_one() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let operator = world.private_user().await?;
    let id = asks(&requester, &forms_7_and_8(&requester, "FG", &[&operator])?).await?;
    let prefecture = world.official(Role::PrefectureOfficer, Some("FG")).await?;
    decides(&prefecture, &id, "check", 1).await?.expect(200)?;
    decides(&prefecture, &id, "check", 1).await?.expect(200)?;
    decides(&prefecture, &id, "refuse", 1).await?.refused(409, "modifica-in-conflitto")?;
    same("steps", &steps(&world, &id).await?, &2)
}

/// To the prefecture of another province the request does not exist.
#[tokio::test]
async fn a_prefecture_sees_its_own_province_only() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let operator = world.private_user().await?;
    let id = asks(&requester, &forms_7_and_8(&requester, "FG", &[&operator])?).await?;
    let verona = world.official(Role::PrefectureOfficer, Some("VR")).await?;
    let sui = world.official(Role::Officer, Some("FG")).await?;
    for official in [&verona, &sui] {
        official.browser.get(&format!("{REQUESTS}/{id}")).await?.refused(404, "non-trovata")?;
        decides(official, &id, "check", 1).await?.refused(404, "non-trovata")?;
        decides(official, &id, "refuse", 1).await?.refused(404, "non-trovata")?;
        let list = official.browser.get(&format!("{REQUESTS}?limit=100")).await?.expect(200)?;
        ensure(!String::from_utf8_lossy(&list.body).contains(&id), "it stands in the list")?;
        official
            .browser
            .get(&format!("{REQUESTS}?stage=awaiting-administrator"))
            .await?
            .refused(422, "campi-non-validi")?;
    }
    same("steps", &steps(&world, &id).await?, &1)
}

/// A refusal says why; without a reason it is none. What was refused cannot be taken back or decided again.
#[tokio::test]
async fn a_refusal_needs_a_reason_and_is_told() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let operator = world.private_user().await?;
    let body = forms_7_and_8(&requester, "FG", &[&operator])?;
    let id = asks(&requester, &body).await?;
    let prefecture = world.official(Role::PrefectureOfficer, Some("FG")).await?;
    let path = format!("{REQUESTS}/{id}/decisions");
    for body in [
        json!({ "decision": "refuse", "version": 1 }),
        json!({ "decision": "refuse", "version": 1, "reason": "no" }),
        json!({ "decision": "refuse", "version": 1, "reason": "x".repeat(1001) }),
        json!({ "decision": "refuse", "version": 1, "reason": 7 }),
        json!({ "decision": "withdraw", "version": 1 }),
        json!({ "decision": "approve", "version": 1 }),
        json!({ "decision": "check" }),
        json!({ "decision": "check", "version": -1 }),
        json!({ "decision": "check", "version": 1, "by": "me" }),
    ] {
        prefecture.browser.post(&path, &body).await?.refused(422, "campi-non-validi")?;
    }
    same("steps", &steps(&world, &id).await?, &1)?;
    decides(&prefecture, &id, "refuse", 1).await?.expect(200)?;
    mailbox(&world, &requester)
        .receives(&world.story, "the refusal", |letter| {
            letter.speaks_of("Il protocollo indicato non risulta sottoscritto.")
        })
        .await?;
    requester
        .browser
        .post(&format!("{REQUESTS}/{id}/withdrawal"), &json!({ "version": 2 }))
        .await?
        .refused(409, "stato-non-compatibile")?;
    is_private(&world, &operator).await?;
    // Refused is not for ever: another request can be sent.
    asks(&requester, &body).await.map(|_| ())
}

/// A double click is one request; another one for the same body waits until the first is withdrawn.
#[tokio::test]
async fn a_request_can_be_taken_back_and_sent_again() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let operator = world.private_user().await?;
    let body = municipal(&requester, &[&operator])?;
    let clicks = join_all((0..4).map(|_| asks(&requester, &body))).await;
    let mut ids = clicks.into_iter().collect::<StoryResult<Vec<_>>>()?;
    ids.dedup();
    let [id] = ids.as_slice() else { return ensure(false, format!("{ids:?}")) };
    let mut other = body.clone();
    other["contact_phone"] = "0881 000000".into();
    requester.browser.post(REQUESTS, &other).await?.refused(409, "richiesta-gia-in-corso")?;
    let withdrawal = format!("{REQUESTS}/{id}/withdrawal");
    let stranger = world.private_user().await?;
    stranger
        .browser
        .post(&withdrawal, &json!({ "version": 1 }))
        .await?
        .refused(404, "non-trovata")?;
    for _ in 0..2 {
        requester.browser.post(&withdrawal, &json!({ "version": 1 })).await?.expect(200)?;
    }
    same("steps", &steps(&world, id).await?, &2)?;
    let administrator = world.official(Role::Administrator, None).await?;
    decides(&administrator, id, "enable", 2).await?.refused(409, "stato-non-compatibile")?;
    let second = asks(&requester, &other).await?;
    ensure(second != *id, "the request that was taken back came again")
}

/// ORG-3: until a municipality is enabled its operators are private users; then each gets a letter and the contact the
/// list.
#[tokio::test]
async fn municipal_operators_are_enabled_by_an_administrator() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    // One has never been at the portal: the fiscal code is enough.
    let operator = world.employer()?;
    let id = asks(&requester, &municipal(&requester, &[&operator])?).await?;
    is_private(&world, &operator).await?;
    let administrator = world.official(Role::Administrator, None).await?;
    decides(&administrator, &id, "enable", 1).await?.expect(200)?;
    same(
        "standing",
        &standing_of(&world, &operator).await?,
        &(Role::Operator, Profile::MunicipalOperator),
    )?;
    mailbox(&world, &operator)
        .receives(&world.story, "the operator is told", |letter| letter.speaks_of("abilitato"))
        .await?;
    mailbox(&world, &requester)
        .receives(&world.story, "the contact has the list", |letter| {
            letter.speaks_of(&operator.demo.representative.last_name)
                && letter.speaks_of("Elenco degli operatori")
        })
        .await
        .map(|_| ())
}

/// ORG-5: agencies and professionals are private users until an administrator approves.
#[tokio::test]
async fn agencies_and_professionals_ask_with_register_and_number() -> StoryResult {
    let world = World::enter().await?;
    let administrator = world.official(Role::Administrator, None).await?;
    let consultant = world.private_user().await?;
    let professional = json!({
        "kind": "professional", "address": "Via Arpi 10, 71121 Foggia", "province": "FG",
        "profession": "labour-consultant", "register_province": "FG", "register_number": "1234",
        "contact_phone": "0881 555555", "contact_email": consultant.demo.representative.email,
    });
    let id = asks(&consultant, &professional).await?;
    is_private(&world, &consultant).await?;
    decides(&administrator, &id, "enable", 1).await?.expect(200)?;
    same(
        "professional",
        &standing_of(&world, &consultant).await?,
        &(Role::Operator, Profile::Professional),
    )?;
    let head = world.private_user().await?;
    let agency = json!({
        "kind": "agency", "name": "Agenzia Tavoliere", "address": "Via Manfredi 3, 71121 Foggia",
        "province": "FG", "fiscal_code": head.demo.company_code.reveal(), "register_number": "39/0001234",
        "contact_role": "Titolare", "contact_phone": "0881 555556",
        "contact_email": head.demo.representative.email, "operators": [named(&head)],
    });
    let id = asks(&head, &agency).await?;
    decides(&administrator, &id, "enable", 1).await?.expect(200)?;
    // A requester who stands in the own list is an operator, not the contact.
    same("agency", &standing_of(&world, &head).await?, &(Role::Operator, Profile::Agency))
}

/// The problem names every mistake of a form at once, row by row, and nothing is stored.
#[tokio::test]
async fn every_wrong_field_of_a_request_is_told_at_once() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let operator = world.employer()?;
    let mut body = forms_7_and_8(&requester, "XX", &[&operator, &operator])?;
    body["fiscal_code"] = "12345678901".into();
    body["signed"] = false.into();
    body["protocol_date"] = "2999-01-01".into();
    body["contact_phone"] = "chiamami".into();
    body["name"] = "riga\ndoppia".into();
    body["extra"] = 1.into();
    body["operators"][0]["birth_date"] = "1999-12-31".into();
    let answer = requester.browser.post(REQUESTS, &body).await?.refused(422, "campi-non-validi")?;
    let fields: Vec<String> = answer.refused_fields().into_iter().map(|(field, _)| field).collect();
    for field in [
        "province",
        "fiscal_code",
        "signed",
        "protocol_date",
        "contact_phone",
        "name",
        "extra",
        "operators[0].birth_date",
        "operators[1].fiscal_code",
        "operators[1].email",
    ] {
        ensure(fields.iter().any(|found| found == field), format!("{field} in {fields:?}"))?;
    }
    let mut shared = municipal(&requester, &[&operator])?;
    shared["operators"][0]["email"] = "protocollo@comune.demo.invalid".into();
    requester.browser.post(REQUESTS, &shared).await?.refused(422, "campi-non-validi")?;
    let mut many = municipal(&requester, &[&operator])?;
    many["operators"] = Value::Array(vec![named(&operator); 21]);
    requester.browser.post(REQUESTS, &many).await?.refused(422, "campi-non-validi")?;
    for kind in [json!("cartel"), json!(null), json!(1)] {
        let body = json!({ "kind": kind });
        requester.browser.post(REQUESTS, &body).await?.refused(422, "campi-non-validi")?;
    }
    let list = requester.browser.get(REQUESTS).await?.expect(200)?.json()?;
    same("requests", &list["requests"], &json!([]))
}

/// ORG-3: a requester who stands in the own list does not become the contact. A colleague asks for further operators,
/// until an administrator adds a contact; from then on the contact asks.
#[tokio::test]
async fn a_municipality_without_a_contact_gets_further_operators_and_a_contact() -> StoryResult {
    let world = World::enter().await?;
    let administrator = world.official(Role::Administrator, None).await?;
    let first = world.private_user().await?;
    let request = municipal(&first, &[&first])?;
    let id = asks(&first, &request).await?;
    decides(&administrator, &id, "enable", 1).await?.expect(200)?;
    same("first", &standing_of(&world, &first).await?.0, &Role::Operator)?;

    let colleague = world.private_user().await?;
    let second = world.employer()?;
    let mut further = municipal(&colleague, &[&second])?;
    for field in ["name", "fiscal_code"] {
        further[field] = request[field].clone();
    }
    let id = asks(&colleague, &further).await?;
    decides(&administrator, &id, "enable", 1).await?.expect(200)?;
    same("second", &standing_of(&world, &second).await?.0, &Role::Operator)?;
    is_private(&world, &colleague).await?;

    let contact = world.employer()?;
    let mut recorded = recording(&contact)?;
    recorded["kind"] = "municipality".into();
    recorded["basis"] = "public-task".into();
    recorded["fiscal_code"] = request["fiscal_code"].clone();
    // An operator keeps no list: told in a sentence of its own.
    let mut operator = recorded.clone();
    for (field, own) in [
        ("contact_fiscal_code", "fiscal_code"),
        ("contact_surname", "surname"),
        ("contact_name", "name"),
    ] {
        operator[field] = listed(&second)[own].clone();
    }
    let refused = administrator.browser.post("/api/organisations", &operator).await?;
    let refused = refused.refused(403, "azione-non-consentita")?;
    ensure(refused.text("/detail")?.contains("è operatore di questa"), "another reason")?;
    for _ in 0..2 {
        administrator.browser.post("/api/organisations", &recorded).await?.expect(201)?;
    }
    same("contact", &standing_of(&world, &contact).await?.0, &Role::OrganisationContact)?;
    let late = world.private_user().await?;
    let mut forms = municipal(&late, &[&late])?;
    forms["fiscal_code"] = request["fiscal_code"].clone();
    late.browser.post(REQUESTS, &forms).await?.refused(409, "organizzazione-gia-registrata")?;
    // With an identity: the requester has an account.
    contact.signs_in(2).await?.expect(303)?;
    further["operators"] = json!([named(&late)]);
    asks(&contact, &further).await.map(|_| ())
}

/// ORG-5: a professional who left asks again and comes back.
#[tokio::test]
async fn a_professional_who_left_comes_back() -> StoryResult {
    let world = World::enter().await?;
    let administrator = world.official(Role::Administrator, None).await?;
    let lawyer = world.private_user().await?;
    let account = world.account(&lawyer.demo.representative).await?;
    let request = json!({
        "kind": "professional", "address": "Via Arpi 12, 71121 Foggia", "province": "FG",
        "profession": "lawyer", "register_province": "FG", "register_number": "77",
        "contact_phone": "0881 555557", "contact_email": lawyer.demo.representative.email,
    });
    let id = asks(&lawyer, &request).await?;
    let enabled = decides(&administrator, &id, "enable", 1).await?.expect(200)?;
    let path = format!(
        "/api/organisations/{}/operators/{account}/leaving",
        enabled.text("/organisation")?
    );
    administrator.browser.post(&path, &json!({})).await?.expect(200)?;
    is_private(&world, &lawyer).await?;
    lawyer.signs_in(2).await?.expect(303)?;
    let again = asks(&lawyer, &request).await?;
    ensure(again != id, "the request that was decided came again")?;
    decides(&administrator, &again, "enable", 1).await?.expect(200)?;
    same("standing", &standing_of(&world, &lawyer).await?, &(Role::Operator, Profile::Professional))
}

/// An organisation that an administrator records while a request of it waits has the contact of the recording alone.
#[tokio::test]
async fn who_asked_before_the_recording_is_no_second_contact() -> StoryResult {
    let world = World::enter().await?;
    let administrator = world.official(Role::Administrator, None).await?;
    let (requester, operator) = (world.private_user().await?, world.employer()?);
    let request = municipal(&requester, &[&operator])?;
    let id = asks(&requester, &request).await?;
    let contact = world.employer()?;
    let mut recorded = recording(&contact)?;
    recorded["kind"] = "municipality".into();
    recorded["fiscal_code"] = request["fiscal_code"].clone();
    administrator.browser.post("/api/organisations", &recorded).await?.expect(201)?;
    decides(&administrator, &id, "enable", 1).await?.expect(200)?;
    same("operator", &standing_of(&world, &operator).await?.0, &Role::Operator)?;
    is_private(&world, &requester).await?;
    let organisation = world.keying().await?.organisation(&requester.demo.company_code);
    same("row", &row_of(&world, &organisation, &requester).await?.is_none(), &true)
}

/// S18: the person who signed form 7 decides nothing about it, though another person sent it.
#[tokio::test]
async fn who_signed_form_7_does_not_decide_about_it() -> StoryResult {
    let world = World::enter().await?;
    let (requester, operator) = (world.private_user().await?, world.private_user().await?);
    let signer = world.official(Role::PrefectureOfficer, Some("FG")).await?;
    let person = &signer.demo.representative;
    let mut forms = forms_7_and_8(&requester, "FG", &[&operator])?;
    forms["representative_surname"] = person.last_name.clone().into();
    forms["representative_name"] = person.first_name.clone().into();
    forms["representative_birth_date"] = person.birth_date.to_string().into();
    forms["representative_fiscal_code"] = person.fiscal_code.reveal().into();
    let id = asks(&requester, &forms).await?;
    for decision in ["check", "refuse"] {
        decides(&signer, &id, decision, 1).await?.refused(403, "azione-non-consentita")?;
    }
    same("steps", &steps(&world, &id).await?, &1)
}

/// ORG-1: when a request goes on to the next office no letter leaves, because nothing is decided; the end has its
/// letter.
#[tokio::test]
async fn only_the_end_of_a_request_is_told_by_mail() -> StoryResult {
    let world = World::enter().await?;
    let (requester, operator) = (world.private_user().await?, world.private_user().await?);
    let id = asks(&requester, &forms_7_and_8(&requester, "FG", &[&operator])?).await?;
    let prefecture = world.official(Role::PrefectureOfficer, Some("FG")).await?;
    let directorate = world.official(Role::Directorate, None).await?;
    let administrator = world.official(Role::Administrator, None).await?;
    let mailbox = mailbox(&world, &requester);
    mailbox
        .receives(&world.story, "the request is received", |letter| letter.speaks_of(&id))
        .await?;
    decides(&prefecture, &id, "check", 1).await?.expect(200)?;
    decides(&directorate, &id, "announce", 2).await?.expect(200)?;
    decides(&administrator, &id, "enable", 3).await?.expect(200)?;
    mailbox
        .receives(&world.story, "the end is told", |letter| {
            letter.speaks_of("è conclusa") && letter.speaks_of("Esito: Abilitata")
        })
        .await?;
    same("letters about it", &mailbox.letters_about(&id).await?.len(), &2)
}

/// A stranger's text goes into no letter to an address that is not the stranger's: the letters about a request go to the
/// requester's own address, and the name stays on its line.
#[tokio::test]
async fn what_a_requester_types_leaves_for_the_own_address_alone() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let victim = world.employer()?;
    let mut form = forms_7_and_8(&requester, "FG", &[&world.private_user().await?])?;
    form["contact_email"] = json!(victim.demo.representative.email);
    let id = asks(&requester, &form).await?;
    mailbox(&world, &requester)
        .receives(&world.story, "the request is received", |letter| letter.speaks_of(&id))
        .await?;
    let prefecture = world.official(Role::PrefectureOfficer, Some("FG")).await?;
    decides(&prefecture, &id, "refuse", 1).await?.expect(200)?;
    mailbox(&world, &requester)
        .receives(&world.story, "the end is told", |letter| letter.speaks_of("non risulta"))
        .await?;
    same("letters", &mailbox(&world, &victim).letters().await?.len(), &0)
}

/// ADR 33: an address that was only typed has had its five letters of this hour: the sixth request is sent and writes to it no
/// more, while another address still reads its first. The requester's identity provider gave no address.
#[tokio::test]
async fn an_address_that_was_only_typed_gets_five_letters_an_hour() -> StoryResult {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let account = world.account(&requester.demo.representative).await?;
    let (store, _) = world.store();
    let identity = store.update_item().table_name(world.environment.text("PORTAL_TABLE")?);
    let identity = identity.set_key(Some(keys::account(&account).item()));
    identity.update_expression("REMOVE email").send().await?;
    let (full, other) = (world.employer()?, world.employer()?);
    let address: EmailAddress = full.demo.representative.email.parse()?;
    let opaque = world.keying().await?.opaque("email", &address.comparable());
    let table = world.environment.text("SESSIONS_TABLE")?;
    let attempts = Attempts::new(store.clone(), table);
    let (limit, now) = (LETTERS_TO_A_TYPED_ADDRESS, clock::wall());
    // The next hour, too, should it begin meanwhile.
    for hour in [now, now + limit.window] {
        for _ in 0..limit.most {
            attempts.count_for(&limit, &opaque, hour).await?;
        }
    }
    for typed in [&full, &other] {
        let mut form = municipal(&requester, &[&world.employer()?])?;
        form["fiscal_code"] = json!(typed.demo.company_code.reveal());
        form["contact_email"] = json!(typed.demo.representative.email);
        asks(&requester, &form).await?;
    }
    mailbox(&world, &other)
        .receives(&world.story, "the request is received", |letter| letter.speaks_of("richiesta"))
        .await?;
    same("letters", &mailbox(&world, &full).letters().await?.len(), &0)
}

/// The store fails in the middle, or the function dies after the write: repeating completes, and nothing is there twice.
#[tokio::test]
async fn a_failing_store_enables_all_or_nothing() -> StoryResult {
    let world = World::enter().await?;
    let administrator = world.official(Role::Administrator, None).await?;
    for (fault, times) in [(Fault::Throttle, 4), (Fault::CutAfter, 4), (Fault::KillCaller, 1)] {
        let requester = world.private_user().await?;
        let operator = world.employer()?;
        let id = asks(&requester, &municipal(&requester, &[&operator])?).await?;
        let order = Order {
            operation: "TransactWriteItems".to_owned(),
            contains: id.clone(),
            nth: 1,
            times,
            fault,
        };
        let order = world.emulator.order_fault(&order).await?;
        let failed = decides(&administrator, &id, "enable", 1).await?;
        ensure(failed.status >= 500, format!("{failed}: {fault:?} was not felt"))?;
        ensure(world.emulator.fault_fired(order).await? >= 1, "the fault did not fire")?;
        world.emulator.cancel_fault(order).await?;
        if fault == Fault::Throttle {
            same("steps", &steps(&world, &id).await?, &1)?;
            is_private(&world, &operator).await?;
        }
        decides(&administrator, &id, "enable", 1).await?.expect(200)?;
        same("steps", &steps(&world, &id).await?, &2)?;
        same("role", &standing_of(&world, &operator).await?.0, &Role::Operator)?;
    }
    Ok(())
}
