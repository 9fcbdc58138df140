//! An administrator undoes a link that was not its owner's: everything that followed goes back (IDP-2).

use domain::{
    ids::{AccountId, LetterId},
    permission,
};
use edge::{
    form,
    http::{
        self, ApiRequest, Form as _, Problem, ProblemKind,
        form::{Input as _, Mistake, text},
    },
    routes::InPath,
};
use lambda_http::{Body, Response};
use serde::Serialize;
use store::{account_links::Undoing, accounts::Account, contention::none_on_conflict};
use utoipa::ToSchema;

use crate::{
    App,
    follow::{Back, give_back},
    fresh,
};

/// How many applications go back in one request; more follow when it is sent again.
const MOST_AT_ONCE: i32 = 100;

/// The shortest reason that says something, in characters.
const SHORTEST_REASON: usize = 10;

form! {
    /// Why a link is undone.
    pub(crate) struct UndoBody {
        /// For the event that is recorded, in 10 to 1,000 characters; no letter repeats it.
        reason: String = text().shortest(SHORTEST_REASON).longest(1_000).checked(reason_of),
    }
}

/// What went back.
#[derive(Debug, Serialize, ToSchema)]
pub struct UndoneView {
    /// How many applications belong to the former account again by this request.
    pub applications: u32,
    /// How many were deleted meanwhile, and stay so.
    pub deleted: u32,
    /// Whether the same request has to be sent again for the rest.
    pub more: bool,
    /// In Italian.
    pub message: String,
}

/// Undoes the link of a former account: its password opens it again, and what followed goes back. Sent again, it goes on.
#[utoipa::path(
    post, path = "/api/account/links/{account}/undo", operation_id = "undoLink",
    params(("account" = String, Path, description = "The former account, as the letter to its address names it")),
    request_body = UndoBody,
    responses(
        (status = 200, description = "What went back", body = UndoneView),
        (status = 403, description = "Not an administrator, the administrator's own link, wrong origin, or too low a level"),
        (status = 404, description = "No such former account, or it was never linked"),
        (status = 422, description = "No reason"),
    )
)]
pub(crate) async fn undo_link(
    app: &App,
    request: &ApiRequest,
    account: InPath<'_, AccountId>,
) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    if !permission::undoes_links(caller.role) {
        return Err(Problem::new(ProblemKind::NotAllowed));
    }
    let not_found = || Problem::new(ProblemKind::NotFound);
    let id = account.read()?;
    let mut body: UndoBody = request.form()?;
    let reason = body.reason();
    let reason = body.complete(reason)?;
    let former = app.store.accounts.find(&id).await?.ok_or_else(not_found)?;
    if former.linked_to.as_ref() == Some(&caller.account) {
        return Err(Problem::new(ProblemKind::NotAllowed)
            .detail("Questa associazione è la tua: la annulla un altro amministratore."));
    }
    let now = request.arrival;
    match &former.linked_to {
        Some(to) => {
            // An account that was closed meanwhile has no mailbox to tell.
            let closed = || Account { id: to.clone(), email: None, ..former.clone() };
            let to = app.store.accounts.find(to).await?.unwrap_or_else(closed);
            let letters = [LetterId::from_random(fresh()?), LetterId::from_random(fresh()?)];
            let undoing = Undoing { by: &caller.account, reason: &reason, at: now, letters };
            // On a conflict another administrator was faster: what is left goes back all the same.
            none_on_conflict(app.email_accounts.undo_link(&former, &to, undoing).await)?;
        }
        None if app.email_accounts.was_undone(&id).await? => {}
        None => return Err(not_found()),
    }
    let followed = app.email_accounts.followed(&id, MOST_AT_ONCE).await?;
    let more = i32::try_from(followed.len()).is_ok_and(|count| count >= MOST_AT_ONCE);
    let (mut applications, mut deleted) = (0_u32, 0_u32);
    for linked in &followed {
        match give_back(app, linked, &caller.account, now).await? {
            Back::Moved => applications = applications.saturating_add(1),
            Back::Gone => deleted = deleted.saturating_add(1),
        }
    }
    tracing::info!(account.former = %id, applications, deleted, "link undone");
    let message = if more {
        "Annullata in parte: invia di nuovo la stessa richiesta per le domande che restano."
    } else {
        "L'associazione è annullata: le domande sono tornate all'utenza precedente, che si apre di nuovo con la sua password."
    };
    let message = message.to_owned();
    http::json(200, &UndoneView { applications, deleted, more, message })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn reason_of(text: String) -> Result<String, Mistake> {
    let text = text.trim();
    if text.chars().count() < SHORTEST_REASON {
        let message = "Scrivi perché l'associazione viene annullata, in almeno 10 caratteri.";
        return Err(Mistake::new("troppo-corto", message));
    }
    Ok(text.to_owned())
}
