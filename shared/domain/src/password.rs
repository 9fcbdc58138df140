//! What a password must be like (ACC-1). Whether it is among the commonest is judged beside its hash, in `outside`.

use std::fmt;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// The fewest characters.
pub const SHORTEST: usize = 8;
/// The most characters: more would only cost work.
pub const LONGEST: usize = 128;

/// What is wrong with a chosen password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PasswordFault {
    /// Fewer than eight characters.
    TooShort,
    /// More than 128 characters.
    TooLong,
    /// No digit.
    NoDigit,
    /// Among the commonest, or made of the person's own names and address.
    TooCommon,
}

impl PasswordFault {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "troppo-corta",
            Self::TooLong => "troppo-lunga",
            Self::NoDigit => "senza-cifre",
            Self::TooCommon => "troppo-comune",
        }
    }

    /// What to do.
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooShort => "La password deve avere almeno 8 caratteri.",
            Self::TooLong => "La password può avere al massimo 128 caratteri.",
            Self::NoDigit => "La password deve contenere almeno una cifra.",
            Self::TooCommon => {
                "Questa password è troppo comune o contiene i tuoi dati: scegline una più difficile da indovinare, per esempio alcune parole a caso con un numero."
            }
        }
    }
}

/// A password as it was typed. It has no `Display` and a redacted `Debug`.
#[derive(Clone)]
pub struct Password(Box<str>);

impl Password {
    /// What a person types to sign in or chooses; [`Password::faults`] says whether it may be chosen.
    ///
    /// Composed (NFC, RFC 8265): some keyboards send "è" as one character, some as two.
    pub fn typed(text: String) -> Self {
        if is_nfc(&text) { Self(text.into()) } else { Self(text.nfc().collect::<String>().into()) }
    }

    /// The text, for the hash alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// All that is wrong with its form (ACC-1).
    pub fn faults(&self) -> Vec<PasswordFault> {
        let length = self.0.chars().count();
        let mut faults = Vec::new();
        if length < SHORTEST {
            faults.push(PasswordFault::TooShort);
        }
        if length > LONGEST {
            faults.push(PasswordFault::TooLong);
        }
        if !self.0.chars().any(|character| character.is_ascii_digit()) {
            faults.push(PasswordFault::NoDigit);
        }
        faults
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<PasswordFault> {
        Password::typed(text.to_owned()).faults()
    }

    /// ACC-1: at least 8 characters with at least one digit; 64 and 128 are allowed.
    #[test]
    fn the_form_of_a_password_is_judged_at_once() {
        assert_eq!(faults(""), [PasswordFault::TooShort, PasswordFault::NoDigit]);
        assert_eq!(faults("abcdef1"), [PasswordFault::TooShort]);
        assert_eq!(faults("abcdefgh"), [PasswordFault::NoDigit]);
        assert_eq!(faults("abcdefg1"), []);
        assert_eq!(faults("è uscita 1"), []);
        assert_eq!(faults(&format!("{}1", "a".repeat(63))), []);
        assert_eq!(faults(&format!("{}1", "a".repeat(127))), []);
        assert_eq!(faults(&format!("{}1", "a".repeat(128))), [PasswordFault::TooLong]);
    }

    #[test]
    fn a_password_is_the_same_from_whatever_keyboard() {
        let typed = |text: &str| Password::typed(text.to_owned()).reveal().to_owned();
        assert_eq!(typed("citta\u{300} 17 perche\u{301}"), typed("citt\u{e0} 17 perch\u{e9}"));
        // Case, spaces and look-alikes count.
        assert_ne!(typed("Ombrello 7"), typed("ombrello 7"));
        assert_ne!(typed("ombrello 7 "), typed("ombrello 7"));
        assert_ne!(typed("\u{fb01}ume blu 7"), typed("fiume blu 7"));
    }

    #[test]
    fn no_debug_text_shows_a_password() {
        assert!(!format!("{:?}", Password::typed("segreto1".to_owned())).contains("segreto"));
    }
}
