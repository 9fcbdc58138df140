//! Requests to enable operators are listed and read: the requester's own, or those that wait for an office (ORG-1).

use domain::{
    enabling::{EnablingStage, Office},
    ids::EnablingId,
};
use edge::{
    http::{self, ApiRequest, PageQuery, Problem},
    routes::InPath,
};
use lambda_http::{Body, Response};
use store::{enabling, sessions::Caller};

use crate::{
    App, reader, shown,
    view::{EnablingList, EnablingSummary, EnablingView},
    visible,
};

/// One's own requests, or those that wait for one's office.
#[utoipa::path(
    get, path = "/api/enabling-requests", operation_id = "listEnablingRequests",
    params(
        ("stage" = Option<String>, Query, description = "For administrators: another office's work list"),
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of requests", body = EnablingList),
        (status = 422, description = "Wrong limit, cursor or stage"),
    )
)]
pub(crate) async fn list_requests(
    app: &App,
    http_request: &ApiRequest,
) -> Result<Response<Body>, Problem> {
    let caller = reader(app, http_request).await?;
    let office = Office::of_role(caller.role);
    let stage = work_list(office, http_request.query("stage"))?;
    // An officer who moves to another province begins there anew.
    let list = match stage {
        None => "enabling-own".to_owned(),
        Some(stage) => format!("{stage} {}", caller.province.as_deref().unwrap_or_default()),
    };
    let page_query = PageQuery::read(http_request, &app.cursors, &caller.account, &list)?;
    let mut ids = page(app, &caller, stage, &page_query).await?;
    let more = page_query.truncate(&mut ids);
    let mut requests = Vec::with_capacity(ids.len());
    let mut last = None;
    for id in &ids {
        let Some(request) = app.store.enablings.find(id).await? else { continue };
        last = Some(match stage {
            None => request.id.to_string(),
            Some(_) => enabling::place(&request),
        });
        if request.case.office(&caller.account, caller.role, caller.province.as_deref()).is_some() {
            requests.push(EnablingSummary::of(&request));
        }
    }
    let next = last.filter(|_| more).map(|last| page_query.next(&last));
    http::json(200, &EnablingList { requests, next })
}

/// The stage whose requests the caller reads: the office's own, or the one in the query; none means the caller's own
/// requests.
pub(crate) fn work_list(
    office: Option<Office>,
    stage: Option<&str>,
) -> Result<Option<EnablingStage>, Problem> {
    let Some(code) = stage else { return Ok(office.and_then(Office::work_list)) };
    let stage = code.parse::<EnablingStage>().ok();
    stage
        .filter(|stage| office.is_some_and(|office| office.reads_work_list(*stage)))
        .map(Some)
        .ok_or_else(|| Problem::field("stage", "Non è una fase di cui il tuo ufficio si occupa."))
}

/// One row more than the page has, to see whether there are more.
async fn page(
    app: &App,
    caller: &Caller,
    stage: Option<EnablingStage>,
    page_query: &PageQuery<'_>,
) -> Result<Vec<EnablingId>, Problem> {
    let Some(stage) = stage else {
        let after = page_query.after().and_then(|last| last.parse::<EnablingId>().ok());
        return Ok(app
            .store
            .enablings
            .own(&caller.account, after.as_ref(), page_query.rows_to_read())
            .await?);
    };
    let province = match Office::of_role(caller.role) {
        // An officer without a province has no work list.
        Some(Office::Prefecture) => Some(caller.province.as_deref().unwrap_or("-")),
        _ => None,
    };
    Ok(app
        .store
        .enablings
        .waiting(stage, province, page_query.after(), page_query.rows_to_read())
        .await?)
}

/// One request with its steps.
#[utoipa::path(
    get, path = "/api/enabling-requests/{id}", operation_id = "readEnablingRequest",
    params(("id" = String, Path, description = "The request")),
    responses(
        (status = 200, description = "The request, its steps, and what may be done now", body = EnablingView),
    )
)]
pub(crate) async fn read_request(
    app: &App,
    http_request: &ApiRequest,
    id: InPath<'_, EnablingId>,
) -> Result<Response<Body>, Problem> {
    let caller = reader(app, http_request).await?;
    let (request, office) = visible(app, &caller, id).await?;
    shown(app, 200, &request, &caller, office).await
}
