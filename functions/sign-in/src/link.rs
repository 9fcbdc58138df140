//! *Associa pratica* (IDP-2): a person who proves a former e-mail account sees its applications under SPID or CIE.

use domain::{
    application::{Application, Stage},
    email_address::EmailAddress,
    ids::{AccountId, ApplicationId},
};
use edge::{
    form,
    http::{
        self, Exchange, Form as _, Problem, ProblemKind,
        form::{Input as _, text},
    },
    human_check,
};
use jiff::{Timestamp, civil::Date};
use lambda_http::{Body, Response};
use outside::clock;
use serde::Serialize;
use store::{
    accounts::Account, attempts::Limit, contention::Tries, human_check::Proof, own_applications,
    rows::SaveError, sessions::Caller,
};
use utoipa::ToSchema;

use crate::Needs;

const OF_AN_ACCOUNT: [Limit; 2] =
    [Limit::per_hour("link-account", 10), Limit::per_day("link-account-day", 20)];
const OF_AN_ADDRESS: [Limit; 2] =
    [Limit::per_hour("link-address", 10), Limit::per_day("link-address-day", 20)];
const OF_A_CLIENT: [Limit; 2] =
    [Limit::per_minute("link-client", 20), Limit::per_day("link-client-day", 200)];

form! {
    /// What proves a former account; every datum must be right.
    pub(crate) struct LinkAsked {
        /// First name of the former account.
        given_name: String = text(),
        /// Surname of the former account.
        family_name: String = text(),
        /// `YYYY-MM-DD`.
        birth_date: Date = text().format("date").parsed(
            "La data di nascita si scrive anno-mese-giorno, per esempio 1980-03-25.",
        ),
        /// The former address.
        email: EmailAddress = text().parsed(
            "L'indirizzo e-mail non è scritto correttamente, per esempio nome@dominio.it.",
        ),
        /// The identifier of one of its applications.
        application: String = text(),
        /// For operators: the patronato or association.
        organisation: String = text().optional(),
        /// For operators: the province's code.
        province: String = text().optional(),
        /// The widget's payload, or the code that was mailed to the address.
        human_check: String = text(),
    }
}

/// What followed.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkedView {
    /// How many applications are now under this account.
    pub applications: u32,
    /// In Italian.
    pub message: String,
}

struct Asked {
    given_name: String,
    family_name: String,
    birth_date: Date,
    email: EmailAddress,
    /// None when it cannot be an identifier: wrong like any other wrong datum.
    application: Option<ApplicationId>,
    organisation: Option<String>,
    province: Option<String>,
    proof: Proof,
}

/// Links a former e-mail account. Whatever is wrong, the refusal is the same.
#[utoipa::path(
    post, path = "/api/account/links", operation_id = "linkAccount",
    request_body = LinkAsked,
    responses(
        (status = 200, description = "Its applications are this account's", body = LinkedView),
        (status = 403, description = "Wrong origin, level too low, or not proven"),
        (status = 422, description = "Fields are missing or cannot be read, all listed"),
        (status = 429, description = "Too many tries"),
        (status = 503, description = "The store does not answer; the next try goes on"),
    )
)]
pub(crate) async fn link(needs: &Needs, exchange: &Exchange) -> Result<Response<Body>, Problem> {
    let caller = needs.door.actor(exchange).await?;
    let now = exchange.arrival;
    needs.limits.admit_client(exchange, &OF_A_CLIENT).await?;
    needs.limits.admit(caller.account.as_str(), &OF_AN_ACCOUNT, exchange).await?;
    let asked = read(needs, exchange).await?;
    human_check::require_unused(&needs.human, &asked.proof, now).await?;
    let opaque = needs.email_accounts.opaque(&asked.email);
    needs.limits.admit(&opaque, &OF_AN_ADDRESS, exchange).await?;

    let former = proven(needs, &caller, &asked).await?;
    let former = former.ok_or(Problem::new(ProblemKind::NotProven))?;
    // The mark decides which of two is first; from here on a repetition only goes on.
    let ends = needs.sessions.end_all_item(&former, clock::wall(), None)?;
    if !needs.email_accounts.link_to(&former, &caller.account, ends).await? {
        return Err(Problem::new(ProblemKind::NotProven));
    }
    let mut followed: u32 = 0;
    for application in own_applications::of(&needs.applications, &former).await? {
        if follow(needs, application, &former, &caller.account, now).await? {
            followed = followed.saturating_add(1);
        }
    }
    tracing::info!(account.id = %caller.account, applications = followed, "account linked");
    http::json(
        200,
        &LinkedView {
            applications: followed,
            message:
                "L'utenza precedente è associata: le sue domande sono ora nel riepilogo domande."
                    .to_owned(),
        },
    )
}

/// The former account, if every datum is right and no other person has linked it.
async fn proven(
    needs: &Needs,
    caller: &Caller,
    asked: &Asked,
) -> Result<Option<AccountId>, Problem> {
    let Some(id) = needs.email_accounts.account_of(&asked.email).await? else { return Ok(None) };
    let Some(account) = needs.accounts.find(&id).await? else { return Ok(None) };
    let Some(application) = &asked.application else { return Ok(None) };
    let Some(head) = needs.applications.head(application).await? else { return Ok(None) };
    let is_linked = account.linked_to.as_ref() == Some(&caller.account);
    let is_free = account.linked_to.is_none();
    // After the first time the named application is the caller's already.
    let holder =
        |party: &AccountId| *party == account.id || (is_linked && *party == caller.account);
    let is_its_own = holder(&head.parties.filer) || holder(&head.parties.representative);
    let is_right = account.is_by_email()
        && (is_free || is_linked)
        && is_its_own
        && same_person(&account, asked)
        && same_office(&account, asked);
    Ok(is_right.then_some(id))
}

fn same_person(account: &Account, asked: &Asked) -> bool {
    comparable(&account.given_name) == comparable(&asked.given_name)
        && comparable(&account.family_name) == comparable(&asked.family_name)
        && account.birth_date == Some(asked.birth_date)
}

/// Operators name patronato and province, too; who was none names nothing.
fn same_office(account: &Account, asked: &Asked) -> bool {
    let typed = |text: &Option<String>| text.as_deref().map(comparable).unwrap_or_default();
    match &account.formerly {
        Some(formerly) => {
            comparable(&formerly.organisation) == typed(&asked.organisation)
                && comparable(&formerly.province) == typed(&asked.province)
        }
        None => typed(&asked.organisation).is_empty() && typed(&asked.province).is_empty(),
    }
}

/// Case and spaces do not count.
fn comparable(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Puts one application under the new account, with an event; false when it followed already, or was deleted.
async fn follow(
    needs: &Needs,
    mut head: Application,
    former: &AccountId,
    to: &AccountId,
    now: Timestamp,
) -> Result<bool, Problem> {
    let mut tries = Tries::at_each_of_many();
    loop {
        tries.begin().await?;
        let is_its_own = head.parties.filer == *former || head.parties.representative == *former;
        if !is_its_own || matches!(head.stage, Stage::Deleted) {
            return Ok(false);
        }
        let decision = head.linked(former, to, now);
        match needs.applications.commit(&decision, &[]).await {
            Ok(()) => return Ok(true),
            Err(SaveError::Store(error)) => return Err(error.into()),
            Err(_) => match needs.applications.head(&head.id).await? {
                Some(current) => head = current,
                None => return Ok(false),
            },
        }
    }
}

async fn read(needs: &Needs, exchange: &Exchange) -> Result<Asked, Problem> {
    let mut body: LinkAsked = exchange.form()?;
    let (given_name, family_name) = (body.given_name(), body.family_name());
    let (birth_date, email) = (body.birth_date(), body.email());
    let (application, organisation) = (body.application(), body.organisation());
    let (province, sent) = (body.province(), body.human_check());
    let proof = match sent {
        None => None,
        Some(sent) => match needs.human.examine(&sent, email.as_ref(), exchange.arrival).await? {
            Ok(proof) => Some(proof),
            Err(fault) => {
                body.refuse("human_check", human_check::code(fault), human_check::message(fault))
            }
        },
    };
    let asked = (|| {
        Some(Asked {
            given_name: given_name?,
            family_name: family_name?,
            birth_date: birth_date?,
            email: email?,
            application: application?.trim().parse().ok(),
            organisation,
            province,
            proof: proof?,
        })
    })();
    body.complete(asked)
}
