//! Fiscal codes of persons and companies, with omocodia and provisional codes (DM 23 December 1976).

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization as _;

use crate::typed::compact;
use crate::vat_number::{
    VatNumber, VatNumberError, check_digit, check_eleven_digits, without_prefix,
};

/// What each position holds: a letter, a digit or the letter that stands for it, the month's letter.
const SHAPE: [Position; 16] = {
    use Position::{Digit, Letter, Month};
    [
        Letter, Letter, Letter, Letter, Letter, Letter, Digit, Digit, Month, Digit, Digit, Letter,
        Digit, Digit, Digit, Letter,
    ]
};

/// The letters of January to December.
const MONTHS: &str = "ABCDEHLMPRST";

/// The letters that stand for 0 to 9 where two people would have the same code.
const OMOCODIA: &str = "LMNPQRSTUV";

/// The value of a character at an odd position; digits count as the letters A to J.
const ODD: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/// Added to the day of birth of women.
const FEMALE: u32 = 40;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Letter,
    Digit,
    Month,
}

/// A person's fiscal code of sixteen characters.
///
/// Any of its seven digits may be replaced by a letter (omocodia): all 128 combinations are valid, because real codes
/// do not keep to the official order from the right. Two codes that differ only so belong to two persons.
/// Does not implement Display, because a fiscal code is personal data.
///
/// ```
/// use domain::fiscal_code::FiscalCode;
///
/// let code: FiscalCode = "rssmra80a01h501u".parse()?;
/// assert_eq!(code.reveal(), "RSSMRA80A01H501U");
/// assert_eq!(format!("{code:?}"), "FiscalCode([redacted])");
/// # Ok::<(), domain::fiscal_code::FiscalCodeError>(())
/// ```
///
/// ```compile_fail
/// let forged = domain::fiscal_code::FiscalCode("RSSMRA80A01H501U".to_owned());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalCode(String);

/// Why a text is not a person's fiscal code; positions count from 1, characters are never repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FiscalCodeError {
    #[error("{0} characters instead of 16")]
    Length(usize),
    #[error("character {position} is not possible there")]
    Character { position: usize },
    #[error("the day of birth does not exist in the month")]
    Day,
    #[error("wrong check character")]
    CheckCharacter,
}

impl FiscalCodeError {
    /// What the person reads beside the field.
    pub fn message(&self) -> String {
        match self {
            Self::Length(length) => format!(
                "Il codice fiscale di una persona ha 16 caratteri, ne risultano {length}. Controlla di averli riportati tutti."
            ),
            Self::Character { position } => format!(
                "Il carattere in posizione {position} del codice fiscale non è possibile. Ricontrolla lettere e cifre."
            ),
            Self::Day => {
                "Il giorno di nascita contenuto nel codice fiscale non esiste. Ricontrolla i caratteri da 7 a 11."
                    .to_owned()
            }
            Self::CheckCharacter => {
                "Il codice fiscale contiene un errore: l'ultimo carattere non corrisponde agli altri. Ricontrolla tutto il codice."
                    .to_owned()
            }
        }
    }
}

/// Sex as the fiscal code records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    Male,
    Female,
}

impl FiscalCode {
    /// The code in capitals, for where it is needed; never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub fn sex(&self) -> Sex {
        if self.day_and_sex() > FEMALE { Sex::Female } else { Sex::Male }
    }

    /// The date of birth: of the two centuries that the code may mean, the latest not after `today`.
    pub fn birth_date(&self, today: Date) -> Option<Date> {
        let this_century = today.year().div_euclid(100) * 100;
        [this_century, this_century - 100]
            .into_iter()
            .filter_map(|century| self.birth_date_in(century))
            .find(|date| *date <= today)
    }

    /// Whether a person born on `date` may have this code: it holds two digits of the year.
    pub fn fits_birth_date(&self, date: Date) -> bool {
        self.birth_date_in(date.year().div_euclid(100) * 100) == Some(date)
    }

    /// The Belfiore code of the municipality or, with Z, of the foreign country of birth, in digits.
    pub fn birthplace(&self) -> Belfiore {
        Belfiore(self.without_omocodia().skip(11).take(4).collect())
    }

    /// The code of a person: for the simulators and for tests, real codes come from the Agenzia delle Entrate.
    pub fn compose(
        surname: &str,
        name: &str,
        birth_date: Date,
        sex: Sex,
        birthplace: &Belfiore,
    ) -> Self {
        let day = u32::from(birth_date.day().unsigned_abs())
            + match sex {
                Sex::Male => 0,
                Sex::Female => FEMALE,
            };
        let month =
            MONTHS.chars().nth(usize::from(birth_date.month().unsigned_abs().saturating_sub(1)));
        Self::with_check_character(format!(
            "{}{}{:02}{}{day:02}{}",
            surname_letters(surname),
            name_letters(name),
            birth_date.year().rem_euclid(100),
            month.unwrap_or('A'),
            birthplace.0,
        ))
    }

    /// The variant in which the digits of `mask` are letters; bit 0 is the last digit, bit 6 the first.
    #[must_use]
    pub fn with_omocodia(&self, mask: u8) -> Self {
        let mut digits_left = 7_u32;
        let payload = self
            .without_omocodia()
            .take(15)
            .zip(SHAPE)
            .map(|(digit, position)| {
                if position != Position::Digit {
                    return digit;
                }
                digits_left = digits_left.saturating_sub(1);
                let letter = digit
                    .to_digit(10)
                    .and_then(|value| OMOCODIA.chars().nth(usize::try_from(value).ok()?));
                if mask.checked_shr(digits_left).unwrap_or(0) & 1 == 1 {
                    letter.unwrap_or(digit)
                } else {
                    digit
                }
            })
            .collect();
        Self::with_check_character(payload)
    }

    fn with_check_character(mut fifteen: String) -> Self {
        fifteen.push(check_character(&fifteen));
        Self(fifteen)
    }

    /// The characters with all digits as digits; the check character is still that of the code itself.
    fn without_omocodia(&self) -> impl Iterator<Item = char> {
        self.0.chars().zip(SHAPE).map(|(character, position)| match position {
            Position::Digit => digit_behind(character),
            // The first letter of a birthplace may look like one of omocodia and is not.
            Position::Letter | Position::Month => character,
        })
    }

    /// The decimal number written at `positions`, counted from 0.
    fn number_at(&self, positions: std::ops::Range<usize>) -> u32 {
        self.without_omocodia()
            .skip(positions.start)
            .take(positions.len())
            .filter_map(|digit| digit.to_digit(10))
            .fold(0, |number, digit| number * 10 + digit)
    }

    fn day_and_sex(&self) -> u32 {
        self.number_at(9..11)
    }

    fn birth_date_in(&self, century: i16) -> Option<Date> {
        let year = century + i16::try_from(self.number_at(6..8)).ok()?;
        let month = self.0.chars().nth(8).and_then(|letter| MONTHS.find(letter))?;
        let day = match self.sex() {
            Sex::Male => self.day_and_sex(),
            Sex::Female => self.day_and_sex() - FEMALE,
        };
        Date::new(year, i8::try_from(month + 1).ok()?, i8::try_from(day).ok()?).ok()
    }
}

impl FromStr for FiscalCode {
    type Err = FiscalCodeError;

    /// Leaves out invisible characters and white space, and reads small letters as capitals.
    fn from_str(text: &str) -> Result<Self, FiscalCodeError> {
        let code = compact(text).to_ascii_uppercase();
        let length = code.chars().count();
        if length != SHAPE.len() {
            return Err(FiscalCodeError::Length(length));
        }
        if let Some(index) =
            code.chars().zip(SHAPE).position(|(character, position)| !fits(character, position))
        {
            return Err(FiscalCodeError::Character { position: index + 1 });
        }
        let code = Self(code);
        // 29 February needs a leap year in one of the two centuries that living people were born in.
        if [1900, 2000].into_iter().all(|century| code.birth_date_in(century).is_none()) {
            return Err(FiscalCodeError::Day);
        }
        let (fifteen, check) = code.0.split_at(15);
        if check.chars().eq([check_character(fifteen)]) {
            Ok(code)
        } else {
            Err(FiscalCodeError::CheckCharacter)
        }
    }
}

impl fmt::Debug for FiscalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FiscalCode([redacted])")
    }
}

/// The place of birth: a letter and three digits, Z for foreign countries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Belfiore(String);

/// The text is not a letter and three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a Belfiore code is a letter and three digits")]
pub struct BelfioreError;

impl Belfiore {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it names a foreign country instead of an Italian municipality.
    pub fn is_abroad(&self) -> bool {
        self.0.starts_with('Z')
    }
}

impl FromStr for Belfiore {
    type Err = BelfioreError;

    fn from_str(text: &str) -> Result<Self, BelfioreError> {
        let code = compact(text).to_ascii_uppercase();
        let mut characters = code.chars();
        let starts_with_letter =
            characters.next().is_some_and(|character| character.is_ascii_uppercase());
        let rest = characters.as_str();
        if starts_with_letter && rest.len() == 3 && rest.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(code))
        } else {
            Err(BelfioreError)
        }
    }
}

/// The provisional code of eleven digits that the SUI gives to a worker: seven of the series, three of the office, a check.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProvisionalCode(String);

impl ProvisionalCode {
    /// The code, for where it is needed; never for a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The code of a series and an office, cut to seven and three digits: for the simulators and for tests.
    pub fn compose(series: u32, office: u16) -> Self {
        // A series of zeros with office 0 would be only zeros, which no person has.
        let ten = format!("{:07}{:03}", (series % 10_000_000).max(1), office % 1_000);
        let check = check_digit(&ten);
        Self(format!("{ten}{check}"))
    }
}

impl FromStr for ProvisionalCode {
    type Err = VatNumberError;

    fn from_str(text: &str) -> Result<Self, VatNumberError> {
        let digits = compact(text);
        check_eleven_digits(&digits)?;
        Ok(Self(digits))
    }
}

impl fmt::Debug for ProvisionalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProvisionalCode([redacted])")
    }
}

/// The code of a person: final or provisional.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonCode {
    Final(FiscalCode),
    Provisional(ProvisionalCode),
}

/// Why a text is no code of a person or company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error("{0} characters instead of 16 or 11")]
    Length(usize),
    #[error("not a fiscal code of sixteen characters")]
    Sixteen(#[source] FiscalCodeError),
    #[error("not a code of eleven digits")]
    Eleven(#[source] VatNumberError),
}

impl CodeError {
    /// What the person reads beside the field.
    pub fn message(&self) -> String {
        match self {
            Self::Length(length) => format!(
                "Il codice ha 16 caratteri oppure 11 cifre, ne risultano {length}. Controlla di averlo riportato per intero."
            ),
            Self::Sixteen(error) => error.message(),
            Self::Eleven(error) => error.message(),
        }
    }
}

impl PersonCode {
    /// The code, for where it is needed; never for a log.
    pub fn reveal(&self) -> &str {
        match self {
            Self::Final(code) => code.reveal(),
            Self::Provisional(code) => code.reveal(),
        }
    }
}

impl FromStr for PersonCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        match compact(text).chars().count() {
            11 => text.parse().map(Self::Provisional).map_err(CodeError::Eleven),
            16 => text.parse().map(Self::Final).map_err(CodeError::Sixteen),
            length => Err(CodeError::Length(length)),
        }
    }
}

impl From<FiscalCode> for PersonCode {
    fn from(code: FiscalCode) -> Self {
        Self::Final(code)
    }
}

/// The fiscal code of a company or body: eleven digits, or that of a sole trader.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompanyCode {
    /// Of a company or body; the same digits as a VAT number, but it need not be one.
    Body(VatNumber),
    SoleTrader(FiscalCode),
}

impl CompanyCode {
    /// The code, for where it is needed; never for a log.
    pub fn reveal(&self) -> &str {
        match self {
            Self::Body(number) => number.reveal(),
            Self::SoleTrader(code) => code.reveal(),
        }
    }
}

impl FromStr for CompanyCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        match without_prefix(compact(text)).chars().count() {
            11 => text.parse().map(Self::Body).map_err(CodeError::Eleven),
            16 => text.parse().map(Self::SoleTrader).map_err(CodeError::Sixteen),
            length => Err(CodeError::Length(length)),
        }
    }
}

fn fits(character: char, position: Position) -> bool {
    match position {
        Position::Letter => character.is_ascii_uppercase(),
        Position::Digit => character.is_ascii_digit() || OMOCODIA.contains(character),
        Position::Month => MONTHS.contains(character),
    }
}

/// The digit that a letter of omocodia stands for; any other character is itself.
fn digit_behind(character: char) -> char {
    OMOCODIA
        .find(character)
        .and_then(|value| char::from_digit(u32::try_from(value).ok()?, 10))
        .unwrap_or(character)
}

fn check_character(fifteen: &str) -> char {
    let sum: u32 = fifteen
        .chars()
        .enumerate()
        .map(|(index, character)| {
            let value = match character {
                '0'..='9' => u32::from(character) - u32::from('0'),
                _ => u32::from(character).saturating_sub(u32::from('A')),
            };
            // Positions count from 1: the first one is odd.
            if index % 2 == 0 {
                usize::try_from(value)
                    .ok()
                    .and_then(|value| ODD.get(value))
                    .copied()
                    .unwrap_or_default()
            } else {
                value
            }
        })
        .sum();
    u8::try_from(sum % 26).map_or('A', |value| char::from(b'A' + value))
}

fn surname_letters(surname: &str) -> String {
    let letters = capitals(surname);
    let (vowels, consonants): (Vec<char>, Vec<char>) =
        letters.chars().partition(|letter| "AEIOU".contains(*letter));
    consonants.into_iter().chain(vowels).chain(['X'; 3]).take(3).collect()
}

fn name_letters(name: &str) -> String {
    let consonants: Vec<char> =
        capitals(name).chars().filter(|letter| !"AEIOU".contains(*letter)).collect();
    match consonants.as_slice() {
        [first, _, third, fourth, ..] => [*first, *third, *fourth].iter().collect(),
        _ => surname_letters(name),
    }
}

/// Whether two spellings are one name: upper and lower case, accents, apostrophes, hyphens and spaces do not count, as
/// they do not in the fiscal code. `NICOLO'` and `Nicolò` are one; a name without any letter is none.
pub fn is_same_name(left: &str, right: &str) -> bool {
    let left = capitals(left);
    !left.is_empty() && left == capitals(right)
}

/// The letters A to Z of a name, marks left off; apostrophes, hyphens and spaces do not count.
fn capitals(name: &str) -> String {
    let marked = name.chars().flat_map(char::to_uppercase).nfd();
    marked.fold(String::new(), |mut capitals, letter| {
        match letter {
            'A'..='Z' => capitals.push(letter),
            // Letters of their own, which no mark makes of another.
            'Æ' => capitals.push_str("AE"),
            'Œ' => capitals.push_str("OE"),
            'Ø' => capitals.push('O'),
            'Đ' | 'Ð' => capitals.push('D'),
            'Ł' => capitals.push('L'),
            _ => {}
        }
        capitals
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    /// IDP-2, ORG-7: the identity provider writes capitals and apostrophes, people write accents.
    #[test]
    fn a_name_is_the_same_whatever_its_accents_apostrophes_and_spaces() {
        for (one, other) in [
            ("NICOLO'", "Nicolò"),
            ("De  Angelis", "DE ANGELIS"),
            ("D’Amico", "d'amico"),
            ("Lopez-Garcia", "LÓPEZ GARCÍA"),
            ("Đoković Łukasz", "DOKOVIC LUKASZ"),
            ("Ærøskøbing", "AEROSKOBING"),
            ("Œuvré", "OEUVRE"),
            ("Řehoř Ünal Ağaoğlu İnce", "REHOR UNAL AGAOGLU INCE"),
            ("Nguyễn Ång", "NGUYEN ANG"),
            ("Großmann", "GROSSMANN"),
            ("Ðorđe", "DORDE"),
        ] {
            assert!(is_same_name(one, other), "{one} {other}");
        }
        for (one, other) in [("Anna", "Annalisa"), ("", ""), ("Иван", "Пётр"), ("Rossi", "")]
        {
            assert!(!is_same_name(one, other), "{one} {other}");
        }
    }

    fn code(text: &str) -> FiscalCode {
        text.parse().unwrap()
    }

    fn place(text: &str) -> Belfiore {
        text.parse().unwrap()
    }

    #[test]
    fn codes_with_and_without_omocodia_are_valid() {
        for text in [
            "RSSMRA80A01H501U",
            "RSSMRA79B11C566R",
            "MRARSS80A01H501T",
            "RSSMRA80A01H50MM",
            "RSSMRA80A01H5LMX",
            "RSSMRA80A01HRLMS",
            "RSSMRA80A0MHRLMK",
            "RSSMRA80ALMHRLMV",
            "RSSMRA8LALMHRLMG",
            "RSSMRAULALMHRLMD",
            // Letters that do not follow the official order from the right, as on real cards.
            "RSSMRA80A01H5L1F",
            "VRDLGI80A41Z1N9V",
            "RSSMRA80A01Z3P0W",
            "RSSMRA70A01Z50QQ",
            "BNLMHM90C15Z330E",
            "BNLFTM92E55Z330E",
        ] {
            assert_eq!(code(text).reveal(), text);
        }
    }

    #[test]
    fn case_and_spaces_do_not_matter() {
        assert_eq!(code(" rss mra 80a01 h501u\n"), code("RSSMRA80A01H501U"));
        assert_eq!(code("RSSMRA80A01\u{a0}H501U"), code("RSSMRA80A01H501U"));
    }

    #[test]
    fn each_mistake_is_named() {
        let cases = [
            ("", FiscalCodeError::Length(0)),
            ("RSSMRA80A01H501", FiscalCodeError::Length(15)),
            ("xxRSSMRA80A01H501U", FiscalCodeError::Length(18)),
            ("12345678903", FiscalCodeError::Length(11)),
            ("12345678903XXXX", FiscalCodeError::Length(15)),
            ("1SSMRA80A01H501U", FiscalCodeError::Character { position: 1 }),
            ("RSSMR080A01H501U", FiscalCodeError::Character { position: 6 }),
            ("RSSMRAA0A01H501U", FiscalCodeError::Character { position: 7 }),
            ("RSSMRA80F01H501U", FiscalCodeError::Character { position: 9 }),
            ("RSSMRA80A01H5O1U", FiscalCodeError::Character { position: 14 }),
            ("RSSMRA80A01H5010", FiscalCodeError::Character { position: 16 }),
            ("RSSMRÀ80A01H501U", FiscalCodeError::Character { position: 6 }),
            ("RSSMRA80A00H501U", FiscalCodeError::Day),
            ("RSSMRA80A32H501U", FiscalCodeError::Day),
            ("RSSMRA80A40H501U", FiscalCodeError::Day),
            ("RSSMRA80A72H501U", FiscalCodeError::Day),
            ("RSSMRA80D31H501U", FiscalCodeError::Day),
            ("RSSMRA81B29H501U", FiscalCodeError::Day),
            ("RSSMRAUMBNVH501U", FiscalCodeError::Day),
            ("VRDGPP85C10F205Z", FiscalCodeError::CheckCharacter),
            ("RSSMRA80A01H501V", FiscalCodeError::CheckCharacter),
        ];
        for (text, expected) in cases {
            let error = text.parse::<FiscalCode>().unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(error.message().ends_with('.'));
        }
        assert!("VRDGPP85C10F205I".parse::<FiscalCode>().is_ok());
    }

    #[test]
    fn whoever_was_born_on_a_29th_of_february_has_a_valid_code() {
        for year in [1904, 1980, 2000] {
            let born = date(year, 2, 29);
            let code = FiscalCode::compose("Rossi", "Mario", born, Sex::Male, &place("H501"));
            assert_eq!(code.reveal().parse().as_ref(), Ok(&code), "{year}");
            assert!(code.fits_birth_date(born));
        }
    }

    #[test]
    fn sex_birth_date_and_birthplace_are_read_through_omocodia() {
        let today = date(2026, 11, 22);
        let woman = code("BNLFTM92E55Z330E");
        assert_eq!((woman.sex(), woman.birth_date(today)), (Sex::Female, Some(date(1992, 5, 15))));
        assert_eq!(woman.birthplace(), place("Z330"));
        assert!(woman.birthplace().is_abroad());
        let man = code("RSSMRAULALMHRLMD");
        assert_eq!((man.sex(), man.birth_date(today)), (Sex::Male, Some(date(1980, 1, 1))));
        assert_eq!(man.birthplace(), place("H501"));
        assert!(!man.birthplace().is_abroad());
    }

    #[test]
    fn a_birth_date_is_the_latest_that_has_come() {
        let code =
            FiscalCode::compose("Rossi", "Mario", date(2010, 6, 1), Sex::Male, &place("H501"));
        assert_eq!(code.birth_date(date(2026, 11, 22)), Some(date(2010, 6, 1)));
        assert_eq!(code.birth_date(date(2010, 6, 1)), Some(date(2010, 6, 1)));
        assert_eq!(code.birth_date(date(2010, 5, 31)), Some(date(1910, 6, 1)));
        assert!(code.fits_birth_date(date(1910, 6, 1)));
        assert!(!code.fits_birth_date(date(2011, 6, 1)));
    }

    #[test]
    fn names_are_shortened_as_the_decree_says() {
        let compose = |surname, name| {
            FiscalCode::compose(surname, name, date(1980, 1, 1), Sex::Male, &place("H501")).reveal()
                [..6]
                .to_owned()
        };
        assert_eq!(compose("Rossi", "Mario"), "RSSMRA");
        assert_eq!(compose("Fo", "Gianfranco"), "FOXGFR");
        assert_eq!(compose("Bianchi", "Al"), "BNCLAX");
        assert_eq!(compose("D'Alò", "Luca"), "DLALCU");
        assert_eq!(compose("Aiea", "Io"), "AIEIOX");
        assert_eq!(compose("Núñez Øst", "Łukasz"), "NNZLSZ");
        assert_eq!(compose("", "李"), "XXXXXX");
    }

    #[test]
    fn known_people_get_their_known_codes() {
        let mario =
            FiscalCode::compose("Rossi", "Mario", date(1980, 1, 1), Sex::Male, &place("H501"));
        assert_eq!(mario, code("RSSMRA80A01H501U"));
        let other =
            FiscalCode::compose("Rossi", "Mario", date(1979, 2, 11), Sex::Male, &place("C566"));
        assert_eq!(other, code("RSSMRA79B11C566R"));
    }

    #[test]
    fn omocodia_replaces_the_digits_of_the_mask() {
        let base = code("RSSMRA80A01H501U");
        assert_eq!(base.with_omocodia(0), base);
        assert_eq!(base.with_omocodia(0b1), code("RSSMRA80A01H50MM"));
        assert_eq!(base.with_omocodia(0b10), code("RSSMRA80A01H5L1F"));
        assert_eq!(base.with_omocodia(0b111_1111), code("RSSMRAULALMHRLMD"));
        assert_eq!(base.with_omocodia(0b111_1111).with_omocodia(0), base);
    }

    #[test]
    fn a_belfiore_code_is_a_letter_and_three_digits() {
        assert_eq!(place(" z330 ").as_str(), "Z330");
        for text in ["", "Z33", "Z3300", "1330", "ZZ30", "Z33O", "È330"] {
            assert_eq!(text.parse::<Belfiore>(), Err(BelfioreError), "{text}");
        }
    }

    #[test]
    fn a_persons_code_is_final_or_provisional() {
        assert!(matches!("RSSMRA80A01H501U".parse(), Ok(PersonCode::Final(_))));
        assert!(matches!("123 4567 8903".parse(), Ok(PersonCode::Provisional(_))));
        let refused = |text: &str| text.parse::<PersonCode>().unwrap_err();
        assert_eq!(refused("123456789"), CodeError::Length(9));
        assert_eq!(refused("12345678902"), CodeError::Eleven(VatNumberError::CheckDigit));
        assert_eq!(refused("00000000000"), CodeError::Eleven(VatNumberError::OnlyZeros));
        assert_eq!(
            refused("RSSMRA80A01H501V"),
            CodeError::Sixteen(FiscalCodeError::CheckCharacter)
        );
        assert!(refused("").message().ends_with('.'));
    }

    #[test]
    fn a_companys_code_is_of_a_body_or_of_a_sole_trader() {
        assert!(matches!("00159560366".parse(), Ok(CompanyCode::Body(_))));
        assert!(matches!("rssmra80a01h501u".parse(), Ok(CompanyCode::SoleTrader(_))));
        assert_eq!("0015956036".parse::<CompanyCode>().unwrap_err(), CodeError::Length(10));
        assert_eq!(
            "00159560367".parse::<CompanyCode>().unwrap_err(),
            CodeError::Eleven(VatNumberError::CheckDigit)
        );
    }

    #[test]
    fn debug_shows_none_of_them() {
        let person: PersonCode = "RSSMRA80A01H501U".parse().unwrap();
        let worker: PersonCode = "12345678903".parse().unwrap();
        let company: CompanyCode = "00159560366".parse().unwrap();
        let shown = format!("{person:?} {worker:?} {company:?}");
        assert_eq!(
            shown,
            "Final(FiscalCode([redacted])) Provisional(ProvisionalCode([redacted])) Body(VatNumber([redacted]))"
        );
    }

    fn people() -> impl Strategy<Value = FiscalCode> {
        (
            "\\PC{0,12}",
            "[a-zàèìòùA-Z' ]{0,12}",
            0_u16..50_000,
            prop_oneof![Just(Sex::Male), Just(Sex::Female)],
            "[A-Z][0-9]{3}",
        )
            .prop_map(|(surname, name, days, sex, birthplace)| {
                let born = crate::calendar::days_after(date(1900, 1, 1), days);
                FiscalCode::compose(&surname, &name, born, sex, &place(&birthplace))
            })
    }

    proptest! {
        #[test]
        fn whoever_is_composed_has_a_valid_code(
            days in 0_u16..46_000,
            female: bool,
            birthplace in "[A-Z][0-9]{3}",
            surname in "\\PC{0,12}",
            name in "\\PC{0,12}",
        ) {
            let born = crate::calendar::days_after(date(1900, 1, 1), days);
            let sex = if female { Sex::Female } else { Sex::Male };
            let composed = FiscalCode::compose(&surname, &name, born, sex, &place(&birthplace));
            prop_assert_eq!(composed.reveal().parse::<FiscalCode>(), Ok(composed.clone()));
            prop_assert_eq!(composed.sex(), sex);
            prop_assert!(composed.fits_birth_date(born));
            prop_assert_eq!(composed.birthplace(), place(&birthplace));
        }

        #[test]
        fn each_of_the_128_variants_is_valid_and_another(person in people()) {
            let variants: BTreeSet<FiscalCode> = (0..128).map(|mask| person.with_omocodia(mask)).collect();
            prop_assert_eq!(variants.len(), 128);
            for variant in variants {
                prop_assert_eq!(variant.reveal().parse::<FiscalCode>(), Ok(variant.clone()));
                prop_assert_eq!(variant.sex(), person.sex());
                prop_assert_eq!(variant.birthplace(), person.birthplace());
                prop_assert_eq!(variant.with_omocodia(0), person.with_omocodia(0));
            }
        }

        #[test]
        fn any_other_check_character_is_refused(person in people(), other in "[A-Z]") {
            let (fifteen, check) = person.reveal().split_at(15);
            prop_assume!(other != check);
            prop_assert_eq!(
                format!("{fifteen}{other}").parse::<FiscalCode>(),
                Err(FiscalCodeError::CheckCharacter)
            );
        }

        #[test]
        fn a_composed_provisional_code_is_valid(series: u32, office: u16) {
            let composed = ProvisionalCode::compose(series, office);
            prop_assert_eq!(composed.reveal().parse::<ProvisionalCode>(), Ok(composed.clone()));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}") {
            let _ = text.parse::<PersonCode>();
            let _ = text.parse::<CompanyCode>();
        }
    }

    #[test]
    fn each_kind_of_code_is_revealed_as_it_was_typed_in_capitals() {
        for (typed, code) in
            [("rssmra80a01h501u", "RSSMRA80A01H501U"), ("00000109009", "00000109009")]
        {
            let company = typed.parse::<CompanyCode>().unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(company.reveal(), code);
        }
        let person = "rssmra80a01h501u".parse::<PersonCode>().unwrap();
        assert_eq!(person.reveal(), "RSSMRA80A01H501U");
    }
}
