//! An organisation is read, and the list of its operators (ORG-2, ORG-3, IDP-3).

use domain::{
    ids::{AccountId, OrganisationId},
    organisation::{OrganisationAction, OrganisationRelation},
};
use edge::{
    http::{self, ApiRequest, PageQuery, Problem},
    routes::InPath,
};
use lambda_http::{Body, Response};

use crate::{
    App, permitted, reader,
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
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, OrganisationId>,
) -> Result<Response<Body>, Problem> {
    let caller = reader(app, request).await?;
    let organisation = permitted(app, &caller, id, OrganisationAction::Read).await?;
    let belonging = OrganisationRelation::of(&organisation.id, caller.organisation.as_ref());
    http::json(200, &OrganisationView::of(&organisation, caller.role, belonging, request.arrival))
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
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, OrganisationId>,
) -> Result<Response<Body>, Problem> {
    let caller = reader(app, request).await?;
    let organisation = permitted(app, &caller, id, OrganisationAction::ReadOperators).await?;
    let list = format!("operators-{}", organisation.id);
    let page_query = PageQuery::read(request, &app.cursors, &caller.account, &list)?;
    let after = page_query.after().and_then(|last| last.parse::<AccountId>().ok());
    let mut operators = app
        .store
        .organisations
        .operators(&organisation.id, after.as_ref(), page_query.rows_to_read())
        .await?;
    let more = page_query.truncate(&mut operators);
    let next = operators.last().filter(|_| more).map(|last| page_query.next(last.account.as_str()));
    let operators =
        operators.iter().map(|operator| OperatorView::of(operator, request.arrival)).collect();
    http::json(200, &OperatorList { operators, next })
}
