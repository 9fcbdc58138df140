//! A request to enable operators is sent (ORG-1, ORG-3, ORG-5).

use domain::{
    calendar,
    enabling::{EnablingCase, Office, RequesterRelation},
    ids::EnablingId,
    letter::LetterContent,
    organisation::{OrganisationAction, OrganisationRelation, may},
    permission::Role,
};
use edge::{
    http::{ApiRequest, Problem, ProblemKind},
    limits,
};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use outside::aws;
use store::{
    attempts::Limit,
    contention::{Tries, none_on_conflict},
    enabling::{EnablingEvent, EnablingForm, EnablingRequest},
    sessions::Caller,
};

use crate::{
    App,
    form::{EnablingBody, NewRequest},
    recipient::Recipient,
    shown,
    view::EnablingView,
};

/// Requests of one account.
const REQUESTS: Limit = Limit::per_hour("enabling", 20);

/// Asks for the enabling of operators; the same request twice is one.
#[utoipa::path(
    post, path = "/api/enabling-requests", operation_id = "submitEnablingRequest",
    request_body = EnablingBody,
    responses(
        (status = 201, description = "It lies before the first office; the same for a repetition", body = EnablingView),
        (status = 409, description = "Another request is under way, or the organisation's contact has to ask"),
        (status = 429, description = "Too many requests"),
    )
)]
pub(crate) async fn submit_request(
    app: &App,
    http_request: &ApiRequest,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(http_request).await?;
    require_role(caller.role)?;
    let account = app
        .store
        .accounts
        .find(&caller.account)
        .await?
        .ok_or_else(|| Problem::new(ProblemKind::SessionOver))?;
    let now = http_request.arrival;
    let new = NewRequest::read(http_request, &app.keying, &account, calendar::local_date(now))?;
    limits::admit(&app.store.attempts, &REQUESTS, caller.account.as_str(), now).await?;
    require_contact(app, &caller, &new.form, now).await?;
    let mut recipient: Option<Recipient> = None;
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        if let Some(earlier) = under_way(app, &caller, &new.form).await? {
            return repeated(app, &caller, &new.form, &earlier).await;
        }
        let id = EnablingId::from_random(aws::random().map_err(|error| Problem::internal(&error))?);
        let request = first_step(id, &caller, &new, now);
        let event = EnablingEvent::of(&request, None, &caller.account, Office::Requester, None);
        if recipient.is_none() {
            recipient = Recipient::of(app, &request, now).await?;
        }
        let letters: Vec<_> = match &recipient {
            Some(recipient) => {
                recipient.letter(received(&request, recipient))?.into_iter().collect()
            }
            None => Vec::new(),
        };
        if none_on_conflict(app.store.enablings.submit(&request, &event, &letters).await)?.is_some()
        {
            return shown(app, 201, &request, &caller, Office::Requester).await;
        }
    }
}

/// Private users ask, and contacts of organisations; an operator or an office does not.
pub(crate) fn require_role(role: Role) -> Result<(), Problem> {
    if may(role, OrganisationRelation::Stranger, OrganisationAction::AskEnabling) {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::NotAllowed).detail(if role == Role::Operator {
        "Operi già per un'organizzazione: altri operatori li chiede il suo referente. Per lavorare altrove, fai prima comunicare la tua cessazione."
    } else {
        "L'abilitazione la chiede chi è entrato come privato o come referente dell'organizzazione, non un ufficio."
    }))
}

/// Refuses a request that the organisation's contact has to send.
async fn require_contact(
    app: &App,
    caller: &Caller,
    form: &EnablingForm,
    now: Timestamp,
) -> Result<(), Problem> {
    let works_for = caller.organisation.as_ref();
    match RequesterRelation::of(caller.role, works_for, &form.organisation) {
        RequesterRelation::OfAnother => Err(Problem::new(ProblemKind::NotAllowed)
            .detail("Sei referente di un'altra organizzazione: puoi chiedere solo per quella.")),
        RequesterRelation::Outsider
            if app.store.organisations.has_contact(&form.organisation, now).await? =>
        {
            Err(Problem::new(ProblemKind::OrganisationRecorded))
        }
        RequesterRelation::Contact | RequesterRelation::Outsider => Ok(()),
    }
}

/// The request that the caller has under way for this organisation.
async fn under_way(
    app: &App,
    caller: &Caller,
    form: &EnablingForm,
) -> Result<Option<EnablingRequest>, Problem> {
    match app.store.enablings.open(&form.organisation, &caller.account).await? {
        Some(id) => Ok(app.store.enablings.find(&id).await?),
        None => Ok(None),
    }
}

/// The same form again is a double click, or a retry after a lost answer; another form has to wait.
async fn repeated(
    app: &App,
    caller: &Caller,
    form: &EnablingForm,
    earlier: &EnablingRequest,
) -> Result<Response<Body>, Problem> {
    if earlier.form == *form {
        shown(app, 201, earlier, caller, Office::Requester).await
    } else {
        Err(Problem::new(ProblemKind::RequestUnderWay).with("request", earlier.id.to_string()))
    }
}

/// The request as it lies before its first office.
pub(crate) fn first_step(
    id: EnablingId,
    caller: &Caller,
    new: &NewRequest,
    now: Timestamp,
) -> EnablingRequest {
    EnablingRequest {
        id,
        case: EnablingCase {
            kind: new.kind,
            stage: new.kind.opening(),
            version: 1,
            province: new.province.clone(),
            requester: caller.account.clone(),
            named: new.form.named(),
            deciders: Vec::new(),
        },
        form: new.form.clone(),
        submitted: now,
        changed: now,
    }
}

fn received(request: &EnablingRequest, to: &Recipient) -> LetterContent {
    let name = to.typed(&request.form.name);
    LetterContent::enabling_received(&request.id, request.case.kind, name)
}
