//! The people of a click day, drawn from its kinds and regions: what each has to send, from where, and when they press.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp, LogNormal, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::{
    arena::Arena,
    micros::Micros,
    scenario::{Kind, Load},
};

/// One person with one press.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// Number of their kind.
    pub kind: usize,
    /// Number of their region.
    pub region: usize,
    /// One way from their screen to the gateway.
    pub latency: Micros,
    /// The instant from which their wait counts: the opening for a press that was held until then.
    pub pressed: Micros,
    /// When their first request leaves: by their clock, which may be wrong.
    pub leaves: Micros,
    /// Their first application; the others follow it.
    pub first: usize,
    /// How many they have.
    pub applications: usize,
    /// Whether they arm where that is offered.
    pub arms: bool,
}

/// One application.
#[derive(Clone, Copy, Debug)]
pub struct Application {
    /// Whose it is.
    pub person: usize,
    /// Whether the portal can accept it.
    pub is_valid: bool,
    /// The lines that it may have a place in, by bit.
    pub lines: u32,
    /// The draw that orders arrivals of one millisecond.
    pub draw: u64,
}

/// All who come.
#[derive(Clone, Debug, Default)]
pub struct Population {
    /// People, by kind.
    pub people: Arena<Person>,
    /// Applications, by person.
    pub applications: Arena<Application>,
}

/// A kind, region or line of a load that cannot be drawn from.
#[derive(Debug, thiserror::Error)]
#[error("{0}: a spread, mean or range cannot be")]
pub struct PopulationError(String);

impl Population {
    /// Draws the people of a load. The same seed gives the same people.
    pub fn draw(load: &Load, seed: u64) -> Result<Self, PopulationError> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut all = Self::default();
        let mut share = 0.0;
        for (number, kind) in load.kinds.iter().enumerate() {
            share += kind.share;
            let habits =
                Habits::of(kind, load).ok_or_else(|| PopulationError(kind.name.clone()))?;
            // By the sum of shares, so that rounding loses none.
            let until = rounded(f64::from(load.applications) * share);
            while all.applications.len() < until {
                let left = until - all.applications.len();
                all.add_person(number, &habits, left, load, &mut random);
            }
        }
        Ok(all)
    }

    fn add_person(
        &mut self,
        kind: usize,
        habits: &Habits<'_>,
        left: usize,
        load: &Load,
        random: &mut Xoshiro256PlusPlus,
    ) {
        let region = region_of(load, random.random());
        let away = load.regions.get(region).map_or(0.0, |region| region.latency_ms);
        let (pressed, leaves) = habits.press(load, random);
        let applications = habits.applications(random).min(left);
        let person = self.people.push(Person {
            kind,
            region,
            latency: Micros::of_millis(habits.line.sample(random) + away),
            pressed,
            leaves,
            first: self.applications.len(),
            applications,
            arms: random.random::<f64>() < habits.kind.armed,
        });
        for _ in 0..applications {
            let mut lines = 0;
            for (bit, line) in load.lines.iter().enumerate() {
                let share = line.eligible.get(&habits.kind.name).copied().unwrap_or(0.0);
                if random.random::<f64>() < share {
                    lines |= 1 << bit;
                }
            }
            let is_valid = random.random::<f64>() >= load.invalid;
            self.applications.push(Application { person, is_valid, lines, draw: random.random() });
        }
    }
}

/// A kind with its distributions.
struct Habits<'a> {
    kind: &'a Kind,
    line: LogNormal<f64>,
    clock: Normal<f64>,
    later: Exp<f64>,
    logarithms: [f64; 2],
}

impl<'a> Habits<'a> {
    fn of(kind: &'a Kind, load: &Load) -> Option<Self> {
        let [fewest, most] = kind.applications;
        let is_sound = fewest >= 1 && fewest <= most && load.press_within_seconds > 0;
        Some(Self {
            kind,
            line: LogNormal::new(kind.line_ms.ln(), kind.line_spread.ln()).ok()?,
            clock: Normal::new(0.0, kind.clock_error_ms).ok()?,
            later: Exp::new(1.0 / kind.later_seconds).ok()?,
            logarithms: is_sound.then(|| [f64::from(fewest).ln(), (f64::from(most) + 1.0).ln()])?,
        })
    }

    /// Log-uniform: as many have 10 to 20 as have 200 to 400.
    fn applications(&self, random: &mut Xoshiro256PlusPlus) -> usize {
        let [low, high] = self.logarithms;
        let drawn = (low + (high - low) * random.random::<f64>()).exp();
        rounded(drawn.floor()).max(1)
    }

    /// From when on the wait counts, and when the first request leaves.
    fn press(&self, load: &Load, random: &mut Xoshiro256PlusPlus) -> (Micros, Micros) {
        if random.random::<f64>() < self.kind.at_opening {
            let wrong_by = Micros::of_millis(self.clock.sample(random));
            return (Micros(0), wrong_by - Micros::millis(self.kind.early_ms));
        }
        // Who would come after the last instant is spread over the whole, so that no crowd forms at its end.
        let seconds = self.later.sample(random)
            % f64::from(u32::try_from(load.press_within_seconds).unwrap_or(u32::MAX));
        let pressed = Micros::of_millis(seconds * 1_000.0);
        (pressed, pressed)
    }
}

fn region_of(load: &Load, drawn: f64) -> usize {
    let mut share = 0.0;
    let found = load.regions.iter().position(|region| {
        share += region.share;
        drawn < share
    });
    found.unwrap_or(load.regions.len().saturating_sub(1))
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of applications: from 0 to some millions"
)]
fn rounded(number: f64) -> usize {
    number.round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_application_is_lost_to_rounding_and_each_has_its_person() {
        let load = Load::record().unwrap();
        let all = Population::draw(&load, 1).unwrap();
        assert_eq!(all.applications.len(), 86_079);
        let mut next = 0;
        for (number, person) in all.people.iter().enumerate() {
            assert_eq!(person.first, next);
            next += person.applications;
            assert_eq!(all.applications[person.first].person, number);
        }
        assert_eq!(next, all.applications.len());
    }

    #[test]
    fn shares_of_kinds_and_regions_come_out_as_they_were_asked_for() {
        let load = Load::record().unwrap();
        let all = Population::draw(&load, 7).unwrap();
        let share = |of: &dyn Fn(&Person) -> bool| {
            let found: usize = all
                .people
                .iter()
                .filter(|person| of(person))
                .map(|person| person.applications)
                .sum();
            crate::micros::count(found) / 86_079.0
        };
        for (number, kind) in load.kinds.iter().enumerate() {
            assert!((share(&|person| person.kind == number) - kind.share).abs() < 0.001);
        }
        assert!((share(&|person| person.region == 0) - load.regions[0].share).abs() < 0.03);
    }

    #[test]
    fn everybody_presses_within_the_time_and_bots_begin_before_the_opening() {
        let load = Load::record().unwrap();
        let all = Population::draw(&load, 1).unwrap();
        let bot = load.kinds.iter().position(|kind| kind.name == "bot").unwrap();
        for person in &all.people {
            assert!(person.leaves < Micros::seconds(load.press_within_seconds));
            assert_eq!(person.kind == bot, person.leaves < Micros::millis(-400), "{person:?}");
        }
    }

    #[test]
    fn a_kind_that_cannot_be_is_named() {
        let mut load = Load::record().unwrap();
        load.kinds[1].applications = [3, 1];
        assert!(Population::draw(&load, 1).unwrap_err().to_string().contains("employer"));
    }
}
