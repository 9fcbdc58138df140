//! *Non lavoro per questo ente*: a person whom a list names says that it is wrong, with one press (ORG-7).

use domain::permission::Role;
use edge::http::{self, ApiRequest, Problem, ProblemKind};
use lambda_http::{Body, Response};
use outside::clock;
use store::contention::{Tries, none_on_conflict};

use crate::{App, view::DeclinedView};

/// What the person reads afterwards.
const DECLINED: &str = "Non risulti più operatore di questo ente, che non può inserirti di nuovo nel suo elenco. Le domande compilate per l'ente restano all'ente, le tue restano tue. Entra di nuovo per continuare come privato.";

/// The caller does not work for the organisation that lists them: the membership ends at once, and so do the sessions that
/// it gave. Nothing of the person's own changes.
#[utoipa::path(
    post, path = "/api/account/membership/refusal", operation_id = "declineMembership",
    responses(
        (status = 200, description = "The caller is no operator of any organisation", body = DeclinedView),
        (status = 403, description = "Wrong origin or level, or the contact who keeps the list"),
        (status = 404, description = "No organisation lists the caller"),
    )
)]
pub(crate) async fn decline(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let (now, who) = (request.arrival, std::slice::from_ref(&caller.account));
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let mut people = app.store.organisations.people(who, None).await?;
        let person = people.remove(&caller.account).unwrap_or_default();
        let Some((organisation, role)) = person.works_for(now) else {
            return Err(not_listed());
        };
        if role != Role::Operator {
            return Err(Problem::new(ProblemKind::NotAllowed).detail(
                "Sei il referente che tiene l'elenco: la tua cessazione la comunica l'amministratore del portale.",
            ));
        }
        let operator = app.store.organisations.operator(organisation, &caller.account).await?;
        let operator = operator.ok_or_else(not_listed)?;
        let sessions = &app.store.sessions;
        // Sessions first: if this function dies in between, the press is repeated.
        sessions.end_of_membership(&caller.account, organisation, now).await?;
        let declined = app.store.organisations.decline(organisation, &operator, now);
        if none_on_conflict(declined.await)?.is_some() {
            // A session that was opened since the request arrived is still one of an operator.
            sessions.end_of_membership(&caller.account, organisation, clock::wall()).await?;
            tracing::info!(organisation.id = %organisation, "membership declined");
            return http::json(200, &DeclinedView { message: DECLINED });
        }
    }
}

fn not_listed() -> Problem {
    Problem::new(ProblemKind::NotFound).detail(
        "Non risulti tra gli operatori di nessun ente: non c'è nulla da annullare. Per continuare come privato entra di nuovo.",
    )
}
