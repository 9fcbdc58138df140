//! Takes a person back from the identity provider: checks everything, then opens the session.

use domain::ids::AccountId;
use edge::http::{self, ApiRequest, Problem};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use store::{
    accounts::Account,
    contention::none_on_conflict,
    rows::millis,
    sign_ins::{SignIn, SignInReturn},
};

use crate::{
    App,
    begin::{BROWSER_COOKIE, no_browser_cookie, told_on_a_page},
    defect::Defect,
    hashed,
    identity::{Expected, Identity},
    is_ours,
    open::open,
    provider::Failed,
    refusal::Refusal,
    spid::Level,
};

/// Ends a sign-in: creates or refreshes the account, opens the session, leads to the page where it began (IDP-1, IDP-4).
#[utoipa::path(
    get, path = "/api/sign-in/callback", operation_id = "finishSignIn",
    params(
        ("state" = String, Query, description = "As it was sent to the identity provider"),
        ("code" = Option<String>, Query, description = "To be redeemed once"),
        ("error" = Option<String>, Query, description = "Instead of a code"),
        ("error_description" = Option<String>, Query, description = "Holds SPID's number of the error"),
        ("iss" = Option<String>, Query, description = "The provider that answers"),
    ),
    responses(
        (status = 303, description = "To the page where the sign-in began, with the `__Host-session` and `__Host-refresh` cookies; where a browser asks for a page and is refused, to `/accesso/esito`"),
        (status = 403, description = "Refused; `reason` says why in a stable word, `retry` where to begin again"),
        (status = 503, description = "The identity provider or the store does not answer"),
    )
)]
pub(crate) async fn finish(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    open_session(app, request).await.map_err(|problem| told_on_a_page(request, problem))
}

async fn open_session(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let now = request.arrival;
    let sign_in = take_sign_in(app, request).await?;
    if request.query("iss").is_some_and(|issuer| issuer != app.provider.issuer()) {
        return Err(Refusal::OtherProvider.into());
    }
    if let Some(error) = request.query("error").filter(|error| !error.is_empty()) {
        let description = request.query("error_description").unwrap_or_default();
        return Err(Refusal::of_provider(error, description).into());
    }
    let code = request.query("code").filter(|code| !code.is_empty()).ok_or(Refusal::NoCode)?;
    let level =
        Level::of_number(sign_in.level).ok_or(Refusal::Failed(Failed::Answer(Defect::Level)))?;
    let expected = Expected { nonce: &sign_in.nonce, level, now };
    let identity =
        app.provider.identity(code, &sign_in.verifier, &expected).await.map_err(Refusal::Failed)?;
    let account = account(app, &identity, now);
    app.store.accounts.record_sign_in(&account, now).await?;
    name_first_administrator(app, &account.id, now).await?;
    let level = identity.level.number();
    let opened = open(app, account.id, level, &sign_in.sessions, now).await?;
    let [session, refresh] = opened.cookies;
    http::see_other(sign_in.return_to.path(), &[session, refresh, no_browser_cookie()])
}

/// Gives the person whom the deployment names the office of administrator, once: a later withdrawal holds (ADM-1).
async fn name_first_administrator(
    app: &App,
    account: &AccountId,
    now: Timestamp,
) -> Result<(), Problem> {
    if app.first_administrator.as_ref() != Some(account) {
        return Ok(());
    }
    let named = app.store.officials.name_first(account, now).await;
    if none_on_conflict(named)?.is_some() {
        tracing::warn!(account.id = %account, "the first administrator of this deployment has signed in");
    }
    Ok(())
}

/// The sign-in that this browser began, taken out so that no second return finds it.
async fn take_sign_in(app: &App, request: &ApiRequest) -> Result<SignIn, Problem> {
    let state = request.query("state").filter(|state| is_ours(state)).ok_or(Refusal::Unknown)?;
    // Without its cookie no browser is the right one; the sign-in stays for the one that has it.
    let browser = request
        .cookie(BROWSER_COOKIE)
        .filter(|browser| is_ours(browser))
        .ok_or(Refusal::OtherBrowser)?;
    match app.store.sign_ins.take(&hashed(state), &hashed(browser), request.arrival).await? {
        SignInReturn::Found(sign_in) => Ok(sign_in),
        SignInReturn::Unknown => Err(Refusal::Unknown.into()),
        SignInReturn::Expired => Err(Refusal::Expired.into()),
        SignInReturn::OtherBrowser => Err(Refusal::OtherBrowser.into()),
    }
}

/// The account as the identity provider describes it now.
fn account(app: &App, identity: &Identity, now: Timestamp) -> Account {
    Account {
        // Keyed on the fiscal code alone: names and dates differ between providers (IDP-4).
        id: app.keying.account(&identity.person),
        fiscal_code: Some(identity.person.reveal().to_owned()),
        given_name: identity.given_name.clone(),
        family_name: identity.family_name.clone(),
        email: identity.email.as_ref().map(|email| email.reveal().to_owned()),
        birth_date: None,
        linked_to: None,
        formerly: None,
        consent: None,
        created: millis(now),
        last_sign_in: millis(now),
    }
}
