//! Decisions for the scenes of tests: applications that are brought to where a test begins, and of which nobody learns.

use super::{Decision, Limit, Place};
use crate::{
    application::{Application, Who},
    lifecycle::consequence::Cause,
    notice::NoticeKind,
};

impl Decision {
    /// What a cause brings about, whether or not the tables lead from `before` to `after`.
    pub fn scene(
        cause: Cause,
        before: Option<&Application>,
        after: &Application,
        who: Who,
    ) -> Self {
        Self::new(cause, before, after.clone(), who, None)
    }

    /// The same decision, of which nobody learns: no notice, no document, no message to the consular system, and the place
    /// in quota is neither asked for nor given up.
    #[must_use]
    pub fn untold(self) -> Self {
        let place = Place::Kept;
        Self { notices: Vec::new(), consulate: None, place, is_told: false, ..self }
    }

    /// The same decision, of which the parties learn this.
    #[must_use]
    pub fn telling(self, notices: &[NoticeKind]) -> Self {
        Self { notices: notices.to_vec(), ..self }
    }

    /// The same decision, by which the application counts towards the yearly limit of its filer (LIM-1).
    #[must_use]
    pub fn counted(self) -> Self {
        let is_personal = self.after.parties.organisation.is_none();
        Self { limit: if is_personal { Limit::Taken(None) } else { Limit::Kept }, ..self }
    }
}
