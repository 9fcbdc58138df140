//! Access to one application: who calls, how the caller stands to it, and whether the tables and the calendar allow the
//! action.

use std::sync::Arc;

use aws_config::SdkConfig;
use domain::{
    application::Application,
    calendar,
    campaign::{Activity, Campaign, Opening},
    decision::{Hold, StepError},
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
    places::Place,
    rows,
    sessions::{Caller, Sessions},
};

/// Authenticates callers by their session token.
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
            TokenKey::new(config::keys_of_secret(sdk, "SESSION_SECRET_ID").await?),
            store.sessions.clone(),
            config::required("PUBLIC_ORIGIN")?,
        ))
    }

    /// Reads tokens with this key, sessions in this table, and lets changes come from this origin alone.
    pub const fn new(tokens: TokenKey, sessions: Sessions, public_origin: String) -> Self {
        Self { tokens, sessions, public_origin }
    }

    /// The caller of a read: the session must be live, and of level 1 at least, so that no session by password passes
    /// while passwords are switched off (ACC-7).
    pub async fn authenticate_for_read(&self, request: &ApiRequest) -> Result<Caller, Problem> {
        let caller = self.tokens.caller(request, SignedDuration::ZERO)?;
        self.sessions.require_live(&caller, request.arrival).await?;
        caller.require_level_1()?;
        Ok(caller)
    }

    /// The administrator who reads: identified at the level of one who changes.
    pub async fn authenticate_administrator_for_read(
        &self,
        request: &ApiRequest,
    ) -> Result<Caller, Problem> {
        let caller = self.authenticate_for_read(request).await?;
        caller.require_level_2()?;
        require_administrator(&caller)?;
        Ok(caller)
    }

    /// The caller of a change: from the portal's own pages, and identified by SPID level 2 or CIE (ACC-7).
    pub async fn authenticate_for_change(&self, request: &ApiRequest) -> Result<Caller, Problem> {
        request.require_origin(&self.public_origin)?;
        let caller = self.authenticate_for_read(request).await?;
        caller.require_level_2()?;
        Ok(caller)
    }

    /// The caller of a change for which a password may be enough, from the portal's own pages; [`ApplicationAccess::require`] judges
    /// the action's own level (NEW-5).
    pub async fn authenticate_for_change_at_level_1(
        &self,
        request: &ApiRequest,
    ) -> Result<Caller, Problem> {
        request.require_origin(&self.public_origin)?;
        self.authenticate_for_read(request).await
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
    /// Where the calendar does not let it happen yet: why, in Italian (CAL-3). The button is a sentence until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
    /// When it can happen, RFC 3339; absent where that is now, or never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub opens_at: Option<String>,
}

impl ActionView {
    /// An action that may be taken now.
    pub const fn of(action: &'static str, label: &'static str) -> Self {
        Self { action, label, closed: None, opens_at: None }
    }

    /// What the calendar says at this instant of the campaign's clock to an action that the tables allow.
    #[must_use]
    pub fn in_window(self, opening: Opening, activity: Activity) -> Self {
        let opens_at = match opening {
            Opening::Open { .. } => None,
            Opening::Closed { opens_at, .. } => opens_at.map(calendar::rfc3339),
        };
        Self { closed: opening.explanation(activity), opens_at, ..self }
    }
}

/// A term of the procedure, lengthened by the outages that are known (TRM-1, CNF-4).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TermView {
    /// Its code.
    pub kind: &'static str,
    /// What it is for, in Italian.
    pub label: &'static str,
    /// Who must act before it ends: `applicant`, `office`, or `portal` where nobody has to.
    pub who_acts: &'static str,
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
            who_acts: term.kind().holder().code(),
            starts_at: calendar::rfc3339(term.start()),
            ends_at: calendar::rfc3339(term.end()),
            ends_in_words: calendar::end_in_words(term.end()),
            ms_left: (term.end().as_millisecond() - now.as_millisecond()).max(0),
        }
    }
}

/// Why a case waits for a person although its term is over (CNF-1, COM-2).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, utoipa::ToSchema)]
pub struct HoldView {
    /// Its code.
    pub code: &'static str,
    /// What happened and what to do, in Italian, for the reader.
    pub text: &'static str,
}

impl HoldView {
    /// As an office reads it.
    pub const fn for_office(hold: Hold) -> Self {
        Self { code: hold.code(), text: hold.label() }
    }

    /// As the employer and the intermediary read it.
    pub const fn for_applicant(hold: Hold) -> Self {
        Self { code: hold.code(), text: hold.for_applicant() }
    }
}

/// The final position of a submission and its place in quota (RNK-1).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PlaceView {
    /// Position among the submissions of its model, from 1; it never changes.
    pub ordinal: u64,
    /// Protocol number.
    pub protocol: String,
    /// Whether it has a place; only then the permit can be granted.
    pub in_quota: bool,
    /// The quota line in which it has one; none while it waits for a place.
    pub line: Option<String>,
    /// The line's name.
    pub line_label: Option<String>,
    /// Since when it has had the place, RFC 3339.
    #[schema(format = DateTime)]
    pub since: Option<String>,
    /// Whether the place came later than the position, because another was given up or places were added.
    pub moved_up: bool,
}

impl PlaceView {
    /// As people read it.
    pub fn of(place: &Place, campaign: &Campaign) -> Self {
        let line = place.line.as_ref();
        let named = campaign.lines().iter().find(|each| Some(&each.id) == line);
        let since = place.since.and_then(|since| rows::instant(since).ok());
        Self {
            ordinal: place.ordinal,
            protocol: place.protocol.clone(),
            in_quota: place.in_quota(),
            line: line.cloned(),
            line_label: named.map(|line| line.label.clone()),
            since: since.map(calendar::rfc3339),
            moved_up: place.moved_up,
        }
    }
}

impl ApplicationAccess {
    /// Finds an application to which the caller has a relation, else 404. A deleted one is found, too, so that deleting
    /// twice is no error.
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

    /// The access of the person who opens the link that went to the employer's certified mailbox: as the representative,
    /// at level 0 (NEW-5).
    pub const fn by_link(head: Application) -> Self {
        Self { head, relation: Relation::Representative, role: Role::Employer, level: 0 }
    }

    /// Refuses an action that the permission table does not allow: `NotFound` if the caller may not see the application,
    /// `ArmedSend` if it would be allowed once disarmed, `WrongState` if another state would allow it, `LevelTooLow` if only
    /// the sign-in is too weak, else `NotAllowed`.
    pub fn require(&self, action: Action) -> Result<(), Problem> {
        if permission::may(self.role, self.relation, self.position(), action) {
            return if self.is_identified_for(action) {
                Ok(())
            } else {
                Err(Problem::new(ProblemKind::LevelTooLow))
            };
        }
        Err(Problem::new(if !self.may_in_state(self.head.state(), Action::Read) {
            ProblemKind::NotFound
        } else if self.head.state() == State::Armed && self.may_in_state(State::ToSend, action) {
            ProblemKind::ArmedSend
        } else if self.may_in_some_position(action) {
            ProblemKind::WrongState
        } else {
            ProblemKind::NotAllowed
        }))
    }

    /// Gives the outcome of a tried step if permissions and term allow it. A caller without the permission is refused
    /// first. One who only comes after the end of the term gets `TooLate`, even if the state has changed by then
    /// (CNF-2). `event` is none for steps without a term (AGR-1).
    pub fn judge<T>(
        &self,
        action: Action,
        event: Option<Event>,
        tried: Result<T, StepError>,
    ) -> Result<T, Rejection> {
        let required = self.require(action);
        let is_at_most_wrong_state =
            required.as_ref().err().is_none_or(|problem| problem.kind() == ProblemKind::WrongState);
        match (tried, required, event) {
            (Err(why @ (StepError::Late(ended) | StepError::Overtaken(ended))), _, Some(event))
                if is_at_most_wrong_state =>
            {
                Err(Rejection::TooLate { event, why, ended })
            }
            (_, Err(problem), _) => Err(Rejection::Refused(problem)),
            (Err(error), Ok(()), _) => Err(Rejection::Refused(error.into())),
            (Ok(counted), Ok(()), _) => Ok(counted),
        }
    }

    /// Refuses what the table or the calendar does not allow now; gives the campaign in force and the arrival on its
    /// clock, which judge the rest of the request (CAL-3).
    pub async fn require_now(
        &self,
        campaigns: &Campaigns,
        request: &ApiRequest,
        action: Action,
        activity: Activity,
    ) -> Result<(Arc<Campaign>, Timestamp), Problem> {
        let refused = self.require(action).err();
        let is_armed = match refused {
            Some(problem) if problem.kind() != ProblemKind::ArmedSend => return Err(problem),
            refused => refused.is_some(),
        };
        let campaign = campaigns
            .in_force(&self.head.campaign, request.arrival)
            .await?
            .ok_or_else(|| Problem::new(ProblemKind::NoSuchModel))?;
        let now = campaign.effective_now(request.arrival);
        // Whether it can be disarmed for it is the calendar's to say.
        if is_armed {
            return Err(armed_send(&campaign, &self.head, now));
        }
        require_open(&campaign, &self.head.model, activity, now)?;
        Ok((campaign, now))
    }

    /// Whether the caller may do this while the application is in that state.
    pub fn may_in_state(&self, state: State, action: Action) -> bool {
        permission::may(self.role, self.relation, state, action)
    }

    /// Where the application stands, with its integration agreement (AGR-1).
    fn position(&self) -> Position {
        let agreement = self.head.agreement();
        Position { state: self.head.state(), agreement }
    }

    /// Whether another state, or another step of the agreement, would let the caller do it.
    fn may_in_some_position(&self, action: Action) -> bool {
        let steps = AgreementStep::ALL.iter().copied().map(Some).chain([None]);
        steps.into_iter().any(|agreement| {
            State::ALL.iter().any(|state| {
                let position = Position { state: *state, agreement };
                permission::may(self.role, self.relation, position, action)
            })
        })
    }

    /// What the caller may do now, as buttons; not arming, which a campaign has to know ([`Self::actions_at`]).
    pub fn actions(&self) -> Vec<ActionView> {
        let permitted = self.permitted().filter(|action| *action != Action::Arm);
        permitted.map(|action| ActionView::of(action.code(), action.label())).collect()
    }

    /// The same with what the calendar says to arming, sending and filling in (CAL-3, SUB-1, NEW-1). `now` is the
    /// campaign's.
    pub fn actions_at(&self, campaign: &Campaign, now: Timestamp) -> Vec<ActionView> {
        let model = &self.head.model;
        let admitted = self.permitted().filter(|action| match action {
            Action::Arm => campaign.arming(model, now).is_ok(),
            Action::Disarm => !has_arrived(campaign, &self.head, now),
            _ => true,
        });
        let views = admitted.map(|action| {
            let view = ActionView::of(action.code(), action.label());
            let activity = match action {
                Action::Submit => Activity::Submit,
                Action::Save => Activity::Edit,
                _ => return view,
            };
            view.in_window(campaign.window(model, activity, now), activity)
        });
        views.collect()
    }

    fn permitted(&self) -> impl Iterator<Item = Action> {
        permission::allowed(self.role, self.relation, self.position())
            .into_iter()
            .filter(|action| action.is_offered() && self.is_identified_for(*action))
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

/// Turns a rejection into the problem to answer. Stores a request that came too late as evidence first, with `now` of
/// the campaign's clock, so that the office can reopen the case (CNF-4).
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

/// Refuses everybody but administrators.
pub fn require_administrator(caller: &Caller) -> Result<(), Problem> {
    if caller.role == Role::Administrator {
        Ok(())
    } else {
        Err(Problem::new(ProblemKind::NotAllowed))
    }
}

/// Refuses outside the window, with the reason and the next opening (CAL-3). `now` is the campaign's.
pub fn require_open(
    campaign: &Campaign,
    model: &ModelId,
    access: Activity,
    now: Timestamp,
) -> Result<(), Problem> {
    let opening = campaign.window(model, access, now);
    if opening.is_open() { Ok(()) } else { Err(closed(opening, access, now)) }
}

/// Whether the opening of what is armed has been: it counts as arrived, and its sending is under way (NEW-1). `now` is the
/// campaign's.
pub fn has_arrived(campaign: &Campaign, head: &Application, now: Timestamp) -> bool {
    let opening = head.stage.armed().and_then(|armed| campaign.opening_of(&head.model, armed));
    opening.is_some_and(|opening| opening <= now)
}

/// Why what is armed can be neither changed nor pressed: it goes by itself, or has arrived already (NEW-1). `now` is the
/// campaign's.
pub fn armed_send(campaign: &Campaign, head: &Application, now: Timestamp) -> Problem {
    let problem = Problem::new(ProblemKind::ArmedSend);
    if has_arrived(campaign, head, now) { problem.detail(ARRIVED) } else { problem }
}

/// What people read of an armed application between its opening and its receipt.
const ARRIVED: &str = "La domanda risulta arrivata all'apertura e l'invio è in corso: la ricevuta arriva tra qualche minuto. Non occorre premere.";

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
