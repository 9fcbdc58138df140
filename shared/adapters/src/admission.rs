//! The door to one application: who calls, whose it is, and whether the tables and the calendar let it happen.

use domain::{
    application::{Application, Stage, Submission},
    campaign::{Access, Campaign},
    ids::{ApplicationId, ModelId},
    lifecycle::State,
    permission::{self, Action, IdentityLevel, Relation, Role},
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{
    applications::Applications,
    http::{Exchange, Problem, ProblemKind, closed},
    session::{Caller, Sessions, TokenKey},
};

/// What proves who calls.
#[derive(Debug)]
pub struct Door {
    tokens: TokenKey,
    sessions: Sessions,
    public_origin: String,
}

impl Door {
    /// Reads tokens with this key, sessions in this table, and lets changes come from this origin alone.
    pub const fn new(tokens: TokenKey, sessions: Sessions, public_origin: String) -> Self {
        Self { tokens, sessions, public_origin }
    }

    /// Whoever reads: a token of ours whose session has not ended.
    pub async fn reader(&self, exchange: &Exchange) -> Result<Caller, Problem> {
        let caller = self.tokens.caller(exchange, SignedDuration::ZERO)?;
        self.sessions.require_live(&caller, exchange.arrival).await?;
        Ok(caller)
    }

    /// Whoever changes something: from our own pages, and identified by SPID level 2 or CIE (ACC-7).
    pub async fn actor(&self, exchange: &Exchange) -> Result<Caller, Problem> {
        exchange.require_origin(&self.public_origin)?;
        let caller = self.reader(exchange).await?;
        caller.require_level_2()?;
        Ok(caller)
    }
}

/// An application and how the caller stands to it.
#[derive(Clone, Debug)]
pub struct Held {
    /// The application as last written.
    pub head: Application,
    relation: Relation,
    role: Role,
    level: u8,
}

/// Something that the caller may do now, under the portal's own name (STA-1).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ActionView {
    /// Stable code.
    pub action: &'static str,
    /// As the button reads.
    pub label: &'static str,
}

impl Held {
    /// An application that the caller stands in some relation to; a deleted one is given too, so that deleting again
    /// is no error. Somebody else's is not there.
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

    /// Refuses what the permission table does not have: as absent what may not even be seen, by state what another
    /// state would allow, else by role.
    pub fn require(&self, action: Action) -> Result<(), Problem> {
        let may =
            |state: State, action: Action| permission::may(self.role, self.relation, state, action);
        let state = self.head.state();
        if may(state, action) {
            return if self.is_identified_for(action) {
                Ok(())
            } else {
                Err(Problem::new(ProblemKind::LevelTooLow))
            };
        }
        Err(Problem::new(if !may(state, Action::Read) {
            ProblemKind::NotFound
        } else if State::ALL.iter().any(|other| may(*other, action)) {
            ProblemKind::WrongState
        } else {
            ProblemKind::NotAllowed
        }))
    }

    /// Whether the caller could do this to the application in that state.
    pub fn could(&self, state: State, action: Action) -> bool {
        permission::may(self.role, self.relation, state, action)
    }

    /// What the caller may do now, as buttons.
    pub fn actions(&self) -> Vec<ActionView> {
        permission::allowed(self.role, self.relation, self.head.state())
            .into_iter()
            .filter(|action| action.is_offered() && self.is_identified_for(*action))
            .map(|action| ActionView { action: action.code(), label: action.label() })
            .collect()
    }

    fn is_identified_for(&self, action: Action) -> bool {
        match action.minimum_level() {
            IdentityLevel::Link | IdentityLevel::Password => true,
            IdentityLevel::Two => self.level >= 2,
            IdentityLevel::Three => self.level >= 3,
        }
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

/// The competent province is known once the application is ready (RNK-1).
fn is_of_province(head: &Application, caller: &Caller) -> bool {
    match &head.stage {
        Stage::ToSend(ready) | Stage::Sent { submission: Submission { ready, .. }, .. } => {
            caller.province.as_ref() == Some(&ready.province)
        }
        Stage::ToValidate | Stage::ToComplete { .. } | Stage::Ended(_) => false,
    }
}
