//! Passwords: refused when common, stored as argon2id, verified at the same cost whether there is one or not (ACC-1).

use std::sync::LazyLock;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use domain::password::{Password, PasswordFault};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The list of common passwords has none longer than this, in characters.
const LOOKED_AT: usize = 64;

/// A password's hash as stored: argon2id with 19 MiB, two passes, one lane, and a salt of its own (OWASP's first choice).
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PasswordHash([redacted])")
    }
}

/// A password could not be hashed: only for want of memory.
#[derive(Debug, Error)]
#[error("the password cannot be hashed")]
pub struct HashError(#[source] argon2::password_hash::Error);

/// The hash to compare with when no account has this address, so that time tells nothing: the hash of an unknown text.
static NOBODYS: LazyLock<Option<PasswordHash>> =
    LazyLock::new(|| hash_with(&Password::typed(String::new()), [7; 16]).ok());

/// All that is wrong with a chosen password; `own` are the person's names and address, which the password must not use.
pub fn faults(password: &Password, own: &[&str]) -> Vec<PasswordFault> {
    let mut faults = password.faults();
    let text: String = password.reveal().chars().take(LOOKED_AT).collect();
    if password.reveal().chars().count() <= LOOKED_AT
        && faults.is_empty()
        && zxcvbn::zxcvbn(&text, own).score() <= zxcvbn::Score::One
    {
        faults.push(PasswordFault::TooCommon);
    }
    faults
}

/// The hash to store; `salt` is fresh and random.
pub fn hash(password: &Password, salt: [u8; 16]) -> Result<PasswordHash, HashError> {
    hash_with(password, salt)
}

/// Whether it is the password. Without a stored hash the work is the same and the answer no.
pub fn is_right(password: &Password, stored: Option<&PasswordHash>) -> bool {
    let against = stored.or(NOBODYS.as_ref());
    let matches = against.is_some_and(|hash| {
        Argon2::default().verify_password(password.reveal().as_bytes(), hash.0.as_str()).is_ok()
    });
    matches && stored.is_some()
}

fn hash_with(password: &Password, salt: [u8; 16]) -> Result<PasswordHash, HashError> {
    // The crate's defaults are argon2id, 19 MiB, t=2, p=1; the test below holds them.
    let hash = Argon2::default()
        .hash_password_with_salt(password.reveal().as_bytes(), &salt)
        .map_err(HashError)?;
    Ok(PasswordHash(hash.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Password {
        Password::typed(text.to_owned())
    }

    #[test]
    fn a_password_is_stored_as_argon2id_with_its_own_salt() {
        let one = hash(&typed("cavallo batteria 7 graffetta"), [1; 16]).unwrap();
        let other = hash(&typed("cavallo batteria 7 graffetta"), [2; 16]).unwrap();
        assert!(one.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.0);
        assert_ne!(one.0, other.0);
        assert!(is_right(&typed("cavallo batteria 7 graffetta"), Some(&one)));
        assert!(!is_right(&typed("cavallo batteria 8 graffetta"), Some(&one)));
        assert!(!format!("{one:?}").contains("argon2"));
    }

    #[test]
    fn nobodys_password_is_never_right() {
        assert!(!is_right(&typed(""), None));
        assert!(!is_right(&typed("qualunque1"), None));
    }

    /// ACC-1: the commonest are refused, and what is made of one's own data.
    #[test]
    fn the_commonest_passwords_and_ones_own_data_are_refused() {
        for common in ["password1", "Password1", "12345678", "qwerty123", "abc12345", "iloveyou1"] {
            assert_eq!(faults(&typed(common), &[]), [PasswordFault::TooCommon], "{common}");
        }
        let own = ["Gioacchina", "Bevilacqua", "gioacchina.bevilacqua@example.it"];
        assert_eq!(faults(&typed("bevilacqua1"), &own), [PasswordFault::TooCommon]);
        assert_eq!(faults(&typed("ombrello-7-lanterna"), &own), []);
        for length in [64, 128] {
            let long: String = (0..length)
                .map(|n: u32| char::from_u32(97 + (n * 7 + n / 3) % 26).unwrap())
                .chain("1".chars())
                .skip(1)
                .collect();
            assert_eq!(faults(&typed(&long), &own), [], "{length}");
        }
    }
}
