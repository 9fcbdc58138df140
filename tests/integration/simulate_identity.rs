//! The deployed identity provider by itself: discovery, the page, a code that works once; its defects are tested in `sign_in`.

use data_encoding::BASE64URL_NOPAD;
use harness::{
    environment::{Environment, local_client},
    people,
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use outside::aws;
use reqwest::{Client, Response, Url, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A client of the provider, as the portal is one.
struct Party {
    // Keeps out tests that switch parts of the portal off.
    _world: World,
    http: Client,
    issuer: String,
    callback: String,
    client_id: String,
    client_secret: String,
    verifier: String,
}

impl Party {
    async fn arrives() -> StoryResult<Self> {
        let world = World::enter().await?;
        let environment = Environment::read();
        let secret =
            aws::secret(&environment.sdk().await?, &environment.text("IDENTITY_SECRET_ID")?).await;
        let random: [u8; 32] = aws::random().map_err(unexpected)?;
        Ok(Self {
            http: local_client().redirect(Policy::none()).build().map_err(unexpected)?,
            issuer: environment.text("IDENTITY_ISSUER")?,
            callback: format!("{}/api/sign-in/callback", environment.portal()?),
            client_id: environment.text("IDENTITY_CLIENT_ID")?,
            client_secret: String::from_utf8(secret.map_err(unexpected)?).map_err(unexpected)?,
            verifier: BASE64URL_NOPAD.encode(&random),
            _world: world,
        })
    }

    fn address(&self, endpoint: &str, redirect_uri: &str) -> StoryResult<Url> {
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(&self.verifier));
        let random = "0123456789abcdef0123456789abcdef";
        Url::parse_with_params(
            &format!("{}/{endpoint}", self.issuer),
            [
                ("client_id", self.client_id.as_str()),
                ("redirect_uri", redirect_uri),
                ("response_type", "code"),
                ("scope", "openid"),
                ("state", random),
                ("nonce", random),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ],
        )
        .map_err(unexpected)
    }

    async fn decides(&self, changes: Value) -> StoryResult<String> {
        let mut decision = harness::identity::decision(&people::employer()?.representative, 2);
        for (name, value) in changes.as_object().into_iter().flatten() {
            decision[name] = value.clone();
        }
        let address = self.address("authorize/decision", &self.callback)?;
        let answer = self.http.post(address).json(&decision).send().await.map_err(unexpected)?;
        let answer: Value = answer.json().await.map_err(unexpected)?;
        let back =
            Url::parse(answer["redirect"].as_str().unwrap_or_default()).map_err(unexpected)?;
        ensure(back.as_str().starts_with(&self.callback), "the way back leads elsewhere")?;
        let code = back
            .query_pairs()
            .find(|(name, _)| name == "code")
            .map(|(_, value)| value.into_owned());
        code.ok_or_else(|| Deviation::new("no code"))
    }

    async fn redeems(&self, code: &str, verifier: &str) -> StoryResult<Response> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.callback),
            ("code_verifier", verifier),
        ];
        let body = Url::parse_with_params("http://form", form).map_err(unexpected)?;
        self.http
            .post(format!("{}/token", self.issuer))
            .basic_auth(&self.client_id, Some(&self.client_secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.query().unwrap_or_default().to_owned())
            .send()
            .await
            .map_err(unexpected)
    }
}

/// IDP-1: what a client needs to know is where the standard says, and every environment publishes the same key.
#[tokio::test]
async fn the_configuration_leads_to_one_published_key() -> StoryResult {
    let party = Party::arrives().await?;
    let get = async |address: &str| -> StoryResult<Value> {
        party.http.get(address).send().await.map_err(unexpected)?.json().await.map_err(unexpected)
    };
    let configuration = get(&format!("{}/.well-known/openid-configuration", party.issuer)).await?;
    same("issuer", &configuration["issuer"], &json!(party.issuer))?;
    let first = get(configuration["jwks_uri"].as_str().unwrap_or_default()).await?;
    // Beside it stands one of a kind that nobody knows, as real providers publish them.
    let keys = first["keys"].as_array().cloned().unwrap_or_default();
    let known: Vec<_> = keys.iter().filter(|key| key["kty"] == "RSA").collect();
    same("keys of a known kind", &known.len(), &1)?;
    ensure(keys.iter().all(|key| key.get("d").is_none()), "a private key is published")?;
    let at_once = futures::future::try_join_all(
        (0..8).map(|_| get(configuration["jwks_uri"].as_str().unwrap_or_default())),
    );
    for again in at_once.await? {
        same("key", &again, &first)?;
    }
    Ok(())
}

/// IDP-1: a code is worth tokens once, and nothing after a wrong verifier.
#[tokio::test]
async fn a_code_works_once() -> StoryResult {
    let party = Party::arrives().await?;
    let code = party.decides(json!({})).await?;
    let answer = party.redeems(&code, &party.verifier).await?;
    same("status", &answer.status().as_u16(), &200)?;
    let tokens: Value = answer.json().await.map_err(unexpected)?;
    ensure(tokens["id_token"].is_string(), "no id token")?;
    same("second status", &party.redeems(&code, &party.verifier).await?.status().as_u16(), &400)?;

    let code = party.decides(json!({})).await?;
    let wrong = "w".repeat(43);
    same(
        "status of a wrong verifier",
        &party.redeems(&code, &wrong).await?.status().as_u16(),
        &400,
    )?;
    same("status after it", &party.redeems(&code, &party.verifier).await?.status().as_u16(), &400)
}

/// The defect *replay*: the provider lets the same code be used again, so that the portal's own guard can be tested.
#[tokio::test]
async fn a_lax_provider_redeems_a_code_twice() -> StoryResult {
    let party = Party::arrives().await?;
    let code = party.decides(json!({ "defect": "replay" })).await?;
    for _ in 0..2 {
        same("status", &party.redeems(&code, &party.verifier).await?.status().as_u16(), &200)?;
    }
    Ok(())
}

/// Defects of the token endpoint itself.
#[tokio::test]
async fn the_token_endpoint_fails_on_demand() -> StoryResult {
    let party = Party::arrives().await?;
    let code = party.decides(json!({ "defect": "token_endpoint_500" })).await?;
    same("status", &party.redeems(&code, &party.verifier).await?.status().as_u16(), &500)?;
    let code = party.decides(json!({ "defect": "truncated_json" })).await?;
    let answer = party.redeems(&code, &party.verifier).await?;
    same("status", &answer.status().as_u16(), &200)?;
    ensure(answer.json::<Value>().await.is_err(), "the answer is whole")
}

/// People are sent back to the portal's callback and nowhere else.
#[tokio::test]
async fn nobody_is_sent_elsewhere() -> StoryResult {
    let party = Party::arrives().await?;
    for elsewhere in [
        "https://elsewhere.example/",
        &format!("{}/more", party.callback),
        "http://127.0.0.1:1/api/sign-in/callback",
    ] {
        for endpoint in ["authorize", "authorize/decision"] {
            let address = party.address(endpoint, elsewhere)?;
            let request = if endpoint == "authorize" {
                party.http.get(address)
            } else {
                party.http.post(address).json(&json!({}))
            };
            let answer = request.send().await.map_err(unexpected)?;
            same("status", &answer.status().as_u16(), &400)?;
            ensure(!answer.headers().contains_key("location"), "there is a redirection")?;
        }
    }
    Ok(())
}

fn unexpected(error: impl std::fmt::Display) -> Deviation {
    Deviation::new(error.to_string())
}
