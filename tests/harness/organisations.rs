//! Organisations, their contacts and operators, and the offices that enable them (ORG-1 to ORG-5).

use domain::{
    campaign::Profile,
    ids::{AccountId, OrganisationId},
    organisation::{Basis, BasisKind, OrganisationKind},
    permission::Role,
};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use serde_json::{Value, json};
use simulate_registries::Population;
use store::{
    accounts::Membership,
    organisations::{Joining, Operator, Organisation, Organisations},
    rows::millis,
};

use crate::{
    browser::Answer,
    employer::Employer,
    people, stock,
    story::{Deviation, StoryResult, same},
    world::World,
};

/// Where requests to enable operators are sent and listed.
pub const ENABLING_REQUESTS: &str = "/api/enabling-requests";

/// A recorded organisation with its contact, who is signed in.
#[derive(Debug)]
pub struct Association {
    /// Its identifier.
    pub id: OrganisationId,
    /// Its name, which no other organisation has.
    pub name: String,
    /// Who keeps the list.
    pub contact: Employer,
}

impl World {
    /// A person with an office, signed in.
    pub async fn official(&self, role: Role, province: Option<&str>) -> StoryResult<Employer> {
        let person = self.employer()?;
        self.enables(&person.demo.representative, role, Profile::Private, None, province).await?;
        self.signs_in_quickly(&person).await?;
        Ok(person)
    }

    /// A fresh private user, signed in.
    pub async fn private_user(&self) -> StoryResult<Employer> {
        let person = self.employer()?;
        person.signs_in(2).await?.expect(303)?;
        Ok(person)
    }

    /// A session in the role that the person has now, opened without the identity provider.
    pub async fn signs_in_quickly(&self, person: &Employer) -> StoryResult {
        let caller = stock::caller(self, person, 2, SignedDuration::from_mins(10)).await?;
        stock::session(self, &person.browser, &caller).await.map(|_| ())
    }

    /// A national body that an administrator records, with its contact signed in (ORG-2).
    pub async fn association(&self) -> StoryResult<Association> {
        self.association_with(|_| {}).await
    }

    /// The same, recorded with other data.
    pub async fn association_with(
        &self,
        change: impl FnOnce(&mut Value),
    ) -> StoryResult<Association> {
        let administrator = self.official(Role::Administrator, None).await?;
        let contact = self.employer()?;
        let mut body = recording(&contact)?;
        change(&mut body);
        let answer = administrator.browser.post("/api/organisations", &body).await?.expect(201)?;
        self.signs_in_quickly(&contact).await?;
        Ok(Association { id: answer.text("/id")?.parse()?, name: answer.text("/name")?, contact })
    }

    /// Puts an organisation with this contact and these operators into the store, as the portal would have recorded it.
    pub async fn stocked_organisation(
        &self,
        number: u32,
        name: &str,
        kind: OrganisationKind,
        basis: BasisKind,
        people: &[(u32, Role)],
    ) -> StoryResult<OrganisationId> {
        let code = Population::employer(number).company_code;
        let id = self.keying().await?.organisation(&code);
        let now = Timestamp::from_millisecond(millis(clock::wall()))?;
        let table = self.environment.text("PORTAL_TABLE")?;
        let organisations = Organisations::new(self.store().0.clone(), table);
        let organisation = Organisation {
            id: id.clone(),
            kind,
            name: name.to_owned(),
            fiscal_code: code.reveal().to_owned(),
            address: "Via Napoli 6, 71122 Foggia".to_owned(),
            province: "FG".to_owned(),
            basis: Basis {
                kind: basis,
                reference: "Dati di prova".to_owned(),
                from: now,
                until: None,
            },
            recorded: now,
        };
        let by = AccountId::from_random(*b"il seed di prova");
        if organisations.find(&id).await?.is_none() {
            let recorded = Joining {
                organisation: &organisation,
                is_new: true,
                people: &[],
                by: &by,
                at: now,
                by_list: None,
            };
            organisations.join(&recorded, &[]).await.map_err(|error| {
                Deviation::new(format!("the organisation is not recorded: {error}"))
            })?;
        }
        for (number, role) in people {
            let person = self.demo_person(*number);
            let operator = Operator {
                account: self.account(&person).await?,
                surname: person.last_name.clone(),
                name: person.first_name.clone(),
                fiscal_code: person.fiscal_code.reveal().to_owned(),
                email: Some(person.email.clone()),
                role: *role,
                from: now,
                until: None,
            };
            if organisations.operator(&id, &operator.account).await?.is_none() {
                let joining = Joining {
                    organisation: &organisation,
                    is_new: false,
                    people: std::slice::from_ref(&operator),
                    by: &by,
                    at: now,
                    by_list: None,
                };
                organisations.join(&joining, &[]).await.map_err(|error| {
                    Deviation::new(format!("demo person {number} is not enabled: {error}"))
                })?;
            }
        }
        Ok(id)
    }

    /// The membership that a person has in an organisation, in force or not.
    pub async fn membership(&self, person: &Employer) -> StoryResult<Option<Membership>> {
        let account = self.account(&person.demo.representative).await?;
        let table = self.environment.text("PORTAL_TABLE")?;
        let organisations = Organisations::new(self.store().0.clone(), table);
        let mut people = organisations.people(std::slice::from_ref(&account), None).await?;
        Ok(people.remove(&account).and_then(|person| person.membership))
    }
}

impl Association {
    /// Where its operators are.
    pub fn path(&self, end: &str) -> String {
        format!("/api/organisations/{}{end}", self.id)
    }

    /// The contact sends a list.
    pub async fn lists(&self, rows: &[Value]) -> StoryResult<Answer> {
        let body = json!({ "operators": rows });
        self.contact.browser.post(&self.path("/operators"), &body).await
    }

    /// The contact lists these people, who are then operators.
    pub async fn enables(&self, people: &[&Employer]) -> StoryResult {
        let rows: Vec<Value> = people.iter().map(|person| listed(person)).collect();
        let answer = self.lists(&rows).await?.expect(200)?;
        let operators = usize::try_from(answer.number("/operators")?).unwrap_or_default();
        if operators == people.len() {
            Ok(())
        } else {
            Err(answer.deviation("not all of them are operators"))
        }
    }

    /// The contact reports that a person leaves.
    pub async fn reports_leaving(
        &self,
        account: &AccountId,
        from: Option<Timestamp>,
    ) -> StoryResult<Answer> {
        let body = json!({ "from": from.map(|from| from.to_string()) });
        self.contact.browser.post(&self.path(&format!("/operators/{account}/leaving")), &body).await
    }
}

/// A national body of a new fiscal code, with a protocol of art. 44 c. 5, and this contact.
pub fn recording(contact: &Employer) -> StoryResult<Value> {
    let person = &contact.demo.representative;
    let word = people::fresh_word()?;
    Ok(json!({
        "kind": "trade-association",
        "name": format!("Associazione {word}"),
        "fiscal_code": contact.demo.company_code.reveal(),
        "address": "Via Napoli 6, 71122 Foggia",
        "province": "FG",
        "basis": "labour-protocol",
        "basis_reference": "Protocollo d'intesa del 3 agosto 2022",
        "basis_from": "2026-01-01",
        "contact_fiscal_code": person.fiscal_code.reveal(),
        "contact_surname": person.last_name,
        "contact_name": person.first_name,
        "contact_email": person.email,
    }))
}

/// A row of a list of operators (ORG-2).
pub fn listed(person: &Employer) -> Value {
    let person = &person.demo.representative;
    json!({
        "fiscal_code": person.fiscal_code.reveal(),
        "surname": person.last_name,
        "name": person.first_name,
        "email": person.email,
    })
}

/// A row of form 8, or of a municipality's table.
pub fn named(person: &Employer) -> Value {
    let mut row = listed(person);
    if let Some(row) = row.as_object_mut() {
        row.insert(
            "birth_date".to_owned(),
            person.demo.representative.birth_date.to_string().into(),
        );
    }
    row
}

/// Forms 7 and 8 of a new body in a province (ORG-1).
pub fn forms_7_and_8(
    requester: &Employer,
    province: &str,
    operators: &[&Employer],
) -> StoryResult<Value> {
    let signer = &requester.demo.representative;
    let rows: Vec<Value> = operators.iter().map(|operator| named(operator)).collect();
    Ok(json!({
        "kind": "organisation",
        "organisation_kind": "patronato",
        "name": format!("Patronato {}", people::fresh_word()?),
        "fiscal_code": requester.demo.company_code.reveal(),
        "address": "Corso Roma 1, 71121 Foggia",
        "province": province,
        "protocol_kind": "Protocollo d'intesa sullo Sportello Unico",
        "protocol_date": "2018-10-12",
        "representative_surname": signer.last_name,
        "representative_name": signer.first_name,
        "representative_birth_date": signer.birth_date.to_string(),
        "representative_fiscal_code": signer.fiscal_code.reveal(),
        "signed": true,
        "contact_role": "Responsabile dell'ufficio immigrazione",
        "contact_phone": "0881 123456",
        "contact_email": signer.email,
        "operators": rows,
    }))
}

/// A municipality's request (ORG-3).
pub fn municipal(requester: &Employer, operators: &[&Employer]) -> StoryResult<Value> {
    let rows: Vec<Value> = operators.iter().map(|operator| named(operator)).collect();
    Ok(json!({
        "kind": "municipality",
        "organisation_kind": "municipality",
        "name": format!("Comune di {}", people::fresh_word()?),
        "fiscal_code": requester.demo.company_code.reveal(),
        "address": "Piazza del Municipio 1",
        "province": "FG",
        "contact_role": "Dirigente dei servizi sociali",
        "contact_phone": "0881 792111",
        "contact_email": requester.demo.representative.email,
        "operators": rows,
    }))
}

/// Role and profile that a person has after a new sign-in.
pub async fn standing_of(world: &World, person: &Employer) -> StoryResult<(Role, Profile)> {
    let account = world.account(&person.demo.representative).await?;
    let standing = world.accounts()?.standing(&account, clock::wall()).await?;
    Ok((standing.role, standing.profile))
}

/// Fails unless the person is a private user at the next sign-in.
pub async fn is_private(world: &World, person: &Employer) -> StoryResult {
    same("standing", &standing_of(world, person).await?, &(Role::Employer, Profile::Private))
}

/// A person's row in the list of an organisation, straight from the store.
pub async fn row_of(
    world: &World,
    organisation: &OrganisationId,
    person: &Employer,
) -> StoryResult<Option<Operator>> {
    let table = world.environment.text("PORTAL_TABLE")?;
    let account = world.account(&person.demo.representative).await?;
    Ok(Organisations::new(world.store().0.clone(), table).operator(organisation, &account).await?)
}
