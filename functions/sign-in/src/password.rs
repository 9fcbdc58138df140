//! Sign-in with an e-mail account (ACC-3, ACC-7): limited, at the same cost for everybody, behind a human check after failures.

use domain::{email_address::EmailAddress, ids::AccountId, password::Password, service};
use edge::{
    form,
    http::{
        self, ApiRequest, Form as _, Problem, ProblemKind,
        form::{Input as _, secret, text},
    },
    human_check, limits,
};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use outside::{aws, passwords};
use serde::Serialize;
use store::{
    accounts::Account,
    attempts::{Limit, PASSWORD_TRIES, PASSWORDS_COMPARED},
    human_check::{HumanCheckFault, Proof},
};
use utoipa::ToSchema;

use crate::{
    App,
    open::{open, sessions_of},
};

/// Tries of one client: an office, or a whole town behind one address, shares it.
const OF_A_CLIENT: Limit = Limit::per_minute("password-client", 120);
/// Wrong passwords of one client, after which each try of it needs a human check: many addresses with one password.
const FAILURES_OF_A_CLIENT: Limit = Limit::per_hour("password-failed-client", 30);
/// So many campaigns are read at once.
const AT_ONCE: usize = 8;

form! {
    /// Address and password (ACC-3).
    pub(crate) struct PasswordSignInBody {
        /// The account's address.
        email: EmailAddress = text().parsed(
            "L'indirizzo e-mail non è scritto correttamente, per esempio nome@dominio.it.",
        ),
        /// The password.
        password: String = secret(),
        /// Asked for after some failures: the widget's payload, or the code that was mailed to the address.
        human_check: String = text().optional(),
    }
}

/// What a sign-in gives, beside the cookies.
#[derive(Debug, Serialize, ToSchema)]
pub struct PasswordSignInView {
    /// 1, or 0 while passwords are switched off.
    #[schema(minimum = 0, maximum = 1)]
    pub level: u8,
    /// When the session must be refreshed, RFC 3339.
    #[schema(format = DateTime)]
    pub expires: String,
}

/// Address and password as the caller typed them, with the human check where one is needed.
struct Credentials {
    email: EmailAddress,
    password: Password,
    proof: Option<Proof>,
}

/// Signs in with an e-mail account. What needs SPID level 2 stays closed (ACC-7).
#[utoipa::path(
    post, path = "/api/sign-in/password", operation_id = "signInWithPassword",
    request_body = PasswordSignInBody,
    responses(
        (status = 200, description = "Signed in; sets the `__Host-session` and `__Host-refresh` cookies", body = PasswordSignInView),
        (status = 403, description = "Wrong origin, or address or password is wrong; `human_check_required` says whether the next try needs one"),
        (status = 422, description = "Fields are wrong, or a human check is missing"),
        (status = 429, description = "Too many tries"),
    )
)]
pub(crate) async fn sign_in(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    let now = request.arrival;
    let attempts = app.limits.attempts();
    let client = app.limits.client(request);
    limits::admit(attempts, &OF_A_CLIENT, &client, now).await?;
    let (credentials, tries) = read(app, request, &client).await?;
    if let Some(proof) = &credentials.proof {
        human_check::require_unused(&app.human, proof, now).await.map_err(with_human_check)?;
    }
    let opaque = app.email_accounts.opaque(&credentials.email);
    // A person who reads the address's mailbox owns it: what strangers tried keeps no owner out.
    let is_owner = matches!(credentials.proof, Some(Proof::Mailed { .. }));
    if !is_owner
        && attempts.count_for(&PASSWORDS_COMPARED, &opaque, now).await? > PASSWORDS_COMPARED.most
    {
        return Err(with_human_check(Problem::new(ProblemKind::TooMany))
            .detail("Troppi tentativi di accesso con questo indirizzo. Per entrare subito chiedi il codice per e-mail e scrivilo al posto della verifica automatica, oppure scegli «Password dimenticata».")
            .retry_after_s(PASSWORDS_COMPARED.until_next(now)));
    }
    let Some(account) = find_account(app, &credentials).await? else {
        let failures = attempts.count_for(&FAILURES_OF_A_CLIENT, &client, now).await?;
        let is_required = tries >= PASSWORD_TRIES.most || failures >= FAILURES_OF_A_CLIENT.most;
        return Err(
            Problem::new(ProblemKind::WrongCredentials).with("human_check_required", is_required)
        );
    };
    let level = service::password_level(is_switched_on(app, now).await?);
    app.email_accounts.record_sign_in(&account.id, now).await?;
    let opened = open(app, account.id, level, &sessions_of(app, request), now).await?;
    let view = PasswordSignInView { level, expires: opened.expires.to_string() };
    http::with_cookies(http::json(200, &view)?, &opened.cookies)
}

/// Whether passwords open more than the help desk now: some campaign in force says so (ACC-7).
async fn is_switched_on(app: &App, now: Timestamp) -> Result<bool, Problem> {
    let listed = app.store.campaigns.listed().await?;
    let mut found = stream::iter(listed)
        .map(|id| async move { app.store.campaigns.in_force(&id, now).await })
        .buffered(AT_ONCE);
    while let Some(campaign) = found.next().await {
        if let Some(campaign) = campaign?
            && campaign.password_sign_in(campaign.effective_now(now))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The form, and how often this address was tried within the hour; a human check is judged where one is needed.
async fn read(
    app: &App,
    request: &ApiRequest,
    client: &str,
) -> Result<(Credentials, u64), Problem> {
    let now = request.arrival;
    let mut body: PasswordSignInBody = request.form()?;
    let (email, password, sent) = (body.email(), body.password(), body.human_check());
    let (email, password) = body.complete(email.zip(password.map(Password::typed)))?;
    let attempts = app.limits.attempts();
    let tries =
        attempts.count_for(&PASSWORD_TRIES, &app.email_accounts.opaque(&email), now).await?;
    let failures = attempts.so_far(&FAILURES_OF_A_CLIENT, client, now).await?;
    let is_required = tries > PASSWORD_TRIES.most || failures >= FAILURES_OF_A_CLIENT.most;
    let proof = match sent {
        _ if !is_required => None,
        None => return Err(with_human_check(HumanCheckFault::Missing.into())),
        Some(sent) => match app.human.examine(&sent, Some(&email), now).await? {
            Ok(proof) => Some(proof),
            Err(fault) => return Err(with_human_check(fault.into())),
        },
    };
    Ok((Credentials { email, password, proof }, tries))
}

/// The account, if the password is its own. For an address without an account, or an account without a password, it
/// reads and hashes the same, so that time does not tell whether the address is known.
async fn find_account(app: &App, credentials: &Credentials) -> Result<Option<Account>, Problem> {
    let nobody = AccountId::from_random(aws::random().map_err(|error| Problem::internal(&error))?);
    let id = app.email_accounts.account_of(&credentials.email).await?.unwrap_or(nobody);
    let stored = app.email_accounts.password(&id).await?;
    if !passwords::is_right(&credentials.password, stored.as_ref().map(|stored| &stored.hash)) {
        return Ok(None);
    }
    Ok(app.store.accounts.find(&id).await?)
}

/// Tells the page that the next try needs a human check, too.
fn with_human_check(problem: Problem) -> Problem {
    problem.with("human_check_required", true)
}
