//! What people type about themselves, each mistake beside its field (ACC-1).

use domain::{
    calendar,
    email_address::{EmailAddress, EmailAddressError},
    password::Password,
};
use edge::http::{Fields, Problem};
use jiff::{Timestamp, ToSpan, civil::Date};
use outside::passwords;
use store::human_check::Proof;

use crate::Needs;

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// No person is older, in years.
const OLDEST: i16 = 120;

/// A name: something with a letter in it, without line breaks.
pub(crate) fn name(fields: &mut Fields, field: &str) -> Option<String> {
    let text = fields.text(field)?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > LONGEST_NAME {
        return fields.refuse(field, "troppo-lungo", "Al massimo 100 caratteri.");
    }
    if !text.chars().any(char::is_alphabetic) || text.chars().any(char::is_control) {
        return fields.refuse(
            field,
            "non-valido",
            "Scrivi il nome come compare nel documento, per esempio Maria.",
        );
    }
    Some(text)
}

/// A date of birth in the past that a living person can have.
pub(crate) fn birth_date(fields: &mut Fields, now: Timestamp) -> Option<Date> {
    let date: Date = fields.parsed(
        "birth_date",
        "La data di nascita si scrive anno-mese-giorno, per esempio 1980-03-25.",
    )?;
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

/// An address that was typed once.
pub(crate) fn address(fields: &mut Fields, field: &str) -> Option<EmailAddress> {
    let text = fields.text(field)?;
    match text.parse() {
        Ok(address) => Some(address),
        Err(error) => {
            let error: EmailAddressError = error;
            fields.refuse(field, "non-valido", error.message())
        }
    }
}

/// An address that was typed twice.
pub(crate) fn address_twice(fields: &mut Fields) -> Option<EmailAddress> {
    let first = address(fields, "email");
    let second = address(fields, "email_repeated");
    let (first, second) = (first?, second?);
    if first.comparable() == second.comparable() {
        return Some(first);
    }
    fields.refuse("email_repeated", "diverso", "I due indirizzi e-mail non coincidono.")
}

/// A new password that was typed twice; `own` are the person's own names and address.
pub(crate) fn password_twice(fields: &mut Fields, own: &[&str]) -> Option<Password> {
    let first = fields.text("password");
    let second = fields.text("password_repeated");
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
    needs: &Needs,
    fields: &mut Fields,
    address: Option<&EmailAddress>,
    now: Timestamp,
) -> Result<Option<Proof>, Problem> {
    let Some(sent) = fields.text("human_check") else { return Ok(None) };
    Ok(match needs.human.examine(&sent, address, now).await? {
        Ok(proof) => Some(proof),
        Err(fault) => fields.refuse(
            "human_check",
            edge::human_check::code(fault),
            edge::human_check::message(fault),
        ),
    })
}
