//! Offices of the administration: which people an administrator appoints to them, and how they are called in each
//! province (ADM-1, ORG-6).

#![deny(clippy::wildcard_enum_match_arm)]

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{enabling::EnablingStage, form::Table, ids::AccountId, permission::Role};

/// The roles that an administrator gives and takes (ADM-1); operators come with their organisation (ORG-1).
pub const OFFICES: &[Role] =
    &[Role::Officer, Role::PrefectureOfficer, Role::Directorate, Role::Administrator];

/// Whether people hold this office in one province; none where it is no office.
pub const fn is_of_a_province(role: Role) -> Option<bool> {
    match role {
        Role::Officer | Role::PrefectureOfficer => Some(true),
        Role::Directorate | Role::Administrator => Some(false),
        Role::Employer
        | Role::Operator
        | Role::OrganisationContact
        | Role::ConsularSystem
        | Role::System => None,
    }
}

/// Whether this caller may appoint that person, or withdraw them: an administrator, and never oneself (ADM-1).
///
/// # Errors
/// Why not.
pub fn may_appoint(role: Role, caller: &AccountId, person: &AccountId) -> Result<(), NotYours> {
    if role != Role::Administrator {
        Err(NotYours::Role)
    } else if caller == person {
        Err(NotYours::Oneself)
    } else {
        Ok(())
    }
}

/// Why an appointment or its withdrawal is not the caller's to make.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotYours {
    /// Only administrators appoint.
    #[error("only administrators appoint")]
    Role,
    /// Nobody gives an office to themselves, nor takes their own away.
    #[error("nobody appoints themselves")]
    Oneself,
}

/// How the offices of a province are called.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct OfficeNames {
    /// The provinces that have it so; none in the ordinary row.
    #[serde(default)]
    provinces: Vec<String>,
    /// Who takes the prefecture's part.
    pub prefecture: String,
    /// The same after *in verifica*.
    pub at_prefecture: String,
    /// The labour office.
    pub labour: String,
    /// The act that says so.
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfficesFile {
    ordinary: OfficeNames,
    special: Vec<OfficeNames>,
}

/// Nothing may panic; the test `the_names_of_offices_are_read` holds that the file is read.
static OFFICE_NAMES: LazyLock<Option<OfficesFile>> =
    LazyLock::new(|| toml::from_str(include_str!("../offices.toml")).ok());

/// How the offices of a province are called (ORG-6).
pub fn names_in(province: &str) -> Option<&'static OfficeNames> {
    let file = OFFICE_NAMES.as_ref()?;
    let is_of = |names: &&OfficeNames| names.provinces.iter().any(|one| one == province);
    Some(file.special.iter().find(is_of).unwrap_or(&file.ordinary))
}

/// The office of a person as people read it: `Commissariato del Governo per la Provincia di Bolzano`.
pub fn name_of(role: Role, province: Option<&str>) -> String {
    let in_province = |name: &str| match province {
        Some(province) if !name.contains(" per la Provincia ") => format!("{name} ({province})"),
        Some(_) | None => name.to_owned(),
    };
    match role {
        Role::Officer => in_province("Sportello Unico per l'Immigrazione"),
        Role::PrefectureOfficer => {
            let names = province.and_then(names_in);
            in_province(names.map_or("Prefettura", |names| names.prefecture.as_str()))
        }
        Role::Directorate | Role::Administrator => "Ministero dell'Interno".to_owned(),
        Role::Employer
        | Role::Operator
        | Role::OrganisationContact
        | Role::ConsularSystem
        | Role::System => role.label().to_owned(),
    }
}

/// The *Sportello Unico* that treats the applications of a province, as people read it: `Sportello Unico per l'Immigrazione
/// di Foggia`. Which province that is says the form: the field whose role is [`crate::form::Role::WorkplaceProvince`] (RNK-1).
pub fn competent_in(province: &str) -> String {
    let known = Table::find("provinces").and_then(|provinces| provinces.entry(province));
    let name = known.map_or(province, |known| known.label.as_str());
    format!("Sportello Unico per l'Immigrazione di {name}")
}

/// A stage of an enabling request as people of that province read it: the prefecture's part has its own name there.
pub fn stage_label(stage: EnablingStage, province: &str) -> String {
    match (stage, names_in(province)) {
        (EnablingStage::AwaitingPrefecture, Some(names)) => {
            format!("In verifica {}", names.at_prefecture)
        }
        (stage, _) => stage.label().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_offices_are_read() {
        let file: OfficesFile = toml::from_str(include_str!("../offices.toml")).unwrap();
        let provinces = Table::find("provinces").unwrap();
        let mut named = std::collections::BTreeSet::new();
        for names in &file.special {
            assert!(!names.source.is_empty());
            for province in &names.provinces {
                assert!(provinces.entry(province).is_some(), "{province} is no province");
                assert!(named.insert(province), "{province} has two rows");
            }
        }
        assert!(file.ordinary.provinces.is_empty());
    }

    /// RNK-1: a province that no table knows is still named.
    #[test]
    fn who_sent_an_application_reads_the_name_of_its_office() {
        assert_eq!(competent_in("FG"), "Sportello Unico per l'Immigrazione di Foggia");
        assert_eq!(competent_in("XX"), "Sportello Unico per l'Immigrazione di XX");
    }

    /// ORG-6, S18, S22: Bolzano and Trento have a Commissario del Governo, Valle d'Aosta its Presidente.
    #[test]
    fn bolzano_trento_and_aosta_have_names_of_their_own() {
        let name = |province| name_of(Role::PrefectureOfficer, Some(province));
        assert_eq!(name("BZ"), "Commissariato del Governo per la Provincia di Bolzano");
        assert_eq!(name("TN"), "Commissariato del Governo per la Provincia di Trento");
        assert_eq!(name("AO"), "Presidenza della Regione autonoma Valle d'Aosta (AO)");
        assert_eq!(name("FG"), "Prefettura – Ufficio territoriale del Governo (FG)");
        let stage = |province| stage_label(EnablingStage::AwaitingPrefecture, province);
        assert_eq!(stage("BZ"), "In verifica presso il Commissariato del Governo");
        assert_eq!(stage("AO"), "In verifica presso la Presidenza della Regione");
        assert_eq!(stage("FG"), EnablingStage::AwaitingPrefecture.label());
        assert_eq!(
            stage_label(EnablingStage::AwaitingDirectorate, "BZ"),
            EnablingStage::AwaitingDirectorate.label()
        );
        assert_eq!(
            names_in("UD").unwrap().labour,
            "Ufficio del lavoro della Regione autonoma Friuli Venezia Giulia"
        );
    }

    /// ADM-1: only an administrator appoints and withdraws, and never themselves.
    #[test]
    fn nobody_appoints_themselves() {
        let (one, other) = (AccountId::keyed(&[1; 32]), AccountId::keyed(&[2; 32]));
        assert_eq!(may_appoint(Role::Administrator, &one, &other), Ok(()));
        assert_eq!(may_appoint(Role::Administrator, &one, &one), Err(NotYours::Oneself));
        for role in Role::ALL.iter().filter(|role| **role != Role::Administrator) {
            assert_eq!(may_appoint(*role, &one, &other), Err(NotYours::Role), "{role}");
            assert_eq!(may_appoint(*role, &one, &one), Err(NotYours::Role), "{role}");
        }
    }

    #[test]
    fn each_office_is_of_a_province_or_of_all() {
        for role in Role::ALL {
            assert_eq!(is_of_a_province(*role).is_some(), OFFICES.contains(role), "{role}");
        }
        assert_eq!(is_of_a_province(Role::Officer), Some(true));
        assert_eq!(is_of_a_province(Role::Administrator), Some(false));
    }
}
