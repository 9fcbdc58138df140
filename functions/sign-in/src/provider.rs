//! The identity provider: its configuration and keys, the address that people are sent to, the identity for a code.

mod wire;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use serde_json::Value;
use sha2::{Digest, Sha256};
use thiserror::Error;
use tokio::sync::Mutex;

pub use self::wire::WireError;
use self::wire::{ProviderAnswer, Wire};
use crate::{
    defect::Defect,
    identity::{Attributes, Expected, Identity, Proven, Trust, verify, verify_userinfo},
    jws::{Members, PublishedKeys},
    spid::Level,
};

/// How long the configuration and the keys are believed: a key that the provider withdraws is good for no longer.
const BELIEVED: SignedDuration = SignedDuration::from_mins(10);

/// How the portal is registered at the provider.
pub(crate) struct Registration {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Vec<u8>,
    /// Where the provider sends people back to.
    pub(crate) return_to: String,
}

/// The provider cannot be used now: its fault, or that of our settings.
#[derive(Debug, Error)]
pub enum ProviderError {
    /// An address among the settings is none.
    #[error("{0} is not an address")]
    Address(&'static str),
    /// The client secret is not text.
    #[error("the client secret is not text")]
    Secret,
    /// No HTTP client can be made.
    #[error("no HTTP client")]
    Client(#[source] reqwest::Error),
    /// It does not answer.
    #[error("the {0} does not answer")]
    Silent(&'static str, #[source] WireError),
    /// A member of its configuration that is used is not what it must be.
    #[error("the configuration has no usable {0}")]
    Configuration(&'static str),
    /// Its answer is unreadable, or refuses our client. The answer is not kept: it may hold tokens.
    #[error("the {0} answers {1}")]
    Answer(&'static str, &'static str),
}

/// Why a code gave no identity.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The provider could not be used.
    Provider(ProviderError),
    /// It answered, and the answer is refused.
    Answer(Defect),
}

impl From<ProviderError> for Failed {
    fn from(error: ProviderError) -> Self {
        Self::Provider(error)
    }
}

impl From<Defect> for Failed {
    fn from(defect: Defect) -> Self {
        Self::Answer(defect)
    }
}

/// What was made up for one sign-in.
pub(crate) struct Secrets {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

/// The provider with what is known of it.
pub(crate) struct Provider {
    wire: Wire,
    issuer: String,
    configuration: Url,
    client_id: String,
    /// `Basic …`, from client identifier and secret (RFC 6749 2.3.1).
    credentials: String,
    return_to: String,
    known: Mutex<Option<ProviderMetadata>>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Provider").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What is used of the provider's configuration; the other members may hold anything.
#[derive(Clone)]
struct ProviderMetadata {
    authorization: Url,
    token: Url,
    userinfo: Option<Url>,
    trust: Trust,
    read_at: Timestamp,
}

/// What the token endpoint gave for a code.
struct Tokens {
    id_token: String,
    access_token: String,
}

impl Provider {
    pub(crate) fn new(registration: &Registration) -> Result<Self, ProviderError> {
        let secret = String::from_utf8(registration.client_secret.clone())
            .map_err(|_| ProviderError::Secret)?;
        let encoded =
            |part: &str| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encoded(&registration.client_id), encoded(&secret));
        let issuer = registration.issuer.as_str();
        let configuration =
            format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        Url::parse(&registration.return_to).map_err(|_| ProviderError::Address("PUBLIC_ORIGIN"))?;
        Ok(Self {
            wire: Wire::new().map_err(ProviderError::Client)?,
            issuer: issuer.to_owned(),
            configuration: Url::parse(&configuration)
                .map_err(|_| ProviderError::Address("IDENTITY_ISSUER"))?,
            client_id: registration.client_id.clone(),
            credentials: format!("Basic {}", BASE64.encode(pair.as_bytes())),
            return_to: registration.return_to.clone(),
            known: Mutex::new(None),
        })
    }

    /// The issuer, as it must stand in every answer.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where a person is sent to sign in at a level.
    pub(crate) async fn address(
        &self,
        secrets: &Secrets,
        level: Level,
        now: Timestamp,
    ) -> Result<String, ProviderError> {
        let mut address = self.metadata(now).await?.authorization;
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(&secrets.verifier));
        address.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", self.return_to.as_str()),
            ("scope", "openid profile email"),
            ("state", secrets.state.as_str()),
            ("nonce", secrets.nonce.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("acr_values", level.acr()),
            // Levels 2 and 3 have no single sign-on: the next person at a shared machine proves who they are (FRM-5).
            ("prompt", "consent login"),
        ]);
        Ok(address.into())
    }

    /// Redeems a code for the identity that it stands for.
    pub(crate) async fn identity(
        &self,
        code: &str,
        verifier: &str,
        expected: &Expected<'_>,
    ) -> Result<Identity, Failed> {
        let known = self.metadata(expected.now).await?;
        let tokens = self.redeem(&known, code, verifier).await?;
        let believe =
            |trust: &Trust| verify(&tokens.id_token, &tokens.access_token, trust, expected);
        let (known, proven) = match believe(&known.trust) {
            // The provider may have changed its keys since we looked: look once more.
            Err(Defect::UnknownKey) => {
                let fresh = self.read(expected.now).await?;
                let proven = believe(&fresh.trust)?;
                (fresh, proven)
            }
            outcome => (known, outcome?),
        };
        let told = match &known.userinfo {
            Some(endpoint) if !proven.names_person() => {
                Some(self.ask(endpoint, &tokens, &proven, &known.trust, expected.now).await?)
            }
            _ => None,
        };
        Ok(proven.identity(told)?)
    }

    async fn redeem(
        &self,
        known: &ProviderMetadata,
        code: &str,
        verifier: &str,
    ) -> Result<Tokens, Failed> {
        const ENDPOINT: &str = "token endpoint";
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", self.return_to.as_str()),
                ("code_verifier", verifier),
            ])
            .finish();
        let answer = self.wire.post_form(&known.token, &self.credentials, form).await;
        let answer = answer.map_err(|error| ProviderError::Silent(ENDPOINT, error))?;
        let unusable = |what| Failed::Provider(ProviderError::Answer(ENDPOINT, what));
        let members = answer.members();
        if !answer.is_success {
            let error = members.as_ref().and_then(|members| members.get("error")?.as_str());
            return Err(match error {
                Some("invalid_grant") => Defect::Code.into(),
                Some("invalid_client" | "unauthorized_client") => {
                    unusable("that it does not know our client")
                }
                _ => unusable("with an error"),
            });
        }
        let members = members.ok_or_else(|| unusable("what is no JSON"))?;
        let access_token = members.get("access_token").and_then(Value::as_str);
        let access_token = access_token.ok_or_else(|| unusable("what is no token answer"))?;
        match members.get("id_token") {
            Some(Value::String(token)) => {
                Ok(Tokens { id_token: token.clone(), access_token: access_token.to_owned() })
            }
            None | Some(Value::Null) => Err(Defect::NoIdToken.into()),
            Some(_) => Err(Defect::Unreadable.into()),
        }
    }

    /// Asks userinfo who the person of an ID token is, where the ID token does not say.
    async fn ask(
        &self,
        endpoint: &Url,
        tokens: &Tokens,
        proven: &Proven,
        trust: &Trust,
        now: Timestamp,
    ) -> Result<Attributes, Failed> {
        const ENDPOINT: &str = "userinfo endpoint";
        let answer = self.wire.get(endpoint, Some(&tokens.access_token)).await;
        let answer = answer.map_err(|error| ProviderError::Silent(ENDPOINT, error))?;
        if !answer.is_success {
            return Err(ProviderError::Answer(ENDPOINT, "with an error").into());
        }
        let members = match answer.members() {
            Some(members) => members,
            // Signed, it is the compact text of a JWT.
            None => verify_userinfo(answer.text().trim(), trust, now)?,
        };
        Ok(proven.same_person(&members)?)
    }

    async fn metadata(&self, now: Timestamp) -> Result<ProviderMetadata, ProviderError> {
        let known = self.known.lock().await.clone();
        match known {
            Some(known) if now < known.read_at + BELIEVED => Ok(known),
            _ => self.read(now).await,
        }
    }

    async fn read(&self, now: Timestamp) -> Result<ProviderMetadata, ProviderError> {
        let configuration = self.document(&self.configuration, "configuration").await?;
        if configuration.get("issuer").and_then(Value::as_str) != Some(self.issuer.as_str()) {
            return Err(ProviderError::Configuration("issuer"));
        }
        let address = |name: &'static str| {
            let text = configuration.get(name).and_then(Value::as_str);
            text.and_then(|text| Url::parse(text).ok()).ok_or(ProviderError::Configuration(name))
        };
        let keys = self.document(&address("jwks_uri")?, "set of keys").await?;
        let keys = PublishedKeys::read(&Value::Object(keys));
        let known = ProviderMetadata {
            authorization: address("authorization_endpoint")?,
            token: address("token_endpoint")?,
            userinfo: address("userinfo_endpoint").ok(),
            trust: Trust {
                issuer: self.issuer.clone(),
                client_id: self.client_id.clone(),
                keys: keys.ok_or(ProviderError::Configuration("set of keys"))?,
            },
            read_at: now,
        };
        *self.known.lock().await = Some(known.clone());
        Ok(known)
    }

    async fn document(&self, url: &Url, what: &'static str) -> Result<Members, ProviderError> {
        let answer = self.wire.get(url, None).await;
        let answer: ProviderAnswer = answer.map_err(|error| ProviderError::Silent(what, error))?;
        let members = answer.members().filter(|_| answer.is_success);
        members.ok_or(ProviderError::Answer(what, "what is no JSON object"))
    }
}
