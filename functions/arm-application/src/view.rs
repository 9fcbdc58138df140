//! What is asked for and what is answered: the same body and the same outcomes for arming and for disarming.

use domain::{
    application::Application,
    calendar,
    ids::{ApplicationId, CampaignId, ModelId},
};
use edge::{
    form,
    http::{Problem, form::Input as _, problem::ProblemInShort},
    press_for_many::{campaign, model, selection},
};
use serde::Serialize;
use utoipa::ToSchema;

form! {
    /// Which applications are to be armed, or no longer to be.
    pub(crate) struct ArmedSendsRequest {
        /// The decree, as in the calendar.
        campaign: CampaignId = campaign(),
        /// The model, as in the calendar.
        model: ModelId = model(),
        /// A selection; left out, all that the caller may send and are ready, or all of these that are armed, a hundred at a
        /// time.
        applications: Vec<ApplicationId> = selection().sometimes(),
    }
}

/// What became of each.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArmedSendsAnswer {
    /// When the request arrived, by which all of it is judged, on the campaign's clock; RFC 3339 with milliseconds.
    pub(crate) arrival: String,
    /// The opening at which all that is armed now arrives, by the calendar in force, RFC 3339 with Rome's offset: a
    /// calendar that moves it moves them. Absent where none is to come.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub(crate) opens_at: Option<String>,
    /// One each, in the order asked for; without a selection the oldest application first, and when arming those that were
    /// armed before come last.
    pub(crate) outcomes: Vec<ArmedOutcomeView>,
    /// Applications that found no room in this request: ask again.
    pub(crate) remaining: usize,
    /// What it means that there was nothing to do, in Italian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

/// What became of one application.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ArmedOutcome {
    /// By this request: it goes by itself at the opening.
    Armed,
    /// By an earlier one, and it stays so.
    AlreadyArmed,
    /// By this request: it is *da inviare* again.
    Disarmed,
    /// Nothing was to be undone: it is not armed, be it by an earlier request.
    NotArmed,
    /// It is not ready: it was not armed.
    NotReady,
    /// It is of another decree or model than the request names: nothing was changed.
    OtherModel,
    /// It was sent: there is nothing to arm and nothing to undo.
    AlreadySent,
    /// The window is open, or no opening is to come: it was not armed.
    Closed,
    /// Its opening has been: it counts as arrived, and cannot be disarmed.
    Arrived,
    /// Absent or not the caller's.
    NotFound,
    /// The caller may not send it, or was withdrawn while others were being changed.
    NotAllowed,
    /// The store did not take it: ask again.
    Unavailable,
}

/// One application and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ArmedOutcomeView {
    /// The application.
    pub(crate) application: String,
    /// What became of it.
    pub(crate) outcome: ArmedOutcome,
    /// Since when it is armed, RFC 3339 with milliseconds and Rome's offset; absent where it is not. It says nothing of the
    /// order: all that is armed arrives at the opening.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub(crate) armed_at: Option<String>,
    /// Why not, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<ProblemInShort>,
}

impl ArmedOutcomeView {
    /// It is armed, now or before.
    pub(crate) fn armed(outcome: ArmedOutcome, head: &Application) -> Self {
        Self { armed_at: head.stage.armed().map(calendar::rfc3339), ..Self::of(&head.id, outcome) }
    }

    /// An outcome of which nothing more is to be said.
    pub(crate) fn of(id: &ApplicationId, outcome: ArmedOutcome) -> Self {
        Self { application: id.to_string(), outcome, armed_at: None, problem: None }
    }

    /// Nothing was changed, and why.
    pub(crate) fn refused(id: &ApplicationId, outcome: ArmedOutcome, problem: &Problem) -> Self {
        Self { problem: Some(problem.summary()), ..Self::of(id, outcome) }
    }
}
