//! The contact of a national body sends a list of operators by fiscal code (ORG-2).

use std::collections::{HashMap, HashSet};

use domain::{
    ids::{AccountId, OrganisationId},
    letter::LetterContent,
    organisation::{
        FirstSignIn, ListRefused, ListedPerson, Objection, OrganisationAction, RowOutcome,
    },
    permission::Role,
};
use edge::{
    http::{self, ApiRequest, Problem, ProblemKind},
    letters::letter_about_a_list,
    routes::InPath,
};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use outside::keying::Keying;
use store::{
    contention::Tries,
    organisations::{ByList, Joining, Operator, Organisation, Person},
    rows::SaveError,
    sessions::Caller,
};

use crate::{
    App, end_sessions_with_basis, permitted,
    request::{NamedPerson, OperatorsBody, WrongRow, operator_rows},
    view::{OperatorsOutcome, RowView},
};

/// How many rows of a list are written at once.
const AT_ONCE: usize = 16;

/// Why the person of a row was not stored.
enum NotJoined {
    /// Another list named this person at the same time.
    Conflict,
    /// The store failed, or a sign-in could not be ended.
    Failed(Problem),
}

/// The contact sends a list of operators by fiscal code: each row has an outcome of its own, the right ones are enabled
/// and recognised at the next sign-in.
#[utoipa::path(
    post, path = "/api/organisations/{id}/operators", operation_id = "addOperators",
    params(("id" = String, Path, description = "The organisation")), request_body = OperatorsBody,
    responses(
        (status = 200, description = "One outcome for each row; a repetition changes nothing", body = OperatorsOutcome),
        (status = 409, description = "The basis admits no lists, or does not hold now"),
        (status = 422, description = "No list, or more than 1000 rows"),
    )
)]
pub(crate) async fn add_operators(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, OrganisationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let organisation = permitted(app, &caller, id, OrganisationAction::AddOperators).await?;
    let now = request.arrival;
    organisation.basis.require_lists(now).map_err(refused)?;
    let rows = operators(&app.keying, &organisation, operator_rows(request)?, now);
    let accounts: Vec<AccountId> =
        rows.iter().filter_map(|row| Some(row.as_ref().ok()?.account.clone())).collect();
    let people = app.store.organisations.people(&accounts, Some(&organisation.id)).await?;
    let rows: Vec<RowView> = stream::iter(rows)
        .zip(stream::iter(1..))
        .map(|(row, number)| {
            let (organisation, caller, people) = (&organisation, &caller, &people);
            async move {
                match row {
                    Err(wrong) => RowView::wrong(number, wrong),
                    Ok(operator) => {
                        let outcome =
                            joined(app, organisation, caller, &operator, people, now).await;
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
        request.id = request.request_id,
        rows = outcome.rows.len(),
        operators = outcome.operators,
        "list of operators"
    );
    http::json(200, &outcome)
}

pub(crate) fn refused(why: ListRefused) -> Problem {
    Problem::new(match why {
        ListRefused::FormsNeeded => ProblemKind::FormsNeeded,
        ListRefused::BasisEnded => ProblemKind::BasisEnded,
    })
}

/// The people of a list as its operators until the basis ends; each person counts once.
pub(crate) fn operators(
    keying: &Keying,
    organisation: &Organisation,
    rows: Vec<Result<NamedPerson, WrongRow>>,
    now: Timestamp,
) -> Vec<Result<Operator, WrongRow>> {
    let mut seen = HashSet::new();
    rows.into_iter()
        .map(|row| {
            let operator = Operator {
                until: organisation.basis.until,
                ..row?.operator(keying, Role::Operator, now)
            };
            if seen.insert(operator.account.clone()) {
                Ok(operator)
            } else {
                Err(RowOutcome::Repeated.into())
            }
        })
        .collect()
}

/// Enables the person of one row; what keeps one row from being stored keeps no other.
async fn joined(
    app: &App,
    organisation: &Organisation,
    caller: &Caller,
    operator: &Operator,
    people: &HashMap<AccountId, Person>,
    now: Timestamp,
) -> RowOutcome {
    let mut person = people.get(&operator.account).cloned();
    let mut tries = Tries::for_each_of_many();
    while tries.begin().await.is_ok() {
        let works_for = person.as_ref().and_then(|person| person.works_for(now));
        let objection = person
            .as_ref()
            .map_or(Objection::None, |person| person.objection(&operator.name, &operator.surname));
        let first_sign_in = FirstSignIn::NotNeeded;
        let listed = ListedPerson { works_for, first_sign_in, objection };
        let outcome = RowOutcome::of(&organisation.id, listed);
        if outcome != RowOutcome::Enabled {
            return outcome;
        }
        // Told at the address of the own identity alone: that of the list may be anybody's (ORG-7).
        let identity = person.as_ref().filter(|person| person.signed_in);
        let by_list = identity.map_or(ByList::ToTellAtSignIn, |_| ByList::Told);
        let email = identity.and_then(|person| person.email.clone());
        let stored = Operator { email, ..operator.clone() };
        match join(app, organisation, caller, &stored, by_list, now).await {
            Ok(()) => return RowOutcome::Enabled,
            Err(NotJoined::Failed(problem)) => {
                tracing::warn!(operator.account = %operator.account, kind = problem.kind().slug(), "row not stored");
                return RowOutcome::NotStored;
            }
            // Judged anew by what the other list left.
            Err(NotJoined::Conflict) => {
                let who = std::slice::from_ref(&operator.account);
                let Ok(mut again) =
                    app.store.organisations.people(who, Some(&organisation.id)).await
                else {
                    return RowOutcome::NotStored;
                };
                person = again.remove(&operator.account);
            }
        }
    }
    RowOutcome::NotStored
}

async fn join(
    app: &App,
    organisation: &Organisation,
    caller: &Caller,
    operator: &Operator,
    by_list: ByList,
    now: Timestamp,
) -> Result<(), NotJoined> {
    let enabled = LetterContent::operator_enabled(&organisation.name);
    let letter = match &operator.email {
        Some(address) => {
            let attempts = &app.store.attempts;
            letter_about_a_list(attempts, &operator.account, address, enabled, now)
                .await
                .map_err(NotJoined::Failed)?
        }
        None => None,
    };
    end_sessions_with_basis(app, organisation, &operator.account)
        .await
        .map_err(NotJoined::Failed)?;
    let joining = Joining {
        organisation,
        is_new: false,
        people: std::slice::from_ref(operator),
        by: &caller.account,
        at: now,
        by_list: Some(by_list),
    };
    match app.store.organisations.join(&joining, letter.as_slice()).await {
        Ok(()) => Ok(()),
        Err(SaveError::Conflict) => Err(NotJoined::Conflict),
        Err(error) => Err(NotJoined::Failed(error.into())),
    }
}
