//! Counts the places of a campaign again from its history, and names what the ranking gave otherwise (RNK-1, RNK-2, RNK-5).
//!
//! The ranking goes on from batch to batch and remembers from where on somebody may wait; this looks at everybody who waits,
//! each time. Both go by the campaign's lines alone. The history does not say when the ranking ran: those instants, and how
//! far it came with those who move up at one of them, are taken from what it wrote. What it gave to whom decides nothing here
//! and is compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use jiff::Timestamp;

use super::{Claims, LineStanding, Sent, Standings, has_given_up, protocol_number};
use crate::{
    calendar,
    campaign::{Campaign, Publication, QuotaLine},
    ids::{ApplicationId, ModelId},
    lifecycle::{Event, State, consequence::QuotaPlace},
    order::Rank,
};

#[cfg(test)]
mod tests;

/// In milliseconds: the ranking decides by what it reads within a minute after the instant that it writes.
const RUN: i64 = 60_000;

/// A version of a campaign, with its publication.
pub type Version = (Publication, Campaign);

/// A submission in the order of its model: what is known of it without the ranking, and what the ranking wrote.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which application.
    pub application: ApplicationId,
    /// Of which model.
    pub model: ModelId,
    /// Where it stands among all.
    pub rank: Rank,
    /// What decides which lines it may take a place in.
    pub claims: Claims,
    /// When an event of its history gave the place, or the wait for one, up; in milliseconds of the campaign's clock.
    pub gave_up: Option<i64>,
    /// Whether what it gave up still waits for the ranking.
    pub waits_to_be_passed_on: bool,
    /// What the ranking wrote; nothing while it has no position.
    pub given: Option<Given>,
}

/// What the ranking wrote about one application. Instants are in milliseconds of the campaign's clock.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Given {
    /// Counts the submissions of the model in their order, from 1.
    pub ordinal: u64,
    /// Protocol number.
    pub protocol: String,
    /// The line in which it got a place in its turn; none where it had to wait.
    pub line: Option<String>,
    /// When it had its turn.
    pub at: i64,
    /// The line in which it got a place later, and when.
    pub moved_up: Option<(String, i64)>,
    /// When what it gave up was passed on.
    pub passed_on: Option<i64>,
}

/// What a difference is about. No person can be known from it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum About {
    /// One application.
    Application(ApplicationId),
    /// The figures of a quota line.
    Line(String),
    /// The figures of a model.
    Model(ModelId),
    /// The ranking of the campaign.
    Ranking,
}

impl fmt::Display for About {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Application(id) => write!(formatter, "{id}"),
            Self::Line(line) => write!(formatter, "line {line}"),
            Self::Model(model) => write!(formatter, "model {model}"),
            Self::Ranking => formatter.write_str("ranking"),
        }
    }
}

/// Something that the ranking wrote and the history does not lead to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// What it is about.
    pub about: About,
    /// What is stored, and what was counted.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.about, self.what)
    }
}

/// What a campaign looks like when it is counted again.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Recount {
    /// Submissions in the order.
    pub submissions: u64,
    /// Of these, those that have no position yet.
    pub waiting: u64,
    /// Places that are taken.
    pub taken: u64,
    /// What does not fit.
    pub differences: Vec<Difference>,
}

/// Whether an event in this state gives a place up, or the wait for one (RNK-2).
pub fn gives_up(event: Event, from: State) -> bool {
    let gives_up = match event.consequences().place {
        QuotaPlace::GivenUp => true,
        QuotaPlace::GivenUpUnlessCompleted => from != State::ModulesIssued,
        QuotaPlace::Kept | QuotaPlace::Awaited | QuotaPlace::Required => false,
    };
    // Revoked first and archived then: a place makes room once.
    gives_up && !has_given_up(from)
}

/// Counts the places of a campaign again. `entries` are all of its submissions; `standings` is how far the ranking says to
/// be. Who could have had a place by `due` and has none is a difference; what came due later may still wait for a run.
pub fn recount(
    versions: &[Version],
    entries: &[Entry],
    standings: &Standings,
    due: Timestamp,
) -> Recount {
    let mut count = Count::of(versions, entries);
    let steps = count.steps();
    for (at, step) in &steps {
        count.take(*at, step);
    }
    let last = steps.last_key_value().map_or(i64::MIN, |(at, _)| *at);
    count.move_all_up(last.max(due.as_millisecond()));
    let mut found = Recount {
        submissions: number(entries.len()),
        taken: count.standings.lines.values().map(|line| line.taken).sum(),
        ..Recount::default()
    };
    count.compare_places(&mut found);
    compare_figures(&count.standings, standings, &mut found.differences);
    found
}

/// The version of a campaign that decides at an instant of its clock.
pub fn version_at(versions: &[Version], at: i64) -> Option<&Campaign> {
    let at = Timestamp::from_millisecond(at).ok()?;
    let publications: Vec<Publication> =
        versions.iter().map(|(publication, _)| *publication).collect();
    let is_in_force = |(publication, campaign): &&Version| {
        Publication::in_force(&publications, campaign.gateway_instant(at)) == Some(publication)
    };
    versions.iter().find(is_in_force).map(|(_, campaign)| campaign)
}

/// What is known of one submission while everybody's places are counted.
#[derive(Debug)]
struct Case<'a> {
    entry: &'a Entry,
    /// When it has its turn; none while that is still to come.
    turn: Option<i64>,
    /// When what it gives up is passed on; none where it gives up nothing, or that is still to come.
    passed_on: Option<i64>,
    ordinal: u64,
    line: Option<String>,
    moved_up: Option<(String, i64)>,
}

impl Case<'_> {
    /// Whether it takes a place that is free at this instant, if it waits for one.
    fn stands(&self, at: i64) -> bool {
        let Some(ended) = self.entry.gave_up else { return true };
        let moved_up = self.entry.given.as_ref().and_then(|given| given.moved_up.as_ref());
        // Whether a run of that minute saw the end already is known by what it gave alone.
        at < ended.saturating_sub(RUN) || moved_up.is_some_and(|(_, moved_up)| *moved_up == at)
    }

    fn place(&self) -> Option<&String> {
        self.moved_up.as_ref().map(|(line, _)| line).or(self.line.as_ref())
    }
}

/// What the ranking decided at one instant, as far as the recount follows it.
#[derive(Debug, Default)]
struct Step<'a> {
    passed_on: Vec<&'a Rank>,
    /// Who moved up, with the lines.
    moved_up: Vec<(&'a str, &'a Rank)>,
    /// Who had their turn, in order.
    turns: Vec<&'a Rank>,
}

/// Everybody's places at one instant.
#[derive(Debug)]
struct Count<'a> {
    versions: &'a [Version],
    cases: BTreeMap<&'a Rank, Case<'a>>,
    /// Who had a turn, has no place and did not give up: those of one model with the same claims wait for the same lines.
    waiting: BTreeMap<(&'a ModelId, &'a Claims), BTreeSet<&'a Rank>>,
    standings: Standings,
}

impl<'a> Count<'a> {
    fn of(versions: &'a [Version], entries: &'a [Entry]) -> Self {
        let case = |entry: &'a Entry| Case {
            entry,
            turn: None,
            passed_on: None,
            ordinal: 0,
            line: None,
            moved_up: None,
        };
        let mut cases: BTreeMap<&'a Rank, Case<'a>> =
            entries.iter().map(|entry| (&entry.rank, case(entry))).collect();
        // Who has no position though a later one has got lost: its turn was that of the next one at the latest.
        let mut later: BTreeMap<&'a ModelId, i64> = BTreeMap::new();
        for case in cases.values_mut().rev() {
            let entry = case.entry;
            if let Some(given) = &entry.given {
                later.insert(&entry.model, given.at);
            }
            case.turn = later.get(&entry.model).copied();
        }
        Self { versions, cases, waiting: BTreeMap::new(), standings: Standings::default() }
    }

    /// The instants at which the ranking decided something, and what. Fixes when what was given up is passed on.
    fn steps(&mut self) -> BTreeMap<i64, Step<'a>> {
        let mut steps: BTreeMap<i64, Step<'a>> = BTreeMap::new();
        for (rank, case) in &self.cases {
            let entry = case.entry;
            if let Some(turn) = case.turn {
                steps.entry(turn).or_default().turns.push(*rank);
            }
            let Some(given) = &entry.given else { continue };
            if let Some((line, at)) = &given.moved_up {
                steps.entry(*at).or_default().moved_up.push((line.as_str(), *rank));
            }
            if let Some(at) = given.passed_on {
                steps.entry(at).or_default();
            }
        }
        let instants: BTreeSet<i64> = steps.keys().copied().collect();
        for (rank, case) in &mut self.cases {
            let (Some(ended), Some(turn)) = (case.entry.gave_up, case.turn) else { continue };
            let stored = case.entry.given.as_ref().and_then(|given| given.passed_on);
            let earliest = ended.saturating_sub(RUN).max(turn.saturating_add(1));
            case.passed_on = match stored {
                Some(at) if at >= earliest => Some(at),
                None if case.entry.waits_to_be_passed_on => None,
                Some(_) | None => instants.range(earliest..).next().copied(),
            };
            if let Some(at) = case.passed_on {
                steps.entry(at).or_default().passed_on.push(*rank);
            }
        }
        steps
    }

    fn take(&mut self, at: i64, step: &Step<'a>) {
        let versions = self.versions;
        let lines = version_at(versions, at).map(Campaign::lines).unwrap_or_default();
        for rank in &step.passed_on {
            self.pass_on(rank);
        }
        // The ranking goes from line to line and in each from the first who waits on, as far as one batch reaches.
        let index = |id: &str| lines.iter().position(|line| line.id == id).unwrap_or(lines.len());
        let reached = step.moved_up.iter().map(|(line, rank)| (index(line), *rank)).max();
        if reached.is_some() {
            self.move_up(lines, at, reached);
        }
        // Nobody has a turn before all who wait have what is free.
        if !step.turns.is_empty() {
            self.move_up(lines, at, None);
        }
        for rank in &step.turns {
            self.seat(lines, at, rank);
        }
    }

    fn pass_on(&mut self, rank: &'a Rank) {
        let Some(case) = self.cases.get(rank) else { return };
        if let Some(line) = case.place() {
            self.standings.free(line);
        }
        let entry = case.entry;
        self.waits_no_more(entry);
    }

    /// Gives what is free to those who wait for it, each line's places in order; none beyond who was `reached`.
    fn move_up(&mut self, lines: &[QuotaLine], at: i64, reached: Option<(usize, &Rank)>) {
        for (number, line) in lines.iter().enumerate() {
            while self.standings.room(line) > 0 {
                let Some(next) = self.first_waiting(line, at) else { break };
                if reached.is_some_and(|reached| (number, next) > reached) {
                    return;
                }
                let Some(case) = self.cases.get_mut(next) else { break };
                case.moved_up = Some((line.id.clone(), at));
                let entry = case.entry;
                self.waits_no_more(entry);
                self.takes(line, entry);
            }
        }
    }

    fn move_all_up(&mut self, at: i64) {
        let versions = self.versions;
        let lines = version_at(versions, at).map(Campaign::lines).unwrap_or_default();
        self.move_up(lines, at, None);
    }

    /// Gives a submission its ordinal, and a place in the first line that admits it and has room.
    fn seat(&mut self, lines: &[QuotaLine], at: i64, rank: &'a Rank) {
        let (Some(case), Ok(now)) = (self.cases.get(rank), Timestamp::from_millisecond(at)) else {
            return;
        };
        let entry = case.entry;
        let free = lines.iter().find(|line| {
            line.admits(&entry.model, &entry.claims, now) && self.standings.room(line) > 0
        });
        self.standings.of_province(&entry.model, &entry.claims).sent += 1;
        match free {
            Some(line) => self.takes(line, entry),
            None => {
                self.waiting.entry((&entry.model, &entry.claims)).or_default().insert(rank);
            }
        }
        let ordinal = self.standings.ordinals.entry(entry.model.clone()).or_default();
        *ordinal += 1;
        if let Some(case) = self.cases.get_mut(rank) {
            case.ordinal = *ordinal;
            case.line = free.map(|line| line.id.clone());
        }
    }

    fn takes(&mut self, line: &QuotaLine, entry: &Entry) {
        self.standings.lines.entry(line.id.clone()).or_default().taken += 1;
        self.standings.gives(&line.id, &entry.rank, &entry.model, &entry.claims);
    }

    fn waits_no_more(&mut self, entry: &'a Entry) {
        let alike = (&entry.model, &entry.claims);
        if let Some(ranks) = self.waiting.get_mut(&alike) {
            ranks.remove(&entry.rank);
            if ranks.is_empty() {
                self.waiting.remove(&alike);
            }
        }
    }

    fn first_waiting(&self, line: &QuotaLine, at: i64) -> Option<&'a Rank> {
        let now = Timestamp::from_millisecond(at).ok()?;
        let stands = |rank: &&'a Rank| self.cases.get(*rank).is_some_and(|case| case.stands(at));
        self.waiting
            .iter()
            .filter(|((model, claims), _)| line.admits(model, claims, now))
            .filter_map(|(_, ranks)| ranks.iter().copied().find(stands))
            .min()
    }

    fn compare_places(&self, found: &mut Recount) {
        let mut before: BTreeMap<&ModelId, (i128, &Case<'_>)> = BTreeMap::new();
        for case in self.cases.values() {
            let entry = case.entry;
            let mut differs = |what: String| {
                let about = About::Application(entry.application.clone());
                found.differences.push(Difference { about, what });
            };
            let Some(given) = &entry.given else {
                if case.turn.is_some() {
                    let counted = place(case.line.as_deref(), case.moved_up.as_ref());
                    differs(format!(
                        "has no position, though later ones have; counted are position {} and {counted}",
                        case.ordinal
                    ));
                } else {
                    found.waiting += 1;
                }
                continue;
            };
            let shift = i128::from(given.ordinal) - i128::from(case.ordinal);
            let previous = before.insert(&entry.model, (shift, case));
            // Where all after one are shifted by it, the first of them says so.
            if shift != 0 && previous.is_none_or(|(shifted, _)| shifted != shift) {
                differs(format!("has position {}, counted is {}", given.ordinal, case.ordinal));
            }
            let next_to = previous.and_then(|(_, case)| case.entry.given.as_ref());
            if next_to.is_some_and(|earlier| given.at < earlier.at) {
                differs(format!("had its turn at {}, before who comes first", written(given.at)));
            }
            let (stored, counted) = (
                place(given.line.as_deref(), given.moved_up.as_ref()),
                place(case.line.as_deref(), case.moved_up.as_ref()),
            );
            if stored != counted {
                differs(format!("has {stored}, counted is {counted}"));
            }
            if let Some(campaign) = version_at(self.versions, given.at) {
                let province = &entry.claims.province;
                let protocol = protocol_number(campaign, &entry.model, province, given.ordinal);
                if given.protocol != protocol {
                    differs(format!("has protocol {}, not {protocol}", given.protocol));
                }
                let delay = campaign.policies().closing_delay().as_millis();
                let waited = entry.rank.arrival().map(|arrival| given.at.saturating_sub(arrival));
                if waited.is_some_and(|waited| i128::from(waited) < delay) {
                    let at = written(given.at);
                    differs(format!("had its turn at {at}, before its position was final"));
                }
            }
            let misfit = match (entry.gave_up, given.passed_on) {
                (None, Some(at)) => {
                    format!("has a place passed on at {}, and no event gives it up", written(at))
                }
                (Some(ended), Some(at)) if case.passed_on != Some(at) => {
                    let (ended, at) = (written(ended), written(at));
                    format!("gives up at {ended}, and it was passed on at {at}, before it could be")
                }
                (Some(ended), None) if !entry.waits_to_be_passed_on => {
                    format!("gives up at {}, and it was never passed on", written(ended))
                }
                _ => continue,
            };
            differs(misfit);
        }
    }
}

/// What everybody may know of the places (NEW-7), and what else the ranking says to have given.
fn compare_figures(counted: &Standings, stored: &Standings, differences: &mut Vec<Difference>) {
    let lines: BTreeSet<&String> = counted.lines.keys().chain(stored.lines.keys()).collect();
    let none = LineStanding::default();
    for line in lines {
        let of = |standings: &Standings| {
            let standing = standings.lines.get(line).unwrap_or(&none);
            taken(standing.taken, standing.last)
        };
        compare(About::Line(line.clone()), &of(stored), &of(counted), differences);
    }
    let models: BTreeSet<&ModelId> =
        counted.ordinals.keys().chain(stored.ordinals.keys()).chain(stored.sent.keys()).collect();
    let nobody = Sent::default();
    for model in models {
        let about = About::Model(model.clone());
        let ordinals = |standings: &Standings| {
            format!("{} positions", standings.ordinals.get(model).copied().unwrap_or_default())
        };
        compare(about.clone(), &ordinals(stored), &ordinals(counted), differences);
        let provinces = |standings: &Standings| {
            let sent = standings.sent.get(model).into_iter().flatten();
            sent.map(|(province, _)| province.clone()).collect::<BTreeSet<String>>()
        };
        for province in provinces(counted).union(&provinces(stored)) {
            let of = |standings: &Standings| {
                let sent = standings.sent.get(model).and_then(|sent| sent.get(province));
                let Sent { sent, last } = sent.unwrap_or(&nobody);
                format!("{sent} sent from {province} and {}", last_arrival(*last))
            };
            compare(about.clone(), &of(stored), &of(counted), differences);
        }
    }
}

fn compare(about: About, stored: &str, counted: &str, differences: &mut Vec<Difference>) {
    if stored != counted {
        let what = format!("says {stored}; counted are {counted}");
        differences.push(Difference { about, what });
    }
}

fn taken(taken: u64, last: Option<i64>) -> String {
    format!("{taken} places taken and {}", last_arrival(last))
}

fn last_arrival(last: Option<i64>) -> String {
    last.map_or_else(
        || "no arrival in quota".to_owned(),
        |last| format!("the last arrival in quota at {}", written(last)),
    )
}

fn place(line: Option<&str>, moved_up: Option<&(String, i64)>) -> String {
    match (line, moved_up) {
        (None, None) => "no place".to_owned(),
        (Some(line), None) => format!("a place of {line} in its turn"),
        (None, Some((line, at))) => format!("a place of {line} since {}", written(*at)),
        (Some(first), Some((line, at))) => {
            format!("a place of {first} in its turn and one of {line} since {}", written(*at))
        }
    }
}

fn written(at: i64) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| format!("{at} ms"), calendar::rfc3339)
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
