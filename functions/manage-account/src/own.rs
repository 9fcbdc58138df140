//! What becomes of a person's own applications when the account is closed.

use domain::application::{Application, Stage};

/// What becomes of a person's own applications when the account is closed (ACC-6).
#[derive(Debug, Default)]
pub(crate) struct OwnApplications {
    /// Not sent: they go.
    pub(crate) drafts: Vec<Application>,
    /// Sent: they stay, as public records.
    pub(crate) submitted: u32,
}

/// Sorts them; what an organisation filed is neither, and blocked or deleted ones are past both.
pub(crate) fn sort_own(all: Vec<Application>) -> OwnApplications {
    let mut sorted = OwnApplications::default();
    for application in all {
        if application.parties.organisation.is_some() {
            continue;
        }
        match application.stage {
            Stage::ToValidate | Stage::ToComplete { .. } | Stage::ToSend(_) | Stage::Armed(_) => {
                sorted.drafts.push(application);
            }
            Stage::Sent { .. } => sorted.submitted = sorted.submitted.saturating_add(1),
            Stage::Blocked { .. } | Stage::Deleted => {}
        }
    }
    sorted
}
