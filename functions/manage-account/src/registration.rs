//! Registration and activation (ACC-1, ACC-2): an account comes into being only by link and code.

use domain::{
    activation::ActivationCode,
    email_address::EmailAddress,
    ids::{AccountId, CampaignId, LetterId, RegistrationId},
    letter::{LetterKind, LinkPurpose},
    password::Password,
};
use edge::{
    form,
    http::{
        self, ApiRequest, Form as _, Problem, ProblemKind,
        form::{Input as _, Mistake, boolean, secret, text},
    },
    human_check,
};
use jiff::civil::Date;
use lambda_http::{Body, Response};
use outside::passwords;
use serde::Serialize;
use store::{
    accounts::Consent,
    attempts::Limit,
    email_accounts::{Activated, Registration},
    human_check::Proof,
    rows::millis,
};
use utoipa::ToSchema;

use crate::{App, fresh, request};

const OF_A_CLIENT: [Limit; 2] =
    [Limit::per_minute("register-client", 30), Limit::per_day("register-client-day", 300)];
const OF_AN_ADDRESS: [Limit; 2] =
    [Limit::per_hour("register", 5), Limit::per_day("register-day", 10)];
const GUESSES_OF_A_CLIENT: [Limit; 1] = [Limit::per_minute("activate-client", 60)];
const CODES_OF_A_REGISTRATION: [Limit; 2] =
    [Limit::per_minute("activation-code", 1), Limit::per_day("activation-code-day", 5)];

form! {
    /// A registration (ACC-1).
    pub(crate) struct RegistrationBody {
        /// First name.
        given_name: String = request::name(),
        /// Surname.
        family_name: String = request::name(),
        /// `YYYY-MM-DD`.
        birth_date: Date = request::birth_date(),
        /// The address, typed …
        email: EmailAddress = request::address(),
        /// … twice.
        email_repeated: EmailAddress = request::address(),
        /// At least 8 characters with a digit, typed …
        password: String = secret(),
        /// … twice.
        password_repeated: String = secret(),
        /// Consent to data processing: must be true.
        consent: () = boolean().checked(consent),
        /// The campaign whose privacy notice was read …
        campaign: CampaignId =
            text().parsed("Indica l'identificativo del decreto, come nel calendario."),
        /// … and its version, as in the calendar.
        privacy_version: String = text(),
        /// The widget's payload, or the code that was mailed to the address.
        human_check: String = text(),
    }

    /// Link and code (ACC-2).
    pub(crate) struct AccountActivationBody {
        /// What follows `#` in the link.
        token: String = text(),
        /// As typed; spaces, dashes and case do not count.
        code: ActivationCode = text()
            .parsed("Il codice ha otto caratteri, come nel messaggio: per esempio ABCD-EFGH."),
    }

    /// For which registration.
    pub(crate) struct ActivationCodeBody {
        /// As the registration gave it.
        registration: RegistrationId =
            text().parsed("L'identificativo della registrazione non è valido."),
    }
}

/// What a registration gives, whether or not the address has an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredView {
    /// To be named when another code is asked for.
    pub registration: String,
    /// Until when it can be activated, RFC 3339.
    #[schema(format = DateTime)]
    pub expires: String,
    /// What happened and what to do, in Italian.
    pub message: String,
}

/// What happened and what to do next.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageView {
    /// In Italian.
    pub message: String,
}

struct RegistrationForm {
    given_name: String,
    family_name: String,
    birth_date: Date,
    email: EmailAddress,
    password: Password,
    consent: Consent,
    proof: Proof,
}

/// Registers a person by e-mail. The answer is the same whether or not the address has an account.
#[utoipa::path(
    post, path = "/api/accounts", operation_id = "register",
    request_body = RegistrationBody,
    responses(
        (status = 202, description = "A letter is on its way; no account exists yet", body = RegisteredView),
        (status = 429, description = "Too many registrations"),
    )
)]
pub(crate) async fn register(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    let now = request.arrival;
    app.limits.admit_client(request, &OF_A_CLIENT).await?;
    let form = read(app, request).await?;
    // Used up before the address is counted: one proof does not block a stranger's address.
    human_check::require_unused(&app.human, &form.proof, now).await?;
    let opaque = app.email_accounts.opaque(&form.email);
    // A person who reads the mailbox owns it: what strangers tried keeps no owner out.
    if matches!(form.proof, Proof::Solved { .. }) {
        app.limits.admit(&opaque, &OF_AN_ADDRESS, request).await?;
    }

    // Hashed in every case, so that time does not tell whether the address is known.
    let password =
        passwords::hash(&form.password, fresh()?).map_err(|error| Problem::internal(&error))?;
    let id = RegistrationId::from_random(fresh()?);
    let letter = LetterId::from_random(fresh()?);
    match app.email_accounts.mailbox_of(&form.email).await? {
        Some((_, mailbox)) => {
            let kind = LetterKind::AccountExists;
            app.email_accounts.send_letter(&mailbox, kind, letter, now).await?;
        }
        None => {
            let registration = Registration {
                given_name: form.given_name,
                family_name: form.family_name,
                birth_date: form.birth_date,
                email: form.email.reveal().to_owned(),
                password,
                consent: Some(form.consent),
            };
            app.email_accounts.register(&id, registration, &form.email, letter, now).await?;
        }
    }
    http::json(
        202,
        &RegisteredView {
            registration: id.to_string(),
            expires: (now + LinkPurpose::Activation.lasts()).to_string(),
            message: "Ti abbiamo scritto all'indirizzo indicato: apri il collegamento nel messaggio e inserisci il codice di verifica. Solo allora l'utenza è attiva.".to_owned(),
        },
    )
}

/// Makes a registration an account: the link of the letter and its code together.
#[utoipa::path(
    post, path = "/api/accounts/activation", operation_id = "activateAccount",
    request_body = AccountActivationBody,
    responses(
        (status = 200, description = "The account exists", body = MessageView),
        (status = 409, description = "The link is not good (any more), too many codes, or the address has an account"),
        (status = 422, description = "The code is wrong; `attempts_left` says how many guesses are left"),
        (status = 429, description = "Too many guesses from this address"),
    )
)]
pub(crate) async fn activate(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    app.limits.admit_client(request, &GUESSES_OF_A_CLIENT).await?;
    let mut body: AccountActivationBody = request.form()?;
    let (token, code) = (body.token(), body.code());
    let (token, code) = body.complete(token.zip(code))?;
    let account = AccountId::from_random(fresh()?);
    match app.email_accounts.activate(&token, &code, account, request.arrival).await? {
        Activated::Account(account) => {
            tracing::info!(account.id = %account, "account activated");
            http::json(
                200,
                &MessageView {
                    message:
                        "L'utenza è attiva: ora puoi entrare con l'indirizzo e-mail e la password."
                            .to_owned(),
                },
            )
        }
        Activated::WrongCode { left } => Err(Problem::new(ProblemKind::WrongCode)
            .detail("Il codice inserito non è quello del messaggio. Controllalo e riprova.")
            .with("attempts_left", left)),
        Activated::Exhausted => Err(Problem::new(ProblemKind::CodeExhausted)),
        Activated::WrongLink => Err(Problem::new(ProblemKind::LinkNotGood)),
        // A person with link and code reads the mailbox: to them it is no secret.
        Activated::AddressTaken => Err(Problem::new(ProblemKind::AccountActive)),
    }
}

/// Sends another link and code; the former are void. An unknown registration gets the same answer.
#[utoipa::path(
    post, path = "/api/accounts/activation-codes", operation_id = "askAccountCode",
    request_body = ActivationCodeBody,
    responses(
        (status = 202, description = "If the registration waits, a letter is on its way", body = MessageView),
        (status = 422, description = "No identifier of a registration"),
        (status = 429, description = "Too many codes"),
    )
)]
pub(crate) async fn ask_code(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    request.require_origin(&app.public_origin)?;
    app.limits.admit_client(request, &OF_A_CLIENT).await?;
    let mut body: ActivationCodeBody = request.form()?;
    let id = body.registration();
    let id = body.complete(id)?;
    app.limits.admit(id.as_str(), &CODES_OF_A_REGISTRATION, request).await?;
    let letter = LetterId::from_random(fresh()?);
    app.email_accounts.send_again(&id, letter, request.arrival).await?;
    http::json(
        202,
        &MessageView {
            message: "Se la registrazione è ancora in attesa, un nuovo messaggio con collegamento e codice è in arrivo: quelli precedenti non valgono più.".to_owned(),
        },
    )
}

/// All of the form, with every mistake beside its field (ACC-1).
async fn read(app: &App, request: &ApiRequest) -> Result<RegistrationForm, Problem> {
    let mut body: RegistrationBody = request.form()?;
    let (given_name, family_name) = (body.given_name(), body.family_name());
    let birth_date = body.birth_date();
    let birth_date = request::plausible(&mut body, birth_date, request.arrival);
    let (email, repeated) = (body.email(), body.email_repeated());
    let email = request::same_address(&mut body, email, repeated);
    let own: Vec<&str> = [given_name.as_deref(), family_name.as_deref()]
        .into_iter()
        .chain([email.as_ref().map(EmailAddress::reveal)])
        .flatten()
        .collect();
    let (password, repeated) = (body.password(), body.password_repeated());
    let password = request::same_password(&mut body, password, repeated, &own);
    let consent = consented(app, &mut body, request).await?;
    let sent = body.human_check();
    let proof = request::human_check(app, &mut body, sent, email.as_ref(), request.arrival).await?;
    let form = (|| {
        Some(RegistrationForm {
            given_name: given_name?,
            family_name: family_name?,
            birth_date: birth_date?,
            email: email?,
            password: password?,
            consent: consent?,
            proof: proof?,
        })
    })();
    body.complete(form)
}

/// The consent with the notice that it is about, in the version that the campaign shows now.
async fn consented(
    app: &App,
    body: &mut RegistrationBody,
    request: &ApiRequest,
) -> Result<Option<Consent>, Problem> {
    let (given, named, version) = (body.consent(), body.campaign(), body.privacy_version());
    let Some((named, version)) = named.zip(version) else { return Ok(None) };
    let Some(campaign) = app.store.campaigns.in_force(&named, request.arrival).await? else {
        return Ok(body.refuse(
            "campaign",
            "sconosciuto",
            "Questo decreto non c'è: scegline uno dal calendario e riprova.",
        ));
    };
    if version != campaign.privacy_notice() {
        return Ok(body.refuse(
            "privacy_version",
            "superata",
            "L'informativa sulla privacy è cambiata: leggi la versione nuova, accettala e riprova.",
        ));
    }
    Ok(given.map(|()| Consent {
        campaign: named,
        privacy_version: version,
        at: millis(request.arrival),
    }))
}

fn consent(is_given: bool) -> Result<(), Mistake> {
    if is_given {
        return Ok(());
    }
    Err(Mistake::new("obbligatorio", "Per registrarsi serve il consenso al trattamento dei dati."))
}
