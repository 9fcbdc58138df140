//! The services of the personal area: one table by role and profile, and the identity level that each needs (IDP-3, PER-1).

#![deny(clippy::wildcard_enum_match_arm)]

use crate::{
    campaign::Profile,
    coded::coded,
    permission::{self, IdentityLevel, Role},
};

coded! {
    /// An entry of the personal area, in its order (PER-1).
    pub enum Service as "service" {
        /// The home of the personal area.
        Home = "home", "Area personale";
        /// Fill in an application (CHK-1).
        StartApplication = "start-application", "Compila domande";
        /// The list of applications (SRC-1).
        Applications = "applications", "Riepilogo domande";
        /// Search among them (SRC-1).
        Search = "search", "Ricerca domanda";
        /// The cases of an office (DEC-1).
        OfficeCases = "office-cases", "Pratiche dell'ufficio";
        /// What was sent to the person (COM-1).
        Communications = "communications", "Comunicazioni";
        /// Appointments (APT-1).
        Appointments = "appointments", "Appuntamenti";
        /// Ask to be enabled (ORG-1, ORG-3, ORG-5).
        AskEnabling = "ask-enabling", "Richiesta di abilitazione";
        /// The list of an organisation's operators (ORG-4).
        Operators = "operators", "Operatori dell'organizzazione";
        /// Requests of enabling to be checked (ORG-1).
        EnablingRequests = "enabling-requests", "Richieste di abilitazione da esaminare";
        /// Applications that were blocked by the employer (NEW-5).
        Flags = "flags", "Segnalazioni dei datori di lavoro";
        /// When the portal did not work (CNF-4, OPS-1).
        Outages = "outages", "Malfunzionamenti";
        /// People of offices, appointed and withdrawn (ADM-1).
        Officials = "officials", "Incarichi degli uffici";
        /// Campaigns, compared and published (ADM-2).
        Campaigns = "campaigns", "Campagne e calendari";
        /// Notices, documents to download, planned maintenance (NOT-1, DOC-1).
        NoticeBoard = "notice-board", "Avvisi, documenti e manutenzioni";
        /// Prove a former e-mail account (IDP-2).
        LinkAccount = "link-account", "Associa pratica";
        /// Personal data (ACC-4).
        PersonalData = "personal-data", "Dati personali";
        /// The manual.
        Manual = "manual", "Manuale";
        /// The help desk (HLP-1).
        Help = "help", "Help Desk";
        /// Close the account (ACC-6).
        CloseAccount = "close-account", "Chiudi l'utenza";
        /// Sign out (FRM-5).
        SignOut = "sign-out", "Esci";
    }
}

/// A service as a person sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OfferedService {
    /// Which.
    pub service: Service,
    /// Why it cannot be used as signed in now; none when it can.
    pub why_not: Option<&'static str>,
}

impl Service {
    /// The operations of the API that serve it; none while the portal does not have it yet, and then it is not offered as
    /// available. A test holds them against the routes.
    pub const fn operations(self) -> &'static [&'static str] {
        match self {
            Self::Home => &["currentSession"],
            Self::StartApplication => &["startApplication"],
            Self::Applications => &["listApplications"],
            Self::Search => &["searchApplications"],
            Self::OfficeCases => &["listOfficeCases", "readOfficeCase", "decideOfficeCase"],
            Self::Communications => &["listCommunications", "readCommunications"],
            Self::Appointments | Self::Manual | Self::Help => &[],
            Self::AskEnabling => &["submitEnablingRequest"],
            Self::Operators => &["listOperators", "addOperators"],
            Self::EnablingRequests => &["listEnablingRequests", "decideEnablingRequest"],
            Self::Flags => &["listFlags", "releaseApplication"],
            Self::Outages => &["listOutages"],
            Self::Officials => &["listOfficials", "appointOfficial", "withdrawOfficial"],
            Self::Campaigns => &["readCampaign", "compareCampaign", "publishCampaign"],
            Self::NoticeBoard => &["readNoticeBoard", "publishNoticeBoard"],
            Self::LinkAccount => &["linkAccount"],
            Self::PersonalData => &["readAccount", "changeAccount", "exportAccount"],
            Self::CloseAccount => &["announceClosure", "closeAccount"],
            Self::SignOut => &["signOut"],
        }
    }
}

const NOT_YET: &str = "Questo servizio non è ancora attivo sul portale.";
const NEEDS_LEVEL_2: &str =
    "Serve un'identità SPID di livello 2 o superiore, oppure la CIE: esci ed entra di nuovo.";
const NEEDS_PASSWORD: &str = "L'accesso con la sola password non è più attivo per questo servizio: entra con SPID o CIE. Con questa utenza restano l'Help Desk e, dopo l'accesso con SPID o CIE, «Associa pratica».";

/// The level of a session that a password opens at an instant: 1 while some campaign lets passwords open the account,
/// else 0, which is good for the help desk alone (ACC-7).
pub const fn password_level(is_switched_on: bool) -> u8 {
    if is_switched_on { 1 } else { 0 }
}

/// The services of a person, in the order of the page; those that another sign-in would open are among them, with the
/// reason.
pub fn services(role: Role, profile: Profile, level: u8) -> Vec<OfferedService> {
    Service::ALL
        .iter()
        .copied()
        .filter(|service| is_for(*service, role, profile))
        .map(|service| OfferedService { service, why_not: why_not(service, level) })
        .collect()
}

/// Whether a person may use a service with the present session.
pub const fn is_usable(service: Service, role: Role, profile: Profile, level: u8) -> bool {
    is_for(service, role, profile) && why_not(service, level).is_none()
}

const fn is_for(service: Service, role: Role, profile: Profile) -> bool {
    let is_applicant = matches!(role, Role::Employer | Role::Operator);
    let is_contact = matches!(role, Role::OrganisationContact);
    match service {
        Service::Home
        | Service::PersonalData
        | Service::Manual
        | Service::Help
        | Service::SignOut => !matches!(role, Role::ConsularSystem | Role::System),
        Service::StartApplication
        | Service::Communications
        | Service::Appointments
        | Service::LinkAccount
        | Service::CloseAccount => is_applicant,
        // Offices have no application of their own in these lists: they find theirs among the cases.
        Service::Applications | Service::Search => is_applicant || is_contact,
        Service::OfficeCases => permission::works_on_cases(role),
        Service::Outages => permission::reads_outages(role),
        // A person who is enabled already has nothing to ask for.
        Service::AskEnabling => {
            matches!(role, Role::Employer) && matches!(profile, Profile::Private)
        }
        Service::Operators => is_contact,
        Service::EnablingRequests => {
            matches!(role, Role::PrefectureOfficer | Role::Directorate | Role::Administrator)
        }
        Service::Flags => matches!(role, Role::Officer | Role::Administrator),
        Service::Officials | Service::Campaigns | Service::NoticeBoard => {
            matches!(role, Role::Administrator)
        }
    }
}

const fn why_not(service: Service, level: u8) -> Option<&'static str> {
    if service.operations().is_empty() {
        return Some(NOT_YET);
    }
    match minimum_level(service) {
        Some(IdentityLevel::Two | IdentityLevel::Three) if level < 2 => Some(NEEDS_LEVEL_2),
        Some(IdentityLevel::Password) if level < 1 => Some(NEEDS_PASSWORD),
        Some(
            IdentityLevel::Two
            | IdentityLevel::Three
            | IdentityLevel::Password
            | IdentityLevel::Link,
        )
        | None => None,
    }
}

/// The level that a service needs; none is needed for what even a password that was switched off opens (ACC-7).
const fn minimum_level(service: Service) -> Option<IdentityLevel> {
    match service {
        Service::Home | Service::Manual | Service::Help | Service::SignOut => None,
        Service::Applications
        | Service::Search
        | Service::Communications
        | Service::PersonalData
        | Service::CloseAccount => Some(IdentityLevel::Password),
        Service::StartApplication
        | Service::Appointments
        | Service::AskEnabling
        | Service::Operators
        | Service::EnablingRequests
        | Service::OfficeCases
        | Service::Flags
        | Service::Outages
        | Service::Officials
        | Service::Campaigns
        | Service::NoticeBoard
        | Service::LinkAccount => Some(IdentityLevel::Two),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::expect_file;

    use super::*;
    use crate::coded::check::codes_lead_back;

    fn usable(role: Role, profile: Profile, level: u8) -> Vec<Service> {
        services(role, profile, level)
            .into_iter()
            .filter(|shown| shown.why_not.is_none())
            .map(|shown| shown.service)
            .collect()
    }

    fn shown_or_not(service: Service, role: Role, profile: Profile) -> &'static str {
        let is_shown = services(role, profile, 3).iter().any(|shown| shown.service == service);
        if is_shown { "not yet" } else { "–" }
    }

    #[test]
    fn services_have_stable_codes() {
        codes_lead_back(Service::ALL, Service::label);
    }

    /// ACC-7: after the switch a password gives help desk, once there is one, and the way to *Associa pratica*, and nothing
    /// of the account.
    #[test]
    fn a_password_that_was_switched_off_opens_nothing_of_the_account() {
        assert_eq!(password_level(true), 1);
        assert_eq!(password_level(false), 0);
        assert_eq!(usable(Role::Employer, Profile::Private, 0), [Service::Home, Service::SignOut]);
        for service in [Service::Manual, Service::Help] {
            assert_eq!(minimum_level(service), None, "{service}");
        }
    }

    /// ACC-7: starting always needs SPID level 2 or CIE.
    #[test]
    fn a_password_never_starts_an_application() {
        for level in 0..2 {
            let usable = usable(Role::Employer, Profile::Private, level);
            assert!(!usable.contains(&Service::StartApplication), "{level}");
            assert!(!usable.contains(&Service::LinkAccount), "{level}");
        }
        assert!(usable(Role::Employer, Profile::Private, 2).contains(&Service::StartApplication));
    }

    /// DEC-1: an officer finds the cases of the office, and no list that is always empty for them.
    #[test]
    fn an_officer_is_offered_the_cases_of_the_office_and_not_the_lists_of_applicants() {
        let officer = usable(Role::Officer, Profile::Private, 2);
        for service in [Service::OfficeCases, Service::Outages, Service::Flags] {
            assert!(officer.contains(&service), "{service}");
        }
        for role in [Role::Officer, Role::Administrator] {
            let usable = usable(role, Profile::Private, 2);
            assert!(!usable.contains(&Service::Applications), "{role}");
            assert!(!usable.contains(&Service::Search), "{role}");
        }
        let employer = usable(Role::Employer, Profile::Private, 2);
        assert!(!employer.contains(&Service::OfficeCases));
        assert!(!usable(Role::Administrator, Profile::Private, 2).contains(&Service::OfficeCases));
    }

    /// What the portal does not have yet is shown with the reason, and is available to nobody at any level.
    #[test]
    fn what_has_no_route_is_available_to_nobody() {
        let missing: Vec<_> = Service::ALL
            .iter()
            .copied()
            .filter(|service| service.operations().is_empty())
            .collect();
        assert_eq!(missing, [Service::Appointments, Service::Manual, Service::Help]);
        for role in Role::ALL {
            for level in 0..4 {
                for shown in services(*role, Profile::Private, level) {
                    if missing.contains(&shown.service) {
                        assert_eq!(shown.why_not, Some(NOT_YET), "{role} {level}");
                    }
                }
            }
        }
    }

    /// Generated for the manual: who sees what, and from which level on.
    #[test]
    fn the_table_of_services_is_as_documented() {
        let profiles = |role: Role| {
            if matches!(role, Role::Operator | Role::OrganisationContact) {
                &Profile::ALL[1..]
            } else {
                &Profile::ALL[..1]
            }
        };
        let mut text = String::from(
            "# Services by role\n\nGenerated from `shared/domain/src/service.rs`; `UPDATE_EXPECT=1 cargo test -p domain` rewrites it.\n`0` any session, `1` password, `2` SPID level 2 or CIE, `not yet` shown as not available yet, `–` not shown.\n\n| service |",
        );
        let roles: Vec<Role> = Role::ALL
            .iter()
            .copied()
            .filter(|role| !matches!(role, Role::ConsularSystem | Role::System))
            .collect();
        for role in &roles {
            write!(text, " {} |", role.label()).unwrap();
        }
        text.push_str("\n|---|");
        text.push_str(&"---|".repeat(roles.len()));
        text.push('\n');
        for service in Service::ALL {
            write!(text, "| {} |", service.label()).unwrap();
            for role in &roles {
                let of: Vec<_> = profiles(*role)
                    .iter()
                    .map(|profile| {
                        (0..3)
                            .find(|level| usable(*role, *profile, *level).contains(service))
                            .map_or_else(
                                || shown_or_not(*service, *role, *profile).to_owned(),
                                |level| level.to_string(),
                            )
                    })
                    .collect();
                assert!(of.windows(2).all(|two| two[0] == two[1]), "{service} differs by profile");
                write!(text, " {} |", of[0]).unwrap();
            }
            text.push('\n');
        }
        expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/services.md")]
            .assert_eq(&text);
    }
}
