//! Simulated days as tables that can be pasted into a document.

use std::fmt::Write;

use crate::{
    day::{Day, Part},
    micros::Micros,
    outcome::{Cause, Layer},
    place::Group,
};

/// The table of all days: receipts, waits, refusals, cost.
pub fn overview(days: &[Day], eur_per_usd: f64) -> String {
    let mut text = String::from(
        "| load | limits | accepted | not valid | refused | p50 | p99 | crowd until | last receipt | history recorded | environments | requests | at the gateway | at Lambda | tickets | EUR |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for day in days {
        let live = &day.live;
        let [accepted, invalid, refused] = live.fates.map(thousands);
        let [middle, tail] = live.waits.map(waited);
        let by = |layer| {
            let all = Cause::ALL.iter().zip(live.refused);
            thousands(
                all.filter(|((cause, _), _)| cause.layer() == layer).map(|(_, count)| count).sum(),
            )
        };
        let (gateway, lambda, store) = (by(Layer::Gateway), by(Layer::Lambda), by(Layer::Store));
        row(
            &mut text,
            &[
                &day.load,
                &day.limits,
                &accepted,
                &invalid,
                &refused,
                &middle,
                &tail,
                &waited(live.crowded_until),
                &waited(live.last_receipt),
                &waited(live.recorded),
                &thousands(usize::try_from(live.environments).unwrap_or(0)),
                &thousands(live.tries),
                &gateway,
                &lambda,
                &store,
                &format!("{:.2}", live.cost.total() * eur_per_usd),
            ],
        );
    }
    text
}

/// One day in full: causes, quotas, cost, fairness.
pub fn detail(day: &Day, eur_per_usd: f64) -> String {
    let [people, applications] = day.people.map(thousands);
    let mut text = format!(
        "## {} under the limits `{}`\n\n{applications} applications of {people} people.\n\nRefusals by cause (requests at gateway and Lambda, tickets at the store): ",
        day.load, day.limits
    );
    text += &causes(&day.live.refused);
    text += "\nWith armed sending: ";
    text += &causes(&day.armed.refused);
    let _ = write!(
        text,
        "\nThe last armed application is sent after {}; the store refused {} armed sends, which were tried again. History is recorded after {}, the crowd of presses is through after {}.",
        waited(day.armed.armed_sent),
        thousands(day.armed.armed_throttled),
        waited(day.armed.recorded),
        waited(day.armed.crowded_until),
    );
    let cost = day.live.cost;
    let _ = write!(
        text,
        "\nCost: accepting {:.2} EUR ({:.2} USD), all that follows but mail {:.2} EUR, warming once {:.2} EUR; with armed sending {:.2} EUR in all.\n\n",
        cost.accepting * eur_per_usd,
        cost.accepting,
        cost.following * eur_per_usd,
        cost.warming * eur_per_usd,
        day.armed.cost.total() * eur_per_usd,
    );
    let headings = day.policies.join(" | ");
    let _ = write!(text, "| quota exhausted by the arrival at | {headings} |\n|---|---|---|---|\n");
    for (number, line) in day.lines.iter().enumerate() {
        let ends = day.verdicts.each_ref().map(|verdict| {
            let arrival = verdict.exhausted.get(number).copied().flatten();
            arrival.map_or_else(
                || "places left".to_owned(),
                |millis| waited(Some(Micros::millis(millis))),
            )
        });
        let [first, second, third] = &ends;
        row(&mut text, &[line, first, second, third]);
    }
    let _ = write!(
        text,
        "\n| kind | applications | p50 and p99 to the receipt | places per hundred asked: {headings} |\n|---|---|---|---|---|---|\n"
    );
    let [arrival, armed, lottery] = &day.verdicts;
    for (number, part) in day.all_press.iter().enumerate() {
        let [first, second, third] =
            [arrival, armed, lottery].map(|verdict| chance(verdict.fairness.kinds.get(number)));
        let [name, asked, _, waits] = cells(part);
        row(&mut text, &[&name, &asked, &waits, &first, &second, &third]);
    }
    text += "\n| with armed sending | armed | places per hundred | p50 and p99 from the opening | pressed | places per hundred | p50 and p99 from the press |\n|---|---|---|---|---|---|---|\n";
    for [armed, pressed] in &day.some_arm {
        let [name, asked, won, waits] = cells(armed);
        let [_, pressed_asked, pressed_won, pressed_waits] = cells(pressed);
        let kind = [&name, &asked, &won, &waits, &pressed_asked, &pressed_won, &pressed_waits];
        row(&mut text, &kind.map(String::as_str));
    }
    let numerous = format!("latency of the kind {}, one way", arrival.fairness.numerous);
    for (heading, groups) in [
        ("region", day.verdicts.each_ref().map(|verdict| &verdict.fairness.regions)),
        (numerous.as_str(), day.verdicts.each_ref().map(|verdict| &verdict.fairness.deciles)),
    ] {
        let _ = write!(
            text,
            "\n| {heading} | places per hundred asked: {headings} |\n|---|---|---|---|\n"
        );
        let [first, second, third] = groups;
        for (number, group) in first.iter().enumerate() {
            let chances = [Some(group), second.get(number), third.get(number)].map(chance);
            let [first, second, third] = &chances;
            row(&mut text, &[&group.name, first, second, third]);
        }
    }
    text
}

/// Name, number of applications, places per hundred, waits.
fn cells(part: &Part) -> [String; 4] {
    let [middle, tail] = part.waits.map(waited);
    let Group { name, asked, .. } = &part.group;
    let won = if *asked == 0 { String::from("–") } else { chance(Some(&part.group)) };
    [name.clone(), thousands(*asked), won, format!("{middle}, {tail}")]
}

fn causes(refused: &[usize]) -> String {
    let named = Cause::ALL.iter().zip(refused).filter(|(_, count)| **count > 0);
    let named: Vec<_> =
        named.map(|((_, name), count)| format!("{name} {}", thousands(*count))).collect();
    if named.is_empty() { "none.".to_owned() } else { named.join("; ") + "." }
}

fn chance(group: Option<&Group>) -> String {
    group.map_or_else(String::new, |group| format!("{:.1}", group.chance() * 100.0))
}

fn row(text: &mut String, cells: &[&str]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// A length of time for people; a dash where there is none.
fn waited(time: Option<Micros>) -> String {
    match time {
        None => "–".to_owned(),
        Some(time) if time < Micros::seconds(1) => format!("{:.0} ms", time.as_seconds() * 1_000.0),
        Some(time) if time < Micros::seconds(100) => format!("{:.1} s", time.as_seconds()),
        Some(time) => format!("{:.1} min", time.as_seconds() / 60.0),
    }
}

/// 86079 as 86,079.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_people_write_them() {
        assert_eq!(
            [0, 999, 1_000, 86_079, 1_234_567].map(thousands),
            ["0", "999", "1,000", "86,079", "1,234,567"]
        );
        let times = [999, 1_500, 600_000].map(|millis| waited(Some(Micros::millis(millis))));
        assert_eq!(times, ["999 ms", "1.5 s", "10.0 min"]);
    }
}
