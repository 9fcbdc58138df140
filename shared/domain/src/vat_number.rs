//! VAT numbers (partita IVA) and the check digit that provisional fiscal codes and company codes share with them.

use std::fmt;
use std::str::FromStr;

use crate::typed::compact;

/// An Italian VAT number: eleven digits, the last of them a check (DPR 633/1972 art. 35).
///
/// Does not implement Display, because a sole trader's number is personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VatNumber(String);

/// Why eleven digits were expected and not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VatNumberError {
    #[error("{0} characters instead of 11")]
    Length(usize),
    #[error("character {position} is not a digit")]
    NotADigit { position: usize },
    #[error("only zeros")]
    OnlyZeros,
    #[error("wrong check digit")]
    CheckDigit,
}

impl VatNumberError {
    /// What the person reads beside the field.
    pub fn message(&self) -> String {
        match self {
            Self::Length(length) => {
                format!("Servono 11 cifre, ne risultano {length}. Controlla di averle riportate tutte.")
            }
            Self::NotADigit { position } => {
                format!("Il carattere in posizione {position} non è una cifra. Servono 11 cifre, senza lettere né segni.")
            }
            Self::OnlyZeros => "Il numero è composto di soli zeri. Scrivi le 11 cifre effettive.".to_owned(),
            Self::CheckDigit => {
                "Il numero contiene un errore: la cifra di controllo non corrisponde. Ricontrolla le cifre.".to_owned()
            }
        }
    }
}

impl VatNumber {
    /// The digits, for where they are needed; never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for VatNumber {
    type Err = VatNumberError;

    /// Leaves out invisible characters, white space and the prefix `IT`.
    fn from_str(text: &str) -> Result<Self, VatNumberError> {
        let digits = without_prefix(compact(text));
        check_eleven_digits(&digits)?;
        Ok(Self(digits))
    }
}

impl fmt::Debug for VatNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VatNumber([redacted])")
    }
}

/// The number without the `IT` that invoices write before it (Directive 2006/112/EC art. 215).
pub(crate) fn without_prefix(text: String) -> String {
    match text.split_at_checked(2) {
        Some((prefix, digits)) if prefix.eq_ignore_ascii_case("IT") && digits.len() == 11 => {
            digits.to_owned()
        }
        _ => text,
    }
}

/// Whether `text` is eleven digits with the right check digit.
pub(crate) fn check_eleven_digits(text: &str) -> Result<(), VatNumberError> {
    let length = text.chars().count();
    if length != 11 {
        return Err(VatNumberError::Length(length));
    }
    if let Some(index) = text.chars().position(|character| !character.is_ascii_digit()) {
        return Err(VatNumberError::NotADigit { position: index + 1 });
    }
    // Zeros pass the sum; no business has this number.
    if text.bytes().all(|digit| digit == b'0') {
        return Err(VatNumberError::OnlyZeros);
    }
    let (payload, check) = text.split_at(10);
    if check_digit(payload).to_string() == check { Ok(()) } else { Err(VatNumberError::CheckDigit) }
}

/// The digit that makes ten digits a valid number: every second one is doubled, less 9 above 9.
pub(crate) fn check_digit(ten_digits: &str) -> u32 {
    let sum: u32 = ten_digits
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(index, digit)| match (index % 2, digit) {
            (0, _) => digit,
            (_, 0..5) => digit * 2,
            _ => digit * 2 - 9,
        })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn real_numbers_are_valid() {
        for number in ["00159560366", "00743110157", "12345678903"] {
            assert_eq!(number.parse::<VatNumber>().unwrap().reveal(), number);
        }
    }

    #[test]
    fn spaces_are_left_out() {
        assert_eq!(" 001 5956\u{a0}0366\n".parse::<VatNumber>().unwrap().reveal(), "00159560366");
    }

    #[test]
    fn the_prefix_of_invoices_is_left_out() {
        for pasted in
            ["IT00159560366", "it 001 595 603 66", "\u{feff}IT\u{200b}00159560366\u{202c}"]
        {
            assert_eq!(pasted.parse::<VatNumber>().unwrap().reveal(), "00159560366", "{pasted:?}");
        }
        assert_eq!("IT00159560367".parse::<VatNumber>(), Err(VatNumberError::CheckDigit));
        for wrong in ["FR00159560366", "ITIT159560366", "IT0015956036"] {
            assert!(wrong.parse::<VatNumber>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_mistake_is_named() {
        let cases = [
            ("", VatNumberError::Length(0)),
            ("1234567890", VatNumberError::Length(10)),
            ("123456789012", VatNumberError::Length(12)),
            ("IT123456789", VatNumberError::NotADigit { position: 1 }),
            ("1234567890O", VatNumberError::NotADigit { position: 11 }),
            ("1234567890３", VatNumberError::NotADigit { position: 11 }),
            ("00000000000", VatNumberError::OnlyZeros),
            ("12345678902", VatNumberError::CheckDigit),
            ("21345678903", VatNumberError::CheckDigit),
        ];
        for (text, expected) in cases {
            let error = text.parse::<VatNumber>().unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(error.message().ends_with('.'));
        }
    }

    #[test]
    fn a_number_is_not_shown_by_debug() {
        let number: VatNumber = "12345678903".parse().unwrap();
        assert_eq!(format!("{number:?}"), "VatNumber([redacted])");
    }

    proptest! {
        #[test]
        fn the_computed_check_digit_is_the_only_valid_one(payload in "[0-9]{10}", digit in 0_u32..10) {
            prop_assume!(payload != "0000000000");
            let valid = format!("{payload}{digit}").parse::<VatNumber>().is_ok();
            prop_assert_eq!(valid, digit == check_digit(&payload));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}") {
            let _ = text.parse::<VatNumber>();
        }
    }
}
