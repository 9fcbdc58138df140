//! What the registries say, as `docs/registries` describes it; whatever does not read so is malformed.

use domain::{email_address::EmailAddress, fiscal_code::FiscalCode};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// A question about one subject.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question<'a> {
    pub(super) codice_fiscale: &'a str,
}

/// A question to INAD, which wants the reference in the body, too.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DomicileQuestion<'a> {
    pub(super) codice_fiscale: &'a str,
    pub(super) practical_reference: &'a str,
}

/// Whether a person represents a company or body.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepresentationQuestion<'a> {
    pub(super) codice_fiscale_soggetto: &'a str,
    pub(super) codice_fiscale_persona: &'a str,
}

/// Who is to be given a definitive code.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssignmentQuestion<'a> {
    pub(super) cognome: &'a str,
    pub(super) nome: &'a str,
    pub(super) sesso: Sex,
    pub(super) data_nascita: Date,
    pub(super) stato_nascita: &'a str,
    pub(super) luogo_nascita: &'a str,
}

/// The code that was given, and to whom.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Assignment {
    pub(super) cognome: String,
    pub(super) nome: String,
    pub(super) data_nascita: Date,
    #[serde(deserialize_with = "definitive_code")]
    pub(super) codice_fiscale: FiscalCode,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Representation {
    pub(super) codice_fiscale_soggetto: String,
    pub(super) codice_fiscale_persona: String,
    pub(super) rappresenta: bool,
}

#[derive(Deserialize)]
pub(super) struct Address {
    #[serde(deserialize_with = "text")]
    pub(super) via: String,
    #[serde(deserialize_with = "text")]
    pub(super) civico: String,
    #[serde(deserialize_with = "text")]
    pub(super) comune: String,
    #[serde(deserialize_with = "postal_code")]
    pub(super) cap: String,
    #[serde(deserialize_with = "two_letters")]
    pub(super) provincia: String,
}

#[derive(Deserialize)]
pub(super) struct LegalForm {
    #[serde(deserialize_with = "text")]
    pub(super) descrizione: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rea {
    #[serde(deserialize_with = "two_letters")]
    pub(super) provincia: String,
    #[serde(deserialize_with = "digits")]
    pub(super) numero: String,
    pub(super) data_iscrizione: Date,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Company {
    pub(super) codice_fiscale: String,
    #[serde(default, deserialize_with = "optional_vat_number")]
    pub(super) partita_iva: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) denominazione: String,
    pub(super) forma_giuridica: LegalForm,
    #[serde(deserialize_with = "text")]
    pub(super) ateco: String,
    pub(super) rea: Rea,
    pub(super) sede: Address,
}

#[derive(Deserialize)]
#[serde(tag = "tipo")]
pub(super) enum TaxSubject {
    #[serde(rename = "PERSONA_FISICA")]
    Person(Person),
    #[serde(rename = "SOGGETTO_DIVERSO")]
    Body(Body),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Person {
    pub(super) codice_fiscale: String,
    #[serde(deserialize_with = "text")]
    pub(super) cognome: String,
    #[serde(deserialize_with = "text")]
    pub(super) nome: String,
    pub(super) sesso: Sex,
    pub(super) data_nascita: Date,
    #[serde(deserialize_with = "three_letters")]
    pub(super) stato_nascita: String,
    #[serde(deserialize_with = "text")]
    pub(super) luogo_nascita: String,
    #[serde(default, deserialize_with = "optional_two_letters")]
    pub(super) provincia_nascita: Option<String>,
    pub(super) residenza: Address,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
pub(super) enum Sex {
    F,
    M,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body {
    pub(super) codice_fiscale: String,
    #[serde(default, deserialize_with = "optional_vat_number")]
    pub(super) partita_iva: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(super) denominazione: String,
    pub(super) forma_giuridica: Option<LegalForm>,
    pub(super) sede: Address,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Income {
    pub(super) codice_fiscale: String,
    /// Whole euros.
    pub(super) imponibile: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Position {
    pub(super) codice_fiscale: String,
    #[serde(deserialize_with = "digits")]
    pub(super) matricola: String,
    pub(super) numero_dipendenti: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertifiedAddress {
    pub(super) codice_fiscale: String,
    #[serde(deserialize_with = "email_address")]
    pub(super) pec: EmailAddress,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Domiciles {
    pub(super) codice_fiscale: String,
    pub(super) digital_address: Vec<Domicile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Domicile {
    #[serde(deserialize_with = "email_address")]
    pub(super) digital_address: EmailAddress,
    pub(super) usage_info: Option<UsageInfo>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UsageInfo {
    pub(super) date_end_validity: Timestamp,
}

/// A problem; its title is for people and is not read.
#[derive(Deserialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// Longer than any name or address of a registry.
const LONGEST_TEXT: usize = 200;

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |text| {
        let length = text.chars().count();
        !text.trim().is_empty() && length <= LONGEST_TEXT && !text.chars().any(char::is_control)
    })
}

fn digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |text| {
        (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn postal_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |text| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn two_letters<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |text| is_capitals(text, 2))
}

fn three_letters<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    checked(deserializer, |text| is_capitals(text, 3))
}

fn optional_two_letters<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    optional(deserializer, |text| is_capitals(text, 2))
}

fn optional_vat_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    optional(deserializer, |text| text.parse::<domain::vat_number::VatNumber>().is_ok())
}

fn email_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EmailAddress, D::Error> {
    // The parser's own words could hold what it read.
    String::deserialize(deserializer)?.parse().map_err(|_| D::Error::custom("not an address"))
}

fn definitive_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FiscalCode, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(|_| D::Error::custom("not a code"))
}

fn checked<'de, D: Deserializer<'de>>(
    deserializer: D,
    fits: impl Fn(&str) -> bool,
) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if fits(&text) { Ok(text) } else { Err(D::Error::custom("not as agreed")) }
}

fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
    fits: impl Fn(&str) -> bool,
) -> Result<Option<String>, D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        Some(text) if !fits(&text) => Err(D::Error::custom("not as agreed")),
        value => Ok(value),
    }
}

fn is_capitals(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
