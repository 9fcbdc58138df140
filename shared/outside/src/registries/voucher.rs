//! The voucher that every registry asks for, fetched with our credentials and used until shortly before it expires.

use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::exchange::{RegistryError, exchange};

/// How the portal proves itself to the data platform.
#[derive(Clone)]
pub struct Credentials {
    /// The client's identifier.
    pub client_id: String,
    /// Its secret, read at init.
    pub client_secret: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Renewed this long before it expires, so that none expires on its way.
const MARGIN: Duration = Duration::from_secs(20);

/// Keeps the current voucher of one environment.
#[derive(Debug)]
pub(super) struct VoucherCache {
    url: String,
    credentials: Credentials,
    held: Mutex<Option<CachedVoucher>>,
}

struct CachedVoucher {
    token: String,
    good_until: Instant,
}

impl std::fmt::Debug for CachedVoucher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("CachedVoucher")
            .field("good_until", &self.good_until)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Voucher {
    access_token: String,
    token_type: String,
    expires_in: u64,
}

impl VoucherCache {
    pub(super) fn new(url: String, credentials: Credentials) -> Self {
        Self { url, credentials, held: Mutex::new(None) }
    }

    /// A voucher that is good for a while; one call at a time fetches it.
    pub(super) async fn voucher(&self, http: &reqwest::Client) -> Result<String, RegistryError> {
        let mut held = self.held.lock().await;
        if let Some(current) = held.as_ref().filter(|current| Instant::now() < current.good_until) {
            return Ok(current.token.clone());
        }
        let fresh = self.fetch(http).await?;
        let token = fresh.token.clone();
        *held = Some(fresh);
        Ok(token)
    }

    /// Forgets a voucher that a registry has refused, unless another call has replaced it already.
    pub(super) async fn forget(&self, refused: &str) {
        let mut held = self.held.lock().await;
        if held.as_ref().is_some_and(|current| current.token == refused) {
            *held = None;
        }
    }

    async fn fetch(&self, http: &reqwest::Client) -> Result<CachedVoucher, RegistryError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.credentials.client_id)
            .append_pair("client_secret", &self.credentials.client_secret)
            .finish();
        let asked_at = Instant::now();
        let request = http
            .post(&self.url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
            .body(form);
        let reply = exchange(request).await?;
        match reply.status {
            200 => {
                let voucher: Voucher = reply.json()?;
                if !voucher.token_type.eq_ignore_ascii_case("bearer")
                    || voucher.access_token.is_empty()
                {
                    return Err(RegistryError::Malformed);
                }
                let lifetime =
                    Duration::from_secs(voucher.expires_in.min(3600)).saturating_sub(MARGIN);
                Ok(CachedVoucher { token: voucher.access_token, good_until: asked_at + lifetime })
            }
            status @ (429 | 500..=599) => Err(RegistryError::Unavailable { status: Some(status) }),
            status => Err(RegistryError::Refused { status }),
        }
    }
}
