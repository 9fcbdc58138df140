//! Access to one application: who calls, how the caller stands to it, and whether the tables and the calendar allow the
//! action.

use std::sync::Arc;

use aws_config::SdkConfig;
use domain::{
    application::Application,
    calendar,
    campaign::{Access, Campaign},
    decision::StepError,
    ids::{ApplicationId, ModelId},
    lifecycle::{Event, Position, State, agreement::AgreementStep},
    permission::{self, Action, IdentityLevel, Relation, Role},
    term::Term,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{
    http::{ApiRequest, Problem, ProblemKind, closed},
    session::TokenKey,
};
use outside::config::{self, ConfigError};
use store::{
    Store,
    applications::Applications,
    campaigns::Campaigns,
    evidence::{Attempt, Evidence},
    sessions::{Caller, Sessions},
};

/// Proves who calls.
#[derive(Debug)]
pub struct Authenticator {
    tokens: TokenKey,
    sessions: Sessions,
    public_origin: String,
}

impl Authenticator {
    /// With the keys and tables that the template configures; called at init.
    pub async fn from_environment(sdk: &SdkConfig, store: &Store) -> Result<Self, ConfigError> {
        Ok(Self::new(
            TokenKey::new(&config::secret(sdk, "SESSION_SECRET_ID").await?),
            store.sessions.clone(),
            config::required("PUBLIC_ORIGIN")?,
        ))
    }

    /// Reads tokens with this key, sessions in this table, and lets changes come from this origin alone.
    pub const fn new(tokens: TokenKey, sessions: Sessions, public_origin: String) -> Self {
        Self { tokens, sessions, public_origin }
    }

    /// The caller of a read: with a token of the portal whose session has not ended; a password that was switched off
    /// opens nothing (ACC-7).
    pub async fn authenticate_reader(&self, request: &ApiRequest) -> Result<Caller, Problem> {
        let caller = self.tokens.caller(request, SignedDuration::ZERO)?;
        self.sessions.require_live(&caller, request.arrival).await?;
        caller.require_level_1()?;
        Ok(caller)
    }

    /// The caller of a change: from the portal's own pages, and identified by SPID level 2 or CIE (ACC-7).
    pub async fn authenticate_actor(&self, request: &ApiRequest) -> Result<Caller, Problem> {
        request.require_origin(&self.public_origin)?;
        let caller = self.authenticate_reader(request).await?;
        caller.require_level_2()?;
        Ok(caller)
    }

    /// The caller of a change for which a password may be enough, from the portal's own pages; [`ApplicationAccess::require`] judges
    /// the action's own level (NEW-5).
    pub async fn authenticate_actor_below_level_2(
        &self,
        request: &ApiRequest,
    ) -> Result<Caller, Problem> {
        request.require_origin(&self.public_origin)?;
        self.authenticate_reader(request).await
    }
}

/// An application and how the caller stands to it.
#[derive(Clone, Debug)]
pub struct ApplicationAccess {
    /// The application as last written.
    pub head: Application,
    relation: Relation,
    role: Role,
    level: u8,
}

/// Why the portal does not accept a request that is under a term.
#[derive(Debug)]
pub enum Rejection {
    /// The term of the event was over, or its end had taken effect; kept as evidence by
    /// [`reject`] (CNF-4).
    TooLate {
        /// The event that the caller tried to cause.
        event: Event,
        /// Late or overtaken.
        why: StepError,
        /// When the term ended, by the campaign's clock.
        ended: Timestamp,
    },
    /// The caller may not do it, or the state does not admit it now.
    Refused(Problem),
}

/// An action that the caller may take now, under the portal's own name (STA-1).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ActionView {
    /// Stable code.
    pub action: &'static str,
    /// As the button reads.
    pub label: &'static str,
}

/// A term of the procedure, lengthened by the outages that are known (TRM-1, CNF-4).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TermView {
    /// Its code.
    pub kind: &'static str,
    /// What it is for, in Italian.
    pub label: &'static str,
    /// First instant, RFC 3339 with Rome's offset.
    pub starts_at: String,
    /// First instant at which an answer is late, RFC 3339 with milliseconds and Rome's offset (CNF-2).
    pub ends_at: String,
    /// The same after *entro*: `le ore 24:00 di martedì 27 gennaio 2026`.
    pub ends_in_words: String,
    /// Milliseconds that are left; 0 when it is over.
    pub ms_left: i64,
}

impl TermView {
    /// A term as people read it at this instant of the campaign's clock.
    pub fn of(term: &Term, now: Timestamp) -> Self {
        Self {
            kind: term.kind().code(),
            label: term.kind().label(),
            starts_at: calendar::rfc3339(term.start()),
            ends_at: calendar::rfc3339(term.end()),
            ends_in_words: calendar::end_in_words(term.end()),
            ms_left: (term.end().as_millisecond() - now.as_millisecond()).max(0),
        }
    }
}

impl ApplicationAccess {
    /// An application that the caller stands in some relation to; a deleted one, too, so that deleting again is no
    /// error. Without a relation the answer is 404.
    pub async fn find(
        applications: &Applications,
        caller: &Caller,
        id: &ApplicationId,
    ) -> Result<Self, Problem> {
        let head = applications.head(id).await?.ok_or(Problem::new(ProblemKind::NotFound))?;
        Self::of(head, caller)
    }

    /// The same for a head that was read already.
    pub fn of(head: Application, caller: &Caller) -> Result<Self, Problem> {
        let relation = match head.parties.relation(&caller.account, caller.organisation.as_ref()) {
            Relation::None if is_of_province(&head, caller) => Relation::SameProvince,
            relation => relation,
        };
        match caller.role.acting_as(relation) {
            Some(_) => Ok(Self { head, relation, role: caller.role, level: caller.level }),
            None => Err(Problem::new(ProblemKind::NotFound)),
        }
    }

    /// The access of a reader of the employer's certified mailbox: as the representative, identified by no more than
    /// the link in a message (NEW-5).
    pub const fn by_link(head: Application) -> Self {
        Self { head, relation: Relation::Representative, role: Role::Employer, level: 0 }
    }

    /// Refuses an action that the permission table does not allow: with 404 where the caller may not even see the
    /// application, with the state where another state would allow it, else with the role.
    pub fn require(&self, action: Action) -> Result<(), Problem> {
        let may =
            |state: State, action: Action| permission::may(self.role, self.relation, state, action);
        let state = self.head.state();
        if permission::may(self.role, self.relation, self.position(), action) {
            return if self.is_identified_for(action) {
                Ok(())
            } else {
                Err(Problem::new(ProblemKind::LevelTooLow))
            };
        }
        Err(Problem::new(if !may(state, Action::Read) {
            ProblemKind::NotFound
        } else if self.could_somewhere(action) {
            ProblemKind::WrongState
        } else {
            ProblemKind::NotAllowed
        }))
    }

    /// The outcome of a tried step, where it counts: the tables decide first, then the term. A caller who may do it and
    /// comes when the end has taken effect reads of the term, not of a state (CNF-2). `event` is none for steps without
    /// a term (AGR-1).
    pub fn accept<T>(
        &self,
        action: Action,
        event: Option<Event>,
        tried: Result<T, StepError>,
    ) -> Result<T, Rejection> {
        let required = self.require(action);
        let by_state =
            required.as_ref().err().is_none_or(|problem| problem.kind() == ProblemKind::WrongState);
        match (tried, required, event) {
            (Err(why @ (StepError::Late(ended) | StepError::Overtaken(ended))), _, Some(event))
                if by_state =>
            {
                Err(Rejection::TooLate { event, why, ended })
            }
            (_, Err(problem), _) => Err(Rejection::Refused(problem)),
            (Err(error), Ok(()), _) => Err(Rejection::Refused(error.into())),
            (Ok(counted), Ok(()), _) => Ok(counted),
        }
    }

    /// Refuses what the table or the calendar does not allow now; gives the campaign in force and its now, which judge
    /// the rest of the request (CAL-3).
    pub async fn admit(
        &self,
        campaigns: &Campaigns,
        request: &ApiRequest,
        action: Action,
        access: Access,
    ) -> Result<(Arc<Campaign>, Timestamp), Problem> {
        self.require(action)?;
        let campaign = campaigns
            .in_force(&self.head.campaign, request.arrival)
            .await?
            .ok_or_else(|| Problem::new(ProblemKind::NoSuchModel))?;
        let now = campaign.effective_now(request.arrival);
        require_open(&campaign, &self.head.model, access, now)?;
        Ok((campaign, now))
    }

    /// Whether the caller could do this to the application in that state.
    pub fn could(&self, state: State, action: Action) -> bool {
        permission::may(self.role, self.relation, state, action)
    }

    /// Where the application stands, with its integration agreement (AGR-1).
    fn position(&self) -> Position {
        let agreement = self.head.agreement();
        Position { state: self.head.state(), agreement }
    }

    /// Whether another state, or another step of the agreement, would let the caller do it.
    fn could_somewhere(&self, action: Action) -> bool {
        let steps = AgreementStep::ALL.iter().copied().map(Some).chain([None]);
        steps.into_iter().any(|agreement| {
            State::ALL.iter().any(|state| {
                let position = Position { state: *state, agreement };
                permission::may(self.role, self.relation, position, action)
            })
        })
    }

    /// What the caller may do now, as buttons.
    pub fn actions(&self) -> Vec<ActionView> {
        permission::allowed(self.role, self.relation, self.position())
            .into_iter()
            .filter(|action| action.is_offered() && self.is_identified_for(*action))
            .map(|action| ActionView { action: action.code(), label: action.label() })
            .collect()
    }

    fn is_identified_for(&self, action: Action) -> bool {
        match action.minimum_level() {
            IdentityLevel::Link => true,
            IdentityLevel::Password => self.level >= 1,
            IdentityLevel::Two => self.level >= 2,
            IdentityLevel::Three => self.level >= 3,
        }
    }
}

/// The problem that answers a request that does not count. Keeps one that came too late, at `now` of the campaign's
/// clock, as evidence first, so that the office can reopen the case (CNF-4).
pub async fn reject(
    evidence: &Evidence,
    rejection: Rejection,
    access: &ApplicationAccess,
    caller: &Caller,
    request: &ApiRequest,
    now: Timestamp,
) -> Problem {
    let (event, why, ended) = match rejection {
        Rejection::TooLate { event, why, ended } => (event, why, ended),
        Rejection::Refused(problem) => return problem,
    };
    let (account, request) = (&caller.account, request.request_id.as_str());
    match evidence.keep(&access.head.id, &Attempt { event, at: now, ended, account, request }).await
    {
        Ok(()) => why.into(),
        Err(error) => error.into(),
    }
}

/// Refuses outside the window, with the reason and the next opening (CAL-3). `now` is the campaign's.
pub fn require_open(
    campaign: &Campaign,
    model: &ModelId,
    access: Access,
    now: Timestamp,
) -> Result<(), Problem> {
    let opening = campaign.window(model, access, now);
    if opening.is_open() { Ok(()) } else { Err(closed(opening, access, now)) }
}

/// Whether the caller works in the competent province, as far as it is known (RNK-1, NEW-5).
fn is_of_province(head: &Application, caller: &Caller) -> bool {
    head.province().is_some_and(|province| caller.province.as_deref() == Some(province))
}

#[cfg(test)]
mod tests {
    use domain::term::TermKind;

    use super::*;

    /// TRM-1, CNF-3: the end is the first instant at which an answer is late; nothing is left then.
    #[test]
    fn the_time_left_ends_with_the_term() {
        let start = "2026-01-12T08:00:00Z".parse().unwrap();
        let end: Timestamp = "2026-01-27T23:00:00Z".parse().unwrap();
        let term = Term::restore(TermKind::Confirmation, 2, start, end).unwrap();
        let view = TermView::of(&term, end - SignedDuration::from_millis(1));
        assert_eq!(view.ms_left, 1);
        assert_eq!(view.ends_in_words, "le ore 24:00 di martedì 27 gennaio 2026");
        assert_eq!(view.ends_at, "2026-01-28T00:00:00.000+01:00");
        assert_eq!(TermView::of(&term, end + SignedDuration::from_hours(1)).ms_left, 0);
    }
}
