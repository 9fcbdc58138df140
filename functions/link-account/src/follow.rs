//! The applications of a former account come under the account that it is linked to, and go back when that is undone
//! (IDP-2).

use domain::{
    application::{Application, Stage, Who},
    decision::Followed,
    ids::AccountId,
};
use edge::http::Problem;
use jiff::Timestamp;
use store::{
    account_links::LinkedApplication, applications::commit::Companion, contention::Tries,
    rows::SaveError,
};

use crate::App;

/// What became of an application that should go back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Back {
    /// It belongs to the former account again.
    Moved,
    /// It was deleted meanwhile.
    Gone,
}

/// Puts one application under the new account, with an event; false when it followed already, was deleted, or the link was
/// undone meanwhile.
pub(crate) async fn follow(
    app: &App,
    mut head: Application,
    former: &AccountId,
    to: &AccountId,
    now: Timestamp,
) -> Result<bool, Problem> {
    let mut tries = Tries::for_each_of_many();
    loop {
        tries.begin().await?;
        let is_its_own = head.parties.filer == *former || head.parties.representative == *former;
        if !is_its_own || matches!(head.stage, Stage::Deleted) {
            return Ok(false);
        }
        let linked = LinkedApplication {
            application: head.id.clone(),
            former: former.clone(),
            to: to.clone(),
            followed: head.followed(former),
        };
        let decision = head.linked(former, to, now);
        match app.store.applications.commit(&decision, &[Companion::Linked(&linked)]).await {
            Ok(()) => return Ok(true),
            Err(SaveError::Store(error)) => return Err(error.into()),
            Err(_) => match app.store.applications.head(&head.id).await? {
                Some(current) => head = current,
                None => return Ok(false),
            },
        }
    }
}

/// Gives one application back to the former account, with an event.
pub(crate) async fn give_back(
    app: &App,
    linked: &LinkedApplication,
    by: &AccountId,
    now: Timestamp,
) -> Result<Back, Problem> {
    let mut tries = Tries::for_each_of_many();
    let mut followed = linked.followed;
    loop {
        tries.begin().await?;
        let head = app.store.applications.head(&linked.application).await?;
        let Some(head) = head.filter(|head| !matches!(head.stage, Stage::Deleted)) else {
            return match app.email_accounts.forget_followed(linked).await {
                // Another request forgot it first.
                Ok(()) | Err(SaveError::Conflict) => Ok(Back::Gone),
                Err(error) => Err(error.into()),
            };
        };
        let who = Who::Account(by.clone());
        let decision = head.unlinked(followed, &linked.to, &linked.former, who, now);
        match app.store.applications.commit(&decision, &[Companion::Unlinked(linked)]).await {
            Ok(()) => return Ok(Back::Moved),
            Err(SaveError::Store(error)) => return Err(error.into()),
            // The other account's counter is gone: there is no place to give back (LIM-1).
            Err(SaveError::LimitReached) => followed = Followed { counted: false, ..followed },
            Err(SaveError::Conflict | SaveError::WorkerTaken) => {}
        }
    }
}
