//! What a registry answers: a pure function of the question, of the questions before it, and of the instant.

use std::time::Duration;

use domain::fiscal_code::{CompanyCode, FiscalCode, PersonCode, Sex};
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    asks::QuestionHistory,
    behaviour::{Behaviour, Demand},
    birthplaces,
    population::{DemoEmployer, DemoPerson, Population},
    wire::{
        self, Address, Assignment, AssignmentQuestion, CertifiedAddress, Company, Domicile,
        DomicileQuestion, Domiciles, Income, LegalForm, Operation, Position, Problem, Question,
        Rea, Representation, RepresentationQuestion, Subject, UsageInfo,
    },
};

/// A question that was understood.
#[derive(Clone)]
pub struct ParsedQuestion {
    operation: Operation,
    about: About,
}

/// Whom a question is about.
#[derive(Clone)]
enum About {
    /// Codes that exist: of the subject, and of the person who says to represent it.
    Codes { subject: String, person: Option<String> },
    /// A person who has no code yet.
    Newcomer(Box<AssignmentQuestion>),
}

/// An answer on the wire.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WireAnswer {
    /// HTTP status.
    pub status: u16,
    /// Media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// Seconds for `Retry-After`.
    pub retry_after: Option<i64>,
    /// Whether to answer only after the client has given up.
    pub stalls: bool,
}

/// How long what is prepared on request takes.
#[derive(Clone, Copy, Debug)]
pub struct Delays {
    /// For [`Behaviour::Regular`]; [`Behaviour::Late`] takes eight times as long.
    pub regular: Duration,
}

/// How much longer [`Behaviour::Late`] takes.
const LATE_FACTOR: i32 = 8;

/// The body of the question does not follow the wire.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BadQuestion;

/// A subject in the reserved range.
#[derive(Clone)]
enum DemoSubject {
    Company(Box<DemoEmployer>),
    Person(Box<DemoPerson>),
}

/// Whom an answer is about.
enum Subjects {
    /// A subject in the reserved range, and the person who says to represent it.
    Known(DemoSubject, Option<String>),
    /// A person for whom the portal asks a code.
    Newcomer(Box<AssignmentQuestion>),
}

impl std::fmt::Debug for ParsedQuestion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Asked").field("operation", &self.operation).finish_non_exhaustive()
    }
}

impl ParsedQuestion {
    /// Reads the body of a question.
    pub fn read(operation: Operation, body: &[u8], reference: &str) -> Result<Self, BadQuestion> {
        let about = match operation {
            Operation::CompanyRepresentation | Operation::BodyRepresentation => {
                let question: RepresentationQuestion = read(body)?;
                About::Codes {
                    subject: question.codice_fiscale_soggetto,
                    person: Some(question.codice_fiscale_persona),
                }
            }
            Operation::Domiciles => {
                let question: DomicileQuestion = read(body)?;
                if question.practical_reference != reference {
                    return Err(BadQuestion);
                }
                About::Codes { subject: question.codice_fiscale, person: None }
            }
            Operation::Assignment => About::Newcomer(Box::new(read(body)?)),
            Operation::Company
            | Operation::Subject
            | Operation::Income
            | Operation::CertifiedAddress
            | Operation::Position => {
                About::Codes { subject: read::<Question>(body)?.codice_fiscale, person: None }
            }
        };
        let is_valid = match &about {
            About::Codes { subject, person } => {
                let valid_person =
                    person.as_ref().is_none_or(|person| person.parse::<PersonCode>().is_ok());
                subject.parse::<CompanyCode>().is_ok() && valid_person
            }
            About::Newcomer(newcomer) => newcomer.is_whole(),
        };
        if is_valid { Ok(Self { operation, about }) } else { Err(BadQuestion) }
    }

    /// Whom it is about, for the memory of questions.
    pub fn codes(&self) -> Vec<&str> {
        match &self.about {
            About::Codes { subject, person } => {
                std::iter::once(subject.as_str()).chain(person.as_deref()).collect()
            }
            // An application has one worker.
            About::Newcomer(newcomer) => {
                vec![&newcomer.cognome, &newcomer.nome, &newcomer.luogo_nascita]
            }
        }
    }

    /// Whether the answer depends on what was asked before.
    pub fn needs_past(&self) -> bool {
        match self.behaviour() {
            Behaviour::DownTwice
            | Behaviour::Throttled
            | Behaviour::TimesOutOnce
            | Behaviour::VoucherWithdrawn => true,
            Behaviour::Late => self.is_prepared_on_request(),
            Behaviour::Regular
            | Behaviour::RepresentativeDiffers
            | Behaviour::NoAddress
            | Behaviour::AddressUnusable
            | Behaviour::AddressEnded => self.takes_time(),
            Behaviour::AtOnce
            | Behaviour::NotFound
            | Behaviour::Down
            | Behaviour::TimesOut
            | Behaviour::CutJson
            | Behaviour::AnotherSubject
            | Behaviour::WrongTypes
            | Behaviour::Page
            | Behaviour::Forbidden
            | Behaviour::NeverReady => false,
        }
    }

    /// The answer. `past` matters only where [`ParsedQuestion::needs_past`] says so.
    pub fn answer(&self, past: QuestionHistory, now: Timestamp, delays: Delays) -> WireAnswer {
        let Some(who) = self.subjects() else { return WireAnswer::unknown() };
        match self.behaviour() {
            Behaviour::NotFound => WireAnswer::unknown(),
            Behaviour::Down => WireAnswer::down(),
            Behaviour::DownTwice if past.asked_before < 2 => WireAnswer::down(),
            Behaviour::Throttled if past.asked_before < 2 => {
                let problem = WireAnswer::problem(
                    429,
                    "troppe-richieste",
                    "Troppe richieste: riprovare tra poco",
                );
                WireAnswer { retry_after: Some(1), ..problem }
            }
            Behaviour::TimesOut => {
                WireAnswer { stalls: true, ..self.answer_for(&who, past, now, Duration::ZERO) }
            }
            Behaviour::TimesOutOnce if past.asked_before < 1 => {
                WireAnswer { stalls: true, ..self.answer_for(&who, past, now, Duration::ZERO) }
            }
            Behaviour::VoucherWithdrawn if past.asked_before < 1 => {
                WireAnswer::problem(401, "voucher-non-valido", "Voucher non valido")
            }
            Behaviour::Forbidden => {
                WireAnswer::problem(403, "accesso-negato", "Finalità non autorizzata")
            }
            Behaviour::CutJson => {
                let whole = self.answer_for(&who, past, now, Duration::ZERO);
                let half = whole.body.len() / 2;
                WireAnswer { body: whole.body.chars().take(half).collect(), ..whole }
            }
            Behaviour::WrongTypes => {
                let whole = self.answer_for(&who, past, now, Duration::ZERO);
                if whole.status != 200 {
                    return whole;
                }
                let wrong = serde_json::from_str(&whole.body).map(wrong_types).unwrap_or_default();
                WireAnswer { body: wrong.to_string(), ..whole }
            }
            Behaviour::Page => WireAnswer {
                status: 200,
                content_type: "text/html; charset=utf-8",
                body: "<!doctype html><title>Manutenzione</title><p>Servizio in manutenzione.</p>"
                    .to_owned(),
                retry_after: None,
                stalls: false,
            },
            Behaviour::AnotherSubject => self.answer_about_another(&who, past, now),
            Behaviour::NeverReady if self.is_prepared_on_request() => WireAnswer::pending(30),
            Behaviour::Late => {
                self.answer_for(&who, past, now, delays.regular * LATE_FACTOR.unsigned_abs())
            }
            Behaviour::Regular
            | Behaviour::RepresentativeDiffers
            | Behaviour::NoAddress
            | Behaviour::AddressUnusable
            | Behaviour::AddressEnded
                if self.takes_time() =>
            {
                self.answer_for(&who, past, now, delays.regular)
            }
            Behaviour::Regular
            | Behaviour::RepresentativeDiffers
            | Behaviour::NoAddress
            | Behaviour::AddressUnusable
            | Behaviour::AddressEnded
            | Behaviour::AtOnce
            | Behaviour::DownTwice
            | Behaviour::Throttled
            | Behaviour::TimesOutOnce
            | Behaviour::VoucherWithdrawn
            | Behaviour::NeverReady => self.answer_for(&who, past, now, Duration::ZERO),
        }
    }

    /// The company's demand; the person's where the company's leaves the question alone.
    fn behaviour(&self) -> Behaviour {
        let of = |code: &str| {
            find(code).map_or(Behaviour::Regular, |(_, demand)| demand.at(self.operation))
        };
        match &self.about {
            About::Codes { subject, person } => match of(subject) {
                Behaviour::Regular => person.as_deref().map_or(Behaviour::Regular, of),
                behaviour => behaviour,
            },
            About::Newcomer(newcomer) => {
                Population::demand_at(&newcomer.luogo_nascita).at(self.operation)
            }
        }
    }

    fn subjects(&self) -> Option<Subjects> {
        match &self.about {
            About::Codes { subject, person } => {
                let (who, _) = find(subject)?;
                Some(Subjects::Known(who, person.clone()))
            }
            About::Newcomer(newcomer) => Some(Subjects::Newcomer(newcomer.clone())),
        }
    }

    const fn is_prepared_on_request(&self) -> bool {
        self.takes_time() || matches!(self.operation, Operation::Assignment)
    }

    /// Whether even [`Behaviour::Regular`] is not ready at once; a definitive code usually is (S25 step 4).
    const fn takes_time(&self) -> bool {
        matches!(self.operation, Operation::Income | Operation::Position)
    }

    fn answer_for(
        &self,
        whom: &Subjects,
        past: QuestionHistory,
        now: Timestamp,
        delay: Duration,
    ) -> WireAnswer {
        if self.is_prepared_on_request() {
            let ready =
                past.first_asked + SignedDuration::try_from(delay).unwrap_or(SignedDuration::ZERO);
            if now < ready {
                // Rounded up, so that a client that waits that long is not sent away again.
                let remaining = now.duration_until(ready) + SignedDuration::from_millis(999);
                return WireAnswer::pending(remaining.as_secs().max(1));
            }
        }
        match whom {
            Subjects::Known(who, person) => self.answer_about(who, person.as_deref()),
            Subjects::Newcomer(newcomer) => newcomer.assigned(),
        }
    }

    fn answer_about(&self, who: &DemoSubject, person: Option<&str>) -> WireAnswer {
        match self.operation {
            Operation::Company => who.company(),
            Operation::Subject => WireAnswer::ok(&who.subject()),
            Operation::CompanyRepresentation => match who {
                DemoSubject::Company(company) if !company.in_register => WireAnswer::unknown(),
                DemoSubject::Company(_) | DemoSubject::Person(_) => {
                    self.representation(who, person)
                }
            },
            Operation::BodyRepresentation => self.representation(who, person),
            // A person who has a code gets no other.
            Operation::Assignment => WireAnswer::unknown(),
            Operation::Income => WireAnswer::ok(&Income {
                codice_fiscale: who.code(),
                anno_imposta: 2025,
                imponibile: 30_000 + who.number() % 400_000,
            }),
            Operation::Position => WireAnswer::ok(&Position {
                codice_fiscale: who.code(),
                matricola: format!("45{:08}", who.number() % 100_000_000),
                numero_dipendenti: u16::try_from(1 + who.number() % 40).unwrap_or(1),
            }),
            Operation::CertifiedAddress => match (who, self.behaviour()) {
                (_, Behaviour::NoAddress | Behaviour::AddressEnded) => WireAnswer::unknown(),
                (DemoSubject::Company(company), _) if !company.in_register => WireAnswer::unknown(),
                (_, Behaviour::AddressUnusable) => WireAnswer::ok(&CertifiedAddress {
                    codice_fiscale: who.code(),
                    pec: "casella non disponibile".to_owned(),
                }),
                _ => {
                    WireAnswer::ok(&CertifiedAddress { codice_fiscale: who.code(), pec: who.pec() })
                }
            },
            Operation::Domiciles => match (who, self.behaviour()) {
                (_, Behaviour::NoAddress) => WireAnswer::unknown(),
                (DemoSubject::Company(company), _) if company.in_register => WireAnswer::unknown(),
                (_, Behaviour::AddressUnusable) => {
                    who.domiciles("casella non disponibile".to_owned(), None)
                }
                (_, Behaviour::AddressEnded) => {
                    who.domiciles(who.pec(), Some("2020-01-01T00:00:00Z"))
                }
                _ => who.domiciles(who.pec(), None),
            },
        }
    }

    fn representation(&self, who: &DemoSubject, person: Option<&str>) -> WireAnswer {
        let person = person.unwrap_or_default().to_owned();
        let same = match (who, find(&person)) {
            (DemoSubject::Company(company), Some((DemoSubject::Person(person), _))) => {
                person.is_same_as(&company.representative)
            }
            (DemoSubject::Person(trader), Some((DemoSubject::Person(person), _))) => {
                person.is_same_as(trader)
            }
            (_, Some((DemoSubject::Company(_), _)) | None) => false,
        };
        WireAnswer::ok(&Representation {
            codice_fiscale_soggetto: who.code(),
            codice_fiscale_persona: person,
            rappresenta: same && self.behaviour() != Behaviour::RepresentativeDiffers,
        })
    }

    fn answer_about_another(
        &self,
        whom: &Subjects,
        past: QuestionHistory,
        now: Timestamp,
    ) -> WireAnswer {
        let another = match whom {
            Subjects::Known(DemoSubject::Company(company), person) => {
                let number = company.number.wrapping_add(1);
                let another = if company.in_register {
                    Population::employer(number)
                } else {
                    Population::body_with(number, Demand::default())
                };
                Subjects::Known(DemoSubject::Company(Box::new(another)), person.clone())
            }
            Subjects::Known(DemoSubject::Person(_), person) => {
                let another = Population::person(424_242);
                Subjects::Known(DemoSubject::Person(Box::new(another)), person.clone())
            }
            Subjects::Newcomer(newcomer) => {
                let another = Population::person(424_242);
                Subjects::Newcomer(Box::new(AssignmentQuestion {
                    cognome: another.last_name,
                    nome: another.first_name,
                    data_nascita: another.birth_date,
                    ..*newcomer.clone()
                }))
            }
        };
        self.answer_for(&another, past, now, Duration::ZERO)
    }
}

impl AssignmentQuestion {
    /// Whether it is as the contract says.
    fn is_whole(&self) -> bool {
        let fits = |text: &str, most| !text.is_empty() && text.chars().count() <= most;
        fits(&self.cognome, 60)
            && fits(&self.nome, 60)
            && fits(&self.luogo_nascita, 80)
            && self.stato_nascita.len() == 3
            && self.stato_nascita.bytes().all(|byte| byte.is_ascii_uppercase())
    }

    /// The code by the rules of DM 23 December 1976; without omocodia, because nothing is remembered here.
    fn assigned(&self) -> WireAnswer {
        let Some(birthplace) = birthplaces::belfiore(&self.stato_nascita, &self.luogo_nascita)
        else {
            let title = "Dati non sufficienti per attribuire il codice fiscale";
            return WireAnswer::problem(422, "dati-non-validi", title);
        };
        let sex = match self.sesso {
            wire::Sex::F => Sex::Female,
            wire::Sex::M => Sex::Male,
        };
        let code =
            FiscalCode::compose(&self.cognome, &self.nome, self.data_nascita, sex, &birthplace);
        WireAnswer::ok(&Assignment {
            cognome: &self.cognome,
            nome: &self.nome,
            data_nascita: self.data_nascita,
            codice_fiscale: code.reveal(),
        })
    }
}

impl WireAnswer {
    /// A whole answer.
    pub(crate) fn ok(body: &impl Serialize) -> Self {
        Self {
            status: 200,
            content_type: "application/json",
            body: serde_json::to_string(body).unwrap_or_default(),
            retry_after: None,
            stalls: false,
        }
    }

    fn pending(seconds: i64) -> Self {
        let body = json!({ "stato": "IN_ELABORAZIONE" });
        Self { status: 202, retry_after: Some(seconds), ..Self::ok(&body) }
    }

    fn unknown() -> Self {
        Self::problem(404, "soggetto-sconosciuto", "Soggetto non presente in archivio")
    }

    fn down() -> Self {
        Self::problem(500, "errore-interno", "Errore interno")
    }

    /// A problem as all registries tell it; it never repeats the question.
    pub(crate) fn problem(status: u16, kind: &'static str, title: &'static str) -> Self {
        let problem = Problem { kind, title, status };
        Self { status, content_type: "application/problem+json", ..Self::ok(&problem) }
    }
}

impl DemoSubject {
    fn code(&self) -> String {
        match self {
            Self::Company(company) => company.company_code.reveal().to_owned(),
            Self::Person(person) => person.fiscal_code.reveal().to_owned(),
        }
    }

    fn pec(&self) -> String {
        match self {
            Self::Company(company) => company.pec.clone(),
            Self::Person(person) => person.pec.clone(),
        }
    }

    fn number(&self) -> u32 {
        match self {
            Self::Company(company) => company.number,
            Self::Person(person) => person.number(),
        }
    }

    fn address(&self) -> Address {
        let town = Town::of(self.number());
        Address {
            via: "Via delle Prove".to_owned(),
            civico: (1 + self.number() % 120).to_string(),
            comune: town.name,
            cap: town.postal_code,
            provincia: town.province,
        }
    }

    /// The business register knows companies and sole traders, not the other bodies.
    fn company(&self) -> WireAnswer {
        let (name, legal_form, vat_number) = match self {
            Self::Company(company) if !company.in_register => return WireAnswer::unknown(),
            Self::Company(company) => {
                (company.company_name.clone(), LIMITED_COMPANY, Some(self.code()))
            }
            Self::Person(person) => (
                format!("Azienda agricola {} {}", person.last_name, person.first_name),
                SOLE_TRADER,
                None,
            ),
        };
        WireAnswer::ok(&Company {
            codice_fiscale: self.code(),
            partita_iva: vat_number,
            denominazione: name,
            forma_giuridica: legal_form,
            ateco: "01.13",
            rea: Rea {
                provincia: Town::of(self.number()).province,
                numero: (100_000 + self.number() % 900_000).to_string(),
                data_iscrizione: "2011-03-01".to_owned(),
            },
            sede: self.address(),
        })
    }

    fn subject(&self) -> Subject {
        match self {
            Self::Company(company) => Subject::Body {
                codice_fiscale: self.code(),
                partita_iva: self.code(),
                denominazione: company.company_name.clone(),
                forma_giuridica: if company.in_register { LIMITED_COMPANY } else { ASSOCIATION },
                sede: self.address(),
            },
            Self::Person(person) => Subject::Person {
                codice_fiscale: self.code(),
                cognome: person.last_name.clone(),
                nome: person.first_name.clone(),
                sesso: match person.sex {
                    Sex::Female => "F",
                    Sex::Male => "M",
                },
                data_nascita: person.birth_date.to_string(),
                stato_nascita: "ITA",
                luogo_nascita: Town::of(person.number()).name,
                provincia_nascita: Town::of(person.number()).province,
                residenza: self.address(),
            },
        }
    }

    fn domiciles(&self, address: String, ended: Option<&'static str>) -> WireAnswer {
        let usage_info = ended.map(|date_end_validity| UsageInfo {
            motivation: "CESSAZIONE_VOLONTARIA",
            date_end_validity,
        });
        WireAnswer::ok(&Domiciles {
            codice_fiscale: self.code(),
            since: "2024-05-02T10:00:00Z",
            digital_address: vec![Domicile { digital_address: address, usage_info }],
        })
    }
}

const LIMITED_COMPANY: LegalForm =
    LegalForm { codice: "SR", descrizione: "Società a responsabilità limitata" };
const SOLE_TRADER: LegalForm = LegalForm { codice: "DI", descrizione: "Impresa individuale" };
const ASSOCIATION: LegalForm =
    LegalForm { codice: "12", descrizione: "Associazione non riconosciuta" };

/// A real town, so that addresses agree with the tables of provinces.
struct Town {
    name: &'static str,
    postal_code: &'static str,
    province: &'static str,
}

impl Town {
    const ALL: [Self; 6] = [
        Self { name: "Foggia", postal_code: "71121", province: "FG" },
        Self { name: "Latina", postal_code: "04100", province: "LT" },
        Self { name: "Verona", postal_code: "37121", province: "VR" },
        Self { name: "Salerno", postal_code: "84121", province: "SA" },
        Self { name: "Ragusa", postal_code: "97100", province: "RG" },
        Self { name: "Cuneo", postal_code: "12100", province: "CN" },
    ];

    fn of(number: u32) -> &'static Self {
        let [first, others @ ..] = &Self::ALL;
        match usize::try_from(number).map(|number| number % Self::ALL.len()) {
            Ok(0) | Err(_) => first,
            Ok(place) => others.get(place - 1).unwrap_or(first),
        }
    }
}

fn find(code: &str) -> Option<(DemoSubject, Demand)> {
    let code = code.parse::<CompanyCode>().ok()?;
    if let CompanyCode::SoleTrader(person) = &code {
        let (person, demand) = Population::find_person(person)?;
        return Some((DemoSubject::Person(Box::new(person)), demand));
    }
    let (company, demand) = Population::find_company(&code)?;
    Some((DemoSubject::Company(Box::new(company)), demand))
}

fn read<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, BadQuestion> {
    serde_json::from_slice(body).map_err(|_| BadQuestion)
}

/// The same names with values of other types; the echoed codes stay, so that nothing else is wrong.
fn wrong_types(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let value =
                    if name.starts_with("codiceFiscale") { value } else { wrong_types(value) };
                (name, value)
            })
            .collect(),
        Value::String(_) => json!(7),
        Value::Number(_) => json!("sette"),
        Value::Bool(_) => json!("forse"),
        Value::Array(_) | Value::Null => json!({}),
    }
}
