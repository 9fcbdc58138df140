//! The link "Non sono stato io" in the message to the employer's certified mailbox (NEW-5): signed, not stored.

use data_encoding::HEXLOWER;
use domain::ids::ApplicationId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::keying::Keying;

/// Bytes of the code that authenticates a link: 128 bits cannot be guessed, and a line of a mail has room for them.
const TAG: usize = 16;

/// Makes and reads the links.
#[derive(Clone)]
pub struct BlockLinks([u8; 32]);

impl std::fmt::Debug for BlockLinks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("BlockLinks([redacted])")
    }
}

impl BlockLinks {
    /// With a key of their own, derived from the keying secret.
    pub fn new(keying: &Keying) -> Self {
        Self(keying.derived("block-link"))
    }

    /// The end of the link's path. It is good for as long as the state lets the employer block, and says nothing but
    /// which application it is about.
    pub fn token(&self, id: &ApplicationId) -> String {
        let tag = self.mac(id).finalize().into_bytes();
        let tag = tag.split_at_checked(TAG).map(|(tag, _)| tag).unwrap_or_default();
        format!("{id}.{}", HEXLOWER.encode(tag))
    }

    /// The application of a link that we made.
    pub fn application(&self, token: &str) -> Option<ApplicationId> {
        let (id, tag) = token.split_once('.')?;
        let id: ApplicationId = id.parse().ok()?;
        let tag: [u8; TAG] = HEXLOWER.decode(tag.as_bytes()).ok()?.try_into().ok()?;
        self.mac(&id).verify_truncated_left(&tag).ok()?;
        Some(id)
    }

    fn mac(&self, id: &ApplicationId) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        mac.update(id.as_str().as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(secret: u8) -> BlockLinks {
        BlockLinks::new(&Keying::new(vec![secret; 64]))
    }

    fn an_application(byte: u8) -> ApplicationId {
        ApplicationId::from_random([byte; 16])
    }

    #[test]
    fn a_link_leads_to_its_application_and_says_nothing_else() {
        let token = links(1).token(&an_application(7));
        assert_eq!(links(1).application(&token), Some(an_application(7)));
        assert_eq!(token.len(), an_application(7).as_str().len() + 1 + 2 * TAG);
        assert_eq!(format!("{:?}", links(1)), "BlockLinks([redacted])");
    }

    #[test]
    fn a_link_of_another_deployment_or_application_leads_nowhere() {
        let token = links(1).token(&an_application(7));
        assert_eq!(links(2).application(&token), None);
        let tag = token.split_once('.').unwrap().1;
        assert_eq!(links(1).application(&format!("{}.{tag}", an_application(8))), None);
    }

    /// Each character counts, and there is one written form only.
    #[test]
    fn an_altered_or_cut_link_leads_nowhere() {
        let token = links(1).token(&an_application(7));
        for index in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[index] = if bytes[index] == b'0' { b'1' } else { b'0' };
            let altered = String::from_utf8(bytes).unwrap();
            assert_eq!(links(1).application(&altered), None, "{altered}");
            assert_eq!(links(1).application(&token[..index]), None, "{}", &token[..index]);
        }
        for odd in [token.to_uppercase(), format!("{token}0"), format!("{token}."), String::new()] {
            assert_eq!(links(1).application(&odd), None, "{odd}");
        }
    }
}
