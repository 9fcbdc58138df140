//! The part of a list that a caller asks for: `limit` and `cursor` of the query, and where the next part begins.

use domain::ids::AccountId;

use super::{ApiRequest, Problem};
use crate::cursor::CursorKey;

/// The most rows of a page, and how many without `limit`.
pub const LARGEST_PAGE: i32 = 100;
/// See [`LARGEST_PAGE`].
pub const USUAL_PAGE: i32 = 20;

/// The message for a wrong `limit`.
pub const WRONG_LIMIT: &str = "Un numero da 1 a 100.";
/// The message for a wrong `cursor`.
pub const WRONG_CURSOR: &str =
    "La pagina richiesta non è valida: ricomincia dall'inizio dell'elenco.";

/// The part of a list that a caller asks for.
#[derive(Debug)]
pub struct PageQuery<'a> {
    cursors: &'a CursorKey,
    account: &'a AccountId,
    list: &'a str,
    limit: i32,
    after: Option<String>,
}

impl<'a> PageQuery<'a> {
    /// Reads the query. A cursor is good for the account and the list that it was sealed for.
    pub fn read(
        request: &ApiRequest,
        cursors: &'a CursorKey,
        account: &'a AccountId,
        list: &'a str,
    ) -> Result<Self, Problem> {
        let limit = read_limit(request)?;
        let after = match request.query("cursor") {
            None => None,
            Some(cursor) => {
                let last = cursors.open(account, list, cursor);
                Some(last.ok_or_else(|| Problem::field("cursor", WRONG_CURSOR))?)
            }
        };
        Ok(Self { cursors, account, list, limit, after })
    }

    /// The place in the list after which it begins; none at the beginning.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// How many rows are to be read: one more than are given, to see whether there are more.
    pub const fn rows_to_read(&self) -> i32 {
        self.limit + 1
    }

    /// Takes off what is too much; says whether there are more rows.
    pub fn truncate<T>(&self, rows: &mut Vec<T>) -> bool {
        let size = usize::try_from(self.limit).unwrap_or_default();
        let more = rows.len() > size;
        rows.truncate(size);
        more
    }

    /// The cursor of the part that begins after this place.
    pub fn next(&self, last: &str) -> String {
        self.cursors.seal(self.account, self.list, last)
    }
}

/// How many rows are asked for.
fn read_limit(request: &ApiRequest) -> Result<i32, Problem> {
    match request.query("limit") {
        None => Ok(USUAL_PAGE),
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LARGEST_PAGE).contains(limit))
            .ok_or_else(|| Problem::field("limit", WRONG_LIMIT)),
    }
}
