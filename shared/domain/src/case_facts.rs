//! What contract, agreement and modules need of a form, gathered by the keys of the published forms: the one place that
//! spells them for documents (CTR-2, AGR-1, MOD-1, ENT-1).

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde_json::Value;

use crate::{
    fiscal_code::{FiscalCode, PersonCode, Sex},
    form::{FieldType, Schema, Table, Values},
};

/// Everything that a document may say of a case. A value that the form does not ask, or that is empty, is none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CaseFacts {
    /// The employer.
    pub employer: EmployerFacts,
    /// The person who signs for the employer: the legal representative, or the employer in person.
    pub representative: RepresentativeFacts,
    /// The worker.
    pub worker: WorkerFacts,
    /// The work.
    pub contract: ContractFacts,
    /// Where the work is done; its province decides the office (RNK-1).
    pub workplace: AddressFacts,
    /// Where the worker lives.
    pub accommodation: AccommodationFacts,
}

/// One of a few words or a row of a table: what is stored, and what people read.
#[derive(Clone, PartialEq, Eq)]
pub struct Choice {
    /// As stored, such as `IND`.
    pub code: String,
    /// In Italian, such as `India`.
    pub label: String,
}

/// An Italian address, or what is known of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AddressFacts {
    /// Street or square.
    pub street: Option<String>,
    /// House number; `SNC` where there is none.
    pub number: Option<String>,
    /// *Comune*.
    pub municipality: Option<String>,
    /// *CAP*, five digits.
    pub postal_code: Option<String>,
    /// Two letters, and the name.
    pub province: Option<Choice>,
}

/// A person, as passport or registry tell.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonFacts {
    /// *Cognome*.
    pub surname: Option<String>,
    /// *Nome*.
    pub name: Option<String>,
    /// As the passport tells.
    pub sex: Option<Sex>,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// Country of birth, by three letters; it may be one that exists no more.
    pub birth_country: Option<Choice>,
    /// Place of birth.
    pub birth_place: Option<String>,
    /// Province of birth; none for those born abroad.
    pub birth_province: Option<Choice>,
    /// Citizenship, by three letters; `XXX` for the stateless.
    pub citizenship: Option<Choice>,
    /// `single`, `married`, `widowed`, `divorced`, `separated`.
    pub marital_status: Option<Choice>,
    /// Fiscal code as in the form: 16 characters, or the 11 digits of a provisional one.
    pub fiscal_code: Option<String>,
}

/// The company or body; of a family that employs, only name and certified address.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EmployerFacts {
    /// Whether a natural person employs for themselves (A-BIS): [`CaseFacts::representative`] is the employer then.
    pub is_person: bool,
    /// *Denominazione*; of a person surname and name.
    pub name: Option<String>,
    /// Fiscal code of the company or body; a sole trader's has 16 characters.
    pub fiscal_code: Option<String>,
    /// *Partita IVA*.
    pub vat_number: Option<String>,
    /// *Forma giuridica*, in words.
    pub legal_form: Option<String>,
    /// *Matricola INPS*.
    pub inps_number: Option<String>,
    /// Registered seat.
    pub seat: AddressFacts,
    /// The certified address elected for the procedure (art. 47 c.c.).
    pub pec: Option<String>,
}

/// The person who signs for the employer.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RepresentativeFacts {
    /// The person.
    pub person: PersonFacts,
    /// *Residenza*.
    pub residence: AddressFacts,
}

/// The worker.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WorkerFacts {
    /// The person.
    pub person: PersonFacts,
    /// Country of residence abroad.
    pub residence_country: Option<Choice>,
    /// Place of residence abroad.
    pub residence_place: Option<String>,
    /// The passport.
    pub passport: PassportFacts,
    /// The consular post that is asked for the visa.
    pub consular_post: Option<Choice>,
}

/// A passport or another travel document.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PassportFacts {
    /// `ordinary`, `travel-document`, `other`.
    pub kind: Option<Choice>,
    /// Capital letters and digits.
    pub number: Option<String>,
    /// The authority.
    pub issued_by: Option<String>,
    /// First day of validity.
    pub issued_on: Option<Date>,
    /// Last day of validity.
    pub expires_on: Option<Date>,
}

/// How long the work lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractKind {
    /// *Tempo indeterminato*.
    Permanent,
    /// *Tempo determinato*.
    FixedTerm,
    /// *Stagionale* (art. 24 D.Lgs. 286/1998).
    Seasonal,
}

/// The work.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ContractFacts {
    /// How long it lasts.
    pub kind: Option<ContractKind>,
    /// First day.
    pub from: Option<Date>,
    /// Last day; none for *tempo indeterminato*.
    pub to: Option<Date>,
    /// Days from the first to the last, both included.
    pub days: Option<i64>,
    /// Name of the collective agreement: of its row, or as typed where it stands in no row.
    pub ccnl: Option<String>,
    /// Its four characters at the CNEL, where they are known.
    pub ccnl_code: Option<String>,
    /// *Livello*.
    pub level: Option<String>,
    /// *Mansione*.
    pub duties: Option<String>,
    /// Code of the duties by ISTAT.
    pub duties_code: Option<String>,
    /// What is done, in the employer's words.
    pub duties_description: Option<String>,
    /// Hours a week.
    pub weekly_hours: Option<i64>,
    /// Gross pay a month, in cents.
    pub monthly_pay: Option<i64>,
}

/// Where the worker lives.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AccommodationFacts {
    /// Whether the worker lives where the work is done (A-BIS): the address is the workplace's then, and nothing else is
    /// asked.
    pub lives_in: bool,
    /// `owned`, `rented`, `loan`, `hotel`.
    pub title: Option<Choice>,
    /// Name of the hotel.
    pub hotel_name: Option<String>,
    /// Where; of a hotel, only municipality and province.
    pub address: AddressFacts,
    /// `certificate` or `requested`, in words.
    pub suitability: Option<Choice>,
    /// Who certified that it is fit to live in.
    pub certificate_issued_by: Option<Choice>,
    /// When it was certified.
    pub certificate_date: Option<Date>,
    /// When the certificate was asked for.
    pub request_date: Option<Date>,
    /// Rent a month in cents; none where the worker pays none.
    pub monthly_rent: Option<i64>,
}

/// What the Agenzia delle Entrate needs to give a person a definitive code (DM 23 December 1976).
#[derive(Clone, PartialEq, Eq)]
pub struct Particulars {
    /// *Cognome*.
    pub surname: String,
    /// *Nome*.
    pub name: String,
    /// As the passport tells.
    pub sex: Sex,
    /// Day of birth.
    pub birth_date: Date,
    /// Country of birth, by three letters.
    pub birth_country: String,
    /// Place of birth.
    pub birth_place: String,
}

/// Redacted: they are personal data. (PRV-1)
macro_rules! redacted {
    ($($name:ident),+ $(,)?) => { $(
        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    )+ };
}
redacted!(
    CaseFacts,
    Choice,
    AddressFacts,
    PersonFacts,
    EmployerFacts,
    RepresentativeFacts,
    WorkerFacts,
    PassportFacts,
    ContractFacts,
    AccommodationFacts,
    Particulars,
);

impl CaseFacts {
    /// The facts of a form; values that do not count (of fields that are not asked) are left out.
    pub fn of(schema: &Schema, values: &Values) -> Self {
        let form = Form { schema, answers: schema.answers(values) };
        let workplace = form.address("workplace");
        Self {
            employer: form.employer(),
            representative: RepresentativeFacts {
                person: form.person("representative"),
                residence: form.address("representative_residence"),
            },
            worker: form.worker(),
            contract: form.contract(),
            accommodation: form.accommodation(&workplace),
            workplace,
        }
    }
}

impl CaseFacts {
    /// Whether the integration agreement applies: to workers who come for at least a year, not for a season (art. 4-bis
    /// c. 2 D.Lgs. 286/1998; art. 2 DPR 179/2011).
    pub fn agreement_applies(&self) -> bool {
        match self.contract.kind {
            Some(ContractKind::Permanent) => true,
            Some(ContractKind::FixedTerm) => self.contract.days.is_some_and(|days| days >= 365),
            Some(ContractKind::Seasonal) | None => false,
        }
    }
}

impl PersonFacts {
    /// The particulars for which the agency gives a definitive code; none while one of them is missing.
    pub fn particulars(&self) -> Option<Particulars> {
        Some(Particulars {
            surname: self.surname.clone()?,
            name: self.name.clone()?,
            sex: self.sex?,
            birth_date: self.birth_date?,
            birth_country: self.birth_country.clone()?.code,
            birth_place: self.birth_place.clone()?,
        })
    }

    /// The definitive code, where the form has a valid one that is not of another birth.
    pub fn definitive_code(&self) -> Option<FiscalCode> {
        let code = self.fiscal_code.as_deref()?.parse::<FiscalCode>().ok()?;
        self.birth_date.is_none_or(|day| code.fits_birth_date(day)).then_some(code)
    }

    /// The provisional code of eleven digits, where the form has a valid one.
    pub fn provisional_code(&self) -> Option<String> {
        match self.fiscal_code.as_deref()?.parse().ok()? {
            PersonCode::Provisional(code) => Some(code.reveal().to_owned()),
            PersonCode::Final(_) => None,
        }
    }
}

/// A form as it is read here.
struct Form<'a> {
    schema: &'a Schema,
    answers: BTreeMap<&'a str, &'a Value>,
}

impl Form<'_> {
    fn value(&self, key: &str) -> Option<&Value> {
        self.answers.get(key).copied()
    }

    fn text(&self, key: &str) -> Option<String> {
        self.value(key).and_then(Value::as_str).map(str::to_owned)
    }

    fn number(&self, key: &str) -> Option<i64> {
        self.value(key).and_then(Value::as_i64)
    }

    fn day(&self, key: &str) -> Option<Date> {
        self.value(key).and_then(Value::as_str)?.parse().ok()
    }

    fn is(&self, key: &str) -> bool {
        self.value(key).and_then(Value::as_bool).unwrap_or_default()
    }

    /// What people read beside the stored word; the word itself where no list has it.
    fn choice(&self, key: &str) -> Option<Choice> {
        let code = self.text(key)?;
        let label = match &self.schema.field(key)?.kind {
            FieldType::Choice { options } => {
                options.iter().find(|option| option.value == code).map(|option| &option.label)
            }
            FieldType::TableChoice { table, .. } => {
                Table::find(table).and_then(|table| table.entry(&code)).map(|entry| &entry.label)
            }
            FieldType::Text { .. }
            | FieldType::Boolean
            | FieldType::MustBeTrue
            | FieldType::Integer { .. }
            | FieldType::Money { .. }
            | FieldType::Date { .. }
            | FieldType::PersonFiscalCode
            | FieldType::CompanyFiscalCode
            | FieldType::VatNumber
            | FieldType::Email
            | FieldType::Pec
            | FieldType::PostalCode
            | FieldType::File { .. } => None,
        };
        let label = label.unwrap_or(&code).clone();
        Some(Choice { code, label })
    }

    fn label(&self, key: &str) -> Option<String> {
        self.choice(key).map(|choice| choice.label)
    }

    fn address(&self, prefix: &str) -> AddressFacts {
        let part = |name: &str| format!("{prefix}_{name}");
        AddressFacts {
            street: self.text(&part("street")),
            number: self.text(&part("number")),
            municipality: self.text(&part("municipality")),
            postal_code: self.text(&part("postal_code")),
            province: self.choice(&part("province")),
        }
    }

    fn person(&self, prefix: &str) -> PersonFacts {
        let part = |name: &str| format!("{prefix}_{name}");
        let sex = match self.text(&part("sex")).as_deref() {
            Some("female") => Some(Sex::Female),
            Some("male") => Some(Sex::Male),
            Some(_) | None => None,
        };
        PersonFacts {
            surname: self.text(&part("surname")),
            name: self.text(&part("name")),
            sex,
            birth_date: self.day(&part("birth_date")),
            birth_country: self.choice(&part("birth_country")),
            birth_place: self.text(&part("birth_place")),
            birth_province: self.choice(&part("birth_province")),
            citizenship: self.choice(&part("citizenship")),
            marital_status: self.choice(&part("marital_status")),
            fiscal_code: self.text(&part("fiscal_code")),
        }
    }

    fn employer(&self) -> EmployerFacts {
        EmployerFacts {
            is_person: self.text("applicant_kind").as_deref() == Some("natural"),
            name: self.text("employer_name"),
            fiscal_code: self.text("employer_fiscal_code"),
            vat_number: self.text("employer_vat_number"),
            legal_form: self.text("employer_legal_form"),
            inps_number: self.text("employer_inps_number"),
            seat: self.address("employer_seat"),
            pec: self.text("contact_pec"),
        }
    }

    fn worker(&self) -> WorkerFacts {
        WorkerFacts {
            person: self.person("worker"),
            residence_country: self.choice("worker_residence_country"),
            residence_place: self.text("worker_residence_place"),
            passport: PassportFacts {
                kind: self.choice("worker_passport_kind"),
                number: self.text("worker_passport_number"),
                issued_by: self.text("worker_passport_issued_by"),
                issued_on: self.day("worker_passport_issued_on"),
                expires_on: self.day("worker_passport_expires_on"),
            },
            consular_post: self.choice("worker_consular_post"),
        }
    }

    fn contract(&self) -> ContractFacts {
        let kind = match self.text("contract_kind").as_deref() {
            Some("permanent") => Some(ContractKind::Permanent),
            Some("fixed-term") => Some(ContractKind::FixedTerm),
            Some("seasonal") => Some(ContractKind::Seasonal),
            Some(_) | None => None,
        };
        // Where duties are a row of the table of ISTAT, the row's code is theirs; else it is typed apart (B2020).
        let duties = self.choice("contract_duties");
        let duties_code = self.text("contract_duties_code").or_else(|| {
            duties.as_ref().filter(|duties| duties.code != duties.label).map(|row| row.code.clone())
        });
        ContractFacts {
            kind,
            from: self.day("contract_starts_on"),
            to: self.day("contract_ends_on"),
            days: self.number("contract_days"),
            ccnl: self.text("contract_ccnl_name").or_else(|| self.label("contract_ccnl")),
            ccnl_code: self.text("contract_ccnl_code"),
            level: self.label("contract_level").or_else(|| self.text("contract_other_level")),
            duties: duties.map(|duties| duties.label),
            duties_code,
            duties_description: self.text("contract_duties_description"),
            weekly_hours: self.number("contract_weekly_hours"),
            monthly_pay: self.number("contract_monthly_pay"),
        }
    }

    fn accommodation(&self, workplace: &AddressFacts) -> AccommodationFacts {
        let lives_in = self.is("contract_live_in");
        AccommodationFacts {
            lives_in,
            title: self.choice("housing_title"),
            hotel_name: self.text("housing_hotel_name"),
            address: if lives_in { workplace.clone() } else { self.address("housing") },
            suitability: self.choice("housing_suitability"),
            certificate_issued_by: self.choice("housing_certificate_issued_by"),
            certificate_date: self.day("housing_certificate_date"),
            request_date: self.day("housing_request_date"),
            monthly_rent: self.number("housing_monthly_rent"),
        }
    }
}

#[cfg(test)]
mod tests;
