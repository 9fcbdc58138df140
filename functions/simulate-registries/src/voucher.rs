//! The token service before the registries: client credentials for a short-lived bearer token, checked without a store.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::wire::{Voucher, VoucherRequest};

/// Seconds that a voucher lives.
const LIFETIME: i64 = 600;

/// Issues and checks vouchers.
#[derive(Clone)]
pub struct Vouchers {
    client_id: String,
    client_secret: Vec<u8>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    sub: String,
    exp: i64,
}

/// Why no voucher is issued, in the words of RFC 6749 section 5.2.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoVoucher {
    UnsupportedGrantType,
    InvalidClient,
}

impl std::fmt::Debug for Vouchers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Vouchers")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl Vouchers {
    /// One client, the portal; its secret also signs the vouchers, since the simulators are the only ones to read them.
    pub const fn new(client_id: String, client_secret: Vec<u8>) -> Self {
        Self { client_id, client_secret }
    }

    pub(crate) fn issue(
        &self,
        request: &VoucherRequest,
        now: Timestamp,
    ) -> Result<Voucher, NoVoucher> {
        if request.grant_type != "client_credentials" {
            return Err(NoVoucher::UnsupportedGrantType);
        }
        let known = request.client_id == self.client_id
            && bool::from(request.client_secret.as_bytes().ct_eq(&self.client_secret));
        if !known {
            return Err(NoVoucher::InvalidClient);
        }
        let claims = Claims { sub: self.client_id.clone(), exp: now.as_second() + LIFETIME };
        let key = EncodingKey::from_secret(&self.client_secret);
        let access_token = encode(&Header::new(Algorithm::HS256), &claims, &key)
            .map_err(|_| NoVoucher::InvalidClient)?;
        Ok(Voucher { access_token, token_type: "Bearer", expires_in: LIFETIME.unsigned_abs() })
    }

    /// Whether an `Authorization` header carries a voucher of ours that is still good at that instant.
    pub(crate) fn admits(&self, authorization: Option<&str>, now: Timestamp) -> bool {
        let Some(token) = authorization.and_then(|header| header.strip_prefix("Bearer ")) else {
            return false;
        };
        let mut validation = Validation::new(Algorithm::HS256);
        // The instant is the gateway's, not this process's, so the expiry is compared here.
        validation.validate_exp = false;
        decode::<Claims>(token, &DecodingKey::from_secret(&self.client_secret), &validation)
            .is_ok_and(|token| {
                token.claims.exp > now.as_second() && token.claims.sub == self.client_id
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vouchers() -> Vouchers {
        Vouchers::new("portale".to_owned(), b"a-secret-of-the-deployment".to_vec())
    }

    fn request(grant_type: &str, client_id: &str, client_secret: &str) -> VoucherRequest {
        VoucherRequest {
            grant_type: grant_type.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + second).unwrap()
    }

    #[test]
    fn a_voucher_opens_the_registries_until_it_expires() {
        let voucher = vouchers()
            .issue(&request("client_credentials", "portale", "a-secret-of-the-deployment"), at(0))
            .unwrap_or_else(|_| panic!("refused"));
        let header = format!("Bearer {}", voucher.access_token);
        assert!(vouchers().admits(Some(&header), at(599)));
        assert!(!vouchers().admits(Some(&header), at(600)));
        assert!(!vouchers().admits(Some(&voucher.access_token), at(0)));
        assert!(!vouchers().admits(None, at(0)));
        let others = Vouchers::new("portale".to_owned(), b"another-secret-of-the-deploy".to_vec());
        assert!(!others.admits(Some(&header), at(0)));
    }

    #[test]
    fn no_voucher_for_another_client_secret_or_grant() {
        let refused = |request| vouchers().issue(&request, at(0)).err();
        let secret = "a-secret-of-the-deployment";
        assert_eq!(
            refused(request("password", "portale", secret)),
            Some(NoVoucher::UnsupportedGrantType)
        );
        assert_eq!(
            refused(request("client_credentials", "altri", secret)),
            Some(NoVoucher::InvalidClient)
        );
        assert_eq!(
            refused(request("client_credentials", "portale", "guess")),
            Some(NoVoucher::InvalidClient)
        );
    }
}
