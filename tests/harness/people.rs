//! Invented employers and workers, fresh for each test, from a range that no demo uses.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Seek as _, Write as _},
    ops::Range,
    sync::{Mutex, PoisonError},
};

use domain::form::{Schema, Source};
use jiff::civil::Date;
use outside::aws;
use serde_json::Value;
use simulate_registries::{Demand, DemoEmployer, DemoWorker, Population};

use crate::{
    environment::root,
    story::{Deviation, StoryResult},
};

/// The seed's demo people have the numbers below this one; those above the last belong to the scenarios in the browser
/// (web/e2e/people/population.mjs).
const FIRST_OF_TESTS: u32 = 100_000;
const LAST_OF_TESTS: u32 = 899_999;
/// How many numbers a process takes at once.
const BLOCK: u32 = 256;
const LAST_BLOCK: u32 = LAST_OF_TESTS + 1 - BLOCK;

/// An employer whose registries answer as they should.
pub fn employer() -> StoryResult<DemoEmployer> {
    employer_with(Demand::default())
}

/// An employer whose registries behave as demanded.
pub fn employer_with(demand: Demand) -> StoryResult<DemoEmployer> {
    Ok(Population::employer_with(number()?, demand))
}

/// A family: a natural person who hires for the own home, with an address in INAD, and no company (CHK-1).
pub fn family_with(demand: Demand) -> StoryResult<DemoEmployer> {
    let number = number()?;
    let representative = Population::person_with(number, demand);
    let pec = representative.pec.clone();
    Ok(DemoEmployer { representative, pec, ..Population::employer(number) })
}

/// A worker whom no other employer asks for.
pub fn worker() -> StoryResult<DemoWorker> {
    Ok(Population::worker(number()?))
}

/// A number of the tests' range that no process of this checkout was given before, until the range is used up.
pub fn number() -> StoryResult<u32> {
    static LEFT: Mutex<Range<u32>> = Mutex::new(0..0);
    let mut left = LEFT.lock().unwrap_or_else(PoisonError::into_inner);
    if left.is_empty() {
        *left = next_block()?;
    }
    left.next().ok_or_else(|| Deviation::new("a block without numbers"))
}

/// The next block of numbers, by what the checkout remembers; where the first one begins, chance decides.
fn next_block() -> StoryResult<Range<u32>> {
    let folder = root().join(".local");
    fs::create_dir_all(&folder)?;
    let mut options = fs::OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(folder.join("next-person"))?;
    // Until the file is closed, also by the death of a process.
    file.lock()?;
    let mut remembered = String::new();
    file.read_to_string(&mut remembered)?;
    let next = remembered.trim().parse::<u32>().ok();
    let begin = match next.filter(|begin| (FIRST_OF_TESTS..=LAST_BLOCK).contains(begin)) {
        Some(begin) => begin,
        None => {
            let bytes: [u8; 4] =
                aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))?;
            FIRST_OF_TESTS + u32::from_be_bytes(bytes) % (LAST_BLOCK - FIRST_OF_TESTS + 1)
        }
    };
    let end = begin + BLOCK;
    file.rewind()?;
    file.set_len(0)?;
    file.write_all(end.to_string().as_bytes())?;
    Ok(begin..end)
}

/// A short random word of lower-case letters and digits, for names that must be new.
pub fn fresh_word() -> StoryResult<String> {
    let bytes: [u8; 5] =
        aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))?;
    Ok(data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
}

/// What the employer types about this worker, section by section in the order of the form, where some values are given.
pub fn typed_values(
    schema: &Schema,
    given: &BTreeMap<String, Value>,
    worker: &DemoWorker,
    today: Date,
) -> Vec<(String, BTreeMap<String, Value>)> {
    let mut values = schema.examples_given(given, today);
    values.retain(|key, _| schema.field(key).is_some_and(|field| field.source == Source::Hand));
    let sex = match worker.sex {
        domain::fiscal_code::Sex::Female => "female",
        domain::fiscal_code::Sex::Male => "male",
    };
    let own: [(&str, &str); 9] = [
        ("worker_surname", worker.last_name),
        ("worker_name", worker.first_name),
        ("worker_sex", sex),
        ("worker_birth_country", worker.citizenship),
        ("worker_birth_place", worker.place),
        ("worker_citizenship", worker.citizenship),
        ("worker_residence_country", worker.citizenship),
        ("worker_residence_place", worker.place),
        ("worker_passport_number", &worker.passport_number),
    ];
    for (key, value) in own {
        values.insert(key.to_owned(), value.into());
    }
    // A worker who was never in Italy has no code; the example's belongs to the example's worker.
    values.remove("worker_fiscal_code");
    values.insert("worker_birth_date".to_owned(), worker.birth_date.to_string().into());
    schema
        .sections()
        .iter()
        .map(|section| {
            let of_section = values.iter().filter(|(key, _)| {
                schema.field(key).is_some_and(|field| field.section == section.key)
            });
            (
                section.key.clone(),
                of_section.map(|(key, value)| (key.clone(), value.clone())).collect(),
            )
        })
        .filter(|(_, values): &(String, BTreeMap<String, Value>)| !values.is_empty())
        .collect()
}
