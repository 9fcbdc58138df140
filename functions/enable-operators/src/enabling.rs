//! The administrator's step: the right operators get their profile, the others a reason, all in one transaction (ORG-1).

use std::collections::HashMap;

use domain::{
    enabling::FirstContact,
    ids::AccountId,
    letter::LetterContent,
    organisation::{Basis, FirstSignIn, ListedPerson, Objection, RowOutcome},
    permission::Role,
};
use edge::{
    http::{Problem, ProblemKind},
    letters::letter,
};
use jiff::Timestamp;
use store::{
    accounts::Account,
    enabling::{EnablingRequest, NamedOperator},
    letters::Letter,
    organisations::{Joining, Operator, Organisation, Person},
};

use crate::{App, recipient::Recipient};

/// What the portal knows of an organisation and its people when an administrator enables them.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The organisation, if it is recorded.
    pub(crate) organisation: Option<Organisation>,
    /// The operators of the request and its requester, as far as they have signed in or work for an organisation.
    pub(crate) people: HashMap<AccountId, Person>,
    /// The requester's identity.
    pub(crate) requester: Option<Account>,
}

impl Known {
    pub(crate) async fn load(app: &App, request: &EnablingRequest) -> Result<Self, Problem> {
        let mut accounts = request.case.named.clone();
        accounts.push(request.case.requester.clone());
        Ok(Self {
            organisation: app.store.organisations.find(&request.form.organisation).await?,
            people: app.store.organisations.people(&accounts, None).await?,
            requester: app.store.accounts.find(&request.case.requester).await?,
        })
    }

    /// What becomes of a person who is named, judged as the store's condition judges it ([`Joining`]).
    fn outcome(
        &self,
        organisation: &Organisation,
        account: &AccountId,
        first_sign_in: FirstSignIn,
        now: Timestamp,
    ) -> RowOutcome {
        let works_for = self.people.get(account).and_then(|person| person.works_for(now));
        // An office looks at the request: names and addresses are its to judge.
        let objection = Objection::None;
        RowOutcome::of(&organisation.id, ListedPerson { works_for, first_sign_in, objection })
    }
}

/// A step of a request with the people whom it enables: none, unless an administrator enables them.
#[derive(Debug)]
pub(crate) struct Enabling {
    /// The request after the step; its rows say what became of each.
    pub(crate) request: EnablingRequest,
    /// Whom the step enables, and for which organisation.
    enabled: Option<Enabled>,
}

/// The organisation of a request, and who joins it.
#[derive(Debug)]
struct Enabled {
    organisation: Organisation,
    is_new: bool,
    people: Vec<Operator>,
    /// Who has signed in under the address of the form: theirs, and not only typed.
    proven: Vec<AccountId>,
}

impl Enabling {
    /// A step that enables nobody.
    pub(crate) const fn of_nobody(request: EnablingRequest) -> Self {
        Self { request, enabled: None }
    }

    /// Judges each row of a request that an administrator grants; refuses when the basis does not hold, when no row
    /// can be enabled, or when the requester, who would keep the list, works for another organisation.
    pub(crate) fn decide(mut request: EnablingRequest, known: &Known) -> Result<Self, Problem> {
        let now = request.changed;
        let is_new = known.organisation.is_none();
        let organisation =
            known.organisation.clone().unwrap_or_else(|| organisation(&request, now));
        if !organisation.basis.holds(now) {
            return Err(Problem::new(ProblemKind::BasisEnded));
        }
        let needs_sign_in = request.case.kind.needs_first_sign_in();
        for row in &mut request.form.operators {
            let first_sign_in = if needs_sign_in {
                first_sign_in(row, known.people.get(&row.account))
            } else {
                FirstSignIn::NotNeeded
            };
            row.outcome = Some(known.outcome(&organisation, &row.account, first_sign_in, now));
        }
        let rows = &request.form.operators;
        if !rows.iter().any(|row| row.outcome.is_some_and(RowOutcome::is_operator)) {
            return Err(nobody_enabled(rows));
        }
        let mut people: Vec<Operator> = rows
            .iter()
            .filter(|row| row.outcome == Some(RowOutcome::Enabled))
            .map(|row| operator(&organisation, row, now))
            .collect();
        // What was recorded since the request has a contact of its own, or an administrator adds one (ORG-2).
        if is_new {
            people.extend(first_contact(&request, known, &organisation)?);
        }
        let rows = &request.form.operators;
        let proven = rows
            .iter()
            .filter(|row| {
                first_sign_in(row, known.people.get(&row.account)) == FirstSignIn::SameAddress
            })
            .map(|row| row.account.clone())
            .collect();
        Ok(Self { request, enabled: Some(Enabled { organisation, is_new, people, proven }) })
    }

    /// What is written of the people along with the step.
    pub(crate) fn joining<'a>(&'a self, by: &'a AccountId) -> Option<Joining<'a>> {
        let enabled = self.enabled.as_ref()?;
        Some(Joining {
            organisation: &enabled.organisation,
            is_new: enabled.is_new,
            people: &enabled.people,
            by,
            at: self.request.changed,
            by_list: None,
        })
    }

    /// One to each new operator, and the list to the requester (ORG-3). An address that the requester only typed reads no word
    /// that the requester typed, neither the name of the body (ADR 33).
    pub(crate) fn letters(&self, requester: Option<&Recipient>) -> Result<Vec<Letter>, Problem> {
        let mut letters = Vec::new();
        let Some(enabled) = &self.enabled else { return Ok(letters) };
        let (name, form) = (&enabled.organisation.name, &self.request.form);
        for row in form.operators.iter().filter(|row| row.outcome == Some(RowOutcome::Enabled)) {
            let content = if enabled.proven.contains(&row.account) {
                LetterContent::operator_enabled(name)
            } else {
                LetterContent::operator_enabled_elsewhere()
            };
            letters.extend(letter(&row.email, content)?);
        }
        let rows =
            form.operators.iter().map(|row| (row.surname.as_str(), row.name.as_str(), row.outcome));
        if let Some(requester) = requester {
            let list = match requester {
                Recipient::Requester(_) => LetterContent::operators_list(name, rows),
                Recipient::Typed(_) => LetterContent::operators_list_elsewhere(),
            };
            letters.extend(requester.letter(list)?);
        }
        Ok(letters)
    }

    /// Ends sessions that outlast the basis with it: the membership's end alone would only be seen at the next sign-in.
    ///
    /// Before the memberships are written: a function that dies in between is called again, finds them written and does
    /// not come here.
    pub(crate) async fn end_sessions(&self, app: &App) -> Result<(), Problem> {
        let Some(enabled) = &self.enabled else { return Ok(()) };
        let Some(until) = enabled.organisation.basis.until else { return Ok(()) };
        for person in &enabled.people {
            let id = &enabled.organisation.id;
            app.store.sessions.end_of_membership(&person.account, id, until).await?;
        }
        Ok(())
    }
}

fn first_sign_in(row: &NamedOperator, person: Option<&Person>) -> FirstSignIn {
    let identity = person.filter(|person| person.signed_in).map(|person| person.email.as_deref());
    FirstSignIn::compare(&row.email, identity)
}

/// The requester of a new organisation, who keeps its list from now on, unless the person stands in it.
fn first_contact(
    request: &EnablingRequest,
    known: &Known,
    organisation: &Organisation,
) -> Result<Option<Operator>, Problem> {
    let (requester, now) = (&request.case.requester, request.changed);
    let is_listed = request.form.operators.iter().any(|row| row.account == *requester);
    let outcome = known.outcome(organisation, requester, FirstSignIn::NotNeeded, now);
    match FirstContact::of(is_listed, outcome) {
        FirstContact::Nobody => Ok(None),
        FirstContact::WorksElsewhere => Err(Problem::new(ProblemKind::NobodyEnabled).detail(
            "Chi ha presentato la richiesta lavora ora per un'altra organizzazione: respingila indicando il motivo.",
        )),
        FirstContact::Requester => {
            let account =
                known.requester.clone().ok_or_else(|| Problem::new(ProblemKind::Internal))?;
            Ok(Some(Operator {
                account: requester.clone(),
                surname: account.family_name,
                name: account.given_name,
                fiscal_code: account.fiscal_code.unwrap_or_default(),
                email: Some(request.form.contact_email.clone()),
                role: Role::OrganisationContact,
                from: now,
                until: organisation.basis.until,
            }))
        }
    }
}

fn operator(organisation: &Organisation, row: &NamedOperator, now: Timestamp) -> Operator {
    Operator {
        account: row.account.clone(),
        surname: row.surname.clone(),
        name: row.name.clone(),
        fiscal_code: row.fiscal_code.clone(),
        email: Some(row.email.clone()),
        role: Role::Operator,
        from: now,
        until: organisation.basis.until,
    }
}

/// The organisation as its first request brings it about.
fn organisation(request: &EnablingRequest, now: Timestamp) -> Organisation {
    let form = &request.form;
    Organisation {
        id: form.organisation.clone(),
        kind: form.organisation_kind,
        name: form.name.clone(),
        fiscal_code: form.fiscal_code.clone(),
        address: form.address.clone(),
        province: request.case.province.clone(),
        basis: Basis {
            kind: form.basis,
            reference: form.reference.clone(),
            from: now,
            until: None,
        },
        recorded: now,
    }
}

fn nobody_enabled(rows: &[NamedOperator]) -> Problem {
    let rows: Vec<serde_json::Value> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            serde_json::json!({
                "row": index + 1,
                "outcome": row.outcome.map(RowOutcome::code),
                "message": row.outcome.map(RowOutcome::label),
            })
        })
        .collect();
    Problem::new(ProblemKind::NobodyEnabled).with("rows", rows)
}

#[cfg(test)]
mod tests;
