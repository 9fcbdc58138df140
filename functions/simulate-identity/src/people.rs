//! The demo people whom the page offers; who is an operator or an officer is decided by the portal's seeding.

use simulate_registries::{DemoPerson, Population};

use serde::{Deserialize, Serialize};

/// What the provider tells about a person.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Identity {
    /// Fiscal code, sent as `TINIT-…`; not checked, so that tests can send wrong ones, too.
    pub fiscal_code: String,
    /// Given name.
    pub given_name: String,
    /// Surname.
    pub family_name: String,
    /// E-mail address.
    pub email: String,
    /// Date of birth, `YYYY-MM-DD`.
    pub birthdate: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Identity([redacted])")
    }
}

/// A person on the page.
#[derive(Clone, Debug)]
pub struct DemoAccount {
    /// The name on the wire (`person`).
    pub id: &'static str,
    /// What the person is in the demo, in Italian.
    pub role: String,
    /// What the provider tells about them.
    pub identity: Identity,
}

/// The demo people, in the order of the page.
pub fn accounts() -> Vec<DemoAccount> {
    let company = Population::employer(1);
    let account = |id, role: &str, n| DemoAccount {
        id,
        role: role.to_owned(),
        identity: identity(&Population::person(n)),
    };
    vec![
        DemoAccount {
            id: "employer",
            role: format!(
                "datrice o datore di lavoro, rappresentante di {} (codice fiscale {})",
                company.company_name,
                company.company_code.reveal()
            ),
            identity: identity(&company.representative),
        },
        account("private", "datrice o datore di lavoro, persona fisica", 2),
        account("operator", "operatrice o operatore di un'associazione di categoria", 3),
        account("officer-foggia", "funzionaria o funzionario dello Sportello Unico di Foggia", 4),
        account("officer-verona", "funzionaria o funzionario dello Sportello Unico di Verona", 5),
        account("administrator", "amministratrice o amministratore del portale", 6),
    ]
}

/// What the provider tells about a person of the population.
pub fn identity(person: &DemoPerson) -> Identity {
    Identity {
        fiscal_code: person.fiscal_code.reveal().to_owned(),
        given_name: person.first_name.clone(),
        family_name: person.last_name.clone(),
        email: person.email.clone(),
        birthdate: person.birth_date.to_string(),
    }
}
