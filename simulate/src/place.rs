//! Places by a policy, and how evenly they fall on people.

use crate::{
    micros::count,
    outcome::{Fate, Outcome, Sent},
    population::{Application, Population},
    scenario::{Load, Policy},
};

/// Who got what.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// By application: the number of the line in which it has a place.
    pub line_of: Vec<Option<usize>>,
    /// By line: the arrival, in milliseconds after the opening, of the one who got its last place; none while there is room.
    pub exhausted: Vec<Option<i64>>,
}

/// Gives places in the order of a policy; each takes the first line that it may have and that has room.
pub fn places(policy: Policy, load: &Load, population: &Population, outcome: &Outcome) -> Places {
    let all = population.applications.iter().zip(&outcome.sent).enumerate();
    let mut order: Vec<_> = all
        .filter(|(_, (_, sent))| sent.fate == Fate::Accepted)
        .map(|(number, (application, sent))| (rank(policy, application, sent), number))
        .collect();
    order.sort_unstable();
    let mut left: Vec<u32> = load.lines.iter().map(|line| line.places).collect();
    let mut given = Places {
        line_of: vec![None; population.applications.len()],
        exhausted: vec![None; load.lines.len()],
    };
    for (_, number) in order {
        let may = population.applications[number].lines;
        let open = left.iter_mut().enumerate();
        let Some((line, places)) =
            open.into_iter().find(|(line, places)| may >> line & 1 == 1 && **places > 0)
        else {
            continue;
        };
        *places -= 1;
        if let (0, Some(exhausted)) = (*places, given.exhausted.get_mut(line)) {
            *exhausted = outcome.sent[number].arrival;
        }
        if let Some(place) = given.line_of.get_mut(number) {
            *place = Some(line);
        }
    }
    given
}

/// The order: arrival, then draw. In a lottery all arrivals of the first seconds are one.
fn rank(policy: Policy, application: &Application, sent: &Sent) -> (i64, u64) {
    let arrival = sent.arrival.unwrap_or(i64::MAX);
    match policy {
        Policy::Lottery { seconds } if arrival < i64::from(seconds) * 1_000 => {
            (i64::MIN, application.draw)
        }
        Policy::Lottery { .. } | Policy::Chronological | Policy::Armed => {
            (arrival, application.draw)
        }
    }
}

/// A group of people: what they asked for and what they won.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// For the report.
    pub name: String,
    /// Applications that the portal would accept.
    pub asked: usize,
    /// Those of them that have a place.
    pub won: usize,
}

impl Group {
    /// Share of what was asked for that was won.
    pub fn chance(&self) -> f64 {
        count(self.won) / count(self.asked.max(1))
    }
}

/// How evenly places fell.
#[derive(Clone, Debug)]
pub struct Fairness {
    /// By kind of user.
    pub kinds: Vec<Group>,
    /// By region.
    pub regions: Vec<Group>,
    /// The most numerous kind, by latency, the fastest tenth of its applications first: people who differ in nothing else.
    pub deciles: Vec<Group>,
    /// What that kind is called.
    pub numerous: String,
}

/// Counts by kind, region and latency.
pub fn fairness(load: &Load, population: &Population, places: &Places) -> Fairness {
    let named = |names: Vec<&String>| -> Vec<Group> {
        names.into_iter().map(|name| Group { name: name.clone(), ..Group::default() }).collect()
    };
    let mut kinds = named(load.kinds.iter().map(|kind| &kind.name).collect());
    let mut regions = named(load.regions.iter().map(|region| &region.name).collect());
    let people = |kind| population.people.iter().filter(|person| person.kind == kind).count();
    let numerous = (0..kinds.len()).max_by_key(|kind| people(*kind)).unwrap_or(0);
    let mut by_latency = Vec::new();
    for (application, line) in population.applications.iter().zip(&places.line_of) {
        if !application.is_valid {
            continue;
        }
        let person = population.people[application.person];
        let groups = [kinds.get_mut(person.kind), regions.get_mut(person.region)];
        for group in groups.into_iter().flatten() {
            group.asked += 1;
            group.won += usize::from(line.is_some());
        }
        if person.kind == numerous {
            by_latency.push((person.latency, line.is_some()));
        }
    }
    by_latency.sort_unstable();
    let tenth = by_latency.len().div_ceil(10).max(1);
    let deciles = by_latency.chunks(tenth).map(|chunk| {
        let slowest = chunk.last().map_or(0.0, |(latency, _)| latency.as_seconds() * 1_000.0);
        let won = chunk.iter().filter(|(_, has_place)| *has_place).count();
        Group { name: format!("≤ {slowest:.0} ms"), asked: chunk.len(), won }
    });
    let deciles = deciles.collect();
    let numerous = kinds.get(numerous).map_or_else(String::new, |kind| kind.name.clone());
    Fairness { kinds, regions, deciles, numerous }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{micros::Micros, population::Person, scenario::Line};

    /// People with one application each: latency in ms, arrival in ms, draw.
    fn day(all: &[(i64, i64, u64)], lines: &[(u32, &str)]) -> (Load, Population, Outcome) {
        let mut load = Load::record().unwrap();
        load.lines = lines
            .iter()
            .map(|(places, name)| Line {
                name: (*name).to_owned(),
                places: *places,
                eligible: [].into(),
            })
            .collect();
        let (mut population, mut outcome) = (Population::default(), Outcome::default());
        for (latency, arrival, draw) in all {
            let person = population.people.push(Person {
                kind: 0,
                region: 0,
                latency: Micros::millis(*latency),
                pressed: Micros(0),
                leaves: Micros(0),
                first: population.applications.len(),
                applications: 1,
                arms: false,
            });
            population.applications.push(Application {
                person,
                is_valid: true,
                lines: u32::MAX,
                draw: *draw,
            });
            let receipt = Some(Micros::millis(*arrival + 100));
            outcome.sent.push(Sent { arrival: Some(*arrival), receipt, fate: Fate::Accepted });
        }
        (load, population, outcome)
    }

    #[test]
    fn the_earlier_arrival_wins_and_the_draw_decides_within_a_millisecond() {
        let (load, population, outcome) = day(&[(9, 7, 5), (9, 3, 9), (9, 7, 4)], &[(2, "one")]);
        let given = places(Policy::Chronological, &load, &population, &outcome);
        assert_eq!(given.line_of, [None, Some(0), Some(0)]);
        assert_eq!(given.exhausted, [Some(7)]);
    }

    #[test]
    fn who_finds_a_line_full_takes_the_next_that_has_room() {
        let (load, mut population, outcome) =
            day(&[(9, 1, 0), (9, 2, 0), (9, 3, 0)], &[(1, "reserve"), (5, "ordinary")]);
        population.applications[2].lines = 0b01;
        let given = places(Policy::Chronological, &load, &population, &outcome);
        assert_eq!(given.line_of, [Some(0), Some(1), None]);
        assert_eq!(given.exhausted, [Some(1), None]);
    }

    #[test]
    fn in_a_lottery_the_draw_decides_among_the_first_seconds_and_time_after_them() {
        let all = [(9, 10, 30), (9, 900, 10), (9, 999, 20), (9, 1_000, 1)];
        let (load, population, outcome) = day(&all, &[(2, "one")]);
        let given = places(Policy::Lottery { seconds: 1 }, &load, &population, &outcome);
        assert_eq!(given.line_of, [None, Some(0), Some(0), None]);
    }

    #[test]
    fn what_was_not_accepted_has_no_place() {
        let (load, population, mut outcome) = day(&[(9, 1, 0), (9, 2, 0)], &[(5, "one")]);
        outcome.sent[0].fate = Fate::Invalid;
        let given = places(Policy::Chronological, &load, &population, &outcome);
        assert_eq!(given.line_of, [None, Some(0)]);
    }

    #[test]
    fn the_fastest_tenth_stands_first_and_wins_most_where_time_decides() {
        let all: Vec<_> = (0..100).map(|number| (100 - number, 100 - number, 0)).collect();
        let (load, population, outcome) = day(&all, &[(20, "one")]);
        let given = places(Policy::Chronological, &load, &population, &outcome);
        let deciles = fairness(&load, &population, &given).deciles;
        let won: Vec<_> = deciles.iter().map(|group| group.won).collect();
        assert_eq!(won, [10, 10, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(deciles[0].name, "≤ 10 ms");
    }
}
