//! E-mail accounts against the deployed portal: what people do, and what must not work (ACC-1 to ACC-7, PRV-1).

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    campaign::{Campaign, Profile},
    email_address::EmailAddress,
    ids::{AccountId, SessionId},
    permission::Role,
};
use futures::future::join_all;
use harness::{
    account_journey,
    browser::{Answer, Call},
    campaigns::Plan,
    email_person::{
        ACTIVATION, CHECK_CODE, CONFIRMATION, EXISTS, EmailPerson, PASSWORD, RECOVERY, token,
    },
    employer::Employer,
    fault_proxy::{Fault, Order},
    stock,
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    accounts::FormerOperator,
    attempts::{Attempts, PASSWORD_TRIES, PASSWORDS_COMPARED},
    keys,
    letters::hashed_token,
    sessions::Caller,
};

const SESSION: &str = "/api/session";
const ACCOUNT: &str = "/api/account";
const ACCOUNTS: &str = "/api/accounts";
const EXPORT: &str = "/api/account/export";

async fn arrives() -> StoryResult<(World, EmailPerson)> {
    let world = World::enter().await?;
    let person = world.email_person()?;
    Ok((world, person))
}

async fn with_account() -> StoryResult<(World, EmailPerson)> {
    let (world, person) = arrives().await?;
    person.has_account().await?;
    Ok((world, person))
}

/// Whether the address has an account.
async fn account_of(world: &World, person: &EmailPerson) -> StoryResult<Option<AccountId>> {
    Ok(world.email_accounts().await?.account_of(&person.address.parse()?).await?)
}

/// Changes a row of the sessions' table as time would.
async fn is_over(world: &World, key: &keys::Key) -> StoryResult {
    let (store, _) = world.store();
    store
        .update_item()
        .table_name(world.environment.text("SESSIONS_TABLE")?)
        .set_key(Some(key.item()))
        .update_expression("SET ends = :now")
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_values(
            ":now",
            AttributeValue::N(clock::wall().as_millisecond().to_string()),
        )
        .send()
        .await?;
    Ok(())
}

/// The parts of an answer by which a stranger could tell two answers apart: all but random values and times.
fn shape(answer: &Answer) -> StoryResult<(u16, Vec<String>, String, Option<String>)> {
    let body = answer.json()?;
    let names = body.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
    let message = body["message"].as_str().unwrap_or_default().to_owned();
    Ok((answer.status, names, message, answer.header("content-type").map(str::to_owned)))
}

// The whole way

#[tokio::test]
async fn the_journey_of_an_e_mail_account_arrives() -> StoryResult {
    let world = World::enter().await?;
    Box::pin(account_journey::run(&world, &|_, _| {})).await
}

// Registration (ACC-1)

/// ACC-1: all mistakes of one attempt are reported together, each beside its field.
#[tokio::test]
async fn all_mistakes_of_a_registration_are_told_at_once() -> StoryResult {
    let (world, person) = arrives().await?;
    let form = json!({
        "given_name": " 123 ", "family_name": "", "birth_date": "2190-01-01",
        "email": "non-un-indirizzo", "email_repeated": "altro@posta.demo.invalid",
        "password": "corta", "password_repeated": "diversa", "consent": false,
        "human_check": "x", "ruolo": "amministratore",
    });
    let refused = person.browser.post(ACCOUNTS, &form).await?.refused(422, "campi-non-validi")?;
    let pairs = refused.refused_fields();
    let found: Vec<(&str, &str)> =
        pairs.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    same(
        "mistakes",
        &found,
        &vec![
            ("birth_date", "non-plausibile"),
            ("campaign", "obbligatorio"),
            ("consent", "obbligatorio"),
            ("email", "non-valido"),
            ("family_name", "non-valido"),
            ("given_name", "non-valido"),
            ("human_check", "verifica-errata"),
            ("password", "senza-cifre"),
            ("password", "troppo-corta"),
            ("password_repeated", "diverso"),
            ("privacy_version", "obbligatorio"),
            ("ruolo", "sconosciuto"),
        ],
    )?;
    same("account", &account_of(&world, &person).await?, &None)
}

/// ACC-1, PRV-1: the consent is kept with the version of the notice that was read and the instant, and stands in the
/// person's own data and in the export. An old version, or a decree that does not exist, registers nobody.
#[tokio::test]
async fn the_consent_of_a_registration_is_kept_with_version_and_instant() -> StoryResult {
    let (world, person) = arrives().await?;
    let (campaign, version) = person.privacy.clone();
    for (field, value, code) in
        [("privacy_version", "2016-04-27", "superata"), ("campaign", "decreto-1999", "sconosciuto")]
    {
        let check = person.human_check().await?;
        let form = person.registration_with(&check, &[(field, json!(value))]);
        let refused =
            person.browser.post(ACCOUNTS, &form).await?.refused(422, "campi-non-validi")?;
        same("mistakes", &refused.refused_fields(), &vec![pair(field, code)])?;
    }
    same("account", &account_of(&world, &person).await?, &None)?;

    let before = clock::wall();
    person.has_account().await?;
    person.signs_in().await?;
    let account = person.browser.get(ACCOUNT).await?.expect(200)?.json()?;
    let export = person.browser.get(EXPORT).await?.expect(200)?.json()?;
    for consent in [&account["consent"], &export["account"]["consent"]] {
        same("campaign", &consent["campaign"], &json!(campaign))?;
        same("version", &consent["privacy_version"], &json!(version))?;
        let at: Timestamp = consent["at"].as_str().unwrap_or_default().parse()?;
        let spread = SignedDuration::from_secs(60);
        ensure(before - spread <= at && at <= clock::wall() + spread, format!("given at {at}"))?;
    }
    Ok(())
}

/// ACC-1: the commonest passwords are refused, 64 and 128 characters are allowed, 129 are not.
#[tokio::test]
async fn long_passwords_are_welcome_and_common_ones_are_not() -> StoryResult {
    let (world, mut person) = arrives().await?;
    for common in ["password1", "qwerty123", "annamaria1980", "12345678"] {
        person.password = common.to_owned();
        let form = person.registration(&person.human_check().await?);
        let refused =
            person.browser.post(ACCOUNTS, &form).await?.refused(422, "campi-non-validi")?;
        same("mistakes", &refused.refused_fields(), &vec![pair("password", "troppo-comune")])?;
    }
    person.password = "lanterna 7 ".repeat(12).chars().take(129).collect();
    let form = person.registration(&person.human_check().await?);
    let refused = person.browser.post(ACCOUNTS, &form).await?.refused(422, "campi-non-validi")?;
    same("mistakes", &refused.refused_fields(), &vec![pair("password", "troppo-lunga")])?;
    same("letters", &person.mailbox.letters().await?.len(), &0)?;
    for length in [64, 128] {
        let mut person = world.email_person()?;
        person.password = "lanterna 7 ".repeat(12).chars().take(length).collect();
        person.has_account().await?;
        person.signs_in().await?;
    }
    Ok(())
}

/// ACC-2: an attempt to register an address that exists reveals nothing, and takes nothing from its owner.
#[tokio::test]
async fn registering_an_address_that_exists_looks_the_same_and_changes_nothing() -> StoryResult {
    let (world, person) = with_account().await?;
    let account = account_of(&world, &person).await?;
    let stranger = world.email_person()?;
    let mut thief = EmailPerson::with_address(&world, &person.address.to_uppercase())?;
    thief.password = "grimaldello-9-notte".to_owned();
    let unknown =
        person.browser.post(ACCOUNTS, &stranger.registration(&person.human_check().await?)).await?;
    let known =
        thief.browser.post(ACCOUNTS, &thief.registration(&thief.human_check().await?)).await?;
    same("answer", &shape(&known)?, &shape(&unknown)?)?;
    person.reads(EXISTS, 0).await?;
    same("letters of activation", &person.letters(ACTIVATION).await?.len(), &1)?;
    // Asking for another code gives the same answer, too.
    let again = |answer: &Answer| -> StoryResult<Value> {
        Ok(json!({ "registration": answer.text("/registration")? }))
    };
    let path = "/api/accounts/activation-codes";
    let of_known = thief.browser.post(path, &again(&known)?).await?;
    let of_unknown = person.browser.post(path, &again(&unknown)?).await?;
    same("answer to the second", &shape(&of_known)?, &shape(&of_unknown)?)?;
    same("account", &account_of(&world, &person).await?, &account)?;
    thief.signs_in_with(&thief.password).await?.refused(403, "credenziali-errate")?;
    person.signs_in().await.map(|_| ())
}

/// ACC-2: registered twice at once and activated both: exactly one account, and its password is that of its link.
#[tokio::test]
async fn two_registrations_of_one_address_become_one_account() -> StoryResult {
    let (world, first) = arrives().await?;
    let mut second = EmailPerson::with_address(&world, &first.address)?;
    second.password = "tramontana-42-bosco".to_owned();
    let (one, other) = futures::join!(first.registers(), second.registers());
    one?;
    other?;
    let (a, b) = (first.reads_activation(0).await?, first.reads_activation(1).await?);
    let answers = futures::join!(first.activates(&a.0, &a.1), second.activates(&b.0, &b.1));
    let statuses: BTreeSet<u16> = [answers.0?.status, answers.1?.status].into();
    same("answers", &statuses, &BTreeSet::from([200, 409]))?;
    let opened = [
        first.signs_in_with(&first.password).await?.status,
        first.signs_in_with(&second.password).await?.status,
    ];
    same("passwords that open", &opened.iter().filter(|status| **status == 200).count(), &1)
}

/// ACC-1: a human check is good once, and only as it was given.
#[tokio::test]
async fn a_human_check_is_good_once() -> StoryResult {
    let (world, person) = arrives().await?;
    let proof = person.human_check().await?;
    person.browser.post(ACCOUNTS, &person.registration(&proof)).await?.expect(202)?;
    let other = world.email_person()?;
    let refused = other
        .browser
        .post(ACCOUNTS, &other.registration(&proof))
        .await?
        .refused(422, "campi-non-validi")?;
    same("mistakes", &refused.refused_fields(), &vec![pair("human_check", "verifica-scaduta")])?;
    same("letters", &other.mailbox.letters().await?.len(), &0)
}

/// ACC-1: a person who cannot use the widget gets a code by mail, for that address alone and once.
#[tokio::test]
async fn a_mailed_code_replaces_the_widget_once_and_for_its_address_alone() -> StoryResult {
    let (world, person) = arrives().await?;
    person
        .browser
        .post("/api/human-check/mail", &json!({ "email": person.address }))
        .await?
        .expect(202)?;
    let code = person.reads("Codice di verifica", 0).await?.activation_code().unwrap_or_default();
    let other = world.email_person()?;
    let refused = other.browser.post(ACCOUNTS, &other.registration(&code)).await?;
    let refused = refused.refused(422, "campi-non-validi")?;
    same("mistakes", &refused.refused_fields(), &vec![pair("human_check", "verifica-errata")])?;
    person.browser.post(ACCOUNTS, &person.registration(&code)).await?.expect(202)?;
    let again = person.browser.post(ACCOUNTS, &person.registration(&code)).await?;
    again.refused(422, "campi-non-validi").map(|_| ())
}

/// Mass registration: the limit stops a client, whatever it writes into headers, and no other client.
#[tokio::test]
async fn mass_registration_from_one_client_is_stopped() -> StoryResult {
    let (world, person) = arrives().await?;
    let form = person.registration("x");
    let mut stopped = false;
    // The window is a minute, which may change under way: at most twice the limit passes.
    for n in 0..75 {
        let call = Call::new(Method::POST, ACCOUNTS)
            .header("x-forwarded-for", &format!("10.0.0.{n}"))
            .header("x-origin-secret", "indovinato")
            .json(&form);
        let answer = person.browser.send(call).await?;
        if answer.status == 429 {
            ensure(answer.number("/retry_after_s")? > 0, "it does not say how long to wait")?;
            stopped = true;
            break;
        }
        answer.refused(422, "campi-non-validi")?;
    }
    ensure(stopped, "nobody stopped 75 registrations")?;
    let other = world.email_person()?;
    other.browser.post(ACCOUNTS, &other.registration("x")).await?.expect(422).map(|_| ())
}

// Activation (ACC-2)

/// ACC-2: guesses in parallel never exceed five; the right code then opens nothing.
#[tokio::test]
async fn racing_guesses_of_an_activation_never_exceed_five() -> StoryResult {
    let (world, person) = arrives().await?;
    person.registers().await?;
    let (link, code) = person.reads_activation(0).await?;
    let guesses = (0..20).map(|n| {
        let (person, link) = (&person, &link);
        async move { person.activates(link, &format!("0000-00{n:02}")).await }
    });
    let mut wrong = 0;
    for answer in join_all(guesses).await {
        let answer = answer?;
        match answer.problem().as_deref() {
            Some("codice-errato") => wrong += 1,
            Some("tentativi-esauriti") => {}
            _ => return Err(answer.deviation("neither wrong nor exhausted")),
        }
    }
    same("guesses that were compared", &wrong, &5)?;
    person.activates(&link, &code).await?.refused(409, "tentativi-esauriti")?;
    same("account", &account_of(&world, &person).await?, &None)
}

/// ACC-2: a new code voids the old one, and comes at a limited rate.
#[tokio::test]
async fn a_new_code_voids_the_old_one_and_comes_at_a_limited_rate() -> StoryResult {
    let (world, person) = arrives().await?;
    let registration = person.registers().await?;
    let (old_link, old_code) = person.reads_activation(0).await?;
    let ask = json!({ "registration": registration });
    let path = "/api/accounts/activation-codes";
    person.browser.post(path, &ask).await?.expect(202)?;
    let (link, code) = person.reads_activation(1).await?;
    ensure(link != old_link && code != old_code, "the secrets are the same")?;
    person.activates(&old_link, &old_code).await?.refused(409, "collegamento-non-valido")?;
    person.activates(&link, &old_code).await?.refused(422, "codice-errato")?;
    person.activates(&old_link, &code).await?.refused(409, "collegamento-non-valido")?;
    same("account", &account_of(&world, &person).await?, &None)?;
    let mut stopped = false;
    for _ in 0..3 {
        stopped |= person.browser.post(path, &ask).await?.status == 429;
    }
    ensure(stopped, "codes come as fast as they are asked for")
}

/// ACC-2: of two registrations with one address the later to be activated hears that the account is active.
#[tokio::test]
async fn whoever_activates_an_address_twice_hears_that_its_account_is_active() -> StoryResult {
    let (_world, person) = arrives().await?;
    person.registers().await?;
    let (first, first_code) = person.reads_activation(0).await?;
    person.registers().await?;
    let (second, second_code) = person.reads_activation(1).await?;
    person.activates(&second, &second_code).await?.expect(200)?;
    person.activates(&first, &first_code).await?.refused(409, "utenza-gia-attiva").map(|_| ())
}

/// ACC-2, ACC-5: a link is good once, for its own purpose, until its end.
#[tokio::test]
async fn a_link_is_good_once_for_its_purpose_until_its_end() -> StoryResult {
    let (world, person) = arrives().await?;
    person.registers().await?;
    let (link, code) = person.reads_activation(0).await?;
    let choice = json!({ "token": link, "password": PASSWORD, "password_repeated": PASSWORD });
    let recovery = "/api/account/recovery/password";
    person.browser.post(recovery, &choice).await?.refused(409, "collegamento-non-valido")?;
    let confirm = json!({ "token": link });
    person
        .browser
        .post("/api/account/email-confirmation", &confirm)
        .await?
        .refused(409, "collegamento-non-valido")?;
    person.activates(&link, &code).await?.expect(200)?;
    person.activates(&link, &code).await?.refused(409, "collegamento-non-valido")?;
    // Another registration, whose link is over.
    let late = world.email_person()?;
    late.registers().await?;
    let (link, code) = late.reads_activation(0).await?;
    is_over(&world, &keys::link(&hashed_token(&link))).await?;
    late.activates(&link, &code).await?.refused(409, "collegamento-non-valido")?;
    same("account", &account_of(&world, &late).await?, &None)?;
    // Tokens of no letter, and far too long ones.
    for wrong in ["", "x", &"A".repeat(43), &"A".repeat(400)] {
        person.activates(wrong, &code).await?.refused(409, "collegamento-non-valido")?;
    }
    Ok(())
}

/// The store cut the connection after the activation took effect: the account is there, once.
#[tokio::test]
async fn an_activation_that_was_cut_off_is_stored_once() -> StoryResult {
    for fault in [Fault::CutAfter, Fault::Throttle, Fault::Internal] {
        let (world, person) = arrives().await?;
        let registration = person.registers().await?;
        let (link, code) = person.reads_activation(0).await?;
        let order = fault_at(&world, "TransactWriteItems", &registration, 1, fault).await?;
        person.activates(&link, &code).await?.expect(200)?;
        same("faults", &world.emulator.fault_fired(order).await?, &1)?;
        world.emulator.cancel_fault(order).await?;
        person.signs_in().await?;
    }
    Ok(())
}

/// A store that stays away promises nothing, and the same link opens the account afterwards.
#[tokio::test]
async fn an_activation_that_failed_can_be_repeated() -> StoryResult {
    let (world, person) = arrives().await?;
    let registration = person.registers().await?;
    let (link, code) = person.reads_activation(0).await?;
    let order =
        fault_at(&world, "TransactWriteItems", &registration, 100, Fault::CutBefore).await?;
    person.activates(&link, &code).await?.refused(503, "servizio-non-disponibile")?;
    world.emulator.cancel_fault(order).await?;
    same("account", &account_of(&world, &person).await?, &None)?;
    person.activates(&link, &code).await?.expect(200)?;
    person.signs_in().await.map(|_| ())
}

// Sign-in with a password (ACC-3, ACC-7)

/// Neither status nor body tell an unknown address from a wrong password.
#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_refused_alike() -> StoryResult {
    let (world, person) = with_account().await?;
    let unknown = world.email_person()?;
    let wrong = person.signs_in_with("sbagliata-1-davvero").await?;
    let nobody = unknown.signs_in_with("sbagliata-1-davvero").await?;
    let told = |answer: &Answer| -> StoryResult<Value> {
        let mut body = answer.json()?;
        body["request_id"] = Value::Null;
        Ok(body)
    };
    same("answer", &told(&wrong)?, &told(&nobody)?)?;
    let nobody = nobody.refused(403, "credenziali-errate")?;
    ensure(nobody.set_cookies().is_empty(), "a refusal sets cookies")?;
    wrong.refused(403, "credenziali-errate")?;
    person.browser.get(SESSION).await?.refused(401, "sessione-assente").map(|_| ())
}

/// After five tries an address needs a human check, the right password, too; with it the person gets in.
#[tokio::test]
async fn after_five_tries_a_human_check_is_asked_for() -> StoryResult {
    let (_world, person) = with_account().await?;
    for n in 1..=5 {
        let refused = person
            .signs_in_with("sbagliata-1-davvero")
            .await?
            .refused(403, "credenziali-errate")?;
        same("asked", &refused.json()?["human_check_required"], &json!(n >= 5))?;
    }
    let refused = person.signs_in_with(&person.password).await?.refused(422, "campi-non-validi")?;
    same("mistakes", &refused.refused_fields(), &vec![pair("human_check", "verifica-richiesta")])?;
    ensure(refused.set_cookies().is_empty(), "it signs in without the human check")?;
    let body = json!({
        "email": person.address, "password": person.password,
        "human_check": person.human_check().await?,
    });
    person.browser.post("/api/sign-in/password", &body).await?.expect(200)?;
    person.browser.get(SESSION).await?.expect(200).map(|_| ())
}

/// ACC-3, ADR 11: after thirty wrong passwords of one client, at whatever addresses, each try needs a human check.
#[tokio::test]
async fn one_password_at_many_addresses_soon_needs_a_human_check() -> StoryResult {
    let (world, person) = with_account().await?;
    let wrong = "sbagliata-1-davvero";
    let mut strangers = person.clone();
    for n in 1..=30 {
        strangers.address = world.email_person()?.address;
        let refused = strangers.signs_in_with(wrong).await?.refused(403, "credenziali-errate")?;
        same("asked", &refused.json()?["human_check_required"], &json!(n >= 30))?;
    }
    let refused = person.signs_in_with(&person.password).await?.refused(422, "campi-non-validi")?;
    same("mistakes", &refused.refused_fields(), &vec![pair("human_check", "verifica-richiesta")])?;
    ensure(refused.set_cookies().is_empty(), "it signs in without the human check")?;
    // Another client is not concerned.
    EmailPerson::with_address(&world, &person.address)?.signs_in().await.map(|_| ())
}

/// ACC-3: a person who only types a stranger's address, without a human check, does not lock the stranger out.
#[tokio::test]
async fn nobody_is_locked_out_by_tries_without_a_human_check() -> StoryResult {
    let (world, person) = with_account().await?;
    let stranger = EmailPerson::with_address(&world, &person.address)?;
    for _ in 0..5 {
        let tried = stranger.signs_in_with("sbagliata-1-davvero").await?;
        tried.refused(403, "credenziali-errate")?;
    }
    for _ in 0..50 {
        let tried = stranger.signs_in_with("sbagliata-1-davvero").await?;
        tried.refused(422, "campi-non-validi")?;
    }
    let body = json!({
        "email": person.address, "password": person.password,
        "human_check": person.human_check().await?,
    });
    person.browser.post("/api/sign-in/password", &body).await?.expect(200).map(|_| ())
}

/// ACC-3, ACC-5: a stranger's tries keep no owner out: a code from the mailbox opens the way at once, and a new password
/// lifts the stop; who only knows the address stays outside.
#[tokio::test]
async fn the_owner_of_an_address_gets_in_whatever_strangers_tried() -> StoryResult {
    let (world, mut person) = with_account().await?;
    let address: EmailAddress = person.address.parse()?;
    let opaque = world.email_accounts().await?.opaque(&address);
    let attempts =
        Attempts::new(world.store().0.clone(), world.environment.text("SESSIONS_TABLE")?);
    for limit in [&PASSWORD_TRIES, &PASSWORDS_COMPARED] {
        // The next hour, too, should it begin meanwhile.
        for hour in [clock::wall(), clock::wall() + SignedDuration::from_hours(1)] {
            for _ in 0..=limit.most {
                attempts.count_for(limit, &opaque, hour).await?;
            }
        }
    }
    let path = "/api/sign-in/password";
    let mut body = json!({
        "email": person.address, "password": person.password,
        "human_check": person.human_check().await?,
    });
    let stopped = person.browser.post(path, &body).await?.refused(429, "troppe-richieste")?;
    ensure(stopped.text("/detail")?.contains("codice per e-mail"), "the way in is not told")?;
    let ask = json!({ "email": person.address });
    person.browser.post("/api/human-check/mail", &ask).await?.expect(202)?;
    body["human_check"] = json!(person.reads(CHECK_CODE, 0).await?.activation_code());
    person.browser.post(path, &body).await?.expect(200)?;
    // The stop holds for everybody else.
    let stranger = EmailPerson::with_address(&world, &person.address)?;
    body["human_check"] = json!(stranger.human_check().await?);
    stranger.browser.post(path, &body).await?.refused(429, "troppe-richieste")?;

    // Strangers asked for recoveries, too: the owner opens the last link that came.
    let recovery = "/api/account/recovery";
    for _ in 0..3 {
        let ask = json!({ "email": person.address, "human_check": stranger.human_check().await? });
        stranger.browser.post(recovery, &ask).await?.expect(202)?;
    }
    let ask = json!({ "email": person.address, "human_check": person.human_check().await? });
    let stopped = person.browser.post(recovery, &ask).await?.refused(429, "troppe-richieste")?;
    ensure(stopped.text("/detail")?.contains("collegamento"), "the way in is not told")?;
    // Or asks with a code from the mailbox.
    let ask = json!({ "email": person.address });
    person.browser.post("/api/human-check/mail", &ask).await?.expect(202)?;
    let code = person.reads(CHECK_CODE, 1).await?.activation_code();
    let ask = json!({ "email": person.address, "human_check": code });
    person.browser.post(recovery, &ask).await?.expect(202)?;
    let link = token(&person.reads(RECOVERY, 2).await?)?;
    let again = "tramontana-44-bosco";
    let choice = json!({ "token": link, "password": again, "password_repeated": again });
    person.browser.post("/api/account/recovery/password", &choice).await?.expect(200)?;
    again.clone_into(&mut person.password);
    person.signs_in().await.map(|_| ())
}

/// ACC-7: after the switch's end a password gives help desk and the way to *Associa pratica*, nothing else.
#[tokio::test]
async fn a_password_that_was_switched_off_opens_no_account() -> StoryResult {
    let (world, person) = with_account().await?;
    let account = account_of(&world, &person).await?;
    let account = account.ok_or_else(|| world.story.deviation("no account"))?;
    let caller = Caller {
        account,
        session: SessionId::from_random(fresh()?),
        level: 0,
        role: Role::Employer,
        profile: Profile::Private,
        organisation: None,
        province: None,
        expires: clock::wall() + SignedDuration::from_mins(10),
    };
    stock::session(&world, &person.browser, &caller).await?;
    let session = person.browser.get(SESSION).await?.expect(200)?.json()?;
    let available: Vec<&str> = session["services"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|service| service["available"] == true)
        .filter_map(|service| service["service"].as_str())
        .collect();
    same("services", &available, &vec!["home", "sign-out"])?;
    for path in [ACCOUNT, "/api/applications", EXPORT, "/api/account/closure"] {
        person.browser.get(path).await?.refused(403, "livello-insufficiente")?;
    }
    let change = json!({ "given_name": "Altro" });
    person.browser.patch(ACCOUNT, &change).await?.refused(403, "livello-insufficiente")?;
    let found = world.accounts()?.find(&caller.account).await?;
    same("name", &found.map(|account| account.given_name), &Some(person.given_name.clone()))
}

// Personal data (ACC-4)

/// ACC-4: several data in one step; the current password is asked, other sessions end.
#[tokio::test]
async fn data_and_password_change_in_one_step_and_other_sessions_end() -> StoryResult {
    let (world, person) = with_account().await?;
    person.signs_in().await?;
    let elsewhere = EmailPerson::with_address(&world, &person.address)?;
    elsewhere.signs_in().await?;
    let next = "tramontana-42-bosco";
    let mut change = json!({
        "given_name": "Anna", "birth_date": "1981-04-26",
        "password": next, "password_repeated": next, "current_password": "sbagliata-1",
    });
    let refused = person.browser.patch(ACCOUNT, &change).await?.refused(422, "campi-non-validi")?;
    same("mistakes", &refused.refused_fields(), &vec![pair("current_password", "errata")])?;
    let shown = person.browser.get(ACCOUNT).await?.expect(200)?.json()?;
    same("name", &shown["given_name"], &json!(person.given_name))?;
    elsewhere.browser.get(SESSION).await?.expect(200)?;
    change["current_password"] = json!(person.password);
    person.browser.patch(ACCOUNT, &change).await?.expect(200)?;
    let shown = person.browser.get(ACCOUNT).await?.expect(200)?.json()?;
    same("name", &shown["given_name"], &json!("Anna"))?;
    same("birth date", &shown["birth_date"], &json!("1981-04-26"))?;
    elsewhere.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    person.signs_in_with(&person.password).await?.refused(403, "credenziali-errate")?;
    person.signs_in_with(next).await?.expect(200)?;
    person.reads("La tua password è cambiata", 0).await.map(|_| ())
}

/// ACC-4: a new address takes effect only once confirmed, and the old one gets a letter.
#[tokio::test]
async fn a_new_address_takes_effect_when_it_is_confirmed() -> StoryResult {
    let (world, person) = with_account().await?;
    person.signs_in().await?;
    let next = world.email_person()?;
    let change = json!({
        "email": next.address, "email_repeated": next.address, "current_password": person.password,
    });
    person.browser.patch(ACCOUNT, &change).await?.expect(200)?;
    person.reads("Richiesta di cambio", 0).await?;
    let link = token(&next.reads(CONFIRMATION, 0).await?)?;
    next.signs_in_with(&person.password).await?.refused(403, "credenziali-errate")?;
    person.signs_in().await?;
    let confirm = json!({ "token": link });
    let path = "/api/account/email-confirmation";
    next.browser.post(path, &confirm).await?.expect(200)?;
    next.browser.post(path, &confirm).await?.refused(409, "collegamento-non-valido")?;
    person.signs_in_with(&person.password).await?.refused(403, "credenziali-errate")?;
    next.signs_in_with(&person.password).await?.expect(200)?;
    // The old address is free again.
    same("account of the old address", &account_of(&world, &person).await?, &None)
}

/// ACC-4: of two new addresses the one that was asked for last counts: a mistyped one may be a stranger's.
#[tokio::test]
async fn a_mistyped_new_address_is_void_once_another_was_asked_for() -> StoryResult {
    let (world, person) = with_account().await?;
    person.signs_in().await?;
    let (stranger, next) = (world.email_person()?, world.email_person()?);
    let mut links = Vec::new();
    for wanted in [&stranger, &next] {
        person.browser.patch(ACCOUNT, &new_address(&person, wanted)).await?.expect(200)?;
        links.push(json!({ "token": token(&wanted.reads(CONFIRMATION, 0).await?)? }));
    }
    let path = "/api/account/email-confirmation";
    let (mistyped, right) = (&links[0], &links[1]);
    stranger.browser.post(path, mistyped).await?.refused(409, "collegamento-non-valido")?;
    next.browser.post(path, right).await?.expect(200)?;
    stranger.browser.post(path, mistyped).await?.refused(409, "collegamento-non-valido")?;
    same("account of the stranger", &account_of(&world, &stranger).await?, &None)?;
    next.signs_in_with(&person.password).await?.expect(200).map(|_| ())
}

/// ACC-4, ACC-5: an intruder who had the password and asked for another address keeps nothing once the owner recovers
/// the account.
#[tokio::test]
async fn a_recovery_voids_a_new_address_that_waits() -> StoryResult {
    let (world, person) = with_account().await?;
    let thief = world.email_person()?;
    let machine = EmailPerson::with_address(&world, &person.address)?;
    machine.signs_in().await?;
    machine.browser.patch(ACCOUNT, &new_address(&person, &thief)).await?.expect(200)?;
    let stolen = json!({ "token": token(&thief.reads(CONFIRMATION, 0).await?)? });
    let asked = json!({ "email": person.address, "human_check": person.human_check().await? });
    person.browser.post("/api/account/recovery", &asked).await?.expect(202)?;
    let link = token(&person.reads(RECOVERY, 0).await?)?;
    let next = "tramontana-42-bosco";
    let choice = json!({ "token": link, "password": next, "password_repeated": next });
    person.browser.post("/api/account/recovery/password", &choice).await?.expect(200)?;
    let path = "/api/account/email-confirmation";
    thief.browser.post(path, &stolen).await?.refused(409, "collegamento-non-valido")?;
    same("account of the thief", &account_of(&world, &thief).await?, &None)?;
    machine.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    person.signs_in_with(next).await?.expect(200).map(|_| ())
}

/// ACC-4, ACC-5: a link for a new password that lies in the former mailbox is good for nothing once the address is another.
#[tokio::test]
async fn a_recovery_in_the_former_mailbox_is_void() -> StoryResult {
    let (world, person) = with_account().await?;
    let asked = json!({ "email": person.address, "human_check": person.human_check().await? });
    person.browser.post("/api/account/recovery", &asked).await?.expect(202)?;
    let link = token(&person.reads(RECOVERY, 0).await?)?;
    person.signs_in().await?;
    let next = world.email_person()?;
    person.browser.patch(ACCOUNT, &new_address(&person, &next)).await?.expect(200)?;
    let confirm = json!({ "token": token(&next.reads(CONFIRMATION, 0).await?)? });
    next.browser.post("/api/account/email-confirmation", &confirm).await?.expect(200)?;
    let chosen = "tramontana-42-bosco";
    let choice = json!({ "token": link, "password": chosen, "password_repeated": chosen });
    let path = "/api/account/recovery/password";
    person.browser.post(path, &choice).await?.refused(409, "collegamento-non-valido")?;
    next.signs_in_with(chosen).await?.refused(403, "credenziali-errate")?;
    next.signs_in_with(&person.password).await?.expect(200).map(|_| ())
}

/// ACC-2, ACC-4: a change to an address that has an account reveals nothing and takes nothing.
#[tokio::test]
async fn somebody_elses_address_cannot_be_taken() -> StoryResult {
    let (world, person) = with_account().await?;
    let owner = world.email_person()?;
    owner.has_account().await?;
    person.signs_in().await?;
    let change = |address: &str| json!({ "email": address, "email_repeated": address, "current_password": person.password });
    let taken = person.browser.patch(ACCOUNT, &change(&owner.address)).await?;
    let fresh = world.email_person()?;
    let free = person.browser.patch(ACCOUNT, &change(&fresh.address)).await?;
    same("answer", &shape(&taken)?, &shape(&free)?)?;
    owner.reads(EXISTS, 0).await?;
    same("links at the other's", &owner.letters(CONFIRMATION).await?.len(), &0)?;
    owner.signs_in().await.map(|_| ())
}

/// ACC-4: what comes from SPID or CIE is refused field by field.
#[tokio::test]
async fn what_comes_from_an_identity_is_not_changed_here() -> StoryResult {
    let world = World::enter().await?;
    let employer = world.employer()?;
    employer.signs_in(2).await?.expect(303)?;
    let change = json!({ "given_name": "Altro", "email": "a@posta.demo.invalid", "password": "x" });
    let refused =
        employer.browser.patch(ACCOUNT, &change).await?.refused(422, "campi-non-validi")?;
    let fields: Vec<String> =
        refused.refused_fields().into_iter().map(|(field, _)| field).collect();
    same("fields", &fields, &vec!["email".into(), "given_name".into(), "password".into()])?;
    let shown = employer.browser.get(ACCOUNT).await?.expect(200)?.json()?;
    same("kind", &shown["kind"], &json!("identity"))?;
    same("name", &shown["given_name"], &json!(employer.demo.representative.first_name))
}

// Recovery (ACC-5)

/// ACC-5: the answer is the same whether or not the address is known; only a known one gets a letter.
#[tokio::test]
async fn recovery_answers_alike_and_ends_all_sessions() -> StoryResult {
    let (world, person) = with_account().await?;
    person.signs_in().await?;
    let unknown = world.email_person()?;
    let ask = async |person: &EmailPerson| -> StoryResult<Answer> {
        // Another spelling: the letter goes to the mailbox that was confirmed.
        let address = person.address.to_uppercase();
        let body = json!({ "email": address, "human_check": person.human_check().await? });
        person.browser.post("/api/account/recovery", &body).await
    };
    let (known, nobody) = (ask(&person).await?, ask(&unknown).await?);
    same("answer", &shape(&known)?, &shape(&nobody)?)?;
    ask(&person).await?.expect(202)?;
    let first = token(&person.reads(RECOVERY, 0).await?)?;
    let second = token(&person.reads(RECOVERY, 1).await?)?;
    same("letters to nobody", &unknown.mailbox.letters().await?.len(), &0)?;
    let next = "tramontana-42-bosco";
    let choice = |link: &str| json!({ "token": link, "password": next, "password_repeated": next });
    let path = "/api/account/recovery/password";
    // A mistake does not use the link up.
    let mut mistaken = choice(&first);
    mistaken["password"] = json!("corta1");
    person.browser.post(path, &mistaken).await?.refused(422, "campi-non-validi")?;
    person.browser.post(path, &choice(&first)).await?.expect(200)?;
    // The same link again, and a second one that was asked for before the change.
    person.browser.post(path, &choice(&first)).await?.refused(409, "collegamento-non-valido")?;
    person.browser.post(path, &choice(&second)).await?.refused(409, "collegamento-non-valido")?;
    person.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    person.signs_in_with(&person.password).await?.refused(403, "credenziali-errate")?;
    person.signs_in_with(next).await?.expect(200).map(|_| ())
}

/// Cut off after it took effect, a new password is stored, the link used up, the sessions over.
#[tokio::test]
async fn a_recovery_that_was_cut_off_is_stored_once() -> StoryResult {
    let (world, person) = with_account().await?;
    person.signs_in().await?;
    let body = json!({ "email": person.address, "human_check": person.human_check().await? });
    person.browser.post("/api/account/recovery", &body).await?.expect(202)?;
    let link = token(&person.reads(RECOVERY, 0).await?)?;
    let next = "tramontana-42-bosco";
    let choice = json!({ "token": link, "password": next, "password_repeated": next });
    let hashed = hashed_token(&link);
    let order = fault_at(&world, "TransactWriteItems", &hashed, 1, Fault::CutAfter).await?;
    person.browser.post("/api/account/recovery/password", &choice).await?.expect(200)?;
    world.emulator.cancel_fault(order).await?;
    person.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    person.signs_in_with(next).await?.expect(200).map(|_| ())
}

// Closing and exporting (ACC-6, PRV-1)

/// ACC-6: drafts go with their content, what was sent stays, the address is free again.
#[tokio::test]
async fn closing_takes_drafts_along_and_leaves_what_was_sent() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let draft = stock::ready_for(&world, &campaign, &employer).await?;
    let sent = stock::ready_for(&world, &campaign, &employer).await?;
    employer.submits(sent.id.as_str(), &campaign).await?.expect(200)?;
    let announced = employer.browser.get("/api/account/closure").await?.expect(200)?.json()?;
    same("drafts", &announced["drafts"], &json!(1))?;
    same("submitted", &announced["submitted"], &json!(1))?;
    let path = "/api/account/closure";
    for body in [json!({}), json!({ "confirm": false }), json!({ "confirm": "sì" })] {
        employer.browser.post(path, &body).await?.refused(422, "campi-non-validi")?;
    }
    let applications = world.applications()?;
    let state = async |id| -> StoryResult<Option<&'static str>> {
        Ok(applications.head(id).await?.map(|head| head.state().code()))
    };
    same("draft before", &state(&draft.id).await?, &Some("to-send"))?;
    let account = world.account(&employer.demo.representative).await?;
    let closed = employer.browser.post(path, &json!({ "confirm": true })).await?.expect(200)?;
    same("drafts", &closed.json()?["drafts"], &json!(1))?;
    same("draft", &state(&draft.id).await?, &Some("deleted"))?;
    same("content", &world.drafts()?.load(&draft.id).await?.values().len(), &0)?;
    ensure(state(&sent.id).await? != Some("deleted"), "what was sent is gone")?;
    same("account", &world.accounts()?.find(&account).await?.is_none(), &true)?;
    employer.browser.get(SESSION).await?.expect(401)?;
    // A person who comes back with SPID begins anew, and finds what was sent.
    employer.signs_in(2).await?.expect(303)?;
    employer.browser.get(&format!("/api/applications/{}", sent.id)).await?.expect(200).map(|_| ())
}

/// ACC-6: cut off half-way, the account is there and the next try closes it.
#[tokio::test]
async fn a_closure_that_failed_half_way_is_completed_by_the_next_try() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let draft = stock::ready_for(&world, &campaign, &employer).await?;
    let account = world.account(&employer.demo.representative).await?;
    // The end of the sessions is written with the account's end, and nowhere else here.
    let ending = keys::sessions_of(&account);
    let order = fault_at(&world, "TransactWriteItems", &ending, 100, Fault::CutBefore).await?;
    let path = "/api/account/closure";
    let confirmed = json!({ "confirm": true });
    employer.browser.post(path, &confirmed).await?.refused(503, "servizio-non-disponibile")?;
    world.emulator.cancel_fault(order).await?;
    employer.browser.get(SESSION).await?.expect(200)?;
    same("account", &world.accounts()?.find(&account).await?.is_some(), &true)?;
    employer.browser.post(path, &confirmed).await?.expect(200)?;
    same("account", &world.accounts()?.find(&account).await?.is_none(), &true)?;
    employer.browser.get(SESSION).await?.expect(401)?;
    let head = world.applications()?.head(&draft.id).await?;
    same("draft", &head.map(|head| head.state().code()), &Some("deleted"))
}

/// ACC-6: a closed e-mail account is gone; the person needs a new registration to use the portal again.
#[tokio::test]
async fn a_closed_e_mail_account_is_gone_and_its_address_free() -> StoryResult {
    let (world, person) = with_account().await?;
    person.signs_in().await?;
    let elsewhere = EmailPerson::with_address(&world, &person.address)?;
    elsewhere.signs_in().await?;
    let closed = person
        .browser
        .post("/api/account/closure", &json!({ "confirm": true }))
        .await?
        .expect(200)?;
    ensure(
        closed.set_cookies().iter().all(|cookie| cookie.contains("Max-Age=0")),
        "cookies are left behind",
    )?;
    elsewhere.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    person.signs_in_with(&person.password).await?.refused(403, "credenziali-errate")?;
    same("account", &account_of(&world, &person).await?, &None)?;
    person.reads("La tua utenza è chiusa", 0).await?;
    person.registers().await?;
    let (link, code) = person.reads_activation(1).await?;
    person.activates(&link, &code).await?.expect(200).map(|_| ())
}

/// ACC-6, IDP-3: an officer's account is not closed by a click.
#[tokio::test]
async fn an_officers_account_is_not_closed_here() -> StoryResult {
    let world = World::enter().await?;
    let officer = world.employer()?;
    let person = &officer.demo.representative;
    let account = world.enables(person, Role::Officer, Profile::Private, None, Some("FG")).await?;
    officer.signs_in(2).await?.expect(303)?;
    let path = "/api/account/closure";
    let refused = officer.browser.post(path, &json!({ "confirm": true })).await?;
    refused.refused(403, "azione-non-consentita")?;
    officer.browser.get(SESSION).await?.expect(200)?;
    ensure(world.accounts()?.find(&account).await?.is_some(), "the account is gone")
}

/// PRV-1: all data of the person and none of anybody else.
#[tokio::test]
async fn the_export_holds_ones_own_data_alone() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let own = stock::ready_for(&world, &campaign, &employer).await?;
    let other = world.employer()?;
    let foreign = stock::ready_for(&world, &campaign, &other).await?;
    let answer = employer.browser.get(EXPORT).await?.expect(200)?;
    ensure(
        answer.header("content-disposition").is_some_and(|value| value.starts_with("attachment")),
        "it is no download",
    )?;
    answer.is_kept_by_no_cache()?;
    let document = answer.json()?;
    let ids: Vec<&str> = document["applications"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|application| application["id"].as_str())
        .collect();
    same("applications", &ids, &vec![own.id.as_str()])?;
    ensure(
        !document.to_string().contains(foreign.id.as_str()),
        "it holds another person's application",
    )?;
    let values = document["applications"][0]["values"].as_object().map_or(0, serde_json::Map::len);
    ensure(values > 10, format!("it holds {values} values of the form"))?;
    same("address", &document["account"]["kind"], &json!("identity"))
}

/// PRV-1: the export holds what every row that is keyed by the account says; a row of a kind that it does not know fails
/// here.
#[tokio::test]
async fn the_export_holds_everything_that_is_kept_under_the_account() -> StoryResult {
    let (world, employer, campaign) = employer_with_session().await?;
    let own = stock::ready_for(&world, &campaign, &employer).await?;
    let account = world.account(&employer.demo.representative).await?;
    let association = world.association().await?;
    association.enables(&[&employer]).await?;
    employer.signs_in(2).await?.expect(303)?;
    employer.browser.post("/api/account/membership/refusal", &json!({})).await?.expect(200)?;
    employer.signs_in(2).await?.expect(303)?;
    let boss = world.official(Role::Administrator, None).await?;
    let body = json!({
        "fiscal_code": employer.demo.representative.fiscal_code.reveal(),
        "role": "officer", "province": "FG",
    });
    boss.browser.post("/api/officials", &body).await?.expect(201)?;
    let colleague = world.employer()?;
    let request = harness::organisations::municipal(&employer, &[&colleague])?;
    employer.browser.post("/api/enabling-requests", &request).await?.expect(201)?;
    let known = ["ACCOUNT", "ENABLING", "MEMBER", "REFUSAL"];
    same("kinds of rows under the account", &kinds_under(&world, &account).await?, &kinds(&known))?;

    let export = employer.browser.get(EXPORT).await?.expect(200)?.json()?;
    for pointer in [
        "/account/fiscal_code",
        "/account/email",
        "/created",
        "/last_sign_in",
        "/memberships/0/role",
        "/listed_as/surname",
        "/refused_organisations/0/organisation",
        "/appointments/0/event",
        "/enabling_requests/0/form",
        "/applications/0/values",
        "/applications/0/history/0",
    ] {
        ensure(
            export.pointer(pointer).is_some_and(|value| !value.is_null()),
            format!("{pointer} is not in the export"),
        )?;
    }
    same("application", &export["applications"][0]["id"], &json!(own.id))?;
    for list in ["remarks", "documents", "uploads", "evidence"] {
        ensure(export["applications"][0][list].is_array(), format!("{list} is missing"))?;
    }
    Ok(())
}

/// PRV-1, IDP-2: Anna linked her former account, which opens nothing any more: her export tells all that is kept of it, and of
/// its password only since when there is one. Bruno's tells nothing of it, nor does hers once the link is undone: then its own
/// holder reads that it was linked and undone, and of nobody else.
#[tokio::test]
async fn the_export_tells_of_a_linked_account_to_its_person_alone() -> StoryResult {
    let (world, anna, campaign) = employer_with_session().await?;
    let former = world.email_person()?.who_is(&anna);
    let formerly =
        FormerOperator { organisation: "Patronato Esempio".to_owned(), province: "FG".to_owned() };
    let account = former.is_imported(&world, Some(formerly)).await?;
    let one = world.imports_former_application(&campaign, &account).await?;
    let before = anna.browser.get(EXPORT).await?.expect(200)?.json()?;
    same("former accounts before", &before["former_accounts"], &json!([]))?;
    let mut proof = former.link_proof(one.id.as_str()).await?;
    proof["organisation"] = json!("Patronato Esempio");
    proof["province"] = json!("FG");
    anna.browser.post("/api/account/links", &proof).await?.expect(200)?;
    let known = ["ACCOUNT", "KEPT_PASSWORD", "LINK", "LINKED"];
    same("kinds of rows under it", &kinds_under(&world, &account).await?, &kinds(&known))?;

    let export = anna.browser.get(EXPORT).await?.expect(200)?.json()?;
    let told = &export["former_accounts"][0];
    same("account", &told["account"]["account"], &json!(account))?;
    same("address", &told["account"]["email"], &json!(former.address))?;
    same("organisation", &told["formerly"]["organisation"], &json!("Patronato Esempio"))?;
    same("events", &link_events(&told["links"]), &vec!["linked"])?;
    let followed = json!([
        { "application": one.id, "representative": true, "filer": true, "counted": true },
    ]);
    same("followed", &told["links"]["followed"], &followed)?;
    let kept = world.email_accounts().await?.kept_password(&account).await?;
    let kept = kept.ok_or_else(|| world.story.deviation("no password is kept"))?;
    let chosen = Timestamp::from_millisecond(kept.changed)?.to_string();
    same("password", &told["links"]["kept_password_chosen"], &json!(chosen))?;
    let hash = serde_json::to_value(&kept.hash)?;
    let hash = hash.as_str().filter(|hash| hash.len() > 20);
    let hash = hash.ok_or_else(|| world.story.deviation("the hash is no text"))?;
    ensure(!export.to_string().contains(hash), "the hash of the password is in the export")?;
    same("links of Anna's own account", &link_events(&export["links"]), &Vec::<&str>::new())?;
    let (_, bruno, _) = employer_with_session().await?;
    let others = bruno.browser.get(EXPORT).await?.expect(200)?.json()?.to_string();
    for datum in [account.as_str(), former.address.as_str(), one.id.as_str()] {
        ensure(!others.contains(datum), format!("Bruno reads {datum}"))?;
    }

    let boss = world.official(Role::Administrator, None).await?;
    let why = "Il titolare dice di non averla chiesta.";
    let undo = format!("/api/account/links/{account}/undo");
    boss.browser.post(&undo, &json!({ "reason": why })).await?.expect(200)?;
    let export = anna.browser.get(EXPORT).await?.expect(200)?.json()?;
    same("former accounts after", &export["former_accounts"], &json!([]))?;
    ensure(!export.to_string().contains(&former.address), "Anna reads the account of another")?;
    former.signs_in().await?;
    let export = former.browser.get(EXPORT).await?.expect(200)?.json()?;
    same("events", &link_events(&export["links"]), &vec!["linked", "undone"])?;
    same("followed", &export["links"]["followed"], &json!([]))?;
    same("kept password", &export["links"]["kept_password_chosen"], &Value::Null)?;
    same("password", &export["password_chosen"], &json!(chosen))?;
    let (anna, boss) = (&anna.demo.representative, &boss.demo.representative);
    let (anna, boss) = (world.account(anna).await?, world.account(boss).await?);
    let export = export.to_string();
    for datum in [why, boss.as_str(), anna.as_str()] {
        ensure(!export.contains(datum), format!("the export of the former account has {datum}"))?;
    }
    Ok(())
}

/// What became of the links that an export tells of.
fn link_events(links: &Value) -> Vec<&str> {
    let events = links["events"].as_array().into_iter().flatten();
    events.filter_map(|event| event["event"].as_str()).collect()
}

/// The kinds of rows that are keyed by an account: what stands before the first `#` of their sort keys.
async fn kinds_under(world: &World, account: &AccountId) -> StoryResult<BTreeSet<String>> {
    let (store, _) = world.store();
    let rows = store.query().table_name(world.environment.text("PORTAL_TABLE")?);
    let rows = rows.key_condition_expression("pk = :pk");
    let pk = AttributeValue::S(keys::account(account).pk);
    let rows = rows.expression_attribute_values(":pk", pk).consistent_read(true).send().await?;
    let sks = rows.items().iter().filter_map(|row| row.get("sk")?.as_s().ok());
    Ok(sks.map(|sk| sk.split('#').next().unwrap_or_default().to_owned()).collect())
}

fn kinds(known: &[&str]) -> BTreeSet<String> {
    known.iter().map(|kind| (*kind).to_owned()).collect()
}

/// A change of the address alone.
fn new_address(person: &EmailPerson, next: &EmailPerson) -> Value {
    json!({
        "email": next.address, "email_repeated": next.address, "current_password": person.password,
    })
}

/// An employer with a session of level 2 and a campaign, without the way over the identity provider.
async fn employer_with_session() -> StoryResult<(World, Employer, Campaign)> {
    let world = World::enter().await?;
    let campaign = Plan::new("utenze")?.publish(&world).await?;
    let mut employer = world.employer()?;
    employer.browser = world.browser_of_its_own()?;
    employer.signs_in(2).await?.expect(303)?;
    Ok((world, employer, campaign))
}

async fn fault_at(
    world: &World,
    operation: &str,
    contains: &str,
    times: u32,
    fault: Fault,
) -> StoryResult<u64> {
    let order = Order {
        operation: operation.to_owned(),
        contains: contains.to_owned(),
        nth: 1,
        times,
        fault,
    };
    world.emulator.order_fault(&order).await
}

fn pair(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    Ok(outside::aws::random::<N>()?)
}
