//! The operator's way: enabled through each route, twenty applications of four models with one press for each model,
//! one refused, withdrawn, and out at once; the files stay with the organisation (ORG-1 to ORG-5, FRM-4).

use domain::{campaign::Campaign, permission::Role};
use futures::{StreamExt, TryStreamExt, stream};
use outside::clock;
use serde_json::{Value, json};

use crate::{
    browser::Answer,
    campaigns::Plan,
    employer::Employer,
    journey::{Progress, Steps},
    organisations::{forms_7_and_8, listed, municipal, recording},
    story::{StoryResult, ensure, same},
    world::World,
};

/// The four models of the click days.
const MODELS: [&str; 4] = ["c-stag-agricoltura", "c-stag-turismo", "b2020", "a-bis"];
/// Applications of each model.
const EACH: usize = 5;
/// Applications that are filled in at once: operators work on several, and the registries answer late.
const AT_ONCE: usize = 4;

/// What the operator has done.
#[derive(Debug)]
pub struct Filed {
    /// Applications that were sent, with a receipt each.
    pub sent: usize,
    /// Applications that were refused at the press, with the reason.
    pub refused: usize,
}

/// Goes the whole way with fresh people, a fresh association and a campaign of its own.
pub async fn run(world: &World, tell: &Progress<'_>) -> StoryResult<Filed> {
    let steps = Steps { story: &world.story, tell };
    let plan = Plan::of("operatori", &MODELS)?;
    let campaign = &steps.take("pubblicazione della campagna", plan.publish(world)).await?;

    let association =
        steps.take("ente nazionale registrato con il suo referente", national_body(world)).await?;
    let operator = world.employer()?;
    let colleague = world.employer()?;
    steps
        .take(
            "elenco per codice fiscale: righe giuste accolte, le altre spiegate",
            lists(&association, &operator, &colleague),
        )
        .await?;
    steps.take("al primo accesso è riconosciuto", is_recognised(&operator)).await?;
    is_recognised(&colleague).await?;
    steps
        .take("moduli 7 e 8: prefettura, direzione, amministratore", Box::pin(by_forms(world)))
        .await?;
    steps.take("domanda di un comune", by_municipality(world)).await?;
    steps.take("domanda di un professionista", by_register(world)).await?;

    let filed = &steps
        .take("venti domande di quattro modelli, compilate", files(world, &operator, campaign))
        .await?;
    let unfinished = &steps
        .take("una domanda lasciata a metà", starts(world, &operator, campaign, MODELS[0]))
        .await?;
    let sent = steps
        .take("un invio per modello: venti ricevute", sends(&operator, campaign, filed))
        .await?;
    let refused = steps
        .take(
            "invio della domanda a metà: rifiutato con il motivo",
            is_refused(&operator, campaign, unfinished),
        )
        .await?;
    steps
        .take(
            "revoca dell'operatore: fuori subito",
            is_withdrawn(world, &association, &operator, filed),
        )
        .await?;
    steps
        .take(
            "le pratiche restano all'ente e passano a un collega",
            hands_over(world, &association, &operator, &colleague, filed),
        )
        .await?;
    Ok(Filed { sent, refused })
}

/// An association and its contact.
#[derive(Debug)]
struct Body {
    path: String,
    contact: Employer,
}

/// A person with an office, signed in through the identity provider.
async fn official(world: &World, role: Role, province: Option<&str>) -> StoryResult<Employer> {
    let person = world.employer()?;
    let profile = domain::campaign::Profile::Private;
    world.enables(&person.demo.representative, role, profile, None, province).await?;
    person.signs_in(2).await?.expect(303)?;
    Ok(person)
}

/// ORG-2: an administrator records the body, its basis and its contact.
async fn national_body(world: &World) -> StoryResult<Body> {
    let administrator = official(world, Role::Administrator, None).await?;
    let contact = world.employer()?;
    let answer = administrator
        .browser
        .post("/api/organisations", &recording(&contact)?)
        .await?
        .expect(201)?;
    contact.signs_in(2).await?.expect(303)?;
    Ok(Body { path: format!("/api/organisations/{}", answer.text("/id")?), contact })
}

/// ORG-2: the portal names wrong and repeated rows and enables the right ones.
async fn lists(association: &Body, operator: &Employer, colleague: &Employer) -> StoryResult {
    let mut wrong = listed(operator);
    if let Some(row) = wrong.as_object_mut() {
        row.insert("fiscal_code".to_owned(), "RSSMRA80A01H501Z".into());
    }
    let rows =
        json!({ "operators": [listed(operator), wrong, listed(operator), listed(colleague)] });
    let path = format!("{}/operators", association.path);
    let answer = association.contact.browser.post(&path, &rows).await?.expect(200)?;
    same("operators of the list", &answer.number("/operators")?, &2)?;
    for row in [1, 2] {
        let message = answer.text(&format!("/rows/{row}/message"))?;
        ensure(!message.is_empty(), format!("row {row} is not explained"))?;
    }
    Ok(())
}

async fn is_recognised(operator: &Employer) -> StoryResult {
    operator.signs_in(2).await?.expect(303)?;
    same("role at the sign-in", &role(operator).await?.as_str(), &"operator")
}

async fn role(person: &Employer) -> StoryResult<String> {
    person.browser.get("/api/session").await?.expect(200)?.text("/role")
}

/// ORG-1: three offices, three people; the operator of form 8 who never signed in stays out.
async fn by_forms(world: &World) -> StoryResult {
    let (requester, operator, absent) =
        (world.private_user().await?, world.private_user().await?, world.employer()?);
    let body = forms_7_and_8(&requester, "FG", &[&operator, &absent])?;
    let path = asks(&requester, &body).await?;
    let elsewhere = official(world, Role::PrefectureOfficer, Some("VR")).await?;
    elsewhere.browser.get(&path).await?.refused(404, "non-trovata")?;
    for (role, province, decision) in [
        (Role::PrefectureOfficer, Some("FG"), "check"),
        (Role::Directorate, None, "announce"),
        (Role::Administrator, None, "enable"),
    ] {
        same("role before the last step", &self::role(&operator).await?.as_str(), &"employer")?;
        let official = official(world, role, province).await?;
        decides(&official, &path, decision).await?;
        decides(&official, &path, decision).await.err().map_or_else(
            || Err(official.story().deviation(format!("{decision} was decided twice"))),
            |_| Ok(()),
        )?;
    }
    is_recognised(&operator).await?;
    absent.signs_in(2).await?.expect(303)?;
    same("role of who had never signed in", &role(&absent).await?.as_str(), &"employer")
}

/// ORG-3.
async fn by_municipality(world: &World) -> StoryResult {
    let (requester, operator) = (world.private_user().await?, world.private_user().await?);
    let path = asks(&requester, &municipal(&requester, &[&operator])?).await?;
    same("role before the approval", &role(&operator).await?.as_str(), &"employer")?;
    decides(&official(world, Role::Administrator, None).await?, &path, "enable").await?;
    is_recognised(&operator).await
}

/// ORG-5.
async fn by_register(world: &World) -> StoryResult {
    let professional = world.private_user().await?;
    let body = json!({
        "kind": "professional",
        "address": "Via Arpi 12, 71121 Foggia",
        "province": "FG",
        "profession": "labour-consultant",
        "register_province": "FG",
        "register_number": "1234",
        "contact_phone": "0881 654321",
        "contact_email": professional.demo.representative.email,
    });
    let path = asks(&professional, &body).await?;
    decides(&official(world, Role::Administrator, None).await?, &path, "enable").await?;
    is_recognised(&professional).await
}

async fn asks(requester: &Employer, body: &Value) -> StoryResult<String> {
    let answer = requester.browser.post("/api/enabling-requests", body).await?.expect(201)?;
    Ok(format!("/api/enabling-requests/{}", answer.text("/id")?))
}

async fn decides(official: &Employer, path: &str, decision: &str) -> StoryResult<Answer> {
    let version = official.browser.get(path).await?.expect(200)?.number("/version")?;
    let body = json!({ "decision": decision, "version": version });
    official.browser.post(&format!("{path}/decisions"), &body).await?.expect(200)
}

/// An application that the operator has filed.
#[derive(Debug)]
struct File {
    model: &'static str,
    id: String,
}

/// Five applications of each model, each for another employer, whose PEC gets the code.
async fn files(world: &World, operator: &Employer, campaign: &Campaign) -> StoryResult<Vec<File>> {
    let models = MODELS.into_iter().flat_map(|model| std::iter::repeat_n(model, EACH));
    stream::iter(models)
        .map(|model| Box::pin(files_one(world, operator, campaign, model)))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

async fn files_one(
    world: &World,
    operator: &Employer,
    campaign: &Campaign,
    model: &'static str,
) -> StoryResult<File> {
    let client = client(world, operator, model)?;
    let id = opens(&client, campaign).await?;
    client.fills_form(&id, client.schema(campaign)?.id(), clock::wall()).await?;
    client.sees_it_ready(&id).await?;
    Ok(File { model, id })
}

/// An employer for whom the operator files, from the operator's own browser.
fn client(world: &World, operator: &Employer, model: &str) -> StoryResult<Employer> {
    let client = if model == "a-bis" { world.family()? } else { world.employer()? };
    let mut client = client.asking_for(model)?;
    client.browser = operator.browser.clone();
    Ok(client)
}

async fn opens(client: &Employer, campaign: &Campaign) -> StoryResult<String> {
    let id = client.starts_application(campaign).await?;
    let code = client.reads_activation_code_from_pec(&id).await?;
    client.types_code(&id, &code).await?.expect(200)?;
    Ok(id)
}

async fn starts(
    world: &World,
    operator: &Employer,
    campaign: &Campaign,
    model: &'static str,
) -> StoryResult<String> {
    opens(&client(world, operator, model)?, campaign).await
}

/// FRM-4: one press for each model sends all that is ready.
async fn sends(operator: &Employer, campaign: &Campaign, filed: &[File]) -> StoryResult<usize> {
    let mut sent = 0;
    for model in MODELS {
        let body = json!({ "campaign": campaign.id(), "model": model });
        let answer = operator.browser.post("/api/submissions/batch", &body).await?.expect(200)?;
        let outcomes = answer.json()?;
        let outcomes = outcomes.get("outcomes").and_then(Value::as_array);
        for outcome in outcomes.into_iter().flatten() {
            same("outcome", &outcome.get("outcome"), &Some(&json!("sent")))?;
            let id = outcome.get("application").and_then(Value::as_str).unwrap_or_default();
            ensure(
                filed.iter().any(|file| file.id == id && file.model == model),
                format!("{id} was not filed for {model}"),
            )?;
            ensure(outcome.get("receipt").is_some(), format!("{id} has no receipt"))?;
            sent += 1;
        }
    }
    same("applications sent", &sent, &filed.len())?;
    Ok(sent)
}

/// An application that is not ready is refused alone, with the reason.
async fn is_refused(
    operator: &Employer,
    campaign: &Campaign,
    unfinished: &str,
) -> StoryResult<usize> {
    let body =
        json!({ "campaign": campaign.id(), "model": MODELS[0], "applications": [unfinished] });
    let answer = operator.browser.post("/api/submissions/batch", &body).await?.expect(200)?;
    same("outcome", &answer.text("/outcomes/0/outcome")?.as_str(), &"not-ready")?;
    ensure(!answer.text("/outcomes/0/problem/detail")?.is_empty(), "the refusal does not say why")?;
    let row = operator.application(unfinished).await?;
    same("state after the refusal", &row.get("state"), &Some(&json!("to-complete")))?;
    Ok(1)
}

/// ORG-4: at once, in every function; a new sign-in makes a private user who sees none of the files.
async fn is_withdrawn(
    world: &World,
    association: &Body,
    operator: &Employer,
    filed: &[File],
) -> StoryResult {
    let account = world.account(&operator.demo.representative).await?;
    let path = format!("{}/operators/{account}/leaving", association.path);
    association.contact.browser.post(&path, &json!({})).await?.expect(200)?;
    for path in ["/api/session", "/api/applications", "/api/applications/readiness"] {
        operator.browser.get(path).await?.refused(401, "sessione-scaduta")?;
    }
    operator.signs_in(2).await?.expect(303)?;
    same("role after the leaving", &role(operator).await?.as_str(), &"employer")?;
    for file in filed {
        let path = format!("/api/applications/{}", file.id);
        operator.browser.get(&path).await?.refused(404, "non-trovata")?;
    }
    Ok(())
}

/// ORG-4: the contact hands all files to a colleague, who can then act on them; the history says so.
async fn hands_over(
    world: &World,
    association: &Body,
    operator: &Employer,
    colleague: &Employer,
    filed: &[File],
) -> StoryResult {
    let from = world.account(&operator.demo.representative).await?;
    let to = world.account(&colleague.demo.representative).await?;
    let path = format!("{}/hand-overs", association.path);
    let body = json!({ "from": from, "to": to });
    let answer = association.contact.browser.post(&path, &body).await?.expect(200)?.json()?;
    let moved = answer.get("handed_over").and_then(Value::as_array).map_or(0, Vec::len);
    same("files handed over", &moved, &(filed.len() + 1))?;
    for file in filed {
        let row = colleague.application(&file.id).await?;
        same("state in the colleague's list", &row.get("state"), &Some(&json!("submitted")))?;
    }
    let first = filed.first().map(|file| file.id.as_str()).unwrap_or_default();
    let history = colleague.history(first).await?;
    ensure(
        history.iter().any(|event| event.to_string().contains("hand-over")),
        format!("the history does not tell of the hand-over: {history:?}"),
    )
}
