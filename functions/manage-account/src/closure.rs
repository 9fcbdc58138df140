//! Closing the account (ACC-6): drafts go, what was sent stays, the person reads so before and after.

use std::collections::BTreeMap;

use domain::{
    application::{Application, Who},
    ids::{AccountId, LetterId},
    permission::Role,
    service::{self, Service},
};
use edge::{
    form,
    http::{
        self, ApiRequest, Form as _, Problem, ProblemKind,
        form::{Input as _, Mistake, boolean},
    },
    session::no_cookies,
};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use outside::clock;
use serde::Serialize;
use store::{
    AlongWrite,
    contention::{Contended, Tries},
    deletion::{self, DeleteError},
    own_applications,
};
use utoipa::ToSchema;

use crate::{App, data, fresh, own};

/// What closing does, or did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClosureView {
    /// Applications that were not sent: they are deleted.
    pub drafts: u32,
    /// Applications that were sent: they stay with the administration.
    pub submitted: u32,
    /// In Italian.
    pub message: String,
}

form! {
    /// The explicit yes.
    pub(crate) struct ClosureBody {
        /// Must be true.
        confirm: () = boolean().checked(confirmed),
    }
}

fn confirmed(is_meant: bool) -> Result<(), Mistake> {
    if is_meant {
        return Ok(());
    }
    Err(Mistake::new("obbligatorio", "Per chiudere l'utenza serve una conferma esplicita."))
}

/// What closing the account would do, to be shown before the question.
#[utoipa::path(
    get, path = "/api/account/closure", operation_id = "announceClosure",
    responses(
        (status = 200, description = "What would go and what would stay", body = ClosureView),
    )
)]
pub(crate) async fn announce_closure(
    app: &App,
    request: &ApiRequest,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let sorted =
        own::sort_own(own_applications::of(&app.store.applications, &caller.account).await?);
    http::json(
        200,
        &ClosureView {
            drafts: count(sorted.drafts.len()),
            submitted: sorted.submitted,
            message: "La chiusura è definitiva e non si può annullare. Le domande non ancora inviate vengono eliminate con i loro dati; quelle già inviate restano all'amministrazione perché sono atti pubblici. Chi opera per un'organizzazione ne esce, e le domande compilate per essa restano all'organizzazione. Per usare di nuovo il portale serve una nuova registrazione o un nuovo accesso con SPID o CIE.".to_owned(),
        },
    )
}

/// Closes the account: drafts, password, address and memberships go, sessions end. Repeating it after a failure goes on.
#[utoipa::path(
    post, path = "/api/account/closure", operation_id = "closeAccount",
    request_body = ClosureBody,
    responses(
        (status = 200, description = "Closed; the cookies are removed", body = ClosureView),
        (status = 403, description = "Wrong origin, passwords are switched off, or an office or a list of operators is held"),
        (status = 422, description = "Not confirmed"),
        (status = 503, description = "The store does not answer; what is left goes at the next try"),
    )
)]
pub(crate) async fn close(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change_at_level_1(request).await?;
    // A person does not leave an office by a click: the administration that gave it takes it away.
    if !service::is_usable(Service::CloseAccount, caller.role, caller.profile, caller.level) {
        return Err(Problem::new(ProblemKind::NotAllowed).detail(
            if caller.role == Role::OrganisationContact {
                IS_CONTACT
            } else {
                "Un ufficio non si lascia chiudendo l'utenza: lo toglie chi lo ha assegnato. Rivolgiti al tuo ufficio; poi potrai chiudere l'utenza."
            },
        ));
    }
    let now = request.arrival;
    let mut body: ClosureBody = request.form()?;
    let is_confirmed = body.confirm();
    body.complete(is_confirmed)?;
    let account = data::find_account(app, &caller).await?;
    // Before anything is deleted: a contact is refused whole.
    let mut along = leaving(app, &account.id, now).await?;

    let all = own_applications::of(&app.store.applications, &account.id).await?;
    let sorted = own::sort_own(all);
    let mut submitted = sorted.submitted;
    let mut deleted: u32 = 0;
    for draft in sorted.drafts {
        if delete(app, &account.id, draft, request).await? {
            deleted = deleted.saturating_add(1);
        } else {
            submitted = submitted.saturating_add(1);
        }
    }
    let counts = BTreeMap::from([
        ("drafts".to_owned(), deleted.to_string()),
        ("submitted".to_owned(), submitted.to_string()),
    ]);
    let letter = LetterId::from_random(fresh()?);
    along.push(app.store.sessions.ending_all(&account.id, clock::wall(), None)?);
    if !app.email_accounts.close(&account, &counts, letter, along, now).await? {
        return Err(Contended.into());
    }
    tracing::info!(account.id = %account.id, drafts = deleted, submitted, "account closed");
    let answer = http::json(
        200,
        &ClosureView {
            drafts: deleted,
            submitted,
            message: "L'utenza è chiusa. Le domande non inviate sono state eliminate; quelle già inviate restano all'amministrazione.".to_owned(),
        },
    )?;
    http::with_cookies(answer, &no_cookies())
}

/// What a contact reads: a list must not lose its only contact (ORG-4).
const IS_CONTACT: &str = "Sei il referente di un'organizzazione e ne tieni l'elenco degli operatori. Chiedi all'Help Desk che un amministratore registri un altro referente e la tua cessazione; poi potrai chiudere l'utenza.";

/// An operator who closes the account leaves the organisation, too: the end stands in its list from now on (ORG-4).
async fn leaving(
    app: &App,
    account: &AccountId,
    now: Timestamp,
) -> Result<Vec<AlongWrite>, Problem> {
    let person =
        app.store.organisations.people(std::slice::from_ref(account), None).await?.remove(account);
    let works_for = person
        .and_then(|person| person.membership)
        .filter(|membership| membership.in_force(now))
        .and_then(|membership| membership.organisation);
    let Some(organisation) = works_for else { return Ok(Vec::new()) };
    let operator = app.store.organisations.operator(&organisation, account).await?;
    let Some(operator) = operator.filter(|one| one.in_force(now)) else { return Ok(Vec::new()) };
    if operator.role == Role::OrganisationContact {
        return Err(Problem::new(ProblemKind::NotAllowed).detail(IS_CONTACT));
    }
    Ok(app.store.organisations.leaving(&organisation, &operator, now, account, now)?.into())
}

/// Deletes one draft; false when it was sent meanwhile.
async fn delete(
    app: &App,
    account: &AccountId,
    mut draft: Application,
    request: &ApiRequest,
) -> Result<bool, Problem> {
    let mut tries = Tries::for_each_of_many();
    loop {
        tries.begin().await?;
        let who = Who::Account(account.clone());
        let deleted = deletion::delete(
            &app.store.applications,
            &app.store.drafts,
            &draft,
            who,
            request.arrival,
        );
        match deleted.await {
            Ok(()) => return Ok(true),
            Err(DeleteError::Refused) => return Ok(false),
            Err(DeleteError::NoSchema) => return Err(Problem::new(ProblemKind::NoSuchModel)),
            Err(DeleteError::Save(store::rows::SaveError::Store(error))) => {
                return Err(error.into());
            }
            Err(DeleteError::Save(_)) => match app.store.applications.head(&draft.id).await? {
                Some(head) => draft = head,
                None => return Ok(true),
            },
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
