//! The applications of a former account come under the account that it is linked to (IDP-2).

use domain::{
    application::{Application, Stage, Who},
    ids::AccountId,
    permission::Action,
};
use edge::{http::Problem, steps::contended};
use jiff::Timestamp;
use store::{
    applications::change::{Change, Place},
    retry::{ROUNDS_OF_EACH, pause},
    rows::SaveError,
};

use crate::Needs;

/// Puts one application under the new account, with an event; false when it followed already, or was deleted.
pub(crate) async fn follow(
    needs: &Needs,
    mut head: Application,
    former: &AccountId,
    to: &AccountId,
    now: Timestamp,
) -> Result<bool, Problem> {
    for round in 0..ROUNDS_OF_EACH {
        pause(round).await;
        let is_its_own = head.parties.filer == *former || head.parties.representative == *former;
        if !is_its_own || matches!(head.stage, Stage::Deleted) {
            return Ok(false);
        }
        let after = head.linked(former, to, now);
        let mut change = Change::new(Some(&head), &after, None, Who::Account(to.clone()));
        change.occurrence.action = Some(Action::Link);
        // The place in the yearly limit follows the filer (LIM-1); that of a linked account counts for no account.
        let holds_a_place = !matches!(head.stage, Stage::Blocked { .. });
        if holds_a_place && head.parties.filer == *former {
            change.place = Place::Taken(None);
        }
        match needs.applications.save(&change).await {
            Ok(()) => return Ok(true),
            Err(SaveError::Store(error)) => return Err(error.into()),
            Err(_) => match needs.applications.head(&head.id).await? {
                Some(current) => head = current,
                None => return Ok(false),
            },
        }
    }
    Err(contended())
}
