//! What keeps an application from being sent and who must act, from its head and a summary of its content (NEW-2).

use std::{borrow::Cow, fmt};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    application::{Application, Attention, Stage},
    form::{Mode, Registry, Role, Schema, Values, WhoFillsIn},
};

/// How many missing values are named; the draft itself shows all.
const NAMED: usize = 5;

/// What lists, search and radar need of a form's content, so that they need not read all its sections.
///
/// Judged on the day of the last change of the content, as the state is.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Summary {
    /// Whom the application is about, as far as it is typed.
    pub worker: PersonName,
    /// What the employer is called, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<String>,
    /// 0 to 100; 100 only if nothing is missing and nothing contradicts itself.
    pub percent: u8,
    /// Missing values that a person types.
    pub by_hand: usize,
    /// Missing values that the portal itself has to fill.
    pub by_portal: usize,
    /// The registries whose values are missing.
    #[serde(default)]
    pub awaited: Vec<Awaited>,
    /// The first missing values, in the order of the form.
    #[serde(default)]
    pub missing: Vec<NamedField>,
    /// What contradicts itself although it is filled in.
    pub errors: usize,
}

/// Redacted: it is personal. (PRV-1)
impl fmt::Debug for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Summary")
            .field("percent", &self.percent)
            .field("by_hand", &self.by_hand)
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

/// A person's name as far as it is typed.
#[derive(Clone, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PersonName {
    /// *Cognome*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surname: Option<String>,
    /// *Nome*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl PersonName {
    /// Surname first, as in the portal's lists; none while nothing is typed.
    pub fn shown(&self) -> Option<String> {
        match (&self.surname, &self.name) {
            (Some(surname), Some(name)) => Some(format!("{surname} {name}")),
            (surname, name) => surname.as_ref().or(name.as_ref()).cloned(),
        }
    }
}

/// Redacted: it is personal. (PRV-1)
impl fmt::Debug for PersonName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PersonName([redacted])")
    }
}

/// A registry whose values are missing.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Awaited {
    /// Which.
    pub registry: Registry,
    /// Whether it answers at once or within days.
    pub mode: Mode,
}

/// A field with the name that people read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NamedField {
    /// Its key.
    pub field: String,
    /// Its Italian label.
    pub label: String,
}

impl Summary {
    /// Of these values on that day.
    pub fn of(schema: &Schema, values: &Values, today: Date) -> Self {
        let completeness = schema.completeness(values, today);
        let text =
            |role| schema.value_with(role, values).and_then(Value::as_str).map(str::to_owned);
        let mut awaited = Vec::new();
        let (mut by_hand, mut by_portal) = (0, 0);
        for missing in completeness.missing() {
            match missing.who {
                WhoFillsIn::Person => by_hand += 1,
                WhoFillsIn::Portal => by_portal += 1,
                WhoFillsIn::Registry(registry) => {
                    let mode = schema.field(missing.field.as_str()).and_then(|field| field.mode);
                    let one = mode.map(|mode| Awaited { registry, mode });
                    awaited.extend(one.filter(|one| !awaited.contains(one)));
                }
            }
        }
        let missing = completeness.missing().take(NAMED).map(|missing| NamedField {
            field: missing.field.to_string(),
            label: missing.label.clone(),
        });
        Self {
            worker: PersonName { surname: text(Role::WorkerSurname), name: text(Role::WorkerName) },
            employer: text(Role::EmployerName),
            percent: completeness.percent,
            by_hand,
            by_portal,
            awaited,
            missing: missing.collect(),
            errors: completeness.rule_errors.len(),
        }
    }
}

/// What keeps an application from being sent.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Obstacle {
    /// The registries have not confirmed the representation yet (CHK-2).
    PreliminaryCheck,
    /// The activation code was not typed yet (ACT-1).
    ActivationCode,
    /// Values are missing that a person types.
    ByHand,
    /// Values contradict each other.
    Contradiction,
    /// The employer has another live application for this worker (LIM-1).
    WorkerTaken,
    /// This registry's values are missing.
    Registry(Registry),
    /// A registry did not answer in all the days that it was asked.
    RegistrySilent,
    /// A registry does not know the employer, or answered about another subject.
    RegistryRefused,
    /// Values are missing that the portal itself fills.
    ByPortal,
    /// The employer says that it is not theirs (NEW-5).
    Blocked,
}

/// Who must act.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WhoMustAct {
    /// The person who fills in the form.
    Person,
    /// A registry.
    Registry,
    /// The portal and its help desk.
    Portal,
    /// The *Sportello Unico*.
    Office,
}

impl WhoMustAct {
    /// Stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Registry => "registry",
            Self::Portal => "portal",
            Self::Office => "office",
        }
    }
}

impl Obstacle {
    /// Stable name; `registry:inps` for a registry.
    pub fn code(self) -> Cow<'static, str> {
        match self {
            Self::PreliminaryCheck => "preliminary-check".into(),
            Self::ActivationCode => "activation-code".into(),
            Self::ByHand => "by-hand".into(),
            Self::Contradiction => "contradiction".into(),
            Self::WorkerTaken => "worker-taken".into(),
            Self::Registry(registry) => format!("registry:{}", registry.key()).into(),
            Self::RegistrySilent => "registry-silent".into(),
            Self::RegistryRefused => "registry-refused".into(),
            Self::ByPortal => "by-portal".into(),
            Self::Blocked => "blocked".into(),
        }
    }

    /// Who must act.
    pub const fn who_acts(self) -> WhoMustAct {
        match self {
            Self::ActivationCode
            | Self::ByHand
            | Self::Contradiction
            | Self::WorkerTaken
            | Self::RegistryRefused => WhoMustAct::Person,
            Self::PreliminaryCheck | Self::Registry(_) => WhoMustAct::Registry,
            Self::RegistrySilent | Self::ByPortal => WhoMustAct::Portal,
            Self::Blocked => WhoMustAct::Office,
        }
    }

    /// What it is and what to do, in Italian.
    pub fn label(self) -> Cow<'static, str> {
        match self {
            Self::PreliminaryCheck => {
                "I registri devono ancora confermare la rappresentanza: la richiesta si ripete da sola.".into()
            }
            Self::ActivationCode => {
                "Manca il codice di attivazione: è nella PEC inviata al datore di lavoro.".into()
            }
            Self::ByHand => "Ci sono campi da compilare a mano.".into(),
            Self::Contradiction => "Alcuni dati non vanno d'accordo tra loro: correggili.".into(),
            Self::WorkerTaken => Attention::WorkerTaken.text().into(),
            Self::Registry(registry) => {
                let registry = registry.label();
                format!("Aspettiamo i dati: non ha ancora risposto {registry}. Non serve compilarli a mano.").into()
            }
            Self::RegistrySilent => Attention::RegistrySilent.text().into(),
            Self::RegistryRefused => Attention::RegistryRefused.text().into(),
            Self::ByPortal => {
                "Il portale non ha ancora completato i suoi dati: se non cambia entro domani, scrivi all'Help Desk.".into()
            }
            Self::Blocked => {
                "Il datore di lavoro l'ha bloccata: decide lo Sportello Unico per l'Immigrazione.".into()
            }
        }
    }
}

/// Everything that keeps this application from being sent; nothing once it is ready, sent or gone.
///
/// `check_waits` says whether the preliminary check is still queued, which matters only before the form opens.
pub fn obstacles(
    head: &Application,
    summary: Option<&Summary>,
    check_waits: bool,
) -> Vec<Obstacle> {
    let attention = match &head.stage {
        Stage::ToSend(_) | Stage::Armed(_) | Stage::Sent { .. } | Stage::Deleted => {
            return Vec::new();
        }
        Stage::Blocked { .. } => return vec![Obstacle::Blocked],
        Stage::ToValidate if check_waits => return vec![Obstacle::PreliminaryCheck],
        Stage::ToValidate => return vec![Obstacle::ActivationCode],
        Stage::ToComplete { attention } => *attention,
    };
    let mut found = Vec::new();
    if let Some(summary) = summary {
        let mut note = |holds: bool, obstacle| {
            if holds && !found.contains(&obstacle) {
                found.push(obstacle);
            }
        };
        note(summary.by_hand > 0, Obstacle::ByHand);
        note(summary.errors > 0, Obstacle::Contradiction);
        for awaited in &summary.awaited {
            note(true, Obstacle::Registry(awaited.registry));
        }
        note(summary.by_portal > 0, Obstacle::ByPortal);
    }
    found.extend(attention.map(|attention| match attention {
        Attention::WorkerTaken => Obstacle::WorkerTaken,
        Attention::RegistrySilent => Obstacle::RegistrySilent,
        Attention::RegistryRefused => Obstacle::RegistryRefused,
    }));
    found
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::date};

    use super::*;
    use crate::{
        application::{ArmedSend, Parties, Ready},
        form::{FieldValue, Source, ValueSource},
        ids::{AccountId, ApplicationId, OwnerId},
    };

    fn schema() -> &'static Schema {
        Schema::find("c-stag-agricoltura@1").unwrap()
    }

    fn head(stage: Stage) -> Application {
        Application {
            id: ApplicationId::from_random([1; 16]),
            campaign: "demo".parse().unwrap(),
            campaign_version: 1,
            model: "c-stag-agricoltura".parse().unwrap(),
            schema: "c-stag-agricoltura@1".to_owned(),
            parties: Parties {
                representative: AccountId::from_random([2; 16]),
                owner: OwnerId::from_random([3; 16]),
                filer: AccountId::from_random([2; 16]),
                organisation: None,
            },
            version: 1,
            created: Timestamp::UNIX_EPOCH,
            changed: Timestamp::UNIX_EPOCH,
            stage,
        }
    }

    fn today() -> Date {
        date(2026, 1, 10)
    }

    /// The form's examples, but for the fields that `leave_out` names.
    fn summary(leave_out: impl Fn(&crate::form::Field) -> bool) -> Summary {
        let values = schema()
            .examples(today())
            .into_iter()
            .filter_map(|(key, value)| {
                let field = schema().field(&key)?;
                let given =
                    FieldValue { value, source: ValueSource::Person, at: Timestamp::UNIX_EPOCH };
                (!leave_out(field)).then(|| (field.key.clone(), given))
            })
            .collect();
        Summary::of(schema(), &values, today())
    }

    const OPEN: Stage = Stage::ToComplete { attention: None };

    #[test]
    fn a_whole_form_has_names_and_no_obstacle() {
        let whole = summary(|_| false);
        assert_eq!((whole.percent, whole.by_hand, whole.errors), (100, 0, 0));
        assert!(whole.awaited.is_empty() && whole.missing.is_empty());
        assert!(whole.worker.shown().is_some_and(|name| name.contains(' ')));
        assert!(whole.employer.is_some());
        assert_eq!(obstacles(&head(OPEN), Some(&whole), false), []);
    }

    #[test]
    fn what_is_missing_is_told_by_whoever_must_act() {
        let late = summary(|field| field.mode == Some(Mode::Later));
        assert!(late.percent < 100 && late.by_hand == 0, "{late:?}");
        assert!(late.awaited.iter().all(|awaited| awaited.mode == Mode::Later));
        let found = obstacles(&head(OPEN), Some(&late), false);
        assert!(!found.is_empty());
        assert!(
            found.iter().all(|obstacle| obstacle.who_acts() == WhoMustAct::Registry),
            "{found:?}"
        );

        let typed = summary(|field| field.source == Source::Hand);
        assert!(typed.by_hand > NAMED);
        assert_eq!(typed.missing.len(), NAMED);
        assert!(obstacles(&head(OPEN), Some(&typed), false).contains(&Obstacle::ByHand));
    }

    #[test]
    fn before_the_form_opens_the_code_or_the_check_is_awaited() {
        assert_eq!(obstacles(&head(Stage::ToValidate), None, false), [Obstacle::ActivationCode]);
        assert_eq!(obstacles(&head(Stage::ToValidate), None, true), [Obstacle::PreliminaryCheck]);
    }

    #[test]
    fn a_reason_to_look_at_it_is_an_obstacle_of_its_own() {
        for (attention, obstacle) in [
            (Attention::WorkerTaken, Obstacle::WorkerTaken),
            (Attention::RegistrySilent, Obstacle::RegistrySilent),
            (Attention::RegistryRefused, Obstacle::RegistryRefused),
        ] {
            let stage = Stage::ToComplete { attention: Some(attention) };
            assert_eq!(obstacles(&head(stage), Some(&summary(|_| false)), false), [obstacle]);
        }
    }

    #[test]
    fn nothing_keeps_back_what_is_ready_or_gone() {
        let ready = Ready {
            digest: [1; 32],
            worker: None,
            province: "FG".to_owned(),
            since: Timestamp::UNIX_EPOCH,
        };
        let send = ArmedSend {
            ready: ready.clone(),
            armed: Timestamp::UNIX_EPOCH,
            submitted_by: AccountId::from_random([2; 16]),
        };
        for stage in [Stage::ToSend(ready), Stage::Armed(send), Stage::Deleted] {
            assert_eq!(obstacles(&head(stage), None, true), []);
        }
        let blocked = Stage::Blocked { province: None };
        assert_eq!(obstacles(&head(blocked), None, false), [Obstacle::Blocked]);
    }

    #[test]
    fn no_two_obstacles_share_a_code_and_each_says_what_to_do() {
        use std::collections::BTreeSet;
        let all: Vec<_> = [
            Obstacle::PreliminaryCheck,
            Obstacle::ActivationCode,
            Obstacle::ByHand,
            Obstacle::Contradiction,
            Obstacle::WorkerTaken,
            Obstacle::RegistrySilent,
            Obstacle::RegistryRefused,
            Obstacle::ByPortal,
            Obstacle::Blocked,
        ]
        .into_iter()
        .chain(Registry::ALL.map(Obstacle::Registry))
        .collect();
        let codes: BTreeSet<_> = all.iter().map(|obstacle| obstacle.code()).collect();
        assert_eq!(codes.len(), all.len());
        assert!(all.iter().all(|obstacle| obstacle.label().ends_with('.')));
    }
}
