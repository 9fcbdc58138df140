//! Modules 1 and 2 of mod. 209. The official field numbers are the keys; where only a range of numbers is known, the range is.

use jiff::civil::Date;
use serde::Serialize;

use super::data::{Address, Heading, Passport};
use super::redacted::redacted;

/// Which permit is asked for: field 16 of module 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PermitType {
    /// Code 16, *lavoro subordinato*.
    Employed,
    /// Code 18, *lavoro subordinato stagionale*.
    Seasonal,
}

/// Field 33 of module 1.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Sex {
    /// *Maschio*.
    M,
    /// *Femmina*.
    F,
}

/// Field 32 of module 1, by the letters of mod. 209.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub enum MaritalStatus {
    /// *Stato libero*.
    A,
    /// *Coniugato*.
    B,
}

/// Fields 40 and 41 of module 1.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TravelDocument {
    /// *Passaporto*.
    Passport,
    /// *Altro documento*.
    Other,
}

/// Fields 52 and 53 of module 1.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VisaEntries {
    /// *Ingresso singolo*.
    Single,
    /// *Ingressi multipli*.
    Multiple,
}

/// Module 1: the request of the permit. `None` leaves the field blank.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Module1Data {
    /// What stands on every page.
    pub heading: Heading,
    /// The name of the Questura, without that word: `Roma` (MOD-1).
    pub questura: String,
    /// 3.
    pub surname: String,
    /// 4.
    pub given_names: String,
    /// 5, 6 and, as a whole, 66–75: where the worker lives in Italy.
    pub domicile: Option<Address>,
    /// 16; fields 8 (*rilascio*) and 14 (*permesso*) are always crossed at a first entry.
    pub permit: PermitType,
    /// 31.
    pub fiscal_code: Option<String>,
    /// 32.
    pub marital_status: Option<MaritalStatus>,
    /// 33.
    pub sex: Option<Sex>,
    /// 34.
    pub birth_date: Date,
    /// 35: country of birth, in Italian or its code.
    pub birth_country: String,
    /// 36: citizenship, three letters (`XXX` stateless).
    pub citizenship: String,
    /// 38: city of birth.
    pub birth_place: String,
    /// 40 or 41.
    pub travel_document: Option<TravelDocument>,
    /// 44 to 46: the passport or the other document.
    pub passport: Passport,
    /// 48.
    pub entered_on: Option<Date>,
    /// 49: border post.
    pub frontier: Option<String>,
    /// 50.
    pub visa_number: Option<String>,
    /// 51: type of visa.
    pub visa_type: Option<String>,
    /// 52 or 53.
    pub visa_entries: Option<VisaEntries>,
    /// 54: reason of the visa.
    pub visa_reason: Option<String>,
    /// 55: days of stay.
    pub visa_days: Option<u16>,
    /// 56: the visa is valid from.
    pub visa_from: Option<Date>,
    /// 57: the visa is valid to.
    pub visa_to: Option<Date>,
}

/// Fields 8 to 10 of module 2.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContractType {
    /// 8, *a tempo indeterminato*.
    OpenEnded,
    /// 9, *a tempo determinato*.
    FixedTerm,
    /// 10, *stagionale*.
    Seasonal,
}

/// The employer in module 2.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ModuleEmployer {
    /// A company: fields 22 to 25.
    Company {
        /// 22.
        name: String,
        /// 23.
        fiscal_code: String,
        /// 24.
        vat_number: Option<String>,
        /// 25: *matricola INPS*.
        inps_number: Option<String>,
    },
    /// A natural person: fields 28–32 as a whole.
    Person {
        /// *Cognome*.
        surname: String,
        /// *Nome*.
        given_names: String,
        /// Day of birth.
        birth_date: Date,
        /// *Codice fiscale*.
        fiscal_code: String,
    },
}

/// Module 2: work and income. `None` leaves the field blank.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Module2Data {
    /// What stands on every page.
    pub heading: Heading,
    /// The name of the Questura, without that word: `Roma` (MOD-1).
    pub questura: String,
    /// The worker's *cognome*, to tell whose the sheet is.
    pub surname: String,
    /// The worker's *nome*.
    pub given_names: String,
    /// 8, 9 or 10; field 4 (*subordinato*) is always crossed.
    pub contract: ContractType,
    /// 11: whole months of the contract.
    pub months: Option<u16>,
    /// 13: days of the contract.
    pub days: Option<u16>,
    /// 19.
    pub duties: String,
    /// 22–25 or 28–32.
    pub employer: ModuleEmployer,
    /// 35: province of the Prefettura whose SUI has the contract (34 is crossed then), two letters.
    pub prefecture: Option<String>,
    /// 36: day on which the signed contract came in.
    pub contract_date: Option<Date>,
}

redacted!(
    Sex,
    MaritalStatus,
    TravelDocument,
    VisaEntries,
    Module1Data,
    ContractType,
    ModuleEmployer,
    Module2Data,
);

/// A part of a module.
#[derive(Serialize)]
pub(crate) struct Section {
    title: &'static str,
    fields: Vec<Field>,
}

/// A field: official number or range, label, and the value where it is known.
#[derive(Serialize)]
struct Field {
    number: &'static str,
    label: &'static str,
    value: Option<String>,
}

fn field(number: &'static str, label: &'static str, value: Option<String>) -> Field {
    Field { number, label, value }
}

/// A field that is crossed or blank.
fn cross(number: &'static str, label: &'static str, crossed: bool) -> Field {
    field(number, label, crossed.then(|| "X".to_owned()))
}

/// Modules write days in digits: `GG/MM/AAAA`.
fn digits(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}

fn whole(address: &Address) -> String {
    let Address { street, number, postcode, municipality, province } = address;
    format!("{street}, {number} – {postcode} {municipality} ({province})")
}

impl Module1Data {
    pub(crate) fn sections(&self) -> Vec<Section> {
        vec![
            Section { title: "Richiesta", fields: self.request() },
            Section { title: "Dati anagrafici", fields: self.person() },
            Section { title: "Documento", fields: self.document() },
            Section { title: "Ingresso e visto", fields: self.visa() },
            Section {
                title: "Recapito e comunicazioni",
                fields: vec![
                    field("66–75", "Recapito in Italia", self.domicile.as_ref().map(whole)),
                    field("77–84", "Comunicazioni, se a un altro indirizzo", None),
                ],
            },
            Section {
                title: "Familiari",
                fields: vec![
                    field("119–127", "Familiari a carico", None),
                    field("128–135", "Coniuge", None),
                    field("136–173", "Figli minori di 14 anni", None),
                ],
            },
        ]
    }

    fn request(&self) -> Vec<Field> {
        let code = match self.permit {
            PermitType::Employed => "16",
            PermitType::Seasonal => "18",
        };
        vec![
            field("3", "Cognome", Some(self.surname.clone())),
            field("4", "Nome", Some(self.given_names.clone())),
            field(
                "5",
                "Provincia di domicilio",
                self.domicile.as_ref().map(|at| at.province.clone()),
            ),
            field(
                "6",
                "Comune di domicilio",
                self.domicile.as_ref().map(|at| at.municipality.clone()),
            ),
            cross("8", "Rilascio", true),
            cross("12", "Conversione", false),
            cross("14", "Permesso di soggiorno", true),
            cross("15", "Carta di soggiorno", false),
            field("16", "Codice della tipologia", Some(code.to_owned())),
            cross("23", "Modulo 1", true),
            cross("24", "Modulo 2", true),
            field("25", "Numero dei fogli", None),
            field("26", "Numero dei figli", None),
            field("28", "Data (allo sportello postale)", None),
            field("29", "Firma (allo sportello postale)", None),
        ]
    }

    fn person(&self) -> Vec<Field> {
        vec![
            field("31", "Codice fiscale", self.fiscal_code.clone()),
            field(
                "32",
                "Stato civile (A libero, B coniugato)",
                self.marital_status.map(|status| {
                    match status {
                        MaritalStatus::A => "A",
                        MaritalStatus::B => "B",
                    }
                    .to_owned()
                }),
            ),
            field(
                "33",
                "Sesso",
                self.sex.map(|sex| {
                    match sex {
                        Sex::M => "M",
                        Sex::F => "F",
                    }
                    .to_owned()
                }),
            ),
            field("34", "Data di nascita", Some(digits(self.birth_date))),
            field("35", "Stato di nascita", Some(self.birth_country.clone())),
            field("36", "Cittadinanza", Some(self.citizenship.clone())),
            cross("37", "Rifugiato", false),
            field("38", "Città di nascita", Some(self.birth_place.clone())),
        ]
    }

    fn document(&self) -> Vec<Field> {
        let kind = self.travel_document;
        vec![
            cross("40", "Passaporto", kind == Some(TravelDocument::Passport)),
            cross("41", "Altro documento", kind == Some(TravelDocument::Other)),
            field("44", "Numero", Some(self.passport.number.clone())),
            field("45", "Scadenza", Some(digits(self.passport.expires_on))),
            field("46", "Rilasciato da", Some(self.passport.issued_by.clone())),
        ]
    }

    fn visa(&self) -> Vec<Field> {
        let entries = self.visa_entries;
        vec![
            field("48", "Data di ingresso in Italia", self.entered_on.map(digits)),
            field("49", "Frontiera", self.frontier.clone()),
            field("50", "Numero del visto", self.visa_number.clone()),
            field("51", "Tipo di visto", self.visa_type.clone()),
            cross("52", "Ingresso singolo", entries == Some(VisaEntries::Single)),
            cross("53", "Ingressi multipli", entries == Some(VisaEntries::Multiple)),
            field("54", "Motivo", self.visa_reason.clone()),
            field("55", "Durata (giorni)", self.visa_days.map(|days| days.to_string())),
            field("56", "Valido dal", self.visa_from.map(digits)),
            field("57", "Valido al", self.visa_to.map(digits)),
        ]
    }
}

impl Module2Data {
    pub(crate) fn sections(&self) -> Vec<Section> {
        vec![
            Section {
                title: "Richiedente",
                fields: vec![field(
                    "–",
                    "Cognome e nome (campi 3 e 4 del modulo 1)",
                    Some(format!("{} {}", self.surname, self.given_names)),
                )],
            },
            Section { title: "Rapporto di lavoro", fields: self.work() },
            Section { title: "Datore di lavoro", fields: self.employer() },
            Section {
                title: "Contratto di soggiorno",
                fields: vec![
                    cross(
                        "34",
                        "Sottoscritto presso lo Sportello Unico",
                        self.prefecture.is_some(),
                    ),
                    field("35", "Prefettura (sigla)", self.prefecture.clone()),
                    field("36", "Data di sottoscrizione", self.contract_date.map(digits)),
                    field("37–40", "Inviato con raccomandata", None),
                ],
            },
            Section {
                title: "Altri quadri",
                fields: vec![
                    field("41–50", "Lavoro autonomo", None),
                    field("51–63", "Reddito", None),
                    field("64–68", "Centro per l'impiego", None),
                ],
            },
        ]
    }

    fn work(&self) -> Vec<Field> {
        vec![
            cross("4", "Lavoro subordinato", true),
            cross("5", "Lavoro autonomo", false),
            cross("8", "A tempo indeterminato", self.contract == ContractType::OpenEnded),
            cross("9", "A tempo determinato", self.contract == ContractType::FixedTerm),
            cross("10", "Stagionale", self.contract == ContractType::Seasonal),
            field("11", "Durata: mesi", self.months.map(|months| months.to_string())),
            field("13", "Durata: giorni", self.days.map(|days| days.to_string())),
            field("19", "Mansione", Some(self.duties.clone())),
        ]
    }

    fn employer(&self) -> Vec<Field> {
        let (company, person) = match &self.employer {
            ModuleEmployer::Company { name, fiscal_code, vat_number, inps_number } => (
                [
                    Some(name.clone()),
                    Some(fiscal_code.clone()),
                    vat_number.clone(),
                    inps_number.clone(),
                ],
                None,
            ),
            ModuleEmployer::Person { surname, given_names, birth_date, fiscal_code } => (
                [None, None, None, None],
                Some(format!("{surname} {given_names}, {}, {fiscal_code}", digits(*birth_date))),
            ),
        };
        let [name, fiscal_code, vat_number, inps_number] = company;
        vec![
            field("22", "Denominazione", name),
            field("23", "Codice fiscale", fiscal_code),
            field("24", "Partita IVA", vat_number),
            field("25", "Matricola INPS", inps_number),
            field("28–32", "Persona fisica: cognome, nome, nascita, codice fiscale", person),
        ]
    }
}
