//! The charts of a day, each with the name of its file.

use crate::{
    chart::{self, Titles},
    day::Day,
    micros::{Micros, count},
    outcome::Second,
    place::Group,
};

/// Receipts and refusals by second; places per hundred asked, by kind of user and by latency.
pub fn of(day: &Day) -> [(String, String); 3] {
    let [arrival, ..] = &day.verdicts;
    let across = format!("latency one way of the kind {}, a tenth each", arrival.fairness.numerous);
    [
        (file(day, "seconds"), by_second(day)),
        (
            file(day, "kinds"),
            by_group(day, "kind of user", |day| {
                day.verdicts.each_ref().map(|verdict| verdict.fairness.kinds.as_slice())
            }),
        ),
        (
            file(day, "latency"),
            by_group(day, &across, |day| {
                day.verdicts.each_ref().map(|verdict| verdict.fairness.deciles.as_slice())
            }),
        ),
    ]
}

/// A load or a set of limits may be called by the path of its file.
fn file(day: &Day, what: &str) -> String {
    format!("{}-{}-{what}.svg", day.load, day.limits).replace(['/', '\\', ' '], "-")
}

fn by_second(day: &Day) -> String {
    // A little longer than anybody was refused: nothing is to be seen after that.
    let crowded = day.live.crowded_until.map_or(0, Micros::whole_seconds);
    let shown = (crowded + crowded / 4).max(10);
    let series = |of: fn(&Second) -> usize| {
        day.live.seconds.iter().take(shown).map(|second| count(of(second))).collect()
    };
    let series = [
        ("receipts", series(|second| second.receipts)),
        ("refused at the gateway", series(|second| second.gateway)),
        ("refused at Lambda", series(|second| second.lambda)),
        ("tickets", series(|second| second.store)),
    ];
    let title = format!("Receipts and refusals each second: {}, limits {}", day.load, day.limits);
    let titles = Titles { title: &title, across: "seconds after the opening", up: "each second" };
    chart::lines(titles, &series)
}

fn by_group(day: &Day, across: &str, groups: fn(&Day) -> [&[Group]; 3]) -> String {
    let groups = groups(day);
    let [first, ..] = groups;
    let names: Vec<_> = first.iter().map(|group| group.name.clone()).collect();
    let policies = day.policies.each_ref().map(String::as_str).into_iter();
    let series: Vec<_> = policies
        .zip(groups)
        .map(|(policy, groups)| {
            (policy, groups.iter().map(|group| group.chance() * 100.0).collect())
        })
        .collect();
    let title = format!("Places per hundred asked, by policy: {}, limits {}", day.load, day.limits);
    chart::bars(Titles { title: &title, across, up: "places per hundred" }, &names, &series)
}
