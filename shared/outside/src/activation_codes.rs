//! Activation codes with the deployment's keys and the campaign's rules (ACT-1): issued, derived again for the PEC, compared.

use domain::{
    activation::{Activation, ActivationCode, TooManyCodes, Verdict},
    campaign::Campaign,
    ids::ApplicationId,
};
use jiff::Timestamp;

use crate::keying::Keying;

/// The keys of activation codes: one derives them, the other hashes them.
#[derive(Clone)]
pub struct ActivationCodes {
    secret: [u8; 32],
    pepper: [u8; 32],
}

impl std::fmt::Debug for ActivationCodes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ActivationCodes([redacted])")
    }
}

impl ActivationCodes {
    /// Keys of their own, derived from the keying secret.
    pub fn new(keying: &Keying) -> Self {
        Self { secret: keying.activation_secret(), pepper: keying.activation_pepper() }
    }

    /// The next code of an application; `nonce` is fresh and random.
    pub fn issue(
        &self,
        id: &ApplicationId,
        previous: Option<&Activation>,
        campaign: &Campaign,
        nonce: [u8; 16],
        now: Timestamp,
    ) -> Result<Activation, TooManyCodes> {
        let hash = ActivationCode::derive(&self.secret, id, &nonce).hash(&self.pepper, id);
        Activation::issue(previous, campaign.activation(), hash, nonce, now)
    }

    /// The code of an issue, for the PEC alone.
    pub fn code(&self, id: &ApplicationId, activation: &Activation) -> ActivationCode {
        ActivationCode::derive(&self.secret, id, &activation.nonce)
    }

    /// What a typed code comes to.
    pub fn verify(
        &self,
        id: &ApplicationId,
        activation: &Activation,
        typed: &ActivationCode,
        campaign: &Campaign,
        now: Timestamp,
    ) -> Verdict {
        activation.verify(&typed.hash(&self.pepper, id), now, campaign.activation())
    }
}
