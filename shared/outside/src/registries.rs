//! The public registries behind one port: Unioncamere, Agenzia delle Entrate, INI-PEC, INAD, INPS (CHK-2, ENR-1).
//!
//! The wire is in `docs/registries`; the simulators answer on the same one. Neither errors nor logs hold a question or
//! an answer.

mod exchange;
mod facts;
mod voucher;
mod wire;

use std::time::Duration;

use aws_config::SdkConfig;
use domain::{
    case_facts::Particulars,
    email_address::EmailAddress,
    fiscal_code::{CompanyCode, FiscalCode, PersonCode, Sex},
    form::{Mode, Registry},
};
use reqwest::{header::ACCEPT, redirect::Policy};
use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

pub use self::{exchange::RegistryError, facts::Facts, voucher::Credentials};
use self::{
    exchange::{RawReply, exchange},
    voucher::VoucherCache,
    wire::{
        Assignment, AssignmentQuestion, CertifiedAddress, DomicileQuestion, Domiciles, Problem,
        Question, RepresentationQuestion,
    },
};
use crate::{
    clock,
    config::{self, ConfigError},
};

/// How long a registry may take, unless the function needs less.
pub const TIMEOUT: Duration = Duration::from_secs(3);

/// Asked again after this, where a registry does not say.
const USUAL_PAUSE: Duration = Duration::from_secs(30);

/// The registries, reached over HTTP with a voucher that is kept until it expires.
#[derive(Debug)]
pub struct Registries {
    http: reqwest::Client,
    base_url: String,
    vouchers: VoucherCache,
}

/// Who is asked about: decides the registries (CHK-2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Subject {
    /// A company in the business register, and who says to represent it.
    InRegister {
        /// The legal representative.
        representative: PersonCode,
        /// The company.
        company: CompanyCode,
    },
    /// A body outside the business register, and who says to represent it.
    Outside {
        /// The legal representative.
        representative: PersonCode,
        /// The body.
        body: CompanyCode,
    },
    /// A natural person, for themselves.
    Person(PersonCode),
}

/// Whether a person represents a company or body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Representation {
    /// The registry confirms it.
    Yes,
    /// The registry knows the company; another person represents it.
    No,
    /// The registry does not know the company.
    UnknownCompany,
}

/// What *Verifica utenza* found (CHK-2).
#[derive(Debug)]
pub enum Checked {
    /// The representation is confirmed, and the code can go to this address.
    Confirmed(EmailAddress),
    /// The registries do not confirm that this person represents the company or body.
    NotRepresentative,
    /// There is no certified address to send the code to.
    NoAddress,
}

/// What a registry says about a subject.
#[derive(Clone, Debug, PartialEq)]
pub enum RegistryAnswer {
    /// Values under the keys of the form.
    Facts(Facts),
    /// The registry does not know the subject.
    Unknown,
    /// The registry is preparing the answer.
    NotYet {
        /// When to ask again.
        retry_after: Duration,
    },
}

/// What the Agenzia delle Entrate says to the request for a definitive code (ENT-1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Assigned {
    /// The code that was given.
    Code(FiscalCode),
    /// It is being prepared.
    NotYet {
        /// When to ask again.
        retry_after: Duration,
    },
    /// None can be given for these particulars: a person must look.
    Refused,
}

/// The configuration does not allow to ask the registries; found at init.
#[derive(Debug, Error)]
pub enum UnusableRegistries {
    /// A variable or a secret is missing.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// The client's secret is not text.
    #[error("the registries' secret is not text")]
    SecretText,
    /// Neither https nor the loopback's http.
    #[error("REGISTRIES_URL must begin with https:// (http:// only for the local simulators)")]
    Address,
    /// The client cannot be built.
    #[error("the HTTP client cannot be built")]
    Client(#[source] reqwest::Error),
}

impl Subject {
    /// From the answers of the preliminary checks (CHK-1); without a company code it is the applicant in person.
    pub fn new(applicant: PersonCode, company: Option<CompanyCode>, in_register: bool) -> Self {
        match company {
            Some(company) if in_register => Self::InRegister { representative: applicant, company },
            Some(body) => Self::Outside { representative: applicant, body },
            None => Self::Person(applicant),
        }
    }

    /// Who asks: the person, or who represents the company.
    pub const fn applicant(&self) -> &PersonCode {
        match self {
            Self::InRegister { representative, .. } | Self::Outside { representative, .. } => {
                representative
            }
            Self::Person(person) => person,
        }
    }

    /// The code of the employer: the company or body, else the person.
    fn employer(&self) -> &str {
        match self {
            Self::InRegister { company, .. } => company.reveal(),
            Self::Outside { body, .. } => body.reveal(),
            Self::Person(person) => person.reveal(),
        }
    }
}

impl Registries {
    /// Registries as the template configures them; called at init.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, UnusableRegistries> {
        let secret = config::secret(sdk, "REGISTRIES_SECRET_ID").await?;
        let credentials = Credentials {
            client_id: config::required("REGISTRIES_CLIENT_ID")?,
            client_secret: String::from_utf8(secret).map_err(|_| UnusableRegistries::SecretText)?,
        };
        Self::new(&config::required("REGISTRIES_URL")?, credentials, TIMEOUT)
    }

    /// Registries below `base_url` (`REGISTRIES_URL`), asked with `credentials`, each question within `timeout`.
    pub fn new(
        base_url: &str,
        credentials: Credentials,
        timeout: Duration,
    ) -> Result<Self, UnusableRegistries> {
        let base_url = base_url.trim_end_matches('/').to_owned();
        let is_local =
            base_url.starts_with("http://127.0.0.1:") || base_url.starts_with("http://localhost:");
        if !base_url.starts_with("https://") && !is_local {
            return Err(UnusableRegistries::Address);
        }
        let http = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(UnusableRegistries::Client)?;
        let vouchers = VoucherCache::new(format!("{base_url}/voucher"), credentials);
        Ok(Self { http, base_url, vouchers })
    }

    /// Whether the applicant represents the company or body (CHK-2); a natural person represents themselves.
    /// `reference` is the application's identifier, told to the registry as the reason of the question.
    pub async fn represents(
        &self,
        reference: &str,
        subject: &Subject,
    ) -> Result<Representation, RegistryError> {
        let (path, representative) = match subject {
            Subject::InRegister { representative, .. } => {
                ("unioncamere/rappresentanza", representative)
            }
            Subject::Outside { representative, .. } => {
                ("agenzia-entrate/rappresentanza", representative)
            }
            Subject::Person(_) => return Ok(Representation::Yes),
        };
        let question = RepresentationQuestion {
            codice_fiscale_soggetto: subject.employer(),
            codice_fiscale_persona: representative.reveal(),
        };
        match self.ask::<wire::Representation>(path, reference, &question).await? {
            Reply::Told(told) => {
                same_subject(&told.codice_fiscale_soggetto, subject.employer())?;
                same_subject(&told.codice_fiscale_persona, representative.reveal())?;
                Ok(if told.rappresenta { Representation::Yes } else { Representation::No })
            }
            Reply::Unknown => Ok(Representation::UnknownCompany),
            Reply::NotYet(_) => Err(RegistryError::Malformed),
        }
    }

    /// Asks for representation and certified address (CHK-2).
    ///
    /// # Errors
    /// A registry gave no usable answer: the check is to be queued and asked again.
    pub async fn check(
        &self,
        reference: &str,
        subject: &Subject,
    ) -> Result<Checked, RegistryError> {
        match self.represents(reference, subject).await? {
            Representation::Yes => {}
            Representation::No | Representation::UnknownCompany => {
                return Ok(Checked::NotRepresentative);
            }
        }
        let address = self.certified_address(reference, subject).await?;
        Ok(address.map_or(Checked::NoAddress, Checked::Confirmed))
    }

    /// The employer's certified address: INI-PEC for companies in the business register, INAD for all others (CHK-2).
    pub async fn certified_address(
        &self,
        reference: &str,
        subject: &Subject,
    ) -> Result<Option<EmailAddress>, RegistryError> {
        match subject {
            Subject::InRegister { .. } => self.ini_pec(reference, subject.employer()).await,
            Subject::Outside { .. } | Subject::Person(_) => {
                self.inad(reference, subject.employer()).await
            }
        }
    }

    /// What a registry knows at once or later, under the keys of the form (ENR-1).
    pub async fn facts(
        &self,
        reference: &str,
        registry: Registry,
        mode: Mode,
        subject: &Subject,
    ) -> Result<RegistryAnswer, RegistryError> {
        facts::ask(self, reference, registry, mode, subject).await
    }

    /// The definitive code of a worker who has entered Italy (ENT-1); asked again, the agency gives the same.
    pub async fn assigned_code(
        &self,
        reference: &str,
        person: &Particulars,
    ) -> Result<Assigned, RegistryError> {
        let question = AssignmentQuestion {
            cognome: &person.surname,
            nome: &person.name,
            sesso: match person.sex {
                Sex::Female => wire::Sex::F,
                Sex::Male => wire::Sex::M,
            },
            data_nascita: person.birth_date,
            stato_nascita: &person.birth_country,
            luogo_nascita: &person.birth_place,
        };
        match self.ask::<Assignment>("agenzia-entrate/attribuzione", reference, &question).await {
            Ok(Reply::Told(told)) => {
                same_name(&told.cognome, &person.surname)?;
                same_name(&told.nome, &person.name)?;
                let code = told.codice_fiscale;
                let is_theirs = told.data_nascita == person.birth_date
                    && code.fits_birth_date(person.birth_date)
                    && code.sex() == person.sex;
                if is_theirs {
                    Ok(Assigned::Code(code))
                } else {
                    Err(RegistryError::AnotherSubject)
                }
            }
            Ok(Reply::NotYet(retry_after)) => Ok(Assigned::NotYet { retry_after }),
            Ok(Reply::Unknown) | Err(RegistryError::Refused { status: 422 }) => {
                Ok(Assigned::Refused)
            }
            Err(error) => Err(error),
        }
    }

    async fn ini_pec(
        &self,
        reference: &str,
        code: &str,
    ) -> Result<Option<EmailAddress>, RegistryError> {
        match self
            .ask::<CertifiedAddress>("ini-pec/pec", reference, &Question { codice_fiscale: code })
            .await?
        {
            Reply::Told(told) => {
                same_subject(&told.codice_fiscale, code)?;
                Ok(Some(told.pec))
            }
            Reply::Unknown => Ok(None),
            Reply::NotYet(_) => Err(RegistryError::Malformed),
        }
    }

    async fn inad(
        &self,
        reference: &str,
        code: &str,
    ) -> Result<Option<EmailAddress>, RegistryError> {
        let question = DomicileQuestion { codice_fiscale: code, practical_reference: reference };
        match self.ask::<Domiciles>("inad/domicili-digitali", reference, &question).await? {
            Reply::Told(told) => {
                same_subject(&told.codice_fiscale, code)?;
                let now = clock::wall();
                let is_good = |domicile: &wire::Domicile| {
                    domicile.usage_info.as_ref().is_none_or(|usage| now < usage.date_end_validity)
                };
                Ok(told
                    .digital_address
                    .into_iter()
                    .find(is_good)
                    .map(|domicile| domicile.digital_address))
            }
            Reply::Unknown => Ok(None),
            Reply::NotYet(_) => Err(RegistryError::Malformed),
        }
    }

    /// One question, with a fresh voucher and once more where the registry refuses the one we held.
    async fn ask<A: DeserializeOwned>(
        &self,
        path: &str,
        reference: &str,
        question: &impl Serialize,
    ) -> Result<Reply<A>, RegistryError> {
        let url = format!("{}/{path}", self.base_url);
        let voucher = self.vouchers.voucher(&self.http).await?;
        let request = |voucher: &str| {
            self.http
                .post(&url)
                .bearer_auth(voucher)
                .header("x-reference", reference)
                .header(ACCEPT, "application/json, application/problem+json")
                .json(question)
        };
        let mut reply = exchange(request(&voucher)).await?;
        if reply.status == 401 {
            self.vouchers.forget(&voucher).await;
            let fresh = self.vouchers.voucher(&self.http).await?;
            reply = exchange(request(&fresh)).await?;
        }
        match reply.status {
            200 => reply.json().map(Reply::Told),
            202 => Ok(Reply::NotYet(reply.retry_after.unwrap_or(USUAL_PAUSE))),
            404 => unknown_subject(&reply),
            status @ (429 | 500..=599) => Err(RegistryError::Unavailable { status: Some(status) }),
            status => Err(RegistryError::Refused { status }),
        }
    }
}

/// What a registry replied, read as far as all replies are alike.
enum Reply<A> {
    Told(A),
    Unknown,
    NotYet(Duration),
}

/// A 404 of the registry about the subject; any other kind of 404 means that our address is wrong.
fn unknown_subject<A>(reply: &RawReply) -> Result<Reply<A>, RegistryError> {
    match reply.json::<Problem>()?.kind.as_str() {
        "soggetto-sconosciuto" => Ok(Reply::Unknown),
        _ => Err(RegistryError::Refused { status: 404 }),
    }
}

/// A name is echoed as it was asked about; a registry may write it in capitals.
fn same_name(echoed: &str, asked: &str) -> Result<(), RegistryError> {
    if echoed.to_uppercase() == asked.to_uppercase() {
        Ok(())
    } else {
        Err(RegistryError::AnotherSubject)
    }
}

/// The answer must echo the code of the question: a registry once answered about another person.
fn same_subject(echoed: &str, asked: &str) -> Result<(), RegistryError> {
    if echoed.eq_ignore_ascii_case(asked) { Ok(()) } else { Err(RegistryError::AnotherSubject) }
}
