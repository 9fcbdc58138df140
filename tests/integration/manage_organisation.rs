//! manage-organisation on the deployed portal: enabling by offices, lists, leavings, hand-overs (ORG-1 to ORG-5).

use std::time::Duration;

use domain::{
    campaign::{Campaign, Profile},
    fiscal_code::ProvisionalCode,
    ids::{ApplicationId, OrganisationId},
    permission::Role,
};
use futures::future::join_all;
use harness::{
    browser::{Answer, Call},
    campaigns::Plan,
    employer::Employer,
    fault_proxy::{Fault, Order},
    mailbox::Mailbox,
    organisations::{Association, forms_7_and_8, listed, municipal, named, recording},
    stock::{self, Belongs},
    story::{Told, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::clock;
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    enabling::Enablings,
    organisations::{Operator, Organisations},
};

const REQUESTS: &str = "/api/enabling-requests";

/// How long a date to come may take in a test.
const SOON: Duration = Duration::from_mins(1);

/// Somebody asks; gives the identifier.
async fn asks(requester: &Employer, body: &Value) -> Told<String> {
    requester.browser.post(REQUESTS, body).await?.expect(201)?.text("/id")
}

async fn decides(official: &Employer, id: &str, decision: &str, version: u64) -> Told<Answer> {
    let reason =
        (decision == "refuse").then_some("Il protocollo indicato non risulta sottoscritto.");
    let body = json!({ "decision": decision, "version": version, "reason": reason });
    official.browser.post(&format!("{REQUESTS}/{id}/decisions"), &body).await
}

/// How many steps a request has, straight from the store.
async fn steps(world: &World, id: &str) -> Told<usize> {
    let table = world.environment.text("PORTAL_TABLE")?;
    Ok(Enablings::new(world.store().0.clone(), table).events(&id.parse()?).await?.len())
}

async fn stage(world: &World, id: &str) -> Told<&'static str> {
    let table = world.environment.text("PORTAL_TABLE")?;
    let request = Enablings::new(world.store().0.clone(), table).find(&id.parse()?).await?;
    Ok(request.map_or("none", |request| request.case.stage.code()))
}

/// What somebody is after a new sign-in.
async fn standing_of(world: &World, person: &Employer) -> Told<(Role, Profile)> {
    let account = world.account(&person.demo.representative).await?;
    let standing = world.accounts()?.standing(&account, clock::wall()).await?;
    Ok((standing.role, standing.profile))
}

async fn is_private(world: &World, person: &Employer) -> Told {
    same("standing", &standing_of(world, person).await?, &(Role::Employer, Profile::Private))
}

fn outcomes(answer: &Answer) -> Told<Vec<String>> {
    let document = answer.json()?;
    let rows = document["rows"].as_array().cloned().unwrap_or_default();
    Ok(rows.iter().map(|row| row["outcome"].as_str().unwrap_or_default().to_owned()).collect())
}

fn mailbox(world: &World, person: &Employer) -> Mailbox {
    Mailbox::new(&world.emulator, &person.demo.representative.email)
}

/// ORG-1: forms 7 and 8 pass three offices; the operator who has signed in under the same address is enabled, the one
/// who never has stays out with the reason; both offices and people leave their trace.
#[tokio::test]
async fn an_association_is_enabled_by_three_offices_and_three_people() -> Told {
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

/// S18: whoever checked for the prefecture does not announce for the directorate, whatever hat they wear by then.
#[tokio::test]
async fn nobody_takes_two_steps_of_one_request() -> Told {
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

/// Whoever asked, or is named in the list, decides nothing about it, even as an administrator.
#[tokio::test]
async fn nobody_decides_about_a_request_of_their_own() -> Told {
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
async fn of_decisions_at_the_same_moment_exactly_one_counts() -> Told {
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
async fn the_same_decision_twice_is_one() -> Told {
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
async fn a_prefecture_sees_its_own_province_only() -> Told {
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
async fn a_refusal_needs_a_reason_and_is_told() -> Told {
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
async fn a_request_can_be_taken_back_and_sent_again() -> Told {
    let world = World::enter().await?;
    let requester = world.private_user().await?;
    let operator = world.private_user().await?;
    let body = municipal(&requester, &[&operator])?;
    let clicks = join_all((0..4).map(|_| asks(&requester, &body))).await;
    let mut ids = clicks.into_iter().collect::<Told<Vec<_>>>()?;
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

/// ORG-3: until a municipality is enabled its operators are private users; then each is told and the contact has the list.
#[tokio::test]
async fn municipal_operators_are_enabled_by_an_administrator() -> Told {
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
async fn agencies_and_professionals_ask_with_register_and_number() -> Told {
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
    // Whoever stands in the own list is an operator, not the contact.
    same("agency", &standing_of(&world, &head).await?, &(Role::Operator, Profile::Agency))
}

/// Every mistake of a form is told at once, row by row, and nothing is stored.
#[tokio::test]
async fn every_wrong_field_of_a_request_is_told_at_once() -> Told {
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

/// Without origin, session, level or role nothing is asked for, recorded or listed.
#[tokio::test]
async fn without_origin_session_level_or_role_nothing_happens() -> Told {
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
async fn each_row_of_a_list_has_an_outcome_of_its_own() -> Told {
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
async fn a_list_that_is_none_enables_nobody() -> Told {
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
async fn a_thousand_rows_are_stored_in_one_request() -> Told {
    let world = World::enter().await?;
    let association = world.association().await?;
    let mut rows = Vec::new();
    for _ in 0..8 {
        // Codes that differ by omocodia are different people, whom no other test makes up.
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
async fn nobody_works_for_two_organisations() -> Told {
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
async fn a_form_names_the_organisation_of_its_operator() -> Told {
    let world = World::enter().await?;
    let campaign = Plan::new("profilo")?.publish(&world).await?;
    let association = world.association().await?;
    let (operator, employer) = (world.employer()?, world.employer()?);
    association.enables(&[&operator]).await?;
    operator.signs_in(2).await?.expect(303)?;
    let checks = employer.preliminary_checks(&campaign);
    let id = operator.browser.post("/api/applications", &checks).await?.expect(201)?.text("/id")?;
    let code = employer.reads_activation_code_from_pec(&id).await?;
    operator.types_code(&id, &code).await?.expect(200)?;
    let draft = operator.draft(&id).await?;
    let text = String::from_utf8_lossy(&draft.body).into_owned();
    ensure(text.contains(&association.name), "the organisation is not named")?;
    ensure(text.contains("Via Napoli 6, 71122 Foggia"), "its seat is not named")
}

/// Another organisation's contact, an operator and a private user cannot touch the list: it is not there for them.
#[tokio::test]
async fn another_organisations_list_is_not_there() -> Told {
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
async fn the_basis_decides_who_may_send_lists_and_until_when() -> Told {
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

/// An office is not lost because somebody puts its holder in a list.
#[tokio::test]
async fn an_official_in_a_list_keeps_the_office() -> Told {
    let world = World::enter().await?;
    let association = world.association().await?;
    let officer = world.official(Role::Officer, Some("FG")).await?;
    association.lists(&[listed(&officer)]).await?.expect(200)?;
    same("role", &standing_of(&world, &officer).await?.0, &Role::Officer)
}

/// A recording repeated is one; as another kind it is refused; a wrong one tells every mistake.
#[tokio::test]
async fn an_organisation_is_recorded_once() -> Told {
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

/// Somebody's row in the list of an organisation, straight from the store.
async fn row_of(
    world: &World,
    organisation: &OrganisationId,
    person: &Employer,
) -> Told<Option<Operator>> {
    let table = world.environment.text("PORTAL_TABLE")?;
    let account = world.account(&person.demo.representative).await?;
    Ok(Organisations::new(world.store().0.clone(), table).operator(organisation, &account).await?)
}

/// ORG-3: whoever stood in the own list keeps no list. A colleague asks for further operators, until an administrator
/// adds a contact; from then on the contact asks.
#[tokio::test]
async fn a_municipality_without_a_contact_gets_further_operators_and_a_contact() -> Told {
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
    // With the identity: whoever asks has an account.
    contact.signs_in(2).await?.expect(303)?;
    further["operators"] = json!([named(&late)]);
    asks(&contact, &further).await.map(|_| ())
}

/// ORG-5: a professional who left asks again and comes back.
#[tokio::test]
async fn a_professional_who_left_comes_back() -> Told {
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
async fn who_asked_before_the_recording_is_no_second_contact() -> Told {
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

/// S18: whoever signed form 7 decides nothing about it, though another person sent it.
#[tokio::test]
async fn who_signed_form_7_does_not_decide_about_it() -> Told {
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

/// ORG-1: that a request goes on to the next office is no decision: no letter tells it; the end is told.
#[tokio::test]
async fn only_the_end_of_a_request_is_told_by_mail() -> Told {
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

/// ACC-6, ORG-4: an operator who closes the account is out of the list from then on; a contact first needs a successor.
#[tokio::test]
async fn who_closes_the_account_leaves_the_list() -> Told {
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
    async fn open() -> Told<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("ente")?.publish(&world).await?;
        let association = world.association().await?;
        let (operator, colleague) = (world.employer()?, world.employer()?);
        association.enables(&[&operator, &colleague]).await?;
        for person in [&operator, &colleague] {
            world.signs_in_quickly(person).await?;
        }
        let application = filed(&world, &campaign, &association, &operator).await?;
        Ok(Self { world, campaign, association, operator, colleague, application })
    }

    async fn account(&self, person: &Employer) -> Told<domain::ids::AccountId> {
        self.world.account(&person.demo.representative).await
    }

    async fn hands_over(&self, to: &Employer) -> Told<Answer> {
        let body = json!({
            "from": self.account(&self.operator).await?,
            "to": self.account(to).await?,
        });
        self.association.contact.browser.post(&self.association.path("/hand-overs"), &body).await
    }

    async fn filer(&self) -> Told<Option<domain::ids::AccountId>> {
        let head = self.world.applications()?.head(&self.application).await?;
        Ok(head.map(|head| head.parties.filer))
    }
}

async fn filed(
    world: &World,
    campaign: &Campaign,
    association: &Association,
    operator: &Employer,
) -> Told<ApplicationId> {
    let belongs = Belongs {
        representative: world.account(&world.employer()?.demo.representative).await?,
        filer: world.account(&operator.demo.representative).await?,
        organisation: Some(association.id.clone()),
    };
    Ok(stock::ready_application(world, campaign, &belongs).await?.id)
}

/// ORG-4: at once, in every function; what the leaver filed stays with colleagues and contact.
#[tokio::test]
async fn an_operator_who_leaves_keeps_no_access_and_leaves_the_files() -> Told {
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
    // Whoever left can come back, or work elsewhere.
    let elsewhere = world.association().await?;
    elsewhere.enables(&[operator]).await
}

/// ORG-4: announced with a date, access lasts until then and no longer.
#[tokio::test]
async fn an_announced_leaving_takes_effect_at_its_instant() -> Told {
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

/// The contact's own leaving is an administrator's affair, and nobody reports a stranger's.
#[tokio::test]
async fn a_contact_does_not_remove_contacts_or_strangers() -> Told {
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
async fn a_leavers_applications_go_to_a_colleague() -> Told {
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

/// To somebody who is no operator there, or has left, nothing is handed over.
#[tokio::test]
async fn nothing_is_handed_over_to_who_is_no_operator() -> Told {
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
async fn a_selection_hands_over_only_what_the_leaver_filed() -> Told {
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
async fn a_hand_over_and_a_submission_at_the_same_moment_do_not_mix() -> Told {
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

/// The store fails in the middle, or the function dies after the write: repeating completes, and nothing is there twice.
#[tokio::test]
async fn a_failing_store_enables_all_or_nothing() -> Told {
    let world = World::enter_alone().await?;
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
