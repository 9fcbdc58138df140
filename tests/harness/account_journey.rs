//! The journey of an e-mail account: registered, activated, used, recovered, linked to SPID, exported, closed.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{
    campaigns::Plan,
    email_person::{RECOVERY, token},
    journey::Progress,
    story::{StoryResult, ensure, same},
    world::World,
};

/// What the person chooses after forgetting the first password.
const NEW_PASSWORD: &str = "tramontana-42-bosco";

/// Goes the whole way with a fresh person.
pub async fn run(world: &World, tell: &Progress<'_>) -> StoryResult {
    let mut begun = Instant::now();
    let mut step = |what: &str| {
        tell(what, begun.elapsed());
        begun = Instant::now();
    };
    let mut person = world.email_person()?;

    // ACC-1: first with mistakes; the portal names all of them at once.
    let form = person.registration_with(
        "x",
        &[
            ("email_repeated", json!("altro@posta.demo.invalid")),
            ("password", json!("password1")),
            ("consent", json!(false)),
        ],
    );
    let refused =
        person.browser.post("/api/accounts", &form).await?.refused(422, "campi-non-validi")?;
    let fields: Vec<_> = refused.refused_fields().into_iter().map(|(field, _)| field).collect();
    same(
        "mistakes",
        &fields.iter().map(String::as_str).collect::<Vec<_>>(),
        &vec!["consent", "email_repeated", "human_check", "password", "password_repeated"],
    )?;
    step("registrazione con errori: tutti indicati insieme");
    person.registers().await?;
    step("registrazione accettata");

    // ACC-2
    let (link, code) = person.reads_activation(0).await?;
    person.activates(&link, "0000-0000").await?.refused(422, "codice-errato")?;
    person.activates(&link, &code).await?.expect(200)?;
    step("utenza attivata con collegamento e codice");

    // ACC-3, PER-1, ACC-7
    person.signs_in().await?;
    let session = person.browser.get("/api/session").await?.expect(200)?.json()?;
    let start = service(&session, "start-application");
    same("start", &start.get("available"), &Some(&json!(false)))?;
    let why = start.get("why").and_then(Value::as_str).unwrap_or_default();
    ensure(why.contains("SPID"), "the service does not say why it is closed")?;
    let campaign = Plan::new("utenze")?.publish(world).await?;
    let mut employer = world.employer()?;
    employer.browser = world.browser_of_its_own()?;
    person
        .browser
        .post("/api/applications", &employer.preliminary_checks(&campaign))
        .await?
        .refused(403, "livello-insufficiente")?;
    step("accesso con password: area personale sì, domande no, con il motivo");

    // ACC-4
    let change = json!({
        "password": NEW_PASSWORD, "password_repeated": NEW_PASSWORD,
        "current_password": person.password, "given_name": "Anna Maria",
    });
    person.browser.patch("/api/account", &change).await?.expect(200)?;
    NEW_PASSWORD.clone_into(&mut person.password);
    step("password e nome cambiati in un solo passo");

    // ACC-5
    let ask = json!({ "email": person.address, "human_check": person.human_check().await? });
    person.browser.post("/api/account/recovery", &ask).await?.expect(202)?;
    let link = token(&person.reads(RECOVERY, 0).await?)?;
    let again = "tramontana-43-bosco";
    let choice = json!({ "token": link, "password": again, "password_repeated": again });
    person.browser.post("/api/account/recovery/password", &choice).await?.expect(200)?;
    person.browser.get("/api/session").await?.refused(401, "sessione-scaduta")?;
    again.clone_into(&mut person.password);
    person.signs_in().await?;
    step("password recuperata: le sessioni aperte sono chiuse");

    // IDP-2: a former account, which only a migration from the old portal brings along.
    let former = world.email_person()?.who_is(&employer);
    let account = former.is_imported(world, None).await?;
    let application = world.imports_former_application(&campaign, &account).await?;
    employer.signs_in(2).await?.expect(303)?;
    employer
        .browser
        .get(&format!("/api/applications/{}", application.id))
        .await?
        .refused(404, "non-trovata")?;
    let proof = former.link_proof(application.id.as_str()).await?;
    employer.browser.post("/api/account/links", &proof).await?.expect(200)?;
    employer.browser.get(&format!("/api/applications/{}", application.id)).await?.expect(200)?;
    step("Associa pratica: la domanda della vecchia utenza è nel riepilogo");

    // PRV-1, ACC-6
    let export = person.browser.get("/api/account/export").await?.expect(200)?.json()?;
    let address = export.pointer("/account/email").and_then(Value::as_str);
    same("address in the export", &address, &Some(person.address.as_str()))?;
    step("esportazione dei propri dati");
    person.browser.get("/api/account/closure").await?.expect(200)?;
    person.browser.post("/api/account/closure", &json!({ "confirm": true })).await?.expect(200)?;
    person.signs_in_with(&person.password).await?.refused(403, "credenziali-errate")?;
    step("utenza chiusa");
    Ok(())
}

/// A service of the personal area.
pub fn service(session: &Value, code: &str) -> Value {
    let services = session.get("services").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_it = |service: &Value| service.get("service").and_then(Value::as_str) == Some(code);
    services.into_iter().find(is_it).unwrap_or_default()
}
