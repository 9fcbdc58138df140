//! Cursors of pages: opaque, authenticated, bound to the caller and to the list.

use data_encoding::BASE64URL_NOPAD;
use domain::ids::AccountId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of the code that authenticates a cursor.
const TAG: usize = 32;

/// Seals and opens cursors.
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CursorKey([redacted])")
    }
}

impl CursorKey {
    /// Takes key material derived for cursors.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// A cursor that says where a page ended.
    pub fn seal(&self, account: &AccountId, list: &str, last: &str) -> String {
        let mut bytes = self.mac(account, list, last).finalize().into_bytes().to_vec();
        bytes.extend_from_slice(last.as_bytes());
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Where the page ended, if the cursor was sealed for this caller and list.
    pub fn open(&self, account: &AccountId, list: &str, cursor: &str) -> Option<String> {
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
        let (tag, last) = bytes.split_at_checked(TAG)?;
        let last = std::str::from_utf8(last).ok()?;
        self.mac(account, list, last).verify_slice(tag).ok()?;
        Some(last.to_owned())
    }

    fn mac(&self, account: &AccountId, list: &str, last: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        for part in [account.as_str(), list, last] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(byte: u8) -> AccountId {
        AccountId::keyed(&[byte; 32])
    }

    #[test]
    fn a_cursor_opens_for_its_caller_and_list_only() {
        let key = CursorKey::new([7; 32]);
        let cursor = key.seal(&account(1), "applications", "app_x");
        assert_eq!(key.open(&account(1), "applications", &cursor).as_deref(), Some("app_x"));
        assert_eq!(key.open(&account(2), "applications", &cursor), None);
        assert_eq!(key.open(&account(1), "communications", &cursor), None);
        assert_eq!(CursorKey::new([8; 32]).open(&account(1), "applications", &cursor), None);
    }

    #[test]
    fn an_altered_cursor_does_not_open() {
        let key = CursorKey::new([7; 32]);
        let cursor = key.seal(&account(1), "applications", "app_x");
        for index in 0..cursor.len() {
            let mut bytes = cursor.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            assert_eq!(key.open(&account(1), "applications", &altered), None, "{index}");
        }
    }
}
