//! Password recovery (ACC-5): behind a human check, by a single-use link, with the same answer for everybody.

use domain::{
    email_address::EmailAddress,
    ids::{AccountId, LetterId},
};
use edge::{
    form,
    http::{
        self, ApiRequest, Form as _, Problem, ProblemKind,
        form::{secret, text},
    },
    human_check,
};
use lambda_http::{Body, Response};
use outside::{clock, passwords};
use store::{
    attempts::{Limit, PASSWORD_TRIES, PASSWORDS_COMPARED},
    human_check::Proof,
};

use crate::{App, fresh, registration::MessageView, request};

const OF_A_CLIENT: [Limit; 2] =
    [Limit::per_minute("recover-client", 20), Limit::per_day("recover-client-day", 200)];
/// By the hour alone, for which a link is good: a stranger who asks in the owner's place leaves the owner a good link.
const OF_AN_ADDRESS: Limit = Limit::per_hour("recover", 3);
const LINKS_OF_A_CLIENT: [Limit; 1] = [Limit::per_minute("recover-link-client", 60)];

form! {
    /// Whose password.
    pub(crate) struct RecoveryBody {
        /// The account's address.
        email: EmailAddress = request::address(),
        /// The widget's payload, or the code that was mailed to the address.
        human_check: String = text(),
    }

    /// The new password.
    pub(crate) struct NewPasswordBody {
        /// What follows `#` in the link.
        token: String = text(),
        /// At least 8 characters with a digit, typed …
        password: String = secret(),
        /// … twice.
        password_repeated: String = secret(),
    }
}

/// Sends a link to choose a new password, if the address has an account; the answer is the same if not.
#[utoipa::path(
    post, path = "/api/account/recovery", operation_id = "askRecovery",
    request_body = RecoveryBody,
    responses(
        (status = 202, description = "If the address has an account, a letter is on its way", body = MessageView),
        (status = 429, description = "Too many requests"),
    )
)]
pub(crate) async fn ask_recovery(
    app: &App,
    request: &ApiRequest,
) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    let now = request.arrival;
    app.limits.admit_client(request, &OF_A_CLIENT).await?;
    let mut body: RecoveryBody = request.form()?;
    let (address, sent) = (body.email(), body.human_check());
    let proof = request::human_check(app, &mut body, sent, address.as_ref(), now).await?;
    let (address, proof) = body.complete(address.zip(proof))?;
    // Used up before the address is counted: one proof does not block a stranger's recovery.
    human_check::require_unused(&app.human, &proof, now).await?;
    let opaque = app.email_accounts.opaque(&address);
    let attempts = app.limits.attempts();
    // A person who reads the mailbox owns it, and asks for as much mail as codes were sent to it.
    if matches!(proof, Proof::Solved { .. })
        && attempts.count_for(&OF_AN_ADDRESS, &opaque, now).await? > OF_AN_ADDRESS.most
    {
        return Err(Problem::new(ProblemKind::TooMany)
            .detail("Per questo indirizzo sono già partiti tre messaggi in quest'ora: usa il collegamento dell'ultimo arrivato. Vale anche se la richiesta non è partita da te.")
            .retry_after_s(OF_AN_ADDRESS.until_next(now)));
    }
    let (nobody, letter) = (AccountId::from_random(fresh()?), LetterId::from_random(fresh()?));
    app.email_accounts.send_recovery(&address, nobody, letter, now).await?;
    http::json(
        202,
        &MessageView {
            message: "Se l'indirizzo appartiene a un'utenza, un messaggio con il collegamento per scegliere una nuova password è in arrivo. Vale un'ora, una volta sola.".to_owned(),
        },
    )
}

/// Replaces the password and ends all sessions; the link is used up.
#[utoipa::path(
    post, path = "/api/account/recovery/password", operation_id = "choosePassword",
    request_body = NewPasswordBody,
    responses(
        (status = 200, description = "The password is changed, all sessions are over", body = MessageView),
        (status = 409, description = "The link is not good (any more)"),
        (status = 429, description = "Too many tries from this address"),
    )
)]
pub(crate) async fn choose_password(
    app: &App,
    request: &ApiRequest,
) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    let now = request.arrival;
    app.limits.admit_client(request, &LINKS_OF_A_CLIENT).await?;
    let mut body: NewPasswordBody = request.form()?;
    let token = body.token();
    let not_good = || Problem::new(ProblemKind::LinkNotGood);
    // Looked up first: whose names the password must not hold is known by the link alone.
    let account = match &token {
        Some(token) => match app.email_accounts.account_to_recover(token, now).await? {
            Some(id) => app.store.accounts.find(&id).await?,
            None => return Err(not_good()),
        },
        None => None,
    };
    let own: Vec<&str> = account
        .iter()
        .flat_map(|account| {
            [account.given_name.as_str(), account.family_name.as_str()]
                .into_iter()
                .chain(account.email.as_deref())
        })
        .collect();
    let (password, repeated) = (body.password(), body.password_repeated());
    let password = request::same_password(&mut body, password, repeated, &own);
    let (token, password) = body.complete(token.zip(password))?;
    let account = account.ok_or_else(not_good)?;
    let hash = passwords::hash(&password, fresh()?).map_err(|error| Problem::internal(&error))?;
    let letter = LetterId::from_random(fresh()?);
    let ends = app.store.sessions.ending_all(&account.id, clock::wall(), None)?;
    if !app.email_accounts.recover(&token, &account, hash, letter, ends, now).await? {
        return Err(not_good());
    }
    // The owner is in: wrong passwords of strangers keep them out no longer.
    if let Some(address) = account.email.as_deref().and_then(|email| email.parse().ok()) {
        let opaque = app.email_accounts.opaque(&address);
        for limit in [&PASSWORD_TRIES, &PASSWORDS_COMPARED, &OF_AN_ADDRESS] {
            app.limits.attempts().lift(limit, &opaque, now).await?;
        }
    }
    http::json(
        200,
        &MessageView {
            message: "La password è cambiata e tutte le sessioni sono state chiuse: entra con la nuova password.".to_owned(),
        },
    )
}
