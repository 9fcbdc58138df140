//! An organisation is read, and the list of its operators (ORG-2, ORG-3, IDP-3).

use domain::{
    ids::AccountId,
    organisation::{Belonging, OrganisationAction},
};
use edge::http::{self, Exchange, Problem, Slice, problem::ProblemDocument};
use lambda_http::{Body, Response};

use crate::{
    Needs, permitted, reader,
    view::{OperatorList, OperatorView, OrganisationView},
};

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
    let organisation = permitted(needs, &caller, id, OrganisationAction::Read).await?;
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
    let organisation = permitted(needs, &caller, id, OrganisationAction::ReadOperators).await?;
    let list = format!("operators-{}", organisation.id);
    let slice = Slice::asked(exchange, &needs.cursors, &caller.account, &list)?;
    let after = slice.after().and_then(|last| last.parse::<AccountId>().ok());
    let mut operators =
        needs.organisations.operators(&organisation.id, after.as_ref(), slice.to_read()).await?;
    let more = slice.cut(&mut operators);
    let next = operators.last().filter(|_| more).map(|last| slice.next(last.account.as_str()));
    let operators =
        operators.iter().map(|operator| OperatorView::of(operator, exchange.arrival)).collect();
    http::json(200, &OperatorList { operators, next })
}
