//! The registries' wire, as `docs/registries` describes it; written apart from the client's, so that each is tested.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::scope::Scope;

/// What can be asked.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Operation {
    /// Unioncamere: a company of the business register.
    Company,
    /// Unioncamere: who represents a company.
    CompanyRepresentation,
    /// Agenzia delle Entrate: a person or body.
    Subject,
    /// Agenzia delle Entrate: who represents a body.
    BodyRepresentation,
    /// Agenzia delle Entrate: income or turnover.
    Income,
    /// Agenzia delle Entrate: a definitive code for a person who has none (ENT-1).
    Assignment,
    /// INI-PEC: the certified address of a company.
    CertifiedAddress,
    /// INAD: the digital domiciles of a person or body.
    Domiciles,
    /// INPS: the contribution position.
    Position,
}

impl Operation {
    /// Every operation with its path below the registries' address.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Company, "unioncamere/imprese"),
        (Self::CompanyRepresentation, "unioncamere/rappresentanza"),
        (Self::Subject, "agenzia-entrate/soggetti"),
        (Self::BodyRepresentation, "agenzia-entrate/rappresentanza"),
        (Self::Income, "agenzia-entrate/redditi"),
        (Self::Assignment, "agenzia-entrate/attribuzione"),
        (Self::CertifiedAddress, "ini-pec/pec"),
        (Self::Domiciles, "inad/domicili-digitali"),
        (Self::Position, "inps/posizioni-contributive"),
    ];

    /// The operation of a path, if there is one.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, of)| *of == path).map(|(operation, _)| *operation)
    }

    /// The path below the registries' address.
    pub fn path(self) -> &'static str {
        Self::ALL.iter().find(|(operation, _)| *operation == self).map_or("", |(_, path)| *path)
    }

    /// Which part of an application needs the answer.
    pub const fn scope(self) -> Scope {
        match self {
            Self::CompanyRepresentation | Self::BodyRepresentation => Scope::Representation,
            Self::CertifiedAddress | Self::Domiciles => Scope::Address,
            Self::Company | Self::Subject => Scope::FactsNow,
            Self::Income | Self::Assignment | Self::Position => Scope::FactsLater,
        }
    }
}

/// A question about one subject.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Question {
    pub(crate) codice_fiscale: String,
}

/// A question to INAD.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DomicileQuestion {
    pub(crate) codice_fiscale: String,
    pub(crate) practical_reference: String,
}

/// A question about a person and a company.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RepresentationQuestion {
    pub(crate) codice_fiscale_soggetto: String,
    pub(crate) codice_fiscale_persona: String,
}

/// Who is to be given a definitive code.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AssignmentQuestion {
    pub(crate) cognome: String,
    pub(crate) nome: String,
    pub(crate) sesso: Sex,
    pub(crate) data_nascita: Date,
    pub(crate) stato_nascita: String,
    pub(crate) luogo_nascita: String,
}

/// Sex as the tax register writes it.
#[derive(Clone, Copy, Deserialize)]
pub(crate) enum Sex {
    F,
    M,
}

/// The code that was given, and to whom.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Assignment<'a> {
    pub(crate) cognome: &'a str,
    pub(crate) nome: &'a str,
    pub(crate) data_nascita: Date,
    pub(crate) codice_fiscale: &'a str,
}

/// The answer about a person and a company.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Representation {
    pub(crate) codice_fiscale_soggetto: String,
    pub(crate) codice_fiscale_persona: String,
    pub(crate) rappresenta: bool,
}

/// A postal address.
#[derive(Serialize)]
pub(crate) struct Address {
    pub(crate) via: String,
    pub(crate) civico: String,
    pub(crate) comune: &'static str,
    pub(crate) cap: &'static str,
    pub(crate) provincia: &'static str,
}

/// A legal form under its code.
#[derive(Serialize)]
pub(crate) struct LegalForm {
    pub(crate) codice: &'static str,
    pub(crate) descrizione: &'static str,
}

/// Entry in the economic index of a chamber of commerce.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rea {
    pub(crate) provincia: &'static str,
    pub(crate) numero: String,
    pub(crate) data_iscrizione: String,
}

/// A company of the business register.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Company {
    pub(crate) codice_fiscale: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) partita_iva: Option<String>,
    pub(crate) denominazione: String,
    pub(crate) forma_giuridica: LegalForm,
    pub(crate) ateco: &'static str,
    pub(crate) rea: Rea,
    pub(crate) sede: Address,
}

/// A person or body of the tax register.
#[derive(Serialize)]
#[serde(tag = "tipo")]
pub(crate) enum Subject {
    #[serde(rename = "PERSONA_FISICA", rename_all = "camelCase")]
    Person {
        codice_fiscale: String,
        cognome: String,
        nome: String,
        sesso: &'static str,
        data_nascita: String,
        stato_nascita: &'static str,
        luogo_nascita: &'static str,
        provincia_nascita: &'static str,
        residenza: Address,
    },
    #[serde(rename = "SOGGETTO_DIVERSO", rename_all = "camelCase")]
    Body {
        codice_fiscale: String,
        partita_iva: String,
        denominazione: String,
        forma_giuridica: LegalForm,
        sede: Address,
    },
}

/// Income or turnover of a year.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Income {
    pub(crate) codice_fiscale: String,
    pub(crate) anno_imposta: u16,
    pub(crate) imponibile: u32,
}

/// A certified address.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CertifiedAddress {
    pub(crate) codice_fiscale: String,
    pub(crate) pec: String,
}

/// The digital domiciles of a subject.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Domiciles {
    pub(crate) codice_fiscale: String,
    pub(crate) since: &'static str,
    pub(crate) digital_address: Vec<Domicile>,
}

/// One digital domicile.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Domicile {
    pub(crate) digital_address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) usage_info: Option<UsageInfo>,
}

/// Until when a domicile may be used.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageInfo {
    pub(crate) motivation: &'static str,
    pub(crate) date_end_validity: &'static str,
}

/// A contribution position.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Position {
    pub(crate) codice_fiscale: String,
    pub(crate) matricola: String,
    pub(crate) numero_dipendenti: u16,
}

/// A problem, as all registries tell it.
#[derive(Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) status: u16,
}

/// What the client of the data platform shows to get a voucher.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoucherRequest {
    pub(crate) grant_type: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// A voucher.
#[derive(Serialize)]
pub(crate) struct Voucher {
    pub(crate) access_token: String,
    pub(crate) token_type: &'static str,
    pub(crate) expires_in: u64,
}
