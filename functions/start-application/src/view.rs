//! What the client reads of an application that was just started.

use domain::{activation::Activation, application::Application, calendar};
use edge::access::ActionView;
use serde::Serialize;
use utoipa::ToSchema;

/// An application between preliminary checks and form.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartedView {
    /// Opaque identifier.
    pub id: String,
    /// The decree.
    pub campaign: String,
    /// The model.
    pub model: String,
    /// The form, as in `GET /api/models/{schema}`.
    pub schema: String,
    /// State code.
    pub state: &'static str,
    /// As people read it.
    pub state_label: &'static str,
    /// Whether a code is on its way to the employer's certified address.
    pub code_sent: bool,
    /// Until when the code can be typed, RFC 3339.
    pub code_expires_at: Option<String>,
    /// What happened and what to do next, in Italian.
    pub message: String,
    /// What the caller may do now.
    pub actions: Vec<ActionView>,
    /// RFC 3339.
    pub created: String,
}

impl StartedView {
    pub(crate) fn of(
        application: &Application,
        activation: Option<&Activation>,
        message: String,
        actions: Vec<ActionView>,
    ) -> Self {
        let state = application.state();
        Self {
            id: application.id.to_string(),
            campaign: application.campaign.to_string(),
            model: application.model.to_string(),
            schema: application.schema.clone(),
            state: state.code(),
            state_label: state.label(),
            code_sent: activation.is_some(),
            code_expires_at: activation.map(|activation| calendar::rfc3339(activation.expires_at)),
            message,
            actions,
            created: calendar::rfc3339(application.created),
        }
    }
}
