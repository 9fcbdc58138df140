//! A new version of a campaign is compared with the newest, and published (ADM-2, CAL-1).

use domain::{
    campaign::{Campaign, CampaignError, Publication, differences, may_follow},
    ids::CampaignId,
};
use edge::{
    access, form,
    http::{
        self, ApiRequest, FieldProblem, Form as _, Problem, ProblemKind,
        form::{Input as _, boolean, text},
    },
    routes::InPath,
};
use lambda_http::{Body, Response};
use outside::clock;
use store::campaigns::{PublishError, Version};

use crate::{
    App,
    read::with_version,
    view::{ComparisonView, PublishedView, VersionView},
};

/// In characters: ten times what the largest campaign has, and less than a row of the store may have.
const LONGEST_DOCUMENT: usize = 200_000;

form! {
    /// Body of `POST /api/campaigns/{id}/comparison`.
    pub(crate) struct ComparisonBody {
        /// The whole campaign file, TOML.
        document: String = text().longest(LONGEST_DOCUMENT),
    }

    /// Body of `POST /api/campaigns/{id}/versions`.
    pub(crate) struct PublicationBody {
        /// The whole campaign file, TOML.
        document: String = text().longest(LONGEST_DOCUMENT),
        /// Whether it must count at once and not after five minutes, though some requests are still decided by the version
        /// before.
        emergency: bool = boolean().optional(),
    }
}

/// Checks a new version and shows what it would change; publishes nothing.
#[utoipa::path(
    post, path = "/api/campaigns/{id}/comparison", operation_id = "compareCampaign",
    params(("id" = String, Path, description = "The campaign")),
    request_body = ComparisonBody,
    responses(
        (status = 200, description = "It could be published; this is what it changes", body = ComparisonView),
        (status = 403, description = "Level too low, wrong origin, or not an administrator"),
        (status = 422, description = "The file has mistakes, all listed with the path of the key"),
    )
)]
pub(crate) async fn compare(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, CampaignId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    access::require_administrator(&caller)?;
    let id = id.read()?;
    let mut body: ComparisonBody = request.form()?;
    let document = body.document();
    let document = body.complete(document)?;
    let campaign = checked(app, &id, &document)?;
    let versions = app.store.campaigns.versions(&id).await?;
    let newest = versions.first();
    may_follow(newest.map(|newest| newest.campaign.as_ref()), &campaign).map_err(listed)?;
    let response = http::json(200, &comparison(newest, &campaign))?;
    with_version(response, newest.map_or(0, |newest| newest.publication.version))
}

/// Publishes a new version: it takes effect after five minutes, the first one and an emergency at once.
///
/// `If-Match` holds the number of the newest version, as `ETag` of the reading gave it, and `"0"` for a new campaign.
#[utoipa::path(
    post, path = "/api/campaigns/{id}/versions", operation_id = "publishCampaign",
    params(
        ("id" = String, Path, description = "The campaign"),
        ("If-Match" = String, Header, description = "The newest version as read, such as `\"3\"`; `\"0\"` for a new campaign"),
    ),
    request_body = PublicationBody,
    responses(
        (status = 201, description = "Published; `takes_effect` says from when it decides", body = PublishedView),
        (status = 403, description = "Level too low, wrong origin, or not an administrator"),
        (status = 412, description = "Another version was published meanwhile: read it and compare again"),
        (status = 422, description = "The file has mistakes, all listed with the path of the key"),
        (status = 428, description = "Without `If-Match`"),
    )
)]
pub(crate) async fn publish(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, CampaignId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    access::require_administrator(&caller)?;
    let id = id.read()?;
    let seen = seen(request)?;
    let mut body: PublicationBody = request.form()?;
    let (document, emergency) = (body.document(), body.emergency());
    let document = body.complete(document)?;
    let campaign = checked(app, &id, &document)?;
    let versions = app.store.campaigns.versions(&id).await?;
    let newest = versions.first();
    let number = newest.map_or(0, |newest| newest.publication.version);
    if seen != number {
        return Err(superseded(number));
    }
    may_follow(newest.map(|newest| newest.campaign.as_ref()), &campaign).map_err(listed)?;
    // By the wall clock, by which functions look for the version in force.
    let now = clock::wall();
    let emergency = emergency.unwrap_or(false);
    let published =
        app.store.campaigns.publish(&document, &campaign, emergency, Some(&caller.account), now);
    match published.await {
        Ok(()) => {}
        Err(PublishError::Exists) => return Err(superseded(campaign.version())),
        // `checked` refused it before, with the field.
        Err(PublishError::MovesTheClock(error)) => return Err(Problem::internal(&error)),
        Err(PublishError::Store(error)) => return Err(error.into()),
    }
    tracing::info!(campaign = id.as_str(), version = campaign.version(), emergency, by = %caller.account, "campaign published");
    let publication = Publication { version: campaign.version(), published_at: now, emergency };
    let is_in_force = publication.effect().at <= now;
    let view = PublishedView {
        campaign: id.to_string(),
        version: VersionView::new(&publication, is_in_force, Some(caller.account.to_string())),
        comparison: comparison(newest, &campaign),
    };
    with_version(http::json(201, &view)?, campaign.version())
}

fn comparison(newest: Option<&Version>, campaign: &Campaign) -> ComparisonView {
    let Some(newest) = newest else { return ComparisonView::of(None, Vec::new()) };
    let differences = differences(Some(&newest.campaign), campaign);
    ComparisonView::of(Some(newest.publication.version), differences)
}

/// The number of the version, or edition, that the administrator has read.
pub(crate) fn seen(request: &ApiRequest) -> Result<u32, Problem> {
    let given =
        request.header("if-match").ok_or_else(|| Problem::new(ProblemKind::VersionMissing))?;
    let number = given.trim().trim_start_matches("W/").trim_matches('"');
    number.parse().map_err(|_| Problem::new(ProblemKind::VersionMissing))
}

pub(crate) fn superseded(newest: u32) -> Problem {
    Problem::new(ProblemKind::VersionSuperseded).with("newest", newest)
}

/// The file as a campaign of this name that this deployment may have.
pub(crate) fn checked(app: &App, id: &CampaignId, document: &str) -> Result<Campaign, Problem> {
    let campaign = Campaign::parse(document).map_err(|error| match error {
        CampaignError::Unreadable(message) => Problem::field("document", message),
        CampaignError::Invalid(problems) => listed(problems),
    })?;
    if campaign.id() != id {
        return Err(Problem::field("id", "Il file è di un'altra campagna: controlla l'indirizzo."));
    }
    if app.is_production && campaign.moves_the_clock() {
        return Err(Problem::field(
            "clock_offset_ms",
            "In produzione una campagna non sposta l'orologio: togli questa voce.",
        ));
    }
    Ok(campaign)
}

/// Each mistake beside the path of its key; [`Problem::fields`] says how many more there are.
pub(crate) fn listed(problems: Vec<domain::campaign::Problem>) -> Problem {
    let fields = problems
        .into_iter()
        .map(|problem| FieldProblem {
            field: problem.path,
            code: "non-valido".to_owned(),
            message: problem.message,
        })
        .collect();
    Problem::new(ProblemKind::InvalidFields).fields(fields)
}
