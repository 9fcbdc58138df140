//! Organisations whose operators file for others: what they are, on what basis, and who may do what with their lists.

#![deny(clippy::wildcard_enum_match_arm)]

mod leaving;
mod row;

use jiff::Timestamp;

pub use self::{
    leaving::{Leaving, Period, may_report_leaving},
    row::{FirstSignIn, ListedPerson, Objection, RowOutcome},
};
use crate::{
    campaign::Profile, coded::coded, email_address::EmailAddress, ids::OrganisationId,
    permission::Role,
};

/// How many rows one list of operators may have (ORG-2).
pub const LONGEST_LIST: usize = 1000;

/// How many applications one request hands over at most (ORG-4).
pub const MOST_HANDED_OVER: usize = 100;

coded! {
    /// What an organisation is.
    pub enum OrganisationKind as "organisation kind" {
        /// A patronato.
        Patronato = "patronato", "Patronato";
        /// A trade or employers' association.
        TradeAssociation = "trade-association", "Associazione di categoria o datoriale";
        /// A body financed under art. 13 L. 152/2001.
        FinancedBody = "financed-body", "Ente finanziato ex art. 13 L. 152/2001";
        /// A municipality (ORG-3).
        Municipality = "municipality", "Comune";
        /// A union of municipalities (ORG-3).
        Union = "union", "Unione di comuni";
        /// An employment agency (ORG-5).
        Agency = "agency", "Agenzia per il lavoro";
        /// A professional: an organisation of one (ORG-5).
        Professional = "professional", "Professionista";
    }
}

impl OrganisationKind {
    /// The profile of its operators, which decides a campaign's limits (LIM-1).
    pub const fn profile(self) -> Profile {
        match self {
            Self::Patronato | Self::TradeAssociation | Self::FinancedBody => Profile::Organisation,
            Self::Municipality | Self::Union => Profile::MunicipalOperator,
            Self::Agency => Profile::Agency,
            Self::Professional => Profile::Professional,
        }
    }
}

coded! {
    /// On what an organisation's operators rely.
    pub enum BasisKind as "basis" {
        /// Protocol with the Ministry of Labour under art. 44 c. 5 D.L. 73/2022.
        LabourProtocol = "labour-protocol", "Protocollo d'intesa ex art. 44 c. 5 D.L. 73/2022";
        /// Associations with a reserved part of the seasonal quota in agriculture.
        ReservedQuota = "reserved-quota", "Quota riservata stagionale agricola";
        /// Associations with a reserved part of the seasonal quota in tourism.
        ReservedTourismQuota = "reserved-tourism-quota", "Quota riservata stagionale turistica";
        /// Bodies financed under art. 13 L. 152/2001.
        Financing = "financing", "Finanziamento ex art. 13 L. 152/2001";
        /// Protocol with the Ministry of the Interior (S18): forms 7 and 8.
        InteriorProtocol = "interior-protocol", "Protocollo d'intesa con il Ministero dell'Interno";
        /// A municipality's own tasks (ORG-3).
        PublicTask = "public-task", "Compiti istituzionali dell'ente locale";
        /// An entry in the register of agencies or professionals (ORG-5).
        Register = "register", "Iscrizione all'albo";
    }
}

impl BasisKind {
    /// Whether the national body may send lists of operators by itself (ORG-2); the others go through forms 7 and 8.
    pub const fn admits_lists(self) -> bool {
        matches!(
            self,
            Self::LabourProtocol
                | Self::ReservedQuota
                | Self::ReservedTourismQuota
                | Self::Financing
        )
    }

    /// Whether its applications follow the simplified procedure of art. 44 c. 5 (S22).
    pub const fn is_simplified(self) -> bool {
        matches!(self, Self::LabourProtocol)
    }

    /// Whether its seasonal applications count against the quota reserved to associations (S22).
    pub const fn has_reserved_quota(self) -> bool {
        matches!(self, Self::ReservedQuota | Self::ReservedTourismQuota)
    }
}

/// The recorded basis of an organisation with its validity (ORG-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// What it is.
    pub kind: BasisKind,
    /// Protocol, decree, or register with number.
    pub reference: String,
    /// From when it holds.
    pub from: Timestamp,
    /// When it ends, excluded; none while no end is known.
    pub until: Option<Timestamp>,
}

impl Basis {
    /// Whether it holds at an instant: the first is included, the end is not.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    /// Whether it is over at an instant. One that begins later is not: its people can be recorded in advance.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Refuses a list of operators that the body may not send, or not now (ORG-2).
    pub fn require_lists(&self, now: Timestamp) -> Result<(), ListRefused> {
        if !self.kind.admits_lists() {
            Err(ListRefused::FormsNeeded)
        } else if !self.holds(now) {
            Err(ListRefused::BasisEnded)
        } else {
            Ok(())
        }
    }
}

/// Why a body may not send a list of operators (ORG-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListRefused {
    /// Its operators are enabled by forms 7 and 8, or by an administrator.
    #[error("operators of this body are enabled by forms, not by lists")]
    FormsNeeded,
    /// Its basis does not hold now.
    #[error("the basis does not hold now")]
    BasisEnded,
}

coded! {
    /// The professionals who may file for others (ORG-5).
    pub enum Profession as "profession" {
        /// L. 12/1979.
        LabourConsultant = "labour-consultant", "Consulente del lavoro";
        /// Lawyer.
        Lawyer = "lawyer", "Avvocato";
        /// Accountant.
        Accountant = "accountant", "Dottore commercialista o esperto contabile";
    }
}

/// Whether an address is an office's and not a person's (S09: *istituzionale, personale*).
pub fn is_shared_mailbox(address: &EmailAddress) -> bool {
    let address = address.comparable();
    let local = address.split('@').next().unwrap_or_default();
    SHARED_MAILBOXES.contains(&local)
}

/// Names that municipalities give to mailboxes that several people read.
const SHARED_MAILBOXES: &[&str] = &[
    "anagrafe",
    "comune",
    "info",
    "pec",
    "posta",
    "protocollo",
    "segreteria",
    "sindaco",
    "ufficio",
    "urp",
];

coded! {
    /// The relation of a caller to an organisation.
    pub enum OrganisationRelation as "belonging" {
        /// Works for it, in the session's role.
        Member = "member", "Ne fa parte";
        /// Does not.
        Stranger = "stranger", "Non ne fa parte";
    }
}

impl OrganisationRelation {
    /// From the organisation of the session.
    pub fn of(organisation: &OrganisationId, own: Option<&OrganisationId>) -> Self {
        if own == Some(organisation) { Self::Member } else { Self::Stranger }
    }
}

coded! {
    /// What a caller can do with organisations.
    pub enum OrganisationAction as "organisation action" {
        /// Ask for the enabling of operators (ORG-1, ORG-3, ORG-5).
        AskEnabling = "ask-enabling", "Richiedi abilitazione";
        /// Record a national body with its basis and its contact (ORG-2).
        Record = "record", "Registra organizzazione";
        /// See it with its basis.
        Read = "read", "Visualizza organizzazione";
        /// See the list of its operators.
        ReadOperators = "read-operators", "Elenco operatori";
        /// Send a list of operators (ORG-2).
        AddOperators = "add-operators", "Trasmetti elenco operatori";
        /// Report that an operator leaves (ORG-4).
        ReportLeaving = "report-leaving", "Comunica cessazione";
        /// Give an operator's applications to a colleague (ORG-4).
        HandOver = "hand-over", "Riassegna domande";
    }
}

/// One row of the permission table of organisations.
#[derive(Debug, PartialEq, Eq)]
pub struct OrganisationRight {
    /// What may be done.
    pub action: OrganisationAction,
    /// In which roles.
    pub by: &'static [Role],
    /// In which relation.
    pub belonging: &'static [OrganisationRelation],
    /// The requirement.
    pub source: &'static str,
}

/// Whether a caller with this role and relation may do it.
pub fn may(role: Role, belonging: OrganisationRelation, action: OrganisationAction) -> bool {
    ORGANISATION_RIGHTS.iter().any(|right| {
        right.action == action && right.by.contains(&role) && right.belonging.contains(&belonging)
    })
}

/// All that a caller with this role and relation may do, in the order of [`OrganisationAction::ALL`].
pub fn allowed(role: Role, belonging: OrganisationRelation) -> Vec<OrganisationAction> {
    OrganisationAction::ALL.iter().copied().filter(|action| may(role, belonging, *action)).collect()
}

const fn right(
    action: OrganisationAction,
    by: &'static [Role],
    belonging: &'static [OrganisationRelation],
    source: &'static str,
) -> OrganisationRight {
    OrganisationRight { action, by, belonging, source }
}

const MEMBER: &[OrganisationRelation] = &[OrganisationRelation::Member];
const ANYBODY: &[OrganisationRelation] = OrganisationRelation::ALL;

/// Everything that a caller may do with an organisation. An action without a row is refused.
#[rustfmt::skip]
pub const ORGANISATION_RIGHTS: &[OrganisationRight] = {
    use {OrganisationAction as A, Role as R};
    &[
    //    action            roles                                       relation  source
    right(A::AskEnabling,   &[R::Employer, R::OrganisationContact],     ANYBODY,  "ORG-1, ORG-3, ORG-5"),
    right(A::Record,        &[R::Administrator],                        ANYBODY,  "ORG-2"),
    right(A::Read,          &[R::OrganisationContact, R::Operator],     MEMBER,   "ORG-2, IDP-3"),
    right(A::Read,          &[R::Administrator],                        ANYBODY,  "ORG-2"),
    right(A::ReadOperators, &[R::OrganisationContact],                  MEMBER,   "ORG-3, ORG-4"),
    right(A::ReadOperators, &[R::Administrator],                        ANYBODY,  "ORG-2"),
    right(A::AddOperators,  &[R::OrganisationContact],                  MEMBER,   "ORG-2"),
    right(A::ReportLeaving, &[R::OrganisationContact],                  MEMBER,   "ORG-4"),
    right(A::ReportLeaving, &[R::Administrator],                        ANYBODY,  "ORG-4, ORG-5"),
    right(A::HandOver,      &[R::OrganisationContact],                  MEMBER,   "ORG-4"),
]};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::check::codes_lead_back;

    #[test]
    fn codes_lead_back_to_their_values() {
        codes_lead_back(OrganisationKind::ALL, OrganisationKind::label);
        codes_lead_back(BasisKind::ALL, BasisKind::label);
        codes_lead_back(OrganisationRelation::ALL, OrganisationRelation::label);
        codes_lead_back(OrganisationAction::ALL, OrganisationAction::label);
        codes_lead_back(RowOutcome::ALL, RowOutcome::label);
        codes_lead_back(Profession::ALL, Profession::label);
    }

    #[test]
    fn an_offices_mailbox_is_nobodys_own() {
        let is = |text: &str| is_shared_mailbox(&text.parse().unwrap());
        assert!(is("protocollo@comune.foggia.it"));
        assert!(is("Info@Comune.Foggia.it"));
        assert!(!is("anna.rossi@comune.foggia.it"));
    }

    #[test]
    fn a_basis_holds_from_its_first_instant_to_the_one_before_its_end() {
        let basis = Basis {
            kind: BasisKind::LabourProtocol,
            reference: "Protocollo 3 agosto 2022".to_owned(),
            from: "2026-01-01T00:00:00Z".parse().unwrap(),
            until: Some("2026-12-31T23:00:00Z".parse().unwrap()),
        };
        assert!(!basis.holds("2025-12-31T23:59:59.999Z".parse().unwrap()));
        assert!(basis.holds("2026-01-01T00:00:00Z".parse().unwrap()));
        assert!(basis.holds("2026-12-31T22:59:59.999Z".parse().unwrap()));
        assert!(!basis.holds("2026-12-31T23:00:00Z".parse().unwrap()));
        assert!(Basis { until: None, ..basis }.holds("2099-01-01T00:00:00Z".parse().unwrap()));
    }

    /// ORG-2: the patronato of 2026 sends its lists in 2026, a municipality never does.
    #[test]
    fn a_list_needs_a_basis_that_admits_lists_and_holds() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (first, end) = (at("2025-12-31T23:00:00Z"), at("2026-12-31T23:00:00Z"));
        let patronato = Basis {
            kind: BasisKind::LabourProtocol,
            reference: "Protocollo 3 agosto 2022".to_owned(),
            from: first,
            until: Some(end),
        };
        assert_eq!(patronato.require_lists(first), Ok(()));
        assert_eq!(patronato.require_lists(end), Err(ListRefused::BasisEnded));
        let early = at("2025-12-31T22:59:59.999Z");
        assert_eq!(patronato.require_lists(early), Err(ListRefused::BasisEnded));
        assert!(!patronato.has_ended(early), "its contact can be recorded in advance");
        assert!(!patronato.has_ended(at("2026-12-31T22:59:59.999Z")));
        assert!(patronato.has_ended(end));
        let municipality = Basis { kind: BasisKind::PublicTask, ..patronato };
        assert_eq!(municipality.require_lists(first), Err(ListRefused::FormsNeeded));
        assert_eq!(municipality.require_lists(end), Err(ListRefused::FormsNeeded));
    }

    /// A person who only declares to belong to an organisation gets nothing (ORG-2).
    #[test]
    fn a_contact_touches_the_own_organisation_only() {
        for action in OrganisationAction::ALL {
            let elsewhere = may(Role::OrganisationContact, OrganisationRelation::Stranger, *action);
            assert_eq!(elsewhere, *action == OrganisationAction::AskEnabling, "{action}");
            assert!(!may(Role::Officer, OrganisationRelation::Member, *action), "{action}");
            assert!(
                !may(Role::PrefectureOfficer, OrganisationRelation::Stranger, *action),
                "{action}"
            );
        }
        assert!(!may(
            Role::Operator,
            OrganisationRelation::Member,
            OrganisationAction::AddOperators
        ));
        assert!(!may(
            Role::Operator,
            OrganisationRelation::Member,
            OrganisationAction::ReadOperators
        ));
        assert!(!may(Role::Employer, OrganisationRelation::Stranger, OrganisationAction::Read));
    }

    #[test]
    fn every_action_is_somebodys_right() {
        for action in OrganisationAction::ALL {
            assert!(ORGANISATION_RIGHTS.iter().any(|right| right.action == *action), "{action}");
        }
    }

    #[test]
    fn lists_are_for_the_bases_of_the_circular_of_2023() {
        let admitted: Vec<_> =
            BasisKind::ALL.iter().copied().filter(|kind| kind.admits_lists()).collect();
        assert_eq!(
            admitted,
            [
                BasisKind::LabourProtocol,
                BasisKind::ReservedQuota,
                BasisKind::ReservedTourismQuota,
                BasisKind::Financing
            ]
        );
        assert!(BasisKind::ALL.iter().filter(|kind| kind.is_simplified()).count() == 1);
        assert!(BasisKind::ALL.iter().filter(|kind| kind.has_reserved_quota()).count() == 2);
    }
}
