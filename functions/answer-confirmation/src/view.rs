//! What people read of an application after they answered: where it stands, and what still runs (CNF-1, CNF-3).

use domain::decision::{Context, StepError};
use edge::access::{ActionView, ApplicationAccess, TermView};
use serde::Serialize;
use utoipa::ToSchema;

/// An application after an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerView {
    /// Opaque identifier.
    pub id: String,
    /// State code.
    pub state: &'static str,
    /// State as people read it.
    pub state_label: &'static str,
    /// The step inside *Registrazione dello straniero*.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<&'static str>,
    /// The term that runs now: after a renunciation, how long it can be undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub term: Option<TermView>,
    /// What the caller may do now.
    pub allowed: Vec<ActionView>,
    /// Version of the head.
    pub version: u64,
}

impl AnswerView {
    pub(crate) fn of(access: &ApplicationAccess, context: &Context<'_>) -> Result<Self, StepError> {
        let state = access.head.state();
        let term = access.head.running_term(context)?;
        Ok(Self {
            id: access.head.id.to_string(),
            state: state.code(),
            state_label: state.label(),
            step: state.step(),
            term: term.map(|term| TermView::of(&term, context.now)),
            allowed: access.actions(),
            version: access.head.version,
        })
    }
}
