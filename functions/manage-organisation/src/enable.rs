//! The administrator's step: the right operators get their profile, the others a reason, all in one transaction (ORG-1).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    email_address::EmailAddress,
    ids::{AccountId, OrganisationId},
    organisation::{Basis, FirstSignIn, Listed, RowOutcome},
    permission::Role,
};
use edge::http::{Problem, ProblemKind};
use jiff::Timestamp;
use store::{
    enabling::{EnablingRequest, NamedOperator},
    organisations::{Operator, Organisation, Person},
    rows::millis,
    sessions::Caller,
};

use crate::{Needs, letters};

/// The request with what becomes of each row, the writes that go along, and whose sessions end with the basis.
pub(crate) async fn enabled(
    needs: &Needs,
    mut request: EnablingRequest,
    by: &Caller,
) -> Result<(EnablingRequest, Vec<TransactWriteItem>, Vec<(AccountId, Timestamp)>), Problem> {
    let now = request.changed;
    let recorded = needs.organisations.find(&request.form.organisation).await?;
    let is_new = recorded.is_none();
    let organisation = recorded.unwrap_or_else(|| organisation(&request, now));
    if !organisation.basis.holds(now) {
        return Err(Problem::new(ProblemKind::BasisEnded));
    }
    let mut accounts = request.case.named.clone();
    accounts.push(request.case.requester.clone());
    let people = needs.organisations.people(&accounts).await?;
    let needs_sign_in = request.case.kind.needs_first_sign_in();
    for operator in &mut request.form.operators {
        operator.outcome = Some(judged(&organisation.id, operator, &people, needs_sign_in, now));
    }
    if !request.form.operators.iter().any(|one| one.outcome.is_some_and(RowOutcome::is_operator)) {
        return Err(nobody(&request.form.operators));
    }
    let mut along = Vec::new();
    let mut joined = Vec::new();
    if is_new {
        along.push(needs.organisations.recorded_item(&organisation)?);
    }
    for named in &request.form.operators {
        if named.outcome == Some(RowOutcome::Enabled) {
            let operator = joining(&organisation, named, Role::Operator, now);
            along.extend(needs.organisations.joined_items(
                &organisation,
                &operator,
                &by.account,
                now,
            )?);
            along.extend(letters::enabled(needs, &organisation, &named.email, now)?);
            joined.push(operator.account);
        }
    }
    // What was recorded since the request has a contact of its own, or an administrator adds one (ORG-2).
    let contact =
        if is_new { contact(needs, &request, &organisation, &people).await? } else { None };
    if let Some(contact) = contact {
        along.extend(needs.organisations.joined_items(
            &organisation,
            &contact,
            &by.account,
            now,
        )?);
        joined.push(contact.account);
    }
    along.extend(letters::list(
        needs,
        &organisation,
        &request.form.contact_email,
        &request.form.operators,
        now,
    )?);
    let ends = organisation.basis.until;
    let ends = joined.into_iter().filter_map(|account| Some((account, ends?))).collect();
    Ok((request, along, ends))
}

/// Sessions that outlast the basis end with it: the membership's end alone would only be seen at the next sign-in.
///
/// Before the memberships are written: if we die in between, a repetition finds them and would no longer come here.
pub(crate) async fn end_with_basis(
    needs: &Needs,
    ends: &[(AccountId, Timestamp)],
) -> Result<(), Problem> {
    for (account, until) in ends {
        needs.sessions.end_all(account, *until, None).await?;
    }
    Ok(())
}

/// What becomes of a person whom somebody names, judged as the store's condition does
/// ([`store::organisations::Organisations::joined_items`]).
pub(crate) fn outcome(
    organisation: &OrganisationId,
    person: Option<&Person>,
    first_sign_in: FirstSignIn,
    now: Timestamp,
) -> RowOutcome {
    let works_for = person
        .and_then(|person| person.membership.as_ref())
        .filter(|membership| !membership.has_ended(now))
        .and_then(|membership| {
            Some((membership.organisation.as_ref()?, membership.role.parse::<Role>().ok()?))
        });
    RowOutcome::of(organisation, Listed { works_for, first_sign_in })
}

fn judged(
    organisation: &OrganisationId,
    named: &NamedOperator,
    people: &HashMap<AccountId, Person>,
    needs_sign_in: bool,
    now: Timestamp,
) -> RowOutcome {
    let person = people.get(&named.account);
    let comparable =
        |address: &str| address.parse::<EmailAddress>().ok().map(|address| address.comparable());
    let first_sign_in = match person {
        _ if !needs_sign_in => FirstSignIn::NotNeeded,
        Some(person) if person.signed_in => {
            let own = person.email.as_deref().and_then(comparable);
            if own.is_some() && own == comparable(&named.email) {
                FirstSignIn::SameAddress
            } else {
                FirstSignIn::OtherAddress
            }
        }
        _ => FirstSignIn::Never,
    };
    outcome(organisation, person, first_sign_in, now)
}

/// Whoever asked for a new organisation keeps its list from now on, unless the person stands in it or works elsewhere.
async fn contact(
    needs: &Needs,
    request: &EnablingRequest,
    organisation: &Organisation,
    people: &HashMap<AccountId, Person>,
) -> Result<Option<Operator>, Problem> {
    let requester = &request.case.requester;
    if request.form.operators.iter().any(|one| one.account == *requester) {
        return Ok(None);
    }
    let now = request.changed;
    match outcome(&organisation.id, people.get(requester), FirstSignIn::NotNeeded, now) {
        RowOutcome::Enabled => {}
        RowOutcome::OtherOrganisation => {
            return Err(Problem::new(ProblemKind::NobodyEnabled).detail(
                "Chi ha presentato la richiesta lavora ora per un'altra organizzazione: respingila indicando il motivo.",
            ));
        }
        _ => return Ok(None),
    }
    let account =
        needs.accounts.find(requester).await?.ok_or_else(|| Problem::new(ProblemKind::Internal))?;
    Ok(Some(Operator {
        account: requester.clone(),
        surname: account.family_name,
        name: account.given_name,
        fiscal_code: account.fiscal_code.unwrap_or_default(),
        email: Some(request.form.contact_email.clone()),
        role: Role::OrganisationContact,
        from: millis(now),
        until: organisation.basis.until.map(millis),
    }))
}

fn joining(
    organisation: &Organisation,
    named: &NamedOperator,
    role: Role,
    now: Timestamp,
) -> Operator {
    Operator {
        account: named.account.clone(),
        surname: named.surname.clone(),
        name: named.name.clone(),
        fiscal_code: named.fiscal_code.clone(),
        email: Some(named.email.clone()),
        role,
        from: millis(now),
        until: organisation.basis.until.map(millis),
    }
}

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

fn nobody(operators: &[NamedOperator]) -> Problem {
    let rows: Vec<serde_json::Value> = operators
        .iter()
        .enumerate()
        .map(|(index, operator)| {
            serde_json::json!({
                "row": index + 1,
                "outcome": operator.outcome.map(RowOutcome::code),
                "message": operator.outcome.map(RowOutcome::label),
            })
        })
        .collect();
    Problem::new(ProblemKind::NobodyEnabled).with("rows", rows)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use store::accounts::Membership;

    use super::*;

    const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

    /// Somebody whom `organisation` lists as an operator, from an instant and until another.
    fn member(organisation: &OrganisationId, from: Timestamp, until: Option<Timestamp>) -> Person {
        let membership = Membership {
            role: Role::Operator.code().to_owned(),
            profile: "organisation".to_owned(),
            organisation: Some(organisation.clone()),
            province: None,
            from: millis(from),
            until: until.map(millis),
        };
        Person { membership: Some(membership), ..Person::default() }
    }

    fn named(by: &OrganisationId, person: &Person, now: Timestamp) -> RowOutcome {
        outcome(by, Some(person), FirstSignIn::NotNeeded, now)
    }

    /// ORG-4: of two lists that name one person at once, the one that arrived first may be stored last: it must see the
    /// other's row, which begins a millisecond after its own arrival, and not knock at the store in vain.
    #[test]
    fn whoever_arrived_first_and_is_stored_last_finds_the_person_taken() {
        let arrival: Timestamp = "2026-02-09T08:00:00Z".parse().unwrap();
        let (patronato, other) =
            (OrganisationId::from_random([1; 16]), OrganisationId::from_random([2; 16]));
        let anna = member(&other, arrival + ONE_MS, None);
        assert_eq!(named(&patronato, &anna, arrival), RowOutcome::OtherOrganisation);
        assert_eq!(named(&other, &anna, arrival), RowOutcome::AlreadyOperator);
    }

    #[test]
    fn whoever_has_left_can_be_named_from_that_instant_on() {
        let left: Timestamp = "2026-02-09T08:00:00Z".parse().unwrap();
        let (patronato, other) =
            (OrganisationId::from_random([1; 16]), OrganisationId::from_random([2; 16]));
        let bruno = member(&other, left - SignedDuration::from_hours(900), Some(left));
        assert_eq!(named(&patronato, &bruno, left - ONE_MS), RowOutcome::OtherOrganisation);
        assert_eq!(named(&patronato, &bruno, left), RowOutcome::Enabled);
    }
}
