//! Keyed hashes: what identifies a person or a worker in keys and uniqueness rows, so that no fiscal code stands there.

use data_encoding::HEXLOWER;
use domain::{
    fiscal_code::{CompanyCode, PersonCode},
    form::WorkerIdentity,
    ids::{AccountId, OrganisationId, OwnerId},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The keying secret of a deployment.
#[derive(Clone)]
pub struct Keying {
    secret: Vec<u8>,
}

impl std::fmt::Debug for Keying {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keying([redacted])")
    }
}

impl Keying {
    /// Takes the secret that was read at init.
    pub const fn new(secret: Vec<u8>) -> Self {
        Self { secret }
    }

    /// The account of a person: known before the first sign-in, since an operator may file for them earlier (IDP-4).
    pub fn account(&self, person: &PersonCode) -> AccountId {
        AccountId::keyed(&self.digest("account", person.reveal()))
    }

    /// The represented employer, when it is a company or body (OWN-1).
    pub fn company(&self, company: &CompanyCode) -> OwnerId {
        OwnerId::keyed(&self.digest("owner", company.reveal()))
    }

    /// The represented employer, when it is a natural person (OWN-1).
    pub fn person(&self, person: &PersonCode) -> OwnerId {
        OwnerId::keyed(&self.digest("owner", person.reveal()))
    }

    /// The organisation with this fiscal code, so that no body is there twice (ORG-2).
    pub fn organisation(&self, company: &CompanyCode) -> OrganisationId {
        OrganisationId::keyed(&self.digest("organisation", company.reveal()))
    }

    /// The claim of one employer on one worker (LIM-1).
    pub fn worker(&self, owner: &OwnerId, worker: &WorkerIdentity) -> String {
        let text = format!(
            "{owner}|{}|{}|{}",
            worker.citizenship, worker.passport_number, worker.birth_date
        );
        HEXLOWER.encode(&self.digest("worker", &text))
    }

    /// An opaque name for anything that limits attempts (an address, a client).
    pub fn opaque(&self, what: &str, value: &str) -> String {
        HEXLOWER.encode(&self.digest(what, value))
    }

    /// From this the activation codes are derived, when issued and again when mailed (ACT-1).
    pub fn activation_secret(&self) -> [u8; 32] {
        self.derived("activation-code")
    }

    /// With this the activation codes are hashed for the store (ACT-1).
    pub fn activation_pepper(&self) -> [u8; 32] {
        self.derived("activation-pepper")
    }

    /// Key material for one purpose (cursors), derived so that purposes never share a key.
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        self.digest("derived", purpose)
    }

    fn digest(&self, label: &str, value: &str) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes any key");
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().into()
    }
}
