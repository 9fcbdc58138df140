//! People of offices are read, with what happened to them (ADM-1).

use domain::{form::Table, ids::AccountId};
use edge::{
    http::{self, ApiRequest, PageQuery, Problem, ProblemKind},
    routes::InPath,
};
use lambda_http::{Body, Response};

use crate::{
    App,
    view::{OfficialDetail, OfficialEventView, OfficialList, OfficialView},
};

/// More than anybody has: each is a change of office.
const MOST_EVENTS: i32 = 100;

/// The people of offices, past ones too; of one province, or of all.
#[utoipa::path(
    get, path = "/api/officials", operation_id = "listOfficials",
    params(
        ("province" = Option<String>, Query, description = "Two letters; all when not given"),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of people", body = OfficialList),
        (status = 403, description = "Level too low, or not an administrator"),
        (status = 422, description = "Wrong province, limit or cursor"),
    )
)]
pub(crate) async fn list(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_administrator_for_read(request).await?;
    let province = request.query("province");
    if province.is_some_and(|code| {
        Table::find("provinces").is_none_or(|provinces| provinces.entry(code).is_none())
    }) {
        return Err(Problem::field("province", "La sigla di una provincia, per esempio FG."));
    }
    let list = format!("officials-{}", province.unwrap_or_default());
    let page_query = PageQuery::read(request, &app.cursors, &caller.account, &list)?;
    let mut rows =
        app.store.officials.page(province, page_query.after(), page_query.rows_to_read()).await?;
    let more = page_query.truncate(&mut rows);
    let next = rows.last().filter(|_| more).map(|(key, _)| page_query.next(key));
    let officials =
        rows.iter().map(|(_, official)| OfficialView::of(official, request.arrival)).collect();
    http::json(200, &OfficialList { officials, next })
}

/// A person of an office with every appointment and withdrawal.
#[utoipa::path(
    get, path = "/api/officials/{account}", operation_id = "readOfficial",
    params(("account" = String, Path, description = "The person")),
    responses(
        (status = 200, description = "The office, and what happened", body = OfficialDetail),
        (status = 403, description = "Level too low, or not an administrator"),
    )
)]
pub(crate) async fn read(
    app: &App,
    request: &ApiRequest,
    account: InPath<'_, AccountId>,
) -> Result<Response<Body>, Problem> {
    app.authenticator.authenticate_administrator_for_read(request).await?;
    let account = account.read()?;
    let official = app.store.officials.of(&account).await?;
    let official = official.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    let events = app.store.officials.events(&account, MOST_EVENTS).await?;
    http::json(
        200,
        &OfficialDetail {
            official: OfficialView::of(&official, request.arrival),
            events: events.into_iter().map(OfficialEventView::of).collect::<Result<_, _>>()?,
        },
    )
}
