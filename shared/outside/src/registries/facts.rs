//! Which answer of which registry fills which field of the form. No source states it in full: this is our assumption
//! (ENR-1).

use std::collections::BTreeMap;

use domain::form::{Mode, Registry};
use serde_json::{Value, json};

use super::{
    Registries, RegistryAnswer, RegistryError, Reply, Subject, same_subject,
    wire::{
        Address, Body, Company, Income, LegalForm, Person, Position, Question, Sex, TaxSubject,
    },
};

/// Values under the keys of the form; null says that the registry was asked and has no value.
pub type Facts = BTreeMap<String, Value>;

pub(super) async fn ask(
    registries: &Registries,
    reference: &str,
    registry: Registry,
    mode: Mode,
    subject: &Subject,
) -> Result<RegistryAnswer, RegistryError> {
    let employer = subject.employer();
    match (registry, mode) {
        (Registry::Unioncamere, Mode::Now) => {
            let reply =
                question::<Company>(registries, "unioncamere/imprese", reference, employer).await?;
            told(reply, |company| {
                same_subject(&company.codice_fiscale, employer)?;
                Ok(of_company(&company))
            })
        }
        (Registry::AgenziaEntrate, Mode::Now) => {
            of_tax_register(registries, reference, subject).await
        }
        (Registry::AgenziaEntrate, Mode::Later) => {
            let reply =
                question::<Income>(registries, "agenzia-entrate/redditi", reference, employer)
                    .await?;
            told_or_not_yet(reply, |income| {
                same_subject(&income.codice_fiscale, employer)?;
                // Money is in cents in the form, in whole euros on the wire.
                let cents = json!(u64::from(income.imponibile) * 100);
                Ok(match subject {
                    Subject::Person(_) => facts([("applicant_income", cents)]),
                    Subject::InRegister { .. } | Subject::Outside { .. } => {
                        facts([("employer_turnover", cents)])
                    }
                })
            })
        }
        (Registry::Inps, Mode::Later) => {
            let reply = question::<Position>(
                registries,
                "inps/posizioni-contributive",
                reference,
                employer,
            )
            .await?;
            told_or_not_yet(reply, |position| {
                same_subject(&position.codice_fiscale, employer)?;
                Ok(facts([
                    ("employer_inps_number", json!(position.matricola)),
                    ("employer_employees", json!(position.numero_dipendenti)),
                ]))
            })
        }
        (Registry::IniPec, Mode::Now) => {
            registries.ini_pec(reference, employer).await.map(of_address)
        }
        (Registry::Inad, Mode::Now) => registries.inad(reference, employer).await.map(of_address),
        // These registries have nothing to give in that mode.
        (Registry::Unioncamere | Registry::IniPec | Registry::Inad, Mode::Later)
        | (Registry::Inps, Mode::Now) => Ok(RegistryAnswer::Facts(Facts::new())),
    }
}

/// The person in any case; the employer, too, where the business register is not asked for it.
async fn of_tax_register(
    registries: &Registries,
    reference: &str,
    subject: &Subject,
) -> Result<RegistryAnswer, RegistryError> {
    let applicant = subject.applicant().reveal();
    let person =
        match question::<TaxSubject>(registries, "agenzia-entrate/soggetti", reference, applicant)
            .await?
        {
            Reply::Told(TaxSubject::Person(person)) => {
                same_subject(&person.codice_fiscale, applicant)?;
                Some(person)
            }
            Reply::Unknown => None,
            Reply::Told(TaxSubject::Body(_)) => return Err(RegistryError::AnotherSubject),
            Reply::NotYet(_) => return Err(RegistryError::Malformed),
        };
    let (employer, is_known) = match subject {
        Subject::InRegister { .. } => (Facts::new(), person.is_some()),
        Subject::Person(_) => (of_person_as_employer(person.as_ref()), person.is_some()),
        Subject::Outside { body, .. } => {
            let code = body.reveal();
            match question::<TaxSubject>(registries, "agenzia-entrate/soggetti", reference, code)
                .await?
            {
                Reply::Told(TaxSubject::Body(body)) => {
                    same_subject(&body.codice_fiscale, code)?;
                    (of_body(Some(&body)), true)
                }
                // A sole trader outside the register is a person in the tax register.
                Reply::Told(TaxSubject::Person(trader)) => {
                    same_subject(&trader.codice_fiscale, code)?;
                    (of_person_as_employer(Some(&trader)), true)
                }
                Reply::Unknown => (of_body(None), person.is_some()),
                Reply::NotYet(_) => return Err(RegistryError::Malformed),
            }
        }
    };
    if !is_known {
        return Ok(RegistryAnswer::Unknown);
    }
    let mut facts = of_person(person.as_ref());
    facts.extend(employer);
    Ok(RegistryAnswer::Facts(facts))
}

async fn question<A: serde::de::DeserializeOwned>(
    registries: &Registries,
    path: &str,
    reference: &str,
    code: &str,
) -> Result<Reply<A>, RegistryError> {
    registries.ask(path, reference, &Question { codice_fiscale: code }).await
}

fn told<A>(
    reply: Reply<A>,
    read: impl FnOnce(A) -> Result<Facts, RegistryError>,
) -> Result<RegistryAnswer, RegistryError> {
    match reply {
        Reply::NotYet(_) => Err(RegistryError::Malformed),
        reply @ (Reply::Told(_) | Reply::Unknown) => told_or_not_yet(reply, read),
    }
}

fn told_or_not_yet<A>(
    reply: Reply<A>,
    read: impl FnOnce(A) -> Result<Facts, RegistryError>,
) -> Result<RegistryAnswer, RegistryError> {
    match reply {
        Reply::Told(answer) => read(answer).map(RegistryAnswer::Facts),
        Reply::Unknown => Ok(RegistryAnswer::Unknown),
        Reply::NotYet(retry_after) => Ok(RegistryAnswer::NotYet { retry_after }),
    }
}

fn of_company(company: &Company) -> Facts {
    let mut facts = facts([
        ("employer_name", json!(company.denominazione)),
        ("employer_vat_number", json!(company.partita_iva)),
        ("employer_legal_form", json!(company.forma_giuridica.descrizione)),
        ("employer_ateco", json!(company.ateco)),
        ("employer_chamber_province", json!(company.rea.provincia)),
        ("employer_chamber_number", json!(company.rea.numero)),
        ("employer_chamber_date", json!(company.rea.data_iscrizione)),
    ]);
    facts.extend(of_place("employer_seat", Some(&company.sede)));
    facts
}

/// The tax register holds no activity of a body.
fn of_body(body: Option<&Body>) -> Facts {
    let legal_form = body.and_then(|body| body.forma_giuridica.as_ref());
    let mut facts = facts([
        ("employer_name", json!(body.map(|body| &body.denominazione))),
        ("employer_vat_number", json!(body.and_then(|body| body.partita_iva.as_ref()))),
        ("employer_legal_form", json!(legal_form.map(|LegalForm { descrizione }| descrizione))),
        ("employer_ateco", Value::Null),
    ]);
    facts.extend(of_place("employer_seat", body.map(|body| &body.sede)));
    facts
}

fn of_person_as_employer(person: Option<&Person>) -> Facts {
    let name = person.map(|person| format!("{} {}", person.cognome, person.nome));
    let mut facts = facts([
        ("employer_name", json!(name)),
        ("employer_vat_number", Value::Null),
        ("employer_legal_form", json!(person.map(|_| "Persona fisica"))),
        ("employer_ateco", Value::Null),
    ]);
    facts.extend(of_place("employer_seat", person.map(|person| &person.residenza)));
    facts
}

fn of_person(person: Option<&Person>) -> Facts {
    let sex = person.map(|person| match person.sesso {
        Sex::F => "female",
        Sex::M => "male",
    });
    let mut facts = facts([
        ("representative_surname", json!(person.map(|person| &person.cognome))),
        ("representative_name", json!(person.map(|person| &person.nome))),
        ("representative_sex", json!(sex)),
        ("representative_birth_date", json!(person.map(|person| person.data_nascita))),
        ("representative_birth_country", json!(person.map(|person| &person.stato_nascita))),
        ("representative_birth_place", json!(person.map(|person| &person.luogo_nascita))),
        (
            "representative_birth_province",
            json!(person.and_then(|person| person.provincia_nascita.as_ref())),
        ),
    ]);
    facts.extend(of_place("representative_residence", person.map(|person| &person.residenza)));
    facts
}

fn of_place(prefix: &str, address: Option<&Address>) -> Facts {
    [
        ("street", address.map(|address| &address.via)),
        ("number", address.map(|address| &address.civico)),
        ("municipality", address.map(|address| &address.comune)),
        ("postal_code", address.map(|address| &address.cap)),
        ("province", address.map(|address| &address.provincia)),
    ]
    .into_iter()
    .map(|(part, value)| (format!("{prefix}_{part}"), json!(value)))
    .collect()
}

fn of_address(address: Option<domain::email_address::EmailAddress>) -> RegistryAnswer {
    match address {
        Some(address) => RegistryAnswer::Facts(facts([("contact_pec", json!(address.reveal()))])),
        None => RegistryAnswer::Unknown,
    }
}

fn facts<const N: usize>(values: [(&str, Value); N]) -> Facts {
    values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
