//! One simulated day: both runs, places by each policy, and what a reader wants to know of them.

use std::thread;

use crate::{
    cost::Cost,
    engine::{self, Setting},
    figures::Figures,
    micros::Micros,
    outcome::{Cause, Fate, Outcome, Second},
    place::{Fairness, Group, Places, fairness, places},
    population::{Person, Population, PopulationError},
    scenario::{Kind, Limits, Load, Policy},
};

/// The three policies that are compared.
#[derive(Clone, Copy, Debug)]
pub struct Policies {
    /// The stretch of the lottery, in seconds.
    pub lottery_seconds: u32,
}

impl Policies {
    fn all(self) -> [Policy; 3] {
        [Policy::Chronological, Policy::Armed, Policy::Lottery { seconds: self.lottery_seconds }]
    }

    /// What charts and tables call them.
    pub fn names(self) -> [String; 3] {
        ["arrival".to_owned(), "armed".to_owned(), format!("lottery, {} s", self.lottery_seconds)]
    }
}

/// What one run came to.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Accepted, refused by the portal for good, refused at the last try.
    pub fates: [usize; 3],
    /// When the last receipt came, in time after the opening.
    pub last_receipt: Option<Micros>,
    /// Wait from press to receipt: half and 99 of 100 waited at most so long.
    pub waits: [Option<Micros>; 2],
    /// The last second in which gateway, Lambda or store refused: from then on whoever comes is served at once.
    pub crowded_until: Option<Micros>,
    /// When the history of all was recorded.
    pub recorded: Option<Micros>,
    /// Requests that left a client.
    pub tries: usize,
    /// Refusals by cause, as in [`Cause::ALL`].
    pub refused: [usize; Cause::ALL.len()],
    /// When the last armed application was sent.
    pub armed_sent: Option<Micros>,
    /// How often the store refused an armed send.
    pub armed_throttled: usize,
    /// Environments at once.
    pub environments: u32,
    /// Environments that were started.
    pub cold_starts: u32,
    /// What was paid.
    pub cost: Cost,
    /// Seconds after the opening.
    pub seconds: Vec<Second>,
}

/// Places and fairness under one policy.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// By line: the arrival of who got its last place.
    pub exhausted: Vec<Option<i64>>,
    /// How places fell.
    pub fairness: Fairness,
}

/// How those fared who all did the same.
#[derive(Clone, Debug)]
pub struct Part {
    /// Whose they are, and how many won.
    pub group: Group,
    /// Half and 99 of 100 waited at most so long for the receipt: from the press, or from the opening for what was armed.
    pub waits: [Option<Micros>; 2],
}

/// Why a day could not be simulated.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    /// The load makes no people.
    #[error(transparent)]
    Population(#[from] PopulationError),
    /// A fault of the program.
    #[error("the run with armed sending broke off")]
    BrokeOff,
}

/// A simulated day.
#[derive(Clone, Debug)]
pub struct Day {
    /// Name of the load.
    pub load: String,
    /// Name of the limits.
    pub limits: String,
    /// Names of the quota lines.
    pub lines: Vec<String>,
    /// People and applications.
    pub people: [usize; 2],
    /// The day without armed sending.
    pub live: Summary,
    /// The day with it.
    pub armed: Summary,
    /// By policy: arrival, armed, lottery.
    pub verdicts: [Verdict; 3],
    /// By kind, on the day without armed sending: all press.
    pub all_press: Vec<Part>,
    /// By kind, on the day with it: who arms, and who presses all the same.
    pub some_arm: Vec<[Part; 2]>,
    /// What the policies are called.
    pub policies: [String; 3],
}

impl Day {
    /// Simulates a load under limits: once with live presses alone, once with armed sending.
    pub fn simulate(
        load: &Load,
        limits: &Limits,
        figures: &Figures,
        policies: Policies,
        seed: u64,
    ) -> Result<Self, DayError> {
        let population = Population::draw(load, seed)?;
        let run = |policy| {
            engine::run(Setting { population: &population, load, limits, figures, policy, seed })
        };
        let [chronological, armed, lottery] = policies.all();
        // The two have nothing in common but what they read.
        let (live_run, armed_run) = thread::scope(|scope| {
            let armed_run = scope.spawn(|| run(armed));
            (run(chronological), armed_run.join())
        });
        let armed_run = armed_run.map_err(|_| DayError::BrokeOff)?;
        let summary = |outcome: &Outcome| {
            Summary::of(outcome, &population, Cost::of(outcome, limits, figures))
        };
        let given = |policy, outcome: &Outcome| places(policy, load, &population, outcome);
        let given =
            [given(chronological, &live_run), given(armed, &armed_run), given(lottery, &live_run)];
        let verdict = |given: &Places| Verdict {
            fairness: fairness(load, &population, given),
            exhausted: given.exhausted.clone(),
        };
        let [by_arrival, with_armed, _] = &given;
        let kinds = || load.kinds.iter().enumerate();
        let all_press = kinds().map(|(number, kind)| {
            Part::of(kind, &live_run, &population, by_arrival, |person| {
                (person.kind == number).then_some(person.pressed)
            })
        });
        let some_arm = kinds().map(|(number, kind)| {
            [true, false].map(|arms| {
                Part::of(kind, &armed_run, &population, with_armed, |person| {
                    let counts_from = if arms { Micros(0) } else { person.pressed };
                    (person.kind == number && person.arms == arms).then_some(counts_from)
                })
            })
        });
        Ok(Self {
            load: load.name.clone(),
            limits: limits.name.clone(),
            lines: load.lines.iter().map(|line| line.name.clone()).collect(),
            people: [population.people.len(), population.applications.len()],
            live: summary(&live_run),
            armed: summary(&armed_run),
            all_press: all_press.collect(),
            some_arm: some_arm.collect(),
            verdicts: given.each_ref().map(verdict),
            policies: policies.names(),
        })
    }
}

impl Summary {
    fn of(outcome: &Outcome, population: &Population, cost: Cost) -> Self {
        Self {
            fates: [
                outcome.ended(|fate| fate == Fate::Accepted),
                outcome.ended(|fate| fate == Fate::Invalid),
                outcome.ended(|fate| matches!(fate, Fate::Refused(_))),
            ],
            last_receipt: outcome.last_receipt(),
            waits: middle_and_tail(&waits_of(outcome, population, |person| Some(person.pressed))),
            crowded_until: crowded_until(&outcome.seconds),
            recorded: outcome.recorded,
            armed_sent: outcome.armed_sent,
            armed_throttled: outcome.armed_throttled,
            tries: outcome.tries,
            refused: outcome.refused,
            environments: outcome.environments,
            cold_starts: outcome.cold_starts,
            cost,
            seconds: outcome.seconds.clone(),
        }
    }
}

impl Part {
    /// Those people whose wait counts from some instant.
    fn of(
        kind: &Kind,
        outcome: &Outcome,
        population: &Population,
        given: &Places,
        counts_from: impl Fn(&Person) -> Option<Micros>,
    ) -> Self {
        let mut group = Group { name: kind.name.clone(), ..Group::default() };
        for (application, line) in population.applications.iter().zip(&given.line_of) {
            let is_asked = counts_from(&population.people[application.person]).is_some();
            if is_asked && application.is_valid {
                group.asked += 1;
                group.won += usize::from(line.is_some());
            }
        }
        let waits = middle_and_tail(&waits_of(outcome, population, counts_from));
        Self { group, waits }
    }
}

fn crowded_until(seconds: &[Second]) -> Option<Micros> {
    let last =
        seconds.iter().rposition(|second| second.gateway + second.lambda + second.store > 0)?;
    i64::try_from(last + 1).ok().map(Micros::seconds)
}

/// Waits for the receipt, shortest first, from the instant from which a person's counts; none for those who are not asked.
fn waits_of(
    outcome: &Outcome,
    population: &Population,
    counts_from: impl Fn(&Person) -> Option<Micros>,
) -> Vec<Micros> {
    let all = outcome.sent.iter().zip(&population.applications);
    let mut waits: Vec<_> = all
        .filter_map(|(sent, application)| {
            let from = counts_from(&population.people[application.person])?;
            Some(sent.receipt? - from)
        })
        .collect();
    waits.sort_unstable();
    waits
}

/// The median and the 99th percentile of sorted waits: the least that so many did not exceed.
fn middle_and_tail(sorted: &[Micros]) -> [Option<Micros>; 2] {
    [50, 99].map(|percent| {
        let rank = (sorted.len() * percent).div_ceil(100);
        sorted.get(rank.checked_sub(1)?).copied()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_waits_that_somebody_had() {
        let waits: Vec<_> = (1..=200).map(Micros::millis).collect();
        assert_eq!(middle_and_tail(&waits), [Some(Micros::millis(100)), Some(Micros::millis(198))]);
        assert_eq!(middle_and_tail(&[Micros(7)]), [Some(Micros(7)); 2]);
        assert_eq!(middle_and_tail(&[]), [None, None]);
    }

    #[test]
    fn who_arms_and_who_presses_are_all_of_a_kind_and_the_armed_wait_more_than_a_minute() {
        let load = Load { applications: 3_000, ..Load::record().unwrap() };
        let figures = Figures::built_in().unwrap();
        let policies = Policies { lottery_seconds: 60 };
        let day = Day::simulate(&load, &Limits::none(), &figures, policies, 1).unwrap();
        let [_, with_armed, _] = &day.verdicts;
        for (parts, all) in day.some_arm.iter().zip(&with_armed.fairness.kinds) {
            let [armed, pressed] = parts;
            assert_eq!(armed.group.asked + pressed.group.asked, all.asked, "{}", all.name);
            assert_eq!(armed.group.won + pressed.group.won, all.won, "{}", all.name);
            let [half, _] = armed.waits;
            assert_eq!(half.is_some(), all.name != "bot");
            assert!(half.is_none_or(|half| half > Micros::seconds(60)), "{half:?}");
        }
    }

    #[test]
    fn the_crowd_is_through_after_the_last_second_that_refused_somebody() {
        let mut seconds = vec![Second::default(); 5];
        assert_eq!(crowded_until(&seconds), None);
        (seconds[1].gateway, seconds[2].store) = (7, 1);
        assert_eq!(crowded_until(&seconds), Some(Micros::seconds(3)));
    }
}
