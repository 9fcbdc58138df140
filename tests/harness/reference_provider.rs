//! The reference implementation of an Italian identity provider (`tests/identity_provider`), which nobody here wrote: started
//! once for all tests of a binary, with portals and people of each test's own.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::{
    browser::{Answer, Browser, Call, From},
    environment::{local_client, root},
    story::{Deviation, StoryResult},
};

/// The claim in which SPID tells the fiscal number.
pub const FISCAL_NUMBER: &str = "https://attributes.eid.gov.it/fiscal_number";

/// The password of every person there.
const PASSWORD: &str = "prova";

/// How often it is asked whether it serves already, and how long to wait before each time: it makes keys and a database first.
const PATIENCE: (u32, Duration) = (480, Duration::from_millis(250));

/// The one that all tests of this binary share. Its standard input is ours: it ends when we do.
static RUNNING: OnceCell<(Child, String)> = OnceCell::const_new();

/// The running provider.
#[derive(Clone, Debug)]
pub struct ReferenceProvider {
    client: Client,
    origin: String,
}

impl ReferenceProvider {
    /// The provider, started by whoever asks first.
    pub async fn running() -> StoryResult<Self> {
        let client = local_client().timeout(Duration::from_mins(1)).build()?;
        let (_, origin) = RUNNING.get_or_try_init(|| start(&client)).await?;
        Ok(Self { client, origin: origin.clone() })
    }

    /// The issuer of its tokens.
    pub fn issuer(&self) -> String {
        format!("{}/oidc/op", self.origin)
    }

    /// Registers a portal, to which people come back at one address; gives its client identifier. `userinfo` is `signed` or
    /// `encrypted`.
    pub async fn registers(
        &self,
        returns_to: &str,
        secret: &str,
        userinfo: &str,
    ) -> StoryResult<String> {
        let portal =
            json!({ "redirect_uri": returns_to, "client_secret": secret, "userinfo": userinfo });
        self.desk("portals", &portal, "client_id").await
    }

    /// The federation no longer vouches for a portal.
    pub async fn excludes(&self, client: &str) -> StoryResult {
        let sent = self.client.post(format!("{}/desk/excluded", self.origin));
        sent.json(&json!({ "client_id": client })).send().await?.error_for_status()?;
        Ok(())
    }

    /// A person with these attributes; gives the name to sign in with.
    pub async fn knows(&self, attributes: &Value) -> StoryResult<String> {
        let person = json!({ "password": PASSWORD, "attributes": attributes });
        self.desk("people", &person, "username").await
    }

    async fn desk(&self, what: &str, asked: &Value, given: &str) -> StoryResult<String> {
        let sent = self.client.post(format!("{}/desk/{what}", self.origin)).json(asked);
        let answer: Value = sent.send().await?.error_for_status()?.json().await?;
        let given = answer.get(given).and_then(Value::as_str).map(str::to_owned);
        given.ok_or_else(|| Deviation::new(format!("the provider's desk answers {answer}")))
    }

    /// Fills in a page of the provider and sends it; gives the page or the redirection after it.
    pub async fn sends(
        &self,
        browser: &Browser,
        page: &Answer,
        path: &str,
        filled: &[(&str, &str)],
    ) -> StoryResult<Answer> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(hidden(&String::from_utf8_lossy(&page.body)));
        form.extend_pairs(filled);
        let address = format!("{}{path}", self.issuer());
        let sent = Call::new(Method::POST, address)
            .body("application/x-www-form-urlencoded", form.finish());
        let answer = browser.send(sent).await?;
        if answer.status == 302 && answer.location()?.starts_with(&self.origin) {
            return opens(browser, &answer.location()?).await;
        }
        Ok(answer)
    }

    /// Signs in on the provider's first page; gives the page that asks for consent.
    pub async fn signs_in(
        &self,
        browser: &Browser,
        page: &Answer,
        username: &str,
        password: &str,
    ) -> StoryResult<Answer> {
        let filled = [("username", username), ("password", password)];
        self.sends(browser, page, "/authorization", &filled).await?.expect(200)
    }

    /// The whole way on the provider's pages; gives the address that leads back to the portal.
    pub async fn vouches(
        &self,
        browser: &Browser,
        address: &str,
        username: &str,
    ) -> StoryResult<String> {
        let page = opens(browser, address).await?.expect(200)?;
        let consent = self.signs_in(browser, &page, username, PASSWORD).await?;
        let agreed = self.sends(browser, &consent, "/consent", &[("agree", "True")]).await?;
        agreed.expect(302)?.location()
    }
}

/// Opens an address and follows the provider's redirections (302): to a page of it, or back to the portal, whose own (303) is
/// left to the caller.
pub async fn opens(browser: &Browser, address: &str) -> StoryResult<Answer> {
    let mut answer = browser.send(visit(address)).await?;
    while answer.status == 302 {
        answer = browser.send(visit(&answer.location()?)).await?;
    }
    Ok(answer)
}

fn visit(address: &str) -> Call {
    Call::new(Method::GET, address).from(From::Elsewhere)
}

/// Names and values of a page's hidden fields, except the consent: whether it is given is the person's choice.
fn hidden<'p>(page: &'p str) -> Vec<(&'p str, &'p str)> {
    let inputs = page.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    let pair = |input: &'p str| Some((attribute(input, "name")?, attribute(input, "value")?));
    inputs
        .filter(|input| attribute(input, "type") == Some("hidden"))
        .filter_map(pair)
        .filter(|(name, _)| *name != "agree")
        .collect()
}

/// The value of an attribute of a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

async fn start(client: &Client) -> StoryResult<(Child, String)> {
    let python = root().join(".local/venvs/identity/bin/python");
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let folder = root().join(".local/identity-provider");
    std::fs::create_dir_all(&folder)?;
    let child = Command::new(&python)
        .arg("serve.py")
        .arg(port.to_string())
        .arg(&folder)
        .current_dir(root().join("tests/identity_provider"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            let python = python.display();
            Deviation::new(format!("{python}: {error}: run these tests by `cargo xtask test`"))
        })?;
    let origin = format!("http://127.0.0.1:{port}");
    let (times, pause) = PATIENCE;
    let asked = format!("{origin}/oidc/op/.well-known/openid-configuration");
    for _ in 0..times {
        if client.get(&asked).send().await.is_ok_and(|answer| answer.status().is_success()) {
            return Ok((child, origin));
        }
        tokio::time::sleep(pause).await;
    }
    Err(Deviation::new("the reference provider does not come up"))
}
