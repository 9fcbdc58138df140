//! The identity provider: its configuration and keys, the address that people are sent to, the tokens for a code.

mod wire;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use openidconnect::{
    AccessToken, AuthenticationContextClass, AuthenticationFlow, AuthorizationCode, Client,
    ClientId, ClientSecret, CsrfToken, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    StandardErrorResponse, StandardTokenResponse, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
        CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde_json::Value;
use thiserror::Error;
use tokio::sync::Mutex;

use self::wire::Wire;
pub use self::wire::WireError;
use crate::{
    identity::{Defect, EidClaims, Expected, IdToken, Identity, Trust, verify},
    spid::Level,
};

/// How long the configuration and the keys are believed: a key that the provider withdraws is good for no longer.
const BELIEVED: SignedDuration = SignedDuration::from_mins(10);

type Fields = IdTokenFields<
    EidClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type OurClient = Client<
    EidClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

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
    /// Its configuration or its keys cannot be read.
    #[error("the configuration cannot be read")]
    Configuration(#[source] Box<DiscoveryError<WireError>>),
    /// Its token endpoint does not answer.
    #[error("the token endpoint does not answer")]
    Tokens(#[source] WireError),
    /// Its token endpoint gives an unreadable answer, or refuses our client. The answer is not kept: it may hold
    /// tokens.
    #[error("the token endpoint answers {0}")]
    Answer(&'static str),
}

/// Why a code gave no identity.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The provider could not be used.
    Provider(ProviderError),
    /// It answered, and the answer is refused.
    Answer(Defect),
}

/// What was made up for one sign-in.
pub(crate) struct Secrets {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

/// The provider with what is known of it.
#[derive(Debug)]
pub(crate) struct Provider {
    wire: Wire,
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    return_to: RedirectUrl,
    known: Mutex<Option<ProviderMetadata>>,
}

#[derive(Clone, Debug)]
struct ProviderMetadata {
    client: Arc<OurClient>,
    trust: Arc<Trust>,
    read_at: Timestamp,
}

impl Provider {
    pub(crate) fn new(registration: &Registration) -> Result<Self, ProviderError> {
        let secret = String::from_utf8(registration.client_secret.clone())
            .map_err(|_| ProviderError::Secret)?;
        Ok(Self {
            wire: Wire::new().map_err(ProviderError::Client)?,
            issuer: IssuerUrl::new(registration.issuer.clone())
                .map_err(|_| ProviderError::Address("IDENTITY_ISSUER"))?,
            client_id: ClientId::new(registration.client_id.clone()),
            client_secret: ClientSecret::new(secret),
            return_to: RedirectUrl::new(registration.return_to.clone())
                .map_err(|_| ProviderError::Address("PUBLIC_ORIGIN"))?,
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
        let known = self.metadata(now).await?;
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let (state, nonce) =
            (CsrfToken::new(secrets.state.clone()), Nonce::new(secrets.nonce.clone()));
        let (address, _, _) = known
            .client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || state,
                move || nonce,
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scope(Scope::new("profile".to_owned()))
            .add_scope(Scope::new("email".to_owned()))
            .add_auth_context_value(AuthenticationContextClass::new(level.acr().to_owned()))
            // Levels 2 and 3 have no single sign-on: the next person at a shared machine proves who they are (FRM-5).
            .add_prompt(CoreAuthPrompt::Consent)
            .add_prompt(CoreAuthPrompt::Login)
            .url();
        Ok(address.into())
    }

    /// Redeems a code for the identity that it stands for.
    pub(crate) async fn identity(
        &self,
        code: &str,
        verifier: &str,
        expected: &Expected<'_>,
    ) -> Result<Identity, Failed> {
        let known = self.metadata(expected.now).await.map_err(Failed::Provider)?;
        let (token, access_token) = self.redeem(&known.client, code, verifier).await?;
        match verify(&token, &access_token, &known.trust, expected) {
            // The provider may have changed its keys since we looked: look once more.
            Err(Defect::UnknownKey) => {
                let fresh = self.read(expected.now).await.map_err(Failed::Provider)?;
                verify(&token, &access_token, &fresh.trust, expected).map_err(Failed::Answer)
            }
            outcome => outcome.map_err(Failed::Answer),
        }
    }

    async fn redeem(
        &self,
        client: &OurClient,
        code: &str,
        verifier: &str,
    ) -> Result<(IdToken, AccessToken), Failed> {
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|_| {
                Failed::Provider(ProviderError::Answer("nowhere: the configuration names none"))
            })?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&self.wire)
            .await
            .map_err(failed)?;
        let token = answer.id_token().cloned().ok_or(Failed::Answer(Defect::NoIdToken))?;
        Ok((token, answer.access_token().clone()))
    }

    async fn metadata(&self, now: Timestamp) -> Result<ProviderMetadata, ProviderError> {
        let known = self.known.lock().await.clone();
        match known {
            Some(known) if now < known.read_at + BELIEVED => Ok(known),
            _ => self.read(now).await,
        }
    }

    async fn read(&self, now: Timestamp) -> Result<ProviderMetadata, ProviderError> {
        let configuration = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.wire)
            .await
            .map_err(|error| ProviderError::Configuration(Box::new(error)))?;
        let trust = Trust {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            keys: configuration.jwks().clone(),
        };
        let client = OurClient::from_provider_metadata(
            configuration,
            self.client_id.clone(),
            Some(self.client_secret.clone()),
        )
        .set_redirect_uri(self.return_to.clone());
        let known =
            ProviderMetadata { client: Arc::new(client), trust: Arc::new(trust), read_at: now };
        *self.known.lock().await = Some(known.clone());
        Ok(known)
    }
}

/// What the token endpoint's failure means: ours to refuse, or the provider's illness.
fn failed(
    error: RequestTokenError<WireError, StandardErrorResponse<CoreErrorResponseType>>,
) -> Failed {
    match error {
        RequestTokenError::Request(error) => Failed::Provider(ProviderError::Tokens(error)),
        RequestTokenError::ServerResponse(refusal) => match refusal.error() {
            CoreErrorResponseType::InvalidGrant => Failed::Answer(Defect::Code),
            CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                Failed::Provider(ProviderError::Answer("that it does not know our client"))
            }
            _ => Failed::Provider(ProviderError::Answer("with an error")),
        },
        // Whole JSON with an ID token that cannot be read is a bad token; anything else is a broken answer.
        RequestTokenError::Parse(_, body) => match serde_json::from_slice::<Value>(&body) {
            Ok(answer) if answer.get("id_token").is_some() => Failed::Answer(Defect::Unreadable),
            _ => Failed::Provider(ProviderError::Answer("what is no token answer")),
        },
        RequestTokenError::Other(_) => Failed::Provider(ProviderError::Answer("what is no JSON")),
    }
}
