//! Letters that a request causes: their ids are drawn here, since neither the domain nor the store makes random values.

use domain::{ids::LetterId, letter::LetterContent};
use outside::aws;
use store::letters::Letter;

use crate::http::Problem;

/// A letter with this content; none where nothing can be delivered to the address.
pub fn letter(address: &str, content: LetterContent) -> Result<Option<Letter>, Problem> {
    let id = LetterId::from_random(aws::random().map_err(|error| Problem::internal(&error))?);
    Ok(Letter::to(address, id, content))
}
