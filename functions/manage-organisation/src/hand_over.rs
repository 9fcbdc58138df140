//! The contact gives the applications of an operator who leaves to a colleague (ORG-4).

use domain::{
    application::{Application, Who},
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
use store::{
    contention::Tries,
    keys,
    rows::{SaveError, StoreError},
    sessions::Caller,
};

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
    let next = next.map(|last| app.cursors.seal(&caller.account, &list(&order), last.as_str()));
    http::json(200, &outcome(each, next))
}

/// What became of each, with the reason where it was left; there may be more where the next request has where to go on.
fn outcome(each: Vec<(ApplicationId, Option<String>)>, next: Option<String>) -> HandOverOutcome {
    let mut outcome = HandOverOutcome {
        handed_over: Vec::new(),
        left: Vec::new(),
        remaining: next.is_some(),
        next,
    };
    for (id, left) in each {
        match left {
            None => outcome.handed_over.push(id.to_string()),
            Some(message) => outcome.left.push(LeftView { id: id.to_string(), message }),
        }
    }
    outcome
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
    after: Option<ApplicationId>,
) -> Result<(Vec<ApplicationId>, Option<ApplicationId>), Problem> {
    let applications = &app.store.applications;
    let limit = i32::try_from(MOST_HANDED_OVER).unwrap_or(1);
    let found = live_of(filer, after, |after| async move {
        let from = after.as_ref().map(keys::application);
        let ids = applications.of_filer(filer, Some(organisation), from.as_deref(), limit).await?;
        let heads = applications.heads(&ids).await?;
        Ok::<_, StoreError>((ids, heads))
    });
    Ok(found.await?)
}

/// The live applications of an account among those that `page` gives, up to a hundred, and where to go on. `page` gives the
/// next hundred identifiers after one of them, and their heads.
async fn live_of<Reading>(
    filer: &AccountId,
    mut after: Option<ApplicationId>,
    page: impl Fn(Option<ApplicationId>) -> Reading,
) -> Result<(Vec<ApplicationId>, Option<ApplicationId>), StoreError>
where
    Reading: Future<Output = Result<(Vec<ApplicationId>, Vec<Application>), StoreError>>,
{
    let mut found = Vec::new();
    let mut looked_at = 0;
    loop {
        let (ids, heads) = page(after.clone()).await?;
        looked_at += ids.len();
        for head in heads {
            if head.parties.filer == *filer && head.state().is_live() {
                if found.len() == MOST_HANDED_OVER {
                    // The next request begins at this one.
                    return Ok((found, after));
                }
                found.push(head.id.clone());
            }
            after = Some(head.id);
        }
        if ids.len() < MOST_HANDED_OVER {
            return Ok((found, None));
        }
        if let Some(last) = ids.last() {
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use domain::lifecycle::State;
    use scenes::{case_in, parties};

    use super::*;

    /// Applications that Bruno filed, in order of identifier, each in the state that its number has.
    fn filed(count: u128, state: impl Fn(u128) -> State) -> Vec<Application> {
        let mut all: Vec<_> = (0..count)
            .map(|number| Application {
                id: ApplicationId::from_random(number.to_be_bytes()),
                ..case_in(state(number))
            })
            .collect();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all
    }

    /// One request over these; gives what it hands over, what it answers, where the next goes on, and how many it looked at.
    async fn request(
        all: &[Application],
        after: Option<ApplicationId>,
    ) -> (Vec<ApplicationId>, HandOverOutcome, Option<ApplicationId>, usize) {
        let looked_at = Cell::new(0);
        let page = |after: Option<ApplicationId>| {
            let rest =
                all.iter().filter(|head| after.as_ref().is_none_or(|after| head.id > *after));
            let heads: Vec<_> = rest.take(100).cloned().collect();
            looked_at.set(looked_at.get() + heads.len());
            let ids: Vec<_> = heads.iter().map(|head| head.id.clone()).collect();
            async move { Ok((ids, heads)) }
        };
        let (found, next) = live_of(&parties().filer, after, page).await.unwrap();
        let each = found.iter().map(|id| (id.clone(), None)).collect();
        let outcome = outcome(each, next.as_ref().map(ToString::to_string));
        (found, outcome, next, looked_at.get())
    }

    /// ORG-4: of three thousand five hundred applications that Bruno filed, all but the last are over. No request looks at more
    /// than a thousand, and each says that there may be more until the last one is found.
    #[tokio::test]
    async fn no_request_looks_at_more_than_a_thousand_heads_and_each_says_that_more_remain() {
        let last: u128 = 3_499;
        let all =
            filed(3_500, |number| if number == last { State::Granted } else { State::Refused });
        let mut after = None;
        for _ in 0..3 {
            let (found, told, next, looked_at) = request(&all, after).await;
            assert_eq!(looked_at, 1_000);
            assert!(found.is_empty());
            assert!(told.remaining && told.next.is_some(), "what remains is told");
            after = next;
        }
        let (found, told, next, looked_at) = request(&all, after).await;
        assert_eq!(found, [ApplicationId::from_random(last.to_be_bytes())]);
        assert_eq!(told.handed_over, [found[0].to_string()]);
        assert!(!told.remaining && told.next.is_none() && next.is_none());
        // The last page is empty: a full one before it said that there may be more.
        assert_eq!(looked_at, 500);
    }

    /// ORG-4: of two hundred and fifty live ones a request hands a hundred over; repeated, each changes hands once.
    #[tokio::test]
    async fn a_request_hands_a_hundred_over_and_the_next_goes_on_after_them() {
        let all = filed(250, |_| State::Granted);
        let (mut found, mut after, mut told) = (Vec::new(), None, Vec::new());
        for _ in 0..3 {
            let (some, outcome, next, _) = request(&all, after).await;
            told.push((some.len(), outcome.remaining));
            found.extend(some);
            after = next;
        }
        assert_eq!(told, [(100, true), (100, true), (50, false)]);
        assert!(found.iter().eq(all.iter().map(|head| &head.id)));
    }
}
