//! Applications in parts of at most a thousand, so that no request reads all of a national body's (SRC-1, NEW-2).
//!
//! Within a part they come newest first; a body with no more than a thousand has one part. The next part begins after the
//! last identifier of this one, and a page ends where its part ends: `next` then leads on.

use domain::{ids::ApplicationId, search::Place};
use edge::{access::ApplicationAccess, http::Problem};
use store::{rows::StoreError, sessions::Caller};

use crate::{App, visible};

/// The most applications that one request looks at: about 500 read units, a tenth of a second.
const LARGEST: i32 = 1_000;

/// Where a page begins.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Position {
    /// How many parts came before.
    pub(crate) parts: u32,
    /// The last identifier of the part before; none in the first.
    after: Option<ApplicationId>,
    /// The last identifier of this part, once its first page was given: what is filed meanwhile moves no boundary.
    until: Option<ApplicationId>,
    /// The last row of the page before, in the same part; none at its beginning.
    place: Option<Place>,
}

impl Position {
    /// As a cursor holds it.
    pub(crate) fn text(&self) -> String {
        let or_none =
            |id: Option<&ApplicationId>| id.map_or_else(|| "-".to_owned(), ToString::to_string);
        let (after, until) = (or_none(self.after.as_ref()), or_none(self.until.as_ref()));
        let place = self.place.as_ref().map_or_else(|| "-".to_owned(), Place::text);
        format!("{} {after} {until} {place}", self.parts)
    }

    /// Reads what a cursor held.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (parts, rest) = text.split_once(' ')?;
        let (after, rest) = rest.split_once(' ')?;
        let (until, place) = rest.split_once(' ')?;
        let id = |text: &str| if text == "-" { Some(None) } else { text.parse().ok().map(Some) };
        let place = if place == "-" { None } else { Some(Place::read(place)?) };
        Some(Self { parts: parts.parse().ok()?, after: id(after)?, until: id(until)?, place })
    }

    /// Whether this place of another order comes in this page or a later one of the part.
    pub(crate) fn is_before_place(&self, place: &Place) -> bool {
        self.place.as_ref().is_none_or(|last| *place > *last)
    }

    /// Whether this row comes in this page or a later one of the part.
    pub(crate) fn is_before(&self, access: &ApplicationAccess) -> bool {
        self.place.as_ref().is_none_or(|place| Place::of(&access.head) > *place)
    }
}

/// A part of the caller's applications.
pub(crate) struct Part {
    /// Those that the caller may see, newest first.
    pub(crate) all: Vec<ApplicationAccess>,
    /// Where the next part begins, if there is one.
    pub(crate) next: Option<Position>,
    /// This part, with its end.
    here: Position,
}

impl Part {
    /// The part in which a page begins.
    pub(crate) async fn of(
        app: &App,
        caller: &Caller,
        position: &Position,
    ) -> Result<Self, Problem> {
        let (account, organisation) = (&caller.account, caller.organisation.as_ref());
        let (ids, here, next) = bounded(position, |after, limit| async move {
            app.store.applications.some_of(account, organisation, after.as_ref(), limit).await
        })
        .await?;
        let mut all = visible(app, caller, &ids).await?;
        all.sort_by_key(|access| Place::of(&access.head));
        Ok(Self { all, next, here })
    }

    /// One application, if the caller may see it.
    pub(crate) async fn one(
        app: &App,
        caller: &Caller,
        id: &ApplicationId,
    ) -> Result<Self, Problem> {
        let all = visible(app, caller, std::slice::from_ref(id)).await?;
        Ok(Self { all, next: None, here: Position::default() })
    }

    /// The page after this place of another order, in the same part.
    pub(crate) fn after_place(&self, last: Place) -> Position {
        Position { place: Some(last), ..self.here.clone() }
    }

    /// The page after this row, in the same part.
    pub(crate) fn after_row(&self, last: &ApplicationAccess) -> Position {
        Position { place: Some(Place::of(&last.head)), ..self.here.clone() }
    }
}

/// The identifiers of the part in which a page begins, the part with its end, and where the next begins. `read` gives so many
/// identifiers after one of them at most, and whether there are more.
async fn bounded<Reading>(
    position: &Position,
    read: impl FnOnce(Option<ApplicationId>, i32) -> Reading,
) -> Result<(Vec<ApplicationId>, Position, Option<Position>), StoreError>
where
    Reading: Future<Output = Result<(Vec<ApplicationId>, bool), StoreError>>,
{
    // Where its end is known, with room for what was filed into it meanwhile.
    let limit = if position.until.is_some() { 2 * LARGEST } else { LARGEST };
    let (mut ids, more) = read(position.after.clone(), limit).await?;
    let until = position.until.clone().or_else(|| ids.last().filter(|_| more).cloned());
    if let Some(until) = &until {
        ids.retain(|id| id <= until);
    }
    let next = until.clone().map(|until| Position {
        parts: position.parts.saturating_add(1),
        after: Some(until),
        ..Position::default()
    });
    Ok((ids, Position { until, ..position.clone() }, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many applications of a body, in order of identifier.
    fn filed(count: u128) -> Vec<ApplicationId> {
        let mut all: Vec<_> =
            (0..count).map(|number| ApplicationId::from_random(number.to_be_bytes())).collect();
        all.sort();
        all
    }

    /// What the store gives: at most so many after an identifier, and whether there are more.
    fn answered(
        all: &[ApplicationId],
        after: Option<&ApplicationId>,
        limit: i32,
    ) -> (Vec<ApplicationId>, bool) {
        let limit = usize::try_from(limit).unwrap();
        let rest: Vec<_> =
            all.iter().filter(|id| after.is_none_or(|after| *id > after)).cloned().collect();
        let is_more = rest.len() > limit;
        (rest.into_iter().take(limit).collect(), is_more)
    }

    /// SRC-1, NEW-2: a national body of three thousand five hundred is read in four requests of at most a thousand, each but
    /// the last says where the next begins, and none is left out or read twice.
    #[tokio::test]
    async fn no_request_looks_at_more_than_a_thousand_and_each_says_that_more_follow() {
        let all = filed(3_500);
        let mut found = Vec::new();
        let mut sizes = Vec::new();
        let mut position = Some(Position::default());
        while let Some(begins) = position {
            let (ids, here, next) = bounded(&begins, |after, limit| {
                let answer = answered(&all, after.as_ref(), limit);
                async move { Ok(answer) }
            })
            .await
            .unwrap();
            assert_eq!(here.until.as_ref(), ids.last().filter(|_| next.is_some()));
            sizes.push(ids.len());
            found.extend(ids);
            position = next;
        }
        assert_eq!(sizes, [1_000, 1_000, 1_000, 500]);
        assert!(found == all, "each of them once, in order");
    }

    /// A body with exactly a thousand has one part.
    #[tokio::test]
    async fn a_thousand_applications_are_one_part() {
        let all = filed(1_000);
        let (ids, here, next) = bounded(&Position::default(), |after, limit| {
            let answer = answered(&all, after.as_ref(), limit);
            async move { Ok(answer) }
        })
        .await
        .unwrap();
        assert_eq!((ids.len(), here, next), (1_000, Position::default(), None));
    }

    /// What Bruno files between two pages of a part makes the part longer, by as much again at most, and moves no boundary.
    #[tokio::test]
    async fn what_is_filed_between_two_pages_of_a_part_belongs_to_it_and_moves_no_boundary() {
        let all = filed(5_000);
        let until = all.get(4_000).cloned();
        let begun = Position { until: until.clone(), ..Position::default() };
        let (ids, here, next) = bounded(&begun, |after, limit| {
            let answer = answered(&all, after.as_ref(), limit);
            async move { Ok(answer) }
        })
        .await
        .unwrap();
        assert_eq!(ids.len(), 2_000, "not all of the four thousand");
        assert_eq!(here, begun);
        assert_eq!(next.and_then(|next| next.after), until);
    }

    #[test]
    fn a_position_is_read_as_it_was_written() {
        let id = ApplicationId::from_random([7; 16]);
        let place = Place::read(&format!("1768204800000 {id}"));
        assert!(place.is_some());
        for position in [
            Position::default(),
            Position { place: place.clone(), ..Position::default() },
            Position { parts: 29, after: Some(id.clone()), ..Position::default() },
            Position { parts: 29, after: Some(id.clone()), until: Some(id), place },
        ] {
            assert_eq!(Position::read(&position.text()), Some(position));
        }
        for wrong in ["", "0", "0 - -", "x - - -", "0 x - -", "0 - x -", "0 - - x", "-1 - - -"] {
            assert_eq!(Position::read(wrong), None, "{wrong}");
        }
    }
}
