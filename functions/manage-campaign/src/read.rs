//! Campaigns are listed and read (ADM-2).

use domain::ids::CampaignId;
use edge::{
    http::{self, ApiRequest, PageQuery, Problem, ProblemKind},
    routes::InPath,
};
use lambda_http::{Body, Response, http::HeaderValue};

use crate::{
    App,
    view::{CampaignList, CampaignVersions, VersionView, in_force},
};

/// All campaigns, by identifier.
#[utoipa::path(
    get, path = "/api/campaigns", operation_id = "listCampaigns",
    params(
        ("limit" = Option<i32>, Query, minimum = 1, maximum = 100, description = "How many, 20 when not given"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
    ),
    responses(
        (status = 200, description = "A page of campaigns", body = CampaignList),
        (status = 403, description = "Level too low, or not an administrator"),
        (status = 422, description = "Wrong limit or cursor"),
    )
)]
pub(crate) async fn list(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_administrator_for_read(request).await?;
    let page_query = PageQuery::read(request, &app.cursors, &caller.account, "campaigns")?;
    let mut ids = app.store.campaigns.page(page_query.after(), page_query.rows_to_read()).await?;
    let more = page_query.truncate(&mut ids);
    let next = ids.last().filter(|_| more).map(|last| page_query.next(last.as_str()));
    http::json(
        200,
        &CampaignList { campaigns: ids.iter().map(ToString::to_string).collect(), next },
    )
}

/// The newest versions of a campaign, with the newest as a file; `ETag` holds its number, for `If-Match`.
#[utoipa::path(
    get, path = "/api/campaigns/{id}", operation_id = "readCampaign",
    params(("id" = String, Path, description = "The campaign")),
    responses(
        (status = 200, description = "Versions, and the newest as a file", body = CampaignVersions),
        (status = 403, description = "Level too low, or not an administrator"),
    )
)]
pub(crate) async fn read(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, CampaignId>,
) -> Result<Response<Body>, Problem> {
    app.authenticator.authenticate_administrator_for_read(request).await?;
    let id = id.read()?;
    let versions = app.store.campaigns.versions(&id).await?;
    let newest = versions.first().ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    let now = in_force(&versions, request.arrival);
    let view = CampaignVersions {
        campaign: id.to_string(),
        versions: versions.iter().map(|version| VersionView::of(version, now)).collect(),
        document: newest.campaign.to_toml().map_err(|error| Problem::internal(&error))?,
    };
    with_version(http::json(200, &view)?, newest.publication.version)
}

/// Adds the version's number as an entity tag.
pub(crate) fn with_version(
    mut response: Response<Body>,
    version: u32,
) -> Result<Response<Body>, Problem> {
    let tag = HeaderValue::from_str(&format!("\"{version}\""))
        .map_err(|error| Problem::internal(&error))?;
    response.headers_mut().insert("etag", tag);
    Ok(response)
}
