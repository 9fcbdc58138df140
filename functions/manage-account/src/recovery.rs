//! Password recovery (ACC-5): behind a human check, by a single-use link, with the same answer for everybody.

use domain::ids::{AccountId, LetterId};
use edge::http::{self, Exchange, Problem, ProblemKind};
use edge::human_check;
use lambda_http::{Body, Response};
use outside::{clock, passwords};
use serde::Deserialize;
use store::attempts::Limit;
use utoipa::ToSchema;

use crate::{Needs, asked, fresh, registration::MessageView};

const OF_A_CLIENT: [Limit; 2] =
    [Limit::per_minute("recover-client", 20), Limit::per_day("recover-client-day", 200)];
const OF_AN_ADDRESS: [Limit; 2] = [Limit::per_hour("recover", 3), Limit::per_day("recover-day", 6)];
const LINKS_OF_A_CLIENT: [Limit; 1] = [Limit::per_minute("recover-link-client", 60)];

/// Whose password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct RecoveryAsked {
    /// The account's address.
    pub email: String,
    /// The widget's payload, or the code that was mailed to the address.
    pub human_check: String,
}

/// The new password.
#[derive(Debug, Deserialize, ToSchema)]
pub struct PasswordChosen {
    /// What follows `#` in the link.
    pub token: String,
    /// At least 8 characters with a digit, typed …
    pub password: String,
    /// … twice.
    pub password_repeated: String,
}

/// Sends a link to choose a new password, if the address has an account; the answer is the same if not.
#[utoipa::path(
    post, path = "/api/account/recovery", operation_id = "askRecovery",
    request_body = RecoveryAsked,
    responses(
        (status = 202, description = "If the address has an account, a letter is on its way", body = MessageView),
        (status = 429, description = "Too many requests"),
    )
)]
pub async fn ask_recovery(needs: &Needs, exchange: &Exchange) -> Result<Response<Body>, Problem> {
    exchange.require_origin(&needs.public_origin)?;
    let now = exchange.arrival;
    needs.limits.admit_client(exchange, &OF_A_CLIENT).await?;
    let mut fields = exchange.fields()?;
    let address = asked::address(&mut fields, "email");
    let proof = asked::human_check(needs, &mut fields, address.as_ref(), now).await?;
    let (address, proof) = fields.complete(address.zip(proof))?;
    // Spent before the address is counted: nobody blocks a stranger's recovery with one proof.
    human_check::require_unused(&needs.human, &proof, now).await?;
    let opaque = needs.email_accounts.opaque(&address);
    needs.limits.admit(&opaque, &OF_AN_ADDRESS, exchange).await?;
    let (nobody, letter) = (AccountId::from_random(fresh()?), LetterId::from_random(fresh()?));
    needs.email_accounts.send_recovery(&address, nobody, letter, now).await?;
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
    request_body = PasswordChosen,
    responses(
        (status = 200, description = "The password is changed, all sessions are over", body = MessageView),
        (status = 409, description = "The link is not good (any more)"),
        (status = 429, description = "Too many tries from this address"),
    )
)]
pub async fn choose_password(
    needs: &Needs,
    exchange: &Exchange,
) -> Result<Response<Body>, Problem> {
    exchange.require_origin(&needs.public_origin)?;
    let now = exchange.arrival;
    needs.limits.admit_client(exchange, &LINKS_OF_A_CLIENT).await?;
    let mut fields = exchange.fields()?;
    let token = fields.text("token");
    let not_good = || Problem::new(ProblemKind::LinkNotGood);
    // Looked up first: whose names the password must not hold is known by the link alone.
    let account = match &token {
        Some(token) => match needs.email_accounts.recovering(token, now).await? {
            Some(id) => needs.accounts.find(&id).await?,
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
    let password = asked::password_twice(&mut fields, &own);
    let (token, password) = fields.complete(token.zip(password))?;
    let account = account.ok_or_else(not_good)?;
    let hash = passwords::hash(&password, fresh()?).map_err(|error| Problem::internal(&error))?;
    let letter = LetterId::from_random(fresh()?);
    let ends = needs.sessions.end_all_item(&account.id, clock::wall(), None)?;
    if !needs.email_accounts.recover(&token, &account, hash, letter, ends, now).await? {
        return Err(not_good());
    }
    http::json(
        200,
        &MessageView {
            message: "La password è cambiata e tutte le sessioni sono state chiuse: entra con la nuova password.".to_owned(),
        },
    )
}
