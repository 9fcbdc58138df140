//! The applications for which a term runs, by its end (CNF-3).
//!
//! No index has them for one person: the ends stand on the heads, outages move them, and a campaign's own index serves the
//! sweeper alone. So they are read in parts, as for the search.

use domain::{application::Application, decision::Context, search::Place};
use edge::{
    access::ApplicationAccess,
    http::{ApiRequest, PageQuery, Problem, page_query::WRONG_CURSOR},
};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use store::sessions::Caller;

use crate::{
    App,
    part::{Part, Position},
    row::Row,
    view::{ApplicationList, Shape},
};

const LIST: &str = "applications by deadline";
const NO_TERM: &str = "Nessuna tua domanda ha una scadenza in corso.";

/// A page of them.
pub(crate) async fn list(
    app: &App,
    request: &ApiRequest,
    caller: &Caller,
    shape: Shape,
) -> Result<Response<Body>, Problem> {
    let page_query = PageQuery::read(request, &app.cursors, &caller.account, LIST)?;
    let begins = page_query
        .after()
        .map(|last| Position::read(last).ok_or_else(|| Problem::field("cursor", WRONG_CURSOR)));
    let begins = begins.transpose()?.unwrap_or_default();
    let mut part = Part::of(app, caller, &begins).await?;
    let all = std::mem::take(&mut part.all);
    let mut found = with_places(app, request, all).await?;
    found.retain(|(place, _)| begins.is_before_place(place));
    found.sort_by(|(place, _), (other, _)| place.cmp(other));
    let has_more = page_query.truncate(&mut found);
    let next = match found.last().filter(|_| has_more) {
        Some((last, _)) => Some(part.after_place(last.clone())),
        None => part.next,
    };
    let access = found.into_iter().map(|(_, access)| access).collect();
    let mut rows = Row::all(app, request, access).await?;
    Row::add_what_runs(app, &mut rows).await?;
    let is_empty = rows.is_empty() && begins == Position::default() && next.is_none();
    let message = is_empty.then(|| NO_TERM.to_owned());
    let next = next.map(|next| page_query.next(&next.text()));
    let applications = rows.iter().map(Row::view).collect();
    shape.answer(&ApplicationList { applications, next, message, counts: None })
}

/// Those for which a term runs, each with its place in the order.
async fn with_places(
    app: &App,
    request: &ApiRequest,
    all: Vec<ApplicationAccess>,
) -> Result<Vec<(Place, ApplicationAccess)>, Problem> {
    let outages = app.store.outages.all().await?;
    let mut found = Vec::new();
    for access in all.into_iter().filter(|access| access.head.procedure().is_some()) {
        let head: &Application = &access.head;
        let campaign = app.store.campaigns.in_force(&head.campaign, request.arrival).await?;
        let Some(campaign) = campaign else { continue };
        let now = campaign.effective_now(request.arrival);
        let context = Context { campaign: &campaign, now, outages: &outages };
        let end: Option<Timestamp> = head.running_term(&context)?.map(|term| term.end());
        if let Some(end) = end {
            found.push((Place::of_deadline(head, end), access));
        }
    }
    Ok(found)
}
