//! Signing in against the deployed portal, and every way in which it must not succeed (IDP-1, IDP-4, FRM-5, ADR 0006).

use std::collections::BTreeSet;

use ::sign_in::{ATTEMPTS_PER_MINUTE, BROWSER_COOKIE, PROVIDERS_LIST, hashed};
use aws_sdk_dynamodb::types::AttributeValue;
use data_encoding::BASE64URL_NOPAD;
use domain::{
    campaign::Profile,
    ids::{AccountId, SessionId},
    permission::Role,
    return_path::ReturnPath,
};
use edge::{
    origin::ORIGIN_SECRET_HEADER,
    session::{REFRESH_COOKIE, SESSION_COOKIE, TokenKey},
};
use harness::{
    browser::{Answer, Browser, Call, From},
    fault_proxy::{Fault, Order},
    identity,
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{clock, key_ring::KeyRing};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use simulate_registries::DemoPerson;
use store::{
    keys,
    refresh_secrets::RefreshSecrets,
    sessions::{ACCESS_LASTS, Caller},
    sign_ins::{SIGN_IN_LASTS, SignIn, SignIns},
};

const SESSION: &str = "/api/session";
const REFRESH: &str = "/api/session/refresh";
const SIGN_OUT: &str = "/api/session/sign-out";
const EVERYWHERE: &str = "/api/session/sign-out-everywhere";

/// A fresh person with a browser of their own.
struct Visitor {
    world: World,
    browser: Browser,
    person: DemoPerson,
}

impl Visitor {
    async fn arrives() -> StoryResult<Self> {
        let world = World::enter().await?;
        let employer = world.employer()?;
        Ok(Self { browser: employer.browser, person: employer.demo.representative, world })
    }

    async fn signed_in() -> StoryResult<Self> {
        let visitor = Self::arrives().await?;
        identity::signs_in(&visitor.browser, &visitor.person, 2).await?.expect(303)?;
        Ok(visitor)
    }

    /// Decides on the provider's page, with changes; gives the address that leads back.
    async fn decides(&self, changes: &Value) -> StoryResult<String> {
        let page = identity::goes_to_provider(&self.browser).await?;
        self.decides_on(&page, changes).await
    }

    async fn decides_on(&self, page: &str, changes: &Value) -> StoryResult<String> {
        let mut decision = identity::decision(&self.person, 2);
        for (name, value) in changes.as_object().into_iter().flatten() {
            decision[name] = value.clone();
        }
        identity::decides(&self.browser, page, &decision).await
    }

    /// The refusal set no session, no session works, and the person has no account.
    async fn is_nobody(&self, answer: &Answer) -> StoryResult {
        sets_no_session(answer)?;
        ensure(self.browser.cookie(SESSION_COOKIE).is_none(), "the browser holds a session")?;
        ensure(self.browser.cookie(REFRESH_COOKIE).is_none(), "the browser holds a refresh token")?;
        self.browser.get(SESSION).await?.refused(401, "sessione-assente")?;
        self.browser.post(REFRESH, &json!({})).await?.refused(401, "sessione-assente")?;
        let account = self.world.account(&self.person).await?;
        ensure(
            self.world.accounts()?.find(&account).await?.is_none(),
            "the refused person has an account",
        )
    }

    async fn account(&self) -> StoryResult<AccountId> {
        self.world.account(&self.person).await
    }

    /// The session's identifier, which stands before the secret of the refresh token.
    fn session(&self) -> StoryResult<SessionId> {
        let token = self.browser.cookie(REFRESH_COOKIE).unwrap_or_default();
        Ok(token.split('.').next().unwrap_or_default().parse()?)
    }

    /// A caller as an access token of this session would name them.
    async fn caller(&self, expires: Timestamp) -> StoryResult<Caller> {
        Ok(Caller {
            account: self.account().await?,
            session: self.session()?,
            level: 2,
            role: Role::Employer,
            profile: Profile::Private,
            organisation: None,
            province: None,
            expires,
        })
    }
}

fn sets_no_session(answer: &Answer) -> StoryResult {
    let cookies = answer.set_cookies();
    let opens = |cookie: &String| {
        [SESSION_COOKIE, REFRESH_COOKIE].iter().any(|name| cookie.starts_with(&format!("{name}=")))
    };
    ensure(!cookies.iter().any(opens), format!("{answer}: sets a session"))
}

/// The portal refuses this deviation of the person or the provider with this problem, and opens no session.
async fn check_refused(
    changes: Value,
    status: u16,
    problem: &str,
    reason: Option<&str>,
) -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.decides(&changes).await?;
    let answer =
        identity::comes_back(&visitor.browser, &address).await?.refused(status, problem)?;
    if let Some(reason) = reason {
        same("reason", &answer.text("/reason")?.as_str(), &reason)?;
    }
    same("where to begin again", &answer.text("/retry")?.as_str(), &"/api/sign-in/spid?level=2")?;
    same("list of providers", &answer.text("/providers_list")?.as_str(), &PROVIDERS_LIST)?;
    answer.is_kept_by_no_cache()?;
    visitor.is_nobody(&answer).await
}

async fn check_defect(defect: &str) -> StoryResult {
    check_refused(
        json!({ "defect": defect }),
        403,
        "accesso-rifiutato",
        Some("risposta-non-valida"),
    )
    .await
}

async fn check_spid_error(code: u8, reason: &str) -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let page = identity::goes_to_provider(&visitor.browser).await?;
    let address =
        identity::decides(&visitor.browser, &page, &json!({ "error": code.to_string() })).await?;
    let answer = identity::comes_back(&visitor.browser, &address)
        .await?
        .refused(403, "accesso-rifiutato")?;
    same("SPID's number", &answer.number("/spid_code")?, &i64::from(code))?;
    same("reason", &answer.text("/reason")?.as_str(), &reason)?;
    visitor.is_nobody(&answer).await
}

/// The one value of a parameter in an address.
fn parameter(address: &str, name: &str) -> StoryResult<String> {
    let url = Url::parse(address)?;
    let found = url
        .query_pairs()
        .find(|(candidate, _)| candidate == name)
        .map(|(_, value)| value.into_owned());
    found.ok_or_else(|| harness::story::Deviation::new(format!("the address has no {name}")))
}

// Success

/// IDP-1, IDP-4: level 2 opens a session; the first sign-in creates a private user without any registration.
#[tokio::test]
async fn a_person_signs_in_at_level_2_and_is_a_private_user() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let answer = identity::signs_in(&visitor.browser, &visitor.person, 2).await?.expect(303)?;
    same("leads to", &answer.location()?, &format!("{}/area", visitor.world.portal()))?;
    answer.is_kept_by_no_cache()?;
    for cookie in answer.set_cookies() {
        let strict = cookie.contains("SameSite=Strict") || cookie.starts_with(BROWSER_COOKIE);
        ensure(
            strict && cookie.contains("HttpOnly") && cookie.contains("Secure"),
            format!("{answer}: an open cookie"),
        )?;
    }
    ensure(
        visitor.browser.cookie(BROWSER_COOKIE).is_none(),
        "the cookie of the sign-in is left behind",
    )?;
    let session = visitor.browser.get(SESSION).await?.expect(200)?;
    session.is_kept_by_no_cache()?;
    same("level", &session.number("/level")?, &2)?;
    same("role", &session.text("/role")?.as_str(), &Role::Employer.code())?;
    same("profile", &session.text("/profile")?.as_str(), &Profile::Private.code())?;
    same("account", &session.text("/account")?, &visitor.account().await?.to_string())?;
    same("given name", &session.text("/given_name")?, &visitor.person.first_name)?;
    same("family name", &session.text("/family_name")?, &visitor.person.last_name)?;
    ensure(
        !String::from_utf8_lossy(&session.body).contains(visitor.person.fiscal_code.reveal()),
        "the session tells the code",
    )
}

/// IDP-1: a sign-in leads back to the page where it began, kept with its state and not in the browser; never elsewhere.
#[tokio::test]
async fn a_sign_in_leads_back_to_the_page_where_it_began() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    for (asked, leads_to) in [
        ("%2Fdomande%3Fstato%3Dto-send", "/domande?stato=to-send"),
        ("%2F%2Fevil.example%2F", "/area"),
        ("%2Fapi%2Fsession", "/area"),
    ] {
        let begun = format!("/api/sign-in/spid?level=2&return_to={asked}");
        let page = visitor.browser.get(&begun).await?.expect(303)?.location()?;
        let address = visitor.decides_on(&page, &json!({ "level": 2 })).await?;
        let answer = identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
        let expected = format!("{}{leads_to}", visitor.world.portal());
        same("leads to", &answer.location()?, &expected)?;
    }
    Ok(())
}

/// IDP-1: a person whose browser shows the answer is led to a page that tells the refusal; a script gets the problem.
#[tokio::test]
async fn a_refused_sign_in_is_told_on_a_page() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let html = "text/html,application/xhtml+xml;q=0.9";
    for path in ["/api/sign-in/callback?state=x&error=access_denied", "/api/sign-in/spid?level=1"] {
        let shown = Call::new(Method::GET, path).header("accept", html);
        let told = visitor.browser.send(shown).await?.expect(303)?;
        let page = told.location()?;
        let reason = parameter(&page, "motivo")?;
        let problem = visitor.browser.get(path).await?.expect(403)?.json()?;
        let slug = problem["type"].as_str().unwrap_or_default().trim_start_matches("/problemi/");
        same("word", &reason.as_str(), &problem["reason"].as_str().unwrap_or(slug))?;
        ensure(page.contains("/accesso/esito?"), format!("led to {page}"))?;
        ensure(!parameter(&page, "id")?.is_empty(), "no identifier for the help desk")?;
        told.is_kept_by_no_cache()?;
    }
    visitor.is_nobody(&visitor.browser.get(SESSION).await?).await
}

/// IDP-1
#[tokio::test]
async fn a_person_signs_in_at_level_3() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let answer = visitor.browser.get("/api/sign-in/spid?level=3").await?.expect(303)?;
    let page = answer.location()?;
    same(
        "asked level",
        &parameter(&page, "acr_values")?.as_str(),
        &"https://www.spid.gov.it/SpidL3",
    )?;
    let address = visitor.decides_on(&page, &json!({ "level": 3 })).await?;
    identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
    same("level", &visitor.browser.get(SESSION).await?.expect(200)?.number("/level")?, &3)
}

/// Architecture, Edges: PKCE, state and nonce of 256 bits, all fresh for each sign-in; none of them is stored in the browser.
#[tokio::test]
async fn each_sign_in_has_its_own_state_nonce_and_challenge() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let answer = visitor.browser.get("/api/sign-in/spid").await?.expect(303)?;
    let (first, second) = (
        answer.location()?,
        visitor.browser.get("/api/sign-in/spid").await?.expect(303)?.location()?,
    );
    for name in ["state", "nonce", "code_challenge"] {
        let (first, second) = (parameter(&first, name)?, parameter(&second, name)?);
        ensure(first.len() == 43 && first != second, format!("{name} is short or used twice"))?;
        ensure(
            !answer.set_cookies().iter().any(|cookie| cookie.contains(&first)),
            format!("{name} stands in a cookie"),
        )?;
    }
    same("method", &parameter(&first, "code_challenge_method")?.as_str(), &"S256")?;
    same(
        "asked level",
        &parameter(&first, "acr_values")?.as_str(),
        &"https://www.spid.gov.it/SpidL2",
    )?;
    let cookie = answer.set_cookies().join(" ");
    for attribute in [BROWSER_COOKIE, "HttpOnly", "Secure", "SameSite=Lax", "Max-Age=600"] {
        ensure(cookie.contains(attribute), format!("{attribute} is missing in {cookie}"))?;
    }
    Ok(())
}

/// IDP-4: the fiscal code alone is the key: providers spell names differently.
#[tokio::test]
async fn the_same_person_with_another_name_has_the_same_account() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let account = visitor.browser.get(SESSION).await?.expect(200)?.text("/account")?;
    let swapped =
        json!({ "given_name": visitor.person.last_name, "family_name": visitor.person.first_name });
    let address = visitor.decides(&swapped).await?;
    identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
    let session = visitor.browser.get(SESSION).await?.expect(200)?;
    same("account", &session.text("/account")?, &account)?;
    same("given name", &session.text("/given_name")?, &visitor.person.last_name)
}

/// IDP-4: enabling later replaces the profile at the next sign-in.
#[tokio::test]
async fn an_enabled_operator_signs_in_as_one() -> StoryResult {
    let world = World::enter().await?;
    let (operator, organisation) = world.operator().await?;
    operator.signs_in(2).await?.expect(303)?;
    let session = operator.browser.get(SESSION).await?.expect(200)?;
    same("role", &session.text("/role")?.as_str(), &Role::Operator.code())?;
    same("profile", &session.text("/profile")?.as_str(), &Profile::Organisation.code())?;
    same("organisation", &session.text("/organisation")?, &organisation.to_string())
}

/// A double click on "Entra con SPID" begins twice; whichever page is used leads to a session.
#[tokio::test]
async fn a_double_click_at_the_beginning_costs_nobody_the_sign_in() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let first = identity::goes_to_provider(&visitor.browser).await?;
    identity::goes_to_provider(&visitor.browser).await?;
    let address = visitor.decides_on(&first, &json!({})).await?;
    identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

// Levels

/// IDP-1: SPID level 1 is refused with an explanation.
#[tokio::test]
async fn level_1_is_refused() -> StoryResult {
    check_refused(json!({ "level": 1 }), 403, "livello-insufficiente", None).await
}

/// IDP-1
#[tokio::test]
async fn level_1_cannot_be_asked_for() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let answer = visitor
        .browser
        .get("/api/sign-in/spid?level=1")
        .await?
        .refused(403, "livello-insufficiente")?;
    same("list of providers", &answer.text("/providers_list")?.as_str(), &PROVIDERS_LIST)?;
    visitor.is_nobody(&answer).await
}

/// IDP-1: the provider may answer higher than asked, never lower.
#[tokio::test]
async fn level_2_is_refused_where_level_3_was_asked_for() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let page = visitor.browser.get("/api/sign-in/spid?level=3").await?.expect(303)?.location()?;
    let address = visitor.decides_on(&page, &json!({ "level": 2 })).await?;
    let answer = identity::comes_back(&visitor.browser, &address)
        .await?
        .refused(403, "livello-insufficiente")?;
    visitor.is_nobody(&answer).await
}

#[tokio::test]
async fn a_level_that_does_not_exist_is_a_wrong_field() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let answer = visitor
        .browser
        .get("/api/sign-in/spid?level=due")
        .await?
        .refused(422, "campi-non-validi")?;
    same("fields", &answer.refused_fields(), &vec![("level".to_owned(), "non-valido".to_owned())])?;
    visitor.is_nobody(&answer).await
}

#[tokio::test]
async fn a_lower_level_than_the_person_proved_is_refused() -> StoryResult {
    check_refused(json!({ "defect": "lower_level" }), 403, "livello-insufficiente", None).await
}

#[tokio::test]
async fn a_missing_level_is_refused() -> StoryResult {
    check_refused(json!({ "defect": "missing_level" }), 403, "livello-insufficiente", None).await
}

// Wrong answers of the provider

#[tokio::test]
async fn a_wrong_state_is_refused() -> StoryResult {
    check_refused(
        json!({ "defect": "wrong_state" }),
        403,
        "accesso-rifiutato",
        Some("accesso-non-riconosciuto"),
    )
    .await
}

#[tokio::test]
async fn a_wrong_nonce_is_refused() -> StoryResult {
    check_defect("wrong_nonce").await
}

#[tokio::test]
async fn a_missing_nonce_is_refused() -> StoryResult {
    check_defect("missing_nonce").await
}

#[tokio::test]
async fn a_token_for_another_audience_is_refused() -> StoryResult {
    check_defect("wrong_audience").await
}

#[tokio::test]
async fn a_token_of_another_issuer_is_refused() -> StoryResult {
    check_defect("wrong_issuer").await
}

#[tokio::test]
async fn an_expired_token_is_refused() -> StoryResult {
    check_defect("expired").await
}

#[tokio::test]
async fn a_token_that_is_not_valid_yet_is_refused() -> StoryResult {
    check_defect("not_yet_valid").await
}

#[tokio::test]
async fn a_token_with_algorithm_none_is_refused() -> StoryResult {
    check_defect("alg_none").await
}

#[tokio::test]
async fn an_hmac_with_the_public_key_is_refused() -> StoryResult {
    check_defect("hs256_with_public_key").await
}

#[tokio::test]
async fn a_wrong_signature_is_refused() -> StoryResult {
    check_defect("wrong_signature").await
}

#[tokio::test]
async fn a_key_that_is_not_published_is_refused() -> StoryResult {
    check_defect("unknown_key").await
}

#[tokio::test]
async fn the_hash_of_another_access_token_is_refused() -> StoryResult {
    check_defect("wrong_access_token_hash").await
}

#[tokio::test]
async fn an_answer_without_an_id_token_is_refused() -> StoryResult {
    check_defect("no_id_token").await
}

#[tokio::test]
async fn a_missing_fiscal_number_is_refused() -> StoryResult {
    let defect = json!({ "defect": "missing_fiscal_number" });
    check_refused(defect, 403, "accesso-rifiutato", Some("codice-fiscale-assente")).await
}

#[tokio::test]
async fn a_malformed_fiscal_number_is_refused() -> StoryResult {
    let defect = json!({ "defect": "malformed_fiscal_number" });
    check_refused(defect, 403, "accesso-rifiutato", Some("codice-fiscale-non-valido")).await
}

#[tokio::test]
async fn a_fiscal_number_with_a_wrong_check_character_is_refused() -> StoryResult {
    let changes = json!({ "fiscal_code": "RSSMRA80A01H501X" });
    check_refused(changes, 403, "accesso-rifiutato", Some("codice-fiscale-non-valido")).await
}

#[tokio::test]
async fn a_token_endpoint_that_answers_500_is_the_providers_illness() -> StoryResult {
    check_refused(json!({ "defect": "token_endpoint_500" }), 503, "servizio-non-disponibile", None)
        .await
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_is_the_providers_illness() -> StoryResult {
    check_refused(json!({ "defect": "truncated_json" }), 503, "servizio-non-disponibile", None)
        .await
}

#[tokio::test]
async fn a_provider_under_maintenance_is_said_to_be_so() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let page = identity::goes_to_provider(&visitor.browser).await?;
    let address =
        identity::decides(&visitor.browser, &page, &json!({ "error": "temporarily_unavailable" }))
            .await?;
    let answer = identity::comes_back(&visitor.browser, &address)
        .await?
        .refused(503, "servizio-non-disponibile")?;
    visitor.is_nobody(&answer).await
}

// SPID's own errors, each with its own message (IDP-1)

#[tokio::test]
async fn error_19_says_that_there_were_too_many_attempts() -> StoryResult {
    check_spid_error(19, "troppi-tentativi").await
}

#[tokio::test]
async fn error_20_says_that_the_level_is_not_available() -> StoryResult {
    check_spid_error(20, "livello-non-disponibile").await
}

#[tokio::test]
async fn error_21_says_that_it_took_too_long() -> StoryResult {
    check_spid_error(21, "tempo-scaduto").await
}

#[tokio::test]
async fn error_22_says_that_consent_was_denied() -> StoryResult {
    check_spid_error(22, "consenso-negato").await
}

#[tokio::test]
async fn error_23_says_that_the_identity_is_suspended() -> StoryResult {
    check_spid_error(23, "identita-sospesa").await
}

#[tokio::test]
async fn error_25_says_that_the_person_gave_up() -> StoryResult {
    check_spid_error(25, "accesso-annullato").await
}

#[tokio::test]
async fn error_30_says_that_the_identity_is_of_another_kind() -> StoryResult {
    check_spid_error(30, "identita-di-altro-tipo").await
}

/// Each error of OpenID Connect has its own message, and none of them opens a session.
#[tokio::test]
async fn each_error_of_openid_connect_has_its_own_message() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let mut texts = BTreeSet::new();
    for (error, reason) in [
        ("access_denied", "accesso-negato"),
        ("consent_required", "consenso-negato"),
        ("login_required", "autenticazione-non-completata"),
        ("interaction_required", "passaggio-non-completato"),
        ("account_selection_required", "identita-non-scelta"),
        ("unmet_authentication_requirements", "livello-non-disponibile"),
        ("server_error", "errore-del-gestore"),
        ("temporarily_unavailable", "gestore-non-disponibile"),
        ("invalid_request", "richiesta-non-valida"),
        ("unauthorized_client", "portale-non-riconosciuto"),
        ("invalid_scope", "dati-non-previsti"),
    ] {
        let page = identity::goes_to_provider(&visitor.browser).await?;
        let decision = json!({ "error": error });
        let address = identity::decides(&visitor.browser, &page, &decision).await?;
        let answer = identity::comes_back(&visitor.browser, &address).await?;
        ensure([403, 503].contains(&answer.status), format!("{answer}"))?;
        same(error, &answer.text("/reason")?.as_str(), &reason)?;
        ensure(texts.insert(answer.text("/detail")?), format!("{error} has another's text"))?;
        visitor.is_nobody(&answer).await?;
    }
    Ok(())
}

/// SPID tells attributes at userinfo only: every person of such a provider was turned away.
#[tokio::test]
async fn the_fiscal_code_may_come_at_userinfo_only() -> StoryResult {
    for manner in ["at_userinfo", "at_signed_userinfo"] {
        let visitor = Visitor::arrives().await?;
        let address = visitor.decides(&json!({ "manner": manner })).await?;
        identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
        let session = visitor.browser.get(SESSION).await?.expect(200)?;
        same(manner, &session.text("/account")?, &visitor.account().await?.to_string())?;
        same("name", &session.text("/family_name")?, &visitor.person.last_name)?;
    }
    Ok(())
}

#[tokio::test]
async fn userinfo_about_another_person_is_refused() -> StoryResult {
    for manner in ["at_userinfo", "at_signed_userinfo"] {
        let changes = json!({ "manner": manner, "defect": "other_subject" });
        check_refused(changes, 403, "accesso-rifiutato", Some("risposta-non-valida")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_userinfo_endpoint_that_answers_500_is_the_providers_illness() -> StoryResult {
    let changes = json!({ "manner": "at_userinfo", "defect": "userinfo_500" });
    check_refused(changes, 503, "servizio-non-disponibile", None).await
}

/// listmonk#2237, oxAuth#1823: each of these ended the sign-in.
#[tokio::test]
async fn claims_of_odd_types_that_nobody_reads_keep_nobody_out() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.decides(&json!({ "manner": "odd_claims" })).await?;
    identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

/// A page of another site on our domain left a cookie that is not ASCII (hyperium/headers#85).
#[tokio::test]
async fn a_cookie_that_is_not_ascii_signs_nobody_out() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    visitor.browser.plant_cookie("citta", "Forlì");
    identity::signs_in(&visitor.browser, &visitor.person, 2).await?.expect(303)?;
    visitor.browser.get(SESSION).await?.expect(200)?;
    visitor.browser.get("/api/applications").await?.expect(200)?;
    visitor.browser.post(REFRESH, &json!({})).await?.expect(200).map(|_| ())
}

/// A name that breaks the line would begin lines of its own in letters, and one that turns the direction shows another name.
#[tokio::test]
async fn a_name_from_the_provider_is_one_line_that_can_be_seen() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let names = json!({ "given_name": "ANNA\r\nMARIA", "family_name": "RO\u{200b}SSI\u{202e}" });
    let address = visitor.decides(&names).await?;
    identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
    let session = visitor.browser.get(SESSION).await?.expect(200)?;
    same("given name", &session.text("/given_name")?.as_str(), &"ANNA MARIA")?;
    same("family name", &session.text("/family_name")?.as_str(), &"ROSSI")
}

#[tokio::test]
async fn an_error_without_a_number_is_refused_in_general_words() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let page = identity::goes_to_provider(&visitor.browser).await?;
    let state = parameter(&page, "state")?;
    let path = format!(
        "/api/sign-in/callback?error=access_denied&error_description=%3Cb%3E&state={state}"
    );
    let answer = visitor.browser.send(Call::new(Method::GET, path).from(From::Elsewhere)).await?;
    let answer = answer.refused(403, "accesso-rifiutato")?;
    same("reason", &answer.text("/reason")?.as_str(), &"accesso-negato")?;
    ensure(
        !String::from_utf8_lossy(&answer.body).contains("<b>"),
        "the problem repeats what a stranger wrote",
    )?;
    visitor.is_nobody(&answer).await
}

// Returns without a sign-in of this browser that is still good

#[tokio::test]
async fn a_return_is_good_for_one_session() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.decides(&json!({})).await?;
    let cookie = visitor.browser.cookie(BROWSER_COOKIE).unwrap_or_default();
    identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
    visitor.browser.forget();
    visitor.browser.plant_cookie(BROWSER_COOKIE, &cookie);
    let again = visitor.browser.get(&address).await?.refused(403, "accesso-rifiutato")?;
    same("reason", &again.text("/reason")?.as_str(), &"accesso-non-riconosciuto")?;
    sets_no_session(&again)?;
    visitor.browser.get(SESSION).await?.refused(401, "sessione-assente").map(|_| ())
}

/// The provider's mistake of taking a code twice opens nothing: our own side of it is used up.
#[tokio::test]
async fn a_code_that_the_provider_takes_twice_is_good_for_one_session() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.decides(&json!({ "defect": "replay" })).await?;
    let cookie = visitor.browser.cookie(BROWSER_COOKIE).unwrap_or_default();
    identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
    visitor.browser.forget();
    visitor.browser.plant_cookie(BROWSER_COOKIE, &cookie);
    let again = visitor.browser.get(&address).await?.refused(403, "accesso-rifiutato")?;
    sets_no_session(&again)?;
    visitor.browser.get(SESSION).await?.refused(401, "sessione-assente").map(|_| ())
}

#[tokio::test]
async fn of_two_returns_at_once_one_opens_a_session() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.decides(&json!({ "defect": "replay" })).await?;
    let cookie = visitor.browser.cookie(BROWSER_COOKIE).unwrap_or_default();
    let twin = visitor.world.browser()?;
    twin.plant_cookie(BROWSER_COOKIE, &cookie);
    let (first, second) = tokio::join!(visitor.browser.get(&address), twin.get(&address));
    let mut found = [first?.status, second?.status];
    found.sort_unstable();
    same("answers", &found, &[303, 403])
}

/// An attacker who sends their own return to another person cannot sign that person in under the attacker's name.
#[tokio::test]
async fn a_return_in_another_browser_is_refused_and_stays_good_in_its_own() -> StoryResult {
    let (visitor, other) = (Visitor::arrives().await?, Visitor::arrives().await?);
    let address = visitor.decides(&json!({})).await?;
    identity::goes_to_provider(&other.browser).await?;
    let answer =
        identity::comes_back(&other.browser, &address).await?.refused(403, "accesso-rifiutato")?;
    same("reason", &answer.text("/reason")?.as_str(), &"altro-browser")?;
    other.is_nobody(&answer).await?;
    identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

#[tokio::test]
async fn a_return_to_a_browser_without_cookies_is_refused() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.decides(&json!({})).await?;
    visitor.browser.forget();
    let answer = identity::comes_back(&visitor.browser, &address)
        .await?
        .refused(403, "accesso-rifiutato")?;
    same("reason", &answer.text("/reason")?.as_str(), &"altro-browser")?;
    visitor.is_nobody(&answer).await
}

/// PKCE: the code of another sign-in is refused by the provider, whose refusal is ours.
#[tokio::test]
async fn the_code_of_another_sign_in_is_refused() -> StoryResult {
    let (visitor, victim) = (Visitor::arrives().await?, Visitor::arrives().await?);
    let stolen = parameter(&victim.decides(&json!({})).await?, "code")?;
    let own = visitor.decides(&json!({})).await?;
    let swapped = own.replace(&parameter(&own, "code")?, &stolen);
    let answer = identity::comes_back(&visitor.browser, &swapped)
        .await?
        .refused(403, "accesso-rifiutato")?;
    same("reason", &answer.text("/reason")?.as_str(), &"risposta-non-valida")?;
    visitor.is_nobody(&answer).await
}

#[tokio::test]
async fn a_return_without_a_code_is_refused() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let page = identity::goes_to_provider(&visitor.browser).await?;
    let path = format!("/api/sign-in/callback?state={}", parameter(&page, "state")?);
    let answer = visitor.browser.send(Call::new(Method::GET, path).from(From::Elsewhere)).await?;
    let answer = answer.refused(403, "accesso-rifiutato")?;
    visitor.is_nobody(&answer).await
}

/// RFC 9207: an answer that names another provider is a mix-up.
#[tokio::test]
async fn a_return_of_another_provider_is_refused() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = format!("{}&iss=https%3A%2F%2Faltra.example", visitor.decides(&json!({})).await?);
    let answer = identity::comes_back(&visitor.browser, &address)
        .await?
        .refused(403, "accesso-rifiutato")?;
    visitor.is_nobody(&answer).await
}

#[tokio::test]
async fn a_made_up_return_is_refused() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    identity::goes_to_provider(&visitor.browser).await?;
    let made_up = "A".repeat(43);
    for query in [
        String::new(),
        "?state=".to_owned(),
        "?code=x".to_owned(),
        format!("?code=x&state={made_up}"),
        format!("?code=x&state={}", "9".repeat(3_000)),
    ] {
        let answer = visitor
            .browser
            .get(&format!("/api/sign-in/callback{query}"))
            .await?
            .refused(403, "accesso-rifiutato")?;
        same("reason", &answer.text("/reason")?.as_str(), &"accesso-non-riconosciuto")?;
        visitor.is_nobody(&answer).await?;
    }
    Ok(())
}

/// Ten minutes at the provider are enough; expiry is decided by the instant, not by the store's cleaning.
#[tokio::test]
async fn a_sign_in_that_took_too_long_is_refused() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    identity::goes_to_provider(&visitor.browser).await?;
    let browser = visitor.browser.cookie(BROWSER_COOKIE).unwrap_or_default();
    let state = BASE64URL_NOPAD.encode(&outside::aws::random::<32>()?);
    let sign_ins = SignIns::new(
        visitor.world.store().0.clone(),
        visitor.world.environment.text("SESSIONS_TABLE")?,
    );
    let begun = SignIn {
        browser: hashed(&browser),
        nonce: "n".to_owned(),
        verifier: "v".repeat(43),
        level: 2,
        sessions: Vec::new(),
        return_to: ReturnPath::default(),
    };
    sign_ins.begin(&hashed(&state), begun, clock::wall() - SIGN_IN_LASTS).await?;
    let path = format!("/api/sign-in/callback?code=x&state={state}");
    let answer = visitor.browser.get(&path).await?.refused(403, "accesso-rifiutato")?;
    same("reason", &answer.text("/reason")?.as_str(), &"accesso-scaduto")?;
    visitor.is_nobody(&answer).await
}

/// Attempts per address are limited, generously; another address is not concerned.
#[tokio::test]
async fn an_address_that_begins_too_often_waits_for_the_next_minute() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let [a, b, c] = outside::aws::random::<3>()?;
    let (busy, other) = (format!("10.{a}.{b}.{c}"), format!("11.{a}.{b}.{c}"));
    let opaque = visitor.world.keying().await?.opaque("address", &busy);
    let minute = clock::wall().as_second().div_euclid(60);
    // This minute and the next: the test may run across the border.
    for window in [minute, minute + 1] {
        let (store, _) = visitor.world.store();
        store
            .update_item()
            .table_name(visitor.world.environment.text("SESSIONS_TABLE")?)
            .set_key(Some(keys::attempts("sign-in", &opaque, window).item()))
            .update_expression("SET attempts = :many, expires_at = :later")
            .expression_attribute_values(
                ":many",
                AttributeValue::N(ATTEMPTS_PER_MINUTE.to_string()),
            )
            .expression_attribute_values(
                ":later",
                AttributeValue::N((60 * (minute + 10)).to_string()),
            )
            .send()
            .await?;
    }
    // Past the edge, which would append this machine's own address.
    let gateway = format!(
        "{}/_aws/execute-api/{}/$default/api/sign-in/spid",
        visitor.world.environment.endpoint()?,
        visitor.world.environment.text("PORTAL_API_ID")?
    );
    let secret = String::from_utf8(visitor.world.secret("ORIGIN_SECRET_ID").await?)?;
    let from = |address: &str| {
        Call::new(Method::GET, &gateway)
            .header("x-forwarded-for", &format!("203.0.113.1, {address}"))
            .header(ORIGIN_SECRET_HEADER, &secret)
    };
    let answer = visitor.browser.send(from(&busy)).await?.refused(429, "troppe-richieste")?;
    ensure(
        (1..=60).contains(&answer.number("/retry_after_s")?),
        "the wait is not the rest of the minute",
    )?;
    ensure(answer.set_cookies().is_empty(), "the refusal begins a sign-in")?;
    visitor.browser.send(from(&other)).await?.expect(303)?;
    // Past the edge nothing is answered, whatever address a header names.
    let past_the_edge = Call::new(Method::GET, &gateway).header("x-forwarded-for", &other);
    visitor.browser.send(past_the_edge).await?.refused(403, "accesso-diretto").map(|_| ())
}

// Sessions

/// FRM-5: signing out acts at once, on copied cookies, too, and leaves nothing in the browser.
#[tokio::test]
async fn sign_out_acts_at_once_everywhere() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let copy = visitor.world.browser()?;
    for name in [SESSION_COOKIE, REFRESH_COOKIE] {
        copy.plant_cookie(name, &visitor.browser.cookie(name).unwrap_or_default());
    }
    copy.get(SESSION).await?.expect(200)?;
    copy.get("/api/applications").await?.expect(200)?;
    let answer = visitor.browser.post(SIGN_OUT, &json!({})).await?.expect(204)?;
    sets_nothing_but_removals(&answer)?;
    ensure(
        visitor.browser.cookie(SESSION_COOKIE).is_none(),
        "the session's cookie is left behind",
    )?;
    ensure(visitor.browser.cookie(REFRESH_COOKIE).is_none(), "the refresh token is left behind")?;
    visitor.browser.get(SESSION).await?.refused(401, "sessione-assente")?;
    copy.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    copy.get("/api/applications").await?.refused(401, "sessione-scaduta")?;
    let refused = copy.post(REFRESH, &json!({})).await?.refused(401, "sessione-scaduta")?;
    sets_no_session(&refused)
}

/// ORG-4, ACC-4: all sessions of an account end at once, but for the one that asked for it, and a new sign-in is welcome.
#[tokio::test]
async fn all_sessions_of_an_account_end_at_once_but_for_one() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let elsewhere = visitor.world.browser()?;
    identity::signs_in(&elsewhere, &visitor.person, 2).await?.expect(303)?;
    let stranger = Visitor::signed_in().await?;
    let (account, session) = (visitor.account().await?, visitor.session()?);
    visitor.world.sessions()?.end_all(&account, clock::wall(), Some(&session)).await?;
    elsewhere.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    elsewhere.get("/api/applications").await?.refused(401, "sessione-scaduta")?;
    elsewhere.post(REFRESH, &json!({})).await?.refused(401, "sessione-scaduta")?;
    visitor.browser.get(SESSION).await?.expect(200)?;
    visitor.browser.post(REFRESH, &json!({})).await?.expect(200)?;
    stranger.browser.get(SESSION).await?.expect(200)?;
    let again = visitor.world.browser()?;
    identity::signs_in(&again, &visitor.person, 2).await?.expect(303)?;
    again.get(SESSION).await?.expect(200).map(|_| ())
}

/// ORG-4: a leaving announced for a later day ends the sessions then, and not before.
#[tokio::test]
async fn sessions_end_at_a_date_to_come_and_not_before() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let now = clock::wall();
    let (account, sessions) = (visitor.account().await?, visitor.world.sessions()?);
    let caller = visitor.caller(now + ACCESS_LASTS).await?;
    let leaves = now + SignedDuration::from_hours(1);
    sessions.end_all(&account, leaves, None).await?;
    let alive = async |at| sessions.require_live(&caller, at).await.is_ok();
    ensure(alive(leaves - SignedDuration::from_millis(1)).await, "it ended too early")?;
    ensure(!alive(leaves).await, "it did not end at its instant")?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

#[tokio::test]
async fn signing_out_twice_or_as_nobody_changes_nothing() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    for _ in 0..2 {
        visitor.browser.post(SIGN_OUT, &json!({})).await?.expect(204)?;
    }
    let nobody = visitor.world.browser()?;
    nobody.post(SIGN_OUT, &json!({})).await?.expect(204).map(|_| ())
}

/// The access token's cookie goes first; the refresh token alone still ends its session.
#[tokio::test]
async fn the_refresh_token_alone_signs_out() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let access = visitor.browser.cookie(SESSION_COOKIE).unwrap_or_default();
    let refresh = visitor.browser.cookie(REFRESH_COOKIE).unwrap_or_default();
    visitor.browser.forget();
    visitor.browser.plant_cookie(REFRESH_COOKIE, &refresh);
    visitor.browser.post(SIGN_OUT, &json!({})).await?.expect(204)?;
    visitor.browser.plant_cookie(SESSION_COOKIE, &access);
    visitor.browser.get(SESSION).await?.refused(401, "sessione-scaduta").map(|_| ())
}

/// Knowing a session's identifier is not holding its token.
#[tokio::test]
async fn a_made_up_refresh_token_ends_nobodys_session() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let stranger = visitor.world.browser()?;
    stranger.plant_cookie(REFRESH_COOKIE, &format!("{}.{}", visitor.session()?, "A".repeat(43)));
    // It used to end the session as if the token had been copied.
    stranger.post(REFRESH, &json!({})).await?.refused(401, "sessione-scaduta")?;
    stranger.post(SIGN_OUT, &json!({})).await?.expect(204)?;
    visitor.browser.get(SESSION).await?.expect(200)?;
    visitor.browser.post(REFRESH, &json!({})).await?.expect(200).map(|_| ())
}

/// FRM-5: of a lost telephone nobody can sign out there.
#[tokio::test]
async fn a_person_signs_out_everywhere_at_once() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let telephone = visitor.world.browser()?;
    identity::signs_in(&telephone, &visitor.person, 2).await?.expect(303)?;
    let stranger = Visitor::signed_in().await?;
    let answer = visitor.browser.post(EVERYWHERE, &json!({})).await?.expect(204)?;
    sets_nothing_but_removals(&answer)?;
    visitor.browser.get(SESSION).await?.refused(401, "sessione-assente")?;
    telephone.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    telephone.get("/api/applications").await?.refused(401, "sessione-scaduta")?;
    telephone.post(REFRESH, &json!({})).await?.refused(401, "sessione-scaduta")?;
    stranger.browser.get(SESSION).await?.expect(200)?;
    // With the ended session nothing more is ended, and who signs in anew is welcome.
    identity::signs_in(&visitor.browser, &visitor.person, 2).await?.expect(303)?;
    telephone.post(EVERYWHERE, &json!({})).await?.refused(401, "sessione-scaduta")?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

/// FRM-5: the cookies of the session before are gone, so nobody could sign out of it.
#[tokio::test]
async fn a_new_sign_in_ends_the_session_that_the_browser_held() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let copy = visitor.world.browser()?;
    for name in [SESSION_COOKIE, REFRESH_COOKIE] {
        copy.plant_cookie(name, &visitor.browser.cookie(name).unwrap_or_default());
    }
    let elsewhere = visitor.world.browser()?;
    identity::signs_in(&elsewhere, &visitor.person, 2).await?.expect(303)?;
    // Whoever only begins, or gives up, keeps the session.
    let gave_up = visitor.decides(&json!({ "error": "25" })).await?;
    identity::comes_back(&visitor.browser, &gave_up).await?.refused(403, "accesso-rifiutato")?;
    visitor.browser.get(SESSION).await?.expect(200)?;
    identity::signs_in(&visitor.browser, &visitor.person, 2).await?.expect(303)?;
    copy.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    copy.post(REFRESH, &json!({})).await?.refused(401, "sessione-scaduta")?;
    visitor.browser.get(SESSION).await?.expect(200)?;
    elsewhere.get(SESSION).await?.expect(200)?;
    // After 40 minutes the access token's cookie is gone: the refresh token alone names the session.
    let refresh = visitor.browser.cookie(REFRESH_COOKIE).unwrap_or_default();
    visitor.browser.forget();
    visitor.browser.plant_cookie(REFRESH_COOKIE, &refresh);
    identity::signs_in(&visitor.browser, &visitor.person, 2).await?.expect(303)?;
    let copy = visitor.world.browser()?;
    copy.plant_cookie(REFRESH_COOKIE, &refresh);
    copy.post(REFRESH, &json!({})).await?.refused(401, "sessione-scaduta").map(|_| ())
}

#[tokio::test]
async fn a_refresh_changes_both_tokens_and_the_session_goes_on() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let before = visitor.browser.cookie(REFRESH_COOKIE);
    for _ in 0..3 {
        let answer = visitor.browser.post(REFRESH, &json!({})).await?.expect(200)?;
        answer.is_kept_by_no_cache()?;
        let expires: Timestamp = answer.text("/expires")?.parse()?;
        let left = expires.duration_since(clock::wall());
        ensure(
            left > SignedDuration::from_mins(9) && left <= SignedDuration::from_mins(10),
            "not ten minutes",
        )?;
        visitor.browser.get(SESSION).await?.expect(200)?;
    }
    ensure(visitor.browser.cookie(REFRESH_COOKIE) != before, "the refresh token stays the same")
}

/// ADR 0006: a second tab is not punished for being second, and does not lose the first tab's new token.
#[tokio::test]
async fn two_tabs_refresh_at_the_same_time() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let tabs = [visitor.browser.clone(), visitor.browser.clone(), visitor.browser.clone()];
    let none = json!({});
    let [first, second, third] = &tabs;
    let (first, second, third) = tokio::join!(
        first.post(REFRESH, &none),
        second.post(REFRESH, &none),
        third.post(REFRESH, &none)
    );
    let answers = [first?.expect(200)?, second?.expect(200)?, third?.expect(200)?];
    let renewed = answers
        .iter()
        .filter(|answer| answer.set_cookies().iter().any(|line| line.starts_with(REFRESH_COOKIE)));
    same("tabs that got a new refresh token", &renewed.count(), &1)?;
    visitor.browser.post(REFRESH, &none).await?.expect(200)?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

/// ADR 0006: a token shown again after two more were given was copied: the session ends for every holder.
#[tokio::test]
async fn a_refresh_token_used_again_ends_the_session() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let old = visitor.browser.cookie(REFRESH_COOKIE).unwrap_or_default();
    for _ in 0..2 {
        visitor.browser.post(REFRESH, &json!({})).await?.expect(200)?;
    }
    let thief = visitor.world.browser()?;
    thief.plant_cookie(REFRESH_COOKIE, &old);
    let answer = thief.post(REFRESH, &json!({})).await?.refused(401, "sessione-scaduta")?;
    sets_no_session(&answer)?;
    visitor.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    visitor.browser.post(REFRESH, &json!({})).await?.refused(401, "sessione-scaduta").map(|_| ())
}

#[tokio::test]
async fn refreshing_after_sign_out_brings_nothing_back() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let refresh = visitor.browser.cookie(REFRESH_COOKIE).unwrap_or_default();
    visitor.browser.post(SIGN_OUT, &json!({})).await?.expect(204)?;
    visitor.browser.plant_cookie(REFRESH_COOKIE, &refresh);
    let answer =
        visitor.browser.post(REFRESH, &json!({})).await?.refused(401, "sessione-scaduta")?;
    sets_no_session(&answer)
}

/// ADR 0006: twelve hours after sign-in, or two hours without a refresh.
#[tokio::test]
async fn a_session_ends_by_age_and_by_rest() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let now = clock::wall();
    for (opened, lives) in
        [(SignedDuration::from_mins(119), true), (SignedDuration::from_mins(121), false)]
    {
        let caller = Caller {
            account: visitor.account().await?,
            session: SessionId::from_random(outside::aws::random()?),
            level: 2,
            role: Role::Employer,
            profile: Profile::Private,
            organisation: None,
            province: None,
            expires: now,
        };
        let secrets = RefreshSecrets::new(&visitor.world.keying().await?);
        let random = outside::aws::random()?;
        let token = visitor.world.sessions()?.open(&caller, &secrets, random, now - opened).await?;
        visitor.browser.plant_cookie(REFRESH_COOKIE, &token);
        let answer = visitor.browser.post(REFRESH, &json!({})).await?;
        if lives {
            answer.expect(200)?;
        } else {
            sets_no_session(&answer.refused(401, "sessione-scaduta")?)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_altered_token_is_no_session() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let good = visitor.browser.cookie(SESSION_COOKIE).unwrap_or_default();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err(visitor.world.story.deviation("not a token of three parts"));
    };
    let mut raised: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes())?)?;
    raised["lvl"] = json!(3);
    raised["rol"] = json!(Role::Administrator.code());
    let raised = BASE64URL_NOPAD.encode(raised.to_string().as_bytes());
    let unsigned = BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
    for altered in [
        format!("{header}.{raised}.{signature}"),
        format!("{unsigned}.{raised}."),
        format!("{unsigned}.{claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        String::new(),
        "x".repeat(3_000),
    ] {
        visitor.browser.plant_cookie(SESSION_COOKIE, &altered);
        visitor.browser.get(SESSION).await?.refused(401, "sessione-assente")?;
        visitor.browser.get("/api/applications").await?.refused(401, "sessione-assente")?;
    }
    visitor.browser.plant_cookie(SESSION_COOKIE, &good);
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

#[tokio::test]
async fn a_token_signed_by_another_key_is_no_session() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let now = clock::wall();
    let caller = visitor.caller(now + SignedDuration::from_mins(5)).await?;
    let forged = TokenKey::new(KeyRing::of_one("a key that is not the portal's"))
        .issue(&caller, now)
        .map_err(|_| visitor.world.story.deviation("no token"))?;
    visitor.browser.plant_cookie(SESSION_COOKIE, &forged);
    visitor.browser.get(SESSION).await?.refused(401, "sessione-assente").map(|_| ())
}

/// The token is over after ten minutes; its session still lives and can be refreshed.
#[tokio::test]
async fn an_expired_token_is_refused_and_refreshed() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let now = clock::wall();
    let caller = visitor.caller(now - SignedDuration::from_secs(1)).await?;
    let expired = visitor
        .world
        .tokens()
        .await?
        .issue(&caller, now)
        .map_err(|_| visitor.world.story.deviation("no token"))?;
    visitor.browser.plant_cookie(SESSION_COOKIE, &expired);
    visitor.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    visitor.browser.get("/api/applications").await?.refused(401, "sessione-scaduta")?;
    visitor.browser.post(REFRESH, &json!({})).await?.expect(200)?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

/// A token of the portal for a session that never was, or of another person, opens nothing.
#[tokio::test]
async fn a_token_for_another_session_is_refused() -> StoryResult {
    let (visitor, other) = (Visitor::signed_in().await?, Visitor::signed_in().await?);
    let now = clock::wall();
    let tokens = visitor.world.tokens().await?;
    let own = visitor.caller(now + SignedDuration::from_mins(5)).await?;
    for session in [SessionId::from_random(outside::aws::random()?), other.session()?] {
        let strange = tokens
            .issue(&Caller { session, ..own.clone() }, now)
            .map_err(|_| visitor.world.story.deviation("no token"))?;
        visitor.browser.plant_cookie(SESSION_COOKIE, &strange);
        visitor.browser.get(SESSION).await?.refused(401, "sessione-scaduta")?;
    }
    Ok(())
}

/// A page of another site can neither refresh nor sign out, nor read the session.
#[tokio::test]
async fn another_site_changes_and_reads_nothing() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let before = visitor.browser.cookie(REFRESH_COOKIE);
    let elsewhere = visitor.world.portal().replace("127.0.0.1", "localhost");
    for path in [REFRESH, SIGN_OUT] {
        for origin in [elsewhere.as_str(), "null", "", "https://portale.example"] {
            let call = Call::new(Method::POST, path).json(&json!({})).header("origin", origin);
            let answer = visitor.browser.send(call).await?.refused(403, "origine-non-ammessa")?;
            sets_no_session(&answer)?;
        }
    }
    visitor
        .browser
        .send(Call::new(Method::GET, SESSION).from(From::Elsewhere))
        .await?
        .refused(401, "sessione-assente")?;
    same("refresh token", &visitor.browser.cookie(REFRESH_COOKIE), &before)?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

#[tokio::test]
async fn a_body_of_a_mebibyte_is_refused_and_changes_nothing() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    for path in [REFRESH, SIGN_OUT] {
        let call = Call::new(Method::POST, path).body("application/json", vec![b'x'; 1 << 20]);
        visitor.browser.send(call).await?.refused(413, "contenuto-troppo-grande")?;
    }
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

// The store fails

/// One fault of the store that meets requests with this text.
async fn fault(
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

/// The store fails once while the sign-in finishes: the person notices nothing.
async fn check_overcome(operation: &str, stumble: Fault) -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let account = visitor.account().await?.to_string();
    let order = fault(&visitor.world, operation, &account, 1, stumble).await?;
    identity::signs_in(&visitor.browser, &visitor.person, 2).await?.expect(303)?;
    same("faults", &visitor.world.emulator.fault_fired(order).await?, &1)?;
    visitor.world.emulator.cancel_fault(order).await?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

#[tokio::test]
async fn a_throttled_account_is_written_at_the_second_try() -> StoryResult {
    check_overcome("UpdateItem", Fault::Throttle).await
}

#[tokio::test]
async fn an_account_whose_write_was_cut_off_afterwards_is_written_once_more() -> StoryResult {
    check_overcome("UpdateItem", Fault::CutAfter).await
}

#[tokio::test]
async fn a_session_whose_write_was_cut_off_afterwards_is_opened() -> StoryResult {
    check_overcome("PutItem", Fault::CutAfter).await
}

#[tokio::test]
async fn a_session_whose_write_failed_on_the_stores_side_is_opened() -> StoryResult {
    check_overcome("PutItem", Fault::Internal).await
}

#[tokio::test]
async fn a_store_that_stays_away_opens_no_session() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let account = visitor.account().await?.to_string();
    let order = fault(&visitor.world, "PutItem", &account, 100, Fault::Internal).await?;
    let answer = identity::signs_in(&visitor.browser, &visitor.person, 2)
        .await?
        .refused(503, "servizio-non-disponibile")?;
    visitor.world.emulator.cancel_fault(order).await?;
    sets_no_session(&answer)?;
    visitor.browser.get(SESSION).await?.refused(401, "sessione-assente")?;
    identity::signs_in(&visitor.browser, &visitor.person, 2).await?.expect(303).map(|_| ())
}

/// Nothing is lost: what could not be taken out is still there for the same return.
#[tokio::test]
async fn a_return_that_the_store_could_not_read_can_be_repeated() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.decides(&json!({})).await?;
    let state = hashed(&parameter(&address, "state")?);
    let order = fault(&visitor.world, "DeleteItem", &state, 100, Fault::CutBefore).await?;
    let answer = identity::comes_back(&visitor.browser, &address)
        .await?
        .refused(503, "servizio-non-disponibile")?;
    sets_no_session(&answer)?;
    visitor.world.emulator.cancel_fault(order).await?;
    identity::comes_back(&visitor.browser, &address).await?.expect(303)?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

/// ADR 0006: when in doubt whether a return was used, it was.
#[tokio::test]
async fn a_return_that_may_have_been_used_is_refused() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.decides(&json!({})).await?;
    let state = hashed(&parameter(&address, "state")?);
    let order = fault(&visitor.world, "DeleteItem", &state, 1, Fault::CutAfter).await?;
    let answer = identity::comes_back(&visitor.browser, &address)
        .await?
        .refused(403, "accesso-rifiutato")?;
    visitor.world.emulator.cancel_fault(order).await?;
    visitor.is_nobody(&answer).await
}

#[tokio::test]
async fn a_refresh_whose_answer_was_lost_on_the_way_gives_a_good_token() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let order =
        fault(&visitor.world, "UpdateItem", visitor.session()?.as_str(), 1, Fault::CutAfter)
            .await?;
    visitor.browser.post(REFRESH, &json!({})).await?.expect(200)?;
    same("faults", &visitor.world.emulator.fault_fired(order).await?, &1)?;
    visitor.world.emulator.cancel_fault(order).await?;
    for _ in 0..2 {
        visitor.browser.post(REFRESH, &json!({})).await?.expect(200)?;
    }
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

/// A session that could not be read is neither good nor over.
#[tokio::test]
async fn a_session_that_cannot_be_read_is_not_taken_for_good() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let order =
        fault(&visitor.world, "GetItem", visitor.session()?.as_str(), 100, Fault::Throttle).await?;
    visitor.browser.get(SESSION).await?.refused(503, "servizio-non-disponibile")?;
    visitor.world.emulator.cancel_fault(order).await?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

/// Where the sign-out fails the person reads so, keeps the cookies, and can repeat it.
#[tokio::test]
async fn a_sign_out_that_failed_can_be_repeated() -> StoryResult {
    let visitor = Visitor::signed_in().await?;
    let access = visitor.browser.cookie(SESSION_COOKIE).unwrap_or_default();
    let order =
        fault(&visitor.world, "UpdateItem", visitor.session()?.as_str(), 100, Fault::Internal)
            .await?;
    visitor.browser.post(SIGN_OUT, &json!({})).await?.refused(503, "servizio-non-disponibile")?;
    visitor.world.emulator.cancel_fault(order).await?;
    visitor.browser.get(SESSION).await?.expect(200)?;
    visitor.browser.post(SIGN_OUT, &json!({})).await?.expect(204)?;
    visitor.browser.plant_cookie(SESSION_COOKIE, &access);
    visitor.browser.get(SESSION).await?.refused(401, "sessione-scaduta").map(|_| ())
}

fn sets_nothing_but_removals(answer: &Answer) -> StoryResult {
    let lines = answer.set_cookies();
    let removed = |name: &str| {
        lines
            .iter()
            .any(|line| line.starts_with(&format!("{name}=;")) && line.contains("Max-Age=0"))
    };
    ensure(
        removed(SESSION_COOKIE) && removed(REFRESH_COOKIE),
        format!("{answer}: a cookie is not removed"),
    )?;
    ensure(
        lines.iter().all(|line| line.contains("Max-Age=0")),
        format!("{answer}: a cookie is set"),
    )
}
