//! The secret half of refresh tokens: the portal recognises what it once gave out, without storing every one.
//!
//! Half of it is random, half an authentication code over session and random half. A token that was given out and comes again
//! was copied, and ends its session (ADR 6); one that was made up ends nobody's.

use data_encoding::BASE64URL_NOPAD;
use domain::ids::SessionId;
use hmac::{Hmac, KeyInit, Mac};
use outside::keying::Keying;
use sha2::Sha256;

/// Makes and recognises the secrets of refresh tokens.
#[derive(Clone)]
pub struct RefreshSecrets([u8; 32]);

impl std::fmt::Debug for RefreshSecrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("RefreshSecrets([redacted])")
    }
}

impl RefreshSecrets {
    /// Under a key of their own.
    pub fn new(keying: &Keying) -> Self {
        Self(keying.derived("refresh-token"))
    }

    /// A new secret of a session.
    pub(crate) fn make(&self, session: &SessionId, random: [u8; 16]) -> [u8; 32] {
        let mut secret = [0; 32];
        let (half, code) = secret.split_at_mut(16);
        half.copy_from_slice(&random);
        let tag = self.code(session, &random).finalize().into_bytes();
        code.copy_from_slice(tag.get(..16).unwrap_or_default());
        secret
    }

    /// Whether the portal gave this secret to this session, at whatever time.
    pub(crate) fn made(&self, session: &SessionId, secret: &[u8; 32]) -> bool {
        let (random, code) = secret.split_at(16);
        self.code(session, random).verify_truncated_left(code).is_ok()
    }

    /// The session of a token that the portal gave out; none of one that was made up.
    pub fn session_of(&self, token: &str) -> Option<SessionId> {
        let (session, secret) = read_refresh_token(token)?;
        self.made(&session, &secret).then_some(session)
    }

    fn code(&self, session: &SessionId, random: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        mac.update(session.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(random);
        mac
    }
}

/// The token as the cookie holds it.
pub(crate) fn refresh_token(session: &SessionId, secret: &[u8; 32]) -> String {
    format!("{session}.{}", BASE64URL_NOPAD.encode(secret))
}

/// Session and secret of a token, whoever made it.
pub(crate) fn read_refresh_token(token: &str) -> Option<(SessionId, [u8; 32])> {
    let (session, secret) = token.split_once('.')?;
    let secret = BASE64URL_NOPAD.decode(secret.as_bytes()).ok()?;
    Some((session.parse().ok()?, secret.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_to_this_session_is_recognised() {
        let secrets = RefreshSecrets::new(&Keying::new(b"keying secret of the tests".to_vec()));
        let session = SessionId::from_random([1; 16]);
        let given = secrets.make(&session, [7; 16]);
        let token = refresh_token(&session, &given);
        assert_eq!(secrets.session_of(&token), Some(session.clone()));
        for place in 0..32 {
            let mut altered = given;
            altered[place] ^= 1;
            assert_eq!(secrets.session_of(&refresh_token(&session, &altered)), None, "{place}");
        }
        let other = SessionId::from_random([2; 16]);
        assert_eq!(secrets.session_of(&refresh_token(&other, &given)), None);
        let elsewhere = RefreshSecrets::new(&Keying::new(b"another secret".to_vec()));
        assert_eq!(elsewhere.session_of(&token), None);
        for made_up in
            ["", ".", "x", &format!("{session}."), &format!("{session}.{}", "A".repeat(43))]
        {
            assert_eq!(secrets.session_of(made_up), None, "{made_up}");
        }
    }
}
