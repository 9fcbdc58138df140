//! The applications of a former account come under the account that it is linked to (IDP-2).

use domain::{
    application::{Application, Stage},
    ids::AccountId,
};
use edge::http::Problem;
use jiff::Timestamp;
use store::{contention::Tries, rows::SaveError};

use crate::App;

/// Puts one application under the new account, with an event; false when it followed already, or was deleted.
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
        let decision = head.linked(former, to, now);
        match app.store.applications.commit(&decision, &[]).await {
            Ok(()) => return Ok(true),
            Err(SaveError::Store(error)) => return Err(error.into()),
            Err(_) => match app.store.applications.head(&head.id).await? {
                Some(current) => head = current,
                None => return Ok(false),
            },
        }
    }
}
