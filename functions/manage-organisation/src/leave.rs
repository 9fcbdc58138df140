//! The contact, or an administrator, reports that an operator leaves the organisation (ORG-4, ORG-5).

use domain::{
    ids::{AccountId, OrganisationId},
    letter::LetterContent,
    organisation::{Leaving, OrganisationAction, may_report_leaving},
};
use edge::{
    http::{self, ApiRequest, Problem, ProblemKind},
    letters::letter_about_a_list,
    routes::InPath,
};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use outside::clock;
use store::{
    contention::{Tries, none_on_conflict},
    letters::Letter,
    organisations::{Operator, Organisation},
};

use crate::{
    App, permitted,
    request::{LeavingBody, leaving_from},
    view::OperatorView,
};

/// The contact reports that an operator leaves, at once or in advance with a date: access ends then, the files stay.
#[utoipa::path(
    post, path = "/api/organisations/{id}/operators/{account}/leaving", operation_id = "reportLeaving",
    params(("id" = String, Path, description = "The organisation"), ("account" = String, Path, description = "The operator")),
    request_body = LeavingBody,
    responses(
        (status = 200, description = "Access ends at `until`; the same for a repetition", body = OperatorView),
        (status = 403, description = "Wrong origin, role or level, or the contact's own leaving"),
        (status = 422, description = "A date that has passed"),
    )
)]
pub(crate) async fn report_leaving(
    app: &App,
    request: &ApiRequest,
    id: InPath<'_, OrganisationId>,
    account: InPath<'_, AccountId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    let organisation = permitted(app, &caller, id, OrganisationAction::ReportLeaving).await?;
    let account = account.read()?;
    let announced = leaving_from(request)?;
    let now = request.arrival;
    let from = announced.unwrap_or(now);
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let operator = app.store.organisations.operator(&organisation.id, &account).await?;
        let operator = operator.ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
        if !may_report_leaving(caller.role, operator.role) {
            return Err(Problem::new(ProblemKind::NotAllowed).detail(
                "La cessazione di un referente la comunica l'amministratore del portale: rivolgiti all'Help Desk, indicando chi prende il suo posto.",
            ));
        }
        let leaving = Leaving::of(operator.period(), organisation.basis.until, from, now);
        // Sessions first: if this function dies in between, nobody is inside and the report is sent again.
        app.store
            .sessions
            .end_of_membership(&account, &organisation.id, leaving.sessions_end)
            .await?;
        if leaving.is_recorded {
            return http::json(200, &OperatorView::of(&operator, now));
        }
        let letter = told(app, &organisation, &account, &leaving, now).await?;
        let (by, until) = (&caller.account, leaving.until);
        let left = app.store.organisations.leave(
            &organisation.id,
            &operator,
            until,
            by,
            now,
            letter.as_ref(),
        );
        if none_on_conflict(left.await)?.is_some() {
            if announced.is_none() {
                // A session that was opened since the request arrived is still one of an operator.
                app.store
                    .sessions
                    .end_of_membership(&account, &organisation.id, clock::wall())
                    .await?;
            }
            let after = Operator { until: Some(until), ..operator };
            return http::json(200, &OperatorView::of(&after, now));
        }
    }
}

/// The letter to the operator, at the address of their own identity: that of a list may be another person's (ORG-7).
async fn told(
    app: &App,
    organisation: &Organisation,
    account: &AccountId,
    leaving: &Leaving,
    now: Timestamp,
) -> Result<Option<Letter>, Problem> {
    let identity = app.store.accounts.find(account).await?;
    let Some(address) = identity.and_then(|identity| identity.email) else { return Ok(None) };
    let left = LetterContent::operator_left(&organisation.name, leaving.until);
    letter_about_a_list(&app.store.attempts, account, &address, left, now).await
}
