//! What each document says, gathered from form, border entry and agreement: a pure function of what is stored.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use domain::{
    application::Application,
    campaign::Campaign,
    case_facts::{AddressFacts, CaseFacts, Choice, ContractKind, PassportFacts, PersonFacts},
    document::DocumentKind,
    fiscal_code::Sex as StoredSex,
    receipt::SignedReceipt,
    term::{Outage as Stopped, Term},
};
use jiff::{Timestamp, civil::Date};
use store::drafts::{AgreementData as Entered, BorderEntry};

use crate::document::{
    Accommodation, Address, AdministrationMark, AgreementData, ContractData, ContractType, Cost,
    Document, Employer, FamilyMember, FiscalCodeData, Heading, KitData, MaritalStatus, Module1Data,
    Module2Data, ModuleEmployer, Outage, Passport, Period, PermitType, Person, ReceiptData, Sex,
    SuspensionActData, TravelDocument,
};

/// All data of a case that its documents are made from.
pub(crate) struct CaseData<'a> {
    pub(crate) head: &'a Application,
    pub(crate) facts: &'a CaseFacts,
    pub(crate) entry: Option<&'a BorderEntry>,
    pub(crate) agreement: Option<&'a Entered>,
    /// When the document was asked for, by the campaign's calendar: the same for every try.
    pub(crate) date: Date,
    /// The version of the head that asked for it: its number.
    pub(crate) version: u64,
    /// The numbers of the contract and the agreement that were made before.
    pub(crate) contract_version: Option<u64>,
    pub(crate) agreement_version: Option<u64>,
    /// The day, by the campaign's calendar, on which the signed contract that counted passed the checks; asked for by
    /// module 2 alone.
    pub(crate) contract_signed: Option<Date>,
    /// What suspended a term, where an act is asked for.
    pub(crate) suspension: Option<Suspension>,
    /// The receipt of the submission, signed as at the press.
    pub(crate) receipt: Option<SignedReceipt>,
    /// The decree.
    pub(crate) campaign: &'a Campaign,
    /// Where the portal is.
    pub(crate) portal: &'a str,
}

/// An outage that lengthened a term.
pub(crate) struct Suspension {
    pub(crate) term: Term,
    pub(crate) before: Timestamp,
    pub(crate) outages: Vec<Stopped>,
}

/// The fact that a document needs and the case lacks; a person has to look.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the case lacks {0}")]
pub(crate) struct MissingFact(pub(crate) &'static str);

impl CaseData<'_> {
    /// The document of a kind, with everything that it shows.
    pub(crate) fn document(&self, kind: DocumentKind) -> Result<Document, MissingFact> {
        Ok(match kind {
            DocumentKind::Contract => Document::Contract(self.contract()?),
            DocumentKind::Agreement => Document::Agreement(self.agreement()?),
            DocumentKind::Module1 => Document::Module1(self.module_1()?),
            DocumentKind::Module2 => Document::Module2(self.module_2()?),
            DocumentKind::Kit => Document::Kit(self.kit()?),
            DocumentKind::FiscalCode => Document::FiscalCode(self.fiscal_code()?),
            DocumentKind::SuspensionAct => Document::SuspensionAct(self.suspension_act()?),
            DocumentKind::Receipt => Document::Receipt(self.receipt()?),
        })
    }

    fn heading(&self) -> Heading {
        Heading {
            application: self.head.id.to_string(),
            number: number(self.version),
            date: self.date,
            office: format!("Sportello Unico per l'Immigrazione di {}", self.office()),
        }
    }

    /// The province of the competent office, in words where the form has them.
    fn office(&self) -> String {
        match &self.facts.workplace.province {
            Some(province) => province.label.clone(),
            None => self.head.province().unwrap_or_default().to_owned(),
        }
    }

    /// The signed facts again, for people; what counts is the signed document (SUB-4).
    fn receipt(&self) -> Result<ReceiptData, MissingFact> {
        let signed = self.receipt.as_ref().ok_or(MissingFact("a submission"))?;
        let receipt = signed.receipt();
        let model = self.campaign.model(&receipt.model);
        Ok(ReceiptData {
            heading: self.heading(),
            code: receipt.code.to_string(),
            campaign: self.campaign.title().to_owned(),
            campaign_version: receipt.campaign_version,
            model: model.map_or_else(|| receipt.model.to_string(), |one| one.label().to_owned()),
            arrival: receipt.arrival,
            digest: HEXLOWER.encode(&receipt.digest),
            key_id: receipt.key_id.to_string(),
            signature: BASE64URL_NOPAD.encode(signed.signature()),
            verification_address: format!("{}/verifica-ricevuta", self.portal),
        })
    }

    fn worker(&self) -> Result<Person, MissingFact> {
        let mut worker = person(&self.facts.worker.person)?;
        worker.fiscal_code = self.worker_code().or(worker.fiscal_code);
        Ok(worker)
    }

    fn worker_code(&self) -> Option<String> {
        self.entry.and_then(|entry| entry.fiscal_code.clone())
    }

    fn passport(&self) -> Result<Passport, MissingFact> {
        passport(&self.facts.worker.passport)
    }

    fn contract(&self) -> Result<ContractData, MissingFact> {
        let contract = &self.facts.contract;
        Ok(ContractData {
            heading: self.heading(),
            employer: self.employer()?,
            worker: self.worker()?,
            passport: self.passport()?,
            visa_number: self.entry.map(|entry| entry.visa_number.clone()),
            entered_on: self.entry.map(|entry| entry.date),
            workplace: address(&self.facts.workplace),
            collective_agreement: contract
                .ccnl
                .clone()
                .ok_or(MissingFact("the collective agreement"))?,
            level: contract.level.clone().ok_or(MissingFact("the level"))?,
            duties: self.duties()?,
            period: self.period()?,
            weekly_hours: contract
                .weekly_hours
                .and_then(|hours| u8::try_from(hours).ok())
                .ok_or(MissingFact("the weekly hours"))?,
            monthly_pay_cents: contract
                .monthly_pay
                .and_then(|cents| u32::try_from(cents).ok())
                .ok_or(MissingFact("the pay"))?,
            accommodation: self.accommodation(),
        })
    }

    fn duties(&self) -> Result<String, MissingFact> {
        let contract = &self.facts.contract;
        contract
            .duties
            .clone()
            .or_else(|| contract.duties_description.clone())
            .ok_or(MissingFact("the duties"))
    }

    fn period(&self) -> Result<Period, MissingFact> {
        let contract = &self.facts.contract;
        let from = contract.from.ok_or(MissingFact("the first day of work"))?;
        let to = contract.to.ok_or(MissingFact("the last day of work"));
        Ok(match contract.kind.ok_or(MissingFact("the kind of contract"))? {
            ContractKind::Permanent => Period::OpenEnded { from },
            ContractKind::FixedTerm => Period::FixedTerm { from, to: to? },
            ContractKind::Seasonal => Period::Seasonal { from, to: to? },
        })
    }

    fn employer(&self) -> Result<Employer, MissingFact> {
        let employer = &self.facts.employer;
        let representative = person(&self.facts.representative.person)?;
        let pec = employer.pec.clone().unwrap_or_default();
        if employer.is_person {
            return Ok(Employer::Person {
                person: representative,
                residence: address(&self.facts.representative.residence),
                pec,
            });
        }
        Ok(Employer::Company {
            name: employer.name.clone().ok_or(MissingFact("the employer's name"))?,
            fiscal_code: employer.fiscal_code.clone().ok_or(MissingFact("the employer's code"))?,
            vat_number: employer.vat_number.clone(),
            inps_number: employer.inps_number.clone(),
            seat: address(&employer.seat),
            pec,
            representative,
        })
    }

    fn accommodation(&self) -> Accommodation {
        let accommodation = &self.facts.accommodation;
        let place =
            if accommodation.lives_in { &self.facts.workplace } else { &accommodation.address };
        let title = if accommodation.lives_in {
            "presso il luogo di lavoro (convivenza)".to_owned()
        } else {
            label(accommodation.title.as_ref())
        };
        Accommodation {
            address: address(place),
            title: match &accommodation.hotel_name {
                Some(hotel) => format!("{title} {hotel}"),
                None => title,
            },
            suitability: label(accommodation.suitability.as_ref()),
            monthly_rent_cents: accommodation
                .monthly_rent
                .and_then(|cents| u32::try_from(cents).ok()),
        }
    }

    fn agreement(&self) -> Result<AgreementData, MissingFact> {
        let entered = self.agreement.ok_or(MissingFact("the data of the agreement"))?;
        let family = entered
            .family
            .iter()
            .map(|member| FamilyMember {
                surname: member.surname.clone(),
                given_names: member.name.clone(),
                relation: relation(&member.relation).to_owned(),
                birth_date: member.born,
                in_italy: true,
            })
            .collect();
        Ok(AgreementData {
            heading: self.heading(),
            worker: self.worker()?,
            passport: self.passport()?,
            address: self.entered_address(entered),
            phone: Some(entered.telephone.clone()),
            email: None,
            parents: Vec::new(),
            family,
            mark: AdministrationMark { office: self.heading().office, signed_on: self.date },
        })
    }

    #[expect(clippy::unused_self, reason = "reads like its neighbours")]
    fn entered_address(&self, entered: &Entered) -> Address {
        Address {
            street: entered.street.clone(),
            number: String::new(),
            postcode: entered.postal_code.clone(),
            municipality: entered.municipality.clone(),
            province: entered.province.clone(),
        }
    }

    /// Where the worker lives: as the agreement says, else where the employer lodges them.
    fn domicile(&self) -> Address {
        match self.agreement {
            Some(entered) => self.entered_address(entered),
            None => self.accommodation().address,
        }
    }

    fn module_1(&self) -> Result<Module1Data, MissingFact> {
        let entry = self.entry.ok_or(MissingFact("the border entry"))?;
        let stored = &self.facts.worker.person;
        let worker = self.worker()?;
        Ok(Module1Data {
            heading: self.heading(),
            questura: self.office(),
            surname: worker.surname,
            given_names: worker.given_names,
            domicile: Some(self.domicile()),
            permit: match self.facts.contract.kind {
                Some(ContractKind::Seasonal) => PermitType::Seasonal,
                Some(ContractKind::Permanent | ContractKind::FixedTerm) | None => {
                    PermitType::Employed
                }
            },
            fiscal_code: worker.fiscal_code,
            marital_status: stored.marital_status.as_ref().map(|status| {
                match status.code.as_str() {
                    "married" => MaritalStatus::B,
                    _ => MaritalStatus::A,
                }
            }),
            sex: stored.sex.map(|sex| match sex {
                StoredSex::Male => Sex::M,
                StoredSex::Female => Sex::F,
            }),
            birth_date: worker.birth_date,
            birth_country: worker.birth_country,
            citizenship: code(stored.citizenship.as_ref()),
            birth_place: worker.birth_place,
            travel_document: travel_document(&self.facts.worker.passport),
            passport: self.passport()?,
            entered_on: Some(entry.date),
            frontier: Some(format!("{} ({})", entry.municipality, entry.province)),
            visa_number: Some(entry.visa_number.clone()),
            visa_type: Some("D".to_owned()),
            // The form does not ask how often the visa lets the worker in: it stands on the visa.
            visa_entries: None,
            visa_reason: Some(match self.facts.contract.kind {
                Some(ContractKind::Seasonal) => "Lavoro subordinato stagionale".to_owned(),
                Some(ContractKind::Permanent | ContractKind::FixedTerm) | None => {
                    "Lavoro subordinato".to_owned()
                }
            }),
            visa_days: None,
            visa_from: None,
            visa_to: None,
        })
    }

    fn module_2(&self) -> Result<Module2Data, MissingFact> {
        let worker = self.worker()?;
        let employer = &self.facts.employer;
        let employer = if employer.is_person {
            let representative = person(&self.facts.representative.person)?;
            ModuleEmployer::Person {
                surname: representative.surname,
                given_names: representative.given_names,
                birth_date: representative.birth_date,
                fiscal_code: representative.fiscal_code.unwrap_or_default(),
            }
        } else {
            ModuleEmployer::Company {
                name: employer.name.clone().ok_or(MissingFact("the employer's name"))?,
                fiscal_code: employer
                    .fiscal_code
                    .clone()
                    .ok_or(MissingFact("the employer's code"))?,
                vat_number: employer.vat_number.clone(),
                inps_number: employer.inps_number.clone(),
            }
        };
        let days = self.facts.contract.days.and_then(|days| u16::try_from(days).ok());
        Ok(Module2Data {
            heading: self.heading(),
            questura: self.office(),
            surname: worker.surname,
            given_names: worker.given_names,
            contract: match self.facts.contract.kind.ok_or(MissingFact("the kind of contract"))? {
                ContractKind::Permanent => ContractType::OpenEnded,
                ContractKind::FixedTerm => ContractType::FixedTerm,
                ContractKind::Seasonal => ContractType::Seasonal,
            },
            months: None,
            days,
            duties: self.duties()?,
            employer,
            prefecture: self.head.province().map(str::to_owned),
            contract_date: self.contract_signed,
        })
    }

    fn kit(&self) -> Result<KitData, MissingFact> {
        let entry = self.entry.ok_or(MissingFact("the border entry"))?;
        Ok(KitData {
            heading: self.heading(),
            worker: self.worker()?,
            passport: self.passport()?,
            visa_number: entry.visa_number.clone(),
            fiscal_code: self.worker_code().ok_or(MissingFact("the worker's code"))?,
            contract_number: number(self.contract_version.unwrap_or(self.version)),
            agreement_number: self.agreement_version.map(number),
            questura: self.office(),
            immigration_office: "Ufficio Immigrazione".to_owned(),
            sender: Some(self.domicile()),
            costs: COSTS
                .iter()
                .map(|(label, cents)| Cost { label: (*label).to_owned(), cents: *cents })
                .collect(),
        })
    }

    fn fiscal_code(&self) -> Result<FiscalCodeData, MissingFact> {
        Ok(FiscalCodeData {
            heading: self.heading(),
            worker: self.worker()?,
            fiscal_code: self.worker_code().ok_or(MissingFact("the worker's code"))?,
            provisional_code: self.facts.worker.person.provisional_code(),
            assigned_on: self.date,
        })
    }

    fn suspension_act(&self) -> Result<SuspensionActData, MissingFact> {
        let suspension =
            self.suspension.as_ref().ok_or(MissingFact("an outage inside its term"))?;
        let outage = |stopped: &Stopped| Outage {
            affected: "Portale dei nulla osta al lavoro".to_owned(),
            from: stopped.from(),
            to: stopped.until(),
        };
        Ok(SuspensionActData {
            heading: self.heading(),
            applicant: self.facts.employer.name.clone().unwrap_or_default(),
            term: suspension.term.kind().label().to_owned(),
            outages: suspension.outages.iter().map(outage).collect(),
            old_end: suspension.before,
            new_end: suspension.term.end(),
        })
    }
}

/// What the permit costs at the post office (DM 5 May 2017 and the notices of Poste): the contribution of the usual case.
const COSTS: [(&str, u32); 4] = [
    ("Marca da bollo", 1_600),
    ("Permesso di soggiorno elettronico", 3_046),
    ("Contributo (permesso fino a 12 mesi)", 4_000),
    ("Spedizione presso gli uffici postali", 3_000),
];

/// A document's number: the version that asked for it.
fn number(version: u64) -> String {
    format!("{version:06}")
}

fn person(stored: &PersonFacts) -> Result<Person, MissingFact> {
    Ok(Person {
        surname: stored.surname.clone().ok_or(MissingFact("a surname"))?,
        given_names: stored.name.clone().ok_or(MissingFact("a name"))?,
        sex: stored.sex.map(|sex| match sex {
            StoredSex::Male => "M".to_owned(),
            StoredSex::Female => "F".to_owned(),
        }),
        birth_date: stored.birth_date.ok_or(MissingFact("a day of birth"))?,
        birth_place: stored.birth_place.clone().unwrap_or_default(),
        birth_country: label(stored.birth_country.as_ref()),
        citizenship: label(stored.citizenship.as_ref()),
        fiscal_code: stored.fiscal_code.clone(),
    })
}

fn passport(stored: &PassportFacts) -> Result<Passport, MissingFact> {
    Ok(Passport {
        kind: label(stored.kind.as_ref()),
        number: stored.number.clone().ok_or(MissingFact("a passport"))?,
        issued_by: stored.issued_by.clone().unwrap_or_default(),
        issued_on: stored.issued_on.ok_or(MissingFact("the passport's first day"))?,
        expires_on: stored.expires_on.ok_or(MissingFact("the passport's last day"))?,
    })
}

/// The kind of the document as fields 40 and 41 of module 1 know it; none where the form does not tell.
fn travel_document(stored: &PassportFacts) -> Option<TravelDocument> {
    let kind = stored.kind.as_ref()?;
    Some(match kind.code.as_str() {
        "ordinary" => TravelDocument::Passport,
        _ => TravelDocument::Other,
    })
}

fn address(stored: &AddressFacts) -> Address {
    Address {
        street: stored.street.clone().unwrap_or_default(),
        number: stored.number.clone().unwrap_or_default(),
        postcode: stored.postal_code.clone().unwrap_or_default(),
        municipality: stored.municipality.clone().unwrap_or_default(),
        province: code(stored.province.as_ref()),
    }
}

fn label(choice: Option<&Choice>) -> String {
    choice.map(|choice| choice.label.clone()).unwrap_or_default()
}

fn code(choice: Option<&Choice>) -> String {
    choice.map(|choice| choice.code.clone()).unwrap_or_default()
}

fn relation(code: &str) -> &'static str {
    match code {
        "spouse" => "coniuge",
        "child" => "figlio/a",
        "parent" => "genitore",
        _ => "familiare",
    }
}
