//! One's own personal data: shown, and changed in one step (ACC-4). What SPID or CIE vouch for is not changed here.

use domain::{email_address::EmailAddress, ids::LetterId, password::Password};
use edge::{
    form,
    http::{
        self, ApiRequest, FieldProblem, Fields, Form as _, Problem, ProblemKind,
        form::{Input as _, secret, text},
    },
};
use jiff::{Timestamp, civil::Date};
use lambda_http::{Body, Response};
use outside::{clock, passwords};
use serde::Serialize;
use store::{
    accounts::Account,
    attempts::Limit,
    email_accounts::{DataChange, StoredPassword},
    sessions::Caller,
};
use utoipa::ToSchema;

use crate::{App, fresh, registration::MessageView, request};

const OF_AN_ACCOUNT: [Limit; 2] =
    [Limit::per_minute("account-change", 10), Limit::per_day("account-change-day", 100)];
const LINKS_OF_A_CLIENT: [Limit; 1] = [Limit::per_minute("confirm-client", 60)];
/// Letters about a change to one new address: an account must not fill a stranger's mailbox.
const OF_A_NEW_ADDRESS: [Limit; 2] =
    [Limit::per_hour("new-address", 5), Limit::per_day("new-address-day", 10)];

/// What may be changed of an e-mail account.
const CHANGEABLE: [&str; 5] = ["given_name", "family_name", "birth_date", "email", "password"];

/// One's own personal data.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// The account, opaque.
    pub account: String,
    /// `email` or `identity` (SPID or CIE).
    pub kind: &'static str,
    /// First name.
    pub given_name: String,
    /// Surname.
    pub family_name: String,
    /// Date of birth, where it is known.
    #[schema(format = Date)]
    pub birth_date: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Fiscal code, of an account by SPID or CIE.
    pub fiscal_code: Option<String>,
    /// The consent given at the registration by e-mail.
    pub consent: Option<ConsentView>,
    /// The fields that can be changed here.
    pub changeable: Vec<&'static str>,
    /// Why the others cannot.
    pub note: Option<&'static str>,
}

/// The consent to data processing, with the notice that it is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsentView {
    /// The campaign whose privacy notice was read.
    pub campaign: String,
    /// The version of the notice; its text is the public file `/facts/privacy/<campaign>/<version>.json`.
    pub privacy_version: String,
    /// When, RFC 3339.
    #[schema(format = DateTime)]
    pub at: String,
}

form! {
    /// What shall change; at least one field (ACC-4).
    pub(crate) struct AccountChangeBody {
        /// First name.
        given_name: String = request::name().sometimes(),
        /// Surname.
        family_name: String = request::name().sometimes(),
        /// `YYYY-MM-DD`.
        birth_date: Date = request::birth_date().sometimes(),
        /// The new address, typed …
        email: EmailAddress = request::address().sometimes(),
        /// … twice. It takes effect when its link is opened.
        email_repeated: EmailAddress = request::address().sometimes(),
        /// The new password, typed …
        password: String = secret().sometimes(),
        /// … twice.
        password_repeated: String = secret().sometimes(),
        /// Asked for with a new password or a new address.
        current_password: String = secret().sometimes(),
    }

    /// A link's token.
    pub(crate) struct AddressConfirmationBody {
        /// What follows `#` in the link.
        token: String = text(),
    }
}

/// One's own personal data.
#[utoipa::path(
    get, path = "/api/account", operation_id = "readAccount",
    responses(
        (status = 200, description = "As stored", body = AccountView),
    )
)]
pub(crate) async fn read(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let account = find_account(app, &caller).await?;
    http::json(200, &AccountView::of(account))
}

/// Changes one or more personal data in one step, the password and the address among them.
#[utoipa::path(
    patch, path = "/api/account", operation_id = "changeAccount",
    request_body = AccountChangeBody,
    responses(
        (status = 200, description = "Changed; a new address waits for its confirmation", body = MessageView),
        (status = 403, description = "Wrong origin, or passwords are switched off"),
        (status = 409, description = "It was changed meanwhile"),
        (status = 422, description = "Fields are wrong or come from SPID or CIE, all listed"),
        (status = 429, description = "Too many tries"),
    )
)]
pub(crate) async fn change(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change_at_level_1(request).await?;
    let now = request.arrival;
    let account = find_account(app, &caller).await?;
    let body: AccountChangeBody = request.form()?;
    if !account.is_by_email() {
        return Err(from_identity(&body));
    }
    // Each try may be a guess at the current password.
    app.limits.admit(account.id.as_str(), &OF_AN_ACCOUNT, request).await?;
    let stored = app.email_accounts.password(&account.id).await?;
    let change = asked_change(body, &account, stored.as_ref(), request)?;
    if let Some(address) = &change.email {
        let opaque = app.email_accounts.opaque(address);
        app.limits.admit(&opaque, &OF_A_NEW_ADDRESS, request).await?;
    }
    let letters = [
        LetterId::from_random(fresh()?),
        LetterId::from_random(fresh()?),
        LetterId::from_random(fresh()?),
    ];
    let ends = match change.password {
        Some(_) => Some(app.store.sessions.ending_all(
            &account.id,
            clock::wall(),
            Some(&caller.session),
        )?),
        None => None,
    };
    let is_changed =
        app.email_accounts.change(&account, stored.as_ref(), &change, letters, ends, now).await?;
    if !is_changed {
        return Err(Problem::new(ProblemKind::Conflict)
            .detail("I dati sono stati modificati nel frattempo da un'altra scheda: controlla i dati come sono adesso e riprova."));
    }
    http::json(200, &MessageView { message: change_message(&change) })
}

/// A new address takes effect by the link that was sent to it.
#[utoipa::path(
    post, path = "/api/account/email-confirmation", operation_id = "confirmAddress",
    request_body = AddressConfirmationBody,
    responses(
        (status = 200, description = "The new address is in force", body = MessageView),
        (status = 409, description = "The link is not good (any more)"),
        (status = 422, description = "There is no token"),
        (status = 429, description = "Too many tries from this address"),
    )
)]
pub(crate) async fn confirm_address(
    app: &App,
    request: &ApiRequest,
) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    app.limits.admit_client(request, &LINKS_OF_A_CLIENT).await?;
    let mut body: AddressConfirmationBody = request.form()?;
    let token = body.token();
    let token = body.complete(token)?;
    if !app.email_accounts.confirm_address(&token, request.arrival).await? {
        return Err(Problem::new(ProblemKind::LinkNotGood));
    }
    http::json(
        200,
        &MessageView {
            message: "Il nuovo indirizzo e-mail è confermato: da ora vale per l'accesso e per le comunicazioni.".to_owned(),
        },
    )
}

/// The caller's account; one that was closed meanwhile has no session.
pub(crate) async fn find_account(app: &App, caller: &Caller) -> Result<Account, Problem> {
    let account = app.store.accounts.find(&caller.account).await?;
    account.ok_or(Problem::new(ProblemKind::SessionOver))
}

/// All of the form, with every mistake beside its field.
fn asked_change(
    mut body: AccountChangeBody,
    account: &Account,
    stored: Option<&StoredPassword>,
    request: &ApiRequest,
) -> Result<DataChange, Problem> {
    let mut is_whole = true;
    let mut change = DataChange::default();
    let has = |fields: &Fields, names: &[&str]| names.iter().any(|name| fields.has(name));
    if !has(&body, &CHANGEABLE) && !has(&body, &["email_repeated", "password_repeated"]) {
        return Err(
            Problem::new(ProblemKind::InvalidFields).detail("Indica almeno un dato da cambiare.")
        );
    }
    if has(&body, &["given_name"]) {
        change.given_name = body.given_name();
        is_whole &= change.given_name.is_some();
    }
    if has(&body, &["family_name"]) {
        change.family_name = body.family_name();
        is_whole &= change.family_name.is_some();
    }
    if has(&body, &["birth_date"]) {
        let birth_date = body.birth_date();
        change.birth_date = request::plausible(&mut body, birth_date, request.arrival);
        is_whole &= change.birth_date.is_some();
    }
    let mut needs_current = false;
    if has(&body, &["email", "email_repeated"]) {
        needs_current = true;
        let (email, repeated) = (body.email(), body.email_repeated());
        change.email = request::same_address(&mut body, email, repeated);
        is_whole &= change.email.is_some();
    }
    if has(&body, &["password", "password_repeated"]) {
        needs_current = true;
        let own: Vec<&str> = [account.given_name.as_str(), account.family_name.as_str()]
            .into_iter()
            .chain(account.email.as_deref())
            .chain(change.given_name.as_deref())
            .chain(change.family_name.as_deref())
            .chain(change.email.as_ref().map(EmailAddress::reveal))
            .collect();
        let (password, repeated) = (body.password(), body.password_repeated());
        let password = request::same_password(&mut body, password, repeated, &own);
        change.password = match password {
            Some(password) => Some(
                passwords::hash(&password, fresh()?).map_err(|error| Problem::internal(&error))?,
            ),
            None => None,
        };
        is_whole &= change.password.is_some();
    }
    if needs_current {
        is_whole &= is_current(&mut body, stored);
    }
    body.complete(is_whole.then_some(change))
}

fn is_current(body: &mut AccountChangeBody, stored: Option<&StoredPassword>) -> bool {
    let Some(typed) = body.current_password() else { return false };
    if passwords::is_right(&Password::typed(typed), stored.map(|stored| &stored.hash)) {
        return true;
    }
    body.refuse::<()>("current_password", "errata", "La password attuale non è corretta.");
    false
}

/// Field by field: what SPID or CIE vouches for is corrected there (ACC-4).
fn from_identity(fields: &Fields) -> Problem {
    let known =
        CHANGEABLE.into_iter().chain(["email_repeated", "password_repeated", "current_password"]);
    let refused: Vec<_> = known
        .filter(|name| fields.has(name))
        .map(|name| FieldProblem {
            field: name.to_owned(),
            code: "da-identita-digitale".to_owned(),
            message: if name.contains("password") {
                "Accedi con SPID o CIE: il portale non conserva alcuna password.".to_owned()
            } else {
                "Questo dato arriva da SPID o CIE e si aggiorna a ogni accesso: chiedi la correzione al tuo gestore di identità SPID oppure, se entri con la CIE, al tuo Comune.".to_owned()
            },
        })
        .collect();
    if refused.is_empty() {
        return Problem::new(ProblemKind::InvalidFields)
            .detail("Indica almeno un dato da cambiare.");
    }
    Problem::new(ProblemKind::InvalidFields).fields(refused)
}

fn change_message(change: &DataChange) -> String {
    let mut told = "I dati sono stati aggiornati.".to_owned();
    if change.password.is_some() {
        told.push_str(" La password è cambiata e le altre sessioni sono state chiuse.");
    }
    if change.email.is_some() {
        told.push_str(" Il nuovo indirizzo vale solo dopo la conferma: apri il collegamento nel messaggio inviato al nuovo indirizzo.");
    }
    told
}

impl AccountView {
    /// As its owner sees it.
    pub(crate) fn of(account: Account) -> Self {
        let by_email = account.is_by_email();
        Self {
            account: account.id.to_string(),
            kind: if by_email { "email" } else { "identity" },
            given_name: account.given_name,
            family_name: account.family_name,
            birth_date: account.birth_date.map(|date| date.to_string()),
            email: account.email,
            fiscal_code: account.fiscal_code,
            consent: account.consent.map(|consent| ConsentView {
                campaign: consent.campaign.to_string(),
                privacy_version: consent.privacy_version,
                at: written(consent.at),
            }),
            changeable: if by_email { CHANGEABLE.to_vec() } else { Vec::new() },
            note: (!by_email).then_some(
                "I dati arrivano da SPID o CIE e si aggiornano a ogni accesso: chiedi le correzioni al tuo gestore di identità SPID oppure, se entri con la CIE, al tuo Comune.",
            ),
        }
    }
}

/// An instant of the store, RFC 3339.
pub(crate) fn written(millis: i64) -> String {
    Timestamp::from_millisecond(millis).map(|instant| instant.to_string()).unwrap_or_default()
}
