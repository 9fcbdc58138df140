//! Who takes part in a click day: people with sessions, their applications, and the decree under which they compete.

use std::collections::BTreeSet;

use domain::{
    campaign::{Campaign, CampaignFile, Profile, Reservation, WindowFile},
    ids::{AccountId, ApplicationId, ModelId, OrganisationId, SessionId},
    permission::Role,
};
use edge::session::TokenKey;
use jiff::{SignedDuration, Timestamp};
use outside::key_ring::KeyRing;
use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use store::sessions::Caller;

use crate::{Broken, vault};

/// A run of fewer submissions is small: it does not wait for minutes, as production and the record's size do.
pub(crate) const SMALL: usize = 10_000;

/// The demonstration's campaign, of which the bench makes its own.
const DEMO: &str = include_str!("../../campaigns/demo.toml");

/// The models of a click day of seasonal work.
const MODELS: [&str; 2] = ["c-stag-agricoltura", "c-stag-turismo"];
/// The lines of these models in the demonstration's campaign, with the share of applications for which each has a place.
/// The last ones come to nothing: the largest line is empty long before the end, as on the real day.
const PLACES: [(&str, f64); 4] = [
    ("stagionale-agricoltura-associazioni", 0.10),
    ("stagionale-ordinaria", 0.25),
    ("stagionale-turismo-associazioni", 0.03),
    ("stagionale-pluriennale", 0.04),
];
/// Share of the applications from Campania on the record's day, rounded up.
const IN_ONE_REGION: f64 = 0.6;
/// Provinces of Campania, then some of all others.
const CAMPANIA: [&str; 5] = ["NA", "SA", "CE", "AV", "BN"];
const ELSEWHERE: [&str; 8] = ["FG", "LT", "VR", "CN", "RG", "RM", "BZ", "MI"];
/// Share of applications that operators file, and how many each of them has: assumptions of `simulate/data/record.toml`.
const BY_OPERATORS: f64 = 0.58;
const OF_AN_OPERATOR: std::ops::RangeInclusive<usize> = 10..=400;
/// Most applications of an employer without an organisation.
const OF_AN_EMPLOYER: std::ops::RangeInclusive<usize> = 1..=3;

/// Until when sessions last after the opening: longer than any bench. A portal's last ten minutes; the check is the same.
const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(12);

/// Somebody who presses.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who it is.
    pub caller: Caller,
    /// Whether the organisation has places reserved for it.
    pub has_reserve: bool,
    /// The session's token.
    pub token: String,
}

/// An application before it is sent.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its identifier.
    pub id: ApplicationId,
    /// Its model.
    pub model: ModelId,
    /// Whose it is: an index into [`Crowd::people`].
    pub person: usize,
    /// Province of the workplace.
    pub province: &'static str,
    /// Whether it asks for a permit of several years.
    pub is_multi_year: bool,
    /// Whether something of it is missing, so that it cannot be sent.
    pub is_incomplete: bool,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// The decree.
    pub campaign: Campaign,
    /// Those who press.
    pub people: Vec<Person>,
    /// What they have.
    pub candidates: Vec<Candidate>,
}

impl Crowd {
    /// So many applications under a decree that opens at an instant; the same for the same seed, but for the instants.
    ///
    /// # Errors
    /// The demonstration's campaign does not have the models and lines any more.
    pub fn gather(
        name: &str,
        applications: usize,
        opens: Timestamp,
        closing_delay_seconds: u32,
        seed: u64,
    ) -> Result<Self, Broken> {
        let campaign = campaign(name, applications, opens, closing_delay_seconds)?;
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed);
        let tokens = TokenKey::new(KeyRing::of_one(vault::SESSION));
        let models: Vec<ModelId> =
            MODELS.iter().map(|model| model.parse()).collect::<Result<_, _>>()?;
        let mut crowd = Self { campaign, people: Vec::new(), candidates: Vec::new() };
        while crowd.candidates.len() < applications {
            let is_operator = chance.random_bool(BY_OPERATORS / 50.0);
            let has = if is_operator { OF_AN_OPERATOR } else { OF_AN_EMPLOYER };
            let has = chance.random_range(has).min(applications - crowd.candidates.len());
            let person = crowd.people.len();
            crowd.people.push(Person::somebody(is_operator, opens, &tokens, &mut chance)?);
            for _ in 0..has {
                let model = usize::from(chance.random_bool(0.2));
                let provinces: &[&'static str] =
                    if chance.random_bool(IN_ONE_REGION) { &CAMPANIA } else { &ELSEWHERE };
                let province = provinces.get(chance.random_range(0..provinces.len()));
                crowd.candidates.push(Candidate {
                    id: ApplicationId::from_random(chance.random()),
                    model: models.get(model).cloned().ok_or("no such model")?,
                    person,
                    province: province.copied().unwrap_or("NA"),
                    is_multi_year: chance.random_bool(0.05),
                    is_incomplete: false,
                });
            }
        }
        Ok(crowd)
    }

    /// So many applications of one employer alone: for what is measured press by press.
    ///
    /// # Errors
    /// The demonstration's campaign does not have the models and lines any more.
    pub fn of_one(name: &str, applications: usize, opens: Timestamp) -> Result<Self, Broken> {
        let campaign = campaign(name, applications, opens, 180)?;
        let mut chance = Xoshiro256PlusPlus::seed_from_u64(seed_of(name));
        let tokens = TokenKey::new(KeyRing::of_one(vault::SESSION));
        let model: ModelId = MODELS[0].parse()?;
        let people = vec![Person::somebody(false, opens, &tokens, &mut chance)?];
        let candidates = (0..applications).map(|_| Candidate {
            id: ApplicationId::from_random(chance.random()),
            model: model.clone(),
            person: 0,
            province: CAMPANIA[0],
            is_multi_year: false,
            is_incomplete: false,
        });
        Ok(Self { campaign, people, candidates: candidates.collect() })
    }

    /// Whose an application is.
    pub fn person_of(&self, candidate: &Candidate) -> Option<&Person> {
        self.people.get(candidate.person)
    }

    /// The reservations that an application falls under, by what the bench knows of it.
    pub fn reservations(&self, candidate: &Candidate) -> BTreeSet<Reservation> {
        let mut found = BTreeSet::new();
        if candidate.is_multi_year {
            found.insert(Reservation::MultiYear);
        }
        if self.person_of(candidate).is_some_and(|person| person.has_reserve) {
            found.insert(Reservation::AgriculturalAssociations);
        }
        found
    }
}

impl Person {
    fn somebody(
        is_operator: bool,
        opens: Timestamp,
        tokens: &TokenKey,
        chance: &mut Xoshiro256PlusPlus,
    ) -> Result<Self, Broken> {
        let organisation = is_operator.then(|| OrganisationId::from_random(chance.random()));
        let has_reserve = is_operator && chance.random_bool(0.3);
        let caller = Caller {
            account: AccountId::from_random(chance.random()),
            session: SessionId::from_random(chance.random()),
            level: 2,
            role: if is_operator { Role::Operator } else { Role::Employer },
            profile: if is_operator { Profile::Organisation } else { Profile::Private },
            organisation,
            province: None,
            expires: opens + SESSION_LASTS,
        };
        let token =
            tokens.issue(&caller, opens).map_err(|problem| format!("no session: {problem:?}"))?;
        Ok(Self { caller, has_reserve, token })
    }
}

/// Another seed for each campaign, so that no two have the same applications.
fn seed_of(name: &str) -> u64 {
    name.bytes().fold(0, |seed, byte| seed.wrapping_mul(257).wrapping_add(byte.into()))
}

/// The demonstration's campaign with the models of a click day, places for fewer than half, and one window.
fn campaign(
    name: &str,
    applications: usize,
    opens: Timestamp,
    closing_delay_seconds: u32,
) -> Result<Campaign, Broken> {
    let mut file: CampaignFile = Campaign::parse(DEMO)?.into_file();
    file.id = name.parse()?;
    file.policies.closing_delay_seconds = closing_delay_seconds;
    file.models.retain(|model| MODELS.contains(&model.id.as_str()));
    file.quotas.retain(|line| PLACES.iter().any(|(id, _)| *id == line.id));
    let whole = u32::try_from(applications)?;
    for line in &mut file.quotas {
        let share = PLACES.iter().find(|(id, _)| *id == line.id).map(|(_, share)| share);
        // A line without places is none.
        line.places = share_of(whole, share.copied().unwrap_or_default()).max(1);
    }
    let closes = opens + SignedDuration::from_hours(24);
    for model in &mut file.models {
        model.submit = vec![WindowFile::new(format!("{opens:.3}"), format!("{closes:.3}"))];
    }
    Ok(Campaign::try_from(file)?)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count is a count"
)]
fn share_of(whole: u32, share: f64) -> u32 {
    (f64::from(whole) * share.clamp(0.0, 1.0)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(applications: usize) -> Crowd {
        let opens = "2026-02-09T08:00:00Z".parse().unwrap();
        Crowd::gather("bench", applications, opens, 180, 1).unwrap()
    }

    /// Issue 12: more than half in one region, operators with most of it, places for fewer than half.
    #[test]
    fn a_crowd_is_skewed_as_the_record_was() {
        let crowd = crowd(20_000);
        assert_eq!(crowd.candidates.len(), 20_000);
        let campanian =
            crowd.candidates.iter().filter(|one| CAMPANIA.contains(&one.province)).count();
        assert!((11_500..12_500).contains(&campanian), "{campanian}");
        let by_operators = crowd
            .candidates
            .iter()
            .filter(|one| crowd.person_of(one).unwrap().caller.role == Role::Operator)
            .count();
        assert!((8_000..16_000).contains(&by_operators), "{by_operators}");
        let places: u32 = crowd.campaign.lines().iter().map(|line| line.places).sum();
        assert_eq!(places, 8_400);
    }

    #[test]
    fn the_same_seed_gives_the_same_people() {
        let ids = |crowd: Crowd| crowd.candidates.into_iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(crowd(500)), ids(crowd(500)));
    }
}
