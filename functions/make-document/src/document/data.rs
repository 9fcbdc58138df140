//! What each document shows. Whether the required facts are there is the caller's to check; `None` is not shown.
//!
//! Strings are shown as they are. A line break or another control character becomes a space, and what no compiled-in
//! font can show becomes `�` with a notice at the end of the document.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::instant;
use super::redacted::redacted;

/// What stands on every page of every document.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// The application's id.
    pub application: String,
    /// The number of this document, unique in the application.
    pub number: String,
    /// The day the document bears; also its PDF date.
    pub date: Date,
    /// The office that issues it: `Sportello Unico per l'Immigrazione di Roma`.
    pub office: String,
}

/// An Italian address.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Address {
    /// `Via Appia Nuova`.
    pub street: String,
    /// Civic number: `12/B`, `snc`.
    pub number: String,
    /// CAP, five digits.
    pub postcode: String,
    /// *Comune*.
    pub municipality: String,
    /// Two letters of the province.
    pub province: String,
}

/// A person, as in the passport or the registry.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// *Cognome*.
    pub surname: String,
    /// *Nome*.
    pub given_names: String,
    /// `M` or `F`, where the document shows it.
    pub sex: Option<String>,
    /// Day of birth.
    pub birth_date: Date,
    /// Place of birth.
    pub birth_place: String,
    /// Country of birth, in Italian.
    pub birth_country: String,
    /// Citizenship, in Italian.
    pub citizenship: String,
    /// *Codice fiscale*, 16 characters or 11 digits.
    pub fiscal_code: Option<String>,
}

/// A passport or another travel document.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Passport {
    /// `Passaporto`.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// The authority.
    pub issued_by: String,
    /// First day of validity.
    pub issued_on: Date,
    /// Last day of validity.
    pub expires_on: Date,
}

/// The employer.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Employer {
    /// A company or another body.
    Company {
        /// *Denominazione*.
        name: String,
        /// *Codice fiscale* of the body.
        fiscal_code: String,
        /// *Partita IVA*.
        vat_number: Option<String>,
        /// *Matricola INPS*.
        inps_number: Option<String>,
        /// Registered office.
        seat: Address,
        /// *Domicilio digitale*.
        pec: String,
        /// Who signs for it.
        representative: Person,
    },
    /// A natural person.
    Person {
        /// The employer, who signs.
        person: Person,
        /// *Residenza*.
        residence: Address,
        /// *Domicilio digitale*.
        pec: String,
    },
}

/// Kind and dates of the employment.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Period {
    /// *A tempo indeterminato*.
    OpenEnded {
        /// First day.
        from: Date,
    },
    /// *A tempo determinato*.
    FixedTerm {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// *Stagionale*.
    Seasonal {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
}

/// Where the worker lives.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Accommodation {
    /// Where.
    pub address: Address,
    /// By which title, as words: `Casa in affitto`.
    pub title: String,
    /// Why it is fit, as words: `Attestato del Comune di Latina del 3 marzo 2026`.
    pub suitability: String,
    /// Rent a month in cents of euro; `None`: the worker pays none.
    pub monthly_rent_cents: Option<u32>,
}

/// *Contratto di soggiorno* (art. 5-bis and 22 c. 6 D.Lgs. 286/1998).
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ContractData {
    /// What stands on every page.
    pub heading: Heading,
    /// The employer.
    pub employer: Employer,
    /// The worker.
    pub worker: Person,
    /// The worker's passport.
    pub passport: Passport,
    /// Number of the entry visa.
    pub visa_number: Option<String>,
    /// Day of the entry in Italy.
    pub entered_on: Option<Date>,
    /// Where the work is done; decides the office.
    pub workplace: Address,
    /// CCNL, by code and name.
    pub collective_agreement: String,
    /// *Livello* of the CCNL.
    pub level: String,
    /// *Mansioni*.
    pub duties: String,
    /// Kind and dates.
    pub period: Period,
    /// Hours a week.
    pub weekly_hours: u8,
    /// Gross pay a month in cents of euro.
    pub monthly_pay_cents: u32,
    /// Where the worker lives.
    pub accommodation: Accommodation,
}

/// A member of the worker's family.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FamilyMember {
    /// *Cognome*.
    pub surname: String,
    /// *Nome*.
    pub given_names: String,
    /// As a word: `coniuge`, `figlia`.
    pub relation: String,
    /// Day of birth.
    pub birth_date: Date,
    /// Whether he or she is in Italy.
    pub in_italy: bool,
}

/// A parent of a worker between 16 and 18 years; the first one signs too.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Parent {
    /// *Cognome*.
    pub surname: String,
    /// *Nome*.
    pub given_names: String,
    /// As a word: `Madre`, `Padre`, `Tutore`.
    pub relation: String,
    /// Day of birth.
    pub birth_date: Date,
}

/// Who signed for the Administration. The electronic seal is put on the finished file, elsewhere.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct AdministrationMark {
    /// The office.
    pub office: String,
    /// The day.
    pub signed_on: Date,
}

/// *Accordo di integrazione* (DPR 179/2011).
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct AgreementData {
    /// What stands on every page.
    pub heading: Heading,
    /// Who signs it with the State.
    pub worker: Person,
    /// The worker's passport.
    pub passport: Passport,
    /// *Recapito* in Italy.
    pub address: Address,
    /// Telephone.
    pub phone: Option<String>,
    /// Ordinary address for mail.
    pub email: Option<String>,
    /// Parents, for a worker between 16 and 18 years; else empty.
    pub parents: Vec<Parent>,
    /// *Nucleo familiare*, the worker left out.
    pub family: Vec<FamilyMember>,
    /// The Administration's signature.
    pub mark: AdministrationMark,
}

impl AgreementData {
    /// SHA-256 of what the agreement shows, in hexadecimal, as printed in the Administration's mark.
    ///
    /// It is over the compact JSON of this value, members in the order of the fields.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        serde_json::to_vec(self).map(|json| HEXLOWER.encode(&Sha256::digest(json)))
    }
}

/// An amount to pay.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// What for: `Contributo per il permesso di soggiorno`.
    pub label: String,
    /// Cents of euro.
    pub cents: u32,
}

/// List and envelope of the first-entry kit.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct KitData {
    /// What stands on every page.
    pub heading: Heading,
    /// Whose kit it is.
    pub worker: Person,
    /// The worker's passport.
    pub passport: Passport,
    /// Number of the entry visa.
    pub visa_number: String,
    /// The definitive fiscal code.
    pub fiscal_code: String,
    /// Document number of the signed contract.
    pub contract_number: String,
    /// Document number of the signed agreement, where it applies.
    pub agreement_number: Option<String>,
    /// The name of the Questura, without that word: `Roma`.
    pub questura: String,
    /// Its office: `Ufficio Immigrazione`.
    pub immigration_office: String,
    /// The sender on the envelope; `None`: a line to fill in.
    pub sender: Option<Address>,
    /// What it costs; empty: nothing is said about costs.
    pub costs: Vec<Cost>,
}

/// A time in which the portal, or a part of it, did not work.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Outage {
    /// What did not work: `Intero portale`, `Accesso con SPID`.
    pub affected: String,
    /// When it began; shown to the second.
    #[serde(serialize_with = "instant::serialize")]
    pub from: Timestamp,
    /// When it ended; shown to the second.
    #[serde(serialize_with = "instant::serialize")]
    pub to: Timestamp,
}

/// Act of an outage that suspended a term (CNF-4).
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SuspensionActData {
    /// What stands on every page.
    pub heading: Heading,
    /// Whose term it is.
    pub applicant: String,
    /// Which term, as words: `conferma della richiesta`.
    pub term: String,
    /// When the portal did not work; at least one.
    pub outages: Vec<Outage>,
    /// When the term would have ended; shown to the minute.
    #[serde(serialize_with = "instant::serialize")]
    pub old_end: Timestamp,
    /// When it ends now; shown to the minute.
    #[serde(serialize_with = "instant::serialize")]
    pub new_end: Timestamp,
}

/// Sheet with the definitive fiscal code, a stand-in for the document of the Agenzia delle Entrate.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FiscalCodeData {
    /// What stands on every page.
    pub heading: Heading,
    /// Whose it is; `fiscal_code` in here is not shown.
    pub worker: Person,
    /// The definitive code.
    pub fiscal_code: String,
    /// The 11 digits that it replaces.
    pub provisional_code: Option<String>,
    /// The day of assignment.
    pub assigned_on: Date,
}

/// Receipt of a submission: the signed facts again, for people. It holds nothing personal.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ReceiptData {
    /// What stands on every page.
    pub heading: Heading,
    /// *Codice ricevuta*.
    pub code: String,
    /// The decree, by name: `Decreto flussi 2026`.
    pub campaign: String,
    /// The campaign version that judged the window.
    pub campaign_version: u32,
    /// The model, by name.
    pub model: String,
    /// The gateway's instant; shown to the millisecond.
    #[serde(serialize_with = "instant::serialize")]
    pub arrival: Timestamp,
    /// SHA-256 of the canonical content, in hexadecimal.
    pub digest: String,
    /// Which published key checks the signature.
    pub key_id: String,
    /// The Ed25519 signature, in base64url without padding.
    pub signature: String,
    /// Where anyone checks a receipt.
    pub verification_address: String,
}

redacted!(
    Heading,
    Address,
    Person,
    Passport,
    Employer,
    Period,
    Accommodation,
    ContractData,
    FamilyMember,
    Parent,
    AdministrationMark,
    AgreementData,
    Cost,
    KitData,
    Outage,
    SuspensionActData,
    FiscalCodeData,
    ReceiptData,
);
