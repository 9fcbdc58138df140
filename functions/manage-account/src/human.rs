//! The human check and its accessible fallback: a code by mail (ACC-1, ADR 11).

use domain::{email_address::EmailAddress, ids::LetterId};
use edge::{
    form,
    http::{self, ApiRequest, Form as _, Problem},
};
use lambda_http::{Body, Response};
use store::{attempts::Limit, human_check::Challenge};

use crate::{App, fresh, registration::MessageView, request};

const OF_A_CLIENT: [Limit; 2] =
    [Limit::per_minute("human-mail-client", 20), Limit::per_day("human-mail-client-day", 300)];
const OF_AN_ADDRESS: [Limit; 2] =
    [Limit::per_hour("human-mail", 5), Limit::per_day("human-mail-day", 10)];

form! {
    /// Where the code shall go.
    pub(crate) struct HumanCheckMailBody {
        /// The address that the following form names, too.
        email: EmailAddress = request::address(),
    }
}

/// A challenge for ALTCHA's widget; its solution is good once, for 20 minutes.
#[utoipa::path(
    get, path = "/api/human-check", operation_id = "humanCheck",
    responses(
        (status = 200, description = "To be solved by the page", body = Challenge),
        (status = 405, description = "Only GET"),
    )
)]
pub(crate) async fn challenge(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    http::json(200, &app.human.challenge(fresh()?, request.arrival))
}

/// Mails a code that replaces the solved challenge in the next form with the same address.
#[utoipa::path(
    post, path = "/api/human-check/mail", operation_id = "mailHumanCheckCode",
    request_body = HumanCheckMailBody,
    responses(
        (status = 202, description = "A code is on its way", body = MessageView),
        (status = 422, description = "The address is wrong"),
        (status = 429, description = "Too many codes"),
    )
)]
pub(crate) async fn mail_code(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    app.limits.admit_client(request, &OF_A_CLIENT).await?;
    let mut body: HumanCheckMailBody = request.form()?;
    let address = body.email();
    let address = body.complete(address)?;
    let opaque = app.email_accounts.opaque(&address);
    app.limits.admit(&opaque, &OF_AN_ADDRESS, request).await?;
    let letter = LetterId::from_random(fresh()?);
    // To the mailbox as it was confirmed: the code proves that a person reads it (IDP-2), and another spelling may be
    // another person's.
    let mailbox = app.email_accounts.mailbox_of(&address).await?;
    let address = mailbox.map_or(address, |(_, mailbox)| mailbox);
    app.human.mail_code(&address, letter, request.arrival).await?;
    http::json(
        202,
        &MessageView {
            message: "Il codice di verifica è in arrivo all'indirizzo indicato: inseriscilo al posto della verifica automatica. Vale 30 minuti, una volta sola.".to_owned(),
        },
    )
}
