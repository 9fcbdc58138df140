//! Deleting an application before it is sent: event, place, claim and all content in one transaction (LIM-1, ACC-6).

use domain::{
    application::{Application, Who},
    decision::Deletion,
    form::Schema,
};
use jiff::Timestamp;
use thiserror::Error;

use crate::{
    applications::{Applications, commit::Companion},
    drafts::Drafts,
    rows::SaveError,
};

/// Why an application was not deleted.
#[derive(Debug, Error)]
pub enum DeleteError {
    /// Its state does not allow it: it was sent, or is final.
    #[error("the state does not allow it")]
    Refused,
    /// Its form is unknown.
    #[error("its form is unknown")]
    NoSchema,
    /// It was not stored.
    #[error(transparent)]
    Save(#[from] SaveError),
}

/// Deletes an application as it was loaded; a conflict is the caller's to try again.
pub async fn delete(
    applications: &Applications,
    drafts: &Drafts,
    head: &Application,
    who: Who,
    now: Timestamp,
) -> Result<(), DeleteError> {
    let schema = Schema::find(&head.schema).ok_or(DeleteError::NoSchema)?;
    let decision = head.delete(Deletion::Requested, who, now).map_err(|_| DeleteError::Refused)?;
    Ok(applications.commit(&decision, &[Companion::Erasure(drafts, schema)]).await?)
}
