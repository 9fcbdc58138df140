//! HMAC-SHA256 over labelled, length-prefixed parts: one message never reads as another.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// HMAC-SHA256 of `parts` under `key`, for the one use that `label` names.
///
/// The label and each part are preceded by their length (8 bytes, big endian), so that neither two uses of a key
/// nor two ways to cut the same bytes can yield the same digest.
pub fn keyed_hash(key: &[u8], label: &str, parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::keyed_hash;

    #[test]
    fn key_label_and_cut_all_count() {
        let digest = keyed_hash(b"key", "label", &[b"ab", b"c"]);
        assert_eq!(digest, keyed_hash(b"key", "label", &[b"ab", b"c"]));
        assert_ne!(digest, keyed_hash(b"kez", "label", &[b"ab", b"c"]));
        assert_ne!(digest, keyed_hash(b"key", "labelab", &[b"c"]));
        assert_ne!(digest, keyed_hash(b"key", "label", &[b"a", b"bc"]));
        assert_ne!(digest, keyed_hash(b"key", "label", &[b"abc"]));
    }

    /// The first 16 bytes are stored for good (ids of accounts): a change of the construction would orphan them.
    #[test]
    fn the_construction_never_changes() {
        let digest = keyed_hash(b"pepper", "account", &[b"RSSMRA85T10A562S"]);
        assert_eq!(
            data_encoding::HEXLOWER.encode(&digest),
            "735124abd53604d61682043aa03b32afe1e7f60c8414a2bc7258bbc1d2906b62"
        );
    }
}
