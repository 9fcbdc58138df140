//! Requests to enable operators: who may take which step, in one table (ORG-1, ORG-3, ORG-5).
//!
//! No one takes two steps of one request, nor a step of a request of their own.

#![deny(clippy::wildcard_enum_match_arm)]

mod contact;

use std::str::FromStr;

pub use self::contact::{FirstContact, RequesterRelation};
use crate::{
    coded::coded, ids::AccountId, lifecycle::deterministic, organisation::OrganisationKind,
    permission::Role,
};

/// How many operators one request may name: all are enabled in one transaction. More operators are another request.
pub const MOST_OPERATORS: usize = 20;

coded! {
    /// Who asks to be enabled; it decides the offices that look at the request.
    pub enum EnablingKind as "enabling kind" {
        /// A patronato, association or body with a protocol: forms 7 and 8 (ORG-1).
        Organisation = "organisation", "Patronato, associazione o ente (moduli 7 e 8)";
        /// A municipality or a union of municipalities (ORG-3).
        Municipality = "municipality", "Comune o unione di comuni";
        /// An employment agency with its number in the register (ORG-5).
        Agency = "agency", "Agenzia per il lavoro";
        /// A professional with register and number (ORG-5).
        Professional = "professional", "Professionista";
    }
}

impl EnablingKind {
    /// Where a request of this kind begins.
    pub const fn opening(self) -> EnablingStage {
        if self.goes_through_prefecture() {
            EnablingStage::AwaitingPrefecture
        } else {
            EnablingStage::AwaitingAdministrator
        }
    }

    /// Whether prefecture and directorate look at it before the administrator does (ORG-1).
    pub const fn goes_through_prefecture(self) -> bool {
        matches!(self, Self::Organisation)
    }

    /// Whether each operator must have signed in once with the address that stands in the list (ORG-1).
    ///
    /// The others are recognised at their first sign-in, by fiscal code alone.
    pub const fn needs_first_sign_in(self) -> bool {
        matches!(self, Self::Organisation)
    }

    /// What the enabled body may be.
    pub const fn organisation_kinds(self) -> &'static [OrganisationKind] {
        use OrganisationKind as K;
        match self {
            Self::Organisation => &[K::Patronato, K::TradeAssociation, K::FinancedBody],
            Self::Municipality => &[K::Municipality, K::Union],
            Self::Agency => &[K::Agency],
            Self::Professional => &[K::Professional],
        }
    }
}

coded! {
    /// What a request waits for, or how it ended.
    pub enum EnablingStage as "enabling stage" {
        /// The prefecture of the seat makes its security checks (ORG-1).
        AwaitingPrefecture = "awaiting-prefecture", "In verifica presso la Prefettura";
        /// The central directorate looks at it and asks for the enabling (ORG-1).
        AwaitingDirectorate = "awaiting-directorate", "All'esame della Direzione centrale";
        /// An administrator changes the profiles (ORG-1, ORG-3, ORG-5).
        AwaitingAdministrator = "awaiting-administrator", "In attesa di abilitazione";
        /// The operators have their profile.
        Enabled = "enabled", "Abilitata";
        /// Refused with a reason.
        Refused = "refused", "Respinta";
        /// Taken back by the requester.
        Withdrawn = "withdrawn", "Ritirata";
    }
}

impl EnablingStage {
    /// Whether nothing can happen any more.
    pub fn is_final(self) -> bool {
        ENABLING_TRANSITIONS.iter().all(|row| row.from != self)
    }

    /// What a step leads to; refuses a step that is not in the table.
    pub fn on(self, step: EnablingStep) -> Result<&'static EnablingTransition, EnablingRefused> {
        ENABLING_TRANSITIONS
            .iter()
            .find(|row| row.from == self && row.event == step)
            .ok_or(EnablingRefused::NotNow { stage: self })
    }
}

coded! {
    /// A step of a request: each is recorded with who and when (ORG-1).
    pub enum EnablingStep as "enabling step" {
        /// The prefecture's checks ended well.
        Check = "check", "Verifiche di sicurezza superate";
        /// The directorate asks the administrator to enable.
        Announce = "announce", "Richiesta di abilitazione inoltrata";
        /// The profiles are changed.
        Enable = "enable", "Operatori abilitati";
        /// Refused with a reason.
        Refuse = "refuse", "Richiesta respinta";
        /// Taken back by the requester.
        Withdraw = "withdraw", "Richiesta ritirata";
    }
}

impl EnablingStep {
    /// Whether the request only goes on to the next office: nothing is decided, and no mail leaves (ORG-1).
    pub const fn forwards(self) -> bool {
        matches!(self, Self::Check | Self::Announce)
    }

    /// Whether the person who takes it must say why.
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Refuse)
    }
}

coded! {
    /// In which capacity an account acts on a request.
    pub enum Office as "office" {
        /// The requester, who sent it.
        Requester = "requester", "Chi ha presentato la richiesta";
        /// The prefecture of the province of the seat.
        Prefecture = "prefecture", "Prefettura";
        /// The central directorate.
        Directorate = "directorate", "Direzione centrale";
        /// A ministry administrator.
        Administrator = "administrator", "Amministratore";
    }
}

impl Office {
    /// The stage whose requests wait for this office; none for the requester.
    pub const fn work_list(self) -> Option<EnablingStage> {
        match self {
            Self::Requester => None,
            Self::Prefecture => Some(EnablingStage::AwaitingPrefecture),
            Self::Directorate => Some(EnablingStage::AwaitingDirectorate),
            Self::Administrator => Some(EnablingStage::AwaitingAdministrator),
        }
    }

    /// Whether this office may read the work list of a stage: an administrator every one, the others their own.
    pub fn reads_work_list(self, stage: EnablingStage) -> bool {
        !stage.is_final() && (self == Self::Administrator || self.work_list() == Some(stage))
    }

    /// The office of a role; none has no work list.
    pub const fn of_role(role: Role) -> Option<Self> {
        match role {
            Role::PrefectureOfficer => Some(Self::Prefecture),
            Role::Directorate => Some(Self::Directorate),
            Role::Administrator => Some(Self::Administrator),
            Role::Employer
            | Role::Operator
            | Role::OrganisationContact
            | Role::Officer
            | Role::ConsularSystem
            | Role::System => None,
        }
    }

    /// Whether this office may see a request that stands there; what it may not see is not there.
    pub fn sees(self, stage: EnablingStage) -> bool {
        VISIBLE.iter().any(|(office, stages)| *office == self && stages.contains(&stage))
    }
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct EnablingTransition {
    /// The stage before.
    pub from: EnablingStage,
    /// The step.
    pub event: EnablingStep,
    /// The stage after.
    pub to: EnablingStage,
    /// Who may take it.
    pub by: Office,
    /// The requirement.
    pub source: &'static str,
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnablingRefused {
    /// The request does not wait for this.
    #[error("not possible while the request is {stage}")]
    NotNow {
        /// Where it stands.
        stage: EnablingStage,
    },
    /// It waits for another office.
    #[error("another office takes this step")]
    OtherOffice,
    /// The requester, a person named in the list and the signer of form 7 do not decide.
    #[error("nobody decides about a request of their own")]
    OwnRequest,
    /// A person who took a step of it takes no second one (S18).
    #[error("nobody takes two steps of one request")]
    SecondStep,
}

impl EnablingRefused {
    /// What the person reads.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotNow { .. } => {
                "La richiesta non è più in questa fase: controlla a che punto è prima di decidere."
            }
            Self::OtherOffice => "Questo passo spetta a un altro ufficio.",
            Self::OwnRequest => {
                "Nessuno può decidere su una richiesta che ha presentato o che lo riguarda: deve occuparsene un collega."
            }
            Self::SecondStep => {
                "Hai già compiuto un passo di questa richiesta: il successivo spetta a un'altra persona."
            }
        }
    }
}

/// What a decision looks at: a request without its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnablingCase {
    /// Who asks to be enabled.
    pub kind: EnablingKind,
    /// What it waits for.
    pub stage: EnablingStage,
    /// Counts the steps, from 1.
    pub version: u64,
    /// Province of the seat, which decides the prefecture.
    pub province: String,
    /// The requester, who sent it.
    pub requester: AccountId,
    /// All people named in it: who would be enabled, and who signed form 7.
    pub named: Vec<AccountId>,
    /// All people who took a step so far, except the requester.
    pub deciders: Vec<AccountId>,
}

impl EnablingCase {
    /// In which capacity an account acts on it; none means that it is not there (404).
    pub fn office(
        &self,
        account: &AccountId,
        role: Role,
        province: Option<&str>,
    ) -> Option<Office> {
        let office = match Office::of_role(role) {
            Some(Office::Prefecture)
                if !self.kind.goes_through_prefecture() || province != Some(&self.province) =>
            {
                None
            }
            Some(Office::Directorate) if !self.kind.goes_through_prefecture() => None,
            office => office,
        };
        match office {
            Some(office) if office.sees(self.stage) => Some(office),
            _ if *account == self.requester => Some(Office::Requester),
            _ => None,
        }
    }

    /// The request after a step.
    pub fn step(
        &self,
        step: EnablingStep,
        by: &AccountId,
        office: Office,
    ) -> Result<Self, EnablingRefused> {
        let decides = step != EnablingStep::Withdraw;
        if decides && (*by == self.requester || self.named.contains(by)) {
            return Err(EnablingRefused::OwnRequest);
        }
        if decides && self.deciders.contains(by) {
            return Err(EnablingRefused::SecondStep);
        }
        let row = self.stage.on(step)?;
        if row.by != office {
            return Err(EnablingRefused::OtherOffice);
        }
        let mut after = Self { stage: row.to, version: self.version + 1, ..self.clone() };
        if decides {
            after.deciders.push(by.clone());
        }
        Ok(after)
    }

    /// What an account may do with it now.
    pub fn steps(&self, by: &AccountId, office: Office) -> Vec<EnablingStep> {
        EnablingStep::ALL
            .iter()
            .copied()
            .filter(|step| self.step(*step, by, office).is_ok())
            .collect()
    }
}

/// A reason that people can understand: 10 to 1000 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Reason(String);

/// The text is too short or too long for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reason has 10 to 1000 characters")]
pub struct ReasonError;

impl Reason {
    /// The longest reason, in characters.
    pub const LONGEST: usize = 1000;
    const SHORTEST: usize = 10;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Reason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Reason([redacted])")
    }
}

impl FromStr for Reason {
    type Err = ReasonError;

    fn from_str(text: &str) -> Result<Self, ReasonError> {
        let text = text.trim();
        if (Self::SHORTEST..=Self::LONGEST).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ReasonError)
        }
    }
}

const fn row(
    from: EnablingStage,
    event: EnablingStep,
    to: EnablingStage,
    by: Office,
    source: &'static str,
) -> EnablingTransition {
    EnablingTransition { from, event, to, by, source }
}

/// Everything that may happen to a request. A step without a row is refused.
#[rustfmt::skip]
pub const ENABLING_TRANSITIONS: &[EnablingTransition] = {
    use {EnablingStage as S, EnablingStep as E, Office as O};
    &[
    //  from                      step         to                        by                source
    row(S::AwaitingPrefecture,    E::Check,    S::AwaitingDirectorate,   O::Prefecture,    "ORG-1"),
    row(S::AwaitingPrefecture,    E::Refuse,   S::Refused,               O::Prefecture,    "ORG-1"),
    row(S::AwaitingPrefecture,    E::Withdraw, S::Withdrawn,             O::Requester,     "ORG-1"),
    row(S::AwaitingDirectorate,   E::Announce, S::AwaitingAdministrator, O::Directorate,   "ORG-1"),
    row(S::AwaitingDirectorate,   E::Refuse,   S::Refused,               O::Directorate,   "ORG-1"),
    row(S::AwaitingDirectorate,   E::Withdraw, S::Withdrawn,             O::Requester,     "ORG-1"),
    row(S::AwaitingAdministrator, E::Enable,   S::Enabled,               O::Administrator, "ORG-1, ORG-3, ORG-5"),
    row(S::AwaitingAdministrator, E::Refuse,   S::Refused,               O::Administrator, "ORG-1, ORG-3, ORG-5"),
    row(S::AwaitingAdministrator, E::Withdraw, S::Withdrawn,             O::Requester,     "ORG-1, ORG-3, ORG-5"),
]};

deterministic!(ENABLING_TRANSITIONS);

/// Which office sees a request at which stage (least necessary, PRV-1): the directorate sees what a prefecture has checked.
const VISIBLE: &[(Office, &[EnablingStage])] = &[
    (Office::Requester, EnablingStage::ALL),
    (Office::Prefecture, EnablingStage::ALL),
    (
        Office::Directorate,
        &[
            EnablingStage::AwaitingDirectorate,
            EnablingStage::AwaitingAdministrator,
            EnablingStage::Enabled,
            EnablingStage::Refused,
        ],
    ),
    (Office::Administrator, EnablingStage::ALL),
];

#[cfg(test)]
mod tests;
