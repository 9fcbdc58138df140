//! The contact gives the applications of an operator who leaves to a colleague (ORG-4).

use domain::{
    application::Who,
    ids::{AccountId, ApplicationId, OrganisationId},
    organisation::{MOST_HANDED_OVER, OrganisationAction},
    permission::Action,
};
use edge::{
    access::ApplicationAccess,
    http::{self, ApiRequest, Problem, ProblemKind},
    routes::InPath,
};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use store::{contention::Tries, keys, rows::SaveError, sessions::Caller};

use crate::{
    App, permitted,
    request::{HandOver, HandOverBody},
    view::{HandOverOutcome, LeftView},
};

/// How many heads are looked at for one request; an organisation may have filed many thousands.
const MOST_LOOKED_AT: usize = 1000;

/// How many applications change hands at once.
const AT_ONCE: usize = 8;

/// Hands over up to 100 live applications; repeated until `remaining` is false.
#[utoipa::path(
    post, path = "/api/organisations/{id}/hand-overs", operation_id = "handOver",
    params(("id" = String, Path, description = "The organisation")), request_body = HandOverBody,
    responses(
        (status = 200, description = "What was handed over, what was left and why", body = HandOverOutcome),
        (status = 422, description = "Wrong fields, or the colleague is no operator of this organisation now"),
    )
)]
pub(crate) async fn hand_over(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, OrganisationId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let organisation = permitted(app, &caller, id, OrganisationAction::HandOver).await?;
    let order = HandOver::read(request)?;
    require_operators(app, &organisation.id, &order, request.arrival).await?;
    let (ids, next) = selected(app, &caller, &organisation.id, &order).await?;
    let each =
        stream::iter(ids)
            .map(|id| {
                let (caller, order) = (&caller, &order);
                async move {
                    hand_over_one(app, request, caller, order, &id).await.map(|left| (id, left))
                }
            })
            .buffered(AT_ONCE)
            .try_collect::<Vec<_>>()
            .await?;
    let mut outcome = HandOverOutcome {
        handed_over: Vec::new(),
        left: Vec::new(),
        remaining: next.is_some(),
        next: next.map(|last| app.cursors.seal(&caller.account, &list(&order), last.as_str())),
    };
    for (id, left) in each {
        match left {
            None => outcome.handed_over.push(id.to_string()),
            Some(message) => outcome.left.push(LeftView { id: id.to_string(), message }),
        }
    }
    http::json(200, &outcome)
}

/// The leaver stands in the list, past or present; the colleague works for the organisation as an operator now.
async fn require_operators(
    app: &App,
    organisation: &OrganisationId,
    order: &HandOver,
    now: Timestamp,
) -> Result<(), Problem> {
    if app.store.organisations.operator(organisation, &order.from).await?.is_none() {
        return Err(Problem::field(
            "from",
            "Non è nell'elenco degli operatori di questa organizzazione.",
        ));
    }
    let colleague = app.store.organisations.operator(organisation, &order.to).await?;
    if !colleague.is_some_and(|colleague| colleague.takes_applications(now)) {
        return Err(Problem::field(
            "to",
            "Non è un operatore in servizio di questa organizzazione: scegline uno dall'elenco.",
        ));
    }
    Ok(())
}

/// What the cursor of a hand-over is sealed for: the applications of one leaver.
fn list(order: &HandOver) -> String {
    format!("hand-over-{}", order.from)
}

/// The applications that this request hands over, and where the next request goes on: the named ones, or the next page
/// of all live ones.
async fn selected(
    app: &App,
    caller: &Caller,
    organisation: &OrganisationId,
    order: &HandOver,
) -> Result<(Vec<ApplicationId>, Option<ApplicationId>), Problem> {
    if let Some(ids) = &order.applications {
        return Ok((ids.clone(), None));
    }
    let after = match &order.cursor {
        None => None,
        Some(cursor) => Some(
            app.cursors
                .open(&caller.account, &list(order), cursor)
                .and_then(|last| last.parse::<ApplicationId>().ok())
                .ok_or_else(|| Problem::field("cursor", "Ricomincia senza cursore."))?,
        ),
    };
    filed_by(app, organisation, &order.from, after).await
}

/// The live applications that an account filed for the organisation, up to a hundred, and where to go on.
async fn filed_by(
    app: &App,
    organisation: &OrganisationId,
    filer: &AccountId,
    mut after: Option<ApplicationId>,
) -> Result<(Vec<ApplicationId>, Option<ApplicationId>), Problem> {
    let mut found = Vec::new();
    let mut looked_at = 0;
    loop {
        let from = after.as_ref().map(keys::application);
        let limit = i32::try_from(MOST_HANDED_OVER).unwrap_or(1);
        let page = app
            .store
            .applications
            .of_filer(filer, Some(organisation), from.as_deref(), limit)
            .await?;
        looked_at += page.len();
        for head in app.store.applications.heads(&page).await? {
            if head.parties.filer == *filer && head.state().is_live() {
                if found.len() == MOST_HANDED_OVER {
                    // The next request begins at this one.
                    return Ok((found, after));
                }
                found.push(head.id.clone());
            }
            after = Some(head.id);
        }
        if page.len() < MOST_HANDED_OVER {
            return Ok((found, None));
        }
        if let Some(last) = page.last() {
            after = Some(last.clone());
        }
        if looked_at >= MOST_LOOKED_AT {
            return Ok((found, after));
        }
    }
}

/// Hands one application over; gives the reason when it stays where it is.
async fn hand_over_one(
    app: &App,
    request: &ApiRequest,
    caller: &Caller,
    order: &HandOver,
    id: &ApplicationId,
) -> Result<Option<String>, Problem> {
    let mut tries = Tries::for_each_of_many();
    while tries.begin().await.is_ok() {
        let access = match ApplicationAccess::find(&app.store.applications, caller, id).await {
            Ok(access) => access,
            Err(problem) if problem.kind() == ProblemKind::NotFound => {
                return Ok(Some("Non è tra le domande della tua organizzazione.".to_owned()));
            }
            Err(problem) => return Err(problem),
        };
        if access.head.parties.filer == order.to {
            // A repetition, or a retry after a lost answer.
            return Ok(None);
        }
        if access.head.parties.filer != order.from {
            return Ok(Some("L'ha compilata un altro operatore.".to_owned()));
        }
        if let Err(problem) = access.require(Action::HandOver) {
            return Ok(Some(problem.text().to_owned()));
        }
        let who = Who::Account(caller.account.clone());
        let decision = access.head.handed_over(&order.to, who, request.arrival);
        match app.store.applications.commit(&decision, &[]).await {
            Ok(()) => return Ok(None),
            // A submission was faster, or still waits for its place in the history: the colleague gets it after that.
            Err(SaveError::Conflict) => {}
            Err(SaveError::Store(error)) => return Err(error.into()),
            Err(_) => break,
        }
    }
    Ok(Some(
        "È in corso un'altra operazione su questa domanda: ripeti tra qualche istante.".to_owned(),
    ))
}
