//! Signing in at the reference implementation of a SPID provider, which nobody here wrote, through a broker that only signs and
//! decrypts: what it sends is what real providers send, and refusals are its own (IDP-1, ADR 41).

use std::collections::BTreeMap;

use edge::session::SESSION_COOKIE;
use harness::{
    browser::{Answer, Browser},
    own_function::{OwnFunction, OwnGateway},
    reference_provider::{FISCAL_NUMBER, ReferenceProvider, opens},
    story::{StoryResult, ensure, same},
    world::World,
};
use outside::aws;
use serde_json::{Value, json};
use simulate_registries::DemoPerson;

const BEGIN: &str = "/api/sign-in/spid?level=2";
const SESSION: &str = "/api/session";

/// A person whom the provider knows, before the portal that was registered there.
struct Visitor {
    world: World,
    provider: ReferenceProvider,
    _sign_in: OwnFunction,
    client: String,
    browser: Browser,
    person: DemoPerson,
    username: String,
}

impl Visitor {
    async fn arrives() -> StoryResult<Self> {
        Self::arrives_with("signed", |_| ()).await
    }

    /// With userinfo `signed` or `encrypted`, and attributes that the provider has otherwise.
    async fn arrives_with(userinfo: &str, change: impl FnOnce(&mut Value)) -> StoryResult<Self> {
        let world = World::enter().await?;
        let provider = ReferenceProvider::running().await?;
        let sdk = world.environment.sdk().await?;
        let secret = aws::secret(&sdk, &world.environment.text("IDENTITY_SECRET_ID")?).await?;
        let secret = String::from_utf8(secret)?;
        let person = world.employer()?.demo.representative;
        let mut attributes = json!({
            "given_name": person.first_name,
            "family_name": person.last_name,
            "email": person.email,
            FISCAL_NUMBER: format!("TINIT-{}", person.fiscal_code.reveal()),
        });
        change(&mut attributes);
        let username = provider.knows(&attributes).await?;
        // The provider wants the portal's address before it gives the identifier with which the portal starts: the address is
        // known first, so a gateway is there before its function.
        let gateway = OwnGateway::open(&world).await?;
        let returns_to = format!("{}/api/sign-in/callback", gateway.origin());
        let client = provider.registers(&returns_to, &secret, userinfo).await?;
        let changed = BTreeMap::from([
            ("PUBLIC_ORIGIN".to_owned(), gateway.origin().to_owned()),
            ("IDENTITY_ISSUER".to_owned(), provider.issuer()),
            ("IDENTITY_CLIENT_ID".to_owned(), client.clone()),
        ]);
        let browser = Browser::new(gateway.origin(), &world.story)?;
        let sign_in = gateway.start(&world, "sign-in", changed).await?;
        Ok(Self { world, provider, _sign_in: sign_in, client, browser, person, username })
    }

    /// Goes to the provider; gives the address of its page.
    async fn goes(&self) -> StoryResult<String> {
        self.browser.get(BEGIN).await?.expect(303)?.location()
    }

    /// Comes back to the portal, and is refused for this reason without a session.
    async fn is_refused(&self, address: &str, problem: &str, reason: Option<&str>) -> StoryResult {
        let answer = opens(&self.browser, address).await?.refused(403, problem)?;
        if let Some(reason) = reason {
            same("reason", &answer.text("/reason")?.as_str(), &reason)?;
        }
        self.is_nobody(&answer).await
    }

    async fn is_nobody(&self, answer: &Answer) -> StoryResult {
        ensure(
            self.browser.cookie(SESSION_COOKIE).is_none(),
            format!("{answer}: the browser holds a session"),
        )?;
        self.browser.get(SESSION).await?.refused(401, "sessione-assente")?;
        let account = self.world.account(&self.person).await?;
        ensure(
            self.world.accounts()?.find(&account).await?.is_none(),
            "the refused person has an account",
        )
    }
}

/// IDP-1, IDP-4: pages, code, tokens, signed userinfo of the reference provider end in a session of the person whom it names.
#[tokio::test]
async fn a_person_whom_the_reference_provider_knows_signs_in() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let page = visitor.goes().await?;
    let address = visitor.provider.vouches(&visitor.browser, &page, &visitor.username).await?;
    let answer = opens(&visitor.browser, &address).await?.expect(303)?;
    ensure(answer.location()?.ends_with("/area"), format!("{answer}: leads elsewhere"))?;
    let session = visitor.browser.get(SESSION).await?.expect(200)?;
    let account = visitor.world.account(&visitor.person).await?;
    same("account", &session.text("/account")?, &account.to_string())?;
    same("given name", &session.text("/given_name")?, &visitor.person.first_name)?;
    same("family name", &session.text("/family_name")?, &visitor.person.last_name)?;
    same("level", &session.number("/level")?, &2)?;
    // What led back once leads back no second time.
    let again = opens(&visitor.browser, &address).await?;
    let again = again.refused(403, "accesso-rifiutato")?;
    same("reason", &again.text("/reason")?.as_str(), &"altro-browser")
}

/// A wrong password stays with the provider; the portal hears of nothing, and the right one still signs in.
#[tokio::test]
async fn a_wrong_password_is_the_providers_affair() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.goes().await?;
    let page = opens(&visitor.browser, &address).await?.expect(200)?;
    let wrong = visitor.provider.signs_in(&visitor.browser, &page, &visitor.username, "altra");
    wrong.await?.expect(200)?;
    visitor.browser.get(SESSION).await?.refused(401, "sessione-assente")?;
    let address = visitor.provider.vouches(&visitor.browser, &address, &visitor.username).await?;
    opens(&visitor.browser, &address).await?.expect(303)?;
    visitor.browser.get(SESSION).await?.expect(200).map(|_| ())
}

/// IDP-1: who leaves the provider's first page is not told that the portal made a mistake alone.
#[tokio::test]
async fn who_cancels_at_the_provider_may_begin_again() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.goes().await?;
    let page = opens(&visitor.browser, &address).await?.expect(200)?;
    let page = String::from_utf8_lossy(&page.body).replace("&amp;", "&");
    let (_, leaves) = page.split_once("/oidc/op/notconsent?").unwrap_or_default();
    let leaves = leaves.split('"').next().unwrap_or_default();
    let leaves = format!("{}/notconsent?{leaves}", visitor.provider.issuer());
    visitor.is_refused(&leaves, "accesso-rifiutato", Some("richiesta-non-valida")).await
}

/// IDP-1: who does not let the provider tell who they are is told just that, by the provider's own name for it.
#[tokio::test]
async fn who_withholds_consent_is_told_so() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let address = visitor.goes().await?;
    let page = opens(&visitor.browser, &address).await?.expect(200)?;
    let signed_in = visitor.provider.signs_in(&visitor.browser, &page, &visitor.username, "prova");
    let consent = signed_in.await?;
    let refused = visitor.provider.sends(&visitor.browser, &consent, "/consent", &[]).await?;
    let address = refused.expect(302)?.location()?;
    visitor.is_refused(&address, "accesso-rifiutato", Some("consenso-negato")).await
}

/// The provider takes a request once; whoever opens its address again comes back with an error, and to no session.
#[tokio::test]
async fn a_request_that_was_used_signs_nobody_in() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let page = visitor.goes().await?;
    visitor.provider.vouches(&visitor.browser, &page, &visitor.username).await?;
    visitor.is_refused(&page, "accesso-rifiutato", Some("richiesta-non-valida")).await
}

/// IDP-1: whoever changes the level in the address comes back with level 1, and gets no session.
#[tokio::test]
async fn a_level_that_was_lowered_on_the_way_is_refused() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let page = visitor.goes().await?.replace("SpidL2", "SpidL1");
    let address = visitor.provider.vouches(&visitor.browser, &page, &visitor.username).await?;
    visitor.is_refused(&address, "livello-insufficiente", None).await
}

/// IDP-1, IDP-4: without a fiscal number, or with that of another country, nobody is known.
#[tokio::test]
async fn a_person_without_an_italian_fiscal_number_is_refused() -> StoryResult {
    for (number, reason) in
        [(None, "codice-fiscale-assente"), (Some("TINDE-12345678911"), "codice-fiscale-non-valido")]
    {
        let visitor = Visitor::arrives_with("signed", |attributes| match number {
            Some(number) => attributes[FISCAL_NUMBER] = json!(number),
            None => drop(attributes.as_object_mut().map(|all| all.remove(FISCAL_NUMBER))),
        })
        .await?;
        let page = visitor.goes().await?;
        let address = visitor.provider.vouches(&visitor.browser, &page, &visitor.username).await?;
        visitor.is_refused(&address, "accesso-rifiutato", Some(reason)).await?;
    }
    Ok(())
}

/// ADR 32: userinfo encrypted for a key that the portal has not is refused, and not taken for something else.
#[tokio::test]
async fn encrypted_userinfo_signs_nobody_in() -> StoryResult {
    let visitor = Visitor::arrives_with("encrypted", |_| ()).await?;
    let page = visitor.goes().await?;
    let address = visitor.provider.vouches(&visitor.browser, &page, &visitor.username).await?;
    visitor.is_refused(&address, "accesso-rifiutato", Some("risposta-non-valida")).await
}

/// A portal that the federation no longer vouches for is refused at the code, and a person is told to try later.
#[tokio::test]
async fn a_portal_that_the_federation_left_out_signs_nobody_in() -> StoryResult {
    let visitor = Visitor::arrives().await?;
    let page = visitor.goes().await?;
    let address = visitor.provider.vouches(&visitor.browser, &page, &visitor.username).await?;
    visitor.provider.excludes(&visitor.client).await?;
    let answer = opens(&visitor.browser, &address).await?;
    let answer = answer.refused(503, "servizio-non-disponibile")?;
    visitor.is_nobody(&answer).await
}
