//! *Codice ricevuta*: 80 random bits for people to read out, with two characters that catch slips.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base32;

/// Symbols that carry the 80 random bits.
const SYMBOLS: usize = 16;

/// Symbols that check them.
const CHECKS: usize = 2;

/// The largest prime below 32², the number of pairs of check symbols.
///
/// A code is valid when the number that all 18 symbols write is 1 modulo this prime (the pure system of ISO 7064).
/// A wrong symbol changes that number by d·32ⁿ with 0 < |d| < 32, two neighbours exchanged by d·31·32ⁿ: neither is a
/// multiple of the prime, so both are always caught.
const MODULUS: u128 = 1021;

/// The code by which people quote a receipt, `RIC-XXXX-XXXX-XXXX-XXXX-XX`.
///
/// It is random and says nothing of the order; it is not a protocol number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptCode(Box<str>);

impl ReceiptCode {
    /// The code that stands for ten random bytes.
    pub fn from_random(bytes: [u8; 10]) -> Self {
        let number = bytes.iter().fold(0, |number: u128, byte| (number << 8) | u128::from(*byte));
        let check = (1 + MODULUS - (number << 10) % MODULUS) % MODULUS;
        Self::written(&base32::encode((number << 10) | check, 18))
    }

    /// The one written form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Groups of four behind the prefix, in upper case.
    fn written(symbols: &str) -> Self {
        let mut text = String::from("RIC");
        for (symbol, place) in symbols.chars().zip(0..) {
            if place % 4 == 0 {
                text.push('-');
            }
            text.push(symbol.to_ascii_uppercase());
        }
        Self(text.into())
    }
}

/// Why a typed text is not a receipt code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptCodeError {
    /// Not 18 symbols, prefix, spaces and dashes apart.
    #[error("{0} characters instead of 18")]
    Length(usize),
    /// A character that no code contains; the position counts from 0, prefix, spaces and dashes apart.
    #[error("character {0} is in no code")]
    Character(usize),
    /// The check characters do not fit: something was mistyped.
    #[error("the check characters do not fit")]
    Check,
}

impl FromStr for ReceiptCode {
    type Err = ReceiptCodeError;

    /// Reads what a person typed: prefix, spaces, dashes and case do not count, i and l are read as 1, o as 0.
    fn from_str(typed: &str) -> Result<Self, ReceiptCodeError> {
        let symbols: String =
            typed.chars().filter(|symbol| !symbol.is_whitespace() && *symbol != '-').collect();
        let symbols = match symbols.split_at_checked(3) {
            Some((prefix, rest))
                if symbols.chars().count() != SYMBOLS + CHECKS
                    && prefix.eq_ignore_ascii_case("RIC") =>
            {
                rest
            }
            _ => symbols.as_str(),
        };
        let length = symbols.chars().count();
        if length != SYMBOLS + CHECKS {
            return Err(ReceiptCodeError::Length(length));
        }
        let mut number = 0_u128;
        for (symbol, position) in symbols.chars().zip(0..) {
            let value = base32::typed_value(symbol).ok_or(ReceiptCodeError::Character(position))?;
            number = (number << 5) | u128::from(value);
        }
        // The check symbols 1021 to 1023 would stand for the same as 0 to 2: only one form is right.
        if number % MODULUS != 1 || (number & 1023) >= MODULUS {
            return Err(ReceiptCodeError::Check);
        }
        Ok(Self::written(&base32::encode(number, 18)))
    }
}

impl fmt::Display for ReceiptCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// With a birth date the code opens the worker's view (NEW-6), so it does not belong into logs.
impl fmt::Debug for ReceiptCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ReceiptCode([redacted])")
    }
}

impl Serialize for ReceiptCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ReceiptCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// The positions of the symbols in the written form, behind `RIC`.
    fn places(text: &str) -> Vec<usize> {
        text.char_indices()
            .skip(3)
            .filter(|(_, symbol)| *symbol != '-')
            .map(|(place, _)| place)
            .collect()
    }

    #[test]
    fn a_code_is_written_in_groups() {
        assert_eq!(ReceiptCode::from_random([0; 10]).as_str(), "RIC-0000-0000-0000-0000-01");
        let code = ReceiptCode::from_random([255; 10]);
        assert!(code.as_str().starts_with("RIC-ZZZZ-ZZZZ-ZZZZ-ZZZZ-"));
        assert_eq!(code.as_str().len(), 26);
        assert_eq!(format!("{code:?}"), "ReceiptCode([redacted])");
    }

    #[test]
    fn typed_codes_are_forgiven_their_dress() {
        let code = ReceiptCode::from_random([0; 10]);
        for typed in [
            "ric-0000-0000-0000-0000-01",
            "RIC 0000 0000 0000 0000 0l",
            "oooooooooooooooo0I",
            " 0000-0000-0000-0000-01\n",
        ] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed:?}");
        }
        assert_eq!("".parse::<ReceiptCode>(), Err(ReceiptCodeError::Length(0)));
        assert_eq!(
            "RIC-0000-0000-0000-0000-0".parse::<ReceiptCode>(),
            Err(ReceiptCodeError::Length(17))
        );
        assert_eq!(
            "RIC-0000-0000-0000-0000-0U".parse::<ReceiptCode>(),
            Err(ReceiptCodeError::Character(17))
        );
        assert_eq!(
            "RIC-0000-0000-0000-0000-02".parse::<ReceiptCode>(),
            Err(ReceiptCodeError::Check)
        );
        assert_eq!(
            "RIC-0000-0000-0000-0000-ZY".parse::<ReceiptCode>(),
            Err(ReceiptCodeError::Check)
        );
    }

    /// The pairs of check symbols beyond the prime would stand for others: of each code one form alone is right.
    #[test]
    fn a_check_beyond_the_prime_is_refused_although_its_sum_fits() {
        // 681 is the number whose check is 0: 681 · 1024 is 1 modulo 1021.
        let code = ReceiptCode::from_random([0, 0, 0, 0, 0, 0, 0, 0, 2, 169]);
        let text = code.as_str();
        assert_eq!(text, "RIC-0000-0000-0000-00N9-00");
        assert_eq!(text.parse(), Ok(code.clone()));
        let beyond = text.replace("N9-00", "N9-ZX");
        assert_eq!(beyond.parse::<ReceiptCode>(), Err(ReceiptCodeError::Check));
    }

    proptest! {
        #[test]
        fn every_code_comes_back(bytes: [u8; 10]) {
            let code = ReceiptCode::from_random(bytes);
            prop_assert_eq!(code.as_str().parse(), Ok(code.clone()));
            prop_assert_eq!(code.as_str().replace('-', "").to_lowercase().parse(), Ok(code.clone()));
            prop_assert_eq!(code.as_str().trim_start_matches("RIC-").parse(), Ok(code));
        }

        #[test]
        fn a_single_wrong_character_is_always_caught(bytes: [u8; 10]) {
            let code = ReceiptCode::from_random(bytes);
            for place in places(code.as_str()) {
                for other in ALPHABET.chars() {
                    let mut wrong = code.as_str().to_owned();
                    wrong.replace_range(place..=place, other.encode_utf8(&mut [0; 4]));
                    if wrong != code.as_str() {
                        prop_assert_eq!(wrong.parse::<ReceiptCode>(), Err(ReceiptCodeError::Check));
                    }
                }
            }
        }

        #[test]
        fn two_neighbours_exchanged_are_always_caught(bytes: [u8; 10]) {
            let code = ReceiptCode::from_random(bytes);
            for pair in places(code.as_str()).windows(2) {
                let mut wrong = code.as_str().as_bytes().to_vec();
                wrong.swap(pair[0], pair[1]);
                let wrong = String::from_utf8(wrong).unwrap();
                if wrong != code.as_str() {
                    prop_assert_eq!(wrong.parse::<ReceiptCode>(), Err(ReceiptCodeError::Check));
                }
            }
        }

        #[test]
        fn no_text_makes_parsing_panic(text in ".*") {
            let _ = text.parse::<ReceiptCode>();
            let _ = format!("RIC{text}").parse::<ReceiptCode>();
        }
    }

    /// Three symbols of the code may look like its prefix.
    #[test]
    fn a_code_that_begins_like_its_prefix_is_read_without_it() {
        let heads = (0..=u16::MAX).map(|head| {
            let mut random = [7; 10];
            random[..2].copy_from_slice(&head.to_be_bytes());
            ReceiptCode::from_random(random)
        });
        let code = heads.into_iter().find(|code| code.as_str().starts_with("RIC-R1C")).unwrap();
        let symbols = code.as_str().strip_prefix("RIC-").unwrap().replace('-', "");
        for typed in [format!("RIC{}", &symbols[3..]), format!("RIC{symbols}"), symbols.clone()] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed}");
        }
    }
}
