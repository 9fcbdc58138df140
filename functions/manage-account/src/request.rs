//! What people type about themselves, each mistake beside its field (ACC-1).

use domain::{
    calendar,
    email_address::{EmailAddress, EmailAddressError},
    password::Password,
};
use edge::http::{
    Fields, Problem,
    form::{Input, Mistake, Parsed, text},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use outside::passwords;
use store::human_check::Proof;

use crate::App;

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// No person is older, in years.
const OLDEST: i16 = 120;

/// A name: something with a letter in it, without line breaks.
pub(crate) fn name() -> impl Input<Value = String> {
    text().checked(|typed| {
        let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.chars().count() > LONGEST_NAME {
            return Err(Mistake::new("troppo-lungo", "Al massimo 100 caratteri."));
        }
        if !name.chars().any(char::is_alphabetic) || name.chars().any(char::is_control) {
            return Err(Mistake::invalid(
                "Scrivi il nome come compare nel documento, per esempio Maria.",
            ));
        }
        Ok(name)
    })
}

/// A date of birth; [`plausible`] judges it.
pub(crate) fn birth_date() -> Parsed<Date> {
    text()
        .format("date")
        .parsed("La data di nascita si scrive anno-mese-giorno, per esempio 1980-03-25.")
}

/// A date of birth in the past that a living person can have.
pub(crate) fn plausible(
    fields: &mut Fields,
    birth_date: Option<Date>,
    now: Timestamp,
) -> Option<Date> {
    let date = birth_date?;
    let today = calendar::local_date(now);
    let oldest = today.checked_sub(i32::from(OLDEST).years()).unwrap_or(Date::MIN);
    if date >= today || date < oldest {
        return fields.refuse(
            "birth_date",
            "non-plausibile",
            "La data di nascita non è plausibile: controlla il giorno, il mese e l'anno.",
        );
    }
    Some(date)
}

/// An e-mail address.
pub(crate) fn address() -> impl Input<Value = EmailAddress> {
    text().checked(|typed| {
        typed.parse().map_err(|error: EmailAddressError| Mistake::invalid(error.message()))
    })
}

/// An address that was typed twice, in `email` and `email_repeated`.
pub(crate) fn same_address(
    fields: &mut Fields,
    first: Option<EmailAddress>,
    second: Option<EmailAddress>,
) -> Option<EmailAddress> {
    let (first, second) = (first?, second?);
    if first.comparable() == second.comparable() {
        return Some(first);
    }
    fields.refuse("email_repeated", "diverso", "I due indirizzi e-mail non coincidono.")
}

/// A new password that was typed twice, in `password` and `password_repeated`; `own` are the person's own names and address.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
pub(crate) fn same_password(
    fields: &mut Fields,
    first: Option<String>,
    second: Option<String>,
    own: &[&str],
) -> Option<Password> {
    let first = first?;
    let is_same = second.as_ref().is_none_or(|second| *second == first);
    let password = Password::typed(first);
    let faults = passwords::faults(&password, own);
    for fault in &faults {
        fields.refuse::<()>("password", fault.code(), fault.message());
    }
    if !is_same {
        fields.refuse::<()>("password_repeated", "diverso", "Le due password non coincidono.");
    }
    (faults.is_empty() && is_same && second.is_some()).then_some(password)
}

/// A human check that is right; it is spent only once everything else is.
pub(crate) async fn human_check(
    app: &App,
    fields: &mut Fields,
    sent: Option<String>,
    address: Option<&EmailAddress>,
    now: Timestamp,
) -> Result<Option<Proof>, Problem> {
    let Some(sent) = sent else { return Ok(None) };
    Ok(match app.human.examine(&sent, address, now).await? {
        Ok(proof) => Some(proof),
        Err(fault) => fields.refuse(
            "human_check",
            edge::human_check::code(fault),
            edge::human_check::message(fault),
        ),
    })
}
