//! An organisation and its list: recorded, read, operators added, leavings reported (ORG-2, ORG-4).

use std::collections::{HashMap, HashSet};

use domain::{
    calendar,
    fiscal_code::PersonCode,
    ids::{AccountId, OrganisationId},
    letter::LetterKind,
    organisation::{Belonging, FirstSignIn, OrganisationAction, RowOutcome, may},
    permission::Role,
};
use edge::http::{self, Exchange, Problem, ProblemKind, Slice, problem::ProblemDocument};
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use lambda_http::{Body, Response};
use outside::clock;
use store::{
    contention::{Tries, unless_faster},
    organisations::{Operator, Organisation, Person},
    rows::{SaveError, instant, millis},
    sessions::Caller,
};

use crate::{
    Needs,
    asked::{
        self, AskedOperator, LeavingBody, OperatorsBody, OrganisationBody, Recording, WrongRow,
    },
    enable, letters, reader,
    view::{OperatorList, OperatorView, OperatorsOutcome, OrganisationView, RowView},
};

/// How many rows of a list are written at once.
const AT_ONCE: usize = 16;

/// For how long after a leaving somebody may still have signed in as an operator: longer than any request takes.
const STILL_INSIDE: SignedDuration = SignedDuration::from_mins(1);

/// An administrator records a national body with its basis and its contact; a further contact is added the same way.
///
/// What is recorded already, by an administrator or with its first request, stays as it is: the answer shows it.
#[utoipa::path(
    post, path = "/api/organisations", operation_id = "recordOrganisation", tag = "manage-organisation",
    security(("session" = [])), request_body = OrganisationBody,
    responses(
        (status = 201, description = "Recorded, or recorded before, with this contact; the same for a repetition", body = OrganisationView),
        (status = 400, description = "Not JSON", body = ProblemDocument),
        (status = 401, description = "No session", body = ProblemDocument),
        (status = 403, description = "Wrong origin, role or level", body = ProblemDocument),
        (status = 409, description = "Recorded as another kind, its basis is over, or the contact works for it or for another organisation", body = ProblemDocument),
        (status = 413, description = "Too large", body = ProblemDocument),
        (status = 415, description = "Not JSON", body = ProblemDocument),
        (status = 422, description = "Wrong fields, all of them", body = ProblemDocument),
        (status = 503, description = "The store does not answer", body = ProblemDocument),
    )
)]
pub async fn record(needs: &Needs, exchange: &Exchange) -> Result<Response<Body>, Problem> {
    let caller = needs.door.actor(exchange).await?;
    if !may(caller.role, Belonging::Stranger, OrganisationAction::Record) {
        return Err(Problem::new(ProblemKind::NotAllowed).detail(
            "Le organizzazioni le registra un amministratore del portale. Per abilitare gli operatori della tua, presenta una richiesta di abilitazione.",
        ));
    }
    let asked = Recording::read(exchange)?;
    let now = exchange.arrival;
    let asked_for = Organisation {
        id: needs.keying.organisation(&asked.fiscal_code),
        kind: asked.kind,
        name: asked.name,
        fiscal_code: asked.fiscal_code.reveal().to_owned(),
        address: asked.address,
        province: asked.province,
        basis: asked.basis,
        recorded: now,
    };
    let contact = person(needs, asked.contact, Role::OrganisationContact, now);
    if contact.account == caller.account {
        return Err(Problem::new(ProblemKind::NotAllowed)
            .detail("Non puoi nominare te stesso referente: deve farlo un altro amministratore."));
    }
    let mut tries = Tries::at_one();
    loop {
        tries.begin().await?;
        let recorded = needs.organisations.find(&asked_for.id).await?;
        let is_new = recorded.is_none();
        let organisation = recorded.unwrap_or_else(|| asked_for.clone());
        if organisation.kind != asked_for.kind {
            return Err(Problem::new(ProblemKind::OrganisationRecorded).detail(format!(
                "Con questo codice fiscale è già registrata un'organizzazione di un altro tipo ({}): controlla i dati nella sua scheda.",
                organisation.kind.label()
            )));
        }
        if organisation.basis.until.is_some_and(|until| until <= now) {
            return Err(Problem::new(ProblemKind::BasisEnded));
        }
        let people = needs.organisations.people(std::slice::from_ref(&contact.account)).await?;
        match enable::outcome(
            &organisation.id,
            people.get(&contact.account),
            FirstSignIn::NotNeeded,
            now,
        ) {
            RowOutcome::Enabled => {}
            // A repetition, or a double click.
            RowOutcome::IsContact => {
                return recorded_view(&organisation, &caller, now);
            }
            RowOutcome::AlreadyOperator => {
                return Err(Problem::new(ProblemKind::NotAllowed).detail(
                    "La persona indicata è operatore di questa organizzazione, e chi tiene l'elenco non può esserlo. Comunica prima la sua cessazione come operatore, oppure indica un'altra persona.",
                ));
            }
            other => {
                return Err(Problem::new(ProblemKind::NotAllowed)
                    .detail(format!("Il referente indicato non può esserlo. {}.", other.label())));
            }
        }
        let contact = Operator { until: organisation.basis.until.map(millis), ..contact.clone() };
        let mut items =
            needs.organisations.joined_items(&organisation, &contact, &caller.account, now)?;
        items.extend(letters::list(needs, &organisation, &asked.contact_email, &[], now)?);
        end_with_basis(needs, &organisation, &contact.account).await?;
        let written = if is_new {
            needs.organisations.record(&organisation, items).await
        } else {
            needs.organisations.join(items).await
        };
        if unless_faster(written)?.is_some() {
            return recorded_view(&organisation, &caller, now);
        }
    }
}

fn recorded_view(
    organisation: &Organisation,
    caller: &Caller,
    now: Timestamp,
) -> Result<Response<Body>, Problem> {
    let belonging = Belonging::of(&organisation.id, caller.organisation.as_ref());
    http::json(201, &OrganisationView::of(organisation, caller.role, belonging, now))
}

/// An organisation with its basis, for its people and for administrators.
#[utoipa::path(
    get, path = "/api/organisations/{id}", operation_id = "readOrganisation", tag = "manage-organisation",
    security(("session" = [])), params(("id" = String, Path, description = "The organisation")),
    responses(
        (status = 200, description = "The organisation, and what may be done", body = OrganisationView),
        (status = 401, description = "No session, or it is over", body = ProblemDocument),
        (status = 403, description = "Level too low", body = ProblemDocument),
        (status = 404, description = "Absent, or not yours", body = ProblemDocument),
        (status = 503, description = "The store does not answer", body = ProblemDocument),
    )
)]
pub async fn read_organisation(
    needs: &Needs,
    exchange: &Exchange,
    id: &str,
) -> Result<Response<Body>, Problem> {
    let caller = reader(needs, exchange).await?;
    let organisation = held(needs, &caller, id, OrganisationAction::Read).await?;
    let belonging = Belonging::of(&organisation.id, caller.organisation.as_ref());
    http::json(200, &OrganisationView::of(&organisation, caller.role, belonging, exchange.arrival))
}

/// The operators of an organisation, past ones too.
#[utoipa::path(
    get, path = "/api/organisations/{id}/operators", operation_id = "listOperators", tag = "manage-organisation",
    security(("session" = [])),
    params(
        ("id" = String, Path, description = "The organisation"),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of operators", body = OperatorList),
        (status = 401, description = "No session, or it is over", body = ProblemDocument),
        (status = 403, description = "Level too low, or not your task", body = ProblemDocument),
        (status = 404, description = "Absent, or not yours", body = ProblemDocument),
        (status = 422, description = "Wrong limit or cursor", body = ProblemDocument),
        (status = 503, description = "The store does not answer", body = ProblemDocument),
    )
)]
pub async fn list_operators(
    needs: &Needs,
    exchange: &Exchange,
    id: &str,
) -> Result<Response<Body>, Problem> {
    let caller = reader(needs, exchange).await?;
    let organisation = held(needs, &caller, id, OrganisationAction::ReadOperators).await?;
    let list = format!("operators-{}", organisation.id);
    let slice = Slice::asked(exchange, &needs.cursors, &caller.account, &list)?;
    let after = slice.after().and_then(|last| last.parse::<AccountId>().ok());
    let mut operators =
        needs.organisations.operators(&organisation.id, after.as_ref(), slice.to_read()).await?;
    let more = slice.cut(&mut operators);
    let next = operators.last().filter(|_| more).map(|last| slice.next(last.account.as_str()));
    let operators = operators.iter().map(|one| OperatorView::of(one, exchange.arrival)).collect();
    http::json(200, &OperatorList { operators, next })
}

/// The contact sends a list of operators by fiscal code: each row has an outcome of its own, the right ones are enabled
/// and recognised at the next sign-in.
#[utoipa::path(
    post, path = "/api/organisations/{id}/operators", operation_id = "addOperators", tag = "manage-organisation",
    security(("session" = [])), params(("id" = String, Path, description = "The organisation")), request_body = OperatorsBody,
    responses(
        (status = 200, description = "One outcome for each row; a repetition changes nothing", body = OperatorsOutcome),
        (status = 400, description = "Not JSON", body = ProblemDocument),
        (status = 401, description = "No session", body = ProblemDocument),
        (status = 403, description = "Wrong origin, role or level", body = ProblemDocument),
        (status = 404, description = "Absent, or not yours", body = ProblemDocument),
        (status = 409, description = "The basis admits no lists, or does not hold now", body = ProblemDocument),
        (status = 413, description = "Too large", body = ProblemDocument),
        (status = 415, description = "Not JSON", body = ProblemDocument),
        (status = 422, description = "No list, or more than 1000 rows", body = ProblemDocument),
        (status = 503, description = "The store does not answer", body = ProblemDocument),
    )
)]
pub async fn add_operators(
    needs: &Needs,
    exchange: &Exchange,
    id: &str,
) -> Result<Response<Body>, Problem> {
    let caller = needs.door.actor(exchange).await?;
    let organisation = held(needs, &caller, id, OrganisationAction::AddOperators).await?;
    let now = exchange.arrival;
    if !organisation.basis.kind.admits_lists() {
        return Err(Problem::new(ProblemKind::FormsNeeded));
    }
    if !organisation.basis.holds(now) {
        return Err(Problem::new(ProblemKind::BasisEnded));
    }
    let mut seen = HashSet::new();
    let rows: Vec<Result<Operator, WrongRow>> = asked::operator_rows(exchange)?
        .into_iter()
        .map(|row| {
            let operator = Operator {
                until: organisation.basis.until.map(millis),
                ..person(needs, row?, Role::Operator, now)
            };
            if seen.insert(operator.account.clone()) {
                Ok(operator)
            } else {
                Err(RowOutcome::Repeated.into())
            }
        })
        .collect();
    let accounts: Vec<AccountId> = seen.into_iter().collect();
    let people = needs.organisations.people(&accounts).await?;
    let rows: Vec<RowView> = stream::iter(rows)
        .zip(stream::iter(1..))
        .map(|(row, number)| {
            let (organisation, caller, people) = (&organisation, &caller, &people);
            async move {
                match row {
                    Err(wrong) => RowView::wrong(number, wrong),
                    Ok(operator) => {
                        let outcome =
                            joined(needs, organisation, caller, &operator, people, now).await;
                        RowView::of(number, &operator.account, outcome)
                    }
                }
            }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let outcome = OperatorsOutcome::of(rows);
    tracing::info!(
        organisation.id = %organisation.id,
        request.id = exchange.request_id,
        rows = outcome.rows.len(),
        operators = outcome.operators,
        "list of operators"
    );
    http::json(200, &outcome)
}

/// Enables the person of one row; what keeps one row from being stored keeps no other.
async fn joined(
    needs: &Needs,
    organisation: &Organisation,
    caller: &Caller,
    operator: &Operator,
    people: &HashMap<AccountId, Person>,
    now: Timestamp,
) -> RowOutcome {
    let mut person = people.get(&operator.account).cloned();
    let mut tries = Tries::at_each_of_many();
    while tries.begin().await.is_ok() {
        let outcome =
            enable::outcome(&organisation.id, person.as_ref(), FirstSignIn::NotNeeded, now);
        if outcome != RowOutcome::Enabled {
            return outcome;
        }
        let address = operator.email.clone().or_else(|| person.as_ref()?.email.clone());
        let stored = Operator { email: address.clone(), ..operator.clone() };
        match join(needs, organisation, caller, &stored, address.as_deref(), now).await {
            Ok(()) => return RowOutcome::Enabled,
            Err(Some(problem)) => {
                tracing::warn!(operator.account = %operator.account, kind = problem.kind().slug(), "row not stored");
                return RowOutcome::NotStored;
            }
            // Somebody else named this person at the same time: judged by what that left.
            Err(None) => {
                let Ok(mut again) =
                    needs.organisations.people(std::slice::from_ref(&operator.account)).await
                else {
                    return RowOutcome::NotStored;
                };
                person = again.remove(&operator.account);
            }
        }
    }
    RowOutcome::NotStored
}

/// No problem in the error means a conflict.
async fn join(
    needs: &Needs,
    organisation: &Organisation,
    caller: &Caller,
    operator: &Operator,
    address: Option<&str>,
    now: Timestamp,
) -> Result<(), Option<Problem>> {
    let mut items = needs
        .organisations
        .joined_items(organisation, operator, &caller.account, now)
        .map_err(|error| Some(error.into()))?;
    if let Some(address) = address {
        items.extend(letters::enabled(needs, organisation, address, now).map_err(Some)?);
    }
    end_with_basis(needs, organisation, &operator.account).await.map_err(Some)?;
    match needs.organisations.join(items).await {
        Ok(()) => Ok(()),
        Err(SaveError::Conflict) => Err(None),
        Err(error) => Err(Some(error.into())),
    }
}

async fn end_with_basis(
    needs: &Needs,
    organisation: &Organisation,
    account: &AccountId,
) -> Result<(), Problem> {
    let ends: Vec<_> =
        organisation.basis.until.map(|until| (account.clone(), until)).into_iter().collect();
    enable::end_with_basis(needs, &ends).await
}

/// The contact reports that an operator leaves, at once or in advance with a date: access ends then, the files stay.
#[utoipa::path(
    post, path = "/api/organisations/{id}/operators/{account}/leaving", operation_id = "reportLeaving", tag = "manage-organisation",
    security(("session" = [])),
    params(("id" = String, Path, description = "The organisation"), ("account" = String, Path, description = "The operator")),
    request_body = LeavingBody,
    responses(
        (status = 200, description = "Access ends at `until`; the same for a repetition", body = OperatorView),
        (status = 400, description = "Not JSON", body = ProblemDocument),
        (status = 401, description = "No session", body = ProblemDocument),
        (status = 403, description = "Wrong origin, role or level, or the contact's own leaving", body = ProblemDocument),
        (status = 404, description = "Absent, or not yours", body = ProblemDocument),
        (status = 413, description = "Too large", body = ProblemDocument),
        (status = 415, description = "Not JSON", body = ProblemDocument),
        (status = 422, description = "A date that has passed", body = ProblemDocument),
        (status = 503, description = "The store does not answer", body = ProblemDocument),
    )
)]
pub async fn report_leaving(
    needs: &Needs,
    exchange: &Exchange,
    id: &str,
    account: &str,
) -> Result<Response<Body>, Problem> {
    let caller = needs.door.actor(exchange).await?;
    let organisation = held(needs, &caller, id, OrganisationAction::ReportLeaving).await?;
    let account: AccountId = asked::id(account)?;
    let asked = asked::leaving(exchange)?;
    let now = exchange.arrival;
    let from = asked.unwrap_or(now);
    let mut tries = Tries::at_one();
    loop {
        tries.begin().await?;
        let operator = needs
            .organisations
            .operator(&organisation.id, &account)
            .await?
            .ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
        if operator.role == Role::OrganisationContact && caller.role != Role::Administrator {
            return Err(Problem::new(ProblemKind::NotAllowed).detail(
                "La cessazione di un referente la comunica l'amministratore del portale: rivolgiti all'Help Desk, indicando chi prende il suo posto.",
            ));
        }
        // The end of the basis stays the end, whatever is announced after it.
        let until = organisation.basis.until.map_or(from, |end| end.min(from));
        let has_left = !operator.in_force(now) && operator.from <= millis(now);
        let left = operator.until.filter(|_| has_left).and_then(|left| instant(left).ok());
        // Sessions first: if we die in between, nobody is inside and the report is sent again.
        needs.sessions.end_all(&account, sessions_end(left, until, now), None).await?;
        if has_left || operator.until == Some(millis(until)) {
            return http::json(200, &OperatorView::of(&operator, now));
        }
        let along = match operator.email.as_deref() {
            Some(address) => letters::letter(
                needs,
                LetterKind::OperatorLeft,
                address,
                &[("organisation", &organisation.name), ("from", &calendar::in_words(until))],
                now,
            )?,
            None => None,
        };
        let left = needs.organisations.leave(
            &organisation.id,
            &operator,
            until,
            &caller.account,
            now,
            along.into_iter().collect(),
        );
        if unless_faster(left.await)?.is_some() {
            if asked.is_none() {
                // Whoever signed in since the request arrived did so as an operator.
                needs.sessions.end_all(&account, clock::wall(), None).await?;
            }
            let after = Operator { until: Some(millis(until)), ..operator };
            return http::json(200, &OperatorView::of(&after, now));
        }
    }
}

/// An organisation with which the caller may do this; one that may not even be seen is not there.
pub(crate) async fn held(
    needs: &Needs,
    caller: &Caller,
    id: &str,
    action: OrganisationAction,
) -> Result<Organisation, Problem> {
    let id: OrganisationId = asked::id(id)?;
    let belonging = Belonging::of(&id, caller.organisation.as_ref());
    if !may(caller.role, belonging, action) {
        return Err(Problem::new(if may(caller.role, belonging, OrganisationAction::Read) {
            ProblemKind::NotAllowed
        } else {
            ProblemKind::NotFound
        }));
    }
    needs.organisations.find(&id).await?.ok_or_else(|| Problem::new(ProblemKind::NotFound))
}

/// A person whom somebody names, without an end; the end of the organisation's basis is its end, too.
fn person(needs: &Needs, asked: AskedOperator, role: Role, now: Timestamp) -> Operator {
    Operator {
        fiscal_code: asked.code.reveal().to_owned(),
        account: needs.keying.account(&PersonCode::from(asked.code)),
        surname: asked.surname,
        name: asked.name,
        email: asked.email,
        role,
        from: millis(now),
        until: None,
    }
}

/// Sessions that were opened before this instant end then. Of somebody who has left already only those from that time
/// do: the person may work for others by now.
fn sessions_end(left: Option<Timestamp>, until: Timestamp, now: Timestamp) -> Timestamp {
    left.map_or(until, |left| now.min(left + STILL_INSIDE))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ORG-4: an organisation that somebody left ends no session at the next one.
    #[test]
    fn a_leaving_reported_again_ends_only_sessions_from_then() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (left, now) = (at("2026-11-03T09:00:00Z"), at("2026-11-22T08:00:00Z"));
        assert_eq!(sessions_end(Some(left), now, now), at("2026-11-03T09:01:00Z"));
        // The answer was lost: whoever signed in meanwhile is inside no longer.
        let soon = at("2026-11-03T09:00:10Z");
        assert_eq!(sessions_end(Some(left), soon, soon), soon);
        // Still working: at once, or at the announced instant.
        let announced = at("2026-12-31T17:00:00Z");
        assert_eq!(sessions_end(None, now, now), now);
        assert_eq!(sessions_end(None, announced, now), announced);
    }
}
