//! An organisation is read, and the list of its operators (ORG-2, ORG-3, IDP-3).

use domain::{
    ids::{AccountId, OrganisationId},
    organisation::{Belonging, OrganisationAction},
};
use edge::{
    http::{self, Exchange, Problem, Slice},
    routes::InPath,
};
use lambda_http::{Body, Response};

use crate::{
    Needs, permitted, reader,
    view::{OperatorList, OperatorView, OrganisationView},
};

/// An organisation with its basis, for its people and for administrators.
#[utoipa::path(
    get, path = "/api/organisations/{id}", operation_id = "readOrganisation",
    params(("id" = String, Path, description = "The organisation")),
    responses(
        (status = 200, description = "The organisation, and what may be done", body = OrganisationView),
    )
)]
pub(crate) async fn read_organisation(
    needs: &Needs,
    exchange: &Exchange,
    id: InPath<'_, OrganisationId>,
) -> Result<Response<Body>, Problem> {
    let caller = reader(needs, exchange).await?;
    let organisation = permitted(needs, &caller, id, OrganisationAction::Read).await?;
    let belonging = Belonging::of(&organisation.id, caller.organisation.as_ref());
    http::json(200, &OrganisationView::of(&organisation, caller.role, belonging, exchange.arrival))
}

/// The operators of an organisation, past ones too.
#[utoipa::path(
    get, path = "/api/organisations/{id}/operators", operation_id = "listOperators",
    params(
        ("id" = String, Path, description = "The organisation"),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of operators", body = OperatorList),
        (status = 403, description = "Level too low, or not your task"),
        (status = 422, description = "Wrong limit or cursor"),
    )
)]
pub(crate) async fn list_operators(
    needs: &Needs,
    exchange: &Exchange,
    id: InPath<'_, OrganisationId>,
) -> Result<Response<Body>, Problem> {
    let caller = reader(needs, exchange).await?;
    let organisation = permitted(needs, &caller, id, OrganisationAction::ReadOperators).await?;
    let list = format!("operators-{}", organisation.id);
    let slice = Slice::asked(exchange, &needs.cursors, &caller.account, &list)?;
    let after = slice.after().and_then(|last| last.parse::<AccountId>().ok());
    let mut operators = needs
        .store
        .organisations
        .operators(&organisation.id, after.as_ref(), slice.to_read())
        .await?;
    let more = slice.cut(&mut operators);
    let next = operators.last().filter(|_| more).map(|last| slice.next(last.account.as_str()));
    let operators =
        operators.iter().map(|operator| OperatorView::of(operator, exchange.arrival)).collect();
    http::json(200, &OperatorList { operators, next })
}
