//! *Ricerca domanda*: by what applications are searched, and which of them fit (SRC-1).

use std::fmt;

use jiff::{Timestamp, civil::Date};
use serde::Serialize;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::{
    application::Application,
    calendar,
    ids::{ApplicationId, CampaignId, ModelId, OwnerId},
    lifecycle::State,
    readiness::Summary,
};

/// What is searched for; whatever is not given fits. It serialises to one canonical text, to which cursors are bound.
#[derive(Clone, Default, Serialize)]
pub struct Filter {
    /// This application.
    pub id: Option<ApplicationId>,
    /// Surname or name of the worker begins so, whatever its case and accents.
    pub worker: Option<NamePrefix>,
    /// The represented employer.
    pub employer: Option<Employer>,
    /// The decree.
    pub campaign: Option<CampaignId>,
    /// The model.
    pub model: Option<ModelId>,
    /// The state.
    pub state: Option<State>,
    /// Whether it was sent.
    pub sent: Option<bool>,
    /// Created on this day (in Rome) or later.
    pub created_from: Option<Date>,
    /// Created on this day (in Rome) or earlier.
    pub created_until: Option<Date>,
}

/// Redacted: a search for a person is personal. (PRV-1)
impl fmt::Debug for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Filter([redacted])")
    }
}

/// How an employer is searched for.
#[derive(Clone, Serialize)]
pub enum Employer {
    /// The name begins so.
    Named(NamePrefix),
    /// The fiscal code stands for one of these: of a person, or of a company or body.
    Keyed(Vec<OwnerId>),
}

/// Redacted like the filter. (PRV-1)
impl fmt::Debug for Employer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Employer([redacted])")
    }
}

/// The beginning of a name, folded.
#[derive(Clone, Eq, PartialEq, Serialize)]
pub struct NamePrefix(String);

/// Redacted like the filter. (PRV-1)
impl fmt::Debug for NamePrefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Beginning([redacted])")
    }
}

impl NamePrefix {
    /// As the person typed it; none where nothing is left of it.
    pub fn of(typed: &str) -> Option<Self> {
        Some(Self(folded(typed))).filter(|beginning| !beginning.0.is_empty())
    }

    /// Whether this name begins so.
    fn begins(&self, name: &str) -> bool {
        folded(name).starts_with(&self.0)
    }
}

impl Filter {
    /// Whether the content matters: only then summaries are read for the search.
    pub const fn looks_at_names(&self) -> bool {
        self.worker.is_some() || matches!(self.employer, Some(Employer::Named(_)))
    }

    /// Whether the head fits, names apart.
    pub fn fits(&self, head: &Application) -> bool {
        fn is<T: PartialEq>(wanted: Option<&T>, found: &T) -> bool {
            wanted.is_none_or(|wanted| wanted == found)
        }
        let by_code = match &self.employer {
            Some(Employer::Keyed(owners)) => owners.contains(&head.parties.owner),
            Some(Employer::Named(_)) | None => true,
        };
        by_code
            && is(self.id.as_ref(), &head.id)
            && is(self.campaign.as_ref(), &head.campaign)
            && is(self.model.as_ref(), &head.model)
            && is(self.state.as_ref(), &head.state())
            && is(self.sent.as_ref(), &head.state().is_sent())
            && self.created_from.is_none_or(|day| calendar::start_of_day(day) <= head.created)
            && self.created_until.is_none_or(|day| head.created < calendar::end_of_day(day))
    }

    /// Whether the names fit; without a summary no name does.
    pub fn fits_names(&self, summary: Option<&Summary>) -> bool {
        let worker = self.worker.as_ref().is_none_or(|wanted| {
            summary.is_some_and(|summary| {
                let (surname, name) = (&summary.worker.surname, &summary.worker.name);
                let other_way = surname.as_ref().zip(name.as_ref());
                let other_way = other_way.map(|(surname, name)| format!("{name} {surname}"));
                [&summary.worker.shown(), name, &other_way]
                    .into_iter()
                    .flatten()
                    .any(|shown| wanted.begins(shown))
            })
        });
        let employer = match &self.employer {
            Some(Employer::Named(wanted)) => summary
                .and_then(|summary| summary.employer.as_ref())
                .is_some_and(|name| wanted.begins(name)),
            Some(Employer::Keyed(_)) | None => true,
        };
        worker && employer
    }
}

/// Where a page of applications ended: newest first, then by identifier, so that the order is total.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// Of a list of changes, the last change; of a list of deadlines, the end with its sign turned, so that the earliest comes
    /// first.
    created: Timestamp,
    id: ApplicationId,
}

impl Place {
    /// Where this application stands.
    pub fn of(head: &Application) -> Self {
        Self { created: head.created, id: head.id.clone() }
    }

    /// Where it stands in a list of what changed last (COM-1).
    pub fn of_change(head: &Application) -> Self {
        Self { created: head.changed, id: head.id.clone() }
    }

    /// Where it stands in a list of what must be done first (CNF-3).
    pub fn of_deadline(head: &Application, end: Timestamp) -> Self {
        let turned = Timestamp::from_millisecond(-end.as_millisecond());
        Self { created: turned.unwrap_or(Timestamp::MIN), id: head.id.clone() }
    }

    /// As a cursor holds it.
    pub fn text(&self) -> String {
        format!("{} {}", self.created.as_millisecond(), self.id)
    }

    /// Reads what a cursor held.
    pub fn read(text: &str) -> Option<Self> {
        let (created, id) = text.split_once(' ')?;
        let created = Timestamp::from_millisecond(created.parse().ok()?).ok()?;
        Some(Self { created, id: id.parse().ok()? })
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.created.cmp(&self.created).then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Lower-case letters and digits without accents, words parted by one space, so that *D'Ángelo* and *d angelo* are one.
fn folded(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .map(|letter| if letter.is_alphanumeric() { letter } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{
        application::{Parties, Stage},
        ids::AccountId,
        readiness::PersonName,
    };

    fn head(created: &str) -> Application {
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
            created: created.parse().unwrap(),
            changed: Timestamp::UNIX_EPOCH,
            stage: Stage::ToValidate,
        }
    }

    fn summary() -> Summary {
        Summary {
            worker: PersonName {
                surname: Some("D'Ángelo Muñoz".to_owned()),
                name: Some("José".to_owned()),
            },
            employer: Some("Società Agricola «Il Colle» S.r.l.".to_owned()),
            percent: 40,
            by_hand: 1,
            by_portal: 0,
            awaited: Vec::new(),
            missing: Vec::new(),
            errors: 0,
        }
    }

    #[test]
    fn names_are_found_whatever_their_case_and_accents() {
        let found = |worker: &str| {
            Filter { worker: NamePrefix::of(worker), ..Filter::default() }
                .fits_names(Some(&summary()))
        };
        for typed in
            ["d'angelo", "D ANGELO", "  d’Ángelo ", "jose", "JOSÉ D", "d angelo munoz jo", "D"]
        {
            assert!(found(typed), "{typed}");
        }
        for typed in ["munoz", "angelo", "d angelo jose", "x"] {
            assert!(!found(typed), "{typed}");
        }
        assert!(NamePrefix::of(" '’- ").is_none());
        let filter = Filter { worker: NamePrefix::of("jose"), ..Filter::default() };
        assert!(!filter.fits_names(None));
        assert!(Filter::default().fits_names(None));
    }

    #[test]
    fn employers_are_found_by_name_or_by_their_keyed_code() {
        let named = |typed: &str| Filter {
            employer: NamePrefix::of(typed).map(Employer::Named),
            ..Filter::default()
        };
        assert!(named("societa agricola il").fits_names(Some(&summary())));
        assert!(!named("il colle").fits_names(Some(&summary())));
        assert!(named("il colle").looks_at_names());
        let keyed = |byte: u8| Filter {
            employer: Some(Employer::Keyed(vec![OwnerId::from_random([byte; 16])])),
            ..Filter::default()
        };
        let head = head("2026-01-10T08:00:00Z");
        assert!(keyed(3).fits(&head) && !keyed(4).fits(&head) && !keyed(3).looks_at_names());
    }

    /// In Rome 23:30 UTC of the ninth is the tenth.
    #[test]
    fn days_are_those_of_rome_and_included() {
        let head = head("2026-01-09T23:30:00Z");
        let from = |day| Filter { created_from: Some(date(2026, 1, day)), ..Filter::default() };
        let until = |day| Filter { created_until: Some(date(2026, 1, day)), ..Filter::default() };
        assert!(from(10).fits(&head) && !from(11).fits(&head));
        assert!(until(10).fits(&head) && !until(9).fits(&head));
    }

    #[test]
    fn newest_first_then_by_identifier() {
        let place = |millis: i64, byte: u8| Place {
            created: Timestamp::from_millisecond(millis).unwrap(),
            id: ApplicationId::from_random([byte; 16]),
        };
        assert!(place(2, 9) < place(1, 1));
        assert!(place(2, 1) < place(2, 9));
        assert_eq!(Place::read(&place(7, 7).text()), Some(place(7, 7)));
        for wrong in ["", "7", "x app_1", "7 acc_00000000000000000000000001"] {
            assert_eq!(Place::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn another_filter_has_another_text() {
        let text = |filter: &Filter| serde_json::to_string(filter).unwrap();
        let one = Filter { worker: NamePrefix::of("rossi"), ..Filter::default() };
        let other = Filter { worker: NamePrefix::of("rossini"), ..Filter::default() };
        assert_ne!(text(&one), text(&other));
        assert_eq!(text(&one), text(&one.clone()));
        assert!(!format!("{one:?}").contains("rossi"));
    }
}
