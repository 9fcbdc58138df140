//! The invented population: people and companies derived from a number, and found again from their codes.

use std::{fmt, sync::LazyLock};

use domain::fiscal_code::{Belfiore, CompanyCode, FiscalCode, Sex};
use jiff::{
    ToSpan,
    civil::{Date, date},
};
use sha2::{Digest, Sha256};

use crate::{
    behaviour::{Behaviour, Demand},
    scope::Scope,
};

/// People and companies that exist only here, the same on every machine.
///
/// A person's code has a birthplace of the form `W###` (real places use A to M and Z); a company's code names the tax
/// office `9##` (real ones end at 121, but for 888 and 999): neither can be a real code.
#[derive(Clone, Copy, Debug)]
pub struct Population;

/// An employer: a company or body with its legal representative.
#[derive(Clone, Eq, PartialEq)]
pub struct DemoEmployer {
    /// The number that company and representative are derived from.
    pub number: u32,
    /// The legal representative, who signs in.
    pub representative: DemoPerson,
    /// Fiscal code of the company or body.
    pub company_code: CompanyCode,
    /// Its name.
    pub company_name: String,
    /// Whether it is in the business register (RI = SI).
    pub in_register: bool,
    /// Its certified address, never deliverable outside.
    pub pec: String,
}

/// A natural person.
#[derive(Clone, Eq, PartialEq)]
pub struct DemoPerson {
    /// Given name.
    pub first_name: String,
    /// Surname.
    pub last_name: String,
    /// Sex as the fiscal code tells it.
    pub sex: Sex,
    /// Date of birth.
    pub birth_date: Date,
    /// Fiscal code.
    pub fiscal_code: FiscalCode,
    /// Digital domicile (INAD), never deliverable outside.
    pub pec: String,
    /// Ordinary address, as the identity provider tells it.
    pub email: String,
}

/// A worker abroad: no registry knows of them, the employer types all of it.
#[derive(Clone, Eq, PartialEq)]
pub struct DemoWorker {
    /// Given name as on the passport.
    pub first_name: &'static str,
    /// Surname as on the passport.
    pub last_name: &'static str,
    /// Sex.
    pub sex: Sex,
    /// Date of birth.
    pub birth_date: Date,
    /// Citizenship, ISO 3166-1 alpha-3.
    pub citizenship: &'static str,
    /// Place of birth and of residence.
    pub place: &'static str,
    /// Number of the passport.
    pub passport_number: String,
}

impl fmt::Debug for DemoEmployer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DemoEmployer").field("number", &self.number).finish_non_exhaustive()
    }
}

impl fmt::Debug for DemoPerson {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DemoPerson([redacted])")
    }
}

impl fmt::Debug for DemoWorker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DemoWorker([redacted])")
    }
}

/// How many people there are; numbers are taken modulo this.
pub const SIZE: u32 = 1 << 20;

/// Companies have six digits for their number.
const COMPANIES: u32 = 1_000_000;

/// The birthday of the first of 1024 dates, 17 days apart: all adults, none a hundred years old.
const FIRST_BIRTHDAY: Date = date(1952, 1, 7);
const DAYS_BETWEEN_BIRTHDAYS: u32 = 17;

/// Codes have two digits of the year; all people of the range were born in the hundred years before this.
const YOUNGEST: Date = date(2019, 12, 31);

/// Spreads neighbouring numbers over names and dates; odd, so that the spreading has an inverse modulo a power of two.
const SPREAD: u32 = 668_265_261;

impl Population {
    /// Employer `n` (below one million): a company of the business register whose registries answer as they should.
    pub fn employer(n: u32) -> DemoEmployer {
        Self::employer_with(n, Demand::default())
    }

    /// Employer `n` whose codes make the registries behave as demanded.
    pub fn employer_with(n: u32, demand: Demand) -> DemoEmployer {
        Self::company(n % COMPANIES, demand, true)
    }

    /// Employer `n` as a body outside the business register (RI = NO), behaving as demanded.
    pub fn body_with(n: u32, demand: Demand) -> DemoEmployer {
        Self::company(n % COMPANIES, demand, false)
    }

    /// Person `n`, about whom the registries answer as they should; the representative of employer `n`.
    pub fn person(n: u32) -> DemoPerson {
        Self::person_with(n, Demand::default())
    }

    /// Person `n` with a code that makes the registries behave as demanded.
    pub fn person_with(n: u32, demand: Demand) -> DemoPerson {
        let mixed = n.wrapping_mul(SPREAD) % SIZE;
        let surname = *pick(&SURNAMES, mixed);
        let (first_name, sex) = *pick(&FIRST_NAMES, mixed / 32);
        let birth_date = days_after(FIRST_BIRTHDAY, (mixed / 1024) * DAYS_BETWEEN_BIRTHDAYS);
        let code = FiscalCode::compose(surname, first_name, birth_date, sex, &birthplace(demand));
        DemoPerson::new(surname.to_owned(), first_name.to_owned(), sex, birth_date, code)
    }

    /// Worker `n`, whose passport number is theirs alone.
    pub fn worker(n: u32) -> DemoWorker {
        let mixed = n.wrapping_mul(SPREAD) % 1_000_000;
        let country = pick(&COUNTRIES, mixed);
        let (first_name, sex) = *pick(&country.first_names, mixed / 7);
        let last_name = *pick(&country.surnames, mixed / 29);
        DemoWorker {
            first_name,
            last_name,
            sex,
            birth_date: days_after(date(1975, 3, 2), mixed % 10_000),
            citizenship: country.code,
            place: country.place,
            passport_number: format!("DM{:07}", n % 10_000_000),
        }
    }

    /// The person with this code, if it lies in the reserved range; names that the population does not use are made up
    /// from the code's letters, so that every valid code of the range has a consistent person.
    pub fn find_person(code: &FiscalCode) -> Option<(DemoPerson, Demand)> {
        let demand = demand_of(&code.birthplace())?;
        let birth_date = code.birth_date(YOUNGEST)?;
        let sex = code.sex();
        let surname = code.reveal().get(0..3)?;
        let first_name = code.reveal().get(3..6)?;
        let known_surname = LETTERS.surnames.iter().find(|(letters, _)| letters == surname);
        let known_first_name =
            LETTERS.first_names.iter().find(|(letters, of, _)| letters == first_name && *of == sex);
        let person = DemoPerson::new(
            known_surname.map_or_else(|| spoken(surname), |(_, name)| (*name).to_owned()),
            known_first_name.map_or_else(|| spoken(first_name), |(_, _, name)| (*name).to_owned()),
            sex,
            birth_date,
            code.clone(),
        );
        Some((person, demand))
    }

    /// What a place of birth demands of the registry that is asked for a definitive code: it ends in a reserved birthplace
    /// then, as in `Jalandhar W440`; any other place demands nothing.
    pub fn demand_at(place: &str) -> Demand {
        let reserved = place.rsplit(' ').next().and_then(|word| word.parse().ok());
        reserved.and_then(|place| demand_of(&place)).unwrap_or_default()
    }

    /// The place of birth that carries a demand.
    pub fn place_with(place: &str, demand: Demand) -> String {
        format!("{place} {}", birthplace(demand).as_str())
    }

    /// The company or body with this code, if it lies in the reserved range.
    pub fn find_company(code: &CompanyCode) -> Option<(DemoEmployer, Demand)> {
        let CompanyCode::Body(number) = code else { return None };
        let digits = number.reveal();
        if digits.get(7..8)? != "9" {
            return None;
        }
        let class: u8 = digits.get(8..10)?.parse().ok()?;
        let (behaviour, in_register) = (Behaviour::of_code(class % 50)?, class < 50);
        let demand = Demand { behaviour, scope: Scope::of_digit(digits.get(6..7)?.parse().ok()?)? };
        Some((Self::company(digits.get(0..6)?.parse().ok()?, demand, in_register), demand))
    }

    fn company(n: u32, demand: Demand, in_register: bool) -> DemoEmployer {
        let representative = Self::person(n);
        let class = demand.behaviour.code() + if in_register { 0 } else { 50 };
        let surname = &representative.last_name;
        let (company_name, pec) = if in_register {
            (
                format!("Azienda agricola {surname} {n} S.r.l."),
                format!("azienda-{n}@pec.demo.invalid"),
            )
        } else {
            (format!("Associazione {surname} {n}"), format!("associazione-{n}@pec.demo.invalid"))
        };
        DemoEmployer {
            number: n,
            company_code: with_check_digit(&format!("{n:06}{}9{class:02}", demand.scope.digit())),
            company_name,
            in_register,
            pec,
            representative,
        }
    }
}

impl DemoPerson {
    fn new(
        last_name: String,
        first_name: String,
        sex: Sex,
        birth_date: Date,
        fiscal_code: FiscalCode,
    ) -> Self {
        let mut person = Self {
            pec: String::new(),
            email: String::new(),
            first_name,
            last_name,
            sex,
            birth_date,
            fiscal_code,
        };
        // The number comes from the code, so that the addresses are the same for every caller, and do not spell the
        // code.
        let local = format!("{}.{}.{}", person.first_name, person.last_name, person.number())
            .to_ascii_lowercase()
            .replace(|symbol: char| !symbol.is_ascii_alphanumeric() && symbol != '.', "");
        person.pec = format!("{local}@pec.demo.invalid");
        person.email = format!("{local}@posta.demo.invalid");
        person
    }

    /// Whether it is the same person, whatever behaviour the code carries; codes that differ by omocodia are two people.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let own_part = |code: &FiscalCode| {
            let text = code.reveal();
            let letters =
                text.get(12..15).map(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
            (text.get(0..12).map(ToOwned::to_owned), letters)
        };
        own_part(&self.fiscal_code) == own_part(&other.fiscal_code)
    }

    /// A number from which the rest about this person is made up.
    pub(crate) fn number(&self) -> u32 {
        let text = format!("{} {} {}", self.last_name, self.first_name, self.birth_date);
        let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(text).into();
        u32::from_be_bytes([a, b, c, d]) % 10_000_000
    }
}

/// The birthplace that carries a demand: W, the scope's digit, the behaviour's two.
fn birthplace(demand: Demand) -> Belfiore {
    let text = format!("W{}{:02}", demand.scope.digit(), demand.behaviour.code());
    #[expect(
        clippy::expect_used,
        reason = "one letter, one digit and two digits, by construction; a test walks them all"
    )]
    text.parse().expect("a letter and three digits")
}

/// What a birthplace demands, if it is a reserved one.
fn demand_of(birthplace: &Belfiore) -> Option<Demand> {
    let digits = birthplace.as_str().strip_prefix('W')?;
    Some(Demand {
        scope: Scope::of_digit(digits.get(0..1)?.parse().ok()?)?,
        behaviour: Behaviour::of_code(digits.get(1..3)?.parse().ok()?)?,
    })
}

/// The valid code that begins with these ten digits.
fn with_check_digit(ten_digits: &str) -> CompanyCode {
    let code = (0..10).find_map(|check| format!("{ten_digits}{check}").parse().ok());
    #[expect(
        clippy::expect_used,
        reason = "exactly one digit fits, and the ten are never all zeros: they hold a 9"
    )]
    code.expect("a check digit that fits")
}

fn days_after(day: Date, days: u32) -> Date {
    day.saturating_add(i64::from(days).days())
}

#[expect(clippy::indexing_slicing, reason = "the place is below the length")]
fn pick<T, const N: usize>(choices: &[T; N], number: u32) -> &T {
    &choices[usize::try_from(number).unwrap_or_default() % N]
}

/// A name that has these three letters in a fiscal code: vowels are put between consonants.
fn spoken(letters: &str) -> String {
    let has_vowel = letters.contains(['A', 'E', 'I', 'O', 'U']);
    // X fills up names that are too short to have three letters; after a vowel no consonant follows in a code.
    let name = if has_vowel { letters.trim_end_matches('X') } else { letters };
    let mut word = String::new();
    for (place, letter) in name.chars().enumerate() {
        match place {
            0 => word.push(letter),
            _ => word.push(letter.to_ascii_lowercase()),
        }
        if !has_vowel {
            word.push(match place {
                0 => 'a',
                1 => 'i',
                _ => 'o',
            });
        }
    }
    word
}

/// The names of the population under their letters in fiscal codes.
struct Letters {
    surnames: Vec<(String, &'static str)>,
    first_names: Vec<(String, Sex, &'static str)>,
}

static LETTERS: LazyLock<Letters> = LazyLock::new(|| {
    let code = |surname: &str, first_name: &str, sex| {
        FiscalCode::compose(
            surname,
            first_name,
            FIRST_BIRTHDAY,
            sex,
            &birthplace(Demand::default()),
        )
    };
    let part = |code: &FiscalCode, from: usize| {
        code.reveal().chars().skip(from).take(3).collect::<String>()
    };
    Letters {
        surnames: SURNAMES
            .iter()
            .map(|name| (part(&code(name, "", Sex::Male), 0), *name))
            .collect(),
        first_names: FIRST_NAMES
            .iter()
            .map(|(name, sex)| (part(&code("", name, *sex), 3), *sex, *name))
            .collect(),
    }
});

/// Surnames with 32 different sets of letters.
const SURNAMES: [&str; 32] = [
    "Abbagnale",
    "Bellini",
    "Caruso",
    "De Santis",
    "Esposito",
    "Ferrante",
    "Gallucci",
    "Iacobucci",
    "Lombardi",
    "Marchetti",
    "Nardelli",
    "Olivieri",
    "Palumbo",
    "Quaranta",
    "Rinaldi",
    "Santoro",
    "Tedesco",
    "Ungaro",
    "Valentini",
    "Zanetti",
    "Bertolini",
    "Colombini",
    "D'Amico",
    "Fontanesi",
    "Giordani",
    "Locatelli",
    "Mancuso",
    "Nicolosi",
    "Pellegrini",
    "Ravaglia",
    "Spadafora",
    "Trevisan",
];

/// First names, half of each sex, with 32 different sets of letters.
const FIRST_NAMES: [(&str, Sex); 32] = [
    ("Amalia", Sex::Female),
    ("Berenice", Sex::Female),
    ("Carlotta", Sex::Female),
    ("Delfina", Sex::Female),
    ("Eleonora", Sex::Female),
    ("Fabiola", Sex::Female),
    ("Giuditta", Sex::Female),
    ("Ilaria", Sex::Female),
    ("Lavinia", Sex::Female),
    ("Marisa", Sex::Female),
    ("Noemi", Sex::Female),
    ("Ornella", Sex::Female),
    ("Priscilla", Sex::Female),
    ("Rosalba", Sex::Female),
    ("Serafina", Sex::Female),
    ("Tosca", Sex::Female),
    ("Aldo", Sex::Male),
    ("Bruno", Sex::Male),
    ("Cesare", Sex::Male),
    ("Dario", Sex::Male),
    ("Ettore", Sex::Male),
    ("Fulvio", Sex::Male),
    ("Gaetano", Sex::Male),
    ("Ivano", Sex::Male),
    ("Livio", Sex::Male),
    ("Mauro", Sex::Male),
    ("Nicola", Sex::Male),
    ("Osvaldo", Sex::Male),
    ("Pasquale", Sex::Male),
    ("Renato", Sex::Male),
    ("Saverio", Sex::Male),
    ("Tiziano", Sex::Male),
];

/// Where workers come from.
struct Country {
    code: &'static str,
    place: &'static str,
    surnames: [&'static str; 4],
    first_names: [(&'static str, Sex); 4],
}

const COUNTRIES: [Country; 5] = [
    Country {
        code: "MAR",
        place: "Beni Mellal",
        surnames: ["EL IDRISSI", "BENALI", "AMRANI", "TAZI"],
        first_names: [
            ("YOUSSEF", Sex::Male),
            ("FATIMA", Sex::Female),
            ("HICHAM", Sex::Male),
            ("KHADIJA", Sex::Female),
        ],
    },
    Country {
        code: "IND",
        place: "Jalandhar",
        surnames: ["SINGH", "KAUR", "SHARMA", "GILL"],
        first_names: [
            ("GURPREET", Sex::Male),
            ("SIMRAN", Sex::Female),
            ("HARJIT", Sex::Male),
            ("MANJIT", Sex::Female),
        ],
    },
    Country {
        code: "ALB",
        place: "Fier",
        surnames: ["HOXHA", "SHEHU", "GJONI", "LEKA"],
        first_names: [
            ("ARBEN", Sex::Male),
            ("ELIRA", Sex::Female),
            ("DRITAN", Sex::Male),
            ("MIRELA", Sex::Female),
        ],
    },
    Country {
        code: "TUN",
        place: "Kairouan",
        surnames: ["TRABELSI", "GHARBI", "JLASSI", "MEJRI"],
        first_names: [
            ("AYMEN", Sex::Male),
            ("SONIA", Sex::Female),
            ("WALID", Sex::Male),
            ("RIM", Sex::Female),
        ],
    },
    Country {
        code: "PER",
        place: "Arequipa",
        surnames: ["QUISPE", "MAMANI", "FLORES", "HUAMAN"],
        first_names: [
            ("JORGE", Sex::Male),
            ("ROSA", Sex::Female),
            ("EDWIN", Sex::Male),
            ("LUZ", Sex::Female),
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn demands() -> impl Strategy<Value = Demand> {
        (0..Behaviour::ALL.len(), 0..Scope::ALL.len()).prop_map(|(behaviour, scope)| Demand {
            behaviour: Behaviour::ALL[behaviour].0,
            scope: Scope::ALL[scope].0,
        })
    }

    #[test]
    fn the_names_have_different_letters() {
        let surnames: BTreeSet<_> = LETTERS.surnames.iter().map(|(letters, _)| letters).collect();
        assert_eq!(surnames.len(), SURNAMES.len());
        let first_names: BTreeSet<_> =
            LETTERS.first_names.iter().map(|(letters, ..)| letters).collect();
        assert_eq!(first_names.len(), FIRST_NAMES.len());
    }

    #[test]
    fn the_demo_people_stay_the_same() {
        let employer = Population::employer(1);
        expect_test::expect!["Mauro Quaranta 1966-08-19 QRNMRA66M19W000S 00000109009 Azienda agricola Quaranta 1 S.r.l. azienda-1@pec.demo.invalid"].assert_eq(&format!(
            "{} {} {} {} {} {} {}",
            employer.representative.first_name,
            employer.representative.last_name,
            employer.representative.birth_date,
            employer.representative.fiscal_code.reveal(),
            employer.company_code.reveal(),
            employer.company_name,
            employer.pec,
        ));
    }

    #[test]
    fn real_codes_belong_to_nobody_here() {
        for code in ["RSSMRA80A01H501U", "BNLMHM90C15Z330E"] {
            assert!(Population::find_person(&code.parse().unwrap()).is_none());
        }
        for code in ["00159560366", "00743110157", "12345678903"] {
            assert!(Population::find_company(&code.parse().unwrap()).is_none());
        }
    }

    proptest! {
        #[test]
        fn a_person_is_found_again_from_the_code(n in 0..SIZE, demand in demands()) {
            let person = Population::person_with(n, demand);
            let valid = person.fiscal_code.reveal().parse::<FiscalCode>().is_ok();
            prop_assert!(valid);
            let found = Population::find_person(&person.fiscal_code);
            prop_assert!(found == Some((person, demand)));
        }

        #[test]
        fn a_place_of_birth_carries_a_demand(place in "[A-Z][a-z]{0,9}( [A-Z][a-z]{0,9})?", demand in demands()) {
            prop_assert_eq!(Population::demand_at(&Population::place_with(&place, demand)), demand);
            prop_assert_eq!(Population::demand_at(&place), Demand::default());
        }

        #[test]
        fn a_company_is_found_again_with_its_representative(n in 0..1_000_000_u32, demand in demands(), in_register: bool) {
            let employer =
                if in_register { Population::employer_with(n, demand) } else { Population::body_with(n, demand) };
            prop_assert!(employer.representative == Population::person(n));
            let found = Population::find_company(&employer.company_code);
            prop_assert!(found == Some((employer, demand)));
        }

        #[test]
        fn two_people_have_two_codes(one in 0..SIZE, other in 0..SIZE) {
            prop_assume!(one != other);
            prop_assert!(Population::person(one).fiscal_code != Population::person(other).fiscal_code);
        }

        #[test]
        fn any_name_of_the_range_gives_a_person_with_that_code(
            surname in "[A-Z][a-z]{0,8}",
            first_name in "[A-Z][a-z]{0,8}",
            days in 0..17_000_u32,
            female: bool,
        ) {
            let sex = if female { Sex::Female } else { Sex::Male };
            let birth_date = days_after(FIRST_BIRTHDAY, days);
            let code = FiscalCode::compose(&surname, &first_name, birth_date, sex, &birthplace(Demand::default()));
            let (person, _) = Population::find_person(&code).unwrap();
            let again = FiscalCode::compose(
                &person.last_name, &person.first_name, person.birth_date, person.sex, &birthplace(Demand::default()),
            );
            prop_assert_eq!(again.reveal(), code.reveal());
        }
    }
}
