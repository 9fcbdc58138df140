//! Letters that a request causes: their ids are drawn here, since neither the domain nor the store makes random values.

use domain::{
    ids::{AccountId, LetterId},
    letter::LetterContent,
};
use jiff::Timestamp;
use outside::aws;
use store::{
    attempts::{Attempts, LETTERS_ABOUT_LISTS},
    letters::Letter,
};

use crate::http::Problem;

/// A letter with this content; none where nothing can be delivered to the address.
pub fn letter(address: &str, content: LetterContent) -> Result<Option<Letter>, Problem> {
    let id = LetterId::from_random(aws::random().map_err(|error| Problem::internal(&error))?);
    Ok(Letter::to(address, id, content))
}

/// A letter to a person about an organisation's list, at the address of their identity; none where they had their letters of
/// this day: a body that lists a person and reports the leaving in turns fills no mailbox (ORG-7, ADR 33).
pub async fn letter_about_a_list(
    attempts: &Attempts,
    person: &AccountId,
    address: &str,
    content: LetterContent,
    now: Timestamp,
) -> Result<Option<Letter>, Problem> {
    let so_far = attempts.count_for(&LETTERS_ABOUT_LISTS, person.as_str(), now).await?;
    if so_far > LETTERS_ABOUT_LISTS.most {
        tracing::info!(account = %person, "letter about a list not written: too many today");
        return Ok(None);
    }
    letter(address, content)
}
